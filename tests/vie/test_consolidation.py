"""Forty bailleurs, one of which is broken: it harms nobody, and every total says that it is missing."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.anomalies import MauvaisUsage
from flows.vie import consolidation
from flows.vie.consolidation import Issue, Tache
from tests.commande import RACINE, ecrire_table, flux, gestion_flux

ANNEE = 2025
NOMS = [f"Office {rang:02d}" for rang in range(1, 41)]
CASSE = "Office 13"
DISTINCTS = 4
"""Bailleurs with files of their own; the others drop the very same files, published already: nothing to do again."""


def deposer_petit(dossier: Path, rang: int) -> None:
    """The smallest campaign that has every column of the page: few dwellings, one convention, one lease."""
    logements = "\n".join(
        f"{rang:04d}{i:06d};01004;Ambérieu-en-Bugey;{1 + i % 2};C;{1 + i % 5};{1960 + i};{1960 + i};13;1;1;1;"
        f"Office {rang};{100000000 + rang}00015;240100883"
        for i in range(1, 6 + rang)
    )
    colonnes = "IDENT_REP;DEPCOM;LIBCOM;QPV;TYPECONST;NBPIECE;CONSTRUCT;LOCAT;FINAN;CONV;MODE;CAT_ORG;RS;SIRET;EPCI"
    ecrire_table(dossier, "rpls_2025", f"{colonnes}\n{logements}")
    ecrire_table(dossier, "reservataires", """
        code_reservataire;libelle;type_reservataire;siren;echelle;code_territoire;mode_taux;taux_pct;base_rotation;\
