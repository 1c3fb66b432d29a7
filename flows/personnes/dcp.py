"""Which attributions go to Action Logement, with which data, and why the others do not ([000] annexe 3, art. 4.1)."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from cryptography.fernet import MultiFernet

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.campagne import Campagne
from flows.chemins import GABARITS
from flows.entrepot.connexion import connecter
from flows.etapes import etape
from flows.personnes import classeur_dcp, coffre
from flows.personnes.classeur_dcp import DESTRUCTION, Cellule, Contenu
from flows.reglages import fusionner
from flows.tables.lecture import PROVENANCE, Lecture

PERSONNELLES = {
    "attributions": (
        *("nud", "nom", "prenom", "date_naissance", "mail", "qualite", "siret_employeur", "raison_sociale"),
        *("secteur_employeur", "effectif_employeur", "consentement_entreprise"),
    )
}
"""The personal columns that the exchange needs, by table."""
SALARIES_MINIMUM = {"prive_non_agricole": 10, "agricole": 50}
"""The employer must have more ([000] annexe 3, art. 4.1)."""
_PUBLICS = {"dalo": "DALO", "prioritaire": "Public prioritaire", "autre": "Non"}
_OUI_NON = {"en_qpv": "oui", "hors_qpv": "non"}

Fiche = dict[str, Any]


@dataclass(frozen=True)
class Envoi:
    """What goes to one Action Logement: its code, its name, and the rows, which are about people."""

    code: str
    libelle: str
    fiches: list[Fiche]


@etape("Attributions à transmettre")
def choisir(lue: Lecture, base: Path, purge: date | None = None) -> list[Envoi]:
    """What to send to each réservataire of type action_logement; adds to `lue.anomalies` why the others are left out.

    Rows whose longest time was over at the last `purge` are not made again. Raises ArretBloquant when there is no
    attribution or no such réservataire. No anomaly has a personal value.
    """
    personnes = lue.personnes.pop("attributions", None)
    with connecter(base, lecture_seule=True) as con:
        destinataires = con.execute("""
            select code_reservataire, first(libelle order by numero) from intermediaire.conventions
            where type_reservataire = 'action_logement'
            group by code_reservataire order by code_reservataire""").fetchall()
        if personnes is None or not destinataires:
            raise ArretBloquant([*lue.anomalies, _rien_a_transmettre(personnes is None)])
        motifs = dict(con.execute("select motif_dcp, libelle from ref.motifs_dcp").fetchall())
        fiches = _reunir(con, personnes)
    duree = max(gabarit["duree_annees"] for gabarit in lire_gabarits().values())
    envois = {code: Envoi(code, libelle, []) for code, libelle in destinataires}
    for fiche in fiches:
        motif = fiche["motif_dcp"] or employeur_ecarte(fiche["secteur_employeur"], fiche["effectif_employeur"])
        if not motif and not (fiche["nud"] and fiche["siret_employeur"]):
            motif = "identification_absente"
        if not motif and _est_purgee(fiche, duree, purge):
            motif = "conservation_echue"
        if motif:
            lue.anomalies.append(_ecartee(fiche, motifs[motif]))
        else:
            envois[fiche["code_als"]].fiches.append(fiche)
    return list(envois.values())


def employeur_ecarte(secteur: str | None, effectif: str | None) -> str:
    """Why an employer is out of the field of Action Logement, a code of `ref.motifs_dcp`; empty when it is in."""
    if not secteur:
        return "secteur_absent"
    if secteur not in SALARIES_MINIMUM:
        return "secteur_public"
    if not effectif:
        return "effectif_absent"
    return "" if int(effectif) > SALARIES_MINIMUM[secteur] else "effectif_insuffisant"


@etape("Fichiers chiffrés")
def ecrire(
    envois: list[Envoi], campagne: Campagne, dossier: Path, cle: MultiFernet, purge: date | None = None
) -> list[tuple[str, int]]:
    """Writes `dcp1_<annee>_<code>.xlsx.chiffre` and `dcp2_…` for each réservataire; returns their names and rows.

    What the last `purge` destroyed is not made again. Nothing is ever in clear on the disk.
    """
    fichiers = []
    for envoi in envois:
        for nom, gabarit in lire_gabarits().items():
            contenu = composer(envoi, gabarit, campagne.annee, purge)
            chemin = dossier / f"{nom}_{campagne.annee}_{envoi.code}.xlsx{coffre.SUFFIXE}"
            coffre.ecrire(classeur_dcp.ecrire(contenu, campagne.fin), chemin, cle)
            fichiers.append((chemin.name, len(contenu.lignes)))
    return fichiers


def composer(envoi: Envoi, gabarit: dict[str, Any], annee: int, purge: date | None = None) -> Contenu:
    """The columns listed, for the rows that may be there, each with the day when it must be destroyed."""
    champs = [colonne["champ"] for colonne in gabarit["colonnes"]]
    retenues = [
        fiche
        for fiche in envoi.fiches
        if ("si" not in gabarit or fiche[gabarit["si"]] == "true")
        and not _est_purgee(fiche, gabarit["duree_annees"], purge)
    ]
    fins = [ajouter_annees(fiche["date_caleol"], gabarit["duree_annees"]) for fiche in retenues]
    lignes = [(*(_cellule(f, c) for c in champs), fin) for f, fin in zip(retenues, fins, strict=True)]
    notice = (gabarit["titre"], f"{envoi.libelle} ({envoi.code}), exercice {annee}", gabarit["note"], gabarit["preuve"])
    return Contenu((*(c["titre"] for c in gabarit["colonnes"]), DESTRUCTION), tuple(lignes), notice)


def _est_purgee(fiche: Fiche, duree: int, purge: date | None) -> bool:
    """True when the row had to be destroyed at the last purge."""
    return purge is not None and ajouter_annees(fiche["date_caleol"], duree) <= purge


def ajouter_annees(jour: date, annees: int) -> date:
    """The same day `annees` later; 28 February when there is no 29 (CPC art. 641)."""
    try:
        return jour.replace(year=jour.year + annees)
    except ValueError:
        return jour.replace(year=jour.year + annees, day=28)


def lire_gabarits(dossier: Path = GABARITS) -> dict[str, dict[str, Any]]:
    """What `templates/dcp.toml` says of each workbook, the bailleur's `reglages/` over it."""
    return fusionner(dossier, "dcp.toml")[0]


