"""The example campaign: always the same, complete, small, and with the cases that the deliverables need."""

import csv
import io
from collections import Counter
from pathlib import Path

import fastexcel
import pytest

from flows.exemple import ecrire_exemple

TABLES = (
    "rpls reservataires droits liberations propositions attributions previsions exclusions programmes_neufs objectifs "
    "demandes sne volumes_droits"
)
TAILLE_MAXIMALE = 1_500_000
LIGNES_DE_TITRE_DROITS = 6


@pytest.fixture(scope="module")
def exemple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("exemple")
    ecrire_exemple(dossier)
    return dossier


def mots(texte: str) -> set[str]:
    return set(texte.split())


def lire_csv(chemin: Path, encodage: str = "utf-8", separateur: str = ";") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(chemin.read_bytes().decode(encodage)), delimiter=separateur))


def lire_feuille(chemin: Path) -> list[tuple[str | None, ...]]:
    return fastexcel.read_excel(chemin).load_sheet(0, header_row=None, dtypes="string").to_polars().rows()


def lire_classeur(chemin: Path) -> list[dict[str, str]]:
    entete, *lignes = lire_feuille(chemin)
    return [dict(zip((x or "" for x in entete), (x or "" for x in ligne), strict=True)) for ligne in lignes]


def attributions(exemple: Path) -> list[dict[str, str]]:
    return lire_csv(exemple / "attributions_t1.csv") + lire_classeur(exemple / "attributions_t2.xlsx")


def test_les_memes_octets_deux_fois(exemple: Path, tmp_path: Path) -> None:
    for chemin in ecrire_exemple(tmp_path / "copie"):
        assert chemin.read_bytes() == (exemple / chemin.name).read_bytes(), chemin.name


def test_un_dossier_occupe_est_refuse(tmp_path: Path) -> None:
    (tmp_path / "droits.xlsx").write_bytes(b"les vrais")
    with pytest.raises(ValueError, match="pas un dossier vide"):
        ecrire_exemple(tmp_path)
    assert [x.name for x in tmp_path.iterdir()] == ["droits.xlsx"]


def test_petit_et_complet(exemple: Path) -> None:
    assert sum(x.stat().st_size for x in exemple.iterdir()) < TAILLE_MAXIMALE
    fichiers = [x.name for x in exemple.iterdir()]
    for table in TABLES.split():
        assert any(x.startswith(table) for x in fichiers), table
    assert "fictif" in (exemple / "LISEZ-MOI.txt").read_text(encoding="utf-8").lower()


def test_chaque_regle_de_convention_est_representee(exemple: Path) -> None:
    conventions = lire_classeur(exemple / "reservataires.xlsx")
    attendus = {
        "type_reservataire": "etat_prioritaires etat_fonctionnaires action_logement commune epci departement region "
        "caf_msa employeur defense securite_interieure sante autre",
        "echelle": "bailleur departement epci commune",
        "mode_taux": "imprime droits_sur_parc droits_sur_parc_soumis",
        "base_rotation": "liberations_territoire liberations_bailleur rpls_territoire rpls_bailleur fixe",
        "evenement_decompte": "mise_a_disposition attribution bail bail_ou_refus",
        "arrondi_etapes": "aucun unite",
        "arrondi_final": "aucun unite_demi_superieur unite_inferieur decimale_1 decimale_2",
        "report_n1": "oui non",
    }
    for colonne, valeurs in attendus.items():
        assert {x[colonne] for x in conventions} == mots(valeurs), colonne
    assert any(x["taux_pct"] == "30" and x["taux_retrocession_pct"] == "1.37" for x in conventions)
    options = {y.strip() for x in conventions for y in x["options"].split(",")}
    assert {"exclure_habitat_inclusif", "exclure_plai_adapte", "partenariat_dans_flux"} <= options
    assert len({x["code_reservataire"] for x in conventions}) == len(conventions) >= 12


