"""Shapes of tables: titles, headings, sheets, merged cells, errors, totals (point 6)."""

import io

import xlsxwriter

from tests.pannes.campagne_saine import Lignes, texte_csv
from tests.pannes.classeurs_bruts import lignes_xlsx, xlsx
from tests.pannes.variantes import (
    BLOQUE,
    IDENTIQUE,
    REJETTE,
    SIGNALE,
    Dit,
    Fichiers,
    Variante,
    en_csv,
    en_xlsx,
    lignes_de,
)


def _renommer(remplace: str, avant: str, apres: str) -> Lignes:
    lignes = lignes_de(remplace)
    lignes[0][lignes[0].index(avant)] = apres
    return lignes


def _echanger(remplace: str, un: str, autre: str) -> Lignes:
    """The headings of two columns swapped, the data left in place."""
    lignes = lignes_de(remplace)
    entete = lignes[0]
    i, j = entete.index(un), entete.index(autre)
    entete[i], entete[j] = entete[j], entete[i]
    return lignes


def _sans(remplace: str, colonne: str) -> Lignes:
    lignes = lignes_de(remplace)
    rang = lignes[0].index(colonne)
    return [[c for i, c in enumerate(ligne) if i != rang] for ligne in lignes]


def _vides(ligne: list[str]) -> list[object]:
    return [c or None for c in ligne]


def _feuilles(remplace: str, *feuilles: tuple[str, list[list[object]], str]) -> Fichiers:
    """A workbook of several sheets: (name, rows, attributes in the workbook)."""
    noms, corps, attributs = zip(*feuilles, strict=True)
    octets = xlsx(*(lignes_xlsx(lignes) for lignes in corps), noms=noms, attributs=attributs)
    return {f"{remplace}.xlsx": octets}


def _fusionner(remplace: str, plages: str, *changements: tuple[int, int, str | None]) -> Fichiers:
    """A workbook whose cells are merged; `changements` (row, column, text) blank what the merge covers."""
    lignes: list[list[object]] = [_vides(ligne) for ligne in lignes_de(remplace)]
    for ligne, colonne, valeur in changements:
        lignes[ligne - 1][colonne - 1] = valeur
    fusions = "".join(f'<mergeCell ref="{plage}"/>' for plage in plages.split())
    return {f"{remplace}.xlsx": xlsx(lignes_xlsx(lignes) + f"<mergeCells>{fusions}</mergeCells>")}


def _cellule(remplace: str, reference: str, xml: str) -> Fichiers:
    """A workbook in which the element of one cell is given whole."""
    corps = lignes_xlsx([_vides(ligne) for ligne in lignes_de(remplace)])
    debut = corps.index(f'<c r="{reference}"')
    fin = corps.index("</c>", debut) + len("</c>")
    return {f"{remplace}.xlsx": xlsx(corps[:debut] + xml + corps[fin:])}


def _entete_fusionnee() -> Fichiers:
    """Two title rows, then a heading on two levels: groups merged over their columns, others over two rows."""
    tampon = io.BytesIO()
    lignes = lignes_de("droits")
    groupes = {
        "date_debut": ("Date", "Début"),
        "date_fin": ("Date", "Fin"),
        "nature_droit": ("Droit", "Nature du droit"),
    }
    groupes["origine_droit"] = ("Droit", "Origine du droit")
    with xlsxwriter.Workbook(tampon, {"in_memory": True}) as livre:
        page = livre.add_worksheet("Inventaire")
        page.write_string(0, 0, "État des lieux des droits de réservation")
        page.write_string(1, 0, "Arrêté au 31/12/2025")
        for j, colonne in enumerate(lignes[0]):
            if colonne in groupes:
                page.write_string(4, j, groupes[colonne][1])
            else:
                page.merge_range(3, j, 4, j, colonne)
        for groupe in ("Date", "Droit"):
            places = [j for j, colonne in enumerate(lignes[0]) if groupes.get(colonne, ("",))[0] == groupe]
            page.merge_range(3, places[0], 3, places[-1], groupe)
        for i, ligne in enumerate(lignes[1:], start=5):
            for j, cellule in enumerate(ligne):
                page.write_string(i, j, cellule)
    return {"droits.xlsx": tampon.getvalue()}


