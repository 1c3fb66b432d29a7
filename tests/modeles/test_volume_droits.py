"""Volume de droits of Action Logement: inventory, conversion, NPNRU, movement ([000] annexes 1a, 1b, 2a art. 7)."""

from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter

VOLUME = ["bilan.volume_droits"]


def valeurs(base: Path, lignes: str, code: str = "ALS") -> list[str]:
    """Values of these lines for a réservataire, in the order asked; blank is « non fourni »."""
    requete = "select ligne, valeur from bilan.volume_droits where code_reservataire = ?"
    trouvees = {ligne["ligne"]: ligne["valeur"] for ligne in lire(base, requete, [code])}
    return [trouvees[ligne] for ligne in lignes.split()]


@pytest.fixture(scope="module")
def publie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pas-de-Calais habitat and ALS at 31/12/2022, with the five operations of [000] annexe 1b, 1.3.

    The document gives neither the end of the rights nor their zones: 16 years left, and 19 × 3 + 5 × 4, are supposed.
    """
    return monter(tmp_path_factory.mktemp("publie"), cas("volume_publie"), VOLUME, annee=2023)


@pytest.fixture(scope="module")
def conversions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One réservataire per rule of the conversion."""
    return monter(tmp_path_factory.mktemp("conversions"), cas("volume_conversions"), VOLUME, annee=2023)


def test_total_publie_3384(publie: Path) -> None:
    assert valeurs(publie, "ds duree taux") == ["2257", "16", "7.4"]
    # 2 233 × 16 × 7,40 %, puis 77 droits NPNRU convertis un par un
    assert valeurs(publie, "ds_convertis npnru_convertis du_calcules") == ["2643.872", "77", "2720.872"]
    assert valeurs(publie, "negocie du_convertis") == ["2721", "2721"]
    # les 663 du tableau : 490 à l'inventaire, et 6 + (10 + 65 + 65 + 19 + 8) des opérations engagées
    assert valeurs(publie, "du_existants operations_premier_tour operations_parc") == ["490", "6", "167"]
    assert valeurs(publie, "operations_ds operations_equivalents total") == ["0", "0", "3384"]


def test_focus_npnru_publie_161(publie: Path) -> None:
    assert valeurs(publie, "npnru_ds npnru_calcul npnru_retenus") == ["24", "77", "77"]
    # les deux opérations de renouvellement urbain, 65 + 19
    assert valeurs(publie, "npnru_existants npnru_total") == ["84", "161"]


def test_conversion_par_la_formule(conversions: Path) -> None:
    """10 DS for 8 years and 30 for 4: mean 5 years; 40 × 5 × 10 % = 20. What is out is said, never lost."""
    assert valeurs(conversions, "ds duree taux ds_convertis", "FORMULE") == ["40", "5", "10", "20"]
    assert valeurs(conversions, "collectifs pnru", "FORMULE") == ["9", "4"]
    # ni volume négocié ni programmes neufs : inconnus, jamais zéro, et le total dit qu'il s'en passe
    assert valeurs(conversions, "negocie operations_ds operations_parc total", "FORMULE") == ["", "", "", "20"]
    requete = "select explication from bilan.volume_droits where code_reservataire = 'FORMULE' and ligne = 'total'"
    assert lire(conversions, requete)[0]["explication"].endswith("sans les opérations engagées, non fournies")


def test_droits_sans_terme_comptes_hors_de_la_moyenne(conversions: Path) -> None:
    """40 × 4 × 7,40 % = 11,84: the ten rights without an end count, their unknown duration does not."""
    assert valeurs(conversions, "ds duree sans_terme ds_convertis", "SANS_TERME") == ["40", "4", "10", "11.84"]


def test_plafond_npnru_par_categorie(conversions: Path) -> None:
    """R: 4 × 3 = 12, brought to 25 % of 40 = 10. L: 2 × 3 = 6, under 20 % of 100."""
    assert valeurs(conversions, "npnru_calcul npnru_plafond npnru_retenus npnru_total", "PLAFOND") == [
        "18",
        "16",
        "16",
        "16",
    ]


def test_zone_sans_coefficient_inconnue(conversions: Path) -> None:
    assert valeurs(conversions, "npnru_ds npnru_calcul npnru_convertis total", "SANS_COEFFICIENT") == ["2", "", "", ""]


def test_seulement_pour_action_logement(conversions: Path) -> None:
    assert not lire(conversions, "select ligne from bilan.volume_droits where code_reservataire = 'VILLE'")


def test_mouvement_de_l_exercice(tmp_path: Path) -> None:
    """Opening 50 + A 6 + C 3 + D 8 + E 2 = 69; + 12 first tour + 9 parc − 3 abandoned − 2 changed − 3 leases = 82.

    Which is what is left: 50 + 4 + 7 of the rights, A 6, B 10, D 6, E 2, less the 3 leases.
    """
    base = monter(tmp_path, cas("volume_mouvement"), VOLUME, annee=2023)
    assert valeurs(base, "ouverture nouveaux_premier_tour nouveaux_parc abandons modifications") == [
        "69",
        "12",  # 4 du droit commencé en mars, 8 de l'opération B
        "9",  # 7 du droit commencé en juin, 2 de l'opération B
        "-3",
        "-2",
    ]
    assert valeurs(base, "placements placements_reservataire placements_bailleur placements_premier_tour") == [
        "-3",
        "2",
        "1",
        "1",
    ]
    assert valeurs(base, "cloture") == ["82"]


def test_stock_d_ouverture_donne_et_modification_inconnue(tmp_path: Path) -> None:
    tables = cas("volume_mouvement")
    tables["programmes_neufs"] = "\n".join(
        ligne.replace(" 8 ", "   ") if ligne.startswith("D ") else ligne
        for ligne in tables["programmes_neufs"].splitlines()
    )
    tables["volumes_droits"] = "annee ; code_reservataire ; stock_ouverture\n2023 ; ALS ; 3384"
    base = monter(tmp_path, tables, VOLUME, annee=2023)
    # 3384 + 12 + 9 − 3 − 3 : l'effet inconnu de la modification n'est pas compté, et c'est dit
    assert valeurs(base, "ouverture modifications cloture") == ["3384", "", "3399"]
    (texte,) = lire(base, "select explication from bilan.volume_droits where ligne = 'modifications'")
    assert "dont 1 sans nombre de droits d'avant, effet non compté" in texte["explication"]


def test_sans_droits_tout_est_inconnu(tmp_path: Path) -> None:
    tables = {nom: texte for nom, texte in cas("volume_publie").items() if nom in ("rpls", "reservataires")}
    base = monter(tmp_path, tables, VOLUME, annee=2023)
    assert valeurs(base, "ds du_existants total ouverture placements cloture") == [""] * 6
