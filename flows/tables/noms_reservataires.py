"""A réservataire named by its libelle or another of its names is given its code (contrat, « In », after the tables)."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import polars as pl

from flows.anomalies import Anomalie, Gravite, Recueil
from flows.contrat.schema import charger, normaliser_entete
from flows.tables.decisions import lignes_ecartees
from flows.tables.doubles import oter_doubles
from flows.tables.lecture import PROVENANCE, Lecture

CODE = "code_reservataire"
NOM = "reservataire"
NON_RESERVE = "\x00non réservé"  # no code can be that
_SEPARATEURS = re.compile(r"[;|,\n]")

Noms = Mapping[str, tuple[str, ...]]


def resoudre(lue: Lecture, decides: Mapping[str, str | None] | None = None) -> None:
    """Puts the code in place of the name in every table that names a réservataire.

    An exact code wins; then what is written is compared without case, accents and punctuation with the codes, the
    libelles and the `autres_noms`. A name that two codes share rejects its row, and both are named. A name that
    nobody has stays as it is: a control says it. `decides` ({normalised writing: code or name, None for « non
    réservé »}) wins.
    """
    conventions = lue.tables.get("reservataires")
    if conventions is None:
        return
    codes, noms = lire_noms(pl.read_parquet(conventions, columns=[CODE, "libelle", "autres_noms"], glob=False))
    decides = decides or {}
    dits = {ecriture: code for ecriture, code in decides.items() if code is not None}
    noms = {**noms, **{ecriture: trouver(code, codes, noms) or (code,) for ecriture, code in dits.items()}}
    for ecriture in (ecriture for ecriture, code in decides.items() if code is None):
        noms[ecriture] = (NON_RESERVE,)
    for table, chemin in lue.tables.items():
        if table != "reservataires" and CODE in charger().tables[table].colonnes:
            _resoudre_table(lue, table, chemin, codes, noms)


def lire_noms(conventions: pl.DataFrame) -> tuple[frozenset[str], Noms]:
    """The codes, and for each normalised name the codes that have it, sorted."""
    codes = frozenset(conventions[CODE])
    noms: dict[str, set[str]] = {}
    for code, libelle, autres in conventions.select(CODE, "libelle", "autres_noms").iter_rows():
        for nom in (code, libelle or "", *_SEPARATEURS.split(autres or "")):
            if cle := normaliser_entete(nom):
                noms.setdefault(cle, set()).add(code)
    return codes, {cle: tuple(sorted(qui)) for cle, qui in noms.items()}


def trouver(ecrit: str, codes: frozenset[str], noms: Noms) -> tuple[str, ...]:
    """The codes that `ecrit` may be: one when it is known, several when it is shared, none when nobody has it."""
    return (ecrit,) if ecrit in codes else noms.get(normaliser_entete(ecrit), ())


def _resoudre_table(lue: Lecture, table: str, chemin: Path, codes: frozenset[str], noms: Noms) -> None:
    colonnes = [c for c in (CODE, NOM) if c in charger().tables[table].colonnes]
    lues = (
        pl.scan_parquet(chemin, glob=False)
        .select(pl.coalesce(colonnes).alias("ecrit"))
        .unique()
        .collect()["ecrit"]
        .drop_nulls()
    )
    trouves = {ecrit: trouver(ecrit, codes, noms) for ecrit in lues if ecrit not in codes}
    if not any(trouves.values()) and NOM not in colonnes:
        return
    remplaces = {ecrit: qui[0] for ecrit, qui in trouves.items() if len(qui) == 1}
    partages = {ecrit: qui for ecrit, qui in trouves.items() if len(qui) > 1}
    donnees = pl.read_parquet(chemin, glob=False).with_columns(pl.coalesce(colonnes).alias("_ecrit"))
    rejetees = donnees.filter(pl.col("_ecrit").is_in(list(partages)))
    lue.anomalies += _partages(table, rejetees, partages)
    rejeter(lue, table, rejetees)
    gardees = donnees.filter(~pl.col("_ecrit").is_in(list(partages)).fill_null(False))
    code = charger().tables[table].colonnes[CODE]
    if code.obligatoire or code.groupe:
        gardees = _ecarter_non_reserves(lue, table, gardees, [e for e, qui in remplaces.items() if qui == NON_RESERVE])
    gardees = gardees.with_columns(
        pl.when(pl.col("_ecrit").is_in(list(codes)))
        .then("_ecrit")
        .otherwise(pl.col("_ecrit").replace_strict(remplaces, default=pl.col(CODE), return_dtype=pl.String))
        .replace(NON_RESERVE, None)
        .alias(CODE)
    )
    _oter_les_memes(lue, table, gardees).drop("_ecrit").write_parquet(chemin, compression="zstd")


def _oter_les_memes(lue: Lecture, nom: str, donnees: pl.DataFrame) -> pl.DataFrame:
    """Without the rows that only another writing of the réservataire told apart; those that differ are named."""
    table = charger().tables[nom]
    cle = [c for c in table.cle if c in donnees.columns]
    if CODE not in cle:
        return donnees
    autrement = donnees.filter((pl.col("_ecrit").n_unique().over(cle) > 1) & pl.col(CODE).is_not_null())
    sans_autres = partial(pl.DataFrame.with_columns, _autres=pl.lit(""))
    seules, anomalies = oter_doubles(autrement.drop("_ecrit"), table, sans_autres)
    lue.anomalies += anomalies
    otees = autrement.join(seules.select(PROVENANCE), on=PROVENANCE, how="anti")
    rejeter(lue, nom, otees, doubles=True)
    return donnees.join(otees.select(PROVENANCE), on=PROVENANCE, how="anti", maintain_order="left")


def _ecarter_non_reserves(lue: Lecture, table: str, donnees: pl.DataFrame, ecritures: list[str]) -> pl.DataFrame:
    """Without the rows that the correspondances say not to be a réservataire's, in a table of réservataires: said."""
    ecartees = donnees.filter(pl.col("_ecrit").is_in(ecritures).fill_null(False))
    rejeter(lue, table, ecartees)
    for (fichier, feuille), siennes in ecartees.group_by("fichier", "feuille", maintain_order=True):
        lue.anomalies += lignes_ecartees(str(fichier), str(feuille), siennes["ligne"].sort().to_list())
    return donnees.filter(~pl.col("_ecrit").is_in(ecritures).fill_null(False))


def _partages(table: str, rejetees: pl.DataFrame, partages: Noms) -> list[Anomalie]:
    return Recueil(
        Anomalie(
            Gravite.ERREUR,
            "reservataire_ambigu",
            f"« {ecrit} » peut être {' ou '.join(partages[ecrit])} : ces codes ont ce nom en commun. La ligne est "
            f"rejetée de la table {table}.",
            "Écrivez le code du réservataire, ou un nom que lui seul a dans la table reservataires.",
            fichier,
            feuille,
            ligne,
            CODE,
            ecrit,
        )
        for fichier, feuille, ligne, ecrit in rejetees.select(*PROVENANCE, "_ecrit").iter_rows()
    ).liste()


def rejeter(lue: Lecture, table: str, rejetees: pl.DataFrame, doubles: bool = False) -> None:
    """Rows move from accepted to rejected in the accounting of their sheet; `doubles`: they repeat others."""
    for fichier, feuille, nombre in rejetees.group_by("fichier", "feuille").len().iter_rows():
        for comptage in lue.comptages:
            if (comptage.table, comptage.fichier, comptage.feuille) == (table, fichier, feuille):
                comptage.acceptees -= nombre
                comptage.rejetees += nombre
                comptage.doubles += nombre * doubles
