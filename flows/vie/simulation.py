"""What next year's flux would be under other hypotheses: the ladder a…j of the published annexes, computed again.

A hypothesis replaces one value of the ladder of one réservataire (of all, under `[tous]`); the lines that follow are
computed by the same formulas and the same rounding as an annexe (contrat, lines a…j). Five years ahead, the parc and
the rights move by what the files know (`SUPPOSE`). A simulation is never written among the outputs.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from flows import requetes
from flows.annexes.calcul import formule, par_regle
from flows.anomalies import MauvaisUsage
from flows.contrat.listes import decoder
from flows.contrat.valeurs_nombres import lire_decimal, lire_positif, lire_pourcentage
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
SIGNEES = ("logements_ajoutes", "exclusions_ajoutees")
LIGNES = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
MARQUE = "SIMULATION : hypothèses, et non chiffres publiés"
SUPPOSE = (
    "Cinq ans : les logements que programmes_neufs annonce sur le territoire entrent au parc le 1er janvier qui suit "
    "leur livraison, avec leurs droits de suite ; ceux dont la vente ou la démolition est déclarée en sortent le 1er "
    "janvier qui suit",
    "un droit finit à sa date, à défaut au remboursement de l'emprunt, cinq ans plus tard quand la garantie est "
    "prolongée (CCH R.441-6)",
    "le taux suit les droits quand la convention le calcule sur eux, et reste imprimé sinon ; rotation, exclusions et "
    "soustractions restent celles de la première année",
)
"""What the projection takes for granted, said on each of its pages."""


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
    """One réservataire in one later year: parc (lines a and c), rights that run, rate (i), flux that they give (j)."""

    code: str
    annee: int
    parc_total: Decimal
    parc_soumis: Decimal
    droits: Decimal
    taux_pct: Decimal | None
    flux: Decimal | None


@dataclass
class Simulation:
    """Everything that was computed, and what was supposed."""

    annee: int
    echelles: list[Simulee] = field(default_factory=list)
    projection: list[Projetee] = field(default_factory=list)
    hypotheses: list[str] = field(default_factory=list)
    modeles: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The convention whose territory and rules each code follows: its own, or the one that it is supposed to be."""


def lire_hypotheses(fichier: Path) -> dict[str, dict[str, Valeur]]:
    """{code or `tous`: {key: value}}; raises MauvaisUsage with the line and the closest name for an unknown key."""
    texte = decoder(fichier.read_bytes())
    if texte is None:
        raise MauvaisUsage(f"{fichier.name} n'est pas un texte. Modèle : gestion-flux simuler --modele.")
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
            if probleme := _probleme(cle, Decimal(valeur)):
                lieu = f"{fichier.name}, ligne {_ligne(texte, cle)}"
                raise MauvaisUsage(f"{lieu} : {cle} = {valeur} ne peut pas être, {probleme}.")
            hypotheses.setdefault(code, {})[cle] = Decimal(valeur)
    return hypotheses


def _probleme(cle: str, valeur: Decimal) -> str:
    """Why a value cannot be that of its line, as the contract reads it; empty when it can."""
    if not valeur.is_finite():
        return "un nombre est attendu"
    if cle.endswith("_pct"):
        return lire_pourcentage(str(valeur)).probleme or ("un taux ne dépasse pas 100" if valeur > 100 else "")
    lecteur = lire_decimal if cle in SIGNEES else lire_positif
    return lecteur(str(valeur), source_numerique=True).probleme or ""


def simuler(sorties: Path, hypotheses: Mapping[str, Mapping[str, Valeur]]) -> Simulation:
    """Computes the ladder of every réservataire that has one, and of each convention that is supposed (`comme`).

    Raises MauvaisUsage for a code without annexe.
    """
    with entrepots.lire(publie=sorties) as con:
        entetes = requetes.lignes(con, _ENTETES)
        lignes = requetes.lignes(con, "select code_reservataire, ligne, valeur from bilan.lignes_flux")
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
            rendu.modeles[code] = entete
            for nouveau in (n for n, modele_ in nouveaux.items() if modele_ == code):
                suppose = entete | {"code_reservataire": nouveau, "libelle": f"convention supposée, comme {code}"}
                une = _une(suppose, echelles[code], {**hypotheses.get(TOUS, {}), **hypotheses[nouveau]})
                rendu.echelles.append(replace(une, publiees=dict.fromkeys(LIGNES)))
                rendu.modeles[nouveau] = entete
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
        coalesce(e.arrondi_final, 'aucun') as arrondi_final,
        (select if(count(distinct c.mode_taux) = 1, max(c.mode_taux), 'plusieurs')
            from intermediaire.calcul_flux as c
            where c.usage = 'annexe' and c.code_reservataire = e.code_reservataire) as mode_taux
    from bilan.entetes as e
    where e.nature_bilan = 'reservataire'
    order by e.ordre
