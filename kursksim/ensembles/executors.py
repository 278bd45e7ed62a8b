"""What may play elsewhere: what is no executor is refused by name, and none is waited for without an end."""

from __future__ import annotations

import multiprocessing
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from itertools import islice
from time import monotonic
from typing import TypeVar

from kursksim.counts import shown
from kursksim.errors import BadUse, KursksimError

__all__ = ["ahead", "check_executor", "elsewhere", "fetched", "finished", "mapped", "submitted"]

J = TypeVar("J")
R = TypeVar("R")
AHEAD = 4
"""Jobs handed out for each worker of a pool: enough that none waits, few enough that memory stays flat."""
BACKLOG = 512
"""The same where the number of workers is not known, as on a cluster."""
LOOK_S = 5.0
"""How often a wait looks around."""
NO_WORKERS_S = 30.0
"""How long a cluster without workers is waited for."""
PATIENCE_S = 1800.0
"""How long any executor is waited for that brings nothing back; one replication takes seconds."""
GUARD = "if __name__ == '__main__':"
POOL = "ProcessPoolExecutor(4)"
MOST_WORKERS = 1000
BASE = "concurrent.futures.Executor"
_PLAIN = ("builtins", "concurrent", "multiprocessing", "__main__")


def elsewhere(executor: Executor | None) -> bool:
    """Whether an executor plays in other processes, which start afresh: not here, and not in threads."""
    if executor is None:
        return False
    interpreters = (
        type(executor).__name__ == "InterpreterPoolExecutor"
    )  # threads that share nothing (Python 3.14)
    return interpreters or not isinstance(executor, ThreadPoolExecutor)


def check_executor(executor: object) -> None:
    """Refuse what cannot play.

    Parameters
    ----------
    executor : concurrent.futures.Executor or None

    Raises
    ------
    BadUse
        For what is no executor, one that was shut down or is broken, and a script that starts worker processes while
        it is read by one.
    """
    if executor is None:
        return
    if not isinstance(executor, Executor):
        raise BadUse(
            f"executor {_named(executor)}: must be a {BASE}, such as {POOL}; {_instead(executor)}"
        )
    if type(executor).submit is Executor.submit:
        raise BadUse(
            f"executor {_named(executor)}: has no submit of its own; give one that plays, such as {POOL}"
        )
    if state := _ended(executor):
        raise BadUse(f"executor {_named(executor)}: {state}; give a new one")
    if elsewhere(executor) and _is_being_read():
        raise BadUse(
            f"a worker process reads this script again as it starts: put what the script does under `{GUARD}`"
        )


def _named(value: object) -> str:
    """What was given, in a word or two; the text of a client or a pool may be long, and may ask a scheduler."""
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return shown(value)
    if isinstance(value, type):
        return f"{value.__name__} (a class)"
    home = type(value).__module__.partition(".")[0]
    return (
        f"of type {type(value).__name__}"
        if home in _PLAIN
        else f"of type {home}.{type(value).__name__}"
    )


def _instead(value: object) -> str:
    """What to give in place of what was given."""
    if isinstance(value, type):
        return (
            f"make one: {value.__name__}(4)"
            if issubclass(value, Executor)
            else "a class plays nothing"
        )
    home, name = type(value).__module__.partition(".")[0], type(value).__name__
    if callable(getattr(value, "get_executor", None)):
        return "of a Dask client give client.get_executor()"
    if home in ("dask", "distributed", "dask_jobqueue", "dask_kubernetes"):
        return "of a Dask cluster give Client(cluster).get_executor()"
    if home in ("multiprocessing", "multiprocess", "joblib") or name in (
        "Pool",
        "ThreadPool",
        "Parallel",
    ):
        return f"in place of {name} give concurrent.futures.{POOL}"
    if not isinstance(value, bool) and isinstance(value, int) and 1 <= value <= MOST_WORKERS:
        return f"for {value} workers give ProcessPoolExecutor({value})"
    if callable(getattr(value, "submit", None)):
        return "it has a submit, yet is none: its maker may offer one"
    return "leave it out to play here"


