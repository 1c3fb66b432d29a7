"""A small SEM as it really is: its declaration, one workbook of eight sheets with its own words, its conventions.

Nobody in it exists. Twenty dwellings: ranks 1 to 12 in 01004, 13 to 20 in 01053; the declaration does not say that its
owner is a SEM, and 11, 12 and 20 are without convention. No follow-up of offers. `deposer` writes the untouched files,
`CORRESPONDANCES` is what the analyst decided, the expected figures are computed by hand in test_dossier_sem.py.
"""

from pathlib import Path

import openpyxl

from flows.modeles import ecrire_modeles
from tests.depots.dossier_oph import ecrire_correspondances
from tests.pannes.campagne_saine import texte_csv
from tests.pannes.classeurs_bruts import lignes_xlsx, xlsx

ANNEE = 2025
CLASSEUR = "Gestion locative.xlsx"
AMBERIEU, BOURG = ("01004", "AMBERIEU EN BUGEY"), ("01053", "BOURG EN BRESSE")
SANS_CONVENTION = (11, 12, 20)
SORTI = 10
POSITIONS = 64
Feuilles = dict[str, list[list[object]]]


def reference(rang: int) -> str:
    """How the SEM names its dwellings, in its declaration and in its workbook."""
    return f"A{rang:02d}-{100 + rang}"


CONVENTIONS: dict[str, list[dict[str, str]]] = {
    "Conventions": [
        {
            "code_reservataire": "ETAT",
            "libelle": "Préfecture de l'Ain",
            "type_reservataire": "État, publics prioritaires",
            "echelle": "Patrimoine entier du bailleur",
            "date_debut": "01/01/2024",
            "mode_taux": "Taux imprimé dans la convention",
            "taux_pct": "30",
            "base_rotation": "Libérations du bailleur",
            "evenement_decompte": "Attribution en CALEOL",
            "arrondi_final": "À l'unité, demi supérieur",
        },
        {
            "code_reservataire": "VILLE",
            "libelle": "Ville d'Ambérieu-en-Bugey",
            "type_reservataire": "Commune",
            "echelle": "Commune",
            "code_territoire": "Ambérieu-en-Bugey",
            "date_debut": "01/01/2024",
            "mode_taux": "Droits en cours ÷ parc total",
            "base_rotation": "Libérations du territoire",
            "evenement_decompte": "Attribution en CALEOL",
        },
        {
            "code_reservataire": "ALS",
            "libelle": "Action Logement Services",
            "type_reservataire": "Action Logement",
            "echelle": "Département",
            "code_territoire": "Ain",
            "date_debut": "01/01/2024",
            "mode_taux": "Taux imprimé dans la convention",
            "taux_pct": "10",
            "base_rotation": "Taux fixé par la convention",
            "taux_rotation_pct": "50",
            "evenement_decompte": "Bail signé",
        },
    ],
    "Flux annoncés": [
        {"annee": "2025", "code_reservataire": "ETAT", "flux_reservataire": "2"},
        {"annee": "2025", "code_reservataire": "VILLE", "flux_reservataire": "1"},
        {"annee": "2025", "code_reservataire": "ALS", "flux_reservataire": "1"},
    ],
}

EN_TETE: list[object] = ["Logt", "Sorti le", "Pourquoi", "Passé le", "Candidat de", "Issue", "Signé le", "Nature"]
ROTATION: list[tuple[object, ...]] = [
    (1, "15/01/2025", "Départ", "10/02/2025", "Mairie", "Retenu, signé", "01/03/2025", "Nouveau"),
    (2, "20/02/2025", "Départ", "12/03/2025", "1 % logement", "Retenu, signé", "01/04/2025", "Nouveau"),
    (3, "05/03/2025", "Décès", "12/03/2025", "Préfecture", "Retenu, a dit non", None, "Nouveau"),
    (3, "05/03/2025", "Décès", "09/04/2025", "Préfecture", "Retenu, signé", "01/05/2025", "Nouveau"),
    (4, "30/04/2025", "Départ", "14/05/2025", "Nous", "Retenu, signé", "01/06/2025", "Échange"),
    (13, "10/06/2025", "Départ", "18/06/2025", "Nous", "Écarté", None, "Nouveau"),
    (14, "31/08/2025", "Départ", None, None, None, None, None),
    (11, "15/09/2025", "Départ", "08/10/2025", "Nous", "Retenu, signé", "01/11/2025", "Nouveau"),
    (5, "12/12/2025", "Départ", "07/01/2026", "Mairie", "Retenu, signé", "01/02/2026", "Nouveau"),
]
"""A row a departure, with what came of it: a release, and a candidate when the commission has met."""

