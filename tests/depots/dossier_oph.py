"""The healthy campaign as an office really has it: other names, months and réservataires as sheets, words for codes.

Nobody in it exists. `deposer` writes the untouched files; `CORRESPONDANCES` is what its analyst decided.
"""

from pathlib import Path

from tests.pannes.campagne_saine import ANNEE, TABLES, texte_csv
from tests.pannes.classeurs_bruts import lignes_xlsx, xlsx

NOMS = {"VILLE": "Mairie d'Ambérieu", "ALS": "Action Logt", "ETAT": "Préfecture (mal-logés)", "": "Bailleur"}
DECISIONS = {("attribution_rang", "refuse"): "REF CAND", ("attribution_rang", "accepte"): "ACCORD CAND"}
DECISIONS |= {("attribution", "accepte"): "ACCORD"}

CORRESPONDANCES: dict[str, list[list[object]]] = {
    "Feuilles": [
        ["Fichier", "Feuille", "Table", "Millésime"],
        ["PV CALEOL*", "Notes", "ne pas lire"],
        ["PV CALEOL*", None, "attributions"],
        ["Contingents*", None, "droits"],
        ["Hors flux*", None, "exclusions"],
        ["Sorties 2025", None, "liberations"],
        ["Fichier patrimoine", None, "rpls", "2026"],
    ],
    "Colonnes": [
        ["Fichier", "Feuille", "Table", "Intitulé", "Colonne"],
        ["PV CALEOL*", None, None, "Réf. lgt", "ident_interne"],
        ["PV CALEOL*", None, None, "Passage", "date_caleol"],
        ["PV CALEOL*", None, None, "Pour le compte de", "code_reservataire"],
        ["PV CALEOL*", None, None, "Verdict", "decision"],
        ["PV CALEOL*", None, None, "Bail", "date_signature_bail"],
        ["PV CALEOL*", None, None, "Commentaire", "ne pas lire"],
        ["Contingents*", None, None, "Logement", "ident_rep"],
        ["Contingents*", None, None, "Jusqu'au", "date_fin"],
        ["Contingents*", None, None, "Depuis", "date_debut"],
        ["Hors flux*", None, None, "Logement", "ident_rep"],
        ["Hors flux*", None, None, "À partir du", "date_debut"],
        ["Hors flux*", None, None, "Fin", "date_fin"],
    ],
    "Constantes": [
        ["Fichier", "Feuille", "Table", "Colonne", "Valeur"],
        ["Contingents*", "Ville", None, "code_reservataire", "VILLE"],
        ["Contingents*", "1 %", None, "code_reservataire", "ALS"],
        ["Contingents*", "Ville", None, "nature_droit", "contingent"],
        ["Contingents*", "1 %", None, "nature_droit", "ds"],
        ["Contingents*", "Ville", None, "origine_droit", "garantie_emprunt"],
        ["Contingents*", "1 %", None, "origine_droit", "peec"],
        ["Hors flux*", "Santé", None, "motif_exclusion", "sante"],
        ["Hors flux*", "Armée", None, "motif_exclusion", "defense"],
    ],
    "Valeurs": [
        ["Table", "Colonne", "Valeur", "Devient"],
        ["attributions", "decision", "REF CAND", "decision=attribution_rang, reponse_candidat=refuse"],
        ["attributions", "decision", "ACCORD CAND", "decision=attribution_rang, reponse_candidat=accepte"],
        ["attributions", "decision", "ACCORD", "decision=attribution, reponse_candidat=accepte"],
        ["attributions", "decision", "AJOURNÉ", "ne pas lire"],
        ["attributions", "categorie", "Mutation", "mutation_interne"],
        ["attributions", "categorie", "-", "droit_commun"],
    ],
    "Réservataires": [
        ["Écriture", "Code"],
        *[[nom, code or "non réservé"] for code, nom in NOMS.items()],
    ],
    "Bailleur": [["Question", "Réponse"], ["Catégorie de l'organisme", "OPH"]],
}


def ecrire_correspondances(dossier: Path, feuilles: dict[str, list[list[object]]]) -> None:
    """The workbook of decisions, beside the years."""
    octets = xlsx(*(lignes_xlsx(lignes) for lignes in feuilles.values()), noms=tuple(feuilles))
    (dossier / "correspondances.xlsx").write_bytes(octets)


