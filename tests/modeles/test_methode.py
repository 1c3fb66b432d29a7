"""Every contradiction between the conventions is an option of `reservataires`, told in the method sheet and sourced.

The list is the one of the domain note, section 10. `cas/methode`: three conventions that disagree on everything.
"""

from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier

CAMPAGNE = cas("methode")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cibles = ["bilan.methode", "controles.convention_hors_exercice"]
    return monter(tmp_path_factory.mktemp("methode"), CAMPAGNE, cibles)


def test_la_convention_du_port(base: Path) -> None:
    verifier(
        base,
        "bilan.methode",
        """
        rubrique ; regle ; source
        Territoire ; Ajaccio (2A004) ; CCH R.441-5-3
        Convention ; du 01/01/2024 au 31/12/2026 ; convention
        Taux du réservataire (ligne i) ; droits en cours ÷ parc soumis du périmètre (ligne c) ; [001] annexe
        Report sur l'année suivante ; pas de report : actions correctives seulement ; [001] art. 8, [004] art. 9
        Échéance du bilan ; 28/02 de l'année suivante ; CCH R.441-5-1, convention
        Échéance de l'état des lieux ; 30/11 ; [001] art. 3, convention
        Habitat inclusif ; hors du parc soumis (option exclure_habitat_inclusif) ; [001] art. 1
        PLAI adaptés ; dans le parc soumis ; [003] art. 4
        Sédentarisation des gens du voyage ; dans le parc soumis ; [004] art. 2-1
        Agrément de l'article 109 de la loi ELAN ; dans le parc soumis ; [004] art. 2-1
        """,
        """code_reservataire = 'PORT' and ordre between 100 and 199
            and rubrique not like 'Taux de rotation%'
            and rubrique not in ('Décompte de l''objectif', 'Arrondis', 'Durée de la convention')""",
    )


def test_les_trois_conventions_se_contredisent_et_chacune_le_dit(base: Path) -> None:
    def regles(rubrique: str) -> list[str]:
        requete = "select regle from bilan.methode where rubrique = ? and ordre between 100 and 199"
        return [ligne["regle"] for ligne in lire(base, requete, [rubrique])]

    for rubrique in (
        "Taux du réservataire (ligne i)",
        "Taux de rotation (ligne d)",
        "Décompte de l'objectif",
        "Arrondis",
        "Report sur l'année suivante",
        "Échéance de l'état des lieux",
        "Durée de la convention",
        "Habitat inclusif",
    ):
        assert len(regles(rubrique)) == 3, rubrique
        assert len(set(regles(rubrique))) > 1, rubrique
    assert regles("Gestion partenariale") == [
        "les désignations par le bailleur comptent dans le flux (option partenariat_dans_flux)"
    ]


def test_sans_liberations_le_taux_est_dit_inconnu(tmp_path: Path) -> None:
    base = monter(tmp_path, {t: x for t, x in CAMPAGNE.items() if t != "liberations"}, ["bilan.methode"])
    (ligne,) = lire(
        base,
        "select regle from bilan.methode where code_reservataire = 'PORT' and rubrique = 'Taux de rotation (ligne d)'",
    )
    assert ligne["regle"].endswith("sur tout le bailleur ; libérations non fournies")


def test_toute_regle_a_une_source(base: Path) -> None:
    assert lire(base, "select rubrique, regle from bilan.methode where regle = '' or source = ''") == []


def test_la_duree_suit_la_convention(base: Path) -> None:
    """Boulbon ended on 31/12/2024 and is renewed tacitly; ALS: one year, renewed up to three. Both run in 2025."""
    assert lire(base, "select code_reservataire from controles.convention_hors_exercice") == []


def test_sans_reconduction_la_convention_finie_est_signalee(tmp_path: Path) -> None:
    sans = CAMPAGNE["reservataires"].replace("reconduction_tacite", "").replace("reconduction_annuelle_3_ans, ", "")
    base = monter(tmp_path, {**CAMPAGNE, "reservataires": sans}, ["controles.convention_hors_exercice"])
    verifier(
        base,
        "controles.convention_hors_exercice",
        """
        code_reservataire ; valeur
        BOULBON           ; 01/01/2022 – 31/12/2024
        ALS               ; 01/01/2024 – 31/12/2024
        """,
    )


def test_les_delais_des_avis_de_livraison_sont_dits(tmp_path: Path) -> None:
    """By default those of the family's model convention; with an option, that one alone ([000] to [002])."""
    options = "exclure_habitat_inclusif, renouvellement_par_avenant"
    assert options in CAMPAGNE["reservataires"]
    tables = CAMPAGNE | {"reservataires": CAMPAGNE["reservataires"].replace(options, "repartition_4_mois")}
    base = monter(tmp_path, tables, ["bilan.methode"])
    verifier(
        base,
        "bilan.methode",
        """
        code_reservataire ; split_part(regle, ' : ', 2)                           ; source
        PORT              ; 4 mois avant la livraison (option repartition_4_mois) ; [002] art. 4.2
        BOULBON           ; 6 mois avant la livraison (défaut)                    ; [001] art. 7
        BOULBON           ; 4 mois avant la livraison (défaut)                    ; [002] art. 4.2
        BOULBON           ; 3 mois avant la livraison (défaut)                    ; [001] art. 7
        """,
        "rubrique like 'Avis de livraison%' and code_reservataire in ('PORT', 'BOULBON')",
    )
