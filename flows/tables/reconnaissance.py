"""What a sheet seems to be, for its owner to decide: tables, columns, words. It proposes and never applies."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from flows.chemins import CONTRAT
from flows.contrat.listes import lire_liste
from flows.contrat.schema import IGNOREE, Colonne, Table, charger, normaliser_entete, reconnaitre
from flows.contrat.typage import lecteur_de, lire_cellules
from flows.contrat.valeurs_dates import MOIS, mois_d_un_nom
from flows.depot.feuilles import Feuille
from flows.tables.citations import semblent_des_intitules
from flows.tables.constats_entete import manquantes
from flows.tables.correspondances import Correspondances, cle_du_mot
from flows.tables.decisions import decisions_de
from flows.tables.declaration import lire_en_tete
from flows.tables.donnees_feuille import donnees_du_tableau
from flows.tables.entetes import UN_CHIFFRE, Entete, deviner_entete, trouver_entete
from flows.tables.propositions import (
    JOUR_SEUL,
    References,
    Vue,
    constante_du_nom,
    par_le_nom,
    proposer,
    tient_dans,
)

RESSEMBLANCE = 0.6
NE_PAS_LIRE = "ne pas lire"
MOTS_MAX = 50
_ECHELLES = {2: "departement", 3: "departement", 9: "epci"}


@dataclass(frozen=True)
class Question:
    """A line to add to a sheet of the correspondances: its key, what is proposed, how sure, an example."""

    feuille: str
    cle: tuple[str, ...]
    proposition: str = ""
    confiance: str = ""
    exemple: str = ""


def reconnaitre_feuille(
    feuille: Feuille,
    lignes: pl.DataFrame,
    annee: int,
    correspondances: Correspondances,
    tables: Sequence[str],
    deviner: bool = False,
) -> list[Vue]:
    """The sheet as each of these tables, the most complete first; those of which nothing is known are left out.

    `deviner`: a row of words is taken for the headings when no column is known (see `deviner_intitules`).
    """
    vues = []
    for nom in tables:
        table = charger().tables[nom]
        if nom == "rpls" and lire_en_tete(lignes):
            return [Vue(table, None, len(table.colonnes), ())]
        decisions = decisions_de(correspondances, feuille, nom, annee)
        entete = trouver_entete(lignes, nom, annee, decisions.colonnes)
        if entete is None and deviner and (devinee := deviner_intitules(lignes, UN_CHIFFRE)):
            entete = _nommer(devinee, nom, annee)
        if entete:
            ailleurs = decisions.donnees_sans_entete(entete.colonnes.values())
            manque = tuple(m for m in manquantes(entete, table) if not set(m.split(" ou ")) & ailleurs)
            vues.append(Vue(table, entete, len(set(entete.colonnes.values())), manque))
    return sorted(vues, key=lambda vue: (len(vue.manquantes) - vue.reconnues, vue.table.nom))


def deviner_intitules(lignes: pl.DataFrame, chiffre: re.Pattern[str]) -> Entete | None:
    """The row of words that may be shown as headings: not one that could be about somebody."""
    devinee = deviner_entete(lignes, chiffre)
    return devinee if devinee and semblent_des_intitules(devinee.vus.values()) else None


def _nommer(entete: Entete, table: str, annee: int) -> Entete:
    """A guessed row of headings, those of them that the table knows under their columns."""
    sues = {champ: c for champ, vu in entete.vus.items() if (c := reconnaitre(table, annee, vu))}
    inconnus = {champ: vu for champ, vu in entete.vus.items() if champ not in sues}
    return replace(entete, colonnes={c: nom for c, nom in sues.items() if nom != IGNOREE}, inconnus=inconnus)


def table_du_mot(*noms: str) -> str:
    """The table that a word of these names announces, the first name first; "" when none does."""
    indices = lire_liste(CONTRAT / "indices.csv", ("mot", "table"), cle=("mot",))
    for nom in noms:
        trouvee = next((li["table"] for _, li in indices if normaliser_entete(li["mot"]) in normaliser_entete(nom)), "")
        if trouvee:
            return trouvee
    return ""


def questions_de_colonnes(
    feuille: Feuille, lignes: pl.DataFrame, vue: Vue, connues: References, ailleurs: Collection[str] = ()
) -> Iterator[Question]:
    """One question for each heading that nobody knows, with the free column that it looks like.

    `ailleurs` are the columns of the sheet that another of its tables has.
    """
    if vue.entete is None:
        return
    libres = {nom for nom in vue.table.colonnes if nom not in vue.entete.colonnes.values()}
    corps = lignes.filter(pl.col("ligne") > vue.entete.derniere_ligne)
    for champ, intitule in vue.entete.inconnus.items():
        if champ in ailleurs:
            continue
        dernier = intitule.split(" / ")[-1]
        propose, note = _colonne_proposee(dernier, corps[champ], vue.table, libres, connues)
        libres.discard(propose)
        logement = propose in ("ident_rep", "ident_interne")
        yield Question(
            "Logements" if logement else "Colonnes",
            (feuille.fichier, "", dernier) if logement else (feuille.fichier, "", vue.table.nom, dernier),
            propose or NE_PAS_LIRE,
            f"{round(100 * note)} %" if propose else "",
            _forme(corps[champ]),
        )


def _colonne_proposee(
    intitule: str, cellules: pl.Series, table: Table, libres: Collection[str], connues: References
) -> tuple[str, float]:
    """The free column that a heading and its cells are, and how surely: a dwelling, else its words, else its cells."""
    nom, part = connues.reconnaitre(cellules.drop_nulls())
    if nom in libres:
        return nom, part
    for nom, note in par_le_nom(intitule, table, libres):
        if tient_dans(cellules, table.colonnes[nom]):
            return nom, note
    return proposer(cellules, table, {nom: nom for nom in table.colonnes if nom in libres}, connues)


def questions_de_constantes(
    feuille: Feuille, vue: Vue, proposees: Collection[str], annee: int, noms: Mapping[str, tuple[str, ...]]
) -> Iterator[Question]:
    """One question for each mandatory column that no heading is, when the sheet's name says it or nothing else can."""
    for manque in vue.manquantes:
        colonne = vue.table.colonnes[manque.split(" ou ")[0]]
        if colonne.nom in proposees:
            continue
        if colonne.type == "annee":
            annees = {"previsions": annee + 1, "objectifs": annee}
            yield _constante(feuille, vue, colonne, str(annees.get(vue.table.nom, "")))
        elif colonne.type == "liste" or colonne.nom == "code_reservataire":
            du_nom = constante_du_nom(feuille.feuille, colonne, noms)
            if du_nom or NE_PAS_LIRE not in proposees:
                yield _constante(feuille, vue, colonne, du_nom)


