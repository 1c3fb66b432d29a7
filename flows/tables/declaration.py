"""The RPLS declaration file: no headings, a line about the bailleur, then 64 positions a dwelling (DEVU0929020A)."""

from dataclasses import dataclass

import polars as pl

POSITIONS = (
    "ident_rep ident_int droit depcom codepostal libcom numvoie indrep typvoie nomvoie numappt numboite esc "
    "couloir etage complident entree bat immeu complgeo lieudit qpv typeconst nbpiece surfhab construct locat "
    "patrimoine origine rsexpro siretexpro finan finanautre conv numconv datconv sortiepatrim oldlogt newlogt "
    "mode bail modesurf surfmode loyerprinc loyeracc contrib cus dpedate dpeenergie dpeserre sru_expir "
    "sru_alinea identges codsegpatrim libsegpatrim loyermaxapl loyermaxcus qualacq miscommercial prixvente "
    "prodfin remlocdate contreslog"
).split()
CHAMPS_EN_TETE = 12


@dataclass(frozen=True)
class Declaration:
    """What the first line of a declaration says: the millésime, the bailleur, how many dwelling lines follow."""

    millesime: int
    raison_sociale: str
    siret: str
    nb_annonces: int | None
    lignes_en_tete: tuple[int, ...]


def lire_en_tete(lignes: pl.DataFrame) -> Declaration | None:
    """The declaration's header when the sheet is one, else None: year first, 14-digit SIRET tenth, a count eleventh.

    `lignes_en_tete` has more than one row number when several declarations were put end to end in the file.
    """
    if lignes.height == 0 or lignes.width <= CHAMPS_EN_TETE:
        return None
    en_tetes = lignes.filter(
        pl.col("c1").str.contains(r"^\s*(19|20)\d{2}\s*$")
        & pl.col("c10").str.replace_all(r"\s", "").str.contains(r"^\d{14}$")
    )
    if en_tetes.height == 0 or en_tetes["ligne"][0] != lignes["ligne"][0]:
        return None
    premiere = en_tetes.row(0, named=True)
    annonce = str(premiere["c11"] or "").strip()
    return Declaration(
        millesime=int(premiere["c1"]),
        raison_sociale=str(premiere["c3"] or "").strip(),
        siret="".join(str(premiere["c10"]).split()),
        nb_annonces=int(annonce) if annonce.isdigit() else None,
        lignes_en_tete=tuple(en_tetes["ligne"]),
    )


def nommer_positions(lignes: pl.DataFrame) -> dict[str, str]:
    """Frame column → RPLS column, by position; positions after the 63rd are comments or later additions."""
    return {f"c{i}": nom for i, nom in enumerate(POSITIONS, start=1) if f"c{i}" in lignes.columns}
