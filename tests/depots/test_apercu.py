"""The preview proposes and asks: nothing applied, nothing published, nothing that was decided rewritten."""

from pathlib import Path

import openpyxl

from flows.tables.correspondances import lire_correspondances
from tests.commande import gestion_flux
from tests.depots import dossier_sem
from tests.depots.dossier_oph import CORRESPONDANCES, deposer, ecrire_correspondances


def feuille(classeur: Path, nom: str) -> list[dict[str, str]]:
    entete, *lignes = openpyxl.load_workbook(classeur)[nom].iter_rows(values_only=True)
    return [dict(zip(map(str, entete), (str(c or "") for c in ligne), strict=True)) for ligne in lignes]


def test_il_propose_la_table_de_chaque_feuille_et_n_en_applique_aucune(tmp_path: Path) -> None:
    entrees = deposer(tmp_path / "raw")
    classeur = entrees.parent / "correspondances.xlsx"
    classeur.unlink()
    dit = gestion_flux("apercu", 2025, "--entrees", entrees, attendu=1).stdout
    assert "PV CALEOL 2025.xlsx [Mois 02] : attributions" in dit
    assert "Hors flux.xlsx [Santé] : exclusions" in dit and "Il manque exclusions" not in dit
    proposees = {(li["Fichier"], li["Feuille"]): li["Proposition"] for li in feuille(classeur, "Feuilles")}
    assert proposees["PV CALEOL 2025.xlsx", "Mois 03"] == "attributions"
    assert proposees["Contingents au 31-12.xlsx", "Ville"] == "droits"
    assert proposees["Fichier patrimoine.csv", ""] == "rpls"
    assert {li["Table"] for li in feuille(classeur, "Feuilles")} == {""}
    intitules = [li["Intitulé"] for li in feuille(classeur, "Colonnes")]
    assert "Verdict" in intitules and len(intitules) == len(set(intitules))
    assert not (tmp_path / "out").exists()
    fin = gestion_flux("bilan", 2025, "--entrees", entrees, "--sorties", tmp_path / "out", attendu=1)
    assert "attendent une décision" in fin.stderr


def test_aucune_valeur_d_une_personne_n_y_est(tmp_path: Path) -> None:
    entrees = deposer(tmp_path / "raw")
    classeur = entrees.parent / "correspondances.xlsx"
    classeur.unlink()
    (entrees / "attributions.csv").write_text(
        "ident_rep;date_caleol;decision;categorie;nom;Téléphone portable\n"
        "0037273001;05/02/2025;attribution;droit_commun;DÉMO-UN;0600000000\n",
        encoding="utf-8",
    )
    dit = gestion_flux("apercu", 2025, "--entrees", entrees, attendu=1).stdout
    pages = openpyxl.load_workbook(classeur)
    tout = dit + str([c for page in pages for ligne in page.iter_rows(values_only=True) for c in ligne])
    assert "Téléphone portable" in tout
    assert "DÉMO-UN" not in tout and "0600000000" not in tout


def test_une_personne_a_la_place_des_intitules_n_en_est_pas_un(tmp_path: Path) -> None:
    lignes = "DÉMO;Una;Ajaccio;chemin des Lauriers\nDEMO-DEUX;Duo;0037273001;12/02/2025\n"
    for nom in ("export", "conges"):
        (tmp_path / "raw").mkdir(exist_ok=True)
        (tmp_path / "raw" / f"{nom}.csv").write_text(lignes, encoding="utf-8")
    dit = gestion_flux("apercu", 2025, "--entrees", tmp_path / "raw", attendu=1).stdout
    pages = openpyxl.load_workbook(tmp_path / "correspondances.xlsx")
    tout = dit + str([c for page in pages for ligne in page.iter_rows(values_only=True) for c in ligne])
    assert tout.count("2 lignes, sans en-têtes connus") == 2
    assert "DÉMO" not in tout and "Lauriers" not in tout


def test_ce_qui_est_decide_reste_et_ne_se_demande_plus(tmp_path: Path) -> None:
    entrees = deposer(tmp_path / "raw")
    gestion_flux("apercu", 2025, "--entrees", entrees)
    sans_verdict = [ligne for ligne in CORRESPONDANCES["Colonnes"] if "Verdict" not in ligne]
    ecrire_correspondances(entrees.parent, CORRESPONDANCES | {"Colonnes": sans_verdict})
    avant, _, _ = lire_correspondances(entrees, tmp_path / "t1")
    gestion_flux("apercu", 2025, "--entrees", entrees, attendu=1)
    apres, _, _ = lire_correspondances(entrees, tmp_path / "t2")
    for nom, lignes in avant.lignes.items():
        assert [dict(li.cellules) for li in apres.lignes[nom]][: len(lignes)] == [dict(li.cellules) for li in lignes]
    (question,) = apres.lignes["colonnes"][len(sans_verdict) - 1 :]
    assert (question["intitule"], question["table"], question["colonne"]) == ("Verdict", "attributions", "")
    gestion_flux("apercu", 2025, "--entrees", entrees, attendu=1)
    encore, _, _ = lire_correspondances(entrees, tmp_path / "t3")
    assert encore.lignes == apres.lignes


