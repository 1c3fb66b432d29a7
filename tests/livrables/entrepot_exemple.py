"""A small warehouse with the finished tables that the deliverables read, made of invented figures."""

import csv
import random
import re
from collections.abc import Sequence
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from flows.anomalies import Anomalie, Gravite, causes
from flows.livrables.gabarits import lire_document, lire_gabarits

ANNEE = 2025
INJECTION = "=cmd|'/c calc'!A1 <script>alert(\"x\")</script> & {{ 7*7 }}"
MESURES = ("mises_a_disposition", "attributions", "refus", "baux_signes", "premieres_locations", "parc_soumis",
           "liberations")  # fmt: skip
AVEC_PART = ("mises_a_disposition", "attributions", "refus", "baux_signes", "parc_soumis", "liberations")
MODALITES = {
    "typologie": {"T1": "T1", "T2": "T2", "T3": "T3", "T4": "T4", "T5": "T5", "T6+": "T6 et plus"},
    "financement": {"PLAI": "PLAI", "PLUS": "PLUS et assimilés", "PLS": "PLS et assimilés", "autre": "Autre"},
    "qpv": {"en_qpv": "En QPV", "hors_qpv": "Hors QPV", "non_renseigne": "Non renseigné"},
    "periode_construction": {"avant_1949": "Avant 1949", "1949_1974": "1949 à 1974", "2010_et_apres": "2010 et après"},
    "epci": {"242010056": "CA du Pays Ajaccien", "200067049": "CA de Bastia"},
    "accessibilite": {"non_accessible": "Non accessible", "accessible": "Accessible, non adapté"},
    "public": {"dalo": "Reconnu DALO", "prioritaire": "Autre public prioritaire", "autre": "Autre public"},
}
SCHEMA = """
create schema bilan; create schema audit; create schema ref;
create table ref.exercice (annee integer, date_debut date, date_fin date, est_provisoire boolean, est_fictif boolean,
    raison_sociale varchar);
create table ref.tables_fournies (table_metier varchar, est_fournie boolean);
create table ref.mesures (mesure varchar, ordre integer, libelle varchar, table_source varchar, definition varchar,
    source varchar);
create table ref.types_reservataire (type_reservataire varchar, sans_objectif varchar);
create table ref.dimensions (dimension varchar, ordre integer, libelle varchar);
create table ref.modalites (dimension varchar, modalite varchar, ordre integer, libelle varchar);
create table bilan.entetes (code_reservataire varchar, libelle varchar, type_reservataire varchar, echelle varchar,
    code_territoire varchar, libelle_territoire varchar, date_debut date, date_fin date, annee integer,
    date_arrete date, evenement_decompte varchar, est_provisoire boolean, dossier varchar, ordre integer);
create table bilan.synthese (code_reservataire varchar, objectif decimal(38, 6), decompte bigint, ecart decimal(38, 6),
    taux_atteinte_pct decimal(38, 6), parc_total bigint, parc_soumis bigint, liberations bigint,
    mises_a_disposition bigint, attributions bigint, refus bigint, baux_signes bigint, flux_suivant decimal(38, 6),
    taux_rotation_pct decimal(38, 6), taux_reservataire_pct decimal(38, 6), libelle_evenement varchar,
    premieres_locations bigint, partenariat bigint);
create table bilan.ventilations (code_reservataire varchar, dimension varchar, modalite varchar,
    libelle_modalite varchar, ordre integer, libelle_dimension varchar, ordre_dimension integer,
    mises_a_disposition bigint, mises_a_disposition_pct decimal(38, 6),
    attributions bigint, attributions_pct decimal(38, 6), refus bigint, refus_pct decimal(38, 6), baux_signes bigint,
    baux_signes_pct decimal(38, 6), premieres_locations bigint, parc_soumis bigint, parc_soumis_pct decimal(38, 6),
    liberations bigint, liberations_pct decimal(38, 6), decompte bigint);
create table bilan.autres_attributions (code_reservataire varchar, categorie varchar, libelle varchar,
    dimension varchar, libelle_dimension varchar, modalite varchar, libelle_modalite varchar, ordre integer,
    nombre bigint, nombre_territoire bigint);
create table bilan.mesures (annee integer, code_reservataire varchar, mesure varchar, dimension varchar,
    modalite varchar, nombre decimal(38, 6), part_pct decimal(38, 6));
create table bilan.repartition (annee integer, code_bilan varchar, code_reservataire varchar, mesure varchar,
    dimension varchar, modalite varchar, nombre bigint, part_pct decimal(38, 6));
create table bilan.logements (annee integer, code_reservataire varchar, reservataire varchar, ident_rep varchar,
    libelle_reservataire varchar, adresse varchar, libelle_commune varchar, libelle_qpv varchar,
    libelle_decision varchar, commune varchar, typologie varchar, financement varchar, qpv varchar, id_offre bigint,
    date_mise_a_disposition date,
    date_caleol date, decision varchar, date_signature_bail date, compte varchar, motif_decompte varchar,
    libelle_motif varchar);
create table bilan.lignes_flux (annee integer, code_reservataire varchar, ligne varchar, libelle varchar,
    valeur decimal(38, 6), valeur_exacte decimal(38, 6), unite varchar, explication varchar, ordre integer);
create table bilan.methode (code_reservataire varchar, ordre integer, rubrique varchar, regle varchar, source varchar);
create table bilan.relecture (code_reservataire varchar, etat_objectif varchar, a_relire varchar);
create table bilan.courriers (code_reservataire varchar, courrier varchar, destinataire varchar);
create table bilan.fiches_logement (code_reservataire varchar, id_offre bigint, id_logement varchar,
    date_mise_a_disposition date, libelle_commune varchar);
create table audit.anomalies (gravite varchar, code varchar, fichier varchar, feuille varchar, ligne bigint,
    colonne varchar, valeur varchar, message varchar, correction varchar, code_reservataire varchar);
create table audit.causes (gravite varchar, code varchar, fichier varchar, colonne varchar, nb_cas bigint,
    lignes varchar, exemples varchar, message varchar, correction varchar);
create table audit.comptage_lignes (table_metier varchar, fichier varchar, feuille varchar, lues bigint,
    acceptees bigint, rejetees bigint, doubles bigint);
create table audit.sources (fichier varchar, sha256 varchar, octets bigint, format varchar, encodage varchar,
    separateur varchar);
"""


