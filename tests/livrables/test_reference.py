"""The product against an independent computation of the contract: random campaigns and published cases, end to end."""

from pathlib import Path

import pytest

from tests.reference import cas_publies, comparer
from tests.reference.cas_publies import ecrire_cas
from tests.reference.ecarts import ENTETE_FLUX, chercher, lire, valeur_lue

EVENEMENTS = ("sans_id", "liens", "premieres", "annulees", "croisees", "carences", "noms")


@pytest.mark.parametrize("graine", [3, 104])
def test_chaque_evenement_egale_le_calcul_independant(graine: int, tmp_path: Path) -> None:
    trouves = comparer.comparer(graine, tmp_path, "simples", traits=EVENEMENTS)
    des_evenements = [str(ecart) for ecart in trouves if ecart.fichier != "flux"]
    assert not des_evenements, "\n".join([f"graine {graine}", *des_evenements[:40]])


@pytest.mark.parametrize("nom", sorted(cas_publies.cas()))
def test_cas_publie(nom: str, tmp_path: Path) -> None:
    ecrire_cas(nom, tmp_path / "entrees")
    comparer.lancer(tmp_path / "entrees", tmp_path / "sorties", cas_publies.ANNEE)
    chemin = chercher(tmp_path / "sorties", f"flux_{cas_publies.ANNEE + 1}_{nom}.csv")
    assert chemin is not None
    publiees = {ligne["ligne"]: valeur_lue(ligne["valeur"]) for ligne in lire(chemin, ENTETE_FLUX)}
    assert {ligne: publiees[ligne] for ligne in cas_publies.LIGNES} == cas_publies.attendus(nom)
