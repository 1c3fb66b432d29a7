"""The annexe to sign: the figures of the warehouse, in the form of the convention's model, nothing else."""

import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from docx import Document

from flows.anomalies import ArretBloquant
from flows.chemins import SQL
from flows.livrables.annexe import ecrire_annexes
from flows.livrables.contexte_annexe import CHAMPS, RUBRIQUES
from flows.livrables.modele_annexe import MODELES, verifier_modele, verifier_modeles
from tests.livrables.test_reglages import png

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LIBELLES = {
    "a": "Parc total",
    "b": "Exclusions",
    "b.vente": "Plan de vente ou programme en vente",
    "b.demolition": "Voués à la démolition",
    "c": "Parc soumis",
    "d": "Taux de rotation",
    "e": "Flux brut",
    "f": "Soustractions",
    "f.mutation_interne": "Mutations internes",
    "f.relogement_anru": "Relogements ANRU",
    "g": "Autres déductions",
    "h": "Flux à répartir",
    "i": "Taux du réservataire",
    "j": "Flux du réservataire",
}
SIDR = {
    "a": "1887", "b": "232", "b.vente": "134", "b.demolition": "98", "c": "1655", "d": "6.82", "e": "113|112.871",
    "f": "51", "f.mutation_interne": "20", "f.relogement_anru": "31", "g": "0", "h": "62", "i": "6.89", "j": "4|4.2718",
}  # fmt: skip
BOULBON = {
    "a": "20",
    "b": "0",
    "c": "20",
    "d": "10",
    "e": "2",
    "f": "0.3",
    "g": "0",
    "h": "1.7",
    "i": "20",
    "j": "0.34",
}
SANS_PREVISIONS = {"a": "1204", "b": "0", "c": "1204", "d": "5.5", "e": "66.22", "f": "", "g": "0", "h": "", "i": "12"}


def _ligne(code: str, ligne: str, valeur: str) -> tuple[object, ...]:
    unite = "%" if ligne in "di" else "logements"
    retenue, _, exacte = valeur.partition("|")
    nombres = (retenue or None, exacte or retenue or None)
    return (2026, code, ligne, LIBELLES[ligne], *nombres, unite, "comment", list(LIBELLES).index(ligne))


def _entrepot(chemin: Path, *, est_fictif: bool = False, est_provisoire: bool = False, **modeles: str | None) -> Path:
    con = duckdb.connect(str(chemin))
    con.execute("create schema bilan")
    con.execute("create schema ref")
    con.execute(
        "create table ref.exercice as select 'SIDR & fils <OPH>' as raison_sociale, ? as est_fictif", [est_fictif]
    )
    con.execute("""create table bilan.entetes (code_reservataire varchar, libelle varchar, libelle_type varchar,
        libelle_territoire varchar, date_debut date, date_fin date, annee integer, date_arrete date,
        est_provisoire boolean, modele_annexe varchar, dossier varchar, ordre integer)""")
    noms = {"ville_port": "Ville du Port", "boulbon": "Mairie de Boulbon", "bayonne": "Commune de l'Adour"}
    for ordre, (code, nom) in enumerate(noms.items()):
        con.execute(
            "insert into bilan.entetes values (?, ?, 'Commune', 'Le Port', '2024-01-01', null, 2025, ?, ?, ?, ?, ?)",
            [code, nom, date(2025, 12, 31), est_provisoire, modeles.get(code), code, ordre],
        )
    con.execute("insert into bilan.entetes select * replace ('_bailleur' as code_reservataire, '_bailleur' as dossier) "
                "from bilan.entetes where ordre = 0")  # fmt: skip
    con.execute("insert into bilan.entetes select * replace ('epci_1' as code_reservataire) "
                "from bilan.entetes where dossier = '_bailleur'")  # fmt: skip
    con.execute("""create table bilan.lignes_flux (annee integer, code_reservataire varchar, ligne varchar,
        libelle varchar, valeur decimal(38, 6), valeur_exacte decimal(38, 6), unite varchar, explication varchar,
        ordre integer)""")
    cas = {"ville_port": SIDR, "boulbon": BOULBON, "bayonne": SANS_PREVISIONS}
    con.executemany(
        "insert into bilan.lignes_flux values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_ligne(code, ligne, valeur) for code, lignes in cas.items() for ligne, valeur in lignes.items()],
    )
    con.execute("""create table bilan.annexes (code_reservataire varchar, regle_taux varchar, nb_droits decimal(38, 6),
        report_suivant decimal(38, 6), objectif_suivant decimal(38, 6), engagement varchar)""")
    con.execute("""insert into bilan.annexes values ('boulbon', 'droits en cours ÷ parc total', 4, 1.5, 1.84,
        '1 logement dans la mesure du possible'), ('ville_port', 'taux imprimé', null, null, 4, null),
        ('bayonne', null, null, -0.5, null, null)""")
    con.execute("create table bilan.methode (code_reservataire varchar, ordre int, rubrique varchar, regle varchar, "
                "source varchar)")  # fmt: skip
    con.executemany(
        "insert into bilan.methode values (?, ?, ?, ?, '[001]')",
        [(code, i, r, f"règle {i} de {code}") for code in noms for i, r in enumerate((*RUBRIQUES, "Groupes de codes"))],
    )
    con.close()
    return chemin


