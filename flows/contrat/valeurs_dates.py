"""One cell of text → a canonical date (`2025-12-31`), month (`2025-12-01`), year or day of the year (`30/11`)."""

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta

from flows.contrat.schema import normaliser_entete
from flows.contrat.valeurs import VIDE, Valeur, erreur_de_tableur, est_vide, nettoyer, refuser

_HEURE = (
    r"(?:[T ](?P<heure>[0-9]{1,2})[:h](?P<minute>[0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)? ?"
    r"(?P<fuseau>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_ISO = re.compile(rf"([0-9]{{4}})([-/])([0-9]{{1,2}})\2([0-9]{{1,2}}){_HEURE}")
_FRANCAISE = re.compile(rf"([0-9]{{1,2}})([-/. ])([0-9]{{1,2}})\2([0-9]{{4}}|[0-9]{{2}}){_HEURE}")
_EN_LETTRES = re.compile(r"(?:[a-z]+di |dimanche )?([0-9]{1,2})(?:er)?[ -]([^\W\d]+)\.?[ -]([0-9]{4}|[0-9]{2})")
_COMPACTE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NUMERO_DE_JOUR = re.compile(r"([0-9]{5})(?:[.,][0-9]+)?")
_MOIS_FRANCAIS = re.compile(r"([0-9]{1,2})[-/.]([0-9]{4})")
_MOIS_ISO = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})")
_MOIS_EN_LETTRES = re.compile(r"([^\W\d]+)\.?[ -]([0-9]{4}|[0-9]{2})")
_MOIS_COMPACT = re.compile(r"([0-9]{2})([0-9]{4})")
_MOIS_ABIME = re.compile(r"[1-9](?:19|20)[0-9]{2}")
_JOUR_MOIS = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})")
_JOUR_MOIS_EN_LETTRES = re.compile(r"([0-9]{1,2})(?:er)?[ -]([^\W\d]+)\.?")
MOIS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_NOMS = [normaliser_entete(mois) for mois in MOIS]
_ORIGINE_1900 = date(1899, 12, 30)
_JOURS_PLAUSIBLES = range(20_000, 80_001)
_ANNEES = range(1850, 2151)  # a right granted for ninety-nine years ends after 2100
_ANNEES_DE_CONSTRUCTION = range(1000, 2101)
_PIVOT = 70
_MINUITS = ("22", "23")
_DATE_ATTENDUE = "date attendue : jj/mm/aaaa ou aaaa-mm-jj"


def lire_date(texte: str) -> Valeur:
    """Day: ISO, jj/mm/aaaa (also `-`, `.`), in letters. Repaired: jj/mm/aa (00–69 → 20xx), aaaammjj, raw serial.

    The month never comes first; impossible days and years out of 1850–2150 are refused.
    """
    propre = nettoyer(texte)
    refus = erreur_de_tableur(propre)
    if refus or est_vide(propre):
        return refus or VIDE
    if m := _ISO.fullmatch(propre):
        return _a_paris(_date(m[1], int(m[3]), m[4]), m)
    if m := _FRANCAISE.fullmatch(propre):
        return _a_paris(_date(m[4], int(m[3]), m[1]), m)
    if (m := _EN_LETTRES.fullmatch(propre.casefold())) and (mois := mois_nomme(m[2])):
        return _date(m[3], mois, m[1])
    if m := _COMPACTE.fullmatch(propre):
        return _signaler(_date(m[1], int(m[2]), m[3]), "date écrite sans séparateur")
    if (m := _NUMERO_DE_JOUR.fullmatch(propre)) and int(m[1]) in _JOURS_PLAUSIBLES:
        jour = _ORIGINE_1900 + timedelta(days=int(m[1]))
        valeur = _date(str(jour.year), jour.month, str(jour.day))
        return _signaler(valeur, "numéro de jour d'un tableur, calendrier 1900")
    return refuser(_DATE_ATTENDUE)


def lecteur_de_colonne(textes: Collection[str]) -> Callable[[str], Valeur]:
    """How the dates of one column are read: what all of them say together decides."""
    if sont_americaines(textes):
        return lire_date_americaine
    return lire_date_universelle if sont_en_heure_universelle(textes) else lire_date


