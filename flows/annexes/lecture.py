"""Reads published annexes from one CSV (`document;bailleur;code_reservataire;ligne;valeur`), whatever its shape.

The file comes from outside: its size is bounded, and a row that cannot be used is reported with its line number.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from flows.anomalies import Anomalie, Gravite

OCTETS_MAX = 4 * 1024 * 1024
LIGNES_MAX = 20_000
COLONNES = ("document", "bailleur", "code_reservataire", "ligne", "valeur")
TAUX = ("d", "i")

_LIGNE = re.compile(r"[a-j]|[bfg]\.[a-z0-9_]{1,40}")
_NOMBRE = re.compile(r"([+-]?)([0-9]{1,3}(?: [0-9]{3}){1,3}|[0-9]{1,12})(?:[.,]([0-9]{1,8}))?")
_NON_FOURNI = frozenset({"", "non fourni", "non fournie", "nc", "nr", "-", "–", "—", "...", "…", "[...]"})


@dataclass(frozen=True, slots=True)
class Valeur:
    """One printed figure: as written, as an exact number, with how many decimals, on which line of the file."""

    texte: str
    nombre: Decimal
    decimales: int
    ligne_fichier: int


@dataclass(frozen=True, slots=True)
class Publication:
    """What one document says of one bailleur × réservataire (× year, when the file has a column `annee`).

    `lignes` maps a line (`a`…`j`, `b.vente`…) to the different values printed for it, the most precise first.
    """

    document: str
    annee: str
    bailleur: str
    code_reservataire: str
    lignes: dict[str, list[Valeur]] = field(default_factory=dict)

    def valeur(self, ligne: str) -> Valeur | None:
        """The most precise value printed for a line, None when the document does not give it."""
        valeurs = self.lignes.get(ligne)
        return valeurs[0] if valeurs else None

    def details(self, ligne: str) -> dict[str, Valeur]:
        """The detail lines of b, f or g (`b.vente`…), in alphabetical order."""
        return {nom: v[0] for nom, v in sorted(self.lignes.items()) if nom.startswith(f"{ligne}.")}


def lire_publications(fichier: Path) -> tuple[list[Publication], list[Anomalie]]:
    """Every publication of the file, in a fixed order, with an anomaly for each row that could not be used.

    Rows may come in any order. A file that cannot be read at all gives no publication and one blocking anomaly.
    """
    anomalies: list[Anomalie] = []
    publications: dict[tuple[str, ...], Publication] = {}
    for numero, ligne in _lignes(fichier, anomalies):
        refus = _ranger(publications, numero, ligne)
        if refus:
            anomalies.append(_erreur("annexe_ligne_rejetee", fichier, refus, numero))
    for publication in publications.values():
        for valeurs in publication.lignes.values():
            valeurs.sort(key=lambda v: (-v.decimales, v.nombre, v.ligne_fichier))
    return [publications[cle] for cle in sorted(publications)], anomalies


def _ranger(publications: dict[tuple[str, ...], Publication], numero: int, ligne: dict[str, str]) -> str:
    """Puts one row at its place; returns what is wrong with it, or nothing."""
    for colonne in COLONNES[:4]:
        if not ligne[colonne]:
            return f"la colonne « {colonne} » est vide."
    nom = ligne["ligne"].lower()
    if not _LIGNE.fullmatch(nom):
        return f"« {ligne['ligne'][:40]} » n'est pas une ligne de l'annexe : a à j, ou un détail comme b.vente."
    if ligne["valeur"].casefold() in _NON_FOURNI:
        return ""
    valeur = lire_nombre(ligne["valeur"], numero, est_taux=nom in TAUX)
    if isinstance(valeur, str):
        return valeur
    qui = (ligne["document"], ligne["annee"], ligne["bailleur"], ligne["code_reservataire"])
    publication = publications.setdefault(tuple(cle(texte) for texte in qui), Publication(*qui))
    valeurs = publication.lignes.setdefault(nom, [])
    if all((v.nombre, v.decimales) != (valeur.nombre, valeur.decimales) for v in valeurs):
        valeurs.append(valeur)
    return ""


def lire_nombre(texte: str, numero: int = 0, *, est_taux: bool = False) -> Valeur | str:
    """A number as printed (`1 583`, `13,55 %`, `18.48%`), or the reason why it cannot be read.

    Spaces only separate thousands, the decimal mark is a comma or a point, `%` only follows a rate.
    """
    propre = " ".join(texte.replace("\u2212", "-").split())
    sans_pourcent = propre.removesuffix("%").rstrip()
    if sans_pourcent != propre and not est_taux:
        return f"« {texte[:40]} » : un pourcentage n'est attendu que sur les lignes d et i."
    lu = _NOMBRE.fullmatch(sans_pourcent)
    if not lu:
        return f"« {texte[:40]} » n'est pas un nombre lisible, par exemple 1 583, 16,99 ou 13,55 %."
    signe, entier, decimales = lu.group(1), lu.group(2).replace(" ", ""), lu.group(3) or ""
    return Valeur(propre, Decimal(f"{signe}{entier}.{decimales or '0'}"), len(decimales), numero)


def cle(texte: str) -> str:
    """A name without case, accents nor spacing: « Un toit  pour tous » is « UN TOIT POUR TOUS »."""
    sans_accent = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9.%]+", " ", sans_accent.lower()).split()) or texte


def _lignes(fichier: Path, anomalies: list[Anomalie]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each usable row with its line number in the file; the others go to `anomalies`."""
    texte = _texte(fichier)
    if isinstance(texte, Anomalie):
        anomalies.append(texte)
        return
    premiere = next((ligne for ligne in texte.splitlines() if ligne.strip()), "")
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=max(";,\t", key=premiere.count))
    entete: list[str] = []
    lues = 0
    while True:
        debut = lecteur.line_num + 1
        try:
            cellules = [_nettoyer(cellule) for cellule in next(lecteur)]
        except StopIteration:
            break
        except csv.Error as erreur:
            anomalies.append(_erreur("annexe_ligne_rejetee", fichier, f"ligne de CSV illisible ({erreur}).", debut))
            continue
        if not any(cellules):
            continue
        if not entete:
            entete = [cle(c).replace(" ", "_") for c in cellules]
            absentes = [c for c in COLONNES if entete.count(c) != 1]
            if absentes:
                vues = ", ".join(cellules)[:200]
                message = f"colonnes absentes ou en double : {', '.join(absentes)}. En-tête lu : {vues}."
                anomalies.append(_erreur("annexe_entete", fichier, message, debut, Gravite.BLOQUANT))
                return
            continue
        lues += 1
        if lues > LIGNES_MAX:
            message = f"plus de {LIGNES_MAX} lignes : la suite n'est pas vérifiée. Coupez le fichier par document."
            anomalies.append(_erreur("annexe_trop_longue", fichier, message, debut))
            return
        while len(cellules) > len(entete) and not cellules[-1]:
            cellules.pop()
        if len(cellules) != len(entete):
            message = (
                f"{len(cellules)} cellules pour {len(entete)} colonnes ; avec le séparateur « , », "
                "un nombre à virgule se met entre guillemets."
            )
            anomalies.append(_erreur("annexe_ligne_rejetee", fichier, message, debut))
            continue
        yield debut, {"annee": ""} | dict(zip(entete, cellules, strict=True))


