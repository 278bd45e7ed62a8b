"""Play replications in this process, or on any executor of ``concurrent.futures``."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any

from kursksim.ensembles.executors import elsewhere, mapped
from kursksim.ensembles.replication import Campaign, Job, Result, attempt, pack
from kursksim.errors import BadUse
from kursksim.policies.base import split_spec
from kursksim.registry import importable, lookup, modules_of_others

if TYPE_CHECKING:
    from concurrent.futures.process import ProcessPoolExecutor

__all__ = ["check_importable", "cores", "pool", "results"]

# processes that Windows lets a pool wait for
MOST_ON_WINDOWS = 61


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool(workers: int) -> ProcessPoolExecutor:
    """A pool of processes that start afresh and leave an interrupt to their parent.

    They import the modules whose policies and models are registered here by now.
    """
    # on first use, as Python in a browser has no processes
    from concurrent.futures.process import ProcessPoolExecutor

    made = ProcessPoolExecutor(
        min(workers, MOST_ON_WINDOWS) if sys.platform == "win32" else workers,
        # no copies of this process, whose threads and locks would not survive it
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(modules_of_others(),),
    )
    if threading.current_thread() is threading.main_thread():
        # a process goes on ignoring the signals that were ignored when it started
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
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
    campaigns: Sequence[Campaign],
    jobs: Iterable[Job],
    backlog: int | None = None,
) -> Generator[tuple[int, Result]]:
    """Play replications, and yield them as they are done, each with the number of its campaign.

    Raises
    ------
    KursksimError
        When the executor itself breaks, as when a worker is killed, or brings nothing back.
    """
    shared = pack(campaigns) if elsewhere(executor) else campaigns
    play = partial(attempt, shared)
    for found in mapped(executor, play, jobs, backlog=backlog, ordered=False):
        yield from found


def check_importable(campaign: Campaign) -> None:
    """Refuse a policy, model or measures that a notebook or script defined itself.

    Worker processes start afresh and cannot import it.

    Raises
    ------
    BadUse
    """
    scenario = campaign.scenario
    used: dict[str, Any] = {"measures": campaign.measures}
    for side, spec in (*scenario.policies.items(), *campaign.policy.items()):
        if isinstance(spec, str):
            used[f"policy of the {side}"] = lookup(f"policy/{side}", split_spec(spec)[0])
        else:
            used[f"policy of the {side}"] = type(spec)
    for slot, name in scenario.models.items():
        used[f"model of {slot}"] = lookup(f"model/{slot}", name)
    for what, cls in used.items():
        if not importable(cls):
            raise BadUse(
                f"{what}: {cls.__qualname__} is defined in a notebook or script, which worker"
                " processes cannot import; leave out the executor, or put it into a module"
            )
