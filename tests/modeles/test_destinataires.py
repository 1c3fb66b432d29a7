"""What each recipient asks for beside the figures: last year's rates, forecasts, commitments, operations, splits."""

from decimal import Decimal
from pathlib import Path

from tests.modeles.harnais import cas, lire, monter, verifier

ECHECS = cas("echecs")


def test_les_taux_de_l_annee_precedente(tmp_path: Path) -> None:
    """[002] art. 6.1. 2024 holds D9 only, of the town: accepted, its lease is of January 2025. No proposal of 2024."""
    base = monter(tmp_path, cas("autres_bilans"), ["bilan.taux"])
    verifier(
        base,
        "bilan.taux",
        """
        taux        ; taux_pct  ; numerateur_precedent ; denominateur_precedent ; taux_precedent_pct ; evolution_points
        orientation ; 50        ;                      ;                        ;                    ;
        attribution ; 66.666667 ;                      ;                        ;                    ;
        refus       ; 66.666667 ; 0                    ; 1                      ; 0                  ; 66.666667
        bail        ; 50        ; 0                    ; 1                      ; 0                  ; 50
        """,
        "code_reservataire = 'VILLE' and taux in ('orientation', 'attribution', 'refus', 'bail')",
    )
    assert (
        lire(base, "select * from bilan.taux where code_reservataire = 'ALS' and taux_precedent_pct is not null") == []
    )


def test_les_propositions_de_l_annee_precedente(tmp_path: Path) -> None:
    """Four offers of 2024: a carence, an attribution, one annulled, one of a dwelling first let in 2024 (out)."""
    tables = ECHECS | {
        "rpls": ECHECS["rpls"].replace("2025; 5; 2A004; 3; 13; 2; 1990", "2025; 5; 2A004; 3; 13; 2; 2024"),
        "propositions": """
            id_proposition; ident_rep; code_reservataire; date_mise_a_disposition; issue
            P1; 1; VILLE; 01/02/2024; carence
            P2; 2; VILLE; 01/03/2024; candidats
            P3; 3; VILLE; 01/04/2024; annulation
            P5; 5; VILLE; 01/05/2024; candidats
        """,
        "attributions": """
            id_decision; id_proposition; ident_rep; code_reservataire; date_caleol; decision; reponse_candidat; date_signature_bail; categorie
            D1; P2; 2; VILLE; 20/03/2024; attribution; refuse ;           ; droit_commun
            D2; P2; 2; VILLE; 27/03/2024; attribution; accepte; 15/04/2024; droit_commun
            D5; P5; 5; VILLE; 20/05/2024; attribution; accepte; 15/06/2024; droit_commun
        """,  # noqa: E501
    }
    verifier(
        monter(tmp_path, tables, ["bilan.taux"]),
        "bilan.taux",
        """
        code_reservataire ; taux        ; numerateur_precedent ; denominateur_precedent ; taux_precedent_pct
        VILLE             ; carence     ; 1                    ; 2                      ; 50
        VILLE             ; attribution ; 1                    ; 2                      ; 50
        VILLE             ; refus       ; 1                    ; 2                      ; 50
        VILLE             ; bail        ; 1                    ; 2                      ; 50
        _bailleur         ; bail        ; 1                    ; 2                      ; 50
        """,
        """(code_reservataire = 'VILLE' or code_reservataire = '_bailleur' and taux = 'bail')
            and taux_precedent_pct is not null""",
    )


