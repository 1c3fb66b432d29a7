"""Where a heading is, what its cells name, which sheets are the table, and which rows below it are data."""

from pathlib import Path

import polars as pl
import pytest

from flows.anomalies import Gravite
from flows.contrat.schema import charger
from flows.depot.extraction import Feuille
from flows.fichiers import FichierRecu
from flows.tables.choix_feuilles import Choix, choisir
from flows.tables.decisions import SANS_DECISION
from flows.tables.donnees_feuille import Donnees, donnees_du_tableau
from flows.tables.entetes import Entete, cellules_non_declarees, trouver_entete

LIBERATIONS = "N° RPLS | Date de libération | Motif"


def tableau(texte: str) -> pl.DataFrame:
    """Rows as the extraction hands them: one line a row, `|` between cells, blank lines kept in the numbering."""
    rangs = [(n, [c.strip() or None for c in x.split("|")]) for n, x in enumerate(texte.strip("\n").split("\n"), 1)]
    pleins = [(n, cellules) for n, cellules in rangs if any(cellules)]
    largeur = max(len(cellules) for _, cellules in pleins)
    colonnes = {f"c{i + 1}": [c[i] if i < len(c) else None for _, c in pleins] for i in range(largeur)}
    return pl.DataFrame(
        {"ligne": [n for n, _ in pleins], **colonnes}, {"ligne": pl.Int64, **dict.fromkeys(colonnes, pl.String)}
    )


def entete(texte: str, table: str = "liberations") -> Entete:
    trouve = trouver_entete(tableau(texte), table, 2025)
    assert trouve
    return trouve


def feuille(nom: str = "", *, masquee: bool = False, format: str = "xlsx", fusions: tuple = ()) -> Feuille:
    return Feuille("liberations.xlsx", nom, Path(), 0, masquee, fusions, format)


def choix(*feuilles: tuple[Feuille, str], table: str = "liberations") -> Choix:
    recu = FichierRecu(f"{table}.xlsx", Path(), table, 0, "")
    return choisir(recu, [(f, tableau(texte), SANS_DECISION) for f, texte in feuilles], charger().tables[table], 2025)


def donnees(texte: str, la_feuille: Feuille | None = None, table: str = "liberations") -> Donnees:
    declaree = charger().tables[table]
    return donnees_du_tableau(la_feuille or feuille(), tableau(texte), entete(texte, table), declaree)


def codes(anomalies: list) -> list[tuple[str, Gravite, int | None]]:
    return [(a.code, a.gravite, a.ligne) for a in anomalies if a.code not in ("colonnes_ignorees",)]


# ------------------------------------------------------------------------------------------------------------- headings


def test_un_intitule_se_reconnait_sans_casse_accents_ponctuation_ni_retour() -> None:
    trouve = entete("n° rpls. | DATE  DE LIBERATION | Motif de départ\n1 | 02/03/2025 | congé")
    assert trouve.colonnes == {"c1": "ident_rep", "c2": "date_liberation", "c3": "motif_depart"}
    assert (trouve.premiere_ligne, trouve.derniere_ligne) == (1, 1)


def test_un_titre_au_dessus_n_en_fait_pas_partie_meme_s_il_cite_une_colonne() -> None:
    trouve = entete(f"Libérations 2025\n\nDate de libération\n{LIBERATIONS}\n1 | 02/03/2025 | x")
    assert (trouve.premiere_ligne, trouve.derniere_ligne) == (4, 4)


def test_deux_niveaux_fusionnes_la_cellule_du_bas_l_emporte() -> None:
    trouve = entete("Logement | | Libération\nN° RPLS | Étage | Date de libération\n1 | 2 | 02/03/2025")
    assert (trouve.premiere_ligne, trouve.derniere_ligne) in ((1, 2), (2, 2))
    assert trouve.colonnes == {"c1": "ident_rep", "c3": "date_liberation"}
    assert [texte.split(" / ")[-1] for texte in trouve.inconnus.values()] == ["Étage"]


