"""The workbook, opened as its reader's tools do: inert, complete, printable, the same bytes again."""

import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import time_machine
from openpyxl.worksheet.worksheet import Worksheet

from flows.livrables.classeur import ecrire_classeur
from flows.livrables.redaction import livrer_bilans, livrer_controles
from flows.livrables.tableau import Colonne, Document, Format, Tableau
from flows.livrables.theme import lire_theme
from tests.livrables.entrepot_exemple import INJECTION, construire

THEME = lire_theme()
FORMULES = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "{=1}", "http://exemple.invalid", "file:///etc/passwd"]


def document(*feuilles: Tableau) -> Document:
    return Document(
        dossier="R", nom="bilan_2025_R", titre="Bilan", sous_titre="Commune & Cie", sujet="Flux",
        date_arrete=date(2025, 12, 31), bandeaux=("DONNÉES FICTIVES – EXEMPLE",), alertes=("Attention",),
        identite=(("Bailleur", "Habitat"),), chiffres=(), phrases=("Une phrase.",), synthese=None, feuilles=feuilles,
    )  # fmt: skip


def ligne_d_entete(feuille: Worksheet) -> int:
    """Row of the headings: the one that the sheet repeats on each printed page."""
    return int(re.sub(r"\D", "", str(feuille.print_title_rows).split(":")[0]))


@pytest.fixture(scope="module")
def sorties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("classeurs")
    entrepot = construire(dossier / "flux.duckdb", rejetees=3)
    livrer_bilans(entrepot, dossier)
    livrer_controles(entrepot, dossier)
    return dossier


