"""Whether forces can arrive and be fed, and whether dates and defaults make sense."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum, inf
from typing import Any

from kursksim.errors import Problem
from kursksim.models.base import build, infos, required
from kursksim.registry import lookup
from kursksim.scenario.choices import LIBRARY
from kursksim.scenario.input_rules import after
from kursksim.scenario.limits import apart_km
from kursksim.scenario.schema import Contingent, Scenario
from kursksim.terrain.opening import Opening
from kursksim.text import plain
from kursksim.units import KG_PER_TONNE

__all__ = [
    "DETOUR",
    "FILL_IN",
    "of_calendar",
    "of_defaults",
    "of_forces",
    "of_gaps",
    "of_supply",
    "warning",
]

_SUPPLY = (
    "kappa",
    "demand_base",
    "fleet_0",
    "round_trips",
    "payload",
    "road_capacity",
    "load_hours",
    "stock_start",
)
"""Numbers of the supply model by which the least need and the most trips are reckoned."""
DETOUR = 5.0
"""Longest road between two places, in straight lines between them."""
_LOOKS_AHEAD = "expected_value"
"""The policy that plays the mean field."""
FILL_IN = "fill in"
"""How the note of a row begins that somebody still has to see to."""
_BY_PARAMETER = ("weather", "fibre", "routes")
"""Kinds of input that do nothing by themselves: a model reads the day from the parameter."""


def warning(where: str, what: str) -> Problem:
    """A finding that may be meant, in one line."""
    return Problem(plain(where), plain(what), "warning")


# -- men -----------------------------------------------------------------------------------------


def of_forces(s: Scenario) -> Iterator[Problem]:
    """Contingents that never arrive, or twice; a front without men; watched legs without traffic.

    Parameters
    ----------
    s : Scenario
    """
    end = s.date(s.last_day)
    opened = any(i.kind == "open_axis" and i.date <= end for i in s.inputs)
    for c in s.contingents:
        dates, said = _arrivals(s, c), ""
        if dates and min(dates) > s.last_day:
            late = f"it is committed on {s.date(min(dates))}, after the last day, {end}"
            said = f"never arrives: {late}"
        elif len(dates) > 1:
            rule = "each time with all its men; more men are an input of kind reinforce"
            said = f"arrives {len(dates)} times, {rule}"
        elif c.side == "attacker" and c.station == "border" and not dates and not opened:
            said = "never arrives: it stands on the border, and no input opens an axis"
        if said:
            yield warning(f"contingents.{c.id}", f"contingent {c.id!r} {said}")
    first = [c for c in _on_front(s) if not _arrivals(s, c)]
    if not any(s.value[c.men] > 0 for c in first):
        yield warning(
            "contingents",
            "nobody holds the front on day 0: every contingent of the holder comes later",
        )
    used = set().union(*(route.legs for route in s.routes))
    for leg in s.supply.watched_legs:
        if leg not in used:
            yield warning(
                "supply.watched_legs",
                f"watched leg {leg!r} is on no route: no convoy ever drives over it",
            )


def _on_front(s: Scenario) -> list[Contingent]:
    """Contingents of the holder that fight on the front."""
    return [c for c in s.contingents if c.side == "holder" and c.station == "front"]


def _arrivals(s: Scenario, c: Contingent) -> list[int]:
    """Days on which inputs commit a contingent; none if it is there from the start."""
    return [s.day(i.date) for i in s.inputs if i.kind == "commit" and i.target == c.id]


# -- supply --------------------------------------------------------------------------------------


def of_supply(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Men who can never be fed: the most that the fleet can carry against the least that they need.

    Parameters
    ----------
    s : Scenario
    eve : Opening
    """
    if (shares := fsum(s.value[r.share] for r in s.routes if r.share)) > 1 - 1e-9:
        yield warning(
            "routes",
            f"the shares of the routes add up to {shares:g}: nothing is left for the one without",
        )
    yield from _long_legs(s)
    yield from _looked_ahead(s)
    models = build(s.models, s.aliases, s.value, s.cuts)
    if 0 < eve.depth_km <= (strip := getattr(models.withdrawal, "final_line_depth", 0.0)):
        deep = f"the {eve.depth_km:.1f} km that the held ground is deep"
        yield warning(
            "parameters",
            f"final_line_depth {strip:g} km is no less than {deep}"
            ": there is nothing to withdraw from",
        )
    supply = models.supply
    ways = [r.legs for r in s.routes if eve.gaps.keys().isdisjoint(r.legs)]
    # A supply model of a user's own may reckon in other numbers.
    if not ways or not all(hasattr(supply, name) for name in _SUPPLY):
        return
    most, how = _most_t(s, supply, ways)
    for day, men in _eaters(s):
        full = supply.kappa / KG_PER_TONNE * men
        quiet = full * supply.demand_base
        # Even if no vehicle is lost and all is quiet, the stock runs out before the last day.
        stock = supply.stock_start * full if day == 0 else 0.0
        if stock + (most - quiet) * (s.days - day) < 0:
            when = f"from {s.date(day)} on" if day else "of day 0"
            need = f"{quiet:.1f} t a day when all is quiet, {full:.1f} t in full action"
            said = f"the fleet carries {most:.1f} t a day at best ({how}), and the {men:.0f} men"
            yield warning(
                "supply",
                f"{said} on the front {when} need {need}: they can never be fed",
            )
            return


def _looked_ahead(s: Scenario) -> Iterator[Problem]:
    """A staff that looks ahead by the mean field, which knows a part of a river campaign only."""
    if (s.crossings or s.depots) and s.policies["holder"].partition(":")[0] == _LOOKS_AHEAD:
        lacks = "it has no queues at crossings, no fires on them, and one depot for all"
        yield warning("policies.holder", f"{_LOOKS_AHEAD} looks ahead by the mean field: {lacks}")