def _ended(executor: Executor) -> str:
    """Why an executor plays no more, as far as it says so itself; empty when it may."""
    if getattr(executor, "_broken", False):
        return "is broken: one of its workers died"
    if (
        getattr(executor, "_shutdown", False) is True
        or getattr(executor, "_shutdown_thread", False) is True
    ):
        return "was shut down"
    client = getattr(executor, "_client", None)
    if client is not None and getattr(client, "status", "running") in ("closed", "closing"):
        return "its Dask client was closed"
    return ""


def _is_being_read() -> bool:
    """Whether this process is a worker that is still starting: it reads the script of its parent then."""
    return bool(getattr(multiprocessing.current_process(), "_inheriting", False))


def ahead(executor: Executor) -> int:
    """Jobs that an executor is handed ahead of those that are done."""
    workers = getattr(executor, "_max_workers", 0)
    return AHEAD * workers if workers else BACKLOG


def submitted(executor: Executor, play: Callable[..., R], *given: object) -> Future[R]:
    """Hand a job out.

    Raises
    ------
    KursksimError
        When the executor takes no more.
    """
    try:
        return executor.submit(play, *given)
    except BrokenExecutor as error:
        raise _died(error) from None
    except Exception as error:  # what the executor of somebody else may raise is not known here
        said = f"{type(error).__name__}: {_line(error)}"
        raise KursksimError(f"the executor takes no more work: {said}{_hint()}") from None


def finished(executor: Executor, waiting: Set[Future[R]]) -> tuple[set[Future[R]], set[Future[R]]]:
    """Wait until one job at least is done, and return those that are and those that are not.

    Raises
    ------
    KursksimError
        When nothing comes back: a cluster without workers is waited for half a minute, everything else half an hour.
    """
    began = monotonic()
    while True:
        done, rest = wait(waiting, timeout=LOOK_S, return_when=FIRST_COMPLETED)
        if done:
            return done, rest
        quiet = monotonic() - began
        if quiet >= NO_WORKERS_S and (address := _without_workers(executor)):
            raise KursksimError(
                f"the Dask cluster has had no workers for {quiet:.0f} s; start one with `dask worker {address}`"
                " (client.wait_for_workers(1) waits for longer); what was finished is kept"
            )
        if quiet >= PATIENCE_S:
            raise KursksimError(
                f"the executor {_named(executor)} has brought nothing back for {quiet / 60:.0f} minutes:"
                f" {len(waiting)} jobs are with it; what was finished is kept"
            )


def _without_workers(executor: Executor) -> str:
    """Address of the Dask scheduler, if the executor is one of Dask whose cluster has no workers."""
    try:
        found = executor._client.scheduler_info()  # type: ignore[attr-defined]
    except Exception:  # no executor of Dask, or a scheduler that does not answer
        return ""
    return (
        str(found.get("address", "ADDRESS"))
        if isinstance(found, Mapping) and not found.get("workers")
        else ""
    )


def fetched(future: Future[R]) -> R:
    """What a job brought; what its worker or executor raises is no error of the replication, which is not finished.

    Raises
    ------
    KursksimError
    """
    try:
        return future.result()
    except KursksimError:
        raise
    except BrokenExecutor as error:
        raise _died(error) from None
    except Exception as error:  # what the executor of somebody else may raise is not known here
        said = f"{type(error).__name__}: {_line(error)}"
        raise KursksimError(f"a worker could not play its replication: {said}") from None


def mapped(executor: Executor | None, play: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
    """Play jobs here or on an executor, and yield what they bring in their order.

    Raises
    ------
    KursksimError
        When the executor breaks, takes no work or brings nothing back.
    """
    if executor is None:
        yield from map(play, jobs)
        return
    queue, waiting = iter(jobs), deque[Future[R]]()
    try:
        while True:
            waiting.extend(
                submitted(executor, play, j) for j in islice(queue, ahead(executor) - len(waiting))
            )
            if not waiting:
                return
            finished(executor, {waiting[0]})
            yield fetched(waiting.popleft())
    finally:
        for future in waiting:
            future.cancel()


def _died(error: BrokenExecutor) -> KursksimError:
    return KursksimError(
        f"a worker process died before its replication was done: {_line(error)}{_hint()}"
    )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


def _hint() -> str:
    """What a script needs whose workers cannot start, as they read it again."""
    if getattr(sys.modules.get("__main__"), "__file__", None) is None:
        return ""
    return f" (a script that starts worker processes puts what it does under `{GUARD}`)"
