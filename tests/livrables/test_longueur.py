"""How long the page of a town is on a phone, as Chromium lays it: folded, it is a few screens."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(chromium is None, reason="Chromium n'est pas installé : la longueur des pages n'est pas mesurée")
@pytest.mark.parametrize("code", ["BASTIA"])
def test_la_page_d_une_ville_tient_en_quelques_ecrans_de_telephone(
    exemple_publie: tuple[Path, str], tmp_path: Path, code: str
) -> None:
    page = exemple_publie[0] / "bilan" / code / f"bilan_2025_{code}.html"
    copie = tmp_path / "page.html"
    texte = page.read_text(encoding="utf-8")
    # in a frame of 360 pixels, whatever the window can be; its height is written where it can be read
    copie.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", texte), encoding="utf-8")
    cadre = tmp_path / "cadre.html"
    cadre.write_text(
        "<iframe id=c src=page.html style='width:360px;height:800px;border:0'></iframe><p id=h></p><script>"
        "c.onload=function(){h.textContent='hauteur '+c.contentDocument.documentElement.scrollHeight+"
        "' largeur '+c.contentDocument.documentElement.scrollWidth}</script>",
        encoding="utf-8",
    )
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom")
    fin = subprocess.run(
        [str(chromium), *options, "--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profil'}",
         "--virtual-time-budget=3000", cadre.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    mesures = re.search(r"hauteur (\d+) largeur (\d+)", fin.stdout)
    assert mesures, fin.stdout[-300:]
    hauteur, largeur = map(int, mesures.groups())
    assert 1_000 < hauteur < 6_000 and largeur <= 360, (hauteur, largeur)
