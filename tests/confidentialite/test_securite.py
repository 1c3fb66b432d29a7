"""SECURITY.md says what is: its tests exist, dependencies are pinned by hash, the audit refuses what it cannot ask."""

import re

from tests.commande import RACINE

PROMESSES = (RACINE / "SECURITY.md").read_text(encoding="utf-8")


def test_chaque_ligne_de_la_table_nomme_des_tests_qui_existent() -> None:
    lignes = [ligne for ligne in PROMESSES.splitlines() if ligne.startswith("| ") and not ligne.startswith("| Menace")]
    assert len(lignes) >= 20
    for ligne in lignes:
        tests = re.findall(r"`(tests/[^`]+)`", ligne.split("|")[3])
        assert tests, ligne
        for nom in tests:
            assert "def test_" in (RACINE / nom).read_text(encoding="utf-8"), nom


def test_les_commandes_et_les_fichiers_cites_existent() -> None:
    aide = "".join(m.read_text(encoding="utf-8") for m in sorted((RACINE / "flows" / "commande").glob("*.py")))
    for verbe in set(re.findall(r"gestion-flux ([a-z][a-z-]+)", PROMESSES)):
        assert f'"{verbe}"' in aide, verbe
    for chemin in re.findall(r"`((?:flows|templates|sql)/[^`]+)`", PROMESSES):
        assert (RACINE / chemin).exists(), chemin


def test_chaque_dependance_est_epinglee_avec_son_empreinte() -> None:
    verrou = (RACINE / "requirements.lock").read_text(encoding="utf-8")
    paquets = re.findall(r"^([A-Za-z0-9_.-]+)==\S+.*?(?=^\S|\Z)", verrou, flags=re.MULTILINE | re.DOTALL)
    blocs = re.split(r"^(?=[A-Za-z0-9_.-]+==)", verrou, flags=re.MULTILINE)[1:]
    assert len(paquets) == len(blocs) >= 30
    assert [bloc.splitlines()[0] for bloc in blocs if "--hash=sha256:" not in bloc] == []
    assert "://" not in re.sub(r"^\s*#.*$", "", verrou, flags=re.MULTILINE)


def test_l_installation_exige_les_empreintes_et_l_audit_ne_se_tait_pas() -> None:
    fabrique = (RACINE / "Makefile").read_text(encoding="utf-8")
    assert "pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock" in fabrique
    assert re.search(r"^audit:.*\n(?:\t.*\n)*\t+.*pip-audit --strict --require-hashes", fabrique, flags=re.MULTILINE)
