"""The exact chain of a small force: a few vehicles in one convoy that run the same gauntlet, leg after leg, day by day.

Men are a continuum here, and given the day's ratio their losses are certain, so there is no chain of men to be laid
beside them; what luck makes of them is in the tests of the battle. Vehicles are counted one by one. On a leg with m
attempts to be expected, each of n vehicles comes through with chance exp(-m p / n): the survivors of n are binomial,
the number left after a leg is a Markov chain whose transition matrix has these rows, a trip is the product of the
matrices of its legs out and home, and nought absorbs. Fewer vehicles are each aimed at more often, so what comes back
from a trip is not binomial itself.
"""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from numpy.typing import NDArray
from road_kit import LEVEL, drive, of_kind, same_law
from scipy import stats

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.engine import Engine

FLEET = 6
LETHAL = {"A1": 0.3, "A2": 0.7}
"""Attempts on a leg, to be expected each way, that would each destroy a vehicle."""
P_KILL, SPEED = 0.9, 500.0

Chances = NDArray[np.float64]


def on_leg(lethal: float) -> Chances:
    """Chances of n vehicles (rows) to be so many after a leg (columns)."""
    rows = [
        stats.binom.pmf(np.arange(FLEET + 1), n, exp(-lethal / n) if n else 1.0)
        for n in range(FLEET + 1)
    ]
    return np.array(rows)


def way(share: float = 1.0) -> Chances:
    """The same for the way out, under a share of the attempts; the way home is as long, and its legs come in the other
    order.
    """
    return on_leg(share * LETHAL["A1"]) @ on_leg(share * LETHAL["A2"])


def home(share: float = 1.0) -> Chances:
    return on_leg(share * LETHAL["A2"]) @ on_leg(share * LETHAL["A1"])


def gauntlet(days: int, trips: float, convoy: float, share: float = 1.0, **more: float) -> Engine:
    """Days on the west road. All trips begin by day, so that nobody is on the road at midnight."""
    km = {leg.id: leg.length_km for leg in ks.load("two-roads").legs}
    rate = {
        g: share * lethal / P_KILL / (km[g] / SPEED) for g, lethal in LETHAL.items()
    }  # an hour of presence
    whole = sum(rate.values())
    return drive(
        days, trips, {g: r / whole for g, r in rate.items()}, night_share=0.0, p_kill=P_KILL, v_road=SPEED,
        convoy_n=convoy, sorties_team=24 * whole / 8, **more,
    )  # fmt: skip


@pytest.mark.parametrize("vehicles", [2, 4, FLEET])
def test_a_convoy_comes_through_as_the_chain_of_its_legs(vehicles: int) -> None:
    """Many convoys of as many vehicles: how many of them arrive, and how many of those come home, together."""
    engine = gauntlet(3, 400.0 * vehicles, vehicles)
    sent = {e.subject: e.amount for _, e in of_kind(engine, fx.ConvoySent)}
    arrived = {
        e.subject: round(e.amount / engine.models.supply.payload)
        for _, e in of_kind(engine, fx.Delivered)
    }
    back = {e.subject: e.amount for _, e in of_kind(engine, fx.Returned)}
    seen = np.zeros((FLEET + 1, FLEET + 1))
    for name, n in sent.items():
        if n == vehicles:  # the last of a day may be shorter
            seen[arrived.get(name, 0), back.get(name, 0)] += 1
    assert seen.sum() > 1100
    chance = way()[vehicles][:, None] * home()
    assert same_law(seen, chance) > LEVEL / 3  # three convoys are asked


@pytest.mark.slow
def test_a_small_fleet_dies_out_as_its_chain_does() -> None:
    """A fleet that goes out together every day and is not replaced: what is left of it after days, against powers of the
    matrix; an absorbed fleet stays absorbed.
    """
    runs, days, share, middle = 80, 6, 0.5, 3
    played = [gauntlet(days, 1e3, 10.0, share, fleet_0=FLEET, replication=k) for k in range(runs)]
    left = np.array([[t.row["vehicles_serviceable"] for t in engine.turns] for engine in played])
    sent = np.array([[t.row["trips"] for t in engine.turns] for engine in played])
    assert (sent == np.column_stack([np.full(runs, FLEET), left[:, :-1]])).all()
    step = way(share) @ home(share)
    for day in (middle, days):
        chance = np.linalg.matrix_power(step, day)[FLEET]
        seen = np.bincount(left[:, day - 1], minlength=FLEET + 1).astype(float)
        assert same_law(seen, chance) > LEVEL / 2
    assert 0.2 < np.linalg.matrix_power(step, days)[FLEET, 0] < 0.8