def _texte(fichier: Path) -> str | Anomalie:
    """The text of the file (UTF-8 with or without BOM, UTF-16 with BOM, else cp1252), or why it cannot be had."""
    try:
        if not fichier.is_file():
            return _erreur("annexe_illisible", fichier, "ce n'est pas un fichier.", gravite=Gravite.BLOQUANT)
        with fichier.open("rb") as flux:
            octets = flux.read(OCTETS_MAX + 1)
    except OSError as erreur:
        cause = erreur.strerror or "lecture impossible"
        return _erreur("annexe_illisible", fichier, f"lecture impossible ({cause}).", gravite=Gravite.BLOQUANT)
    if len(octets) > OCTETS_MAX:
        message = f"le fichier dépasse {OCTETS_MAX // 1024 // 1024} Mio : ce n'est pas une annexe publiée."
        return _erreur("annexe_illisible", fichier, message, gravite=Gravite.BLOQUANT)
    codages = ("utf-16",) if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for codage in codages:
        try:
            texte = octets.decode(codage)
        except UnicodeDecodeError:
            continue
        if "\x00" not in texte and texte.strip():
            return texte
    message = "le fichier est vide ou n'est pas du texte : enregistrez-le en CSV UTF-8."
    return _erreur("annexe_illisible", fichier, message, gravite=Gravite.BLOQUANT)


def _nettoyer(cellule: str) -> str:
    """A cell on one line, without control characters (they could drive a terminal), of a bounded length."""
    lisible = "".join(c if c.isprintable() else " " for c in cellule[:400])
    return " ".join(lisible.split())[:200]


def _erreur(
    code: str, fichier: Path, message: str, ligne: int | None = None, gravite: Gravite = Gravite.ERREUR
) -> Anomalie:
    correction = "Colonnes attendues : " + ";".join(COLONNES) + "."
    return Anomalie(gravite, code, message, correction, fichier=_nettoyer(fichier.name), ligne=ligne)
