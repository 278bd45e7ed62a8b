"""A run that was saved, opened and replayed is the run that was played."""

from __future__ import annotations

from pathlib import Path

import pytest

import kursksim as ks
from kursksim.engine.campaign import replay
from kursksim.runs.load import load_run
from kursksim.runs.save import save


@pytest.mark.parametrize(
    ("until", "options"),
    [
        ("2024-12-10", {}),
        ("2024-12-06", {"policy": {"holder": "fixed_date:2024-12-02", "attacker": "frontal"}}),
        ("2024-12-05", {"parameters": "prior", "set": {"parameters.teams_base": 0}}),
    ],
)
def test_replay_of_a_loaded_run(tmp_path: Path, until: str, options: dict[str, object]) -> None:
    run = ks.run("december-march", seed=5, replication=2, until=until, record="full", **options)  # type: ignore[arg-type]
    opened = load_run(save(run, tmp_path / "run"))
    again = replay(opened)
    assert opened.provenance == run.provenance
    for name, table in run.tables.items():
        assert list(again.tables[name].text_rows()) == list(table.text_rows()), name
    for part in ("changes", "start", "cells", "decisions", "orders", "events"):
        assert getattr(again, part) == getattr(run, part), part
    for name in (
        "daily.csv",
        "axes.csv",
        "legs.csv",
        "control.csv",
        "events.csv",
        "decisions.json",
    ):
        saved = save(again, tmp_path / "again")
        assert (saved / name).read_bytes() == (tmp_path / "run" / name).read_bytes()


def test_a_run_may_be_read_without_its_events(tmp_path: Path) -> None:
    made = ks.run("two-roads", seed=1, until="2025-01-03", record="full")
    folder = made.save(tmp_path / "run")
    bare = ks.load_run(folder, events=False)
    assert (len(made.events) > 0, bare.events) == (True, ())
    assert (bare.tables, bare.orders, bare.states) == (made.tables, made.orders, made.states)
