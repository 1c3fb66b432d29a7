"""The dwellings of a big file, read by DuckDB: cells that are canonical at sight are checked in its scan.

The others, distinct, go to the readers of `contrat.typage`, which also read the files that are spread out: one meaning.
A file is scanned once, by all the threads: its needed columns go to Parquet, where the rest is done. What few texts
mean is said where they are read (`Parc.relation`), and not written again. The file is read again only to compare rows
that look like doubles.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import duckdb
import polars as pl

from flows import ressources
from flows.anomalies import Anomalie
from flows.contrat.constats import Constats
from flows.contrat.schema import Colonne, Table
from flows.contrat.typage import FAUX_CANONIQUES, est_sans_faute, lecteur_de, lire_textes, motif_canonique, typer
from flows.depot.balayage import lignes_voulues
from flows.depot.feuilles import Balayable, Feuille
from flows.requetes import a_lire, litteral
from flows.tables.declaration import Declaration, nommer_positions
from flows.tables.donnees_feuille import donnees_du_tableau
from flows.tables.entetes import Entete
from flows.tables.millesime import poser_millesime

_BLANCS = "\\t\\n\\v\\f\\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# A total begins the row, a subtotal any of its cells (\x1f between them).
_TOTAL = f"(?i)^[{_BLANCS}]*(?:sous[ -]?)?tota|\x1f[{_BLANCS}]*(?:sous[ -]?total|total g)"
_BLANC = f"^[{_BLANCS}]*$"
_PLEIN = f"[^{_BLANCS}]"
_RANGEES = 20_480
"""Rows that a thread holds at once while it copies them."""
_COLONNES = 16
"""Columns whose texts are gathered at once: each takes some megabytes a thread."""
_CORRECTIONS = 1_000
"""Texts of a column of few texts that are corrected each time that it is read; for more, the rows are written again."""


@dataclass
class Parc:
    """The table of dwellings while it is read: Parquet files in a folder, and what of them each sheet says (SQL)."""

    dossier: Path
    table: Table
    con: duckdb.DuckDBPyConnection = field(init=False)
    morceaux: list[str] = field(default_factory=list)
    balayees: dict[str, str] = field(default_factory=dict)  # file scanned → its millésime
    _rangs: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.dossier.mkdir()
        self.con = duckdb.connect(
            config={
                "threads": ressources.fils(),
                "memory_limit": f"{ressources.memoire()}B",
                "temp_directory": str(self.dossier.with_name(".debordement")),
            }
        )

    @property
    def relation(self) -> str:
        """SQL: provenance and kept columns of all the rows, as canonical text."""
        return f"({' union all '.join(self.morceaux)})"

    def nouveau_fichier(self) -> Path:
        """Where rows are to be written."""
        return self.dossier / f"{next(self._rangs):04d}.parquet"

    def ecrire(self, requete: str) -> None:
        """Adds rows, or a part of those there are, written apart."""
        fichier = self.nouveau_fichier()
        _copier(self.con, requete, fichier)
        colonnes = ", ".join(("fichier", "feuille", "ligne", *self.table.conservees))
        self.morceaux.append(f"select {colonnes} from read_parquet({a_lire(fichier)})")

    def typees(self, feuille: Feuille, entete: Entete | Declaration, lieux: pl.DataFrame) -> pl.DataFrame | None:
        """The rows of a scanned file that `lieux` names, with all their declared columns typed; None when none."""
        ici = (pl.col("fichier") == feuille.fichier) & (pl.col("feuille") == feuille.feuille)
        numeros = lieux.filter(ici)["ligne"].to_list()
        if feuille.balayable is None or not numeros:
            return None
        lignes = lignes_voulues(feuille.balayable, numeros)
        noms = nommer_positions(lignes) if isinstance(entete, Declaration) else entete.colonnes
        lignes = lignes.select("ligne", *(pl.col(champ).alias(nom) for champ, nom in noms.items()))
        lignes = lignes.with_columns(pl.lit(self.balayees[feuille.fichier]).alias("millesime"))
        return typer(lignes, self.table, feuille.fichier, feuille.feuille).acceptees.with_columns(
            pl.lit(feuille.fichier).alias("fichier"), pl.lit(feuille.feuille).alias("feuille")
        )

    def suspectes(self) -> pl.DataFrame:
        """Provenance of the rows that may share the identifier of their dwelling with another."""
        return self.con.execute(
            f"""with lues as (
                    select fichier, feuille, ligne, hash(millesime, coalesce(ident_rep, ident_int)) as cle
                    from {self.relation} as lignes where coalesce(ident_rep, ident_int) is not null
                ),
                cles as (select cle from lues group by cle having count(*) > 1)
                select fichier, feuille, ligne from lues semi join cles on lues.cle = cles.cle order by all"""
        ).pl()

    def oter(self, lieux: pl.DataFrame) -> None:
        """Removes rows by their provenance."""
        if lieux.is_empty():
            return
        self.con.register("otees", lieux.to_arrow())
        fichiers = list(self.dossier.iterdir())
        pleins, self.morceaux = self.morceaux, []
        for morceau in pleins:
            self.ecrire(
                f"select lues.* from ({morceau}) as lues anti join otees on "
                "lues.fichier = otees.fichier and lues.feuille = otees.feuille and lues.ligne = otees.ligne"
            )
        self.con.unregister("otees")
        for fichier in fichiers:
            fichier.unlink()


@dataclass
class Balayage:
    """What the scan of a file gave: rows read, those accepted, the numbers of those rejected, the anomalies."""

    lues: int
    acceptees: int
    rejetees: list[int]
    anomalies: list[Anomalie]


def balayer(parc: Parc, feuille: Feuille, entete: Entete | Declaration, tete: pl.DataFrame) -> Balayage | None:
    """Adds the dwellings of a sheet to the table; None, and nothing is added, when a scan cannot judge its rows.

    `tete`: its first rows, where the headings are, and the lines of descriptions that may follow them.
    """
    balayable = feuille.balayable
    if balayable is None or parc.table.groupes():
        return None
    champs = [f"c{i}" for i in range(1, balayable.largeur + 1)]
    sautees: list[int] = []
    anomalies: list[Anomalie] = []
    if isinstance(entete, Declaration):
        noms = nommer_positions(pl.DataFrame(schema=champs))
    else:
        noms = entete.colonnes
        if set(champs) != set(entete.vus) or entete.doubles:
            return None
        vues = donnees_du_tableau(feuille, tete, entete, parc.table)
        if vues.lignes is None or vues.refusees:
            return None
        sautees = sorted(set(tete["ligne"]) - set(vues.lignes["ligne"]))
        anomalies = vues.anomalies
    if any(parc.table.colonnes[nom].type in ("territoire", "booleen", "date") for nom in noms.values()):
        return None
    copie = parc.nouveau_fichier()
    lignes = _Lignes(parc.con, balayable, entete, champs, noms, parc.table, sautees, copie)
    balayage = _balayer(parc, feuille, lignes, entete) if lignes.copier() else None
    if not any(a_lire(copie) in morceau for morceau in parc.morceaux):
        copie.unlink(missing_ok=True)
    if balayage is not None:
        balayage.anomalies[:0] = [*balayable.dites, *anomalies]
    return balayage


class _Lignes:
    """The rows of a scanned sheet, as SQL: declared columns, `est_blanche`, `est_etrange` (for the usual reading).

    `sautees`: lines of the head that are no data (headings, descriptions). `copie`: where `copier` writes them.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        balayable: Balayable,
        entete: Entete | Declaration,
        champs: list[str],
        noms: dict[str, str],
        table: Table,
        sautees: list[int],
        copie: Path,
    ) -> None:
        self.con, self.copie, self._balayable = con, copie, balayable
        self.a_dictionnaire: set[str] = set()  # columns of few texts, by `examiner`
        self._sautees = f"ligne in ({', '.join(map(str, sautees)) or 0})"
        rangs = {table.colonnes[nom].nom: champ for champ, nom in noms.items()}
        # half of the columns are of no use but for their faults
        sans_faute = {c.nom for c in table.colonnes.values() if not balayable.dit_faute and est_sans_faute(c)}
        self.colonnes = [c for c in table.colonnes.values() if c.nom in rangs.keys() - sans_faute]
        etrange = (
            f"regexp_matches(concat_ws('\x1f', {', '.join(champs)}), '{_TOTAL}')" if balayable.dit_total else "false"
        )
        if isinstance(entete, Declaration):
            siret = r"regexp_matches(regexp_replace(c10, '\s', '', 'g'), '^\d{14}$')"
            vide_ici = f"{_blanche(noms)} and coalesce({', '.join(champs)}) is not null"
            etrange = rf"(regexp_matches(c1, '^\s*(19|20)\d{{2}}\s*$') and {siret}) or ({vide_ici})"
        self._choix = (
            "".join(f"{rangs[c.nom]} as {c.nom}, " for c in self.colonnes)
            + f"coalesce({etrange}, false) as est_etrange"
        )
        gardees = [rangs[c.nom] for c in self.colonnes]
        # a column that is not looked at is not even split off: the others are, when a row may be blank
        self._blanches = [_blanche(gardees or noms), *([_blanche(noms)] if len(gardees) < len(noms) else [])]

    def copier(self) -> bool:
        """Scans the file; False when a line after the first is not one record of the usual width."""
        for blanche in self._blanches:
            requete = f"select {self._choix}, {blanche} as est_blanche from {self._balayable.relation}"
            try:
                copiees = _copier(self.con, requete, self.copie)
            except (duckdb.OutOfMemoryException, duckdb.IOException):
                raise  # the machine's fault, not the file's
            except duckdb.Error:
                return False
            if copiees != self._balayable.nb_lignes or not copiees:  # the engine leaves blank lines out
                return False
            ((a_des_blanches,),) = self.con.execute(f"select bool_or(est_blanche) from {self._numerotees}").fetchall()
            if not a_des_blanches:
                break
        return True

    def corriger(self, colonne: str, autrement: pl.DataFrame) -> tuple[str, str]:
        """SQL: what is read in the place of some texts (cle → lue) of a column, and the join that it needs, if any."""
        if colonne in self.a_dictionnaire and autrement.height <= _CORRECTIONS:
            # the engine looks up each text of a dictionary, and not each cell
            textes = autrement.select("cle", "lue").iter_rows()
            paires = ", ".join(f"{litteral(cle)}: {litteral(lue)}" for cle, lue in textes)
            lus = f"cast(map {{{paires}}} as map(varchar, varchar))"
            return f"if(map_contains({lus}, lignes.{colonne}), {lus}[lignes.{colonne}], lignes.{colonne})", ""
        self.con.register(f"lu_{colonne}", autrement.to_arrow())
        return (
            f"if(lu_{colonne}.cle is null, lignes.{colonne}, lu_{colonne}.lue)",
            f" left join lu_{colonne} on lignes.{colonne} = lu_{colonne}.cle",
        )

    @property
    def pleines(self) -> str:
        """The rows of data, numbered as in the file."""
        return f"(select * from {self._numerotees} where not est_blanche and not {self._sautees}) as lignes"

    @property
    def _numerotees(self) -> str:
        return (
            "(select file_row_number + 2 as ligne, * exclude (file_row_number) "
            f"from read_parquet({a_lire(self.copie)}, file_row_number = true)) as lignes"
        )

    def examiner(self) -> tuple[int, int, dict[str, list[str]]]:
        """How many rows of data, how many rows are odd, and the distinct texts that are not canonical by column."""
        # a column of few texts has a dictionary: each of them is judged once, and not each cell
        metadonnees = self.con.execute(
            f"select distinct path_in_schema from parquet_metadata({a_lire(self.copie)}) "
            "where dictionary_page_offset is not null"
        ).fetchall()
        self.a_dictionnaire = {nom for (nom,) in metadonnees}
        distinctes = [
            f"list_filter(list(distinct {c.nom}), lambda v: {_douteuse(c, 'v')})"
            if c.nom in self.a_dictionnaire
            else f"list(distinct {c.nom}) filter ({_douteuse(c, c.nom)})"
            for c in self.colonnes
        ]
        ((donnees, etranges),) = self.con.execute(
            f"select count_if(not est_blanche and not {self._sautees}), count_if(est_etrange) from {self._numerotees}"
        ).fetchall()
        textes: list[list[str]] = []
        for rang in range(0, len(distinctes), _COLONNES):
            ici = ", ".join(distinctes[rang : rang + _COLONNES])
            textes += self.con.execute(f"select {ici} from {self._numerotees}").fetchall()[0]
        return donnees, etranges, {c.nom: vus for c, vus in zip(self.colonnes, textes, strict=True) if vus}


