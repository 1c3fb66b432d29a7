"""Workbooks written byte by byte, without any library: what no library would write can be written here."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from struct import pack

_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_NSR = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ENTETE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def archive(parties: Mapping[str, str | bytes], niveau: int = 6) -> bytes:
    """A zip of these parts, in this order, always the same bytes."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as sortie:
        for nom, contenu in parties.items():
            info = zipfile.ZipInfo(nom)
            info.compress_type = zipfile.ZIP_STORED if nom == "mimetype" else zipfile.ZIP_DEFLATED
            sortie.writestr(info, contenu, compresslevel=niveau)
    return tampon.getvalue()


def parties_xlsx(
    *feuilles: str, noms: tuple[str, ...] = (), attributs: tuple[str, ...] = (), styles: str = "", livre: str = ""
) -> dict[str, str | bytes]:
    """Parts of an .xlsx whose sheets have these XML bodies (`<sheetData>…`); `livre` goes into the workbook part."""
    noms = noms or tuple(f"Feuil{i}" for i in range(1, len(feuilles) + 1))
    attributs = attributs or ("",) * len(feuilles)
    balises = "".join(
        f'<sheet name="{nom}" sheetId="{i}" r:id="rId{i}"{plus}/>'
        for i, (nom, plus) in enumerate(zip(noms, attributs, strict=True), start=1)
    )
    rang = range(1, len(feuilles) + 1)
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_NSR}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in rang
    )
    paquet = "http://schemas.openxmlformats.org/package/2006"
    parties: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{_ENTETE}<Types xmlns="{paquet}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'{_ENTETE}<Relationships xmlns="{paquet}/relationships">'
        f'<Relationship Id="rId1" Type="{_NSR}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_ENTETE}<workbook xmlns="{_NS}" xmlns:r="{_NSR}">{livre}'
        f"<sheets>{balises}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_ENTETE}<Relationships xmlns="{paquet}/relationships">'
        f"{relations}</Relationships>",
    }
    if styles:
        parties["xl/styles.xml"] = f'{_ENTETE}<styleSheet xmlns="{_NS}">{styles}</styleSheet>'
    for i, corps in enumerate(feuilles, start=1):
        parties[f"xl/worksheets/sheet{i}.xml"] = f'{_ENTETE}<worksheet xmlns="{_NS}">{corps}</worksheet>'
    return parties


def xlsx(
    *feuilles: str, noms: tuple[str, ...] = (), attributs: tuple[str, ...] = (), styles: str = "", livre: str = ""
) -> bytes:
    """An .xlsx whose sheets have these XML bodies; see `parties_xlsx`."""
    return archive(parties_xlsx(*feuilles, noms=noms, attributs=attributs, styles=styles, livre=livre))


def lignes_xlsx(lignes: list[list[object]]) -> str:
    """`<sheetData>` of a table: texts inline, numbers as numbers, None for no cell."""
    corps = []
    for i, valeurs in enumerate(lignes, start=1):
        cellules = []
        for j, valeur in enumerate(valeurs):
            ou = f"{chr(65 + j)}{i}"
            if isinstance(valeur, str):
                cellules.append(f'<c r="{ou}" t="inlineStr"><is><t xml:space="preserve">{_xml(valeur)}</t></is></c>')
            elif valeur is not None:
                cellules.append(f'<c r="{ou}"><v>{valeur}</v></c>')
        corps.append(f'<row r="{i}">{"".join(cellules)}</row>')
    return f"<sheetData>{''.join(corps)}</sheetData>"


def parties_ods(*tables: str, prologue: str = "", styles: str = "") -> dict[str, str | bytes]:
    """Parts of an .ods whose `<table:table>` elements are given whole."""
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    espaces = " ".join(f'xmlns:{nom}="{oasis}:{nom}:1.0"' for nom in ("office", "table", "text", "style", "manifest"))
    espaces += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    espaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    genre = "application/vnd.oasis.opendocument.spreadsheet"
    return {
        "mimetype": genre,
        "META-INF/manifest.xml": f'{_ENTETE}<manifest:manifest {espaces}><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{genre}"/></manifest:manifest>',
        "content.xml": f'{_ENTETE}{prologue}<office:document-content {espaces} office:version="1.2">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>",
    }


def ods(*tables: str, **options: str) -> bytes:
    """An .ods whose `<table:table>` elements are given whole."""
    return archive(parties_ods(*tables, **options))


def table_ods(*lignes: str, nom: str = "Feuille1", attributs: str = "") -> str:
    """One sheet of an .ods, its rows given whole."""
    return f'<table:table table:name="{nom}"{attributs}>{"".join(lignes)}</table:table>'


def ligne_ods(*cellules: object, attributs: str = "") -> str:
    """One row: texts, numbers, None for a blank cell, or `Brut` for a cell given whole."""
    return f"<table:table-row{attributs}>{''.join(map(_cellule_ods, cellules))}</table:table-row>"


@dataclass(frozen=True)
class Brut:
    """A piece of XML taken as it is."""

    xml: str


def _cellule_ods(valeur: object) -> str:
    if isinstance(valeur, Brut):
        return valeur.xml
    if valeur is None:
        return "<table:table-cell/>"
    if isinstance(valeur, str):
        return f'<table:table-cell office:value-type="string"><text:p>{_xml(valeur)}</text:p></table:table-cell>'
    nombre = f'<table:table-cell office:value-type="float" office:value="{valeur}">'
    return f"{nombre}<text:p>{valeur}</text:p></table:table-cell>"


def _xml(texte: str) -> str:
    return texte.replace("&", "&amp;").replace("<", "&lt;")


