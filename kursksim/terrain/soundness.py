"""Whether a campaign can work at all, said before anything is played, on the map of day 0.

An error stands for what cannot come to anything: no road that supplies can take, no front. A warning stands for what
may be meant. What a file says by itself is checked by its reader; here is what follows from the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kursksim.errors import Problem, ScenarioError
from kursksim.notices import tell
from kursksim.scenario.rules import EXCHANGED
from kursksim.scenario.schema import Route, Scenario
from kursksim.terrain.opening import Gap, Opening, opening_of
from kursksim.terrain.readiness import (
    DETOUR,
    of_calendar,
    of_defaults,
    of_forces,
    of_supply,
    warning,
)
from kursksim.terrain.shapes import Intersection
from kursksim.text import plain

__all__ = ["assure", "findings"]

WINDING = 1.5
"""Times the length of a leg that its drawn course may have."""


def findings(scenario: Scenario) -> tuple[Problem, ...]:
    """What stands in the way of a campaign, errors first.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    tuple of Problem
        ``where`` is the path of what is at fault, as ``set`` takes it.

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
    found += [*of_calendar(scenario), *of_defaults(scenario)]
    return tuple(sorted(found, key=lambda p: p.severity != "error"))


def assure(scenario: Scenario) -> None:
    """Refuse a campaign that cannot work; warn, once in a process, of what may be meant.

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


# -- as it was drawn --------------------------------------------------------------------------------------------------


def _drawn(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Border, outline, areas and roads as they were drawn."""
    for name, crossing in eve.crossed.items():
        yield warning(
            name, f"{name} crosses itself: {_stretches(crossing)}; are its vertices in order?"
        )
    for end, inside in zip(("begins", "ends"), eve.inside, strict=True):
        if inside:
            rule = "it must cut the window in two: draw it on to beyond the rim"
            yield warning("border", f"the border {end} inside the window of [grid]; {rule}")
    if eve.outside_km:
        lost = f"the outline reaches {eve.outside_km:.1f} km out of the window of [grid] on the enemy's side"
        yield warning("outline", f"{lost}: what lies there is not on the map")
    if eve.salient_km2 and eve.own_km2 > 0.5 * eve.outlined_km2:
        share = f"{eve.own_km2:.0f} of the {eve.outlined_km2:.0f} km² in the outline lie on the base's side of the border"
        yield warning("outline", f"{share}: is the base, {s.supply.base!r}, on the right side?")
    for name in eve.elsewhere:
        hint = f"; {EXCHANGED}" if name in eve.exchanged else ""
        yield warning(name, f"{name} lies wholly outside the window of [grid]{hint}")
    for leg in eve.astray:
        yield warning(
            f"legs.{leg}",
            f"leg {leg!r} leaves the window of [grid] on the enemy's side of the border",
        )
    for leg, course in eve.courses.items():
        said = f"the line of kind road {leg!r}"
        if course.turned:
            yield warning(
                f"lines.{leg}",
                f"{said} runs the other way than leg {leg!r}: turn its vertices round",
            )
        else:
            off = f"begins {course.begins_km:.1f} km from the first place of leg {leg!r} and ends {course.ends_km:.1f} km"
            yield warning(f"lines.{leg}", f"{said} {off} from its second")

    lengths = {leg.id: leg.length_km for leg in s.legs}
    for leg, km in eve.drawn_km.items():
        if not lengths[leg] / DETOUR < km < WINDING * lengths[leg]:
            said = f"the line of kind road {leg!r} is {km:.1f} km long, and length_km of leg {leg!r} is {lengths[leg]:g}"
            yield warning(f"lines.{leg}", said)


def _stretches(c: Intersection) -> str:
    return f"the stretches after vertices {c.first} and {c.second} meet at lon {c.at[0]:.4f}, lat {c.at[1]:.4f}"


# -- who holds what ---------------------------------------------------------------------------------------------------


