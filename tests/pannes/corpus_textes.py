"""Encodings, separators, quotes, truncations and sizes of text files (points 1, 2 and 5)."""

from tests.pannes.campagne_saine import BAILLEUR, SIRET_BAILLEUR, TABLES, texte_csv
from tests.pannes.variantes import (
    BLOQUE,
    IDENTIQUE,
    MEMES_CHIFFRES,
    REJETTE,
    SIGNALE,
    Dit,
    Fichiers,
    Variante,
    csv_change,
    en_csv,
    lignes_de,
)
from tests.reference.ecriture import colonnes_rpls


def _texte(remplace: str) -> str:
    return texte_csv(TABLES[remplace])


def _tel_quel(remplace: str, texte: str, encodage: str = "utf-8") -> Fichiers:
    return {f"{remplace}.csv": texte.encode(encodage)}


def _avec(remplace: str, colonne: str, change: dict[str, str]) -> Fichiers:
    """The CSV with some texts of a column replaced, everywhere."""
    lignes = lignes_de(remplace)
    rang = lignes[0].index(colonne)
    for ligne in lignes[1:]:
        for avant, apres in change.items():
            ligne[rang] = ligne[rang].replace(avant, apres)
    return en_csv(remplace, lignes)


def _declaration(annonces: str, millesime: str = "2025") -> bytes:
    """The dwellings as a declaration: a line about the bailleur, its eleventh cell the number of lines that follow."""
    noms, *logements = TABLES[f"rpls_{millesime}"]
    positions = colonnes_rpls("declaration")
    adresse = ["1 rue Fictive", "", "", "01500", "AMBERIEU"]
    premiere = [millesime, "999000003", BAILLEUR, "", *adresse, SIRET_BAILLEUR, annonces, ""]
    lignes = [[dict(zip(noms, ligne, strict=True)).get(nom, "") for nom in positions] for ligne in logements]
    return texte_csv([premiere, *lignes]).encode()


ENCODAGES = (
    Variante(
        "utf8_avec_marque",
        "rpls_2025",
        lambda: en_csv("rpls_2025", encodage="utf-8-sig"),
        IDENTIQUE,
        encodage="utf-8-sig",
    ),
    Variante(
        "cp1252",
        "reservataires",
        lambda: en_csv("reservataires", encodage="cp1252"),
        IDENTIQUE,
        (Dit("encodage_detecte", valeur="Windows-1252"),),
        encodage="cp1252",
    ),
    Variante(
        "utf16",
        "propositions",
        lambda: en_csv("propositions", encodage="utf-16"),
        IDENTIQUE,
        (Dit("encodage_detecte", valeur="UTF-16"),),
        encodage="utf-16-le",
    ),
    Variante(
        "utf16_be_sans_marque",
        "liberations",
        lambda: en_csv("liberations", encodage="utf-16-be"),
        IDENTIQUE,
        (Dit("encodage_detecte"),),
        encodage="utf-16-be",
    ),
    Variante(
        "utf16_attributions",
        "attributions",
        lambda: en_csv("attributions", encodage="utf-16"),
        IDENTIQUE,
        (Dit("encodage_detecte"),),
        encodage="utf-16-le",
    ),
    Variante(
        "interrogations",
        "rpls_2026",
        lambda: _tel_quel("rpls_2026", _texte("rpls_2026").replace("é", "?")),
        MEMES_CHIFFRES,
        (Dit("accents_perdus", gravite="avertissement"),),
        encodage="utf-8",
    ),
    Variante(
        "remplacement",
        "programmes_neufs",
        lambda: _tel_quel("programmes_neufs", _texte("programmes_neufs").replace("é", "\ufffd")),
        MEMES_CHIFFRES,
        (Dit("accents_perdus"),),
    ),
    Variante(
        "entetes_abimes",
        "attributions",
        lambda: _tel_quel("attributions", _texte("attributions").replace("categorie", "cat?gorie")),
        IDENTIQUE,
        (Dit("accents_perdus"),),
    ),
    Variante(
        "double_encodage",
        "rpls_2026",
        lambda: _tel_quel("rpls_2026", _texte("rpls_2026").encode().decode("cp1252")),
        MEMES_CHIFFRES,
        (Dit("accents_perdus"),),
    ),
    Variante(
        "dos",
        "rpls_2025",
        lambda: en_csv("rpls_2025", encodage="cp850"),
        MEMES_CHIFFRES,
        (Dit("encodage_douteux", gravite="avertissement"),),
        encodage="cp1252",
    ),
    Variante(
        "encodages_meles",
        "rpls_2025",
        lambda: {"rpls_2025.csv": _texte("rpls_2025").encode() + _texte("rpls_2025").encode("cp1252")},
        BLOQUE,
        (Dit("encodage_melange", ligne=33),),
    ),
    Variante(
        "coupe_dans_un_accent",
        "reservataires",
        lambda: {"reservataires.csv": _texte("reservataires").encode().split("ér".encode())[0] + b"\xc3"},
        BLOQUE,
        (Dit("fichier_tronque"),),
    ),
    Variante(
        "octet_nul",
        "droits",
        lambda: {"droits.csv": _texte("droits").encode().replace(b"peec", b"pe\0c")},
        BLOQUE,
        (Dit("octet_nul", ligne=2),),
    ),
)

