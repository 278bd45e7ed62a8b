"""Strikes by the time-rescaling theorem: in units of its own cumulative intensity a point process is Poisson of rate 1.

The simulation does not give an attempt an hour: it settles what a convoy meets on a leg when it enters it, for all of
its presence there. So the theorem is taken in its form for discrete time (Haslinger, Pipa and Brown 2010). The
intensity is summed over passages; the attempts of a passage are spread evenly over its part of the sum, which is where
a Poisson process would have put them given their number; a hit is put into its vehicle's part by the exponential law
cut off there. Then gaps between attempts, and gaps between hits, are unit exponential and independent.

Nothing of the simulation's own reckoning is used: every vehicle that drives a leg, and the mean number of attempts at
it, are put together from what a run leaves behind (convoys sent, tables, orders, parameters) by the formulas in
docs/model.md. Light and darkness are those of the hour of entry, and a convoy that waits at a crossing waits under the
drones of the leg, as there. What it meets on that leg is settled when it is across.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from math import exp, log1p, sqrt
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from road_kit import LEVEL
from scipy import stats

import kursksim as ks
from kursksim.engine import crossings
from kursksim.engine.campaign import play
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import sun_hours

RUNS = 12
BUSY = {
    "fleet_0": 200.0, "fleet_repl": 12.0, "round_trips": 2.0, "kappa": 28.0, "night_share": 0.6, "night_factor": 0.4,
    "fly_bad": 0.4, "fibre_ramp_start": 4.0, "fibre_ramp_end": 15.0, "freeze_start_day": 7.0, "freeze_end_day": 12.0,
    "mud_peak_day": 16.0, "net_0": 0.3, "ew_eff": 0.8, "p_kill": 0.6, "sorties_team": 12.0, "airframes_day": 1e6,
    "repair_days": 1.0, "convoy_n": 4.0, "v_road": 40.0, "bridge_hit_rate": 0.0, "bridge_hit_surge": 0.0, "v_max": 0.0,
}  # fmt: skip
"""An intensity that changes with the hour, the day, the leg and the type of drone, on roads that stay open."""
Waits = dict[tuple[str, float], tuple[float, float]]
"""Hours of waiting, and until one is across, by crossing and hour of coming there."""
TIE = 1e-6
"""Hours by which two sums of the same times may differ."""


class Passage(NamedTuple):
    """A convoy enters a leg: how many vehicles, the attempts to be expected, how many of these would each kill; and the
    attempts and hits that there were.
    """

    run: int
    hour: float
    kind: tuple[Any, ...]
    vehicles: int
    mean: float
    lethal: float
    attempts: int
    hits: int


class Roads:
    """What convoys meet on each leg of a run, by day, from its tables."""

    def __init__(self, run: ks.Run, waits: Waits) -> None:
        self.run, self.waits, self.value = run, waits, run.provenance.values
        self.legs = {leg.id: leg for leg in run.scenario.legs}
        self.daily, table = run.tables["daily"].columns, run.tables["legs"].columns
        self.row = {at: i for i, at in enumerate(zip(table["date"], table["leg"], strict=True))}
        self.table, self.latitude = table, terrain_of(run.scenario).latitude
        self.known: dict[tuple[int, str], tuple[float, float, float]] = {}
        assert all(table["open"])
        assert set(self.daily["depot"]) == {run.scenario.supply.depot}

    def cell(self, name: str, day: int, leg: str) -> float:
        return float(self.table[name][self.row[self.daily["date"][day], leg]])

    def on(self, day: int, leg: str) -> tuple[float, float, float]:
        """Hours that a leg takes, attempts launched an hour by day, share of them that passes."""
        if (day, leg) not in self.known:
            v, of = self.value, self.legs[leg]
            grown = (day - v["fibre_ramp_start"]) / (v["fibre_ramp_end"] - v["fibre_ramp_start"])
            share = v["fibre_share_0"] + (v["fibre_share_1"] - v["fibre_share_0"]) * min(
                1.0, max(0.0, grown)
            )
            where = self.run.orders[day]["attacker"].leg_shares
            flown = (
                self.daily["drone_teams"][day]
                * v["sorties_team"]
                / 24
                * self.daily["flyability"][day]
            )
            radio = (
                flown
                * (1 - share)
                * where.get("radio", {}).get(leg, 0.0)
                * self.cell("reach_radio", day, leg)
            )
            fibre = (
                flown
                * share
                * where.get("fibre", {}).get(leg, 0.0)
                * self.cell("reach_fibre", day, leg)
            )
            jammed = radio * (1 - v["ew_eff"] * of.ew_cover) + fibre
            passing = jammed / (radio + fibre) * (1 - v["net_0"]) if radio + fibre > 0 else 0.0
            soft = 1.0 if of.paved else 1 - (1 - v["v_mud_factor"]) * self.daily["mud"][day]
            wrecks = (
                self.cell("wrecks", day - 1, leg) if day else 0.0
            )  # those of the evening before
            hours = of.length_km * (1 + wrecks / v["wreck_w0"]) / (v["v_road"] * soft)
            if of.crossing:  # a short leg takes as long as its crossing
                hours = max(hours, 1 / v["crossing_cap"])
            self.known[day, leg] = hours, radio + fibre, passing
        return self.known[day, leg]

    def dark(self, hour: float) -> bool:
        sunrise, sunset = sun_hours(self.run.scenario.date(int(hour // 24)), self.latitude)
        return not sunrise <= hour % 24 < sunset

    def course(self, route: str, hour: float) -> Iterator[tuple[float, str, bool, float, float]]:
        """Hour of entry, leg, whether it is on the way home, wait, hour across: out and home again, until the run is
        over.
        """
        legs = next(r.legs for r in self.run.scenario.routes if r.id == route)
        for k, leg in enumerate((*legs, *reversed(legs))):
            if k == len(legs):
                hour += self.value["load_hours"]
            if hour >= 24 * self.run.days:
                return
            wait, over = self.waits.get((self.legs[leg].crossing, round(hour, 6)), (0.0, 0.0))
            if hour + over >= 24 * self.run.days:
                return
            yield hour, leg, k >= len(legs), wait, hour + over
            hour += max(over, wait + self.on(int((hour + over) // 24), leg)[0])


def passages(run: ks.Run, waits: Waits) -> list[Passage]:
    """Everything that could be struck in a run, in the order of the hours; every strike must be at one of them."""
    roads, v = Roads(run, waits), run.provenance.values
    struck: dict[tuple[str, str, float], list[int]] = {}
    for day, hour, effect, trip, leg, amount, _ in run.events:
        if effect in ("SortiesFlown", "Hit"):
            struck.setdefault((trip, leg, round(24 * day + hour, 6)), [0, 0])[effect == "Hit"] += (
                int(amount)
            )
    driven, entries = [], defaultdict(list)
    for day, start, effect, trip, route, amount, _ in run.events:
        if effect != "ConvoySent":
            continue
        vehicles, fell = int(amount), -1
        for hour, leg, home, wait, across in roads.course(route, 24 * day + start):
            if vehicles == 0 and hour // 24 > fell:
                break
            insort(
                entries[leg], hour
            )  # a convoy that is no more is still looked for until midnight
            if vehicles > 0:
                attempts, hits = struck.pop((trip, leg, round(across, 6)), (0, 0))
                driven.append((hour, leg, home, wait, across, vehicles, attempts, hits))
                vehicles, fell = vehicles - hits, hour // 24
    assert not struck, "strikes at nobody"
    found = []
    for hour, leg, home, wait, across, vehicles, attempts, hits in sorted(driven):
        hours, launched, passing = roads.on(int(across // 24), leg)
        there = bisect_right(entries[leg], hour + TIE) - bisect_right(
            entries[leg], hour + TIE - hours
        )
        dark, bad = roads.dark(hour), roads.daily["flyability"][int(across // 24)] < 1
        mean = (
            launched
            * (v["night_factor"] if dark else 1.0)
            * (hours + wait)
            * there ** -v["swamp_theta"]
        )
        lethal = mean * passing * v["p_kill"]
        found.append(
            Passage(
                run.provenance.replication,
                hour,
                (leg, home, bad, wait > 0),
                vehicles,
                mean,
                lethal,
                attempts,
                hits,
            )
        )
    for (
        date,
        leg,
    ), i in roads.row.items():  # a day on which sorties ran out would be no Poisson process
        fly = roads.daily["flyability"][roads.daily["date"].index(date)]
        assert roads.table["attempts"][i] + 1 < max(
            2.0, roads.table["teams"][i] * v["sorties_team"] * fly
        ), (date, leg)
    return found


def gaps_of_attempts(road: list[Passage], luck: np.random.Generator) -> NDArray[np.float64]:
    """Gaps between attempts, in attempts to be expected."""
    ends = np.cumsum([p.mean for p in road])
    at = [ends[k] - p.mean * luck.random(p.attempts) for k, p in enumerate(road)]
    return np.diff(np.sort(np.concatenate(at)), prepend=0.0)


def gaps_of_hits(road: list[Passage], luck: np.random.Generator) -> NDArray[np.float64]:
    """Gaps between hits, in hazard: vehicle after vehicle, each with its share of the passage's."""
    found, since = [], 0.0
    for p in road:
        hazard = p.lethal / p.vehicles
        hit = luck.permutation(p.vehicles) < p.hits  # which of them are hit is nobody's business
        for k in hit.tolist():
            if k:
                found.append(since - log1p(-luck.random() * (1 - exp(-hazard))))
                since = 0.0
            else:
                since += hazard
    return np.array(found)


