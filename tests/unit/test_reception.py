"""Reception: what is read, what is refused, and why, on folders made on the spot."""

import hashlib
import os
import socket
import threading
import time
from pathlib import Path

import duckdb
import pytest

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.depot import extraction, reception
from flows.depot.reception import (
    nom_affiche,
    recevoir,
    table_du_nom,
    taille_affichee,
    tant_qu_inchanges,
    verifier_inchanges,
)

TABLES = ("rpls", "reservataires", "droits", "droits_ds", "attributions", "liberations", "previsions")


def poser(dossier: Path, *noms: str) -> None:
    for nom in noms:
        (dossier / nom).write_bytes(f"contenu de {nom}".encode("utf-8", "surrogateescape"))


def par_fichier(anomalies: list[Anomalie]) -> dict[str, tuple[str, str]]:
    return {anomalie.fichier: (anomalie.gravite.value, anomalie.code) for anomalie in anomalies}


def test_fichiers_de_toutes_extensions_dans_l_ordre_des_noms(tmp_path: Path) -> None:
    noms = ["rpls_2025.csv", "attributions t2.XLSX", "attributions-t1.xlsm", "droits.ods", "reservataires2025.parquet"]
    poser(tmp_path, *noms, "liberations.txt", "previsions.xls")
    recus, anomalies = recevoir(tmp_path, TABLES)
    assert anomalies == []
    assert [recu.nom for recu in recus] == sorted([*noms, "liberations.txt", "previsions.xls"])
    assert {recu.nom: recu.table for recu in recus}["reservataires2025.parquet"] == "reservataires"
    premier = recus[0]
    contenu = premier.chemin.read_bytes()
    assert (premier.octets, premier.sha256) == (len(contenu), hashlib.sha256(contenu).hexdigest())


@pytest.mark.parametrize(
    ("nom", "table"),
    [
        ("droits_ds_2025.csv", "droits_ds"),
        ("droits_2025.csv", "droits"),
        ("droitsds.csv", None),
        ("DROITS.csv", "droits"),
        ("Libérations t1.csv", "liberations"),
        ("Libe\u0301rations.csv", "liberations"),
        ("droits", None),
        ("mes droits.csv", None),
    ],
)
def test_table_du_nom(nom: str, table: str | None) -> None:
    assert table_du_nom(nom, TABLES) == table


def test_fichiers_laisses_de_cote_sont_dits(tmp_path: Path) -> None:
    poser(tmp_path, "rpls_2025.csv", "LISEZ-MOI.txt", "Thumbs.db", "~$rpls_2025.xlsx", ".rpls_2025.csv.swp")
    poser(tmp_path, "attribution_2025.csv", "droits.zip", "note.docx")
    (tmp_path / "attributions_anciennes").mkdir()
    (tmp_path / "archives").mkdir()
    poser(tmp_path / "archives", "droits.csv")
    recus, anomalies = recevoir(tmp_path, TABLES)
    assert [recu.nom for recu in recus] == ["rpls_2025.csv"]
    assert par_fichier(anomalies) == {
        "LISEZ-MOI.txt": ("information", "fichier_ignore"),
        "Thumbs.db": ("information", "fichier_ignore"),
        "note.docx": ("information", "fichier_ignore"),
        "~$rpls_2025.xlsx": ("information", "fichier_ignore"),
        ".rpls_2025.csv.swp": ("information", "fichier_ignore"),
        "archives": ("information", "sous_dossier"),
        "attributions_anciennes": ("avertissement", "sous_dossier"),
        "attribution_2025.csv": ("avertissement", "table_inconnue"),
        "droits.zip": ("avertissement", "format_non_lu"),
    }
    (proche,) = [anomalie for anomalie in anomalies if anomalie.code == "table_inconnue"]
    assert "attributions" in proche.correction


