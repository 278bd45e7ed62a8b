"""Each law is spelled once: with floats, with a row and with a batch of parameter sets it gives the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kursksim import arrays
from kursksim.models.air import Bombs
from kursksim.models.assault import AssaultStock
from kursksim.models.base import infos
from kursksim.models.combat import AxisState, RatioCombat
from kursksim.models.interdiction import DroneTeams, leg_shares, team_shares
from kursksim.models.supply import DepotSupply
from kursksim.models.weather import Winter
from kursksim.models.withdrawal import PhaseLines

SETS, PLACES, SAME = 40, 12, 1e-12
SHARES = np.array([0.0, 1e-9, 0.3, 0.99, 1.0])
"""Edges of a share; others lie between."""
POSTURES = ("prepared", "hasty", "delaying", "final")


def figures(rng: np.random.Generator, low: float, high: float, *edges: float) -> np.ndarray:
    """Random numbers for every place, with the edges among them."""
    found = rng.uniform(low, high, PLACES)
    found[: len(edges)] = edges
    return rng.permutation(found)


def shares(rng: np.random.Generator) -> np.ndarray:
    return figures(rng, 0.0, 1.0, *SHARES)


def ratios(rng: np.random.Generator) -> np.ndarray:
    return figures(rng, 0.05, 30.0, 0.0, 1e-300, 0.01, 1e9, math.inf)


def amounts(rng: np.random.Generator) -> np.ndarray:
    return figures(rng, 0.0, 900.0, 0.0, 1e-9, 1e6)


def ratio(m: Any, *inputs: Any) -> Any:
    return m.ratio(AxisState(*inputs))


def postures(rng: np.random.Generator) -> np.ndarray:
    return rng.choice(POSTURES, PLACES)


LAWS: dict[str, tuple[type, Callable[..., Any], tuple[Callable[..., np.ndarray], ...]]] = {
    "supplied power": (RatioCombat, RatioCombat.supplied_power, (shares,)),
    "posture": (RatioCombat, RatioCombat.posture_factor, (postures, shares)),
    "ratio": (
        RatioCombat,
        ratio,
        (amounts, amounts, shares, postures, shares, amounts, shares),
    ),
    "advance": (RatioCombat, RatioCombat.advance_km, (ratios, shares)),
    "holder's loss": (RatioCombat, RatioCombat.holder_loss, (ratios, shares)),
    "attacker's loss": (RatioCombat, RatioCombat.attacker_loss, (ratios,)),
    "preparation": (RatioCombat, RatioCombat.next_preparation, (shares, shares, shares)),
    "trips wanted": (DepotSupply, DepotSupply.vehicles_wanted, (amounts, amounts, shares)),
    "dispatch": (DepotSupply, DepotSupply.dispatch_share, (shares,)),
    "fulfilment": (DepotSupply, DepotSupply.fulfilment, (amounts, amounts, amounts)),
    "speed": (
        DepotSupply,
        DepotSupply.speed_km_h,
        (lambda rng: rng.random(PLACES) < 0.5, shares, amounts),
    ),
    "attempts": (DroneTeams, DroneTeams.launched_per_hour, (amounts, shares, shares)),
    "pass": (DroneTeams, DroneTeams.pass_share, (amounts, amounts, shares)),
    "dilution": (DroneTeams, DroneTeams.dilution, (amounts,)),
    "bombs": (Bombs, Bombs.power_gain, (amounts, shares)),
    "wear": (Bombs, Bombs.wear, (amounts, shares)),
    "fatigue": (PhaseLines, PhaseLines.tired, (amounts,)),
    "fibre drones": (DroneTeams, DroneTeams.growth, (lambda rng: figures(rng, 0, 130, 20, 87),)),
    "mud": (Winter, Winter.mud, (lambda rng: figures(rng, 0, 160, 68, 91, 97).round(),)),
}


def batch_of(cls: type, rng: np.random.Generator) -> tuple[Any, list[Any]]:
    """A model of many sets drawn from their ranges, ends included, and the same sets one by one."""
    columns = {}
    for name, info in infos(cls).items():
        drawn = rng.uniform(info.low, info.high, (SETS, 1))
        drawn[:2, 0] = info.low, info.high
        columns[name] = np.maximum(drawn, max(info.at_least, 0.0))
    if cls is DepotSupply:
        columns["stock_target"] = np.maximum(columns["stock_target"], columns["tau_ration"])
    singles = [cls(**{n: float(c[k, 0]) for n, c in columns.items()}) for k in range(SETS)]
    return cls(**columns), singles


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("seed", range(3))
def test_a_law_is_the_same_for_floats_rows_and_batches(law: str, seed: int) -> None:
    cls, function, kinds = LAWS[law]
    rng = np.random.default_rng([seed, *law.encode()])
    batch, singles = batch_of(cls, rng)
    inputs = [kind(rng) for kind in kinds]
    together = function(batch, *(values[None, :] for values in inputs))
    assert together.shape == (SETS, PLACES)
    for k, model in enumerate(singles):
        one_by_one = [
            function(model, *(values.tolist()[place] for values in inputs))
            for place in range(PLACES)
        ]
        assert all(type(x) in (float, int) for x in one_by_one)
        assert function(model, *inputs) == pytest.approx(one_by_one, rel=SAME, abs=1e-300)
        assert together[k] == pytest.approx(one_by_one, rel=SAME, abs=1e-300)


@pytest.mark.parametrize("seed", range(3))
def test_sums_over_places_are_the_same_for_a_row_and_a_batch(seed: int) -> None:
    """Demand of the axes, and teams over the legs: also where no traffic is known or nothing is reached."""
    rng = np.random.default_rng(seed)
    supply, one_by_one = batch_of(DepotSupply, rng)
    men, pressure = amounts(rng), 2 * shares(rng)
    found = supply.demand_t(men[None, :], pressure[None, :])
    assert found[:, 0] == pytest.approx([m.demand_t(men, pressure) for m in one_by_one], rel=SAME)
    reach = np.array([shares(rng), shares(rng), np.zeros(PLACES), shares(rng)])
    traffic = np.array([amounts(rng), np.zeros(PLACES), amounts(rng), 1e-14 * amounts(rng)])
    rows = leg_shares(reach, traffic)
    legs = [f"leg {k}" for k in range(PLACES)]
    for row, over, seen in zip(rows, reach.tolist(), traffic.tolist(), strict=True):
        table = team_shares(
            {"radio": dict(zip(legs, over, strict=True))}, dict(zip(legs, seen, strict=True))
        )
        assert row == pytest.approx([table["radio"].get(g, 0.0) for g in legs], rel=SAME)
        assert row.sum() == pytest.approx(1.0 if any(over) else 0.0)


def test_reach_over_points_is_that_of_a_batch() -> None:
    rng = np.random.default_rng(8)
    drones, singles = batch_of(DroneTeams, rng)
    km = np.concatenate([rng.uniform(0, 40, 30), [0.0, 1e4, math.inf]])
    for day in (0.0, 40.0, 120.0):
        for kind, range_km in enumerate(drones.ranges_km(day)):
            found = drones.point_reach(km, range_km)
            for k, model in enumerate(singles):
                wanted = model.point_reach(km, model.ranges_km(day)[kind])
                assert found[k] == pytest.approx(wanted, rel=SAME)


@pytest.mark.parametrize("value", [0.0, 1e-300, 0.3, 1.0, 7.0, 600.0])
def test_functions_of_numbers_are_those_of_python(value: float) -> None:
    row, batch = np.full(3, value), np.full((2, 3), value)
    for x in (row, batch):
        assert arrays.exp(x).ravel()[0] == pytest.approx(math.exp(value), rel=SAME)
        assert arrays.power(x, 0.7).ravel()[0] == pytest.approx(value**0.7, rel=SAME, abs=0)
        if value > 0:
            assert arrays.log(x).ravel()[0] == pytest.approx(math.log(value), rel=SAME)
            assert arrays.power(x, -0.25).ravel()[0] == pytest.approx(value**-0.25, rel=SAME)


def test_a_batch_with_one_bad_set_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="stock_target 3 to 9 is below tau_ration"):
        DepotSupply(stock_target=np.array([[3.0], [9.0]]), tau_ration=5.0)
    with pytest.raises(ValueError, match="fly_mean"):
        Winter(fly_mean=np.array([[0.4], [0.7]]), fly_bad=0.5)
    with pytest.raises(ValueError, match="assault_lo 100 to 9999"):
        AssaultStock(assault_lo=np.array([[100.0], [9999.0]]), assault_hi=9000.0)
