"""From sheets of text rows to the tables of the contract: values, doubles; read = accepted + rejected.

Nothing is lost: each row of each file is accepted or rejected, and each rejected row has an anomaly that names it.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from flows.anomalies import Anomalie, Gravite, Recueil
from flows.contrat.schema import Table, charger
from flows.contrat.typage import typer
from flows.depot.balayage import etaler, lignes_voulues
from flows.depot.extraction import Feuille
from flows.etapes import etape
from flows.fichiers import FichierRecu
from flows.personnes import sceau
from flows.tables.categorie_bailleur import completer
from flows.tables.choix_feuilles import Candidate, choisir
from flows.tables.conventions_lues import verifier_conventions
from flows.tables.correspondances import AUCUNE, Correspondances
from flows.tables.decisions import (
    SANS_DECISION,
    Choisie,
    a_lire,
    appliquer,
    decisions_de,
    intitules_disparus,
    lignes_ecartees,
    mois_sautes,
    sans_decision,
)
from flows.tables.declaration import Declaration, nommer_positions
from flows.tables.donnees_feuille import Donnees, donnees_de_la_declaration, donnees_du_tableau
from flows.tables.doubles import oter_doubles
from flows.tables.entetes import cellules_non_declarees
from flows.tables.millesime import millesime_du_nom, poser_millesime
from flows.tables.modeles_de_convention import completer_conventions
from flows.tables.parc import Parc, balayer

PROVENANCE = ("fichier", "feuille", "ligne")
SANS_REJET = ("reservataires",)
"""Tables whose rows are all needed: a convention left out would be a réservataire silently absent."""


@dataclass
class Comptage:
    """Row accounting of one sheet: `lues` = `acceptees` + `rejetees`; `doubles` of these only repeat another row."""

    table: str
    fichier: str
    feuille: str
    lues: int = 0
    acceptees: int = 0
    rejetees: int = 0
    doubles: int = 0

    def decrire(self) -> dict[str, object]:
        """A row of `audit.comptage_lignes`."""
        return {"table_metier" if nom == "table" else nom: valeur for nom, valeur in vars(self).items()}


@dataclass
class Lecture:
    """What the reading of a campaign gives: one Parquet file a table, the row accounting, the anomalies.

    `balayees`: of a table that was scanned, what its files say as SQL.

    `personnes` holds, in memory only, the personal columns that the command asked for, with the other columns of their
    rows. `liens_sne` is the Parquet file of `rapprochement_sne.relier`, which names rows and nobody.
    """

    tables: dict[str, Path] = field(default_factory=dict)
    balayees: dict[str, str] = field(default_factory=dict)
    comptages: list[Comptage] = field(default_factory=list)
    anomalies: list[Anomalie] = field(default_factory=list)
    raison_sociale: str = ""
    sources: list[tuple[str, ...]] = field(default_factory=list)
    liens_sne: Path | None = None
    personnes: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)


@etape("Lecture et contrôle des lignes")
def lire(
    recus: list[FichierRecu],
    feuilles: list[Feuille],
    dossier: Path,
    annee: int,
    personnelles: Mapping[str, Sequence[str]] | None = None,
    correspondances: Correspondances = AUCUNE,
) -> Lecture:
    """Reads every table of a campaign.

    Writes `<dossier>/<table>.parquet`: provenance columns `fichier`, `feuille`, `ligne`, then the declared columns that
    figures use, as canonical text; a folder of such files when one was scanned. Personal columns are
    compared for doubles and then left behind, but for those that `personnelles` asks for ({table: columns}): they are
    kept in `personnes`, and never written. `correspondances` says which sheets feed which tables, and what their
    headings and words mean.
    """
    schema = charger()
    dossier.mkdir(parents=True, exist_ok=True)
    resultat = Lecture(anomalies=sans_decision(recus, feuilles, correspondances))
    par_fichier: dict[str, list[Feuille]] = {}
    for feuille in feuilles:
        par_fichier.setdefault(feuille.fichier, []).append(feuille)
    lots = {nom: list(a_lire(recus, par_fichier, nom, correspondances)) for nom in schema.tables}
    scannees = {nom for nom, lot in lots.items() if any(f.balayable for _, siennes in lot for f in siennes)}

    def lire_une(nom: str) -> tuple[Lecture, list[Choisie]]:
        return lire_table(schema.tables[nom], lots[nom], dossier, annee, (personnelles or {}).get(nom), correspondances)

    # the engine scans the big files while the others are spread out
    with ThreadPoolExecutor(1) as a_cote:
        try:
            attendues = {nom: a_cote.submit(lire_une, nom) for nom in lots if scannees and nom not in scannees}
            lues = {nom: lire_une(nom) for nom in lots if nom not in attendues}
            lues |= {nom: attendue.result() for nom, attendue in attendues.items()}
        except BaseException:
            a_cote.shutdown(wait=False, cancel_futures=True)
            raise
    toutes: dict[str, list[Choisie]] = {}
    for nom in lots:
        lue, toutes[nom] = lues[nom]
        resultat.tables |= lue.tables
        resultat.balayees |= lue.balayees
        resultat.comptages += lue.comptages
        resultat.anomalies += lue.anomalies
        resultat.raison_sociale = resultat.raison_sociale or lue.raison_sociale
        resultat.personnes |= lue.personnes
    resultat.anomalies += [*intitules_disparus(toutes, correspondances), *mois_sautes(toutes, correspondances)]
    return resultat


def lire_table(
    table: Table,
    lot: Sequence[tuple[FichierRecu, list[Feuille]]],
    dossier: Path,
    annee: int,
    personnelles: Sequence[str] | None,
    correspondances: Correspondances,
) -> tuple[Lecture, list[Choisie]]:
    """Reads one table from its files; with it, the sheets chosen and where their headings are."""
    nom = table.nom
    resultat = Lecture()
    morceaux: list[pl.DataFrame] = []
    choisies: list[Choisie] = []
    parc: Parc | None = None
    for recu, siennes in lot:
        if any(f.balayable for f in siennes):
            parc = parc or Parc(dossier / nom, table)
            if _balayer_fichier(parc, recu, siennes, annee, resultat, choisies):
                continue
            siennes = _etaler(siennes, resultat)
        morceaux += _lire_fichier(recu, siennes, table, annee, resultat, choisies, correspondances)
    if parc is not None and parc.balayees:
        _fermer_le_parc(parc, morceaux, choisies, resultat)
        resultat.tables[nom] = parc.dossier
        resultat.balayees[nom] = parc.relation
    elif morceaux:
        empilees = pl.concat(morceaux, how="diagonal").sort(PROVENANCE)
        gardees, anomalies = oter_doubles(empilees, table, partial(_autres_cellules, choisies))
        resultat.anomalies += anomalies
        if nom == "reservataires":
            resultat.anomalies += verifier_conventions(gardees)
        _compter_doubles(empilees, gardees, nom, resultat.comptages)
        chemin = dossier / f"{nom}.parquet"
        _garder_utiles(gardees, table).write_parquet(chemin, compression="zstd")
        resultat.tables[nom] = chemin
        if personnelles is not None:
            resultat.personnes[nom] = _garder_utiles(gardees, table, personnelles)
    return resultat, choisies


def lignes_de(feuille: Feuille) -> pl.DataFrame:
    """The rows of a sheet as they were extracted: `ligne`, `c1`…`cN`."""
    if feuille.cle:
        return pl.read_ipc(sceau.lire(feuille.lignes, feuille.cle))
    with feuille.lignes.open("rb") as flux:  # a path with brackets would be taken for a pattern
        return pl.read_ipc(flux)


def _lignes_voulues(feuille: Feuille, voulues: pl.DataFrame) -> pl.DataFrame:
    if feuille.balayable is not None:
        return lignes_voulues(feuille.balayable, voulues["ligne"].to_list())
    return lignes_de(feuille).join(voulues.select("ligne"), on="ligne", how="semi", maintain_order="left")


def _etaler(feuilles: Sequence[Feuille], resultat: Lecture) -> list[Feuille]:
    etalees = [etaler(feuille) for feuille in feuilles]
    resultat.anomalies += [anomalie for _, dites in etalees for anomalie in dites]
    return [feuille for lues, _ in etalees for feuille in lues]


def _balayer_fichier(
    parc: Parc, recu: FichierRecu, feuilles: list[Feuille], annee: int, resultat: Lecture, choisies: list[Choisie]
) -> bool:
    """Reads a scanned file; False, and nothing is kept of it, when its rows must be spread out."""
    choix = choisir(
        recu, [(f, lignes_de(f), SANS_DECISION) for f in feuilles], parc.table, millesime_du_nom(recu.nom) or annee
    )
    if len(choix.retenues) != 1:
        return False
    feuille, entete = choix.retenues[0].feuille, choix.retenues[0].entete
    lu = balayer(parc, feuille, entete, choix.retenues[0].lignes)
    if lu is None:
        return False
    choisies.append((feuille, entete))
    noms = nommer_positions(choix.retenues[0].lignes) if isinstance(entete, Declaration) else entete.colonnes
    decisives = ["ligne", *sorted(set(noms.values()) & {"conv", "depcom", "cat_org", "ident_rep"})]
    logements = parc.con.execute(f"select {', '.join(decisives)} from ({parc.morceaux[-1]})").pl()
    resultat.anomalies += completer(logements, feuille, {}, isinstance(entete, Declaration))[1]
    if isinstance(entete, Declaration):
        resultat.raison_sociale = resultat.raison_sociale or entete.raison_sociale
    comptage = Comptage(parc.table.nom, feuille.fichier, feuille.feuille, lu.lues, lu.acceptees, len(lu.rejetees))
    resultat.comptages.append(comptage)
    resultat.anomalies += [
        *choix.anomalies,
        *lu.anomalies,
        *_juger_la_table(feuille, parc.table, comptage, lu.rejetees),
    ]
    return True


def _fermer_le_parc(parc: Parc, morceaux: list[pl.DataFrame], choisies: Sequence[Choisie], resultat: Lecture) -> None:
    """Adds to the dwellings scanned those of the other files, and removes the doubles: only these are spread out."""
    for morceau in morceaux:
        parc.con.register("morceau", _garder_utiles(morceau, parc.table).to_arrow())
        parc.ecrire("select * from morceau")
    suspectes = parc.suspectes()
    if suspectes.height:
        a_comparer = [m.join(suspectes, on=PROVENANCE, how="semi", maintain_order="left") for m in morceaux]
        a_comparer += [lignes for choisie in choisies if (lignes := parc.typees(*choisie, suspectes)) is not None]
        empilees = pl.concat(a_comparer, how="diagonal").sort(PROVENANCE)
        gardees, anomalies = oter_doubles(empilees, parc.table, partial(_autres_cellules, choisies))
        resultat.anomalies += anomalies
        _compter_doubles(empilees, gardees, parc.table.nom, resultat.comptages)
        parc.oter(empilees.join(gardees.select(PROVENANCE), on=PROVENANCE, how="anti").select(PROVENANCE))
    parc.con.close()


def _autres_cellules(choisies: Sequence[Choisie], lieux: pl.DataFrame) -> pl.DataFrame:
    """`lieux` (rows by their provenance) with `_autres`, what they say in undeclared columns; sheets are read again."""
    morceaux = [lieux.clear().with_columns(pl.lit("").alias("_autres"))]
    for feuille, entete in choisies:
        ici = (pl.col("fichier") == feuille.fichier) & (pl.col("feuille") == feuille.feuille)
        if (voulues := lieux.filter(ici)).is_empty():
            continue
        lignes = _lignes_voulues(feuille, voulues)
        declarees, vus = (
            (nommer_positions(lignes), {}) if isinstance(entete, Declaration) else (entete.colonnes, entete.vus)
        )
        autres = cellules_non_declarees(lignes, declarees, vus).alias("_autres")
        provenance = (pl.lit(feuille.fichier).alias("fichier"), pl.lit(feuille.feuille).alias("feuille"), "ligne")
        morceaux.append(lignes.select(*provenance, autres))
    return pl.concat(morceaux)


def _lire_fichier(
    recu: FichierRecu,
    feuilles: list[Feuille],
    table: Table,
    annee: int,
    resultat: Lecture,
    choisies: list[Choisie],
    correspondances: Correspondances,
) -> list[pl.DataFrame]:
    if not feuilles:
        return []
    millesime = millesime_du_nom(recu.nom) or annee
    lues = [
        (feuille, lignes_de(feuille), decisions_de(correspondances, feuille, table.nom, annee)) for feuille in feuilles
    ]
    choix = choisir(recu, lues, table, millesime)
    resultat.anomalies += choix.anomalies
    choisies += [(candidate.feuille, candidate.entete) for candidate in choix.retenues]
    return [
        donnees
        for candidate in choix.retenues
        if (donnees := _lire_feuille(candidate, table, resultat, correspondances)) is not None
    ]


def _lire_feuille(
    candidate: Candidate, table: Table, resultat: Lecture, correspondances: Correspondances
) -> pl.DataFrame | None:
    feuille, entete, decisions = candidate.feuille, candidate.entete, candidate.decisions
    if isinstance(entete, Declaration):
        resultat.raison_sociale = resultat.raison_sociale or entete.raison_sociale
        donnees = donnees_de_la_declaration(feuille, candidate.lignes, entete)
    else:
        donnees = donnees_du_tableau(feuille, candidate.lignes, entete, table)
    resultat.anomalies += donnees.anomalies
    decidees: list[int] = []
    if donnees.lignes is not None and decisions != SANS_DECISION:
        donnees.lignes, decidees = appliquer(donnees.lignes, decisions, table.colonnes)
        donnees.refusees = sorted([*donnees.refusees, *decidees])
        resultat.anomalies += lignes_ecartees(feuille.fichier, feuille.feuille, decidees)
    if table.nom == "reservataires" and donnees.lignes is not None:
        donnees.lignes, dites = completer_conventions(donnees.lignes, feuille)
        resultat.anomalies += dites
    if table.nom == "rpls" and donnees.lignes is not None:
        declaration = entete if isinstance(entete, Declaration) else None
        donnees.lignes, dites = poser_millesime(feuille, donnees.lignes, declaration)
        resultat.anomalies += dites
    if donnees.lignes is None or _est_un_modele_vierge(donnees, table):
        return None
    typees = typer(
        donnees.lignes,
        table,
        feuille.fichier,
        feuille.feuille,
        source_numerique=feuille.format not in ("csv", "txt"),
    )
    resultat.anomalies += typees.anomalies
    acceptees = typees.acceptees
    if table.nom == "rpls":
        # who decides what its files are answers too; a campaign of tables alone has nowhere to, and is told
        gravite = Gravite.BLOQUANT if correspondances.lignes else Gravite.ERREUR
        est_declaration = isinstance(entete, Declaration)
        acceptees, dites = completer(acceptees, feuille, correspondances.bailleur, est_declaration, gravite)
        resultat.anomalies += dites
    lues = donnees.lignes.height + len(donnees.refusees)
    rejetees = sorted([*donnees.refusees, *typees.rejets["ligne"]])
    comptage = Comptage(table.nom, feuille.fichier, feuille.feuille, lues, typees.acceptees.height, len(rejetees))
    resultat.comptages.append(comptage)
    resultat.anomalies += _juger_la_table(feuille, table, comptage, [li for li in rejetees if li not in set(decidees)])
    return acceptees.with_columns(pl.lit(feuille.fichier).alias("fichier"), pl.lit(feuille.feuille).alias("feuille"))


def _est_un_modele_vierge(donnees: Donnees, table: Table) -> bool:
    """True for a sheet of our own workbooks that nobody filled: its table is not given, which is not an empty table."""
    vierge = donnees.lignes is not None and donnees.lignes.is_empty() and not donnees.refusees
    return vierge and not table.obligatoire and any(a.code == "ligne_d_exemple" for a in donnees.anomalies)


def _juger_la_table(feuille: Feuille, table: Table, comptage: Comptage, rejetees: list[int]) -> list[Anomalie]:
    """What the rejections of a sheet stop: a table that would seem empty, a convention that would be missing.

    Rows that a decision says not to read are not among `rejetees`.
    """
    ou = (feuille.fichier, feuille.feuille)
    if not comptage.lues:
        return [
            Anomalie(
                Gravite.BLOQUANT if table.obligatoire else Gravite.AVERTISSEMENT,
                "table_vide",
                "La feuille ne contient que des en-têtes, aucune ligne de données.",
                "Vérifiez l'extraction ; retirez le fichier si la table est vraiment vide.",
                *ou,
            )
        ]
    anomalies = []
    if not comptage.acceptees and (rejetees or table.obligatoire):
        anomalies.append(
            Anomalie(
                Gravite.BLOQUANT,
                "table_rejetee",
                f"Toutes les lignes de la feuille sont rejetées ({comptage.lues}) : {table.nom} semblerait vide.",
                "Corrigez les lignes signalées (les en-têtes sont peut-être intervertis), puis relancez.",
                *ou,
                rejetees[0] if rejetees else None,
            )
        )
    if table.nom in SANS_REJET:
        anomalies += Recueil(
            Anomalie(
                Gravite.BLOQUANT,
                "convention_rejetee",
                f"La ligne {ligne} de {feuille.fichier} est rejetée (voir ses erreurs) : sa convention manquerait.",
                "Corrigez la ligne, ou supprimez-la si la convention ne compte pas.",
                *ou,
                ligne,
            )
            for ligne in rejetees
        ).liste()
    return anomalies


def _compter_doubles(empilees: pl.DataFrame, gardees: pl.DataFrame, table: str, comptages: list[Comptage]) -> None:
    """Rows counted once move from accepted to rejected in the accounting of their sheet."""
    if gardees.height == empilees.height:
        return
    otees = empilees.join(gardees.select(PROVENANCE), on=PROVENANCE, how="anti")
    for fichier, feuille, nombre in otees.group_by("fichier", "feuille").len().iter_rows():
        for comptage in comptages:
            if (comptage.table, comptage.fichier, comptage.feuille) == (table, fichier, feuille):
                comptage.acceptees -= nombre
                comptage.rejetees += nombre
                comptage.doubles += nombre


def _garder_utiles(donnees: pl.DataFrame, table: Table, en_plus: Sequence[str] = ()) -> pl.DataFrame:
    """Provenance and the columns that figures use, all of them, in the declared order; absent ones are null text."""
    utiles = [nom for nom in table.colonnes if nom in table.conservees or nom in en_plus]
    absentes = [pl.lit(None, dtype=pl.String).alias(nom) for nom in utiles if nom not in donnees.columns]
    return donnees.with_columns(absentes).select(*PROVENANCE, *utiles)
