"""Fills any workbook that a recipient sends with the published figures, by a mapping that the command proposes.

The mapping is a CSV file, one line a column of the workbook: the sheet, the row of its headings, the column and its
heading (checked before anything is written), then what goes there: a source, a field, a role. Sources are what is
published: `reservataires` (a row each), `logements`, `etat_des_lieux`. A column whose role is `cle` names the row that
is filled; without one, the rows are written below the headings. `somme` and `compte` group the rows by the other
columns. Formulas, styles and what is already written stay.
"""

import csv
import difflib
import io
import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.utils.cell import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from flows.anomalies import MauvaisUsage, arreter
from flows.chemins import PAQUET
from flows.contrat.schema import normaliser_entete
from flows.depot.extraction import extraire, lire_lignes
from flows.fichiers import entier, nom_affiche
from flows.requetes import litteral
from flows.vie import classeur_recu, entrepots

COLONNES = ("feuille", "ligne", "colonne", "intitule", "source", "champ", "role")
SOURCES = ("reservataires", "logements", "etat_des_lieux")
ROLES = ("", "cle", "somme", "compte")
_INTITULES = PAQUET / "vie" / "intitules.csv"
_MESURE = re.compile(r"(part )?([a-z_]+) ([a-z_]+)=([A-Za-z0-9_+]+)")
_NOMBRE = re.compile(r"-?\d+(,\d+)?")
_NOMBRES = ("nombre_droits",)
"""Fields of the published CSV files that are numbers: all the others are texts or dates, codes kept as they are."""

Valeur = str | int | Decimal | date | None


@dataclass(frozen=True)
class Cible:
    """A line of the mapping, and the line of the file that says it."""

    feuille: str
    ligne: int
    colonne: str
    intitule: str
    source: str
    champ: str
    role: str
    numero: int = 0


@dataclass
class Bilan:
    """What was written, and what could not be, in words."""

    cases: int = 0
    manques: list[str] = field(default_factory=list)


def proposer(classeur: Path, sorties: Path) -> list[Cible]:
    """A line for each heading of each sheet: what seems to go there, blank where nothing does."""
    livre, _ = classeur_recu.ouvrir(classeur)
    connus = intitules()
    noms = {
        normaliser_entete(str(x)) for ligne in _reservataires(sorties, ("code_reservataire", "libelle")) for x in ligne
    }
    cibles = []
    for feuille in livre.worksheets:
        entete = classeur_recu.entete(feuille)
        if entete is None:
            continue
        par_source = {
            source: [champ_de(intitule, champs) for intitule in entete.intitules] for source, champs in connus.items()
        }
        source, champs = max(par_source.items(), key=lambda paire: sum(map(bool, paire[1])))
        cle = _colonne_cle(feuille, entete, noms) if source == "reservataires" else ""
        for intitule, champ in zip(entete.intitules, champs, strict=True):
            role = "cle" if intitule.colonne == cle else ""
            if source == "etat_des_lieux" and champ in _NOMBRES and "ident_rep" not in champs:
                role = "somme"
            cibles.append(
                Cible(
                    feuille.title, entete.ligne, intitule.colonne, intitule.texte, source if champ else "", champ, role
                )
            )
    return cibles


