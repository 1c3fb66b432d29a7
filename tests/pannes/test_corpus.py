"""The real command on more than eighty damaged campaigns: stopped with everything said, or read without a loss."""

from pathlib import Path

import pytest

from flows.contrat.schema import charger
from flows.publication.parution import dossier_du_refus
from tests.pannes import corpus
from tests.pannes.campagne_saine import deposer, reprendre
from tests.pannes.corpus import CORPUS, INTACTES, Photo
from tests.pannes.corpus_depots import PIEGES, REFUSES
from tests.pannes.variantes import Issue, Variante, campagne


@pytest.fixture(scope="module")
def saine(tmp_path_factory: pytest.TempPathFactory, saine_publiee: Path) -> Path:
    """What the healthy campaign publishes."""
    sorties = reprendre(saine_publiee, tmp_path_factory.mktemp("saine") / "out")
    assert not [a for a in corpus.rapport(sorties) if a["gravite"] in ("bloquant", "erreur")]
    return sorties


@pytest.fixture(scope="module")
def publiee(saine: Path) -> Photo:
    """Its bytes."""
    return corpus.photo(saine)


def test_le_corpus_est_assez_grand() -> None:
    assert len(CORPUS) >= 80
    assert len({v.nom for v in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("lot", corpus.bloquantes(), ids=lambda lot: "+".join(v.nom for v in lot))
def test_bloque(lot: tuple[Variante, ...], tmp_path: Path, saine: Path, publiee: Photo) -> None:
    """Exit 1; every anomaly in the report, the blocking ones on the screen; what was published intact to the byte."""
    entrees = campagne(tmp_path / "in", *lot)
    fin = corpus.executer("bilan", entrees, saine)
    lues = corpus.rapport(dossier_du_refus(saine))
    corpus.oublier(dossier_du_refus(saine))
    assert fin.code == 1
    assert corpus.photo(saine) == publiee
    assert "BLOQUANT" in fin.erreurs and "Traceback" not in fin.erreurs
    _verifier_messages(lues)
    bloquants = [a for a in lues if a["gravite"] == "bloquant"]
    assert bloquants
    for variante in lot:
        fichiers = list(variante.fichiers()) if len(lot) > 1 else [p.name for p in entrees.iterdir()]
        for dit in variante.dits:
            assert any(dit.vaut(a, fichiers) for a in lues), f"{dit} absent de {_montrer(lues)}"
        assert len(lot) == 1 or any(dit.vaut(a, fichiers) for dit in variante.dits for a in bloquants), variante.nom


@pytest.mark.parametrize("lot", corpus.lots(INTACTES), ids=lambda lot: "+".join(v.nom for v in lot))
def test_memes_tables_memes_chiffres(lot: tuple[Variante, ...], tmp_path: Path, saine: Path) -> None:
    """Exit 0, the tables and the figures of the healthy campaign, and what was repaired or doubted is said."""
    sorties = tmp_path / "out" / "2025"
    fin = corpus.executer("bilan", campagne(tmp_path / "in", *lot), sorties)
    lues = corpus.rapport(sorties)
    assert fin.code == 0, fin.erreurs
    assert not [a for a in lues if a["gravite"] in ("bloquant", "erreur")], _montrer(lues)
    assert corpus.chiffres(sorties) == corpus.chiffres(saine)
    for variante in lot:
        fichiers = list(variante.fichiers())
        if variante.issue is Issue.IDENTIQUE:
            assert _rangees(sorties, variante.table, fichiers) == _rangees(saine, variante.table, [variante.origine])
        if variante.encodage:
            assert corpus.encodage(sorties, fichiers[0]) == variante.encodage
        _verifier_dits(variante, fichiers, lues)


@pytest.mark.parametrize(
    "lot", corpus.lots((Issue.REJETTE, Issue.SIGNALE)), ids=lambda lot: "+".join(v.nom for v in lot)
)
def test_lignes_rejetees_ou_signalees(lot: tuple[Variante, ...], tmp_path: Path, saine: Path) -> None:
    """Exit 0; the rows named are rejected as errors, and all the others are those of the healthy campaign."""
    sorties = tmp_path / "out" / "2025"
    fin = corpus.executer("bilan", campagne(tmp_path / "in", *lot), sorties, "--reservataire", "VILLE")
    assert fin.code == 0, fin.erreurs
    lues = corpus.rapport(sorties)
    _verifier_messages(lues)
    for variante in lot:
        fichiers = list(variante.fichiers())
        _verifier_dits(variante, fichiers, lues)
        if variante.issue is Issue.REJETTE:
            _verifier_rejets(variante, fichiers, lues, saine, sorties)


def test_fichiers_hostiles(tmp_path: Path) -> None:
    """Every file that no one should drop, all at once: each refused by name, in bounded memory and time."""
    entrees, sorties = deposer(tmp_path / "in"), tmp_path / "out" / "2025"
    noms = {cas.deposer(entrees, "droits").name: cas for cas in REFUSES}
    fin, mesure = corpus.mesurer("controler", entrees, sorties, tmp_path)
    assert fin.code == 1
    assert "Traceback" not in fin.erreurs
    lues = corpus.rapport(sorties)
    _verifier_messages(lues)
    for nom, cas in noms.items():
        dits = {a["code"] for a in lues if a["fichier"] == nom}
        assert set(cas.codes) <= dits, (nom, dits)
        assert any(a["gravite"] == "bloquant" for a in lues if a["fichier"] == nom), nom
    assert mesure["memoire"] < 1 << 30
    assert mesure["secondes"] < 30 * len(noms)


def test_un_million_de_lignes_fausses(tmp_path: Path) -> None:
    """A full spreadsheet in which every row is wrong: bounded, and each row is named, alone or in a range.

    Beside it, a table of ten thousand columns, nearly all blank, and one of two million rows of blanks.
    """
    entrees, sorties = deposer(tmp_path / "in"), tmp_path / "out" / "2025"
    large = entrees / "liberations.csv"
    large.write_text("".join(f"{x}{';' * 10_000}\n" for x in large.read_text(encoding="utf-8").splitlines()), "utf-8")
    with (entrees / "objectifs.csv").open("ab") as blancs:
        blancs.write(b" ; ; ; \n" * 2_000_000)
    with (entrees / "demandes.csv").open("w", encoding="utf-8") as flux:
        flux.write("epci;plafond;typologie;nombre\n")
        flux.writelines(f"E{i};PLUS;T3;{i % 7}x\n" for i in range(1_048_575))
    fin, mesure = corpus.mesurer("controler", entrees, sorties, tmp_path)
    assert fin.code == 1
    assert "Traceback" not in fin.erreurs
    lues = corpus.rapport(sorties)
    assert any(a["code"] == "fichier_coupe_par_tableur" for a in lues)
    erreurs = [a for a in lues if (a["fichier"], a["code"]) == ("demandes.csv", "valeur_illisible")]
    seules, (reste,) = erreurs[:-1], erreurs[-1:]
    assert [int(a["ligne"]) for a in seules] == list(range(2, 2 + len(seules)))
    assert f"lignes {2 + len(seules)} à 1048576" in reste["message"]
    assert mesure["memoire"] < 1 << 30
    assert mesure["secondes"] < 30


def test_pieges_du_dossier(tmp_path: Path, saine: Path, publiee: Photo) -> None:
    """Links, pipes, sockets, folders: none is followed nor waited for, each is named."""
    entrees = deposer(tmp_path / "in")
    for piege in PIEGES:
        piege.poser(entrees)
    fin = corpus.executer("bilan", entrees, saine)
    lues = corpus.rapport(dossier_du_refus(saine))
    corpus.oublier(dossier_du_refus(saine))
    assert fin.code == 1
    assert corpus.photo(saine) == publiee
    dits = {(a["fichier"], a["code"], a["gravite"]) for a in lues}
    assert {(piege.nom, piege.code, piege.gravite) for piege in PIEGES} <= dits


def _rangees(sorties: Path, table: str, fichiers: list[str]) -> list[str]:
    """Rows of these files, whatever their numbers, sorted."""
    return sorted(repr(rangee) for _, rangee in corpus.lignes_lues(sorties, table, fichiers))


def _verifier_rejets(
    variante: Variante, fichiers: list[str], lues: list[dict[str, str]], saine: Path, sorties: Path
) -> None:
    saines = corpus.lignes_lues(saine, variante.table, [variante.origine])
    attendues = sorted(repr(rangee) for ligne, rangee in saines if ligne not in variante.perdues)
    assert _rangees(sorties, variante.table, fichiers) == attendues, variante.nom
    total, acceptees, rejetees = corpus.comptages(sorties, fichiers)
    assert (acceptees, rejetees) == (len(attendues), len(variante.perdues) + variante.en_plus), variante.nom
    assert total == acceptees + rejetees
    erreurs = {int(a["ligne"]) for a in lues if a["gravite"] == "erreur" and a["fichier"] in fichiers and a["ligne"]}
    assert set(variante.perdues) <= _etendre(erreurs, lues, fichiers), variante.nom


def _etendre(lignes: set[int], lues: list[dict[str, str]], fichiers: list[str]) -> set[int]:
    """The rows that errors name, those that a merge covers included."""
    for a in lues:
        if a["code"] == "cellules_fusionnees" and a["fichier"] in fichiers:
            debut, fin = a["message"].split("(lignes ")[1].split(")")[0].split(" à ")
            lignes |= set(range(int(debut), int(fin) + 1))
    return lignes


def _verifier_dits(variante: Variante, fichiers: list[str], lues: list[dict[str, str]]) -> None:
    for dit in variante.dits:
        assert any(dit.vaut(a, fichiers) for a in lues), f"{variante.nom} : {dit} absent de {_montrer(lues)}"


def _verifier_messages(lues: list[dict[str, str]]) -> None:
    """Sentences, with a remedy when there is something to do, and no word of the machine."""
    for a in lues:
        assert a["message"].rstrip().endswith((".", "?", "»")), a
        assert a["correction"] or a["gravite"] == "information", a
        if a["code"] == "colonne_absente":  # the line to add must be one that the reading would take
            table, colonne = a["correction"].split(" la ligne ")[1].split(";;<intitulé>;")
            assert colonne.rstrip(";") in charger().tables[table].colonnes, a
        assert not any(mot in a["message"] for mot in ("Traceback", "Error", "Exception", "None")), a


def _montrer(lues: list[dict[str, str]]) -> str:
    return "\n".join(" ".join(a.values()) for a in lues)
