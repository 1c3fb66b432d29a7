"""Equal rows count once, but where each says a quantity; rows that share a key and differ are named (« Doubles »)."""

from pathlib import Path

import polars as pl
import pytest

from flows.anomalies import Gravite
from flows.contrat.schema import charger
from flows.depot import reception
from flows.depot.extraction import extraire
from flows.tables.lecture import Lecture, lire


def lire_textes(dossier: Path, **textes: str) -> Lecture:
    """What the reading gives of these files, named by their table."""
    entrees = dossier / "in"
    entrees.mkdir()
    for nom, texte in textes.items():
        (entrees / f"{nom}.csv").write_text(texte, encoding="utf-8")
    recus, _ = reception.recevoir(entrees, list(charger().tables))
    feuilles, dites = extraire([(f.nom, f.chemin) for f in recus], dossier / "feuilles")
    assert not dites
    return lire(recus, feuilles, dossier / "tables", 2025)


def lignes(lecture: Lecture, table: str) -> list[tuple[str, int]]:
    """(file, row) of the rows kept."""
    return list(pl.read_parquet(lecture.tables[table]).select("fichier", "ligne").iter_rows())


def dites(lecture: Lecture, code: str) -> list[tuple[str, int | None, Gravite]]:
    return [(a.fichier, a.ligne, a.gravite) for a in lecture.anomalies if a.code == code]


LIBERATIONS = "ident_rep;date_liberation;service"


@pytest.mark.parametrize(
    ("second", "gardees"),
    [
        ("0037000001;01/03/2025;Nord", 1),
        ("0037000001;2025-03-01; Nord ", 1),
        ("0037000001;01/03/2025;Sud", 2),
        ("0037000001;01/03/2025;", 2),
    ],
    ids=["egales", "ecrites autrement", "colonne non declaree", "blanc"],
)
def test_une_colonne_non_declaree_rend_les_lignes_differentes(tmp_path: Path, second: str, gardees: int) -> None:
    lecture = lire_textes(tmp_path, liberations=f"{LIBERATIONS}\n0037000001;01/03/2025;Nord\n{second}\n")
    assert len(lignes(lecture, "liberations")) == gardees
    doubles = [("liberations.csv", 3, Gravite.AVERTISSEMENT)] if gardees == 1 else []
    assert dites(lecture, "ligne_en_double") == doubles
    (compte,) = lecture.comptages
    assert (compte.lues, compte.acceptees, compte.rejetees, compte.doubles) == (2, gardees, 2 - gardees, 2 - gardees)


def test_ni_l_ordre_des_colonnes_ni_celui_des_fichiers_ne_compte(tmp_path: Path) -> None:
    """The same row in two files whose columns are in another order, one of them with a column more, blank."""
    lecture = lire_textes(
        tmp_path,
        liberations_a=f"{LIBERATIONS};agence\n0037000001;01/03/2025;Nord;Est\n",
        liberations_b="agence;SERVICE;vide;date_liberation;ident_rep\nEst;Nord;;01/03/2025;0037000001\n",
        liberations_c="service;agence;date_liberation;ident_rep\nEst;Nord;01/03/2025;0037000001\n",
    )
    assert lignes(lecture, "liberations") == [("liberations_a.csv", 2), ("liberations_c.csv", 2)]


def test_droits_d_un_inventaire_sans_colonne_de_logement(tmp_path: Path) -> None:
    """Rights told by commune: two equal rows are two quantities, and are said."""
    entete = "code_reservataire;nature_droit;nombre_droits;date_debut;commune"
    ligne = "R01;contingent;3;01/06/2011;AJACCIO"
    lecture = lire_textes(tmp_path, droits=f"{entete}\n{ligne}\n{ligne}\n")
    assert lignes(lecture, "droits") == [("droits.csv", 2), ("droits.csv", 3)]
    assert dites(lecture, "ligne_repetee") == [("droits.csv", 3, Gravite.AVERTISSEMENT)]


def test_previsions_egales_comptent_chacune(tmp_path: Path) -> None:
    ligne = "2026;relogement_anru;10;bailleur;\n"
    lecture = lire_textes(tmp_path, previsions="annee;categorie;nombre;echelle;code_territoire\n" + 2 * ligne)
    assert len(lignes(lecture, "previsions")) == 2
    assert dites(lecture, "ligne_repetee") == [("previsions.csv", 3, Gravite.AVERTISSEMENT)]
    assert lecture.comptages[0].doubles == 0


def test_droits_sans_logement_egaux_comptent_chacun(tmp_path: Path) -> None:
    """Two rights of one DU each are two; one right on a dwelling, twice, is one."""
    entete = "code_reservataire;ident_rep;nature_droit;nombre_droits\n"
    lecture = lire_textes(tmp_path, droits=entete + 2 * "VILLE;;du_parc;1\n" + 2 * "VILLE;0037000001;ds;1\n")
    assert lignes(lecture, "droits") == [("droits.csv", 2), ("droits.csv", 3), ("droits.csv", 4)]
    assert dites(lecture, "ligne_repetee") == [("droits.csv", 3, Gravite.AVERTISSEMENT)]
    assert dites(lecture, "ligne_en_double") == [("droits.csv", 5, Gravite.AVERTISSEMENT)]


RPLS = "ident_rep;depcom;mode;couleur\n"


def test_un_logement_sous_deux_lignes_differentes_arrete(tmp_path: Path) -> None:
    """The rows differ in a column that nobody declared: which is right is the user's to say."""
    texte = RPLS + "0037000001;01004;1;bleu\n0037000002;01004;1;bleu\n0037000001;01004;1;vert\n"
    lecture = lire_textes(tmp_path, rpls_2025=texte)
    partagees = [a for a in lecture.anomalies if a.code == "cle_partagee"]
    assert [(a.ligne, a.gravite) for a in partagees] == [(2, Gravite.BLOQUANT), (4, Gravite.BLOQUANT)]
    assert all("2 et 4" in a.message or "2, 4" in a.message for a in partagees)


def test_le_meme_logement_deux_fois_ne_compte_qu_une_fois(tmp_path: Path) -> None:
    lecture = lire_textes(tmp_path, rpls_2025=RPLS + 3 * "0037000001;01004;1;bleu\n" + "0037000002;01004;1;bleu\n")
    assert lignes(lecture, "rpls") == [("rpls_2025.csv", 2), ("rpls_2025.csv", 5)]
    assert lecture.comptages[0].doubles == 2
    assert not dites(lecture, "cle_partagee")


def test_fichier_public_sans_identifiant_une_ligne_un_logement(tmp_path: Path) -> None:
    lecture = lire_textes(tmp_path, rpls_2025="depcom;nbpiece;finan\n" + 3 * "01004;3;13\n")
    assert len(lignes(lecture, "rpls")) == 3
    assert not lecture.anomalies