def by(road: list[Passage], kind: Callable[[Passage], Hashable], least: int) -> tuple[float, float]:
    """P-values of attempts and of hits in passages of one kind, against what was to be expected of them."""
    sums: dict[Hashable, NDArray[np.float64]] = defaultdict(lambda: np.zeros(5))
    for p in road:
        q = 1 - exp(-p.lethal / p.vehicles)
        sums[kind(p)] += (p.attempts, p.mean, p.hits, p.vehicles * q, p.vehicles * q * (1 - q))
    kinds = np.array(list(sums.values()))
    flown, hit = kinds[kinds[:, 1] >= 5], kinds[kinds[:, 3] >= 5]
    assert min(len(flown), len(hit)) >= least
    return (
        float(stats.chi2.sf(((flown[:, 0] - flown[:, 1]) ** 2 / flown[:, 1]).sum(), len(flown))),
        float(stats.chi2.sf(((hit[:, 2] - hit[:, 3]) ** 2 / hit[:, 4]).sum(), len(hit))),
    )


@pytest.mark.parametrize(
    "change",
    [{"swamp_theta": 0.7, "crossing_cap": 1e6}, {"swamp_theta": 0.0, "crossing_cap": 2.0}],
    ids=["crowds", "queues"],
)
def test_rescaled_strikes_are_a_poisson_process_of_rate_one(
    change: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A5, A7, in whole campaigns. Crowds, whose convoys dilute each other's hazard, are looked at without queues, and
    queues without dilution: the timetable counts convoys where they were due, not where they wait.
    """
    waits: Waits = {}
    begin = crossings.Passage.begin

    def watched(self: crossings.Passage, hour: float, length: float) -> float:
        over = begin(self, hour, length)
        waits[self.crossing, round(self.came, 6)] = self.waited_h, over - self.came
        return over

    monkeypatch.setattr(crossings.Passage, "begin", watched)
    scenario, road = ks.load("two-roads"), []
    for replication in range(RUNS):
        waits.clear()
        run = play(
            scenario, seed=1, replication=replication, policy={"holder": "never"}, record="full",
            values={**BUSY, **change},
        )  # fmt: skip
        road += passages(run, waits)
    luck, questions = np.random.Generator(np.random.PCG64(1)), 10 * 2
    p = []
    for gaps in (gaps_of_attempts(road, luck), gaps_of_hits(road, luck)):
        assert len(gaps) > 300
        uniform = stats.expon.cdf(gaps)
        p.append(stats.kstest(uniform, "uniform").pvalue)
        together = np.corrcoef(uniform[:-1], uniform[1:])[0, 1] * sqrt(len(gaps))
        p.append(2 * stats.norm.sf(abs(together)))
    p += by(road, lambda one: one.kind, 12)  # leg, way, weather, queue
    p += by(road, lambda one: int(one.hour % 24), 20)
    p += by(road, lambda one: (one.run, one.hour // 72), 40)  # days in a row are independent
    assert min(p) > LEVEL / questions, p
