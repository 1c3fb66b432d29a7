"""Simulations: the published ladder under other hypotheses, never among the outputs, never final."""

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from flows.annexes.calcul import formule
from flows.vie import simulation
from tests.commande import gestion_flux
from tests.pannes.campagne_saine import ANNEE, deposer, reprendre
from tests.vie.campagnes import publier


@pytest.fixture(scope="module")
def sorties(tmp_path_factory: pytest.TempPathFactory, saine_publiee: Path) -> Path:
    return reprendre(saine_publiee, tmp_path_factory.mktemp("simulation") / "out")


def test_sans_hypothese_la_simulation_est_la_publication(sorties: Path) -> None:
    rendu = simulation.simuler(sorties, {})
    assert {e.code for e in rendu.echelles} == {"ETAT", "VILLE", "ALS"}
    assert all(e.publiees == e.simulees for e in rendu.echelles)
    assert {p.annee for p in rendu.projection} == set(range(ANNEE + 1, ANNEE + 6))


def test_une_hypothese_descend_l_echelle(sorties: Path) -> None:
    rendu = simulation.simuler(
        sorties, {"VILLE": {"taux_rotation_pct": Decimal("50"), "logements_ajoutes": Decimal(40)}}
    )
    ville = next(e for e in rendu.echelles if e.code == "VILLE")
    v = {nom: valeur for nom, valeur in ville.simulees.items() if valeur is not None}
    assert v["a"] == (ville.publiees["a"] or 0) + 40 and v["c"] == v["a"] - v["b"]
    assert v["e"] == v["c"] / 2 and v["h"] == formule("h", v) and v["j"] == formule("j", v)
    # a delivery foreseen in 2026 for ALS (12 dwellings) is in its parc from 2027 on
    als = [p.parc_soumis for p in rendu.projection if p.code == "ALS"]
    assert [x - als[0] for x in als] == [0, 12, 12, 12, 12]
    assert all(e.publiees == e.simulees for e in rendu.echelles if e.code != "VILLE")


def test_une_convention_nouvelle_et_un_volume_negocie(sorties: Path, tmp_path: Path) -> None:
    """A convention that nobody signed, on the territory of VILLE; a flux negotiated, in place of the line j."""
    fichier = tmp_path / "hyp.toml"
    fichier.write_text('[NOUVELLE]\ncomme = "VILLE"\ntaux_pct = 5\n[ALS]\nvolume_negocie = 7\n', encoding="utf-8")
    rendu = simulation.simuler(sorties, simulation.lire_hypotheses(fichier))
    echelles = {e.code: e for e in rendu.echelles}
    nouvelle, ville = echelles["NOUVELLE"], echelles["VILLE"]
    assert nouvelle.publiees["j"] is None and nouvelle.simulees["h"] == ville.publiees["h"]
    assert nouvelle.simulees["j"] == formule("j", {"h": ville.publiees["h"] or Decimal(0), "i": Decimal(5)})
    assert echelles["ALS"].simulees["j"] == 7 and ville.simulees == ville.publiees
    fichier.write_text('[NOUVELLE]\ncomme = "VILE"\n', encoding="utf-8")
    fin = gestion_flux("simuler", ANNEE, "--sorties", sorties, "--hypotheses", fichier, attendu=2)
    assert "Vouliez-vous dire VILLE ?" in fin.stderr
    assert "SIMULATION" in gestion_flux("simuler", ANNEE, "--sorties", sorties, "--contre", "v1").stdout


def test_une_vente_et_une_demolition_connues_sortent_du_parc(tmp_path: Path) -> None:
    entrees, sorties = deposer(tmp_path / "in"), tmp_path / "out" / str(ANNEE)
    with (entrees / "exclusions.csv").open("a", encoding="utf-8", newline="") as flux:
        flux.write("0037273005;vente;01/06/2027;;\r\n0037273006;demolition;01/06/2028;;\r\n")
    publier(entrees, sorties)
    ville = [p.parc_soumis for p in simulation.simuler(sorties, {}).projection if p.code == "VILLE"]
    # twelve dwellings of ALS are delivered on its territory in 2026; then one sold in 2027, one pulled down in 2028
    assert [x - ville[0] for x in ville] == [0, 12, 11, 10, 10]


def test_un_droit_qui_finit_sort_de_la_projection(sorties: Path) -> None:
    rendu = simulation.simuler(sorties, {})
    # three come with the programme delivered in 2026
    assert [p.droits for p in rendu.projection if p.code == "ALS"] == [2, 5, 5, 5, 5]


