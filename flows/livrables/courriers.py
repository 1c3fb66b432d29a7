"""The acts and letters that go with a convention, from Word templates that name the same fields as an annexe.

Yearly amendment ([001] art. 9); a new convention sent to the préfet and the EPCI (CCH R.441-5 II).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.chemins import GABARITS, modeles_word
from flows.entrepot.connexion import connecter
from flows.livrables import annexe
from flows.livrables.modele_annexe import charger_modele
from flows.livrables.theme import Logo

COURRIERS = GABARITS / "courriers"


def ecrire_courriers(
    entrepot: Path,
    chantier: Path,
    codes: Sequence[str],
    modeles: Path = COURRIERS,
    logo: Logo | None = None,
    editions: Mapping[str, str] = annexe.SANS_VERSION,
) -> list[Path]:
    """Writes `bilan/<dossier>/<courrier>_<N+1>_<code>.docx` for each row of `bilan.courriers` of these codes.

    Several addressees of one letter (a département has many EPCI) are one document: the mail merge is the sender's.
    """
    with connecter(entrepot, lecture_seule=True) as con:
        voulus = con.execute(
            "select distinct code_reservataire, courrier from bilan.courriers "
            "where list_contains(?, code_reservataire) order by all",
            [list(codes)],
        ).fetchall()
        contextes = annexe.lire_contextes(con, sorted({code for code, _ in voulus}), editions) if voulus else {}
    ecrits = []
    for code, courrier in voulus:
        if code not in contextes:
            continue  # no line of the annexe: nothing to amend nor to announce
        entete, champs = contextes[code]
        annee = entete["annee"] + 1
        dossier = chantier / "bilan" / entete["dossier"]
        dossier.mkdir(parents=True, exist_ok=True)
        chemin = dossier / f"{courrier}_{annee}_{code}.docx"
        titre = f"{courrier.replace('_', ' ').capitalize()} {annee} : {champs['reservataire']}"
        modele = charger_modele(modeles_word(modeles)[courrier], logo)
        chemin.write_bytes(modele.remplir(champs, titre, entete["date_arrete"]))
        ecrits.append(chemin)
    return ecrits
