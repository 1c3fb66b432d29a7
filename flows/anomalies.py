"""What the product has to say about its inputs: one row of `controles_<annee>.csv`."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

_EXEMPLES = 3
_PLAGES_PAR_CAUSE = 20
DETAILLEES = 2_000
PLAGES_MAX = 500


PASSAGERES = frozenset({"dossier_absent", "fichier_illisible", "fichier_modifie", "sorties_occupees"})
"""Codes of what comes from outside and may mend by itself: a network drive, a copy under way, a file still open."""


class Gravite(StrEnum):
    """How far an anomaly goes: only `BLOQUANT` stops a run."""

    BLOQUANT = "bloquant"
    ERREUR = "erreur"
    AVERTISSEMENT = "avertissement"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Anomalie:
    """One anomaly, in the columns of the contract.

    `ligne` is the row number that the user sees in the file (1 = first line).
    `message` says what is wrong and which rule, `correction` what to do, both in French.
    Never put a value of a personal column in `valeur` or `message`.
    `code_reservataire` is the réservataire concerned, when there is one. `lignes`: all the rows of the file that it is
    about, by `enumerer`, when there are several.
    """

    gravite: Gravite
    code: str
    message: str
    correction: str = ""
    fichier: str = ""
    feuille: str = ""
    ligne: int | None = None
    colonne: str = ""
    valeur: str = ""
    code_reservataire: str = ""
    lignes: str = ""


class MauvaisUsage(ValueError):
    """The command was given something that cannot be; the message says it, in French, with what to give."""


class ArretBloquant(Exception):
    """Stops a run; carries every anomaly found so far, blocking or not."""

    def __init__(self, anomalies: list[Anomalie]) -> None:
        super().__init__(*[phrase(a) for a in anomalies if a.gravite == Gravite.BLOQUANT][:1])
        self.anomalies = anomalies


def phrase(anomalie: Anomalie) -> str:
    """An anomaly as one sentence: where, what, what to do."""
    lieu = ", ".join(
        morceau
        for morceau in (
            anomalie.fichier,
            f"feuille {anomalie.feuille}" if anomalie.feuille else "",
            f"ligne {anomalie.ligne}" if anomalie.ligne else "",
            f"colonne {anomalie.colonne}" if anomalie.colonne else "",
        )
        if morceau
    )
    return f"{anomalie.gravite.upper()} {lieu or 'campagne'} : {anomalie.message} → {anomalie.correction}"


def arreter(anomalies: list[Anomalie]) -> None:
    """Raises ArretBloquant when an anomaly is blocking."""
    if any(a.gravite == Gravite.BLOQUANT for a in anomalies):
        raise ArretBloquant(anomalies)


@contextmanager
def joindre(anomalies: Sequence[Anomalie]) -> Iterator[None]:
    """A stop that happens inside also carries these: everything found is reported, not only what came last."""
    try:
        yield
    except ArretBloquant as arret:
        raise ArretBloquant([*anomalies, *arret.anomalies]) from arret


class Recueil:
    """Anomalies gathered in bounded memory, whatever the file.

    Of one kind (gravity, code, sheet, column), the first `DETAILLEES` are kept one by one; the others are said
    together, with all their rows.
    """

    def __init__(self, anomalies: Iterable[Anomalie] = ()) -> None:
        self._une_a_une: list[Anomalie] = []
        self._nombres: Counter[tuple[str, ...]] = Counter()
        self._autres: dict[tuple[str, ...], tuple[Anomalie, array[int]]] = {}
        for anomalie in anomalies:
            self.ajouter(anomalie)

    def ajouter(self, anomalie: Anomalie, lignes: Sequence[int] = ()) -> None:
        """Adds an anomaly about the rows `lignes` (its own row when none is given)."""
        a = anomalie
        cle = (a.gravite, a.code, a.fichier, a.feuille, a.colonne, a.code_reservataire)
        self._nombres[cle] += 1
        if self._nombres[cle] <= DETAILLEES:
            self._une_a_une.append(a)
            return
        connues = self._autres.setdefault(cle, (a, array("q")))[1]
        connues.extend(lignes or ([a.ligne] if a.ligne is not None else []))

    def liste(self) -> list[Anomalie]:
        """The anomalies one by one, then those said together."""
        return [*self._une_a_une, *(groupe for cle in self._autres for groupe in self._ensemble(cle))]

    def _ensemble(self, cle: tuple[str, ...]) -> Iterator[Anomalie]:
        modele, lignes = self._autres[cle]
        debut = f"{self._nombres[cle] - DETAILLEES} autres cas semblables aux {DETAILLEES} qui précèdent"
        tranches = list(plages(sorted(lignes)))
        for i in range(0, max(len(tranches), 1), PLAGES_MAX):
            ici = tranches[i : i + PLAGES_MAX]
            dites = enumerer_plages(ici)
            message = f"{debut} : lignes {dites}." if ici else f"{debut}."
            yield replace(modele, message=message, ligne=ici[0][0] if ici else None, valeur="", lignes=dites)


def plages(lignes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Sorted rows as ranges: 4, 7, 8, 8 → (4, 4), (7, 8)."""
    debut = fin = None
    for ligne in lignes:
        if debut is None or fin is None or ligne > fin + 1:
            if debut is not None and fin is not None:
                yield debut, fin
            debut = ligne
        fin = ligne
    if debut is not None and fin is not None:
        yield debut, fin