@pytest.mark.parametrize(
    ("nom", "octets", "dit"),
    [
        ("Gestion locative.xlsx", b"PK", "aucune table"),
        ("Attribution t1.csv", b"a;b\n1;2\n", "attributions"),
        ("loyers.txt", b"a\tb\n1\t2\n3\t4\n", "aucune table"),
        ("correspondances.xlsx", b"PK", "à côté"),
    ],
)
def test_un_tableau_dont_rien_ne_dit_la_table_arrete(tmp_path: Path, nom: str, octets: bytes, dit: str) -> None:
    poser(tmp_path, "rpls_2025.csv")
    (tmp_path / nom).write_bytes(octets)
    _, anomalies = recevoir(tmp_path, TABLES)
    # a stranger among files that all go by their name; it stops when it may be a table that is needed, or was decided
    gravite = "erreur" if dit == "aucune table" else "bloquant"
    assert par_fichier(anomalies) == {nom: (gravite, "fichier_non_decide")}
    assert dit in anomalies[0].message
    assert par_fichier(recevoir(tmp_path, TABLES, obligatoires=["droits"])[1])[nom][0] == "bloquant"
    decidee = recevoir(tmp_path, TABLES, decider=lambda n: "rpls" if n.startswith("rpls") else None)
    assert par_fichier(decidee[1])[nom][0] == "bloquant"
    assert par_fichier(recevoir(tmp_path, TABLES, decider=lambda n: "" if n == nom else None)[1]) == {
        nom: ("information", "fichier_ignore")
    }


@pytest.mark.parametrize("cible", ["dehors.csv", "dossier/rpls_2024.csv", "absent.csv"])
def test_un_lien_est_refuse_ou_qu_il_mene(tmp_path: Path, cible: str) -> None:
    dossier = tmp_path / "dossier"
    dossier.mkdir()
    poser(tmp_path, "dehors.csv")
    poser(dossier, "rpls_2024.csv")
    (dossier / "rpls_2025.csv").symlink_to(tmp_path / cible)
    recus, anomalies = recevoir(dossier, TABLES)
    assert [recu.nom for recu in recus] == ["rpls_2024.csv"]
    assert par_fichier(anomalies) == {"rpls_2025.csv": ("bloquant", "lien_symbolique")}
    assert anomalies[0].correction


def test_tubes_et_connexions_sont_refuses_sans_attendre(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rpls_2025.csv")
    connexion = socket.socket(socket.AF_UNIX)
    connexion.bind(str(tmp_path / "droits.csv"))
    debut = time.monotonic()
    recus, anomalies = recevoir(tmp_path, TABLES)
    connexion.close()
    assert time.monotonic() - debut < 1
    assert recus == []
    assert set(par_fichier(anomalies).values()) == {("bloquant", "pas_un_fichier")}


def test_un_tube_mis_a_la_place_du_fichier_ne_bloque_pas(tmp_path: Path) -> None:
    poser(tmp_path, "rpls_2025.csv")
    recus, _ = recevoir(tmp_path, TABLES)
    (tmp_path / "rpls_2025.csv").unlink()
    os.mkfifo(tmp_path / "rpls_2025.csv")
    fil = threading.Thread(target=verifier_inchanges, args=(recus,), daemon=True)
    fil.start()
    fil.join(timeout=5)
    assert not fil.is_alive()
    assert [anomalie.code for anomalie in verifier_inchanges(recus)] == ["fichier_modifie"]


def test_les_caracteres_de_commande_d_un_nom_sont_montres_echappes(tmp_path: Path) -> None:
    poser(tmp_path, "rpls_\n\x1b[31m.csv", "rpls_\u202efdp.csv", "rpls_\\x0a.csv", "rpls_été.csv")
    recus, anomalies = recevoir(tmp_path, TABLES)
    noms = {recu.nom for recu in recus}
    assert noms == {r"rpls_\n\x1b[31m.csv", r"rpls_\u202efdp.csv", r"rpls_\\x0a.csv", "rpls_été.csv"}
    assert anomalies == []
    assert all(recu.chemin.exists() for recu in recus)


def test_un_nom_qui_n_est_pas_du_texte_est_refuse(tmp_path: Path) -> None:
    poser(tmp_path, os.fsdecode(b"rpls_\xe9.csv"))
    recus, anomalies = recevoir(tmp_path, TABLES)
    assert recus == []
    assert [anomalie.code for anomalie in anomalies] == ["nom_illisible"]
    anomalies[0].fichier.encode()


def test_le_nom_affiche_ne_confond_pas_deux_noms() -> None:
    assert nom_affiche("a\nb") != nom_affiche("a\\nb")


def test_tailles_bornees_par_fichier_et_par_dossier(tmp_path: Path) -> None:
    (tmp_path / "rpls_2025.csv").write_bytes(b"x" * 2000)
    (tmp_path / "droits_1.csv").write_bytes(b"y" * 900)
    (tmp_path / "droits_2.csv").write_bytes(b"z" * 900)
    recus, anomalies = recevoir(tmp_path, TABLES, octets_max_fichier=1000)
    assert [recu.nom for recu in recus] == ["droits_1.csv", "droits_2.csv"]
    assert par_fichier(anomalies) == {"rpls_2025.csv": ("bloquant", "fichier_trop_gros")}
    assert "2,0 Kio" in anomalies[0].message
    _, anomalies = recevoir(tmp_path, TABLES, octets_max_dossier=1000)
    assert ("bloquant", "dossier_trop_gros") in par_fichier(anomalies).values()


def test_un_fichier_enorme_et_creux_est_refuse_sans_etre_lu(tmp_path: Path) -> None:
    with (tmp_path / "rpls_2025.csv").open("wb") as flux:
        flux.truncate(5 * reception.GIO)
    debut = time.monotonic()
    _, anomalies = recevoir(tmp_path, TABLES)
    assert time.monotonic() - debut < 1
    assert [anomalie.code for anomalie in anomalies] == ["fichier_trop_gros"]


@pytest.mark.parametrize("changement", ["allonge", "reecrit", "remplace", "efface"])
def test_un_fichier_qui_change_pendant_sa_lecture_arrete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changement: str
) -> None:
    fichier = tmp_path / "rpls_2025.csv"
    fichier.write_bytes(b"a" * 100)
    lire = reception._empreinte

    def lire_puis_changer(chemin: Path) -> tuple[int, str]:
        resultat = lire(chemin)
        if changement == "efface":
            fichier.unlink()
        elif changement == "remplace":
            (tmp_path / "autre").write_bytes(b"b" * 100)
            os.utime(tmp_path / "autre", ns=(fichier.stat().st_atime_ns, fichier.stat().st_mtime_ns))
            (tmp_path / "autre").replace(fichier)
        else:
            fichier.write_bytes(b"c" * (100 if changement == "reecrit" else 101))
            os.utime(fichier, (1, 1))
        return resultat

    monkeypatch.setattr(reception, "_empreinte", lire_puis_changer)
    recus, anomalies = recevoir(tmp_path, TABLES)
    assert recus == []
    assert par_fichier(anomalies) == {"rpls_2025.csv": ("bloquant", "fichier_modifie")}


