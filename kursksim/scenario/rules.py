"""Rules that span tables: names that exist, roads that join, men on the front, dates in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import fsum

from kursksim.scenario.document import SINGULAR
from kursksim.scenario.input_rules import check_inputs, check_weather, not_negative
from kursksim.scenario.limits import apart_km, check_sizes
from kursksim.scenario.rings import Window, cut
from kursksim.scenario.river_rules import check_rivers
from kursksim.scenario.rows import Draft
from kursksim.scenario.schema import AxisSpec, Leg, Place, Route
from kursksim.scenario.tables import Findings, show
from kursksim.sides import SIDES

__all__ = ["MEN_FIELDS", "check"]

EXCHANGED = "with lat and lon exchanged it would lie there: a vertex is [lon, lat]"
"""Hint for the most frequent mistake in a file of coordinates."""
_NEEDED = ("parameters", "places", "legs", "routes", "axes", "contingents")
_NOT_NEGATIVE = ("men", "replacements", "effectiveness")
_GROWTH = ("grouping", "grouping_peak", "peak_day", "forward_share")
MEN_FIELDS = (
    *_NOT_NEGATIVE,
    "excess_loss",
    "learning",
    "breakoff_loss",
    "rest_days",
    *_GROWTH,
)
"""Fields of a contingent that name a parameter."""
_SOURCED = (
    *("parameters", "places", "legs", "crossings", "axes", "inputs", "attacks"),
    *("weather", "lines", "areas"),
)
_IN_ROWS = (
    *((table, "sources", "sources") for table in _SOURCED),
    ("axes", "place", "places"),
    ("axes", "aim", "places"),
    ("axes", "effort", "parameters"),
    ("axes", "depot", "places"),
    ("crossings", "vehicles_per_hour", "parameters"),
    ("crossings", "tonnes_per_day", "parameters"),
    ("depots", "id", "places"),
    ("depots", "share", "parameters"),
    ("contingents", "within", "contingents"),
    ("attacks", "axis", "axes"),
    ("attacks", "place", "places"),
    ("legs", "from_place", "places"),
    ("legs", "to_place", "places"),
    ("legs", "tracks", "parameters"),
    ("routes", "legs", "legs"),
    ("routes", "share", "parameters"),
    ("routes", "base", "places"),
    ("routes", "depot", "places"),
    *(("contingents", field, "parameters") for field in MEN_FIELDS),
    *(("inputs", field, "parameters") for field in ("parameter", "until_parameter", "amount")),
)
"""Table, the field that names a row of another table (or several), and that other table."""
_BASE = ("supply", "base")
_IN_SECTIONS = (
    (("key_place",), "places"),
    (_BASE, "places"),
    (("supply", "depot"), "places"),
    (("supply", "main_route"), "routes"),
    (("supply", "watched_legs"), "legs"),
    (("withdrawal", "exits"), "places"),
    (("withdrawal", "phase_lines"), "places"),
)
"""The same for the sections of scenario.toml."""


def check(draft: Draft, out: Findings) -> None:
    """Check a draft against every rule that spans its tables.

    Parameters
    ----------
    draft : Draft
        Rows that are valid by themselves. Faults of the others were reported before.
    out : Findings
        Where problems go.
    """
    if _lacks(draft, out):
        return  # every name of a missing table would be reported as unknown
    check_sizes(draft, out)
    _outline(draft, out)
    _ledger(draft, out)
    _row_names(draft, out)
    _section_names(draft, out)
    _axes(draft, out)
    _legs(draft, out)
    _lines(draft, out)
    _routes(draft, out)
    _depot(draft, out)
    _forces(draft, out)
    check_inputs(draft, out)
    check_weather(draft, out)
    check_rivers(draft, out)


def _lacks(draft: Draft, out: Findings) -> bool:
    """Whether a table is missing that no campaign can do without."""
    missing = [name for name in _NEEDED if not draft.raw.doc.get(name)]
    for name in missing:
        # These two tables have no CSV file.
        where = draft.raw.label if name in ("routes", "contingents") else f"{name}.csv"
        out.error(where, f"the scenario has no {name}")
    axes = draft.axes
    if axes.items and axes.whole and all(a.across for a in axes.items.values()):
        out.error("axes", "every axis lies across the border; one at least must cover held ground")
    for role in ("sides", "policies"):
        for side in SIDES:
            if role in draft.head and side not in draft.head[role]:
                out.error(
                    draft.raw.where(role),
                    f"{role}.{side} is missing; the roles are holder and attacker",
                )
    return bool(missing)


def _turned(ring: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A ring with lat and lon exchanged."""
    return [(lat, lon) for lon, lat in ring]


