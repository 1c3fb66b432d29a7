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


def test_les_lignes_que_le_message_enumere_comptent() -> None:
    message = "Colonne date, à vérifier : « 1/2/25 », lu le 01/02/2025 (3 lignes : 4, 7 à 8)."
    (cause,) = causes(
        [Anomalie(Gravite.AVERTISSEMENT, "valeur_reparee", message, "", "a.csv", "", 4, "date", "1/2/25")]
    )
    assert (cause.nb_cas, cause.lignes) == (3, "4, 7 à 8")


def test_deux_remedes_sont_deux_causes_et_les_plus_graves_viennent_d_abord() -> None:
    autre = Anomalie(Gravite.BLOQUANT, "table_absente", "Aucun fichier.", "Déposez-le.")
    vues = causes([illisible(2, "a"), autre])
    assert [cause.code for cause in vues] == ["table_absente", "valeur_illisible"]
    assert phrase_de(vues[0]) == "BLOQUANT campagne : Aucun fichier. → Déposez-le."
