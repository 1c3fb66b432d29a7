"""Files that no one should drop: bombs, links, wrong formats, odd names (point 9), on a whole campaign.

The workbooks that the extraction refuses (`fichiers_hostiles.CAS`) are dropped under the name of a table.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.pannes.campagne_saine import TABLES
from tests.pannes.classeurs_bruts import archive, lignes_xlsx, parties_xlsx
from tests.pannes.fichiers_hostiles import CAS
from tests.pannes.variantes import IDENTIQUE, Dit, Fichiers, Variante, en_csv, en_xlsx

REFUSES = tuple(cas for cas in CAS if not cas.lisible)
"""Every hostile file that the extraction refuses whole."""


def _avec(remplace: str, partie: str, contenu: str) -> Fichiers:
    """The table as a workbook with one more part in its archive."""
    corps = lignes_xlsx([[c or None for c in ligne] for ligne in TABLES[remplace]])
    return {f"{remplace}.xlsx": archive(parties_xlsx(corps) | {partie: contenu})}


def _sous_un_autre_nom(remplace: str, nom: str, fichiers: Fichiers) -> Fichiers:
    (octets,) = fichiers.values()
    return {nom: octets}


LUS = (
    Variante(
        "macros",
        "attributions",
        lambda: _avec("attributions", "xl/vbaProject.bin", "x"),
        IDENTIQUE,
        (Dit("macros_ignorees", gravite="avertissement"),),
    ),
    Variante(
        "liens_externes",
        "liberations",
        lambda: _avec("liberations", "xl/externalLinks/externalLink1.xml", "<externalLink/>"),
        IDENTIQUE,
        (Dit("liens_externes_ignores", gravite="avertissement"),),
    ),
    Variante(
        "dde",
        "propositions",
        lambda: _avec(
            "propositions",
            "xl/externalLinks/externalLink1.xml",
            '<externalLink><ddeLink ddeService="cmd"/></externalLink>',
        ),
        IDENTIQUE,
        (Dit("lien_dde_ignore", gravite="avertissement"),),
    ),
    Variante(
        "csv_nomme_xlsx",
        "droits",
        lambda: _sous_un_autre_nom("droits", "droits.xlsx", en_csv("droits")),
        IDENTIQUE,
        (Dit("extension_trompeuse", gravite="avertissement"),),
    ),
    Variante(
        "xlsx_nomme_csv",
        "exclusions",
        lambda: _sous_un_autre_nom("exclusions", "exclusions.csv", en_xlsx("exclusions")),
        IDENTIQUE,
        (Dit("extension_trompeuse"),),
    ),
    Variante(
        "xlsx_nomme_xls",
        "sne",
        lambda: _sous_un_autre_nom("sne", "sne.xls", en_xlsx("sne")),
        IDENTIQUE,
        (Dit("extension_trompeuse"),),
    ),
    Variante(
        "nom_a_espaces_et_accents",
        "previsions",
        lambda: _sous_un_autre_nom("previsions", "Prévisions  été n° 1 (copie) & fin.csv", en_csv("previsions")),
        IDENTIQUE,
    ),
    Variante(
        "nom_a_formule",
        "objectifs",
        lambda: _sous_un_autre_nom("objectifs", "OBJECTIFS_=cmd'!A0'.csv", en_csv("objectifs")),
        IDENTIQUE,
    ),
    Variante(
        "nom_a_balises",
        "demandes",
        lambda: _sous_un_autre_nom("demandes", "demandes_<img src=x onerror=alert(1)>.csv", en_csv("demandes")),
        IDENTIQUE,
    ),
)


@dataclass(frozen=True)
class Piege:
    """Something put in the input folder that is no file to read; `code` says how it is refused."""

    nom: str
    poser: Callable[[Path], None]
    code: str
    gravite: str = "bloquant"


def _lier(dossier: Path) -> None:
    dehors = dossier.parent / "dehors.csv"
    dehors.write_text("annee;categorie;nombre\n2026;mutation_interne;9\n")
    (dossier / "previsions_lien.csv").symlink_to(dehors)


def _ecouter(dossier: Path) -> None:
    prise = socket.socket(socket.AF_UNIX)
    ici = Path.cwd()
    os.chdir(dossier)  # the path of a socket is short
    prise.bind("droits_prise.csv")
    os.chdir(ici)
    prise.close()


PIEGES = (
    Piege("previsions_lien.csv", _lier, "lien_symbolique"),
    Piege("attributions_zero.csv", lambda d: (d / "attributions_zero.csv").symlink_to("/dev/zero"), "lien_symbolique"),
    Piege("rpls_boucle.csv", lambda d: (d / "rpls_boucle.csv").symlink_to("rpls_boucle.csv"), "lien_symbolique"),
    Piege("sne_tube.csv", lambda d: os.mkfifo(d / "sne_tube.csv"), "pas_un_fichier"),
    Piege("droits_prise.csv", _ecouter, "pas_un_fichier"),
    Piege("liberations_2024", lambda d: (d / "liberations_2024").mkdir(), "sous_dossier", "avertissement"),
    Piege(
        "attribution_t2.csv", lambda d: (d / "attribution_t2.csv").write_text("x"), "table_inconnue", "avertissement"
    ),
    Piege(
        "droits.zip", lambda d: (d / "droits.zip").write_bytes(b"PK\5\6" + bytes(18)), "format_non_lu", "avertissement"
    ),
    Piege("~$droits.xlsx", lambda d: (d / "~$droits.xlsx").write_bytes(b"x"), "fichier_ignore", "information"),
)