def construire(
    chemin: Path,
    nb_reservataires: int = 3,
    nb_communes: int = 3,
    est_fictif: bool = True,
    est_provisoire: bool = False,
    rejetees: int = 0,
    manquantes: Sequence[str] = (),
    nb_anomalies: int = 4,
) -> Path:
    """Writes a warehouse with `nb_reservataires` conventions, the whole bailleur and one EPCI.

    `manquantes` are the input tables said not to have been given: their measures are null.
    """
    hasard = random.Random(2025)
    with duckdb.connect(str(chemin)) as con:
        con.execute("begin")
        con.execute(SCHEMA)
        _autres_feuilles(con)
        fin = date(ANNEE, 6, 30) if est_provisoire else date(ANNEE, 12, 31)
        exercice = (ANNEE, date(ANNEE, 1, 1), fin, est_provisoire, est_fictif, "Habitat d'Exemple")
        _inserer(con, "ref.exercice", [exercice])
        fournies = ("rpls", "reservataires", "liberations", "propositions", "attributions", "objectifs", "previsions")
        _inserer(con, "ref.tables_fournies", [(table, table not in manquantes) for table in fournies])
        _references(con)
        codes = [f"R{i:02d}" for i in range(1, nb_reservataires + 1)]
        for rang, code in enumerate([*codes, "_bailleur", "epci_242010056"]):
            _bilan(con, hasard, code, rang, fin, nb_communes, manquantes)
        con.execute("""
            alter table bilan.entetes add column modele_annexe varchar;
            alter table bilan.entetes add column engagement varchar;
            alter table bilan.entetes add column libelle_type varchar;
            alter table bilan.entetes add column nature_bilan varchar;
            alter table bilan.entetes add column est_sans_objectif boolean default false;
            alter table bilan.entetes add column est_sans_liste boolean default false;
            alter table bilan.synthese add column flux_annonce decimal(38, 6);
            alter table bilan.synthese add column report_anterieur decimal(38, 6);
            alter table bilan.synthese add column report_suivant decimal(38, 6);
            alter table bilan.synthese add column objectif_suivant decimal(38, 6);
            alter table bilan.synthese add column taux_rotation_annonce_pct decimal(38, 6);
            alter table bilan.synthese add column ensemble_proposes bigint;
            alter table bilan.synthese add column ensemble_attribues bigint;
            alter table bilan.synthese add column detail_comptes varchar;
            alter table bilan.synthese add column nb_non_comptes integer;
            alter table bilan.synthese add column detail_non_comptes varchar;
            alter table bilan.synthese add column nb_objectifs bigint;
            alter table bilan.synthese add column nb_objectifs_atteints bigint;
            alter table bilan.synthese add column nb_objectifs_proches bigint;
            alter table bilan.synthese add column nb_objectifs_manques bigint;
            alter table bilan.synthese add column nb_decomptes_nuls bigint;
            alter table bilan.synthese add column nb_objectifs_absents bigint;
            alter table bilan.synthese add column plus_grands_manques varchar;
            update bilan.synthese set objectif_suivant = flux_suivant, ensemble_attribues = attributions,
                ensemble_proposes = mises_a_disposition + premieres_locations;
            update bilan.synthese set nb_objectifs = 3, nb_objectifs_atteints = 2, nb_objectifs_proches = 0,
                nb_objectifs_manques = 1, nb_decomptes_nuls = 0, nb_objectifs_absents = 0
                where code_reservataire = '_bailleur';
            create table bilan.annexes as select code_reservataire, 'droits en cours ÷ parc total' as regle_taux,
                12 as nb_droits, report_suivant, objectif_suivant, null::varchar as engagement from bilan.synthese;
            insert into bilan.flux_detaille by name
                select code_reservataire, ligne, ordre, libelle, valeur, unite, explication,
                    if(length(ligne) = 1, ligne, '') as lettre,
                    case ligne when 'c' then '{a}-{b}' when 'j' then 'ROUND({h}*{i}/100,2)' when 'd' then '={a}' end
                        as formule
                from bilan.lignes_flux;
            insert into bilan.repartition_croisee by name
                select code_reservataire, 'axe' as partie, dimension, '' as reservataire,
                    libelle_dimension, libelle_modalite,
                    'Ensemble du territoire' as libelle_reservataire, mises_a_disposition as ensemble_proposes,
                    mises_a_disposition_pct as ensemble_proposes_pct, attributions as ensemble_attribues,
                    attributions_pct as ensemble_attribues_pct, baux_signes as ensemble_baux_signes,
                    baux_signes_pct as ensemble_baux_signes_pct, refus, liberations,
                    row_number() over (order by code_reservataire, ordre_dimension, ordre) as ordre
                from bilan.ventilations;
            insert into bilan.repartition_croisee by name
                select code_reservataire, 'croisement' as partie, 'commune_qpv' as dimension, '' as reservataire,
                    'Commune et QPV' as libelle_dimension,
                    'Ajaccio – En QPV' as libelle_modalite, 'Ensemble du territoire' as libelle_reservataire,
                    1 as ensemble_proposes, 100000 as ordre from bilan.entetes;
            insert into bilan.relecture by name
                select code_reservataire,
                    if(ecart is null, '', if(ecart >= 0, 'Atteint', 'Non atteint')) as etat_objectif,
                    if(ecart < 0, 'rien n''a compté', '') as a_relire from bilan.synthese;
            insert into bilan.a_signaler by name
                select code_reservataire, 'Un constat, montré ailleurs.' as texte, 'Quotas' as feuille, 1 as ordre
                from bilan.entetes where dossier = 'R03';
            update bilan.entetes set libelle_type = type_reservataire, nature_bilan =
                case when dossier <> '_bailleur' then 'reservataire'
                    when code_reservataire = '_bailleur' then 'bailleur' else 'epci' end""")
        relevees = _anomalies(codes, nb_anomalies)
        _inserer(con, "audit.anomalies", relevees)
        trouvees = causes(Anomalie(Gravite(a[0]), a[1], a[7], a[8], *a[2:7], a[9]) for a in relevees)
        _inserer(con, "audit.causes", [astuple(cause) for cause in trouvees])
        comptage = [("attributions", "attributions_t1.xlsx", "Feuil1", 420 + rejetees, 420, rejetees, 0)]
        comptage.append(("rpls", "rpls_2025.csv", "", 14_451, 14_451, 0, 0))
        _inserer(con, "audit.comptage_lignes", comptage)
        sources = [(f, "0f" * 32, 12_345, "csv", "utf-8", ";") for _, f, *_ in comptage]
        _inserer(con, "audit.sources", sources)
        con.execute("commit")
    return chemin


