"""What was observed of a campaign: the files in the ``observed`` folder of its scenario, which nothing else reads."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kursksim.equality import Missing
from kursksim.errors import ScenarioError
from kursksim.runs.registry import faults
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import Findings, Row, inside, read_csv, show

__all__ = [
    "HeldArea", "PatternSpec", "PublicEvent", "Settlement", "calibrated", "held_area", "patterns", "settlements",
    "timeline",
]  # fmt: skip

_T = TypeVar("_T")
NAN = math.nan
FOLDER = "observed"
AREA_KINDS = ("tracker", "estimate", "claim")
CONFIDENCE = ("high", "medium", "low")


@dataclass(frozen=True, eq=False)
class HeldArea(Missing):
    """Held area on a date, as somebody has given it.

    Attributes
    ----------
    date : str
    held_km2 : float
    held_plus_grey_km2 : float
        With the ground fought over; NaN where it is not told.
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
    """A report that a place changed hands."""

    date: str
    place: str
    event: str
    confidence: str
    source: str
    url: str = ""


@dataclass(frozen=True)
class PublicEvent:
    """Something that became public knowledge.

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


@dataclass(frozen=True, eq=False)
class PatternSpec(Missing):
    """A pattern of the record: a statistic of a run, what was observed, and the band that counts as a hit.

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
        Whether it follows from an input or a rule, so that a hit shows little.
    source, note : str
    implied_by : tuple of str
        Parameters that it follows from: a calibration that varies one of them must learn it here.
    mechanism : str
        Part of the model that it speaks of: patterns of one mechanism choose the parameters that are fitted to them.
    error : float
        Standard error of the observation, in the unit, where it is not to be read off the band.
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
    """Held area as observed, by date; an empty list where a scenario has none.

    Raises
    ------
    ScenarioError
        With every problem of the file, by line.
    """
    kinds = {"held_km2": "number", "held_plus_grey_km2": "number", "kind": "text"}
    out, rows = _rows(scenario, "held_area.csv", kinds, optional={"held_plus_grey_km2"})
    found = []
    for row in rows:
        _one_of(row, "kind", AREA_KINDS, out)
        held, both = row.get("held_km2", NAN), row.get("held_plus_grey_km2", NAN)
        if held < 0 or both < held:
            out.error(
                row.where,
                f"held_km2 {held:g}: must be 0 or more, and no more than held_plus_grey_km2",
            )
        found.append(
            HeldArea(
                _date(row), held, both, _text(row, "kind"), _text(row, "source"), _text(row, "note")
            )
        )
    return sorted(_done(found, out), key=lambda a: a.date)


def settlements(scenario: Scenario) -> list[Settlement]:
    """Reports of places that changed hands, by date; an empty list where a scenario has none.

    Raises
    ------
    ScenarioError
        With every problem of the file, by line.
    """
    kinds = {"place": "text", "event": "text", "confidence": "text", "url": "text"}
    out, rows = _rows(scenario, "settlements.csv", kinds, optional={"url"})
    found = []
    for row in rows:
        _one_of(row, "confidence", CONFIDENCE, out)
        texts = [_text(row, n) for n in ("place", "event", "confidence", "source", "url")]
        found.append(Settlement(_date(row), *texts))
    return sorted(_done(found, out), key=lambda s: s.date)


def timeline(scenario: Scenario) -> list[PublicEvent]:
    """What became public and when, by the date on which it did; an empty list where a scenario has none.

    Raises
    ------
    ScenarioError
        With every problem of the file, by line; among them an event that was known before it happened.
    """
    kinds = {"known_on": "date", "what": "text", "url": "text"}
    out, rows = _rows(scenario, "timeline.csv", kinds, optional={"url"})
    found = []
    for row in rows:
        known = row["known_on"].isoformat() if "known_on" in row else ""
        if known and known < _date(row):
            out.error(row.where, f"known_on {known} is before the date {_date(row)}")
        found.append(
            PublicEvent(
                _date(row), known, *(_text(row, n) for n in ("what", "source", "url", "note"))
            )
        )
    return sorted(_done(found, out), key=lambda e: (e.known_on, e.date))


def patterns(scenario: Scenario) -> list[PatternSpec]:
    """The patterns that a model of the campaign should reproduce; an empty list where a scenario has none.

    Raises
    ------
    ScenarioError
        With every problem of the file, by line: unknown statistics, arguments that name nothing, bands upside down.
    """
    numbers = dict.fromkeys(("value_low", "value_high", "hit_low", "hit_high"), "number")
    texts = dict.fromkeys(("id", "title", "statistic", "arguments", "unit"), "text")
    kinds = {**texts, **numbers, "implied": "boolean", "implied_by": "text", "mechanism": "text"}
    out, rows = _rows(
        scenario, "patterns.csv", kinds, optional={*numbers, "implied_by", "mechanism"}, dated=False
    )
    found: dict[str, PatternSpec] = {}
    for row in rows:
        spec = PatternSpec(
            id=_text(row, "id"),
            title=_text(row, "title"),
            statistic=_text(row, "statistic"),
            arguments=_arguments(row, out),
            value_low=row.get("value_low", NAN),
            value_high=row.get("value_high", NAN),
            hit_low=row.get("hit_low", -math.inf),
            hit_high=row.get("hit_high", math.inf),
            unit=_text(row, "unit"),
            implied=row.get("implied", False),
            source=_text(row, "source"),
            note=_text(row, "note"),
            implied_by=tuple(filter(None, _text(row, "implied_by").split(";"))),
            mechanism=_text(row, "mechanism"),
        )
        _check(spec, row, found, scenario, out)
        found[spec.id] = spec
    return _done(list(found.values()), out)


