"""How the calendar is kept by the machine: recipes for cron, systemd and Windows, and their installation.

The year is computed at each run and never typed, the paths are absolute, and a run begins some two weeks before it is
due, at 6 h: time to mend the files and run again. systemd (Persistent) and Windows (StartWhenAvailable) catch up after
the machine was off; cron does not, and the daily warning then says what is missed.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.anomalies import MauvaisUsage
from flows.paris import NOM as PARIS
from flows.vie.obligations import PARTANTES, Obligation

DEBUT, FIN = "# gestion-flux : début", "# gestion-flux : fin"


@dataclass(frozen=True)
class Tache:
    """A run of the calendar: its day (`jour` blank: every day), and the words of its command.

    Those of a day may say `{an}`, the year of that day, and `{avant}`, the one before; the others are as typed.
    """

    nom: str
    jour: str
    mois: str
    mots: tuple[str, ...]

    def pour(self, annee: str, precedente: str, citer: Callable[[str], str]) -> str:
        """The command, with the year as that scheduler computes it, and what was typed as it must be written there."""
        if not self.jour:
            return " ".join(citer(mot) for mot in self.mots)
        return " ".join(self.mots).replace("{an}", annee).replace("{avant}", precedente)


def taches(alertes: Sequence[str] = ()) -> list[Tache]:
    """The calendar of the law and of the conventions; `alertes` are the options that say whom to warn.

    Raises MauvaisUsage when one of these cannot be written on one line.
    """
    if any(set(mot) & {"\n", "\r", "\0"} for mot in alertes):
        raise MauvaisUsage("Une commande ou une adresse d'alerte tient sur une ligne.")
    return [
        *(Tache(d.tache, str(d.jour), str(d.mois), tuple(_annuelle(o).split())) for o, d in PARTANTES),
        Tache("alertes", "", "", ("planifier", "--alerter", *alertes)),
    ]


def _annuelle(obligation: Obligation) -> str:
    return obligation.ecrire(obligation.commande, "{avant}" if obligation.apres else "{an}")


def recette(genre: str, dossier: Path, alertes: Sequence[str] = ()) -> str:
    """What `cron`, `systemd` or `windows` takes, as it stands."""
    if genre == "cron":
        return _cron(dossier, alertes)
    if genre == "systemd":
        return "\n".join(f"# {nom}\n{texte}" for nom, texte in _unites(dossier, alertes).items())
    return _windows(dossier, alertes)


def installer(genre: str, dossier: Path, alertes: Sequence[str] = ()) -> list[str]:
    """Installs the calendar for this user; what was installed before is replaced. Gives what was done, in French.

    Raises MauvaisUsage when the tool is not here, or refuses.
    """
    if genre == "cron":
        crontab = _outil("crontab")
        lue = subprocess.run([crontab, "-l"], capture_output=True, text=True, check=False)  # noqa: S603
        garde = _sans_nous(lue.stdout if lue.returncode == 0 else "")
        _mener([crontab, "-"], garde + _cron(dossier, alertes))
        return ["Installé dans la table de cron de cet utilisateur (crontab -l)."]
    if genre == "systemd":
        systemctl = _outil("systemctl")
        lieu = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
        lieu.mkdir(parents=True, exist_ok=True)
        unites = _unites(dossier, alertes)
        for nom, texte in unites.items():
            (lieu / nom).write_text(texte, encoding="utf-8")
        minuteries = [nom for nom in unites if nom.endswith(".timer")]
        _mener([systemctl, "--user", "daemon-reload"])
        _mener([systemctl, "--user", "enable", "--now", *minuteries])
        return [f"{len(minuteries)} minuteries installées dans {lieu} (systemctl --user list-timers)."]
    powershell = _outil("powershell")
    _mener([powershell, "-NoProfile", "-Command", "-"], _windows(dossier, alertes))
    return ["Tâches inscrites au planificateur de Windows (dossier gestion-flux)."]


def _outil(nom: str) -> str:
    if (trouve := shutil.which(nom)) is None:
        raise MauvaisUsage(f"{nom} n'est pas sur cette machine : affichez la recette sans --installer.")
    return trouve


def _mener(commande: Sequence[str], entree: str = "") -> None:
    fin = subprocess.run(commande, input=entree, capture_output=True, text=True, check=False)  # noqa: S603
    if fin.returncode:
        dit = (fin.stderr or fin.stdout).strip().splitlines() or ["sans message"]
        raise MauvaisUsage(f"{Path(commande[0]).name} a refusé : {dit[-1]}")


def _sans_nous(table: str) -> str:
    """A crontab without the lines that we put there."""
    gardees, dedans = [], False
    for ligne in table.splitlines(keepends=True):
        dedans = dedans or ligne.strip() == DEBUT
        if not dedans:
            gardees.append(ligne)
        dedans = dedans and ligne.strip() != FIN
    return "".join(gardees)


def _python() -> Path:
    return Path(sys.executable).absolute()


def _cron(dossier: Path, alertes: Sequence[str]) -> str:
    debut = f"cd {_pour_cron(str(dossier.resolve()))} && {_pour_cron(str(_python()))} -m flows"
    lignes = [DEBUT, f"# Calendrier légal de {dossier.resolve()}. Une machine éteinte à l'heure dite ne rattrape pas."]
    for tache in taches(alertes):
        commande = tache.pour("$(date +\\%Y)", "$(($(date +\\%Y) - 1))", _pour_cron)
        quand = f"0 6 {tache.jour} {tache.mois} *" if tache.jour else "0 8 * * *"
        lignes.append(f"{quand} {debut} {commande}")
    return "\n".join([*lignes, FIN]) + "\n"


def _pour_cron(mot: str) -> str:
    """A word of a command as cron hands it over to the shell: a bare `%` would end the command there."""
    return shlex.quote(mot).replace("%", "\\%")


def _pour_systemd(mot: str) -> str:
    """A word of a command as systemd hands it over to the shell: `%` and `$` doubled, or systemd would expand them."""
    return shlex.quote(mot).replace("%", "%%").replace("$", "$$")


def _pour_powershell(mot: str) -> str:
    """A word of a command in PowerShell, which does not keep a double quote for the program unless it is escaped."""
    return "'" + mot.replace("'", "''").replace('"', '\\"') + "'"


def _unites(dossier: Path, alertes: Sequence[str]) -> dict[str, str]:
    unites = {}
    ici, python = str(dossier.resolve()).replace("%", "%%"), _pour_systemd(str(_python()))
    for tache in taches(alertes):
        # $$ and %% are how systemd writes $ and %
        commande = tache.pour("$$(date +%%Y)", "$$(($$(date +%%Y) - 1))", _pour_systemd)
        ordre = f"exec {python} -m flows {commande}".replace("\\", "\\\\").replace('"', '\\"')
        quand = f"*-{int(tache.mois):02d}-{int(tache.jour):02d} 06:00:00" if tache.jour else "*-*-* 08:00:00"
        nom = f"gestion-flux-{tache.nom}"
        unites[f"{nom}.service"] = f"""[Unit]
