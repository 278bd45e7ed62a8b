"""Roads on which theory knows the answer: two-roads played with given orders, under a hazard that is the same always.

Every leg is reached in full and flown over on every day, a convoy meets the same however many others there are, nothing
wears the roads out and no ground is lost. What changes the hazard is then what a test changes.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.orders import AttackerOrders, HolderOrders
from kursksim.terrain.hexmap import HexMap

T = TypeVar("T")

__all__ = ["EVEN", "LEVEL", "drive", "of_kind", "same_law"]

LEVEL = 1e-3
"""Chance that a test of luck fails although all is well, had its seed not been fixed; shared out over its questions."""

EVEN = {
    "R_radio": 1e6, "R_fibre_0": 1e6, "R_fibre_1": 1e6, "fly_mean": 1.0, "night_factor": 1.0, "ew_eff": 0.0,
    "swamp_theta": 0.0, "wreck_w0": 1e9, "mud_winter": 0.0, "v_road": 500.0, "load_hours": 0.1, "convoy_n": 1.0,
    "fleet_0": 1e6, "fleet_repl": 0.0, "repair_share": 0.0, "repair_bays": 1e6, "crossing_cap": 1e6, "round_trips": 1.0,
    "drone_teams": 8.0, "sorties_team": 240.0, "airframes_day": 1e6, "airframes_store": 1.0, "p_kill": 0.3,
    "bridge_hit_rate": 0.0, "bridge_hit_surge": 0.0, "v_max": 0.0, "c_holder": 0.0, "c_attacker": 0.0, "crew_loss": 0.0,
}  # fmt: skip


def drive(
    days: int, trips: float, legs: dict[str, float], *, seed: int = 1, replication: int = 0,
    routes: dict[str, float] | None = None, night_share: float = 0.5, terrain: HexMap | None = None, **change: float,
) -> Engine:  # fmt: skip
    """Whole days, dawn to dusk, with as many trips each; teams of both types stand over the legs in the given shares.

    Parameters
    ----------
    days : int
    trips : float
        Vehicles sent a day, as far as there are any.
    legs, routes : dict of str to float
        Shares of the teams and of the trips.
    change : float
        Parameters over those of ``EVEN``.
    """
    scenario = ks.load("two-roads")
    at_once = tuple(
        i.model_copy(update={"date": scenario.start}) for i in scenario.inputs
    )  # the teams come on day 0
    scenario = scenario.model_copy(update={"inputs": at_once})
    value = {**scenario.value, **EVEN, **change}
    engine = Engine(
        scenario, seed=seed, replication=replication, value=value, terrain=terrain, keep_events=True
    )
    red = AttackerOrders(leg_shares={"radio": legs, "fibre": legs})
    blue = HolderOrders(
        vehicles=trips, night_share=night_share, route_shares=routes or {"west": 1.0}
    )
    for _ in range(days):
        engine.step({"holder": blue, "attacker": red})
    return engine


def of_kind(engine: Engine, kind: type[T]) -> list[tuple[float, T]]:
    """Applied effects of one kind, with their hours of the campaign."""
    return [(24 * day + hour, e) for day, hour, e in engine.world.log or () if isinstance(e, kind)]


def same_law(seen: NDArray[np.float64], chance: NDArray[np.float64]) -> float:
    """P-value of counts against the chances of a law (Pearson); rare outcomes are counted together until five are
    expected.
    """
    expected, seen = chance.ravel() * seen.sum(), seen.ravel()
    assert abs(chance.sum() - 1) < 1e-9
    if seen[expected <= 0].any():  # what cannot happen has
        return 0.0
    pooled = [[0.0, 0.0]]
    for k in np.argsort(expected)[::-1]:
        if pooled[-1][1] >= 5:
            pooled.append([0.0, 0.0])
        pooled[-1][0] += seen[k]
        pooled[-1][1] += expected[k]
    if pooled[-1][1] < 5:
        rare = pooled.pop()
        pooled[-1] = [a + b for a, b in zip(pooled[-1], rare, strict=True)]
    value = sum((o - e) ** 2 / e for o, e in pooled)
    return float(stats.chi2.sf(value, len(pooled) - 1))
