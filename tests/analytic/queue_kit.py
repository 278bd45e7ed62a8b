"""Queues from outside: Ciw, given the very same arrivals and work, and Erlang's formulas."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence

import numpy as np
import pytest

__all__ = ["ciw_waits", "erlang"]


def ciw_waits(arrivals: Sequence[float], work: Sequence[float], servers: int = 1) -> list[float]:
    """Hours that Ciw lets each arrival wait, first come first served; ``arrivals`` in order.

    With the same arrivals and the same work there is no luck in the comparison: path by path, up to rounding.
    """
    try:
        import ciw
    except ImportError:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("ciw is not installed")
    gaps = np.diff(arrivals, prepend=0.0).tolist()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, float("inf")])],
        service_distributions=[ciw.dists.Sequential(list(work))],
        number_of_servers=[servers],
    )
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Pickle, copy, and deepcopy support", DeprecationWarning
        )  # of itertools
        simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(arrivals))
    records = sorted(simulation.get_all_records(), key=lambda r: r.id_number)
    assert [r.arrival_date for r in records] == pytest.approx(list(arrivals), abs=1e-6)
    return [r.waiting_time for r in records]


def erlang(load: float, servers: int) -> tuple[float, float]:
    """Chance that an arrival waits in M/M/c (Erlang's C), and its mean wait in mean times of work."""
    blocked, offered = 1.0, load * servers
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    waits = blocked / (1 - load * (1 - blocked))
    return waits, waits / (servers * (1 - load))
