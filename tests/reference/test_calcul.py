"""The reference computation itself: published cases and rules worked out by hand on a parc of ten dwellings."""

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tests.reference import cas_publies
from tests.reference.calcul import Resultat, calculer
from tests.reference.generateur import generer

Rang = dict[str, str | None]
ANNEE = 2025


def _campagne(**tables: list[Rang]) -> dict[str, list[Rang]]:
    """Ten dwellings let in 1980: 0–7 in Le Port (97407), 8–9 in Saint-Denis (97411); one convention on Le Port."""
    rpls: list[Rang] = [
        {
            "millesime": str(millesime),
            "IDENT_REP": f"{rang}",
            "DEPCOM": "97407" if rang < 8 else "97411",
            "NBPIECE": "3",
            "FINAN": "13",
            "QPV": "1" if rang % 2 else "2",
            "LOCAT": "1980",
            "CONSTRUCT": "1980",
            "MODE": "1",
            "BAIL": "01/2010",
        }
        for millesime in (ANNEE, ANNEE + 1)
        for rang in range(10)
    ]
    return {"rpls": rpls, "reservataires": [_convention()], **tables}


def _convention(**colonnes: str) -> Rang:
    convention: Rang = {
        "code_reservataire": "R",
        "type_reservataire": "commune",
        "echelle": "commune",
        "code_territoire": "97407",
        "mode_taux": "imprime",
        "taux_pct": "20",
        "base_rotation": "liberations_territoire",
        "evenement_decompte": "bail_ou_refus",
    }
    return convention | colonnes


def _candidat(numero: int, proposition: str = "", **colonnes: str) -> Rang:
    candidat: Rang = {
        "id_decision": f"D{numero}",
        "id_proposition": proposition,
        "ident_rep": "1",
        "code_reservataire": "R",
        "date_caleol": "2025-03-01",
        "decision": "attribution_rang",
        "rang": str(numero),
        "categorie": "droit_commun",
    }
    return candidat | colonnes


def _proposition(identifiant: str, **colonnes: str) -> Rang:
    proposition: Rang = {
        "id_proposition": identifiant,
        "ident_rep": "1",
        "code_reservataire": "R",
        "date_mise_a_disposition": "2025-02-01",
    }
    return proposition | colonnes


def _total(resultat: Resultat, mesure: str, code: str = "R") -> Fraction | None:
    return resultat.bilan[code][mesure, "total", "total"]


@pytest.mark.parametrize("nom", sorted(cas_publies.cas()))
def test_cas_publies(nom: str, tmp_path: Path) -> None:
    tables = cas_publies.ecrire_cas(nom, tmp_path)
    lignes = calculer(tables, cas_publies.ANNEE).flux[nom]
    assert {ligne: lignes[ligne][0] for ligne in cas_publies.LIGNES} == cas_publies.attendus(nom)


def test_part_de_l_etat_en_paca(tmp_path: Path) -> None:
    tables = cas_publies.ecrire_cas("ETAT_PACA", tmp_path)
    assert calculer(tables, cas_publies.ANNEE).flux["ETAT_PACA"]["i"][0] == Fraction("30") - Fraction("1.37")


def test_trois_candidats_classes_font_une_attribution_et_le_bail_donne_le_public() -> None:
    candidats = [
        _candidat(1, reponse_candidat="refuse", dalo="oui"),
        _candidat(2, reponse_candidat="accepte", date_signature_bail="2026-01-05", prioritaire="oui"),
        _candidat(3, reponse_candidat="sans_reponse"),
    ]
    resultat = calculer(_campagne(attributions=candidats, propositions=[]), ANNEE)
    assert _total(resultat, "attributions") == 1
    assert resultat.bilan["R"]["attributions", "public", "prioritaire"] == 1
    assert _total(resultat, "refus") == 2
    assert _total(resultat, "baux_signes") == 0


def test_bail_ou_refus_compte_bail_refus_de_tous_et_carence_relancee() -> None:
    propositions = [
        _proposition("bail"),
        _proposition("refus"),
        _proposition("attente"),
        _proposition("suite"),
        _proposition("neuf", premiere_location="oui"),
        _proposition("carence", issue="carence", date_relance="2025-02-20"),
        _proposition("sans_relance", issue="carence"),
        _proposition("annulee", issue="annulation"),
    ]
    candidats = [
        _candidat(1, "bail", ident_rep="1", reponse_candidat="accepte", date_signature_bail="2025-04-01"),
        _candidat(2, "refus", ident_rep="2", reponse_candidat="refuse"),
        _candidat(3, "refus", ident_rep="2", reponse_candidat="sans_reponse", date_caleol="2025-12-31"),
        _candidat(4, "attente", ident_rep="3", reponse_candidat="refuse"),
        _candidat(5, "attente", ident_rep="3"),
        _candidat(6, "suite", ident_rep="4", reponse_candidat="refuse"),
        _candidat(7, "suite", ident_rep="4", reponse_candidat="refuse", date_caleol="2026-01-02"),
        _candidat(8, "neuf", ident_rep="5", reponse_candidat="refuse"),
    ]
    resultat = calculer(_campagne(attributions=candidats, propositions=propositions), ANNEE)
    assert _total(resultat, "decompte") == 3
    assert _total(resultat, "mises_a_disposition") == 6
    assert _total(resultat, "premieres_locations") == 1
    assert _total(resultat, "attributions") == 5


