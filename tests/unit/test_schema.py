"""The declared schema: complete, coherent, and recognising the headings that people write."""

from pathlib import Path
from shutil import copytree

import pytest

from flows.anomalies import ArretBloquant
from flows.chemins import CONTRAT
from flows.contrat.schema import IGNOREE, charger, chercher, normaliser_entete, reconnaitre

RPLS_LOI = """IDENT_REP IDENT_INT IDENT_ORG DROIT DEPCOM CODEPOSTAL LIBCOM NUMVOIE INDREP TYPVOIE NOMVOIE NUMAPPT
NUMBOITE ESC COULOIR ETAGE COMPLIDENT ENTREE BAT IMMEU COMPLGEO LIEUDIT QPV TYPECONST NBPIECE SURFHAB CONSTRUCT LOCAT
PATRIMOINE ORIGINE RSEXPRO SIRETEXPRO FINAN FINANAUTRE CONV NUMCONV DATCONV SORTIEPATRIM OLDLOGT NEWLOGT MODE BAIL
MODESURF SURFMODE LOYERPRINC LOYERACC CONTRIB CUS DPEDATE DPEENERGIE DPESERRE SRU_EXPIR SRU_ALINEA IDENTGES CODSEGPATRIM
LIBSEGPATRIM LOYERMAXAPL LOYERMAXCUS QUALACQ MISCOMMERCIAL PRIXVENTE PRODFIN REMLOCDATE CONTRESLOG PMR DATMISEVENTE
DATVEFFECT DATE_DEP_DERLOCAT DPE_CONSO_ENER DPE_CONSO_GES DPE_NUM_REF IDENT_FISCAL CAT_ORG RS SIRET DEP LIBDEP REG
LIBREG EPCI LIBEPCI"""

PUBLIC_2025 = """REG_CODE REG_LIBELLE LIBREG DEP_CODE DEP_LIBELLE LIBDEP EPCI_CODE EPCI_LIBELLE LIBEPCI DROIT_CODE
DROIT_LIBELLE DEPCOM CODEPOSTAL LIBCOM NUMVOIE INDREP TYPVOIE NOMVOIE ETAGE COMPLGEO LIEUDIT QPV_CODE QPV_LIBELLE
TYPECONST_CODE TYPECONST_LIBELLE NBPIECE SURFHAB CONSTRUCT LOCAT PATRIMOINE ORIGINE FINAN_CODE FINAN_LIBELLE FINANAUTRE
CONV NUMCONV DATCONV NEWLOGT_CODE NEWLOGT_LIBELLE CUS DPEDATE DPEENERGIE DPESERRE SRU_EXPIR SRU_ALINEA CODSEGPATRIM
LIBSEGPATRIM PMR_CODE PMR_LIBELLE PLG_VOIE EPSG X Y PLG_QP24 PLG_QP15 PLG_IRIS2024_CODE PLG_IRIS2024_LIBELLE PLG_ZUS
PLG_QVA QUALITE_VOIE QUALITE_NUMERO QUALITE_XY DISTANCE_PRECISION QUALITE_QP24 QUALITE_QP15 QUALITE_IRIS QUALITE_ZUS
QUALITE_QVA COMAQP COMAZUS UU2020 AAV2020 ZE2020"""

OBLIGATOIRES = {
    "rpls": "",
    "reservataires": "code_reservataire libelle type_reservataire echelle mode_taux base_rotation evenement_decompte",
    "droits": "nature_droit",
    "liberations": "date_liberation",
    "propositions": "code_reservataire date_mise_a_disposition",
    "attributions": "date_caleol decision categorie",
    "previsions": "annee categorie nombre",
    "exclusions": "motif_exclusion",
    "programmes_neufs": "operation commune statut code_reservataire",
    "objectifs": "annee code_reservataire flux_reservataire",
    "demandes": "epci plafond typologie nombre",
    "sne": "nud ident_rep date_signature_bail",
    "volumes_droits": "annee code_reservataire",
    "coefficients_npnru": "",
}


def test_every_table_of_the_contract_has_its_mandatory_columns() -> None:
    obligatoires = {
        nom: " ".join(c.nom for c in table.colonnes.values() if c.obligatoire)
        for nom, table in charger().campagne.items()
    }
    assert obligatoires == OBLIGATOIRES


def test_only_two_tables_are_needed_to_start() -> None:
    assert [t.nom for t in charger().tables.values() if t.obligatoire] == ["rpls", "reservataires"]


