"""The Word templates of the annexe, `templates/annexes/*.docx`: checked before use, then filled.

A template may come from outside: it is opened after a look at all that it holds (`paquet_word.py`), its fields run in a
sandbox that only knows a few instructions, and every value is escaped.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator, MutableMapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.exceptions import OpcError
from docx.opc.pkgwriter import PackageWriter
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.chemins import GABARITS, REGLAGES, modeles_word
from flows.etapes import etape
from flows.livrables.contexte_annexe import ATTRIBUTS, CHAMPS, OBLIGATOIRES, Contexte, exemples
from flows.livrables.paquet_word import OCTETS_MAX, ModeleRefuse, verifier_paquet, verifier_parties
from flows.livrables.tableau import PROPRIETE_MAX
from flows.livrables.theme import Logo
from flows.reglages import proche

MODELES = GABARITS / "annexes"
BOUCLES_MAX = 2
_LOGO_LARGEUR, _LOGO_HAUTEUR = Mm(45), Mm(13)

_FILTRES = ("upper", "lower", "capitalize", "trim", "default", "length", "join")
_INSTRUCTIONS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.For,
    nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Tuple,
    nodes.List, nodes.Keyword,
)  # fmt: skip
_ECRIVAIN: Any = PackageWriter
_DATE_ARCHIVE = (1980, 1, 1, 0, 0, 0)
_COMPRESSION = 3
"""Half the time of the usual level, for ten kilobytes more on each document."""


class _ChampInconnu(StrictUndefined):
    """A field that has no value: its use stops the rendering and names it."""

    @property
    def _undefined_message(self) -> str:
        return f"Le champ « {self._undefined_name} » n'existe pas."


class _Atelier(ImmutableSandboxedEnvironment):
    """The sandbox of one template: each part is checked the first time, compiled once, and its fields noted."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=_ChampInconnu)
        self.filters = {nom: self.filters[nom] for nom in _FILTRES}
        self.champs: set[str] = set()
        self._compiles: dict[str, Template] = {}

    def from_string(
        self,
        source: str | nodes.Template,
        globals: MutableMapping[str, Any] | None = None,
        template_class: type[Template] | None = None,
    ) -> Template:
        """Compiles one part. Raises ModeleRefuse for an instruction or a field that templates do not have."""
        cle = str(source)
        if cle not in self._compiles:
            self.champs |= _champs(self.parse(cle))
            self._compiles[cle] = super().from_string(source, globals, template_class)
        return self._compiles[cle]


class _Ouvert(DocxTemplate):  # type: ignore[misc]
    """docxtpl's rendering on a document opened once: each part is read, and made a Jinja source, the first time.

    What a rendering writes in the document is the next one's starting point, so every part that it replaces, and every
    property that it fills, begins again from what the file holds.
    """

    def __init__(self, octets: bytes) -> None:
        super().__init__(io.BytesIO(octets))
        self._sources: dict[str, str] = {}
        self._pretes: dict[str, str] = {}
        self._notes: dict[str, bytes] = {}
        self._proprietes: dict[str, str] = {}

    def init_docx(self, reload: bool = True) -> None:
        super().init_docx(reload=False)

    def get_xml(self) -> str:
        return self._sources.get("") or self._retenir("", super().get_xml())

    def get_part_xml(self, part: Any) -> str:
        return self._sources.get(part.partname) or self._retenir(part.partname, super().get_part_xml(part))

    def patch_xml(self, src_xml: str) -> str:
        if src_xml not in self._pretes:
            self._pretes[src_xml] = super().patch_xml(src_xml)
        return self._pretes[src_xml]

    def render_properties(self, context: Contexte, jinja_env: Any = None) -> None:
        proprietes = self.docx.core_properties
        for nom in ("author", "comments", "identifier", "language", "subject", "title"):
            setattr(proprietes, nom, self._proprietes.setdefault(nom, getattr(proprietes, nom)))
        super().render_properties(context, jinja_env)

    def render_footnotes(self, context: Contexte, jinja_env: Any = None) -> None:
        for partie in self.docx.part.package.parts:
            if partie.content_type.endswith("footnotes+xml"):
                partie._blob = self._notes.setdefault(partie.partname, partie.blob)
        super().render_footnotes(context, jinja_env)

    def _retenir(self, partie: str, source: str) -> str:
        self._sources[partie] = source
        return source


