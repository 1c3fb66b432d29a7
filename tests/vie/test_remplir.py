"""Any recipient's workbook is filled by a mapping: what is there stays, what could not be filled is said."""

import csv
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from flows.anomalies import ArretBloquant, MauvaisUsage
from flows.chemins import EXEMPLE, GABARITS
from flows.vie import rapprochement, remplissage
from tests.commande import gestion_flux

BILAN = GABARITS / "remplir" / "bilan_par_reservataire.xlsx"
ETAT = GABARITS / "remplir" / "etat_des_lieux_niveau_1.xlsx"


@pytest.fixture(scope="module")
def sorties(exemple_publie: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published example, with its état des lieux."""
    copie = tmp_path_factory.mktemp("remplir") / "2025"
    shutil.copytree(exemple_publie[0], copie)
    gestion_flux("etat-des-lieux", 2025, "--entrees", EXEMPLE, "--sorties", copie)
    return copie


def publie(sorties: Path, code: str, mesure: str, dimension: str = "total", modalite: str = "total") -> str:
    with (sorties / "bilan" / code / f"bilan_2025_{code}.csv").open(encoding="utf-8-sig", newline="") as flux:
        lignes = csv.DictReader(flux, delimiter=";")
        return next(
            (
                x["nombre"]
                for x in lignes
                if (x["mesure"], x["dimension"], x["modalite"]) == (mesure, dimension, modalite)
            ),
            "0",
        )


@pytest.mark.parametrize("classeur", [BILAN, ETAT])
def test_la_correspondance_livree_est_celle_que_la_commande_propose(
    classeur: Path, sorties: Path, tmp_path: Path
) -> None:
    propose = tmp_path / "correspondance.csv"
    gestion_flux("remplir", classeur, "--sorties", sorties, "--vers", propose)
    assert propose.read_bytes() == classeur.with_suffix(".csv").read_bytes()


def test_un_bilan_par_reservataire_est_rempli(sorties: Path, tmp_path: Path) -> None:
    vers = tmp_path / "rempli.xlsx"
    avant = BILAN.read_bytes()
    fin = gestion_flux("remplir", BILAN, "--avec", BILAN.with_suffix(".csv"), "--sorties", sorties, "--vers", vers)
    assert "colonne J « Observations » : sans correspondance" in fin.stdout
    assert "« Réservataire qui n'est pas chez nous » n'est pas publié" in fin.stdout
    assert "B14 : non fourni (objectif)" in fin.stdout and "Ville de Mamoudzou" in fin.stdout
    feuille = openpyxl.load_workbook(vers)["Bilan"]
    ligne = next(
        rangee for rangee in feuille.iter_rows(min_row=7) if str(rangee[0].value).startswith("Ville de Bastia")
    )
    attendus = [
        publie(sorties, "BASTIA", *quoi)
        for quoi in (
            *(("objectif",), ("decompte",), ("proposes",), ("proposes", "qpv", "en_qpv"), ("attribues",)),
            *(("attribues", "qpv", "en_qpv"), ("attribues", "qpv", "hors_qpv")),
        )
    ]
    assert [str(case.value).replace(".", ",") for case in ligne[1:8]] == attendus
    assert (ligne[8].value, ligne[8].number_format) == (1, "0.0%")
    origine = openpyxl.load_workbook(BILAN)["Bilan"]
    for rangee in origine.iter_rows():
        for case in rangee:
            autre = feuille[case.coordinate]
            assert autre._style == case._style, case.coordinate
            assert case.value is None or autre.value == case.value, case.coordinate
    assert feuille.cell(feuille.max_row, 2).value == f"=SUM(B7:B{feuille.max_row - 1})"
    assert BILAN.read_bytes() == avant


def test_un_etat_des_lieux_de_niveau_1_est_rempli(sorties: Path, tmp_path: Path) -> None:
    vers = tmp_path / "rempli.xlsx"
    gestion_flux("remplir", ETAT, "--avec", ETAT.with_suffix(".csv"), "--sorties", sorties, "--vers", vers)
    feuille = openpyxl.load_workbook(vers)["Niveau 1"]
    lignes = [r for r in feuille.iter_rows(min_row=6, max_col=7, values_only=True) if r[6] is not None]
    source = next((sorties / "etat_des_lieux" / "_bailleur").glob("*.csv"))
    with source.open(encoding="utf-8-sig", newline="") as flux:
        droits = [x for x in csv.DictReader(flux, delimiter=";") if x["etat"] == "en_cours"]
    assert sum(int(str(r[6])) for r in lignes) == sum(int(x["nombre_droits"]) for x in droits) > 0
    assert len({r[:6] for r in lignes}) == len(lignes) and feuille["B2"].value == "=SUM(G6:G605)"
    assert feuille["G7"].number_format == "0"


def test_une_place_trop_petite_est_dite(sorties: Path, tmp_path: Path) -> None:
    livre = openpyxl.load_workbook(ETAT)
    livre["Niveau 1"]["A9"] = "Total"
    petit, vers = tmp_path / "petit.xlsx", tmp_path / "rempli.xlsx"
    livre.save(petit)
    rendu = remplissage.remplir(petit, remplissage.lire_correspondance(ETAT.with_suffix(".csv")), sorties, vers)
    assert any("la place s'arrête à la ligne 8" in manque for manque in rendu.manques)
    assert openpyxl.load_workbook(vers)["Niveau 1"]["A9"].value == "Total"


def test_ce_qui_ne_peut_pas_etre_rempli_est_refuse(sorties: Path, tmp_path: Path) -> None:
    livre = openpyxl.load_workbook(BILAN)
    livre["Bilan"].protection.sheet = True
    livre.save(tmp_path / "protege.xlsx")
    livre["Bilan"].protection.sheet = False
    livre["Bilan"]["D5"] = "Nombre de garages"
    livre.save(tmp_path / "autre.xlsx")
    livre["Bilan"].title = "Bilans"
    livre.save(tmp_path / "renomme.xlsx")
    (tmp_path / "chiffre.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    (tmp_path / "texte.xlsx").write_text("a;b", encoding="utf-8")
    shutil.copy(BILAN, tmp_path / "macros.xlsx")
    with zipfile.ZipFile(tmp_path / "macros.xlsx", "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"")
    for nom, mot in (
        ("protege", "est protégée"), ("autre", "Nombre de garages"), ("renomme", "Vouliez-vous dire « Bilans »"),
        ("chiffre", "mot de passe"), ("texte", "n'est pas un classeur"), ("macros", "macros"),
        ("absent", "n'existe pas"),
    ):  # fmt: skip
        fin = gestion_flux(
            *("remplir", tmp_path / f"{nom}.xlsx", "--avec", BILAN.with_suffix(".csv"), "--sorties", sorties), attendu=2
        )
        assert mot in fin.stderr, nom
        assert not (tmp_path / f"{nom}-rempli.xlsx").exists()


FUSION = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
LOIN = b'<row r="1048576"><c r="XFD1048576" s="0"/></row>'


@pytest.mark.parametrize(
    ("partie", "avant", "apres", "mot"),
    [
        ("xl/worksheets/sheet2.xml", b"</sheetData>", b"</sheetData>" + FUSION, "trop de mémoire"),
        ("xl/worksheets/sheet2.xml", b"</sheetData>", LOIN + b"</sheetData>", "colonne XFD"),
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData>" + b" " * (21 << 20), "bombe de décompression"),
        ("xl/worksheets/sheet1.xml", b"<worksheet", b"<!DOCTYPE x><worksheet", "DOCTYPE"),
        ("xl/styles.xml", b"<cellXfs", b"<cellXf", "abîmé ou d'une forme inhabituelle"),
    ],
)
def test_un_classeur_piege_est_refuse_avant_d_etre_ouvert(
    sorties: Path, tmp_path: Path, partie: str, avant: bytes, apres: bytes, mot: str
) -> None:
    """Whatever a workbook holds, a process that is bounded opens it first: even a sheet that says nothing."""
    livre = openpyxl.Workbook()
    assert livre.active is not None
    livre.active.append(["N° RPLS", "ESI"])
    livre.create_sheet("Vide")
    livre.save(tmp_path / "sain.xlsx")
    assert len(remplissage.proposer(tmp_path / "sain.xlsx", sorties)) == 2
    with (
        zipfile.ZipFile(tmp_path / "sain.xlsx") as sain,
        zipfile.ZipFile(tmp_path / "piege.xlsx", "w", zipfile.ZIP_DEFLATED) as piege,
    ):
        for nom in sain.namelist():
            octets = sain.read(nom)
            assert nom != partie or avant in octets
            piege.writestr(nom, octets.replace(avant, apres) if nom == partie else octets)
    with pytest.raises(ArretBloquant, match=mot):
        remplissage.proposer(tmp_path / "piege.xlsx", sorties)


def test_des_fractions_de_droit_s_additionnent(sorties: Path, tmp_path: Path) -> None:
    """Half a right and half a right are one; what is added up is the field that the mapping names."""
    copie = tmp_path / "2025"
    (copie / "etat_des_lieux" / "_bailleur").mkdir(parents=True)
    source = next((sorties / "etat_des_lieux" / "_bailleur").glob("*.csv"))
    with source.open(encoding="utf-8-sig", newline="") as flux:
        droits = [x for x in csv.DictReader(flux, delimiter=";") if x["etat"] == "en_cours"]
    moities = [{**droits[0], "commune": "Ici", "nombre_droits": nombre} for nombre in ("0,5", "0,5", "0,25")]
    with (copie / "etat_des_lieux" / "_bailleur" / source.name).open("w", encoding="utf-8", newline="") as flux:
        ecrivain = csv.DictWriter(flux, list(moities[0]), delimiter=";")
        ecrivain.writeheader()
        ecrivain.writerows(moities)
    cibles = [
        remplissage.Cible("F", 1, "A", "Commune", "etat_des_lieux", "commune", "", 2),
        remplissage.Cible("F", 1, "B", "Droits", "etat_des_lieux", "nombre_droits", "somme", 3),
        remplissage.Cible("F", 1, "C", "Lignes", "etat_des_lieux", "ident_rep", "compte", 4),
    ]
    livre = openpyxl.Workbook()
    assert livre.active is not None
    livre.active.title = "F"
    livre.active.append(["Commune", "Droits", "Lignes"])
    livre.save(tmp_path / "recu.xlsx")
    vers = tmp_path / "rempli.xlsx"
    remplissage.remplir(tmp_path / "recu.xlsx", cibles, copie, vers)
    assert list(openpyxl.load_workbook(vers)["F"].values)[1:] == [("Ici", 1.25, 3)]
    faute = [cibles[0], replace(cibles[1], champ="typologie")]
    with pytest.raises(MauvaisUsage, match="« typologie » n'est pas un nombre"):
        remplissage.remplir(tmp_path / "recu.xlsx", faute, copie, vers)


def test_une_correspondance_se_lit_comme_un_tableur_l_enregistre(tmp_path: Path) -> None:
    origine = BILAN.with_suffix(".csv").read_text(encoding="utf-8-sig")
    attendue = remplissage.lire_correspondance(BILAN.with_suffix(".csv"))
    autre = tmp_path / "autre.csv"
    for texte, encodage in ((origine.replace(";", "\t"), "utf-16"), (f"sep=;\n{origine}", "cp1252")):
        autre.write_text(texte, encoding=encodage, newline="")
        assert [replace(c, numero=0) for c in remplissage.lire_correspondance(autre)] == [
            replace(c, numero=0) for c in attendue
        ]
    autre.write_bytes(origine.encode("cp1252").replace(b"Observations", b"Obs\x81\x8d\xe9"))
    assert remplissage.lire_correspondance(autre)[-1].intitule.endswith("é")
    autre.write_bytes(origine.encode().replace(b"Observations", b"\0"))
    with pytest.raises(ArretBloquant, match="pas un texte"):
        remplissage.lire_correspondance(autre)


@pytest.mark.parametrize(
    ("avant", "apres", "mot"),
    [
        ("reservataires;objectif;", "reservataire;objectif;", "ligne 3"),
        ("reservataires;objectif;", "reservataires;objectifs;", "objectif"),
        (";cle", ";cles", "cle"),
        ("Bilan;5;B", "Bilan;5;2", "une lettre"),
        ("feuille;", "onglet;", "feuille"),
    ],
)
def test_une_faute_de_la_correspondance_est_dite(
    sorties: Path, tmp_path: Path, avant: str, apres: str, mot: str
) -> None:
    texte = BILAN.with_suffix(".csv").read_text(encoding="utf-8-sig")
    assert avant in texte
    faux = tmp_path / "faux.csv"
    faux.write_text(texte.replace(avant, apres), encoding="utf-8")
    with pytest.raises(MauvaisUsage, match=mot):
        remplissage.remplir(BILAN, remplissage.lire_correspondance(faux), sorties, tmp_path / "rempli.xlsx")


def test_un_etat_des_lieux_se_lit_a_cote_de_la_liste_recue(sorties: Path, tmp_path: Path) -> None:
    """One right is not in their list, one is theirs only, one has another convention: all three are found, no other."""
    source = next((sorties / "etat_des_lieux" / "BASTIA").glob("*.csv"))
    with source.open(encoding="utf-8-sig", newline="") as flux:
        notres = [x for x in csv.DictReader(flux, delimiter=";") if x["etat"] == "en_cours"]
    livre = openpyxl.Workbook()
    feuille = livre.active
    assert feuille is not None
    feuille.append(["Nos droits (ville)"])
    feuille.append(["N° RPLS", "Commune", "N° de convention", "Date de fin", "Remarque"])
    for droit in notres[1:]:
        feuille.append([droit["ident_rep"].lstrip("0"), droit["commune"].upper(), droit["numero_convention"], "", "x"])
    feuille["C3"] = "AUTRE-01"
    feuille.append(["0999999999", "Bastia", "INCONNUE", "", ""])
    livre.save(tmp_path / "liste.xlsx")
    vers = tmp_path / "cote_a_cote.xlsx"
    commande = ("rapprocher", tmp_path / "liste.xlsx", "--reservataire", "BASTIA", "--sorties", sorties)
    dit = gestion_flux(*commande, "--vers", vers).stdout
    assert f"{len(notres) - 1}\u00a0droits des deux côtés, dont 1 avec un écart" in dit
    assert "1\u00a0droit chez nous seulement, 1 chez eux seulement" in dit and "ne dit pas : Typologie" in dit
    pages = openpyxl.load_workbook(vers)
    assert {"Des deux côtés", "Chez nous seulement", "Chez eux seulement"} <= {*pages.sheetnames}
    textes = {
        nom: " ".join(str(c) for r in pages[nom].iter_rows(values_only=True) for c in r if c)
        for nom in pages.sheetnames
    }
    assert notres[0]["ident_rep"] in textes["Chez nous seulement"] and "0999999999" in textes["Chez eux seulement"]
    assert "AUTRE-01 chez eux" in textes["Des deux côtés"]
    (tmp_path / "vide.csv").write_text("commune\nBastia\n", encoding="utf-8")
    fin = gestion_flux("rapprocher", tmp_path / "vide.csv", *commande[2:], attendu=2)
    assert "ne désigne aucun logement" in fin.stderr


DIT = "N° RPLS;Début;Fin;Droits;Nature;Commune"
"""Headings that the command itself writes."""


def leur_liste(sorties: Path) -> list[list[str]]:
    """The rights of Bastia as somebody else writes them: French dates, `1,0`, libellés in place of codes."""
    source = next((sorties / "etat_des_lieux" / "BASTIA").glob("*.csv"))
    natures = {"ds": "Droit de suite", "du": "Droit unique", "contingent": "CONTINGENT"}
    lignes = []
    with source.open(encoding="utf-8-sig", newline="") as flux:
        for droit in (x for x in csv.DictReader(flux, delimiter=";") if x["etat"] == "en_cours"):
            debut, fin = ("/".join(reversed(droit[nom].split("-"))) for nom in ("date_debut", "date_fin"))
            nombre = f"{droit['nombre_droits']},0"
            lignes.append([droit["ident_rep"], debut, fin, nombre, natures[droit["nature_droit"]], droit["commune"]])
    return lignes


@pytest.mark.parametrize(
    ("nom", "separateur", "encodage", "avant", "fin"),
    [
        ("point_virgule", ";", "utf-8", "", ""),
        ("tabulation", "\t", "utf-8", "", ""),
        ("virgule", ",", "utf-8-sig", "", ""),
        ("utf16", "\t", "utf-16", "", ""),
        ("cp1252", ";", "cp1252", "", ""),
        ("sep", ";", "utf-8", "sep=;\n", ""),
        ("traine", ";", "utf-8", "", ";"),
    ],
)
def test_la_liste_recue_est_lue_comme_un_fichier_de_campagne(
    sorties: Path, tmp_path: Path, nom: str, separateur: str, encodage: str, avant: str, fin: str
) -> None:
    lignes = leur_liste(sorties)
    textes = [DIT.replace(";", separateur)]
    textes += [separateur.join(f'"{mot}"' if separateur in mot else mot for mot in ligne) + fin for ligne in lignes]
    fichier = tmp_path / f"{nom}.csv"
    fichier.write_bytes((avant + "\n".join(textes) + "\n").encode(encodage))
    rendu = rapprochement.rapprocher(fichier, sorties, "BASTIA")
    assert len(rendu.communs) == len(lignes) > 1 and not rendu.ici and not rendu.ailleurs
    assert [rendu.ecarts(paire) for paire in rendu.communs if rendu.ecarts(paire)] == []
    assert rendu.phrases[-1] == "Leur liste ne dit pas : Typologie, N° de convention." and not rendu.remarques


def test_un_ecart_reel_est_dit_en_francais(sorties: Path, tmp_path: Path) -> None:
    lignes = leur_liste(sorties)
    lignes[0] = [lignes[0][0], "02/01/1999", lignes[0][2], "0,5", *lignes[0][4:]]
    lignes[1][3] = "dix"
    fichier = tmp_path / "liste.csv"
    fichier.write_text("\n".join([DIT, *(";".join(ligne) for ligne in lignes), ""]), encoding="utf-8")
    rendu = rapprochement.rapprocher(fichier, sorties, "BASTIA")
    ecarts = [ecart for paire in rendu.communs for ecart in rendu.ecarts(paire)]
    assert len(ecarts) == 2 and any("1 chez nous, 0,5 chez eux" in e for e in ecarts)
    assert any(e.startswith("Début : ") and e.endswith("02/01/1999 chez eux") for e in ecarts)
    (remarque,) = rendu.remarques
    assert "« dix » est illisible" in remarque.message and remarque.lignes == "3"


def test_une_liste_en_classeur_est_lue_par_ses_valeurs(sorties: Path, tmp_path: Path) -> None:
    """Two levels of headings, a formula whose result is kept, a dwelling alone: as the spreadsheet shows them."""
    lignes = leur_liste(sorties)
    with xlsxwriter.Workbook(tmp_path / "liste.xlsx") as livre:
        feuille = livre.add_worksheet("Droits")
        feuille.merge_range(0, 1, 0, 2, "Localisation du bien")
        feuille.write_row(1, 0, ["Lot", "N° RPLS", "Commune"])
        for i, ligne in enumerate(lignes, 2):
            feuille.write_string(i, 0, ligne[0])
            feuille.write_formula(i, 1, f"=A{i + 1}", None, ligne[0])
            feuille.write_string(i, 2, ligne[5])
    rendu = rapprochement.rapprocher(tmp_path / "liste.xlsx", sorties, "BASTIA")
    assert len(rendu.communs) == len(lignes) and not rendu.ailleurs and "commune" in rendu.colonnes
    (tmp_path / "seule.csv").write_text("\n".join(["N° RPLS", *(ligne[0] for ligne in lignes), ""]), encoding="utf-8")
    assert len(rapprochement.rapprocher(tmp_path / "seule.csv", sorties, "BASTIA").communs) == len(lignes)


def test_une_liste_qui_ne_se_lit_pas_est_refusee(sorties: Path, tmp_path: Path) -> None:
    corps = "\n".join([DIT, *(";".join(ligne) for ligne in leur_liste(sorties)), ""])
    (tmp_path / "guillemet.csv").write_text(corps.replace("\n0", '\n"0', 1), encoding="utf-8")
    with pytest.raises(ArretBloquant, match="guillemet ouvert à la ligne 2"):
        rapprochement.rapprocher(tmp_path / "guillemet.csv", sorties, "BASTIA")
    (tmp_path / "faux.csv").write_text(f"{DIT}\nlogement n° 3;;;;;Bastia\n", encoding="utf-8")
    with pytest.raises(ArretBloquant) as arret:
        rapprochement.rapprocher(tmp_path / "faux.csv", sorties, "BASTIA")
    assert {"valeur_illisible", "table_rejetee"} == {a.code for a in arret.value.anomalies}
