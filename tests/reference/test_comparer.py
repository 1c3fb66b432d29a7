"""The comparison is only worth something if it finds a wrong figure: published files are made up here, then altered."""

import csv
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from tests.reference.calcul import Resultat
from tests.reference.ecarts import ENTETE_BILAN, ENTETE_FLUX, ENTETE_REPARTITION, ecarts
from tests.reference.reduire import Campagne, reduire

RESULTAT = Resultat(
    bilan={"R": {("decompte", "total", "total"): Fraction(3), ("decompte", "qpv", "en_qpv"): Fraction(3)}},
    flux={"R": {"d": (Fraction(20, 3), Fraction(20, 3)), "h": (None, None), "f": (None, None)}},
    repartition={
        "R": {("S", "proposes", "total", "total"): Fraction(1), ("R", "proposes", "total", "total"): Fraction(2)}
    },
)
BILAN = ["2025;R;decompte;total;total;3;", "2025;R;decompte;qpv;en_qpv;3;100", "2025;R;decompte;qpv;hors_qpv;0;0"]
FLUX = ["2026;R;d;Taux;6,666667;6,666667;%", "2026;R;h;À répartir;non fourni;non fourni;logements"]
REPARTITION = ["2025;R;R;proposes;total;total;2;66,666667", "2025;R;S;proposes;total;total;1;33,333333"]


def _publier(sorties: Path, lignes: dict[str, tuple[Sequence[str], Iterable[str]]]) -> None:
    dossier = sorties / "bilan" / "R"
    dossier.mkdir(parents=True)
    for nom, (entete, corps) in lignes.items():
        with (dossier / nom).open("w", encoding="utf-8-sig", newline="") as fichier:
            csv.writer(fichier, delimiter=";").writerows([entete, *(ligne.split(";") for ligne in corps)])


def _tout(avant: str = "", apres: str = "") -> dict[str, tuple[Sequence[str], Iterable[str]]]:
    return {
        "bilan_2025_R.csv": (ENTETE_BILAN, [ligne.replace(avant, apres) for ligne in BILAN]),
        "flux_2026_R.csv": (ENTETE_FLUX, [ligne.replace(avant, apres) for ligne in FLUX]),
        "repartition_2025_R.csv": (ENTETE_REPARTITION, [ligne.replace(avant, apres) for ligne in REPARTITION]),
    }


def test_aucun_ecart_quand_tout_est_egal(tmp_path: Path) -> None:
    _publier(tmp_path, _tout())
    assert ecarts(RESULTAT, tmp_path) == []


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        ("qpv;en_qpv;3;100", "qpv;en_qpv;2;100", "R decompte qpv en_qpv : publié 2, attendu 3"),
        ("qpv;en_qpv;3;100", "qpv;en_qpv;3;66,7", "R decompte qpv en_qpv part : publié 66,7, attendu 100"),
        ("qpv;hors_qpv;0;0", "qpv;non_renseigne;1;", "R decompte qpv non_renseigne : publié 1, attendu 0"),
        ("qpv;hors_qpv;0;0", "qpv;en_qpv;3;100", "R decompte qpv en_qpv : publié deux lignes, attendu une"),
        ("total;total;3;", "total;total;non fourni;", "R decompte total total : publié non fourni, attendu 3"),
        ("Taux;6,666667;", "Taux;6,66667;", "R ligne d valeur : publié 6,66667, attendu 6.666666667"),
        ("À répartir;non fourni;", "À répartir;0;", "R ligne h valeur : publié 0, attendu non fourni"),
        ("R;S;proposes", "R;T;proposes", "R S proposes total total : publié (rien), attendu 1"),
        ("66,666667", "66,6667", "R R proposes total total part : publié 66,6667, attendu 66.666667"),
    ],
)
def test_un_chiffre_faux_est_nomme(avant: str, apres: str, dit: str, tmp_path: Path) -> None:
    _publier(tmp_path, _tout(avant, apres))
    assert dit in [str(ecart)[12:] for ecart in ecarts(RESULTAT, tmp_path)]


def test_un_fichier_absent_ou_de_trop_est_nomme(tmp_path: Path) -> None:
    publies = _tout()
    del publies["repartition_2025_R.csv"]
    publies["bilan_2025_S.csv"] = (ENTETE_BILAN, [])
    _publier(tmp_path, publies)
    assert [str(ecart)[12:] for ecart in ecarts(RESULTAT, tmp_path)] == [
        "R fichier : publié absent, attendu présent",
        "S fichier : publié présent, attendu aucun",
    ]


def test_une_autre_forme_de_fichier_est_refusee(tmp_path: Path) -> None:
    _publier(tmp_path, _tout())
    chemin = tmp_path / "bilan" / "R" / "bilan_2025_R.csv"
    chemin.write_bytes(chemin.read_bytes().replace(b"\r\n", b"\n"))
    with pytest.raises(AssertionError, match="CRLF"):
        ecarts(RESULTAT, tmp_path)


def test_la_reduction_ne_garde_que_les_lignes_de_l_ecart() -> None:
    campagne: Campagne = {
        "rpls": [{"IDENT_REP": f"{rang}", "QPV": "1"} for rang in range(40)],
        "reservataires": [{"code_reservataire": "R"}],
        "propositions": [{"ident_rep": f"{rang}", "issue": "carence"} for rang in range(20)],
        "attributions": [{"ident_rep": "1"}],
    }

    def persiste(essai: Campagne) -> bool:
        identifiants = {ligne["IDENT_REP"] for ligne in essai["rpls"]}
        return "7" in identifiants and any(ligne["ident_rep"] == "7" for ligne in essai.get("propositions", []))

    minimale = reduire(campagne, persiste, 30)
    assert minimale == {
        "rpls": [{"IDENT_REP": "7", "QPV": None}],
        "reservataires": [{"code_reservataire": None}],
        "propositions": [{"ident_rep": "7", "issue": None}],
    }
