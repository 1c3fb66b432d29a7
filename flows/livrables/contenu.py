"""From the finished tables of the warehouse and the template to documents ready to be written.

Nothing is computed here: rows (`lues.py`) are put beside their words.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

import duckdb

from flows import requetes
from flows.anomalies import ArretBloquant
from flows.livrables import francais, mots
from flows.livrables.gabarits import (
    Champ,
    DocumentGabarit,
    Feuille,
    Gabarits,
    GraphiqueGabarit,
    LigneSynthese,
    Synthese,
)
from flows.livrables.lues import TOUS, Lues, colonnes_de, lire_feuilles, tables_manquantes
from flows.livrables.tableau import Chiffre, Colonne, Document, Format, Graphique, Ligne, Tableau, longueur

Contexte = Mapping[str, Any]
_FORMULE = re.compile(r"(?:[-+*/(),.0-9]|ROUND|INT|MAX|\{[a-z_.0-9]+\})+")
"""What a live formula may be: four operations and three functions on the cells of its own column."""
_NOMMES = re.compile(r"\{([a-z_.0-9]+)\}")


def contextes(
    con: duckdb.DuckDBPyConnection, gabarits: Gabarits, codes: Sequence[str] = (), synthese: str = "bilan.synthese"
) -> list[Contexte]:
    """What the words of each bilan can name, one mapping per réservataire, in the order of `bilan.entetes`.

    `synthese` is the table of the headline figures, one row a bilan.
    """
    commun = contexte_commun(con, gabarits)
    syntheses = {ligne["code_reservataire"]: ligne for ligne in requetes.lignes(con, f"select * from {synthese}")}
    entetes = requetes.lignes(con, "select * from bilan.entetes order by ordre, code_reservataire")
    absente = dict.fromkeys(colonnes_de(con, synthese))
    return [
        {**commun, **syntheses.get(entete["code_reservataire"], absente), **entete}
        for entete in entetes
        if not codes or entete["code_reservataire"] in codes
    ]


def contexte_commun(con: duckdb.DuckDBPyConnection, gabarits: Gabarits) -> dict[str, Any]:
    """What every text can name: the exercice, the rows read and rejected, whom to ask."""
    (exercice,) = requetes.lignes(con, "select * from ref.exercice")
    (rejets,) = requetes.lignes(
        con,
        """
        select
            coalesce(sum(lues), 0) as lignes_lues,
            coalesce(sum(rejetees - doubles), 0) as lignes_rejetees,
            coalesce(list(distinct table_metier order by table_metier) filter (rejetees > doubles), [])
                as tables_rejetees
        from audit.comptage_lignes
        """,
    )
    rejets["tables_rejetees"] = francais.liste(rejets["tables_rejetees"])
    contact = {f"contact_{cle}": valeur for cle, valeur in gabarits.theme.contact.items()}
    return {f"exercice_{cle}": valeur for cle, valeur in exercice.items()} | rejets | contact


def bandeaux(gabarits: Gabarits, contexte: Contexte) -> list[str]:
    """The banners of a campaign: fictitious data, a year that is not over."""
    contexte = {"date_arrete": contexte["exercice_date_fin"], **contexte}
    etats = [etat for etat in ("fictif", "provisoire") if contexte[f"exercice_est_{etat}"]]
    return [mots.rendre(gabarits.textes[f"bandeau_{etat}"], contexte) for etat in etats]


def contexte_controles(con: duckdb.DuckDBPyConnection, gabarits: Gabarits) -> Contexte:
    """What the words of the controls can name."""
    nombres = dict(con.execute("select gravite, count(*) from audit.anomalies group by gravite").fetchall())
    gravites = ("bloquant", "erreur", "avertissement", "information")
    return contexte_commun(con, gabarits) | {f"nb_{gravite}": nombres.get(gravite, 0) for gravite in gravites}


def charger_bilans(con: duckdb.DuckDBPyConnection, gabarits: Gabarits, codes: Sequence[str] = ()) -> list[Document]:
    """The bilan of every réservataire (or of `codes`), in the order of `bilan.entetes`."""
    manquantes = tables_manquantes(con)
    concernes = contextes(con, gabarits, codes)
    voulus = [contexte["code_reservataire"] for contexte in concernes]
    lues = lire_feuilles(con, gabarits.bilan, voulus)
    return [_bilan(gabarits, contexte, lues, manquantes) for contexte in concernes]


def charger_documents(
    con: duckdb.DuckDBPyConnection,
    gabarits: Gabarits,
    gabarit: DocumentGabarit,
    codes: Sequence[str],
    synthese: str,
    nom: str,
) -> list[Document]:
    """A deliverable of each of these réservataires, from its own template, in the order of `bilan.entetes`.

    `synthese` is its table of headline figures; `nom` its file name, where `{…}` names a value of the context.
    """
    manquantes = tables_manquantes(con)
    concernes = contextes(con, gabarits, codes, synthese)
    lues = lire_feuilles(con, gabarit, codes)
    noms = [nom.format_map(contexte) for contexte in concernes]
    return [
        _document(gabarits, gabarit, contexte, nom, lues, manquantes)
        for contexte, nom in zip(concernes, noms, strict=True)
    ]


def charger_controles(con: duckdb.DuckDBPyConnection, gabarits: Gabarits) -> Document:
    """Every anomaly, for the analyst. Needs `ref.exercice`, `ref.tables_fournies` and the tables of `audit` only."""
    return _commun(con, gabarits, gabarits.controles, contexte_controles(con, gabarits), "controles")


def charger_methode(con: duckdb.DuckDBPyConnection, gabarits: Gabarits, gabarit: DocumentGabarit) -> Document:
    """What the figures of every bilan mean, once for all of them."""
    return _commun(con, gabarits, gabarit, contexte_commun(con, gabarits), "methode")


def _commun(
    con: duckdb.DuckDBPyConnection, gabarits: Gabarits, gabarit: DocumentGabarit, contexte: Contexte, genre: str
) -> Document:
    """A document that is nobody's own: `<genre>_<annee>`."""
    reperes = {"code_reservataire": TOUS, "type_reservataire": "", "dossier": genre}
    complet = {**contexte, **reperes, "date_arrete": contexte["exercice_date_fin"]}
    nom = f"{genre}_{contexte['exercice_annee']}"
    return _document(gabarits, gabarit, complet, nom, lire_feuilles(con, gabarit), tables_manquantes(con))


