"""Executors of others: refuse what is none by name, hand out jobs, and wait for none for ever."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Set
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from itertools import islice
from time import monotonic
from typing import TypeVar

from kursksim.counts import shown
from kursksim.errors import BadUse, KursksimError

__all__ = ["check_executor", "elsewhere", "mapped"]

J = TypeVar("J")
R = TypeVar("R")
# jobs handed out for each worker of a pool: enough that none waits, few enough for flat memory
AHEAD = 4
# the same where the number of workers is not known, as on a cluster
BACKLOG = 512
# seconds between two looks around during a wait
LOOK_S = 5.0
# patience with a cluster that has no workers
NO_WORKERS_S = 30.0
# patience with any executor that brings nothing back; one replication takes seconds
PATIENCE_S = 1800.0
GUARD = "if __name__ == '__main__':"
POOL = "ProcessPoolExecutor(4)"
MOST_WORKERS = 1000
BASE = "concurrent.futures.Executor"
_PLAIN = ("builtins", "concurrent", "multiprocessing", "__main__")
_OF_DASK = ("dask", "distributed", "dask_jobqueue", "dask_kubernetes")
_POOLS_OF_OTHERS = ("multiprocessing", "multiprocess", "joblib", "Pool", "ThreadPool", "Parallel")


def elsewhere(executor: Executor | None) -> bool:
    """Whether an executor plays in processes that start afresh: not here, and not in threads."""
    if executor is None:
        return False
    # its threads (from Python 3.14 on) share nothing with this one
    interpreters = type(executor).__name__ == "InterpreterPoolExecutor"
    return interpreters or not isinstance(executor, ThreadPoolExecutor)


def check_executor(executor: object) -> None:
    """Refuse an executor that cannot play.

    Parameters
    ----------
    executor : concurrent.futures.Executor or None

    Raises
    ------
    BadUse
        For anything else than an executor, one that was shut down or is broken, and a script that
        starts worker processes while one of them reads it.
    """
    if executor is None:
        return
    if not isinstance(executor, Executor):
        raise BadUse(
            f"executor {_named(executor)}: must be a {BASE}, such as {POOL}; {_instead(executor)}"
        )
    wrong = _ended(executor)
    if type(executor).submit is Executor.submit:
        wrong = f"has no submit of its own; give one that plays, such as {POOL}"
    if wrong:
        raise BadUse(f"executor {_named(executor)}: {wrong}")
    # a worker that is still starting reads the script of its parent
    starting = getattr(multiprocessing.current_process(), "_inheriting", False)
    if elsewhere(executor) and starting:
        raise BadUse(
            "a worker process reads this script again as it starts:"
            f" put what the script does under `{GUARD}`"
        )


def _named(value: object) -> str:
    """Name of a given object, in a word or two.

    The text of a client or a pool may be long, and making it may ask a scheduler.
    """
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return shown(value)
    if isinstance(value, type):
        return f"{value.__name__} (a class)"
    home, name = type(value).__module__.partition(".")[0], type(value).__name__
    return f"of type {name}" if home in _PLAIN else f"of type {home}.{name}"


def _instead(value: object) -> str:
    """Advice on what to give instead of a given object."""
    if isinstance(value, type):
        known = issubclass(value, Executor)
        return f"make one: {value.__name__}(4)" if known else "a class plays nothing"
    home, name = type(value).__module__.partition(".")[0], type(value).__name__
    if callable(getattr(value, "get_executor", None)):
        return "of a Dask client give client.get_executor()"
    if home in _OF_DASK:
        return "of a Dask cluster give Client(cluster).get_executor()"
    if {home, name} & set(_POOLS_OF_OTHERS):
        return f"in place of {name} give concurrent.futures.{POOL}"
    # True is an int too, and no number of workers
    if not isinstance(value, bool) and isinstance(value, int) and 1 <= value <= MOST_WORKERS:
        return f"for {value} workers give ProcessPoolExecutor({value})"
    if callable(getattr(value, "submit", None)):
        return "it has a submit, yet is none: its maker may offer one"
    return "leave it out to play here"


def _ended(executor: Executor) -> str:
    """Reason why an executor can play no more, as far as it has one; empty when it can."""
    client = getattr(executor, "_client", None)
    said = ""
    if getattr(client, "status", "running") in ("closed", "closing"):
        said = "its Dask client was closed"
    # attributes of the standard library's pools; those of others may have any value there
    if any(getattr(executor, name, False) is True for name in ("_shutdown", "_shutdown_thread")):
        said = "was shut down"
    if getattr(executor, "_broken", False):
        said = "is broken: one of its workers died"
    return f"{said}; give a new one" if said else ""


@contextmanager
def _explained(what: str, hint: str = "") -> Iterator[None]:
    """Errors of a worker or an executor as one of ours, in one line."""
    try:
        yield
    except KursksimError:
        raise
    except BrokenExecutor as error:
        what = "a worker process died before its replication was done"
        raise KursksimError(f"{what}: {_line(error)}{_hint()}") from None
    except Exception as error:  # the executor of a user may raise anything
        said = f"{type(error).__name__}: {_line(error)}"
        raise KursksimError(f"{what}: {said}{hint}") from None


def _finished(executor: Executor, waiting: Set[Future[R]]) -> set[Future[R]]:
    """Wait until at least one job is done, and return those that are.

    Raises
    ------
    KursksimError
        When nothing comes back: after half a minute from a cluster without workers, after half an
        hour from any other executor.
    """
    began = monotonic()
    while True:
        done, _ = wait(waiting, timeout=LOOK_S, return_when=FIRST_COMPLETED)
        if done:
            return done
        quiet = monotonic() - began
        if quiet >= NO_WORKERS_S and (address := _without_workers(executor)):
            raise KursksimError(
                f"the Dask cluster has had no workers for {quiet:.0f} s; start one with"
                f" `dask worker {address}` (client.wait_for_workers(1) waits for longer);"
                " what was finished is kept"
            )
        if quiet >= PATIENCE_S:
            raise KursksimError(
                f"the executor {_named(executor)} has brought nothing back for"
                f" {quiet / 60:.0f} minutes: {len(waiting)} jobs are with it;"
                " what was finished is kept"
            )


def _without_workers(executor: Executor) -> str:
    """Address of the scheduler, if the executor is one of Dask whose cluster has no workers."""
    try:
        found = executor._client.scheduler_info()  # type: ignore[attr-defined]
    except Exception:  # no executor of Dask, or a scheduler that does not answer
        return ""
    if isinstance(found, Mapping) and not found.get("workers"):
        return str(found.get("address", "ADDRESS"))
    return ""


def mapped(
    executor: Executor | None,
    play: Callable[[J], R],
    jobs: Iterable[J],
    *,
    backlog: int | None = None,
    ordered: bool = True,
) -> Generator[R]:
    """Play jobs here or on an executor, and yield their results.

    No more than a backlog of them is handed out at a time, so that memory does not grow with their
    number. An error or an interrupt cancels the jobs that have not begun.

    Parameters
    ----------
    executor : concurrent.futures.Executor or None
        None to play here.
    play : callable
        Takes a job and returns its result.
    jobs : iterable
    backlog : int, optional
        Jobs handed out ahead of those that are done; by the number of workers, if left out.
    ordered : bool
        Whether results come in the order of the jobs, or as they are done.

    Raises
    ------
    KursksimError
        When the executor breaks, takes no work or brings nothing back.
    """
    if executor is None:
        yield from map(play, jobs)
        return
    most = backlog or AHEAD * (getattr(executor, "_max_workers", 0) or 0) or BACKLOG
    queue, waiting = iter(jobs), list[Future[R]]()
    try:
        while True:
            for job in islice(queue, most - len(waiting)):
                with _explained("the executor takes no more work", hint=_hint()):
                    waiting.append(executor.submit(play, job))
            if not waiting:
                return
            for future in _finished(executor, set(waiting[:1] if ordered else waiting)):
                waiting.remove(future)
                # an error of the worker is none of the replication, which is not finished
                with _explained("a worker could not play its replication"):
                    result = future.result()
                yield result
    finally:
        for future in waiting:
            future.cancel()


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


def _hint() -> str:
    """Advice for a script whose workers cannot start, as each reads it again."""
    if getattr(sys.modules.get("__main__"), "__file__", None) is None:
        return ""
    return f" (a script that starts worker processes puts what it does under `{GUARD}`)"
