"""Inside the year (`--au`): the counts stop at the date, and their projection to 31 December is marked as one.

[001] art. 8: reviews at the end of June and of September; [003] art. 4 a: a first projection before the year ends.
`cas/etapes`: ten dwellings in Ajaccio, releases on 10/01, 30/06, 01/07 and 01/10. 181 days to 30 June, 273 to
30 September.
"""

from datetime import date
from pathlib import Path

from tests.modeles.harnais import cas, lire, monter, verifier

CAMPAGNE = cas("etapes")


def test_fin_juin(tmp_path: Path) -> None:
    """Two releases in 181 days are 4,033149 in 365; the lease of July is not counted.

    Flux: 10 dwellings × 40,33149 % = 4,033149 − 1 = 3,033149 × 20 % = 0,60663, where the rate to date (20 %) gives 0,2.
    """
    base = monter(tmp_path, CAMPAGNE, ["bilan.projection"], au=date(2025, 6, 30))
    verifier(
        base,
        "bilan.projection",
        """
        ligne               ; realise ; projection ; objectif ; ecart_projete
        liberations         ; 2       ; 4.033149   ;          ;
        mises_a_disposition ; 1       ; 2.016575   ;          ;
        attributions        ; 1       ; 2.016575   ;          ;
        refus               ; 0       ; 0          ;          ;
        baux_signes         ; 0       ; 0          ;          ;
        premieres_locations ; 0       ;            ;          ;
        hors_flux           ; 1       ; 2.016575   ;          ;
        mutation_interne    ; 1       ; 2.016575   ;          ;
        relogement_anru     ; 0       ; 0          ;          ;
        relogement_orcod    ; 0       ; 0          ;          ;
        relogement_lhi      ; 0       ; 0          ;          ;
        relogement_vente    ; 0       ; 0          ;          ;
        decompte            ; 1       ; 2.016575   ; 3        ; -0.983425
        d                   ; 20      ; 40.331492   ;          ;
        e                   ; 2       ; 4.033149   ;          ;
        h                   ; 1       ; 3.033149   ;          ;
        j                   ; 0.2     ; 0.60663    ;          ;
        """,
        "code_reservataire = 'VILLE'",
    )


def test_fin_septembre(tmp_path: Path) -> None:
    """Three releases in 273 days are 4,010989 in 365; the proposition of 30 September is in, the lease of July too."""
    base = monter(tmp_path, CAMPAGNE, ["bilan.projection"], au=date(2025, 9, 30))
    verifier(
        base,
        "bilan.projection",
        """
        ligne               ; realise ; projection ; objectif ; ecart_projete
        liberations         ; 3       ; 4.010989   ;          ;
        mises_a_disposition ; 2       ; 2.673993   ;          ;
        baux_signes         ; 1       ; 1.336996   ;          ;
        decompte            ; 2       ; 2.673993   ; 3        ; -0.326007
        d                   ; 30      ; 40.10989   ;          ;
        """,
        """code_reservataire = 'VILLE'
            and ligne in ('liberations', 'mises_a_disposition', 'baux_signes', 'decompte', 'd')""",
    )
    assert lire(base, "select distinct methode from bilan.projection where ligne <> 'premieres_locations'") == [
        {"methode": "Projection : réalisé × 365 ÷ 273 jours, au même rythme"}
    ]


def test_un_taux_fixe_ne_se_projette_pas(tmp_path: Path) -> None:
    """ALS: 10 × 50 % − 1 foreseen in Ajaccio = 4 × 10 % = 0,4, to date as at the end of the year."""
    base = monter(tmp_path, CAMPAGNE, ["bilan.projection"], au=date(2025, 6, 30))
    verifier(
        base,
        "bilan.projection",
        """
        ligne ; realise ; projection
        d     ; 50      ; 50
        e     ; 5       ; 5
        h     ; 4       ; 4
        j     ; 0.4     ; 0.4
        """,
        "code_reservataire = 'ALS' and ordre >= 20",
    )


def test_une_annee_complete_n_a_pas_de_projection(tmp_path: Path) -> None:
    base = monter(tmp_path, CAMPAGNE, ["bilan.projection"])
    assert lire(base, "select * from bilan.projection") == []


def test_ce_qui_n_est_pas_fourni_ne_se_projette_pas(tmp_path: Path) -> None:
    tables = {t: x for t, x in CAMPAGNE.items() if t not in ("attributions", "previsions")}
    base = monter(tmp_path, tables, ["bilan.projection"], au=date(2025, 6, 30))
    verifier(
        base,
        "bilan.projection",
        """
        ligne               ; realise ; projection
        liberations         ; 2       ; 4.033149
        mises_a_disposition ; 1       ; 2.016575
        premieres_locations ; 0       ;
        decompte            ; 1       ; 2.016575
        d                   ; 20      ; 40.331492
        e                   ; 2       ; 4.033149
        h                   ;         ;
        j                   ;         ;
        """,
        "code_reservataire = 'VILLE'",
    )


def test_les_premieres_locations_ne_suivent_pas_un_rythme(tmp_path: Path) -> None:
    """Five offered by 30 June in a programme let since: five at the end of the year, not ten, and three to come.

    Les Ifs are delivered next year, Les Houx were given up: neither is projected.
    """
    cinq = "".join(f"Q{n}; {n}; VILLE; 0{n}/05/2025; oui\n" for n in range(1, 6))
    tables = CAMPAGNE | {
        "propositions": "id_proposition; ident_rep; code_reservataire; date_mise_a_disposition; premiere_location\n"
        + cinq,
        "programmes_neufs": """
            operation; commune; statut; date_livraison_prevue; date_livraison; code_reservataire; nb_du_premier_tour; date_statut
            Les Pins; Ajaccio; livre    ;           ; 01/04/2025; VILLE; 5;
            La Tour ; Ajaccio; engage   ; 01/10/2025;           ; VILLE; 3;
            Les Ifs ; Ajaccio; engage   ; 01/02/2026;           ; VILLE; 9;
            Les Houx; Ajaccio; abandonne; 01/11/2025;           ; VILLE; 7; 01/03/2025
        """,  # noqa: E501
    }
    base = monter(tmp_path, tables, ["bilan.projection"], au=date(2025, 6, 30))
    verifier(
        base,
        "bilan.projection",
        """
        code_reservataire ; realise ; projection
        VILLE             ; 5       ; 8
        _bailleur         ; 5       ; 8
        """,
        "ligne = 'premieres_locations' and code_reservataire in ('VILLE', '_bailleur')",
    )