def test_les_deux_millesimes_ont_entrees_sorties_et_baux_nouveaux(exemple: Path) -> None:
    debut = lire_csv(exemple / "rpls_2025.csv", "cp1252")
    fin = lire_csv(exemple / "rpls_2026.csv")
    for millesime in (debut, fin):
        identifiants = [x["IDENT_REP"] for x in millesime]
        assert len(set(identifiants)) == len(identifiants)
        assert all(len(x) == 10 and x.startswith("0") for x in identifiants)
    parc = {x["IDENT_REP"]: x for x in debut if not x["SORTIEPATRIM"]}
    assert {x["SORTIEPATRIM"] for x in fin} == {"", "1", "2", "3", "4", "5"}
    entrees = [x for x in fin if x["IDENT_REP"] not in parc]
    assert entrees
    assert {x["LOCAT"] for x in entrees} == {"2025"}
    assert any(x["BAIL"] != parc[x["IDENT_REP"]]["BAIL"] for x in fin if x["IDENT_REP"] in parc)
    assert {x["CONTRESLOG"] for x in debut} >= {"3", "4", "7"}
    assert {x["DEP"] for x in debut} == {"2A", "2B", "976"}


def test_les_exclusions_que_rpls_dit_ont_toutes_un_logement(exemple: Path) -> None:
    parc = lire_csv(exemple / "rpls_2025.csv", "cp1252")
    assert any(x["TYPECONST"] == "E" for x in parc)
    assert any(x["FINAN"] == "16" for x in parc)
    assert any(x["CAT_ORG"] == "251" and x["CONV"] == "2" and x["DEP"] != "976" for x in parc)
    assert any(x["CAT_ORG"] == "251" and x["CONV"] == "2" and x["DEP"] == "976" for x in parc)
    assert any(x["MISCOMMERCIAL"] == "1" for x in parc)
    assert any(x["LOCAT"] == "2025" for x in parc)
    motifs = Counter(x["motif_exclusion"] for x in lire_classeur(exemple / "exclusions.xlsx"))
    assert set(motifs) == mots(
        "defense securite_interieure sante vente demolition habitat_inclusif plai_adapte gens_du_voyage art_109_elan"
    )


def test_les_evenements_ont_toutes_les_issues(exemple: Path) -> None:
    propositions = lire_csv(exemple / "propositions.csv", "utf-8-sig", ",")
    assert {x["issue"] for x in propositions} == {"candidats", "carence", "restitution", "annulation"}
    assert {bool(x["date_relance"]) for x in propositions if x["issue"] == "carence"} == {True, False}
    assert {x["premiere_location"] for x in propositions} == {"oui", "non"}
    lignes = attributions(exemple)
    assert {x["decision"] for x in lignes} == mots(
        "attribution attribution_rang attribution_condition non_attribution irrecevabilite"
    )
    assert {x["reponse_candidat"] for x in lignes} == {"", "accepte", "refuse", "sans_reponse"}
    assert {x["categorie"] for x in lignes} == mots(
        "droit_commun mutation_interne relogement_anru relogement_orcod relogement_lhi relogement_vente"
    )
    assert any(x["code_reservataire"].startswith("ALS") and x["designataire"] == "bailleur" for x in lignes)
    assert max(int(x["rang"] or 0) for x in lignes) == 3
    de_bastia = {x["id_proposition"] for x in propositions if x["code_reservataire"] == "BASTIA"}
    attribues = [x for x in lignes if x["id_proposition"] in de_bastia and x["decision"].startswith("attribution")]
    acceptes = {x["id_proposition"] for x in attribues if x["reponse_candidat"] == "accepte"}
    assert {x["id_proposition"] for x in attribues} - acceptes, "no dwelling refused by all the candidates of Bastia"


