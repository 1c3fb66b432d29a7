"""The whole job on one bailleur: seconds a step, peak memory, deliverables included, beside the bare reading.

    python benchmarks/campagne.py [dwellings] [réservataires] [runs]

Figures are those of this machine on this day; compare ratios of one run, never seconds of two machines.
"""

import csv
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

RACINE = Path(__file__).resolve().parents[1]
ANNEE = 2025
COMMUNES = {
    "13055": "200054807",
    "13001": "200054807",
    "2A004": "242010056",
    "2B033": "242000354",
    "97411": "249740119",
}
TYPES = ("commune", "epci", "etat_prioritaires", "action_logement", "departement", "region", "caf_msa", "autre")
EVENEMENTS = ("mise_a_disposition", "attribution", "bail", "bail_ou_refus")


def ecrire(chemin: Path, lignes: Iterator[dict[str, object]]) -> None:
    """Writes a table as a `;` CSV."""
    premiere = next(lignes)
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        sortie = csv.DictWriter(flux, list(premiere), delimiter=";")
        sortie.writeheader()
        sortie.writerow(premiere)
        sortie.writerows(lignes)


def logements(millesime: int, nombre: int) -> Iterator[dict[str, object]]:
    """Dwellings in the columns of the RPLS loi that figures use."""
    hasard = random.Random(1)
    for rang in range(nombre):
        commune = hasard.choice(list(COMMUNES))
        yield {
            "IDENT_REP": f"{rang:010d}",
            "IDENT_INT": f"L{rang}",
            "DEPCOM": commune,
            "QPV": hasard.choice("12"),
            "TYPECONST": hasard.choice("CCCI"),
            "NBPIECE": hasard.randint(1, 6),
            "CONSTRUCT": (annee := hasard.randint(1930, 2020)),
            "LOCAT": annee + 1,
            "FINAN": hasard.choice(["10", "13", "13", "14", "16", "49"]),
            "CONV": "1",
            "SORTIEPATRIM": "",
            "MODE": hasard.choice("111112"),
            "BAIL": f"{hasard.randint(1, 12):02d}/{hasard.randint(2010, millesime - 1)}",
            "PMR": hasard.choice("123"),
            "MISCOMMERCIAL": hasard.choice("2" * 50 + "1"),
            "EPCI": COMMUNES[commune],
        }


def reservataires(nombre: int) -> Iterator[dict[str, object]]:
    """Conventions of every kind, on every scale."""
    communes = list(COMMUNES)
    for rang in range(nombre):
        commune = communes[rang % len(communes)]
        echelle = ("commune", "epci", "departement", "bailleur")[rang % 4]
        departement = commune[:3] if commune.startswith("97") else commune[:2]
        territoires = {"commune": commune, "epci": COMMUNES[commune], "departement": departement, "bailleur": ""}
        yield {
            "code_reservataire": f"R{rang:02d}",
            "libelle": f"Réservataire {rang}",
            "type_reservataire": TYPES[rang % len(TYPES)],
            "echelle": echelle,
            "code_territoire": territoires[echelle],
            "mode_taux": ("imprime", "droits_sur_parc", "droits_sur_parc_soumis")[rang % 3],
            "taux_pct": "1,5",
            "base_rotation": ("liberations_territoire", "rpls_bailleur", "fixe")[rang % 3],
            "taux_rotation_pct": "7,4",
            "evenement_decompte": EVENEMENTS[rang % 4],
            "arrondi_etapes": ("aucun", "unite")[rang % 2],
            "arrondi_final": "unite_demi_superieur",
        }


