"""Writes a document as a self-contained HTML page: no network, no external file, one script of our own.

The page is whole and open without its script, which folds, searches, filters and sorts. Nothing else
runs: the policy of the page names the script by its hash.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateSyntaxError, select_autoescape

from flows.anomalies import Anomalie, Gravite
from flows.chemins import GABARITS, reglages
from flows.livrables import francais
from flows.livrables.lignes_page import lignes
from flows.livrables.tableau import Graphique, Tableau, longueur
from flows.livrables.theme import Theme

_EXTERIEUR = re.compile(
    r"<(?:link|iframe|object|embed|base)\b[^>]*|@import[^;]*|url\(\s*['\"]?(?!data:|#)[^)]*\)"
    r"|\b(?:src|srcset|poster)\s*=\s*['\"](?!data:|\{\{ logo)[^'\"]*['\"]",
    re.IGNORECASE,
)
"""What makes a browser fetch a file: the pages have none, and their policy forbids it."""
_EPAISSEUR = 14
_LIBELLE = 20
_ENTRE_GROUPES = 8
_LARGEUR_UTILE = 84
"""Percent of the drawing's width for the longest bar: its value is written on its right."""


class Imprimable(Protocol):
    """What the running head and foot of a page say; the template of the page reads the rest."""

    @property
    def titre(self) -> str: ...
    @property
    def sous_titre(self) -> str: ...
    @property
    def bandeaux(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Barre:
    """One bar: its top in pixels, its length in percent of the drawing, its colour and its value in words."""

    y: int
    largeur: float
    couleur: str
    texte: str


@dataclass(frozen=True, slots=True)
class Dessin:
    """The geometry of a chart, in pixels downwards and in percent across, so that it fits any screen."""

    titre: str
    hauteur: int
    epaisseur: int
    libelles: tuple[tuple[int, str], ...]
    barres: tuple[Barre, ...]
    legende: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fichier:
    """A link of the index: what it is (`bilan.xlsx`), its name, its address from the index."""

    genre: str
    nom: str
    adresse: str


@dataclass(frozen=True, slots=True)
class Echeance:
    """A date of the calendar: what is due, for how many réservataires."""

    jour: date
    objet: str
    combien: int


@dataclass(frozen=True, slots=True)
class Index:
    """What the index shows: values common to all, banners, each bilan's figures and its files, the other files.

    `causes`: what the controls found, the gravest first, one mapping a cause.
    """

    commun: Mapping[str, Any]
    bandeaux: Sequence[str]
    bilans: Sequence[Mapping[str, Any]]
    fichiers: Mapping[str, Sequence[Fichier]]
    etats: Mapping[str, Sequence[Fichier]]
    """The états des lieux of each réservataire."""
    points: Sequence[Fichier]
    autres: Sequence[Fichier]
    echeances: Sequence[Echeance] = ()
    envois: Mapping[str, str] = field(default_factory=dict)
    """What was last sent to each réservataire: to whom, when, and whether it has changed since."""
    causes: Sequence[Mapping[str, Any]] = ()


def dessin(tableau: Tableau) -> Dessin | None:
    """Horizontal bars of the chart of `tableau`, grouped by row; None when it has no chart."""
    graphique = tableau.graphique
    if graphique is None:
        return None
    lignes = graphique.tracees(tableau.lignes)
    echelle = graphique.plus_grande(tableau.lignes) or 1.0
    libelles, barres, y = [], [], 0
    for rang, ligne in enumerate(lignes):
        libelles.append((y + _LIBELLE - 6, str(ligne[graphique.categorie])))
        y += _LIBELLE
        for serie, position in enumerate(graphique.series):
            largeur = round(longueur(ligne[position]) / echelle * _LARGEUR_UTILE, 2)
            couleur = graphique.couleurs[rang if graphique.par_ligne else serie]
            barres.append(Barre(y, largeur, couleur, tableau.colonnes[position].texte(ligne[position])))
            y += _EPAISSEUR + 2
        y += _ENTRE_GROUPES
    return Dessin(graphique.titre, y, _EPAISSEUR, tuple(libelles), tuple(barres), _legende(tableau, graphique))


def _legende(tableau: Tableau, graphique: Graphique) -> tuple[tuple[str, str], ...]:
    noms = (tableau.colonnes[position].titre for position in graphique.series)
    return () if graphique.par_ligne else tuple(zip(noms, graphique.couleurs, strict=True))


@lru_cache
def environnement(dossier: Path = GABARITS) -> Environment:
    """Jinja over a folder of templates, the bailleur's own first: what a page shows is escaped, a mail is a text."""
    env = Environment(
        loader=FileSystemLoader([reglages(dossier), dossier]),
        autoescape=select_autoescape(enabled_extensions=("html.j2", "html"), default_for_string=True),
        undefined=StrictUndefined,
        auto_reload=False,
        keep_trailing_newline=True,
    )
    env.globals["lignes"] = lignes
    env.filters.update(
        lisible=francais.lisible, dessin=dessin, nombre=francais.nombre, pourcent=francais.pourcent, jour=francais.jour
    )
    return env


def verifier_pages(dossier: Path = GABARITS) -> list[Anomalie]:
    """Mistakes of syntax in the page templates, and files that a page would fetch, each with its line."""
    anomalies = []

    def noter(chemin: Path, message: str, correction: str, ligne: int) -> None:
        lieu = "templates" if chemin.parent == dossier else "reglages"
        gravite, fichier = Gravite.BLOQUANT, f"{lieu}/{chemin.name}"
        anomalies.append(Anomalie(gravite, "gabarit_invalide", message, correction, fichier=fichier, ligne=ligne))

    for chemin in (c for lieu in (dossier, reglages(dossier)) for c in sorted(lieu.glob("*.j2"))):
        texte = chemin.read_text(encoding="utf-8")
        try:
            environnement(dossier).parse(texte)
        except TemplateSyntaxError as erreur:
            remede = "Corrigez la ligne, ou remettez le fichier d'origine."
            noter(chemin, f"Gabarit mal formé : {erreur.message}.", remede, erreur.lineno)
        for trouve in _EXTERIEUR.finditer(texte):
            remede = "Une page est complète dans son fichier : le logo se règle dans theme.toml, le reste dans la page."
            ligne = texte.count("\n", 0, trouve.start()) + 1
            noter(chemin, f"La page irait chercher un fichier : « {trouve[0][:80]} ».", remede, ligne)
    return anomalies


def ecrire_page(document: Imprimable, theme: Theme, gabarit: str, chemin: Path, dossier: Path = GABARITS) -> Path:
    """Writes `document` at `chemin` (.html) through the page template named `gabarit`."""
    entete, pied = " · ".join(document.bandeaux), f"{document.titre} – {document.sous_titre}"
    page = environnement(dossier).get_template(gabarit)
    return _ecrire(chemin, page.render(document=document, **_aspect(theme, entete, pied, dossier)))


def ecrire_index(index: Index, theme: Theme, chemin: Path, dossier: Path = GABARITS) -> Path:
    """Writes the way into all of it at `chemin`."""
    page = environnement(dossier).get_template("index.html.j2")
    aspect = _aspect(theme, " · ".join(index.bandeaux), str(index.commun["exercice_raison_sociale"]), dossier)
    return _ecrire(chemin, page.render(index=index, **{**index.commun, **aspect}))


def lien(racine: Path, chemin: Path) -> Fichier:
    """The link from the index in `racine` to a delivered file."""
    genre = f"{chemin.stem.split('_')[0]}{chemin.suffix}"
    return Fichier(genre, chemin.name, quote(chemin.relative_to(racine).as_posix()))


def _aspect(theme: Theme, entete: str, pied: str, dossier: Path) -> dict[str, Any]:
    script = _script(dossier)
    empreinte = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {
        "theme": theme,
        "c": theme.couleurs,
        "logo": theme.logo,
        "entete_page": _chaine_css(entete),
        "pied_page": _chaine_css(pied),
        "script": script,
        "politique": f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{empreinte}'",
    }


@lru_cache
def _script(dossier: Path) -> str:
    """The script of the pages, the same for all: no value of a document enters it."""
    return environnement(dossier).get_template("_script.js.j2").render()


def _chaine_css(texte: str) -> str:
    """`texte` as a CSS string; everything but letters and digits is escaped, so that nothing can end the string."""
    return '"' + re.sub(r"[^0-9A-Za-z]", lambda signe: f"\\{ord(signe[0]):06x}", texte) + '"'


def _ecrire(chemin: Path, texte: str) -> Path:
    chemin.write_text(texte, encoding="utf-8", newline="\n")
    return chemin