def test_la_projection_recalcule_l_echelle(exemple_publie: tuple[Path, str]) -> None:
    """A rate that counts rights is those that run over the parc of the year; a printed one never moves."""
    rendu = simulation.simuler(exemple_publie[0], {})
    publiees = {e.code: e.publiees for e in rendu.echelles}
    suites: dict[str, list[simulation.Projetee]] = {}
    for p in rendu.projection:
        suites.setdefault(p.code, []).append(p)
    for code, suite in suites.items():
        assert (suite[0].parc_total, suite[0].taux_pct, suite[0].flux) == tuple(publiees[code][x] for x in "aij")
        assert len(suite) == simulation.ANNEES
    assert {p.taux_pct for p in suites["CAF_2B"]} == {Decimal(2)}
    # both loans and deliveries move it: nine rights delivered in 2026, six that lapse in 2027
    assert [p.droits for p in suites["AJACCIO"]] == [48, 57, 51, 51, 51]
    assert [p.parc_total for p in suites["AJACCIO"]] == [416, 476, 476, 476, 476]
    for p in (*suites["AJACCIO"], *suites["BASTIA"]):
        assiette = p.parc_total if p.code == "AJACCIO" else p.parc_soumis
        assert p.taux_pct == (100 * p.droits / assiette).quantize(Decimal("0.000001")), p


@pytest.mark.parametrize(
    ("texte", "dit"),
    [
        ("[VILLE]\ntaux_rotatoin_pct = 3\n", "ligne 2 : clé inconnue « taux_rotatoin_pct ». Vouliez-vous"),
        ("[VILE]\ntaux_pct = 3\n", "Aucune annexe pour « VILE ». Vouliez-vous dire VILLE ?"),
        ("[VILLE]\ntaux_pct = 'dix'\n", "ligne 2 : taux_pct attend un nombre"),
        ("taux_pct = 3\n", "hors d'une section"),
        ("[VILLE\n", "n'est pas lisible"),
        ("[VILLE]\ntaux_pct = nan\n", "ligne 2 : taux_pct = NaN ne peut pas être, un nombre est attendu"),
        ("[VILLE]\nsoustractions = -inf\n", "ligne 2 : soustractions = -Infinity ne peut pas être"),
        ("[VILLE]\ntaux_rotation_pct = -1\n", "un taux n'est pas négatif"),
        ("[VILLE]\ntaux_pct = 101\n", "un taux ne dépasse pas 100"),
        ("[VILLE]\nvolume_negocie = -3\n", "nombre négatif"),
        ("[VILLE]\nlogements_ajoutes = 1e300\n", "nombre hors des limites"),
        ("\0", "n'est pas un texte"),
    ],
)  # fmt: skip
def test_une_hypothese_fausse_dit_sa_ligne(sorties: Path, tmp_path: Path, texte: str, dit: str) -> None:
    fichier = tmp_path / "hyp.toml"
    fichier.write_text(texte, encoding="utf-8")
    fin = gestion_flux("simuler", ANNEE, "--sorties", sorties, "--hypotheses", fichier, attendu=2)
    assert dit in fin.stderr


def test_le_modele_se_relit_et_la_page_est_marquee(sorties: Path, tmp_path: Path) -> None:
    modele = gestion_flux("simuler", ANNEE, "--sorties", sorties, "--modele").stdout
    fichier = tmp_path / "hyp.toml"
    fichier.write_text(modele.replace("# taux_rotation_pct = 9.5", "taux_rotation_pct = 9.5"), encoding="utf-8")
    page = tmp_path / "s.html"
    dit = gestion_flux("simuler", ANNEE, "--sorties", sorties, "--hypotheses", fichier, "--vers", page).stdout
    assert dit.startswith("SIMULATION") and "SIMULATION" in page.read_text("utf-8")
    classeur = tmp_path / "s.xlsx"
    gestion_flux("simuler", ANNEE, "--sorties", sorties, "--hypotheses", fichier, "--vers", classeur)
    lu = openpyxl.load_workbook(classeur)
    for feuille in lu.worksheets:  # on the sheet, on paper, with what was supposed
        assert str(feuille["A1"].value).startswith("SIMULATION") and "SIMULATION" in str(feuille.oddHeader.center.text)
        assert any("taux_rotation_pct = 9.5" in str(c.value) for c in feuille["A"][:3])
        assert any("entrent au parc le 1er janvier" in str(c.value) for c in feuille["A"][:5])
    assert len(lu["Flux publié et simulé"]._charts) == len(lu["Flux sur cinq ans"]._charts) == 1
    assert page.read_text("utf-8").count('class="graphique"') == 2
    assert page.read_text("utf-8").count("SIMULATION") > 3
    dans = sorties / "simulation.html"
    gestion_flux("simuler", ANNEE, "--sorties", sorties, "--vers", dans, attendu=2)
    assert not dans.exists()


def test_des_hypotheses_enregistrees_par_un_vieil_editeur_sont_lues(tmp_path: Path) -> None:
    fichier = tmp_path / "hyp.toml"
    for encodage in ("cp1252", "utf-16", "utf-8-sig"):
        fichier.write_text("# été\n[VILLE]\nlogements_ajoutes = -3\ntaux_pct = 10.125\n", encoding=encodage)
        attendues = {"VILLE": {"logements_ajoutes": Decimal(-3), "taux_pct": Decimal("10.125")}}
        assert simulation.lire_hypotheses(fichier) == attendues
