"""The sheets that present each dwelling offered in the month: [002] annexe 2, [001] art. 5, [004] art. 6-1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows import requetes
from flows.chemins import GABARITS
from flows.entrepot.connexion import connecter
from flows.livrables import contenu
from flows.livrables.gabarits import lire_gabarits
from flows.livrables.page import ecrire_page

GABARIT = "avis.html.j2"


@dataclass(frozen=True, slots=True)
class Avis:
    """One batch: the month's offers to one réservataire, ready for the page template."""

    titre: str
    sous_titre: str
    sujet: str
    bandeaux: Sequence[str]
    contact: str
    fiches: Sequence[Mapping[str, Any]]


def ecrire_avis(entrepot: Path, chantier: Path, codes: Sequence[str], gabarits: Path = GABARITS) -> list[Path]:
    """Writes `bilan/<dossier>/avis_<aaaa-mm>_<code>.html` for those of `codes` who were offered a dwelling that month.

    The month is that of the last day counted (31 December, or `--au`): a sheet serves while its offer runs.
    """
    lus = lire_gabarits(gabarits)
    with connecter(entrepot, lecture_seule=True) as con:
        fiches = requetes.lignes(
            con,
            "select fiches.*, entetes.libelle, entetes.dossier, entetes.date_arrete "
            "from bilan.fiches_logement as fiches inner join bilan.entetes using (code_reservataire) "
            "where list_contains(?, code_reservataire) "
            "order by code_reservataire, date_mise_a_disposition, libelle_commune, id_logement, id_offre",
            [list(codes)],
        )
        commun = contenu.contexte_commun(con, lus)
    contact = ", ".join(filter(None, (lus.theme.contact.get(n) for n in ("service", "courriel", "telephone"))))
    ecrits = []
    for code in codes:
        siennes = [fiche for fiche in fiches if fiche["code_reservataire"] == code]
        if not siennes:
            continue
        mois, libelle = siennes[0]["date_arrete"].strftime("%Y-%m"), siennes[0]["libelle"]
        avis = Avis(
            titre=f"Logements mis à disposition, {mois[5:]}/{mois[:4]}",
            sous_titre=libelle,
            sujet=f"Fiches de présentation, {commun['exercice_raison_sociale'] or 'le bailleur'}",
            bandeaux=contenu.bandeaux(lus, commun),
            contact=contact,
            fiches=siennes,
        )
        dossier = chantier / "bilan" / siennes[0]["dossier"]
        dossier.mkdir(parents=True, exist_ok=True)
        ecrits.append(ecrire_page(avis, lus.theme, GABARIT, dossier / f"avis_{mois}_{code}.html", gabarits))
    return ecrits
