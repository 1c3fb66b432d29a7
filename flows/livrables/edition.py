"""The version that a document prints, « v3 · 7f31c2a9 », and what changed since the one that its reader was sent.

The letters name the content of a réservataire's documents; the number is that of the publication which last changed it.
A document that does not change keeps its version, hence its bytes.
"""

import csv
import hashlib
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

from flows.livrables.tableau import PROPRIETE_MAX, Document, Tableau

PROPRIETES = "docProps/core.xml"
_LONGUEUR = 8
_PLACE, _SUITE = 60, 60
"""Characters of the sentence kept for what changed, and for the count of what is not named."""
_PAGE = re.compile(r"<dt>Version</dt><dd>(v\d+ · [0-9a-f]+)</dd>")
_PROPRIETE = re.compile(r"<(cp:contentStatus|dc:description)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Edition:
    """`nom` is the version printed; `depuis` says, in French, what changed since what was sent (empty: nothing was)."""

    nom: str = ""
    depuis: str = ""

    @property
    def identite(self) -> str:
        """The letters of the version, the same for the same content."""
        return self.nom.rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class Remise:
    """What a réservataire was last sent: its version, the day as it was written, the folder of its files."""

    edition: Edition
    le: str
    dossier: Path


@dataclass(slots=True)
class Editions:
    """What gives each document its version: the number of the publication being made, and what was published and sent.

    `fond` is what all documents depend on (templates, software); `connues` is by workbook, `remises` by réservataire.
    """

    numero: int = 1
    fond: str = ""
    connues: Mapping[str, Edition] = field(default_factory=dict)
    remises: Mapping[str, Remise] = field(default_factory=dict)

    def nommer(self, classeur: str, code: str, *contenus: object) -> Edition:
        """The version of the documents whose workbook is `classeur`, and whose whole content is `contenus`."""
        somme = hashlib.sha256(self.fond.encode())
        for contenu in contenus:
            somme.update(contenu if isinstance(contenu, bytes) else repr(contenu).encode("utf-8", "surrogatepass"))
        identite = somme.hexdigest()[:_LONGUEUR]
        remise = self.remises.get(code)
        for connue in (self.connues.get(classeur), remise and remise.edition):
            if connue and connue.identite == identite:
                return connue
        return Edition(f"v{self.numero} · {identite}")


def depuis(remise: Remise, dossier: Path, libelles: Mapping[str, str]) -> str:
    """What changed in the figures of `dossier` since `remise`, in one sentence. `libelles` names the measures."""
    dits: list[str] = []
    details = 0
    for ancien in sorted(remise.dossier.glob("*.csv"), key=lambda f: (not f.name.startswith("flux_"), f.name)):
        avant, apres = _lire(ancien), _lire(dossier / ancien.name)
        for cle in (*apres, *(cle for cle in avant if cle not in apres)):
            if avant.get(cle) == apres.get(cle):
                continue
            if ancien.name.startswith("flux_"):
                nom = f"ligne {cle[2]}" if len(cle[2]) == 1 else cle[2]
            elif ancien.name.startswith("bilan_") and cle[3] == "total":
                nom = libelles.get(cle[2], cle[2])
            else:
                details += 1
                continue
            dits.append(f"{nom} {apres.get(cle) or 'non fourni'} au lieu de {avant.get(cle) or 'non fourni'}")
    debut = f"Remplace {remise.edition.nom}, remise le {remise.le} ; "[: PROPRIETE_MAX - _PLACE]
    montres: list[str] = []
    while len(montres) < len(dits) and len(", ".join([debut, *montres, dits[len(montres)]])) < PROPRIETE_MAX - _SUITE:
        montres.append(dits[len(montres)])
    reste = len(dits) - len(montres)
    quoi = montres + ([f"{reste} autre{'s' * (reste > 1)}"] if reste else [])
    quoi += [f"{details} ligne{'s' * (details > 1)} de détail"] if details else []
    return debut + (f"ce qui a changé : {', '.join(quoi)}." if quoi else "les chiffres n'ont pas changé.")


def marquer(document: Document, edition: Edition) -> Document:
    """`document` with its version: on its summary, in its contents, at the foot of its pages."""
    return replace(
        document,
        edition=edition.nom,
        depuis=edition.depuis,
        identite=(*document.identite, ("Version", edition.nom)),
        feuilles=tuple(
            _avec_version(tableau, edition) if tableau.sommaire else tableau for tableau in document.feuilles
        ),
    )


def lire(chemin: Path) -> Edition:
    """The version that a workbook or a Word file carries in its properties, or a page in its text; empty for none."""
    try:
        if chemin.suffix == ".html":
            vu = _PAGE.search(chemin.read_text(encoding="utf-8", errors="replace"))
            return Edition(unescape(vu[1])) if vu else Edition()
        with zipfile.ZipFile(chemin) as archive:
            lues = dict(_PROPRIETE.findall(archive.read(PROPRIETES)[:20_000].decode("utf-8", "replace")))
    except (OSError, KeyError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
        return Edition()
    return Edition(unescape(lues.get("cp:contentStatus", "")), unescape(lues.get("dc:description", "")))


def _avec_version(tableau: Tableau, edition: Edition) -> Tableau:
    texte = f"{edition.nom}. {edition.depuis}" if edition.depuis else f"{edition.nom}."
    return replace(tableau, lignes=[*tableau.lignes, ["Version", texte]])


def _lire(chemin: Path) -> dict[tuple[str, ...], str]:
    """Rows of one of our CSV files: what identifies each, and the figure that it holds; an absent file has none."""
    if not chemin.is_file():
        return {}
    with chemin.open(encoding="utf-8-sig", newline="") as flux:
        entete, *lignes = csv.reader(flux, delimiter=";")
    if "nombre" in entete:
        rang = entete.index("nombre")
    elif "valeur" in entete:
        return {tuple(ligne[:3]): ligne[4] for ligne in lignes}
    else:
        return {tuple(ligne): "1" for ligne in lignes}
    return {tuple(ligne[:rang]): ligne[rang] for ligne in lignes}
