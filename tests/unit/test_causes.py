"""Anomalies by cause: how many rows, which ones, the first values, in the words of the first."""

from flows.anomalies import Anomalie, Gravite, causes, phrase_de

REMEDE = "Écrire un code du contrat."


def illisible(ligne: int, valeur: str, feuille: str = "T1") -> Anomalie:
    message = f"Colonne decision : « {valeur} » est illisible."
    return Anomalie(Gravite.ERREUR, "valeur_illisible", message, REMEDE, "pv.xlsx", feuille, ligne, "decision", valeur)


def test_une_cause_dit_combien_de_lignes_lesquelles_et_les_premieres_valeurs() -> None:
    mots = ("OK", "KO", "Vu", "Ajourné")
    (cause,) = causes([*(illisible(4 + i, mot) for i, mot in enumerate(mots)), illisible(9, "OK", "T2")])
    assert (cause.nb_cas, cause.lignes) == (5, "T1 : 4 à 7 ; T2 : 9")
    assert cause.exemples == "« OK », « KO », « Vu » et 1 autre"
    dite = phrase_de(cause)
    assert dite == (
        "ERREUR pv.xlsx, colonne decision, 5 lignes (T1 : 4 à 7 ; T2 : 9) : "
        f"Colonne decision : « OK » est illisible. → {REMEDE}"
    )


def test_toutes_les_lignes_d_une_anomalie_comptent_une_fois() -> None:
    date = (Gravite.AVERTISSEMENT, "valeur_reparee", "À vérifier.", "", "a.csv", "", 4, "date", "1/2/25")
    (cause,) = causes([Anomalie(*date, lignes="4, 7 à 8"), Anomalie(*date, lignes="8 à 10, 12")])
    assert (cause.nb_cas, cause.lignes) == (6, "4, 7 à 10, 12")


def test_une_ligne_que_le_message_nomme_n_est_pas_celle_du_fichier() -> None:
    """Rows of another file, a row of headings, a range that a value holds: none of them is at fault here."""
    messages = (
        "Ligne identique à la ligne 4 de autre.csv : elle ne compte qu'une fois.",
        "Des lignes différentes portent la même clé (nud) : autre.csv lignes 3, 5 ; a.csv ligne 9.",
        "La ligne 9 est une ligne de données au-dessus des en-têtes (ligne 12) : déplacez-la.",
        "« lignes 1 à 999999999999 » est illisible.",
    )
    for message in messages:
        (cause,) = causes([Anomalie(Gravite.ERREUR, "x", message, "", "a.csv", "", 9)])
        assert (cause.nb_cas, cause.lignes) == (1, "9"), message


def test_une_etendue_sans_mesure_ne_prend_pas_de_memoire() -> None:
    (cause,) = causes(
        [Anomalie(Gravite.ERREUR, "cellules_fusionnees", "", "", "a.xlsx", "F", 1, lignes="1 à 10000000000")]
    )
    assert (cause.nb_cas, cause.lignes) == (10_000_000_000, "F : 1 à 10000000000")


def test_deux_remedes_sont_deux_causes_et_les_plus_graves_viennent_d_abord() -> None:
    autre = Anomalie(Gravite.BLOQUANT, "table_absente", "Aucun fichier.", "Déposez-le.")
    vues = causes([illisible(2, "a"), autre])
    assert [cause.code for cause in vues] == ["table_absente", "valeur_illisible"]
    assert phrase_de(vues[0]) == "BLOQUANT campagne : Aucun fichier. → Déposez-le."
