"""Draws of rights and exclusions: with and without a dwelling, around the days that count, in contradictory rows."""

from datetime import date

from tests.reference.vivier import Rang, Rangs, Vivier

MOTIFS = (
    "foyer_residence",
    "defense",
    "securite_interieure",
    "sante",
    "vente",
    "demolition",
    "demolition",
    "habitat_inclusif",
    "habitat_inclusif",
    "plai_adapte",
    "gens_du_voyage",
    "art_109_elan",
)


def tirer_droits(vivier: Vivier, codes: list[str]) -> Rangs:
    """Rights: on dwellings, on none (a number in a place or nowhere), on dwellings RPLS does not know."""
    t = vivier.tirage
    lignes: Rangs = []
    for code in codes:
        for logement in t.sample(vivier.logements, max(1, int(len(vivier.logements) * t.choice((0.02, 0.1, 0.25))))):
            lignes.append({"code_reservataire": vivier.citer(code), **vivier.designer(logement), **_droit(vivier)})
        for _ in range(t.randint(0, 3)):
            sans: Rang = {"code_reservataire": vivier.citer(code), "ident_rep": None, "ident_interne": None}
            nature = vivier.parmi("ds", "contingent", "contingent", "du_parc", "du_premier_tour")
            combien = str(t.randint(1, 12))
            lignes.append(sans | _droit(vivier) | _lieu(vivier) | {"nature_droit": nature, "nombre_droits": combien})
    for inconnu in vivier.inconnus[:4]:
        for _ in range(t.randint(2, 3) if "inventaire" in vivier.traits else 1):
            nomme: Rang = {"code_reservataire": vivier.citer(t.choice(codes)), "ident_rep": inconnu}
            lignes.append(nomme | {"ident_interne": None} | _droit(vivier) | _lieu(vivier) | _description(vivier))
    t.shuffle(lignes)
    for numero, ligne in enumerate(lignes):
        ligne["numero_convention"] = f"CV-{numero:04d}"
    if "doubles" in vivier.traits:
        # A column that the contract does not name makes two rows different.
        for ligne in t.sample(lignes, min(len(lignes), 4)):
            lignes.append(ligne | {"observations_internes": "relance"})
    return lignes


def _droit(vivier: Vivier) -> Rang:
    annee = vivier.annee
    origine = vivier.parmi("garantie_emprunt", "garantie_emprunt", "subvention", "foncier", "peec", "etat", "autre", "")
    debuts = (date(annee - 20, 1, 1), date(annee + 2, 1, 1))
    fins = (date(annee - 2, 1, 1), date(annee + 30, 12, 31))
    emprunts = (date(annee - 9, 1, 1), date(annee + 10, 12, 31))
    bornes = [date(annee, 12, 31), date(annee + 1, 1, 1), date(annee + 1, 1, 2)]
    cinq_ans_avant = [borne.replace(year=borne.year - 5) for borne in bornes]
    return {
        "nature_droit": vivier.tirage.choices(("ds", "contingent", "du_parc", "du_premier_tour"), (60, 25, 10, 5))[0],
        "origine_droit": origine or None,
        "nombre_droits": vivier.parmi("", "", "1", "2") or None,
        "date_debut": vivier.rare(vivier.un_jour(*debuts, *bornes).isoformat(), 0.7),
        "date_fin": vivier.rare(vivier.un_jour(*fins, *bornes).isoformat(), 0.3),
        "date_fin_emprunt": vivier.rare(vivier.un_jour(*emprunts, *bornes, *cinq_ans_avant).isoformat(), 0.5),
    }


def _lieu(vivier: Vivier) -> Rang:
    ou = vivier.tirage.choice(vivier.communes)
    return {
        "departement": vivier.rare(ou["departement"], 0.5),
        "epci": vivier.rare(ou["epci"], 0.3),
        "commune": vivier.rare(ou["depcom"] if vivier.a("anciens_codes") else ou["commune"], 0.5),
    }


def _description(vivier: Vivier) -> Rang:
    return {
        "en_qpv": vivier.parmi("oui", "non", "") or None,
        "typologie": vivier.parmi("T1", "T2", "T3", "T4", "T5", "T6+", "") or None,
        "financement": vivier.parmi("PLAI", "PLUS", "PLS", "PLI", "") or None,
    }


def tirer_exclusions(vivier: Vivier) -> Rangs:
    """Dwellings out of flux: several motives for one, dates that start or end on the days that count."""
    t, annee = vivier.tirage, vivier.annee
    bornes = [
        date(annee + ecart, mois, jour) for ecart in (-1, 0, 1) for mois, jour in ((1, 1), (1, 2), (6, 30), (12, 31))
    ]
    lignes: Rangs = []
    for logement in t.sample(vivier.logements, len(vivier.logements) // 10):
        for motif in sorted(set(t.choices(MOTIFS, k=t.choice((1, 1, 2, 3))))):
            debut, fin = sorted((t.choice(bornes), t.choice(bornes)))
            dates = (vivier.rare(debut.isoformat(), 0.6), vivier.rare(fin.isoformat(), 0.4))
            lignes.append(_exclusion(vivier, logement, motif, *dates))
    if "exclu_entier" in vivier.traits:
        vide = t.choice(vivier.communes)["depcom"]
        for logement in vivier.logements:
            if logement["DEPCOM"] == vide:
                lignes.append(_exclusion(vivier, logement, "demolition", None, None))
    t.shuffle(lignes)
    return lignes


def _exclusion(vivier: Vivier, logement: Rang, motif: str, debut: str | None, fin: str | None) -> Rang:
    accord = vivier.rare(f"AP-{vivier.annee}-{vivier.tirage.randint(1, 99):02d}", 0.3)
    dates: Rang = {"motif_exclusion": motif, "date_debut": debut, "date_fin": fin, "accord_prefet": accord}
    return vivier.designer(logement) | dates
