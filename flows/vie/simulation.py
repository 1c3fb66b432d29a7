"""What next year's flux would be under other hypotheses: the ladder a…j of the published annexes, computed again.

A hypothesis replaces one value of the ladder of one réservataire (of all, under `[tous]`); the lines that follow are
computed by the same formulas and the same rounding as an annexe (contrat, lines a…j). Five years ahead, the parc
moves by what the files know: deliveries foreseen, and rights that end. A simulation is never written among the outputs.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from flows.annexes.calcul import formule, par_regle
from flows.anomalies import MauvaisUsage
from flows.vie import entrepots

TOUS = "tous"
COMME = "comme"
Valeur = Decimal | str
ANNEES = 5
CLES = {
    "taux_rotation_pct": "d, le taux de rotation, en %",
    "taux_pct": "i, la part du réservataire, en %",
    "logements_ajoutes": "à la ligne a : logements livrés ou acquis (négatif : vendus, démolis)",
    "exclusions_ajoutees": "à la ligne b : logements de plus hors du flux (négatif : de moins)",
    "soustractions": "f, en logements sur le périmètre",
    "autres_deductions": "g, en logements",
    "volume_negocie": "j lui-même, quand il est négocié (droits de suite convertis en droits uniques)",
    COMME: 'une convention nouvelle, sur le territoire et avec les règles de ce réservataire : comme = "VILLE"',
}
LIGNES = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
MARQUE = "SIMULATION : hypothèses, et non chiffres publiés"


@dataclass(frozen=True)
class Simulee:
    """The ladder of one réservataire: published, and under the hypotheses; None where a line is not known."""

    code: str
    libelle: str
    publiees: Mapping[str, Decimal | None]
    simulees: Mapping[str, Decimal | None]
    hypotheses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Projetee:
    """One réservataire in one later year: parc soumis with deliveries, rights still running, flux that they give."""

    code: str
    annee: int
    parc_soumis: Decimal
    droits: Decimal
    flux: Decimal | None


@dataclass
class Simulation:
    """Everything that was computed, and what was supposed."""

    annee: int
    echelles: list[Simulee] = field(default_factory=list)
    projection: list[Projetee] = field(default_factory=list)
    hypotheses: list[str] = field(default_factory=list)


def lire_hypotheses(fichier: Path) -> dict[str, dict[str, Valeur]]:
    """{code or `tous`: {key: value}}; raises MauvaisUsage with the line and the closest name for an unknown key."""
    texte = fichier.read_text(encoding="utf-8-sig")
    try:
        lu = tomllib.loads(texte, parse_float=Decimal)
    except tomllib.TOMLDecodeError as faute:
        raise MauvaisUsage(
            f"{fichier.name} n'est pas lisible ({faute}). Modèle : gestion-flux simuler --modele."
        ) from faute
    hypotheses: dict[str, dict[str, Valeur]] = {}
    for code, valeurs in lu.items():
        if not isinstance(valeurs, dict):
            raise MauvaisUsage(
                f"{fichier.name}, ligne {_ligne(texte, code)} : « {code} » hors d'une section [CODE] ou [tous]."
            )
        for cle, valeur in valeurs.items():
            if cle not in CLES:
                proche = get_close_matches(cle, CLES, 1)
                suite = f" Vouliez-vous dire {proche[0]} ?" if proche else f" Connues : {', '.join(CLES)}."
                raise MauvaisUsage(f"{fichier.name}, ligne {_ligne(texte, cle)} : clé inconnue « {cle} ».{suite}")
            if cle == COMME and isinstance(valeur, str) and code != TOUS:
                hypotheses.setdefault(code, {})[cle] = valeur
                continue
            if isinstance(valeur, bool) or not isinstance(valeur, int | Decimal):
                attendu = "un code de réservataire entre guillemets" if cle == COMME else "un nombre"
                raise MauvaisUsage(f"{fichier.name}, ligne {_ligne(texte, cle)} : {cle} attend {attendu}.")
            hypotheses.setdefault(code, {})[cle] = Decimal(valeur)
    return hypotheses


def simuler(sorties: Path, hypotheses: Mapping[str, Mapping[str, Valeur]]) -> Simulation:
    """Computes the ladder of every réservataire that has one, and of each convention that is supposed (`comme`).

    Raises MauvaisUsage for a code without annexe.
    """
    with entrepots.lire(publie=sorties) as con:
        entetes = _lire(con, _ENTETES)
        lignes = _lire(con, "select code_reservataire, ligne, valeur from bilan.lignes_flux")
        echelles: dict[str, dict[str, Decimal | None]] = {}
        for ligne in lignes:
            echelles.setdefault(ligne["code_reservataire"], {})[ligne["ligne"]] = ligne["valeur"]
        codes = [e["code_reservataire"] for e in entetes if "j" in echelles.get(e["code_reservataire"], {})]
        nouveaux = {code: str(v[COMME]) for code, v in hypotheses.items() if COMME in v}
        if pris := sorted(nouveaux.keys() & set(codes)):
            raise MauvaisUsage(f"« {pris[0]} » a déjà une annexe : {COMME} est pour une convention nouvelle.")
        if inconnus := [c for c in (*hypotheses, *nouveaux.values()) if c not in (*codes, TOUS, *nouveaux)]:
            proche = get_close_matches(inconnus[0], codes, 1)
            suite = f" Vouliez-vous dire {proche[0]} ?" if proche else f" Connus : {', '.join(codes)}."
            raise MauvaisUsage(f"Aucune annexe pour « {inconnus[0]} ».{suite}")
        rendu = Simulation(int(entetes[0]["annee"]) + 1)
        for entete in (e for e in entetes if e["code_reservataire"] in codes):
            code = entete["code_reservataire"]
            voulues = {**hypotheses.get(TOUS, {}), **hypotheses.get(code, {})}
            rendu.echelles.append(_une(entete, echelles[code], voulues))
            for nouveau in (n for n, modele_ in nouveaux.items() if modele_ == code):
                suppose = entete | {"code_reservataire": nouveau, "libelle": f"convention supposée, comme {code}"}
                une = _une(suppose, echelles[code], {**hypotheses.get(TOUS, {}), **hypotheses[nouveau]})
                rendu.echelles.append(replace(une, publiees=dict.fromkeys(LIGNES)))
        rendu.hypotheses = [
            f"{'tous les réservataires' if code == TOUS else code} : {cle} = {valeur}"
            for code, valeurs in hypotheses.items()
            for cle, valeur in valeurs.items()
        ]
        rendu.projection = _projeter(con, rendu)
    return rendu


def modele(sorties: Path) -> str:
    """A commented file of hypotheses, with the published values of this campaign."""
    base = simuler(sorties, {})
    lignes = [
        "# Hypothèses pour gestion-flux simuler : retirez le # d'une ligne pour changer sa valeur.",
        *(f"# {cle} : {sens}" for cle, sens in CLES.items()),
        "",
        f"[{TOUS}]",
        "# taux_rotation_pct = 9.5",
        "",
    ]
    for echelle in base.echelles:
        lignes.append(f'["{echelle.code}"]  # {echelle.libelle}')
        for cle, ligne in (
            ("taux_rotation_pct", "d"),
            ("taux_pct", "i"),
            ("soustractions", "f"),
            ("autres_deductions", "g"),
        ):
            valeur = echelle.publiees.get(ligne)
            lignes.append(f"# {cle} = {'0' if valeur is None else format(valeur.normalize(), 'f')}")
        lignes += ["# logements_ajoutes = 0", "# exclusions_ajoutees = 0", ""]
    return "\n".join(lignes)


_ENTETES = """
    select e.annee, e.code_reservataire, e.libelle, coalesce(e.arrondi_etapes, 'aucun') as arrondi_etapes,
        coalesce(e.arrondi_final, 'aucun') as arrondi_final
    from bilan.entetes as e
    where e.nature_bilan = 'reservataire'
    order by e.ordre
