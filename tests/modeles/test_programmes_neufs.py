"""New programmes: follow-up table, notices due, first lettings ([000] annexe 3, [001] art. 7, [002] art. 4.2, 6.2)."""

from datetime import date
from pathlib import Path

import pytest

from tests.modeles.harnais import lire, monter, verifier

CONVENTIONS = """
    code_reservataire ; libelle ; type_reservataire ; echelle ; mode_taux ; taux_pct ; base_rotation \
; taux_rotation_pct ; evenement_decompte ; options
    ALS   ; Action Logement ; action_logement ; bailleur ; imprime ; 4 ; fixe ; 7,4 ; bail               ;
    VILLE ; La Ville        ; commune         ; bailleur ; imprime ; 5 ; fixe ; 7,4 ; mise_a_disposition ;
    AGGLO ; L'Agglo ; epci ; bailleur ; imprime ; 5 ; fixe ; 7,4 ; mise_a_disposition ; repartition_4_mois
"""
# Deux logements neufs (programme au RPLS ou non), un logement ancien.
PARC = """
    millesime ; ident_rep ; depcom ; complgeo   ; nbpiece ; finan ; qpv
    2026      ; 1         ; 62041  ; Les Lilas  ; 2       ; 10    ; 2
    2026      ; 2         ; 62041  ;            ; 3       ; 13    ; 2
    2026      ; 3         ; 62119  ;            ; 3       ; 13    ; 1
    2025      ; 9         ; 62041  ; Ancien     ; 3       ; 13    ; 2
"""


@pytest.fixture(scope="module")
def suivi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Counts stop on 30 September 2025."""
    return monter(
        tmp_path_factory.mktemp("suivi"),
        {
            "rpls": PARC,
            "reservataires": CONVENTIONS,
            "programmes_neufs": """
                operation ; adresse ; code_postal ; commune ; code_insee ; statut ; date_livraison_prevue \
; date_livraison ; code_reservataire ; nb_ds ; nb_du_premier_tour ; nb_du_parc ; numeros_convention \
; date_notification ; date_repartition ; date_dossier
                CHEMIN DE BULLY ; Chemin de Bully ; 62800 ; LIEVIN ; 62510 ; engage ; 31/12/2025 ; ; ALS ; ; 6 ; 10 \
; 1039515 - 1039516 - 1039517 ; ; ; 15/07/2025
                CHEMIN DE BULLY ; Chemin de Bully ; 62800 ; LIEVIN ; 62510 ; engage ; 31/12/2025 ; ; VILLE ; 2 ; 3 ; \
; ; 10/07/2025 ; 31/08/2025 ;
                CHEMIN DE BULLY ; Chemin de Bully ; 62800 ; LIEVIN ; 62510 ; engage ; 31/12/2025 ; ; AGGLO ; ; 1 ; \
; ; ; ;
                Les Lilas ; 1 rue Haute ; 62000 ; ARRAS ; 62041 ; livre ; 01/05/2025 ; 15/05/2025 ; VILLE ; ; 2 ; \
; ; 01/11/2024 ; ;
                Les Ormes       ; 2 rue Haute     ; 62000 ; ARRAS  ; 62041 ; abandonne ; 01/06/2026 ; ; VILLE ; ; 4 ; \
; ; ; ;
                Sans date       ; 3 rue Haute     ; 62000 ; ARRAS  ; 62041 ; engage ; ; ; AGGLO ; ; 4 ; ; ; ; ;
            """,
            "propositions": """
                id_proposition ; ident_rep ; code_reservataire ; date_mise_a_disposition ; premiere_location ; operation
                P1 ; 1 ; VILLE ; 10/04/2025 ; oui ;
                P2 ; 2 ; VILLE ; 11/04/2025 ; oui ;
                P3 ; 3 ; AGGLO ; 12/04/2025 ; oui ; Chemin de Bully
                P4 ; 9 ; VILLE ; 12/04/2025 ; non ;
                P5 ; 9 ; VILLE ; 12/12/2025 ; oui ;
            """,
            "attributions": """
                id_decision ; id_proposition ; ident_rep ; code_reservataire ; date_caleol ; decision ; rang \
