"""A12 in whole campaigns: drones of boundless range are drones without a range, those of none are no drones."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.models.interdiction import DroneTeams
from kursksim.studies.verify.days import play_days

DAYS = 21


@dataclass(frozen=True)
class Everywhere(DroneTeams):
    """Teams that reach every road from wherever they are."""

    def point_reach(self, distance_km: NDArray[np.float64], range_km: float) -> NDArray[np.float64]:
        return np.ones_like(distance_km, dtype=float)


def played(
    seed: int, *, everywhere: bool = False, **change: float
) -> dict[str, dict[str, list[Any]]]:
    """Every table of a campaign."""
    scenario = ks.load("two-roads")
    engine = Engine(scenario, seed=seed, value={**scenario.value, **change})
    if everywhere:
        old = engine.models.interdiction
        made = Everywhere(**{f.name: getattr(old, f.name) for f in fields(DroneTeams)})
        engine.models = engine.world.models = engine.models._replace(interdiction=made)
    play_days(engine, scenario.policies["holder"], DAYS, scenario.policies["attacker"])
    return {
        name: {k: list(c) for k, c in table.columns.items()}
        for name, table in engine.tables.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_boundless_range_is_no_range(seed: int) -> None:
    """A12: R to infinity gives the model without a range, to the last digit of every table."""
    far = played(seed, R_radio=1e9, R_fibre_0=1e9, R_fibre_1=1e9)
    assert set(far["legs"]["reach_radio"]) == set(far["legs"]["reach_fibre"]) == {1.0}
    assert repr(far) == repr(played(seed, everywhere=True))
    assert sum(far["daily"]["vehicles_lost"]) > 0
    assert repr(far) != repr(played(seed))


@pytest.mark.parametrize("seed", range(3))
def test_roads_out_of_all_reach_are_roads_without_drones(seed: int) -> None:
    """A12: d to infinity, as seen from drones whose range ends far short of the road: the tables are those of a
    campaign without teams, but for the teams themselves.
    """
    blind = {"R_radio": -500.0, "R_fibre_0": -500.0, "R_fibre_1": -500.0}
    short, none = played(seed, **blind), played(seed, **blind, drone_teams=0.0)
    assert max(short["daily"]["drone_teams"]) > 0
    assert max(short["legs"]["reach_radio"] + short["legs"]["reach_fibre"]) < 1e-20
    for found in (short, none):
        del found["daily"]["drone_teams"], found["legs"]["teams"]
    assert repr(short) == repr(none)


@pytest.mark.parametrize("kind", ["radio", "fibre"])
def test_roads_under_the_enemys_eyes_are_reached_in_full(kind: str) -> None:
    """A12: d << R gives 1, for each type by its own range."""
    km = {"radio": 5.0, "fibre": 5.0, kind: 65.0}
    legs = played(0, R_radio=km["radio"], R_fibre_0=km["fibre"], R_fibre_1=km["fibre"])["legs"]
    other = {"radio": "fibre", "fibre": "radio"}[kind]
    assert min(legs[f"reach_{kind}"]) > 1 - 1e-12
    assert max(legs[f"reach_{other}"]) < 1
