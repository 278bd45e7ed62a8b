"""Whether a campaign can work at all, on the map of day 0, before anything is played.

An error is a campaign that cannot come to anything: no road for supplies, no front. A warning may
be meant. The reader checks each file by itself; these checks need the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import fsum

from kursksim.errors import Problem, ScenarioError
from kursksim.notices import tell
from kursksim.scenario.rules import EXCHANGED
from kursksim.scenario.schema import Route, Scenario
from kursksim.terrain.opening import Opening, opening_of
from kursksim.terrain.readiness import (
    DETOUR,
    of_calendar,
    of_defaults,
    of_forces,
    of_gaps,
    of_supply,
    warning,
)
from kursksim.text import plain

__all__ = ["assure", "findings"]

WINDING = 1.5
"""Longest drawn course of a leg, in lengths of the leg."""


def findings(scenario: Scenario) -> tuple[Problem, ...]:
    """Faults of a campaign as a whole, errors first.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    tuple of Problem
        ``where`` is a path, as ``set`` takes it.

    Examples
    --------
    >>> import kursksim as ks
    >>> findings(ks.load("two-roads"))
    ()
    """
    eve = opening_of(scenario)
    found = [
        *_drawn(scenario, eve),
        *_ground(scenario, eve),
        *of_forces(scenario),
        *of_supply(scenario, eve),
    ]
    found += [*of_calendar(scenario), *of_defaults(scenario), *of_gaps(scenario)]
    return tuple(sorted(found, key=lambda p: p.severity != "error"))


def assure(scenario: Scenario) -> None:
    """Refuse a campaign that cannot work; warn of the rest, once in a process.

    Warnings go to the logger ``kursksim``; see `kursksim.notices`.

    Raises
    ------
    ScenarioError
        With every error that was found.
    """
    found = findings(scenario)
    if errors := [p for p in found if p.severity == "error"]:
        raise ScenarioError(errors)
    for problem in found:
        tell(problem)


# -- as it was drawn -----------------------------------------------------------------------------


def _drawn(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Border, outline, areas and roads as they were drawn."""
    for name, at in eve.crossed.items():
        spot = f"vertices {at.first} and {at.second} meet at lon {at.at[0]:.4f}, lat {at.at[1]:.4f}"
        yield warning(
            name,
            f"{name} crosses itself: the stretches after {spot}; are its vertices in order?",
        )
    for end, inside in zip(("begins", "ends"), eve.inside, strict=True):
        if inside:
            yield warning(
                "border",
                f"the border {end} inside the window of [grid]; "
                "it must cut the window in two: draw it on to beyond the rim",
            )
    if eve.outside_km:
        lost = f"the outline reaches {eve.outside_km:.1f} km out of the window of [grid]"
        yield warning("outline", f"{lost} on the enemy's side: ground there is not on the map")
    if eve.salient_km2 and eve.own_km2 > 0.5 * eve.outlined_km2:
        share = f"{eve.own_km2:.0f} of the {eve.outlined_km2:.0f} km² in the outline"
        lies = f"lie on the base's side of the border: is the base, {s.supply.base!r},"
        yield warning("outline", f"{share} {lies} on the right side?")
    for name in eve.elsewhere:
        hint = f"; {EXCHANGED}" if name in eve.exchanged else ""
        yield warning(name, f"{name} lies wholly outside the window of [grid]{hint}")
    for area in sorted(eve.dry):
        yield warning(
            f"areas.{area}",
            f"area {area!r} of kind water holds the centre of no hexagon, so nothing is water:"
            " draw it larger, or as a river with width_km",
        )
    for leg in eve.astray:
        yield warning(
            f"legs.{leg}",
            f"leg {leg!r} leaves the window of [grid] on the enemy's side of the border",
        )
    for leg, course in eve.courses.items():
        off = f"begins {course.begins_km:.1f} km from the first place of leg {leg!r}"
        off = f"{off} and ends {course.ends_km:.1f} km from its second"
        if course.turned:
            off = f"runs the other way than leg {leg!r}: turn its vertices round"
        yield warning(f"lines.{leg}", f"the line of kind road {leg!r} {off}")
    lengths = {leg.id: leg.length_km for leg in s.legs}
    for leg, km in eve.drawn_km.items():
        if not lengths[leg] / DETOUR < km < WINDING * lengths[leg]:
            yield warning(
                f"lines.{leg}",
                f"the line of kind road {leg!r} is "
                f"{km:.1f} km long, and length_km of leg {leg!r} is {lengths[leg]:g}",
            )


