"""Events of the bilan (contract, « Link », « Events », « Decided at the edges »), each rule on rows counted by eye.

`cas/evenements`: four dwellings in Ajaccio (2A004), one in another town, two of a programme first let in 2025 (21 and
22, « Les Lilas »), one whose year of first letting is unknown; a town and Action Logement under `bail_ou_refus`, the
State under `mise_a_disposition`.
"""

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier

PROPOSITIONS = "id_proposition;ident_rep;code_reservataire;date_mise_a_disposition;premiere_location;issue;date_relance"
ATTRIBUTIONS = (
    "id_decision;id_proposition;ident_rep;code_reservataire;premiere_location;date_caleol;decision;rang;"
    "reponse_candidat;date_signature_bail;categorie;designataire;prioritaire;quartile_1"
)
Montage = Callable[..., Path]


@pytest.fixture
def base(tmp_path: Path) -> Montage:
    """Builds the case with these rows of propositions and attributions, for the models named."""

    def construire(*modeles: str, propositions: str = "", attributions: str = "", au: date | None = None) -> Path:
        tables = cas("evenements") | {
            "propositions": f"{PROPOSITIONS}\n{propositions}",
            "attributions": f"{ATTRIBUTIONS}\n{attributions}",
        }
        return monter(tmp_path, tables, modeles, au=au)

    return construire


def totaux(base: Path, code: str, *mesures: str) -> list[str]:
    """Totals of a bilan, in the order asked for."""
    lus = lire(
        base, "select mesure, nombre from bilan.mesures where code_reservataire = ? and dimension = 'total'", [code]
    )
    nombres = {ligne["mesure"]: ligne["nombre"] for ligne in lus}
    return [nombres[mesure] for mesure in mesures]


def test_une_decision_se_rattache_a_la_derniere_proposition_du_logement_et_du_reservataire(base: Montage) -> None:
    """D1: P2, nearer than P1, though annulled. D2 the day of P3. D3 before any. D4: P4 and P5 as near: none."""
    montee = base(
        "controles.propositions_rattachees",
        "controles.proposition_ambigue",
        "intermediaire.candidatures",
        propositions="""
        P1;1;VILLE;01/02/2025;;candidats;
        P2;1;VILLE;01/03/2025;;annulation;
        P9;1;ALS;15/03/2025;;candidats;
        P3;2;VILLE;01/03/2025;;candidats;
        P4;3;VILLE;01/03/2025;;candidats;
        P5;3;VILLE;01/03/2025;;candidats;
        """,
        attributions="""
        D1;;1;VILLE;;20/03/2025;attribution;;;;droit_commun;;;
        D2;;2;VILLE;;01/03/2025;attribution;;;;droit_commun;;;
        D3;;2;VILLE;;28/02/2025;attribution;;;;droit_commun;;;
        D4;;3;VILLE;;20/03/2025;attribution;;;;droit_commun;;;
        D5;P1;1;VILLE;;20/03/2025;attribution;;;;droit_commun;;;
        D6;;1;;;20/03/2025;attribution;;;;droit_commun;;;
        """,
    )
    liees = lire(
        montee,
        "select id_decision, offres.id_proposition from intermediaire.candidatures "
        "left join intermediaire.offres using (id_offre) order by 1",
    )
    assert [tuple(ligne.values()) for ligne in liees] == [
        *(("D1", "P2"), ("D2", "P3"), ("D3", ""), ("D4", ""), ("D5", "P1"), ("D6", "")),
    ]
    verifier(montee, "controles.proposition_ambigue", "ligne;code_reservataire\n5;VILLE")
    (dit,) = lire(montee, "select message from controles.propositions_rattachees")
    assert dit["message"].startswith("2 décision(s) sur 5 sans id_proposition")


def test_des_propositions_sans_identifiant_du_meme_jour_sont_une_seule_offre(base: Montage) -> None:
    """Three rows without id, two of them alike by their key; two rows with an id, the same day, count both."""
    montee = base(
        "controles.propositions_reunies",
        "controles.propositions_du_meme_jour",
        "bilan.mesures",
        propositions="""
        ;1;VILLE;01/02/2025;;candidats;
        ;1;VILLE;01/02/2025;;;
        ;1;VILLE;02/02/2025;;candidats;
        P1;2;VILLE;01/02/2025;;candidats;
        P2;2;VILLE;01/02/2025;;candidats;
        """,
    )
    assert totaux(montee, "VILLE", "mises_a_disposition", "proposes") == ["4", "4"]
    (dit,) = lire(montee, "select message from controles.propositions_reunies")
    assert dit["message"].startswith("3 lignes sans id_proposition font 2 offre(s)")
    (dit,) = lire(montee, "select * from controles.propositions_du_meme_jour")
    assert dit["valeur"] == "P1, P2" and "(lignes 5, 6)" in dit["message"] and dit["fichier"]


