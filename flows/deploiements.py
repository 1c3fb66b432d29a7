"""The flows as Prefect deploys, schedules and shows them, and the calendar of the law.

`flows/deploiements.py:bilan` is what `prefect deploy` takes; `python -m flows.deploiements [DOSSIER]` serves the whole
calendar. What the interface shows is in French: names, parameters, states. No year is typed in a schedule: it is that
of the day when the run was due, in Paris.
"""

import importlib
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from flows import paris, serveur

serveur.preparer()

from prefect import Flow, flow, runtime, serve, tags, task, unmapped  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.client.schemas.objects import State  # noqa: E402
from prefect.deployments.runner import RunnerDeployment  # noqa: E402
from prefect.futures import wait  # noqa: E402
from prefect.schedules import Cron  # noqa: E402
from prefect.states import Completed, Failed  # noqa: E402
from prefect.task_runners import ThreadPoolTaskRunner  # noqa: E402
from prefect.types.entrypoint import EntrypointType  # noqa: E402
from pydantic import Field  # noqa: E402

from flows import bilan as annuel  # noqa: E402
from flows import etat_des_lieux as inventaire  # noqa: E402
from flows import ressources  # noqa: E402
from flows.bilan import CompteRendu  # noqa: E402
from flows.campagne import ETAT_DES_LIEUX, SEUIL_PUBLIC_MAX, SEUIL_PUBLIC_MIN, Campagne  # noqa: E402
from flows.chemins import ENTREES, SORTIES  # noqa: E402
from flows.etapes import dire  # noqa: E402
from flows.refus import Parcours, Refus  # noqa: E402
from flows.suivi import lancer, suivre  # noqa: E402
from flows.vie import consolidation  # noqa: E402
from flows.vie.calendrier import faits  # noqa: E402
from flows.vie.consolidation import Issue, Tache  # noqa: E402
from flows.vie.obligations import INVENTAIRE, PARTANTES, Depart, Obligation  # noqa: E402


def _champ(titre: str, description: str, **bornes: Any) -> Any:
    # Prefect gives each field a title and a position of its own, and keeps what is said here
    return Field(description=description, json_schema_extra={"title": titre, "description": description}, **bornes)


Annee = Annotated[
    int | None, _champ("Exercice", "Année N du bilan, par exemple 2025. Vide : l'année finie avant le jour prévu.")
]
Arret = Annotated[
    date | None, _champ("Arrêté au", "Dernier jour compté, dans l'exercice. Vide : le 31 décembre de l'exercice.")
]
JourEtat = Annotated[
    date | None, _champ("Date de l'état", "Jour où les droits sont relevés. Vide : le 30 novembre de l'année en cours.")
]
JourPoint = Annotated[
    date | None, _champ("Arrêté au", "Dernier jour compté. Vide : la dernière fin de juin ou de septembre passée.")
]
Reservataires = Annotated[
    list[str] | None, _champ("Réservataires", "Codes des seuls réservataires à livrer. Vide : tous.")
]
Public = Annotated[
    int | None,
    _champ(
        "Version publique",
        "Nombre sous lequel un compte est caché. Vide : aucune version publique.",
        ge=SEUIL_PUBLIC_MIN,
        le=SEUIL_PUBLIC_MAX,
    ),
]
Dossier = Annotated[
    Path | None, _champ("Dossier de travail", "Contient data/raw et data/out. Vide : le dossier où le service tourne.")
]
Entrees = Annotated[
    Path | None, _champ("Fichiers déposés", "Dossier des fichiers de l'exercice. Vide : data/raw/ANNEE.")
]
Sorties = Annotated[Path | None, _champ("Livrables", "Dossier où les livrables sont publiés. Vide : data/out/ANNEE.")]
Bailleur = Annotated[
    str | None, _champ("Bailleur", "Nom qui distingue ses exécutions de celles d'un autre bailleur, rien de plus.")
]


def _nommer() -> str:
    """Name of a run: what, of which year, to which day, which options, for whom."""
    donnes = {nom: valeur for nom, valeur in runtime.flow_run.parameters.items() if valeur}
    options = [
        " ".join(donnes.get("reservataires", ())),
        f"public {donnes['public']}" if "public" in donnes else "",
        str(donnes.get("bailleur") or Path(donnes.get("dossier", "")).name),
    ]
    au = donnes.get("au") or donnes.get("date_etat")
    quand = f"au {date.fromisoformat(str(au)):%d/%m/%Y}" if au else str(donnes.get("annee", f"du {_jour():%d/%m/%Y}"))
    return ", ".join([f"{str(runtime.flow_run.flow_name).lower()} {quand}", *filter(None, options)])


def _jour() -> date:
    """The day for which the run was due, in Paris; today for one that somebody started."""
    prevu = runtime.flow_run.scheduled_start_time
    return prevu.astimezone(paris.zone()).date() if prevu else paris.aujourd_hui()


