"""Text files (.csv, .txt) → one sheet of text rows: encoding and separator by content, nothing inferred, lines kept."""

from pathlib import Path

import pyarrow as pa

from flows.anomalies import Anomalie, Gravite, Recueil
from flows.depot import feuilles
from flows.depot.encodages import Encodage, FluxUtf8, anomalies_du_texte, reconnaitre
from flows.depot.enregistrements import FIN, Lecture, ecrire
from flows.depot.feuilles import Feuille, lettres
from flows.depot.separateurs import deviner, ecarte_ses_guillemets

ECHANTILLON = 256 << 10
LIGNES_DU_GUILLEMET = 1_000
_COMPLET = "Déposez le fichier complet."


def lire_texte(fichier: str, chemin: Path, destination: Path, cle: bytes = b"") -> tuple[list[Feuille], list[Anomalie]]:
    """The one sheet of a text file, written in `destination`; none when it cannot be read.

    Reads the file once to know its encoding and once to cut it, a second time when a cell holds a line break or when
    the first lines were not like the others. Never raises for the content of the file: the anomalies say what is wrong.
    """
    encodage, anomalies = reconnaitre(fichier, chemin)
    if encodage is None:
        return [], anomalies
    vus = echantillon(chemin, encodage)
    separateur, usuelle = deviner(vus)
    serre = separateur if ecarte_ses_guillemets(vus, separateur) else ""
    lecture: Lecture | None = Lecture(separateur, usuelle, usuelle)
    while lecture is not None:
        if lecture.largeur > feuilles.COLONNES_MAX:
            return [], [*anomalies, _trop_de_colonnes(fichier, lecture.largeur)]
        lue, flux = lecture, FluxUtf8(chemin, encodage, FIN, serre)
        try:
            ecrire(flux, lue, destination, cle)
        except pa.ArrowInvalid:
            return [], [*anomalies, _sans_fin(fichier, chemin, encodage)]
        finally:
            flux.close()
        lecture = _reprise(lue, flux)
    if not lue.complet:
        return [], [*anomalies, _guillemet_ouvert(fichier, lue.derniere)]
    if not lue.ecrites:
        return [], [*anomalies, _bloquant(fichier, "fichier_vide", "Le fichier n'a que des lignes vides.", _COMPLET)]
    anomalies += anomalies_du_texte(fichier, flux) + anomalies_des_lignes(fichier, lue, flux)
    if serre:
        anomalies.append(_espaces(fichier))
    separateur = separateur if lue.largeur > 1 else ""
    lignes = Feuille(fichier, "", destination, lue.ecrites, False, (), "csv", encodage.affiche, separateur, cle)
    return [lignes], anomalies


def echantillon(chemin: Path, encodage: Encodage) -> str:
    """The first lines; the last one is left out when it may be cut."""
    flux = FluxUtf8(chemin, encodage)
    octets = flux.read(ECHANTILLON)
    flux.close()
    fin = max(octets.rfind(b"\n"), octets.rfind(b"\r")) + 1
    return octets[: fin if fin and len(octets) == ECHANTILLON else None].decode("utf-8", "ignore")


def _reprise(lue: Lecture, flux: FluxUtf8) -> Lecture | None:
    """The reading to do again when this one taught something that changes it; None when it stands."""
    lignes = flux.sauts + (not flux.finit_par_saut)
    compter = lue.compter or lignes != lue.enregistrements or not lue.complet
    frequente = max(lue.largeurs, key=lambda cellules: (lue.largeurs[cellules], cellules), default=lue.usuelle)
    usuelle = frequente if lue.largeurs[frequente] > 2 * lue.largeurs[lue.usuelle] else lue.usuelle
    largeur = max([lue.largeur, *lue.largeurs])
    if (usuelle, largeur, compter) == (lue.usuelle, lue.largeur, lue.compter):
        return None
    return Lecture(lue.separateur, usuelle, largeur, compter)


def anomalies_des_lignes(fichier: str, lue: Lecture, flux: FluxUtf8) -> list[Anomalie]:
    """What the records of a whole text have to be reproached with."""
    dites = [_avale(fichier, ligne, colonne) for ligne, colonne in lue.avales]
    dites += Recueil(feuilles.anomalie_erreur(fichier, "", *erreur) for erreur in lue.erreurs).liste()
    if lue.derniere_courte and not flux.finit_par_saut:
        dites.append(_coupee(fichier, lue.derniere))
    elif not flux.finit_par_saut:
        dites.append(_sans_saut_final(fichier, lue.derniere))
    dites += Recueil(_inegale(fichier, ligne, cellules, lue.usuelle) for ligne, cellules in lue.inegales).liste()
    if lue.nb_inegales > len(lue.inegales):
        dites.append(_beaucoup_inegales(fichier, lue))
    total = feuilles.anomalie_coupe(fichier, "", lue.enregistrements)
    return dites if total is None else [*dites, total]