def test_une_premiere_location_se_lit_se_rattache_ou_se_deduit(base: Montage) -> None:
    """A1 own oui. A2 own non on a new dwelling. A3 its proposition's oui. A4 deduced, and not after its first lease."""
    montee = base(
        "controles.premiere_location_deduite",
        "bilan.mesures",
        propositions="""
        P3;2;VILLE;01/02/2025;oui;candidats;
        P4;22;VILLE;01/02/2025;;candidats;
        P5;22;VILLE;01/12/2025;;candidats;
        P6;23;VILLE;01/02/2025;;candidats;
        """,
        attributions="""
        A1;;1;VILLE;oui;20/03/2025;attribution;;;;droit_commun;;;
        A2;;21;VILLE;non;20/03/2025;attribution;;;;droit_commun;;;
        A3;P3;2;VILLE;;20/03/2025;attribution;;;;droit_commun;;;
        A4;;22;VILLE;;20/03/2025;attribution;;accepte;01/04/2025;droit_commun;;;
        A5;;22;VILLE;;20/12/2025;attribution;;accepte;30/12/2025;droit_commun;;;
        """,
    )
    mesures = ("premieres_locations", "mises_a_disposition", "proposes")
    assert totaux(montee, "VILLE", *mesures) == ["2", "2", "4"]
    mesures = ("premieres_locations_attribuees", "attributions", "attribues", "premieres_locations_baux", "baux_signes")
    assert totaux(montee, "VILLE", *mesures) == ["3", "2", "5", "1", "1"]
    (dit,) = lire(montee, "select valeur, message from controles.premiere_location_deduite")
    assert dit["valeur"] == "Les Lilas"
    assert "1 logement(s), 1 proposition(s), 1 candidat(s)" in dit["message"]


def test_une_seule_ligne_en_premiere_location_rend_tel_tout_l_evenement(base: Montage) -> None:
    """A mutation of ALS on the same dwelling and day is one, so VILLE's attribution is too; it is no refusal either."""
    montee = base(
        "bilan.mesures",
        attributions="""
        A1;;1;VILLE;;20/03/2025;attribution;;refuse;;droit_commun;;;
        A2;;1;ALS;oui;20/03/2025;attribution;;;;mutation_interne;;;
        """,
    )
    mesures = ("premieres_locations_attribuees", "attributions", "refus")
    assert totaux(montee, "VILLE", *mesures) == ["1", "0", "0"]
    assert totaux(montee, "ALS", "mutations_internes", "premieres_locations_attribuees") == ["1", "0"]


def test_une_premiere_location_sans_proposition_n_entre_pas_dans_le_decompte(base: Montage) -> None:
    montee = base(
        "bilan.mesures", attributions="A4;;21;VILLE;;20/03/2025;attribution;;accepte;01/04/2025;droit_commun;;;"
    )
    assert totaux(montee, "VILLE", "decompte", "attribues", "premieres_locations_baux") == ["0", "1", "1"]


def test_un_evenement_est_du_reservataire_du_candidat_qui_signe(base: Montage) -> None:
    """Each counts the dwelling in its own bilan; `_bailleur` once, with the public of ALS's candidate, who signs."""
    montee = base(
        "bilan.mesures",
        "controles.attribution_partagee",
        attributions="""
        A1;;1;VILLE;;20/03/2025;attribution_rang;1;;;droit_commun;;oui;oui
        A2;;1;ALS;;20/03/2025;attribution_rang;2;accepte;01/04/2025;droit_commun;;non;non
        """,
    )
    for code in ("VILLE", "ALS", "_bailleur", "epci_242010056"):
        assert totaux(montee, code, "attributions") == ["1"], code
    verifier(
        montee,
        "bilan.mesures",
        """
        code_reservataire;dimension;modalite;nombre
        VILLE;public;prioritaire;1
        VILLE;quartile;premier_quartile;1
        ALS;public;autre;1
        ALS;quartile;autre;1
        _bailleur;public;autre;1
        _bailleur;quartile;autre;1
        """,
        "mesure = 'attributions' and dimension in ('public', 'quartile') and code_reservataire not like 'epci%'",
    )
    (dit,) = lire(montee, "select valeur, message from controles.attribution_partagee")
    assert dit["valeur"] == "ALS, VILLE"
    assert dit["message"].endswith("elle est à ALS.")


