"""The bailleur's own mapping, `correspondances.xlsx`, beside the years: what its files are, what their words mean.

Sheets (headings without regard to case and accents): `Feuilles` (fichier, feuille, table, millesime), `Colonnes`
(fichier, feuille, table, intitule, colonne), `Constantes` (fichier, feuille, table, colonne, valeur), `Valeurs` (table,
colonne, valeur, devient), `Réservataires` (ecriture, code), `Logements` (fichier, feuille, intitule, reference),
`Bailleur` (question, reponse). A blank file, sheet or table means any; `*` stands for any text. For those who version
it: a folder `correspondances` of CSV files of these names.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import polars as pl

from flows import chemins
from flows.anomalies import Anomalie, Gravite
from flows.contrat.schema import IGNOREE, charger, normaliser_entete, reconnaitre
from flows.contrat.valeurs import lire_code_rpls
from flows.contrat.valeurs_dates import lire_mois, mois_d_un_nom
from flows.depot import reception
from flows.depot.extraction import extraire, lire_lignes
from flows.fichiers import FichierRecu
from flows.tables.profils import lire_profils, mots_des_profils, noms_des_profils, trouver_profil

NOM = "correspondances"
PROFIL = "profils.csv"
NE_PAS_LIRE = frozenset(("nepaslire", "ignorer", "nepas", "-"))
VIDE = frozenset(("vide", "nonrenseigne"))
NON_RESERVE = frozenset(("nonreserve", "nonreserves", "nonreservee", "nonreservees", "aucun", "horscontingent"))
_ENTRE_PAIRES = re.compile("[,;\n]")
FEUILLES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "feuilles": (("fichier", "feuille", "table", "millesime"), "table"),
    "colonnes": (("fichier", "feuille", "table", "intitule", "colonne"), "colonne"),
    "constantes": (("fichier", "feuille", "table", "colonne", "valeur"), "valeur"),
    "valeurs": (("table", "colonne", "valeur", "devient"), "devient"),
    "reservataires": (("ecriture", "code"), "code"),
    "logements": (("fichier", "feuille", "intitule", "reference"), "reference"),
    "bailleur": (("question", "reponse"), "reponse"),
}
"""Sheet → its columns, and the one that is the decision: a line where it is blank waits for an answer."""


CONVENTIONS = {"Conventions": "reservataires", "Flux annoncés": "objectifs", "Prévisions": "previsions"}
"""Sheets of the workbook `conventions.xlsx`, and their tables."""


@dataclass(frozen=True)
class Ligne:
    """One decision, and where it is written: row and file."""

    numero: int
    cellules: Mapping[str, str]
    source: str = ""

    def __getitem__(self, nom: str) -> str:
        return self.cellules.get(nom, "")

    def est_du_fichier(self, fichier: str) -> bool:
        """True when the line speaks of this file."""
        return _ressemble(self["fichier"], fichier)

    def vaut_pour(self, fichier: str, feuille: str, table: str = "") -> bool:
        """True when the line speaks of this sheet of this file and, when a table is given, of this table."""
        memes = _ressemble(self["fichier"], fichier) and _ressemble(self["feuille"], feuille)
        return memes and (
            not table or not self["table"] or normaliser_entete(self["table"]) == normaliser_entete(table)
        )


@dataclass(frozen=True)
class Correspondances:
    """Every decision, by sheet of the workbook; none when there is no workbook."""

    lignes: Mapping[str, tuple[Ligne, ...]] = field(default_factory=dict)

    def de(self, feuille: str) -> tuple[Ligne, ...]:
        """The lines of a sheet that are decided."""
        decision = FEUILLES[feuille][1]
        siennes = (ligne for ligne in self.lignes.get(feuille, ()) if ligne[decision])
        return (*siennes, *FOURNIES.get(feuille, ()), *(self._des_profils() if feuille == "colonnes" else ()))

    @property
    def profils(self) -> tuple[str, ...]:
        """The known exports that the bailleur chose, by their names in `profils.csv`."""
        ecrits = [
            morceau
            for question, reponse in self._reponses
            if question.startswith("profil")
            for morceau in _ENTRE_PAIRES.split(reponse)
        ]
        return tuple(nom for ecrit in ecrits if (nom := trouver_profil(ecrit)))

    def _des_profils(self) -> Iterable[Ligne]:
        """The headings of the chosen profiles, as decisions on every file, that any other decision wins over."""
        for nom in self.profils:
            for table, intitule, colonne in lire_profils()[nom]:
                yield Ligne(0, {"table": table, "intitule": intitule, "colonne": colonne}, source=PROFIL)

    @property
    def _reponses(self) -> list[tuple[str, str]]:
        """Normalised questions and their answers, as many times as they are written."""
        return [
            (normaliser_entete(li["question"]), li["reponse"])
            for li in self.lignes.get("bailleur", ())
            if li["reponse"]
        ]

    def reclame(self, fichier: str) -> bool:
        """True when a decision says what this file is, whatever its name."""
        return any(_ressemble(ligne["fichier"], fichier) for ligne in self.de("feuilles"))

    def tables_de(self, fichier: str, feuille: str) -> tuple[str, ...] | None:
        """Tables that a sheet feeds; none when it is not to be read, None when nothing says it.

        The most precise lines decide: a sheet that is named wins over a pattern, a pattern over a blank.
        """
        lignes = [ligne for ligne in self.de("feuilles") if ligne.vaut_pour(fichier, feuille)]
        if not lignes:
            return None
        precis = max(_precision(ligne) for ligne in lignes)
        tables = [normaliser_table(ligne["table"]) for ligne in lignes if _precision(ligne) == precis]
        return tuple(dict.fromkeys(table for table in tables if table))

    def tables_du_fichier(self, fichier: str) -> list[str]:
        """The tables that the sheets of a file feed, "" for those not to be read."""
        return [normaliser_table(li["table"]) for li in self.de("feuilles") if _ressemble(li["fichier"], fichier)]

    def table_principale(self, fichier: str) -> str | None:
        """The first table that a file feeds, "" when it is not to be read; None when nothing says it."""
        tables = self.tables_du_fichier(fichier)
        return next((table for table in tables if table), "") if tables else None

    def _du_moins_au_plus_precis(self, nom: str, fichier: str, feuille: str, table: str) -> list[Ligne]:
        """The decided lines of a sheet of decisions that speak of this sheet, the last one being the most precise."""
        siennes = [ligne for ligne in self.de(nom) if ligne.vaut_pour(fichier, feuille, table)]
        return sorted(siennes, key=lambda ligne: (ligne.source != PROFIL, *_precision(ligne), bool(ligne["table"])))

    def millesime(self, fichier: str, feuille: str) -> int | None:
        """The millésime that a decision gives to a sheet of dwellings."""
        ecrits = (ligne["millesime"] for ligne in self.de("feuilles") if ligne.vaut_pour(fichier, feuille))
        return next((int(ecrit.removesuffix(".0")) for ecrit in ecrits if ecrit.removesuffix(".0").isdigit()), None)

    def colonnes(self, fichier: str, feuille: str, table: str) -> dict[str, str]:
        """Normalised headings of a sheet → declared columns, `IGNOREE` for those not to be read."""
        decidees = {}
        for nom in ("logements", "colonnes"):
            for ligne in self._du_moins_au_plus_precis(nom, fichier, feuille, table):
                decidees[normaliser_entete(ligne["intitule"])] = _colonne(ligne[FEUILLES[nom][1]], table)
        return decidees

    def constantes(self, fichier: str, feuille: str, table: str) -> dict[str, str]:
        """Columns that a sheet does not have and what they are for all its rows."""
        return {
            _colonne(ligne["colonne"], table): ligne["valeur"]
            for ligne in self._du_moins_au_plus_precis("constantes", fichier, feuille, table)
        }

    def valeurs(self, table: str) -> dict[str, dict[str, dict[str, str | None] | None]]:
        """Column → normalised writing → what it gives to the columns; None for a row not to be read."""
        resultat: dict[str, dict[str, dict[str, str | None] | None]] = {}
        for ligne in self.de("valeurs"):
            if ligne.vaut_pour("", "", table) or normaliser_table(ligne["table"]) == table:
                colonne = _colonne(ligne["colonne"], table)
                resultat.setdefault(colonne, {})[cle_du_mot(ligne["valeur"])] = _devient(
                    ligne["devient"], colonne, table
                )
        return resultat

    def valeurs_des_profils(
        self, fichier: str, feuille: str, table: str
    ) -> dict[str, dict[str, dict[str, str | None] | None]]:
        """The same for the headings, normalised, of the chosen profiles; a heading that a decision names is its own."""
        lignes = [
            li for li in self.lignes.get("colonnes", ()) if li["colonne"] and li.vaut_pour(fichier, feuille, table)
        ]
        decides = {normaliser_entete(ligne["intitule"]) for ligne in lignes}
        resultat: dict[str, dict[str, dict[str, str | None] | None]] = {}
        for nom in self.profils:
            for sienne, intitule, valeur, devient in mots_des_profils().get(nom, ()):
                cle = normaliser_entete(intitule)
                if sienne == table and cle not in decides:
                    resultat.setdefault(cle, {})[cle_du_mot(valeur)] = _devient(devient, "", table)
        return resultat

    @property
    def reservataires(self) -> dict[str, str | None]:
        """Normalised writing of a réservataire → its code, None for « non réservé »."""
        return {
            normaliser_entete(ligne["ecriture"]): None
            if normaliser_entete(ligne["code"]) in NON_RESERVE
            else ligne["code"]
            for ligne in self.de("reservataires")
        }

    @property
    def bailleur(self) -> dict[str, str]:
        """Normalised questions → answers."""
        return {normaliser_entete(ligne["question"]): ligne["reponse"] for ligne in self.de("bailleur")}


AUCUNE = Correspondances()
FOURNIES = {
    "feuilles": (
        *(
            Ligne(0, {"fichier": "conventions", "feuille": feuille, "table": table})
            for feuille, table in CONVENTIONS.items()
        ),
        *(
            Ligne(0, {"fichier": "conventions", "feuille": nom, "table": "ne pas lire"})
            for nom in ("Défauts", "Modèles", "Listes")
        ),
    )
}
"""Decisions of the product: what is in the workbook that `gestion-flux modeles` writes."""


def lire_correspondances(entrees: Path, travail: Path) -> tuple[Correspondances, list[FichierRecu], list[Anomalie]]:
    """The decisions that are beside the folder of the exercice, the files that hold them, what is wrong with them."""
    recus, anomalies = reception.recevoir_un_a_un(chemins.correspondances(entrees), NOM)
    if not recus:
        return AUCUNE, [], anomalies
    feuilles, dites = extraire([(recu.nom, recu.chemin) for recu in recus], travail / NOM)
    anomalies += dites
    lignes: dict[str, tuple[Ligne, ...]] = {}
    lieux: dict[str, tuple[str, str]] = {}
    for feuille in feuilles:
        nom = normaliser_entete(feuille.feuille or Path(feuille.fichier).stem)
        if nom in FEUILLES and feuille.nb_lignes:
            lues, fautes = _lire_feuille(lire_lignes(feuille), nom, feuille.fichier, feuille.feuille)
            lignes[nom] = (*lignes.get(nom, ()), *lues)
            lieux[nom] = (feuille.fichier, feuille.feuille)
            anomalies += fautes
    correspondances = Correspondances(lignes)
    return correspondances, recus, anomalies + _verifier(correspondances, lieux)


def normaliser_table(ecrit: str) -> str:
    """The table that a decision names; "" for « ne pas lire » and for what is no table."""
    connues = {normaliser_entete(nom): nom for nom in charger().campagne}
    return connues.get(normaliser_entete(ecrit), "")


def cle_du_mot(ecrit: str) -> str:
    """What a writing is compared by: its letters and digits, else its signs; "" for a blank cell and for a dash."""
    return normaliser_entete(ecrit) or ecrit.strip().strip("-–—")


def _lire_feuille(lignes: pl.DataFrame, nom: str, fichier: str, feuille: str) -> tuple[list[Ligne], list[Anomalie]]:
    attendues, _ = FEUILLES[nom]
    champs = [c for c in lignes.columns if c != "ligne"]
    entete = {champ: normaliser_entete(lignes[champ][0] or "") for champ in champs}
    manquantes = [c for c in attendues if c not in entete.values() and c not in ("millesime", "table", "feuille")]
    if manquantes:
        message = f"Il manque la colonne {', '.join(manquantes)} (première ligne de la feuille)."
        return [], [_faute(message, f"Colonnes attendues : {', '.join(attendues)}.", fichier, feuille, 1)]
    lues = []
    for rangee in lignes.slice(1).iter_rows(named=True):
        cellules = {
            entete[c]: str(rangee[c]).strip() for c in champs if rangee[c] is not None and str(rangee[c]).strip()
        }
        if any(cellules.get(c) for c in attendues):
            lues.append(Ligne(int(rangee["ligne"]), cellules, fichier))
    return lues, []


def _verifier(correspondances: Correspondances, lieux: Mapping[str, tuple[str, str]]) -> list[Anomalie]:
    """Blocking anomalies: decisions that wait, tables and columns that do not exist."""
    anomalies = []
    for nom, lignes in correspondances.lignes.items():
        fichier, feuille = lieux[nom]
        decision = FEUILLES[nom][1]
        attendues = [ligne.numero for ligne in lignes if not ligne[decision]]
        if attendues:
            anomalies.append(
                Anomalie(
                    Gravite.BLOQUANT,
                    "correspondance_en_attente",
                    ("1 ligne attend" if len(attendues) == 1 else f"{len(attendues)} lignes attendent")
                    + f" une décision dans la colonne {decision} (la première : ligne "
                    f"{attendues[0]}).",
                    "Écrivez la décision de chaque ligne, « ne pas lire » ou « vide » compris, ou supprimez la ligne.",
                    fichier,
                    feuille,
                    attendues[0],
                    decision,
                )
            )
        for ligne in (ligne for ligne in lignes if ligne[decision]):
            for message, correction in _fautes(nom, ligne):
                anomalies.append(_faute(message, correction, fichier, feuille, ligne.numero))
        for premiere, autre in _contradictions(nom, lignes):
            message = f"La ligne {autre.numero} et la ligne {premiere.numero} décident autrement de la même chose."
            anomalies.append(_faute(message, "Gardez une seule des deux lignes.", fichier, feuille, autre.numero))
    return anomalies


def _contradictions(nom: str, lignes: Iterable[Ligne]) -> Iterable[tuple[Ligne, Ligne]]:
    """Decided lines of one key that do not say the same: neither would win; a sheet may feed several tables."""
    noms, decision = FEUILLES[nom]
    premieres: dict[tuple[str, ...], Ligne] = {}
    for ligne in (ligne for ligne in lignes if ligne[decision]):
        cle = tuple(cle_du_mot(ligne[c]) for c in noms if c not in (decision, "millesime"))
        premiere = premieres.setdefault(cle, ligne)
        if nom == "feuilles":
            differe = bool(normaliser_table(premiere[decision])) != bool(normaliser_table(ligne[decision]))
        else:
            differe = normaliser_entete(premiere[decision]) != normaliser_entete(ligne[decision])
        if differe:
            yield premiere, ligne


def _fautes(nom: str, ligne: Ligne) -> Iterable[tuple[str, str]]:
    tables = charger().campagne
    ecrite = ligne["table"]
    table = normaliser_table(ecrite)
    if ecrite and not table and normaliser_entete(ecrite) not in NE_PAS_LIRE:
        yield f"« {ecrite} » n'est pas une table.", f"Tables possibles : {', '.join(tables)}, ou « ne pas lire »."
    if nom == "bailleur":
        yield from _fautes_de_reponse(normaliser_entete(ligne["question"]), ligne["question"], ligne["reponse"])
    if nom == "constantes" and (du_nom := mois_d_un_nom(ligne["feuille"])):
        dit = mois_d_un_nom(ligne["valeur"]) or int((lire_mois(ligne["valeur"]).canonique or "0000-00")[5:7])
        if dit not in (0, du_nom):
            yield (
                f"La feuille « {ligne['feuille']} » est un mois, sa constante en dit un autre : « {ligne['valeur']} ».",
                "Corrigez la valeur, ou le nom de la feuille.",
            )
    ecrites = [ligne["colonne"]] if nom in ("colonnes", "constantes", "valeurs") else []
    if nom == "valeurs" and "=" in ligne["devient"]:
        ecrites += [morceau.partition("=")[0] for morceau in _ENTRE_PAIRES.split(ligne["devient"])]
    if nom == "logements":
        ecrites = [ligne["reference"]]
    for colonne in ecrites:
        connues = [tables[table]] if table else list(tables.values())
        if normaliser_entete(colonne) in NE_PAS_LIRE or any(_colonne(colonne, t.nom) in t.colonnes for t in connues):
            continue
        de_la_table = f"la table {table}" if table else "aucune table"
        yield (
            f"« {colonne.strip()} » n'est pas une colonne de {de_la_table}.",
            f"Colonnes : {', '.join(tables[table].colonnes) if table else 'celles du contrat'}.",
        )


def _fautes_de_reponse(question: str, ecrite: str, reponse: str) -> Iterable[tuple[str, str]]:
    """What is wrong with a question and its answer: neither is passed over in silence."""
    if question.startswith("profil"):
        for ecrit in _ENTRE_PAIRES.split(reponse):
            if not trouver_profil(ecrit):
                yield f"« {ecrit.strip()} » n'est pas un profil connu.", f"Profils : {' ; '.join(noms_des_profils())}."
    elif question.startswith("categorie"):
        if not lire_code_rpls(reponse, charger().codes["rpls_cat_org"]).canonique:
            yield f"« {reponse} » n'est pas une catégorie d'organisme.", "Réponses : OPH, ESH, SEM, coopérative."
    else:
        yield f"« {ecrite} » n'est pas une question connue.", "Questions : « Catégorie de l'organisme », « Profil »."


def _faute(message: str, correction: str, fichier: str, feuille: str, ligne: int) -> Anomalie:
    return Anomalie(Gravite.BLOQUANT, "correspondance_invalide", message, correction, fichier, feuille, ligne)


def _colonne(ecrite: str, table: str) -> str:
    """The declared column of a table that is written so, by its name or an alias; `IGNOREE` for « ne pas lire ».

    Else as it is written.
    """
    if normaliser_entete(ecrite) in NE_PAS_LIRE:
        return IGNOREE
    connue = reconnaitre(table, None, ecrite)
    return ecrite.strip() if connue in (None, IGNOREE) else str(connue)


def _devient(ecrit: str, colonne: str, table: str) -> dict[str, str | None] | None:
    """`decision=attribution, reponse_candidat=refuse` as columns; a single value is that of the column itself."""
    if normaliser_entete(ecrit) in NE_PAS_LIRE:
        return None
    if "=" not in ecrit:
        return {colonne: _ou_vide(ecrit)}
    paires = (morceau.partition("=") for morceau in _ENTRE_PAIRES.split(ecrit))
    return {_colonne(nom, table): _ou_vide(valeur.strip()) for nom, _, valeur in paires}


def _ou_vide(ecrit: str) -> str | None:
    return None if normaliser_entete(ecrit) in VIDE else ecrit


def _ressemble(motif: str, nom: str) -> bool:
    """True when a name fits a pattern, without regard to case, accents and punctuation; a blank pattern fits all."""
    if not motif:
        return True
    plats = ("*".join(normaliser_entete(morceau) for morceau in texte.split("*")) for texte in (motif, nom))
    voulu, lu = plats
    return fnmatchcase(lu, voulu) or normaliser_entete(Path(nom).stem) == voulu


def _precision(ligne: Ligne) -> tuple[int, int]:
    return tuple(2 * bool(ligne[nom]) - ("*" in ligne[nom]) for nom in ("feuille", "fichier"))  # type: ignore[return-value]
