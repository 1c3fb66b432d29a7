"""One cell of text → its canonical text, or why it cannot be read: codes, identifiers, enumerations.

Every reader is pure, takes the text of one cell and returns a `Valeur`; dates are in `valeurs_dates`, numbers in
`valeurs_nombres`. Reading a canonical text gives it back unchanged.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple

from flows.contrat.schema import chercher, normaliser_entete
from flows.contrat.territoires import codes_du_nom


class Valeur(NamedTuple):
    """What a cell says.

    `canonique`: the text kept (None = blank). `probleme`: why it is refused, in French, and then `canonique` is None.
    `reparation`: what was changed or doubted to read it, in French.
    """

    canonique: str | None
    probleme: str | None = None
    reparation: str | None = None


VIDE = Valeur(None)
_BORDS = " \u200b\u200e\u200f\ufeff"
_FORMULE_TEXTE = re.compile(r'="([^"]*)"')
_BLANCS = re.compile(r"[\s\x00-\x1f\x7f]+")
_TEXTES_VIDES = frozenset(("", "-", "–", "—", "nan", "NaN", "null", "NULL", "None", "<NA>"))
_VALEURS_VIDES = frozenset(("na", "n/a", "nc", "na/na", "n.c.", "n.a.", "nr", "n.r.", "null", "nan", "none"))
_ERREUR_TABLEUR = re.compile(
    r"#(?:N/?[AD]|REF!|VALU?E!|VALEUR!|DIV/0!|NAME\?|NOM\?|NUM!|NOMBRE!|NULL?!|SPILL!|PROPAGATION!|CALC!|FIELD!|CHAMP!"
    r"|GETTING_DATA|ERR:.*|SANS_VALEUR!|#+)",
    re.IGNORECASE,
)
_SCIENTIFIQUE = re.compile(r"([0-9])[.,]([0-9]+)[eE]\+?([0-9]{1,2})")
_MILLIERS = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,]0+)?")
_DECIMALE_NULLE = re.compile(r"([0-9]+)[.,]0+")
_SEPARATEURS = re.compile(r"[ ._/-]")
_QUINZE_CHIFFRES = re.compile("[1-9][0-9]{14}0{2,}")
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}.*")
_LOGEMENT = re.compile(r"[0-9A-Za-z]{10}")
_COMMUNE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_DEPARTEMENT = re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]|98[4-9]")
_SANS_EPCI = "ZZZZZZZZZ"
_SIREN_LA_POSTE = "356000000"


def nettoyer(texte: str) -> str:
    """Text in NFC, without outer blanks, inner runs of blanks and control characters made one space, `="x"` made x."""
    composee = texte if texte.isascii() else unicodedata.normalize("NFC", texte)
    propre = _BLANCS.sub(" ", composee).strip(_BORDS)
    formule = _FORMULE_TEXTE.fullmatch(propre)
    return formule[1].strip(_BORDS) if formule else propre


def est_vide(texte: str) -> bool:
    """True for a cleaned text that says "nothing here" in a typed column (NA, NC, -, …)."""
    return texte in _TEXTES_VIDES or texte.casefold() in _VALEURS_VIDES


def refuser(probleme: str) -> Valeur:
    """A value that cannot be read."""
    return Valeur(None, probleme)


def erreur_de_tableur(texte: str) -> Valeur | None:
    """Refusal of an error cell (`#N/A`, `#REF!`, `####`), None for any other text."""
    if texte == "#CHIFFRES_PERDUS!":  # see flows/depot/feuilles.py
        return refuser("nombre de plus de 15 chiffres, dont le tableur a perdu la fin")
    if texte.startswith("#") and _ERREUR_TABLEUR.fullmatch(texte):
        return refuser("la cellule est en erreur dans le tableur")
    return None


def lire_texte(texte: str) -> Valeur:
    """Free text: outer blanks removed, inner ones single."""
    propre = nettoyer(texte)
    return VIDE if propre in _TEXTES_VIDES else erreur_de_tableur(propre) or Valeur(propre)


def lire_code(texte: str, source_numerique: bool = False) -> Valeur:
    """Code kept as text; only what a spreadsheet added to a number is removed: `13.0` → `13`, `1 234` → `1234`.

    NC, NA, 0, 9999 are codes here and stay. A code in scientific notation has lost digits: refused.
    """
    propre = nettoyer(texte).lstrip("' ")
    if propre in _TEXTES_VIDES:
        return VIDE
    refus = erreur_de_tableur(propre)
    if refus:
        return refus
    chiffres = _chiffres(propre)
    if chiffres is None:
        return refuser("notation scientifique d'un tableur, des chiffres sont perdus")
    if _QUINZE_CHIFFRES.fullmatch(chiffres):
        return Valeur(chiffres, reparation=f"lu « {chiffres} » : un tableur n'a gardé que quinze chiffres ?")
    if chiffres == propre or source_numerique:
        return Valeur(chiffres)
    return Valeur(chiffres, reparation=f"lu « {chiffres} » : mise en forme de nombre retirée")


def lire_logement(texte: str) -> Valeur:
    """IDENT_REP, 10 characters (rpls.md, position 1); lost zeros are put back, separators and case do not count."""
    propre = _identifiant(texte)
    if isinstance(propre, Valeur):
        return propre
    if not _DATE.fullmatch(propre):
        propre = _SEPARATEURS.sub("", propre).upper()
    if re.fullmatch(r"[0-9]{1,9}", propre):
        propre = propre.zfill(10)
    if not _LOGEMENT.fullmatch(propre):
        return refuser("un identifiant RPLS a 10 chiffres ou lettres")
    if propre == "0000000000":
        return refuser("un identifiant RPLS n'est pas nul")
    return _repare(texte, propre)


def lire_commune(texte: str) -> Valeur:
    """INSEE code of a commune, 5 characters: `1004` → `01004`, `2a004` → `2A004`."""
    propre = _identifiant(texte)
    if isinstance(propre, Valeur):
        return propre
    propre = propre.replace(" ", "").upper()
    if re.fullmatch(r"[0-9]{4}", propre):
        propre = "0" + propre
    if not _COMMUNE.fullmatch(propre):
        return refuser("un code commune de l'INSEE a 5 caractères (01004, 2A004)")
    return _repare(texte, propre)


def lire_departement(texte: str) -> Valeur:
    """Code of a département, 2 characters, 3 overseas: `1` → `01`, `013` → `13`, `2a` → `2A`."""
    propre = _identifiant(texte)
    if isinstance(propre, Valeur):
        return propre
    propre = propre.upper()
    if re.fullmatch(r"[1-9]|0[0-9][0-9AB]", propre):
        propre = propre[1:] if len(propre) == 3 else "0" + propre
    if not _DEPARTEMENT.fullmatch(propre):
        return refuser("un code de département s'écrit 01 à 95, 2A, 2B ou 971 à 989")
    return _repare(texte, propre)


def lire_epci(texte: str) -> Valeur:
    """SIREN of an EPCI, 9 digits; the INSEE code of a commune without EPCI is read as blank."""
    propre = _identifiant(texte)
    if isinstance(propre, Valeur):
        return propre
    propre = propre.replace(" ", "").upper()
    if propre == _SANS_EPCI:
        return Valeur(None, reparation="lu comme « sans EPCI »")
    if not re.fullmatch(r"[0-9]{9}", propre):
        return refuser("un EPCI est désigné par son SIREN, 9 chiffres")
    return _repare(texte, propre)


def lire_siren(texte: str) -> Valeur:
    """SIREN, 9 digits; a SIRET gives its first nine. Zeros are put back only when the key then holds."""
    return _numero_a_cle(texte, 9, "SIREN")


def lire_siret(texte: str) -> Valeur:
    """SIRET, 14 digits. A spreadsheet's float or lost zeros are repaired only when the key (Luhn) then holds.

    A number given whole whose key is wrong is kept and doubted: nothing is computed from it.
    """
    return _numero_a_cle(texte, 14, "SIRET")


def lire_code_postal(texte: str) -> Valeur:
    """Postal code, 5 digits: `1000` → `01000`."""
    propre = _identifiant(texte)
    if isinstance(propre, Valeur):
        return propre
    propre = propre.replace(" ", "")
    if re.fullmatch(r"[0-9]{4}", propre):
        propre = "0" + propre
    if not re.fullmatch(r"[0-9]{5}", propre):
        return refuser("un code postal a 5 chiffres")
    return _repare(texte, propre)


def lire_territoire(echelle: str | None, texte: str) -> Valeur:
    """Code of a territory, read as its échelle says, from its code or its name.

    Without an échelle, or for the whole bailleur, any code.
    """
    lecteurs = {"commune": lire_commune, "departement": lire_departement, "epci": lire_epci, "ept": lire_epci}
    lecteur = lecteurs.get(echelle or "")
    if lecteur is None:
        return lire_code(texte)
    valeur = lecteur(texte)
    if valeur.canonique is None and valeur.probleme is None:
        return refuser(f"l'échelle « {echelle} » demande le code du territoire")
    if valeur.probleme and (codes := codes_du_nom(str(echelle), nettoyer(texte))):
        if len(codes) == 1:
            return Valeur(codes[0], reparation=f"lu « {codes[0]} », d'après son nom")
        return refuser(f"plusieurs territoires ont ce nom ({', '.join(codes[:5])}) : écrivez le code du vôtre")
    return valeur


def lire_lieu_ecrit(texte: str, lecteur: Callable[[str], Valeur]) -> Valeur:
    """A place by its code, read by `lecteur` and repaired as in any column, or by its name, kept as it is written."""
    valeur = lecteur(texte)
    return lire_texte(texte) if valeur.probleme else valeur


def lire_liste(texte: str, codes: Mapping[str, str]) -> Valeur:
    """Code of an enumeration, whatever its case, accents, spaces and hyphens. `codes`: {normalised alias: code}."""
    propre = nettoyer(texte)
    if propre == "":
        return VIDE
    refus = erreur_de_tableur(propre)
    if refus:
        return refus
    code = chercher(propre, codes)
    if code is None:
        acceptes = ", ".join(c for c in dict.fromkeys(codes.values()) if c)
        return VIDE if est_vide(propre) else refuser(f"code inconnu ; codes acceptés : {acceptes}")
    if normaliser_entete(propre) in codes:
        return Valeur(code or None)
    return Valeur(code or None, reparation=f"lu « {code} » : lettres perdues rétablies")


def lire_code_rpls(texte: str, codes: Mapping[str, str]) -> Valeur:
    """Code of the RPLS from the code or its official label: `1`, `1.0`, `01`, `Loué`. `codes`: {normalised name: code}.

    0, NC, Z… mean that nothing is said. A value that no list knows is refused: it would pass for « nothing said ».
    """
    propre = nettoyer(texte).removeprefix("'")
    refus = erreur_de_tableur(propre)
    if propre in _TEXTES_VIDES or refus:
        return refus or VIDE
    chiffres = _chiffres(propre) or propre
    code = chercher(chiffres, codes)
    if code is None and chiffres.isdecimal():
        code = chercher(chiffres.lstrip("0"), codes)
    if code is None:
        return VIDE if est_vide(propre) else refuser("aucune liste ne connaît ce code ni ce libellé")
    return Valeur(code or None)


def lire_booleen(texte: str, mots: Mapping[str, str]) -> Valeur:
    """`true` or `false` from oui/non, 1/0, vrai/faux, O/N, X. `mots`: {normalised word: true or false}."""
    propre = nettoyer(texte)
    entier = _DECIMALE_NULLE.fullmatch(propre)
    valeur = lire_liste(entier[1] if entier else propre, mots)
    if valeur.probleme and "code inconnu" in valeur.probleme:
        return refuser("oui ou non attendu")
    return valeur


def lire_options(texte: str, codes: Mapping[str, str]) -> Valeur:
    """Options separated by comma, semicolon, bar or space → codes sorted and joined by commas.

    An option nobody knows has no effect: kept, and doubted.
    """
    propre = nettoyer(texte)
    refus = erreur_de_tableur(propre)
    if refus:
        return refus
    if est_vide(propre):
        return VIDE
    retenues: set[str] = set()
    inconnues: list[str] = []
    for morceau in filter(None, (m.strip() for m in re.split(r"[,;|]", propre))):
        code = chercher(morceau, codes)
        mots = [code] if code else morceau.split()
        retenues.update(chercher(mot, codes) or mot for mot in mots)
        inconnues.extend(mot for mot in mots if chercher(mot, codes) is None)
    if not retenues:
        return Valeur(None, reparation="lu comme vide : des séparateurs et aucune option")
    doute = f"option inconnue, sans effet : {', '.join(inconnues)}" if inconnues else None
    return Valeur(",".join(sorted(retenues)), reparation=doute)


def luhn(chiffres: str) -> bool:
    """True when the key of a SIREN or SIRET holds (La Poste's SIRET have their own rule)."""
    if len(chiffres) == 14 and chiffres.startswith(_SIREN_LA_POSTE) and sum(map(int, chiffres)) % 5 == 0:
        return True
    doubles = (int(c) * (1 + rang % 2) for rang, c in enumerate(reversed(chiffres)))
    return sum(d - 9 if d > 9 else d for d in doubles) % 10 == 0


def _chiffres(propre: str) -> str | None:
    """A number that a spreadsheet dressed up, bare; any other text unchanged; None when digits are lost."""
    scientifique = _SCIENTIFIQUE.fullmatch(propre)
    if scientifique:
        mantisse, puissance = scientifique[1] + scientifique[2], int(scientifique[3])
        return mantisse if len(mantisse) == puissance + 1 else None
    if _MILLIERS.fullmatch(propre):
        propre = propre.replace(" ", "")
    entier = _DECIMALE_NULLE.fullmatch(propre)
    return entier[1] if entier else propre


def _identifiant(texte: str) -> str | Valeur:
    """Cleaned text of an identifier, or the blank or the refusal that ends its reading."""
    propre = nettoyer(texte).removeprefix("'")
    if est_vide(propre):
        return VIDE
    refus = erreur_de_tableur(propre)
    if refus:
        return refus
    chiffres = _chiffres(propre)
    return refuser("notation scientifique d'un tableur, des chiffres sont perdus") if chiffres is None else chiffres


def _repare(texte: str, canonique: str) -> Valeur:
    """The canonical value, with what was changed when more than blanks and quotes were."""
    if nettoyer(texte).removeprefix("'") == canonique:
        return Valeur(canonique)
    return Valeur(canonique, reparation=f"lu « {canonique} »")


def _numero_a_cle(texte: str, largeur: int, nom: str) -> Valeur:
    propre = _identifiant(texte)
    if isinstance(propre, Valeur):
        return propre
    chiffres = propre.replace(" ", "")
    if not re.fullmatch(r"[0-9]{1,14}", chiffres):
        return refuser(f"un {nom} a {largeur} chiffres")
    if nettoyer(texte).removeprefix("'").replace(" ", "") == chiffres and len(chiffres) == largeur:
        doute = None if luhn(chiffres) else f"la clé de ce {nom} est fausse, gardé tel quel"
        return Valeur(chiffres, reparation=doute)
    if len(chiffres) == 14 and largeur == 9:
        chiffres = chiffres[:9]
    complet = chiffres.zfill(largeur)
    if len(complet) != largeur or len(chiffres) < largeur - 2 or not luhn(complet):
        return refuser(f"un {nom} a {largeur} chiffres, et sa clé doit être juste quand un tableur l'a abîmé")
    return Valeur(complet, reparation=f"lu « {complet} »")
