"""What the bailleur decided of one sheet, and how its rows are made with it."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from flows.anomalies import Anomalie, Gravite, enumerer_plages, plages
from flows.contrat.schema import normaliser_entete
from flows.depot.feuilles import Feuille
from flows.tables.correspondances import Correspondances
from flows.tables.entetes import Entete

_PLAGES_MAX = 100
Ecritures = Mapping[str, Mapping[str, str | None] | None]
Valeurs = Mapping[str, Ecritures]


@dataclass(frozen=True)
class Decisions:
    """`colonnes`: normalised heading → column; `constantes`: column → value of every row; `valeurs`: see `Valeurs`.

    `Valeurs`: column → normalised writing → what it gives to the columns, None for a row that is not to be read.
    """

    colonnes: Mapping[str, str] = field(default_factory=dict)
    constantes: Mapping[str, str] = field(default_factory=dict)
    valeurs: Valeurs = field(default_factory=dict)
    intitules: tuple[str, ...] = ()  # headings as decided, that the sheet must have

    def donnees_sans_entete(self, presentes: Iterable[str]) -> frozenset[str]:
        """Columns that need no heading: constants, and those that a word of a column that is there gives."""
        dites = (d for c, mots in self.valeurs.items() if c in set(presentes) for d in mots.values() if d)
        return frozenset((*self.constantes, *(nom for devient in dites for nom in devient)))


SANS_DECISION = Decisions()


def decisions_de(correspondances: Correspondances, feuille: Feuille, table: str) -> Decisions:
    """What was decided of a sheet, for one of the tables that it feeds."""
    ou = (feuille.fichier, feuille.feuille)
    constantes = correspondances.constantes(*ou, table)
    if table == "rpls" and (millesime := correspondances.millesime(*ou)):
        constantes["millesime"] = str(millesime)
    exiges = tuple(
        ligne["intitule"]
        for ligne in correspondances.de("colonnes")
        if ligne["fichier"] and ligne.vaut_pour(*ou, table) and normaliser_entete(ligne["colonne"]) != "nepaslire"
    )
    return Decisions(correspondances.colonnes(*ou, table), constantes, correspondances.valeurs(table), exiges)


def intitules_disparus(feuille: Feuille, entete: Entete, decisions: Decisions) -> list[Anomalie]:
    """Blocking anomalies: headings that a decision names for this file and that the sheet no longer has."""
    vus = {normaliser_entete(morceau): morceau for vu in entete.vus.values() for morceau in (vu, *vu.split(" / "))}
    anomalies = []
    for intitule in decisions.intitules:
        if normaliser_entete(intitule) in vus:
            continue
        proches = difflib.get_close_matches(normaliser_entete(intitule), vus, n=1, cutoff=0.6)
        suite = f" Le plus proche est « {vus[proches[0]]} »." if proches else ""
        anomalies.append(
            Anomalie(
                Gravite.BLOQUANT,
                "intitule_decide_absent",
                f"Les correspondances nomment l'intitulé « {intitule} », que la feuille n'a pas.{suite}",
                "Corrigez la ligne de la feuille Colonnes des correspondances, ou l'intitulé du fichier.",
                feuille.fichier,
                feuille.feuille,
                entete.derniere_ligne,
                intitule,
            )
        )
    return anomalies


def appliquer(
    lignes: pl.DataFrame, decisions: Decisions, declarees: Mapping[str, object]
) -> tuple[pl.DataFrame, list[int]]:
    """The rows with the constants and the decided values; and the numbers of those that are not to be read."""
    for colonne, valeur in decisions.constantes.items():
        if colonne in declarees:
            ecrite = _propre(colonne) if colonne in lignes.columns else pl.lit(None, pl.String)
            lignes = lignes.with_columns(pl.coalesce(ecrite, pl.lit(valeur)).alias(colonne))
    ecartees: set[int] = set()
    for colonne, ecritures in decisions.valeurs.items():
        if colonne in lignes.columns:
            lignes, non_lues = _lire_les_mots(lignes, colonne, ecritures)
            ecartees |= non_lues
    return lignes.filter(~pl.col("ligne").is_in(list(ecartees))), sorted(ecartees)


def _lire_les_mots(lignes: pl.DataFrame, colonne: str, ecritures: Ecritures) -> tuple[pl.DataFrame, set[int]]:
    """The rows where a decided writing of `colonne` gives what it means, and the numbers of those not to be read."""
    mots = lignes[colonne].fill_null("")
    lues = {mot: ecritures[cle] for mot in mots.unique() if (cle := normaliser_entete(mot)) in ecritures}
    non_lus = [mot for mot, devient in lues.items() if devient is None]
    non_lues = set(lignes.filter(mots.is_in(non_lus))["ligne"])
    for cible in dict.fromkeys(nom for devient in lues.values() if devient for nom in devient):
        nouvelles = {mot: devient[cible] for mot, devient in lues.items() if devient and cible in devient}
        avant = lignes[cible] if cible in lignes.columns else pl.Series([None] * lignes.height, dtype=pl.String)
        apres = mots.replace_strict(nouvelles, default=None, return_dtype=pl.String)
        lignes = lignes.with_columns(pl.when(mots.is_in(list(nouvelles))).then(apres).otherwise(avant).alias(cible))
    return lignes, non_lues


def lignes_ecartees(feuille: Feuille, ecartees: list[int]) -> list[Anomalie]:
    """One information: rows that a decision says not to read."""
    if not ecartees:
        return []
    tranches = list(plages(ecartees))
    message = f"{len(ecartees)} lignes ne sont pas lues, comme le disent les correspondances : "
    return [
        Anomalie(
            Gravite.INFORMATION,
            "lignes_ecartees",
            f"{message}{enumerer_plages(tranches[:_PLAGES_MAX])}{', …' if len(tranches) > _PLAGES_MAX else ''}.",
            "",
            feuille.fichier,
            feuille.feuille,
            ecartees[0],
        )
    ]


def _propre(colonne: str) -> pl.Expr:
    return pl.when(pl.col(colonne).str.strip_chars() != "").then(pl.col(colonne))
