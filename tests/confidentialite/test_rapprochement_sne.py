"""Leases against the SNE: each discrepancy, on rows that can be checked by eye, and no NUD left anywhere."""

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.tables.rapprochement_sne import relier
from tests.confidentialite.campagne import calculer, deposer

MODELES = {"bilan.rapprochement_sne", "bilan.synthese_sne"}

# D1 agrees; D2 has no row in the SNE; D3 has another contingent; D4 another date, 2 days later; D5 is dated 15 working
# days later; D6 is on another dwelling; D7 has no NUD; D8 is refused: there is no lease. NUD 99 has none either.
ATTRIBUTIONS = """
    id_decision;ident_rep;code_reservataire;nud;date_caleol;decision;date_signature_bail;categorie
    D1;0000000001;VILLE;NUD01;02/06/2025;attribution;10/06/2025;droit_commun
    D2;0000000002;VILLE;NUD02;02/06/2025;attribution;11/06/2025;droit_commun
    D3;0000000003;ALS;NUD03;02/06/2025;attribution;12/06/2025;droit_commun
    D4;0000000004;;NUD04;02/06/2025;attribution;13/06/2025;droit_commun
    D5;0000000005;ETAT;NUD05;02/06/2025;attribution;02/06/2025;droit_commun
    D6;0000000006;;NUD06;02/06/2025;attribution;16/06/2025;mutation_interne
    D7;0000000007;;;02/06/2025;attribution;17/06/2025;droit_commun
    D8;0000000008;VILLE;NUD08;02/06/2025;non_attribution;;droit_commun
"""
SNE = """
    nud;ident_rep;date_signature_bail;contingent
    NUD01;0000000001;10/06/2025;Collectivités
    NUD03;0000000003;12/06/2025;Collectivités
    NUD04;0000000004;15/06/2025;
    NUD05;0000000005;20/06/2025;État prioritaires
    NUD06;0000000001;16/06/2025;
    NUD99;0000000007;18/06/2025;
"""


def ecarts(base: Path, code: str) -> set[tuple[str, str | None]]:
    with duckdb.connect(str(base), read_only=True) as con:
        requete = "select ecart_sne, id_decision from bilan.rapprochement_sne where code_reservataire = ?"
        return set(con.execute(requete, [code]).fetchall())


def test_chaque_ecart_est_trouve_et_rien_d_autre(tmp_path: Path) -> None:
    base = calculer(deposer(tmp_path / "in", attributions=ATTRIBUTIONS, sne=SNE), tmp_path, MODELES)
    assert ecarts(base, "_bailleur") == {
        ("absent_sne", "D2"),
        ("autre_contingent", "D3"),
        ("autre_date", "D4"),
        ("hors_delai", "D5"),
        ("autre_logement", "D6"),
        ("nud_absent", "D7"),
        ("absent_baux", None),
    }
    assert ecarts(base, "VILLE") == {("absent_sne", "D2")}
    assert ecarts(base, "ALS") == {("autre_contingent", "D3")}
    with duckdb.connect(str(base), read_only=True) as con:
        nombres = dict(
            con.execute("select ligne, nombre from bilan.synthese_sne where code_reservataire = '_bailleur'").fetchall()
        )
        jours = con.execute(
            "select nb_jours_ouvrables from bilan.rapprochement_sne where id_decision = 'D5' limit 1"
        ).fetchone()
    assert (nombres["baux"], nombres["radiations"], nombres["sans_ecart"]) == (7, 6, 1)
    # 2 to 20 June 2025: 18 days, less two Sundays (8 and 15) and Whit Monday (9)
    assert jours == (15,)


@pytest.mark.parametrize(
    ("logement", "date_sne", "attendu"),
    [
        ("0000000005", "13/05/2025", "autre_date"),  # Lille: 10 working days after 29/04, without 01/05 and 08/05
        ("0000000005", "14/05/2025", "hors_delai"),
        ("0000000001", "29/04/2025", "autre_date"),  # Strasbourg: Good Friday, 18/04, does not count there
        ("0000000001", "30/04/2025", "hors_delai"),
    ],
)
def test_dix_jours_ouvrables_tout_juste(tmp_path: Path, logement: str, date_sne: str, attendu: str) -> None:
    signature = "29/04/2025" if logement == "0000000005" else "15/04/2025"
    attributions = f"""
        id_decision;ident_rep;nud;date_caleol;decision;date_signature_bail;categorie
        D1;{logement};NUD01;01/04/2025;attribution;{signature};droit_commun
    """
    sne = f"nud;ident_rep;date_signature_bail\nNUD01;{logement};{date_sne}"
    base = calculer(deposer(tmp_path / "in", attributions=attributions, sne=sne), tmp_path, MODELES)
    assert ecarts(base, "_bailleur") == {(attendu, "D1")}


