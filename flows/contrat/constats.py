"""Words for what typing finds in the cells of one sheet: refusals, repairs, blanks, each with its rows."""

import polars as pl

from flows.anomalies import Anomalie, Gravite, Recueil, enumerer, enumerer_plages, plages
from flows.contrat.schema import Colonne

PERSONNELLE = "(donnée personnelle)"
DECALEE = "(valeur non montrée : les cellules de la ligne semblent décalées)"
_VALEUR_MAX = 200
_PLAGES_MAX = 100
_ATTENDU = {
    "texte": "un texte",
    "code": "un code, dans une cellule au format Texte",
    "logement": "l'identifiant RPLS sur 10 caractères, dans une cellule au format Texte",
    "commune": "le code INSEE sur 5 caractères, dans une cellule au format Texte",
    "departement": "le code du département, dans une cellule au format Texte",
    "epci": "le SIREN de l'EPCI (9 chiffres)",
    "departement_ecrit": "le code du département, ou son nom",
    "epci_ecrit": "le SIREN de l'EPCI, ou son nom",
    "commune_ecrite": "le code INSEE de la commune, ou son nom",
    "siren": "le SIREN (9 chiffres)",
    "siret": "le SIRET (14 chiffres), dans une cellule au format Texte",
    "code_postal": "le code postal (5 chiffres), dans une cellule au format Texte",
    "territoire": "le code du département, de l'EPCI (SIREN) ou de la commune (INSEE), selon l'échelle",
    "date": "une date jj/mm/aaaa",
    "mois": "un mois mm/aaaa",
    "annee": "une année aaaa",
    "entier": "un nombre entier, sans point ni virgule",
    "decimal": "un nombre, avec une virgule pour les décimales",
    "positif": "un nombre, jamais négatif",
    "pourcentage": "un taux en pour cent, par exemple 13,55",
    "booleen": "oui ou non",
    "jour_mois": "un jour et un mois jj/mm",
}


class Constats:
    """Anomalies of the cells of one sheet. No value of a personal column is ever written."""

    def __init__(self, fichier: str, feuille: str) -> None:
        self._fichier = fichier
        self._feuille = feuille
        self._anomalies = Recueil()

    def ordonnes(self) -> list[Anomalie]:
        """Every anomaly, in the order of the rows."""
        return sorted(self._anomalies.liste(), key=lambda a: (a.ligne or 0, a.colonne, a.valeur, a.message))

    def problemes(self, colonne: Colonne, lues: pl.DataFrame) -> None:
        """Unreadable cells (`ligne`, `brut`, `probleme`): one error a row rejected, or one anomaly a value."""
        if colonne.rejette:
            for ligne, brut, probleme in lues.select("ligne", "brut", "probleme").iter_rows():
                message = _refus(colonne, brut, probleme) + " La ligne est rejetée."
                self._ajouter(Gravite.ERREUR, "valeur_illisible", message, [ligne], colonne, brut)
            return
        for brut, probleme, lignes in _par_valeur(colonne, lues, "probleme"):
            message = f"{_refus(colonne, brut, probleme)} La cellule est laissée vide ({_enumerer(lignes)})."
            if colonne.est_decisive:
                message += " Cette colonne décide de ce qui sort du parc ou du flux, du financement ou de la rotation."
                self._ajouter(Gravite.ERREUR, "code_rpls_inconnu", message, lignes, colonne, brut)
            else:
                self._ajouter(Gravite.AVERTISSEMENT, "valeur_ignoree", message, lignes, colonne, brut)

    def reparations(self, colonne: Colonne, lues: pl.DataFrame) -> None:
        """Cells read after a repair or with a doubt (`ligne`, `brut`, `reparation`): one warning a value.

        Dwellings: one a sheet (contract, « said once per file »).
        """
        for brut, reparation, lignes in _par_valeur(colonne, lues, "reparation", colonne.type == "logement"):
            quoi = PERSONNELLE if colonne.est_personnelle else f"« {brut[:_VALEUR_MAX]} », {reparation}"
            message = f"Colonne {colonne.nom}, à vérifier : {quoi} ({_enumerer(lignes)})."
            self._ajouter(Gravite.AVERTISSEMENT, "valeur_reparee", message, lignes, colonne, brut)

    def absences(self, lignes: pl.Series, noms: str) -> None:
        """Rows rejected because a mandatory cell is blank."""
        message = f"La colonne {noms} est vide alors qu'elle est obligatoire. La ligne est rejetée."
        remede = "Renseigner la cellule, ou supprimer la ligne si elle ne dit rien"
        if " ou " not in noms:
            remede += " ; ou dire ce que veut dire une case vide dans correspondances.xlsx, feuille Valeurs : colonne "
            remede += f"{noms}, valeur -"
        for ligne in lignes:
            self._anomalies.ajouter(
                Anomalie(
                    Gravite.ERREUR,
                    "valeur_obligatoire_absente",
                    message,
                    f"{remede}.",
                    self._fichier,
                    self._feuille,
                    ligne,
                    noms,
                )
            )

    def _ajouter(
        self, gravite: Gravite, code: str, message: str, lignes: list[int], colonne: Colonne, brut: str
    ) -> None:
        valeur = PERSONNELLE if colonne.est_personnelle else brut[:_VALEUR_MAX]
        ou = (self._fichier, self._feuille, lignes[0], colonne.nom, valeur)
        anomalie = Anomalie(gravite, code, message, _remede(colonne), *ou, lignes=enumerer(lignes))
        self._anomalies.ajouter(anomalie, lignes)


def _refus(colonne: Colonne, brut: str, probleme: str) -> str:
    if colonne.est_personnelle:
        return f"Colonne {colonne.nom} : valeur illisible {PERSONNELLE}."
    return f"Colonne {colonne.nom} : « {brut[:_VALEUR_MAX] or 'vide'} » est illisible, {probleme}."


def _remede(colonne: Colonne) -> str:
    if colonne.type in ("liste", "options", "code_rpls"):
        return (
            f"Écrire un code du contrat ({colonne.liste}), ou dire ce que veut dire cette écriture dans "
            f"correspondances.xlsx, feuille Valeurs : table {colonne.table}, colonne {colonne.nom}."
        )
    return f"Écrire {_ATTENDU[colonne.type]}."


def _par_valeur(
    colonne: Colonne, lues: pl.DataFrame, quoi: str, reunies: bool = False
) -> list[tuple[str, str, list[int]]]:
    """(text, reason, rows) for each distinct text, in the order of their first row; a personal column has one group.

    `reunies`: one group too, under its first text.
    """
    if lues.is_empty():
        return []
    if colonne.est_personnelle:
        return [(PERSONNELLE, "", lues["ligne"].sort().to_list())]
    groupes = lues.group_by("brut", quoi).agg(pl.col("ligne").sort()).sort(pl.col("ligne").list.first(), "brut")
    if reunies:
        groupes = groupes.select(pl.col("brut", quoi).first(), pl.col("ligne").explode().sort().implode())
    return list(groupes.select("brut", quoi, "ligne").iter_rows())


def _enumerer(lignes: list[int]) -> str:
    """`ligne 4`, `3 lignes : 4, 7 à 8`; beyond a hundred ranges the last ones are only counted."""
    if len(lignes) == 1:
        return f"ligne {lignes[0]}"
    tranches = list(plages(lignes))
    suite = ", …" if len(tranches) > _PLAGES_MAX else ""
    return f"{len(lignes)} lignes : {enumerer_plages(tranches[:_PLAGES_MAX])}{suite}"