def test_deux_niveaux_parent_et_enfant_ensemble() -> None:
    """« Date de » merged over two cells says nothing alone, nor does « libération »: together they are the column."""
    trouve = entete("N° RPLS | Date de | \n | congé | libération\n1 | 01/02/2025 | 02/03/2025")
    assert trouve.colonnes == {"c1": "ident_rep", "c2": "date_conge", "c3": "date_liberation"}
    assert (trouve.premiere_ligne, trouve.derniere_ligne) == (1, 2)


def test_une_ligne_de_donnees_n_est_pas_le_bas_d_un_entete() -> None:
    trouve = entete(f"{LIBERATIONS}\nRPLS | 02/03/2025 | Sans\n2 | 03/03/2025 | x")
    assert (trouve.premiere_ligne, trouve.derniere_ligne) == (1, 1)


def test_deux_intitules_pour_une_colonne_sont_nommes_tels_qu_ecrits() -> None:
    assert entete("N° RPLS | Identifiant RPLS | Date de libération").doubles == {
        "ident_rep": ["N° RPLS", "Identifiant RPLS"]
    }


@pytest.mark.parametrize("texte", ["N° RPLS\n1\n2", "1 | 2\n3 | 4", "Libérations de l'année | 2025"])
def test_il_faut_deux_colonnes_declarees(texte: str) -> None:
    assert trouver_entete(tableau(texte), "liberations", 2025) is None


def test_au_dela_de_quarante_lignes_ce_n_est_plus_un_entete() -> None:
    avant = "\n".join(f"note {i} | suite" for i in range(39))
    assert trouver_entete(tableau(f"{avant}\n{LIBERATIONS}"), "liberations", 2025)
    assert trouver_entete(tableau(f"note | suite\n{avant}\n{LIBERATIONS}"), "liberations", 2025) is None


def test_les_cellules_non_declarees_par_leur_intitule_et_non_par_leur_place() -> None:
    un = tableau("1 | a | b\n2 | | ")
    autre = tableau("1 | b | | a\n2 | | | ")
    gauche = cellules_non_declarees(un, {"c1": "ident_rep"}, {"c2": "Service", "c3": "Étage"})
    droite = cellules_non_declarees(autre, {"c1": "ident_rep"}, {"c2": "Étage", "c3": "Vide", "c4": "service"})
    assert gauche.to_list() == droite.to_list()
    assert gauche[0] and not gauche[1]


# --------------------------------------------------------------------------------------------------------------- sheets


def test_deux_feuilles_de_la_table_sont_lues_a_la_suite_et_l_autre_est_dite() -> None:
    fait = choix(
        (feuille("T1"), f"{LIBERATIONS}\n1 | 02/03/2025 | x"),
        (feuille("Notes"), "Lisez-moi | merci\na | b"),
        (feuille("T2"), f"{LIBERATIONS}\n2 | 02/05/2025 | x"),
    )
    assert [c.feuille.feuille for c in fait.retenues] == ["T1", "T2"]
    assert {(a.code, a.feuille) for a in fait.anomalies} >= {("feuille_ecartee", "Notes"), ("plusieurs_feuilles", "")}


def test_une_feuille_masquee_n_est_pas_lue_et_c_est_dit() -> None:
    fait = choix(
        (feuille("Visible"), f"{LIBERATIONS}\n1 | 02/03/2025 | x"),
        (feuille("Cachée", masquee=True), f"{LIBERATIONS}\n2 | 02/03/2025 | x"),
    )
    assert [c.feuille.feuille for c in fait.retenues] == ["Visible"]
    assert [(a.code, a.gravite, a.feuille) for a in fait.anomalies] == [
        ("feuille_masquee", Gravite.AVERTISSEMENT, "Cachée")
    ]


