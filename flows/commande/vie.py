"""The verbs of a campaign's life, once it is published. They read, and import what they need late."""

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.campagne import POINTS, Campagne
from flows.chemins import SORTIES, entrees_par_defaut, sorties_par_defaut
from flows.commande.voix import ARRETE, FAIT, dire

if TYPE_CHECKING:
    from flows.vie.calendrier import Echeance


def ajouter(verbes: Any, jour: Callable[[str], date]) -> None:
    """Adds the verbs to the subparsers of the command; `jour` reads a date."""
    commande = verbes.add_parser("historique", help="ce qui a été publié, refusé, envoyé, par qui et quand")
    _annee(commande)
    commande.add_argument("--reservataire", default="", metavar="CODE", help="envois à ce réservataire seulement")
    commande.add_argument("--fichier", type=Path, metavar="F", help="dit de quelle version est ce fichier")
    commande.add_argument(
        "--version", default="", metavar="V", help="dit quels documents portent cette version (7f31c2a9)"
    )
    commande.set_defaults(action=_historique)

    commande = verbes.add_parser("comparer", help="ce qui change d'une version (ou d'une année) à l'autre, et pourquoi")
    commande.add_argument("cotes", nargs="*", metavar="A B", help="version (v3), date, année, dossier, avant, publie")
    _annee(commande, option=True)
    commande.add_argument("--reservataire", default="", metavar="CODE", help="les chiffres de ce bilan seulement")
    commande.add_argument("--vers", type=Path, metavar="F", help="écrit tout en .xlsx ou en .html")
    commande.set_defaults(action=_comparer)

    commande = verbes.add_parser("expliquer", help="un chiffre publié : sa règle, ses lignes, celles qu'il écarte")
    commande.add_argument("quoi", nargs="+", metavar="CODE MESURE", help="par exemple : BASTIA baux_signes qpv=en_qpv")
    _annee(commande, option=True)
    commande.add_argument("--au", type=jour, metavar="DATE", help="un point de l'année, plutôt que le bilan clos")
    commande.add_argument("--vers", type=Path, metavar="F", help="écrit tout en .xlsx ou en .html")
    commande.set_defaults(action=_expliquer)

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
    commande.set_defaults(action=_planifier, genre="")

    commande = verbes.add_parser("explorer", help="ouvre l'entrepôt en lecture seule : catalogue, questions, export")
    _annee(commande)
    commande.add_argument("--avec", choices=("duckdb", "ui", "harlequin", "marimo"), default="", help="outil à ouvrir")
    commande.add_argument("--vers", nargs=2, metavar=("F.xlsx", "REQUETE"), help="écrit un select en .xlsx")
    commande.add_argument("--parquet", type=Path, metavar="DIR", help="écrit les tables de bilan en Parquet")
    commande.set_defaults(action=_explorer)

    commande = verbes.add_parser("depot", help="un dossier par destinataire, prêt à synchroniser, avec son message")
    _annee(commande)
    commande.add_argument("--vers", type=Path, metavar="DIR", help="où les écrire (défaut : data/out/depot-ANNEE)")
    commande.add_argument("--reservataire", action="append", default=[], metavar="CODE", help="lui seul (répétable)")
    commande.add_argument("--provisoire", action="store_true", help="accepte des sorties arrêtées dans l'année")
    commande.add_argument("--quand-meme", action="store_true", help="accepte ce qui est périmé, ou refusé depuis")
    commande.add_argument("--envoye", default="", metavar="'NOM, DATE'", help="inscrit l'envoi au registre")
    commande.set_defaults(action=_depot)

    commande = verbes.add_parser(
        "rapprocher", help="l'état des lieux publié à côté de la liste qu'un réservataire envoie"
    )
    commande.add_argument("liste", type=Path, metavar="LISTE", help="sa liste, .xlsx ou .csv")
    _annee(commande, option=True)
    commande.add_argument("--reservataire", required=True, metavar="CODE", help="de qui elle est")
    commande.add_argument("--vers", type=Path, metavar="F", help="écrit tout en .xlsx ou en .html")
    commande.set_defaults(action=_rapprocher)

    commande = verbes.add_parser("remplir", help="remplit le classeur .xlsx qu'un destinataire envoie")
    commande.add_argument("classeur", type=Path, metavar="CLASSEUR.xlsx", help="le classeur reçu, laissé tel quel")
    _annee(commande, option=True)
    commande.add_argument("--avec", type=Path, metavar="F.csv", help="la correspondance ; sans elle, en propose une")
    commande.add_argument("--vers", type=Path, metavar="F", help="où écrire (défaut : à côté du classeur)")
    commande.add_argument(
        "--reservataire", default="_bailleur", metavar="CODE", help="logements et droits de lui seul (défaut : tous)"
    )
    commande.set_defaults(action=_remplir)

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
    commande.set_defaults(action=_simuler)

    commande = verbes.add_parser("consolider", help="les bilans de plusieurs bailleurs, puis leur comparaison")
    commande.add_argument("racine", type=Path, metavar="RACINE", help="un dossier par bailleur")
    commande.add_argument("--annee", type=int, required=True, metavar="ANNEE", help="exercice")
    commande.add_argument("--vers", type=Path, metavar="DIR", help="où tout écrire (défaut : data/out/consolidation)")
    commande.add_argument("--ouvriers", type=int, default=2, metavar="N", help="bailleurs menés à la fois (défaut : 2)")
    commande.add_argument(
        "--dask", default="", metavar="ADRESSE", help="sur une grappe Dask, par exemple tcp://hote:8786"
    )
    commande.add_argument("--json", action="store_true", help="la même chose pour un programme")
    commande.set_defaults(action=_consolider)


