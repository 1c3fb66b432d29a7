"""Nothing that a file holds makes the extraction fail, take the machine, or lose a row without a word."""

import csv
import io
import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.anomalies import Anomalie, Gravite
from flows.depot.extraction import Feuille, extraire
from flows.depot.isolement import LecteurIsole
from tests.pannes.cas import Cas
from tests.pannes.classeurs_bruts import ligne_ods, lignes_xlsx, ods, table_ods, xls, xlsx
from tests.pannes.fichiers_hostiles import CAS, CSV, TABLE

MEMOIRE_MAX = 1 << 30
SECONDES_MAX = 30
RACINE = Path(__file__).resolve().parents[2]
# What a campaign does, in a process of its own. Its peak is read from the kernel, because the usual counter begins with
# that of the process that started it; the peak of its children is that of the largest.
MESURE = """
import json, re, resource, sys, time
from dataclasses import asdict
from pathlib import Path
from flows.depot.extraction import extraire
for nom in sys.stdin.read().split():
    debut = time.monotonic()
    feuilles, anomalies = extraire([(nom, Path(sys.argv[1]) / nom)], Path(sys.argv[2]) / nom)
    propre = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
    print(json.dumps({
        "nom": nom,
        "secondes": time.monotonic() - debut,
        "memoire": (propre + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024,
        "feuilles": len(feuilles),
        "anomalies": [asdict(anomalie) for anomalie in anomalies],
    }))
"""


