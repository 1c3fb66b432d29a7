"""Draws of a campaign: releases, propositions, candidates, forecasts and objectives."""

from datetime import date, timedelta

from tests.reference.tirage_parc import Rang, Rangs, Vivier

CATEGORIES = ("mutation_interne", "relogement_anru", "relogement_orcod", "relogement_lhi", "relogement_vente")
DECISIONS = (
    "attribution",
    "attribution",
    "attribution_rang",
    "attribution_rang",
    "attribution_condition",
    "non_attribution",
    "irrecevabilite",
)


def tirer_liberations(vivier: Vivier) -> Rangs:
    """Releases of N-3…N+1, doubled rows (with another motive, or under the other identifier); a commune quiet in N."""
    t, annee = vivier.tirage, vivier.annee
    calme = t.choice(vivier.communes)["depcom"] if vivier.parfois(0.5) else None
    annees = [annee - 3, annee - 2, annee - 1, annee] if vivier.parfois(0.7) else [annee - 1, annee]
    lignes: Rangs = []
    for millesime in [*annees, annee + 1]:
        for logement in t.sample(vivier.logements, int(len(vivier.logements) * t.uniform(0.05, 0.2))):
            if millesime == annee and logement["DEPCOM"] == calme:
                continue
            libere = vivier.un_jour(date(millesime, 1, 1), date(millesime, 12, 31))
            ligne: Rang = vivier.designer(logement) | {
                "date_conge": (libere - timedelta(days=t.randint(30, 92))).isoformat() if vivier.parfois(0.8) else None,
                "date_liberation": libere.isoformat(),
                "motif_depart": vivier.parmi("congé", "mutation", "décès", "") or None,
                "date_relocation": (libere + timedelta(days=t.randint(5, 120))).isoformat()
                if vivier.parfois(0.5)
                else None,
            }
            lignes.append(ligne)
            if vivier.parfois(0.04):
                lignes.append(ligne | vivier.designer(logement) | {"motif_depart": "accession"})
    for _ in range(2):
        inconnu: Rang = {"ident_rep": t.choice(vivier.inconnus), "ident_interne": None}
        lignes.append(inconnu | {"date_liberation": vivier.un_jour(date(annee, 1, 1), date(annee, 12, 31)).isoformat()})
    t.shuffle(lignes)
    return lignes


def tirer_propositions(vivier: Vivier, codes: list[str]) -> Rangs:
    """Mises à disposition around N: first lettings, carences with and without reminder, restitutions, annulations."""
    t, annee = vivier.tirage, vivier.annee
    lignes: Rangs = []
    for numero in range(int(len(vivier.logements) * t.uniform(0.3, 0.8))):
        quand = vivier.un_jour(date(annee - 1, 10, 1), date(annee + 1, 2, 15))
        if vivier.parfois(0.5):
            quand = vivier.un_jour(date(annee, 1, 1), date(annee, 12, 31))
        issue = t.choices(("candidats", "carence", "restitution", "annulation", None), (60, 14, 8, 8, 10))[0]
        relance = issue == "carence" and vivier.parfois(0.6)
        lignes.append(
            {"id_proposition": f"P{numero:05d}", **vivier.designer(), "code_reservataire": t.choice(codes)}
            | {
                "date_mise_a_disposition": quand.isoformat(),
                "premiere_location": t.choices(("oui", "non", None), (8, 60, 32))[0],
                "date_limite_reponse": (quand + timedelta(days=30)).isoformat() if vivier.parfois(0.5) else None,
                "date_relance": (quand + timedelta(days=t.randint(10, 40))).isoformat() if relance else None,
                "nb_candidats": None,
                "issue": issue,
            }
        )
    return lignes


