"""The bailleur's settings over the product's: a sheet, a logo, a sentence; what is wrong is refused with its line."""

import base64
import re
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import duckdb
import openpyxl
import pytest

from flows.anomalies import ArretBloquant
from flows.chemins import EXEMPLE, GABARITS
from flows.entrepot.connexion import connecter
from flows.livrables import contenu
from flows.livrables.theme import lire_theme
from flows.livrables.verification_gabarits import verifier_document, verifier_gabarits
from tests.commande import RACINE, gestion_flux
from tests.livrables.entrepot_exemple import construire

README = (RACINE / "README.md").read_text(encoding="utf-8")
FEUILLE = '[[bilan.feuilles]]\nnom = "Taille"\ntitre = "x"\ntable = "bilan.ventilations"\n'


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
    # on the warehouse of the last run, what its tables have not is told before anything is written
    (tmp_path / "reglages" / "bilan.toml").write_text(
        FEUILLE + 'tri = "libelle_motif"\ncolonnes = [{ champ = "modalite", titre = "x", format = "texte" }]\n',
        encoding="utf-8",
    )
    fin = gestion_flux(*commande, attendu=1, cwd=tmp_path)
    assert "Classeurs, pages" not in fin.stderr
    assert re.search(r"BLOQUANT reglages/bilan\.toml, colonne tri, ligne Taille : 5\b.*DuckDB refuse", fin.stderr)


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


@pytest.mark.parametrize(
    ("reglage", "mot"),
    [
        ("filtre = \"true) limit 0; copy (select 1) to 'TEMOIN'; select (true\"", "une requête la suit"),
        ("filtre = \"true) union select 1 from bilan.ventilations where (true\"", "une requête la suit"),
        ("total = \"false) as a, (true\"", "une requête la suit"),
        ("tri = \"1; copy (select 1) to 'TEMOIN'\"", "une requête la suit"),
        ("tri = \"1 limit 1\"", "une requête la suit"),
        ("filtre = \"(select content from read_text('/etc/hostname')) = ''\"", "read_text()"),
        ("filtre = \"(select count(*) from glob('/etc/*')) > 0\"", "glob()"),
        ("filtre = \"exists (from '/etc/hostname')\"", "/etc/hostname"),
        ("a_l_ecran = \"exists (select 1 from duckdb_settings())\"", "duckdb_settings()"),
        ("filtre = \"modalite = ?\"", "paramètre"),
        ("filtre = \"true /*\"", "DuckDB refuse"),
        ("filtre = \"modalite >\"", "DuckDB refuse"),
        (f"filtre = \"{'not ' * 3000}true\"", "filtre"),
        ("compter = true\na_l_ecran = \"modalite = ''\"", "DuckDB refuse la feuille"),
    ],
)  # fmt: skip
def test_le_sql_d_un_reglage_n_est_qu_une_expression(reglages: Path, reglage: str, mot: str) -> None:
    """Refused with its line and its key before any of it is run: no file is read nor written."""
    temoin = reglages.parent / "temoin.txt"
    feuille = FEUILLE + 'colonnes = [{ champ = "libelle_modalite", titre = "Taille", format = "texte" }]\n'
    (reglages / "bilan.toml").write_text(feuille + reglage.replace("TEMOIN", str(temoin)), encoding="utf-8")
    with pytest.raises(ArretBloquant) as refus:
        verifier_gabarits(dossier=reglages.parent / "templates", a_blanc="TEMOIN" in reglage or "la feuille" in mot)
    (faute,) = refus.value.anomalies
    assert mot in faute.message and not temoin.exists()
    assert (faute.fichier, faute.feuille) == ("reglages/bilan.toml", "Taille") and faute.ligne
    assert faute.colonne in reglage


def test_une_expression_peut_avoir_commentaire_sous_requete_et_fonction(reglages: Path) -> None:
    feuille = """[[bilan.feuilles]]
nom = "Taille"
titre = "x"
table = "bilan.ventilations"
filtre = "modalite in (with m as (select modalite from ref.modalites) select modalite from m) -- celles qui ont un nom"
tri = "baux_signes desc nulls last, list_sum([x for x in [1, 2]]) -- puis rien"
total = "exists (select 1 from unnest([1]) as t(i) where i = 1) -- tout"
colonnes = [{ champ = "libelle_modalite", titre = "Taille", format = "texte" }]
"""
    (reglages / "bilan.toml").write_text(feuille, encoding="utf-8")
    verifier_gabarits(dossier=reglages.parent / "templates", a_blanc=True)