def _outline(draft: Draft, out: Findings) -> None:
    """The outline covers something of the window, and no last vertex repeats the first."""
    grid, outline = draft.head.get("grid"), draft.head.get("outline")
    if grid is None or outline is None:
        return
    where, rings = draft.raw.where("outline"), (outline, *draft.head.get("outline_rings", ()))
    box = Window(grid.west, grid.south, grid.east, grid.north)
    if not any(cut(ring, box) for ring in rings):
        turned = [_turned(ring) for ring in rings]
        hint = f"; {EXCHANGED}" if any(cut(ring, box) for ring in turned) else ""
        out.error(where, f"outline: covers nothing of the window of [grid]{hint}")
    if any(ring[0] == ring[-1] for ring in rings):
        out.error(where, "outline: the last vertex repeats the first; leave it out")


def _in_window(draft: Draft, where: str, who: str, item: Place | AxisSpec, out: Findings) -> None:
    """A point that the map must show lies in its window."""
    grid = draft.head.get("grid")
    if grid is not None and not grid.holds(item.lon, item.lat):
        window = f"{grid.west:g} to {grid.east:g} E, {grid.south:g} to {grid.north:g} N"
        hint = f"; {EXCHANGED}" if grid.holds(item.lat, item.lon) else ""
        out.error(
            where,
            f"{who}: "
            f"lat {item.lat:g}, lon {item.lon:g}"
            f" lies outside the window of [grid], {window}{hint}",
        )


def _ledger(draft: Draft, out: Findings) -> None:
    """Values of the ledger are possible, and lie in their ranges."""
    for ident, row in draft.parameters.items.items():
        where, who = draft.parameters.where[ident], f"parameter {show(ident)}: value {row.value:g}"
        if row.value < 0 <= row.low:
            out.error(where, f"{who} {row.unit} is negative; its range begins at {row.low:g}")
        elif f"{row.unit} ".startswith("fraction ") and not 0 <= row.value <= 1:
            out.error(where, f"{who} is no fraction; it must lie in 0 to 1")
        elif not row.low <= row.value <= row.high:
            out.warn(where, f"{who} lies outside its range {row.low:g} to {row.high:g}")


def _row_names(draft: Draft, out: Findings) -> None:
    """Each name in a row exists in the table that it is taken from."""
    for name, field, target in _IN_ROWS:
        table, known = getattr(draft, name), getattr(draft, target).known
        if target == "sources":
            known = known | {"none"}  # judgement, which no publication stands for
        for ident, item in table.items.items():
            given, who = getattr(item, field), f"{SINGULAR[name]} {show(ident)}"
            if isinstance(given, str):
                given, who = (given,), f"{who}, {field}"
            for value in given:
                if value and value not in known:
                    what = f"{who}: unknown {SINGULAR[target]}"
                    out.unknown(table.where[ident], what, value, known)


def _section_names(draft: Draft, out: Findings) -> None:
    """Each name in a section exists, stands there once and lies on the map."""
    for path, target in _IN_SECTIONS:
        given = draft.head.get(path[0])
        if given is None:
            continue
        for field in path[1:]:
            given = getattr(given, field)
        where, who, table = draft.raw.where(*path), ".".join(path), getattr(draft, target)
        for name, count in Counter((given,) if isinstance(given, str) else given).items():
            if count > 1:
                out.error(where, f"{who}: {show(name)} stands in it twice")
            if name not in table.known:
                out.unknown(where, f"{who}: unknown {SINGULAR[target]}", name, table.known)
            elif target == "places" and path != _BASE and name in table.items:
                # The base may lie off the map: convoys come from the hinterland.
                _in_window(draft, where, f"{who} {show(name)}", table.items[name], out)


def _axes(draft: Draft, out: Findings) -> None:
    """Seeds and aims of the axes lie in the window."""
    for ident, axis in draft.axes.items.items():
        where, who = draft.axes.where[ident], f"axis {show(ident)}"
        _in_window(draft, where, who, axis, out)
        if aim := draft.places.items.get(axis.aim):
            _in_window(draft, where, f"{who}: aim {show(axis.aim)}", aim, out)


def _ends(draft: Draft, leg: Leg) -> tuple[Place, Place] | None:
    """The places of a leg; None while one of them is unknown or broken."""
    first, second = (draft.places.items.get(p) for p in (leg.from_place, leg.to_place))
    return (first, second) if first and second else None


