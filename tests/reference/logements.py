"""Dwellings of the reference computation: identity, place, characteristics, perimeters and parc.

Contract, « Dwellings »: « found by ident_rep, then ident_interne, exactly; then by their letters and digits alone
without leading zeros when that fits one dwelling only ». « Characteristics and perimeter come from RPLS rows [N, else
N+1], exits included, then the inventory; a dwelling known nowhere is in the `bailleur` perimeter only. »

Choices:
 P1. Characteristics and place are taken per dwelling, never column by column: one row gives them all.
 P2. A row of N+1 whose IDENT_REP is new takes the identity of the row of N without IDENT_REP that has its IDENT_INT.
 P3. « the most complete, then the smallest by its content »: the descriptive columns only (departement … financement,
     collectif_individuel), since they are what is taken.
 P4. The modality `commune` is the present commune, as the perimeter is.
 P5. 0, 999, 9999, NC, Z, NA are "not filled"; an unknown FINAN or NBPIECE outside 1…9 is non_renseigne.
 P6. The letters and digits of an ident_rep are compared with those of IDENT_REP, of an ident_interne with IDENT_INT.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.geographie import Lieu, lieu_de
from tests.reference.lecture import NON_RENSEIGNE, Ligne, Tables, entier_rpls, texte

DIMENSIONS = (
    "typologie",
    "financement",
    "qpv",
    "commune",
    "periode_construction",
    "epci",
    "accessibilite",
    "public",
    "quartile",
)
FINANCEMENTS = {
    **dict.fromkeys(("10", "11"), "PLAI"),
    **dict.fromkeys(("12", "13", "50", "51", "52", "53"), "PLUS"),
    **dict.fromkeys(("14", "15", "17", "54", "55"), "PLS"),
    "16": "PLI",
    **dict.fromkeys(("49", "99"), "autre"),
}
PERIODES = (
    (1949, "avant_1949"),
    (1975, "1949_1974"),
    (1990, "1975_1989"),
    (2000, "1990_1999"),
    (2010, "2000_2009"),
)
# Descriptive columns of `droits`, in the order of the contract.
DESCRIPTION = ("departement", "epci", "commune", "en_qpv", "typologie", "financement", "collectif_individuel")


@dataclass(frozen=True)
class Logement:
    """One row of one millésime."""

    cle: str
    ligne: Ligne
    lieu: Lieu
    est_sortie: bool


def noyau(identifiant: str) -> str:
    """Letters and digits of an identifier, without leading zeros."""
    return "".join(caractere for caractere in identifiant.upper() if caractere.isalnum()).lstrip("0")


class Registre:
    """The two millésimes of a campaign and what they say of each dwelling.

    Args:
        tables: prepared rows; `rpls` rows hold `millesime` and the RPLS columns.
        annee: the exercice N.

    Raises:
        ValueError: two rows of one millésime share an identifier and differ.
    """

    def __init__(self, tables: Tables, annee: int) -> None:
        self._exacts: dict[tuple[str, str], str] = {}
        self._noyaux: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.millesimes: dict[int, list[Logement]] = {}
        self.par_cle: dict[int, dict[str, Logement]] = {}
        for millesime in (annee, annee + 1):
            lignes = [ligne for ligne in tables["rpls"] if texte(ligne, "millesime") == str(millesime)]
            if lignes:
                self._lire(millesime, lignes)
        self._inventaire: dict[str, list[Ligne]] = defaultdict(list)
        # Rows that give both identifiers first: they tell which names are one dwelling, in any order of rows.
        for droit in sorted(
            tables.get("droits", ()), key=lambda d: not (texte(d, "ident_rep") and texte(d, "ident_interne"))
        ):
            cle = self.cle(texte(droit, "ident_rep"), texte(droit, "ident_interne"))
            if cle is not None:
                self._connaitre(cle, texte(droit, "ident_rep"), texte(droit, "ident_interne"))
                self._inventaire[cle].append(droit)

    def _connaitre(self, cle: str, rep: str, interne: str) -> None:
        for sorte, valeur in (("rep", rep), ("int", interne)):
            if valeur:
                self._exacts.setdefault((sorte, valeur), cle)
                self._noyaux[sorte, noyau(valeur)].add(cle)

    def _lire(self, millesime: int, lignes: Sequence[Ligne]) -> None:
        par_cle: dict[str, Logement] = {}
        for numero, ligne in enumerate(lignes):
            rep, interne = texte(ligne, "IDENT_REP"), texte(ligne, "IDENT_INT")
            cle = self._exacts.get(("rep", rep)) or self._exacts.get(("int", interne))
            if cle is None or (rep and cle not in (f"rep:{rep}", f"int:{interne}")):
                cle = f"rep:{rep}" if rep else f"int:{interne}" if interne else f"ligne:{millesime}:{numero}"
            if cle in par_cle:
                raise ValueError(f"millésime {millesime} : deux lignes différentes pour {cle}")
            lieu = lieu_de(texte(ligne, "DEPCOM"), texte(ligne, "EPCI"))
            par_cle[cle] = Logement(cle, ligne, lieu, texte(ligne, "SORTIEPATRIM") in {"1", "2", "3", "4", "5"})
        for logement in par_cle.values():
            self._connaitre(logement.cle, texte(logement.ligne, "IDENT_REP"), texte(logement.ligne, "IDENT_INT"))
        self.millesimes[millesime] = list(par_cle.values())
        self.par_cle[millesime] = par_cle

    def cle(self, rep: str, interne: str) -> str | None:
        """Identity of the dwelling that a row names; None without identifier."""
        exacte = self._exacts.get(("rep", rep)) or self._exacts.get(("int", interne))
        if exacte:
            return exacte
        for sorte, valeur in (("rep", rep), ("int", interne)):
            proches = self._noyaux.get((sorte, noyau(valeur)), set()) if noyau(valeur) else set()
            if len(proches) == 1:
                return next(iter(proches))
        return f"rep:{rep}" if rep else f"int:{interne}" if interne else None

    def cle_de(self, ligne: Ligne) -> str:
        """Identity of the dwelling of an event row (one identifier is mandatory)."""
        cle = self.cle(texte(ligne, "ident_rep"), texte(ligne, "ident_interne"))
        if cle is None:
            raise ValueError("événement sans logement")
        return cle

    def parc(self, millesime: int) -> list[Logement]:
        """Dwellings of a millésime, exits left out."""
        return [logement for logement in self.millesimes[millesime] if not logement.est_sortie]

    def _logement(self, cle: str) -> Logement | None:
        return next((par_cle[cle] for _, par_cle in sorted(self.par_cle.items()) if cle in par_cle), None)

    def droit_descriptif(self, cle: str) -> Ligne:
        """The row of the inventory that describes a dwelling RPLS does not know."""

        def rang(droit: Ligne) -> tuple[int, list[str]]:
            contenu = [texte(droit, colonne) for colonne in DESCRIPTION]
            return -sum(map(bool, contenu)), contenu

        return min(self._inventaire.get(cle, ({},)), key=rang)

    def lieu(self, cle: str) -> Lieu:
        """Place of a dwelling named by an event."""
        logement = self._logement(cle)
        return logement.lieu if logement else lieu_du_droit(self.droit_descriptif(cle))

    def caracteristiques(self, cle: str) -> dict[str, str]:
        """Modality of each dimension that a dwelling has."""
        logement = self._logement(cle)
        if logement:
            return caracteristiques_rpls(logement)
        droit = self.droit_descriptif(cle)
        lieu = lieu_du_droit(droit)
        return {
            "typologie": texte(droit, "typologie") or NON_RENSEIGNE,
            "financement": texte(droit, "financement") or NON_RENSEIGNE,
            "qpv": {"oui": "en_qpv", "non": "hors_qpv"}.get(texte(droit, "en_qpv"), NON_RENSEIGNE),
            "commune": lieu.commune or NON_RENSEIGNE,
            "periode_construction": NON_RENSEIGNE,
            "epci": lieu.epci or NON_RENSEIGNE,
            "accessibilite": NON_RENSEIGNE,
        }


def lieu_du_droit(droit: Ligne) -> Lieu:
    """Place that a row of the inventory of rights describes, completed from its commune."""
    return lieu_de(texte(droit, "commune"), texte(droit, "epci"), texte(droit, "departement"))


def caracteristiques_rpls(logement: Logement) -> dict[str, str]:
    """Modalities that one RPLS row gives."""
    rpls = logement.ligne
    pieces, construct = entier_rpls(rpls, "NBPIECE"), entier_rpls(rpls, "CONSTRUCT")
    periode = NON_RENSEIGNE
    if construct is not None:
        periode = next((libelle for borne, libelle in PERIODES if construct < borne), "2010_et_apres")
    typologie = NON_RENSEIGNE
    if pieces is not None and pieces <= 9:
        typologie = f"T{pieces}" if pieces < 6 else "T6+"
    return {
        "typologie": typologie,
        "financement": FINANCEMENTS.get(texte(rpls, "FINAN"), NON_RENSEIGNE),
        "qpv": {"1": "en_qpv", "2": "hors_qpv"}.get(texte(rpls, "QPV"), NON_RENSEIGNE),
        "commune": logement.lieu.commune or NON_RENSEIGNE,
        "periode_construction": periode,
        "epci": logement.lieu.epci or NON_RENSEIGNE,
        "accessibilite": {"1": "non_accessible", "2": "accessible", "3": "adapte"}.get(
            texte(rpls, "PMR"), NON_RENSEIGNE
        ),
    }
