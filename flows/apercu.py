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
from flows.contrat.valeurs import lire_code_rpls
from flows.depot import extraction, reception
from flows.depot.feuilles import Feuille
from flows.tables import classeur_correspondances
from flows.tables.categorie_bailleur import QUESTION
from flows.tables.correspondances import FEUILLES, Correspondances, lire_correspondances
from flows.tables.declaration import lire_en_tete, nommer_positions
from flows.tables.entetes import CHIFFRES, UN_CHIFFRE
from flows.tables.noms_reservataires import Noms, lire_noms, trouver
from flows.tables.profils import PROBANT, profils_vus, remarques
from flows.tables.propositions import References, Vue, constante_du_nom, doutes, references
from flows.tables.reconnaissance import (
    Question,
    autre_table,
    deviner_intitules,
    ecritures,
    questions_de_colonnes,
    questions_de_constantes,
    questions_de_mois,
    questions_de_mots,
    reconnaitre_feuille,
    table_du_mot,
)

BLOQUANT = Gravite.BLOQUANT
SOCLE = ("rpls", "reservataires")
RPLS_PROBANT = 8
"""Columns of the RPLS that a sheet of which nothing is decided must have to be taken for one."""


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
        ouverts = [a for a in dites if a.fichier.startswith("~$")]
        apercu = Apercu(dits=[_phrase(a) for a in (*ouverts, *extraites) if a in ouverts or a.gravite is BLOQUANT])
        lues = [(f, extraction.lire_lignes(f)) for f in feuilles]
        savoir = _apprendre(campagne.annee, lues, decidees)
        vues = _voir(campagne, lues, decidees, savoir, apercu)
        _voir_reservataires(vues, decidees, savoir, apercu)
        _voir_bailleur(vues, decidees, apercu)
        apercu.manques = _manques({vue.table.nom for _, _, vue in vues if vue.reconnues})
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


@dataclass(frozen=True)
class Savoir:
    """What is known before the sheets are looked at: how dwellings are named, and réservataires (codes, names)."""

    logements: References
    codes: frozenset[str] = frozenset()
    noms: Noms = field(default_factory=dict)


def _apprendre(annee: int, lues: list[tuple[Feuille, pl.DataFrame]], decidees: Correspondances) -> Savoir:
    colonnes: list[tuple[pl.Series | None, pl.Series | None]] = []
    conventions: list[pl.DataFrame] = []
    for feuille, lignes in lues:
        tables = _tables(feuille, decidees)
        voulues = [t for t in SOCLE if t in (("rpls",) if tables is None else tables)]
        for vue in reconnaitre_feuille(feuille, lignes, annee, decidees, voulues):
            if tables is None and vue.entete and vue.reconnues < RPLS_PROBANT:
                continue
            if vue.table.nom == "reservataires":
                conventions.append(_conventions(lignes, vue))
                continue
            noms = vue.entete.colonnes if vue.entete else nommer_positions(lignes)
            champs = {nom: champ for champ, nom in noms.items()}
            corps = lignes.filter(pl.col("ligne") > (vue.entete.derniere_ligne if vue.entete else 1))
            rep, interne = (corps[champs[c]] if c in champs else None for c in ("ident_rep", "ident_int"))
            colonnes.append((rep, interne))
    if not any(len(lus) for lus in conventions):
        return Savoir(references(colonnes))
    return Savoir(references(colonnes), *lire_noms(pl.concat(conventions)))


def _tables(feuille: Feuille, decidees: Correspondances) -> tuple[str, ...] | None:
    """Tables of a sheet by what was decided, else by the name of its file; None when neither says it."""
    decide = decidees.tables_de(feuille.fichier, feuille.feuille)
    if decide is not None or decidees.reclame(feuille.fichier):
        return decide
    du_nom = reception.table_du_nom(feuille.fichier, charger().campagne)
    return (du_nom,) if du_nom else None