def test_une_injonction_du_prefet_a_sa_mesure_hors_du_flux(base: Montage) -> None:
    montee = base("bilan.mesures", attributions="A1;;1;VILLE;;20/03/2025;attribution;;;01/04/2025;injonction_prefet;;;")
    mesures = ("attributions_injonction", "attributions", "attribues", "baux_signes", "decompte")
    assert totaux(montee, "VILLE", *mesures) == ["1", "0", "0", "0", "0"]


REFUS = "A1;P1;1;VILLE;;20/03/2025;attribution;1;refuse;;droit_commun;;;\n"
P1 = "P1;1;VILLE;01/02/2025;;candidats;\n"


@pytest.mark.parametrize(
    ("propositions", "attributions", "decompte"),
    [
        pytest.param(P1, REFUS, "1", id="tous_les_candidats_refusent"),
        pytest.param(P1, REFUS.replace("refuse", "sans_reponse"), "1", id="un_silence_est_un_refus"),
        pytest.param(P1, REFUS.replace("refuse", ""), "0", id="une_reponse_attendue_n_en_est_pas_un"),
        pytest.param(P1.replace("candidats", "annulation"), REFUS, "0", id="une_proposition_annulee_ne_compte_pas"),
        pytest.param(
            P1, REFUS + "A2;P1;1;;;10/04/2025;attribution;;;01/05/2025;mutation_interne;;;", "0",
            id="un_bail_de_quiconque_met_fin_aux_refus",
        ),
        pytest.param(
            P1, REFUS + "A2;P1;1;VILLE;;20/03/2025;attribution;2;accepte;05/02/2026;droit_commun;;;", "0",
            id="un_bail_de_fevrier_suivant_met_fin_aux_refus",
        ),
        pytest.param(
            P1, REFUS + "A2;P1;1;ALS;;20/03/2025;attribution;2;;;droit_commun;;;", "1",
            id="le_candidat_d_un_autre_n_est_pas_juge",
        ),
        pytest.param(
            P1, REFUS + "A2;P1;1;VILLE;;20/01/2026;attribution;2;refuse;;droit_commun;;;", "0",
            id="les_refus_comptent_l_annee_du_dernier",
        ),
        pytest.param(P1.replace("candidats;", "carence;10/03/2025"), "", "1", id="une_carence_a_sa_relance"),
        pytest.param(P1.replace("candidats;", "carence;10/01/2026"), "", "0", id="une_relance_de_l_an_prochain"),
        pytest.param(P1.replace("candidats;", "carence;"), "", "0", id="une_carence_sans_relance"),
        pytest.param(P1.replace("candidats;", "carence;10/03/2025"), REFUS, "1", id="refus_et_carence_une_fois"),
        pytest.param(
            P1.replace("candidats;", "carence;10/03/2025"),
            "A2;P1;1;VILLE;;20/03/2025;attribution;;accepte;05/05/2025;droit_commun;;;", "1",
            id="bail_et_carence_une_fois",
        ),
        pytest.param(
            P1.replace("candidats;", "carence;10/03/2025"),
            "A2;P1;1;;;20/03/2025;attribution;;accepte;05/05/2025;droit_commun;bailleur;;", "1",
            id="une_carence_compte_meme_loue_ensuite_par_le_bailleur",
        ),
    ],
)  # fmt: skip
def test_bail_ou_refus(base: Montage, propositions: str, attributions: str, decompte: str) -> None:
    montee = base("bilan.mesures", propositions=propositions, attributions=attributions)
    assert totaux(montee, "VILLE", "decompte") == [decompte]


def test_les_designations_du_bailleur_sont_hors_du_decompte_d_action_logement(base: Montage) -> None:
    """A2's lease is the bailleur's: apart. P1 is judged on A1 alone, who refused: but a lease ends its refusals."""
    montee = base(
        "bilan.mesures",
        propositions="P1;1;ALS;01/02/2025;;candidats;\nP2;2;ALS;01/02/2025;;candidats;",
        attributions="""
        A1;P1;1;ALS;;20/03/2025;attribution;1;refuse;;droit_commun;reservataire;;
        A2;P1;1;ALS;;20/03/2025;attribution;2;accepte;01/04/2025;droit_commun;bailleur;;
        A3;P2;2;ALS;;20/03/2025;attribution;1;refuse;;droit_commun;reservataire;;
        A4;P2;2;ALS;;20/03/2025;attribution;2;accepte;;droit_commun;bailleur;;
        """,
    )
    assert totaux(montee, "ALS", "decompte", "partenariat", "baux_signes") == ["1", "1", "1"]


