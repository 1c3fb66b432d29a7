"""The CSV files that the bailleur edits, as a spreadsheet saves them, and what is said of a mistake."""

import time
from pathlib import Path

import duckdb
import pytest

from flows.anomalies import ArretBloquant
from flows.chemins import CONTRAT, REF
from flows.contrat.listes import lire_declarees, lire_liste
from flows.contrat.schema import charger
from flows.entrepot import a_blanc, chargement
from flows.entrepot.chargement import _charger_ref

ENTETE = ("code", "libelle")
LISTE = 'code;libelle\nete;Été, à l\'œuvre\n\nhiver;"Hiver ; froid"\n'


@pytest.mark.parametrize("codage", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separateur", [";", ",", "\t"])
@pytest.mark.parametrize("fin", ["\n", "\r\n"])
def test_toute_facon_d_enregistrer_dit_la_meme_chose(tmp_path: Path, codage: str, separateur: str, fin: str) -> None:
    texte = LISTE
    if separateur != ";":
        texte = f'code{separateur}libelle\nete{separateur}"Été, à l\'œuvre"\n\nhiver{separateur}"Hiver ; froid"\n'
    fichier = tmp_path / "liste.csv"
    fichier.write_bytes(texte.replace("\n", fin).encode(codage))
    attendu = [(2, {"code": "ete", "libelle": "Été, à l'œuvre"}), (4, {"code": "hiver", "libelle": "Hiver ; froid"})]
    assert lire_liste(fichier, ENTETE, cle=("code",)) == attendu


@pytest.mark.parametrize(
    ("texte", "ligne", "message"),
    [
        ("code;libele\na;b\n", 1, "Colonnes absentes : libelle."),
        ("code;libelle;note\na;b;c\n", 1, "Colonnes inconnues : note."),
        ("code;libelle;code\na;b;c\n", 1, "Colonnes en double : code."),
        ("code;libelle\na;b\na;c\n", 3, "« a » est déjà à la ligne 2 (code)."),
        ("code;libelle\na;b;c\n", 2, "La ligne a 3 cellules pour 2 colonnes."),
        ('code;libelle\na;"b\n', 2, "Un guillemet est de trop ou n'est pas refermé."),
        ("", 1, "Le fichier est vide."),
    ],
)
def test_une_faute_dit_le_fichier_la_ligne_et_le_remede(tmp_path: Path, texte: str, ligne: int, message: str) -> None:
    dossier = tmp_path / "ref"
    dossier.mkdir()
    (dossier / "liste.csv").write_text(texte, encoding="utf-8")
    with pytest.raises(ArretBloquant) as arret:
        lire_liste(dossier / "liste.csv", ENTETE, cle=("code",))
    dites = [a for a in arret.value.anomalies if a.message == message]
    assert [(a.fichier, a.ligne) for a in dites] == [("sql/ref/liste.csv", ligne)]
    assert f"(ligne {ligne} de sql/ref/liste.csv)" in dites[0].correction


def _table(fichier: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        con.execute("create schema ref")
        _charger_ref(con, fichier, lire_declarees())
        return con.execute(f"select * from ref.{fichier.stem} order by all").fetchall()


@pytest.mark.parametrize("nom", ["motifs_exclusion", "taux", "retrocessions_pnru", "jours_feries", "communes"])
def test_une_liste_enregistree_par_excel_donne_la_meme_table(tmp_path: Path, nom: str) -> None:
    texte = (REF / f"{nom}.csv").read_text(encoding="utf-8")
    copie = tmp_path / f"{nom}.csv"
    copie.write_bytes(texte.replace("÷", "/").replace("−", "-").replace("\n", "\r\n").encode("cp1252"))
    ordinaire = tmp_path / "utf8" / f"{nom}.csv"
    ordinaire.parent.mkdir()
    ordinaire.write_text(texte.replace("÷", "/").replace("−", "-"), encoding="utf-8")
    debut = time.process_time()
    assert _table(copie) == _table(ordinaire) != []
    assert time.process_time() - debut < 10  # the forty thousand communes too


def test_une_cle_en_double_ou_un_ordre_en_lettres_arrete(tmp_path: Path) -> None:
    texte = (REF / "taux.csv").read_text(encoding="utf-8")
    copie = tmp_path / "taux.csv"
    copie.write_text(texte + texte.splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(ArretBloquant, match="déjà à la ligne 2"):
        _table(copie)
    copie.write_text(texte.replace(";1;", ";un;", 1), encoding="utf-8")
    with pytest.raises(ArretBloquant, match="nombre entier"):
        _table(copie)


def test_le_contrat_enregistre_par_excel_est_le_meme(tmp_path: Path) -> None:
    for fichier in CONTRAT.glob("*.csv"):
        (tmp_path / fichier.name).write_bytes(b"\xef\xbb\xbf" + fichier.read_bytes().replace(b"\n", b"\r\n"))
    assert charger(tmp_path) == charger()


def test_des_listes_enregistrees_par_excel_passent_l_essai_a_blanc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine that fails on a list leaves the warehouse usable: another way of reading is then tried."""
    for liste in REF.glob("*.csv"):
        (tmp_path / liste.name).write_bytes(liste.read_text(encoding="utf-8").encode("cp1252", "replace"))
    monkeypatch.setattr(chargement, "REF", tmp_path)
    with a_blanc.ouvrir() as con:
        assert con.execute("select count(*) > 5 from ref.motifs_exclusion").fetchone() == (True,)