def _bilan(gabarits: Gabarits, contexte: Contexte, lues: Mapping[str, Lues], manquantes: frozenset[str]) -> Document:
    nom = f"bilan_{contexte['annee']}_{contexte['code_reservataire']}"
    return _document(gabarits, gabarits.bilan, contexte, nom, lues, manquantes)


def _document(
    gabarits: Gabarits,
    gabarit: DocumentGabarit,
    contexte: Contexte,
    nom: str,
    lues: Mapping[str, Lues],
    manquantes: frozenset[str],
) -> Document:
    """The document; raises ArretBloquant with the place of a text that cannot be filled with these values."""
    try:
        return _composer(gabarits, gabarit, contexte, nom, lues, manquantes)
    except mots.TexteRefuse as erreur:
        refus = gabarits.refus if erreur.texte in gabarits.textes.values() else gabarit.refus
        refus.section = gabarit.section
        refus.noter(f"Ce texte ne peut pas être rempli pour {nom} : {erreur}.", erreur.texte)
        raise ArretBloquant(refus.anomalies) from erreur


def _composer(
    gabarits: Gabarits,
    gabarit: DocumentGabarit,
    contexte: Contexte,
    nom: str,
    lues: Mapping[str, Lues],
    manquantes: frozenset[str],
) -> Document:
    identite = [(libelle, mots.rendre(valeur, contexte)) for libelle, valeur in gabarit.identite]
    feuilles = [
        (feuille, _tableau(feuille, gabarits, contexte, lues[feuille.nom], manquantes))
        for feuille in gabarit.feuilles
        if concerne(feuille, contexte)
    ]
    montrees = [(feuille, tableau) for feuille, tableau in feuilles if not (feuille.facultative and tableau.message)]
    omises = tuple((t.nom, t.titre, t.message) for f, t in feuilles if f.facultative and t.message)
    presents = [tableau for _, tableau in montrees]
    return Document(
        dossier=contexte["dossier"],
        nom=nom,
        titre=mots.rendre(gabarit.titre, contexte),
        sous_titre=mots.rendre(gabarit.sous_titre, contexte),
        sujet=mots.rendre(gabarit.sujet, contexte),
        date_arrete=contexte["date_arrete"],
        bandeaux=tuple(bandeaux(gabarits, contexte)),
        alertes=_phrases(gabarit.alertes, contexte),
        identite=tuple((libelle, valeur) for libelle, valeur in identite if valeur),
        chiffres=tuple(_chiffre(champ, contexte) for champ in gabarit.chiffres if concerne(champ, contexte)),
        phrases=_phrases(gabarit.phrases, contexte),
        synthese=_synthese(gabarit.synthese, gabarits, contexte),
        feuilles=tuple(
            _avec_sommaire(tableau, presents, omises) if feuille.sommaire else tableau for feuille, tableau in montrees
        ),
        verdict=mots.rendre(gabarit.verdict, contexte),
        signaler=_signalements(gabarit.signaler, gabarits, contexte, lues, presents),
        omises=omises,
    )


