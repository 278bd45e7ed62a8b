"""What was known on the evening of a date: inputs, weather, attacks, observations, parameters.

Nothing else is read. A parameter whose value was fitted to the campaign, or that rests on a source
later than the date, is drawn from its range instead. The mechanisms, the ranges and the values that
rest on no source were written when the end was known: that is no part of what is kept apart here.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kursksim._version import results_version
from kursksim.api import with_changes
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.likelihood import HALF_CELL_KM, REPORT_DAYS, SLOW_KM_DAY
from kursksim.evidence.offset import KEPT_DAYS
from kursksim.evidence.tracker import LAG_DAYS
from kursksim.forecasting.record import DRIFTS, OWN_SHARE, Record, record_until
from kursksim.scenario.schema import Parameter, Scenario
from kursksim.units import day_of, parse_date

__all__ = [
    "THIN",
    "KnownThen",
    "Reading",
    "known_only",
    "known_then",
    "latest",
    "origin_of",
    "split_of",
]

THIN = "weighed by the record, with too few sets that carry the weight"
"""Value of the reading of a bank whose weights cannot be relied on."""
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?!\d))?(?:-(\d\d)(?!\d))?(?:/(\d\d))?(?!\d)")
"""A year, a month or a day, with a later month or day behind a stroke: ``2025-03/04``."""


class Reading(NamedTuple):
    """Something that was read.

    Attributes
    ----------
    kind : str
        structure, bank, input, weather, attack, area, place, parameter or range.
    what : str
    value : str
    known_on : str
        ISO date; empty where there is none, as for a manual without a date.
    """

    kind: str
    what: str
    value: str
    known_on: str


@dataclass(frozen=True, eq=False, kw_only=True)
class KnownThen:
    """A scenario as it was known on the evening of a date.

    Attributes
    ----------
    origin : datetime.date
    scenario : Scenario
        Without what became known later.
    drawn : mapping of str to str
        Parameters that are drawn from their ranges, with the reason.
    record : Record
        What was observed.
    """

    origin: dt.date
    scenario: Scenario
    drawn: Mapping[str, str]
    record: Record

    def readings(self) -> Iterator[Reading]:
        """Everything that is read, with dates."""
        s = self.scenario
        last = min(self.origin, s.as_of or self.origin)
        said = f"mechanisms of results version {results_version}, and the ranges of the ledger"
        yield Reading("structure", said, "written when the end was known", "")
        tables = f"tables of the map and its roads, forces, events and policies of {s.id}"
        yield Reading("structure", tables, f"digest {s.digest}", "")
        undated = [source.key for source in s.sources if latest(source.date) is None]
        said = "sources without a date, which count as known"
        yield Reading("structure", said, " ".join(sorted(undated)), "")
        for said, value in (
            ("error of a tracker, as a share of the ground held on the eve", f"{OWN_SHARE:.4g}"),
            ("days by which the edits of a tracker come late", f"{LAG_DAYS:g}"),
            ("days over which a tracker keeps an error", f"{KEPT_DAYS:g}"),
            (
                "drift of the ground off from a campaign, as a share of that on the eve, in the"
                " root of a day: any of",
                " ".join(f"{share:.4g}" for share in DRIFTS),
            ),
            ("error of the date of a report, days", f"{REPORT_DAYS:g}"),
            ("error of the cell of a place, km", f"{HALF_CELL_KM:g}"),
            (
                "speed of a pressed front, which dates errors of position, km a day",
                f"{SLOW_KM_DAY:g}",
            ),
        ):
            yield Reading("structure", said, value, "")
        for entry in s.inputs:
            # that there is a frost is climate; its dates are drawn where they were not known
            day = entry.known_on if entry.known_on <= self.origin else ""
            yield Reading("input", entry.id, entry.kind, str(day))
        for w in s.weather:
            if w.known_on <= last:
                said = f"{w.flying} flying, {w.ground} ground"
                yield Reading("weather", str(w.date), said, str(w.known_on))
        for attack in s.attacks:
            if attack.known_on <= last:
                yield Reading("attack", attack.id, attack.axis, str(attack.known_on))
        for a in self.record.read:
            yield Reading("area", f"{a.kind} {a.source}", f"{a.held_km2!r}", a.date)
        for row in self.record.told:
            said = f"captured on {row.date}"
            yield Reading("place", f"{row.place}, {row.source}", said, row.known_on)
        dates = _dates_of_sources(s)
        for p in s.parameters:
            if p.low == p.high and _unknown(p, self.origin, dates):
                # it has no range to be drawn from
                yield Reading("structure", p.id, f"{p.value:g}", "")
            elif p.id in self.drawn:
                span = f"{p.low:g} to {p.high:g}"
                yield Reading("range", p.id, f"{span}: {self.drawn[p.id]}", "")
            else:
                known = [d for key in p.sources if (d := dates.get(key))]
                yield Reading("parameter", p.id, f"{p.value:g}", max(map(str, known), default=""))


def split_of(scenario: Scenario) -> str:
    """What of a forecast was known at its origin and what was not, in a sentence."""
    end = f"{scenario.date(scenario.last_day):%B %Y}"
    return (
        f"parameters known at the origin, structure known in {end}: mechanisms, ranges and the"
        " sizes of errors were written when the end was known"
    )


def origin_of(scenario: Scenario, origin: str | dt.date, name: str = "origin") -> dt.date:
    """Read the date of an origin.

    Raises
    ------
    BadUse
        For a text that is no date, or a date outside the campaign.
    """
    when = parse_date(origin, name)
    if not 0 <= day_of(when, scenario.start) <= scenario.last_day:
        last = scenario.date(scenario.last_day)
        raise BadUse(f"{name} {when}: outside the campaign, {scenario.start} to {last}")
    return when


def known_only(scenario: Scenario, until: dt.date) -> tuple[Scenario, list[str]]:
    """A scenario with the dated inputs, attacks and weather that were known on a date.

    Also the parameters that only the later inputs tell.
    """
    late = [i for i in scenario.inputs if i.known_on > until]
    as_of = min(until, scenario.as_of or until)
    told = {row.known_on for row in scenario.attacks} | {w.known_on for w in scenario.weather}
    if not late and not any(day > as_of for day in told):
        return scenario, []
    # frost and thaw are not taken out, as a season comes in any case: only its dates are unknown
    gone = [i.id for i in late if i.kind != "weather"]
    patch = {"title": f"known on {until}", "set": {"as_of": as_of}, "remove": {"inputs": gone}}
    dating = {i.parameter for i in late} | {i.until_parameter for i in late}
    return with_changes(scenario, patch), sorted(filter(None, dating))


def known_then(scenario: Scenario, origin: dt.date) -> KnownThen:
    """Leave of a scenario and its record what was known on the evening of a date.

    Parameters
    ----------
    scenario : Scenario
    origin : datetime.date

    Raises
    ------
    BadUse
        Where no tracker had shown the held area by then.
    """
    record = record_until(scenario, origin)
    if not record.areas:
        raise BadUse(
            f"{scenario.id}: no tracker shows the held area by {origin} (observed/held_area.csv),"
            " so there is nothing to steer by"
        )
    then, dating = known_only(scenario, origin)
    varied = set(observations.calibrated(scenario))
    dates = _dates_of_sources(then)
    drawn = {}
    for p in then.parameters:
        # a what-if that sets a number makes its range a point
        if p.low < p.high and (why := _unknown(p, origin, dates)):
            drawn[p.id] = why
        elif p.low < p.high and p.id in dating:
            drawn[p.id] = "only a later report tells it"
        elif p.low < p.high and p.id in varied:
            drawn[p.id] = "varies in a calibration"
    return KnownThen(origin=origin, scenario=then, drawn=drawn, record=record)


def _unknown(p: Parameter, origin: dt.date, dates: Mapping[str, dt.date]) -> str:
    """The reason why the value of a parameter was not known; empty where it was."""
    if p.status == "fitted":
        return "fitted"
    late = sorted(key for key in p.sources if key in dates and dates[key] > origin)
    return f"source {late[0]} is later" if late else ""


def _dates_of_sources(scenario: Scenario) -> dict[str, dt.date]:
    """The latest date that each source may have; without those that have none."""
    found = {source.key: latest(source.date) for source in scenario.sources}
    return {key: date for key, date in found.items() if date is not None}


def latest(text: str) -> dt.date | None:
    """The latest day that a date in words may mean; None without a year.

    A month stands for its last day, a year for the last of December, and several dates for the
    last of them: what may be later counts as later.

    Examples
    --------
    >>> latest("2024-12 to 2025-03"), latest("2025-09/11"), latest("undated")
    (datetime.date(2025, 3, 31), datetime.date(2025, 11, 30), None)
    """
    return max(filter(None, map(_last_day, _DATE.finditer(text))), default=None)


def _last_day(found: re.Match[str]) -> dt.date | None:
    year, month, day, later = (int(part) if part else 0 for part in found.groups())
    month, day = (month, later or day) if day else (later or month, 0)
    try:
        month = month or 12
        return dt.date(year, month, day or monthrange(year, month)[1])
    except ValueError:  # digits that are no date
        return None
