"""The flows of the personal data exchanged with Action Logement: write, open, destroy. Never with the bilans."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.fernet import MultiFernet

from flows import paris
from flows.anomalies import Anomalie, MauvaisUsage, phrase
from flows.bilan import lire, publier
from flows.campagne import Campagne
from flows.chemins import ENTREPOT, MANIFESTE, entrees_par_defaut
from flows.entrepot import chargement, controles
from flows.etapes import dire
from flows.fichiers import sha256
from flows.livrables import redaction
from flows.personnes import coffre, dcp, purge
from flows.personnes.purge import Echeance
from flows.publication import parution, registre
from flows.publication.manifeste import lire_manifeste


@dataclass(frozen=True)
class Transmission:
    """What `transmettre` has to say: the enciphered files, the rows in each, the anomalies, what failed afterwards."""

    fichiers: list[tuple[str, int]]
    anomalies: list[Anomalie]
    incidents: list[Anomalie]


def transmettre(campagne: Campagne, cle: MultiFernet) -> Transmission:
    """Writes DCP1 and DCP2 for each Action Logement, enciphered, and why each other attribution is left out.

    Raises ArretBloquant with every anomaly when one is blocking; what was published is then untouched.
    """
    with parution.chantier(campagne) as chantier:
        base = chantier / parution.TRAVAIL / ENTREPOT
        recus, lue = lire(campagne, chantier / parution.TRAVAIL, dcp.PERSONNELLES)
        chargement.remplir(campagne, lue, base)
        chargement.calculer(base)
        faite, dites = purge.derniere(campagne.sorties)
        lue.anomalies += dites
        envois = dcp.choisir(lue, base, faite)
        anomalies = controles.controler(lue.anomalies, base)
        fichiers = dcp.ecrire(envois, campagne, chantier, cle, faite)
        redaction.livrer_controles(base, chantier)
        rendu = publier(campagne, chantier, recus, lue, anomalies, [])
    return Transmission(fichiers, anomalies, rendu.incidents)


def ouvrir(fichier: Path, vers: Path, cle: MultiFernet) -> None:
    """Says in the register that an enciphered file is opened, then writes it in clear where the user wants it.

    The clear file comes last: it never exists without its line in the register, and none is left when its writing
    fails. Raises ArretBloquant for another key or an altered file, FileExistsError rather than write over a file,
    MauvaisUsage for a copy out of a published folder, and for a clear file in one.
    """
    campagne = _campagne(fichier.parent, "ouvrir")
    octets = coffre.lire(fichier, cle)
    if vers.exists() or vers.is_symlink():
        raise FileExistsError(vers)
    if not vers.parent.is_dir():
        raise MauvaisUsage(f"Le dossier {vers.parent} n'existe pas.")
    if publie := next((d for d in vers.resolve().parents if (d / MANIFESTE).exists()), None):
        raise MauvaisUsage(f"{publie} est un dossier publié : un fichier en clair n'y va pas, donnez un autre dossier.")
    faits = {"fichier": fichier.name, "sha256": sha256(fichier), "vers": vers.name}
    registre.inscrire(campagne, "ouverture", faits)
    coffre.ecrire_prive(octets, vers)


def echeances(racine: Path, au: date, cle: MultiFernet) -> dict[Path, list[Echeance]]:
    """What a purge would destroy below `racine`, by folder; nothing is written.

    Raises MauvaisUsage for a day to come, and when a folder with rows to destroy was not published by us: a copy made
    by hand.
    """
    purge.refuser_l_avenir(au, paris.aujourd_hui())
    trouvees = {dossier: purge.examiner(dossier, au, cle) for dossier in purge.dossiers(racine)}
    dues = {dossier: liste for dossier, liste in trouvees.items() if liste}
    for dossier in dues:
        _campagne(dossier, "purger", au)
    return dues


def purger(racine: Path, au: date, cle: MultiFernet) -> dict[Path, list[Echeance]]:
    """Destroys what is due on `au`, folder by folder, proves it, leaves a certificate and two lines in the register.

    Raises ArretBloquant when somebody removed is still found anywhere below `racine`: that folder is then untouched.
    """
    a_detruire = echeances(racine, au, cle)
    for dossier, liste in a_detruire.items():
        _purger(dossier, liste, racine, au, cle)
    return a_detruire


def _purger(dossier: Path, liste: list[Echeance], racine: Path, au: date, cle: MultiFernet) -> None:
    campagne = _campagne(dossier, "purger", au)
    noms = {echeance.nom for echeance in liste}
    with parution.chantier(campagne) as chantier:
        purge.reecrire(liste, au, chantier, cle)
        lieux = [racine] if chantier.is_relative_to(racine) else [racine, chantier]
        preuve = purge.prouver(liste, lieux, {dossier / nom for nom in noms}, cle)
        certificat = purge.certifier(liste, au, preuve, dossier, chantier)
        registre.inscrire(campagne, registre.DEBUT, {})  # first: no `dcp` makes again what the next lines destroy
        parution.publier(campagne, chantier, [], [], garder=lambda chemin: chemin.as_posix() not in noms)
        # the work folder now holds what was published before
        purge.effacer(noms, chantier)
    for incident in registre.inscrire_publication(campagne, purge.faits(liste, dossier / certificat), "purge"):
        dire(phrase(incident))


def _campagne(dossier: Path, commande: str, au: date | None = None) -> Campagne:
    """The campaign that a folder of personal files was made for. Raises MauvaisUsage when it is not ours."""
    annees = [execution["annee"] for execution in lire_manifeste(dossier)["executions"].values()]
    if not annees:
        raise MauvaisUsage(
            f"{dossier} n'a pas de manifeste : supprimez ces copies de fichiers chiffrés, faites à la main."
        )
    options = (("au", au.isoformat()),) if au else ()
    return Campagne(annees[0], entrees_par_defaut(annees[0]), dossier, commande=commande, options=options)
