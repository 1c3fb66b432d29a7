"""Writes the example campaign: every table of the contract, in the shapes that people send.

A fictitious bailleur on real public dwellings (SDES, RPLS, état au 1er janvier 2018, Licence Ouverte); every right,
event and person is invented. The same files come out each time, byte for byte.
"""

from datetime import date
from pathlib import Path

from flows.exemple.defauts import semer
from flows.exemple.droits import Ligne, choisir_droits, choisir_exclusions, choisir_sorties
from flows.exemple.evenements import derouler
from flows.exemple.fichiers import classeur, classeur_droits, tableur_ods, texte_csv
from flows.exemple.hasard import Hasard
from flows.exemple.liberations import tirer_liberations
from flows.exemple.parc import CHOIX, EXERCICE, construire_parc, entete, lire_choix, millesime
from flows.exemple.sne import radiations

DEBUT_SECOND_SEMESTRE = date(EXERCICE, 7, 1)
LISEZ_MOI = "LISEZ-MOI.txt"
# Chosen because Bastia has the cases its convention counts: refusals by all, a shortage after a reminder.
GRAINE = "exemple 199"


def ecrire_exemple(dossier: Path) -> list[Path]:
    """Writes the example campaign of the exercice 2025 in `dossier`, made if needed, and gives the files written.

    Files of the same names are replaced, the others left. Raises OSError when the folder cannot be written.
    """
    dossier.mkdir(parents=True, exist_ok=True)
    chemins = []
    for nom, contenu in _fichiers().items():
        chemin = dossier / nom
        chemin.write_bytes(contenu)
        chemins.append(chemin)
    return chemins


def _fichiers() -> dict[str, bytes]:
    """Name and bytes of each file."""
    hasard = Hasard(GRAINE)
    parc = construire_parc(hasard)
    exclusions, motifs = choisir_exclusions(parc, hasard)
    droits = choisir_droits(parc, motifs, hasard)
    choisir_sorties(parc, motifs, droits, hasard)
    liberations = tirer_liberations(parc, motifs, hasard)
    evenements = derouler(liberations, parc, motifs, hasard)
    tables: dict[str, list[Ligne]] = {
        "droits": droits,
        "liberations": [x.ligne() for x in liberations],
        "propositions": evenements.propositions,
        "sne": radiations(evenements.attributions),
    }
    semer(tables)
    premier = [x for x in evenements.attributions if str(x["date_caleol"]) < str(DEBUT_SECOND_SEMESTRE)]
    second = [x for x in evenements.attributions if x not in premier]
    colonnes = entete("attributions")
    en_interne = ["ident_interne" if x == "ident_rep" else x for x in colonnes]
    conventions = _typer(lire_choix("reservataires"))
    return {
        LISEZ_MOI: (CHOIX / LISEZ_MOI).read_bytes(),
        f"rpls_{EXERCICE}.csv": texte_csv(millesime(parc, EXERCICE), entete("rpls"), encodage="cp1252"),
        f"rpls_{EXERCICE + 1}.csv": texte_csv(millesime(parc, EXERCICE + 1), entete("rpls")),
        "reservataires.xlsx": classeur(conventions, [x for x in conventions[0] if x != "poids"], "Conventions"),
        "droits.xlsx": classeur_droits(droits),
        "liberations.csv": texte_csv(tables["liberations"], list(tables["liberations"][0]), encodage="cp1252"),
        "propositions.csv": texte_csv(
            tables["propositions"], entete("propositions"), separateur=",", encodage="utf-8-sig", format_date="%Y-%m-%d"
        ),
        "attributions_t1.csv": texte_csv(premier, colonnes),
        "attributions_t2.xlsx": classeur(second, en_interne, "Attributions 2e semestre"),
        "previsions.csv": _recopier("previsions"),
        "exclusions.xlsx": classeur(exclusions, list(exclusions[0]), "Exclusions"),
        "programmes_neufs.ods": tableur_ods(*_avec_colonnes("programmes_neufs"), "Programmes neufs"),
        "objectifs.csv": _recopier("objectifs"),
        "volumes_droits.csv": _recopier("volumes_droits"),
        "demandes.xlsx": classeur(*_avec_colonnes("demandes"), "Demandes ALS"),
        "sne.csv": texte_csv(tables["sne"], list(tables["sne"][0])),
    }


def _recopier(nom: str) -> bytes:
    return texte_csv(*_avec_colonnes(nom))


def _avec_colonnes(nom: str) -> tuple[list[Ligne], list[str]]:
    lignes = _typer(lire_choix(nom))
    return lignes, list(lignes[0])


def _typer(lignes: list[dict[str, str]]) -> list[Ligne]:
    """Hand-made rows with real numbers and dates where the workbooks of people have them."""
    return [{colonne: _valeur(colonne, texte) for colonne, texte in ligne.items()} for ligne in lignes]


def _valeur(colonne: str, texte: str) -> object:
    if texte and (colonne.startswith("nb_") or colonne == "nombre"):
        return int(texte)
    if texte and colonne.endswith("_pct"):
        return float(texte.replace(",", "."))
    if texte and colonne.startswith("date_") and texte[4:5] == "-":
        return date.fromisoformat(texte)
    return texte
