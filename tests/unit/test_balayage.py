"""A big text scanned by DuckDB or spread out in rows of text: one meaning, to the last anomaly."""

import random
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.anomalies import Anomalie
from flows.contrat.schema import charger
from flows.depot import reception
from flows.depot.extraction import extraire
from flows.tables import parc
from flows.tables.declaration import POSITIONS
from flows.tables.lecture import lire
from tests.pannes.corpus import CORPUS
from tests.pannes.variantes import Variante, campagne

Lue = tuple[list[tuple[object, ...]], list[dict[str, object]], list[Anomalie], str]

COLONNES = "IDENT_REP IDENT_INT DEPCOM CODEPOSTAL NUMVOIE NOMVOIE NBPIECE SURFHAB CONSTRUCT LOCAT FINAN BAIL LOYERPRINC"
ENTETE = [*COLONNES.split(), "SIRET", "EPCI", "MODE", "RS", "COULEUR"]


def lignes_saines(nombre: int, debut: int = 1) -> list[list[str]]:
    """Rows of dwellings, each its own, in the columns of `ENTETE`."""
    return [
        [
            *(f"00370{i:05}", f"ESI.{i}", "01004", "01500", f"{i % 90 + 1}", f"FICTIVE {i % 7}", f"{i % 5 + 1}", "56"),
            *(
                "1975",
                "1976",
                "13",
                "03/2019",
                f"{300 + i},5",
                "99900000300015",
                "240100800",
                "1",
                "ESH fictive",
                "bleu",
            ),
        ]
        for i in range(debut, debut + nombre)
    ]


def texte(lignes: list[list[str]], separateur: str = ";", saut: str = "\n") -> str:
    """The text of these rows, cells quoted where they must be."""
    speciaux = (separateur, '"', "\n", "\r")
    return "".join(
        separateur.join('"' + c.replace('"', '""') + '"' if any(s in c for s in speciaux) else c for c in ligne) + saut
        for ligne in lignes
    )


def lire_ainsi(dossier: Path, fichiers: dict[str, bytes], balayer: bool) -> tuple[Lue, int]:
    """What the reading of these files gives, and how many were scanned."""
    entrees, travail = dossier / "in", dossier / ("balaye" if balayer else "etale")
    entrees.mkdir(exist_ok=True)
    for nom, octets in fichiers.items():
        (entrees / nom).write_bytes(octets)
    recus, _ = reception.recevoir(entrees, list(charger().tables))
    balayables = [f.nom for f in recus] if balayer else []
    feuilles, dites = extraire([(f.nom, f.chemin) for f in recus], travail / "feuilles", (), balayables)
    lecture = lire(recus, feuilles, travail / "tables", 2025)
    rangees: list[tuple[object, ...]] = []
    balayes = 0
    if "rpls" in lecture.tables:
        relation = lecture.balayees.get("rpls")
        balayes = sum(f.balayable is not None for f in feuilles) if relation else 0
        with duckdb.connect() as con:
            rangees = con.execute(f"from {relation or repr(str(lecture.tables['rpls']))} as lues").fetchall()
    anomalies = sorted(
        [*dites, *lecture.anomalies], key=lambda a: (a.fichier, a.code, a.ligne or 0, a.colonne, a.message)
    )
    comptages = [c.decrire() for c in sorted(lecture.comptages, key=lambda c: c.fichier)]
    return (sorted(rangees, key=lambda r: r[:3]), comptages, anomalies, lecture.raison_sociale), balayes  # type: ignore[return-value]


def comparer(dossier: Path, fichiers: dict[str, bytes], balayes: int | None = None) -> Lue:
    """Both readings, which must be the same; `balayes` files, when given, must have been scanned."""
    balayee, nombre = lire_ainsi(dossier, fichiers, True)
    etalee, _ = lire_ainsi(dossier, fichiers, False)
    for vue, voulue in zip(balayee, etalee, strict=True):
        assert vue == voulue
    if balayes is not None:
        assert nombre == balayes
    return balayee


