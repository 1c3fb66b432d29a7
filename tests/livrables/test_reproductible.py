"""The same inputs give the same bytes, however often they are run."""

from pathlib import Path

from flows.chemins import EXEMPLE
from tests.commande import empreintes, gestion_flux


def test_recommencer_donne_les_memes_octets(exemple_publie: tuple[Path, str], tmp_path: Path) -> None:
    """Another process, another folder; the warehouse by its content."""
    gestion_flux("bilan", 2025, "--entrees", EXEMPLE, "--sorties", tmp_path / "2025")
    premiere, seconde = empreintes(exemple_publie[0]), empreintes(tmp_path / "2025")
    assert len(premiere) > 200
    assert seconde == premiere
