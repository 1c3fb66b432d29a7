"""Typing the rows of a sheet: read = accepted + rejected, nothing blank in silence, nothing personal written."""

from unittest import mock

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.anomalies import Anomalie, Gravite
from flows.contrat.schema import Colonne, charger
from flows.contrat.typage import Typage, lecteur_de, lire_cellules, typer
from flows.contrat.valeurs import VIDE

LIGNE_PROPOSITION = {
    "id_proposition": "P1",
    "ident_rep": "0037273076",
    "code_reservataire": "ALS",
    "date_mise_a_disposition": "15/03/2025",
}
LIGNE_CONVENTION = {
    "code_reservataire": "BOULBON",
    "libelle": "Commune de Boulbon",
    "type_reservataire": "Mairie",
    "echelle": "commune",
    "code_territoire": "13017",
    "mode_taux": "imprime",
    "base_rotation": "fixe",
    "evenement_decompte": "mise_a_disposition",
}


def typer_lignes(table: str, *lignes: dict[str, str | None], source_numerique: bool = False) -> Typage:
    """Types rows given as dictionaries; the first is on line 2 of its file."""
    donnees = pl.DataFrame(lignes, infer_schema_length=None).with_row_index("ligne", offset=2)
    return typer(donnees, charger().tables[table], f"{table}.csv", "Feuille 1", source_numerique)


def texte(anomalie: Anomalie) -> str:
    return f"{anomalie.message} {anomalie.correction} {anomalie.valeur}"


def test_canonical_rows_are_accepted_without_a_word() -> None:
    typage = typer_lignes("propositions", LIGNE_PROPOSITION | {"premiere_location": "non", "issue": "Candidats"})
    assert typage.anomalies == []
    assert typage.rejets.height == 0
    assert typage.acceptees.to_dicts() == [
        {
            "ligne": 2,
            "id_proposition": "P1",
            "ident_rep": "0037273076",
            "code_reservataire": "ALS",
            "date_mise_a_disposition": "2025-03-15",
            "premiere_location": "false",
            "issue": "candidats",
        }
    ]


def test_a_repair_names_file_sheet_row_column_and_value() -> None:
    typage = typer_lignes("propositions", LIGNE_PROPOSITION, LIGNE_PROPOSITION | {"ident_rep": "37273076"})
    assert typage.acceptees["ident_rep"].to_list() == ["0037273076", "0037273076"]
    [anomalie] = typage.anomalies
    assert (anomalie.gravite, anomalie.code) == (Gravite.AVERTISSEMENT, "valeur_reparee")
    assert (anomalie.fichier, anomalie.feuille, anomalie.ligne) == ("propositions.csv", "Feuille 1", 3)
    assert (anomalie.colonne, anomalie.valeur) == ("ident_rep", "37273076")
    assert "« 0037273076 »" in anomalie.message


def test_the_rows_of_a_repeated_repair_are_all_listed() -> None:
    lignes = [LIGNE_PROPOSITION | {"code_reservataire": code} for code in ("12.0", "ALS", "12.0", "12.0")]
    [anomalie] = typer_lignes("propositions", *lignes).anomalies
    assert anomalie.ligne == 2
    assert "3 lignes : 2, 4 à 5" in anomalie.message


def test_an_unreadable_value_rejects_its_row_mandatory_or_not() -> None:
    typage = typer_lignes(
        "propositions",
        LIGNE_PROPOSITION | {"date_mise_a_disposition": "31/02/2025"},
        LIGNE_PROPOSITION | {"date_relance": "bientôt"},
        LIGNE_PROPOSITION | {"issue": "ajournée"},
        LIGNE_PROPOSITION,
    )
    assert typage.rejets["ligne"].to_list() == [2, 3, 4]
    assert [(a.gravite, a.code, a.ligne, a.colonne) for a in typage.anomalies] == [
        (Gravite.ERREUR, "valeur_illisible", 2, "date_mise_a_disposition"),
        (Gravite.ERREUR, "valeur_illisible", 3, "date_relance"),
        (Gravite.ERREUR, "valeur_illisible", 4, "issue"),
    ]
    assert "candidats, carence, restitution, annulation" in typage.anomalies[2].message
    assert all(a.correction for a in typage.anomalies)


