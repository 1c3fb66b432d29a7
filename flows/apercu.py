"""`gestion-flux apercu`: looks at every file of a folder, says what each seems to be, and writes the questions.

Nothing is published and nothing is applied: the answers are the owner's, in `correspondances.xlsx`.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from flows.anomalies import Anomalie, Gravite, arreter
from flows.campagne import Campagne
from flows.chemins import CONTRAT
from flows.contrat.listes import lire_liste
from flows.contrat.schema import charger
from flows.depot import extraction, reception
from flows.depot.feuilles import Feuille
from flows.personnes import sceau
from flows.tables import classeur_correspondances
from flows.tables.correspondances import FEUILLES, Correspondances, lire_correspondances
from flows.tables.noms_reservataires import lire_noms, trouver
from flows.tables.reconnaissance import (
    Question,
    Vue,
    ecritures,
    questions_de_colonnes,
    questions_de_mots,
    reconnaitre_feuille,
)


@dataclass
class Apercu:
    """What was seen: sentences for the screen, questions, and how many of them are new in the workbook."""

    dits: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    manques: list[str] = field(default_factory=list)
    en_attente: int = 0
    classeur: Path | None = None


def regarder(campagne: Campagne) -> Apercu:
    """Looks at the folder of a campaign. Raises ArretBloquant when it cannot be read."""
    tables = list(charger().campagne)
    with tempfile.TemporaryDirectory(prefix="apercu-") as dossier:
        decidees, _, fautes = lire_correspondances(campagne.entrees, Path(dossier))
        arreter([a for a in fautes if a.code != "correspondance_en_attente"])

        def table_de(nom: str) -> str | None:
            decidee = decidees.table_principale(nom)
            return decidee if decidee is not None else reception.table_du_nom(nom, tables) or tables[-1]

        recus, dites = reception.recevoir(campagne.entrees, tables, decider=table_de)
        arreter(dites)
        feuilles, extraites = extraction.extraire(
            [(recu.nom, recu.chemin) for recu in recus], Path(dossier) / "feuilles", {recu.nom for recu in recus}
        )
        apercu = Apercu(dits=[_phrase(a) for a in extraites if a.gravite is Gravite.BLOQUANT])
        vues = _voir(campagne, feuilles, decidees, apercu)
        _voir_reservataires(vues, decidees, apercu)
        apercu.manques = _manques({vue.table.nom for _, _, vue in vues})
    apercu.classeur = campagne.entrees.resolve().parent / "correspondances.xlsx"
    ajoutees = _ecrire(apercu.classeur, decidees, apercu.questions)
    attendent = sum(not ligne[_decision(nom)] for nom, lignes in decidees.lignes.items() for ligne in lignes)
    apercu.en_attente = attendent + ajoutees
    return apercu


def _ecrire(classeur: Path, decidees: Correspondances, questions: list[Question]) -> int:
    if not questions:
        return 0
    return classeur_correspondances.ecrire(classeur, decidees, questions)


def _decision(nom: str) -> str:
    return FEUILLES[nom][1]


def _voir(
    campagne: Campagne, feuilles: list[Feuille], decidees: Correspondances, apercu: Apercu
) -> list[tuple[Feuille, pl.DataFrame, Vue]]:
    """What each sheet is, by what was decided, else by the name of its file, else by its headings."""
    retenues = []
    for feuille in feuilles:
        lignes = pl.read_ipc(sceau.lire(feuille.lignes, feuille.cle))
        ou = " ".join(filter(None, (feuille.fichier, f"[{feuille.feuille}]" if feuille.feuille else "")))
        du_nom = reception.table_du_nom(feuille.fichier, charger().campagne)
        decide = decidees.tables_de(feuille.fichier, feuille.feuille)
        if decide is None and decidees.reclame(feuille.fichier):
            du_nom = None
        if decide == ():
            apercu.dits.append(f"{ou} : n'est pas lue, comme décidé.")
            continue
        tables = decide or ([du_nom] if du_nom else list(charger().campagne))
        vues = reconnaitre_feuille(feuille, lignes, campagne.annee, decidees, tables)
        if decide is None and du_nom is None:
            meilleure = vues[0].table.nom if vues and vues[0].reconnues >= 2 else "ne pas lire"
            vus = len(vues[0].entete.vus) if vues and vues[0].entete else 0
            confiance = f"{round(100 * vues[0].reconnues / vus)} %" if vus else ""
            exemple = ", ".join(list(vues[0].entete.vus.values())[:6]) if vues and vues[0].entete else ""
            apercu.questions.append(
                Question("Feuilles", (feuille.fichier, feuille.feuille), meilleure, confiance, exemple)
            )
            vues = vues[:1] if meilleure != "ne pas lire" else []
        for vue in vues:
            manque = f" ; il manque {', '.join(vue.manquantes)}" if vue.manquantes else ""
            apercu.dits.append(f"{ou} : {vue.table.nom}, {vue.reconnues} colonnes reconnues{manque}.")
            apercu.questions += questions_de_colonnes(feuille, lignes, vue)
            apercu.questions += questions_de_mots(feuille, lignes, vue, decidees)
            retenues.append((feuille, lignes, vue))
        if not vues:
            apercu.dits.append(f"{ou} : aucun en-tête reconnu.")
    return retenues


def _voir_reservataires(
    vues: list[tuple[Feuille, pl.DataFrame, Vue]], decidees: Correspondances, apercu: Apercu
) -> None:
    """A question for each writing of a réservataire that no convention has, when the conventions can be read."""
    conventions = [_conventions(lignes, vue) for _, lignes, vue in vues if vue.table.nom == "reservataires"]
    if not any(len(lues) for lues in conventions):
        return
    codes, noms = lire_noms(pl.concat(conventions))
    connues = decidees.reservataires
    for _, lignes, vue in vues:
        if vue.table.nom == "reservataires":
            continue
        for ecrit in ecritures(lignes, vue):
            if len(trouver(ecrit, codes, {**noms, **{cle: ("",) for cle in connues}})) != 1:
                apercu.questions.append(Question("Réservataires", (ecrit,), exemple=f"table {vue.table.nom}"))


def _conventions(lignes: pl.DataFrame, vue: Vue) -> pl.DataFrame:
    noms = ("code_reservataire", "libelle", "autres_noms")
    if vue.entete is None:
        return pl.DataFrame(schema=dict.fromkeys(noms, pl.String))
    champs = {nom: champ for champ, nom in vue.entete.colonnes.items()}
    corps = lignes.filter(pl.col("ligne") > vue.entete.derniere_ligne)
    colonnes = [pl.col(champs[nom]).alias(nom) if nom in champs else pl.lit(None, pl.String).alias(nom) for nom in noms]
    return corps.select(colonnes).drop_nulls("code_reservataire")


def _manques(presentes: set[str]) -> list[str]:
    """Tables that no file gives, and what each costs."""
    couts = {
        li["table"]: li["cout"] for _, li in lire_liste(CONTRAT / "manques.csv", ("table", "cout"), cle=("table",))
    }
    return [f"Il manque {nom} : {couts[nom]}." for nom in charger().campagne if nom not in presentes and nom in couts]


def _phrase(anomalie: Anomalie) -> str:
    return f"{anomalie.fichier} : {anomalie.message} {anomalie.correction}"
