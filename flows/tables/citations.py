"""What a message may quote of a row of headings: words of the contract, never a cell that may be about somebody.

A row that took the place of the headings may be a person's, in any table: a heading that nobody knows is named by its
column, and its shape is counted.
"""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache

from flows.contrat.schema import Table, normaliser_entete
from flows.depot.feuilles import lettres
from flows.tables.profils import mots_utiles, tous_les_intitules

RESSEMBLANCE = 0.86
_LETTRES_MIN = 6
"""A shorter word is too near too many others: a surname may be one letter from a heading."""
_ANNEE = re.compile(r"20\d\d")
_FORMES = {
    "date": re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*|\d{4}-\d{2}-\d{2}.*", re.DOTALL),
    "nombre": re.compile(r"[-+]?[\d\s.,]+%?"),
}
_TOTAUX = mots_utiles("s ss sous total totaux général généraux ensemble cumul somme")


def est_citable(texte: str, usages: bool = False) -> bool:
    """True for words that are headings of the contract, whole or by its words, or one letter away from one.

    `usages`: or the words that people use for them.
    """
    plat, mots = normaliser_entete(texte), mots_utiles(texte)
    if plat in _intitules() or (mots and all(m in _vocabulaire(usages) or _ANNEE.fullmatch(m) for m in mots)):
        return True
    if len(plat) < _LETTRES_MIN or any(c.isdigit() for c in plat):
        return False
    return bool(difflib.get_close_matches(plat, _intitules(), n=1, cutoff=RESSEMBLANCE))


def citer(cellules: Mapping[str, str], table: Table, reconnus: bool) -> list[str]:
    """What is shown of the cells of a row taken for headings (`c3` → text), the others being counted.

    `reconnus`: it is a row of headings for certain: those that nobody knows are then shown too, unless the table is
    about people.
    """
    if reconnus and not est_personnelle(table) and semblent_des_intitules(cellules.values()):
        return [f"« {texte} »" for texte in cellules.values()]
    montrees = [f"« {texte} »" for texte in cellules.values() if est_citable(texte)]
    cachees = {champ: texte for champ, texte in cellules.items() if not est_citable(texte)}
    if not cachees:
        return montrees
    formes = Counter(_forme(texte) for texte in cachees.values())
    dites = ", ".join(f"{n} {forme}{'s' if n > 1 else ''}" for forme, n in formes.items())
    colonnes = ", ".join(lettres(int(champ.removeprefix("c"))) for champ in cachees)
    s = "s" if len(cachees) > 1 else ""
    quoi = f"{len(cachees)} cellule{s} non montrée{s}, peut-être des données personnelles"
    return [*montrees, f"{quoi} (colonne{s} {colonnes} : {dites})"]


def semblent_des_intitules(cellules: Collection[str]) -> bool:
    """True when half of these cells at least are headings: what a row of words about somebody is not."""
    return 2 * sum(est_citable(texte, usages=True) for texte in cellules) >= len(cellules)


def citer_total(texte: str) -> str:
    """The words of a row of total when they are of the contract; of any other, « Total … »: it may be somebody's."""
    mots = mots_utiles(texte) - _TOTAUX
    return texte if all(mot in _vocabulaire(usages=False) for mot in mots) else "Total …"


def est_personnelle(table: Table) -> bool:
    """True for a table about people: what is found in place of a heading may be somebody's."""
    return any(c.est_personnelle for c in table.colonnes.values())


def _forme(texte: str) -> str:
    return next((forme for forme, motif in _FORMES.items() if motif.fullmatch(texte.strip())), "texte")


@cache
def _intitules() -> frozenset[str]:
    return frozenset(normaliser_entete(texte) for texte in tous_les_intitules(usages=False)) - {""}


@cache
def _vocabulaire(usages: bool) -> frozenset[str]:
    return frozenset(m for texte in tous_les_intitules(usages) for m in mots_utiles(texte) if not m.isdigit())