def test_every_rejected_row_is_named_not_the_first_fifty() -> None:
    typage = typer_lignes("propositions", *[LIGNE_PROPOSITION | {"date_mise_a_disposition": "?"}] * 300)
    assert [a.ligne for a in typage.anomalies] == list(range(2, 302))


def test_a_blank_mandatory_cell_rejects_its_row() -> None:
    typage = typer_lignes(
        "propositions",
        LIGNE_PROPOSITION | {"code_reservataire": " "},
        LIGNE_PROPOSITION | {"date_mise_a_disposition": "NC"},
        LIGNE_PROPOSITION | {"ident_rep": None, "ident_interne": ""},
        LIGNE_PROPOSITION | {"ident_rep": None, "ident_interne": "0225.01"},
        LIGNE_PROPOSITION | {"ident_rep": "3,7E+07"},
    )
    assert typage.acceptees["ligne"].to_list() == [5]
    assert [(a.code, a.ligne, a.colonne) for a in typage.anomalies] == [
        ("valeur_obligatoire_absente", 2, "code_reservataire"),
        ("valeur_obligatoire_absente", 3, "date_mise_a_disposition"),
        ("valeur_obligatoire_absente", 4, "ident_rep ou ident_interne"),
        ("valeur_illisible", 6, "ident_rep"),
    ]


def test_a_characteristic_of_a_dwelling_is_left_out_with_a_warning() -> None:
    typage = typer_lignes("rpls", {"depcom": "2A004", "construct": "avant"}, {"depcom": "1004", "construct": "9999"})
    assert typage.acceptees["depcom"].to_list() == ["2A004", "01004"]
    assert typage.acceptees["construct"].to_list() == [None, None]
    assert [(a.gravite, a.code, a.ligne, a.colonne) for a in typage.anomalies] == [
        (Gravite.AVERTISSEMENT, "valeur_ignoree", 2, "construct"),
        (Gravite.AVERTISSEMENT, "valeur_reparee", 3, "construct"),
        (Gravite.AVERTISSEMENT, "valeur_reparee", 3, "depcom"),
    ]


@pytest.mark.parametrize(("colonne", "texte"), [("bail", "06/25"), ("locat", "abc"), ("finan", "PLUSS")])
def test_une_date_qui_fait_la_rotation_decide_comme_un_code(colonne: str, texte: str) -> None:
    (dite,) = typer_lignes("rpls", {"depcom": "2A004", colonne: texte}).anomalies
    assert (dite.gravite, dite.code, dite.colonne) == (Gravite.ERREUR, "code_rpls_inconnu", colonne)


@pytest.mark.parametrize(
    ("colonne", "texte", "lu", "reparee"),
    [
        ("departement", "6", "06", True),
        ("departement", "2a", "2A", True),
        ("departement", "006", "06", True),
        ("departement", "Alpes-Maritimes", "Alpes-Maritimes", False),
        ("commune", "6088", "06088", True),
        ("commune", "6 088", "06088", True),
        ("commune", "Nice", "Nice", False),
        ("epci", "200030195.0", "200030195", True),
        ("epci", "200 030 195", "200030195", True),
        ("epci", "Métropole Nice Côte d'Azur", "Métropole Nice Côte d'Azur", False),
    ],
)
def test_un_lieu_de_l_inventaire_est_un_code_repare_ou_un_nom(colonne: str, texte: str, lu: str, reparee: bool) -> None:
    """A right without a dwelling is placed by them: `6` for `06` moved it to another convention, without a word."""
    typage = typer_lignes("droits", {"code_reservataire": "A", "nature_droit": "ds", colonne: texte})
    assert typage.acceptees[colonne].to_list() == [lu]
    assert [a.code for a in typage.anomalies] == ["valeur_reparee"] * reparee


def test_ce_qui_ne_dit_rien_dans_le_rpls_est_vide() -> None:
    typage = typer_lignes("rpls", {"depcom": "99999", "finan": "NC", "nbpiece": "9", "mode": "0", "qpv": "NA"})
    assert typage.acceptees.drop("ligne").row(0) == ("99999", None, "9", None, None)
    assert typage.anomalies == []


