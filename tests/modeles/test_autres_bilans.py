"""The other bilans ([002] art. 6.2, [003] art. 5): priority households, mutations, relogements, CALEOL, rates.

`cas/autres_bilans`: eight dwellings in Ajaccio (2A004), two of them in QPV, one delivered in the year, and a ninth in
another town; one convention of the town, one of Action Logement on the département. D1 and D2 are two candidates ranked
for one dwelling: one attribution; D7 and D8 are hors flux; D9 is of the year before, its lease of this one.
"""

from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier

CAMPAGNE = cas("autres_bilans")
TABLES = ("bilan.publics_prioritaires", "bilan.mutations", "bilan.flux_disponible", "bilan.caleol", "bilan.taux")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return monter(tmp_path_factory.mktemp("autres"), CAMPAGNE, TABLES)


def test_publics_prioritaires_de_la_ville(base: Path) -> None:
    """Presented: D1, D2, D8 of five. Attributed: dwellings 1 (D2 signs) and 5, of three. Leased: 1 and 5, of three."""
    verifier(
        base,
        "bilan.publics_prioritaires",
        """
        modalite;presentes;presentes_ensemble;attribues;attribues_ensemble;attribues_pct;baux_prioritaires;baux_ensemble
        total;3;5;2;3;66.666667;2;3
        dalo;1;1;0;0;;0;0
        prioritaire;2;2;2;2;100;2;2
        autre;0;1;0;1;0;0;1
        non_renseigne;0;1;0;0;;0;0
        Handicap;1;1;0;0;;0;0
        Mal logement;2;2;2;2;100;2;2
        """,
        "code_reservataire = 'VILLE' and dimension in ('total', 'public', 'motif_priorite')",
    )
    verifier(
        base,
        "bilan.publics_prioritaires",
        """
        dimension ; modalite ; presentes ; attribues ; attribues_ensemble ; baux_prioritaires ; baux_ensemble
        qpv       ; en_qpv   ; 2         ; 1         ; 1                  ; 1                 ; 1
        qpv       ; hors_qpv ; 1         ; 1         ; 2                  ; 1                 ; 2
        typologie ; T2       ; 2         ; 1         ; 1                  ; 1                 ; 2
        typologie ; T3       ; 0         ; 0         ; 1                  ; 0                 ; 0
        typologie ; T4       ; 1         ; 1         ; 1                  ; 1                 ; 1
        """,
        "code_reservataire = 'VILLE' and dimension in ('qpv', 'typologie')",
    )


def test_une_priorite_non_renseignee_n_est_pas_un_non(base: Path) -> None:
    verifier(
        base,
        "bilan.publics_prioritaires",
        """
        modalite ; presentes ; attribues ; attribues_ensemble ; attribues_inconnus
        total    ; 0         ; 0         ; 1                  ; 1
        """,
        "code_reservataire = 'ALS' and dimension = 'total'",
    )


def test_le_flux_dont_le_bailleur_a_dispose(base: Path) -> None:
    """On the town: dwelling 8 is elsewhere, 9 is delivered in the year, 4 and 5 served a mutation and a relogement."""
    verifier(
        base,
        "bilan.flux_disponible",
        """
        modalite ; parc_soumis ; liberations ; livraisons ; mutations_internes ; relogements_anru ; relogements_orcod
        total    ; 7           ; 6           ; 1          ; 1                  ; 1                ; 0
        en_qpv   ; 2           ; 2           ; 0          ; 0                  ; 0                ; 0
        hors_qpv ; 5           ; 4           ; 1          ; 1                  ; 1                ; 0
        PLAI     ; 2           ; 2           ; 0          ; 1                  ; 1                ; 0
        PLUS     ; 3           ; 3           ; 1          ; 0                  ; 0                ; 0
        PLS      ; 2           ; 1           ; 0          ; 0                  ; 0                ; 0
        """,
        "code_reservataire = 'VILLE' and dimension in ('total', 'qpv', 'financement')",
    )


def test_mutations_par_motif_et_par_qui_les_sert(base: Path) -> None:
    verifier(
        base,
        "bilan.mutations",
        """
        code_reservataire ; motif_mutation       ; est_total ; nombre ; part_pct ; nombre_servi
        VILLE             ; Sous-occupation      ; non       ; 1      ; 100      ; 0
        VILLE             ; Toutes les mutations ; oui       ; 1      ; 100      ; 0
        """,
        "code_reservataire = 'VILLE'",
    )


