"""Which sheets of a file are its table, and what is said of the others and of their headings."""

from dataclasses import dataclass, field, replace

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.contrat.presets import COLONNES, MODELE
from flows.contrat.schema import IGNOREE, Table, charger, reconnaitre
from flows.depot.extraction import Feuille
from flows.depot.separateurs import CANDIDATS
from flows.fichiers import FichierRecu
from flows.tables.agregats import refuser_agregat
from flows.tables.citations import citer, est_citable
from flows.tables.constats_entete import manquantes, verifier
from flows.tables.decisions import SANS_DECISION, Decisions
from flows.tables.declaration import Declaration, lire_en_tete
from flows.tables.entetes import LIGNES_EXPLOREES, Entete, deviner_entete, trouver_entete

COLONNES_PROBANTES = 6
COLONNES_DE_DONNEES = 3
_PRECIS = r"^\s*(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}|[0-9A-Z]*\d{6,}[0-9A-Z]*)"
_CELLULES_MONTREES = 30


@dataclass(frozen=True)
class Candidate:
    """A sheet to read: its rows of text, where its data begin, what was decided of it."""

    feuille: Feuille
    lignes: pl.DataFrame
    entete: Entete | Declaration
    decisions: Decisions = SANS_DECISION


@dataclass
class Choix:
    """The sheets of a file that are its table, and the anomalies of the choice (blocking when a sheet cannot be)."""

    retenues: list[Candidate] = field(default_factory=list)
    anomalies: list[Anomalie] = field(default_factory=list)


