"""Observations of a campaign: the files in the ``observed`` folder of its scenario."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from kursksim.equality import Missing
from kursksim.errors import ScenarioError
from kursksim.runs.registry import faults
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import Findings, Row, inside, read_csv, show
from kursksim.units import parse_date

__all__ = [
    "HeldArea",
    "PatternSpec",
    "PublicEvent",
    "Settlement",
    "calibrated",
    "captures",
    "edited",
    "held_area",
    "patterns",
    "settlements",
    "timeline",
]

_T = TypeVar("_T")
NAN = math.nan
FOLDER = "observed"
AREA_KINDS = ("tracker", "estimate", "claim")
CONFIDENCE = ("high", "medium", "low")


@dataclass(frozen=True, eq=False)
class HeldArea(Missing):
    """The held area on a date, as a source gives it.

    Attributes
    ----------
    date : str
    held_km2 : float
    held_plus_grey_km2 : float
        With the contested ground; NaN where the source does not give it.
    kind : str
        tracker (measured on a map), estimate or claim.
    source : str
        Keys of the scenario's sources, split by ``;``.
    note : str
    """

    date: str
    held_km2: float
    held_plus_grey_km2: float
    kind: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class Settlement:
    """A report that a place changed hands.

    Attributes
    ----------
    date : str
        Of the event.
    known_on : str
        Date on which the report could be read: that of the event or later.
    place, event, confidence, source, url : str
    """

    date: str
    known_on: str
    place: str
    event: str
    confidence: str
    source: str
    url: str = ""

    @property
    def captured(self) -> bool:
        """Whether it tells of a capture, and with more than low confidence."""
        return self.event.startswith("captured") and self.confidence != "low"


@dataclass(frozen=True)
class PublicEvent:
    """An event that became public.

    Attributes
    ----------
    date : str
        Of the event.
    known_on : str
        Date on which it was public, by the reports at hand: that of the event or later.
    what, source, url, note : str
        ``source`` holds keys of the scenario's sources, split by ``;``.
    """

    date: str
    known_on: str
    what: str
    source: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class PatternSpec(Missing):
    """A pattern of the record: a statistic of a run, its observed value, and the band of a hit.

    Attributes
    ----------
    id, title : str
    statistic : str
        Name of a registered statistic.
    arguments : mapping
    value_low, value_high : float
        Observed; NaN where one end is open.
    hit_low, hit_high : float
        Band; minus or plus infinity where it is open.
    unit : str
    implied : bool
        Whether an input or a rule implies it, so that a hit shows little.
    source, note : str
    implied_by : tuple of str
        Parameters that imply it. It counts in a calibration that varies one of them.
    mechanism : str
        Part of the model that it tests. The patterns of a mechanism choose the parameters that
        are fitted to them.
    error : float
        Standard error of the observation, in the unit; NaN where the band gives it.
    """

    id: str
    title: str
    statistic: str
    arguments: Mapping[str, Any]
    value_low: float
    value_high: float
    hit_low: float
    hit_high: float
    unit: str
    implied: bool
    source: str
    note: str = ""
    implied_by: tuple[str, ...] = ()
    mechanism: str = ""
    error: float = NAN


def held_area(scenario: Scenario) -> list[HeldArea]:
    """Held area as observed, by date; an empty list where a scenario has no such file.

    Raises
    ------
    ScenarioError
        With every problem of the file, by line.
    """
    kinds = {"held_km2": "number", "held_plus_grey_km2": "number", "kind": "text"}
    one_of = {"kind": AREA_KINDS}
    out, rows = _rows(
        scenario, "held_area.csv", kinds, optional={"held_plus_grey_km2"}, one_of=one_of
    )
    for row in rows:
        held = row.get("held_km2", NAN)
        # NaN compares false, so a cell that is left out breaks neither rule
        if held < 0 or row.get("held_plus_grey_km2", NAN) < held:
            rule = "must be 0 or more, and no more than held_plus_grey_km2"
            out.error(row.where, f"held_km2 {held:g}: {rule}")
    return sorted(_records(HeldArea, rows, out), key=lambda a: a.date)


def edited(areas: Sequence[HeldArea]) -> list[HeldArea]:
    """Maps of trackers on which ground changed hands since the one before of the same tracker."""
    before: dict[str, float] = {}
    found = []
    for area in (a for a in areas if a.kind == "tracker"):
        if abs(area.held_km2 - before.get(area.source, math.inf)) > 1e-9:
            found.append(area)
        before[area.source] = area.held_km2
    return found


def settlements(scenario: Scenario) -> list[Settlement]:
    """Reports of places that changed hands, by date; an empty list where there is no such file.

    Raises
    ------
    ScenarioError
        With every problem of the file, by line, such as a report known before the event.
    """
    texts = dict.fromkeys(("place", "event", "confidence", "url"), "text")
    kinds = {"known_on": "date", **texts}
    one_of = {"confidence": CONFIDENCE}
    out, rows = _rows(scenario, "settlements.csv", kinds, optional={"url"}, one_of=one_of)
    _check_known(rows, out)
    return sorted(_records(Settlement, rows, out), key=lambda s: s.date)


def captures(scenario: Scenario) -> dict[str, list[int]]:
    """Day indices on which each place is reported captured; reports of low confidence left out."""
    found: dict[str, list[int]] = {}
    for report in settlements(scenario):
        if report.captured:
            day = scenario.day(parse_date(report.date))
            found.setdefault(report.place, []).append(day)
    return found


def timeline(scenario: Scenario) -> list[PublicEvent]:
    """Public events by the date on which they became known; an empty list where there is no file.

    Raises
    ------
    ScenarioError
        With every problem of the file, by line, such as an event known before it happened.
    """
    kinds = {"known_on": "date", "what": "text", "url": "text"}
    out, rows = _rows(scenario, "timeline.csv", kinds, optional={"url"})
    _check_known(rows, out)
    return sorted(_records(PublicEvent, rows, out), key=lambda e: (e.known_on, e.date))


def patterns(scenario: Scenario) -> list[PatternSpec]:
    """Patterns that a model of the campaign should reproduce; an empty list without such a file.

    Raises
    ------
    ScenarioError
        With every problem of the file, by line: an unknown statistic, an argument that names
        nothing, a band whose ends are in the wrong order.
    """
    numbers = dict.fromkeys(("value_low", "value_high", "hit_low", "hit_high"), "number")
    texts = dict.fromkeys(("id", "title", "statistic", "arguments", "unit"), "text")
    kinds = {**texts, **numbers, "implied": "boolean", "implied_by": "text", "mechanism": "text"}
    out, rows = _rows(
        scenario, "patterns.csv", kinds, optional={*numbers, "implied_by", "mechanism"}, dated=False
    )
    found: dict[str, PatternSpec] = {}
    for row in rows:
        spec = _record(
            PatternSpec,
            row,
            arguments=_arguments(row, out),
            hit_low=row.get("hit_low", -math.inf),
            hit_high=row.get("hit_high", math.inf),
            implied=row.get("implied", False),
            implied_by=tuple(filter(None, row.get("implied_by", "").split(";"))),
        )
        for rule in _broken(spec, row, found, scenario):
            out.error(row.where, f"pattern {show(spec.id)}{rule}")
        for name in spec.implied_by:
            if name not in scenario.value:
                who = f"pattern {show(spec.id)}: unknown parameter in implied_by"
                out.unknown(row.where, who, name, scenario.value)
        found[spec.id] = spec
    _refuse(out)
    return list(found.values())


def calibrated(scenario: Scenario) -> tuple[str, ...]:
    """Parameters that a calibration varies, as ``calibrated.csv`` lists them; none without it.

    Raises
    ------
    ScenarioError
        For a parameter that is not in the ledger.
    """
    kinds = {"parameter": "text", "mechanism": "text", "influence": "number", "figure": "text"}
    out, rows = _rows(scenario, "calibrated.csv", kinds, optional={"source"}, dated=False)
    found = tuple(row.get("parameter", "") for row in rows)
    for row, name in zip(rows, found, strict=True):
        if name not in scenario.value:
            out.unknown(row.where, "unknown parameter", name, scenario.value)
    _refuse(out)
    return found


def _broken(
    spec: PatternSpec, row: Row, others: Mapping[str, PatternSpec], scenario: Scenario
) -> Iterator[str]:
    """Rules that a pattern breaks, in words."""
    if spec.id in others:
        yield " stands twice"
    # a statistic that could not be read has its error already
    if not row.said & {"statistic", "arguments"}:
        yield from (f": {rule}" for rule in faults(spec.statistic, spec.arguments, scenario))
    for low, high in (("value_low", "value_high"), ("hit_low", "hit_high")):
        least, most = getattr(spec, low), getattr(spec, high)
        if least > most:
            yield f": {low} {least:g} is above {high} {most:g}"
    if spec.implied_by and not spec.implied:
        yield ": implied_by names parameters, but implied is false"
    if "hit_low" not in row and "hit_high" not in row and not row.said:
        yield ": hit_low and hit_high are both empty; a band needs one of them"


def _arguments(row: Row, out: Findings) -> Mapping[str, Any]:
    """Arguments of a statistic: a JSON object in one cell."""
    try:
        made = json.loads(row.get("arguments", "{}"))
    except (ValueError, RecursionError):
        made = None
    if isinstance(made, dict):
        return made
    row.said.add("arguments")
    out.error(row.where, f"arguments {show(row.get('arguments'))}: must be a JSON object")
    return {}


# -- reading -------------------------------------------------------------------------------------


def _home(scenario: Scenario) -> Path | None:
    """The folder that a scenario was read from, else that of the shipped one of its name."""
    if scenario.folder:
        return Path(scenario.folder)
    return catalogue.find(scenario.id) if scenario.id in catalogue.names() else None


def _rows(
    scenario: Scenario,
    name: str,
    kinds: Mapping[str, str],
    *,
    optional: Collection[str],
    one_of: Mapping[str, Collection[str]] | None = None,
    dated: bool = True,
) -> tuple[Findings, list[Row]]:
    """Rows of a file of observations, each cell and source checked; none without the file."""
    out, home = Findings(), _home(scenario)
    if home is None or not _exists(home / FOLDER / name):
        return out, []
    columns = {**({"date": "date"} if dated else {}), **kinds, "source": "text", "note": "text"}
    needed = [c for c in columns if c not in optional and c != "note"]
    rows = read_csv(inside(home, f"{FOLDER}/{name}"), f"{FOLDER}/{name}", columns, set(needed), out)
    sources = {s.key for s in scenario.sources}
    for row in rows:
        for column in needed:
            if column not in row and column not in row.said:
                row.said.add(column)
                out.error(row.where, f"{column} is missing")
        for column, known in (one_of or {}).items():
            if column in row and row[column] not in known:
                out.unknown(row.where, f"unknown {column}", row[column], known)
        for key in row.get("source", "").split(";"):
            if key and key not in sources:
                out.unknown(row.where, "unknown source", key, sources)
    return out, rows


def _check_known(rows: list[Row], out: Findings) -> None:
    """Nothing is known before it happens."""
    for row in rows:
        if row.keys() >= {"date", "known_on"} and row["known_on"] < row["date"]:
            out.error(row.where, f"known_on {row['known_on']} is before the date {row['date']}")


def _exists(path: Path) -> bool:
    """Whether there is anything of that name; reading then reports a link to nowhere."""
    try:
        return path.exists() or path.is_symlink()
    except OSError:  # a folder that may not be entered: the reader reports it
        return True


def _record(kind: type[_T], row: Row, **given: Any) -> _T:
    """A row as a record: dates as ISO text; NaN and empty texts for cells that are left out."""
    for field in fields(kind):  # type: ignore[arg-type]
        value = row.get(field.name, NAN if field.type == "float" else "")
        given.setdefault(field.name, value.isoformat() if isinstance(value, dt.date) else value)
    return kind(**given)


def _records(kind: type[_T], rows: list[Row], out: Findings) -> list[_T]:
    """Rows as records, unless a problem was found."""
    _refuse(out)
    return [_record(kind, row) for row in rows]


def _refuse(out: Findings) -> None:
    if out.failed:
        raise ScenarioError(out.problems)
