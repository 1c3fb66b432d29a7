"""What the command says and the code that it ends with: one voice for every verb.

0: done. 1: stopped by a blocking anomaly, a failed verification, an interruption or an error of ours. 2: wrong use.
An output that is closed or full changes neither what was done nor the code.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from flows import ressources
from flows.anomalies import Anomalie, ArretBloquant, Gravite, MauvaisUsage, causes, phrase, phrase_de
from flows.chemins import PAQUET
from flows.etapes import Progres, est_une_interruption, suivies_par
from flows.etapes import dire as alerter

if TYPE_CHECKING:
    from flows.verification import Constat

FAIT, ARRETE, MAUVAIS_USAGE = 0, 1, 2
CAUSES_DITES = 10
TRACE = "GESTION_FLUX_TRACE"
MEMOIRE_EPUISEE = {"MemoryError", "OutOfMemoryException", "ArrowMemoryError"}
"""Names, not classes: none of these libraries is loaded for a verb that does without."""
MEMOIRE_INSUFFISANTE = (
    "Mémoire insuffisante : ce travail demande plus que ce poste, son conteneur ou sa limite (ulimit) n'en donnent. "
    f"Le moteur s'en tient à {ressources.en_mots(ressources.MEMOIRE_USUELLE)} s'il n'en est pas dit autrement : "
    "pour un très grand parc, donnez --memoire 4Go. "
    "Sinon fermez d'autres programmes, relevez la limite, ou relancez avec --fils 1."
)


def conduire(action: Callable[[], int], nommes: Sequence[Path] = ()) -> int:
    """Runs a verb to its end, whatever the end, and says it; gives the exit code.

    `nommes` are the paths that the user gave: one that the system refuses is his to mend.
    """
    for flux in (sys.stdout, sys.stderr):
        if hasattr(flux, "reconfigure"):
            flux.reconfigure(encoding="utf-8", errors="replace")
    occuper_les_sorties()
    ecouter_les_signaux()
    ressources.ramasser_moins()
    if permis := ressources.espace_trop_petit():
        minimum = ressources.en_mots(ressources.ESPACE_MINIMUM)
        alerter(
            f"La limite de mémoire de cette session (ulimit -v) est de {ressources.en_mots(permis)} : il en faut "
            f"{minimum}. Relevez-la (ulimit -v unlimited), puis relancez. {etat_des_sorties()}"
        )
        return ARRETE
    try:
        with suivies_par(Progres()):
            return action()
    except MauvaisUsage as faute:
        alerter(f"gestion-flux : erreur : {faute}")
        return MAUVAIS_USAGE
    except ArretBloquant as arret:
        arreter(arret.anomalies)
        alerter(f"Arrêt : {etat_des_sorties()}")
        return ARRETE
    except SystemExit:
        raise
    except BaseException as erreur:
        if est_une_interruption(erreur):
            motif = " (temps de calcul permis dépassé, ulimit -t)" if ressources.SIGNAUX_RECUS & {"SIGXCPU"} else ""
            alerter(f"Interrompu{motif} : le dossier de travail est supprimé. {etat_des_sorties()}")
            return ARRETE
        if type(erreur).__name__ in MEMOIRE_EPUISEE:
            alerter(f"{MEMOIRE_INSUFFISANTE} {etat_des_sorties()}")
            return ARRETE
        if os.environ.get(TRACE):
            raise
        if refus := chemin_refuse(erreur, nommes):
            alerter(f"gestion-flux : erreur : {refus}")
            return MAUVAIS_USAGE
        alerter(imprevu(erreur))
        return ARRETE
    finally:
        _vider()


def occuper_les_sorties() -> None:
    """Opens a void in the place of standard inputs and outputs that are closed: no file of ours gets their number."""
    for numero in range(3):
        try:
            os.fstat(numero)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def ecouter_les_signaux() -> None:
    """A run that is asked to end (SIGTERM, SIGHUP), or has used its time of processor (SIGXCPU), ends as with Ctrl-C:
    its work folder goes, and it says so.

    A signal that was ignored when we began (`nohup`) still is; once one has come, others no longer count.
    """
    connus = [s for nom in ("SIGTERM", "SIGHUP", "SIGXCPU") if (s := getattr(signal, nom, None)) is not None]
    ecoutes = [s for s in connus if signal.getsignal(s) is signal.SIG_DFL]

    def finir(numero: int, _cadre: object) -> None:
        for s in ecoutes:
            signal.signal(s, signal.SIG_IGN)
        ressources.SIGNAUX_RECUS.add(signal.Signals(numero).name)
        raise KeyboardInterrupt

    ressources.avertir_avant_la_fin()
    with suppress(ValueError):  # not in the main thread: whoever started us has the signals
        for s in ecoutes:
            signal.signal(s, finir)


def dire(ligne: str) -> None:
    """One line on the standard output, when there is one."""
    with suppress(OSError, ValueError):
        print(ligne, flush=True)


def arreter(anomalies: Sequence[Anomalie]) -> int:
    """Says what blocks, one line a cause; gives the exit code."""
    for cause in causes(a for a in anomalies if a.gravite == Gravite.BLOQUANT):
        alerter(phrase_de(cause))
    return ARRETE


def refuser(anomalies: Sequence[Anomalie], controles: Path | None) -> int:
    """Says what stopped a campaign, and where every anomaly is; gives the exit code."""
    arreter(anomalies)
    if controles is None:
        alerter(f"Arrêt : {etat_des_sorties()}")
    else:
        alerter(f"Arrêt : les sorties précédentes sont intactes. Toutes les anomalies : {controles}")
    return ARRETE


def resumer(anomalies: Sequence[Anomalie], incidents: Sequence[Anomalie] = ()) -> None:
    """Says how many anomalies there are of each gravity, the first causes of the errors, and what failed since."""
    comptes = {g: sum(a.gravite == g for a in anomalies) for g in Gravite}
    dire(
        "Anomalies : "
        + ", ".join(f"{nombre} {gravite.value}{'s' * (nombre > 1)}" for gravite, nombre in comptes.items())
    )
    trouvees = causes(a for a in anomalies if a.gravite == Gravite.ERREUR)
    for cause in trouvees[:CAUSES_DITES]:
        alerter(phrase_de(cause))
    if len(trouvees) > CAUSES_DITES:
        alerter(f"… et {len(trouvees) - CAUSES_DITES} autres causes d'erreur : voir les contrôles, feuille Par cause.")
    for incident in incidents:
        alerter(phrase(incident))


def constater(constats: "Sequence[Constat]", en_json: bool) -> None:
    """Says what `verifier` found, folder by folder, and what to do."""
    if en_json:
        lus = [
            {
                "dossier": str(c.dossier),
                "tient": c.tient,
                "intacts": c.intacts,
                "anomalies": [asdict(a) for a in c.anomalies],
            }
            for c in constats
        ]
        dire(json.dumps(lus, ensure_ascii=False, indent=1))
        return
    for constat in constats:
        inconnus = [a for a in constat.anomalies if a.code == "sortie_inconnue"]
        for anomalie in constat.anomalies:
            if anomalie not in inconnus:
                dire(phrase(anomalie))
        fautes = sum(a.gravite in (Gravite.BLOQUANT, Gravite.ERREUR) for a in constat.anomalies)
        suite = f", {len(inconnus)} qui ne sont pas de nous" if inconnus else ""
        verdict = "tout tient" if constat.tient else f"{fautes} faute{'s' * (fautes > 1)}"
        dire(f"{constat.dossier} : {constat.intacts} fichiers intacts{suite} ; {verdict}.")
    if not all(constat.tient for constat in constats):
        dire("Comparez avec une sauvegarde, ou relancez la commande qui a publié ce dossier.")


def memoire() -> str:
    """The most memory that the run held, to end a line with; nothing where the system does not say."""
    plus = ressources.memoire_au_plus()
    return f" ({plus})" if plus else ""


def repeter(faits: Mapping[str, Any], sorties: Path) -> None:
    """Says that there was nothing to do, and what the last run had said."""
    dire("Inchangé : mêmes fichiers, options, règles, modèles et versions, sorties intactes. Rien n'est refait.")
    comptes = [f"{nombre} {gravite}{'s' * (nombre > 1)}" for gravite, nombre in faits["anomalies"].items()]
    dire(f"Anomalies : {', '.join(comptes)}")
    dire(f"{faits['nb_lignes']} lignes lues, {faits['nb_bilans']} bilans dans {sorties}")
    dire(f"Ouvrez {sorties / 'index.html'} (--refaire pour tout refaire)")


def imprevu(erreur: BaseException) -> str:
    """The sentence of an error of ours: where in our code, what became of the outputs, what to do; no value."""
    cadres = [c for c in traceback.extract_tb(erreur.__traceback__) if Path(c.filename).is_relative_to(PAQUET)]
    lieu = (
        f", {Path(cadres[-1].filename).relative_to(PAQUET.parent).as_posix()} ligne {cadres[-1].lineno}"
        if cadres
        else ""
    )
    return (
        f"Erreur imprévue ({type(erreur).__name__}{lieu}). {etat_des_sorties()} Elle vient de gestion-flux, pas "
        f"de vos fichiers : relancez avec {TRACE}=1 et transmettez ce qui s'affiche à qui maintient le produit (peut "
        "montrer des valeurs des fichiers)."
    )


def chemin_refuse(erreur: BaseException | None, nommes: Sequence[Path]) -> str:
    """Why the system refuses a path that the user named, with what to do; empty when the error is another."""
    while erreur is not None and not (isinstance(erreur, OSError) and erreur.filename):
        erreur = erreur.__cause__ or erreur.__context__
    if erreur is None:
        return ""
    chemin = Path(os.fsdecode(erreur.filename)).resolve()
    # what is written beside the file before it takes its name, or a folder above it, is refused in its place
    siens = [
        nomme
        for nomme in sorted(nommes, key=lambda nomme: nomme.resolve() != chemin)
        if chemin.is_relative_to(nomme.resolve())
        or nomme.resolve().is_relative_to(chemin)
        or chemin.parent == nomme.resolve().parent
    ]
    return _refus_du_chemin(erreur, siens[0], siens[0].resolve()) if siens else ""


def _refus_du_chemin(erreur: OSError, nomme: Path, chemin: Path) -> str:
    fichier = next((p for p in chemin.parents if p.exists() and not p.is_dir()), None)
    absent = next((p for p in reversed(chemin.parents) if not p.exists()), None)
    if isinstance(erreur, PermissionError):
        return f"le système refuse l'accès à {nomme}. Vérifiez vos droits, et que rien n'y est ouvert."
    if fichier is not None:
        return f"{nomme} : {fichier.name} est un fichier. Donnez un chemin dont les dossiers en sont."
    if absent is not None:
        return f"{nomme} : le dossier {absent} n'existe pas. Créez-le, ou donnez un autre chemin."
    if isinstance(erreur, FileNotFoundError):
        return f"{nomme} n'existe pas."
    if chemin.is_file() and isinstance(erreur, FileExistsError | NotADirectoryError):
        return f"{nomme} est un fichier : donnez un dossier."
    if chemin.is_dir() and isinstance(erreur, IsADirectoryError | FileExistsError):
        return f"{nomme} est un dossier : donnez un fichier."
    return f"le système refuse {nomme} ({os.strerror(erreur.errno or 0)}). Donnez un autre chemin."


def etat_des_sorties() -> str:
    """What is true of the outputs whenever this run ends: nothing was published, or it all was."""
    from flows.publication.parution import publiees

    if dossiers := publiees():
        return f"Les sorties sont publiées, entières : {', '.join(map(str, dossiers))}."
    return "Rien n'est publié, les sorties précédentes sont intactes."


def _vider() -> None:
    """Flushes both outputs; one that nobody reads is let go, so that Python does not end with an error of its own."""
    for flux in (sys.stdout, sys.stderr):
        try:
            if flux is not None:
                flux.flush()
        except (OSError, ValueError):
            _oublier(flux)


def _oublier(flux: IO[Any]) -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), flux.fileno())
