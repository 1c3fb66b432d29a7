"""Which convention applies on a territory at a date, and where dwellings are: the interface of the amounts."""

from pathlib import Path

from tests.modeles.harnais import monter, verifier

COLONNES = (
    "code_reservataire; libelle; type_reservataire; echelle; code_territoire; mode_taux; taux_pct; base_rotation; "
    "date_debut; date_fin"
)
SUITE = "commune; commune; 2A004; imprime; 10; fixe"
RPLS = "millesime; ident_rep; depcom\n2025; 1; 2A004"


def _monter(dossier: Path, conventions: str, rpls: str = RPLS) -> Path:
    entete = COLONNES + "; taux_rotation_pct; evenement_decompte"
    lignes = [f"{ligne}; 5; bail" for ligne in conventions.strip().splitlines()]
    tables = {"reservataires": "\n".join([entete, *lignes]), "rpls": rpls}
    return monter(
        dossier,
        tables,
        [
            "intermediaire.conventions_en_vigueur",
            "intermediaire.conventions",
            "intermediaire.parc",
            "intermediaire.territoires_lieux",
        ],
    )


def test_apres_la_fin_et_entre_deux_la_derniere_s_applique_encore(tmp_path: Path) -> None:
    base = _monter(tmp_path, f"V; Une; {SUITE}; 01/01/2020; 31/12/2021\nV; Deux; {SUITE}; 01/07/2023; 31/12/2024")
    verifier(
        base,
        "intermediaire.conventions_datees",
        """
        id_convention              ; libelle ; debut_effet ; fin_effet
        V commune 2A004 2020-01-01 ; Une     ; 2020-01-01  ; 2023-06-30
        V commune 2A004 2023-07-01 ; Deux    ; 2023-07-01  ; 9999-12-31
        """,
    )


def test_de_deux_qui_courent_la_derniere_commencee_puis_la_premiere_reprend(tmp_path: Path) -> None:
    base = _monter(tmp_path, f"V; Longue; {SUITE}; ; \nV; Breve; {SUITE}; 01/01/2025; 30/06/2025")
    verifier(
        base,
        "intermediaire.conventions_datees",
        """
        id_convention              ; libelle ; debut_effet ; fin_effet
        V commune 2A004            ; Longue  ; 0001-01-01  ; 2024-12-31
        V commune 2A004 2025-01-01 ; Breve   ; 2025-01-01  ; 2025-06-30
        V commune 2A004 n° 1.2     ; Longue  ; 2025-07-01  ; 9999-12-31
        """,
    )


def test_la_premiere_a_commencer_quand_aucune_n_a_commence(tmp_path: Path) -> None:
    """W has begun in one town only; V begins in March: at 1/1/2025 it is taken all the same, and said."""
    base = _monter(
        tmp_path,
        f"V; Mars; {SUITE}; 01/03/2025; \nV; Avril; commune; commune; 2A041; imprime; 10; fixe; 01/04/2025; \n"
        "W; Ici; commune; commune; 2A004; imprime; 10; fixe; ; \nW; Plus tard; commune; departement; 2A; imprime; 10; "
        "fixe; 01/02/2025; ",
    )
    verifier(
        base,
        "intermediaire.conventions_en_vigueur",
        """
        id_convention              ; est_anticipee ; numero
        V commune 2A004 2025-03-01 ; oui           ; 1
        W commune 2A004            ; non           ; 1
        """,
        "usage = 'bilan'",
    )


def test_ept_et_communes_fusionnees_sont_au_present(tmp_path: Path) -> None:
    """Pierrefitte is in Saint-Denis since 2025; an EPT is found under both scales; Paris is in none."""
    base = _monter(
        tmp_path,
        "P; Plaine; epci; epci; 200057867; imprime; 10; fixe; ; \n"
        "Q; Plaine; epci; ept; 200057867; imprime; 10; fixe; ; \n"
        "R; Ville; commune; commune; 93059; imprime; 10; fixe; ; ",
        "millesime; ident_rep; depcom\n2025; 1; 93059\n2025; 2; 93066\n2025; 3; 75101",
    )
    verifier(
        base,
        "intermediaire.conventions",
        """
        code_reservataire ; echelle ; code_territoire
        P                 ; ept     ; 200057867
        Q                 ; ept     ; 200057867
        R                 ; commune ; 93066
        """,
    )
    verifier(
        base,
        "intermediaire.parc inner join intermediaire.territoires_lieux using (id_lieu)",
        """
        id_logement ; echelle     ; code_territoire
        0000000001  ; commune     ; 93066
        0000000001  ; ept         ; 200057867
        0000000001  ; epci        ; 200054781
        0000000001  ; departement ; 93
        0000000002  ; commune     ; 93066
        0000000002  ; ept         ; 200057867
        0000000002  ; epci        ; 200054781
        0000000002  ; departement ; 93
        0000000003  ; commune     ; 75056
        0000000003  ; epci        ; 200054781
        0000000003  ; departement ; 75
        """,
        "echelle <> 'bailleur'",
    )