def test_rien_n_existe_apres_la_date_d_arrete(base: Montage) -> None:
    """To 30 June: the lease of July does not exist, so P1 is refused; the proposal and the CALEOL of July neither."""
    montee = base(
        "bilan.mesures",
        propositions=P1 + "P2;2;VILLE;05/07/2025;;candidats;",
        attributions=REFUS
        + """A2;;1;;;20/03/2025;attribution;2;refuse;01/07/2025;mutation_interne;;;
        A3;;2;VILLE;;06/07/2025;attribution;;;;droit_commun;;;""",
        au=date(2025, 6, 30),
    )
    mesures = ("mises_a_disposition", "attributions", "decompte")
    assert totaux(montee, "VILLE", *mesures) == ["1", "1", "1"]


def test_les_modalites_de_chaque_dimension_font_le_total(base: Montage) -> None:
    montee = base("bilan.mesures", propositions=P1, attributions=REFUS)
    faux = lire(
        montee,
        """with sommes as (select code_reservataire, mesure, dimension, sum(nombre) as somme from bilan.mesures
        where dimension <> 'total' group by all) select * from sommes inner join bilan.mesures as totaux
        using (code_reservataire, mesure) where totaux.dimension = 'total' and totaux.nombre <> somme""",
    )
    assert not faux


PROVENANCE = ("fichier", "feuille", "ligne")
DIMENSIONS = ("total", "typologie", "financement", "qpv", "commune", "periode_construction")
REPARTIS = """
A1;P1;1;VILLE;;20/03/2025;attribution_rang;1;refuse;;droit_commun;;;
A2;P1;1;ALS;;20/03/2025;attribution_rang;2;accepte;01/04/2025;droit_commun;;;
A3;;5;;;20/04/2025;attribution;;accepte;01/05/2025;droit_commun;;;
A4;;21;ETAT;;20/05/2025;attribution;;accepte;01/06/2025;droit_commun;;;
A5;;4;ETAT;;20/05/2025;attribution;;accepte;01/06/2025;mutation_interne;;;
"""


def test_la_repartition_dit_qui_a_eu_quoi_sur_chaque_perimetre(base: Montage) -> None:
    """Ajaccio: dwelling 1 is ALS's, who signs, though proposed to VILLE; 21 is a first letting of the State; 5 is
    in another town, for nobody; a mutation is nobody's flux."""
    montee = base("bilan.repartition", propositions=P1, attributions=REPARTIS)
    verifier(
        montee,
        "bilan.repartition",
        """
        code_bilan;code_reservataire;mesure;nombre;part_pct
        VILLE;VILLE;proposes;1;100
        VILLE;VILLE;attribues;0;0
        VILLE;ALS;proposes;0;0
        VILLE;ALS;attribues;1;50
        VILLE;ETAT;proposes;0;0
        VILLE;ETAT;attribues;1;50
        _bailleur;VILLE;proposes;1;100
        _bailleur;VILLE;attribues;0;0
        _bailleur;ALS;proposes;0;0
        _bailleur;ALS;attribues;1;33.333333
        _bailleur;ETAT;proposes;0;0
        _bailleur;ETAT;attribues;1;33.333333
        _bailleur;non_reserve;proposes;0;0
        _bailleur;non_reserve;attribues;1;33.333333
        """,
        "dimension = 'total' and mesure in ('proposes', 'attribues') and code_bilan in ('VILLE', '_bailleur')",
    )


def test_la_repartition_fait_les_evenements_du_bailleur_dans_chaque_dimension(base: Montage) -> None:
    montee = base("bilan.repartition", "bilan.mesures", propositions=P1, attributions=REPARTIS)
    sommes = lire(
        montee,
        "select mesure, dimension, sum(nombre) as nombre from bilan.repartition "
        "where code_bilan = '_bailleur' group by all",
    )
    assert len(sommes) == 5 * len(DIMENSIONS)
    for ligne in sommes:
        assert totaux(montee, "_bailleur", ligne["mesure"]) == [ligne["nombre"]], ligne


