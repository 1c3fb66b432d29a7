"""The product against an independent computation of the contract: random campaigns and published cases, end to end."""

from pathlib import Path

import pytest

from tests.reference import cas_publies, comparer
from tests.reference.calcul import calculer
from tests.reference.cas_publies import ecrire_cas


# 3 and 16: Action Logement with candidates designated by the bailleur; 5 and 65: counted to 30 June; 5: a code with two
# territories; 65: public RPLS files, which name no dwelling. Others by `python -m tests.reference.comparer`.
@pytest.mark.parametrize("graine", [3, 5, 16, 65])
def test_chaque_chiffre_egale_le_calcul_independant(graine: int, tmp_path: Path) -> None:
    trouves = comparer.comparer(graine, tmp_path, au=comparer.au_de(graine))
    assert not trouves, "\n".join([f"graine {graine} : {len(trouves)} écart(s)", *trouves[:40]])


@pytest.mark.parametrize("nom", sorted(cas_publies.cas()))
def test_cas_publie(nom: str, tmp_path: Path) -> None:
    tables = ecrire_cas(nom, tmp_path / "entrees")
    comparer.lancer(tmp_path / "entrees", tmp_path / "sorties", cas_publies.ANNEE)
    _, flux = comparer.fichiers(tmp_path / "sorties", cas_publies.ANNEE, nom)
    publiees = {
        ligne["ligne"]: comparer.valeur_lue(ligne["valeur"]) for ligne in comparer.lire(flux, comparer.ENTETE_FLUX)
    }
    assert {ligne: publiees[ligne] for ligne in cas_publies.LIGNES} == cas_publies.attendus(nom)
    resultat = calculer(tables, cas_publies.ANNEE)
    trouves = comparer.ecarts(resultat, tmp_path / "sorties", cas_publies.ANNEE)
    assert not trouves, "\n".join(trouves[:40])