def _annee(commande: argparse.ArgumentParser, option: bool = False) -> None:
    if option:
        commande.add_argument("--annee", type=int, metavar="ANNEE", help="exercice (défaut : le dernier publié)")
    else:
        commande.add_argument(
            "annee", type=int, nargs="?", metavar="ANNEE", help="exercice (défaut : le dernier publié)"
        )
    commande.add_argument("--sorties", type=Path, metavar="DIR", help="livrables (défaut : data/out/ANNEE)")
    commande.add_argument("--json", action="store_true", help="la même chose pour un programme")


def _sorties(options: argparse.Namespace) -> Path:
    """The outputs meant: those named, those of the year, else the last published year."""
    if options.sorties:
        return Path(options.sorties)
    if options.annee:
        return sorties_par_defaut(options.annee)
    annees = sorted(d.name for d in SORTIES.glob("[12][0-9][0-9][0-9]")) if SORTIES.is_dir() else []
    return SORTIES / (annees[-1] if annees else str(date.today().year))


def _campagne(options: argparse.Namespace, sorties: Path, commande: str) -> Campagne:
    from flows.publication import manifeste

    lu = manifeste.lire_manifeste(sorties)
    annee = options.annee or lu["executions"].get(lu["execution"], {}).get("annee") or date.today().year
    entrees = getattr(options, "entrees", None) or entrees_par_defaut(annee)
    return Campagne(annee, entrees, sorties, commande=commande)


def _montrer(options: argparse.Namespace, texte: str, objet: object) -> None:
    dire(json.dumps(objet, ensure_ascii=False, indent=1, default=str) if options.json else texte)


