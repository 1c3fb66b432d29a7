"""Runs the real command on random campaigns and compares every figure with the reference computation.

    python -m tests.reference.comparer 1 2 3        # seeds; a range is 10-40
    python -m tests.reference.comparer --simples 7  # plain CSV files

Readings of the outputs: an absent count is 0, an absent or blank total of a reference None is "non fourni", the measure
`objectif` is compared on its total only, part_pct to a twentieth of a point, the lines to the sixth decimal.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

from tests.reference.calcul import Resultat, calculer
from tests.reference.generateur import generer

RACINE = Path(__file__).resolve().parents[2]
ANNEE = 2025
TOLERANCE = Fraction(1, 1_000_000)
TOLERANCE_PART = Fraction(1, 20)
ENTETE_BILAN = ["annee", "code_reservataire", "mesure", "dimension", "modalite", "nombre", "part_pct"]
ENTETE_FLUX = ["annee", "code_reservataire", "ligne", "libelle", "valeur", "valeur_exacte", "unite"]


def lancer(entrees: Path, sorties: Path, annee: int = ANNEE, au: date | None = None) -> None:
    """Runs `gestion-flux bilan` on a folder.

    Raises:
        AssertionError: the command did not end with 0; the message has what it printed.
    """
    commande = [sys.executable, "-m", "flows", "bilan", str(annee)]
    commande += ["--entrees", str(entrees), "--sorties", str(sorties)]
    if au:
        commande += ["--au", au.isoformat()]
    fin = subprocess.run(commande, cwd=RACINE, capture_output=True, text=True, encoding="utf-8", check=False)
    if fin.returncode:
        raise AssertionError(f"code de sortie {fin.returncode}\n{fin.stdout[-3000:]}\n{fin.stderr[-3000:]}")


def fichiers(sorties: Path, annee: int, code: str) -> tuple[Path, Path]:
    """Paths of the two fixed CSV files of a code."""
    dossier = "_bailleur" if code.startswith("epci_") else code
    base = sorties / "bilan" / dossier
    return base / f"bilan_{annee}_{code}.csv", base / f"flux_{annee + 1}_{code}.csv"


def lire(chemin: Path, entete: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a published CSV, its fixed form checked (UTF-8 with BOM, `;`, CRLF, columns).

    Raises:
        AssertionError: another form.
    """
    contenu = chemin.read_bytes()
    assert contenu.startswith(b"\xef\xbb\xbf"), f"{chemin.name} : sans BOM"
    assert contenu.count(b"\n") == contenu.count(b"\r\n"), f"{chemin.name} : fins de ligne autres que CRLF"
    lecteur = csv.DictReader(contenu.decode("utf-8-sig").splitlines(), delimiter=";")
    assert list(lecteur.fieldnames or ()) == list(entete), f"{chemin.name} : colonnes {lecteur.fieldnames}"
    return list(lecteur)


def valeur_lue(texte: str) -> Fraction | None:
    """A number with a decimal comma; None for a blank cell or words ("non fourni")."""
    try:
        return Fraction(texte.strip().replace(",", "."))
    except ValueError:
        return None


def ecarts(resultat: Resultat, sorties: Path, annee: int = ANNEE) -> list[str]:
    """Readable differences between the reference and the published files; none = equal."""
    trouves: list[str] = []
    for code in resultat.bilan:
        bilan, flux = fichiers(sorties, annee, code)
        for chemin in (bilan, flux):
            if not chemin.is_file():
                trouves.append(f"{code} : fichier absent {chemin.relative_to(sorties)}")
        if bilan.is_file():
            trouves += _ecarts_bilan(resultat, code, lire(bilan, ENTETE_BILAN))
        if flux.is_file():
            trouves += _ecarts_flux(resultat, code, lire(flux, ENTETE_FLUX))
    publies = {chemin.stem.removeprefix(f"bilan_{annee}_") for chemin in (sorties / "bilan").glob("*/bilan_*.csv")}
    trouves += [f"{code} : publié, inconnu de la référence" for code in sorted(publies - set(resultat.bilan))]
    return trouves