def _autres_feuilles(con: duckdb.DuckDBPyConnection) -> None:
    """An empty table for each sheet of the template that is not of the schema above, with the columns that it names."""
    bilan = lire_gabarits().bilan
    communes = lire_document("methode")[0].feuilles
    for feuille in (*bilan.feuilles, *communes, *([bilan.signaler] if bilan.signaler else [])):
        champs = {champ.colonne.champ: "decimal(38, 6)" for champ in feuille.champs if champ.colonne.format.est_nombre}
        nommes = [champ.colonne.champ for champ in feuille.champs] + ["code_reservataire", *feuille.caches]
        nommes += re.findall(
            "[a-z][a-z][a-z_0-9]*", f"{feuille.filtre} {feuille.tri} {feuille.total} {feuille.a_l_ecran}"
        )
        types = {nom: champs.get(nom, "boolean" if nom.startswith("est_") else "varchar") for nom in nommes}
        types |= {nom: "integer" for nom in types if nom == "ordre"}
        colonnes = ", ".join(f'"{nom}" {type_sql}' for nom, type_sql in types.items())
        if feuille.table:
            con.execute(f"create table if not exists {feuille.table} ({colonnes})")


def _references(con: duckdb.DuckDBPyConnection) -> None:
    mesures = ("parc_total", *MESURES, "objectif", "decompte")
    _inserer(con, "ref.mesures", [(m, i, m, "", "Une définition", "CCH") for i, m in enumerate(mesures)])
    _inserer(con, "ref.dimensions", [(d, i, d.capitalize()) for i, d in enumerate(("total", *MODALITES, "commune"))])
    modalites = [(d, m, i, n) for d, noms in MODALITES.items() for i, (m, n) in enumerate(noms.items())]
    _inserer(con, "ref.modalites", modalites)


