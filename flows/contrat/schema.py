"""The declared schema: tables, columns, heading aliases and code lists, loaded from `flows/contrat/*.csv`.

What a supplier sends drifts; the drift is a row of these files, never a line of code.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.chemins import CONTRAT
from flows.contrat.listes import Lignes, lire_liste

IGNOREE = "-"
"""What `reconnaitre` answers for a heading that is known and deliberately not read."""

TYPES = (
    *("texte", "code", "logement", "commune", "departement", "epci", "siren", "siret", "code_postal", "territoire"),
    *("departement_ecrit", "epci_ecrit", "commune_ecrite"),
    *("date", "mois", "annee", "jour_mois", "entier", "decimal", "positif", "pourcentage"),
    *("booleen", "liste", "options", "code_rpls"),
)
USAGES = ("conservee", "personnelle", "lue")
_CARACTERES_PERDUS = re.compile("[?\ufffd]+")
_MILLESIMES = re.compile(r"(\d{4})(?:-(\d{4}))?")


@dataclass(frozen=True, slots=True)
class Colonne:
    """One declared column.

    `obligatoire`: a row without it is rejected. `entete_obligatoire`: a file without its heading is not this table.
    `groupe`: one column at least of the group is needed, heading and cell. `usage`: conservee (warehouse),
    personnelle (never in a message, a log or the warehouse), lue (read only to compare doubles).
    `rejette`: an unreadable value rejects its row; otherwise the cell is left blank, with a warning, or with an error
    when it is `est_decisive` (RPLS columns that decide exit, exclusion, financing or rotation).
    `liste`: the enumeration of a `liste` or `options` column; elsewhere, the words that mean "not given".
    """

    table: str
    nom: str
    type: str
    obligatoire: bool
    entete_obligatoire: bool
    groupe: str
    usage: str
    rejette: bool
    est_decisive: bool
    liste: str
    defaut: str
    libelle: str

    @property
    def est_personnelle(self) -> bool:
        """True for data about a person."""
        return self.usage == "personnelle"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the contract; `cle` is empty when its rows have no key, `colonnes` keeps the declared order.

    `hors_campagne`: read by a command of its own, never among the files of an exercice.
    """

    nom: str
    libelle: str
    obligatoire: bool
    cle: tuple[str, ...]
    prefixe: str
    colonnes: Mapping[str, Colonne]
    hors_campagne: bool = False

    @property
    def conservees(self) -> list[str]:
        """The columns that the warehouse keeps."""
        return [c.nom for c in self.colonnes.values() if c.usage == "conservee"]

    def groupes(self) -> dict[str, tuple[str, ...]]:
        """Groups of columns of which one at least is needed: {group: column names}."""
        groupes: dict[str, tuple[str, ...]] = {}
        for colonne in self.colonnes.values():
            if colonne.groupe:
                groupes[colonne.groupe] = (*groupes.get(colonne.groupe, ()), colonne.nom)
        return groupes


