"""Statistics that a pattern may ask of a run, each a small function; NaN where a run has none.

Each takes a run (or the part of one that an ensemble keeps) and the arguments of the pattern.
Dates are ISO text; a date that was not played gives NaN. Names of places, axes and contingents
come from the arguments alone. Of a run that began from a state, a mean or a greatest value is one
of the days from there on, and what may have come before them gives NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kursksim.errors import BadUse, nearest
from kursksim.runs.registry import Given, Played, near_column, statistic
from kursksim.units import day_of, parse_date

__all__ = ["changed_before", "daily"]

NAN = math.nan


# -- reading tables ------------------------------------------------------------------------------


def daily(run: Played, column: str) -> Sequence[Any]:
    """Column of the daily table, a value a day."""
    found: Sequence[Any] = run.tables["daily"].columns[column]
    return found


def _row(run: Played, date: str) -> int | None:
    """Row of a date; None when it was not played."""
    row = day_of(parse_date(date), run.scenario.start) - run.first
    return row if 0 <= row < len(run.tables["daily"]) else None


def _at(run: Played, column: str, date: str) -> float:
    row = _row(run, date)
    return NAN if row is None else float(daily(run, column)[row])


def _window(run: Played, given: Given) -> range:
    """Rows of the arguments from and to, both included; empty unless all were played."""
    first, last = _row(run, given["from"]), _row(run, given["to"])
    return range(0) if first is None or last is None else range(first, last + 1)


def _mean(values: Sequence[float]) -> float:
    defined = [v for v in values if not math.isnan(v)]
    return math.fsum(defined) / len(defined) if defined else NAN


def _greatest(values: Sequence[float]) -> float:
    return max((v for v in values if not math.isnan(v)), default=NAN)


def _ratio(over: float, under: float) -> float:
    """Ratio of rates: infinite over nothing, NaN where neither is a loss."""
    if under > 0:
        return over / under
    return math.inf if over > 0 and not math.isnan(under) else NAN


def _by_axis(run: Played, column: str) -> dict[str, list[float]]:
    """Column of the axes table by axis, in order of days."""
    if "axes" not in run.tables:
        raise BadUse(
            "ground by axis cannot be told of a run from a store, which keeps the daily table"
            " alone: play without store=, or with measures= that count it while it is played"
        )
    table = run.tables["axes"].columns
    found: dict[str, list[float]] = {}
    for axis, value in zip(table["axis"], table[column], strict=True):
        found.setdefault(axis, []).append(value)
    return found


# -- held ground ---------------------------------------------------------------------------------


@statistic(dates="dates")
def held_on(run: Played, given: Given) -> float:
    """Held area at dusk of a date, km²; of several dates that of the last."""
    return _at(run, "held_km2", given["dates"][-1])


def _rate(run: Played, first: str, last: str) -> float:
    """Ground lost per day from dusk to dusk, km²/day."""
    days = (parse_date(last) - parse_date(first)).days
    return (_at(run, "held_km2", first) - _at(run, "held_km2", last)) / days if days > 0 else NAN


@statistic(from_="date", to="date")
def loss_rate(run: Played, given: Given) -> float:
    """Ground lost per day between two dates, km²/day."""
    return _rate(run, given["from"], given["to"])


@statistic(window="days", from_="date", to="date")
def steepest_over_rate(run: Played, given: Given) -> float:
    """Steepest loss over so many days of the run, over the loss rate between two dates."""
    held, n = daily(run, "held_km2"), given["window"]
    steepest = _greatest([(held[i] - held[i + n]) / n for i in range(len(held) - n)])
    return _ratio(steepest, _rate(run, given["from"], given["to"]))


@statistic(a="period", b="period")
def rate_ratio(run: Played, given: Given) -> float:
    """Loss rate of one period over that of another."""
    return _ratio(_rate(run, *given["a"]), _rate(run, *given["b"]))


@statistic(axes="axes", from_="date", to="date")
def axis_share(run: Played, given: Given) -> float:
    """Share of the ground lost on some axes: captured and vacated less retaken, over all axes."""
    days = _window(run, given)
    captured, vacated, retaken = (
        _by_axis(run, f"{how}_km2") for how in ("captured", "vacated", "retaken")
    )
    lost: dict[str, float] = {}
    for axis in captured:
        by_day = (captured[axis][d] + vacated[axis][d] - retaken[axis][d] for d in days)
        lost[axis] = math.fsum(by_day)
    total = math.fsum(lost.values())
    return math.fsum(lost.get(a, 0.0) for a in given["axes"]) / total if total > 0 else NAN


@statistic(date="date")
def lost_across_border(run: Played, given: Given) -> float:
    """Ground of the attacker across the border on a date, km²."""
    return _at(run, "lost_across_border_km2", given["date"])


def place_cell(run: Played, place: str) -> int | None:
    """Index of the cell whose centre is nearest to a place; None off the map.

    Raises
    ------
    BadUse
        For a place that the scenario does not have.
    """
    import h3
    import numpy as np

    from kursksim.terrain.plane import Plane

    places, grid = {p.id: p for p in run.scenario.places}, run.scenario.grid
    if place not in places:
        raise BadUse(f"place {place!r} is unknown; {nearest(place, places)}")
    lat, lon = places[place].lat, places[place].lon
    around = set(h3.grid_disk(h3.latlng_to_cell(lat, lon, grid.resolution), 1))
    # in order of their names, so that of two cells equally near it is always the same one
    near = sorted((c, i) for i, c in enumerate(run.cells) if c in around)
    if not near:
        return None
    plane = Plane((grid.west + grid.east) / 2, (grid.south + grid.north) / 2)
    centres = plane.xy(np.array([h3.cell_to_latlng(c)[::-1] for c, _ in near]))
    apart = ((centres - plane.xy(np.array([lon, lat]))) ** 2).sum(axis=1)
    return near[int(np.argmin(apart))][1]


@statistic(place="place")
def place_falls(run: Played, given: Given) -> float:
    """Day on which the cell of a place is lost for good; NaN if the holder has it at the end."""
    cell = place_cell(run, given["place"])
    last = next((c for c in reversed(run.changes) if c[1] == cell), None)
    if last is None and cell is not None and run.begin is not None and not run.start[cell]:
        return float(changed_before(run).get(cell, NAN))
    return NAN if cell is None or last is None or last[2] else float(last[0])


def changed_before(run: Played) -> dict[int, int]:
    """Cells that had changed hands before the run began, with the day of the last time."""
    if run.begin is None:
        return {}
    ground = run.begin.world["ground"]
    return dict(zip(ground["cells"], ground["since"], strict=True))


# -- the order and the withdrawal ----------------------------------------------------------------


@statistic()
def order_day(run: Played, given: Given) -> float:
    """Day index of the evening of the order to withdraw."""
    return NAN if run.order_day is None else float(run.order_day)


@statistic(place="place")
def order_before_fall(run: Played, given: Given) -> float:
    """Days from the order to the fall of a place."""
    return place_falls(run, given) - order_day(run, given)


@statistic()
def supply_at_order(run: Played, given: Given) -> float:
    """Days of supply on the evening of the order."""
    day = run.order_day
    if day is None or day < run.first:
        return NAN
    return float(daily(run, "days_of_supply")[day - run.first])


@statistic(pooled=True, reason="text")
def order_reason_share(run: Played, given: Given) -> float:
    """Whether an order was given for a reason: 1 or 0, so that the mean is the share of runs."""
    if run.order_day is not None and run.order_day < run.first - 1:
        return NAN  # given before the run began, for a reason that it does not know
    reason = getattr(run, "order_reason", None)
    if reason is None:
        decisions = getattr(run, "decisions", ())
        reason = next(
            (d.reason for d in decisions if d.side == "holder" and d.day == run.order_day), ""
        )
    return float(run.order_day is not None and reason == given["reason"])


@statistic()
def missing_share(run: Played, given: Given) -> float:
    """Missing and captured over the men present at the order, at the end of the run."""
    return float(daily(run, "missing_share")[-1])


@statistic()
def orderliness(run: Played, given: Given) -> float:
    """Orderliness of the withdrawal, at the end of the run."""
    return float(daily(run, "orderliness")[-1])


@statistic()
def worst_exit_over_close(run: Played, given: Given) -> float:
    """Worst time to leave over time until the corridor closes, before the last line is reached.

    A closed corridor has no ratio; it counts as infinite.
    """
    days = zip(
        daily(run, "phase"),
        daily(run, "exit_over_close"),
        daily(run, "corridor_width_km"),
        strict=True,
    )
    return _greatest(
        [
            math.inf if math.isnan(ratio) and width <= 0 else ratio
            for phase, ratio, width in days
            if phase != "final"
        ]
    )


@statistic(from_="date", to="date")
def corridor_width(run: Played, given: Given) -> float:
    """Mean width of the corridor between two dates, km."""
    return _mean([daily(run, "corridor_width_km")[d] for d in _window(run, given)])


@statistic(from_phase="text")
def pursuit_speed(run: Played, given: Given) -> float:
    """Speed of the attacker on pressed axes while the holder is in a phase, km/day.

    Ground taken over the length of the front at the dusk before, on the axes that lost any, over
    the days that began in the phase.
    """
    phase, front = daily(run, "phase"), _by_axis(run, "frontage_km")
    captured, vacated = _by_axis(run, "captured_km2"), _by_axis(run, "vacated_km2")
    days = [d for d in range(1, len(phase)) if phase[d - 1] == given["from_phase"]]
    taken, lengths = list[float](), list[float]()
    for axis, length_km in front.items():
        lost = math.fsum(captured[axis][d] + vacated[axis][d] for d in days)
        if lost > 0:
            taken.append(lost)
            lengths += [length_km[d - 1] for d in days]
    total = math.fsum(lengths)
    return math.fsum(taken) / total if total > 0 else NAN


@statistic(contingent="contingent")
def contingent_leaves(run: Played, given: Given) -> float:
    """First day on which a contingent that stood on the axes stands on none."""
    by_axis = _by_axis(run, f"men_{given['contingent']}")
    if run.first:
        return NAN  # it may have left and come back before
    men = [math.fsum(on) for on in zip(*by_axis.values(), strict=True)]
    came = next((d for d, n in enumerate(men) if n >= 0.5), None)
    if came is None:
        return NAN
    # men are no whole numbers here: less than half a man is none
    return float(next((d for d in range(came, len(men)) if men[d] < 0.5), NAN))


# -- roads ---------------------------------------------------------------------------------------


@statistic(km="km", from_="date", to="date")
def near_share(run: Played, given: Given) -> float:
    """Mean share of the watched legs within so many kilometres of the enemy, between two dates."""
    share = daily(run, near_column(given["km"]))
    return _mean([share[d] for d in _window(run, given)])


def watched_traffic(run: Played) -> list[tuple[float, float]]:
    """Vehicles lost on the watched legs and trips over them, by day; part of a trip counts."""
    return list(zip(daily(run, "watched_lost"), daily(run, "watched_trips"), strict=True))


def _loss(days: Sequence[tuple[float, float]]) -> float:
    """Losses per trip over some days; NaN without trips."""
    trips = math.fsum(t for _, t in days)
    return math.fsum(g for g, _ in days) / trips if trips > 0 else NAN


def weekly_loss(run: Played) -> list[float]:
    """Loss per trip on the watched legs over the last seven days, by day."""
    days = watched_traffic(run)
    return [_loss(days[max(0, d - 6) : d + 1]) for d in range(len(days))]


@statistic(level="number")
def loss_first_above(run: Played, given: Given) -> float:
    """First day on which the seven-day loss per trip on the watched legs is above a level."""
    if run.first:
        return NAN  # it may have been above before
    return float(
        next((d for d, share in enumerate(weekly_loss(run)) if share > given["level"]), NAN)
    )


@statistic(from_="date", to="date")
def loss_per_trip(run: Played, given: Given) -> float:
    """Vehicles lost per trip on the watched legs between two dates."""
    days = _window(run, given)
    return _loss(watched_traffic(run)[days.start : days.stop])


@statistic()
def worst_loss_per_trip(run: Played, given: Given) -> float:
    """Worst seven-day loss per trip on the watched legs; the first six days do not make a week."""
    return _greatest(weekly_loss(run)[6:])


@statistic(from_="date", to="date")
def vehicles_destroyed(run: Played, given: Given) -> float:
    """Vehicles destroyed between two dates, both included."""
    days, total = _window(run, given), daily(run, "vehicles_destroyed")
    if not days:
        return NAN
    before = 0 if run.begin is None else run.begin.world["fleet"]["destroyed"]
    return float(total[days[-1]] - (total[days[0] - 1] if days[0] else before))
