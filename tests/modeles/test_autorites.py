"""Statements that the law asks of the bailleur itself, counted by hand: semesters, designations, 1 March, guarantors.

Six dwellings: 1 to 4 in Annemasse (an EPCI bound by the quota), hors QPV but 4; 5 in Bastia (another département);
6 in Annemasse, QPV not known.
"""

from pathlib import Path

import duckdb
import pytest

from flows.livrables import version_publique
from tests.modeles.harnais import lire, monter, verifier

CIBLES = [f"bilan.{t}" for t in ("semestres_prefet", "designations", "releve_prefet", "avis_garants")]
PARC = {
    "reservataires": """
        code_reservataire; libelle; type_reservataire; echelle; code_territoire; mode_taux; taux_pct; evenement_decompte
        ETAT; Préfecture; etat_prioritaires; bailleur; ; imprime; 30; bail
        VILLE; Annemasse; commune; commune; 74012; imprime; 10; bail
        """,
    "rpls": """
        millesime; ident_rep; depcom; nbpiece; finan; qpv; locat
        2025; 1; 74012; 3; 13; 2; 1990
        2025; 2; 74012; 3; 13; 2; 1990
        2025; 3; 74012; 3; 13; 2; 1990
        2025; 4; 74012; 3; 13; 1; 1990
        2025; 5; 2B033; 3; 13; 2; 1990
        2025; 6; 74012; 3; 13; ; 1990
        """,
}
CAMPAGNE = PARC | {
    "attributions": """
        id_decision;ident_rep;code_reservataire;date_caleol;decision;reponse_candidat;date_signature_bail;categorie;quartile_1
        D1; 1; ETAT; 10/01/2025; attribution; accepte; 01/02/2025; droit_commun; oui
        D2; 1; ETAT; 10/01/2025; non_attribution; ; ; droit_commun; non
        D3; 2; VILLE; 10/06/2025; attribution; accepte; 01/07/2025; droit_commun; non
        D4; 3; ; 10/06/2025; attribution; accepte; 30/06/2025; droit_commun;
        D5; 4; ETAT; 10/06/2025; attribution; refuse; ; droit_commun; oui
        D6; 5; ETAT; 10/06/2025; attribution; accepte; 20/06/2025; droit_commun; oui
        D7; 6; ; 10/11/2025; attribution; accepte; 20/11/2025; droit_commun; oui
        """,
    "droits": """
        code_reservataire; ident_rep; nature_droit; origine_droit; nombre_droits; date_fin_emprunt
        VILLE; 1; contingent; garantie_emprunt; 1; 30/09/2025
        VILLE; 2; contingent; garantie_emprunt; 1; 30/09/2030
        ETAT; 3; contingent; garantie_emprunt; 1; 31/03/2025
        """,
    "demandes": """
        epci; plafond; typologie; nombre
        200011773; PLUS; T3; 40
        200011773; PLAI; T2; 2
        """,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return monter(tmp_path_factory.mktemp("autorites"), CAMPAGNE, CIBLES)


def test_chaque_semestre_a_ses_baux_hors_qpv(base: Path) -> None:
    """Bastia's EPCI is bound too. The lease of 1 July is of the second semester, where dwelling 6 has no known QPV."""
    verifier(base, "bilan.semestres_prefet", """
        libelle_epci ; semestre ; date_arrete ; total ; conformes ; inconnus ; non_localises ; part_pct ; manque_au_plus
        CA Annemasse-Les Voirons-Agglomération ; 1 ; 2025-06-30 ; 2 ; 1 ; 1 ; 0 ; 50  ; 0
        CA Annemasse-Les Voirons-Agglomération ; 2 ; 2025-12-31 ; 1 ; 0 ; 0 ; 1 ; 0   ; 1
        CA de Bastia                           ; 1 ; 2025-06-30 ; 1 ; 1 ; 0 ; 0 ; 100 ; 0
        CA de Bastia                           ; 2 ; 2025-12-31 ; 0 ; 0 ; 0 ; 0 ;     ; 0
    """)  # fmt: skip


def test_les_designations_par_departement(base: Path) -> None:
    """Seven candidates: five for ETAT or VILLE, two of the bailleur's; each total adds up."""
    verifier(base, "bilan.designations", """
        code_departement ; contingent  ; libelle_contingent                  ; designes
        2B               ; etat        ; État                                ; 1
        2B               ; total       ; Ensemble                            ; 1
        74               ; collectivite; Collectivités territoriales et EPCI ; 1
        74               ; etat        ; État                                ; 3
        74               ; non_reserve ; Bailleur (logements non réservés)   ; 2
        74               ; total       ; Ensemble                            ; 6
        total            ; collectivite; Collectivités territoriales et EPCI ; 1
        total            ; etat        ; État                                ; 4
        total            ; non_reserve ; Bailleur (logements non réservés)   ; 2
        total            ; total       ; Ensemble                            ; 7
    """)  # fmt: skip


def test_le_releve_compte_et_dit_ce_qu_il_ne_sait_pas(base: Path, tmp_path: Path) -> None:
    attendu = {
        **{1: "6", 2: "0", 3: "2", 4: "0", 5: "5", 6: "0", 7: "", 8: "", 9: "1", 10: "3", 11: "1", 12: "0"},
        **{13: "2", 14: "0", 15: "", 16: "42"},
    }
    lues = lire(base, "select ordre, valeur from bilan.releve_prefet order by ordre")
    assert {int(x["ordre"]): x["valeur"] for x in lues} == attendu
    # with the two mandatory files alone, only the parc is known: the rest is blank, never zero
    seuls = lire(monter(tmp_path, PARC, CIBLES), "select ordre, valeur from bilan.releve_prefet order by ordre")
    assert {int(x["ordre"]): x["valeur"] for x in seuls} == {1: "6"} | dict.fromkeys(range(2, 17), "")


def test_le_garant_est_informe_quand_son_emprunt_finit(base: Path) -> None:
    """Loans that end in the year; a commune keeps its rights five years more (R.441-6), the State does not."""
    verifier(base, "bilan.avis_garants", """
        code_titulaire ; date_fin_emprunt ; avis
        VILLE ; 2025-09-30 ; Emprunt remboursé : garant à informer, droits jusqu'au 30/09/2030
        ETAT  ; 2025-03-31 ; Emprunt remboursé : garant à informer, droits éteints
    """)  # fmt: skip


def test_la_version_publique_cache_les_petites_designations(tmp_path: Path) -> None:
    """Nothing hidden is found again by adding or subtracting what is shown of the table."""
    tables = monter(tmp_path, CAMPAGNE)
    version_publique.rediger(tables, tmp_path / "public.duckdb", 3)
    with duckdb.connect(str(tmp_path / "public.duckdb"), read_only=True) as con:
        lues = con.execute("select code_departement, contingent, cast(designes as varchar) from bilan.designations")
        montres = {(ou, qui): valeur for ou, qui, valeur in lues.fetchall()}
    assert montres["74", "etat"] == montres["2B", "etat"] == "s." and montres["74", "non_reserve"] == "s."
    for total in ("2B", "74"):
        caches = [c for c in montres if c[0] == total and montres[c] == "s."]
        assert len(caches) != 1, caches
    for qui in ("etat", "collectivite", "non_reserve", "total"):
        assert len([c for c in montres if c[1] == qui and montres[c] == "s."]) != 1, qui