def _bilan(
    con: duckdb.DuckDBPyConnection,
    hasard: random.Random,
    code: str,
    rang: int,
    fin: date,
    nb_communes: int,
    manquantes: Sequence[str],
) -> None:
    est_convention = code.startswith("R")
    libelle = {"_bailleur": "Tout le bailleur", "R01": INJECTION}.get(code, f"Réservataire d'exemple n° {rang + 1}")
    types = ("commune", "action_logement", "etat_prioritaires", "departement")
    entete = (code, libelle, types[rang % 4] if est_convention else "", "commune", "2A004",
              "Ajaccio", date(2024, 1, 1) if est_convention else None, date(2026, 12, 31) if est_convention else None,
              ANNEE, fin, "mise_a_disposition" if est_convention else "", fin.month == 6,
              code if est_convention else "_bailleur", rang)  # fmt: skip
    _inserer(con, "bilan.entetes", [entete])
    totaux = _totaux(hasard, manquantes)
    dimensions = {**MODALITES, "commune": {f"2A{i:03d}": f"Commune {i:03d}" for i in range(1, nb_communes + 1)}}
    ventilations = [_ventilation(code, "total", "total", "Total", 0, totaux, totaux)]
    for dimension, modalites in dimensions.items():
        parts = _repartir(hasard, totaux, len(modalites))
        for ordre, ((modalite, nom), nombres) in enumerate(zip(modalites.items(), parts, strict=True)):
            ventilations.append(_ventilation(code, dimension, modalite, nom, ordre, nombres, totaux))
    _inserer(con, "bilan.ventilations", ventilations)
    objectif = None if "objectifs" in manquantes or not est_convention else Decimal(12 + rang % 9) + Decimal("0.34")
    decompte = totaux["mises_a_disposition"] if est_convention else None
    complet = objectif is not None and decompte is not None
    synthese = (
        code, objectif, decompte, decompte - objectif if complet else None,
        decompte / objectif * 100 if complet else None, 1904 + rang, totaux["parc_soumis"], totaux["liberations"],
        *(totaux[m] for m in ("mises_a_disposition", "attributions", "refus", "baux_signes")),
        Decimal("0.34") if est_convention else None, Decimal("6.77"), Decimal("13.55") if est_convention else None,
        "mise à disposition du logement" if est_convention else None, totaux["premieres_locations"], 2 * (rang % 2),
    )  # fmt: skip
    _inserer(con, "bilan.synthese", [synthese])
    _inserer(con, "bilan.mesures", _mesures(code, ventilations, 1904 + rang, objectif, decompte))
    lignes = _lignes_flux(code, "previsions" in manquantes)
    _inserer(con, "bilan.lignes_flux", [x for x in lignes if est_convention or x[2] not in ("i", "j")])
    if "attributions" not in manquantes:
        autres = [
            (code, "mutation_interne", "Mutations internes", dimension, titre, modalite, nom, ordre, nombre, nombre)
            for ordre, (dimension, titre, modalite, nom, nombre) in enumerate(
                [("total", "Total", "total", "Total", 5), ("qpv", "Quartier prioritaire", "en_qpv", "En QPV", 2),
                 ("qpv", "Quartier prioritaire", "hors_qpv", "Hors QPV", 3)]
            )
        ]  # fmt: skip
        _inserer(con, "bilan.autres_attributions", autres)
    methode = [
        (code, 1, "Événement compté", "La mise à disposition du logement, même sans candidat", "Convention, art. 3"),
        (code, 2, "Taux de rotation", "Libérations de l'année ÷ parc soumis, sur le territoire", "[002] annexe 1"),
        (code, 3, "Arrondi", "Deux décimales conservées, une affichée", "[002] annexe 1"),
        (code, 4, "Financement", "PLAI : 10, 11 · PLUS : 12, 13, 50 à 53 · PLI : 16", "RPLS, FINAN"),
    ]
    _inserer(con, "bilan.methode", methode)