def test_il_reconnait_les_logements_les_mots_des_feuilles_et_demande_la_categorie(tmp_path: Path) -> None:
    """No heading of that workbook is known: what is proposed comes from its cells and from the names of its sheets."""
    entrees = dossier_sem.deposer(tmp_path / "raw", None)
    dit = gestion_flux("apercu", 2025, "--entrees", entrees, attendu=1).stdout
    classeur = entrees.parent / "correspondances.xlsx"
    tables = {li["Feuille"]: li["Proposition"] for li in feuille(classeur, "Feuilles")}
    assert tables["Rotation"] == "liberations" and tables["Ventes"] == "exclusions"
    assert tables["Lisez-moi"] == "ne pas lire"  # no row of headings
    assert tables["Ville"] == ""  # nobody knows, and it is not said that it must not be read
    colonnes = {(li["Table"], li["Intitulé"]): li["Proposition"] for li in feuille(classeur, "Colonnes")}
    assert colonnes["liberations", "Sorti le"] == "date_liberation"
    (logement,) = feuille(classeur, "Logements")
    assert (logement["Intitulé"], logement["Proposition"], logement["Confiance"]) == ("Logt", "ident_interne", "100 %")
    constantes = {(li["Feuille"], li["Colonne"]): li["Proposition"] for li in feuille(classeur, "Constantes")}
    assert constantes["Ventes", "motif_exclusion"] == "vente"
    assert constantes["Gendarmes", "motif_exclusion"] == "securite_interieure"
    assert constantes["Échanges 2026", "annee"] == "2026"
    assert "[Rotation] : semble nourrir aussi la table attributions (" in dit
    (question,) = feuille(classeur, "Bailleur")
    assert question["Question"] == "Catégorie de l'organisme" and question["Exemple"].startswith("3 logements")


def test_il_finit_sans_question_quand_tout_est_decide(tmp_path: Path) -> None:
    entrees = dossier_sem.deposer(tmp_path / "raw")
    avant = (entrees.parent / "correspondances.xlsx").read_bytes()
    dit = gestion_flux("apercu", 2025, "--entrees", entrees).stdout
    assert "Il manque propositions" in dit
    assert (entrees.parent / "correspondances.xlsx").read_bytes() == avant


def test_il_dit_les_dates_qui_n_en_sont_pas_et_les_logements_qu_il_ne_retrouve_pas(tmp_path: Path) -> None:
    ventes: list[list[object]] = [["Logt", "Depuis"], ["Z99", "01/06/2024"], ["Z98", "juin"], ["Z97", "l'été"]]
    entrees = dossier_sem.deposer(tmp_path / "raw", feuilles=dossier_sem.FEUILLES | {"Ventes": ventes})
    (entrees / "~$Gestion locative.xlsx").write_bytes(b"x")
    dit = gestion_flux("apercu", 2025, "--entrees", entrees).stdout
    assert "« Depuis » (date_debut) a 1 dates sur 3 cellules" in dit
    assert "« Logt » (ident_interne) : 0 logements retrouvés au RPLS sur 3" in dit
    assert "est ouvert dans Excel" in dit


def test_des_decisions_en_csv_restent_seules_a_leur_place(tmp_path: Path) -> None:
    entrees = dossier_sem.deposer(tmp_path / "raw", None)
    (dossier := tmp_path / "raw" / "correspondances").mkdir()
    (dossier / "Feuilles.csv").write_text(
        "Fichier;Feuille;Table\nGestion*;Lisez-moi;ne pas lire\nGestion*;Ventes;exclusions\n", encoding="utf-8"
    )
    for _ in range(2):
        gestion_flux("apercu", 2025, "--entrees", entrees, attendu=1)
        lues = feuille(tmp_path / "raw" / "correspondances.xlsx", "Feuilles")
        assert "Rotation" in {li["Feuille"] for li in lues}
        assert not {"Lisez-moi", "Ventes"} & {li["Feuille"] for li in lues}
