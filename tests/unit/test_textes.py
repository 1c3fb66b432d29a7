"""Delimited texts: every cell as it stands, on the line where the user sees it, whatever the encoding and separator."""

import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.anomalies import Anomalie, Gravite
from flows.depot.feuilles import Feuille, adresse, lettres, nombre_en_texte
from flows.depot.separateurs import deviner
from flows.depot.textes import lire_texte

Lignes = list[list[str | None]]


def lire(dossier: Path, octets: bytes) -> tuple[Feuille | None, dict[int, list[str | None]], list[Anomalie]]:
    """The sheet, its rows by line number, the anomalies."""
    chemin = dossier / "fichier.csv"
    chemin.write_bytes(octets)
    feuilles, anomalies = lire_texte("fichier.csv", chemin, dossier / "lignes.arrow")
    if not feuilles:
        return None, {}, anomalies
    table = pa.ipc.open_file(str(feuilles[0].lignes)).read_all()
    assert table.num_rows == feuilles[0].nb_lignes
    numeros, *colonnes = (colonne.to_pylist() for colonne in table.columns)
    assert numeros == sorted(numeros)
    return feuilles[0], {n: list(cellules) for n, *cellules in zip(numeros, *colonnes, strict=True)}, anomalies


def codes(anomalies: list[Anomalie]) -> list[str]:
    return [anomalie.code for anomalie in anomalies]


