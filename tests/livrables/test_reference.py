"""The product against an independent computation of the contract: random campaigns and published cases, end to end."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.reference import cas_publies, comparer
from tests.reference.calcul import calculer
from tests.reference.cas_publies import ecrire_cas


@pytest.mark.parametrize("graine", [1, 2, 3, 5, 8, 13])
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


def test_un_ecart_se_voit(tmp_path: Path) -> None:
    """The comparison finds a wrong figure: the published files are compared with others."""
    tables = ecrire_cas("SODIAC", tmp_path / "entrees")
    comparer.lancer(tmp_path / "entrees", tmp_path / "sorties", cas_publies.ANNEE)
    resultat = calculer(tables, cas_publies.ANNEE)
    resultat.flux["SODIAC"]["j"] = (Fraction(3), Fraction(3))
    resultat.bilan["SODIAC"]["parc_total", "qpv", "hors_qpv"] = Fraction(353)
    trouves = comparer.ecarts(resultat, tmp_path / "sorties", cas_publies.ANNEE)
    assert [ecart.split(" :")[0] for ecart in trouves] == [
        "SODIAC parc_total qpv hors_qpv",
        "SODIAC parc_total qpv hors_qpv",
        "SODIAC ligne j valeur",
        "SODIAC ligne j valeur_exacte",
    ]