def _textes(chemin: Path) -> list[str]:
    """Every paragraph and cell of the body, then the header and the footer."""
    document = Document(str(chemin))
    cellules = [c.text for t in document.tables for ligne in t.rows for c in ligne.cells]
    pied = document.sections[0]
    bords = [p.text for partie in (pied.header, pied.footer) for p in partie.paragraphs]
    return [p.text for p in document.paragraphs] + cellules + bords


def _rangees(chemin: Path) -> list[tuple[str, ...]]:
    return [tuple(c.text for c in r.cells) for t in Document(str(chemin)).tables for r in t.rows]


def _modele(chemin: Path, *paragraphes: str) -> Path:
    """A template of a bailleur, written as Word would."""
    document = Document()
    for texte in paragraphes:
        document.add_paragraph(texte)
    document.save(str(chemin))
    return chemin


COMPLET = "{{ reservataire }} {{ annee }} {{ est_fictif }} {{ est_provisoire }} {{ ligne.j.nombre }}"


def test_une_annexe_par_convention_a_sa_place(tmp_path: Path) -> None:
    ecrits = ecrire_annexes(_entrepot(tmp_path / "e.duckdb"), tmp_path)
    assert [c.relative_to(tmp_path).as_posix() for c in ecrits] == [
        "bilan/ville_port/annexe_2026_ville_port.docx",
        "bilan/boulbon/annexe_2026_boulbon.docx",
        "bilan/bayonne/annexe_2026_bayonne.docx",
    ]
    assert sorted(tmp_path.rglob("*.docx")) == sorted(ecrits)
    (seule,) = ecrire_annexes(tmp_path / "e.duckdb", tmp_path / "autre", codes=["boulbon"])
    assert seule.name == "annexe_2026_boulbon.docx"


def test_modele_du_port(tmp_path: Path) -> None:
    chemin = ecrire_annexes(_entrepot(tmp_path / "e.duckdb", ville_port="le_port"), tmp_path)[0]
    rangees = _rangees(chemin)
    calcul = rangees[rangees.index(("", "Ligne de calcul", "Nombre")) :]
    assert calcul[1:11] == [
        ("", "Ensemble du patrimoine du bailleur sur le territoire", "1\u202f887"),
        ("–", "Plan de vente ou programme en vente", "134"),
        ("–", "Voués à la démolition", "98"),
        ("=", "Parc soumis à la gestion en flux", "1\u202f655"),
        ("×", "Taux de rotation", "6,82\u00a0%"),
        ("=", "Flux prévisionnel de logements", "113"),
        ("–", "Mutations internes", "20"),
        ("–", "Relogements ANRU", "31"),
        ("–", "Autres déductions, avec l’accord du préfet", "0"),
        ("=", "Logements mobilisables à répartir entre réservataires", "62"),
    ]
    assert ("Ligne e avant arrondi", "112,871, porté à 113 (écart d’arrondi : +0,129)") in rangees
    assert ("Ligne j avant arrondi", "4,2718, porté à 4 (écart d’arrondi : \u22120,2718)") in rangees
    assert ("Arrondis", "règle 3 de ville_port") in rangees
    (part,) = [texte for texte in _textes(chemin) if texte.startswith("Part du réservataire")]
    assert part.endswith("6,89\u00a0%\nNombre prévisionnel de logements affectés : 4\u00a0logements")
    assert "Pour le bailleur : SIDR & fils <OPH>" in "\n".join(_textes(chemin))
    assert "SIDR & fils <OPH>\tGestion en flux des réservations de logements sociaux" in _textes(chemin)


