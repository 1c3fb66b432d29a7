"""A year as it is lived, on the real command: inventory in November, bilan in February, points in June and September,
a correction after sending, the next bilan, the year after; everything that changed is explained, all of it remembered.
"""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from flows.publication import versions
from flows.vie import explorer
from tests.commande import flux, gestion_flux, lire_csv
from tests.vie.campagnes import deposer_annee, lire_json, remplacer

N = 2025
P1 = "P1;0037273001;VILLE;15/01/2025;non;15/02/2025;3;"


class Bailleur:
    """A working folder, as a bailleur has it: `raw/<annee>`, `out/<annee>`, `oodrive/`."""

    def __init__(self, racine: Path) -> None:
        self.racine = racine

    def sorties(self, annee: int) -> Path:
        """Outputs of a year."""
        return self.racine / "out" / str(annee)

    def mener(self, annee: int, *commande: object) -> str:
        """Runs one command on the files of a year; gives what it says."""
        dossiers = ("--entrees", self.racine / "raw" / str(annee), "--sorties", self.sorties(annee), "--fils", 1)
        fin = gestion_flux(*commande, *dossiers)
        return fin.stdout + fin.stderr

    def deposer(self, annee: int, le: str, *codes: str) -> str:
        """Prepares what is sent, and says that it was."""
        choisis = [option for code in codes for option in ("--reservataire", code)]
        ou = ("--sorties", self.sorties(annee), "--vers", self.racine / "oodrive")
        return gestion_flux("depot", annee, *ou, *choisis, "--envoye", f"M. Rossi, {le}").stdout


@pytest.fixture(scope="module")
def bailleur(tmp_path_factory: pytest.TempPathFactory) -> Bailleur:
    """Fourteen months: what each step published stays to be looked at."""
    ici = Bailleur(tmp_path_factory.mktemp("annee"))
    for annee in (N, N + 1, N + 2):
        deposer_annee(ici.racine / "raw", annee)
    ici.mener(N, "etat-des-lieux", f"30/11/{N}")
    ici.mener(N, "bilan", N)
    ici.deposer(N, f"27/02/{N + 1}")
    ici.mener(N + 1, "bilan", N + 1, "--au", f"30/06/{N + 1}")
    ici.mener(N + 1, "bilan", N + 1, "--au", f"30/09/{N + 1}")
    shutil.copytree(ici.sorties(N + 1) / "points", ici.racine / "points_a_leur_date")
    # after sending, in October: the first proposition had been annulled
    remplacer(ici.racine / "raw" / str(N) / "propositions.csv", f"{P1}candidats", f"{P1}annulation")
    ici.mener(N, "bilan", N)
    ici.deposer(N, f"12/10/{N + 1}", "VILLE")
    ici.mener(N + 1, "etat-des-lieux", f"30/11/{N + 1}")
    ici.mener(N + 1, "bilan", N + 1)
    ici.mener(N + 2, "bilan", N + 2)
    return ici


def test_l_historique_montre_tout(bailleur: Bailleur) -> None:
    def resultats(annee: int) -> list[tuple[str, str, str]]:
        lus: Any = lire_json("historique", annee, "--sorties", bailleur.sorties(annee))
        return [(p["commande"], p["resultat"], p["version"].partition(" ")[0]) for p in reversed(lus)]

    assert resultats(N) == [
        (f"etat-des-lieux au 30/11/{N}", "publié", "v1"),
        (f"bilan {N}", "publié", "v2"),
        (f"depot {N}", "envoyé", "v2"),
        (f"bilan {N}", "publié", "v3"),
        (f"depot {N}", "envoyé", "v3"),
    ]
    assert [fait[:2] for fait in resultats(N + 1)] == [
        (f"bilan au 30/06/{N + 1}", "publié"),
        (f"bilan au 30/09/{N + 1}", "publié"),
        (f"etat-des-lieux au 30/11/{N + 1}", "publié"),
        (f"bilan {N + 1}", "publié"),
    ]


def test_points_etats_et_bilans_restent_cote_a_cote(bailleur: Bailleur) -> None:
    publie, gardes = bailleur.sorties(N + 1), bailleur.racine / "points_a_leur_date"
    for point in sorted(f.relative_to(gardes) for f in gardes.rglob("*") if f.is_file() and f.suffix != ".duckdb"):
        assert (publie / "points" / point).read_bytes() == (gardes / point).read_bytes(), point
    assert (publie / "etat_des_lieux" / "VILLE" / f"etat_des_lieux_{N + 1}-11-30_VILLE.xlsx").is_file()
    index = (publie / "index.html").read_text("utf-8")
    assert f"points/{N + 1}-06-30" in index and "etat_des_lieux/VILLE" in index and f"bilan_{N + 1}_VILLE" in index


def test_la_correction_est_expliquee_et_dit_qui_l_a_deja_recue(bailleur: Bailleur) -> None:
    rendu: Any = lire_json("comparer", "--sorties", bailleur.sorties(N))
    (cause,) = rendu["causes"]
    assert (cause["objet"], cause["avant"], cause["apres"]) == ("propositions", "candidats", "annulation")
    assert rendu["nb_chiffres"] and not rendu["inexpliques"]
    # VILLE has the corrected one; the two others were sent figures of the whole territory that have moved since
    assert rendu["envois_perimes"].keys() == {"ALS", "ETAT"}
    recu = bailleur.racine / "recu.csv"
    shutil.copy(versions.lister(bailleur.sorties(N))[1].dossier / f"bilan/VILLE/bilan_{N}_VILLE.csv", recu)
    dit = gestion_flux("historique", N, "--sorties", bailleur.sorties(N), "--fichier", recu).stdout
    assert "version v2 ·" in dit and "remplacé depuis" in dit
    courriel = (bailleur.racine / "oodrive" / "VILLE" / "courriel.txt").read_text("utf-8")
    assert f"bilan_{N}_VILLE.xlsx" in courriel.partition("Depuis notre envoi précédent")[2]


