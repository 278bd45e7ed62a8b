"""Reports of places that changed hands, from a table into ``observed/settlements.csv``."""

from __future__ import annotations

from pathlib import Path

from kursksim.errors import BadUse, nearest
from kursksim.evidence.observations import CONFIDENCE, FOLDER
from kursksim.intake.folder import Imported, TableSource, Target
from kursksim.intake.foreign import Foreign, ReadColumn, bad, duplicates, read_foreign
from kursksim.intake.held import FAR
from kursksim.scenario.schema import Scenario

__all__ = ["import_settlements"]

INTO = f"{FOLDER}/settlements.csv"
KINDS = {
    "date": "date",
    "known_on": "date",
    "place": "text",
    "event": "text",
    "confidence": "text",
    "source": "text",
    "url": "text",
    "note": "text",
}
"""Columns of the record."""
_COLUMNS = (
    ReadColumn("date", "date", ("date", "day")),
    ReadColumn("known_on", "date", ("known_on", "published", "reported")),
    ReadColumn("place", "text", ("place", "settlement", "name", "town")),
    ReadColumn("event", "text", ("event", "what", "change")),
    ReadColumn("confidence", "text", ("confidence",)),
    ReadColumn("url", "text", ("url", "link")),
    ReadColumn("note", "text", ("note", "notes", "remark", "comment")),
)


def import_settlements(
    path: str | Path,
    folder: str | Path,
    *,
    source: str,
    url: str = "",
    terms: str = "",
    confidence: str = "medium",
) -> Imported:
    """Take reports of places that changed hands into the record of a scenario.

    Parameters
    ----------
    path : str or Path
        A table with columns ``date``, ``place`` and ``event``. An event that begins with
        ``captured`` is a capture. ``known_on`` (the date if left out), ``confidence``, ``url`` and
        ``note`` are read where they are there.
    folder : str or Path
        The folder of the scenario.
    source : str
        Who collected them, as lists of sources show it.
    url, terms : str
        Where it is read, and who may use it for what.
    confidence : str
        That of rows that do not say it: high, medium or low.

    Raises
    ------
    BadUse
        For a table, a row or a folder that cannot be used. Nothing is written then.
    """
    if confidence not in CONFIDENCE:
        raise BadUse(f"confidence {confidence!r} is unknown; {nearest(confidence, CONFIDENCE)}")
    target = Target(folder)
    table = read_foreign(path, _COLUMNS, ("date", "place", "event"))
    scenario = target.scenario
    _check(table, scenario, confidence)
    origin = TableSource(source, url, terms, "places that changed hands")
    key = target.cite(origin)
    old = target.rows(INTO, KINDS)
    ours = {(row["date"], row["place"], row["event"]) for row in table.rows}
    kept = [
        row
        for row in old
        if row.get("source") != key
        or (row.get("date"), row.get("place"), row.get("event")) not in ours
    ]
    new = [{**row, "source": key} for row in table.rows]
    target.put(INTO, KINDS, sorted((*kept, *new), key=lambda row: (row["date"], row["place"])))
    days = [row["date"] for row in table.rows]
    target.note(table, INTO, origin, [f"rows: {len(new)}, {min(days)} to {max(days)}"])
    notes = []
    if replaced := len(old) - len(kept):
        notes.append(f"{INTO}: {replaced} rows of the same source, place and event replaced")
    notes += _unknown(table, scenario)
    if table.unused:
        notes.append(f"{table.label}: columns not read: {', '.join(table.unused)}")
    return target.write(len(new), notes)


def _check(table: Foreign, scenario: Scenario, confidence: str) -> None:
    """Fill in what rows leave out; refuse those that say nothing, or what cannot be."""
    start, end = scenario.start, scenario.date(scenario.last_day)
    for row in table.rows:
        for name in ("date", "place", "event"):
            if name not in row:
                rule = "is empty; fill it in or take the row away"
                raise bad(row.where, f"{table.found[name]} {rule}")
        row.setdefault("confidence", confidence)
        row.setdefault("known_on", row["date"])
        if row["confidence"] not in CONFIDENCE:
            rule = nearest(row["confidence"], CONFIDENCE)
            raise bad(row.where, f"confidence {row['confidence']!r} is unknown; {rule}")
        if not start - FAR <= row["date"] <= end + FAR:
            rule = f"more than a year from the campaign, {start} to {end}; is the year right?"
            raise bad(row.where, f"date {row['date']}: {rule}")
        if row["known_on"] < row["date"]:
            rule = "nothing is known before it happens; are the two exchanged?"
            raise bad(
                row.where, f"known_on {row['known_on']} before the date {row['date']}: {rule}"
            )
    duplicates(table.rows, ("date", "place", "event"))


def _unknown(table: Foreign, scenario: Scenario) -> list[str]:
    """A line on places that the scenario does not have, if there are any."""
    known = {place.id for place in scenario.places}
    unknown = sorted({row["place"] for row in table.rows} - known)
    if not unknown:
        return []
    named = ", ".join(unknown[:6]) + (f" and {len(unknown) - 6} more" if unknown[6:] else "")
    rule = "no run is held against their reports; add them to the table places, or rename them"
    hint = nearest(unknown[0], known)
    return [f"{INTO}: not among the places of the scenario: {named}; {rule}; {hint}"]