def test_operations_et_accords_du_prefet(tmp_path: Path) -> None:
    """OP-1 counts at its finest scale only; a deduction without agreement counts for nothing. Ajaccio: 5 of 6."""
    tables = ECHECS | {
        "previsions": """
            annee; categorie; nombre; echelle; code_territoire; code_operation; accord_prefet
            2026; relogement_anru  ; 3; commune    ; 2A004; OP-1;
            2026; relogement_anru  ; 4; departement; 2A   ; OP-1;
            2026; autres_deductions; 1;            ;      ;     ;
            2026; autres_deductions; 2;            ;      ;     ; PREF-7
        """,
        "exclusions": "ident_rep; motif_exclusion; accord_prefet\n5; habitat_inclusif; PREF-9\n4; vente;",
    }
    base = monter(tmp_path, tables, ["bilan.previsions_detail"])
    attendu = """
        libelle                              ; code_operation ; accord_prefet ; prevu ; compte_prevu
        Relogements ANRU / renouvellement urbain ; OP-1       ;               ; 3     ; 3
        Autres déductions                    ;                ; PREF-7        ; 2     ; {}
        Habitat inclusif                     ;                ; PREF-9        ; 1     ; 1
    """
    verifier(base, "bilan.previsions_detail", attendu.format("1.6"), "code_reservataire = 'VILLE'")
    verifier(base, "bilan.previsions_detail", attendu.format("2"), "code_reservataire = 'ETAT'")
    verifier(
        base,
        "bilan.previsions_detail",
        """
        prevu ; compte_prevu ; explication
        4     ; 0            ; La même opération est prévue à une échelle plus fine
        1     ; 0            ; Sans accord du préfet : ne compte pas
        """,
        "code_reservataire = '_bailleur' and compte_prevu = 0",
    )
    assert lire(base, "select compte_prevu from bilan.previsions_detail where code_reservataire = 'AUTRE'") == [
        {"compte_prevu": "0.4"}
    ]


def test_l_engagement_au_dela_du_calcul_est_montre(tmp_path: Path) -> None:
    """Boulbon: « 1 logement dans la mesure du possible » beside 0,34."""
    lignes = ECHECS["reservataires"].strip().splitlines()
    engagement = "1 logement dans la mesure du possible"
    lues = [
        lignes[0] + "; engagement",
        *(x + (f"; {engagement}" if x.startswith("VILLE") else ";") for x in lignes[1:]),
    ]
    base = monter(tmp_path, ECHECS | {"reservataires": "\n".join(lues)}, ["bilan.entetes"])
    requete = "select code_reservataire, engagement from bilan.entetes where engagement <> ''"
    assert lire(base, requete) == [{"code_reservataire": "VILLE", "engagement": engagement}]


def test_droits_moyenne_et_attributions_directes(tmp_path: Path) -> None:
    """The town's part is of 3 rights; ALS: 4 attributions in two years, of which 1 designated by the bailleur."""
    quotas = cas("quotas")
    attributions = """
        id_decision; ident_rep; code_reservataire; date_caleol; decision; categorie; designataire
        A1; 1; ALS; 05/03/2024; attribution; droit_commun; reservataire
        A2; 2; ALS; 01/03/2025; attribution; droit_commun; bailleur
        A3; 3; ALS; 02/03/2025; attribution; droit_commun;
        A4; 4; ALS; 03/09/2025; attribution; droit_commun;
        A5; 5; ALS; 03/09/2025; attribution; mutation_interne; bailleur
    """
    base = monter(tmp_path, quotas | {"attributions": attributions}, ["bilan.objectif_lignes"])
    verifier(
        base,
        "bilan.objectif_lignes",
        """
        code_reservataire ; ligne              ; valeur
        VILLE             ; nb_droits          ; 3
        ALS               ; moyenne_3_ans      ; 2
        ALS               ; estimation_directe ; 0.5
        """,
        "ligne in ('nb_droits', 'moyenne_3_ans', 'estimation_directe')",
    )
    (ligne,) = lire(base, "select explication from bilan.objectif_lignes where ligne = 'moyenne_3_ans'")
    assert ligne["explication"].endswith("2 année(s) dans le fichier, du 05/03/2024 au 03/09/2025")


