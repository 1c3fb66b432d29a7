"""Headings of the systems whose exports are described in public, known as they are written (aliases are data)."""

from pathlib import Path

import polars as pl
import pytest

from flows.contrat.schema import IGNOREE, charger, reconnaitre
from flows.tables.correspondances import Correspondances, Ligne
from flows.tables.profils import USAGES, lire_profils, mots_des_profils, noms_des_profils, remarques, trouver_profil
from flows.tables.propositions import References
from flows.tables.reconnaissance import _colonne_proposee
from tests.commande import bilan, gestion_flux, lire_csv
from tests.depots.dossier_oph import ecrire_correspondances
from tests.pannes.campagne_saine import ANNEE, deposer

PROFILS = {
    ("propositions", "ID_proposition_imhoweb"): IGNOREE,
    ("attributions", "ID_proposition_imhoweb"): IGNOREE,
    ("propositions", "Code_lot"): "ident_interne",
    ("propositions", "Libelle_reservataire_proposition"): "code_reservataire",
    ("attributions", "Date_seance_commission"): "date_caleol",
    ("attributions", "Libelle_decision_demandeur"): "reponse_candidat",
    ("attributions", "Date_signature_bail"): "date_signature_bail",
    ("attributions", "ID_demande_unique"): "nud",
    ("liberations", "Date_fin_occupation_lot"): "date_liberation",
    ("liberations", "Date_reception_preavis"): "date_conge",
    ("liberations", "fin_bail"): "date_liberation",
    ("attributions", "id_candidat"): IGNOREE,
    ("attributions", "date_caleol"): "date_caleol",
    ("attributions", "n_unique"): "nud",
    ("propositions", "reference"): "ident_interne",
    ("propositions", "contingent"): "code_reservataire",
}


@pytest.mark.parametrize(("table", "intitule"), PROFILS)
def test_un_intitule_d_un_export_connu_est_sa_colonne(table: str, intitule: str) -> None:
    assert reconnaitre(table, 2025, intitule) == PROFILS[table, intitule]


@pytest.mark.parametrize("intitule", ["date_disponibilite", "Date_creation", "quartier"])
def test_ce_qui_ne_dit_pas_la_meme_chose_reste_a_decider(intitule: str) -> None:
    """The day a dwelling is free is not the day it is offered: a person decides it, in the correspondances."""
    assert reconnaitre("propositions", 2025, intitule) is None


def test_chaque_intitule_d_un_profil_est_une_colonne_de_sa_table() -> None:
    tables = charger().campagne
    for profil, lignes in lire_profils().items():
        for table, intitule, colonne in lignes:
            de = [tables[table]] if table else list(tables.values())
            assert profil == USAGES or table, (profil, intitule)
            assert colonne == IGNOREE or any(colonne in t.colonnes for t in de), (table, intitule, colonne)
    for profil, mots in mots_des_profils().items():
        siens = {(table, intitule) for table, intitule, _ in lire_profils()[profil]}
        for table, intitule, _, devient in mots:
            assert (table, intitule) in siens, (table, intitule)
            assert devient == "ne pas lire" or devient.partition("=")[0] in tables[table].colonnes, devient


@pytest.mark.parametrize("ecrit", ["imhoweb", "IMHOWEB + IKOS", "core data", "Pelehas"])
def test_un_profil_se_choisit_par_son_debut(ecrit: str) -> None:
    assert trouver_profil(ecrit) in noms_des_profils()
    assert trouver_profil("ERP maison") is None and trouver_profil("") is None


def test_un_profil_choisi_decide_de_ses_intitules_et_une_decision_l_emporte() -> None:
    reponse = Ligne(2, {"question": "Profil", "reponse": "imhoweb ; pelehas"})
    decision = Ligne(2, {"intitule": "Code_lot", "colonne": "ne pas lire"})
    choisis = Correspondances({"bailleur": (reponse,), "colonnes": (decision,)})
    colonnes = choisis.colonnes("Candidats.xlsx", "", "attributions")
    assert colonnes["dateseancecommission"] == "date_caleol" and colonnes["nunique"] == "nud"
    assert colonnes["montantapl"] == IGNOREE
    assert colonnes["codelot"] == IGNOREE  # the decision, though it names no file


