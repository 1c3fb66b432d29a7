"""The SQL models: their order comes from their references, their comments from their headers and the dictionary.

A model is one SELECT in `sql/<schema>/<subject>/<table>.sql`: the first folder and the file name are the table. Its
header says what the table is, then `-- Source : …` (article, document), `-- Grain : …`, `-- Clé : col, col`: the first
three become the comment of the table, the key is checked to be unique and not null. `-- Forme : vue` makes a view of
it: rows that a figure opens to, never stored; the tests check its key.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from flows import ressources
from flows.chemins import SQL
from flows.contrat.listes import lire_liste
from flows.contrat.schema import charger
from flows.entrepot.connexion import en_une_fois
from flows.requetes import litteral

COUCHES = ("staging", "intermediaire", "bilan", "controles")
SUJETS = {
    "action_logement": "Action Logement",
    "autorites": "Préfet, garants, public",
    "equite": "Équité",
    "etat_des_lieux": "État des lieux",
    "evenements": "Événements",
    "flux": "Flux et objectif",
    "programmes": "Programmes neufs",
    "publics": "Publics et quotas",
    "sne": "SNE",
    "synthese": "Synthèse",
}
"""Folders of `sql/bilan/` whose tables are in `bilan.catalogue`; the others only lay documents out."""
_REFERENCE = re.compile(r"\b(raw|ref|audit|staging|intermediaire|bilan|controles)\.([a-z_0-9]+)\b")
_COMMENTAIRE = re.compile(r"--[^\n]*")


@dataclass(frozen=True)
class Modele:
    """One SQL file: the table it makes, what it is, its key, the tables it reads, `forme`: table or view."""

    nom: str
    requete: str
    description: str
    cle: tuple[str, ...]
    lit: frozenset[str]
    chemin: str = ""
    forme: str = "table"


class ModeleInvalide(Exception):
    """A model breaks a rule of the house (header, key, layer); the message names the file."""


def lire_modele(chemin: Path, dossier: Path = SQL) -> Modele:
    """Reads one model file: its first folder under `dossier` and its name are the table, subject folders only sort.

    Raises ModeleInvalide when the header has no description or no key.
    """
    texte = chemin.read_text(encoding="utf-8")
    couche = chemin.relative_to(dossier).parts[0]
    nom = f"{couche}.{chemin.stem}"
    entete: list[str] = []
    for ligne in texte.splitlines():
        if not ligne.startswith("--"):
            break
        entete.append(ligne.removeprefix("--").strip())
    parties = _parties(entete)
    cles = [parties["Clé"]] if "Clé" in parties else []
    source = f" ({parties['Source'].rstrip('.')})" if "Source" in parties else ""
    grain = f" Grain : {parties['Grain']}" if "Grain" in parties else ""
    description = f"{parties['Quoi'].rstrip('.')}{source}.{grain}" if parties["Quoi"] else ""
    if not description or (len(cles) != 1 and couche != "controles"):
        raise ModeleInvalide(f"{chemin.name} : l'en-tête doit dire ce qu'est la table, puis « -- Clé : … ».")
    cle = tuple(c.strip() for c in cles[0].split(",")) if cles and cles[0] != "aucune" else ()
    lit = frozenset(f"{s}.{t}" for s, t in _REFERENCE.findall(_COMMENTAIRE.sub("", texte)))
    return Modele(
        nom,
        texte.rstrip().rstrip(";"),
        description,
        cle,
        lit - {nom},
        f"sql/{chemin.relative_to(dossier).as_posix()}",
        "view" if parties.get("Forme") == "vue" else "table",
    )


def _parties(entete: list[str]) -> dict[str, str]:
    """The header by its marks: what the table is, then `Source :`, `Grain :`, `Clé :`, on as many lines as needed."""
    parties, courante = {"Quoi": ""}, "Quoi"
    for ligne in entete:
        marque, deux_points, suite = ligne.partition(" : ")
        if deux_points and marque in ("Source", "Grain", "Clé", "Forme"):
            courante, parties[marque] = marque, suite
        else:
            parties[courante] = f"{parties[courante]} {ligne}".strip()
    return parties


@lru_cache(maxsize=4)
def lire_modeles(dossier: Path = SQL) -> tuple[Modele, ...]:
    """Every model of `sql/`, each after the models that it reads."""
    chemins = [chemin for couche in COUCHES for chemin in sorted((dossier / couche).rglob("*.sql"))]
    modeles = {m.nom: m for m in (lire_modele(chemin, dossier) for chemin in chemins)}
    graphe = {m.nom: sorted(m.lit & modeles.keys()) for m in modeles.values()}
    return tuple(modeles[nom] for nom in TopologicalSorter(graphe).static_order())


def utiles(cibles: Iterable[str], modeles: Sequence[Modele]) -> list[Modele]:
    """The models that `cibles` (tables, or whole schemas) need, themselves included, in the order given."""
    par_nom = {m.nom: m for m in modeles}
    voulues = set(cibles)
    a_voir = [nom for nom in par_nom if nom in voulues or nom.partition(".")[0] in voulues]
    gardes: set[str] = set()
    while a_voir:
        nom = a_voir.pop()
        if nom not in gardes:
            gardes.add(nom)
            a_voir += par_nom[nom].lit & par_nom.keys()
    return [m for m in modeles if m.nom in gardes]


@lru_cache(maxsize=4)
def lire_dictionnaire(dossier: Path = SQL) -> Mapping[str, str]:
    """Column name → French comment; one meaning per name in the whole warehouse.

    The columns of the contract have theirs in `flows/contrat/colonnes.csv`, those the models add in `dictionnaire.csv`.
    """
    du_contrat = {c.nom: c.libelle for table in charger().tables.values() for c in table.colonnes.values()}
    lignes = lire_liste(dossier / "dictionnaire.csv", ("colonne", "libelle"), cle=("colonne",))
    return du_contrat | {ligne["colonne"]: ligne["libelle"] for _, ligne in lignes}


def commenter(
    con: duckdb.DuckDBPyConnection,
    descriptions: Mapping[str, str],
    dictionnaire: Mapping[str, str],
    forme: str = "table",
    colonnes: Collection[str] = (),
) -> None:
    """Puts the French comments on tables, or views (`schema.table` → what it is), and on their columns (empty: all).

    To be called inside an `en_une_fois`, like all that gives many orders.
    Raises ModeleInvalide for a column that the dictionary does not know.
    """
    ordres = []
    for nom, texte in descriptions.items():
        ordres.append(f"comment on {forme} {nom} is {litteral(texte)}")
        for colonne, *_ in con.execute(f"select * from {nom} limit 0").description or []:
            if colonne not in dictionnaire:
                raise ModeleInvalide(f"{nom}.{colonne} : colonne absente de sql/dictionnaire.csv.")
            if not colonnes or colonne in colonnes:
                ordres.append(f'comment on column {nom}."{colonne}" is {litteral(dictionnaire[colonne])}')
    _ordonner(con, ordres)


def _ordonner(con: duckdb.DuckDBPyConnection, ordres: Sequence[str]) -> None:
    """Many small orders at once; looking for a better way of doing each would take half of the time."""
    if ordres:
        con.execute(f"pragma disable_optimizer; {'; '.join(ordres)}; pragma enable_optimizer")


def construire(
    con: duckdb.DuckDBPyConnection, modeles: Sequence[Modele], dictionnaire: Mapping[str, str] | None = None
) -> None:
    """Builds each model as a table or a view, checks the key of a table, and comments them all from a dictionary.

    Without a dictionary nothing is commented: nobody will open that warehouse.

    Models that do not read each other are built side by side: most are too small for one to fill the machine. One that
    lacks memory beside another is built again alone.
    Raises ModeleInvalide when a key is not unique: a model, not an input, is then wrong.
    """
    par_nom = {modele.nom: modele for modele in modeles}
    graphe = TopologicalSorter({modele.nom: sorted(modele.lit & par_nom.keys()) for modele in modeles})
    graphe.prepare()
    en_cours: dict[Future[None], tuple[str, duckdb.DuckDBPyConnection]] = {}
    a_refaire: list[str] = []
    with ThreadPoolExecutor(ressources.fils()) as equipe:
        try:
            while graphe.is_active():
                for nom in graphe.get_ready():
                    curseur = con.cursor()
                    en_cours[equipe.submit(_construire_un, curseur, par_nom[nom], dictionnaire)] = (nom, curseur)
                for fait in wait(en_cours, return_when=FIRST_COMPLETED).done:
                    nom, _ = en_cours.pop(fait)
                    if isinstance(fait.exception(), duckdb.OutOfMemoryException):
                        a_refaire.append(nom)
                    else:
                        fait.result()
                        graphe.done(nom)
                while a_refaire and not en_cours:
                    nom = a_refaire.pop()
                    _construire_un(con.cursor(), par_nom[nom], dictionnaire)
                    graphe.done(nom)
        except BaseException:
            equipe.shutdown(wait=False, cancel_futures=True)
            for _, curseur in en_cours.values():
                with suppress(duckdb.Error):  # closed already: its model was done
                    curseur.interrupt()
            # the first failure may have closed the warehouse under the others: it is the one to tell
            for fait in list(en_cours):
                if fait.done() and not fait.cancelled() and (cause := fait.exception()):
                    raise cause from None
            raise
    if dictionnaire is not None:
        with en_une_fois(con):
            _identifier(con, [m for m in modeles if m.nom.startswith("bilan.") and m.forme == "table"], dictionnaire)
            commenter(con, _cataloguer(con, modeles), dictionnaire, "view")


def _construire_un(con: duckdb.DuckDBPyConnection, modele: Modele, dictionnaire: Mapping[str, str] | None) -> None:
    with con, en_une_fois(con):
        try:
            con.execute(f"create or replace {modele.forme} {modele.nom} as {modele.requete}")
        except (duckdb.OutOfMemoryException, duckdb.IOException):
            raise  # the machine's fault, not the model's
        except duckdb.Error as erreur:
            raise ModeleInvalide(f"{modele.chemin} : {erreur}") from erreur
        if modele.cle and modele.forme == "table":
            _verifier_cle(con, modele)
        if dictionnaire is not None:
            commenter(con, {modele.nom: modele.description}, dictionnaire, modele.forme)


def _cataloguer(con: duckdb.DuckDBPyConnection, modeles: Sequence[Modele]) -> dict[str, str]:
    """Makes `bilan.catalogue`: the tables that hold something, by subject."""
    montres = [(m.chemin.split("/")[2], m) for m in modeles if m.chemin.startswith("sql/bilan/")]
    rangs = ", ".join(
        f"({litteral(SUJETS[sujet])}, {litteral(m.nom.partition('.')[2])}, {litteral(m.description)})"
        for sujet, m in sorted(montres, key=lambda paire: paire[1].chemin)
        if sujet in SUJETS
    )
    if not rangs:
        return {}
    con.execute(f"""
        create or replace view bilan.catalogue as
        select c.sujet, c.nom_table, t.estimated_size as nombre_de_lignes, c.contenu
        from (values {rangs}) as c(sujet, nom_table, contenu)
        left join duckdb_tables() as t
            on t.database_name = current_database() and t.schema_name = 'bilan' and t.table_name = c.nom_table
        where t.table_name is null or t.estimated_size > 0
        order by c.sujet, c.nom_table""")
    return {"bilan.catalogue": "Les tables de bilan qui ne sont pas vides, par sujet. Grain : une table"}


def _identifier(con: duckdb.DuckDBPyConnection, tables: Sequence[Modele], dictionnaire: Mapping[str, str]) -> None:
    """Adds to each table the exercice, where it has no year of its own, and the bailleur (SIREN, name)."""
    if not tables:
        return
    annee, siren, nom = con.execute("select annee, siren_bailleur, raison_sociale from ref.exercice").fetchall()[0]
    colonnes = {
        "annee": f"integer default {int(annee)}",
        "siren_bailleur": f"varchar default {litteral(siren or '')}",
        "bailleur": f"varchar default {litteral(nom or '')}",
    }
    _ordonner(
        con,
        [f"alter table {t.nom} add column if not exists {c} {type_}" for t in tables for c, type_ in colonnes.items()],
    )
    commenter(con, {t.nom: t.description for t in tables}, dictionnaire, colonnes=colonnes)


def _verifier_cle(con: duckdb.DuckDBPyConnection, modele: Modele) -> None:
    cle = ", ".join(modele.cle)
    nuls = " or ".join(f"{c} is null" for c in modele.cle)
    # hashes are gathered in half of the time of texts; when two are equal, the texts say whether they are
    rapide = f"select count(*) = count(distinct hash({cle})) and not coalesce(bool_or({nuls}), false) from {modele.nom}"
    (sure,) = con.execute(rapide).fetchone() or (False,)
    if sure:
        return
    requete = f"""
        select count(*) from (
            select {cle} from {modele.nom} group by all having count(*) > 1
            union all
            select {cle} from {modele.nom} where {nuls}
        )"""
    (fautes,) = con.execute(requete).fetchone() or (0,)
    if fautes:
        raise ModeleInvalide(f"{modele.nom} : {fautes} valeurs de la clé ({cle}) en double ou vides.")
