"""Draws of a campaign: dwellings of two millésimes, conventions, rights and exclusions."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

Rang = dict[str, str | None]
Rangs = list[Rang]

TYPES = (
    "etat_prioritaires",
    "etat_fonctionnaires",
    "action_logement",
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
)
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


@dataclass
class Vivier:
    """What the draws share: the source of chance, the year, the communes, the dwellings to choose from."""

    tirage: random.Random
    annee: int
    communes: list[dict[str, str]]
    logements: list[Rang] = field(default_factory=list)
    inconnus: list[str] = field(default_factory=list)

    def parfois(self, probabilite: float) -> bool:
        """True with a probability."""
        return self.tirage.random() < probabilite

    def parmi(self, *choix: str) -> str:
        """One of the values, all as likely."""
        return self.tirage.choice(choix)

    def un_jour(self, premier: date, dernier: date, *remarquables: date) -> date:
        """A day between two; now and then a bound or another day that a rule turns on."""
        if self.parfois(0.12):
            return self.tirage.choice((premier, dernier, *remarquables))
        return premier + timedelta(days=self.tirage.randint(0, (dernier - premier).days))

    def designer(self, logement: Rang | None = None) -> Rang:
        """Identifiers of a dwelling as an event gives them: one of them or both; now and then an unknown dwelling."""
        if logement is None and self.inconnus and self.parfois(0.03):
            return {"ident_rep": self.tirage.choice(self.inconnus), "ident_interne": None}
        choisi = logement or self.tirage.choice(self.logements)
        rep, interne = choisi["IDENT_REP"], choisi["IDENT_INT"]
        if rep and interne and self.parfois(0.6):
            return (
                {"ident_rep": rep, "ident_interne": None}
                if self.parfois(0.7)
                else {"ident_rep": None, "ident_interne": interne}
            )
        return {"ident_rep": rep, "ident_interne": interne}

    def territoire(self, echelle: str) -> str | None:
        """A code of the campaign at a scale."""
        return None if echelle == "bailleur" else self.tirage.choice(self.communes)[echelle]


def tirer_parc(vivier: Vivier, nombre: int) -> Rangs:
    """Rows of millésimes N and N+1: entries, exits, blanks, sentinels, dwellings without IDENT_REP or IDENT_INT."""
    categorie = vivier.parmi("211", "131", "251", "259")
    lignes: Rangs = []
    for numero in range(nombre):
        logement = _logement(vivier, numero, categorie)
        vivier.logements.append(logement)
        avant, apres = logement, _un_an_apres(vivier, logement)
        sort = vivier.tirage.random()
        if sort < 0.04:
            avant = {}
        elif sort < 0.07:
            apres = {}
        elif sort < 0.11:
            apres["SORTIEPATRIM"] = vivier.parmi("1", "2", "3", "4", "5")
        elif sort < 0.13:
            avant["SORTIEPATRIM"] = vivier.parmi("1", "2", "3", "4", "5")
            apres = {}
        for millesime, ligne in ((vivier.annee, avant), (vivier.annee + 1, apres)):
            if ligne:
                lignes.append({"millesime": str(millesime), **ligne})
    vivier.inconnus = [f"{9_900_000_000 + graine}" for graine in vivier.tirage.sample(range(1000), 6)]
    vivier.tirage.shuffle(lignes)
    return lignes


def _logement(vivier: Vivier, numero: int, categorie: str) -> Rang:
    t, annee = vivier.tirage, vivier.annee
    commune = t.choice(vivier.communes)
    construit = t.randint(1920, annee - 1)
    en_location = (
        t.choice((annee - 1, annee, annee + 1)) if vivier.parfois(0.06) else max(construit, annee - t.randint(2, 70))
    )
    mode = t.choices(("1", "2", "3", "4", "5", "9"), (80, 8, 5, 3, 2, 2))[0]
    sans_rep, sans_interne = vivier.parfois(0.05), vivier.parfois(0.08)
    return {
        "IDENT_REP": None if sans_rep else f"{37_273_000 + numero * 7:010d}",
        "IDENT_INT": None
        if sans_interne and not sans_rep
        else f"{numero:05d}"
        if vivier.parfois(0.5)
        else f"LOG-{numero:05d}",
        "DEPCOM": commune["depcom"],
        "CODEPOSTAL": commune["code_postal"],
        "LIBCOM": commune["libelle"],
        "QPV": t.choices(("1", "2", None), (30, 60, 10))[0],
        "TYPECONST": t.choices(("C", "I", "E"), (75, 22, 3))[0],
        "NBPIECE": t.choices(("1", "2", "3", "4", "5", "6", "7", "9", "0", None), (8, 18, 28, 20, 10, 4, 2, 1, 3, 3))[
            0
        ],
        "SURFHAB": str(t.randint(18, 120)),
        "CONSTRUCT": t.choices((str(construit), "9999", "0", None), (88, 4, 3, 5))[0],
        "LOCAT": t.choices((str(en_location), "9999", "0", None), (92, 1, 2, 5))[0],
        "FINAN": t.choices(
            (
                "10",
                "11",
                "12",
                "13",
                "14",
                "15",
                "16",
                "17",
                "49",
                "50",
                "51",
                "52",
                "53",
                "54",
                "55",
                "99",
                "0",
                "NC",
                None,
            ),
            (10, 4, 12, 20, 6, 2, 4, 2, 2, 3, 2, 3, 2, 2, 1, 2, 1, 2, 3),
        )[0],
        "CONV": t.choices(("1", "2", None), (80, 15, 5))[0],
        "SORTIEPATRIM": t.choices((None, "9"), (85, 15))[0],
        "MODE": mode,
        "BAIL": _bail(vivier, mode, annee - 1),
        "MISCOMMERCIAL": t.choices(("1", "2", None), (4, 80, 16))[0],
        "PMR": t.choices(("1", "2", "3", None), (50, 25, 15, 10))[0],
        "CAT_ORG": t.choices((categorie, None), (95, 5))[0],
        "EPCI": None if vivier.parfois(0.08) else commune["epci"],
        "LIBEPCI": commune["libelle_epci"],
    }


def _bail(vivier: Vivier, mode: str, derniere: int) -> str | None:
    if vivier.parfois(0.7 if mode != "1" else 0.05):
        return None
    if vivier.parfois(0.03):
        return "01/1900"
    return f"{vivier.tirage.randint(1, 12):02d}/{derniere - min(int(vivier.tirage.expovariate(0.2)), 40)}"


def _un_an_apres(vivier: Vivier, logement: Rang) -> Rang:
    apres = dict(logement)
    if vivier.parfois(0.3):
        apres["MODE"] = vivier.parmi("1", "1", "1", "2", "3")
        apres["BAIL"] = _bail(vivier, str(apres["MODE"]), vivier.annee)
    for colonne, valeurs in (("QPV", ("1", "2", "")), ("FINAN", ("13", "16", "")), ("MISCOMMERCIAL", ("1", "2", "2"))):
        if vivier.parfois(0.04):
            apres[colonne] = vivier.parmi(*valeurs) or None
    return apres


def tirer_reservataires(vivier: Vivier, nombre: int) -> Rangs:
    """Conventions of every type, mode, base, event and rounding; now and then one code with two territories."""
    t = vivier.tirage
    types = list(TYPES)
    t.shuffle(types)
    types.insert(0, "action_logement")
    lignes: Rangs = []
    for numero in range(nombre):
        type_reservataire = types[numero % len(types)]
        echelle = type_reservataire if type_reservataire in ("commune", "epci", "departement") else ""
        base = vivier.parmi(
            "liberations_territoire", "liberations_bailleur", "rpls_territoire", "rpls_bailleur", "fixe"
        )
        mode = vivier.parmi("imprime", "droits_sur_parc", "droits_sur_parc_soumis")
        ligne = _convention(vivier, echelle or vivier.parmi("bailleur", "departement", "epci", "commune"))
        ligne |= {
            "code_reservataire": f"{type_reservataire[:4].upper()}_{numero:02d}",
            "libelle": f"Réservataire n° {numero} ({type_reservataire}), d'été",
            "type_reservataire": type_reservataire,
            "base_rotation": base,
            "taux_rotation_pct": vivier.parmi("7.40", "6", "4.8", "10.125") if base == "fixe" else None,
            "mode_taux": mode,
            "taux_pct": _taux(vivier) if mode == "imprime" or vivier.parfois(0.2) else None,
            "taux_retrocession_pct": "1.37" if mode == "imprime" and vivier.parfois(0.25) else None,
            "evenement_decompte": vivier.parmi("mise_a_disposition", "attribution", "bail", "bail_ou_refus"),
            "options": ", ".join(t.sample(OPTIONS, t.choice((0, 0, 1, 1, 2)))) or None,
            "report_n1": vivier.parmi("oui", "non", "") or None,
        }
        lignes.append(ligne)
    if vivier.parfois(0.4):
        premiere = t.choice(lignes)
        echelle = vivier.parmi("departement", "epci", "commune")
        deuxieme = premiere | _convention(vivier, echelle)
        if (deuxieme["echelle"], deuxieme["code_territoire"]) != (premiere["echelle"], premiere["code_territoire"]):
            lignes.append(deuxieme)
    return lignes


def _taux(vivier: Vivier) -> str:
    return vivier.parmi(
        "30", "13.55", "4", "18.48", "5", "20", "28.63", f"{vivier.tirage.randint(100, 3000) / 100:.2f}"
    )


def _convention(vivier: Vivier, echelle: str) -> Rang:
    annee = vivier.annee
    return {
        "siren": "130005481" if vivier.parfois(0.3) else None,
        "echelle": echelle,
        "code_territoire": vivier.territoire(echelle),
        "date_debut": f"{vivier.parmi(str(annee - 1), str(annee - 1), str(annee))}-01-01",
        "date_fin": f"{annee + 1}-12-31" if vivier.parfois(0.8) else None,
        "arrondi_etapes": vivier.parmi("aucun", "unite", "") or None,
        "arrondi_final": vivier.parmi("aucun", "unite_demi_superieur", "unite_inferieur", "decimale_1", "decimale_2"),
        "date_edl": "30/11" if vivier.parfois(0.5) else None,
        "date_bilan": "28/02" if vivier.parfois(0.5) else None,
    }


def tirer_droits(vivier: Vivier, codes: list[str]) -> Rangs:
    """Rights: on dwellings, on none (a number in a commune or nowhere), on dwellings RPLS does not know."""
    t = vivier.tirage
    lignes: Rangs = []
    for code in codes:
        for logement in t.sample(vivier.logements, max(1, int(len(vivier.logements) * t.choice((0.02, 0.1, 0.25))))):
            lignes.append({"code_reservataire": code, **vivier.designer(logement), **_droit(vivier)})
        for _ in range(t.randint(0, 3)):
            ou = t.choice(vivier.communes)
            ligne: Rang = {"code_reservataire": code, "ident_rep": None, "ident_interne": None, **_droit(vivier)}
            ligne |= {
                "nature_droit": vivier.parmi("ds", "contingent", "du_parc", "du_premier_tour"),
                "nombre_droits": str(t.randint(1, 12)),
                "commune": ou["commune"] if vivier.parfois(0.5) else None,
                "epci": ou["epci"] if vivier.parfois(0.3) else None,
                "departement": ou["departement"] if vivier.parfois(0.5) else None,
            }
            lignes.append(ligne)
    for inconnu in vivier.inconnus[:4]:
        ou = t.choice(vivier.communes)
        lignes.append(
            {"code_reservataire": t.choice(codes), "ident_rep": inconnu, "ident_interne": None, **_droit(vivier)}
            | {
                "commune": ou["commune"],
                "epci": ou["epci"] if vivier.parfois(0.5) else None,
                "departement": ou["departement"],
                "en_qpv": vivier.parmi("oui", "non", "") or None,
                "typologie": vivier.parmi("T1", "T2", "T3", "T4", "T5", "T6+", "") or None,
                "financement": vivier.parmi("PLAI", "PLUS", "PLS", "PLI", "") or None,
            }
        )
    t.shuffle(lignes)
    for numero, ligne in enumerate(lignes):
        ligne["numero_convention"] = f"CV-{numero:04d}"
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
        "date_debut": vivier.un_jour(*debuts, *bornes).isoformat() if vivier.parfois(0.7) else None,
        "date_fin": vivier.un_jour(*fins, *bornes).isoformat() if vivier.parfois(0.3) else None,
        "date_fin_emprunt": vivier.un_jour(*emprunts, *cinq_ans_avant).isoformat() if vivier.parfois(0.5) else None,
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
            lignes.append(
                vivier.designer(logement)
                | {
                    "motif_exclusion": motif,
                    "date_debut": debut.isoformat() if vivier.parfois(0.6) else None,
                    "date_fin": fin.isoformat() if vivier.parfois(0.4) else None,
                    "accord_prefet": f"AP-{annee}-{t.randint(1, 99):02d}" if vivier.parfois(0.3) else None,
                }
            )
    t.shuffle(lignes)
    return lignes