def ecrire_correspondance(cibles: Sequence[Cible], chemin: Path) -> None:
    """Writes a mapping, to be read and corrected in a spreadsheet."""
    flux = io.StringIO()
    ecrivain = csv.writer(flux, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(COLONNES)
    ecrivain.writerows([getattr(cible, nom) for nom in COLONNES] for cible in cibles)
    chemin.write_text(flux.getvalue(), encoding="utf-8-sig", newline="")


def lire_correspondance(chemin: Path) -> list[Cible]:
    """Reads a mapping; raises MauvaisUsage with the line of its first mistake, ArretBloquant when it is unreadable."""
    if not chemin.is_file():
        raise MauvaisUsage(f"{chemin} n'existe pas : sans --avec, la commande en propose une.")
    rangees = _rangees(chemin)
    entete = rangees[0][1] if rangees else []
    absentes = [nom for nom in COLONNES if nom not in entete]
    if absentes:
        raise MauvaisUsage(f"{chemin.name} : la colonne « {absentes[0]} » manque. Attendues : {';'.join(COLONNES)}.")
    cibles = []
    for numero, cellules in rangees[1:]:
        lues = {nom: cellules[entete.index(nom)] for nom in COLONNES}
        lieu = f"{chemin.name}, ligne {numero}"
        if lues["source"] and lues["source"] not in SOURCES:
            raise MauvaisUsage(
                f"{lieu} : la source « {lues['source']} » n'existe pas. {_proche(lues['source'], SOURCES)}"
            )
        if lues["role"] not in ROLES:
            raise MauvaisUsage(f"{lieu} : le rôle « {lues['role']} » n'existe pas. {_proche(lues['role'], ROLES[1:])}")
        if not lues["ligne"].isdigit() or not re.fullmatch("[A-Z]{1,3}", lues["colonne"]):
            raise MauvaisUsage(f"{lieu} : « ligne » est un nombre et « colonne » une lettre, par exemple 4 et C.")
        cibles.append(
            Cible(
                lues["feuille"], int(lues["ligne"]), lues["colonne"], lues["intitule"],
                lues["source"], lues["champ"], lues["role"], numero,
            )
        )  # fmt: skip
    return cibles


def _rangees(chemin: Path) -> list[tuple[int, list[str]]]:
    """The rows of a mapping, its headings first, and where they are, however a spreadsheet saved it."""
    nom = nom_affiche(chemin.name)
    with tempfile.TemporaryDirectory() as dossier:
        feuilles, anomalies = extraire([(nom, chemin)], Path(dossier))
        arreter(anomalies)
        numero, *cellules = lire_lignes(feuilles[0]).get_columns()
        textes = [colonne.fill_null("").str.strip_chars() for colonne in cellules]
        return [(n, [*ligne]) for n, *ligne in zip(numero, *textes, strict=True) if ligne[0].casefold() != "sep="]


def remplir(classeur: Path, cibles: Sequence[Cible], sorties: Path, vers: Path, code: str = "_bailleur") -> Bilan:
    """Writes `classeur` filled at `vers`; raises MauvaisUsage, before, for a sheet that is not the mapping's."""
    livre, pertes = classeur_recu.ouvrir(classeur)
    if vers.resolve() == classeur.resolve():
        raise MauvaisUsage("Le classeur reçu n'est pas remplacé : donnez un autre nom avec --vers.")
    bilan = Bilan(manques=[f"non recopié dans le classeur rempli : {perte}" for perte in pertes])
    par_feuille: dict[str, list[Cible]] = defaultdict(list)
    for cible in cibles:
        _verifier(livre, cible)
        if cible.champ:
            par_feuille[cible.feuille].append(cible)
        else:
            bilan.manques.append(f"{cible.feuille}, colonne {cible.colonne} « {cible.intitule} » : sans correspondance")
    for nom, groupe in par_feuille.items():
        if len({cible.source for cible in groupe}) > 1:
            raise MauvaisUsage(f"La feuille « {nom} » a deux sources : une feuille n'en a qu'une.")
        lignes = _lire(sorties, groupe, code)
        feuille = livre[nom]
        entete = classeur_recu.entete(feuille, groupe[0].ligne)
        premiere = entete.premiere if entete else groupe[0].ligne + 1
        ecrire = _par_cle if any(cible.role == "cle" for cible in groupe) else _a_la_suite
        ecrire(feuille, groupe, lignes, premiere, bilan)
    vers.parent.mkdir(parents=True, exist_ok=True)
    with entier(vers) as provisoire:
        livre.save(provisoire)
    return bilan


def _verifier(livre: openpyxl.Workbook, cible: Cible) -> None:
    if cible.feuille not in livre.sheetnames:
        raise MauvaisUsage(
            f"Le classeur n'a pas de feuille « {cible.feuille} ». {_proche(cible.feuille, livre.sheetnames)}"
        )
    entete = classeur_recu.entete(livre[cible.feuille], cible.ligne)
    vus = {i.colonne: i.texte for i in entete.intitules} if entete else {}
    vu = vus.get(cible.colonne, "")
    if not classeur_recu.meme(vu, cible.intitule):
        raise MauvaisUsage(
            f"Feuille « {cible.feuille} », ligne {cible.ligne}, colonne {cible.colonne} : le classeur dit « {vu} », la "
            f"correspondance attend « {cible.intitule} ». Ce n'est pas le même modèle."
        )


def _par_cle(
    feuille: Worksheet, groupe: Sequence[Cible], lignes: Sequence[Sequence[Valeur]], premiere: int, bilan: Bilan
) -> None:
    """Fills the rows that are there: each is named by its key."""
    rang = next(i for i, cible in enumerate(groupe) if cible.role == "cle")
    connues = {normaliser_entete(str(ligne[rang])): ligne for ligne in lignes}
    colonne = column_index_from_string(groupe[rang].colonne)
    placees = set()
    for numero in range(premiere, feuille.max_row + 1):
        nom = feuille.cell(numero, colonne).value
        if not isinstance(nom, str) or not nom.strip():
            continue
        cle = normaliser_entete(nom)
        autres = [column_index_from_string(cible.colonne) for cible in groupe if cible.role != "cle"]
        if not any(classeur_recu.case_libre(feuille.cell(numero, autre)) for autre in autres):
            continue  # a total: everything there is computed
        if cle not in connues:
            bilan.manques.append(f"{feuille.title}, ligne {numero} : « {nom} » n'est pas publié")
            continue
        placees.add(cle)
        for cible, valeur in zip(groupe, connues[cle], strict=True):
            if cible.role != "cle":
                _ecrire(feuille, numero, cible, valeur, premiere, bilan)
    restes = [str(ligne[rang]) for cle, ligne in connues.items() if cle not in placees]
    if restes:
        bilan.manques.append(f"{feuille.title} : sans ligne à leur nom, {', '.join(restes)}")


def _a_la_suite(
    feuille: Worksheet, groupe: Sequence[Cible], lignes: Sequence[Sequence[Valeur]], premiere: int, bilan: Bilan
) -> None:
    """Writes the rows below the headings, as long as the places are free."""
    colonnes = [column_index_from_string(cible.colonne) for cible in groupe]
    for rang, ligne in enumerate(lignes):
        numero = premiere + rang
        if not all(classeur_recu.case_libre(feuille.cell(numero, colonne)) for colonne in colonnes):
            reste = len(lignes) - rang
            bilan.manques.append(
                f"{feuille.title} : la place s'arrête à la ligne {numero - 1}, {reste} lignes ne tiennent pas"
            )
            return
        for cible, valeur in zip(groupe, ligne, strict=True):
            _ecrire(feuille, numero, cible, valeur, premiere, bilan)


def _ecrire(feuille: Worksheet, numero: int, cible: Cible, valeur: Valeur, premiere: int, bilan: Bilan) -> None:
    """One cell, in the style that it has, else that of the first row to fill."""
    colonne = column_index_from_string(cible.colonne)
    case = feuille.cell(numero, colonne)
    lieu = f"{feuille.title}, {cible.colonne}{numero}"
    if not classeur_recu.case_libre(case):
        bilan.manques.append(f"{lieu} : déjà rempli, ou une formule ; laissé tel quel")
    elif valeur is None:
        bilan.manques.append(f"{lieu} : non fourni ({cible.champ})")
    else:
        modele = feuille.cell(premiere, colonne)
        if not case.has_style and modele.has_style:
            case._style = copy(modele._style)
        if isinstance(valeur, Decimal | int) and "%" in case.number_format:
            valeur = Decimal(valeur) / 100
        case.value = valeur
        if isinstance(valeur, str):
            case.data_type = "s"  # a text that begins with = is a text
        if isinstance(valeur, date) and case.number_format == "General":
            case.number_format = "dd/mm/yyyy"
        bilan.cases += 1


def _lire(sorties: Path, groupe: Sequence[Cible], code: str) -> list[tuple[Valeur, ...]]:
    """The rows of a source, in the columns asked for."""
    source = groupe[0].source
    if source == "reservataires":
        return _reservataires(sorties, [cible.champ for cible in groupe])
    fichier = publie(sorties, source, code)
    lues = list(csv.DictReader(io.StringIO(fichier.read_text(encoding="utf-8-sig"), newline=""), delimiter=";"))
    connus = list(lues[0]) if lues else []
    for cible in groupe:
        if lues and cible.champ not in connus and cible.role != "compte":
            raise MauvaisUsage(
                f"Ligne {cible.numero} de la correspondance : « {cible.champ} » n'est pas un champ de {fichier.name}. "
                f"{_proche(cible.champ, connus)}"
            )
    if not any(cible.role in ("somme", "compte") for cible in groupe):
        return [tuple(_typee(ligne[cible.champ], cible.champ) for cible in groupe) for ligne in lues]
    return _regrouper(lues, groupe)


def _regrouper(lues: Sequence[Mapping[str, str]], groupe: Sequence[Cible]) -> list[tuple[Valeur, ...]]:
    """One row for each value of the plain columns; the others add up their field, or count what is in force."""
    for cible in groupe:
        if cible.role == "somme" and cible.champ not in _NOMBRES:
            raise MauvaisUsage(
                f"Ligne {cible.numero} de la correspondance : « {cible.champ} » n'est pas un nombre à additionner. "
                f"{_proche(cible.champ, _NOMBRES)}"
            )
    reunies: dict[tuple[str, ...], list[Mapping[str, str]]] = defaultdict(list)
    simples = [cible.champ for cible in groupe if cible.role not in ("somme", "compte")]
    for ligne in lues:
        if ligne.get("etat", "en_cours") == "en_cours":
            reunies[tuple(ligne[champ] for champ in simples)].append(ligne)
    return [tuple(_reunir(cible, reunies[cle]) for cible in groupe) for cle in sorted(reunies)]


def _reunir(cible: Cible, lignes: Sequence[Mapping[str, str]]) -> Valeur:
    """What a column says of rows that are one: how many they are, their sum, else what they all say."""
    if cible.role == "compte":
        return len(lignes)
    if cible.role == "somme":
        return _entier(sum((Decimal((li[cible.champ] or "0").replace(",", ".")) for li in lignes), Decimal(0)))
    return _typee(lignes[0][cible.champ], cible.champ)


def publie(sorties: Path, source: str, code: str) -> Path:
    """The published file of a source: the last one, for the état des lieux."""
    dossier = sorties / ("etat_des_lieux" if source == "etat_des_lieux" else "bilan")
    lieu = dossier / code if (dossier / code).is_dir() else dossier / "_bailleur"
    trouves = sorted(lieu.glob(f"{source}_*_{code}.csv"))
    if not trouves:
        commande = "etat-des-lieux" if source == "etat_des_lieux" else "bilan"
        raise MauvaisUsage(f"{sorties} n'a pas de fichier {source} pour « {code} » : gestion-flux {commande} d'abord.")
    return trouves[-1]


def _reservataires(sorties: Path, champs: Sequence[str]) -> list[tuple[Valeur, ...]]:
    """A row for each réservataire of the published warehouse; a field is a column of its summary, or a measure."""
    with entrepots.lire(publie=sorties) as con:
        connus = [
            *entrepots.colonnes(con, "publie", "bilan", "entetes"),
            *entrepots.colonnes(con, "publie", "bilan", "synthese"),
        ]
        expressions = []
        for champ in champs:
            mesure = _MESURE.fullmatch(champ)
            if champ in connus:
                table = "entetes" if champ in entrepots.colonnes(con, "publie", "bilan", "entetes") else "synthese"
                expressions.append(f"{table}.{champ}")
            elif mesure:
                part, nom, dimension, modalite = mesure.groups()
                colonne = "part_pct" if part else "nombre"
                expressions.append(
                    f"(select coalesce(max(case when modalite = {litteral(modalite)} then {colonne} end), "
                    f"max(0 * {colonne})) from bilan.mesures where mesures.code_reservataire = "
                    f"entetes.code_reservataire and mesure = {litteral(nom)} and dimension in "
                    f"({litteral(dimension)}, 'total'))"
                )
            else:
                raise MauvaisUsage(
                    f"« {champ} » n'est ni un chiffre de la synthèse ni une mesure (attribues qpv=en_qpv). "
                    f"{_proche(champ, connus)}"
                )
        lignes = con.execute(
            f"select {', '.join(expressions)} from bilan.entetes left join bilan.synthese using (code_reservataire) "
            "where nature_bilan = 'reservataire' order by entetes.ordre"
        ).fetchall()
    return [tuple(_entier(valeur) for valeur in ligne) for ligne in lignes]


def _entier(valeur: Valeur) -> Valeur:
    return int(valeur) if isinstance(valeur, Decimal) and valeur == valeur.to_integral_value() else valeur


def _typee(texte: str, champ: str) -> Valeur:
    """A cell of a published CSV file, as a spreadsheet holds it."""
    if champ in _NOMBRES and _NOMBRE.fullmatch(texte):
        return _entier(Decimal(texte.replace(",", ".")))
    if champ.startswith("date_") and re.fullmatch(r"\d{4}-\d\d-\d\d", texte):
        return date.fromisoformat(texte)
    return texte or ""


def intitules() -> dict[str, dict[str, str]]:
    """source → heading without case nor accents → field."""
    connus: dict[str, dict[str, str]] = {source: {} for source in SOURCES}
    with _INTITULES.open(encoding="utf-8-sig", newline="") as flux:
        for ligne in csv.DictReader(flux, delimiter=";"):
            for intitule in ligne["intitules"].split("|"):
                connus[ligne["source"]].setdefault(normaliser_entete(intitule), ligne["champ"])
    return connus


def champ_de(intitule: classeur_recu.Intitule, connus: Mapping[str, str]) -> str:
    """The field that a heading names: with its groups, alone, or nearly; blank when none does."""
    for texte in (intitule.texte, intitule.propre):
        cle = normaliser_entete(re.sub(r"\b(20\d\d|N(?:[+-]1)?)\b", " ", texte))
        if cle in connus:
            return connus[cle]
        if voisins := difflib.get_close_matches(cle, list(connus), n=1, cutoff=0.88):
            return connus[voisins[0]]
    return ""


def _colonne_cle(feuille: Worksheet, entete: classeur_recu.Entete, noms: set[str]) -> str:
    """The column whose cells already name réservataires; blank when there is none."""
    for intitule in entete.intitules:
        colonne = column_index_from_string(intitule.colonne)
        valeurs = [feuille.cell(i, colonne).value for i in range(entete.premiere, feuille.max_row + 1)]
        if any(isinstance(valeur, str) and normaliser_entete(valeur) in noms for valeur in valeurs):
            return intitule.colonne
    return ""


def _proche(mot: str, connus: Sequence[str]) -> str:
    voisins = difflib.get_close_matches(mot, list(connus), n=1)
    return f"Vouliez-vous dire « {voisins[0]} » ?" if voisins else f"Possibles : {', '.join(connus)}."