@pytest.mark.parametrize("separateur", [";", ",", "\t", "|"])
@pytest.mark.parametrize("saut", ["\n", "\r\n"])
def test_texte_sain(tmp_path: Path, separateur: str, saut: str) -> None:
    lignes = [[c.replace(",", ".") for c in ligne] for ligne in [ENTETE, *lignes_saines(200)]]
    rangees, comptages, anomalies, _ = comparer(
        tmp_path, {"rpls_2025.csv": texte(lignes, separateur, saut).encode()}, 1
    )
    assert len(rangees) == 200
    assert [r[2] for r in rangees] == list(range(2, 202))
    assert comptages[0]["acceptees"] == 200
    assert {a.code for a in anomalies} == {"colonnes_ignorees"}


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodages(tmp_path: Path, encodage: str) -> None:
    lignes = lignes_saines(50)
    for ligne in lignes:
        ligne[5] = "Allée de l’Œuvre, été"
    rangees, *_ = comparer(tmp_path, {"rpls_2025.csv": texte([ENTETE, *lignes]).encode(encodage)}, 1)
    assert len(rangees) == 50


DEGATS = {
    "cellule illisible": lambda t: t.replace(";56;", ";cinquante;", 3),
    "commune illisible": lambda t: t.replace("01004", "XX", 2),
    "commune de 4": lambda t: t.replace("01004", "1004"),
    "identifiant court": lambda t: t.replace("0037000003", "37000003"),
    "identifiant faux": lambda t: t.replace("0037000003", "3,7E+07"),
    "siret abime": lambda t: t.replace("99900000300015", "9,99E+13", 2),
    "loyer en erreur": lambda t: t.replace("305,5", "3,1E+05"),
    "erreur de tableur": lambda t: t.replace("FICTIVE 3", "#N/A"),
    "diese dans un texte": lambda t: t.replace("FICTIVE 3", "BAT #3"),
    "formule": lambda t: t.replace("01004", '="01004"'),
    "ligne courte": lambda t: t.replace(";bleu", "", 1),
    "ligne longue": lambda t: t.replace(";bleu", ";bleu;rouge", 1),
    "blancs au bout": lambda t: t.replace(";bleu", ";bleu;;", 1),
    "ligne blanche": lambda t: t.replace("bleu\n", "bleu\n\n", 1),
    "ligne de separateurs": lambda t: t + ";" * (len(ENTETE) - 1) + "\n",
    "ligne d'espaces": lambda t: t + " ;" * (len(ENTETE) - 1) + "\u00a0\n",
    "saut dans une cellule": lambda t: t.replace("FICTIVE 3", '"FICTIVE\n3"', 1),
    "guillemet au milieu": lambda t: t.replace("FICTIVE 3", 'FIC"TIVE 3', 1),
    "guillemet puis texte": lambda t: t.replace("FICTIVE 3", '"FIC"TIVE 3', 1),
    "guillemets doubles": lambda t: t.replace("FICTIVE 3", '"RES ""LES PINS"""'),
    "blanc avant guillemet": lambda t: t.replace("FICTIVE 3", ' "FICTIVE 3"'),
    "blanc apres guillemet": lambda t: t.replace("FICTIVE 3", '"FICTIVE 3" '),
    "guillemet ouvert": lambda t: t.replace("FICTIVE 3", '"FICTIVE 3', 1),
    "sans saut final": lambda t: t.removesuffix("\n"),
    "fin coupee": lambda t: t[:-20],
    "sauts melanges": lambda t: t.replace("\n", "\r\n", 5),
    "titre au-dessus": lambda t: "Parc au 1er janvier\n" + t,
    "descriptions": lambda t: t.replace("\n", "\n" + ";".join(["libellé long sans chiffre"] * len(ENTETE)) + "\n", 1),
    "descriptions, types et unites": lambda t: t.replace(
        "\n",
        "\n" + ";".join(["libellé long sans chiffre"] * len(ENTETE)) + "\n" + ";".join(["texte"] * len(ENTETE)) + "\n",
        1,
    ),
    "titre au-dessus, complete de separateurs": lambda t: "Parc" + ";" * (len(ENTETE) - 1) + "\n" + t,
    "sous-total dans une cellule": lambda t: t.replace("FICTIVE 3", "Sous-total FICTIVE", 1),
    "colonne lue reparee": lambda t: t.replace(";300;", "; 300 ;").replace("305,5", " 305,5 "),
    "non conventionne": lambda t: t.replace("COULEUR", "CONV", 1).replace("bleu", "2"),
    "non conventionne, public": lambda t: (
        t.replace("COULEUR", "CONV", 1).replace("bleu", "2").replace("IDENT_REP", "IDENT_ORG", 1)
    ),
    "non conventionne, categorie dite ailleurs": lambda t: (
        t.replace("COULEUR", "CONV", 1).replace("bleu", "1").replace(";1\n", ";2\n", 1).replace("MODE", "CAT_ORG", 1)
    ),
    "total en bas": lambda t: t + "Total;" + ";" * (len(ENTETE) - 2) + "\n",
    "total au milieu": lambda t: t.replace("0037000003;", "TOTAL;", 1),
    "colonne sans entete": lambda t: t.replace("RS;", ";", 1),
    "colonne double": lambda t: t.replace("COULEUR", "depcom", 1),
    "colonne obligatoire absente": lambda t: t.replace("DEPCOM", "LIEU", 1),
    "accents perdus": lambda t: t.replace("FICTIVE", "R?sidence"),
    "millesime": lambda t: t.replace("COULEUR", "MILLESIME", 1).replace("bleu", "2026"),
    "deux millesimes": lambda t: (
        t.replace("COULEUR", "MILLESIME", 1).replace("bleu", "2026").replace("2026", "2025", 1)
    ),
    "espaces": lambda t: t.replace("FICTIVE 3", "  FICTIVE\u00a0 3 ").replace(";13;", "; 13 ;"),
    "vides dits": lambda t: t.replace("FICTIVE 3", "-").replace(";56;", ";NC;").replace("1975", "9999"),
    "double": lambda t: t + t.splitlines()[3] + "\n",
    "double mais la couleur": lambda t: t + t.splitlines()[3].replace("bleu", "vert") + "\n",
    "double ecrit autrement": lambda t: t + t.splitlines()[3].removeprefix("00") + "\n",
    "identifiant interne partage": lambda t: (
        t.replace("0037000003", "").replace("0037000005", "").replace("ESI.5", "ESI.3")
    ),
    "caractere de commande": lambda t: t.replace("FICTIVE 3", "FIC\x01TIVE"),
    "apostrophe de tableur": lambda t: t.replace("01004", "'01004"),
}


