"""The codes of the réservataires name folders and files: which ones cannot."""

from collections.abc import Sequence

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.contrat.nommage import REMEDE, faute_du_code


def verifier_codes(entetes: Sequence[tuple[str, str]]) -> None:
    """Raises ArretBloquant when a code (with its folder) cannot name a file on every system, or names another's."""
    anomalies, vus = [], set[str]()
    for code, dossier in entetes:
        if faute := faute_du_code(code) or faute_du_code(dossier):
            anomalies.append(_refus_code(code, faute, REMEDE))
        elif code.casefold() in vus:
            anomalies.append(_refus_code(code, "ne diffère d'un autre que par ses majuscules", "bien distinct"))
        vus.add(code.casefold())
    if anomalies:
        raise ArretBloquant(anomalies)


def _refus_code(code: str, faute: str, remede: str) -> Anomalie:
    return Anomalie(
        gravite=Gravite.BLOQUANT,
        code="code_reservataire_interdit",
        message=f"Le code de réservataire « {code} » {faute}.",
        correction=f"Donnez-lui un code {remede}.",
        colonne="code_reservataire",
        valeur=code,
    )
