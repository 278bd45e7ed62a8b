"""Measure ensembles, and queues beside Ciw on equal work.

Of ensembles: efficiency on two cores, start-up, memory of the parent, store size and bytes moved.
Of queues: the time, and the mean waits beside those of the theory.

Times on a shared machine drift; what is compared runs in turns. Nothing here asserts. ``--write``
puts the table into docs/how-to-cluster.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import ciw
import numpy as np
import simpy

import kursksim as ks
from kursksim.engine.campaign import play
from kursksim.engine.crossings import Crossing, Passage, cross
from kursksim.ensembles.replication import attempt, pack
from kursksim.ensembles.workers import pool
from kursksim.models.supply import DepotSupply

PAGE = Path(__file__).parents[1] / "docs" / "how-to-cluster.md"
MARKS = ("<!-- ensembles -->", "<!-- /ensembles -->")
Row = tuple[str, str, str]

BARE = """
import sys
import kursksim as ks
from kursksim.engine import play
scenario = ks.load("december-march")
play(scenario, seed=1, last_day=2)
print("ready", flush=True)
sys.stdin.readline()
for k in range(int(sys.argv[1])):
    play(scenario, seed=1, replication=k)
print("done", flush=True)
"""


def bare(runs: int) -> float:
    """Wall seconds in which two processes play half of the runs each, and nothing else."""
    flags = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    made = [
        subprocess.Popen([sys.executable, "-c", BARE, str(runs // 2)], **flags) for _ in range(2)
    ]  # type: ignore[call-overload]
    for process in made:
        process.stdout.readline()
    start = time.perf_counter()
    for process in made:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in made:
        process.stdout.readline()
    spent = time.perf_counter() - start
    for process in made:
        process.communicate()
    return spent


def efficiency(folder: Path, runs: int = 24, turns: int = 3) -> tuple[float, float]:
    """Median over turns of bare wall time over the ensemble's, and seconds to a warm pool."""
    scenario = ks.load("december-march")
    start = time.perf_counter()
    ratios = []
    with pool(2) as workers:
        ks.ensemble(scenario, replications=2, until="2024-12-03", executor=workers)
        begun = time.perf_counter() - start
        ks.ensemble(scenario, replications=8, until="2024-12-03", executor=workers)
        for turn in range(turns):
            start = time.perf_counter()
            ks.ensemble(
                scenario, replications=runs, executor=workers, store=folder / f"{turn}.sqlite"
            )
            spent = time.perf_counter() - start
            ratios.append(bare(runs) / spent)
    return float(np.median(ratios)), begun


MEMORY = """
import resource, sys
import kursksim as ks
ks.ensemble("two-roads", replications=int(sys.argv[1]), until="2025-01-02", store=sys.argv[2])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def parent_mib(folder: Path, replications: int) -> float:
    """Largest memory of a process that plays so many replications into a store."""
    command = [
        sys.executable,
        "-c",
        MEMORY,
        str(replications),
        str(folder / f"memory{replications}.sqlite"),
    ]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def sizes(folder: Path) -> tuple[float, float, float]:
    """KiB of a replication in the store, of a task on its way out, of a result on its way back."""
    path, grown = folder / "size.sqlite", []
    for count in (2, 8):  # the scenario and the map are in it once, so only growth counts
        made = ks.ensemble("december-march", replications=count, store=path)
        grown.append(path.stat().st_size)
    assert made.campaign is not None
    stored = (grown[1] - grown[0]) / 6 / 1024
    task = len(pickle.dumps(pack(made.campaign))) / 1024
    return stored, task, len(pickle.dumps(attempt(made.campaign, 0))) / 1024


# -- queues ----------------------------------------------------------------------------------------

CAP, LOAD, CUSTOMERS = 14.0, 0.8, 20_000


def our_crossing(seed: int) -> float:
    """Mean wait at our crossing, hours: Poisson arrivals, one process a convoy as in a campaign."""
    supply, env, crossing = DepotSupply(crossing_cap=CAP), simpy.Environment(), Crossing("bridge")
    lane, waited = simpy.Resource(env), 0.0
    gaps = (
        np.random.Generator(np.random.PCG64(seed)).exponential(1 / (LOAD * CAP), CUSTOMERS).tolist()
    )

    def convoy(place: int) -> Generator[Any, Any, None]:
        nonlocal waited
        passage = Passage(crossing.id, env.now, place)
        yield from cross(env, lane, passage, crossing, supply)
        waited += passage.waited_h

    def arrivals() -> Generator[Any, Any, None]:
        for place, gap in enumerate(gaps):
            yield env.timeout(gap)
            env.process(convoy(place))

    env.process(arrivals())
    env.run()
    return waited / CUSTOMERS


def their_crossing(seed: int) -> float:
    """The same queue in Ciw."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(LOAD * CAP)],
        service_distributions=[ciw.dists.Deterministic(1 / CAP)],
        number_of_servers=[1],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(CUSTOMERS, method="Finish")
    return float(np.mean([r.waiting_time for r in simulation.get_all_records()]))


