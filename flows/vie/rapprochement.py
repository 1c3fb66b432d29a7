"""Two états des lieux side by side: the one that we published for a réservataire, and the list that it sends.

A right is the same when it is on the same dwelling: its RPLS number by letters and digits alone without leading zeros,
else the bailleur's own number. Headings of the list are found as for `remplir`; a CSV file is read too.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl.utils.cell import column_index_from_string

from flows.anomalies import MauvaisUsage
from flows.contrat.schema import normaliser_entete
from flows.livrables.francais import accord
from flows.vie import classeur_recu, remplissage

SOURCE = "etat_des_lieux"
REPERES = ("ident_rep", "ident_interne")
COMPARES = ("commune", "typologie", "numero_convention", "nature_droit", "nombre_droits", "date_debut", "date_fin")
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
    """The pairs of rights (ours, theirs), those of one side only, what the list does not say."""

    communs: Sequence[tuple[Droit, Droit]]
    ici: Sequence[Droit]
    ailleurs: Sequence[Droit]
    colonnes: frozenset[str]

    def ecarts(self, paire: tuple[Droit, Droit]) -> list[str]:
        """What differs between both, of what both say."""
        notre, leur = paire
        return [
            f"{TITRES[champ]} : {notre[champ] or 'rien'} chez nous, {leur[champ]} chez eux"
            for champ in COMPARES
            if leur.get(champ) and normaliser_entete(notre[champ]) != normaliser_entete(leur[champ])
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
        """Both sides, only here, only there."""
        entete = tuple(TITRES[champ] for champ in DECRITS)
        communs = [(*(n[champ] for champ in DECRITS), " ; ".join(self.ecarts((n, a)))) for n, a in self.communs]
        return [
            ("Des deux côtés", (*entete, "Écarts"), communs),
            ("Chez nous seulement", (*entete, "État"), [(*(d[c] for c in DECRITS), d["etat"]) for d in self.ici]),
            ("Chez eux seulement", entete, [tuple(d.get(c, "") for c in DECRITS) for d in self.ailleurs]),
        ]


def rapprocher(liste: Path, sorties: Path, code: str) -> Rapprochement:
    """Compares the last published état des lieux of `code`, its running rights, with `liste`."""
    publie = remplissage.publie(sorties, SOURCE, code)
    notres = [d for d in _csv(publie.read_text(encoding="utf-8-sig")) if d["etat"] == "en_cours"]
    leurs = _lire(liste)
    libres: dict[tuple[str, str], list[int]] = {}
    for i, droit in enumerate(leurs):
        for repere in REPERES:
            if cle := _cle(droit.get(repere, "")):
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
    return Rapprochement(communs, ici, ailleurs, frozenset(champ for droit in leurs for champ in droit))


def _cle(ecrit: str) -> str:
    return normaliser_entete(ecrit).lstrip("0")


def _csv(texte: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(texte, newline=""), delimiter=";"))


def _lire(liste: Path) -> list[dict[str, str]]:
    """The rights of a list by our names; raises MauvaisUsage when it does not name the dwellings."""
    connus = remplissage.intitules()[SOURCE]
    lues: list[dict[str, str]] = []
    if liste.suffix.lower() == ".csv":
        if not liste.is_file():
            raise MauvaisUsage(f"{liste} n'existe pas.")
        octets = liste.read_bytes()
        texte = octets.decode("utf-8-sig", "replace")
        brutes = _csv(octets.decode("cp1252", "replace") if "\ufffd" in texte else texte)
        champs = {titre: connus.get(normaliser_entete(titre), titre) for titre in (brutes[0] if brutes else ())}
        lues = [{champs[t]: (v or "").strip() for t, v in ligne.items() if t in champs} for ligne in brutes]
    else:
        livre, _ = classeur_recu.ouvrir(liste)
        for feuille in livre.worksheets:
            entete = classeur_recu.entete(feuille)
            noms = {i.colonne: remplissage.champ_de(i, connus) for i in entete.intitules} if entete else {}
            if entete is None or not {*noms.values()} & {*REPERES}:
                continue
            rangs = {column_index_from_string(colonne) - 1: nom for colonne, nom in noms.items() if nom}
            for rangee in feuille.iter_rows(min_row=entete.premiere, values_only=True):
                droit = {nom: _texte(rangee[rang]) for rang, nom in rangs.items() if rang < len(rangee)}
                if any(droit.get(repere) for repere in REPERES):
                    lues.append(droit)
    if not any(droit.get(repere) for droit in lues for repere in REPERES):
        raise MauvaisUsage(f"{liste.name} ne désigne aucun logement : une colonne « N° RPLS » ou « ESI » est attendue.")
    return lues


def _texte(valeur: object) -> str:
    if valeur is None:
        return ""
    jour = getattr(valeur, "date", None)
    return jour().isoformat() if callable(jour) else str(valeur).strip()
