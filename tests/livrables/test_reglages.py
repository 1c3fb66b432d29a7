"""The bailleur's settings over the product's: a sheet, a logo, a sentence; what is wrong is refused with its line."""

import base64
import re
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest

from flows.anomalies import ArretBloquant
from flows.chemins import EXEMPLE, GABARITS
from flows.livrables.theme import lire_theme
from flows.livrables.verification_gabarits import verifier_gabarits
from tests.commande import RACINE, gestion_flux

README = (RACINE / "README.md").read_text(encoding="utf-8")


def png(largeur: int = 240, hauteur: int = 80) -> bytes:
    """A plain picture."""

    def morceau(nom: bytes, octets: bytes) -> bytes:
        return struct.pack(">I", len(octets)) + nom + octets + struct.pack(">I", zlib.crc32(nom + octets))

    lignes = (b"\0" + b"\x17\x37\x5e" * largeur) * hauteur
    entete = struct.pack(">IIBBBBB", largeur, hauteur, 8, 2, 0, 0, 0)
    fin = morceau(b"IHDR", entete) + morceau(b"IDAT", zlib.compress(lignes)) + morceau(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + fin


def blocs(langage: str) -> list[str]:
    """The files that the README's worked example gives, in order: bilan.toml, theme.toml."""
    partie = README[README.index("## Ajouter une feuille") : README.index("## Explorer dans le shell")]
    return re.findall(rf"```{langage}\n(.*?)```", partie, re.S)


@pytest.fixture
def reglages(tmp_path: Path) -> Path:
    """A folder of templates, and the bailleur's, empty, beside it."""
    shutil.copytree(GABARITS, tmp_path / "templates")
    (tmp_path / "reglages").mkdir()
    return tmp_path / "reglages"


def fautes(reglages: Path) -> list[tuple[str, int | None, str]]:
    with pytest.raises(ArretBloquant) as refus:
        verifier_gabarits(dossier=reglages.parent / "templates", a_blanc=True)
    return [(a.fichier, a.ligne, f"{a.message} {a.correction}") for a in refus.value.anomalies]


def test_l_exemple_du_readme_fait_ce_qu_il_dit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet more, a logo, a sentence changed: by files beside the data, on the real command."""
    bilan, theme = blocs("toml")
    (tmp_path / "reglages").mkdir()
    (tmp_path / "reglages" / "bilan.toml").write_text(bilan, encoding="utf-8")
    (tmp_path / "reglages" / "theme.toml").write_text(theme, encoding="utf-8")
    (tmp_path / "reglages" / "logo.png").write_bytes(png())
    commande = ("bilan", 2025, "--entrees", EXEMPLE, "--sorties", "out", "--reservataire", "BASTIA")
    gestion_flux(*commande, cwd=tmp_path)
    lieu = tmp_path / "out" / "bilan" / "BASTIA"
    classeur = openpyxl.load_workbook(lieu / "bilan_2025_BASTIA.xlsx")
    assert classeur.sheetnames[:5] == ["En bref", "Lisez-moi", "Vos logements", "Objectif", "Baux par taille"]
    textes = " ".join(str(c.value) for rangee in classeur["En bref"] for c in rangee if c.value)
    assert "renvoyer l'annexe signée avant le 31 mars" in textes and "puis signer l'annexe" not in textes
    image = base64.b64encode(png()).decode()
    page = (lieu / "bilan_2025_BASTIA.html").read_text(encoding="utf-8")
    assert f"data:image/png;base64,{image}" in page and 'alt="Office d&#39;exemple"' in page
    assert image in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    for nom in ("bilan_2025_BASTIA.xlsx", "annexe_2026_BASTIA.docx"):
        with zipfile.ZipFile(lieu / nom) as archive:
            images = [archive.read(n) for n in archive.namelist() if "/media/" in n]
        assert images == [png()], nom
    encore = gestion_flux(
        "bilan", 2025, "--entrees", EXEMPLE, "--sorties", "out", "--reservataire", "BASTIA", cwd=tmp_path
    )
    assert "Inchangé" in encore.stdout
    (tmp_path / "reglages" / "logo.png").write_bytes(png(100, 100))
    refait = gestion_flux(
        "bilan", 2025, "--entrees", EXEMPLE, "--sorties", "out", "--reservataire", "BASTIA", cwd=tmp_path
    )
    assert "Inchangé" not in refait.stdout


@pytest.mark.parametrize(
    ("nom", "texte", "ligne", "mot"),
    [
        ("theme.toml", '[couleurs]\nprincipal = "#17375E"\n', 2, "principale"),
        ("theme.toml", '[contact]\n\ncouriel = "a@b.fr"\n', 3, "courriel"),
        ("theme.toml", '[series]\nrefuss = "#B4452C"\n', 2, "refus"),
        ("theme.toml", '[logos]\nfichier = "logo.png"\n', 1, "logo"),
        ("theme.toml", '[couleurs]\ndiscret = "#9AA5B1"\n', 2, "4,5"),
        ("theme.toml", '[series]\nrefus = "#FFF0F0"\n', 2, "3,0"),
        ("theme.toml", '[logo]\nfichier = "absent.png"\n', 2, "n'existe pas"),
        ("theme.toml", '[logo]\nfichier = "../logo.png"\n', 2, "à côté"),
        ("theme.toml", '[logo]\nfichier = "theme.toml"\n', 2, "PNG"),
        ("bilan.toml", '[[bilan.remplacer]]\nceci = "mots absents"\ncela = ""\n', 2, "nulle part"),
        ("bilan.toml", '[[bilan.feuilles]]\nnom = "Objectif"\ntitle = "x"\n', 3, "titre"),
        ("bilan.toml", '[[bilan.feuilles]]\nnom = "Objectif"\ntri = "ordr"\n', 3, "tri"),
        ("bilan.toml", '[[bilan.feuilles]]\nnom = "X"\napres = "Objectifs"\n', 3, "Objectif"),
        ("bilan.toml", '[bilan]\nverdict = "{{ objectifs }}"\n', 2, "objectif"),
        ("bilan.toml", "[bilan]\nverdict = \"{{ objectif|nombr }}\"\n", 2, "nombr"),
        ("bilan.toml", '[bilan\n', 1, "ne peut pas être lu"),
        ("etat_des_lieux.toml", '[etat_des_lieux]\nsujet = "{{ nb_en_cour }}"\n', 2, "nb_en_cours"),
        ("index.html.j2", '<p>\n<img src="https://exemple.fr/logo.png">\n', 2, "irait chercher"),
        ("_style.css.j2", '@import "https://exemple.fr/a.css";\n', 1, "irait chercher"),
        ("bilan.html.j2", "{% if x %}\n", 1, "mal formé"),
    ],
)  # fmt: skip
def test_un_reglage_faux_est_refuse_avec_sa_ligne(reglages: Path, nom: str, texte: str, ligne: int, mot: str) -> None:
    (reglages / nom).write_text(texte, encoding="utf-8")
    trouvees = fautes(reglages)
    assert (trouvees[0][0], trouvees[0][1]) == (f"reglages/{nom}", ligne), trouvees
    assert mot in trouvees[0][2]


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        ('champ = "ensemble_proposes", titre = "Proposés en', 'champ = "rotation", titre = "Proposés en'),
        ('"Refusés par les candidats", champ = "refus",', '"Refusés", champ = "refuses",'),
        ("{{ libelle_territoire }}{%", "{{ territoire }}{%"),
        (
            '{ champ = "libelle_evenement", titre = "Ce qui compte"',
            '{ champ = "libelle_motif", titre = "Ce qui compte"',
        ),
    ],
)
def test_les_quatre_fautes_sont_dites_avant_de_lire_les_donnees(
    tmp_path: Path, reglages: Path, avant: str, apres: str
) -> None:
    """A headline figure, a figure of the chart, a word, a column of another table: in French, with the line."""
    fichier = reglages.parent / "templates" / "bilan.toml"
    texte = fichier.read_text(encoding="utf-8")
    assert avant in texte
    fichier.write_text(texte.replace(avant, apres, 1), encoding="utf-8")
    ((nom, ligne, dit), *_) = fautes(reglages)
    assert nom == "templates/bilan.toml" and "n'existe pas" in dit
    assert ligne == texte[: texte.index(avant)].count("\n") + 1


def test_la_commande_s_arrete_avant_de_lire(tmp_path: Path) -> None:
    (tmp_path / "reglages").mkdir()
    (tmp_path / "reglages" / "theme.toml").write_text('[couleurs]\nprincipal = "#17375E"\n', encoding="utf-8")
    fin = gestion_flux("bilan", 2025, "--entrees", EXEMPLE, "--sorties", "out", attendu=1, cwd=tmp_path)
    assert re.search(r"BLOQUANT reglages/theme\.toml, .*ligne 2\b.*« principale »", fin.stderr)
    assert "Réception" not in fin.stderr and "Erreur imprévue" not in fin.stderr


def test_un_reglage_ne_perd_rien_du_produit(reglages: Path) -> None:
    (reglages / "theme.toml").write_text('[contact]\nservice = "Pôle flux"\n', encoding="utf-8")
    propre, produit = lire_theme(reglages.parent / "templates"), lire_theme()
    assert propre.contact["service"] == "Pôle flux" and propre.couleurs == produit.couleurs
    assert propre.series == produit.series and propre.logo is None
