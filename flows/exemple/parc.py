"""The dwellings of the example and their two RPLS millésimes."""

import csv
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flows.chemins import SOURCES
from flows.exemple.hasard import Hasard

EXERCICE = 2025
BAILLEUR = "Office fictif de l'habitat - EXEMPLE"
SIRET_BAILLEUR = "99900000300015"
PUBLIC = SOURCES / "logements_publics_2018.csv"
CHOIX = SOURCES / "exemple"
PETITE_TERRE = "200050532"

# New programmes of the exercice: (commune, first letting in the public file) -> operation, first millésime that has it.
PROGRAMMES = {
    ("2B033", "2016"): ("RÉSIDENCE FICTIVE LES MYRTES", EXERCICE + 1),
    ("2A271", "2016"): ("RÉSIDENCE FICTIVE LES ASPHODÈLES", EXERCICE + 1),
    ("97611", "2018"): ("RÉSIDENCE FICTIVE LES YLANGS", EXERCICE),
    ("97615", "2018"): ("RÉSIDENCE FICTIVE LE LAGON", EXERCICE),
}
RECENT, RAJEUNI = 2015, 7
PART_MODES = {"1": 93, "3": 3, "4": 3, "5": 1}


@dataclass(eq=False)
class Logement:
    """One dwelling: its public characteristics, what was invented about it, and its history."""

    ident_rep: str
    ident_interne: str
    residence: str
    public: dict[str, str]
    entree: int
    pmr: str
    mode: str
    cat_org: str
    numero: int
    contreslog: str = "7"
    sortie: tuple[int, str] | None = None
    vente: date | None = None
    baux: list[date] = field(default_factory=list)
    departs: list[date] = field(default_factory=list)

    @property
    def commune(self) -> str:
        """INSEE code of the commune."""
        return self.public["DEPCOM"]

    @property
    def mise_en_location(self) -> int:
        """Year of the first letting."""
        return int(self.public["LOCAT"])

    def est_au_millesime(self, annee: int) -> bool:
        """True when the millésime has a row for this dwelling, the year it leaves included."""
        return self.entree <= annee and (self.sortie is None or annee <= self.sortie[0])


def lire_choix(nom: str) -> list[dict[str, str]]:
    """Rows of one hand-made table of the example (`flows/sources/exemple/<nom>.csv`)."""
    return lire_csv(CHOIX / f"{nom}.csv")


def lire_csv(chemin: Path) -> list[dict[str, str]]:
    """Rows of a `;` UTF-8 file, every value as text."""
    with chemin.open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier, delimiter=";"))


def entete(table: str) -> list[str]:
    """Headings of a table, in the order of its file."""
    return next(x["colonnes"].split() for x in lire_choix("entetes") if x["table"] == table)


def construire_parc(hasard: Hasard) -> list[Logement]:
    """The dwellings of the fictitious bailleur, in the order of the public file.

    Buildings of 2015 and after are made seven years younger, so that the parc of 2025 has recent programmes.
    """
    residences: dict[tuple[str, ...], list[int]] = {}
    parc = []
    for ligne in lire_csv(PUBLIC):
        cle = tuple(ligne[c] for c in ("DEPCOM", "CONSTRUCT", "LOCAT", "FINAN", "TYPECONST", "DATCONV", "QPV"))
        rangs = residences.setdefault(cle, [len(residences) + 1, 0])
        rangs[1] += 1
        operation, entree = PROGRAMMES.get((ligne["DEPCOM"], ligne["LOCAT"]), ("", EXERCICE))
        parc.append(_logement(_rajeunir(ligne, operation), rangs[0], rangs[1], operation, entree, hasard))
    return parc