def _legs(draft: Draft, out: Findings) -> None:
    """A leg is no shorter than the straight line between its places."""
    for ident, leg in draft.legs.items.items():
        if not (ends := _ends(draft, leg)):
            continue
        straight, where, who = apart_km(*ends), draft.legs.where[ident], f"leg {show(ident)}"
        # Places are known to some hundred metres: a twentieth may be missing.
        if leg.length_km < 0.95 * straight:
            out.error(
                where,
                f"{who}: "
                f"length_km {leg.length_km:g} is less than the {straight:.1f} km"
                " between its places",
            )
        elif not straight and ident not in draft.lines.known:
            out.error(where, f"{who}: its places are one point; give it a line of kind road")


def _lines(draft: Draft, out: Findings) -> None:
    """Roads are drawn of legs that exist, and no vertex repeats the one before it."""
    drawn = []
    for ident, line in draft.lines.items.items():
        where = draft.lines.where[ident]
        drawn.append((f"line {show(ident)}", where, line.points))
        if line.kind == "road" and ident not in draft.legs.known:
            out.unknown(where, "line of kind road: unknown leg", ident, draft.legs.known)
    if border := draft.head.get("border"):
        drawn.append(("border", draft.raw.where("border"), border))
    for who, where, points in drawn:
        # A stretch without length has no direction, and so no sides.
        if twice := next((n for n, (a, b) in enumerate(pairwise(points), start=2) if a == b), 0):
            out.error(where, f"{who}: vertex number {twice} repeats the one before it")


def _routes(draft: Draft, out: Findings) -> None:
    """One route takes the rest of the traffic, and each leads from the base to the depot."""
    routes, supply = draft.routes, draft.head.get("supply")
    rest = [r.id for r in routes.items.values() if not r.share]
    if routes.items and routes.whole and len(rest) != 1:
        given = f"routes {', '.join(rest)} have none" if rest else "every route has one"
        out.error(
            draft.raw.where("routes"),
            f"routes: one takes what the shares of the others leave; {given}",
        )
    if supply is None or not {supply.base, supply.depot} <= draft.places.known:
        return
    for route in routes.items.values():
        if set(route.legs) <= draft.legs.items.keys() and (fault := _fault(draft, route)):
            out.error(routes.where[route.id], f"route {show(route.id)}: {fault}")


def _fault(draft: Draft, route: Route) -> str:
    """Where the legs of a route fail to join up from the base to the depot; empty if they do."""
    supply = draft.head["supply"]
    at, before = route.base or supply.base, "the base"
    depot = route.depot or supply.depot
    if len(set(route.legs)) < len(route.legs):
        return "a leg stands in it twice"
    for name in route.legs:
        leg = draft.legs.items[name]
        if leg.from_place != at:
            turned = " (it runs the other way)" if leg.to_place == at else ""
            begins = f"leg {show(name)} begins at {show(leg.from_place)}{turned}"
            return f"{begins}, not at {before}, {show(at)}"
        at, before = leg.to_place, f"the end of {show(name)}"
    if at == depot:
        return ""
    return f"its last leg ends at {show(at)}, not at the depot, {show(depot)}"


def _depot(draft: Draft, out: Findings) -> None:
    """The depot is not the base, and legs lead from one to the other."""
    supply = draft.head.get("supply")
    if supply is None:
        return
    where, who = draft.raw.where("supply", "depot"), f"supply.depot {show(supply.depot)}"
    if supply.base == supply.depot:
        out.error(where, f"{who}: must be another place than the base")
    if not draft.legs.whole or not {supply.base, supply.depot} <= draft.places.known:
        return
    reached, pairs = {supply.base}, [{g.from_place, g.to_place} for g in draft.legs.items.values()]
    while edge := [pair for pair in pairs if len(pair & reached) == 1]:
        reached.update(*edge)
    if supply.depot not in reached:
        out.error(where, f"{who}: no legs lead to it from the base {show(supply.base)}")


def _forces(draft: Draft, out: Findings) -> None:
    """No number of men is negative, and each side has men on the front."""
    table, known = draft.contingents, draft.parameters.items
    for ident, contingent in table.items.items():
        for name in _NOT_NEGATIVE:
            who = f"contingent {show(ident)}: {name}"
            not_negative(draft, table.where[ident], who, getattr(contingent, name), out)
    men = [c.men for c in table.items.values()]
    if not men or not table.whole or not known.keys() >= set(men):
        return
    for side in SIDES:
        front = [c for c in table.items.values() if c.side == side and c.station == "front"]
        if fsum(known[c.men].value for c in front) <= 0:
            counted = f"{', '.join(c.id for c in front)} count 0"
            given = counted if front else "no contingent of it stands on the front"
            where = draft.raw.where("contingents")
            out.error(where, f"side {side} has no men on the front: {given}")
