"""Volume de droits of Action Logement: inventory, conversion, NPNRU, movement ([000] annexes 1a, 1b, 2a art. 7)."""

from pathlib import Path

import pytest

from tests.modeles.harnais import lire, monter, verifier

# Un parc quelconque : la conversion ne dépend que des droits, des opérations et du taux.
PARC = """
    millesime ; ident_rep ; depcom ; typeconst
    2023      ; 1         ; 62041  ; C
    2023      ; 2         ; 62041  ; E
"""
ALS = """
    code_reservataire ; libelle ; type_reservataire ; echelle     ; code_territoire ; mode_taux ; taux_pct \
; base_rotation ; taux_rotation_pct ; evenement_decompte
    ALS               ; ALS     ; action_logement   ; departement ; 62              ; imprime   ; 4        \
; fixe          ; 7,40              ; bail
"""


def valeurs(base: Path, *lignes: str) -> dict[str, str]:
    """Values of these lines, by line; blank is « non fourni »."""
    trouvees = lire(base, "select ligne, valeur from bilan.volume_droits where list_contains(?, ligne)", [list(lignes)])
    return {ligne["ligne"]: ligne["valeur"] for ligne in trouvees}


@pytest.fixture(scope="module")
def publie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pas-de-Calais habitat and ALS at 31/12/2022, with the five operations of [000] annexe 1b, 1.3.

    2 257 DS, of which 24 NPNRU; the text of the document lost the end dates: 16 years left are supposed here.
    """
    return monter(
        tmp_path_factory.mktemp("publie"),
        {
            "rpls": PARC,
            "reservataires": ALS,
            "droits": """
                code_reservataire ; nature_droit ; origine_droit ; nombre_droits ; date_debut ; date_fin   ; zone_npnru
                ALS               ; ds           ; peec          ; 2233          ; 01/01/2000 ; 31/12/2038 ;
                ALS               ; ds           ; npnru         ; 19            ; 01/01/2020 ; 31/12/2050 ; A
                ALS               ; ds           ; npnru         ; 5             ; 01/01/2020 ; 31/12/2050 ; B
                ALS               ; du_parc      ; peec          ; 490           ; 01/01/2020 ;            ;
            """,
            "programmes_neufs": """
                operation   ; commune    ; statut ; code_reservataire ; date_livraison_prevue ; nb_du_premier_tour \
; nb_du_parc ; origine_droit
                Opération 1 ; Liévin     ; engage ; ALS ; 01/12/2023 ; 6  ; 10 ;
                Opération 2 ; St Nicolas ; engage ; ALS ; 01/12/2025 ;    ; 65 ;
                Opération 3 ; Arras      ; engage ; ALS ; 01/09/2023 ;    ; 65 ; npnru
                Opération 4 ; Béthune    ; engage ; ALS ; 01/12/2023 ;    ; 19 ; npnru
                Opération 5 ; Harnes     ; engage ; ALS ;            ;    ; 8  ;
            """,
            "volumes_droits": """
                annee ; code_reservataire ; volume_negocie
                2023  ; ALS               ; 2721
            """,
            "coefficients_npnru": """
                zone_npnru ; coefficient
                A          ; 3
                B          ; 4
            """,
        },
        ["bilan.volume_droits"],
        annee=2023,
    )


def test_total_publie_3384(publie: Path) -> None:
    assert valeurs(publie, "ds", "duree", "taux", "ds_convertis", "npnru_convertis", "du_calcules") == {
        "ds": "2257",
        "duree": "16",
        "taux": "7.4",
        "ds_convertis": "2643.872",  # 2 233 × 16 × 7,40 %
        "npnru_convertis": "77",
        "du_calcules": "2720.872",
    }
    assert valeurs(publie, "negocie", "du_convertis", "du_existants", "operations_premier_tour", "operations_parc") == {
        "negocie": "2721",
        "du_convertis": "2721",
        "du_existants": "490",
        "operations_premier_tour": "6",
        "operations_parc": "167",  # 10 + 65 + 65 + 19 + 8 : avec les 490 et les 6, les 663 du tableau publié
    }
    assert valeurs(publie, "total") == {"total": "3384"}


def test_focus_npnru_publie_161(publie: Path) -> None:
    assert valeurs(publie, "npnru_ds", "npnru_calcul", "npnru_retenus", "npnru_existants", "npnru_total") == {
        "npnru_ds": "24",
        "npnru_calcul": "77",  # 19 × 3 + 5 × 4
        "npnru_retenus": "77",
        "npnru_existants": "84",  # 65 + 19, les deux opérations de renouvellement urbain
        "npnru_total": "161",
    }


def test_conversion_a_la_main(tmp_path: Path) -> None:
    """10 DS for 8 years and 30 for 4: mean 5 years; 40 × 5 × 10 % = 20. The rest is out, and said."""
    base = monter(
        tmp_path,
        {
            "rpls": PARC,
            "reservataires": ALS,
            "droits": """
                code_reservataire ; ident_rep ; nature_droit ; origine_droit ; nombre_droits ; date_debut ; date_fin \
