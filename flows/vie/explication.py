"""A published figure opened: what it means, the rows that it counts, the rows beside it that it does not, and why.

Everything is read in the published warehouse. The rows are those of `bilan.evenements`, of which each figure of a bilan
is a count; a line of an annexe opens to its formula and to the rows of the parc or of the rights behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from flows.anomalies import MauvaisUsage
from flows.livrables.francais import nombre
from flows.requetes import litteral
from flows.vie import entrepots

PROPOSITIONS = ("mises_a_disposition", "proposes", "premieres_locations")
PARC = ("parc_total", "parc_soumis")
LIBERATIONS = ("liberations", "liberations_hors_flux")
LIGNES = "abcdefghij"
FORMULES = {
    "c": "a − b",
    "e": "c × d",
    "h": "e − f − g",
    "j": "h × i, arrondi selon la convention",
    "objectif": "j + report",
}
CATEGORIES = {
    "mutations_internes": "mutation_interne",
    "relogements_anru": "relogement_anru",
    "relogements_orcod": "relogement_orcod",
    "relogements_lhi": "relogement_lhi",
    "relogements_vente": "relogement_vente",
    "attributions_injonction": "injonction_prefet",
}
"""Measures that count one categorie of attribution; the others count droit_commun."""


@dataclass
class Explication:
    """What is said of one figure. `lignes` and `ecartees`: column names first, then the rows."""

    titre: str
    valeur: Decimal | None
    unite: str = ""
    phrases: list[str] = field(default_factory=list)
    requete: str = ""
    lignes: list[tuple[Any, ...]] = field(default_factory=list)
    colonnes: tuple[str, ...] = ()
    ecartees: list[tuple[Any, ...]] = field(default_factory=list)
    colonnes_ecartees: tuple[str, ...] = ()
    total: Decimal | None = None

    @property
    def est_juste(self) -> bool:
        """True when the rows add up to the published figure, or when the figure is not a sum of rows."""
        return self.total is None or self.total == (self.valeur or 0)


def expliquer(sorties: Path, mots: Sequence[str]) -> Explication:
    """Opens `CODE MESURE [dimension=modalite]…`, `CODE annexe LIGNE` or `CODE objectif`.

    Raises MauvaisUsage, with what is known, for a code, a measure or a modality that is not published.
    """
    if len(mots) < 2:
        raise MauvaisUsage("Donnez un code de réservataire et une mesure, par exemple : expliquer BASTIA baux_signes.")
    code, quoi, *reste = mots
    with entrepots.lire(publie=sorties) as con:
        _connaitre(con, code)
        if quoi == "annexe":
            return _annexe(con, code, reste[0] if reste else "j")
        if quoi == "objectif":
            return _objectif(con, code)
        return _mesure(con, code, quoi, _filtres(reste))


def _connaitre(con: duckdb.DuckDBPyConnection, code: str) -> None:
    codes = [c for (c,) in con.execute("select code_reservataire from bilan.entetes order by ordre").fetchall()]
    if code not in codes:
        raise MauvaisUsage(f"Aucun bilan « {code} ». Publiés : {', '.join(codes)}.")


def _filtres(mots: Sequence[str]) -> dict[str, str]:
    filtres = {}
    for mot in mots:
        dimension, egal, modalite = mot.partition("=")
        if dimension == "total":
            continue
        if not egal:
            raise MauvaisUsage(f"« {mot} » : une dimension et sa modalité sont attendues, par exemple qpv=en_qpv.")
        filtres[dimension] = modalite
    return filtres


def _mesure(con: duckdb.DuckDBPyConnection, code: str, mesure: str, filtres: dict[str, str]) -> Explication:
    mesures = dict(con.execute("select mesure, libelle from ref.mesures order by ordre").fetchall())
    if mesure not in mesures:
        raise MauvaisUsage(f"Aucune mesure « {mesure} ». Connues : {', '.join(mesures)}.")
    portees = entrepots.colonnes(con, "publie", "bilan", "evenements")
    lues = con.execute("select dimension from ref.dimensions order by ordre").fetchall()
    dimensions = [d for (d,) in lues if d in portees]
    if inconnues := set(filtres) - set(dimensions):
        raise MauvaisUsage(f"Aucune dimension « {min(inconnues)} ». Connues : {', '.join(dimensions)}.")
    dimension, modalite = next(iter(filtres.items())) if len(filtres) == 1 else ("total", "total")
    publiee = con.execute(
        "select nombre from bilan.mesures "
        "where code_reservataire = ? and mesure = ? and dimension = ? and modalite = ?",
        [code, mesure, dimension, modalite],
    ).fetchone()
    if mesure in ("objectif", "taux_atteinte_pct"):
        return _objectif(con, code, mesure)
    ou = " and ".join(
        [f"code_reservataire = {litteral(code)}", f"mesure = {litteral(mesure)}"]
        + [f"{d} = {litteral(m)}" for d, m in filtres.items()]
    )
    requete = (
        "select fichier, feuille, ligne, id_logement, date_evenement, typologie, financement, qpv, commune,\n"
        f"    periode_construction\nfrom bilan.evenements\nwhere {ou}\n"
        "order by date_evenement, fichier, feuille, ligne;"
    )
    curseur = con.execute(requete)
    colonnes = tuple(d[0] for d in curseur.description or ())
    lignes = curseur.fetchall()
    detail = "".join(f", {d} = {m}" for d, m in filtres.items())
    if publiee is None and len(filtres) == 1 and not lignes:
        raise MauvaisUsage(_modalites(con, code, mesure, dimension))
    valeur = Decimal(len(lignes)) if len(filtres) > 1 else (publiee[0] if publiee else Decimal(0))
    rendu = Explication(
        f"{code} : {mesures[mesure]}{detail}",
        valeur,
        requete=requete,
        lignes=lignes,
        colonnes=colonnes,
        total=Decimal(len(lignes)),
    )
    rendu.phrases = [
        *_definition(con, code, mesure),
        *([] if len(filtres) < 2 else ["Croisement que nul CSV ne porte."]),
    ]
    if filtres:
        _autres_modalites(con, rendu, code, mesure, filtres)
    else:
        _ecartees(con, rendu, code, mesure)
    return rendu


def _autres_modalites(
    con: duckdb.DuckDBPyConnection, rendu: Explication, code: str, mesure: str, filtres: dict[str, str]
) -> None:
    """Rows of the measure that the filter leaves out, each with the modality that it has."""
    raisons = " || ', ' || ".join(f"'{d} = ' || {d}" for d in filtres)
    gardes = " and ".join(f"{d} = {litteral(m)}" for d, m in filtres.items())
    curseur = con.execute(
        f"select fichier, feuille, ligne, id_logement, date_evenement, {raisons} as raison from bilan.evenements "
        f"where code_reservataire = {litteral(code)} and mesure = {litteral(mesure)} and not ({gardes}) "
        "order by 5, 1, 2, 3"
    )
    rendu.colonnes_ecartees = tuple(d[0] for d in curseur.description or ())
    rendu.ecartees = curseur.fetchall()


def _modalites(con: duckdb.DuckDBPyConnection, code: str, mesure: str, dimension: str) -> str:
    vues = con.execute(
        "select distinct modalite from bilan.mesures where code_reservataire = ? and mesure = ? and dimension = ? "
        "order by modalite",
        [code, mesure, dimension],
    ).fetchall()
    return (
        f"Rien de tel dans {mesure} de {code}. Modalités de {dimension} : {', '.join(m for (m,) in vues) or 'aucune'}."
    )


def _definition(con: duckdb.DuckDBPyConnection, code: str, mesure: str) -> list[str]:
    lues = con.execute("select definition, source from ref.mesures where mesure = ?", [mesure]).fetchone()
    dites = [f"{lues[0]} ({lues[1]})"] if lues else []
    if mesure == "decompte":
        evenement = con.execute(
            "select libelle_evenement from bilan.entetes where code_reservataire = ?", [code]
        ).fetchone()
        dites.append(f"Événement de la convention : {evenement[0] if evenement else ''}.")
    return dites


def _ecartees(con: duckdb.DuckDBPyConnection, rendu: Explication, code: str, mesure: str) -> None:
    """Rows of the same table, of the same réservataire, that the measure leaves out, each with its reason."""
    if mesure in PARC:
        requete = _hors_parc(code)
    elif mesure in LIBERATIONS:
        requete = _hors_liberations(code, mesure)
    elif mesure in PROPOSITIONS:
        requete = _hors_propositions(code, mesure)
    elif mesure == "decompte":
        requete = f"""
            select fichier, feuille, ligne, id_logement, date_mise_a_disposition as date_evenement,
                libelle_motif as raison
            from (select *, ident_rep as id_logement, '' as fichier, '' as feuille, null as ligne from bilan.logements)
            where reservataire = {litteral(code)} and code_reservataire = {litteral(code)} and compte = 'non'
            order by 5, 4
        """
    else:
        requete = _hors_attributions(code, mesure)
    curseur = con.execute(requete)
    rendu.colonnes_ecartees = tuple(d[0] for d in curseur.description or ())
    rendu.ecartees = curseur.fetchall()


def _comptees(code: str, mesure: str) -> str:
    return (
        f"select fichier, feuille, ligne from bilan.evenements where code_reservataire = {litteral(code)} "
        f"and mesure = {litteral(mesure)}"
    )


def _hors_parc(code: str) -> str:
    return f"""
        select fichier, feuille, ligne, id_logement, date_evenement,
            'exclu du flux au 1er janvier, voir bilan.etat_des_lieux et les lignes b de l''annexe' as raison
        from bilan.evenements
        where code_reservataire = {litteral(code)} and mesure = 'parc_total'
            and (fichier, feuille, ligne) not in ({_comptees(code, "parc_soumis")})
        order by 1, 2, 3
    """


def _hors_liberations(code: str, mesure: str) -> str:
    autre = "liberations_hors_flux" if mesure == "liberations" else "liberations"
    raison = (
        "le logement n''est pas dans le parc soumis au 1er janvier"
        if mesure == "liberations"
        else "le logement est dans le parc soumis"
    )
    return f"""
        select fichier, feuille, ligne, id_logement, date_evenement, '{raison}' as raison
        from bilan.evenements
        where code_reservataire = {litteral(code)} and mesure = '{autre}'
        union all
        select s.fichier, s.feuille, s.ligne, s.id_logement, s.date_liberation,
            'libéré hors de la période comptée'
        from staging.liberations as s
        where s.date_liberation
            not between (select date_debut from ref.exercice) and (select date_fin from ref.exercice)
            and {litteral(code)} = '_bailleur'
        order by 1, 2, 3
    """


def _hors_propositions(code: str, mesure: str) -> str:
    premiere = {
        "mises_a_disposition": "when est_premiere_location then 'première location : comptée à part'",
        "premieres_locations": "when not est_premiere_location then 'relocation : comptée en mises à disposition'",
        "proposes": "",
    }[mesure]
    return f"""
        select fichier, feuille, ligne, id_logement, date_mise_a_disposition as date_evenement,
            case
                when date_mise_a_disposition not between (select date_debut from ref.exercice)
                    and (select date_fin from ref.exercice) then 'hors de la période comptée'
                when est_annulee then 'proposition annulée'
                {premiere}
                else 'réunie à une autre ligne de la même proposition'
            end as raison
        from intermediaire.offres
        where code_reservataire = {litteral(code)}
            and (fichier, feuille, ligne) not in ({_comptees(code, mesure)})
        order by 5, 1, 2, 3
    """


def _hors_attributions(code: str, mesure: str) -> str:
    jour = "date_signature_bail" if "baux" in mesure else "date_caleol"
    categorie = CATEGORIES.get(mesure, "droit_commun")
    a_part = mesure.startswith("premieres_locations")
    premiere = "est_premier_bail" if "baux" in mesure else "est_premiere_location"
    stock = (
        f"when not {premiere} then 'relocation : comptée en flux'"
        if a_part
        else f"when {premiere} then 'première location : comptée à part'"
    )
    if mesure in ("attribues", "partenariat") or mesure in CATEGORIES:
        stock = ""
    refus = "when coalesce(reponse_candidat, '') = 'accepte' then 'le candidat a accepté'" if mesure == "refus" else ""
    tous = "true" if code == "_bailleur" else f"code_reservataire = {litteral(code)}"
    return f"""
        select fichier, feuille, ligne, id_logement, {jour} as date_evenement,
            case
                when not est_attribue then 'non attribué : ' || decision
                when {jour} is null then 'aucun bail signé'
                when {jour} not between (select date_debut from ref.exercice) and (select date_fin from ref.exercice)
                    then 'hors de la période comptée'
                when categorie <> '{categorie}' then 'catégorie ' || categorie
                {stock}
                {refus}
                when reponse_candidat is null and '{mesure}' = 'refus' then 'réponse du candidat non renseignée'
                else 'même logement, même jour qu''une ligne comptée, ou désignation non retenue'
            end as raison
        from intermediaire.candidatures
        where {tous} and (fichier, feuille, ligne) not in ({_comptees(code, mesure)})
        order by 5, 1, 2, 3
    """


def _annexe(con: duckdb.DuckDBPyConnection, code: str, ligne: str) -> Explication:
    lues = con.execute(
        "select ligne, libelle, valeur, valeur_exacte, unite, explication from bilan.lignes_flux "
        "where code_reservataire = ? order by ordre, ligne",
        [code],
    ).fetchall()
    par_ligne = {lue[0]: lue for lue in lues}
    if ligne not in par_ligne:
        raise MauvaisUsage(
            f"Aucune ligne « {ligne} » dans l'annexe de {code}. Lignes : {', '.join(par_ligne) or 'aucune'}."
        )
    _, libelle, valeur, exacte, unite, explication = par_ligne[ligne]
    rendu = Explication(f"{code}, annexe, ligne {ligne} : {libelle}", valeur, unite or "")
    if explication:
        rendu.phrases.append(str(explication))
    if ligne in FORMULES:
        chiffres = FORMULES[ligne].split(",", maxsplit=1)[0]
        for nom in sorted((n for n in par_ligne if n in (*LIGNES, "report")), key=len, reverse=True):
            chiffres = _remplacer(chiffres, nom, nombre(par_ligne[nom][2]))
        rendu.phrases.append(f"{ligne} = {FORMULES[ligne]} = {chiffres} = {nombre(exacte)}, retenu {nombre(valeur)}")
    details = [lue for nom, lue in par_ligne.items() if nom.startswith(f"{ligne}.")]
    rendu.requete = (
        "select ligne, libelle, valeur, valeur_exacte, unite, explication\nfrom bilan.lignes_flux\n"
        f"where code_reservataire = {litteral(code)} "
        f"and (ligne = {litteral(ligne)} or ligne like {litteral(ligne + '.%')})\n"
        "order by ordre, ligne;"
    )
    if details:
        rendu.colonnes = ("ligne", "libelle", "valeur", "unite", "explication")
        rendu.lignes = [(d[0], d[1], d[2], d[4], d[5]) for d in details]
        if all(d[2] is not None for d in details) and valeur is not None:
            rendu.total = sum((d[2] for d in details), Decimal(0))
    rendu.phrases += _methode(con, code, ligne)
    return rendu


def _remplacer(formule: str, nom: str, valeur: str) -> str:
    return " ".join(valeur if mot == nom else mot for mot in formule.split(" "))


def _methode(con: duckdb.DuckDBPyConnection, code: str, ligne: str) -> list[str]:
    """The rules of the method sheet that speak of that line."""
    rubriques = {
        "b": "exclu",
        "d": "rotation",
        "e": "rotation",
        "f": "soustraction",
        "i": "taux",
        "j": "arrondi",
        "h": "arrondi",
    }
    if ligne[0] not in rubriques:
        return []
    lues = con.execute(
        "select rubrique, regle, source from bilan.methode where code_reservataire = ? and lower(rubrique) like ? "
        "order by ordre, rubrique, regle",
        [code, f"%{rubriques[ligne[0]]}%"],
    ).fetchall()
    return [f"{rubrique} : {regle}" + (f" ({source})" if source else "") for rubrique, regle, source in lues]


def _objectif(con: duckdb.DuckDBPyConnection, code: str, voulue: str = "objectif") -> Explication:
    lues = con.execute(
        "select ligne, libelle, valeur, unite, explication, source from bilan.objectif_lignes "
        "where code_reservataire = ? order by ordre",
        [code],
    ).fetchall()
    if not lues:
        raise MauvaisUsage(f"« {code} » n'a pas d'objectif : seuls les réservataires du flux en ont un.")
    par_ligne = {lue[0]: lue for lue in lues}
    valeur = par_ligne[voulue][2] if voulue in par_ligne else None
    phrases = []
    if voulue == "taux_atteinte_pct" and valeur is not None:
        decompte, objectif = (nombre(par_ligne[nom][2]) for nom in ("decompte", "objectif"))
        phrases.append(f"décompte ÷ objectif = {decompte} ÷ {objectif} = {nombre(valeur)} %")
    requete = (
        "select ligne, libelle, valeur, unite, explication, source\nfrom bilan.objectif_lignes\n"
        f"where code_reservataire = {litteral(code)}\norder by ordre;"
    )
    colonnes = ("ligne", "libelle", "valeur", "unite", "explication", "source")
    unite = str(par_ligne[voulue][3] or "") if voulue in par_ligne else ""
    return Explication(f"{code} : objectif et décompte", valeur, unite, phrases, requete, lues, colonnes)
