"""Where replications are played: in this process, or on any executor of ``concurrent.futures``."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING, Any

from kursksim.ensembles.member import Campaign, Result, attempt, pack
from kursksim.errors import BadUse, KursksimError
from kursksim.policies.base import split_spec
from kursksim.registry import importable, lookup, modules_of_others

if TYPE_CHECKING:
    from concurrent.futures.process import ProcessPoolExecutor

__all__ = ["cores", "elsewhere", "pool", "results"]

AHEAD = 4
"""Replications handed out for each worker of a pool: enough that none waits, few enough that memory stays flat."""
BACKLOG = 512
"""The same where the number of workers is not known, as on a cluster."""


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def elsewhere(executor: Executor | None) -> bool:
    """Whether an executor plays in other processes, which start afresh: not here, and not in threads."""
    return executor is not None and not isinstance(executor, ThreadPoolExecutor)


def pool(workers: int) -> ProcessPoolExecutor:
    """A pool of processes that start afresh (no copies of this one) and leave an interrupt to their parent.

    They import the modules whose policies and models are registered here by now.
    """
    from concurrent.futures.process import ProcessPoolExecutor  # on first use: Python in a browser has no processes

    context = multiprocessing.get_context("spawn")
    made = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(modules_of_others(),))
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what a process ignores when it starts, it goes on to
        try:
            made.submit(_leave_interrupts)  # which starts all workers
        finally:
            signal.signal(signal.SIGINT, before)
    return made


def _leave_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _begin(modules: Iterable[str]) -> None:
    _leave_interrupts()
    for name in modules:
        with contextlib.suppress(ImportError):  # a campaign that needs it says so
            importlib.import_module(name)


def results(
    executor: Executor | None, campaign: Campaign, numbers: Iterable[int], backlog: int | None = None
) -> Iterator[Result]:
    """Play replications, and yield them as they are done.

    Never more than a backlog of them is handed out, so that memory does not grow with their number. What has not begun
    is called off after an error or an interrupt.

    Raises
    ------
    KursksimError
        When the executor itself breaks, as when a worker process is killed.
    """
    if executor is None:
        for k in numbers:
            yield attempt(campaign, k)
        return
    shared = pack(campaign) if elsewhere(executor) else campaign
    most = backlog or (AHEAD * workers if (workers := getattr(executor, "_max_workers", 0)) else BACKLOG)
    queue, waiting = iter(numbers), set[Future[Result]]()
    try:
        while True:
            waiting |= {executor.submit(attempt, shared, k) for k in islice(queue, most - len(waiting))}
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield _fetched(future)
    finally:
        for future in waiting:
            future.cancel()


def _fetched(future: Future[Result]) -> Result:
    """The result of a worker; what it or its executor raises is no error of the replication, which is not finished."""
    try:
        return future.result()
    except BrokenExecutor as error:
        raise KursksimError(f"a worker process died before its replication was done: {error}") from None
    except Exception as error:  # what the executor of somebody else may raise is not known here
        said = " ".join(str(error).split())[:300]
        raise KursksimError(f"a worker could not play its replication: {type(error).__name__}: {said}") from None


def check_importable(campaign: Campaign) -> None:
    """Refuse what a notebook or script defined itself: worker processes start afresh and cannot import it.

    Raises
    ------
    BadUse
    """
    used: dict[str, Any] = {}
    for side, spec in [*campaign.scenario.policies.items(), *campaign.policy.items()]:
        used[f"policy of the {side}"] = (
            lookup(f"policy/{side}", split_spec(spec)[0]) if isinstance(spec, str) else type(spec)
        )
    used["measures"] = campaign.measures
    for slot, name in campaign.scenario.models.items():
        used[f"model of {slot}"] = lookup(f"model/{slot}", name)
    for what, cls in used.items():
        if not importable(cls):
            raise BadUse(
                f"{what}: {cls.__qualname__} is defined in a notebook or script, which worker processes cannot import; "
                "leave out the executor, or put it into a module"
            )
