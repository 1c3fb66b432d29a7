"""The rows of data of one sheet: below its headings, without total nor description, merged cells repeated.

What would make a row say something else than what its author sees rejects that row, and is said.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile

import polars as pl

from flows.anomalies import Anomalie, Gravite, Recueil, enumerer_plages
from flows.contrat.schema import Table
from flows.contrat.typage import lecteur_de, lire_cellules, typer
from flows.depot.extraction import Feuille
from flows.depot.feuilles import lettres
from flows.tables.declaration import Declaration, nommer_positions
from flows.tables.entetes import Entete
from flows.tables.totaux import LOGEMENT, commence_un_total, oter_totaux

EXEMPLE = "EXEMPLE"
"""What the first cell of the row of example of our workbooks says: no data."""
DESCRIPTIONS_MAX = 4
DESCRIPTION = r"^[^0-9]{6,}$|^n/a$|^-$|^texte?$"
_TEXTES = ("csv", "txt")
_SOMMABLES = ("entier", "decimal", "positif")
NOTE_COLONNES = 3
_MOT = re.compile(r"[^\W\d_]{3,}")
_DEBUT_DE_NOTE = re.compile(
    r"\W*(?:sources?|notes?|nota|n\.? ?b|remarques?|observations?|l[ée]gende|attention|rappel|avertissement|extrait"
    r"|export|extraction|[ée]dit[ée]|imprim[ée]|mise? [àa] jour|m[àa]j|fait [àa]|fait le|page|signature)\b"
    r"|\*|\(\d\)|\[\d\]|[¹²³]",
    re.IGNORECASE,
)
_PHRASE = re.compile(r"[^\W\d_]{2,}[\s’'.,:-]+(?:[^\W\d_]+[\s’'.,:-]+)*[^\W\d_]{2,}")


@dataclass
class Donnees:
    """`lignes`: `ligne` and the declared columns, as text; None when the sheet must not be read (an anomaly says why).

    `refusees` are the rows rejected before their values are looked at; they are not in `lignes`.
    """

    lignes: pl.DataFrame | None
    refusees: list[int] = field(default_factory=list)
    anomalies: list[Anomalie] = field(default_factory=list)


def donnees_de_la_declaration(feuille: Feuille, lignes: pl.DataFrame, declaration: Declaration) -> Donnees:
    """The dwellings of a declaration: their number must be the one that its first line announces."""
    donnees = lignes.slice(1).rename(nommer_positions(lignes))
    if len(declaration.lignes_en_tete) > 1:
        return Donnees(
            None,
            anomalies=[
                Anomalie(
                    Gravite.BLOQUANT,
                    "deux_millesimes",
                    "Le fichier contient plusieurs déclarations mises bout à bout.",
                    "Séparez-les : un fichier par déclaration.",
                    feuille.fichier,
                    feuille.feuille,
                    declaration.lignes_en_tete[1],
                )
            ],
        )
    if declaration.nb_annonces is None:
        message = "L'en-tête n'annonce pas le nombre de logements (position 11) : une troncature ne se verrait pas."
        correction = "Remplissez la position 11 de la première ligne."
        return Donnees(donnees, anomalies=[_annonce(Gravite.AVERTISSEMENT, feuille, message, correction, "")])
    if declaration.nb_annonces != donnees.height:
        message = (
            f"L'en-tête annonce {declaration.nb_annonces} logements, le fichier en contient {donnees.height} "
            "(position 11 de la première ligne) : fichier tronqué ou complété à la main."
        )
        correction = "Redemandez le fichier complet, ou corrigez le nombre annoncé."
        dite = _annonce(Gravite.BLOQUANT, feuille, message, correction, str(declaration.nb_annonces))
        return Donnees(None, anomalies=[dite])
    return Donnees(donnees)


def _annonce(gravite: Gravite, feuille: Feuille, message: str, correction: str, valeur: str) -> Anomalie:
    code = "nombre_declare_different" if valeur else "nombre_non_declare"
    ou = (feuille.fichier, feuille.feuille, 1, "nombre de logements", valeur)
    return Anomalie(gravite, code, message, correction, *ou)


def donnees_du_tableau(feuille: Feuille, lignes: pl.DataFrame, entete: Entete, table: Table) -> Donnees:
    """The rows below the headings of a sheet, in the declared columns."""
    avant = lignes.filter(pl.col("ligne") < entete.premiere_ligne)
    resultat = Donnees(None)
    if not _voir_au_dessus(feuille, avant, entete, table, resultat):
        return resultat
    corps = lignes.filter(pl.col("ligne") > entete.derniere_ligne)
    corps, etalees = _repeter_fusions(feuille, corps, entete, table, resultat)
    _voir_hors_tableau(feuille, corps, entete, resultat)
    donnees = _en_colonnes(corps, entete)
    if table.nom == "rpls":
        donnees = _oter_descriptions(feuille, donnees, table, resultat)
    donnees = _oter_exemple(feuille, donnees, resultat)
    donnees = _oter_notes(feuille, corps, donnees, entete, table, etalees, resultat)
    donnees, totaux, dites = oter_totaux(feuille, corps, donnees, table, entete.donnees_ailleurs)
    resultat.refusees += totaux
    resultat.anomalies += dites
    restantes = {ligne: etalees[ligne] for ligne in donnees["ligne"] if ligne in etalees and ligne not in totaux}
    resultat.refusees += restantes
    resultat.anomalies += Recueil(restantes.values()).liste()
    if resultat.refusees:
        resultat.refusees = sorted(set(resultat.refusees) & set(donnees["ligne"]))
    resultat.lignes = _sans(donnees, resultat.refusees)
    return resultat


def _en_colonnes(corps: pl.DataFrame, entete: Entete) -> pl.DataFrame:
    """Declared columns under their names; rows that are blank in all of them go."""
    champ_de = {colonne: champ for champ, colonne in entete.colonnes.items()}
    donnees = corps.select("ligne", *(pl.col(champ).alias(colonne) for colonne, champ in champ_de.items()))
    vides = pl.all_horizontal(pl.exclude("ligne").is_null() | (pl.exclude("ligne").str.strip_chars() == ""))
    return donnees.filter(~vides)


def _oter_exemple(feuille: Feuille, donnees: pl.DataFrame, resultat: Donnees) -> pl.DataFrame:
    """The row of example of `gestion-flux modeles` is not data, and is said."""
    premiere = donnees.row(0, named=True) if donnees.height else {}
    est_exemple = any(isinstance(texte, str) and texte.strip() == EXEMPLE for texte in premiere.values())
    exemples = [premiere["ligne"]] if est_exemple else []
    for ligne in exemples:
        message = "La ligne d'exemple du modèle n'est pas lue."
        ou = (feuille.fichier, feuille.feuille, ligne)
        resultat.anomalies.append(Anomalie(Gravite.INFORMATION, "ligne_d_exemple", message, "", *ou))
    return _sans(donnees, exemples)


def _oter_notes(
    feuille: Feuille,
    corps: pl.DataFrame,
    donnees: pl.DataFrame,
    entete: Entete,
    table: Table,
    etalees: Mapping[int, Anomalie],
    resultat: Donnees,
) -> pl.DataFrame:
    """Words alone on their row (a title, a signature, a remark) are no data, and are said: never what they say.

    They are where no word can be (in place of a date, a number, a code of a list, a dwelling), begin as a note does, or
    are merged over several columns (`etalees`). Anything else alone on its row may be a row that lost its cells.
    """
    champs = [c for c in corps.columns if c != "ligne"]
    pleines = pl.sum_horizontal((pl.col(champs).str.strip_chars() != "").fill_null(False).cast(pl.Int32))
    seules = corps.filter(pleines == 1)["ligne"].to_list() if len(entete.vus) >= NOTE_COLONNES else []
    candidates = donnees.filter(pl.col("ligne").is_in(seules))
    if candidates.is_empty():
        return donnees
    notes: set[int] = set()
    en_bas: set[int] = set()  # words that a reference of our own could be, but for their place
    for nom in (c for c in candidates.columns if c in table.colonnes):
        # none when the words are in a column without a heading, or when their only sign is blank to one reader
        dites = candidates.filter(pl.col(nom).str.strip_chars() != "")
        colonne = table.colonnes[nom]
        lues = lire_cellules(dites[nom], lecteur_de(colonne, source_numerique=True), colonne)
        for ligne, texte, probleme in zip(dites["ligne"], dites[nom], lues["probleme"], strict=True):
            est_mot = ligne in etalees and probleme and _MOT.fullmatch(texte.strip())
            if commence_un_total(texte) or not (est_mot or _PHRASE.search(texte)):
                continue
            if probleme or ligne in etalees or _DEBUT_DE_NOTE.match(texte):
                notes.add(ligne)
            elif nom in LOGEMENT:
                en_bas.add(ligne)
    bas = list(takewhile(lambda ligne: ligne in notes or ligne in en_bas, reversed(donnees["ligne"].to_list())))[::-1]
    notes |= set(bas)
    ou = (feuille.fichier, feuille.feuille)
    message = "Ces mots sous le tableau ne sont pas une donnée : la ligne n'est pas lue."
    resultat.anomalies += [Anomalie(Gravite.INFORMATION, "note_de_bas", message, "", *ou, ligne) for ligne in bas]
    resultat.anomalies += Recueil(
        Anomalie(
            Gravite.AVERTISSEMENT,
            "ligne_de_titre",
            f"La ligne {ligne} n'a que des mots, dans une cellule, parmi les données : un titre ou une remarque. Elle "
            "n'est pas lue.",
            "Rien à faire si c'est un titre ; si c'est une donnée, complétez la ligne.",
            *ou,
            ligne,
        )
        for ligne in sorted(notes - set(bas))
    ).liste()
    return _sans(donnees, sorted(notes))


def _sans(donnees: pl.DataFrame, lignes: list[int]) -> pl.DataFrame:
    """The rows but for these ones, by their row numbers."""
    return donnees.filter(~pl.col("ligne").is_in(lignes)) if lignes else donnees


def _voir_au_dessus(feuille: Feuille, avant: pl.DataFrame, entete: Entete, table: Table, resultat: Donnees) -> bool:
    """False when rows above the headings are data: the headings have moved, in a sort or a copy.

    Rows as filled as data that say nothing of a dwelling, a date or a number describe the columns, and are said.
    """
    if avant.is_empty():
        return True
    donnees = _en_colonnes(avant, entete)
    remplies = pl.sum_horizontal(pl.exclude("ligne").is_not_null().cast(pl.Int32))
    donnees = donnees.filter(2 * remplies >= len(entete.colonnes))
    if donnees.height == 0:
        return True
    acceptees = _qui_disent_quelque_chose(donnees, table, feuille)
    resultat.anomalies += [_description(feuille, ligne) for ligne in donnees["ligne"] if ligne not in acceptees]
    resultat.anomalies += [
        Anomalie(
            Gravite.BLOQUANT,
            "donnees_au_dessus_des_entetes",
            f"La ligne {ligne} est une ligne de données au-dessus des en-têtes (ligne {entete.derniere_ligne}) : "
            "elle ne serait pas lue.",
            "Remettez les en-têtes au-dessus de toutes les lignes.",
            feuille.fichier,
            feuille.feuille,
            ligne,
        )
        for ligne in sorted(acceptees)
    ]
    return not acceptees


def _qui_disent_quelque_chose(donnees: pl.DataFrame, table: Table, feuille: Feuille) -> set[int]:
    """Rows that would be accepted, with at least one value that not any word can be: a date, a number, a code."""
    typees = typer(donnees, table, feuille.fichier, feuille.feuille).acceptees
    strictes = [nom for nom in donnees.columns if nom != "ligne" and table.colonnes[nom].type not in ("texte", "code")]
    return set(typees.filter(pl.any_horizontal(pl.col(strictes).is_not_null()))["ligne"])


def _description(feuille: Feuille, ligne: int) -> Anomalie:
    message = f"La ligne {ligne} décrit les colonnes : elle n'est pas lue comme une donnée."
    return Anomalie(Gravite.INFORMATION, "ligne_de_descriptions", message, "", feuille.fichier, feuille.feuille, ligne)


def _repeter_fusions(
    feuille: Feuille, corps: pl.DataFrame, entete: Entete, table: Table, resultat: Donnees
) -> tuple[pl.DataFrame, dict[int, Anomalie]]:
    """A cell merged over several rows of data speaks for each of them: its value is repeated, and said.

    Not so for a number that is added up (it would count several times), nor for a cell spread over several columns:
    their rows are rejected. Nothing is said of a cell of one row that only covers columns without a heading.
    The second result: rows that are a spread cell and nothing more, or a total, and what is to be said of them if they
    are data.
    """
    lignes = corps["ligne"].to_list() if feuille.fusions else []
    rangs = {ligne: rang for rang, ligne in enumerate(lignes)}
    declarees = sorted((int(champ.removeprefix("c")), colonne) for champ, colonne in entete.colonnes.items())
    intitulees = sorted(int(champ.removeprefix("c")) for champ in entete.vus)
    textes: dict[str, list[str | None]] = {}
    dites = Recueil()
    etalees: dict[int, Anomalie] = {}
    for haut, gauche, bas, droite in feuille.fusions:
        couvertes = declarees[bisect_left(declarees, (gauche, "")) : bisect_left(declarees, (droite + 1, ""))]
        concernees = lignes[bisect_left(lignes, haut) : bisect_right(lignes, bas)]
        if not couvertes or not concernees or haut <= entete.derniere_ligne:
            continue
        champ = f"c{gauche}"
        if champ not in textes:
            textes[champ] = corps[champ].to_list()
        valeur = textes[champ][rangs[haut]] if haut in rangs else None
        if valeur is None:
            continue
        colonne = couvertes[0][1]
        etalee = len(couvertes) > 1 or couvertes[0][0] != gauche
        sommable = len(concernees) > 1 and table.colonnes[colonne].type in _SOMMABLES
        dite = _fusion(feuille, (haut, gauche, bas, droite), colonne, etalee, sommable)
        if etalee and len(concernees) == 1 and (commence_un_total(valeur) or _est_seule(corps, rangs[haut])):
            etalees[haut] = dite
            continue
        if etalee or sommable:
            resultat.refusees += concernees
        elif len(concernees) == 1 and bisect_right(intitulees, droite) - bisect_left(intitulees, gauche) == 1:
            continue
        else:
            for ligne in concernees:
                textes[champ][rangs[ligne]] = valeur
        dites.ajouter(dite, concernees)
    resultat.anomalies += dites.liste()
    repetees = [pl.Series(champ, cellules, dtype=pl.String) for champ, cellules in textes.items()]
    return corps.with_columns(repetees), etalees


def _est_seule(corps: pl.DataFrame, rang: int) -> bool:
    """True when a row has one filled cell."""
    return sum(bool((texte or "").strip()) for texte in corps.row(rang)[1:]) == 1


def _fusion(feuille: Feuille, plage: tuple[int, int, int, int], colonne: str, etalee: bool, sommable: bool) -> Anomalie:
    haut, gauche, bas, droite = plage
    ou = f"{lettres(gauche)}{haut}:{lettres(droite)}{bas}"
    suite = "la valeur est reprise pour chaque ligne."
    if etalee:
        suite = "on ne sait pas à quelle colonne est la valeur. Ces lignes sont rejetées."
    elif sommable:
        suite = "ce nombre serait compté plusieurs fois. Ces lignes sont rejetées."
    return Anomalie(
        Gravite.ERREUR if etalee or sommable else Gravite.AVERTISSEMENT,
        "cellules_fusionnees",
        f"Les cellules {ou} sont fusionnées dans les données (lignes {haut} à {bas}) : {suite}",
        "Défusionnez les cellules et écrivez la valeur de chaque ligne dans le fichier.",
        feuille.fichier,
        feuille.feuille,
        haut,
        colonne,
        lignes=enumerer_plages([(haut, bas)]),
    )


def _voir_hors_tableau(feuille: Feuille, corps: pl.DataFrame, entete: Entete, resultat: Donnees) -> None:
    """Values in columns without heading are not read, and said.

    In a text, a value beyond the last heading shows one separator too many: its row has slipped, and is rejected.
    """
    derniere = max(int(champ.removeprefix("c")) for champ in entete.vus)
    for champ in (c for c in corps.columns if c != "ligne" and c not in entete.vus):
        rang = int(champ.removeprefix("c"))
        # one column at a time: a sheet may have ten thousand of them
        remplies = corps["ligne"].filter(corps[champ].str.strip_chars() != "").to_list()
        if not remplies:
            continue
        if feuille.format in _TEXTES and rang > derniere:
            nouvelles = set(remplies) - set(resultat.refusees)
            resultat.refusees += remplies
            resultat.anomalies += Recueil(_ligne_decalee(feuille, ligne, rang) for ligne in sorted(nouvelles)).liste()
            continue
        resultat.anomalies.append(
            Anomalie(
                Gravite.AVERTISSEMENT,
                "colonne_sans_entete",
                f"La colonne {lettres(rang)} n'a pas d'en-tête : ses {len(remplies)} valeurs ne sont pas lues "
                f"(la première à la ligne {remplies[0]}).",
                "Donnez-lui un en-tête si elle compte, videz-la sinon.",
                feuille.fichier,
                feuille.feuille,
                remplies[0],
                lettres(rang),
            )
        )


def _ligne_decalee(feuille: Feuille, ligne: int, rang: int) -> Anomalie:
    return Anomalie(
        Gravite.ERREUR,
        "ligne_decalee",
        f"La ligne {ligne} a une valeur dans la colonne {lettres(rang)}, au-delà des en-têtes : un séparateur de trop "
        "décale ses valeurs. La ligne est rejetée.",
        "Mettez entre guillemets la valeur qui contient le séparateur (virgule d'un nombre, point-virgule d'un texte).",
        feuille.fichier,
        feuille.feuille,
        ligne,
        lettres(rang),
    )


def _oter_descriptions(feuille: Feuille, donnees: pl.DataFrame, table: Table, resultat: Donnees) -> pl.DataFrame:
    """Public downloads may put lines of descriptions, types, units under the names: they are not dwellings."""
    premieres = donnees.head(DESCRIPTIONS_MAX)
    if "depcom" not in donnees.columns or not premieres["depcom"].fill_null("").str.contains(DESCRIPTION).any():
        return donnees
    parlantes = _qui_disent_quelque_chose(premieres, table, feuille)
    muettes = list(takewhile(lambda ligne: ligne not in parlantes, premieres["ligne"]))
    resultat.anomalies += [_description(feuille, ligne) for ligne in muettes]
    return _sans(donnees, muettes)
