"""What the disk or the system refused, said in French with what to do; checks made before anything is written."""

import errno
import os
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.campagne import Campagne
from flows.fichiers import nom_affiche
from flows.publication.manifeste import lire_manifeste

PLEIN = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
INTERDIT = {errno.EACCES, errno.EPERM, errno.EROFS}
PERSONNELLES = {"dcp", "purger"}
BILANS = {"bilan", "etat-des-lieux"}
SANS_RAPPORT = {"ecriture_impossible", "sorties_en_lecture_seule", "sorties_pas_un_dossier"}
"""Anomalies of a disk on which nothing more is written, not even what stopped the run."""
SYSTEME = {".ds_store", "desktop.ini", "thumbs.db"}
"""What a file manager leaves in any folder that it shows."""
TROP_GROS = "File too large"
TEXTES_PLEIN = ("No space left on device", "Disk quota exceeded")


def verifier_destination(campagne: Campagne) -> None:
    """Refuse (ArretBloquant) outputs that would swallow the inputs, or that are not a folder that can be written."""
    sorties, entrees = campagne.sorties.resolve(), campagne.entrees.resolve()
    if sorties == entrees or sorties in entrees.parents:
        _refuser("sorties_sur_entrees", f"Le dossier de sortie {sorties.name} contient le dossier d'entrée.", sorties)
    if sorties.exists() and not sorties.is_dir():
        _refuser("sorties_pas_un_dossier", f"{sorties.name} est un fichier, pas un dossier.", sorties)
    for parent in sorties.parents:
        if parent.exists():
            if not parent.is_dir():
                _refuser("sorties_pas_un_dossier", f"{parent.name} est un fichier, pas un dossier.", sorties)
            break
    for dossier in (sorties, parent):
        if dossier.exists() and _en_lecture_seule(dossier):
            _refuser("sorties_en_lecture_seule", f"Le dossier {dossier.name} est en lecture seule.", sorties)


def verifier_publication(campagne: Campagne) -> None:
    """Refuse (ArretBloquant) to replace a folder that this product did not publish, or that holds another exercice:
    nothing of others is lost, and a folder says one year.
    """
    sorties = campagne.sorties.resolve()
    executions = lire_manifeste(sorties)["executions"]
    if not executions and sorties.exists() and any(chemin.name.lower() not in SYSTEME for chemin in sorties.iterdir()):
        _refuser("sorties_etrangeres", f"{sorties.name} contient des fichiers qui ne sont pas les nôtres.", sorties)

    autres = {e["annee"] for e in executions.values() if e["commande"] in BILANS} - {campagne.annee}
    if campagne.commande in BILANS and autres:
        la = ", ".join(map(str, sorted(autres)))
        message = f"{sorties.name} contient l'exercice {la} : l'exercice {campagne.annee} va à part."
        _refuser("sorties_d_un_autre_exercice", message, sorties)


def verifier_bailleur(sorties: Path, publie: str, nouveau: str) -> None:
    """Raises ArretBloquant when these outputs are those of a bailleur of another name; unknown names say nothing."""
    if publie and nouveau and _lettres(publie) != _lettres(nouveau):
        message = f"{sorties.name} contient les sorties de « {publie} » : celles de « {nouveau} » vont à part."
        _refuser("sorties_d_un_autre_bailleur", message, sorties)


def _lettres(nom: str) -> str:
    plat = unicodedata.normalize("NFKD", nom.casefold())
    return "".join(lettre for lettre in plat if lettre.isalnum())


def verifier_separation(campagne: Campagne) -> None:
    """Refuse (ArretBloquant) to mix personal files and bilans in one folder, whichever came first ([000] annexe 3)."""
    personnel = campagne.commande in PERSONNELLES
    if not personnel and campagne.commande not in BILANS:
        return
    sorties = campagne.sorties.resolve()
    for dossier in (sorties, *sorties.parents):
        with suppress(ValueError, OSError):  # above the outputs: another product's manifest, or a closed folder
            commandes = {execution["commande"] for execution in lire_manifeste(dossier)["executions"].values()}
            if commandes & (BILANS if personnel else PERSONNELLES):
                nature = "des bilans" if personnel else "des données personnelles chiffrées"
                message = f"Le dossier {dossier.name} contient {nature} : les deux vont à part."
                _refuser("sorties_melangees", message, sorties)


def deplacement_refuse(sorties: Path) -> Anomalie:
    """The outputs could not be swapped: what was published is still there."""
    return Anomalie(
        Gravite.BLOQUANT,
        "sorties_occupees",
        f"Le dossier {sorties.name} ne peut pas être remplacé : l'un de ses fichiers est ouvert dans un autre "
        "logiciel (Excel, DuckDB, explorateur), ou le dossier est le point de montage d'un disque. "
        "Les sorties précédentes sont intactes.",
        "Fermez ces fichiers et relancez, ou donnez à --sorties un sous-dossier.",
        fichier=sorties.name,
    )


def incident(erreur: BaseException, sorties: Path) -> Anomalie | None:
    """The anomaly that tells a full disk or a lost access, whichever library met it; None for any other error."""
    for cause in _causes(erreur):
        numero = cause.errno if isinstance(cause, OSError) else None
        if numero == errno.EFBIG or TROP_GROS in str(cause):
            message = "Un fichier dépasse la taille que cette session (ulimit -f) ou ce disque permet."
            correction = "Relevez la limite (ulimit -f unlimited) ou donnez à --sorties un autre disque, puis relancez."
        elif numero in PLEIN or any(texte in str(cause) for texte in TEXTES_PLEIN):
            message = "Le disque des sorties est plein."
            correction = "Libérez de la place sur ce disque, puis relancez."
        elif numero in INTERDIT:
            objet = nom_affiche(Path(str(getattr(cause, "filename", None) or sorties.name)).name)
            message = f"Le système a refusé l'accès à {objet}."
            correction = (
                f"Vérifiez que vous avez le droit d'écrire à côté de {sorties.name} et que rien n'y est ouvert."
            )
        elif numero == errno.ENAMETOOLONG:
            message = "Un nom ou un chemin de fichier est trop long pour le disque des sorties."
            correction = "Donnez à --sorties un dossier plus proche de la racine du disque, ou un code plus court."
        else:
            continue
        intactes = " Les sorties précédentes sont intactes."
        return Anomalie(Gravite.BLOQUANT, "ecriture_impossible", message + intactes, correction, fichier=sorties.name)
    return None


def _causes(erreur: BaseException | None) -> Iterator[BaseException]:
    while erreur is not None:
        yield erreur
        erreur = erreur.__cause__ or erreur.__context__


def _en_lecture_seule(dossier: Path) -> bool:
    """Also true for an administrator, whom the system would let write: the folder was closed on purpose."""
    return not os.access(dossier, os.W_OK) or (os.name == "posix" and not dossier.stat().st_mode & 0o222)


def _refuser(code: str, message: str, sorties: Path) -> None:
    correction = "Donnez à --sorties un autre dossier, neuf ou déjà publié par gestion-flux."
    raise ArretBloquant([Anomalie(Gravite.BLOQUANT, code, message, correction, fichier=sorties.name)])
