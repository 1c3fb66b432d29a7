"""Every deliverable, from the finished warehouse: bilans, contrôles, index."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from flows.campagne import POINTS
from flows.chemins import ENTREPOT, GABARITS, MANIFESTE
from flows.edition import Editions
from flows.entrepot.connexion import connecter
from flows.etapes import etape
from flows.livrables import annexe, avis, contenu, courriers, equipe, fichiers_csv, lues
from flows.livrables.classeur import ecrire_classeur
from flows.livrables.codes import verifier_codes
from flows.livrables.edition import depuis, marquer
from flows.livrables.gabarits import Gabarits, lire_document, lire_gabarits
from flows.livrables.modele_annexe import MODELES
from flows.livrables.page import Echeance, Fichier, Index, ecrire_index, ecrire_page, lien
from flows.livrables.tableau import Document
from flows.livrables.theme import lire_theme

INDEX = "index.html"
ETATS = "etat_des_lieux"
METHODE = "methode"
_NON_RELU = {"etat_objectif": "", "a_relire": ""}
_ORDRE = (".html", ".xlsx", ".docx", ".csv")


def appeler(codes: Sequence[str] = ()) -> None:
    """Has the processes that `livrer` will share the bilans with (those of `codes`; empty: all) start by now."""
    if not codes or len(codes) > equipe.SEUL:
        equipe.appeler(_livrer_lot)


@etape("Classeurs, pages, CSV et annexes")
def livrer(
    entrepot: Path,
    chantier: Path,
    codes: Sequence[str] = (),
    gabarits: Path = GABARITS,
    modeles: Path = MODELES,
    editions: Editions | None = None,
) -> list[Path]:
    """Writes every deliverable of the warehouse `entrepot`, but the index of them, below the work folder `chantier`.

    `codes` limits the bilans (empty: all); `editions` is what gives each document its version. Returns the files
    written, sorted. The bytes depend on the warehouse, the templates and `editions` only, never on how many processes
    made them. Raises ArretBloquant, before writing a bilan, for a code that cannot name a file, or a template with a
    mistake.
    """
    lire_gabarits(gabarits)
    # open to the end: each part opens it again, and an engine that is there opens at once (60 ms each time otherwise)
    with connecter(entrepot, lecture_seule=True) as con:
        entetes = con.execute("select code_reservataire, dossier from bilan.entetes order by ordre, 1").fetchall()
        verifier_codes(entetes)
        voulus = [code for code, _ in entetes if not codes or code in codes]

        def d_abord() -> list[Path]:
            """What is not of one réservataire, while the others begin."""
            annexe.verifier_choix(entrepot, codes, modeles)
            return [*livrer_methode(entrepot, chantier, gabarits), *livrer_controles(entrepot, chantier, gabarits)]

        ecrits = equipe.repartir(
            _livrer_lot,
            voulus,
            *(entrepot, chantier, gabarits, modeles, editions or Editions()),
            d_abord=d_abord,
            tenir=partial(connecter, entrepot, lecture_seule=True),
        )
        return sorted(ecrits)


def _livrer_lot(
    codes: Sequence[str], entrepot: Path, chantier: Path, gabarits: Path, modeles: Path, editions: Editions
) -> list[Path]:
    """Everything of a few réservataires: workbook, page, CSV files, annexe, letters, sheets of dwellings."""
    with connecter(entrepot, lecture_seule=True) as con:
        annonces = _annonces(con, codes)
    versions: dict[str, str] = {}
    ecrits = livrer_bilans(entrepot, chantier, codes, gabarits, editions, versions)
    if annonces:
        logo = lire_theme(gabarits).logo
        ecrits += annexe.ecrire_annexes(entrepot, chantier, annonces, modeles, logo, versions)
        ecrits += courriers.ecrire_courriers(entrepot, chantier, annonces, logo=logo, editions=versions)
    return ecrits + avis.ecrire_avis(entrepot, chantier, codes, gabarits)


def _annonces(con: duckdb.DuckDBPyConnection, codes: Sequence[str]) -> list[str]:
    """Those of `codes` to whom a flux is announced for N+1: nobody by a point inside the year, nor outside the flux."""
    lus = con.execute(
        """
        select code_reservataire from bilan.entetes
        where not est_provisoire and list_contains(?, code_reservataire) and coalesce(type_reservataire, '') not in (
            select type_reservataire from ref.types_reservataire where sans_objectif = 'oui'
        )
        order by all""",
        [list(codes)],
    ).fetchall()
    return [code for (code,) in lus]


def livrer_bilans(
    entrepot: Path,
    chantier: Path,
    codes: Sequence[str] = (),
    gabarits: Path = GABARITS,
    editions: Editions | None = None,
    versions: dict[str, str] | None = None,
) -> list[Path]:
    """Writes the workbook, the page and the CSV files of each code (empty: all), below `chantier/bilan/<dossier>/`.

    `versions` receives the one that the documents of each code print.
    """
    editions = editions or Editions()
    gabarits_lus = lire_gabarits(gabarits)
    with connecter(entrepot, lecture_seule=True) as con:
        entetes = con.execute(
            "select code_reservataire, dossier, annee, est_sans_liste from bilan.entetes order by ordre, 1"
        ).fetchall()
        verifier_codes([(code, sous_dossier) for code, sous_dossier, _, _ in entetes])
        voulus = [code for code, *_ in entetes if not codes or code in codes]
        documents = contenu.charger_bilans(con, gabarits_lus, voulus) if voulus else []
        bilans, flux = (fichiers_csv.lire(con, f, voulus) for f in (fichiers_csv.BILAN, fichiers_csv.FLUX))
        repartitions = fichiers_csv.lire(con, fichiers_csv.REPARTITION, voulus)
        logements = fichiers_csv.lire(con, fichiers_csv.LOGEMENTS, voulus)
        annonces = _annonces(con, voulus)
        actes = _actes(con, voulus)
        libelles = dict(con.execute("select mesure, libelle from ref.mesures").fetchall()) if editions.remises else {}
    ecrits: list[Path] = []
    chiffres: dict[str, list[Path]] = {code: [] for code in voulus}
    for code, sous_dossier, annee, sans_liste in entetes:
        if code in bilans:
            dossier = chantier / "bilan" / sous_dossier
            dossier.mkdir(parents=True, exist_ok=True)
            chiffres[code] += [
                fichiers_csv.ecrire(dossier / f"bilan_{annee}_{code}.csv", bilans[code]),
                fichiers_csv.ecrire(dossier / f"repartition_{annee}_{code}.csv", repartitions[code]),
            ]
            if not sans_liste:
                chemin = dossier / f"logements_{annee}_{code}.csv"
                chiffres[code].append(fichiers_csv.ecrire(chemin, logements[code]))
        if code in annonces:
            chemin = dossier / f"flux_{annee + 1}_{code}.csv"
            chiffres[code].append(fichiers_csv.ecrire(chemin, flux[code]))
    for code, document in zip(voulus, documents, strict=True):
        dossier = chantier / "bilan" / document.dossier
        octets = [fichier.read_bytes() for fichier in chiffres[code]]
        edition = editions.nommer(f"bilan/{document.dossier}/{document.nom}.xlsx", code, document, actes[code], *octets)
        if code in editions.remises and edition != editions.remises[code].edition and not edition.depuis:
            edition = replace(edition, depuis=depuis(editions.remises[code], dossier, libelles))
        if versions is not None:
            versions[code] = edition.nom
        ecrits += _ecrire_document(marquer(document, edition), gabarits_lus, "bilan.html.j2", dossier, gabarits)
    return [*ecrits, *(fichier for fichiers in chiffres.values() for fichier in fichiers)]


def _actes(con: duckdb.DuckDBPyConnection, codes: Sequence[str]) -> dict[str, list[object]]:
    """What only the annexe and the letters of each code show."""
    actes: dict[str, list[object]] = {code: [] for code in codes}
    for table in ("bilan.annexes", "bilan.lignes_flux", "bilan.courriers"):
        lus = con.execute(
            f"select code_reservataire, * exclude (code_reservataire) from {table} "
            "where list_contains(?, code_reservataire) order by all",
            [list(codes)],
        ).fetchall()
        for code, *ligne in lus:
            actes[code].append(ligne)
    return actes


def livrer_methode(entrepot: Path, chantier: Path, gabarits: Path = GABARITS) -> list[Path]:
    """Writes what the figures of every bilan mean, once: `methode_<annee>`, a page and a workbook."""
    lus = lire_gabarits(gabarits)
    gabarit, _ = lire_document(METHODE, gabarits)
    with connecter(entrepot, lecture_seule=True) as con:
        document = contenu.charger_methode(con, lus, gabarit)
    return _ecrire_document(document, lus, "methode.html.j2", chantier, gabarits)


@etape("Anomalies")
def livrer_controles(entrepot: Path, chantier: Path, gabarits: Path = GABARITS) -> list[Path]:
    """Writes every anomaly as a workbook, a page and a CSV file, below `chantier/controles/`.

    Needs the schema `audit`, `ref.exercice` and `ref.tables_fournies` only: it also serves a run that stopped.
    """
    lus = lire_gabarits(gabarits)
    with connecter(entrepot, lecture_seule=True) as con:
        document = contenu.charger_controles(con, lus)
        lignes = fichiers_csv.lire_controles(con)
    dossier = chantier / "controles"
    ecrits = _ecrire_document(document, lus, "controles.html.j2", dossier, gabarits)
    return [*ecrits, fichiers_csv.ecrire_csv(dossier / f"{document.nom}.csv", fichiers_csv.CONTROLES, lignes)]


def indexer(
    entrepot: Path,
    chantier: Path,
    gabarits: Path = GABARITS,
    dossier: str = "",
    envois: Mapping[str, str] | None = None,
    echeances: Sequence[Echeance] = (),
) -> Path:
    """Writes `chantier/index.html`, with a link to every file that is there: to be done again after adding some.

    `dossier` is where the bilans of `entrepot` are, below `chantier`. A point inside the year is one link, to its own
    index. `envois` is what was last sent to each réservataire, in words.
    """
    lus = lire_gabarits(gabarits)
    with connecter(entrepot, lecture_seule=True) as con:
        bilans = contenu.contextes(con, lus)
        commun = contenu.contexte_commun(con, lus)
        causes = lues.lire_causes(con)
        relus = _relectures(con)
    bilans = [{**bilan, **relus.get(bilan["code_reservataire"], _NON_RELU)} for bilan in bilans]
    racine = chantier / dossier
    fichiers: dict[str, list[Fichier]] = {"controles": _liens(chantier, racine / "controles", "")}
    for bilan in bilans:
        code = bilan["code_reservataire"]
        fichiers[code] = _liens(chantier, racine / "bilan" / bilan["dossier"], f"_{code}")
    etats = {
        b["code_reservataire"]: _liens(chantier, chantier / ETATS / b["dossier"], f"_{b['code_reservataire']}")
        for b in bilans
    }
    connus = {fichier.adresse for liste in (*fichiers.values(), *etats.values()) for fichier in liste}
    connus |= {INDEX, ENTREPOT, MANIFESTE}
    tous = [chemin for chemin in sorted(chantier.rglob("*")) if chemin.is_file()]
    montres = [c for c in tous if not any(p.startswith(".") for p in c.relative_to(chantier).parts)]
    publies = [lien(chantier, c) for c in montres if c.relative_to(chantier).parts[0] != POINTS or c.name == INDEX]
    autres = [fichier for fichier in publies if fichier.adresse not in connus]
    points = [fichier for fichier in autres if fichier.adresse.startswith(f"{POINTS}/")]
    autres = [fichier for fichier in autres if fichier not in points]
    bandeaux = contenu.bandeaux(lus, commun)
    index = Index(commun, bandeaux, bilans, fichiers, etats, points, autres, echeances, envois or {}, causes)
    # the index of another run may be there, the same file as the one published
    (chantier / INDEX).unlink(missing_ok=True)
    return ecrire_index(index, lus.theme, chantier / INDEX, gabarits)


def _relectures(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Where each réservataire is, and why to read it again; nothing in a warehouse of an earlier version."""
    try:
        lus = con.execute("select code_reservataire, etat_objectif, a_relire from bilan.relecture").fetchall()
    except duckdb.CatalogException:
        return {}
    return {code: {"etat_objectif": etat, "a_relire": motif} for code, etat, motif in lus}


def _ecrire_document(document: Document, gabarits: Gabarits, page: str, dossier: Path, source: Path) -> list[Path]:
    dossier.mkdir(parents=True, exist_ok=True)
    return [
        ecrire_classeur(document, gabarits.theme, dossier / f"{document.nom}.xlsx"),
        ecrire_page(document, gabarits.theme, page, dossier / f"{document.nom}.html", source),
    ]


def _liens(racine: Path, dossier: Path, fin: str) -> list[Fichier]:
    """Links to the files of a folder whose name ends with `fin`, in the order that a reader opens them."""
    rang = {suffixe: i for i, suffixe in enumerate(_ORDRE)}
    fichiers = [f for f in dossier.glob("*") if f.is_file() and f.stem.endswith(fin)]
    return [lien(racine, f) for f in sorted(fichiers, key=lambda f: (rang.get(f.suffix, len(rang)), f.name))]
