"""The finished tables of the warehouse as the sheets of a template ask for them: rows chosen and ordered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from flows import requetes
from flows.livrables import expressions
from flows.livrables.gabarits import DocumentGabarit, Feuille
from flows.livrables.tableau import Ligne
from flows.reglages import Refus

TOUS = ""
"""A row whose `code_reservataire` is empty concerns everybody, as does a table that has no such column."""


@dataclass(slots=True)
class Lues:
    """The rows of one sheet, by réservataire; `TOUS` holds those that concern everybody."""

    lignes: dict[str, list[Ligne]] = field(default_factory=dict)
    totaux: dict[str, list[Ligne]] = field(default_factory=dict)
    a_l_ecran: dict[str, int] = field(default_factory=dict)

    def pour(self, code: str) -> tuple[Sequence[Ligne], Sequence[Ligne]]:
        """Rows and total rows of one réservataire, its own before everybody's."""
        lignes = self.lignes.get(code, []) if code != TOUS else []
        communes = self.lignes.get(TOUS, [])
        tous = lignes + communes if lignes and communes else lignes or communes
        return tous, self.totaux.get(code) or self.totaux.get(TOUS, [])


def requete(feuille: Feuille, par_code: bool) -> str:
    """The SELECT of a sheet: `code`, `est_total`, then the columns shown; `?` is the list of codes when `par_code`.

    An expression of the template ends with its line, since it may end with a comment.
    """
    code = "code_reservataire" if par_code else "''"
    champs = [*(c.colonne.champ for c in feuille.champs), *feuille.caches]
    if feuille.compter:
        regroupees = [f'"{champ}"' for champ in champs if champ != "nombre"]
        colonnes = ["count(*) as nombre" if champ == "nombre" else f'"{champ}"' for champ in champs]
        groupe = f"group by {', '.join([code, 'est_total', *regroupees])}"
    else:
        colonnes, groupe = [f'"{champ}"' for champ in champs], ""
    # The columns themselves come last, so that rows that the order leaves equal never change places.
    positions = map(str, range(3, len(champs) + 3))
    tri = ", ".join(["code", "est_total", *filter(None, [feuille.tri and f"{feuille.tri}\n"]), *positions])
    portee = " and list_contains(?, code_reservataire)" if par_code else ""
    return (
        f"select {code} as code, coalesce(({feuille.total}\n), false) as est_total, {', '.join(colonnes)}, "
        f"coalesce(({feuille.a_l_ecran}\n), false) as a_l_ecran "
        f"from {feuille.table} where ({feuille.filtre}\n){portee} {groupe} order by {tri}"
    )


def colonnes_de(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Names of the columns of a table. Raises duckdb.Error when there is no such table."""
    return [nom for (nom,) in con.execute(f"select column_name from (describe {table})").fetchall()]


def lire_feuilles(
    con: duckdb.DuckDBPyConnection, gabarit: DocumentGabarit, codes: Sequence[str] | None = None
) -> dict[str, Lues]:
    """The rows of every sheet of a kind of deliverable, by name of sheet."""
    lues: dict[str, Lues] = {}
    for feuille in (*gabarit.feuilles, *([gabarit.signaler] if gabarit.signaler else [])):
        try:
            lues[feuille.nom] = _lire(con, feuille, codes)
        except expressions.FAUTES:  # what only the rows show: a text taken for a number
            gabarit.refus.section = gabarit.section
            noter_fautes(con, feuille, gabarit.refus, executer=True)
            gabarit.refus.conclure()
            raise
    return lues


def noter_fautes(con: duckdb.DuckDBPyConnection | None, feuille: Feuille, refus: Refus, executer: bool = False) -> None:
    """Notes what is wrong with the SQL of a sheet: each expression alone, then all of them together.

    Without a warehouse, the syntax only; on its rows if `executer`, else on its columns.
    """
    fautes = list(expressions.fautes(feuille, con, executer))
    for cle, faute in fautes:
        refus.noter(faute, getattr(feuille, cle), feuille.nom, cle)
    if fautes or con is None:
        return
    connues = {*colonnes_de(con, feuille.table), *(["nombre"] if feuille.compter else [])}
    if connues.issuperset([*(champ.colonne.champ for champ in feuille.champs), *feuille.caches]):
        try:
            con.execute(f"{'' if executer else 'explain '}{requete(feuille, par_code=False)}").fetchall()
        except expressions.FAUTES as erreur:
            message = f"DuckDB refuse la feuille : {expressions.premiere_ligne(erreur)}"
            refus.noter(message, feuille.nom, feuille.nom, "compter" if feuille.compter else "table")


def lire_causes(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What is to be mended or checked, one row a cause, the gravest and the most frequent first."""
    return requetes.lignes(
        con,
        """
        select * from audit.causes
        where gravite <> 'information'
        order by list_position(['bloquant', 'erreur', 'avertissement'], gravite), nb_cas desc, code, fichier, colonne
        """,
    )


def tables_manquantes(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Tables of the contract that the campaign does not have."""
    lignes = con.execute("select table_metier from ref.tables_fournies where not est_fournie").fetchall()
    return frozenset(table for (table,) in lignes)


def _lire(con: duckdb.DuckDBPyConnection, feuille: Feuille, codes: Sequence[str] | None = None) -> Lues:
    """Rows of a sheet for these réservataires and for everybody; without `codes`, every row as everybody's."""
    lues = Lues()
    if not feuille.table:
        return lues
    par_code = codes is not None and "code_reservataire" in colonnes_de(con, feuille.table)
    parametres = [[*(codes or ()), TOUS]] if par_code else []
    for code, est_total, *ligne, a_l_ecran in con.execute(requete(feuille, par_code), parametres).fetchall():
        (lues.totaux if est_total else lues.lignes).setdefault(code, []).append(ligne)
        lues.a_l_ecran[code] = lues.a_l_ecran.get(code, 0) + a_l_ecran
    return lues