def _balayer(parc: Parc, feuille: Feuille, lignes: _Lignes, entete: Entete | Declaration) -> Balayage | None:
    con = parc.con
    total, etranges, textes = lignes.examiner()
    if isinstance(entete, Declaration) and (entete.nb_annonces != total or len(entete.lignes_en_tete) > 1):
        return None
    if etranges or not total or any(c.obligatoire for c in lignes.colonnes):
        return None
    annee, dites = _millesime(lignes, feuille, entete)
    if annee is None:
        return None
    lues = {
        c.nom: lire_textes(textes[c.nom], lecteur_de(c, False))
        for c in lignes.colonnes
        if c.nom in textes and c.nom != "millesime"
    }
    constats, rejetees = _dire(lignes, lues, Constats(feuille.fichier, feuille.feuille))
    jointures, valeurs = "", {"millesime": litteral(annee)}
    for c in (parc.table.colonnes[nom] for nom in parc.table.conservees if nom != "millesime"):
        valeurs[c.nom] = f"lignes.{c.nom}" if c in lignes.colonnes else "cast(null as varchar)"
        if c.nom in lues and (autrement := lues[c.nom].filter(pl.col("lue").ne_missing(pl.col("cle")))).height:
            valeurs[c.nom], jointe = lignes.corriger(c.nom, autrement)
            jointures += jointe
        if c.defaut:
            valeurs[c.nom] = f"coalesce({valeurs[c.nom]}, {litteral(c.defaut)})"
    if rejetees:
        con.register("rejetees", pl.DataFrame({"ligne": rejetees}, schema={"ligne": pl.Int64}).to_arrow())
        jointures += " anti join rejetees on lignes.ligne = rejetees.ligne"
    requete = (
        f"select {litteral(feuille.fichier)} as fichier, {litteral(feuille.feuille)} as feuille, lignes.ligne, "
        + ", ".join(f"{valeur} as {nom}" for nom, valeur in valeurs.items())
        + f" from {lignes.pleines}{jointures}"
    )
    if jointures:
        parc.ecrire(requete)
    else:
        parc.morceaux.append(requete)
    parc.balayees[feuille.fichier] = annee
    return Balayage(total, total - len(rejetees), rejetees, dites + constats.ordonnes())