def test_les_logements_disent_ce_qui_compte_et_pourquoi(base: Montage) -> None:
    """P1 refused by VILLE's candidate (ALS's signs: its lease ends the refusals); P2 in carence; P3 annulled."""
    montee = base(
        "bilan.logements",
        "bilan.mesures",
        propositions=P1 + "P2;2;VILLE;01/02/2025;;carence;10/03/2025\nP3;3;VILLE;01/02/2025;;annulation;",
        attributions=REPARTIS + "A6;;3;VILLE;;20/05/2025;attribution;;accepte;01/06/2025;droit_commun;;;",
    )
    verifier(
        montee,
        "bilan.logements",
        """
        reservataire;ident_rep;date_mise_a_disposition;date_caleol;date_signature_bail;compte;motif_decompte
        VILLE;0000000001;2025-02-01;2025-03-20;;non;sans_evenement
        VILLE;0000000002;2025-02-01;;;oui;carence
        VILLE;0000000003;2025-02-01;2025-05-20;2025-06-01;oui;bail
        """,
        "code_reservataire = 'VILLE'",
    )
    verifier(
        montee,
        "bilan.logements",
        """
        reservataire;ident_rep;compte;motif_decompte
        ALS;0000000001;oui;bail
        ETAT;0000000004;non;hors_flux
        ETAT;0000000021;non;premiere_location
        VILLE;0000000001;non;sans_evenement
        VILLE;0000000002;oui;carence
        VILLE;0000000003;oui;bail
        non_reserve;0000000005;non;non_reserve
        """,
        "code_reservataire = '_bailleur'",
    )
    (comptes,) = lire(
        montee, "select count(*) as n from bilan.logements where compte = 'oui' and code_reservataire = 'VILLE'"
    )
    assert totaux(montee, "VILLE", "decompte") == [comptes["n"]]


CONVENTIONS = """
code_reservataire;libelle;type_reservataire;echelle;code_territoire;date_debut;date_fin;mode_taux;taux_pct;base_rotation;evenement_decompte
VILLE;Ajaccio;commune;commune;2A004;01/03/2025;30/06/2025;imprime;20;liberations_territoire;{}
VILLE;Ajaccio;commune;commune;2A004;01/07/2025;;imprime;20;liberations_territoire;{}
"""


def avec_conventions(dossier: Path, conventions: str, propositions: str, attributions: str) -> Path:
    """The décompte under these conventions."""
    tables = cas("evenements") | {
        "reservataires": conventions,
        "propositions": f"{PROPOSITIONS}\n{propositions}",
        "attributions": f"{ATTRIBUTIONS}\n{attributions}",
    }
    return monter(dossier, tables, ("bilan.mesures", "controles.evenement_avant_convention", "bilan.logements"))


@pytest.mark.parametrize(
    ("avant", "apres", "decompte"),
    [
        pytest.param("mise_a_disposition", "bail", "1", id="compte_par_la_proposition_pas_par_le_bail"),
        pytest.param("attribution", "bail", "1", id="compte_par_l_attribution_pas_par_le_bail"),
        pytest.param("mise_a_disposition", "attribution", "1", id="une_attribution_du_printemps_ne_compte_qu_une_fois"),
        pytest.param("bail", "bail_ou_refus", "1", id="le_bail_compte_sous_la_seconde"),
        pytest.param("bail", "mise_a_disposition", "0", id="une_proposition_anterieure_ne_compte_pas_sous_la_seconde"),
    ],
)
def test_d_une_convention_a_la_suivante_rien_ne_compte_deux_fois(
    tmp_path: Path, avant: str, apres: str, decompte: str
) -> None:
    """Proposed in March, attributed in April, leased in July when the second convention has begun."""
    base = avec_conventions(
        tmp_path,
        CONVENTIONS.format(avant, apres),
        "P1;1;VILLE;15/03/2025;;candidats;",
        "A1;P1;1;VILLE;;10/04/2025;attribution;;accepte;05/07/2025;droit_commun;;;",
    )
    assert totaux(base, "VILLE", "decompte") == [decompte]


def test_avant_la_premiere_convention_rien_n_est_du(tmp_path: Path) -> None:
    """A proposition of February is in the measures, out of the décompte, and reported."""
    base = avec_conventions(
        tmp_path,
        CONVENTIONS.format("mise_a_disposition", "mise_a_disposition"),
        "P1;1;VILLE;28/02/2025;;candidats;\nP2;2;VILLE;01/03/2025;;candidats;",
        "",
    )
    assert totaux(base, "VILLE", "mises_a_disposition", "decompte") == ["2", "1"]
    verifier(base, "controles.evenement_avant_convention", "ligne;code_reservataire\n2;VILLE")
    verifier(
        base,
        "bilan.logements",
        "ident_rep;motif_decompte\n0000000001;avant_convention\n0000000002;mise_a_disposition",
        "code_reservataire = 'VILLE'",
    )


