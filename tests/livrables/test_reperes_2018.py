"""The public RPLS files of 2018 give, to the unit, the aggregates published for their territories."""

import gzip
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.commande import bilan, ecrire_table, gestion_flux, lire_csv

DONNEES = Path(__file__).resolve().parents[1] / "donnees"
INDICATEURS = {
    "Nombre de logements sociaux": "true",
    "Logements collectifs": "typeconst in ('C', 'E')",
    "Logements individuels": "typeconst = 'I'",
    "En QPV": "qpv = '1'",
    "Hors QPV": "qpv = '2'",
    "moins de 2 pièces": "nbpiece in ('1', '2')",
    "3 et 4 pièces": "nbpiece in ('3', '4')",
    "5 pièces et plus": "nbpiece in ('5', '6', '7', '8', '9')",
    "DPE énergie classe A, B ou C": "dpeenergie in ('A', 'B', 'C')",
    "DPE énergie inconnu": "coalesce(dpeenergie, '') not in ('A', 'B', 'C', 'D', 'E', 'F', 'G')",
}
ZONES = {"Epci": "epci", "Départements": "departement_de(depcom)", "Régions": "if(left(depcom, 1) = '2', '94', '06')"}


@pytest.fixture(scope="module")
def sorties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bilan 2018 of all the dwellings of Corse and Mayotte, from the public files as they were published."""
    dossier = tmp_path_factory.mktemp("public")
    entrees = dossier / "entrees"
    entrees.mkdir()
    for territoire in ("corse", "mayotte"):
        contenu = gzip.decompress((DONNEES / f"rpls_2018_{territoire}.csv.gz").read_bytes())
        (entrees / f"rpls_2018_{territoire}.csv").write_bytes(contenu)
    ecrire_table(
        entrees,
        "reservataires",
        """code_reservataire;libelle;type_reservataire;echelle;code_territoire;mode_taux;taux_pct;base_rotation;taux_rotation_pct;evenement_decompte
        AJACCIO;Ville d'Ajaccio;commune;commune;2A004;imprime;10;fixe;5;attribution""",
    )
    gestion_flux("bilan", 2018, "--entrees", entrees, "--sorties", dossier / "2018")
    return dossier / "2018"


def test_chaque_repere_est_retrouve_a_l_unite(sorties: Path) -> None:
    reperes = [
        x for x in lire_csv(DONNEES / "reperes_2018.csv") if x["indicateur"] in INDICATEURS and x["type_zone"] in ZONES
    ]
    assert len(reperes) > 200
    ecarts = []
    with duckdb.connect(str(sorties / "flux.duckdb"), read_only=True) as con:
        for repere in reperes:
            zone, indicateur = ZONES[repere["type_zone"]], INDICATEURS[repere["indicateur"]]
            requete = f"select count(*) from raw.rpls where {zone} = ? and {indicateur}"
            (nombre,) = con.execute(requete, [repere["code_zone"]]).fetchone() or (None,)
            if nombre != Decimal(repere["valeur_2018"] or 0):
                ecarts.append((repere["zone"], repere["indicateur"], repere["valeur_2018"], nombre))
    assert ecarts == []


def test_les_bilans_publies_donnent_les_memes_chiffres(sorties: Path) -> None:
    tout = bilan(sorties, 2018, "_bailleur")
    assert tout["parc_total", "total", "total"] == 14451 + 270
    assert (
        sum(
            n
            for (mesure, dimension, code), n in tout.items()
            if (mesure, dimension, code[0]) == ("parc_total", "commune", "2")
        )
        == 14451
    )
    cles = {"Nombre de logements sociaux": ("parc_total", "total", "total"), "En QPV": ("parc_total", "qpv", "en_qpv")}
    en_qpv = 0
    for repere in lire_csv(DONNEES / "reperes_2018.csv"):
        if repere["type_zone"] == "Epci" and repere["indicateur"] in cles and repere["valeur_2018"]:
            publie = bilan(sorties, 2018, f"epci_{repere['code_zone']}")
            nombre = publie.get(cles[repere["indicateur"]], 0)
            assert nombre == Decimal(repere["valeur_2018"]), (repere["zone"], repere["indicateur"])
            est_corse = any(dimension == "commune" and code[0] == "2" for _, dimension, code in publie)
            en_qpv += nombre if repere["indicateur"] == "En QPV" and est_corse else 0
    assert en_qpv == 4668


def test_rien_n_est_perdu_ni_invente(sorties: Path) -> None:
    with duckdb.connect(str(sorties / "flux.duckdb"), read_only=True) as con:
        lues, acceptees, rejetees = con.execute(
            "select sum(lues), sum(acceptees), sum(rejetees) from audit.comptage_lignes where table_metier = 'rpls'"
        ).fetchone() or (0, 0, 0)
    assert (lues, acceptees, rejetees) == (14451 + 270, 14451 + 270, 0)
