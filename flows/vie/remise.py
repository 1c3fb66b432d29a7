"""One folder per recipient, ready for any sync client: the files, the message that goes with them, the checksums.

Only what changed is written, each file whole under a temporary name and then renamed. What was sent, in which version,
to whom and when, is a line of the register; sending again adds a line and rewrites none.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.anomalies import MauvaisUsage
from flows.campagne import Campagne
from flows.fichiers import entier, sha256
from flows.livrables.francais import accord
from flows.livrables.page import environnement
from flows.livrables.redaction import METHODE
from flows.publication import manifeste, perimes, registre, versions
from flows.vie import entrepots

SOMMES = "SHA256SUMS"
COURRIEL = "courriel.txt"
DOSSIERS = ("bilan", "etat_des_lieux")


@dataclass(frozen=True)
class Remise:
    """What a recipient's folder holds: files by name, those just written, those whose content was never sent."""

    code: str
    libelle: str
    dossier: Path
    fichiers: tuple[str, ...]
    ecrits: tuple[str, ...]
    changes_depuis: str


def deposer(
    campagne: Campagne, vers: Path, codes: Sequence[str], provisoire: bool = False, quand_meme: bool = False
) -> list[Remise]:
    """Writes the folder of each recipient (all the réservataires by default) in `vers`.

    Raises MauvaisUsage for a code without a bilan, for outputs altered since they were published, stopped inside the
    year (unless `provisoire`), out of date or refused since (unless `quand_meme`), and for a folder that holds files
    which are not ours: they are named.
    """
    sorties = versions.publie(campagne.sorties)
    fiches = manifeste.lire_manifeste(sorties)
    alteres = [a for a in manifeste.verifier(sorties) if a.code in ("sortie_modifiee", "sortie_absente")]
    if alteres:
        noms = ", ".join(a.fichier for a in alteres[:3])
        raise MauvaisUsage(f"Les sorties ont changé depuis leur publication ({noms}) : relancez gestion-flux bilan.")
    with entrepots.lire(publie=sorties) as con:
        entetes = con.execute(
            "select code_reservataire, libelle, nature_bilan, est_provisoire from bilan.entetes order by ordre"
        ).fetchall()
    connus = {code: libelle for code, libelle, _, _ in entetes}
    if inconnus := [c for c in codes if c not in connus]:
        raise MauvaisUsage(f"Aucun bilan « {inconnus[0]} ». Publiés : {', '.join(connus)}.")
    if any(est_provisoire for *_, est_provisoire in entetes) and not provisoire:
        raise MauvaisUsage(
            "Ces sorties sont provisoires (arrêtées dans l'année) : ajoutez --provisoire pour les déposer."
        )
    choisis = list(codes) or [code for code, _, nature, _ in entetes if nature == "reservataire"]
    if not quand_meme:
        _refuser_le_perime(campagne, choisis)
    a_ecrire = {code: _fichiers(fiches, code) for code in choisis}
    for code in choisis:
        _refuser_les_inconnus(vers / code, {Path(nom).name for nom in a_ecrire[code]})
    envois = _derniers_envois(sorties)
    return [
        _deposer_un(sorties, campagne.annee, vers / code, code, connus[code], a_ecrire[code], envois.get(code, {}))
        for code in choisis
    ]


def _refuser_le_perime(campagne: Campagne, codes: Sequence[str]) -> None:
    """Out of date: figures that moved while the bilan was not made again. Refused: the last run did not publish."""
    if restes := sorted(set(perimes.actuels(campagne)) & set(codes)):
        raise MauvaisUsage(
            f"Périmés ({', '.join(restes)}) : d'autres bilans ont été refaits depuis sur des fichiers corrigés. "
            "Relancez gestion-flux bilan, ou ajoutez --quand-meme."
        )
    fins = [
        ligne["evenement"]
        for ligne in registre.lignes_de(campagne.sorties, *registre.FINS, registre.INCHANGE)
        if ligne.get("commande") == "bilan" and not ligne.get("au")
    ]
    if fins and fins[-1] not in ("publication", registre.INCHANGE):
        raise MauvaisUsage(
            "Le dernier bilan n'a pas été publié (gestion-flux historique) : ces sorties sont celles d'avant. "
            "Corrigez et relancez-le, ou ajoutez --quand-meme."
        )


def envoyer(campagne: Campagne, codes: Sequence[str], a_qui: str) -> str:
    """Inscribes that the published version was sent; `a_qui` is « nom, date ». Gives the version's name."""
    sorties = versions.publie(campagne.sorties)
    nom, virgule, le = a_qui.rpartition(",")
    if not virgule or not nom.strip() or not le.strip():
        raise MauvaisUsage(
            f"« {a_qui} » : le nom et la date sont attendus, par exemple --envoye 'M. Rossi, 27/02/2026'."
        )
    fiches = manifeste.lire_manifeste(sorties)
    identifiant = versions.identifiant(sorties)
    remis = {code: {n: str(f.get("sha256", "")) for n, f in _fichiers(fiches, code).items()} for code in codes}
    if vides := [code for code, fichiers in remis.items() if not fichiers]:
        raise MauvaisUsage(f"Aucun fichier publié pour « {vides[0]} ».")
    faits = {"version": identifiant, "codes": sorted(codes), "par": nom.strip(), "le": le.strip(), "remis": remis}
    registre.inscrire(campagne, "envoi", faits)
    return next((v.nom for v in versions.lister(sorties) if v.identifiant == identifiant), identifiant[:8])


