"""Bailleurs side by side, from the consolidated warehouse: the tables of the page, each total with how many it counts.

A total only adds what is known: a bailleur that is missing, or whose figure is « non fourni », is not in it, and the
total says « 38 sur 40 ».
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from flows.livrables.francais import nombre, pourcent

NON_FOURNI = "non fourni"


@dataclass(frozen=True)
class Total:
    """A figure of the whole, and « n sur N »: how many bailleurs it counts; both blank for what does not add up."""

    valeur: str
    compte: str


@dataclass(frozen=True)
class Tableau:
    """One table of the page: headings, rows of text (the first cell names the row), totals, bars of one column."""

    titre: str
    note: str
    colonnes: tuple[str, ...]
    lignes: list[list[str]]
    totaux: list[Total]
    barres: list[int]


def dresser(con: duckdb.DuckDBPyConnection, nb_attendus: int) -> list[Tableau]:
    """Every table of the page. `nb_attendus` counts the bailleurs, those that are missing too."""
    return [_ensemble(con, nb_attendus), _parts(con, nb_attendus), _quotas(con, nb_attendus), _communs(con)]


def _ensemble(con: duckdb.DuckDBPyConnection, attendus: int) -> Tableau:
    lus = con.execute(
        """
        with pourvus as (
            select bailleur, sum(decompte) as decompte, sum(objectif) as objectif
            from bilan.synthese
            where code_reservataire <> '_bailleur' and objectif is not null and decompte is not null
            group by bailleur
        )
        select
            s.bailleur, s.parc_total, s.parc_soumis, s.liberations, s.taux_rotation_pct, s.ensemble_proposes,
            s.ensemble_attribues, s.baux_signes, p.objectif, p.decompte, 100 * p.decompte / nullif(p.objectif, 0)
        from bilan.synthese as s
        left join pourvus as p on s.bailleur = p.bailleur
        where s.code_reservataire = '_bailleur'
        order by s.bailleur
        """
    ).fetchall()
    rotations = [float(ligne[4] or 0) for ligne in lus]
    totaux = [_somme(lus, i, attendus) for i in range(1, 11)]
    totaux[3] = _quotient(lus, 3, 2, attendus)
    totaux[9] = _quotient(lus, 9, 8, attendus)
    return Tableau(
        "Rotation et objectifs",
        "Rotation : libérations du parc soumis. Atteinte : décomptes sur objectifs, de qui a les deux.",
        (
            *("Bailleur", "Parc total", "Parc soumis", "Libérés", "Rotation", "Proposés", "Attribués", "Baux signés"),
            *("Objectifs", "Décomptes", "Atteinte"),
        ),
        [[ligne[0], *(_cellule(v, i in (3, 9)) for i, v in enumerate(ligne[1:]))] for ligne in lus],
        totaux,
        [round(100 * r / (max(rotations) or 1)) for r in rotations],
    )


def _parts(con: duckdb.DuckDBPyConnection, attendus: int) -> Tableau:
    """Dwellings attributed, by type of réservataire: each bailleur's shares, and those of all of them."""
    lus = con.execute(
        """
        select r.bailleur, coalesce(e.libelle_type, 'Non réservé') as type, sum(r.nombre)
        from bilan.repartition as r
        left join bilan.entetes as e
            on r.bailleur = e.bailleur and r.code_reservataire = e.code_reservataire
        where r.code_bilan = '_bailleur' and r.mesure = 'attribues' and r.dimension = 'total'
        group by all
        order by all
        """
    ).fetchall()
    types = sorted({genre for _, genre, _ in lus}, key=lambda t: (t == "Non réservé", t))
    par_bailleur: dict[str, dict[str, Decimal]] = {}
    for bailleur, genre, attribues in lus:
        par_bailleur.setdefault(bailleur, {})[genre] = Decimal(attribues or 0)
    ensemble = sum((sum(x.values()) for x in par_bailleur.values()), Decimal(0))
    compte = f"{len(par_bailleur)} sur {attendus}"
    totaux = [
        Total(
            pourcent(_part(sum((x.get(t, Decimal(0)) for x in par_bailleur.values()), Decimal(0)), ensemble), 1), compte
        )
        for t in types
    ]
    lignes = [
        [b, *(pourcent(_part(x.get(t, Decimal(0)), sum(x.values())), 1) for t in types)]
        for b, x in par_bailleur.items()
    ]
    note = "Part des logements attribués, premières locations comprises."
    return Tableau("Parts des réservataires", note, ("Bailleur", *types), lignes, totaux, [])


