"""The version of a document, laid in it, with what changed since the one that its reader was sent."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flows.edition import Edition, Remise
from flows.livrables.tableau import PROPRIETE_MAX, Document, Tableau

_PLACE, _SUITE = 60, 60
"""Characters of the sentence kept for what changed, and for the count of what is not named."""


def depuis(remise: Remise, dossier: Path, libelles: Mapping[str, str]) -> str:
    """What changed in the figures of `dossier` since `remise`, in one sentence. `libelles` names the measures."""
    dits: list[str] = []
    details = 0
    for ancien in sorted(remise.dossier.glob("*.csv"), key=lambda f: (not f.name.startswith("flux_"), f.name)):
        avant, apres = _lire(ancien), _lire(dossier / ancien.name)
        for cle in (*apres, *(cle for cle in avant if cle not in apres)):
            if avant.get(cle) == apres.get(cle):
                continue
            if ancien.name.startswith("flux_"):
                nom = f"ligne {cle[2]}" if len(cle[2]) == 1 else cle[2]
            elif ancien.name.startswith("bilan_") and cle[3] == "total":
                nom = libelles.get(cle[2], cle[2])
            else:
                details += 1
                continue
            dits.append(f"{nom} {apres.get(cle) or 'non fourni'} au lieu de {avant.get(cle) or 'non fourni'}")
    debut = f"Remplace {remise.edition.nom}, remise le {remise.le} ; "[: PROPRIETE_MAX - _PLACE]
    montres: list[str] = []
    while len(montres) < len(dits) and len(", ".join([debut, *montres, dits[len(montres)]])) < PROPRIETE_MAX - _SUITE:
        montres.append(dits[len(montres)])
    reste = len(dits) - len(montres)
    quoi = montres + ([f"{reste} autre{'s' * (reste > 1)}"] if reste else [])
    quoi += [f"{details} ligne{'s' * (details > 1)} de détail"] if details else []
    return debut + (f"ce qui a changé : {', '.join(quoi)}." if quoi else "les chiffres n'ont pas changé.")


def marquer(document: Document, edition: Edition) -> Document:
    """`document` with its version: on its summary, in its contents, at the foot of its pages."""
    return replace(
        document,
        edition=edition.nom,
        depuis=edition.depuis,
        identite=(*document.identite, ("Version", edition.nom)),
        feuilles=tuple(
            _avec_version(tableau, edition) if tableau.sommaire else tableau for tableau in document.feuilles
        ),
    )


def _avec_version(tableau: Tableau, edition: Edition) -> Tableau:
    texte = f"{edition.nom}. {edition.depuis}" if edition.depuis else f"{edition.nom}."
    return replace(tableau, lignes=[*tableau.lignes, ["Version", texte]])


def _lire(chemin: Path) -> dict[tuple[str, ...], str]:
    """Rows of one of our CSV files: what identifies each, and the figure that it holds; an absent file has none."""
    if not chemin.is_file():
        return {}
    with chemin.open(encoding="utf-8-sig", newline="") as flux:
        entete, *lignes = csv.reader(flux, delimiter=";")
    if "nombre" in entete:
        rang = entete.index("nombre")
    elif "valeur" in entete:
        return {tuple(ligne[:3]): ligne[4] for ligne in lignes}
    else:
        return {tuple(ligne): "1" for ligne in lignes}
    return {tuple(ligne[:rang]): ligne[rang] for ligne in lignes}
