"""The verbs of a campaign's life, once it is published: what can be typed. `vie_menee` does it."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from flows.commande import vie_menee as menee


def ajouter(verbes: Any, jour: Callable[[str], date]) -> None:
    """Adds the verbs to the subparsers of the command; `jour` reads a date."""
    commande = verbes.add_parser("historique", help="ce qui a été publié, refusé, envoyé, par qui et quand")
    _annee(commande)
    commande.add_argument("--reservataire", default="", metavar="CODE", help="envois à ce réservataire seulement")
    commande.add_argument("--fichier", type=Path, metavar="F", help="dit de quelle version est ce fichier")
    commande.add_argument(
        "--version", default="", metavar="V", help="dit quels documents portent cette version (7f31c2a9)"
    )
    commande.set_defaults(action=menee.historique)

    commande = verbes.add_parser("comparer", help="ce qui change d'une version (ou d'une année) à l'autre, et pourquoi")
    commande.add_argument("cotes", nargs="*", metavar="A B", help="version (v3), date, année, dossier, avant, publie")
    _annee(commande, option=True)
    commande.add_argument("--reservataire", default="", metavar="CODE", help="les chiffres de ce bilan seulement")
    commande.add_argument("--vers", type=Path, metavar="F", help="écrit tout en .xlsx ou en .html")
    commande.set_defaults(action=menee.comparer)

    commande = verbes.add_parser("expliquer", help="un chiffre publié : sa règle, ses lignes, celles qu'il écarte")
    commande.add_argument("quoi", nargs="+", metavar="CODE MESURE", help="par exemple : BASTIA baux_signes qpv=en_qpv")
    _annee(commande, option=True)
    commande.add_argument("--au", type=jour, metavar="DATE", help="un point de l'année, plutôt que le bilan clos")
    commande.add_argument("--vers", type=Path, metavar="F", help="écrit tout en .xlsx ou en .html")
    commande.set_defaults(action=menee.expliquer)

    commande = verbes.add_parser("planifier", help="les échéances des conventions, et de quoi les programmer")
    _annee(commande, option=True)
    commande.add_argument("--entrees", type=Path, metavar="DIR", help="fichiers déposés (défaut : data/raw/ANNEE)")
    commande.add_argument("--jour", type=jour, metavar="DATE", help="jour auquel les échéances sont jugées")
    for genre in ("cron", "systemd", "windows", "prefect"):
        commande.add_argument(
            f"--{genre}", dest="genre", action="store_const", const=genre, help=f"programmation par {genre}"
        )
    commande.add_argument("--installer", action="store_true", help="installe cette programmation sur cette machine")
    commande.add_argument("--alerter", action="store_true", help="dit ce qui est dû à J-30 et J-7, manqué ou échoué")
    commande.add_argument("--par", default="", metavar="COMMANDE", help="reçoit l'alerte sur son entrée")
    commande.add_argument("--smtp", default="", metavar="HOTE:PORT", help="serveur de messagerie qui envoie l'alerte")
    commande.add_argument("--de", default="", metavar="ADRESSE", help="expéditeur (défaut : le premier destinataire)")
    commande.add_argument("--a", action="append", default=[], metavar="ADRESSE", help="destinataire (répétable)")
    commande.add_argument("--utilisateur", default="", metavar="NOM", help="compte de messagerie, s'il en faut un")
    commande.set_defaults(action=menee.planifier, genre="")

    commande = verbes.add_parser("explorer", help="ouvre l'entrepôt en lecture seule : catalogue, questions, export")
    _annee(commande)
    commande.add_argument("--avec", choices=("duckdb", "ui", "harlequin", "marimo"), default="", help="outil à ouvrir")
    commande.add_argument("--vers", nargs=2, metavar=("F.xlsx", "REQUETE"), help="écrit un select en .xlsx")
    commande.add_argument("--parquet", type=Path, metavar="DIR", help="écrit les tables de bilan en Parquet")
    commande.set_defaults(action=menee.explorer)

    commande = verbes.add_parser("depot", help="un dossier par destinataire, prêt à synchroniser, avec son message")
    _annee(commande)
    commande.add_argument("--vers", type=Path, metavar="DIR", help="où les écrire (défaut : data/out/depot-ANNEE)")
    commande.add_argument("--reservataire", action="append", default=[], metavar="CODE", help="lui seul (répétable)")
    commande.add_argument("--provisoire", action="store_true", help="accepte des sorties arrêtées dans l'année")
    commande.add_argument("--quand-meme", action="store_true", help="accepte ce qui est périmé, ou refusé depuis")
    commande.add_argument("--envoye", default="", metavar="'NOM, DATE'", help="inscrit l'envoi au registre")
    commande.set_defaults(action=menee.depot)

    commande = verbes.add_parser(
        "rapprocher", help="l'état des lieux publié à côté de la liste qu'un réservataire envoie"
    )
    commande.add_argument("liste", type=Path, metavar="LISTE", help="sa liste, classeur ou texte (CSV)")
    _annee(commande, option=True)
    commande.add_argument("--reservataire", required=True, metavar="CODE", help="de qui elle est")
    commande.add_argument("--vers", type=Path, metavar="F", help="écrit tout en .xlsx ou en .html")
    commande.set_defaults(action=menee.rapprocher)

    commande = verbes.add_parser("remplir", help="remplit le classeur .xlsx qu'un destinataire envoie")
    commande.add_argument("classeur", type=Path, metavar="CLASSEUR.xlsx", help="le classeur reçu, laissé tel quel")
    _annee(commande, option=True)
    commande.add_argument("--avec", type=Path, metavar="F.csv", help="la correspondance ; sans elle, en propose une")
    commande.add_argument("--vers", type=Path, metavar="F", help="où écrire (défaut : à côté du classeur)")
    commande.add_argument(
        "--reservataire", default="_bailleur", metavar="CODE", help="logements et droits de lui seul (défaut : tous)"
    )
    commande.set_defaults(action=menee.remplir)

    commande = verbes.add_parser(
        "simuler", help="le flux de l'an prochain sous d'autres hypothèses, et cinq ans devant"
    )
    _annee(commande)
    commande.add_argument("--hypotheses", type=Path, metavar="F.toml", help="ce qui change, par réservataire")
    commande.add_argument(
        "--contre", default="", metavar="VERSION", help="part d'une version gardée (v3, avant, une date)"
    )
    commande.add_argument("--modele", action="store_true", help="affiche un fichier d'hypothèses à remplir")
    commande.add_argument("--vers", type=Path, metavar="F", help="écrit tout en .xlsx ou en .html")
    commande.set_defaults(action=menee.simuler)

    commande = verbes.add_parser("consolider", help="les bilans de plusieurs bailleurs, puis leur comparaison")
    commande.add_argument("racine", type=Path, metavar="RACINE", help="un dossier par bailleur")
    commande.add_argument("--annee", type=int, required=True, metavar="ANNEE", help="exercice")
    commande.add_argument("--vers", type=Path, metavar="DIR", help="où tout écrire (défaut : data/out/consolidation)")
    commande.add_argument("--ouvriers", type=int, default=2, metavar="N", help="bailleurs menés à la fois (défaut : 2)")
    commande.add_argument(
        "--dask", default="", metavar="ADRESSE", help="sur une grappe Dask, par exemple tcp://hote:8786"
    )
    commande.add_argument("--json", action="store_true", help="la même chose pour un programme")
    commande.set_defaults(action=menee.consolider)


def _annee(commande: argparse.ArgumentParser, option: bool = False) -> None:
    if option:
        commande.add_argument("--annee", type=int, metavar="ANNEE", help="exercice (défaut : le dernier publié)")
    else:
        commande.add_argument(
            "annee", type=int, nargs="?", metavar="ANNEE", help="exercice (défaut : le dernier publié)"
        )
    commande.add_argument("--sorties", type=Path, metavar="DIR", help="livrables (défaut : data/out/ANNEE)")
    commande.add_argument("--json", action="store_true", help="la même chose pour un programme")
