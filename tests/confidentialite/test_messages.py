"""A broken file about people: what is said of it names the file, the row and the column, and nobody."""

from pathlib import Path

import pytest

from flows.anomalies import ArretBloquant
from flows.bilan import lire
from flows.campagne import Campagne
from flows.tables import rapprochement_sne
from tests.confidentialite.campagne import deposer

COLONNES = (
    "id_decision;ident_rep;date_caleol;decision;categorie;motif_priorite;quartile_1;nom;prenom;date_naissance;mail;"
    "siret_employeur;effectif_employeur;nud"
)
DROITE = (
    "D1;0000000001;02/06/2025;attribution;droit_commun;;non;"
    "MARTINEZ;JOSEPHINE;13/07/1985;jm@exemple.invalid;99900011000018;12;NUD0001"
)
AUTRE = DROITE.replace("D1;", "D2;")
SECRETS = ("MARTINEZ", "JOSEPHINE", "13/07/1985", "1985-07-13", "jm@exemple", "jm.exemple", "NUD0001", "12345678900000")


def dire(dossier: Path, *lignes: str, table: str = "attributions") -> str:
    """Everything that the reading says of a table with these rows."""
    entrees = deposer(dossier / "in", **{table: "\n".join(lignes)})
    campagne = Campagne(2025, entrees, dossier / "out")
    try:
        anomalies = lire(campagne, dossier / "travail", rapprochement_sne.COLONNES)[1].anomalies
    except ArretBloquant as arret:
        anomalies = arret.anomalies
    return "\n".join(str(anomalie) for anomalie in anomalies)


@pytest.mark.parametrize(
    ("lignes", "code"),
    [
        ([DROITE, DROITE], "entete_introuvable"),  # no heading at all: the first row is about somebody
        ([COLONNES, DROITE.replace(";;non;", ";non;")], "valeur_illisible"),  # cells slipped to the left by one
        ([COLONNES, DROITE.replace("droit_commun;;non;", "droit_commun;")], "valeur_illisible"),  # by two
        ([COLONNES, DROITE.replace("droit_commun;;non;", "")], "valeur_illisible"),  # by three
        ([COLONNES, AUTRE, DROITE.replace(";0000000001;", ";;0000000001;")], "ligne_trop_longue"),  # to the right
        ([COLONNES, DROITE.replace("13/07/1985", "13/07/1985 ?")], "valeur_ignoree"),
        ([COLONNES, DROITE.replace("99900011000018", "12345678900000")], "valeur_reparee"),
        ([COLONNES, DROITE, DROITE.replace("JOSEPHINE", "JOSEPHINE B")], "cle_partagee"),
        ([COLONNES, DROITE, DROITE], "ligne_en_double"),
        ([COLONNES, DROITE.replace("attribution", "peut-être")], "valeur_illisible"),
    ],
)
def test_aucun_message_ne_nomme_quelqu_un(tmp_path: Path, lignes: list[str], code: str) -> None:
    dit = dire(tmp_path, *lignes)
    assert code in dit
    assert [secret for secret in SECRETS if secret in dit] == []


def test_une_valeur_fautive_d_une_ligne_en_ordre_reste_montree(tmp_path: Path) -> None:
    assert "peut-être" in dire(tmp_path, COLONNES, DROITE.replace("attribution", "peut-être"))


@pytest.mark.parametrize("table", ["liberations", "propositions", "droits", "exclusions", "sne"])
def test_une_ligne_a_la_place_des_entetes_n_est_pas_citee(tmp_path: Path, table: str) -> None:
    """In any table: what is not a heading of the contract is counted, by its columns and its shape."""
    ligne = "0000000001;MARTINEZ;JOSEPHINE;13/07/1985;jm@exemple.invalid;NUD0001;Congé"
    dit = dire(tmp_path, ligne, ligne.replace("0001;M", "0002;M"), table=table)
    assert "entete_introuvable" in dit and "« Congé »" in dit
    assert "6 cellules non montrées" in dit and "A, B, C, D, E, F : 1 nombre, 4 textes, 1 date" in dit
    assert [secret for secret in SECRETS if secret in dit] == []


def test_un_intitule_inconnu_n_est_cite_que_de_mots_du_contrat(tmp_path: Path) -> None:
    """Two known headings do not make a row of headings of what a person's cells may have slipped into."""
    dit = dire(tmp_path, "nud;nom;MARTINEZ;Decizion", "NUD0001;B;C;D")
    assert "colonne_absente" in dit and "« nom »" in dit and "« Decizion »" in dit
    assert "1 cellule non montrée, peut-être des données personnelles (colonne C : 1 texte)" in dit
    assert [secret for secret in SECRETS if secret in dit] == []


def test_hors_des_personnes_un_intitule_inconnu_est_cite(tmp_path: Path) -> None:
    dit = dire(tmp_path, "code_reservataire;ident_rep;Machin", "VILLE;0000000001;x", table="droits")
    assert "colonne_absente" in dit and "« Machin »" in dit


def test_un_total_dit_au_nom_de_quelqu_un_n_est_pas_cite(tmp_path: Path) -> None:
    total = DROITE.replace("D1;", "Total MARTINEZ;")
    dit = dire(tmp_path, COLONNES, AUTRE, total, AUTRE.replace("D2", "D3"))
    assert "La ligne 3 dit « Total … »" in dit
    assert [secret for secret in SECRETS if secret in dit] == []
