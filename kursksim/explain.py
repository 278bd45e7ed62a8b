"""What the simulator understood of a scenario, before anything is played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from kursksim.errors import Problem
from kursksim.models.base import DEFAULT_MODELS, SLOTS, build, infos
from kursksim.registry import lookup, names
from kursksim.scenario.rules import MEN_FIELDS
from kursksim.scenario.schema import Contingent, Input, Parameter, Route, Scenario
from kursksim.scenario.sources import Share, not_checked, read_again, shares
from kursksim.scenario.weather import known_shares
from kursksim.terrain.soundness import findings
from kursksim.text import plain

__all__ = [
    "Derived",
    "Explanation",
    "ForceLine",
    "InputLine",
    "ModelPart",
    "NumberLine",
    "Road",
    "RoadLeg",
    "Sector",
    "explain",
]

Ledger = Mapping[str, Parameter]


@dataclass(frozen=True)
class NumberLine:
    """One number of the ledger. ``field`` is the name by which the model knows it."""

    id: str
    value: float
    low: float
    high: float
    unit: str
    status: str
    meaning: str
    source: str
    field: str = ""


@dataclass(frozen=True)
class ModelPart:
    """A chosen model or policy: the slot or side that it fills, its name, summary and numbers."""

    role: str
    name: str
    about: str
    numbers: tuple[NumberLine, ...]


@dataclass(frozen=True)
class ForceLine:
    """A contingent: men on arrival, when that is, later arrivals (date, men), its numbers."""

    id: str
    name: str
    side: str
    station: str
    men: float
    arrives: str
    later: tuple[tuple[str, float], ...]
    numbers: tuple[NumberLine, ...]


@dataclass(frozen=True)
class RoadLeg:
    """A leg, the stretch of road between two places."""

    id: str
    from_place: str
    to_place: str
    length_km: float
    low_km: float
    high_km: float
    paved: bool
    crossing: str
    ew_cover: float
    tracks: float | None
    """Unpaved ways beside it, where the ledger has a number for them."""
    status: str


@dataclass(frozen=True)
class Road:
    """A route from base to depot; ``share`` is None for the one that takes all other trips."""

    id: str
    name: str
    main: bool
    share: float | None
    length_km: float
    legs: tuple[RoadLeg, ...]


@dataclass(frozen=True)
class Sector:
    """An axis; ``effort`` is the attacker's intended effort, where the ledger has one."""

    id: str
    name: str
    place: str
    across: bool
    effort: float | None
    status: str


@dataclass(frozen=True)
class InputLine:
    """A dated input; ``between`` is the range of its date, where a parameter gives the date."""

    date: str
    until: str
    between: tuple[str, ...]
    known_on: str
    id: str
    name: str
    kind: str
    target: str
    amount: float | None
    unit: str
    source: str
    status: str


@dataclass(frozen=True)
class Derived:
    """A figure that follows from the numbers: shown to readers, read by no model."""

    id: str
    title: str
    value: float
    unit: str
    how: str


@dataclass(frozen=True)
class Explanation:
    """Everything that `explain` found, in plain types that `as_json` of `runs.file` takes."""

    scenario: str
    title: str
    summary: str
    fictional: bool
    start: str
    end: str
    days: int
    key_place: str
    what_ifs: tuple[str, ...]
    digest: str
    sides: Mapping[str, str]
    order_of_the_day: tuple[str, ...]
    models: tuple[ModelPart, ...]
    policies: tuple[ModelPart, ...]
    forces: tuple[ForceLine, ...]
    routes: tuple[Road, ...]
    other_legs: tuple[RoadLeg, ...]
    """Legs of no route: columns may leave over them."""
    axes: tuple[Sector, ...]
    inputs: tuple[InputLine, ...]
    known_weather: Mapping[str, float]
    """Shares of the days with known flying weather and ground; empty where no model reads them."""
    attacks: int
    """Reports of attacks that the attacker's plan may follow."""
    shares: tuple[Share, ...]
    read_again: dict[str, int]
    """Parameters by what a second reading of their sources found."""
    not_checked: tuple[str, ...]
    """Parameters that name a source which nobody has read a second time."""
    derived: tuple[Derived, ...]
    other_policies: tuple[NumberLine, ...]
    """Numbers that only policies not chosen here would read."""
    reference: tuple[NumberLine, ...]
    """Numbers that nothing reads: they stand in the ledger for the reader."""
    findings: tuple[Problem, ...]
    """What stands in the way of the campaign on its first day, errors first."""


