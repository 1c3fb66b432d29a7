"""One cell → its canonical text: what is read, repaired, refused; and what holds for any text."""

import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.contrat import valeurs as v
from flows.contrat.schema import charger
from flows.contrat.valeurs import Valeur
from flows.contrat.valeurs_dates import (
    lecteur_de_colonne,
    lire_annee,
    lire_date,
    lire_date_americaine,
    lire_jour_mois,
    lire_mois,
    sont_americaines,
    sont_en_heure_universelle,
)
from flows.contrat.valeurs_nombres import lire_decimal, lire_entier, lire_positif, lire_pourcentage

Lecteur = Callable[[str], Valeur]
CODES = charger().codes
ESPACES = [" ", "\u00a0", "\u202f", "\u2009"]


def lire_booleen(texte: str) -> Valeur:
    return v.lire_booleen(texte, CODES["booleen"])


def lire_decision(texte: str) -> Valeur:
    return v.lire_liste(texte, CODES["decision"])


def lire_options(texte: str) -> Valeur:
    return v.lire_options(texte, CODES["options"])


LECTEURS: list[Lecteur] = [
    *(v.lire_texte, v.lire_code, v.lire_logement, v.lire_commune, v.lire_departement, v.lire_epci, v.lire_siren),
    *(v.lire_siret, v.lire_code_postal, lire_date, lire_mois, lire_annee, lire_jour_mois, lire_entier, lire_decimal),
    *(lire_pourcentage, lire_booleen, lire_decision, lire_options),
]
INTACTES: list[tuple[Lecteur, str, str | None]] = [
    (v.lire_texte, "  Résidence\u00a0des   Pins\n", "Résidence des Pins"),
    (v.lire_texte, "=SOMME(A1)", "=SOMME(A1)"),
    (v.lire_texte, "-", None),
    (v.lire_code, "0037273076", "0037273076"),
    (v.lire_code, "0225.01.02.0002", "0225.01.02.0002"),
    (v.lire_code, '="0037"', "0037"),
    (v.lire_code, "'0037", "0037"),
    (v.lire_code, "NC", "NC"),
    (v.lire_code, "nan", None),
    (v.lire_code, "1E5", "1E5"),
    (v.lire_logement, "0037273076", "0037273076"),
    (v.lire_logement, "2A37273076", "2A37273076"),
    (v.lire_logement, "NA", None),
    (v.lire_commune, "2A004", "2A004"),
    (v.lire_commune, "99999", "99999"),
    (v.lire_departement, "974", "974"),
    (v.lire_epci, "242010056", "242010056"),
    (v.lire_siret, "73282932000074", "73282932000074"),
    (v.lire_siret, "732 829 320 00074", "73282932000074"),
    (v.lire_siret, "35600000049837", "35600000049837"),
    (v.lire_siren, "732829320", "732829320"),
    (lire_date, "2025-12-31", "2025-12-31"),
    (lire_date, "2025-12-31T23:59:59", "2025-12-31"),
    (lire_date, "2025-12-31 00:00:00", "2025-12-31"),
    (lire_date, "31/12/2025", "2025-12-31"),
    (lire_date, "1/2/2025", "2025-02-01"),
    (lire_date, "31-12-2025", "2025-12-31"),
    (lire_date, "31.12.2025", "2025-12-31"),
    (lire_date, "1er août 2025", "2025-08-01"),
    (lire_date, "29/02/2024", "2024-02-29"),
    (lire_date, "N/A", None),
    (lire_mois, "01/2024", "2024-01-01"),
    (lire_mois, "2024-01", "2024-01-01"),
    (lire_mois, "15/01/2024", "2024-01-01"),
    (lire_annee, "2025", "2025"),
    (lire_annee, "2025.0", "2025"),
    (lire_jour_mois, "30/11", "30/11"),
    (lire_jour_mois, "1-3", "01/03"),
    (lire_jour_mois, "28 février", "28/02"),
    (lire_entier, "1 234", "1234"),
    (lire_entier, "12,0", "12"),
    (lire_entier, "-7", "-7"),
    (lire_decimal, "0,50", "0.5"),
    (lire_decimal, "1.1144e+006", "1114400"),
    (lire_decimal, "-0", "0"),
    (lire_decimal, "0.125", "0.125"),
    (lire_decimal, "1,234", "1.234"),
    (lire_decimal, "1234.567", "1234.567"),
    (lire_pourcentage, "13,55\u00a0%", "13.55"),
    (lire_pourcentage, "0,5 %", "0.5"),
    (lire_pourcentage, "4", "4"),
    (lire_booleen, "X", "true"),
    (lire_booleen, "Oui", "true"),
    (lire_booleen, "VRAI", "true"),
    (lire_booleen, "1.0", "true"),
    (lire_booleen, "N", "false"),
    (lire_booleen, "0", "false"),
    (lire_booleen, "NC", None),
    (lire_decision, "Attribution avec rang", "attribution_rang"),
    (lire_decision, "NON-ATTRIBUTION", "non_attribution"),
    (lire_decision, "Attribution sous condition suspensive", "attribution_condition"),
    (lire_decision, " ", None),
    (lire_options, "prolongation_garantie", "prolongation_garantie"),
    (lire_options, "partenariat_dans_flux exclure_plai_adapte", "exclure_plai_adapte,partenariat_dans_flux"),
    (lire_options, "Exclure PLAI adapté | Exclure habitat inclusif", "exclure_habitat_inclusif,exclure_plai_adapte"),
]
REPAREES: list[tuple[Lecteur, str, str | None]] = [
    (v.lire_code, "13.0", "13"),
    (v.lire_code, "12\u202f345", "12345"),
    (v.lire_logement, "37273076", "0037273076"),
    (v.lire_logement, "37273076.0", "0037273076"),
    (v.lire_logement, "0037 273076", "0037273076"),
    (v.lire_logement, "37-273.076", "0037273076"),
    (v.lire_logement, "2a37273076", "2A37273076"),
    (v.lire_commune, "1004", "01004"),
    (v.lire_commune, "2a004", "2A004"),
    (v.lire_commune, "6029.0", "06029"),
    (v.lire_departement, "1", "01"),
    (v.lire_departement, "013", "13"),
    (v.lire_departement, "2b", "2B"),
    (v.lire_epci, "242 010 056", "242010056"),
    (v.lire_epci, "ZZZZZZZZZ", None),
    (v.lire_siret, "73282932000074.0", "73282932000074"),
    (v.lire_siret, "7,3282932000074E+13", "73282932000074"),
    (v.lire_siret, "12345678901234", "12345678901234"),
    (v.lire_siren, "73282932000074", "732829320"),
    (v.lire_code_postal, "1000", "01000"),
    (lire_date, "31/12/25", "2025-12-31"),
    (lire_date, "31/12/70", "1970-12-31"),
    (lire_date, "45657", "2024-12-31"),
    (lire_date, "45657.5", "2024-12-31"),
    (lire_date, "20251231", "2025-12-31"),
    (lire_mois, "012024", "2024-01-01"),
    (lire_mois, "janv.-24", "2024-01-01"),
    (lire_annee, "01/01/2025", "2025"),
    (lire_jour_mois, "2025-11-30", "30/11"),
    (lire_entier, "2ème", "2"),
    (lire_pourcentage, "0,1355", "0.1355"),
    (lire_pourcentage, "120", "120"),
    (lire_decision, "Irrecevabilit\ufffd", "irrecevabilite"),
    (lire_options, "exclure_tout", "exclure_tout"),
    (lire_options, ";", None),
]
REFUSEES: list[tuple[Lecteur, str]] = [
    *((lecteur, "#N/A") for lecteur in LECTEURS),
    *((lecteur, "#REF!") for lecteur in LECTEURS),
    (v.lire_code, "1,23E+13"),
    (v.lire_logement, "3,7E+07"),
    (v.lire_logement, "12345678901"),
    (v.lire_logement, "ABC"),
    (v.lire_logement, "12/03/2025"),
    (v.lire_logement, "2025-03-12"),
    (v.lire_logement, "0"),
    (v.lire_commune, "104"),
    (v.lire_commune, "Ajaccio"),
    (v.lire_departement, "20"),
    (v.lire_departement, "99"),
    (v.lire_epci, "24201005"),
    (v.lire_siret, "1,23E+13"),
    (v.lire_siret, "12345678901234.0"),
    (v.lire_siret, "1234"),
    (v.lire_siren, "123456789012"),
    (v.lire_code_postal, "200"),
    (lire_date, "31/02/2025"),
    (lire_date, "29/02/2025"),
    (lire_date, "12/31/2025"),
    (lire_date, "7190-01-01"),
    (lire_date, "01/01/1066"),
    (lire_date, "99999"),
    (lire_date, "12/2025"),
    (lire_date, "demain"),
    (lire_mois, "13/2024"),
    (lire_mois, "12024"),
    (lire_annee, "9999"),
    (lire_annee, "45657"),
    (lire_annee, "25"),
    (lire_jour_mois, "31/02"),
    (lire_jour_mois, "11/30"),
    (lire_entier, "1.234"),
    (lire_entier, "1,234"),
    (lire_entier, "1,5"),
    (lire_entier, "3000000000"),
    (lire_decimal, "1.234"),
    (lire_decimal, "-12.345"),
    (lire_decimal, "1.234,56"),
    (lire_decimal, "1.234.567"),
    (lire_decimal, "1 2"),
    (lire_decimal, "1e999"),
    (lire_decimal, "1e-999"),
    (lire_decimal, "douze"),
    (lire_decimal, "٣"),
    (lire_pourcentage, "-3"),
    (lire_pourcentage, "%%"),
    (lire_booleen, "peut-être"),
    (lire_booleen, "2"),
    (lire_decision, "Ajournement"),
]


