"""A template is changed without Python; a mistake in it is refused with its place, all mistakes at once."""

import shutil
from pathlib import Path

import duckdb
import pytest

from flows.anomalies import ArretBloquant, Gravite
from flows.chemins import GABARITS
from flows.livrables import contenu
from flows.livrables.verification_gabarits import verifier_gabarits
from tests.livrables.entrepot_exemple import construire

NOUVELLE_FEUILLE = """
[[bilan.feuilles]]
nom = "Baux par taille"
titre = "Baux signés en {{ annee }}, par taille"
table = "bilan.ventilations"
filtre = "dimension = 'typologie' and baux_signes > 0"
tri = "baux_signes desc"
seulement = ["R02"]
colonnes = [
    { champ = "libelle_modalite", titre = "Taille", format = "texte" },
    { champ = "baux_signes", titre = "Baux", format = "entier" },
]
"""


@pytest.fixture(scope="module")
def entrepot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return construire(tmp_path_factory.mktemp("gabarits") / "flux.duckdb")


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GABARITS, tmp_path / "templates"))


def remplacer(fichier: Path, avant: str, apres: str) -> int:
    """Replaces the first `avant`; returns the line (from 1) of what was put."""
    texte = fichier.read_text(encoding="utf-8")
    assert avant in texte
    fichier.write_text(texte.replace(avant, apres, 1), encoding="utf-8")
    return texte[: texte.index(avant)].count("\n") + 1


def test_les_gabarits_livres_sont_bons(entrepot: Path) -> None:
    assert verifier_gabarits() == verifier_gabarits(entrepot)


def test_une_feuille_s_ajoute_sans_python(dossier: Path, entrepot: Path) -> None:
    gabarit = dossier / "bilan.toml"
    gabarit.write_text(gabarit.read_text(encoding="utf-8") + NOUVELLE_FEUILLE, encoding="utf-8")
    gabarits = verifier_gabarits(entrepot, dossier)
    with duckdb.connect(str(entrepot), read_only=True) as con:
        feuilles = {d.nom: d.feuilles[-1] for d in contenu.charger_bilans(con, gabarits)}
        attendues = con.execute(
            "select libelle_modalite, baux_signes from bilan.ventilations where code_reservataire = 'R02' "
            "and dimension = 'typologie' and baux_signes > 0 order by baux_signes desc, libelle_modalite"
        ).fetchall()
    assert feuilles["bilan_2025_R02"].titre == "Baux signés en 2025, par taille"
    assert [tuple(ligne) for ligne in feuilles["bilan_2025_R02"].lignes] == attendues
    assert feuilles["bilan_2025_R01"].nom == "Méthode"


@pytest.mark.parametrize(
    ("avant", "apres", "mot"),
    [
        ('filtre = "ordre < 7000000000"', 'filtr = "ordre < 7000000000"', "filtre"),
        ('titre = "Refus", format = "entier"', 'titre = "Refus", format = "nb"', "nb"),
        ('nom = "Quotas"', "nom = 3", "nom"),
        ('modele = "logements"', 'modele = "logement"', "logements"),
        ('nom = "Quotas"', 'nom = "Ventilation"', "Ventilation"),
        ('nom = "Quotas"', 'nom = "Quotas / ménages"', "Excel"),
        ('titre = "Quotas légaux', 'titre = "Quotas {{ légaux', "mal formé"),
        ('filtre = "ordre < 7000000000"', 'filtre = "ordre in (1"', "filtre"),
        ('series = ["mises_a_disposition", "liberations"]', 'series = ["liberation"]', "liberations"),
        ('champ = "texte", titre = "Constat"', 'champ = "txt", titre = "Constat"', "texte"),
        ('{ champ = "rubrique"', '{ champ = "rubriqu"', "rubrique"),
        ('formules = { champ = "valeur"', 'formules = { champ = "valeurs"', "valeur"),
        ('repere = "ligne"', 'repere = "lign"', "ligne"),
        ('table = "bilan.methode"', 'table = "bilan.method"', "bilan.methode"),
        ('["Bail signé", "Bail', '["Bail signé", "", "Bail', "3 cases"),
    ],
)
def test_une_faute_est_refusee_avec_sa_ligne_avant_tout_calcul(dossier: Path, avant: str, apres: str, mot: str) -> None:
    ligne = remplacer(dossier / "bilan.toml", avant, apres)
    with pytest.raises(ArretBloquant) as refus:
        verifier_gabarits(dossier=dossier)
    faute = refus.value.anomalies[0]
    assert faute.gravite is Gravite.BLOQUANT
    assert faute.fichier == "templates/bilan.toml"
    assert mot in faute.message + faute.correction
    assert faute.ligne == ligne, faute


