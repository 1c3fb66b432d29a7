"""Shapes that workbooks and exports really have, and that readers take for something else."""

import datetime as dt
import unicodedata
from struct import pack

from tests.pannes.campagne_saine import Lignes, texte_csv
from tests.pannes.classeurs_bruts import archive, lignes_xlsx, ods, parties_xlsx, table_ods, xls, xlsx
from tests.pannes.variantes import (
    BLOQUE,
    IDENTIQUE,
    REJETTE,
    SIGNALE,
    Dit,
    Fichiers,
    Variante,
    csv_change,
    en_csv,
    lignes_de,
)

_DATES = ("date_conge", "date_liberation", "date_relocation")
_STYLES = '<numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellXfs count="3">'
_STYLES += '<xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="10"/></cellXfs>'
_EXTENSION = (
    '<workbookPr date1904=" 1 "/><extLst/><extLst>'
    '<ext uri="{140A7094-0E35-4892-8432-C4D2E57EDEB5}" xmlns:x15="urn:x15">'
    '<x15:workbookPr chartTrackingRefBase="1"/></ext></extLst>'
)


def _cellules(remplace: str, styles: dict[str, int], valeur: dict[str, str]) -> str:
    """`<sheetData>` of a table with the columns of `styles` as styled numbers; `valeur` gives the number of a text."""
    entete, *lignes = lignes_de(remplace)
    corps = lignes_xlsx([[c or None for c in ligne] for ligne in lignes_de(remplace)])
    for i, ligne in enumerate(lignes, start=2):
        for j, (nom, texte) in enumerate(zip(entete, ligne, strict=True)):
            if nom in styles and texte:
                ou = f'<c r="{chr(65 + j)}{i}"'
                debut = corps.index(ou)
                fin = corps.index("</c>", debut)
                corps = corps[:debut] + f'{ou} s="{styles[nom]}"><v>{valeur[texte]}</v>' + corps[fin:]
    return corps


def _depuis_1904() -> Fichiers:
    """Dates counted from 1904, in the workbook of an Excel of 2013 or later."""
    jours = {
        texte: str((dt.datetime.strptime(texte, "%d/%m/%Y") - dt.datetime(1904, 1, 1)).days)
        for ligne in lignes_de("liberations")[1:]
        for nom, texte in zip(lignes_de("liberations")[0], ligne, strict=True)
        if nom in _DATES
    }
    corps = _cellules("liberations", dict.fromkeys(_DATES, 1), jours)
    return {"liberations.xlsx": xlsx(corps, styles=_STYLES, livre=_EXTENSION)}


def _taux_en_pourcent() -> str:
    taux = {"25,5": "0.255", "10,25": "0.1025", "8": "0.08"}
    return _cellules("reservataires", {"taux_pct": 2}, taux)


def _sans_adresses() -> Fichiers:
    """Cells and rows that do not say where they are: blank cells are given, the others follow."""
    entete = lignes_de("reservataires")[0]
    pleines = _taux_en_pourcent()
    for i in range(2, len(lignes_de("reservataires")) + 1):
        for j in range(len(entete)):
            if f'<c r="{chr(65 + j)}{i}"' not in pleines:  # put where it belongs, after its left neighbour
                gauche = pleines.index("</c>", pleines.index(f'<c r="{chr(64 + j)}{i}"')) + len("</c>")
                pleines = f'{pleines[:gauche]}<c r="{chr(65 + j)}{i}"></c>{pleines[gauche:]}'
    corps = "".join(
        morceau if rang == 0 else morceau.partition('"')[2].partition('"')[2]
        for rang, morceau in enumerate(pleines.split(" r="))
    )
    assert " r=" not in corps
    return {"reservataires.xlsx": xlsx(corps, styles=_STYLES)}


def _parties(nom: str, cible: str) -> Fichiers:
    """The sheet in a part of another name, its formats in it as usual."""
    parties = parties_xlsx(_taux_en_pourcent(), styles=_STYLES)
    parties[nom] = parties.pop("xl/worksheets/sheet1.xml")
    liens = parties["xl/_rels/workbook.xml.rels"]
    assert isinstance(liens, str)
    parties["xl/_rels/workbook.xml.rels"] = liens.replace("worksheets/sheet1.xml", cible)
    parties["[Content_Types].xml"] = str(parties["[Content_Types].xml"]).replace(
        "</Types>",
        f'<Override PartName="/{nom}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
        'worksheet+xml"/></Types>',
    )
    return {"reservataires.xlsx": archive(parties)}


