"""The comparison is only worth something if it finds a wrong figure: published files are made up here, then altered."""

import csv
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.reference import comparer
from tests.reference.calcul import Resultat

RESULTAT = Resultat(
    bilan={"R": {("decompte", "total", "total"): Fraction(3), ("decompte", "qpv", "en_qpv"): Fraction(3)}},
    flux={"R": {"d": (Fraction(20, 3), Fraction(20, 3)), "h": (None, None), "f": (None, None)}},
)


def _publier(sorties: Path, bilan: Iterable[str], flux: Iterable[str]) -> None:
    chemins = comparer.fichiers(sorties, comparer.ANNEE, "R")
    chemins[0].parent.mkdir(parents=True)
    for chemin, entete, lignes in zip(
        chemins, (comparer.ENTETE_BILAN, comparer.ENTETE_FLUX), (bilan, flux), strict=True
    ):
        with chemin.open("w", encoding="utf-8-sig", newline="") as fichier:
            csv.writer(fichier, delimiter=";").writerows([entete, *(ligne.split(";") for ligne in lignes)])


BILAN = ["2025;R;decompte;total;total;3;", "2025;R;decompte;qpv;en_qpv;3;100", "2025;R;decompte;qpv;hors_qpv;0;0"]
FLUX = ["2026;R;d;Taux;6,666667;6,666667;%", "2026;R;h;À répartir;non fourni;non fourni;logements"]


def test_aucun_ecart_quand_tout_est_egal(tmp_path: Path) -> None:
    _publier(tmp_path, BILAN, FLUX)
    assert comparer.ecarts(RESULTAT, tmp_path) == []


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        ("qpv;en_qpv;3;100", "qpv;en_qpv;2;100", "R decompte qpv en_qpv : publié 2, attendu 3"),
        ("qpv;en_qpv;3;100", "qpv;en_qpv;3;66,7", "R decompte qpv en_qpv : part 66,7, attendue 100"),
        ("qpv;hors_qpv;0;0", "qpv;non_renseigne;1;", "R decompte qpv non_renseigne : publié 1, attendu 0"),
        ("qpv;hors_qpv;0;0", "qpv;en_qpv;3;100", "R decompte qpv en_qpv : deux lignes"),
        ("total;total;3;", "total;total;non fourni;", "R decompte total total : publié non fourni, attendu 3"),
        ("Taux;6,666667;", "Taux;6,66667;", "R ligne d valeur : publié 6,66667, attendu 6.6666667"),
        ("À répartir;non fourni;", "À répartir;0;", "R ligne h valeur : publié 0, attendu non fourni"),
    ],
)
def test_un_chiffre_faux_est_nomme(avant: str, apres: str, dit: str, tmp_path: Path) -> None:
    _publier(
        tmp_path, [ligne.replace(avant, apres) for ligne in BILAN], [ligne.replace(avant, apres) for ligne in FLUX]
    )
    assert dit in comparer.ecarts(RESULTAT, tmp_path)


def test_une_autre_forme_de_fichier_est_refusee(tmp_path: Path) -> None:
    _publier(tmp_path, BILAN, FLUX)
    chemin, _ = comparer.fichiers(tmp_path, comparer.ANNEE, "R")
    chemin.write_bytes(chemin.read_bytes().replace(b"\r\n", b"\n"))
    with pytest.raises(AssertionError, match="CRLF"):
        comparer.ecarts(RESULTAT, tmp_path)