def _avec_sommaire(tableau: Tableau, feuilles: Sequence[Tableau], omises: Sequence[tuple[str, str, str]]) -> Tableau:
    """`tableau`, of two columns, after one row for each other sheet, and one for each that has nothing to show."""
    sommaire: list[Ligne] = [[autre.nom, autre.titre] for autre in feuilles if autre is not tableau]
    sommaire += [[nom, f"{titre}. {message}"] for nom, titre, message in omises]
    return replace(tableau, lignes=[*sommaire, *tableau.lignes], sommaire=True)


def _signalements(
    feuille: Feuille | None,
    gabarits: Gabarits,
    contexte: Contexte,
    lues: Mapping[str, Lues],
    feuilles: Sequence[Tableau],
) -> Tableau | None:
    """What to look at, each with the sheet that shows it; no link to a sheet that is not shown."""
    if feuille is None:
        return None
    tableau = _tableau(feuille, gabarits, contexte, lues[feuille.nom], frozenset())
    liens = [i for i, colonne in enumerate(tableau.colonnes) if colonne.format is Format.LIEN]
    noms = {"", *(autre.nom for autre in feuilles)}
    lignes = [[v if i not in liens or v in noms else "" for i, v in enumerate(ligne)] for ligne in tableau.lignes]
    return replace(tableau, lignes=lignes) if lignes else None


def concerne(reglage: Champ | Feuille | LigneSynthese, contexte: Contexte) -> bool:
    """True when a sheet, a column or a figure is for this bilan: by its code, its type, its folder or its kind."""
    code = contexte["code_reservataire"]
    qui = {code, contexte["type_reservataire"], contexte["dossier"]}
    genres = {
        "_ensemble": code == "_bailleur",
        "_epci": code.startswith(("epci_", "ept_")),
        "_provisoire": contexte["exercice_est_provisoire"],
        "_sans_objectif": bool(contexte.get("est_sans_objectif")),
        "_sans_liste": bool(contexte.get("est_sans_liste")),
    }
    qui |= {genre for genre, est in genres.items() if est}
    return (not reglage.seulement or not qui.isdisjoint(reglage.seulement)) and qui.isdisjoint(reglage.sauf)


def _colonne(colonne: Colonne, contexte: Contexte) -> Colonne:
    """A column with the words of its headings filled, when they name a value."""
    if not colonne.groupes and "{" not in colonne.titre:
        return colonne
    groupes = tuple(mots.rendre(groupe, contexte) for groupe in colonne.groupes)
    return replace(colonne, titre=mots.rendre(colonne.titre, contexte), groupes=groupes)


def _phrases(textes: Iterable[str], contexte: Contexte) -> tuple[str, ...]:
    return tuple(filter(None, (mots.rendre(texte, contexte) for texte in textes)))


def _chiffre(champ: Champ, contexte: Contexte) -> Chiffre:
    colonne = replace(champ.colonne, titre=mots.rendre(champ.colonne.titre, contexte))
    return Chiffre(colonne, contexte[champ.colonne.champ], mots.rendre(champ.note, contexte))


def _synthese(gabarit: Synthese | None, gabarits: Gabarits, contexte: Contexte) -> Tableau | None:
    """The chart of the summary and its figures; None when it has nothing for this bilan."""
    concernees = [ligne for ligne in gabarit.lignes if concerne(ligne, contexte)] if gabarit else []
    if gabarit is None or not concernees:
        return None
    titre = mots.rendre(gabarit.titre, contexte)
    lignes = [(ligne.libelle, contexte[ligne.champ]) for ligne in concernees]
    couleurs = tuple(gabarits.theme.couleur_de(ligne.champ) for ligne in concernees)
    connues = any(longueur(valeur) for _, valeur in lignes)
    return Tableau(
        cle="synthese",
        nom="Synthèse",
        titre=titre,
        note="",
        colonnes=(
            Colonne("libelle", mots.rendre(gabarit.categorie, contexte), Format.TEXTE, 30),
            Colonne("valeur", mots.rendre(gabarit.valeur, contexte), Format.ENTIER, 12, absent="non fourni"),
        ),
        lignes=lignes,
        graphique=Graphique(titre, 0, (1,), couleurs, len(lignes)) if connues else None,
    )