def test_verifier_inchanges_voit_un_octet(tmp_path: Path) -> None:
    poser(tmp_path, "rpls_2025.csv", "droits.csv", "liberations.csv")
    recus, _ = recevoir(tmp_path, TABLES)
    assert verifier_inchanges(recus) == []
    contenu = (tmp_path / "rpls_2025.csv").read_bytes()
    (tmp_path / "rpls_2025.csv").write_bytes(contenu[:-1] + b"X")
    (tmp_path / "droits.csv").unlink()
    modifies = verifier_inchanges(recus)
    assert {anomalie.fichier for anomalie in modifies} == {"rpls_2025.csv", "droits.csv"}
    assert {anomalie.gravite for anomalie in modifies} == {Gravite.BLOQUANT}


def test_un_fichier_que_rien_n_a_touche_n_est_pas_relu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inode, size and times are enough for a file that is not fresh; any write, even of the same size, is seen."""
    monkeypatch.setattr(reception, "NS_RECENT", -10_000_000_000)
    poser(tmp_path, "rpls_2025.csv")
    recus, _ = recevoir(tmp_path, TABLES)
    assert recus[0].signature
    relus: list[Path] = []

    def relire(chemin: Path) -> tuple[int, str]:
        relus.append(chemin)
        return 0, ""

    monkeypatch.setattr(reception, "_empreinte", relire)
    assert verifier_inchanges(recus) == []
    assert relus == []
    os.utime(tmp_path / "rpls_2025.csv", (1, 1))
    assert [a.code for a in verifier_inchanges(recus)] == ["fichier_modifie"]
    assert relus == [tmp_path / "rpls_2025.csv"]


def test_ce_qui_est_depose_se_dit_sans_relire_ni_suivre_un_lien(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a run that stops: what was received is known; a link, a pipe, a file too big to be received are left."""
    monkeypatch.setattr(reception, "NS_RECENT", -10_000_000_000)
    poser(tmp_path, "rpls_2025.csv")
    recus, _ = recevoir(tmp_path, TABLES)
    poser(tmp_path, "autre.csv")
    (tmp_path / "lien.csv").symlink_to(tmp_path / "rpls_2025.csv")
    os.mkfifo(tmp_path / "tube.csv")
    with (tmp_path / "creux.csv").open("wb") as creux:
        creux.truncate(reception.OCTETS_MAX_FICHIER + 1)
    lus: list[str] = []
    empreinte = reception._empreinte

    def relire(chemin: Path) -> tuple[int, str]:
        lus.append(chemin.name)
        return empreinte(chemin)

    monkeypatch.setattr(reception, "_empreinte", relire)
    deposes = reception.deposes(tmp_path)
    assert deposes.keys() == {"autre.csv", "rpls_2025.csv"} and deposes["rpls_2025.csv"] == recus[0].sha256
    assert "rpls_2025.csv" not in lus and "creux.csv" not in lus