def explain(scenario: Scenario) -> Explanation:
    """Say what the simulator understood of a scenario.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    Explanation

    Raises
    ------
    BadUse
        When a model of the scenario is not registered.

    Examples
    --------
    >>> import kursksim as ks
    >>> explain(ks.load("two-roads")).fictional
    True
    """
    # here: whoever needs the other parts of this module needs no SimPy
    from kursksim.engine.campaign import order_of_the_day

    s = scenario
    ledger = {p.id: p for p in s.parameters}
    models = [
        _part(s, ledger, f"model/{slot}", slot, s.models.get(slot, DEFAULT_MODELS[slot]))
        for slot in SLOTS
    ]
    policies = [_part(s, ledger, f"policy/{side}", side, spec) for side, spec in s.policies.items()]
    used = _named(s)
    for part in (*models, *policies):
        used |= {n.id for n in part.numbers}
    elsewhere = _policy_numbers(s) - used
    legs, on_routes = _legs(s), set[str]().union(*(route.legs for route in s.routes))
    return Explanation(
        scenario=s.id,
        title=s.title,
        summary=plain(s.summary),
        fictional=s.fictional,
        start=s.start.isoformat(),
        end=s.date(s.last_day).isoformat(),
        days=s.days,
        key_place=s.key_place,
        what_ifs=s.patches,
        digest=s.digest,
        sides={side: who.name for side, who in s.sides.items()},
        order_of_the_day=tuple(order_of_the_day().values()),
        models=tuple(models),
        policies=tuple(policies),
        forces=tuple(_force(s, ledger, c) for c in s.contingents),
        routes=tuple(_road(s, legs, r) for r in s.routes),
        other_legs=tuple(leg for ident, leg in legs.items() if ident not in on_routes),
        axes=tuple(
            Sector(a.id, a.name, a.place, a.across, s.value.get(a.effort), a.status) for a in s.axes
        ),
        inputs=tuple(_input(s, ledger, i) for i in sorted(s.inputs, key=lambda i: (i.date, i.id))),
        known_weather=known_shares(s),
        attacks=len(s.attacks),
        shares=shares(s),
        read_again=read_again(s),
        not_checked=not_checked(s),
        derived=_derived(s),
        other_policies=tuple(_number(p) for p in s.parameters if p.id in elsewhere),
        reference=tuple(_number(p) for p in s.parameters if p.id not in used | elsewhere),
        findings=findings(s),
    )


def _number(p: Parameter, field: str = "") -> NumberLine:
    shown = (p.value, p.low, p.high, p.unit, p.status, p.meaning, p.source)
    return NumberLine(p.id, *shown, field or p.id)


def _ids(s: Scenario, cls: type) -> dict[str, str]:
    """Ids in the ledger of the fields of a model or policy; an optional one need not be there."""
    return {field: s.aliases.get(field, field) for field in infos(cls)}


def _part(s: Scenario, ledger: Ledger, kind: str, role: str, spec: str) -> ModelPart:
    cls = lookup(kind, spec.partition(":")[0])
    about = plain((cls.__doc__ or "").strip().split("\n\n")[0]).replace("``", "")
    ids = _ids(s, cls)
    numbers = tuple(_number(ledger[i], field) for field, i in ids.items() if i in ledger)
    return ModelPart(role, spec, about, numbers)


def _policy_numbers(s: Scenario) -> set[str]:
    """Ids that any registered policy would read."""
    found: set[str] = set()
    for side in s.policies:
        for name in names(f"policy/{side}"):
            found.update(_ids(s, lookup(f"policy/{side}", name)).values())
    return found


