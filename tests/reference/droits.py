"""Line i: the printed part, or running rights over line a or c.

Contract, « Part i »: « Running rights at the date: Σ nombre_droits of natures ds and contingent on dwellings of the
perimeter, started (date_debut blank or ≤ date) and not ended: date_fin if given, else for a loan guarantee (also when
origine_droit is blank and date_fin_emprunt is given) date_fin_emprunt + 5 years when the holder is a commune, an EPCI
or an EPT or its convention has the option prolongation_garantie, and date_fin_emprunt itself for any other holder, else
without end. A right without a dwelling counts once for its code: on the convention whose territory its description
names, else shared pro rata of line c between the conventions of the code. » « The holder and options of a right are
those of the convention it counts on. »

Choices:
 D1. A right runs on its last day; 29 February + 5 years is 28 February.
 D2. « the convention whose territory its description names »: the finest whose territory holds the place described; the
     whole bailleur is a territory that any described place is in. A blank description, or one that no territory holds,
     is shared.
 D3. A shared right is judged for each convention with that convention's holder and options.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from tests.reference.conventions import Convention
from tests.reference.geographie import Lieu
from tests.reference.lecture import Ligne, jour, nombre, texte
from tests.reference.logements import Registre, lieu_du_droit
from tests.reference.rotation import rapport

NATURES = ("ds", "contingent")


def dernier_jour(droit: Ligne, convention: Convention) -> date:
    """The last day of a right under a convention; date.max without end."""
    fin, emprunt = jour(droit, "date_fin"), jour(droit, "date_fin_emprunt")
    if fin is not None:
        return fin
    if emprunt is None or texte(droit, "origine_droit") not in ("garantie_emprunt", ""):
        return date.max
    if not convention.prolonge_les_garanties:
        return emprunt
    bissextile = (emprunt.month, emprunt.day) == (2, 29)
    return date(emprunt.year + 5, emprunt.month, 28 if bissextile else emprunt.day)


def est_en_cours(droit: Ligne, convention: Convention, au: date) -> bool:
    """True when a right has started and has not ended at a date."""
    return (jour(droit, "date_debut") or date.min) <= au <= dernier_jour(droit, convention)


def droits_en_cours(
    droits: Sequence[Ligne],
    tenus: Mapping[str, Convention],
    lignes_c: Mapping[Convention, int],
    registre: Registre,
    au: date,
) -> dict[Convention, Fraction]:
    """Number of running rights of a code on each of its conventions.

    Args:
        droits: the rights of the code.
        tenus: convention that holds each dwelling of the parc.
        lignes_c: line c of each convention, the finest first.
        registre: the dwellings.
        au: 1 January of the annexe.
    """
    totaux = dict.fromkeys(lignes_c, Fraction(0))
    for droit in droits:
        if texte(droit, "nature_droit") not in NATURES:
            continue
        declare = nombre(droit, "nombre_droits")
        combien = Fraction(1) if declare is None else declare
        cle = registre.cle(texte(droit, "ident_rep"), texte(droit, "ident_interne"))
        if cle is not None:
            parts = {tenus[cle]: Fraction(1)} if cle in tenus else {}
        else:
            parts = _parts_sans_logement(droit, lignes_c)
        for convention, part in parts.items():
            if est_en_cours(droit, convention, au):
                totaux[convention] += part * combien
    return totaux


def _parts_sans_logement(droit: Ligne, lignes_c: Mapping[Convention, int]) -> dict[Convention, Fraction]:
    lieu = lieu_du_droit(droit)
    if lieu != Lieu():
        for convention in lignes_c:
            if convention.perimetre.contient(lieu):
                return {convention: Fraction(1)}
    if len(lignes_c) == 1:
        return dict.fromkeys(lignes_c, Fraction(1))
    total = sum(lignes_c.values())
    return {convention: rapport(c, total) for convention, c in lignes_c.items()}
