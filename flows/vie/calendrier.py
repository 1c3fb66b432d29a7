"""The due dates of a campaign, read from its conventions, with what the register says is done.

Dates: those of `obligations`; for the état des lieux and the bilan, as each convention says.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from flows.anomalies import arreter
from flows.campagne import ETAT_DES_LIEUX
from flows.contrat import schema
from flows.depot import extraction, reception
from flows.publication import registre
from flows.tables import correspondances, lecture
from flows.vie.obligations import BAILLEUR, CALENDRIER, PUBLIQUE

TABLE = "reservataires"
_JOUR_MOIS = re.compile(r"(\d{1,2})[/-](\d{1,2})")


@dataclass(frozen=True)
class Echeance:
    """A date by which something is due: what, for whom, how to make it, and whether it is done (`fait` says how)."""

    jour: date
    objet: str
    codes: tuple[str, ...]
    commande: str
    fait: str = ""

    def est_manquee(self, aujourd_hui: date) -> bool:
        """True when the day is over and nothing says that it was done."""
        return not self.fait and self.jour < aujourd_hui


def lire_conventions(entrees: Path, annee: int, travail: Path) -> pl.DataFrame:
    """The accepted rows of `reservataires`; raises ArretBloquant when they cannot be read."""
    decidees, _, fautes = correspondances.lire_correspondances(entrees, travail)
    recus, signalees = reception.recevoir(
        entrees,
        list(schema.charger().campagne),
        obligatoires=[TABLE],
        decider=decidees.table_principale,
        aussi=decidees.tables_du_fichier,
    )
    conventions = [f for f in recus if TABLE in (f.table, *decidees.tables_du_fichier(f.nom))]
    feuilles, extraites = extraction.extraire([(f.nom, f.chemin) for f in conventions], travail / "feuilles", set())
    lue = lecture.lire(conventions, feuilles, travail / "tables", annee, correspondances=decidees)
    noms = {f.nom for f in conventions}
    siennes = [a for a in signalees if not a.fichier or a.fichier in noms]  # another file may wait for a decision
    arreter([*fautes, *siennes, *extraites, *lue.anomalies])
    return pl.read_parquet(lue.tables[TABLE], glob=False)


def echeances(conventions: pl.DataFrame, annee: int, sorties: Path) -> list[Echeance]:
    """What is due for the exercice `annee`, in the order of dates."""
    par_date: dict[tuple[date, str, str], set[str]] = {}

    def noter(jour: date, objet: str, commande: str, code: str) -> None:
        par_date.setdefault((jour, objet, commande), set()).add(code)

    lignes = conventions.to_dicts()
    for o in CALENDRIER:
        for ligne in [{"code_reservataire": BAILLEUR}] if o.type == BAILLEUR else lignes:
            if o.type in ("", BAILLEUR, ligne.get("type_reservataire")):
                du = _jour(ligne.get(o.champ), (o.jour, o.mois), annee + o.apres)
                objet, commande = (o.ecrire(texte, str(annee), du) for texte in (o.objet, o.commande))
                noter(du, objet, commande, str(ligne["code_reservataire"]))
    deja = faits(sorties)
    return sorted(
        (
            Echeance(jour, objet, tuple(sorted(codes)), commande, deja.get(commande, ""))
            for (jour, objet, commande), codes in par_date.items()
        ),
        key=lambda e: (e.jour, e.objet),
    )


def afficher(dues: Sequence[Echeance], aujourd_hui: date) -> str:
    """One line a date."""
    lignes = []
    for e in dues:
        jours = (e.jour - aujourd_hui).days
        qui = ", ".join(e.codes) if len(e.codes) <= 3 else f"{len(e.codes)} réservataires"
        reste = f"J-{jours}" if jours >= 0 else f"J+{-jours}"
        etat = e.fait or ("MANQUÉE" if e.est_manquee(aujourd_hui) else "à faire") + f" : gestion-flux {e.commande}"
        qui = "" if qui == BAILLEUR else qui
        lignes.append(f"  {e.jour:%d/%m/%Y}  {e.objet:<29} {qui:<24} {reste:<6} {etat}")
    return "\n".join(lignes)


def _jour(ecrit: object, defaut: tuple[int, int], annee: int) -> date:
    """`jj/mm` of a convention in that year; 29 February is 28 in other years."""
    lu = _JOUR_MOIS.fullmatch(str(ecrit or "").strip())
    jour, mois = (int(lu[1]), int(lu[2])) if lu else defaut
    while True:
        try:
            return date(annee, mois, jour)
        except ValueError:
            jour -= 1


def faits(sorties: Path) -> dict[str, str]:
    """What was published, as a command, and when."""
    publies = {}
    for ligne in registre.lignes_de(sorties, "publication"):
        if ligne.get("reservataires"):
            continue  # one réservataire made again is not the campaign
        au = date.fromisoformat(str(ligne["au"])) if ligne.get("au") else None
        if ligne.get("commande") == ETAT_DES_LIEUX and au:
            commande = f"etat-des-lieux {au:%d/%m/%Y}"
        else:
            commande = f"{ligne.get('commande')} {ligne.get('annee')}" + (f" --au {au:%d/%m/%Y}" if au else "")
        publies[commande] = f"publié le {date.fromisoformat(str(ligne['quand'])[:10]):%d/%m/%Y}"
        if (ligne.get("options") or {}).get("public"):
            publies[f"{commande} {PUBLIQUE}"] = publies[commande]
    return publies
