"""Two états des lieux side by side: the one that we published for a réservataire, and the list that it sends.

The list is read as the inventory of rights of a campaign: same formats, headings, words and anomalies; but only the
dwelling is needed. A right is the same when it is on the same dwelling: its RPLS number by letters and digits alone
without leading zeros, else the bailleur's own number.
"""

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from flows.anomalies import Anomalie, ArretBloquant, Cause, Gravite, MauvaisUsage, arreter, causes
from flows.contrat.schema import Table, charger, normaliser_entete
from flows.contrat.typage import lecteur_de
from flows.depot.extraction import extraire
from flows.fichiers import FichierRecu, nom_affiche
from flows.livrables.francais import accord, jour
from flows.tables import lecture
from flows.tables.correspondances import Correspondances, Ligne
from flows.tables.entetes import Entete
from flows.vie import remplissage

TABLE = "droits"
SOURCE = "etat_des_lieux"
REPERES = ("ident_rep", "ident_interne")
COMPARES = ("commune", "typologie", "numero_convention", "nature_droit", "nombre_droits", "date_debut", "date_fin")
_SANS_LOGEMENT = ("entete_introuvable", "colonne_absente")
_SANS_OBJET = ("colonne_facultative_absente", "colonne_ressemblante", "feuille_incomplete")
"""What is said to the author of a campaign, and stops it: the list of another needs only name its dwellings."""
TEXTES = ("commune", "typologie")
"""Compared without case nor accents; the others as their readers write them."""
DECRITS = ("ident_rep", "ident_interne", "residence", "commune", "typologie", "numero_convention", "nombre_droits")
TITRES = {
    "ident_rep": "N° RPLS", "ident_interne": "ESI", "residence": "Résidence", "commune": "Commune",
    "typologie": "Typologie", "numero_convention": "N° de convention", "nature_droit": "Nature",
    "nombre_droits": "Droits", "date_debut": "Début", "date_fin": "Fin",
}  # fmt: skip

Droit = Mapping[str, str]
Tableau = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


@dataclass(frozen=True)
class Rapprochement:
    """The pairs of rights (ours, theirs), those of one side only, what the list says, what its reading says of it."""

    communs: Sequence[tuple[Droit, Droit]]
    ici: Sequence[Droit]
    ailleurs: Sequence[Droit]
    colonnes: frozenset[str]
    remarques: Sequence[Cause]

    def ecarts(self, paire: tuple[Droit, Droit]) -> list[str]:
        """What differs between both, of what both say."""
        notre, leur = paire
        return [
            f"{TITRES[champ]} : {_montrer(notre, champ) or 'rien'} chez nous, {_montrer(leur, champ)} chez eux"
            for champ in COMPARES
            if leur[champ] and _comparable(notre, champ) != _comparable(leur, champ)
        ]

    @property
    def phrases(self) -> list[str]:
        """What to read first."""
        differents = sum(bool(self.ecarts(paire)) for paire in self.communs)
        absentes = [TITRES[champ] for champ in COMPARES if champ not in self.colonnes]
        dits = [
            f"{accord(len(self.communs), 'droit des deux côtés', 'droits des deux côtés')}, "
            f"dont {differents} avec un écart.",
            f"{accord(len(self.ici), 'droit chez nous seulement', 'droits chez nous seulement')}, "
            f"{len(self.ailleurs)} chez eux seulement.",
        ]
        return [*dits, f"Leur liste ne dit pas : {', '.join(absentes)}."] if absentes else dits

    @property
    def tableaux(self) -> list[Tableau]:
        """Both sides, only here, only there; what is to be checked in the list, when something is."""
        entete = tuple(TITRES[champ] for champ in DECRITS)
        communs = [(*_decrire(n), " ; ".join(self.ecarts((n, a)))) for n, a in self.communs]
        tableaux: list[Tableau] = [
            ("Des deux côtés", (*entete, "Écarts"), communs),
            ("Chez nous seulement", (*entete, "État"), [(*_decrire(d), d["etat"]) for d in self.ici]),
            ("Chez eux seulement", entete, [_decrire(d) for d in self.ailleurs]),
        ]
        if self.remarques:
            lues = [(str(c.gravite), c.lignes, c.message, c.correction) for c in self.remarques]
            tableaux.append(("Leur liste", ("Gravité", "Lignes", "Ce qui est lu", "À faire"), [*lues]))
        return tableaux