def test_indicateurs_de_la_commission(base: Path) -> None:
    """Five dossiers of the town in 2025, of which D8 is a relogement."""
    verifier(
        base,
        "bilan.caleol",
        """
        rubrique         ; libelle_modalite           ; nombre ; part_pct  ; nombre_flux
        dossiers         ; Tous les dossiers          ; 5      ; 100       ; 4
        decision         ; Attribution                ; 2      ; 40        ; 1
        decision         ; Attribution par rang       ; 2      ; 40        ; 2
        decision         ; Attribution sous condition ; 0      ; 0         ; 0
        decision         ; Non-attribution            ; 1      ; 20        ; 1
        decision         ; Irrecevabilité             ; 0      ; 0         ; 0
        motif_commission ; Dossier incomplet          ; 1      ; 100       ; 1
        reponse          ; Accepte                    ; 2      ; 50        ; 1
        reponse          ; Refuse                     ; 1      ; 25        ; 1
        reponse          ; Sans réponse (vaut refus)  ; 1      ; 25        ; 1
        reponse          ; Non renseignée             ; 0      ; 0         ; 0
        motif_menage     ; Localisation               ; 1      ; 50        ; 1
        motif_menage     ; Sans réponse               ; 1      ; 50        ; 1
        baux             ; Tous les baux              ; 3      ; 100       ; 2
        dalo             ; Oui                        ; 1      ; 20        ; 1
        dalo             ; Non                        ; 3      ; 60        ; 2
        dalo             ; Non renseigné              ; 1      ; 20        ; 1
        prioritaire      ; Oui                        ; 3      ; 60        ; 2
        prioritaire      ; Non                        ; 1      ; 20        ; 1
        prioritaire      ; Non renseigné              ; 1      ; 20        ; 1
        motif_priorite   ; Handicap                   ; 1      ; 33.333333 ; 1
        motif_priorite   ; Mal logement               ; 2      ; 66.666667 ; 1
        """,
        "code_reservataire = 'VILLE'",
    )


def test_taux_de_la_ville(base: Path) -> None:
    """Six releases in Ajaccio, less a mutation and a relogement: four; three proposed, one without candidate."""
    verifier(
        base,
        "bilan.taux",
        """
        taux             ; numerateur ; denominateur ; taux_pct
        orientation      ; 3          ; 6            ; 50
        orientation_flux ; 3          ; 4            ; 75
        carence          ; 1          ; 3            ; 33.333333
        attribution      ; 2          ; 3            ; 66.666667
        refus            ; 2          ; 3            ; 66.666667
        bail             ; 1          ; 2            ; 50
        """,
        "code_reservataire = 'VILLE'",
    )


def test_sans_attributions_rien_n_est_zero(tmp_path: Path) -> None:
    """No input table: no row where there is nothing to say, null where the row is needed."""
    base = monter(tmp_path, {t: lignes for t, lignes in CAMPAGNE.items() if t != "attributions"}, TABLES)
    for table in ("bilan.publics_prioritaires", "bilan.mutations", "bilan.caleol"):
        assert lire(base, f"select count(*) as n from {table}") == [{"n": "0"}]
    verifier(
        base,
        "bilan.taux",
        """
        taux             ; numerateur ; denominateur ; taux_pct
        orientation      ; 3          ; 6            ; 50
        orientation_flux ; 3          ;              ;
        carence          ; 1          ; 3            ; 33.333333
        attribution      ;            ; 3            ;
        refus            ;            ;              ;
        bail             ;            ;              ;
        """,
        "code_reservataire = 'VILLE'",
    )
    verifier(
        base,
        "bilan.flux_disponible",
        """
        parc_soumis ; liberations ; livraisons ; mutations_internes ; relogements_anru ; relogements_vente
        7           ; 6           ; 1          ;                    ;                  ;
        """,
        "code_reservataire = 'VILLE' and dimension = 'total'",
    )


def test_sans_le_millesime_suivant_les_livraisons_sont_inconnues(tmp_path: Path) -> None:
    rpls = "\n".join(ligne for ligne in CAMPAGNE["rpls"].splitlines() if not ligne.startswith("2026"))
    base = monter(tmp_path, {**CAMPAGNE, "rpls": rpls}, ["bilan.flux_disponible"])
    total = "code_reservataire = 'VILLE' and dimension = 'total'"
    verifier(base, "bilan.flux_disponible", "parc_soumis ; livraisons\n7 ; ", total)
