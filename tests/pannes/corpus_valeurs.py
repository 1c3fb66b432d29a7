"""Codes, identifiers, numbers and dates as spreadsheets damage them (points 3 and 4)."""

import io
from collections.abc import Callable
from datetime import date

import xlsxwriter

from tests.pannes.campagne_saine import Lignes
from tests.pannes.classeurs_bruts import Cellule, xls
from tests.pannes.variantes import (
    IDENTIQUE,
    MEMES_CHIFFRES,
    REJETTE,
    SIGNALE,
    Dit,
    Fichiers,
    Variante,
    csv_change,
    en_csv,
    en_xlsx,
    lignes_de,
)

DATES = ("date_conge", "date_liberation", "date_relocation")


def _colonnes(remplace: str, transformer: Callable[[str], str], *colonnes: str) -> Lignes:
    """The table with every cell of these columns transformed."""
    lignes = lignes_de(remplace)
    rangs = [lignes[0].index(colonne) for colonne in colonnes]
    return [lignes[0], *([transformer(c) if i in rangs else c for i, c in enumerate(ligne)] for ligne in lignes[1:])]


def _en_nombres(remplace: str, *colonnes: str) -> list[list[object]]:
    """The table as typed cells: in these columns, what looks like a number is one, as Excel makes of a CSV."""
    lignes = lignes_de(remplace)
    rangs = [lignes[0].index(colonne) for colonne in colonnes]
    return [
        [int(c) if ligne is not lignes[0] and i in rangs and c.isdigit() else c for i, c in enumerate(ligne)]
        for ligne in lignes
    ]


def _jour(texte: str) -> date:
    jour, mois, annee = map(int, texte.split("/"))
    return date(annee, mois, jour)


def _xlsx_date(remplace: str, dates: tuple[str, ...], options: dict[str, bool]) -> Fichiers:
    """A workbook with real dates, in the calendar of 1900 or of 1904."""
    tampon = io.BytesIO()
    lignes = lignes_de(remplace)
    with xlsxwriter.Workbook(tampon, {"in_memory": True, **options}) as livre:
        page, style = livre.add_worksheet(), livre.add_format({"num_format": "dd/mm/yyyy"})
        for i, ligne in enumerate(lignes):
            for j, cellule in enumerate(ligne):
                if i and lignes[0][j] in dates and cellule:
                    page.write_datetime(i, j, _jour(cellule), style)
                elif cellule:
                    page.write_string(i, j, cellule)
    return {f"{remplace}.xlsx": tampon.getvalue()}


def _zeros_par_format() -> Fichiers:
    """Codes stored as numbers that a format shows with their zeros."""
    tampon = io.BytesIO()
    lignes = lignes_de("liberations")
    with xlsxwriter.Workbook(tampon, {"in_memory": True}) as livre:
        page, style = livre.add_worksheet(), livre.add_format({"num_format": "0000000000"})
        for i, ligne in enumerate(lignes):
            for j, cellule in enumerate(ligne):
                if i and j == 0:
                    page.write_number(i, j, int(cellule), style)
                else:
                    page.write_string(i, j, cellule)
    return {"liberations.xlsx": tampon.getvalue()}


def _xls_1904() -> Fichiers:
    """The releases in an old workbook of the Mac's calendar: serials counted from 1904, with the format of a date."""
    lignes = lignes_de("liberations")
    cellules: dict[tuple[int, int], object] = {}
    for i, ligne in enumerate(lignes):
        for j, cellule in enumerate(ligne):
            if i and lignes[0][j] in DATES:
                cellules[i, j] = Cellule((_jour(cellule) - date(1904, 1, 1)).days, style=1)
            else:
                cellules[i, j] = cellule
    return {"liberations.xls": xls({"Feuil1": cellules}, formats=("dd/mm/yyyy",), date_1904=True)}


def _serie(texte: str) -> str:
    return str((_jour(texte) - date(1899, 12, 30)).days) if texte else ""


