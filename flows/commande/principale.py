"""The command `gestion-flux` and its verbs. Steps are imported only when a verb runs: `--help` stays instantaneous."""

import argparse
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from flows import __version__, ressources
from flows.anomalies import Gravite, MauvaisUsage
from flows.campagne import ETAT_DES_LIEUX, SEUIL_PUBLIC_MAX, SEUIL_PUBLIC_MIN, Campagne
from flows.chemins import SORTIES, entrees_par_defaut, sorties_par_defaut
from flows.commande import personnes, vie, voix
from flows.commande.aide import Analyseur
from flows.commande.voix import ARRETE, FAIT, dire
from flows.personnes import VARIABLE_CLE
from flows.vie.obligations import INVENTAIRE

if TYPE_CHECKING:
    from flows.bilan import CompteRendu
    from flows.refus import Parcours, Refus

PREMIERE_ANNEE = 1900
SEUIL_PUBLIC = 5
"""Below it a count is hidden in a public version: [choix] 3 is Insee's rule for firms, 5 is usual for households."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns 0 done, 1 stopped by a blocking anomaly or a failed verification, 2 wrong use."""
    options = _analyseur().parse_args(arguments)
    return voix.conduire(lambda: int(options.action(options)), _chemins(options))


def _chemins(options: argparse.Namespace) -> list[Path]:
    """The files and folders that the user names, but for a campaign: it says itself what is wrong with its own."""
    if hasattr(options, "entrees"):
        return []
    dits = [mot for valeur in vars(options).values() for mot in (valeur if isinstance(valeur, list) else [valeur])]
    return [Path(mot) for mot in dits if isinstance(mot, Path)]


def _analyseur() -> argparse.ArgumentParser:
    analyseur = Analyseur(
        prog="gestion-flux",
        description="Bilan, prévisionnel et flux de chaque réservataire de logements sociaux (gestion en flux).",
    )
    analyseur.add_argument(
        "--version", action="version", version=f"gestion-flux {__version__}", help="affiche la version et s'arrête"
    )
    verbes = analyseur.add_subparsers(dest="verbe", required=True, metavar="COMMANDE", title="commandes")

    commande = verbes.add_parser("bilan", help="bilan de l'exercice, prévisionnel et annexes de chaque réservataire")
    _campagne(commande)
    commande.add_argument(
        "--reservataire", action="append", default=[], metavar="CODE", help="seulement ce réservataire (répétable)"
    )
    commande.add_argument(
        "--public",
        nargs="?",
        type=_seuil,
        const=SEUIL_PUBLIC,
        metavar="SEUIL",
        help=f"ajoute une version publique, nombres inférieurs à SEUIL cachés (défaut : {SEUIL_PUBLIC})",
    )
    commande.add_argument("--refaire", action="store_true", help="refait tout, même si rien n'a changé")
    commande.set_defaults(action=_bilan)

    commande = verbes.add_parser(
        "controler", help="lit et contrôle, ne livre que les anomalies ; 1 s'il y a une erreur"
    )
    _campagne(commande)
    commande.set_defaults(action=_controler)

    commande = verbes.add_parser(
        "apercu", help="regarde les fichiers, propose leurs tables et leurs colonnes ; 1 si une décision attend"
    )
    commande.add_argument("annee", type=int, metavar="ANNEE", help="exercice, par exemple 2025")
    _dossiers(commande, "ANNEE")
    commande.set_defaults(action=_apercu)

    commande = verbes.add_parser("etat-des-lieux", help="les droits de réservation à une date, logement par logement")
    commande.add_argument(
        "au", type=_jour_ou_annee, metavar="DATE", help="jj/mm/aaaa, ou une année : le 30 novembre de cette année"
    )
    _dossiers(commande, "ANNEE")
    commande.add_argument("--suivi", action="store_true", help="exécution suivie par Prefect")
    commande.set_defaults(action=_etat_des_lieux)

    commande = verbes.add_parser("verifier-annexe", help="vérifie les lignes a à j d'une annexe publiée (CSV)")
    commande.add_argument(
        "fichier", type=Path, metavar="FICHIER", help="document;bailleur;code_reservataire;ligne;valeur"
    )
    commande.set_defaults(action=_verifier_annexe)

    commande = verbes.add_parser("verifier", help="prouve que ce qui est publié est intact et tient ses promesses")
    commande.add_argument(
        "dossier",
        type=Path,
        nargs="?",
        default=SORTIES,
        metavar="DIR",
        help=f"dossier publié (défaut : ceux de {SORTIES})",
    )
    commande.add_argument("--json", action="store_true", help="le même, pour une machine")
    commande.set_defaults(action=_verifier)

    commande = verbes.add_parser("exemple", help="écrit une campagne fictive complète")
    commande.add_argument("dossier", type=Path, metavar="DOSSIER", help="dossier à créer ou à remplir")
    commande.set_defaults(action=_exemple)
    commande = verbes.add_parser("modeles", help="écrit des classeurs à remplir, les conventions d'abord")
    commande.add_argument("dossier", type=Path, metavar="DOSSIER", help="dossier à créer ou à compléter")
    commande.set_defaults(action=_modeles)
    personnes.ajouter(verbes, _jour)
    vie.ajouter(verbes, _jour)
    return analyseur