def test_les_liberations_couvrent_trois_ans_et_manquent_a_petite_terre(exemple: Path) -> None:
    liberations = lire_csv(exemple / "liberations.csv", "cp1252")
    par_annee = Counter(x["date_liberation"][-4:] for x in liberations)
    assert set(par_annee) == {"2023", "2024", "2025"}
    assert all(150 <= nombre <= 200 for nombre in par_annee.values())
    petite_terre = {x["IDENT_REP"] for x in lire_csv(exemple / "rpls_2025.csv", "cp1252") if x["EPCI"] == "200050532"}
    annees = {x["date_liberation"][-4:] for x in liberations if x["ident_rep"] in petite_terre}
    assert annees == {"2023", "2024"}


def test_inventaire_des_droits_comme_le_document_002(exemple: Path) -> None:
    feuille = lire_feuille(exemple / "droits.xlsx")
    assert feuille[4][:6] == (
        "ESI",
        "Nom de la résidence",
        "N° RPLS",
        "Réservataire du bien",
        "Département",
        "Localisation du bien",
    )
    assert feuille[5][5:8] == ("EPCI", "Commune", "En QPV")
    droits = feuille[LIGNES_DE_TITRE_DROITS:]
    assert {x[13] for x in droits} == {"ds", "contingent", "du_parc", "du_premier_tour"}
    assert {x[14] for x in droits} >= {"garantie_emprunt", "subvention", "foncier", "peec", "npnru", "pnru", "acv"}
    assert any("Ville" in (x[3] or "") for x in droits)
    assert any(x[3] == "ALS_2A" for x in droits)


def test_les_defauts_voulus_et_eux_seuls(exemple: Path) -> None:
    propositions = [tuple(x.values()) for x in lire_csv(exemple / "propositions.csv", "utf-8-sig", ",")]
    assert [nombre for nombre in Counter(propositions).values() if nombre > 1] == [2]
    liberations = lire_csv(exemple / "liberations.csv", "cp1252")
    assert [len(x["ident_rep"]) for x in liberations if len(x["ident_rep"]) != 10] == [9]
    rpls = {x["IDENT_REP"]: x for x in lire_csv(exemple / "rpls_2026.csv")}
    droits = lire_feuille(exemple / "droits.xlsx")[LIGNES_DE_TITRE_DROITS:]
    assert len([x for x in droits if x[2] and x[8] != f"T{rpls[x[2]]['NBPIECE']}"]) == 1
    a_bastia = [x[1] for x in propositions if x[2] == "BASTIA"]
    assert [rpls[x]["DEPCOM"] for x in a_bastia if rpls[x]["DEPCOM"] != "2B033"] == ["2B120"]
    conventions = {x["code_reservataire"] for x in lire_classeur(exemple / "reservataires.xlsx")}
    annonces = {x["code_reservataire"] for x in lire_csv(exemple / "objectifs.csv")}
    assert conventions - annonces == {"CC_PETITE_TERRE"}


def test_le_fichier_sne_a_des_ecarts_avec_les_baux(exemple: Path) -> None:
    sne = {x["nud"]: x for x in lire_csv(exemple / "sne.csv")}
    baux = {x["nud"]: x for x in attributions(exemple) if x["date_signature_bail"]}
    assert sne.keys() - baux.keys()
    assert baux.keys() - sne.keys()
    assert any(sne[x]["ident_rep"] != baux[x].get("ident_rep", sne[x]["ident_rep"]) for x in sne.keys() & baux.keys())
    assert {x["contingent"] for x in sne.values()} == {
        "",
        "Autre",
        "Collectivités",
        "Employeurs",
        "État fonctionnaires",
        "État prioritaires",
    }


def test_les_personnes_sont_manifestement_fictives(exemple: Path) -> None:
    for ligne in attributions(exemple):
        assert ligne["nom"].startswith("FICTIF-")
        assert ligne["mail"].endswith("@exemple.invalid")
        assert ligne["nud"].startswith("FICTIF")
        assert len(ligne["nud"]) == 18
