"""New programmes: follow-up table, notices due, first lettings ([000] annexe 3, [001] art. 7, [002] art. 4.2, 6.2)."""

from datetime import date
from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier


@pytest.fixture(scope="module")
def suivi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Counts stop on 30 September 2025."""
    cibles = ["bilan.programmes_neufs", "bilan.programmes_echeances", "bilan.premieres_locations"]
    return monter(tmp_path_factory.mktemp("suivi"), cas("programmes_neufs"), cibles, au=date(2025, 9, 30))


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
        total          ; Les Lilas       ; 2025-05-15   ; 2           ; 2            ; 1
        total          ; CHEMIN DE BULLY ;              ; 1           ; 0            ; 0
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
