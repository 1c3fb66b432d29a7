"""argparse that speaks French: the same parser, its few sentences translated."""

import argparse
from typing import Any

PHRASES = {
    "usage: ": "usage : ",
    "positional arguments": "arguments",
    "options": "options",
    "show this help message and exit": "affiche cette aide et s'arrête",
    "show program's version number and exit": "affiche la version et s'arrête",
    "the following arguments are required: %s": "il manque : %s",
    "one of the arguments %s is required": "il faut l'un de ces arguments : %s",
    "unrecognized arguments: %s": "arguments inconnus : %s",
    "expected one argument": "une valeur est attendue",
    "expected at least one argument": "au moins une valeur est attendue",
    "argument %(argument_name)s: %(message)s": "argument %(argument_name)s : %(message)s",
    "invalid choice: %(value)r (choose from %(choices)s)": "choix inconnu : %(value)s (possibles : %(choices)s)",
    "invalid %(type)s value: %(value)r": "valeur refusée : %(value)s",
    "not allowed with argument %s": "incompatible avec l'argument %s",
    "ambiguous option: %(option)s could match %(matches)s": "option ambiguë : %(option)s (%(matches)s)",
    "%(prog)s: error: %(message)s\n": "%(prog)s : erreur : %(message)s\n",
}
EXEMPLES = {
    "": (
        "exemple data/raw/exemple",
        "bilan 2025",
        "bilan 2025 --au 30/06/2025",
        "bilan 2025 --reservataire ALS --reservataire VILLE",
        "controler 2025 --entrees depot/",
        "etat-des-lieux 30/11/2025",
    ),
    "bilan": ("bilan 2025", "bilan 2025 --au 30/06/2025", "bilan 2025 --reservataire ALS", "bilan 2025 --public 5"),
    "controler": ("controler 2025", "controler 2025 --entrees depot/ --sorties controle/"),
    "apercu": ("apercu 2025", "apercu 2025 --entrees depot/2025"),
    "modeles": ("modeles data/raw/2025",),
    "etat-des-lieux": ("etat-des-lieux 2025", "etat-des-lieux 30/11/2025 --entrees depot/"),
    "verifier-annexe": ("verifier-annexe data/out/2025/bilan/ALS/flux_2026_ALS.csv",),
    "verifier": ("verifier", "verifier data/out/2025", "verifier data/out/2025 --json"),
    "exemple": ("exemple data/raw/exemple",),
    "dcp": ("dcp 2025", "dcp 2025 --sorties data/out/2025-dcp"),
    "cle": ("cle",),
    "ouvrir": ("ouvrir data/out/2025-dcp/dcp1_2025_ALS.xlsx.chiffre --vers dcp1.xlsx",),
    "historique": (
        "historique 2025",
        "historique 2025 --fichier bilan_2025_BASTIA.xlsx",
        "historique 2025 --version 7f31c2a9",
    ),
    "comparer": ("comparer", "comparer v1 v3 --vers ecarts.xlsx", "comparer 2024 2025 --reservataire BASTIA"),
    "expliquer": ("expliquer BASTIA baux_signes qpv=en_qpv", "expliquer BASTIA annexe f", "expliquer BASTIA objectif"),
    "planifier": (
        "planifier",
        "planifier --annee 2025 --jour 26/11/2025",
        "planifier --systemd --installer --smtp smtp.exemple.fr:25 --a flux@exemple.fr",
        "planifier --alerter --par 'mail -s Flux flux@exemple.fr'",
    ),
    "explorer": (
        "explorer 2025",
        "explorer 2025 --avec duckdb",
        "explorer 2025 --vers r.xlsx 'select * from bilan.synthese'",
    ),
    "simuler": ("simuler 2025 --modele > hyp.toml", "simuler 2025 --hypotheses hyp.toml --vers simulation.html"),
    "consolider": ("consolider bailleurs/ --annee 2025", "consolider bailleurs/ --annee 2025 --ouvriers 4"),
    "depot": ("depot 2025 --vers oodrive/", "depot 2025 --reservataire BASTIA --envoye 'M. Rossi, 27/02/2026'"),
    "purger": ("purger --au 01/02/2026 --a-blanc", "purger --au 01/02/2026"),
}
"""How each verb is used, by verb; the first ones are those of the command itself."""


class Analyseur(argparse.ArgumentParser):
    """A parser whose help and errors are in French, and whose mistakes end with the command that helps."""

    def __init__(self, *args: Any, **options: Any) -> None:
        vars(argparse)["_"] = lambda phrase: PHRASES.get(phrase, phrase)
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **options)
        exemples = EXEMPLES.get(self.prog.partition(" ")[2], ())
        self.epilog = "exemples :\n" + "".join(f"  gestion-flux {exemple}\n" for exemple in exemples)

    def error(self, message: str) -> Any:
        """Wrong use: the usage, the fault, where the help is; exit 2."""
        self.print_usage()
        self.exit(2, f"{self.prog} : erreur : {message}\nPour l'aide : {self.prog} --help\n")
