"""How many pages a workbook prints, as LibreOffice lays it: few enough for somebody to read them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

BORNES = {"MAMOUDZOU": 9, "ETAT_PRIO_2A": 11, "_bailleur": 52}
"""At most so many pages: one a tab for a town, seven of its own and two special ones."""

soffice = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.mark.skipif(soffice is None, reason="LibreOffice n'est pas installé : les pages imprimées ne sont pas comptées")
def test_un_classeur_s_imprime_en_peu_de_pages(exemple_publie: tuple[Path, str], tmp_path: Path) -> None:
    bilans = exemple_publie[0] / "bilan"
    classeurs = [bilans / code / f"bilan_2025_{code}.xlsx" for code in BORNES]
    profil = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    commande = [str(soffice), "--headless", profil, "--convert-to", "pdf", "--outdir", tmp_path, *classeurs]
    subprocess.run(list(map(str, commande)), check=True, capture_output=True, timeout=300)
    for code, borne in BORNES.items():
        contenu = (tmp_path / f"bilan_2025_{code}.pdf").read_bytes()
        pages = len(re.findall(rb"/Type\s*/Page\b", contenu))
        assert 7 <= pages <= borne, (code, pages)