def _totaux(hasard: random.Random, manquantes: Sequence[str]) -> dict[str, int | None]:
    proposes = hasard.randint(8, 60)
    attribues = int(proposes * 0.8)
    totaux: dict[str, int | None] = {
        "mises_a_disposition": proposes, "attributions": attribues, "refus": proposes // 4,
        "baux_signes": attribues - 2, "premieres_locations": hasard.randint(0, 6),
        "parc_soumis": hasard.randint(800, 1800), "liberations": hasard.randint(60, 120),
    }  # fmt: skip
    sources = {
        "propositions": ("mises_a_disposition", "premieres_locations"),
        "attributions": ("attributions", "refus", "baux_signes"),
        "liberations": ("liberations",),
    }
    for table in set(manquantes) & sources.keys():
        totaux |= dict.fromkeys(sources[table])
    return totaux


def _repartir(hasard: random.Random, totaux: dict[str, int | None], nombre: int) -> list[dict[str, int | None]]:
    parts: list[dict[str, int | None]] = [{} for _ in range(nombre)]
    for mesure, total in totaux.items():
        tirages = [hasard.randrange(nombre) for _ in range(total or 0)]
        for i, part in enumerate(parts):
            part[mesure] = None if total is None else tirages.count(i)
    return parts


def _ventilation(
    code: str, dimension: str, modalite: str, libelle: str, ordre: int,
    nombres: dict[str, int | None], totaux: dict[str, int | None],
) -> tuple[Any, ...]:  # fmt: skip
    rang = ("total", *MODALITES, "commune").index(dimension)
    ligne: list[Any] = [code, dimension, modalite, libelle, ordre, dimension.capitalize(), rang]
    for mesure in MESURES:
        nombre, total = nombres[mesure], totaux[mesure]
        ligne.append(nombre)
        if mesure in AVEC_PART:
            ligne.append(Decimal(nombre) * 100 / total if nombre is not None and total else None)
    return (*ligne, nombres["mises_a_disposition"] if code.startswith("R") else None)