def test_operations_engagees_et_total_du_bailleur(tmp_path: Path) -> None:
    """[000] annexe 1b: a row per operation, then every additive line summed over the landlord's conventions."""
    tables = cas("volume_publie")
    tables["reservataires"] = tables["reservataires"].rstrip() + (
        "\nALS59; ALS Nord; action_logement; departement; 59; imprime; 4; fixe; 10; bail"
    )
    entete, *operations = tables["programmes_neufs"].strip().splitlines()
    tables["programmes_neufs"] = "\n".join(
        [
            f"{entete}; nb_ds; duree_ds_annees",
            *(f"{x}; ;" for x in operations),
            "Opération 6 ; Lille ; engage ; ALS59 ; ; 2 ; 3 ; ; 4 ; 20",
        ]
    )
    base = monter(tmp_path, tables, ["bilan.operations_engagees", "bilan.volume_bailleur"], annee=2023)
    verifier(
        base,
        "bilan.operations_engagees",
        """
        operation   ; nb_ds ; duree_ds_annees ; taux_rotation_pct ; du_equivalents_exact ; nb_du_parc
        Opération 6 ; 4     ; 20              ; 10                ; 8                    ; 3
        """,
        "code_reservataire = 'ALS59'",
    )
    assert lire(base, "select count(*) as n from bilan.operations_engagees where code_reservataire = '_bailleur'") == [
        {"n": "6"}
    ]
    sommes: dict[str, Decimal] = {}
    totaux: dict[str, str] = {}
    for ligne in lire(base, "select ligne, code_titulaire, valeur from bilan.volume_bailleur"):
        if ligne["code_titulaire"] == "total":
            totaux[ligne["ligne"]] = ligne["valeur"]
        elif ligne["valeur"]:
            sommes[ligne["ligne"]] = sommes.get(ligne["ligne"], Decimal(0)) + Decimal(ligne["valeur"])
    assert Decimal(totaux["operations_equivalents"]) == 8 and Decimal(totaux["operations_parc"]) == 170
    assert {"duree", "taux"}.isdisjoint(totaux) and "negocie" in totaux and totaux["negocie"] == ""
    assert {n: Decimal(v) for n, v in totaux.items() if v} == {n: sommes[n] for n, v in totaux.items() if v}


def test_repartition_d_un_programme_neuf(tmp_path: Path) -> None:
    """Les Pins, 20 dwellings: 4 for the town, 6 for ALS, 10 left. La Tour has 3 and 5 are promised. Abandoned: out."""
    tables = ECHECS | {
        "programmes_neufs": """
            operation; commune; code_insee; statut; date_livraison_prevue; code_reservataire; nb_logements; nb_ds; nb_du_premier_tour
            Les Pins; Ajaccio; 2A004; engage   ; 01/03/2026; VILLE; 20;  ; 4
            LES PINS; Ajaccio; 2A004; engage   ; 01/03/2026; ALS  ; 20; 6;
            La Tour ; Ajaccio; 2A004; engage   ; 01/06/2026; VILLE; 3 ;  ; 5
            Les Houx; Ajaccio; 2A004; abandonne;           ; VILLE; 9 ;  ; 9
        """  # noqa: E501
    }
    base = monter(tmp_path, tables, ["bilan.programmes_repartition"])
    verifier(
        base,
        "bilan.programmes_repartition",
        """
        code_titulaire ; nb_logements ; flux_reserve ; part_pct   ; conclusion
        VILLE          ; 20           ; 4            ; 20         ;
        ALS            ; 20           ; 6            ; 30         ;
        non_reserve    ; 20           ; 10           ; 50         ;
        VILLE          ; 3            ; 5            ; 166.666667 ; Plus de logements réservés que l'opération n'en a
        non_reserve    ; 3            ; -2           ; -66.666667 ; Plus de logements réservés que l'opération n'en a
        """,
        "code_reservataire = '_bailleur'",
    )
    assert lire(
        base, "select distinct operation from bilan.programmes_repartition where code_reservataire = 'ALS'"
    ) == [{"operation": "LES PINS"}]
