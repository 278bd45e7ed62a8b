"""Measure the speed of a replication in one run, and print ratios beside the budgets.

A replication is ``play`` of a scenario that is loaded, on a map that is built: what every run of a
process shares is not counted. Times on a shared machine drift; what is compared runs in turns.
Nothing here asserts. ``--write`` puts the table and its date into the README.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import math
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import simpy

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine.campaign import play
from kursksim.scenario.schema import Scenario
from kursksim.terrain.hexmap import terrain_of

REPEATS = 5
README = Path(__file__).parents[1] / "README.md"
MARKS = ("<!-- speed -->", "<!-- /speed -->")
Row = tuple[str, str, str]


def cpu(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Least CPU seconds of a few repeats."""
    best = math.inf
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def plain_roads(run: ks.Run) -> None:
    """Play the roads of a run as a textbook has them: a process a convoy, a timeout a leg.

    The same convoys set out at the same hours over the same legs; nobody shoots, and nothing but
    SimPy is called.
    """
    scenario = run.scenario
    legs, supply = {g.id: g for g in scenario.legs}, scenario.value
    ways = {r.id: list(map(legs.__getitem__, r.legs)) for r in scenario.routes}
    sent = [
        (24 * day + hour, place)
        for day, hour, kind, _, place, *_ in run.events
        if kind == "ConvoySent"
    ]
    env = simpy.Environment()
    bridges = {g.crossing: simpy.Resource(env) for g in legs.values() if g.crossing}

    def convoy(hour: float, way: list[Any]) -> Any:
        yield env.timeout(hour)
        for leg in (*way, None, *reversed(way)):
            if leg is None:
                yield env.timeout(supply["load_hours"])
                continue
            if leg.crossing:
                with bridges[leg.crossing].request() as turn:
                    yield turn
                    yield env.timeout(1 / supply["crossing_cap"])
            yield env.timeout(leg.length_km / supply["v_road"])

    for hour, route in sent:
        env.process(convoy(hour, ways[route]))
    env.run()


def in_turns(work: Callable[[], object], other: Callable[[], object]) -> tuple[float, float, float]:
    """Least CPU seconds of some work, of its part in ``Environment.run``, and of other work."""
    original, spent = simpy.Environment.run, 0.0
    whole = inside = beside = math.inf

    def run(self: simpy.Environment, until: Any = None) -> Any:
        nonlocal spent
        start = time.process_time()
        found = original(self, until)
        spent += time.process_time() - start
        return found

    for _ in range(2 * REPEATS):
        spent = 0.0
        simpy.Environment.run = run  # type: ignore[method-assign]
        try:
            whole = min(whole, cpu(work, 1))
        finally:
            simpy.Environment.run = original  # type: ignore[method-assign]
        inside, beside = min(inside, spent), min(beside, cpu(other, 1))
    return whole, inside, beside


def events_of(work: Callable[[], object]) -> int:
    """Events that pass through SimPy's queue in some work."""
    step, seen = simpy.Environment.step, 0

    def counting(self: simpy.Environment) -> None:
        nonlocal seen
        seen += 1
        step(self)

    simpy.Environment.step = counting  # type: ignore[method-assign]
    try:
        work()
    finally:
        simpy.Environment.step = step  # type: ignore[method-assign]
    return seen