def _long_legs(s: Scenario) -> Iterator[Problem]:
    """Legs so much longer than the way between their places that their unit may be another."""
    at, drawn = {p.id: p for p in s.places}, {x.id for x in s.lines}
    for leg in s.legs:
        straight = apart_km(at[leg.from_place], at[leg.to_place])
        if leg.id not in drawn and leg.length_km > DETOUR * straight:
            times = f"{leg.length_km / straight:.0f} times the {straight:.1f} km"
            yield warning(
                f"legs.{leg.id}",
                f"leg {leg.id!r}: "
                f"length_km {leg.length_km:g} is {times} between its places; is it in km?",
            )


def _most_t(s: Scenario, supply: Any, ways: list[tuple[str, ...]]) -> tuple[float, str]:
    """Tonnes a day that the whole fleet carries on dry roads without a loss, and the reckoning."""
    clear = {paved: supply.speed_km_h(paved, 0.0, 0.0) for paved in (True, False)}
    drive = {g.id: g.length_km / clear[g.paved] for g in s.legs}
    there = min(fsum(map(drive.__getitem__, way)) for way in ways)
    hours = 2 * there + supply.load_hours
    rate = min(supply.round_trips, 24 / hours if hours > 0 else inf)
    fleet = round(supply.fleet_0)
    trips, room = fleet * rate, supply.road_capacity * 24 * len(ways)
    how = f"{fleet} vehicle{'' if fleet == 1 else 's'}, {rate:.2g} round trips"
    if room < trips:
        how = f"{room:.0f} trips that the roads have room for"
    return min(room, trips) * supply.payload, f"{how}, {supply.payload:g} t each"


def _eaters(s: Scenario) -> list[tuple[int, float]]:
    """Men of the holder on the front, from day 0 and from each day on which more arrive."""
    front = {c.id: c for c in _on_front(s)}
    come = [(min(_arrivals(s, c), default=0), s.value[c.men]) for c in front.values()]
    more = [i for i in s.inputs if i.kind == "reinforce" and i.target in front]
    come += [(s.day(i.date), s.value[i.amount]) for i in more]
    found, men = {}, 0.0
    for day, number in sorted(come):
        men += number
        if day <= s.last_day and men > 0:
            found[day] = men  # the last of a day counts all who come on it
    return list(found.items())


# -- dates and defaults --------------------------------------------------------------------------


def of_calendar(s: Scenario) -> Iterator[Problem]:
    """Dated inputs that come too late, or do nothing.

    Parameters
    ----------
    s : Scenario
    """
    end, read = s.date(s.last_day), set[str]()
    for slot, model in s.models.items():
        read |= {s.aliases.get(n, n) for n in infos(lookup(f"model/{slot}", model))}
    across = {a.id for a in s.axes if a.across}
    yield from _closed_throughout(s)
    for ident, said in after(s.inputs, end):
        yield warning(f"inputs.{ident}" if ident else "inputs", said)
    for i in s.inputs:
        who = f"input {i.id!r}"
        if i.date > end:
            continue
        if i.kind == "open_axis" and i.target not in across:
            yield warning(
                f"inputs.{i.id}",
                f"{who} of kind open_axis: "
                f"axis {i.target!r} does not lie across the border, so there is nothing to open",
            )
        elif i.kind in _BY_PARAMETER and not {i.parameter, i.until_parameter} & read:
            yield warning(
                f"inputs.{i.id}",
                f"{who} of kind {i.kind} does nothing: "
                "no chosen model reads its day; tie it to the parameter of one",
            )


def _closed_throughout(s: Scenario) -> Iterator[Problem]:
    """Dated closures that leave no route from the first day to the last."""
    end = s.date(s.last_day)
    whole = [i for i in s.inputs if i.kind == "closure" and i.date <= s.start]
    closed = {i.target: i.id for i in whole if i.until is None or i.until >= end}
    shut = [closed.keys() & set(r.legs) for r in s.routes]
    if all(shut):
        by = ", ".join(repr(closed[leg]) for leg in sorted(set().union(*shut)))
        yield warning(
            "inputs",
            f"every route is closed from {s.start} to {end}, by {by}: "
            f"nothing can be delivered to {s.supply.depot!r}",
        )


def of_defaults(s: Scenario) -> Iterator[Problem]:
    """Values that ``models.defaults`` took from the library and that each campaign must say.

    Parameters
    ----------
    s : Scenario
    """
    known = required(s.models)
    taken = [p for p in s.parameters if p.group == LIBRARY and p.id in known]
    own = [(p, known[p.id]) for p in taken if p.value == known[p.id].default]
    dated = [f"{p.id} = {p.value:g} ({s.date(round(p.value))})" for p, info in own if info.dated]
    fitted = [f"{p.id} = {p.value:g}" for p, info in own if info.fitted]
    for kind, names in (("dates of another campaign", dated), ("values to be fitted", fitted)):
        if names:
            said = f"{kind} come from the library's defaults"
            yield warning(
                "models.defaults",
                f"{said}: {', '.join(names)}; write your own into the ledger",
            )


def of_gaps(s: Scenario) -> Iterator[Problem]:
    """Rows whose note says that they are still to be filled in, table by table.

    Parameters
    ----------
    s : Scenario
    """
    for table in ("parameters", "places", "legs", "axes", "lines", "areas", "inputs"):
        rows = getattr(s, table)
        names = [row.id for row in rows if row.note.lower().startswith(FILL_IN)]
        if names:
            count = f"{len(names)} row{'s' if len(names) > 1 else ''} to fill in"
            how = f"put in your own, and take {FILL_IN!r} out of the note"
            yield warning(table, f"{count}: {', '.join(names)}; {how}")