@dataclass(frozen=True)
class Cellule:
    """A cell of an .xls: its value and the rank of its style. `erreur` is the code of an error (42: #N/A)."""

    valeur: object = None
    style: int = 0
    erreur: int | None = None


def xls(
    feuilles: Mapping[str, Mapping[tuple[int, int], object]],
    *,
    formats: tuple[str, ...] = (),
    fusions: tuple[tuple[int, int, int, int], ...] = (),
    masquees: tuple[str, ...] = (),
    date_1904: bool = False,
    en_plus: bytes = b"",
    graphique: bytes = b"",
) -> bytes:
    """A BIFF8 workbook in its OLE2 container. Cells by (row, column), 0-based; style 0 is general, then `formats`.

    `fusions` (row1, col1, row2, col2), 0-based, are those of every sheet; `en_plus` are records for the globals,
    `graphique` for the end of every sheet.
    """
    corps = [_feuille_xls(cellules, fusions, graphique) for cellules in feuilles.values()]
    debut = _enr(0x809, pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + _enr(0x42, pack("<H", 1200)) + en_plus
    debut += _enr(0x22, pack("<H", date_1904))
    for i, code in enumerate(formats):
        debut += _enr(0x41E, pack("<HHB", 164 + i, len(code), 0) + code.encode("latin-1"))
    for numero in (0, *range(164, 164 + len(formats))):
        debut += _enr(0xE0, pack("<HH", 0, numero) + bytes(16))
    annonces = [pack("<BBBB", nom in masquees, 0, len(nom), 0) + nom.encode("latin-1") for nom in feuilles]
    rang = len(debut) + sum(8 + len(annonce) for annonce in annonces) + 4
    for annonce, octets in zip(annonces, corps, strict=True):
        debut += _enr(0x85, pack("<I", rang) + annonce)
        rang += len(octets)
    return ole({"Workbook": debut + _enr(0x0A, b"") + b"".join(corps)})


def _feuille_xls(
    cellules: Mapping[tuple[int, int], object], fusions: tuple[tuple[int, int, int, int], ...], graphique: bytes
) -> bytes:
    octets = _enr(0x809, pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    octets += _enr(0x200, pack("<IIHHH", 0, 1 + max((r for r, _ in cellules), default=0), 0, 256, 0))
    for (ligne, colonne), brute in cellules.items():
        cellule = brute if isinstance(brute, Cellule) else Cellule(brute)
        ou, valeur = pack("<HHH", ligne, colonne, cellule.style), cellule.valeur
        if cellule.erreur is not None:
            octets += _enr(0x205, ou + pack("<BB", cellule.erreur, 1))
        elif isinstance(valeur, bool):
            octets += _enr(0x205, ou + pack("<BB", valeur, 0))
        elif isinstance(valeur, str):
            octets += _enr(0x204, ou + pack("<HB", len(valeur), 1) + valeur.encode("utf-16-le"))
        elif isinstance(valeur, int | float):
            octets += _enr(0x203, ou + pack("<d", valeur))
    if fusions:
        plages = b"".join(pack("<HHHH", haut, bas, gauche, droite) for haut, gauche, bas, droite in fusions)
        octets += _enr(0xE5, pack("<H", len(fusions)) + plages)
    return octets + graphique + _enr(0x0A, b"")


def _enr(genre: int, donnees: bytes) -> bytes:
    return pack("<HH", genre, len(donnees)) + donnees


def ole(flux: Mapping[str, bytes]) -> bytes:
    """An OLE2 container (sectors of 512 bytes) with these streams, made long enough not to be "mini" streams."""
    fin, libre = 0xFFFFFFFE, 0xFFFFFFFF
    morceaux = {nom: octets.ljust(4096, b"\0") for nom, octets in flux.items()}
    tailles = {nom: -(-len(octets) // 512) for nom, octets in morceaux.items()}
    repertoire = -(-(len(flux) + 1) // 4)
    total = repertoire + sum(tailles.values())
    nb_fat = 1
    while nb_fat * 128 < total + nb_fat:
        nb_fat += 1
    fat = [0xFFFFFFFD] * nb_fat + [*range(nb_fat + 1, nb_fat + repertoire), fin]
    entrees, suivant, donnees = [_entree("Root Entry", 5, fin, 0, 1)], nb_fat + repertoire, b""
    for i, (nom, octets) in enumerate(morceaux.items(), start=1):
        entrees.append(_entree(nom, 2, suivant, len(octets), libre, i + 1 if i < len(morceaux) else libre))
        fat += [*range(suivant + 1, suivant + tailles[nom]), fin]
        suivant += tailles[nom]
        donnees += octets.ljust(tailles[nom] * 512, b"\0")
    fat += [libre] * (nb_fat * 128 - len(fat))
    entete = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    entete += pack("<IIIIIIIII", 0, nb_fat, nb_fat, 0, 4096, fin, 0, fin, 0)
    entete += pack("<109I", *range(nb_fat), *[libre] * (109 - nb_fat))
    return entete + pack(f"<{len(fat)}I", *fat) + b"".join(entrees).ljust(repertoire * 512, b"\0") + donnees


def _entree(nom: str, genre: int, debut: int, taille: int, enfant: int, suivante: int = 0xFFFFFFFF) -> bytes:
    utf16 = nom.encode("utf-16-le")
    octets = utf16.ljust(64, b"\0") + pack("<HBB", len(utf16) + 2, genre, 1)
    octets += pack("<III", 0xFFFFFFFF, suivante, enfant) + bytes(36) + pack("<IQ", debut, taille)
    return octets