def _bloquant(fichier: str, code: str, message: str, correction: str, ligne: int | None = None) -> Anomalie:
    return Anomalie(Gravite.BLOQUANT, code, message, correction, fichier, ligne=ligne)


def _trop_de_colonnes(fichier: str, nombre: int) -> Anomalie:
    return _bloquant(
        fichier,
        "trop_de_colonnes",
        f"Une ligne a {nombre} cellules, plus que les {feuilles.COLONNES_MAX} colonnes d'un tableur.",
        "Vérifiez le séparateur et les fins de ligne du fichier ; refaites l'export.",
    )


def _sans_fin(fichier: str, chemin: Path, encodage: Encodage) -> Anomalie:
    ligne = _guillemet_isole(chemin, encodage)
    if ligne:
        return _guillemet_ouvert(fichier, ligne)
    message = "Une ligne du fichier dépasse 4 Mio : ses fins de ligne sont perdues ou ce n'est pas un tableau."
    return _bloquant(fichier, "ligne_demesuree", message, "Refaites l'export en CSV, une ligne par enregistrement.")


def _guillemet_isole(chemin: Path, encodage: Encodage) -> int:
    """Line of the first quote without its pair for long; 0 when there is none. An odd line opens or closes a cell."""
    flux, ligne, ouverte, guillemets = FluxUtf8(chemin, encodage), 1, 0, 0
    while bloc := flux.read(1 << 20):
        debut, *lignes = bloc.split(b"\n")
        guillemets += debut.count(b'"')
        for texte in lignes:
            if guillemets % 2:
                ouverte = 0 if ouverte else ligne
            ligne, guillemets = ligne + 1, texte.count(b'"')
            if ouverte and ligne - ouverte > LIGNES_DU_GUILLEMET:
                flux.close()
                return ouverte
    flux.close()
    return (0 if ouverte else ligne) if guillemets % 2 else ouverte


def _guillemet_ouvert(fichier: str, ligne: int) -> Anomalie:
    return _bloquant(
        fichier,
        "guillemet_non_ferme",
        f"Le guillemet ouvert à la ligne {ligne} n'est pas refermé : il est de trop, ou le fichier est tronqué.",
        "Redemandez le fichier complet ; sinon retirez ou doublez le guillemet de cette ligne.",
        ligne,
    )


def _espaces(fichier: str) -> Anomalie:
    return Anomalie(
        Gravite.INFORMATION,
        "espace_avant_guillemet",
        "Le fichier met une espace entre le séparateur et le guillemet de ses valeurs : elle n'est pas lue.",
        "",
        fichier,
    )


def _avale(fichier: str, ligne: int, colonne: int) -> Anomalie:
    return Anomalie(
        Gravite.BLOQUANT,
        "guillemet_suspect",
        f"Un guillemet de trop à la ligne {ligne}, colonne {lettres(colonne)}, réunit plusieurs lignes "
        "en une cellule : des lignes seraient perdues.",
        "Retirez ou doublez ce guillemet dans le fichier.",
        fichier,
        ligne=ligne,
        colonne=lettres(colonne),
    )


def _coupee(fichier: str, ligne: int) -> Anomalie:
    return _bloquant(
        fichier,
        "fichier_tronque",
        f"La dernière ligne ({ligne}) est coupée : il lui manque des cellules et la fin de ligne.",
        "Redemandez le fichier complet ; si cette ligne est entière, ajoutez un retour à la ligne à la fin du fichier.",
        ligne,
    )


def _sans_saut_final(fichier: str, ligne: int) -> Anomalie:
    return Anomalie(
        Gravite.AVERTISSEMENT,
        "fin_de_ligne_absente",
        f"La dernière ligne ({ligne}) n'a pas de fin de ligne : la dernière valeur du fichier a pu être coupée.",
        "Vérifiez la dernière ligne du fichier.",
        fichier,
        ligne=ligne,
    )


def _inegale(fichier: str, ligne: int, cellules: int, usuelle: int) -> Anomalie:
    longue = cellules > usuelle
    return Anomalie(
        Gravite.ERREUR if longue else Gravite.AVERTISSEMENT,
        "ligne_trop_longue" if longue else "ligne_incomplete",
        f"La ligne {ligne} a {cellules} cellules au lieu de {usuelle} : "
        + ("un séparateur de trop décale ses valeurs." if longue else "celles qui manquent sont lues comme vides."),
        "Mettez entre guillemets la valeur qui contient le séparateur."
        if longue
        else "Vérifiez que la ligne n'est pas coupée en deux ou tronquée.",
        fichier,
        ligne=ligne,
    )


def _beaucoup_inegales(fichier: str, lue: Lecture) -> Anomalie:
    autres = lue.nb_inegales - len(lue.inegales)
    return Anomalie(
        Gravite.ERREUR,
        "lignes_inegales",
        f"{autres} autres lignes n'ont pas {lue.usuelle} cellules.",
        "Le fichier n'est pas un tableau régulier : refaites l'export.",
        fichier,
    )