def _campagne(commande: argparse.ArgumentParser) -> None:
    """The options that every command on a campaign has."""
    commande.add_argument("annee", type=int, metavar="ANNEE", help="exercice, par exemple 2025")
    commande.add_argument("--au", type=_jour, metavar="DATE", help="dernier jour compté (jj/mm/aaaa), dans l'année")
    _dossiers(commande, "ANNEE")
    commande.add_argument("--suivi", action="store_true", help="exécution suivie par Prefect")


def _dossiers(commande: argparse.ArgumentParser, annee: str) -> None:
    commande.add_argument("--entrees", type=Path, metavar="DIR", help=f"fichiers déposés (défaut : data/raw/{annee})")
    commande.add_argument("--sorties", type=Path, metavar="DIR", help=f"livrables (défaut : data/out/{annee})")
    commande.add_argument("--fils", type=_fils, metavar="N", help="processeurs à employer (défaut : tous ceux permis)")
    commande.add_argument(
        "--memoire",
        type=_memoire,
        metavar="TAILLE",
        help=f"mémoire du moteur, par exemple 4Go (défaut : {ressources.en_mots(ressources.MEMOIRE_USUELLE)} au plus)",
    )


def _jour(texte: str) -> date:
    """A day of our time: the year 0026 is a year of two digits too."""
    for forme in ("%d/%m/%Y", "%Y-%m-%d"):
        with suppress(ValueError):
            jour = datetime.strptime(texte, forme).date()
            if jour.year >= PREMIERE_ANNEE:
                return jour
    raise argparse.ArgumentTypeError(f"date attendue (jj/mm/aaaa ou aaaa-mm-jj), reçu « {texte} »")


def _fils(texte: str) -> int:
    """Told to every process of the run by its environment, as is the memory."""
    if not texte.isdecimal() or not 1 <= int(texte) <= ressources.FILS_MAX:
        raise argparse.ArgumentTypeError(f"nombre attendu, de 1 à {ressources.FILS_MAX}, reçu « {texte} »")
    os.environ[ressources.FILS] = texte
    return int(texte)


def _memoire(texte: str) -> int:
    try:
        nombre = ressources.octets(texte)
    except ValueError as erreur:
        raise argparse.ArgumentTypeError(str(erreur)) from erreur
    os.environ[ressources.MEMOIRE] = texte
    return nombre


def _seuil(texte: str) -> int:
    if not texte.isdecimal() or not SEUIL_PUBLIC_MIN <= int(texte) <= SEUIL_PUBLIC_MAX:
        bornes = f"de {SEUIL_PUBLIC_MIN} à {SEUIL_PUBLIC_MAX}"
        raise argparse.ArgumentTypeError(f"seuil attendu, un nombre entier {bornes}, reçu « {texte} »")
    return int(texte)


def _jour_ou_annee(texte: str) -> date:
    """A day, or that of the état des lieux of a year."""
    return _jour(INVENTAIRE.ecrire("{jour}", texte) if texte.isdecimal() and len(texte) == 4 else texte)


def _demander(options: argparse.Namespace, commande: str) -> Campagne:
    seuil = getattr(options, "public", None)
    if seuil and options.reservataire:
        raise MauvaisUsage(
            "--public porte sur tous les bilans, dont les petits nombres se cachent ensemble : sans --reservataire."
        )
    return Campagne(
        options.annee,
        options.entrees or entrees_par_defaut(options.annee),
        options.sorties or sorties_par_defaut(options.annee),
        au=getattr(options, "au", None),
        reservataires=tuple(getattr(options, "reservataire", ())),
        commande=commande,
        options=(("public", str(seuil)),) if seuil else (),
        refaire=getattr(options, "refaire", False),
    )