def _ecarts_bilan(resultat: Resultat, code: str, lignes: list[dict[str, str]]) -> Iterator[str]:
    attendus = resultat.bilan[code]
    mesures = {mesure for mesure, _, _ in attendus}
    publies = {}
    for ligne in lignes:
        cle = (ligne["mesure"], ligne["dimension"], ligne["modalite"])
        if cle in publies:
            yield f"{code} {' '.join(cle)} : deux lignes"
        publies[cle] = ligne
    for cle in sorted(set(attendus) | {cle for cle in publies if cle[0] in mesures}):
        mesure, dimension, _ = cle
        if mesure == "objectif" and dimension != "total":
            continue
        total = attendus.get((mesure, "total", "total"))
        attendu = None if total is None else attendus.get(cle, Fraction(0))
        ligne = publies.get(cle, {"nombre": "" if total is None or dimension == "total" else "0", "part_pct": ""})
        publie = valeur_lue(ligne["nombre"])
        if publie != attendu:
            yield f"{code} {' '.join(cle)} : publié {ligne['nombre'] or '(rien)'}, attendu {_dire(attendu)}"
        part = valeur_lue(ligne["part_pct"])
        if part is not None and attendu is not None and total:
            ecart = abs(part - 100 * attendu / total)
            if ecart > TOLERANCE_PART:
                yield f"{code} {' '.join(cle)} : part {ligne['part_pct']}, attendue {_dire(100 * attendu / total)}"


def _ecarts_flux(resultat: Resultat, code: str, lignes: list[dict[str, str]]) -> Iterator[str]:
    attendues = resultat.flux[code]
    publiees = {ligne["ligne"]: ligne for ligne in lignes}
    for nom in sorted(set(attendues) | set(publiees)):
        if nom not in attendues and nom in ("i", "j"):
            continue
        est_detail = "." in nom
        detail_absent = Fraction(0) if est_detail and attendues[nom[0]][0] is not None else None
        attendue = attendues.get(nom, (detail_absent, detail_absent))
        publiee = publiees.get(nom)
        for rang, colonne in enumerate(("valeur", "valeur_exacte")):
            absente = Fraction(0) if est_detail and attendue[rang] is not None else None
            lue = absente if publiee is None else valeur_lue(publiee[colonne])
            cible = attendue[rang]
            egales = lue == cible or (lue is not None and cible is not None and abs(lue - cible) <= TOLERANCE)
            if not egales:
                dit = publiee[colonne] if publiee else "(rien)"
                yield f"{code} ligne {nom} {colonne} : publié {dit or '(rien)'}, attendu {_dire(cible)}"


def _dire(valeur: Fraction | None) -> str:
    return "non fourni" if valeur is None else f"{float(valeur):.8g}"


def comparer(graine: int, dossier: Path, formes: str = "variees", au: date | None = None) -> list[str]:
    """Generates a campaign, runs the command and returns the differences."""
    tables = generer(graine, dossier / "entrees", ANNEE, formes=formes)
    lancer(dossier / "entrees", dossier / "sorties", ANNEE, au)
    return ecarts(calculer(tables, ANNEE, au), dossier / "sorties")


def au_de(graine: int) -> date | None:
    """One seed in five is counted to 30 June."""
    return None if graine % 5 else date(ANNEE, 6, 30)


def _graines(mots: Sequence[str]) -> Iterator[int]:
    for mot in mots:
        premier, _, dernier = mot.partition("-")
        yield from range(int(premier), int(dernier or premier) + 1)


def main() -> int:
    """Compares the seeds of the command line; 1 when some differ."""
    analyseur = argparse.ArgumentParser(description="Compare le produit au calcul de référence.")
    analyseur.add_argument("graines", nargs="+", help="graine ou intervalle (3, 10-20)")
    analyseur.add_argument("--simples", action="store_true", help="fichiers CSV ordinaires")
    analyseur.add_argument("--garder", type=Path, help="dossier où laisser les campagnes")
    analyseur.add_argument("--montrer", type=int, default=15, help="écarts montrés par graine")
    choix = analyseur.parse_args()
    en_ecart = 0
    with tempfile.TemporaryDirectory() as provisoire:
        for graine in _graines(choix.graines):
            dossier = (choix.garder or Path(provisoire)) / str(graine)
            try:
                trouves = comparer(graine, dossier, "simples" if choix.simples else "variees", au_de(graine))
            except AssertionError as echec:
                trouves = [str(echec)]
            en_ecart += bool(trouves)
            print(f"graine {graine} : {len(trouves)} écart(s)")
            for ecart in trouves[: choix.montrer]:
                print(f"  {ecart}")
    return 1 if en_ecart else 0


if __name__ == "__main__":
    sys.exit(main())
