"""Every deliverable, from the finished warehouse: bilans, contrôles, index."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.chemins import ENTREPOT, GABARITS, MANIFESTE
from flows.etapes import etape
from flows.livrables import contenu, fichiers_csv, mots
from flows.livrables.classeur import ecrire_classeur
from flows.livrables.gabarits import Gabarits, lire_gabarits
from flows.livrables.page import Fichier, Index, ecrire_index, ecrire_page, lien
from flows.livrables.tableau import Document
from flows.tables.conventions_lues import REMEDE, faute_du_code

INDEX = "index.html"
BILANS_A_PARTAGER = 24
"""From so many bilans on, a second process writes half of them: starting it costs about ten bilans."""
_ORDRE = (".html", ".xlsx", ".docx", ".csv")


@etape("Classeurs, pages et CSV")
def livrer(entrepot: Path, chantier: Path, codes: tuple[str, ...] = (), gabarits: Path = GABARITS) -> list[Path]:
    """Writes every deliverable of the warehouse `entrepot` below the work folder `chantier`.

    `codes` limits the bilans (empty: all). Returns the files written, sorted. The bytes depend on the warehouse and the
    templates only. Raises ArretBloquant for a code that cannot name a file, or a template with a mistake.
    """
    with duckdb.connect(str(entrepot), read_only=True) as con:
        tous = [code for (code,) in con.execute("select code_reservataire from bilan.entetes order by all").fetchall()]
    voulus = [code for code in tous if not codes or code in codes]
    if len(voulus) < BILANS_A_PARTAGER:
        ecrits = livrer_bilans(entrepot, chantier, codes, gabarits)
    else:
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as second:
            moitie = second.submit(livrer_bilans, entrepot, chantier, voulus[1::2], gabarits)
            ecrits = livrer_bilans(entrepot, chantier, voulus[::2], gabarits) + moitie.result()
    ecrits += livrer_controles(entrepot, chantier, gabarits)
    return sorted([*ecrits, indexer(entrepot, chantier, gabarits)])


def livrer_bilans(entrepot: Path, chantier: Path, codes: Sequence[str] = (), gabarits: Path = GABARITS) -> list[Path]:
    """Writes the workbook, the page and the CSV files of each code (empty: all), below `chantier/bilan/<dossier>/`."""
    lus = lire_gabarits(gabarits)
    with duckdb.connect(str(entrepot), read_only=True) as con:
        entetes = con.execute("select code_reservataire, dossier, annee from bilan.entetes order by all").fetchall()
        verifier_codes([(code, sous_dossier) for code, sous_dossier, _ in entetes])
        voulus = [code for code, _, _ in entetes if not codes or code in codes]
        documents = contenu.charger_bilans(con, lus, voulus) if voulus else []
        bilans, flux = fichiers_csv.lire_bilans(con, voulus), fichiers_csv.lire_flux(con, voulus)
        repartitions = fichiers_csv.lire_repartitions(con, voulus)
        logements = fichiers_csv.lire_logements(con, voulus)
    ecrits = []
    for document in documents:
        ecrits += _ecrire_document(document, lus, "bilan.html.j2", chantier / "bilan" / document.dossier, gabarits)
    for code, sous_dossier, annee in entetes:
        if code in bilans:
            dossier = chantier / "bilan" / sous_dossier
            ecrits += [
                fichiers_csv.ecrire_csv(dossier / f"bilan_{annee}_{code}.csv", fichiers_csv.BILAN, bilans[code]),
                fichiers_csv.ecrire_csv(dossier / f"flux_{annee + 1}_{code}.csv", fichiers_csv.FLUX, flux[code]),
                fichiers_csv.ecrire_csv(
                    dossier / f"repartition_{annee}_{code}.csv", fichiers_csv.REPARTITION, repartitions[code]
                ),
                fichiers_csv.ecrire_csv(
                    dossier / f"logements_{annee}_{code}.csv", fichiers_csv.LOGEMENTS, logements[code]
                ),
            ]
    return ecrits


@etape("Anomalies")
def livrer_controles(entrepot: Path, chantier: Path, gabarits: Path = GABARITS) -> list[Path]:
    """Writes every anomaly as a workbook, a page and a CSV file, below `chantier/controles/`.

    Needs the schema `audit`, `ref.exercice` and `ref.tables_fournies` only: it also serves a run that stopped.
    """
    lus = lire_gabarits(gabarits)
    with duckdb.connect(str(entrepot), read_only=True) as con:
        document = contenu.charger_controles(con, lus)
        lignes = fichiers_csv.lire_controles(con)
    dossier = chantier / "controles"
    ecrits = _ecrire_document(document, lus, "controles.html.j2", dossier, gabarits)
    return [*ecrits, fichiers_csv.ecrire_csv(dossier / f"{document.nom}.csv", fichiers_csv.CONTROLES, lignes)]


def indexer(entrepot: Path, chantier: Path, gabarits: Path = GABARITS) -> Path:
    """Writes `chantier/index.html`, with a link to every file that is there: to be done again after adding some."""
    lus = lire_gabarits(gabarits)
    with duckdb.connect(str(entrepot), read_only=True) as con:
        bilans = contenu.contextes(con, lus)
        commun = contenu.contexte_commun(con, lus)
    fichiers: dict[str, list[Fichier]] = {"controles": _liens(chantier, chantier / "controles", "")}
    for bilan in bilans:
        code = bilan["code_reservataire"]
        fichiers[code] = _liens(chantier, chantier / "bilan" / bilan["dossier"], f"_{code}")
    connus = {fichier.adresse for liste in fichiers.values() for fichier in liste} | {INDEX, ENTREPOT, MANIFESTE}
    tous = [chemin for chemin in sorted(chantier.rglob("*")) if chemin.is_file()]
    publies = [lien(chantier, c) for c in tous if not any(p.startswith(".") for p in c.relative_to(chantier).parts)]
    autres = [fichier for fichier in publies if fichier.adresse not in connus]
    index = Index(commun, _bandeaux(lus, commun), bilans, fichiers, autres)
    return ecrire_index(index, lus.theme, chantier / INDEX, gabarits)


def verifier_codes(entetes: Sequence[tuple[str, str]]) -> None:
    """Raises ArretBloquant when a code (with its folder) cannot name a file on every system, or names another's."""
    anomalies, vus = [], set[str]()
    for code, dossier in entetes:
        if faute := faute_du_code(code) or faute_du_code(dossier):
            anomalies.append(_refus_code(code, faute, REMEDE))
        elif code.casefold() in vus:
            anomalies.append(_refus_code(code, "ne diffère d'un autre que par ses majuscules", "bien distinct"))
        vus.add(code.casefold())
    if anomalies:
        raise ArretBloquant(anomalies)


def _refus_code(code: str, faute: str, remede: str) -> Anomalie:
    return Anomalie(
        gravite=Gravite.BLOQUANT,
        code="code_reservataire_interdit",
        message=f"Le code de réservataire « {code} » {faute}.",
        correction=f"Donnez-lui un code {remede}.",
        colonne="code_reservataire",
        valeur=code,
    )


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


def _bandeaux(gabarits: Gabarits, commun: Mapping[str, Any]) -> list[str]:
    contexte = {**commun, "date_arrete": commun["exercice_date_fin"]}
    etats = [etat for etat in ("fictif", "provisoire") if commun[f"exercice_est_{etat}"]]
    return [mots.rendre(gabarits.textes[f"bandeau_{etat}"], contexte) for etat in etats]