def rapprocher(liste: Path, sorties: Path, code: str) -> Rapprochement:
    """Compares the last published état des lieux of `code`, its running rights, with `liste`.

    Raises ArretBloquant when the list cannot be read, MauvaisUsage when it does not name the dwellings.
    """
    publie = remplissage.publie(sorties, SOURCE, code)
    with publie.open(encoding="utf-8-sig", newline="") as flux:
        notres = [_typer(d) for d in csv.DictReader(flux, delimiter=";") if d["etat"] == "en_cours"]
    leurs, colonnes, anomalies = _lire(liste)
    libres: dict[tuple[str, str], list[int]] = {}
    for i, droit in enumerate(leurs):
        for repere in REPERES:
            if cle := _cle(droit[repere]):
                libres.setdefault((repere, cle), []).append(i)
    pris: set[int] = set()
    communs, ici = [], []
    for notre in notres:
        places = (i for repere in REPERES for i in libres.get((repere, _cle(notre[repere])), []) if i not in pris)
        if (trouve := next(places, None)) is None:
            ici.append(notre)
        else:
            pris.add(trouve)
            communs.append((notre, leurs[trouve]))
    ailleurs = [droit for i, droit in enumerate(leurs) if i not in pris]
    remarques = causes(a for a in anomalies if a.gravite is not Gravite.INFORMATION)
    return Rapprochement(communs, ici, ailleurs, colonnes, remarques)


def _cle(ecrit: str) -> str:
    return normaliser_entete(ecrit).lstrip("0")


def _table() -> Table:
    """The inventory of rights, where only the dwelling is needed: what cannot be read elsewhere is left blank."""
    droits = charger().tables[TABLE]
    colonnes = {
        nom: replace(
            colonne,
            obligatoire=False,
            entete_obligatoire=False,
            groupe="logement" if nom in REPERES else "",
            rejette=nom in REPERES,
            defaut="",
        )
        for nom, colonne in droits.colonnes.items()
    }
    return replace(droits, obligatoire=False, colonnes=colonnes)


def _logements() -> Correspondances:
    """The headings of a dwelling, as if they were decided: one of them is enough for a list."""
    connus = ((a.motif, a.colonne) for a in charger().alias[TABLE] if a.colonne in REPERES)
    lignes = tuple(Ligne(0, {"intitule": i, "reference": c}) for i, c in (*connus, *zip(REPERES, REPERES, strict=True)))
    return Correspondances({"logements": lignes})


def _lire(liste: Path) -> tuple[list[Droit], frozenset[str], list[Anomalie]]:
    """The rights of a list under our names, the columns that it has, what is to be said of its reading."""
    if not liste.is_file():
        raise MauvaisUsage(f"{liste} n'existe pas.")
    nom = nom_affiche(liste.name)
    with tempfile.TemporaryDirectory() as dossier:
        travail = Path(dossier)
        feuilles, anomalies = extraire([(nom, liste)], travail)
        arreter(anomalies)
        recu = FichierRecu(nom, liste, TABLE, liste.stat().st_size, "")
        lue, choisies = lecture.lire_table(_table(), [(recu, feuilles)], travail, 0, None, _logements())
        if faute := next((a for a in lue.anomalies if a.code in _SANS_LOGEMENT), None):
            attendu = "une colonne « N° RPLS » ou « ESI » est attendue"
            raise MauvaisUsage(f"{nom} ne désigne aucun logement : {attendu}. {faute.message}")
        dites = [a for a in (*anomalies, *lue.anomalies) if a.code not in _SANS_OBJET]
        if any(a.gravite is Gravite.BLOQUANT for a in dites):  # with the errors, that nothing else would say
            graves = (a for a in dites if a.gravite in (Gravite.BLOQUANT, Gravite.ERREUR))
            raise ArretBloquant([replace(a, gravite=Gravite.BLOQUANT) for a in graves])
        lignes = [pl.read_parquet(chemin, glob=False).sort(lecture.PROVENANCE) for chemin in lue.tables.values()]
    colonnes = {nom for _, entete in choisies if isinstance(entete, Entete) for nom in entete.colonnes.values()}
    droits: list[Droit] = [
        {nom: str(texte or "") for nom, texte in rangee.items()}
        for morceau in lignes
        for rangee in morceau.iter_rows(named=True)
    ]
    return droits, frozenset(colonnes), dites


def _typer(publie: Droit) -> Droit:
    """A row of the published CSV, what is compared in it written as the list's readers write it."""
    colonnes = charger().tables[TABLE].colonnes
    lus = {nom: lecteur_de(colonnes[nom], source_numerique=False)(publie[nom]).canonique or "" for nom in COMPARES}
    return {**publie, **lus}


def _comparable(droit: Droit, champ: str) -> str:
    return normaliser_entete(droit[champ]) if champ in TEXTES else droit[champ]


def _decrire(droit: Droit) -> tuple[str, ...]:
    return tuple(_montrer(droit, champ) for champ in DECRITS)


def _montrer(droit: Droit, champ: str) -> str:
    valeur = droit[champ]
    if champ.startswith("date_") and valeur:
        return jour(date.fromisoformat(valeur))
    return valeur.replace(".", ",") if champ == "nombre_droits" else valeur
