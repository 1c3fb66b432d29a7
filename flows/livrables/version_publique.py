"""The public version of the bilans: the same figures with the small numbers hidden, in a warehouse and files apart.

Only the tables made here can be shown: a sheet on any other table cannot be in the public version. The contractual
bilans stay whole.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from flows.chemins import GABARITS, PUBLIC
from flows.entrepot.connexion import connecter
from flows.etapes import etape
from flows.livrables import contenu, fichiers_csv, lues, relations
from flows.livrables.classeur import ecrire_classeur
from flows.livrables.gabarits import lire_document, lire_gabarits
from flows.livrables.page import ecrire_page
from flows.livrables.secret import Cellule, Somme, masquer
from flows.requetes import litteral

GABARIT = "bilan_public"
SYNTHESE = "bilan.synthese"
NOM = "bilan_public_{annee}_{code_reservataire}"
SIGNE = "s."
"""The usual sign of statistical secrecy in French tables."""
CHIFFRE = "union(nombre decimal(18, 6), secret varchar)"
"""A figure, or the sign that it is hidden: readers of the table get a number or a text."""
REPRISES = (
    *("bilan.entetes", "ref.exercice", "ref.tables_fournies", "ref.mesures", "ref.dimensions", "ref.modalites"),
    "audit.comptage_lignes",
)
TEXTES = ("code_reservataire", "libelle_evenement")
"""Columns of `bilan.synthese` that are not figures."""


@etape("Secret statistique")
def rediger(entrepot: Path, cible: Path, seuil: int) -> Path:
    """Makes in `cible` the warehouse of the public version: the tables that it shows, counts below `seuil` hidden."""
    with connecter(entrepot, lecture_seule=True) as con:
        caches = cellules_cachees(con, seuil)
    with connecter(cible) as con:
        con.execute(f"attach {litteral(entrepot)} as complet (read_only)")
        con.execute(f"create type chiffre as {CHIFFRE}")
        for schema in ("bilan", "ref", "audit"):
            con.execute(f"create schema {schema}")
        for table in REPRISES:
            con.execute(f"create table {table} as select * from complet.{table}")
        con.execute("create temp table caches (code varchar, mesure varchar, dimension varchar, modalite varchar)")
        if caches:
            con.executemany("insert into caches values (?, ?, ?, ?)", sorted(caches))
        _creer_mesures(con)
        _creer_ventilations(con)
        _creer_autres_attributions(con)
        _creer_synthese(con, seuil)
        _creer_designations(con, seuil)
    return cible


def cellules_cachees(con: duckdb.DuckDBPyConnection, seuil: int) -> set[Cellule]:
    """Keys of `bilan.mesures` that the public version hides, for all the bilans at once: they may be compared."""
    tableaux = relations.lire_tableaux(con)
    valeurs: dict[Cellule, int] = {
        (code, mesure, *case): n for (code, mesure), tableau in tableaux.items() for case, n in tableau.items()
    }
    ensembles = [
        [(code, mesure, *relations.TOTAL), *((code, mesure, *case) for case in tableau if case != relations.TOTAL)]
        for (code, mesure), tableau in tableaux.items()
        if relations.TOTAL in tableau
    ]
    sommes = relations.sommes(tableaux, relations.lire_communes(con))
    caches = masquer(valeurs, sommes, ensembles, seuil, relations.ordres(tableaux))
    objectifs = con.execute("select code_reservataire, nombre from bilan.mesures where mesure = 'objectif'").fetchall()
    caches |= {(code, "objectif", *relations.TOTAL) for code, nombre in objectifs if 0 < nombre < seuil}
    # a rate of attainment gives one of its terms from the other
    a_taire = {
        code for code, mesure, *case in caches if mesure in ("decompte", "objectif") and (*case,) == relations.TOTAL
    }
    return caches | {(code, "taux_atteinte_pct", *relations.TOTAL) for code in a_taire}


@etape("Version publique")
def livrer(entrepot: Path, chantier: Path, codes: Sequence[str] = (), gabarits: Path = GABARITS) -> list[Path]:
    """Writes the workbook, the page and the CSV of each bilan below `chantier/public/<dossier>/`, from `rediger`."""
    lus = lire_gabarits(gabarits)
    gabarit, _ = lire_document(GABARIT, gabarits)
    with connecter(entrepot, lecture_seule=True) as con:
        voulus = list(codes) or [
            code for (code,) in con.execute("select code_reservataire from bilan.entetes").fetchall()
        ]
        documents = contenu.charger_documents(con, lus, gabarit, voulus, SYNTHESE, NOM)
        lignes = fichiers_csv.lire(con, fichiers_csv.BILAN, voulus)
        ordre = contenu.contextes(con, lus, voulus)
    ecrits = []
    for contexte, document in zip(ordre, documents, strict=True):
        dossier = chantier / PUBLIC / document.dossier
        dossier.mkdir(parents=True, exist_ok=True)
        csv = dossier / f"{document.nom}.csv"
        ecrits += [
            ecrire_classeur(document, lus.theme, dossier / f"{document.nom}.xlsx"),
            ecrire_page(document, lus.theme, "bilan.html.j2", dossier / f"{document.nom}.html", gabarits),
            fichiers_csv.ecrire(csv, lignes[contexte["code_reservataire"]]),
        ]
    return sorted(ecrits)


def _masque(valeur: str, condition: str) -> str:
    sinon = f"when {valeur} is null then null else cast({valeur} as chiffre) end"
    return f"case when {condition} then cast('{SIGNE}' as chiffre) {sinon}"


def _total_cache(mesure: str) -> str:
    return f"(t.code_reservataire, {mesure}) in (select (code, mesure) from caches where dimension = 'total')"


def _cache(mesure: str) -> str:
    """A cell is hidden by itself, or with the total that it breaks down, be it zero."""
    cellule = f"(t.code_reservataire, {mesure}, t.dimension, t.modalite)"
    return f"({cellule} in (select (code, mesure, dimension, modalite) from caches) or {_total_cache(mesure)})"


def _creer_mesures(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"""
        create table bilan.mesures as
        select annee, code_reservataire, mesure, dimension, modalite,
            {_masque("nombre", _cache("t.mesure"))} as nombre, {_masque("part_pct", _cache("t.mesure"))} as part_pct
        from complet.bilan.mesures as t
        where dimension = 'total' or not {_total_cache("t.mesure")}""")


def _creer_ventilations(con: duckdb.DuckDBPyConnection) -> None:
    connues = _mesures(con)
    colonnes = []
    for colonne in lues.colonnes_de(con, "complet.bilan.ventilations"):
        mesure = colonne.removesuffix("_pct")
        masquee = _masque(f'"{colonne}"', _cache(f"'{mesure}'"))
        colonnes.append(f'{masquee} as "{colonne}"' if mesure in connues else f'"{colonne}"')
    con.execute(f"create table bilan.ventilations as select {', '.join(colonnes)} from complet.bilan.ventilations as t")


def _creer_autres_attributions(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"""
        create table bilan.autres_attributions as
        select t.* replace (
            {_masque("nombre", _cache("categories.mesure"))} as nombre,
            {_masque("nombre", _cache("categories.mesure"))} as nombre_territoire
        )
        from complet.bilan.autres_attributions as t
        inner join complet.ref.categories on t.categorie = categories.categorie
        where dimension = 'total' or not {_total_cache("categories.mesure")}""")


def _creer_synthese(con: duckdb.DuckDBPyConnection, seuil: int) -> None:
    """Measures only: what is computed from them (rates, flux) would give them away."""
    connues = {"ecart": "taux_atteinte_pct"} | {mesure: mesure for mesure in _mesures(con)}
    presentes = [c for c in lues.colonnes_de(con, "complet.bilan.synthese") if c in connues]
    chiffres = [f'{_masque(f"t.{c}", _total_cache(f"{connues[c]!r}"))} as "{c}"' for c in presentes]
    con.execute(f"""
        create table bilan.synthese as
        select {", ".join((*TEXTES, *chiffres))}, {seuil} as seuil_secret from complet.bilan.synthese as t""")


def _creer_designations(con: duckdb.DuckDBPyConnection, seuil: int) -> None:
    """Candidates by département and by who designated them: counted nowhere else in this version, so hidden alone."""
    lues = con.execute("select code_departement, contingent, designes from complet.bilan.designations").fetchall()
    valeurs: dict[Cellule, int] = {("_bailleur", "designes", ou, qui): nombre for ou, qui, nombre in lues}

    def somme(total: Cellule, garde: int) -> Somme:
        """The total of a row or of a column of the table: the cells that share its other name."""
        termes = [c for c in valeurs if c[5 - garde] != "total" and c[garde] == total[garde]]
        return Somme(total, tuple(sorted(termes)))

    sommes = [somme(c, 2) for c in valeurs if c[3] == "total"] + [somme(c, 3) for c in valeurs if c[2] == "total"]
    caches = [(ou, qui) for _, _, ou, qui in masquer(valeurs, sommes, [], seuil)]
    con.execute("create temp table tues (ou varchar, qui varchar)")
    if caches:
        con.executemany("insert into tues values (?, ?)", sorted(caches))
    cache = "(t.code_departement, t.contingent) in (select (ou, qui) from tues)"
    con.execute(f"""
        create table bilan.designations as
        select t.* replace ({_masque("t.designes", cache)} as designes) from complet.bilan.designations as t""")


def _mesures(con: duckdb.DuckDBPyConnection) -> set[str]:
    return {mesure for (mesure,) in con.execute("select mesure from ref.mesures").fetchall()}