CODES = (
    Variante(
        "zeros_de_tete_perdus",
        "rpls_2025",
        lambda: en_csv("rpls_2025", _colonnes("rpls_2025", lambda c: c.lstrip("0"), "IDENT_REP", "DEPCOM")),
        IDENTIQUE,
        (
            Dit("valeur_reparee", 2, "ident_rep", "37273001", "avertissement"),
            Dit("valeur_reparee", 2, "depcom", "1004"),
        ),
    ),
    Variante(
        "codes_en_nombres_et_corses_tardifs",
        "rpls_2026",
        lambda: en_xlsx(
            "rpls_2026", _en_nombres("rpls_2026", "IDENT_REP", "DEPCOM", "NBPIECE", "FINAN", "SIRET", "EPCI")
        ),
        IDENTIQUE,
        (Dit("valeur_reparee", 2, "depcom", "1004", feuille="Feuil1"),),
    ),
    Variante("zeros_par_format_de_nombre", "liberations", _zeros_par_format, IDENTIQUE),
    Variante(
        "codes_a_decimale_nulle",
        "rpls_2026",
        lambda: en_csv(
            "rpls_2026",
            _colonnes(
                "rpls_2026", lambda c: f"{c}.0", "IDENT_REP", "NBPIECE", "FINAN", "CONV", "CONSTRUCT", "MODE", "EPCI"
            ),
        ),
        IDENTIQUE,
        (Dit("valeur_reparee", 2, "ident_rep", "0037273001.0"),),
    ),
    Variante(
        "siret_en_nombre_a_virgule",
        "rpls_2025",
        lambda: en_csv("rpls_2025", _colonnes("rpls_2025", lambda c: f"{c},0", "SIRET")),
        IDENTIQUE,
        (Dit("valeur_reparee", 2, "siret", "99900000300015,0"),),
    ),
    csv_change(
        "siret_scientifique",
        "rpls_2025",
        REJETTE,
        (Dit("valeur_illisible", 4, "siret", "9,99E+13", "erreur"),),
        (4, "SIRET", "9,99E+13"),
        perdues=(4,),
    ),
    csv_change(
        "siret_abime_a_la_cle_fausse",
        "rpls_2026",
        REJETTE,
        (Dit("valeur_illisible", 5, "siret", "99900000300016.0", "erreur"),),
        (5, "SIRET", "99900000300016.0"),
        perdues=(5,),
    ),
    csv_change(
        "siret_entier_a_la_cle_fausse",
        "rpls_2025",
        MEMES_CHIFFRES,
        (Dit("valeur_reparee", 4, "siret", "99900000300016", "avertissement"),),
        (4, "SIRET", "99900000300016"),
    ),
    csv_change(
        "identifiant_scientifique",
        "droits",
        REJETTE,
        (Dit("valeur_illisible", 3, "ident_rep", "3,73E+07", "erreur"),),
        (3, "ident_rep", "3,73E+07"),
        perdues=(3,),
    ),
    csv_change(
        "identifiants_impossibles",
        "exclusions",
        REJETTE,
        (Dit("valeur_illisible", 2, "ident_rep", "00372730300"),),
        (2, "ident_rep", "00372730300"),
        perdues=(2,),
    ),
    csv_change(
        "commune_impossible",
        "rpls_2026",
        REJETTE,
        (Dit("valeur_illisible", 30, "depcom", "2C004", "erreur"),),
        (30, "DEPCOM", "2C004"),
        perdues=(30,),
    ),
    csv_change(
        "identifiant_absent",
        "propositions",
        REJETTE,
        (Dit("valeur_obligatoire_absente", 3, "ident_rep ou ident_interne", gravite="erreur"),),
        (3, "ident_rep", "NC"),
        perdues=(3,),
    ),
    csv_change(
        "code_inconnu",
        "attributions",
        REJETTE,
        (Dit("valeur_illisible", 3, "decision", "peut-être", "erreur"),),
        (3, "decision", "peut-être"),
        perdues=(3,),
    ),
    Variante(
        "texte_protege_par_formule",
        "droits",
        lambda: en_csv("droits", _colonnes("droits", lambda c: f'="{c}"', "ident_rep")),
        IDENTIQUE,
    ),
    Variante(
        "texte_protege_par_apostrophe",
        "exclusions",
        lambda: en_csv("exclusions", _colonnes("exclusions", lambda c: f"'{c}", "ident_rep")),
        IDENTIQUE,
    ),
    Variante(
        "taux_en_pour_cent_du_tableur",
        "volumes_droits",
        lambda: en_csv("volumes_droits", _colonnes("volumes_droits", lambda c: f"{c} %", "taux_rotation_pct")),
        IDENTIQUE,
    ),
)

