"""The rows of a table of a page: tens of thousands of cells, most of them alike, each written once."""

from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from flows.livrables.tableau import Colonne, Document, Format, Ligne, Tableau, Valeur


def lignes(document: Document, tableau: Tableau, rangees: Sequence[Ligne], classe: str) -> Markup:
    """`<tr>` elements of some rows of `tableau`, named by their first cell. `classe` is an attribute, or empty."""
    ecrire = [_ecrivain(document, colonne, rang == 0) for rang, colonne in enumerate(tableau.colonnes)]
    debut = f"\n<tr{classe}>"
    return Markup(  # noqa: S704 -- every text went through `escape`
        "".join(debut + "".join([f(v) for f, v in zip(ecrire, ligne, strict=True)]) + "</tr>" for ligne in rangees)
    )


def _ecrivain(document: Document, colonne: Colonne, premiere: bool) -> Callable[[Valeur], str]:
    """Writes a cell of a column, each value once."""
    faites: dict[tuple[type, Valeur], str] = {}

    def ecrire(valeur: Valeur) -> str:
        cle = (type(valeur), valeur)
        if cle not in faites:
            faites[cle] = _cellule(document, colonne, valeur, premiere)
        return faites[cle]

    return ecrire


def _cellule(document: Document, colonne: Colonne, valeur: Valeur, premiere: bool) -> str:
    texte = escape(colonne.texte(valeur))
    if colonne.format is Format.LIEN and isinstance(valeur, str) and (adresse := document.adresse(valeur)):
        texte = Markup('<a href="#{}">{}</a>').format(adresse, valeur)
    if premiere and texte:  # a heading of nothing is none
        return f'<th scope="row">{texte}</th>'
    nombre = "n" if colonne.format.est_nombre else ""
    classes = f"{nombre} absent".strip() if valeur is None else nombre
    return f'<td class="{classes}">{texte}</td>' if classes else f"<td>{texte}</td>"
