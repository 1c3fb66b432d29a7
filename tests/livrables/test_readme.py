"""What the README says is what happens: its commands, its output, its queries, its tables."""

import re
import shlex
from pathlib import Path

import duckdb

from flows.contrat.schema import charger
from tests.commande import RACINE, gestion_flux

README = (RACINE / "README.md").read_text(encoding="utf-8")


def sans_duree(texte: str) -> list[str]:
    """Lines of an output without what varies: seconds, memory, and where it was written."""
    lignes = (re.sub(r"\s+[\d.]+ s$|\d+(?= Mo au plus)", "", ligne) for ligne in texte.strip().splitlines())
    return [re.sub(r"(dans|Ouvrez) \S*", r"\1", ligne).strip() for ligne in lignes if not ligne.startswith("make")]


def test_la_sortie_montree_est_la_vraie(exemple_publie: tuple[Path, str]) -> None:
    trouve = re.search(r"<!-- sortie:bilan -->\s*```text\n(.*?)```", README, re.S)
    assert trouve
    montree = [ligne for ligne in sans_duree(trouve[1]) if not ligne.startswith(".venv")]
    assert montree == sans_duree(exemple_publie[1])


def test_les_requetes_montrees_repondent(exemple_publie: tuple[Path, str]) -> None:
    requetes = re.findall(r"```sql\n(.*?)```", README, re.S)
    assert len(requetes) >= 3
    with duckdb.connect(str(exemple_publie[0] / "flux.duckdb"), read_only=True) as con:
        for requete in requetes:
            assert con.execute(requete).fetchall(), requete


def test_les_commandes_montrees_existent() -> None:
    aide = gestion_flux("--help").stdout
    montre = "\n".join(re.findall(r"`[^`\n]+`|^```.*?^```", README, re.M | re.S))
    verbes = set(re.findall(r"(?:`|^|bin/)gestion-flux ([a-z][a-z-]+)", montre, re.M))
    assert len(verbes) >= 9
    for verbe in verbes:
        assert f"\n    {verbe}" in aide, verbe
        gestion_flux(verbe, "--help")


def test_le_makefile_et_la_ci_disent_la_meme_chose() -> None:
    makefile = (RACINE / "Makefile").read_text(encoding="utf-8")
    montree = "gestion-flux bilan 2025 --entrees data/raw/exemple --sorties data/out/exemple"
    assert montree in makefile
    assert [m for m in shlex.split((RACINE / ".ci" / "run").read_text(encoding="utf-8"), comments=True)][-2:] == [
        "make",
        "test",
    ]


def test_chaque_table_du_contrat_est_nommee() -> None:
    assert [nom for nom in charger().campagne if f"`{nom}`" not in README] == []
