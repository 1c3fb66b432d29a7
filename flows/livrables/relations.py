"""Every sum that a reader of several bilans may know to hold between their figures.

What is checked is that it does hold for these figures: a commune in two EPCIs, a dwelling without EPCI undo some.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import duckdb

from flows.livrables.secret import Cellule, Somme

BAILLEUR = "_bailleur"
PREFIXE_EPCI = "epci_"
ENSEMBLES = (PREFIXE_EPCI, "ept_")
"""Bilans of an EPCI or an EPT: what every réservataire has there, none's own."""
TOTAL = ("total", "total")
NON_RENSEIGNE = "non_renseigne"
TERRITORIALES = ("parc_total", "parc_soumis", "liberations", "liberations_hors_flux")
"""Measures of a territory, the same for whoever has a convention there."""
RESERVEES = ("proposes", "mises_a_disposition", "premieres_locations", "decompte", "partenariat")
"""Measures that are always for some réservataire."""
REUNIES = {
    "proposes": ("mises_a_disposition", "premieres_locations"),
    "attribues": ("attributions", "premieres_locations_attribuees"),
}
"""Measures of R.441-5-1: what is in the flux and what is in stock, together."""
PARTIE, TOUT = "parc_soumis", "parc_total"
"""The dwellings that are subject to the flux, among them all."""
EVENEMENTS = ("mises_a_disposition", "attributions", "baux_signes")
HORS_SECRET = ("objectif", "taux_atteinte_pct")
"""Measures that are not counts of what happened; they are no part of any sum."""

Tableau = dict[tuple[str, str], int]
"""(dimension, modalite) → count, zeros left out: one measure of one bilan."""
Tableaux = Mapping[tuple[str, str], Tableau]
"""(code_reservataire, mesure) → its counts."""


def lire_tableaux(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Tableau]:
    """The counts of every bilan. Raises ValueError for a count that is not whole."""
    tableaux: dict[tuple[str, str], Tableau] = defaultdict(dict)
    requete = f"""
        select code_reservataire, mesure, dimension, modalite, nombre from bilan.mesures
        where mesure not in {HORS_SECRET} and nombre <> 0 order by all"""
    for code, mesure, dimension, modalite, nombre in con.execute(requete).fetchall():
        if nombre != int(nombre):
            raise ValueError(f"{mesure} de {code} n'est pas un nombre entier.")
        tableaux[code, mesure][dimension, modalite] = int(nombre)
    return tableaux


