"""A territory written by its name: the code that it has when one territory only has this name."""

from functools import cache

from flows.chemins import REF
from flows.contrat.listes import lire_liste
from flows.contrat.schema import normaliser_entete

_SOURCES = {
    "commune": ("communes.csv", "libelle_commune", "code_commune_actuelle"),
    "epci": ("communes.csv", "libelle_epci", "code_epci"),
    "departement": ("departements.csv", "libelle_departement", "code_departement"),
    "ept": ("ept.csv", "libelle_ept", "code_ept"),
}
_COLONNES = {
    "communes.csv": (
        *("code_commune", "libelle_commune", "code_departement"),
        *("code_epci", "libelle_epci", "code_commune_actuelle"),
    ),
    "departements.csv": ("code_departement", "libelle_departement", "code_region", "libelle_region"),
    "ept.csv": ("code_commune", "code_ept", "libelle_ept"),
}


def codes_du_nom(echelle: str, nom: str) -> tuple[str, ...]:
    """The codes of the territories of that échelle that have this name, sorted; none when nobody has it."""
    return _noms(echelle).get(normaliser_entete(nom), ()) if echelle in _SOURCES else ()


@cache
def _noms(echelle: str) -> dict[str, tuple[str, ...]]:
    fichier, nom, code = _SOURCES[echelle]
    noms: dict[str, set[str]] = {}
    for _, ligne in lire_liste(REF / fichier, _COLONNES[fichier]):
        if ligne[nom] and ligne[code]:
            noms.setdefault(normaliser_entete(ligne[nom]), set()).add(ligne[code])
    return {cle: tuple(sorted(codes)) for cle, codes in noms.items()}
