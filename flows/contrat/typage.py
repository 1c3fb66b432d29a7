"""Types the rows of one sheet: each cell becomes canonical text, or its row is rejected and the reason said.

Nothing becomes blank in silence: an unreadable value rejects its row (or, in a column that no figure uses, is left out
with a warning), and what was repaired is listed with its rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from flows.anomalies import Anomalie
from flows.contrat import valeurs, valeurs_dates, valeurs_nombres
from flows.contrat.constats import DECALEE, Constats
from flows.contrat.schema import Colonne, Table, charger, normaliser_entete
from flows.contrat.valeurs import Valeur

Lecteur = Callable[[str], Valeur]

_SEPARATEUR = "\x1f"
_MOT = "[0-9A-Za-zÀ-ÖØ-öø-ÿœŒ'’(),./:;&+°_-]+"
_CANONIQUES = {
    "texte": f"^{_MOT}(?: {_MOT})*$",
    "code": (
        "^(?:[0-9A-Za-z][0-9A-Za-z_-]*|[0-9A-Za-z]+(?:[._/-][0-9A-Za-z]+){2,}"
        "|[A-Za-z][0-9A-Za-z]*[._/-][0-9A-Za-z]+|[0-9]+[.,][0-9]*[1-9][0-9]*)$"
    ),
    "logement": "^[0-9]{10}$",
    "commune": "^(?:[0-9]{2}|2[AB])[0-9]{3}$",
    "epci": "^[0-9]{9}$",
    "code_postal": "^[0-9]{5}$",
    "annee": "^(?:1[0-9]{3}|20[0-9]{2})$",
    "entier": "^(?:0|-?[1-9][0-9]{0,7})$",
}
"""Texts that are canonical at sight, so that millions of them need no Python; the others are read one by one."""
_DATE_OU_MAIL = r"@|^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}$|^\d{4}-\d{2}-\d{2}"
COURTE = 2_000
"""Rows under which reading every text costs less than asking polars for those to read."""
FAUX_CANONIQUES = ["-", "nan", "NaN", "null", "NULL", "None", "0000000000"]


@dataclass(frozen=True, slots=True)
class Typage:
    """Rows of a sheet after typing; `acceptees.height + rejets.height` = rows given.

    `acceptees`: the given columns as canonical text (null = blank), and the declared defaults. `rejets`: rejected rows
    as they were read, without their personal columns.
    """

    acceptees: pl.DataFrame
    rejets: pl.DataFrame
    anomalies: list[Anomalie]


def typer(donnees: pl.DataFrame, table: Table, fichier: str, feuille: str, source_numerique: bool = False) -> Typage:
    """Types the rows of one sheet of a table of the contract.

    `donnees`: `ligne` (row number in the file) and some declared columns of `table`, as text; other columns pass
    through. `source_numerique`: numbers come from a workbook or Parquet, where `1.234` is not ambiguous.
    """
    brutes = _completer(donnees, table)
    typees = {nom: brutes[nom] for nom in brutes.columns}
    constats = Constats(fichier, feuille)
    rejetee = pl.repeat(False, brutes.height, dtype=pl.Boolean, eager=True)
    decalee = rejetee
    presentes_ici = [c for c in table.colonnes.values() if c.nom in typees]
    for colonne in sorted(presentes_ici, key=lambda c: not c.est_personnelle):
        cles = _cles(typees, colonne)
        lecteur = lecteur_de(colonne, source_numerique)
        if colonne.type == "date":
            lecteur = valeurs_dates.lecteur_de_colonne(cles.drop_nulls().unique())
        lues = lire_cellules(cles, lecteur, colonne)
        canoniques, illisible = lues["canonique"], lues["probleme"].is_not_null()
        # most columns hold nothing to say: what follows would cost more than reading them
        if illisible.any() or lues["reparation"].null_count() < lues.height or colonne.est_personnelle:
            lues = lues.with_columns(brutes["ligne"], brutes[colonne.nom].fill_null("").alias("brut"))
            if colonne.est_personnelle:
                decalee = decalee | _etrangeres(lues, colonne)
            if decalee.any():
                lues = lues.with_columns(pl.when(decalee).then(pl.lit(DECALEE)).otherwise("brut").alias("brut"))
            constats.problemes(colonne, lues.filter(illisible))
            if colonne.usage != "lue":  # no figure uses it: its form matters to nobody
                constats.reparations(colonne, lues.filter(pl.col("reparation").is_not_null()))
        if colonne.type == "booleen" and _sont_des_croix(brutes[colonne.nom], lues):
            canoniques = canoniques.fill_null("false")
        typees[colonne.nom] = canoniques.alias(colonne.nom)
        if colonne.rejette:
            rejetee = rejetee | illisible
        if colonne.obligatoire and lues["canonique"].null_count():
            absente = lues["canonique"].is_null()
            constats.absences(brutes["ligne"].filter(absente & ~illisible), colonne.nom)
            rejetee = rejetee | absente
    for noms in table.groupes().values():
        absente = ~rejetee
        for nom in (nom for nom in noms if nom in typees):
            absente = absente & typees[nom].is_null()
        constats.absences(brutes["ligne"].filter(absente), " ou ".join(noms))
        rejetee = rejetee | absente
    personnelles = [c.nom for c in table.colonnes.values() if c.est_personnelle]
    return Typage(
        acceptees=_poser_defauts(pl.DataFrame(list(typees.values())).filter(~rejetee), table),
        rejets=donnees.filter(rejetee).drop(personnelles, strict=False),
        anomalies=constats.ordonnes(),
    )


def _etrangeres(lues: pl.DataFrame, colonne: Colonne) -> pl.Series:
    """Cells of a personal column that look like those of another one: their row has slipped.

    What its other cells hold may then be about somebody, and is not shown.
    """
    brut = pl.col("brut").str.strip_chars()
    ailleurs = brut.str.contains(_DATE_OU_MAIL)
    if colonne.nom == "mail":
        ailleurs = (brut != "") & ~brut.str.contains("@")
    return lues.select(pl.col("probleme").is_not_null() | ((colonne.type in ("texte", "code")) & ailleurs)).to_series()


def _completer(donnees: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Declared columns as text; a territory that no heading gives is blank, and judged with its échelle."""
    noms = [c for c in table.colonnes if c in donnees.columns]
    territoires = [
        pl.lit(None, dtype=pl.String).alias(c.nom)
        for c in table.colonnes.values()
        if c.type == "territoire" and c.nom not in donnees.columns and "echelle" in donnees.columns
    ]
    return donnees.with_columns(pl.col(noms).cast(pl.String), *territoires)


