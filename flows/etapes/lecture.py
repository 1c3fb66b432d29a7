"""From sheets of text rows to the tables of the contract: headings, values, doubles; read = accepted + rejected.

Nothing is lost: each row of each file is accepted or rejected, and each rejected row has an anomaly that names it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.etapes import sceau
from flows.etapes.declaration import Declaration, lire_en_tete, nommer_positions
from flows.etapes.doubles import oter_doubles
from flows.etapes.entetes import Entete, trouver_entete
from flows.etapes.extraction import Feuille
from flows.etapes.reception import FichierRecu
from flows.etapes.schema import IGNOREE, Schema, Table, charger, normaliser_entete, reconnaitre
from flows.etapes.typage import typer

PROVENANCE = ("fichier", "feuille", "ligne")
_ANNEE_DU_NOM = re.compile(r"(?<!\d)(20\d{2})(?!\d)")


@dataclass
class Comptage:
    """Row accounting of one sheet: `lues` = `acceptees` + `rejetees`; `doubles` of these only repeat an accepted row."""

    table: str
    fichier: str
    feuille: str
    lues: int = 0
    acceptees: int = 0
    rejetees: int = 0
    doubles: int = 0


@dataclass
class Lecture:
    """What the reading of a campaign gives: one Parquet file a table, the row accounting, the anomalies.

    `personnes` holds, in memory only, the personal columns that the command asked for, with the other columns of their
    rows. `liens_sne` is the Parquet file of `rapprochement_sne.relier`, which names rows and nobody.
    """

    tables: dict[str, Path] = field(default_factory=dict)
    comptages: list[Comptage] = field(default_factory=list)
    anomalies: list[Anomalie] = field(default_factory=list)
    raison_sociale: str = ""
    sources: list[tuple[str, ...]] = field(default_factory=list)
    liens_sne: Path | None = None
    personnes: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)


def lire(
    recus: list[FichierRecu],
    feuilles: list[Feuille],
    dossier: Path,
    annee: int,
    personnelles: Mapping[str, Sequence[str]] | None = None,
) -> Lecture:
    """Reads every table of a campaign.

    Writes `<dossier>/<table>.parquet`: provenance columns `fichier`, `feuille`, `ligne`, then the declared columns that
    figures use, as canonical text. Personal columns are compared for doubles and then left behind, but for those that
    `personnelles` asks for ({table: columns}): they are kept in `personnes`, and never written.
    """
    schema = charger()
    dossier.mkdir(parents=True, exist_ok=True)
    resultat = Lecture()
    par_fichier: dict[str, list[Feuille]] = {}
    for feuille in feuilles:
        par_fichier.setdefault(feuille.fichier, []).append(feuille)
    for nom, table in schema.tables.items():
        morceaux: list[pl.DataFrame] = []
        for recu in (r for r in recus if r.table == nom):
            morceaux += _lire_fichier(recu, par_fichier.get(recu.nom, []), table, annee, resultat)
        if morceaux:
            empilees = pl.concat(morceaux, how="diagonal").sort(PROVENANCE)
            gardees, anomalies = oter_doubles(empilees, table)
            resultat.anomalies += anomalies
            _compter_doubles(empilees, gardees, nom, resultat.comptages)
            chemin = dossier / f"{nom}.parquet"
            _garder_utiles(gardees, table).write_parquet(chemin, compression="zstd")
            resultat.tables[nom] = chemin
            if personnelles and nom in personnelles:
                resultat.personnes[nom] = _garder_utiles(gardees, table, personnelles[nom])
        elif table.obligatoire and not any(r.table == nom for r in recus):
            resultat.anomalies.append(
                Anomalie(
                    Gravite.BLOQUANT,
                    "table_absente",
                    f"La table « {nom} » est nécessaire et aucun fichier ne porte ce nom.",
                    f"Déposez un fichier dont le nom commence par « {nom} » (par exemple {nom}_{annee}.csv).",
                )
            )
    return resultat


def _lignes(feuille: Feuille) -> pl.DataFrame:
    return pl.read_ipc(sceau.lire(feuille.lignes, feuille.cle) if feuille.cle else feuille.lignes)


def _lire_fichier(
    recu: FichierRecu, feuilles: list[Feuille], table: Table, annee: int, resultat: Lecture
) -> list[pl.DataFrame]:
    candidates: list[tuple[Feuille, pl.DataFrame, Entete | Declaration]] = []
    ecartees: list[Feuille] = []
    for feuille in feuilles:
        lignes = _lignes(feuille)
        if lignes.height == 0:
            continue
        declaration = lire_en_tete(lignes) if table.nom == "rpls" else None
        entete = declaration or trouver_entete(lignes, table.nom, _millesime_du_nom(recu.nom) or annee)
        if entete is None or (isinstance(entete, Entete) and _manquantes(entete, table) and len(feuilles) > 1):
            ecartees.append(feuille)
        elif feuille.masquee:
            ecartees.append(feuille)
            resultat.anomalies.append(_feuille_masquee(feuille))
        else:
            candidates.append((feuille, lignes, entete))
    if not candidates:
        resultat.anomalies.append(_aucun_entete(recu, feuilles, table, annee))
        return []
    resultat.anomalies += [_feuille_ecartee(f, table) for f in ecartees if not f.masquee]
    if len(candidates) > 1:
        resultat.anomalies.append(_plusieurs_feuilles(recu, [f for f, _, _ in candidates]))
    return [
        donnees
        for feuille, lignes, entete in candidates
        if (donnees := _lire_feuille(feuille, lignes, entete, table, resultat)) is not None
    ]


def _lire_feuille(
    feuille: Feuille, lignes: pl.DataFrame, entete: Entete | Declaration, table: Table, resultat: Lecture
) -> pl.DataFrame | None:
    if isinstance(entete, Declaration):
        donnees = _donnees_declaration(feuille, lignes, entete, resultat)
    else:
        anomalies = _verifier_entete(feuille, entete, table)
        resultat.anomalies += anomalies
        if any(a.gravite is Gravite.BLOQUANT for a in anomalies):
            return None
        donnees = _donnees(feuille, lignes, entete, table, resultat)
    if donnees is None:
        return None
    if donnees.height == 0:
        resultat.anomalies.append(
            Anomalie(
                Gravite.BLOQUANT if table.obligatoire else Gravite.AVERTISSEMENT,
                "table_vide",
                "La feuille ne contient que des en-têtes, aucune ligne de données.",
                "Vérifiez l'extraction ; retirez le fichier si la table est vraiment vide.",
                feuille.fichier,
                feuille.feuille,
            )
        )
    if table.nom == "rpls":
        avec_millesime = _poser_millesime(feuille, donnees, entete, resultat)
        if avec_millesime is None:
            return None
        donnees = avec_millesime
    typees = typer(
        donnees, table.nom, feuille.fichier, feuille.feuille, source_numerique=feuille.format not in ("csv", "txt")
    )
    resultat.anomalies += typees.anomalies
    resultat.comptages.append(
        Comptage(
            table.nom, feuille.fichier, feuille.feuille, donnees.height, typees.acceptees.height, typees.rejets.height
        )
    )
    if donnees.height and not typees.acceptees.height and table.obligatoire:
        resultat.anomalies.append(
            Anomalie(
                Gravite.BLOQUANT,
                "table_rejetee",
                "Toutes les lignes de la feuille sont rejetées : la table est nécessaire.",
                "Corrigez les lignes signalées, puis relancez.",
                feuille.fichier,
                feuille.feuille,
            )
        )
    return typees.acceptees.with_columns(
        pl.lit(feuille.fichier).alias("fichier"), pl.lit(feuille.feuille).alias("feuille")
    )


def _donnees_declaration(
    feuille: Feuille, lignes: pl.DataFrame, declaration: Declaration, resultat: Lecture
) -> pl.DataFrame | None:
    resultat.raison_sociale = resultat.raison_sociale or declaration.raison_sociale
    donnees = lignes.slice(1).rename(nommer_positions(lignes))
    if len(declaration.lignes_en_tete) > 1:
        resultat.anomalies.append(
            Anomalie(
                Gravite.BLOQUANT,
                "deux_millesimes",
                "Le fichier contient plusieurs déclarations mises bout à bout.",
                "Séparez-les : un fichier par déclaration.",
                feuille.fichier,
                feuille.feuille,
                declaration.lignes_en_tete[1],
            )
        )
        return None
    if declaration.nb_annonces is not None and declaration.nb_annonces != donnees.height:
        resultat.anomalies.append(
            Anomalie(
                Gravite.BLOQUANT,
                "nombre_declare_different",
                f"L'en-tête annonce {declaration.nb_annonces} logements, le fichier en contient {donnees.height} "
                "(position 11 de la première ligne) : fichier tronqué ou complété à la main.",
                "Redemandez le fichier complet, ou corrigez le nombre annoncé.",
                feuille.fichier,
                feuille.feuille,
                1,
                "nombre de logements",
                str(declaration.nb_annonces),
            )
        )
        return None
    return donnees


def _donnees(feuille: Feuille, lignes: pl.DataFrame, entete: Entete, table: Table, resultat: Lecture) -> pl.DataFrame:
    corps = lignes.filter(pl.col("ligne") > entete.derniere_ligne)
    corps = _repeter_fusions(feuille, corps, entete, resultat)
    premiere_de = {colonne: champ for champ, colonne in entete.colonnes.items()}
    donnees = corps.select("ligne", *(pl.col(champ).alias(colonne) for colonne, champ in premiere_de.items()))
    vides = pl.all_horizontal(pl.exclude("ligne").is_null() | (pl.exclude("ligne").str.strip_chars() == ""))
    donnees = donnees.filter(~vides)
    if table.nom == "rpls":
        donnees = _oter_descriptions(feuille, donnees, resultat)
    return _oter_total(feuille, corps, donnees, table, resultat)


def _repeter_fusions(feuille: Feuille, corps: pl.DataFrame, entete: Entete, resultat: Lecture) -> pl.DataFrame:
    """A cell merged over several rows of data speaks for each of them: its value is repeated, and said."""
    for haut, gauche, bas, droite in feuille.fusions:
        champ = f"c{gauche}"
        if haut <= entete.derniere_ligne or champ not in corps.columns:
            continue
        valeur = corps.filter(pl.col("ligne") == haut)[champ]
        if not len(valeur) or valeur[0] is None:
            continue
        concernes = [f"c{i}" for i in range(gauche, droite + 1) if f"c{i}" in entete.colonnes]
        dans = pl.col("ligne").is_between(haut, bas)
        corps = corps.with_columns(
            pl.when(dans & pl.col(c).is_null()).then(pl.lit(valeur[0])).otherwise(pl.col(c)).alias(c)
            for c in concernes
            if c == champ
        )
        resultat.anomalies.append(
            Anomalie(
                Gravite.AVERTISSEMENT if droite == gauche else Gravite.ERREUR,
                "cellules_fusionnees",
                f"Cellules fusionnées dans les données (lignes {haut} à {bas}, colonnes {gauche} à {droite}) : "
                "la valeur est reprise pour chaque ligne.",
                "Défusionnez les cellules et répétez la valeur dans le fichier.",
                feuille.fichier,
                feuille.feuille,
                haut,
                entete.vus.get(champ, ""),
            )
        )
    return corps


def _oter_descriptions(feuille: Feuille, donnees: pl.DataFrame, resultat: Lecture) -> pl.DataFrame:
    """Public downloads may put a line of descriptions under the names: it is not a dwelling."""
    if donnees.height == 0 or "depcom" not in donnees.columns:
        return donnees
    premiere = str(donnees["depcom"][0] or "")
    if len(premiere) <= 6 or any(c.isdigit() for c in premiere):
        return donnees
    resultat.anomalies.append(
        Anomalie(
            Gravite.INFORMATION,
            "ligne_de_descriptions",
            "La ligne sous les en-têtes décrit les colonnes : elle n'est pas comptée comme un logement.",
            "",
            feuille.fichier,
            feuille.feuille,
            int(donnees["ligne"][0]),
        )
    )
    return donnees.slice(1)


def _oter_total(
    feuille: Feuille, corps: pl.DataFrame, donnees: pl.DataFrame, table: Table, resultat: Lecture
) -> pl.DataFrame:
    """A « Total » row at the bottom is recognised, said and not counted."""
    if donnees.height == 0:
        return donnees
    derniere = int(donnees["ligne"][-1])
    cellules = [c for c in corps.filter(pl.col("ligne") == derniere).drop("ligne").row(0) if c]
    mots = {normaliser_entete(str(c)) for c in cellules}
    if not mots & {"total", "totaux", "totalgeneral", "soustotal"}:
        return donnees
    resultat.anomalies.append(
        Anomalie(
            Gravite.INFORMATION,
            "ligne_de_total",
            "La dernière ligne est un total : elle n'est pas lue comme une donnée.",
            "",
            feuille.fichier,
            feuille.feuille,
            derniere,
        )
    )
    return donnees.filter(pl.col("ligne") != derniere)


def _poser_millesime(
    feuille: Feuille, donnees: pl.DataFrame, entete: Entete | Declaration, resultat: Lecture
) -> pl.DataFrame | None:
    if isinstance(entete, Declaration):
        return donnees.with_columns(pl.lit(str(entete.millesime)).alias("millesime"))
    if "millesime" in donnees.columns:
        valeurs = donnees["millesime"].drop_nulls().unique().to_list()
        if len(valeurs) == 1:
            return donnees.with_columns(pl.lit(valeurs[0]).alias("millesime"))
        code, message = (
            "deux_millesimes",
            f"Le fichier mêle plusieurs millésimes : {', '.join(sorted(map(str, valeurs)))}.",
        )
    else:
        annee = _millesime_du_nom(feuille.fichier)
        if annee is not None:
            return donnees.with_columns(pl.lit(str(annee)).alias("millesime"))
        code, message = "millesime_inconnu", "Le millésime du fichier RPLS n'est ni dans le fichier ni dans son nom."
    resultat.anomalies.append(
        Anomalie(
            Gravite.BLOQUANT,
            code,
            message,
            "Un fichier par millésime, l'année dans le nom : rpls_2026.csv pour l'état au 1er janvier 2026.",
            feuille.fichier,
            feuille.feuille,
        )
    )
    return None


def _millesime_du_nom(nom: str) -> int | None:
    annees = set(_ANNEE_DU_NOM.findall(nom))
    return int(annees.pop()) if len(annees) == 1 else None


def _manquantes(entete: Entete, table: Table) -> list[str]:
    """Mandatory columns that no heading gives; « a ou b » for those of which one is enough."""
    presentes = set(entete.colonnes.values())
    seules = [c.nom for c in table.colonnes.values() if c.entete_obligatoire and c.nom not in presentes]
    return seules + [" ou ".join(noms) for noms in table.groupes().values() if not presentes & set(noms)]


def _verifier_entete(feuille: Feuille, entete: Entete, table: Table) -> list[Anomalie]:
    vus = ", ".join(f"« {v} »" for v in entete.vus.values())
    anomalies = [
        Anomalie(
            Gravite.BLOQUANT,
            "colonne_absente",
            f"La colonne obligatoire « {nom} » de la table {table.nom} est introuvable. En-têtes vus : {vus}.",
            f"Renommez la colonne, ou ajoutez son intitulé dans flows/sources/alias.csv : {table.nom};;<intitulé>;{nom};",
            feuille.fichier,
            feuille.feuille,
            entete.derniere_ligne,
            nom,
        )
        for nom in _manquantes(entete, table)
    ]
    return anomalies + [
        Anomalie(
            Gravite.BLOQUANT,
            "colonne_en_double",
            f"Plusieurs colonnes prétendent être « {nom} » : {', '.join(f'« {v} »' for v in vus_doubles)}.",
            "Gardez une seule de ces colonnes, ou renommez l'autre.",
            feuille.fichier,
            feuille.feuille,
            entete.derniere_ligne,
            nom,
        )
        for nom, vus_doubles in entete.doubles.items()
    ]


def _aucun_entete(recu: FichierRecu, feuilles: list[Feuille], table: Table, annee: int) -> Anomalie:
    vus: list[str] = []
    for feuille in feuilles:
        lignes = _lignes(feuille)
        entete = trouver_entete(lignes, table.nom, annee) if lignes.height else None
        premiere = [str(c) for c in lignes.drop("ligne").row(0) if c][:30] if lignes.height else []
        if any(c.est_personnelle for c in table.colonnes.values()):
            premiere = _sans_personne(premiere, table, annee)
        manque = f", il manque {', '.join(_manquantes(entete, table))}" if entete else ""
        vus.append(f"[{feuille.feuille or 'texte'}{manque}] {' | '.join(entete.vus.values() if entete else premiere)}")
    return Anomalie(
        Gravite.BLOQUANT,
        "entete_introuvable",
        f"Aucune ligne d'en-têtes de la table « {table.nom} » n'est reconnue. Vu : {' ; '.join(vus) or 'rien'}.",
        f"Mettez les en-têtes du contrat, ou ajoutez les vôtres dans flows/sources/alias.csv (table {table.nom}).",
        recu.nom,
    )


def _sans_personne(cellules: list[str], table: Table, annee: int) -> list[str]:
    """Headings among the cells of what may be a row about somebody: the others are counted, never shown."""
    connues = [c for c in cellules if reconnaitre(table.nom, annee, c) not in (None, IGNOREE)]
    return [*connues, f"({len(cellules) - len(connues)} cellules non montrées, peut-être des données personnelles)"]


def _feuille_masquee(feuille: Feuille) -> Anomalie:
    return Anomalie(
        Gravite.AVERTISSEMENT,
        "feuille_masquee",
        f"La feuille masquée « {feuille.feuille} » ressemble à des données : elle n'est pas lue.",
        "Affichez la feuille si elle doit compter, supprimez-la sinon.",
        feuille.fichier,
        feuille.feuille,
    )


def _feuille_ecartee(feuille: Feuille, table: Table) -> Anomalie:
    return Anomalie(
        Gravite.INFORMATION,
        "feuille_ecartee",
        f"La feuille « {feuille.feuille} » n'a pas les en-têtes de la table {table.nom} : elle n'est pas lue.",
        "",
        feuille.fichier,
        feuille.feuille,
    )


def _plusieurs_feuilles(recu: FichierRecu, feuilles: list[Feuille]) -> Anomalie:
    noms = ", ".join(f"« {f.feuille} »" for f in feuilles)
    return Anomalie(
        Gravite.AVERTISSEMENT,
        "plusieurs_feuilles",
        f"Plusieurs feuilles ont les en-têtes attendus ({noms}) : elles sont mises bout à bout.",
        "Supprimez les feuilles qui ne doivent pas compter.",
        recu.nom,
    )


def _compter_doubles(empilees: pl.DataFrame, gardees: pl.DataFrame, table: str, comptages: list[Comptage]) -> None:
    """Rows counted once move from accepted to rejected in the accounting of their sheet."""
    if gardees.height == empilees.height:
        return
    otees = empilees.join(gardees.select(PROVENANCE), on=PROVENANCE, how="anti")
    for fichier, feuille, nombre in otees.group_by("fichier", "feuille").len().iter_rows():
        for comptage in comptages:
            if (comptage.table, comptage.fichier, comptage.feuille) == (table, fichier, feuille):
                comptage.acceptees -= nombre
                comptage.rejetees += nombre
                comptage.doubles += nombre


def _garder_utiles(donnees: pl.DataFrame, table: Table, en_plus: Sequence[str] = ()) -> pl.DataFrame:
    """Provenance and the columns that figures use, all of them, in the declared order; absent ones are null text."""
    utiles = [c.nom for c in table.colonnes.values() if c.usage == "conservee" or c.nom in en_plus]
    absentes = [pl.lit(None, dtype=pl.String).alias(nom) for nom in utiles if nom not in donnees.columns]
    return donnees.with_columns(absentes).select(*PROVENANCE, *utiles)


def colonnes_conservees(schema: Schema, table: str) -> list[str]:
    """Declared columns of a table that the warehouse keeps."""
    return [c.nom for c in schema.tables[table].colonnes.values() if c.usage == "conservee"]
