"""How well the numbers of a scenario are sourced: shares by status, and what a second reading of the sources found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kursksim.scenario.schema import Parameter, Scenario

__all__ = ["SOFT", "Share", "not_checked", "read_again", "shares"]

SOFT = ("assumed", "fitted")
_ROWS = ("parameters", "places", "legs", "axes", "inputs", "lines", "areas")


@dataclass(frozen=True)
class Share:
    """How many rows of a kind there are, by status, and the share that no source fixes."""

    of: str
    rows: int
    by_status: Mapping[str, int]
    soft: float


def shares(s: Scenario) -> tuple[Share, ...]:
    """Shares of the parameters, and of all rows that name a source.

    Parameters
    ----------
    s : Scenario
    """
    tables: dict[str, Iterable[Any]] = {name: getattr(s, name) for name in _ROWS}
    everything = [row for rows in tables.values() for row in rows]
    return _share("parameters", tables["parameters"]), _share(
        "sourced rows (parameters among them)", everything
    )


def _share(of: str, rows: Iterable[Any]) -> Share:
    counted = Counter(row.status for row in rows)
    total = sum(counted.values())
    soft = sum(counted[status] for status in SOFT)
    return Share(of, total, dict(sorted(counted.items())), soft / total if total else 0.0)


def not_checked(s: Scenario) -> tuple[str, ...]:
    """Ids of the parameters that name a source which nobody has read a second time; none where all is fiction.

    Parameters
    ----------
    s : Scenario
    """
    return tuple(p.id for p in s.parameters if _standing(s, p) == "not checked")


def read_again(s: Scenario) -> dict[str, int]:
    """Parameters by what a second reading of their sources found.

    Parameters
    ----------
    s : Scenario

    Returns
    -------
    dict of str to int
        ``figure found``, ``related figure only``, ``no figure in the source``, ``not checked``, and ``our judgement``:
        no source is named, and the note has the reason. The numbers add up to all parameters.
    """
    found = dict.fromkeys(
        (
            "figure found",
            "related figure only",
            "no figure in the source",
            "not checked",
            "our judgement",
        ),
        0,
    )
    for p in s.parameters:
        found[_standing(s, p)] += 1
    return found


def _standing(s: Scenario, p: Parameter) -> str:
    """``read`` begins with a date and one of the wordings; a key whose reliability is none stands for judgement."""
    judgement = {source.key for source in s.sources if source.reliability == "none"}
    if not p.read:
        return "our judgement" if s.fictional or not set(p.sources) - judgement else "not checked"
    if "figure found" in p.read:
        return "figure found"
    return "no figure in the source" if "no figure" in p.read else "related figure only"