evenement_decompte
        ALS;Action Logement Services;action_logement;824541148;departement;01;imprime;20;liberations_territoire;bail
    """)  # fmt: skip
    ecrire_table(dossier, "liberations", f"ident_rep;date_liberation\n{rang:04d}000001;10/01/2025")
    ecrire_table(dossier, "objectifs", "annee;code_reservataire;flux_reservataire\n2025;ALS;2")
    ecrire_table(dossier, "attributions", f"""
        ident_rep;code_reservataire;date_caleol;decision;reponse_candidat;date_signature_bail;categorie
        {rang:04d}000001;ALS;05/02/2025;attribution;accepte;20/02/2025;droit_commun
    """)  # fmt: skip


def deposer_racine(racine: Path, noms: list[str]) -> None:
    """One folder a bailleur; beyond the distinct ones, a link to the files of the first."""
    for rang, nom in enumerate(noms, start=1):
        if rang <= DISTINCTS or nom == CASSE:
            deposer_petit(racine / nom / str(ANNEE), rang)
        else:
            (racine / nom).mkdir()
            (racine / nom / str(ANNEE)).symlink_to(racine / noms[0] / str(ANNEE))
        if nom == CASSE:
            (racine / nom / str(ANNEE) / "reservataires.csv").write_text("code;x\nV;1\n", encoding="utf-8")


@pytest.fixture(scope="module")
def quarante(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[dict[str, str]]]:
    """The root, where all of it is published, and how each one ended."""
    dossier = tmp_path_factory.mktemp("bailleurs")
    racine, vers = dossier / "racine", dossier / "out"
    deposer_racine(racine, NOMS)
    premier = vers / NOMS[0] / str(ANNEE)
    gestion_flux("bilan", ANNEE, "--entrees", racine / NOMS[0] / str(ANNEE), "--sorties", premier)
    for nom in NOMS[DISTINCTS:]:
        if nom != CASSE:  # the same files on the disk: what was published is as the run left it
            shutil.copytree(vers / NOMS[0], vers / nom, copy_function=os.link)
            (vers / nom / "registre.jsonl").unlink()  # each writes its own
            shutil.copy(vers / NOMS[0] / "registre.jsonl", vers / nom / "registre.jsonl")
    return racine, vers, _consolider(racine, vers)


def _consolider(racine: Path, vers: Path) -> list[dict[str, str]]:
    fin = gestion_flux("consolider", racine, "--annee", ANNEE, "--vers", vers, "--json", attendu=1)
    lues: list[dict[str, str]] = json.loads(fin.stdout)
    return lues


def test_un_bailleur_casse_ne_gene_personne(quarante: tuple[Path, Path, list[dict[str, str]]]) -> None:
    _, vers, issues = quarante
    attendues = {nom: "inchangé" for nom in NOMS} | dict.fromkeys(NOMS[1:DISTINCTS], "publié") | {CASSE: "refusé"}
    assert {i["bailleur"]: i["resultat"] for i in issues} == attendues
    (refus,) = (i for i in issues if i["resultat"] == "refusé")
    assert refus["motif"].startswith("BLOQUANT") and "reservataires" in refus["motif"]
    with duckdb.connect(str(vers / f"consolidation-{ANNEE}" / "consolidation.duckdb"), read_only=True) as con:
        parcs: Any = con.execute(
            "select bailleur, parc_total from bilan.synthese where code_reservataire = '_bailleur' order by 1"
        ).fetchall()
        assert parcs == [(nom, 5 + (i if 1 <= i <= 4 else 1)) for i, nom in enumerate(NOMS, 1) if nom != CASSE]
        assert con.execute("select count(*), count(distinct raison_sociale) from bilan.bailleurs").fetchone() == (39, 4)
        communs = con.execute("select distinct reservataire_commun from bilan.reservataires_communs").fetchall()
        assert communs == [("siren 824541148",)]
        cles = con.execute("select distinct bailleur, annee from bilan.mesures").fetchall()
        assert len(cles) == 39 and {annee for _, annee in cles} == {ANNEE}
    parquet = vers / f"consolidation-{ANNEE}" / "parquet" / "mesures" / f"annee={ANNEE}"
    assert len(list(parquet.glob("bailleur=*/part.parquet"))) == 39


def test_chaque_total_dit_combien_il_compte(quarante: tuple[Path, Path, list[dict[str, str]]]) -> None:
    """The page adds up what each bailleur published, and each of its totals says on how many of the forty."""
    _, vers, _ = quarante
    page = (vers / f"consolidation-{ANNEE}" / "index.html").read_text("utf-8").replace("\u202f", "").replace("\xa0", "")
    assert "Chiffres de 39 bailleurs sur 40" in page and CASSE in page
    totaux = re.findall(r"<td>([^<]*)<small>([^<]*)</small>", page)
    assert len(totaux) >= 14 and {compte for _, compte in totaux} <= {"39 sur 40", "0 sur 40"}
    parc = 6 * 36 + 7 + 8 + 9  # 36 like the first, three of their own
    assert totaux[0] == (str(parc), "39 sur 40")
    assert totaux[2] == ("39", "39 sur 40")  # one release each
    assert totaux[7:10] == [("78", "39 sur 40"), ("39", "39 sur 40"), ("50,00%", "39 sur 40")]
    assert "824541148" in page and "(39 sur 39)" in page
    assert flux(vers / NOMS[1] / str(ANNEE), ANNEE, "ALS")["a"] == Decimal(7)


def test_ce_qui_n_a_pas_change_n_est_pas_refait(quarante: tuple[Path, Path, list[dict[str, str]]]) -> None:
    racine, vers, _ = quarante
    dossier = vers / f"consolidation-{ANNEE}"
    avant = _empreintes(dossier)
    assert {i["resultat"] for i in _consolider(racine, vers)} == {"inchangé", "refusé"}
    assert _empreintes(dossier) == avant


def test_une_consolidation_dans_un_dossier_au_nom_de_motif(saine_publiee: Path, tmp_path: Path) -> None:
    """The tables are those of this folder, whatever is beside it."""
    issues = [Issue("A [1]", "publié", "", str(saine_publiee))]
    for vers in ("conso x", nom := "conso [x]"):
        consolidation.rassembler(tmp_path / vers / "c", ANNEE, issues)
    with duckdb.connect(str(tmp_path / nom / "c" / "consolidation.duckdb"), read_only=True) as con:
        une = "select bailleur, count(*) = count(distinct (code_reservataire, mesure, dimension, modalite))"
        assert con.execute(f"{une} from bilan.mesures group by all").fetchall() == [("A [1]", True)]


TUER_AU_SECOND = """
import os, sys
from pathlib import Path
from flows.vie import consolidation
renommer, faits = Path.rename, []
def tuer(source, cible):
    faits.append(cible)
    return os._exit(9) if len(faits) == 2 else renommer(source, cible)