def sont_americaines(textes: Iterable[str]) -> bool:
    """True when these dates of one column prove that the month comes first: 02/13/2025, and fewer prove the reverse."""
    ecrites = [m for texte in textes if (m := _FRANCAISE.fullmatch(nettoyer(texte)))]
    prouvees = sum(int(m[1]) <= 12 < int(m[3]) <= 31 for m in ecrites)
    return prouvees > sum(int(m[3]) <= 12 < int(m[1]) <= 31 for m in ecrites)


def lire_date_americaine(texte: str) -> Valeur:
    """A date of a column where the month comes first: refused when its day and month could be exchanged."""
    m = _FRANCAISE.fullmatch(nettoyer(texte))
    if m and int(m[1]) <= 12 and int(m[3]) <= 12 and int(m[1]) != int(m[3]):
        return refuser("jour et mois ambigus : d'autres dates de la colonne sont écrites à l'américaine, mois d'abord")
    return lire_date(texte)


def sont_en_heure_universelle(textes: Iterable[str]) -> bool:
    """True when each date of one column, without a zone, is midnight in France as UTC says it: 22:00, or 23:00."""
    des_minuits = False
    for texte in textes:
        if not est_vide(propre := nettoyer(texte)):
            if not _est_minuit_a_paris(propre):
                return False
            des_minuits = True
    return des_minuits


def lire_date_universelle(texte: str) -> Valeur:
    """A date of such a column: the day in France."""
    return lire_date(texte if est_vide(propre := nettoyer(texte)) else f"{propre}Z")


def _est_minuit_a_paris(propre: str) -> bool:
    ecrite = _ISO.fullmatch(propre) or _FRANCAISE.fullmatch(propre)
    jour = lire_date(propre).canonique
    if (
        ecrite is None
        or jour is None
        or ecrite["fuseau"]
        or ecrite["minute"] != "00"
        or ecrite["heure"] not in _MINUITS
    ):
        return False
    instant = datetime.fromisoformat(jour) + timedelta(hours=int(ecrite["heure"]))
    return ecrite["minute"] == "00" and instant.hour == (22 if _est_l_ete(instant) else 23)


def _a_paris(valeur: Valeur, ecrite: re.Match[str]) -> Valeur:
    """The day in France of an instant written with its zone: 2024-12-31T23:00:00Z is 1 January."""
    fuseau = ecrite["fuseau"]
    if valeur.canonique is None or not fuseau or int(ecrite["heure"]) > 23 or int(ecrite["minute"]) > 59:
        return valeur
    instant = datetime.fromisoformat(valeur.canonique) + timedelta(
        hours=int(ecrite["heure"]), minutes=int(ecrite["minute"])
    )
    if fuseau[0] in "+-":
        ecart = timedelta(hours=int(fuseau[1:3]), minutes=int(fuseau[-2:]))
        instant -= ecart if fuseau[0] == "+" else -ecart
    jour = (instant + timedelta(hours=2 if _est_l_ete(instant) else 1)).date().isoformat()
    if jour == valeur.canonique:
        return valeur
    return valeur._replace(canonique=jour, reparation=f"lu « {jour} » : heure universelle, jour en France")


def _est_l_ete(instant: datetime) -> bool:
    """Summer time in France at an instant of UTC: last Sunday of March to that of October (September before 1996)."""
    if instant.year < 1976:
        return False

    def dernier_dimanche(mois: int) -> datetime:
        fin = datetime(instant.year, mois, monthrange(instant.year, mois)[1], 1)
        return fin - timedelta(days=(fin.weekday() + 1) % 7)

    return dernier_dimanche(3) <= instant < dernier_dimanche(10 if instant.year >= 1996 else 9)


def lire_mois(texte: str) -> Valeur:
    """Month as its first day: mm/aaaa, aaaa-mm, in letters, or any date of that month."""
    propre = nettoyer(texte)
    if m := _MOIS_FRANCAIS.fullmatch(propre):
        return _date(m[2], int(m[1]), "1")
    if m := _MOIS_ISO.fullmatch(propre):
        return _date(m[1], int(m[2]), "1")
    if (m := _MOIS_EN_LETTRES.fullmatch(propre.casefold())) and (mois := mois_nomme(m[1])):
        return _date(m[2], mois, "1")
    if m := _MOIS_COMPACT.fullmatch(propre):
        mois_annee = (m[1], m[2]) if int(m[1]) <= 12 else (propre[4:], propre[:4])
        return _signaler(_date(mois_annee[1], int(mois_annee[0]), "1"), "mois écrit sans séparateur")
    if _MOIS_ABIME.fullmatch(propre):
        return refuser("mois ambigu : mm/aaaa attendu")
    valeur = lire_date(propre)
    if valeur.probleme == _DATE_ATTENDUE:
        return refuser("mois attendu : mm/aaaa")
    return valeur if valeur.canonique is None else valeur._replace(canonique=valeur.canonique[:8] + "01")


