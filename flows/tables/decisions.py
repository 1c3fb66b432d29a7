"""What the bailleur decided of one sheet, and how its rows are made with it."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from flows.anomalies import Anomalie, Gravite, enumerer_plages, plages
from flows.contrat.schema import normaliser_entete
from flows.depot.feuilles import Feuille
from flows.fichiers import FichierRecu
from flows.tables.correspondances import Correspondances
from flows.tables.declaration import Declaration
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
    return Decisions(correspondances.colonnes(*ou, table), constantes, correspondances.valeurs(table))


def intitules_disparus(
    lues: Sequence[tuple[Feuille, Entete | Declaration]], correspondances: Correspondances, table: str
) -> list[Anomalie]:
    """Blocking anomalies: headings that a decision names for a file of the table and that none of its sheets has."""
    anomalies = []
    for ligne in correspondances.de("colonnes"):
        siennes = [(f, e) for f, e in lues if isinstance(e, Entete) and ligne.vaut_pour(f.fichier, f.feuille, table)]
        if not ligne["fichier"] or not siennes:
            continue
        vus = {
            normaliser_entete(morceau): morceau
            for _, entete in siennes
            for vu in entete.vus.values()
            for morceau in (vu, *vu.split(" / "))
        }
        if normaliser_entete(ligne["intitule"]) not in vus:
            anomalies.append(_disparu(ligne["intitule"], vus, *siennes[0]))
    return anomalies


def _disparu(intitule: str, vus: Mapping[str, str], feuille: Feuille, entete: Entete) -> Anomalie:
    proches = difflib.get_close_matches(normaliser_entete(intitule), vus, n=1, cutoff=0.6)
    suite = f" Le plus proche est « {vus[proches[0]]} »." if proches else ""
    return Anomalie(
        Gravite.BLOQUANT,
        "intitule_decide_absent",
        f"Les correspondances nomment l'intitulé « {intitule} », que le fichier n'a pas.{suite}",
        "Corrigez la ligne de la feuille Colonnes des correspondances, ou l'intitulé du fichier.",
        feuille.fichier,
        feuille.feuille,
        entete.derniere_ligne,
        intitule,
    )


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


def a_lire(
    recus: list[FichierRecu], par_fichier: Mapping[str, list[Feuille]], table: str, correspondances: Correspondances
) -> Iterator[tuple[FichierRecu, list[Feuille]]]:
    """Files and the sheets of them that may be this table; those that were decided come one by one."""
    for recu in recus:
        siennes = par_fichier.get(recu.nom, [])
        if not correspondances.reclame(recu.nom):
            if recu.table == table:
                yield recu, siennes
            continue
        for feuille in siennes:
            if table in (correspondances.tables_de(recu.nom, feuille.feuille) or ()):
                yield recu, [replace(feuille, masquee=False)]


def sans_decision(
    recus: list[FichierRecu], feuilles: list[Feuille], correspondances: Correspondances
) -> list[Anomalie]:
    """Blocking anomalies: sheets of decided files of which nothing was decided."""
    reclames = {recu.nom for recu in recus if correspondances.reclame(recu.nom)}
    return [
        Anomalie(
            Gravite.BLOQUANT,
            "feuille_non_decidee",
            f"Les correspondances ne disent rien de la feuille « {feuille.feuille} » ({feuille.nb_lignes} lignes).",
            "Ajoutez-la à la feuille Feuilles des correspondances : sa table, ou « ne pas lire ».",
            feuille.fichier,
            feuille.feuille,
        )
        for feuille in feuilles
        if feuille.fichier in reclames and correspondances.tables_de(feuille.fichier, feuille.feuille) is None
    ]
