"""What the law does of an attribution that fails, of the État's own contingent and of injunctions (`cas/echecs`).

L.441-1 al. 34 (injunction), al. 43 (the bailleur's quarter), al. 44 (in QPV the dwelling goes to the mayor);
[003] art. 4 b (100 % of the État's contingent) and 4 d (forecast of priority households).
"""

from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier

CAMPAGNE = cas("echecs")
TABLES = (
    "bilan.quotas", "bilan.qpv_echecs", "bilan.objectifs_prioritaires", "bilan.autres_attributions",
    "bilan.publics_prioritaires", "bilan.croisements",
)  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return monter(tmp_path_factory.mktemp("echecs"), CAMPAGNE, TABLES)


def test_ce_qui_echoue_en_qpv_va_au_maire(base: Path) -> None:
    """Dwellings 1 (a refusal and a silence) and 2 (nobody retained). 3 is out of QPV. 6, of unknown place, is shown."""
    attendu = """
        code_titulaire ; id_logement ; nb_candidats ; libelle_echec                               ; motif_echec
        VILLE          ; 0000000001  ; 2            ; Refus de tous les attributaires             ; Trop petit
        VILLE          ; 0000000002  ; 1            ; Aucun candidat retenu par la commission     ; Dossier incomplet
    """
    verifier(base, "bilan.qpv_echecs", attendu, "code_reservataire = 'VILLE'")
    attendu += "ALS; 0000000006; 1; Sans réponse des attributaires (vaut refus); Non renseigné"
    verifier(base, "bilan.qpv_echecs", attendu, "code_reservataire = '_bailleur'")


def test_ce_qu_il_en_est_advenu(base: Path) -> None:
    """1 went to a household of the first quartile, which al. 44 forbids; the mutation of 6 has no known quartile."""
    verifier(
        base,
        "bilan.qpv_echecs",
        """
        id_logement ; date_suite ; suite_donnee
        0000000001  ; 2025-05-01 ; Attribué au premier quartile : contraire à l'al. 44
        0000000002  ;            ; À mettre à disposition du maire
        0000000006  ; 2025-10-01 ; Attribué, quartile non renseigné
        """,
        "code_reservataire = '_bailleur'",
    )


def test_le_maire_voit_les_echecs_des_autres_dans_sa_commune(base: Path) -> None:
    """AUTRE is the town of dwelling 6, whose candidate was Action Logement's; the armies see nothing."""
    requete = "select code_reservataire from bilan.qpv_echecs where id_logement = '0000000006' order by all"
    assert [ligne["code_reservataire"] for ligne in lire(base, requete)] == [
        "ALS", "AUTRE", "_bailleur", "epci_200040764",
    ]  # fmt: skip


def test_le_quart_du_bailleur_comprend_ce_qu_il_reprend(base: Path) -> None:
    """Non réservé: N1 (dwelling 1) and V5, which names the town but was designated by the bailleur after V4 failed.

    The town: V1-V2 and V4. M1 names nobody and follows A1's silence: a third. The injunction is of no contingent.
    """
    verifier(
        base,
        "bilan.quotas",
        """
        contingent      ; total ; conformes ; inconnus ; dont_reprises ; manque_au_moins ; manque_au_plus
        collectivite    ; 2     ; 2         ; 0        ; 0             ; 0               ; 0
        action_logement ; 1     ; 0         ; 1        ; 0             ; 0               ; 1
        non_reserve     ; 3     ; 1         ; 1        ; 3             ; 0               ; 0
        """,
        "code_reservataire = '_bailleur' and quota = 'prioritaires'",
    )


def test_le_contingent_de_l_etat_est_mobilise_a_100_pour_cent(base: Path) -> None:
    """E1 is DALO, E2 is not a priority: one is missing. Only the État and the bailleur see this quota."""
    verifier(
        base,
        "bilan.quotas",
        """
        code_reservataire ; total ; conformes ; seuil_pct ; manque_au_plus ; conclusion
        ETAT              ; 2     ; 1         ; 100       ; 1              ; Non atteint : il manque 1
        _bailleur         ; 2     ; 1         ; 100       ; 1              ; Non atteint : il manque 1
        """,
        "quota = 'prioritaires_etat' and code_reservataire not like 'epci%'",
    )


def test_objectif_previsionnel_de_prioritaires(base: Path) -> None:
    """Foreseen: 1,2 for 6 dwellings. Département: 3 − 1,2 = 1,8, of which 30 % to the État, all of it; ALS 0,18 × 25 %.

    Ajaccio, 5 dwellings: 2,5 − 1 = 1,5, of which 20 %. Bonifacio: 0,5 − 0,2 = 0,3, of which 20 %.
    """
    verifier(
        base,
        "bilan.objectifs_prioritaires",
        """
        code_titulaire ; flux_suivant ; seuil_pct ; objectif_prioritaires ; nb_prioritaires_attendus
        ETAT           ; 0.54         ; 100       ; 0.54                  ; 1
        ALS            ; 0.18         ; 25        ; 0.045                 ; 1
        VILLE          ; 0.3          ; 25        ; 0.075                 ; 1
        AUTRE          ; 0.06         ; 25        ; 0.015                 ; 1
        """,
        "code_reservataire = '_bailleur'",
    )


