"""Published annexes, read as any table of the contract (`annexes_publiees`), then one figure at a time.

Two shapes: `document;bailleur;code_reservataire;ligne;valeur` (contrat, Commands), and a `flux_….csv` of ours, known by
its column `valeur_exacte`. The file comes from outside: its size is bounded, no row is left out silently.
"""

import re
import tempfile
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.depot import extraction
from flows.fichiers import FichierRecu, nom_affiche
from flows.tables import lecture

OCTETS_MAX = 4 * 1024 * 1024
TABLE = "annexes_publiees"
TAUX = ("d", "i")
DECIMALES_DES_NOTRES = 6
"""Our files print up to six decimals, without their last zeros: `3` may stand for 3,0000004."""

_LIGNE = re.compile(r"[a-j]|[bfg]\.[a-z0-9_]{1,40}|report|objectif")
_NOMBRE = re.compile(r"([+-]?)([0-9]{1,3}(?: [0-9]{3}){1,3}|[0-9]{1,12})(?:[.,]([0-9]{1,8}))?")
_NON_FOURNI = frozenset({"", "non fourni", "non fournie", "nc", "nr", "-", "–", "—", "...", "…", "[...]"})


@dataclass(frozen=True, slots=True)
class Valeur:
    """One printed figure: as written, as an exact number, with how many decimals, on which line of the file.

    `marge`: what a whole number may hide, in its unit; 0 when it is written as it is.
    """

    texte: str
    nombre: Decimal
    decimales: int
    ligne_fichier: int
    marge: Decimal = Decimal(0)

    @property
    def bornes(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest number that are printed so: half a unit of the last decimal on each side."""
        ecart = self.marge or (Decimal(5).scaleb(-self.decimales - 1) if self.decimales else Decimal(0))
        return self.nombre - ecart, self.nombre + ecart


@dataclass(frozen=True, slots=True)
class Publication:
    """What one document says of one bailleur × réservataire (× year, when the file has a column `annee`).

    `lignes` maps a line (`a`…`j`, `b.vente`…) to the different values printed for it, the most precise first.
    `est_des_notres`: a `flux_….csv`, whose lines may be the sum of several conventions (contrat, Counting).
    """

    document: str
    annee: str
    bailleur: str
    code_reservataire: str
    est_des_notres: bool = False
    lignes: dict[str, list[Valeur]] = field(default_factory=dict)

    def valeur(self, ligne: str) -> Valeur | None:
        """The most precise value printed for a line, None when the document does not give it."""
        valeurs = self.lignes.get(ligne)
        return valeurs[0] if valeurs else None

    def details(self, ligne: str) -> dict[str, Valeur]:
        """The detail lines of b, f or g (`b.vente`…), in alphabetical order."""
        return {nom: v[0] for nom, v in sorted(self.lignes.items()) if nom.startswith(f"{ligne}.")}


def lire_publications(fichier: Path) -> tuple[list[Publication], list[Anomalie]]:
    """Every publication of the file, in a fixed order, with the anomalies of its reading.

    Rows may come in any order. A file that cannot be read at all gives no publication and a blocking anomaly.
    """
    rangees, anomalies = _rangees(fichier)
    publications: dict[tuple[str, ...], Publication] = {}
    sans_bailleur = all(r["bailleur"] is None for r in rangees)
    des_notres = any(r["valeur_exacte"] is not None for r in rangees)
    for rangee in rangees:
        if refus := _ranger(publications, rangee, fichier.stem, sans_bailleur, des_notres):
            nom, numero = nom_affiche(fichier.name), int(str(rangee["ligne_fichier"]))
            correction = "Corrigez la ligne, ou supprimez-la si elle n'est pas de l'annexe."
            anomalies.append(
                Anomalie(Gravite.ERREUR, "annexe_ligne_rejetee", refus, correction, fichier=nom, ligne=numero)
            )
    anomalies.sort(key=lambda a: a.ligne or 0)
    for publication in publications.values():
        for valeurs in publication.lignes.values():
            valeurs.sort(key=lambda v: (-v.decimales, v.nombre, v.ligne_fichier))
    return [publications[cle] for cle in sorted(publications)], anomalies


def _rangees(fichier: Path) -> tuple[list[dict[str, str | int | None]], list[Anomalie]]:
    """Accepted rows of the table, by columns, their row number as `ligne_fichier`; and the anomalies."""
    nom = nom_affiche(fichier.name)
    try:
        octets = fichier.stat().st_size if fichier.is_file() else -1
    except OSError:
        octets = -1
    if not 0 <= octets <= OCTETS_MAX:
        message = "ce n'est pas un fichier." if octets < 0 else f"le fichier dépasse {OCTETS_MAX // 1024**2} Mio."
        correction = "Donnez le fichier de l'annexe publiée, en CSV ou dans un classeur."
        return [], [Anomalie(Gravite.BLOQUANT, "annexe_illisible", message, correction, fichier=nom)]
    with tempfile.TemporaryDirectory() as dossier:
        travail = Path(dossier)
        try:
            feuilles, dites = extraction.extraire([(nom, fichier)], travail / "feuilles")
        except OSError as erreur:
            message = f"lecture impossible ({erreur.strerror or 'cause inconnue'})."
            correction = "Vérifiez vos droits sur le fichier, puis relancez."
            return [], [Anomalie(Gravite.BLOQUANT, "annexe_illisible", message, correction, fichier=nom)]
        lue = lecture.lire([FichierRecu(nom, fichier, TABLE, octets, "")], feuilles, travail / "tables", 0)
        if TABLE not in lue.tables:
            return [], [*dites, *lue.anomalies]
        # `ligne` is both the row number of every table and the line of the annexe: the reading keeps them apart
        table = pl.read_parquet(lue.tables[TABLE], glob=False).rename(
            {"ligne": "ligne_fichier", "ligne_annexe": "ligne"}
        )
    return table.sort("ligne_fichier").to_dicts(), [*dites, *lue.anomalies]


def _ranger(
    publications: dict[tuple[str, ...], Publication],
    rangee: dict[str, str | int | None],
    nom: str,
    sans_bailleur: bool,
    des_notres: bool,
) -> str:
    """Puts one row at its place; returns what is wrong with it, or nothing."""
    texte = {colonne: str(valeur or "") for colonne, valeur in rangee.items()}
    if not texte["bailleur"] and not sans_bailleur:
        return "La colonne « bailleur » est vide."
    ligne = texte["ligne"].lower()
    if not _LIGNE.fullmatch(ligne):
        return f"« {texte['ligne'][:40]} » n'est pas une ligne de l'annexe : a à j, ou un détail comme b.vente."
    if texte["valeur"].casefold() in _NON_FOURNI:
        return ""
    valeur = lire_nombre(texte["valeur"], int(texte["ligne_fichier"]), est_taux=ligne in TAUX, des_notres=des_notres)
    if isinstance(valeur, str):
        return valeur
    qui = (texte["document"] or nom, texte["annee"], texte["bailleur"] or "le bailleur", texte["code_reservataire"])
    publication = publications.setdefault(tuple(cle(t) for t in qui), Publication(*qui, des_notres))
    valeurs = publication.lignes.setdefault(ligne, [])
    if all((v.nombre, v.decimales) != (valeur.nombre, valeur.decimales) for v in valeurs):
        valeurs.append(valeur)
    return ""


def lire_nombre(texte: str, numero: int = 0, *, est_taux: bool = False, des_notres: bool = False) -> Valeur | str:
    """A number as printed (`1 583`, `13,55 %`, `18.48%`), or the reason why it cannot be read.

    Unlike the numbers of other tables, its decimals are kept as they are printed: they say its precision. Spaces only
    separate thousands, the decimal mark is a comma or a point, `%` only follows a rate.
    """
    propre = " ".join(texte.replace("\u2212", "-").split())
    sans_pourcent = propre.removesuffix("%").rstrip()
    if sans_pourcent != propre and not est_taux:
        return f"« {texte[:40]} » : un pourcentage n'est attendu que sur les lignes d et i."
    lu = _NOMBRE.fullmatch(sans_pourcent)
    if not lu:
        return f"« {texte[:40]} » n'est pas un nombre lisible, par exemple 1 583, 16,99 ou 13,55 %."
    signe, entier, decimales = lu.group(1), lu.group(2).replace(" ", ""), lu.group(3) or ""
    nombre = Decimal(f"{signe}{entier}.{decimales or '0'}")
    if des_notres:
        return Valeur(propre, nombre, DECIMALES_DES_NOTRES, numero, Decimal(5).scaleb(-DECIMALES_DES_NOTRES - 1))
    return Valeur(propre, nombre, len(decimales), numero)


def cle(texte: str) -> str:
    """A name without case, accents nor spacing: « Un toit  pour tous » is « UN TOIT POUR TOUS »."""
    sans_accent = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9.%]+", " ", sans_accent.lower()).split()) or texte
