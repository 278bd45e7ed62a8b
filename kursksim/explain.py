"""What the simulator understood of a scenario, before anything is played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kursksim.errors import Problem
from kursksim.models.base import DEFAULT_MODELS, SLOTS, build, infos
from kursksim.registry import lookup, names
from kursksim.scenario.schema import Contingent, Input, Parameter, Scenario
from kursksim.scenario.sources import SOFT, Share, not_checked, read_again, shares
from kursksim.terrain.soundness import findings
from kursksim.text import plain

__all__ = [
    "SOFT",
    "Derived",
    "Explanation",
    "ForceLine",
    "InputLine",
    "ModelPart",
    "NumberLine",
    "Road",
    "RoadLeg",
    "Sector",
    "Share",
    "explain",
]  # fmt: skip


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
    """A chosen model or policy: the slot or side it fills, its name, what it says of itself, its numbers."""

    role: str
    name: str
    about: str
    numbers: tuple[NumberLine, ...]


@dataclass(frozen=True)
class ForceLine:
    """A contingent: men on arrival, the date of it, what follows (date, men), and the numbers that describe it."""

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
    """A stretch of road."""

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
    """A route from the base to the depot; ``share`` of the trips is None for the one that takes the rest."""

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
    """A dated input. ``between`` are the dates of its parameter's range, where a parameter dates it."""

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
    """Everything that `explain` found; plain types inside, so `kursksim.runs.file.as_json` makes it JSON."""

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
    from kursksim.engine.engine import (
        order_of_the_day,
    )  # here, as whoever needs other parts of this needs no SimPy

    s, ledger = scenario, {p.id: p for p in scenario.parameters}
    models = tuple(
        _part(s, ledger, f"model/{slot}", slot, s.models.get(slot, DEFAULT_MODELS[slot]))
        for slot in SLOTS
    )
    policies = tuple(
        _part(s, ledger, f"policy/{side}", side, spec) for side, spec in s.policies.items()
    )
    used = {n.id for part in (*models, *policies) for n in part.numbers} | _named(s)
    elsewhere = _policy_numbers(s) - used
    return Explanation(
        scenario=s.id, title=s.title, summary=plain(s.summary), fictional=s.fictional, start=s.start.isoformat(),
        end=s.date(s.last_day).isoformat(), days=s.days, key_place=s.key_place, what_ifs=s.patches, digest=s.digest,
        sides={side: who.name for side, who in s.sides.items()}, models=models,
        order_of_the_day=tuple(order_of_the_day().values()), policies=policies,
        forces=tuple(_force(s, ledger, c) for c in s.contingents), routes=_roads(s),
        other_legs=tuple(leg for ident, leg in _legs(s).items() if all(ident not in r.legs for r in s.routes)),
        axes=tuple(
            Sector(a.id, a.name, a.place, a.across, s.value[a.effort] if a.effort else None, a.status) for a in s.axes
        ),
        inputs=tuple(_input(s, ledger, i) for i in sorted(s.inputs, key=lambda i: (i.date, i.id))),
        shares=shares(s), read_again=read_again(s), not_checked=not_checked(s), derived=_derived(s),
        other_policies=tuple(_number(p) for p in s.parameters if p.id in elsewhere),
        reference=tuple(_number(p) for p in s.parameters if p.id not in used | elsewhere), findings=findings(s),
    )  # fmt: skip


def _number(p: Parameter, field: str = "") -> NumberLine:
    return NumberLine(
        p.id, p.value, p.low, p.high, p.unit, p.status, p.meaning, p.source, field or p.id
    )


def _part(
    s: Scenario, ledger: Mapping[str, Parameter], kind: str, role: str, spec: str
) -> ModelPart:
    cls = lookup(kind, spec.partition(":")[0])
    about = plain((cls.__doc__ or "").strip().split("\n\n")[0]).replace("``", "")
    ids = {
        f: s.aliases.get(f, f) for f in infos(cls)
    }  # an optional parameter need not be in the ledger
    return ModelPart(
        role, spec, about, tuple(_number(ledger[i], f) for f, i in ids.items() if i in ledger)
    )


def _policy_numbers(s: Scenario) -> set[str]:
    """Ids that any registered policy would read."""
    kinds = [f"policy/{side}" for side in s.policies]
    return {
        s.aliases.get(f, f)
        for kind in kinds
        for name in names(kind)
        for f in infos(lookup(kind, name))
    }