@pytest.mark.parametrize(
    ("cellules", "attendues"),
    [
        (["X", "", None, "x"], ["true", "false", "false", "true"]),
        (["X", "", "non", None], ["true", None, "false", None]),
        (["", None, "", ""], [None, None, None, None]),
    ],
)
def test_in_a_column_of_crosses_a_blank_is_a_no(cellules: list[str | None], attendues: list[str | None]) -> None:
    typage = typer_lignes("propositions", *[LIGNE_PROPOSITION | {"premiere_location": c} for c in cellules])
    assert typage.acceptees["premiere_location"].to_list() == attendues


def test_a_territory_follows_its_echelle() -> None:
    lignes = [
        LIGNE_CONVENTION | {"echelle": echelle, "code_territoire": code}
        for echelle, code in (
            ("commune", "1004"),
            ("Département", "1"),
            ("bailleur", ""),
            ("EPCI", ""),
            ("EPCI", "1004"),
        )
    ]
    typage = typer_lignes("reservataires", *lignes)
    assert typage.acceptees["code_territoire"].to_list() == ["01004", "01", None]
    assert [(a.ligne, a.colonne) for a in typage.anomalies if a.gravite is Gravite.ERREUR] == [
        (5, "code_territoire"),
        (6, "code_territoire"),
    ]


def test_a_convention_on_a_territory_that_no_column_gives_is_rejected() -> None:
    sans_code = {nom: valeur for nom, valeur in LIGNE_CONVENTION.items() if nom != "code_territoire"}
    typage = typer_lignes("reservataires", sans_code, sans_code | {"echelle": "bailleur"})
    assert typage.acceptees["ligne"].to_list() == [3]


def test_declared_defaults_fill_blanks_and_missing_columns() -> None:
    typage = typer_lignes("reservataires", LIGNE_CONVENTION | {"date_edl": ""}, LIGNE_CONVENTION | {"date_edl": "1/6"})
    assert typage.acceptees["date_edl"].to_list() == ["30/11", "01/06"]
    assert typage.acceptees["date_bilan"].to_list() == ["28/02", "28/02"]


def test_personal_values_are_never_written() -> None:
    secrets = {
        "nud": "0130218765432109AB",
        "nom": "#N/A",
        "date_naissance": "31/02/1987",
        "mail": "camille@exemple.invalid",
        "siret_employeur": "98765432109876",
        "effectif_employeur": "1.234",
        "consentement_entreprise": "plutôt oui",
    }
    ligne = {"id_decision": "D1", "ident_rep": "0037273076", "date_caleol": "2025-03-15", "decision": "Attribution"}
    typage = typer_lignes("attributions", ligne | {"categorie": "Droit commun"} | secrets, ligne | secrets)
    assert typage.acceptees.height == typage.rejets.height == 1
    assert not set(secrets) & set(typage.rejets.columns)
    ecrits = " ".join(texte(a) for a in typage.anomalies)
    assert len(typage.anomalies) == 6
    for secret in ("0130218765432109AB", "#N/A", "31/02", "1987", "camille", "98765432109876", "1.234", "plutôt"):
        assert secret not in ecrits
    assert typage.acceptees["date_naissance"].to_list() == [None]


def test_a_mandatory_personal_value_rejects_without_showing() -> None:
    typage = typer_lignes("sne", {"nud": "1,23E+17", "ident_rep": "0037273076", "date_signature_bail": "2025-03-15"})
    assert typage.rejets["ligne"].to_list() == [2]
    assert "1,23E+17" not in " ".join(texte(a) for a in typage.anomalies)


def test_undeclared_columns_pass_through() -> None:
    donnees = pl.DataFrame([LIGNE_PROPOSITION]).with_columns(ligne=pl.lit(7), source=pl.lit("à part"))
    typage = typer(donnees, charger().tables["propositions"], "p.xlsx", "")
    assert typage.acceptees.select("ligne", "source").row(0) == (7, "à part")