@pytest.mark.parametrize(
    ("avant", "apres", "mot"),
    [
        ("{{ exercice_raison_sociale }}", "{{ raison_sociale }}", "exercice_raison_sociale"),
        ('champ = "ensemble_proposes", titre', 'champ = "proposes", titre', "ensemble_proposes"),
        ("{{ parc_total|nombre }}", "{{ parc|nombre }}", "parc_total"),
        ("{%- if nb_objectifs -%}", "{%- if nb_objectif -%}", "nb_objectifs"),
        ('tri = "table_metier, fichier, feuille"', 'tri = "table_metier, fichiers"', "tri"),
        ('champ = "octets"', 'champ = "octet"', "octets"),
        ("""total = "dimension = 'total'\"""", """total = "dimensions = 'total'\"""", "total"),
    ],
)
def test_l_entrepot_dit_ce_qui_n_existe_pas(dossier: Path, entrepot: Path, avant: str, apres: str, mot: str) -> None:
    remplacer(dossier / "bilan.toml", avant, apres)
    with pytest.raises(ArretBloquant) as refus:
        verifier_gabarits(entrepot, dossier)
    assert any(mot in a.message + a.correction for a in refus.value.anomalies)


def test_toutes_les_fautes_a_la_fois(dossier: Path) -> None:
    remplacer(dossier / "bilan.toml", '{ champ = "rubrique"', '{ champ = "rubriqu"')
    remplacer(dossier / "bilan.toml", 'table = "audit.sources"', 'table = "sources"')
    remplacer(dossier / "_macros.html.j2", "{%- endmacro %}", "{%- fin %}")
    with pytest.raises(ArretBloquant) as refus:
        verifier_gabarits(dossier=dossier)
    assert {(a.fichier, a.colonne) for a in refus.value.anomalies} == {
        ("templates/bilan.toml", "champ"),
        ("templates/bilan.toml", "table"),
        ("templates/_macros.html.j2", ""),
    }
    assert all(a.ligne for a in refus.value.anomalies)


def test_deux_feuilles_de_meme_nom_dans_deux_documents_ont_chacune_leur_ligne(dossier: Path) -> None:
    gabarit = dossier / "bilan.toml"
    texte = gabarit.read_text(encoding="utf-8")
    debut = texte.index("[[controles.feuilles]]")
    fautive = texte[debut:].replace('{ champ = "message"', '{ champ = "mesage"', 1)
    gabarit.write_text(texte[:debut] + fautive, encoding="utf-8")
    with pytest.raises(ArretBloquant) as refus:
        verifier_gabarits(dossier=dossier)
    attendue = (texte[:debut] + fautive).split('"mesage"')[0].count("\n") + 1
    assert [a.ligne for a in refus.value.anomalies] == [attendue]


@pytest.mark.parametrize(("avant", "apres"), [('principale = "#17375E"', 'principale = "bleu"'), ("trait =", "trai =")])
def test_une_couleur_fausse_ou_absente_est_refusee(dossier: Path, avant: str, apres: str) -> None:
    remplacer(dossier / "theme.toml", avant, apres)
    with pytest.raises(ArretBloquant) as refus:
        verifier_gabarits(dossier=dossier)
    assert refus.value.anomalies[0].fichier == "templates/theme.toml"


def test_un_fichier_illisible_est_refuse_avec_sa_ligne(dossier: Path) -> None:
    ligne = remplacer(dossier / "bilan.toml", 'nom = "Quotas"', 'nom = "Quotas')
    with pytest.raises(ArretBloquant) as refus:
        verifier_gabarits(dossier=dossier)
    assert refus.value.anomalies[0].code == "gabarit_illisible"
    assert refus.value.anomalies[0].ligne == ligne