def _named(s: Scenario) -> set[str]:
    """Ids that contingents, routes, axes and inputs name."""
    found = {i for c in s.contingents for i in _of_contingent(c).values()}
    found |= {r.share for r in s.routes} | {a.effort for a in s.axes} | {g.tracks for g in s.legs}
    found |= {i for e in s.inputs for i in (e.parameter, e.until_parameter, e.amount)}
    return found - {""}


def _of_contingent(c: Contingent) -> dict[str, str]:
    fields = (
        "men",
        "replacements",
        "effectiveness",
        "excess_loss",
        "learning",
        "breakoff_loss",
        "rest_days",
    )
    return {f: getattr(c, f) for f in fields if getattr(c, f)}


def _force(s: Scenario, ledger: Mapping[str, Parameter], c: Contingent) -> ForceLine:
    commits = sorted(i.date for i in s.inputs if i.kind == "commit" and i.target == c.id)
    later = sorted(
        (i.date, i.amount) for i in s.inputs if i.kind == "reinforce" and i.target == c.id
    )
    return ForceLine(
        c.id, c.name or c.id, c.side, c.station, s.value[c.men], (commits[0] if commits else s.start).isoformat(),
        tuple((date.isoformat(), s.value[amount]) for date, amount in later),
        tuple(_number(ledger[ident], field) for field, ident in _of_contingent(c).items()),
    )  # fmt: skip


def _legs(s: Scenario) -> dict[str, RoadLeg]:
    return {
        g.id: RoadLeg(
            g.id, g.from_place, g.to_place, g.length_km, g.low_km, g.high_km, g.paved, g.crossing, g.ew_cover,
            s.value[g.tracks] if g.tracks else None, g.status,
        )
        for g in s.legs
    }  # fmt: skip


def _roads(s: Scenario) -> tuple[Road, ...]:
    legs = _legs(s)
    return tuple(
        Road(
            r.id, r.name or r.id, r.id == s.supply.main_route, s.value[r.share] if r.share else None,
            round(sum(legs[g].length_km for g in r.legs), 6), tuple(legs[g] for g in r.legs),
        )
        for r in s.routes
    )  # fmt: skip


def _input(s: Scenario, ledger: Mapping[str, Parameter], i: Input) -> InputLine:
    dated = ledger.get(i.parameter)
    between = tuple(s.date(round(d)).isoformat() for d in (dated.low, dated.high)) if dated else ()
    amount = ledger.get(i.amount)
    return InputLine(
        i.date.isoformat(), i.until.isoformat() if i.until else "", between, i.known_on.isoformat(), i.id,
        i.name or i.id, i.kind, i.target, amount.value if amount else None, amount.unit if amount else "",
        i.source, i.status,
    )  # fmt: skip


def bearable_loss(s: Scenario) -> tuple[tuple[float, float], ...]:
    """Loss per trip above which the fleet shrinks, and the demand behind it in t a day: with all men of day 0 fully
    active, and on a quiet front. Empty where the supply model has no closed form.
    """
    supply = build(s.models, s.aliases, s.value).supply
    if not all(hasattr(supply, name) for name in ("sustainable_loss", "kappa", "demand_base")):
        return ()
    late = {i.target for i in s.inputs if i.kind == "commit"}
    men = sum(
        s.value[c.men]
        for c in s.contingents
        if c.side == "holder" and c.station == "front" and c.id not in late
    )
    full = supply.kappa / 1000 * men
    return tuple(
        (supply.sustainable_loss(demand), demand) for demand in (full, full * supply.demand_base)
    )


def _derived(s: Scenario) -> tuple[Derived, ...]:
    """The sustainable loss per trip, at full and at least activity, where the supply model can say it."""
    how = "loss per trip above which the fleet shrinks: 1 / (1 + (1 - repair_share) D / (fleet_repl payload))"
    names = (
        ("q_star", "all men on day 0 fully active"),
        ("q_star_quiet", "no pressure on the front"),
    )
    return tuple(
        Derived(
            name,
            f"Sustainable loss per trip, {title}",
            q,
            "share of trips",
            f"{how}, D = {demand:.0f} t a day",
        )
        for (name, title), (q, demand) in zip(names, bearable_loss(s), strict=False)
    )
