"""Fictitious households examined by the commission, and what becomes of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from flows.exemple.droits import Ligne
from flows.exemple.hasard import Hasard
from flows.exemple.parc import EXERCICE, Logement

MOTIFS_COMMISSION = {
    "non_attribution": ("Taux d'effort excessif", "Composition familiale inadaptée au logement", "Dossier incomplet"),
    "irrecevabilite": ("Ressources supérieures au plafond", "Séjour non régulier d'un membre du ménage"),
}
MOTIFS_REFUS = (
    "Localisation",
    "Logement trop petit",
    "Loyer ou charges trop élevés",
    "Environnement du logement",
    "Étage, absence d'ascenseur",
    "Changement de situation du ménage",
)
MOTIFS_PRIORITE = (
    "Hébergement ou dépourvu de logement",
    "Violences conjugales",
    "Handicap",
    "Sortie de structure d'insertion",
    "Mal logement",
)
MOTIFS_MUTATION = (
    "Sous-occupation",
    "Sur-occupation",
    "Handicap ou perte d'autonomie",
    "Rapprochement de l'emploi",
    "Violences conjugales",
    "Baisse de ressources",
)
# Fictitious employers: SIRET, name, sector, headcount. Some are too small for the exchange with Action Logement.
EMPLOYEURS = (
    ("99900011000018", "ENTREPRISE FICTIVE 01", "privé non agricole", 250),
    ("99900012800010", "ENTREPRISE FICTIVE 02", "privé non agricole", 45),
    ("99900013600013", "ENTREPRISE FICTIVE 03", "privé non agricole", 8),
    ("99900014400017", "DOMAINE FICTIF 04", "agricole", 80),
    ("99900015100012", "DOMAINE FICTIF 05", "agricole", 20),
    ("99900016900014", "SERVICE PUBLIC FICTIF 06", "public", 300),
    ("99900017700017", "ENTREPRISE FICTIVE 07", "privé non agricole", 120),
)


@dataclass(frozen=True)
class Seance:
    """What one commission meeting looks at: one dwelling, for one réservataire or none."""

    logement: Logement
    jour: date
    disponible: date
    categorie: str = "droit_commun"
    code_reservataire: str = ""
    type_reservataire: str = ""
    id_proposition: str = ""
    designataire: str = "bailleur"
    premiere_location: bool = False


def examiner(seance: Seance, nombre: int, rang_depart: int, hasard: Hasard) -> tuple[list[Ligne], date | None]:
    """Rows of `attributions` for `nombre` candidates of one meeting, and the day of the lease when one accepts.

    `rang_depart` numbers the candidates (decision, household). A relogement or a mutation has one, who accepts.
    """
    est_droit_commun = seance.categorie == "droit_commun"
    decisions = [_decision(nombre, est_droit_commun, hasard) for _ in range(nombre)]
    retenus = [i for i, decision in enumerate(decisions) if decision.startswith("attribution")]
    lignes: list[Ligne] = []
    bail: date | None = None
    for i, decision in enumerate(decisions):
        ligne = _candidat(seance, rang_depart + i, decision, hasard)
        if i in retenus:
            ligne["rang"] = retenus.index(i) + 1
            if bail is None:
                reponse = "accepte"
                if est_droit_commun and not seance.premiere_location:
                    reponse = hasard.pondere(("accepte", "refuse", "sans_reponse"), (70, 22, 8))
                ligne["reponse_candidat"] = reponse
                if reponse == "refuse":
                    ligne["motif_refus"] = hasard.choix(MOTIFS_REFUS)
                elif reponse == "accepte":
                    apres = max(seance.jour + timedelta(days=5), seance.disponible + timedelta(days=1))
                    bail = apres + timedelta(days=hasard.entier(0, 18))
                    ligne["date_signature_bail"] = bail
        lignes.append(ligne)
    return lignes, bail


def _decision(nombre: int, est_droit_commun: bool, hasard: Hasard) -> str:
    if not est_droit_commun:
        return "attribution"
    positive = "attribution_rang" if nombre > 1 else "attribution"
    choix = (positive, "attribution_condition", "non_attribution", "irrecevabilite")
    return hasard.pondere(choix, (80, 6, 10, 4))


def _candidat(seance: Seance, numero: int, decision: str, hasard: Hasard) -> Ligne:
    """Everything about one candidate that does not depend on the others. Nobody of this name exists."""
    est_prioritaire = hasard.chance(75 if seance.type_reservataire == "etat_prioritaires" else 28)
    est_dalo = est_prioritaire and hasard.chance(25)
    est_renseigne = not hasard.chance(4)
    ligne: Ligne = {
        "id_decision": f"D{EXERCICE}-{numero:04}",
        "id_proposition": seance.id_proposition,
        "ident_rep": seance.logement.ident_rep,
        "ident_interne": seance.logement.ident_interne,
        "code_reservataire": seance.code_reservataire,
        "nud": f"FICTIF{numero:012}",
        "date_caleol": seance.jour,
        "decision": decision,
        "motif_decision": hasard.choix(MOTIFS_COMMISSION[decision]) if decision in MOTIFS_COMMISSION else "",
        "categorie": seance.categorie,
        "motif_mutation": hasard.choix(MOTIFS_MUTATION) if seance.categorie == "mutation_interne" else "",
        "designataire": seance.designataire,
        "dalo": est_dalo if est_renseigne else None,
        "prioritaire": est_prioritaire if est_renseigne else None,
        "motif_priorite": hasard.choix(MOTIFS_PRIORITE) if est_prioritaire and est_renseigne else "",
        "quartile_1": hasard.chance(34),
        "nom": f"FICTIF-{numero:04}",
        "prenom": f"Prénom-{numero:04}",
        "date_naissance": hasard.jour(date(1948, 1, 1), date(2004, 12, 31)),
        "mail": f"fictif.{numero:04}@exemple.invalid",
    }
    if seance.type_reservataire in ("action_logement", "employeur") or hasard.chance(45):
        siret, raison_sociale, secteur, effectif = hasard.choix(EMPLOYEURS)
        ligne |= {
            "qualite": "salarié",
            "siret_employeur": siret,
            "raison_sociale": raison_sociale,
            "secteur_employeur": secteur,
            "effectif_employeur": effectif,
            "consentement_entreprise": hasard.chance(60),
        }
    return ligne