def _quotas(con: duckdb.DuckDBPyConnection, attendus: int) -> Tableau:
    lus = con.execute(
        """
        select bailleur, libelle, min(ordre), sum(conformes), sum(total), min(conclusion)
        from bilan.quotas
        where code_reservataire = '_bailleur'
        group by bailleur, libelle
        order by 3, 2, 1
        """
    ).fetchall()
    libelles = list(dict.fromkeys(libelle for _, libelle, *_ in lus))
    par_bailleur: dict[str, dict[str, tuple[Any, ...]]] = {}
    for bailleur, libelle, _, *suite in lus:
        par_bailleur.setdefault(bailleur, {})[libelle] = tuple(suite)
    lignes = [
        [b, *(_quota(x[q]) if q in x else "sans objet" for q in libelles)] for b, x in sorted(par_bailleur.items())
    ]
    totaux = []
    for q in libelles:
        connus = [x[q] for x in par_bailleur.values() if q in x and x[q][1]]
        part = _part(sum(c for c, *_ in connus), sum(t for _, t, _ in connus))
        totaux.append(Total(pourcent(part, 1), f"{len(connus)} sur {attendus}"))
    return Tableau(
        "Quotas de l'article L.441-1",
        "Part atteinte, et conclusion de chacun.",
        ("Bailleur", *libelles),
        lignes,
        totaux,
        [],
    )


def _communs(con: duckdb.DuckDBPyConnection) -> Tableau:
    """The réservataires of several bailleurs, put together: the bailleurs are those that have it."""
    lus = con.execute(
        """
        select
            c.reservataire_commun, min(c.libelle) as libelle, count(distinct c.bailleur) as nb,
            sum(s.objectif) filter (where s.decompte is not null),
            sum(s.decompte) filter (where s.objectif is not null),
            sum(s.flux_suivant),
            count(s.objectif) filter (where s.decompte is not null),
            count(s.flux_suivant)
        from bilan.reservataires_communs as c
        inner join bilan.synthese as s on c.bailleur = s.bailleur and c.code_reservataire = s.code_reservataire
        group by c.reservataire_commun
        order by nb desc, libelle, 1
        """
    ).fetchall()
    lignes = [
        [
            *(f"{libelle} ({commun})", nombre(nb)),
            *(f"{_cellule(v, False)} ({n} sur {nb})" for v, n in ((objectif, connus), (decompte, connus))),
            pourcent(_part(decompte, objectif), 1) if objectif else NON_FOURNI,
            f"{_cellule(flux, False)} ({annonces} sur {nb})",
        ]
        for commun, libelle, nb, objectif, decompte, flux, connus, annonces in lus
    ]
    colonnes = ("Réservataire", "Bailleurs", "Objectifs", "Décomptes", "Atteinte", "Flux de l'an prochain")
    note = "Rapprochés par leur SIREN, à défaut par leur type et leur territoire."
    return Tableau("Réservataires communs", note, colonnes, lignes, [], [])


def _somme(lus: Sequence[tuple[Any, ...]], i: int, attendus: int) -> Total:
    connus = [ligne[i] for ligne in lus if ligne[i] is not None]
    return Total(_cellule(sum(connus), False) if connus else NON_FOURNI, f"{len(connus)} sur {attendus}")


def _quotient(lus: Sequence[tuple[Any, ...]], haut: int, bas: int, attendus: int) -> Total:
    connus = [(ligne[haut], ligne[bas]) for ligne in lus if ligne[haut] is not None and ligne[bas] is not None]
    part = _part(sum(h for h, _ in connus), sum(b for _, b in connus))
    return Total(NON_FOURNI if part is None else pourcent(part, 2), f"{len(connus)} sur {attendus}")


def _part(haut: Any, bas: Any) -> Decimal | None:
    return 100 * Decimal(haut) / Decimal(bas) if bas else None


def _quota(lu: tuple[Any, ...]) -> str:
    conformes, total, conclusion = lu
    return f"{pourcent(_part(conformes, total), 1)} : {conclusion}" if total else str(conclusion or NON_FOURNI)


def _cellule(valeur: Any, en_pourcent: bool) -> str:
    if valeur is None:
        return NON_FOURNI
    return pourcent(valeur, 2) if en_pourcent else nombre(valeur)