class ModeleAnnexe:
    """One checked template. Raises ModeleRefuse, naming the field, when it cannot make an annexe."""

    def __init__(self, chemin: Path, logo: Logo | None = None) -> None:
        self.nom = chemin.stem
        octets = _lire(chemin)
        verifier_paquet(octets)
        self._atelier = _Atelier()
        self._verrou = Lock()
        try:
            self._document = _Ouvert(octets)
            self._document.render_init()
            if logo is not None:
                _poser_logo(self._document.docx, logo)
        except (OpcError, SyntaxError, KeyError, ValueError, AttributeError, TypeError) as erreur:
            raise ModeleRefuse("Ce fichier n'est pas un document Word lisible.") from erreur
        try:
            for exemple in exemples():
                _controler_corps(parse_xml(self._document.build_xml(exemple, self._atelier)))
                self.remplir(exemple, "", date(2000, 1, 1))
                parties = self._document.docx.part.package.iter_parts()
                verifier_parties((p.partname, p.content_type, p.blob) for p in parties if _est_remplie(p))
        except TemplateError as erreur:
            raise ModeleRefuse(_expliquer(erreur)) from erreur
        except (SyntaxError, ValueError, AttributeError, TypeError) as erreur:
            raise ModeleRefuse(
                "Une condition ou une boucle coupe un paragraphe ou une cellule : mettez {%p … %} seul dans son "
                "paragraphe, {%tr … %} seul dans sa ligne de tableau."
            ) from erreur
        absents = [champ for champ in OBLIGATOIRES if champ not in self._atelier.champs]
        if not {"ligne", "lignes"} & self._atelier.champs:
            absents.append("lignes")
        if absents:
            liste = ", ".join(f"« {champ} »" for champ in absents)
            raise ModeleRefuse(f"Le modèle ne montre pas {liste} : une annexe sans ces champs ne peut pas être signée.")

    def remplir(self, contexte: Contexte, titre: str, jour: date) -> bytes:
        """The annexe as the bytes of a .docx, the same wherever and whenever it is made; dated `jour`."""
        with self._verrou:
            return self._remplir(contexte, titre, jour)

    def _remplir(self, contexte: Contexte, titre: str, jour: date) -> bytes:
        document = self._document
        document.render(contexte, self._atelier, autoescape=True)
        proprietes = document.docx.core_properties
        proprietes.title, proprietes.language = titre[:PROPRIETE_MAX], "fr-FR"
        proprietes.author = proprietes.last_modified_by = proprietes.comments = proprietes.keywords = ""
        proprietes.created = proprietes.modified = datetime(jour.year, jour.month, jour.day)
        proprietes.revision = 1
        proprietes.content_status = contexte["version"]
        return _archiver(document.docx.part.package)


def verifier_modele(chemin: Path) -> None:
    """Checks one template. Raises ArretBloquant with the anomaly that names the wrong field and the remedy."""
    charger_modele(chemin)


@etape("Vérification des annexes")
def verifier_modeles(*dossiers: Path) -> None:
    """Checks every template of these folders, by default the annexes, before any computation.

    Raises ArretBloquant with all that is wrong.
    """
    anomalies: list[Anomalie] = []
    for chemin in sorted(c for dossier in dossiers or (MODELES,) for c in modeles_word(dossier).values()):
        try:
            charger_modele(chemin)
        except ArretBloquant as arret:
            anomalies += arret.anomalies
    if anomalies:
        raise ArretBloquant(anomalies)


def charger_modele(chemin: Path, logo: Logo | None = None) -> ModeleAnnexe:
    """The checked template of a file, with the logo of its header, read once a process.

    Raises ArretBloquant when it is refused.
    """
    try:
        return _charger(chemin, hashlib.sha256(_lire(chemin)).hexdigest(), logo)
    except ModeleRefuse as refus:
        correction = "Corrigez le modèle dans Word ; templates/annexes/LISEZMOI.md donne la liste des champs."
        connu = chemin.is_relative_to(GABARITS) or chemin.is_relative_to(REGLAGES)
        dossier = chemin.parent.name if connu else MODELES.name
        racine = "reglages" if chemin.is_relative_to(REGLAGES) else "templates"
        fichier = f"{racine}/{dossier}/{chemin.name}"
        raise ArretBloquant(
            [Anomalie(Gravite.BLOQUANT, "gabarit_invalide", str(refus), correction, fichier=fichier)]
        ) from refus


@lru_cache(maxsize=32)
def _charger(chemin: Path, _empreinte: str, logo: Logo | None) -> ModeleAnnexe:
    return ModeleAnnexe(chemin, logo)


def _lire(chemin: Path) -> bytes:
    """The bytes of a file of a bounded size."""
    try:
        if chemin.stat().st_size > OCTETS_MAX:
            raise ModeleRefuse(f"Le fichier dépasse {OCTETS_MAX // 1024 // 1024} Mio.")
        return chemin.read_bytes()
    except OSError as erreur:
        raise ModeleRefuse("Le fichier ne peut pas être lu.") from erreur