FEUILLES: Feuilles = {
    "Lisez-moi": [["Ce classeur est tenu par le service gestion locative"], ["Mis à jour", 46022]],
    "Rotation": [
        ["SEM fictive de l'Ain : rotation 2025"],
        [],
        EN_TETE,
        *[[reference(rang), *reste] for rang, *reste in ROTATION if isinstance(rang, int)],
    ],
    "Ventes": [["Logt", "Depuis"], [reference(9), "01/06/2024"]],
    "Gendarmes": [["Logt", "Depuis"], [reference(18), "01/09/2015"]],
    "Ville": [
        ["Logt", "Fin du prêt"],
        [reference(1), "31/12/2030"],
        [reference(2), "31/12/2019"],
        [reference(3), "31/12/2021"],
        ["Sous-total Ville", "3 logements"],
    ],
    "1 %": [["Logt", "Fin"], [reference(13), "31/12/2040"], [reference(14), "30/06/2025"]],
    "Échanges 2026": [["Ville", "Combien"], ["01004", 2], ["01053", 1]],
    "À livrer": [
        ["Programme", "Où", "Pour qui", "Combien", "Quand"],
        ["Les Tilleuls", "Ambérieu-en-Bugey", "1 % logement", 6, "01/10/2026"],
    ],
}

CORRESPONDANCES: Feuilles = {
    "Feuilles": [
        ["Fichier", "Feuille", "Table", "Millésime"],
        ["Gestion*", "Lisez-moi", "ne pas lire"],
        ["Gestion*", "Rotation", "liberations"],
        ["Gestion*", "Rotation", "attributions"],
        ["Gestion*", "Ventes", "exclusions"],
        ["Gestion*", "Gendarmes", "exclusions"],
        ["Gestion*", "Ville", "droits"],
        ["Gestion*", "1 %", "droits"],
        ["Gestion*", "Échanges*", "previsions"],
        ["Gestion*", "À livrer", "programmes_neufs"],
    ],
    "Colonnes": [
        ["Fichier", "Feuille", "Table", "Intitulé", "Colonne"],
        ["Gestion*", "Rotation", "liberations", "Sorti le", "date_liberation"],
        ["Gestion*", "Rotation", "liberations", "Pourquoi", "motif_depart"],
        ["Gestion*", "Rotation", "attributions", "Passé le", "date_caleol"],
        ["Gestion*", "Rotation", "attributions", "Candidat de", "code_reservataire"],
        ["Gestion*", "Rotation", "attributions", "Issue", "decision"],
        ["Gestion*", "Rotation", "attributions", "Signé le", "date_signature_bail"],
        ["Gestion*", "Rotation", "attributions", "Nature", "categorie"],
        ["Gestion*", None, "exclusions", "Depuis", "date_debut"],
        ["Gestion*", "Ville", None, "Fin du prêt", "date_fin_emprunt"],
        ["Gestion*", "1 %", None, "Fin", "date_fin"],
        ["Gestion*", "Échanges*", None, "Ville", "code_territoire"],
        ["Gestion*", "Échanges*", None, "Combien", "nombre"],
        ["Gestion*", "À livrer", None, "Programme", "operation"],
        ["Gestion*", "À livrer", None, "Où", "commune"],
        ["Gestion*", "À livrer", None, "Pour qui", "code_reservataire"],
        ["Gestion*", "À livrer", None, "Combien", "nb_logements"],
        ["Gestion*", "À livrer", None, "Quand", "date_livraison_prevue"],
    ],
    "Constantes": [
        ["Fichier", "Feuille", "Table", "Colonne", "Valeur"],
        ["Gestion*", "Ventes", None, "motif_exclusion", "En vente"],
        ["Gestion*", "Gendarmes", None, "motif_exclusion", "Gendarmerie"],
        ["Gestion*", "Ville", None, "code_reservataire", "VILLE"],
        ["Gestion*", "Ville", None, "nature_droit", "Contingent"],
        ["Gestion*", "Ville", None, "origine_droit", "Garantie d'emprunt"],
        ["Gestion*", "1 %", None, "code_reservataire", "ALS"],
        ["Gestion*", "1 %", None, "nature_droit", "Droit de suite"],
        ["Gestion*", "Échanges*", None, "annee", "2026"],
        ["Gestion*", "Échanges*", None, "categorie", "Mutation interne"],
        ["Gestion*", "Échanges*", None, "echelle", "Commune"],
        ["Gestion*", "À livrer", None, "statut", "engage"],
    ],
    "Valeurs": [
        ["Table", "Colonne", "Valeur", "Devient"],
        ["attributions", "date_caleol", "-", "ne pas lire"],
        ["attributions", "decision", "Retenu, signé", "decision=attribution, reponse_candidat=accepte"],
        ["attributions", "decision", "Retenu, a dit non", "decision=attribution, reponse_candidat=refuse"],
        ["attributions", "decision", "Écarté", "non_attribution"],
        ["attributions", "categorie", "Nouveau", "droit_commun"],
        ["attributions", "categorie", "Échange", "mutation_interne"],
    ],
    "Réservataires": [
        ["Écriture", "Code"],
        ["Mairie", "VILLE"],
        ["1 % logement", "ALS"],
        ["Préfecture", "ETAT"],
        ["Nous", "non réservé"],
    ],
    "Logements": [
        ["Fichier", "Feuille", "Intitulé", "Référence"],
        ["Gestion*", None, "Logt", "ident_interne"],
    ],
    "Bailleur": [["Question", "Réponse"], ["Catégorie de l'organisme", "SEM"]],
}