def enumerer(lignes: Iterable[int]) -> str:
    """Sorted rows, as `Anomalie.lignes` has them: `4, 7 à 8`; the first ranges only when there are very many."""
    return enumerer_plages(islice(plages(lignes), PLAGES_MAX))


def enumerer_plages(tranches: Iterable[tuple[int, int]]) -> str:
    """`4, 7 à 8`."""
    return ", ".join(str(debut) if debut == fin else f"{debut} à {fin}" for debut, fin in tranches)


@dataclass(frozen=True, slots=True)
class Cause:
    """Anomalies that are one thing to mend: how many rows, which ones, the first values, what to do."""

    gravite: Gravite
    code: str
    fichier: str
    colonne: str
    nb_cas: int
    lignes: str
    exemples: str
    message: str
    correction: str


def causes(anomalies: Iterable[Anomalie]) -> list[Cause]:
    """The anomalies by cause (gravity, code, file, column, what to do), the gravest then the most frequent first."""
    groupes: dict[tuple[str, ...], list[Anomalie]] = {}
    for a in anomalies:
        groupes.setdefault((a.gravite, a.code, a.fichier, a.colonne, a.correction), []).append(a)
    ordre = list(Gravite)
    trouvees = [_cause(siennes) for siennes in groupes.values()]
    return sorted(trouvees, key=lambda c: (ordre.index(c.gravite), -c.nb_cas, c.code, c.fichier, c.colonne, c.message))


def _cause(siennes: list[Anomalie]) -> Cause:
    par_feuille: dict[str, list[tuple[int, int]]] = {}
    for a in siennes:
        par_feuille.setdefault(a.feuille, []).extend(_plages_dites(a))
    reunies = {feuille: list(_reunir(tranches)) for feuille, tranches in sorted(par_feuille.items()) if tranches}
    premiere = siennes[0]
    lieux = [(f"{feuille} : " if feuille else "") + _abreger(tranches) for feuille, tranches in reunies.items()]
    valeurs = list(dict.fromkeys(a.valeur for a in siennes if a.valeur))
    reste = len(valeurs) - _EXEMPLES
    suite = f" et {reste} autre{'s' * (reste > 1)}" if reste > 0 else ""
    return Cause(
        premiere.gravite,
        premiere.code,
        premiere.fichier,
        premiere.colonne,
        sum(fin - debut + 1 for tranches in reunies.values() for debut, fin in tranches) or len(siennes),
        " ; ".join(lieux),
        ", ".join(f"« {valeur} »" for valeur in valeurs[:_EXEMPLES]) + suite,
        premiere.message,
        premiere.correction,
    )


def _plages_dites(anomalie: Anomalie) -> Iterator[tuple[int, int]]:
    """The rows that an anomaly is about: never those that its message names, which may be of another file."""
    for morceau in (anomalie.lignes or str(anomalie.ligne or "")).split(", "):
        if morceau:
            debut, _, fin = morceau.partition(" à ")
            yield int(debut), int(fin or debut)


def _reunir(tranches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ranges in any order, which may overlap, as ranges that do not touch."""
    courante: tuple[int, int] | None = None
    for debut, fin in sorted(tranches):
        if courante and debut <= courante[1] + 1:
            courante = (courante[0], max(courante[1], fin))
            continue
        if courante:
            yield courante
        courante = (debut, fin)
    if courante:
        yield courante


def _abreger(tranches: list[tuple[int, int]]) -> str:
    return enumerer_plages(tranches[:_PLAGES_PAR_CAUSE]) + (", …" if len(tranches) > _PLAGES_PAR_CAUSE else "")


def phrase_de(cause: Cause) -> str:
    """A cause as one sentence: where, how many rows, the first of them, what is wrong, what to do."""
    colonne = f"colonne {cause.colonne}" if cause.colonne else ""
    lieu = ", ".join(filter(None, (cause.fichier, colonne)))
    if cause.lignes:
        lieu += f", {cause.nb_cas} lignes ({cause.lignes})" if cause.nb_cas > 1 else f", ligne {cause.lignes}"
    elif cause.nb_cas > 1:
        lieu += f", {cause.nb_cas} fois"
    return f"{cause.gravite.upper()} {lieu.strip(', ') or 'campagne'} : {cause.message} → {cause.correction}"