"""
_LIVRAISONS = """
    with operations as (
        select operation, code_insee, year(coalesce(date_livraison, date_livraison_prevue)) as annee,
            sum(nb_logements) as nombre, list(distinct code_reservataire) as codes
        from staging.programmes_neufs
        where statut <> 'abandonne' and coalesce(date_livraison, date_livraison_prevue) is not null
        group by all
    ),

    territoires as (
        select distinct p.code_reservataire, c.code_commune as commune
        from intermediaire.perimetres as p
        inner join intermediaire.parc as c using (millesime, id_logement)
        where p.usage = 'annexe'
    ),

    concernes as (
        select operation, code_insee, annee, nombre, unnest(codes) as code_reservataire from operations
        union
        select o.operation, o.code_insee, o.annee, o.nombre, t.code_reservataire
        from operations as o
        inner join territoires as t on o.code_insee = t.commune
    )

    select code_reservataire, annee, sum(nombre) as nombre from concernes group by all
"""
_DROITS_LIVRES = """
    select code_reservataire, year(coalesce(date_livraison, date_livraison_prevue)) as annee, nb_ds as nombre,
        duree_ds_annees as duree
    from staging.programmes_neufs
    where statut <> 'abandonne' and coalesce(date_livraison, date_livraison_prevue) is not null and nb_ds > 0
"""
_DEPARTS = """
    select p.code_reservataire, year(e.date_debut) as annee, count(distinct e.id_logement) as nombre
    from staging.exclusions as e
    inner join intermediaire.perimetres as p on e.id_logement = p.id_logement and p.usage = 'annexe' and p.est_soumis
    where e.motif_exclusion in ('vente', 'demolition') and e.date_debut is not null
    group by all
"""
_DROITS = """
    select code_reservataire, nb_droits_comptes as nombre, date_debut as debut, date_extinction as fin
    from intermediaire.droits_en_cours
    where nature_droit in ('ds', 'contingent')
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
    """The ladder again, each of five years, with the parc and the rights that the files know (`SUPPOSE`)."""
    livrees = {
        (x["code_reservataire"], x["annee"]): Decimal(x["nombre"] or 0) for x in requetes.lignes(con, _LIVRAISONS)
    }
    parties = {(x["code_reservataire"], x["annee"]): Decimal(x["nombre"]) for x in requetes.lignes(con, _DEPARTS)}
    droits: dict[str, list[_Droit]] = {}
    for x in requetes.lignes(con, _DROITS):
        droits.setdefault(x["code_reservataire"], []).append((x["nombre"], x["debut"], x["fin"]))
    for x in requetes.lignes(con, _DROITS_LIVRES):
        if x["annee"] >= rendu.annee:  # before: in the inventory of rights
            debut = date(x["annee"] + 1, 1, 1)
            fin = date(x["annee"] + int(x["duree"]), 12, 31) if x["duree"] else None
            droits.setdefault(x["code_reservataire"], []).append((Decimal(x["nombre"]), debut, fin))
    projetees = []
    for echelle in rendu.echelles:
        ajoutes = Decimal(0)
        modele_ = rendu.modeles[echelle.code]
        territoire = modele_["code_reservataire"]
        siens = droits.get(echelle.code, [])
        debut_droits = _courants(siens, rendu.annee)
        for annee in range(rendu.annee, rendu.annee + ANNEES) if echelle.simulees.get("c") is not None else ():
            if annee > rendu.annee:
                ajoutes += livrees.get((territoire, annee - 1), Decimal(0))
                ajoutes -= parties.get((territoire, annee - 1), Decimal(0))
            courants = _courants(siens, annee)
            v = _une_annee(echelle, modele_, ajoutes, (debut_droits, courants))
            a, c = v["a"] or Decimal(0), v["c"] or Decimal(0)
            projetees.append(Projetee(echelle.code, annee, a, c, courants, v["i"], v["j"]))
    return projetees


def _une_annee(
    echelle: Simulee, entete: Mapping[str, Any], ajoutes: Decimal, droits: tuple[Decimal, Decimal]
) -> dict[str, Decimal | None]:
    """The ladder with `ajoutes` dwellings more, and rights that go from `droits[0]` to `droits[1]`."""
    v = dict(echelle.simulees)
    if ajoutes == 0 and droits[0] == droits[1]:
        return v
    assiette = {"droits_sur_parc": "a", "droits_sur_parc_soumis": "c"}.get(entete["mode_taux"])
    avant = v.get(assiette or "")
    v["a"] = (v["a"] or Decimal(0)) + ajoutes
    v["c"] = _calculer("c", v, entete, "aucun")
    apres = v.get(assiette or "")
    if v["i"] is not None and avant and apres and not any(h.startswith("taux_pct") for h in echelle.hypotheses):
        gain = 100 * (droits[1] / apres - droits[0] / avant)
        v["i"] = max(Decimal(0), (v["i"] + gain).quantize(Decimal("0.000001"), ROUND_HALF_UP))
    for ligne, regle in (("e", "etapes"), ("h", "etapes"), ("j", "final")):
        if ligne != "j" or not any(h.startswith("volume_negocie") for h in echelle.hypotheses):
            v[ligne] = _calculer(ligne, v, entete, regle)
    return v


_Droit = tuple[Decimal, date | None, date | None]
"""How many, from when, until when."""


def _courants(droits: list[_Droit], annee: int) -> Decimal:
    """Rights that run on 1 January."""
    jour = date(annee, 1, 1)
    return sum((n for n, debut, fin in droits if (not debut or debut <= jour) and (not fin or fin >= jour)), Decimal(0))


def _ligne(texte: str, mot: str) -> int:
    return next(
        (i for i, ligne in enumerate(texte.splitlines(), start=1) if ligne.strip().startswith((mot, f'"{mot}"'))), 1
    )
