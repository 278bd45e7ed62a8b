"""Exact relations on small campaigns: metamorphic ones that need no statistics, and the stability of a mean."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import numpy as np

from kursksim.api import load
from kursksim.engine.campaign import play
from kursksim.models.combat import RatioCombat
from kursksim.models.interdiction import DroneTeams
from kursksim.models.supply import DepotSupply
from kursksim.studies.verify.limits import Limit, Off, shares_of_teams
from kursksim.studies.verify.mirror import apart_km2

__all__ = ["EXACT"]


def _nearer() -> Off:
    """A front nearer to one leg: its reach rises and no other's changes; teams that are sent anew go to it, and none is
    lost. (That expected kills do not fall with re-allocation is not so: teams in proportion to traffic times reach can
    leave a better leg for one that has become a little less poor.)
    """
    model, km = DroneTeams(), np.array([12.0, 9.0, 15.0])
    before, after = (
        model.point_reach(d, model.R_radio) for d in (km, km - np.array([3.0, 0.0, 0.0]))
    )
    old, new = (
        shares_of_teams(dict(zip("ABC", reach.tolist(), strict=True))) for reach in (before, after)
    )
    lost = abs(sum(old.values()) - 1) + abs(sum(new.values()) - 1)
    wrong = max(0.0, float(before[0] - after[0])) + max(0.0, old["A"] - new["A"])
    return Off(float(np.abs(after - before)[1:].sum()) + lost + wrong)


def _permuted() -> Off:
    """Rows in another order, the same campaign."""
    scenario = load("two-roads")
    turned = scenario.model_copy(
        update={
            name: tuple(reversed(getattr(scenario, name)))
            for name in ("legs", "places", "parameters", "sources")
        }
    )
    one, other = (
        play(s, seed=3, last_day=9).tables["daily"].columns["held_km2"] for s in (scenario, turned)
    )
    return Off(float(np.abs(np.asarray(one) - np.asarray(other)).max()))


def _split_convoy() -> Off:
    """A convoy of six as two of three on the leg together: the same exponent at theta 1, the double at theta 0."""

    def exponent(theta: float, convoys: int) -> float:
        model = DroneTeams(swamp_theta=theta)
        return model.dilution(convoys) * model.p_kill / (6 / convoys)

    return Off(exponent(1.0, 2) / exponent(1.0, 1) - 1 + exponent(0.0, 2) / exponent(0.0, 1) - 2)


def _more_runs() -> Off:
    """The mean of four hundred runs is that of the first hundred, within two standard errors of these."""
    scenario = load("two-roads")
    held = [
        play(scenario, seed=9, replication=k, last_day=9).tables["daily"].columns["held_km2"][-1]
        for k in range(400)
    ]
    first, rest = np.array(held[:100]), np.array(held[100:])
    se = sqrt(first.var(ddof=1) / 100 + rest.var(ddof=1) / 300)
    return Off(float(rest.mean() - first.mean()), se, errors=2.0)


def _mud() -> Off:
    """Each link by itself: mud slows legs without pavement and no others, and slows an advance. (Losses on the watched
    road go the other way: it is paved, and a slower front stays further from it.)
    """
    supply, combat = DepotSupply(), RatioCombat()
    paved, tracks = ([supply.speed_km_h(p, m, 0.0) for m in (0.0, 0.5, 1.0)] for p in (True, False))
    advance = [combat.advance_km(2.0, m) for m in (0.0, 0.5, 1.0)]
    wrong = sum(max(0.0, b - a) for speeds in (tracks, advance) for a, b in pairwise(speeds))
    idle = sum(float(a == b) for speeds in (tracks, advance) for a, b in pairwise(speeds))
    return Off(max(paved) - min(paved) + wrong + idle)


def _mirrored() -> Off:
    return Off(apart_km2())


EXACT = (
    Limit(
        "M10", "a nearer front moves that leg's reach alone, and not down", _nearer, "metamorphic"
    ),
    Limit("M11x", "mud slows tracks and advances, and no paved road", _mud, "metamorphic"),
    Limit("M19", "a campaign in the mirror loses the same ground", _mirrored, "metamorphic"),
    Limit("M20", "permuted rows are the same campaign", _permuted, "metamorphic"),
    Limit(
        "M22",
        "a convoy split in two: the same exponent at theta 1, double at 0",
        _split_convoy,
        "metamorphic",
    ),
    Limit("M24", "a hundred runs more or less: the same mean", _more_runs, "metamorphic"),
)
"""Every exact relation, in the order of its id."""