def _named(s: Scenario) -> set[str]:
    """Ids that contingents, routes, axes and inputs name."""
    found = {r.share for r in s.routes} | {a.effort for a in s.axes} | {g.tracks for g in s.legs}
    for contingent in s.contingents:
        found.update(_of_contingent(contingent).values())
    for entry in s.inputs:
        found |= {entry.parameter, entry.until_parameter, entry.amount}
    return found - {""}


def _of_contingent(c: Contingent) -> dict[str, str]:
    """Ids of the numbers that describe a contingent, by field."""
    return {field: ident for field in MEN_FIELDS if (ident := getattr(c, field))}


def _force(s: Scenario, ledger: Ledger, c: Contingent) -> ForceLine:
    own = [i for i in s.inputs if i.target == c.id]
    commits = [i.date for i in own if i.kind == "commit"]
    later = sorted((i.date, i.amount) for i in own if i.kind == "reinforce")
    return ForceLine(
        id=c.id,
        name=c.name or c.id,
        side=c.side,
        station=c.station,
        men=s.value[c.men],
        arrives=min(commits, default=s.start).isoformat(),
        later=tuple((date.isoformat(), s.value[amount]) for date, amount in later),
        numbers=tuple(_number(ledger[i], field) for field, i in _of_contingent(c).items()),
    )


def _legs(s: Scenario) -> dict[str, RoadLeg]:
    return {
        g.id: RoadLeg(
            id=g.id,
            from_place=g.from_place,
            to_place=g.to_place,
            length_km=g.length_km,
            low_km=g.low_km,
            high_km=g.high_km,
            paved=g.paved,
            crossing=g.crossing,
            ew_cover=g.ew_cover,
            tracks=s.value.get(g.tracks),
            status=g.status,
        )
        for g in s.legs
    }


def _road(s: Scenario, legs: Mapping[str, RoadLeg], r: Route) -> Road:
    own = tuple(legs[ident] for ident in r.legs)
    length_km = round(fsum(leg.length_km for leg in own), 6)
    main = r.id == s.supply.main_route
    return Road(r.id, r.name or r.id, main, s.value.get(r.share), length_km, own)


def _input(s: Scenario, ledger: Ledger, i: Input) -> InputLine:
    dated, amount = ledger.get(i.parameter), ledger.get(i.amount)
    between = tuple(s.date(round(d)).isoformat() for d in (dated.low, dated.high)) if dated else ()
    return InputLine(
        date=i.date.isoformat(),
        until=i.until.isoformat() if i.until else "",
        between=between,
        known_on=i.known_on.isoformat(),
        id=i.id,
        name=i.name or i.id,
        kind=i.kind,
        target=i.target,
        amount=amount.value if amount else None,
        unit=amount.unit if amount else "",
        source=i.source,
        status=i.status,
    )


def bearable_loss(s: Scenario) -> tuple[tuple[float, float], ...]:
    """Loss per trip above which the fleet shrinks, and the demand behind it in t a day.

    For all men of day 0 fully active, and for a quiet front. Empty where the supply model has no
    closed form.
    """
    supply = build(s.models, s.aliases, s.value).supply
    # a model of somebody else need not have these
    if not all(hasattr(supply, name) for name in ("sustainable_loss", "kappa", "demand_base")):
        return ()
    late = {i.target for i in s.inputs if i.kind == "commit"}
    fronts = (c for c in s.contingents if c.side == "holder" and c.station == "front")
    men = fsum(s.value[c.men] for c in fronts if c.id not in late)
    full = supply.kappa / 1000 * men
    return tuple(
        (supply.sustainable_loss(demand), demand) for demand in (full, full * supply.demand_base)
    )


def _derived(s: Scenario) -> tuple[Derived, ...]:
    """The bearable loss per trip, where the supply model can say it."""
    how = (
        "loss per trip above which the fleet shrinks:"
        " 1 / (1 + (1 - repair_share) D / (fleet_repl payload)), D = {d:.0f} t a day"
    )
    full, quiet = (
        ("q_star", "all men on day 0 fully active"),
        ("q_star_quiet", "no pressure on the front"),
    )
    return tuple(
        Derived(name, f"Sustainable loss per trip, {title}", q, "share of trips", how.format(d=d))
        for (name, title), (q, d) in zip((full, quiet), bearable_loss(s), strict=False)
    )
