"""Supply and demand ([000] annexe 2): the totals of the published table, and the releases offered beside it."""

from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier

CAMPAGNE = cas("offre_demande")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return monter(tmp_path_factory.mktemp("offre"), CAMPAGNE, ["bilan.offre_demande"])


def test_la_ligne_des_totaux_est_celle_du_document(base: Path) -> None:
    """3 118 = 2 124 + 777 + 150 + 67, and each total by typology, as printed."""
    verifier(
        base,
        "bilan.offre_demande",
        """
        tranche_plafond      ; t1  ; t2  ; t3   ; t4  ; t5  ; t6 ; autres ; total
        0 à 60 % du PLUS     ; 130 ; 483 ; 770  ; 588 ; 133 ; 20 ; 0      ; 2124
        60 à 100 % du PLUS   ; 69  ; 253 ; 269  ; 167 ; 18  ; 1  ; 0      ; 777
        100 à 130 % du PLUS  ; 11  ; 50  ; 57   ; 27  ; 5   ; 0  ; 0      ; 150
        Sup. à 130 % du PLUS ; 6   ; 23  ; 22   ; 16  ; 0   ; 0  ; 0      ; 67
        Tous plafonds        ; 216 ; 809 ; 1118 ; 798 ; 156 ; 21 ; 0      ; 3118
        """,
        "code_reservataire = 'ALS' and est_total and nature_compte = 'demandes'",
    )


def test_une_ligne_complete_du_document(base: Path) -> None:
    """Lens - Liévin, found by its name: 827 = 566 + 197 + 48 + 16, beside two releases, of which one offered to ALS."""
    verifier(
        base,
        "bilan.offre_demande",
        """
        tranche_plafond      ; libelle_nature             ; t1 ; t2  ; t3  ; t4  ; t5 ; t6 ; total
        0 à 60 % du PLUS     ; Demandes                   ; 31 ; 126 ; 227 ; 142 ; 34 ; 6  ; 566
        0 à 60 % du PLUS     ; Logements libérés          ; 0  ; 0   ; 0   ; 1   ; 0  ; 0  ; 1
        0 à 60 % du PLUS     ; Proposés à Action Logement ; 0  ; 0   ; 0   ; 0   ; 0  ; 0  ; 0
        60 à 100 % du PLUS   ; Demandes                   ; 13 ; 50  ; 80  ; 47  ; 6  ; 1  ; 197
        60 à 100 % du PLUS   ; Logements libérés          ; 0  ; 0   ; 1   ; 0   ; 0  ; 0  ; 1
        60 à 100 % du PLUS   ; Proposés à Action Logement ; 0  ; 0   ; 1   ; 0   ; 0  ; 0  ; 1
        100 à 130 % du PLUS  ; Demandes                   ; 5  ; 13  ; 24  ; 5   ; 1  ; 0  ; 48
        100 à 130 % du PLUS  ; Logements libérés          ; 0  ; 0   ; 0   ; 0   ; 0  ; 0  ; 0
        100 à 130 % du PLUS  ; Proposés à Action Logement ; 0  ; 0   ; 0   ; 0   ; 0  ; 0  ; 0
        Sup. à 130 % du PLUS ; Demandes                   ; 1  ; 6   ; 5   ; 4   ; 0  ; 0  ; 16
        Sup. à 130 % du PLUS ; Logements libérés          ; 0  ; 0   ; 0   ; 0   ; 0  ; 0  ; 0
        Sup. à 130 % du PLUS ; Proposés à Action Logement ; 0  ; 0   ; 0   ; 0   ; 0  ; 0  ; 0
        Tous plafonds        ; Demandes                   ; 50 ; 195 ; 336 ; 198 ; 41 ; 7  ; 827
        Tous plafonds        ; Logements libérés          ; 0  ; 0   ; 1   ; 1   ; 0  ; 0  ; 2
        Tous plafonds        ; Proposés à Action Logement ; 0  ; 0   ; 1   ; 0   ; 0  ; 0  ; 1
        """,
        "code_reservataire = 'ALS' and libelle_epci like 'CA de Lens%'",
    )


def test_pour_qui(base: Path) -> None:
    """Action Logement, the bailleur, the EPCI; not the town. An EPCI that nobody knows stays visible to the first."""
    assert lire(
        base,
        """select code_reservataire, count(distinct libelle_epci) as epcis from bilan.offre_demande
           where not est_total group by all order by all""",
    ) == [
        {"code_reservataire": "ALS", "epcis": "2"},
        {"code_reservataire": "_bailleur", "epcis": "2"},
        {"code_reservataire": "epci_246200364", "epcis": "1"},
    ]


def test_sans_propositions_l_offre_a_action_logement_est_inconnue(tmp_path: Path) -> None:
    tables = {t: x for t, x in CAMPAGNE.items() if t != "propositions"}
    base = monter(tmp_path, tables, ["bilan.offre_demande"])
    verifier(
        base,
        "bilan.offre_demande",
        """
        nature_compte       ; t3   ; total
        demandes            ; 1118 ; 3118
        liberations         ; 1    ; 2
        mises_a_disposition ;      ;
        """,
        "code_reservataire = 'ALS' and est_total and tranche_plafond = 'Tous plafonds'",
    )


def test_un_total_sans_detail_ne_se_confond_pas_avec_les_totaux_du_tableau(tmp_path: Path) -> None:
    demandes = (
        CAMPAGNE["demandes"] + "\nTotal général; Tous plafonds; T2; 9\nCA de Lens - Liévin; Tous plafonds; T3; 5\n"
    )
    base = monter(tmp_path, CAMPAGNE | {"demandes": demandes}, ["bilan.offre_demande"])
    assert lire(
        base,
        """select libelle_epci, tranche_plafond, total from bilan.offre_demande
           where code_reservataire = 'ALS' and nature_compte = 'demandes'
           and (tranche_plafond = 'Plafond non renseigné' or libelle_epci = 'EPCI non renseigné'
               or (est_total and tranche_plafond = 'Tous plafonds')) order by all""",
    ) == [
        {"libelle_epci": "CA de Lens - Liévin", "tranche_plafond": "Plafond non renseigné", "total": "5"},
        {"libelle_epci": "EPCI non renseigné", "tranche_plafond": "Plafond non renseigné", "total": "9"},
        {"libelle_epci": "EPCI non renseigné", "tranche_plafond": "Tous plafonds", "total": "9"},
        {"libelle_epci": "Total général", "tranche_plafond": "Plafond non renseigné", "total": "14"},
        {"libelle_epci": "Total général", "tranche_plafond": "Tous plafonds", "total": "3132"},
    ]
