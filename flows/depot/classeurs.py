"""Workbooks (.xlsx, .xlsm, .xls, .ods) and parquet files → sheets of text rows, in a process of their own.

`python -m flows.depot.classeurs` reads one request a line on its input and answers one line: what a
hostile file can do, it does to this process, whose memory and time are bounded; see `isolement.py` for the other end.

The cells come from fastexcel (calamine) as text, so that no type is guessed. What it does was measured (0.21): with
`header_row=None, skip_rows=0` the rows are numbered from the first of the sheet, but columns begin at the first filled
one; numbers lose their `.0` but are cut at nine decimals; dates carry their midnight; error cells become null; shares
and codes padded by a number format arrive as stored. What is needed to undo this is in `reperes*.py` and here.
"""

import contextlib
import json
import re
import sys
from collections import defaultdict
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import fastexcel
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc

from flows.anomalies import Anomalie
from flows.depot import archives, feuilles, ole, parquets, reperes_ods, reperes_xlsx
from flows.depot.archives import Refus
from flows.depot.constats_classeur import anomalies_de_la_feuille, anomalies_du_classeur
from flows.depot.feuilles import ERREUR_AUTRE, SANS_VALEUR, lettres, nombre_en_texte
from flows.depot.isolement import A_REMPLIR
from flows.depot.reperes import Contenu, Reperes

_ERREURS = {
    "NA": "#N/A",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "Div0": "#DIV/0!",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "GettingData": "#GETTING_DATA",
}
_DETAIL = re.compile(r"got '(?:Error\((\w+)\)|\w+\(\"?(.*?)\"?\))'")
_DECIMAL = r"^-?(?:0|[1-9]\d*)\.\d+$"
_MINUIT = r"^(\d{4}-\d\d-\d\d)[ T]00:00:00$"
_HEURE_ISO = r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)"

PLACES_MAX = 2_000_000
"""Rows × columns of a sheet to write in, filled or not: openpyxl takes 500 bytes for each."""

Corrections = dict[int, dict[int, str]]  # 0-based column of the batch → 0-based row → text


def lire(
    genre: str, fichier: str, chemin: Path, prefixe: Path, cle: bytes = b""
) -> tuple[str, list[dict[str, Any]], list[Anomalie]]:
    """Format, sheets (the fields of `Feuille`) and anomalies of one file; its sheets are `<prefixe>_<rank>.arrow`.

    `genre` is what the first bytes say: `zip`, `ole` or `parquet`; or `A_REMPLIR`, which gives no sheet. `cle` seals
    what is written. Raises Refus, or what the readers raise.
    """
    if genre == A_REMPLIR:
        _essayer(chemin)
        return "xlsx", [], []
    if genre == "parquet":
        destination = prefixe.with_name(f"{prefixe.name}_000.arrow")
        nombre = parquets.ecrire(chemin, destination, cle)
        return genre, [_champs("", destination, nombre, False, [])], []
    if genre == "ole":
        forme, contenu = "xls", ole.examiner(chemin)
    else:
        archive, forme = archives.ouvrir(chemin)
        with archive:
            contenu = (reperes_xlsx if forme == "xlsx" else reperes_ods).examiner(archive)
    anomalies = anomalies_du_classeur(fichier, contenu)
    lues, dites = _lire_feuilles(fichier, chemin, prefixe, forme, contenu, cle)
    if not lues:
        raise Refus("fichier_vide", "Le classeur ne contient aucune donnée.", "Déposez le classeur complet.")
    return forme, lues, anomalies + dites


def _essayer(chemin: Path) -> None:
    """Opens a workbook as the one who will write in it does: what it takes, it takes here first. Raises Refus."""
    archive, _ = archives.ouvrir(chemin)
    with archive:
        reperes_xlsx.examiner(archive)
    try:
        livre = openpyxl.load_workbook(chemin)
    except MemoryError:
        raise
    except Exception as erreur:  # it has no error of its own
        raise _illisible() from erreur
    for feuille in livre.worksheets:
        if feuille.max_row * feuille.max_column > PLACES_MAX:
            raise Refus(
                "classeur_demesure",
                f"La feuille va jusqu'à la ligne {feuille.max_row} et à la colonne {lettres(feuille.max_column)} : "
                "c'est trop pour y écrire.",
                "Supprimez les lignes et colonnes inutiles autour du tableau (Ctrl+Fin montre la dernière cellule), "
                "puis enregistrez le classeur.",
                feuille=feuille.title,
            )