def _aere(remplace: str) -> Fichiers:
    """Blank rows between the rows, a blank column before and one in the middle."""
    lignes: list[list[object]] = []
    for ligne in lignes_de(remplace):
        lignes += [[None, *_vides(ligne[:2]), None, *_vides(ligne[2:])], []]
    return {f"{remplace}.xlsx": xlsx(lignes_xlsx([[], [], *lignes]))}


ENTETES = (
    Variante(
        "titres_au_dessus",
        "sne",
        lambda: en_csv("sne", [["Radiations du SNE"], ["Édité le 02/02/2026"], [""], *lignes_de("sne")]),
        IDENTIQUE,
    ),
    Variante(
        "titres_au_dessus_xlsx",
        "exclusions",
        lambda: en_xlsx("exclusions", [["Logements hors flux"], ["", "", "", "page 1"], *lignes_de("exclusions")]),
        IDENTIQUE,
    ),
    Variante("entete_fusionnee_sur_deux_lignes", "droits", _entete_fusionnee, IDENTIQUE),
    Variante(
        "entetes_en_desordre",
        "attributions",
        lambda: en_csv("attributions", [ligne[::-1] for ligne in lignes_de("attributions")]),
        IDENTIQUE,
    ),
    Variante(
        "entetes_accentues",
        "previsions",
        lambda: en_csv(
            "previsions",
            [["ANNÉE", "Catégorie", "Nombre ", "Échelle", "Code\nterritoire"], *lignes_de("previsions")[1:]],
        ),
        IDENTIQUE,
    ),
    Variante(
        "entete_renomme",
        "liberations",
        lambda: en_csv("liberations", _renommer("liberations", "date_liberation", "Sortie le")),
        BLOQUE,
        (Dit("colonne_absente", 1, "date_liberation"),),
    ),
    Variante(
        "entete_d_identifiant_renomme",
        "propositions",
        lambda: en_csv("propositions", _renommer("propositions", "ident_rep", "Logement n°")),
        BLOQUE,
        (Dit("colonne_absente", 1, "ident_rep ou ident_interne"),),
    ),
    Variante(
        "entete_absent",
        "attributions",
        lambda: en_csv("attributions", _sans("attributions", "categorie")),
        BLOQUE,
        (Dit("colonne_absente", 1, "categorie"),),
    ),
    Variante(
        "entete_en_double",
        "propositions",
        lambda: en_csv("propositions", _renommer("propositions", "date_limite_reponse", "Date mise à disposition")),
        BLOQUE,
        (Dit("colonne_en_double", 1, "date_mise_a_disposition"),),
    ),
    Variante(
        "entetes_intervertis",
        "liberations",
        lambda: en_csv("liberations", _echanger("liberations", "ident_rep", "date_liberation")),
        BLOQUE,
        (Dit("table_rejetee", gravite="bloquant"), Dit("valeur_illisible", 4, "ident_rep", "12/03/2025")),
    ),
    Variante(
        "entetes_de_dates_intervertis",
        "droits",
        lambda: en_csv("droits", _echanger("droits", "date_debut", "date_fin")),
        SIGNALE,
        (Dit("dates_inversees", 2, "date_debut, date_fin", gravite="erreur"),),
    ),
    Variante(
        "entete_facultatif_mal_ecrit",
        "exclusions",
        lambda: en_csv("exclusions", _renommer("exclusions", "date_fin", "date_fn")),
        SIGNALE,
        (Dit("colonne_ressemblante", 1, "D", gravite="avertissement"),),
    ),
    Variante(
        "colonne_inconnue",
        "sne",
        lambda: en_csv("sne", [[*ligne, "Zone" if i == 0 else "B2"] for i, ligne in enumerate(lignes_de("sne"))]),
        IDENTIQUE,
        (Dit("colonnes_ignorees", 1, gravite="information"),),
    ),
    Variante(
        "colonne_sans_entete",
        "propositions",
        lambda: en_csv(
            "propositions", [["" if i == 0 else str(i), *ligne] for i, ligne in enumerate(lignes_de("propositions"))]
        ),
        IDENTIQUE,
        (Dit("colonne_sans_entete", 2, "A", gravite="avertissement"),),
    ),
    Variante(
        "aucun_entete",
        "liberations",
        lambda: en_csv("liberations", lignes_de("liberations")[1:]),
        BLOQUE,
        (Dit("entete_introuvable"),),
    ),
    Variante(
        "table_d_un_autre_nom",
        "objectifs",
        lambda: {"objectifs.csv": en_csv("demandes")["demandes.csv"]},
        BLOQUE,
        (Dit("entete_introuvable"),),
    ),
    Variante(
        "donnees_au_dessus_des_entetes",
        "liberations",
        lambda: en_csv("liberations", [lignes_de("liberations")[i] for i in (1, 2, 0, 3, 4, 5)]),
        BLOQUE,
        (Dit("donnees_au_dessus_des_entetes", 1), Dit("donnees_au_dessus_des_entetes", 2)),
    ),
    Variante(
        "entete_repete",
        "liberations",
        lambda: en_csv("liberations", [lignes_de("liberations")[i] for i in (0, 1, 2, 0, 3, 4, 5)]),
        REJETTE,
        (Dit("valeur_illisible", 4, "date_liberation", "date_liberation"),),
        en_plus=1,
    ),
)

