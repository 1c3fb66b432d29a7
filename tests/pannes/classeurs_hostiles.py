"""Workbooks that no one should open without care: bombs, far cells, entities, passwords, cuts, links."""

import io
import struct
import zipfile
from collections.abc import Callable

from tests.pannes.cas import TABLE, Cas, coupe
from tests.pannes.classeurs_bruts import (
    Brut,
    Cellule,
    archive,
    ligne_ods,
    lignes_xlsx,
    ods,
    ole,
    parties_ods,
    parties_xlsx,
    table_ods,
    xls,
    xlsx,
)

XLSX = lignes_xlsx(TABLE)
ODS = table_ods(*(ligne_ods(*ligne) for ligne in TABLE))
XLS: dict[tuple[int, int], object] = {(i, j): v for i, ligne in enumerate(TABLE) for j, v in enumerate(ligne)}
ENTITES = '<!DOCTYPE x [<!ENTITY a "ah">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


def _feuille_de(corps: str) -> Callable[[], bytes]:
    return lambda: xlsx(corps)


def _cellule(xml: str) -> Callable[[], bytes]:
    """An .xlsx whose table is followed by one more row."""
    return _feuille_de(XLSX.replace("</sheetData>", xml + "</sheetData>"))


def _partie(nom: str, contenu: str | bytes) -> Callable[[], bytes]:
    """An .xlsx with one more part, or one part replaced."""
    return lambda: archive(parties_xlsx(XLSX) | {nom: contenu})


def _abime(octets: Callable[[], bytes], motif: bytes) -> Callable[[], bytes]:
    """One bit changed in the middle of the compressed part called `motif`."""

    def fabriquer() -> bytes:
        tout = bytearray(octets())
        rang = tout.index(motif) + len(motif) + 60
        tout[rang] ^= 0x10
        return bytes(tout)

    return fabriquer