; structure_collective
                ALS ; ; ds ; peec ; 10 ; ; 31/12/2030 ;
                ALS ; ; ds ; peec ; 30 ; ; 31/12/2026 ;
                # éteint le 30/12/2022, pas encore commencé, foyer déclaré, résidence étudiante du RPLS, PNRU
                ALS ; ; ds ; peec ; 100 ; ; 30/12/2022 ;
                ALS ; ; ds ; peec ; 100 ; 01/01/2023 ; 31/12/2040 ;
                ALS ; ; ds ; peec ; 7 ; ; 31/12/2030 ; oui
                ALS ; 2 ; ds ; peec ; 2 ; ; 31/12/2030 ;
                ALS ; ; ds ; pnru ; 4 ; ; 31/12/2030 ;
            """,
            "volumes_droits": """
                annee ; code_reservataire ; taux_rotation_pct
                2023  ; ALS               ; 10
            """,
        },
        ["bilan.volume_droits"],
        annee=2023,
    )
    assert valeurs(base, "ds", "duree", "taux", "ds_convertis", "du_convertis", "collectifs", "pnru", "total") == {
        "ds": "40",
        "duree": "5",
        "taux": "10",
        "ds_convertis": "20",
        "du_convertis": "20",
        "collectifs": "9",
        "pnru": "4",
        "total": "20",
    }
    # sans programmes_neufs ni volume négocié : inconnus, jamais zéro
    assert valeurs(base, "negocie", "operations_ds", "operations_parc") == {
        "negocie": "",
        "operations_ds": "",
        "operations_parc": "",
    }


def test_droits_sans_terme_comptes_hors_de_la_moyenne(tmp_path: Path) -> None:
    base = monter(
        tmp_path,
        {
            "rpls": PARC,
            "reservataires": ALS,
            "droits": """
                code_reservataire ; nature_droit ; nombre_droits ; date_fin
                ALS               ; ds           ; 30            ; 31/12/2026
                ALS               ; ds           ; 10            ;
            """,
        },
        ["bilan.volume_droits"],
        annee=2023,
    )
    assert valeurs(base, "ds", "duree", "sans_terme", "ds_convertis") == {
        "ds": "40",
        "duree": "4",
        "sans_terme": "10",
        "ds_convertis": "11.84",  # 40 × 4 × 7,40 %
    }


def test_plafond_npnru_par_categorie(tmp_path: Path) -> None:
    """Category R: 4 × 3 = 12, ceiling 25 % of 40 dwellings = 10; category L: 2 × 3 = 6 under its ceiling of 20."""
    tables = {
        "rpls": PARC,
        "reservataires": ALS,
        "droits": """
            code_reservataire ; nature_droit ; origine_droit ; nombre_droits ; zone_npnru ; categorie_npnru
            ALS               ; ds           ; npnru         ; 4             ; A          ; R
            ALS               ; ds           ; npnru         ; 2             ; A          ; L
        """,
        "coefficients_npnru": """
            zone_npnru ; categorie_npnru ; coefficient ; plafond_pct ; nb_logements
            A          ;                 ; 3           ;             ;
                       ; R               ;             ; 25          ; 40
                       ; L               ;             ; 20          ; 100
        """,
    }
    base = monter(tmp_path, tables, ["bilan.volume_droits"], annee=2023)
    assert valeurs(base, "npnru_calcul", "npnru_plafond", "npnru_retenus", "npnru_total") == {
        "npnru_calcul": "18",
        "npnru_plafond": "16",
        "npnru_retenus": "16",
        "npnru_total": "16",
    }
    sans = monter(
        tmp_path, {k: v for k, v in tables.items() if k != "coefficients_npnru"}, ["bilan.volume_droits"], annee=2023
    )
    assert valeurs(sans, "npnru_calcul", "npnru_convertis", "du_convertis", "total") == {
        "npnru_calcul": "",
        "npnru_convertis": "",
        "du_convertis": "",
        "total": "",
    }


MOUVEMENT = {
    "rpls": PARC,
    "reservataires": ALS,
    "droits": """
        code_reservataire ; nature_droit     ; nombre_droits ; date_debut
        ALS               ; du_parc          ; 50            ; 01/01/2020
        ALS               ; du_premier_tour  ; 4             ; 01/03/2023
        ALS               ; du_parc          ; 7             ; 15/06/2023
        ALS               ; du_parc          ; 9             ; 01/01/2024
    """,
    "programmes_neufs": """
        operation ; commune ; statut ; code_reservataire ; nb_du_premier_tour ; nb_du_parc ; nb_du_avant \