def _voir(
    campagne: Campagne,
    lues: list[tuple[Feuille, pl.DataFrame]],
    decidees: Correspondances,
    savoir: Savoir,
    apercu: Apercu,
) -> list[tuple[Feuille, pl.DataFrame, Vue]]:
    """What each sheet is, by what was decided, else by the name of its file, else by its headings."""
    retenues = []
    for feuille, lignes in lues:
        ou = " ".join(filter(None, (feuille.fichier, f"[{feuille.feuille}]" if feuille.feuille else "")))
        tables = _tables(feuille, decidees)
        if tables == ():
            apercu.dits.append(f"{ou} : n'est pas lue, comme décidé.")
            continue
        vues = reconnaitre_feuille(
            feuille, lignes, campagne.annee, decidees, tables or list(charger().campagne), tables is not None
        )
        if tables is None:
            question, vues = _proposer_table(campagne, feuille, lignes, decidees, vues, apercu)
            apercu.questions.append(question)
        elif not vues:
            apercu.dits.append(f"{ou} : aucun en-tête reconnu.")
        sues = {c for vue in vues if vue.entete for c in vue.entete.vus if c not in vue.entete.inconnus}
        for vue in vues:
            manque = f" ; il manque {', '.join(vue.manquantes)}" if vue.manquantes else ""
            apercu.dits.append(f"{ou} : {vue.table.nom}, {vue.reconnues} colonnes reconnues{manque}.")
            demandees = [*questions_de_colonnes(feuille, lignes, vue, savoir.logements, sues)]
            proposees = {question.proposition for question in demandees}
            apercu.questions += demandees
            apercu.questions += questions_de_constantes(feuille, vue, proposees, campagne.annee, savoir.noms)
            constantes = decidees.constantes(feuille.fichier, feuille.feuille, vue.table.nom)
            apercu.questions += questions_de_mois(feuille, lignes, vue, campagne.annee, constantes)
            apercu.questions += questions_de_mots(feuille, lignes, vue, decidees)
            apercu.dits += [f"{ou} : {doute}" for doute in doutes(lignes, vue, savoir.logements, constantes)]
            autre, intitules = autre_table(lignes, vue, tables or ())
            if autre:
                apercu.dits.append(
                    f"{ou} : semble nourrir aussi la table {autre} ({', '.join(intitules)}) : écrivez sa ligne deux "
                    "fois dans Feuilles, une par table."
                )
            if profil := _profil_vu(vue, decidees):
                apercu.dits.append(profil)
            apercu.dits += [f"{ou} : {remarque}" for remarque in _remarques(vue)]
            retenues.append((feuille, lignes, vue))
    return retenues


def _proposer_table(
    campagne: Campagne,
    feuille: Feuille,
    lignes: pl.DataFrame,
    decidees: Correspondances,
    vues: list[Vue],
    apercu: Apercu,
) -> tuple[Question, list[Vue]]:
    """The question of what a sheet is, and the sheet as what is proposed: by its headings, else by a word of its name.

    « ne pas lire » is only proposed of a sheet that has no row of headings at all.
    """
    ou = (feuille.fichier, feuille.feuille)
    du_mot = table_du_mot(feuille.feuille, feuille.fichier)
    if declaration := lire_en_tete(lignes):
        exemple = f"déclaration {declaration.millesime}, {feuille.nb_lignes - 1} logements"
        return Question("Feuilles", ou, "rpls", "100 %", exemple), vues[:1]
    if refusees := [vue for vue in vues if _n_est_pas(vue)]:
        vues = [vue for vue in vues if vue not in refusees]
        if not vues or refusees[0].reconnues > vues[0].reconnues:
            exemple = ", ".join(list(refusees[0].entete.vus.values())[:6]) if refusees[0].entete else ""
            apercu.dits += [f"{ou[0]} : {remarque}" for remarque in _remarques(refusees[0])]
            return Question("Feuilles", ou, "ne pas lire", "", exemple), []
    # of two tables that its headings may be, a sheet is the one that its name says
    vues = sorted(vues, key=lambda vue: vue.table.nom != du_mot or vue.reconnues < 2)
    if vues and vues[0].reconnues >= 2 and (entete := vues[0].entete):
        confiance = f"{round(100 * vues[0].reconnues / len(entete.vus))} %"
        exemple = ", ".join(list(entete.vus.values())[:6])
        return Question("Feuilles", ou, vues[0].table.nom, confiance, exemple), vues[:1]
    devinee = deviner_intitules(lignes, UN_CHIFFRE if du_mot else CHIFFRES)
    if devinee is None:
        pleines = pl.sum_horizontal(pl.exclude("ligne").is_not_null().cast(pl.Int32))
        tableau = lignes.filter(pleines >= 2).height >= 2
        exemple = f"{feuille.nb_lignes} lignes, sans en-têtes connus"
        return Question("Feuilles", ou, du_mot if tableau else "ne pas lire", "", exemple), []
    exemple = ", ".join(list(devinee.vus.values())[:6])
    if not du_mot:
        return Question("Feuilles", ou, "", "", exemple), []
    proposees = reconnaitre_feuille(feuille, lignes, campagne.annee, decidees, [du_mot], deviner=True)
    return Question("Feuilles", ou, du_mot, "d'après le nom", exemple), proposees