def lire_annee(texte: str) -> Valeur:
    """Year from 1000 to 2100; the year of a date is taken with a repair."""
    propre = nettoyer(texte)
    refus = erreur_de_tableur(propre)
    if refus or est_vide(propre):
        return refus or VIDE
    chiffres = re.fullmatch(r"([0-9]) ?([0-9]{3})(?:[.,]0+)?", propre)
    if chiffres:
        annee = chiffres[1] + chiffres[2]
        if int(annee) not in _ANNEES_DE_CONSTRUCTION:
            return refuser("année hors du plausible (1000 à 2100)")
        return Valeur(annee)
    jour = lire_date(propre).canonique
    if jour is None or _NUMERO_DE_JOUR.fullmatch(propre):
        return refuser("année attendue : aaaa")
    return Valeur(jour[:4], reparation=f"lu « {jour[:4]} » : année de la date")


def lire_jour_mois(texte: str) -> Valeur:
    """Day of the year as jj/mm: `30/11`, `30 novembre`, or the day and month of a date."""
    propre = nettoyer(texte)
    refus = erreur_de_tableur(propre)
    if refus or est_vide(propre):
        return refus or VIDE
    jour, mois = 0, 0
    if m := _JOUR_MOIS.fullmatch(propre):
        jour, mois = int(m[1]), int(m[2])
    elif m := _JOUR_MOIS_EN_LETTRES.fullmatch(propre.casefold()):
        jour, mois = int(m[1]), mois_nomme(m[2])
    else:
        complete = lire_date(propre)
        if complete.canonique is not None:
            lu = f"{complete.canonique[8:]}/{complete.canonique[5:7]}"
            return Valeur(lu, reparation=f"lu « {lu} » : jour et mois de la date")
    if not (1 <= mois <= 12 and 1 <= jour <= monthrange(2000, mois)[1]):
        return refuser("jour et mois attendus : jj/mm")
    return Valeur(f"{jour:02d}/{mois:02d}")


def _date(annee: str, mois: int, jour: str) -> Valeur:
    """The date when it exists and is plausible."""
    complete = int(annee)
    if len(annee) == 2:
        complete += 2000 if complete < _PIVOT else 1900
    if not 1 <= mois <= 12:
        return refuser(f"mois impossible ({mois}), une date se lit jj/mm/aaaa")
    if complete not in _ANNEES:
        return refuser(f"année hors du plausible ({complete}), de {_ANNEES[0]} à {_ANNEES[-1]}")
    if not 1 <= int(jour) <= monthrange(complete, mois)[1]:
        return refuser(f"jour impossible ({int(jour)}) dans le mois {mois:02d}/{complete}")
    valeur = Valeur(f"{complete}-{mois:02d}-{int(jour):02d}")
    return _signaler(valeur, "année écrite sur deux chiffres") if len(annee) == 2 else valeur


def _signaler(valeur: Valeur, raison: str) -> Valeur:
    """The value with the repair made to read it; a refusal stays as it is."""
    if valeur.canonique is None:
        return valeur
    return valeur._replace(reparation=f"lu « {valeur.canonique} » : {raison}")


def mois_d_un_nom(nom: str) -> int:
    """The month that a sheet is, by its name: « Janvier », « 02 - Févr. 2025 » → 2; 0 when it is none."""
    mots = re.findall(r"[^\W\d_]+", nom)
    return mois_nomme(mots[0].casefold()) if len(mots) == 1 else 0


def mois_nomme(mot: str) -> int:
    """1 to 12 from a French month or its abbreviation of three letters at least (`juil`), 0 if it is none."""
    debut = normaliser_entete(mot)
    trouves = [rang for rang, nom in enumerate(_NOMS, start=1) if len(debut) >= 3 and nom.startswith(debut)]
    return trouves[0] if len(trouves) == 1 else 0
