"""The controls of a campaign: what they find in the warehouse, with what the reading found, the gravest first."""

from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from flows.anomalies import Anomalie, Cause, Gravite, Recueil, arreter, causes
from flows.entrepot.connexion import connecter, en_une_fois
from flows.entrepot.modeles import commenter, lire_dictionnaire, lire_modeles
from flows.etapes import etape

COLONNES = tuple(f.name for f in fields(Anomalie))
ORDRE = {gravite: rang for rang, gravite in enumerate(Gravite)}


@etape("Contrôles")
def controler(lues: Sequence[Anomalie], base: Path, demandes: Sequence[str] = ()) -> list[Anomalie]:
    """Runs the controls, records every anomaly (`lues`: those of the reading) in the warehouse and returns them.

    Raises ArretBloquant when one is blocking, or when a réservataire asked for (`demandes`) has no bilan.
    """
    connus = codes(base)
    inconnus = [
        Anomalie(
            Gravite.BLOQUANT,
            "reservataire_demande_inconnu",
            f"Le réservataire demandé « {code} » n'a pas de bilan dans cette campagne.",
            f"Codes connus : {', '.join(sorted(connus))}.",
            valeur=code,
        )
        for code in sorted(set(demandes) - connus)
    ]
    anomalies = sorted(
        [*lues, *relever(base), *inconnus],
        key=lambda a: (ORDRE[Gravite(a.gravite)], a.code, a.fichier, a.feuille, a.ligne or 0, a.colonne, a.valeur),
    )
    arreter(anomalies)
    consigner(base, anomalies)
    return anomalies


def relever(chemin: Path) -> list[Anomalie]:
    """The rows of every control as anomalies; the code of an anomaly is the name of its control."""
    con = connecter(chemin, lecture_seule=True)
    try:
        anomalies = Recueil()
        for modele in lire_modeles():
            couche, nom = modele.nom.split(".")
            if couche != "controles":
                continue
            dits = {"code": f"'{nom}' as code", "lignes": "'' as lignes"}
            colonnes = ", ".join(dits.get(c, c) for c in COLONNES)
            curseur = con.execute(f"select {colonnes} from {modele.nom} order by all")
            while ligne := curseur.fetchone():
                champs: dict[str, Any] = dict(zip(COLONNES, ligne, strict=True))
                vides = {c: "" for c, v in champs.items() if v is None and c != "ligne"}
                anomalies.ajouter(Anomalie(**champs | vides | {"gravite": Gravite(champs["gravite"])}))
        return anomalies.liste()
    finally:
        con.close()


def creer_constats(con: duckdb.DuckDBPyConnection) -> None:
    """Makes `audit.anomalies` and `audit.causes`, empty."""
    con.execute("""create or replace table audit.anomalies (gravite varchar, code varchar, message varchar,
        correction varchar, fichier varchar, feuille varchar, ligne bigint, colonne varchar, valeur varchar,
        code_reservataire varchar, lignes varchar)""")
    con.execute("""create or replace table audit.causes (gravite varchar, code varchar, fichier varchar,
        colonne varchar, nb_cas bigint, lignes varchar, exemples varchar, message varchar, correction varchar)""")


def consigner(chemin: Path, anomalies: list[Anomalie]) -> None:
    """Writes every anomaly of the run in `audit.anomalies`, and their causes in `audit.causes`."""
    descriptions = {
        "audit.anomalies": "Toutes les anomalies de la campagne",
        "audit.causes": "Les anomalies par cause : combien de lignes, lesquelles, que faire",
    }
    with connecter(chemin) as con, en_une_fois(con):
        creer_constats(con)
        if anomalies:
            types = {c: pl.Int64 if c == "ligne" else pl.String for c in COLONNES}
            con.register("relevees", pl.DataFrame([astuple(a) for a in anomalies], schema=types, orient="row"))
            con.execute(f"insert into audit.anomalies by name select {', '.join(COLONNES)} from relevees")
            con.unregister("relevees")
        if trouvees := causes(anomalies):
            types = {c.name: pl.Int64 if c.name == "nb_cas" else pl.String for c in fields(Cause)}
            con.register("relevees", pl.DataFrame([astuple(c) for c in trouvees], schema=types, orient="row"))
            con.execute("insert into audit.causes by name select * from relevees")
            con.unregister("relevees")
        commenter(con, descriptions, lire_dictionnaire())


def codes(chemin: Path) -> set[str]:
    """Codes of the bilans that the campaign can deliver."""
    con = connecter(chemin, lecture_seule=True)
    try:
        lus = con.execute("select distinct code_reservataire from intermediaire.bilans").fetchall()
        return {code for (code,) in lus}
    finally:
        con.close()
