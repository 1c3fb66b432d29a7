"""Numbers, dates and words as a French reader expects them."""

from datetime import date
from decimal import Decimal

import pytest

from flows.livrables import francais


@pytest.mark.parametrize(
    ("valeur", "decimales", "attendu"),
    [
        (0, None, "0"),
        (1234567, None, "1\u202f234\u202f567"),
        (Decimal("16.992000"), None, "16,992"),
        (Decimal("0.1234567"), None, "0,123457"),
        (Decimal("-12.50"), None, "-12,5"),
        (Decimal("12.25"), 1, "12,3"),
        (Decimal("12.35"), 1, "12,4"),
        (Decimal("100"), 1, "100,0"),
        (None, 1, "non fourni"),
    ],
)
def test_nombre(valeur: Decimal | int | None, decimales: int | None, attendu: str) -> None:
    assert francais.nombre(valeur, decimales) == attendu


def test_pourcent_et_jour() -> None:
    assert francais.pourcent(Decimal("6.77")) == "6,77\u00a0%"
    assert francais.pourcent(None) == "non fourni"
    assert francais.jour(date(2025, 3, 1)) == "01/03/2025"
    assert francais.jour(None) == ""


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [(0, "0 logement"), (Decimal("1.7"), "1,7 logement"), (2, "2 logements"), (-2, "-2 logements")],
)
def test_le_pluriel_commence_a_deux(valeur: Decimal | int, attendu: str) -> None:
    assert francais.accord(valeur, "logement") == attendu.replace(" ", "\u00a0")
    assert francais.accord(None, "bail", "baux") == "nombre de baux non fourni"


def test_listes_et_typographie() -> None:
    assert francais.liste([]) == ""
    assert francais.liste(["a"]) == "a"
    assert francais.liste(["a", "b", "c"]) == "a, b et c"
    assert francais.typographie("voir « Flux » : ici") == "voir «\u00a0Flux\u00a0»\u00a0: ici"
    assert francais.ascii_minuscule("Période de construction") == "periode_de_construction"
