"""The store: kills, resumes, refusals, and the same rows on every executor."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.ensembles import Design, ensemble, load_ensemble
from kursksim.ensembles.store import Store
from kursksim.ensembles.workers import pool
from kursksim.runs.columns import DAILY

UNTIL = "2025-01-06"
TABLES = ("replication", "daily", "control", "outcome", "withdrawal", "cell", "provenance")


def rows(path: Path) -> dict[str, list[Any]]:
    """Everything in a store, table by table."""
    db = sqlite3.connect(path)
    try:
        return {t: sorted(db.execute(f"SELECT * FROM {t}"), key=repr) for t in TABLES}
    finally:
        db.close()


def played(path: Path, n: int = 4, **more: Any) -> ks.Ensemble:
    return ensemble("two-roads", replications=n, seed=3, until=UNTIL, store=path, **more)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was written without an interruption."""
    path = tmp_path_factory.mktemp("store") / "whole.sqlite"
    played(path, 6)
    return path


def test_a_store_reads_as_the_ensemble_in_memory(whole: Path) -> None:
    stored, kept = load_ensemble(whole), ensemble("two-roads", replications=6, seed=3, until=UNTIL)
    assert (stored.replications, stored.days, stored.dates) == (6, kept.days, kept.dates)
    assert stored.daily.equals(kept.daily)
    assert stored.outcomes.equals(kept.outcomes)
    for date in (kept.dates[0], kept.dates[-1]):
        assert stored.control_probability(date) == kept.control_probability(date)
    for one, other in zip(stored.members, kept.members, strict=True):
        assert one.tables["daily"] == other.tables["daily"]
        assert [c[:3] for c in one.changes] == sorted(c[:3] for c in other.changes)
        assert (one.order_day, one.order_reason) == (other.order_day, other.order_reason)
        assert one.measures == pytest.approx(dict(other.measures), rel=0, abs=0, nan_ok=True)
    assert stored.run(4).tables["daily"] == kept.members[4].tables["daily"]


def test_the_tables_are_those_of_the_page(whole: Path) -> None:
    db = sqlite3.connect(whole)
    columns = {t: [c[1] for c in db.execute(f"PRAGMA table_info({t})")] for t in TABLES}
    mode = db.execute("PRAGMA journal_mode").fetchone()[0]
    db.close()
    assert columns["replication"] == ["replication", "status", "error"]
    assert columns["daily"] == ["replication", "day", *(c for c in DAILY if c != "day")]
    assert columns["control"] == ["replication", "day", "cell", "owner"]
    assert columns["provenance"] == ["key", "value"]
    assert mode == "delete"  # at rest, one plain file
    assert sorted(p.name for p in whole.parent.iterdir()) == ["whole.sqlite"]


def test_control_rows_give_the_map_of_any_day(whole: Path) -> None:
    db = sqlite3.connect(whole)
    owner = dict(db.execute("SELECT cell, owner FROM cell"))
    owner |= dict(
        db.execute(
            "SELECT cell, owner FROM control WHERE replication = 2 AND day <= 3 ORDER BY day"
        )
    )
    db.close()
    run = ks.run("two-roads", seed=3, replication=2, until=UNTIL)
    assert owner == run.control(run.scenario.date(3))


@pytest.mark.parametrize("first", [1, 4])
def test_what_is_missing_is_played_and_nothing_else(
    whole: Path, tmp_path: Path, first: int
) -> None:
    path = tmp_path / "grown.sqlite"
    played(path, first)
    done: list[tuple[int, int]] = []
    with pool(2) as workers:
        played(path, 6, executor=workers, progress=lambda k, n: done.append((k, n)))
    assert done == [(k, 6) for k in range(first, 7)]
    assert rows(path) == rows(whole)
    again = played(
        path, 2, progress=lambda k, n: pytest.fail("nothing is missing") if k > 2 else None
    )
    assert (again.replications, rows(path)) == (2, rows(whole))


