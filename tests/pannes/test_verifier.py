"""`gestion-flux verifier`: what is intact, changed, missing, unknown, open or exposed; the code says if it holds."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commande import gestion_flux
from tests.pannes.campagne_saine import ANNEE, deposer

CSV = f"bilan/VILLE/bilan_{ANNEE}_VILLE.csv"
PUBLIC = f"public/VILLE/bilan_public_{ANNEE}_VILLE.csv"


@pytest.fixture(scope="module")
def sorties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("verifier")
    publiees = dossier / "out" / str(ANNEE)
    gestion_flux("bilan", ANNEE, "--public", "--entrees", deposer(dossier / "in"), "--sorties", publiees)
    return publiees


def verifier(dossier: Path, attendu: int) -> list[str]:
    """Codes of the anomalies, the gravest ones of the folder given."""
    (constat,) = json.loads(gestion_flux("verifier", dossier, "--json", attendu=attendu).stdout)
    assert constat["tient"] == (attendu == 0) and constat["intacts"] > 10
    return [a["code"] for a in constat["anomalies"]]


def test_tout_tient_d_un_dossier_ou_de_celui_qui_le_contient(sorties: Path) -> None:
    (sorties / "mes notes.txt").write_text("à moi")
    assert verifier(sorties, 0) == verifier(sorties.parent, 0) == ["sortie_inconnue"]
    dit = gestion_flux("verifier", sorties).stdout
    assert "1 qui ne sont pas de nous ; tout tient." in dit
    (sorties / "mes notes.txt").unlink()


def test_chaque_faute_est_dite_et_finit_en_1(sorties: Path) -> None:
    registre, manifeste = sorties.parent / "registre.jsonl", sorties / "manifeste.json"
    copie = sorties.parent.parent / "la même"
    copie.write_bytes((sorties / CSV).read_bytes())

    def changer(chemin: Path, faire: Callable[[bytes], bytes]) -> Callable[[], object]:
        return lambda: chemin.write_bytes(faire(chemin.read_bytes()))

    fautes: list[tuple[Path, Callable[[], object], set[str]]] = [
        (sorties / CSV, changer(sorties / CSV, lambda o: o.replace(b"2025", b"2024", 1)), {"sortie_modifiee"}),
        (sorties / CSV, (sorties / CSV).unlink, {"sortie_absente"}),
        (sorties / CSV, lambda: (sorties / CSV).chmod(0o644), {"droits_trop_larges"}),
        (sorties / PUBLIC, changer(sorties / PUBLIC, lambda o: o.replace(b"s.", b"3")),
         {"sortie_modifiee", "petit_nombre_publie"}),
        (sorties / CSV, lambda: ((sorties / CSV).unlink(), os.mkfifo(sorties / CSV)), {"sortie_modifiee"}),
        (sorties / CSV, lambda: ((sorties / CSV).unlink(), (sorties / CSV).symlink_to(copie)), {"sortie_modifiee"}),
        (manifeste, changer(manifeste, lambda o: o + b"\n"), {"manifeste_non_inscrit"}),
        (registre, changer(registre, lambda o: o.replace(b'"commande"', b'"commandf"', 1)), {"registre_modifie"}),
    ]  # fmt: skip
    for chemin, abimer, codes in fautes:
        sain, droits = chemin.read_bytes(), chemin.stat().st_mode
        abimer()
        assert codes <= set(verifier(sorties, 1)), codes
        chemin.unlink(missing_ok=True)
        chemin.write_bytes(sain)
        chemin.chmod(droits)
    assert verifier(sorties, 0) == []


def test_rien_de_publie_est_un_mauvais_usage(tmp_path: Path) -> None:
    assert "rien que gestion-flux ait publié" in gestion_flux("verifier", tmp_path, attendu=2).stderr
    assert "n'existe pas" in gestion_flux("verifier", tmp_path / "nulle part", attendu=2).stderr
