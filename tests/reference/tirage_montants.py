"""Draws of what is foreseen and announced: forecasts of N+1, objectives of N, the flux of the previous exercice."""

from tests.reference.soustractions import AUTRES, CATEGORIES
from tests.reference.vivier import Rang, Rangs, Vivier

ECHELLES = ("", "", "bailleur", "departement", "epci", "ept", "commune", "commune")


def tirer_previsions(vivier: Vivier) -> Rangs:
    """Forecasts of every scale; one operation said at several scales; rows to reject; places without dwellings."""
    t = vivier.tirage
    lignes = [_prevision(vivier, numero) for numero in range(t.randint(3, 14))]
    if "operations" in vivier.traits:
        for numero in range(t.randint(1, 3)):
            categorie = vivier.parmi(*CATEGORIES)
            for _ in range(t.randint(2, 4)):
                lignes.append(_prevision(vivier, numero) | {"categorie": categorie, "code_operation": f"RU-{numero}"})
        rejetees: tuple[Rang, ...] = (
            {"nombre": None},
            {"nombre": "-2"},
            {"categorie": "droit_commun"},
            {"categorie": "injonction_prefet"},
        )
        for faute in t.sample(rejetees, 2):
            lignes.append(_prevision(vivier, 900) | faute)
    t.shuffle(lignes)
    return lignes


def _prevision(vivier: Vivier, numero: int) -> Rang:
    t, echelle = vivier.tirage, vivier.echelle(*ECHELLES)
    ailleurs = vivier.a("operations", 0.2) and echelle != "ept"
    return {
        "annee": str(vivier.annee + t.choice((1, 1, 1, 1, 1, 0, 2))),
        "categorie": vivier.parmi(*CATEGORIES, *CATEGORIES, AUTRES),
        "nombre": vivier.parmi("0", "1", "2", "3", "0.3", "1.5", "7", "12"),
        "echelle": echelle or None,
        "code_territoire": vivier.territoire(echelle or "bailleur", ailleurs=ailleurs),
        "code_operation": vivier.rare(f"OP-{numero:03d}", 0.6),
        "accord_prefet": vivier.rare(f"AP-{numero}", 0.5),
    }


def tirer_objectifs(vivier: Vivier, codes: list[str]) -> Rangs:
    """What was announced to some réservataires, for N and for other years."""
    t, annee = vivier.tirage, vivier.annee
    return [
        {
            "annee": str(millesime),
            "code_reservataire": vivier.citer(code),
            "flux_reservataire": vivier.parmi("2", "10", "16", "0.34", "3.5", str(t.randint(0, 60))),
            "taux_rotation_pct": vivier.parmi("", "6", "4.8") or None,
            "report_anterieur": vivier.parmi("", "", "2", "-1", "0.5") or None,
            "ecart_justifie": vivier.parmi("", "oui", "non") or None,
        }
        for code in codes
        for millesime in (annee - 1, annee)
        if vivier.parfois(0.75)
    ]


def tirer_precedent(vivier: Vivier, codes: list[str]) -> Rangs:
    """Lines j and report of the closed flux of exercice N−1, for some codes."""
    lignes: Rangs = []
    for code in codes:
        if vivier.parfois(0.7):
            for ligne, valeur in (("j", vivier.parmi("4", "12", "0.34")), ("report", vivier.parmi("", "0", "3", "-2"))):
                lignes.append({"code_reservataire": code, "ligne": ligne, "valeur": valeur or None})
    return lignes