@pytest.mark.parametrize("nom", DEGATS)
def test_texte_abime(tmp_path: Path, nom: str) -> None:
    sain = texte([ENTETE, *lignes_saines(40)])
    abime = DEGATS[nom](sain)
    assert abime != sain
    comparer(tmp_path, {"rpls_2025.csv": abime.encode()})


@pytest.mark.parametrize("corrections", [0, 2])
def test_corrections_ecrites_ou_dites_a_la_lecture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corrections: int
) -> None:
    """Texts corrected where they are read, or written again when a column has many: `BAIL` has one, IDENT_REP forty."""
    monkeypatch.setattr(parc, "_CORRECTIONS", corrections)
    lignes = [[ligne[0].removeprefix("00"), *ligne[1:]] for ligne in lignes_saines(40)]
    lignes[7][12] = "l'inconnu"  # rejected from its column, read as nothing
    rangees, *_ = comparer(tmp_path, {"rpls_2025.csv": texte([ENTETE, *lignes]).encode()}, 1)
    assert [r[4] for r in rangees] == [f"00370{i:05}" for i in range(1, 41)]


@pytest.mark.parametrize(
    ("immeuble", "convention", "dpe", "dites"),
    [
        ("RES. LES PINS", "971000000000", "2275E1234567A", 0),
        (" #N/A", "971000000000", "2275E1234567A", 1),
        ("BAT #3", "9,71E+11", "2275E1234567A", 1),
        ("- ", "12.0", "-", 0),
        ("", "", "\u200b#REF! ", 1),
    ],
)
def test_colonnes_dont_seules_les_fautes_comptent(
    tmp_path: Path, immeuble: str, convention: str, dpe: str, dites: int
) -> None:
    """They are scanned only when something in the file looks like a fault, and said of as when they are spread out."""
    lignes = [[*ligne, "RES", "97", "2275"] for ligne in lignes_saines(60)]
    lignes[7][-3:] = [immeuble, convention, dpe]
    fichier = texte([[*ENTETE, "IMMEU", "NUMCONV", "DPE_NUM_REF"], *lignes])
    _, _, anomalies, _ = comparer(tmp_path, {"rpls_2025.csv": fichier.encode()}, 1)
    assert sum(a.code != "colonnes_ignorees" for a in anomalies) == dites


