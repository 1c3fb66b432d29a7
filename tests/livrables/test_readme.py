"""What the README says is what happens: its commands, its output, its queries, its tables."""

import csv
import re
import shlex
from decimal import Decimal
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


def publies(sorties: Path, nom: str) -> dict[tuple[str, ...], str]:
    """Cells of a published CSV of a bilan: the code and what comes before the number → the number."""
    with next(sorties.rglob(nom)).open(encoding="utf-8-sig", newline="") as flux:
        entete, *corps = csv.reader(flux, delimiter=";")
    rang = entete.index("nombre" if "nombre" in entete else "valeur")
    cles = ("mesure", "dimension", "modalite") if "nombre" in entete else ("ligne",)
    return {tuple(ligne[entete.index(cle)] for cle in cles): ligne[rang] for ligne in corps}


def test_les_requetes_montrees_disent_les_chiffres_publies(exemple_publie: tuple[Path, str]) -> None:
    sorties, _ = exemple_publie
    requetes = re.findall(r"```sql\n(.*?)```", README, re.S)
    assert len(requetes) == 3
    with duckdb.connect(str(sorties / "flux.duckdb"), read_only=True) as con:
        baux, flux, exclus = (con.execute(requete).fetchall() for requete in requetes)
    bastia = publies(sorties, "bilan_2025_BASTIA.csv")
    assert len(baux) == int(bastia["baux_signes", "qpv", "en_qpv"]) > 0
    annonces = {code: valeur for code, _, valeur in flux if valeur is not None}
    assert len(annonces) > 5
    for code, valeur in annonces.items():
        assert Decimal(publies(sorties, f"flux_2026_{code}.csv")["j",].replace(",", ".")) == valeur, code
    lignes = publies(sorties, "flux_2026__bailleur.csv")
    attendus = {cle[0].removeprefix("b."): int(nombre) for cle, nombre in lignes.items() if cle[0].startswith("b.")}
    assert {motif: nombre for motif, nombre in exclus} == {m: n for m, n in attendus.items() if n}


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
