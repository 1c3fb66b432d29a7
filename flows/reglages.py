"""The settings of the product and, over them, those of the bailleur: one text each, merged, each mistake with its line.

What is in `reglages/` stays when the product is upgraded. In a TOML file a value replaces the product's; a table is
merged key by key; a sheet (`[[bilan.feuilles]]`) is merged into that of the same name, else added, at the end or after
the one that `apres` names; `[[bilan.remplacer]]` (`ceci`, `cela`) changes words wherever they are written.
"""

import difflib
import inspect
import itertools
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.chemins import reglages


class Refus:
    """Collects the mistakes of one template file, each with its line, to refuse them all at once."""

    def __init__(self, fichier: str, source: str, ajouts: str = "", dossiers: Sequence[Path] = ()) -> None:
        self.fichier = fichier
        self.source = source
        self.ajouts = ajouts
        """The text of the bailleur's own file, where a mistake is looked for first."""
        self.dossiers = tuple(dossiers)
        """Where files that the settings name are: the bailleur's folder, then the product's."""
        self.section = ""
        """The kind of deliverable being read: two of them may have a sheet of the same name."""
        self.anomalies: list[Anomalie] = []

    def noter(
        self, message: str, valeur: object = "", feuille: str = "", cle: str = "", correction: str = "", motif: str = ""
    ) -> None:
        """Notes one mistake of the sheet named `feuille`, where `motif` (a regular expression) or `valeur` is."""
        texte = next(iter(str(valeur).strip().splitlines()), "")
        motifs = [motif] if motif else [re.escape(f'"{texte}"'), re.escape(texte)] if texte else []
        ligne = ligne_de(self.ajouts, self.section, feuille, motifs) if self.ajouts else None
        lieu = f"reglages/{self.fichier}" if ligne else f"templates/{self.fichier}"
        self.anomalies.append(
            Anomalie(
                gravite=Gravite.BLOQUANT,
                code="gabarit_invalide",
                message=message,
                correction=correction or f"Corrigez {lieu} à cet endroit.",
                fichier=lieu,
                feuille=feuille,
                ligne=ligne or ligne_de(self.source, self.section, feuille, motifs),
                colonne=cle,
                valeur=str(valeur),
            )
        )

    def noter_inconnu(self, cle: str, connues: Collection[str], feuille: str = "", ou: str = "le") -> None:
        """Notes a setting that does not exist."""
        message = f"{ou[0].upper()}{ou[1:]} réglage « {cle} » n'existe pas."
        self.noter(message, feuille=feuille, cle=cle, correction=proche(cle, list(connues)), motif=_ecrit(cle))

    def noter_type(self, cle: str, valeur: object, genre: Any, feuille: str = "", ou: str = "le") -> None:
        """Notes a setting whose value is not of the type `genre`, and what is expected."""
        message = f"{ou[0].upper()}{ou[1:]} réglage « {cle} » n'est pas du bon type. Attendu : {_attendu(genre)}."
        suite = "" if isinstance(valeur, bool | list | dict) else rf"\s*[\"']?{re.escape(str(valeur))}"
        self.noter(message, valeur, feuille, cle, motif=_ecrit(cle, suite))

    def conclure(self) -> None:
        """Raises ArretBloquant with every mistake noted."""
        if self.anomalies:
            raise ArretBloquant(self.anomalies)


class Remplacement(NamedTuple):
    """Words to change wherever they are written, and what they become."""

    ceci: str
    cela: str = ""


