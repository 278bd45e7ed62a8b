"""Measure the speed of a campaign in ratios of one run, and print them beside the budgets.

A replication is ``play`` of a scenario that is loaded, on a map that is built: what every run of a
process shares is not counted. Times on a shared machine drift, so what is compared is played in
turns, and medians over the turns are given. Nothing here asserts. ``--write`` puts the table and
its date into docs/speed.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import math
import sys
import tracemalloc
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

from commands import process_cpu
from roads import TURNS, Work, departures, in_turns, plain, ratio

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine.campaign import play
from kursksim.engine.chain import chain_of, chain_of_sets
from kursksim.engine.engine import Engine
from kursksim.rng import Streams
from kursksim.runs.state import State
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.schema import Scenario
from kursksim.terrain.hexmap import terrain_of

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
MARKS = ("<!-- speed -->", "<!-- /speed -->")
SEED = 7
NEVER = {"holder": "never"}
"""A holder who stays, so that a larger campaign does the same for longer."""
Row = tuple[str, str, str]


def beside_the_roads(scenario: Scenario) -> list[Row]:
    """What a campaign costs beside the plain model of its roads, and what its states add."""
    sent = departures(play(scenario, seed=SEED, record="full"))
    spent = in_turns(
        partial(play, scenario, seed=SEED),
        partial(plain, scenario, sent),
        partial(play, scenario, seed=SEED, keep_states=True),
    )
    whole, roads, kept = (median(column) for column in zip(*spent, strict=True))
    cells = f"{len(terrain_of(scenario).cells):,}"
    return [
        (f"december-march ({scenario.days} days, {cells} cells), CPU s", f"{whole:.3f}", ""),
        (f"its {len(sent):,} convoys in plain SimPy, CPU s", f"{roads:.3f}", ""),
        ("the campaign over the plain model of its roads", f"{ratio(spent):.2f}", "1.35"),
        ("a run that keeps its states, CPU s", f"{kept:.3f}", ""),
        ("a run that keeps its states over one that does not", f"{ratio(spent, 2, 0):.2f}", ""),
    ]


def slope(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Power with which time grows with size: least squares in logarithms."""
    x, y = [math.log(s) for s in sizes], [math.log(t) for t in times]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum(
        (a - mx) ** 2 for a in x
    )


def power(sizes: Sequence[float], works: Sequence[Work]) -> str:
    """Power with which the time of works grows with their sizes: the median over turns."""
    spent = in_turns(*works, turns=5)
    return f"{median(slope(sizes, row) for row in spent):.2f}"


def by_days(scenario: Scenario, days: Sequence[int]) -> list[Work]:
    """Campaigns of some days."""
    return [partial(play, scenario, seed=SEED, last_day=n - 1, policy=NEVER) for n in days]


def by_convoys(scenario: Scenario, payloads: Sequence[float]) -> list[Work]:
    """Campaigns of 61 days with vehicles of some payloads: half the load, twice the convoys."""
    room = {
        "parameters.fleet_0.high": 9000,
        "parameters.fleet_0": 9000,
        "parameters.crossing_cap": 30,
    }
    found: list[Work] = []
    for payload in payloads:
        changed = with_changes(scenario, set={**room, "parameters.payload": payload})
        found.append(partial(play, changed, seed=SEED, last_day=60, policy=NEVER))
    return found


def at_resolution(scenario: Scenario, resolution: int) -> Scenario:
    """The same scenario on larger or smaller cells."""
    grid = scenario.grid.model_copy(update={"resolution": resolution})
    fields = {name: getattr(scenario, name) for name in Scenario.model_fields}
    return Scenario(**fields | {"grid": grid})


def growth(scenario: Scenario) -> list[Row]:
    """How time grows with days, convoys and cells, for a holder who stays."""
    days, payloads = (30, 60, 120), (4.0, 2.0, 1.0)
    alike = with_changes(scenario, what_if="no-drones")
    grids = [at_resolution(scenario, resolution) for resolution in (7, 8)]
    cells = [len(terrain_of(grid).cells) for grid in grids]  # builds the maps as well
    played: list[Work] = [partial(play, grid, seed=SEED, policy=NEVER) for grid in grids]
    loads = [1 / payload for payload in payloads]
    return [
        (
            "growth with days, 30 to 120, days alike (no drones), power",
            power(days, by_days(alike, days)),
            "1.05",
        ),
        (
            "the same where the drones come in the fourth week, power",
            power(days, by_days(scenario, days)),
            "1.15",
        ),
        (
            "growth with convoys, 1 to 4 times, power",
            power(loads, by_convoys(scenario, payloads)),
            "0.5",
        ),
        (
            f"growth with cells, {cells[0]:,} to {cells[1]:,}, power",
            power(cells, played),
            "0.2",
        ),
    ]


