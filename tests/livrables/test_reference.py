"""The product against an independent computation of the contract: random campaigns and published cases, end to end."""

from pathlib import Path

import pytest

from tests.reference import cas_publies, comparer
from tests.reference.cas_publies import ecrire_cas
from tests.reference.ecarts import ENTETE_FLUX, chercher, lire, valeur_lue

GRAINES = (1, 3, 4)


@pytest.mark.parametrize("graine", GRAINES)
def test_chaque_chiffre_egale_le_calcul_independant(graine: int, tmp_path: Path) -> None:
    """Every row of `bilan_`, `flux_` and `repartition_` of a drawn campaign, all its shapes."""
    trouves = [str(ecart) for ecart in comparer.comparer(graine, tmp_path, "simples")]
    assert not trouves, "\n".join([f"graine {graine}", *trouves[:40]])


@pytest.mark.parametrize("nom", sorted(cas_publies.cas()))
def test_cas_publie(nom: str, tmp_path: Path) -> None:
    ecrire_cas(nom, tmp_path / "entrees")
    comparer.lancer(tmp_path / "entrees", tmp_path / "sorties", cas_publies.ANNEE)
    chemin = chercher(tmp_path / "sorties", f"flux_{cas_publies.ANNEE + 1}_{nom}.csv")
    assert chemin is not None
    publiees = {ligne["ligne"]: valeur_lue(ligne["valeur"]) for ligne in lire(chemin, ENTETE_FLUX)}
    assert {ligne: publiees[ligne] for ligne in cas_publies.LIGNES} == cas_publies.attendus(nom)
