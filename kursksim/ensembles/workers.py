"""Where replications are played: in this process, or on any executor of ``concurrent.futures``."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TYPE_CHECKING, Any

from kursksim.ensembles.executors import ahead, elsewhere, fetched, finished, submitted
from kursksim.ensembles.replication import Campaign, Result, attempt, pack
from kursksim.errors import BadUse
from kursksim.policies.base import split_spec
from kursksim.registry import importable, lookup, modules_of_others

if TYPE_CHECKING:
    from concurrent.futures.process import ProcessPoolExecutor

__all__ = ["check_importable", "cores", "pool", "results"]

MOST_ON_WINDOWS = 61
"""Processes that Windows lets a pool wait for."""


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool(workers: int) -> ProcessPoolExecutor:
    """A pool of processes that start afresh (no copies of this one) and leave an interrupt to their parent.

    They import the modules whose policies and models are registered here by now.
    """
    from concurrent.futures.process import (
        ProcessPoolExecutor,
    )  # on first use: Python in a browser has no processes

    context = multiprocessing.get_context("spawn")
    count = min(workers, MOST_ON_WINDOWS) if sys.platform == "win32" else workers
    made = ProcessPoolExecutor(
        count, mp_context=context, initializer=_begin, initargs=(modules_of_others(),)
    )
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # what a process ignores when it starts, it goes on to
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
    executor: Executor | None,
    campaign: Campaign,
    numbers: Iterable[int],
    backlog: int | None = None,
) -> Iterator[Result]:
    """Play replications, and yield them as they are done.

    Never more than a backlog of them is handed out, so that memory does not grow with their number. What has not begun
    is called off after an error or an interrupt.

    Raises
    ------
    KursksimError
        When the executor itself breaks, as when a worker process is killed, or brings nothing back.
    """
    if executor is None:
        for k in numbers:
            yield attempt(campaign, k)
        return
    shared = pack(campaign) if elsewhere(executor) else campaign
    most = backlog or ahead(executor)
    queue, waiting = iter(numbers), set[Future[Result]]()
    try:
        while True:
            for k in islice(queue, most - len(waiting)):
                waiting.add(submitted(executor, attempt, shared, k))
            if not waiting:
                return
            done, waiting = finished(executor, waiting)
            for future in done:
                yield fetched(future)
    finally:
        for future in waiting:
            future.cancel()


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