def test_als_sans_les_attributions_du_bailleur_sauf_option() -> None:
    candidats = [_candidat(1, designataire="bailleur"), _candidat(2, ident_rep="2", designataire="reservataire")]
    for options, attendu in (("", 1), ("partenariat_dans_flux", 2)):
        convention = _convention(type_reservataire="action_logement", evenement_decompte="attribution", options=options)
        tables = _campagne(attributions=candidats) | {"reservataires": [convention]}
        resultat = calculer(tables, ANNEE)
        assert _total(resultat, "decompte") == attendu
        assert _total(resultat, "attributions") == 2


def test_liberations_distinctes_dans_le_parc_soumis_et_rotation_moyenne() -> None:
    def libere(rang: int, jour: str) -> Rang:
        return {"ident_rep": str(rang), "date_liberation": jour}

    exclusions: list[Rang] = [
        {"ident_rep": "0", "motif_exclusion": "vente"},
        {"ident_rep": "0", "motif_exclusion": "defense"},
        {"ident_rep": "1", "motif_exclusion": "plai_adapte"},
        {"ident_rep": "2", "motif_exclusion": "demolition", "date_fin": "2025-12-31"},
    ]
    liberations = [
        libere(0, "2025-05-01"),
        libere(1, "2025-05-01"),
        libere(1, "2025-05-01") | {"motif_depart": "congé"},
        libere(2, "2025-05-01"),
    ]
    resultat = calculer(_campagne(liberations=liberations, exclusions=exclusions), ANNEE)
    assert _total(resultat, "parc_soumis") == 6
    assert _total(resultat, "liberations") == 1
    assert _total(resultat, "liberations_hors_flux") == 2
    lignes = resultat.flux["R"]
    assert lignes["b.defense"][0] == 1
    assert lignes["c"][0] == 7
    assert lignes["d"][0] == Fraction(100, 6)
    assert lignes["h"][0] is None
    anciennes = [libere(1, "2024-05-01"), libere(3, "2024-06-01"), libere(9, "2025-06-01")]
    resultat = calculer(_campagne(liberations=anciennes), ANNEE)
    assert resultat.flux["R"]["d"][0] == Fraction(100 * 2, 2 * 8)


def test_droits_en_cours_et_soustractions_partagees() -> None:
    def droit(rang: str, nature: str = "ds", **colonnes: str) -> Rang:
        return {"code_reservataire": "R", "ident_rep": rang, "nature_droit": nature, **colonnes}

    droits = [
        droit("0"),
        droit("1", "du_parc"),
        droit("2", "contingent", nombre_droits="2"),
        droit("3", date_fin="2025-12-31"),
        droit("4", origine_droit="garantie_emprunt", date_fin_emprunt="2020-12-31"),
        droit("5", origine_droit="garantie_emprunt", date_fin_emprunt="2021-01-01"),
        droit("9"),
        droit("", nombre_droits="1", commune="97411"),
        droit("", nombre_droits="1", departement="974"),
    ]
    previsions: list[Rang] = [
        {"annee": "2026", "categorie": "mutation_interne", "nombre": "1"},
        {
            "annee": "2026",
            "categorie": "mutation_interne",
            "nombre": "0.2",
            "echelle": "commune",
            "code_territoire": "97407",
        },
        {
            "annee": "2026",
            "categorie": "mutation_interne",
            "nombre": "5",
            "echelle": "commune",
            "code_territoire": "97411",
        },
        {"annee": "2025", "categorie": "mutation_interne", "nombre": "5"},
    ]
    convention = _convention(mode_taux="droits_sur_parc", base_rotation="fixe", taux_rotation_pct="50")
    tables = _campagne(droits=droits, previsions=previsions) | {"reservataires": [convention]}
    lignes = calculer(tables, ANNEE).flux["R"]
    assert lignes["i"][0] == Fraction(100 * 5, 8)
    assert lignes["f.mutation_interne"][0] == 1
    assert lignes["e"][0] == 4
    assert lignes["h"][0] == 3
    assert lignes["j"][0] == Fraction(15, 8)


def test_les_modalites_s_additionnent_et_l_ordre_des_lignes_ne_change_rien(tmp_path: Path) -> None:
    tables = generer(4, tmp_path, ANNEE)
    resultat = calculer(tables, ANNEE, date(ANNEE, 9, 30))
    for code, bilan in resultat.bilan.items():
        for (mesure, dimension, modalite), total in bilan.items():
            if dimension != "total" or not total or mesure == "objectif":
                continue
            for autre in ("typologie", "epci", "public"):
                somme = sum(n or 0 for (m, d, _), n in bilan.items() if (m, d) == (mesure, autre))
                assert somme == total, (code, mesure, autre, modalite)
    renverses = {table: lignes[::-1] for table, lignes in tables.items()}
    assert calculer(renverses, ANNEE, date(ANNEE, 9, 30)) == resultat


def test_le_generateur_est_reproductible_et_varie_les_formes(tmp_path: Path) -> None:
    assert generer(7, tmp_path / "a") == generer(7, tmp_path / "b")
    suffixes = set()
    for graine in range(12):
        generer(graine, tmp_path / str(graine))
        suffixes |= {chemin.suffix for chemin in (tmp_path / str(graine)).iterdir()}
    assert suffixes == {".csv", ".txt", ".xlsx"}
    tables = generer(7, tmp_path / "simple", formes="simples", completes=True)
    with (tmp_path / "simple" / "liberations.csv").open(encoding="utf-8", newline="") as flux:
        lues = [{c: v for c, v in ligne.items() if v} for ligne in csv.DictReader(flux, delimiter=";")]
    assert lues == [{c: v for c, v in ligne.items() if v} for ligne in tables["liberations"]]
