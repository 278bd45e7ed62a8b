"""What may be given as an executor, and what is said of everything else; nothing is waited for without an end."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.pool import ThreadPool
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import kursksim as ks
from kursksim.ensembles import executors
from kursksim.ensembles.executors import check_executor, elsewhere, mapped
from kursksim.ensembles.names import file_name, store_folder
from kursksim.forecasting.origins import score_origins
from kursksim.play.reveal.laid_open import reveal
from kursksim.studies import sensitivity, sweep
from kursksim.studies.calibration import bank, calibrate
from kursksim.studies.tournament import tournament
from kursksim.studies.verify import verify

UNTIL = "2025-01-02"


class Client:
    """A Dask client, as far as it matters here."""

    def submit(self, *_: object) -> None: ...

    def get_executor(self) -> None: ...


def dask(name: str) -> Any:
    return type(name, (), {"__module__": "distributed.deploy.local"})()


@pytest.fixture(scope="module")
def pools() -> Iterator[dict[str, object]]:
    with ThreadPool(1) as threads:
        yield {"threads": threads}
    threads.join()


WRONG: dict[str, tuple[Callable[[dict[str, object]], object], str]] = {
    "a client of Dask": (lambda _: Client(), "client.get_executor()"),
    "a cluster of Dask": (lambda _: dask("LocalCluster"), "Client(cluster).get_executor()"),
    "a Pool": (
        lambda pools: pools["threads"],
        "in place of ThreadPool give concurrent.futures.ProcessPoolExecutor(4)",
    ),
    "joblib": (
        lambda _: type("Parallel", (), {"__module__": "joblib.parallel"})(),
        "in place of Parallel",
    ),
    "a number": (lambda _: 4, "for 4 workers give ProcessPoolExecutor(4)"),
    "a large number": (lambda _: 10**9, "executor 1000000000: must be"),
    "an endless number": (lambda _: 10**6000, "executor of type int: must be"),
    "a long text": (lambda _: "x\ny" * 999, "..."),
    "a truth value": (lambda _: True, "executor True: must be"),
    "false": (lambda _: False, "executor False: must be"),
    "text": (lambda _: "process", "executor 'process': must be"),
    "a class": (lambda _: ProcessPoolExecutor, "make one: ProcessPoolExecutor(4)"),
    "another class": (lambda _: dict, "dict (a class)"),
    "a function": (lambda _: map, "must be a concurrent.futures.Executor"),
    "a duck": (lambda _: SimpleNamespace(submit=print, map=map), "has a submit, yet is none"),
    "one that plays nothing": (lambda _: Executor(), "no submit of its own"),
}


def said_of(executor: object) -> str:
    with pytest.raises(ks.BadUse) as error:
        check_executor(executor)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_executor_is_refused_with_what_to_give(
    pools: dict[str, object], case: str
) -> None:
    make, wanted = WRONG[case]
    assert wanted in said_of(make(pools))


def test_what_is_shut_down_or_broken_is_refused() -> None:
    threads = ThreadPoolExecutor(1)
    check_executor(threads)
    threads.shutdown()
    assert "was shut down" in said_of(threads)
    processes = ProcessPoolExecutor(1)
    check_executor(processes)
    processes.shutdown()
    assert "was shut down" in said_of(processes)
    broken = ThreadPoolExecutor(1)
    broken._broken = "an initializer failed"
    assert "is broken" in said_of(broken)
    closed = Late([])
    closed._client = SimpleNamespace(status="closed")  # type: ignore[attr-defined]
    assert "its Dask client was closed" in said_of(closed)
    assert check_executor(None) is None  # type: ignore[func-returns-value]


def game() -> ks.Game:
    made = ks.Game("two-roads")
    made.step()
    return made


CALLS: dict[str, Callable[[Any, Path], object]] = {
    "ensemble": lambda e, at: ks.ensemble(
        "two-roads", replications=1, executor=e, store=at / "a.sqlite"
    ),
    "compare": lambda e, at: ks.compare("two-roads", {"title": "x"}, executor=e, store=at / "a"),
    "sweep": lambda e, at: sweep("two-roads", {"v_road": [30]}, executor=e, store=at / "a.sqlite"),
    "morris": lambda e, at: sensitivity.morris("two-roads", executor=e, store=at / "a.sqlite"),
    "sobol": lambda e, at: sensitivity.sobol(
        "two-roads", ["v_road"], executor=e, store=at / "a.sqlite"
    ),
    "alone": lambda e, at: sensitivity.alone("two-roads", executor=e, store=at / "a.sqlite"),
    "bank": lambda e, at: bank.bank("december-march", executor=e, store=at / "a.sqlite"),
    "calibrate": lambda e, at: calibrate.calibrate("december-march", at / "a", executor=e),
    "forecast": lambda e, at: ks.forecast(
        "december-march", origin="2025-01-12", executor=e, store=at / "a.sqlite"
    ),
    "hindcast": lambda e, at: ks.hindcast(
        "december-march", until="2025-01-12", executor=e, store=at / "a.sqlite"
    ),
    "origins": lambda e, at: score_origins("december-march", at / "a", executor=e),
    "tournament": lambda e, at: tournament("two-roads", executor=e, store=at / "a"),
    "findings": lambda e, _: verify.findings(executor=e),
    "verdicts": lambda e, _: verify.verdicts(executor=e),
    "reveal": lambda e, _: reveal(game(), executor=e),
}


@pytest.mark.parametrize("call", CALLS)
def test_it_is_refused_everywhere_before_anything_is_written(call: str, tmp_path: Path) -> None:
    with pytest.raises(ks.BadUse, match=r"client\.get_executor\(\)"):
        CALLS[call](Client(), tmp_path)
    assert list(tmp_path.iterdir()) == []


# -- nothing waits for ever ----------------------------------------------------------------------------------------


class Late(Executor):
    """Hands out futures and fulfils those that it is told to."""

    def __init__(self, fulfilled: list[bool]) -> None:
        self.fulfilled = fulfilled

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.fulfilled and self.fulfilled.pop():
            future.set_result(fn(*args, **kwargs))
        return future


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_S", "NO_WORKERS_S", "PATIENCE_S"):
        monkeypatch.setattr(executors, name, 0.02)


@pytest.mark.usefixtures("hasty")
def test_an_executor_that_brings_nothing_back_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    store = tmp_path / "a.sqlite"
    with pytest.raises(ks.KursksimError, match="has brought nothing back for") as error:
        ks.ensemble(
            "two-roads", replications=2, until=UNTIL, executor=Late([False, True]), store=store
        )
    assert "what was finished is kept" in str(error.value)
    assert ks.load_ensemble(store).replications == 1
    with pytest.raises(ks.KursksimError, match="has brought nothing back for"):
        list(mapped(Late([]), abs, [-1]))


@pytest.mark.usefixtures("hasty")
def test_a_cluster_without_workers_is_named() -> None:
    empty = Late([])
    empty._client = SimpleNamespace(  # type: ignore[attr-defined]
        status="running", scheduler_info=lambda: {"address": "tcp://host:8786", "workers": {}}
    )
    with pytest.raises(
        ks.KursksimError, match=r"no workers for .* start one with `dask worker tcp://host:8786`"
    ):
        ks.ensemble("two-roads", replications=1, until=UNTIL, executor=empty)


class Full(Executor):
    """Takes one job, and then no more."""

    def __init__(self) -> None:
        self.taken = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.taken += 1
        if self.taken > 1:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Dying(Executor):
    """A pool whose worker dies over the second job."""

    def __init__(self) -> None:
        self.taken = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.taken += 1
        if self.taken == 1:
            future.set_result(fn(*args, **kwargs))
        else:
            future.set_exception(BrokenProcessPool("terminated abruptly"))
        return future


def test_a_worker_that_dies_costs_one_line_and_nothing_of_the_store(tmp_path: Path) -> None:
    store = tmp_path / "a.sqlite"
    with pytest.raises(
        ks.KursksimError, match="a worker process died before its replication was done: terminated"
    ):
        ks.ensemble(
            "two-roads", replications=2, until=UNTIL, executor=Dying(), store=store, backlog=1
        )
    assert ks.load_ensemble(store).replications == 1
    assert ks.ensemble("two-roads", replications=2, until=UNTIL, store=store).replications == 2
    assert [p.name for p in tmp_path.iterdir()] == ["a.sqlite"]
    with pytest.raises(ks.KursksimError, match="a worker process died"):
        list(mapped(Dying(), abs, [-1, -2]))


def test_an_executor_that_takes_no_more_work_ends_in_one_line() -> None:
    with pytest.raises(
        ks.KursksimError, match="takes no more work: RuntimeError: cannot schedule new futures"
    ):
        ks.ensemble("two-roads", replications=3, until=UNTIL, executor=Full(), backlog=1)
    with pytest.raises(ks.KursksimError, match="takes no more work"):
        list(mapped(Full(), abs, [-1, -2]))


def test_jobs_come_back_in_their_order_and_their_errors_as_they_are() -> None:
    def refuse(_: int) -> int:
        raise ks.BadUse("not this one")

    with ThreadPoolExecutor(2) as threads:
        assert (
            list(mapped(threads, abs, [-3, 2, -1]))
            == list(mapped(None, abs, [-3, 2, -1]))
            == [3, 2, 1]
        )
        with pytest.raises(ks.BadUse, match="not this one"):
            list(mapped(threads, refuse, [1]))
        with pytest.raises(ks.KursksimError, match="could not play its replication: TypeError"):
            list(mapped(threads, abs, ["x"]))  # type: ignore[list-item]


def test_threads_are_here_and_everything_else_is_elsewhere() -> None:
    other = type("InterpreterPoolExecutor", (ThreadPoolExecutor,), {})
    with ThreadPoolExecutor(1) as threads, other(1) as interpreters:
        assert [elsewhere(e) for e in (None, threads, interpreters, Late([]))] == [
            False,
            False,
            True,
            True,
        ]


SCRIPT = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
import kursksim as ks
{guard}
with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
    try:
        print(ks.ensemble("two-roads", replications=1, until="2025-01-02", executor=pool, store="runs.sqlite"))
    except ks.KursksimError as error:
        if multiprocessing.current_process().name == "MainProcess":
            print(error)
        raise
"""


