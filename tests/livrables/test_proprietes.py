"""Properties of every bilan: parts add up, order is nothing, one réservataire never moves another's figures."""

import csv
import random
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.commande import bilan, flux, gestion_flux
from tests.reference.generateur import generer

ANNEE = 2025
GRAINES = st.integers(min_value=1000, max_value=9999)
essais = settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))


def publier(entrees: Path, sorties: Path) -> dict[str, tuple[object, object]]:
    """Runs a campaign; code → (bilan, flux); defence, security and health have no flux."""
    shutil.rmtree(sorties, ignore_errors=True)
    gestion_flux("bilan", ANNEE, "--entrees", entrees, "--sorties", sorties)
    codes = [f.stem.removeprefix(f"bilan_{ANNEE}_") for f in sorted((sorties / "bilan").rglob("bilan_*.csv"))]
    avec = {f.stem.removeprefix(f"flux_{ANNEE + 1}_") for f in (sorties / "bilan").rglob("flux_*.csv")}
    return {code: (bilan(sorties, ANNEE, code), flux(sorties, ANNEE, code) if code in avec else {}) for code in codes}


def campagne(graine: int, dossier: Path) -> Path:
    """A random campaign in plain CSV files."""
    shutil.rmtree(dossier, ignore_errors=True)
    dossier.mkdir(parents=True)
    generer(graine, dossier, ANNEE, formes="simples", traits=())
    return dossier


def recrire(fichier: Path, changer: Callable[[list[list[str]]], None]) -> None:
    """Changes the rows of a plain CSV, heading first, in place."""
    with fichier.open(encoding="utf-8", newline="") as flux_csv:
        lignes = list(csv.reader(flux_csv, delimiter=";"))
    changer(lignes)
    with fichier.open("w", encoding="utf-8", newline="") as flux_csv:
        csv.writer(flux_csv, delimiter=";").writerows(lignes)


@essais
@given(graine=GRAINES, alea=st.randoms(use_true_random=False))
def test_les_modalites_font_le_total_et_l_ordre_ne_change_rien(
    graine: int, alea: random.Random, tmp_path_factory
) -> None:
    base = tmp_path_factory.mktemp("ordre")
    entrees = campagne(graine, base / "entrees")
    avant = publier(entrees, base / "sorties")
    for code, (mesures, _) in avant.items():
        sommes: dict[tuple[str, str], object] = defaultdict(int)
        for (mesure, dimension, _modalite), nombre in mesures.items():
            sommes[mesure, dimension] += nombre
        for (mesure, dimension), somme in sommes.items():
            assert somme == mesures[mesure, "total", "total"], (code, mesure, dimension)

    def melanger(lignes: list[list[str]]) -> None:
        corps = lignes[1:]
        alea.shuffle(corps)
        lignes[1:] = corps

    for fichier in sorted(entrees.glob("*.csv")):
        recrire(fichier, melanger)
        if not fichier.name.startswith("rpls"):
            fichier.rename(fichier.with_name(f"{fichier.stem}_{alea.randint(1, 99)}.csv"))
    assert publier(entrees, base / "sorties") == avant


@essais
@given(graine=GRAINES)
def test_un_reservataire_de_plus_ne_change_rien_aux_autres(graine: int, tmp_path_factory) -> None:
    base = tmp_path_factory.mktemp("ajout")
    entrees = campagne(graine, base / "entrees")
    avant = publier(entrees, base / "sorties")

    def ajouter(lignes: list[list[str]]) -> None:
        ligne = dict.fromkeys(lignes[0], "")
        ligne |= {
            "code_reservataire": "ETRANGER",
            "libelle": "Réservataire sans rapport",
            "type_reservataire": "autre",
            "echelle": "commune",
            "code_territoire": "01001",
            "mode_taux": "imprime",
            "taux_pct": "1",
            "base_rotation": "fixe",
            "taux_rotation_pct": "5",
            "evenement_decompte": "bail",
        }
        lignes.append([ligne[c] for c in lignes[0]])

    (fichier,) = entrees.glob("reservataires*.csv")
    recrire(fichier, ajouter)
    apres = publier(entrees, base / "sorties")
    assert set(apres) - set(avant) == {"ETRANGER"}
    assert {code: apres[code] for code in avant} == avant
