"""Play the roads of a campaign in plain SimPy, and print what a whole campaign costs beside that.

The plain model is what a user of SimPy would write: a process for each convoy, a timeout for each
leg and a Resource at each crossing. The convoys are those of a campaign that was played. They set
out at the same hours on the same routes, drive every leg at the speed of a dry paved road, pass the
crossings one at a time, first come first served, unload and drive home.

All else is left out: drones and losses, mud and wrecks, cut legs and fords, a depot that moves, the
fleet and its repair, stocks, marches, combat, ground, decisions and tables. It knows nothing of
the engine but the departures, which are in the events of a run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from statistics import median
from typing import NamedTuple

import simpy

import kursksim as ks
from kursksim.engine.campaign import play
from kursksim.scenario.schema import Leg, Scenario

TURNS = 9
Work = Callable[[], object]


class Departure(NamedTuple):
    """A convoy that leaves the base: hours since the first midnight, and its route."""

    hour: float
    route: str


def departures(run: ks.Run) -> list[Departure]:
    """Convoys that left the base in a run that keeps its events."""
    return [
        Departure(24 * day + hour, place)
        for day, hour, kind, _, place, *_ in run.events
        if kind == "ConvoySent"
    ]


def plain(scenario: Scenario, sent: Iterable[Departure]) -> simpy.Environment:
    """Drive convoys to the depot and home in plain SimPy, and return the environment at the end."""
    legs, value = {leg.id: leg for leg in scenario.legs}, scenario.value
    ways = {route.id: [legs[name] for name in route.legs] for route in scenario.routes}
    env = simpy.Environment()
    bridges = {leg.crossing: simpy.Resource(env) for leg in legs.values() if leg.crossing}

    def drive(way: Iterable[Leg]) -> Iterator[simpy.Event]:
        for leg in way:
            if leg.crossing:
                with bridges[leg.crossing].request() as turn:
                    yield turn
                    yield env.timeout(1 / value["crossing_cap"])
            yield env.timeout(leg.length_km / value["v_road"])

    def convoy(hour: float, way: list[Leg]) -> Iterator[simpy.Event]:
        yield env.timeout(hour)
        yield from drive(way)
        yield env.timeout(value["load_hours"])
        yield from drive(reversed(way))

    for hour, route in sent:
        env.process(convoy(hour, ways[route]))
    env.run()
    return env


def in_turns(*works: Work, turns: int = TURNS) -> list[tuple[float, ...]]:
    """CPU seconds of some works, one after the other and over again; a row a turn.

    Times on a shared machine drift; the ratios of one turn do so less.
    """
    found = []
    for _ in range(turns):
        row = []
        for work in works:
            start = time.process_time()
            work()
            row.append(time.process_time() - start)
        found.append(tuple(row))
    return found


def ratio(spent: Iterable[tuple[float, ...]], over: int = 0, under: int = 1) -> float:
    """Median over turns of the time of one work over that of another."""
    return median(row[over] / row[under] for row in spent)


def main() -> None:
    """Print the seconds of both and their ratio."""
    scenario = ks.load("december-march")
    sent = departures(play(scenario, seed=7, record="full"))
    spent = in_turns(lambda: play(scenario, seed=7), lambda: plain(scenario, sent))
    whole, roads = (median(column) for column in zip(*spent, strict=True))
    print(f"december-march, {scenario.days} days, {len(sent):,} convoys, CPU seconds")
    print(f"  the whole campaign                   {whole:.3f}")
    print(f"  its roads in plain SimPy             {roads:.3f}")
    print(f"  the campaign over its roads          {ratio(spent):.2f}")


if __name__ == "__main__":
    main()
