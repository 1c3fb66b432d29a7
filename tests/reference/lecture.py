"""Rows of a campaign as the reference reads them: cells, doubles, réservataires by name, rows rejected.

Contract, « Doubles »: « Rows equal in every column of the file, declared or not, count once; in `previsions`, and in
`droits` without a dwelling, they count each ». Rows of RPLS without any identifier (public files) are one dwelling
each.

Choices:
 L1. Rows of events that share a key and differ are an error but are all counted: the contract stops the run only « when
     they are dwellings or conventions » and rejects none.
 L2. A réservataire cited by a name that no convention has stays as it is written: nobody's bilan counts it.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

Ligne = Mapping[str, str | None]
Tables = Mapping[str, Sequence[Ligne]]

NON_RENSEIGNE = "non_renseigne"
# « `rpls` columns accept the code or its official label ("Loué", "Oui", "PLUS", "T3") ».
OUI_NON = {"oui": "1", "non": "2"}
LIBELLES_RPLS = {
    "MODE": {"loue": "1"},
    "QPV": OUI_NON,
    "CONV": OUI_NON,
    "MISCOMMERCIAL": OUI_NON,
    "FINAN": {"plai": "10", "plus": "13", "pls": "14", "pli": "16"},
    "NBPIECE": {f"t{pieces}": f"{pieces}" for pieces in range(1, 6)},
}


def texte(ligne: Ligne, colonne: str) -> str:
    """The cell without spaces around it, '' when absent or blank."""
    return (ligne.get(colonne) or "").strip()


def jour(ligne: Ligne, colonne: str) -> date | None:
    """The ISO date of a cell, None when blank."""
    valeur = texte(ligne, colonne)
    return date.fromisoformat(valeur) if valeur else None


def nombre(ligne: Ligne, colonne: str) -> Fraction | None:
    """The exact number of a cell ('.' decimal), None when blank."""
    valeur = texte(ligne, colonne)
    return Fraction(valeur) if valeur else None


def entier_rpls(ligne: Ligne, colonne: str) -> int | None:
    """A number of RPLS, None for a blank or a sentinel (0, 999, 9999, NC, Z, NA)."""
    valeur = texte(ligne, colonne)
    return int(valeur) if valeur.isdigit() and int(valeur) not in (0, 999, 9999) else None


def liste(ligne: Ligne, colonne: str) -> list[str]:
    """Items of a list cell, separated by commas or semicolons."""
    return [item.strip() for item in texte(ligne, colonne).replace(";", ",").split(",") if item.strip()]


def nu(nom: str) -> str:
    """A name without case, accents or punctuation."""
    decompose = unicodedata.normalize("NFKD", nom.casefold())
    return "".join(caractere for caractere in decompose if caractere.isalnum())


def preparer(tables: Tables) -> dict[str, list[Ligne]]:
    """Each table with its doubles removed and its réservataires brought to their code."""
    propres = {nom: _sans_doubles(nom, lignes) for nom, lignes in tables.items()}
    propres["rpls"] = [_sans_libelles(ligne) for ligne in propres["rpls"]]
    codes = {texte(ligne, "code_reservataire") for ligne in propres["reservataires"]}
    par_nom: dict[str, set[str]] = defaultdict(set)
    for ligne in propres["reservataires"]:
        for cite in [texte(ligne, "libelle"), *liste(ligne, "autres_noms")]:
            par_nom[nu(cite)].add(texte(ligne, "code_reservataire"))

    def coder(ligne: Ligne) -> Ligne:
        cite = texte(ligne, "code_reservataire")
        trouves = par_nom.get(nu(cite), set())
        return {**ligne, "code_reservataire": next(iter(trouves))} if len(trouves) == 1 and cite not in codes else ligne

    for nom in ("droits", "propositions", "attributions", "objectifs"):
        if nom in propres:
            propres[nom] = [coder(ligne) if texte(ligne, "code_reservataire") else ligne for ligne in propres[nom]]
    return propres


def _sans_doubles(nom: str, lignes: Sequence[Ligne]) -> list[Ligne]:
    vues: set[tuple[tuple[str, str], ...]] = set()
    gardees: list[Ligne] = []
    for ligne in lignes:
        empreinte = tuple(sorted((colonne, texte(ligne, colonne)) for colonne in ligne if texte(ligne, colonne)))
        anonyme = nom == "rpls" and not texte(ligne, "IDENT_REP") and not texte(ligne, "IDENT_INT")
        sans_logement = nom == "droits" and not texte(ligne, "ident_rep") and not texte(ligne, "ident_interne")
        if nom == "previsions" or anonyme or sans_logement or empreinte not in vues:
            vues.add(empreinte)
            gardees.append(ligne)
    return gardees


def _sans_libelles(ligne: Ligne) -> Ligne:
    codes = {
        colonne: libelles[nu(texte(ligne, colonne))]
        for colonne, libelles in LIBELLES_RPLS.items()
        if nu(texte(ligne, colonne)) in libelles
    }
    return {**ligne, **codes} if codes else ligne
