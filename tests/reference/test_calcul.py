"""Measures, décompte and répartition by hand, on a parc of ten dwellings; the generator itself."""

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

from tests.reference.calcul import calculer
from tests.reference.fabrique import (
    ANNEE,
    SAINT_DENIS,
    Rang,
    calculer_sur,
    candidat,
    convention,
    proposition,
    rpls,
    total,
)
from tests.reference.generateur import generer


def decompte(conventions: list[Rang], propositions: list[Rang], attributions: list[Rang]) -> Fraction | None:
    return total(calculer_sur(conventions, propositions=propositions, attributions=attributions), "decompte")


def test_trois_candidats_classes_font_une_attribution_et_le_bail_donne_le_public() -> None:
    candidats = [
        candidat(1, reponse_candidat="refuse", dalo="oui"),
        candidat(2, reponse_candidat="accepte", date_signature_bail="2026-01-05", prioritaire="oui", quartile_1="oui"),
        candidat(3, reponse_candidat="sans_reponse"),
    ]
    resultat = calculer_sur([convention()], attributions=candidats, propositions=[])
    assert total(resultat, "attributions") == 1
    assert resultat.bilan["R"]["attributions", "public", "prioritaire"] == 1
    assert resultat.bilan["R"]["attributions", "quartile", "premier_quartile"] == 1
    assert total(resultat, "refus") == 2
    assert total(resultat, "baux_signes") == 0


def test_un_evenement_est_du_reservataire_du_candidat_retenu() -> None:
    candidats = [
        candidat(1, reponse_candidat="refuse"),
        candidat(2, code_reservataire="S", reponse_candidat="accepte", date_signature_bail="2025-03-02"),
        candidat(3, code_reservataire="", ident_rep="8"),
    ]
    autre = convention(code_reservataire="S", code_territoire=SAINT_DENIS)
    resultat = calculer_sur([convention(), autre], attributions=candidats, propositions=[])
    assert (total(resultat, "attributions"), total(resultat, "attributions", "S")) == (1, 1)
    assert total(resultat, "attributions", "_bailleur") == 2
    du_bailleur = resultat.repartition["_bailleur"]
    assert du_bailleur["S", "attributions", "total", "total"] == 1
    assert du_bailleur["non_reserve", "attributions", "commune", SAINT_DENIS] == 1
    assert ("R", "attributions", "total", "total") not in du_bailleur
    assert set(resultat.repartition["R"]) & {("S", "baux_signes", "total", "total")}


def test_premieres_locations_deduites_ecrites_et_contagieuses() -> None:
    parc = rpls(s1={"LOCAT": "2025"}, n2={"LOCAT": "2026"}, l3={"LOCAT": "9999"})
    propositions = [
        proposition("a"),
        proposition("b", ident_rep="2", premiere_location="non"),
        proposition("c", ident_rep="3"),
        proposition("d", ident_rep="4", premiere_location="oui"),
        proposition("e", ident_rep="1", date_mise_a_disposition="2025-06-01"),
    ]
    attributions = [
        candidat(1, date_signature_bail="2025-04-01"),
        candidat(2, ident_rep="2", id_proposition="b"),
        candidat(3, ident_rep="4", id_proposition="d"),
        candidat(4, ident_rep="4", id_proposition="", code_reservataire="", categorie="mutation_interne"),
        candidat(5, ident_rep="5", premiere_location="oui", code_reservataire="", categorie="mutation_interne"),
        candidat(6, ident_rep="5"),
        candidat(7, date_caleol="2025-07-01", date_signature_bail="2025-08-01"),
    ]
    resultat = calculer_sur([convention()], parc, propositions=propositions, attributions=attributions)
    assert total(resultat, "premieres_locations") == 2
    assert total(resultat, "mises_a_disposition") == 3
    assert total(resultat, "proposes") == 5
    assert total(resultat, "premieres_locations_attribuees") == 3
    assert total(resultat, "attributions") == 2
    assert (total(resultat, "premieres_locations_baux"), total(resultat, "baux_signes")) == (1, 1)
    assert total(resultat, "mutations_internes", "_bailleur") == 2