def _tableau(
    feuille: Feuille, gabarits: Gabarits, contexte: Contexte, lues: Lues, manquantes: frozenset[str]
) -> Tableau:
    nom = mots.rendre(feuille.nom, contexte)
    textes = gabarits.textes
    gardes = [i for i, champ in enumerate(feuille.champs) if concerne(champ, contexte)]
    colonnes = tuple(_colonne(feuille.champs[i].colonne, contexte) for i in gardes)
    absentes = [table for table in feuille.exige if table in manquantes]
    lignes: Sequence[Ligne] = [[mots.rendre(texte, contexte) for texte in ligne] for ligne in feuille.lignes]
    totaux: Sequence[Ligne] = ()
    message = ""
    if absentes:
        noms = francais.liste(f"« {table} »" for table in absentes)
        message = mots.rendre(textes["non_fourni"], {**contexte, "tables_manquantes": noms})
    elif feuille.table:
        lignes, totaux = lues.pour(contexte["code_reservataire"])
        message = "" if lignes or totaux else mots.rendre(feuille.vide or textes["aucune_ligne"], contexte)
    formules = _formules(feuille, [*lignes, *totaux], [colonne.champ for colonne in colonnes])
    if feuille.caches or len(gardes) < len(feuille.champs):
        lignes, totaux = ([[ligne[i] for i in gardes] for ligne in bloc] for bloc in (lignes, totaux))
    # A total has no code of its own.
    totaux = [["" if c.format is Format.CODE else v for c, v in zip(colonnes, t, strict=True)] for t in totaux]
    montrees = lignes[: feuille.limite]
    return Tableau(
        cle=francais.ascii_minuscule(nom),
        nom=nom,
        titre=mots.rendre(feuille.titre, contexte),
        note=mots.rendre(feuille.note, contexte),
        colonnes=colonnes,
        lignes=montrees,
        totaux=totaux,
        message=message,
        suite=_suite(textes["suite"], contexte, feuille.limite, len(lignes)),
        maximum_page=feuille.limite_page,
        suite_page=_suite(textes["suite_page"], contexte, feuille.limite_page, len(montrees)),
        graphique=_graphique(feuille.graphique, colonnes, montrees, gabarits),
        formules=formules,
        a_l_ecran=0 if message else lues.a_l_ecran.get(contexte["code_reservataire"], 0),
        pages_largeur=feuille.pages_largeur,
        portrait=feuille.portrait,
        imprimees=sum(i < feuille.imprimees for i in gardes),
    )


def _formules(feuille: Feuille, lignes: Sequence[Ligne], champs: Sequence[str]) -> dict[tuple[int, int], str]:
    """The live formulas of these rows, as a table holds them: none names a row that is not there or is unknown."""
    if feuille.formules is None or feuille.formules.champ not in champs:
        return {}
    rang = champs.index(feuille.formules.champ)
    source = [champ.colonne.champ for champ in feuille.champs].index(feuille.formules.champ)
    reperes = {str(ligne[-2]): i for i, ligne in enumerate(lignes) if ligne[source] is not None}
    formules = {}
    for i, ligne in enumerate(lignes):
        texte = str(ligne[-1] or "")
        nommes = _NOMMES.findall(texte)
        if nommes and ligne[source] is not None and _FORMULE.fullmatch(texte) and {*nommes} <= reperes.keys():
            formules[i, rang] = _NOMMES.sub(lambda trouve: f"{{{reperes[trouve[1]]}}}", texte)
    return formules


def _suite(texte: str, contexte: Contexte, montrees: int, lignes: int) -> str:
    return mots.rendre(texte, {**contexte, "montrees": montrees, "lignes": lignes}) if lignes > montrees else ""


def _graphique(
    gabarit: GraphiqueGabarit | None, colonnes: Sequence[Colonne], lignes: Sequence[Ligne], gabarits: Gabarits
) -> Graphique | None:
    if gabarit is None:
        return None
    positions = {colonne.champ: i for i, colonne in enumerate(colonnes)}
    rangs = [positions[champ] for champ in gabarit.groupe if champ in positions]
    premiere = 0
    if gabarit.depuis and rangs:
        premiere = next((i for i, ligne in enumerate(lignes) if ligne[rangs[0]] == gabarit.depuis), len(lignes))
    dessinees = lignes[premiere : premiere + gabarit.maximum]
    dessinees = list(takewhile(lambda ligne: all(ligne[r] == dessinees[0][r] for r in rangs), dessinees))
    affichees = [s for s in gabarit.series if s in positions]
    series = [s for s in affichees if any(ligne[positions[s]] is not None for ligne in dessinees)]
    if not any(longueur(ligne[positions[s]]) for s in series for ligne in dessinees):
        return None  # nothing to draw: all at zero, or hidden
    if not series or gabarit.categorie not in positions or len(dessinees) < 2:
        return None
    return Graphique(
        titre=gabarit.titre,
        categorie=positions[gabarit.categorie],
        series=tuple(positions[s] for s in series),
        couleurs=tuple(gabarits.theme.couleur_de(s) for s in series),
        maximum=len(dessinees),
        premiere=premiere,
    )