@pytest.mark.parametrize(("lecteur", "texte", "canonique"), INTACTES)
def test_read_as_it_is(lecteur: Lecteur, texte: str, canonique: str | None) -> None:
    assert lecteur(texte) == Valeur(canonique)


@pytest.mark.parametrize(("lecteur", "texte", "canonique"), REPAREES)
def test_repaired_and_said(lecteur: Lecteur, texte: str, canonique: str | None) -> None:
    valeur = lecteur(texte)
    assert valeur.canonique == canonique
    assert valeur.reparation
    assert valeur.probleme is None


@pytest.mark.parametrize(("lecteur", "texte"), REFUSEES)
def test_refused_with_a_reason(lecteur: Lecteur, texte: str) -> None:
    valeur = lecteur(texte)
    assert valeur.canonique is None
    assert valeur.probleme


def test_numbers_of_a_workbook_are_not_ambiguous() -> None:
    assert lire_decimal("1.234", source_numerique=True) == Valeur("1.234")
    assert lire_decimal("0.30000000000000004", source_numerique=True) == Valeur("0.3")
    assert lire_pourcentage("13.550000000000001", source_numerique=True) == Valeur("13.55")
    assert v.lire_code("13.0", source_numerique=True) == Valeur("13")
    assert lire_entier("1.234", source_numerique=True).probleme


