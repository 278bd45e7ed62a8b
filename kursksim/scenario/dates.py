"""Dates that a what-if sets; a date that is tied to a parameter moves the parameter."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kursksim.errors import BadUse
from kursksim.scenario.rows import Raw
from kursksim.scenario.tables import Findings, Row, show
from kursksim.units import parse_date

__all__ = ["DATES", "read_dates", "set_date"]

DATES = ("date", "until", "known_on")
"""Fields of an input that hold a date."""


def read_dates(row: Row, out: Findings) -> None:
    """Read dates that are written as text, as in a saved game or a mapping."""
    for name in DATES:
        if isinstance(text := row.get(name), str):
            try:
                row[name] = parse_date(text, name)
            except BadUse as error:
                row.said.add(name)
                out.error(row.where, str(error))


def set_date(raw: Raw, row: Row, name: str, value: Any, where: str, out: Findings) -> None:
    """Move an input: its own date, or the day index of the parameter that dates it."""
    try:
        date = parse_date(value, name) if isinstance(value, str) else value
    except BadUse as error:
        out.error(where, str(error))
        return
    tied = row.get({"date": "parameter", "until": "until_parameter"}.get(name, ""))
    start = raw.doc.get("start")
    if not tied or not isinstance(date, dt.date) or not isinstance(start, dt.date):
        row[name] = date
    elif isinstance(date, dt.datetime):
        out.error(where, f"{name} {show(date)}: must be a date without a time")
    else:
        for parameter in raw.rows("parameters"):
            if parameter.get("id") == tied:
                _set_day(parameter, (date - start).days, where)
    # Nobody learns of an event after it has happened.
    known_on = row.get("known_on")
    if name == "date" and type(date) is dt.date and type(known_on) is dt.date and known_on > date:
        row["known_on"] = date


def _set_day(parameter: Row, day: int, where: str) -> None:
    """Give a dating parameter a new day; widen its range to hold it, and say so in its note."""
    parameter["value"] = float(day)
    parameter.where = where
    low, high = parameter.get("low"), parameter.get("high")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and not low <= day <= high:
        parameter["low"], parameter["high"] = min(low, day), max(high, day)
        if isinstance(note := parameter.get("note", ""), str):
            parameter["note"] = f"{note} Range widened to day {day} by a what-if.".strip()
