"""Flying weather and the state of the ground, from a daily table of weather into ``weather``."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from kursksim.intake.folder import Imported, TableSource, Target
from kursksim.intake.foreign import Foreign, ReadColumn, bad, duplicates, read_foreign
from kursksim.intake.rule import DayState, DayWeather, judged, said, thresholds
from kursksim.scenario.document import columns
from kursksim.scenario.schema import Scenario

__all__ = ["import_weather"]

_SPEED = {
    "km/h": (1.0, 0.0),
    "m/s": (3.6, 0.0),
    "mp/h": (1.609344, 0.0),
    "mph": (1.609344, 0.0),
    "kn": (1.852, 0.0),
}
_WIND = (0.0, 250.0, "km/h")
_LENGTH = {"m": (1.0, 0.0), "cm": (0.01, 0.0), "ft": (0.3048, 0.0)}
_DEGREES = {"°c": (1.0, 0.0), "c": (1.0, 0.0), "°f": (5 / 9, -160 / 9), "k": (1.0, -273.15)}
_AIR = (-60.0, 55.0, "°C")


def _number(
    name: str,
    names: tuple[str, ...],
    units: dict[str, tuple[float, float]],
    within: tuple[float, float, str],
) -> ReadColumn:
    low, high, unit = within
    return ReadColumn(name, "number", names, units=units, low=low, high=high, unit=unit)


_COLUMNS = (
    ReadColumn("date", "date", ("time", "date", "day")),
    _number(
        "wind",
        ("wind_speed_10m_max", "windspeed_10m_max", "wind_speed_max", "wind_speed", "wind"),
        _SPEED,
        _WIND,
    ),
    _number(
        "gusts",
        ("wind_gusts_10m_max", "windgusts_10m_max", "wind_gusts_max", "wind_gusts", "gusts"),
        _SPEED,
        _WIND,
    ),
    _number(
        "wet",
        ("precipitation_sum", "precipitation", "rain_sum", "rain"),
        {"mm": (1.0, 0.0), "inch": (25.4, 0.0), "cm": (10.0, 0.0)},
        (0.0, 500.0, "mm"),
    ),
    _number("cloud", ("cloud_base_min", "cloud_base", "ceiling"), _LENGTH, (0.0, 20_000.0, "m")),
    _number(
        "temperature",
        ("temperature_2m_mean", "temperature_mean", "temperature_2m", "temperature"),
        _DEGREES,
        _AIR,
    ),
    _number("warmest", ("temperature_2m_max", "temperature_max"), _DEGREES, _AIR),
    _number("coldest", ("temperature_2m_min", "temperature_min"), _DEGREES, _AIR),
    _number("snow", ("snow_depth_max", "snow_depth_mean", "snow_depth"), _LENGTH, (0, 20, "m")),
    ReadColumn("note", "text", ("note", "notes")),
)
NEAR_DEGREES = 2.0
"""How far from the window the place of a table may lie."""


def import_weather(
    path: str | Path,
    folder: str | Path,
    *,
    source: str,
    url: str = "",
    terms: str = "",
    gaps: bool = False,
    known_after: int = 0,
) -> Imported:
    """Take flying weather and the state of the ground from a daily table into a scenario.

    The rule and its thresholds are those of ``kursksim.intake.rule``; DATA.md states them. Days
    whose weather another source reports keep it.

    Parameters
    ----------
    path : str or Path
        A table with one row a day, as services such as Open-Meteo give it: the day, precipitation,
        wind or gusts, and where they are there the cloud base, temperatures and the depth of snow.
        Each column of numbers has its unit in its header.
    folder : str or Path
        The folder of the scenario.
    source : str
        Who made the table, as lists of sources show it.
    url, terms : str
        Where it is read, and who may use it for what.
    gaps : bool
        Take days that are missing or have empty cells as unknown, so that a run draws them.
    known_after : int
        Days after which a day's weather could be read. A staff sees the weather of its own day.

    Raises
    ------
    BadUse
        For a table, a row or a folder that cannot be used. Nothing is written then.
    """
    target = Target(folder)
    scenario = target.scenario
    into = target.file_of("weather")
    limits = thresholds(scenario)
    table = read_foreign(path, _COLUMNS, ("date", "wet"))
    _check(table, scenario, gaps)
    rows = sorted(table.rows, key=lambda row: row["date"])
    days = [_day(row) for row in rows]
    states = judged(days, limits)
    last = scenario.date(scenario.last_day)
    ours = [
        (day.date, state)
        for day, state in zip(days, states, strict=True)
        if scenario.start <= day.date <= last and state != DayState("unknown", "unknown")
    ]
    if not ours:
        span, own = f"{days[0].date} to {days[-1].date}", f"{scenario.start} to {last}"
        raise bad(table.label, f"{span}: no day of the campaign, {own}; ask for its dates")
    origin = TableSource(source, url, terms, "daily weather")
    key = target.cite(origin)
    kinds = dict.fromkeys(("date", "flying", "ground", "known_on"), "text") | columns("weather")
    old = [row for row in target.rows(into, kinds) if row.get("source") != key]
    reported = {row["date"] for row in old}
    new = [_row(date, state, key, known_after) for date, state in ours if date not in reported]
    target.put(into, kinds, sorted((*old, *new), key=lambda row: row["date"]))
    ledger = [p.id for p in scenario.parameters]
    lines = [f"rows: {len(new)}, {ours[0][0]} to {ours[-1][0]}", *said(limits, ledger)]
    target.note(table, into, origin, lines)
    notes = _notes(table, scenario, ours, into)
    if len(new) < len(ours):
        notes.append(f"{into}: {len(ours) - len(new)} days keep what other sources report of them")
    return target.write(len(new), notes)


def _row(date: dt.date, state: DayState, key: str, known_after: int) -> dict[str, Any]:
    known = date + dt.timedelta(days=known_after)
    row = {"date": date, "flying": state.flying, "ground": state.ground, "known_on": known}
    return {**row, "source": key, "status": "computed", "note": "By the rule in DATA.md."}


def _day(row: dict[str, Any]) -> DayWeather:
    """The weather of a row; a mean temperature that it lacks is halfway between the extremes."""
    warm, cold = row.get("warmest", math.nan), row.get("coldest", math.nan)
    names = ("wind", "gusts", "wet", "cloud", "snow")
    numbers = {name: row.get(name, math.nan) for name in names}
    return DayWeather(row["date"], temperature=row.get("temperature", (warm + cold) / 2), **numbers)


def _check(table: Foreign, scenario: Scenario, gaps: bool) -> None:
    """Refuse a table without wind, of another place, with days twice, and with gaps."""
    if not {"wind", "gusts"} & table.found.keys():
        raise bad(table.label, "has neither wind nor gusts; flying weather needs one of them")
    _place(table, scenario)
    for row in table.rows:
        if "date" not in row:
            raise bad(row.where, f"{table.found['date']} is empty; fill it in")
    duplicates(table.rows, ("date",))
    if gaps:
        return
    told = "give it, or take such days as unknown with --gaps"
    for row in table.rows:
        for name in table.found:
            if name not in row and name not in ("cloud", "snow", "note"):
                raise bad(row.where, f"{table.found[name]} of {row['date']} is empty; {told}")
    ordered = sorted(table.rows, key=lambda row: row["date"])
    for one, other in pairwise(ordered):
        missing = (other["date"] - one["date"]).days - 1
        if missing:
            first = one["date"] + dt.timedelta(days=1)
            what = f"{missing} day{'s' * (missing > 1)} from {first} on missing before it"
            raise bad(other.where, f"{other['date']}: {what}; {told}")


def _place(table: Foreign, scenario: Scenario) -> None:
    """Refuse a table whose own head says that it is of somewhere else."""
    for head, values in pairwise(table.above):
        names = [name.strip().casefold() for name in head]
        if not {"latitude", "longitude"} <= set(names):
            continue
        try:
            lat, lon = (float(values[names.index(n)]) for n in ("latitude", "longitude"))
        except (ValueError, IndexError):
            continue
        grid = scenario.grid
        off = max(grid.west - lon, lon - grid.east, grid.south - lat, lat - grid.north)
        if off > NEAR_DEGREES:
            middle = f"{(grid.south + grid.north) / 2:.2f}, {(grid.west + grid.east) / 2:.2f}"
            rule = f"far from the window of the scenario; ask for latitude, longitude {middle}"
            raise bad(table.label, f"is of latitude {lat:g}, longitude {lon:g}, {rule}")


def _notes(
    table: Foreign, scenario: Scenario, ours: Sequence[tuple[dt.date, DayState]], into: str
) -> list[str]:
    """What the user should know of what was read and what was not."""
    notes = []
    bare = [date for date, state in ours if state.ground == "unknown"]
    if bare and len(bare) == len(ours) and not _has_temperature(table):
        notes.append(f"{into}: the ground stays unknown, as the table has no temperature")
    elif bare:
        told = f"{into}: the ground of {len(bare)} days from {bare[0]} on stays unknown"
        rule = "it depends on what fell before; begin the table some weeks before the campaign"
        notes.append(f"{told}: {rule}")
    last = scenario.date(scenario.last_day)
    without = scenario.days - len(ours)
    if without:
        rule = "a run draws them from the climate"
        notes.append(f"{into}: {without} of {scenario.days} days to {last} have no row; {rule}")
    if scenario.models.get("weather") != "table":
        rule = 'write weather = "table" into [models] of scenario.toml, so that runs read it'
        notes.append(f"{into}: the model of the weather reads no table; {rule}")
    if table.unused:
        notes.append(f"{table.label}: columns not read: {', '.join(table.unused)}")
    return notes


def _has_temperature(table: Foreign) -> bool:
    return "temperature" in table.found or {"warmest", "coldest"} <= table.found.keys()