@pytest.mark.parametrize(
    ("texte", "code", "colonne"),
    [
        ("N° RPLS | Motif de départ\n1 | x", "colonne_absente", "date_liberation"),
        ("Date de libération | Motif de départ\n02/03/2025 | x", "colonne_absente", "ident_rep ou ident_interne"),
        ("N° RPLS | ID RPLS | Date de libération\n1 | 1 | 02/03/2025", "colonne_en_double", "ident_rep"),
    ],
)
def test_ce_qui_manque_ou_se_repete_arrete_et_dit_la_ligne_d_alias(texte: str, code: str, colonne: str) -> None:
    fait = choix((feuille(), texte))
    assert not fait.retenues
    (dite,) = [a for a in fait.anomalies if a.code == code]
    assert (dite.gravite, dite.colonne, dite.ligne) == (Gravite.BLOQUANT, colonne, 1)
    if code == "colonne_absente":
        assert f"liberations;;<intitulé>;{colonne.split(' ou ')[-1]};" in dite.correction
        assert "« N° RPLS »" in dite.message or "« Date de libération »" in dite.message


def test_un_intitule_presque_juste_est_signale_un_autre_seulement_nomme() -> None:
    fait = choix((feuille(), "N° RPLS | Date de libération | Motif du départt | Couleur\n1 | 02/03/2025 | x | y"))
    dites = {a.code: a for a in fait.anomalies}
    assert "Couleur" in dites["colonnes_ignorees"].message
    if "colonne_ressemblante" in dites:
        assert "motif_depart" in dites["colonne_ressemblante"].message
    assert len(fait.retenues) == 1


@pytest.mark.parametrize(("format", "remede"), [("xlsx", "Dans le tableur"), ("csv", "entre guillemets")])
@pytest.mark.parametrize("signe", [";", ",", "\t"])
def test_des_lignes_entieres_en_colonne_a_se_disent_avec_leur_remede(format: str, remede: str, signe: str) -> None:
    rangees = [signe.join(rangee) for rangee in (("ident_rep", "date_liberation", "motif_depart"), ("1", "x", "y"))]
    lignes = pl.DataFrame({"ligne": [1, 2], "c1": rangees})
    recu = FichierRecu("liberations.xlsx", Path(), "liberations", 0, "")
    vues = [(feuille("F", format=format), lignes, SANS_DECISION)]
    (dite,) = choisir(recu, vues, charger().tables["liberations"], 2025).anomalies
    assert (dite.code, dite.gravite, dite.colonne) == ("entete_introuvable", Gravite.BLOQUANT, "A")
    assert "Tout est dans la première colonne" in dite.message
    assert remede in dite.correction and "Données > Convertir" in dite.correction
    (autre,) = choix((feuille(), "ceci est une phrase, pas plus\nune autre"), table="liberations").anomalies
    assert "première colonne" not in autre.message


# ----------------------------------------------------------------------------------------------------------------- rows


def test_un_total_en_bas_n_est_pas_une_donnee_et_au_milieu_la_ligne_est_rejetee() -> None:
    lues = donnees(f"{LIBERATIONS}\n1 | 02/03/2025 | x\nTotal | | \n2 | 03/03/2025 | y\nTOTAL GÉNÉRAL | 2 |")
    assert lues.lignes is not None and lues.lignes["ligne"].to_list() == [2, 4]
    assert lues.refusees == [3]
    assert sorted(codes(lues.anomalies)) == [
        ("ligne_de_total", Gravite.INFORMATION, 5),
        ("ligne_de_total_douteuse", Gravite.ERREUR, 3),
    ]


DEMANDES = "epci | plafond | typologie | nombre"