def test_modele_de_boulbon_par_defaut(tmp_path: Path) -> None:
    chemin = ecrire_annexes(_entrepot(tmp_path / "e.duckdb"), tmp_path, codes=["boulbon"])[0]
    valeurs = {r[0]: r[3] for r in _rangees(chemin) if len(r) == 4 and len(r[0]) == 1}
    assert valeurs == {
        "a": "20", "b": "0", "c": "20", "d": "10\u00a0%", "e": "2", "f": "0,3", "g": "0", "h": "1,7", "i": "20\u00a0%",
        "j": "0,34",
    }  # fmt: skip
    assert any("pour 2026 : 0,34\u00a0logement, pour une part de 20\u00a0%" in texte for texte in _textes(chemin))
    textes = _textes(chemin)
    assert "Part du réservataire : droits en cours ÷ parc total ; 4\u00a0droits de réservation en cours." in textes
    assert "Objectif 2026, report compris : 1,84\u00a0logement, dont 1,5 dus de l'année précédente." in textes
    assert "Au-delà du calcul, la convention engage à : 1 logement dans la mesure du possible." in textes
    assert not any(rangee[0] == "Valeurs exactes" for rangee in _rangees(chemin))
    (sans_report,) = ecrire_annexes(tmp_path / "e.duckdb", tmp_path, codes=["ville_port"])
    assert not any("report compris" in texte or "Au-delà du calcul" in texte for texte in _textes(sans_report))


@pytest.mark.parametrize("modele", ["le_port", "boulbon", "pays_basque"])
def test_ce_qui_manque_est_non_fourni_jamais_zero(tmp_path: Path, modele: str) -> None:
    chemin = ecrire_annexes(_entrepot(tmp_path / "e.duckdb", bayonne=modele), tmp_path, codes=["bayonne"])[0]
    textes = _textes(chemin)
    assert textes.count("non fourni") >= 2  # f and h; j too where it has a cell of its own
    assert any(" : non fourni" in texte for texte in textes)  # j, in words
    assert "12\u00a0%" in " ".join(textes)
    assert "{" not in "".join(textes)
    assert "None" not in "".join(textes)


@pytest.mark.parametrize("modele", ["le_port", "boulbon", "pays_basque"])
def test_mentions_fictif_et_provisoire(tmp_path: Path, modele: str) -> None:
    fictif = _entrepot(tmp_path / "fictif.duckdb", est_fictif=True, est_provisoire=True, boulbon=modele)
    textes = "\n".join(_textes(ecrire_annexes(fictif, tmp_path / "1", codes=["boulbon"])[0]))
    assert textes.count("DONNÉES FICTIVES") == 2  # at the head and in the footer of every page
    assert "PROVISOIRE – chiffres arrêtés au 31/12/2025" in textes
    reel = _entrepot(tmp_path / "reel.duckdb", boulbon=modele)
    textes = "\n".join(_textes(ecrire_annexes(reel, tmp_path / "2", codes=["boulbon"])[0]))
    assert "FICTIVES" not in textes
    assert "PROVISOIRE" not in textes


