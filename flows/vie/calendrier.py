"""The due dates of a campaign, read from its conventions, with what the register says is done; and recipes.

Dates: état des lieux and bilan as each convention says (default 30 November and 28 February, CCH R.441-5, R.441-5-1),
points at the end of June and September ([001] art. 6).
"""

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from flows.anomalies import arreter
from flows.campagne import ETAT_DES_LIEUX
from flows.contrat import schema
from flows.depot import extraction, reception
from flows.publication import registre
from flows.tables import lecture

TABLE = "reservataires"
EDL, BILAN = (30, 11), (28, 2)
POINTS = ((30, 6), (30, 9))
_JOUR_MOIS = re.compile(r"(\d{1,2})[/-](\d{1,2})")


@dataclass(frozen=True)
class Echeance:
    """A date by which something is due: what, for whom, how to make it, and whether it is done (`fait` says how)."""

    jour: date
    objet: str
    codes: tuple[str, ...]
    commande: str
    fait: str = ""

    def est_manquee(self, aujourd_hui: date) -> bool:
        """True when the day is over and nothing says that it was done."""
        return not self.fait and self.jour < aujourd_hui


def lire_conventions(entrees: Path, annee: int, travail: Path) -> pl.DataFrame:
    """The accepted rows of `reservataires`; raises ArretBloquant when they cannot be read."""
    recus, signalees = reception.recevoir(entrees, list(schema.charger().campagne), obligatoires=[TABLE])
    conventions = [f for f in recus if f.table == TABLE]
    feuilles, extraites = extraction.extraire([(f.nom, f.chemin) for f in conventions], travail / "feuilles", set())
    lue = lecture.lire(conventions, feuilles, travail / "tables", annee)
    arreter([*signalees, *extraites, *lue.anomalies])
    return pl.read_parquet(lue.tables[TABLE])


def echeances(conventions: pl.DataFrame, annee: int, sorties: Path) -> list[Echeance]:
    """What is due for the exercice `annee`, in the order of dates."""
    par_date: dict[tuple[date, str, str], set[str]] = {}

    def noter(jour: date, objet: str, commande: str, code: str) -> None:
        par_date.setdefault((jour, objet, commande), set()).add(code)

    for ligne in conventions.iter_rows(named=True):
        code = str(ligne["code_reservataire"])
        etat = _jour(ligne.get("date_edl"), EDL, annee)
        noter(etat, "état des lieux", f"etat-des-lieux {etat:%d/%m/%Y}", code)
        noter(_jour(ligne.get("date_bilan"), BILAN, annee + 1), f"bilan {annee}", f"bilan {annee}", code)
        for jour, mois in POINTS:
            point = date(annee, mois, jour)
            noter(
                point + timedelta(days=30), f"point au {point:%d/%m/%Y}", f"bilan {annee} --au {point:%d/%m/%Y}", code
            )
    faits = _faits(sorties)
    return sorted(
        (
            Echeance(jour, objet, tuple(sorted(codes)), commande, faits.get(commande, ""))
            for (jour, objet, commande), codes in par_date.items()
        ),
        key=lambda e: (e.jour, e.objet),
    )


def afficher(dues: Sequence[Echeance], aujourd_hui: date) -> str:
    """One line a date."""
    lignes = []
    for e in dues:
        jours = (e.jour - aujourd_hui).days
        qui = ", ".join(e.codes) if len(e.codes) <= 3 else f"{len(e.codes)} réservataires"
        reste = f"J-{jours}" if jours >= 0 else f"J+{-jours}"
        etat = e.fait or ("MANQUÉE" if e.est_manquee(aujourd_hui) else "à faire") + f" : gestion-flux {e.commande}"
        lignes.append(f"  {e.jour:%d/%m/%Y}  {e.objet:<22} {qui:<34} {reste:<6} {etat}")
    return "\n".join(lignes)


def alerte(dues: Sequence[Echeance], aujourd_hui: date, jours: Sequence[int] = (30, 7)) -> list[Echeance]:
    """What is still to do within the widest of `jours`, or missed: what a warning names."""
    return [e for e in dues if not e.fait and (e.jour - aujourd_hui).days <= max(jours)]


