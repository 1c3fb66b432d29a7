"""Draws of the events of a campaign: releases, propositions, candidates."""

from datetime import date, timedelta

from tests.reference.soustractions import CATEGORIES
from tests.reference.vivier import Rang, Rangs, Vivier

DECISIONS = (
    "attribution",
    "attribution",
    "attribution_rang",
    "attribution_rang",
    "attribution_condition",
    "non_attribution",
    "irrecevabilite",
)
HORS_FLUX = (*CATEGORIES, "injonction_prefet")


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
                "date_conge": vivier.rare((libere - timedelta(days=t.randint(30, 92))).isoformat(), 0.8),
                "date_liberation": libere.isoformat(),
                "motif_depart": vivier.parmi("congé", "mutation", "décès", "") or None,
                "date_relocation": vivier.rare((libere + timedelta(days=t.randint(5, 120))).isoformat(), 0.5),
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
    """Mises à disposition around N: first lettings, carences, restitutions, annulations, offers said twice."""
    t, annee = vivier.tirage, vivier.annee
    neufs = _neufs(vivier)
    lignes: Rangs = []
    for numero in range(max(5, int(len(vivier.logements) * t.uniform(0.3, 0.8)))):
        quand = vivier.un_jour(date(annee - 1, 10, 1), date(annee + 1, 2, 15))
        if vivier.parfois(0.5):
            quand = vivier.un_jour(date(annee, 1, 1), date(annee, 12, 31))
        issue = t.choices(("candidats", "carence", "restitution", "annulation", None), (60, 14, 8, 8, 10))[0]
        if vivier.a("carences", 0.2):
            issue = "carence"
        relance = quand + timedelta(days=t.choice((10, 20, 40, 90)))
        logement = t.choice(neufs) if neufs and vivier.a("premieres", 0.25) else None
        ecrites = (8, 60, 32) if "premieres" not in vivier.traits else (15, 15, 70)
        ligne: Rang = {
            "id_proposition": None if vivier.a("sans_id", 0.6) else f"P{numero:05d}",
            **vivier.designer(logement),
            "code_reservataire": vivier.citer(t.choice(codes)),
            "date_mise_a_disposition": quand.isoformat(),
            "premiere_location": t.choices(("oui", "non", None), ecrites)[0],
            "date_limite_reponse": vivier.rare((quand + timedelta(days=30)).isoformat(), 0.5),
            "date_relance": relance.isoformat() if issue == "carence" and vivier.parfois(0.7) else None,
            "nb_candidats": None,
            "issue": issue,
        }
        lignes.append(ligne)
        if not ligne["id_proposition"] and vivier.parfois(0.1):
            lignes.append(ligne | {"nb_candidats": "3"})
        elif vivier.a("doubles", 0.05):
            lignes.append(ligne | {"id_proposition": f"Q{numero:05d}"})
        elif vivier.a("cles", 0.03):
            lignes.append(ligne | {"nb_candidats": "2"})
    t.shuffle(lignes)
    return lignes


def _neufs(vivier: Vivier) -> Rangs:
    """Dwellings that RPLS says first let in N or after."""
    annees = (str(vivier.annee), str(vivier.annee + 1))
    return (
        [logement for logement in vivier.logements if logement["LOCAT"] in annees]
        if "premieres" in vivier.traits
        else []
    )


def tirer_attributions(vivier: Vivier, codes: list[str], propositions: Rangs) -> Rangs:
    """Candidates of the propositions, then attributions that the bailleur made without one."""
    t, annee, neufs = vivier.tirage, vivier.annee, _neufs(vivier)
    lignes: Rangs = []
    for proposition in propositions:
        garde = {"carence": vivier.a("carences", 0.5), "annulation": vivier.a("annulees", 0.7)}
        if not garde.get(str(proposition["issue"]), True):
            continue
        rendu = proposition["issue"] == "restitution"
        commun: Rang = {
            "id_proposition": None if rendu or vivier.a("liens", 0.4) else proposition["id_proposition"],
            "ident_rep": proposition["ident_rep"],
            "ident_interne": proposition["ident_interne"],
            "code_reservataire": None if rendu else proposition["code_reservataire"],
            "categorie": "droit_commun" if vivier.parfois(0.88) else vivier.parmi(*HORS_FLUX),
            "premiere_location": vivier.parmi("oui", "non") if vivier.a("premieres", 0.1) else None,
        }
        propose = date.fromisoformat(str(proposition["date_mise_a_disposition"]))
        tous_refusent = vivier.parfois(0.35)
        _commission(vivier, lignes, commun, codes, propose + timedelta(days=t.randint(0, 45)), tous_refusent)
        if vivier.parfois(0.25):
            _commission(vivier, lignes, commun, codes, propose + timedelta(days=t.randint(46, 100)), tous_refusent)
    for _ in range(len(vivier.logements) // 6):
        directe: Rang = {
            "id_proposition": None,
            **vivier.designer(t.choice(neufs) if neufs and vivier.parfois(0.2) else None),
        }
        directe["code_reservataire"] = vivier.citer(t.choice(codes)) if vivier.parfois(0.4) else None
        directe["categorie"] = vivier.parmi("droit_commun", *HORS_FLUX)
        quand = vivier.un_jour(date(annee - 1, 11, 1), date(annee + 1, 1, 31))
        _commission(vivier, lignes, directe, codes, quand, False)
    t.shuffle(lignes)
    for numero, ligne in enumerate(lignes):
        ligne["id_decision"] = f"D{numero:06d}"
        ligne["nud"] = f"0{numero:017d}"
        ligne["nom"], ligne["prenom"] = f"FICTIF{numero}", "Élodie"
    if "cles" in vivier.traits:
        for ligne in t.sample(lignes, min(len(lignes), 2)):
            lignes.append(ligne | {"motif_priorite": "relance"})
    return lignes


def _commission(
    vivier: Vivier, lignes: Rangs, commun: Rang, codes: list[str], caleol: date, tous_refusent: bool
) -> None:
    t, loue = vivier.tirage, False
    for rang in range(1, t.randint(0, 4) + 1):
        croisee: Rang = {}
        if vivier.a("croisees", 0.25):
            choix: Rangs = [
                {"code_reservataire": None},
                {"code_reservataire": vivier.citer(t.choice(codes))},
                {"categorie": vivier.parmi(*HORS_FLUX)},
                {"rang": "1"},
            ]
            croisee = t.choice(choix)
        decision = vivier.parmi(*DECISIONS)
        attribuee = decision.startswith("attribution")
        reponse = None
        if attribuee:
            reponse = t.choices(("accepte", "refuse", "sans_reponse", None), (55, 20, 15, 10))[0]
            if tous_refusent and not (croisee and vivier.parfois(0.3)):
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
                "date_signature_bail": (caleol + timedelta(days=t.randint(0, 80))).isoformat() if signe else None,
                "designataire": t.choices(("reservataire", "bailleur", None), (60, 25, 15))[0],
                "dalo": t.choices(("oui", "non", None), (15, 55, 30))[0],
                "prioritaire": t.choices(("oui", "non", None), (30, 40, 30))[0],
                "quartile_1": t.choices(("oui", "non", None), (30, 60, 10))[0],
            }
            | croisee
        )