def test_bail_ou_refus_compte_bail_refus_de_tous_et_carence_relancee() -> None:
    propositions = [
        proposition("bail"),
        proposition("refus"),
        proposition("attente"),
        proposition("suite"),
        proposition("neuf", premiere_location="oui"),
        proposition("carence", issue="carence", date_relance="2025-02-20"),
        proposition("tardive", issue="carence", date_relance="2026-01-02"),
        proposition("sans_relance", issue="carence"),
        proposition("annulee", issue="annulation"),
    ]
    refuse = {"reponse_candidat": "refuse"}
    candidats = [
        candidat(1, id_proposition="bail", reponse_candidat="accepte", date_signature_bail="2025-04-01"),
        candidat(2, id_proposition="refus", ident_rep="2", **refuse),
        candidat(3, id_proposition="refus", ident_rep="2", reponse_candidat="sans_reponse", date_caleol="2025-12-31"),
        candidat(4, id_proposition="attente", ident_rep="3", **refuse),
        candidat(5, id_proposition="attente", ident_rep="3"),
        candidat(6, id_proposition="suite", ident_rep="4", **refuse),
        candidat(7, id_proposition="suite", ident_rep="4", date_caleol="2026-01-02", **refuse),
        candidat(8, id_proposition="neuf", ident_rep="5", **refuse),
        candidat(9, id_proposition="annulee", ident_rep="6", **refuse),
    ]
    resultat = calculer_sur([convention()], attributions=candidats, propositions=propositions)
    assert total(resultat, "decompte") == 3
    assert total(resultat, "mises_a_disposition") == 7
    assert total(resultat, "attributions") == 6


def test_un_bail_de_quiconque_met_fin_aux_refus_mais_pas_a_la_carence() -> None:
    refuse = candidat(1, id_proposition="p", reponse_candidat="refuse")
    du_bailleur = {"id_proposition": "p", "code_reservataire": "", "date_signature_bail": "2026-02-01"}
    assert decompte([convention()], [proposition("p")], [refuse]) == 1
    assert decompte([convention()], [proposition("p")], [refuse, candidat(2, **du_bailleur)]) == 0
    mutation = candidat(2, categorie="mutation_interne", **du_bailleur)
    assert decompte([convention()], [proposition("p")], [refuse, mutation]) == 0
    carence = proposition("p", issue="carence", date_relance="2025-02-20")
    assert decompte([convention()], [carence], [refuse, candidat(2, **du_bailleur)]) == 1
    le_sien = candidat(2, id_proposition="p", date_signature_bail="2026-02-01")
    assert decompte([convention()], [carence], [le_sien]) == 0


def test_als_sans_les_attributions_du_bailleur_sauf_option() -> None:
    candidats = [candidat(1, designataire="bailleur"), candidat(2, ident_rep="2", designataire="reservataire")]
    for options, attendu in (("", 1), ("partenariat_dans_flux", 2)):
        als = convention(type_reservataire="action_logement", evenement_decompte="attribution", options=options)
        resultat = calculer_sur([als], attributions=candidats)
        assert total(resultat, "decompte") == attendu
        assert total(resultat, "attributions") == 2
    als = convention(type_reservataire="action_logement")
    carence = proposition("p", issue="carence", date_relance="2025-02-20")
    loue = candidat(1, id_proposition="p", designataire="bailleur", date_signature_bail="2025-04-01")
    assert decompte([als], [carence], [loue]) == 1
    refus = [
        candidat(1, id_proposition="p", reponse_candidat="refuse"),
        candidat(2, id_proposition="p", designataire="bailleur"),
    ]
    assert decompte([als], [proposition("p")], refus) == 1


def test_un_evenement_suit_la_convention_de_son_jour_et_n_est_pas_recompte() -> None:
    def epoques(avant: str, apres: str) -> list[Rang]:
        return [
            convention(evenement_decompte=avant, date_debut="2024-01-01", date_fin="2025-02-15"),
            convention(evenement_decompte=apres, date_debut="2025-02-16"),
        ]

    loue = candidat(1, id_proposition="p", date_signature_bail="2025-04-01")
    for avant, apres, attendu in (
        ("mise_a_disposition", "bail", 1),
        ("mise_a_disposition", "attribution", 1),
        ("attribution", "bail", 1),
        ("bail", "mise_a_disposition", 0),
        ("bail", "attribution", 1),
    ):
        assert decompte(epoques(avant, apres), [proposition("p")], [loue]) == attendu
    ancienne = proposition("p", date_mise_a_disposition="2024-12-30")
    assert decompte(epoques("mise_a_disposition", "bail"), [ancienne], [loue]) == 0
    carence = proposition("p", issue="carence", date_relance="2025-03-01")
    assert decompte(epoques("mise_a_disposition", "bail_ou_refus"), [carence], []) == 1
    future = [convention(date_debut="2025-05-01")]
    assert decompte(future, [proposition("p")], [loue]) == 0


