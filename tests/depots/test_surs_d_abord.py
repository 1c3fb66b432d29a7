"""Each thing that real folders did and that published a wrong figure with exit 0, on the real command."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flows.depot.feuilles import Feuille
from flows.tables.correspondances import AUCUNE, Correspondances, Ligne
from flows.tables.decisions import mois_sautes
from flows.tables.entetes import Entete
from tests.depots.dossier_oph import ecrire_correspondances
from tests.pannes import campagne_saine, corpus
from tests.pannes.classeurs_bruts import lignes_xlsx, xlsx
from tests.pannes.variantes import lignes_de

Classeur = dict[str, list[list[str]]]
ATTRIBUTIONS, DROITS = lignes_de("attributions"), lignes_de("droits")
NON_PLUS = [["N° RPLS", "Passage en CAL", "Verdict"], ["0037273021", "05/05/2025", "attribution"]]
INCONNUE = [["Lgt", "Passage en CAL", "Verdict"], ["0037273021", "05/05/2025", "attribution"]]
RECAPITULATIF = [["Mois", "Nombre"], ["Janvier", "12"]]


def remplacer(dossier: Path, table: str, nom: str, octets: bytes) -> Path:
    """The healthy campaign with another file in the place of a table."""
    entrees = campagne_saine.deposer(dossier)
    (entrees / f"{table}.csv").unlink()
    (entrees / nom).write_bytes(octets)
    return entrees


def classeur(feuilles: Classeur) -> bytes:
    corps = (lignes_xlsx([[c or None for c in ligne] for ligne in lignes]) for lignes in feuilles.values())
    return xlsx(*corps, noms=tuple(feuilles))


def dites(sorties: Path, code: str) -> list[dict[str, str]]:
    return [a for a in corpus.rapport(sorties) if a["code"] == code]


@pytest.mark.parametrize(
    ("feuille", "code", "gravite"),
    [(NON_PLUS, 1, "bloquant"), (INCONNUE, 1, "erreur"), (RECAPITULATIF, 0, "")],
    ids=["un intitulé obligatoire", "aucun intitulé connu", "récapitulatif"],
)
def test_une_feuille_a_cote_de_celles_qui_sont_lues(
    tmp_path: Path, feuille: list[list[str]], code: int, gravite: str
) -> None:
    octets = classeur({"T1": ATTRIBUTIONS, "T2": feuille})
    entrees = remplacer(tmp_path / "in", "attributions", "attributions.xlsx", octets)
    fin = corpus.executer("controler", entrees, tmp_path / "out")
    assert fin.code == code
    assert [a["gravite"] for a in dites(tmp_path / "out", "feuille_incomplete")] == [gravite] * bool(gravite)
    if gravite == "erreur":
        (dite,) = dites(tmp_path / "out", "feuille_incomplete")
        assert "Verdict" not in dite["message"]  # a table about people: what is no known heading is not shown


@pytest.mark.parametrize(
    "texte", ["Sous-total RÉSIDENCE 003", "RÉSIDENCE 003 (total)", "S/Total rés. 003", "Ensemble résidence 003"]
)
@pytest.mark.parametrize("place", [3, 4], ids=["au milieu", "en bas"])
def test_un_total_qui_a_un_code_et_une_nature_n_est_pas_un_droit(tmp_path: Path, texte: str, place: int) -> None:
    entete, *droits = DROITS
    lignes = [[*entete, "residence"], *([*ligne, "RÉSIDENCE 003"] for ligne in droits)]
    nombre = str(place - 1)
    lignes.insert(place, ["ALS", "", "ds", "peec", nombre, "", "", "", texte])
    entrees = remplacer(tmp_path / "in", "droits", "droits.csv", campagne_saine.texte_csv(lignes).encode())
    assert corpus.executer("controler", entrees, tmp_path / "out").code == 1  # an error
    (dite,) = dites(tmp_path / "out", "ligne_de_total_douteuse")
    assert (dite["gravite"], dite["ligne"], dite["valeur"]) == ("erreur", str(place + 1), texte)


def sans_identifiants(texte: str) -> str:
    return texte.replace("00372730", "99999990")


def moitie(texte: str) -> str:
    return texte.replace("0037273001", "9999999901").replace("0037273002", "9999999902").replace("37273004", "99999904")


@pytest.mark.parametrize(("changer", "gravite"), [(sans_identifiants, "bloquant"), (moitie, "erreur")])
def test_des_logements_que_le_rpls_ne_connait_pas(tmp_path: Path, changer: Callable[[str], str], gravite: str) -> None:
    texte = changer(campagne_saine.texte_csv(lignes_de("propositions")))
    entrees = remplacer(tmp_path / "in", "propositions", "propositions.csv", texte.encode())
    assert corpus.executer("controler", entrees, tmp_path / "out").code == 1
    (dite,) = dites(tmp_path / "out", "logements_non_trouves")
    assert dite["gravite"] == gravite and "propositions" in dite["message"]


def test_un_proces_verbal_sans_id_proposition_a_le_meme_decompte(tmp_path: Path, saine_publiee: Path) -> None:
    rang = ATTRIBUTIONS[0].index("id_proposition")
    lignes = [[c for i, c in enumerate(ligne) if i != rang] for ligne in ATTRIBUTIONS]
    octets = campagne_saine.texte_csv(lignes).encode()
    entrees = remplacer(tmp_path / "in", "attributions", "attributions.csv", octets)
    assert corpus.executer("bilan", entrees, tmp_path / "out").code == 0
    assert corpus.chiffres(tmp_path / "out") == corpus.chiffres(saine_publiee)
    assert dites(tmp_path / "out", "propositions_rattachees")


def test_une_ligne_par_candidat_est_une_seule_offre(tmp_path: Path, saine_publiee: Path) -> None:
    entete, *propositions = lignes_de("propositions")
    lignes = [entete[1:], *(ligne[1:] for p in propositions for ligne in (p, p, p))]
    lignes = [[*ligne, "Candidat" if i == 0 else f"n° {i}"] for i, ligne in enumerate(lignes)]
    octets = campagne_saine.texte_csv(lignes).encode()
    entrees = remplacer(tmp_path / "in", "propositions", "propositions.csv", octets)
    sans = ATTRIBUTIONS[0].index("id_proposition")
    texte = campagne_saine.texte_csv([[c for i, c in enumerate(ligne) if i != sans] for ligne in ATTRIBUTIONS])
    (entrees / "attributions.csv").write_text(texte, encoding="utf-8")
    fin = corpus.executer("bilan", entrees, tmp_path / "out")
    assert fin.code == 0, fin.erreurs
    assert corpus.chiffres(tmp_path / "out") == corpus.chiffres(saine_publiee)
    (dite,) = dites(tmp_path / "out", "propositions_reunies")
    assert "12" in dite["message"] and "4" in dite["message"]


def test_un_motif_de_refus_sans_reponse_est_dit_avec_son_nombre(tmp_path: Path) -> None:
    rang = ATTRIBUTIONS[0].index("reponse_candidat")
    lignes = [[c if i != rang or c != "refuse" else "" for i, c in enumerate(ligne)] for ligne in ATTRIBUTIONS]
    octets = campagne_saine.texte_csv(lignes).encode()
    entrees = remplacer(tmp_path / "in", "attributions", "attributions.csv", octets)
    assert corpus.executer("controler", entrees, tmp_path / "out").code == 0
    (dite,) = dites(tmp_path / "out", "refus_sans_reponse")
    assert dite["gravite"] == "avertissement" and dite["message"].startswith("1 candidat")


def test_ce_que_change_une_colonne_facultative_absente_est_dit(tmp_path: Path) -> None:
    effets = {
        "droits": {
            "date_fin": "courent sans fin",
            "date_debut": "courent depuis toujours",
            "nombre_droits": "compte pour un droit",
        },
        "attributions": {"date_signature_bail": "aucun bail", "designataire": "désigné"},
        "propositions": {"issue": "aucune carence"},
        "exclusions": {"date_debut": "sans début ni fin", "date_fin": "sans début ni fin"},
    }
    entrees = campagne_saine.deposer(tmp_path / "in")
    for table, sans in effets.items():
        entete, *lignes = lignes_de(table)
        rangs = [i for i, nom in enumerate(entete) if nom not in sans]
        texte = campagne_saine.texte_csv([[ligne[i] for i in rangs] for ligne in (entete, *lignes)])
        (entrees / f"{table}.csv").write_text(texte, encoding="utf-8")
    assert corpus.executer("controler", entrees, tmp_path / "out").code == 0
    toutes = dites(tmp_path / "out", "colonne_facultative_absente")
    for table, sans in effets.items():
        for effet in sans.values():
            assert any(effet in a["message"] and a["fichier"] == f"{table}.csv" for a in toutes), (table, effet)


def test_un_tableau_d_un_autre_nom_arrete_et_une_note_non(tmp_path: Path) -> None:
    entrees = campagne_saine.deposer(tmp_path / "in")
    (entrees / "LISEZ-MOI.txt").write_text("Exports du 3 janvier,\nenvoyés par le service.\nMerci.", encoding="utf-8")
    assert corpus.executer("controler", entrees, tmp_path / "out").code == 0
    (entrees / "attributions.csv").rename(entrees / "Attribution t1.csv")
    fin = corpus.executer("controler", entrees, tmp_path / "out")
    assert fin.code == 1
    (dite,) = dites(corpus_du_refus(tmp_path / "out"), "fichier_non_decide")
    assert "attributions" in dite["message"]


def test_une_offre_que_personne_ne_reserve_n_est_pas_une_mise_a_disposition(
    tmp_path: Path, saine_publiee: Path
) -> None:
    """« Nous » is not a réservataire: the row of the follow-up of offers is set aside and said, nothing stops."""
    offre = ["P9", "0037273005", "Nous", "20/05/2025", "non", "20/06/2025", "1", "candidats"]
    octets = campagne_saine.texte_csv([*lignes_de("propositions"), offre]).encode()
    entrees = remplacer(tmp_path / "raw" / "2025", "propositions", "propositions.csv", octets)
    ecrire_correspondances(tmp_path / "raw", {"Réservataires": [["Écriture", "Code"], ["Nous", "non réservé"]]})
    fin = corpus.executer("bilan", entrees, tmp_path / "out")
    assert fin.code == 0, fin.erreurs
    assert corpus.chiffres(tmp_path / "out") == corpus.chiffres(saine_publiee)
    (dite,) = dites(tmp_path / "out", "lignes_ecartees")
    assert (dite["fichier"], dite["ligne"]) == ("propositions.csv", "6")
    assert corpus.comptages(tmp_path / "out", ["propositions.csv"]) == (5, 4, 1)


@pytest.mark.parametrize(
    ("table", "changements", "code", "dits"),
    [
        ("reservataires", {";25,5;": ";0,255;", ";10,25;": ";0,1025;", "imprime;8;": "imprime;0,08;"}, "fraction", 3),
        ("reservataires", {";25,5;": ";0,255;"}, "fraction", 1),
        ("liberations", {"/2025": "/2021", "/2024": "/2020"}, "epoque", 1),
    ],
    ids=["tous les taux en fraction", "celui de l'État", "dates d'un calendrier de 1904"],
)
def test_ce_qui_ne_peut_pas_etre_est_une_erreur(
    tmp_path: Path, table: str, changements: dict[str, str], code: str, dits: int
) -> None:
    texte = campagne_saine.texte_csv(lignes_de(table))
    for ancien, nouveau in changements.items():
        assert ancien in texte
        texte = texte.replace(ancien, nouveau)
    entrees = remplacer(tmp_path / "in", table, f"{table}.csv", texte.encode())
    assert corpus.executer("controler", entrees, tmp_path / "out").code == 1
    trouvees = [a for a in corpus.rapport(tmp_path / "out") if a["code"].endswith(code)]
    assert [a["gravite"] for a in trouvees] == ["erreur"] * dits


@pytest.mark.parametrize(
    ("nom", "separateur", "code"),
    [("rpls_2026.csv", ",", "rpls_identiques"), ("rpls_2026.csv", ";", "fichier_en_double")],
    ids=["réenregistré", "copié"],
)
def test_deux_fois_le_meme_rpls_est_une_erreur(tmp_path: Path, nom: str, separateur: str, code: str) -> None:
    octets = campagne_saine.texte_csv(lignes_de("rpls_2025"), separateur).encode()
    entrees = remplacer(tmp_path / "in", "rpls_2026", nom, octets)
    assert corpus.executer("controler", entrees, tmp_path / "out").code == 1
    assert {a["gravite"] for a in dites(tmp_path / "out", code)} == {"erreur"}


def test_un_mois_saute_est_une_erreur_et_se_decide(tmp_path: Path) -> None:
    """Sheets January to July without May; a decision says that no commission met, and August may be absent."""
    feuille = Feuille("attributions.xlsx", "", Path("inutile"), 3, False, (), "xlsx")
    mois = "Janvier 02-Févr. Mars Avril Juin Juil. Septembre".split()
    lues = {"attributions": [(replace(feuille, feuille=nom), Entete(1, 1, {}, {}, {}, {})) for nom in mois]}
    assert [(a.gravite, a.valeur) for a in mois_sautes(lues, AUCUNE)] == [("erreur", "mai"), ("avertissement", "août")]
    decision = Ligne(2, {"fichier": "attributions*", "feuille": "Mai", "table": "ne pas lire"})
    partout = Ligne(3, {"fichier": "attributions*", "feuille": "*", "table": "attributions"})
    assert [a.valeur for a in mois_sautes(lues, Correspondances({"feuilles": (decision, partout)}))] == ["août"]
    assert list(mois_sautes({"attributions": lues["attributions"][:4]}, AUCUNE)) == []


def corpus_du_refus(sorties: Path) -> Path:
    return sorties.with_name(f"{sorties.name}-a-corriger")
