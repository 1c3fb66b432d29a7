"""Step 8a: `manifeste.json`, what was made from what, and its verification.

Its bytes depend only on the inputs, the options, the versions and what was published before: no clock, no user,
no machine, no absolute path. A warehouse is known by its content (`empreinte_entrepot`), because DuckDB does not
write the same bytes twice for the same tables.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows import __version__
from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.campagne import Campagne
from flows.chemins import CONTRAT, GABARITS, MANIFESTE, REGLAGES, SQL
from flows.edition import lire as lire_edition
from flows.fichiers import FichierRecu, sha256

Json = dict[str, Any]
BIBLIOTHEQUES = ("duckdb", "polars", "xlsxwriter")
_DESTINE = re.compile(
    r"(?P<dossier>\b(?:bilan|etat_des_lieux)/[^/]+)/[a-z_]+?_\d{4}(?P<jour>-\d\d-\d\d)?_(?P<code>[^/]+)\.\w+$"
)
"""A file made for a réservataire."""
COTE_A_COTE = {"bilan", "etat-des-lieux"}
LIGNES = ("table_metier", "fichier", "feuille", "lues", "acceptees", "rejetees")


class ManifesteIllisible(ArretBloquant, ValueError):
    """A manifest that this product did not write, or that was altered since: a refusal, whoever reads it."""

    def __init__(self, sorties: Path) -> None:
        message = f"{MANIFESTE} n'est pas lisible : il a été modifié ou vient d'un autre logiciel."
        correction = "Remettez-le depuis une sauvegarde, ou publiez dans un autre dossier."
        ou = f"{sorties.name}/{MANIFESTE}"
        super().__init__([Anomalie(Gravite.BLOQUANT, "manifeste_illisible", message, correction, fichier=ou)])


def ecrire_manifeste(
    campagne: Campagne,
    chantier: Path,
    recus: Sequence[FichierRecu],
    comptages: Iterable[Mapping[str, object]],
    versions: Mapping[str, str] | None = None,
    repris: Iterable[str] = (),
) -> Path:
    """Write `manifeste.json` for everything in `chantier`, and return its path.

    `comptages` are the rows of `audit.comptage_lignes` (keys table_metier, fichier, feuille, lues, acceptees,
    rejetees). `repris` are the files (relative, with `/`) carried over from `campagne.sorties`: they keep the
    record of the run that made them.
    """
    execution = _execution(campagne, recus, comptages, versions or versions_utilisees())
    identifiant = hashlib.sha256(_texte(execution)).hexdigest()[:16]
    ancien = lire_manifeste(campagne.sorties)
    anciennes = set(repris)
    sorties: dict[str, Json] = {}
    for nom in fichiers(chantier):
        fiche = ancien["sorties"].get(nom) if nom in anciennes else {"execution": identifiant}
        if fiche is not None:
            sorties[nom] = fiche if nom in anciennes else fiche | _empreinte(chantier / nom)
    _inscrire_versions(chantier, {nom: fiche for nom, fiche in sorties.items() if nom not in anciennes})
    executions = {fiche["execution"]: ancien["executions"].get(fiche["execution"]) for fiche in sorties.values()}
    executions[identifiant] = execution
    chemin = chantier / MANIFESTE
    chemin.write_bytes(_texte({"execution": identifiant, "executions": executions, "sorties": sorties}))
    return chemin


def lire_manifeste(sorties: Path) -> Json:
    """Manifest of a publication: keys execution, executions, sorties; empty ones when nothing is published.

    Raises ManifesteIllisible when the file is not a manifest of this product.
    """
    try:
        lu = json.loads((sorties / MANIFESTE).read_bytes())
    except FileNotFoundError:
        return {"execution": "", "executions": {}, "sorties": {}}
    except ValueError:
        lu = None
    match lu:
        case {"execution": str(derniere), "executions": dict(executions), "sorties": dict(fiches)} if all(
            isinstance(fiche, dict) and fiche.get("execution") in executions for fiche in fiches.values()
        ) and all(isinstance(execution, dict) for execution in executions.values()):
            return {"execution": derniere, "executions": executions, "sorties": fiches}
    raise ManifesteIllisible(sorties)


def recus_de(campagne: Campagne, sortie: str) -> list[FichierRecu]:
    """The files received by the run that published `sortie` (relative, with `/`)."""
    manifeste = lire_manifeste(campagne.sorties)
    entrees = manifeste["executions"][manifeste["sorties"][sortie]["execution"]]["entrees"]
    return [
        FichierRecu(nom, campagne.entrees / nom, fiche["table"], fiche["octets"], fiche["sha256"])
        for nom, fiche in entrees.items()
    ]


def production(campagne: Campagne) -> str:
    """What a run replaces: the files of the same command, and of the same date for a point or an état des lieux."""
    date = f" {campagne.au}" if campagne.commande in COTE_A_COTE and campagne.au else ""
    return f"{campagne.commande}{date}"


def fichiers(dossier: Path) -> list[str]:
    """Files and links under a published folder, sorted, relative, with `/`; without the manifest itself."""
    noms = []
    for lieu, sous_dossiers, autres in os.walk(dossier):
        liens = [nom for nom in sous_dossiers if (Path(lieu) / nom).is_symlink()]
        noms += [(Path(lieu) / nom).relative_to(dossier).as_posix() for nom in (*autres, *liens)]
    return sorted(nom for nom in noms if nom != MANIFESTE)


def est_intact(chemin: Path, fiche: Json, publie_ns: int) -> bool:
    """True for a file whose content is what the manifest says.

    A warehouse that another program holds for writing cannot be read: it is intact when nothing was written in it since
    `publie_ns`, the time of the manifest.
    """
    import duckdb

    if (
        chemin.is_symlink()
        or not chemin.is_file()
        or fiche.get("octets", chemin.stat().st_size) != chemin.stat().st_size
    ):
        return False
    try:
        return _empreinte(chemin).items() <= fiche.items()
    except duckdb.Error:
        return chemin.stat().st_mtime_ns <= publie_ns


def verifier(sorties: Path) -> list[Anomalie]:
    """Hash a publication again: what is missing or altered since it was published is blocking."""
    try:
        attendues = lire_manifeste(sorties)["sorties"]
    except ManifesteIllisible as erreur:
        return erreur.anomalies
    if not (sorties / MANIFESTE).exists():
        return [_anomalie("manifeste_absent", f"{sorties.name} ne contient pas de {MANIFESTE}.", MANIFESTE)]
    import duckdb

    presentes = set(fichiers(sorties))
    anomalies = []
    for nom, fiche in sorted(attendues.items()):
        if nom not in presentes:
            anomalies.append(_anomalie("sortie_absente", "Ce fichier publié n'est plus là.", nom))
            continue
        if (sorties / nom).is_symlink() or not (sorties / nom).is_file():
            message = "Un lien ou un tube a pris la place de ce fichier publié."
            anomalies.append(_anomalie("sortie_modifiee", message, nom))
            continue
        try:
            egale = _empreinte(sorties / nom).items() <= fiche.items()
        except (OSError, duckdb.Error):
            anomalies.append(_anomalie("sortie_illisible", "Ce fichier publié ne peut pas être lu.", nom))
            continue
        if not egale:
            portee = f" en version {fiche['version']}" if "version" in fiche else ""
            anomalies.append(_anomalie("sortie_modifiee", f"Ce fichier a changé depuis sa publication{portee}.", nom))
    for nom in sorted(presentes - attendues.keys()):
        message = "Ce fichier n'a pas été produit par gestion-flux."
        anomalies.append(Anomalie(Gravite.INFORMATION, "sortie_inconnue", message, fichier=nom))
    return anomalies


def versions_utilisees() -> dict[str, str]:
    """Versions that a figure or a byte of the outputs may depend on."""
    return {"gestion-flux": __version__} | {nom: version(nom) for nom in BIBLIOTHEQUES}


def empreinte_regles(dossiers: Sequence[Path] = (SQL, GABARITS, CONTRAT, REGLAGES)) -> str:
    """SHA-256 of the rules that analysts may edit (SQL, templates, aliases, codes), line ends set aside."""
    somme = hashlib.sha256()
    for dossier in dossiers:
        for nom in fichiers(dossier):
            if "__pycache__" not in nom:
                contenu = (dossier / nom).read_bytes().replace(b"\r\n", b"\n")
                somme.update(f"{dossier.name}/{nom}\0{hashlib.sha256(contenu).hexdigest()}\n".encode())
    return somme.hexdigest()


def _execution(
    campagne: Campagne,
    recus: Sequence[FichierRecu],
    comptages: Iterable[Mapping[str, object]],
    versions: Mapping[str, str],
) -> Json:
    return {
        "annee": campagne.annee,
        "au": campagne.au.isoformat() if campagne.au else None,
        "commande": campagne.commande,
        "production": production(campagne),
        "reservataires": sorted(campagne.reservataires),
        "options": dict(campagne.options),
        "versions": dict(versions),
        "regles": empreinte_regles(),
        "calcul": empreinte_regles((SQL, CONTRAT)),
        "entrees": {recu.nom: {"table": recu.table, "octets": recu.octets, "sha256": recu.sha256} for recu in recus},
        "lignes": sorted(
            ({cle: comptage[cle] for cle in LIGNES} for comptage in comptages),
            key=lambda comptage: [str(comptage[cle]) for cle in LIGNES],
        ),
    }


def _inscrire_versions(chantier: Path, produites: dict[str, Json]) -> None:
    """Adds, to each file made for a réservataire, the version that the workbook beside it prints."""
    ensembles: dict[tuple[str, ...], list[str]] = {}
    for nom in produites:
        if vu := _DESTINE.search(nom):
            # a year is that of the bilan or of its annexe; a day, that of an état des lieux
            ensembles.setdefault((vu["dossier"], vu["jour"] or "", vu["code"]), []).append(nom)
    for noms in ensembles.values():
        for classeur in (nom for nom in noms if nom.endswith(".xlsx")):
            edition = lire_edition(chantier / classeur)
            for nom in noms if edition.nom else ():
                produites[nom]["version"] = edition.nom
            if edition.depuis:
                produites[classeur]["depuis"] = edition.depuis


def _empreinte(chemin: Path) -> Json:
    if chemin.suffix == ".duckdb":
        from flows.publication.empreinte import empreinte_entrepot

        return {"sha256_contenu": empreinte_entrepot(chemin)}
    return {"octets": chemin.stat().st_size, "sha256": sha256(chemin)}


def _texte(contenu: Json) -> bytes:
    return (json.dumps(contenu, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _anomalie(code: str, message: str, fichier: str) -> Anomalie:
    correction = "Relancez la commande pour publier à nouveau, ou reprenez ce fichier dans une sauvegarde."
    return Anomalie(Gravite.BLOQUANT, code, message, correction, fichier=fichier)