BAYS, MEND_H, ARRIVE = 9, 24.0, 0.3


def our_yard(seed: int) -> float:
    """Mean wait for a bay, hours, with the resource that the yard uses."""
    env = simpy.Environment()
    yard, generator = simpy.Resource(env, BAYS), np.random.Generator(np.random.PCG64(seed))
    gaps, mends = (
        generator.exponential(1 / ARRIVE, CUSTOMERS).tolist(),
        generator.exponential(MEND_H, CUSTOMERS).tolist(),
    )
    waited = 0.0

    def vehicle(hours: float) -> Generator[Any, Any, None]:
        nonlocal waited
        came = env.now
        with yard.request() as bay:
            yield bay
            waited += env.now - came
            yield env.timeout(hours)

    def arrivals() -> Generator[Any, Any, None]:
        for gap, mend in zip(gaps, mends, strict=True):
            yield env.timeout(gap)
            env.process(vehicle(mend))

    env.process(arrivals())
    env.run()
    return waited / CUSTOMERS


def their_yard(seed: int) -> float:
    """The same queue in Ciw."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(ARRIVE)],
        service_distributions=[ciw.dists.Exponential(1 / MEND_H)],
        number_of_servers=[BAYS],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(CUSTOMERS, method="Finish")
    return float(np.mean([r.waiting_time for r in simulation.get_all_records()]))


def erlang_wait() -> float:
    """Mean wait of M/M/c by Erlang's formula, hours."""
    offered = ARRIVE * MEND_H
    blocked = 1.0
    for servers in range(1, BAYS + 1):
        blocked = offered * blocked / (servers + offered * blocked)
    queued = blocked / (1 - offered / BAYS * (1 - blocked))
    return queued * MEND_H / (BAYS - offered)


def queues() -> list[Row]:
    """Waits and times of both, on as many customers."""
    rows: list[Row] = []
    theory = {"crossing, M/D/1": LOAD / (2 * CAP * (1 - LOAD)), "yard, M/M/c": erlang_wait()}
    pairs = {
        "crossing, M/D/1": (our_crossing, their_crossing),
        "yard, M/M/c": (our_yard, their_yard),
    }
    for name, (ours, theirs) in pairs.items():
        found = []
        for work in (ours, theirs):
            start = time.process_time()
            waits = [work(seed) for seed in range(3)]
            found.append((float(np.mean(waits)), time.process_time() - start))
        (mine, quick), (other, slow) = found
        rows.append(
            (
                f"{name}: mean wait h, ours / Ciw / theory",
                f"{mine:.3f} / {other:.3f} / {theory[name]:.3f}",
                "",
            )
        )
        rows.append(
            (f"{name}: CPU of Ciw over ours, {CUSTOMERS:,} customers", f"{slow / quick:.1f}", "")
        )
    return rows


def measure(many: int) -> list[Row]:
    """What is measured, the figure, the budget."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ratio, begun = efficiency(folder)
        stored, task, result = sizes(folder)
        few, most = parent_mib(folder, 200), parent_mib(folder, many)
    scenario = ks.load("december-march")
    start = time.process_time()
    for k in range(3):
        play(scenario, seed=1, replication=k)
    each = (time.process_time() - start) / 3
    return [
        ("two workers with a store, against two bare processes", f"{ratio:.2f}", "0.95"),
        ("from nothing to a pool of two that has played, s", f"{begun:.1f}", ""),
        ("one replication of december-march, CPU s", f"{each:.2f}", ""),
        ("a task on its way to a worker, KiB", f"{task:.0f}", ""),
        ("a result on its way back, KiB", f"{result:.0f}", ""),
        ("a replication in the store, KiB", f"{stored:.0f}", ""),
        ("memory of the parent at 200 replications, MiB", f"{few:.0f}", ""),
        (f"memory of the parent at {many:,} replications, MiB", f"{most:.0f}", "as at 200"),
        *queues(),
    ]


def write(rows: Sequence[Row]) -> None:
    """Put the table into the page, with its date."""
    lines = [
        "| measured | figure | budget |",
        "|---|---|---|",
        *(f"| {a} | {b} | {c} |" for a, b, c in rows),
    ]
    head, rest = PAGE.read_text(encoding="utf-8").split(MARKS[0])
    tail = rest.split(MARKS[1])[1]
    said = f"Measured on {dt.date.today().isoformat()}, two shared cores, `make bench`:"
    table = "\n".join(lines)
    PAGE.write_text(f"{head}{MARKS[0]}\n{said}\n\n{table}\n{MARKS[1]}{tail}", encoding="utf-8")


def main() -> None:
    """Print the table; write it down if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the table into the page")
    parser.add_argument(
        "--many", type=int, default=5000, help="replications of the second memory figure"
    )
    asked = parser.parse_args()
    rows = measure(asked.many)
    width = max(len(name) for name, _, _ in rows)
    for name, figure, budget in rows:
        print(f"{name:<{width}}  {figure:>24}  {f'(budget {budget})' if budget else ''}")
    if asked.write:
        write(rows)


if __name__ == "__main__":
    main()
