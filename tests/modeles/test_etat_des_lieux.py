"""État des lieux at 30/11/2025, checked by hand on eleven dwellings ([001] art. 3, [002] annexe 4, [004] art. 3)."""

from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier

ANNEXE_4 = (
    "ident_interne ident_rep libelle_reservataire libelle_departement libelle_epci libelle_commune libelle_qpv "
    "libelle_typologie libelle_financement libelle_construction date_debut date_fin"
)
CIBLES = ["bilan.etat_synthese", "bilan.etat_signalements", "bilan.etat_taux"]


@pytest.fixture(scope="module")
def etat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return monter(tmp_path_factory.mktemp("etat"), cas("etat_des_lieux"), CIBLES)


def test_etat_et_fin_de_chaque_droit(etat: Path) -> None:
    verifier(
        etat,
        "bilan.etat_des_lieux",
        """
        ident_rep ; libelle_etat ; date_extinction ; explication_fin ; est_compte
        0000000001 ; En cours ; 2029-08-01 ; Terme de la convention ; oui
        0000000002 ; En cours ; 2026-06-30 ; Cinq ans après le remboursement de l'emprunt, le 30/06/2021 ; oui
        0000000003 ; Éteint ; 2025-11-29 ; Cinq ans après le remboursement de l'emprunt, le 29/11/2020 ; non
        0000000004 ; En cours ; 2025-11-30 ; Terme de la convention ; oui
        0000000005 ; En cours ; 2045-11-29 ; Terme de la convention ; oui
        0000000006 ; Pas encore commencé ; ; Sans terme écrit ; non
        0000000007 ; En cours ; ; Sans terme écrit ; oui
        0000000008 ; En cours ; ; Terme inconnu : la fin de l'emprunt garanti n'est pas renseignée ; oui
        0000000009 ; Éteint ; ; Sorti du parc en 2025 : démolition (RPLS 2026) ; non
        0000000010 ; En cours ; ; Sans terme écrit ; non
        0000000099 ; En cours ; ; Sans terme écrit ; non
        """,
        "code_reservataire = 'VILLE'",
    )


def test_nouveaux_et_eteints_depuis_le_precedent(etat: Path) -> None:
    """Since 30/11/2024: dwelling 5 has a new right; those of 3 (loan) and 9 (demolished) ended."""
    requete = "select ident_rep[-2:] as n from bilan.etat_des_lieux where code_reservataire = 'VILLE' and {} order by 1"
    assert lire(etat, requete.format("est_nouveau")) == [{"n": "05"}]
    assert lire(etat, requete.format("est_eteint_depuis")) == [{"n": "03"}, {"n": "09"}]


def test_colonnes_de_l_annexe_4(etat: Path) -> None:
    """The first dwelling as [002] annexe 4 prints it; RPLS wins and the inventory stays beside."""
    (premier,) = lire(
        etat,
        "select * from bilan.etat_des_lieux where code_reservataire = 'VILLE' and ident_rep = '0000000001'",
    )
    assert [premier[colonne] for colonne in ANNEXE_4.split()] == [
        "0225-01", "0000000001", "Mairie Boulbon", "Bouches-du-Rhône", "CA d'Arles-Crau-Camargue-Montagnette",
        "Boulbon", "Non", "T2", "PLA ordinaire", "Collectif", "1996-08-01", "2029-08-01",
    ]  # fmt: skip
    verifier(
        etat,
        "bilan.etat_des_lieux",
        """
        libelle_typologie ; libelle_qpv ; inventaire_typologie ; inventaire_qpv
        T3                ; Non         ; T4                   ; Oui
        """,
        "code_reservataire = 'VILLE' and ident_rep = '0000000008'",
    )