def test_la_date_de_radiation_donne_le_delai(tmp_path: Path) -> None:
    attributions = """
        id_decision;ident_rep;nud;date_caleol;decision;date_signature_bail;categorie
        D1;0000000001;NUD01;01/06/2025;attribution;10/06/2025;droit_commun
        D2;0000000002;NUD02;01/06/2025;attribution;10/06/2025;droit_commun
    """
    sne = """
        nud;ident_rep;date_signature_bail;date_radiation
        NUD01;0000000001;10/06/2025;20/06/2025
        NUD02;0000000002;10/06/2025;20/07/2025
    """
    base = calculer(deposer(tmp_path / "in", attributions=attributions, sne=sne), tmp_path, MODELES)
    assert ecarts(base, "_bailleur") == {("hors_delai", "D2")}


def test_sans_la_table_sne_rien_n_est_dit(tmp_path: Path) -> None:
    base = calculer(deposer(tmp_path / "in", attributions=ATTRIBUTIONS), tmp_path, MODELES)
    assert ecarts(base, "_bailleur") == set()


def feries(dossier: Path, annee: int) -> set[tuple[date, str]]:
    base = calculer(deposer(dossier / str(annee)), dossier / str(annee), {"intermediaire.jours_feries"}, annee)
    with duckdb.connect(str(base), read_only=True) as con:
        return set(con.execute("select date_feriee, code_departement from intermediaire.jours_feries").fetchall())


def test_les_jours_feries_de_la_loi(tmp_path: Path) -> None:
    tous = feries(tmp_path, 2025)
    assert {f"{jour:%d/%m}" for jour, departement in tous if not departement and jour.year == 2025} == {
        *("01/01", "21/04", "01/05", "08/05", "29/05", "09/06", "14/07", "15/08", "01/11", "11/11", "25/12")
    }
    assert {jour for jour, departement in tous if departement == "976" and jour.year == 2025} == {date(2025, 4, 27)}
    assert {jour for jour, departement in tous if departement == "67" and jour.year == 2025} == {
        *(date(2025, 4, 18), date(2025, 12, 26))
    }


@pytest.mark.parametrize(
    ("annee", "lundi"),
    # years that catch wrong computations of Easter: early and late Mondays, and the corrections of the epact
    [(2008, date(2008, 3, 24)), (2024, date(2024, 4, 1)), (2038, date(2038, 4, 26)), (2049, date(2049, 4, 19))],
)
def test_le_lundi_de_paques(tmp_path: Path, annee: int, lundi: date) -> None:
    mobiles = {jour for jour, departement in feries(tmp_path, annee) if not departement and jour.month in (3, 4)}
    assert {jour for jour in mobiles if jour.year == annee} == {lundi}


def test_les_liens_ne_disent_que_des_lignes() -> None:
    attributions = pl.DataFrame(
        {
            "fichier": ["a.csv"] * 4,
            "feuille": [""] * 4,
            "ligne": [2, 3, 4, 5],
            "nud": ["N1", "N1", "N2", None],
            "ident_rep": ["L1", "L2", "L9", "L4"],
            "date_signature_bail": ["2025-02-01", "2025-01-01", "2025-03-01", "2025-04-01"],
        }
    )
    sne = pl.DataFrame(
        {
            "fichier": ["s.csv"] * 3,
            "feuille": [""] * 3,
            "ligne": [2, 3, 4],
            "nud": ["N1", "N1", "N3"],
            "ident_rep": ["L1", "L7", "L4"],
            "date_signature_bail": ["2025-02-01", "2025-01-03", "2025-04-01"],
        }
    )
    liens = relier(attributions, sne)
    assert "nud" not in liens.columns
    paires = set(liens.select("ligne", "ligne_sne", "est_sans_nud").iter_rows())
    # same dwelling first, then the other lease of N1 with the other row of N1; N2 is alone; no NUD, no pair
    assert paires == {(2, 2, False), (3, 3, False), (4, None, False), (5, None, True)}


def test_un_numero_repete_partout_ne_fait_pas_exploser_les_paires() -> None:
    nombre = 20_000
    lignes = pl.DataFrame(
        {
            "fichier": ["a.csv"] * nombre,
            "feuille": [""] * nombre,
            "ligne": list(range(nombre)),
            "nud": ["0"] * nombre,
            "ident_rep": ["L1"] * nombre,
            "date_signature_bail": ["2025-02-01"] * nombre,
        }
    )
    assert relier(lignes, lignes).height == nombre