def test_ce_que_seules_les_lignes_montrent_est_dit_avec_sa_ligne(reglages: Path, tmp_path: Path) -> None:
    """A text taken for a number: right on empty tables, refused on the real ones as the other mistakes are."""
    feuille = FEUILLE + 'colonnes = [{ champ = "libelle_modalite", titre = "Taille", format = "texte" }]\n'
    (reglages / "bilan.toml").write_text(feuille + 'filtre = "modalite::integer > 1"', encoding="utf-8")
    gabarits = verifier_gabarits(dossier=reglages.parent / "templates", a_blanc=True)
    base = construire(tmp_path / "flux.duckdb")
    with connecter(base, lecture_seule=True) as con, pytest.raises(ArretBloquant) as refus:
        contenu.charger_bilans(con, gabarits)
    (faute,) = refus.value.anomalies
    assert (faute.fichier, faute.feuille, faute.ligne, faute.colonne) == ("reglages/bilan.toml", "Taille", 6, "filtre")
    assert "DuckDB refuse" in faute.message


def test_l_entrepot_ouvert_en_lecture_n_ouvre_rien_d_autre(tmp_path: Path) -> None:
    base = construire(tmp_path / "flux.duckdb")
    (tmp_path / "a.txt").write_text("secret", encoding="utf-8")
    with connecter(base, lecture_seule=True) as con, connecter(base, lecture_seule=True) as autre:
        for interdit in (
            f"from read_text('{tmp_path / 'a.txt'}')",
            f"copy (select 1) to '{tmp_path / 'b.csv'}'",
            f"attach '{tmp_path / 'c.duckdb'}'",
            "set enable_external_access = true",
        ):
            for ouverte in (con, autre):
                with pytest.raises(duckdb.Error):
                    ouverte.execute(interdit)
        assert autre.execute("select count(*) from bilan.entetes").fetchone() != (0,)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["a.txt", "flux.duckdb"]