SEPARATEURS = (
    Variante("virgules", "objectifs", lambda: en_csv("objectifs", separateur=","), IDENTIQUE),
    Variante("tabulations", "droits", lambda: en_csv("droits", separateur="\t"), IDENTIQUE),
    Variante("barres", "exclusions", lambda: en_csv("exclusions", separateur="|"), IDENTIQUE),
    Variante(
        "tout_entre_guillemets",
        "rpls_2026",
        lambda: _tel_quel(
            "rpls_2026", "".join(";".join(f'"{c}"' for c in ligne) + "\n" for ligne in TABLES["rpls_2026"])
        ),
        IDENTIQUE,
    ),
    Variante(
        "sauts_dans_les_cellules",
        "liberations",
        lambda: _avec("liberations", "motif_depart", {"Départ": "Départ\n"}),
        IDENTIQUE,
    ),
    Variante("retours_seuls", "sne", lambda: _tel_quel("sne", _texte("sne").replace("\r\n", "\r")), IDENTIQUE),
    Variante("espaces_insecables", "demandes", lambda: _avec("demandes", "nombre", {" ": "\u00a0"}), IDENTIQUE),
    Variante("espaces_fines", "demandes", lambda: _avec("demandes", "nombre", {" ": "\u202f"}), IDENTIQUE),
    Variante("point_decimal", "objectifs", lambda: _avec("objectifs", "flux_reservataire", {",": "."}), IDENTIQUE),
    Variante(
        "espaces_autour",
        "propositions",
        lambda: _avec("propositions", "code_reservataire", {"ALS": " ALS\u00a0"}),
        IDENTIQUE,
    ),
    csv_change(
        "point_ambigu",
        "objectifs",
        REJETTE,
        (Dit("valeur_illisible", 3, "flux_reservataire", "1.234", "erreur"),),
        (3, "flux_reservataire", "1.234"),
        perdues=(3,),
    ),
    csv_change(
        "milliers_mal_groupes",
        "previsions",
        REJETTE,
        (Dit("valeur_illisible", 2, "nombre", "1 23", "erreur"),),
        (2, "nombre", "1 23"),
        perdues=(2,),
    ),
    Variante(
        "decimale_sans_guillemets",
        "objectifs",
        lambda: _tel_quel("objectifs", "".join(",".join(ligne) + "\n" for ligne in TABLES["objectifs"])),
        REJETTE,
        (Dit("ligne_decalee", 3, "E", gravite="erreur"),),
        (3,),
    ),
    Variante(
        "separateur_dans_un_texte",
        "liberations",
        lambda: _tel_quel("liberations", _texte("liberations").replace("Mutation", "Mutation; ANRU")),
        REJETTE,
        (Dit("ligne_decalee", 4, "F", gravite="erreur"),),
        (4,),
    ),
    Variante(
        "cellules_finales_absentes",
        "exclusions",
        lambda: _tel_quel("exclusions", _texte("exclusions").replace("01/01/2020;;\r\n", "01/01/2020\r\n")),
        IDENTIQUE,
        (Dit("ligne_incomplete", 2, gravite="avertissement"),),
    ),
    Variante(
        "guillemet_ouvert",
        "droits",
        lambda: _tel_quel("droits", _texte("droits").replace("VILLE", '"VILLE')),
        BLOQUE,
        (Dit("guillemet_non_ferme", 4),),
    ),
    Variante(
        "guillemets_avaleurs",
        "liberations",
        lambda: _tel_quel("liberations", _texte("liberations").replace("Départ", '"Départ', 2)),
        BLOQUE,
        (Dit("guillemet_suspect", 2, "D"),),
    ),
)