def test_l_apercu_dit_le_profil_reconnu_et_ne_demande_rien_de_ce_qu_il_decide(tmp_path: Path) -> None:
    entrees = tmp_path / "raw" / "2025"
    entrees.mkdir(parents=True)
    intitules = [i for t, i, _ in lire_profils()["Imhoweb + IKOS"] if t == "liberations"]
    (entrees / "liberations.csv").write_text(
        ";".join(intitules) + "\n" + ";".join(["01/02/2025"] * len(intitules)) + "\n", encoding="utf-8"
    )
    dit = gestion_flux("apercu", 2025, "--entrees", entrees, attendu=1).stdout
    assert "« Profil | Imhoweb + IKOS »" in dit
    (entrees.parent / "correspondances.xlsx").unlink()
    bailleur: list[list[object]] = [["Question", "Réponse"], ["Profil", "Imhoweb"]]
    ecrire_correspondances(entrees.parent, {"Bailleur": bailleur})
    assert "Profil |" not in gestion_flux("apercu", 2025, "--entrees", entrees).stdout  # no question left: exit 0
    bailleur[1][1] = "ERP maison"
    ecrire_correspondances(entrees.parent, {"Bailleur": bailleur})
    assert "n'est pas un profil connu" in gestion_flux("apercu", 2025, "--entrees", entrees, attendu=1).stderr


def campagne_de_profil(
    dossier: Path, profil: str, exports: dict[str, tuple[str, str]], retirees: tuple[str, ...], *colonnes: list[object]
) -> Path:
    """A healthy campaign where these exports (name: table, text) are in place of its own tables; its inputs."""
    entrees = deposer(dossier / "raw" / str(ANNEE))
    for table in retirees:
        (entrees / f"{table}.csv").unlink()
    for nom, (_, texte) in exports.items():
        (entrees / nom).write_text(texte, encoding="utf-8")
    ecrire_correspondances(
        entrees.parent,
        {
            "Bailleur": [["Question", "Réponse"], ["Profil", profil]],
            "Feuilles": [["Fichier", "Feuille", "Table"], *([n, "", t] for n, (tables, _) in exports.items()
                                                            for t in tables.split())],
            "Colonnes": [["Fichier", "Feuille", "Table", "Intitulé", "Colonne"], *colonnes],
            "Réservataires": [["Écriture", "Code"], ["Ville", "VILLE"]],
        },
    )  # fmt: skip
    return entrees


IMHOWEB = """\
ID_proposition_imhoweb;ID_demande_unique;Code_lot;Date_creation;Date_passage_commission;Libelle_decision_demandeur;\
Libelle_proposition;Libelle_reservataire_proposition;Date_signature_bail;Indicateur_logement_flux;Libelle_motif_hors_flux
771;001019999999900001;R001;15/01/2025 10:12:33;05/02/2025;Refusé;attribution;Ville;;1;
772;001019999999900002;R001;15/01/2025 11:40:00;05/02/2025;Accepté;attribution;Ville;20/02/2025;1;
773;001019999999900003;R002;15/02/2025 10:12:33;05/03/2025;Accepté;attribution;ALS;25/03/2025;1;
774;001019999999900004;R004;01/03/2025 08:00:00;05/04/2025;Accepté;attribution;ALS;25/04/2025;0;Relogement NPNRU
"""
BAUX = """\
ID_bail;ID_lot;Code_societe;Code_lot;Date_debut_occupation_lot;Date_fin_occupation_lot;Date_reception_preavis
1;1;1;R001;01/02/2015;10/01/2025;10/11/2024
2;2;1;R002;01/02/2015;11/02/2025;10/12/2024
3;3;1;R003;01/02/2015;;
"""


def test_les_candidats_d_une_offre_d_imhoweb_n_en_font_qu_une_et_le_hors_flux_n_en_est_pas_une(tmp_path: Path) -> None:
    """Two candidates for one dwelling, a relogement outside the flux, a lease that runs: 1, 0 and no release."""
    exports = {"Proposition_logement.csv": ("propositions attributions", IMHOWEB), "Bail.csv": ("liberations", BAUX)}
    entrees = campagne_de_profil(
        tmp_path, "Imhoweb", exports, ("propositions", "attributions", "liberations"),
        ["Proposition_logement.csv", "", "propositions", "Date_creation", "date_mise_a_disposition"],
        ["Proposition_logement.csv", "", "attributions", "Date_creation", "ne pas lire"],
        ["Proposition_logement.csv", "", "attributions", "Libelle_proposition", "decision"],
    )  # fmt: skip
    sorties = tmp_path / "out"
    gestion_flux("bilan", ANNEE, "--entrees", entrees, "--sorties", sorties)
    ville, als, tous = (bilan(sorties, ANNEE, code) for code in ("VILLE", "ALS", "_bailleur"))
    total = ("total", "total")
    assert ville["mises_a_disposition", *total] == 1 == ville["attributions", *total] == ville["refus", *total]
    assert als["mises_a_disposition", *total] == 1 == als["attributions", *total] == als["relogements_anru", *total]
    assert tous["liberations", *total] == 2
    controles = lire_csv(sorties / "controles" / f"controles_{ANNEE}.csv")
    assert not [x for x in controles if x["gravite"] == "erreur"]
    ecartees = {(x["fichier"], x["message"].split(" : ")[1]) for x in controles if x["code"] == "lignes_ecartees"}
    assert ecartees == {("Proposition_logement.csv", "5."), ("Bail.csv", "4.")}