def test_memes_octets_a_chaque_fois(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entrepot = _entrepot(tmp_path / "e.duckdb", est_fictif=True, ville_port="le_port", bayonne="pays_basque")
    premiers = [c.read_bytes() for c in ecrire_annexes(entrepot, tmp_path / "1")]
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 6, 7, 8, 9, 0, 1, 0))
    assert [c.read_bytes() for c in ecrire_annexes(entrepot, tmp_path / "2")] == premiers
    with zipfile.ZipFile(io.BytesIO(premiers[0])) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_proprietes_du_document(tmp_path: Path) -> None:
    chemin = ecrire_annexes(_entrepot(tmp_path / "e.duckdb"), tmp_path, codes=["bayonne"])[0]
    proprietes = Document(str(chemin)).core_properties
    assert (proprietes.title, proprietes.language) == ("Annexe 2026 : Commune de l'Adour", "fr-FR")
    assert (proprietes.author, proprietes.last_modified_by) == ("", "")
    assert proprietes.created is not None
    assert proprietes.created.date() == proprietes.modified.date() == date(2025, 12, 31)


def test_les_modeles_livres_sont_bons_et_les_rubriques_existent() -> None:
    verifier_modeles()
    assert sorted(c.stem for c in MODELES.glob("*.docx")) == ["boulbon", "le_port", "pays_basque"]
    modeles = ("bilan/synthese/methode.sql", "intermediaire/conventions/methode_conventions.sql")
    methode = "".join((SQL / modele).read_text(encoding="utf-8") for modele in modeles)
    for rubrique in RUBRIQUES:
        assert f"'{rubrique.replace(chr(39), chr(39) * 2)}'" in methode
    documentes = set(re.findall(r"`(?:ligne\.j\.)?([a-z_]+)`", (MODELES / "LISEZMOI.md").read_text(encoding="utf-8")))
    assert documentes >= CHAMPS


def test_un_bailleur_depose_son_modele(tmp_path: Path) -> None:
    modeles = tmp_path / "modeles"
    modeles.mkdir()
    _modele(
        modeles / "maison.docx", COMPLET, "{%p for l in lignes %}", "{{ l.code }} : {{ l.valeur }}", "{%p endfor %}"
    )
    entrepot = _entrepot(tmp_path / "e.duckdb", boulbon="maison.docx")
    chemin = ecrire_annexes(entrepot, tmp_path, codes=["boulbon"], modeles=modeles)[0]
    assert [p for p in _textes(chemin) if " : " in p][:4] == ["a : 20", "b : 0", "c : 20", "d : 10\u00a0%"]


def test_modele_absent_n_ecrit_rien(tmp_path: Path) -> None:
    entrepot = _entrepot(tmp_path / "e.duckdb", boulbon="../../secret")
    with pytest.raises(ArretBloquant) as arret:
        ecrire_annexes(entrepot, tmp_path / "sortie")
    (anomalie,) = arret.value.anomalies
    assert "« ../../secret » n'existe pas" in anomalie.message
    assert "boulbon, le_port, pays_basque" in anomalie.correction
    assert not (tmp_path / "sortie").exists()


@pytest.mark.parametrize("code", ["../evasion", "a/b", "C:x", "a\\b", ".."])
def test_code_qui_sort_du_dossier(tmp_path: Path, code: str) -> None:
    entrepot = _entrepot(tmp_path / "e.duckdb")
    with duckdb.connect(str(entrepot)) as con:
        (ancien,) = (
            con.execute("select code_reservataire from bilan.entetes where dossier = 'ville_port'").fetchone() or ()
        )
        for table in ("entetes", "lignes_flux"):
            con.execute(f"update bilan.{table} set code_reservataire = ? where code_reservataire = ?", [code, ancien])
    with pytest.raises(ArretBloquant, match="Le code de réservataire"):
        ecrire_annexes(entrepot, tmp_path / "sortie")
    assert not list(tmp_path.rglob("*.docx"))


