"""The same inputs give the same bytes, however often they are run."""

from pathlib import Path

from tests.commande import RACINE, empreintes, gestion_flux

EXEMPLE = RACINE / "data" / "raw" / "exemple"


def test_recommencer_donne_les_memes_octets(tmp_path: Path) -> None:
    sorties = tmp_path / "2025"
    gestion_flux("bilan", 2025, "--entrees", EXEMPLE, "--sorties", sorties)
    premiere = empreintes(sorties)
    gestion_flux("bilan", 2025, "--entrees", EXEMPLE, "--sorties", sorties)
    assert empreintes(sorties) == premiere