Path.rename = tuer
consolidation.rassembler(Path(sys.argv[1]), 2025, [])
"""


def test_une_consolidation_tuee_entre_ses_deux_renommages_rend_l_ancienne(tmp_path: Path) -> None:
    cible = tmp_path / "out" / "consolidation-2025"
    consolidation.rassembler(cible, ANNEE, [Issue("A", "échoué", "la première", "")])
    fin = subprocess.run([sys.executable, "-c", TUER_AU_SECOND, cible], cwd=RACINE, check=False)
    assert fin.returncode == 9 and not cible.exists()
    (tmp_path / "racine" / "A").mkdir(parents=True)

    def interrompre(*_: object) -> list[Issue]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):  # at the next run, before it has done anything
        consolidation.consolider(tmp_path / "racine", ANNEE, cible.parent, 1, interrompre)
    assert "la première" in (cible / "index.html").read_text(encoding="utf-8")
    consolidation.rassembler(cible, ANNEE, [])
    assert [f.name for f in cible.parent.iterdir()] == [cible.name]


@pytest.mark.parametrize("nom", ["A=B", "A%20B"])
def test_un_nom_que_le_dossier_des_tables_ne_rendrait_pas_est_refuse(nom: str, tmp_path: Path) -> None:
    (tmp_path / nom).mkdir()
    with pytest.raises(MauvaisUsage, match="renommez-le"):
        consolidation.taches(tmp_path, ANNEE, tmp_path / "out", 1)


def test_une_racine_vide_est_un_mauvais_usage(tmp_path: Path) -> None:
    fin = gestion_flux("consolider", tmp_path, "--annee", ANNEE, "--vers", tmp_path / "out", attendu=2)
    assert "aucun dossier de bailleur" in fin.stderr


def test_l_issue_est_celle_du_registre_pas_d_un_mot_qui_s_affiche(tmp_path: Path) -> None:
    """A folder may bear the words that the command says."""
    entrees, sorties = tmp_path / "in", tmp_path / "Inchangé BLOQUANT" / str(ANNEE)
    deposer_petit(entrees, 1)
    tache = Tache("Inchangé BLOQUANT", ANNEE, str(entrees), str(sorties), 1)
    assert [consolidation.executer(tache).resultat for _ in range(2)] == ["publié", "inchangé"]
    (entrees / "reservataires.csv").write_text("code;x\nV;1\n", encoding="utf-8")
    assert consolidation.executer(tache).resultat == "refusé"
    ferme = Tache("B", ANNEE, str(entrees), str(entrees / "rpls_2025.csv" / "BLOQUANT"), 1)
    assert consolidation.executer(ferme).resultat == "échoué"  # nothing could be inscribed


def mourir(tache: Tache) -> Issue:
    """A bailleur that takes its process with it."""
    if tache.bailleur == "B":
        os._exit(9)
    return Issue(tache.bailleur, "publié", "", tache.sorties)


def seul(tache: Tache) -> Issue:
    """What is said of those that are run again, each alone."""
    return Issue(tache.bailleur, "échoué" if tache.bailleur == "B" else "publié", "seul", tache.sorties)


def test_un_processus_tue_n_emporte_que_le_sien() -> None:
    taches = [Tache(nom, ANNEE, "", "", 1) for nom in "ABCDE"]
    issues = consolidation.par_processus(2, seul)(mourir, taches)
    assert {i.bailleur: i.resultat for i in issues} == dict.fromkeys("ACDE", "publié") | {"B": "échoué"}


@pytest.mark.parametrize("signe", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_une_consolidation_arretee_ne_laisse_personne_au_travail(tmp_path: Path, signe: signal.Signals) -> None:
    """Asked to end, or killed, at its first bailleur: no process is left, no other bailleur begins."""
    racine, vers = tmp_path / "racine", tmp_path / "out"
    noms = [f"B{rang}" for rang in range(1, 7)]
    for rang, nom in enumerate(noms, start=1):
        deposer_petit(racine / nom / str(ANNEE), rang)
    commande = [sys.executable, "-m", "flows", "consolider", str(racine), "--annee", str(ANNEE), "--vers", str(vers)]

    def ecouter() -> None:  # whoever started the tests in the background had this one ignored
        signal.signal(signal.SIGINT, signal.default_int_handler)

    execution = subprocess.Popen(
        [*commande, "--ouvriers", "1"], cwd=RACINE, stderr=subprocess.DEVNULL, preexec_fn=ecouter
    )
    try:
        attendre(lambda: any(vers.glob(f"*/.{ANNEE}.chantier-*")), 60)
        nes = enfants(execution.pid)
        execution.send_signal(signe)
        assert execution.wait(timeout=60) != 0
        attendre(lambda: not any(Path(f"/proc/{enfant}/cmdline").exists() for enfant in nes), 30)
    finally:
        execution.kill()
    assert not (vers / noms[-1]).exists() and not (vers / f"consolidation-{ANNEE}").exists()


def attendre(vrai: Callable[[], bool], limite_s: float) -> None:
    """Waits for something to be true."""
    fin = time.monotonic() + limite_s
    while not vrai():
        assert time.monotonic() < fin
        time.sleep(0.1)


def enfants(racine: int) -> set[int]:
    """Every process that descends from this one."""
    parents = {}
    for dossier in Path("/proc").iterdir():
        if dossier.name.isdecimal():
            with suppress(OSError, IndexError, ValueError):
                parents[int(dossier.name)] = int((dossier / "stat").read_text().rpartition(")")[2].split()[1])
    trouves, nouveaux = set[int](), {racine}
    while nouveaux:
        nouveaux = {p for p, parent in parents.items() if parent in nouveaux} - trouves
        trouves |= nouveaux
    return trouves


def test_une_grappe_dask_donne_les_memes_octets(tmp_path: Path) -> None:
    """Two workers of a local cluster against the processes of this machine, one bailleur being broken."""
    distributed = pytest.importorskip("distributed")
    racine = tmp_path / "racine"
    deposer_racine(racine, [*NOMS[:3], CASSE])
    ici = consolidation.consolider(racine, ANNEE, tmp_path / "ici", 2)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as grappe:
        adresse = grappe.scheduler_address
        la = consolidation.consolider(racine, ANNEE, tmp_path / "la", 2, consolidation.par_dask(adresse))
    assert [(i.bailleur, i.resultat) for i in ici] == [(i.bailleur, i.resultat) for i in la]
    assert [i.resultat for i in ici] == ["publié"] * 3 + ["refusé"]
    nom = f"consolidation-{ANNEE}"
    assert _empreintes(tmp_path / "ici" / nom) == _empreintes(tmp_path / "la" / nom)
    un = f"{NOMS[0]}/{ANNEE}/bilan"
    assert _empreintes(tmp_path / "ici" / un) == _empreintes(tmp_path / "la" / un)


def _empreintes(dossier: Path) -> dict[str, str]:
    """Of everything but the warehouse, whose tables are those of the Parquet files."""
    return {
        f.relative_to(dossier).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(dossier.rglob("*"))
        if f.is_file() and f.suffix != ".duckdb"
    }