def test_l_attribution_sans_id_va_a_la_derniere_proposition_de_son_reservataire() -> None:
    refus = candidat(1, id_proposition="", reponse_candidat="refuse")
    assert (
        decompte([convention()], [proposition("p"), proposition("q", date_mise_a_disposition="2025-02-10")], [refus])
        == 1
    )
    memes_jours = [proposition("p"), proposition("q")]
    assert decompte([convention()], memes_jours, [refus]) == 0
    assert decompte([convention()], [proposition("p", date_mise_a_disposition="2025-03-02")], [refus]) == 0
    annulee_apres = [proposition("p"), proposition("q", date_mise_a_disposition="2025-02-10", issue="annulation")]
    assert decompte([convention()], annulee_apres, [refus]) == 0


def test_les_lignes_sans_id_d_un_meme_jour_sont_une_offre() -> None:
    propositions = [
        proposition("", nb_candidats="1"),
        proposition("", nb_candidats="2"),
        proposition("x"),
        proposition("y"),
    ]
    resultat = calculer_sur([convention()], propositions=propositions)
    assert total(resultat, "mises_a_disposition") == 3


def test_au_ignore_ce_qui_suit_et_un_bail_posterieur_n_existe_pas() -> None:
    refus = [candidat(1, id_proposition="p", reponse_candidat="refuse")]
    loue = candidat(2, id_proposition="p", code_reservataire="", date_signature_bail="2025-07-02")
    tables = {
        "rpls": rpls(),
        "reservataires": [convention()],
        "propositions": [proposition("p"), proposition("q", date_mise_a_disposition="2025-07-01")],
        "attributions": [*refus, loue],
    }
    resultat = calculer(tables, ANNEE, date(2025, 6, 30))
    assert total(resultat, "decompte") == 1
    assert total(resultat, "mises_a_disposition") == 1
    assert total(calculer(tables, ANNEE), "decompte") == 0


def test_un_logement_de_l_inventaire_prend_sa_ligne_la_plus_complete() -> None:
    def ligne(**description: str) -> Rang:
        return {"code_reservataire": "R", "ident_rep": "X", "nature_droit": "ds", **description}

    droits = [
        ligne(commune="97407"),
        ligne(commune="97411", typologie="T4"),
        ligne(commune="97411", typologie="T2"),
    ]
    for ordre in (droits, droits[::-1]):
        resultat = calculer_sur([convention()], droits=ordre, propositions=[proposition("p", ident_rep="X")])
        assert resultat.bilan["R"]["mises_a_disposition", "typologie", "T2"] == 1
        assert total(resultat, "mises_a_disposition", "epci_249740119") == 1


def test_un_reservataire_se_nomme_par_son_libelle_et_un_logement_par_ses_chiffres() -> None:
    nomme = convention(libelle="Ville d'Été n° 1", autres_noms="La Mairie, Le CCAS")
    propositions = [
        proposition("a", code_reservataire="VILLE D ETE N 1"),
        proposition("b", code_reservataire="le ccas", ident_rep="00-1"),
        proposition("c"),
    ]
    resultat = calculer_sur([nomme], propositions=propositions)
    assert resultat.bilan["R"]["mises_a_disposition", "commune", "97407"] == 3


def test_defense_securite_et_sante_sont_hors_flux() -> None:
    resultat = calculer_sur([convention(type_reservataire="sante")], propositions=[proposition("p")])
    assert "R" not in resultat.flux
    assert ("decompte", "total", "total") not in resultat.bilan["R"]
    assert total(resultat, "mises_a_disposition") == 1


def test_les_modalites_s_additionnent_et_l_ordre_des_lignes_ne_change_rien(tmp_path: Path) -> None:
    for graine in range(4, 10):
        tables = generer(graine, tmp_path, ANNEE)
        resultat = calculer(tables, ANNEE, date(ANNEE, 9, 30))
        for code, bilan in resultat.bilan.items():
            for (mesure, dimension, modalite), combien in bilan.items():
                if dimension != "total" or not combien or mesure == "objectif":
                    continue
                for autre in ("typologie", "epci", "public", "quartile"):
                    somme = sum(n or 0 for (m, d, _), n in bilan.items() if (m, d) == (mesure, autre))
                    assert somme == combien, (code, mesure, autre, modalite)
        du_bailleur = resultat.repartition["_bailleur"]
        somme = sum(
            n for (_, mesure, dimension, _), n in du_bailleur.items() if (mesure, dimension) == ("proposes", "total")
        )
        assert somme == (total(resultat, "proposes", "_bailleur") or 0)
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
