"""Draw of a campaign's dwellings: the rows of millésimes N and N+1."""

from tests.reference.vivier import Rang, Rangs, Vivier

FINANCEMENTS = (
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "49",
    "50",
    "51",
    "52",
    "53",
    "54",
    "55",
    "99",
    "0",
    "NC",
)
POIDS = (10, 4, 12, 20, 6, 2, 4, 2, 2, 3, 2, 3, 2, 2, 1, 2, 1, 2)
OUI_NON = {"1": "Oui", "2": "Non"}
LIBELLES = {
    "MODE": {"1": "Loué"},
    "QPV": OUI_NON,
    "CONV": OUI_NON,
    "MISCOMMERCIAL": OUI_NON,
    "FINAN": {"10": "PLAI", "13": "PLUS", "14": "PLS", "16": "PLI"},
    "NBPIECE": {"1": "T1", "2": "T2", "3": "T3", "4": "T4", "5": "T5"},
}


def tirer_parc(vivier: Vivier, nombre: int) -> Rangs:
    """Rows of millésimes N and N+1: entries, exits, blanks, sentinels, dwellings without IDENT_REP or IDENT_INT."""
    categorie = vivier.parmi("211", "131", "251", "259")
    lignes: Rangs = []
    for numero in range(nombre):
        logement = _logement(vivier, numero, categorie)
        vivier.logements.append(logement)
        avant, apres = logement, _un_an_apres(vivier, logement)
        sort = vivier.tirage.random()
        if sort < 0.04:
            avant = {}
        elif sort < 0.07:
            apres = {}
        elif sort < 0.11:
            apres["SORTIEPATRIM"] = vivier.parmi("1", "2", "3", "4", "5")
        elif sort < 0.13:
            avant["SORTIEPATRIM"] = vivier.parmi("1", "2", "3", "4", "5")
            apres = {}
        for millesime, ligne in ((vivier.annee, avant), (vivier.annee + 1, apres)):
            if ligne:
                lignes.append({"millesime": str(millesime), **ligne})
    vivier.inconnus = [f"{9_900_000_000 + graine}" for graine in vivier.tirage.sample(range(1000), 6)]
    if "libelles" in vivier.traits:
        for ligne in lignes:
            ligne |= {c: noms[str(ligne[c])] for c, noms in LIBELLES.items() if str(ligne[c]) in noms}
    vivier.tirage.shuffle(lignes)
    return lignes


def _logement(vivier: Vivier, numero: int, categorie: str) -> Rang:
    t, annee = vivier.tirage, vivier.annee
    commune = t.choice(vivier.communes)
    construit = t.randint(1920, annee - 1)
    en_location = (
        t.choice((annee - 1, annee, annee, annee + 1))
        if vivier.parfois(0.15 if vivier.a("premieres") else 0.04)
        else max(construit, annee - t.randint(2, 70))
    )
    mode = t.choices(("1", "2", "3", "4", "5", "9"), (80, 8, 5, 3, 2, 2))[0]
    sans_rep, sans_interne = vivier.parfois(0.05), vivier.parfois(0.08)
    return {
        "IDENT_REP": None if sans_rep else f"{37_273_000 + numero * 7:010d}",
        "IDENT_INT": None
        if sans_interne and not sans_rep
        else f"{numero:05d}"
        if vivier.parfois(0.5)
        else f"LOG-{numero:05d}",
        "DEPCOM": commune["depcom"],
        "CODEPOSTAL": commune["code_postal"],
        "LIBCOM": commune["libelle"],
        "QPV": t.choices(("1", "2", None), (30, 60, 10))[0],
        "TYPECONST": t.choices(("C", "I", "E"), (75, 22, 3))[0],
        "NBPIECE": t.choices(("1", "2", "3", "4", "5", "6", "7", "9", "0", None), (8, 18, 28, 20, 10, 4, 2, 1, 3, 3))[
            0
        ],
        "SURFHAB": str(t.randint(18, 120)),
        "CONSTRUCT": t.choices((str(construit), "9999", "0", None), (88, 4, 3, 5))[0],
        "LOCAT": t.choices((str(en_location), "9999", "0", None), (92, 1, 2, 5))[0],
        "FINAN": t.choices((*FINANCEMENTS, None), (*POIDS, 3))[0],
        "CONV": t.choices(("1", "2", None), (80, 15, 5))[0],
        "SORTIEPATRIM": t.choices((None, "9"), (85, 15))[0],
        "MODE": mode,
        "BAIL": _bail(vivier, mode, annee - 1),
        "MISCOMMERCIAL": t.choices(("1", "2", None), (4, 80, 16))[0],
        "PMR": t.choices(("1", "2", "3", None), (50, 25, 15, 10))[0],
        "CAT_ORG": t.choices((categorie, None), (95, 5))[0],
        "EPCI": None if vivier.parfois(0.08) else commune["epci"],
        "LIBEPCI": commune["libelle_epci"],
    }


def _bail(vivier: Vivier, mode: str, derniere: int) -> str | None:
    if vivier.parfois(0.7 if mode != "1" else 0.05):
        return None
    if vivier.parfois(0.03):
        return "01/1900"
    return f"{vivier.tirage.randint(1, 12):02d}/{derniere - min(int(vivier.tirage.expovariate(0.2)), 40)}"


def _un_an_apres(vivier: Vivier, logement: Rang) -> Rang:
    apres = dict(logement)
    if vivier.parfois(0.05):
        present = next(commune for commune in vivier.communes if commune["depcom"] == logement["DEPCOM"])
        apres["DEPCOM"] = present["commune"]
    if vivier.parfois(0.3):
        apres["MODE"] = vivier.parmi("1", "1", "1", "2", "3")
        apres["BAIL"] = _bail(vivier, str(apres["MODE"]), vivier.annee)
    for colonne, valeurs in (("QPV", ("1", "2", "")), ("FINAN", ("13", "16", "")), ("MISCOMMERCIAL", ("1", "2", "2"))):
        if vivier.parfois(0.04):
            apres[colonne] = vivier.parmi(*valeurs) or None
    return apres