def evenements(nombre_logements: int, nombre_reservataires: int) -> dict[str, Iterator[dict[str, object]]]:
    """A year of releases, proposals, decisions, with rights, exclusions and forecasts."""
    hasard = random.Random(2)
    liberes = [
        (f"{hasard.randrange(nombre_logements):010d}", date(ANNEE, 1, 1) + timedelta(hasard.randrange(365)))
        for _ in range(nombre_logements // 10)
    ]

    def code() -> str:
        return f"R{hasard.randrange(nombre_reservataires):02d}"

    proposes = [
        (f"P{i}", logement, code(), jour) for i, (logement, jour) in enumerate(liberes[: len(liberes) * 3 // 4])
    ]
    return {
        "liberations": ({"ident_rep": x, "date_liberation": jour.isoformat()} for x, jour in liberes),
        "propositions": (
            {"id_proposition": p, "ident_rep": x, "code_reservataire": c, "date_mise_a_disposition": f"{jour:%d/%m/%Y}"}
            for p, x, c, jour in proposes
        ),
        "attributions": (
            {
                "id_decision": f"{p}-{rang}",
                "id_proposition": p,
                "ident_rep": x,
                "code_reservataire": c,
                "date_caleol": (jour + timedelta(20)).isoformat(),
                "decision": "attribution_rang",
                "rang": rang,
                "reponse_candidat": "accepte" if rang == 1 else "refuse",
                "date_signature_bail": (jour + timedelta(40)).isoformat() if rang == 1 else "",
                "categorie": hasard.choice(["droit_commun"] * 8 + ["mutation_interne", "relogement_anru"]),
                "designataire": "reservataire",
                "dalo": hasard.choice(["oui", "non"]),
                "prioritaire": hasard.choice(["oui", "non"]),
            }
            for p, x, c, jour in proposes
            for rang in (1, 2)
        ),
        "droits": (
            {"code_reservataire": code(), "ident_rep": f"{i * 3:010d}", "nature_droit": "ds", "date_fin": "2040-01-01"}
            for i in range(nombre_logements // 5)
        ),
        "exclusions": (
            {"ident_rep": f"{i * 50:010d}", "motif_exclusion": "demolition"} for i in range(nombre_logements // 100)
        ),
        "previsions": (
            {"annee": ANNEE + 1, "categorie": categorie, "nombre": 40}
            for categorie in ("mutation_interne", "relogement_anru", "relogement_vente")
        ),
        "objectifs": (
            {"annee": ANNEE, "code_reservataire": f"R{i:02d}", "flux_reservataire": 12}
            for i in range(nombre_reservataires)
        ),
    }


def mesurer(commande: list[str]) -> tuple[float, int, str]:
    """Seconds, peak memory in MB and error output of a command run in a process of its own."""
    relais = (
        "import resource, subprocess, sys; r = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
        "print('MAXRSS', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr); "
        "sys.exit(r.returncode)"
    )
    debut = time.perf_counter()
    fin = subprocess.run(
        [sys.executable, "-c", relais, *commande],
        cwd=RACINE,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    secondes = time.perf_counter() - debut
    memoire = int(fin.stderr.rsplit("MAXRSS", 1)[1])
    return secondes, memoire, fin.stderr


def main(nombre_logements: int = 20_000, nombre_reservataires: int = 60, passages: int = 3) -> None:
    """Writes the campaign, runs the command and the bare reading in turn, prints one table."""
    with tempfile.TemporaryDirectory() as temporaire:
        entrees, sorties = Path(temporaire, "entrees"), Path(temporaire, "sorties")
        entrees.mkdir()
        for millesime in (ANNEE, ANNEE + 1):
            ecrire(entrees / f"rpls_{millesime}.csv", logements(millesime, nombre_logements))
        ecrire(entrees / "reservataires.csv", reservataires(nombre_reservataires))
        for nom, lignes in evenements(nombre_logements, nombre_reservataires).items():
            ecrire(entrees / f"{nom}.csv", lignes)
        bilan = [
            sys.executable,
            "-m",
            "flows",
            "bilan",
            str(ANNEE),
            "--entrees",
            str(entrees),
            "--sorties",
            str(sorties),
        ]
        lecture = (
            "import duckdb, sys; "
            "[duckdb.read_csv(f, all_varchar=True).aggregate('count(*)').fetchall() for f in sys.argv[1:]]"
        )
        nue = [sys.executable, "-c", lecture, *map(str, sorted(entrees.glob("*.csv")))]
        mesures = [(mesurer(bilan), mesurer(nue)) for _ in range(passages)]
        octets = sum(f.stat().st_size for f in sorties.rglob("*") if f.is_file())
        print(
            f"{nombre_logements} logements × 2 millésimes, {nombre_reservataires} réservataires, "
            f"médianes de {passages} passages"
        )
        for ligne in mesures[-1][0][2].splitlines():
            if ligne.endswith(" s"):
                print(ligne)
        total = statistics.median(b[0] for b, _ in mesures)
        print(
            f"  {'ensemble, processus compris':<32}{total:6.1f} s, "
            f"{max(b[1] for b, _ in mesures)} Mo de mémoire au plus, {octets // 10**6} Mo écrits"
        )
        rapport = statistics.median(b[0] / n[0] for b, n in mesures)
        print(f"  lecture nue des mêmes fichiers par DuckDB : l'ensemble prend {rapport:.0f} fois ce temps")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