FEUILLES = (
    Variante(
        "feuille_masquee_a_cote",
        "attributions",
        lambda: _feuilles(
            "attributions",
            ("2025", [_vides(x) for x in lignes_de("attributions")], ""),
            ("Brouillon", [_vides(x) for x in lignes_de("attributions")], ' state="hidden"'),
        ),
        IDENTIQUE,
        (Dit("feuille_masquee", feuille="Brouillon", gravite="avertissement"),),
    ),
    Variante(
        "toutes_masquees",
        "liberations",
        lambda: _feuilles(
            "liberations",
            ("Notice", [["Voir la feuille 2"]], ""),
            ("Données", [_vides(x) for x in lignes_de("liberations")], ' state="veryHidden"'),
        ),
        BLOQUE,
        (Dit("feuilles_toutes_masquees"),),
    ),
    Variante(
        "deux_feuilles",
        "liberations",
        lambda: _feuilles(
            "liberations",
            ("S1", [_vides(x) for x in lignes_de("liberations")[:4]], ""),
            ("S2", [_vides(x) for x in [lignes_de("liberations")[0], *lignes_de("liberations")[4:]]], ""),
        ),
        IDENTIQUE,
        (Dit("plusieurs_feuilles", gravite="avertissement"),),
    ),
    Variante(
        "seconde_feuille_mal_intitulee",
        "liberations",
        lambda: _feuilles(
            "liberations",
            ("S1", [_vides(x) for x in lignes_de("liberations")[:4]], ""),
            ("S2", [_vides(x) for x in _renommer("liberations", "date_liberation", "Sortie")], ""),
        ),
        BLOQUE,
        (Dit("colonne_absente", 1, "date_liberation", feuille="S2"),),
    ),
    Variante(
        "feuille_de_legende",
        "propositions",
        lambda: _feuilles(
            "propositions",
            ("Légende", [["Code", "Sens"], ["P", "Proposition"]], ""),
            ("Mises à disposition", [_vides(x) for x in lignes_de("propositions")], ""),
        ),
        IDENTIQUE,
        (Dit("feuille_ecartee", feuille="Légende", gravite="information"),),
    ),
    Variante("lignes_et_colonnes_vides", "programmes_neufs", lambda: _aere("programmes_neufs"), IDENTIQUE),
    Variante(
        "note_a_cote_du_tableau",
        "objectifs",
        lambda: en_xlsx(
            "objectifs",
            [[*ligne, "", "à vérifier" if i == 2 else ""] for i, ligne in enumerate(lignes_de("objectifs"))],
        ),
        IDENTIQUE,
        (Dit("colonne_sans_entete", 3, "F"),),
    ),
)

