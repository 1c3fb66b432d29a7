"""The SNE file of the example: the leases of the exercice, with the discrepancies that a reconciliation finds."""

from datetime import date, timedelta

from flows.exemple.droits import Ligne
from flows.exemple.parc import EXERCICE, lire_choix

CONTINGENTS_SNE = {
    "etat_fonctionnaires": "État fonctionnaires",
    "etat_prioritaires": "État prioritaires",
    "action_logement": "Employeurs",
    "employeur": "Employeurs",
    "commune": "Collectivités",
    "epci": "Collectivités",
    "departement": "Collectivités",
    "region": "Collectivités",
}
ECARTS = {
    "absent du SNE": (4, 31, 77),
    "autre contingent": (12, 58),
    "date à deux jours": (20, 66),
    "hors délai": (40, 90),
    "autre logement": (50,),
    "absent des baux": (15, 85),
}


def radiations(attributions: list[Ligne]) -> list[Ligne]:
    """Rows of the table `sne` for the leases of the exercice; the rows of `ECARTS`, by place, disagree with them."""
    types = {c["code_reservataire"]: c["type_reservataire"] for c in lire_choix("reservataires")}
    baux = sorted(
        (x for x in attributions if isinstance(x.get("date_signature_bail"), date) and _annee(x) == EXERCICE),
        key=lambda x: (str(x["date_signature_bail"]), str(x["id_decision"])),
    )
    lignes: list[Ligne] = []
    for place, bail in enumerate(baux):
        if place in ECARTS["absent du SNE"]:
            continue
        type_reservataire = types.get(str(bail["code_reservataire"]), "")
        contingent = CONTINGENTS_SNE.get(type_reservataire, "Autre") if type_reservataire else ""
        if place in ECARTS["autre contingent"]:
            contingent = "Employeurs" if contingent == "Collectivités" else "Collectivités"
        lignes.append(
            {
                "nud": bail["nud"],
                "ident_rep": baux[place + 1]["ident_rep"] if place in ECARTS["autre logement"] else bail["ident_rep"],
                "date_signature_bail": _signature(bail) + timedelta(days=_decalage(place)),
                "contingent": contingent,
                "deja_locataire": bail["categorie"] != "droit_commun",
                "dalo": bool(bail["dalo"]),
            }
        )
        if place in ECARTS["absent des baux"]:
            lignes.append(lignes[-1] | {"nud": f"FICTIF{900_000_000_000 + place}", "dalo": False})
    return lignes


def _signature(ligne: Ligne) -> date:
    signature = ligne["date_signature_bail"]
    if not isinstance(signature, date):
        raise TypeError("attribution sans bail")
    return signature


def _annee(ligne: Ligne) -> int:
    return _signature(ligne).year


def _decalage(place: int) -> int:
    if place in ECARTS["hors délai"]:
        return 25
    return 2 if place in ECARTS["date à deux jours"] else 0