COUPURES = (
    Variante(
        "derniere_ligne_coupee",
        "propositions",
        lambda: _tel_quel("propositions", _texte("propositions")[:-30]),
        BLOQUE,
        (Dit("fichier_tronque", 5),),
    ),
    Variante(
        "sans_fin_de_ligne",
        "volumes_droits",
        lambda: _tel_quel("volumes_droits", _texte("volumes_droits")[:-2]),
        IDENTIQUE,
        (Dit("fin_de_ligne_absente", 2),),
    ),
    Variante(
        "entete_seul",
        "coefficients_npnru",
        lambda: en_csv("coefficients_npnru", TABLES["coefficients_npnru"][:1]),
        SIGNALE,
        (Dit("table_vide", gravite="avertissement"),),
    ),
    Variante(
        "rpls_entete_seul",
        "rpls_2025",
        lambda: en_csv("rpls_2025", TABLES["rpls_2025"][:1]),
        BLOQUE,
        (Dit("table_vide"),),
    ),
    Variante(
        "conventions_entete_seul",
        "reservataires",
        lambda: en_csv("reservataires", TABLES["reservataires"][:1]),
        BLOQUE,
        (Dit("table_vide", gravite="bloquant"),),
    ),
    Variante("fichier_vide", "sne", lambda: {"sne.csv": b""}, BLOQUE, (Dit("fichier_vide"),)),
    Variante(
        "que_des_blancs", "objectifs", lambda: {"objectifs.csv": b"\r\n  \r\n\t\r\n"}, BLOQUE, (Dit("fichier_vide"),)
    ),
    Variante(
        "deux_millesimes",
        "rpls_2025",
        lambda: en_csv(
            "rpls_2025",
            [
                [*ligne, annee]
                for ligne, annee in zip(
                    lignes_de("rpls_2025"), ["millesime", *["2025"] * 20, *["2026"] * 10], strict=True
                )
            ],
        ),
        BLOQUE,
        (Dit("deux_millesimes", colonne="millesime"),),
    ),
    Variante(
        "millesime_introuvable",
        "rpls_2025",
        lambda: {"rpls.csv": en_csv("rpls_2025")["rpls_2025.csv"]},
        BLOQUE,
        (Dit("millesime_inconnu"),),
    ),
    Variante(
        "millesime_contredit",
        "rpls_2025",
        lambda: {
            "rpls_2027.csv": en_csv(
                "rpls_2025",
                [[*ligne, "2025"] if i else [*ligne, "millesime"] for i, ligne in enumerate(lignes_de("rpls_2025"))],
            )["rpls_2025.csv"]
        },
        SIGNALE,
        (Dit("millesime_contredit", valeur="2025", gravite="erreur"),),
    ),
    Variante(
        "millesime_de_l_exercice_absent", "rpls_2025", lambda: {}, BLOQUE, (Dit("millesime_absent", valeur="2025"),)
    ),
    Variante("table_obligatoire_absente", "reservataires", lambda: {}, BLOQUE, (Dit("table_absente"),)),
    Variante(
        "soixante_cinq_mille_lignes",
        "demandes",
        lambda: {
            "demandes.csv": b"epci;plafond;typologie;nombre\n" + b"".join(b"E%d;PLUS;T3;1\n" % i for i in range(65_535))
        },
        SIGNALE,
        (Dit("fichier_coupe_par_tableur", 65_536, gravite="avertissement"),),
    ),
)

DECLARATIONS = (
    Variante(
        "declaration_au_nombre_different",
        "rpls_2025",
        lambda: {"rpls_2025.txt": _declaration("31")},
        BLOQUE,
        (Dit("nombre_declare_different", 1, "nombre de logements", "31"),),
    ),
    Variante(
        "declaration_coupee_entre_deux_lignes",
        "rpls_2025",
        lambda: {"rpls_2025.txt": _declaration("30").rsplit(b"\r\n", 2)[0] + b"\r\n"},
        BLOQUE,
        (Dit("nombre_declare_different", 1, "nombre de logements", "30", "bloquant"),),
    ),
    Variante(
        "declarations_bout_a_bout",
        "rpls_2025",
        lambda: {"rpls_2025.txt": _declaration("30") + _declaration("30", "2026")},
        BLOQUE,
        (Dit("deux_millesimes", 32, gravite="bloquant"),),
    ),
    Variante(
        "declaration_sans_nombre",
        "rpls_2025",
        lambda: {"rpls_2025.txt": _declaration("")},
        SIGNALE,
        (Dit("nombre_non_declare", 1, "nombre de logements", gravite="avertissement"),),
    ),
)

TEXTES = ENCODAGES + SEPARATEURS + COUPURES + DECLARATIONS