def _dire(lignes: _Lignes, lues: dict[str, pl.DataFrame], constats: Constats) -> tuple[Constats, list[int]]:
    """What the texts read have to be said of, row by row, and the rows that they reject: one scan, if any."""
    a_dire = {
        nom: dites
        for nom, textes in lues.items()
        if (dites := textes.filter(pl.col("probleme").is_not_null() | pl.col("reparation").is_not_null())).height
    }
    if not a_dire:
        return constats, []
    for nom, dites in a_dire.items():
        lignes.con.register(f"dit_{nom}", dites.to_arrow())
    vues = lignes.con.execute(
        f"select ligne, {', '.join(f'lignes.{nom}' for nom in a_dire)} from {lignes.pleines}"
        + "".join(f" left join dit_{nom} on lignes.{nom} = dit_{nom}.cle" for nom in a_dire)
        + f" where coalesce({', '.join(f'dit_{nom}.cle' for nom in a_dire)}) is not null order by ligne"
    ).pl()
    rejetees: set[int] = set()
    for colonne in (c for c in lignes.colonnes if c.nom in a_dire):
        dites = vues.select("ligne", pl.col(colonne.nom).alias("brut"))
        dites = dites.join(a_dire[colonne.nom].rename({"cle": "brut", "lue": "canonique"}), on="brut", how="inner")
        dites = dites.sort("ligne")
        fautives = dites.filter(pl.col("probleme").is_not_null())
        constats.problemes(colonne, fautives)
        if colonne.usage != "lue":  # as `typer` does
            constats.reparations(colonne, dites.filter(pl.col("reparation").is_not_null()))
        if colonne.rejette:
            rejetees |= set(fautives["ligne"])
    return constats, sorted(rejetees)


