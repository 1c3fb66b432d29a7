"""Many bailleurs under one root: each its own run and its own failure, then one warehouse, Parquet, and a page.

    RACINE/<bailleur>/data/raw/<annee>/…   or   RACINE/<bailleur>/<annee>/…   or the files in RACINE/<bailleur>/ itself
    VERS/<bailleur>/<annee>/               the outputs of each, as `gestion-flux bilan` publishes them
    VERS/consolidation-<annee>/            consolidation.duckdb, parquet/<table>/annee=/bailleur=, index.html

A bailleur whose files have not changed is not run again; one that is refused keeps what it had published, and counts as
missing in every total.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows import ressources
from flows.anomalies import MauvaisUsage
from flows.chemins import ENTREPOT, GABARITS, REGLAGES
from flows.livrables.francais import nombre, pourcent
from flows.vie import entrepots
from flows.vie.entrepots import texte

PAGE = "consolidation.html"
TABLES = (
    *(
        "entetes",
        "mesures",
        "repartition",
        "lignes_flux",
        "synthese",
        "quotas",
        "objectif_lignes",
        "publics_prioritaires",
    ),
)
"""Tables of `bilan` that are gathered: what compares; the rows behind stay in each bailleur's warehouse."""
_INTERDITS = frozenset("<>:\"/\\|?*'=")


@dataclass(frozen=True)
class Tache:
    """One bailleur to run."""

    bailleur: str
    annee: int
    entrees: str
    sorties: str
    fils: int


@dataclass(frozen=True)
class Issue:
    """How it ended: `resultat` is publié, inchangé, refusé or échoué; `motif` the first line that says why."""

    bailleur: str
    resultat: str
    motif: str
    sorties: str

    @property
    def est_bonne(self) -> bool:
        """True when its figures of this year are there."""
        return self.resultat in ("publié", "inchangé")


Repartiteur = Callable[[Callable[[Tache], Issue], Sequence[Tache]], Iterable[Issue]]