def _propriete_utf16() -> Fichiers:
    """A part of custom data in UTF-16, as document management systems add."""
    corps = lignes_xlsx([[c or None for c in ligne] for ligne in lignes_de("droits")])
    donnees = '<?xml version="1.0" encoding="utf-16"?><p:properties xmlns:p="urn:ged">été</p:properties>'
    return {"droits.xlsx": archive(parties_xlsx(corps) | {"customXml/item1.xml": donnees.encode("utf-16")})}


def _enregistrement(genre: int, donnees: bytes) -> bytes:
    return pack("<HH", genre, len(donnees)) + donnees


def _graphique(remplace: str) -> Fichiers:
    """An .xls whose sheet holds a chart, whose cache of numbers looks like cells A1 to B2."""
    cache = b"".join(
        _enregistrement(0x203, pack("<HHHd", ligne, colonne, 0, 1.75)) for ligne in range(2) for colonne in range(2)
    )
    graphique = _enregistrement(0x809, pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 0)) + cache + _enregistrement(0x0A, b"")
    return {f"{remplace}.xls": xls({"Feuil1": _par_case(remplace)}, graphique=graphique)}


def _par_case(remplace: str) -> dict[tuple[int, int], object]:
    return {(i, j): texte for i, ligne in enumerate(lignes_de(remplace)) for j, texte in enumerate(ligne) if texte}


def _page_de_code() -> Fichiers:
    """An .xls of today's form that announces the code page of yesterday's."""
    page = _enregistrement(0x42, pack("<H", 1252))
    return {"exclusions.xls": xls({"Feuil1": _par_case("exclusions")}, en_plus=page)}


def _ods(remplace: str, fin: str = "", premiere: str = "") -> Fichiers:
    """The table as an .ods; `premiere` is the attribute of a formula put on its first cell."""
    rangees = []
    for i, ligne in enumerate(lignes_de(remplace)):
        cellules = "".join(
            f'<table:table-cell{premiere if i == 1 and j == 0 else ""} office:value-type="string"><text:p>{texte}'
            "</text:p></table:table-cell>"
            if texte
            else "<table:table-cell/>"
            for j, texte in enumerate(ligne)
        )
        rangees.append(f"<table:table-row>{cellules}</table:table-row>")
    return {f"{remplace}.ods": ods(table_ods(*rangees, fin))}


_LIBELLES: dict[str, dict[str, str]] = {
    "QPV": {"1": "Oui", "2": "NON"},
    "TYPECONST": {"C": "Collectif", "I": "individuel"},
    "NBPIECE": {str(n): f"T{n}" for n in range(1, 7)},
    "FINAN": {"10": "PLAI", "13": "Plus", "14": "PLS"},
    "CONV": {"1": "oui"},
    "SORTIEPATRIM": {"1": "Vente à l'occupant"},
    "MODE": {"1": "Loué"},
    "MISCOMMERCIAL": {"2": "Non"},
    "PMR": {"1": "Non accessible", "2": "Accessible non adapté", "3": "Accessible et adapté"},
    "CAT_ORG": {"132": "132"},
}


def _en_lettres() -> Fichiers:
    """The RPLS as a person writes it: official labels where the codes are, in any case."""
    entete, *lignes = lignes_de("rpls_2026")
    return en_csv(
        "rpls_2026",
        [entete, *([_LIBELLES.get(n, {}).get(c, c) for n, c in zip(entete, li, strict=True)] for li in lignes)],
    )


def _noms_decomposes() -> Fichiers:
    """Réservataires by their names, with accents as a Mac writes them (NFD), in another case."""
    noms = {"VILLE": "VILLE D'AMBÉRIEU", "ALS": "action logement services", "ETAT": "Préfecture de l’Ain"}
    lignes = [[noms.get(c, c) for c in ligne] for ligne in lignes_de("propositions")]
    return en_csv("propositions", [[unicodedata.normalize("NFD", c) for c in ligne] for ligne in lignes])


def _lignes_filtrees() -> Fichiers:
    corps = lignes_xlsx([[c or None for c in ligne] for ligne in lignes_de("liberations")])
    return {"liberations.xlsx": xlsx(corps.replace('<row r="3">', '<row r="3" hidden="1">'))}