@pytest.mark.parametrize(("immeuble", "lues"), [("RES. LES PINS", 61), (" \u00a0", 60)])
def test_ligne_blanche_ou_qui_ne_dit_que_ce_qui_n_est_pas_garde(tmp_path: Path, immeuble: str, lues: int) -> None:
    """A row is blank when all its declared cells are, those that are not looked at in the first place too."""
    lignes = [[*ligne, "RES"] for ligne in lignes_saines(60)]
    lignes.insert(7, [*[" "] * len(ENTETE), immeuble])
    _, comptages, _, _ = comparer(tmp_path, {"rpls_2025.csv": texte([[*ENTETE, "IMMEU"], *lignes]).encode()}, 1)
    assert comptages[0]["lues"] == lues


def test_dossier_a_crochets(tmp_path: Path) -> None:
    """A path is never taken for a pattern."""
    dossier = tmp_path / "bilan [2025] *"
    dossier.mkdir()
    lignes = lignes_saines(40)
    comparer(dossier, {"rpls_2025.csv": texte([ENTETE, *lignes, lignes[0]]).encode()}, 1)


def test_doubles_entre_fichiers_balayes_et_etales(tmp_path: Path) -> None:
    """One file scanned, one spread out (a title above), one a year later: what they share is said and counted once."""
    premier, autre = texte([ENTETE, *lignes_saines(40)]), texte([ENTETE, *lignes_saines(40, 31)])
    rangees, comptages, anomalies, _ = comparer(
        tmp_path,
        {
            "rpls_2025_a.csv": premier.encode(),
            "rpls_2025_b.csv": ("Titre\n" + autre).encode(),
            "rpls_2026.csv": premier.encode(),
        },
        2,
    )
    assert len(rangees) == 40 + 30 + 40
    assert [c["doubles"] for c in comptages] == [0, 10, 0]
    assert sum(a.code == "ligne_en_double" for a in anomalies) == 10


@pytest.mark.parametrize("annonces", [30, 29, None])
def test_declaration(tmp_path: Path, annonces: int | None) -> None:
    tete = ["2025", "1", "ESH fictive", "", "", "", "", "", "", "99900000300015", str(annonces or ""), ""]
    logements = []
    for i in range(1, 31):
        ligne = dict.fromkeys(POSITIONS, "") | {
            "ident_rep": f"00370{i:05}",
            "depcom": "01004",
            "finan": "13",
            "locat": "1976",
        }
        logements.append([*ligne.values(), ""])
    octets = texte([tete, *logements]).encode()
    rangees, _, _, raison = comparer(tmp_path, {"rpls_2025.csv": octets}, 1 if annonces == 30 else None)
    assert raison == "ESH fictive"
    assert len(rangees) == (0 if annonces == 29 else 30)


