"""Lines a…j of the annexe, `report` and `objectif`: exact fractions throughout.

Contract, « Rounding »: « `arrondi_etapes=unite`: e, h (each to the unit, half up), j by `arrondi_final`. Otherwise
exact throughout, j by `arrondi_final`. » « line a, c and the parc are those of the union, each dwelling once, in the
convention of the finest scale; amounts e to j add up; d = e ÷ c, i = j ÷ h ».

Choices:
 A1. `valeur` and `valeur_exacte` add up apart; d and i of several territories are quotients of the added `valeur`.
 A2. h is brought to 0 before it is rounded, in `valeur_exacte` too; i likewise.
 A3. A line that one of the conventions lacks is « non fourni » for the code.
 A4. The six decimals of `valeur` are a matter of printing: the next line uses the exact number.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import floor

from tests.reference.conventions import ZERO, Convention, Conventions, Valeur, tranches
from tests.reference.droits import droits_en_cours
from tests.reference.exclusions import Exclusions
from tests.reference.geographie import Perimetre
from tests.reference.lecture import Ligne, Tables
from tests.reference.logements import Logement, Registre
from tests.reference.rotation import Rotation, rapport
from tests.reference.soustractions import AUTRES, Soustractions

CENT = Fraction(100)
Lignes = dict[str, tuple[Valeur, Valeur]]


def arrondir(valeur: Fraction, regle: str) -> Fraction:
    """A positive number rounded by a rule of `arrondi_final`."""
    pas = {"unite_demi_superieur": 1, "decimale_1": 10, "decimale_2": 100}
    if regle == "unite_inferieur":
        return Fraction(floor(valeur))
    if regle in pas:
        return Fraction(floor(valeur * pas[regle] + Fraction(1, 2)), pas[regle])
    return valeur


class Annexe:
    """Computes the lines of N+1 of any code of a campaign.

    Args:
        tables: prepared rows.
        registre, exclusions, rotation: the dwellings, their motives, the rates.
        annee: the exercice N (the lines are those of N+1).
    """

    def __init__(
        self, tables: Tables, registre: Registre, exclusions: Exclusions, rotation: Rotation, annee: int
    ) -> None:
        self.registre, self.exclusions, self.rotation, self.annee = registre, exclusions, rotation, annee
        self.millesime = annee + 1 if annee + 1 in registre.millesimes else annee
        self.au = date(annee + 1, 1, 1)
        self.parc = registre.parc(self.millesime)
        self.soustractions = Soustractions(tables, annee + 1, self.parc)

    def lignes(self, conventions: Conventions, droits: Sequence[Ligne] | None) -> Lignes:
        """Lines of a code: ligne → (valeur, valeur_exacte), None = non fourni; d and i in percent.

        Args:
            conventions: those of the code.
            droits: its rights; None without the table.
        """
        en_vigueur = conventions.a_calculer(self.au)
        parts = tranches(en_vigueur, self.parc)
        lignes_c = {convention: len(self._soumis(convention, parc)) for convention, parc in parts.items()}
        en_cours: Mapping[Convention, Valeur] = dict.fromkeys(parts)
        if droits is not None:
            tenus = {logement.cle: convention for convention, parc in parts.items() for logement in parc}
            en_cours = droits_en_cours(droits, tenus, lignes_c, self.registre, self.au)
        avant = tranches(en_vigueur, self.registre.parc(self.annee))
        return sommer(
            [
                self._echelle(convention, parc, avant[convention], en_cours[convention])
                for convention, parc in parts.items()
            ]
        )

    def sans_part(self, perimetre: Perimetre) -> Lignes:
        """Lines a…h of the whole bailleur or of an EPCI, without options."""
        convention = Convention(perimetre)
        parc = tranches([convention], self.parc)[convention]
        avant = tranches([convention], self.registre.parc(self.annee))[convention]
        lignes = self._echelle(convention, parc, avant, None)
        return {ligne: valeurs for ligne, valeurs in lignes.items() if ligne not in ("i", "j")}

    def _soumis(self, convention: Convention, parc: Sequence[Logement]) -> set[str]:
        motifs = self.exclusions.motifs(self.millesime, self.au, convention.options)
        return {logement.cle for logement in parc if motifs[logement.cle] is None}

    def _echelle(
        self, convention: Convention, parc: Sequence[Logement], avant: Sequence[Logement], droits: Valeur
    ) -> Lignes:
        motifs = self.exclusions.motifs(self.millesime, self.au, convention.options)
        b: dict[str, Fraction] = {}
        for logement in parc:
            motif = motifs[logement.cle]
            if motif is not None:
                b[f"b.{motif}"] = b.get(f"b.{motif}", ZERO) + 1
        a = Fraction(len(parc))
        c = a - sum(b.values(), ZERO)
        d = self.rotation.taux(convention, avant, parc)
        e_exact = None if d is None else c * d
        par_etape = "unite_demi_superieur" if convention.arrondi_etapes == "unite" else "aucun"
        e = None if e_exact is None else arrondir(e_exact, par_etape)
        sommes = self.soustractions.sur({logement.cle for logement in parc}, self._soumis(convention, self.parc))
        g = sommes.pop(AUTRES, ZERO)
        fournies = self.soustractions.fournies
        f = sum(sommes.values(), ZERO) if fournies else None
        h_exact = None if e is None or f is None else max(ZERO, e - f - g)
        h = None if h_exact is None else arrondir(h_exact, par_etape)
        i = _part(convention, droits, a, c)
        j_exact = None if h is None or i is None else h * i
        j = None if j_exact is None else arrondir(j_exact, convention.arrondi_final)
        lignes: Lignes = {"a": (a, a), "b": (a - c, a - c), "c": (c, c), "e": (e, e_exact), "f": (f, f), "g": (g, g)}
        lignes |= {ligne: (valeur, valeur) for ligne, valeur in b.items()}
        lignes |= {f"f.{categorie}": (valeur, valeur) for categorie, valeur in sommes.items()}
        lignes |= {"h": (h, h_exact), "j": (j, j_exact)}
        for ligne, taux in (("d", d), ("i", i)):
            pourcent = None if taux is None else taux * CENT
            lignes[ligne] = (pourcent, pourcent)
        return lignes


def _part(convention: Convention, droits: Valeur, a: Fraction, c: Fraction) -> Valeur:
    if convention.mode_taux in ("droits_sur_parc", "droits_sur_parc_soumis"):
        brut = None if droits is None else rapport(droits, a if convention.mode_taux == "droits_sur_parc" else c)
    else:
        brut = None if convention.taux_imprime is None else convention.taux_imprime / CENT
    return None if brut is None else max(ZERO, brut - convention.retrocession / CENT)


def sommer(conventions: Sequence[Lignes]) -> Lignes:
    """Lines of a code over its territories."""
    if len(conventions) == 1:
        return conventions[0]
    total: Lignes = {}
    for ligne in {ligne for lignes in conventions for ligne in lignes} - {"d", "i"}:
        couples = [lignes.get(ligne, (ZERO, ZERO)) for lignes in conventions]
        total[ligne] = (_somme([couple[0] for couple in couples]), _somme([couple[1] for couple in couples]))
    for ligne, haut, bas in (("d", "e", "c"), ("i", "j", "h")):
        numerateur, denominateur = total[haut][0], total[bas][0]
        taux = None
        if numerateur is not None and denominateur is not None:
            taux = rapport(numerateur, denominateur) * CENT
        total[ligne] = (taux, taux)
    return total


def _somme(valeurs: Sequence[Valeur]) -> Valeur:
    connues = [valeur for valeur in valeurs if valeur is not None]
    return sum(connues, ZERO) if len(connues) == len(valeurs) else None
