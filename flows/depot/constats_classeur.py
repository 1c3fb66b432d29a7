"""What is said of a workbook that could be read: errors, formulas, macros, links, formats."""

from collections import Counter

import pyarrow as pa

from flows.anomalies import Anomalie, Gravite, Recueil
from flows.depot import feuilles
from flows.depot.feuilles import lettres
from flows.depot.reperes import Contenu, Reperes


def anomalies_du_classeur(fichier: str, contenu: Contenu) -> list[Anomalie]:
    """What concerns the whole workbook: nothing of it is executed nor followed."""
    dites = []
    if contenu.a_des_macros:
        dites.append(("macros_ignorees", "Le classeur contient des macros : elles ne sont pas exécutées."))
    if contenu.a_du_dde:
        dites.append(
            ("lien_dde_ignore", "Le classeur contient un lien DDE vers un autre programme : il n'est pas suivi.")
        )
    if contenu.a_des_liens:
        dites.append(
            (
                "liens_externes_ignores",
                "Le classeur contient des liens vers d'autres fichiers ou des connexions : ils ne sont pas suivis, "
                "les dernières valeurs enregistrées sont lues.",
            )
        )
    correction = "Enregistrez une copie en .xlsx avec les valeurs seules (collage spécial, valeurs)."
    anomalies = [Anomalie(Gravite.AVERTISSEMENT, code, message, correction, fichier) for code, message in dites]
    if contenu.recalcul_demande and any(reperes.a_des_formules for reperes in contenu.feuilles.values()):
        anomalies.append(
            Anomalie(
                Gravite.AVERTISSEMENT,
                "formules_a_recalculer",
                "Le classeur a des formules et demande à être recalculé à l'ouverture : "
                "les valeurs enregistrées peuvent être anciennes.",
                "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le et redéposez-le.",
                fichier,
            )
        )
    return anomalies


def anomalies_de_la_feuille(
    fichier: str, feuille: str, lignes: pa.Array, colonnes: list[pa.Array], reperes: Reperes
) -> list[Anomalie]:
    """One error for each cell that holds an error or a formula without result; warnings for the sheet."""
    anomalies = Recueil(
        feuilles.anomalie_erreur(fichier, feuille, *erreur) for erreur in feuilles.cellules_en_erreur(lignes, colonnes)
    ).liste()
    anomalies += Recueil(
        Anomalie(
            Gravite.ERREUR,
            "formule_sans_valeur",
            f"La cellule {lettres(colonne)}{ligne} a une formule dont le résultat n'est pas enregistré : "
            "elle n'a pas de valeur à lire.",
            "Ouvrez le classeur dans Excel ou LibreOffice, enregistrez-le et redéposez-le.",
            fichier,
            feuille,
            ligne,
            lettres(colonne),
        )
        for ligne, colonne in reperes.sans_valeur
    ).liste()
    perdus: dict[int, list[int]] = {}
    for (ligne, colonne), texte in sorted(reperes.textes.items()):
        if texte == feuilles.CHIFFRES_PERDUS:
            perdus.setdefault(colonne, []).append(ligne)
    anomalies += [
        Anomalie(
            Gravite.ERREUR,
            "chiffres_perdus",
            f"La colonne {lettres(colonne)} a {len(rangs)} nombres de plus de 15 chiffres : un tableur n'en garde que "
            f"15, la fin est perdue (la première fois à la ligne {rangs[0]}).",
            "Refaites l'export avec cette colonne au format Texte.",
            fichier,
            feuille,
            rangs[0],
            lettres(colonne),
        )
        for colonne, rangs in perdus.items()
    ]
    if reperes.lignes_masquees:
        anomalies.append(
            Anomalie(
                Gravite.AVERTISSEMENT,
                "lignes_masquees",
                f"{reperes.lignes_masquees} lignes de la feuille sont masquées ou écartées par un filtre : elles sont "
                "lues comme les autres.",
                "Supprimez-les si elles ne doivent pas compter ; sinon, retirez le filtre.",
                fichier,
                feuille,
            )
        )
    parts = Counter(colonne for (_, colonne), forme in reperes.formats.items() if forme == "%")
    anomalies += [
        Anomalie(
            Gravite.INFORMATION,
            "format_pourcentage",
            f"{nombre} cellules de la colonne {lettres(colonne)} sont au format pourcentage : "
            "elles sont lues comme elles s'affichent (28,63 % et non 0,2863).",
            "Rien à faire si ces cellules sont bien des pourcentages.",
            fichier,
            feuille,
            colonne=lettres(colonne),
        )
        for colonne, nombre in sorted(parts.items())
    ]
    coupe = feuilles.anomalie_coupe(fichier, feuille, lignes[-1].as_py() if len(lignes) else 0)
    return anomalies if coupe is None else [*anomalies, coupe]