def _lire_feuilles(
    fichier: str, chemin: Path, prefixe: Path, forme: str, contenu: Contenu, cle: bytes
) -> tuple[list[dict[str, Any]], list[Anomalie]]:
    lues: list[dict[str, Any]] = []
    anomalies: list[Anomalie] = []
    # fastexcel believes the extension of a path; bytes, it looks at.
    lisible = str(chemin) if chemin.suffix.lower() == f".{forme}" else chemin.read_bytes()
    classeur = fastexcel.read_excel(contenu.octets or lisible)
    for rang, nom in enumerate(classeur.sheet_names):
        try:
            feuille = classeur.load_sheet(rang, header_row=None, skip_rows=0, dtypes="string")
        except fastexcel.FastExcelError as erreur:
            raise Refus(
                "classeur_illisible",
                f"La feuille « {nom} » ne peut pas être lue : elle est abîmée ou d'une forme inhabituelle.",
                "Ouvrez le classeur dans Excel ou LibreOffice, enregistrez-le en .xlsx et redéposez-le.",
                feuille=nom,
            ) from erreur
        if not feuille.width:
            continue
        reperes = contenu.feuilles.get(nom)
        if reperes is None:
            raise _non_examinee(nom)
        masquee, decalage = feuille.visible != "visible", feuille.available_columns()[0].absolute_index
        lot, erreurs = feuille.to_arrow_with_errors()
        del feuille
        colonnes = [_nettoyer(colonne) for colonne in lot.columns]
        corrections = _textes_des_erreurs(erreurs, reperes, decalage)
        _corriger_decimales(classeur, rang, colonnes, corrections, decalage)
        colonnes = _appliquer(colonnes, corrections, reperes, decalage)
        colonnes = [pa.nulls(lot.num_rows, pa.string())] * decalage + colonnes
        while colonnes and colonnes[-1].null_count == len(colonnes[-1]):
            colonnes.pop()
        lignes = pa.array(range(1, lot.num_rows + 1), pa.int64())
        pleines = feuilles.non_vides(colonnes)
        if pleines is not None:
            lignes, colonnes = lignes.filter(pleines), [colonne.filter(pleines) for colonne in colonnes]
        anomalies += anomalies_de_la_feuille(fichier, nom, lignes, colonnes, reperes)
        if colonnes:
            destination = prefixe.with_name(f"{prefixe.name}_{rang:03d}.arrow")
            schema = feuilles.schema(len(colonnes))
            with feuilles.ecrire(destination, schema, cle) as sortie:
                sortie.write_batch(pa.record_batch([lignes, *colonnes], schema=schema))
            reperes.verifier_fusions(lignes[-1].as_py(), len(colonnes), nom)
            lues.append(_champs(nom, destination, len(lignes), masquee, list(reperes.fusions)))
    return lues, anomalies


def _non_examinee(nom: str) -> Refus:
    return Refus(
        "feuille_non_examinee",
        f"La feuille « {nom} » est rangée dans le classeur d'une façon inhabituelle : ses formats ne peuvent pas être "
        "vérifiés, des valeurs seraient fausses.",
        "Ouvrez le classeur dans Excel ou LibreOffice, enregistrez-le en .xlsx et redéposez-le.",
        feuille=nom,
    )


def _champs(
    nom: str, destination: Path, nombre: int, masquee: bool, fusions: list[tuple[int, int, int, int]]
) -> dict[str, Any]:
    return {
        "feuille": nom,
        "lignes": str(destination),
        "nb_lignes": nombre,
        "masquee": masquee,
        "fusions": fusions,
    }


def _nettoyer(colonne: pa.Array) -> pa.Array:
    """Empty texts are null, midnights go, the CR that Excel escapes is a line break."""
    if pc.any(pc.equal(colonne, "")).as_py():
        colonne = pc.if_else(pc.equal(colonne, ""), None, colonne)
    if pc.any(pc.ends_with(colonne, "00:00:00")).as_py():
        colonne = pc.replace_substring_regex(colonne, _MINUIT, r"\1")
    if pc.any(pc.match_substring_regex(colonne, _HEURE_ISO)).as_py():
        colonne = pc.replace_substring_regex(colonne, _HEURE_ISO, r"\1 \2")
    if pc.any(pc.match_substring(colonne, "_x000D_")).as_py():
        colonne = pc.replace_substring_regex(colonne, r"_x000D_\n?", "\n")
    return colonne


def _textes_des_erreurs(erreurs: Any, reperes: Reperes, decalage: int) -> Corrections:
    """What the reader gives as null because it is not a text, and what only the XML shows."""
    corrections: Corrections = defaultdict(dict)
    for ligne, colonne in reperes.sans_valeur:
        corrections[colonne - 1 - decalage][ligne - 1] = SANS_VALEUR
    for (ligne, colonne), texte in reperes.textes.items():
        corrections[colonne - 1 - decalage][ligne - 1] = texte
    for erreur in erreurs.errors if erreurs is not None else ():
        ligne, colonne = erreur.position
        trouve = _DETAIL.search(erreur.detail)
        nom, autre = trouve.groups() if trouve else (None, None)
        corrections[colonne][ligne] = _ERREURS.get(nom or "", autre or f"{ERREUR_AUTRE}:{nom or '?'}")
    return corrections


