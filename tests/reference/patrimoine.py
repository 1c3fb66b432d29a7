"""Dwellings of the reference computation: identity, place, characteristics, perimeters, parc and exclusions.

Readings of the contract chosen here, each where the text leaves a choice (numbers continue in the other modules):
 1. A dwelling is IDENT_REP, else IDENT_INT, else its row. An event is matched by ident_rep when some millésime knows
    it, else by ident_interne; a row of N+1 whose IDENT_REP is new takes the identity of a row of N without IDENT_REP
    that has the same IDENT_INT.
 2. Characteristics and place are taken per dwelling, never column by column: row of millésime N whatever its exit
    code, else row of N+1, else inventory of rights, else non_renseigne.
 3. 0, 999, 9999, NC, Z, NA are "not filled": a LOCAT of 9999 is not a mise_en_service, a CONSTRUCT of 9999 has no
    period; an unknown FINAN or NBPIECE outside 1…9 is non_renseigne.
 4. `code_territoire` of a commune is compared with the commune to which arrondissements are brought; it is not itself
    brought: a convention written for 13203 has no dwelling. Merged communes are left as the file writes them.
 5. `habitat_inclusif`, `plai_adapte`, `gens_du_voyage`, `art_109_elan` need the option `exclure_<motive>`; a motive
    that the convention does not exclude leaves room for the next one. `accord_prefet` changes no figure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

Ligne = Mapping[str, str | None]
Tables = Mapping[str, Sequence[Ligne]]

NON_RENSEIGNE = "non_renseigne"
DIMENSIONS = ("typologie", "financement", "qpv", "commune", "periode_construction", "epci", "accessibilite", "public")
MOTIFS = (
    "foyer_residence",
    "pli_libre",
    "sem_non_apl",
    "defense",
    "securite_interieure",
    "sante",
    "vente",
    "demolition",
    "habitat_inclusif",
    "plai_adapte",
    "gens_du_voyage",
    "art_109_elan",
    "mise_en_service",
)
MOTIFS_SUR_OPTION = ("habitat_inclusif", "plai_adapte", "gens_du_voyage", "art_109_elan")
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
ARRONDISSEMENTS = (("75", 101, 120, "75056"), ("69", 381, 389, "69123"), ("13", 201, 216, "13055"))


def texte(ligne: Ligne, colonne: str) -> str:
    """The cell without spaces around it, '' when absent or blank."""
    return (ligne.get(colonne) or "").strip()


def jour(ligne: Ligne, colonne: str) -> date | None:
    """The ISO date of a cell, None when blank."""
    valeur = texte(ligne, colonne)
    return date.fromisoformat(valeur) if valeur else None


def nombre(ligne: Ligne, colonne: str) -> Fraction | None:
    """The exact number of a cell ('.' decimal), None when blank."""
    valeur = texte(ligne, colonne)
    return Fraction(valeur) if valeur else None


def entier_rpls(ligne: Ligne, colonne: str) -> int | None:
    """A number of RPLS, None for a blank or a sentinel."""
    valeur = texte(ligne, colonne)
    return int(valeur) if valeur.isdigit() and int(valeur) not in (0, 999, 9999) else None


def commune_de(depcom: str) -> str | None:
    """INSEE code of the commune, arrondissements of Paris, Lyon and Marseille brought to their commune."""
    code = depcom.upper().zfill(5)
    if len(code) != 5 or code == "00000":
        return None
    for prefixe, premier, dernier, commune in ARRONDISSEMENTS:
        if code.startswith(prefixe) and code[2:].isdigit() and premier <= int(code[2:]) <= dernier:
            return commune
    return code


def departement_de(commune: str | None) -> str | None:
    """Département of an INSEE code: 2 characters, 3 in DROM."""
    return None if commune is None else commune[: 3 if commune.startswith("97") else 2]


@dataclass(frozen=True)
class Lieu:
    """Where a dwelling is; None = unknown."""

    commune: str | None = None
    departement: str | None = None
    epci: str | None = None


@dataclass(frozen=True)
class Logement:
    """One row of one millésime."""

    cle: str
    ligne: Ligne
    lieu: Lieu
    est_sortie: bool


@dataclass(frozen=True)
class Perimetre:
    """A territory; echelle 'bailleur' holds every dwelling."""

    echelle: str
    code: str = ""

    def contient(self, lieu: Lieu) -> bool:
        """True when a dwelling at this place belongs to the perimeter."""
        return self.echelle == "bailleur" or getattr(lieu, self.echelle) == self.code

    def contredit(self, lieu: Lieu, epci_des_communes: Mapping[str, str]) -> bool:
        """True when something known of a place without dwelling puts it outside the perimeter."""
        if self.echelle == "bailleur":
            return False
        connu = getattr(lieu, self.echelle)
        if connu is not None:
            return bool(connu != self.code)
        if self.echelle == "departement":
            departements = departements_de(lieu.epci, epci_des_communes)
            return bool(departements) and self.code not in departements
        if self.echelle == "epci":
            departements = departements_de(self.code, epci_des_communes)
            return lieu.departement is not None and bool(departements) and lieu.departement not in departements
        ailleurs_departement = lieu.departement not in (None, departement_de(self.code))
        ailleurs_epci = lieu.epci is not None and lieu.epci != epci_des_communes.get(self.code)
        return ailleurs_departement or ailleurs_epci


def departements_de(epci: str | None, epci_des_communes: Mapping[str, str]) -> set[str | None]:
    """Départements in which an EPCI has communes; none when it is unknown."""
    return {departement_de(commune) for commune, siren in epci_des_communes.items() if siren == epci}


class Patrimoine:
    """The two millésimes of a campaign and what they say of each dwelling.

    Args:
        tables: canonical rows; `rpls` rows hold `millesime` and the RPLS columns.
        annee: the exercice N.
        epci_des_communes: INSEE code → SIREN, used when the file gives no EPCI.

    Raises:
        ValueError: two rows of one millésime share an identifier and differ.
    """

    def __init__(self, tables: Tables, annee: int, epci_des_communes: Mapping[str, str]) -> None:
        self.epci_des_communes = epci_des_communes
        self._identites: dict[tuple[str, str], str] = {}
        self.millesimes: dict[int, list[Logement]] = {}
        self._par_cle: dict[int, dict[str, Logement]] = {}
        for millesime in (annee, annee + 1):
            lignes = [ligne for ligne in tables["rpls"] if texte(ligne, "millesime") == str(millesime)]
            if lignes:
                self._lire(millesime, lignes)
        for droit in tables.get("droits", ()):
            rep, interne = texte(droit, "ident_rep"), texte(droit, "ident_interne")
            if rep and interne and not self._identites.keys() & {("rep", rep), ("int", interne)}:
                self._identites |= {("rep", rep): f"rep:{rep}", ("int", interne): f"rep:{rep}"}
        self._inventaire: dict[str, Ligne] = {}
        for droit in sorted(tables.get("droits", ()), key=lambda ligne: sorted((c, v or "") for c, v in ligne.items())):
            cle = self.cle(texte(droit, "ident_rep"), texte(droit, "ident_interne"))
            if cle is not None:
                self._inventaire.setdefault(cle, droit)
        self._exclusions: dict[str, list[Ligne]] = defaultdict(list)
        for exclusion in tables.get("exclusions", ()):
            cle = self.cle(texte(exclusion, "ident_rep"), texte(exclusion, "ident_interne"))
            if cle is not None:
                self._exclusions[cle].append(exclusion)

    def _lire(self, millesime: int, lignes: Sequence[Ligne]) -> None:
        logements: list[Logement] = []
        par_cle: dict[str, Logement] = {}
        for numero, ligne in enumerate(lignes):
            rep, interne = texte(ligne, "IDENT_REP"), texte(ligne, "IDENT_INT")
            cle = self._identites.get(("rep", rep)) or self._identites.get(("int", interne))
            if cle is None or (rep and cle not in (f"rep:{rep}", f"int:{interne}")):
                cle = f"rep:{rep}" if rep else f"int:{interne}" if interne else f"ligne:{millesime}:{numero}"
            if cle in par_cle:
                raise ValueError(f"millésime {millesime} : deux lignes différentes pour {cle}")
            commune = commune_de(texte(ligne, "DEPCOM"))
            siren = texte(ligne, "EPCI")
            if not (len(siren) == 9 and siren.isdigit()):
                siren = self.epci_des_communes.get(commune or "", "")
            lieu = Lieu(commune, departement_de(commune), siren or None)
            logement = Logement(cle, ligne, lieu, texte(ligne, "SORTIEPATRIM") in {"1", "2", "3", "4", "5"})
            logements.append(logement)
            par_cle[cle] = logement
        for logement in logements:
            for sorte, valeur in (
                ("rep", texte(logement.ligne, "IDENT_REP")),
                ("int", texte(logement.ligne, "IDENT_INT")),
            ):
                if valeur:
                    self._identites.setdefault((sorte, valeur), logement.cle)
        self.millesimes[millesime] = logements
        self._par_cle[millesime] = par_cle

    def cle(self, rep: str, interne: str) -> str | None:
        """Identity of the dwelling that a row names; None without identifier."""
        connue = self._identites.get(("rep", rep)) or self._identites.get(("int", interne))
        return connue or (f"rep:{rep}" if rep else f"int:{interne}" if interne else None)

    def cle_de(self, ligne: Ligne) -> str:
        """Identity of the dwelling of an event row (one identifier is mandatory)."""
        cle = self.cle(texte(ligne, "ident_rep"), texte(ligne, "ident_interne"))
        if cle is None:
            raise ValueError("événement sans logement")
        return cle

    def parc(self, millesime: int, perimetres: Iterable[Perimetre]) -> list[Logement]:
        """Dwellings of a millésime (exits left out) in the union of perimeters."""
        union = tuple(perimetres)
        return [
            logement
            for logement in self.millesimes[millesime]
            if not logement.est_sortie and any(perimetre.contient(logement.lieu) for perimetre in union)
        ]

    def motif_exclusion(self, logement: Logement, millesime: int, options: frozenset[str]) -> str | None:
        """The motive that puts a dwelling out of flux at 1 January of the millésime, None when it is in."""
        au = date(millesime, 1, 1)
        declares = set()
        for ligne in self._exclusions.get(logement.cle, ()):
            debut, fin = jour(ligne, "date_debut"), jour(ligne, "date_fin")
            motif = texte(ligne, "motif_exclusion")
            admis = motif not in MOTIFS_SUR_OPTION or f"exclure_{motif}" in options
            if admis and (debut is None or debut <= au) and (fin is None or fin >= au):
                declares.add(motif)
        if declares:
            return min(declares, key=MOTIFS.index)
        rpls = logement.ligne
        locat = entier_rpls(rpls, "LOCAT")
        en_drom = (logement.lieu.departement or "").startswith("97")
        regles = (
            ("foyer_residence", texte(rpls, "TYPECONST") == "E"),
            ("pli_libre", texte(rpls, "FINAN") == "16"),
            ("sem_non_apl", texte(rpls, "CAT_ORG") in {"251", "259"} and texte(rpls, "CONV") == "2" and not en_drom),
            ("vente", texte(rpls, "MISCOMMERCIAL") == "1"),
            ("mise_en_service", locat is not None and locat >= millesime),
        )
        return next((motif for motif, est_vrai in regles if est_vrai), None)

    def soumis(self, millesime: int, perimetres: Iterable[Perimetre], options: frozenset[str]) -> list[Logement]:
        """Dwellings of the parc that no motive excludes."""
        return [
            logement
            for logement in self.parc(millesime, perimetres)
            if self.motif_exclusion(logement, millesime, options) is None
        ]

    def _logement(self, cle: str) -> Logement | None:
        return next((par_cle[cle] for _, par_cle in sorted(self._par_cle.items()) if cle in par_cle), None)

    def lieu(self, cle: str) -> Lieu:
        """Place of a dwelling named by an event."""
        logement = self._logement(cle)
        return logement.lieu if logement else self.lieu_du_droit(self._inventaire.get(cle, {}))

    def lieu_du_droit(self, droit: Ligne) -> Lieu:
        """Place that the inventory of rights gives, completed from its commune."""
        commune = commune_de(texte(droit, "commune")) if texte(droit, "commune") else None
        departement = departement_de(commune) or texte(droit, "departement") or None
        epci = texte(droit, "epci") or self.epci_des_communes.get(commune or "") or None
        return Lieu(commune, departement, epci)

    def caracteristiques(self, cle: str) -> dict[str, str]:
        """Modality of each dimension but `public`."""
        logement = self._logement(cle)
        if logement:
            return caracteristiques_rpls(logement)
        droit = self._inventaire.get(cle, {})
        lieu = self.lieu_du_droit(droit)
        return {
            "typologie": texte(droit, "typologie") or NON_RENSEIGNE,
            "financement": texte(droit, "financement") or NON_RENSEIGNE,
            "qpv": {"oui": "en_qpv", "non": "hors_qpv"}.get(texte(droit, "en_qpv"), NON_RENSEIGNE),
            "commune": lieu.commune or NON_RENSEIGNE,
            "periode_construction": NON_RENSEIGNE,
            "epci": lieu.epci or NON_RENSEIGNE,
            "accessibilite": NON_RENSEIGNE,
        }


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
