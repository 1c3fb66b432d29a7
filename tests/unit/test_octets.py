"""What is looked for in the bytes of a big text, block by block: the same as in the whole text, one look at a time."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.contrat.schema import charger
from flows.contrat.typage import est_sans_faute, lecteur_de
from flows.depot import balayage, encodages
from flows.depot.balayage import SCIENTIFIQUE
from flows.depot.encodages import Encodage

FAUTIF = f"#|{SCIENTIFIQUE}"
AMBIGUS = re.compile(rb'[;,|\t"\r\n]#|[;,|\t\r\n ] "|" +[;,|\t\r\n]|"\t|\t"')
MORCEAUX = st.sampled_from(
    [
        "1,5E+3",
        "R",
        "E",
        ",",
        '"',
        " ",
        ";",
        "\t",
        "#",
        "\n",
        "\r\n",
        "0",
        "00a",
        "é",
        "to",
        "TA",
        "tota",
        "\n\n",
        ' "',
        '" ',
        "|",
        "x" * 9,
        "€",
    ]
)
OCTETS = st.binary(max_size=12) | st.text(max_size=8).map(str.encode)


@settings(max_examples=400, deadline=None)
@given(st.lists(OCTETS, max_size=6).map(b"".join), st.integers(0, 12))
@example(b"\xed\xa0\x80", 1)  # half of a pair
@example(b"\xc0\x80", 1)  # too long
@example(b"\xf4\x90\x80\x80", 3)  # beyond Unicode
@example("\U0001f3e0\uffff".encode(), 3)
def test_l_utf8_est_celui_de_python(octets: bytes, coupe: int) -> None:
    try:
        octets.decode()
        attendu = True
    except UnicodeDecodeError:
        attendu = False
    assert encodages._est_utf8(octets) is attendu
    if attendu:
        debut, reste = encodages._entiers(octets[:coupe])
        assert encodages._est_utf8(debut)
        assert debut + reste == octets[:coupe]
        assert len(reste) < 4


@settings(max_examples=300, deadline=None)
@given(st.lists(MORCEAUX, max_size=40).map("".join), st.integers(1, 9), st.integers(1, 9))
def test_les_blocs_disent_ce_que_dit_le_texte(
    tmp_path_factory: pytest.TempPathFactory, texte: str, bloc: int, pas: int
) -> None:
    octets = texte.encode()
    fichier = tmp_path_factory.mktemp("octets") / "x.csv"
    fichier.write_bytes(octets)
    with pytest.MonkeyPatch.context() as mp:
        mp.setattr(balayage, "_BLOC", bloc)
        mp.setattr(balayage, "_PAS", pas)
        lu = balayage._parcourir(fichier, Encodage("utf-8"), fichier)
    if AMBIGUS.search(octets):
        assert lu is None
    elif lu is not None:  # else for its line breaks, or its formulas
        assert lu[1] is (b"tota" in octets.lower())
        assert lu[2] is bool(re.search(FAUTIF, texte))
    else:
        assert b"\r" in octets or b'="' in octets


def test_une_ligne_sans_fin_n_est_pas_saine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fichier = tmp_path / "x.csv"
    fichier.write_bytes(b"a;b\n" + b"c" * 5_000)
    assert balayage._parcourir(fichier, Encodage("utf-8"), fichier) is not None
    monkeypatch.setattr(balayage, "_LIGNE_MAX", 1_000)
    assert balayage._parcourir(fichier, Encodage("utf-8"), fichier) is None


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=8)
    | st.from_regex(r"\A[ ']?(=\")?[0-9]{1,3}[.,][0-9]{1,4}[eE]\+?[0-9]{1,2}\"?[ \u200b]?\Z")
    | st.sampled_from(["#N/A", " #REF!", '="#NOM?"', "####", "#CHIFFRES_PERDUS!", "1,2E5", "12E5", "1.2e+12"])
)
@example("#N/A")
@example("1,5E+09")
def test_un_texte_fautif_se_voit_au_texte(texte: str) -> None:
    """A column that only its faults matter of is not copied when nothing in the file looks like one."""
    sans_faute = [c for table in charger().tables.values() for c in table.colonnes.values() if est_sans_faute(c)]
    for colonne in {c.type: c for c in sans_faute}.values():
        if lecteur_de(colonne, False)(texte).probleme:
            assert re.search(FAUTIF, texte)
    assert {c.type for c in sans_faute} == {"texte", "code"}
