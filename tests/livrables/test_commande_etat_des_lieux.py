"""The command `etat-des-lieux`: what it writes, in the form of [002] annexe 4, and what it leaves alone."""

import csv
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from flows.anomalies import ArretBloquant
from flows.chemins import GABARITS
from flows.commande.principale import main
from flows.livrables.etats import GABARIT, SYNTHESE
from flows.livrables.verification_gabarits import verifier_document
from tests.modeles.harnais import cas, lire_texte

JOUR = "2025-11-30"
BIEN = "Informations sur le bien (au 30/11/2025)"
CONVENTION = "Informations sur les conventions de réservation"
ANNEXE_4 = [
    *("ESI", "Nom de la résidence", "N° RPLS", "Réservataire du bien", "Département", "EPCI", "Commune", "En QPV"),
    *("Typologie du bien", "Type de financement", "Collectif / Individuel"),
    *("Date de début de la convention", "Date de fin de la convention"),
]


def deposer(dossier: Path, tables: Mapping[str, str]) -> Path:
    """Lays the tables of a case as files, one per millésime for RPLS."""
    dossier.mkdir(parents=True)
    for nom, texte in tables.items():
        entete, rangs = lire_texte(texte)
        parts = (
            {f"rpls_{m}": [r for r in rangs if r[0] == m] for m in ("2025", "2026")} if nom == "rpls" else {nom: rangs}
        )
        for fichier, lignes in parts.items():
            with (dossier / f"{fichier}.csv").open("w", encoding="utf-8", newline="") as flux:
                csv.writer(flux, delimiter=";").writerows([entete, *lignes])
    return dossier


def lancer(entrees: Path, sorties: Path, *verbe: str) -> int:
    return main([*verbe, "--entrees", str(entrees), "--sorties", str(sorties)])


def chemin(sorties: Path, code: str, suffixe: str, jour: str = JOUR) -> Path:
    return sorties / "etat_des_lieux" / code / f"etat_des_lieux_{jour}_{code}{suffixe}"


def lire_csv(fichier: Path) -> list[dict[str, str]]:
    with fichier.open(encoding="utf-8-sig", newline="") as flux:
        return list(csv.DictReader(flux, delimiter=";"))


def empreintes(dossier: Path) -> dict[str, str]:
    fichiers = (f for f in dossier.rglob("*") if f.is_file() and f.name != "manifeste.json")
    return {f.relative_to(dossier).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in fichiers}


def titres(feuille: Worksheet) -> tuple[int, list[str]]:
    """Row number of the headings, and the headings."""
    (tableau,) = feuille.tables.values()
    premiere, *_ = feuille[tableau.ref]
    return premiere[0].row, [str(cellule.value) for cellule in premiere]