@dataclass(frozen=True, slots=True)
class Alias:
    """One heading people write for a column; `motif` is normalised and may begin or end with `*`."""

    motif: str
    colonne: str
    millesimes: tuple[int, int] | None

    def vaut_pour(self, millesime: int | None) -> bool:
        """True when the alias applies to that millésime (always, when it names none)."""
        return self.millesimes is None or self.millesimes[0] <= (millesime or 0) <= self.millesimes[1]


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything declared. `codes`: {list: {normalised alias: code}}; `modalites`: {list: its codes, in order}."""

    tables: Mapping[str, Table]
    alias: Mapping[str, tuple[Alias, ...]]
    codes: Mapping[str, Mapping[str, str]]
    modalites: Mapping[str, tuple[str, ...]]

    @property
    def campagne(self) -> dict[str, Table]:
        """The tables that the files of an exercice may be."""
        return {nom: table for nom, table in self.tables.items() if not table.hors_campagne}


@lru_cache(maxsize=65536)
def normaliser_entete(texte: str) -> str:
    """Heading or code without case, accents, punctuation, spaces and line breaks: `N° RPLS` → `nrpls`."""
    sans_ligature = texte.casefold().replace("º", "").replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", sans_ligature) if c.isascii() and c.isalnum())


def chercher(texte: str, connus: Mapping[str, str]) -> str | None:
    """Value of `texte` in `connus` (normalised keys).

    Letters lost to `?` or U+FFFD in a bad export are guessed when a single value fits: `D?cision` → `decision`.
    """
    exact = connus.get(normaliser_entete(texte))
    if exact is not None or not _CARACTERES_PERDUS.search(texte):
        return exact
    morceaux = [normaliser_entete(m) for m in _CARACTERES_PERDUS.split(texte)]
    if len("".join(morceaux)) < 3:
        return None
    motif = re.compile("[a-z0-9]{0,2}".join(morceaux))
    trouves = {valeur for cle, valeur in connus.items() if motif.fullmatch(cle)}
    return trouves.pop() if len(trouves) == 1 else None


@lru_cache(maxsize=65536)
def reconnaitre(table: str, millesime: int | None, entete: str) -> str | None:
    """Declared column that a heading names; IGNOREE if it is deliberately not read; None if unknown.

    Exact names win over aliases, aliases over `*` patterns, the first declared over the next. An alias to `*` names
    the column that the heading has without the fixed part: `FINAN_CODE` → `finan`.
    """
    connus, motifs = _noms(table, millesime)
    trouve = chercher(entete, connus)
    if trouve is not None:
        return trouve
    normalise = normaliser_entete(entete)
    for alias in motifs:
        fixe = alias.motif.strip("*")
        reste = normalise.removesuffix(fixe) if alias.motif.startswith("*") else normalise.removeprefix(fixe)
        if reste in ("", normalise):
            continue
        if alias.colonne != "*":
            return alias.colonne
        if connus.get(reste, IGNOREE) != IGNOREE:
            return connus[reste]
    return None


@lru_cache(maxsize=256)
def _noms(table: str, millesime: int | None) -> tuple[dict[str, str], list[Alias]]:
    """Normalised names and aliases of a table for a millésime, and its `*` patterns."""
    schema = charger()
    retenus = [a for a in schema.alias.get(table, ()) if a.vaut_pour(millesime)]
    noms = {a.motif: a.colonne for a in reversed(retenus) if "*" not in a.motif}
    noms.update({normaliser_entete(nom): nom for nom in schema.tables[table].colonnes})
    return noms, [a for a in retenus if "*" in a.motif]


@cache
def charger(dossier: Path = CONTRAT) -> Schema:
    """Schema declared by tables.csv, colonnes.csv, alias.csv and codes.csv of `dossier`.

    Raises ArretBloquant with every mistake found (file, line, remedy): analysts edit these files.
    """
    fautes = _Fautes()
    tables: dict[str, Table] = {}
    colonnes: dict[str, dict[str, Colonne]] = {}
    codes, modalites = _lire_codes(dossier, fautes)
    for _, ligne in _lire(dossier, "tables.csv", fautes):
        nom = ligne["table"]
        colonnes[nom] = {}
        cle = tuple(c.strip() for c in ligne["cle"].split(",") if c.strip())
        presence = ligne["obligatoire"]
        tables[nom] = Table(
            nom, ligne["libelle"], presence == "oui", cle, ligne["prefixe"], colonnes[nom], presence == "hors_campagne"
        )
    for numero, ligne in _lire(dossier, "colonnes.csv", fautes):
        colonne = _colonne(ligne)
        probleme = _probleme_de_colonne(colonne, colonnes, codes)
        if probleme:
            fautes.ajouter("colonnes.csv", numero, probleme)
        else:
            colonnes[colonne.table][colonne.nom] = colonne
    for table in tables.values():
        absentes = [c for c in table.cle if c not in table.colonnes]
        if absentes:
            fautes.ajouter("tables.csv", 1, f"La clé de {table.nom} nomme une colonne non déclarée : {absentes[0]}.")
    alias = _lire_alias(dossier, colonnes, fautes)
    if fautes.anomalies:
        raise ArretBloquant(fautes.anomalies)
    return Schema(tables, alias, codes, modalites)


@dataclass(slots=True)
class _Fautes:
    """Mistakes found in the files of the schema."""

    anomalies: list[Anomalie] = field(default_factory=list)

    def ajouter(self, fichier: str, ligne: int, message: str) -> None:
        chemin = f"flows/contrat/{fichier}"
        correction = f"Corriger la ligne {ligne} de {chemin}."
        self.anomalies.append(
            Anomalie(Gravite.BLOQUANT, "schema_invalide", message, correction, fichier=chemin, ligne=ligne)
        )


_ENTETES = {
    "tables.csv": ("table", "libelle", "obligatoire", "cle", "prefixe"),
    "colonnes.csv": ("table", "colonne", "type", "obligatoire", "usage", "si_illisible", "liste", "defaut", "libelle"),
    "alias.csv": ("table", "millesime", "alias", "colonne", "commentaire"),
    "codes.csv": ("liste", "alias", "code", "libelle"),
}


def _lire(dossier: Path, nom: str, fautes: _Fautes) -> Lignes:
    """Rows of one CSV file with their line number; its mistakes join the others."""
    try:
        return lire_liste(dossier / nom, _ENTETES[nom])
    except ArretBloquant as arret:
        fautes.anomalies += arret.anomalies
        return []


def _colonne(ligne: Mapping[str, str]) -> Colonne:
    obligatoire = ligne["obligatoire"]
    return Colonne(
        table=ligne["table"],
        nom=ligne["colonne"],
        type=ligne["type"],
        obligatoire=obligatoire == "oui",
        entete_obligatoire=obligatoire in ("oui", "entete"),
        groupe=obligatoire.removeprefix("un_de:") if obligatoire.startswith("un_de:") else "",
        usage=ligne["usage"],
        rejette=ligne["si_illisible"] not in ("vide", "erreur"),
        est_decisive=ligne["si_illisible"] == "erreur",
        liste=ligne["liste"],
        defaut=ligne["defaut"],
        libelle=ligne["libelle"],
    )


def _probleme_de_colonne(
    colonne: Colonne, colonnes: Mapping[str, Mapping[str, Colonne]], codes: Mapping[str, object]
) -> str:
    """Why a declared column cannot be used, in French; empty when it can."""
    if colonne.table not in colonnes:
        return f"La table « {colonne.table} » n'est pas dans tables.csv."
    if colonne.nom in colonnes[colonne.table]:
        return f"La colonne « {colonne.nom} » est déclarée deux fois."
    if colonne.type not in TYPES:
        return f"Le type « {colonne.type} » n'existe pas ; types possibles : {', '.join(TYPES)}."
    if colonne.usage not in USAGES:
        return f"L'usage « {colonne.usage} » n'existe pas ; usages possibles : {', '.join(USAGES)}."
    if (colonne.liste or colonne.type in ("liste", "options", "code_rpls")) and colonne.liste not in codes:
        return f"La liste « {colonne.liste} » n'est pas dans codes.csv."
    return ""


def _lire_codes(dossier: Path, fautes: _Fautes) -> tuple[dict[str, dict[str, str]], dict[str, tuple[str, ...]]]:
    """Aliases and codes of each list; the libellé of a code also reads as the code."""
    codes: dict[str, dict[str, str]] = {}
    modalites: dict[str, tuple[str, ...]] = {}
    lignes = _lire(dossier, "codes.csv", fautes)
    for numero, ligne in lignes:
        liste, code = ligne["liste"], ligne["code"]
        if not normaliser_entete(ligne["alias"]):
            fautes.ajouter("codes.csv", numero, f"« {ligne['alias']} » n'a ni lettre ni chiffre.")
            continue
        connu = codes.setdefault(liste, {}).setdefault(normaliser_entete(ligne["alias"]), code)
        if connu != code:
            fautes.ajouter("codes.csv", numero, f"« {ligne['alias']} » vaut déjà « {connu} » dans la liste {liste}.")
        if code not in modalites.setdefault(liste, ()):
            modalites[liste] = (*modalites[liste], code)
    for _, ligne in lignes:
        if ligne["libelle"]:
            codes[ligne["liste"]].setdefault(normaliser_entete(ligne["libelle"]), ligne["code"])
    return codes, modalites


def _lire_alias(
    dossier: Path, colonnes: Mapping[str, Mapping[str, Colonne]], fautes: _Fautes
) -> dict[str, tuple[Alias, ...]]:
    alias: dict[str, tuple[Alias, ...]] = {}
    for numero, ligne in _lire(dossier, "alias.csv", fautes):
        table, colonne, texte = ligne["table"], ligne["colonne"], ligne["alias"]
        if colonne not in (*colonnes.get(table, ()), IGNOREE, "*"):
            fautes.ajouter("alias.csv", numero, f"« {colonne} » n'est pas une colonne de la table « {table} ».")
            continue
        motif = "*" * texte.startswith("*") + normaliser_entete(texte) + "*" * texte.endswith("*")
        bornes = _MILLESIMES.fullmatch(ligne["millesime"])
        if ligne["millesime"] and not bornes:
            fautes.ajouter("alias.csv", numero, "Le millésime s'écrit 2025 ou 2022-2024, ou reste vide pour tous.")
            continue
        millesimes = (int(bornes[1]), int(bornes[2] or bornes[1])) if bornes else None
        doublon = next((a for a in alias.get(table, ()) if a.motif == motif and a.millesimes == millesimes), None)
        if doublon and doublon.colonne != colonne:
            fautes.ajouter("alias.csv", numero, f"« {texte} » nomme déjà la colonne « {doublon.colonne} ».")
            continue
        alias[table] = (*alias.get(table, ()), Alias(motif, colonne, millesimes))
    return alias
