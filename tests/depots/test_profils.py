"""Headings of the systems whose exports are described in public, known as they are written (aliases are data)."""

from pathlib import Path

import polars as pl
import pytest

from flows.contrat.schema import IGNOREE, charger, reconnaitre
from flows.tables.correspondances import Correspondances, Ligne
from flows.tables.profils import USAGES, lire_profils, noms_des_profils, trouver_profil
from flows.tables.propositions import References
from flows.tables.reconnaissance import _colonne_proposee
from tests.commande import gestion_flux
from tests.depots.dossier_oph import ecrire_correspondances

PROFILS = {
    ("propositions", "ID_proposition_imhoweb"): "id_proposition",
    ("propositions", "Code_lot"): "ident_interne",
    ("propositions", "Libelle_reservataire_proposition"): "code_reservataire",
    ("attributions", "Date_seance_commission"): "date_caleol",
    ("attributions", "Libelle_decision_demandeur"): "reponse_candidat",
    ("attributions", "Date_signature_bail"): "date_signature_bail",
    ("attributions", "ID_demande_unique"): "nud",
    ("liberations", "Date_fin_occupation_lot"): "date_liberation",
    ("liberations", "Date_reception_preavis"): "date_conge",
    ("liberations", "fin_bail"): "date_liberation",
    ("attributions", "id_candidat"): "id_decision",
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
]


@pytest.mark.parametrize(("table", "intitule", "cellules", "colonne"), PROPOSEES)
def test_une_colonne_se_propose_par_ses_mots_et_ce_qu_elle_contient(
    table: str, intitule: str, cellules: list[str], colonne: str
) -> None:
    declaree = charger().tables[table]
    connues = References(ident_int=frozenset(("l1", "l2")))
    lues = pl.Series(cellules, dtype=pl.String)
    assert _colonne_proposee(intitule, lues, declaree, set(declaree.colonnes), connues)[0] == colonne
