"""The same steps as a dbt project, run by `dbt run`: `python dbt_projet.py ENTREES SORTIES REF`."""

import re
import subprocess
import sys
from pathlib import Path

from requetes import etapes

entrees, sorties, ref = sys.argv[1:4]
projet = Path(sorties) / "projet"
(projet / "models").mkdir(parents=True, exist_ok=True)
(projet / "dbt_project.yml").write_text(
    "name: pair\nversion: '1.0.0'\nconfig-version: 2\nprofile: pair\nmodels: {pair: {materialized: table}}\n"
)
base = Path(sorties) / "pair.duckdb"
base.unlink(missing_ok=True)
(projet / "profiles.yml").write_text(
    f"pair: {{target: dev, outputs: {{dev: {{type: duckdb, path: '{base}', threads: 2}}}}}}\n"
)
noms = list(etapes(entrees, ref))
for nom, requete in etapes(entrees, ref).items():
    for autre in noms:
        requete = re.sub(rf"\b(from|join) {autre}\b(?!\()", rf"\1 {{{{ ref('{autre}') }}}}", requete)
    (projet / "models" / f"{nom}.sql").write_text(requete)
dbt = Path(sys.executable).with_name("dbt")
commande = [
    str(dbt),
    "--no-send-anonymous-usage-stats",
    "run",
    "--project-dir",
    str(projet),
    "--profiles-dir",
    str(projet),
]
subprocess.run(commande, check=True, stdout=subprocess.DEVNULL)

import duckdb  # noqa: E402

with duckdb.connect(str(base), read_only=True) as con:
    for nom in ("flux", "mesures"):
        con.execute(f"copy {nom} to '{sorties}/{nom}.csv' (header, delimiter ';')")