def test_un_evenement_suit_le_territoire_le_plus_fin_qui_tient_le_logement_sinon_le_plus_large(tmp_path: Path) -> None:
    """Ajaccio's dwelling 1 by its commune (bail: nothing yet); dwelling 5, elsewhere in 2A, by the département."""
    conventions = """
    code_reservataire;libelle;type_reservataire;echelle;code_territoire;mode_taux;taux_pct;base_rotation;evenement_decompte
    VILLE;V;commune;commune;2A004;imprime;20;liberations_territoire;bail
    VILLE;V;commune;departement;2A;imprime;20;liberations_territoire;mise_a_disposition
    """
    base = avec_conventions(
        tmp_path,
        conventions,
        "P1;1;VILLE;28/02/2025;;candidats;\nP2;5;VILLE;01/03/2025;;candidats;\nP3;999;VILLE;01/03/2025;;candidats;",
        "",
    )
    assert totaux(base, "VILLE", "mises_a_disposition", "decompte") == ["3", "2"]


def melange(texte: str, graine: int) -> str:
    """The same table, its rows in another order."""
    entete, *lignes = [ligne for ligne in texte.splitlines() if ligne.strip() and not ligne.strip().startswith("#")]
    random.Random(graine).shuffle(lignes)
    return "\n".join([entete, *lignes])


def campagne_tiree(nombre: int) -> dict[str, str]:
    """`nombre` propositions and twice as many candidates, drawn on few dwellings and days so that ties abound."""
    alea = random.Random(7)
    jours = [f"{jour:02d}/{mois:02d}/2025" for mois in range(1, 7) for jour in (1, 15)]
    codes, logements = ("VILLE", "ALS", "ETAT"), ("1", "2", "3", "4", "5", "21", "22", "23", "77")
    propositions = [
        ";".join(
            (
                alea.choice(["", "", f"P{n}"]),
                alea.choice(logements),
                alea.choice(codes),
                alea.choice(jours),
                alea.choice(["", "", "oui", "non"]),
                alea.choice(["candidats", "carence", "annulation", ""]),
                alea.choice(["", *jours]),
            )
        )
        for n in range(nombre)
    ]
    attributions = [
        ";".join(
            (
                alea.choice(["", f"D{n}"]),
                alea.choice(["", "", f"P{alea.randrange(nombre)}"]),
                alea.choice(logements),
                alea.choice(["", *codes]),
                alea.choice(["", "", "", "oui", "non"]),
                alea.choice(jours),
                alea.choice(["attribution", "attribution_rang", "non_attribution"]),
                alea.choice(["", "1", "2"]),
                alea.choice(["", "accepte", "refuse", "sans_reponse"]),
                alea.choice(["", "", "", *jours]),
                alea.choice(["droit_commun", "droit_commun", "mutation_interne", "injonction_prefet"]),
                alea.choice(["", "bailleur", "reservataire"]),
                alea.choice(["", "oui", "non"]),
                alea.choice(["", "oui", "non"]),
            )
        )
        for n in range(2 * nombre)
    ]
    return cas("evenements") | {
        "propositions": "\n".join([PROPOSITIONS, *propositions]),
        "attributions": "\n".join([ATTRIBUTIONS, *attributions]),
    }


def test_l_ordre_des_lignes_ne_change_aucune_table(tmp_path: Path) -> None:
    """600 rows, shuffled twice: same tables, but where a row was."""
    tables = campagne_tiree(200)
    modeles = ("bilan.mesures", "bilan.repartition", "bilan.logements", "bilan.taux", "bilan.premieres_locations")
    modeles += ("bilan.caleol", "bilan.publics_prioritaires", "bilan.mutations", "bilan.objectif_lignes")
    modeles += ("intermediaire.candidatures", "intermediaire.offres", "intermediaire.faits_decompte")
    vues = []
    for graine in (1, 2):
        melangees = {nom: melange(texte, graine) for nom, texte in tables.items()}
        base = monter(tmp_path / str(graine), melangees, modeles)
        vues.append({
            modele: lire(base, f"select columns(c -> c not in {PROVENANCE}) from {modele} order by all")
            for modele in modeles
        })  # fmt: skip
    for modele in modeles:
        assert vues[0][modele] == vues[1][modele], modele
    assert len(vues[0]["intermediaire.candidatures"]) == 400
