"""The public record beside a game: what was observed up to a day, and what was known on it."""

from __future__ import annotations

import datetime as dt
import re

from kursksim.evidence.observations import held_area, patterns, timeline
from kursksim.scenario.schema import Scenario
from kursksim.studies.reveal import History, Known
from kursksim.units import parse_date

__all__ = ["history_of", "known_by"]


def known_by(scenario: Scenario, date: str | dt.date) -> tuple[Known, ...]:
    """Return what was public by a date, in the order in which it became so.

    Parameters
    ----------
    scenario : Scenario
    date : str or date
        What became public later is left out, whenever it happened.

    Returns
    -------
    tuple of Known
        Empty for a scenario that has neither a timeline nor dated inputs.
    """
    when = parse_date(date).isoformat()
    found = [
        Known(e.date, e.known_on, e.what, "event", *_cited(scenario, e.source, e.url), e.note)
        for e in timeline(scenario)
    ]
    for i in scenario.inputs:
        days = i.date.isoformat(), i.known_on.isoformat()
        found.append(Known(*days, i.name or i.id, "input", *_cited(scenario, i.source), i.note))
    public = [known for known in found if known.known_on <= when]
    return tuple(sorted(public, key=lambda k: (k.known_on, k.date, k.what)))


def _cited(
    scenario: Scenario, source: str, url: str = ""
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Titles of the sources of an entry; its own address, or the first one of each source."""
    known = {s.key: s for s in scenario.sources}
    keys = [key.strip() for key in source.split(";") if key.strip()]
    titles = tuple(known[key].title if key in known else key for key in keys)
    urls = [url] if url else [known[key].url.split(" ; ")[0] for key in keys if key in known]
    # A source may name a book or a file in place of an address.
    return titles, tuple(u for u in urls if re.match(r"https?://", u))


def history_of(scenario: Scenario, last: int) -> History:
    """Return what was observed up to a day; empty for a scenario without a record.

    Parameters
    ----------
    scenario : Scenario
    last : int
        Day index; later observations are left out.
    """
    first, end = scenario.start.isoformat(), scenario.date(last).isoformat()
    spans: dict[str, tuple[float, float]] = {}
    for p in patterns(scenario):
        place = p.arguments.get("place", scenario.key_place)
        # The whole span must lie in the past: its end would tell what is still to come.
        if place == scenario.key_place and p.value_high <= last:
            spans[p.statistic] = (p.value_low, p.value_high)
    held = tuple(o for o in held_area(scenario) if first <= o.date <= end)
    return History(held, spans.get("order_day"), spans.get("place_falls"))