def _corriger_decimales(
    classeur: Any, rang: int, colonnes: list[pa.Array], corrections: Corrections, decalage: int
) -> None:
    """Numbers with nine decimals, or more digits than a float has, are taken again from the file as floats."""
    longues = {i: masque for i, colonne in enumerate(colonnes) if pc.any(masque := _longues(colonne)).as_py()}
    if not longues:
        return
    exactes = classeur.load_sheet(
        rang, header_row=None, skip_rows=0, use_columns=[i + decalage for i in longues], dtypes="float"
    ).to_arrow()
    for exacte, (i, masque) in zip(exactes.columns, longues.items(), strict=True):
        for ligne in pc.indices_nonzero(masque).to_pylist():
            valeur = exacte[ligne].as_py()
            if valeur is not None and (texte := nombre_en_texte(valeur)):
                corrections[i][ligne] = texte


def _longues(colonne: pa.Array) -> pa.Array:
    """Mask of the decimal numbers whose text has nine decimals, or 16 digits and more."""
    taille = pc.binary_length(colonne)
    suspectes = pc.or_(pc.equal(pc.find_substring(colonne, "."), pc.subtract(taille, 10)), pc.greater(taille, 16))
    if not pc.any(suspectes).as_py():
        return suspectes
    return pc.and_(suspectes, pc.match_substring_regex(colonne, _DECIMAL))


def _appliquer(colonnes: list[pa.Array], corrections: Corrections, reperes: Reperes, decalage: int) -> list[pa.Array]:
    """The columns once corrected, then as the number formats show them: 0.2863 in percent is `28.63%`."""
    formats: dict[int, dict[int, str]] = defaultdict(dict)
    for (ligne, colonne), forme in reperes.formats.items():
        formats[colonne - 1 - decalage][ligne - 1] = forme
    resultat = list(colonnes)
    for i in {*corrections, *formats}:
        if 0 <= i < len(colonnes):
            textes = colonnes[i].to_pylist()
            for ligne, texte in corrections.get(i, {}).items():
                if ligne < len(textes):
                    textes[ligne] = texte
            for ligne, forme in formats.get(i, {}).items():
                if ligne < len(textes):
                    textes[ligne] = _montrer(textes[ligne], forme)
            resultat[i] = pa.array(textes, pa.string())
    return resultat


def _montrer(texte: str | None, forme: str) -> str | None:
    if texte is None:
        return None
    try:
        nombre = Decimal(texte)
    except InvalidOperation:
        return texte
    if forme == "%":
        return f"{nombre_en_texte(nombre * 100)}%"
    return texte.zfill(len(forme)) if texte.isdigit() else texte


def _repondre(demande: dict[str, Any]) -> dict[str, Any]:
    fichier = demande["fichier"]
    try:
        forme, lues, anomalies = lire(
            demande["genre"],
            fichier,
            Path(demande["chemin"]),
            Path(demande["prefixe"]),
            bytes.fromhex(demande["cle"]),
        )
    except Refus as refus:
        return {"format": "", "feuilles": [], "anomalies": [asdict(refus.anomalie(fichier))]}
    except MemoryError:
        return {"mort": "memoire"}
    except (fastexcel.FastExcelError, pa.ArrowException, OSError, ValueError):
        return {"format": "", "feuilles": [], "anomalies": [asdict(_illisible().anomalie(fichier))]}
    return {"format": forme, "feuilles": lues, "anomalies": [asdict(anomalie) for anomalie in anomalies]}


def _illisible() -> Refus:
    return Refus(
        "classeur_illisible",
        "Le fichier ne peut pas être lu : il est abîmé ou d'une forme inhabituelle.",
        "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le en .xlsx et redéposez-le.",
    )


def _borner(memoire: int, secondes: int) -> None:
    """Bounds on what the next file may take, where the system has them (not on Windows: only the clock there)."""
    with contextlib.suppress(ImportError):
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        ecoulees = int(usage.ru_utime + usage.ru_stime)
        bornes = ((resource.RLIMIT_AS, memoire), (resource.RLIMIT_CPU, ecoulees + secondes + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for quoi, voulu in bornes:
            _, dur = resource.getrlimit(quoi)  # only the system may raise it
            resource.setrlimit(quoi, (voulu if dur == resource.RLIM_INFINITY else min(voulu, dur), dur))


def main() -> None:
    """Answers each line of the input by one line, until its end."""
    for ligne in sys.stdin:
        demande = json.loads(ligne)
        _borner(demande["memoire"], demande["secondes"])
        sys.stdout.write(json.dumps(_repondre(demande)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