def deposer(
    dossier: Path,
    correspondances: Feuilles | None = CORRESPONDANCES,
    feuilles: Feuilles = FEUILLES,
    conventions: dict[str, list[dict[str, str]]] | None = None,
) -> Path:
    """Writes the files of the SEM below `dossier`, and its decisions if any; returns the folder of the exercice."""
    entrees = dossier / str(ANNEE)
    entrees.mkdir(parents=True)
    for annee in (ANNEE, ANNEE + 1):
        (entrees / f"RPLS {annee}.txt").write_text(declaration(annee), encoding="cp1252", newline="")
    (entrees / CLASSEUR).write_bytes(xlsx(*map(lignes_xlsx, feuilles.values()), noms=tuple(feuilles)))
    ecrire_conventions(entrees, conventions or CONVENTIONS)
    if correspondances:
        ecrire_correspondances(dossier, correspondances)
    return entrees


def declaration(annee: int) -> str:
    """The 64 positions of each dwelling below the line of the SEM, as its software writes them."""
    adresse = ["1 rue Fictive", "", "", "01500", "AMBERIEU"]
    premiere = [str(annee), "999000003", "SEM fictive de l'Ain", "", *adresse, "99900000300015", "20", ""]
    return texte_csv([premiere, *(_logement(rang, annee) for rang in range(1, 21))])


def _logement(rang: int, annee: int) -> list[str]:
    commune, nom = AMBERIEU if rang <= 12 else BOURG
    positions = [""] * POSITIONS
    valeurs = {
        **{1: f"00372731{rang:02d}", 2: reference(rang), 3: "1", 4: commune, 5: "01500", 6: nom, 7: str(rang)},
        **{9: "RUE", 10: "DES ESSAIS", 22: "12"[rang % 2], 23: "C", 24: str(rang % 4 + 1), 25: "60", 26: "1980"},
        **{27: "1980", 32: "13", 34: "2" if rang in SANS_CONVENTION else "1", 40: "1", 41: "03/2018", 59: "2"},
        **{37: "3" if rang == SORTI and annee > ANNEE else "", 62: "02/2018", 63: "7"},
    }
    for position, valeur in valeurs.items():
        positions[position - 1] = valeur
    return positions


def ecrire_conventions(entrees: Path, conventions: dict[str, list[dict[str, str]]]) -> None:
    """`conventions.xlsx` of `gestion-flux modeles`, filled below its row of example with the words of its lists."""
    ecrire_modeles(modeles := entrees.parent / "modeles")
    livre = openpyxl.load_workbook(modeles / "conventions.xlsx")
    for feuille, lignes in conventions.items():
        rangs = {cellule.value: cellule.column for cellule in livre[feuille][1]}
        for numero, ligne in enumerate(lignes, start=3):
            for nom, texte in ligne.items():
                livre[feuille].cell(numero, rangs[nom], texte)
    livre.save(entrees / "conventions.xlsx")