class Lecteur:
    """Turns TOML tables into objects: the keys, their types, which may be left out are what the class says.

    Every key that is unknown, missing or of another type is noted, then None stands for the object.
    """

    def __init__(self, refus: Refus) -> None:
        self.refus = refus

    def lire(self, classe: Any, table: object, feuille: str = "", cle: str = "", **donnees: object) -> Any:
        """An object of `classe` (dataclass or named tuple) from the value of `cle`; `donnees` are not of the file."""
        if not isinstance(table, dict):
            self.refus.noter_type(cle, table, classe, feuille)
            return None
        avant = len(self.refus.anomalies)
        genres, requis = _attributs(classe)
        attributs = [nom for nom in genres if nom not in donnees]
        for nom in table:
            if nom not in attributs:
                self.refus.noter_inconnu(nom, attributs, feuille)
        for nom in attributs:
            if nom in requis and nom not in table:
                self.refus.noter(f"Le réglage « {nom} » manque.", table.get("champ", ""), feuille, nom)
        lus = {nom: self.valeur(genres[nom], table[nom], feuille, nom) for nom in attributs if nom in table}
        return classe(**donnees, **lus) if len(self.refus.anomalies) == avant else None

    def valeur(self, genre: Any, valeur: object, feuille: str, cle: str) -> Any:
        """A value of the file as an attribute of that type."""
        if isinstance(genre, UnionType):
            genre = next(g for g in get_args(genre) if g is not type(None))
        if get_origin(genre) is tuple and isinstance(valeur, list):
            element = get_args(genre)[0]
            if element is str and not any(isinstance(v, list | dict) for v in valeur):
                return tuple(map(str, valeur))
            if element is not str and all(isinstance(v, list if get_origin(element) else dict) for v in valeur):
                return tuple(self.valeur(element, v, feuille, cle) for v in valeur)
        elif genre not in _MOTS and get_origin(genre) is None:
            return self.lire(genre, valeur, feuille, cle)
        elif get_origin(genre) is None and _est(valeur, genre):
            return valeur
        self.refus.noter_type(cle, valeur, genre, feuille)
        return None


