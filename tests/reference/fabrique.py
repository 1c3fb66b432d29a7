"""Small rows for the hand-made cases: ten dwellings let in 1980, 0–7 in Le Port (97407), 8–9 in Saint-Denis (97411)."""

from fractions import Fraction

from tests.reference.calcul import Resultat, calculer

Rang = dict[str, str | None]
ANNEE = 2025
PORT, SAINT_DENIS, TCO = "97407", "97411", "249740101"


def rpls(**changes: Rang) -> list[Rang]:
    """The parc in both millésimes; `l3={"LOCAT": "2025"}` changes dwelling 3, `n3` in N only, `s3` in N+1 only."""
    lignes: list[Rang] = []
    for millesime, lettre in ((ANNEE, "n"), (ANNEE + 1, "s")):
        for rang in range(10):
            ligne: Rang = {
                "millesime": str(millesime),
                "IDENT_REP": f"{rang}",
                "DEPCOM": PORT if rang < 8 else SAINT_DENIS,
                "NBPIECE": "3",
                "FINAN": "13",
                "QPV": "1" if rang % 2 else "2",
                "LOCAT": "1980",
                "CONSTRUCT": "1980",
                "MODE": "1",
                "BAIL": "01/2010",
            }
            lignes.append(ligne | changes.get(f"l{rang}", {}) | changes.get(f"{lettre}{rang}", {}))
    return lignes


def convention(**colonnes: str) -> Rang:
    """A convention of code R on Le Port, 20 % of what is released there."""
    ligne: Rang = {
        "code_reservataire": "R",
        "type_reservataire": "commune",
        "echelle": "commune",
        "code_territoire": PORT,
        "mode_taux": "imprime",
        "taux_pct": "20",
        "base_rotation": "liberations_territoire",
        "evenement_decompte": "bail_ou_refus",
    }
    return ligne | colonnes


def candidat(numero: int, **colonnes: str) -> Rang:
    """A candidate attributed on 1 March N for R on dwelling 1, without a proposition."""
    ligne: Rang = {
        "id_decision": f"D{numero}",
        "ident_rep": "1",
        "code_reservataire": "R",
        "date_caleol": "2025-03-01",
        "decision": "attribution_rang",
        "rang": str(numero),
        "categorie": "droit_commun",
    }
    return ligne | colonnes


def proposition(identifiant: str, **colonnes: str) -> Rang:
    """Dwelling 1 offered to R on 1 February N."""
    ligne: Rang = {
        "id_proposition": identifiant,
        "ident_rep": "1",
        "code_reservataire": "R",
        "date_mise_a_disposition": "2025-02-01",
    }
    return ligne | colonnes


def droit(rang: str, nature: str = "ds", **colonnes: str) -> Rang:
    """A right of R on a dwelling ('' for none)."""
    ligne: Rang = {"code_reservataire": "R", "ident_rep": rang, "nature_droit": nature}
    return ligne | colonnes


def prevision(nombre: str, echelle: str = "", code: str = "", **colonnes: str) -> Rang:
    """A mutation foreseen for N+1."""
    ligne: Rang = {
        "annee": str(ANNEE + 1),
        "categorie": "mutation_interne",
        "nombre": nombre,
        "echelle": echelle,
        "code_territoire": code,
    }
    return ligne | colonnes


def calculer_sur(conventions: list[Rang], parc: list[Rang] | None = None, **tables: list[Rang]) -> Resultat:
    """The figures of these conventions on the parc of ten dwellings."""
    return calculer({"rpls": parc or rpls(), "reservataires": conventions, **tables}, ANNEE)


def total(resultat: Resultat, mesure: str, code: str = "R") -> Fraction | None:
    """Total of a measure."""
    return resultat.bilan[code][mesure, "total", "total"]


def ligne(resultat: Resultat, nom: str, code: str = "R") -> Fraction | None:
    """`valeur` of a line."""
    return resultat.flux[code][nom][0]
