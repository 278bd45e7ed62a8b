"""Play one campaign in larger and larger windows, and print how its time grows with the cells.

The campaign is the same in each: only the window around it grows, and the border is drawn on to its
rim. A run on a map that is built is timed apart from the first run of a process, which also builds
the map. Times on a shared machine drift, so the windows are played in turns, and the power is that
of ratios within a turn. Nothing here asserts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from statistics import median

from roads import in_turns
from speed import NEVER, SEED, slope

import kursksim as ks
from kursksim.engine.campaign import play
from kursksim.scenario.schema import Scenario
from kursksim.terrain.hexmap import build, terrain_of

FACTORS = (1.0, 1.65, 2.75)
"""Sides of the windows, in those of the campaign's own: the last one has over 32,000 cells."""
BUDGET = 0.6


def in_a_window(scenario: Scenario, factor: float) -> Scenario:
    """The same campaign in a window so many times as wide and as high."""
    grid = scenario.grid
    east, north = (grid.east - grid.west) / 2 * factor, (grid.north - grid.south) / 2 * factor
    lon, lat = (grid.west + grid.east) / 2, (grid.south + grid.north) / 2
    sides = {"west": lon - east, "east": lon + east, "south": lat - north, "north": lat + north}
    (x1, y1), (x2, y2) = scenario.border[0], scenario.border[-1]
    first, last = (2 * x1 - x2, 2 * y1 - y2), (2 * x2 - x1, 2 * y2 - y1)
    fields = {name: getattr(scenario, name) for name in Scenario.model_fields}
    wider = {"grid": grid.model_copy(update=sides), "border": (first, *scenario.border, last)}
    return Scenario(**fields | wider)


def table(sizes: Sequence[int], spent: Sequence[tuple[float, ...]], what: str) -> str:
    """CPU seconds by number of cells, and the power with which they grow."""
    seconds = [median(column) for column in zip(*spent, strict=True)]
    shown = ", ".join(f"{n:,} cells {s:.2f} s" for n, s in zip(sizes, seconds, strict=True))
    power = median(slope(sizes, row) for row in spent)
    return f"{what:<28} power {power:.2f} (budget {BUDGET}): {shown}"


def main() -> None:
    """Print how runs grow, and how the first run of a process grows."""
    windows = [in_a_window(ks.load("december-march"), factor) for factor in FACTORS]
    sizes = [len(terrain_of(window).cells) for window in windows]
    runs = in_turns(*[partial(play, w, seed=SEED, policy=NEVER) for w in windows], turns=3)
    maps = in_turns(*[partial(lambda w: build(w).eve, w) for w in windows], turns=3)
    first = [tuple(map(sum, zip(*pair, strict=True))) for pair in zip(runs, maps, strict=True)]
    print(table(sizes, runs, "a run"))
    print(table(sizes, first, "a run and its map"))


if __name__ == "__main__":
    main()