def _ground(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Ground and what needs it."""
    if not eve.salient_km2:
        yield from _no_ground(s, eve)
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


def _no_ground(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Nothing is held beyond the border: one error, with the likeliest reason."""
    why = f"the outline lies on the base's side of the border; is the base, {s.supply.base!r}, on the right side?"
    if eve.outlined_km2 == 0:
        why = "no hexagon of the window of [grid] has its centre in the outline"
    yield _error("outline", f"no ground is held beyond the border on day 0: {why}")


def _closed(s: Scenario, route: Route, eve: Opening) -> str:
    """Where a route meets enemy ground, in words; empty where it does not."""
    ends = {g.id: (g.from_place, g.to_place) for g in s.legs}
    cut = [(leg, eve.gaps[leg]) for leg in route.legs if leg in eve.gaps]
    if not cut:
        return ""
    leg, gap = cut[0]
    first, second = ends[leg]
    more = f"; and on {_listed(name for name, _ in cut[1:])}" if cut[1:] else ""
    spot = f"{_along(gap, first)} (lon {gap.lon:.4f}, lat {gap.lat:.4f})"
    return f"on leg {leg!r}, between {first!r} and {second!r}, {spot}, for {gap.length_km:.1f} km{more}"


def _along(gap: Gap, first: str) -> str:
    return f"{gap.along_km:.1f} km after {first!r}" if gap.along_km > 0 else f"at {first!r} itself"


def _routes(s: Scenario, eve: Opening, closed: dict[str, str]) -> Iterator[Problem]:
    """Routes that do not lead from the base to the depot over held ground."""
    between = f"from the base {s.supply.base!r} to the depot {s.supply.depot!r} over held ground"
    if closed and len(closed) == len(s.routes):
        ways = "; ".join(
            f"route {route!r} meets enemy ground {way}" for route, way in closed.items()
        )
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
    return any(
        all(eve.gaps[leg].axes <= axes for leg in r.legs if leg in eve.gaps) for r in s.routes
    )


def _outline(eve: Opening, *, cut: bool) -> Iterator[Problem]:
    """An outline that stays off the border; parts of the held ground that do not hang together with the rest."""
    between = ""
    if eve.strip is not None:
        size = f"about {eve.strip.area_km2:.1f} km² and {eve.strip.width_km:.2f} km wide where it is narrowest"
        between = (
            f"the outline stays off the border: the strip between them, {size}, is enemy ground"
        )
    if not eve.joined and eve.own_cells:
        said = (
            between
            or "the outline touches the border with no hexagon: the ground beyond is held without a way to it"
        )
        yield _error("outline", said) if cut else warning("outline", said)
    elif eve.joined and between:
        yield warning(
            "outline", f"{between}, narrower than a hexagon, so that the map does not show it"
        )
    elif eve.joined and eve.apart_km2:
        said = f"{sum(eve.apart_km2):.1f} km² in {len(eve.apart_km2)} part{'s' if len(eve.apart_km2) > 1 else ''}"
        yield warning(
            "outline",
            f"{said} of the held ground beyond the border do not hang together with the rest",
        )


def _places(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Places that the campaign names and the enemy holds."""
    lost = eve.enemy_places
    if s.supply.depot in lost:
        where = f"the depot {s.supply.depot!r} lies on enemy ground on day 0"
        yield _error(
            "supply.depot", f"{where}: it is lost on the first evening, with all its stock"
        )
    exits = [name for name in s.withdrawal.exits if name in lost]
    if exits and len(exits) == len(s.withdrawal.exits):
        yield _error(
            "withdrawal.exits",
            f"every crossing ({_listed(exits)}) lies on enemy ground on day 0: no way out",
        )
    elif exits:
        yield warning(
            "withdrawal.exits", f"{_listed(exits)}: on enemy ground on day 0, so no way out"
        )
    for name in s.withdrawal.exits:
        if eve.strip is None and (km := eve.off_border_km.get(name)) and name not in lost:
            said = (
                f"crossing {name!r} lies {km:.1f} km from the border: who comes there counts as out"
            )
            yield warning("withdrawal.exits", said)
    if lines := [name for name in s.withdrawal.phase_lines if name in lost]:
        yield warning("withdrawal.phase_lines", f"{_listed(lines)}: on enemy ground on day 0")
    if s.key_place in lost and s.key_place != s.supply.depot:
        yield warning(
            "key_place",
            f"the key place {s.key_place!r} lies on enemy ground on day 0: it cannot fall",
        )
    elif s.key_place in eve.own_places and not any(a.across for a in s.axes):
        said = (
            f"the key place {s.key_place!r} lies on the base's side of the border: it cannot fall"
        )
        yield warning("key_place", said)
    for axis in s.axes:
        if axis.place in eve.outside:
            said = (
                f"place {axis.place!r}, from which columns leave, lies outside the window of [grid]"
            )
            yield warning(f"axes.{axis.id}", f"axis {axis.id!r}: {said}")
        elif axis.place in lost:
            said = f"place {axis.place!r}, from which columns leave, lies on enemy ground on day 0"
            yield warning(f"axes.{axis.id}", f"axis {axis.id!r}: {said}")
        if axis.aim in lost:
            said = f"aim {axis.aim!r} lies on enemy ground on day 0: the attack makes for the watched roads instead"
            yield warning(f"axes.{axis.id}", f"axis {axis.id!r}: {said}")


def _axes(s: Scenario, eve: Opening) -> Iterator[Problem]:
    """Axes that no front belongs to."""
    inland = [(a, km) for a, km in zip(s.axes, eve.front_km, strict=True) if not a.across]
    if not any(km > 0 for _, km in inland):
        yield _error("axes", "no axis has a front on day 0: nobody can fight")
        return
    for axis, km in inland:
        if km <= 0:
            same = next(
                (a.id for a in s.axes if a is not axis and (a.lon, a.lat) == (axis.lon, axis.lat)),
                "",
            )
            why = (
                f"axis {same!r} lies on the same spot"
                if same
                else "no held cell of its sector faces the enemy"
            )
            said = f"axis {axis.id!r} has no front on day 0: {why}"
            yield warning(f"axes.{axis.id}", f"{said} (lon {axis.lon:.4f}, lat {axis.lat:.4f})")
    opened = {i.target for i in s.inputs if i.kind == "open_axis"}
    for axis in s.axes:
        if axis.across and axis.id not in opened:
            said = (
                f"axis {axis.id!r} lies across the border, and no input of kind open_axis opens it"
            )
            yield warning(f"axes.{axis.id}", f"{said}: it never has a front")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _error(where: str, what: str) -> Problem:
    return Problem(plain(where), plain(what))
