"""Reads `templates/bilan.toml` and `templates/theme.toml`: which sheets a deliverable has, their words, their look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from flows.chemins import GABARITS
from flows.livrables.tableau import Colonne, Format
from flows.livrables.theme import Theme, lire_theme
from flows.reglages import Lecteur, Refus, fusionner, proche

BILAN = "bilan.toml"
_TEXTES = ("bandeau_fictif", "bandeau_provisoire", "non_fourni", "aucune_ligne", "suite", "suite_page")
_LARGEURS = {"texte": 28, "entier": 11, "decimal": 12, "pourcent": 12, "date": 12, "code": 14, "lien": 26}
_ABSENTS = {"entier": "non fourni", "decimal": "non fourni", "pourcent": "–"}


@dataclass(frozen=True, slots=True)
class Champ:
    """A column of a sheet, or a headline figure, and for whom it is shown."""

    colonne: Colonne
    note: str = ""
    seulement: tuple[str, ...] = ()
    sauf: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphiqueGabarit:
    """A chart of a sheet, by names of columns."""

    titre: str
    categorie: str
    series: tuple[str, ...]
    maximum: int = 15
    groupe: tuple[str, ...] = ()
    """Columns: only the rows that follow a first one and share its values there are drawn."""
    depuis: str = ""
    """What the first of these columns says on that first row; empty: the first row of the table."""


@dataclass(frozen=True, slots=True)
class FormulesGabarit:
    """Live formulas of a sheet: the column that shows them, the column that names each row, the column of formulas.

    The last two are read, not shown.
    """

    champ: str
    repere: str
    formule: str


@dataclass(frozen=True, slots=True)
class Feuille:
    """A sheet: a table of the warehouse (or constant rows, `lignes`) with its filter, order, columns and words."""

    nom: str
    titre: str
    colonnes: tuple[Champ, ...]
    premieres: tuple[Champ, ...] = ()
    """Columns before those of its model."""
    note: str = ""
    table: str = ""
    filtre: str = "true"
    tri: str = ""
    total: str = "false"
    compter: bool = False
    facultative: bool = False
    """Left out when it has no row: the contents say so in its place."""
    sommaire: bool = False
    """Its rows begin with the contents of the document."""
    portrait: bool = False
    exige: tuple[str, ...] = ()
    seulement: tuple[str, ...] = ()
    sauf: tuple[str, ...] = ()
    vide: str = ""
    limite: int = 1_000_000
    limite_page: int = 1_000
    lignes: tuple[tuple[str, ...], ...] = ()
    graphique: GraphiqueGabarit | None = None
    formules: FormulesGabarit | None = None
    a_l_ecran: str = "false"
    """The last rows, which are not printed."""
    pages_largeur: int = 1
    imprimees: int = 0
    """How many of the first columns are printed; 0: all."""

    @property
    def champs(self) -> tuple[Champ, ...]:
        """Every column shown."""
        return (*self.premieres, *self.colonnes)

    @property
    def caches(self) -> tuple[str, ...]:
        """Columns that are read after those shown."""
        return (self.formules.repere, self.formules.formule) if self.formules else ()


@dataclass(frozen=True, slots=True)
class LigneSynthese:
    """A figure of the summary's chart, and for whom it is shown."""

    libelle: str
    champ: str
    seulement: tuple[str, ...] = ()
    sauf: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Synthese:
    """The chart of the summary and its few figures: labels and names of values."""

    titre: str
    categorie: str
    valeur: str
    lignes: tuple[LigneSynthese, ...]


class Identite(NamedTuple):
    """A line of what says whose document it is."""

    libelle: str
    valeur: str


@dataclass(frozen=True, slots=True)
class DocumentGabarit:
    """One kind of deliverable: its summary and its sheets."""

    section: str
    """Its name in the file."""
    refus: Refus = field(repr=False, compare=False)
    """Where to note the mistakes that only the warehouse shows."""
    titre: str
    sous_titre: str
    sujet: str
    identite: tuple[Identite, ...]
    chiffres: tuple[Champ, ...]
    phrases: tuple[str, ...]
    alertes: tuple[str, ...]
    feuilles: tuple[Feuille, ...]
    synthese: Synthese | None = None
    verdict: str = ""
    signaler: Feuille | None = None


@dataclass(frozen=True, slots=True)
class Gabarits:
    """Everything that `templates/` says about what to show."""

    textes: Mapping[str, str]
    bilan: DocumentGabarit
    controles: DocumentGabarit
    theme: Theme
    refus: Refus = field(repr=False, compare=False)
    """Where to note the mistakes that only the warehouse shows."""