def choisir(
    recu: FichierRecu, lues: list[tuple[Feuille, pl.DataFrame, Decisions]], table: Table, millesime: int | None
) -> Choix:
    """The sheets that have the headings of `table`; several are read end to end.

    A sheet that is the table but for a mandatory column stops the run. Hidden sheets are not read; a file where
    nothing can be read is a blocking anomaly.
    """
    choix = Choix()
    feuilles = [(f, lignes) for f, lignes, _ in lues]
    vues = [
        Candidate(f, lignes, e, decisions)
        for f, lignes, decisions in lues
        if (e := _lire_entete(lignes, table, millesime, decisions))
    ]
    ressemblantes = [c for c in vues if _ressemble(c, table, millesime)]
    masquees = [c.feuille for c in ressemblantes if c.feuille.masquee]
    visibles = [c for c in (ressemblantes if len(feuilles) > 1 else vues) if not c.feuille.masquee]
    choix.anomalies += [_feuille_masquee(feuille) for feuille in masquees]
    for candidate in visibles:
        dites = (
            [] if isinstance(candidate.entete, Declaration) else verifier(candidate.feuille, candidate.entete, table)
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
    retenues = {c.feuille.feuille for c in visibles}
    entetes = {c.feuille.feuille: c for c in vues}
    choix.anomalies += [
        _ecartee(f, entetes.get(f.feuille) or _meconnue(f, lignes, table, millesime), table, millesime)
        for f, lignes in feuilles
        if not f.masquee and f.feuille not in retenues
    ]
    if len(visibles) > 1:
        choix.anomalies.append(_plusieurs_feuilles(recu, [c.feuille for c in visibles]))
    return choix


def _lire_entete(
    lignes: pl.DataFrame, table: Table, millesime: int | None, decisions: Decisions
) -> Entete | Declaration | None:
    if table.nom == "rpls" and (declaration := lire_en_tete(lignes)):
        return declaration
    entete = trouver_entete(lignes, table.nom, millesime, decisions.colonnes)
    if entete is None:
        return None
    ailleurs = decisions.donnees_sans_entete(entete.colonnes.values())
    if MODELE in entete.colonnes.values():
        ailleurs |= frozenset(COLONNES)
    return replace(entete, donnees_ailleurs=ailleurs)


def _ressemble(candidate: Candidate, table: Table, millesime: int | None) -> bool:
    """True when the headings give every mandatory column; or half of them, or many columns, and are no other table."""
    entete = candidate.entete
    if isinstance(entete, Declaration) or not (absentes := manquantes(entete, table)):
        return True
    necessaires = sum(c.entete_obligatoire for c in table.colonnes.values()) + len(table.groupes())
    if 2 * len(absentes) > necessaires and len(entete.colonnes) < COLONNES_PROBANTES:
        return False
    return _autre_table(candidate, table, millesime) is None


def _autre_table(candidate: Candidate, table: Table, millesime: int | None) -> Table | None:
    """The table, other than `table`, of which the sheet has every mandatory column."""
    autres = (autre for autre in charger().campagne.values() if autre.nom != table.nom)
    trouves = ((autre, trouver_entete(candidate.lignes, autre.nom, millesime)) for autre in autres)
    return next((autre for autre, trouve in trouves if trouve and not manquantes(trouve, autre)), None)


def _aucun_entete(
    recu: FichierRecu,
    feuilles: list[tuple[Feuille, pl.DataFrame]],
    vues: list[Candidate],
    table: Table,
    millesime: int | None,
) -> Anomalie:
    entassees = [(f, signe) for f, lignes in feuilles if (signe := _separateur_des_cellules(lignes))]
    if entassees and not vues:
        return _tout_en_colonne_a(*entassees[0])
    entetes = {c.feuille.feuille: c.entete for c in vues if isinstance(c.entete, Entete)}
    textes: list[str] = []
    for feuille, lignes in feuilles:
        entete = entetes.get(feuille.feuille)
        vus = entete.vus if entete else _plus_parlante(lignes)
        manque = f", il manque {', '.join(manquantes(entete, table))}" if entete else ""
        dits = citer(vus, table, reconnus=entete is not None)
        textes.append(f"[{feuille.feuille or 'texte'}{manque}] {', '.join(dits)}")
    return Anomalie(
        Gravite.BLOQUANT,
        "entete_introuvable",
        f"Aucune ligne d'en-têtes de la table « {table.nom} » n'est reconnue. Vu : {' ; '.join(textes) or 'rien'}.",
        "Mettez les en-têtes du contrat, ou dites ce que sont les vôtres dans correspondances.xlsx (« gestion-flux "
        "apercu » le prépare).",
        recu.nom,
    )


def _separateur_des_cellules(lignes: pl.DataFrame) -> str:
    """What separates the values of rows that are whole in the first column; "" when they are not."""
    if any(lignes[c].null_count() < lignes.height for c in lignes.columns if c not in ("ligne", "c1")):
        return ""
    debut = lignes["c1"].head(LIGNES_EXPLOREES).drop_nulls()
    for signe in CANDIDATS:
        nombres = debut.str.count_matches(signe, literal=True)
        if 5 * (nombres >= 2).sum() >= 4 * debut.len() > 0:
            return signe
    return ""


def _tout_en_colonne_a(feuille: Feuille, signe: str) -> Anomalie:
    nom = "la tabulation" if signe == "\t" else f"« {signe} »"
    remede = (
        "Chaque ligne du fichier est entre guillemets : refaites l'export sans eux ; sinon ouvrez-le dans un tableur, "
        "sélectionnez"
        if feuille.format == "csv"
        else "Dans le tableur, sélectionnez"
    )
    return Anomalie(
        Gravite.BLOQUANT,
        "entete_introuvable",
        f"Tout est dans la première colonne : chaque cellule contient une ligne entière, séparée par {nom}.",
        f"{remede} la colonne A, puis Données > Convertir (Excel) ou Données > Texte en colonnes (LibreOffice), "
        f"délimiteur {nom}, enregistrez et redéposez le fichier.",
        feuille.fichier,
        feuille.feuille,
        colonne="A",
    )


def _plus_parlante(lignes: pl.DataFrame) -> dict[str, str]:
    """The first row that says the most headings, else the most: its first cells."""
    rangees = [
        {champ: str(texte) for champ, texte in rangee.items() if champ != "ligne" and texte}
        for rangee in lignes.head(LIGNES_EXPLOREES).rows(named=True)
    ]
    meilleure = max(rangees, key=lambda r: (sum(map(est_citable, r.values())), len(r)), default={})
    return dict(list(meilleure.items())[:_CELLULES_MONTREES])


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


def _ecartee(feuille: Feuille, vue: Candidate | None, table: Table, millesime: int | None) -> Anomalie:
    """What is said of a sheet that is not read beside others that are: the more it looks like data, the graver."""
    if vue is not None and isinstance(vue.entete, Entete):
        if autre := _autre_table(vue, table, millesime):
            return Anomalie(
                Gravite.ERREUR,
                "feuille_d_une_autre_table",
                f"La feuille « {feuille.feuille} » a les en-têtes de la table {autre.nom} dans un fichier de la table "
                f"{table.nom} : elle n'est pas lue.",
                f"Déposez-la dans un fichier dont le nom commence par « {autre.nom} ».",
                feuille.fichier,
                feuille.feuille,
            )
        vus = citer(vue.entete.vus, table, reconnus=len(vue.entete.colonnes) > 1)
        debut = f"a des en-têtes de la table {table.nom}, comme ses voisines"
        if not vue.entete.colonnes:
            debut = "est un tableau, et ses voisines sont lues"
        return Anomalie(
            Gravite.BLOQUANT if vue.entete.colonnes else Gravite.ERREUR,
            "feuille_incomplete",
            f"La feuille « {feuille.feuille} » {debut}, mais il lui "
            f"manque {', '.join(manquantes(vue.entete, table))} : ses lignes seraient perdues. En-têtes vus : "
            f"{', '.join(vus)}.",
            "Donnez-lui les mêmes en-têtes que les autres feuilles ; si elle ne doit pas compter, supprimez-la ou "
            "dites « ne pas lire » dans la feuille Feuilles de correspondances.xlsx.",
            feuille.fichier,
            feuille.feuille,
            vue.entete.derniere_ligne,
        )
    return Anomalie(
        Gravite.INFORMATION,
        "feuille_ecartee",
        f"La feuille « {feuille.feuille} » n'a pas les en-têtes de la table {table.nom} : elle n'est pas lue.",
        "",
        feuille.fichier,
        feuille.feuille,
    )


def _meconnue(feuille: Feuille, lignes: pl.DataFrame, table: Table, millesime: int | None) -> Candidate | None:
    """A sheet of which no heading, or one, is known, when it is likely to be data beside others that are read.

    It has a mandatory heading; or several columns, one of which is of dates or of long numbers.
    """
    devinee = deviner_entete(lignes)
    if devinee is None:
        return None
    connues = {champ: nom for champ, vu in devinee.vus.items() if (nom := reconnaitre(table.nom, millesime, vu))}
    obligatoires = {c.nom for c in table.colonnes.values() if c.entete_obligatoire or c.groupe}
    corps = lignes.filter(pl.col("ligne") > devinee.derniere_ligne)
    precis = any(2 * corps[champ].str.contains(_PRECIS).sum() >= corps.height for champ in devinee.vus)
    if obligatoires & set(connues.values()) or (precis and len(devinee.vus) >= COLONNES_DE_DONNEES):
        utiles = {champ: nom for champ, nom in connues.items() if nom != IGNOREE}
        return Candidate(feuille, lignes, replace(devinee, colonnes=utiles))
    return None


def _plusieurs_feuilles(recu: FichierRecu, feuilles: list[Feuille]) -> Anomalie:
    noms = ", ".join(f"« {f.feuille} »" for f in feuilles)
    return Anomalie(
        Gravite.AVERTISSEMENT,
        "plusieurs_feuilles",
        f"Plusieurs feuilles ont les en-têtes attendus ({noms}) : elles sont mises bout à bout.",
        "Supprimez les feuilles qui ne doivent pas compter.",
        recu.nom,
    )
