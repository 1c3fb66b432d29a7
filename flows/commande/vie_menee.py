"""What the verbs of a campaign's life do. They read what is published, and import what they need late."""

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows.campagne import POINTS, Campagne
from flows.chemins import SORTIES, entrees_par_defaut, sorties_par_defaut
from flows.commande.voix import ARRETE, CAUSES_DITES, FAIT, dire

if TYPE_CHECKING:
    from flows.vie.calendrier import Echeance


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


def historique(options: argparse.Namespace) -> int:
    """What was published, refused, sent; of which version a file is; which documents carry a version."""
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


def comparer(options: argparse.Namespace) -> int:
    """What changed between two versions, and why; stops when a change has no known cause."""
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


def expliquer(options: argparse.Namespace) -> int:
    """A published figure: its rule, its rows, those left out."""
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


def planifier(options: argparse.Namespace) -> int:
    """The due dates of the conventions, and what runs the campaign on them."""
    import tempfile
    from dataclasses import asdict

    from flows.anomalies import MauvaisUsage
    from flows.vie import calendrier, programmation

    siens = {
        "--annee": options.annee,
        "--entrees": options.entrees,
        "--sorties": options.sorties,
        "--jour": options.jour,
    }
    if options.genre and (donnees := [nom for nom, valeur in siens.items() if valeur]):
        raise MauvaisUsage(
            f"{', '.join(donnees)} ne va pas avec --{options.genre} : une programmation vaut pour toutes les années, "
            "et l'année de chaque commande est calculée le jour venu. Lancez-la, sans ces options, depuis le dossier "
            "qui contient data/raw et data/out."
        )
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


def explorer(options: argparse.Namespace) -> int:
    """The warehouse: catalogue, questions, exports, or the tool that opens it."""
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


def depot(options: argparse.Namespace) -> int:
    """A folder for each recipient, and what was sent in the register."""
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


def rapprocher(options: argparse.Namespace) -> int:
    """The published état des lieux beside the list of a réservataire."""
    from flows.vie import rapprochement, restitution

    rendu = rapprochement.rapprocher(options.liste, _sorties(options), options.reservataire)
    texte = list(rendu.phrases)
    if options.vers:
        titre = f"État des lieux : {options.reservataire}, des deux côtés"
        restitution.ecrire(options.vers, titre, rendu.phrases, rendu.tableaux)
        texte.append(f"Ouvrez {options.vers}")
    nombres = {"communs": len(rendu.communs), "ici": len(rendu.ici), "ailleurs": len(rendu.ailleurs)}
    remarques = [cause.message for cause in rendu.remarques]
    texte += [f"À vérifier dans leur liste : {remarque}" for remarque in remarques[:CAUSES_DITES]]
    if len(remarques) > CAUSES_DITES:
        texte.append(f"… et {len(remarques) - CAUSES_DITES} autres remarques : voir --vers, feuille Leur liste.")
    _montrer(options, "\n".join(texte), nombres | {"phrases": rendu.phrases, "remarques": remarques})
    return FAIT


def remplir(options: argparse.Namespace) -> int:
    """The workbook of a recipient, filled; or the correspondence to do it, proposed."""
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


def simuler(options: argparse.Namespace) -> int:
    """Next year's flux under other assumptions, and five years ahead."""
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


def consolider(options: argparse.Namespace) -> int:
    """The bilans of several bailleurs, then their comparison."""
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
