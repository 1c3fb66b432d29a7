"""Two publications side by side: which figures changed, and what explains it.

Causes are looked for where figures come from: the rows of the inputs (last year's flux among them), the options of the
run, the rules, the versions of the software. A figure that changed while nothing that it can come from did is said, and
that is a fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from flows import requetes
from flows.contrat.schema import charger
from flows.publication import manifeste, versions
from flows.vie import entrepots

PROVENANCE = ("fichier", "feuille", "ligne")
LIMITE = 100_000
"""Rows of one cause that are kept; all are counted."""
_CHIFFRES = {
    "bilan": ("mesures", ("code_reservataire", "mesure", "dimension", "modalite"), "nombre"),
    "annexe": ("lignes_flux", ("code_reservataire", "ligne"), "valeur_exacte"),
    "objectif": ("objectif_lignes", ("code_reservataire", "ligne"), "valeur"),
    "répartition": (
        "repartition",
        ("code_bilan", "code_reservataire", "mesure", "dimension", "modalite"),
        "nombre",
    ),
}
"""What is compared: subject → table of `bilan`, key, value."""

_PARC = ("rpls", "reservataires", "exclusions", "droits")
_OFFRES = (*_PARC, "propositions", "attributions")
_SOURCES = {
    "parc": _PARC,
    "liberations": (*_PARC, "liberations"),
    "objectif": ("reservataires", "objectifs"),
    **dict.fromkeys(("mises", "proposes", "premieres", "attributions", "attribues", "refus", "baux"), _OFFRES),
    **dict.fromkeys(("mutations", "relogements", "partenariat"), _OFFRES),
}
"""First word of a measure → the inputs that it can come from; the other figures can come from any."""
_NE_CHANGENT_RIEN = ("entrees", "lignes", "production", "reservataires", "gabarits")
"""Parts of a manifest that decide no figure, or that the rows say better; templates are in `regles` only."""
_DITES = {
    "calcul": "règles de calcul",
    "versions": "logiciel",
    "options": "option",
    "annee": "exercice",
    "au": "arrêté au",
}


@dataclass(frozen=True)
class Chiffre:
    """A figure that is not the same: None where one side does not have it."""

    sujet: str
    code: str
    quoi: str
    avant: Decimal | None
    apres: Decimal | None


@dataclass(frozen=True)
class Cause:
    """Something that figures come from and that is not the same."""

    genre: str
    objet: str
    detail: str
    avant: str = ""
    apres: str = ""


@dataclass
class Comparaison:
    """What two publications do not have in common. `nb_chiffres` and `nb_causes` count all, the lists may be cut.

    `comptes` counts the causes by kind and table; `inexpliques` are the figures that no cause can have changed.
    """

    avant: str
    apres: str
    chiffres: list[Chiffre] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    nb_chiffres: int = 0
    nb_compares: int = 0
    nb_causes: int = 0
    comptes: dict[str, dict[str, int]] = field(default_factory=dict)
    inexpliques: list[Chiffre] = field(default_factory=list)

    @property
    def est_inexpliquee(self) -> bool:
        """True when a figure changed and nothing that it can come from did."""
        return bool(self.inexpliques)


def comparer(avant: Path, apres: Path, noms: tuple[str, str], reservataire: str = "") -> Comparaison:
    """Compares two published folders (or versions); with a code, the figures of this réservataire only."""
    rendu = Comparaison(*noms)
    with entrepots.lire(avant=avant, apres=apres) as con:
        for sujet, (table, cle, valeur) in _CHIFFRES.items():
            _chiffres(con, rendu, sujet, table, cle, valeur, reservataire)
        for entree in charger().campagne.values():
            _lignes(con, rendu, entree.nom, entree.cle)
    _execution(rendu, avant, apres)
    tables = charger().campagne.keys()
    if rendu.comptes.keys() <= tables:  # else something that decides everything changed
        rendu.inexpliques = [c for c in rendu.chiffres if rendu.comptes.keys().isdisjoint(_sources(c) or tables)]
    return rendu


def _sources(chiffre: Chiffre) -> tuple[str, ...]:
    """Inputs that a figure can come from; nothing when it can be any."""
    return _SOURCES.get(chiffre.quoi.partition(" ")[0].partition("_")[0], ()) if chiffre.sujet == "bilan" else ()


def _chiffres(
    con: duckdb.DuckDBPyConnection,
    rendu: Comparaison,
    sujet: str,
    table: str,
    cle: Sequence[str],
    valeur: str,
    reservataire: str,
) -> None:
    if not all(entrepots.colonnes(con, base, "bilan", table) for base in ("avant", "apres")):
        return
    premier = cle[0]
    filtre = f"where {premier} = {requetes.litteral(reservataire)}" if reservataire else ""
    noms = ", ".join(cle)
    quoi = " || ' ' || ".join(cle[1:])
    requete = f"""
        with a as (select {noms}, {valeur} from avant.bilan.{table} {filtre}),
        b as (select {noms}, {valeur} from apres.bilan.{table} {filtre})
        select {premier}, {quoi}, a.{valeur}, b.{valeur}
        from a full join b using ({noms})
    """
    changes = f"select * from ({requete}) as t(code, quoi, avant, apres) where avant is distinct from apres"
    (nombre,) = con.execute(f"select count(*) from ({changes})").fetchone() or (0,)
    (total,) = con.execute(f"select count(*) from ({requete})").fetchone() or (0,)
    rendu.nb_chiffres += nombre
    rendu.nb_compares += total
    ordre = "order by code, position(' total total' in ' ' || quoi) = 0, quoi"
    for ligne in con.execute(f"{changes} {ordre} limit {LIMITE}").fetchall():
        rendu.chiffres.append(Chiffre(sujet, *ligne))


def _lignes(con: duckdb.DuckDBPyConnection, rendu: Comparaison, table: str, cle: Sequence[str]) -> None:
    """Rows of an input that only one side has; those that share a key are one row that changed."""
    de_part_et_d_autre = [
        [c for c in entrepots.colonnes(con, base, "raw", table) if c not in PROVENANCE] for base in ("avant", "apres")
    ]
    colonnes = [c for c in de_part_et_d_autre[0] if c in de_part_et_d_autre[1]]
    if not colonnes:
        return
    listees = ", ".join(f'"{c}"' for c in colonnes)
    egales = " and ".join(f'la."{c}" is not distinct from ici."{c}"' for c in colonnes)

    def seules(ici: str, la: str) -> list[dict[str, Any]]:
        # one row at a time of those that are equal: two against three is one more
        requete = f"""
            with ici as (
                select {listees}, fichier, feuille, ligne,
                    row_number() over (partition by {listees} order by fichier, feuille, ligne) as exemplaire_numero
                from {ici}.raw.{table}
            ),
            la as (
                select {listees}, 
                    row_number() over (partition by {listees} order by fichier, feuille, ligne) as exemplaire_numero
                from {la}.raw.{table}
            )
            select ici.* exclude (exemplaire_numero) from ici
            where not exists (
                select 1 from la
                where la.exemplaire_numero = ici.exemplaire_numero and {egales}
            )
            order by fichier, feuille, ligne
        """
        return requetes.lignes(con, requete)

    otees, ajoutees = seules("avant", "apres"), seules("apres", "avant")
    changees = _apparier(otees, ajoutees, [c for c in cle if c in colonnes])
    for ancienne, nouvelle in changees:
        differentes = [c for c in colonnes if ancienne[c] != nouvelle[c]]
        for colonne in differentes:
            lieu = f"{_lieu(nouvelle)}, colonne {colonne}"
            _ajouter(
                rendu, Cause("ligne modifiée", table, lieu, str(ancienne[colonne] or ""), str(nouvelle[colonne] or ""))
            )
    appariees = {id(ligne) for paire in changees for ligne in paire}
    for ligne in (x for x in otees if id(x) not in appariees):
        _ajouter(rendu, Cause("ligne retirée", table, _lieu(ligne), avant=_resume(ligne, colonnes)))
    for ligne in (x for x in ajoutees if id(x) not in appariees):
        _ajouter(rendu, Cause("ligne ajoutée", table, _lieu(ligne), apres=_resume(ligne, colonnes)))


def _apparier(
    otees: list[dict[str, Any]], ajoutees: list[dict[str, Any]], cle: Sequence[str]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows taken out and rows put in that have the same key, when it is theirs alone."""

    def par_cle(lignes: list[dict[str, Any]]) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
        rangees: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for ligne in lignes:
            rangees.setdefault(tuple(ligne[c] for c in cle), []).append(ligne)
        return rangees

    if not cle:
        return []
    avant, apres = par_cle(otees), par_cle(ajoutees)
    return [
        (avant[k][0], apres[k][0])
        for k in avant.keys() & apres.keys()
        if len(avant[k]) == len(apres[k]) == 1 and any(v is not None for v in k)
    ]


