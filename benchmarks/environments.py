"""Measure the speed of the environments beside the bare engine and the game.

All rows play the same campaign with the same orders, those of the side's own policies. Times on a
shared machine drift; ratios from one process do so less. Nothing here asserts.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.play.envs import CommandEnv, parallel_env
from kursksim.scenario.schema import Scenario

REPEATS = 5
SEED = 7
Step = Callable[[], object]


def least(begin: Callable[[], Step], days: int) -> tuple[float, float]:
    """Least CPU seconds of a few repeats: of beginning a campaign, and of a day of it."""
    first = day = math.inf
    for _ in range(REPEATS):
        start = time.process_time()
        step = begin()
        begun = time.process_time()
        for _ in range(days):
            step()
        first, day = min(first, begun - start), min(day, (time.process_time() - begun) / days)
    return first, day


def rows(scenario: Scenario) -> list[tuple[str, float, float]]:
    """What is played, seconds of its beginning, seconds a day."""
    days = scenario.days
    orders = ks.run(scenario, seed=SEED).orders

    def bare() -> Step:
        engine, given = Engine(scenario, seed=SEED), iter(orders)
        return lambda: engine.step(next(given))

    def game() -> Step:
        return ks.Game(scenario, seed=SEED).step

    def one(side: str, mode: str | None = None) -> Step:
        env = CommandEnv(scenario, side, render_mode=mode)
        env.reset(seed=SEED)
        staff = env.action()
        return (lambda: (env.step(staff), env.render())) if mode else (lambda: env.step(staff))

    def both() -> Step:
        env = parallel_env(scenario)
        env.reset(seed=SEED)
        staff = {a: env.seat(a).code.action({}) for a in env.agents}
        return lambda: env.step(staff)

    def drawn() -> Step:
        env = CommandEnv(scenario, "holder")
        _, info = env.reset(seed=SEED)
        env.action_space.seed(SEED)
        mask = info["action_mask"]

        def step() -> None:
            nonlocal mask
            *_, info = env.step(env.action_space.sample(mask))
            mask = info["action_mask"]

        return step

    return [
        ("bare engine, orders given", *least(bare, days)),
        ("game, both policies decide", *least(game, days)),
        ("environment, holder", *least(lambda: one("holder"), days)),
        ("environment, attacker", *least(lambda: one("attacker"), days)),
        ("environment, both sides", *least(both, days)),
        ("environment, holder, random orders", *least(drawn, days)),
        (
            "environment, holder, with pictures",
            *least(lambda: one("holder", "rgb_array"), min(days, 10)),
        ),
        ("environment, holder, with text", *least(lambda: one("holder", "ansi"), days)),
    ]


def main() -> None:
    """Print a table a scenario."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("scenarios", nargs="*", default=["two-roads", "december-march"])
    for name in parser.parse_args().scenarios:
        scenario = ks.load(name)
        ks.run(scenario, seed=SEED)  # the map of a process is worked out once
        found = rows(scenario)
        bare = found[0][2]
        print(
            f"{name}, {scenario.days} days".ljust(44)
            + "steps/s  time of a step / bare engine  reset, ms"
        )
        for what, first, day in found:
            print(f"  {what:<42}{1 / day:7.0f}  {day / bare:32.2f}  {1000 * first:9.1f}")


if __name__ == "__main__":
    main()