"""
_LIVRAISONS = """
    select code_reservataire, year(coalesce(date_livraison, date_livraison_prevue)) as annee,
        sum(nb_logements) as nombre
    from staging.programmes_neufs
    where statut <> 'abandonne' and coalesce(date_livraison, date_livraison_prevue) is not null
    group by all
"""
_DEPARTS = """
    select p.code_reservataire, year(e.date_debut) as annee, count(distinct e.id_logement) as nombre
    from staging.exclusions as e
    inner join intermediaire.perimetres as p on e.id_logement = p.id_logement and p.usage = 'annexe' and p.est_soumis
    where e.motif_exclusion in ('vente', 'demolition') and e.date_debut is not null
    group by all
"""
_DROITS = """
    select d.code_reservataire, d.nombre_droits, d.date_fin, d.date_fin_emprunt, r.type_reservataire
    from staging.droits as d
    left join (select distinct on (code_reservataire) * from staging.reservataires
        order by code_reservataire, code_territoire, date_debut) as r
        on d.code_reservataire = r.code_reservataire
    where d.nature_droit in ('ds', 'contingent')
"""


def _une(entete: Mapping[str, Any], publiees: Mapping[str, Decimal | None], dites: Mapping[str, Valeur]) -> Simulee:
    v = dict(publiees)
    voulues = {cle: valeur for cle, valeur in dites.items() if isinstance(valeur, Decimal)}
    remplacements = {"taux_rotation_pct": "d", "taux_pct": "i", "soustractions": "f", "autres_deductions": "g"}
    for cle, valeur in voulues.items():
        if cle in remplacements:
            v[remplacements[cle]] = valeur
    if "logements_ajoutes" in voulues and v.get("a") is not None:
        v["a"] = (v["a"] or Decimal(0)) + voulues["logements_ajoutes"]
    if "exclusions_ajoutees" in voulues and v.get("b") is not None:
        v["b"] = (v["b"] or Decimal(0)) + voulues["exclusions_ajoutees"]
    simulees = {ligne: v.get(ligne) for ligne in LIGNES}
    if voulues:  # without any, the published ladder itself: several conventions of one code are each rounded
        for ligne, regle in (("c", "aucun"), ("e", "etapes"), ("h", "etapes"), ("j", "final")):
            simulees[ligne] = _calculer(ligne, simulees, entete, regle)
        simulees["j"] = voulues.get("volume_negocie", simulees["j"])
    return Simulee(
        entete["code_reservataire"],
        entete["libelle"],
        {ligne: publiees.get(ligne) for ligne in LIGNES},
        simulees,
        tuple(f"{cle} = {valeur}" for cle, valeur in dites.items()),
    )


def _calculer(ligne: str, v: Mapping[str, Decimal | None], entete: Mapping[str, Any], regle: str) -> Decimal | None:
    besoins = {"c": "ab", "e": "cd", "h": "efg", "j": "hi"}[ligne]
    connues = {nom: valeur for nom in besoins if (valeur := v.get(nom)) is not None}
    if len(connues) < len(besoins):
        return None
    exact = formule(ligne, connues)
    nom = {"aucun": "aucun", "etapes": entete["arrondi_etapes"], "final": entete["arrondi_final"]}[regle]
    return par_regle(ligne, exact).get(nom, exact)


def _projeter(con: duckdb.DuckDBPyConnection, rendu: Simulation) -> list[Projetee]:
    """Five years: deliveries enter the parc the year after, sales and demolitions that are declared leave it the year
    after, rights end when they end; the rest as simulated."""
    livrees = {(x["code_reservataire"], x["annee"]): Decimal(x["nombre"] or 0) for x in _lire(con, _LIVRAISONS)}
    parties = {(x["code_reservataire"], x["annee"]): Decimal(x["nombre"]) for x in _lire(con, _DEPARTS)}
    fins: dict[str, list[tuple[date | None, Decimal]]] = {}
    for droit in _lire(con, _DROITS):
        fins.setdefault(droit["code_reservataire"], []).append((_fin(droit), Decimal(droit["nombre_droits"] or 1)))
    projetees = []
    for echelle in rendu.echelles:
        c, j = echelle.simulees.get("c"), echelle.simulees.get("j")
        if c is None:
            continue
        ajoutes = Decimal(0)
        debut = _courants(fins.get(echelle.code, []), rendu.annee)
        for annee in range(rendu.annee, rendu.annee + ANNEES):
            if annee > rendu.annee:
                ajoutes += livrees.get((echelle.code, annee - 1), Decimal(0))
                ajoutes -= parties.get((echelle.code, annee - 1), Decimal(0))
            droits = _courants(fins.get(echelle.code, []), annee)
            # the flux follows the parc, and the rights where there are some
            part = droits / debut if debut else Decimal(1)
            flux = None if j is None or not c else (j * (c + ajoutes) / c * part).quantize(Decimal("0.01"))
            projetees.append(Projetee(echelle.code, annee, c + ajoutes, droits, flux))
    return projetees


def _courants(fins: list[tuple[date | None, Decimal]], annee: int) -> Decimal:
    """Rights that run on 1 January."""
    return sum((nombre for fin, nombre in fins if fin is None or fin >= date(annee, 1, 1)), Decimal(0))


def _fin(droit: Mapping[str, Any]) -> date | None:
    """End of a right: its own, else five years after the loan for communes and EPCI (R.441-6), else the loan's."""
    if droit["date_fin"] or not droit["date_fin_emprunt"]:
        fin: date | None = droit["date_fin"]
        return fin
    emprunt: date = droit["date_fin_emprunt"]
    return _dans(emprunt, 5) if droit["type_reservataire"] in ("commune", "epci") else emprunt


def _dans(jour: date, annees: int) -> date:
    try:
        return jour.replace(year=jour.year + annees)
    except ValueError:  # 29 February
        return jour.replace(year=jour.year + annees, day=28)


def _lire(con: duckdb.DuckDBPyConnection, requete: str) -> list[dict[str, Any]]:
    curseur = con.execute(requete)
    noms = [d[0] for d in curseur.description or ()]
    return [dict(zip(noms, ligne, strict=True)) for ligne in curseur.fetchall()]


def _ligne(texte: str, mot: str) -> int:
    return next(
        (i for i, ligne in enumerate(texte.splitlines(), start=1) if ligne.strip().startswith((mot, f'"{mot}"'))), 1
    )