@pytest.mark.parametrize(
    ("encodage", "nom"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_meme_table_dans_tous_les_encodages(tmp_path: Path, encodage: str, nom: str) -> None:
    feuille, lignes, anomalies = lire(tmp_path, "code;libellé\r\n01004;Été à l’Œuvre, 12 €\r\n".encode(encodage))
    assert lignes == {1: ["code", "libellé"], 2: ["01004", "Été à l’Œuvre, 12 €"]}
    assert feuille is not None
    assert (feuille.encodage, feuille.separateur, feuille.format) == (nom, ";", "csv")
    assert codes(anomalies) == ([] if encodage.startswith("utf-8") else ["encodage_detecte"])


def test_octets_indefinis_de_cp1252(tmp_path: Path) -> None:
    _, lignes, anomalies = lire(tmp_path, b"a;b\n\xe9t\xe9;x\x81y\n")
    assert lignes[2] == ["été", "x\x81y"]
    assert [a.gravite for a in anomalies] == [Gravite.INFORMATION, Gravite.AVERTISSEMENT]


def test_accent_final_de_cp1252_n_est_pas_une_coupure(tmp_path: Path) -> None:
    feuille, lignes, _ = lire(tmp_path, "a;b\n1;né".encode("cp1252"))
    assert feuille is not None and feuille.encodage == "cp1252"
    assert lignes[2] == ["1", "né"]


@pytest.mark.parametrize("texte", ["a;b\n1;cité\u00a0»\n", "a;b\n1;«\u00a0cité\u00a0»\n", "a;b\n1;CITÉ’S\u00a0»\n"])
def test_cp1252_qui_ressemble_a_de_l_utf8(tmp_path: Path, texte: str) -> None:
    """These bytes are, in part or in whole, valid UTF-8 of another alphabet."""
    feuille, lignes, _ = lire(tmp_path, texte.encode("cp1252"))
    assert feuille is not None and feuille.encodage == "cp1252"
    assert lignes[2] == texte.splitlines()[1].split(";")


@pytest.mark.parametrize("signe", ["✔", "≈ 2", "😀", "● 1", "☑️", "■", "→", "頁", "Ω", "é", "cité ✔\u00a0»"])
def test_un_seul_signe_en_utf8_suffit_a_le_reconnaitre(tmp_path: Path, signe: str) -> None:
    feuille, lignes, anomalies = lire(tmp_path, f"a;b\n1;{signe}\n2;x\n".encode())
    assert (feuille is not None and feuille.encodage, lignes[2], anomalies) == ("utf-8", ["1", signe], [])
    # and what follows in another encoding is a mixture, not a whole file of it
    _, _, anomalies = lire(tmp_path, f"a;b\n1;{signe}\n".encode() + "2;été\n".encode("cp1252"))
    assert codes(anomalies) == ["encodage_melange"]


def test_accents_perdus_comptes_et_gardes(tmp_path: Path) -> None:
    _, lignes, anomalies = lire(tmp_path, "a;b\nTH?ATRE;r?sidence ?\nCaf\ufffd;vraiment ?\n".encode())
    assert lignes[2] == ["TH?ATRE", "r?sidence ?"]
    assert {(a.code, a.ligne) for a in anomalies} == {("accents_perdus", 2), ("accents_perdus", 3)}
    assert any("2 fois un « ? »" in a.message for a in anomalies)


@pytest.mark.parametrize("separateur", [";", ",", "\t", "|"])
@pytest.mark.parametrize("saut", ["\n", "\r\n", "\r"])
def test_separateurs_et_fins_de_ligne(tmp_path: Path, separateur: str, saut: str) -> None:
    tampon = io.StringIO()
    csv.writer(tampon, delimiter=separateur, lineterminator=saut).writerows(
        [["code", "adresse", "nom"], ["1", 'bât "A", 2; rue\t|', ""], ["2", f"haut{saut}bas", "x"], ["3", "y", "z"]]
    )
    feuille, lignes, anomalies = lire(tmp_path, tampon.getvalue().encode())
    assert feuille is not None and feuille.separateur == separateur
    assert lignes == {
        1: ["code", "adresse", "nom"],
        2: ["1", 'bât "A", 2; rue\t|', None],
        3: ["2", f"haut{saut}bas", "x"],
        5: ["3", "y", "z"],
    }
    assert not anomalies


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("code;taux;part\n1;1,5;2,5\n2;3,5;4,5\n", (";", 3)),
        ("Droits, état au 1/1, ville\nSource : X, Y, Z\n\ncode;adresse\nA;1, rue B, C\nB;2, rue D, E\n", (";", 2)),
        ("code,options,taux\nA,x;y,2\nB,z;t,3\n", (",", 3)),
        ("2018;1;OPH;;1;2;3;4;5;12345678901234;1;c\n" + ";".join(["a, b"] * 64) + "\n", (";", 64)),
        ("code, libelle, nombre\nA, x, 1\n", (",", 3)),
        ("code; libelle; nombre\nA; x; 1\n", (";", 3)),
        ("code\n1\n2\n", (";", 1)),
        ("a;b\n", (";", 2)),
        ("", (";", 1)),
    ],
)
def test_separateur_devine(texte: str, attendu: tuple[str, int]) -> None:
    assert deviner(texte) == attendu


def test_declaration_rpls(tmp_path: Path) -> None:
    premiere = ["2025", "123456789", "OPH FICTIF, ville", *[""] * 6, "12345678901234", "3", "commentaire"]
    logements = [[f"003727307{i}", *["x"] * 63] for i in range(3)]
    texte = "".join(";".join(ligne) + "\r\n" for ligne in [premiere, *logements])
    feuille, lignes, anomalies = lire(tmp_path, texte.encode("cp1252"))
    assert feuille is not None and feuille.nb_lignes == 4
    assert lignes[1][:3] == premiere[:3] and lignes[1][12:] == [None] * 52
    assert lignes[4] == logements[2]
    assert not anomalies


def test_titres_lignes_vides_et_numeros(tmp_path: Path) -> None:
    _, lignes, anomalies = lire(tmp_path, b"Titre du tableau\n\n;;\ncode;libelle;nombre\n\nA;x;1\n;;\nB;y;2\n")
    assert lignes == {
        1: ["Titre du tableau", None, None],
        4: ["code", "libelle", "nombre"],
        6: ["A", "x", "1"],
        8: ["B", "y", "2"],
    }
    assert not anomalies


