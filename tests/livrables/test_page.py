"""The pages: alone in one file, inert, readable by everybody."""

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from flows.livrables.page import dessin
from flows.livrables.redaction import indexer, livrer
from flows.livrables.tableau import Colonne, Format, Graphique, Tableau
from flows.livrables.theme import lire_theme
from tests.livrables.entrepot_exemple import INJECTION, construire

SANS_FERMETURE = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Elements of a page in order, and its unclosed ones."""

    def __init__(self, chemin: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.textes: list[str] = []
        self.ouverts: list[str] = []
        self.source = chemin.read_text(encoding="utf-8")
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in SANS_FERMETURE:
            self.ouverts.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.ouverts.pop() == tag, f"</{tag}> ne ferme pas le dernier élément ouvert"

    def handle_data(self, data: str) -> None:
        self.textes.append(data)

    def tous(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributs for nom, attributs in self.elements if nom == tag)


@pytest.fixture(scope="module")
def sorties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("pages")
    entrepot = construire(dossier / ".travail.duckdb", rejetees=3)
    (dossier / "bilan" / "R02").mkdir(parents=True)
    (dossier / "bilan" / "R02" / "annexe_2026_R02.docx").write_bytes(b"")
    (dossier / ".travail").mkdir()
    (dossier / ".travail" / "secret.txt").write_bytes(b"")
    livrer(entrepot, dossier)
    indexer(entrepot, dossier)
    return dossier


@pytest.fixture(scope="module")
def pages(sorties: Path) -> dict[str, Page]:
    return {chemin.name: Page(chemin) for chemin in sorted(sorties.rglob("*.html"))}


def test_les_pages_attendues(pages: dict[str, Page]) -> None:
    assert list(sorted(pages)) == [
        "bilan_2025_R01.html", "bilan_2025_R02.html", "bilan_2025_R03.html", "bilan_2025__bailleur.html",
        "bilan_2025_epci_242010056.html", "controles_2025.html", "index.html", "methode_2025.html",
    ]  # fmt: skip


def test_rien_ne_vient_du_dehors_et_rien_ne_s_execute(pages: dict[str, Page]) -> None:
    for page in pages.values():
        noms = {nom for nom, _ in page.elements}
        assert noms.isdisjoint({"link", "img", "iframe", "object", "form"})
        assert len(list(page.tous("script"))) == 1
        for nom, attributs in page.elements:
            assert "src" not in attributs and not any(cle.startswith("on") for cle in attributs), nom
            assert not re.match(r"(https?:|javascript:|data:|//)", attributs.get("href") or ""), attributs
        politiques = [a["content"] for a in page.tous("meta") if a.get("http-equiv") == "Content-Security-Policy"]
        (script,) = re.findall(r"<script>(.*?)</script>", page.source, re.DOTALL)
        empreinte = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        attendue = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src "
        assert politiques == [f"{attendue}'sha256-{empreinte}'"]


def test_le_html_est_bien_forme_et_en_francais(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert page.ouverts == []
        assert next(page.tous("html"))["lang"] == "fr"
        assert len(list(page.tous("h1"))) == 1
        identifiants = [attributs["id"] for _, attributs in page.elements if "id" in attributs]
        assert len(identifiants) == len(set(identifiants))
        ancres = {a["href"][1:] for a in page.tous("a") if (a.get("href") or "").startswith("#")}
        assert ancres <= set(identifiants)


def test_chaque_tableau_a_sa_legende_et_ses_en_tetes(pages: dict[str, Page]) -> None:
    for page in pages.values():
        tableaux = len(list(page.tous("table")))
        assert tableaux and len(list(page.tous("caption"))) == tableaux
        assert all(attributs.get("scope") in ("col", "row") for attributs in page.tous("th"))
        assert all(attributs.get("aria-label") for attributs in page.tous("svg"))


def test_les_textes_des_donnees_sont_echappes(sorties: Path, pages: dict[str, Page]) -> None:
    for nom in ("bilan_2025_R01.html", "controles_2025.html", "index.html"):
        assert (sorties / "index.html").read_text(encoding="utf-8").count("<script") == 1
        assert INJECTION in "".join(pages[nom].textes)
    style = "".join((sorties / "bilan/R01/bilan_2025_R01.html").read_text(encoding="utf-8").split("</style>")[0])
    assert "alert(" not in style.split("<style>")[1]


def test_bandeau_et_alerte_sont_visibles(pages: dict[str, Page]) -> None:
    for nom, page in pages.items():
        texte = "".join(page.textes)
        assert "DONNÉES FICTIVES – EXEMPLE" in texte
        assert re.search(r"3.ligne", texte) or nom == "methode_2025.html"


def test_les_couleurs_ont_un_contraste_suffisant() -> None:
    def luminance(couleur: str) -> float:
        canaux = [int(couleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        rouge, vert, bleu = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux)
        return 0.2126 * rouge + 0.7152 * vert + 0.0722 * bleu

    def contraste(encre: str, fond: str) -> float:
        clair, sombre = sorted((luminance(encre), luminance(fond)), reverse=True)
        return (clair + 0.05) / (sombre + 0.05)

    theme = lire_theme()
    couleurs = theme.couleurs
    for encre, fond in (
        ("principale", "fond"), ("texte", "fond"), ("discret", "fond"), ("alerte", "alerte_fond"),
        ("bandeau", "bandeau_fond"),
    ):  # fmt: skip
        assert contraste(couleurs[encre], couleurs[fond]) >= 4.5, (encre, fond)
    assert all(contraste(couleur, "#FFFFFF") >= 3 for couleur in theme.series.values())


def test_l_index_mene_a_tout_ce_qui_est_la(sorties: Path, pages: dict[str, Page]) -> None:
    liens = [unquote(a["href"] or "") for a in pages["index.html"].tous("a")]
    fichiers = {
        f.relative_to(sorties).as_posix()
        for f in sorties.rglob("*")
        if f.is_file() and not f.relative_to(sorties).parts[0].startswith(".")
    }
    assert {lien for lien in liens if lien != "#contenu"} == fichiers - {"index.html"} | {
        "flux.duckdb",
        "manifeste.json",
    }
    assert "bilan/R02/annexe_2026_R02.docx" in liens
    texte = "".join(pages["index.html"].textes)
    assert "12,34" in texte and "atteint" in texte


def tableau(*valeurs: int | None, couleurs: tuple[str, ...] = ("#000000",)) -> Tableau:
    colonnes = (Colonne("a", "A", Format.TEXTE, 9), Colonne("b", "B", Format.ENTIER, 9, absent="non fourni"))
    graphique = Graphique("G", 0, (1,), couleurs, len(valeurs))
    return Tableau("t", "T", "T", "", colonnes, [("x", valeur) for valeur in valeurs], graphique=graphique)


def test_les_barres_sont_proportionnelles() -> None:
    trace = dessin(tableau(0, 5, 10, None, -3))
    assert trace is not None
    assert [(barre.largeur, barre.texte) for barre in trace.barres] == [
        (0.0, "0"), (42.0, "5"), (84.0, "10"), (0.0, "non fourni"), (0.0, "-3"),
    ]  # fmt: skip
    hauts = [barre.y for barre in trace.barres]
    assert hauts == sorted(hauts) and trace.hauteur > hauts[-1] + trace.epaisseur
    assert trace.legende == (("B", "#000000"),)


def test_une_couleur_par_ligne_n_a_pas_de_legende() -> None:
    trace = dessin(tableau(1, 2, couleurs=("#111111", "#222222")))
    assert trace is not None and trace.legende == ()
    assert [barre.couleur for barre in trace.barres] == ["#111111", "#222222"]


def test_l_index_est_le_bureau_de_qui_envoie(exemple_publie: tuple[Path, str]) -> None:
    """Every réservataire has its state, its gap, why to read it again and its last sending; every state is counted."""
    texte = (exemple_publie[0] / "index.html").read_text(encoding="utf-8")
    page = Page(exemple_publie[0] / "index.html")
    ligne = next(x for x in texte.split("<tr>") if "Ville de Bastia" in x)
    for attendu in (
        "Atteint",
        'data-titre="Écart">0<',
        "À relire",
        "promis : 5, puis 3",
        "jamais",
        "annexe_2026_BASTIA",
    ):
        assert attendu in ligne, attendu
    comptes = re.search(r'<ul class="comptes">(.*?)</ul>', texte, re.S)
    assert comptes
    nombres = [int(n) for n in re.findall(r'class="etat[^"]*">(\d+)<', comptes[1])]
    assert sum(nombres) == texte.count('data-titre="Dernier envoi"') == 19
    assert re.search(r"30/11/2025</strong> : état des lieux, \d+ réservataires", texte)
    assert {a["href"] for a in page.tous("a")} >= {"controles/controles_2025.html", "flux.duckdb"}
