"""Many bailleurs under one root: each its own run and its own failure, then one warehouse, Parquet, and a page.

    RACINE/<bailleur>/data/raw/<annee>/…   or   RACINE/<bailleur>/<annee>/…   or the files in RACINE/<bailleur>/ itself
    VERS/<bailleur>/<annee>/               the outputs of each, as `gestion-flux bilan` publishes them
    VERS/consolidation-<annee>/            consolidation.duckdb, parquet/<table>/annee=/bailleur=, index.html

A bailleur whose files have not changed is not run again; one that is refused keeps what it had published, and counts as
missing in every total.
"""

import io
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import asdict, dataclass
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path

import duckdb

from flows import ressources
from flows.anomalies import MauvaisUsage
from flows.campagne import verifier_chemin
from flows.chemins import ENTREPOT
from flows.livrables.page import environnement
from flows.publication import parution, registre
from flows.requetes import a_lire, litteral
from flows.vie import cote_a_cote, entrepots

PAGE = "consolidation.html"
TABLES = (
    "entetes",
    "mesures",
    "repartition",
    "reservataires",
    "lignes_flux",
    "synthese",
    "quotas",
    "objectif_lignes",
    "publics_prioritaires",
)
"""Tables of `bilan` that are gathered: what compares; the rows behind stay in each bailleur's warehouse."""
_INTERDITS = frozenset("<>:\"/\\|?*'=%")
"""What Windows, or who reads `bailleur=<name>`, does not take as it is."""


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
    verifier_chemin(vers)
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
    deja = len(_fins(tache))
    try:
        fin = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "flows", *_commande(tache)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as erreur:
        return Issue(tache.bailleur, "échoué", os.strerror(erreur.errno or 0), tache.sorties)
    return _issue(tache, fin.returncode, fin.stderr, deja)


def executer_ici(tache: Tache) -> Issue:
    """The same command in this process, which keeps what it has learnt (imports, rules, templates) for the next one."""
    _finir_si_l_on_doit("")
    dit, erreurs, ancien, deja = io.StringIO(), io.StringIO(), sys.argv, len(_fins(tache))
    sys.argv = ["gestion-flux", *_commande(tache)]
    try:
        with redirect_stdout(dit), redirect_stderr(erreurs):
            runpy.run_module("flows", run_name="__main__", alter_sys=False)
        code: object = 0
    except SystemExit as fin:
        code = fin.code
    finally:
        sys.argv = ancien
    _finir_si_l_on_doit(erreurs.getvalue())
    return _issue(tache, code if isinstance(code, int) else 1, erreurs.getvalue(), deja)


def _finir_si_l_on_doit(erreurs: str) -> None:
    """Asked to end: the work folder is gone already, the next bailleur, already handed over, must not begin.

    The signal itself is asked too: what it raises can be lost in code that nobody can interrupt.
    """
    if ressources.SIGNAUX_RECUS or "Interrompu : " in erreurs:
        if parent_process() is not None:
            os._exit(1)
        raise KeyboardInterrupt


def _commande(tache: Tache) -> list[str]:
    lieux = ["--entrees", tache.entrees, "--sorties", tache.sorties]
    return ["bilan", str(tache.annee), *lieux, "--fils", str(tache.fils)]


def _fins(tache: Tache) -> list[str]:
    """How the runs of this bailleur have ended, as the register has it; nothing when it cannot be read."""
    with suppress(OSError):
        fins = registre.lignes_de(Path(tache.sorties), *registre.FINS, registre.INCHANGE)
        return [str(ligne["evenement"]) for ligne in fins]
    return []


def _issue(tache: Tache, code: int, erreurs: str, deja: int) -> Issue:
    """By the exit code, and the end that the register has had since its `deja` others."""
    fin = next(reversed(_fins(tache)[deja:]), "")
    if code == 0:
        return Issue(tache.bailleur, "inchangé" if fin == registre.INCHANGE else "publié", "", tache.sorties)
    lignes = [ligne for ligne in erreurs.splitlines() if ligne.strip()]
    motif = next((x for x in lignes if x.startswith("BLOQUANT")), lignes[-1] if lignes else f"code {code}")
    return Issue(tache.bailleur, "refusé" if fin == "refus" else "échoué", motif[:300], tache.sorties)


def par_processus(ouvriers: int, seul: Callable[[Tache], Issue] = executer) -> Repartiteur:
    """Here, `ouvriers` processes at a time, each for many bailleurs, one after the other.

    One that dies (memory, a fault of a library) takes the others of its team with it: those that it had not finished
    are then run by `seul`, each in a process of its own, and only the one that kills is failed.
    """

    def repartir(faire: Callable[[Tache], Issue], a_faire: Sequence[Tache]) -> Iterable[Issue]:
        issues: dict[str, Issue] = {}
        contexte = get_context("spawn")
        equipe = ProcessPoolExecutor(ouvriers, mp_context=contexte, initializer=ressources.finir_avec_le_parent)
        try:
            prevues = {equipe.submit(faire, tache): tache for tache in a_faire}
            for prevue, tache in prevues.items():
                with suppress(BrokenProcessPool):
                    issues[tache.bailleur] = prevue.result()
        except BaseException:  # asked to end: so is each run, which removes its work folder
            for processus in active_children():
                processus.terminate()
            raise
        finally:
            equipe.shutdown(cancel_futures=True)  # said once: a second call that does not say it takes it back
        restent = [tache for tache in a_faire if tache.bailleur not in issues]
        return [*issues.values(), *(seul(tache) for tache in restent)]

    return repartir


