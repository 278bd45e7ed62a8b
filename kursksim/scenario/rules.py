"""Rules that span tables: names that exist, roads that join, dates and numbers that make sense."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from kursksim.scenario.document import SINGULAR
from kursksim.scenario.limits import apart_km, check_sizes
from kursksim.scenario.rows import Draft, RowsById
from kursksim.scenario.schema import AxisSpec, Input, Parameter, Place, Route
from kursksim.scenario.tables import Findings, show
from kursksim.sides import SIDES

__all__ = ["after", "check"]

_ON_CONTINGENT = ("commit", "reinforce")
_ON_AXIS = ("counter_attack", "open_axis")
_OF_AMOUNT = {
    "teams": "drone teams",
    "reinforce": "men",
    "holder_power": "the factor on the holder's power",
}
_SAID_EACH = 3
"""Inputs after the last day are told one by one up to here."""
_NOT_NEGATIVE = ("men", "replacements", "effectiveness")
EXCHANGED = "with lat and lon exchanged it would lie there: a vertex is [lon, lat]"
_MEN_FIELDS = (
    "men",
    "replacements",
    "effectiveness",
    "excess_loss",
    "learning",
    "breakoff_loss",
    "rest_days",
)


def check(draft: Draft, out: Findings) -> None:
    """Check a draft against every rule that spans its tables.

    Parameters
    ----------
    draft : Draft
        What could be validated by itself; what could not was said already and is passed over.
    out : Findings
        Where problems go.
    """
    if not _not_empty(draft, out):
        return  # every name of what is missing would be unknown
    check_sizes(draft, out)
    _window(draft, out)
    _sources(draft, out)
    _numbers(draft, out)
    _places(draft, out)
    _roads(draft, out)
    _forces(draft, out)
    _calendar(draft, out)


def _named(
    table: RowsById[Any],
    kind: str,
    fields: Iterable[str],
    known: Iterable[str],
    what: str,
    out: Findings,
) -> None:
    """Each of some fields of a table names something that exists, or is empty."""
    for ident, item in table.items.items():
        for name in fields:
            value = getattr(item, name)
            if value and value not in known:
                out.unknown(
                    table.where[ident],
                    f"{kind} {show(ident)}: unknown {what} in {name}",
                    value,
                    known,
                )


def _not_empty(draft: Draft, out: Findings) -> bool:
    missing = [
        n
        for n in ("parameters", "places", "legs", "routes", "axes", "contingents")
        if not draft.raw.doc.get(n)
    ]
    for name in missing:
        where = f"{name}.csv" if name not in ("routes", "contingents") else draft.raw.label
        out.error(where, f"the scenario has no {name}")
    axes = draft.axes
    if axes.items and axes.known == set(axes.items) and all(a.across for a in axes.items.values()):
        out.error("axes", "every axis lies across the border; one at least must cover held ground")
    for role in ("sides", "policies"):
        for side in SIDES:
            if role in draft.head and side not in draft.head[role]:
                out.error(
                    draft.raw.where(role),
                    f"{role}.{side} is missing; the roles are holder and attacker",
                )
    return not missing


def _window(draft: Draft, out: Findings) -> None:
    grid, outline = draft.head.get("grid"), draft.head.get("outline")
    if grid is None or outline is None:
        return
    if not any(grid.west <= x <= grid.east and grid.south <= y <= grid.north for x, y in outline):
        turned = any(
            grid.west <= y <= grid.east and grid.south <= x <= grid.north for x, y in outline
        )
        hint = f"; {EXCHANGED}" if turned else ""
        out.error(
            draft.raw.where("outline"), f"outline: no vertex lies in the window of [grid]{hint}"
        )
    if outline[0] == outline[-1]:
        out.error(
            draft.raw.where("outline"), "outline: the last vertex repeats the first; leave it out"
        )


def _sources(draft: Draft, out: Findings) -> None:
    known = draft.sources.known
    for name in ("parameters", "places", "legs", "axes", "inputs", "lines", "areas"):
        table: RowsById[Any] = getattr(draft, name)
        for ident, item in table.items.items():
            for key in item.sources:
                if key not in known and key != "none":
                    who = f"{SINGULAR[name]} {show(ident)}: unknown source"
                    out.unknown(table.where[ident], who, key, known)


def _numbers(draft: Draft, out: Findings) -> None:
    for ident, row in draft.parameters.items.items():
        where, who = draft.parameters.where[ident], f"parameter {show(ident)}"
        if row.value < 0 and row.low >= 0:
            out.error(
                where,
                f"{who}: value {row.value:g} {row.unit} is negative; its range begins at {row.low:g}",
            )
        elif _is_fraction(row) and not 0 <= row.value <= 1:
            out.error(where, f"{who}: value {row.value:g} is no fraction; it must lie in 0 to 1")
        elif not row.low <= row.value <= row.high:
            out.warn(
                where,
                f"{who}: value {row.value:g} lies outside its range {row.low:g} to {row.high:g}",
            )


def _is_fraction(row: Parameter) -> bool:
    return row.unit == "fraction" or row.unit.startswith("fraction ")


def _places(draft: Draft, out: Findings) -> None:
    head, raw, known = draft.head, draft.raw, draft.places.known
    named: list[tuple[tuple[str, ...], str]] = [(("key_place",), head.get("key_place", ""))]
    if supply := head.get("supply"):
        named += [(("supply", "base"), supply.base), (("supply", "depot"), supply.depot)]
    if withdrawal := head.get("withdrawal"):
        named += [(("withdrawal", "exits"), name) for name in withdrawal.exits]
        named += [(("withdrawal", "phase_lines"), name) for name in withdrawal.phase_lines]
        for field in ("exits", "phase_lines"):
            _once(
                getattr(withdrawal, field),
                raw.where("withdrawal", field),
                f"withdrawal.{field}",
                out,
            )
    for path, name in named:
        if name and name not in known:
            out.unknown(raw.where(*path), f"{'.'.join(path)}: unknown place", name, known)
        elif name and path != ("supply", "base") and name in draft.places.items:
            _in_window(
                draft,
                raw.where(*path),
                f"{'.'.join(path)} {show(name)}",
                draft.places.items[name],
                out,
            )
    for ident, axis in draft.axes.items.items():
        _in_window(draft, draft.axes.where[ident], f"axis {show(ident)}", axis, out)
        if axis.aim in draft.places.items:
            said = f"axis {show(ident)}: aim {show(axis.aim)}"
            _in_window(draft, draft.axes.where[ident], said, draft.places.items[axis.aim], out)
    _named(draft.axes, "axis", ("place", "aim"), known, "place", out)
    _named(draft.axes, "axis", ("effort",), draft.parameters.known, "parameter", out)
    _named(draft.legs, "leg", ("tracks",), draft.parameters.known, "parameter", out)
    for ident, leg in draft.legs.items.items():
        ends = [
            draft.places.items[p] for p in (leg.from_place, leg.to_place) if p in draft.places.items
        ]
        if len(ends) == 2 and leg.length_km < 0.95 * (straight := apart_km(*ends)):
            said = (
                f"length_km {leg.length_km:g} is less than the {straight:.1f} km between its places"
            )
            out.error(draft.legs.where[ident], f"leg {show(ident)}: {said}")
        elif len(ends) == 2 and not straight and ident not in draft.lines.known:
            out.error(
                draft.legs.where[ident],
                f"leg {show(ident)}: its places are one point; give it a line of kind road",
            )
        for name in (leg.from_place, leg.to_place):
            if name not in known:
                out.unknown(
                    draft.legs.where[ident], f"leg {show(ident)}: unknown place", name, known
                )
    _moving(draft, out)
    for ident, line in draft.lines.items.items():
        if line.kind == "road" and ident not in draft.legs.known:
            out.unknown(
                draft.lines.where[ident], "line of kind road: unknown leg", ident, draft.legs.known
            )


def _once(names: Iterable[str], where: str, what: str, out: Findings) -> None:
    """No name stands twice in a list."""
    for name in (n for n, count in Counter(names).items() if count > 1):
        out.error(where, f"{what}: {show(name)} stands in it twice")


def _moving(draft: Draft, out: Findings) -> None:
    """Each vertex of a line is another point than the one before it: a stretch without length has no direction."""
    lines = [
        (f"line {show(i)}", draft.lines.where[i], line.points)
        for i, line in draft.lines.items.items()
    ]
    if border := draft.head.get("border"):
        lines.append(("border", draft.raw.where("border"), border))
    for who, where, points in lines:
        if twice := next((n for n, (a, b) in enumerate(pairwise(points), start=2) if a == b), 0):
            out.error(where, f"{who}: vertex number {twice} repeats the one before it")


def _in_window(draft: Draft, where: str, what: str, item: Place | AxisSpec, out: Findings) -> None:
    """What the map must show lies inside its window."""
    grid = draft.head.get("grid")
    if grid is not None and not (
        grid.west <= item.lon <= grid.east and grid.south <= item.lat <= grid.north
    ):
        window = f"{grid.west:g} to {grid.east:g} E, {grid.south:g} to {grid.north:g} N"
        hint = (
            f"; {EXCHANGED}"
            if grid.west <= item.lat <= grid.east and grid.south <= item.lon <= grid.north
            else ""
        )
        out.error(
            where,
            f"{what}: lat {item.lat:g}, lon {item.lon:g} lies outside the window of [grid], {window}{hint}",
        )


def _roads(draft: Draft, out: Findings) -> None:
    routes, legs, supply = draft.routes, draft.legs, draft.head.get("supply")
    whole = routes.known == set(routes.items)
    _named(routes, "route", ("share",), draft.parameters.known, "parameter", out)
    rest = [r.id for r in routes.items.values() if not r.share]
    if routes.items and whole and len(rest) != 1:
        given = f"routes {', '.join(rest)} have none" if rest else "every route has one"
        out.error(
            draft.raw.where("routes"),
            f"routes: one takes what the shares of the others leave; {given}",
        )
    for route in routes.items.values():
        where, who = routes.where[route.id], f"route {show(route.id)}"
        strange = [name for name in route.legs if name not in legs.known]
        for name in strange:
            out.unknown(where, f"{who}: unknown leg", name, legs.known)
        ends = {supply.base, supply.depot} if supply else set()
        if (
            not strange
            and ends
            and ends <= draft.places.known
            and all(name in legs.items for name in route.legs)
        ):
            _joined(draft, route, where, out)
    if supply is None:
        return
    if supply.main_route not in routes.known:
        out.unknown(
            draft.raw.where("supply", "main_route"),
            "supply.main_route: unknown route",
            supply.main_route,
            routes.known,
        )
    _once(
        supply.watched_legs, draft.raw.where("supply", "watched_legs"), "supply.watched_legs", out
    )
    for name in supply.watched_legs:
        if name not in legs.known:
            out.unknown(
                draft.raw.where("supply", "watched_legs"),
                "supply.watched_legs: unknown leg",
                name,
                legs.known,
            )
    _reachable(draft, out)


def _joined(draft: Draft, route: Route, where: str, out: Findings) -> None:
    """The legs of a route lead from the base to the depot, each from where the last one ended."""
    supply, at, who = draft.head["supply"], draft.head["supply"].base, f"route {show(route.id)}"
    before = "the base"
    if len(set(route.legs)) < len(route.legs):
        out.error(where, f"{who}: a leg stands in it twice")
        return
    for name in route.legs:
        leg = draft.legs.items[name]
        if leg.from_place != at:
            turned = " (it runs the other way)" if leg.to_place == at else ""
            begins = f"leg {show(name)} begins at {show(leg.from_place)}{turned}"
            out.error(where, f"{who}: {begins}, not at {before}, {show(at)}")
            return
        at, before = leg.to_place, f"the end of {show(name)}"
    if at != supply.depot:
        out.error(
            where, f"{who}: its last leg ends at {show(at)}, not at the depot, {show(supply.depot)}"
        )


def _reachable(draft: Draft, out: Findings) -> None:
    supply, legs = draft.head["supply"], draft.legs
    where = draft.raw.where("supply", "depot")
    if supply.base == supply.depot:
        out.error(where, f"supply.depot {show(supply.depot)}: must be another place than the base")
    if legs.known != set(legs.items) or not {supply.base, supply.depot} <= draft.places.known:
        return
    beside: dict[str, set[str]] = {}
    for leg in legs.items.values():
        beside.setdefault(leg.from_place, set()).add(leg.to_place)
        beside.setdefault(leg.to_place, set()).add(leg.from_place)
    reached, edge = {supply.base}, [supply.base]
    while edge:
        new = beside.get(edge.pop(), set()) - reached
        reached |= new
        edge += new
    if supply.depot not in reached:
        out.error(
            where,
            f"supply.depot {show(supply.depot)}: no legs lead to it from the base {show(supply.base)}",
        )


def _forces(draft: Draft, out: Findings) -> None:
    table, parameters = draft.contingents, draft.parameters
    _named(table, "contingent", _MEN_FIELDS, parameters.known, "parameter", out)
    for contingent in table.items.values():
        for name in _NOT_NEGATIVE:
            who = f"contingent {show(contingent.id)}: {name}"
            _not_negative(draft, table.where[contingent.id], who, getattr(contingent, name), out)
    men = {
        c.id: parameters.items[c.men].value
        for c in table.items.values()
        if c.men in parameters.items
    }
    if table.known != set(table.items) or len(men) < len(table.items) or not table.items:
        return
    for side in SIDES:
        front = [c.id for c in table.items.values() if c.side == side and c.station == "front"]
        if sum(men[c] for c in front) <= 0:
            given = (
                f"{', '.join(front)} count 0"
                if front
                else "no contingent of it stands on the front"
            )
            out.error(
                draft.raw.where("contingents"), f"side {side} has no men on the front: {given}"
            )


def _not_negative(draft: Draft, where: str, who: str, parameter: str, out: Findings) -> None:
    """A number of men, or the worth of a man, is 0 or more."""
    row = draft.parameters.items.get(parameter)
    if row is not None and row.value < 0:
        out.error(
            where, f"{who}: parameter {show(parameter)} is {row.value:g}; it must be 0 or more"
        )


def _calendar(draft: Draft, out: Findings) -> None:
    inputs = draft.inputs
    _named(
        inputs,
        "input",
        ("parameter", "until_parameter", "amount"),
        draft.parameters.known,
        "parameter",
        out,
    )
    for item in inputs.items.values():
        _target(draft, item, out)
    start, days = draft.head.get("start"), draft.head.get("days")
    if start is None or days is None:
        return
    if not 1000 <= start.year <= 9000:
        out.error(draft.raw.where("start"), f"start {start}: the year must lie in 1000 to 9000")
        return
    last = start + dt.timedelta(days=days - 1)
    for ident, said in after(inputs.items.values(), last):
        out.warn(inputs.where.get(ident, draft.raw.where("inputs")), said)
    for item in inputs.items.values():
        where, who = inputs.where[item.id], f"input {show(item.id)}"
        tied = f" (parameter {show(item.parameter)})" if item.parameter else ""
        if item.date < start:
            out.error(where, f"{who}: date {item.date}{tied} lies before the start, {start}")
        if item.until is not None and item.until < item.date:
            out.error(where, f"{who}: until {item.until} lies before its date {item.date}")


def after(inputs: Iterable[Input], last: dt.date) -> list[tuple[str, str]]:
    """What is to say of inputs after the last day, by id; of many, as in a campaign cut short, once and without one."""
    late = [i for i in inputs if i.date > last]
    if len(late) > _SAID_EACH:
        return [
            (
                "",
                f"{len(late)} inputs lie after the last day, {last}: {', '.join(show(i.id) for i in late)}",
            )
        ]
    tied = [f" (parameter {show(i.parameter)})" if i.parameter else "" for i in late]
    said = [
        f"date {i.date}{by} lies after the last day, {last}"
        for i, by in zip(late, tied, strict=True)
    ]
    return [(i.id, f"input {show(i.id)}: {text}") for i, text in zip(late, said, strict=True)]


def _target(draft: Draft, item: Input, out: Findings) -> None:
    """The target of an input is of the kind that the input acts on."""
    if item.kind in _ON_CONTINGENT:
        what, known = "contingent", draft.contingents.known
    elif item.kind in _ON_AXIS:
        what, known = "axis", draft.axes.known
    else:
        what = "contingent, axis, route or leg"
        known = draft.contingents.known | draft.axes.known | draft.routes.known | draft.legs.known
    where, who = draft.inputs.where[item.id], f"input {show(item.id)}"
    if item.target and item.target not in known:
        out.unknown(
            where, f"{who} of kind {item.kind}: unknown {what} in target", item.target, known
        )
    elif not item.target and item.kind in _ON_CONTINGENT + _ON_AXIS:
        out.unknown(
            where, f"{who} of kind {item.kind}: target, a {what}, is missing; given", "", known
        )
    if item.kind in _OF_AMOUNT and not item.amount:
        rule = f"amount, the parameter that says {_OF_AMOUNT[item.kind]}, is missing"
        out.error(where, f"{who} of kind {item.kind}: {rule}")
    elif item.kind in ("reinforce", "holder_power"):
        _not_negative(draft, where, f"{who} of kind {item.kind}: amount", item.amount, out)