@pytest.fixture(scope="module")
def classeur(sorties: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(sorties / "bilan/R01/bilan_2025_R01.xlsx")


def test_les_feuilles_dans_l_ordre_de_lecture(classeur: openpyxl.Workbook) -> None:
    assert classeur.sheetnames == [
        "En bref", "Lisez-moi", "Vos logements", "Objectif", "Flux 2026", "Répartition", "Méthode",
    ]  # fmt: skip
    assert classeur.active is classeur["En bref"]


def test_chaque_feuille_s_imprime_en_a4_paysage_et_dit_ses_bandeaux(classeur: openpyxl.Workbook) -> None:
    for feuille in classeur:
        assert feuille.page_setup.paperSize == 9
        assert feuille.page_setup.orientation == "landscape" or feuille.title in (
            "Lisez-moi",
            "Répartition",
            "Objectif",
        )
        assert feuille.sheet_properties.pageSetUpPr.fitToPage
        assert "DONNÉES" not in feuille["A1"].value and feuille["A3"].value == "DONNÉES FICTIVES – EXEMPLE"
        assert "DONNÉES FICTIVES" in feuille.oddHeader.center.text
        assert "&P" in feuille.oddFooter.right.text
        if feuille.tables:
            entete = ligne_d_entete(feuille)
            assert feuille.freeze_panes == f"B{entete + 1}"


def test_un_tableau_nomme_par_feuille(classeur: openpyxl.Workbook) -> None:
    """A sheet without a row says so in words and has no table."""
    remplies = [feuille for feuille in classeur.worksheets if feuille.tables]
    assert len(remplies) >= 4
    for feuille in remplies:
        (tableau,) = feuille.tables.values()
        titres = [cellule.value for cellule in feuille[ligne_d_entete(feuille)]]
        assert [colonne.name for colonne in tableau.tableColumns] == titres
        assert len(set(titres)) == len(titres)


def test_des_graphiques_natifs(sorties: Path) -> None:
    with zipfile.ZipFile(sorties / "bilan/R02/bilan_2025_R02.xlsx") as archive:
        graphiques = [nom for nom in archive.namelist() if nom.startswith("xl/charts/chart")]
        assert len(graphiques) == 2
        assert b"<c:v>" in archive.read(graphiques[0])
        dessins = archive.read("xl/drawings/drawing1.xml").decode()
    assert re.search(r'descr="Dans le flux, de la proposition au bail. Proposés : Logements \d+ ; ', dessins)


def test_aucune_formule_que_les_notres_aucun_lien_aucun_auteur(sorties: Path) -> None:
    chemins = sorted(sorties.rglob("*.xlsx"))
    assert len(chemins) == 6
    for chemin in chemins:
        with zipfile.ZipFile(chemin) as archive:
            for nom in archive.namelist():
                contenu = archive.read(nom)
                if nom.startswith("xl/worksheets/sheet"):
                    formules = re.findall(rb"<f>(.*?)</f>", contenu)
                    assert all(re.fullmatch(rb"(?:[-+*/(),0-9]|ROUND|INT|MAX|[A-H]\d+)+", f) for f in formules)
                    assert all(b' location="' in lien for lien in re.findall(rb"<hyperlink [^>]*>", contenu))
                assert b"TargetMode" not in contenu
            proprietes = archive.read("docProps/core.xml").decode()
        assert re.search(r"<dc:creator></dc:creator>|<dc:creator/>", proprietes) or "creator" not in proprietes
        assert '<dcterms:created xsi:type="dcterms:W3CDTF">2025-12-31T00:00:00Z<' in proprietes


def test_les_liens_menent_aux_feuilles(classeur: openpyxl.Workbook) -> None:
    vus = set()
    for feuille in classeur:
        liens = [cellule.hyperlink for rangee in feuille for cellule in rangee if cellule.hyperlink]
        for lien in liens:
            nom = str(lien.location).rsplit("!", 1)[0].strip("'").replace("''", "'")
            assert nom in classeur.sheetnames
            vus.add((feuille.title, nom))
    assert {("Lisez-moi", nom) for nom in classeur.sheetnames[2:]} <= vus
    assert {(nom, "En bref") for nom in classeur.sheetnames[1:]} <= vus


def test_les_proprietes_du_document(classeur: openpyxl.Workbook) -> None:
    assert classeur.properties.title == "Gestion en flux : bilan 2025".replace(" :", "\u00a0:") + f" – {INJECTION}"
    assert classeur.properties.subject == "Bilan 2025 des réservations de logements sociaux et flux 2026"
    assert classeur.properties.created == datetime(2025, 12, 31)


def test_la_synthese_dit_qui_quoi_quand_et_alerte(classeur: openpyxl.Workbook) -> None:
    textes = [cellule.value for rangee in classeur["En bref"] for cellule in rangee if cellule.value is not None]
    assert INJECTION in textes and f"{INJECTION} (R01)" in textes
    assert "du 01/01/2025 au 31/12/2025" in textes and "Habitat d'Exemple" in textes
    assert any(str(texte).startswith("Attention\u00a0: 3") for texte in textes)
    assert Decimal(str(textes[textes.index("Promis en 2025") + 4])) == Decimal("12.34")


def test_les_nombres_sont_des_nombres_avec_leur_format(classeur: openpyxl.Workbook) -> None:
    feuille = classeur["Répartition"]
    entete = ligne_d_entete(feuille)
    titres = {cellule.value: cellule.column for cellule in feuille[entete]}
    axe = feuille.cell(entete + 1, titres["Axe"])
    assert (axe.data_type, axe.number_format, axe.value) == ("s", "@", "Total")
    nombre = feuille.cell(entete + 1, titres["Proposés"])
    assert (nombre.data_type, nombre.number_format) == ("n", "#,##0")
    part = feuille.cell(entete + 1, titres["Proposés, part"])
    assert (part.data_type, part.number_format) == ("n", '#,##0.0"\u00a0%"')
    flux = classeur["Flux 2026"]
    valeurs = {
        rangee[0].value: rangee[4] for rangee in flux.iter_rows(min_row=ligne_d_entete(flux) + 1) if rangee[0].value
    }
    assert (valeurs["h"].value, valeurs["h"].number_format) == (1.7, "#,##0.0")
    assert (valeurs["a"].value, valeurs["a"].number_format) == (20, "#,##0")


def test_les_formules_ont_leur_valeur_et_suivent_leur_colonne(sorties: Path) -> None:
    """Lines c and j of the flux follow their own column; a text that is no formula of ours is a value."""
    chemin = sorties / "bilan/R01/bilan_2025_R01.xlsx"
    cases, valeurs = (openpyxl.load_workbook(chemin, data_only=v)["Flux 2026"] for v in (False, True))
    entete = ligne_d_entete(cases)
    rangs = {cases.cell(i, 1).value: i for i in range(entete + 1, cases.max_row + 1) if cases.cell(i, 1).value}
    assert cases.cell(rangs["c"], 5).value == f"=E{rangs['a']}-E{rangs['b']}"
    assert cases.cell(rangs["j"], 5).value == f"=ROUND(E{rangs['h']}*E{rangs['i']}/100,2)"
    assert (valeurs.cell(rangs["c"], 5).value, valeurs.cell(rangs["j"], 5).value) == (20, 0.34)
    assert cases.cell(rangs["d"], 5).value == 6.77


@pytest.mark.parametrize("texte", FORMULES)
def test_un_texte_dangereux_reste_un_texte(tmp_path: Path, texte: str) -> None:
    colonnes = (Colonne("a", "A", Format.TEXTE, 20), Colonne("b", "B", Format.ENTIER, 20))
    tableau = Tableau("t", "Feuille", texte, texte, colonnes, [(texte, -12), (texte, texte)])
    chemin = ecrire_classeur(document(tableau), THEME, tmp_path / "c.xlsx")
    feuille = openpyxl.load_workbook(chemin)["Feuille"]
    cellules = [cellule for rangee in feuille for cellule in rangee if cellule.value is not None]
    assert all(cellule.data_type in ("s", "n") for cellule in cellules)
    assert [c.value for c in cellules if c.hyperlink] == ["Retour à « En bref »"]
    assert [cellule.value for cellule in cellules if cellule.data_type == "n"] == [-12]


def test_chaque_type_de_valeur(tmp_path: Path) -> None:
    colonnes = (
        Colonne("a", "A", Format.TEXTE, 20), Colonne("b", "B", Format.DATE, 12), Colonne("c", "C", Format.DECIMAL, 12),
        Colonne("d", "D", Format.POURCENT, 12, 1, "–"), Colonne("e", "E", Format.ENTIER, 12, absent="non fourni"),
    )  # fmt: skip
    lignes = [
        (True, date(2025, 2, 28), Decimal("-0.340000"), None, None),
        ("x" * 40_000, None, Decimal(3), Decimal(5), 7),
    ]
    chemin = ecrire_classeur(document(Tableau("t", "F", "T", "", colonnes, lignes)), THEME, tmp_path / "c.xlsx")
    feuille = openpyxl.load_workbook(chemin)["F"]
    premiere, seconde = list(feuille.iter_rows(min_row=ligne_d_entete(feuille) + 1))
    assert [c.value for c in premiere] == ["oui", datetime(2025, 2, 28), -0.34, "–", "non fourni"]
    assert premiere[1].number_format == "dd/mm/yyyy"
    assert premiere[2].number_format == "#,##0.00"
    assert len(str(seconde[0].value)) == 32_767
    assert [c.value for c in seconde[2:]] == [3, 5, 7]


def test_un_tableau_vide_dit_pourquoi(tmp_path: Path) -> None:
    colonnes = (Colonne("a", "A", Format.TEXTE, 20),)
    tableau = Tableau("t", "Feuille", "Titre", "", colonnes, [], message="Non fourni.")
    feuille = openpyxl.load_workbook(ecrire_classeur(document(tableau), THEME, tmp_path / "c.xlsx"))["Feuille"]
    assert not feuille.tables
    assert "Non fourni." in [cellule.value for rangee in feuille for cellule in rangee]


def test_les_memes_octets_ou_et_quand_que_ce_soit(
    sorties: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.chdir(tmp_path)
    with time_machine.travel(datetime(2031, 5, 17, 3, 4, 5)):
        livrer_bilans(sorties / "flux.duckdb", tmp_path / "bis")
        livrer_controles(sorties / "flux.duckdb", tmp_path / "bis")
    fichiers = sorted(f.relative_to(sorties) for lieu in ("bilan", "controles") for f in (sorties / lieu).rglob("*.*"))
    assert len(fichiers) == 33
    for fichier in fichiers:
        assert (tmp_path / "bis" / fichier).read_bytes() == (sorties / fichier).read_bytes(), fichier