def test_un_point_se_compare_au_suivant(bailleur: Bailleur) -> None:
    cotes = (f"points/{N + 1}-06-30", f"points/{N + 1}-09-30")
    rendu: Any = lire_json("comparer", *cotes, "--sorties", bailleur.sorties(N + 1))
    assert [(c["genre"], c["avant"], c["apres"]) for c in rendu["causes"]] == [
        ("arrêté au", f"{N + 1}-06-30", f"{N + 1}-09-30")
    ]


def test_d_une_annee_a_l_autre_tout_est_explique(bailleur: Bailleur) -> None:
    """The objective of N+1 is what N announced, once corrected; N+2 takes that of N+1."""
    for avant, apres in ((N, N + 1), (N + 1, N + 2)):
        sorties = bailleur.sorties(apres)
        rendu: Any = lire_json("comparer", avant, apres, "--sorties", sorties)
        assert rendu["nb_chiffres"] and not rendu["inexpliques"]
        assert rendu["comptes"]["exercice"] == {"exercice": 1} and "rpls" in rendu["comptes"]
        annonces = {"objectifs"} if avant == N else {"objectifs", "propositions", "attributions", "liberations"}
        assert annonces <= rendu["comptes"].keys()
        dit = gestion_flux("comparer", avant, apres, "--sorties", sorties).stdout
        assert len(dit.splitlines()) < 100 and "Chaque chiffre qui change a une cause" in dit
        entrees = json.loads((sorties / "manifeste.json").read_text("utf-8"))["executions"]
        lues = [e["entrees"] for e in entrees.values() if e["commande"] == "bilan" and not e["au"]]
        for code in ("ETAT", "VILLE", "ALS"):
            annonce = flux(bailleur.sorties(avant), avant, code)
            objectif = {x["mesure"]: x["nombre"] for x in lire_csv(sorties / f"bilan/{code}/bilan_{apres}_{code}.csv")}
            attendu = (annonce["j"] or 0) + (annonce["report"] or 0)
            assert Decimal(objectif["objectif"].replace(",", ".")) == attendu
            assert any(f"flux_{apres}_{code}.csv" in nom for e in lues for nom in e), code


def test_un_chiffre_d_un_point_s_ouvre_comme_un_autre(bailleur: Bailleur) -> None:
    """The same measure in June and in September, each from its own point; the closed bilan has its own."""
    sorties = bailleur.sorties(N + 1)
    for au in (f"30/06/{N + 1}", f"30/09/{N + 1}", ""):
        point = ("--au", au) if au else ()
        rendu: Any = lire_json("expliquer", "ALS", "baux_signes", "--sorties", sorties, *point)
        lu = sorties / "points" / "-".join(reversed(au.split("/"))) if au else sorties
        publie = {x["mesure"]: x["nombre"] for x in lire_csv(lu / f"bilan/ALS/bilan_{N + 1}_ALS.csv")
                  if x["dimension"] == "total"}  # fmt: skip
        assert Decimal(rendu["valeur"]) == len(rendu["lignes"]) == Decimal(publie["baux_signes"])
    assert "ne contient pas" in gestion_flux(
        "expliquer", "ALS", "refus", "--sorties", sorties, "--au", f"31/03/{N + 1}", attendu=2
    ).stderr  # fmt: skip


def test_planifier_sait_ce_qui_est_fait(bailleur: Bailleur) -> None:
    lieux = ("--entrees", bailleur.racine / "raw" / str(N + 1), "--sorties", bailleur.sorties(N + 1))
    dit = gestion_flux("planifier", "--annee", N + 1, *lieux, "--jour", f"01/03/{N + 2}").stdout
    assert dit.count("publié le") >= 4 and "MANQUÉE" not in dit


def test_explorer_tient_les_annees_ensemble(bailleur: Bailleur, tmp_path: Path) -> None:
    """A question over the three years, from the last; macros with a year; the script opens in a plain engine."""
    requete = """
        select annee, nombre, flux('ALS', annee) as flux, taux_rotation('01004', annee) as rotation
        from mesures_annees
        where code_reservataire = 'ALS' and mesure = 'parc_soumis' and dimension = 'total' order by annee
    """
    fichier = tmp_path / "annees.xlsx"
    gestion_flux("explorer", "--sorties", bailleur.sorties(N + 2), "--vers", fichier, requete)
    feuille = openpyxl.load_workbook(fichier).active
    assert feuille is not None
    entete, *lignes = list(feuille.values)
    assert entete == ("annee", "nombre", "flux", "rotation") and [x[0] for x in lignes] == [N, N + 1, N + 2]
    for annee, _, annonce, rotation in lignes:
        publie = flux(bailleur.sorties(annee - 1), annee - 1, "ALS")["j"] if annee > N else None
        assert annonce == (float(publie) if publie is not None else None)
        assert rotation == pytest.approx(100 * 3 / (20 if annee == N else 19), abs=1e-4)
    with duckdb.connect(str(bailleur.sorties(N + 2) / "flux.duckdb"), read_only=True) as con:
        con.execute(explorer.preambule(bailleur.sorties(N + 2)))
        assert con.execute("select count(distinct annee) from quotas_annees").fetchone() == (3,)
        assert len(con.execute("from delais('_bailleur')").fetchall()) >= 5
