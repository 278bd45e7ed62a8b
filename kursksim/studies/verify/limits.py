"""Analytic limits: cases of the models that have a closed form. Each measures how far off they are.

A check that draws luck has a standard error and may be four of them off; one that does not may be
off by rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, cosh, exp, fsum, sinh, sqrt
from typing import Literal, NamedTuple

import numpy as np
import simpy
from numpy.typing import NDArray
from simpy.events import ProcessGenerator

from kursksim.engine import effects as fx
from kursksim.engine.crossings import Crossing, Passage, cross
from kursksim.engine.engine import Engine
from kursksim.models.combat import AxisState, RatioCombat
from kursksim.models.diplomacy import Offer
from kursksim.models.interdiction import DroneTeams, team_shares
from kursksim.models.supply import DepotSupply
from kursksim.rng import Streams
from kursksim.studies.verify.bench import attackers, bench, places_at, teams
from kursksim.studies.verify.days import play_days
from kursksim.terrain.front import Ground
from kursksim.terrain.lattice import lattice

__all__ = ["LIMITS", "Limit", "Off", "shares_of_teams"]

Ints = NDArray[np.intp]
ROUNDING = 1e-9
DRAWS = 20_000


class Off(NamedTuple):
    """A distance from the right value, its standard error (0 for an exact one), and its room."""

    effect: float
    se: float = 0.0
    allowed: float = ROUNDING
    errors: float = 4.0

    @property
    def holds(self) -> bool:
        """Whether it lies within its room."""
        return abs(self.effect) <= self.allowed + self.errors * self.se

    @property
    def room(self) -> str:
        """The values that the effect may have, in words."""
        errors = f" and {self.errors:g} standard errors" if self.se else ""
        return f"0 within {self.allowed:g}{errors}"


@dataclass(frozen=True)
class Limit:
    """One limit: its id, the law in words, and the cases that are checked."""

    id: str
    says: str
    cases: Callable[[], Iterable[Off]]
    kind: Literal["analytic", "metamorphic"] = "analytic"

    def check(self) -> Off:
        """The case that is furthest beyond its room."""
        return max(self.cases(), key=lambda o: abs(o.effect) - o.errors * o.se - o.allowed)


# -- combat --------------------------------------------------------------------------------------

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
        blue *= 1 - combat.holder_loss(ratio, 1.0)
        red *= 1 - combat.attacker_loss(ratio)
    return blue, red


def _square() -> Iterator[Off]:
    blue, _ = _fight(1.0)
    t = sqrt(_C_BLUE * _C_RED) * _DAYS
    left = _BLUE * cosh(t) - _RED * sqrt(_C_BLUE / _C_RED) * sinh(t)
    yield Off(blue / left - 1, allowed=1 / _STEPS)


def _linear() -> Iterator[Off]:
    blue, red = _fight(0.5)
    yield Off(_C_RED * (_BLUE - blue) / (_C_BLUE * (_RED - red)) - 1, allowed=1e-8)


def _logarithmic() -> Iterator[Off]:
    yield Off(_fight(0.0)[0] / (_BLUE * exp(-_C_BLUE * _DAYS)) - 1, allowed=1 / _STEPS)


def _steady_front() -> Iterator[Off]:
    """Ground lost and quota kept are what is owed: v F a day, at a speed that no ratio changes."""
    scenario, speed = bench(), 0.05
    places = places_at(scenario, (12.0, 1.0), ((10.0, 4.0), (14.0, 4.0)), (12.0, 10.0))
    still = dict.fromkeys(
        ("axis_noise", "c_holder", "c_attacker", "mud_winter", teams(scenario)), 0.0
    )
    still |= {"v_r15": speed, "v_r4": speed, "v_max": 10.0}
    for pitch in (0.75, 1.5):
        terrain = lattice(
            scenario,
            places,
            columns=round(24 / pitch),
            rows=round(24 / pitch),
            pitch_km=pitch,
            held=lambda x, y: y < 16,
            front_factor=0.79,
        )
        engine = Engine(scenario, seed=1, value={**scenario.value, **still}, terrain=terrain)
        start, owed = engine.world.ground.held_km2, 0.0
        for _ in range(30):
            owed += speed * fsum(engine.world.ground.frontage_km)
            play_days(engine, "never", 1)
        lost = start - engine.world.ground.held_km2 + fsum(engine.world.quota_km2.values())
        yield Off(lost / owed - 1)


# -- roads ---------------------------------------------------------------------------------------


def _strikes(model: DroneTeams, launched: float, targets: int) -> tuple[Ints, Ints]:
    """Hits and attempts of many convoys, each with its own luck."""
    streams, hits, attempts = Streams(11, targets), [], []
    for k, u in enumerate(streams.uniforms(-1, f"limits/{launched}", DRAWS)):
        met = model.strike(launched, 1.0, targets, u, 10**9, partial(streams.uniforms, k, "hit"))
        hits.append(len(met.fates))
        attempts.append(met.attempts)
    return np.array(hits), np.array(attempts)


def _binomial() -> Iterator[Off]:
    model = DroneTeams()
    for n, launched in ((1, 0.3), (3, 4.0), (6, 12.0)):
        hit, _ = _strikes(model, launched, n)
        p = exp(-launched * model.p_kill / n)
        yield Off(float((n - hit).mean()) - n * p, sqrt(n * p * (1 - p) / DRAWS))


def _poisson() -> Iterator[Off]:
    for launched in (0.2, 3.0, 40.0):
        _, attempts = _strikes(DroneTeams(p_kill=0.0), launched, 3)
        yield Off(float(attempts.mean()) - launched, sqrt(launched / DRAWS))
        # the variance of a sample variance, from the fourth moment of a Poisson count
        se = sqrt((launched + 2 * launched**2) / DRAWS) / launched
        yield Off(float(attempts.var()) / launched - 1, se)


def _unopposed_supply() -> Iterator[Off]:
    """Delivered is the lesser of need and capacity: a fleet of three, one trip a day."""
    scenario = bench()
    quiet = dict.fromkeys(
        (teams(scenario), "c_holder", "c_attacker", "v_max", "night_share", "fleet_repl"), 0.0
    )
    quiet |= {"convoy_n": 1.0, "round_trips": 1.0, "fleet_0": 3.0}
    engine = Engine(scenario, seed=2, value={**scenario.value, **quiet})
    play_days(engine, "never", 20)
    carried = 3.0 * engine.models.supply.payload
    yield from (Off(t.row["delivered_t"] / carried - 1) for t in engine.turns)


def _steady_stock() -> Iterator[Off]:
    model, stock, receipt, demand = DepotSupply(), 300.0, 30.0, 50.0
    for _ in range(400):
        stock += receipt
        recorded = stock
        stock -= model.fulfilment(stock, demand, receipt) * demand
    yield Off(recorded / (receipt * model.tau_ration) - 1, allowed=1e-6)


def _tipping() -> Iterator[Off]:
    model = DepotSupply()
    for demand in (50.0, 290.0):
        q = model.sustainable_loss(demand)
        trips = demand / (model.payload * (1 - q))
        yield Off((1 - model.repair_share) * q * trips / model.fleet_repl - 1)


def _crossing() -> Iterator[Off]:
    supply = DepotSupply(crossing_cap=14.0)
    for load_share in (0.3, 0.6, 0.8):
        means = []
        for run in range(24):
            gaps = Streams(7, run).on(-1, "queue").exponential(1 / (load_share * 14.0), 1500)
            # the first are left out, as the queue opens empty
            means.append(float(np.mean(_waits(np.cumsum(gaps).tolist(), supply)[300:])))
        wanted = load_share / (2 * 14.0 * (1 - load_share))
        se = float(np.std(means, ddof=1)) / sqrt(len(means))
        yield Off(float(np.mean(means)) - wanted, se)


def _waits(arrivals: Sequence[float], supply: DepotSupply) -> list[float]:
    """Hours that each arrival at a bridge waits."""
    env, bridge = simpy.Environment(), Crossing("bridge")
    lane = simpy.Resource(env)
    passages = [Passage(bridge.id, hour, place) for place, hour in enumerate(arrivals)]

    def come(passage: Passage) -> ProcessGenerator:
        yield env.timeout(passage.came)
        yield from cross(env, lane, passage, bridge, supply)

    for passage in passages:
        env.process(come(passage))
    env.run()
    return [passage.waited_h for passage in passages]


def _reach() -> Iterator[Off]:
    model = DroneTeams()
    for km, range_km, wanted in ((1e6, 10.0, 0.0), (0.0, 500.0, 1.0), (50.0, 1e9, 1.0)):
        yield Off(float(model.point_reach(np.array([km]), range_km)[0]) - wanted)


# -- ground and withdrawal -----------------------------------------------------------------------


def _in_pocket(low: float, high: float, x: float, y: float) -> bool:
    return low <= x < high and y < 26


def _corridor() -> Iterator[Off]:
    scenario = bench()
    places = places_at(scenario, (15.0, 1.0), ((15.0, 6.0), (15.0, 4.0)), (15.0, 14.0))
    for width in (4, 7, 10):
        terrain = lattice(
            scenario,
            places,
            columns=30,
            rows=32,
            border_y=4.0,
            east=lambda x, y: x > 15,
            held=partial(_in_pocket, 15 - width / 2, 15 + width / 2),
        )
        span = terrain.points.span[scenario.supply.watched_legs[0]]
        ground = Ground(terrain, 3, np.arange(span.start, span.stop), 2)
        # the walls follow the cells, so a cell is allowed
        yield Off(ground.corridor_km() - width, allowed=1.0 + 1e-6)


def _march_out() -> Iterator[Off]:
    """Days of a withdrawal that nobody follows: preparation, and the way at its speed."""
    scenario, speed, prep, strip, order = bench(), 2.0, 3.0, 1.5, 2
    unhurt = (*attackers(scenario), teams(scenario), "bridge_hit_rate", "bridge_hit_surge")
    alone = dict.fromkeys(unhurt, 0.0)
    places = places_at(scenario, (12.0, 1.0), ((11.0, 4.0), (13.0, 4.0)), (12.0, 12.0))
    alone |= {"v_withdraw": speed, "prep_days": prep, "final_line_depth": strip}
    terrain = lattice(scenario, places, held=lambda x, y: y < 18, axis=lambda x, y: int(x // 8.5))
    engine = Engine(
        scenario, seed=4, value={**scenario.value, **alone}, terrain=terrain, keep_events=True
    )
    play_days(engine, f"fixed_date:{scenario.date(order)}", 30)
    # less a trifle, so that rounding adds no day to a whole number of them
    needed = ceil(prep + (engine.world.command.depth_0_km - strip) / speed - 1e-9)
    phases = [t.row["phase"] for t in engine.turns]
    men = fsum(e.amount for _, _, e in engine.world.log or () if isinstance(e, fx.Lost))
    yield Off(float(phases.index("final") + 1 - order - needed) + men)


def shares_of_teams(reach: dict[str, float]) -> dict[str, float]:
    """Shares of the radio teams over legs with equal traffic, by the rule of the staff."""
    return team_shares({"radio": reach}, dict.fromkeys(reach, 1.0))["radio"]


def _two_roads() -> Iterator[Off]:
    """Teams over two equal roads launch half as much over each.

    A trip over a road of twice the presence under half of the rate loses the same.
    """
    model = DroneTeams()
    one = model.launched_per_hour(8.0 * fsum(shares_of_teams({"A": 0.8}).values()), 0.8, 1.0)
    for share in shares_of_teams({"A": 0.8, "B": 0.8}).values():
        yield Off(2 * model.launched_per_hour(8.0 * share, 0.8, 1.0) / one - 1)


def _leverage() -> Iterator[Off]:
    areas, hazard, waiting, total = (500.0, 480.0, 480.0, 300.0, 120.0, 80.0), 0.07, 1.0, 0.0
    for area in areas:
        gain, waiting = Offer(leverage_hazard=hazard).leverage_km2(area, waiting, False)
        total += gain
    yield Off(total / fsum(a * hazard * (1 - hazard) ** t for t, a in enumerate(areas)) - 1)


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
