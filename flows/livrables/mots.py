"""The words of the deliverables: short Jinja texts of `templates/bilan.toml`, filled with finished values."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, meta, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from flows.livrables import francais


def _environnement() -> ImmutableSandboxedEnvironment:
    # These texts are not HTML: the page escapes them in its turn, the workbook writes them as they are.
    env = ImmutableSandboxedEnvironment(
        autoescape=select_autoescape(default_for_string=False), undefined=StrictUndefined, auto_reload=False
    )
    env.filters.update(
        nombre=francais.lisible, pourcent=francais.pourcent, jour=francais.jour, accord=francais.accord,
        par_an=francais.par_an,
    )  # fmt: skip
    return env


_ENV = _environnement()


@lru_cache(maxsize=4096)
def _compiler(texte: str) -> Template:
    return _ENV.from_string(texte)


def rendre(texte: str, contexte: Mapping[str, Any]) -> str:
    """`texte` with its `{{ … }}` replaced, without the spaces around it. Raises jinja2.TemplateError."""
    rendu = _compiler(texte).render(contexte) if "{" in texte else texte
    return francais.typographie(rendu.strip())


def variables(texte: str) -> set[str]:
    """Names that `texte` needs. Raises jinja2.TemplateSyntaxError (with its line) when it cannot be read."""
    if "{" not in texte:
        return set()
    arbre = _ENV.parse(texte)
    _compiler(texte)
    return meta.find_undeclared_variables(arbre)
