"""A bilan of an EPT (Île-de-France) has what a bilan of an EPCI has: supply and demand, new programmes, SNE."""

from pathlib import Path

from tests.modeles.harnais import lire, monter

# Athis-Mons is in the EPT Grand-Orly Seine Bièvre, itself in the Métropole du Grand Paris.
EPT, METROPOLE = "ept_200058014", "epci_200054781"
BASTIA = "epci_242000354"
CAMPAGNE = {
    "reservataires": """
        code_reservataire; libelle; type_reservataire; echelle; mode_taux; taux_pct; base_rotation; evenement_decompte
        ALS; Action Logement; action_logement; bailleur; imprime; 4; liberations_territoire; bail
        """,
    "rpls": """
        millesime; ident_rep; depcom; nbpiece; finan; qpv; locat
        2025; 1; 91027; 3; 13; 2; 1990
        2025; 2; 2B033; 3; 13; 2; 1990
        """,
    "liberations": """
        ident_rep; date_liberation
        1; 10/01/2025
        2; 10/01/2025
        """,
    "propositions": """
        id_proposition; ident_rep; code_reservataire; date_mise_a_disposition
        P1; 1; ALS; 01/02/2025
        """,
    "programmes_neufs": """
        operation; commune; code_insee; statut; date_livraison_prevue; code_reservataire; nb_logements
        Les Quais; Athis-Mons; 91027; engage; 01/06/2026; ALS; 12
        """,
}


def test_l_ept_a_ce_qu_a_l_epci(tmp_path: Path) -> None:
    base = monter(tmp_path, CAMPAGNE, ["bilan.offre_demande", "bilan.programmes_neufs"])
    for table, filtre in (
        ("offre_demande", "est_total and nature_compte = 'liberations'"),
        ("programmes_neufs", "true"),
    ):
        codes = lire(
            base,
            f"select distinct code_reservataire from bilan.{table} where {filtre} order by all",
        )
        assert {ligne["code_reservataire"] for ligne in codes} >= {EPT, METROPOLE}, table
    totaux = lire(
        base,
        """select code_reservataire, max(total) as total from bilan.offre_demande
           where est_total and nature_compte = 'mises_a_disposition' group by all order by all""",
    )
    assert {ligne["code_reservataire"]: ligne["total"] for ligne in totaux} == {
        "ALS": "1",
        "_bailleur": "1",
        EPT: "1",
        METROPOLE: "1",
        BASTIA: "0",
    }
