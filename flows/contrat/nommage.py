"""The codes of the réservataires name folders and files: which ones can."""

import re

LONGUEUR_MAX = 80
OCTETS_MAX = 200
"""Of a code in UTF-8: with what is around it, a file name stays under the 255 that disks allow."""
_SIGNES_INTERDITS = frozenset('<>:"/\\|?*')
_NOM_RESERVE = re.compile(r"(con|prn|aux|nul|(com|lpt)[\d¹²³])(\..*)?", re.IGNORECASE)
REMEDE = f'sans espace ni point au bord, sans < > : " / \\ | ? *, de {LONGUEUR_MAX} caractères au plus'


def faute_du_code(code: str) -> str:
    """Why a code cannot name a file on every system, in French; empty when it can."""
    bords = bool(code) and code == code.strip(" .") and not _NOM_RESERVE.fullmatch(code)
    court = len(code) <= LONGUEUR_MAX and len(code.encode("utf-8", "replace")) <= OCTETS_MAX
    if not (bords and court and code.isprintable() and _SIGNES_INTERDITS.isdisjoint(code)):
        return "ne peut pas nommer un fichier"
    return ""