@pytest.mark.parametrize(
    ("lignes", "lues", "dites"),
    [
        ("E1 | PLUS | T2 | 1\nE1 | PLUS | T3 | 2\nE1 | PLUS | Toutes typologies | 3", [2, 3], [4]),
        ("E1 | PLUS | T2 | 1\nE1 | Tous plafonds | T2 | 1\nTous EPCI | PLUS | T2 | 9", [2], [3, 4]),
        ("E1 | Ensemble | Toutes | 9\nTous EPCI | | | 9\nE1 | PLUS | T2 | 1", [4], [2, 3]),
        ("E1 | PLUS | Toutes | 1\nE1 | PLAI | Toutes | 2\nE1 | Tous | Toutes | 3", [2, 3], [4]),
    ],
)
def test_un_total_des_demandes_dont_le_detail_est_donne_n_est_pas_lu(
    lignes: str, lues: list[int], dites: list[int]
) -> None:
    vues = donnees(f"{DEMANDES}\n{lignes}", table="demandes")
    assert vues.lignes is not None and vues.lignes["ligne"].to_list() == lues and vues.refusees == []
    assert [a.ligne for a in vues.anomalies if a.code == "ligne_de_total"] == dites


def test_un_total_des_demandes_sans_detail_compte_et_se_dit() -> None:
    texte = f"{DEMANDES}\nE1 | PLUS | T2 | 1\nE2 | Ensemble | T3 | 4\nE3 | Tous plafonds | T2 | 5"
    vues = donnees(texte, table="demandes")
    assert vues.lignes is not None and vues.lignes["ligne"].to_list() == [2, 3, 4]
    assert codes(vues.anomalies) == [("total_sans_detail", Gravite.AVERTISSEMENT, ligne) for ligne in (3, 4)]


def test_une_cellule_fusionnee_vaut_pour_ses_lignes_sauf_un_nombre_qui_s_additionne() -> None:
    texte = f"{LIBERATIONS}\n1 | 02/03/2025 | x\n2 | | y"
    lues = donnees(texte, feuille(fusions=((2, 2, 3, 2),)))
    assert lues.lignes is not None and lues.lignes["date_liberation"].to_list() == ["02/03/2025", "02/03/2025"]
    assert codes(lues.anomalies) == [("cellules_fusionnees", Gravite.AVERTISSEMENT, 2)]
    previsions = "annee | categorie | nombre\n2026 | mutation_interne | 4\n2026 | relogement_anru | "
    lues = donnees(previsions, feuille(fusions=((2, 3, 3, 3),)), "previsions")
    assert (lues.refusees, codes(lues.anomalies)) == ([2, 3], [("cellules_fusionnees", Gravite.ERREUR, 2)])


def test_une_cellule_fusionnee_avec_des_colonnes_sans_intitule_se_lit_sans_un_mot() -> None:
    texte = "N° RPLS | | Date de libération | | Motif | \n" + "\n".join(
        f"{i} | | 02/03/2025 | | x |" for i in range(40)
    )
    plages = tuple((ligne, c, ligne, c + 1) for ligne in range(1, 42) for c in (1, 3, 5))
    lues = donnees(texte, feuille(fusions=plages))
    assert lues.lignes is not None and lues.lignes.height == 40
    assert codes(lues.anomalies) == []
    nommee = donnees(texte.replace("Motif | ", "Motif | Couleur"), feuille(fusions=plages))
    assert codes(nommee.anomalies)[0] == ("cellules_fusionnees", Gravite.AVERTISSEMENT, 2)


def test_une_valeur_fusionnee_avec_une_ligne_vide_ne_compte_qu_une_fois() -> None:
    texte = "annee | categorie | nombre\n2026 | mutation_interne | 4\n\n2026 | relogement_anru | 5"
    lues = donnees(texte, feuille(fusions=((2, 3, 3, 3),)), "previsions")
    assert lues.lignes is not None and lues.lignes["nombre"].to_list() == ["4", "5"]
    assert (lues.refusees, codes(lues.anomalies)) == ([], [])


RESERVATAIRES = "code_reservataire | libelle | type_reservataire | taux_pct\nVILLE | Ville | commune | 10"