def par_dask(adresse: str) -> Repartiteur:
    """On a Dask cluster whose workers see the same folders; raises MauvaisUsage when Dask is not installed."""
    try:
        from distributed import Client  # type: ignore[import-not-found, unused-ignore]
    except ImportError as absence:
        raise MauvaisUsage("--dask demande Dask : pip install 'gestion-flux[dask]'.") from absence

    def repartir(_faire: Callable[[Tache], Issue], a_faire: Sequence[Tache]) -> Iterable[Issue]:
        # each in a process of its own: a worker may run several tasks in as many threads
        with Client(adresse) as grappe:  # type: ignore[no-untyped-call, unused-ignore]
            issues: list[Issue] = grappe.gather(grappe.map(executer, a_faire, pure=False, retries=0))
            return issues

    return repartir


def consolider(racine: Path, annee: int, vers: Path, ouvriers: int, repartir: Repartiteur | None = None) -> list[Issue]:
    """Runs every bailleur, then gathers those that are good. Gives every issue, in the order of names."""
    a_faire = taches(racine, annee, vers, ouvriers)
    cible = vers / f"consolidation-{annee}"
    parution.retablir(cible)
    repartir = repartir or par_processus(min(ouvriers, len(a_faire)))
    issues = sorted(repartir(executer_ici, a_faire), key=lambda i: i.bailleur)
    rassembler(cible, annee, issues)
    return issues


def rassembler(cible: Path, annee: int, issues: Sequence[Issue]) -> None:
    """Writes the consolidated folder whole, in the place of the one before."""
    cible = cible.resolve()
    with parution.atelier(cible) as atelier:
        atelier.mkdir()
        bons = [i for i in issues if i.est_bonne]
        with duckdb.connect(str(atelier / "consolidation.duckdb")) as con:
            _tables(con, atelier, annee, bons)
            tableaux = cote_a_cote.dresser(con, len(issues)) if bons else []
        _page(atelier / "index.html", annee, issues, tableaux)
        parution.echanger(atelier, cible)


def _tables(con: duckdb.DuckDBPyConnection, atelier: Path, annee: int, bons: Sequence[Issue]) -> None:
    con.execute("create schema bilan")
    con.execute("""
        create table bilan.bailleurs (bailleur varchar, siren_bailleur varchar, raison_sociale varchar);
        create table bilan.reservataires_communs (
            bailleur varchar, code_reservataire varchar, reservataire_commun varchar, libelle varchar
        )
    """)
    for issue in bons:
        con.execute(f"attach {litteral(Path(issue.sorties) / ENTREPOT)} as un (read_only)")
        for table in TABLES:
            colonnes = entrepots.colonnes(con, "un", "bilan", table)
            if not colonnes:
                continue
            lieu = atelier / "parquet" / table / f"annee={annee}" / f"bailleur={issue.bailleur}"
            lieu.mkdir(parents=True)
            # the folder's name is the key; the name that the bailleur gives itself is in `bilan.bailleurs`
            ailleurs = ", ".join(c for c in ("annee", "bailleur") if c in colonnes)
            autres = f"* exclude ({ailleurs})" if ailleurs else "*"
            con.execute(
                f"copy (select {autres} from un.bilan.{table} order by all) to {litteral(lieu / 'part.parquet')}"
            )
        con.execute(
            "insert into bilan.bailleurs select ?, siren_bailleur, raison_sociale from un.ref.exercice",
            [issue.bailleur],
        )
        con.execute(_COMMUNS, [issue.bailleur])
        con.execute("detach un")
    for table in TABLES:
        dossier = atelier / "parquet" / table
        if dossier.exists():
            con.execute(
                f"create table bilan.{table} as select bailleur, annee, * exclude (bailleur, annee) from read_parquet("
                f"{a_lire(dossier, '/*/*/part.parquet')}, hive_partitioning = true, "
                "hive_types = {'bailleur': varchar, 'annee': integer}, union_by_name = true) order by all"
            )


_COMMUNS = """
    insert into bilan.reservataires_communs
    with parc as (
        select coalesce(string_agg(distinct code_departement, ', ' order by code_departement), '') as departements
        from un.intermediaire.parc
    ),

    conventions as (
        select
            reservataires.*,
            if(echelle = 'bailleur', 'departement ' || departements, echelle || ' ' || coalesce(code_territoire, ''))
                as territoire
        from un.staging.reservataires
        cross join parc
    )

    select
        ?,
        code_reservataire,
        coalesce(
            'siren ' || max(siren),
            max(type_reservataire) || ' ' || string_agg(distinct territoire, ', ' order by territoire)
        ),
        min(libelle)
    from conventions
    group by code_reservataire
    order by all
"""
"""Who is the same réservataire for several bailleurs: the same SIREN, else the same type on the same territory (the
départements of the parc for one that covers a whole bailleur)."""


def _page(fichier: Path, annee: int, issues: Sequence[Issue], tableaux: Sequence[cote_a_cote.Tableau]) -> None:
    page = (
        environnement()
        .get_template(PAGE)
        .render(
            annee=annee,
            bons=sum(i.est_bonne for i in issues),
            tous=len(issues),
            manquants=[asdict(i) for i in issues if not i.est_bonne],
            tableaux=tableaux,
        )
    )
    fichier.write_text(page, encoding="utf-8")
