"""Rows that contradict each other, or the conventions (point 7)."""

from tests.pannes.campagne_saine import Lignes
from tests.pannes.variantes import BLOQUE, IDENTIQUE, SIGNALE, Dit, Variante, changer, csv_change, en_csv, lignes_de


def _ajouter(remplace: str, modele: int, *changements: tuple[str, str]) -> Lignes:
    """The table with one more row, a copy of the row `modele` (1 = headings) with cells changed."""
    lignes = lignes_de(remplace)
    nouvelle = list(lignes[modele - 1])
    for colonne, valeur in changements:
        nouvelle[lignes[0].index(colonne)] = valeur
    return [*lignes, nouvelle]


METIER = (
    Variante(
        "ligne_en_double",
        "liberations",
        lambda: en_csv("liberations", _ajouter("liberations", 3)),
        IDENTIQUE,
        (Dit("ligne_en_double", 7, gravite="avertissement"),),
    ),
    Variante(
        "cle_partagee",
        "attributions",
        lambda: en_csv("attributions", _ajouter("attributions", 4, ("date_caleol", "06/03/2025"))),
        SIGNALE,
        (Dit("cle_partagee", 4, "id_decision", "D3", "erreur"), Dit("cle_partagee", 7, "id_decision", "D3", "erreur")),
    ),
    Variante(
        "logements_contradictoires",
        "rpls_2025",
        lambda: en_csv("rpls_2025", _ajouter("rpls_2025", 5, ("NBPIECE", "9"))),
        BLOQUE,
        (Dit("cle_partagee", 5, gravite="bloquant"), Dit("cle_partagee", 32, gravite="bloquant")),
    ),
    Variante(
        "conventions_contradictoires",
        "reservataires",
        lambda: en_csv("reservataires", _ajouter("reservataires", 3, ("taux_pct", "12"))),
        BLOQUE,
        (Dit("cle_partagee", 3), Dit("cle_partagee", 5, gravite="bloquant")),
    ),
    csv_change(
        "convention_rejetee",
        "reservataires",
        BLOQUE,
        (Dit("convention_rejetee", 4, gravite="bloquant"), Dit("valeur_illisible", 4, "taux_pct", "huit", "erreur")),
        (4, "taux_pct", "huit"),
    ),
    csv_change(
        "convention_sans_libelle",
        "reservataires",
        BLOQUE,
        (Dit("convention_rejetee", 3), Dit("valeur_obligatoire_absente", 3, "libelle", gravite="erreur")),
        (3, "libelle", ""),
    ),
    csv_change(
        "code_qui_sort_du_dossier",
        "reservataires",
        BLOQUE,
        (Dit("code_reservataire_interdit", 3, "code_reservataire", "../../VILLE", "bloquant"),),
        (3, "code_reservataire", "../../VILLE"),
    ),
    csv_change(
        "code_reserve_du_systeme",
        "reservataires",
        BLOQUE,
        (Dit("code_reservataire_interdit", 4, "code_reservataire", "con"),),
        (4, "code_reservataire", "con"),
    ),
    csv_change(
        "code_d_un_bilan_du_produit",
        "reservataires",
        BLOQUE,
        (Dit("code_reservataire_interdit", 2, "code_reservataire", "_bailleur"),),
        (2, "code_reservataire", "_bailleur"),
    ),
    csv_change(
        "codes_qui_ne_different_que_par_la_casse",
        "reservataires",
        BLOQUE,
        (Dit("code_reservataire_interdit", 4, "code_reservataire", "ville"),),
        (4, "code_reservataire", "ville"),
    ),
    Variante(
        "modele_d_annexe_inconnu",
        "reservataires",
        lambda: en_csv(
            "reservataires",
            [
                [*ligne, "modele_annexe" if i == 0 else "../secret"]
                for i, ligne in enumerate(lignes_de("reservataires"))
            ],
        ),
        BLOQUE,
        (Dit("modele_annexe_inconnu", 2, "modele_annexe"),),
    ),
    csv_change(
        "logement_inconnu",
        "liberations",
        SIGNALE,
        (Dit("logement_inconnu", 3, "ident_rep", "0099999999", "erreur"),),
        (3, "ident_rep", "0099999999"),
    ),
    csv_change(
        "un_seul_logement_mal_tape",
        "attributions",
        SIGNALE,
        (Dit("logement_inconnu", 4, "ident_rep", "0037273092", "erreur"),),
        (4, "ident_rep", "0037273092"),
    ),
    csv_change(
        "droit_d_un_logement_mal_tape",
        "droits",
        SIGNALE,
        (Dit("logement_inconnu", 3, "ident_rep", "0037273092", "erreur"),),
        (3, "ident_rep", "0037273092"),
    ),
    Variante(
        "droit_ecrit_deux_fois",
        "droits",
        lambda: en_csv(
            "droits",
            [[*ligne, "Vu" if i else "Remarque"] for i, ligne in enumerate(lignes_de("droits"))]
            + [[*lignes_de("droits")[2], "à vérifier"]],
        ),
        SIGNALE,
        (Dit("droits_en_double", 3, gravite="erreur"), Dit("droits_en_double", 5, gravite="erreur")),
    ),
    csv_change(
        "fin_du_pret_en_date_fin",
        "droits",
        SIGNALE,
        (Dit("fin_de_garantie", 4, "date_fin", gravite="erreur"),),
        (4, "date_fin", "31/12/2023"),
        (4, "ident_rep", "0037273005"),
    ),
    csv_change(
        "previsions_de_l_annee_d_avant",
        "previsions",
        SIGNALE,
        (Dit("previsions_d_une_autre_annee", None, "annee", "2025", "erreur"),),
        *((n, "annee", "2025") for n in (2, 3)),
    ),
    Variante(
        "deux_fichiers_de_memes_previsions",
        "previsions",
        lambda: {**en_csv("previsions"), "previsions (2).csv": en_csv("previsions", separateur=",")["previsions.csv"]},
        SIGNALE,
        (Dit("ligne_repetee", 2, gravite="erreur"), Dit("ligne_repetee", 3, gravite="erreur")),
    ),
    csv_change(
        "jour_et_mois_echanges",
        "liberations",
        SIGNALE,
        tuple(Dit("dates_inversees", n, gravite="erreur") for n in (2, 3, 4)),
        *((n, "date_conge", f"10/0{n + 4}/2025") for n in (2, 3, 4)),
    ),
    csv_change(
        "reservataire_inconnu",
        "propositions",
        SIGNALE,
        (Dit("reservataire_inconnu", 4, "code_reservataire", "ALZ", "erreur"),),
        (4, "code_reservataire", "ALZ"),
    ),
    csv_change(
        "reservataire_inconnu_d_un_droit",
        "droits",
        SIGNALE,
        (Dit("reservataire_inconnu", 4, "code_reservataire", "VILE", "erreur"),),
        (4, "code_reservataire", "VILE"),
    ),
    csv_change(
        "attribution_avant_proposition",
        "attributions",
        SIGNALE,
        (Dit("chronologie", 4, gravite="avertissement"),),
        (4, "date_caleol", "05/02/2025"),
    ),
    csv_change(
        "bail_avant_decision",
        "attributions",
        SIGNALE,
        (Dit("chronologie", 5, gravite="erreur"),),
        (5, "date_signature_bail", "01/05/2025"),
    ),
    csv_change(
        "bail_sans_attribution", "attributions", SIGNALE, (Dit("chronologie", 6),), (6, "decision", "non_attribution")
    ),
    csv_change(
        "deux_baux_le_meme_jour",
        "attributions",
        SIGNALE,
        (Dit("deux_baux_meme_jour", 2, "date_signature_bail"), Dit("deux_baux_meme_jour", 3, valeur="20/02/2025")),
        (2, "date_signature_bail", "20/02/2025"),
    ),
    csv_change(
        "proposition_inconnue",
        "attributions",
        SIGNALE,
        (Dit("proposition_inconnue", 4, "id_proposition", "P99"),),
        (4, "id_proposition", "P99"),
    ),
    Variante(
        "conventions_qui_se_chevauchent",
        "reservataires",
        lambda: en_csv("reservataires", _ajouter("reservataires", 3, ("date_debut", "01/06/2025"))),
        SIGNALE,
        (Dit("conventions_chevauchantes", 5, gravite="erreur"),),
    ),
    csv_change(
        "convention_qui_ne_couvre_pas_l_annee",
        "reservataires",
        SIGNALE,
        (Dit("convention_hors_exercice", 3, "date_debut, date_fin", gravite="avertissement"),),
        (3, "date_fin", "30/06/2025"),
    ),
    csv_change(
        "territoire_sans_logement",
        "reservataires",
        SIGNALE,
        (Dit("territoire_sans_logement", 3, "code_territoire", "13055", "erreur"),),
        (3, "code_territoire", "13055"),
    ),
    csv_change(
        "convention_inversee",
        "reservataires",
        SIGNALE,
        (Dit("dates_inversees", 3, gravite="avertissement"),),
        (3, "date_debut", "01/01/2027"),
    ),
    csv_change(
        "taux_qui_depasse_cent",
        "reservataires",
        SIGNALE,
        (Dit("parts_superieures_a_100", gravite="erreur"),),
        (3, "taux_pct", "95"),
    ),
    Variante(
        "taux_absent",
        "reservataires",
        lambda: en_csv("reservataires", changer("reservataires", (3, "taux_pct", ""))),
        SIGNALE,
        (Dit("taux_absent", 3, "taux_pct", gravite="erreur"),),
    ),
)
