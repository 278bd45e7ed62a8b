"""The record beside a game: what was observed up to a day, and what was public on it, each with its sources."""

from __future__ import annotations

import datetime as dt
import re

from kursksim.evidence.observations import held_area, patterns, timeline
from kursksim.scenario.schema import Scenario
from kursksim.studies.reveal import History, Known
from kursksim.units import parse_date

__all__ = ["history_of", "known_by"]


def known_by(scenario: Scenario, date: str | dt.date) -> tuple[Known, ...]:
    """What was public knowledge by a date, in the order in which it became so.

    Parameters
    ----------
    scenario : Scenario
    date : str or date
        Nothing that became public after it is returned, whenever it happened.

    Returns
    -------
    tuple of Known
        Empty where a scenario has neither a timeline nor dated inputs.
    """
    when = parse_date(date).isoformat()
    titles = {s.key: s.title for s in scenario.sources}
    urls = {s.key: s.url for s in scenario.sources}
    found = [
        Known(
            e.date,
            e.known_on,
            e.what,
            "event",
            _titles(e.source, titles),
            _first(e.url, e.source, urls),
            e.note,
        )
        for e in timeline(scenario)
    ]
    found += [
        Known(
            i.date.isoformat(), i.known_on.isoformat(), i.name or i.id, "input", _titles(i.source, titles),
            _first("", i.source, urls), i.note,
        )
        for i in scenario.inputs
    ]  # fmt: skip
    return tuple(
        sorted((k for k in found if k.known_on <= when), key=lambda k: (k.known_on, k.date, k.what))
    )


def _keys(source: str) -> list[str]:
    return [key.strip() for key in source.split(";") if key.strip()]


def _titles(source: str, titles: dict[str, str]) -> tuple[str, ...]:
    return tuple(titles.get(key, key) for key in _keys(source))


def _first(own: str, source: str, urls: dict[str, str]) -> tuple[str, ...]:
    """The address of the entry itself, or the first of each of its sources."""
    listed = [own] if own else [urls.get(key, "").split(" ; ")[0] for key in _keys(source)]
    return tuple(u for u in listed if re.match(r"https?://", u))


def history_of(scenario: Scenario, last: int) -> History:
    """What was observed up to a day; empty where a scenario has no record.

    Parameters
    ----------
    scenario : Scenario
    last : int
        Day index: nothing later is in it.
    """
    first, end = scenario.start.isoformat(), scenario.date(last).isoformat()
    spans: dict[str, tuple[float, float] | None] = {"order_day": None, "place_falls": None}
    for p in patterns(scenario):
        place = p.arguments.get("place", scenario.key_place)
        if p.statistic in spans and place == scenario.key_place and p.value_high <= last:
            spans[p.statistic] = (p.value_low, p.value_high)
    held = tuple(o for o in held_area(scenario) if first <= o.date <= end)
    return History(held, spans["order_day"], spans["place_falls"])
