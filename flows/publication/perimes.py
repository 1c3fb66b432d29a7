"""Which published bilans a run of some réservataires leaves behind: theirs are new, the others' have moved too.

A correction seldom touches one réservataire alone (the parc, the releases, the forecasts are shared). The register
keeps who was left behind, until their own bilan is made again or the whole campaign is.
"""

from pathlib import Path

import duckdb

from flows.anomalies import Anomalie, Gravite
from flows.campagne import Campagne
from flows.chemins import ENTREPOT
from flows.publication import registre
from flows.publication.manifeste import lire_manifeste
from flows.requetes import litteral

_TABLES = """
select a.table_name, string_agg('"' || a.column_name || '"', ', ' order by a.column_name)
from duckdb_columns() as a
inner join duckdb_columns() as b
    on a.schema_name = b.schema_name and a.table_name = b.table_name and a.column_name = b.column_name
where a.database_name = 'avant' and b.database_name = 'apres' and a.schema_name = 'bilan' and a.column_name <> 'ordre'
    and a.table_name in (select t.table_name from duckdb_tables() as t where t.database_name = 'avant')
group by a.table_name
having bool_or(a.column_name = 'code_reservataire')
order by a.table_name"""


def relever(campagne: Campagne, base: Path) -> list[str]:
    """Codes of the published bilans that this run (of some réservataires, to the warehouse `base`) leaves behind."""
    if not campagne.reservataires:
        return []
    avant = campagne.sorties / campagne.dossier / ENTREPOT
    changes = _changes(avant, base) if avant.is_file() else set[str]()
    debut = f"{campagne.dossier}/bilan/".lstrip("/")
    publies = {Path(nom).stem for nom in lire_manifeste(campagne.sorties)["sorties"] if nom.startswith(debut)}
    prefixe = f"bilan_{campagne.annee}_"
    presents = {nom.removeprefix(prefixe) for nom in publies if nom.startswith(prefixe)}
    return sorted((changes | set(actuels(campagne))) & presents - set(campagne.reservataires))


def actuels(campagne: Campagne) -> list[str]:
    """Codes left behind by the last publication of these bilans."""
    derniers: list[str] = []
    au = campagne.au.isoformat() if campagne.au else None
    for ligne in registre.lignes_de(campagne.sorties, "publication"):
        if ligne.get("commande") == "bilan" and ligne.get("au") == au:
            derniers = list(ligne.get("perimes") or ())
    return derniers


def dire(codes: list[str]) -> list[Anomalie]:
    """The warning that names them; nothing when there is nobody."""
    if not codes:
        return []
    message = f"Ce qui a changé touche aussi des bilans qui n'ont pas été refaits : {', '.join(codes)}."
    correction = "Ils restent publiés, et périmés. Refaites-les : gestion-flux bilan sans --reservataire."
    return [Anomalie(Gravite.AVERTISSEMENT, "bilans_perimes", message, correction)]


def _changes(avant: Path, apres: Path) -> set[str]:
    """Codes whose rows are not the same in two warehouses, in the tables and columns that both have."""
    try:
        with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as con:
            for nom, base in (("avant", avant), ("apres", apres)):
                con.execute(f"attach {litteral(base)} as {nom} (read_only)")
            changes: set[str] = set()
            for table, colonnes in con.execute(_TABLES).fetchall():
                comptes = (
                    f"select code_reservataire, count(*), sum(cast(hash({colonnes}) as hugeint)) "
                    f"from {cote}.bilan.{table} group by all"
                    for cote in ("avant", "apres")
                )
                un, autre = (set(con.execute(requete).fetchall()) for requete in comptes)
                changes |= {str(code) for code, *_ in un ^ autre}
            return changes
    except duckdb.Error:
        return set()  # a warehouse that cannot be read is told by the manifest