SCRIPT = """
import sys
import kursksim as ks
ks.ensemble("two-roads", replications=int(sys.argv[2]), seed=3, until="2025-01-06", store=sys.argv[1],
            progress=lambda k, n: print(k, flush=True))
"""


def test_killed_at_any_moment_it_goes_on(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "killed.sqlite"
    for wait in (0.0, 0.02, 0.07):
        child = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(path), "6"], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()  # one at least is done
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
    left = set(load_ensemble(path).numbers)
    assert left <= set(range(6))
    played(path, 6)
    assert rows(path) == rows(whole)


def test_a_store_with_a_journal_left_behind_opens(whole: Path, tmp_path: Path) -> None:
    """What a kill leaves when it comes while SQLite writes into the file itself."""
    store, killed = shutil.copy(whole, tmp_path / "store.sqlite"), tmp_path / "killed"
    killed.mkdir()
    db = sqlite3.connect(store, isolation_level=None)
    db.execute("PRAGMA cache_size=1")  # so that pages are written before the transaction ends
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE daily SET held_km2 = 0")
    for file in tmp_path.glob("store.sqlite*"):
        shutil.copy(file, killed)
    db.execute("ROLLBACK")
    db.close()
    assert (killed / "store.sqlite-journal").stat().st_size > 0
    assert load_ensemble(killed / "store.sqlite").numbers == load_ensemble(whole).numbers
    assert rows(killed / "store.sqlite") == rows(whole)


def test_a_kill_while_a_row_is_written_leaves_no_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "torn.sqlite"
    ours = Store._insert

    def torn(self: Store, result: Any) -> None:
        ours(self, result)
        if result.replication == 1:
            self._db.execute("DELETE FROM replication WHERE replication = 1")
            raise KeyboardInterrupt

    monkeypatch.setattr(Store, "_insert", torn)
    with pytest.raises(KeyboardInterrupt):
        played(path)
    assert {r[0] for r in rows(path)["daily"]} == {0}
    monkeypatch.undo()
    assert played(path).replications == 4


# -- refusals ----------------------------------------------------------------------------------------------------------


def held(path: Path) -> subprocess.Popen[bytes]:
    """Another process that writes to a store, and goes on for long."""
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(path), "5000"], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    return child


def test_a_second_writer_is_refused_and_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "busy.sqlite"
    child = held(path)
    try:
        with pytest.raises(ks.StoreError, match="another process is writing to it"):
            played(path)
        assert load_ensemble(path).replications >= 1  # readers may
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()
    assert played(path, 1).replications == 1


def test_a_second_writer_in_the_same_process_is_refused(tmp_path: Path, whole: Path) -> None:
    path = tmp_path / "one.sqlite"
    shutil.copy(whole, path)
    head = load_ensemble(path).source.provenance  # type: ignore[attr-defined]
    with closing(Store(path, head, ())), pytest.raises(ks.StoreError, match="another process"):
        Store(path, head, ())


