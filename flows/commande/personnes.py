"""The verbs about people: exchange with Action Logement, keys, opening, destruction. Apart, as their files are."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from flows.anomalies import ArretBloquant, MauvaisUsage
from flows.campagne import Campagne
from flows.chemins import SORTIES, entrees_par_defaut
from flows.commande import voix
from flows.commande.voix import FAIT, dire


def ajouter(verbes: Any, jour: Callable[[str], date]) -> None:
    """Adds the verbs to the subparsers of the command; `jour` reads a date."""
    commande = verbes.add_parser("dcp", help="fichiers d'échange avec Action Logement (données personnelles, chiffrés)")
    commande.add_argument("annee", type=int, metavar="ANNEE", help="exercice, par exemple 2025")
    commande.add_argument("--au", type=jour, metavar="DATE", help="dernier jour compté (jj/mm/aaaa), dans l'année")
    commande.add_argument("--entrees", type=Path, metavar="DIR", help="fichiers déposés (défaut : data/raw/ANNEE)")
    commande.add_argument("--sorties", type=Path, metavar="DIR", help="dossier à part (défaut : data/out/ANNEE-dcp)")
    commande.set_defaults(action=_dcp)

    commande = verbes.add_parser("cle", help="affiche une nouvelle clé de chiffrement, à garder en lieu sûr")
    commande.set_defaults(action=_cle)

    commande = verbes.add_parser("ouvrir", help="déchiffre un fichier d'échange")
    commande.add_argument("fichier", type=Path, metavar="FICHIER.chiffre")
    commande.add_argument("--vers", type=Path, required=True, metavar="FICHIER.xlsx", help="fichier en clair à écrire")
    commande.set_defaults(action=_ouvrir)

    commande = verbes.add_parser("purger", help="détruit les données personnelles échues (5 ans, 3 ans) et le prouve")
    commande.add_argument(
        "--au", type=jour, required=True, metavar="DATE", help="jour auquel les échéances sont jugées"
    )
    commande.add_argument("--a-blanc", action="store_true", help="dit ce qui serait détruit, ne change rien")
    commande.add_argument(
        "--sorties", type=Path, default=SORTIES, metavar="DIR", help=f"où chercher (défaut : {SORTIES})"
    )
    commande.set_defaults(action=_purger)


def _dcp(options: argparse.Namespace) -> int:
    from flows.echange_als import transmettre
    from flows.livrables.francais import accord
    from flows.personnes import coffre
    from flows.refus import refuser

    cle = coffre.prendre_cle()
    entrees = options.entrees or entrees_par_defaut(options.annee)
    sorties = options.sorties or SORTIES / f"{options.annee}-dcp"
    campagne = Campagne(options.annee, entrees, sorties, au=options.au, commande="dcp")
    try:
        rendu = transmettre(campagne, cle)
    except ArretBloquant as arret:
        refus = refuser(campagne, arret)
        return voix.refuser(refus.anomalies, refus.controles)
    voix.resumer(rendu.anomalies, rendu.incidents)
    for nom, lignes in rendu.fichiers:
        dire(f"{nom} : {accord(lignes, 'ligne')}")
    ecartees = sum(a.code == "dcp_ecartee" for a in rendu.anomalies)
    dire(f"{accord(ecartees, 'attribution écartée', 'attributions écartées')} : motifs dans {sorties / 'controles'}")
    return FAIT


def _cle(_options: argparse.Namespace) -> int:
    from flows.personnes import coffre

    dire(coffre.nouvelle_cle())
    return FAIT


def _ouvrir(options: argparse.Namespace) -> int:
    from flows.echange_als import ouvrir
    from flows.personnes import coffre
    from flows.publication import incidents

    cle = coffre.prendre_cle()
    try:
        ouvrir(options.fichier, options.vers, cle)
    except FileExistsError:
        raise MauvaisUsage(f"{options.vers} existe déjà : donnez un autre nom.") from None
    except OSError as erreur:
        if dite := incidents.incident(erreur, options.vers):
            raise ArretBloquant([dite]) from None
        raise MauvaisUsage(f"{erreur.filename or options.vers} ne peut pas être lu ou écrit.") from None
    dire(f"{options.vers} est en clair : supprimez-le dès que vous l'avez transmis.")
    return FAIT


def _purger(options: argparse.Namespace) -> int:
    from flows import echange_als
    from flows.livrables.francais import accord
    from flows.personnes import coffre

    cle = coffre.prendre_cle()
    racine = options.sorties.resolve()
    if not racine.is_dir():
        raise MauvaisUsage(f"Le dossier {options.sorties} n'existe pas.")
    faire = echange_als.echeances if options.a_blanc else echange_als.purger
    par_dossier = faire(racine, options.au, cle)
    for dossier, liste in par_dossier.items():
        for echeance in liste:
            suite = accord(echeance.garde, "gardée") if echeance.garde else "le fichier disparaît"
            dire(f"{dossier.name}/{echeance.nom} : {accord(echeance.retire, 'ligne échue', 'lignes échues')}, {suite}")
    if not par_dossier:
        dire(f"Rien n'est échu au {options.au:%d/%m/%Y}.")
    elif options.a_blanc:
        dire("À blanc : rien n'a changé.")
    else:
        dire("Détruites ; les certificats sont dans le sous-dossier certificats de chaque dossier.")
    return FAIT
