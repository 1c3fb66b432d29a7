"""Refuses a template with a mistake, saying where, before anything is computed or written."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import duckdb
from jinja2 import TemplateError, TemplateSyntaxError

from flows.anomalies import ArretBloquant
from flows.chemins import GABARITS, SQL
from flows.entrepot.a_blanc import ouvrir
from flows.entrepot.connexion import connecter
from flows.entrepot.modeles import COUCHES, lire_dictionnaire
from flows.etapes import etape
from flows.livrables import expressions, lues, mots
from flows.livrables.gabarits import (
    DocumentGabarit,
    Feuille,
    Gabarits,
    lire_document,
    lire_gabarits,
)
from flows.livrables.page import verifier_pages
from flows.livrables.page_classeur import EN_BREF
from flows.reglages import Refus, proche

_TABLE = re.compile(rf"({'|'.join(expressions.SCHEMAS)})\.[a-z_0-9]+")
_CHAMP = re.compile(r"[a-z_][a-z_0-9]*")
_NOM_INTERDIT = re.compile(r"[\[\]:*?/\\]|^'|'$")
_LONGUEUR_NOM = 31


@etape("Vérification des gabarits")
def verifier_gabarits(entrepot: Path | None = None, dossier: Path = GABARITS, a_blanc: bool = False) -> Gabarits:
    """Reads and checks everything in `templates/` and `reglages/`; returns it when it is sound.

    Without `entrepot`, before any computation: structure, words, SQL syntax, names of columns (those of the
    dictionary). With `entrepot`, published already or without a row: every table, column and expression as well;
    `a_blanc` makes one for the occasion, and tries the état des lieux on it too.
    Raises ArretBloquant with every mistake: file, sheet, line, setting, value, remedy.
    """
    if a_blanc:
        with ouvrir() as con:
            _verifier_document_seul("etat_des_lieux", "bilan.etat_synthese", con, dossier)
            _verifier_document_seul("methode", "ref.exercice", con, dossier)
            return _verifier(con, dossier)
    if entrepot is None:
        return _verifier(None, dossier)
    with connecter(entrepot, lecture_seule=True) as con:
        return _verifier(con, dossier)


def _verifier(con: duckdb.DuckDBPyConnection | None, dossier: Path) -> Gabarits:
    gabarits = lire_gabarits(dossier)
    refus = gabarits.refus
    for texte in gabarits.textes.values():
        _verifier_mots(texte, "", refus)
    for section, document in (("bilan", gabarits.bilan), ("controles", gabarits.controles)):
        refus.section = section
        _verifier_document(con, document, refus)
    if con is not None and not refus.anomalies:
        _verifier_contextes(con, gabarits, refus)
    pages = verifier_pages(dossier)
    if pages or refus.anomalies:
        raise ArretBloquant([*refus.anomalies, *pages])
    return gabarits


@etape("Vérification d'un gabarit")
def verifier_document(nom: str, synthese: str, entrepot: Path | None = None, dossier: Path = GABARITS) -> None:
    """The same for a kind of deliverable that has a file of its own, `<nom>.toml`; `synthese` is its headline table."""
    with connecter(entrepot, lecture_seule=True) if entrepot else nullcontext() as con:
        _verifier_document_seul(nom, synthese, con, dossier)


def _verifier_document_seul(nom: str, synthese: str, con: duckdb.DuckDBPyConnection | None, dossier: Path) -> None:
    document, refus = lire_document(nom, dossier)
    refus.section = nom
    _verifier_document(con, document, refus)
    if con is not None and not refus.anomalies:
        gabarits = lire_gabarits(dossier)
        connues = _communs(con, gabarits) | {*lues.colonnes_de(con, "bilan.entetes")}
        _verifier_valeurs(document, connues | {*lues.colonnes_de(con, synthese)}, refus)
    refus.conclure()


def _verifier_document(con: duckdb.DuckDBPyConnection | None, document: DocumentGabarit, refus: Refus) -> None:
    _verifier_noms(document, refus)
    for feuille in (*document.feuilles, *([document.signaler] if document.signaler else [])):
        _verifier_feuille(con, feuille, refus)
    for nom, texte in _textes(document):
        _verifier_mots(texte, nom, refus)


def _textes(document: DocumentGabarit) -> Iterator[tuple[str, str]]:
    """Each text to be filled, with the name of its sheet (empty: the summary)."""
    yield from (("", texte) for texte in (document.titre, document.sous_titre, document.sujet, document.verdict))
    yield from (("", texte) for texte in (*document.phrases, *document.alertes))
    yield from (("", valeur) for _, valeur in document.identite)
    if (synthese := document.synthese) is not None:
        yield from (("", texte) for texte in (synthese.titre, synthese.categorie, synthese.valeur))
    yield from (("", texte) for champ in document.chiffres for texte in (champ.colonne.titre, champ.note))
    for feuille in document.feuilles:
        yield from ((feuille.nom, texte) for texte in (feuille.nom, feuille.titre, feuille.note, feuille.vide))
        yield from ((feuille.nom, texte) for ligne in feuille.lignes for texte in ligne)
        yield from ((feuille.nom, texte) for champ in feuille.champs for texte in champ.colonne.groupes)
        yield from ((feuille.nom, champ.colonne.titre) for champ in feuille.champs)


def _verifier_mots(texte: str, feuille: str, refus: Refus) -> None:
    try:
        mots.variables(texte)
    except TemplateSyntaxError as erreur:
        lignes = texte.splitlines() or [""]
        refus.noter(f"Texte mal formé : {erreur.message}.", lignes[min(erreur.lineno, len(lignes)) - 1], feuille)
    except TemplateError as erreur:
        refus.noter(f"Texte mal formé : {erreur}.", texte, feuille)


def _verifier_noms(document: DocumentGabarit, refus: Refus) -> None:
    vus = {EN_BREF.casefold()}
    for feuille in document.feuilles:
        try:
            nom = mots.rendre(feuille.nom, {"annee": 2025, "exercice_annee": 2025})
        except TemplateError:
            refus.noter("Le nom d'une feuille ne peut nommer que « annee ».", feuille.nom, feuille.nom, "nom")
            continue
        if not nom or len(nom) > _LONGUEUR_NOM or _NOM_INTERDIT.search(nom):
            correction = f"Au plus {_LONGUEUR_NOM} caractères, sans [ ] : * ? / \\ ni apostrophe au bord."
            refus.noter(f"Excel refuse le nom de feuille « {nom} ».", feuille.nom, feuille.nom, "nom", correction)
        if nom.casefold() in vus:
            refus.noter(f"Deux feuilles s'appellent « {nom} ».", feuille.nom, feuille.nom, "nom")
        vus.add(nom.casefold())


def _verifier_feuille(con: duckdb.DuckDBPyConnection | None, feuille: Feuille, refus: Refus) -> None:
    champs = [champ.colonne.champ for champ in feuille.champs]
    graphique = feuille.graphique
    for champ in (graphique.categorie, *graphique.series, *graphique.groupe) if graphique else ():
        if champ not in champs:
            message = f"Le graphique montre « {champ} », qui n'est pas une colonne de la feuille."
            refus.noter(message, champ, feuille.nom, "graphique", proche(champ, champs))
    if feuille.formules and feuille.formules.champ not in champs:
        champ = feuille.formules.champ
        refus.noter(
            f"« {champ} » n'est pas une colonne de la feuille.", champ, feuille.nom, "formules", proche(champ, champs)
        )
    for ligne in feuille.lignes:
        if len(ligne) != len(champs):
            refus.noter(f"Une ligne a {len(ligne)} cases pour {len(champs)} colonnes.", ligne[0], feuille.nom, "lignes")
    if not feuille.table:
        return
    if not _TABLE.fullmatch(feuille.table):
        refus.noter("Une table s'écrit « schema.table ».", feuille.table, feuille.nom, "table")
        return
    if not _verifier_table(con, feuille, refus):
        return
    lues.noter_fautes(con, feuille, refus)
    connues = lues.colonnes_de(con, feuille.table) if con is not None else list(lire_dictionnaire())
    for champ in (*champs, *feuille.caches):
        if champ not in connues and not (feuille.compter and champ == "nombre"):
            message = f"La colonne « {champ} » n'existe pas dans {feuille.table}."
            refus.noter(message, champ, feuille.nom, "champ", proche(champ, connues))


def _verifier_table(con: duckdb.DuckDBPyConnection | None, feuille: Feuille, refus: Refus) -> bool:
    """True when the table exists: in the warehouse, or else as a model of `sql/`."""
    schema = feuille.table.split(".")[0]
    if con is not None:
        tables = [f"{s}.{t}" for s, t in con.execute("select schema_name, table_name from duckdb_tables()").fetchall()]
    elif schema in COUCHES:
        tables = [f"{schema}.{autre.stem}" for autre in sorted((SQL / schema).rglob("*.sql"))]
    else:
        return True
    if feuille.table not in tables:
        message = f"La table « {feuille.table} » n'existe pas."
        refus.noter(message, feuille.table, feuille.nom, "table", proche(feuille.table, tables))
    return feuille.table in tables


def _communs(con: duckdb.DuckDBPyConnection, gabarits: Gabarits) -> set[str]:
    """Names of the values that every text can use."""
    exercice = {f"exercice_{colonne}" for colonne in lues.colonnes_de(con, "ref.exercice")}
    contact = {f"contact_{cle}" for cle in gabarits.theme.contact}
    return exercice | contact | {"lignes_lues", "lignes_rejetees", "tables_rejetees"}


def _verifier_contextes(con: duckdb.DuckDBPyConnection, gabarits: Gabarits, refus: Refus) -> None:
    """Every value that a text or a headline figure names exists in the warehouse."""
    entetes = {*lues.colonnes_de(con, "bilan.entetes"), *lues.colonnes_de(con, "bilan.synthese")}
    communs = _communs(con, gabarits)
    gravites = {f"nb_{gravite}" for gravite in ("bloquant", "erreur", "avertissement", "information")}
    textes = {"tables_manquantes", "montrees", "lignes"}
    reperes = {"code_reservataire", "type_reservataire", "dossier", "date_arrete"}
    refus.section = "bilan"
    _verifier_valeurs(gabarits.bilan, communs | entetes, refus)
    refus.section = "controles"
    _verifier_valeurs(gabarits.controles, communs | gravites | reperes, refus)
    for texte in gabarits.textes.values():
        for nom in sorted(mots.variables(texte) - communs - reperes - textes):
            refus.noter(f"La valeur « {nom} » n'existe pas.", nom, "", "{{ }}", proche(nom, sorted(communs)))


def _verifier_valeurs(document: DocumentGabarit, connues: set[str], refus: Refus) -> None:
    nommees = [("", champ.colonne.champ) for champ in document.chiffres]
    nommees += [("", ligne.champ) for ligne in document.synthese.lignes] if document.synthese else []
    for feuille, texte in _textes(document):
        nommees += [(feuille, nom) for nom in sorted(mots.variables(texte))]
    for feuille, nom in nommees:
        if nom not in connues:
            remede = proche(nom, sorted(connues))
            refus.noter(f"La valeur « {nom} » n'existe pas.", nom, feuille, "{{ }}", remede)