; date_convention ; date_livraison ; date_statut
        A ; Arras ; engage ; ALS ; 5 ; 1 ; ; ; ;
        B ; Arras ; engage ; ALS ; 8 ; 2 ; ; 10/05/2023 ; ;
        C ; Arras ; abandonne ; ALS ; 3 ; 0 ; ; ; ;
        D ; Arras ; modifie ; ALS ; 6 ; 0 ; 8 ; ; ;
        E ; Arras ; livre ; ALS ; 2 ; 0 ; ; ; 01/04/2023 ;
        # livrée ou abandonnée avant l'exercice : hors du stock et du mouvement
        F ; Arras ; livre ; ALS ; 9 ; 0 ; ; ; 01/04/2022 ;
        G ; Arras ; abandonne ; ALS ; 9 ; 0 ; ; ; ; 01/04/2022
    """,
    "propositions": """
        id_proposition ; ident_rep ; code_reservataire ; date_mise_a_disposition ; premiere_location
        P1 ; 1 ; ALS ; 01/02/2023 ; oui
    """,
    "attributions": """
        id_decision ; id_proposition ; ident_rep ; code_reservataire ; date_caleol ; decision ; categorie \
; designataire ; date_signature_bail
        D1 ; P1 ; 1 ; ALS ; 01/03/2023 ; attribution ; droit_commun ; reservataire ; 10/03/2023
        D2 ; ; 2 ; ALS ; 01/03/2023 ; attribution ; droit_commun ; ; 11/03/2023
        D3 ; ; 2 ; ALS ; 01/09/2023 ; attribution ; droit_commun ; bailleur ; 12/09/2023
        # sans bail, d'une autre catégorie, signé l'année suivante : rien n'est consommé
        D4 ; ; 1 ; ALS ; 01/10/2023 ; attribution ; droit_commun ; bailleur ;
        D5 ; ; 1 ; ALS ; 01/10/2023 ; attribution ; mutation_interne ; bailleur ; 12/10/2023
        D6 ; ; 1 ; ALS ; 01/12/2023 ; attribution ; droit_commun ; ; 02/01/2024
    """,
}


def test_mouvement_de_l_exercice(tmp_path: Path) -> None:
    """Opening 50 + A 6 + C 3 + D 6 + E 2 = 67; + 12 first tour + 9 parc − 3 abandoned − 2 changed − 3 leases = 80."""
    base = monter(tmp_path, MOUVEMENT, ["bilan.volume_droits"], annee=2023)
    lignes = "ouverture nouveaux_premier_tour nouveaux_parc abandons modifications placements placements_reservataire"
    assert valeurs(base, *lignes.split(), "placements_bailleur", "placements_premier_tour", "cloture") == {
        "ouverture": "67",
        "nouveaux_premier_tour": "12",  # 4 du droit commencé en mars, 8 de l'opération B
        "nouveaux_parc": "9",  # 7 et 2
        "abandons": "-3",
        "modifications": "-2",
        "placements": "-3",
        "placements_reservataire": "2",
        "placements_bailleur": "1",
        "placements_premier_tour": "1",
        "cloture": "80",
    }


def test_stock_d_ouverture_donne_et_modification_inconnue(tmp_path: Path) -> None:
    tables = {
        **MOUVEMENT,
        "programmes_neufs": MOUVEMENT["programmes_neufs"].replace("6 ; 0 ; 8", "6 ; 0 ;  "),
        "volumes_droits": """
            annee ; code_reservataire ; stock_ouverture
            2023  ; ALS               ; 3384
        """,
    }
    base = monter(tmp_path, tables, ["bilan.volume_droits"], annee=2023)
    assert valeurs(base, "ouverture", "modifications", "cloture") == {
        "ouverture": "3384",
        "modifications": "",
        "cloture": "3399",  # 3384 + 12 + 9 − 3 − 3, sans l'effet inconnu de la modification
    }
    (texte,) = lire(base, "select explication from bilan.volume_droits where ligne = 'modifications'")
    assert "dont 1 sans nombre de droits d'avant, effet non compté" in texte["explication"]


def test_seulement_pour_action_logement(tmp_path: Path) -> None:
    base = monter(
        tmp_path,
        {"rpls": PARC, "reservataires": ALS.replace("action_logement", "employeur      ")},
        ["bilan.volume_droits"],
        annee=2023,
    )
    verifier(base, "bilan.volume_droits", "ligne ; valeur")


def test_sans_droits_tout_est_inconnu(tmp_path: Path) -> None:
    base = monter(tmp_path, {"rpls": PARC, "reservataires": ALS}, ["bilan.volume_droits"], annee=2023)
    assert valeurs(base, "ds", "du_existants", "total", "ouverture", "placements", "cloture") == dict.fromkeys(
        ("ds", "du_existants", "total", "ouverture", "placements", "cloture"), ""
    )
