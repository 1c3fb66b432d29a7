"""A campaign is remembered, compared, explained, explored, sent; each verb on the real command."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from flows.anomalies import MauvaisUsage
from flows.publication import manifeste, versions
from flows.vie import entrepots, explication, explorer, remise, restitution
from tests.commande import RACINE, ecrire_table, gestion_flux
from tests.pannes.campagne_saine import ANNEE, deposer
from tests.vie.campagnes import Vie, lire_json, publier, remplacer, vivre


@pytest.fixture(scope="module")
def vie(tmp_path_factory: pytest.TempPathFactory, saine_publiee: Path) -> Vie:
    return vivre(tmp_path_factory.mktemp("vie"), saine_publiee)


def test_chaque_publication_est_conservee_et_le_contenu_egal_n_est_ecrit_qu_une_fois(vie: Vie) -> None:
    premiere, seconde = versions.lister(vie.sorties)
    assert (premiere.numero, seconde.numero) == (1, 2)
    assert seconde.identifiant == versions.identifiant(vie.sorties) != premiere.identifiant
    inchange, change = "bilan/ETAT/flux_2026_ETAT.csv", "bilan/VILLE/bilan_2025_VILLE.csv"
    assert (premiere.dossier / inchange).samefile(seconde.dossier / inchange)
    assert not (seconde.dossier / inchange).samefile(vie.sorties / inchange)  # a hand on the outputs touches no version
    assert (premiere.dossier / change).read_bytes() != (seconde.dossier / change).read_bytes()


def _imprimees(publie: Path, code: str) -> tuple[set[str], str]:
    """The versions that the documents of a code print and that the manifest gives them; what « Lisez-moi » says."""
    fiches = manifeste.lire_manifeste(publie)["sorties"]
    siens = {nom: fiche for nom, fiche in fiches.items() if nom.startswith(f"bilan/{code}/")}
    lues = {str(fiche.get("version")) for fiche in siens.values()}
    classeur = openpyxl.load_workbook(publie / f"bilan/{code}/bilan_{ANNEE}_{code}.xlsx")
    (notice,) = [ligne[1].value for ligne in classeur["Lisez-moi"].iter_rows() if ligne[0].value == "Version"]
    lues |= {f.oddFooter.left.text.rpartition(" – ")[2] for f in classeur} | {str(notice).partition(".")[0]}
    lues.add(str(classeur.properties.contentStatus))
    page = (publie / f"bilan/{code}/bilan_{ANNEE}_{code}.html").read_text(encoding="utf-8")
    lues |= set(re.findall(r"<dt>Version</dt><dd>([^<]*)</dd>", page))
    word = docx.Document(str(publie / f"bilan/{code}/annexe_{ANNEE + 1}_{code}.docx"))
    pied = word.sections[0].footer.paragraphs[0].text.partition("\t")[0]
    return lues | {pied.rpartition(" – ")[2], word.core_properties.content_status}, str(notice)


def test_chaque_document_porte_la_version_qui_l_a_change(vie: Vie) -> None:
    premiere, seconde = (version.dossier for version in versions.lister(vie.sorties))
    (envoyee,), notice = _imprimees(premiere, "VILLE")
    assert re.fullmatch(r"v1 · [0-9a-f]{8}", envoyee) and notice == f"{envoyee}."
    (actuelle,), notice = _imprimees(vie.sorties, "VILLE")
    assert re.fullmatch(r"v2 · [0-9a-f]{8}", actuelle) and actuelle[-8:] != envoyee[-8:]
    # one proposition of VILLE was annulled since it was sent
    assert notice.startswith(f"{actuelle}. Remplace {envoyee}, remise le 27/02/2026 ; ce qui a changé : ")
    avant, apres = (_total(dossier, "VILLE", "mises_a_disposition") for dossier in (premiere, seconde))
    assert f"Logements mis à disposition, en flux {apres} au lieu de {avant}" in notice
    # the distribution shows every réservataire of a territory: only who is elsewhere keeps its version, hence its bytes
    avant, apres = (_par_classeur(dossier) for dossier in (premiere, vie.sorties))
    gardes = {nom for nom in avant if avant[nom] == apres[nom]}
    assert {Path(nom).stem for nom in gardes} == {f"bilan_{ANNEE}_epci_242010056"}
    for nom in avant:
        dossier, fin = Path(nom).parent, Path(nom).stem.partition(str(ANNEE))[2]
        siens = [f for f in (premiere / dossier).iterdir() if f.stem.endswith(fin)]
        egaux = [f.read_bytes() == (vie.sorties / dossier / f.name).read_bytes() for f in siens]
        assert all(egaux) is (nom in gardes) and len(egaux) > 3, nom
    dit = gestion_flux("historique", ANNEE, "--sorties", vie.sorties, "--version", envoyee[-8:]).stdout
    assert f"{envoyee}  bilan/VILLE/bilan_{ANNEE}_VILLE.xlsx" in dit and "remplacé depuis" in dit
    gestion_flux("historique", ANNEE, "--sorties", vie.sorties, "--version", "00000000", attendu=1)


@pytest.mark.parametrize(
    "nom", [f"bilan_{ANNEE}_VILLE.xlsx", f"bilan_{ANNEE}_VILLE.html", f"annexe_{ANNEE + 1}_VILLE.docx"]
)
def test_un_document_retouche_dit_la_version_qu_il_porte(vie: Vie, tmp_path: Path, nom: str) -> None:
    copie = tmp_path / nom
    octets = (versions.lister(vie.sorties)[0].dossier / "bilan/VILLE" / nom).read_bytes()
    copie.write_bytes(octets + b" ")
    dit = gestion_flux("historique", ANNEE, "--sorties", vie.sorties, "--fichier", copie, attendu=1).stdout
    assert re.search(r"modifié depuis sa publication ; il porte la version v1 · [0-9a-f]{8},", dit)


def test_refaire_ou_revenir_en_arriere_rend_les_memes_octets(vie: Vie, tmp_path: Path) -> None:
    copie = tmp_path / "out"
    shutil.copytree(vie.sorties.parent, copie)
    sorties, entrees = copie / str(ANNEE), tmp_path / "in"
    shutil.copytree(vie.entrees, entrees)
    publier(entrees, sorties, "--refaire")
    for code in ("VILLE", "ETAT"):
        assert _imprimees(sorties, code) == _imprimees(vie.sorties, code)
    # the correction is taken back: what VILLE was sent is what is published again, to the byte
    remplacer(entrees / "propositions.csv", "P1;0037273001;VILLE;15/01/2025;non;15/02/2025;3;annulation",
              "P1;0037273001;VILLE;15/01/2025;non;15/02/2025;3;candidats")  # fmt: skip
    publier(entrees, sorties)
    envoye = versions.lister(sorties)[0].dossier / "bilan/VILLE"
    for fichier in sorted(envoye.iterdir()):
        assert fichier.read_bytes() == (sorties / "bilan/VILLE" / fichier.name).read_bytes(), fichier.name
    assert not remise.envois_perimes(sorties)


def _par_classeur(publie: Path) -> dict[str, str]:
    fiches = manifeste.lire_manifeste(publie)["sorties"]
    return {n: f["version"] for n, f in fiches.items() if n.startswith("bilan/") and n.endswith(".xlsx")}


def _total(publie: Path, code: str, mesure: str) -> str:
    lu = (publie / f"bilan/{code}/bilan_{ANNEE}_{code}.csv").read_text(encoding="utf-8-sig")
    return re.findall(rf";{mesure};total;total;([^;]*);", lu)[0]


def test_les_dix_dernieres_versions_et_celles_envoyees_restent(tmp_path: Path, vie: Vie) -> None:
    copie = tmp_path / "out"
    shutil.copytree(vie.sorties.parent, copie, symlinks=True)
    sorties, lieu = copie / str(ANNEE), copie / versions.VERSIONS / str(ANNEE)
    for numero in range(3, 14):
        shutil.copytree(lieu / "v2", lieu / f"v{numero}")
        (lieu / f"v{numero}" / "manifeste.json").write_text(f'{{"v": {numero}}}', encoding="utf-8")
    versions._elaguer(sorties)
    # v1 was sent to VILLE: it stays; of the others, the last ten
    assert [v.numero for v in versions.lister(sorties)] == [1, *range(4, 14)]


def test_l_historique_dit_chaque_execution(vie: Vie) -> None:
    lus: Any = lire_json("historique", ANNEE, "--sorties", vie.sorties)
    assert [p["resultat"] for p in lus] == ["publié", "refusé", "envoyé", "publié"]
    assert [p["version"][:4] for p in lus] == ["v2 ·", "", "v1 ·", "v1 ·"]
    assert "reservataires.csv" in lus[1]["detail"] and "VILLE" in lus[2]["detail"]
    assert all(p["duree_s"] is not None for p in lus if p["resultat"] in ("publié", "refusé"))
    ecran = gestion_flux("historique", ANNEE, "--sorties", vie.sorties).stdout
    assert len(ecran.splitlines()) == 5 and ecran.splitlines()[-1].endswith("gestion-flux comparer")


def test_un_fichier_en_main_dit_sa_version(vie: Vie, tmp_path: Path) -> None:
    ancien = next(v for v in versions.lister(vie.sorties)).dossier / "bilan/VILLE/bilan_2025_VILLE.csv"
    renomme = tmp_path / "recu.csv"
    shutil.copy(ancien, renomme)
    dit = gestion_flux("historique", ANNEE, "--sorties", vie.sorties, "--fichier", renomme).stdout
    assert "version v1 ·" in dit and "intact, remplacé depuis" in dit
    touche = tmp_path / "bilan_2025_VILLE.csv"
    touche.write_bytes(ancien.read_bytes() + b"\r\n")
    dit = gestion_flux("historique", ANNEE, "--sorties", vie.sorties, "--fichier", touche, attendu=1).stdout
    assert "modifié depuis sa publication" in dit


def test_comparer_donne_la_cause_et_les_envois_perimes(vie: Vie, tmp_path: Path) -> None:
    rendu: Any = lire_json("comparer", "--sorties", vie.sorties)
    causes = {(c["genre"], c["objet"], c["avant"], c["apres"]) for c in rendu["causes"]}
    assert causes == {("ligne modifiée", "propositions", "candidats", "annulation")}
    assert "propositions.csv, ligne 2, colonne issue" in rendu["causes"][0]["detail"]
    totaux = {c["quoi"]: (c["avant"], c["apres"]) for c in rendu["chiffres"] if c["code"] == "VILLE"}
    avant, apres = (Decimal(x) for x in totaux["mises_a_disposition total total"])
    assert avant - apres == 1
    assert rendu["envois_perimes"].keys() == {"VILLE"}
    fichier = tmp_path / "ecarts.xlsx"
    dit = gestion_flux("comparer", "v1", "v2", "--sorties", vie.sorties, "--vers", fichier).stdout
    assert "candidats → annulation" in dit and "Déjà envoyé à VILLE" in dit
    feuille = openpyxl.load_workbook(fichier)["Chiffres"]
    assert feuille.max_row == rendu["nb_chiffres"] + 1


def test_comparer_la_meme_version_ne_dit_aucun_ecart(vie: Vie) -> None:
    dit = gestion_flux("comparer", "v2", "publie", "--sorties", vie.sorties).stdout
    assert "Aucun chiffre ne change" in dit and "Aucune différence d'entrée" in dit


def test_un_chiffre_qui_change_sans_cause_est_une_faute(vie: Vie, tmp_path: Path) -> None:
    import duckdb

    faux = tmp_path / "faux"
    shutil.copytree(vie.sorties, faux)
    with duckdb.connect(str(faux / "flux.duckdb")) as con:
        con.execute("update bilan.mesures set nombre = nombre + 1 where mesure = 'refus'")
    dit = gestion_flux("comparer", "publie", faux, "--sorties", vie.sorties, attendu=1).stdout
    assert "sans que rien de ce dont ils viennent ne change" in dit


CAUSES = {
    # what is changed: in which file, from what, to what, and how it is said
    "option": ("reservataires.csv", "imprime;8;", "imprime;9;", ("ligne modifiée", "reservataires")),
    "ligne retirée": (
        "liberations.csv",
        "0037273004;10/01/2025;12/03/2025;Mutation;20/04/2025\n",
        "",
        ("ligne retirée", "liberations"),
    ),
    "ligne ajoutée": (
        "liberations.csv",
        "0037273004;10/01",
        "0037273005;10/01/2025;13/03/2025;Départ;21/04/2025\n0037273004;10/01",
        ("ligne ajoutée", "liberations"),
    ),
    "objectif de l'an passé": ("objectifs.csv", "2025;ALS;2;0", "2025;ALS;3;0", ("ligne modifiée", "objectifs")),
    "règle": (
        "sql/ref/periodes_construction.csv",
        "1949;1974\n1975_1989;1975",
        "1949;1973\n1975_1989;1974",
        ("règles de calcul", ""),
    ),
    "logiciel": ("flows/__init__.py", '__version__ = "', '__version__ = "9.', ("logiciel", "gestion-flux")),
    "gabarit": ("templates/bilan.toml", "Gestion en flux : bilan", "Flux : bilan", None),
}


@pytest.mark.parametrize("nature", CAUSES)
def test_une_cause_connue_est_celle_qui_est_dite(nature: str, vie: Vie, tmp_path: Path) -> None:
    """One thing changed, the real run, and that thing alone is said, for figures that all come from it."""
    fichier, avant, apres, dite = CAUSES[nature]
    entrees, sorties, logiciel = tmp_path / "in", tmp_path / "out" / str(ANNEE), tmp_path / "logiciel"
    shutil.copytree(vie.entrees, entrees)
    shutil.copytree(vie.sorties.parent, sorties.parent)
    for dossier in ("flows", "sql", "templates"):
        shutil.copytree(RACINE / dossier, logiciel / dossier, ignore=shutil.ignore_patterns("__pycache__"))
    remplacer((logiciel if "/" in fichier else entrees) / fichier, avant, apres)
    commande = ["bilan", str(ANNEE), "--entrees", str(entrees), "--sorties", str(sorties)]
    env = {nom: valeur for nom, valeur in os.environ.items() if nom != "PYTHONPATH"}
    fin = subprocess.run([sys.executable, "-m", "flows", *commande], cwd=logiciel, env=env, capture_output=True)
    assert fin.returncode == 0, fin.stderr.decode()
    rendu: Any = lire_json("comparer", "v2", "publie", "--sorties", sorties)
    assert {(c["genre"], c["objet"]) for c in rendu["causes"]} == ({dite} if dite else set())
    assert bool(rendu["nb_chiffres"]) == (nature not in ("logiciel", "gabarit")) and not rendu["inexpliques"]


def test_chaque_chiffre_s_ouvre_sur_ses_lignes(vie: Vie) -> None:
    """Every total, every modality, every line: the rows add up to the published figure."""
    with entrepots.lire(publie=vie.sorties) as con:
        chiffres = con.execute(
            "select code_reservataire, mesure, dimension || '=' || modalite, nombre from bilan.mesures "
            "where mesure not in ('objectif', 'taux_atteinte_pct') "
            "and code_reservataire in ('VILLE', '_bailleur') and dimension = 'total'"
        ).fetchall()
        lignes = con.execute("select code_reservataire, ligne, valeur from bilan.lignes_flux").fetchall()
    assert len(chiffres) > 20
    for code, mesure, modalite, nombre in chiffres:
        rendu = explication.expliquer(vie.sorties, [code, mesure, *([] if modalite == "total=total" else [modalite])])
        assert rendu.est_juste and rendu.valeur == nombre == len(rendu.lignes), (code, mesure, modalite)
        assert rendu.phrases, mesure
    for code, ligne, valeur in lignes:
        rendu = explication.expliquer(vie.sorties, [code, "annexe", ligne])
        assert rendu.est_juste and rendu.valeur == valeur, (code, ligne)


def test_les_lignes_ecartees_ont_leur_raison(vie: Vie) -> None:
    rendu = explication.expliquer(vie.sorties, ["VILLE", "mises_a_disposition"])
    assert [ligne[-1] for ligne in rendu.ecartees if ligne[2] == 2] == ["proposition annulée"]
    attribuees = explication.expliquer(vie.sorties, ["VILLE", "attributions"])
    toutes = len(attribuees.lignes) + len(attribuees.ecartees)
    with entrepots.lire(publie=vie.sorties) as con:
        lu = con.execute("select count(*) from raw.attributions where code_reservataire = 'VILLE'").fetchone()
    assert lu == (toutes,) and all(ligne[-1] for ligne in attribuees.ecartees)


def test_la_requete_donnee_se_colle_telle_quelle(vie: Vie) -> None:
    import duckdb

    rendu = explication.expliquer(vie.sorties, ["VILLE", "parc_soumis", "commune=01004"])
    with duckdb.connect(str(vie.sorties / "flux.duckdb"), read_only=True) as con:
        assert len(con.execute(rendu.requete).fetchall()) == rendu.valeur


@pytest.mark.parametrize(
    ("mots", "dit"),
    [
        ("VILE baux_signes", "Publiés : "),
        ("VILLE bau", "Connues : "),
        ("VILLE baux_signes quartier=x", "Aucune dimension"),
        ("VILLE annexe z", "Lignes : "),
    ],
)
def test_ce_qui_n_existe_pas_est_un_mauvais_usage(vie: Vie, mots: str, dit: str) -> None:
    assert dit in gestion_flux("expliquer", *mots.split(), "--sorties", vie.sorties, attendu=2).stderr


def test_le_depot_n_ecrit_que_ce_qui_change_et_rien_d_un_autre(vie: Vie, tmp_path: Path) -> None:
    vers = tmp_path / "oodrive"
    premiere = lire_json("depot", ANNEE, "--sorties", vie.sorties, "--vers", vers)
    assert isinstance(premiere, list) and {r["code"] for r in premiere} == {"ETAT", "VILLE", "ALS"}
    seconde = lire_json("depot", ANNEE, "--sorties", vie.sorties, "--vers", vers)
    assert isinstance(seconde, list) and not any(r["ecrits"] for r in seconde)
    for dossier in vers.iterdir():
        noms = {f.name for f in dossier.iterdir()}
        assert not any(f.suffix == ".duckdb" or f.name.startswith(".") for f in dossier.iterdir())
        sommes = dict(reversed(x.split("  ")) for x in (dossier / "SHA256SUMS").read_text("utf-8").splitlines())
        assert sommes.keys() == noms - {"SHA256SUMS"}
        assert all(hashlib.sha256((dossier / nom).read_bytes()).hexdigest() == s for nom, s in sommes.items())
        autres = {"ETAT", "VILLE", "ALS"} - {dossier.name}
        assert not any(f"_{autre}." in nom for nom in noms for autre in autres)
    assert "fichiers ont changé" in (vers / "VILLE" / "courriel.txt").read_text("utf-8")


def ecrit(valeur: Decimal) -> str:
    """A number as our CSV files write it."""
    return f"{valeur.normalize():f}".replace(".", ",")


def contenu(fichier: Path) -> str:
    """Every text of a file, those inside a workbook or a Word document too."""
    if fichier.suffix not in (".xlsx", ".docx"):
        return fichier.read_text(encoding="utf-8")
    with zipfile.ZipFile(fichier) as archive:
        return "\n".join(archive.read(nom).decode("utf-8") for nom in archive.namelist() if nom.endswith(".xml"))


def test_rien_d_un_autre_destinataire_n_est_dans_un_dossier(exemple_publie: tuple[Path, str], tmp_path: Path) -> None:
    """Every name and figure of the others is searched for: their dwellings, their flux, their documents, nobody's name.

    What the law shows to all (the share of each réservataire of the territory, R.441-5-1) is a count and no dwelling;
    a commune is shown the dwellings in QPV that come to its maire, once another's candidates have failed (L.441-1).
    """
    sorties, _ = exemple_publie
    gestion_flux("depot", 2025, "--sorties", sorties, "--vers", tmp_path)
    with entrepots.lire(publie=sorties) as con:
        logements: dict[str, set[str]] = {}
        proposes = "select distinct reservataire, ident_rep from bilan.logements where reservataire <> 'non_reserve'"
        for code, logement in con.execute(proposes).fetchall():
            logements.setdefault(code, set()).add(logement)
        autres = (
            "select code_reservataire, ident_rep from staging.droits union "
            "select code_reservataire, id_logement from bilan.qpv_echecs"
        )
        for code, logement in con.execute(autres).fetchall():
            logements.setdefault(code, set()).add(logement)
        exacts: dict[str, set[str]] = {}
        annonces = "select code_reservataire, valeur_exacte from bilan.lignes_flux where ligne in ('e', 'h', 'j')"
        # a share that is shown to all may be the same number by chance
        parts = "select part_pct from bilan.mesures union select part_pct from bilan.repartition"
        communs = {ecrit(part) for (part,) in con.execute(parts).fetchall() if part is not None}
        for code, valeur in con.execute(annonces).fetchall():
            if valeur is not None and valeur != valeur.quantize(Decimal("0.001")) and ecrit(valeur) not in communs:
                exacts.setdefault(code, set()).add(ecrit(valeur))
    assert len(exacts) > 5 and sum(map(len, logements.values())) > 200
    dossiers = sorted(tmp_path.iterdir())
    assert len(dossiers) > 10
    for dossier in dossiers:
        siens = logements.get(dossier.name, set())
        etrangers = set().union(*(x for code, x in logements.items() if code != dossier.name)) - siens - {None}
        chiffres = set().union(*(x for c, x in exacts.items() if c != dossier.name)) - exacts.get(dossier.name, set())
        for fichier in dossier.iterdir():
            texte = contenu(fichier)
            mots = set(re.findall(r"\w+", texte))
            assert not etrangers & mots, (fichier.name, sorted(etrangers & mots)[:3])
            assert not chiffres & set(re.findall(r"\d+,\d+", texte)), fichier.name
            assert fichier.suffix != ".duckdb" and "DÉMO" not in texte


def test_le_depot_refuse_ce_qui_n_est_pas_a_lui(vie: Vie, tmp_path: Path) -> None:
    (tmp_path / "d" / "VILLE").mkdir(parents=True)
    (tmp_path / "d" / "VILLE" / "note.txt").write_text("à moi", encoding="utf-8")
    fin = gestion_flux("depot", ANNEE, "--sorties", vie.sorties, "--vers", tmp_path / "d", attendu=2)
    assert "note.txt" in fin.stderr
    assert [f.name for f in (tmp_path / "d").rglob("*") if f.is_file()] == ["note.txt"]


def test_le_depot_refuse_des_sorties_modifiees(vie: Vie, tmp_path: Path) -> None:
    copie = tmp_path / "2025"
    shutil.copytree(vie.sorties, copie)
    (copie / "bilan/VILLE/bilan_2025_VILLE.csv").write_text("1;2", encoding="utf-8")
    fin = gestion_flux("depot", ANNEE, "--sorties", copie, "--vers", tmp_path / "d", attendu=2)
    assert "bilan_2025_VILLE.csv" in fin.stderr and not (tmp_path / "d").exists()
    assert remise.envois_perimes(vie.sorties).keys() == {"VILLE"}


def test_un_seul_refait_dit_qui_est_perime_et_le_depot_l_attend(vie: Vie, tmp_path: Path) -> None:
    """A release less changes the rotation of everyone there: one bilan made again leaves the others behind."""
    entrees, sorties = tmp_path / "in", tmp_path / "out" / str(ANNEE)
    shutil.copytree(vie.entrees, entrees)
    shutil.copytree(vie.sorties.parent, sorties.parent)
    remplacer(entrees / "liberations.csv", "0037273004;10/01/2025;12/03/2025;Mutation;20/04/2025\n", "")
    index = set(re.findall(r'href="([^"]+)"', (sorties / "index.html").read_text("utf-8")))
    dit = publier(entrees, sorties, "--reservataire", "VILLE")
    assert "n'ont pas été refaits : ALS, ETAT, _bailleur, epci_240100883." in dit
    assert set(re.findall(r'href="([^"]+)"', (sorties / "index.html").read_text("utf-8"))) == index
    depot = ("depot", ANNEE, "--sorties", sorties, "--vers", tmp_path / "oodrive", "--reservataire")
    assert "Périmés (ETAT)" in gestion_flux(*depot, "ETAT", attendu=2).stderr
    gestion_flux(*depot, "VILLE")
    gestion_flux(*depot, "ETAT", "--quand-meme")
    # the warehouse is the new one already: who was left behind is still known
    dit = publier(entrees, sorties, "--reservataire", "ETAT")
    assert "n'ont pas été refaits : ALS, _bailleur, epci_240100883." in dit
    gestion_flux(*depot, "ETAT")
    assert "refaits" not in publier(entrees, sorties)
    garde = (entrees / "reservataires.csv").read_bytes()
    (entrees / "reservataires.csv").write_text("code_reservataire;libelle\nVILLE;Ville\n", encoding="utf-8")
    publier(entrees, sorties, attendu=1)
    assert "Le dernier bilan n'a pas été publié" in gestion_flux(*depot, "ALS", attendu=2).stderr
    (entrees / "reservataires.csv").write_bytes(garde)


def test_explorer_montre_le_catalogue_et_ses_questions_s_executent(vie: Vie) -> None:
    import duckdb

    dit = gestion_flux("explorer", ANNEE, "--sorties", vie.sorties).stdout
    assert "bilan.mesures" in dit and "intermediaire." not in dit.partition("Dix questions")[0]
    assert "bilan.evenements" in dit and "bilan.a_signaler" not in dit and "\nFlux et objectif\n" in dit
    assert len(explorer.questions()) == 10
    with duckdb.connect(str(vie.sorties / "flux.duckdb"), read_only=True) as con:
        for question in explorer.questions():
            assert question.requete in dit
            con.execute(question.requete).fetchall()


def test_explorer_ecrit_un_vrai_classeur_et_du_parquet(vie: Vie, tmp_path: Path) -> None:
    import polars as pl

    fichier = tmp_path / "r.xlsx"
    requete = "select code_reservataire, flux(code_reservataire) as flux from bilan.entetes order by 1"
    gestion_flux("explorer", ANNEE, "--sorties", vie.sorties, "--vers", fichier, requete)
    lignes = list(openpyxl.load_workbook(fichier).active.values)  # type: ignore[union-attr]
    assert lignes[0] == ("code_reservataire", "flux") and len(lignes) > 3
    ecrit = gestion_flux("explorer", ANNEE, "--sorties", vie.sorties, "--parquet", tmp_path / "p").stdout
    mesures = pl.read_parquet(tmp_path / "p" / "mesures.parquet")
    assert mesures.height and "tables écrites" in ecrit


@pytest.mark.parametrize("requete", ["drop table bilan.mesures", "select * from read_csv('/etc/passwd')", "selec"])
def test_explorer_ne_fait_que_lire_l_entrepot(vie: Vie, tmp_path: Path, requete: str) -> None:
    empreinte = hashlib.sha256((vie.sorties / "flux.duckdb").read_bytes()).hexdigest()
    fin = gestion_flux("explorer", ANNEE, "--sorties", vie.sorties, "--vers", tmp_path / "r.xlsx", requete, attendu=2)
    assert "Requête refusée" in fin.stderr and not (tmp_path / "r.xlsx").exists()
    assert hashlib.sha256((vie.sorties / "flux.duckdb").read_bytes()).hexdigest() == empreinte


def test_explorer_ne_fait_que_ce_qu_une_feuille_tient(
    vie: Vie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far more rows than a sheet: said at the first one too many, not once they are all in memory."""
    monkeypatch.setattr(explorer, "LIGNES_MAX", 1_000)
    with pytest.raises(MauvaisUsage, match="Plus de 1000 lignes"):
        explorer.exporter(vie.sorties, "select * from range(20_000_000_000)", tmp_path / "r.xlsx")
    assert explorer.exporter(vie.sorties, "select * from range(1000)", tmp_path / "r.xlsx") == 1_000


