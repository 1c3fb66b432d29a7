"""Texts that a spreadsheet, a browser or Word would obey come out of the real command as texts."""

import csv
import re
import zipfile
from html import unescape
from pathlib import Path

import docx
import openpyxl
import pytest

from tests.pannes import corpus
from tests.pannes.campagne_saine import TABLES, deposer, texte_csv

LONG = "-2+3+cmd|' /C calc'!A0 & " + "très long " * 500
"""Five thousand characters, which begin as a formula does."""
POISONS = {
    ("reservataires", "libelle"): (
        '=HYPERLINK("http://x.invalid";"ici")',
        "+cmd|'/C calc'!A0",
        LONG.strip(),
    ),
    ("droits", "numero_convention"): ("@SUM(A1:A9)", "=1+1", "-9"),
    ("programmes_neufs", "operation"): ("<script>alert(7)</script>{{ 7*7 }}{% for x in y %}",),
    ("rpls_2025", "RS"): ("=2+5 & <b>Office</b>",) * 30,
    ("rpls_2026", "RS"): ("=2+5 & <b>Office</b>",) * 30,
    ("liberations", "motif_depart"): ("\t=1", "@x", "+1", "\r=2", "=3"),
    ("attributions", "motif_refus"): ("=1+1", "@a", "", "", ""),
}
NOMBRE = re.compile(r"-?\d+(?:[.,]\d+)?(?: %)?")
ACTIF = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(scope="module")
def sorties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a campaign full of such texts publishes."""
    dossier = tmp_path_factory.mktemp("injection")
    entrees = deposer(dossier / "in")
    for (table, colonne), textes in POISONS.items():
        lignes = [list(ligne) for ligne in TABLES[table]]
        for ligne, texte in zip(lignes[1:], textes, strict=True):
            ligne[lignes[0].index(colonne)] = texte
        (entrees / f"{table}.csv").write_text(texte_csv(lignes), encoding="utf-8", newline="")
    fin = corpus.executer("bilan", entrees, dossier / "out" / "2025")
    assert fin.code == 0, fin.erreurs
    fin = corpus.executer("etat-des-lieux", entrees, dossier / "out" / "2025", quand="30/11/2025")
    assert fin.code == 0, fin.erreurs
    return dossier / "out" / "2025"


def test_les_csv_sont_inertes(sorties: Path) -> None:
    """No cell begins as a formula does, but numbers, whose sign is intact."""
    cellules = [c for f in sorties.rglob("*.csv") for ligne in _lire(f) for c in ligne]
    assert len(cellules) > 500
    assert [c for c in cellules if c.startswith(ACTIF) and not NOMBRE.fullmatch(c)] == []
    assert any(c.startswith("-") for c in cellules), "aucun nombre négatif à garder intact"


NOTRE_FORMULE = re.compile(r"=(?:[A-Z]\d+|\d+(?:\.\d+)?|ROUND|ROUNDDOWN|MAX|MIN|INT|IF|SIGN|ABS|[-+*/(),<>=])+")
"""Cells of the sheet, numbers and arithmetic: no text, no other sheet, nothing that calls outside."""


def test_les_classeurs_n_ont_ni_formule_d_autrui_ni_lien_dehors(sorties: Path) -> None:
    textes = set()
    for fichier in sorties.rglob("*.xlsx"):
        for feuille in openpyxl.load_workbook(fichier).worksheets:
            for cellule in (c for ligne in feuille.iter_rows() for c in ligne if c.value is not None):
                ou = (fichier.name, feuille.title, cellule.coordinate, cellule.value)
                assert cellule.data_type != "f" or NOTRE_FORMULE.fullmatch(cellule.value), ou
                assert not (cellule.hyperlink and cellule.hyperlink.target), (fichier.name, cellule.coordinate)
                textes.add(str(cellule.value))
    for texte in ("=2+5 & <b>Office</b>", *POISONS["reservataires", "libelle"]):
        assert any(texte in lu for lu in textes), texte


def test_les_pages_echappent(sorties: Path) -> None:
    pages = [f.read_text(encoding="utf-8") for f in sorties.rglob("*.html")]
    assert len(pages) >= 5
    for page in pages:
        assert "<script>alert" not in page and "<b>Office" not in page
        assert 'href="http' not in page
    assert any("<script>alert(7)</script>{{ 7*7 }}" in unescape(page) for page in pages)


def test_un_libelle_de_5_000_caracteres_tient_partout(sorties: Path) -> None:
    """Whole where it is read, cut where Excel and Word allow no more: a workbook that they would repair is not one."""
    siens = [f for f in sorties.rglob("*.xlsx") if LONG.strip() in _textes_du_classeur(f)]
    assert len(siens) > 2
    for fichier in siens:
        lu = openpyxl.load_workbook(fichier)
        assert len(str(lu.properties.title)) <= 255 and len(str(lu.properties.subject)) <= 255
        for feuille in lu.worksheets:
            for bande in (feuille.oddHeader, feuille.oddFooter):
                assert sum(len(p.text or "") for p in (bande.left, bande.center, bande.right)) < 230, feuille.title
    (annexe,) = [f for f in sorties.rglob("annexe_*.docx") if LONG.strip() in "".join(_paragraphes(f))]
    assert len(docx.Document(str(annexe)).core_properties.title) <= 255
    assert any(LONG.strip() in unescape(f.read_text(encoding="utf-8")) for f in sorties.rglob("*.html"))


def _textes_du_classeur(fichier: Path) -> set[str]:
    feuilles = openpyxl.load_workbook(fichier, read_only=True).worksheets
    return {str(v) for feuille in feuilles for ligne in feuille.iter_rows(values_only=True) for v in ligne}


def _paragraphes(fichier: Path) -> list[str]:
    document = docx.Document(str(fichier))
    cellules = (c.text for t in document.tables for ligne in t.rows for c in ligne.cells)
    return [*(p.text for p in document.paragraphs), *cellules]


def test_les_annexes_n_ont_ni_champ_ni_balise(sorties: Path) -> None:
    annexes = sorted(sorties.rglob("annexe_*.docx"))
    assert len(annexes) == 3
    for annexe in annexes:
        with zipfile.ZipFile(annexe) as archive:
            corps = archive.read("word/document.xml").decode()
        assert "DDE" not in corps and "<b>Office" not in corps
        assert "=2+5 &amp; &lt;b&gt;Office&lt;/b&gt;" in corps


def _lire(fichier: Path) -> list[list[str]]:
    with fichier.open(encoding="utf-8-sig", newline="") as flux:
        return list(csv.reader(flux, delimiter=";"))