def _nud_en_nombre() -> Fichiers:
    """Numbers of 18 digits in cells of numbers: the last three are lost."""
    lignes: list[list[object]] = [[c or None for c in ligne] for ligne in lignes_de("attributions")]
    rang = lignes_de("attributions")[0].index("nud")
    for ligne in lignes[1:]:
        ligne[rang] = 101999999990000000
    return {"attributions.xlsx": xlsx(lignes_xlsx(lignes))}


def _utc() -> Lignes:
    """Midnight in France, in universal time."""
    lignes = lignes_de("propositions")
    rang = lignes[0].index("date_mise_a_disposition")
    for ligne in lignes[1:]:
        jour = dt.datetime.strptime(ligne[rang], "%d/%m/%Y")
        ligne[rang] = (jour - dt.timedelta(hours=2 if jour.month == 4 else 1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return lignes


def _espaces() -> Fichiers:
    texte = "".join("; ".join(f'"{cellule}"' for cellule in ligne) + "\r\n" for ligne in lignes_de("attributions"))
    return {"attributions.csv": texte.encode()}


def _decrites(*, dessous: bool) -> Fichiers:
    """Three lines that describe the columns, as the State's files have, above or below the names."""
    noms, *logements = lignes_de("rpls_2025")
    descriptions = [[f"Libellé de {nom.lower()}" for nom in noms], ["texte"] * len(noms), ["n/a"] * len(noms)]
    lignes = [noms, *descriptions, *logements] if dessous else [*descriptions, noms, *logements]
    return {"rpls_2025.csv": texte_csv(lignes).encode()}


def _comptes(intitule: str) -> Fichiers:
    lignes = [["DEPCOM", "nbpiece", "qpv", intitule], ["01004", "3", "2", "41"], ["2A004", "2", "1", "77"]]
    return {"rpls_2025.csv": texte_csv(lignes).encode()}


def _etranger(remplace: str, octets: bytes) -> Fichiers:
    return {f"{remplace}.xls": octets}


def _soeurs(remplace: str, *absentes: str) -> Fichiers:
    """The rows on two sheets, the second without some of the columns."""
    entete, *lignes = [[c or None for c in ligne] for ligne in lignes_de(remplace)]
    rangs = [lignes_de(remplace)[0].index(absente) for absente in absentes]
    deuxieme = [[c for i, c in enumerate(ligne) if i not in rangs] for ligne in (entete, *lignes[2:])]
    corps = (
        lignes_xlsx([list(ligne) for ligne in (entete, *lignes[:2])]),
        lignes_xlsx([list(ligne) for ligne in deuxieme]),
    )
    return {f"{remplace}.xlsx": xlsx(*corps, noms=("Janvier", "Mars"))}


_REFUSE = (Dit("format_non_pris_en_charge", gravite="bloquant"),)
FORMES = (
    Variante("dates_1904_excel_2013", "liberations", _depuis_1904, IDENTIQUE),
    Variante(
        "cellules_sans_adresse", "reservataires", _sans_adresses, IDENTIQUE, (Dit("format_pourcentage", colonne="J"),)
    ),
    Variante(
        "partie_d_une_autre_casse",
        "reservataires",
        lambda: _parties("xl/Worksheets/Sheet1.XML", "worksheets/sheet1.xml"),
        IDENTIQUE,
        (Dit("format_pourcentage", colonne="J"),),
    ),
    Variante(
        "partie_sans_extension",
        "reservataires",
        lambda: _parties("xl/worksheets/feuille", "worksheets/feuille"),
        IDENTIQUE,
        (Dit("format_pourcentage", colonne="J"),),
    ),
    Variante("propriete_en_utf16", "droits", _propriete_utf16, IDENTIQUE),
    Variante("graphique_dans_un_xls", "propositions", lambda: _graphique("propositions"), IDENTIQUE),
    Variante("graphique_sur_des_colonnes_facultatives", "droits", lambda: _graphique("droits"), IDENTIQUE),
    Variante("page_de_code_d_un_xls", "exclusions", _page_de_code, IDENTIQUE),
    Variante(
        "formule_ods_avec_un_chevron",
        "exclusions",
        lambda: _ods("exclusions", premiere=' table:formula="of:=IF([.A1]>0;&quot;x&quot;;&quot;y&quot;)"'),
        IDENTIQUE,
    ),
    Variante(
        "lignes_vides_repetees_a_l_infini",
        "objectifs",
        lambda: _ods(
            "objectifs",
            '<table:table-row table:number-rows-repeated="99999999999"><table:table-cell/></table:table-row>',
        ),
        IDENTIQUE,
    ),
    Variante(
        "lignes_filtrees",
        "liberations",
        _lignes_filtrees,
        IDENTIQUE,
        (Dit("lignes_masquees", gravite="avertissement"),),
    ),
    Variante(
        "nud_en_nombre",
        "attributions",
        _nud_en_nombre,
        SIGNALE,
        (Dit("chiffres_perdus", gravite="erreur", colonne="E"),),
    ),
    Variante("heure_universelle", "propositions", lambda: en_csv("propositions", _utc()), IDENTIQUE),
    Variante(
        "espace_avant_guillemet",
        "attributions",
        _espaces,
        IDENTIQUE,
        (Dit("espace_avant_guillemet", gravite="information"),),
    ),
    Variante(
        "descriptions_au_dessus",
        "rpls_2025",
        lambda: _decrites(dessous=False),
        IDENTIQUE,
        (Dit("ligne_de_descriptions", ligne=3),),
    ),
    Variante(
        "descriptions_au_dessous",
        "rpls_2025",
        lambda: _decrites(dessous=True),
        IDENTIQUE,
        (Dit("ligne_de_descriptions", ligne=4),),
    ),
    Variante("comptes_par_commune", "rpls_2025", lambda: _comptes("n"), BLOQUE, (Dit("fichier_agrege", colonne="D"),)),
    Variante(
        "nombre_de_logements_par_commune",
        "rpls_2025",
        lambda: _comptes("Nombre de logements sociaux"),
        BLOQUE,
        (Dit("fichier_agrege", colonne="D"),),
    ),
    *(
        Variante(nom, "rpls_2025", lambda titre=titre: _comptes(titre), BLOQUE, (Dit("fichier_agrege", colonne="D"),))
        for nom, titre in (
            ("comptes_volume", "Volume"),
            ("comptes_dates", "Nb lgts au 01/01/2025"),
            ("comptes_t3", "T3"),
        )
    ),
    csv_change(
        "dates_americaines",
        "exclusions",
        BLOQUE,
        (Dit("valeur_illisible", 2, "date_debut"), Dit("valeur_illisible", 3, "date_debut")),
        (2, "date_debut", "02/13/2020"),
        (3, "date_debut", "03/04/2020"),
    ),
    Variante(
        "page_archivee",
        "previsions",
        lambda: _etranger("previsions", b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n\r\n<html>"),
        BLOQUE,
        _REFUSE,
    ),
    csv_change(
        "motif_de_refus_sans_reponse",
        "attributions",
        SIGNALE,
        (Dit("refus_sans_reponse", 2, gravite="avertissement"),),
        (2, "reponse_candidat", ""),
    ),
    Variante("libelles_pour_codes", "rpls_2026", _en_lettres, IDENTIQUE),
    Variante("noms_decomposes", "propositions", _noms_decomposes, IDENTIQUE),
    Variante(
        "sous_total_lisible",
        "droits",
        lambda: en_csv(
            "droits",
            [
                *lignes_de("droits")[:3],
                ["ALS", "", "ds", "", "2", "", "", "Sous-total RÉSIDENCE 003"],
                lignes_de("droits")[3],
            ],
        ),
        REJETTE,
        (Dit("ligne_de_total_douteuse", 4, gravite="erreur"),),
        en_plus=1,
    ),
    Variante(
        "feuille_soeur_sans_une_colonne",
        "propositions",
        lambda: _soeurs("propositions", "code_reservataire", "date_mise_a_disposition", "premiere_location", "issue"),
        BLOQUE,
        (Dit("feuille_incomplete", feuille="Mars"),),
    ),
    Variante(
        "droits_sans_dates_de_fin",
        "droits",
        lambda: en_csv("droits", [[c for i, c in enumerate(ligne) if i != 6] for ligne in lignes_de("droits")]),
        SIGNALE,
        (Dit("colonne_facultative_absente", colonne="date_fin", gravite="avertissement"),),
    ),
    Variante("sylk", "previsions", lambda: _etranger("previsions", b"ID;PWXL;N;E\r\nC;X1;Y1;K1\r\n"), BLOQUE, _REFUSE),
    Variante(
        "excel_4_sans_conteneur",
        "previsions",
        lambda: _etranger("previsions", b"\x09\x04\x06\x00\x00\x00\x10\x00\x00\x00" + bytes(100)),
        BLOQUE,
        _REFUSE,
    ),
)