# -- who holds what ------------------------------------------------------------------------------


def _ground(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Ground and what needs it."""
    if not eve.salient_km2:
        why = f"the outline lies on the base's side of the border; is the base, {s.supply.base!r},"
        why = f"{why} on the right side?"
        if eve.outlined_km2 == 0:
            why = "no hexagon of the window of [grid] has its centre in the outline"
        yield _error("outline", f"no ground is held beyond the border on day 0: {why}")
        return
    if not eve.enemy_cells:
        yield _error(
            "outline",
            "the holder holds the whole window of [grid] on day 0: there is no enemy and no front",
        )
        return
    closed = {r.id: way for r in s.routes if (way := _closed(s, r, eve))}
    yield from _routes(s, eve, closed)
    yield from _outline(eve, cut=len(closed) == len(s.routes))
    yield from _places(s, eve)
    yield from _axes(s, eve)


def _closed(s: Scenario, route: Route, eve: Opening) -> str:
    """The place where a route meets enemy ground, in words; empty where it does not."""
    cut = [leg for leg in route.legs if leg in eve.gaps]
    if not cut:
        return ""
    leg, gap = next(leg for leg in s.legs if leg.id == cut[0]), eve.gaps[cut[0]]
    first = leg.from_place
    begins = (
        f"{gap.along_km:.1f} km after {first!r}" if gap.along_km > 0 else f"at {first!r} itself"
    )
    spot = f"{begins} (lon {gap.lon:.4f}, lat {gap.lat:.4f}), for {gap.length_km:.1f} km"
    more = f"; and on {_listed(cut[1:])}" if cut[1:] else ""
    return f"on leg {leg.id!r}, between {first!r} and {leg.to_place!r}, {spot}{more}"


def _routes(s: Scenario, eve: Opening, closed: dict[str, str]) -> Iterator[Problem]:
    """Routes that do not lead from the base to the depot over held ground."""
    between = f"from the base {s.supply.base!r} to the depot {s.supply.depot!r} over held ground"
    if closed and len(closed) == len(s.routes):
        ways = "; ".join(f"route {r!r} meets enemy ground {way}" for r, way in closed.items())
        said = f"no route leads {between} on day 0: {ways}"
        if _retaken(s, eve):
            yield warning("routes", f"{said}; a dated counter-attack must open one")
        else:
            yield _error("routes", f"{said}; nothing can ever be delivered")
        return
    for route, way in closed.items():
        said = f"route {route!r} does not lead {between} on day 0: it meets enemy ground {way}"
        if route == s.supply.main_route:
            said += "; it is the main route, on which replacements march in"
        yield warning(f"routes.{route}", said)


def _retaken(s: Scenario, eve: Opening) -> bool:
    """Whether the enemy ground on some route lies where a dated counter-attack may take it."""
    targets = {i.target for i in s.inputs if i.kind == "counter_attack"}
    axes = {n for n, a in enumerate(s.axes) if a.id in targets}
    kept = {leg for leg, gap in eve.gaps.items() if not gap.axes <= axes}
    return any(kept.isdisjoint(route.legs) for route in s.routes)


def _outline(eve: Opening, *, cut: bool) -> Iterator[Problem]:
    """An outline that stays off the border, and parts of the held ground without a link to it."""
    between = ""
    if eve.strip is not None:
        size = f"about {eve.strip.area_km2:.1f} km² and {eve.strip.width_km:.2f} km wide"
        ground = f"the strip between them, {size} where it is narrowest, is enemy ground"
        between = f"the outline stays off the border: {ground}"
    if not eve.joined and eve.own_cells:
        said = "the outline touches the border with no hexagon: the ground beyond has no way to it"
        yield (_error if cut else warning)("outline", between or said)
    elif eve.joined and between:
        yield warning(
            "outline",
            f"{between}, narrower than a hexagon, so that the map does not show it",
        )
    elif eve.joined and eve.apart_km2:
        count = len(eve.apart_km2)
        size = f"{fsum(eve.apart_km2):.1f} km² in {count} part{'s' if count > 1 else ''}"
        yield warning(
            "outline",
            f"{size} of the held ground beyond the border do not hang together with the rest",
        )


def _places(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Places that the campaign names and the enemy holds."""
    lost, on_day_0 = eve.enemy_places, "on enemy ground on day 0"
    if s.supply.depot in lost:
        yield _error(
            "supply.depot",
            f"the depot {s.supply.depot!r} lies {on_day_0}"
            ": it is lost on the first evening, with all its stock",
        )
    exits = [name for name in s.withdrawal.exits if name in lost]
    if exits and len(exits) == len(s.withdrawal.exits):
        yield _error(
            "withdrawal.exits",
            f"every crossing ({_listed(exits)}) lies {on_day_0}: no way out",
        )
    elif exits:
        yield warning("withdrawal.exits", f"{_listed(exits)}: {on_day_0}, so no way out")
    for name in s.withdrawal.exits:
        if eve.strip is None and (km := eve.off_border_km.get(name)) and name not in lost:
            yield warning(
                "withdrawal.exits",
                f"crossing {name!r} lies {km:.1f} km from the border"
                ": who comes there counts as out",
            )
    if lines := [name for name in s.withdrawal.phase_lines if name in lost]:
        yield warning("withdrawal.phase_lines", f"{_listed(lines)}: {on_day_0}")
    key = f"the key place {s.key_place!r} lies"
    if s.key_place in lost and s.key_place != s.supply.depot:
        yield warning("key_place", f"{key} {on_day_0}: it cannot fall")
    elif s.key_place in eve.own_places and not any(a.across for a in s.axes):
        yield warning("key_place", f"{key} on the base's side of the border: it cannot fall")
    for axis in s.axes:
        who = f"axis {axis.id!r}: place {axis.place!r}, from which columns leave, lies"
        if axis.place in eve.outside:
            yield warning(f"axes.{axis.id}", f"{who} outside the window of [grid]")
        elif axis.place in lost:
            yield warning(f"axes.{axis.id}", f"{who} {on_day_0}")
        if axis.aim in lost:
            said = f"axis {axis.id!r}: aim {axis.aim!r} lies {on_day_0}"
            yield warning(
                f"axes.{axis.id}",
                f"{said}: the attack makes for the watched roads instead",
            )


def _axes(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Axes without a front."""
    inland = [(a, km) for a, km in zip(s.axes, eve.front_km, strict=True) if not a.across]
    if not any(km > 0 for _, km in inland):
        yield _error("axes", "no axis has a front on day 0: nobody can fight")
        return
    for axis, km in inland:
        if km <= 0:
            spot = (axis.lon, axis.lat)
            same = [a.id for a in s.axes if a is not axis and (a.lon, a.lat) == spot]
            why = "no held cell of its sector faces the enemy"
            if same:
                why = f"axis {same[0]!r} lies on the same spot"
            at = f"(lon {axis.lon:.4f}, lat {axis.lat:.4f})"
            yield warning(f"axes.{axis.id}", f"axis {axis.id!r} has no front on day 0: {why} {at}")
    opened = {i.target for i in s.inputs if i.kind == "open_axis"}
    for axis in s.axes:
        if axis.across and axis.id not in opened:
            yield warning(
                f"axes.{axis.id}",
                f"axis {axis.id!r} lies across the border, and no input of kind open_axis"
                " opens it: it never has a front",
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _error(where: str, what: str) -> Problem:
    return Problem(plain(where), plain(what))
