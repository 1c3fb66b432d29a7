"""Line d: releases or official mobility over a parc.

Contract, « Rotation d »: « `liberations_*` = releases of N ÷ parc soumis at 1/1/N, on the perimeter or on the whole
bailleur; with none in N on the perimeter, the releases of N-2…N divided by the number of these years for which the file
has any release, ÷ the same parc. `rpls_*` = the official mobility of the domain note from millésime N+1, all dwellings
of the perimeter or of the bailleur. `fixe` = the given rate. » Domain note 5.2: « numerator = dwellings with year(BAIL)
≥ N and LOCAT < N; denominator = LOCAT < N and MODE in (1, 2) ».

Choices:
 R1. The years of the mean are those in which the file has any row, whatever its dwelling.
 R2. Exits of N+1 are out of `rpls_*`; a file without any MODE (public) gives no rate.
 R3. « A quotient whose denominator is 0 is 0 ».
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from tests.reference.conventions import Convention, Valeur
from tests.reference.exclusions import Exclusions
from tests.reference.lecture import Tables, entier_rpls, jour, texte
from tests.reference.logements import Logement, Registre

Liberation = tuple[str, date]


def rapport(numerateur: Fraction | int, denominateur: Fraction | int) -> Fraction:
    """A quotient, 0 when there is nothing to divide by."""
    return Fraction(numerateur) / denominateur if denominateur else Fraction(0)


class Rotation:
    """Rates of the conventions of a campaign.

    Args:
        tables: prepared rows.
        registre: the dwellings.
        exclusions: their motives.
        annee: the exercice N.
        au: the last day counted, None for the whole file.
    """

    def __init__(self, tables: Tables, registre: Registre, exclusions: Exclusions, annee: int, au: date | None) -> None:
        self.registre, self.exclusions, self.annee = registre, exclusions, annee
        self.fournies = "liberations" in tables
        self._par_annee: dict[int, set[Liberation]] = {}
        for ligne in tables.get("liberations", ()):
            quand = jour(ligne, "date_liberation")
            if quand is not None and (au is None or quand <= au):
                self._par_annee.setdefault(quand.year, set()).add((registre.cle_de(ligne), quand))

    def liberees(self, annee: int) -> set[Liberation]:
        """Distinct (dwelling, date_liberation) of a year, whatever the dwelling."""
        return self._par_annee.get(annee, set())

    def taux(self, convention: Convention, parc_n: Iterable[Logement], parc_suivant: Sequence[Logement]) -> Valeur:
        """Rate of a convention, a fraction of 1; None = non fourni.

        Args:
            convention: its base and options.
            parc_n, parc_suivant: dwellings of millésimes N and N+1 that it holds.
        """
        base = convention.base_rotation
        if base == "fixe":
            return None if convention.taux_rotation is None else convention.taux_rotation / 100
        du_bailleur = base.endswith("_bailleur")
        if base.startswith("rpls"):
            if self.annee + 1 not in self.registre.millesimes:
                return None
            return self._mobilite(self.registre.parc(self.annee + 1) if du_bailleur else parc_suivant)
        if not self.fournies:
            return None
        motifs = self.exclusions.motifs(self.annee, date(self.annee, 1, 1), convention.options)
        base_n = self.registre.parc(self.annee) if du_bailleur else parc_n
        soumis = {logement.cle for logement in base_n if motifs[logement.cle] is None}
        annees = range(self.annee - 2, self.annee + 1)
        nombres = {annee: sum(cle in soumis for cle, _ in self.liberees(annee)) for annee in annees}
        if nombres[self.annee]:
            return rapport(nombres[self.annee], len(soumis))
        renseignees = sum(bool(self.liberees(annee)) for annee in annees)
        return rapport(sum(nombres.values()), renseignees * len(soumis))

    def _mobilite(self, parc: Iterable[Logement]) -> Valeur:
        if not any(texte(logement.ligne, "MODE") for logement in self.registre.millesimes[self.annee + 1]):
            return None
        emmenages = proposes = 0
        for logement in parc:
            locat, bail = entier_rpls(logement.ligne, "LOCAT"), texte(logement.ligne, "BAIL")[-4:]
            if locat is None or locat >= self.annee:
                continue
            emmenages += bail.isdigit() and int(bail) not in (0, 9999) and int(bail) >= self.annee
            proposes += texte(logement.ligne, "MODE") in {"1", "2"}
        return rapport(emmenages, proposes)