def test_lignes_inegales_dites_une_par_une(tmp_path: Path) -> None:
    _, lignes, anomalies = lire(tmp_path, b"a;b;c\n1;2;3\n4;5\n6;7;8;9\n10;11;12;;\n13;14;15\n")
    assert lignes[3] == ["4", "5", None, None]
    assert lignes[4] == ["6", "7", "8", "9"]
    assert lignes[5] == ["10", "11", "12", None]
    assert {(a.gravite, a.code, a.ligne) for a in anomalies} == {
        (Gravite.AVERTISSEMENT, "ligne_incomplete", 3),
        (Gravite.ERREUR, "ligne_trop_longue", 4),
    }


def test_le_debut_du_fichier_n_est_pas_la_regle(tmp_path: Path) -> None:
    """Two thousand lines of two cells, then twenty thousand of five: the five are the ordinary ones."""
    _, lignes, anomalies = lire(tmp_path, b"a;b\n" * 2000 + b"1;2;3;4;5\n" * 20_000)
    assert len(lignes) == 22_000
    assert lignes[1] == ["a", "b", None, None, None]
    assert lignes[22_000] == ["1", "2", "3", "4", "5"]
    assert not anomalies


def test_millions_de_lignes_par_blocs(tmp_path: Path) -> None:
    """Several blocks of the reader, records put aside in each, one on two lines: the numbers stay right."""
    nombre = 900_000
    corps = [f"{i};valeur {i};x" for i in range(2, nombre + 1)]
    corps[100] = "102;courte"
    corps[500_000] = '500002;"sur\ndeux";x'
    corps[-1] = f"{nombre};courte"
    _, lignes, anomalies = lire(tmp_path, ("a;b;c\n" + "\n".join(corps) + "\n").encode())
    assert len(lignes) == nombre
    assert lignes[102] == ["102", "courte", None]
    assert lignes[500_002] == ["500002", "sur\ndeux", "x"]
    assert lignes[500_004][0] == "500003"
    assert lignes[nombre + 1] == [str(nombre), "courte", None]
    assert [(a.code, a.ligne) for a in anomalies] == [("ligne_incomplete", 102), ("ligne_incomplete", nombre + 1)]


def test_guillemet_de_trop_et_lignes_perdues(tmp_path: Path) -> None:
    """A stray quote that another one closes would make one record of three, without any count that differs."""
    _, _, anomalies = lire(tmp_path, b'a;b;c\n1;"x;3\n4;y;6\n7;z";9\n10;11;12\n')
    assert [(a.gravite, a.code, a.ligne, a.colonne) for a in anomalies] == [
        (Gravite.BLOQUANT, "guillemet_suspect", 2, "B")
    ]


def test_texte_sur_deux_lignes_avec_des_virgules_n_est_pas_suspect(tmp_path: Path) -> None:
    _, lignes, anomalies = lire(tmp_path, b'a,b,c\n1,"12, rue A,\n2000 B",3\n4,5,6\n')
    assert lignes[2] == ["1", "12, rue A,\n2000 B", "3"]
    assert not anomalies


@pytest.mark.parametrize("reste", range(1, 12))
def test_coupure_de_la_derniere_ligne(tmp_path: Path, reste: int) -> None:
    entier = b"code;libelle;nombre\nA;Ville;12\nBCD;Autre;345\n"
    coupe = entier[: -len(b"BCD;Autre;345\n") + reste]
    feuille, _, anomalies = lire(tmp_path, coupe)
    assert feuille is not None
    dites = {(a.gravite, a.code, a.ligne) for a in anomalies if a.code != "ligne_incomplete"}
    attendu = (Gravite.BLOQUANT, "fichier_tronque", 3)
    assert dites == {attendu if coupe.count(b";") < 6 else (Gravite.AVERTISSEMENT, "fin_de_ligne_absente", 3)}


