"""A printed rate that is neither the rights over the parc nor over the parc soumis is said (domain note, section 6)."""

from pathlib import Path

import pytest

from tests.modeles.harnais import lire, monter

# 7 dwellings of which one is excluded: 2 rights are 28,571429 % of the parc and 33,333333 % of the parc soumis.
RPLS = "millesime ; ident_rep ; depcom ; nbpiece ; construct ; locat ; finan\n" + "".join(
    f"{annee} ; {rang} ; 2A004 ; 3 ; 1990 ; 1990 ; 13\n" for annee in (2025, 2026) for rang in range(1, 8)
)


COLONNES = (
    "code_reservataire ; libelle ; type_reservataire ; echelle ; code_territoire ; mode_taux ; taux_pct ; "
    "base_rotation ; taux_rotation_pct ; evenement_decompte"
)


@pytest.mark.parametrize(
    ("taux", "dit"), [("28,57", False), ("33,33", False), ("28,5", True), ("33,3", True), ("20", True)]
)
def test_le_taux_imprime_face_aux_droits(tmp_path: Path, taux: str, dit: bool) -> None:
    tables = {
        "rpls": RPLS,
        "reservataires": f"{COLONNES}\nVILLE ; Ville ; commune ; commune ; 2A004 ; imprime ; {taux} ; fixe ; 5 ; bail",
        "droits": """
            code_reservataire ; ident_rep ; nature_droit ; nombre_droits
            VILLE ; 1 ; contingent ; 1
            VILLE ; 2 ; contingent ; 1""",
        "exclusions": "ident_rep ; motif_exclusion\n7 ; defense",
    }
    base = monter(tmp_path, tables, ["controles.taux_different"])
    dites = lire(base, "select message from controles.taux_different")
    assert len(dites) == dit
    if dit:
        assert f"({taux} %)" in dites[0]["message"]
        assert "28,57 % du parc, 33,33 % du parc soumis" in dites[0]["message"]
