"""The defects left in the example on purpose: each is one warning that a first reader should meet.

The sixth, a printed rate that differs from the recomputed one, is in the plan itself (CA_BASTIA, 5 % printed).
The event outside its perimeter comes from the events (a dwelling of Furiani proposed to Bastia).
"""

from flows.exemple.droits import Ligne


def semer(tables: dict[str, list[Ligne]]) -> None:
    """Changes the tables in place: a doubled row, a code that lost its zero, a right that contradicts RPLS."""
    propositions = tables["propositions"]
    propositions.insert(81, dict(propositions[80]))
    liberation = tables["liberations"][400]
    liberation["ident_rep"] = str(liberation["ident_rep"]).removeprefix("0")
    droit = next(x for x in tables["droits"] if x["numero_convention"] == "FICTIF-ALS-2A-01" and x["typologie"] == "T3")
    droit["typologie"] = "T4"
