"""The version that a document prints, « v3 · 7f31c2a9 »: what it was, what it becomes, what a file in hand says.

The letters name the content of a réservataire's documents; the number is that of the publication which last changed it.
A document that does not change keeps its version, hence its bytes.
"""

import hashlib
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

PROPRIETES = "docProps/core.xml"
_LONGUEUR = 8
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