CELLULES = (
    Variante(
        "cellule_en_erreur",
        "liberations",
        lambda: _cellule("liberations", "C4", '<c r="C4" t="e"><v>#N/A</v></c>'),
        REJETTE,
        (
            Dit("cellule_en_erreur", 4, "C", "#N/A", feuille="Feuil1"),
            Dit("valeur_illisible", 4, "date_liberation", "#N/A"),
        ),
        (4,),
    ),
    Variante(
        "cellule_en_erreur_csv",
        "droits",
        lambda: {"droits.csv": texte_csv(lignes_de("droits")).replace("01/03/2040", "#VALEUR!", 1).encode()},
        REJETTE,
        (Dit("cellule_en_erreur", 2, "G"), Dit("valeur_illisible", 2, "date_fin", "#VALEUR!")),
        (2,),
    ),
    Variante(
        "formule_sans_valeur",
        "droits",
        lambda: _cellule("droits", "G3", '<c r="G3"><f>DATE(2040,3,1)</f></c>'),
        REJETTE,
        (Dit("formule_sans_valeur", 3, "G"), Dit("valeur_illisible", 3, "date_fin")),
        (3,),
    ),
    Variante(
        "fusion_verticale",
        "droits",
        lambda: _fusionner("droits", "A2:A3", (3, 1, None)),
        IDENTIQUE,
        (Dit("cellules_fusionnees", 2, "code_reservataire", gravite="avertissement"),),
    ),
    Variante(
        "fusion_d_un_nombre",
        "droits",
        lambda: _fusionner("droits", "E2:E3", (3, 5, None)),
        REJETTE,
        (Dit("cellules_fusionnees", 2, "nombre_droits", gravite="erreur"),),
        (2, 3),
    ),
    Variante(
        "fusion_horizontale",
        "exclusions",
        lambda: _fusionner("exclusions", "C2:D2", (2, 4, None)),
        REJETTE,
        (Dit("cellules_fusionnees", 2, "date_debut", gravite="erreur"),),
        (2,),
    ),
    Variante(
        "total_en_bas",
        "demandes",
        lambda: en_csv("demandes", [*lignes_de("demandes"), ["Total", "", "", "1 290"]]),
        IDENTIQUE,
        (Dit("ligne_de_total", 4, gravite="information"),),
    ),
    Variante(
        "totaux_en_bas_xlsx",
        "previsions",
        lambda: en_xlsx(
            "previsions", [*lignes_de("previsions"), ["Sous-total", "", "0,75"], ["TOTAL GÉNÉRAL :", "2", "0,75"]]
        ),
        IDENTIQUE,
        (Dit("ligne_de_total", 4), Dit("ligne_de_total", 5, feuille="Feuil1")),
    ),
    Variante(
        "total_qui_semble_une_donnee",
        "demandes",
        lambda: en_csv("demandes", [*lignes_de("demandes"), ["Total", "Tous", "Toutes", "1 290"]]),
        REJETTE,
        (Dit("ligne_de_total_douteuse", 4, gravite="erreur"),),
        en_plus=1,
    ),
    Variante(
        "sous_total_au_milieu",
        "demandes",
        lambda: en_csv(
            "demandes", [*lignes_de("demandes")[:2], ["Sous-total", "", "", "1 234"], *lignes_de("demandes")[2:]]
        ),
        REJETTE,
        (Dit("ligne_de_total_douteuse", 3),),
        en_plus=1,
    ),
)

TABLEAUX = ENTETES + FEUILLES + CELLULES
