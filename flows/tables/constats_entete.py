"""What is said of the headings of a sheet: those that are missing, written twice, or that nobody knows."""

import difflib
from functools import cache

from flows.anomalies import Anomalie, Gravite
from flows.chemins import CONTRAT
from flows.contrat.listes import lire_liste
from flows.contrat.schema import Table, normaliser_entete
from flows.depot.extraction import Feuille
from flows.depot.feuilles import lettres
from flows.tables.citations import RESSEMBLANCE, citer, est_citable, est_personnelle
from flows.tables.entetes import Entete
from flows.tables.profils import remarques


def manquantes(entete: Entete, table: Table) -> list[str]:
    """Mandatory columns that no heading gives; « a ou b » for those of which one is enough."""
    presentes = set(entete.colonnes.values()) | entete.donnees_ailleurs
    seules = [c.nom for c in table.colonnes.values() if c.entete_obligatoire and c.nom not in presentes]
    return seules + [" ou ".join(noms) for noms in table.groupes().values() if not presentes & set(noms)]


def verifier(feuille: Feuille, entete: Entete, table: Table) -> list[Anomalie]:
    """What is wrong with the headings of a sheet: mandatory ones missing, doubled ones, those that nobody knows."""
    absentes = manquantes(entete, table)
    vus = ", ".join(citer(entete.vus, table, reconnus=True)) if absentes else ""
    anomalies = [
        Anomalie(
            Gravite.BLOQUANT,
            "colonne_absente",
            f"La colonne obligatoire « {nom} » de la table {table.nom} est introuvable. En-têtes vus : {vus}.",
            f"Renommez la colonne, ou dites laquelle c'est dans correspondances.xlsx, {_ou_le_dire(nom)} "
            "(« gestion-flux apercu » la prépare) ; pour tous vos dossiers, ajoutez à flows/contrat/alias.csv la ligne "
            f"{table.nom};;<intitulé>;{nom.split(' ou ')[-1]};",
            feuille.fichier,
            feuille.feuille,
            entete.derniere_ligne,
            nom,
        )
        for nom in absentes
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
    lues = [vu for champ, vu in entete.vus.items() if champ in entete.colonnes]
    anomalies += [
        Anomalie(
            Gravite.ERREUR,
            "export_d_une_autre_nature",
            f"La feuille est un export de {profil}, qui n'a pas de quoi être la table {table.nom} : « {intitule} » y "
            f"est lu, et ses chiffres seront faux. {remarque}.",
            "Retirez le fichier ou dites « ne pas lire » dans correspondances.xlsx, feuille Feuilles.",
            feuille.fichier,
            feuille.feuille,
            entete.derniere_ligne,
            intitule,
        )
        for profil, intitule, remarque, refusee in remarques(table.nom, list(entete.vus.values()))
        if refusee and intitule in lues
    ]
    return [*anomalies, *_absentes(feuille, entete, table), *_inconnues(feuille, entete, table)]


def _absentes(feuille: Feuille, entete: Entete, table: Table) -> list[Anomalie]:
    """A warning for each optional column that changes a figure and that no heading gives: what its absence changes."""
    presentes = set(entete.colonnes.values()) | entete.donnees_ailleurs
    return [
        Anomalie(
            Gravite.AVERTISSEMENT,
            "colonne_facultative_absente",
            f"Aucune colonne n'est « {' » ni « '.join(noms)} » : {effet}.",
            f"Si la colonne existe sous un autre intitulé, dites-le dans correspondances.xlsx, {_ou_le_dire(noms[0])}.",
            feuille.fichier,
            feuille.feuille,
            entete.derniere_ligne,
            noms[0],
        )
        for noms, effet in effets_des_absences().get(table.nom, ())
        if not presentes & set(noms)
    ]


@cache
def effets_des_absences() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """{table: [(columns of which one is enough, what changes without them)]}, from flows/contrat/absences.csv."""
    effets: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for _, ligne in lire_liste(CONTRAT / "absences.csv", ("table", "colonnes", "effet"), cle=("table", "colonnes")):
        noms = tuple(nom.strip() for nom in ligne["colonnes"].split(","))
        effets.setdefault(ligne["table"], []).append((noms, ligne["effet"]))
    return effets


def _inconnues(feuille: Feuille, entete: Entete, table: Table) -> list[Anomalie]:
    """Headings that nobody knows: their columns are not read. A warning for each that looks like a declared one.

    One that may be a cell of a row that took the place of the headings is not quoted.
    """
    anomalies, autres = [], []
    libres = {
        normaliser_entete(nom): nom for nom in table.colonnes if nom not in entete.colonnes.values()
    }  # a column already found needs no other
    for champ, intitule in entete.inconnus.items():
        colonne = lettres(int(champ.removeprefix("c")))
        montree = est_citable(intitule) or not est_personnelle(table)
        quoi = f"La colonne {colonne} « {intitule} »" if montree else f"La colonne {colonne}"
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
                f"Si c'est elle, renommez-la « {nom} », ou dites-le dans correspondances.xlsx, {_ou_le_dire(nom)}.",
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
                "Si l'une d'elles compte, dites sa colonne dans correspondances.xlsx, feuille Colonnes.",
                feuille.fichier,
                feuille.feuille,
                entete.derniere_ligne,
            )
        )
    return anomalies


def _ou_le_dire(nom: str) -> str:
    """The sheet of the correspondances where a heading is said to be this column, and what to write there."""
    if set(nom.split(" ou ")) & {"ident_rep", "ident_interne"}:
        return (
            "feuille Logements : l'intitulé, puis ident_rep si c'est l'identifiant RPLS, ident_interne si c'est votre "
            "référence"
        )
    return f"feuille Colonnes : l'intitulé, puis {nom.split(' ou ')[0]}"
