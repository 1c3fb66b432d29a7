"""Reads `templates/bilan.toml` and `templates/theme.toml`: which sheets a deliverable has, their words, their look."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from flows.anomalies import ArretBloquant
from flows.chemins import GABARITS
from flows.livrables.tableau import Colonne, Format
from flows.livrables.theme import Theme, lire_theme
from flows.reglages import Refus, fusionner, proche

BILAN = "bilan.toml"
DOCUMENTS = ("bilan", "controles")
# The settings known in each place, with their type.
_CHAMP: Mapping[str, Any] = {
    "champ": str, "titre": str, "format": str, "largeur": (int, float), "decimales": int, "absent": str,
    "note": str, "seulement": list, "sauf": list, "groupes": list, "maximum": int,
}  # fmt: skip
_FEUILLE: Mapping[str, Any] = {
    "nom": str, "titre": str, "note": str, "modele": str, "table": str, "filtre": str, "tri": str, "total": str,
    "compter": bool, "facultative": bool, "sommaire": bool, "portrait": bool, "exige": list, "seulement": list,
    "sauf": list, "vide": str, "limite": int, "limite_page": int, "pages_largeur": int, "imprimees": int,
    "premieres": list, "colonnes": list, "lignes": list, "graphique": dict, "formules": dict, "a_l_ecran": str,
}  # fmt: skip
_GRAPHIQUE: Mapping[str, Any] = {
    "titre": str, "categorie": str, "series": list, "maximum": int, "groupe": list, "depuis": str,
}  # fmt: skip
_FORMULES: Mapping[str, Any] = {"champ": str, "repere": str, "formule": str}
_DOCUMENT: Mapping[str, Any] = {
    "titre": str, "sous_titre": str, "sujet": str, "identite": list, "chiffres": list, "phrases": list,
    "alertes": list, "synthese": dict, "feuilles": list, "verdict": str, "signaler": dict,
}  # fmt: skip
_FACULTATIFS = ("verdict", "signaler", "synthese")
_SYNTHESE: Mapping[str, Any] = {"titre": str, "categorie": str, "valeur": str, "lignes": list}
_LIGNE_SYNTHESE: Mapping[str, Any] = {"libelle": str, "champ": str, "seulement": list, "sauf": list}
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
    champs: tuple[Champ, ...]
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
    identite: tuple[tuple[str, str], ...]
    chiffres: tuple[Champ, ...]
    phrases: tuple[str, ...]
    alertes: tuple[str, ...]
    synthese: Synthese | None
    feuilles: tuple[Feuille, ...]
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


def lire_gabarits(dossier: Path = GABARITS) -> Gabarits:
    """Reads both files. Raises ArretBloquant with every unknown key, format or missing word, and its line."""
    contenu, refus = fusionner(dossier, BILAN)
    lecteur = _Lecteur(refus, contenu.get("modeles", {}))
    textes = ("bandeau_fictif", "bandeau_provisoire", "non_fourni", "aucune_ligne", "suite", "suite_page")
    connues = dict.fromkeys(textes, str) | dict.fromkeys((*DOCUMENTS, "modeles"), dict)
    lecteur.cles("", contenu, connues, (*textes, *DOCUMENTS))
    documents: dict[str, Any] = {nom: lecteur.document(nom, contenu.get(nom, {})) for nom in DOCUMENTS}
    refus.conclure()
    return Gabarits(textes={nom: contenu[nom] for nom in textes}, theme=lire_theme(dossier), refus=refus, **documents)


def lire_document(nom: str, dossier: Path = GABARITS) -> tuple[DocumentGabarit, Refus]:
    """Reads a kind of deliverable that has a file of its own, `<nom>.toml`; also where to note its other mistakes.

    Raises ArretBloquant as `lire_gabarits` does.
    """
    contenu, refus = fusionner(dossier, f"{nom}.toml")
    lecteur = _Lecteur(refus, contenu.get("modeles", {}))
    lecteur.cles("", contenu, {nom: dict, "modeles": dict}, (nom,))
    document = lecteur.document(nom, contenu.get(nom, {}))
    if document is None or refus.anomalies:
        raise ArretBloquant(refus.anomalies)
    return document, refus


class _Lecteur:
    """Turns the TOML tables into the dataclasses above, noting what is unknown, missing or of another type."""

    def __init__(self, refus: Refus, modeles: Mapping[str, Any]) -> None:
        self.refus = refus
        self.modeles = modeles

    def cles(
        self, feuille: str, table: Mapping[str, Any], connues: Mapping[str, Any], requises: tuple[str, ...] = ()
    ) -> bool:
        """True when every key is known, of its type, and none of `requises` is missing."""
        noter = partial(self.refus.noter, feuille=feuille)
        avant = len(self.refus.anomalies)
        for cle, valeur in table.items():
            if cle not in connues:
                remede = proche(cle, list(connues))
                noter(f"Le réglage « {cle} » n'existe pas.", cle=cle, correction=remede, motif=rf"\b{cle}\b\s*=")
            elif not isinstance(valeur, connues[cle]):
                lieu = rf"\b{cle}\s*=\s*{re.escape(str(valeur))}"
                noter(f"Le réglage « {cle} » n'est pas du bon type.", valeur, cle=cle, motif=lieu)
        for cle in requises:
            if cle not in table:
                noter(f"Le réglage « {cle} » manque.", table.get("champ", ""), cle=cle)
        return len(self.refus.anomalies) == avant

    def document(self, nom: str, table: Mapping[str, Any]) -> DocumentGabarit | None:
        """One of the two kinds of deliverables; None when it was refused."""
        self.refus.section = nom
        if not self.cles("", table, _DOCUMENT, tuple(cle for cle in _DOCUMENT if cle not in _FACULTATIFS)):
            return None
        synthese = table.get("synthese")
        bon = synthese is None or self.cles("", synthese, _SYNTHESE, tuple(_SYNTHESE))
        for ligne in (synthese or {}).get("lignes", []):
            bon &= self.cles("", ligne, _LIGNE_SYNTHESE, ("libelle", "champ"))
        for ligne in table["identite"]:
            bon &= self.cles("", ligne, {"libelle": str, "valeur": str}, ("libelle", "valeur"))
        chiffres = [self.champ("", champ) for champ in table["chiffres"]]
        feuilles = [self.feuille(feuille) for feuille in table["feuilles"]]
        if not bon:
            return None
        return DocumentGabarit(
            section=nom,
            refus=self.refus,
            titre=table["titre"],
            sous_titre=table["sous_titre"],
            sujet=table["sujet"],
            identite=tuple((ligne["libelle"], ligne["valeur"]) for ligne in table["identite"]),
            chiffres=tuple(c for c in chiffres if c),
            phrases=tuple(map(str, table["phrases"])),
            alertes=tuple(map(str, table["alertes"])),
            synthese=synthese
            and Synthese(
                synthese["titre"],
                synthese["categorie"],
                synthese["valeur"],
                tuple(
                    LigneSynthese(x["libelle"], x["champ"], _noms(x, "seulement"), _noms(x, "sauf"))
                    for x in synthese["lignes"]
                ),
            ),
            feuilles=tuple(f for f in feuilles if f),
            verdict=table.get("verdict", ""),
            signaler=self.feuille(table["signaler"]) if "signaler" in table else None,
        )

    def feuille(self, declaree: Mapping[str, Any]) -> Feuille | None:
        """One sheet, its model's settings first; None when it was refused."""
        nom = str(declaree.get("nom", ""))
        modele = declaree.get("modele", "")
        if modele and modele not in self.modeles:
            self.refus.noter(
                f"Le modèle « {modele} » n'existe pas.", modele, nom, "modele", proche(modele, list(self.modeles))
            )
            return None
        table = {**self.modeles.get(modele, {}), **declaree}
        if not self.cles(nom, table, _FEUILLE, ("nom", "titre", "colonnes")):
            return None
        if ("table" in table) == ("lignes" in table):
            self.refus.noter("Une feuille a soit une « table », soit des « lignes ».", nom, nom, "table")
        champs = [self.champ(nom, champ) for champ in [*table.get("premieres", []), *table["colonnes"]]]
        simples = (
            *("note", "table", "filtre", "tri", "total", "a_l_ecran", "vide"),
            *("compter", "facultative", "sommaire", "portrait"),
        )
        nombres = ("limite", "limite_page", "pages_largeur", "imprimees")
        reglages: dict[str, Any] = {cle: table[cle] for cle in (*simples, *nombres) if cle in table}
        return Feuille(
            nom=nom,
            titre=table["titre"],
            champs=tuple(c for c in champs if c),
            lignes=tuple(tuple(map(str, ligne)) for ligne in table.get("lignes", [])),
            graphique=self.graphique(nom, table.get("graphique")),
            formules=self.formules(nom, table.get("formules")),
            exige=_noms(table, "exige"),
            seulement=_noms(table, "seulement"),
            sauf=_noms(table, "sauf"),
            **reglages,
        )

    def graphique(self, feuille: str, table: Mapping[str, Any] | None) -> GraphiqueGabarit | None:
        """The chart of a sheet, if it has one."""
        if table is None or not self.cles(feuille, table, _GRAPHIQUE, ("titre", "categorie", "series")):
            return None
        listes = {"series": _noms(table, "series"), "groupe": _noms(table, "groupe")}
        return GraphiqueGabarit(**{**table, **listes})

    def formules(self, feuille: str, table: Mapping[str, Any] | None) -> FormulesGabarit | None:
        """The live formulas of a sheet, if it has any."""
        if table is None or not self.cles(feuille, table, _FORMULES, tuple(_FORMULES)):
            return None
        return FormulesGabarit(**table)

    def champ(self, feuille: str, table: Mapping[str, Any]) -> Champ | None:
        """A column or a headline figure; None when it was refused."""
        if not self.cles(feuille, table, _CHAMP, ("champ", "titre", "format")):
            return None
        if table["format"] not in list(Format):
            formats = [str(f) for f in Format]
            self.refus.noter(
                f"Le format « {table['format']} » n'existe pas (colonne « {table['champ']} »).",
                table["format"],
                feuille,
                "format",
                proche(table["format"], formats),
            )
            return None
        colonne = Colonne(
            champ=table["champ"],
            titre=table["titre"],
            format=Format(table["format"]),
            largeur=table.get("largeur", _LARGEURS[table["format"]]),
            decimales=table.get("decimales", 1 if table["format"] == "pourcent" else None),
            absent=table.get("absent", _ABSENTS.get(table["format"], "")),
            groupes=tuple(map(str, table.get("groupes", []))),
            maximum=table.get("maximum", 2),
        )
        return Champ(colonne, table.get("note", ""), _noms(table, "seulement"), _noms(table, "sauf"))


def _noms(table: Mapping[str, Any], cle: str) -> tuple[str, ...]:
    return tuple(map(str, table.get(cle, [])))