@pytest.mark.parametrize(
    ("paragraphes", "message"),
    [
        (["{{ reservatair }}"], "« reservatair » n'existe pas. Vouliez-vous dire « reservataire »"),
        ([COMPLET, "{{ ligne.j.valuer }}"], "« valuer » n'existe pas. Vouliez-vous dire « valeur »"),
        ([COMPLET, "{{ ligne.z.valeur }}"], "« z » n'existe pas"),
        ([COMPLET, "{% if annee and not annee %}{{ secret }}{% endif %}"], "« secret » n'existe pas"),
        ([COMPLET, "{% if est_fictif %}{{ secret }}{% endif %}"], "« secret » n'existe pas"),
        (["{{ reservataire }} {{ ligne.j.valeur }}"], "ne montre pas « annee », « est_fictif », « est_provisoire »"),
        (["{{ reservataire }}{{ annee }}{{ est_fictif }}{{ est_provisoire }}"], "ne montre pas « lignes »"),
        ([COMPLET, "{% for l in lignes %}"], "n'est pas fermé"),
        ([COMPLET, "début de phrase {{ ligne.j. }}"], "début de phrase"),
        ([COMPLET, "{{ reservataire|nombre }}"], "Le filtre « nombre »"),
        ([COMPLET, "{{ 'a' * 9999999999 }}"], "n'est pas admise"),
        ([COMPLET, "{{ ''.__class__ }}"], "« __class__ » n'existe pas"),
        ([COMPLET, "{{ lignes.append(1) }}"], "n'est pas admise"),
        ([COMPLET, "{% include 'x' %}"], "n'est pas admise"),
        (
            [
                COMPLET,
                "{% for a in lignes %}{% for b in lignes %}{% for c in lignes %}.{% endfor %}{% endfor %}{% endfor %}",
            ],
            "Pas plus de 2 boucles",
        ),
        ([COMPLET, "{% if est_fictif %}ouvert", "fermé {% endif %} ailleurs", "{%p if annee %}"], "n'est pas fermé"),
        ([COMPLET, "{{ ligne['b.vente'].valeur }}"], "« b.vente » n'existe pas"),
    ],
)
def test_modele_fautif_refuse_en_nommant_le_champ(tmp_path: Path, paragraphes: list[str], message: str) -> None:
    chemin = _modele(tmp_path / "faux.docx", *paragraphes)
    with pytest.raises(ArretBloquant) as arret:
        verifier_modele(chemin)
    (anomalie,) = arret.value.anomalies
    assert message in anomalie.message
    assert anomalie.fichier == "templates/annexes/faux.docx"


