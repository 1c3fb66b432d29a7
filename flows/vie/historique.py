"""What happened to an output folder, run by run, read from the register; and which version a given file is."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flows import paris
from flows.chemins import MANIFESTE
from flows.edition import lire as lire_edition
from flows.fichiers import sha256
from flows.publication import manifeste, registre, versions

FINS = {
    "publication": "publié",
    "refus": "refusé",
    "echec": "échoué",
    "interruption": "interrompu",
    "purge": "données personnelles détruites",
}
SEULS = {
    "inchange": "inchangé",
    "ouverture": "fichier ouvert",
    "envoi": "envoyé",
    "alerte": "alerté",
}


@dataclass(frozen=True)
class Passage:
    """One run, or one act on what was published. `duree_s` is None when the end is not known."""

    quand: str
    commande: str
    utilisateur: str
    resultat: str
    version: str
    duree_s: float | None
    detail: str


@dataclass(frozen=True)
class Porteur:
    """A document that prints a version: the first publication kept that has it, its day, whether it is still there."""

    version: str
    document: str
    publication: str
    jour: str
    est_actuel: bool


def passages(sorties: Path, reservataire: str = "") -> list[Passage]:
    """Every run of an output folder, newest first; with a code, those that concern it.

    Runs of one folder follow each other (they hold its lock), so a beginning without an end before the next beginning
    is an interruption.
    """
    numeros = {v.identifiant: v.nom for v in versions.lister(sorties)}
    faits: list[Passage] = []
    ouvert: dict[str, Any] | None = None
    for ligne in registre.lignes_de(sorties):
        evenement = str(ligne.get("evenement"))
        if evenement == "debut":
            if ouvert:
                faits.append(_passage(ouvert, None, numeros))
            ouvert = ligne
        elif evenement in FINS:
            faits.append(_passage(ouvert, ligne, numeros))
            ouvert = None
        elif evenement in SEULS and _concerne(ligne, reservataire):
            faits.append(_passage(None, ligne, numeros))
    if ouvert:
        faits.append(_passage(ouvert, None, numeros))
    return list(reversed(faits))


def version_du_fichier(sorties: Path, fichier: Path) -> tuple[str, bool]:
    """What a file in hand is, in French, and whether it is one that was published here and is intact.

    It is known by its content, whatever its name or its folder; by its name alone it is said changed.
    """
    empreinte = sha256(fichier)
    noms: dict[str, str] = {}
    dates = versions.dates(sorties)
    for version in versions.lister(sorties):
        quand = dates.get(version.identifiant)
        jour = f" du {quand.astimezone(paris.zone()):%d/%m/%Y}" if quand else ""
        for nom, fiche in manifeste.lire_manifeste(version.dossier)["sorties"].items():
            if fiche.get("sha256") == empreinte:
                noms[empreinte] = f"{nom} : version {version.nom}{jour}, intact"
            elif Path(nom).name == fichier.name:
                noms.setdefault(fichier.name, f"{fichier.name} : modifié depuis sa publication")
    courantes = manifeste.lire_manifeste(sorties)["sorties"] if (sorties / MANIFESTE).is_file() else {}
    actuel = {nom for nom, fiche in courantes.items() if fiche.get("sha256") == empreinte}
    if empreinte in noms:
        suite = ", c'est ce qui est publié aujourd'hui" if actuel else ", remplacé depuis"
        return noms[empreinte] + suite, True
    if actuel:
        return f"{sorted(actuel)[0]} : publié aujourd'hui, intact", True
    for ligne in registre.lignes_de(sorties, "publication"):
        for nom, sienne in (ligne.get("sorties") or {}).items():
            if sienne == empreinte:
                quand = datetime.fromisoformat(ligne["quand"]).astimezone(paris.zone())
                identifiant = str(ligne.get("manifeste"))[:8]
                return f"{nom} : version {identifiant} du {quand:%d/%m/%Y}, intact, plus conservée", True
    portee = lire_edition(fichier).nom
    suite = f" ; il porte la version {portee}, à demander par --version {portee[-8:]}" if portee else ""
    return noms.get(fichier.name, f"{fichier.name} : inconnu, jamais publié ici") + suite, False


def documents_de(sorties: Path, dite: str) -> list[Porteur]:
    """The documents, kept or published, that print this version: `v3 · 7f31c2a9`, `7f31c2a9`, or `v3`."""
    cherchee = dite.strip().lower()
    porteurs: dict[tuple[str, str, str], Porteur] = {}
    dates = versions.dates(sorties)
    lieux = [(v.dossier, v.nom, dates.get(v.identifiant)) for v in versions.lister(sorties)]
    courantes = manifeste.lire_manifeste(sorties)["sorties"]
    for dossier, publication, quand in [*lieux, (sorties, "", None)]:
        for nom, fiche in manifeste.lire_manifeste(dossier)["sorties"].items():
            version = str(fiche.get("version") or "")
            if not version or cherchee not in (version, *version.split(" · ")):
                continue
            actuel = courantes.get(nom, {}).get("sha256") == fiche.get("sha256")
            jour = f"{quand.astimezone(paris.zone()):%d/%m/%Y}" if quand else ""
            porteurs.setdefault((version, nom, fiche["sha256"]), Porteur(version, nom, publication, jour, actuel))
    return sorted(porteurs.values(), key=lambda p: (p.version, p.document))


def afficher_documents(porteurs: Iterable[Porteur]) -> str:
    """One line a document: the version that it prints, and whether it is still what is published."""
    return "\n".join(
        f"{p.version}  {p.document}  "
        + (f"publié d'abord le {p.jour}, " if p.jour else "")
        + ("c'est ce qui est publié aujourd'hui" if p.est_actuel else "remplacé depuis")
        for p in porteurs
    )


def afficher(lus: Iterable[Passage]) -> str:
    """One line a run, in columns."""
    lignes = []
    for p in lus:
        duree = "      ?" if p.duree_s is None else f"{p.duree_s:5.0f} s"
        qui = f"{p.commande:<24} {p.utilisateur:<12}"
        lignes.append(f"{p.version or '-':<13} {p.quand}  {qui} {duree}  {p.resultat:<11} {p.detail}")
    return "\n".join(ligne.rstrip() for ligne in lignes)


def en_json(lus: Iterable[Passage]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [asdict(p) for p in lus]


def _concerne(ligne: dict[str, Any], reservataire: str) -> bool:
    return not reservataire or ligne.get("evenement") != "envoi" or reservataire in (ligne.get("codes") or [])


def _passage(debut: dict[str, Any] | None, fin: dict[str, Any] | None, numeros: dict[str, str]) -> Passage:
    ligne = fin or debut or {}
    quand = datetime.fromisoformat((debut or ligne)["quand"])
    duree = (datetime.fromisoformat(fin["quand"]) - quand).total_seconds() if fin and debut else None
    if fin and fin.get("duree_s") is not None:
        duree = float(fin["duree_s"])
    evenement = str(ligne.get("evenement"))
    return Passage(
        quand=f"{quand.astimezone(paris.zone()):%d/%m/%Y %H:%M}",
        commande=_commande(ligne),
        utilisateur=str(ligne.get("utilisateur", "")),
        resultat=(FINS | SEULS).get(evenement, "interrompu" if fin is None else evenement),
        version=numeros.get(str(ligne.get("version" if evenement == "envoi" else "manifeste")), ""),
        duree_s=duree,
        detail=_detail(ligne, fin is not None),
    )


def _commande(ligne: dict[str, Any]) -> str:
    au = f" au {'/'.join(reversed(str(ligne['au']).split('-')))}" if ligne.get("au") else f" {ligne.get('annee', '')}"
    return f"{ligne.get('commande', '')}{au}"


def _detail(ligne: dict[str, Any], finie: bool) -> str:
    if not finie:
        return "(pas de fin inscrite)"
    anomalies = ligne.get("anomalies")
    if isinstance(anomalies, dict):
        dits = [f"{nombre} {gravite}{'s' * (nombre > 1)}" for gravite, nombre in anomalies.items() if nombre]
        perimes = ", ".join(ligne.get("perimes") or ())
        return ", ".join(dits) + (f" ; laisse périmés {perimes}" if perimes else "")
    if ligne.get("evenement") == "refus":
        lieux = [str(lieu) for lieu in ligne.get("lieux", ())]
        return f"{anomalies} anomalie{'s' * (anomalies != 1)}" + (f" : {', '.join(lieux)}" if lieux else "")
    if ligne.get("evenement") in ("echec", "interruption"):
        return f"({ligne.get('erreur', '')})"
    if ligne.get("evenement") == "envoi":
        return f"à {', '.join(ligne.get('codes') or [])} ({ligne.get('par', '')}, {ligne.get('le', '')})"
    return ", ".join(ligne.get("reservataires") or ())
