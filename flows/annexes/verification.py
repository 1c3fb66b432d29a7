"""`verifier-annexe`: does each line of a published annexe follow from the others, and by which rounding rule?"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from flows.annexes.calcul import (
    ARRONDIS_ETAPES,
    ARRONDIS_FINAUX,
    NOMS,
    REGLES,
    Regle,
    arrondir,
    calculer,
    est_addition,
    francais,
    par_regle,
    regles_suivies,
)
from flows.annexes.glissements import Situation, contradiction_probable, glissements
from flows.annexes.lecture import Publication, Valeur, cle, lire_publications
from flows.anomalies import Anomalie, Gravite


@dataclass(frozen=True, slots=True)
class Ecart:
    """One line that does not follow from the others, or that two documents print differently.

    `ligne` is empty when no single rounding rule explains a whole document. `attendus` holds (rule, value) pairs,
    `calcul` the operation in figures, `pistes` the likely slips in words, the most direct first.
    """

    document: str
    annee: str
    bailleur: str
    code_reservataire: str
    ligne: str
    valeur: str
    ligne_fichier: int | None
    attendus: tuple[tuple[str, Decimal], ...]
    calcul: str
    pistes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegleDocument:
    """The rounding rules (`arrondi_etapes`, `arrondi_final`) that explain every line of a document, likeliest first.

    `verifiees` counts the recomputed lines that follow; lines reported as gaps do not vote.
    """

    document: str
    regles: tuple[Regle, ...]
    verifiees: int


Voix = list[tuple[frozenset[Regle], frozenset[Regle]]]


def verifier_annexe(fichier: Path) -> tuple[list[Ecart], list[Anomalie], list[RegleDocument]]:
    """Checks every published annexe of a CSV; never raises on what the file holds.

    A line follows when at least one rounding rule gives the printed value from the lines printed before it; one rule
    must then explain all the lines of a document. Unusable rows are the anomalies.
    """
    publications, anomalies = lire_publications(fichier)
    ecarts = _contradictions(publications)
    regles = []
    documents: dict[str, list[Publication]] = {}
    for publication in publications:
        documents.setdefault(cle(publication.document), []).append(publication)
    for groupe in documents.values():
        voix: Voix = []
        for publication in groupe:
            ecarts += _verifier(publication, groupe, voix)
        regle, sans_regle = _regle_commune(groupe[0].document, voix)
        regles.append(regle)
        ecarts += sans_regle
    return sorted(ecarts, key=_ordre), anomalies, regles


def _verifier(publication: Publication, groupe: list[Publication], voix: Voix) -> list[Ecart]:
    """Gaps of one publication; the rules that explain each of its other lines go to `voix`."""
    ecarts = []
    valeurs: dict[str, Decimal] = {}
    brutes: dict[str, Decimal] = {}
    fautives: list[str] = []
    for ligne in NOMS:
        publiee = publication.valeur(ligne)
        calcul = calculer(ligne, publication, valeurs, brutes)
        if publiee is None:
            if calcul is not None:
                valeurs[ligne], brutes[ligne] = calcul.exact, calcul.sans_arrondi
            continue
        if calcul is not None:
            larges, strictes = regles_suivies(ligne, publiee, calcul)
            if not larges and ligne == "h" and est_addition(publication):
                valeurs[ligne] = brutes[ligne] = publiee.nombre
                continue
            if larges:
                voix.append((larges, strictes))
            else:
                pistes = glissements(Situation(ligne, publiee, calcul.exact, valeurs, fautives, publication, groupe))
                fautives.append(ligne)
                ecarts.append(_ecart(publication, ligne, publiee, _attendus(ligne, calcul.exact), calcul.texte, pistes))
        valeurs[ligne] = brutes[ligne] = publiee.nombre
        if calcul is not None and arrondir(calcul.sans_arrondi, publiee.decimales) == publiee.nombre:
            brutes[ligne] = calcul.sans_arrondi
    return ecarts


def _attendus(ligne: str, exact: Decimal) -> tuple[tuple[str, Decimal], ...]:
    """The expected value under each rule, in words."""
    libelles = ARRONDIS_FINAUX if ligne == "j" else ARRONDIS_ETAPES
    return tuple((libelles[regle], valeur) for regle, valeur in par_regle(ligne, exact).items())


def _regle_commune(document: str, voix: Voix) -> tuple[RegleDocument, list[Ecart]]:
    """The rules common to every line of a document; a gap when each line has one but none explains them all."""
    communes = [r for r in REGLES if voix and all(r in larges for larges, _ in voix)]
    communes.sort(key=lambda r: -sum(r in strictes for _, strictes in voix))
    ecarts = []
    if voix and not communes:
        calcul = "chaque ligne suit une règle d'arrondi, mais aucune règle ne les explique toutes"
        piste = "l'annexe mélange deux arrondis : la convention dit lequel s'applique"
        ecarts.append(Ecart(document, "", "", "", "", "", None, (), calcul, (piste,)))
    return RegleDocument(document, tuple(communes), len(voix)), ecarts


def _contradictions(publications: list[Publication]) -> list[Ecart]:
    """Different values for one line of one bailleur × réservataire (× year), in one document or in several.

    The most precise value is the reference; one that is only its rounding to fewer decimals does not contradict it.
    """
    dites: dict[tuple[str, ...], list[tuple[Valeur, Publication]]] = {}
    for p in publications:
        for ligne, valeurs in p.lignes.items():
            qui = (cle(p.annee), cle(p.bailleur), cle(p.code_reservataire), ligne)
            dites.setdefault(qui, []).extend((valeur, p) for valeur in valeurs)
    ecarts = []
    for (*_, ligne), liste in sorted(dites.items(), key=lambda dite: dite[0]):
        liste.sort(key=lambda dite: -dite[0].decimales)
        reference, source = liste[0]
        for valeur, p in liste[1:]:
            if arrondir(reference.nombre, valeur.decimales) == valeur.nombre:
                continue
            attendu = (f"dans « {source.document} », ligne {reference.ligne_fichier} du fichier", reference.nombre)
            calcul = f"la ligne {ligne} est imprimée {valeur.texte} ici et {reference.texte} ailleurs"
            ecarts.append(_ecart(p, ligne, valeur, (attendu,), calcul, contradiction_probable(valeur, reference)))
    return ecarts


def _ecart(
    p: Publication,
    ligne: str,
    publiee: Valeur,
    attendus: tuple[tuple[str, Decimal], ...],
    calcul: str,
    pistes: tuple[str, ...],
) -> Ecart:
    qui = (p.document, p.annee, p.bailleur, p.code_reservataire)
    return Ecart(*qui, ligne, publiee.texte, publiee.ligne_fichier, attendus, calcul, pistes)


def _ordre(e: Ecart) -> tuple[str, ...]:
    return (cle(e.document), cle(e.bailleur), cle(e.code_reservataire), e.annee, e.ligne, e.valeur, e.calcul)


def afficher(
    ecarts: list[Ecart], anomalies: list[Anomalie] | None = None, regles: list[RegleDocument] | None = None
) -> str:
    """The result as French text for a terminal, with only characters that a Windows console can show (cp1252)."""
    blocs = [_dire_ecart(e) for e in ecarts]
    for a in anomalies or []:
        ou = f"{a.fichier}, ligne {a.ligne}" if a.ligne else a.fichier
        blocs.append(f"{ou} : {a.message}\n  {a.correction}")
    if regles:
        blocs.append("\n".join(f"{r.document} : {_dire_regles(r)}" for r in regles))
    bilan = "1 écart." if len(ecarts) == 1 else f"{len(ecarts)} écarts." if ecarts else "Aucun écart."
    fautes = [a for a in anomalies or [] if a.gravite in (Gravite.BLOQUANT, Gravite.ERREUR)]
    if not ecarts and any(a.gravite is Gravite.BLOQUANT for a in fautes):
        bilan = "Rien n'a pu être vérifié."
    elif fautes:
        bilan += f" Lignes du fichier à corriger : {len(fautes)}."
    return "\n\n".join([*blocs, bilan]).encode("cp1252", "replace").decode("cp1252")


def _dire_ecart(e: Ecart) -> str:
    if not e.ligne:
        lignes = [e.document]
    else:
        nom = f"ligne {e.ligne}" + (f", {NOMS[e.ligne]}" if e.ligne in NOMS else "")
        annee = f", année {e.annee}" if e.annee else ""
        lignes = [
            f"{e.document} - {e.bailleur} / {e.code_reservataire}{annee}",
            f"  {nom} : publié {e.valeur} (ligne {e.ligne_fichier} du fichier)",
        ]
    lignes.append(f"  calcul  : {e.calcul}")
    par_valeur: dict[Decimal, list[str]] = {}
    for regle, valeur in e.attendus:
        par_valeur.setdefault(valeur, []).append(regle)
    if par_valeur:
        attendus = (f"{francais(valeur)} ({' ou '.join(noms)})" for valeur, noms in par_valeur.items())
        lignes.append(f"  attendu : {' ; '.join(attendus)}")
    return "\n".join([*lignes, *(f"  piste   : {piste}" for piste in e.pistes)])


def _dire_regles(r: RegleDocument) -> str:
    if not r.verifiees:
        return "aucune ligne ne peut être recalculée à partir des autres."
    suivent = "1 ligne recalculée suit" if r.verifiees == 1 else f"{r.verifiees} lignes recalculées suivent"
    if not r.regles:
        return f"{suivent}, mais par des arrondis différents."
    etape = r.regles[0][0]
    finaux = [final for etapes, final in r.regles if etapes == etape]
    autre = " (ou sans arrondi, imprimé plus court)" if etape == "unite" and ("aucun", finaux[0]) in r.regles else ""
    if len(finaux) == len(ARRONDIS_FINAUX):
        return f"{suivent} ; étapes {ARRONDIS_ETAPES[etape]}{autre}, arrondi du résultat indéterminé."
    resultat = " ou ".join(ARRONDIS_FINAUX[final] for final in finaux)
    return f"{suivent} ; étapes {ARRONDIS_ETAPES[etape]}{autre}, résultat {resultat}."