REFUSED = {
    "seed": ({"seed": 4}, "seed is '3' there and '4' here"),
    "until": ({"until": "2025-01-05"}, "until is '2025-01-06' there"),
    "what-if": ({"set": {"parameters.v_road": 41}}, "digest"),
    "policy": ({"policy": {"holder": "never"}}, "policies"),
    "parameters": ({"parameters": "prior"}, "parameters is 'default' there and 'prior' here"),
    "design": (
        {"design": Design(("v_road",), np.full((2, 1), 40.0), np.zeros(2, dtype=int))},
        "design",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_store_of_another_ensemble_is_refused(whole: Path, tmp_path: Path, case: str) -> None:
    path = tmp_path / "other.sqlite"
    shutil.copy(whole, path)
    before = path.read_bytes()
    changed, said = REFUSED[case]
    given: dict[str, Any] = {"replications": 2, "seed": 3, "until": UNTIL, "store": path} | changed
    with pytest.raises(ks.StoreError, match="belongs to another ensemble") as error:
        ensemble("two-roads", **given)
    assert said in str(error.value)
    assert path.read_bytes() == before


def spoiled(path: Path, how: str) -> str:
    """Make a file that is no good store, and say what the refusal must."""
    data = path.read_bytes()
    if how == "text":
        path.write_text("a,b\n1,2\n" * 500)
        return "is not a store"
    if how == "cut":
        path.write_bytes(data[: len(data) // 2])
        return "damaged"
    if how == "flipped":
        path.write_bytes(data[:4096] + bytes(b ^ 0x5A for b in data[4096:40960]) + data[40960:])
        return "damaged"
    db = sqlite3.connect(path)
    if how == "older":
        db.execute("PRAGMA user_version=0")
    elif how == "newer":
        db.execute("PRAGMA user_version=99")
    elif how == "other database":
        db.execute("PRAGMA application_id=7")
    elif how == "results":
        db.execute("UPDATE provenance SET value='0' WHERE key='results_version'")
    db.commit()
    db.close()
    return {
        "older": "schema 0 is older", "newer": "schema 99 is newer", "other database": "a database of something else",
        "results": "results_version is '0' there",
    }[how]  # fmt: skip


@pytest.mark.parametrize(
    "how", ["text", "cut", "flipped", "older", "newer", "other database", "results"]
)
def test_a_file_that_is_no_good_store_is_refused_untouched(
    whole: Path, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "bad.sqlite"
    shutil.copy(whole, path)
    said = spoiled(path, how)
    before = path.read_bytes()
    with pytest.raises(ks.StoreError, match=said):
        played(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["bad.sqlite"]
    if how == "results":
        assert load_ensemble(path).replications == 6
    else:
        with pytest.raises(ks.StoreError):
            load_ensemble(path)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("none/x.sqlite", "folder does not exist"),
        (".", "is a folder"),
        ("a\0b", "null"),
        ("x" * 300, "long"),
    ],
)
def test_places_where_no_store_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ks.StoreError, match=said):
        played(Path(path))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_what_was_finished(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "full.sqlite"
    played(path, 1)
    begin = Store._begin

    def limited(self: Store, db: sqlite3.Connection, *given: Any) -> None:
        begin(self, db, *given)
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(
            f"PRAGMA max_page_count={pages + 1}"
        )  # SQLite's own word for a disk of that size

    monkeypatch.setattr(Store, "_begin", limited)
    with pytest.raises(ks.StoreError, match="no room is left on the disk"):
        played(path, 6)
    monkeypatch.undo()
    assert load_ensemble(path).numbers[0] == 0
    played(path, 6)
    assert rows(path) == rows(whole)


# -- failures and executors --------------------------------------------------------------------------------------------


def boom(run: Any) -> dict[str, float]:
    if run.provenance.replication == 1:
        raise RuntimeError("the bridge\nis out")
    return {"held": run.tables["daily"].columns["held_km2"][-1]}


@pytest.mark.parametrize("stored", [False, True])
def test_a_replication_that_raises_is_recorded_and_the_others_go_on(
    tmp_path: Path, stored: bool
) -> None:
    path = tmp_path / "failed.sqlite" if stored else None
    ens = ensemble("two-roads", replications=3, seed=3, until=UNTIL, measures=boom, store=path)
    assert (ens.replications, tuple(ens.numbers)) == (2, (0, 2))
    assert ens.failures == {1: "RuntimeError: the bridge is out"}
    assert ens.outcome("held").shape == (2,)
    with pytest.raises(ks.BadUse, match="replication 1 failed: RuntimeError"):
        ens.member(1)
    assert ens.member(2).replication == 2
    if path is not None:
        assert rows(path)["replication"][1:2] == [(1, "failed", "RuntimeError: the bridge is out")]


def fail(run: Any) -> dict[str, float]:
    raise RuntimeError("no luck")


def test_when_all_fail_it_is_an_error() -> None:
    with pytest.raises(
        ks.KursksimError, match="all 2 replications failed; number 0: RuntimeError: no luck"
    ):
        ensemble("two-roads", replications=2, until=UNTIL, measures=fail)


def test_rows_are_the_same_on_every_executor(whole: Path, tmp_path: Path) -> None:
    for name, made in (("threads", ThreadPoolExecutor(2)), ("processes", pool(2))):
        with made as workers:
            played(tmp_path / f"{name}.sqlite", 6, executor=workers, backlog=3)
        assert rows(tmp_path / f"{name}.sqlite") == rows(whole)


def die(run: Any) -> dict[str, float]:
    os._exit(9)


def test_a_worker_that_dies_ends_in_one_line(tmp_path: Path) -> None:
    with pool(1) as workers, pytest.raises(ks.KursksimError, match="a worker process died"):
        ensemble("two-roads", replications=3, until=UNTIL, measures=die, executor=workers)


def test_export(whole: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    ens = load_ensemble(whole)
    daily, outcomes = ens.export(tmp_path / "out")
    assert pandas.read_parquet(daily).equals(ens.daily)
    assert pandas.read_parquet(outcomes).set_index("replication").equals(ens.outcomes)


# -- what a hostile reader found ---------------------------------------------------------------------------------------


def ours(run: Any) -> dict[str, float]:
    return {"x": 5.0}


def test_other_measures_are_another_ensemble(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    shutil.copy(whole, path)
    with pytest.raises(ks.StoreError, match="measures is"):
        played(path, 8, measures=ours)


def no_memory(run: Any) -> dict[str, float]:
    raise MemoryError("no memory for this")


def test_what_is_wrong_with_a_worker_is_not_recorded_as_a_replication(tmp_path: Path) -> None:
    path = tmp_path / "poor.sqlite"
    with (
        ThreadPoolExecutor(1) as workers,
        pytest.raises(ks.KursksimError, match="MemoryError: no memory"),
    ):
        ensemble(
            "two-roads",
            replications=2,
            seed=3,
            until=UNTIL,
            store=path,
            measures=no_memory,
            executor=workers,
        )
    assert rows(path)["replication"] == []


def test_measures_that_workers_cannot_import_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ours, "__module__", "__main__")
    with (
        pool(1) as workers,
        pytest.raises(ks.BadUse, match="measures: ours is defined in a notebook"),
    ):
        played(tmp_path / "x.sqlite", measures=ours, executor=workers)


def test_a_reader_keeps_to_what_was_there_when_he_came(tmp_path: Path) -> None:
    path = tmp_path / "growing.sqlite"
    played(path, 2)
    early = load_ensemble(path)
    assert early.replications == 2
    played(path, 5)
    date = early.dates[-1]
    assert set(early.control_probability(date).values()) <= {0.0, 0.5, 1.0}
    assert len(early.daily) == 2 * early.days
    assert early.matrix("held_km2").shape == (2, early.days)
    assert len(early.outcomes) == 2
    assert load_ensemble(path).replications == 5


def test_another_name_of_the_same_file_is_the_same_store(tmp_path: Path) -> None:
    path, alias = tmp_path / "real.sqlite", tmp_path / "alias.sqlite"
    child = held(path)
    try:
        alias.symlink_to(path)
        with pytest.raises(ks.StoreError, match="another process is writing to it"):
            played(alias)
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


class Broken(ThreadPoolExecutor):
    """An executor whose third replication is lost in a way of its own."""

    given = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.given += 1
        future = super().submit(fn, *args, **kwargs)
        if self.given == 3:
            future.exception()
            future._exception = RuntimeError("KilledWorker")
        return future


def test_whatever_an_executor_raises_ends_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "killed.sqlite"
    with (
        Broken(1) as workers,
        pytest.raises(ks.KursksimError, match="could not play its replication: RuntimeError"),
    ):
        played(path, 6, executor=workers, backlog=1)
    assert played(path, 6).replications == 6
