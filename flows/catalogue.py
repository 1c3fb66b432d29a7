"""The catalogue of anomalies, `flows/contrat/anomalies.csv`: what each code means, how grave it can be, what to do.

`python -m flows.catalogue` writes `docs/anomalies.md` from it; a test holds the catalogue to the codes in use.
"""

from dataclasses import dataclass
from pathlib import Path

from flows.anomalies import Gravite
from flows.chemins import CONTRAT, RACINE
from flows.contrat.listes import lire_liste

PAGE = RACINE / "docs" / "anomalies.md"
_EN_TETE = """# Les anomalies

Page écrite par `python -m flows.catalogue` à partir de `flows/contrat/anomalies.csv`. Chaque anomalie d'une campagne
est une ligne de `controles/controles_<annee>.csv` : sa gravité, son code, le fichier, la feuille, la ligne, la colonne,
la valeur, ce qui ne va pas et quoi faire.

| gravité | ce qu'elle veut dire |
|---|---|
| bloquant | rien n'est publié tant que ce n'est pas corrigé : des chiffres seraient faux ou manqueraient en silence |
| erreur | la ligne est rejetée, ou un chiffre est à revoir ; le reste est livré, et `controler` rend 1 |
| avertissement | c'est compté, mais d'une façon que vous devez connaître |
| information | rien à faire |
"""


@dataclass(frozen=True, slots=True)
class Entree:
    """One code: its family (a title of the page), the gravities it may have, its meaning, its remedy; in French."""

    famille: str
    code: str
    gravites: tuple[Gravite, ...]
    sens: str
    remede: str


def lire_catalogue(chemin: Path = CONTRAT / "anomalies.csv") -> dict[str, Entree]:
    """Every entry by its code, in the order of the file; raises ArretBloquant when the file has mistakes."""
    lignes = lire_liste(chemin, ("famille", "code", "gravites", "sens", "remede"), cle=("code",))
    return {
        ligne["code"]: Entree(
            ligne["famille"],
            ligne["code"],
            tuple(Gravite(g.strip()) for g in ligne["gravites"].split(",")),
            ligne["sens"],
            ligne["remede"],
        )
        for _, ligne in lignes
    }


def page() -> str:
    """The catalogue as Markdown, one table a family."""
    familles: dict[str, list[Entree]] = {}
    for entree in lire_catalogue().values():
        familles.setdefault(entree.famille, []).append(entree)
    blocs = [_EN_TETE]
    for famille, entrees in familles.items():
        rangees = (
            f"| `{e.code}` | {' ou '.join(e.gravites)} | {e.sens} | {e.remede} |"
            for e in sorted(entrees, key=lambda e: e.code)
        )
        entete = f"## {famille}\n\n| code | gravité | ce que cela veut dire | quoi faire |\n|---|---|---|---|\n"
        blocs.append(entete + "\n".join(rangees) + "\n")
    return "\n".join(blocs)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    from flows.publication.inchange import EPROUVES, empreinte_livree

    EPROUVES.write_text(empreinte_livree() + "\n", encoding="utf-8")
