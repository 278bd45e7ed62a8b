"""Analytic limits: what the models must say where paper has the answer. Each measures how far off it is.

A check that draws luck has a standard error and may be four of them off; one that does not may be off by rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil, cosh, exp, sinh, sqrt
from typing import Literal, NamedTuple

import numpy as np

from kursksim.api import load
from kursksim.engine import effects as fx
from kursksim.engine.crossings import Crossing, passage_h
from kursksim.engine.engine import Engine
from kursksim.models.combat import AxisState, RatioCombat
from kursksim.models.diplomacy import Offer
from kursksim.models.interdiction import DroneTeams, team_shares
from kursksim.models.supply import DepotSupply
from kursksim.rng import Streams
from kursksim.studies.verify.days import play_days
from kursksim.terrain.front import Ground
from kursksim.terrain.lattice import lattice

__all__ = ["LIMITS", "Limit", "Off", "shares_of_teams"]

ROUNDING = 1e-9
DRAWS = 20_000
_PLACES = {"Port": (12.0, 1.0), "Gate": (11.0, 4.0), "Ford": (13.0, 4.0), "Hill": (12.0, 12.0)}


class Off(NamedTuple):
    """How far something is from what it must be, its standard error (0 for what is exact), and the room that it has."""

    effect: float
    se: float = 0.0
    allowed: float = ROUNDING
    errors: float = 4.0

    @property
    def holds(self) -> bool:
        """Within what is allowed and so many standard errors."""
        return abs(self.effect) <= self.allowed + self.errors * self.se

    @property
    def room(self) -> str:
        """Where the effect must lie, in words."""
        return f"0 within {self.allowed:g}" + (
            f" and {self.errors:g} standard errors" if self.se else ""
        )


@dataclass(frozen=True)
class Limit:
    """One limit: its id, the law in words, and the check."""

    id: str
    says: str
    check: Callable[[], Off]
    kind: Literal["analytic", "metamorphic"] = "analytic"


def _worst(offs: Iterator[Off]) -> Off:
    """The check that is furthest beyond what it may be."""
    return max(offs, key=lambda o: abs(o.effect) - 4 * o.se - o.allowed)


# -- combat ----------------------------------------------------------------------------------------------------------

_BLUE, _RED, _C_BLUE, _C_RED, _STEPS, _DAYS = 4000.0, 7000.0, 0.004, 0.009, 200, 60


def _fight(w_loss: float) -> tuple[float, float]:
    """Men left after the days, in small steps of bare men on both sides."""
    combat = RatioCombat(
        w_loss=w_loss,
        c_holder=_C_BLUE / _STEPS,
        c_attacker=_C_RED / _STEPS,
        def_mult=1.0,
        prep_floor=1.0,
        axis_noise=0.0,
    )
    blue, red = _BLUE, _RED
    for _ in range(_DAYS * _STEPS):
        ratio = combat.ratio(AxisState(red, blue, 1.0, "prepared", 1.0, 1.0, 1.0))
        blue, red = (
            blue * (1 - combat.holder_loss(ratio, 1.0)),
            red * (1 - combat.attacker_loss(ratio)),
        )
    return blue, red


def _square() -> Off:
    blue, _ = _fight(1.0)
    t = sqrt(_C_BLUE * _C_RED) * _DAYS
    return Off(
        blue / (_BLUE * cosh(t) - _RED * sqrt(_C_BLUE / _C_RED) * sinh(t)) - 1, allowed=1 / _STEPS
    )


def _linear() -> Off:
    blue, red = _fight(0.5)
    return Off(_C_RED * (_BLUE - blue) / (_C_BLUE * (_RED - red)) - 1, allowed=1e-8)


def _logarithmic() -> Off:
    return Off(_fight(0.0)[0] / (_BLUE * exp(-_C_BLUE * _DAYS)) - 1, allowed=1 / _STEPS)


def _steady_front() -> Off:
    """Ground lost and quota kept are what has been owed: v F a day, at a speed that no ratio changes."""

    def offs() -> Iterator[Off]:
        scenario, speed = load("two-roads"), 0.05
        for pitch in (0.75, 1.5):
            terrain = lattice(
                scenario, {**_PLACES, "Gate": (10.0, 4.0), "Ford": (14.0, 4.0), "Hill": (12.0, 10.0)},
                columns=round(24 / pitch), rows=round(24 / pitch), pitch_km=pitch, held=lambda x, y: y < 16,
                front_factor=0.79,
            )  # fmt: skip
            still = {
                "axis_noise": 0.0, "c_holder": 0.0, "c_attacker": 0.0, "mud_winter": 0.0, "drone_teams": 0.0,
                "v_r15": speed, "v_r4": speed, "v_max": 10.0,
            }  # fmt: skip
            engine = Engine(scenario, seed=1, value={**scenario.value, **still}, terrain=terrain)
            start, owed = engine.world.ground.held_km2, 0.0
            for _ in range(30):
                owed += speed * sum(engine.world.ground.frontage_km)
                play_days(engine, "never", 1)
            lost = start - engine.world.ground.held_km2 + sum(engine.world.quota_km2.values())
            yield Off(lost / owed - 1)

    return _worst(offs())


# -- roads -----------------------------------------------------------------------------------------------------------


def _strikes(model: DroneTeams, launched: float, slots: int) -> tuple[np.ndarray, np.ndarray]:
    luck = Streams(11, slots).on(-1, "limits").random((DRAWS, slots + 1)).tolist()
    met = [model.strike(launched, 1.0, slots, row, row[slots], 10**9) for row in luck]
    return np.array([len(hit) for _, hit in met]), np.array([attempts for attempts, _ in met])


def _binomial() -> Off:
    def offs() -> Iterator[Off]:
        model = DroneTeams()
        for slots, launched in ((1, 0.3), (3, 4.0), (6, 12.0)):
            hit, _ = _strikes(model, launched, slots)
            p = exp(-launched * model.p_kill / slots)
            yield Off(float((slots - hit).mean()) - slots * p, sqrt(slots * p * (1 - p) / DRAWS))

    return _worst(offs())


def _poisson() -> Off:
    def offs() -> Iterator[Off]:
        for launched in (0.2, 3.0, 40.0):
            _, attempts = _strikes(DroneTeams(p_kill=0.0), launched, 3)
            yield Off(float(attempts.mean()) - launched, sqrt(launched / DRAWS))
            yield Off(
                float(attempts.var()) / launched - 1,
                sqrt((launched + 2 * launched**2) / DRAWS) / launched,
            )

    return _worst(offs())


def _unopposed_supply() -> Off:
    """Delivered is the need or what the vehicles carry, whichever is less: a fleet of three, one trip a day."""
    quiet = {
        "drone_teams": 0.0, "c_holder": 0.0, "c_attacker": 0.0, "v_max": 0.0, "night_share": 0.0, "convoy_n": 1.0,
        "round_trips": 1.0, "fleet_0": 3.0, "fleet_repl": 0.0,
    }  # fmt: skip
    scenario = load("two-roads")
    engine = Engine(scenario, seed=2, value={**scenario.value, **quiet})
    play_days(engine, "never", 20)
    carried = 3.0 * engine.models.supply.payload
    return _worst(Off(t.row["delivered_t"] / carried - 1) for t in engine.turns)


def _steady_stock() -> Off:
    model, stock, receipt, demand = DepotSupply(), 300.0, 30.0, 50.0
    for _ in range(400):
        stock += receipt
        recorded = stock
        stock -= model.fulfilment(stock, demand, receipt) * demand
    return Off(recorded / (receipt * model.tau_ration) - 1, allowed=1e-6)


def _tipping() -> Off:
    def offs() -> Iterator[Off]:
        for demand in (50.0, 290.0):
            model = DepotSupply()
            q = model.sustainable_loss(demand)
            trips = demand / (model.payload * (1 - q))
            yield Off((1 - model.repair_share) * q * trips / model.fleet_repl - 1)

    return _worst(offs())


def _crossing() -> Off:
    def offs() -> Iterator[Off]:
        supply = DepotSupply(crossing_cap=14.0)
        for load_share in (0.3, 0.6, 0.8):
            means = []
            for run in range(24):
                crossing, hour, waits = Crossing("bridge"), 0.0, []
                gaps = (
                    Streams(7, run)
                    .on(-1, "queue")
                    .exponential(1 / (load_share * 14.0), 1500)
                    .tolist()
                )
                for gap in gaps:
                    hour += gap
                    crossing.clear(hour)
                    waits.append(crossing.book(hour, passage_h(crossing, supply)))
                means.append(float(np.mean(waits[300:])))
            wanted = load_share / (2 * 14.0 * (1 - load_share))
            yield Off(
                float(np.mean(means)) - wanted, float(np.std(means, ddof=1)) / sqrt(len(means))
            )

    return _worst(offs())


def _reach() -> Off:
    model, far = DroneTeams(), np.array([1e6])
    near = np.array([0.0])
    offs = (
        Off(float(model.point_reach(far, 10.0)[0])), Off(float(model.point_reach(near, 500.0)[0]) - 1),
        Off(float(model.point_reach(np.array([50.0]), 1e9)[0]) - 1),
    )  # fmt: skip
    return _worst(iter(offs))


# -- ground and withdrawal -------------------------------------------------------------------------------------------


def _in_pocket(low: float, high: float, x: float, y: float) -> bool:
    return low <= x < high and y < 26


def _corridor() -> Off:
    def offs() -> Iterator[Off]:
        scenario = load("two-roads")
        places = {
            "Port": (15.0, 1.0),
            "Gate": (15.0, 6.0),
            "Ford": (15.0, 4.0),
            "Hill": (15.0, 14.0),
        }
        for width in (4, 7, 10):
            low, high = 15 - width / 2, 15 + width / 2
            terrain = lattice(
                scenario, places, columns=30, rows=32, border_y=4.0, east=lambda x, y: x > 15,
                held=partial(_in_pocket, low, high),
            )  # fmt: skip
            span = terrain.points.span["A2"]
            ground = Ground(terrain, 3, np.arange(span.start, span.stop), 2)
            yield Off(ground.corridor_km() - width, allowed=1.0 + 1e-6)

    return _worst(offs())


def _march_out() -> Off:
    """Days of a withdrawal that nobody follows: preparation, and the way at its speed."""
    scenario, speed, prep, strip, order = load("two-roads"), 2.0, 3.0, 1.5, 2
    alone = {
        "red_men": 0.0, "drone_teams": 0.0, "bridge_hit_rate": 0.0, "bridge_hit_surge": 0.0, "v_withdraw": speed,
        "prep_days": prep, "final_line_depth": strip,
    }  # fmt: skip
    terrain = lattice(scenario, _PLACES, held=lambda x, y: y < 18, axis=lambda x, y: int(x // 8.5))
    engine = Engine(
        scenario, seed=4, value={**scenario.value, **alone}, terrain=terrain, keep_events=True
    )
    play_days(engine, f"fixed_date:2025-01-{order + 1:02d}", 30)
    needed = ceil(prep + (engine.world.command.depth_0_km - strip) / speed - 1e-9)
    phases = [t.row["phase"] for t in engine.turns]
    men = sum(e.amount for _, _, e in engine.world.log or () if isinstance(e, fx.Lost))
    return Off(float(phases.index("final") + 1 - order - needed) + men)


def shares_of_teams(reach: dict[str, float]) -> dict[str, float]:
    """Shares of the radio teams over legs with equal traffic, by the rule of the attacker's staff."""
    return team_shares({"radio": reach}, dict.fromkeys(reach, 1.0))["radio"]


