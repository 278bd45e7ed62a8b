"""Measure a replication against a bare SimPy replay of as many events, in one run, and print the ratios.

Times on a shared machine drift; ratios from one process do so less. Nothing here asserts.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import simpy

import kursksim as ks
from kursksim.engine import Engine, play

REPEATS = 5


def cpu(work: Callable[[], object]) -> float:
    """Least CPU seconds of a few repeats."""
    best = float("inf")
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def bare(events: int) -> None:
    """A SimPy run of as many timeouts, sixty processes at a time."""
    env = simpy.Environment()

    def ticks(count: int) -> object:
        for _ in range(count):
            yield env.timeout(1.0)

    for _ in range(60):
        env.process(ticks(events // 60))
    env.run()


def count_events(scenario: ks.Scenario) -> tuple[int, int]:
    """Scheduled events and convoy-legs of one replication."""
    seen = {"events": 0}
    original = simpy.Environment.step

    def step(self: simpy.Environment) -> None:
        seen["events"] += 1
        original(self)

    engines: list[Engine] = []
    made = Engine.__init__

    def keep(self: Engine, *args: object, **kwargs: object) -> None:
        made(self, *args, **kwargs)  # type: ignore[arg-type]
        engines.append(self)

    simpy.Environment.step, Engine.__init__ = step, keep  # type: ignore[method-assign, assignment]
    try:
        run = play(scenario, seed=7)
    finally:
        simpy.Environment.step, Engine.__init__ = original, made  # type: ignore[method-assign]
    per_convoy = engines[0].models.supply.convoy_n
    return seen["events"], round(2 * sum(run.tables["legs"].columns["trips"]) / per_convoy)


def main() -> None:
    """Print the table."""
    scenario = ks.load("december-march")
    play(scenario, seed=7, last_day=2)
    events, legs = count_events(scenario)
    replication, simpy_alone = cpu(lambda: play(scenario, seed=7)), cpu(lambda: bare(events))
    small = ks.load("two-roads")
    play(small, seed=7)
    rows = [
        ("replication of december-march, CPU s", f"{replication:.3f}"),
        ("SimPy events in it", f"{events}"),
        ("events per convoy-leg", f"{events / legs:.2f}"),
        ("bare SimPy replay of as many events, CPU s", f"{simpy_alone:.3f}"),
        ("replication over bare replay", f"{replication / simpy_alone:.1f}"),
        ("replication of two-roads, CPU s", f"{cpu(lambda: play(small, seed=7)):.3f}"),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")  # noqa: T201


if __name__ == "__main__":
    main()