def _historique(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from flows.vie import historique

    sorties = _sorties(options)
    if options.fichier:
        phrase, est_des_notres = historique.version_du_fichier(sorties, options.fichier)
        _montrer(options, phrase, {"fichier": options.fichier.name, "constat": phrase, "intact": est_des_notres})
        return FAIT if est_des_notres else ARRETE
    if options.version:
        porteurs = historique.documents_de(sorties, options.version)
        suite = f"Aucun document conservé ne porte la version « {options.version} » : vérifiez-la, ou donnez --fichier."
        _montrer(options, historique.afficher_documents(porteurs) or suite, [asdict(p) for p in porteurs])
        return FAIT if porteurs else ARRETE
    lus = historique.passages(sorties, options.reservataire)
    suite = "" if lus else f"Rien n'est inscrit pour {sorties} : lancez gestion-flux bilan."
    _montrer(options, historique.afficher(lus) or suite, historique.en_json(lus))
    if lus and not options.json:
        dire("Pour savoir ce qui a changé : gestion-flux comparer")
    return FAIT


def _comparer(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from flows.anomalies import MauvaisUsage
    from flows.publication import versions
    from flows.vie import comparaison, remise, restitution

    sorties = _sorties(options)
    cotes = list(options.cotes)
    if len(cotes) > 2:
        raise MauvaisUsage("Deux côtés au plus : gestion-flux comparer v1 v2.")
    noms = [*cotes, "publie"][:2] if cotes else list(versions.a_comparer(versions.publie(sorties)))
    avant, apres = (versions.trouver(sorties, nom) for nom in noms)
    rendu = comparaison.comparer(avant, apres, (_nom(avant, noms[0]), _nom(apres, noms[1])), options.reservataire)
    perimes = remise.envois_perimes(sorties)
    texte = restitution.comparaison_en_texte(rendu, perimes)
    if options.vers:
        titre = f"De {rendu.avant} à {rendu.apres}"
        restitution.ecrire(options.vers, titre, texte.splitlines()[1:2], restitution.comparaison_en_tableaux(rendu))
        texte += f"\nOuvrez {options.vers}"
    _montrer(options, texte, asdict(rendu) | {"envois_perimes": perimes})
    return ARRETE if rendu.est_inexpliquee else FAIT


def _nom(dossier: Path, dit: str) -> str:
    from flows.publication import versions

    return f"{dit} · {versions.identifiant(dossier)[:8]}"


def _expliquer(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from flows.vie import explication, restitution

    mots = [mot for bloc in options.quoi for mot in bloc.split()]
    sorties = _sorties(options)
    rendu = explication.expliquer(sorties / POINTS / options.au.isoformat() if options.au else sorties, mots)
    texte = restitution.explication_en_texte(rendu)
    if options.vers:
        restitution.ecrire(options.vers, rendu.titre, rendu.phrases, restitution.explication_en_tableaux(rendu))
        texte += f"\nOuvrez {options.vers}"
    _montrer(options, texte, asdict(rendu))
    return FAIT if rendu.est_juste else ARRETE


def _planifier(options: argparse.Namespace) -> int:
    import tempfile
    from dataclasses import asdict

    from flows.anomalies import MauvaisUsage
    from flows.vie import calendrier, programmation

    if options.genre == "prefect":
        from importlib.util import find_spec

        if find_spec("prefect") is None:
            raise MauvaisUsage("--prefect demande Prefect, absent de cette installation : voyez --cron, --systemd.")
        from flows import deploiements

        deploiements.servir(Path())
        return FAIT
    if options.installer and not options.genre:
        raise MauvaisUsage("--installer demande --cron, --systemd ou --windows.")
    if options.genre:
        faire = programmation.installer if options.installer else programmation.recette
        rendu = faire(options.genre, Path(), _options_d_alerte(options))
        for ligne in [rendu] if isinstance(rendu, str) else rendu:
            dire(ligne)
        return FAIT
    aujourd_hui = options.jour or date.today()
    annee = options.annee or (aujourd_hui.year if aujourd_hui.month > 6 else aujourd_hui.year - 1)
    entrees = options.entrees or entrees_par_defaut(annee)
    with tempfile.TemporaryDirectory() as travail:
        conventions = calendrier.lire_conventions(entrees, annee, Path(travail))
    sorties = options.sorties or sorties_par_defaut(annee)
    dues = calendrier.echeances(conventions, annee, sorties)
    if options.alerter:
        return _alerter(options, Campagne(annee, entrees, sorties, commande="planifier"), dues, aujourd_hui)
    manquees = [e for e in dues if e.est_manquee(aujourd_hui)]
    if options.json:
        dire(json.dumps([asdict(e) for e in dues], ensure_ascii=False, indent=1, default=str))
    else:
        dire(f"Échéances lues dans {entrees} ({conventions.height} conventions), au {aujourd_hui:%d/%m/%Y}")
        dire(calendrier.afficher(dues, aujourd_hui))
        dire("Pour les programmer : gestion-flux planifier --systemd (ou --cron, --windows, --prefect)")
    return ARRETE if manquees else FAIT


def _options_d_alerte(options: argparse.Namespace) -> list[str]:
    """The options that say whom to warn, as they are typed."""
    seuls = {"--par": options.par, "--smtp": options.smtp, "--de": options.de, "--utilisateur": options.utilisateur}
    return [mot for nom, valeur in seuls.items() if valeur for mot in (nom, valeur)] + [
        mot for adresse in options.a for mot in ("--a", adresse)
    ]


def _alerter(options: argparse.Namespace, campagne: Campagne, dues: "Sequence[Echeance]", aujourd_hui: date) -> int:
    from dataclasses import asdict

    from flows.anomalies import MauvaisUsage
    from flows.vie import alertes

    if bool(options.smtp) != bool(options.a):
        raise MauvaisUsage("--smtp et --a vont ensemble : le serveur, et à qui écrire.")
    nouvelles = alertes.a_dire(campagne, dues, aujourd_hui)
    if nouvelles:
        messagerie = (
            alertes.Messagerie(options.smtp, options.de or options.a[0], tuple(options.a), options.utilisateur)
            if options.smtp
            else None
        )
        alertes.envoyer(campagne, nouvelles, options.par, messagerie)
    suite = "Pour tout le calendrier : gestion-flux planifier"
    texte = "\n".join([*(a.phrase for a in nouvelles), suite] if nouvelles else ["Rien de nouveau à signaler.", suite])
    _montrer(options, texte, [asdict(a) for a in nouvelles])
    return FAIT


def _explorer(options: argparse.Namespace) -> int:
    from flows.vie import explorer

    sorties = _sorties(options)
    if options.parquet:
        dire(f"{len(explorer.exporter_parquet(sorties, options.parquet))} tables écrites dans {options.parquet}")
        return FAIT
    if options.vers:
        fichier, requete = options.vers
        dire(f"{explorer.exporter(sorties, requete, Path(fichier))} lignes écrites dans {fichier}")
        return FAIT
    if options.avec:
        return explorer.ouvrir(sorties, options.avec)
    tables, questions = explorer.catalogue(sorties), explorer.questions()
    if options.json:
        dire(json.dumps({"tables": tables, "questions": [vars(q) for q in questions]}, ensure_ascii=False, indent=1))
        return FAIT
    sujet = ""
    for theme, nom, contenu, lignes in tables:
        if theme != sujet:
            dire(f"\n{theme}")
            sujet = theme
        dire(f"  {nom:<32} {'vue' if lignes is None else lignes:>8}  {contenu}")
    dire("\nDix questions, telles qu'elles se collent dans le shell DuckDB :\n")
    for question in questions:
        dire(f"-- {question.libelle}\n{question.requete}\n")
    presents = explorer.presents()
    outil = (
        f"--avec {presents[0]}"
        if presents
        else "--avec duckdb (non installé ici : https://duckdb.org/docs/installation)"
    )
    dire(f"Pour l'ouvrir : gestion-flux explorer {options.annee or ''} {outil}".replace("  ", " "))
    return FAIT


def _depot(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from flows.vie import remise

    sorties = _sorties(options)
    campagne = _campagne(options, sorties, "depot")
    vers = options.vers or SORTIES / f"depot-{campagne.annee}"
    remises = remise.deposer(campagne, vers, options.reservataire, options.provisoire, options.quand_meme)
    lignes = [
        f"  {r.code:<20} {len(r.fichiers):>3} fichiers, {len(r.ecrits)} écrits"
        + (f" ({r.changes_depuis})" if r.changes_depuis else "")
        for r in remises
    ]
    if options.envoye:
        version = remise.envoyer(campagne, [r.code for r in remises], options.envoye)
        lignes.append(f"Envoi inscrit au registre : version {version}, {options.envoye}")
    else:
        lignes.append("Une fois envoyé : la même commande avec --envoye 'nom, date'")
    _montrer(options, "\n".join([f"{len(remises)} dossiers dans {vers}", *lignes]), [asdict(r) for r in remises])
    return FAIT


def _rapprocher(options: argparse.Namespace) -> int:
    from flows.vie import rapprochement, restitution

    rendu = rapprochement.rapprocher(options.liste, _sorties(options), options.reservataire)
    texte = list(rendu.phrases)
    if options.vers:
        titre = f"État des lieux : {options.reservataire}, des deux côtés"
        restitution.ecrire(options.vers, titre, rendu.phrases, rendu.tableaux)
        texte.append(f"Ouvrez {options.vers}")
    nombres = {"communs": len(rendu.communs), "ici": len(rendu.ici), "ailleurs": len(rendu.ailleurs)}
    _montrer(options, "\n".join(texte), nombres | {"phrases": rendu.phrases})
    return FAIT


def _remplir(options: argparse.Namespace) -> int:
    from flows.vie import remplissage

    sorties, recu = _sorties(options), options.classeur
    if not options.avec:
        vers = options.vers or recu.with_name(f"{recu.stem}-correspondance.csv")
        cibles = remplissage.proposer(recu, sorties)
        remplissage.ecrire_correspondance(cibles, vers)
        trouvees = sum(bool(c.champ) for c in cibles)
        lignes = [f"  {c.feuille}, {c.colonne} « {c.intitule} » : {c.champ or 'à compléter'}" for c in cibles]
        suite = f"Relisez {vers}, puis : gestion-flux remplir {recu} --avec {vers}"
        texte = [f"Correspondance proposée : {trouvees} colonnes sur {len(cibles)}", *lignes, suite]
        _montrer(options, "\n".join(texte), {"fichier": str(vers), "trouvees": trouvees, "colonnes": len(cibles)})
        return FAIT if trouvees else ARRETE
    vers = options.vers or recu.with_name(f"{recu.stem}-rempli.xlsx")
    rendu = remplissage.remplir(
        recu, remplissage.lire_correspondance(options.avec), sorties, vers, options.reservataire
    )
    texte = [f"{rendu.cases} cases remplies dans {vers}"]
    if rendu.manques:
        texte += ["N'a pas pu être rempli :", *(f"  {manque}" for manque in rendu.manques)]
    _montrer(options, "\n".join(texte), {"fichier": str(vers), "cases": rendu.cases, "manques": rendu.manques})
    return FAIT if rendu.cases else ARRETE


def _simuler(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from flows.anomalies import MauvaisUsage
    from flows.publication import versions
    from flows.vie import restitution, simulation

    sorties = _sorties(options)
    base = versions.trouver(sorties, options.contre) if options.contre else sorties
    if options.modele:
        dire(simulation.modele(base))
        return FAIT
    if options.vers and options.vers.resolve().is_relative_to(sorties.resolve()):
        raise MauvaisUsage("Une simulation ne s'écrit pas parmi les livrables : donnez un autre dossier.")
    if options.hypotheses and not options.hypotheses.is_file():
        raise MauvaisUsage(f"{options.hypotheses} n'existe pas. Modèle : gestion-flux simuler --modele > hyp.toml.")
    rendu = simulation.simuler(base, simulation.lire_hypotheses(options.hypotheses) if options.hypotheses else {})
    texte = restitution.simulation_en_texte(rendu)
    if options.vers:
        titre = f"{simulation.MARQUE}. Flux {rendu.annee}"
        tableaux = restitution.simulation_en_tableaux(rendu)
        dites = [*(rendu.hypotheses or [restitution.SANS_HYPOTHESE]), *simulation.SUPPOSE]
        restitution.ecrire(options.vers, titre, dites, tableaux, simulation.MARQUE)
        texte += f"\nOuvrez {options.vers}"
    _montrer(options, texte, {"marque": simulation.MARQUE} | asdict(rendu))
    return FAIT


def _consolider(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from flows.anomalies import MauvaisUsage
    from flows.vie import consolidation

    if not 1 <= options.ouvriers <= 256:
        raise MauvaisUsage("--ouvriers attend un nombre de 1 à 256.")
    vers = options.vers or SORTIES / "consolidation"
    repartir = consolidation.par_dask(options.dask) if options.dask else None
    issues = consolidation.consolider(options.racine, options.annee, vers, options.ouvriers, repartir)
    bons = sum(i.est_bonne for i in issues)
    lignes = [f"  {i.bailleur:<32} {i.resultat:<9} {i.motif}".rstrip() for i in issues]
    page = vers / f"consolidation-{options.annee}" / "index.html"
    lignes += [f"{bons} bailleurs sur {len(issues)}", f"Ouvrez {page}"]
    _montrer(options, "\n".join(lignes), [asdict(i) for i in issues])
    return FAIT if bons == len(issues) else ARRETE
