"""From the untouched workbook of a small SEM and its decisions to figures computed by hand; never without them."""

import re
from decimal import Decimal
from pathlib import Path

from tests.commande import RACINE, bilan, flux, gestion_flux
from tests.depots.dossier_oph import ecrire_correspondances
from tests.depots.dossier_sem import ANNEE, CLASSEUR, CONVENTIONS, CORRESPONDANCES, FEUILLES, Feuilles, deposer
from tests.pannes import corpus
from tests.pannes.campagne_saine import texte_csv

BILANS = {
    # ranks 1 to 5, 13 and 14 left in 2025, of the 15 dwellings in the flux; rank 11 left and has no convention
    "_bailleur": {
        "parc_total": 20,
        "parc_soumis": 15,
        "liberations": 7,
        "liberations_hors_flux": 1,
        "attributions": 5,
        "refus": 1,
        "baux_signes": 4,
        "mutations_internes": 1,
    },
    "ETAT": {"parc_soumis": 15, "attributions": 2, "refus": 1, "baux_signes": 1, "objectif": 2, "decompte": 2},
    "VILLE": {
        "parc_total": 12,
        "parc_soumis": 9,
        "liberations": 5,
        "attributions": 1,
        "baux_signes": 1,
        "objectif": 1,
        "decompte": 1,
    },
    "ALS": {"parc_total": 20, "parc_soumis": 15, "attributions": 1, "baux_signes": 1, "objectif": 1, "decompte": 1},
}
"""Rank 5 passed in January 2026; rank 3 was attributed twice, refused once; rank 4 is a transfer."""

FLUX = {
    # a = 19 dwellings on 1/1/2026, less rank 9 (sale), 18 (gendarmes), 11, 12 and 20 (no convention)
    "ETAT": dict(a="19", b="5", c="14", d="46.666667", e="6.533333", f="3", h="3.533333", i="30", j="1"),
    # ranks 1 and 3 still have a right (the loan of rank 2 ended on 31/12/2019, + 5 years): 2 ÷ 11
    "VILLE": dict(a="11", b="3", c="8", d="55.555556", e="4.444444", f="2", h="2.444444", i="18.181818", j="0.444444"),
    "ALS": dict(a="19", b="5", c="14", d="50", e="7", f="3", h="4", i="10", j="0.4"),
}


def changer(feuille: str, *lignes: list[object], sans: tuple[object, ...] = ()) -> Feuilles:
    """The decisions with lines more in a sheet, and without those that begin so."""
    gardees = [li for li in CORRESPONDANCES[feuille] if not sans or tuple(li[: len(sans)]) != sans]
    return CORRESPONDANCES | {feuille: [*gardees, *lignes]}


def verifier_chiffres(sorties: Path) -> None:
    for code, attendues in BILANS.items():
        lues = bilan(sorties, ANNEE, code)
        assert {m: lues[m, "total", "total"] for m in attendues} == attendues, code
    for code, attendues_flux in FLUX.items():
        lues_flux = flux(sorties, ANNEE, code)
        assert {li: lues_flux[li] for li in attendues_flux} == {li: Decimal(v) for li, v in attendues_flux.items()}, (
            code
        )


def test_les_fichiers_intacts_et_les_decisions_donnent_les_chiffres_justes(tmp_path: Path) -> None:
    entrees, sorties = deposer(tmp_path / "raw"), tmp_path / "out"
    fin = corpus.executer("bilan", entrees, sorties)
    assert fin.code == 0, fin.erreurs
    lues = corpus.rapport(sorties)
    assert not [a for a in lues if a["gravite"] in ("bloquant", "erreur")]
    verifier_chiffres(sorties)
    (ecartee,) = [a for a in lues if a["code"] == "lignes_ecartees"]
    assert (ecartee["fichier"], ecartee["feuille"], ecartee["ligne"]) == (CLASSEUR, "Rotation", "10")
    assert "ligne_de_total" in {a["code"] for a in lues if a["feuille"] == "Ville"}


def test_sans_les_decisions_rien_n_est_publie(tmp_path: Path) -> None:
    entrees, sorties = deposer(tmp_path / "raw", None), tmp_path / "out"
    fin = corpus.executer("bilan", entrees, sorties)
    assert fin.code == 1
    assert CLASSEUR in fin.erreurs and "apercu" in fin.erreurs
    assert not (sorties / "bilan").exists()


def test_le_journal_de_la_documentation_est_vrai(tmp_path: Path) -> None:
    """The steps of a newcomer, in the order of docs/premiere_campagne.md: each sentence that it quotes is said."""
    journal = (RACINE / "docs" / "premiere_campagne.md").read_text(encoding="utf-8")
    tableau = journal.partition("| étape |")[2].partition("\n\n")[0].splitlines()[2:]
    citees = [re.findall("« (.+?) »", ligne.split(" | ")[1])[0] for ligne in tableau]
    entrees, sorties = deposer(tmp_path / "raw", None), tmp_path / "out"
    dites = [corpus.executer("bilan", entrees, sorties).erreurs]
    dites.append(gestion_flux("apercu", ANNEE, "--entrees", entrees, attendu=1).stdout)
    dites.append(corpus.executer("bilan", entrees, sorties).erreurs)
    sans_mot = changer("Valeurs", sans=("attributions", "decision", "Écarté"))
    for incompletes in (sans_mot | {"Bailleur": [["Question", "Réponse"]]}, sans_mot):
        ecrire_correspondances(entrees.parent, incompletes)
        dites.append(corpus.executer("controler", entrees, tmp_path / "vu").erreurs)
    ecrire_correspondances(entrees.parent, CORRESPONDANCES)
    dites.append(corpus.executer("bilan", entrees, sorties).dit)
    assert len(citees) == len(dites) == 6
    for citee, dite in zip(citees, dites, strict=True):
        assert citee in dite


def test_les_conventions_dans_le_meme_classeur_et_les_decisions_en_csv(tmp_path: Path) -> None:
    """One workbook for everything but the declarations; the decisions versioned as text, one file a sheet."""
    plus = {nom: [list(dict.fromkeys(c for ligne in lignes for c in ligne))] for nom, lignes in CONVENTIONS.items()}
    for nom, lignes in CONVENTIONS.items():
        plus[nom] += [[ligne.get(c) for c in plus[nom][0]] for ligne in lignes]
    entrees, sorties = deposer(tmp_path / "raw", None, FEUILLES | plus), tmp_path / "out"
    (entrees / "conventions.xlsx").unlink()
    decidees = changer(
        "Feuilles", ["Gestion*", "Conventions", "reservataires"], ["Gestion*", "Flux annoncés", "objectifs"]
    )
    (dossier := tmp_path / "raw" / "correspondances").mkdir()
    for nom, lignes in decidees.items():
        texte = texte_csv([["" if c is None else str(c) for c in ligne] for ligne in lignes])
        (dossier / f"{nom}.csv").write_text(texte, encoding="utf-8-sig", newline="")
    fin = corpus.executer("bilan", entrees, sorties)
    assert fin.code == 0, fin.erreurs
    assert not [a for a in corpus.rapport(sorties) if a["gravite"] in ("bloquant", "erreur")]
    verifier_chiffres(sorties)


def test_les_echeances_se_lisent_dans_les_conventions_du_modele(tmp_path: Path) -> None:
    entrees = deposer(tmp_path / "raw")
    options = ("--annee", ANNEE, "--entrees", entrees, "--sorties", tmp_path / "out", "--jour", "01/06/2025")
    dit = gestion_flux("planifier", *options).stdout
    assert "état des lieux" in dit and "VILLE" in dit