; categorie ; date_signature_bail
                D1 ; P1 ; 1 ; VILLE ; 20/04/2025 ; attribution      ;   ; droit_commun ; 15/05/2025
                D2 ; P2 ; 2 ; VILLE ; 20/04/2025 ; attribution_rang ; 1 ; droit_commun ;
                D3 ; P2 ; 2 ; VILLE ; 20/04/2025 ; attribution_rang ; 2 ; droit_commun ;
                D4 ; P4 ; 9 ; VILLE ; 20/04/2025 ; attribution      ;   ; droit_commun ; 15/05/2025
            """,
        },
        ["bilan.programmes_neufs", "bilan.programmes_echeances", "bilan.premieres_locations"],
        au=date(2025, 9, 30),
    )


def test_tableau_de_suivi(suivi: Path) -> None:
    """[000] annexe 3.2: Liévin, 62800, 6 dwellings reserved, three agreement numbers."""
    verifier(
        suivi,
        "bilan.programmes_neufs",
        """
        commune ; code_postal ; adresse         ; flux_reserve ; numeros_convention          ; date_livraison_prevue
        LIEVIN  ; 62800       ; Chemin de Bully ; 6            ; 1039515 - 1039516 - 1039517 ; 2025-12-31
        """,
        "code_reservataire = 'ALS'",
    )
    verifier(
        suivi,
        "bilan.programmes_neufs",
        """
        operation       ; flux_reserve ; date_livraison ; libelle_statut
        CHEMIN DE BULLY ; 5            ;                ; Engagée, non livrée
        Les Lilas       ; 2            ; 2025-05-15     ; Livrée
        Les Ormes       ; 4            ;                ; Abandonnée
        """,
        "code_reservataire = 'VILLE'",
    )
    (total,) = lire(suivi, "select count(*) as n from bilan.programmes_neufs where code_reservataire = '_bailleur'")
    assert total == {"n": "6"}


def test_echeances_d_une_ville_sans_option(suivi: Path) -> None:
    """Delivery on 31/12/2025: six months 30/06, four months 31/08, three months 30/09. [001] and [002]."""
    verifier(
        suivi,
        "bilan.programmes_echeances",
        """
        operation       ; echeance     ; date_echeance ; date_faite ; etat_echeance   ; nb_jours_retard
        CHEMIN DE BULLY ; notification ; 2025-06-30    ; 2025-07-10 ; faite_en_retard ; 10
        CHEMIN DE BULLY ; repartition  ; 2025-08-31    ; 2025-08-31 ; a_temps         ;
        CHEMIN DE BULLY ; concertation ; 2025-09-30    ;            ; a_venir         ;
        Les Lilas       ; notification ; 2024-11-01    ; 2024-11-01 ; a_temps         ;
        Les Lilas       ; repartition  ; 2025-01-01    ;            ; non_renseignee  ;
        Les Lilas       ; concertation ; 2025-02-01    ;            ; non_renseignee  ;
        """,
        "code_reservataire = 'VILLE'",
    )


def test_echeances_d_action_logement(suivi: Path) -> None:
    """[000] annexe 3.1: the file, given on 15/07, is due between 30/06 and 30/09, before 31/08 to leave four months."""
    verifier(
        suivi,
        "bilan.programmes_echeances",
        """
        echeance          ; date_echeance ; date_faite ; etat_echeance
        dossier_ouverture ; 2025-06-30    ; 2025-07-15 ; a_temps
        commercialisation ; 2025-08-31    ; 2025-07-15 ; a_temps
        dossier_limite    ; 2025-09-30    ; 2025-07-15 ; a_temps
        """,
        "code_reservataire = 'ALS'",
    )


def test_une_option_choisit_ses_delais(suivi: Path) -> None:
    """The option repartition_4_mois keeps that delay alone: 31/08 is 30 days before 30/09. No date, no deadline."""
    verifier(
        suivi,
        "bilan.programmes_echeances",
        """
        operation       ; echeance    ; date_echeance ; etat_echeance ; nb_jours_retard
        CHEMIN DE BULLY ; repartition ; 2025-08-31    ; en_retard     ; 30
        Sans date       ; repartition ;               ; sans_date     ;
        """,
        "code_reservataire = 'AGGLO'",
    )


def test_premieres_locations_par_operation(suivi: Path) -> None:
    """P1 by its RPLS programme, P2 by the only delivery in Arras, P3 by the operation it names; P5 is later."""
    verifier(
        suivi,
        "bilan.premieres_locations",
        """
        code_titulaire ; operation       ; date_service ; nb_proposes ; nb_attribues ; nb_baux_signes
        VILLE          ; Les Lilas       ; 2025-05-15   ; 2           ; 2            ; 1
        AGGLO          ; CHEMIN DE BULLY ;              ; 1           ; 0            ; 0
        """,
        "code_reservataire = '_bailleur' and dimension = 'total'",
    )
    verifier(
        suivi,
        "bilan.premieres_locations",
        """
        dimension   ; modalite ; nb_proposes ; nb_attribues ; nb_baux_signes
        typologie   ; T2       ; 1           ; 1            ; 1
        typologie   ; T3       ; 1           ; 1            ; 0
        financement ; PLAI     ; 1           ; 1            ; 1
        financement ; PLUS     ; 1           ; 1            ; 0
        """,
        "code_reservataire = 'VILLE' and dimension in ('typologie', 'financement')",
    )