def test_ce_qui_est_a_verifier(etat: Path) -> None:
    verifier(
        etat,
        "bilan.etat_signalements",
        """
        ident_rep  ; constat          ; colonne           ; selon_inventaire ; selon_rpls
        0000000001 ; sans_convention  ; code_reservataire ;                  ;
        0000000007 ; droit_en_double  ; ident_rep         ; 0000000007       ;
        0000000007 ; droit_en_double  ; ident_rep         ; 0000000007       ;
        0000000008 ; contredit_rpls   ; typologie         ; T4               ; T3
        0000000008 ; contredit_rpls   ; en_qpv            ; en_qpv           ; hors_qpv
        0000000008 ; fin_inconnue     ; date_fin_emprunt  ;                  ;
        0000000010 ; absent_du_parc   ; ident_rep         ; 0000000010       ;
        0000000099 ; logement_inconnu ; ident_rep         ; 0000000099       ;
        """,
        "code_reservataire = '_bailleur'",
    )
    (double,) = lire(
        etat,
        "select message from bilan.etat_signalements where code_reservataire = 'DEPT' and constat = 'droit_en_double'",
    )
    assert double == {"message": "2 droits en cours portent sur ce logement : DEPT, VILLE."}


def test_taux_avant_et_apres(etat: Path) -> None:
    """30/11/2024: 1, 2, 3, 4, 7, 8, 9, 10 on 10 dwellings. 30/11/2025: 1, 2, 4, 5, 7, 8 on 9 dwellings."""
    verifier(
        etat,
        "bilan.etat_taux",
        """
        nb_droits_avant ; nb_parc_avant ; taux_reservation_avant_pct ; nb_droits ; nb_parc ; taux_reservation_pct
        8               ; 10            ; 80                         ; 6         ; 9       ; 66.666667
        """,
        "code_reservataire = 'VILLE'",
    )


def test_entrees_et_sorties_du_parc(etat: Path) -> None:
    verifier(
        etat,
        "bilan.etat_mouvements",
        """
        ident_rep  ; libelle_sens ; libelle_mouvement                  ; nb_droits_logement
        0000000009 ; Sortie       ; Démolition                         ; 1
        0000000010 ; Sortie       ; Absent du RPLS, sans motif déclaré ; 1
        0000000011 ; Entrée       ; Mise en service en 2025            ; 0
        """,
        "code_reservataire = 'VILLE'",
    )


def test_nombres_par_reservataire(etat: Path) -> None:
    """The total for the bailleur is the sum of the réservataires and of the right without a convention."""
    verifier(
        etat,
        "bilan.etat_reservataires",
        """
        code_titulaire  ; nb_en_cours ; nb_comptes ; nb_uniques ; nb_pas_commences ; nb_eteints ; nb_a_verifier
        VILLE           ; 8           ; 6          ; 0          ; 1                ; 2          ; 4
        DEPT            ; 1           ; 1          ; 0          ; 0                ; 0          ; 1
        sans convention ; 0           ; 0          ; 1          ; 0                ; 0          ; 1
        total           ; 9           ; 7          ; 1          ; 1                ; 2          ; 6
        """,
        "code_reservataire = '_bailleur'",
    )
    verifier(
        etat,
        "bilan.etat_reservataires",
        """
        code_titulaire ; nb_nouveaux ; nb_eteints_depuis ; nb_bientot_eteints
        VILLE          ; 1           ; 2                 ; 2
        """,
        "code_reservataire = 'VILLE' and code_titulaire = 'VILLE'",
    )
    verifier(
        etat,
        "bilan.etat_synthese",
        """
        code_reservataire ; millesime_etat ; millesime_precedent ; nb_parc_avant ; nb_entrees ; nb_sorties ; nb_parc
        VILLE             ; 2026           ; 2025                ; 10            ; 1          ; 2          ; 9
        DEPT              ; 2026           ; 2025                ; 10            ; 1          ; 2          ; 9
        _bailleur         ; 2026           ; 2025                ; 10            ; 1          ; 2          ; 9
        """,
    )


