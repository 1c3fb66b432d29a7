"""A comparison or an explanation as text, as an Excel workbook, as a page."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.anomalies import MauvaisUsage
from flows.chemins import GABARITS, REGLAGES
from flows.livrables.francais import accord, jour, nombre
from flows.vie.comparaison import Cause, Chiffre, Comparaison
from flows.vie.explication import Explication
from flows.vie.simulation import MARQUE, Simulation, Simulee

A_L_ECRAN = 20
PAGE = "tableaux.html"
Tableau = tuple[str, tuple[str, ...], list[tuple[Any, ...]]]


def comparaison_en_texte(c: Comparaison, perimes: dict[str, list[str]]) -> str:
    """On one screen: how much changed, for whom, why, and which sendings are out of date."""
    lignes = [f"De {c.avant} à {c.apres}"]
    if not c.nb_chiffres:
        lignes.append(f"Aucun chiffre ne change : {accord(c.nb_compares, 'chiffre comparé', 'chiffres comparés')}.")
    else:
        lignes.append(
            f"{accord(c.nb_chiffres, 'chiffre change', 'chiffres changent')} sur {nombre(c.nb_compares)} : "
            f"{accord(len({x.code for x in c.chiffres}), 'bilan')}"
        )
        totaux = [
            x for x in c.chiffres if x.sujet != "répartition" and (" total total" in f" {x.quoi}" or x.sujet != "bilan")
        ]
        lignes += [f"  {_chiffre(x)}" for x in (totaux or c.chiffres)[:A_L_ECRAN]]
        if len(totaux or c.chiffres) > A_L_ECRAN:
            lignes.append(
                f"  … et {len(totaux or c.chiffres) - A_L_ECRAN} autres (--vers comparaison.xlsx les donne tous)"
            )
    lignes.append(
        f"{accord(c.nb_causes, 'cause')} :" if c.nb_causes else "Aucune différence d'entrée, d'option ou de règle."
    )
    lignes += [f"  {_cause(x)}" for x in c.causes[:A_L_ECRAN]]
    if c.nb_causes > A_L_ECRAN:
        lignes.append(f"  … et {c.nb_causes - A_L_ECRAN} autres")
    for code, fichiers in perimes.items():
        lignes.append(f"Déjà envoyé à {code}, et différent depuis : {', '.join(fichiers)}")
    if c.est_inexpliquee:
        lignes.append(
            "ATTENTION : des chiffres changent sans qu'aucune cause ne change. Vérifiez : gestion-flux verifier."
        )
    return "\n".join(lignes)


def comparaison_en_tableaux(c: Comparaison) -> list[Tableau]:
    """All the figures and all the causes."""
    return [
        (
            "Chiffres",
            ("sujet", "bilan", "chiffre", "avant", "après", "écart"),
            [(x.sujet, x.code, x.quoi, x.avant, x.apres, _ecart(x)) for x in c.chiffres],
        ),
        (
            "Causes",
            ("genre", "objet", "où", "avant", "après"),
            [(x.genre, x.objet, x.detail, x.avant, x.apres) for x in c.causes],
        ),
    ]


def explication_en_texte(e: Explication, limite: int = A_L_ECRAN) -> str:
    """The definition, the figure, the query, the rows counted and those left out."""
    lignes = [e.titre, f"  = {nombre(e.valeur)} {e.unite}".rstrip(), *(f"  {phrase}" for phrase in e.phrases)]
    if e.requete:
        lignes += ["", "Requête (se colle dans le shell DuckDB) :", *(f"  {x}" for x in e.requete.splitlines())]
    for titre, colonnes, rangees in explication_en_tableaux(e):
        if rangees:
            lignes += ["", f"{titre} ({len(rangees)}) :", "  " + " | ".join(colonnes)]
            lignes += ["  " + " | ".join(_cellule(v) for v in rangee) for rangee in rangees[:limite]]
            if len(rangees) > limite:
                lignes.append(f"  … et {len(rangees) - limite} autres (--vers explication.xlsx les donne toutes)")
    if e.total is not None:
        verdict = "c'est le chiffre publié" if e.est_juste else f"le chiffre publié est {nombre(e.valeur)} : ÉCART"
        lignes += ["", f"Somme des lignes : {nombre(e.total)}, {verdict}."]
    return "\n".join(lignes)


def explication_en_tableaux(e: Explication) -> list[Tableau]:
    """The rows counted, the rows left out."""
    return [("Lignes", e.colonnes, e.lignes), ("Lignes écartées", e.colonnes_ecartees, e.ecartees)]


def simulation_en_texte(s: Simulation) -> str:
    """The flux of each réservataire, published and simulated; the lines of those that change."""
    lignes = [f"{MARQUE}. Flux {s.annee}", *(f"  {h}" for h in s.hypotheses or ["aucune hypothèse : chiffres publiés"])]
    for e in s.echelles:
        avant, apres = e.publiees.get("j"), e.simulees.get("j")
        lignes.append(f"  {e.code:<20} flux {nombre(avant)} → {nombre(apres)}")
    return "\n".join(lignes)


def simulation_en_tableaux(s: Simulation) -> list[Tableau]:
    """Line by line, then year by year."""
    echelle = [
        (e.code, e.libelle, ligne, e.publiees.get(ligne), e.simulees.get(ligne), _difference(e, ligne))
        for e in s.echelles
        for ligne in e.publiees
    ]
    projection = [(p.code, p.annee, p.parc_soumis, p.droits, p.flux) for p in s.projection]
    return [
        ("Lignes a à j", ("réservataire", "libellé", "ligne", "publié", "simulé", "écart"), echelle),
        ("Cinq ans", ("réservataire", "année", "parc soumis", "droits courants", "flux projeté"), projection),
    ]


def ecrire(fichier: Path, titre: str, phrases: Sequence[str], tableaux: Sequence[Tableau]) -> None:
    """Writes tables as .xlsx or .html, whole or not at all. Raises MauvaisUsage for another kind, or a file there."""
    if fichier.suffix.lower() not in (".xlsx", ".html"):
        raise MauvaisUsage(f"{fichier.name} : un nom en .xlsx ou en .html est attendu.")
    if fichier.exists():
        raise MauvaisUsage(f"{fichier} existe déjà : donnez un autre nom, ou déplacez-le.")
    provisoire = fichier.with_name(f".{fichier.name}.partiel")
    if fichier.suffix.lower() == ".html":
        lieux = FileSystemLoader([REGLAGES, GABARITS])
        page = Environment(loader=lieux, undefined=StrictUndefined, autoescape=True).get_template(PAGE)
        tables = [(nom, cols, [[_cellule(v) for v in r] for r in rangees]) for nom, cols, rangees in tableaux]
        provisoire.write_text(page.render(titre=titre, phrases=phrases, tableaux=tables), encoding="utf-8")
    else:
        _classeur(provisoire, titre, phrases, tableaux)
    provisoire.replace(fichier)


def _classeur(fichier: Path, titre: str, phrases: Sequence[str], tableaux: Sequence[Tableau]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(fichier, {"strings_to_formulas": False, "strings_to_urls": False}) as classeur:
        gras = classeur.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        date_fr = classeur.add_format({"num_format": "dd/mm/yyyy"})
        resume = classeur.add_worksheet("Résumé")
        resume.set_column(0, 0, 120)
        for i, phrase in enumerate([titre, *phrases]):
            resume.write_string(i, 0, phrase)
        for nom, colonnes, rangees in tableaux:
            feuille = classeur.add_worksheet(nom[:31])
            feuille.write_row(0, 0, colonnes, gras)
            feuille.set_column(0, max(len(colonnes) - 1, 0), 22)
            feuille.freeze_panes(1, 0)
            for i, rangee in enumerate(rangees, start=1):
                for j, valeur in enumerate(rangee):
                    if isinstance(valeur, date):
                        feuille.write_datetime(i, j, valeur, date_fr)
                    elif isinstance(valeur, Decimal | int | float) and not isinstance(valeur, bool):
                        feuille.write_number(i, j, float(valeur))
                    elif valeur is not None:
                        feuille.write_string(i, j, str(valeur))
            if colonnes and rangees:
                feuille.autofilter(0, 0, len(rangees), len(colonnes) - 1)


def _chiffre(x: Chiffre) -> str:
    quoi = x.quoi.replace(" total total", "")
    prefixe = "" if x.sujet == "bilan" else f"{x.sujet} "
    return f"{x.code:<18} {prefixe}{quoi:<34} {nombre(x.avant)} → {nombre(x.apres)}"


def _difference(e: Simulee, ligne: str) -> Decimal | None:
    avant, apres = e.publiees.get(ligne), e.simulees.get(ligne)
    return None if avant is None or apres is None else apres - avant


def _ecart(x: Chiffre) -> Decimal | None:
    return x.apres - x.avant if x.apres is not None and x.avant is not None else None


def _cause(x: Cause) -> str:
    valeurs = (
        f" : {x.avant or 'vide'} → {x.apres or 'vide'}" if x.genre not in ("ligne ajoutée", "ligne retirée") else ""
    )
    return f"{x.genre} {x.objet} {x.detail}".rstrip() + valeurs


def _cellule(valeur: object) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, date):
        return jour(valeur)
    return nombre(valeur) if isinstance(valeur, Decimal) else str(valeur)