def deposer(dossier: Path, correspondances: dict[str, list[list[object]]] | None = None) -> Path:
    """Writes the files of the office below `dossier`, and its decisions; returns the folder of the exercice."""
    entrees = dossier / str(ANNEE)
    entrees.mkdir(parents=True)
    for table in (
        "rpls_2025",
        "reservataires",
        "propositions",
        "previsions",
        "programmes_neufs",
        "objectifs",
        "demandes",
    ):
        (entrees / f"{table}.csv").write_text(texte_csv(TABLES[table]), encoding="utf-8", newline="")
    (entrees / "Fichier patrimoine.csv").write_text(texte_csv(TABLES["rpls_2026"]), encoding="utf-8", newline="")
    (entrees / "Sorties 2025.csv").write_text(texte_csv(TABLES["liberations"]), encoding="utf-8", newline="")
    (entrees / "PV CALEOL 2025.xlsx").write_bytes(_pv())
    (entrees / "Contingents au 31-12.xlsx").write_bytes(_contingents())
    (entrees / "Hors flux.xlsx").write_bytes(_hors_flux())
    ecrire_correspondances(dossier, correspondances or CORRESPONDANCES)
    return entrees


def _par_nom(table: str) -> list[dict[str, str]]:
    entete, *lignes = TABLES[table]
    return [dict(zip(entete, ligne, strict=True)) for ligne in lignes]


def _interne(ident_rep: str) -> str:
    return next(ligne["IDENT_INT"] for ligne in _par_nom("rpls_2025") if ligne["IDENT_REP"] == ident_rep)


def _pv() -> bytes:
    """Minutes, one sheet a month, with a title, a word for decision and answer, notes and a signature.

    A postponed case is the only one of a month.
    """
    entete: list[object] = ["id_decision", "id_proposition", "Réf. lgt", "Pour le compte de", "Passage"]
    entete += ["Verdict", "rang", "Motif refus", "Bail", "categorie", "designataire", "DALO", "Commentaire"]
    mois: dict[str, list[list[object]]] = {}
    for ligne in _par_nom("attributions"):
        rangee: list[object] = [ligne["id_decision"], ligne["id_proposition"] or None, _interne(ligne["ident_rep"])]
        rangee += [NOMS[ligne["code_reservataire"]], ligne["date_caleol"]]
        rangee += [DECISIONS[ligne["decision"], ligne["reponse_candidat"]], ligne["rang"], ligne["motif_refus"] or None]
        rangee += [ligne["date_signature_bail"] or None]
        rangee += [
            "Mutation" if ligne["categorie"] == "mutation_interne" else None,
            ligne["designataire"],
            ligne["dalo"],
        ]
        mois.setdefault(ligne["date_caleol"][3:5], []).append([*rangee, "à revoir"])
    ajourne: list[object] = ["D9", None, "R010", "Bailleur", "05/02/2025", "Ajourné", *[None] * 6, "dossier"]
    next(iter(mois.values())).append(ajourne)
    mois["12"] = [["D10", *ajourne[1:4], "10/12/2025", *ajourne[5:]]]
    for lignes in mois.values():
        lignes += [[], [None, None, None, None, "Le président de séance"]]
    titre: list[object] = ["Commission d'attribution"]
    feuilles = [lignes_xlsx([titre, entete, *lignes]) for lignes in mois.values()]
    notes = lignes_xlsx([["Penser à rappeler la mairie"], ["Total", 12]])
    return xlsx(*feuilles, notes, noms=(*(f"Mois {m}" for m in mois), "Notes"))


def _contingents() -> bytes:
    """One sheet a réservataire, its name being the réservataire; a subtotal after each dwelling, even of one."""
    entete: list[object] = ["Résidence", "Logement", "Depuis", "Jusqu'au", "nombre_droits", "N° convention"]
    feuilles: dict[str, list[list[object]]] = {"Ville": [entete], "1 %": [entete]}
    for ligne in _par_nom("droits"):
        nom = "Ville" if ligne["code_reservataire"] == "VILLE" else "1 %"
        rangee: list[object] = [ligne[c] for c in ("ident_rep", "date_debut", "date_fin", "nombre_droits")]
        residence = f"RÉSIDENCE {ligne['ident_rep'][-3:]}"
        feuilles[nom].append([residence, *rangee, ligne["numero_convention"]])
        feuilles[nom].append([f"Sous-total {residence}", None, None, None, 1])
    for lignes in feuilles.values():
        lignes.append(["Total", None, None, None, len(lignes) // 2])
    return xlsx(*map(lignes_xlsx, feuilles.values()), noms=tuple(feuilles))


def _hors_flux() -> bytes:
    """One sheet a motive."""
    feuilles: dict[str, list[list[object]]] = {}
    for ligne in _par_nom("exclusions"):
        nom = {"sante": "Santé", "defense": "Armée"}[ligne["motif_exclusion"]]
        rangees = feuilles.setdefault(nom, [["Logement", "À partir du", "Fin"]])
        rangees.append([ligne["ident_rep"], ligne["date_debut"], ligne["date_fin"] or None])
    return xlsx(*map(lignes_xlsx, feuilles.values()), noms=tuple(feuilles))