def _cles(typees: Mapping[str, pl.Series], colonne: Colonne) -> pl.Series:
    """What a cell is read from: its text; for a territory, its échelle (already typed) and its text."""
    cellules = typees[colonne.nom]
    if colonne.type != "territoire":
        return cellules
    echelles = typees["echelle"].fill_null("") if "echelle" in typees else ""
    return echelles + _SEPARATEUR + cellules.fill_null("")


def lecteur_de(colonne: Colonne, source_numerique: bool) -> Lecteur:
    """Reader of the cells of a column; the words that its list declares as "not given" are read as blank."""
    codes = charger().codes.get(colonne.liste, {})
    lecteur = _lecteur_du_type(colonne.type, codes, source_numerique)
    if not codes or colonne.type in ("liste", "options", "code_rpls"):
        return lecteur

    def lire(texte: str) -> Valeur:
        if normaliser_entete(texte.strip().removesuffix(".0")) in codes:
            return Valeur(None, reparation="lu comme non renseigné")
        return lecteur(texte)

    return lire


def _lecteur_du_type(nom: str, codes: Mapping[str, str], source_numerique: bool) -> Lecteur:
    lecteurs: dict[str, Lecteur] = {
        "texte": valeurs.lire_texte,
        "code": lambda texte: valeurs.lire_code(texte, source_numerique),
        "logement": valeurs.lire_logement,
        "commune": valeurs.lire_commune,
        "departement": valeurs.lire_departement,
        "epci": valeurs.lire_epci,
        "departement_ecrit": lambda texte: valeurs.lire_lieu_ecrit(texte, valeurs.lire_departement),
        "epci_ecrit": lambda texte: valeurs.lire_lieu_ecrit(texte, valeurs.lire_epci),
        "commune_ecrite": lambda texte: valeurs.lire_lieu_ecrit(texte, valeurs.lire_commune),
        "siren": valeurs.lire_siren,
        "siret": valeurs.lire_siret,
        "code_postal": valeurs.lire_code_postal,
        "territoire": lambda cle: valeurs.lire_territoire(*cle.split(_SEPARATEUR, maxsplit=1)),
        "date": valeurs_dates.lire_date,
        "mois": valeurs_dates.lire_mois,
        "annee": valeurs_dates.lire_annee,
        "jour_mois": valeurs_dates.lire_jour_mois,
        "entier": lambda texte: valeurs_nombres.lire_entier(texte, source_numerique),
        "decimal": lambda texte: valeurs_nombres.lire_decimal(texte, source_numerique),
        "positif": lambda texte: valeurs_nombres.lire_positif(texte, source_numerique),
        "pourcentage": lambda texte: valeurs_nombres.lire_pourcentage(texte, source_numerique),
        "booleen": lambda texte: valeurs.lire_booleen(texte, charger().codes["booleen"]),
        "liste": lambda texte: valeurs.lire_liste(texte, codes),
        "code_rpls": lambda texte: valeurs.lire_code_rpls(texte, codes),
        "options": lambda texte: valeurs.lire_options(texte, codes),
    }
    return lecteurs[nom]


