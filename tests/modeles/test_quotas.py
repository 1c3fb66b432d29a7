"""Legal quotas and ceilings: what is known, unknown, missing ([003] art. 1 and 4, [004] art. 3 and 7, R.441-5-2).

`cas/quotas`: eight dwellings out of QPV and four in QPV in Ajaccio, one in Bonifacio whose location is unknown.
"""

from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier

CAMPAGNE = cas("quotas")
TABLES = ("bilan.quotas", "bilan.part_etat", "bilan.plafonds", "bilan.retrocession_pnru")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return monter(tmp_path_factory.mktemp("quotas"), CAMPAGNE, TABLES)


def test_quotas_du_bailleur(base: Path) -> None:
    """Out of QPV: 4 leases (A1-A4), of which A4 counts as relogé ANRU and A3 is unknown.

    C1, of unknown QPV, is in a communauté de communes that no list binds: for information.

    In QPV: 3 attributions, B2 only is above the first quartile: two are needed (half of three, rounded up).
    """
    verifier(
        base,
        "bilan.quotas",
        """
        quota;portee;total;conformes;inconnus;non_localises;part_pct;manque_au_moins;manque_au_plus;conclusion
        premier_quartile_hors_qpv;obligatoire;4;1;1;0;25;0;0;Atteint
        premier_quartile_hors_qpv;pour information;0;0;0;1;;0;0;Atteint
        hors_premier_quartile_qpv;obligatoire;3;1;0;0;33.333333;1;1;Non atteint : il manque 1
        hors_premier_quartile_qpv;pour information;0;0;0;1;;0;1;Indéterminé : 1 non renseigné(s), il manque 1 au plus
        """,
        "code_reservataire = '_bailleur' and quota like '%_quartile_%'",
    )


def test_prioritaires_par_contingent(base: Path) -> None:
    """Towns: A1, A2, A5, B3, one priority of four. ALS: A3 unknown, B2 no. Non réservé: A4, C1. The State: no quota."""
    verifier(
        base,
        "bilan.quotas",
        """
        contingent;total;conformes;dont_dalo;inconnus;part_pct;manque_au_moins;manque_au_plus;conclusion
        collectivite;4;1;0;0;25;0;0;Atteint
        action_logement;2;0;0;1;0;0;1;Indéterminé : 1 non renseigné(s), il manque 1 au plus
        non_reserve;2;1;1;0;50;0;0;Atteint
        """,
        "code_reservataire = '_bailleur' and quota = 'prioritaires'",
    )
    verifier(
        base,
        "bilan.quotas",
        """
        code_reservataire ; contingent      ; total ; conformes ; inconnus ; manque_au_moins ; manque_au_plus
        VILLE             ; collectivite    ; 4     ; 1         ; 0        ; 0               ; 0
        DEPT              ; collectivite    ; 0     ; 0         ; 0        ; 0               ; 0
        ALS               ; action_logement ; 2     ; 0         ; 1        ; 0               ; 1
        """,
        "quota = 'prioritaires' and code_reservataire in ('VILLE', 'DEPT', 'ALS', 'ETAT', 'AGENTS')",
    )


def test_part_de_l_etat_dans_le_flux_observe(base: Path) -> None:
    """Ajaccio: 10 releases less a relogement and a mutation: 8, of which 30 % is 2,4, so 3; the State was offered 5.

    Hors QPV: 7 releases less the relogement: 6, so at least 2; the State was offered 3. Bonifacio: nothing offered.
    """
    verifier(
        base,
        "bilan.part_etat",
        """
        modalite;liberations;hors_flux;flux_observe;proposes_prioritaires;proposes_agents;part_pct;conclusion
        total;11;2;9;4;1;55.555556;Au-delà du plafond : 2 de trop
        2A004;10;2;8;4;1;62.5;Au-delà du plafond : 2 de trop
        2A041;1;0;1;0;0;0;Dans la limite, à un logement près
        en_qpv;3;1;2;2;0;100;
        hors_qpv;7;1;6;2;1;50;Atteint
        non_renseigne;1;0;1;0;0;0;
        """,
        "code_reservataire = 'ETAT'",
    )
    assert lire(base, "select * from bilan.part_etat where code_reservataire = 'VILLE'") == []


