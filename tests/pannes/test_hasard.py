"""Damage at random: no crash, no row lost, no value that turns blank in silence; read = accepted + rejected, always."""

import io
import json
import random
import re
import string
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.anomalies import Anomalie, Gravite
from flows.contrat.schema import charger
from flows.depot import reception
from flows.depot.extraction import extraire
from flows.tables.lecture import Lecture, lire
from tests.pannes import corpus
from tests.pannes.campagne_saine import ANNEE, TABLES, Lignes, deposer, texte_csv
from tests.pannes.classeurs_bruts import ligne_ods, lignes_xlsx, ods, table_ods, xls, xlsx

PIEGES = (
    *(
        "",
        " ",
        "\u00a0",
        "-",
        "NC",
        "n/a",
        "NULL",
        "?",
        "#N/A",
        "=1+1",
        "+33",
        "-1",
        "@x",
        "\t",
        "Total",
        "é",
        "\ufffd",
    ),
    *("1", "0", "01004", "1004", "2A004", "2a004", "97411", "0037273001", "37273001", "3,73E+07", "99900000300015"),
    *("1,5", "1.5", "1.234", "1 234", "1\u202f234", "1e3", "-0", "٣", "1" * 400, "10 %", "12,50 €"),
    *("31/02/2025", "01/03/2025", "2025-03-01", "1/3/25", "45717", "00/00/0000", "29/02/2024", "2025-03-01 10:00:00"),
    *("oui", "non", "X", "vrai", "ETAT", "VILLE", "ALS", "bail", "attribution", '"', "a;b", "a\nb", "'x", "<b>"),
)
VIDES = {"", "-", "–", "—", "nan", "null", "none", "<na>", "na", "n/a", "nc", "na/na", "n.c.", "n.a.", "nr", "n.r."}
cellules = st.one_of(st.sampled_from(PIEGES), st.text(max_size=12), st.text(string.digits + "/,. -", max_size=12))


def lire_dossier(dossier: Path, travail: Path) -> tuple[Lecture, list[Anomalie]]:
    """What a run does of a folder before any figure: files received, extracted, typed."""
    recus, dites = reception.recevoir(dossier, list(charger().tables))
    feuilles, extraites = extraire([(f.nom, f.chemin) for f in recus], travail / "feuilles")
    lecture = lire(recus, feuilles, travail / "tables", ANNEE)
    return lecture, [*dites, *extraites, *lecture.anomalies]


def verifier_comptes(lecture: Lecture, anomalies: list[Anomalie], fichiers: list[str]) -> None:
    """Read = accepted + rejected; rejected rows are named; a file of which nothing is read blocks or is said empty."""
    for compte in lecture.comptages:
        assert compte.lues == compte.acceptees + compte.rejetees
        assert min(compte.acceptees, compte.rejetees, compte.doubles) >= 0
        nommees = {a.ligne for a in anomalies if (a.fichier, a.feuille) == (compte.fichier, compte.feuille)}
        gardees = _lignes_gardees(lecture, compte.table, compte.fichier, compte.feuille)
        assert len(gardees) == compte.acceptees
        assert compte.rejetees - compte.doubles <= len(nommees - gardees - {None})
    comptes = {compte.fichier for compte in lecture.comptages}
    bloques = {a.fichier for a in anomalies if a.gravite is Gravite.BLOQUANT}
    assert set(fichiers) <= comptes | bloques
    for anomalie in anomalies:
        assert "Traceback" not in anomalie.message and "Exception" not in anomalie.message


def _lignes_gardees(lecture: Lecture, table: str, fichier: str, feuille: str) -> set[int]:
    ou = (pl.col("fichier") == fichier) & (pl.col("feuille") == feuille)
    return set(pl.read_parquet(lecture.tables[table]).filter(ou)["ligne"]) if table in lecture.tables else set()


@settings(max_examples=100, deadline=None)
@given(
    table=st.sampled_from([nom for nom in TABLES if nom != "rpls_2026"]),
    degats=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), cellules), min_size=1, max_size=8),
)
def test_contenus_quelconques(
    tmp_path_factory: pytest.TempPathFactory, table: str, degats: list[tuple[int, int, str]]
) -> None:
    """Any text in any cell: each row comes out whole, or is rejected by name; a cell left out is said."""
    dossier = tmp_path_factory.mktemp("contenus")
    lignes = [list(ligne) for ligne in TABLES[table]]
    for i, j, valeur in degats:
        lignes[1 + i % (len(lignes) - 1)][j % len(lignes[0])] = valeur
    entrees = dossier / "in"
    entrees.mkdir()
    (entrees / f"{table}.csv").write_text(texte_csv(lignes), encoding="utf-8", newline="")
    lecture, anomalies = lire_dossier(entrees, dossier)
    verifier_comptes(lecture, anomalies, [f"{table}.csv"])
    nom = table.split("_20")[0]
    if lecture.comptages and not any(a.gravite is Gravite.BLOQUANT and not a.ligne for a in anomalies):
        _verifier_rien_d_efface(lignes, pl.read_parquet(lecture.tables[nom]), anomalies)


def _verifier_rien_d_efface(lignes: Lignes, lues: pl.DataFrame, anomalies: list[Anomalie]) -> None:
    """Each row given is kept or named; each visible cell of a row kept has a value, or an anomaly at its place."""
    rangs = _rangs_dans_le_fichier(lignes)
    gardees = {rangee["ligne"]: rangee for rangee in lues.to_dicts()}
    dites = {(ligne, a.colonne) for a in anomalies for ligne in _lignes_dites(a)}
    nommees = {a.ligne for a in anomalies}
    entete = [nom.lower() for nom in lignes[0]]
    for rang, ligne in zip(rangs, lignes[1:], strict=True):
        if not any(cellule.strip() for cellule in ligne):
            continue
        assert rang in gardees or rang in nommees, (rang, ligne)
        for nom, cellule in zip(entete, ligne, strict=True) if rang in gardees else ():
            if nom in lues.columns and gardees[rang][nom] is None and _visible(cellule):
                assert (rang, nom) in dites or _dit_rien_au_rpls(nom, cellule), (nom, cellule)