def _mesures(
    code: str, ventilations: list[tuple[Any, ...]], parc: int, objectif: Decimal | None, decompte: int | None
) -> list[tuple[Any, ...]]:
    lignes: list[tuple[Any, ...]] = [(ANNEE, code, "parc_total", "total", "total", parc, 100)]
    for mesure, valeur in (("objectif", objectif), ("decompte", decompte)):
        if valeur is not None:
            lignes.append((ANNEE, code, mesure, "total", "total", valeur, 100))
    rangs = {"mises_a_disposition": 7, "attributions": 9, "refus": 11, "baux_signes": 13, "parc_soumis": 16}
    for ligne in ventilations:
        for mesure, rang in rangs.items():
            if ligne[rang] is not None:
                lignes.append((ANNEE, code, mesure, ligne[1], ligne[2], ligne[rang], ligne[rang + 1]))
    return lignes


def _lignes_flux(code: str, sans_previsions: bool) -> list[tuple[Any, ...]]:
    d = Decimal
    lignes = [
        ("a", "Parc total", d(20), d(20), "logements", "Logements du bailleur sur le territoire"),
        ("b", "Exclusions", d(0), d(0), "logements", "Logements légalement hors flux, un seul motif par logement"),
        ("b.vente", "dont vente", d(0), d(0), "logements", ""),
        ("c", "Parc soumis à la gestion en flux", d(20), d(20), "logements", "c = a − b"),
        ("d", "Taux de rotation", d("6.77"), d("6.77"), "%", "Libérations ÷ parc soumis"),
        ("e", "Flux brut", d("2.00"), d("1.354"), "logements", "e = c × d"),
        ("f", "Soustractions", d("0.3"), d("0.3"), "logements", "Mutations et relogements prévus"),
        ("f.mutation_interne", "dont mutations internes", d("0.3"), d("0.3"), "logements", ""),
        ("g", "Autres déductions", d(0), d(0), "logements", "Seulement avec l'accord du préfet"),
        ("h", "Flux à répartir", d("1.7"), d("1.7"), "logements", "h = e − f − g, jamais moins de 0"),
        ("i", "Taux du réservataire", d("20"), d("20"), "%", "Taux imprimé dans la convention"),
        ("j", "Flux du réservataire", d("0.34"), d("0.34"), "logements", "j = h × i"),
    ]
    inconnues = ("f", "f.mutation_interne", "h", "j") if sans_previsions else ()
    return [
        (ANNEE + 1, code, ligne, libelle, *((None, None) if ligne in inconnues else valeurs), unite, comment, ordre)
        for ordre, (ligne, libelle, *valeurs, unite, comment) in enumerate(lignes)
    ]


def _anomalies(codes: Sequence[str], nombre: int) -> list[tuple[Any, ...]]:
    gravites = ("information", "erreur", "avertissement")
    return [
        (gravites[i % 3], f"code_{i % 3}", "attributions_t1.xlsx", "Feuil1", i + 2, "date_caleol",
         INJECTION if i == 0 else "-12", "La date de commission n'est pas dans l'exercice.",
         "Corrigez la date, ou retirez la ligne.", codes[i % len(codes)] if i % 2 else "")
        for i in range(nombre)
    ]  # fmt: skip


def _inserer(con: duckdb.DuckDBPyConnection, table: str, lignes: Sequence[Sequence[Any]]) -> None:
    if lignes:
        marques = ", ".join(f"({', '.join('?' * len(ligne))})" for ligne in lignes)
        con.execute(f"insert into {table} values {marques}", [valeur for ligne in lignes for valeur in ligne])


def lire_csv(chemin: Path) -> list[dict[str, str]]:
    """Rows of a delivered CSV file."""
    with chemin.open(encoding="utf-8-sig", newline="") as flux:
        return list(csv.DictReader(flux, delimiter=";"))
