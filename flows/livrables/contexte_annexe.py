"""What a Word template of annexe can name: finished texts in French, and two examples to try a template on."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flows.livrables import francais

Ligne = dict[str, Any]
Contexte = dict[str, Any]

LIGNES = "abcdefghij"
DETAILLEES = "bf"
NON_FOURNI = "non fourni"
RUBRIQUES = ("Parc de l'annexe", "Taux de rotation (ligne d)", "Taux du réservataire (ligne i)", "Arrondis")
"""The rows of `bilan.methode` that an annexe repeats."""

CHAMPS = frozenset({
    "bailleur", "reservataire", "code_reservataire", "type_reservataire", "territoire", "exercice", "annee",
    "date_arrete", "convention_debut", "convention_fin", "est_fictif", "est_provisoire", "lignes", "ligne", "details",
    "regles", "regle_taux", "droits", "objectif", "engagement", "exactes", "version",
})  # fmt: skip
ATTRIBUTS = frozenset({
    "code", "libelle", "valeur", "complete", "exacte", "nombre", "unite", "explication", "ecart_arrondi",
    "est_arrondie", "est_detail", "est_fournie", "rubrique", "regle", "source", "first", "last", "index",
    "length", *LIGNES,
})  # fmt: skip
OBLIGATOIRES = ("reservataire", "annee", "est_fictif", "est_provisoire")


def contexte(entete: Mapping[str, Any], lignes: Sequence[Mapping[str, Any]], regles: Sequence[Ligne]) -> Contexte:
    """The fields of one annexe from a row of `bilan.entetes` (with `bailleur` and `est_fictif`) and of
    `bilan.annexes`, its rows of `bilan.lignes_flux` (with `ecart_arrondi`) and of `bilan.methode`.

    A line of the annexe that the warehouse does not give is « non fourni », never zero. A detail of nought is left out:
    its line gives the sum.
    """
    presentees = [_ligne(ligne) for ligne in lignes]
    par_code = {ligne["code"]: ligne for ligne in presentees}
    return {
        "bailleur": _texte(entete["bailleur"]) or NON_FOURNI,
        "reservataire": _texte(entete["libelle"]),
        "code_reservataire": _texte(entete["code_reservataire"]),
        "type_reservataire": _texte(entete["libelle_type"]),
        "territoire": _texte(entete["libelle_territoire"]),
        "exercice": str(entete["annee"]),
        "annee": str(entete["annee"] + 1),
        "date_arrete": francais.jour(entete["date_arrete"]),
        "convention_debut": francais.jour(entete["date_debut"]),
        "convention_fin": francais.jour(entete["date_fin"]),
        "est_fictif": bool(entete["est_fictif"]),
        "est_provisoire": bool(entete["est_provisoire"]),
        "version": _texte(entete.get("version")),
        "lignes": presentees,
        "ligne": {code: par_code.get(code) or _ligne({"ligne": code}) for code in LIGNES},
        "details": {c: [_ligne(ligne) for ligne in lignes if _est_detail(ligne, c)] for c in DETAILLEES},
        "regles": [{nom: _texte(texte) for nom, texte in regle.items()} for regle in regles],
        "regle_taux": _texte(entete.get("regle_taux")) or "règle non fournie",
        "droits": francais.accord(entete["nb_droits"], "droit") if entete.get("nb_droits") else "",
        "objectif": _objectif(entete),
        "engagement": _texte(entete.get("engagement")),
        "exactes": " ; ".join(
            f"{ligne['code']} = {ligne['complete']}"
            for ligne in presentees
            if ligne["code"] in LIGNES and ligne["complete"] != ligne["valeur"]
        ),
    }


def _est_detail(ligne: Mapping[str, Any], code: str) -> bool:
    return str(ligne["ligne"]).startswith(f"{code}.") and ligne.get("valeur") != 0


def _objectif(entete: Mapping[str, Any]) -> str:
    """What is owed in N+1 with the carry-over, in words; empty without a carry-over."""
    report, objectif = entete.get("report_suivant"), entete.get("objectif_suivant")
    if not report or objectif is None:
        return ""
    sens = (
        f"dont {francais.lisible(report)} dus de"
        if report > 0
        else f"moins {francais.lisible(-report)} fournis en plus"
    )
    return f"{francais.accord(objectif, 'logement')}, {sens} l'année précédente"


def _ligne(ligne: Mapping[str, Any]) -> Ligne:
    valeur, exacte, unite = ligne.get("valeur"), ligne.get("valeur_exacte"), ligne.get("unite")
    ecart = ligne.get("ecart_arrondi")
    en_toutes_lettres = francais.pourcent if unite == "%" else lambda v: francais.accord(v, "logement")
    est_fournie = valeur is not None
    return {
        "code": _texte(ligne["ligne"]),
        "libelle": _texte(ligne.get("libelle")),
        "valeur": _lisible(valeur, unite),
        "complete": francais.pourcent(valeur) if unite == "%" else francais.nombre(valeur),
        "exacte": francais.pourcent(exacte) if unite == "%" else francais.nombre(exacte),
        "nombre": en_toutes_lettres(valeur) if est_fournie else NON_FOURNI,
        "unite": _texte(unite),
        "explication": _texte(ligne.get("explication")),
        "ecart_arrondi": ("+" if ecart and ecart > 0 else "") + francais.nombre(ecart).replace("-", "\u2212"),
        "est_arrondie": bool(ecart),
        "est_detail": "." in ligne["ligne"],
        "est_fournie": est_fournie,
    }


def _lisible(valeur: Any, unite: str | None) -> str:
    """A value as it is printed: two decimals at most."""
    lue = francais.lisible(valeur)
    return f"{lue}\u00a0%" if unite == "%" and valeur is not None else lue


def exemples() -> tuple[Contexte, Contexte]:
    """Everything given, and nothing given, to try a template before any annexe is written."""
    entete: dict[str, Any] = {
        "bailleur": "Bailleur & Cie",
        "libelle": "Commune d'exemple <1>",
        "code_reservataire": "commune_exemple",
        "libelle_type": "Commune",
        "libelle_territoire": "Exemple",
        "annee": 2025,
        "date_arrete": date(2025, 12, 31),
        "date_debut": date(2024, 1, 1),
        "date_fin": date(2026, 12, 31),
        "est_fictif": True,
        "est_provisoire": True,
        "regle_taux": "essai",
        "nb_droits": 12,
        "report_suivant": Decimal("1.5"),
        "objectif_suivant": Decimal(4),
        "engagement": "essai",
        "version": "v1 · 7f31c2a9",
    }
    fournie = {"libelle": "Ligne", "valeur": Decimal(1), "valeur_exacte": Decimal("1.2"), "unite": "logements"}
    fournie |= {"explication": "essai", "ecart_arrondi": Decimal("-0.2")}
    codes = [*LIGNES, "b.vente", "f.mutation_interne"]
    pleines: list[Mapping[str, Any]] = [fournie | {"ligne": code} for code in sorted(codes)]
    regles = [{"rubrique": rubrique, "regle": "essai", "source": "essai"} for rubrique in RUBRIQUES]
    vide = dict.fromkeys(("bailleur", "libelle_type", "date_debut", "date_fin", "est_fictif", "est_provisoire"))
    vide |= dict.fromkeys(("version", "regle_taux", "nb_droits", "report_suivant", "objectif_suivant", "engagement"))
    return contexte(entete, pleines, regles), contexte(entete | vide, [], [])


def _texte(valeur: object) -> str:
    """A text on one line, without the characters that Word forbids."""
    return "" if valeur is None else _sur_une_ligne(str(valeur))


@lru_cache(maxsize=8192)
def _sur_une_ligne(brut: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in brut).split())
