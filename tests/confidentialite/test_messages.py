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


def dire(dossier: Path, *lignes: str) -> str:
    """Everything that the reading says of a table `attributions` with these rows."""
    entrees = deposer(dossier / "in", attributions="\n".join(lignes))
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
