"""Runs the real command on random campaigns and compares every figure with the reference computation.

python -m tests.reference.comparer 1 2 3         # seeds; a range is 10-40
python -m tests.reference.comparer --simples 7   # plain CSV files
python -m tests.reference.comparer --reduire 7   # the smallest campaign that keeps the first difference of seed 7
"""

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

from tests.reference.calcul import calculer
from tests.reference.ecarts import ANNEE, Ecart, ecarts
from tests.reference.generateur import Campagne, ecrire_campagne, ecrire_precedent, generer
from tests.reference.reduire import reduire
from tests.reference.vivier import TRAITS

RACINE = Path(__file__).resolve().parents[2]


def lancer(entrees: Path, sorties: Path, annee: int = ANNEE, au: date | None = None) -> None:
    """Runs `gestion-flux bilan` on a folder.

    Raises:
        AssertionError: the command did not end with 0; the message has what it printed.
    """
    commande = [sys.executable, "-m", "flows", "bilan", str(annee)]
    commande += ["--entrees", str(entrees), "--sorties", str(sorties)]
    if au:
        commande += ["--au", au.isoformat()]
    fin = subprocess.run(
        commande,
        cwd=RACINE,
        env={**os.environ, "PYTHONPATH": str(RACINE)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if fin.returncode:
        raise AssertionError(f"code de sortie {fin.returncode}\n{fin.stdout[-3000:]}\n{fin.stderr[-3000:]}")


def executer(tables: Campagne, dossier: Path, au: date | None) -> list[Ecart]:
    """Runs the command on files already in `dossier/entrees` and compares; a failed run is one difference."""
    sorties = dossier / "out" / str(ANNEE)
    ecrire_precedent(tables, sorties, ANNEE)
    try:
        lancer(dossier / "entrees", sorties, ANNEE, au)
    except AssertionError as echec:
        return [Ecart("commande", "", "exécution", str(echec), "code de sortie 0")]
    return ecarts(calculer(tables, ANNEE, au), sorties, ANNEE, au)


def comparer(
    graine: int,
    dossier: Path,
    formes: str = "variees",
    au: date | None = None,
    traits: Collection[str] | None = None,
    logements: int | None = None,
    territoires: int | None = None,
) -> list[Ecart]:
    """Generates a campaign, runs the command and returns the differences."""
    tables = generer(
        graine,
        dossier / "entrees",
        ANNEE,
        formes=formes,
        traits=traits,
        logements=logements,
        territoires=territoires,
        completes=territoires is not None,
    )
    return executer(tables, dossier, au)


def au_de(graine: int) -> date | None:
    """One seed in five is counted to 30 June."""
    return None if graine % 5 else date(ANNEE, 6, 30)


def plus_petite(
    graine: int, dossier: Path, vise: str | None, secondes: float, traits: Collection[str] | None
) -> tuple[Path, list[Ecart]]:
    """The smallest plain campaign found that keeps a difference of a seed, in `dossier/minimale`."""
    au = au_de(graine)
    tables = generer(graine, dossier / "entrees", ANNEE, formes="simples", traits=traits)
    premiers = executer(tables, dossier, au)
    visee = next(ecart for ecart in premiers if vise is None or vise in str(ecart))
    print(f"réduit : {visee}", flush=True)

    def persiste(essai: Campagne) -> bool:
        with tempfile.TemporaryDirectory() as provisoire:
            ecrire_campagne(random.Random(0), essai, Path(provisoire) / "entrees", ANNEE, "simples")
            try:
                trouves = executer(essai, Path(provisoire), au)
            except (ValueError, KeyError):
                return False
        return any(_semblable(ecart, visee) for ecart in trouves)

    minimale = reduire(tables, persiste, secondes, visee.lieu)
    racine = dossier / "minimale"
    ecrire_campagne(random.Random(0), minimale, racine / "entrees", ANNEE, "simples")
    return racine / "entrees", executer(minimale, racine, au)


def _semblable(ecart: Ecart, visee: Ecart) -> bool:
    """The same figure is wrong in the same way: a number in place of another, or of nothing."""
    fournis = [valeur in ("(rien)", "non fourni") for valeur in (ecart.publie, ecart.attendu)]
    vises = [valeur in ("(rien)", "non fourni") for valeur in (visee.publie, visee.attendu)]
    return (ecart.fichier, ecart.lieu, ecart.quoi, fournis) == (visee.fichier, visee.lieu, visee.quoi, vises)


def montrer(entrees: Path) -> str:
    """The rows of a small campaign, their filled cells only."""
    dit = []
    for fichier in sorted(entrees.iterdir()):
        dit.append(f"--- {fichier.name}")
        with fichier.open(encoding="utf-8", newline="") as flux:
            for ligne in csv.DictReader(flux, delimiter=";"):
                dit.append("  " + " ; ".join(f"{colonne}={valeur}" for colonne, valeur in ligne.items() if valeur))
    return "\n".join(dit)


def resumer(trouves: Sequence[Ecart]) -> list[Ecart]:
    """The differences without those that follow: modalities of a wrong total, `valeur_exacte` of a wrong `valeur`."""
    totaux = {(e.fichier, e.lieu, e.quoi.removesuffix(" total total")) for e in trouves if e.quoi.endswith(" total")}

    lignes = {(e.fichier, e.lieu, e.quoi) for e in trouves}

    def est_compris(ecart: Ecart) -> bool:
        mesure = ecart.quoi.removesuffix(" part").rsplit(" ", 2)[0]
        valeur = ecart.quoi.replace("valeur_exacte", "valeur")
        suit = valeur != ecart.quoi and (ecart.fichier, ecart.lieu, valeur) in lignes
        return suit or (not ecart.quoi.endswith(" total") and (ecart.fichier, ecart.lieu, mesure) in totaux)

    return [ecart for ecart in trouves if not est_compris(ecart)]


def _graines(mots: Sequence[str]) -> Iterator[int]:
    for mot in mots:
        premier, _, dernier = mot.partition("-")
        yield from range(int(premier), int(dernier or premier) + 1)


def main() -> int:
    """Compares the seeds of the command line; 1 when some differ."""
    analyseur = argparse.ArgumentParser(description="Compare le produit au calcul de référence.")
    analyseur.add_argument("graines", nargs="+", help="graine ou intervalle (3, 10-20)")
    analyseur.add_argument("--simples", action="store_true", help="fichiers CSV ordinaires")
    analyseur.add_argument("--traits", nargs="*", choices=TRAITS, help="traits de la campagne (tirés, sinon)")
    analyseur.add_argument("--logements", type=int, help="nombre de logements (tiré, sinon)")
    analyseur.add_argument("--territoires", type=int, help="nombre de territoires du premier code (60, 2000…)")
    analyseur.add_argument("--garder", type=Path, help="dossier où laisser les campagnes")
    analyseur.add_argument("--montrer", type=int, default=15, help="écarts montrés par graine")
    analyseur.add_argument("--reduire", action="store_true", help="cherche la plus petite campagne en écart")
    analyseur.add_argument("--vise", help="texte de l'écart à garder en réduisant (le premier, sinon)")
    analyseur.add_argument("--secondes", type=float, default=240, help="temps accordé à une réduction")
    choix = analyseur.parse_args()
    en_ecart = 0
    with tempfile.TemporaryDirectory() as provisoire:
        for graine in _graines(choix.graines):
            dossier = (choix.garder or Path(provisoire)) / str(graine)
            if choix.reduire:
                entrees, trouves = plus_petite(graine, dossier, choix.vise, choix.secondes, choix.traits)
                print(montrer(entrees))
            else:
                formes = "simples" if choix.simples else "variees"
                taille = (choix.logements, choix.territoires)
                trouves = comparer(graine, dossier, formes, au_de(graine), choix.traits, *taille)
            en_ecart += bool(trouves)
            print(f"graine {graine} : {len(trouves)} écart(s)", flush=True)
            for ecart in resumer(trouves)[: choix.montrer]:
                print(f"  {ecart}")
    return 1 if en_ecart else 0


if __name__ == "__main__":
    sys.exit(main())
