"""The steps of the flows, each a plain function of paths: what Prefect tracks, what a direct run calls."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.campagne import Campagne
from flows.chemins import ENTREPOT, MANIFESTE
from flows.contrat.schema import charger
from flows.depot import extraction, reception
from flows.depot.reception import FichierRecu
from flows.entrepot import chargement
from flows.livrables import etats, modele_annexe, redaction, verification_gabarits, version_publique
from flows.publication import parution, registre
from flows.tables import lecture, objectifs_precedents, rapprochement_sne

Recus = tuple[list[FichierRecu], list[Anomalie]]
ORDRE = {gravite: rang for rang, gravite in enumerate(Gravite)}


def verifier_gabarits() -> None:
    """Refuses (ArretBloquant) a template with a mistake, before any computation."""
    verification_gabarits.verifier_gabarits()
    modele_annexe.verifier_modeles()


def verifier_gabarit_public() -> None:
    """The same for the template of the public version."""
    verification_gabarits.verifier_document(version_publique.GABARIT, version_publique.SYNTHESE)


def verifier_gabarit_etat() -> None:
    """The same for the template of the état des lieux."""
    verification_gabarits.verifier_document(etats.GABARIT, etats.SYNTHESE)


def recevoir(campagne: Campagne) -> Recus:
    """Lists and hashes the files of the campaign; what is wrong with them is said after the reading, with the rest."""
    registre.inscrire(campagne, "debut", {})
    tables = charger().tables
    obligatoires = [nom for nom, table in tables.items() if table.obligatoire]
    return reception.recevoir(campagne.entrees, list(tables), obligatoires=obligatoires)


def lire(campagne: Campagne, recus: Recus, travail: Path) -> lecture.Lecture:
    """Reads every file; raises ArretBloquant with all that was found when something is blocking.

    The NUD is read to pair leases with the SNE, and goes no further.
    """
    lue = lire_avec_personnes(campagne, recus, travail, rapprochement_sne.COLONNES)
    lue.liens_sne = rapprochement_sne.ecrire_liens(lue.personnes, travail / "tables" / "liens_sne.parquet")
    lue.personnes = {}
    return lue


def lire_avec_personnes(
    campagne: Campagne,
    recus: Recus,
    travail: Path,
    personnelles: Mapping[str, Sequence[str]],
) -> lecture.Lecture:
    """As `lire`, keeping in memory the personal columns asked for ({table: columns}).

    Rows of tables that have personal columns only reach the work folder sealed, under a key that stays in memory.
    """
    fichiers, anomalies = recus
    tables = charger().tables
    personnels = {f.nom for f in fichiers if any(c.est_personnelle for c in tables[f.table].colonnes.values())}
    feuilles, extraites = extraction.extraire([(f.nom, f.chemin) for f in fichiers], travail / "feuilles", personnels)
    lue = lecture.lire(fichiers, feuilles, travail / "tables", campagne.annee, personnelles)
    objectifs_precedents.completer(campagne, lue, travail / "tables")
    lue.anomalies = [*anomalies, *extraites, *reception.verifier_inchanges(fichiers), *lue.anomalies]
    formats = {f.fichier: (f.format, f.encodage, f.separateur) for f in feuilles}
    lue.sources = [(f.nom, f.table, str(f.octets), f.sha256, *formats.get(f.nom, ("", "", ""))) for f in fichiers]
    arreter(lue.anomalies)
    return lue


def controler(lue: lecture.Lecture, base: Path, campagne: Campagne) -> list[Anomalie]:
    """Runs the controls, records every anomaly in the warehouse and returns them, the gravest first.

    Raises ArretBloquant when one is blocking, or when `--reservataire` names a code without a convention.
    """
    anomalies = [*lue.anomalies, *chargement.relever_anomalies(base)]
    inconnus = set(campagne.reservataires) - chargement.codes(base)
    anomalies += [
        Anomalie(
            Gravite.BLOQUANT,
            "reservataire_demande_inconnu",
            f"Le réservataire demandé « {code} » n'a pas de bilan dans cette campagne.",
            f"Codes connus : {', '.join(sorted(chargement.codes(base)))}.",
            valeur=code,
        )
        for code in sorted(inconnus)
    ]
    ordonnees = sorted(
        anomalies,
        key=lambda a: (ORDRE[Gravite(a.gravite)], a.code, a.fichier, a.feuille, a.ligne or 0, a.colonne, a.valeur),
    )
    arreter(ordonnees)
    chargement.consigner_anomalies(base, ordonnees)
    return ordonnees


def publier(campagne: Campagne, chantier: Path, recus: Recus, lue: lecture.Lecture) -> None:
    """Puts the finished work folder in the place of the outputs, with its manifest."""
    comptages = [
        {"table_metier": c.table} | {k: v for k, v in asdict(c).items() if k != "table"} for c in lue.comptages
    ]
    parution.publier(campagne, chantier, recus[0], comptages)
    parution.oublier_refus(campagne.sorties)
    registre.inscrire(campagne, "publication", registre.faits_publies(campagne.sorties))


def arreter(anomalies: list[Anomalie]) -> None:
    """Raises ArretBloquant when an anomaly is blocking."""
    if any(a.gravite == Gravite.BLOQUANT for a in anomalies):
        raise ArretBloquant(anomalies)


def ecrire_refus(campagne: Campagne, anomalies: list[Anomalie]) -> Path:
    """Publishes the anomalies of a refused run, alone, where nothing published is touched."""
    registre.inscrire(campagne, "refus", {"anomalies": len(anomalies)})
    sorties = campagne.sorties
    if (sorties / MANIFESTE).exists() or (sorties.exists() and any(sorties.iterdir())):
        sorties = parution.dossier_du_refus(sorties)
    refus = Campagne(campagne.annee, campagne.entrees, sorties, campagne.au, commande="controler")
    with parution.chantier(refus) as chantier:
        base = chantier / parution.TRAVAIL / ENTREPOT
        chargement.remplir(refus, lecture.Lecture(), base)
        chargement.consigner_anomalies(base, anomalies)
        redaction.livrer_controles(base, chantier)
        parution.publier(refus, chantier, [], [])
    return sorties