def test_a_sheet_without_rows() -> None:
    donnees = pl.DataFrame(schema={"ligne": pl.Int64, **dict.fromkeys(LIGNE_PROPOSITION, pl.String)})
    typage = typer(donnees, charger().tables["propositions"], "p.csv", "")
    assert (typage.acceptees.height, typage.rejets.height, typage.anomalies) == (0, 0, [])


DOUTEUSES = (
    "|NC|nan|-|None|X|1.234|12,0|0037273076|37273076|0000000000|01004|2a004|2025|31/02/2025|15/03/2025|45657|#REF!|a  b"
    "|a b|=1+1|0225.01.02|1.02.0|12 345|-5|NULL|1,23E+13|999999999|3000000000|2100|0.50|<NA>|1|oui|commune|242010056"
)
CELLULES = st.none() | st.sampled_from(DOUTEUSES.split("|")) | st.text(max_size=6)
COLONNES = [c for table in charger().tables.values() for c in table.colonnes.values() if c.type != "territoire"]
UNE_PAR_TYPE = {c.type: c for c in COLONNES if not c.liste or c.type in ("liste", "options")}


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from([t for t in charger().tables if t != "rpls"]), st.booleans())
def test_whatever_is_given_rows_are_accepted_or_rejected_with_a_reason(
    data: st.DataObject, table: str, source_numerique: bool
) -> None:
    noms = list(charger().tables[table].colonnes)
    lignes = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(noms, CELLULES)), min_size=1, max_size=4))
    donnees = pl.DataFrame(lignes, schema=dict.fromkeys(noms, pl.String)).with_row_index("ligne", offset=2)
    typage = typer(donnees, charger().tables[table], "f.csv", "", source_numerique)
    numeros = [*typage.acceptees["ligne"], *typage.rejets["ligne"]]
    assert sorted(numeros) == list(range(2, 2 + len(lignes)))
    expliquees = {a.ligne for a in typage.anomalies if a.gravite is Gravite.ERREUR}
    assert expliquees == set(typage.rejets["ligne"])


def verifier_colonne(colonne: Colonne, cellules: list[str | None], source_numerique: bool) -> None:
    """The texts that look canonical skip Python: they must be those that Python leaves as they are."""
    lecteur = lecteur_de(colonne, source_numerique)
    attendues = [lecteur(c) if c is not None else VIDE for c in cellules]
    for courte in (0, len(cellules) + 1):
        with mock.patch("flows.contrat.typage.COURTE", courte):
            lues = lire_cellules(pl.Series(cellules, dtype=pl.String), lecteur, colonne)
        assert lues.rows() == [tuple(valeur) for valeur in attendues]


@pytest.mark.parametrize("nom", UNE_PAR_TYPE)
def test_doubtful_cells_of_each_type(nom: str) -> None:
    for source_numerique in (False, True):
        verifier_colonne(UNE_PAR_TYPE[nom], [*DOUTEUSES.split("|"), None], source_numerique)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(COLONNES), st.lists(CELLULES, min_size=1), st.booleans())
def test_whole_columns_read_as_their_cells_one_by_one(
    colonne: Colonne, cellules: list[str | None], source_numerique: bool
) -> None:
    verifier_colonne(colonne, cellules, source_numerique)


def test_un_code_inconnu_du_rpls_est_dit_une_fois_par_valeur_selon_ce_qu_il_decide() -> None:
    donnees = pl.DataFrame(
        {
            "ligne": [2, 3, 4, 5],
            "millesime": ["2025"] * 4,
            "ident_rep": ["1", "2", "3", "4"],
            "depcom": ["2A004"] * 4,
            "finan": ["PLUS", "loyer", "loyer", "13"],
            "pmr": ["1", "oui ?", "2", ""],
        }
    )
    typees = typer(donnees, charger().tables["rpls"], "rpls.csv", "")
    assert typees.acceptees["finan"].to_list() == ["13", None, None, "13"]
    dites = [(a.gravite, a.code, a.colonne, a.valeur, a.ligne) for a in typees.anomalies if a.colonne != "ident_rep"]
    assert dites == [
        (Gravite.ERREUR, "code_rpls_inconnu", "finan", "loyer", 3),
        (Gravite.AVERTISSEMENT, "valeur_ignoree", "pmr", "oui ?", 3),
    ]
