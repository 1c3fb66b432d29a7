"""Fair spread of proposals ([001] art. 4, [004] art. 3-1): the index, the exact test, and its words."""

from fractions import Fraction
from math import comb
from pathlib import Path

import pytest

from tests.modeles.harnais import lire, monter, verifier

TABLES = ("bilan.equite", "bilan.equite_modalites")
CONVENTION = "{code};{code};commune;commune;{commune};imprime;5;liberations_territoire;mise_a_disposition\n"


def campagne(parc: dict[str, str], propositions: dict[str, list[int]]) -> dict[str, str]:
    """A town by letter: one dwelling, released on 10 January, per digit, which is its number of rooms.

    `propositions`: réservataire → dwellings proposed, numbered from 1; its first letter is its town.
    """
    communes = {"A": "2A004", "B": "2A041"}
    logements = [(communes[ville], pieces) for ville, typologies in parc.items() for pieces in typologies]
    numerotes = list(enumerate(logements, 1))
    return {
        "rpls": "millesime;ident_rep;depcom;nbpiece;finan;qpv;locat\n"
        + "".join(f"2025;{i};{commune};{pieces};13;2;1990\n" for i, (commune, pieces) in numerotes),
        "reservataires": "code_reservataire;libelle;type_reservataire;echelle;code_territoire;mode_taux;taux_pct;"
        "base_rotation;evenement_decompte\n"
        + "".join(CONVENTION.format(code=code, commune=communes[code[0]]) for code in propositions),
        "liberations": "ident_rep;date_liberation\n" + "".join(f"{i};10/01/2025\n" for i, _ in numerotes),
        "propositions": "id_proposition;ident_rep;code_reservataire;date_mise_a_disposition\n"
        + "".join(f"{code}{i};{i};{code};01/02/2025\n" for code, proposes in propositions.items() for i in proposes),
    }


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A: five T2 (1-5) and five T3 (6-10). B: six T2 (11-16), six T3 (17-22), six T4 (23-28)."""
    tables = campagne(
        {"A": "2222233333", "B": "222222333333444444"},
        {
            "A_desequilibre": [1, 2, 3, 4, 5],
            "A_equilibre": [1, 2, 3, 6, 7],
            "A_petit": [1, 2, 3],
            "A_rien": [],
            "B_douteux": [11, 12, 13, 14, 17, 18],
        },
    )
    return monter(tmp_path_factory.mktemp("equite"), tables, TABLES)


def test_melange_et_indice(base: Path) -> None:
    """Five T2 of five where half of the releases are T2: half of the mix is common, index 50."""
    verifier(
        base,
        "bilan.equite_modalites",
        """
        code_reservataire ; modalite ; proposes ; proposes_pct ; liberes ; liberes_pct ; ecart_points ; attendus
        A_desequilibre    ; T2       ; 5        ; 100          ; 5       ; 50          ; 50           ; 2.5
        A_desequilibre    ; T3       ; 0        ; 0            ; 5       ; 50          ; -50          ; 2.5
        A_equilibre       ; T2       ; 3        ; 60           ; 5       ; 50          ; 10           ; 2.5
        A_equilibre       ; T3       ; 2        ; 40           ; 5       ; 50          ; -10          ; 2.5
        """,
        "dimension = 'typologie' and code_reservataire in ('A_desequilibre', 'A_equilibre')",
    )


def test_conclusions(base: Path) -> None:
    """All five T2: 2 of the 252 draws of 5 among 10 are as uneven (all T2, all T3): 0,0079, below 5 % shared by four.

    Three T2 and two T3: no draw is more even. Three dwellings, or none: nothing is concluded.
    Four T2, two T3, no T4: of 18 564 draws of 6 among 18, 924 have no T4, 72 have five, 1 has six; asked of three
    modalities, 3 × 997 ÷ 18 564 = 0,1611.
    """
    verifier(
        base,
        "bilan.equite",
        """
        reservataire   ; proposes ; indice    ; p_valeur ; verdict
        A_desequilibre ; 5        ; 50        ; 0.0079   ; ecart
        A_equilibre    ; 5        ; 90        ; 1        ; compatible
        A_petit        ; 3        ; 50        ;          ; trop_peu
        A_rien         ; 0        ;           ;          ; aucun
        B_douteux      ; 6        ; 66.666667 ; 0.1611   ; compatible
        """,
        "code_reservataire = '_bailleur' and dimension = 'typologie'",
    )


def test_mots_pour_un_directeur(base: Path) -> None:
    hasard = "Le hasard seul donnerait un tel écart environ une fois sur 126"
    verifier(
        base,
        "bilan.equite",
        f"""
        dimension   ; conclusion
        typologie   ; Écart à expliquer : T2, 5 proposé(s) pour 2,5 attendu(s). {hasard}
        financement ; Sans objet : les logements libérés sont tous les mêmes de ce point de vue
        qpv         ; Sans objet : les logements libérés sont tous les mêmes de ce point de vue
        commune     ; Sans objet : les logements libérés sont tous les mêmes de ce point de vue
        """,
        "code_reservataire = 'A_desequilibre'",
    )


def test_aucun_tirage_possible_n_est_probant(tmp_path: Path) -> None:
    """Five proposed of six (five T2, one T3): the rarest draw comes once in six, so nothing can be concluded."""
    base = monter(tmp_path, campagne({"A": "222223"}, {"A_cinq": [1, 2, 3, 4, 5]}), TABLES)
    verifier(
        base,
        "bilan.equite",
        """
        indice    ; p_valeur ; verdict  ; conclusion
        83.333333 ;          ; trop_peu ; Trop peu de logements pour conclure : 5 proposé(s)
        """,
        "code_reservataire = 'A_cinq' and dimension = 'typologie'",
    )


def test_un_logement_hors_du_perimetre_ou_libere_avant_ne_fausse_pas_le_test(tmp_path: Path) -> None:
    """Dwelling 7 is in the other town: not in the mix. A dwelling proposed but released the year before is possible."""
    tables = campagne({"A": "222333", "B": "4"}, {"A_un": [1, 4, 7]})
    tables["liberations"] = tables["liberations"].replace("1;10/01/2025\n", "1;20/12/2024\n", 1)
    base = monter(tmp_path, tables, TABLES)
    verifier(
        base,
        "bilan.equite_modalites",
        """
        modalite ; proposes ; liberes ; attendus
        T2       ; 1        ; 2       ; 1
        T3       ; 1        ; 3       ; 1
        """,
        "code_reservataire = 'A_un' and dimension = 'typologie'",
    )


def test_la_loi_exacte(tmp_path: Path) -> None:
    """The probabilities are those of exact integer arithmetic, on every number of T2 among twelve of thirty."""
    parc = {"A": "2" * 11 + "3" * 19}
    tirages = {f"A_{x}": [*range(1, x + 1), *range(12, 24 - x)] for x in range(12)}
    base = monter(tmp_path, campagne(parc, tirages), ["intermediaire.equite_probabilites"])
    voulu = "dimension = 'typologie' and modalite = 'T2'"
    obtenues = lire(base, f"select code_reservataire, p_valeur from intermediaire.equite_probabilites where {voulu}")
    poids = {x: comb(11, x) * comb(19, 12 - x) for x in range(12)}
    for ligne in obtenues:
        observe = poids[int(ligne["code_reservataire"].removeprefix("A_"))]
        exacte = Fraction(sum(p for p in poids.values() if p <= observe), comb(30, 12))
        assert float(ligne["p_valeur"]) == pytest.approx(float(exacte), abs=1e-8)
    assert len(obtenues) == 12


def test_sans_liberations_pas_d_equite(tmp_path: Path) -> None:
    tables = campagne({"A": "2233"}, {"A_un": [1, 2]})
    base = monter(tmp_path, {t: x for t, x in tables.items() if t != "liberations"}, TABLES)
    assert lire(base, "select count(*) as n from bilan.equite") == [{"n": "0"}]
