"""The manifest: the same inputs give the same bytes anywhere, and any altered output shows."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
import time_machine

from flows.campagne import Campagne
from flows.depot.reception import recevoir
from flows.publication.empreinte import empreinte_entrepot
from flows.publication.manifeste import empreinte_regles, verifier, versions_utilisees
from flows.publication.parution import chantier, publier

COMPTAGES = [
    {"table_metier": "rpls", "fichier": "rpls_2025.csv", "feuille": "", "lues": 3, "acceptees": 2, "rejetees": 1},
    {"table_metier": "droits", "fichier": "droits.csv", "feuille": "F1", "lues": 1, "acceptees": 1, "rejetees": 0},
]


def remplir(chemin: Path, *, lignes: str = "range(100) r(i)", texte: str = "'a'", apres: str = "") -> str:
    chemin.unlink(missing_ok=True)
    with duckdb.connect(str(chemin)) as base:
        base.execute("create schema bilan")
        base.execute(f"create table bilan.mesures as select i, {texte} as t, i::decimal(38, 6) / 3 as d from {lignes}")
        base.execute("comment on table bilan.mesures is 'Les mesures'")
        base.execute(apres)
    return empreinte_entrepot(chemin)


def publier_un_bilan(dossier: Path, ordre: int = 1) -> Path:
    (dossier / "in").mkdir(parents=True)
    (dossier / "in" / "rpls_2025.csv").write_text("a;b\n1;2\n")
    (dossier / "in" / "droits.csv").write_text("a;b\n1;2\n")
    options = (("seuil", "5"),)
    campagne = Campagne(2025, dossier / "in", dossier / "out", date(2025, 6, 30), ("b", "a")[::ordre], options=options)
    recus, _ = recevoir(campagne.entrees, ("rpls", "droits"))
    with chantier(campagne) as lieu:
        (lieu / "bilan" / "préfet").mkdir(parents=True)
        (lieu / "bilan" / "préfet" / "bilan.csv").write_bytes(b"x\r\n")
        remplir(lieu / "flux.duckdb")
        publier(campagne, lieu, recus[::ordre], COMPTAGES[::ordre])
    return dossier / "out"


def test_memes_entrees_memes_octets_ou_et_quand_que_ce_soit(tmp_path: Path) -> None:
    with time_machine.travel(date(2026, 1, 1)):
        premier = publier_un_bilan(tmp_path / "ici")
    with time_machine.travel(date(2031, 7, 1)):
        second = publier_un_bilan(tmp_path / "là-bas", ordre=-1)
    octets = (premier / "manifeste.json").read_bytes()
    assert octets == (second / "manifeste.json").read_bytes()
    assert str(tmp_path).encode() not in octets and b"root" not in octets


def test_le_manifeste_dit_tout(tmp_path: Path) -> None:
    sorties = publier_un_bilan(tmp_path)
    manifeste = json.loads((sorties / "manifeste.json").read_text(encoding="utf-8"))
    execution = manifeste["executions"][manifeste["execution"]]
    rpls = tmp_path / "in" / "rpls_2025.csv"
    assert execution["entrees"]["rpls_2025.csv"]["sha256"] == hashlib.sha256(rpls.read_bytes()).hexdigest()
    assert execution["lignes"] == COMPTAGES[::-1]
    assert execution["options"] == {"seuil": "5"}
    assert (execution["au"], execution["reservataires"]) == ("2025-06-30", ["a", "b"])
    assert execution["versions"] == versions_utilisees()
    assert manifeste["sorties"]["bilan/préfet/bilan.csv"]["sha256"] == hashlib.sha256(b"x\r\n").hexdigest()
    assert set(manifeste["sorties"]) == {"bilan/préfet/bilan.csv", "flux.duckdb"}


@pytest.mark.parametrize(
    ("geste", "code"), [("modifier", "sortie_modifiee"), ("effacer", "sortie_absente"), ("vider", "sortie_modifiee")]
)
def test_verifier_voit_un_fichier_change(tmp_path: Path, geste: str, code: str) -> None:
    sorties = publier_un_bilan(tmp_path)
    assert verifier(sorties) == []
    fichier = sorties / "bilan" / "préfet" / "bilan.csv"
    if geste == "effacer":
        fichier.unlink()
    else:
        fichier.write_bytes(b"y\r\n" if geste == "modifier" else b"")
    (anomalie,) = verifier(sorties)
    assert (anomalie.gravite.value, anomalie.code, anomalie.fichier) == ("bloquant", code, "bilan/préfet/bilan.csv")


def test_verifier_voit_un_entrepot_change_ou_detruit(tmp_path: Path) -> None:
    sorties = publier_un_bilan(tmp_path)
    with duckdb.connect(str(sorties / "flux.duckdb")) as base:
        base.execute("update bilan.mesures set t = 'b' where i = 42")
    assert [anomalie.code for anomalie in verifier(sorties)] == ["sortie_modifiee"]
    (sorties / "flux.duckdb").write_bytes(b"pas une base")
    assert [anomalie.code for anomalie in verifier(sorties)] == ["sortie_illisible"]


def test_verifier_sans_manifeste(tmp_path: Path) -> None:
    assert [anomalie.code for anomalie in verifier(tmp_path)] == ["manifeste_absent"]


def test_l_empreinte_ne_depend_ni_de_l_ordre_des_lignes_ni_du_nom_du_fichier(tmp_path: Path) -> None:
    endroit = remplir(tmp_path / "flux.duckdb")
    envers = remplir(tmp_path / "autre.duckdb", lignes="(select i from range(100) r(i) order by i desc)")
    assert endroit == envers
    shutil.copy(tmp_path / "flux.duckdb", tmp_path / "copie.duckdb")
    assert empreinte_entrepot(tmp_path / "copie.duckdb") == endroit


@pytest.mark.parametrize(
    "changement",
    [
        {"lignes": "range(101) r(i)"},
        {"lignes": "(select i from range(100) r(i) union all select 1)"},
        {"texte": "case when i = 7 then 'A' else 'a' end"},
        {"texte": "case when i = 7 then null else 'a' end"},
        {"texte": "'a'::blob"},
        {"apres": "comment on table bilan.mesures is 'les mesures'"},
        {"apres": "comment on column bilan.mesures.d is 'un tiers'"},
        {"apres": "create view bilan.v as select 1 as un"},
        {"apres": "create macro bilan.double(x) as 2 * x"},
        {"apres": "create table bilan.vide (i integer)"},
        {"apres": "alter table bilan.mesures rename t to u"},
    ],
)
def test_l_empreinte_voit_tout_changement(tmp_path: Path, changement: dict[str, str]) -> None:
    assert remplir(tmp_path / "a.duckdb") != remplir(tmp_path / "b.duckdb", **changement)


def test_l_empreinte_ne_confond_pas_deux_lignes_qui_se_collent_pareil(tmp_path: Path) -> None:
    empreintes = set()
    for numero, ligne in enumerate(("'ab', 'c'", "'a', 'bc'", "'abc', ''", "'abc', null", "null, 'abc'")):
        with duckdb.connect(str(tmp_path / f"{numero}.duckdb")) as base:
            base.execute("create table t (x varchar, y varchar)")
            base.execute(f"insert into t values ({ligne})")
        empreintes.add(empreinte_entrepot(tmp_path / f"{numero}.duckdb"))
    assert len(empreintes) == 5


def test_l_empreinte_des_regles_ignore_les_fins_de_ligne_de_windows(tmp_path: Path) -> None:
    for nom, fin in (("unix", b"\n"), ("windows", b"\r\n")):
        (tmp_path / nom / "sql").mkdir(parents=True)
        (tmp_path / nom / "sql" / "a.sql").write_bytes(b"select 1" + fin)
    unix, windows = (empreinte_regles([tmp_path / nom / "sql"]) for nom in ("unix", "windows"))
    assert unix == windows
    (tmp_path / "unix" / "sql" / "a.sql").write_bytes(b"select 2\n")
    assert empreinte_regles([tmp_path / "unix" / "sql"]) != windows