def test_a_script_without_the_guard_is_told_what_it_needs(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    script = folder / "my script.py"
    script.write_text(SCRIPT.format(guard=""), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "a worker process died" in done.stdout
    assert "puts what it does under `if __name__ == '__main__':`" in done.stdout
    assert "a worker process reads this script again as it starts" in done.stderr
    assert sorted(p.name for p in folder.iterdir()) == ["my script.py", "runs.sqlite"]


def test_a_worker_that_is_still_starting_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    assert "reads this script again" in said_of(Late([]))
    with ThreadPoolExecutor(1) as threads:
        check_executor(threads)


# -- folders of stores ---------------------------------------------------------------------------------------------


def test_a_folder_made_for_nothing_is_taken_away_again(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    with pytest.raises(RuntimeError), store_folder(deep):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []

    def fail_later() -> None:
        with store_folder(deep) as folder:
            (folder / "base.sqlite").touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_later()
    assert (deep / "base.sqlite").exists()
    mine = tmp_path / "mine"
    mine.mkdir()
    with pytest.raises(RuntimeError), store_folder(mine):
        raise RuntimeError
    assert mine.is_dir()


@pytest.mark.parametrize("name", ["con", "NUL", "aux", "Com1", "lpt9"])
def test_a_name_of_a_device_of_windows_is_no_name_of_a_file(name: str) -> None:
    assert file_name(name) == f"_{name}"
    assert file_name(f"{name}x") == f"{name}x"
