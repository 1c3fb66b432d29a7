"""A small campaign in good health, every table of the contract, that the corpus then damages in every way.

Thirty dwellings: twenty in 01004 (codes that a spreadsheet cuts), then ten in 2A004 (a letter late in a column of
numbers). Nobody in it exists.
"""

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

ANNEE = 2025
Lignes = list[list[str]]

AMBERIEU, AJACCIO = ("01004", "Ambérieu-en-Bugey", "240100883"), ("2A004", "Ajaccio", "242010056")
SIRET_BAILLEUR = "99900000300015"
BAILLEUR = "Office fictif de l'habitat"
RPLS = (
    "IDENT_REP IDENT_INT DEPCOM LIBCOM NOMVOIE QPV TYPECONST NBPIECE SURFHAB CONSTRUCT LOCAT FINAN CONV SORTIEPATRIM "
    "MODE BAIL MISCOMMERCIAL REMLOCDATE PMR CAT_ORG RS SIRET EPCI"
).split()


def logement(rang: int) -> str:
    """IDENT_REP of the `rang`-th dwelling, from 1."""
    return f"00372730{rang:02d}"


def _parc(vendu: int = 0) -> Lignes:
    lignes = [RPLS]
    for rang in range(1, 31):
        commune, nom, epci = AMBERIEU if rang <= 20 else AJACCIO
        annee = str(1948 + 2 * rang)
        lignes.append(
            [
                *(
                    logement(rang),
                    f"R{rang:03d}",
                    commune,
                    nom,
                    f"Rue du Général n° {rang}",
                    "12"[rang % 2],
                    "CI"[rang % 2],
                ),
                *(str(rang % 6 + 1), f"{40 + rang},5", annee, annee, ("10", "13", "14")[rang % 3], "1"),
                *("1" if rang == vendu else "", "1", "03/2018", "2", "02/2018", "123"[rang % 3], "132"),
                *(BAILLEUR, SIRET_BAILLEUR, epci),
            ]
        )
    return lignes


def _table(texte: str) -> Lignes:
    return [[cellule.strip() for cellule in ligne.split(";")] for ligne in texte.strip().splitlines()]