@pytest.mark.parametrize("variante", [v for v in CORPUS if v.remplace.startswith("rpls")], ids=lambda v: v.nom)
def test_corpus(tmp_path: Path, variante: Variante) -> None:
    """Every damaged RPLS file of the corpus, with its healthy neighbour."""
    entrees = campagne(tmp_path / "campagne", variante)
    comparer(tmp_path, {f.name: f.read_bytes() for f in entrees.iterdir() if f.name.startswith("rpls")})


def test_beaucoup_de_fautes(tmp_path: Path) -> None:
    """More rows in fault than anomalies are named one by one, in two columns, and repairs beside."""
    lignes = lignes_saines(3_000)
    for rang, ligne in enumerate(lignes):
        ligne[2] = "XX" if rang % 2 else "1004"
        ligne[13] = "9,99E+13" if rang % 3 == 0 else ligne[13]
        ligne[7] = "cinquante" if rang % 5 == 0 else ligne[7]
    comparer(tmp_path, {"rpls_2025.csv": texte([ENTETE, *lignes]).encode()}, 1)


PIEGES = (
    "",
    " ",
    "-",
    "NC",
    "#N/A",
    "?",
    "é",
    '"',
    " x",
    'a"b',
    "1004",
    "2A004",
    "1,5",
    "1.234",
    "1 234",
    "3,7E+07",
    "Total",
    "01/03/2025",
    "\x0b",
    "a\tb",
)


@settings(max_examples=25, deadline=None)
@given(
    degats=st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, len(ENTETE) - 1), st.sampled_from(PIEGES) | st.text(max_size=8)),
        max_size=12,
    ),
    graine=st.integers(0, 1000),
)
def test_contenus_quelconques(
    tmp_path_factory: pytest.TempPathFactory, degats: list[tuple[int, int, str]], graine: int
) -> None:
    lignes = [list(ENTETE), *lignes_saines(30)]
    for i, j, valeur in degats:
        lignes[i][j] = valeur
    if graine % 3 == 0:
        hasard = random.Random(graine)
        lignes.append(list(hasard.choice(lignes[1:])))
    octets = texte(lignes).encode("utf-8", "ignore")
    comparer(tmp_path_factory.mktemp("balayage"), {"rpls_2025.csv": octets})


@pytest.mark.parametrize("nom", ["descriptions, types et unites", "titre au-dessus, complete de separateurs"])
def test_une_tete_est_balayee(tmp_path: Path, nom: str) -> None:
    """What stands above the data of a public download does not leave millions of rows to the other reading."""
    rangees, *_ = comparer(tmp_path, {"rpls_2025.csv": DEGATS[nom](texte([ENTETE, *lignes_saines(40)])).encode()}, 1)
    assert len(rangees) == 40


@pytest.mark.parametrize(
    "nom", ["saut dans une cellule", "formule", "erreur de tableur", "ligne courte", "guillemet ouvert"]
)
def test_rien_n_est_balaye_de_ce_qui_est_abime(tmp_path: Path, nom: str) -> None:
    """A text that the scan would not read as it stands is left to the other reading; nothing is kept of the scan."""
    comparer(tmp_path, {"rpls_2025.csv": DEGATS[nom](texte([ENTETE, *lignes_saines(40)])).encode()}, 0)
    assert not list((tmp_path / "balaye").rglob(".copie"))


def test_un_texte_rompu_loin_de_sa_tete_est_etale(tmp_path: Path) -> None:
    """What breaks after the rows looked at first is found by the scan; what is said of the file is then the other's."""
    lignes = lignes_saines(400)
    lignes[350].append("rouge")
    _, comptages, anomalies, _ = comparer(tmp_path, {"rpls_2025.csv": texte([ENTETE, *lignes]).encode()}, 0)
    assert comptages[0]["lues"] == 400
    assert "ligne_trop_longue" in {a.code for a in anomalies}