def _dit_rien_au_rpls(nom: str, cellule: str) -> bool:
    """0 and Z are how the RPLS says that a coded column is not given."""
    colonne = charger().tables["rpls"].colonnes.get(nom)
    return colonne is not None and colonne.type == "code_rpls" and cellule.strip().casefold() in ("0", "z")


def _lignes_dites(anomalie: Anomalie) -> set[int]:
    """The row that an anomaly is about, and those that its sentence lists: "(3 lignes : 4, 7 à 8)"."""
    dites = {anomalie.ligne or 0}
    for debut, fin in re.findall(r"(\d+)(?: à (\d+))?(?=[,)])", anomalie.message):
        dites |= set(range(int(debut), int(fin or debut) + 1))
    return dites


def _rangs_dans_le_fichier(lignes: Lignes) -> list[int]:
    """Line of the file where each row of data begins: cells may hold line breaks."""
    hauteurs = [len(re.findall("\r\n|\n|\r", texte_csv([ligne]))) for ligne in lignes]
    return [1 + sum(hauteurs[:rang]) for rang in range(1, len(lignes))]


def _visible(cellule: str) -> bool:
    """True when a person sees a value in the cell: something that prints, and not a word for "nothing"."""
    propre = "".join(c if c.isprintable() else " " for c in cellule).strip().casefold()
    return propre not in VIDES and propre not in ("'", '=""')


def _abimer(octets: bytes, hasard: random.Random) -> bytes:
    """Bits turned, a piece cut out, doubled, overwritten or torn off the end."""
    abimes = bytearray(octets)
    for _ in range(hasard.randint(1, 4)):
        debut = hasard.randrange(max(1, len(abimes)))
        fin = min(len(abimes), debut + hasard.choice((1, 2, 16, 300)))
        match hasard.randrange(6):
            case 0 | 1:
                abimes[debut:fin] = bytes(octet ^ 1 << hasard.randrange(8) for octet in abimes[debut:fin][:2])
            case 2:
                del abimes[debut:fin]
            case 3:
                abimes[debut:debut] = abimes[debut:fin]
            case 4:
                abimes[debut:fin] = hasard.randbytes(fin - debut)
            case _:
                del abimes[max(8, debut) :]
    return bytes(abimes)


def _parquet(lignes: Lignes) -> bytes:
    tampon = io.BytesIO()
    pl.DataFrame(lignes[1:], schema=lignes[0], orient="row").write_parquet(tampon)
    return tampon.getvalue()


FORMATS: dict[str, Callable[[Lignes], bytes]] = {
    ".csv": lambda lignes: texte_csv(lignes).encode(),
    ".xlsx": lambda lignes: xlsx(lignes_xlsx([list(ligne) for ligne in lignes])),
    ".ods": lambda lignes: ods(table_ods(*(ligne_ods(*ligne) for ligne in lignes))),
    ".xls": lambda lignes: xls({"F": {(i, j): c for i, ligne in enumerate(lignes) for j, c in enumerate(ligne)}}),
    ".parquet": _parquet,
}


@pytest.mark.parametrize("extension", FORMATS)
def test_fichiers_abimes(extension: str, tmp_path: Path) -> None:
    """Sixty files of each format, torn at random: read to the row, or refused."""
    hasard = random.Random(extension)
    entrees = tmp_path / "in"
    entrees.mkdir()
    for i in range(60):
        nom = hasard.choice([nom for nom in TABLES if not nom.startswith("rpls")])
        octets = _abimer(FORMATS[extension](TABLES[nom]), hasard)
        (entrees / f"{nom}_{i}{extension}").write_bytes(octets)
    lecture, anomalies = lire_dossier(entrees, tmp_path)
    verifier_comptes(lecture, anomalies, [chemin.name for chemin in entrees.iterdir()])


@pytest.mark.parametrize("graine", range(20))
def test_campagnes_abimees(graine: int, tmp_path: Path) -> None:
    """The real command on thirty campaigns whose files are torn or mixed up: a clean end, everything accounted for."""
    hasard = random.Random(f"campagne {graine}")
    entrees, sorties = deposer(tmp_path / "in"), tmp_path / "out" / "2025"
    for chemin in hasard.sample(sorted(entrees.iterdir()), hasard.randint(1, 3)):
        lignes = [list(ligne) for ligne in TABLES[chemin.stem]]
        if hasard.random() < 0.5:
            for _ in range(hasard.randint(1, 5)):
                rangee = hasard.choice(lignes[1:])
                rangee[hasard.randrange(len(rangee))] = hasard.choice(PIEGES)
            chemin.write_text(texte_csv(lignes), encoding="utf-8", newline="")
        else:
            extension = hasard.choice(list(FORMATS))
            chemin.unlink()
            chemin.with_suffix(extension).write_bytes(_abimer(FORMATS[extension](lignes), hasard))
    fin = corpus.executer("controler", entrees, sorties)
    graves = [a for a in corpus.rapport(sorties) if a["gravite"] in ("bloquant", "erreur")]
    assert fin.code == bool(graves), fin.erreurs
    assert "Traceback" not in fin.erreurs
    manifeste = json.loads((sorties / "manifeste.json").read_text(encoding="utf-8"))
    for compte in manifeste["executions"][manifeste["execution"]]["lignes"]:
        assert compte["lues"] == compte["acceptees"] + compte["rejetees"]