def _copier(con: duckdb.DuckDBPyConnection, requete: str, vers: Path) -> int:
    """Writes rows as Parquet, in their order; returns how many."""
    copie = f"copy ({requete}) to {litteral(vers)} (format parquet, row_group_size {_RANGEES})"
    try:
        ((copiees,),) = con.execute(copie).fetchall()
    except duckdb.OutOfMemoryException:
        con.execute("set threads = 1")  # what waits for its turn is held: alone, nothing waits
        ((copiees,),) = con.execute(copie).fetchall()
    return int(copiees)


def _blanche(champs: Collection[str]) -> str:
    """SQL condition: all these cells are blank."""
    vides = ", ".join(f"if(regexp_matches({champ}, '{_BLANC}'), null, {champ})" for champ in champs)
    return f"if(regexp_matches(coalesce({', '.join(champs)}), '{_PLEIN}'), false, coalesce({vides}) is null)"


def _douteuse(colonne: Colonne, cellule: str) -> str:
    """SQL condition: a text of a cell that is not canonical at sight."""
    motif = motif_canonique(colonne)
    if motif is None:
        return f"{cellule} is not null"
    faux = ", ".join(map(litteral, FAUX_CANONIQUES))
    return f"(not regexp_matches({cellule}, {litteral(motif)}) or {cellule} in ({faux}))"


def _millesime(lignes: _Lignes, feuille: Feuille, entete: Entete | Declaration) -> tuple[str | None, list[Anomalie]]:
    """The millésime of the file; None when it is unknown or not single."""
    lues = pl.DataFrame({"ligne": [1]})
    if "millesime" in {c.nom for c in lignes.colonnes}:
        lues = lignes.con.execute(f"select distinct millesime from {lignes.pleines}").pl()
    posees, dites = poser_millesime(feuille, lues, entete if isinstance(entete, Declaration) else None)
    return (None, dites) if posees is None else (str(posees["millesime"][0]), dites)
