"""Which dwellings are out of flux at a date, and by which motive.

Contract, « Exclusions »: « at a date, first that applies wins, in this order: `exclusions` rows running at the date
(date_debut blank or ≤ date, date_fin blank or ≥ date; several for one dwelling: the order of the domain note's table);
`foyer_residence` TYPECONST E; `pli_libre` FINAN 16; `sem_non_apl` CAT_ORG 251/259 with CONV 2 outside DROM; `vente`
MISCOMMERCIAL 1; `mise_en_service` LOCAT ≥ M. »

Choices:
 X1. The option of a motive is `exclure_<motive>`; a motive that the options do not exclude leaves room for the next.
 X2. M of `mise_en_service` is the year of the date: without RPLS N+1 « the parc is that of N, dates stay 1/1/N+1 ».
"""

from collections import defaultdict
from datetime import date

from tests.reference.lecture import Ligne, Tables, entier_rpls, jour, texte
from tests.reference.logements import Logement, Registre

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
Options = frozenset[str]


class Exclusions:
    """Motives of a campaign, remembered by (millésime, date, options).

    Args:
        tables: prepared rows.
        registre: the dwellings.
    """

    def __init__(self, tables: Tables, registre: Registre) -> None:
        self.registre = registre
        self._declarees: dict[str, list[Ligne]] = defaultdict(list)
        self._connus: dict[tuple[int, date, Options], dict[str, str | None]] = {}
        for exclusion in tables.get("exclusions", ()):
            cle = registre.cle(texte(exclusion, "ident_rep"), texte(exclusion, "ident_interne"))
            if cle is not None:
                self._declarees[cle].append(exclusion)

    def motifs(self, millesime: int, au: date, options: Options) -> dict[str, str | None]:
        """Motive of every dwelling of the parc of a millésime, None when it is in the parc soumis."""
        utiles = frozenset(f"exclure_{motif}" for motif in MOTIFS_SUR_OPTION) & options
        demande = (millesime, au, utiles)
        if demande not in self._connus:
            parc = self.registre.parc(millesime)
            self._connus[demande] = {logement.cle: self._motif(logement, au, utiles) for logement in parc}
        return self._connus[demande]

    def _motif(self, logement: Logement, au: date, options: Options) -> str | None:
        declares = set()
        for ligne in self._declarees.get(logement.cle, ()):
            debut, fin = jour(ligne, "date_debut"), jour(ligne, "date_fin")
            motif = texte(ligne, "motif_exclusion")
            admis = motif not in MOTIFS_SUR_OPTION or f"exclure_{motif}" in options
            if admis and (debut is None or debut <= au) and (fin is None or fin >= au):
                declares.add(motif)
        if declares:
            return min(declares, key=MOTIFS.index)
        rpls, locat = logement.ligne, entier_rpls(logement.ligne, "LOCAT")
        en_drom = (logement.lieu.departement or "").startswith("97")
        regles = (
            ("foyer_residence", texte(rpls, "TYPECONST") == "E"),
            ("pli_libre", texte(rpls, "FINAN") == "16"),
            ("sem_non_apl", texte(rpls, "CAT_ORG") in {"251", "259"} and texte(rpls, "CONV") == "2" and not en_drom),
            ("vente", texte(rpls, "MISCOMMERCIAL") == "1"),
            ("mise_en_service", locat is not None and locat >= au.year),
        )
        return next((motif for motif, est_vrai in regles if est_vrai), None)
