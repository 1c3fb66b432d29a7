"""Reads the CSV files that the bailleur may edit (`flows/contrat`, `sql/ref`, the dictionary), as Excel saves them.

UTF-8 with or without BOM, UTF-16 with BOM, else cp1252; `;`, `,` or tab; any end of line. What is wrong is said with
the file, the line and what to do.
"""

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.chemins import CONTRAT

Lignes = list[tuple[int, dict[str, str]]]
Declaree = tuple[tuple[str, ...], tuple[str, ...]]
"""The columns of a code list, and those of its key."""


def texte_de(chemin: Path) -> str:
    """The text of the file, whatever a spreadsheet saved; raises ArretBloquant when it is not text."""
    if (texte := decoder(chemin.read_bytes())) is not None:
        return texte
    raise ArretBloquant([faute(chemin, 1, "Le fichier n'est pas un texte lisible.", "Enregistrez-le en « CSV UTF-8 »")])


def decoder(octets: bytes) -> str | None:
    """The text of a file that somebody edits, whatever saved it; None when it is not text."""
    codages = ("utf-16",) if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for codage in codages:
        with suppress(UnicodeDecodeError):
            if "\x00" not in (texte := octets.decode(codage)):
                return texte
    return None


def separateur(entete: str) -> str:
    """The separator of a heading: the one that it holds most."""
    return max(";,\t", key=entete.count)


def lire_liste(chemin: Path, colonnes: Sequence[str], cle: Sequence[str] = ()) -> Lignes:
    """Rows with their line number in the file, blank ones left out, cells stripped.

    Raises ArretBloquant with every mistake: a column missing, unknown or written twice, a row of another width, two
    rows of one key (`cle`, columns; none to allow any).
    """
    texte = texte_de(chemin)
    premiere = texte.split("\n", 1)[0]
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur(premiere), strict=True)
    fautes: list[Anomalie] = []
    lignes: Lignes = []
    vues: dict[tuple[str, ...], int] = {}
    entete: list[str] = []
    try:
        for cellules in lecteur:
            valeurs = [cellule.strip() for cellule in cellules]
            if not any(valeurs):
                continue
            numero = lecteur.line_num
            if not entete:
                entete = _sans_vides(valeurs)
                fautes += _fautes_d_entete(chemin, numero, entete, colonnes)
                if fautes:
                    break
                continue
            valeurs = [*_sans_vides(valeurs), *[""] * (len(entete) - len(_sans_vides(valeurs)))]
            if len(valeurs) > len(entete):
                message = f"La ligne a {len(valeurs)} cellules pour {len(entete)} colonnes."
                remede = "Mettez entre guillemets la valeur qui contient le séparateur"
                fautes.append(faute(chemin, numero, message, remede))
                continue
            ligne = dict(zip(entete, valeurs, strict=True))
            qui = tuple(ligne[c] for c in cle)
            if cle and qui in vues:
                message = f"« {' / '.join(qui)} » est déjà à la ligne {vues[qui]} ({', '.join(cle)})."
                fautes.append(faute(chemin, numero, message, "Gardez une seule des deux lignes"))
                continue
            vues[qui] = numero
            lignes.append((numero, ligne))
    except csv.Error:
        message = "Un guillemet est de trop ou n'est pas refermé."
        fautes.append(faute(chemin, lecteur.line_num, message, "Doublez ou retirez ce guillemet"))
    if not entete:
        fautes.append(faute(chemin, 1, "Le fichier est vide.", "Remettez le fichier du produit"))
    if fautes:
        raise ArretBloquant(fautes)
    return lignes


def lire_declarees() -> dict[str, Declaree]:
    """The code lists of `sql/ref` by name, as `listes.csv` declares them."""
    lignes = lire_liste(CONTRAT / "listes.csv", ("liste", "cle", "colonnes"), cle=("liste",))
    return {li["liste"]: (tuple(li["colonnes"].split(",")), tuple(li["cle"].split(","))) for _, li in lignes}


def faute(chemin: Path, ligne: int, message: str, remede: str) -> Anomalie:
    """A mistake in a file of settings, as a blocking anomaly."""
    dossier = "sql/ref" if chemin.parent.name == "ref" else "sql" if chemin.stem == "dictionnaire" else "flows/contrat"
    nom = f"{dossier}/{chemin.name}"
    correction = f"{remede} (ligne {ligne} de {nom})."
    return Anomalie(Gravite.BLOQUANT, "schema_invalide", message, correction, fichier=nom, ligne=ligne)


def _sans_vides(valeurs: list[str]) -> list[str]:
    """Without the empty cells that a spreadsheet adds on the right."""
    while valeurs and not valeurs[-1]:
        valeurs = valeurs[:-1]
    return valeurs


def _fautes_d_entete(chemin: Path, numero: int, entete: list[str], colonnes: Sequence[str]) -> list[Anomalie]:
    absentes = [c for c in colonnes if c not in entete]
    inconnues = [c for c in entete if c not in colonnes]
    doubles = sorted({c for c in entete if entete.count(c) > 1})
    dites = [("absentes", absentes), ("inconnues", inconnues), ("en double", doubles)]
    remede = f"L'en-tête attendu est {';'.join(colonnes)}"
    return [faute(chemin, numero, f"Colonnes {mot} : {', '.join(noms)}.", remede) for mot, noms in dites if noms]