@pytest.fixture(scope="module")
def resultats(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """Every hostile file through the extraction: file name → what came out."""
    dossier = tmp_path_factory.mktemp("hostiles")
    noms = [cas.deposer(dossier).name for cas in CAS]
    fin = subprocess.run(
        [sys.executable, "-c", MESURE, str(dossier), str(tmp_path_factory.mktemp("travail"))],
        input="\n".join(noms),
        capture_output=True,
        text=True,
        cwd=RACINE,
        timeout=600,
        check=False,
    )
    assert fin.returncode == 0, fin.stderr[-3000:]
    assert fin.stderr == ""
    return {ligne["nom"]: ligne for ligne in map(json.loads, fin.stdout.splitlines())}


@pytest.mark.parametrize("cas", CAS, ids=lambda cas: cas.nom + cas.extension)
def test_fichier_hostile(cas: Cas, resultats: dict[str, dict]) -> None:
    """Refused or read with what is expected of it said, in French, in bounded time and memory."""
    resultat = resultats[f"reservataires_{cas.nom}{cas.extension}"]
    anomalies = resultat["anomalies"]
    dits = Counter(anomalie["code"] for anomalie in anomalies)
    assert not Counter(cas.codes) - dits, f"attendu {cas.codes}, dit {dict(dits)}"
    assert bool(resultat["feuilles"]) == cas.lisible
    bloque = any(anomalie["gravite"] == "bloquant" for anomalie in anomalies)
    assert cas.lisible or bloque
    for anomalie in anomalies:
        assert anomalie["fichier"] == resultat["nom"]
        assert anomalie["message"].endswith(".") and anomalie["correction"].endswith(".")
        assert "Traceback" not in anomalie["message"] and "Error" not in anomalie["message"]
    assert resultat["secondes"] < SECONDES_MAX
    assert resultat["memoire"] < MEMOIRE_MAX


def test_le_corpus_est_assez_grand() -> None:
    assert len(CAS) >= 80
    assert len({(cas.nom, cas.extension) for cas in CAS}) == len(CAS)


def test_un_fichier_qui_tue_la_lecture_n_arrete_pas_les_autres(tmp_path: Path) -> None:
    """The process that reads workbooks is replaced, and the file that killed it leaves nothing behind."""
    tueur = next(cas for cas in CAS if cas.nom == "sans_adresse")
    bon = xlsx(lignes_xlsx(TABLE))
    noms = []
    for i, octets in enumerate([bon, tueur.octets(), bon, tueur.octets(), tueur.octets(), bon]):
        noms.append(f"reservataires_{i}.xlsx")
        (tmp_path / noms[-1]).write_bytes(octets)
    feuilles, anomalies = extraire([(nom, tmp_path / nom) for nom in noms], tmp_path / "travail")
    assert [feuille.fichier for feuille in feuilles] == [noms[0], noms[2], noms[5]]
    assert [(a.code, a.fichier) for a in anomalies] == [("lecture_interrompue", noms[i]) for i in (1, 3, 4)]
    assert sorted((tmp_path / "travail").iterdir()) == sorted(feuille.lignes for feuille in feuilles)


def test_une_lecture_sans_fin_est_arretee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stops what neither memory nor the processor stops: here, a process that answers nothing."""
    vrai, muet = subprocess.Popen, [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(subprocess, "Popen", lambda _commande, **options: vrai(muet, **options))
    monkeypatch.setattr("flows.depot.isolement.SECONDES_MIN", 1)
    (tmp_path / "a.xlsx").write_bytes(xlsx(lignes_xlsx(TABLE)))
    debut = time.monotonic()
    feuilles, anomalies = extraire([("a.xlsx", tmp_path / "a.xlsx")], tmp_path / "travail")
    assert time.monotonic() - debut < 10
    assert not feuilles
    assert [(a.gravite, a.code) for a in anomalies] == [(Gravite.BLOQUANT, "lecture_interrompue")]
    assert "trop de temps" in anomalies[0].message


def test_le_processus_de_lecture_ne_survit_pas(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(xlsx(lignes_xlsx(TABLE)))
    with LecteurIsole() as lecteur:
        lecteur.lire("zip", "a.xlsx", tmp_path / "a.xlsx", tmp_path / "0")
        processus = lecteur._processus
        assert processus is not None and processus.poll() is None
    assert processus.poll() is not None


LIGNES = [["code", "libelle", "adresse", "nombre"], *([f"A{i}", f"Été {i}", f"{i}, rue B", str(i)] for i in range(60))]
TEXTE = "".join(";".join(ligne) + "\r\n" for ligne in LIGNES)
CLASSEURS = {
    ".xlsx": xlsx(lignes_xlsx(LIGNES)),
    ".ods": ods(table_ods(*(ligne_ods(*ligne) for ligne in LIGNES))),
    ".xls": xls({"F": {(i, j): valeur for i, ligne in enumerate(LIGNES) for j, valeur in enumerate(ligne)}}),
}


@pytest.mark.parametrize("extension", CLASSEURS)
def test_classeur_tronque_a_toute_longueur(extension: str, tmp_path: Path) -> None:
    """Cut anywhere past its signature, an archive or a container is refused: never read in part."""
    entier = CLASSEURS[extension]
    hasard = random.Random(extension)
    longueurs = sorted(hasard.sample(range(8, len(entier) - 1), 60))
    fichiers = []
    for longueur in longueurs:
        chemin = tmp_path / f"droits_{longueur}{extension}"
        chemin.write_bytes(entier[:longueur])
        fichiers.append((chemin.name, chemin))
    feuilles, anomalies = extraire(fichiers, tmp_path / "travail")
    bloques = {a.fichier for a in anomalies if a.gravite is Gravite.BLOQUANT}
    for nom, _ in fichiers:
        entieres = [feuille for feuille in feuilles if feuille.fichier == nom]
        assert nom in bloques or _lignes(entieres) == _attendues(), nom


@pytest.mark.parametrize("extension", CLASSEURS)
def test_octets_retournes_dans_un_classeur(extension: str, tmp_path: Path) -> None:
    """One to three bits changed anywhere, 120 times: read or refused. In an archive, checksums leave no third way."""
    hasard = random.Random(f"bits{extension}")
    fichiers = []
    for i in range(120):
        octets = bytearray(CLASSEURS[extension])
        for _ in range(hasard.randint(1, 3)):
            octets[hasard.randrange(len(octets))] ^= 1 << hasard.randrange(8)
        chemin = tmp_path / f"droits_{i}{extension}"
        chemin.write_bytes(octets)
        fichiers.append((chemin.name, chemin))
    feuilles, anomalies = extraire(fichiers, tmp_path / "travail")
    bloques = {a.fichier for a in anomalies if a.gravite is Gravite.BLOQUANT}
    lus = {feuille.fichier for feuille in feuilles}
    assert bloques | lus == {nom for nom, _ in fichiers}
    if extension != ".xls":
        for nom in lus - bloques:
            assert _lignes([f for f in feuilles if f.fichier == nom]) == _attendues(), nom


def _attendues() -> list[list[str]]:
    return [[str(i), *ligne] for i, ligne in enumerate(LIGNES, start=1)]


def _lignes(feuilles: list[Feuille]) -> list[list[str]]:
    return [
        [str(valeur) for valeur in ligne.values()]
        for feuille in feuilles
        for ligne in pa.ipc.open_file(str(feuille.lignes)).read_all().to_pylist()
    ]


def _lire_csv(dossier: Path, octets: bytes) -> tuple[list[Feuille], list[Anomalie]]:
    chemin = dossier / "droits.csv"
    chemin.write_bytes(octets)
    return extraire([("droits.csv", chemin)], dossier / "travail")


@settings(max_examples=60, deadline=None)
@given(longueur=st.integers(0, len(TEXTE.encode())))
def test_csv_tronque_a_tout_octet(tmp_path_factory: pytest.TempPathFactory, longueur: int) -> None:
    """A cut between two lines cannot be known; elsewhere the last line is said, and blocks when cells are missing."""
    octets = TEXTE.encode()[:longueur]
    feuilles, anomalies = _lire_csv(tmp_path_factory.mktemp("t"), octets)
    dits = {a.code for a in anomalies}
    if not octets or octets.endswith(b"\n"):
        assert bool(feuilles) == bool(octets)
        return
    derniere = octets.rpartition(b"\n")[2].rstrip(b"\r")
    if octets.endswith(b"\r"):
        assert not dits
    elif derniere.count(b";") == 3 or octets.count(b"\n") == 0:
        assert dits & {"fin_de_ligne_absente", "fichier_tronque"}
    else:
        assert any(a.gravite is Gravite.BLOQUANT for a in anomalies)


@settings(max_examples=80, deadline=None)
@given(
    changements=st.lists(
        st.tuples(st.integers(0, len(TEXTE.encode()) - 1), st.integers(1, 255)), min_size=1, max_size=4
    )
)
def test_octets_changes_dans_un_csv(
    tmp_path_factory: pytest.TempPathFactory, changements: list[tuple[int, int]]
) -> None:
    """Whatever the damage: blocked, or every line that Python's csv finds is there, cell by cell."""
    octets = bytearray(TEXTE.encode())
    for rang, masque in changements:
        octets[rang] ^= masque
    feuilles, anomalies = _lire_csv(tmp_path_factory.mktemp("t"), bytes(octets))
    if any(a.gravite is Gravite.BLOQUANT for a in anomalies):
        return
    texte = octets.decode(feuilles[0].encodage.removesuffix("-sig"), "replace")
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=feuilles[0].separateur)
    attendues = [_sans_fin_vide(cellules) for cellules in lecteur if any(cellules)]
    lues = pa.ipc.open_file(str(feuilles[0].lignes)).read_all().drop_columns("ligne").to_pylist()
    assert [_sans_fin_vide([valeur or "" for valeur in ligne.values()]) for ligne in lues] == attendues


def _sans_fin_vide(cellules: list[str]) -> list[str]:
    return cellules[: max(i for i, cellule in enumerate(cellules, start=1) if cellule)]


def test_dit_la_ligne_et_la_cellule(tmp_path: Path) -> None:
    """The message names what to look at, and what to do."""
    _, anomalies = _lire_csv(tmp_path, (CSV + 'X;"Y;1\r\n').encode())
    assert [(a.code, a.ligne) for a in anomalies] == [("guillemet_non_ferme", 4)]
    lointaine = next(cas for cas in CAS if cas.nom == "cellule_lointaine" and cas.extension == ".xlsx")
    (tmp_path / "a.xlsx").write_bytes(lointaine.octets())
    _, anomalies = extraire([("a.xlsx", tmp_path / "a.xlsx")], tmp_path / "t")
    assert [(a.feuille, a.ligne, a.colonne, a.valeur) for a in anomalies] == [
        ("Feuil1", 1_048_576, "XFD", "XFD1048576")
    ]