@pytest.mark.parametrize(
    ("texte", "fusions", "lignes", "dites"),
    [
        (f"{RESERVATAIRES}\nSource : service juridique | | |", (), [2], [("note_de_bas", "information", 3)]),
        (f"{RESERVATAIRES}\n(1) Hors contingent | | |", (), [2], [("note_de_bas", "information", 3)]),
        (
            f"{RESERVATAIRES}\nConventions de 2025 signées | | |",
            ((3, 1, 3, 4),),
            [2],
            [("note_de_bas", "information", 3)],
        ),
        # what could be a row that lost its cells stays one: a code, a name, alone or merged
        (f"{RESERVATAIRES}\nALS | | |", (), [2, 3], []),
        (f"{RESERVATAIRES}\nAction Logement Services | | |", (), [2, 3], []),
        (f"{RESERVATAIRES}\nALS | | |", ((3, 1, 3, 4),), [2], [("cellules_fusionnees", "erreur", 3)]),
        (f"{RESERVATAIRES}\nALS | | | 3", ((3, 1, 3, 3),), [2], [("cellules_fusionnees", "erreur", 3)]),
    ],
)
def test_un_texte_seul_sur_sa_ligne_est_une_note_s_il_ne_peut_etre_une_donnee(
    texte: str, fusions: tuple, lignes: list[int], dites: list
) -> None:
    lues = donnees(texte, feuille(fusions=fusions), "reservataires")
    assert lues.lignes is not None and lues.lignes["ligne"].to_list() == lignes
    assert codes(lues.anomalies) == [(code, Gravite(gravite), ligne) for code, gravite, ligne in dites]


def test_les_titres_de_partie_et_le_total_fusionnes_se_disent_et_ne_se_lisent_pas() -> None:
    texte = (
        f"{LIBERATIONS}\nAGENCE DE L’AIN | |\n1 | 02/03/2025 | x\nCORSE | |\n2 | 03/03/2025 | y\n"
        "Mon logement à moi | |\n3 | 03/03/2025 | z\nTotal : 3 départs | |"
    )
    lues = donnees(texte, feuille(fusions=((2, 1, 2, 3), (4, 1, 4, 3), (8, 1, 8, 3))))
    assert lues.lignes is not None and lues.lignes["ligne"].to_list() == [3, 5, 7]
    assert lues.refusees == []
    assert codes(lues.anomalies) == [
        *(("ligne_de_titre", Gravite.AVERTISSEMENT, ligne) for ligne in (2, 4, 6)),
        ("ligne_de_total", Gravite.INFORMATION, 8),
    ]
    interne = texte.replace("N° RPLS", "ident_interne")  # there, any words may be a reference
    assert donnees(interne).lignes["ligne"].to_list() == [2, 3, 4, 5, 6, 7]  # type: ignore[union-attr,index]


def test_une_valeur_au_dela_des_intitules_decale_la_ligne_d_un_texte_et_se_dit_d_un_classeur() -> None:
    texte = f"{LIBERATIONS}\n1 | 02/03/2025 | x | y\n2 | 03/03/2025 | z"
    lues = donnees(texte, feuille(format="csv"))
    assert (lues.refusees, codes(lues.anomalies)) == ([2], [("ligne_decalee", Gravite.ERREUR, 2)])
    lues = donnees(texte, feuille(format="xlsx"))
    assert (lues.refusees, codes(lues.anomalies)) == ([], [("colonne_sans_entete", Gravite.AVERTISSEMENT, 2)])


def test_une_ligne_vide_dans_les_colonnes_declarees_n_est_pas_une_ligne() -> None:
    lues = donnees(f"{LIBERATIONS} | Couleur\n1 | 02/03/2025 | x |\n | | | rouge\n2 | 03/03/2025 | y |")
    assert lues.lignes is not None and lues.lignes["ligne"].to_list() == [2, 4]
