"""The warehouse: `flux.duckdb`, loaded with the text read, the code lists, and what the run is about."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from flows import ressources
from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.campagne import Campagne
from flows.chemins import REF, SQL
from flows.contrat.listes import Declaree, faute, lire_declarees, lire_liste
from flows.contrat.schema import charger
from flows.entrepot.connexion import connecter, en_une_fois
from flows.entrepot.modeles import ModeleInvalide, commenter, construire, lire_dictionnaire, lire_modeles, utiles
from flows.etapes import etape
from flows.requetes import a_lire
from flows.tables.lecture import Comptage, Lecture

SCHEMAS = ("raw", "ref", "staging", "intermediaire", "bilan", "controles", "audit")
_ENTIERS = re.compile(r"ordre|annee_.*|nb_.*")
LIGNES_DU_PARTAGE = 100_000
"""From so many rows, several threads share a model; below, each model has one, and several models are made at once."""
DESCRIPTIONS = {
    "ref.exercice": "L'exercice de la campagne, une seule ligne",
    "ref.etat_des_lieux": "Date de l'état des lieux et du précédent, une seule ligne",
    "ref.tables_fournies": "Tables du contrat, fournies ou non",
    "raw.liens_sne": "Ligne du SNE de chaque bail, appariées en mémoire par le NUD",
    "audit.comptage_lignes": "Lignes lues, acceptées et rejetées de chaque feuille",
    "audit.sources": "Fichiers déposés, avec leur empreinte et la façon dont ils ont été lus",
}


@etape("Chargement de l'entrepôt")
def remplir(campagne: Campagne, lecture: Lecture, chemin: Path, *, jetable: bool = False) -> None:
    """Creates the warehouse and loads it: functions, code lists, campaign, accepted rows, row accounting.

    `jetable`: for a run only, without comments; the rows stay in the files that the reading wrote.

    A table of the contract without a file exists, empty, and `ref.tables_fournies` says so: absent is never zero.
    """
    con = connecter(chemin)
    try:
        garnir(con, campagne, lecture, jetable=jetable)
        if not jetable:
            with en_une_fois(con):
                commenter(con, DESCRIPTIONS | _descriptions_declarees(), lire_dictionnaire())
    finally:
        con.close()


def garnir(con: duckdb.DuckDBPyConnection, campagne: Campagne, lecture: Lecture, *, jetable: bool = False) -> None:
    """Loads an empty warehouse with all of that but the comments."""
    for schema in SCHEMAS:
        con.execute(f"create schema {schema}")
    con.execute((SQL / "fonctions.sql").read_text(encoding="utf-8"))
    declarees = lire_declarees()
    for liste in sorted(REF.glob("*.csv")):
        _charger_ref(con, liste, declarees)
    with en_une_fois(con):
        for table in charger().campagne.values():
            _charger_brut(con, table.nom, lecture, sur_place=jetable)
        _charger_campagne(con, campagne, lecture)
        _charger_liens_sne(con, lecture.liens_sne)
        _charger_comptages(con, lecture.comptages)
        con.execute("""create table audit.sources (fichier varchar, table_metier varchar, octets bigint, sha256 varchar,
            format varchar, encodage varchar, separateur varchar)""")
        _inserer(con, "audit.sources", lecture.sources)


def bailleur(entrepot: Path) -> str:
    """Name of the bailleur of a warehouse; empty when it does not say, or cannot be read: damaged, or not there."""
    if not entrepot.is_file():
        return ""
    try:
        with connecter(entrepot, lecture_seule=True) as con:
            ligne = con.execute("select raison_sociale from ref.exercice").fetchone()
    except duckdb.Error:
        return ""
    return str(ligne[0] or "") if ligne else ""


@etape("Calcul")
def calculer(chemin: Path, pour: Sequence[str] = ()) -> None:
    """Builds every model of `sql/`, in the order of their references, with their comments.

    `pour` (tables, schemas): only what they need, without comments, for a warehouse that is thrown away.
    """
    con = connecter(chemin)
    try:
        (lignes,) = con.execute("select coalesce(sum(acceptees), 0) from audit.comptage_lignes").fetchone() or (0,)
        if lignes < LIGNES_DU_PARTAGE:
            con.execute("set threads = 1")
        modeles = lire_modeles()
        construire(con, utiles(pour, modeles) if pour else modeles, None if pour else lire_dictionnaire())
        if lignes < LIGNES_DU_PARTAGE:
            # the engine gives back what it does not use when its threads change: a hundred megabytes
            con.execute(f"set threads = {ressources.fils() + 1}; set threads = 1")
    except ModeleInvalide as faute:
        correction = "Corrigez le modèle SQL, ou remettez celui d'origine."
        raise ArretBloquant([Anomalie(Gravite.BLOQUANT, "modele_invalide", str(faute), correction)]) from faute
    finally:
        con.close()


def _descriptions_declarees() -> dict[str, str]:
    """What the code lists and the tables of the contract are."""
    listes = {f"ref.{liste.stem}": f"Liste de codes : sql/ref/{liste.name}" for liste in REF.glob("*.csv")}
    return listes | {f"raw.{table.nom}": table.libelle for table in charger().campagne.values()}


def _charger_ref(con: duckdb.DuckDBPyConnection, fichier: Path, declarees: Mapping[str, Declaree]) -> None:
    """A code list: text, but `ordre`, `annee_…` and `nb_…` which are whole numbers.

    As the product ships it, the engine reads it; as a spreadsheet saves it, or with a mistake, `lire_liste` does.
    """
    debut = fichier.read_bytes()[:4096].split(b"\n", 1)[0].decode("utf-8", "replace")
    colonnes, cle = declarees.get(fichier.stem, (tuple(debut.rstrip("\r").split(";")), ()))
    table = f"ref.{fichier.stem}"
    choix = ", ".join(f"cast({c} as integer) as {c}" if _ENTIERS.fullmatch(c) else c for c in colonnes)
    if debut == ";".join(colonnes):
        try:
            con.execute(
                f"create table {table} as select {choix} from read_csv({a_lire(fichier)}, delim=';', header=true, "
                "all_varchar=true, quote='\"', auto_detect=false, columns={"
                + ", ".join(f"'{c}': 'VARCHAR'" for c in colonnes)
                + "})"
            )
            (uniques,) = con.execute(
                f"select count(*) = count(distinct ({', '.join(cle or ('1',))})) or ? from {table}", [not cle]
            ).fetchone() or (False,)
            if uniques:
                return
        except duckdb.Error:
            pass
        con.execute(f"drop table if exists {table}")
    lignes = lire_liste(fichier, colonnes, cle)
    # at once: forty thousand communes take a minute one by one
    con.register("liste", pa.table({c: pa.array([li[c] or None for _, li in lignes], pa.string()) for c in colonnes}))
    con.execute(f"create table {table} as from liste")
    con.unregister("liste")
    for colonne in filter(_ENTIERS.fullmatch, colonnes):
        numeros = (numero for numero, ligne in lignes if ligne[colonne] and not ligne[colonne].isdecimal())
        if numero := next(numeros, None):
            message = f"« {colonne} » attend un nombre entier."
            raise ArretBloquant([faute(fichier, numero, message, "Corrigez la cellule")])
        con.execute(f"alter table {table} alter {colonne} type integer")


def _charger_campagne(con: duckdb.DuckDBPyConnection, campagne: Campagne, lecture: Lecture) -> None:
    # what most dwellings say
    (rs,), (siren,) = (
        con.execute(
            f"select {dit} as dit from raw.rpls where dit is not null group by dit order by count(*) desc, dit limit 1"
        ).fetchone()
        or ("",)
        for dit in ("rs", "left(siret, 9)")
    )
    raison_sociale = lecture.raison_sociale or rs
    con.execute(
        """create table ref.exercice as select cast(? as integer) as annee, cast(? as date) as date_debut,
           cast(? as date) as date_fin, cast(? as boolean) as est_provisoire, cast(? as varchar) as raison_sociale,
           regexp_matches(lower(?), 'fictif|exemple') as est_fictif, cast(? as varchar) as siren_bailleur""",
        [campagne.annee, campagne.debut, campagne.fin, campagne.est_provisoire, raison_sociale, raison_sociale, siren],
    )
    con.execute(
        """create table ref.etat_des_lieux as select cast(? as date) as date_etat_des_lieux,
           cast(date_etat_des_lieux - interval 1 year as date) as date_etat_precedent""",
        [campagne.date_etat_des_lieux],
    )
    con.execute("create table ref.tables_fournies (table_metier varchar, est_fournie boolean)")
    _inserer(con, "ref.tables_fournies", [(nom, nom in lecture.tables) for nom in charger().campagne])


def _charger_brut(con: duckdb.DuckDBPyConnection, table: str, lecture: Lecture, *, sur_place: bool) -> None:
    colonnes = charger().tables[table].conservees
    source = lecture.balayees.get(table, "")
    if not source and table in lecture.tables:
        source = f"read_parquet({a_lire(lecture.tables[table])})"
    lues = f"select {', '.join(('fichier', 'feuille', 'ligne', *colonnes))} from {source} as lues"
    if source and sur_place:
        con.execute(f"create view raw.{table} as {lues}")
        return
    con.execute(
        f"create table raw.{table} (fichier varchar not null, feuille varchar not null, ligne bigint not null, "
        + ", ".join(f"{c} varchar" for c in colonnes)
        + ")"
    )
    if source:
        con.execute(f"insert into raw.{table} {lues}")


def _charger_liens_sne(con: duckdb.DuckDBPyConnection, fichier: Path | None) -> None:
    """The pairs of rows that the reading found by the NUD, which is in neither."""
    con.execute("""create table raw.liens_sne (fichier varchar not null, feuille varchar not null,
        ligne bigint not null, fichier_sne varchar, feuille_sne varchar, ligne_sne bigint,
        est_sans_nud boolean not null)""")
    if fichier is not None:
        con.execute(f"insert into raw.liens_sne select * from read_parquet({a_lire(fichier)})")


def _charger_comptages(con: duckdb.DuckDBPyConnection, comptages: list[Comptage]) -> None:
    con.execute("""create table audit.comptage_lignes (table_metier varchar, fichier varchar, feuille varchar,
        lues bigint, acceptees bigint, rejetees bigint, doubles bigint, check (lues = acceptees + rejetees))""")
    _inserer(
        con,
        "audit.comptage_lignes",
        [(c.table, c.fichier, c.feuille, c.lues, c.acceptees, c.rejetees, c.doubles) for c in comptages],
    )


def _inserer(con: duckdb.DuckDBPyConnection, table: str, lignes: Sequence[Sequence[object]]) -> None:
    """Some rows by one statement: one a row would be planned as many times."""
    if lignes:
        marques = ", ".join(f"({', '.join('?' for _ in ligne)})" for ligne in lignes)
        con.execute(f"insert into {table} values {marques}", [valeur for ligne in lignes for valeur in ligne])
