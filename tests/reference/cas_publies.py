"""The published cases as small campaigns: parc, exclusions, rate and part of each annexe, with the lines it prints.

The figures are in `cas_publies.csv`: annexes of the convention of Le Port (SODIAC, SEMADER, SIDR, SHLMR: the rotation
of the whole bailleur is given, every step is rounded half up [001]), annexe 1 of Boulbon (two releases among 20
dwellings, 4 rights, 0,30 to subtract in one line [002]) and the State in PACA (30 − 1,37 points [003], on an invented
parc of 200).
"""

import csv
import random
from fractions import Fraction
from pathlib import Path

from tests.reference.ecriture import ecrire

ANNEE = 2023
LIGNES = ("a", "c", "d", "e", "f", "h", "i", "j")
Rangs = list[dict[str, str | None]]


def cas() -> dict[str, dict[str, str]]:
    """The published figures by name of case."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as flux:
        return {ligne["cas"]: ligne for ligne in csv.DictReader(flux, delimiter=";")}


def attendus(nom: str) -> dict[str, Fraction]:
    """The lines that the document prints (d and i in percent)."""
    return {ligne: Fraction(cas()[nom][ligne]) for ligne in LIGNES}


def ecrire_cas(nom: str, dossier: Path) -> dict[str, Rangs]:
    """Writes the campaign of a published case (exercice 2023, annexe 2024) and returns its canonical rows.

    Args:
        nom: SODIAC, SEMADER, SIDR, SHLMR, BOULBON or ETAT_PACA; it is also the code of the only réservataire.
        dossier: created if needed.
    """
    chiffres = cas()[nom]
    parc, ventes = int(chiffres["parc"]), int(chiffres["ventes"])
    identifiants = [f"{rang:010d}" for rang in range(1, parc + 1)]
    rpls: Rangs = [
        {
            "millesime": str(millesime),
            "IDENT_REP": identifiant,
            "IDENT_INT": f"L{rang:05d}",
            "DEPCOM": chiffres["commune"],
            "CODEPOSTAL": chiffres["code_postal"],
            "LIBCOM": chiffres["libcom"],
            "QPV": "2",
            "TYPECONST": "C",
            "NBPIECE": str(rang % 5 + 1),
            "CONSTRUCT": "1980",
            "LOCAT": "1980",
            "FINAN": "13",
            "CONV": "1",
            "MODE": "1",
            "BAIL": "03/2015",
            "MISCOMMERCIAL": "1" if rang < ventes else "2",
        }
        for millesime in (ANNEE, ANNEE + 1)
        for rang, identifiant in enumerate(identifiants)
    ]
    tables: dict[str, Rangs] = {"rpls": rpls, "reservataires": [_convention(nom, chiffres)]}
    tables["previsions"] = [
        {
            "annee": str(ANNEE + 1),
            "categorie": categorie,
            "nombre": chiffres[colonne],
            "echelle": "commune",
            "code_territoire": chiffres["commune"],
        }
        for categorie, colonne in (("mutation_interne", "mutations"), ("relogement_anru", "anru"))
    ]
    tables["exclusions"] = [
        {"ident_rep": identifiant, "motif_exclusion": "demolition", "date_debut": f"{ANNEE}-01-01"}
        for identifiant in identifiants[ventes : ventes + int(chiffres["demolitions"])]
    ]
    tables["liberations"] = [
        {"ident_rep": identifiant, "date_liberation": f"{ANNEE}-06-15"}
        for identifiant in identifiants[: int(chiffres["liberees"])]
    ]
    tables["droits"] = [
        {"code_reservataire": nom, "ident_rep": identifiant, "nature_droit": "contingent"}
        for identifiant in identifiants[: int(chiffres["droits"])]
    ]
    tables = {table: lignes for table, lignes in tables.items() if lignes}
    dossier.mkdir(parents=True, exist_ok=True)
    ecrire(random.Random(0), tables, dossier, ANNEE, simples=True)
    return tables


def _convention(nom: str, chiffres: dict[str, str]) -> dict[str, str | None]:
    est_etat = nom.startswith("ETAT")
    return {
        "code_reservataire": nom,
        "libelle": "Préfet" if est_etat else f"Mairie de {chiffres['libcom']}",
        "type_reservataire": "etat_prioritaires" if est_etat else "commune",
        "echelle": "commune",
        "code_territoire": chiffres["commune"],
        "date_debut": f"{ANNEE}-01-01",
        "date_fin": f"{ANNEE + 3}-12-31",
        "evenement_decompte": "bail_ou_refus" if chiffres["arrondi_etapes"] == "unite" else "mise_a_disposition",
    } | {
        colonne: chiffres[colonne] or None
        for colonne in (
            "mode_taux",
            "taux_pct",
            "taux_retrocession_pct",
            "base_rotation",
            "taux_rotation_pct",
            "arrondi_etapes",
            "arrondi_final",
        )
    }