def _champs(arbre: nodes.Template) -> set[str]:
    """Fields that a part uses. Raises ModeleRefuse for anything that a template cannot do or name."""
    boucles = {nom.name for nom in arbre.find_all(nodes.Name) if nom.ctx == "store"}
    utilises: set[str] = set()
    for noeud, profondeur in _parcourir(arbre, 0):
        if not isinstance(noeud, _INSTRUCTIONS):
            raise ModeleRefuse(
                f"L'instruction « {type(noeud).__name__} » n'est pas admise : un modèle ne sait que montrer un champ, "
                "répéter (for) et choisir (if)."
            )
        if profondeur > BOUCLES_MAX:
            raise ModeleRefuse(f"Pas plus de {BOUCLES_MAX} boucles l'une dans l'autre.")
        if isinstance(noeud, nodes.Filter) and noeud.name not in _FILTRES:
            raise ModeleRefuse(f"Le filtre « {noeud.name} » n'existe pas. {proche(noeud.name, list(_FILTRES))}")
        if isinstance(noeud, nodes.Getattr) and noeud.attr not in ATTRIBUTS:
            raise ModeleRefuse(f"Le champ « {noeud.attr} » n'existe pas. {proche(noeud.attr, sorted(ATTRIBUTS))}")
        if isinstance(noeud, nodes.Name) and noeud.ctx == "load":
            if noeud.name not in CHAMPS | boucles | {"loop"}:
                raise ModeleRefuse(f"Le champ « {noeud.name} » n'existe pas. {proche(noeud.name, sorted(CHAMPS))}")
            utilises.add(noeud.name)
    return utilises


def _poser_logo(document: Any, logo: Logo) -> None:
    """Puts the logo at the head of each page, on the right, without moving what is below by more than a line."""
    entete = document.sections[0].header
    paragraphe = entete.paragraphs[0]
    paragraphe.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    echelle = min(_LOGO_LARGEUR / logo.largeur, _LOGO_HAUTEUR / logo.hauteur)
    image = paragraphe.add_run().add_picture(io.BytesIO(logo.octets), height=int(logo.hauteur * echelle))
    image._inline.docPr.set("descr", logo.texte or "Logo")


def _est_remplie(partie: Any) -> bool:
    return str(partie.content_type).endswith(("main+xml", "header+xml", "footer+xml", "footnotes+xml"))


def _controler_corps(corps: Any) -> None:
    """Raises ModeleRefuse for what Word refuses to open: a table without a row, a cell without a paragraph."""
    if any(tableau.find(qn("w:tr")) is None for tableau in corps.iter(qn("w:tbl"))):
        raise ModeleRefuse("Un tableau peut se trouver sans aucune ligne : ajoutez-lui une ligne d'en-tête.")
    if any(cellule.find(qn("w:p")) is None for cellule in corps.iter(qn("w:tc"))):
        raise ModeleRefuse("Une cellule peut se trouver vide : laissez-y un paragraphe hors des {%p … %}.")


def _parcourir(noeud: nodes.Node, profondeur: int) -> Iterator[tuple[nodes.Node, int]]:
    """Every node with the number of loops around it."""
    yield noeud, profondeur
    for fils in noeud.iter_child_nodes():
        yield from _parcourir(fils, profondeur + isinstance(noeud, nodes.For))


def _expliquer(erreur: TemplateError) -> str:
    """A mistake of the template in French, with the words around it."""
    message = str(erreur.message or "")
    if message.startswith("Le champ"):
        return message
    autour = " ".join(" ".join(getattr(erreur, "docx_context", ())).split())[:160]
    return f"Un champ, une condition ou une boucle est mal écrit ou n'est pas fermé, près de : « {autour} »."


class _Fige:
    """Where python-docx lays its parts: an archive without the time of its making."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def write(self, pack_uri: Any, blob: bytes) -> None:
        """One part of the document."""
        info = zipfile.ZipInfo(pack_uri.membername, _DATE_ARCHIVE)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 0, 0
        self._archive.writestr(info, blob, compresslevel=_COMPRESSION)


def _archiver(document: Any) -> bytes:
    """The bytes of a python-docx package, always the same for the same parts: what its `save` does, without a clock."""
    tampon = io.BytesIO()
    for partie in document.parts:
        partie.before_marshal()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        cible = _Fige(archive)
        _ECRIVAIN._write_content_types_stream(cible, document.parts)
        _ECRIVAIN._write_pkg_rels(cible, document.rels)
        _ECRIVAIN._write_parts(cible, document.parts)
    return tampon.getvalue()