def test_plafonds_des_conventions(base: Path) -> None:
    """The State: 27 + 4 = 31 % of which 4 for its agents. Ajaccio: 25 %, two thirds of it of loan guarantees.

    The département is no guarantor of R.441-5-3: its 3 % count in no ceiling.
    """
    verifier(
        base,
        "bilan.plafonds",
        """
        quota;reservataire;part_pct;part_garanties_pct;part_garanties_max_pct;depassement_max_points;conclusion
        etat;AGENTS;31;;;1;Au-delà du plafond
        etat_agents;AGENTS;4;;;0;Dans la limite
        collectivites_garanties;VILLE;25;16.666667;16.666667;0;Dans la limite : le reste vient de subventions ou de foncier
        """,  # noqa: E501
        "code_reservataire = '_bailleur'",
    )


def test_un_droit_sans_origine_est_dans_la_borne_haute(tmp_path: Path) -> None:
    """Four rights of thirteen dwellings: a guarantee, one whose loan ends (a guarantee too), two of unknown origin.

    Ajaccio, 12 dwellings: 4 ÷ 12 = 33,33 %, of which 16,67 to 33,33 of guarantees. Without rights: nothing or all.
    """
    droits = """
        code_reservataire; ident_rep; nature_droit; origine_droit; date_fin_emprunt
        VILLE; 1; ds; garantie_emprunt;
        VILLE; 2; ds;                 ; 01/01/2040
        VILLE; 3; ds;                 ;
        VILLE; 4; ds;                 ;
    """
    base = monter(tmp_path / "a", {**CAMPAGNE, "droits": droits}, ("controles.part_collectivites", *TABLES))
    colonnes = (
        "part_pct; part_garanties_pct; part_garanties_max_pct; depassement_points; depassement_max_points; conclusion"
    )
    attendu = "33.333333; 16.666667; 33.333333; 0; 13.333333; Indéterminé : l'origine de droits n'est pas fournie"
    verifier(base, "bilan.plafonds", f"{colonnes}\n{attendu}", "code_reservataire = 'VILLE'")
    (signalee,) = lire(base, "select valeur, code_reservataire from controles.part_collectivites")
    assert signalee == {"valeur": "33,33", "code_reservataire": "VILLE"}
    imprimee = CAMPAGNE["reservataires"].replace("droits_sur_parc;   ;", "imprime        ; 22;")
    base = monter(tmp_path / "b", {**CAMPAGNE, "reservataires": imprimee, "droits": droits[:90].split("\n")[1]}, TABLES)
    attendu = "22; 0; 22; 0; 2; Indéterminé : l'origine de droits n'est pas fournie"
    verifier(base, "bilan.plafonds", f"{colonnes}\n{attendu}", "code_reservataire = 'VILLE'")


def test_les_garants_d_un_territoire_ensemble_au_prorata(tmp_path: Path) -> None:
    """The EPCI holds Ajaccio (12 dwellings) alone here: 15 % for it and 10 % for the town, all of guarantees.

    On both territories the guarantors are 25 % together. The one of Bonifacio, 30 %, is on another territory.
    """
    reservataires = """
        code_reservataire;libelle;type_reservataire;echelle;code_territoire;mode_taux;taux_pct;base_rotation;taux_rotation_pct;evenement_decompte
        CAPA ; CA du Pays ajaccien; epci  ; epci   ; 242010056; imprime; 15; fixe; 50; attribution
        VILLE; Ville d'Ajaccio    ; commune; commune; 2A004    ; imprime; 10; fixe; 50; attribution
        BONIF; Bonifacio          ; commune; commune; 2A041    ; imprime; 30; fixe; 50; attribution
        REG  ; Région             ; region ; bailleur;         ; imprime; 40; fixe; 50; attribution
    """
    droits = """
        code_reservataire; ident_rep; nature_droit; origine_droit
        CAPA ; 1 ; ds; garantie_emprunt
        VILLE; 2 ; ds; garantie_emprunt
        BONIF; 21; ds; foncier
    """
    base = monter(tmp_path, {**CAMPAGNE, "reservataires": reservataires, "droits": droits}, TABLES)
    verifier(
        base,
        "bilan.plafonds",
        """
        reservataire; part_pct; part_garanties_pct; part_garanties_max_pct; conclusion
        CAPA        ; 25      ; 25                ; 25                    ; Au-delà du plafond
        VILLE       ; 25      ; 25                ; 25                    ; Au-delà du plafond
        BONIF       ; 30      ; 0                 ; 0                     ; Dans la limite : le reste vient de subventions ou de foncier
        """,  # noqa: E501
        "code_reservataire = '_bailleur'",
    )


