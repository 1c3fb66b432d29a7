"""Are the peers' figures those of the product? Lines of the annexe and measures by axis, cell by cell."""

from pathlib import Path

from benchmarks.donnees import ANNEE, lire_csv

TOLERANCE = 0.000002
AXES = {"total", "typologie", "financement", "qpv", "commune", "periode_construction"}
MESURES = {"mises_a_disposition", "attributions", "baux_signes"}


def ecarts_avec_le_produit(produit: Path, pair: Path) -> tuple[int, int]:
    """(figures compared, those that differ or that one of both does not give), zeros left out on both sides."""
    de_la_paire: dict[tuple[str, ...], float] = {}
    for ligne in lire_csv(pair / "flux.csv"):
        code = ligne["code_reservataire"]
        de_la_paire |= {(code, nom): float(ligne[nom]) for nom in "acdefhij"}
    for ligne in lire_csv(pair / "mesures.csv"):
        qui = (ligne["code_reservataire"], ligne["mesure"], ligne["dimension"], ligne["modalite"])
        de_la_paire[qui] = float(ligne["nombre"])
    du_produit: dict[tuple[str, ...], float] = {}
    for code in {qui[0] for qui in de_la_paire}:
        for ligne in lire_csv(produit / "bilan" / code / f"flux_{ANNEE + 1}_{code}.csv"):
            if ligne["ligne"] in set("acdefhij"):
                du_produit[(code, ligne["ligne"])] = _nombre(ligne["valeur"])
        for ligne in lire_csv(produit / "bilan" / code / f"bilan_{ANNEE}_{code}.csv"):
            if ligne["mesure"] in MESURES and ligne["dimension"] in AXES:
                qui = (code, ligne["mesure"], ligne["dimension"], ligne["modalite"])
                du_produit[qui] = _nombre(ligne["nombre"])
    toutes = {qui for chiffres in (de_la_paire, du_produit) for qui, valeur in chiffres.items() if valeur}
    ecarts = sum(abs(de_la_paire.get(q, 0.0) - du_produit.get(q, 0.0)) > TOLERANCE for q in toutes)
    return len(toutes), ecarts


def _nombre(texte: str) -> float:
    return float(texte.replace(",", ".")) if texte else 0.0