def from_states(scenario: Scenario, days: Sequence[int]) -> float:
    """A day that begins with a state over the same day of a campaign that goes on."""
    orders = play(scenario, seed=SEED, last_day=days[-1]).orders

    def go_on(engine: Engine) -> None:
        engine.step(orders[engine.day])

    def begin(state: State) -> None:
        go_on(Engine.resume(scenario, state))

    ratios = []
    for _ in range(3):
        engine = Engine(scenario, seed=SEED)
        while engine.day < days[0]:
            go_on(engine)
        running = resumed = 0.0
        for _ in days:
            state = State.from_bytes(engine.state().to_bytes())
            ((later, now),) = in_turns(partial(begin, state), partial(go_on, engine), turns=1)
            resumed, running = resumed + later, running + now
        ratios.append(resumed / running)
    return median(ratios)


def mean_field(scenario: Scenario, sets: int = 1000, alone: int = 10) -> list[Row]:
    """Parameter sets in the mean field, set-up included: as one batch, and one by one."""
    drawn = [parameter_set(scenario, "prior", Streams(SEED, k)) for k in range(sets)]
    columns = {name: [one[name] for one in drawn] for name in drawn[0]}

    def together() -> None:
        chain_of_sets(scenario, columns).solve(scenario.days, daily=True)

    def one_by_one() -> None:
        for value in drawn[:alone]:
            chain_of(Engine(scenario, value=value).world).solve(scenario.days, daily=True)

    spent = in_turns(together, one_by_one)
    batch, single = (median(column) for column in zip(*spent, strict=True))
    gain = median(one / alone / (many / sets) for many, one in spent)
    return [
        (f"{sets:,} sets in the mean field, sets a CPU s", f"{sets / batch:.0f}", "700"),
        ("the same one by one, sets a CPU s", f"{alone / single:.1f}", ""),
        ("a set alone over a set of the batch", f"{gain:.0f}", "40"),
    ]


def heap(scenario: Scenario) -> float:
    """MiB of Python heap that a finished run keeps, at record="summary"."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    run = play(scenario, seed=SEED)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert run.days
    return (after - before) / 2**20


def first_steps() -> list[Row]:
    """What a new process pays, one step after the other: import, load, the first run."""
    lines = ["pass", "import kursksim as ks", "s = ks.load('december-march')", "ks.run(s, seed=7)"]
    codes = ["\n".join(lines[: k + 1]) for k in range(len(lines))]
    steps = [partial(process_cpu, [sys.executable, "-c", code]) for code in codes]
    spent = [[step() for step in steps] for _ in range(TURNS)]
    imported, loaded, played = (
        median(row[k + 1] - row[k] for row in spent) for k in range(len(lines) - 1)
    )
    return [
        ("import kursksim above bare Python, CPU ms", f"{1000 * imported:.1f}", "60"),
        ("ks.load after it, with what it imports, CPU s", f"{loaded:.2f}", "0.3"),
        ("the first run after that, map and all, CPU s", f"{played:.2f}", "1"),
    ]


def measure() -> list[Row]:
    """What is measured, the figure, the budget."""
    scenario, small = ks.load("december-march"), ks.load("two-roads")
    play(small, seed=SEED)
    last = scenario.days - 1
    early, late = range(7, 14), range(last - 6, last + 1)
    return [
        *beside_the_roads(scenario),
        *growth(scenario),
        *mean_field(scenario),
        ("a day from a state over a day, second week", f"{from_states(scenario, early):.2f}", "1"),
        ("a day from a state over a day, last week", f"{from_states(scenario, late):.2f}", "1"),
        ("heap kept by a run, MiB", f"{heap(scenario):.1f}", "1.5"),
        *first_steps(),
        (
            "two-roads (21 days), CPU s",
            f"{median(row[0] for row in in_turns(partial(play, small, seed=SEED))):.3f}",
            "",
        ),
    ]


def write(rows: Sequence[Row]) -> None:
    """Put the table into its page, with its date."""
    lines = [
        "| measured | figure | budget |",
        "|---|---|---|",
        *(f"| {a} | {b} | {c} |" for a, b, c in rows),
    ]
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(MARKS[0])
    tail = rest.split(MARKS[1])[1]
    python = sys.version.split()[0]
    today = dt.date.today().isoformat()
    said = (
        f"Measured on {today} with Python {python} on two shared cores, `make bench`,"
        f" results version {ks.results_version}:"
    )
    table = "\n".join(lines)
    PAGE.write_text(f"{head}{MARKS[0]}\n{said}\n\n{table}\n{MARKS[1]}{tail}", encoding="utf-8")


def main() -> None:
    """Print the table; write it down if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    asked = parser.parse_args()
    rows = measure()
    width = max(len(name) for name, _, _ in rows)
    for name, figure, budget in rows:
        print(f"{name:<{width}}  {figure:>8}  {f'(budget {budget})' if budget else ''}")
    if asked.write:
        write(rows)


if __name__ == "__main__":
    main()