def test_sans_inventaire_la_borne_haute_est_toute_la_part(tmp_path: Path) -> None:
    base = monter(tmp_path, {t: x for t, x in CAMPAGNE.items() if t != "droits"}, TABLES)
    verifier(
        base,
        "bilan.plafonds",
        """
        part_pct ; depassement_points ; depassement_max_points ; conclusion                         ; detail
                 ;                    ;                        ; Non fourni : une part est inconnue ; VILLE inconnu
        """,
        "code_reservataire = 'VILLE'",
    )


def test_une_seule_base_pour_le_flux_observe(tmp_path: Path) -> None:
    """Dwelling 8 left the flux (sale): neither the mutation done there nor its proposal to the State is of the base.

    Before: 10 − 3 = 7 for Ajaccio and 6 offered to the State. On one base: 10 − 2 = 8 and 5.
    """
    tables = CAMPAGNE | {
        "exclusions": "ident_rep; motif_exclusion\n8; vente",
        "attributions": CAMPAGNE["attributions"].rstrip()
        + "\nD1; 8 ;      ; 01/03/2025; attribution; accepte;           ; mutation_interne; ; ; \n",
        "propositions": CAMPAGNE["propositions"].rstrip() + "\nP7; 8; ETAT; 01/02/2025\n",
    }
    base = monter(tmp_path, tables, ("bilan.taux", *TABLES))
    verifier(
        base,
        "bilan.part_etat",
        """
        modalite ; liberations ; hors_flux ; flux_observe ; proposes_etat
        2A004    ; 10          ; 2         ; 8            ; 5
        total    ; 11          ; 2         ; 9            ; 5
        """,
        "code_reservataire = 'ETAT' and modalite in ('total', '2A004')",
    )
    verifier(
        base,
        "bilan.taux",
        """
        code_reservataire ; taux             ; numerateur ; denominateur
        ETAT              ; orientation      ; 4          ; 11
        ETAT              ; orientation_flux ; 4          ; 9
        _bailleur         ; orientation_flux ; 6          ; 9
        ETAT              ; carence          ; 0          ; 5
        """,
        """(code_reservataire, taux) in (
            ('ETAT', 'orientation'), ('ETAT', 'orientation_flux'),
            ('_bailleur', 'orientation_flux'), ('ETAT', 'carence')
        )""",
    )


def test_une_retrocession_est_recue_par_quelqu_un(tmp_path: Path) -> None:
    """27 − 1,37 = 25,63 %. Nobody receives: said. Then ALS receives 1,37: nothing to report; then 1: 0,37 is lost."""
    requete = "select valeur, message from controles.retrocession_inegale"
    cibles = ("controles.retrocession_inegale", *TABLES)
    base = monter(tmp_path / "a", CAMPAGNE, cibles)
    verifier(
        base,
        "bilan.retrocession_pnru",
        """
        code_reservataire ; taux_net_pct ; points_recus_pct ; beneficiaires ; conclusion
        ETAT              ; 25.63        ; 0                ;               ; Ces points ne sont reçus par personne
        ALS               ; 25.63        ; 0                ;               ; Ces points ne sont reçus par personne
        _bailleur         ; 25.63        ; 0                ;               ; Ces points ne sont reçus par personne
        """,
    )
    (signalee,) = lire(base, requete)
    assert signalee["valeur"] == "1,37"
    assert signalee["message"].startswith("1,37 point(s) de flux rétrocédé(s) (ETAT), 0 reçu(s) (personne) dans 2")
    lignes = CAMPAGNE["reservataires"].strip().splitlines()
    for recu, attendu in (("1,37", []), ("1", ["0,37"])):
        recues = [
            lignes[0] + "; taux_recu_pct",
            *(x + (f"; {recu}" if x.startswith("ALS") else ";") for x in lignes[1:]),
        ]
        base = monter(tmp_path / recu, {**CAMPAGNE, "reservataires": "\n".join(recues)}, cibles)
        assert [ligne["valeur"] for ligne in lire(base, requete)] == attendu
        (ligne,) = lire(base, "select * from bilan.retrocession_pnru where code_reservataire = 'ALS'")
        assert (ligne["points_recus_pct"], ligne["beneficiaires"]) == (recu.replace(",", "."), "ALS")
        assert ligne["conclusion"].startswith("Dates non fournies")