def _two_roads() -> Off:
    """Teams over two equal roads launch on each half of what they launch over one: a trip over a road of twice the
    presence under half of the rate loses the same.
    """
    model, shares = DroneTeams(), shares_of_teams({"A": 0.8, "B": 0.8})
    one = model.launched_per_hour(8.0 * sum(shares_of_teams({"A": 0.8}).values()), 0.8, 1.0)
    two = [model.launched_per_hour(8.0 * share, 0.8, 1.0) for share in shares.values()]
    return Off(max(abs(2 * rate / one - 1) for rate in two))


def _leverage() -> Off:
    areas, hazard, waiting, total = (500.0, 480.0, 480.0, 300.0, 120.0, 80.0), 0.07, 1.0, 0.0
    for area in areas:
        gain, waiting = Offer(leverage_hazard=hazard).leverage_km2(area, waiting, False)
        total += gain
    return Off(total / sum(a * hazard * (1 - hazard) ** t for t, a in enumerate(areas)) - 1)


LIMITS = (
    Limit("A1", "square law: Lanchester's hyperbolic solution", _square),
    Limit("A2", "linear law: c_R (B0 - B) = c_B (R0 - R)", _linear),
    Limit("A3", "logarithmic law: B = B0 exp(-c t)", _logarithmic),
    Limit("A4", "a steady front loses v F a day, however coarse the cells", _steady_front),
    Limit("A5", "survivors of a convoy are binomial", _binomial),
    Limit(
        "A6",
        "without an enemy, delivered is need or capacity, whichever is less",
        _unopposed_supply,
    ),
    Limit("A7", "attempts are Poisson: mean and variance", _poisson),
    Limit("A9", "a steady receipt T keeps a stock of T tau", _steady_stock),
    Limit("A10", "at q* replacements make good what is lost for ever", _tipping),
    Limit("A11", "mean waits at a crossing are those of M/D/1", _crossing),
    Limit("A12", "reach is 0 far away, 1 near, 1 without a range", _reach),
    Limit("A13", "the corridor of a rectangular pocket is as wide as the pocket", _corridor),
    Limit(
        "A14",
        "a withdrawal without an enemy takes ceil(prep + depth / v) days and costs nobody",
        _march_out,
    ),
    Limit("A15", "on each of two equal roads teams launch half", _two_roads),
    Limit("A16", "leverage is the sum of A h (1 - h)^t", _leverage),
)
"""Every limit, in the order of its id."""
