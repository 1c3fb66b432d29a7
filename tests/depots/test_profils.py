"""Headings of the systems whose exports are described in public, known as they are written (aliases are data)."""

import pytest

from flows.contrat.schema import reconnaitre

PROFILS = {
    ("propositions", "ID_proposition_imhoweb"): "id_proposition",
    ("propositions", "Code_lot"): "ident_interne",
    ("propositions", "Libelle_reservataire_proposition"): "code_reservataire",
    ("attributions", "Date_seance_commission"): "date_caleol",
    ("attributions", "Libelle_decision_demandeur"): "reponse_candidat",
    ("attributions", "Date_signature_bail"): "date_signature_bail",
    ("attributions", "ID_demande_unique"): "nud",
    ("liberations", "Date_fin_occupation_lot"): "date_liberation",
    ("liberations", "Date_reception_preavis"): "date_conge",
    ("liberations", "fin_bail"): "date_liberation",
    ("attributions", "id_candidat"): "id_decision",
    ("attributions", "date_caleol"): "date_caleol",
    ("attributions", "n_unique"): "nud",
    ("propositions", "reference"): "ident_interne",
    ("propositions", "contingent"): "code_reservataire",
}


@pytest.mark.parametrize(("table", "intitule"), PROFILS)
def test_un_intitule_d_un_export_connu_est_sa_colonne(table: str, intitule: str) -> None:
    assert reconnaitre(table, 2025, intitule) == PROFILS[table, intitule]


@pytest.mark.parametrize("intitule", ["date_disponibilite", "Date_creation", "quartier"])
def test_ce_qui_ne_dit_pas_la_meme_chose_reste_a_decider(intitule: str) -> None:
    """The day a dwelling is free is not the day it is offered: a person decides it, in the correspondances."""
    assert reconnaitre("propositions", 2025, intitule) is None