def taches(racine: Path, annee: int, vers: Path, ouvriers: int) -> list[Tache]:
    """One task per sub-folder that has files; raises MauvaisUsage when there is none or for a name that cannot be."""
    if not racine.is_dir():
        raise MauvaisUsage(f"{racine} n'est pas un dossier : donnez celui qui contient un dossier par bailleur.")
    trouvees = []
    fils = max(1, ressources.fils() // ouvriers)
    for dossier in sorted(d for d in racine.iterdir() if d.is_dir() and not d.name.startswith(".")):
        if dossier.resolve() == vers.resolve():
            continue
        if not _INTERDITS.isdisjoint(dossier.name):
            raise MauvaisUsage(f"Le dossier {dossier.name} a un nom qui ne peut pas nommer un bailleur : renommez-le.")
        possibles = (dossier / "data" / "raw" / str(annee), dossier / str(annee), dossier)
        entrees = next(d for d in possibles if d.is_dir())
        sorties = vers / dossier.name / str(annee)
        trouvees.append(Tache(dossier.name, annee, str(entrees.resolve()), str(sorties.resolve()), fils))
    if not trouvees:
        raise MauvaisUsage(f"{racine} ne contient aucun dossier de bailleur.")
    return trouvees


def executer(tache: Tache) -> Issue:
    """Runs the bilan of one bailleur in a process of its own; whatever happens there is an Issue here."""
    commande = [sys.executable, "-m", "flows", "bilan", str(tache.annee), "--entrees", tache.entrees]
    commande += ["--sorties", tache.sorties, "--fils", str(tache.fils)]
    try:
        fin = subprocess.run(  # noqa: S603 - our own command
            commande, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
        )
    except OSError as erreur:
        return Issue(tache.bailleur, "échoué", os.strerror(erreur.errno or 0), tache.sorties)
    if fin.returncode == 0:
        return Issue(tache.bailleur, "inchangé" if "Inchangé" in fin.stdout else "publié", "", tache.sorties)
    lignes = [ligne for ligne in fin.stderr.splitlines() if ligne.strip()]
    motif = next((x for x in lignes if x.startswith("BLOQUANT")), lignes[-1] if lignes else f"code {fin.returncode}")
    return Issue(tache.bailleur, "refusé" if "BLOQUANT" in motif else "échoué", motif[:300], tache.sorties)


def par_fils(ouvriers: int) -> Repartiteur:
    """Here, `ouvriers` processes at a time."""

    def repartir(faire: Callable[[Tache], Issue], a_faire: Sequence[Tache]) -> Iterable[Issue]:
        with ThreadPoolExecutor(ouvriers) as equipe:
            return list(equipe.map(faire, a_faire))

    return repartir


def par_dask(adresse: str) -> Repartiteur:
    """On a Dask cluster whose workers see the same folders; raises MauvaisUsage when Dask is not installed."""
    try:
        from distributed import Client  # type: ignore[import-not-found, unused-ignore]
    except ImportError as absence:
        raise MauvaisUsage("--dask demande Dask : pip install 'gestion-flux[dask]'.") from absence

    def repartir(faire: Callable[[Tache], Issue], a_faire: Sequence[Tache]) -> Iterable[Issue]:
        with Client(adresse) as grappe:  # type: ignore[no-untyped-call, unused-ignore]
            issues: list[Issue] = grappe.gather(grappe.map(faire, a_faire, pure=False))
            return issues

    return repartir


def consolider(racine: Path, annee: int, vers: Path, ouvriers: int, repartir: Repartiteur | None = None) -> list[Issue]:
    """Runs every bailleur, then gathers those that are good. Gives every issue, in the order of names."""
    a_faire = taches(racine, annee, vers, ouvriers)
    issues = sorted((repartir or par_fils(ouvriers))(executer, a_faire), key=lambda i: i.bailleur)
    rassembler(vers / f"consolidation-{annee}", annee, issues)
    return issues


def rassembler(cible: Path, annee: int, issues: Sequence[Issue]) -> None:
    """Writes the consolidated folder whole, in the place of the one before."""
    atelier = cible.with_name(f".{cible.name}.{os.getpid()}")
    shutil.rmtree(atelier, ignore_errors=True)
    atelier.mkdir(parents=True)
    try:
        bons = [i for i in issues if i.est_bonne]
        con = duckdb.connect(str(atelier / "consolidation.duckdb"))
        try:
            _tables(con, atelier, annee, bons)
            lignes = _comparer(con, annee)
        finally:
            con.close()
        _page(atelier / "index.html", annee, issues, lignes)
        ancien = atelier.with_name(f"{atelier.name}.precedent")
        if cible.exists():
            cible.rename(ancien)
        atelier.rename(cible)
        shutil.rmtree(ancien, ignore_errors=True)
    finally:
        shutil.rmtree(atelier, ignore_errors=True)


def _tables(con: duckdb.DuckDBPyConnection, atelier: Path, annee: int, bons: Sequence[Issue]) -> None:
    con.execute("create schema bilan")
    for issue in bons:
        con.execute(f"attach {texte(Path(issue.sorties) / ENTREPOT)} as un (read_only)")
        for table in TABLES:
            colonnes = entrepots.colonnes(con, "un", "bilan", table)
            if not colonnes:
                continue
            lieu = atelier / "parquet" / table / f"annee={annee}" / f"bailleur={issue.bailleur}"
            lieu.mkdir(parents=True)
            autres = "* exclude (annee)" if "annee" in colonnes else "*"
            con.execute(f"copy (select {autres} from un.bilan.{table} order by all) to {texte(lieu / 'part.parquet')}")
        con.execute("""
            create table if not exists bilan.reservataires_communs (
                bailleur varchar, code_reservataire varchar, reservataire_commun varchar, libelle varchar
            )
        """)
        con.execute(f"""
            insert into bilan.reservataires_communs
            select distinct {texte(issue.bailleur)}, code_reservataire,
                coalesce('siren ' || siren,
                    type_reservataire || ' ' || echelle || coalesce(' ' || code_territoire, '')),
                libelle
            from un.staging.reservataires
            order by all
        """)
        con.execute("detach un")
    for table in TABLES:
        motif = atelier / "parquet" / table / "*" / "*" / "part.parquet"
        if any(atelier.glob(f"parquet/{table}/*/*/part.parquet")):
            con.execute(
                f"create table bilan.{table} as select bailleur, annee, * exclude (bailleur, annee) from read_parquet("
                f"{texte(motif)}, hive_partitioning = true, hive_types = {{'bailleur': varchar, 'annee': integer}}, "
                "union_by_name = true) order by all"
            )


def _comparer(con: duckdb.DuckDBPyConnection, annee: int) -> list[dict[str, Any]]:
    """One row a bailleur: parc, rotation, what was attributed and to whom."""
    if not entrepots.colonnes(con, "consolidation", "bilan", "synthese"):
        return []
    curseur = con.execute(
        """
        with pourvus as (
            select bailleur, sum(decompte) as decompte, sum(objectif) as objectif
            from bilan.synthese
            where code_reservataire <> '_bailleur' and objectif is not null
            group by bailleur
        )
        select
            s.bailleur, s.parc_total, s.parc_soumis, s.liberations, s.taux_rotation_pct, s.attributions, s.baux_signes,
            p.objectif, p.decompte, 100 * p.decompte / nullif(p.objectif, 0) as taux_atteinte_pct
        from bilan.synthese as s
        left join pourvus as p on p.bailleur = s.bailleur
        where s.code_reservataire = '_bailleur' and s.annee = ?
        order by s.bailleur
        """,
        [annee],
    )
    noms = [d[0] for d in curseur.description or ()]
    return [dict(zip(noms, ligne, strict=True)) for ligne in curseur.fetchall()]


def _page(fichier: Path, annee: int, issues: Sequence[Issue], lignes: Sequence[dict[str, Any]]) -> None:
    milieu = Environment(loader=FileSystemLoader([REGLAGES, GABARITS]), undefined=StrictUndefined, autoescape=True)
    gabarit = milieu.get_template(PAGE)
    maximum = max((float(ligne["taux_rotation_pct"] or 0) for ligne in lignes), default=0) or 1
    sommes = {
        nom: sum(ligne[nom] or 0 for ligne in lignes)
        for nom in ("parc_total", "parc_soumis", "liberations", "baux_signes")
    }
    vues = [
        {
            nom: pourcent(v, 2) if nom.endswith("_pct") else nombre(v) if nom != "bailleur" else v
            for nom, v in ligne.items()
        }
        | {"barre": round(100 * float(ligne["taux_rotation_pct"] or 0) / maximum)}
        for ligne in lignes
    ]
    page = gabarit.render(
        annee=annee,
        bons=sum(i.est_bonne for i in issues),
        tous=len(issues),
        manquants=[asdict(i) for i in issues if not i.est_bonne],
        lignes=vues,
        sommes={nom: nombre(valeur) for nom, valeur in sommes.items()},
    )
    fichier.write_text(page, encoding="utf-8")
