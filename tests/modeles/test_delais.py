"""Delays that conventions and the law promise; dwellings that stay with defence, security and health services."""

from datetime import date
from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier

CAMPAGNE = cas("echecs") | {
    "liberations": """
        ident_rep; date_liberation
        1; 01/01/2025
        1; 01/06/2025
        3; 20/03/2025
    """,
    "propositions": """
        id_proposition; ident_rep; code_reservataire; date_mise_a_disposition; date_limite_reponse; date_relance; issue
        P1; 1; VILLE; 10/01/2025; 09/02/2025; 19/02/2025; candidats
        P2; 3; VILLE; 01/04/2025; 10/05/2025; 25/05/2025; candidats
        P3; 2; VILLE; 05/04/2025;           ;           ; carence
        P4; 2; VILLE; 06/04/2025;           ;           ; annulation
    """,
    "attributions": """
        id_decision; id_proposition; ident_rep; code_reservataire; date_caleol; decision; reponse_candidat; date_offre; date_limite_offre; date_signature_bail; categorie
        D1; P1; 1; VILLE; 25/02/2025; attribution; accepte     ; 26/02/2025; 08/03/2025; 15/03/2025; droit_commun
        D2; P2; 3; VILLE; 21/04/2025; attribution; accepte     ; 22/04/2025; 29/04/2025; 01/05/2025; droit_commun
        D3;   ; 4; DEF  ; 01/09/2025; attribution; accepte     ;           ;           ; 10/09/2025; droit_commun
        D4;   ; 5; ALS  ; 29/12/2025; attribution; sans_reponse; 30/12/2025; 15/01/2026;           ; droit_commun
        D5;   ; 6; ALS  ; 29/11/2025; attribution; sans_reponse; 30/11/2025; 10/12/2025;           ; droit_commun
    """,  # noqa: E501
    "exclusions": """
        ident_rep; motif_exclusion; date_debut; date_fin
        4; defense; 01/01/2020;
        5; sante  ; 01/01/2020;
        6; defense; 01/01/2020; 31/12/2024
    """,
    "droits": """
        code_reservataire; ident_rep; nature_droit
        DEF; 4; contingent
        DEF; 2; contingent
    """,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = ("bilan.delais", "bilan.logements_identifies", "controles.delai_offre")
    return monter(tmp_path_factory.mktemp("delais"), CAMPAGNE, tables)


def test_du_depart_au_bail(base: Path) -> None:
    """P1: freed 9 days before, 30 to answer, reminded 10 later, seen after 46, lease 18 after. P2: 12, 39, 15, 20, 10.

    P3 is a carence, P4 annulled. From the departure to the lease: 73 and 42 days.
    """
    verifier(
        base,
        "bilan.delais",
        """
        delai      ; nombre ; nb_connus ; jours_minimum ; jours_mediane ; jours_maximum ; jours_promis ; nb_depassements
        vacance    ; 3      ; 2         ; 9             ; 9             ; 12            ;              ;
        reponse    ; 3      ; 2         ; 30            ; 30            ; 39            ; 31           ; 1
        relance    ; 3      ; 2         ; 10            ; 10            ; 15            ; 10           ; 1
        commission ; 3      ; 2         ; 20            ; 20            ; 46            ;              ;
        bail       ; 3      ; 2         ; 10            ; 10            ; 18            ;              ;
        relocation ; 3      ; 2         ; 42            ; 42            ; 73            ;              ;
        """,
        "code_reservataire = 'VILLE'",
    )


def test_les_logements_de_la_defense(base: Path) -> None:
    """4 by the inventory and by exclusions, 2 by the inventory; 6 was handed back in 2024, 5 is of health: nobody's."""
    attendu = """
        id_logement ; origine_identification                   ; qpv    ; nb_attribues ; date_signature_bail
        0000000002  ; Inventaire des droits                    ; en_qpv ; 0            ;
        0000000004  ; Inventaire des droits et table exclusions; en_qpv ; 1            ; 2025-09-10
    """
    for code in ("DEF", "_bailleur"):
        verifier(base, "bilan.logements_identifies", attendu, f"code_reservataire = '{code}'")


def test_le_silence_ne_vaut_refus_qu_au_terme_de_l_offre(base: Path, tmp_path: Path) -> None:
    """D2 had 7 days to answer. D4's silence is before 15 January. To 30 November D5's is too early, D4 is not yet."""
    requete = "select ligne, message from controles.delai_offre order by all"
    assert [(x["ligne"], x["message"][:16]) for x in lire(base, requete)] == [
        ("3", "L'offre laisse 7"), ("5", "Le silence du ca"),
    ]  # fmt: skip
    autre = monter(tmp_path, CAMPAGNE, ["controles.delai_offre"], au=date(2025, 11, 30))
    assert [x["ligne"] for x in lire(autre, requete)] == ["3", "6"]
