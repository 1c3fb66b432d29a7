"""How a file names a dwelling (contract, « Dwellings »): identifiers exactly, then their letters and digits."""

from pathlib import Path

import pytest

from tests.modeles.harnais import lire, monter, verifier

RESERVATAIRES = """
code_reservataire; libelle; type_reservataire; echelle ; mode_taux; taux_pct; base_rotation; evenement_decompte
VILLE            ; Ville  ; commune          ; bailleur; imprime  ; 20      ; fixe         ; bail
"""
RPLS = """
millesime; ident_rep; ident_int ; depcom; nbpiece
2025     ; 1        ; 0GR-01-1  ; 2A004 ; 1
2025     ; 2        ; GR 02     ; 2A004 ; 2
2025     ; 3        ; A/3       ; 2A004 ; 3
2025     ; 4        ; A-3       ; 2A004 ; 4
2025     ; 5        ; DEUX      ; 2A004 ; 4
2025     ; 6        ; DEUX      ; 2B033 ; 4
2025     ;          ; SANS-REP  ; 2A004 ; 5
2026     ; 9        ; SANS-REP  ; 2A004 ; 5
"""
DROITS = "code_reservataire;ident_rep;ident_interne;nature_droit;commune;typologie"


def _monter(dossier: Path, *cibles: str, **tables: str) -> Path:
    return monter(dossier, {"reservataires": RESERVATAIRES, "rpls": RPLS} | tables, cibles)


@pytest.mark.parametrize(
    ("ident_rep", "ident_interne", "id_logement", "recherche"),
    [
        ("1", "", "0000000001", "exact"),
        ("00 0000-0001", "", "0000000001", "exact"),
        ("", "GR 02", "0000000002", "exact"),
        ("1", "GR 02", "0000000001", "exact"),
        ("77", "GR 02", "0000000002", "exact"),
        ("", "gr.01.1", "0000000001", "rapproche"),
        ("", "00gr02", "0000000002", "rapproche"),
        ("", "A/3", "0000000003", "exact"),
        ("", "A 3", "interne A 3", "ambigu"),
        ("", "B 3", "interne B 3", "inconnu"),
        # two dwellings of the millésime have this reference: neither is taken, as it is or nearly
        ("", "DEUX", "interne DEUX", "ambigu"),
        ("", "deux", "interne deux", "ambigu"),
        ("6", "DEUX", "0000000006", "exact"),
        ("77", "", "0000000077", "inconnu"),
        ("9", "", "0000000009", "exact"),
        ("", "SANS REP", "0000000009", "rapproche"),
        # known by the inventory only: 50 is also « inv-50 », and 51 has no IDENT_REP
        ("50", "", "0000000050", "exact"),
        ("", "INV-50", "0000000050", "exact"),
        ("", "inv50", "0000000050", "rapproche"),
        ("", "INV-51", "interne INV-51", "exact"),
    ],
)
def test_un_logement_se_trouve_par_ses_identifiants(
    ident_rep: str, ident_interne: str, id_logement: str, recherche: str, tmp_path: Path
) -> None:
    base = _monter(
        tmp_path,
        "staging.liberations",
        droits=f"{DROITS}\nVILLE;50;INV-50;ds;2A004;T2\nVILLE;;INV-51;ds;2A004;T3",
        liberations=f"ident_rep;ident_interne;date_liberation\n{ident_rep};{ident_interne};01/02/2025",
    )
    (trouve,) = lire(
        base,
        "select liberations.id_logement, identifiants.recherche from staging.liberations "
        "inner join staging.citations using (fichier, feuille, ligne) "
        "inner join staging.identifiants using (ident_rep, ident_interne) where table_metier = 'liberations'",
    )
    assert trouve == {"id_logement": id_logement, "recherche": recherche}


def test_le_meme_logement_des_deux_millesimes_quand_un_seul_donne_ident_rep(tmp_path: Path) -> None:
    base = _monter(tmp_path, "staging.rpls")
    verifier(
        base,
        "staging.rpls",
        "millesime;id_logement\n2025;0000000009\n2026;0000000009",
        "ident_interne = 'SANS-REP'",
    )


