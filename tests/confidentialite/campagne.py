"""A campaign small enough to be checked by eye, written as an analyst would drop it, with people who do not exist."""

from pathlib import Path

from flows.bilan import lire
from flows.campagne import Campagne
from flows.entrepot import chargement, connexion, modeles
from flows.tables import rapprochement_sne
from tests.commande import ecrire_table

RPLS = """
    ident_rep;depcom;nbpiece;finan;qpv;construct;locat;mode;typeconst;numvoie;typvoie;nomvoie;codepostal;libcom
    0000000001;67482;3;10;1;1990;1991;1;C;12;RUE;DES FLEURS;67000;STRASBOURG
    0000000002;67482;2;13;2;1990;1991;1;C;14;RUE;DES FLEURS;67000;STRASBOURG
    0000000003;67482;4;14;2;2005;2006;1;C;3;PLACE;DU MARCHE;67000;STRASBOURG
    0000000004;67482;3;13;2;2005;2006;1;C;4;PLACE;DU MARCHE;67000;STRASBOURG
    0000000005;59350;3;13;2;1970;1971;1;C;5;RUE;HAUTE;59000;LILLE
    0000000006;59350;2;13;2;1970;1971;1;C;6;RUE;HAUTE;59000;LILLE
    0000000007;67482;2;13;2;1970;1971;1;C;7;RUE;BASSE;67000;STRASBOURG
    0000000008;67482;2;13;2;1970;1971;1;C;8;RUE;BASSE;67000;STRASBOURG
"""
RESERVATAIRES = """
    code_reservataire;libelle;type_reservataire;echelle;code_territoire;mode_taux;taux_pct;base_rotation;evenement_decompte;options
    ALS;Action Logement Services;action_logement;departement;67;imprime;20;liberations_territoire;bail;
    VILLE;Ville de Strasbourg;commune;commune;67482;imprime;20;liberations_territoire;mise_a_disposition;
    ETAT;État;etat_prioritaires;bailleur;;imprime;30;liberations_bailleur;bail;
"""


def deposer(dossier: Path, **tables: str) -> Path:
    """Writes the tables, and the parc and conventions above unless others are given; returns their folder."""
    for nom, texte in ({"rpls_2025": RPLS, "reservataires": RESERVATAIRES} | tables).items():
        ecrire_table(dossier, nom, texte)
    return dossier


def calculer(entrees: Path, travail: Path, cibles: set[str], annee: int = 2025) -> Path:
    """Reads a campaign and builds the models `cibles` and what they read; returns the warehouse."""
    campagne = Campagne(annee, entrees, travail / "sorties")
    _, lue = lire(campagne, travail, rapprochement_sne.COLONNES)
    lue.liens_sne = rapprochement_sne.ecrire_liens(lue.personnes, travail / "tables" / "liens_sne.parquet")
    base = travail / "flux.duckdb"
    chargement.remplir(campagne, lue, base)
    con = connexion.connecter(base)
    try:
        modeles.construire(con, modeles.utiles(cibles, modeles.lire_modeles()), modeles.lire_dictionnaire())
    finally:
        con.close()
    return base