def test_une_ecriture_qui_echoue_ne_laisse_rien(vie: Vie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def echouer(fichier: Path, *_: object, **__: object) -> None:
        fichier.write_bytes(b"debut")
        raise OSError(28, "plein")

    monkeypatch.setattr(explorer.pl.DataFrame, "write_excel", lambda _, fichier, **__: echouer(fichier))
    monkeypatch.setattr(restitution, "_classeur", echouer)
    monkeypatch.setattr(restitution, "_page", echouer)
    with pytest.raises(OSError, match="plein"):
        explorer.exporter(vie.sorties, "select 1 as a", tmp_path / "r.xlsx")
    for nom in ("s.xlsx", "s.html"):
        with pytest.raises(OSError, match="plein"):
            restitution.ecrire(tmp_path / nom, "", [], [])
    assert not list(tmp_path.iterdir())


def test_un_dossier_au_nom_de_motif_est_un_dossier(tmp_path: Path) -> None:
    """The run reads and writes there, not beside."""
    nom = "l'an [1]"
    entrees, sorties = deposer(tmp_path / nom / "in"), tmp_path / nom / "out" / str(ANNEE)
    ecrire_table(entrees.parent / "correspondances", "Feuilles", "fichier;feuille;table\nnotes.csv;;ne pas lire")
    shutil.copytree(tmp_path / nom, tmp_path / "l'an 1")
    (tmp_path / "l'an 1" / "in" / "rpls_2025.csv").write_text("autre chose\n", encoding="utf-8")
    publier(entrees, sorties, "--public")
    lieux = ("--entrees", entrees, "--sorties", sorties)
    gestion_flux("planifier", "--annee", ANNEE, *lieux, "--jour", "01/06/2025")
    gestion_flux("apercu", ANNEE, *lieux, attendu=None)
    assert explorer.exporter(sorties, "from bilan.synthese", tmp_path / nom / "s.xlsx") > 0
    assert explorer.exporter_parquet(sorties, tmp_path / nom / "parquet")


@pytest.mark.parametrize(
    ("outil", "dit"), [("ui", "DuckDB CLI"), ("harlequin", "pip install"), ("marimo", "pip install")]
)
def test_un_outil_absent_dit_comment_l_installer(vie: Vie, tmp_path: Path, outil: str, dit: str) -> None:
    env = os.environ | {"PATH": str(tmp_path)}
    fin = gestion_flux("explorer", ANNEE, "--sorties", vie.sorties, "--avec", outil, attendu=2, env=env)
    assert "n'est pas installé ici" in fin.stderr and dit in fin.stderr


def test_le_carnet_ouvre_l_entrepot(vie: Vie) -> None:
    """The notebook is Python, made for these outputs; each query that it has runs."""
    import ast

    import duckdb

    carnet = explorer.carnet(vie.sorties)
    texte = carnet.read_text("utf-8")
    requetes = [
        n.value
        for n in ast.walk(ast.parse(texte))
        if isinstance(n, ast.Constant) and str(n.value).startswith("select ")
    ]
    assert str(vie.sorties / "flux.duckdb") in texte and len(requetes) == 3
    with duckdb.connect(str(vie.sorties / "flux.duckdb"), read_only=True) as con:
        for requete in map(str, requetes):
            assert con.execute(requete, ["VILLE"] * requete.count("?")).fetchall()


def test_sans_publication_chaque_verbe_dit_quoi_faire(tmp_path: Path) -> None:
    for verbe in (("expliquer", "VILLE", "refus"), ("depot", str(ANNEE)), ("explorer", str(ANNEE))):
        fin = gestion_flux(*verbe, "--sorties", tmp_path / "rien", attendu=2)
        assert "lancez d'abord gestion-flux bilan" in fin.stderr


@pytest.mark.parametrize(
    ("commande", "dit"),
    [
        ("historique --sorties {sorties} --fichier {la}/absent", "absent n'existe pas"),
        ("historique --sorties {sorties} --fichier {la}", "est un dossier : donnez un fichier"),
        ("modeles {la}/fichier", "fichier est un fichier : donnez un dossier"),
        ("modeles {la}/fichier/la", "fichier est un fichier"),
        ("exemple {la}/fichier/la", "fichier est un fichier"),
        ("explorer --sorties {sorties} --parquet {la}/fichier", "fichier est un fichier : donnez un dossier"),
        ("explorer --sorties {sorties} --vers {la}/rien/x.xlsx select", "rien n'est pas un dossier"),
        ("depot --sorties {sorties} --vers {la}/fichier", "fichier est un fichier : donnez un dossier"),
        ("simuler --sorties {sorties} --vers {la}/rien/x.xlsx", "n'existe pas. Créez-le"),
        ("simuler --sorties {sorties} --vers {la}/fichier/x.html", "fichier est un fichier"),
    ],
)
def test_un_chemin_que_le_systeme_refuse_est_nomme(vie: Vie, tmp_path: Path, commande: str, dit: str) -> None:
    """What the user named is his to mend: never said to be an error of ours, whatever the verb that met it."""
    (tmp_path / "fichier").write_bytes(b"")
    mots = [mot.format(sorties=vie.sorties, la=tmp_path) for mot in commande.split()]
    fin = gestion_flux(*mots, attendu=2)
    assert dit in fin.stderr and "Erreur imprévue" not in fin.stderr


@pytest.mark.parametrize("ecrit", [b"{}", b"pas du json", b'{"execution": "a", "executions": {"a": 1}, "sorties": {}}'])
def test_un_manifeste_retouche_est_dit_par_chaque_verbe(vie: Vie, tmp_path: Path, ecrit: bytes) -> None:
    copie = tmp_path / "2025"
    shutil.copytree(vie.sorties, copie)
    (copie / "manifeste.json").write_bytes(ecrit)
    for verbe in (
        ("depot", "--vers", tmp_path / "d"),
        ("comparer", copie, vie.sorties),
        ("historique", "--version", "7f31c2a9"),
    ):
        fin = gestion_flux(*verbe, "--sorties", copie, attendu=1)
        assert "2025/manifeste.json" in fin.stderr and "Remettez-le depuis une sauvegarde" in fin.stderr, verbe
        assert "Erreur imprévue" not in fin.stderr
