"""What each deliverable shows: the rows of its réservataire, in words when a table was not given."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows.chemins import GABARITS as DOSSIER
from flows.livrables import contenu
from flows.livrables.gabarits import Gabarits, lire_gabarits
from flows.livrables.lues import Lues
from flows.livrables.tableau import Document, Tableau
from tests.livrables.entrepot_exemple import construire

GABARITS = lire_gabarits()


def charger(entrepot: Path, gabarits: Gabarits = GABARITS) -> dict[str, Document]:
    with duckdb.connect(str(entrepot), read_only=True) as con:
        return {document.nom: document for document in contenu.charger_bilans(con, gabarits)}


def feuille(document: Document, nom: str) -> Tableau:
    return next(tableau for tableau in document.feuilles if tableau.nom == nom)


@pytest.fixture(scope="module")
def entrepot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return construire(tmp_path_factory.mktemp("contenu") / "flux.duckdb", nb_anomalies=12)


@pytest.fixture(scope="module")
def bilans(entrepot: Path) -> dict[str, Document]:
    return charger(entrepot)


def test_un_bilan_par_entete_dans_l_ordre(bilans: dict[str, Document]) -> None:
    assert list(bilans) == [
        "bilan_2025_R01",
        "bilan_2025_R02",
        "bilan_2025_R03",
        "bilan_2025__bailleur",
        "bilan_2025_epci_242010056",
    ]
    assert [d.dossier for d in bilans.values()] == ["R01", "R02", "R03", "_bailleur", "_bailleur"]


def test_les_feuilles_sont_celles_du_gabarit(bilans: dict[str, Document]) -> None:
    """In the order of the template, for the code, the type, the folder and the kind of the bilan."""
    for code, qui in (
        ("R02", {"R02", "action_logement"}),
        ("_bailleur", {"_bailleur", "_ensemble"}),
        ("epci_242010056", {"_bailleur", "_epci"}),
    ):
        attendues = [
            f.nom.replace("{{ annee + 1 }}", "2026")
            for f in GABARITS.bilan.feuilles
            if (not f.seulement or qui & {*f.seulement}) and not qui & {*f.sauf}
        ]
        document = bilans[f"bilan_2025_{code}"]
        omises = [nom for nom, _, _ in document.omises]
        assert [t.nom for t in document.feuilles] == [nom for nom in attendues if nom not in omises]
        assert {*omises} <= {*attendues}
        assert attendues[0] == "Lisez-moi" and "Répartition" in attendues
        assert ("Ventilation" in attendues) is (code == "_bailleur")


def test_une_feuille_reservee_aux_points_d_etape(tmp_path: Path, bilans: dict[str, Document]) -> None:
    provisoires = charger(construire(tmp_path / "e.duckdb", est_provisoire=True))
    for code in ("R02", "_bailleur", "epci_242010056"):
        titre = feuille(provisoires[f"bilan_2025_{code}"], "Projection").titre
        assert titre.startswith("Projection au 31 décembre 2025")
        assert "Projection" not in [tableau.nom for tableau in bilans[f"bilan_2025_{code}"].feuilles]


def test_les_lignes_d_une_ventilation_et_son_total_a_part(entrepot: Path, bilans: dict[str, Document]) -> None:
    tableau = feuille(bilans["bilan_2025__bailleur"], "Ventilation")
    with duckdb.connect(str(entrepot), read_only=True) as con:
        attendues = con.execute(
            "select libelle_modalite, mises_a_disposition, mises_a_disposition_pct from bilan.ventilations "
            "where code_reservataire = '_bailleur' and dimension = 'typologie' order by ordre"
        ).fetchall()
    typologies = [ligne for ligne in tableau.lignes if ligne[0] == "Typologie"]
    assert [tuple(ligne[1:4]) for ligne in typologies] == attendues
    assert [ligne[1] for ligne in tableau.totaux] == ["Total"]
    assert sum(ligne[2] for ligne in typologies) == tableau.totaux[0][2]
    assert tableau.graphique is not None and tableau.graphique.maximum == len(typologies)


def test_un_total_n_a_pas_de_code(tmp_path: Path, entrepot: Path) -> None:
    source = (DOSSIER / "bilan.toml").read_text(encoding="utf-8")
    code = '{ champ = "modalite", titre = "Code", format = "code" },'
    lieu = source.index('nom = "Ventilation"')
    avant, apres = source[:lieu], source[lieu:].replace("colonnes = [", f"colonnes = [ {code}", 1)
    (tmp_path / "bilan.toml").write_text(avant + apres, encoding="utf-8")
    (tmp_path / "theme.toml").write_bytes((DOSSIER / "theme.toml").read_bytes())
    tableau = feuille(charger(entrepot, lire_gabarits(tmp_path))["bilan_2025__bailleur"], "Ventilation")
    assert tableau.totaux[0][0] == "" and tableau.totaux[0][2] == "Total" and tableau.lignes[0][0] == "T1"


def test_une_colonne_et_un_chiffre_reserves_aux_conventions(bilans: dict[str, Document]) -> None:
    for code, nom, attendu in (("R02", "Vos logements", True), ("_bailleur", "Logements", False)):
        document = bilans[f"bilan_2025_{code}"]
        tableau = feuille(document, nom)
        assert ("Réservataire" in [c.titre for c in tableau.colonnes]) is not attendu
        assert ("Promis en 2025" in [c.colonne.titre for c in document.chiffres]) is attendu
    tableau = feuille(bilans["bilan_2025_R02"], "Flux 2026")
    assert {len(ligne) for ligne in (*tableau.lignes, *tableau.totaux)} == {len(tableau.colonnes)}


def test_ce_qui_concerne_tout_le_monde_suit_ce_qui_concerne_le_reservataire() -> None:
    lues = Lues({"R02": [[3], [9]], "": [[6], [12]]})
    assert lues.pour("R02")[0] == [[3], [9], [6], [12]] and lues.pour("R01")[0] == [[6], [12]]


def test_ce_qui_est_signale_mene_a_sa_feuille_si_elle_est_la(bilans: dict[str, Document]) -> None:
    assert bilans["bilan_2025_R02"].signaler is None
    signaler = bilans["bilan_2025_R03"].signaler
    assert signaler is not None and signaler.lignes == [["Un constat, montré ailleurs.", ""]]
    assert "Quotas" not in [tableau.nom for tableau in bilans["bilan_2025_R03"].feuilles]


def test_une_feuille_vide_n_est_pas_ecrite_et_le_sommaire_dit_pourquoi(bilans: dict[str, Document]) -> None:
    document = bilans["bilan_2025_R02"]
    sommaire = [(ligne[0], ligne[1]) for ligne in feuille(document, "Lisez-moi").lignes]
    assert [nom for nom, _, _ in document.omises] and all(t.message for t in document.feuilles if not t.lignes)
    for nom, titre, message in document.omises:
        assert (nom, f"{titre}. {message}") in sommaire and document.adresse(nom) == ""
    assert all((t.nom, t.titre) in sommaire for t in document.feuilles if t.nom != "Lisez-moi")


def test_sans_la_table_la_feuille_le_dit_et_ne_montre_rien(tmp_path: Path) -> None:
    documents = charger(construire(tmp_path / "e.duckdb", manquantes=("attributions",)))
    document = documents["bilan_2025_R02"]
    for nom in ("Répartition", "Vos logements"):
        tableau = feuille(document, nom)
        assert tableau.lignes == [] and not tableau.totaux and tableau.graphique is None
        assert tableau.message.startswith("Non fourni") and "attributions" in tableau.message
    typologie = feuille(documents["bilan_2025__bailleur"], "Ventilation")
    rang = [c.champ for c in typologie.colonnes].index("attributions")
    assert {typologie.colonnes[rang].texte(ligne[rang]) for ligne in typologie.lignes} == {"non fourni"}
    assert typologie.graphique is not None
    assert [typologie.colonnes[s].champ for s in typologie.graphique.series] == ["mises_a_disposition", "liberations"]
    assert "les attributions de l'année n'ont pas été fournies" in " ".join(document.phrases)


def test_sans_objectif_l_atteinte_n_est_pas_calculee(tmp_path: Path) -> None:
    document = charger(construire(tmp_path / "e.duckdb", manquantes=("objectifs",)))["bilan_2025_R02"]
    textes = {chiffre.colonne.champ: chiffre.texte for chiffre in document.chiffres}
    assert textes["objectif"] == "non fourni"
    assert document.verdict.startswith("Objectif 2025 non fourni")


def test_des_lignes_rejetees_font_une_alerte_visible(tmp_path: Path) -> None:
    document = charger(construire(tmp_path / "e.duckdb", rejetees=7))["bilan_2025_R02"]
    assert len(document.alertes) == 1
    assert "7\u00a0lignes" in document.alertes[0] and "attributions" in document.alertes[0]
    assert "rpls" not in document.alertes[0]


def test_sans_rejet_pas_d_alerte(bilans: dict[str, Document]) -> None:
    assert all(document.alertes == () for document in bilans.values())


@pytest.mark.parametrize(
    ("est_fictif", "est_provisoire", "attendus"),
    [
        (False, False, ()),
        (True, False, ("DONNÉES FICTIVES – EXEMPLE",)),
        (False, True, ("BILAN PROVISOIRE, arrêté au 30/06/2025",)),
    ],
)
def test_les_bandeaux(tmp_path: Path, est_fictif: bool, est_provisoire: bool, attendus: tuple[str, ...]) -> None:
    entrepot = construire(tmp_path / "e.duckdb", est_fictif=est_fictif, est_provisoire=est_provisoire)
    assert {document.bandeaux for document in charger(entrepot).values()} == {attendus}


def test_les_phrases_sont_ecrites_des_chiffres(bilans: dict[str, Document]) -> None:
    document = bilans["bilan_2025_R02"]
    valeurs = {chiffre.colonne.champ: chiffre.valeur for chiffre in document.chiffres}
    assert valeurs["objectif"] == Decimal("13.34")
    assert document.verdict == f"Objectif atteint\u00a0: {valeurs['decompte']}\u00a0logements sur 13,34."
    assert document.phrases[-2].startswith(
        "En 2026\u00a0: 0,34\u00a0logement de flux, environ un logement tous les 3 ans"
    )
    assert document.phrases[-1].startswith("À faire")
    bailleur = bilans["bilan_2025__bailleur"]
    assert bailleur.verdict == "2\u00a0objectifs atteints sur 3, 1\u00a0non atteint."
    assert not any("À faire" in phrase or "En 2026" in phrase for phrase in bailleur.phrases)


def test_seulement_les_codes_demandes(entrepot: Path) -> None:
    with duckdb.connect(str(entrepot), read_only=True) as con:
        documents = contenu.charger_bilans(con, GABARITS, ["R03"])
    assert [document.nom for document in documents] == ["bilan_2025_R03"]
    assert feuille(documents[0], "Flux 2026") == feuille(charger(entrepot)["bilan_2025_R03"], "Flux 2026")


def test_les_controles_montrent_tout_et_comptent(entrepot: Path) -> None:
    with duckdb.connect(str(entrepot), read_only=True) as con:
        document = contenu.charger_controles(con, GABARITS)
    assert {c.colonne.champ: c.valeur for c in document.chiffres} == {
        "nb_bloquant": 0, "nb_erreur": 4, "nb_avertissement": 4, "nb_information": 4,
        "lignes_lues": 14_871, "lignes_rejetees": 0,
    }  # fmt: skip
    assert [ligne[0] for ligne in feuille(document, "Anomalies").lignes] == (
        ["erreur"] * 4 + ["avertissement"] * 4 + ["information"] * 4
    )
    assert document.feuilles[0].nom == "Par cause"
    assert [tuple(ligne)[:4] for ligne in feuille(document, "Par cause").lignes] == [
        ("erreur", 4, "attributions_t1.xlsx", "Feuil1 : 3, 6, 9, 12"),
        ("avertissement", 4, "attributions_t1.xlsx", "Feuil1 : 4, 7, 10, 13"),
        ("information", 4, "attributions_t1.xlsx", "Feuil1 : 2, 5, 8, 11"),
    ]


def test_une_feuille_coupee_dit_combien_il_manque(tmp_path: Path, entrepot: Path) -> None:
    source = (DOSSIER / "bilan.toml").read_text(encoding="utf-8")
    (tmp_path / "bilan.toml").write_text(
        source.replace('nom = "Ventilation"\n', 'nom = "Ventilation"\nlimite = 5\nlimite_page = 2\n'), encoding="utf-8"
    )
    (tmp_path / "theme.toml").write_bytes((DOSSIER / "theme.toml").read_bytes())
    entier = len(feuille(charger(entrepot)["bilan_2025__bailleur"], "Ventilation").lignes)
    tableau = feuille(charger(entrepot, lire_gabarits(tmp_path))["bilan_2025__bailleur"], "Ventilation")
    assert len(tableau.lignes) == 5
    assert tableau.suite.startswith(f"Les 5 premières lignes sur {entier}")
    assert tableau.suite_page.startswith("Les 2 premières lignes sur 5")