def calibrated(scenario: Scenario) -> tuple[str, ...]:
    """Parameters that a calibration varies, by mechanism in turn; none where a scenario does not list them.

    Raises
    ------
    ScenarioError
        For a parameter that is not in the ledger.
    """
    kinds = {"parameter": "text", "mechanism": "text", "influence": "number", "figure": "text"}
    out, rows = _rows(scenario, "calibrated.csv", kinds, optional={"source"}, dated=False)
    for row in rows:
        if (name := _text(row, "parameter")) not in scenario.value:
            out.unknown(row.where, "unknown parameter", name, scenario.value)
    return tuple(_done([_text(row, "parameter") for row in rows], out))


def _check(
    spec: PatternSpec,
    row: Row,
    others: Mapping[str, PatternSpec],
    scenario: Scenario,
    out: Findings,
) -> None:
    """What must hold of a pattern."""
    who = f"pattern {show(spec.id)}"
    if spec.id in others:
        out.error(row.where, f"{who} stands twice")
    if not row.said & {"statistic", "arguments"}:
        for rule in faults(spec.statistic, spec.arguments, scenario):
            out.error(row.where, f"{who}: {rule}")
    for low, high in (("value_low", "value_high"), ("hit_low", "hit_high")):
        if getattr(spec, low) > getattr(spec, high):
            out.error(
                row.where,
                f"{who}: {low} {getattr(spec, low):g} is above {high} {getattr(spec, high):g}",
            )
    for name in spec.implied_by:
        if name not in scenario.value:
            out.unknown(row.where, f"{who}: unknown parameter in implied_by", name, scenario.value)
    if spec.implied_by and not spec.implied:
        out.error(row.where, f"{who}: implied_by names parameters, but implied is false")
    if "hit_low" not in row and "hit_high" not in row and not row.said:
        out.error(
            row.where, f"{who}: hit_low and hit_high are both empty; a band needs one of them"
        )


def _arguments(row: Row, out: Findings) -> Mapping[str, Any]:
    """The arguments of a statistic, a JSON object in one cell."""
    try:
        made = json.loads(row.get("arguments", "{}"))
    except (ValueError, RecursionError):
        made = None
    if not isinstance(made, dict):
        row.said.add("arguments")
        out.error(row.where, f"arguments {show(row.get('arguments'))}: must be a JSON object")
        return {}
    return made


# -- reading ---------------------------------------------------------------------------------------------------------


def _home(scenario: Scenario) -> Path | None:
    """The folder of a scenario: where it was read from, else the shipped one of its name."""
    if scenario.folder:
        return Path(scenario.folder)
    return catalogue.find(scenario.id) if scenario.id in catalogue.names() else None


def _rows(
    scenario: Scenario,
    name: str,
    kinds: Mapping[str, str],
    *,
    optional: Mapping[str, str] | set[str],
    dated: bool = True,
) -> tuple[Findings, list[Row]]:
    """Rows of a file of observations, each cell and source checked; none where there is no such file."""
    out, home = Findings(), _home(scenario)
    if home is None or not _there(home / FOLDER / name):
        return out, []
    columns = {**({"date": "date"} if dated else {}), **kinds, "source": "text", "note": "text"}
    needed = [c for c in columns if c not in optional and c != "note"]
    rows = read_csv(inside(home, f"{FOLDER}/{name}"), f"{FOLDER}/{name}", columns, set(needed), out)
    known = {s.key for s in scenario.sources}
    for row in rows:
        for column in needed:
            if column not in row and column not in row.said:
                row.said.add(column)
                out.error(row.where, f"{column} is missing")
        for key in _text(row, "source").split(";"):
            if key and key not in known:
                out.unknown(row.where, "unknown source", key, known)
    return out, rows


def _there(path: Path) -> bool:
    """Whether something has that name, a link to nowhere among it."""
    try:
        return path.exists() or path.is_symlink()
    except OSError:  # a folder that may not be entered: reading says so
        return True


def _text(row: Row, name: str) -> str:
    return str(row.get(name, ""))


def _date(row: Row) -> str:
    return row["date"].isoformat() if "date" in row else ""


def _one_of(row: Row, name: str, known: tuple[str, ...], out: Findings) -> None:
    if name in row and row[name] not in known:
        out.unknown(row.where, f"unknown {name}", row[name], known)


def _done(found: list[_T], out: Findings) -> list[_T]:
    """The records, unless a problem was found."""
    if out.failed:
        raise ScenarioError(out.problems)
    return found
