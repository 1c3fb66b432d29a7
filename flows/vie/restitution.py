"""A comparison or an explanation as text, as an Excel workbook, as a page."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flows.anomalies import MauvaisUsage
from flows.fichiers import entier
from flows.livrables.francais import accord, jour, nombre
from flows.livrables.page import environnement
from flows.vie.comparaison import Cause, Chiffre, Comparaison
from flows.vie.explication import Explication
from flows.vie.simulation import MARQUE, Simulation, Simulee

A_L_ECRAN = 20
EXEMPLES = 3
"""Causes of one table shown when there are too many for a screen."""
PAGE = "tableaux.html"
SANS_HYPOTHESE = "aucune hypothèse : chiffres publiés"
FLUX = "Flux publié et simulé"
CINQ_ANS = "Flux sur cinq ans"
GRAPHIQUES: dict[str, tuple[str, ...]] = {FLUX: ("publié", "simulé"), CINQ_ANS: ()}
"""Tables that have a chart beside them: the columns that it draws; all but the first, when none is named."""
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
    if c.nb_causes > A_L_ECRAN:  # first how many of each, then the first of each
        for objet, genres in c.comptes.items():
            lignes.append(f"  {objet:<20} " + ", ".join(_compte(genre, n) for genre, n in genres.items()))
            siennes = [x for x in c.causes if objet in (x.objet, x.genre)]
            lignes += [f"    {_cause(x)}" for x in siennes[:EXEMPLES]] + ["    …"] * (len(siennes) > EXEMPLES)
    else:
        lignes += [f"  {_cause(x)}" for x in c.causes]
    for code, fichiers in perimes.items():
        lignes.append(f"Déjà envoyé à {code}, et différent depuis : {', '.join(fichiers)}")
    if c.est_inexpliquee:
        lignes.append(
            f"ATTENTION : {accord(len(c.inexpliques), 'chiffre change', 'chiffres changent')} sans que rien de ce dont "
            f"ils viennent ne change : {', '.join(f'{x.code} {x.quoi}' for x in c.inexpliques[:3])}. "
            "Vérifiez : gestion-flux verifier."
        )
    elif c.nb_chiffres:
        lignes.append("Chaque chiffre qui change a une cause parmi celles-ci. Pour l'un d'eux : gestion-flux expliquer")
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
    lignes = [f"{MARQUE}. Flux {s.annee}", *(f"  {h}" for h in s.hypotheses or [SANS_HYPOTHESE])]
    for e in s.echelles:
        avant, apres = e.publiees.get("j"), e.simulees.get("j")
        lignes.append(f"  {e.code:<20} flux {nombre(avant)} → {nombre(apres)}")
    return "\n".join(lignes)


def simulation_en_tableaux(s: Simulation) -> list[Tableau]:
    """The flux of each, line by line, then year by year."""
    flux = [(e.code, e.libelle, e.publiees.get("j"), e.simulees.get("j"), _difference(e, "j")) for e in s.echelles]
    echelle = [
        (e.code, e.libelle, ligne, e.publiees.get(ligne), e.simulees.get(ligne), _difference(e, ligne))
        for e in s.echelles
        for ligne in e.publiees
    ]
    projection = [(p.code, p.annee, p.parc_total, p.parc_soumis, p.droits, p.taux_pct, p.flux) for p in s.projection]
    annees = sorted({p.annee for p in s.projection})
    flux_de = {(p.code, p.annee): p.flux for p in s.projection}
    cinq_ans = [(e.code, *(flux_de.get((e.code, annee)) for annee in annees)) for e in s.echelles]
    return [
        (FLUX, ("réservataire", "libellé", "publié", "simulé", "écart"), flux),
        ("Lignes a à j", ("réservataire", "libellé", "ligne", "publié", "simulé", "écart"), echelle),
        (CINQ_ANS, ("réservataire", *map(str, annees)), cinq_ans),
        (
            "Cinq ans, ligne à ligne",
            ("réservataire", "année", "parc (a)", "parc soumis (c)", "droits courants", "taux en % (i)", "flux (j)"),
            projection,
        ),
    ]


def ecrire(fichier: Path, titre: str, phrases: Sequence[str], tableaux: Sequence[Tableau], marque: str = "") -> None:
    """Writes tables as .xlsx or .html, whole or not at all. Raises MauvaisUsage for another kind, or a file there.

    `marque` is said on every sheet, on every printed page and above every table, with the sentences.
    """
    if fichier.suffix.lower() not in (".xlsx", ".html"):
        raise MauvaisUsage(f"{fichier.name} : un nom en .xlsx ou en .html est attendu.")
    if fichier.exists():
        raise MauvaisUsage(f"{fichier} existe déjà : donnez un autre nom, ou déplacez-le.")
    ecrire_ainsi = _page if fichier.suffix.lower() == ".html" else _classeur
    with entier(fichier) as provisoire:
        ecrire_ainsi(provisoire, titre, phrases, tableaux, marque)


def _page(fichier: Path, titre: str, phrases: Sequence[str], tableaux: Sequence[Tableau], marque: str) -> None:
    page = environnement().get_template(PAGE)
    tables = [
        (nom, cols, [[_cellule(v) for v in r] for r in rangees], _barres(nom, cols, rangees))
        for nom, cols, rangees in tableaux
    ]
    fichier.write_text(page.render(titre=titre, phrases=phrases, tableaux=tables, marque=marque), encoding="utf-8")


def _classeur(fichier: Path, titre: str, phrases: Sequence[str], tableaux: Sequence[Tableau], marque: str) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(fichier, {"strings_to_formulas": False, "strings_to_urls": False}) as classeur:
        gras = classeur.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        date_fr = classeur.add_format({"num_format": "dd/mm/yyyy"})
        rouge = classeur.add_format({"bold": True, "font_color": "#8A1C12"})
        feuilles: list[tuple[Any, Tableau]] = [(classeur.add_worksheet("Résumé"), ("", (), []))] + [
            (classeur.add_worksheet(nom[:31]), (nom, colonnes, rangees)) for nom, colonnes, rangees in tableaux
        ]
        for feuille, (nom, colonnes, rangees) in feuilles:
            dites = [titre, *phrases] if not nom else [f"{marque} ({' ; '.join(phrases)})"] if marque else []
            if marque:
                feuille.set_header(f"&C&B{marque}")
                feuille.set_tab_color("#8A1C12")
            for i, phrase in enumerate(dites):
                feuille.write_string(i, 0, phrase, rouge if marque and i == 0 else None)
            if not nom:
                feuille.set_column(0, 0, 120)
                continue
            haut = len(dites)
            feuille.write_row(haut, 0, colonnes, gras)
            feuille.set_column(0, max(len(colonnes) - 1, 0), 22)
            feuille.freeze_panes(haut + 1, 0)
            for i, rangee in enumerate(rangees, start=haut + 1):
                for j, valeur in enumerate(rangee):
                    if isinstance(valeur, date):
                        feuille.write_datetime(i, j, valeur, date_fr)
                    elif isinstance(valeur, Decimal | int | float) and not isinstance(valeur, bool):
                        feuille.write_number(i, j, float(valeur))
                    elif valeur is not None:
                        feuille.write_string(i, j, str(valeur))
            if colonnes and rangees:
                feuille.autofilter(haut, 0, haut + len(rangees), len(colonnes) - 1)
                if nom in GRAPHIQUES:
                    _tracer(classeur, feuille, nom, colonnes, (haut, haut + len(rangees)), marque)


def _tracer(
    classeur: Any, feuille: Any, nom: str, colonnes: Sequence[str], lignes: tuple[int, int], marque: str
) -> None:
    """A chart beside a table: its series are the columns that `GRAPHIQUES` names, its names the first column."""
    haut, bas = lignes
    graphique = classeur.add_chart({"type": "column"})
    for serie in GRAPHIQUES[nom] or colonnes[1:]:
        rang = colonnes.index(serie)
        graphique.add_series(
            {
                "name": serie,
                "categories": [nom[:31], haut + 1, 0, bas, 0],
                "values": [nom[:31], haut + 1, rang, bas, rang],
            }
        )
    graphique.set_title(
        {"name": f"{nom}{' : ' if marque else ''}{marque.partition(' ')[0]}", "name_font": {"size": 11}}
    )
    graphique.set_legend({"position": "bottom"})
    graphique.set_size({"width": 900, "height": 360})
    feuille.insert_chart(haut + 1, len(colonnes) + 1, graphique)


def _barres(
    nom: str, colonnes: Sequence[str], rangees: Sequence[tuple[Any, ...]]
) -> list[tuple[str, list[tuple[str, float, str]]]]:
    """The chart of a table on a page: each row, then its bars (series, length in percent, value in words)."""
    if nom not in GRAPHIQUES:
        return []
    rangs = [colonnes.index(serie) for serie in GRAPHIQUES[nom] or colonnes[1:]]
    maximum = max((rangee[r] or 0 for rangee in rangees for r in rangs), default=0)
    return [
        (str(rangee[0]), [(colonnes[r], _longueur(rangee[r], maximum), _cellule(rangee[r])) for r in rangs])
        for rangee in rangees
    ]


def _longueur(valeur: Any, maximum: Any) -> float:
    return round(float(max(valeur or 0, 0)) / float(maximum) * 80, 2) if maximum else 0.0


def _chiffre(x: Chiffre) -> str:
    quoi = x.quoi.replace(" total total", "")
    prefixe = "" if x.sujet == "bilan" else f"{x.sujet} "
    return f"{x.code:<18} {prefixe}{quoi:<34} {nombre(x.avant)} → {nombre(x.apres)}"


def _difference(e: Simulee, ligne: str) -> Decimal | None:
    avant, apres = e.publiees.get(ligne), e.simulees.get(ligne)
    return None if avant is None or apres is None else apres - avant


def _ecart(x: Chiffre) -> Decimal | None:
    return x.apres - x.avant if x.apres is not None and x.avant is not None else None


def _compte(genre: str, nombre_: int) -> str:
    if not genre.startswith("ligne "):
        return genre
    return accord(nombre_, genre, genre.replace("ligne ", "lignes ") + "s")


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