def _execution(rendu: Comparaison, avant: Path, apres: Path) -> None:
    """Options, rules, versions, and the files that no table shows (last year's flux among them)."""
    cotes = []
    for dossier in (avant, apres):
        racine, entrepot = versions.racine(dossier)
        lu = manifeste.lire_manifeste(racine)
        derniere = lu["sorties"].get(entrepot, {}).get("execution", lu["execution"])
        cotes.append(lu["executions"].get(derniere, {}))
    ancienne, nouvelle = cotes
    # `calcul` is `regles` without the templates: older manifests have `regles` only
    ignorees = {*_NE_CHANGENT_RIEN, "regles" if "calcul" in ancienne.keys() & nouvelle.keys() else "calcul"}
    for partie in sorted((ancienne.keys() | nouvelle.keys()) - ignorees):
        a, b = ancienne.get(partie), nouvelle.get(partie)
        if a == b:
            continue
        dite = _DITES.get(partie, partie)
        if isinstance(a, dict) and isinstance(b, dict):
            for nom in sorted(a.keys() | b.keys()):
                if a.get(nom) != b.get(nom):
                    _ajouter(rendu, Cause(dite, nom, "", str(a.get(nom, "absent")), str(b.get(nom, "absent"))))
        else:
            _ajouter(rendu, Cause(dite, "", "", _court(a), _court(b)))


def _ajouter(rendu: Comparaison, cause: Cause) -> None:
    rendu.nb_causes += 1
    genres = rendu.comptes.setdefault(cause.objet if cause.genre.startswith("ligne ") else cause.genre, {})
    genres[cause.genre] = genres.get(cause.genre, 0) + 1
    if len(rendu.causes) < LIMITE:
        rendu.causes.append(cause)


def _lieu(ligne: dict[str, Any]) -> str:
    feuille = f", feuille {ligne['feuille']}" if ligne["feuille"] else ""
    return f"{ligne['fichier']}{feuille}, ligne {ligne['ligne']}"


def _resume(ligne: dict[str, Any], colonnes: Sequence[str]) -> str:
    return " ; ".join(f"{c}={ligne[c]}" for c in colonnes if ligne[c] not in (None, ""))[:300]


def _court(valeur: object) -> str:
    texte = "" if valeur is None else str(valeur)
    return texte if len(texte) <= 60 else f"{texte[:12]}…"