def _reunir(con: duckdb.DuckDBPyConnection, personnes: pl.DataFrame) -> list[Fiche]:
    """Each attribution with its personal columns, joined in memory by the row that it comes from."""
    attributions = con.execute("select * from intermediaire.attributions_als order by fichier, feuille, ligne").pl()
    colonnes = [*PROVENANCE, *PERSONNELLES["attributions"], "ident_rep"]
    return attributions.join(personnes.select(colonnes), on=PROVENANCE, how="left", maintain_order="left").to_dicts()


def _cellule(fiche: Fiche, champ: str) -> Cellule:
    if champ == "public_prioritaire":
        return _PUBLICS.get(fiche["public"])
    if champ == "est_en_qpv":
        return _OUI_NON.get(fiche["qpv"])
    if champ == "norme":
        return fiche["financement"] if fiche["financement"] in ("PLAI", "PLUS", "PLS") else None
    valeur = fiche["id_logement"] if champ == "ident_rep" and not fiche["ident_rep"] else fiche[champ]
    if champ == "date_naissance" and valeur:
        return date.fromisoformat(valeur)
    return valeur if isinstance(valeur, date | None) else str(valeur)


def _ecartee(fiche: Fiche, motif: str) -> Anomalie:
    return Anomalie(
        Gravite.INFORMATION,
        "dcp_ecartee",
        f"Attribution non transmise à Action Logement : {motif} ([000] annexe 3, art. 4.1).",
        "Rien à faire si c'est exact ; sinon, complétez la table attributions et relancez.",
        fiche["fichier"],
        fiche["feuille"],
        fiche["ligne"],
        "id_decision",
        fiche["id_decision"],
        fiche["code_als"] or "",
    )


def _rien_a_transmettre(sans_attributions: bool) -> Anomalie:
    manque = "aucun réservataire n'est de type action_logement"
    if sans_attributions:
        manque = "la table attributions n'est pas fournie"
    return Anomalie(
        Gravite.BLOQUANT,
        "dcp_impossible",
        f"L'échange avec Action Logement ne peut pas être établi : {manque}.",
        "Déposez la table attributions et la convention d'Action Logement, puis relancez.",
    )
