"""Events of a campaign: offers (mises à disposition) and candidates, linked, dated, first lettings told apart.

Contract, « Link », « First letting », « Closed and open » and « Decided at the edges ».

Choices:
 E1. Rows of `propositions` without id that share dwelling, réservataire and day are one offer: annulled when all its
     rows are, first letting when one says oui (non when none does and one says non), carence when one row is, with its
     earliest date_relance.
 E2. An id_proposition that no proposition has, or that two different ones share, links to nothing: the link by dwelling
 is only for a blank one. E3. The link looks at the dwelling, the code and the day; several offers on the nearest day:
 none. E4. « LOCAT = N in RPLS N+1, or LOCAT ≥ N in RPLS N »: either is enough.
 E5. With --au a row dated after it does not exist, a lease dated after it is blank: it gives neither a first lease nor
     the candidate of an event.
 E6. A candidate is « attributed » when its decision begins with `attribution`; the first lease of a dwelling and a row
     that makes an event a first letting are attributed rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.reference.lecture import NON_RENSEIGNE, Ligne, Tables, entier_rpls, jour, nombre, texte
from tests.reference.logements import Registre

ATTRIBUEES = {"attribution", "attribution_rang", "attribution_condition"}
REFUSEES = {"refuse", "sans_reponse"}
DROIT_COMMUN = "droit_commun"
Evenement = tuple[str, date]


@dataclass(frozen=True)
class Offre:
    """A mise à disposition; `ecrite` is premiere_location as written, `premiere` what it comes to at its own date."""

    numero: int
    identifiant: str
    logement: str
    code: str
    quand: date
    ecrite: str
    premiere: bool
    annulee: bool
    carence: bool
    relance: date | None

    @property
    def compte(self) -> bool:
        """True for what may enter a décompte: not annulled, not a first letting."""
        return not self.annulee and not self.premiere


@dataclass(frozen=True)
class Candidat:
    """A row of `attributions`; `offre` is its proposition."""

    logement: str
    code: str
    caleol: date
    bail: date | None
    est_attribue: bool
    categorie: str
    reponse: str
    rang: Fraction
    identifiant: str
    designe_par_le_bailleur: bool
    public: str
    quartile: str
    ecrite: str
    offre: Offre | None

    @property
    def est_juge(self) -> bool:
        """True for an attributed candidate of droit commun."""
        return self.est_attribue and self.categorie == DROIT_COMMUN

    def jour_de(self, evenement: str) -> date | None:
        """Its date_caleol ('caleol') or its date_signature_bail ('bail')."""
        return self.caleol if evenement == "caleol" else self.bail


def public_de(candidat: Ligne) -> str:
    """dalo, prioritaire, autre, or non_renseigne when both columns are blank."""
    dalo, prioritaire = texte(candidat, "dalo"), texte(candidat, "prioritaire")
    if dalo == "oui":
        return "dalo"
    if prioritaire == "oui":
        return "prioritaire"
    return "autre" if dalo or prioritaire else NON_RENSEIGNE


def retenu(candidats: Iterable[Candidat]) -> Candidat:
    """« the candidate who signed, else who accepted, else of the smallest rang, then id_decision »."""
    return min(candidats, key=lambda c: (c.bail is None, c.reponse != "accepte", c.rang, c.identifiant))


class Journal:
    """The events of a campaign.

    Args:
        tables: prepared rows.
        registre: the dwellings.
        annee: the exercice N.
        au: the last day that exists, None for the whole file.
    """

    def __init__(self, tables: Tables, registre: Registre, annee: int, au: date | None) -> None:
        self.registre, self.annee, self._au = registre, annee, au
        self.debut, self.fin = date(annee, 1, 1), au or date(annee, 12, 31)
        self.a_propositions, self.a_attributions = "propositions" in tables, "attributions" in tables
        lignes = [ligne for ligne in tables.get("attributions", ()) if self._existe(jour(ligne, "date_caleol"))]
        self._premiers_baux: dict[str, date] = {}
        for ligne in lignes:
            bail = self._bail(ligne)
            if bail is not None and texte(ligne, "decision") in ATTRIBUEES:
                logement = registre.cle_de(ligne)
                self._premiers_baux[logement] = min(bail, self._premiers_baux.get(logement, bail))
        self.offres = self._lire_offres(tables.get("propositions", ()))
        ids = Counter(offre.identifiant for offre in self.offres)
        self._par_id = {offre.identifiant: offre for offre in self.offres if ids[offre.identifiant] == 1}
        self._par_logement: dict[tuple[str, str], list[Offre]] = defaultdict(list)
        for offre in self.offres:
            self._par_logement[offre.logement, offre.code].append(offre)
        self.candidats = [self._lire_candidat(ligne) for ligne in lignes]
        self._premieres: dict[str, set[Evenement]] = {"caleol": set(), "bail": set()}
        for candidat in self.candidats:
            for evenement, premieres in self._premieres.items():
                quand = candidat.jour_de(evenement)
                if quand is not None and candidat.est_attribue and self._est_premiere(candidat, quand):
                    premieres.add((candidat.logement, quand))

    def _existe(self, quand: date | None) -> bool:
        return quand is not None and (self._au is None or quand <= self._au)

    def _bail(self, ligne: Ligne) -> date | None:
        bail = jour(ligne, "date_signature_bail")
        return bail if self._existe(bail) else None

    def dans_l_exercice(self, quand: date | None) -> bool:
        """True for a day counted in N."""
        return quand is not None and self.debut <= quand <= self.fin

    def _lire_offres(self, lignes: Iterable[Ligne]) -> list[Offre]:
        groupes: dict[object, list[Ligne]] = defaultdict(list)
        for numero, ligne in enumerate(lignes):
            quand = jour(ligne, "date_mise_a_disposition")
            if self._existe(quand):
                sans_id = (self.registre.cle_de(ligne), texte(ligne, "code_reservataire"), quand)
                groupes[numero if texte(ligne, "id_proposition") else sans_id].append(ligne)
        return [self._lire_offre(numero, groupe) for numero, groupe in enumerate(groupes.values())]

    def _lire_offre(self, numero: int, lignes: Sequence[Ligne]) -> Offre:
        logement, quand = self.registre.cle_de(lignes[0]), jour(lignes[0], "date_mise_a_disposition")
        assert quand is not None
        dites = {texte(ligne, "premiere_location") for ligne in lignes}
        ecrite = "oui" if "oui" in dites else "non" if "non" in dites else ""
        relances = [jour(ligne, "date_relance") for ligne in lignes if texte(ligne, "issue") == "carence"]
        return Offre(
            numero=numero,
            identifiant=texte(lignes[0], "id_proposition"),
            logement=logement,
            code=texte(lignes[0], "code_reservataire"),
            quand=quand,
            ecrite=ecrite,
            premiere=ecrite == "oui" if ecrite else self.se_deduit(logement, quand),
            annulee=all(texte(ligne, "issue") == "annulation" for ligne in lignes),
            carence=bool(relances),
            relance=min((relance for relance in relances if relance is not None), default=None),
        )

    def _lire_candidat(self, ligne: Ligne) -> Candidat:
        logement, caleol = self.registre.cle_de(ligne), jour(ligne, "date_caleol")
        assert caleol is not None
        rang = nombre(ligne, "rang")
        return Candidat(
            logement=logement,
            code=texte(ligne, "code_reservataire"),
            caleol=caleol,
            bail=self._bail(ligne),
            est_attribue=texte(ligne, "decision") in ATTRIBUEES,
            categorie=texte(ligne, "categorie"),
            reponse=texte(ligne, "reponse_candidat"),
            rang=Fraction(10**9) if rang is None else rang,
            identifiant=texte(ligne, "id_decision"),
            designe_par_le_bailleur=texte(ligne, "designataire") == "bailleur",
            public=public_de(ligne),
            quartile={"oui": "premier_quartile", "non": "autre"}.get(texte(ligne, "quartile_1"), NON_RENSEIGNE),
            ecrite=texte(ligne, "premiere_location"),
            offre=self._offre_de(ligne, logement, caleol),
        )

    def _offre_de(self, ligne: Ligne, logement: str, caleol: date) -> Offre | None:
        identifiant = texte(ligne, "id_proposition")
        if identifiant:
            return self._par_id.get(identifiant)
        siennes = self._par_logement.get((logement, texte(ligne, "code_reservataire")), [])
        avant = [offre for offre in siennes if offre.quand <= caleol]
        derniere = max((offre.quand for offre in avant), default=None)
        proches = [offre for offre in avant if offre.quand == derniere]
        return proches[0] if len(proches) == 1 else None

    def se_deduit(self, logement: str, quand: date) -> bool:
        """True when RPLS says that the dwelling was first let in N, for an event not after its first lease."""
        par_cle, n = self.registre.par_cle, self.annee
        avant, apres = par_cle.get(n, {}).get(logement), par_cle.get(n + 1, {}).get(logement)
        locat_n = entier_rpls(avant.ligne, "LOCAT") if avant else None
        locat_suivant = entier_rpls(apres.ligne, "LOCAT") if apres else None
        neuf = locat_suivant == n or (locat_n is not None and locat_n >= n)
        premier_bail = self._premiers_baux.get(logement)
        return neuf and (premier_bail is None or quand <= premier_bail)

    def _est_premiere(self, candidat: Candidat, quand: date) -> bool:
        ecrite = candidat.ecrite or (candidat.offre.ecrite if candidat.offre else "")
        return ecrite == "oui" if ecrite else self.se_deduit(candidat.logement, quand)

    def est_premiere(self, evenement: str, logement: str, quand: date) -> bool:
        """« One attributed row that is a first letting, of any réservataire and categorie, makes its event one. »"""
        return (logement, quand) in self._premieres[evenement]

    def groupes(
        self, candidats: Iterable[Candidat], evenement: str, premieres: bool | None = None
    ) -> dict[Evenement, list[Candidat]]:
        """Candidates by distinct (dwelling, day), whatever the year; `premieres` keeps first lettings or the others."""
        groupes: dict[Evenement, list[Candidat]] = defaultdict(list)
        for candidat in candidats:
            quand = candidat.jour_de(evenement)
            if quand is not None and premieres in (None, self.est_premiere(evenement, candidat.logement, quand)):
                groupes[candidat.logement, quand].append(candidat)
        return groupes
