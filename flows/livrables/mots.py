"""The words of the deliverables: short Jinja texts of `templates/bilan.toml`, filled with finished values."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, meta, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from flows.livrables import francais


class TexteRefuse(TemplateError):
    """A text that these values cannot fill, and why."""

    def __init__(self, texte: str, pourquoi: str) -> None:
        super().__init__(pourquoi)
        self.texte = texte


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
    """`texte` with its `{{ … }}` replaced, without the spaces around it. Raises TexteRefuse."""
    try:
        rendu = _compiler(texte).render(contexte) if "{" in texte else texte
    except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as erreur:
        raise TexteRefuse(texte, str(erreur)) from erreur
    return francais.typographie(rendu.strip())


def variables(texte: str) -> set[str]:
    """Names that `texte` needs. Raises jinja2.TemplateSyntaxError (with its line) when it cannot be read."""
    if "{" not in texte:
        return set()
    arbre = _ENV.parse(texte)
    _compiler(texte)
    return meta.find_undeclared_variables(arbre)
