"""Held areas from the table of a map tracker into ``observed/held_area.csv``."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse, nearest
from kursksim.evidence.observations import AREA_KINDS, FOLDER, HeldArea
from kursksim.evidence.tracker import not_comparable
from kursksim.intake.folder import Imported, TableSource, Target
from kursksim.intake.foreign import Foreign, ReadColumn, bad, duplicates, read_foreign
from kursksim.scenario.tables import Row
from kursksim.terrain.hexmap import terrain_of

__all__ = ["import_held_area"]

INTO = f"{FOLDER}/held_area.csv"
KINDS = {
    "date": "date",
    "held_km2": "number",
    "held_plus_grey_km2": "number",
    "kind": "text",
    "source": "text",
    "note": "text",
}
"""Columns of the record."""
_KM2 = {
    "km²": (1.0, 0.0),
    "km2": (1.0, 0.0),
    "km^2": (1.0, 0.0),
    "sq km": (1.0, 0.0),
    "sq mi": (2.589988110336, 0.0),
    "mi²": (2.589988110336, 0.0),
    "ha": (0.01, 0.0),
    "m²": (1e-6, 0.0),
}
_SAID = {"held_km2": "km²", "area_km2": "km²", "held_sq_mi": "sq mi", "area_sq_mi": "sq mi"}
_GREY = {"held_plus_grey_km2": "km²", "held_plus_grey_sq_mi": "sq mi"}
FAR = dt.timedelta(days=366)
"""Farthest from the campaign that a row of the record may lie, as `kursksim check` has it."""


def import_held_area(
    path: str | Path,
    folder: str | Path,
    *,
    tracker: str,
    url: str = "",
    terms: str = "",
    kind: str = "tracker",
) -> Imported:
    """Take the held areas of a tracker into the record of a scenario.

    Rows of the same tracker that are there already are replaced where the table has their date.

    Parameters
    ----------
    path : str or Path
        A table with a column ``date`` and an area: ``held_km2``, ``area_km2``, ``held_sq_mi``, or
        ``area`` or ``held`` with its unit in brackets. ``held_plus_grey_km2``, ``kind`` and
        ``note`` are read where they are there.
    folder : str or Path
        The folder of the scenario.
    tracker : str
        Name of the tracker, as lists of sources show it.
    url, terms : str
        Where it is read, and who may use it for what.
    kind : str
        What the rows are that do not say it: tracker, estimate or claim.

    Raises
    ------
    BadUse
        For a table, a row or a folder that cannot be used. Nothing is written then.
    """
    if kind not in AREA_KINDS:
        raise BadUse(f"kind {kind!r} is unknown; {nearest(kind, AREA_KINDS)}")
    target = Target(folder)
    table = read_foreign(path, _columns(target), ("date", "held_km2"))
    _check(table, target, kind)
    origin = TableSource(tracker, url, terms, "held area")
    key = target.cite(origin)
    old = target.rows(INTO, KINDS)
    days = {row["date"] for row in table.rows}
    kept = [row for row in old if (row.get("source"), row.get("date") in days) != (key, True)]
    new = [{"kind": kind} | row | {"source": key} for row in table.rows]
    every = sorted((*kept, *new), key=lambda row: (row["date"], str(row.get("source", ""))))
    target.put(INTO, KINDS, every)
    first, last = min(days), max(days)
    lines = [f"rows: {len(new)}, {first} to {last}, of {kind} unless a row says otherwise"]
    target.note(table, INTO, origin, lines)
    notes = _notes(table, len(old) - len(kept))
    areas = [_area(row) for row in every]
    notes += [f"{INTO}: {line}" for line in not_comparable(areas)]
    return target.write(len(new), notes)


def _area(row: Mapping[str, Any]) -> HeldArea:
    """A row as the record gives it."""
    what = {name: row.get(name, "") for name in ("kind", "source")}
    return HeldArea(str(row["date"]), row["held_km2"], math.nan, **what)


def _columns(target: Target) -> tuple[ReadColumn, ...]:
    """Columns that are read; no area is larger than the ground of the map."""
    most = float(terrain_of(target.scenario).area_km2.sum())
    area = {"units": _KM2, "high": most, "unit": "km²"}
    grey = ReadColumn("held_plus_grey_km2", "number", ("held_plus_grey",), said=_GREY, **area)  # type: ignore[arg-type]
    return (
        ReadColumn("date", "date", ("date", "day", "time")),
        ReadColumn("held_km2", "number", ("held", "area", "held_area"), said=_SAID, **area),  # type: ignore[arg-type]
        grey,
        ReadColumn("kind", "text", ("kind",)),
        ReadColumn("note", "text", ("note", "notes", "remark", "comment")),
    )


def _check(table: Foreign, target: Target, kind: str) -> None:
    """Refuse rows that say nothing, that say it twice, or that are of another campaign."""
    for row in table.rows:
        for name in ("date", "held_km2"):
            if name not in row:
                spelled = table.found[name]
                raise bad(row.where, f"{spelled} is empty; fill it in or take the row away")
        if row.get("kind", kind) not in AREA_KINDS:
            raise bad(row.where, f"kind {row['kind']!r} is unknown; {nearest(kind, AREA_KINDS)}")
        _in_time(row, target)
    duplicates(table.rows, ("date",))


def _in_time(row: Row, target: Target) -> None:
    scenario = target.scenario
    start, end = scenario.start, scenario.date(scenario.last_day)
    if not start - FAR <= row["date"] <= end + FAR:
        rule = f"more than a year from the campaign, {start} to {end}; is the year right?"
        raise bad(row.where, f"date {row['date']}: {rule}")


def _notes(table: Foreign, replaced: int) -> list[str]:
    notes = []
    if replaced:
        notes.append(f"{INTO}: {replaced} rows of the same tracker and date replaced")
    if table.unused:
        notes.append(f"{table.label}: columns not read: {', '.join(table.unused)}")
    return notes
