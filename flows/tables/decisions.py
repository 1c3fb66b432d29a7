"""What the bailleur decided of one sheet, and how its rows are made with it."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from flows.anomalies import Anomalie, Gravite, enumerer, enumerer_plages, plages
from flows.contrat.schema import Colonne, charger, normaliser_entete
from flows.contrat.valeurs_dates import MOIS, lire_date, lire_mois, mois_d_un_nom, mois_nomme
from flows.depot.feuilles import Feuille
from flows.fichiers import FichierRecu
from flows.tables.citations import est_citable, est_personnelle
from flows.tables.correspondances import NE_PAS_LIRE, Correspondances, Ligne, cle_du_mot, normaliser_table
from flows.tables.declaration import Declaration
from flows.tables.entetes import Entete

_CELLULE = "_cellule"
_PLAGES_MAX = 100
MOIS_PROBANTS = 6
Choisie = tuple[Feuille, Entete | Declaration]
Ecritures = Mapping[str, Mapping[str, str | None] | None]
Valeurs = Mapping[str, Ecritures]


@dataclass(frozen=True)
class Decisions:
    """`colonnes`: normalised heading → column; `constantes`: column → value of every row; `valeurs`: see `Valeurs`.

    `Valeurs`: column → normalised writing → what it gives to the columns, None for a row that is not to be read.
    `intitules`: the same by normalised heading, of the chosen profiles; it need not be a column.
    """

    colonnes: Mapping[str, str] = field(default_factory=dict)
    constantes: Mapping[str, str] = field(default_factory=dict)
    valeurs: Valeurs = field(default_factory=dict)
    intitules: Valeurs = field(default_factory=dict)

    def donnees_sans_entete(self, presentes: Iterable[str]) -> frozenset[str]:
        """Columns that need no heading: constants, and those that a word of a column that is there gives."""
        dites = (d for c, mots in self.valeurs.items() if c in set(presentes) for d in mots.values() if d)
        return frozenset((*self.constantes, *(nom for devient in dites for nom in devient)))


SANS_DECISION = Decisions()


def decisions_de(correspondances: Correspondances, feuille: Feuille, table: str, annee: int) -> Decisions:
    """What was decided of a sheet, for one of the tables that it feeds; a month without its year is of the exercice."""
    ou = (feuille.fichier, feuille.feuille)
    constantes = {
        colonne: f"{valeur} {annee}" if _est_un_mois(valeur, charger().tables[table].colonnes.get(colonne)) else valeur
        for colonne, valeur in correspondances.constantes(*ou, table).items()
    }
    if table == "rpls" and (millesime := correspondances.millesime(*ou)):
        constantes["millesime"] = str(millesime)
    return Decisions(
        correspondances.colonnes(*ou, table),
        constantes,
        correspondances.valeurs(table),
        correspondances.valeurs_des_profils(*ou, table),
    )


def intitules_disparus(lues: Mapping[str, Sequence[Choisie]], correspondances: Correspondances) -> list[Anomalie]:
    """Headings that a decision names for a file: blocking when none of its sheets has it.

    An error when a sheet has it no more while another of the same table has it, and has a heading that nobody knows.
    """
    anomalies = []
    for ligne in correspondances.de("colonnes"):
        cle = normaliser_entete(ligne["intitule"])
        siennes = [
            (table, f, e, _intitules(e))
            for table, choisies in lues.items()
            for f, e in choisies
            if ligne["fichier"] and isinstance(e, Entete) and ligne.vaut_pour(f.fichier, f.feuille, table)
        ]
        presentes = {(table, f.fichier) for table, f, _, vus in siennes if cle in vus}
        if siennes and not presentes:
            vus = {cle: vu for table, *_, vus in siennes for cle, vu in vus.items() if _se_montre(vu, table)}
            anomalies.append(_disparu(ligne["intitule"], vus, *siennes[0][1:3], Gravite.BLOQUANT))
        anomalies += [
            _disparu(
                ligne["intitule"],
                {normaliser_entete(v): v for v in e.inconnus.values() if _se_montre(v, table)},
                f,
                e,
                Gravite.ERREUR,
            )
            for table, f, e, vus in siennes
            if cle not in vus
            and (table, f.fichier) in presentes
            and e.inconnus
            and normaliser_entete(ligne["colonne"]) not in NE_PAS_LIRE
            and ligne["colonne"] not in e.colonnes.values()
        ]
    return anomalies


def _se_montre(intitule: str, table: str) -> bool:
    return est_citable(intitule) or not est_personnelle(charger().tables[table])


def _intitules(entete: Entete) -> dict[str, str]:
    """Normalised headings of a sheet, whole and by level → as they are written."""
    return {normaliser_entete(morceau): morceau for vu in entete.vus.values() for morceau in (vu, *vu.split(" / "))}


def _disparu(intitule: str, vus: Mapping[str, str], feuille: Feuille, entete: Entete, gravite: Gravite) -> Anomalie:
    proches = difflib.get_close_matches(normaliser_entete(intitule), vus, n=1, cutoff=0.6)
    suite = f" Le plus proche est « {vus[proches[0]]} »." if proches else ""
    qui = "le fichier" if gravite is Gravite.BLOQUANT else "cette feuille"
    return Anomalie(
        gravite,
        "intitule_decide_absent",
        f"Les correspondances nomment l'intitulé « {intitule} », que {qui} n'a pas.{suite}",
        "Corrigez l'intitulé du fichier, ou dites dans la feuille Colonnes des correspondances celui qui le remplace.",
        feuille.fichier,
        feuille.feuille,
        entete.derniere_ligne,
        intitule,
    )


def appliquer(
    lignes: pl.DataFrame, decisions: Decisions, declarees: Mapping[str, Colonne]
) -> tuple[pl.DataFrame, list[int]]:
    """The rows with the constants and the decided values; and the numbers of those that are not to be read."""
    for colonne, valeur in decisions.constantes.items():
        if colonne in declarees:
            ecrite = _propre(colonne) if colonne in lignes.columns else pl.lit(None, pl.String)
            mois = _mois(valeur) if declarees[colonne].type == "date" and colonne in lignes.columns else ""
            complete = _dates_du_mois(ecrite, mois) if mois else pl.coalesce(ecrite, pl.lit(valeur))
            lignes = lignes.with_columns(complete.alias(colonne))
    ecartees: set[int] = set()
    for colonne, ecritures in decisions.valeurs.items():
        if colonne in lignes.columns:
            lignes, non_lues = _lire_les_mots(lignes, colonne, ecritures)
            ecartees |= non_lues
    return lignes.filter(~pl.col("ligne").is_in(list(ecartees))), sorted(ecartees)


def appliquer_les_intitules(
    lignes: pl.DataFrame, decisions: Decisions, feuille: pl.DataFrame, entete: Entete
) -> tuple[pl.DataFrame, list[int]]:
    """The same with what the chosen profiles say of the cells below a heading, a column of the table or not.

    `feuille` are the rows of the sheet as they are; a word that is decided for the column is left to that decision.
    """
    ecartees: set[int] = set()
    for champ, vu in entete.vus.items():
        decides = decisions.valeurs.get(entete.colonnes.get(champ, ""), {})
        ecritures = decisions.intitules.get(normaliser_entete(vu.split(" / ")[-1]), {})
        if ecritures := {mot: devient for mot, devient in ecritures.items() if mot not in decides}:
            cellules = feuille.select("ligne", pl.col(champ).alias(_CELLULE))
            lues = lignes.join(cellules, on="ligne", how="left", maintain_order="left")
            lues, non_lues = _lire_les_mots(lues, _CELLULE, ecritures)
            lignes, ecartees = lues.drop(_CELLULE), ecartees | non_lues
    return lignes.filter(~pl.col("ligne").is_in(list(ecartees))), sorted(ecartees)


def _est_un_mois(valeur: str, colonne: Colonne | None) -> bool:
    """True for « Janvier » in a column of dates."""
    return colonne is not None and colonne.type == "date" and mois_nomme(valeur.strip(" .").casefold()) > 0


def _mois(valeur: str) -> str:
    """`mm/aaaa` of a constant that is a month (« janvier 2025 », 01/2025); "" of any other."""
    if lire_date(valeur).canonique:
        return ""
    lu = lire_mois(valeur).canonique
    return f"{lu[5:7]}/{lu[:4]}" if lu else ""


def _dates_du_mois(ecrite: pl.Expr, mois: str) -> pl.Expr:
    """The dates of a sheet that is a month: `15` and `15/01` are completed, a whole date and a blank stay."""
    jour = ecrite.str.strip_chars().str.extract(r"^(\d{1,2})(?:\.0)?$")
    jour_mois = ecrite.str.strip_chars().str.extract(r"^(\d{1,2}[/.-]\d{1,2})$")
    return (
        pl.when(jour.is_not_null())
        .then(pl.concat_str(jour, pl.lit(f"/{mois}")))
        .when(jour_mois.is_not_null())
        .then(pl.concat_str(jour_mois, pl.lit(f"/{mois[3:]}")))
        .otherwise(ecrite)
    )


def _lire_les_mots(lignes: pl.DataFrame, colonne: str, ecritures: Ecritures) -> tuple[pl.DataFrame, set[int]]:
    """The rows where a decided writing of `colonne` gives what it means, and the numbers of those not to be read."""
    mots = lignes[colonne].fill_null("")
    lues = {mot: ecritures[cle] for mot in mots.unique() if (cle := cle_du_mot(mot)) in ecritures}
    non_lus = [mot for mot, devient in lues.items() if devient is None]
    non_lues = set(lignes.filter(mots.is_in(non_lus))["ligne"])
    for cible in dict.fromkeys(nom for devient in lues.values() if devient for nom in devient):
        nouvelles = {mot: devient[cible] for mot, devient in lues.items() if devient and cible in devient}
        avant = lignes[cible] if cible in lignes.columns else pl.Series([None] * lignes.height, dtype=pl.String)
        apres = mots.replace_strict(nouvelles, default=None, return_dtype=pl.String)
        lignes = lignes.with_columns(pl.when(mots.is_in(list(nouvelles))).then(apres).otherwise(avant).alias(cible))
    return lignes, non_lues


def lignes_ecartees(fichier: str, feuille: str, ecartees: list[int]) -> list[Anomalie]:
    """One information: rows that a decision says not to read."""
    if not ecartees:
        return []
    tranches = list(plages(ecartees))
    debut = "1 ligne n'est pas lue" if len(ecartees) == 1 else f"{len(ecartees)} lignes ne sont pas lues"
    message = f"{debut}, comme le disent les correspondances : "
    return [
        Anomalie(
            Gravite.INFORMATION,
            "lignes_ecartees",
            f"{message}{enumerer_plages(tranches[:_PLAGES_MAX])}{', …' if len(tranches) > _PLAGES_MAX else ''}.",
            "",
            fichier,
            feuille,
            ecartees[0],
            lignes=enumerer(ecartees),
        )
    ]


def _propre(colonne: str) -> pl.Expr:
    return pl.when(pl.col(colonne).str.strip_chars() != "").then(pl.col(colonne))


def a_lire(
    recus: list[FichierRecu], par_fichier: Mapping[str, list[Feuille]], table: str, correspondances: Correspondances
) -> Iterator[tuple[FichierRecu, list[Feuille]]]:
    """Files and the sheets of them that may be this table; those that were decided come one by one."""
    for recu in recus:
        siennes = par_fichier.get(recu.nom, [])
        if not correspondances.reclame(recu.nom):
            if recu.table == table:
                yield recu, siennes
            continue
        for feuille in siennes:
            if table in (correspondances.tables_de(recu.nom, feuille.feuille) or ()):
                yield recu, [replace(feuille, masquee=False)]


def sans_decision(
    recus: list[FichierRecu], feuilles: list[Feuille], correspondances: Correspondances
) -> list[Anomalie]:
    """Blocking anomalies: sheets of decided files of which nothing was decided."""
    reclames = {recu.nom for recu in recus if correspondances.reclame(recu.nom)}
    return [*_decidees_absentes(recus, feuilles, correspondances)] + [
        Anomalie(
            Gravite.BLOQUANT,
            "feuille_non_decidee",
            f"Les correspondances ne disent rien de la feuille « {feuille.feuille} » ({feuille.nb_lignes} lignes).",
            "Ajoutez-la à la feuille Feuilles des correspondances : sa table, ou « ne pas lire ».",
            feuille.fichier,
            feuille.feuille,
        )
        for feuille in feuilles
        if feuille.fichier in reclames and correspondances.tables_de(feuille.fichier, feuille.feuille) is None
    ]


def _decidees_absentes(
    recus: Sequence[FichierRecu], feuilles: Sequence[Feuille], correspondances: Correspondances
) -> Iterator[Anomalie]:
    """What was decided and is no longer there: a sheet of a file (blocking; an error for a constant), a file."""
    presents = [recu.nom for recu in recus]
    nourries = {table for recu in recus for table in (recu.table, *correspondances.tables_du_fichier(recu.nom))}
    dites: set[tuple[str, str]] = set()
    for nom in ("feuilles", "constantes"):
        for ligne in correspondances.lignes.get(nom, ()):
            table = normaliser_table(ligne["table"])
            siens = [recu for recu in presents if ligne.est_du_fichier(recu)]
            if not ligne["fichier"] or (nom == "feuilles" and not table):
                continue
            if nom == "feuilles" and not siens and table not in nourries:
                yield _fichier_absent(ligne, table)
            elif (
                siens
                and ligne["feuille"]
                and not any(ligne.vaut_pour(f.fichier, f.feuille) for f in feuilles)
                and (cle := (siens[0], normaliser_entete(ligne["feuille"]))) not in dites
            ):
                dites.add(cle)
                yield _feuille_absente(
                    ligne, table, siens[0], Gravite.BLOQUANT if nom == "feuilles" else Gravite.ERREUR
                )


def _feuille_absente(ligne: Ligne, table: str, fichier: str, gravite: Gravite) -> Anomalie:
    return Anomalie(
        gravite,
        "feuille_decidee_absente",
        f"Les correspondances nomment la feuille « {ligne['feuille']} »{f' (table {table})' if table else ''}, que le "
        "fichier n'a pas, ou qui est vide.",
        "Corrigez le nom de la feuille, ou supprimez les lignes des correspondances qui la nomment si elle ne doit "
        "plus être lue.",
        fichier,
        ligne["feuille"],
    )


def mois_sautes(lues: Mapping[str, Sequence[Choisie]], correspondances: Correspondances) -> Iterator[Anomalie]:
    """Months that a workbook of one sheet a month jumps over; a decision on the absent sheet says that there is none.

    An error, but for August, when commissions seldom meet.
    """
    par_fichier: dict[tuple[str, str], set[int]] = {}
    for table, choisies in lues.items():
        for feuille, _ in choisies:
            if rang := mois_d_un_nom(feuille.feuille):
                par_fichier.setdefault((table, feuille.fichier), set()).add(rang)
    for (table, fichier), presents in par_fichier.items():
        if len(presents) < MOIS_PROBANTS:
            continue
        for rang in sorted(set(range(min(presents), max(presents))) - presents):
            if any(_nomme(li, fichier, MOIS[rang - 1]) for li in correspondances.de("feuilles")):
                continue
            yield Anomalie(
                Gravite.AVERTISSEMENT if MOIS[rang - 1] == "août" else Gravite.ERREUR,
                "mois_saute",
                f"Le classeur a une feuille par mois, et aucune pour {MOIS[rang - 1]} : ses lignes de la table {table} "
                "manquent peut-être.",
                f"Ajoutez la feuille ; s'il n'y en a pas, dites-le dans correspondances.xlsx, feuille Feuilles : "
                f"{fichier}, {MOIS[rang - 1].capitalize()}, ne pas lire.",
                fichier,
                valeur=MOIS[rang - 1],
            )


def _nomme(ligne: Ligne, fichier: str, mois: str) -> bool:
    """True when a decision speaks of this month of a workbook, and not of any of its sheets."""
    nomme = mois_d_un_nom(ligne["feuille"]) == mois_d_un_nom(mois)
    return nomme and "*" not in ligne["feuille"] and ligne.est_du_fichier(fichier)


def _fichier_absent(ligne: Ligne, table: str) -> Anomalie:
    return Anomalie(
        Gravite.AVERTISSEMENT,
        "fichier_decide_absent",
        f"Les correspondances nomment « {ligne['fichier']} » (table {table}), qu'aucun fichier n'est : cette table "
        "n'est pas fournie.",
        "Déposez le fichier, ou corrigez son nom dans la feuille Feuilles des correspondances.",
        valeur=ligne["fichier"],
    )
