"""Reads `theme.toml`: the look of the documents, whom to ask, the logo. Refuses what could not be read or seen."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx.image.exceptions import UnrecognizedImageError
from docx.image.image import Image

from flows.chemins import GABARITS
from flows.entrepot.modeles import lire_dictionnaire
from flows.reglages import Refus, fusionner, proche

THEME = "theme.toml"
BLANC = "#FFFFFF"
CONTRASTE_MIN = 4.5
CONTRASTE_SERIE_MIN = 3.0
OCTETS_MAX = 500_000
COULEURS = ("principale", "texte", "discret", "fond", "trait", "alerte", "alerte_fond", "bandeau", "bandeau_fond")
CONTACT = ("service", "courriel", "telephone")
PAIRES = (
    ("principale", BLANC), ("principale", "fond"), ("texte", BLANC), ("texte", "fond"), ("discret", BLANC),
    ("discret", "fond"), ("alerte", BLANC), ("alerte", "alerte_fond"), ("bandeau", "bandeau_fond"),
)  # fmt: skip
"""Every ink and the background that it is read on: names of colours, or the white of the paper."""
_TYPES = {"image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class Logo:
    """The picture of the bailleur: its bytes, its size in pixels, what it says to who does not see it."""

    octets: bytes
    type: str
    largeur: int
    hauteur: int
    texte: str

    @property
    def adresse(self) -> str:
        """The picture inside a page."""
        return f"data:{self.type};base64,{base64.b64encode(self.octets).decode()}"

    def echelle(self, largeur: float, hauteur: float) -> float:
        """What makes it hold in a box, never larger than it is."""
        return min(1.0, largeur / self.largeur, hauteur / self.hauteur)


@dataclass(frozen=True, slots=True)
class Theme:
    """The look: one font, named colours, one colour per measure, and whom to ask."""

    police: str
    couleurs: Mapping[str, str]
    series: Mapping[str, str]
    contact: Mapping[str, str]
    logo: Logo | None = None

    def couleur_de(self, mesure: str) -> str:
        """Colour of a measure, the same in every chart."""
        return self.series.get(mesure, self.couleurs["principale"])


def lire_theme(dossier: Path = GABARITS) -> Theme:
    """Reads the look. Raises ArretBloquant with each mistake and its line.

    An unknown setting, a colour that is not `#RRGGBB`, two colours too close to be read, a logo that cannot be shown.
    """
    contenu, refus = fusionner(dossier, THEME)
    _cles(refus, "", contenu, {"police": str, "couleurs": dict, "series": dict, "contact": dict, "logo": dict})
    couleurs, series, contact, logo = (_table(contenu, cle) for cle in ("couleurs", "series", "contact", "logo"))
    _cles(refus, "couleurs", couleurs, dict.fromkeys(COULEURS, str))
    _cles(refus, "contact", contact, dict.fromkeys(CONTACT, str))
    _cles(refus, "logo", logo, {"fichier": str, "texte": str})
    connues = lire_dictionnaire()
    for nom in series:
        if nom not in connues:
            message = f"[series] : « {nom} » n'est pas une mesure."
            refus.noter(
                message, cle=nom, correction=proche(nom, list(connues)), motif=rf"^\s*[\"']?{re.escape(nom)}[\"']?\s*="
            )
    for nom in COULEURS:
        if nom not in couleurs:
            refus.noter(f"La couleur « {nom} » manque.", cle="[couleurs]")
    for nom, couleur in {**couleurs, **series}.items():
        if not _est_couleur(couleur):
            refus.noter(f"« {couleur} » n'est pas une couleur.", couleur, cle=nom, correction="Écrivez-la #RRGGBB.")
    refus.conclure()
    _contrastes(refus, couleurs, series)
    lu = _logo(refus, logo)
    refus.conclure()
    return Theme(
        police=str(contenu.get("police", "Calibri")),
        couleurs=couleurs,
        series=series,
        contact={cle: str(contact.get(cle, "")) for cle in CONTACT},
        logo=lu,
    )


def contraste(encre: str, fond: str) -> float:
    """Ratio of two colours, as WCAG computes it: from 1 to 21."""
    clair, sombre = sorted((_luminance(encre), _luminance(fond)), reverse=True)
    return (clair + 0.05) / (sombre + 0.05)


def _luminance(couleur: str) -> float:
    canaux = [int(couleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    rouge, vert, bleu = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux)
    return 0.2126 * rouge + 0.7152 * vert + 0.0722 * bleu


def _contrastes(refus: Refus, couleurs: Mapping[str, str], series: Mapping[str, str]) -> None:
    paires = [(encre, fond, CONTRASTE_MIN) for encre, fond in PAIRES]
    paires += [(nom, BLANC, CONTRASTE_SERIE_MIN) for nom in series]
    for encre, fond, minimum in paires:
        devant, derriere = couleurs.get(encre) or series[encre], couleurs.get(fond, fond)
        if (obtenu := contraste(devant, derriere)) < minimum:
            sur = "le blanc" if fond == BLANC else f"« {fond} »"
            trop_peu, assez = (f"{x:.1f}".replace(".", ",") for x in (obtenu, minimum))
            message = f"« {encre} » ({devant}) ne se lit pas sur {sur} ({derriere}) : contraste {trop_peu}."
            correction = f"Il en faut {assez} au moins : éclaircissez l'un ou assombrissez l'autre."
            refus.noter(message, devant, cle=encre, correction=correction, motif=rf"^\s*{re.escape(encre)}\s*=")


def _logo(refus: Refus, logo: Mapping[str, Any]) -> Logo | None:
    nom = str(logo.get("fichier", ""))
    if not nom:
        return None

    def refuser(message: str, correction: str) -> None:
        refus.noter(message, nom, cle="fichier", correction=correction)

    if Path(nom).is_absolute() or ".." in Path(nom).parts or "://" in nom:
        refuser(f"Le logo « {nom} » n'est pas dans le dossier des réglages.", "Copiez-le à côté de theme.toml.")
        return None
    chemin = next((d / nom for d in refus.dossiers if (d / nom).is_file()), None)
    if chemin is None:
        refuser(f"Le logo « {nom} » n'existe pas.", "Copiez-le à côté de theme.toml, ou corrigez son nom.")
        return None
    octets = chemin.read_bytes()
    try:
        image = Image.from_blob(octets)
    except (UnrecognizedImageError, ValueError, KeyError, EOFError):
        image = None
    if image is None or image.content_type not in _TYPES:
        refuser(f"Le logo « {nom} » n'est ni un PNG ni un JPEG.", "Enregistrez-le en PNG.")
    elif len(octets) > OCTETS_MAX:
        refuser(f"Le logo « {nom} » pèse {len(octets) // 1000} ko.", "500 ko au plus : il est dans chaque document.")
    else:
        return Logo(octets, image.content_type, image.px_width, image.px_height, str(logo.get("texte", "")))
    return None


def _cles(refus: Refus, section: str, table: Mapping[str, Any], connues: Mapping[str, type]) -> None:
    ou = f"[{section}] : le" if section else "le"
    for cle, valeur in table.items():
        if cle not in connues:
            refus.noter_inconnu(cle, connues, ou=ou)
        elif not isinstance(valeur, connues[cle]):
            refus.noter_type(cle, valeur, connues[cle], ou=ou)


def _table(contenu: Mapping[str, Any], cle: str) -> dict[str, Any]:
    valeur = contenu.get(cle, {})
    return dict(valeur) if isinstance(valeur, dict) else {}


def _est_couleur(couleur: object) -> bool:
    return re.fullmatch(r"#[0-9A-Fa-f]{6}", str(couleur)) is not None
