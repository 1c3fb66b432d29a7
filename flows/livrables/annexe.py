"""Writes the annexe to sign of each convention as a Word document, from finished tables and the convention's template.

CCH R.441-5, [001] annexe individuelle, [002] annexe 1, [004] annexe.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from flows import requetes
from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.chemins import modeles_word
from flows.entrepot.connexion import connecter
from flows.livrables.codes import verifier_codes
from flows.livrables.contexte_annexe import RUBRIQUES, Contexte, contexte
from flows.livrables.modele_annexe import MODELES, ModeleAnnexe, charger_modele
from flows.livrables.theme import Logo

MODELE_PAR_DEFAUT = "boulbon"
SANS_VERSION: Mapping[str, str] = {}


def verifier_choix(entrepot: Path, codes: Sequence[str] = (), modeles: Path = MODELES) -> None:
    """Raises ArretBloquant, before anything is written, when the template of a convention is missing or refused."""
    with connecter(entrepot, lecture_seule=True) as con:
        _charger(_entetes(con, codes), modeles)


def ecrire_annexes(
    entrepot: Path,
    chantier: Path,
    codes: Sequence[str] = (),
    modeles: Path = MODELES,
    logo: Logo | None = None,
    editions: Mapping[str, str] = SANS_VERSION,
) -> list[Path]:
    """Writes `bilan/<dossier>/annexe_<N+1>_<code>.docx` under `chantier` for every convention, or those of `codes`.

    `_bailleur` and the EPCIs have no convention, hence no annexe. The template is the convention's `modele_annexe`,
    else `boulbon`. Raises ArretBloquant, before writing anything, when a template is missing or refused, or a
    code cannot name a file.
    """
    with connecter(entrepot, lecture_seule=True) as con:
        contextes = lire_contextes(con, codes, editions)
    verifier_codes([(code, entete["dossier"]) for code, (entete, _) in contextes.items()])
    choisis = _charger([entete for entete, _ in contextes.values()], modeles, logo)
    ecrits = []
    for code, (entete, champs) in contextes.items():
        annee = entete["annee"] + 1
        dossier = chantier / "bilan" / entete["dossier"]
        dossier.mkdir(parents=True, exist_ok=True)
        chemin = dossier / f"annexe_{annee}_{code}.docx"
        titre = f"Annexe {annee} : {champs['reservataire']}"
        chemin.write_bytes(choisis[_modele(entete)].remplir(champs, titre, entete["date_arrete"]))
        ecrits.append(chemin)
    return ecrits


def lire_contextes(
    con: duckdb.DuckDBPyConnection, codes: Sequence[str] = (), editions: Mapping[str, str] = SANS_VERSION
) -> dict[str, tuple[dict[str, Any], Contexte]]:
    """By code, in order: the heading of each convention that has an annexe, and the fields of its Word templates.

    `editions` is the version of each code's documents.
    """
    entetes = _entetes(con, codes)
    concernes = [entete["code_reservataire"] for entete in entetes]
    lignes = _par_code(
        requetes.lignes(
            con,
            "select *, valeur - valeur_exacte as ecart_arrondi from bilan.lignes_flux "
            "where list_contains(?, code_reservataire) order by ordre, ligne",
            [concernes],
        )
    )
    regles = _par_code(
        requetes.lignes(
            con,
            "select code_reservataire, rubrique, regle, source from bilan.methode "
            "where list_contains(?, rubrique) and list_contains(?, code_reservataire) order by ordre",
            [list(RUBRIQUES), concernes],
        )
    )
    # defence, security and health have no line, hence no annexe
    return {
        code: (entete, contexte(entete | {"version": editions.get(code)}, lignes[code], regles.get(code, [])))
        for code, entete in zip(concernes, entetes, strict=True)
        if code in lignes
    }


def _entetes(con: duckdb.DuckDBPyConnection, codes: Sequence[str]) -> list[dict[str, Any]]:
    """The conventions that have an annexe, in order."""
    entetes = requetes.lignes(
        con,
        "select entetes.*, annexes.* exclude (code_reservataire), exercice.raison_sociale as bailleur, "
        "exercice.est_fictif from bilan.entetes cross join ref.exercice "
        "left join bilan.annexes using (code_reservataire) "
        "where dossier <> '_bailleur' order by ordre, code_reservataire",
    )
    return [entete for entete in entetes if not codes or entete["code_reservataire"] in codes]


def _charger(entetes: list[dict[str, Any]], modeles: Path, logo: Logo | None = None) -> dict[str, ModeleAnnexe]:
    """Each template that a convention asks for, checked once. Raises ArretBloquant with all that is wrong."""
    presents = modeles_word(modeles)
    choisis: dict[str, ModeleAnnexe] = {}
    anomalies: list[Anomalie] = []
    for entete in entetes:
        nom, code = _modele(entete), entete["code_reservataire"]
        if nom not in presents:
            message = f"Le modèle d'annexe « {nom[:60]} » n'existe pas dans templates/annexes."
            correction = f"Corrigez modele_annexe dans reservataires. Possibles : {', '.join(presents)}."
            anomalies.append(
                Anomalie(
                    Gravite.BLOQUANT,
                    "modele_annexe_inconnu",
                    message,
                    correction,
                    colonne="modele_annexe",
                    valeur=nom[:60],
                    code_reservataire=code,
                )
            )
        elif nom not in choisis:
            try:
                choisis[nom] = charger_modele(presents[nom], logo)
            except ArretBloquant as arret:
                anomalies += arret.anomalies
                del presents[nom]
    if anomalies:
        raise ArretBloquant(anomalies)
    return choisis


def _modele(entete: dict[str, Any]) -> str:
    return str(entete["modele_annexe"] or MODELE_PAR_DEFAUT).strip().removesuffix(".docx")


def _par_code(lignes: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    groupes: dict[str, list[dict[str, Any]]] = {}
    for ligne in lignes:
        groupes.setdefault(ligne["code_reservataire"], []).append(ligne)
    return groupes