def _executer(options: argparse.Namespace, campagne: Campagne, parcours: "Parcours") -> "CompteRendu | None":
    """Runs a flow and says what it found; None when it was stopped."""
    from flows import refus

    os.environ.pop(VARIABLE_CLE, None)  # no use here: no child process inherits it
    issue = _suivre(parcours, campagne) if options.suivi else refus.mener(parcours, campagne)
    if isinstance(issue, refus.Refus):
        voix.refuser(issue.anomalies, issue.controles)
        return None
    voix.resumer(issue.anomalies, issue.incidents)
    return issue


def _suivre(parcours: "Parcours", campagne: Campagne) -> "CompteRendu | Refus":
    """The same under Prefect, which says nothing here: its journal is on its server. Without a server, the same."""
    from flows import refus, serveur

    if find_spec("prefect") is None:
        raise MauvaisUsage(
            "--suivi demande Prefect, absent de cette installation légère : installez requirements.lock, "
            "ou relancez sans --suivi (les fichiers sont les mêmes)."
        )
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    with serveur.serveur() as adresse:
        if adresse is None:
            return refus.mener(parcours, campagne)
        from flows import deploiements

        return deploiements.lancer_ici(parcours, campagne)


def _bilan(options: argparse.Namespace) -> int:
    from flows.publication import inchange

    campagne = _demander(options, "bilan")
    if (faits := inchange.constater(campagne)) is not None:
        voix.repeter(faits, campagne.sorties)
        return FAIT
    from flows.bilan import bilan

    rendu = _executer(options, campagne, bilan)
    if rendu is None:
        return ARRETE
    dire(f"{rendu.nb_lignes} lignes lues, {rendu.nb_bilans} bilans écrits dans {campagne.sorties}{voix.memoire()}")
    dire(f"Ouvrez {campagne.sorties / 'index.html'}")
    return FAIT


def _controler(options: argparse.Namespace) -> int:
    from flows.bilan import controler

    campagne = _demander(options, "controler")
    rendu = _executer(options, campagne, controler)
    if rendu is None:
        return ARRETE
    dire(f"{rendu.nb_lignes} lignes lues ; anomalies dans {campagne.sorties / 'controles'}")
    return ARRETE if rendu.nombre(Gravite.ERREUR) else FAIT


def _apercu(options: argparse.Namespace) -> int:
    from flows.apercu import regarder

    apercu = regarder(_demander(options, "apercu"))
    for dit in (*apercu.dits, *apercu.manques):
        dire(dit)
    if apercu.en_attente:
        dire(f"{apercu.en_attente} décisions attendent dans {apercu.classeur}")
    return ARRETE if apercu.en_attente else FAIT


def _etat_des_lieux(options: argparse.Namespace) -> int:
    from flows.etat_des_lieux import etat_des_lieux

    options.annee = options.au.year
    campagne = _demander(options, ETAT_DES_LIEUX)
    rendu = _executer(options, campagne, etat_des_lieux)
    if rendu is None:
        return ARRETE
    dire(f"{rendu.nb_lignes} lignes lues, {rendu.nb_bilans} états des lieux au {options.au:%d/%m/%Y}")
    dire(f"Ouvrez {campagne.sorties / 'etat_des_lieux'}")
    return FAIT


def _verifier_annexe(options: argparse.Namespace) -> int:
    from flows.annexes.verification import afficher, verifier_annexe

    ecarts, anomalies, regles = verifier_annexe(options.fichier)
    dire(afficher(ecarts, anomalies, regles))
    fautives = (Gravite.BLOQUANT, Gravite.ERREUR)
    return ARRETE if ecarts or any(a.gravite in fautives for a in anomalies) else FAIT


def _modeles(options: argparse.Namespace) -> int:
    from flows.modeles import ecrire_modeles

    for chemin in ecrire_modeles(options.dossier):
        dire(str(chemin))
    return FAIT


def _verifier(options: argparse.Namespace) -> int:
    from flows.verification import verifier

    constats = verifier(options.dossier)
    voix.constater(constats, en_json=options.json)
    return FAIT if all(constat.tient for constat in constats) else ARRETE


def _exemple(options: argparse.Namespace) -> int:
    from flows.exemple import ecrire_exemple

    fichiers = ecrire_exemple(options.dossier)
    dire(f"{len(fichiers)} fichiers fictifs écrits dans {options.dossier}")
    return FAIT
