"""What repeats and what does not: replay, seeds, patches that change nothing, the order of rows."""

from __future__ import annotations

import csv
import pickle
import shutil
from pathlib import Path
from typing import Any

import lattice_kit
import numpy as np
import pytest
import scenario_kit
from campaign_kit import FEW, Game, campaign, games, same, texts
from hypothesis import given
from hypothesis import strategies as st

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine.campaign import play

SHIPPED = Path(__file__).parents[2] / "scenarios"
TOWNS = "december-march"


@FEW
@given(games)
def test_a_replay_equals_the_run(game: Game) -> None:
    run = game.run(record="full")
    again = ks.replay(run)
    assert same(run, again)
    assert run.events == again.events
    assert run.start == again.start


@FEW
@given(games)
def test_the_same_seed_gives_the_same_run_and_another_seed_another(game: Game) -> None:
    run = game.run()
    assert same(run, game.run())
    other = ks.run(game.scenario, seed=game.seed + 1, policy=game.policy)
    assert texts(run) != texts(other)
    second = ks.run(game.scenario, seed=game.seed, replication=1, policy=game.policy)
    assert texts(run) != texts(second)
    assert texts(other) != texts(second)


@FEW
@given(games)
def test_watching_closely_changes_nothing(game: Game) -> None:
    assert same(game.run(record="full"), game.run(record="summary"))


@FEW
@given(games)
def test_a_patch_that_changes_nothing_changes_nothing(game: Game) -> None:
    run = game.run()
    values = {f"parameters.{p.id}": p.value for p in game.scenario.parameters}
    for patch in (
        {"title": "Nothing", "why": "To see nothing."},
        {"title": "As it was", "why": "Same.", "set": values},
    ):
        patched = with_changes(game.scenario, what_if=[patch])
        assert same(run, ks.run(patched, seed=game.seed, policy=game.policy))
        assert patched.digest == game.scenario.digest


@FEW
@given(games, st.integers(1, 15))
def test_a_shorter_run_is_the_beginning_of_a_longer_one(game: Game, count: int) -> None:
    whole = texts(game.run())
    part = game.run(until=game.scenario.date(count - 1))
    cut = texts(part)
    for name, rows in cut.items():
        columns = list(part.tables[name].columns)
        late = (
            columns.index("order_day") if name == "daily" else None
        )  # written when the order's evening has passed
        shown = [[v for i, v in enumerate(row) if i != late] for row in rows]
        assert shown == [
            [v for i, v in enumerate(row) if i != late] for row in whole[name][: len(rows)]
        ]


def shuffled(rows: list[Any], order: int) -> list[Any]:
    """Rows from the last to the first for order 0, at random for others."""
    if order == 0:
        return rows[::-1]
    return [rows[i] for i in np.random.Generator(np.random.PCG64(order)).permutation(len(rows))]


@pytest.mark.parametrize("order", range(3))
@pytest.mark.parametrize("holder", ["threshold", "fixed_date:2025-01-03"])
def test_the_order_of_rows_does_not_matter(tmp_path: Path, holder: str, order: int) -> None:
    """M20, on a campaign with a counter-attack, an axis across the border and two routes: the same tables, row by row.

    Rows of a scenario are sorted by id when they are read, so those of a run's tables are in the order of ids too.
    """

    def permute(doc: dict[str, Any], tables: dict[str, list[dict[str, Any]]]) -> None:
        for name in ("axes", "legs", "places", "parameters"):
            tables[name][:] = shuffled(tables[name], order)

    one = ks.load(scenario_kit.write(tmp_path / "a" / "kit"))
    other = ks.load(scenario_kit.write(tmp_path / "b" / "kit", permute))
    runs = [ks.run(s, seed=5, policy={"holder": holder}) for s in (one, other)]
    assert same(*runs)
    assert one.digest == other.digest
    for table, column in (("axes", "axis"), ("legs", "leg")):
        first = [
            row[1] for row in texts(runs[0])[table][: len(texts(runs[0])[table]) // runs[0].days]
        ]
        assert runs[0].tables[table].columns[column][0] == first[0]
        assert first == sorted(first)


@pytest.mark.parametrize("order", [0, 1])
def test_the_order_of_rows_does_not_matter_in_the_large(tmp_path: Path, order: int) -> None:
    """M20 on the shipped history: axes, legs and places upside down, and shuffled."""
    folder = tmp_path / TOWNS
    shutil.copytree(SHIPPED / TOWNS, folder)
    for name in ("axes", "legs", "places"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *shuffled(rows, order)])
    runs = [ks.run(s, seed=2, until="2024-12-12") for s in (campaign(TOWNS), ks.load(folder))]
    assert same(*runs)


@FEW
@given(games)
def test_a_run_survives_being_pickled(game: Game) -> None:
    run = game.run()
    back = pickle.loads(pickle.dumps(run))
    assert same(run, back)
    assert same(run, ks.replay(back))


def test_a_run_on_another_map_is_not_replayed_on_the_wrong_one() -> None:
    """A run does not carry a map that was handed in: its replay must be the same or be refused, never another run."""
    scenario = campaign("two-roads")
    places = {"Port": (12.0, 1.0), "Gate": (11.0, 4.0), "Ford": (13.0, 4.0), "Hill": (12.0, 12.0)}
    terrain = lattice_kit.lattice(scenario, places, axis=lambda x, y: int(x // 8.5))
    run = play(scenario, seed=1, last_day=3, terrain=terrain)
    try:
        again = ks.replay(run)
    except ks.BadUse:
        return
    assert same(run, again)