def test_one_identifier_of_the_dwelling_or_of_the_reservataire_is_enough() -> None:
    groupes = {nom: table.groupes() for nom, table in charger().tables.items() if table.groupes()}
    logement = {"logement": ("ident_rep", "ident_interne")}
    assert groupes == {
        "droits": {"reservataire": ("code_reservataire", "reservataire")},
        "liberations": logement,
        "propositions": logement,
        "attributions": logement,
        "exclusions": logement,
        "coefficients_npnru": {"objet": ("zone_npnru", "categorie_npnru")},
    }


def test_personal_columns_are_marked() -> None:
    personnelles = {
        f"{c.table}.{c.nom}" for t in charger().tables.values() for c in t.colonnes.values() if c.est_personnelle
    }
    noms = (
        "nud nom prenom date_naissance mail qualite siret_employeur raison_sociale secteur_employeur effectif_employeur"
    )
    attendues = {f"attributions.{nom}" for nom in noms.split()}
    assert personnelles == attendues | {"attributions.consentement_entreprise", "sne.nud"}


def test_names_never_collide_once_normalised() -> None:
    for table in charger().tables.values():
        assert len({normaliser_entete(nom) for nom in table.colonnes}) == len(table.colonnes)


def test_every_code_is_its_own_alias() -> None:
    schema = charger()
    for liste, modalites in schema.modalites.items():
        for code in modalites:
            if code and liste != "booleen":
                assert schema.codes[liste][normaliser_entete(code)] == code


def test_the_lists_of_the_contract() -> None:
    modalites = charger().modalites
    assert modalites["evenement_decompte"] == ("mise_a_disposition", "attribution", "bail", "bail_ou_refus")
    assert modalites["arrondi_final"] == (
        "aucun",
        "unite_demi_superieur",
        "unite_inferieur",
        "decimale_1",
        "decimale_2",
    )
    assert modalites["decision"] == (
        *("attribution", "attribution_rang", "attribution_condition", "non_attribution", "irrecevabilite"),
    )
    relogements = ("mutation_interne", "relogement_anru", "relogement_orcod", "relogement_lhi", "relogement_vente")
    assert modalites["categorie"] == ("droit_commun", *relogements, "injonction_prefet")
    assert modalites["categorie_prevision"] == (*relogements, "autres_deductions")
    assert len(modalites["type_reservataire"]) == 13
    assert len(modalites["motif_exclusion"]) == 13


@pytest.mark.parametrize("suffixe", ["", "_red", "_RED"])
def test_rpls_loi_headings(suffixe: str) -> None:
    for nom in RPLS_LOI.split():
        assert reconnaitre("rpls", 2025, nom + suffixe) == nom.lower()
        assert reconnaitre("rpls", None, nom.lower() + suffixe) == nom.lower()


def test_public_file_of_2025_gives_each_column_once() -> None:
    lues = [reconnaitre("rpls", 2025, nom) for nom in PUBLIC_2025.split()]
    assert None not in lues
    gardees = [nom for nom in lues if nom != IGNOREE]
    assert len(gardees) == len(set(gardees)) == 40
    assert {"depcom", "epci", "qpv", "typeconst", "finan", "pmr", "libcom"} <= set(gardees)


def test_labels_of_2022_to_2024_stand_for_the_missing_columns() -> None:
    assert reconnaitre("rpls", 2023, "DEPCOM_CODE") == "depcom"
    assert reconnaitre("rpls", 2023, "DEPCOM_LIBELLE") == "libcom"
    assert reconnaitre("rpls", 2025, "DEPCOM_LIBELLE") == IGNOREE
    assert reconnaitre("rpls", None, "EPCI_LIBELLE") == IGNOREE


@pytest.mark.parametrize(
    ("entete", "colonne"),
    [
        ("ESI", "ident_interne"),
        ("Nom de la résidence", "residence"),
        ("N° RPLS", "ident_rep"),
        ("Réservataire du bien", "reservataire"),
        ("Département", "departement"),
        ("EPCI", "epci"),
        ("Commune", "commune"),
        ("En QPV", "en_qpv"),
        ("Typologie du bien", "typologie"),
        ("Type de financement", "financement"),
        ("Collectif / Individuel", "collectif_individuel"),
        ("Date de début de la convention", "date_debut"),
        ("Date de fin de la\nconvention", "date_fin"),
    ],
)
def test_headings_of_annexe_4(entete: str, colonne: str) -> None:
    assert reconnaitre("droits", None, entete) == colonne