def test_retrocession_en_provence(tmp_path: Path) -> None:
    """[003] art. 4 c: 30 − 1,37 = 28,63 % in PACA, for 15 years from 1 January 2025; 1,37 % of 40 releases is 0,548."""
    logements = "".join(f"{m};{i};13055;3;13;2;1990\n" for m in (2025, 2026) for i in range(1, 101))
    base = monter(
        tmp_path,
        {
            "rpls": "millesime;ident_rep;depcom;nbpiece;finan;qpv;locat\n" + logements,
            "reservataires": """
                code_reservataire;libelle;type_reservataire;echelle;code_territoire;mode_taux;taux_pct;taux_retrocession_pct;base_rotation;taux_rotation_pct;evenement_decompte
                ETAT;État;etat_prioritaires;departement;13;imprime;30;1,37;fixe;40;attribution
            """,
        },
        TABLES,
    )
    verifier(
        base,
        "bilan.retrocession_pnru",
        """
        taux_net_pct;logements;date_debut_retrocession;date_fin_retrocession;conclusion;source
        28.63;;2025-01-01;2039-12-31;Ces points ne sont reçus par personne;[003] art. 4 c, Provence-Alpes-Côte d'Azur
        """,
        "code_reservataire = 'ETAT'",
    )


def test_sans_attributions_pas_de_quota(tmp_path: Path) -> None:
    base = monter(tmp_path, {t: x for t, x in CAMPAGNE.items() if t != "attributions"}, TABLES)
    assert lire(base, "select count(*) as n from bilan.quotas") == [{"n": "0"}]
    verifier(
        base,
        "bilan.part_etat",
        """
        liberations ; hors_flux ; flux_observe ; proposes_etat ; part_pct ; conclusion
        11          ;           ;              ; 5             ;          ; Non fourni
        """,
        "code_reservataire = 'ETAT' and dimension = 'total'",
    )


def test_ce_qui_n_est_pas_localise_est_dans_les_deux_bornes(tmp_path: Path) -> None:
    """Four leases out of QPV, one of the 1er quartile; seven of unknown QPV, all above: 25 % of 4 is met, of 11 no.

    In QPV nothing is known to be: of the seven, all above the 1er quartile, half is reached whatever their place.
    """
    logements = "\n".join(f"2025; {n}; {'2' if n < 5 else ''}; 2A004" for n in range(1, 12))
    actes = "\n".join(
        f"D{n}; {n}; 01/03/2025; attribution; accepte; 01/04/2025; droit_commun; {'oui' if n == 1 else 'non'}"
        for n in range(1, 12)
    )
    base = monter(
        tmp_path,
        {
            "rpls": f"millesime; ident_rep; qpv; depcom\n{logements}",
            "reservataires": CAMPAGNE["reservataires"],
            "attributions": "id_decision; ident_rep; date_caleol; decision; reponse_candidat; date_signature_bail; "
            f"categorie; quartile_1\n{actes}",
        },
        ["bilan.quotas"],
    )
    verifier(
        base,
        "bilan.quotas",
        """
        quota;total;conformes;non_localises;manque_au_moins;manque_au_plus;conclusion
        premier_quartile_hors_qpv;4;1;7;0;2;Indéterminé : 7 non renseigné(s), il manque 2 au plus
        hors_premier_quartile_qpv;0;0;7;0;0;Atteint
        """,
        "code_reservataire = '_bailleur' and quota like '%_quartile_%'",
    )
