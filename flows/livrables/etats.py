"""The état des lieux of each réservataire and of the bailleur, from the finished warehouse: a workbook and a CSV."""

from pathlib import Path

import duckdb

from flows.chemins import GABARITS
from flows.edition import Editions
from flows.entrepot.connexion import connecter
from flows.etapes import etape
from flows.livrables import contenu, fichiers_csv
from flows.livrables.classeur import ecrire_classeur
from flows.livrables.codes import verifier_codes
from flows.livrables.edition import marquer
from flows.livrables.gabarits import lire_document, lire_gabarits
from flows.livrables.tableau import Ligne

GABARIT = "etat_des_lieux"
SYNTHESE = "bilan.etat_synthese"
NOM = "etat_des_lieux_{date_etat_des_lieux}_{code_reservataire}"
COLONNES = {
    "date_etat_des_lieux": "date_etat_des_lieux",
    "code_reservataire": "code_titulaire",
    "reservataire": "libelle_reservataire",
    "ident_interne": "ident_interne",
    "residence": "nom_residence",
    "ident_rep": "ident_rep",
    "departement": "libelle_departement",
    "epci": "libelle_epci",
    "commune": "libelle_commune",
    "en_qpv": "libelle_qpv",
    "typologie": "libelle_typologie",
    "financement": "libelle_financement",
    "collectif_individuel": "libelle_construction",
    "date_debut": "date_debut",
    "date_fin": "date_fin",
    "numero_convention": "numero_convention",
    "nature_droit": "nature_droit",
    "origine_droit": "origine_droit",
    "nombre_droits": "nombre_droits",
    "date_fin_emprunt": "date_fin_emprunt",
    "etat": "etat_droit",
    "date_extinction": "date_extinction",
    "explication_fin": "explication_fin",
    "compte_dans_le_taux": "est_compte",
    "explication_compte": "explication_compte",
    "nouveau": "est_nouveau",
    "eteint_depuis_le_precedent": "est_eteint_depuis",
    "inventaire_different": "inventaire_different",
    "a_verifier": "a_verifier",
}
"""Column of the CSV file → column of `bilan.etat_des_lieux`. Named as in the table `droits`, which it can become."""


@etape("États des lieux")
def livrer(entrepot: Path, chantier: Path, gabarits: Path = GABARITS, editions: Editions | None = None) -> list[Path]:
    """Writes `etat_des_lieux/<dossier>/etat_des_lieux_<date>_<code>.xlsx` and `.csv` below `chantier`, for each code.

    Returns the files, sorted. Raises ArretBloquant for a code that cannot name a file, or a template with a mistake.
    """
    lus, editions = lire_gabarits(gabarits), editions or Editions()
    gabarit, _ = lire_document(GABARIT, gabarits)
    with connecter(entrepot, lecture_seule=True) as con:
        entetes = con.execute(
            "select code_reservataire, dossier from bilan.entetes where nature_bilan <> 'epci' order by ordre"
        ).fetchall()
        verifier_codes(entetes)
        codes = [code for code, _ in entetes]
        documents = contenu.charger_documents(con, lus, gabarit, codes, SYNTHESE, NOM)
        lignes = _lire_lignes(con, codes)
    ecrits = []
    for code, document in zip(codes, documents, strict=True):
        dossier = chantier / GABARIT / document.dossier
        dossier.mkdir(parents=True, exist_ok=True)
        edition = editions.nommer(f"{GABARIT}/{document.dossier}/{document.nom}.xlsx", "", document, lignes[code])
        ecrits += [
            ecrire_classeur(marquer(document, edition), lus.theme, dossier / f"{document.nom}.xlsx"),
            fichiers_csv.ecrire_csv(dossier / f"{document.nom}.csv", list(COLONNES), lignes[code]),
        ]
    return sorted(ecrits)


def _lire_lignes(con: duckdb.DuckDBPyConnection, codes: list[str]) -> dict[str, list[Ligne]]:
    """Rows of each CSV file; without the table `droits`, one row whose `etat` is « non fourni »."""
    fournis = con.execute("select est_fournie from ref.tables_fournies where table_metier = 'droits'").fetchone()
    if fournis is None or not fournis[0]:
        (jour,) = con.execute("select date_etat_des_lieux from ref.etat_des_lieux").fetchone() or (None,)
        connues = {"date_etat_des_lieux": jour, "etat": fichiers_csv.NON_FOURNI}
        return {code: [[(connues | {"code_reservataire": code}).get(c) for c in COLONNES]] for code in codes}
    lignes: dict[str, list[Ligne]] = {code: [] for code in codes}
    requete = f"""
        select code_reservataire, {", ".join(COLONNES.values())}
        from bilan.etat_des_lieux
        order by code_titulaire, libelle_commune, nom_residence, ident_interne, ident_rep, fichier, feuille, ligne
    """
    for code, *ligne in con.execute(requete).fetchall():
        lignes[code].append(ligne)
    return lignes