@pytest.mark.parametrize(
    ("table", "entete", "colonne"),
    [
        ("attributions", "Date  CALEOL", "date_caleol"),
        ("attributions", "DATE DE COMMISSION", "date_caleol"),
        ("attributions", "N° unique", "nud"),
        ("attributions", "Date de signature du bail", "date_signature_bail"),
        ("propositions", "Code réservataire", "code_reservataire"),
        ("propositions", "Date de mise à disposition", "date_mise_a_disposition"),
        ("liberations", "Date du congé", "date_conge"),
        ("liberations", "Date de libération", "date_liberation"),
        ("liberations", "Date de lib?ration", "date_liberation"),
        ("liberations", "Date de lib\ufffd\ufffdration", "date_liberation"),
        ("objectifs", "Flux annoncé", "flux_reservataire"),
        ("liberations", "Loyer", None),
        ("liberations", "???", None),
        ("liberations", "", None),
        ("rpls", "_red", None),
    ],
)
def test_other_headings(table: str, entete: str, colonne: str | None) -> None:
    assert reconnaitre(table, None, entete) == colonne


def test_a_lost_letter_is_not_guessed_between_two_values() -> None:
    connus = {"cote": "cote", "cite": "cite", "decision": "decision"}
    assert chercher("c?te", connus) is None
    assert chercher("d\ufffdcision", connus) == "decision"


def test_every_alias_is_useful() -> None:
    """An alias that equals a column's own name, or that a previous one already covers, is a line too many."""
    schema = charger()
    for table, alias in schema.alias.items():
        assert not {a.motif for a in alias} & {normaliser_entete(nom) for nom in schema.tables[table].colonnes}
        assert len({(a.motif, a.millesimes) for a in alias}) == len(alias)


@pytest.mark.parametrize(
    ("fichier", "avant", "apres", "message"),
    [
        (
            "colonnes.csv",
            "liberations;motif_depart;texte",
            "liberations;motif_depart;phrase",
            "« phrase » n'existe pas",
        ),
        (
            "colonnes.csv",
            "propositions;issue;liste;non;conservee;rejet;issue",
            "propositions;issue;liste;non;conservee;rejet;x",
            "« x »",
        ),
        ("colonnes.csv", "sne;dalo;", "snes;dalo;", "« snes »"),
        ("alias.csv", "attributions;;Rang du candidat;rang;", "attributions;;Rang du candidat;rangs;", "« rangs »"),
        ("alias.csv", "rpls;2022-2024;", "rpls;vingt-deux;", "millésime"),
        ("codes.csv", "issue;Annulée;annulation", "issue;Carence;annulation", "vaut déjà « carence »"),
        ("tables.csv", "id_proposition;propositions", "id_propositions;propositions", "id_propositions"),
        ("tables.csv", "table;libelle", "tables;libelle", "Colonnes absentes : table"),
    ],
)
def test_a_mistake_in_the_declared_data_is_named(
    tmp_path: Path, fichier: str, avant: str, apres: str, message: str
) -> None:
    dossier = tmp_path / "sources"
    copytree(CONTRAT, dossier)
    texte = (dossier / fichier).read_text(encoding="utf-8")
    (dossier / fichier).write_text(texte.replace(avant, apres), encoding="utf-8")
    assert avant in texte
    with pytest.raises(ArretBloquant) as arret:
        charger(dossier)
    fautes = [a for a in arret.value.anomalies if message in a.message]
    assert fautes
    assert fautes[0].fichier == f"flows/contrat/{fichier}"
    assert f"flows/contrat/{fichier}" in fautes[0].correction


def test_files_saved_by_a_spreadsheet_load_the_same(tmp_path: Path) -> None:
    dossier = tmp_path / "sources"
    copytree(CONTRAT, dossier)
    for fichier in ("tables.csv", "colonnes.csv", "alias.csv"):
        texte = (dossier / fichier).read_text(encoding="utf-8")
        (dossier / fichier).write_bytes(texte.replace("\n", "\r\n").encode("cp1252"))
    codes = (dossier / "codes.csv").read_text(encoding="utf-8")
    (dossier / "codes.csv").write_text(codes, encoding="utf-8-sig")
    assert charger(dossier) == charger()
