"""The events of the exercice: what was proposed, decided and signed after each release."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from flows.exemple.candidats import Seance, examiner
from flows.exemple.droits import Ligne, jour
from flows.exemple.hasard import Hasard
from flows.exemple.liberations import DEBUT_EVENEMENTS, Liberation
from flows.exemple.parc import EXERCICE, Logement, lire_choix

Convention = dict[str, str]
# Period and place in the list of releases -> category; all the others are ordinary lettings.
CATEGORIES = (
    (10, 3, "mutation_interne"),
    (25, 7, "relogement_anru"),
    (60, 11, "relogement_orcod"),
    (60, 21, "relogement_lhi"),
    (40, 31, "relogement_vente"),
)
POIDS_NON_RESERVE = 40
EVENEMENTS_AU_MOINS = 2
ISSUES = {"candidats": 84, "carence": 8, "restitution": 5, "annulation": 3}
RESERVATAIRE_DU_MOTIF = {"defense": "DEFENSE", "securite_interieure": "SECURITE_2A", "sante": "SANTE_2B"}
FURIANI, PRINTEMPS = "2B120", date(EXERCICE, 4, 1)
# Last day that the files know about: they are extracted a month after the exercice.
FIN_CONNUE = date(EXERCICE + 1, 1, 31)


@dataclass
class Evenements:
    """Rows of `propositions` and `attributions` in the order of the releases, and the draws they come from."""

    hasard: Hasard
    conventions: list[Convention]
    propositions: list[Ligne] = field(default_factory=list)
    attributions: list[Ligne] = field(default_factory=list)

    def proposer(self, logement: Logement, code: str, proposee: date, limite: date, **suite: object) -> str:
        """Adds a mise à disposition and gives its identifier."""
        identifiant = f"P{EXERCICE}-{len(self.propositions) + 1:04}"
        self.propositions.append(
            {
                "id_proposition": identifiant,
                "ident_rep": logement.ident_rep,
                "code_reservataire": code,
                "date_mise_a_disposition": proposee,
                "premiere_location": False,
                "date_limite_reponse": limite,
            }
            | suite
        )
        return identifiant

    def deliberer(self, seance: Seance, nombre: int) -> date | None:
        """Adds the decisions of a meeting already held; gives the day of the lease, when it is known."""
        if seance.jour > FIN_CONNUE:
            return None
        lignes, bail = examiner(seance, nombre, len(self.attributions) + 1, self.hasard)
        if bail and bail > FIN_CONNUE:
            for ligne in lignes:
                ligne.pop("date_signature_bail", None)
            bail = None
        self.attributions += lignes
        if bail:
            seance.logement.baux.append(bail)
        return bail

    def couvrantes(self, logement: Logement, type_reservataire: str = "") -> list[Convention]:
        """Conventions whose perimeter holds the dwelling, of one type if asked."""
        return [
            c for c in self.conventions if couvre(c, logement) and type_reservataire in ("", c["type_reservataire"])
        ]


def couvre(convention: Convention, logement: Logement) -> bool:
    """True when the dwelling is on the perimeter of the convention."""
    public = logement.public
    territoires = {"bailleur": "", "departement": public["DEP"], "epci": public["EPCI"], "commune": public["DEPCOM"]}
    return territoires[convention["echelle"]] == convention["code_territoire"]


def derouler(
    liberations: list[Liberation], parc: list[Logement], exclus: dict[Logement, str], hasard: Hasard
) -> Evenements:
    """Everything that follows from the releases since `DEBUT_EVENEMENTS` and from the programmes delivered."""
    evenements = Evenements(hasard, lire_choix("reservataires"))
    recus: dict[str, int] = {}
    a_traiter = [x for x in liberations if x.liberation >= DEBUT_EVENEMENTS]
    for rang, liberation in enumerate(a_traiter):
        categorie = next((c for periode, place, c in CATEGORIES if rang % periode == place), "droit_commun")
        if categorie != "droit_commun":
            _reloger(evenements, liberation, categorie)
            continue
        convention = _choisir_reservataire(evenements, liberation, exclus, recus)
        if convention is None:
            _attribuer_sans_reservation(evenements, liberation)
        else:
            recus[convention["code_reservataire"]] = recus.get(convention["code_reservataire"], 0) + 1
            _mettre_a_disposition(evenements, liberation, convention)
    _louer_les_programmes(evenements, parc)
    return evenements


def _choisir_reservataire(
    evenements: Evenements, liberation: Liberation, exclus: dict[Logement, str], recus: dict[str, int]
) -> Convention | None:
    """The réservataire that gets a release: those that have had few first, then by weight; None for no one.

    The first release of Furiani from spring on goes to Bastia, outside its perimeter.
    """
    logement = liberation.logement
    par_code = {c["code_reservataire"]: c for c in evenements.conventions}
    if exclus.get(logement) in RESERVATAIRE_DU_MOTIF:
        return par_code[RESERVATAIRE_DU_MOTIF[exclus[logement]]]
    if logement.commune == FURIANI and FURIANI not in recus and liberation.liberation >= PRINTEMPS:
        recus[FURIANI] = 1
        return par_code["BASTIA"]
    couvrantes = [c for c in evenements.couvrantes(logement) if int(c["poids"])]
    peu_servies = [c for c in couvrantes if recus.get(c["code_reservataire"], 0) < EVENEMENTS_AU_MOINS]
    if peu_servies:
        return peu_servies[-1]
    poids = [int(c["poids"]) for c in couvrantes]
    return evenements.hasard.pondere([*couvrantes, None], [*poids, POIDS_NON_RESERVE])


def _mettre_a_disposition(evenements: Evenements, liberation: Liberation, convention: Convention) -> None:
    """A proposition and its issue; what a réservataire leaves is let by the bailleur, except after an annulment."""
    hasard = evenements.hasard
    logement, code = liberation.logement, convention["code_reservataire"]
    type_reservataire = convention["type_reservataire"]
    est_court = (liberation.liberation - liberation.conge).days <= 30
    proposee = liberation.conge + timedelta(days=hasard.entier(3, 14))
    limite = proposee + timedelta(days=10 if est_court else 30)
    seance = jeudi_suivant(limite + timedelta(days=hasard.entier(2, 9)))
    issue = hasard.pondere(list(ISSUES), list(ISSUES.values()))
    nombre = hasard.pondere((1, 2, 3), (30, 25, 45))
    relance: date | None = None
    if issue == "carence" and hasard.chance(65):
        relance = limite + timedelta(days=1)
    if issue != "candidats":
        nombre = 0
    suite = {"date_relance": relance, "nb_candidats": nombre, "issue": issue}
    identifiant = evenements.proposer(logement, code, proposee, limite, **(suite if seance <= FIN_CONNUE else {}))
    if issue == "candidats":
        liberation.relocation = evenements.deliberer(
            Seance(
                logement=logement,
                jour=seance,
                disponible=liberation.liberation,
                code_reservataire=code,
                type_reservataire=type_reservataire,
                id_proposition=identifiant,
                designataire="reservataire",
            ),
            nombre,
        )
    elif issue != "annulation":
        est_partenariat = issue == "restitution" and type_reservataire == "action_logement"
        _attribuer_par_le_bailleur(
            evenements, liberation, seance + timedelta(days=14), convention if est_partenariat else None
        )


def _attribuer_sans_reservation(evenements: Evenements, liberation: Liberation) -> None:
    """A dwelling of no contingent; sometimes for an employee, counted with Action Logement."""
    als = evenements.couvrantes(liberation.logement, "action_logement")
    partenaire = als[0] if als and evenements.hasard.chance(15) else None
    seance = jeudi_suivant(liberation.conge + timedelta(days=evenements.hasard.entier(15, 40)))
    _attribuer_par_le_bailleur(evenements, liberation, seance, partenaire)


def _attribuer_par_le_bailleur(
    evenements: Evenements, liberation: Liberation, seance: date, partenaire: Convention | None
) -> None:
    liberation.relocation = evenements.deliberer(
        Seance(
            logement=liberation.logement,
            jour=seance,
            disponible=liberation.liberation,
            code_reservataire=partenaire["code_reservataire"] if partenaire else "",
            type_reservataire=partenaire["type_reservataire"] if partenaire else "",
        ),
        evenements.hasard.entier(1, 3),
    )


def _reloger(evenements: Evenements, liberation: Liberation, categorie: str) -> None:
    """A mutation or a relogement: outside the flux; the State designates those of unfit housing."""
    etat = evenements.couvrantes(liberation.logement, "etat_prioritaires") if categorie == "relogement_lhi" else []
    seance = jeudi_suivant(liberation.conge + timedelta(days=evenements.hasard.entier(10, 28)))
    liberation.relocation = evenements.deliberer(
        Seance(
            logement=liberation.logement,
            jour=seance,
            disponible=liberation.liberation,
            categorie=categorie,
            code_reservataire=etat[0]["code_reservataire"] if etat else "",
            type_reservataire="etat_prioritaires" if etat else "",
            designataire="reservataire" if etat else "bailleur",
        ),
        1,
    )


def _louer_les_programmes(evenements: Evenements, parc: list[Logement]) -> None:
    """First lettings of the programmes delivered, by the shares of `programmes_neufs`; the rest is not let yet."""
    types = {c["code_reservataire"]: c["type_reservataire"] for c in evenements.conventions}
    hasard = evenements.hasard
    programmes = lire_choix("programmes_neufs")
    a_louer = {x["operation"]: [y for y in parc if y.residence == x["operation"]] for x in programmes}
    for ligne in programmes:
        livree = jour(ligne["date_livraison"])
        if livree is None:
            continue
        code = ligne["code_reservataire"]
        for _ in range(int(ligne["nb_du_premier_tour"])):
            logement = a_louer[ligne["operation"]].pop()
            proposee = livree - timedelta(days=hasard.entier(50, 75))
            nombre = hasard.entier(1, 2)
            identifiant = evenements.proposer(
                logement,
                code,
                proposee,
                proposee + timedelta(days=30),
                premiere_location=True,
                nb_candidats=nombre,
                issue="candidats",
            )
            seance = Seance(
                logement=logement,
                jour=jeudi_suivant(livree - timedelta(days=hasard.entier(8, 17))),
                disponible=livree,
                code_reservataire=code,
                type_reservataire=types[code],
                id_proposition=identifiant,
                designataire="reservataire",
                premiere_location=True,
            )
            evenements.deliberer(seance, nombre)


def jeudi_suivant(a_partir_du: date) -> date:
    """The first Thursday on or after a day: the commission sits on Thursdays."""
    return a_partir_du + timedelta(days=(3 - a_partir_du.weekday()) % 7)