def recette(genre: str, dossier: Path, annee_dite: str = "") -> str:
    """How to have the calendar kept by `cron`, `systemd` or `windows`: absolute paths, the year computed each time.

    The runs begin fifteen days before the date of the law, at 6 h; a machine that was off catches up with systemd
    (Persistent) and Windows (StartWhenAvailable), not with cron.
    """
    ou, python = dossier.resolve(), Path(sys.executable).absolute()
    taches = {
        "etat-des-lieux": ("11", "15", ""),
        "bilan": ("2", "13", " - 1"),
    }
    if genre == "cron":
        lignes = [f"# gestion-flux : calendrier légal de {ou}. Une machine éteinte à l'heure dite ne rattrape pas."]
        for verbe, (mois, jour, retrait) in taches.items():
            an = f"$(($(date +\\%Y){retrait}))"
            lignes.append(
                f"0 6 {jour} {mois} * cd {shlex.quote(str(ou))} && {shlex.quote(str(python))} -m flows {verbe} {an}"
            )
        return "\n".join(lignes) + "\n"
    if genre == "systemd":
        return "\n".join(_systemd(verbe, ou, python, *reglage) for verbe, reglage in taches.items())
    return "\n".join(_windows(verbe, ou, python, *reglage) for verbe, reglage in taches.items())


def _systemd(verbe: str, ou: Path, python: Path, mois: str, jour: str, retrait: str) -> str:
    commande = f'exec "{python}" -m flows {verbe} $(($$(date +%%Y){retrait}))'
    return f"""# ~/.config/systemd/user/gestion-flux-{verbe}.service
[Unit]
Description=gestion-flux {verbe}

[Service]
Type=oneshot
WorkingDirectory={ou}
ExecStart=/bin/sh -c '{commande}'

# ~/.config/systemd/user/gestion-flux-{verbe}.timer
[Timer]
OnCalendar=*-{int(mois):02d}-{int(jour):02d} 06:00:00 Europe/Paris
Persistent=true

[Install]
WantedBy=timers.target
"""


def _windows(verbe: str, ou: Path, python: Path, mois: str, jour: str, retrait: str) -> str:
    quand = f"{int(jour):02d}/{int(mois):02d}"
    return f"""# PowerShell, une fois : tâche « gestion-flux {verbe} », rattrapée si la machine était éteinte.
# Elle se réveille chaque jour à 6 h et n'agit que le {quand}.
$commande = "if ((Get-Date -Format 'dd/MM') -ne '{quand}') {{ exit }}; " +
  "& '{python}' -m flows {verbe} ((Get-Date).Year{retrait})"
$action = New-ScheduledTaskAction -Execute 'powershell.exe' -WorkingDirectory '{ou}' `
  -Argument ('-NoProfile -Command "' + $commande + '"')
$declencheur = New-ScheduledTaskTrigger -Daily -At 06:00
$reglages = New-ScheduledTaskSettingsSet -StartWhenAvailable
Register-ScheduledTask -TaskName 'gestion-flux {verbe}' -Action $action -Trigger $declencheur -Settings $reglages
"""


def _jour(ecrit: object, defaut: tuple[int, int], annee: int) -> date:
    """`jj/mm` of a convention in that year; 29 February is 28 in other years."""
    lu = _JOUR_MOIS.fullmatch(str(ecrit or "").strip())
    jour, mois = (int(lu[1]), int(lu[2])) if lu else defaut
    while True:
        try:
            return date(annee, mois, jour)
        except ValueError:
            jour -= 1


def _faits(sorties: Path) -> dict[str, str]:
    """What was published, as a command, and when."""
    faits = {}
    for ligne in registre.lire_lignes(sorties):
        if ligne.get("evenement") != "publication" or ligne.get("dossier") != sorties.resolve().name:
            continue
        au = date.fromisoformat(str(ligne["au"])) if ligne.get("au") else None
        if ligne.get("commande") == ETAT_DES_LIEUX and au:
            commande = f"etat-des-lieux {au:%d/%m/%Y}"
        else:
            commande = f"{ligne.get('commande')} {ligne.get('annee')}" + (f" --au {au:%d/%m/%Y}" if au else "")
        faits[commande] = f"publié le {date.fromisoformat(str(ligne['quand'])[:10]):%d/%m/%Y}"
    return faits
