"""Tiny campaigns counted by hand from the contract, without a look at the models: the figures that each sentence gives.

A file of `a_la_main/` is one campaign: `[parc]`, `[conventions]`, the other tables as CSV, and `[attendu]`. Several
cases share one, each on its own commune, so that the models are built only once.

    parc         80001 1-10,13 locat=2025 rpls=2026        dwellings of a commune, in both millésimes unless said
    conventions  V 80001 taux_pct=25                       a code, its territory, what is not usual
    attendu      B V attributions qpv en_qpv 2 50          bilan: code, measure, dimension, modality, number, share
                 F V e 1.5 2                               flux: a code, a line, value, value before rounding
                 R V W proposes 3 25                       repartition: a bilan, a code, as for B
                 C territoires_communs 1                   controls: a code, how many rows
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.modeles.harnais import lire, monter

DOSSIER = Path(__file__).parent / "a_la_main"
AU = {"a_une_date": date(2025, 11, 15)}
LOGEMENT = {
    "qpv": "2",
    "typeconst": "C",
    "nbpiece": "3",
    "construct": "1995",
    "locat": "1995",
    "finan": "13",
    "conv": "1",
    "sortiepatrim": "",
    "mode": "1",
    "bail": "01/2015",
    "miscommercial": "2",
    "cat_org": "211",
    "pmr": "1",
    "epci": "",
}
CONVENTION = {
    "type_reservataire": "commune",
    "date_debut": "",
    "date_fin": "",
    "mode_taux": "imprime",
    "taux_pct": "20",
    "taux_retrocession_pct": "",
    "taux_recu_pct": "",
    "base_rotation": "fixe",
    "taux_rotation_pct": "10",
    "evenement_decompte": "attribution",
    "arrondi_etapes": "aucun",
    "arrondi_final": "aucun",
    "report_n1": "oui",
    "options": "",
}
ECHELLES = {2: "departement", 3: "departement", 5: "commune", 9: "epci"}
"""By the length of the territory's code."""
CHIFFRES = {
    "B": ("bilan.mesures", ("code_reservataire", "mesure", "dimension", "modalite"), ("nombre", "part_pct")),
    "R": (
        "bilan.repartition",
        ("code_bilan", "code_reservataire", "mesure", "dimension", "modalite"),
        ("nombre", "part_pct"),
    ),
    "F": ("bilan.lignes_flux", ("code_reservataire", "ligne"), ("valeur", "valeur_exacte")),
}


def sections(texte: str) -> dict[str, list[str]]:
    """Lines of each `[section]`, comments and blank lines left out."""
    lues: dict[str, list[str]] = {}
    for ligne in (brute.strip() for brute in texte.splitlines()):
        if ligne.startswith("["):
            lues[ligne.strip("[]")] = []
        elif ligne and not ligne.startswith("#"):
            lues[list(lues)[-1]].append(ligne)
    return lues


def _csv(lignes: list[dict[str, str]]) -> str:
    return "\n".join([";".join(lignes[0]), *(";".join(ligne.values()) for ligne in lignes)])


def _valeurs(mots: list[str]) -> dict[str, str]:
    return dict(mot.split("=", 1) for mot in mots)


def _parc(lignes: list[str]) -> Iterator[dict[str, str]]:
    for ligne in lignes:
        commune, numeros, *mots = ligne.split()
        valeurs = _valeurs(mots)
        millesimes = [valeurs.pop("rpls")] if "rpls" in valeurs else ["2025", "2026"]
        for plage in numeros.split(","):
            premier, _, dernier = plage.partition("-")
            for numero in range(int(premier), int(dernier or premier) + 1):
                for millesime in millesimes:
                    yield {"millesime": millesime, "ident_rep": str(numero), "depcom": commune, **LOGEMENT, **valeurs}


def _convention(ligne: str) -> dict[str, str]:
    code, territoire, *mots = ligne.split()
    lieu = {"echelle": ECHELLES.get(len(territoire), "bailleur"), "code_territoire": territoire}
    if territoire == "bailleur":
        lieu["code_territoire"] = ""
    return {"code_reservataire": code, "libelle": code, **lieu, **CONVENTION, **_valeurs(mots)}


def _ecarts(base: Path, lignes: list[str]) -> Iterator[str]:
    publies = {}
    for sorte, (table, cle, chiffres) in CHIFFRES.items():
        for rang in lire(base, f"select {', '.join(cle + chiffres)} from {table}"):
            valeurs = list(rang.values())
            publies[(sorte, *valeurs[: len(cle)])] = valeurs[len(cle) :]
    for ligne in lignes:
        sorte, *mots = ligne.split()
        if sorte == "C":
            obtenu, attendu = [str(len(lire(base, f"select * from controles.{mots[0]}")))], mots[1:]
        else:
            largeur = len(CHIFFRES[sorte][1])
            if sorte != "F" and len(mots) < largeur + 1:
                mots[largeur - 2 : largeur - 2] = ["total", "total"]
            obtenu = publies.get((sorte, *mots[:largeur]), ["" if sorte == "F" else "0", ""])
            attendu = ["" if mot == "NF" else mot for mot in mots[largeur:]]
        if obtenu[: len(attendu)] != attendu:
            yield f"{ligne} : obtenu {' '.join(obtenu)}"


@pytest.mark.parametrize("nom", sorted(fichier.stem for fichier in DOSSIER.glob("*.txt")))
def test_les_chiffres_comptes_a_la_main(nom: str, tmp_path: Path) -> None:
    lues = sections((DOSSIER / f"{nom}.txt").read_text(encoding="utf-8"))
    attendu, parc, conventions = lues.pop("attendu"), lues.pop("parc"), lues.pop("conventions")
    tables = {table: "\n".join(lignes) for table, lignes in lues.items()}
    tables["rpls"] = _csv(list(_parc(parc)))
    tables["reservataires"] = _csv([_convention(ligne) for ligne in conventions])
    cibles = [table for table, _, _ in CHIFFRES.values()]
    cibles += [f"controles.{ligne.split()[1]}" for ligne in attendu if ligne.startswith("C ")]
    base = monter(tmp_path, tables, cibles, au=AU.get(nom))
    assert len(attendu) > 4
    assert list(_ecarts(base, attendu)) == []