def tirer_attributions(vivier: Vivier, codes: list[str], propositions: Rangs) -> Rangs:
    """Candidates of the propositions, then attributions that the bailleur made without one."""
    t, annee = vivier.tirage, vivier.annee
    lignes: Rangs = []
    for proposition in propositions:
        if proposition["issue"] in ("carence", "annulation"):
            continue
        rendu = proposition["issue"] == "restitution"
        commun: Rang = {
            "id_proposition": None if rendu else proposition["id_proposition"],
            "ident_rep": proposition["ident_rep"],
            "ident_interne": proposition["ident_interne"],
            "code_reservataire": None if rendu else proposition["code_reservataire"],
            "categorie": "droit_commun" if vivier.parfois(0.88) else vivier.parmi(*CATEGORIES),
        }
        propose = date.fromisoformat(str(proposition["date_mise_a_disposition"]))
        tous_refusent = vivier.parfois(0.35)
        _commission(vivier, lignes, commun, propose + timedelta(days=t.randint(8, 45)), tous_refusent)
        if vivier.parfois(0.25):
            _commission(vivier, lignes, commun, propose + timedelta(days=t.randint(46, 100)), tous_refusent)
    for _ in range(len(vivier.logements) // 6):
        directe: Rang = {"id_proposition": None, **vivier.designer()}
        directe["code_reservataire"] = t.choice(codes) if vivier.parfois(0.4) else None
        directe["categorie"] = vivier.parmi("droit_commun", *CATEGORIES)
        _commission(vivier, lignes, directe, vivier.un_jour(date(annee - 1, 11, 1), date(annee + 1, 1, 31)), False)
    t.shuffle(lignes)
    for numero, ligne in enumerate(lignes):
        ligne["id_decision"] = f"D{numero:06d}"
        ligne["nud"] = f"0{numero:017d}"
        ligne["nom"], ligne["prenom"] = f"FICTIF{numero}", "Élodie"
    return lignes


def _commission(vivier: Vivier, lignes: Rangs, commun: Rang, caleol: date, tous_refusent: bool) -> None:
    t, loue = vivier.tirage, False
    for rang in range(1, t.randint(0, 4) + 1):
        decision = vivier.parmi(*DECISIONS)
        attribuee = decision.startswith("attribution")
        reponse = None
        if attribuee:
            reponse = t.choices(("accepte", "refuse", "sans_reponse", None), (55, 20, 15, 10))[0]
            if tous_refusent:
                reponse = vivier.parmi("refuse", "sans_reponse")
        signe = reponse == "accepte" and not loue and vivier.parfois(0.8)
        loue = loue or signe
        lignes.append(
            commun
            | {
                "date_caleol": caleol.isoformat(),
                "decision": decision,
                "rang": str(rang) if attribuee and vivier.parfois(0.8) else None,
                "motif_decision": None if attribuee else "dossier incomplet",
                "reponse_candidat": reponse,
                "motif_refus": "trop petit" if reponse == "refuse" else None,
                "date_signature_bail": (caleol + timedelta(days=t.randint(3, 80))).isoformat() if signe else None,
                "designataire": t.choices(("reservataire", "bailleur", None), (60, 25, 15))[0],
                "dalo": t.choices(("oui", "non", None), (15, 55, 30))[0],
                "prioritaire": t.choices(("oui", "non", None), (30, 40, 30))[0],
                "quartile_1": t.choices(("oui", "non", None), (30, 60, 10))[0],
            }
        )


def tirer_previsions(vivier: Vivier) -> Rangs:
    """Subtractions of N+1 (and of other years): for the whole bailleur without echelle, or for one territory."""
    t, annee = vivier.tirage, vivier.annee
    lignes: Rangs = []
    for numero in range(t.randint(3, 14)):
        echelle = vivier.parmi("", "", "bailleur", "departement", "epci", "commune", "commune")
        lignes.append(
            {
                "annee": str(annee + t.choice((1, 1, 1, 1, 0, 2))),
                "categorie": vivier.parmi(*CATEGORIES),
                "nombre": vivier.parmi("0", "1", "2", "3", "0.3", "1.5", "7", "12"),
                "echelle": echelle or None,
                "code_territoire": vivier.territoire(echelle or "bailleur"),
                "code_operation": f"OP-{numero:03d}",
            }
        )
    return lignes


def tirer_objectifs(vivier: Vivier, codes: list[str]) -> Rangs:
    """What was announced to some réservataires, for N and for other years."""
    t, annee = vivier.tirage, vivier.annee
    return [
        {
            "annee": str(millesime),
            "code_reservataire": code,
            "flux_reservataire": vivier.parmi("2", "10", "16", "0.34", "3.5", str(t.randint(0, 60))),
            "taux_rotation_pct": vivier.parmi("", "6", "4.8") or None,
            "report_anterieur": vivier.parmi("", "", "2", "-1", "0.5") or None,
            "ecart_justifie": vivier.parmi("", "oui", "non") or None,
        }
        for code in codes
        for millesime in (annee - 1, annee)
        if vivier.parfois(0.75)
    ]