def questions_de_mois(
    feuille: Feuille, lignes: pl.DataFrame, vue: Vue, annee: int, decidees: Collection[str]
) -> Iterator[Question]:
    """One question for each column of dates that has days alone: which month the sheet is."""
    if vue.entete is None:
        return
    corps = lignes.filter(pl.col("ligne") > vue.entete.derniere_ligne)
    for champ, nom in vue.entete.colonnes.items():
        pleines = corps[champ].drop_nulls().str.strip_chars()
        jours = pleines.filter(pleines != "").str.contains(JOUR_SEUL)
        if (
            vue.table.colonnes[nom].type == "date"
            and nom not in decidees
            and jours.len()
            and 2 * jours.sum() >= len(jours)
        ):
            rang = mois_d_un_nom(feuille.feuille)
            yield _constante(feuille, vue, vue.table.colonnes[nom], f"{MOIS[rang - 1]} {annee}" if rang else "")


def autre_table(lignes: pl.DataFrame, vue: Vue, decidees: Collection[str]) -> tuple[str, list[str]]:
    """The table that the headings that are not of this one seem to be, and these headings; ("", []) when none.

    A row of departures often says what came of them: its candidates are another table.
    """
    seconde = {"liberations": "attributions", "propositions": "attributions", "attributions": "liberations"}
    nom = seconde.get(vue.table.nom, "")
    if vue.entete is None or not nom or nom in decidees:
        return "", []
    corps, table = lignes.filter(pl.col("ligne") > vue.entete.derniere_ligne), charger().tables[nom]
    trouves: dict[str, str] = {}
    for champ, intitule in vue.entete.inconnus.items():
        for colonne, _ in par_le_nom(intitule, table, table.colonnes):
            if colonne not in vue.table.colonnes and tient_dans(corps[champ], table.colonnes[colonne]):
                trouves.setdefault(colonne, intitule)
                break
    decisives = {c.nom for c in table.colonnes.values() if c.entete_obligatoire and c.type == "date"}
    return (nom, list(trouves.values())) if decisives <= set(trouves) else ("", [])