@dataclass(frozen=True, slots=True)
class _Fichier:
    """What `bilan.toml` holds."""

    bandeau_fictif: str
    bandeau_provisoire: str
    non_fourni: str
    aucune_ligne: str
    suite: str
    suite_page: str
    bilan: DocumentGabarit
    controles: DocumentGabarit
    modeles: dict  # type: ignore[type-arg]


def lire_gabarits(dossier: Path = GABARITS) -> Gabarits:
    """Reads both files. Raises ArretBloquant with every unknown key, format or missing word, and its line."""
    contenu, refus = fusionner(dossier, BILAN)
    lu = _Lecteur(refus, contenu.get("modeles")).lire(_Fichier, {"modeles": {}} | contenu)
    refus.conclure()
    textes = {nom: getattr(lu, nom) for nom in _TEXTES}
    return Gabarits(textes=textes, bilan=lu.bilan, controles=lu.controles, theme=lire_theme(dossier), refus=refus)


def lire_document(nom: str, dossier: Path = GABARITS) -> tuple[DocumentGabarit, Refus]:
    """Reads a kind of deliverable that has a file of its own, `<nom>.toml`; also where to note its other mistakes.

    Raises ArretBloquant as `lire_gabarits` does.
    """
    contenu, refus = fusionner(dossier, f"{nom}.toml")
    for cle in contenu:
        if cle not in (nom, "modeles"):
            refus.noter_inconnu(cle, (nom, "modeles"))
    document = _Lecteur(refus, contenu.get("modeles")).lire(DocumentGabarit, contenu.get(nom, {}), cle=nom)
    refus.conclure()
    return document, refus


class _Lecteur(Lecteur):
    """Reads the tables into the classes above: what a sheet takes from its model, a column from its format."""

    def __init__(self, refus: Refus, modeles: object) -> None:
        super().__init__(refus)
        self.modeles: dict[str, Any] = modeles if isinstance(modeles, dict) else {}

    def lire(self, classe: Any, table: object, feuille: str = "", cle: str = "", **donnees: object) -> Any:
        if not isinstance(table, dict):
            return super().lire(classe, table, feuille, cle)
        if classe is DocumentGabarit:
            self.refus.section = cle
            return super().lire(classe, table, feuille, cle, section=cle, refus=self.refus)
        if classe is Feuille:
            return self._feuille(table)
        if classe is Champ:
            return self._champ(table, feuille, cle)
        return super().lire(classe, table, feuille, cle, **donnees)

    def _feuille(self, declaree: dict[str, Any]) -> Feuille | None:
        """One sheet, its model's settings first; None when it was refused."""
        nom, modele = str(declaree.get("nom", "")), declaree.get("modele", "")
        if not isinstance(modele, str):
            self.refus.noter_type("modele", modele, str, nom)
            return None
        reglages = self.modeles.get(modele)
        if modele and not isinstance(reglages, dict):
            message = f"Le modèle « {modele} » n'existe pas."
            self.refus.noter(message, modele, nom, "modele", proche(modele, list(self.modeles)))
            return None
        table = {**(reglages or {}), **declaree}
        table.pop("modele", None)
        lue: Feuille | None = super().lire(Feuille, table, nom)
        if lue and ("table" in table) == ("lignes" in table):
            self.refus.noter("Une feuille a soit une « table », soit des « lignes ».", nom, nom, "table")
        return lue

    def _champ(self, table: dict[str, Any], feuille: str, cle: str) -> Champ | None:
        """A column or a headline figure; None when it was refused."""
        format, formats = table.get("format"), [str(f) for f in Format]
        if isinstance(format, str) and format not in formats:
            message = f"Le format « {format} » n'existe pas (colonne « {table.get('champ', '')} »)."
            self.refus.noter(message, format, feuille, "format", proche(format, formats))
            return None
        lue: _Colonne | None = super().lire(_Colonne, table, feuille, cle)
        if lue is None:
            return None
        colonne = Colonne(
            champ=lue.champ,
            titre=lue.titre,
            format=Format(lue.format),
            largeur=_LARGEURS[lue.format] if lue.largeur is None else lue.largeur,
            decimales=(1 if lue.format == "pourcent" else None) if lue.decimales is None else lue.decimales,
            absent=_ABSENTS.get(lue.format, "") if lue.absent is None else lue.absent,
            groupes=lue.groupes,
            maximum=lue.maximum,
        )
        return Champ(colonne, lue.note, lue.seulement, lue.sauf)


@dataclass(frozen=True, slots=True)
class _Colonne:
    """A column or a headline figure as it is written: what it leaves out, its format gives."""

    champ: str
    titre: str
    format: str
    largeur: float | None = None
    decimales: int | None = None
    absent: str | None = None
    note: str = ""
    seulement: tuple[str, ...] = ()
    sauf: tuple[str, ...] = ()
    groupes: tuple[str, ...] = ()
    maximum: int = 2
