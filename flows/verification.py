"""What can be proved of published outputs, by reading them only: each promise of SECURITY.md that files can show."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.anomalies import Anomalie, Gravite, MauvaisUsage
from flows.chemins import ENTREPOT, MANIFESTE, PUBLIC
from flows.contrat import schema
from flows.entrepot.connexion import connecter
from flows.personnes import coffre, purge
from flows.publication import manifeste, parution, registre

FAUTES = (Gravite.BLOQUANT, Gravite.ERREUR)
CHIFFREE = b"gAAAA"
"""How every Fernet token begins."""


@dataclass(frozen=True)
class Constat:
    """One published folder: how many of its files are as published, and everything that is not as promised."""

    dossier: Path
    intacts: int
    anomalies: list[Anomalie]

    @property
    def tient(self) -> bool:
        """True when nothing is missing, changed, open or exposed."""
        return not any(a.gravite in FAUTES for a in self.anomalies)


def verifier(racine: Path) -> list[Constat]:
    """Verifies `racine`, or each folder published just below it. Nothing is written.

    Raises MauvaisUsage when nothing was published there.
    """
    if not racine.is_dir():
        raise MauvaisUsage(f"Le dossier {racine} n'existe pas : donnez un dossier publié, ou celui qui les contient.")
    parution.retablir(racine)
    dossiers = [racine] if (racine / MANIFESTE).exists() else sorted(f.parent for f in racine.glob(f"*/{MANIFESTE}"))
    if not dossiers:
        raise MauvaisUsage(f"{racine} ne contient rien que gestion-flux ait publié ({MANIFESTE} absent).")
    return [_verifier(dossier) for dossier in dossiers]


def _verifier(dossier: Path) -> Constat:
    anomalies = manifeste.verifier(dossier)
    attendus = _attendus(dossier)
    fautifs = {a.fichier for a in anomalies if a.gravite in FAUTES}
    if (dossier / MANIFESTE).exists() and attendus:
        anomalies += registre.verifier_inscription(dossier)
    anomalies += registre.verifier_registre(registre.chemin_registre(dossier))
    anomalies += purge.derniere(dossier)[1]
    anomalies += [*_droits(dossier, attendus), *_chiffres(dossier), *_personnes(dossier), *_petits(dossier)]
    return Constat(dossier, len(attendus - fautifs), anomalies)


def _attendus(dossier: Path) -> set[str]:
    try:
        return set(manifeste.lire_manifeste(dossier)["sorties"])
    except ValueError:
        return set()


def _droits(dossier: Path, publies: set[str]) -> Iterator[Anomalie]:
    """Nobody outside the group reads what was published; nobody but its owner, an exchange file."""
    for nom in sorted(publies) if os.name == "posix" else ():
        chemin = dossier / nom
        permis = 0o600 if chemin.suffix == coffre.SUFFIXE else 0o770
        if chemin.is_file() and chemin.stat().st_mode & 0o777 & ~permis:
            message = f"Ce fichier est ouvert à d'autres ({chemin.stat().st_mode & 0o777:o})."
            yield _faute("droits_trop_larges", message, f"Fermez-le : chmod {permis & 0o640:o} {nom}", nom)


def _chiffres(dossier: Path) -> Iterator[Anomalie]:
    """An exchange file is enciphered."""
    for chemin in sorted(f for f in dossier.rglob(f"*{coffre.SUFFIXE}") if f.is_file()):
        with chemin.open("rb") as flux:
            if flux.read(len(CHIFFREE)) != CHIFFREE:
                message = "Ce fichier d'échange n'est pas chiffré."
                yield _faute("echange_en_clair", message, "Supprimez-le, puis relancez dcp.", chemin.name)


def _personnes(dossier: Path) -> Iterator[Anomalie]:
    """No personal column of the contract is in a warehouse."""
    tables = schema.charger().campagne
    cherchees = {c.nom for t in tables.values() for c in t.colonnes.values() if c.est_personnelle}
    for chemin in sorted(f for f in dossier.rglob(ENTREPOT) if f.is_file()):
        try:
            with connecter(chemin, lecture_seule=True) as con:
                lues = con.execute(
                    "select schema_name || '.' || table_name, column_name from duckdb_columns() "
                    "where schema_name <> 'ref' and column_name not in ('nom', 'raison_sociale') "
                    "or schema_name in ('raw', 'staging')"  # elsewhere: names of communes, of the bailleur
                ).fetchall()
        except duckdb.Error:
            continue  # said by the manifest
        for table, colonne in sorted(lues):
            if colonne in cherchees:
                message = f"La table {table} a la colonne personnelle {colonne}."
                nom = chemin.relative_to(dossier).as_posix()
                yield _faute("colonne_personnelle", message, "Refaites le bilan ; dites-le à qui le maintient.", nom)


def _petits(dossier: Path) -> Iterator[Anomalie]:
    """No count under the threshold is shown in a public version."""
    try:
        executions = manifeste.lire_manifeste(dossier)["executions"].values()
    except ValueError:
        return
    seuil = max((int(e["options"].get("public", 0)) for e in executions), default=0)
    publics = (f for f in dossier.rglob("*.csv") if PUBLIC in f.relative_to(dossier).parts and f.is_file())
    for chemin in sorted(publics if seuil else ()):
        with chemin.open(encoding="utf-8-sig", newline="") as flux:
            for ligne in csv.DictReader(flux, delimiter=";"):
                nombre = (ligne.get("nombre") or "").partition(",")[0]
                if nombre.isdecimal() and 0 < int(nombre) < seuil and ligne["mesure"] != "taux_atteinte_pct":
                    message = f"La version publique montre un nombre inférieur à {seuil}."
                    nom = chemin.relative_to(dossier).as_posix()
                    yield _faute("petit_nombre_publie", message, "Ne la diffusez pas ; refaites le bilan.", nom)
                    break


def _faute(code: str, message: str, correction: str, fichier: str) -> Anomalie:
    return Anomalie(Gravite.ERREUR, code, message, correction, fichier=fichier)