def _bombe() -> bytes:
    """600 kB that give 600 MB: one row of blanks that deflate reduces a thousand times."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as sortie:
        for nom, contenu in parties_xlsx(XLSX).items():
            if nom != "xl/worksheets/sheet1.xml":
                sortie.writestr(zipfile.ZipInfo(nom), contenu)
        with sortie.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as partie:
            partie.write(b"<worksheet><sheetData>")
            for _ in range(150):
                partie.write(b" " * (4 << 20))
            partie.write(b"</sheetData></worksheet>")
    return tampon.getvalue()


def _bombe_menteuse() -> bytes:
    """The same, whose directory announces 1 000 bytes."""
    octets = bytearray(_bombe())
    entree = octets.rindex(b"PK\x01\x02", 0, octets.rindex(b"xl/worksheets/sheet1.xml"))
    octets[entree + 24 : entree + 28] = struct.pack("<I", 1000)
    return bytes(octets)


def _chiffre() -> bytes:
    """An archive whose parts say that they are encrypted."""
    octets = bytearray(xlsx(XLSX))
    for signature, rang in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        debut = octets.find(signature)
        while debut >= 0:
            octets[debut + rang] |= 1
            debut = octets.find(signature, debut + 1)
    return bytes(octets)


def _nom_en_double() -> bytes:
    tampon = io.BytesIO()
    parties = parties_xlsx(XLSX)
    parties["xl/worksheets/sheet2.xml"] = parties["xl/worksheets/sheet1.xml"]
    with zipfile.ZipFile(tampon, "w") as sortie:
        for nom, contenu in parties.items():
            sortie.writestr(zipfile.ZipInfo(nom), contenu)
    return tampon.getvalue().replace(b"sheet2.xml", b"sheet1.xml")


def _ole_en_boucle() -> bytes:
    """A chain of sectors that bites its own tail."""
    octets = bytearray(xls({"F": XLS}))
    octets[512 + 4 * 3 : 512 + 4 * 4] = struct.pack("<I", 2)
    return bytes(octets)


def _ods_repete(attributs_ligne: str, attributs_cellule: str) -> Callable[[], bytes]:
    cellule = f'<table:table-cell office:value-type="string"{attributs_cellule}><text:p>x</text:p></table:table-cell>'
    return lambda: ods(table_ods(ligne_ods(Brut(cellule), attributs=attributs_ligne)))


_XLSX = (
    Cas("bombe", ".xlsx", _bombe, ("archive_suspecte",)),
    Cas("bombe_menteuse", ".xlsx", _bombe_menteuse, ("fichier_tronque",)),
    Cas(
        "bombe_de_textes",
        ".xlsx",
        _partie("xl/sharedStrings.xml", b"<sst>" + b"<si/>" * (20 << 20)),
        ("archive_suspecte",),
    ),
    Cas(
        "cellule_lointaine",
        ".xlsx",
        _cellule('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        ("cellule_hors_limites",),
    ),
    Cas(
        "ligne_lointaine",
        ".xlsx",
        _cellule('<row r="900000"><c r="AZ900000"><v>1</v></c></row>'),
        ("cellule_hors_limites",),
    ),
    Cas(
        "hors_grille",
        ".xlsx",
        _cellule('<row r="9999999"><c r="ZZZZ9999999"><v>1</v></c></row>'),
        ("cellule_hors_limites",),
    ),
    Cas("sans_adresse", ".xlsx", _cellule('<row r="4294967000"><c><v>1</v></c></row>'), ("lecture_interrompue",)),
    Cas("douze_millions", ".xlsx", _cellule('<row r="1000000"><c r="L1000000"><v>1</v></c></row>'), (), lisible=True),
    Cas("vide_lointain", ".xlsx", _cellule('<row r="1048576"><c r="XFD1048576" s="0"/></row>'), (), lisible=True),
    Cas(
        "milliard_de_rires",
        ".xlsx",
        _partie("xl/worksheets/sheet1.xml", ENTITES + "]><worksheet>&i;</worksheet>"),
        ("archive_suspecte",),
    ),
    Cas(
        "entite_externe",
        ".xlsx",
        _partie("xl/sharedStrings.xml", '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst/>'),
        ("archive_suspecte",),
    ),
    Cas(
        "entite_cachee",
        ".xlsx",
        _partie("xl/styles.xml", "<!--" + " " * 3_000_000 + "--><!DOCTYPE s><styleSheet/>"),
        ("archive_suspecte",),
    ),
    Cas(
        "xml_en_utf16",
        ".xlsx",
        _partie("xl/worksheets/sheet1.xml", f"<worksheet>{XLSX}</worksheet>".encode("utf-16")),
        ("archive_suspecte",),
    ),
    Cas("archive_chiffree", ".xlsx", _chiffre, ("classeur_protege",)),
    Cas(
        "classeur_chiffre",
        ".xlsx",
        lambda: ole({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}),
        ("classeur_protege",),
    ),
    Cas("sort_du_dossier", ".xlsx", _partie("../../evade.xml", "<x/>"), ("archive_suspecte",)),
    Cas("nom_absolu", ".xlsx", _partie("/etc/evade.xml", "<x/>"), ("archive_suspecte",)),
    Cas("nom_en_double", ".xlsx", _nom_en_double, ("archive_suspecte",)),
    Cas("tronque_a_moitie", ".xlsx", coupe(lambda: xlsx(XLSX), 0.5), ("fichier_tronque",)),
    Cas("tronque_a_la_fin", ".xlsx", coupe(lambda: xlsx(XLSX), 0.99), ("fichier_tronque",)),
    Cas("somme_fausse", ".xlsx", _abime(lambda: xlsx(XLSX), b"xl/worksheets/sheet1.xml"), ("fichier_tronque",)),
    Cas("archive_de_csv", ".xlsx", lambda: archive({"a.csv": "code;nombre\n"}), ("format_non_pris_en_charge",)),
    Cas("document_word", ".xlsx", lambda: archive({"word/document.xml": "<x/>"}), ("format_non_pris_en_charge",)),
    Cas("binaire_xlsb", ".xlsx", lambda: archive({"xl/workbook.bin": b"x"}), ("format_non_pris_en_charge",)),
    Cas(
        "dix_mille_parties",
        ".xlsx",
        lambda: archive(parties_xlsx(XLSX) | {f"x{i}": b"" for i in range(10_001)}),
        ("archive_suspecte",),
    ),
    Cas("classeur_vide", ".xlsx", _feuille_de("<sheetData/>"), ("fichier_vide",)),
    Cas("sans_feuille", ".xlsx", lambda: xlsx(), ("fichier_vide",)),
    Cas("xml_mal_forme", ".xlsx", _feuille_de("<sheetData><row><c>"), ("classeur_illisible",)),
    Cas(
        "texte_partage_absent",
        ".xlsx",
        _cellule('<row r="9"><c r="A9" t="s"><v>999</v></c></row>'),
        ("classeur_illisible",),
    ),
    Cas(
        "textes_partages_promis",
        ".xlsx",
        _partie("xl/sharedStrings.xml", '<sst count="4000000000" uniqueCount="4000000000"/>'),
        ("lecture_interrompue",),
    ),
    Cas(
        "erreur_inconnue",
        ".xlsx",
        _cellule('<row r="9"><c r="A9" t="e"><v>#SPILL!</v></c></row>'),
        ("classeur_illisible",),
    ),
    Cas(
        "erreurs",
        ".xlsx",
        _cellule('<row r="9"><c r="A9" t="e"><v>#N/A</v></c><c r="B9" t="e"><v>#REF!</v></c></row>'),
        ("cellule_en_erreur",) * 2,
        True,
    ),
    Cas(
        "formules_sans_valeur",
        ".xlsx",
        _cellule('<row r="9"><c r="A9"><f>1+1</f></c><c r="B9"><f>2</f><v></v></c></row>'),
        ("formule_sans_valeur",) * 2,
        True,
    ),
    Cas("macros", ".xlsx", _partie("xl/vbaProject.bin", b"x"), ("macros_ignorees",), lisible=True),
    Cas(
        "lien_externe",
        ".xlsx",
        _partie("xl/externalLinks/externalLink1.xml", "<externalLink/>"),
        ("liens_externes_ignores",),
        True,
    ),
    Cas(
        "dde",
        ".xlsx",
        _partie("xl/externalLinks/externalLink1.xml", '<externalLink><ddeLink ddeService="cmd"/></externalLink>'),
        ("lien_dde_ignore",),
        True,
    ),
    Cas(
        "connexion", ".xlsx", _partie("xl/connections.xml", "<connections/>"), ("liens_externes_ignores",), lisible=True
    ),
    Cas(
        "recalcul",
        ".xlsx",
        lambda: xlsx(
            XLSX.replace("</sheetData>", '<row r="9"><c r="A9"><f>1+1</f><v>2</v></c></row></sheetData>'),
            livre='<calcPr fullCalcOnLoad="1"/>',
        ),
        ("formules_a_recalculer",),
        True,
    ),
    Cas(
        "fusions_par_milliers",
        ".xlsx",
        _feuille_de(XLSX + "<mergeCells>" + '<mergeCell ref="A1:C1"/>' * 200_000 + "</mergeCells>"),
        (),
        lisible=True,
    ),
    Cas("xml_profond", ".xlsx", _feuille_de("<x>" * 300_000 + XLSX), (), lisible=True),
    Cas("xlsx_nomme_csv", ".csv", lambda: xlsx(XLSX), ("extension_trompeuse",), lisible=True),
    Cas("xlsx_nomme_xls", ".xls", lambda: xlsx(XLSX), ("extension_trompeuse",), lisible=True),
)

_ODS = (
    Cas(
        "cellule_lointaine",
        ".ods",
        lambda: ods(
            table_ods(
                ligne_ods("a"),
                '<table:table-row table:number-rows-repeated="1048574"/>',
                ligne_ods(Brut('<table:table-cell table:number-columns-repeated="16383"/>'), "x"),
            )
        ),
        ("cellule_hors_limites",),
    ),
    Cas(
        "repetition_immense",
        ".ods",
        _ods_repete(' table:number-rows-repeated="1048576"', ' table:number-columns-repeated="16384"'),
        ("classeur_demesure",),
    ),
    Cas(
        "repetition_hors_grille",
        ".ods",
        _ods_repete(' table:number-rows-repeated="999999999"', ""),
        ("cellule_hors_limites",),
    ),
    Cas("milliard_de_rires", ".ods", lambda: ods(ODS, prologue=ENTITES + "]>"), ("archive_suspecte",)),
    Cas(
        "chiffre",
        ".ods",
        lambda: archive(parties_ods(ODS) | {"META-INF/manifest.xml": "<manifest:encryption-data/>"}),
        ("classeur_protege",),
    ),
    Cas("ligne_repetee_zero_fois", ".ods", _ods_repete(' table:number-rows-repeated="0"', ""), ("classeur_illisible",)),
    Cas(
        "tableau_dans_une_cellule",
        ".ods",
        lambda: ods(table_ods(ligne_ods(Brut(f"<table:table-cell>{ODS}</table:table-cell>")), *map(ligne_ods, "ab"))),
        ("classeur_illisible",),
    ),
    Cas("tronque", ".ods", coupe(lambda: ods(ODS), 0.8), ("fichier_tronque",)),
    Cas("vide", ".ods", lambda: ods(table_ods()), ("fichier_vide",)),
    Cas(
        "dde",
        ".ods",
        lambda: ods(ODS, "<table:dde-links><table:dde-link/></table:dde-links>"),
        ("lien_dde_ignore",),
        lisible=True,
    ),
    Cas(
        "macros",
        ".ods",
        lambda: archive(parties_ods(ODS) | {"Basic/Standard/m.xml": "<x/>"}),
        ("macros_ignorees",),
        lisible=True,
    ),
    Cas(
        "erreurs",
        ".ods",
        lambda: ods(
            table_ods(
                ligne_ods(
                    "a",
                    Brut(
                        '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
                        'calcext:value-type="error"><text:p>#N/D</text:p></table:table-cell>'
                    ),
                )
            )
        ),
        ("cellule_en_erreur",),
        lisible=True,
    ),
    Cas(
        "formule_sans_valeur",
        ".ods",
        lambda: ods(table_ods(ligne_ods("a", Brut('<table:table-cell table:formula="of:=1+1"/>')))),
        ("formule_sans_valeur",),
        lisible=True,
    ),
)

_XLS = (
    Cas("tronque", ".xls", coupe(lambda: xls({"F": XLS}), 0.7), ("fichier_tronque",)),
    Cas("entete_seul", ".xls", lambda: xls({"F": XLS})[:512], ("fichier_tronque",)),
    Cas("boucle", ".xls", _ole_en_boucle, ("fichier_tronque",)),
    Cas(
        "mot_de_passe", ".xls", lambda: xls({"F": XLS}, en_plus=struct.pack("<HHH", 0x2F, 2, 1)), ("classeur_protege",)
    ),
    Cas("cellule_lointaine", ".xls", lambda: xls({"F": {**XLS, (65_535, 255): "x"}}), ("cellule_hors_limites",)),
    Cas("document_word", ".xls", lambda: ole({"WordDocument": b"x"}), ("format_non_pris_en_charge",)),
    Cas(
        "erreur", ".xls", lambda: xls({"F": {**XLS, (5, 0): Cellule(erreur=42)}}), ("cellule_en_erreur",), lisible=True
    ),
    Cas(
        "lien",
        ".xls",
        lambda: xls({"F": XLS}, en_plus=struct.pack("<HHHHB", 0x1AE, 5, 1, 0, 3)),
        ("lien_dde_ignore",),
        lisible=True,
    ),
)

CLASSEURS = _XLSX + _ODS + _XLS
