"""Files of the example in the shapes that people send, always with the same bytes."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

# Documents are dated once for all: a clock would change their bytes.
DATE_DOCUMENT = datetime(2026, 2, 2, 9, 0)
DATE_ZIP = (1980, 1, 1, 0, 0, 0)
AUTEUR = "Office fictif de l'habitat - EXEMPLE"

# Headings of document 002, annexe 4: (group, heading, sub-heading, column). Without sub-heading, it spans two rows.
BIEN, CONVENTION = "Informations sur le bien (au 31.12.2025)", "Informations sur les conventions de réservation"
LOCALISATION = "Localisation du bien"
ENTETE_DROITS = (
    (BIEN, "ESI", "", "ident_interne"),
    (BIEN, "Nom de la résidence", "", "residence"),
    (BIEN, "N° RPLS", "", "ident_rep"),
    (BIEN, "Réservataire du bien", "", "code_reservataire"),
    (BIEN, "Département", "", "departement"),
    (BIEN, LOCALISATION, "EPCI", "epci"),
    (BIEN, LOCALISATION, "Commune", "commune"),
    (BIEN, LOCALISATION, "En QPV", "en_qpv"),
    (BIEN, "Typologie du bien", "", "typologie"),
    (BIEN, "Type de financement", "", "financement"),
    (BIEN, "Collectif / Individuel", "", "collectif_individuel"),
    (CONVENTION, "Date de début de la convention", "", "date_debut"),
    (CONVENTION, "Date de fin de la convention", "", "date_fin"),
    (CONVENTION, "Nature du droit", "", "nature_droit"),
    (CONVENTION, "Origine du droit", "", "origine_droit"),
    (CONVENTION, "Nombre de droits", "", "nombre_droits"),
    (CONVENTION, "Date de fin d'emprunt", "", "date_fin_emprunt"),
    (CONVENTION, "Numéro de convention", "", "numero_convention"),
)


def texte_csv(
    lignes: Sequence[Mapping[str, object]],
    colonnes: Sequence[str],
    separateur: str = ";",
    encodage: str = "utf-8",
    format_date: str = "%d/%m/%Y",
) -> bytes:
    """A CSV with CRLF line ends; booleans as oui/non, a decimal comma, nothing as a blank.

    Raises UnicodeEncodeError when the encoding lacks a character of the data.
    """
    tampon = io.StringIO(newline="")
    ecrivain = csv.writer(tampon, delimiter=separateur, lineterminator="\r\n")
    ecrivain.writerow(colonnes)
    for ligne in lignes:
        ecrivain.writerow([_texte(ligne.get(colonne), format_date, ("oui", "non")) for colonne in colonnes])
    return tampon.getvalue().encode(encodage)


def classeur(lignes: Sequence[Mapping[str, object]], colonnes: Sequence[str], feuille: str) -> bytes:
    """A workbook of one sheet with real dates and numbers, booleans as O/N."""
    tampon = io.BytesIO()
    with _nouveau_classeur(tampon) as livre:
        gras, format_date = livre.add_format({"bold": True}), livre.add_format({"num_format": "dd/mm/yyyy"})
        page = livre.add_worksheet(feuille)
        page.write_row(0, 0, colonnes, gras)
        page.set_column(0, len(colonnes) - 1, 18)
        for rang, ligne in enumerate(lignes, start=1):
            for place, colonne in enumerate(colonnes):
                _ecrire(page, rang, place, ligne.get(colonne), format_date)
    return tampon.getvalue()


def classeur_droits(lignes: Sequence[Mapping[str, object]]) -> bytes:
    """The inventory of rights as [002] annexe 4 prints it: title rows, then headings merged on two levels."""
    tampon = io.BytesIO()
    with _nouveau_classeur(tampon) as livre:
        titre, format_date = livre.add_format({"bold": True}), livre.add_format({"num_format": "dd/mm/yyyy"})
        entete = livre.add_format({"bold": True, "text_wrap": True, "align": "center", "border": 1})
        page = livre.add_worksheet("Etat des lieux")
        page.write_string(0, 0, f"{AUTEUR} (données fictives)", titre)
        page.write_string(1, 0, "Annexe 4 - Etat des lieux des droits de réservations de logements au 31/12/2025")
        _entete_fusionnee(page, 3, entete)
        page.set_column(0, len(ENTETE_DROITS) - 1, 17)
        page.freeze_panes(6, 0)
        for rang, ligne in enumerate(lignes, start=6):
            for place, (_, _, _, colonne) in enumerate(ENTETE_DROITS):
                valeur = ligne.get(colonne)
                if isinstance(valeur, bool):
                    valeur = "Oui" if valeur else "Non"
                _ecrire(page, rang, place, valeur, format_date)
    return tampon.getvalue()


def _entete_fusionnee(page: xlsxwriter.worksheet.Worksheet, rang: int, style: xlsxwriter.format.Format) -> None:
    """Three rows: groups, headings, and the sub-headings of the location; other headings span two rows."""
    for groupe in (BIEN, CONVENTION):
        places = [i for i, colonne in enumerate(ENTETE_DROITS) if colonne[0] == groupe]
        page.merge_range(rang, places[0], rang, places[-1], groupe, style)
    places = [i for i, colonne in enumerate(ENTETE_DROITS) if colonne[1] == LOCALISATION]
    page.merge_range(rang + 1, places[0], rang + 1, places[-1], LOCALISATION, style)
    for place, (_, titre, sous_titre, _) in enumerate(ENTETE_DROITS):
        if sous_titre:
            page.write_string(rang + 2, place, sous_titre, style)
        else:
            page.merge_range(rang + 1, place, rang + 2, place, titre, style)


def _nouveau_classeur(tampon: io.BytesIO) -> xlsxwriter.Workbook:
    livre = xlsxwriter.Workbook(tampon, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    livre.set_properties({"author": AUTEUR, "created": DATE_DOCUMENT, "comments": "Données fictives"})
    return livre


def _ecrire(page: xlsxwriter.worksheet.Worksheet, rang: int, place: int, valeur: object, format_date: object) -> None:
    if valeur is None or valeur == "":
        return
    if isinstance(valeur, bool):
        page.write_string(rang, place, "O" if valeur else "N")
    elif isinstance(valeur, date):
        page.write_datetime(rang, place, datetime(valeur.year, valeur.month, valeur.day), format_date)
    elif isinstance(valeur, int | float):
        page.write_number(rang, place, valeur)
    else:
        page.write_string(rang, place, str(valeur))


def tableur_ods(lignes: Sequence[Mapping[str, object]], colonnes: Sequence[str], feuille: str) -> bytes:
    """A minimal OpenDocument spreadsheet: text, numbers and dates, one sheet."""
    corps = [_rangee_ods(colonnes)]
    corps += [_rangee_ods([ligne.get(colonne) for colonne in colonnes]) for ligne in lignes]
    contenu = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3">'
        f"<office:body><office:spreadsheet><table:table table:name={quoteattr(feuille)}>"
        f"{''.join(corps)}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    type_ods = "application/vnd.oasis.opendocument.spreadsheet"
    manifeste = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{type_ods}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        _ranger(archive, "mimetype", type_ods, zipfile.ZIP_STORED)
        _ranger(archive, "content.xml", contenu, zipfile.ZIP_DEFLATED)
        _ranger(archive, "META-INF/manifest.xml", manifeste, zipfile.ZIP_DEFLATED)
    return tampon.getvalue()


def _ranger(archive: zipfile.ZipFile, nom: str, texte: str, compression: int) -> None:
    entree = zipfile.ZipInfo(nom, DATE_ZIP)
    entree.compress_type = compression
    entree.create_system = 0  # else the bytes would tell on which system the file was made
    archive.writestr(entree, texte.encode())


def _rangee_ods(valeurs: Sequence[object]) -> str:
    return f"<table:table-row>{''.join(_cellule_ods(valeur) for valeur in valeurs)}</table:table-row>"


def _cellule_ods(valeur: object) -> str:
    if valeur is None or valeur == "":
        return "<table:table-cell/>"
    texte = f"<text:p>{escape(_texte(valeur, '%d/%m/%Y', ('oui', 'non')))}</text:p>"
    if isinstance(valeur, date):
        attributs = f'office:value-type="date" office:date-value="{valeur.isoformat()}"'
    elif isinstance(valeur, int) and not isinstance(valeur, bool):
        attributs = f'office:value-type="float" office:value="{valeur}"'
    else:
        attributs = 'office:value-type="string"'
    return f"<table:table-cell {attributs}>{texte}</table:table-cell>"


def _texte(valeur: object, format_date: str, oui_non: tuple[str, str]) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return oui_non[0] if valeur else oui_non[1]
    if isinstance(valeur, date):
        return valeur.strftime(format_date)
    if isinstance(valeur, float):
        return f"{valeur:g}".replace(".", ",")
    return str(valeur)
