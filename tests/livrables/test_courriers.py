"""Documents that go out beside the bilan: sheets of the dwellings offered, yearly amendment, letters."""

import re
from datetime import date
from pathlib import Path

import docx
import pytest

from flows.entrepot import controles
from flows.livrables.avis import ecrire_avis
from flows.livrables.courriers import ecrire_courriers
from tests.modeles.harnais import cas, monter

ECHECS = cas("echecs")
CAMPAGNE = ECHECS | {
    "rpls": """
        millesime; ident_rep; ident_int; depcom; codepostal; numvoie; typvoie; nomvoie; complgeo; nbpiece; finan; qpv; locat; etage; surfhab; loyerprinc; pmr; construct
        2025; 1; E-1; 2A004; 20000; 12; RUE; DES <PINS>; Les Pins; 3; 13; 1; 1990; 2; 61,5; 412,30; 2; 1988
        2025; 2; E-2; 2A004; 20000;   ;    ;           ;         ; 2; 10; 2; 1990;  ;     ;       ;  ; 1995
    """,  # noqa: E501
    "reservataires": """
        code_reservataire; libelle; type_reservataire; echelle; code_territoire; date_debut; date_fin; mode_taux; taux_pct; base_rotation; taux_rotation_pct; evenement_decompte; options
        VILLE; Ville d'Ajaccio; commune   ; commune    ; 2A004; 01/01/2024; 31/12/2026; imprime; 20; fixe; 50; attribution; renouvellement_par_avenant
        ETAT ; État           ; etat_prioritaires; departement; 2A; 01/07/2025;       ; imprime; 30; fixe; 50; attribution;
        DEF  ; Armées         ; defense   ; departement; 2A   ; 01/07/2025;           ; imprime; 0 ; fixe; 50; attribution;
    """,  # noqa: E501
    "previsions": "annee; categorie; nombre\n2026; mutation_interne; 0,5",
    "liberations": """
        ident_rep; date_conge; date_liberation
        1; 10/11/2025; 15/12/2025
        1; 01/02/2020; 01/03/2020
    """,
    "propositions": """
        id_proposition; ident_rep; code_reservataire; date_mise_a_disposition; date_limite_reponse; issue
        P1; 1; VILLE; 05/12/2025; 04/01/2026;
        P2; 2; VILLE; 06/12/2025;           ; annulation
        P3; 2; ETAT ; 30/11/2025;           ;
    """,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    entrepot = monter(tmp_path_factory.mktemp("courriers"), CAMPAGNE)
    controles.consigner(entrepot, [])
    return entrepot


def test_la_fiche_dit_ce_que_la_convention_demande(base: Path, tmp_path: Path) -> None:
    """Only P1 runs in December: P2 is annulled, P3 was of November. What RPLS does not tell is left to be filled."""
    (fiche,) = ecrire_avis(base, tmp_path, ["VILLE", "ETAT"])
    assert fiche == tmp_path / "bilan" / "VILLE" / "avis_2025-12_VILLE.html"
    page = fiche.read_text(encoding="utf-8")
    champs = dict(re.findall(r"<dt>(.*?)</dt><dd.*?>(.*?)</dd>", page))
    assert page.count('<section class="long">') == 1 and "DES <PINS>" not in page
    attendus = {
        "Mis à disposition le": "05/12/2025",
        "Réponse attendue le": "04/01/2026 (30 jours)",
        "Disponible le": "15/12/2025",
        "Congé reçu le": "10/11/2025",
        "Référence de l&#39;offre": "P1",
        "Référence bailleur": "E-1",
        "Adresse": "12 RUE DES &lt;PINS&gt;, 20000 Ajaccio",
        "Quartier prioritaire": "En QPV",
        "Surface habitable": "61,5 m²",
        "Étage": "2",
        "Loyer principal (RPLS)": "412,30",
        "Financement initial": "PLUS et assimilés",
        "Période de construction": "1975 à 1989 (1988)",
        "Ascenseur": "à compléter",
        "Mensualité, charges comprises": "à compléter",
    }
    assert {nom: champs[nom] for nom in attendus} == attendus


def test_avenant_et_lettres_de_qui_en_doit(base: Path, tmp_path: Path) -> None:
    """The town renews by amendment; the État's convention begins in the year: préfet and EPCI. Defence has no flux."""
    ecrits = ecrire_courriers(base, tmp_path, ["DEF", "ETAT", "VILLE", "_bailleur"])
    assert [f.relative_to(tmp_path / "bilan").as_posix() for f in ecrits] == [
        "ETAT/lettre_epci_2026_ETAT.docx", "ETAT/lettre_prefet_2026_ETAT.docx", "VILLE/avenant_2026_VILLE.docx",
    ]  # fmt: skip
    avenant = "\n".join(p.text for p in docx.Document(str(ecrits[-1])).paragraphs).replace("\u00a0", " ")
    assert "Flux annuel estimé pour 2026 (ligne j) : 0,1 logement." in avenant and "{{" not in avenant
    lettre = "\n".join(p.text for p in docx.Document(str(ecrits[1])).paragraphs)
    assert "conclue avec État" in lettre and "en vigueur du 01/07/2025, sans date de fin" in lettre


def test_rien_a_un_point_de_l_annee_ne_s_annonce(tmp_path: Path) -> None:
    entrepot = monter(tmp_path / "e", CAMPAGNE, au=date(2025, 11, 30))
    controles.consigner(entrepot, [])
    assert ecrire_courriers(entrepot, tmp_path, ["ETAT", "VILLE"]) == []
    assert [f.name for f in ecrire_avis(entrepot, tmp_path, ["ETAT", "VILLE"])] == ["avis_2025-11_ETAT.html"]
