"""The models that documents show as they are: they add up, and say why."""

from pathlib import Path

import pytest

from tests.modeles.harnais import cas, lire, monter, verifier

CIBLES = ["bilan.repartition_croisee", "bilan.flux_detaille", "bilan.objectif_detaille", "bilan.a_signaler"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return monter(tmp_path_factory.mktemp("documents"), cas("quotas"), [*CIBLES, "bilan.synthese", "bilan.repartition"])


def test_les_reservataires_et_le_non_reserve_font_l_ensemble(base: Path) -> None:
    ecarts = lire(
        base,
        """
        select code_reservataire, dimension, modalite
        from bilan.repartition_croisee
        where partie = 'axe' and dimension not in ('epci', 'accessibilite', 'public', 'quartile')
        group by all
        having
            sum(ensemble_proposes) filter (where reservataire <> '')
            <> sum(ensemble_proposes) filter (where reservataire = '')
            or sum(ensemble_attribues) filter (where reservataire <> '')
            <> sum(ensemble_attribues) filter (where reservataire = '')
            or count(*) filter (where reservataire = '') <> 1
        """,
    )
    assert ecarts == []
    totaux = lire(
        base,
        """
        select code_reservataire, ensemble_attribues as nombre from bilan.repartition_croisee
        where reservataire = '' and dimension = 'total' and ensemble_attribues > 0 order by all""",
    )
    publies = lire(
        base,
        """
        select code_bilan as code_reservataire, sum(nombre) as nombre from bilan.repartition
        where mesure = 'attribues' and dimension = 'total' group by all having sum(nombre) > 0 order by all""",
    )
    assert totaux == publies != []


def test_une_modalite_a_ses_parts_sur_le_total_du_territoire(base: Path) -> None:
    parts = lire(
        base,
        """
        select code_reservataire, dimension, round(sum(ensemble_attribues_pct), 3) as part
        from bilan.repartition_croisee
        where partie = 'axe' and ensemble_attribues_pct is not null
            and (reservataire <> '') = (dimension not in ('epci', 'accessibilite', 'public', 'quartile'))
        group by all""",
    )
    assert parts and {ligne["part"] for ligne in parts} == {"100"}


def test_l_ensemble_montre_les_liberes_et_les_croisements(base: Path) -> None:
    """What was released is beside the whole; a crossing has the figures of `bilan.croisements`."""
    liberes = "select code_reservataire, dimension, modalite, nombre from bilan.mesures where mesure = 'liberations'"
    montres = """
        select code_reservataire, dimension, modalite, liberations as nombre from bilan.repartition_croisee
        where liberations > 0"""
    axes = "dimension in ('total', 'typologie', 'financement', 'qpv', 'commune') and nombre > 0"
    attendus = lire(base, f"select * from ({liberes}) where {axes} order by all")
    assert lire(base, f"select * from ({montres}) where {axes} order by all") == attendus != []
    croises = """
        select code_reservataire, {cle} as croisement, sum({p}proposes) as p, sum({p}attribues) as a, sum(refus) as r
        from {table} group by all order by all"""
    montres = croises.format(
        cle="dimension", p="ensemble_", table="(from bilan.repartition_croisee where partie = 'croisement')"
    )
    assert lire(base, montres) == lire(base, croises.format(cle="croisement", p="", table="bilan.croisements")) != []


def test_ce_qui_compte_fait_le_decompte(base: Path) -> None:
    """The dwellings said to count, by reason, add up to the décompte of each convention."""
    ecarts = lire(
        base,
        """
        select synthese.code_reservataire
        from bilan.synthese
        inner join bilan.entetes using (code_reservataire)
        left join (
            select code_reservataire, count(*) as nombre from bilan.logements where compte = 'oui' group by all
        ) as comptes using (code_reservataire)
        where entetes.dossier <> '_bailleur' and synthese.decompte <> coalesce(comptes.nombre, 0)""",
    )
    assert ecarts == []


def test_le_flux_detaille_a_les_valeurs_de_l_annexe(base: Path) -> None:
    ecarts = lire(
        base,
        """
        select code_reservataire, ligne, valeur from bilan.lignes_flux
        except select code_reservataire, ligne, valeur from bilan.flux_detaille""",
    )
    assert ecarts == []
    lettres = lire(base, "select distinct lettre from bilan.flux_detaille where length(ligne) > 1")
    assert lettres in ([{"lettre": ""}], [])


def test_ce_qui_n_est_pas_fourni_est_signale(tmp_path: Path) -> None:
    tables = {t: x for t, x in cas("quotas").items() if t in ("rpls", "reservataires", "attributions")}
    verifier(
        monter(tmp_path, tables, ["bilan.a_signaler"]),
        "bilan.a_signaler",
        """
        code_reservataire ; feuille ; texte
        VILLE ; ; Données non fournies au calcul : droits, liberations, objectifs, previsions, propositions. Les chiffres qui en dépendent sont inconnus, pas nuls.
        """,  # noqa: E501
        "code_reservataire = 'VILLE' and feuille = ''",
    )
