"""The flow of the yearly bilan (28 February): from the files dropped to every réservataire's bilan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flows import bureau
from flows.anomalies import Anomalie, Gravite, arreter, joindre
from flows.campagne import Campagne
from flows.chemins import ENTREPOT
from flows.contrat import schema
from flows.depot import balayage, extraction, reception
from flows.entrepot import chargement, connexion, controles, reprise
from flows.etapes import dire
from flows.fichiers import FichierRecu
from flows.livrables import courriers, equipe, modele_annexe, redaction, verification_gabarits, version_publique
from flows.livrables.francais import accord
from flows.publication import editions, inchange, incidents, manifeste, parution, perimes, registre, versions
from flows.tables import (
    correspondances,
    lecture,
    noms_reservataires,
    objectifs_precedents,
    rapprochement_sne,
)
from flows.tables.lecture import Lecture

CONTROLES = ("controles", "intermediaire.bilans")
"""What is computed when nothing but the anomalies is delivered."""


@dataclass(frozen=True)
class CompteRendu:
    """What a run has to say at its end: `anomalies` of the campaign, `incidents` after it was published."""

    sorties: Path
    anomalies: list[Anomalie]
    comptages: list[dict[str, object]]
    fichiers: list[Path]
    nb_bilans: int
    incidents: list[Anomalie]

    @property
    def nb_lignes(self) -> int:
        """Rows read, in all the files."""
        return sum(int(str(c["lues"])) for c in self.comptages)

    @property
    def faits(self) -> dict[str, object]:
        """The same in figures, which the next run repeats when nothing has changed."""
        nombres = {gravite.value: self.nombre(gravite) for gravite in Gravite}
        return {"nb_lignes": self.nb_lignes, "nb_bilans": self.nb_bilans, "anomalies": nombres}

    def nombre(self, gravite: Gravite) -> int:
        """How many anomalies of that gravity."""
        return sum(a.gravite is gravite for a in self.anomalies)


def bilan(campagne: Campagne) -> CompteRendu:
    """Reads, computes, checks, delivers and publishes a campaign.

    Raises ArretBloquant with every anomaly when one of them is blocking; what was published is then untouched.
    """
    debut = inchange.relever(campagne)
    with parution.chantier(campagne) as chantier, equipe.reunie():
        racine = chantier / campagne.dossier
        racine.mkdir(parents=True, exist_ok=True)
        base = racine / ENTREPOT
        if campagne.seuil_public:
            verification_gabarits.verifier_document(version_publique.GABARIT, version_publique.SYNTHESE)
        appeler = partial(redaction.appeler, campagne.reservataires)
        preparation = reprendre if inchange.gabarits_seuls(campagne, debut) else partial(preparer, ensuite=appeler)
        recus, lue, anomalies = preparation(campagne, chantier, base)

        def indexer() -> list[Path]:
            """The way into all of it, once everything is there: from the closed bilan, if there is one."""
            close = chantier / ENTREPOT
            dossier = "" if close.exists() else campagne.dossier
            return [bureau.indexer(campagne, chantier, dossier)]

        with joindre(anomalies):
            if campagne.seuil_public:
                publique = chantier / parution.TRAVAIL / "public.duckdb"
                version_publique.rediger(base, publique, campagne.seuil_public)
                version_publique.livrer(publique, racine)
            laisses = perimes.relever(campagne, base)
            bilans = redaction.livrer(base, racine, campagne.reservataires, editions=editions.preparer(campagne))
            # a point has an index of its own; the other comes when all that it shows is there
            bilans.append(redaction.indexer(base, racine) if campagne.dossier else racine / redaction.INDEX)
            nb_bilans = sum(f.suffix == ".html" and f.name.startswith("bilan_") for f in bilans)
            rendu = publier(campagne, chantier, recus, lue, anomalies, bilans, nb_bilans, indexer, laisses)
            inchange.retenir(campagne, debut, recus, rendu.faits)
            return rendu


def controler(campagne: Campagne) -> CompteRendu:
    """Reads and checks a campaign; publishes only the anomalies."""
    with parution.chantier(campagne) as chantier:
        base = chantier / parution.TRAVAIL / ENTREPOT
        base.parent.mkdir(parents=True, exist_ok=True)
        with connexion.tenir(base, jetable=True):
            recus, lue, anomalies = preparer(campagne, chantier, base, CONTROLES)
            fichiers = redaction.livrer_controles(base, chantier)
        return publier(campagne, chantier, recus, lue, anomalies, fichiers)


def preparer(
    campagne: Campagne,
    chantier: Path,
    base: Path,
    pour: Sequence[str] = (),
    ensuite: Callable[[], None] | None = None,
) -> tuple[list[FichierRecu], Lecture, list[Anomalie]]:
    """What every flow of the bilans begins with: from the files dropped to a checked warehouse in `base`.

    `pour`: what alone is to be computed, in a warehouse that nobody will open. `ensuite` is called when all is
    computed, while the file is still to be completed.
    """
    if not inchange.gabarits_connus(campagne):
        verification_gabarits.verifier_gabarits(a_blanc=True)
        modele_annexe.verifier_modeles(modele_annexe.MODELES, courriers.COURRIERS)
    recus, lue = lire(campagne, chantier / parution.TRAVAIL, rapprochement_sne.COLONNES)
    # the NUD was read to pair leases with the SNE, and goes no further
    lue.liens_sne = rapprochement_sne.ecrire_liens(
        lue.personnes, chantier / parution.TRAVAIL / "tables" / "liens_sne.parquet"
    )
    lue.personnes = {}
    with joindre(lue.anomalies), connexion.tenir(base):
        chargement.remplir(campagne, lue, base, jetable=bool(pour))
        publie = chargement.bailleur(campagne.sorties / ENTREPOT)
        incidents.verifier_bailleur(campagne.sorties, publie, chargement.bailleur(base))
        chargement.calculer(base, pour)
        if ensuite:
            ensuite()
        anomalies = controles.controler(lue.anomalies, base, campagne.reservataires)
    return recus, lue, anomalies


def reprendre(campagne: Campagne, chantier: Path, base: Path) -> tuple[list[FichierRecu], Lecture, list[Anomalie]]:
    """In place of `preparer` when only the templates have changed: the published warehouse, as it is, in `base`."""
    publie = (Path(campagne.dossier) / ENTREPOT).as_posix()
    verification_gabarits.verifier_gabarits(campagne.sorties / publie)
    modele_annexe.verifier_modeles(modele_annexe.MODELES, courriers.COURRIERS)
    registre.inscrire(campagne, "debut", {"entrepot": "repris"})
    lue, anomalies = reprise.reprendre(campagne.sorties / publie, base)
    return manifeste.recus_de(campagne, publie), lue, anomalies


def lire(
    campagne: Campagne, travail: Path, personnelles: Mapping[str, Sequence[str]]
) -> tuple[list[FichierRecu], Lecture]:
    """Every file dropped, as accepted tables; raises ArretBloquant with all that was found when something is blocking.

    The personal columns asked for ({table: columns}) are kept in memory. Rows of tables that have personal columns
    only reach the work folder sealed, under a key that stays in memory.
    """
    registre.inscrire(campagne, "debut", {})
    tables = schema.charger().campagne
    decidees, mappees, fautes = correspondances.lire_correspondances(campagne.entrees, travail)
    recus, signalees = reception.recevoir(
        campagne.entrees,
        list(tables),
        obligatoires=[nom for nom, table in tables.items() if table.obligatoire],
        decider=decidees.table_principale,
        aussi=decidees.tables_du_fichier,
    )
    personnels = {
        f.nom
        for f in recus
        if decidees.reclame(f.nom) or any(c.est_personnelle for c in tables[f.table].colonnes.values())
    }
    grands = {f.nom for f in recus if f.table == "rpls" and f.octets >= balayage.OCTETS_MIN and not decidees.lignes}
    feuilles, extraites = extraction.extraire(
        [(f.nom, f.chemin) for f in recus], travail / "feuilles", personnels, grands
    )
    extraites = [a for a in extraites if decidees.tables_de(a.fichier, a.feuille) != () or not a.feuille]  # not read
    with reception.tant_qu_inchanges(recus):  # a big text is read again where it is
        lue = lecture.lire(recus, feuilles, travail / "tables", campagne.annee, personnelles, decidees)
    noms_reservataires.resoudre(lue, decidees.reservataires)
    precedents = objectifs_precedents.completer(campagne, lue, travail / "tables")
    if precedents:
        dire(f"  Objectifs {campagne.annee} repris de {accord(len(precedents), 'fichier')} de {campagne.annee - 1}")
    recus = [*recus, *precedents, *mappees]
    changes = [a for a in reception.verifier_inchanges(recus) if a not in extraites]
    lue.anomalies = [*fautes, *signalees, *extraites, *changes, *lue.anomalies]
    formats = {f.fichier: (f.format, f.encodage, f.separateur) for f in feuilles}
    lue.sources = [(f.nom, f.table, str(f.octets), f.sha256, *formats.get(f.nom, ("", "", ""))) for f in recus]
    arreter(lue.anomalies)
    return recus, lue


def publier(
    campagne: Campagne,
    chantier: Path,
    recus: Sequence[FichierRecu],
    lue: Lecture,
    anomalies: list[Anomalie],
    fichiers: Sequence[Path],
    nb_bilans: int = 0,
    completer: Callable[[], Sequence[Path]] | None = None,
    laisses: Sequence[str] = (),
) -> CompteRendu:
    """What every flow ends with: the finished work folder in the place of the outputs, and a line in the register.

    `laisses` are the bilans that stay published while their figures have moved.
    """
    comptages = [comptage.decrire() for comptage in lue.comptages]
    a_dire = parution.publier(campagne, chantier, recus, comptages, completer=completer)
    graves = {gravite.value: sum(a.gravite is gravite for a in anomalies) for gravite in Gravite}
    faits = {"anomalies": graves} | ({"perimes": list(laisses)} if laisses else {})
    a_dire += registre.inscrire_publication(campagne, faits)
    a_dire += perimes.dire(list(laisses))
    a_dire += versions.conserver(campagne)
    parution.oublier_refus(campagne.sorties)
    publies = [campagne.sorties / fichier.relative_to(chantier) for fichier in fichiers]
    return CompteRendu(campagne.sorties, anomalies, comptages, publies, nb_bilans, a_dire)