def slope(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Power with which time grows with size: least squares in logarithms."""
    x, y = [math.log(s) for s in sizes], [math.log(t) for t in times]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum(
        (a - mx) ** 2 for a in x
    )


def growth(scenario: Scenario) -> list[Row]:
    """How time grows with days, convoys and cells, for a holder who stays."""
    never = {"holder": "never"}
    days, alike = (30, 60, 120), with_changes(scenario, what_if="no-drones")

    def by_days(played: Scenario) -> list[float]:
        return [
            cpu(lambda n=n: play(played, seed=7, last_day=n - 1, policy=never), 3) for n in days
        ]  # type: ignore[misc]

    fleet = {
        "parameters.fleet_0.high": 9000,
        "parameters.fleet_0": 9000,
        "parameters.crossing_cap": 30,
    }
    payloads = (4.0, 2.0, 1.0)
    loads = [with_changes(scenario, set={**fleet, "parameters.payload": p}) for p in payloads]
    by_load = [cpu(partial(play, s, seed=7, last_day=60, policy=never), 3) for s in loads]
    cells, by_cell = [], []
    for resolution in (7, 8):
        grid = scenario.grid.model_copy(update={"resolution": resolution})
        other = Scenario(
            **{n: getattr(scenario, n) for n in Scenario.model_fields} | {"grid": grid}
        )
        run = play(other, seed=7, last_day=1)
        cells.append(len(run.cells))
        by_cell.append(cpu(lambda s=other: play(s, seed=7, policy=never), 3))  # type: ignore[misc]
    return [
        (
            "growth with days, 30 to 120, days alike (no drones), power",
            f"{slope(days, by_days(alike)):.2f}",
            "1",
        ),
        (
            "the same where the drones come in the fourth week, power",
            f"{slope(days, by_days(scenario)):.2f}",
            "",
        ),
        (
            "growth with convoys, 1 to 4 times, power",
            f"{slope([1 / p for p in payloads], by_load):.2f}",
            "0.5",
        ),
        (
            f"growth with cells, {cells[0]:,} to {cells[1]:,}, power",
            f"{slope(cells, by_cell):.2f}",
            "0.2",
        ),
    ]


def heap(scenario: Scenario) -> float:
    """MiB of Python heap that a finished run keeps, at record="summary"."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    run = play(scenario, seed=7)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert run.days
    return (after - before) / 2**20


def started(code: str) -> float:
    """Least CPU seconds of a new Python that runs some code."""
    best = math.inf
    for _ in range(2 * REPEATS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def first_steps() -> list[Row]:
    """What a new process pays, one step after the other: import, load, the first run."""
    lines = ["pass", "import kursksim as ks", "s = ks.load('december-march')", "ks.run(s, seed=7)"]
    bare, imported, loaded, played = [started("\n".join(lines[: k + 1])) for k in range(len(lines))]
    return [
        ("import kursksim above bare Python, CPU ms", f"{1000 * (imported - bare):.1f}", "60"),
        ("ks.load after it, with what it imports, CPU s", f"{loaded - imported:.2f}", "0.3"),
        ("the first run after that, map and all, CPU s", f"{played - loaded:.2f}", "1"),
    ]


def measure() -> list[Row]:
    """What is measured, the figure, the budget."""
    scenario, small = ks.load("december-march"), ks.load("two-roads")
    play(scenario, seed=7, last_day=2)
    play(small, seed=7)
    full = play(scenario, seed=7, record="full")
    convoys = sum(kind == "ConvoySent" for _, _, kind, *_ in full.events)
    whole, inside, roads = in_turns(lambda: play(scenario, seed=7), lambda: plain_roads(full))
    cells = f"{len(terrain_of(scenario).cells):,}"
    events, plain = events_of(lambda: play(scenario, seed=7)), events_of(lambda: plain_roads(full))
    return [
        (
            f"replication of december-march ({scenario.days} days, {cells} cells), loaded, CPU s",
            f"{whole:.3f}",
            "",
        ),
        ("its part inside SimPy, CPU s", f"{inside:.3f}", ""),
        (f"events of its {convoys:,} convoys and all else", f"{events:,}", ""),
        ("plain SimPy model of the same convoys, a timeout a leg, CPU s", f"{roads:.3f}", ""),
        ("events of that", f"{plain:,}", ""),
        ("replication over the plain model of its roads", f"{whole / roads:.2f}", "1.15"),
        *growth(scenario),
        ("heap kept by a run, MiB", f"{heap(scenario):.1f}", "1.5"),
        *first_steps(),
        (
            "replication of two-roads (21 days), CPU s",
            f"{cpu(lambda: play(small, seed=7)):.3f}",
            "",
        ),
    ]


def write(rows: Sequence[Row]) -> None:
    """Put the table into the README, with its date."""
    lines = [
        "| measured | figure | budget |",
        "|---|---|---|",
        *(f"| {a} | {b} | {c} |" for a, b, c in rows),
    ]
    text = README.read_text(encoding="utf-8")
    head, rest = text.split(MARKS[0])
    tail = rest.split(MARKS[1])[1]
    python = sys.version.split()[0]
    today = dt.date.today().isoformat()
    said = f"Measured on {today} with Python {python} on two shared cores, `make bench`:"
    table = "\n".join(lines)
    README.write_text(f"{head}{MARKS[0]}\n{said}\n\n{table}\n{MARKS[1]}{tail}", encoding="utf-8")


def main() -> None:
    """Print the table; write it down if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    asked = parser.parse_args()
    rows = measure()
    width = max(len(name) for name, _, _ in rows)
    for name, figure, budget in rows:
        print(f"{name:<{width}}  {figure:>8}  {f'(budget {budget})' if budget else ''}")
    if asked.write:
        write(rows)


if __name__ == "__main__":
    main()
