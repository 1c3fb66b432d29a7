"""The benchmarks compare the same thing: on a small campaign, a plain DuckDB script finds the product's figures."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.comparaison import ecarts_avec_le_produit
from benchmarks.donnees import ANNEE, Cas, fabriquer
from benchmarks.mesure import mesurer
from tests.commande import RACINE, gestion_flux


def test_le_pair_trouve_les_chiffres_du_produit(tmp_path: Path) -> None:
    """Parc, measures by five axes and lines of the annexe; one more lease in the peer's inputs would be seen."""
    entrees, produit, pair = tmp_path / "entrees", tmp_path / "produit" / str(ANNEE), tmp_path / "pair"
    fabriquer(Cas("petit", 900, 6, 4), entrees)
    gestion_flux("bilan", ANNEE, "--entrees", entrees, "--sorties", produit)
    script = [sys.executable, RACINE / "benchmarks/pairs/duckdb_script.py"]
    subprocess.run([*script, entrees, pair, RACINE / "sql" / "ref"], check=True)
    total, ecarts = ecarts_avec_le_produit(produit, pair)
    assert total > 250 and ecarts == 0
    fichier = entrees / "liberations.csv"
    fichier.write_text("\n".join(fichier.read_text(encoding="utf-8").splitlines()[:-20]) + "\n", encoding="utf-8")
    subprocess.run([*script, entrees, pair, RACINE / "sql" / "ref"], check=True)
    assert ecarts_avec_le_produit(produit, pair)[1] > 0


@pytest.mark.parametrize(
    ("code", "delai", "memoire", "raison"),
    [
        ("pass", 30.0, 4000, ""),
        ("import time; time.sleep(30)", 0.5, 4000, "arrêté après 0 s"),
        ("import time; x = bytearray(200_000_000); time.sleep(30)", 30.0, 100, "arrêté à 100 Mo"),
        ("raise SystemExit('perdu')", 30.0, 4000, "échec : perdu"),
    ],
)
def test_une_commande_est_bornee(code: str, delai: float, memoire: int, raison: str) -> None:
    mesure = mesurer([sys.executable, "-c", code], delai, memoire)
    assert mesure.raison == raison
    assert mesure.secondes < 20
