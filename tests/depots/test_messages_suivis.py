"""Each message followed to the letter: what it says to do is done, nothing else, and the campaign is right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.depots import dossier_sem, test_dossier_sem
from tests.depots.dossier_oph import ecrire_correspondances
from tests.depots.dossier_sem import CLASSEUR, CORRESPONDANCES, FEUILLES, Feuilles, deposer
from tests.pannes import corpus

TITRES = {nom: lignes[0] for nom, lignes in CORRESPONDANCES.items()}


def remplacer(feuille: str, avant: object, apres: object) -> Feuilles:
    """The workbook where the first cell that says `avant` says `apres`."""
    lignes, fait = [], False
    for ligne in FEUILLES[feuille]:
        rang = ligne.index(avant) if avant in ligne and not fait else -1
        fait = fait or rang >= 0
        lignes.append([apres if i == rang else cellule for i, cellule in enumerate(ligne)])
    assert fait
    return FEUILLES | {feuille: lignes}


def avec(correspondances: Feuilles, feuille: str, *ligne: object) -> Feuilles:
    return correspondances | {feuille: [*correspondances.get(feuille, [TITRES[feuille]]), list(ligne)]}


def sans(feuille: str, *debut: object) -> Feuilles:
    """The decisions without the lines that begin so."""
    gardees = [ligne for ligne in CORRESPONDANCES[feuille] if ligne[: len(debut)] != list(debut)]
    assert len(gardees) < len(CORRESPONDANCES[feuille])
    return CORRESPONDANCES | {feuille: gardees}


Cas = tuple[str, str, Feuilles, Feuilles, Callable[[Feuilles], Feuilles]]
RENOMMEE = {("Cessions" if nom == "Ventes" else nom): lignes for nom, lignes in FEUILLES.items()}
CAS: list[Cas] = [
    (
        "colonne_absente",
        "feuille Colonnes : l'intitulé, puis date_caleol",
        remplacer("Rotation", "Passé le", "Vu en séance"),
        sans("Colonnes", "Gestion*", "Rotation", "attributions", "Passé le"),
        lambda c: avec(c, "Colonnes", "Gestion*", "Rotation", "attributions", "Vu en séance", "date_caleol"),
    ),
    (
        "colonne_absente",
        "feuille Logements : l'intitulé, puis ident_rep si c'est l'identifiant RPLS, ident_interne si c'est votre",
        FEUILLES,
        CORRESPONDANCES | {"Logements": [TITRES["Logements"], ["Gestion*", "Rotation", "Logt", "ident_interne"]]},
        lambda c: avec(c, "Logements", "Gestion*", None, "Logt", "ident_interne"),
    ),
    (
        "intitule_decide_absent",
        "dites dans la feuille Colonnes des correspondances celui qui le remplace",
        remplacer("Rotation", "Signé le", "Bail du"),
        CORRESPONDANCES,
        lambda c: (
            sans("Colonnes", "Gestion*", "Rotation", "attributions", "Signé le")
            | {
                "Colonnes": [
                    [("Bail du" if cellule == "Signé le" else cellule) for cellule in ligne] for ligne in c["Colonnes"]
                ]
            }
        ),
    ),
    (
        "valeur_illisible",
        "dire ce que veut dire cette écriture dans correspondances.xlsx, feuille Valeurs : table attributions, colonne",
        remplacer("Rotation", "Retenu, signé", "OK signé"),
        CORRESPONDANCES,
        lambda c: avec(
            c, "Valeurs", "attributions", "decision", "OK signé", "decision=attribution ; reponse_candidat=accepte"
        ),
    ),
    (
        "reservataire_inconnu",
        "dites lequel c'est dans correspondances.xlsx (feuille Réservataires)",
        remplacer("Rotation", "Mairie", "Hôtel de ville"),
        CORRESPONDANCES,
        lambda c: avec(c, "Réservataires", "Hôtel de ville", "VILLE"),
    ),
    (
        "feuille_non_decidee",
        "Ajoutez-la à la feuille Feuilles des correspondances",
        FEUILLES | {"Brouillon": [["À faire", "Quand"], ["Appeler", "01/02/2026"]]},
        CORRESPONDANCES,
        lambda c: avec(c, "Feuilles", "Gestion*", "Brouillon", "ne pas lire"),
    ),
    (
        "feuille_decidee_absente",
        "Corrigez le nom de la feuille",
        RENOMMEE,
        avec(CORRESPONDANCES, "Feuilles", "Gestion*", "Cessions", "ne pas lire"),
        lambda _: {
            nom: [[("Cessions" if cellule == "Ventes" else cellule) for cellule in ligne] for ligne in lignes]
            for nom, lignes in CORRESPONDANCES.items()
        },
    ),
    (
        "correspondance_en_attente",
        "Écrivez la décision de chaque ligne, « ne pas lire » ou « vide » compris, ou supprimez la ligne",
        FEUILLES,
        avec(CORRESPONDANCES, "Valeurs", "attributions", "categorie", "Ancien", None),
        lambda _: avec(CORRESPONDANCES, "Valeurs", "attributions", "categorie", "Ancien", "vide"),
    ),
    (
        "correspondance_invalide",
        "Gardez une seule des deux lignes",
        FEUILLES,
        avec(CORRESPONDANCES, "Valeurs", "attributions", "categorie", "Échange", "droit_commun"),
        lambda _: CORRESPONDANCES,
    ),
    (
        "categorie_bailleur_inconnue",
        "Répondez à la question « Catégorie de l'organisme » (OPH, ESH, SEM…) dans la feuille Bailleur",
        FEUILLES,
        CORRESPONDANCES | {"Bailleur": [TITRES["Bailleur"]]},
        lambda c: avec(c, "Bailleur", "Catégorie de l'organisme", "SEM"),
    ),
]


@pytest.mark.parametrize(("code", "remede", "feuilles", "decisions", "suivre"), CAS, ids=[cas[0] for cas in CAS])
def test_un_message_suivi_a_la_lettre_finit_par_des_chiffres_justes(
    tmp_path: Path,
    code: str,
    remede: str,
    feuilles: Feuilles,
    decisions: Feuilles,
    suivre: Callable[[Feuilles], Feuilles],
) -> None:
    entrees, sorties = deposer(tmp_path / "raw", decisions, feuilles), tmp_path / "out"
    assert corpus.executer("controler", entrees, tmp_path / "vu").code == 1
    dites = [a for a in corpus.rapport(tmp_path / "vu") if a["code"] == code]
    assert dites and remede in dites[0]["correction"]
    ecrire_correspondances(entrees.parent, suivre(decisions))
    fin = corpus.executer("bilan", entrees, sorties)
    assert fin.code == 0, fin.erreurs
    assert not [a for a in corpus.rapport(sorties) if a["gravite"] in ("bloquant", "erreur")]
    test_dossier_sem.verifier_chiffres(sorties)


def test_un_fichier_sans_table_decide_comme_le_message_le_dit(tmp_path: Path) -> None:
    entrees, sorties = deposer(tmp_path / "raw"), tmp_path / "out"
    (entrees / "Loyers 2025.csv").write_text("Logt;Loyer\nA01-101;400\nA02-102;410\n", encoding="utf-8")
    fin = corpus.executer("bilan", entrees, sorties)
    assert fin.code == 1 and "Dites ce qu'il est dans correspondances.xlsx, ou « ne pas lire »" in fin.erreurs
    ecrire_correspondances(entrees.parent, avec(CORRESPONDANCES, "Feuilles", "Loyers*", None, "ne pas lire"))
    assert corpus.executer("bilan", entrees, sorties).code == 0
    test_dossier_sem.verifier_chiffres(sorties)


def test_une_copie_du_classeur_est_une_erreur_et_sa_suppression_suffit(tmp_path: Path) -> None:
    entrees, sorties = deposer(tmp_path / "raw"), tmp_path / "out"
    copie = entrees / "Gestion locative (copie).xlsx"
    copie.write_bytes((entrees / CLASSEUR).read_bytes())
    assert corpus.executer("controler", entrees, tmp_path / "vu").code == 1
    (dite,) = [a for a in corpus.rapport(tmp_path / "vu") if a["code"] == "fichier_en_double"]
    assert dite["gravite"] == "erreur" and dite["correction"] == "Gardez-en un seul."
    copie.unlink()
    assert corpus.executer("bilan", entrees, sorties).code == 0
    test_dossier_sem.verifier_chiffres(sorties)


@pytest.mark.parametrize(
    ("avant", "apres", "colonne"),
    [("20/02/2025", "20/02/2015", "date_liberation"), ("12/03/2025", "12/03/2052", "date_caleol")],
)
def test_une_annee_mal_tapee_est_une_erreur(tmp_path: Path, avant: str, apres: str, colonne: str) -> None:
    entrees = deposer(tmp_path / "raw", feuilles=remplacer("Rotation", avant, apres))
    assert corpus.executer("controler", entrees, tmp_path / "vu").code == 1
    (dite,) = [a for a in corpus.rapport(tmp_path / "vu") if a["code"] == "annee_isolee"]
    assert (dite["colonne"], dite["valeur"], dite["feuille"]) == (colonne, apres, "Rotation")
    assert dite["fichier"] == dossier_sem.CLASSEUR
