"""Amounts against Python fractions: the functions of `sql/fonctions.sql`, then the models from the parc to lines a…j.

Nothing here overflows and everything is exact to the unit published, with 60, 600 and 2 000 territories under one code,
parcs of 1 to 600 000 dwellings, every mode of rate and of rotation, every rounding.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random

import duckdb
import polars as pl
import pytest

from flows.entrepot.modeles import lire_modele
from tests.modeles.harnais import monter

SQL = Path(__file__).parents[2] / "sql"
MODELES = (
    "intermediaire/rotation/rotation_rpls",
    "intermediaire/rotation/rotation_liberations",
    "intermediaire/flux/soustractions",
    "intermediaire/flux/entrees_flux",
    "intermediaire/flux/calcul_flux",
    "intermediaire/flux/part_reservataire",
    "bilan/flux/lignes_flux",
)
TAUX = ("imprime", "droits_sur_parc", "droits_sur_parc_soumis")
ROTATIONS = ("liberations_territoire", "liberations_bailleur", "rpls_territoire", "rpls_bailleur", "fixe")
ETAPES = ("aucun", "unite")
FINAUX = ("aucun", "unite_demi_superieur", "unite_inferieur", "decimale_1", "decimale_2")
TERRITOIRES = (1, 2, 60, 600, 2000)


def arrondir(valeur: Fraction, decimales: int) -> Fraction:
    """Half up, away from zero for a negative."""
    echelle = 10**decimales
    signe = -1 if valeur < 0 else 1
    return Fraction(signe * ((2 * abs(valeur) * echelle + 1) // 2), echelle)


def quotient(numerateur: Fraction | int, denominateur: Fraction | int) -> Fraction:
    """A quotient whose denominator is 0 is 0."""
    return Fraction(numerateur) / denominateur if denominateur else Fraction(0)


@dataclass(frozen=True)
class Convention:
    """One convention with its own territory, in the terms of the contract; `previsions`: number, part of S ∩ T."""

    code: str
    identifiant: str
    total: int
    soumis: int
    liberations: int
    liberations_3_ans: int
    baux: int
    proposes: int
    mode_taux: str
    base_rotation: str
    etapes: str
    final: str
    taux_pct: Decimal
    retrocession_pct: Decimal
    recu_pct: Decimal
    rotation_pct: Decimal
    droits: Decimal
    previsions: tuple[tuple[Decimal, int, int], ...]


@dataclass
class Bailleur:
    """What the conventions are computed on, and the right that the conventions of one code share (0: none)."""

    conventions: list[Convention]
    partages: dict[str, Decimal] = field(default_factory=dict)
    annees: int = 3

    def somme(self, champ: str) -> int:
        return sum(getattr(c, champ) for c in self.conventions)

    def echelle(self, c: Convention) -> dict[str, Fraction]:
        """Lines a…j of one convention, by the contract."""
        if c.base_rotation == "fixe":
            d = Fraction(c.rotation_pct) / 100
        elif c.base_rotation.startswith("rpls"):
            sur = (c.baux, c.proposes) if c.base_rotation == "rpls_territoire" else (self.baux, self.proposes)
            d = quotient(*sur)
        else:
            entier = c.base_rotation == "liberations_bailleur"
            un_an, trois_ans, parc = (
                (self.liberations, self.liberations_3_ans, self.soumis)
                if entier
                else (c.liberations, c.liberations_3_ans, c.soumis)
            )
            d = quotient(un_an, parc) if un_an else quotient(trois_ans, parc * self.annees)
        e_exact = c.soumis * d
        e = arrondir(e_exact, 0) if c.etapes == "unite" else e_exact
        f = sum((Fraction(n) * p / q for n, p, q in c.previsions), Fraction(0))
        h_exact = max(e - f, Fraction(0))
        h = arrondir(h_exact, 0) if c.etapes == "unite" else h_exact
        points = (Fraction(c.recu_pct) - Fraction(c.retrocession_pct)) / 100
        if c.mode_taux == "imprime":
            part = Fraction(c.taux_pct) / 100
        else:
            droits = Fraction(c.droits)
            if partage := self.partages.get(c.code):
                droits += Fraction(partage) * quotient(c.soumis, self.soumis_du_code[c.code])
            part = quotient(droits, c.total if c.mode_taux == "droits_sur_parc" else c.soumis)
        i = max(part + points, Fraction(0))
        j_exact = h * i
        j = {
            "unite_demi_superieur": lambda: arrondir(j_exact, 0),
            "unite_inferieur": lambda: Fraction(j_exact // 1),
            "decimale_1": lambda: arrondir(j_exact, 1),
            "decimale_2": lambda: arrondir(j_exact, 2),
            "aucun": lambda: j_exact,
        }[c.final]()
        return {
            "a": Fraction(c.total), "c": Fraction(c.soumis), "d": d, "e": e, "e_exact": e_exact, "f": f,
            "h": h, "h_exact": h_exact, "i": i, "j": j, "j_exact": j_exact,
        }  # fmt: skip

    def lignes(self, code: str) -> dict[tuple[str, str], Fraction]:
        """(line, `valeur` or `valeur_exacte`) → what is published for a code, six decimals, d and i in percent."""
        echelles = [self.echelle(c) for c in self.conventions if c.code == code]
        s = {nom: sum((x[nom] for x in echelles), Fraction(0)) for nom in echelles[0]}
        seul = len(echelles) == 1
        d = 100 * (s["d"] if seul else quotient(s["e"], s["c"]))
        i = 100 * (s["i"] if seul else quotient(s["j"], s["h"]))
        valeurs = {"a": s["a"], "b": s["a"] - s["c"], "c": s["c"], "d": d, "e": s["e"], "f": s["f"], "g": Fraction(0),
                   "h": s["h"], "i": i, "j": s["j"], "objectif": s["j"]}  # fmt: skip
        exactes = valeurs | {"e": s["e_exact"], "h": s["h_exact"], "j": s["j_exact"]}
        return {
            (ligne, colonne): arrondir(valeur, 6)
            for colonne, source in (("valeur", valeurs), ("valeur_exacte", exactes))
            for ligne, valeur in source.items()
        }

    def __post_init__(self) -> None:
        self.soumis, self.liberations = self.somme("soumis"), self.somme("liberations")
        self.liberations_3_ans, self.baux = self.somme("liberations_3_ans"), self.somme("baux")
        self.proposes = self.somme("proposes")
        self.soumis_du_code: dict[str, int] = {}
        for c in self.conventions:
            self.soumis_du_code[c.code] = self.soumis_du_code.get(c.code, 0) + c.soumis


def tirer(
    hasard: Random, code: str, nombre: int, taux: str, rotation: str, etapes: str, final: str
) -> list[Convention]:
    """`nombre` conventions of one code; all their parcs make 600 000 dwellings at most, some are empty."""
    plus_grand = 600_000 // nombre
    conventions = []
    for rang in range(nombre):
        total = hasard.choice([hasard.randint(1, plus_grand), hasard.randint(1, min(plus_grand, 40)), plus_grand])
        soumis = hasard.choice([total, hasard.randint(0, total), total - total // 50])
        un_an = hasard.choice([0, hasard.randint(0, max(soumis // 8, 1))])
        proposes = hasard.randint(0, total)
        previsions = tuple(
            (Decimal(hasard.randint(0, 9_000_000)).scaleb(-hasard.choice([3, 6])), hasard.randint(0, q), q)
            for q in [hasard.randint(1, 600_000) for _ in range(hasard.randint(0, 3))]
        )
        conventions.append(
            Convention(
                code, f"{code} {rang}", total, soumis, un_an, un_an + hasard.randint(0, max(soumis // 4, 1)),
                hasard.randint(0, proposes), proposes, taux, rotation, etapes, final,
                Decimal(hasard.randint(0, 40_000_000)).scaleb(-6), Decimal(hasard.randint(0, 2_000_000)).scaleb(-6),
                Decimal(hasard.choice([0, hasard.randint(0, 3_000_000)])).scaleb(-6),
                Decimal(hasard.randint(0, 20_000_000)).scaleb(-6),
                Decimal(hasard.randint(0, total * 300_000)).scaleb(-hasard.choice([6, 6, 0]) if total < 1000 else -6),
                previsions,
            )
        )  # fmt: skip
    return conventions


def fonctions() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema ref; create schema intermediaire; create schema bilan")
    con.execute((SQL / "fonctions.sql").read_text(encoding="utf-8"))
    return con


def poser(con: duckdb.DuckDBPyConnection, table: str, colonnes: str, lignes: Iterable[tuple[object, ...]]) -> None:
    """A table of the warehouse with these columns (`nom type, …`) and rows."""
    con.execute(f"create table {table} ({colonnes})")
    textes = [[str(valeur) for valeur in ligne] for ligne in lignes]
    if textes:
        trame = pl.DataFrame(textes, orient="row")
        con.register("trame", trame)
        con.execute(f"insert into {table} from trame")


def calculer(bailleur: Bailleur) -> duckdb.DuckDBPyConnection:
    """The models that make the amounts, on the tables of what they read."""
    con, conventions = fonctions(), bailleur.conventions
    lieux = {c.identifiant: rang for rang, c in enumerate(conventions)}
    dates = [(u, c) for u in ("bilan", "annexe") for c in conventions]
    con.execute(
        "create table ref.exercice as select 2025 as annee, date '2025-12-31' as date_fin, false as est_provisoire"
    )
    for liste in ("categories", "lignes_flux", "motifs_exclusion", "types_reservataire"):
        con.execute(
            f"create table ref.{liste} as from read_csv('{SQL / 'ref' / liste}.csv', delim = ';', all_varchar = true)"
        )
    con.execute(
        "alter table ref.categories alter ordre type integer; alter table ref.lignes_flux alter ordre type integer"
    )
    con.execute("alter table ref.motifs_exclusion alter ordre type integer")
    poser(con, "ref.tables_fournies", "table_metier varchar, est_fournie boolean",
          [(t, True) for t in ("droits", "previsions", "liberations")])  # fmt: skip
    poser(con, "intermediaire.temps_ecoule", "jours_annee integer, jours_ecoules integer", [])
    poser(con, "intermediaire.ecart_objectif", "code_reservataire varchar, report decimal(18, 6)", [])
    poser(con, "intermediaire.conventions", "code_reservataire varchar, type_reservataire varchar, numero integer", [])
    poser(con, "intermediaire.exclusions_retenues",
          "usage varchar, profil varchar, id_lieu bigint, motif_exclusion varchar", [])  # fmt: skip
    poser(con, "intermediaire.bilans_a_date",
          "usage varchar, code_reservataire varchar, nature_bilan varchar, id_convention varchar, profil varchar, "
          "portee_rotation varchar",
          [(u, c.code, "reservataire", c.identifiant, "",
            "bailleur" if c.base_rotation.endswith("bailleur") else "territoire") for u, c in dates])  # fmt: skip
    poser(con, "intermediaire.perimetres_lieux",
          "usage varchar, code_reservataire varchar, id_lieu bigint, id_convention varchar, nature_bilan varchar, "
          "profil varchar",
          [(u, c.code, lieux[c.identifiant], c.identifiant, "reservataire", "") for u, c in dates])  # fmt: skip
    poser(con, "intermediaire.parc_lieux",
          "usage varchar, profil varchar, id_lieu bigint, nb_logements bigint, nb_soumis bigint",
          [(u, "", lieux[c.identifiant], c.total, c.soumis) for u, c in dates])  # fmt: skip
    poser(con, "intermediaire.liberations_lieux",
          "profil varchar, id_lieu bigint, nb_liberations bigint, nb_liberations_3_ans bigint",
          [("", lieux[c.identifiant], c.liberations, c.liberations_3_ans) for c in conventions])  # fmt: skip
    poser(con, "intermediaire.liberations_uniques", "annee_liberation integer, date_liberation date",
          [(annee, f"{annee}-06-01") for annee in (2023, 2024, 2025)])  # fmt: skip
    poser(con, "intermediaire.mobilite_lieux",
          "id_lieu bigint, nb_baux bigint, nb_proposes bigint, nb_vacants bigint, nb_loues_ou_vacants bigint, "
          "est_occupation_fournie boolean",
          [(lieux[c.identifiant], c.baux, c.proposes, 0, c.proposes, True) for c in conventions])  # fmt: skip
    poser(con, "intermediaire.conventions_datees",
          "id_convention varchar, mode_taux varchar, base_rotation varchar, arrondi_etapes varchar, "
          "arrondi_final varchar, taux_pct decimal(18, 6), taux_retrocession_pct decimal(18, 6), "
          "taux_recu_pct decimal(18, 6), taux_rotation_pct decimal(18, 6)",
          [(c.identifiant, c.mode_taux, c.base_rotation, c.etapes, c.final, c.taux_pct, c.retrocession_pct,
            c.recu_pct, c.rotation_pct) for c in conventions])  # fmt: skip
    poser(con, "intermediaire.droits_en_cours",
          "id_convention varchar, nombre_droits decimal(18, 6), nb_droits_comptes decimal(38, 18), "
          "part_numerateur bigint, part_denominateur bigint, est_compte boolean",
          [(c.identifiant, c.droits, c.droits, 1, 1, True) for c in conventions]
          + [(c.identifiant, bailleur.partages[c.code], Decimal(0), c.soumis, bailleur.soumis_du_code[c.code], True)
             for c in conventions if c.code in bailleur.partages])  # fmt: skip
    previsions = [(c.identifiant, f"{c.identifiant}-{r}", *p) for c in conventions for r, p in enumerate(c.previsions)]
    poser(con, "intermediaire.previsions_retenues",
          "usage varchar, categorie varchar, nombre decimal(18, 6), echelle varchar, code_territoire varchar, "
          "sort_prevision varchar",
          [("annexe", "mutation_interne", n, "commune", t, "retenue") for _, t, n, _, _ in previsions])  # fmt: skip
    poser(con, "intermediaire.parts_previsions",
          "usage varchar, id_convention varchar, echelle varchar, code_territoire varchar, part_numerateur bigint, "
          "part_denominateur bigint",
          [("annexe", c, "commune", t, p, q) for c, t, _, p, q in previsions])  # fmt: skip
    for nom in MODELES:
        modele = lire_modele(SQL / f"{nom}.sql", SQL)
        con.execute(f"create table {modele.nom} as {modele.requete}")
    return con


def comparer(bailleur: Bailleur) -> None:
    """Every line of every code is the one computed with fractions, to the last published digit."""
    con = calculer(bailleur)
    codes = list(dict.fromkeys(c.code for c in bailleur.conventions))
    attendu = {(code, *cle): valeur for code in codes for cle, valeur in bailleur.lignes(code).items()}
    lu = {
        (code, ligne, colonne): valeur
        for code, ligne, *valeurs in con.execute(
            "select code_reservataire, ligne, valeur, valeur_exacte from bilan.lignes_flux "
            "where not contains(ligne, '.') and ligne <> 'report'"
        ).fetchall()
        for colonne, valeur in zip(("valeur", "valeur_exacte"), valeurs, strict=True)
    }
    faux = {cle: (lu.get(cle), float(v)) for cle, v in attendu.items() if cle not in lu or lu[cle] != v}
    assert not faux, dict(list(faux.items())[:5])
    assert lu.keys() == attendu.keys()
    parts = dict(con.execute("select code_reservataire, part from intermediaire.part_reservataire").fetchall())
    for code in codes:
        echelles = [bailleur.echelle(c) for c in bailleur.conventions if c.code == code]
        ponderee = quotient(sum((x["c"] * x["i"] for x in echelles), Fraction(0)), sum(x["c"] for x in echelles))
        if len(echelles) > 1:
            assert abs(Fraction(parts[code]) - ponderee) < Fraction(1, 10**14), code


@pytest.mark.parametrize("nombre", TERRITOIRES)
def test_toutes_les_regles_sur_beaucoup_de_territoires(nombre: int) -> None:
    """Each code has its modes; half of them share rights without a dwelling; 600 000 dwellings a code at most."""
    hasard = Random(nombre)
    regles = list(product(TAUX, ROTATIONS, ETAPES, FINAUX))
    if nombre > 2:
        regles = hasard.sample(regles, 8 if nombre < 2000 else 2)
    bailleur = Bailleur([c for rang, r in enumerate(regles) for c in tirer(hasard, f"R{rang:03}", nombre, *r)])
    bailleur.partages = {f"R{rang:03}": Decimal("7.123457") for rang in range(0, len(regles), 2)}
    comparer(bailleur)


def test_un_code_de_deux_mille_territoires_de_toutes_les_regles() -> None:
    """One code mixes every mode and every rounding, on territories of every size."""
    hasard = Random(2)
    regles = list(product(TAUX, ROTATIONS, ETAPES, FINAUX))
    conventions = [tirer(hasard, "R", 1, *regles[rang % len(regles)])[0] for rang in range(2000)]
    bailleur = Bailleur(
        [replace(c, identifiant=f"R {rang:04}") for rang, c in enumerate(conventions)], {"R": Decimal("12.5")}
    )
    comparer(bailleur)


FONCTIONS: dict[str, Callable[..., Fraction]] = {
    "arrondi(x, 0)": lambda x, y: arrondir(x, 0),
    "arrondi(x, 2)": lambda x, y: arrondir(x, 2),
    "en_decimal(x)": lambda x, y: arrondir(x, 6),
    "positif(x)": lambda x, y: max(x, Fraction(0)),
    "tronque(abs(x))": lambda x, y: Fraction(abs(x) // 1),
    "quotient_pct(x, y)": lambda x, y: arrondir(100 * quotient(x, y), 6),
    "montant(unites(x))": lambda x, y: x,
}


@pytest.mark.parametrize("expression", FONCTIONS)
def test_les_fonctions_sont_celles_des_fractions(expression: str) -> None:
    """Halves, their neighbours in millionths, negatives, zeros, and up to 1.2 billion dwellings."""
    hasard = Random(expression)
    nombres = [Decimal(n).scaleb(-6) for n in (0, 1, 499_999, 500_000, 500_001, 1_500_000, 2_499_999, 600_000_000_000)]
    nombres += [Decimal(hasard.randint(0, 10 ** hasard.randint(1, 15))).scaleb(-6) for _ in range(2000)]
    paires = [(x * signe, abs(hasard.choice(nombres))) for x in nombres for signe in (1, -1)]
    con = fonctions()
    poser(con, "n", "x decimal(38, 18), y decimal(38, 18)", paires)
    calcul = FONCTIONS[expression]
    for x, y, lu in con.execute(f"select x, y, {expression} from n").fetchall():
        assert lu == calcul(Fraction(x), Fraction(y)), (x, y)


def test_une_part_est_coupee_a_moins_d_une_unite() -> None:
    hasard = Random(5)
    lignes = [
        (Decimal(hasard.randint(0, 10**12)).scaleb(-6), hasard.randint(0, d), d)
        for d in [hasard.choice([0, 1, 3, 7, 600_000, hasard.randint(1, 10**17)]) for _ in range(3000)]
    ]
    con = fonctions()
    poser(con, "n", "x decimal(38, 18), n hugeint, d hugeint", lignes)
    for x, n, d, lu in con.execute("select x, n, d, part_de(x, n, d) from n").fetchall():
        assert 0 <= Fraction(x) * quotient(int(n), int(d)) - Fraction(lu) < Fraction(1, 10**18), (x, n, d)


def test_un_produit_est_exact_et_ne_deborde_jamais() -> None:
    """Any two amounts whose product is a number of dwellings: a part of 1 654 dwellings for one stopped a campaign."""
    hasard = Random(8)
    nombres = [Decimal(hasard.randint(0, 10 ** hasard.randint(1, 28))).scaleb(-18) for _ in range(3000)]
    paires = [(x * hasard.choice([1, -1]), hasard.choice(nombres)) for x in nombres]
    paires = [(x, y) for x, y in paires if abs(x * y) < 10**18]
    assert any(abs(x) > 10**9 for x, _ in paires) and any(y > 10**9 for _, y in paires)
    con = fonctions()
    poser(con, "n", "x decimal(38, 18), y decimal(38, 18)", paires)
    for x, y, lu in con.execute("select x, y, produit(x, y) from n").fetchall():
        assert 0 <= abs(Fraction(x) * Fraction(y)) - abs(Fraction(lu)) < Fraction(1, 10**18), (x, y)


def test_une_campagne_demesuree_se_calcule(tmp_path: Path) -> None:
    """The greatest numbers that the reading accepts, in every table: absurd, told by the controls, and computed."""
    grand, taux = "99999999,999999", "99,999999"
    reservataires = [
        f"R{rang}; R {rang}; {genre}; {echelle}; {mode}; {taux}; 3; {base}; {taux}; bail; {etapes}; {final}; oui"
        for rang, (genre, echelle, mode, base, (etapes, final)) in enumerate(
            zip(
                ("etat_prioritaires", "etat_fonctionnaires", "action_logement", "commune", "departement", "employeur"),
                ("bailleur; ", "departement; 2A", "bailleur; ", "commune; 2A004", "departement; 2A", "bailleur; "),
                ("imprime", *TAUX, "imprime", "droits_sur_parc"),
                ("fixe", *ROTATIONS),
                product(ETAPES, ("aucun", "decimale_2", "unite_inferieur")),
                strict=True,
            )
        )
    ]
    droits = [
        f"R{rang}; {ident}; {nature}; {origine}; {grand}"
        for rang, nature, origine in (
            (0, "contingent", "subvention"), (1, "contingent", "garantie_emprunt"), (2, "ds", "peec"),
            (2, "du", "pnru"), (3, "contingent", "garantie_emprunt"), (5, "ds", "subvention"),
        )
        for ident in (1, 2, 3)
    ]  # fmt: skip
    tables = {
        "reservataires": "code_reservataire; libelle; type_reservataire; echelle; code_territoire; mode_taux; "
        "taux_pct; taux_retrocession_pct; base_rotation; taux_rotation_pct; evenement_decompte; arrondi_etapes; "
        "arrondi_final; report_n1\n" + "\n".join(reservataires),
        "droits": "code_reservataire; ident_rep; nature_droit; origine_droit; nombre_droits\n" + "\n".join(droits),
        "rpls": "millesime; ident_rep; depcom; finan; qpv; locat\n"
        + "\n".join(f"{an}; {i}; 2A004; 13; 2; 1990" for an in (2025, 2026) for i in (1, 2, 3)),
        "liberations": "ident_rep; date_liberation\n1; 10/01/2025",
        "propositions": "id_proposition; ident_rep; code_reservataire; date_mise_a_disposition; issue\n"
        "P1; 1; R0; 01/02/2025; candidats",
        "attributions": "id_decision; id_proposition; ident_rep; code_reservataire; date_caleol; decision; "
        "date_signature_bail; categorie\nD1; P1; 1; R0; 15/02/2025; attribution; 01/03/2025; droit_commun",
        "previsions": "annee; categorie; nombre\n"
        + "\n".join(
            f"{an}; {quoi}; {grand}" for an in (2025, 2026) for quoi in ("mutation_interne", "relogement_anru")
        ),
        "objectifs": "annee; code_reservataire; flux_reservataire; report_anterieur\n"
        + "\n".join(f"2025; R{rang}; {grand}; {grand}" for rang in range(6)),
        "volumes_droits": f"annee; code_reservataire; volume_negocie; stock_ouverture\n2025; R2; {grand}; {grand}",
        "coefficients_npnru": f"zone_npnru; coefficient; nb_logements\nZ1; {grand}; 99999999",
    }
    base = monter(tmp_path, tables)
    with duckdb.connect(str(base), read_only=True) as con:
        lues = con.execute(
            "select count(distinct code_reservataire) from bilan.lignes_flux where ligne = 'j'"
        ).fetchone()
    assert lues == (6,)


@pytest.mark.parametrize("expression", ["part_de(x, 1, 3)", "arrondi(x, 0)", "en_decimal(x)", "positif(x)"])
def test_l_inconnu_reste_inconnu(expression: str) -> None:
    con = fonctions()
    assert con.execute(f"select {expression} from (select cast(null as decimal(38, 18)) as x)").fetchall() == [(None,)]


@pytest.mark.parametrize("tous", ["600", "3197", "22520.333333333333333333", "3000000", "0.000001"])
@pytest.mark.parametrize("part", ["0", "0.333333333333333333", "1"])
def test_la_part_des_garanties_ne_deborde_jamais(tous: str, part: str) -> None:
    """A State of 30 % with six hundred rights in its inventory stopped a whole campaign."""
    d = Decimal(tous)
    n = (d * Decimal(part)).quantize(Decimal(1).scaleb(-18))
    for i in ("0.3", "1", "0.000000000000000001", "0.072115384615384615"):
        requete = "select part_de_montants(" + ", ".join(f"cast('{v}' as decimal(38, 18))" for v in (i, n, d)) + ")"
        (lue,) = fonctions().execute(requete).fetchone() or (None,)
        assert abs(Fraction(lue) - Fraction(i) * Fraction(n) / Fraction(d)) <= Fraction(2, 10**18)


@pytest.mark.parametrize(
    ("combien", "fin"), [(1, "n1"), (10, "n9, n10"), (11, "n9, n10 et 1 autre"), (300, "n9, n10 et 290 autres")]
)
def test_une_longue_liste_de_noms_est_coupee(combien: int, fin: str) -> None:
    with duckdb.connect() as con:
        con.execute((SQL / "fonctions.sql").read_text(encoding="utf-8"))
        noms = ", ".join(f"n{i}" for i in range(1, combien + 1))
        (dit,) = con.execute("select debut_de_liste(?)", [noms]).fetchone() or ("",)
    assert dit.startswith("n1") and dit.endswith(fin) and dit.count(", ") < 10