def test_un_seul_millesime_entrees_inconnues(tmp_path: Path) -> None:
    """With RPLS 2025 alone, in which dwelling 10 is declared sold: no entries, no rate before, the sale is known."""
    tables = cas("etat_des_lieux")
    lignes = [ligne for ligne in tables["rpls"].splitlines() if not ligne.startswith("2026")]
    tables["rpls"] = "\n".join(f"{ligne} 1" if ligne.startswith("2025      ; 10 ") else ligne for ligne in lignes)
    base = monter(tmp_path, tables, CIBLES)
    verifier(
        base,
        "bilan.etat_synthese",
        """
        millesime_etat ; millesime_precedent ; nb_entrees ; nb_sorties ; nb_parc ; taux_reservation_avant_pct
        2025           ;                     ;            ; 1          ; 9       ;
        """,
        "code_reservataire = 'VILLE'",
    )
    (droit,) = lire(
        base,
        "select libelle_etat, explication_fin, est_eteint_depuis from bilan.etat_des_lieux "
        "where code_reservataire = 'VILLE' and ident_rep = '0000000010'",
    )
    assert droit == {
        "libelle_etat": "Éteint",
        "explication_fin": "Sorti du parc en 2024 : vente à l'occupant (RPLS 2025)",
        "est_eteint_depuis": "oui",
    }


def test_sans_droits_les_nombres_sont_inconnus(tmp_path: Path) -> None:
    tables = cas("etat_des_lieux")
    del tables["droits"]
    base = monter(tmp_path, tables, CIBLES)
    verifier(
        base,
        "bilan.etat_synthese",
        """
        nb_en_cours ; nb_droits ; taux_reservation_pct ; nb_parc ; nb_entrees
                    ;           ;                      ; 9       ; 1
        """,
        "code_reservataire = 'VILLE'",
    )


def test_les_livraisons_connues_a_la_date_ne_demandent_pas_le_rpls_suivant(tmp_path: Path) -> None:
    """30/11/2025 with RPLS 2025 only: what was delivered since 1 January, and what is due before 31 December.

    Les Pins is one operation of 20 for two holders; Le Port entered RPLS 2025 already; Les Ifs is next year, Les Houx
    was given up, La Tour is late.
    """
    tables = cas("etat_des_lieux") | {
        "programmes_neufs": """
            operation; commune; code_insee; statut; date_livraison_prevue; date_livraison; code_reservataire; nb_logements; nb_ds
            Les Pins; Boulbon; 13017; livre    ; 01/03/2025; 15/03/2025; VILLE; 20; 4
            LES PINS; Boulbon; 13017; livre    ; 01/03/2025; 15/03/2025; ALS  ; 20; 6
            Le Port ; Boulbon; 13017; livre    ;           ; 15/12/2024; VILLE; 30;
            Les Lys ; Boulbon; 13017; livre    ;           ; 10/12/2025; VILLE; 7 ;
            La Tour ; Boulbon; 13017; engage   ; 01/11/2025;           ; VILLE; 5 ;
            Les Ifs ; Boulbon; 13017; engage   ; 01/02/2026;           ; VILLE; 9 ;
            Les Houx; Boulbon; 13017; abandonne; 01/12/2025;           ; VILLE; 11;
        """  # noqa: E501
    }
    tables["rpls"] = "\n".join(x for x in tables["rpls"].splitlines() if not x.lstrip().startswith("2026"))
    base = monter(tmp_path, tables, ["bilan.etat_synthese"])
    verifier(
        base,
        "bilan.etat_livraisons",
        """
        operation ; date_livraison ; nb_logements ; libelle_statut
        Les Pins  ; 2025-03-15     ; 20           ; Livrée, entre au RPLS suivant
        Les Lys   ; 2025-12-10     ; 7            ; Livraison prévue
        La Tour   ; 2025-11-01     ; 5            ; Prévue, pas encore livrée
        """,
        "code_reservataire = 'VILLE'",
    )
    verifier(
        base,
        "bilan.etat_synthese",
        """
        code_reservataire ; nb_livres ; nb_attendus
        VILLE             ; 20        ; 12
        _bailleur         ; 20        ; 12
        """,
        "code_reservataire in ('VILLE', '_bailleur')",
    )


def test_sans_programmes_neufs_les_livraisons_sont_inconnues(etat: Path) -> None:
    assert lire(etat, "select distinct nb_livres from bilan.etat_synthese") == [{"nb_livres": ""}]
