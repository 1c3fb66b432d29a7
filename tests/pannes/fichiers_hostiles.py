"""The worst files that we can make, each with what the extraction must say of it: `CAS`. They are made in memory."""

import io
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

from tests.pannes.cas import TABLE, Cas, coupe
from tests.pannes.classeurs_hostiles import CLASSEURS

CSV = "".join(";".join(map(str, ligne)) + "\r\n" for ligne in TABLE)


def _parquet(colonnes: dict[str, object], **options: object) -> Callable[[], bytes]:
    def fabriquer() -> bytes:
        tampon = io.BytesIO()
        pq.write_table(pa.table(colonnes), tampon, **options)
        return tampon.getvalue()

    return fabriquer


def _lignes(nombre: int) -> Callable[[], bytes]:
    return lambda: b"code;nombre\n" + b"A;1\n" * (nombre - 1)


_TEXTES = (
    Cas("vide", ".csv", lambda: b"", ("fichier_vide",)),
    Cas("marque_seule", ".csv", lambda: b"\xef\xbb\xbf", ("fichier_vide",)),
    Cas("lignes_vides", ".csv", lambda: b"\r\n ;\r\n;;\r\n".replace(b" ", b""), ("fichier_vide",)),
    Cas("espaces", ".txt", lambda: b"  \n\t\n", ("fichier_vide",)),
    Cas("octet_nul", ".csv", lambda: CSV.encode().replace(b"ALS", b"A\0S"), ("octet_nul",)),
    Cas("binaire", ".csv", lambda: bytes(range(256)) * 40, ("octet_nul",)),
    Cas("cp1252", ".csv", lambda: CSV.encode("cp1252"), ("encodage_detecte",), lisible=True),
    Cas("utf16", ".csv", lambda: CSV.encode("utf-16"), ("encodage_detecte",), lisible=True),
    Cas("utf16_be_sans_marque", ".csv", lambda: CSV.encode("utf-16-be"), ("encodage_detecte",), lisible=True),
    Cas("utf16_coupe", ".csv", lambda: CSV.encode("utf-16")[:-3], ("fichier_tronque",)),
    Cas("dos", ".csv", lambda: CSV.encode("cp850"), ("encodage_douteux",), lisible=True),
    Cas("mac", ".csv", lambda: CSV.encode("mac-roman"), ("encodage_douteux",), lisible=True),
    Cas("encodages_meles", ".csv", lambda: (CSV * 2).encode() + CSV.encode("cp1252"), ("encodage_melange",)),
    Cas("coupe_dans_un_accent", ".csv", lambda: (CSV + "X;é").encode()[:-1], ("fichier_tronque",)),
    Cas("remplacement", ".csv", lambda: CSV.replace("É", "\ufffd").encode(), ("accents_perdus",), lisible=True),
    Cas(
        "interrogation",
        ".csv",
        lambda: CSV.replace("été", "?t?").replace("É", "L?").encode(),
        ("accents_perdus",),
        True,
    ),
    Cas("double_encodage", ".csv", lambda: CSV.encode().decode("cp1252").encode(), ("accents_perdus",), lisible=True),
    Cas("guillemet_ouvert", ".csv", lambda: (CSV + '"X;Y;1\r\n').encode(), ("guillemet_non_ferme",)),
    Cas("guillemet_ouvert_tot", ".csv", lambda: ('a;"b;c\r\n' + CSV * 90_000).encode(), ("guillemet_non_ferme",)),
    Cas("guillemet_avale", ".csv", lambda: (CSV + 'X;"Y;1\r\nZ;W";2\r\n').encode(), ("guillemet_suspect",), True),
    Cas("derniere_coupee", ".csv", lambda: CSV.encode()[:-6], ("fichier_tronque",), lisible=True),
    Cas("sans_saut_final", ".csv", lambda: CSV.encode()[:-2], ("fin_de_ligne_absente",), lisible=True),
    Cas("ligne_longue", ".csv", lambda: (CSV + "X;Y;Z;1\r\n").encode(), ("ligne_trop_longue",), lisible=True),
    Cas("ligne_courte", ".csv", lambda: (CSV + "X;Y\r\n" + CSV).encode(), ("ligne_incomplete",), lisible=True),
    Cas("erreurs", ".csv", lambda: (CSV + "X;#N/A;#DIV/0!\r\n").encode(), ("cellule_en_erreur",) * 2, lisible=True),
    Cas("65536", ".csv", _lignes(65_536), ("fichier_coupe_par_tableur",), lisible=True),
    Cas("1048576", ".csv", _lignes(1_048_576), ("fichier_coupe_par_tableur",), lisible=True),
    Cas("vingt_mille_colonnes", ".csv", lambda: (b"1;" * 20_000 + b"\n") * 3, ("trop_de_colonnes",)),
    Cas("une_ligne_sans_fin", ".csv", lambda: b"a;b\n" + b"x" * (20 << 20), ("ligne_demesuree",)),
    Cas(
        "page_web",
        ".xls",
        lambda: b"<html><table><tr><td>code</td></tr></table></html>",
        ("format_non_pris_en_charge",),
    ),
    Cas("xml_2003", ".xls", lambda: b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', ("format_non_pris_en_charge",)),
    Cas("pdf", ".xlsx", lambda: b"%PDF-1.7\n%\xe2\xe3\n" * 20, ("format_non_pris_en_charge",)),
    Cas("gzip", ".csv", lambda: b"\x1f\x8b\x08\0" + bytes(40), ("format_non_pris_en_charge",)),
    Cas("csv_nomme_xlsx", ".xlsx", CSV.encode, ("extension_trompeuse",), lisible=True),
    Cas("vide", ".xlsx", lambda: b"", ("fichier_vide",)),
)

_PARQUET = (
    Cas("tronque", ".parquet", coupe(_parquet({"a": ["x"] * 50}), 0.6), ("classeur_illisible",)),
    Cas("liste", ".parquet", _parquet({"a": [[1, 2]]}), ("colonne_composee",)),
    Cas("octets", ".parquet", _parquet({"a": [b"\xff\xfe"]}), ("colonne_illisible",)),
    Cas(
        "bombe",
        ".parquet",
        _parquet({"a": pa.nulls(25_000_000, pa.int8())}, row_group_size=25_000_000),
        ("classeur_demesure",),
    ),
)

CAS = _TEXTES + CLASSEURS + _PARQUET
