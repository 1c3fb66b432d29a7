"""Headings of known exports, chosen in one line of the correspondances, and words of hand-kept sheets, to propose."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from flows.chemins import CONTRAT
from flows.contrat.listes import lire_liste
from flows.contrat.schema import IGNOREE, charger, normaliser_entete

USAGES = "(usages)"
"""The lines of `profils.csv` that are proposed and never applied: how people name columns by hand."""
PAS_CETTE_TABLE = "pas cette table"
"""What `profils.csv` says of a heading that shows that a sheet of this export cannot be the table."""
PROBANT = 4
"""Headings of a profile that a sheet must have to be taken for that export."""
_COLONNES = ("profil", "table", "intitule", "colonne", "remarque")
_OUTILS = frozenset("a au aux d de des du en est l la le les n no nb nom par pour sur un une".split()) - {"nb", "nom"}
_MOTS = re.compile(r"[^\W_]+")


@cache
def lire_profils() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Profile → its lines (table, heading, column; `IGNOREE`: not to be read), from flows/contrat/profils.csv."""
    profils: dict[str, list[tuple[str, str, str]]] = {}
    for _, ligne in lire_liste(CONTRAT / "profils.csv", _COLONNES, cle=_COLONNES[:3]):
        colonne = IGNOREE if ligne["colonne"] == PAS_CETTE_TABLE else ligne["colonne"]
        profils.setdefault(ligne["profil"], []).append((ligne["table"], ligne["intitule"], colonne))
    return {nom: tuple(lignes) for nom, lignes in profils.items()}


@cache
def mots_des_profils() -> dict[str, tuple[tuple[str, str, str, str], ...]]:
    """Profile → what the cells below its headings mean (table, heading, writing, what it becomes)."""
    colonnes = ("profil", "table", "intitule", "valeur", "devient")
    profils: dict[str, list[tuple[str, str, str, str]]] = {}
    for _, li in lire_liste(CONTRAT / "profils_valeurs.csv", colonnes, cle=colonnes[:4]):
        profils.setdefault(li["profil"], []).append((li["table"], li["intitule"], li["valeur"], li["devient"]))
    return {nom: tuple(lignes) for nom, lignes in profils.items()}


@cache
def _remarques() -> tuple[dict[str, str], ...]:
    return tuple(li for _, li in lire_liste(CONTRAT / "profils.csv", _COLONNES, cle=_COLONNES[:3]) if li["remarque"])


def remarques(table: str, intitules: Collection[str]) -> Iterator[tuple[str, str, str, bool]]:
    """What is to be known of a known export read as a table: (profile, heading, sentence, True if it is no such table).

    A heading alone proves nothing (« Fin de bail » is in many sheets): the sheet must have several of that export.
    """
    plats = {normaliser_entete(intitule): intitule for intitule in intitules}
    vus = profils_vus(table, list(intitules))
    for li in _remarques():
        cle = normaliser_entete(li["intitule"])
        if li["table"] == table and cle in plats and vus[li["profil"]] >= PROBANT:
            yield li["profil"], plats[cle], li["remarque"], li["colonne"] == PAS_CETTE_TABLE


def noms_des_profils() -> list[str]:
    """The profiles that may be chosen."""
    return [nom for nom in lire_profils() if nom != USAGES]


def trouver_profil(ecrit: str) -> str | None:
    """The profile that is written so, whole or by its beginning (« imhoweb »); None when there is none."""
    plat = normaliser_entete(ecrit)
    trouves = [nom for nom in noms_des_profils() if plat and normaliser_entete(nom).startswith(plat)]
    return trouves[0] if len(trouves) == 1 else None


def profils_vus(table: str, intitules: list[str]) -> dict[str, int]:
    """How many of these headings each profile has, for a table."""
    plats = {normaliser_entete(intitule) for intitule in intitules}
    return {
        nom: sum(normaliser_entete(i) in plats for t, i, _ in lignes if t == table)
        for nom, lignes in lire_profils().items()
        if nom != USAGES
    }


def mots_utiles(intitule: str) -> frozenset[str]:
    """The words of a heading that say something, normalised: « Date de l'envoi » → date, envoi."""
    mots = (normaliser_entete(mot) for mot in _MOTS.findall(intitule))
    return frozenset(mot.removesuffix("s") if len(mot) > 3 else mot for mot in mots if mot and mot not in _OUTILS)


@cache
def appellations(table: str) -> Mapping[frozenset[str], tuple[str, ...]]:
    """How people name the columns of a table: the useful words of names, labels, aliases, profiles and usages."""
    declaree = charger().tables[table]
    dites = [(c.nom.replace("_", " "), c.nom) for c in declaree.colonnes.values()]
    dites += [(c.libelle, c.nom) for c in declaree.colonnes.values()]
    dites += [(i, c) for lignes in lire_profils().values() for t, i, c in lignes if t in ("", table)]
    dites += [(texte, colonne) for texte, colonne in _alias(table)]
    noms: dict[frozenset[str], list[str]] = {}
    for texte, colonne in dites:
        mots = mots_utiles(texte) - {"date", "numero"} or mots_utiles(texte)
        if colonne != IGNOREE and colonne in declaree.colonnes and colonne not in noms.setdefault(mots, []):
            noms[mots].append(colonne)
    return {mots: tuple(colonnes) for mots, colonnes in noms.items() if mots}


@cache
def tous_les_intitules(usages: bool) -> frozenset[str]:
    """Every heading that is known, of any table: names, labels, aliases, profiles; `USAGES` too, when asked for."""
    tables = charger().tables
    declares = {texte for t in tables.values() for c in t.colonnes.values() for texte in (c.nom, c.libelle)}
    profils = {i for nom, lignes in lire_profils().items() if usages or nom != USAGES for _, i, _ in lignes}
    return frozenset(declares | profils | {texte for table in tables for texte, _ in _alias(table) if "*" not in texte})


def _alias(table: str) -> list[tuple[str, str]]:
    colonnes = ("table", "millesime", "alias", "colonne", "commentaire")
    return [
        (li["alias"], li["colonne"]) for _, li in lire_liste(CONTRAT / "alias.csv", colonnes) if li["table"] == table
    ]