def _campagne(
    commande: str,
    annee: int,
    dossier: Path | None,
    entrees: Path | None,
    sorties: Path | None,
    au: date | None = None,
    reservataires: Sequence[str] = (),
    public: int | None = None,
) -> Campagne:
    racine = dossier or Path()
    return Campagne(
        annee,
        entrees or racine / ENTREES / str(annee),
        sorties or racine / SORTIES / str(annee),
        au=au,
        reservataires=tuple(reservataires),
        commande=commande,
        options=(("public", str(public)),) if public else (),
    )


@flow(
    name="Bilan",
    description="Bilan de l'exercice, prévisionnel et annexes de chaque réservataire (avant le 28 février).",
    flow_run_name=_nommer,
    persist_result=False,
)
def bilan(
    annee: Annee = None,
    au: Arret = None,
    reservataires: Reservataires = None,
    public: Public = None,
    dossier: Dossier = None,
    entrees: Entrees = None,
    sorties: Sorties = None,
    bailleur: Bailleur = None,
) -> State[None]:
    """The yearly bilan (CCH R.441-5: before 28 February)."""
    exercice = annee or (au.year if au else _jour().year - 1)
    return suivre(
        annuel.bilan,
        lambda: _campagne("bilan", exercice, dossier, entrees, sorties, au, reservataires or (), public),
    )


@flow(
    name="Point",
    description="Bilan provisoire arrêté à une fin de trimestre, sans annexe.",
    flow_run_name=_nommer,
    persist_result=False,
)
def point(
    au: JourPoint = None,
    dossier: Dossier = None,
    entrees: Entrees = None,
    sorties: Sorties = None,
    bailleur: Bailleur = None,
) -> State[None]:
    """The bilan stopped inside the year, at the end of the last quarter that has one."""
    jour = au or fin_de_trimestre(_jour())
    return suivre(annuel.bilan, lambda: _campagne("bilan", jour.year, dossier, entrees, sorties, jour))


@flow(
    name="État des lieux",
    description="Les droits de réservation à une date, logement par logement (avant le 30 novembre).",
    flow_run_name=_nommer,
    persist_result=False,
)
def etat_des_lieux(
    date_etat: JourEtat = None,
    dossier: Dossier = None,
    entrees: Entrees = None,
    sorties: Sorties = None,
    bailleur: Bailleur = None,
) -> State[None]:
    """The inventory of rights ([001] art. 3: 30 November)."""
    jour = date_etat or date(_jour().year, INVENTAIRE.mois, INVENTAIRE.jour)
    return suivre(
        inventaire.etat_des_lieux, lambda: _campagne(ETAT_DES_LIEUX, jour.year, dossier, entrees, sorties, jour)
    )


@flow(
    name="Contrôle",
    description="Lit et contrôle les fichiers déposés, ne livre que les anomalies ; échoue s'il y a une erreur.",
    flow_run_name=_nommer,
    persist_result=False,
)
def controle(
    annee: Annee = None,
    au: Arret = None,
    dossier: Dossier = None,
    entrees: Entrees = None,
    sorties: Sorties = None,
    bailleur: Bailleur = None,
) -> State[None]:
    """The reading and the controls alone."""
    exercice = annee or (au.year if au else _jour().year - 1)
    return suivre(annuel.controler, lambda: _campagne("controler", exercice, dossier, entrees, sorties, au))


@task(name="Un bailleur", task_run_name="{tache.bailleur}", persist_result=False, cache_policy=NO_CACHE)
def _un_bailleur(tache: Tache, faites: list[Issue]) -> State[None]:
    """One bailleur of a consolidation: its own process, its own state, which says why it is refused."""
    issue = consolidation.executer(tache)
    faites.append(issue)
    dit = f"{issue.resultat.capitalize()}. {issue.motif}".strip()
    return Completed(message=dit) if issue.est_bonne else Failed(message=dit)


@flow(
    name="Consolidation",
    description="Le bilan de chaque bailleur d'un dossier, un échec ne gênant personne, puis leur comparaison.",
    flow_run_name=lambda: f"consolidation {runtime.flow_run.parameters.get('annee') or ''}".strip(),
    persist_result=False,
    task_runner=ThreadPoolTaskRunner(max_workers=ressources.fils()),  # type: ignore[arg-type]
)
def consolider(
    racine: Annotated[Path, _champ("Dossier des bailleurs", "Un sous-dossier par bailleur.")],
    vers: Annotated[Path, _champ("Livrables", "Où tout est écrit.")],
    annee: Annee = None,
) -> State[None]:
    """Many bailleurs, mapped: a task run each."""
    exercice = annee or _jour().year - 1
    taches = consolidation.taches(racine, exercice, vers, ressources.fils())
    faites: list[Issue] = []
    wait(_un_bailleur.map(taches, unmapped(faites)))
    issues = sorted(faites, key=lambda i: i.bailleur)
    consolidation.rassembler(vers / f"consolidation-{exercice}", exercice, issues)
    bons = sum(i.est_bonne for i in issues)
    dit = f"{bons} bailleurs sur {len(taches)} : {vers / f'consolidation-{exercice}' / 'index.html'}"
    return Completed(message=dit) if bons == len(taches) else Failed(message=dit)