def envois_perimes(sorties: Path) -> dict[str, list[str]]:
    """Recipients whose last sending no longer is what is published: {code: files that differ}."""
    fiches = manifeste.lire_manifeste(sorties)
    ecarts = {}
    for code, remis in _derniers_envois(sorties).items():
        actuels = {n: str(f.get("sha256", "")) for n, f in _fichiers(fiches, code).items()}
        differents = sorted(Path(n).name for n in remis.keys() | actuels.keys() if remis.get(n) != actuels.get(n))
        if differents:
            ecarts[code] = differents
    return ecarts


def _fichiers(fiches: manifeste.Json, code: str) -> dict[str, manifeste.Json]:
    """Published files of one recipient, by their relative name, and what explains them to all."""
    debuts = tuple(f"{dossier}/{code}/" for dossier in DOSSIERS)
    propres = {nom: fiche for nom, fiche in fiches["sorties"].items() if nom.startswith(debuts)}
    communs = {nom: fiche for nom, fiche in fiches["sorties"].items() if nom.startswith(f"{METHODE}_")}
    return communs | propres if any(nom.startswith(DOSSIERS[0]) for nom in propres) else propres


def _derniers_envois(sorties: Path) -> dict[str, dict[str, str]]:
    """By réservataire, SHA-256 of each file that it was last sent."""
    return {code: (x.get("remis") or {}).get(code) or {} for code, x in registre.derniers_envois(sorties).items()}


def _refuser_les_inconnus(dossier: Path, prevus: set[str]) -> None:
    if not dossier.exists():
        return
    notres = prevus | {COURRIEL, SOMMES}
    sommes = dossier / SOMMES
    if sommes.is_file():  # what an earlier sending left there is ours too, as long as nobody changed it
        for ligne in sommes.read_text(encoding="utf-8").splitlines():
            empreinte, _, nom = ligne.partition("  ")
            if (dossier / nom).is_file() and sha256(dossier / nom) == empreinte:
                notres.add(nom)
    etrangers = sorted(f.name for f in dossier.iterdir() if f.name not in notres)
    if etrangers:
        raise MauvaisUsage(
            f"{dossier} contient des fichiers qui ne sont pas de gestion-flux ({', '.join(etrangers[:5])}) : "
            "déplacez-les, ou donnez un autre dossier avec --vers."
        )


def _deposer_un(
    sorties: Path,
    annee: int,
    dossier: Path,
    code: str,
    libelle: str,
    fichiers: dict[str, manifeste.Json],
    envoye: dict[str, str],
) -> Remise:
    dossier.mkdir(parents=True, exist_ok=True)
    contenus = {Path(nom).name: (sorties / nom).read_bytes() for nom in sorted(fichiers)}
    changes = sorted(Path(n).name for n, f in fichiers.items() if envoye.get(n) != f.get("sha256"))
    contenus[COURRIEL] = (
        environnement()
        .get_template(COURRIEL)
        .render(
            annee=annee,
            libelle=libelle,
            fichiers=sorted(contenus),
            deja_envoye=bool(envoye),
            changes=changes,
            **_version(fichiers),
        )
        .encode()
    )
    contenus[SOMMES] = "".join(
        f"{hashlib.sha256(octets).hexdigest()}  {nom}\n" for nom, octets in sorted(contenus.items())
    ).encode()
    ecrits = []
    for nom, octets in contenus.items():
        cible = dossier / nom
        if not (cible.is_file() and cible.read_bytes() == octets):
            with entier(cible) as provisoire:
                provisoire.write_bytes(octets)
            ecrits.append(nom)
    for reste in dossier.iterdir():
        if reste.name not in contenus:
            reste.unlink()  # ours: `_refuser_les_inconnus` has said so
    depuis = (
        ""
        if not envoye
        else accord(len(changes), "fichier changé", "fichiers changés")
        if changes
        else "rien de changé"
    )
    return Remise(code, libelle, dossier, tuple(sorted(contenus)), tuple(ecrits), depuis)


def _version(fichiers: dict[str, manifeste.Json]) -> dict[str, str]:
    """The version that the bilan of a recipient prints, and what changed in it since the one that was sent."""
    fiches = [f for nom, f in fichiers.items() if nom.startswith("bilan/") and nom.endswith(".xlsx")]
    return {cle: next((str(f[cle]) for f in fiches if cle in f), "") for cle in ("version", "depuis")}