def _profil_vu(vue: Vue, decidees: Correspondances) -> str:
    """The sentence that names the known export that the headings are of, when it is not chosen; "" when of none."""
    vus = profils_vus(vue.table.nom, list(vue.entete.inconnus.values() if vue.entete else ()))
    nom = max(vus, key=lambda n: vus[n], default="")
    if not nom or nom in decidees.profils or vus[nom] < PROBANT:
        return ""
    return (
        f"Ces intitulés sont de « {nom} » ({vus[nom]} reconnus de plus) : la ligne « Profil | {nom} » de la feuille "
        "Bailleur les décide tous."
    )


def _remarques(vue: Vue) -> list[str]:
    """What is to be known of the known export that a sheet is, as sentences."""
    vus = remarques(vue.table.nom, list(vue.entete.vus.values()) if vue.entete else [])
    return [f"« {intitule} » ({profil}). {remarque}." for profil, intitule, remarque, _ in vus]


def _n_est_pas(vue: Vue) -> bool:
    """True when the sheet is a known export that cannot be this table."""
    return any(refusee for *_, refusee in remarques(vue.table.nom, list(vue.entete.vus.values()) if vue.entete else []))


def _voir_reservataires(
    vues: list[tuple[Feuille, pl.DataFrame, Vue]], decidees: Correspondances, savoir: Savoir, apercu: Apercu
) -> None:
    """A question for each writing of a réservataire that no convention has, when the conventions can be read."""
    if not savoir.codes:
        return
    noms = {**savoir.noms, **{cle: ("",) for cle in decidees.reservataires}}
    for feuille, lignes, vue in vues:
        if vue.table.nom == "reservataires":
            continue
        for ecrit in ecritures(feuille, lignes, vue):
            if len(trouver(ecrit, savoir.codes, noms)) != 1:
                propose = constante_du_nom(
                    ecrit, charger().tables["objectifs"].colonnes["code_reservataire"], savoir.noms
                )
                apercu.questions.append(Question("Réservataires", (ecrit,), propose, "", f"table {vue.table.nom}"))


def _voir_bailleur(vues: list[tuple[Feuille, pl.DataFrame, Vue]], decidees: Correspondances, apercu: Apercu) -> None:
    """The question of its category, when a file of the bailleur has dwellings without convention and no category."""
    if any(question.startswith("categorie") for question in decidees.bailleur):
        return
    for feuille, lignes, vue in vues:
        champs = vue.entete.colonnes if vue.entete else nommer_positions(lignes)
        noms = {nom: champ for champ, nom in champs.items()}
        if (
            vue.table.nom != "rpls"
            or "conv" not in noms
            or "cat_org" in noms
            or not {"ident_rep", "ident_int"} & set(noms)
        ):
            continue
        corps = lignes.filter(pl.col("ligne") > (vue.entete.derniere_ligne if vue.entete else 1))
        codes = charger().codes["rpls_conv"]
        lus = [lire_code_rpls(texte or "", codes).canonique for texte in corps[noms["conv"]]]
        if nombre := lus.count("2"):
            exemple = f"{nombre} logements non conventionnés dans {feuille.fichier}"
            apercu.questions.append(Question("Bailleur", (QUESTION,), "", "", exemple))
            return


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
