"""An obligation without its input table says "non fourni", never zero: every sheet of the template, on real models."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows.entrepot import controles
from flows.livrables import contenu
from flows.livrables.gabarits import Feuille, lire_document, lire_gabarits
from flows.livrables.tableau import Document, Tableau
from flows.livrables.verification_gabarits import verifier_gabarits
from tests.commande import RACINE
from tests.modeles.harnais import cas, monter

GABARITS = lire_gabarits()
CONNUES = {"parc_soumis", "part_pct", "seuil_pct", "valeur", "valeur_exacte"}
"""Figures that the RPLS and the conventions are enough to give."""


def lieux_des_obligations() -> list[tuple[str, str]]:
    """(obligation, place) of every cell « Où » of docs/obligations.md."""
    texte = (RACINE / "docs" / "obligations.md").read_text(encoding="utf-8")
    lignes = [ligne.strip("| ").split(" | ") for ligne in texte.splitlines() if ligne.startswith("| ")][1:]
    return [(f"{source} {obligation}", lieu) for source, obligation, ou in lignes for lieu in ou.split(" ; ")]


def charger(dossier: Path, tables: dict[str, str]) -> dict[str, Document]:
    base = monter(dossier, tables)
    controles.consigner(base, [])
    verifier_gabarits(base)
    with duckdb.connect(str(base), read_only=True) as con:
        return {document.nom: document for document in contenu.charger_bilans(con, GABARITS)}


@pytest.fixture(scope="module")
def minimaux(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """The bilans of a campaign that gives only the two mandatory tables."""
    tables = {t: x for t, x in cas("quotas").items() if t in ("rpls", "reservataires")}
    return charger(tmp_path_factory.mktemp("minimaux"), tables)


def feuilles(document: Document) -> list[tuple[Feuille, Tableau]]:
    """Sheets shown, each with its declaration."""
    declarees = {f.nom.replace("{{ annee + 1 }}", "2026"): f for f in GABARITS.bilan.feuilles}
    return [(declarees[tableau.nom], tableau) for tableau in document.feuilles]


def test_une_feuille_qui_exige_une_table_absente_le_dit(minimaux: dict[str, Document]) -> None:
    vues = set()
    for document in minimaux.values():
        omises = {nom: message for nom, _, message in document.omises}
        for feuille, tableau in feuilles(document):
            if feuille.exige:
                assert tableau.message.startswith("Non fourni"), (document.nom, tableau.nom)
                assert not tableau.lignes and not tableau.totaux
                vues.add(feuille.nom)
        for feuille in GABARITS.bilan.feuilles:
            if feuille.exige and feuille.nom in omises:
                assert omises[feuille.nom].startswith("Non fourni"), (document.nom, feuille.nom)
                vues.add(feuille.nom)
    assert {"Indicateurs", "Quotas", "Publics prioritaires", "Répartition", "Part de l'État", "Équité"} <= vues


def test_aucun_zero_ne_remplace_une_donnee_absente(minimaux: dict[str, Document]) -> None:
    """Objective, rates, available flux, subtractions: unknown everywhere but what RPLS and conventions tell."""
    for code in ("VILLE", "ALS", "ETAT", "_bailleur"):
        for feuille, tableau in feuilles(minimaux[f"bilan_2025_{code}"]):
            if feuille.nom not in ("Objectif", "Flux disponible", "Réservataires"):
                continue
            for ligne in (*tableau.lignes, *tableau.totaux):
                for colonne, valeur in zip(tableau.colonnes, ligne, strict=True):
                    if colonne.format.est_nombre and colonne.champ not in CONNUES:
                        assert valeur is None, (code, feuille.nom, colonne.champ, ligne)


def test_l_objectif_sans_donnee_est_inconnu_ligne_par_ligne(minimaux: dict[str, Document]) -> None:
    (tableau,) = [t for f, t in feuilles(minimaux["bilan_2025_ETAT"]) if f.nom == "Objectif"]
    rang = [colonne.champ for colonne in tableau.colonnes].index("valeur")
    valeurs = {str(ligne[1]): ligne[rang] for ligne in tableau.lignes}
    connues = {libelle: valeur for libelle, valeur in valeurs.items() if valeur is not None}
    assert connues == {
        "Parc soumis au 1er janvier de l'année": 13,
        "Part du réservataire": Decimal("25.63"),
        "Part de l'État": Decimal(31),
        "Part de l'État pour ses agents civils et militaires": Decimal(4),
    }


def test_une_campagne_complete_remplit_les_feuilles(tmp_path: Path) -> None:
    documents = charger(tmp_path, cas("quotas"))
    remplies = {t.nom for _, t in feuilles(documents["bilan_2025_ETAT"]) if t.lignes or t.totaux}
    attendues = {"Objectif", "Vos logements", "Répartition", "Publics prioritaires"}
    assert attendues | {"Part de l'État", "Rétrocession PNRU", "Méthode"} <= remplies
    bailleur = {t.nom for _, t in feuilles(documents["bilan_2025__bailleur"]) if t.lignes or t.totaux}
    assert {
        "Réservataires",
        "Ventilation",
        "Flux disponible",
        "Indicateurs",
        "Équité",
        "Logements",
        "Quotas",
    } <= bailleur


@pytest.mark.parametrize(("obligation", "lieu"), lieux_des_obligations())
def test_chaque_obligation_a_sa_place(obligation: str, lieu: str) -> None:
    """A file that the code writes, or a sheet of a template and one of its columns."""
    if lieu.startswith("`"):
        prefixe = lieu.strip("`")
        sources = [f.read_text(encoding="utf-8") for f in sorted((RACINE / "flows").rglob("*.py"))]
        sources += [f.read_text(encoding="utf-8") for f in sorted((RACINE / "sql" / "bilan").rglob("*.sql"))]
        assert any(f'f"{prefixe}' in s or f"'{prefixe}'" in s or f"/{prefixe}" in s for s in sources), obligation
        return
    document, feuille, colonne = lieu.split(" › ")
    gabarit = GABARITS.bilan if document == "bilan" else lire_document("etat_des_lieux")[0]
    if feuille == "identité":
        assert colonne in [libelle for libelle, _ in gabarit.identite], obligation
        return
    (declaree,) = [f for f in gabarit.feuilles if f.nom == feuille]
    assert colonne in [champ.colonne.titre for champ in declaree.champs], obligation


def test_chaque_obligation_est_d_un_texte_connu() -> None:
    """Fifty and more: none of those that recipients asked for is left out of the table by a wrong separator."""
    assert len({obligation for obligation, _ in lieux_des_obligations()}) >= 50
