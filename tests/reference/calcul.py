"""Every figure of a campaign by an independent computation of the contract: `calculer`.

The choices made where the contract leaves one are at the head of each module (letters and numbers); here:
 B1. `_bailleur` and EPCI bilans have no option, no lines i, j, report, objectif; `_bailleur`'s decompte is the sum of
     those of the réservataires, EPCI have none.
 B2. One bilan for each EPCI and EPT of a dwelling (not an exit) of millésime N or N+1.
 B3. « Missing » (objectifs) is judged row by row: a code without a row for N takes the previous exercice's `flux_`.
 B4. The measure `objectif` is the sum as written, even below 0: « never below 0 » is said of the line only.
 B5. « unmet »: objectif greater than decompte.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.reference.conventions import ZERO, Convention, Conventions, Valeur, tranches
from tests.reference.decompte import Decompte
from tests.reference.evenements import Journal
from tests.reference.exclusions import Exclusions
from tests.reference.geographie import TOUT, Perimetre
from tests.reference.lecture import Ligne, Tables, nombre, preparer, texte
from tests.reference.lignes import Annexe, Lignes
from tests.reference.logements import Logement, Registre, caracteristiques_rpls
from tests.reference.mesures import Compte, Fait, Faits, compter, mesures
from tests.reference.repartition import Repartition, repartir
from tests.reference.rotation import Rotation

BAILLEUR = "_bailleur"


@dataclass
class Resultat:
    """Figures by code: bilan[(mesure, dimension, modalite)], flux[ligne] = (valeur, valeur_exacte), repartition."""

    bilan: dict[str, Compte] = field(default_factory=dict)
    flux: dict[str, Lignes] = field(default_factory=dict)
    repartition: dict[str, Repartition] = field(default_factory=dict)


class _Campagne:
    def __init__(self, tables: Tables, annee: int, au: date | None) -> None:
        self.tables, self.annee = preparer(tables), annee
        self.premier_janvier = date(annee, 1, 1)
        self.registre = Registre(self.tables, annee)
        self.exclusions = Exclusions(self.tables, self.registre)
        self.rotation = Rotation(self.tables, self.registre, self.exclusions, annee, au)
        self.journal = Journal(self.tables, self.registre, annee, au)
        self.annexe = Annexe(self.tables, self.registre, self.exclusions, self.rotation, annee)
        self.tout = mesures(self.journal, lambda _: True, lambda _: True)

    def du_parc(self, conventions: Sequence[Convention]) -> Compte:
        """`parc_total`, `parc_soumis`, `liberations` and `liberations_hors_flux` on a union of territories."""
        parts = tranches(conventions, self.registre.parc(self.annee))
        parc = [logement for part in parts.values() for logement in part]
        soumis = [
            logement
            for convention, part in parts.items()
            for logement in part
            if self.exclusions.motifs(self.annee, self.premier_janvier, convention.options)[logement.cle] is None
        ]
        compte = compter("parc_total", _modalites(parc)) | compter("parc_soumis", _modalites(soumis))
        cles = {logement.cle for logement in soumis}
        liberees = [logement for logement, _ in self.rotation.liberees(self.annee)]
        ailleurs = [cle for cle in liberees if cle not in cles and _tient(conventions, self.registre, cle)]
        fournies = self.rotation.fournies
        dans_flux: Faits = [Fait(cle) for cle in liberees if cle in cles] if fournies else None
        compte |= self.compter("liberations", dans_flux)
        return compte | self.compter("liberations_hors_flux", [Fait(cle) for cle in ailleurs] if fournies else None)

    def compter(self, mesure: str, faits: Faits) -> Compte:
        """Counts facts by the characteristics of their dwelling."""
        if faits is None:
            return compter(mesure, None)
        return compter(mesure, [(self.registre.caracteristiques(fait.logement), fait) for fait in faits])

    def repartir(self, conventions: Sequence[Convention]) -> Repartition:
        """The events of a perimeter by réservataire."""
        return repartir(self.tout, lambda cle: _tient(conventions, self.registre, cle), self.registre.caracteristiques)

    def objectif(self, code: str) -> tuple[Valeur, Fraction, bool]:
        """What was announced for N: flux_reservataire, report_anterieur, whether a gap is justified."""
        for ligne in self.tables.get("objectifs", ()):
            if texte(ligne, "annee") == str(self.annee) and texte(ligne, "code_reservataire") == code:
                report = nombre(ligne, "report_anterieur") or ZERO
                return nombre(ligne, "flux_reservataire"), report, texte(ligne, "ecart_justifie") == "oui"
        ancien = {
            texte(ligne, "ligne"): nombre(ligne, "valeur")
            for ligne in self.tables.get("flux_precedent", ())
            if texte(ligne, "code_reservataire") == code
        }
        return ancien.get("j"), ancien.get("report") or ZERO, False


def calculer(tables: Tables, annee: int, au: date | None = None) -> Resultat:
    """Every figure of the bilans of N, of the répartition and of the flux of N+1.

    Args:
        tables: canonical rows by table of the contract (ISO dates, '.' decimals, 'oui'/'non'/''); `rpls` rows have
            `millesime` and the upper-case columns of RPLS; `flux_precedent` has the rows `code_reservataire, ligne,
            valeur` of the closed `flux_<N>_<code>.csv` of exercice N−1; a table that is absent is "non fourni".
        annee: the exercice N.
        au: last day counted, 31 December by default.

    Returns:
        A `Resultat` for each code, `_bailleur`, `epci_<siren>` and `ept_<siren>`;
        None = non fourni; d and i in percent.
    """
    campagne = _Campagne(tables, annee, au)
    resultat = Resultat()
    par_code: dict[str, list[Ligne]] = {}
    for ligne in campagne.tables["reservataires"]:
        par_code.setdefault(texte(ligne, "code_reservataire"), []).append(ligne)
    decomptes: list[Faits] = []
    for lignes in par_code.values():
        conventions = Conventions(lignes)
        faits = _reservataire(campagne, conventions, resultat)
        if not conventions.est_hors_flux:
            decomptes.append(faits)
    fournis = [faits for faits in decomptes if faits is not None]
    reunis = [fait for faits in fournis for fait in faits] if len(fournis) == len(decomptes) else None
    for code, perimetre in [(BAILLEUR, TOUT), *_intercommunalites(campagne)]:
        seule = [Convention(perimetre)]
        resultat.bilan[code] = campagne.du_parc(seule)
        ici = {
            mesure: None if faits is None else [f for f in faits if _tient(seule, campagne.registre, f.logement)]
            for mesure, faits in campagne.tout.items()
        }
        for mesure, faits in ici.items():
            resultat.bilan[code] |= campagne.compter(mesure, faits)
        resultat.flux[code] = campagne.annexe.sans_part(perimetre)
        resultat.repartition[code] = campagne.repartir(seule)
    resultat.bilan[BAILLEUR] |= campagne.compter("decompte", reunis)
    return resultat


def _reservataire(campagne: _Campagne, conventions: Conventions, resultat: Resultat) -> Faits:
    code = conventions.code
    en_vigueur = conventions.a_calculer(campagne.premier_janvier)
    compte = campagne.du_parc(en_vigueur)
    siennes = mesures(campagne.journal, lambda offre: offre.code == code, lambda candidat: candidat.code == code)
    for mesure, faits in siennes.items():
        compte |= campagne.compter(mesure, faits)
    resultat.repartition[code] = campagne.repartir(en_vigueur)
    decompte = Decompte(campagne.journal, conventions).faits()
    if not conventions.est_hors_flux:
        annonce, report, justifie = campagne.objectif(code)
        objectif = annonce
        if annonce is not None and en_vigueur[0].report_n1:
            objectif = annonce + report
        compte |= campagne.compter("decompte", decompte) | {("objectif", "total", "total"): objectif}
        droits = None
        if "droits" in campagne.tables:
            droits = [droit for droit in campagne.tables["droits"] if texte(droit, "code_reservataire") == code]
        lignes = campagne.annexe.lignes(conventions, droits)
        fait = None if decompte is None else len(decompte)
        reporte = conventions.a_calculer(date(campagne.annee + 1, 1, 1))[0].report_n1
        resultat.flux[code] = lignes | _suite(lignes["j"][0], objectif, fait, reporte, justifie)
    resultat.bilan[code] = compte
    return decompte


def _suite(j: Valeur, objectif: Valeur, decompte: int | None, reporte: bool, justifie: bool) -> Lignes:
    """Lines `report` and `objectif`."""
    report: Valeur = None
    if objectif is not None and decompte is not None:
        report = objectif - decompte
        if not reporte or (justifie and report > 0):
            report = ZERO
    annonce = None if j is None else max(ZERO, j + (report or ZERO))
    return {"report": (report, report), "objectif": (annonce, annonce)}


def _modalites(logements: Iterable[Logement]) -> list[tuple[Mapping[str, str], Fait]]:
    return [(caracteristiques_rpls(logement), Fait(logement.cle)) for logement in logements]


def _tient(conventions: Iterable[Convention], registre: Registre, cle: str) -> bool:
    lieu = registre.lieu(cle)
    return any(convention.perimetre.contient(lieu) for convention in conventions)


def _intercommunalites(campagne: _Campagne) -> list[tuple[str, Perimetre]]:
    registre = campagne.registre
    lieux = {logement.lieu for millesime in registre.millesimes for logement in registre.parc(millesime)}
    territoires = {(echelle, getattr(lieu, echelle)) for lieu in lieux for echelle in ("epci", "ept")}
    return [
        (f"{echelle}_{siren}", Perimetre(echelle, siren)) for echelle, siren in sorted(territoires, key=str) if siren
    ]