@lru_cache(maxsize=64)
def _attributs(classe: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """The attributes of a class with their types, and those that have no value of their own."""
    parametres = inspect.signature(classe).parameters
    types = get_type_hints(classe)
    requis = frozenset(nom for nom, attribut in parametres.items() if attribut.default is attribut.empty)
    return {nom: types[nom] for nom in parametres}, requis


_MOTS = {
    str: "un texte entre guillemets", bool: "true ou false", int: "un nombre entier", float: "un nombre",
    dict: "une table", list: "une liste entre crochets",
}  # fmt: skip


def _est(valeur: object, genre: Any) -> bool:
    """True for a value of that type: an integer is a number, true is not one."""
    return isinstance(valeur, (int, float) if genre is float else genre) and (
        genre is bool or not isinstance(valeur, bool)
    )


def _attendu(genre: Any) -> str:
    if get_origin(genre) is tuple:
        element = get_args(genre)[0]
        des = "textes" if element is str else "listes" if get_origin(element) is tuple else "tables { … }"
        return f"une liste de {des}, entre crochets"
    return _MOTS.get(genre, "une table { … }")


def _ecrit(cle: str, suite: str = "") -> str:
    """A regular expression of where a key is written: before its value, or as the title of a table."""
    mot = rf"(?<![\w.]){re.escape(cle)}(?!\w)[\"']?"
    return rf"{mot}\s*={suite}" + ("" if suite else rf"|^\s*\[+([^#\]]*\.)?[\"']?{re.escape(cle)}(?!\w)")


def ligne_de(source: str, section: str, feuille: str, motifs: Sequence[str]) -> int | None:
    """Line (from 1) of the first of `motifs` found in a TOML text: in the block of the sheet, else anywhere.

    The block is the last one of `section` whose `nom` is `feuille`; its first line when nothing is found.
    """
    lignes = source.splitlines()
    debuts = [i for i, texte in enumerate(lignes) if texte.startswith("[[")] + [len(lignes)]
    nom = re.compile(r"\s*nom\s*=\s*[\"']" + re.escape(feuille) + r"[\"']\s*(#.*)?$")
    bloc = range(0)
    for debut, fin in itertools.pairwise(debuts):
        if feuille and lignes[debut].startswith(f"[[{section}.") and any(map(nom.match, lignes[debut:fin])):
            bloc = range(debut, fin)
    for lieu, motif in itertools.product((bloc, range(len(lignes))), motifs):
        for i in lieu:
            if re.search(motif, lignes[i]) and not lignes[i].startswith("#"):
                return i + 1
    return bloc.start + 1 if bloc else None


def proche(mot: str, connus: list[str]) -> str:
    """Words that help whoever mistyped `mot`."""
    voisins = difflib.get_close_matches(mot, connus, n=1)
    return f"Vouliez-vous dire « {voisins[0]} » ?" if voisins else f"Possibles : {', '.join(sorted(connus))}."


def fusionner(dossier: Path, nom: str) -> tuple[dict[str, Any], Refus]:
    """The settings of the file `nom`, the bailleur's over the product's, and where to note their mistakes.

    Raises ArretBloquant for a file that cannot be read.
    """
    source, contenu = _lire_toml(dossier / nom, f"templates/{nom}")
    refus = Refus(nom, source, dossiers=(reglages(dossier), dossier))
    propre = reglages(dossier) / nom
    if propre.is_file():
        refus.ajouts, ajouts = _lire_toml(propre, f"reglages/{nom}")
        contenu = _par_dessus(contenu, ajouts, refus)
    return contenu, refus


def _par_dessus(base: Mapping[str, Any], ajouts: Mapping[str, Any], refus: Refus) -> dict[str, Any]:
    fusion = dict(base)
    for cle, valeur in ajouts.items():
        if cle == "remplacer":
            continue
        if cle == "feuilles" and _sont_des_tables(valeur) and _sont_des_tables(base.get(cle)):
            fusion[cle] = _feuilles(base[cle], valeur, refus)
        elif isinstance(valeur, dict) and isinstance(base.get(cle), dict):
            fusion[cle] = _par_dessus(base[cle], valeur, refus)
        else:
            fusion[cle] = valeur
    lecteur = Lecteur(refus)
    for changement in lecteur.valeur(tuple[Remplacement, ...], ajouts.get("remplacer", []), "", "remplacer") or ():
        if changement is None:
            continue
        avant, fusion = fusion, _remplacer(fusion, changement.ceci, changement.cela) if changement.ceci else fusion
        if avant == fusion:
            message = f"« {changement.ceci} » n'est écrit nulle part : rien n'est remplacé."
            remede = "Recopiez les mots tels que templates/ les écrit."
            refus.noter(message, changement.ceci, cle="remplacer", correction=remede)
    return fusion


def _sont_des_tables(valeur: object) -> bool:
    return isinstance(valeur, list) and all(isinstance(table, dict) for table in valeur)


def _feuilles(base: Sequence[Any], ajouts: Sequence[Any], refus: Refus) -> list[Any]:
    feuilles = [dict(feuille) for feuille in base]
    for ajout in ajouts:
        noms = [feuille.get("nom") for feuille in feuilles]
        propre = {cle: valeur for cle, valeur in ajout.items() if cle != "apres"}
        if propre.get("nom") in noms:
            feuilles[noms.index(propre["nom"])] |= propre
            continue
        apres = ajout.get("apres")
        if apres is not None and apres not in noms:
            message = f"La feuille « {apres} » n'existe pas : « {propre.get('nom')} » ne peut pas la suivre."
            refus.noter(message, apres, cle="apres", correction=proche(str(apres), [str(nom) for nom in noms]))
        feuilles.insert(noms.index(apres) + 1 if apres in noms else len(feuilles), propre)
    return feuilles


def _remplacer(valeur: Any, ceci: str, cela: str) -> Any:
    """`valeur` with the words changed in every text that it holds."""
    if isinstance(valeur, str):
        return valeur.replace(ceci, cela)
    if isinstance(valeur, list):
        return [_remplacer(v, ceci, cela) for v in valeur]
    return {cle: _remplacer(v, ceci, cela) for cle, v in valeur.items()} if isinstance(valeur, dict) else valeur


@lru_cache(maxsize=16)
def _analyser(source: str) -> dict[str, Any]:
    """The settings of a text, analysed once a process (a tenth of a second): not to be changed."""
    return tomllib.loads(source)


def _lire_toml(chemin: Path, nom: str) -> tuple[str, dict[str, Any]]:
    try:
        source = chemin.read_text(encoding="utf-8-sig")
        return source, _analyser(source)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as erreur:
        lieu = re.search(r"line (\d+)", str(erreur))
        raise ArretBloquant(
            [
                Anomalie(
                    gravite=Gravite.BLOQUANT,
                    code="gabarit_illisible",
                    message=f"Le fichier ne peut pas être lu : {type(erreur).__name__}.",
                    correction="Remettez le fichier d'origine, ou corrigez la ligne (guillemets, crochets, virgules).",
                    fichier=nom,
                    ligne=int(lieu[1]) if lieu else None,
                )
            ]
        ) from erreur
