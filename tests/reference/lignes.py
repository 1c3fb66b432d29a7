"""Lines a…j of the annexe in the reference computation, exact fractions throughout.

Readings of the contract chosen here:
16. Without millésime N+1 the lines a, b, c, i are taken at 1/1/N on millésime N, and the rates rpls_* are None; so
    they are when no row of N+1 has a MODE (public files).
17. `liberations_*` with "none in N on the perimeter" looks at the dwellings of the rate's own base (the whole
    bailleur for liberations_bailleur); the years of the mean are those of N-2…N in which the file has any row,
    whatever its dwelling; the parc soumis is always the one at 1/1/N, and the releases of N stop at --au.
18. `rpls_*`: exits of N+1 left out; the numerator does not ask for MODE (the domain note does not); a LOCAT not
    filled is in neither; year(BAIL) is the last four digits.
19. A rate or a part of nothing (0 ÷ 0) is 0, as is the pro rata of an empty bailleur.
20. Rights end after their last day (date_fin ≥ date still runs), date_fin_emprunt + 5 years only for
    garantie_emprunt, 29 February + 5 years is 28 February; droits_sur_parc_soumis counts the rights on all the
    dwellings of the perimeter. A right without dwelling is contradicted by what its columns imply too (a commune has
    one EPCI and one département, an EPCI the départements of its communes).
21. f: a row without echelle is shared pro rata of line c (convention's options on both sides); a row of echelle
    bailleur is only for conventions of echelle bailleur, whatever code_territoire; several rows add up; a blank
    nombre is 0.
22. g has no input column: always 0. h is clipped at 0 before rounding, in valeur_exacte too.
23. valeur is exact (the six decimals are a matter of printing); d and i are never rounded.
24. One code, several conventions: a, b, c, e, f, g, h, j are summed (valeur and valeur_exacte apart), d = e ÷ c and i
    = j ÷ h on valeur. A line that one of the conventions lacks is None.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor

from tests.reference.evenements import Journal
from tests.reference.patrimoine import Ligne, Logement, Patrimoine, Perimetre, Tables, entier_rpls, jour, nombre, texte

CATEGORIES_SOUSTRAITES = (
    "mutation_interne",
    "relogement_anru",
    "relogement_orcod",
    "relogement_lhi",
    "relogement_vente",
)
Valeur = Fraction | None
Lignes = dict[str, tuple[Valeur, Valeur]]
ZERO = Fraction(0)
CENT = Fraction(100)


@dataclass(frozen=True)
class Convention:
    """What the lines need of a row of `reservataires`."""

    perimetre: Perimetre
    base_rotation: str = "liberations_territoire"
    taux_rotation: Valeur = None
    mode_taux: str = ""
    taux_imprime: Valeur = None
    arrondi_etapes: str = "aucun"
    arrondi_final: str = "aucun"
    options: frozenset[str] = field(default_factory=frozenset)
    droits: tuple[Ligne, ...] | None = ()


def arrondir(valeur: Fraction, regle: str) -> Fraction:
    """A positive number rounded by a rule of `arrondi_final`."""
    pas = {"unite_demi_superieur": 1, "decimale_1": 10, "decimale_2": 100}
    if regle == "unite_inferieur":
        return Fraction(floor(valeur))
    if regle in pas:
        return Fraction(floor(valeur * pas[regle] + Fraction(1, 2)), pas[regle])
    return valeur


def rapport(numerateur: Fraction, denominateur: Fraction) -> Fraction:
    """A quotient, 0 when there is nothing to divide by."""
    return numerateur / denominateur if denominateur else ZERO


def droit_en_cours(droit: Ligne, au: date) -> bool:
    """True when a right has started and has not ended at a date."""
    debut, fin = jour(droit, "date_debut"), jour(droit, "date_fin")
    emprunt = jour(droit, "date_fin_emprunt")
    if fin is None and emprunt is not None and texte(droit, "origine_droit") == "garantie_emprunt":
        dernier = 28 if (emprunt.month, emprunt.day) == (2, 29) else emprunt.day
        fin = date(emprunt.year + 5, emprunt.month, dernier)
    return (debut is None or debut <= au) and (fin is None or fin >= au)


class Annexe:
    """Computes the lines of any convention of a campaign.

    Args:
        tables: canonical rows, exact duplicates already removed.
        patrimoine: the dwellings.
        journal: the releases.
        annee: the exercice N (the lines are those of N+1).
    """

    def __init__(self, tables: Tables, patrimoine: Patrimoine, journal: Journal, annee: int) -> None:
        self.patrimoine, self.journal, self.annee = patrimoine, journal, annee
        self.previsions = tables.get("previsions")
        self.millesime = annee + 1 if annee + 1 in patrimoine.millesimes else annee

    def lignes(self, convention: Convention) -> Lignes:
        """Lines of one convention: ligne → (valeur, valeur_exacte), None = non fourni; d and i in percent."""
        perimetre, options = convention.perimetre, convention.options
        parc = self.patrimoine.parc(self.millesime, [perimetre])
        motifs = [self.patrimoine.motif_exclusion(logement, self.millesime, options) for logement in parc]
        a = Fraction(len(parc))
        b = {f"b.{motif}": Fraction(motifs.count(motif)) for motif in set(motifs) if motif is not None}
        c = a - sum(b.values(), ZERO)
        d = self._rotation(convention)
        e_exact = None if d is None else c * d
        par_etape = "unite_demi_superieur" if convention.arrondi_etapes == "unite" else "aucun"
        e = None if e_exact is None else arrondir(e_exact, par_etape)
        f = self._soustractions(convention, c)
        total_f = None if f is None else sum(f.values(), ZERO)
        h_exact = None if e is None or total_f is None else max(ZERO, e - total_f)
        h = None if h_exact is None else arrondir(h_exact, par_etape)
        i = self._part(convention, parc, a, c)
        j_exact = None if h is None or i is None else h * i
        j = None if j_exact is None else arrondir(j_exact, convention.arrondi_final)
        lignes: Lignes = {"a": (a, a), "b": (a - c, a - c), "c": (c, c), "e": (e, e_exact), "f": (total_f, total_f)}
        lignes |= {ligne: (valeur, valeur) for ligne, valeur in (b | (f or {})).items()}
        lignes |= {"g": (ZERO, ZERO), "h": (h, h_exact), "j": (j, j_exact)}
        for ligne, taux in (("d", d), ("i", i)):
            pourcent = None if taux is None else taux * CENT
            lignes[ligne] = (pourcent, pourcent)
        return lignes

    def _rotation(self, convention: Convention) -> Valeur:
        base, cible = convention.base_rotation, convention.perimetre
        if base == "fixe":
            return None if convention.taux_rotation is None else convention.taux_rotation / CENT
        if base.endswith("_bailleur"):
            cible = Perimetre("bailleur")
        if base.startswith("rpls"):
            return self._mobilite(cible)
        if self.journal.liberations is None:
            return None
        soumis = {logement.cle for logement in self.patrimoine.soumis(self.annee, [cible], convention.options)}
        par_annee: dict[int, set[tuple[str, date]]] = {}
        for annee in range(self.annee - 2, self.annee + 1):
            fin = self.journal.fin if annee == self.annee else date(annee, 12, 31)
            par_annee[annee] = self.journal.liberees(date(annee, 1, 1), fin)
        liberees = {annee: sum(cle in soumis for cle, _ in paires) for annee, paires in par_annee.items()}
        if liberees[self.annee]:
            return rapport(Fraction(liberees[self.annee]), Fraction(len(soumis)))
        annees = sum(bool(paires) for paires in par_annee.values())
        return rapport(Fraction(sum(liberees.values())), Fraction(annees * len(soumis)))

    def _mobilite(self, cible: Perimetre) -> Valeur:
        logements = self.patrimoine.millesimes.get(self.annee + 1, ())
        if not any(texte(logement.ligne, "MODE") for logement in logements):
            return None
        emmenages = proposes = 0
        for logement in self.patrimoine.parc(self.annee + 1, [cible]):
            locat, bail = entier_rpls(logement.ligne, "LOCAT"), texte(logement.ligne, "BAIL")[-4:]
            if locat is None or locat >= self.annee:
                continue
            emmenages += bail.isdigit() and int(bail) not in (0, 9999) and int(bail) >= self.annee
            proposes += texte(logement.ligne, "MODE") in {"1", "2"}
        return rapport(Fraction(emmenages), Fraction(proposes))

    def _soustractions(self, convention: Convention, c: Fraction) -> dict[str, Fraction] | None:
        if self.previsions is None:
            return None
        bailleur = self.patrimoine.soumis(self.millesime, [Perimetre("bailleur")], convention.options)
        prorata = rapport(c, Fraction(len(bailleur)))
        sommes: dict[str, Fraction] = {}
        for prevision in self.previsions:
            categorie, echelle = texte(prevision, "categorie"), texte(prevision, "echelle")
            if texte(prevision, "annee") != str(self.annee + 1) or categorie not in CATEGORIES_SOUSTRAITES:
                continue
            ici = echelle == convention.perimetre.echelle and (
                echelle == "bailleur" or texte(prevision, "code_territoire") == convention.perimetre.code
            )
            part = Fraction(ici) if echelle else prorata
            ligne = f"f.{categorie}"
            sommes[ligne] = sommes.get(ligne, ZERO) + part * (nombre(prevision, "nombre") or ZERO)
        return sommes

    def _part(self, convention: Convention, parc: Sequence[Logement], a: Fraction, c: Fraction) -> Valeur:
        if convention.mode_taux not in ("droits_sur_parc", "droits_sur_parc_soumis"):
            return None if convention.taux_imprime is None else convention.taux_imprime / CENT
        if convention.droits is None:
            return None
        cles, au = {logement.cle for logement in parc}, date(self.millesime, 1, 1)
        total = ZERO
        for droit in convention.droits:
            if texte(droit, "nature_droit") not in {"ds", "contingent"} or not droit_en_cours(droit, au):
                continue
            cle = self.patrimoine.cle(texte(droit, "ident_rep"), texte(droit, "ident_interne"))
            if cle is None:
                lieu = self.patrimoine.lieu_du_droit(droit)
                compte = not convention.perimetre.contredit(lieu, self.patrimoine.epci_des_communes)
            else:
                compte = cle in cles
            if compte:
                declare = nombre(droit, "nombre_droits")
                total += Fraction(1) if declare is None else declare
        return rapport(total, a if convention.mode_taux == "droits_sur_parc" else c)


def sommer(conventions: Sequence[Lignes]) -> Lignes:
    """Lines of a code that has several conventions."""
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


def convention_de(ligne: Mapping[str, str | None], droits: tuple[Ligne, ...] | None) -> Convention:
    """Reads a row of `reservataires`; `droits` are the rights of its code (None: table not given)."""
    taux = nombre(ligne, "taux_pct")
    retrocession = nombre(ligne, "taux_retrocession_pct") or ZERO
    return Convention(
        perimetre=Perimetre(texte(ligne, "echelle"), texte(ligne, "code_territoire")),
        base_rotation=texte(ligne, "base_rotation"),
        taux_rotation=nombre(ligne, "taux_rotation_pct"),
        mode_taux=texte(ligne, "mode_taux"),
        taux_imprime=None if taux is None else taux - retrocession,
        arrondi_etapes=texte(ligne, "arrondi_etapes") or "aucun",
        arrondi_final=texte(ligne, "arrondi_final") or "aucun",
        options=frozenset(option.strip() for option in texte(ligne, "options").split(",") if option.strip()),
        droits=droits,
    )
