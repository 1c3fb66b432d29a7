"""A run under Prefect: a task a step, what happened as states in French, anomalies and deliverables as artifacts.

The work never depends on the server: whatever Prefect fails at, the step is done all the same, once, and the bytes
published are those of a run without it. What Prefect keeps is bounded: its database is not a place for input values.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from prefect import Flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.events.worker import EventsWorker
from prefect.exceptions import ParameterTypeError
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed, Failed

from flows.anomalies import PASSAGERES, Anomalie, ArretBloquant, Gravite, MauvaisUsage, phrase
from flows.bilan import CompteRendu
from flows.campagne import Campagne
from flows.commande.voix import imprevu
from flows.etapes import Progres, dire, est_une_interruption, suivies_par
from flows.refus import Parcours, Refus, mener
from flows.serveur import repond

T = TypeVar("T")
ESSAIS = 2
ATTENTE_S = 10
LIGNES_MAX = 500
COLONNES = ("gravite", "code", "fichier", "feuille", "ligne", "colonne", "code_reservataire", "message", "correction")
"""What an artifact shows of an anomaly: where it is and what it is, not the value that was read."""


@dataclass
class Retour:
    """What a flow gives to the command that runs it here; Prefect only keeps states."""

    issue: CompteRendu | Refus | None = None
    erreur: Exception | None = None
    perdu: bool = False

    def perdre(self) -> None:
        """Says, once, that the server no longer follows."""
        if not self.perdu:
            self.perdu = True
            dire("Le serveur Prefect ne répond plus : le travail continue sans suivi.")


@dataclass
class _Essai(Generic[T]):
    """One step and what it gave, kept out of Prefect."""

    appel: Callable[[], T]
    resultats: list[T] = field(default_factory=list)
    erreur: Exception | None = None
    passager: bool = False

    def tenter(self) -> State[None]:
        """Runs the step; the state says how it ended, without any value of a file."""
        self.resultats, self.erreur, self.passager = [], None, False
        try:
            self.resultats = [self.appel()]
        except Exception as erreur:
            if est_une_interruption(erreur):
                raise KeyboardInterrupt from erreur
            self.erreur = erreur
            self.passager = isinstance(erreur, OSError) or (
                isinstance(erreur, ArretBloquant) and bool(_passageres(erreur.anomalies))
            )
            return Failed(message=_dire_erreur(erreur))
        if dites := _passageres(_anomalies(self.resultats[0])):
            self.passager = True
            return Failed(message=phrase(dites[0]))
        return Completed(message="Fait")

    def rendre(self) -> T:
        """What the step gave; it is run here when Prefect could not."""
        if self.erreur is not None:
            raise self.erreur
        return self.resultats[0] if self.resultats else self.appel()


class Taches:
    """Runs each step as a Prefect task; those that depend on something outside are tried again."""

    def __init__(self, retour: Retour) -> None:
        self.retour = retour

    def mener(self, libelle: str, externe: bool, appel: Callable[[], T]) -> T:
        """One task run, never cached: the outputs are files, not results."""
        essai = _Essai(partial(Progres().mener, libelle, externe, appel))
        suivre_etape = task(
            name=libelle,
            task_run_name=libelle,
            cache_policy=NO_CACHE,
            persist_result=False,
            retries=ESSAIS if externe else 0,
            retry_delay_seconds=ATTENTE_S,
            retry_condition_fn=lambda _tache, _execution, _etat: essai.passager,
        )
        self.verifier_le_serveur()
        self.au_mieux(lambda: suivre_etape(essai.tenter)(return_state=True))
        return essai.rendre()

    def verifier_le_serveur(self) -> None:
        """Asks the server, in milliseconds, if it is there: what waits for one that is not waits for minutes."""
        adresse = PREFECT_API_URL.value()
        if not self.retour.perdu and adresse and not repond(adresse):
            self.retour.perdre()

    def au_mieux(self, dire_au_serveur: Callable[[], object]) -> None:
        """Tells the server something; the first failure is said, and the server is asked nothing more."""
        if not self.retour.perdu:
            try:
                dire_au_serveur()
            except Exception:
                self.retour.perdre()


_RETOUR: ContextVar[Retour | None] = ContextVar("retour", default=None)


@contextmanager
def _rendu_ici() -> Iterator[Retour]:
    retour = Retour()
    jeton = _RETOUR.set(retour)
    try:
        yield retour
    finally:
        _RETOUR.reset(jeton)


def suivre(parcours: Parcours, demander: Callable[[], Campagne]) -> State[None]:
    """The body of every flow: the steps as tasks, the artifacts, and the state that says how it ended.

    `demander` makes the campaign of the parameters; a wrong one fails the run with its sentence.
    """
    retour = _RETOUR.get() or Retour()
    taches = Taches(retour)
    try:
        campagne = demander()
        with suivies_par(taches):
            retour.issue = mener(parcours, campagne)
    except Exception as erreur:
        retour.erreur = erreur
        return Failed(message=_dire_erreur(erreur))
    issue = retour.issue
    taches.verifier_le_serveur()
    taches.au_mieux(lambda: _montrer(campagne, issue))
    return _conclure(campagne, issue)


def lancer(
    flot: Flow[..., Any], parametres: Mapping[str, Any], parcours: Parcours, campagne: Campagne
) -> CompteRendu | Refus:
    """Runs a flow here and now, as the command does; without its server the same work is done directly."""
    try:
        flot.validate_parameters(dict(parametres))
    except ParameterTypeError as erreur:
        noms = ", ".join(re.findall(r"^ *- (\w+)", str(erreur), re.MULTILINE))
        dire(f"Prefect refuse un paramètre ({noms}), son serveur n'y est pour rien : le travail se fait sans suivi.")
        return mener(parcours, campagne)
    with _rendu_ici() as retour:
        try:
            flot(**parametres, return_state=True)
        except Exception:
            retour.perdre()
        finally:
            if not retour.perdu:
                APILogWorker.drain_all(timeout=ATTENTE_S)
                EventsWorker.drain_all(timeout=ATTENTE_S)
    if retour.erreur is not None:
        raise retour.erreur
    return retour.issue or mener(parcours, campagne)


def _anomalies(resultat: object) -> list[Anomalie]:
    """The anomalies that a step gives with what it made."""
    listes = [x for x in resultat if isinstance(x, list)] if isinstance(resultat, tuple) else []
    return [a for liste in listes for a in liste if isinstance(a, Anomalie)]


def _passageres(anomalies: Sequence[Anomalie]) -> list[Anomalie]:
    return [a for a in anomalies if a.code in PASSAGERES]


def _dire_erreur(erreur: Exception) -> str:
    if isinstance(erreur, (ArretBloquant, MauvaisUsage)):
        return str(erreur)
    return imprevu(erreur)


def _conclure(campagne: Campagne, issue: CompteRendu | Refus) -> State[None]:
    if isinstance(issue, Refus):
        bloquantes = [phrase(a) for a in issue.anomalies if a.gravite is Gravite.BLOQUANT]
        suite = f" (et {len(bloquantes) - 1} autres)" if len(bloquantes) > 1 else ""
        ou = f" Toutes les anomalies : {issue.controles}" if issue.controles else ""
        return Failed(message=f"Arrêt : {bloquantes[0]}{suite}{ou}")
    erreurs, avertissements = issue.nombre(Gravite.ERREUR), issue.nombre(Gravite.AVERTISSEMENT)
    comptes = (
        f"{issue.nb_lignes} lignes lues, {erreurs} erreur{'s' * (erreurs > 1)}, "
        f"{avertissements} avertissement{'s' * (avertissements > 1)}"
    )
    if campagne.commande == "controler":
        ou = f"{comptes} : {campagne.sorties / 'controles'}"
        return Failed(message=f"Contrôle : {ou}") if erreurs else Completed(message=f"Contrôle : {ou}")
    incidents = "".join(f" {phrase(a)}" for a in issue.incidents)
    return Completed(message=f"Publié dans {campagne.sorties} : {issue.nb_bilans} bilans, {comptes}.{incidents}")


def _montrer(campagne: Campagne, issue: CompteRendu | Refus) -> None:
    """The artifacts: anomalies (the first ones, counts by code, where all are), row accounting, deliverables."""
    cle = f"{campagne.commande}-{campagne.annee}"
    controles = campagne.sorties / "controles" / f"controles_{campagne.annee}.csv"
    if isinstance(issue, Refus):
        controles = issue.controles or Path("non écrit")
    toutes = f"Toutes, avec leurs valeurs : {controles.resolve()}"
    comptes = Counter((a.gravite.value, a.code) for a in issue.anomalies)
    par_code = [{"gravite": g, "code": code, "nombre": nombre} for (g, code), nombre in comptes.items()]
    _tableau(f"anomalies-par-code-{cle}", f"Anomalies par code. {toutes}", par_code)
    montrees = [{nom: str(getattr(a, nom) or "") for nom in COLONNES} for a in issue.anomalies[:LIGNES_MAX]]
    titre = f"{len(montrees)} anomalies sur {len(issue.anomalies)}, les plus graves d'abord. {toutes}"
    _tableau(f"anomalies-{cle}", titre, montrees)
    if isinstance(issue, CompteRendu):
        _tableau(f"comptage-lignes-{cle}", "Lignes lues, acceptées, rejetées", issue.comptages)
        create_markdown_artifact(key=f"livrables-{cle}", markdown=_liens(issue), description="Livrables publiés")


def _tableau(cle: str, titre: str, lignes: Sequence[Mapping[str, object]]) -> None:
    table = [{nom: str(valeur) for nom, valeur in ligne.items()} for ligne in lignes[:LIGNES_MAX]]
    create_table_artifact(table=table, key=cle, description=titre)


def _liens(issue: CompteRendu) -> str:
    """A link to each deliverable, the index first."""
    sorties = issue.sorties.resolve()
    fichiers = sorted((f.resolve() for f in issue.fichiers), key=lambda f: (f.parent != sorties, f.as_posix()))
    lignes = [f"- [{f.relative_to(sorties).as_posix()}]({f.as_uri()})" for f in fichiers[:LIGNES_MAX]]
    if len(fichiers) > LIGNES_MAX:
        lignes.append(f"- et {len(fichiers) - LIGNES_MAX} autres, dans le même dossier")
    return f"# Livrables\n\nDossier : `{sorties}`\n\n" + "\n".join(lignes) + "\n"