def lire_cellules(cles: pl.Series, lecteur: Lecteur, colonne: Colonne) -> pl.DataFrame:
    """Columns canonique, probleme, reparation, one row per cell; each distinct text is read once."""
    cles = cles.alias("cle")
    textes = {texte for texte in cles if texte is not None} if cles.len() < COURTE else _a_lire(cles, colonne)
    changees = [(texte, *lue) for texte in textes if (lue := lecteur(texte)) != Valeur(texte)]
    if not changees:
        rien = pl.Series("probleme", [], dtype=pl.String).extend_constant(None, cles.len())
        return pl.DataFrame([cles.alias("canonique"), rien, rien.alias("reparation")])
    lues = _en_table(changees).lazy().with_columns(pl.lit(True).alias("vue"))
    return (
        cles.to_frame()
        .lazy()
        .join(lues, on="cle", how="left", maintain_order="left")
        .select(pl.when("vue").then("lue").otherwise("cle").alias("canonique"), "probleme", "reparation")
        .collect()
    )


def _a_lire(cles: pl.Series, colonne: Colonne) -> pl.Series:
    """The different texts of a long column, but for those that are canonical at sight."""
    distinctes = cles.to_frame().lazy().select(pl.col("cle").unique()).filter(pl.col("cle").is_not_null())
    if motif := motif_canonique(colonne):
        distinctes = distinctes.filter(~pl.col("cle").str.contains(motif) | pl.col("cle").is_in(FAUX_CANONIQUES))
    return distinctes.collect()["cle"]


def motif_canonique(colonne: Colonne) -> str | None:
    """Regular expression of the texts of a column that are canonical at sight, but for `FAUX_CANONIQUES`; or None."""
    return None if colonne.liste else _CANONIQUES.get(colonne.type)


def est_sans_faute(colonne: Colonne) -> bool:
    """True when only the problems of a column matter, which no text has without what `Balayable.dit_faute` tells."""
    return colonne.usage == "lue" and not colonne.liste and colonne.type in ("texte", "code")


def lire_textes(textes: Iterable[str], lecteur: Lecteur) -> pl.DataFrame:
    """Columns cle, lue, probleme, reparation: what each text says."""
    return _en_table([(texte, *lecteur(texte)) for texte in textes])


def _en_table(lues: Sequence[tuple[str | None, ...]]) -> pl.DataFrame:
    schema = {nom: pl.String for nom in ("cle", "lue", "probleme", "reparation")}
    return pl.DataFrame(lues, schema=schema, orient="row")


def _sont_des_croix(bruts: pl.Series, lues: pl.DataFrame) -> bool:
    """True for a column of crosses (only X and blanks), where a blank says `false`."""
    dits = bruts.filter(lues["canonique"].is_not_null() | lues["probleme"].is_not_null())
    return dits.len() > 0 and bool(dits.fill_null("").str.strip_chars().str.to_lowercase().eq("x").all())


def _poser_defauts(typees: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Declared default values, for blank cells and for columns that no heading gives."""
    return typees.with_columns(
        (pl.col(c.nom).fill_null(c.defaut) if c.nom in typees.columns else pl.lit(c.defaut)).alias(c.nom)
        for c in table.colonnes.values()
        if c.defaut
    )
