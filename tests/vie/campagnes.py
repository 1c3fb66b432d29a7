"""One life, for the tests of this folder: a small campaign published, sent, corrected, published again."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.commande import gestion_flux
from tests.pannes.campagne_saine import ANNEE, TABLES, deposer, reprendre, texte_csv

BAIL = "0037273001"
"""A dwelling of VILLE whose lease the correction moves out of the year."""


@dataclass(frozen=True)
class Vie:
    """`entrees` are those of the second publication."""

    entrees: Path
    sorties: Path


def publier(entrees: Path, sorties: Path, *options: str, attendu: int | None = 0) -> str:
    """Runs the real bilan; gives what it says."""
    fin = gestion_flux("bilan", ANNEE, "--entrees", entrees, "--sorties", sorties, *options, attendu=attendu)
    return fin.stdout + fin.stderr


def remplacer(fichier: Path, ancien: str, nouveau: str) -> None:
    """Changes one text that is there once."""
    texte = fichier.read_text(encoding="utf-8-sig")
    assert texte.count(ancien) == 1, (fichier.name, ancien, texte.count(ancien))
    fichier.write_text(texte.replace(ancien, nouveau), encoding="utf-8")


def vivre(dossier: Path, publiee: Path) -> Vie:
    """v1 (that of the healthy campaign), sent to VILLE; a refused run; v2: the first proposition is annulled."""
    entrees, sorties = deposer(dossier / "in"), reprendre(publiee, dossier / "out")
    gestion_flux("depot", ANNEE, "--sorties", sorties, "--vers", dossier / "v1", "--reservataire", "VILLE",
                 "--envoye", "M. Rossi, 27/02/2026")  # fmt: skip
    garde = entrees / "reservataires.csv"
    shutil.copy(garde, dossier / "garde.csv")
    garde.write_text("code_reservataire;libelle\nVILLE;Ville\n", encoding="utf-8")
    publier(entrees, sorties, attendu=1)
    shutil.copy(dossier / "garde.csv", garde)
    remplacer(entrees / "propositions.csv", "P1;0037273001;VILLE;15/01/2025;non;15/02/2025;3;candidats",
              "P1;0037273001;VILLE;15/01/2025;non;15/02/2025;3;annulation")  # fmt: skip
    publier(entrees, sorties)
    return Vie(entrees, sorties)


def lire_json(*arguments: object, attendu: int = 0) -> object:
    """What a command says with --json."""
    return json.loads(gestion_flux(*arguments, "--json", attendu=attendu).stdout)


DATEES = ("liberations", "propositions", "attributions", "sne", "previsions", "volumes_droits", "programmes_neufs")


def deposer_annee(racine: Path, annee: int, **en_plus: str) -> Path:
    """The small campaign as that year would drop it: same dwellings, same conventions, its events moved to the year.

    Only the first year has a table of objectives: the next ones take what was announced. `en_plus`: rows for a table.
    """
    entrees = racine / str(annee)
    entrees.mkdir(parents=True)

    def decaler(lu: re.Match[str]) -> str:
        return str(int(lu[1]) + annee - ANNEE)

    for nom, lignes in TABLES.items():
        if nom.startswith("rpls") or (nom == "objectifs" and annee > ANNEE):
            continue
        texte = texte_csv(lignes) + en_plus.get(nom, "")
        if nom in DATEES:
            texte = re.sub(r"(?<![0-9A-Za-z])(202[4-7])(?![0-9])", decaler, texte)
        (entrees / f"{nom}.csv").write_text(texte, encoding="utf-8", newline="")
    for millesime in (annee, annee + 1):
        parc = TABLES["rpls_2025" if millesime == ANNEE else "rpls_2026"]
        (entrees / f"rpls_{millesime}.csv").write_text(texte_csv(parc), encoding="utf-8", newline="")
    return entrees