def _logement(
    public: dict[str, str], residence: int, rang: int, operation: str, entree: int, hasard: Hasard
) -> Logement:
    ident_rep = f"0{371_000_000 + residence * 1_000 + rang * 7 + hasard.entier(0, 6)}"
    if int(public["CONSTRUCT"]) >= 2007:
        pmr = hasard.pondere("123", (15, 72, 13))
    else:
        pmr = hasard.pondere("123", (86, 11, 3))
    est_etudiant = public["TYPECONST"] == "E"
    logement = Logement(
        ident_rep=ident_rep,
        ident_interne=f"{residence:04}.{rang // 40 + 1:02}.{rang // 10 % 4 + 1:02}.{rang:04}",
        residence=operation or f"RÉSIDENCE FICTIVE {residence:03}",
        public=public,
        entree=entree,
        pmr=pmr,
        mode="1" if operation or est_etudiant else hasard.pondere(list(PART_MODES), list(PART_MODES.values())),
        # Former SEM buildings taken over by the office: out of flux when not under agreement (CAT_ORG 251, CONV 2).
        cat_org="251" if public["FINAN"] == "51" or public["DEPCOM"] == "97610" else "132",
        numero=residence,
    )
    debut = date(max(logement.mise_en_location, 1996), hasard.entier(1, 12), hasard.entier(1, 28))
    if not operation:
        logement.baux.append(hasard.jour(debut, max(debut, date(EXERCICE - 3, 12, 31))))
    return logement


def _rajeunir(ligne: dict[str, str], operation: str) -> dict[str, str]:
    """The public row with the years of recent buildings shifted; new programmes are let from the exercice on."""
    public = dict(ligne)
    for colonne in ("CONSTRUCT", "LOCAT", "PATRIMOINE"):
        if int(public[colonne]) >= RECENT:
            public[colonne] = str(int(public[colonne]) + RAJEUNI)
    if public["DATCONV"] and int(public["DATCONV"][-4:]) >= RECENT:
        public["DATCONV"] = f"{public['DATCONV'][:-4]}{int(public['DATCONV'][-4:]) + RAJEUNI}"
    if operation:
        public |= {"CONSTRUCT": str(EXERCICE - 1), "LOCAT": str(EXERCICE), "PATRIMOINE": str(EXERCICE)}
    return public


def millesime(parc: list[Logement], annee: int) -> list[dict[str, str]]:
    """Rows of the "RPLS loi" file of a millésime: state on 1 January `annee`, exits of the year before included."""
    colonnes = entete("rpls")
    return [_ligne_rpls(x, annee, colonnes) for x in parc if x.est_au_millesime(annee)]


def _ligne_rpls(logement: Logement, annee: int, colonnes: list[str]) -> dict[str, str]:
    etat = date(annee, 1, 1)
    public = logement.public
    bail = max((d for d in logement.baux if d < etat), default=None)
    depart = max((d for d in logement.departs if d < etat), default=None)
    est_vacant = bail is None or (depart is not None and depart >= bail)
    est_sorti = logement.sortie is not None and logement.sortie[0] == annee
    en_vente = logement.vente is not None and logement.vente < etat
    surface = public["SURFHAB"]
    financement = public["FINANAUTRE"].replace("PR?T", "PRÊT")  # the public file lost its accents
    ligne = dict.fromkeys(colonnes, "")
    ligne |= {colonne: valeur for colonne, valeur in public.items() if colonne in ligne}
    ligne |= {
        "IDENT_REP": logement.ident_rep,
        "IDENT_INT": logement.ident_interne,
        "NUMVOIE": str(logement.numero % 40 + 1),
        "TYPVOIE": "RUE",
        "NOMVOIE": f"FICTIVE {logement.numero:03}",
        "COMPLGEO": logement.residence,
        "FINANAUTRE": financement,
        "MODE": "9" if est_sorti else "2" if est_vacant and logement.mode == "1" else logement.mode,
        "BAIL": f"{bail:%m/%Y}" if bail else "",
        "MODESURF": "1",
        "SURFMODE": surface,
        "LOYERPRINC": str(int(surface) * 58 // 10),
        "MISCOMMERCIAL": "1" if en_vente else "2",
        "DATMISEVENTE": f"{logement.vente:%d/%m/%Y}" if en_vente and logement.vente else "",
        "CONTRESLOG": logement.contreslog,
        "PMR": logement.pmr,
        "SORTIEPATRIM": logement.sortie[1] if est_sorti and logement.sortie else "",
        "DATE_DEP_DERLOCAT": f"{depart:%d/%m/%Y}" if est_vacant and depart else "",
        "CAT_ORG": logement.cat_org,
        "RS": BAILLEUR,
        "SIRET": SIRET_BAILLEUR,
    }
    return ligne