@pytest.mark.parametrize(
    ("nom", "texte", "ligne", "mots"),
    [
        ("bilan.toml", '"a(b" = 1\n', 1, "« a(b » n'existe pas"),
        ("bilan.toml", '[bilan]\n"a(b" = 1\n', 2, "« a(b » n'existe pas"),
        ("bilan.toml", 'bilan = 3\n', 1, "« bilan » … une table"),
        ("bilan.toml", 'bilan = true\n', 1, "« bilan » … une table"),
        ("bilan.toml", 'modeles = 3\n', 1, "« modeles » … une table"),
        ("bilan.toml", '[modeles]\nlogements = 3\n', 2, "« logements » n'existe pas"),
        ("bilan.toml", 'suite = 3\n', 1, "« suite » … un texte"),
        ("bilan.toml", '[bilan]\ntitre = ["x"]\n', 2, "« titre » … un texte"),
        ("bilan.toml", '[bilan]\nidentite = ["x"]\n', 2, "« identite » … une liste de tables"),
        ("bilan.toml", '[bilan]\nidentite = 3\n', 2, "« identite » … une liste de tables"),
        ("bilan.toml", '[bilan]\nidentite = [{ libelle = "x", valeur = 3 }]\n', 2, "« valeur » … un texte"),
        ("bilan.toml", '[bilan]\nfeuilles = ["x"]\n', 2, "« feuilles » … une liste de tables"),
        ("bilan.toml", '[bilan]\nfeuilles = 3\n', 2, "« feuilles » … une liste de tables"),
        ("bilan.toml", '[bilan]\nchiffres = [3]\n', 2, "« chiffres » … une liste de tables"),
        ("bilan.toml", '[bilan]\nphrases = [["x"]]\n', 2, "« phrases » … une liste de textes"),
        ("bilan.toml", '[bilan]\nsynthese = 3\n', 2, "« synthese » … une table"),
        ("bilan.toml", '[bilan.synthese]\nlignes = [1]\n', 2, "« lignes » … une liste de tables"),
        ("bilan.toml", '[bilan]\nsignaler = "x"\n', 2, "« signaler » … une table"),
        ("bilan.toml", 'remplacer = ["x"]\n', 1, "« remplacer » … une liste de tables"),
        ("bilan.toml", 'remplacer = 3\n', 1, "« remplacer » … une liste de tables"),
        ("bilan.toml", '[[bilan.remplacer]]\nceci = 3\n', 2, "« ceci » … un texte"),
        ("bilan.toml", FEUILLE + 'colonnes = "x"\n', 5, "« colonnes » … une liste de tables"),
        ("bilan.toml", FEUILLE + 'colonnes = ["x"]\n', 5, "« colonnes » … une liste de tables"),
        ("bilan.toml", FEUILLE + 'colonnes = [{ champ = "x", titre = "x", format = 3 }]\n', 5, "« format » … un texte"),
        ("bilan.toml", FEUILLE + 'colonnes = []\nmodele = ["x"]\n', 6, "« modele » … un texte"),
        ("bilan.toml", FEUILLE + 'colonnes = []\ngraphique = 3\n', 6, "« graphique » … une table"),
        ("bilan.toml", FEUILLE + 'colonnes = []\nlignes = ["x"]\n', 6, "« lignes » … une liste de listes"),
        ("bilan.toml", FEUILLE + 'colonnes = []\nlimite = true\n', 6, "« limite » … un nombre entier"),
        ("bilan.toml", FEUILLE + 'colonnes = []\ncompter = 1\n', 6, "« compter » … true ou false"),
        ("etat_des_lieux.toml", 'etat_des_lieux = 3\n', 1, "« etat_des_lieux » … une table"),
        ("etat_des_lieux.toml", '"a(b" = 1\n', 1, "« a(b » n'existe pas"),
        ("theme.toml", '"a(b" = 1\n', 1, "« a(b » n'existe pas"),
        ("theme.toml", '[couleurs]\n"a(b" = "#000000"\n', 2, "« a(b » n'existe pas"),
        ("theme.toml", '[series]\n"a(b" = "#000000"\n', 2, "« a(b » n'est pas une mesure"),
        ("theme.toml", '[series]\nrefus = 3\n', 2, "n'est pas une couleur"),
        ("theme.toml", 'couleurs = 3\n', 1, "« couleurs » … une table"),
        ("theme.toml", 'police = ["x"]\n', 1, "« police » … un texte"),
        ("theme.toml", '[contact]\nservice = 3\n', 2, "« service » … un texte"),
        ("theme.toml", 'remplacer = ["x"]\n', 1, "« remplacer » … une liste de tables"),
    ],
)  # fmt: skip
def test_un_reglage_d_un_autre_type_est_refuse(reglages: Path, nom: str, texte: str, ligne: int, mots: str) -> None:
    """With its file, its line, its key and what is expected there; never an error of the program."""
    (reglages / nom).write_text(texte, encoding="utf-8")
    with pytest.raises(ArretBloquant) as refus:
        verifier_document("etat_des_lieux", "", dossier=reglages.parent / "templates")
        verifier_gabarits(dossier=reglages.parent / "templates")
    lieux = {(a.fichier, a.ligne) for a in refus.value.anomalies if all(m in a.message for m in mots.split(" … "))}
    assert lieux == {(f"reglages/{nom}", ligne)}, refus.value.anomalies


@pytest.mark.parametrize("texte", ["{{ 1 // (annee - annee) }}", "{{ annee + code_reservataire }}"])
def test_un_texte_que_les_valeurs_ne_remplissent_pas_est_dit_avec_sa_ligne(
    reglages: Path, tmp_path: Path, texte: str
) -> None:
    (reglages / "bilan.toml").write_text(f'[bilan]\nsujet = "{texte}"\n', encoding="utf-8")
    gabarits = verifier_gabarits(dossier=reglages.parent / "templates")
    base = construire(tmp_path / "flux.duckdb")
    with connecter(base, lecture_seule=True) as con, pytest.raises(ArretBloquant) as refus:
        contenu.charger_bilans(con, gabarits)
    (faute,) = refus.value.anomalies
    assert (faute.fichier, faute.ligne) == ("reglages/bilan.toml", 2)
    assert "ne peut pas être rempli pour bilan_2025_" in faute.message