Description=gestion-flux {tache.nom}

[Service]
Type=oneshot
WorkingDirectory={ici}
ExecStart=/bin/sh -c "{ordre}"
"""
        unites[f"{nom}.timer"] = f"""[Unit]
Description=gestion-flux {tache.nom}

[Timer]
OnCalendar={quand} {PARIS}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return unites


_POWERSHELL = r"""
$commande = {
  @GARDE@$an = (Get-Date).Year
  & '@PYTHON@' -m flows @COMMANDE@
  @NOTE@
}.ToString()
$code = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($commande))
$action = New-ScheduledTaskAction -Execute 'powershell.exe' -WorkingDirectory '@DOSSIER@' `
  -Argument "-NoProfile -EncodedCommand $code"
$declencheur = New-ScheduledTaskTrigger -Daily -At @HEURE@
$reglages = New-ScheduledTaskSettingsSet -StartWhenAvailable
Register-ScheduledTask -Force -TaskPath 'gestion-flux' -TaskName '@NOM@' -Action $action `
  -Trigger $declencheur -Settings $reglages
"""
_GARDE = r"""$jours = ((Get-Date).Date - (Get-Date -Month @MOIS@ -Day @JOUR@).Date).Days
  $fait = ".gestion-flux-@NOM@-$((Get-Date).Year)"
  if ($jours -lt 0 -or $jours -gt 13 -or (Test-Path $fait)) { exit }
  """


def _windows(dossier: Path, alertes: Sequence[str]) -> str:
    """Windows has no yearly trigger: each task wakes every morning, and acts once, in the fortnight of its date."""
    blocs = [
        "# PowerShell, une fois. Chaque tâche se réveille le matin et n'agit qu'une fois, dans la quinzaine de sa date."
    ]
    for tache in taches(alertes):
        champs = {
            "GARDE": _GARDE if tache.jour else "",
            "NOTE": "if ($LASTEXITCODE -eq 0) { New-Item $fait | Out-Null }" if tache.jour else "",
            "COMMANDE": tache.pour("$an", "$($an - 1)", _pour_powershell),
            "PYTHON": str(_python()).replace("'", "''"),
            "DOSSIER": str(dossier.resolve()).replace("'", "''"),
            "HEURE": "06:00" if tache.jour else "08:00",
            "JOUR": tache.jour,
            "MOIS": tache.mois,
            "NOM": tache.nom,
        }
        bloc = _POWERSHELL
        for nom, valeur in champs.items():
            bloc = bloc.replace(f"@{nom}@", valeur)
        blocs.append(bloc)
    return "".join(blocs)
