"""Workbooks and parquet: the text that the user reads in each cell, at its row and column, whatever the format."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from openpyxl.chart import BarChart

from flows.anomalies import Anomalie, Gravite
from flows.depot.archives import Refus
from flows.depot.extraction import Feuille, extraire
from flows.depot.reperes import Reperes, format_utile
from tests.pannes.classeurs_bruts import Brut, Cellule, ligne_ods, lignes_xlsx, ods, table_ods, xls, xlsx

Lignes = dict[int, list[str | None]]


def lire(chemin: Path) -> tuple[dict[str, Feuille], dict[str, Lignes], list[Anomalie]]:
    """Sheets and their rows by line number, by name of sheet; the anomalies."""
    feuilles, anomalies = extraire([(chemin.name, chemin)], chemin.parent / "travail")
    lignes: dict[str, Lignes] = {}
    for feuille in feuilles:
        table = pa.ipc.open_file(str(feuille.lignes)).read_all()
        assert table.num_rows == feuille.nb_lignes
        assert table.column_names == ["ligne", *(f"c{i}" for i in range(1, table.num_columns))]
        numeros, *colonnes = (colonne.to_pylist() for colonne in table.columns)
        lignes[feuille.feuille] = {n: list(c) for n, *c in zip(numeros, *colonnes, strict=True)}
    return {feuille.feuille: feuille for feuille in feuilles}, lignes, anomalies


def deposer(dossier: Path, nom: str, octets: bytes) -> Path:
    chemin = dossier / nom
    chemin.write_bytes(octets)
    return chemin


def test_premieres_lignes_et_colonnes_vides(tmp_path: Path) -> None:
    """The numbers of rows and columns are those of the sheet, not of the filled range."""
    livre = openpyxl.Workbook()
    feuille = livre.active
    feuille["C4"], feuille["C6"], feuille["E6"], feuille["D9"] = "Titre", "code", "nombre", "x"
    feuille["G30"].number_format = "0.00"
    livre.save(tmp_path / "a.xlsx")
    _, lignes, _ = lire(tmp_path / "a.xlsx")
    assert lignes["Sheet"] == {
        4: [None, None, "Titre", None, None],
        6: [None, None, "code", None, "nombre"],
        9: [None, None, None, "x", None],
    }


VALEURS: list[tuple[object, str, str | None]] = [
    (37273076, "General", "37273076"),
    (37273076, "0000000000", "0037273076"),
    (1004, "00000", "01004"),
    (12345678901234, "General", "12345678901234"),
    (12345678901234, "0.00E+00", "12345678901234"),
    (2.0, "0.00", "2"),
    (0.1 + 0.2, "General", "0.3"),
    (495435087.0919, "General", "495435087.0919"),
    (1 / 3, "0.00", "0.333333333333333"),
    (-1234.5, "#,##0.00", "-1234.5"),
    (0.2863, "0.00%", "28.63%"),
    (0.2863, "0.0 %", "28.63%"),
    (0.07, "0%", "7%"),
    (True, "General", "true"),
    (False, "General", "false"),
    (dt.date(2024, 5, 6), "dd/mm/yyyy", "2024-05-06"),
    (dt.datetime(2024, 5, 6, 13, 45), "dd/mm/yyyy hh:mm", "2024-05-06 13:45:00"),
    (dt.date(1900, 3, 1), "yyyy-mm-dd", "1900-03-01"),
    (45418, "[$-40C]d mmmm yyyy;@", "2024-05-06"),
    (45418, '0" jours"', "45418"),
    (45418, "[Red]0;-0", "45418"),
    ("01004", "@", "01004"),
    ("2A004", "General", "2A004"),
    ("  espaces\u00a0", "General", "  espaces\u00a0"),
    ("deux\nlignes", "General", "deux\nlignes"),
    ("", "General", None),
]


def _par_openpyxl(chemin: Path) -> None:
    livre = openpyxl.Workbook()
    for i, (valeur, forme, _) in enumerate(VALEURS, start=1):
        livre.active.cell(i, 1, f"r{i}")
        livre.active.cell(i, 2, valeur).number_format = forme
    livre.save(chemin)


def _par_xlsxwriter(chemin: Path) -> None:
    with xlsxwriter.Workbook(str(chemin)) as livre:
        feuille = livre.add_worksheet("Sheet")
        for i, (valeur, forme, _) in enumerate(VALEURS):
            feuille.write(i, 0, f"r{i + 1}")
            feuille.write(i, 1, valeur, livre.add_format({"num_format": forme}))


@pytest.mark.parametrize("ecrire", [_par_openpyxl, _par_xlsxwriter])
def test_valeurs_comme_elles_se_lisent(tmp_path: Path, ecrire: Callable[[Path], None]) -> None:
    ecrire(tmp_path / "a.xlsx")
    _, lignes, anomalies = lire(tmp_path / "a.xlsx")
    lues = {i: cellules[1] for i, cellules in lignes["Sheet"].items()}
    assert lues == {i: attendu for i, (_, _, attendu) in enumerate(VALEURS, start=1)}
    assert [(a.gravite, a.code, a.colonne) for a in anomalies] == [(Gravite.INFORMATION, "format_pourcentage", "B")]


def test_beaucoup_de_nombres_exacts(tmp_path: Path) -> None:
    """No digit is lost nor added between the cell (16 digits, by openpyxl) and the text, after a blank column."""
    livre = openpyxl.Workbook()
    attendus: Lignes = {}
    for i in range(1, 1500):
        nombres = [10**13 + i * 7919, i * 1234.5678, i / 7, i * 987654.321, round(i / 1000, 3)]
        livre.active.append([None, *nombres])
        attendus[i] = [None, *(_quinze_chiffres(float(f"{nombre:.16g}")) for nombre in nombres)]
    livre.save(tmp_path / "a.xlsx")
    _, lignes, _ = lire(tmp_path / "a.xlsx")
    assert lignes["Sheet"] == attendus


def _quinze_chiffres(nombre: float) -> str:
    exact = format(Decimal(format(nombre, ".15g")), "f")
    return exact.rstrip("0").rstrip(".") if "." in exact else exact


def test_dates_1904(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx"), {"date_1904": True}) as livre:
        livre.add_worksheet("F").write_datetime(0, 0, dt.datetime(2024, 5, 6), livre.add_format({"num_format": 14}))
    assert lire(tmp_path / "a.xlsx")[1]["F"] == {1: ["2024-05-06"]}
    octets = xls({"F": {(0, 0): Cellule(43956, 1)}}, formats=("dd/mm/yyyy",), date_1904=True)
    assert lire(deposer(tmp_path, "a.xls", octets))[1]["F"] == {1: ["2024-05-06"]}


def test_textes_riches_partages_et_en_ligne(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as livre:
        feuille = livre.add_worksheet("F")
        feuille.write_rich_string(0, 0, "Ville ", livre.add_format({"bold": True}), "de", " Nîmes")
        feuille.write_url(1, 0, "http://exemple.fr", string="lien")
        feuille.write_comment("A1", "une note")
    assert lire(tmp_path / "a.xlsx")[1]["F"] == {1: ["Ville de Nîmes"], 2: ["lien"]}
    corps = (
        '<row r="2"><c r="B2" t="inlineStr"><is><r><t xml:space="preserve">en </t></r><r><t>ligne</t></r></is></c>'
        '<c r="C2" t="str"><f>A1</f><v>x &amp; y_x000D_\nz</v></c><c r="D2" t="d"><v>2024-05-06</v></c>'
        '<c r="E2" t="str"><f>""</f><v></v></c></row>'
    )
    _, lignes, anomalies = lire(deposer(tmp_path, "b.xlsx", xlsx(f"<sheetData>{corps}</sheetData>")))
    assert lignes["Feuil1"] == {2: [None, "en ligne", "x & y\nz", "2024-05-06"]}
    assert not anomalies


def test_cellules_en_erreur_gardees_et_toutes_dites(tmp_path: Path) -> None:
    erreurs = ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"]
    lignes_xml = "".join(f'<row r="{i}"><c r="B{i}" t="e"><v>{erreurs[i % 7]}</v></c></row>' for i in range(3, 103))
    _, lignes, anomalies = lire(deposer(tmp_path, "a.xlsx", xlsx(f"<sheetData>{lignes_xml}</sheetData>")))
    assert lignes["Feuil1"] == {i: [None, erreurs[i % 7]] for i in range(3, 103)}
    assert [(a.code, a.gravite, a.ligne, a.colonne, a.valeur) for a in anomalies] == [
        ("cellule_en_erreur", Gravite.ERREUR, i, "B", erreurs[i % 7]) for i in range(3, 103)
    ]


def test_formules_sans_valeur_une_par_une(tmp_path: Path) -> None:
    livre = openpyxl.Workbook()
    livre.active.append(["code", "nombre"])
    for i in range(2, 40):
        livre.active.append([f"A{i}", f"=ROW()+{i}"])
    livre.save(tmp_path / "a.xlsx")
    _, lignes, anomalies = lire(tmp_path / "a.xlsx")
    assert lignes["Sheet"][2] == ["A2", "#SANS_VALEUR!"]
    manquantes = [a for a in anomalies if a.code == "formule_sans_valeur"]
    assert [(a.ligne, a.colonne, a.gravite) for a in manquantes] == [(i, "B", Gravite.ERREUR) for i in range(2, 40)]


def test_fusions_feuilles_masquees_vides_et_graphiques(tmp_path: Path) -> None:
    livre = openpyxl.Workbook()
    feuille = livre.active
    feuille["B2"], feuille["B3"], feuille["C3"] = "Droits", "ds", "du"
    feuille.merge_cells("B2:C2")
    feuille.merge_cells("D5:D9")
    livre.create_sheet("Vide")
    livre.create_chartsheet("Graphe").add_chart(BarChart())
    for nom, etat in (("Cachée", "hidden"), ("Très cachée", "veryHidden")):
        livre.create_sheet(nom).append(["x"])
        livre[nom].sheet_state = etat
    livre.save(tmp_path / "a.xlsx")
    feuilles, lignes, _ = lire(tmp_path / "a.xlsx")
    assert {nom: f.masquee for nom, f in feuilles.items()} == {"Sheet": False, "Cachée": True, "Très cachée": True}
    assert set(feuilles["Sheet"].fusions) == {(2, 2, 2, 3), (5, 4, 9, 4)}
    assert lignes["Sheet"] == {2: [None, "Droits", None], 3: [None, "ds", "du"]}


def _fusions(plages: list[str]) -> bytes:
    fusions = "".join(f'<mergeCell ref="{plage}"/>' for plage in plages)
    return xlsx(lignes_xlsx([["Droits", "Fin"], ["ds", "x"]]) + f"<mergeCells>{fusions}</mergeCells>")


def test_les_fusions_sont_lues_au_dela_de_dix_mille(tmp_path: Path) -> None:
    feuilles, _, anomalies = lire(
        deposer(tmp_path, "a.xlsx", _fusions([f"Y{i}:Z{i}" for i in range(9, 30_009)] + ["B2:B3"]))
    )
    (feuille,) = feuilles.values()
    assert len(feuille.fusions) == 30_001 and feuille.fusions[-1] == (2, 2, 3, 2)
    assert anomalies == []


def test_trop_de_fusions_ou_des_fusions_qui_se_recouvrent_arretent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, anomalies = lire(deposer(tmp_path, "a.xlsx", _fusions([f"A1:{c}9" for c in "BCDEFGHIJK"])))
    assert [(a.code, a.gravite) for a in anomalies] == [("classeur_illisible", Gravite.BLOQUANT)]
    monkeypatch.setattr("flows.depot.reperes.FUSIONS_MAX", 2)
    reperes = Reperes()
    reperes.fusionner([(1, 1, 1, 2)] * 9 + [(2, 1, 2, 2)], "F")
    with pytest.raises(Refus) as refus:
        reperes.fusionner([(3, 1, 3, 2)], "F")
    assert (refus.value.anomalie("a").code, refus.value.anomalie("a").feuille) == ("trop_de_fusions", "F")


def test_feuille_protegee_sans_mot_de_passe_d_ouverture(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as livre:
        feuille = livre.add_worksheet("F")
        feuille.write(0, 0, "x")
        feuille.protect("secret")
    assert lire(tmp_path / "a.xlsx")[1]["F"] == {1: ["x"]}


def test_ods(tmp_path: Path) -> None:
    vides = '<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="9"/>'
    date = (
        '<table:table-cell office:value-type="date" office:date-value="{}"><text:p>06/05/24</text:p></table:table-cell>'
    )
    etalee = '<table:table-cell table:number-columns-spanned="2" office:value-type="string"><text:p>b</text:p>'
    part = '<table:table-cell office:value-type="percentage" office:value="0.2863"/>'
    vrai = '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
    erreur = (
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>{}</text:p></table:table-cell>'
    )
    table = table_ods(
        vides + "</table:table-row>",
        ligne_ods(None, Brut(etalee + "</table:table-cell><table:covered-table-cell/>"), "d"),
        ligne_ods(None, 12345678901234, 495435087.0919, Brut(part)),
        ligne_ods(None, Brut(date.format("2024-05-06")), Brut(date.format("2024-05-06T13:45:00")), Brut(vrai)),
        ligne_ods(None, Brut(erreur.format("#N/D")), Brut(erreur.format("Err:502"))),
        ligne_ods("rep", attributs=' table:number-rows-repeated="2"'),
        ligne_ods(None, Brut('<table:table-cell table:formula="of:=1+1"/>')),
        ligne_ods(
            Brut('<table:table-cell table:number-columns-repeated="16384"/>'),
            attributs=' table:number-rows-repeated="1048500"',
        ),
    )
    style = (
        '<style:style style:name="m" style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    cachee = table_ods(ligne_ods("x"), nom="Cachée", attributs=' table:style-name="m"')
    feuilles, lignes, anomalies = lire(deposer(tmp_path, "a.ods", ods(table, cachee, styles=style)))
    assert lignes["Feuille1"] == {
        4: [None, "b", None, "d"],
        5: [None, "12345678901234", "495435087.0919", "28.63%"],
        6: [None, "2024-05-06", "2024-05-06 13:45:00", "true"],
        7: [None, "#N/D", "#Err:502", None],
        8: ["rep", None, None, None],
        9: ["rep", None, None, None],
    }
    assert feuilles["Feuille1"].fusions == ((4, 2, 4, 3),)
    assert (feuilles["Cachée"].masquee, feuilles["Cachée"].format) == (True, "ods")
    assert [(a.code, a.ligne, a.colonne) for a in anomalies] == [
        ("cellule_en_erreur", 7, "B"),
        ("cellule_en_erreur", 7, "C"),
        ("formule_sans_valeur", 10, "B"),
        ("format_pourcentage", None, "D"),
    ]


def test_xls(tmp_path: Path) -> None:
    cellules = {
        (2, 1): "Droits – état",
        (3, 1): 37273076,
        (3, 2): 12345678901234.0,
        (4, 1): True,
        (4, 2): Cellule(45418, 1),
        (5, 1): Cellule(0.2863, 2),
        (5, 2): Cellule(1004, 3),
        (6, 1): Cellule(erreur=42),
        (6, 2): 1 / 3,
    }
    octets = xls(
        {"Données": cellules, "Cachée": {(0, 0): "x"}},
        formats=("dd/mm/yyyy", "0.00%", "00000"),
        fusions=((2, 1, 2, 3),),
        masquees=("Cachée",),
    )
    feuilles, lignes, anomalies = lire(deposer(tmp_path, "a.xls", octets))
    assert lignes["Données"] == {
        3: [None, "Droits – état", None],
        4: [None, "37273076", "12345678901234"],
        5: [None, "true", "2024-05-06"],
        6: [None, "28.63%", "01004"],
        7: [None, "#N/A", "0.333333333333333"],
    }
    assert feuilles["Données"].fusions == ((3, 2, 3, 4),)
    assert [(nom, f.masquee, f.format) for nom, f in feuilles.items()] == [
        ("Données", False, "xls"),
        ("Cachée", True, "xls"),
    ]
    assert [(a.code, a.ligne) for a in anomalies] == [("cellule_en_erreur", 7), ("format_pourcentage", None)]


def test_parquet(tmp_path: Path) -> None:
    minuit = dt.datetime(2024, 1, 2)
    table = pa.table(
        {
            "code": ["01004", None, ""],
            "siret": [12345678901234, None, 3],
            "taux": [1.0, float("nan"), 0.1 + 0.2],
            "simple": pa.array([0.1, 1e13, 2], pa.float32()),
            "jour": [dt.date(2024, 1, 2)] * 3,
            "instant": [minuit, minuit.replace(hour=3, minute=4), None],
            "local": pa.array([dt.datetime(2024, 1, 1, 23, tzinfo=dt.UTC)] * 3, pa.timestamp("us", "Europe/Paris")),
            "vrai": [True, False, None],
            "exact": [Decimal("1.50"), Decimal("-0.05"), None],
            "liste": pa.array(["x", "y", "x"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    feuilles, lignes, anomalies = lire(tmp_path / "a.parquet")
    jour = "2024-01-02"
    assert lignes[""] == {
        1: table.column_names,
        2: ["01004", "12345678901234", "1", "0.1", jour, jour, jour, "true", "1.5", "x"],
        3: [None, None, None, "10000000000000", jour, f"{jour} 03:04:00", jour, "false", "-0.05", "y"],
        4: [None, "3", "0.3", "2", jour, None, jour, None, None, "x"],
    }
    assert feuilles[""].format == "parquet"
    assert not anomalies


def test_le_contenu_decide_et_non_l_extension(tmp_path: Path) -> None:
    corps = lignes_xlsx([["code", "nombre"], ["A", 1]])
    for nom, octets, forme in (
        ("a.csv", xlsx(corps), "xlsx"),
        ("b.xls", xlsx(corps), "xlsx"),
        ("c.xlsx", b"code;nombre\nA;1\n", "csv"),
        ("d.ods", xls({"F": {(0, 0): "code", (0, 1): "nombre", (1, 0): "A", (1, 1): 1}}), "xls"),
        ("e.xlsx", ods(table_ods(ligne_ods("code", "nombre"), ligne_ods("A", 1))), "ods"),
    ):
        feuilles, lignes, anomalies = lire(deposer(tmp_path, nom, octets))
        assert list(lignes.values()) == [{1: ["code", "nombre"], 2: ["A", "1"]}]
        assert [f.format for f in feuilles.values()] == [forme]
        assert [(a.gravite, a.code) for a in anomalies] == [(Gravite.AVERTISSEMENT, "extension_trompeuse")]
    assert not lire(deposer(tmp_path, "f.xlsm", xlsx(corps)))[2]


def test_plusieurs_fichiers_dans_l_ordre(tmp_path: Path) -> None:
    noms = ["b.csv", "a.xlsx", "c.csv"]
    for nom in noms:
        deposer(tmp_path, nom, xlsx(lignes_xlsx([["x"]])) if nom.endswith("xlsx") else b"x;y\n")
    feuilles, anomalies = extraire([(nom, tmp_path / nom) for nom in noms], tmp_path / "travail")
    assert [f.fichier for f in feuilles] == noms
    assert len({f.lignes for f in feuilles}) == 3
    assert not anomalies


@pytest.mark.parametrize(
    ("code", "utile"),
    [
        ("0%", "%"),
        ('0.00" %"', ""),
        ("0\\%", ""),
        ("[Red]0.0%", "%"),
        ("00000", "00000"),
        ("00000;@", "00000"),
        ("[$-40C]00000", "00000"),
        ("0", ""),
        ("0.00", ""),
        ("General", ""),
        ("dd/mm/yyyy", ""),
    ],
)
def test_formats_qui_changent_la_lecture(code: str, utile: str) -> None:
    assert format_utile(code) == utile