@pytest.fixture(scope="module")
def publie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Inputs and outputs of a run on the case counted by hand."""
    dossier = tmp_path_factory.mktemp("etat")
    entrees = deposer(dossier / "entrees", cas("etat_des_lieux"))
    assert lancer(entrees, dossier / "sorties", "etat-des-lieux", "30/11/2025") == 0
    yield entrees, dossier / "sorties"


def test_un_classeur_et_un_csv_par_reservataire_et_pour_le_bailleur(publie: tuple[Path, Path]) -> None:
    attendus = {"manifeste.json"}
    for code in ("VILLE", "DEPT", "_bailleur"):
        attendus |= {chemin(Path(), code, suffixe).as_posix() for suffixe in (".xlsx", ".csv")}
    assert {f.relative_to(publie[1]).as_posix() for f in publie[1].rglob("*") if f.is_file()} == attendus


def test_les_colonnes_et_le_titre_a_deux_niveaux_de_l_annexe_4(publie: tuple[Path, Path]) -> None:
    feuille = openpyxl.load_workbook(chemin(publie[1], "VILLE", ".xlsx"))["État des lieux"]
    ligne, lus = titres(feuille)
    assert lus[: len(ANNEXE_4)] == ANNEXE_4
    fusions = {str(zone): feuille.cell(zone.min_row, zone.min_col).value for zone in feuille.merged_cells.ranges}
    assert fusions[f"A{ligne - 2}:K{ligne - 2}"] == BIEN
    assert fusions[f"F{ligne - 1}:H{ligne - 1}"] == "Localisation du bien"
    assert fusions[f"L{ligne - 2}:N{ligne - 2}"] == CONVENTION


def test_le_classeur_et_le_csv_disent_la_meme_chose(publie: tuple[Path, Path]) -> None:
    feuille = openpyxl.load_workbook(chemin(publie[1], "VILLE", ".xlsx"))["État des lieux"]
    ligne, lus = titres(feuille)
    rang = {titre: i for i, titre in enumerate(lus)}
    classeur = sorted(
        (cellules[rang["N° RPLS"]], cellules[rang["État"]], cellules[rang["Pourquoi il finit"]])
        for cellules in feuille.iter_rows(min_row=ligne + 1, values_only=True)
    )
    etats = {"en_cours": "En cours", "pas_commence": "Pas encore commencé", "eteint": "Éteint"}
    lignes = lire_csv(chemin(publie[1], "VILLE", ".csv"))
    assert len(lignes) == 11
    assert classeur == sorted((d["ident_rep"], etats[d["etat"]], d["explication_fin"]) for d in lignes)


def test_la_forme_du_csv(publie: tuple[Path, Path]) -> None:
    octets = chemin(publie[1], "VILLE", ".csv").read_bytes()
    assert octets.startswith(b"\xef\xbb\xbfdate_etat_des_lieux;code_reservataire;reservataire;ident_interne;residence;")
    assert octets.count(b"\n") == octets.count(b"\r\n") == 12
    (demoli,) = [d for d in lire_csv(chemin(publie[1], "VILLE", ".csv")) if d["ident_rep"] == "0000000009"]
    assert demoli["date_etat_des_lieux"] == JOUR
    assert (demoli["etat"], demoli["compte_dans_le_taux"], demoli["eteint_depuis_le_precedent"]) == (
        "eteint",
        "non",
        "oui",
    )
    assert demoli["explication_fin"] == "Sorti du parc en 2025 : démolition (RPLS 2026)"


def test_la_synthese_du_bailleur_a_tous_les_reservataires(publie: tuple[Path, Path]) -> None:
    feuille = openpyxl.load_workbook(chemin(publie[1], "_bailleur", ".xlsx"))["Réservataires"]
    ligne, lus = titres(feuille)
    lignes = [dict(zip(lus, v, strict=True)) for v in feuille.iter_rows(min_row=ligne + 1, values_only=True) if v[0]]
    assert [(v["Réservataire"], v["En cours"], v["Comptés dans le taux"], v["Éteints depuis"]) for v in lignes] == [
        ("Bouches-du-Rhône", 1, 1, 0),
        ("Droits sans convention", 0, 0, 0),
        ("Mairie Boulbon", 8, 6, 2),
        ("Total", 9, 7, 2),
    ]
    assert {d["code_reservataire"] for d in lire_csv(chemin(publie[1], "_bailleur", ".csv"))} == {
        "VILLE",
        "DEPT",
        "INCONNU",
    }


def test_un_reservataire_ne_voit_que_ses_droits(publie: tuple[Path, Path]) -> None:
    classeur = openpyxl.load_workbook(chemin(publie[1], "DEPT", ".xlsx"))
    assert "Réservataires" not in classeur.sheetnames
    assert [d["ident_rep"] for d in lire_csv(chemin(publie[1], "DEPT", ".csv"))] == ["0000000007"]


def test_a_cote_du_bilan_sans_y_toucher(publie: tuple[Path, Path], tmp_path: Path) -> None:
    """Warehouse and bilans stay as the bilan made them; two dates stay side by side; a date is made again."""
    sorties = tmp_path / "sorties"
    assert lancer(publie[0], sorties, "bilan", "2025") == 0
    verifier_document(GABARIT, SYNTHESE, sorties / "flux.duckdb")
    avant = empreintes(sorties)
    assert lancer(publie[0], sorties, "etat-des-lieux", "2025-06-30") == 0
    assert lancer(publie[0], sorties, "etat-des-lieux", "2025") == 0
    premiere = empreintes(sorties)
    assert avant.pop("index.html") != premiere["index.html"]
    index = (sorties / "index.html").read_text(encoding="utf-8")
    assert "etat_des_lieux/VILLE/etat_des_lieux_2025-06-30_VILLE.xlsx" in index
    assert avant.items() <= premiere.items()
    ajoutes = premiere.keys() - avant.keys() - {"index.html"}
    assert {nom.split("/")[0] for nom in ajoutes} == {"etat_des_lieux"}
    assert {nom.rsplit("/", 1)[1].split("_")[3] for nom in ajoutes} == {"2025-06-30", JOUR}
    assert lancer(publie[0], sorties, "etat-des-lieux", "30/11/2025") == 0
    assert empreintes(sorties) == premiere


def test_sans_inventaire_rien_n_est_a_zero(tmp_path: Path) -> None:
    tables = cas("etat_des_lieux")
    del tables["droits"]
    assert lancer(deposer(tmp_path / "entrees", tables), tmp_path / "sorties", "etat-des-lieux", JOUR) == 0
    (ligne,) = lire_csv(chemin(tmp_path / "sorties", "VILLE", ".csv"))
    assert {c: v for c, v in ligne.items() if v} == {
        "date_etat_des_lieux": JOUR,
        "code_reservataire": "VILLE",
        "etat": "non fourni",
    }
    classeur = openpyxl.load_workbook(chemin(tmp_path / "sorties", "VILLE", ".xlsx"))
    textes = [str(c.value) for rang in classeur["État des lieux"].iter_rows() for c in rang if c.value]
    assert any("Non fourni" in texte and "droits" in texte for texte in textes)


def test_l_etat_publie_se_redepose_comme_inventaire(publie: tuple[Path, Path], tmp_path: Path) -> None:
    """The CSV of the bailleur, dropped as next inventory, gives the same états: nothing of a right is lost."""
    tables = cas("etat_des_lieux")
    del tables["droits"]
    entrees = deposer(tmp_path / "entrees", tables)
    (entrees / "droits_etat.csv").write_bytes(chemin(publie[1], "_bailleur", ".csv").read_bytes())
    assert lancer(entrees, tmp_path / "sorties", "etat-des-lieux", JOUR) == 0
    for code in ("VILLE", "DEPT", "_bailleur"):
        avant, apres = (
            sorted(
                (d["ident_rep"], d["etat"], d["date_extinction"], d["explication_fin"], d["compte_dans_le_taux"])
                for d in lignes
            )
            for lignes in (lire_csv(chemin(s, code, ".csv")) for s in (publie[1], tmp_path / "sorties"))
        )
        assert avant == apres


@pytest.mark.parametrize(
    ("bon", "faux", "message"),
    [
        ('champ = "explication_fin"', 'champ = "explication_fini"', "n'existe pas dans bilan.etat_des_lieux."),
        ('groupes = ["Le droit', 'groupe = ["Le droit', "Le réglage « groupe » n'existe pas."),
        ("{{ date_etat_precedent|jour }}", "{{ date_etat_precedent|jours }}", "Texte mal formé"),
        ("imprimees = 14", 'imprimees = "quatorze"', "Le réglage « imprimees » n'est pas du bon type."),
    ],
)
def test_un_gabarit_faux_est_refuse_avec_sa_ligne(bon: str, faux: str, message: str, tmp_path: Path) -> None:
    dossier = Path(shutil.copytree(GABARITS, tmp_path / "templates"))
    gabarit = dossier / "etat_des_lieux.toml"
    texte = gabarit.read_text(encoding="utf-8")
    assert bon in texte
    gabarit.write_text(texte.replace(bon, faux, 1), encoding="utf-8")
    with pytest.raises(ArretBloquant) as arret:
        verifier_document(GABARIT, SYNTHESE, dossier=dossier)
    (anomalie, *_) = arret.value.anomalies
    assert message in anomalie.message
    assert anomalie.fichier == "templates/etat_des_lieux.toml"
    assert anomalie.ligne


@pytest.mark.parametrize("date", ["31/02/2025", "novembre", "25"])
def test_une_date_illisible_est_un_mauvais_usage(date: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as arret:
        lancer(tmp_path, tmp_path, "etat-des-lieux", date)
    assert arret.value.code == 2
    assert "date attendue" in capsys.readouterr().err
