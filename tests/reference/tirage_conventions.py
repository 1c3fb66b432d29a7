"""Draw of the conventions: types, rates, rotations, events, roundings, territories side by side and eras in a row."""

from datetime import date, timedelta

from tests.reference.vivier import Rang, Rangs, Vivier

TYPES = (
    "etat_prioritaires",
    "etat_fonctionnaires",
    "commune",
    "epci",
    "departement",
    "region",
    "caf_msa",
    "employeur",
    "defense",
    "securite_interieure",
    "sante",
    "autre",
)
OPTIONS = (
    "exclure_habitat_inclusif",
    "exclure_plai_adapte",
    "exclure_gens_du_voyage",
    "exclure_art_109_elan",
    "partenariat_dans_flux",
    "prolongation_garantie",
)
BASES = ("liberations_territoire", "liberations_bailleur", "rpls_territoire", "rpls_bailleur", "fixe")
EVENEMENTS = ("mise_a_disposition", "attribution", "bail", "bail_ou_refus", "bail_ou_refus")
ARRONDIS = ("aucun", "unite_demi_superieur", "unite_inferieur", "decimale_1", "decimale_2")


def tirer_reservataires(vivier: Vivier, nombre: int, territoires: int | None) -> Rangs:
    """Conventions of `nombre` codes; the first code has `territoires` of them when given."""
    types = [*vivier.tirage.sample(TYPES, len(TYPES))]
    types.insert(0, "action_logement")
    lignes: Rangs = []
    for numero in range(nombre):
        combien = territoires if territoires and numero == 0 else 1
        if vivier.a("territoires", 0.5):
            combien = max(combien, vivier.tirage.randint(2, 4))
        lignes += _code(vivier, numero, types[numero % len(types)], combien)
    vivier.tirage.shuffle(lignes)
    return lignes


def _code(vivier: Vivier, numero: int, type_reservataire: str, combien: int) -> Rangs:
    code = f"{type_reservataire[:4].upper()}_{numero:02d}"
    libelle = f"Réservataire n° {numero} ({type_reservataire}), d'été"
    noms = [f"Guichet {code.lower()}", f"L'Ami n° {numero}"]
    vivier.noms = {**vivier.noms, code: [libelle, *noms, libelle.upper(), noms[1].replace("'", " ").lower()]}
    commun: Rang = {
        "code_reservataire": code,
        "libelle": libelle,
        "autres_noms": ", ".join(noms) if "noms" in vivier.traits else None,
        "type_reservataire": type_reservataire,
        "siren": vivier.rare("130005481", 0.3),
    }
    connus: set[tuple[str | None, str | None]] = set()
    lignes: Rangs = []
    while len(connus) < combien:
        naturelle = type_reservataire if type_reservataire in ("commune", "epci", "departement") and not connus else ""
        echelle = naturelle or vivier.echelle("bailleur", "departement", "epci", "ept", "commune", "commune")
        territoire = vivier.territoire(echelle, ailleurs=vivier.parfois(0.05))
        present = next((c["commune"] for c in vivier.communes if c["depcom"] == territoire), territoire)
        if (echelle, present) in connus:
            continue
        connus.add((echelle, present))
        for debut, fin in _epoques(vivier):
            lignes.append(commun | {"echelle": echelle, "code_territoire": territoire} | _clauses(vivier, debut, fin))
    return lignes


def _epoques(vivier: Vivier) -> list[tuple[date | None, date | None]]:
    annee = vivier.annee
    if not vivier.a("epoques", 0.7):
        debut = date(int(vivier.parmi(str(annee - 1), str(annee - 1), str(annee))), 1, 1)
        return [(debut, date(annee + 1, 12, 31) if vivier.parfois(0.8) else None)]
    bornes = [date(annee + ecart, mois, 1) for ecart in (-1, 0, 1) for mois in (1, 4, 7, 10)]
    coupes = sorted(vivier.tirage.sample(bornes, vivier.tirage.randint(1, 3)))
    epoques: list[tuple[date | None, date | None]] = []
    for rang, debut in enumerate(coupes):
        suivante = coupes[rang + 1] if rang + 1 < len(coupes) else date(annee + 1, 12, 31)
        fin = suivante + timedelta(days=vivier.tirage.choice((-1, -1, -1, -60, -75, 30, 0)))
        blanche = rang == len(coupes) - 1 and vivier.parfois(0.4)
        epoques.append((None if not rang and vivier.parfois(0.3) else debut, None if blanche else max(fin, debut)))
    return epoques


def _clauses(vivier: Vivier, debut: date | None, fin: date | None) -> Rang:
    base, mode = vivier.parmi(*BASES), vivier.parmi("imprime", "droits_sur_parc", "droits_sur_parc_soumis")
    au_hasard = f"{vivier.tirage.randint(100, 3000) / 100:.2f}"
    return {
        "date_debut": debut.isoformat() if debut else None,
        "date_fin": fin.isoformat() if fin else None,
        "base_rotation": base,
        "taux_rotation_pct": vivier.parmi("7.40", "6", "4.8", "10.125") if base == "fixe" else None,
        "mode_taux": mode,
        "taux_pct": vivier.parmi("30", "13.55", "4", "18.48", "5", "20", "28.63", au_hasard)
        if mode == "imprime" or vivier.parfois(0.2)
        else None,
        "taux_retrocession_pct": vivier.rare(vivier.parmi("1.37", "1.37", "50"), 0.2),
        "taux_recu_pct": vivier.rare("1.37", 0.2),
        "evenement_decompte": vivier.parmi(*EVENEMENTS),
        "arrondi_etapes": vivier.parmi("aucun", "unite", "") or None,
        "arrondi_final": vivier.parmi(*ARRONDIS),
        "report_n1": vivier.parmi("oui", "oui", "non", "") or None,
        "date_edl": vivier.rare("30/11", 0.5),
        "date_bilan": vivier.rare("28/02", 0.5),
        "options": ", ".join(vivier.tirage.sample(OPTIONS, vivier.tirage.choice((0, 0, 1, 1, 2)))) or None,
    }
