"""Which sheets of a file are its table, and what is said of the others and of their headings."""

import difflib
from dataclasses import dataclass, field

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.contrat.schema import IGNOREE, Table, charger, normaliser_entete, reconnaitre
from flows.depot.extraction import Feuille
from flows.depot.feuilles import lettres
from flows.fichiers import FichierRecu
from flows.tables.agregats import refuser_agregat
from flows.tables.declaration import Declaration, lire_en_tete
from flows.tables.entetes import Entete, trouver_entete

RESSEMBLANCE = 0.82
COLONNES_PROBANTES = 6
_CELLULES_MONTREES = 30


@dataclass(frozen=True)
class Candidate:
    """A sheet to read: its rows of text and where its data begin."""

    feuille: Feuille
    lignes: pl.DataFrame
    entete: Entete | Declaration


@dataclass
class Choix:
    """The sheets of a file that are its table, and the anomalies of the choice (blocking when a sheet cannot be)."""

    retenues: list[Candidate] = field(default_factory=list)
    anomalies: list[Anomalie] = field(default_factory=list)


def choisir(
    recu: FichierRecu, feuilles: list[tuple[Feuille, pl.DataFrame]], table: Table, millesime: int | None
) -> Choix:
    """The sheets that have the headings of `table`; several are read end to end.

    A sheet that is the table but for a mandatory column stops the run. Hidden sheets are not read; a file where
    nothing can be read is a blocking anomaly.
    """
    choix = Choix()
    vues = [Candidate(f, lignes, e) for f, lignes in feuilles if (e := _lire_entete(lignes, table, millesime))]
    ressemblantes = [c for c in vues if _ressemble(c, table, millesime)]
    masquees = [c.feuille for c in ressemblantes if c.feuille.masquee]
    visibles = [c for c in (ressemblantes if len(feuilles) > 1 else vues) if not c.feuille.masquee]
    choix.anomalies += [_feuille_masquee(feuille) for feuille in masquees]
    for candidate in visibles:
        dites = (
            [] if isinstance(candidate.entete, Declaration) else _verifier(candidate.feuille, candidate.entete, table)
        )
        if table.nom == "rpls" and isinstance(candidate.entete, Entete):
            dites += refuser_agregat(candidate.feuille, candidate.lignes, candidate.entete)
        choix.anomalies += dites
        if not any(a.gravite is Gravite.BLOQUANT for a in dites):
            choix.retenues.append(candidate)
    if not visibles:
        choix.anomalies.append(
            _rien_de_visible(recu, masquees) if masquees else _aucun_entete(recu, feuilles, vues, table, millesime)
        )
        return choix
    lues = {c.feuille.feuille for c in visibles}
    choix.anomalies += [_ecartee(f, table) for f, _ in feuilles if not f.masquee and f.feuille not in lues]
    if len(visibles) > 1:
        choix.anomalies.append(_plusieurs_feuilles(recu, [c.feuille for c in visibles]))
    return choix


def _lire_entete(lignes: pl.DataFrame, table: Table, millesime: int | None) -> Entete | Declaration | None:
    declaration = lire_en_tete(lignes) if table.nom == "rpls" else None
    return declaration or trouver_entete(lignes, table.nom, millesime)


def _ressemble(candidate: Candidate, table: Table, millesime: int | None) -> bool:
    """True when the headings give every mandatory column; or half of them, or many columns, and are no other table."""
    entete = candidate.entete
    if isinstance(entete, Declaration) or not (absentes := manquantes(entete, table)):
        return True
    necessaires = sum(c.entete_obligatoire for c in table.colonnes.values()) + len(table.groupes())
    if 2 * len(absentes) > necessaires and len(entete.colonnes) < COLONNES_PROBANTES:
        return False
    autres = (autre for autre in charger().campagne.values() if autre.nom != table.nom)
    trouves = ((autre, trouver_entete(candidate.lignes, autre.nom, millesime)) for autre in autres)
    return not any(trouve and not manquantes(trouve, autre) for autre, trouve in trouves)


def manquantes(entete: Entete, table: Table) -> list[str]:
    """Mandatory columns that no heading gives; « a ou b » for those of which one is enough."""
    presentes = set(entete.colonnes.values())
    seules = [c.nom for c in table.colonnes.values() if c.entete_obligatoire and c.nom not in presentes]
    return seules + [" ou ".join(noms) for noms in table.groupes().values() if not presentes & set(noms)]