def test_ce_qui_est_trouve_ou_hesite_est_dit(tmp_path: Path) -> None:
    base = _monter(
        tmp_path,
        "controles.logement_rapproche",
        "controles.logement_ambigu",
        liberations="ident_interne;date_liberation\ngr.01.1;01/02/2025\nGR02;01/02/2025\nA 3;01/02/2025",
    )
    (dit,) = lire(base, "select gravite, message from controles.logement_rapproche")
    assert dit["gravite"] == "avertissement" and dit["message"].startswith("2 ligne(s) désignent")
    (dit,) = lire(base, "select gravite, ligne, message from controles.logement_ambigu")
    assert (dit["gravite"], dit["ligne"]) == ("erreur", "4")
    assert "0000000003, 0000000004" in dit["message"]


@pytest.mark.parametrize(
    ("references", "gravites"),
    [
        (["1", "2"], []),
        (["1", "77"], []),
        (["1", "77", "78"], ["erreur"]),
        (["77"], ["bloquant"]),
        (["50"], []),
    ],
)
def test_une_table_dont_les_logements_sont_inconnus_arrete_tout(
    references: list[str], gravites: list[str], tmp_path: Path
) -> None:
    """A dwelling of the inventory is known to the events; exclusions are neither events nor rights."""
    lignes = "\n".join(f"{reference};01/02/2025" for reference in references)
    base = _monter(
        tmp_path,
        "controles.logements_non_trouves",
        droits=f"{DROITS}\nVILLE;1;;ds;;\nVILLE;50;;ds;2A004;T2",
        liberations=f"ident_rep;date_liberation\n{lignes}",
        exclusions="ident_rep;motif_exclusion\n99;vente",
    )
    assert [ligne["gravite"] for ligne in lire(base, "select gravite from controles.logements_non_trouves")] == gravites


def test_des_droits_dont_aucun_logement_n_est_au_rpls_arretent_tout(tmp_path: Path) -> None:
    base = _monter(tmp_path, "controles.logements_non_trouves", droits=f"{DROITS}\nVILLE;50;;ds;2A004;T2")
    (dit,) = lire(base, "select gravite, message from controles.logements_non_trouves")
    assert dit["gravite"] == "bloquant" and "table droits" in dit["message"]


LIGNES = {
    "complete": "VILLE;50;;ds;2A041;T4",
    "moins": "VILLE;50;;ds;;T1",
    "plus_grande": "VILLE;50;;ds;2A041;T5",
}


@pytest.mark.parametrize("ordre", [("complete", "moins", "plus_grande"), ("plus_grande", "moins", "complete")])
def test_un_logement_de_l_inventaire_prend_une_ligne_la_plus_complete_puis_la_plus_petite(
    ordre: tuple[str, ...], tmp_path: Path
) -> None:
    droits = "\n".join([DROITS, *(LIGNES[nom] for nom in ordre)])
    base = _monter(tmp_path, "intermediaire.inventaire_logements", droits=droits)
    verifier(base, "intermediaire.inventaire_logements", "typologie;code_commune\nT4;2A041")


def test_un_epci_seul_ne_dit_pas_le_departement_d_un_logement_de_l_inventaire(tmp_path: Path) -> None:
    """Département: from the commune, else the one the row writes (contract, « Perimeter »)."""
    droits = (
        "code_reservataire;ident_rep;nature_droit;departement;epci\nVILLE;50;ds;;200030195\nVILLE;51;ds;06;200030195"
    )
    base = _monter(tmp_path, "intermediaire.inventaire_logements", droits=droits)
    verifier(
        base,
        "intermediaire.inventaire_logements",
        "id_logement;code_departement;code_epci\n0000000050;;200030195\n0000000051;06;200030195",
    )


def test_deux_communes_du_meme_nom_se_distinguent(tmp_path: Path) -> None:
    """In Ain and in Ardennes: both are named with their code; a name that one commune of the parc bears stays alone."""
    campagne = {
        "reservataires": RESERVATAIRES,
        "rpls": "millesime; ident_rep; depcom\n2025; 1; 01011\n2025; 2; 08017\n2025; 3; 2A004",
    }
    base = monter(tmp_path, campagne, ["bilan.ventilations"])
    verifier(
        base,
        "bilan.ventilations",
        """
        modalite ; libelle_modalite
        01011    ; Apremont (01011)
        08017    ; Apremont (08017)
        2A004    ; Ajaccio
        """,
        "code_reservataire = '_bailleur' and dimension = 'commune'",
    )