def fin_de_trimestre(jour: date) -> date:
    """The last end of June or of September that is over on that day."""
    fins = [tuple(map(int, o.au.split("/"))) for o, _ in PARTANTES if o.au]
    passees = (date(annee, mois, dernier) for annee in (jour.year - 1, jour.year) for dernier, mois in fins)
    return max(fin for fin in passees if fin < jour)


def _flot(obligation: Obligation) -> Flow[..., Any]:
    if obligation is INVENTAIRE:
        return etat_des_lieux
    return point if obligation.au else bilan


def _prevues() -> dict[str, list[tuple[Obligation, Depart]]]:
    """The obligations of each deployment, by its name: those of one are run by the same flow, on the same day."""
    prevues: dict[str, list[tuple[Obligation, Depart]]] = {}
    for obligation, depart in PARTANTES:
        prevues.setdefault(depart.deploiement, []).append((obligation, depart))
    return prevues


def _cron(departs: Sequence[tuple[Obligation, Depart]]) -> str:
    return f"0 6 {departs[0][1].jour} {','.join(str(depart.mois) for _, depart in departs)} *"


def deployer(dossier: Path, bailleur: str | None = None) -> list[RunnerDeployment]:
    """The deployments of the calendar, for the files of a working folder."""
    parametres: dict[str, Any] = {"dossier": str(dossier.resolve())} | ({"bailleur": bailleur} if bailleur else {})
    return [
        RunnerDeployment.from_flow(
            _flot(siennes[0][0]),
            name=nom,
            schedule=Cron(_cron(siennes), timezone=paris.NOM),
            parameters=parametres,
            description=" ; ".join(
                f"{o.objet.split(' {')[0].capitalize()}, dû le {o.jour:02d}/{o.mois:02d} au plus tard ({o.source})"
                for o, _ in siennes
            ),
            tags=["gestion-flux", dossier.resolve().name],
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for nom, siennes in _prevues().items()
    ]


def servir(dossier: Path) -> None:
    """Serves the calendar until it is stopped, once what was due while nothing served it has been run."""
    rattraper(dossier, paris.aujourd_hui())
    serve(*deployer(dossier), pause_on_shutdown=False)


def rattraper(dossier: Path, jour: date) -> list[str]:
    """Runs, once, each due date that is over and that the register does not say published; gives their commands.

    A server plans ahead: it makes nothing late of what was due while the service was stopped for good, or not there
    yet. What has no files dropped is left.
    """
    faites: list[str] = []
    for siennes in _prevues().values():
        due = derniere(_cron(siennes), jour)
        obligation = next(o for o, depart in siennes if depart.mois == due.month)
        annee = due.year - obligation.apres
        commande = obligation.ecrire(obligation.commande, str(annee))
        flot = _flot(obligation)
        parametres: dict[str, Any] = {"dossier": dossier.resolve()}
        if flot is etat_des_lieux:
            parametres["date_etat"] = date(annee, obligation.mois, obligation.jour)
        elif flot is point:
            parametres["au"] = fin_de_trimestre(due)
        else:
            parametres["annee"] = annee
        if commande in faites or commande in faits(dossier.resolve() / SORTIES / str(annee)):
            continue
        if (dossier / ENTREES / str(annee)).is_dir():
            dire(f"Rattrapage : {commande}, prévu le {due:%d/%m/%Y}")
            flot(**parametres, return_state=True)
            faites.append(commande)
    return faites


def derniere(cron: str, jour: date) -> date:
    """The last day, before that one or that one, on which a cron of the calendar (`0 6 1 7,10 *`) fires."""
    _, _, jours, mois, _ = cron.split()
    tous = [
        date(a, int(m), int(j)) for a in (jour.year - 1, jour.year) for m in mois.split(",") for j in jours.split(",")
    ]
    return max(prevu for prevu in tous if prevu <= jour)


def lancer_ici(parcours: Parcours, campagne: Campagne) -> CompteRendu | Refus:
    """Runs under Prefect, here and now, what the command was asked for; on the server of the environment."""
    flot: Flow[..., Any] = bilan
    parametres: dict[str, Any] = {"annee": campagne.annee, "au": campagne.au}
    if campagne.commande == ETAT_DES_LIEUX:
        flot, parametres = etat_des_lieux, {"date_etat": campagne.au}
    elif campagne.commande == "controler":
        flot = controle
    else:
        parametres |= {"reservataires": list(campagne.reservataires), "public": campagne.seuil_public or None}
    dossiers = {"entrees": campagne.entrees, "sorties": campagne.sorties}
    with tags("gestion-flux", str(campagne.annee)):
        return lancer(flot, parametres | dossiers, parcours, campagne)


if __name__ == "__main__":
    # by its own name: the process that a schedule starts imports its flow from there
    importlib.import_module("flows.deploiements").servir(Path(sys.argv[1]) if len(sys.argv) > 1 else Path())