def test_dossier_absent_vide_ou_qui_n_en_est_pas_un(tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    poser(tmp_path, "fichier")
    poser(tmp_path / "vide", "LISEZ-MOI.md")
    for nom, code in (("absent", "dossier_absent"), ("fichier", "dossier_absent"), ("vide", "dossier_vide")):
        recus, anomalies = recevoir(tmp_path / nom, TABLES)
        assert recus == []
        assert (anomalies[-1].gravite, anomalies[-1].code) == (Gravite.BLOQUANT, code)
        assert "reservataires" in anomalies[-1].correction and ".parquet" in anomalies[-1].correction


def test_les_tables_obligatoires_absentes_arretent(tmp_path: Path) -> None:
    poser(tmp_path, "rpls_2025.csv")
    _, anomalies = recevoir(tmp_path, TABLES, obligatoires=("rpls", "reservataires"))
    assert [(anomalie.gravite, anomalie.code) for anomalie in anomalies] == [(Gravite.BLOQUANT, "table_absente")]
    assert "« reservataires »" in anomalies[0].message


def test_deux_fichiers_identiques_d_une_table_sont_signales(tmp_path: Path) -> None:
    for nom in ("droits.csv", "droits (1).csv", "rpls_2025.csv"):
        (tmp_path / nom).write_bytes(b"le meme")
    recus, anomalies = recevoir(tmp_path, TABLES)
    assert len(recus) == 3
    assert par_fichier(anomalies) == {"droits.csv": ("erreur", "fichier_en_double")}


@pytest.mark.parametrize(("octets", "texte"), [(0, "0 octets"), (1536, "1,5 Kio"), (4 * 1024**3, "4,0 Gio")])
def test_taille_affichee(octets: int, texte: str) -> None:
    assert taille_affichee(octets) == texte


@pytest.mark.parametrize("nom", ["droits.csv", "rpls_2025.csv", "droits.xlsx"])
@pytest.mark.parametrize("quand", ["avant", "pendant"])
def test_un_fichier_qui_disparait_avant_d_etre_lu_est_dit_modifie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nom: str, quand: str
) -> None:
    fichier = tmp_path / nom
    fichier.write_bytes(b"PK\x03\x04" if nom.endswith("xlsx") else b"a;b\n1;2\n")
    (tmp_path / "liberations.csv").write_text("a;b\n1;2\n")
    recus, _ = recevoir(tmp_path, TABLES)
    if quand == "avant":
        fichier.unlink()
    vraie = extraction._refuser

    def retirer(nom_lu: str, tete: bytes) -> Anomalie | None:
        if nom_lu == nom:
            fichier.unlink()
        return vraie(nom_lu, tete)

    monkeypatch.setattr(extraction, "_refuser", retirer)
    a_lire = [(recu.nom, recu.chemin) for recu in recus]
    feuilles, anomalies = extraction.extraire(a_lire, tmp_path / "travail", balayables={"rpls_2025.csv"})
    assert [feuille.fichier for feuille in feuilles] == ["liberations.csv"]
    assert [a for a in anomalies if a.fichier == nom] == verifier_inchanges(recus)


def test_une_erreur_de_lecture_d_un_fichier_change_n_est_pas_la_notre(tmp_path: Path) -> None:
    poser(tmp_path, "rpls_2025.csv")
    recus, _ = recevoir(tmp_path, TABLES)
    with pytest.raises(duckdb.IOException), tant_qu_inchanges(recus):
        raise duckdb.IOException("disque plein")
    (tmp_path / "rpls_2025.csv").unlink()
    with pytest.raises(ArretBloquant) as arret, tant_qu_inchanges(recus):
        raise duckdb.IOException("No files found")
    assert [a.code for a in arret.value.anomalies] == ["fichier_modifie"]
