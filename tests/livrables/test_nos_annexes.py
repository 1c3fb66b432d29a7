"""Every `flux_….csv` that we write passes `verifier-annexe`: the example, and drawn campaigns with all their shapes."""

from pathlib import Path

import pytest

from flows.annexes.verification import afficher, verifier_annexe
from flows.bilan import bilan
from flows.campagne import Campagne
from tests.reference.generateur import generer


def _verifier(sorties: Path) -> int:
    """Checks every flux file of the outputs; the number of files: none for defence, security and health."""
    fichiers = sorted(sorties.glob("bilan/*/flux_*.csv"))
    for fichier in fichiers:
        ecarts, anomalies, regles = verifier_annexe(fichier)
        assert not ecarts and not anomalies, f"{fichier.name}\n{afficher(ecarts, anomalies, regles)}"
    return len(fichiers)


def test_celles_de_l_exemple(exemple_publie: tuple[Path, str]) -> None:
    assert _verifier(exemple_publie[0]) == 36


@pytest.mark.parametrize(("graine", "territoires"), [(3, None), (8, 3)])
def test_celles_de_campagnes_tirees(tmp_path: Path, graine: int, territoires: int | None) -> None:
    """The second one has a code of three territories, whose lines add up."""
    generer(graine, tmp_path / "entrees", logements=60, reservataires=6, territoires=territoires, completes=True)
    bilan(Campagne(2025, tmp_path / "entrees", tmp_path / "sorties"))
    assert _verifier(tmp_path / "sorties") > 1