def lire_communes(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Commune → its EPCI, for the communes that have a single one in this campaign."""
    requete = """
        select code_commune, max(code_epci) from intermediaire.lieux
        where code_epci is not null and id_lieu in (
            select id_lieu from intermediaire.caracteristiques
            union
            select id_lieu from intermediaire.logements_rpls
            inner join ref.exercice on logements_rpls.millesime = exercice.annee
        )
        group by code_commune having code_commune is not null and count(distinct code_epci) = 1"""
    return dict(con.execute(requete).fetchall())


def sommes(tableaux: Tableaux, communes: Mapping[str, str]) -> list[Somme]:
    """All the relations between the cells (code_reservataire, mesure, dimension, modalite)."""
    trouvees: list[Somme] = []
    for code, mesure in tableaux:
        trouvees += _internes(code, mesure, tableaux, communes)
        trouvees += _des_epcis(code, mesure, tableaux)
        trouvees += _des_decomptes(code, mesure, tableaux)
        if mesure in REUNIES:
            trouvees += _ensemble(tableaux, (code, mesure), [(code, partie) for partie in REUNIES[mesure]])
    for mesure in RESERVEES:
        trouvees += _des_reservataires(mesure, tableaux)
    return trouvees + _des_jumeaux(tableaux)


def ordres(tableaux: Tableaux) -> list[tuple[Cellule, Cellule]]:
    """Pairs of cells of which the first counts some of what the second counts, whoever reads."""
    return [
        ((code, PARTIE, *case), (code, TOUT, *case))
        for code, mesure in tableaux
        if mesure == PARTIE
        for case, nombre in tableaux[code, PARTIE].items()
        if nombre <= tableaux.get((code, TOUT), {}).get(case, 0)
    ]


def _ensemble(tableaux: Tableaux, total: tuple[str, str], parts: Iterable[tuple[str, str]]) -> list[Somme]:
    """The measure of a bilan as the sum of others, case by case; none unless it holds for every case."""
    presentes = [part for part in parts if part in tableaux]
    cases = {case for part in (total, *presentes) for case in tableaux.get(part, {})}
    relations = []
    for case in sorted(cases):
        termes = [part for part in presentes if case in tableaux[part]]
        if tableaux.get(total, {}).get(case) != sum(tableaux[part][case] for part in termes):
            return []
        relations.append(Somme((*total, *case), tuple((*part, *case) for part in termes)))
    return relations


def _internes(code: str, mesure: str, tableaux: Tableaux, communes: Mapping[str, str]) -> Iterator[Somme]:
    """The modalities of a dimension add up to the total; the communes of an EPCI to the EPCI."""
    tableau = tableaux[code, mesure]
    groupes: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for dimension, modalite in tableau:
        if dimension != "total":
            groupes[(dimension, *TOTAL)].append((dimension, modalite))
        if dimension == "commune":
            groupes[("communes", "epci", communes.get(modalite, NON_RENSEIGNE))].append((dimension, modalite))
    for (_, *total), cases in groupes.items():
        if tableau.get((total[0], total[1])) == sum(tableau[case] for case in cases):
            yield Somme((code, mesure, *total), tuple((code, mesure, *case) for case in cases))


def _des_epcis(code: str, mesure: str, tableaux: Tableaux) -> list[Somme]:
    """A territory made of whole EPCIs is the sum of their bilans; an EPCI is one line of the bailleur's.

    So is a commune of an EPCI, and of any territory.
    """
    tableau = tableaux[code, mesure]
    if code == BAILLEUR or (mesure in TERRITORIALES and not code.startswith(ENSEMBLES)):
        epcis = [PREFIXE_EPCI + modalite for dimension, modalite in tableau if dimension == "epci"]
        relations = _ensemble(tableaux, (code, mesure), [(epci, mesure) for epci in epcis])
        relations += [
            Somme((code, mesure, "epci", epci.removeprefix(PREFIXE_EPCI)), ((epci, mesure, *TOTAL),))
            for epci in epcis
            if tableau["epci", epci.removeprefix(PREFIXE_EPCI)] == tableaux.get((epci, mesure), {}).get(TOTAL)
        ]
    else:
        relations = []
    if code != BAILLEUR and (mesure in TERRITORIALES or code.startswith(ENSEMBLES)):
        ensemble = tableaux.get((BAILLEUR, mesure), {})
        relations += [
            Somme((BAILLEUR, mesure, *case), ((code, mesure, *case),))
            for case, nombre in tableau.items()
            if case[0] == "commune" and ensemble.get(case) == nombre
        ]
    return relations


def _des_reservataires(mesure: str, tableaux: Tableaux) -> list[Somme]:
    """What is always for a réservataire adds up to the bailleur: nothing is left for nobody."""
    codes = {code for code, m in tableaux if m == mesure and code != BAILLEUR and not code.startswith(ENSEMBLES)}
    return _ensemble(tableaux, (BAILLEUR, mesure), [(code, mesure) for code in sorted(codes)])


def _des_decomptes(code: str, mesure: str, tableaux: Tableaux) -> list[Somme]:
    """A décompte is one of the counts of events, or what partnership leaves of it."""
    if mesure not in EVENEMENTS or (code, "decompte") not in tableaux:
        return []
    return _ensemble(tableaux, (code, mesure), [(code, "decompte"), (code, "partenariat")])


def _des_jumeaux(tableaux: Tableaux) -> list[Somme]:
    """Two bilans of the same territory have the same parc and the same releases."""
    premiers: dict[tuple[str, frozenset[tuple[tuple[str, str], int]]], str] = {}
    relations = []
    for (code, mesure), tableau in tableaux.items():
        if mesure in TERRITORIALES:
            premier = premiers.setdefault((mesure, frozenset(tableau.items())), code)
            if premier != code:
                relations += [Somme((code, mesure, *case), ((premier, mesure, *case),)) for case in tableau]
    return relations