def test_an_unknown_code_is_refused_with_the_accepted_ones() -> None:
    probleme = lire_decision("Ajournement").probleme
    assert probleme is not None
    for code in charger().modalites["decision"]:
        assert code in probleme


def test_a_territory_is_read_as_its_echelle_says() -> None:
    assert v.lire_territoire("commune", "1004").canonique == "01004"
    assert v.lire_territoire("departement", "1").canonique == "01"
    assert v.lire_territoire("epci", "242010056") == Valeur("242010056")
    assert v.lire_territoire("bailleur", "") == Valeur(None)
    assert v.lire_territoire("", "1004") == Valeur("1004")
    assert v.lire_territoire("commune", "242010056").probleme
    assert v.lire_territoire("epci", "").probleme


@given(st.sampled_from(LECTEURS), st.text() | st.from_regex(r"[-0-9A-Ea-e+ ./,:%#='NCX?\u00a0]{1,14}", fullmatch=True))
def test_any_text_is_read_or_refused_never_both(lecteur: Lecteur, texte: str) -> None:
    valeur = lecteur(texte)
    assert valeur.canonique is None or valeur.probleme is None
    assert valeur.canonique != ""
    assert valeur.probleme != ""


@given(st.sampled_from(LECTEURS), st.text() | st.from_regex(r"[-0-9A-Ea-e+ ./,:%='\u00a0]{1,14}", fullmatch=True))
def test_a_canonical_text_reads_as_itself(lecteur: Lecteur, texte: str) -> None:
    canonique = lecteur(texte).canonique
    if canonique is not None:
        assert lecteur(canonique).canonique == canonique