def _verifier(feuille: Feuille, entete: Entete, table: Table) -> list[Anomalie]:
    """What is wrong with the headings of a sheet: mandatory ones missing, doubled ones, those that nobody knows."""
    vus = ", ".join(f"« {v} »" for v in entete.vus.values())
    anomalies = [
        Anomalie(
            Gravite.BLOQUANT,
            "colonne_absente",
            f"La colonne obligatoire « {nom} » de la table {table.nom} est introuvable. En-têtes vus : {vus}.",
            "Renommez la colonne, ou ajoutez à flows/contrat/alias.csv la ligne "
            f"{table.nom};;<intitulé>;{nom.split(' ou ')[0]};",
            feuille.fichier,
            feuille.feuille,
            entete.derniere_ligne,
            nom,
        )
        for nom in manquantes(entete, table)
    ]
    anomalies += [
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
    return anomalies + _inconnues(feuille, entete, table)


def _inconnues(feuille: Feuille, entete: Entete, table: Table) -> list[Anomalie]:
    """Headings that nobody knows: their columns are not read. A warning for each that looks like a declared one.

    In a table about people a heading is not quoted: it may be a row that took its place.
    """
    anomalies, autres = [], []
    libres = {
        normaliser_entete(nom): nom for nom in table.colonnes if nom not in entete.colonnes.values()
    }  # a column already found needs no other
    for champ, intitule in entete.inconnus.items():
        colonne = lettres(int(champ.removeprefix("c")))
        quoi = f"La colonne {colonne}" if _est_personnelle(table) else f"La colonne {colonne} « {intitule} »"
        proches = difflib.get_close_matches(normaliser_entete(intitule), libres, n=1, cutoff=RESSEMBLANCE)
        if not proches:
            autres.append(quoi.removeprefix("La colonne "))
            continue
        nom = libres[proches[0]]
        anomalies.append(
            Anomalie(
                Gravite.AVERTISSEMENT,
                "colonne_ressemblante",
                f"{quoi} n'est pas reconnue et n'est pas lue. Est-ce « {nom} » ?",
                f"Renommez-la « {nom} », ou ajoutez à flows/contrat/alias.csv la ligne {table.nom};;<intitulé>;{nom};",
                feuille.fichier,
                feuille.feuille,
                entete.derniere_ligne,
                colonne,
            )
        )
    if autres:
        anomalies.append(
            Anomalie(
                Gravite.INFORMATION,
                "colonnes_ignorees",
                f"Colonnes inconnues de la table {table.nom}, non lues : {', '.join(autres)}.",
                "Si l'une d'elles compte, ajoutez son intitulé dans flows/contrat/alias.csv.",
                feuille.fichier,
                feuille.feuille,
                entete.derniere_ligne,
            )
        )
    return anomalies


def _aucun_entete(
    recu: FichierRecu,
    feuilles: list[tuple[Feuille, pl.DataFrame]],
    vues: list[Candidate],
    table: Table,
    millesime: int | None,
) -> Anomalie:
    entetes = {c.feuille.feuille: c.entete for c in vues if isinstance(c.entete, Entete)}
    textes: list[str] = []
    for feuille, lignes in feuilles:
        entete = entetes.get(feuille.feuille)
        premiere = [str(c) for c in lignes.drop("ligne").row(0) if c][:_CELLULES_MONTREES] if lignes.height else []
        if _est_personnelle(table):
            premiere = _sans_personne(premiere, table, millesime)
        manque = f", il manque {', '.join(manquantes(entete, table))}" if entete else ""
        textes.append(
            f"[{feuille.feuille or 'texte'}{manque}] {' | '.join(entete.vus.values() if entete else premiere)}"
        )
    return Anomalie(
        Gravite.BLOQUANT,
        "entete_introuvable",
        f"Aucune ligne d'en-têtes de la table « {table.nom} » n'est reconnue. Vu : {' ; '.join(textes) or 'rien'}.",
        f"Mettez les en-têtes du contrat, ou ajoutez les vôtres dans flows/contrat/alias.csv (table {table.nom}).",
        recu.nom,
    )


def _est_personnelle(table: Table) -> bool:
    return any(c.est_personnelle for c in table.colonnes.values())


def _sans_personne(cellules: list[str], table: Table, millesime: int | None) -> list[str]:
    """Headings among the cells of what may be a row about somebody: the others are counted, never shown."""
    connues = [c for c in cellules if reconnaitre(table.nom, millesime, c) not in (None, IGNOREE)]
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


def _rien_de_visible(recu: FichierRecu, masquees: list[Feuille]) -> Anomalie:
    noms = ", ".join(f"« {f.feuille} »" for f in masquees)
    return Anomalie(
        Gravite.BLOQUANT,
        "feuilles_toutes_masquees",
        f"Les seules feuilles qui ont les en-têtes attendus sont masquées ({noms}) : rien n'est lu du fichier.",
        "Affichez la feuille qui doit compter, ou retirez le fichier.",
        recu.nom,
    )


def _ecartee(feuille: Feuille, table: Table) -> Anomalie:
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