def test_ce_qu_un_profil_dit_des_cellules_cede_a_une_decision() -> None:
    def dites(*decisions: Ligne) -> set[str]:
        bailleur = Ligne(2, {"question": "Profil", "reponse": "imhoweb"})
        choisis = Correspondances({"bailleur": (bailleur,), "colonnes": decisions})
        return set(choisis.valeurs_des_profils("Bail.csv", "", "liberations"))

    assert dites() == {"datefinoccupationlot"}
    assert dites(Ligne(2, {"intitule": "Date_fin_occupation_lot", "colonne": "date_liberation"})) == set()
    assert dites(Ligne(2, {"fichier": "autre.csv", "intitule": "Date_fin_occupation_lot", "colonne": "-"})) == dites()


LOTS = "date_extraction;id_rpls;id_lot;id_batiment;id_locataire;statut;debut_bail;fin_bail\n" + "".join(
    f"2026-01-01;00372730{rang:02d};R{rang:03d};B;{'' if rang < 5 else rang};;;{'2025-12-31' if rang == 9 else ''}\n"
    for rang in range(1, 31)
)


def test_un_etat_des_lots_n_est_jamais_pris_pour_des_liberations(tmp_path: Path) -> None:
    """A vacant dwelling has no lease in it: only the leases that still run would be « released »."""
    entrees = deposer(tmp_path / "raw" / str(ANNEE))
    (entrees / "liberations.csv").unlink()
    (entrees / "core.lots_locatifs.csv").write_text(LOTS, encoding="utf-8")
    dit = gestion_flux("apercu", ANNEE, "--entrees", entrees, attendu=1).stdout
    assert "un logement libéré n'y a plus de bail" in dit and "core.lots_locatifs.csv : liberations" not in dit
    (entrees / "core.lots_locatifs.csv").unlink()
    exports = {"core.lots_locatifs.csv": ("liberations", LOTS)}
    for rang, profil in enumerate(("Core Data HLM", "Pelehas")):
        choisie = campagne_de_profil(tmp_path / str(rang), profil, exports, ("liberations",))
        fin = gestion_flux("controler", ANNEE, "--entrees", choisie, "--sorties", tmp_path / f"o{rang}", attendu=1)
        assert ("« date_liberation » de la table liberations est introuvable" in fin.stderr) == (rang == 0)
        assert ("n'a pas de quoi être la table liberations" in fin.stderr) == (rang == 1)
    fins = "ident_rep;date_conge;fin de bail\n0037273001;10/11/2024;10/01/2025\n"
    assert not list(remarques("liberations", fins.splitlines()[0].split(";")))  # a list of releases may say so


DATES, LOGEMENTS, MOTS = ["01/02/2025", "03/04/2025"], ["L-1", "L-2"], ["Mairie", "Préfecture"]
PROPOSEES = [
    ("attributions", "Lgt", LOGEMENTS, "ident_interne"),
    ("attributions", "Séance du", ["22", "9"], "date_caleol"),
    ("attributions", "Bail", DATES, "date_signature_bail"),
    ("attributions", "Contingent", MOTS, "code_reservataire"),
    ("attributions", "Cause du refus", ["Loyer"], "motif_refus"),
    ("liberations", "Date préavis", DATES, "date_conge"),
    ("propositions", "Envoi au réservataire", DATES, "date_mise_a_disposition"),
    ("droits", "Fin de réservation", DATES, "date_fin"),
    ("droits", "Échéance du prêt garanti", DATES, "date_fin_emprunt"),
    ("droits", "Signature convention", DATES, "date_debut"),
    ("droits", "Signature convention", ["2010-12"], "numero_convention"),
    ("rpls", "Réf", LOGEMENTS, "ident_int"),
    ("rpls", "Conventionné", ["Oui", "Non"], "conv"),
    ("rpls", "1ère location", ["1998"], "locat"),
    ("attributions", "Observations", ["à revoir"], ""),
    ("propositions", "N° offre", ["1", "2", "3", "4"], "id_proposition"),
    ("propositions", "Code état offre", ["AT"] * 4, ""),
]


@pytest.mark.parametrize(("table", "intitule", "cellules", "colonne"), PROPOSEES)
def test_une_colonne_se_propose_par_ses_mots_et_ce_qu_elle_contient(
    table: str, intitule: str, cellules: list[str], colonne: str
) -> None:
    declaree = charger().tables[table]
    connues = References(ident_int=frozenset(("l1", "l2")))
    lues = pl.Series(cellules, dtype=pl.String)
    assert _colonne_proposee(intitule, lues, declaree, set(declaree.colonnes), connues)[0] == colonne