@given(
    st.dates(date(1850, 1, 1), date(2100, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"])
)
def test_every_day_reads_back(jour: date, forme: str) -> None:
    assert lire_date(jour.strftime(forme)) == Valeur(jour.isoformat())


@given(st.dates(date(1955, 1, 1), date(2100, 12, 31)))
def test_the_serial_of_a_day_is_that_day(jour: date) -> None:
    numero = (jour - date(1899, 12, 30)) // timedelta(days=1)
    assert lire_date(str(numero)).canonique == jour.isoformat()


@given(st.decimals(-(10**8) + 1, 10**8 - 1, places=4), st.sampled_from(ESPACES))
def test_every_number_reads_back_with_french_separators(nombre: Decimal, espace: str) -> None:
    texte = f"{nombre:,.4f}".replace(",", espace).replace(".", ",")
    canonique = lire_decimal(texte).canonique
    assert canonique is not None
    assert Decimal(canonique) == nombre


@given(st.integers(1, 99_999))
def test_a_commune_that_lost_its_zero_is_found_again(numero: int) -> None:
    code = f"{numero:05d}"
    assert v.lire_commune(code) == Valeur(code)
    valeur = v.lire_commune(str(numero))
    assert valeur.canonique == (code if numero >= 1000 else None)


@given(st.integers(10**12, 10**14 - 1))
def test_a_siret_from_a_float_is_kept_only_when_its_key_holds(numero: int) -> None:
    texte = f"{numero:014d}"
    valeur = v.lire_siret(f"{numero}.0")
    assert valeur.canonique == (texte if v.luhn(texte) else None)
    assert v.lire_siret(texte).canonique == texte


@pytest.mark.parametrize("texte", ["49,9999999", "13.5500001 %"])
def test_un_taux_de_plus_de_six_decimales_est_refuse(texte: str) -> None:
    assert lire_pourcentage(texte).canonique is None


def test_un_nombre_trop_precis_est_arrondi_et_c_est_dit() -> None:
    lue = lire_decimal("0,3333335")
    assert (lue.canonique, lue.reparation) == ("0.333334", "lu 0,333334 : arrondi à 6 décimales")


@pytest.mark.parametrize(("texte", "attendu"), [("3", "3"), ("0", "0"), ("-1", None), ("-0,5", None)])
def test_une_prevision_n_est_pas_negative(texte: str, attendu: str | None) -> None:
    assert lire_positif(texte).canonique == attendu


@pytest.mark.parametrize(
    ("colonne", "texte", "code"),
    [
        ("mode", "Loué", "1"),
        ("mode", "1", "1"),
        ("mode", "1.0", "1"),
        ("mode", "01", "1"),
        ("mode", "NC", None),
        ("qpv", "Oui", "1"),
        ("qpv", "non", "2"),
        ("finan", "PLUS", "13"),
        ("finan", "PLI", "16"),
        ("finan", "HLM/O", "52"),
        ("nbpiece", "T3", "3"),
        ("nbpiece", "T1 bis", "1"),
        ("typeconst", "Étudiant", "E"),
        ("typeconst", "e", "E"),
        ("sortiepatrim", "Vente à l'occupant", "1"),
        ("miscommercial", "oui", "1"),
        ("cat_org", "OPH", "131"),
        ("cat_org", "", None),
    ],
)
def test_une_colonne_du_rpls_accepte_le_code_ou_son_libelle(colonne: str, texte: str, code: str | None) -> None:
    lue = v.lire_code_rpls(texte, charger().codes[f"rpls_{colonne}"])
    assert (lue.canonique, lue.probleme) == (code, None)


@pytest.mark.parametrize("texte", ["77", "loger", "PLUZ"])
def test_un_code_du_rpls_inconnu_est_refuse(texte: str) -> None:
    assert v.lire_code_rpls(texte, charger().codes["rpls_finan"]).probleme


@pytest.mark.parametrize(
    ("ecrite", "jour"),
    [
        ("2024-12-31T23:00:00Z", "2025-01-01"),
        ("2024-12-31T22:59:59Z", "2024-12-31"),
        ("2025-06-30T22:00:00.000Z", "2025-07-01"),
        ("2025-06-30T21:59:00+00:00", "2025-06-30"),
        ("2025-03-30T00:30:00Z", "2025-03-30"),
        ("2025-03-30T22:30:00Z", "2025-03-31"),
        ("2025-10-26T22:30:00Z", "2025-10-26"),
        ("1995-09-30T22:30:00Z", "1995-09-30"),
        ("1996-09-30T22:30:00Z", "1996-10-01"),
        ("2025-01-01T00:30:00+02:00", "2024-12-31"),
        ("2025-01-15T00:00:00+01:00", "2025-01-15"),
        ("31/12/2024 23:30 UTC", "2025-01-01"),
        ("2024-12-31 23:30", "2024-12-31"),
    ],
)
def test_une_heure_universelle_est_lue_au_jour_de_la_france(ecrite: str, jour: str) -> None:
    """As the public time zone Europe/Paris has it; what changes the day is said."""
    lue = lire_date(ecrite)
    assert lue.canonique == jour
    assert (lue.reparation is not None) == (not ecrite.startswith(jour))


@pytest.mark.parametrize(
    ("colonne", "universelle"),
    [
        (["2025-06-30 22:00:00", "2024-12-31 23:00", "", "30/06/2025 22:00"], True),
        (["2024-12-31T23:00:00.000"], True),
        (["2025-06-30 23:00:00"], False),  # one in the morning in summer: an hour, not a midnight
        (["2025-06-30 22:00:00", "2025-07-01"], False),
        (["2025-06-30 22:00:00Z"], False),
        (["2025-06-30 22:00:00", "?"], False),
        (["", "-"], False),
        ([], False),
    ],
)
def test_des_minuits_de_france_ecrits_en_heure_universelle(colonne: list[str], universelle: bool) -> None:
    """Many systems keep a day as its first instant, in UTC: read as it is, each would be the day before."""
    assert sont_en_heure_universelle(colonne) is universelle
    attendu = Valeur("2025-01-01", reparation="lu « 2025-01-01 » : heure universelle, jour en France")
    assert lecteur_de_colonne(["2024-12-31 23:00"])("2024-12-31 23:00") == attendu
    assert lire_date("2024-12-31 23:00") == Valeur("2024-12-31")


@pytest.mark.parametrize(
    ("colonne", "americaine"),
    [
        (["02/13/2025", "03/04/2025"], True),
        (["13/02/2025", "03/04/2025"], False),
        (["13/02/2025", "14/02/2025", "02/13/2025"], False),
        (["03/04/2025"], False),
    ],
)
def test_une_date_prouve_que_le_mois_vient_d_abord(colonne: list[str], americaine: bool) -> None:
    assert sont_americaines(colonne) is americaine
    assert lire_date_americaine("03/04/2025").probleme
    assert lire_date_americaine("04/04/2025").canonique == "2025-04-04"


def test_un_code_de_plus_de_quinze_chiffres_arrondi_par_un_tableur_est_mis_en_doute() -> None:
    assert v.lire_code("101999999999000000", source_numerique=True).reparation
    assert v.lire_code("101999999999000001", source_numerique=True).reparation is None
    assert v.lire_logement("#CHIFFRES_PERDUS!").probleme


def test_un_code_est_le_meme_ecrit_en_une_lettre_ou_en_deux() -> None:
    """É, or E and its accent (Unicode NFC): a file that a Mac wrote has the second."""
    decompose = unicodedata.normalize("NFD", "DÉP-É1")
    assert decompose != "DÉP-É1"
    assert v.lire_code(decompose) == v.lire_texte(decompose) == Valeur("DÉP-É1")
