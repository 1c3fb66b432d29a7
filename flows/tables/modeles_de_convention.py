"""A convention that names its model takes from it what its own cells leave blank, and it is said."""

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.contrat.presets import COLONNES, MODELE, lire_presets
from flows.contrat.schema import charger, normaliser_entete
from flows.depot.feuilles import Feuille


def completer_conventions(lignes: pl.DataFrame, feuille: Feuille) -> tuple[pl.DataFrame, list[Anomalie]]:
    """The rows of `reservataires`, as text, with the defaults of their model; one information a row that takes some.

    A model that no list knows is left as it is: its row is rejected when it is typed.
    """
    if MODELE not in lignes.columns:
        return lignes, []
    mots, presets, anomalies = charger().codes[MODELE], lire_presets(), []
    absentes = [pl.lit(None, pl.String).alias(nom) for nom in COLONNES if nom not in lignes.columns]
    rangees = lignes.with_columns(absentes).rows(named=True)
    for rangee in rangees:
        preset = presets.get(mots.get(normaliser_entete(str(rangee[MODELE] or "")), ""))
        if preset is None:
            continue
        pris = {nom: preset[nom] for nom in COLONNES if preset[nom] and not str(rangee[nom] or "").strip()}
        rangee.update(pris)
        if pris:
            anomalies.append(_dire(feuille, rangee["ligne"], preset, pris))
    schema = dict.fromkeys((*lignes.columns, *(nom for nom in COLONNES if nom not in lignes.columns)), pl.String)
    return pl.DataFrame(rangees, schema=schema | {"ligne": lignes.schema["ligne"]}), anomalies


def _dire(feuille: Feuille, ligne: int, preset: dict[str, str], pris: dict[str, str]) -> Anomalie:
    suite = f" Son texte n'écrit pas : {preset['non_ecrit']}." if preset["non_ecrit"] else ""
    return Anomalie(
        Gravite.INFORMATION,
        "modele_de_convention",
        f"La ligne {ligne} suit le modèle {preset['nom']} : {', '.join(f'{nom} = {v}' for nom, v in pris.items())}."
        + suite,
        "",
        feuille.fichier,
        feuille.feuille,
        ligne,
        MODELE,
    )
