"""« Order of files and of rows never changes a figure »: shuffled rows and files give the same CSV, byte for byte."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from tests.commande import gestion_flux
from tests.reference.ecarts import ANNEE
from tests.reference.generateur import generer
from tests.reference.vivier import TRAITS

FORMES = ("bilan_*.csv", "flux_*.csv", "repartition_*.csv", "logements_*.csv")


def publier(entrees: Path, sorties: Path) -> dict[str, bytes]:
    """Runs the command; the CSV of the bilans by name."""
    gestion_flux("bilan", ANNEE, "--entrees", entrees, "--sorties", sorties)
    return {chemin.name: chemin.read_bytes() for forme in FORMES for chemin in (sorties / "bilan").rglob(forme)}


def melanger(alea: random.Random, fichiers: Iterator[Path], dossier: Path) -> None:
    """Deals the rows of each file, in any order, between three files whose names sort otherwise."""
    dossier.mkdir()
    for fichier in fichiers:
        with fichier.open(encoding="utf-8", newline="") as flux:
            entete, *corps = csv.reader(flux, delimiter=";")
        alea.shuffle(corps)
        for numero, suffixe in enumerate(alea.sample(("z", "b_2", "a1"), 3)):
            with (dossier / f"{fichier.stem}_{suffixe}.csv").open("w", encoding="utf-8", newline="") as flux:
                csv.writer(flux, delimiter=";").writerows([entete, *corps[numero::3]])


def test_l_ordre_des_lignes_et_des_fichiers_ne_change_pas_un_octet(tmp_path: Path) -> None:
    entrees = tmp_path / "entrees"
    tables = generer(2026, entrees, ANNEE, formes="simples", logements=130, completes=True, traits=TRAITS)
    assert sum(map(len, tables.values())) > 600
    avant = publier(entrees, tmp_path / "sorties" / str(ANNEE))
    melanger(random.Random(5), iter(sorted(entrees.iterdir())), tmp_path / "melangees")
    assert publier(tmp_path / "melangees", tmp_path / "autres" / str(ANNEE)) == avant