def _constante(feuille: Feuille, vue: Vue, colonne: Colonne, proposition: str) -> Question:
    cle = (feuille.fichier, feuille.feuille, vue.table.nom, colonne.nom)
    return Question("Constantes", cle, proposition, exemple="nom de la feuille" if proposition else "")


def questions_de_mots(
    feuille: Feuille, lignes: pl.DataFrame, vue: Vue, correspondances: Correspondances
) -> Iterator[Question]:
    """One question for each word that no list knows, in the columns of words of the table."""
    if vue.entete is None:
        return
    donnees = _donnees(feuille, lignes, vue)
    decides = correspondances.valeurs(vue.table.nom)
    for nom in vue.entete.colonnes.values():
        colonne = vue.table.colonnes[nom]
        if colonne.type not in ("liste", "booleen") or colonne.est_personnelle:
            continue
        for mot in _mots_inconnus(donnees[nom], colonne)[:MOTS_MAX]:
            if cle_du_mot(mot) not in decides.get(nom, {}):
                yield Question("Valeurs", (vue.table.nom, nom, mot), *_mot_proche(mot, colonne))
    if vue.table.nom == "previsions" and "code_territoire" in donnees.columns and "echelle" not in donnees.columns:
        decidees = correspondances.constantes(feuille.fichier, feuille.feuille, vue.table.nom)
        ecrits = sorted(set(donnees["code_territoire"].drop_nulls().str.strip_chars()) - {""})
        for ecrit in () if "echelle" in decidees else ecrits:
            if cle_du_mot(ecrit) not in decides.get("code_territoire", {}):
                echelle = _ECHELLES.get(len(ecrit) if ecrit[:1].isdigit() else 0, "commune")
                proposition = f"code_territoire={ecrit}, echelle={echelle}"
                yield Question("Valeurs", (vue.table.nom, "code_territoire", ecrit), proposition, "", "échelle à dire")


def ecritures(feuille: Feuille, lignes: pl.DataFrame, vue: Vue) -> list[str]:
    """How a sheet writes its réservataires."""
    if vue.entete is None:
        return []
    donnees = _donnees(feuille, lignes, vue)
    noms = [nom for nom in ("code_reservataire", "reservataire") if nom in donnees.columns]
    return sorted({texte.strip() for nom in noms for texte in donnees[nom].drop_nulls() if texte.strip()})


def _donnees(feuille: Feuille, lignes: pl.DataFrame, vue: Vue) -> pl.DataFrame:
    """The rows of a sheet under the names of its columns, without its totals and notes when it can be read."""
    if vue.entete is None or not vue.entete.colonnes:
        return lignes.clear()
    lues = donnees_du_tableau(feuille, lignes, vue.entete, vue.table).lignes
    if lues is not None:
        return lues
    corps = lignes.filter(pl.col("ligne") > vue.entete.derniere_ligne)
    champs = {nom: champ for champ, nom in vue.entete.colonnes.items()}
    return corps.select(pl.col(champ).alias(nom) for nom, champ in champs.items())


def _mots_inconnus(cellules: pl.Series, colonne: Colonne) -> list[str]:
    lues = lire_cellules(cellules, lecteur_de(colonne, source_numerique=True), colonne)
    return sorted(set(cellules.filter(lues["probleme"].is_not_null()).drop_nulls()))


def _mot_proche(mot: str, colonne: Colonne) -> tuple[str, str]:
    codes = charger().codes.get(colonne.liste or "booleen", {})
    proches = difflib.get_close_matches(normaliser_entete(mot), codes, n=1, cutoff=RESSEMBLANCE)
    if not proches:
        return "", ""
    note = difflib.SequenceMatcher(None, normaliser_entete(mot), proches[0]).ratio()
    return codes[proches[0]], f"{round(100 * note)} %"


def _forme(cellules: pl.Series) -> str:
    """What a column looks like, never one of its values: they may be somebody's."""
    pleines = cellules.drop_nulls().str.strip_chars()
    pleines = pleines.filter(pleines != "")
    if not pleines.len():
        return "vide"
    formes = {
        "dates": r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|^\d{4}-\d{2}-\d{2}",
        "nombres entiers": r"^\d+$",
        "nombres": r"^-?[\d\s]+[.,]\d+ ?%?$",
    }
    for forme, motif in formes.items():
        if pleines.str.contains(motif).mean() > 0.5:  # type: ignore[operator]
            return f"{pleines.len()} {forme}"
    return f"{pleines.len()} textes, {pleines.n_unique()} différents"