TABLES: dict[str, Lignes] = {
    "rpls_2025": _parc(),
    "rpls_2026": _parc(vendu=3),
    "reservataires": _table("""
        code_reservataire;libelle;type_reservataire;siren;echelle;code_territoire;date_debut;date_fin;\
          mode_taux;taux_pct;base_rotation;evenement_decompte;arrondi_final;options
        ETAT;Préfecture de l'Ain;etat_prioritaires;;bailleur;;01/01/2024;;imprime;25,5;liberations_bailleur;\
          bail;unite_demi_superieur;
        VILLE;Ville d'Ambérieu;commune;;commune;01004;01/01/2024;31/12/2026;imprime;10,25;\
          liberations_territoire;mise_a_disposition;aucun;exclure_plai_adapte
        ALS;Action Logement Services;action_logement;;departement;01;01/01/2024;;imprime;8;\
          liberations_territoire;bail_ou_refus;aucun;
    """),
    "droits": _table("""
        code_reservataire;ident_rep;nature_droit;origine_droit;nombre_droits;date_debut;date_fin;numero_convention
        ALS;0037273001;ds;peec;1;01/03/2010;01/03/2040;C2010-1
        ALS;0037273002;ds;peec;1;01/03/2010;01/03/2040;C2010-1
        VILLE;0037273003;contingent;garantie_emprunt;1,0;15/06/2015;31/12/2045;C2015-7
    """),
    "liberations": _table("""
        ident_rep;date_conge;date_liberation;motif_depart;date_relocation
        0037273001;10/11/2024;10/01/2025;Départ;20/02/2025
        0037273002;10/12/2024;11/02/2025;Décès;25/03/2025
        0037273004;10/01/2025;12/03/2025;Mutation;20/04/2025
        0037273021;10/02/2025;13/04/2025;Départ;25/05/2025
        0037273022;10/03/2025;14/05/2025;Départ;25/06/2025
    """),
    "propositions": _table("""
        id_proposition;ident_rep;code_reservataire;date_mise_a_disposition;premiere_location;\
          date_limite_reponse;nb_candidats;issue
        P1;0037273001;VILLE;15/01/2025;non;15/02/2025;3;candidats
        P2;0037273002;ALS;15/02/2025;non;15/03/2025;2;candidats
        P3;0037273004;ALS;15/03/2025;non;15/04/2025;0;carence
        P4;0037273021;ETAT;15/04/2025;non;15/05/2025;3;candidats
    """),
    "attributions": _table("""
        id_decision;id_proposition;ident_rep;code_reservataire;nud;date_caleol;decision;rang;reponse_candidat;\
          motif_refus;date_signature_bail;categorie;designataire;dalo;nom;prenom;date_naissance;mail;\
          siret_employeur
        D1;P1;0037273001;VILLE;001019999999900001;05/02/2025;attribution_rang;1;refuse;Trop loin;;\
          droit_commun;reservataire;non;DÉMO-UN;Zoé;01/02/1980;un@exemple.invalid;
        D2;P1;0037273001;VILLE;001019999999900002;05/02/2025;attribution_rang;2;accepte;;20/02/2025;\
          droit_commun;reservataire;oui;DÉMO-DEUX;Noël;02/03/1981;deux@exemple.invalid;
        D3;P2;0037273002;ALS;001019999999900003;05/03/2025;attribution;1;accepte;;25/03/2025;droit_commun;\
          reservataire;non;DÉMO-TROIS;Léa;03/04/1982;trois@exemple.invalid;99900000300015
        D4;P4;0037273021;ETAT;001019999999900004;05/05/2025;attribution;1;accepte;;25/05/2025;droit_commun;\
          reservataire;oui;DÉMO-QUATRE;Maël;04/05/1983;quatre@exemple.invalid;
        D5;;0037273022;;001019999999900005;05/06/2025;attribution;1;accepte;;25/06/2025;mutation_interne;\
          bailleur;non;DÉMO-CINQ;Inès;05/06/1984;cinq@exemple.invalid;
    """),
    "previsions": _table("""
        annee;categorie;nombre;echelle;code_territoire
        2026;mutation_interne;0,5;;
        2026;relogement_anru;0,25;commune;01004
    """),
    "exclusions": _table("""
        ident_rep;motif_exclusion;date_debut;date_fin;accord_prefet
        0037273030;sante;01/01/2020;;
        0037273029;defense;01/01/2020;31/12/2030;
    """),
    "programmes_neufs": _table("""
        operation;commune;code_insee;statut;date_livraison_prevue;code_reservataire;nb_logements;nb_ds;\
          nb_du_premier_tour
        Les Érables;Ambérieu-en-Bugey;01004;engage;01/10/2026;ALS;12;3;2
    """),
    "objectifs": _table("""
        annee;code_reservataire;flux_reservataire;report_anterieur
        2025;ETAT;3;0
        2025;VILLE;1,5;-0,5
        2025;ALS;2;0
    """),
    "demandes": _table("""
        epci;plafond;typologie;nombre
        240100883;PLUS;T3;1 234
        240100883;PLAI;T2;56
    """),
    "sne": _table("""
        nud;ident_rep;date_signature_bail;contingent;deja_locataire
        001019999999900002;0037273001;20/02/2025;collectivites;non
        001019999999900003;0037273002;25/03/2025;employeurs;non
        001019999999900004;0037273021;25/05/2025;etat_prioritaires;non
        001019999999900005;0037273022;25/06/2025;;oui
    """),
    "volumes_droits": _table("""
        annee;code_reservataire;date_inventaire;taux_rotation_pct;volume_negocie
        2025;ALS;31/12/2024;9,5;12
    """),
    "coefficients_npnru": _table("""
        zone_npnru;categorie_npnru;coefficient;plafond_pct;nb_logements
        A;;1,5;;
        ;ACCESSION;;12,5;40
    """),
}


def texte_csv(lignes: Sequence[Sequence[str]], separateur: str = ";", fin: str = "\r\n") -> str:
    """A table as a CSV text: cells quoted only where they must be."""
    tampon = io.StringIO(newline="")
    csv.writer(tampon, delimiter=separateur, lineterminator=fin).writerows(lignes)
    return tampon.getvalue()


def reprendre(publiee: Path, dossier: Path) -> Path:
    """A publication that a test may change: that of `publiee`, with the register beside it, copied in `dossier`."""
    shutil.copytree(publiee.parent, dossier)
    return dossier / publiee.name


def deposer(dossier: Path) -> Path:
    """Writes the healthy campaign, one CSV a table, and returns its folder."""
    dossier.mkdir(parents=True, exist_ok=True)
    for nom, lignes in TABLES.items():
        (dossier / f"{nom}.csv").write_text(texte_csv(lignes), encoding="utf-8", newline="")
    return dossier
