"""Lines a…j by hand: published cases, rotation, rights, forecasts, territories and eras."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.reference import cas_publies
from tests.reference.calcul import calculer
from tests.reference.fabrique import (
    ANNEE,
    PORT,
    SAINT_DENIS,
    TCO,
    Rang,
    calculer_sur,
    convention,
    droit,
    ligne,
    prevision,
    rpls,
    total,
)

FIXE = {"base_rotation": "fixe", "taux_rotation_pct": "50"}
AUCUNE: list[Rang] = [prevision("0")]


@pytest.mark.parametrize("nom", sorted(cas_publies.cas()))
def test_cas_publies(nom: str, tmp_path: Path) -> None:
    tables = cas_publies.ecrire_cas(nom, tmp_path)
    lignes = calculer(tables, cas_publies.ANNEE).flux[nom]
    assert {nom: lignes[nom][0] for nom in cas_publies.LIGNES} == cas_publies.attendus(nom)


def test_liberations_distinctes_dans_le_parc_soumis_et_rotation_moyenne() -> None:
    def libere(rang: int, jour: str) -> Rang:
        return {"ident_rep": str(rang), "date_liberation": jour}

    exclusions: list[Rang] = [
        {"ident_rep": "0", "motif_exclusion": "vente"},
        {"ident_rep": "0", "motif_exclusion": "defense"},
        {"ident_rep": "1", "motif_exclusion": "plai_adapte"},
        {"ident_rep": "2", "motif_exclusion": "demolition", "date_fin": "2025-12-31"},
    ]
    mai = "2025-05-01"
    liberations = [libere(0, mai), libere(1, mai), libere(1, mai) | {"motif_depart": "congé"}, libere(2, mai)]
    resultat = calculer_sur([convention()], liberations=liberations, exclusions=exclusions)
    assert total(resultat, "parc_soumis") == 6
    assert total(resultat, "liberations") == 1
    assert total(resultat, "liberations_hors_flux") == 2
    assert ligne(resultat, "b.defense") == 1
    assert ligne(resultat, "c") == 7
    assert ligne(resultat, "d") == Fraction(100, 6)
    assert [ligne(resultat, nom) for nom in "fhj"] == [None] * 3
    assert ligne(resultat, "g") == 0
    anciennes = [libere(1, "2024-05-01"), libere(3, "2024-06-01"), libere(9, "2025-06-01")]
    assert ligne(calculer_sur([convention()], liberations=anciennes), "d") == Fraction(100 * 2, 2 * 8)


def test_les_droits_d_une_garantie_durent_cinq_ans_de_plus_pour_une_commune_seulement() -> None:
    droits = [
        droit("0"),
        droit("1", "du_parc"),
        droit("2", "contingent", nombre_droits="2"),
        droit("3", date_fin="2025-12-31"),
        droit("4", origine_droit="garantie_emprunt", date_fin_emprunt="2020-12-31"),
        droit("5", origine_droit="garantie_emprunt", date_fin_emprunt="2021-01-01"),
        droit("6", date_fin_emprunt="2021-01-01"),
        droit("7", origine_droit="subvention", date_fin_emprunt="2001-01-01"),
        droit("9"),
        droit("", nombre_droits="1", commune=SAINT_DENIS),
    ]
    for clauses, attendu in (
        ({}, 7),
        ({"type_reservataire": "epci"}, 7),
        ({"type_reservataire": "departement"}, 5),
        ({"type_reservataire": "departement", "options": "prolongation_garantie"}, 7),
    ):
        clauses |= {"mode_taux": "droits_sur_parc"}
        assert ligne(calculer_sur([convention(**clauses)], droits=droits), "i") == Fraction(100 * attendu, 8)


def test_un_droit_sans_logement_va_au_territoire_decrit_sinon_au_prorata_de_la_ligne_c() -> None:
    commun = {"mode_taux": "droits_sur_parc_soumis", **FIXE}
    conventions = [convention(**commun), convention(code_territoire=SAINT_DENIS, **commun)]
    droits = [droit("", nombre_droits="2", commune=SAINT_DENIS), droit("", nombre_droits="5")]
    resultat = calculer_sur(conventions, droits=droits, previsions=AUCUNE)
    # Le Port 5 × 8/10 of 8 dwellings, Saint-Denis 2 + 5 × 2/10 of 2; half of each is released.
    assert ligne(resultat, "j") == 4 * Fraction(4, 8) + 1 * Fraction(3, 2)
    assert ligne(resultat, "i") == 100 * Fraction(7, 2) / 5


def test_retrocession_donnee_et_recue_jamais_sous_zero() -> None:
    def part(**points: str) -> Fraction | None:
        return ligne(calculer_sur([convention(**points)]), "i")

    assert part(taux_retrocession_pct="1.37") == Fraction("18.63")
    assert part(taux_retrocession_pct="1.37", taux_recu_pct="2") == Fraction("20.63")
    assert part(taux_retrocession_pct="50") == 0


def test_une_prevision_compte_entiere_dedans_au_prorata_autour_et_pas_ailleurs() -> None:
    previsions = [
        prevision("1"),
        prevision("0.5", "commune", PORT),
        prevision("5", "commune", SAINT_DENIS),
        prevision("7", "commune", "01004"),
        prevision("10", "departement", "974", categorie="relogement_anru"),
        prevision("9", annee=str(ANNEE)),
        prevision("-3"),
        prevision("4", categorie="injonction_prefet"),
        prevision("2", "commune", PORT, categorie="autres_deductions", accord_prefet="AP-1"),
        prevision("2", "commune", PORT, categorie="autres_deductions"),
    ]
    resultat = calculer_sur([convention(**FIXE)], previsions=previsions)
    assert ligne(resultat, "f.mutation_interne") == Fraction("1.3")
    assert ligne(resultat, "f.relogement_anru") == 8
    assert ligne(resultat, "g") == 2
    assert ligne(resultat, "h") == 0
    assert ligne(resultat, "f.mutation_interne", "epci_249740101") == Fraction("1.3")
    assert ligne(resultat, "f.mutation_interne", "_bailleur") == Fraction("6.5")


def test_prevision_sur_un_territoire_entierement_exclu() -> None:
    exclusions: list[Rang] = [{"ident_rep": rang, "motif_exclusion": "demolition"} for rang in "89"]
    previsions = [prevision("4", "commune", SAINT_DENIS)]
    for territoire, attendu in ((SAINT_DENIS, 4), (PORT, 0)):
        resultat = calculer_sur([convention(code_territoire=territoire)], exclusions=exclusions, previsions=previsions)
        assert ligne(resultat, "f") == attendu


def test_d_une_operation_dite_a_plusieurs_echelles_la_plus_fine_compte() -> None:
    previsions = [
        prevision("10", "departement", "974", code_operation="RU"),
        prevision("3", "epci", TCO, code_operation="RU"),
        prevision("1", "commune", PORT, code_operation="RU"),
        prevision("1", "commune", PORT, code_operation="RU"),
        prevision("10", code_operation="AUTRE"),
    ]
    assert ligne(calculer_sur([convention()], previsions=previsions), "f") == 10


def test_chaque_logement_une_fois_dans_le_territoire_le_plus_fin() -> None:
    departement = convention(echelle="departement", code_territoire="974", taux_pct="10", **FIXE)
    commune = convention(taux_pct="50", **FIXE)
    resultat = calculer_sur([departement, commune], previsions=[prevision("2", "commune", PORT)])
    assert ligne(resultat, "a") == 10
    assert ligne(resultat, "h") == (4 - 2) + 1
    assert ligne(resultat, "j") == 2 * Fraction(1, 2) + 1 * Fraction(1, 10)
    assert ligne(resultat, "d") == 50


def test_l_annexe_suit_la_convention_du_premier_janvier_suivant_le_bilan_celle_de_n() -> None:
    conventions = [
        convention(date_debut="2024-01-01", date_fin="2025-12-31", options="exclure_plai_adapte"),
        convention(date_debut="2026-01-01", taux_pct="30"),
    ]
    exclusions: list[Rang] = [{"ident_rep": "1", "motif_exclusion": "plai_adapte"}]
    resultat = calculer_sur(conventions, exclusions=exclusions)
    assert total(resultat, "parc_soumis") == 7
    assert ligne(resultat, "c") == 8
    assert ligne(resultat, "i") == 30


def test_une_convention_pas_encore_commencee_ne_prend_rien_sauf_si_elle_est_seule() -> None:
    large = convention(echelle="departement", code_territoire="974", date_debut="2024-01-01", **FIXE)
    future = convention(date_debut="2027-01-01", taux_pct="90", **FIXE)
    assert ligne(calculer_sur([large, future]), "i") == 20
    assert ligne(calculer_sur([large, future]), "a") == 10
    assert ligne(calculer_sur([future]), "i") == 90


def test_sans_millesime_suivant_le_parc_est_celui_de_n_aux_dates_de_n_plus_1() -> None:
    parc = [rang for rang in rpls(l0={"LOCAT": "2025"}) if rang["millesime"] == str(ANNEE)]
    droits = [droit("1", date_debut="2025-06-01")]
    conventions = [convention(mode_taux="droits_sur_parc", base_rotation="rpls_territoire")]
    resultat = calculer_sur(conventions, parc, droits=droits)
    assert ligne(resultat, "c") == 8
    assert total(resultat, "parc_soumis") == 7
    assert ligne(resultat, "i") == Fraction(100, 8)
    assert ligne(resultat, "d") is None


def test_communes_fusionnees_et_arrondissements_des_deux_cotes() -> None:
    parc = rpls(l0={"DEPCOM": "85053"}, l1={"DEPCOM": "85289"}, l2={"DEPCOM": "13201"}, l3={"DEPCOM": "13055"})
    for territoire in ("85053", "85289", "13201", "13203", "13055"):
        assert ligne(calculer_sur([convention(code_territoire=territoire)], parc), "a") == 2
    ept = convention(echelle="ept", code_territoire="200057867")
    resultat = calculer_sur([ept], rpls(l5={"DEPCOM": "93059"}))
    assert ligne(resultat, "a") == 1
    assert total(resultat, "parc_total", "ept_200057867") == 1


def test_report_et_objectif() -> None:
    baux = [candidat_bail(rang) for rang in "12"]
    objectifs: list[Rang] = [{"annee": "2025", "code_reservataire": "R", "flux_reservataire": "5"}]

    def lignes(convention_: Rang, **objectif: str) -> list[Fraction | None]:
        resultat = calculer_sur(
            [convention_],
            attributions=baux,
            propositions=[],
            previsions=AUCUNE,
            objectifs=[objectifs[0] | objectif] if "absent" not in objectif else [],
        )
        return [ligne(resultat, "report"), ligne(resultat, "objectif")]

    avec = convention(report_n1="oui", taux_pct="50", **FIXE)
    assert lignes(avec) == [3, 5]
    assert lignes(avec, ecart_justifie="oui") == [0, 2]
    assert lignes(avec, flux_reservataire="0", ecart_justifie="oui") == [-2, 0]
    assert lignes(avec, flux_reservataire="1", report_anterieur="2") == [1, 3]
    assert lignes(convention(taux_pct="50", **FIXE)) == [0, 2]
    assert lignes(avec, absent="oui") == [None, 2]


def candidat_bail(rang: str) -> Rang:
    return {
        "id_decision": f"B{rang}",
        "ident_rep": rang,
        "code_reservataire": "R",
        "date_caleol": "2025-03-01",
        "decision": "attribution",
        "categorie": "droit_commun",
        "date_signature_bail": "2025-04-01",
    }


def test_l_objectif_manquant_est_pris_au_flux_de_l_exercice_precedent() -> None:
    precedent: list[Rang] = [
        {"code_reservataire": "R", "ligne": "j", "valeur": "4"},
        {"code_reservataire": "R", "ligne": "report", "valeur": "1.5"},
    ]
    for report_n1, attendu in (("oui", Fraction("5.5")), ("non", Fraction(4))):
        resultat = calculer_sur([convention(report_n1=report_n1)], flux_precedent=precedent)
        assert total(resultat, "objectif") == attendu
