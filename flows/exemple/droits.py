"""Which dwellings carry a right or are out of the flux, and which leave the parc."""

from datetime import date, timedelta

from flows.exemple.hasard import Hasard
from flows.exemple.parc import EXERCICE, Logement, lire_choix

Ligne = dict[str, object]

# RPLS code CONTRESLOG of a running right, by type of réservataire.
CONTINGENTS = {
    "etat_fonctionnaires": "1",
    "etat_prioritaires": "2",
    "action_logement": "3",
    "employeur": "3",
    "commune": "4",
    "epci": "4",
    "departement": "4",
    "region": "4",
}
AUTRE_CONTINGENT = "6"
# What inventories write for a FINAN code.
FINANCEMENTS = {
    "10": "PLAI",
    "11": "PLATS",
    "12": "PLA",
    "13": "PLUS",
    "14": "PLS",
    "16": "PLI",
    "17": "PCL",
    "49": "Autre",
    "51": "PLR",
    "52": "HLM",
    "55": "PLS",
    "99": "Autre",
}
TYPECONST = {"I": "Individuel", "C": "Collectif", "E": "Collectif"}
LIBDEP = {"2A": "CORSE-DU-SUD", "2B": "HAUTE-CORSE", "976": "MAYOTTE"}


def choisir_exclusions(parc: list[Logement], hasard: Hasard) -> tuple[list[Ligne], dict[Logement, str]]:
    """Rows of the table `exclusions`, and the running motive of each dwelling, by the plan of `exclusions.csv`.

    The first dwelling to be demolished is in a sale plan as well: two motives for one dwelling.
    Dwellings of Borgo are for sale in RPLS only (MISCOMMERCIAL).
    """
    lignes: list[Ligne] = []
    motifs: dict[Logement, str] = {}
    for plan in lire_choix("exclusions"):
        libres = [x for x in parc if x.commune == plan["code_commune"] and _est_ancien(x) and x not in motifs]
        for logement in hasard.tirage(libres, int(plan["nb_logements"])):
            motifs[logement] = plan["motif_exclusion"]
            lignes.append(_exclusion(logement, plan))
    premier = next(x for x, motif in motifs.items() if motif == "demolition")
    lignes.append(_exclusion(premier, {"motif_exclusion": "vente", "date_debut": "2023-01-01"}))
    for logement in hasard.tirage([x for x in parc if x.commune == "2B042" and _est_ancien(x)], 8):
        logement.vente = date(EXERCICE - 1, 4, 1)
    return lignes, motifs


def _exclusion(logement: Logement, plan: dict[str, str]) -> Ligne:
    return {
        "ident_interne": logement.ident_interne,
        "motif_exclusion": plan["motif_exclusion"],
        "date_debut": jour(plan.get("date_debut", "")),
        "date_fin": jour(plan.get("date_fin", "")),
        "accord_prefet": plan.get("accord_prefet", ""),
    }


def choisir_droits(parc: list[Logement], exclus: dict[Logement, str], hasard: Hasard) -> list[Ligne]:
    """Rows of the table `droits`, one right at most by dwelling, by the plan of `droits.csv`.

    The communes are written by their name, the other réservataires by their code: inventories do both.
    Sets the RPLS contingent of each dwelling that carries a right running on 1 January of the exercice.
    """
    conventions = {c["code_reservataire"]: c for c in lire_choix("reservataires")}
    lignes: list[Ligne] = []
    pris: set[Logement] = set(exclus)
    for plan in lire_choix("droits"):
        convention = conventions[plan["code_reservataire"]]
        par_nom = convention["type_reservataire"] == "commune"
        nom = convention["libelle"] if par_nom else plan["code_reservataire"]
        libres = [x for x in parc if _convient(x, plan) and x not in pris]
        choisis = hasard.tirage(libres, int(plan["nb_logements"]))
        pris.update(choisis)
        if not choisis:
            lignes.append(_droit(nom, plan))
        for logement in sorted(choisis, key=lambda x: x.ident_rep):
            lignes.append(_droit(nom, plan, logement))
            if plan["date_debut"] <= f"{EXERCICE}-01-01" <= (plan["date_fin"] or "9999"):
                logement.contreslog = CONTINGENTS.get(convention["type_reservataire"], AUTRE_CONTINGENT)
    return lignes


def _convient(logement: Logement, plan: dict[str, str]) -> bool:
    return (
        _est_ancien(logement)
        and logement.commune == plan["code_commune"]
        and (plan["typeconst"] or logement.public["TYPECONST"]) == logement.public["TYPECONST"]
        and logement.public["FINAN"] != "16"
    )


def _est_ancien(logement: Logement) -> bool:
    return logement.entree <= EXERCICE and logement.mise_en_location < EXERCICE - 1 and logement.sortie is None


def _droit(nom: str, plan: dict[str, str], logement: Logement | None = None) -> Ligne:
    ligne: Ligne = {
        "code_reservataire": nom,
        "nature_droit": plan["nature_droit"],
        "origine_droit": plan["origine_droit"],
        "nombre_droits": int(plan["nombre_droits"]),
        "date_debut": jour(plan["date_debut"]),
        "date_fin": jour(plan["date_fin"]),
        "date_fin_emprunt": jour(plan["date_fin_emprunt"]),
        "numero_convention": plan["numero_convention"],
    }
    if logement is not None:
        public = logement.public
        ligne |= {
            "ident_interne": logement.ident_interne,
            "residence": logement.residence,
            "ident_rep": logement.ident_rep,
            "departement": LIBDEP[public["DEP"]],
            "epci": public["LIBEPCI"],
            "commune": public["LIBCOM"],
            "en_qpv": public["QPV"] == "1",
            "typologie": f"T{public['NBPIECE']}",
            "financement": FINANCEMENTS[public["FINAN"]],
            "collectif_individuel": TYPECONST[public["TYPECONST"]],
        }
    return ligne


def choisir_sorties(parc: list[Logement], motifs: dict[Logement, str], droits: list[Ligne], hasard: Hasard) -> None:
    """Marks the exits: rows of millésime 2025 that left in 2024, then sales, demolitions and others of the exercice.

    Two rights of Ajaccio are on dwellings sold, so that the inventory shows rights that end with their dwelling.
    """
    ordinaires = [x for x in parc if _est_ancien(x) and x not in motifs and x.contreslog == "7" and x.vente is None]
    partants = hasard.tirage(ordinaires, 11)
    for logement, code in zip(partants, "14151223225", strict=True):
        logement.sortie = (EXERCICE if logement in partants[:4] else EXERCICE + 1, code)
    avec_droit = {ligne.get("ident_rep") for ligne in droits if ligne["numero_convention"] == "FICTIF-AJA-02"}
    for logement in [x for x in parc if x.ident_rep in avec_droit][:2]:
        logement.sortie = (EXERCICE + 1, "1")
    demolis = [x for x, motif in motifs.items() if motif == "demolition" and x.commune == "2B033"]
    for logement in demolis[1:6]:
        logement.sortie = (EXERCICE + 1, "4")
    for logement in parc:
        if logement.sortie is not None:
            logement.departs.append(date(logement.sortie[0] - 1, 3, 31) - timedelta(days=logement.numero % 60))


def jour(iso: str) -> date | None:
    """A day from its ISO text; None when blank."""
    return date.fromisoformat(iso) if iso else None