def test_textes_proteges_a_la_maniere_d_excel(tmp_path: Path) -> None:
    _, lignes, _ = lire(tmp_path, b'a;b\n="01004";"=""2A004"""\n=1+1;="x"&"y"\n')
    assert lignes[2] == ["01004", "2A004"]
    assert lignes[3] == ["=1+1", '="x"&"y"']


def test_totaux_de_tableur(tmp_path: Path) -> None:
    _, _, anomalies = lire(tmp_path, b"a;b\n" * 65_536)
    assert codes(anomalies) == ["fichier_coupe_par_tableur"]
    _, _, anomalies = lire(tmp_path, b"a;b\n" * 65_535)
    assert not anomalies


def test_adresses() -> None:
    assert [lettres(i) for i in (1, 26, 27, 702, 703, 16_384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(adresse(f"{lettres(i)}{i}") == (i, i) for i in range(1, 20_000, 7))


@pytest.mark.parametrize(
    ("nombre", "texte"),
    [(0.1 + 0.2, "0.3"), (12345678901234.0, "12345678901234"), (1.23e-7, "0.000000123"), (2.0, "2"), (-0.0, "0")],
)
def test_nombre_en_texte(nombre: float, texte: str) -> None:
    assert nombre_en_texte(nombre) == texte


_CELLULE = st.text(st.sampled_from('ab0é€\u00a0 ;,\t|"\n.=-'), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    lignes=st.lists(st.lists(_CELLULE, min_size=4, max_size=4), max_size=12),
    separateur=st.sampled_from(";,\t|"),
    saut=st.sampled_from(["\n", "\r\n"]),
    guillemets=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encodage=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
)
def test_ce_qui_est_ecrit_est_relu(
    tmp_path_factory: pytest.TempPathFactory,
    lignes: list[list[str]],
    separateur: str,
    saut: str,
    guillemets: int,
    encodage: str,
) -> None:
    """Whatever the cells, what Python's csv writes comes back, on the lines where Python's csv finds it."""
    entete = ["colonne un", "colonne deux", "colonne trois", "colonne quatre"]
    ordinaires = [["a", "b", "c", "d"]] * 40
    tampon = io.StringIO(newline="")
    csv.writer(tampon, delimiter=separateur, lineterminator=saut, quoting=guillemets).writerows(
        [entete, *ordinaires, *lignes]
    )
    texte = tampon.getvalue()
    _, relues, anomalies = lire(tmp_path_factory.mktemp("t"), texte.encode(encodage))
    if "guillemet_suspect" in codes(anomalies):
        return
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur)
    attendues, debut = {}, 1
    for cellules in lecteur:
        valeurs = [_sans_formule(cellule) or None for cellule in cellules]
        if any((valeur or "").strip() for valeur in valeurs):  # a record of blanks is a blank record
            attendues[debut] = valeurs
        debut = lecteur.line_num + 1
    assert relues == attendues


def _sans_formule(cellule: str) -> str:
    return (
        cellule[2:-1]
        if len(cellule) > 2 and cellule[:2] == '="' and cellule[2:].find('"') == len(cellule) - 3
        else cellule
    )


@settings(max_examples=200, deadline=None)
@given(octets=st.binary(max_size=300))
def test_aucun_octet_ne_fait_echouer(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    feuille, lignes, anomalies = lire(tmp_path_factory.mktemp("t"), octets)
    bloque = any(a.gravite is Gravite.BLOQUANT for a in anomalies)
    assert (feuille is not None and lignes) or bloque


def test_un_guillemet_ouvert_sur_une_ligne_sans_fin(tmp_path: Path) -> None:
    """Told by its line, in one pass: a line of 40 MB is not cut a thousand times."""
    fichier = tmp_path / "liberations.csv"
    fichier.write_bytes(b'ident_rep;date_liberation\n1;01/01/2025\n"' + b"x" * 40_000_000)
    feuilles, anomalies = lire_texte("liberations.csv", fichier, tmp_path / "f.parquet")
    assert feuilles == []
    assert [(a.code, a.ligne) for a in anomalies] == [("guillemet_non_ferme", 3)]