JOURS = (
    Variante(
        "dates_1900", "propositions", lambda: _xlsx_date("propositions", ("date_mise_a_disposition",), {}), IDENTIQUE
    ),
    Variante("dates_1904", "liberations", lambda: _xlsx_date("liberations", DATES, {"date_1904": True}), IDENTIQUE),
    Variante("dates_1904_xls", "liberations", _xls_1904, IDENTIQUE),
    Variante(
        "numeros_de_jour",
        "exclusions",
        lambda: en_csv("exclusions", _colonnes("exclusions", _serie, "date_debut", "date_fin")),
        IDENTIQUE,
        (Dit("valeur_reparee", 2, "date_debut", "43831", "avertissement"),),
    ),
    Variante(
        "annees_sur_deux_chiffres",
        "sne",
        lambda: en_csv("sne", _colonnes("sne", lambda c: f"{c[:6]}{c[8:]}", "date_signature_bail")),
        IDENTIQUE,
        (Dit("valeur_reparee", 2, "date_signature_bail", "20/02/25", "avertissement"),),
    ),
    Variante(
        "dates_iso_et_heures",
        "propositions",
        lambda: en_csv(
            "propositions",
            _colonnes("propositions", lambda c: f"{_jour(c).isoformat()} 00:00:00", "date_mise_a_disposition"),
        ),
        IDENTIQUE,
    ),
    Variante(
        "dates_a_points",
        "exclusions",
        lambda: en_csv("exclusions", _colonnes("exclusions", lambda c: c.replace("/", "."), "date_debut", "date_fin")),
        IDENTIQUE,
    ),
    csv_change(
        "jour_impossible",
        "liberations",
        REJETTE,
        (Dit("valeur_illisible", 4, "date_liberation", "31/02/2025", "erreur"),),
        (4, "date_liberation", "31/02/2025"),
        perdues=(4,),
    ),
    csv_change(
        "date_americaine",
        "attributions",
        REJETTE,
        (Dit("valeur_illisible", 4, "date_caleol", "03/25/2025", "erreur"),),
        (4, "date_caleol", "03/25/2025"),
        perdues=(2, 3, 4, 6),  # the other days could be months
    ),
    csv_change(
        "annee_hors_du_plausible",
        "droits",
        REJETTE,
        (Dit("valeur_illisible", 4, "date_debut", "7190-01-01", "erreur"),),
        (4, "date_debut", "7190-01-01"),
        perdues=(4,),
    ),
    csv_change(
        "date_d_un_autre_temps",
        "liberations",
        SIGNALE,
        (Dit("date_invraisemblable", 6, "date_liberation", "14/05/1900", "avertissement"),),
        (6, "date_liberation", "14/05/1900"),
    ),
    csv_change(
        "date_future",
        "propositions",
        SIGNALE,
        (Dit("date_invraisemblable", 5, "date_mise_a_disposition", "15/04/2052", "avertissement"),),
        (5, "date_mise_a_disposition", "15/04/2052"),
    ),
    csv_change(
        "location_avant_construction",
        "rpls_2025",
        MEMES_CHIFFRES,
        (Dit("annee_incoherente", 6, "construct, locat", "1958 / 1931", "avertissement"),),
        (6, "LOCAT", "1931"),
    ),
    csv_change(
        "annee_de_mise_en_location_illisible",
        "rpls_2025",
        SIGNALE,
        (Dit("code_rpls_inconnu", 7, "locat", "19XX", "erreur"),),
        (7, "LOCAT", "19XX"),
    ),
)

VALEURS = CODES + JOURS
