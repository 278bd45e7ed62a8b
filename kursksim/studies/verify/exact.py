"""Exact relations on small campaigns: metamorphic ones without luck, stability of a mean."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import fsum, sqrt
from typing import Any

import numpy as np

from kursksim.api import with_changes
from kursksim.engine.campaign import play
from kursksim.models.combat import RatioCombat
from kursksim.models.interdiction import DroneTeams
from kursksim.models.supply import DepotSupply
from kursksim.scenario.schema import Scenario
from kursksim.studies.verify.bench import axes_from_the_west, bench
from kursksim.studies.verify.chance import lasting
from kursksim.studies.verify.limits import Limit, Off, shares_of_teams
from kursksim.studies.verify.mirror import apart_km2

__all__ = ["EXACT"]


def _held(scenario: Scenario, seed: int, replication: int = 0) -> list[float]:
    """Held area by day, over ten days."""
    run = play(scenario, seed=seed, replication=replication, last_day=9)
    return list(run.tables["daily"].columns["held_km2"])


def _nearer() -> Iterator[Off]:
    """A front nearer to one leg: its reach rises, no other's changes, and teams go to it.

    Expected kills may fall with the new allocation: teams in proportion to traffic times reach can
    leave a better leg for one that has become a little less poor.
    """
    model, km = DroneTeams(), np.array([12.0, 9.0, 15.0])
    nearer = km - np.array([3.0, 0.0, 0.0])
    before, after = (model.point_reach(d, model.R_radio) for d in (km, nearer))
    old = shares_of_teams(dict(zip("ABC", before.tolist(), strict=True)))
    new = shares_of_teams(dict(zip("ABC", after.tolist(), strict=True)))
    yield Off(max(0.0, float(before[0] - after[0])) + max(0.0, old["A"] - new["A"]))
    yield Off(float(np.abs(after - before)[1:].sum()))
    yield Off(abs(fsum(old.values()) - 1) + abs(fsum(new.values()) - 1))


def _permuted() -> Iterator[Off]:
    """Rows in another order, the same campaign."""
    scenario = bench()
    tables = ("legs", "places", "parameters", "sources")
    rows = {name: tuple(reversed(getattr(scenario, name))) for name in tables}
    both = [_held(s, seed=3) for s in (scenario, scenario.model_copy(update=rows))]
    yield Off(float(np.ptp(both, axis=0).max()))


def _split_convoy() -> Iterator[Off]:
    """A convoy of six as two of three together: the same exponent at theta 1, double at theta 0."""
    for theta, factor in ((1.0, 1), (0.0, 2)):
        model = DroneTeams(swamp_theta=theta)
        one, two = (model.dilution(n) * model.p_kill / (6 / n) for n in (1, 2))
        yield Off(two / one - factor)


def _more_runs() -> Iterator[Off]:
    """The mean of the first hundred runs and of three hundred more, within two standard errors."""
    scenario = bench()
    held = np.array([_held(scenario, seed=9, replication=k)[-1] for k in range(400)])
    first, rest = held[:100], held[100:]
    se = sqrt(first.var(ddof=1) / 100 + rest.var(ddof=1) / 300)
    yield Off(float(rest.mean() - first.mean()), se, errors=2.0)


def _mud() -> Iterator[Off]:
    """Mud slows legs without pavement and no others, and slows an advance.

    Losses on the watched road go the other way: it is paved, and a slower front stays further from
    it.
    """
    supply, combat, mud = DepotSupply(), RatioCombat(), (0.0, 0.5, 1.0)
    paved = [supply.speed_km_h(True, m, 0.0) for m in mud]
    tracks = [supply.speed_km_h(False, m, 0.0) for m in mud]
    yield Off(max(paved) - min(paved))
    advances = [combat.advance_km(2.0, m) for m in mud]
    for speeds in (tracks, advances):
        for less, more in pairwise(speeds):
            # more mud is slower; as slow counts as wrong by one
            yield Off(max(0.0, more - less) + float(less == more))


def _longer_luck() -> Iterator[Off]:
    """The mean of a week scatters more, the longer luck lasts: less of it averages out."""
    scatter = [float(lasting(days).mean(1).var()) for days in (0.0, 3.0, 10.0, 20.0)]
    for shorter, longer in pairwise(scatter):
        yield Off(max(0.0, shorter - longer) + float(shorter == longer))


def _closed_roads() -> Iterator[Off]:
    """A closed leg that no route uses changes nothing; a closed only road delivers nothing."""
    base = bench()
    main = next(r for r in base.routes if r.id == base.supply.main_route)
    others = [r.id for r in base.routes if r is not main]
    gone = {"date": base.start, "known_on": base.start, "kind": "closure", "note": "a check"}
    ends = dict(zip(("from_place", "to_place"), base.withdrawal.exits, strict=True))
    spur: dict[str, Any] = {**ends, "id": "C1", "paved": True, "note": "a check"}
    spur |= {"length_km": 6.0, "low_km": 5.0, "high_km": 7.0}
    bare = with_changes(base, [{"add": {"legs": [spur]}}])
    shut = with_changes(bare, [{"add": {"inputs": [{"id": "spur", "target": "C1", **gone}]}}])
    both = [_held(s, seed=5) for s in (bare, shut)]
    yield Off(float(np.ptp(both, axis=0).max()))
    shut_main = {"id": "a", "target": main.legs[0], **gone}
    alone = with_changes(base, [{"remove": {"routes": others}, "add": {"inputs": [shut_main]}}])
    run = play(alone, policy={"holder": "never"}, seed=5, last_day=9)
    yield Off(fsum(run.tables["daily"].columns["delivered_t"]))


def _reported() -> Iterator[Off]:
    """More reports of attacks on an axis send no fewer men there; unread ones change nothing."""
    base = with_changes(bench(), set={"parameters.val_reports": 1.0})
    shares = []
    for count in (0, 1, 5, 20):
        found = play(_with_reports(base, count, known_on=1), seed=5, last_day=7)
        shares.append(found.orders[-1]["attacker"].axis_shares[axes_from_the_west(base)[0]])
    for fewer, more in pairwise(shares):
        yield Off(max(0.0, fewer - more))
    both = [_held(s, seed=5) for s in (base, _with_reports(base, 20, known_on=59))]
    yield Off(float(np.ptp(both, axis=0).max()))


def _with_reports(s: Scenario, count: int, known_on: int) -> Scenario:
    """The scenario with some reports of attacks on its westernmost axis on its second day."""
    row = {"axis": axes_from_the_west(s)[0], "date": s.date(1), "note": "a check"}
    row |= {"known_on": s.date(known_on)}
    rows = [{"id": f"r{n}", **row} for n in range(count)]
    return with_changes(s, [{"add": {"attacks": rows}}])


def _mirrored() -> Iterator[Off]:
    yield Off(apart_km2())


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
    Limit(
        "M40c",
        "a closed leg off every route: the same campaign; the only road closed: nothing comes",
        _closed_roads,
        "metamorphic",
    ),
    Limit(
        "M41",
        "more reports of attacks on an axis send no fewer men there; unread ones change nothing",
        _reported,
        "metamorphic",
    ),
    Limit("M24", "a hundred runs more or less: the same mean", _more_runs, "metamorphic"),
    Limit(
        "M26",
        "luck that lasts longer: the mean of a week scatters more",
        _longer_luck,
        "metamorphic",
    ),
)
