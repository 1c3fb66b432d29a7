"""Headings of known exports, chosen in one line of the correspondances, and words of hand-kept sheets, to propose."""

import re
from collections.abc import Mapping
from functools import cache

from flows.chemins import CONTRAT
from flows.contrat.listes import lire_liste
from flows.contrat.schema import IGNOREE, charger, normaliser_entete

USAGES = "(usages)"
"""The lines of `profils.csv` that are proposed and never applied: how people name columns by hand."""
_OUTILS = frozenset("a au aux d de des du en est l la le les n no nb nom par pour sur un une".split()) - {"nb", "nom"}
_MOTS = re.compile(r"[^\W_]+")


@cache
def lire_profils() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Profile → its lines (table, heading, column; `IGNOREE`: not to be read), from flows/contrat/profils.csv."""
    colonnes = ("profil", "table", "intitule", "colonne")
    profils: dict[str, list[tuple[str, str, str]]] = {}
    for _, ligne in lire_liste(CONTRAT / "profils.csv", colonnes, cle=colonnes[:3]):
        profils.setdefault(ligne["profil"], []).append((ligne["table"], ligne["intitule"], ligne["colonne"]))
    return {nom: tuple(lignes) for nom, lignes in profils.items()}


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