def test_injonctions_et_mutations_du_territoire(base: Path) -> None:
    """The mutation names nobody: Bonifacio reads 0 of its own, 1 on its territory. The injunction names the État."""
    verifier(
        base,
        "bilan.autres_attributions",
        """
        code_reservataire ; categorie         ; nombre ; nombre_territoire
        AUTRE             ; mutation_interne  ; 0      ; 1
        VILLE             ; injonction_prefet ; 0      ; 1
        ETAT              ; injonction_prefet ; 1      ; 1
        ETAT              ; mutation_interne  ; 0      ; 1
        _bailleur         ; injonction_prefet ; 1      ; 1
        _bailleur         ; mutation_interne  ; 1      ; 1
        """,
        """dimension = 'total' and (nombre > 0 or nombre_territoire > 0)
            and code_reservataire in ('AUTRE', 'VILLE', 'ETAT', '_bailleur')""",
    )


def test_le_premier_quartile_est_un_public(base: Path) -> None:
    """Attributions: 1 (01/03 and 01/05), 3 twice, 4, 5 twice, 6 twice. First quartile: N1, E1, I1; unknown: 6 twice."""
    verifier(
        base,
        "bilan.publics_prioritaires",
        """
        dimension ; modalite         ; attribues_ensemble ; attribues_premier_quartile ; attribues_quartile_inconnu
        total     ; total            ; 9                  ; 3                          ; 2
        quartile  ; premier_quartile ; 3                  ; 3                          ; 0
        quartile  ; autre            ; 4                  ; 0                          ; 0
        quartile  ; non_renseigne    ; 2                  ; 0                          ; 2
        """,
        "code_reservataire = '_bailleur' and dimension in ('total', 'quartile')",
    )


def test_les_croisements_que_les_destinataires_demandent(base: Path) -> None:
    """Ajaccio: 1 is a T3 in QPV (VILLE then non réservé), 3 and 5 T3 out of it, 4 a T3 in it. 2 was never attributed.

    Five attributions in flux: 1 twice, 3 twice, 4, 5. Refusals: V1 « Trop petit », V2 silent, V4 « Quartier ».
    """
    verifier(
        base,
        "bilan.croisements",
        """
        croisement        ; code_titulaire ; modalite_1   ; modalite_2 ; attribues ; refus ; baux_signes
        commune_typologie ; VILLE          ; 2A004        ; T3         ; 3         ; 3     ; 1
        commune_typologie ; non_reserve    ; 2A004        ; T3         ; 1         ; 0     ; 1
        commune_typologie ; ETAT           ; 2A004        ; T3         ; 2         ; 0     ; 2
        public_qpv        ; VILLE          ; prioritaire  ; en_qpv     ; 1         ; 1     ; 0
        public_qpv        ; VILLE          ; prioritaire  ; hors_qpv   ; 1         ; 1     ; 0
        public_qpv        ; VILLE          ; autre        ; en_qpv     ; 0         ; 1     ; 0
        public_qpv        ; VILLE          ; autre        ; hors_qpv   ; 1         ; 0     ; 1
        public_qpv        ; non_reserve    ; prioritaire  ; en_qpv     ; 1         ; 0     ; 1
        public_qpv        ; ETAT           ; dalo         ; en_qpv     ; 1         ; 0     ; 1
        public_qpv        ; ETAT           ; autre        ; hors_qpv   ; 1         ; 0     ; 1
        commune_qpv       ;                ; 2A004        ; en_qpv     ; 3         ; 2     ; 2
        commune_qpv       ;                ; 2A004        ; hors_qpv   ; 3         ; 1     ; 2
        financement_typologie;             ; PLUS         ; T3         ; 6         ; 3     ; 4
        motif_financement ;                ; Trop petit   ; PLUS       ;           ; 1     ;
        motif_financement ;                ; Sans réponse ; PLUS       ;           ; 1     ;
        motif_financement ;                ; Quartier     ; PLUS       ;           ; 1     ;
        motif_qpv         ;                ; Trop petit   ; en_qpv     ;           ; 1     ;
        motif_qpv         ;                ; Sans réponse ; en_qpv     ;           ; 1     ;
        motif_qpv         ;                ; Quartier     ; hors_qpv   ;           ; 1     ;
        """,
        "code_reservataire = 'VILLE'",
    )
