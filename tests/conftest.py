"""What several folders of tests share: the published example, made once for all the processes that pytest may use."""

import os
from pathlib import Path

import pytest
from filelock import FileLock

from flows import ressources
from flows.chemins import EXEMPLE
from tests.commande import gestion_flux
from tests.pannes import campagne_saine

LONGUES = (
    "confidentialite/test_dcp.py::test_ce_qui_est_purge_n_est_pas_refait",
    "confidentialite/test_dcp.py::test_sans_attributions_ou_sans_action_logement",
    "confidentialite/test_dcp.py::test_jamais_avec_les_bilans",
    "depots/test_dossier_sem.py::test_le_journal_de_la_documentation_est_vrai",
    "depots/test_dossier_sem.py::test_les_conventions_dans_le_meme_classeur_et_les_decisions_en_csv",
    "depots/test_messages_suivis.py::test_un_fichier_sans_table_decide_comme_le_message_le_dit",
    "depots/test_messages_suivis.py::test_un_message_suivi_a_la_lettre_finit_par_des_chiffres_justes",
    "depots/test_modeles.py::test_un_modele_que_personne_n_a_rempli_ne_donne_pas_sa_table",
    "depots/test_surs_d_abord.py::test_un_total_qui_a_un_code_et_une_nature_n_est_pas_un_droit[en bas",
    "depots/test_modeles.py::test_un_modele_choisi_remplit_les_cases_vides_et_le_dit",
    "livrables/test_commande_etat_des_lieux.py::test_a_cote_du_bilan_sans_y_toucher",
    "livrables/test_disposition.py::test_un_autre_bailleur_est_refuse",
    "livrables/test_impression.py",
    "livrables/test_ordre.py",
    "livrables/test_proprietes.py",
    "livrables/test_reglages.py::test_l_exemple_du_readme_fait_ce_qu_il_dit",
    "suivi/test_prefect.py::test_au_demarrage_une_echeance_sans_publication_est_menee_une_fois",
    "suivi/test_prefect.py::test_plusieurs_bailleurs_ont_chacun_leur_tache",
    "livrables/test_nos_annexes.py::test_celles_de_campagnes_tirees",
    "livrables/test_reference.py::test_cas_publie[SEMADER]",
    "livrables/test_reference.py::test_cas_publie[SHLMR]",
    "livrables/test_reference.py::test_cas_publie[SIDR]",
    "livrables/test_reference.py::test_cas_publie[SODIAC]",
    "livrables/test_reference.py::test_chaque_chiffre_egale_le_calcul_independant[3]",
    "livrables/test_reference.py::test_chaque_chiffre_egale_le_calcul_independant[4]",
    "paquet/test_benchmarks.py",
    "pannes/test_corpus.py::test_un_million_de_lignes_fausses",
    "pannes/test_fautes_commande.py::test_un_shell_garde_l_entrepot_qu_il_a_ouvert",
    "pannes/test_fautes_commande.py::test_kill_9_a_des_moments_au_hasard",
    "pannes/test_hasard.py::test_campagnes_abimees[1",
    "pannes/test_hasard.py::test_campagnes_abimees[5",
    "pannes/test_hasard.py::test_campagnes_abimees[6",
    "pannes/test_hasard.py::test_campagnes_abimees[7",
    "pannes/test_hasard.py::test_campagnes_abimees[8",
    "pannes/test_hasard.py::test_campagnes_abimees[9",
    "pannes/test_publication.py::test_kill_9_a_chacune_des_operations_sur_les_fichiers[2]",
    "pannes/test_publication.py::test_kill_9_a_chacune_des_operations_sur_les_fichiers[3]",
    "pannes/test_publication.py::test_kill_9_a_des_moments_au_hasard",
    "pannes/test_verite.py::test_un_registre_hors_d_atteinte_apres_la_publication",
    "pannes/test_verite.py::test_nohup_garde_son_effet",
    "pannes/test_verite.py::test_une_sortie_qui_n_ecoute_plus_ne_change_ni_le_travail_ni_le_code[lue",
    "pannes/test_verite.py::test_une_sortie_qui_n_ecoute_plus_ne_change_ni_le_travail_ni_le_code[pleine",
    "vie/test_consolidation.py::test_ce_qui_n_a_pas_change_n_est_pas_refait",
    "vie/test_consolidation.py::test_chaque_total_dit_combien_il_compte",
    "vie/test_consolidation.py::test_un_bailleur_casse_ne_gene_personne",
    "vie/test_consolidation.py::test_une_consolidation_arretee_ne_laisse_personne_au_travail[Signals.SIGINT",
    "vie/test_consolidation.py::test_une_consolidation_arretee_ne_laisse_personne_au_travail[Signals.SIGKILL",
    "vie/test_expliquer_tout.py",
    "vie/test_planifier.py::test_un_seul_reservataire_refait_n_est_pas_la_campagne",
    "vie/test_vie.py::test_chaque_chiffre_s_ouvre_sur_ses_lignes",
    "vie/test_vie.py::test_refaire_ou_revenir_en_arriere_rend_les_memes_octets",
    "vie/test_annee.py",
    "vie/test_consolidation.py::test_une_grappe_dask_donne_les_memes_octets",
    "vie/test_vie.py::test_un_seul_refait_dit_qui_est_perime_et_le_depot_l_attend",
    "vie/test_vie.py::test_une_cause_connue_est_celle_qui_est_dite[gabarit]",
    "vie/test_vie.py::test_une_cause_connue_est_celle_qui_est_dite[ligne ",
    "vie/test_vie.py::test_une_cause_connue_est_celle_qui_est_dite[objectif",
    "vie/test_vie.py::test_une_cause_connue_est_celle_qui_est_dite[option",
    "vie/test_vie.py::test_une_cause_connue_est_celle_qui_est_dite[logiciel]",
)
"""Beginnings of the tests that more draws, more kills or LibreOffice make long: `make epreuves` runs them too."""


# Tests already run side by side: one thread each, no team of documents, but where a test asks for it.
os.environ.setdefault(ressources.FILS, "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--longues", action="store_true", help="also the long trials (make epreuves)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the long trials unless they are asked for, or named on the command line.

    What waits for a schedule comes first: the others work in the meantime.
    """
    items.sort(key=lambda item: not item.nodeid.startswith("tests/suivi/"))
    if config.getoption("--longues") or any("::" in nom for nom in config.args):
        return
    longues = [item for item in items if item.nodeid.removeprefix("tests/").startswith(LONGUES)]
    items[:] = [item for item in items if item not in longues]
    config.hook.pytest_deselected(items=longues)


def _publier_une_fois(tmp_path_factory: pytest.TempPathFactory, nom: str, entrees: Path) -> tuple[Path, str]:
    commun = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        commun = commun.parent
    sorties, dit = commun / nom / "2025", commun / f"{nom}.txt"
    with FileLock(commun / f"{nom}.verrou"):
        if not dit.exists():
            fin = gestion_flux("bilan", 2025, "--entrees", entrees, "--sorties", sorties, "--fils", 2)
            dit.write_text(fin.stderr + fin.stdout, encoding="utf-8")
    return sorties, dit.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def exemple_publie(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the real command published the example, to be read only, and what it printed."""
    return _publier_une_fois(tmp_path_factory, "exemple_publie", EXEMPLE)


@pytest.fixture(scope="session")
def saine_publiee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the real command published the healthy campaign, to be read only: its register is beside it."""
    entrees = campagne_saine.deposer(tmp_path_factory.mktemp("saine") / "in")
    return _publier_une_fois(tmp_path_factory, "saine_publiee", entrees)[0]
