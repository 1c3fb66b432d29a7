"""What gives the documents of a run their printed version: what is published, what was sent, the next number."""

from contextlib import suppress
from typing import Any

from flows.campagne import Campagne
from flows.chemins import GABARITS, REGLAGES
from flows.edition import Edition, Editions, Remise
from flows.publication import manifeste, registre, versions


def preparer(campagne: Campagne) -> Editions:
    """The versions known to a run that begins, its own number, and what all its documents depend on."""
    connues = versions.lister(campagne.sorties)
    numero = connues[-1].numero + 1 if connues else 1
    fond = f"{manifeste.empreinte_regles((GABARITS, REGLAGES))} {sorted(manifeste.versions_utilisees().items())}"
    racine = f"{campagne.dossier}/" if str(campagne.dossier) not in ("", ".") else ""
    publiees = {
        nom.removeprefix(racine): edition
        for nom, fiche in manifeste.lire_manifeste(campagne.sorties)["sorties"].items()
        if nom.startswith(racine) and (edition := _edition(fiche))
    }
    return Editions(numero, fond, publiees, {} if racine else _remises(campagne, connues))


def _remises(campagne: Campagne, connues: list[versions.Version]) -> dict[str, Remise]:
    """The last bilan that each réservataire was sent, when its version is kept."""
    dossiers = {version.identifiant: version.dossier for version in connues}
    envois: dict[str, dict[str, Any]] = {}
    with suppress(OSError):  # a register out of reach is told by who writes in it
        envois = registre.derniers_envois(campagne.sorties)
    remises = {}
    for code, ligne in envois.items():
        if dossier := dossiers.get(str(ligne.get("version"))):
            fiche = manifeste.lire_manifeste(dossier)["sorties"].get(f"bilan/{code}/bilan_{campagne.annee}_{code}.xlsx")
            if fiche and (edition := _edition(fiche)):
                remises[code] = Remise(edition, str(ligne.get("le", "")), dossier / "bilan" / code)
    return remises


def _edition(fiche: manifeste.Json) -> Edition | None:
    version = fiche.get("version")
    return Edition(version, str(fiche.get("depuis") or "")) if isinstance(version, str) else None