def test_condition_qui_coupe_un_tableau(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph(COMPLET)
    document.add_paragraph("{% if est_fictif %}ouvert ici")
    document.add_table(rows=1, cols=1).rows[0].cells[0].text = "{% endif %}"
    document.save(str(tmp_path / "coupe.docx"))
    with pytest.raises(ArretBloquant) as arret:
        verifier_modele(tmp_path / "coupe.docx")
    assert "coupe un paragraphe ou une cellule" in arret.value.anomalies[0].message


@pytest.mark.parametrize(
    ("cellules", "message"),
    [
        (["{%tr for r in regles %}", "{{ r.regle }}", "{%tr endfor %}"], "sans aucune ligne"),
        (["{%p if est_fictif %}\nfictif\n{%p endif %}"], "Une cellule peut se trouver vide"),
    ],
)
def test_document_que_word_refuserait(tmp_path: Path, cellules: list[str], message: str) -> None:
    document = Document()
    document.add_paragraph(COMPLET)
    tableau = document.add_table(rows=0, cols=1)
    for texte in cellules:
        cellule = tableau.add_row().cells[0]
        premier, *suite = texte.split("\n")
        cellule.paragraphs[0].text = premier
        for ligne in suite:
            cellule.add_paragraph(ligne)
    document.save(str(tmp_path / "vide.docx"))
    with pytest.raises(ArretBloquant) as arret:
        verifier_modele(tmp_path / "vide.docx")
    assert message in arret.value.anomalies[0].message


def _alterer(source: Path, cible: Path, ajouts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(source) as lue, zipfile.ZipFile(cible, "w", compression) as ecrite:
        for nom in lue.namelist():
            ecrite.writestr(nom, ajouts.get(nom, lue.read(nom)))
        for nom in ajouts.keys() - set(lue.namelist()):
            ecrite.writestr(nom, ajouts[nom])
    return cible


@pytest.mark.parametrize(
    ("ajouts", "message"),
    [
        ({"word/vbaProject.bin": b"x"}, "macro"),
        ({"word/embeddings/oleObject1.bin": b"x"}, "objet incorporé"),
        ({"word/styles.xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'}, "entité"),
        (
            {"word/_rels/settings.xml.rels": b'<Relationships><Relationship Id="r" Type="x/attachedTemplate" '
             b'Target="http://exemple.invalid/m.dotm" TargetMode="External"/></Relationships>'},
            "contenu extérieur",
        ),
        ({"word/bombe.xml": b" " * (61 * 1024 * 1024)}, "trop gros"),
        ({"word/document.xml": b"<pas du xml"}, "pas un document Word lisible"),
    ],
)  # fmt: skip
def test_modele_dangereux_refuse(tmp_path: Path, ajouts: dict[str, bytes], message: str) -> None:
    chemin = _alterer(MODELES / "boulbon.docx", tmp_path / "piege.docx", ajouts)
    with pytest.raises(ArretBloquant) as arret:
        verifier_modele(chemin)
    assert message in arret.value.anomalies[0].message


R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PAQUET = "http://schemas.openxmlformats.org/package/2006/relationships"
RELATIONS, CORPS, GENRES = "word/_rels/document.xml.rels", "word/document.xml", "[Content_Types].xml"


def _piege(tmp_path: Path, *insertions: tuple[str, str, str], **parties: bytes) -> Path:
    """The template `boulbon` with a text put before the last occurrence of another, in these parts."""
    with zipfile.ZipFile(MODELES / "boulbon.docx") as archive:
        ajouts = {nom: archive.read(nom).decode() for nom, *_ in insertions}
    for nom, avant, texte in insertions:
        debut, repere, fin = ajouts[nom].rpartition(avant)
        assert repere
        ajouts[nom] = debut + texte + repere + fin
    tout = {nom: texte.encode() for nom, texte in ajouts.items()} | parties
    return _alterer(MODELES / "boulbon.docx", tmp_path / "piege.docx", tout)


def _champ(*codes: str, entre: str = "") -> tuple[str, str, str]:
    """A field of Word at the end of the body, its code written in as many runs."""
    runs = "".join(f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>{entre}' for code in codes)
    debut, suite, fin = (f'<w:r><w:fldChar w:fldCharType="{g}"/></w:r>' for g in ("begin", "separate", "end"))
    return CORPS, "<w:sectPr", f"<w:p>{debut}{runs}{suite}<w:r><w:t>1</w:t></w:r>{fin}</w:p>"


def _lien(genre: str, cible: str, balise: str = "Relationship", mode: str = "External") -> tuple[str, str, str]:
    espace = f' xmlns:x="{PAQUET}"' if ":" in balise else ""
    lien = f'<{balise}{espace} Id="rId99" Type="{R}/{genre}" Target="{cible}" TargetMode="{mode}"/>'
    return RELATIONS, "</Relationships>", lien


EXTERIEUR = "contenu extérieur"


@pytest.mark.parametrize(
    ("insertions", "message"),
    [
        ([_lien("image", "http://e.invalid/x.png")], EXTERIEUR),
        ([_lien("image", "http://e.invalid/hyperlink/x.png")], EXTERIEUR),
        ([_lien("image", "http://e.invalid/>x.png")], EXTERIEUR),
        ([_lien("image", "http://e.invalid/x.png", "x:Relationship")], EXTERIEUR),
        ([_lien("image", "http://e.invalid/x.png", mode="Ex&#116;ernal")], EXTERIEUR),
        ([_lien("attachedTemplate", "http://e.invalid/hyperlink.dotm")], "modèle dont il est issu"),
        ([_lien("hyperlink", "file://e.invalid/x")], "ni une page"),
        ([(CORPS, "<w:sectPr", f'<w:altChunk xmlns:r="{R}" r:id="rId1"/>')], "un autre fichier incorporé"),
        ([(CORPS, "<w:sectPr", '<w:p><w:r><w:object/></w:r></w:p>')], "un objet incorporé"),
        ([("word/settings.xml", "</w:settings>", "<w:mailMerge/>")], "publipostage"),
        (
            [(CORPS, "<w:sectPr", f'<w:p><w:r><a:blip xmlns:a="a" xmlns:r="{R}" r:link="rId1"/></w:r></w:p>'),
             _lien("hyperlink", "http://e.invalid/x.png")],
            EXTERIEUR,
        ),
        ([_champ(r" DDEAUTO c:\\cmd.exe ")], "« DDEAUTO »"),
        ([_champ(" DDE", "AUTO cmd ")], "« DDEAUTO »"),
        ([_champ(" dde<!-- -->auto cmd ")], "« DDEAUTO »"),
        ([_champ(' INCLUDEPICTURE "http://e.invalid/x.png" ')], "« INCLUDEPICTURE »"),
        ([_champ(r' INCLUDETEXT "\\\\e.invalid\\x.docx" ')], "« INCLUDETEXT »"),
        ([_champ(r' HYPERLINK "\\\\e.invalid\\x" ')], "ni une page"),
        ([_champ("")], "n'est pas admis"),
        ([(CORPS, "<w:sectPr", '<w:p><w:fldSimple w:instr=" LINK Excel.Sheet.8 x "/></w:p>')], "« LINK »"),
        # what is read as one field, and would be another once the template is filled
        ([_champ("{{ reservataire }}")], "« {{ »"),
        ([_champ(" PAGE {{ reservataire }}")], "dans le code d'un champ"),
        ([_champ(" PAGE ", "DDEAUTO x", entre="<w:r><w:t>{% if annee %}</w:t></w:r>")], "dans le code d'un champ"),
        ([_champ(" PAGE ", "DDEAUTO x", entre="<!-- {% if annee %} -->")], "commentaire XML"),
        ([_champ(" PAGE ", "DDEAUTO x", entre="{% if annee %}")], "entre deux éléments"),
        ([_champ(" PAGE ", "DDEAUTO x", entre='<w:r w:rsidR="{% if annee %}"/>')], "n'est pas dans le texte"),
        ([_champ(" PAGE ", "DDEAUTO x", entre='</w:p><w:p>')], "plusieurs paragraphes"),
        ([(CORPS, "<w:sectPr", "<w:p><w:r><w:instrText>DDEAUTO x</w:instrText></w:r></w:p>")], "mal formé"),
        ([(CORPS, "<w:sectPr", '<w:p><w:r><w:fldChar w:fldCharType="{{ annee }}"/></w:r></w:p>')], "mal formé"),
    ],
)  # fmt: skip
def test_modele_qui_irait_chercher_ou_lancerait_quelque_chose(
    tmp_path: Path, insertions: list[tuple[str, str, str]], message: str
) -> None:
    with pytest.raises(ArretBloquant) as arret:
        verifier_modele(_piege(tmp_path, *insertions))
    assert message in arret.value.anomalies[0].message


@pytest.mark.parametrize(
    ("nom", "genre"),
    [
        ("o.bin", "application/vnd.openxmlformats-officedocument.oleObject"),
        ("o.html", "text/html"),
        ("o.docm", "application/vnd.ms-word.document.macroEnabled.main+xml"),
    ],
)
def test_une_partie_qu_un_document_ordinaire_n_a_pas(tmp_path: Path, nom: str, genre: str) -> None:
    defaut = f'<Default Extension="{nom[2:]}" ContentType="{genre}"/>'
    lien = _lien("image", f"objets/{nom}", mode="Internal")
    chemin = _piege(tmp_path, lien, (GENRES, "</Types>", defaut), **{f"word/objets/{nom}": b"<x/>"})
    with pytest.raises(ArretBloquant) as arret:
        verifier_modele(chemin)
    assert f"« word/objets/{nom} »" in arret.value.anomalies[0].message


def test_ce_qu_un_document_ordinaire_a_est_admis(tmp_path: Path) -> None:
    """Fields, links, a picture, a comment, a note of the footer: in the document that is made, as in the template."""
    codes = (
        " PAGE ", " NUMPAGES ", r' DATE \@ "dd/MM/yyyy" ', r' TOC \o "1-3" \h \z \u ', " MERGEFIELD Nom ", "=1+2",
        ' HYPERLINK "https://exemple.fr/a" ', r' HYPERLINK \l "ancre" ', r" REF _Ref1 \h ",
    )  # fmt: skip
    lien = f'<w:p><w:hyperlink xmlns:r="{R}" r:id="rId99"><w:r><w:t>lien</w:t></w:r></w:hyperlink></w:p>'
    simple = '<w:p><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>'
    corps = (CORPS, "<w:sectPr", lien + simple)
    chemin = _piege(tmp_path, *map(_champ, codes), corps, _lien("hyperlink", "mailto:a@exemple.fr"))
    document = Document(str(chemin))
    document.add_picture(io.BytesIO(png()))
    document.add_comment(document.add_paragraph().add_run("à revoir"), text="{ à revoir }", author="x")
    document.sections[0].footer.paragraphs[0].text = "{{ reservataire }}"
    document.save(str(tmp_path / "ordinaire.docx"))
    verifier_modele(tmp_path / "ordinaire.docx")
    (modeles := tmp_path / "modeles").mkdir()
    (tmp_path / "ordinaire.docx").rename(modeles / "ordinaire.docx")
    entrepot = _entrepot(tmp_path / "e.duckdb", boulbon="ordinaire")
    (annexe,) = ecrire_annexes(entrepot, tmp_path, codes=["boulbon"], modeles=modeles)
    with zipfile.ZipFile(annexe) as archive:
        ecrit = archive.read(CORPS).decode()
    assert all(code.replace('"', "&quot;") in ecrit or code in ecrit for code in codes)


@pytest.mark.parametrize(
    "octets", [b"", b"PK\x03\x04", b"{\\rtf1}", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600]
)
def test_ce_qui_n_est_pas_un_document_word(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "m.docx").write_bytes(octets)
    with pytest.raises(ArretBloquant) as arret:
        verifier_modeles(tmp_path)
    assert "pas un document Word" in arret.value.anomalies[0].message


def test_valeurs_hostiles_restent_du_texte(tmp_path: Path) -> None:
    entrepot = _entrepot(tmp_path / "e.duckdb")
    nom = '{{ 7 * 7 }} {% x %} <w:p/> & \x0b\x07\n"fin"'
    with duckdb.connect(str(entrepot)) as con:
        con.execute("update bilan.entetes set libelle = ? where code_reservataire = 'boulbon'", [nom])
    chemin = ecrire_annexes(entrepot, tmp_path, codes=["boulbon"])[0]
    assert 'Pour le réservataire : {{ 7 * 7 }} {% x %} <w:p/> & "fin"' in "\n".join(_textes(chemin))


def test_valeur_exacte_du_decimal(tmp_path: Path) -> None:
    """Two decimals in the line, six beside, never through a float."""
    entrepot = _entrepot(tmp_path / "e.duckdb")
    with duckdb.connect(str(entrepot)) as con:
        con.execute("update bilan.lignes_flux set valeur = ?, valeur_exacte = ? where ligne = 'j'",
                    [Decimal("1234567.100001"), Decimal("1234567.100001")])  # fmt: skip
    textes = _textes(ecrire_annexes(entrepot, tmp_path, codes=["boulbon"])[0])
    assert "j = 1\u202f234\u202f567,100001" in textes and "1\u202f234\u202f567,1" in textes
