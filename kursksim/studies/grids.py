"""Sweep of one parameter or two over a grid, every point with the same luck."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import WhatIf, with_changes
from kursksim.counts import whole
from kursksim.ensembles import Design, Ensemble, ensemble
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress
from kursksim.ensembles.results import by_number
from kursksim.errors import BadUse, nearest
from kursksim.explain import bearable_loss
from kursksim.intervals import mean_interval, share_interval
from kursksim.models.base import optional
from kursksim.policies.base import Policy
from kursksim.scenario.parameters import refusal
from kursksim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sweep", "parse_grid", "sweep"]

Floats = NDArray[np.float64]
MOST_POINTS = 10_000


@dataclass(frozen=True, eq=False)
class Sweep:
    """A grid that was played.

    Attributes
    ----------
    ensemble : Ensemble
        Replication ``r · points + p`` is point p with luck r.
    grid : mapping of parameter to tuple of float
        One parameter or two.
    replications : int
        Runs at each point.
    """

    ensemble: Ensemble
    grid: Mapping[str, tuple[float, ...]]
    replications: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each parameter."""
        return tuple(len(v) for v in self.grid.values())

    @property
    def points(self) -> Floats:
        """The grid, the last parameter fastest: shape (points, parameters)."""
        return np.array(list(product(*self.grid.values())))

    def arranged(self, values: Floats) -> Floats:
        """Values by point and luck: shape (points, replications), NaN where a run failed."""
        found = by_number(self.ensemble, values, len(self.points) * self.replications)
        return found.reshape(self.replications, -1).T

    def outcome(self, measure: str) -> Floats:
        """A measure by point and luck: shape (points, replications)."""
        return self.arranged(self.ensemble.outcome(measure))

    def mean(self, values: Floats) -> Floats:
        """Mean over the luck by point, of values as ``arranged``; NaN where no run has one."""
        return np.array([mean_interval(here)[0] for here in values])

    def table(self, measure: str = "held_km2_end") -> pd.DataFrame:
        """One row a point: its values, then means with their 95 % intervals.

        The first mean is that of the measure, the second that of the paired difference from the
        first point.
        """
        import pandas as pd

        values = self.outcome(measure)
        rows = []
        for point, here in zip(self.points, values, strict=True):
            rows.append((*point, *mean_interval(here), *mean_interval(here - values[0])))
        names = ["mean", "low", "high", "difference", "difference_low", "difference_high"]
        return pd.DataFrame(rows, columns=[*self.grid, *names])

    def losses(self, days: int = 28) -> Floats:
        """Vehicles lost per trip by point and luck, over the days before the order or the end."""
        order = np.minimum(self.ensemble.outcome("order_day"), self.ensemble.days - 1)
        back = order[:, None] - np.arange(self.ensemble.days)
        window = (back >= 0) & (back < days)
        lost, trips = (
            np.where(window, self.ensemble.matrix(name), 0).sum(axis=1)
            for name in ("vehicles_lost", "trips")
        )
        return self.arranged(
            np.divide(lost, trips, out=np.full(len(lost), np.nan), where=trips > 0)
        )

    def ordered(self) -> Floats:
        """Share of runs with an order by the end and its 95 % interval: shape (points, 3)."""
        given = self.ensemble.outcome("order_day") < self.ensemble.days
        rows = []
        for here in self.arranged(given.astype(float)):
            played = here[~np.isnan(here)]
            rows.append(share_interval(int(played.sum()), len(played)))
        return np.array(rows)

    def bearable(self) -> tuple[float, ...]:
        """Loss per trip that the fleet can bear for ever, in full activity and on a quiet front."""
        return tuple(q for q, _ in bearable_loss(self.ensemble.scenario))


def sweep(
    scenario: Scenario | str | Path,
    grid: Mapping[str, Sequence[float]],
    *,
    replications: int = 20,
    seed: int = 1,
    until: str | dt.date | None = None,
    policy: Mapping[str, str | Policy] | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
) -> Sweep:
    """Play a grid of parameter values with the same luck at every point.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    grid : mapping of parameter to sequence of float
        One parameter or two, by ledger id. A weight of a policy that the ledger may leave out, such
        as ``weight_men`` of ``expected_value``, is one too.
    replications : int
        Runs at each point.
    seed, until, policy, what_if, set, progress, executor, store
        As in ``ensemble``.

    Raises
    ------
    BadUse
        For an unknown parameter, a grid of none or of more than two, or values that a model
        refuses.

    Examples
    --------
    >>> from kursksim.studies import sweep
    >>> made = sweep("two-roads", {"v_road": [30, 60]}, replications=2, until="2025-01-03")
    >>> made.outcome("delivered_t").shape
    (2, 2)
    """
    replications = whole("replications", replications, 1, MAX_REPLICATIONS)
    chosen = with_changes(scenario, what_if, set)
    listed = {name: tuple(map(float, values)) for name, values in grid.items()}
    _check(chosen, listed, replications)
    points = np.array(list(product(*listed.values())))
    for point in points:
        values = dict(zip(listed, point.tolist(), strict=True))
        if said := refusal(chosen, chosen.value | values):
            where = ", ".join(f"{name}={value:g}" for name, value in values.items())
            raise BadUse(f"{where}: {said}")
    made = ensemble(
        chosen,
        design=Design.repeated(tuple(listed), points, replications),
        seed=seed,
        until=until,
        policy=policy,
        progress=progress,
        executor=executor,
        store=store,
    )
    return Sweep(made, listed, replications)


def _check(scenario: Scenario, grid: Mapping[str, tuple[float, ...]], replications: int) -> None:
    if not 1 <= len(grid) <= 2:
        raise BadUse(f"a sweep takes one parameter or two, not {len(grid)}")
    known = (*scenario.value, *optional())
    for name, values in grid.items():
        if name not in known:
            raise BadUse(f"parameter {name!r} is unknown; {nearest(name, known)}")
        if not values or not all(map(math.isfinite, values)):
            raise BadUse(f"{name}: needs at least one value, each a finite number")
    count = math.prod(map(len, grid.values()))
    if count > MOST_POINTS:
        raise BadUse(f"{count:,} points: more than {MOST_POINTS:,}")
    if count * replications > MAX_REPLICATIONS:
        raise BadUse(
            f"{count} points of {replications} replications: more than {MAX_REPLICATIONS} runs"
        )


def parse_grid(text: str) -> tuple[str, tuple[float, ...]]:
    """Read ``ID=LOW:HIGH:COUNT`` or ``ID=A,B,C``.

    Raises
    ------
    BadUse
        For any other text.

    Examples
    --------
    >>> parse_grid("fleet_repl=2:8:4"), parse_grid("payload=1,2.5")
    (('fleet_repl', (2.0, 4.0, 6.0, 8.0)), ('payload', (1.0, 2.5)))
    """
    name, _, rest = (part.strip() for part in text.partition("="))
    try:
        if not name:
            raise ValueError
        if ":" not in rest:
            return name, tuple(float(v) for v in rest.split(","))
        low, high, count = rest.split(":")
        ends, number = (float(low), float(high)), int(count)
        if not 2 <= number <= MOST_POINTS or not all(map(math.isfinite, ends)):
            raise ValueError
        # rounded, so that steps of a tenth are read as such
        return name, tuple(np.linspace(*ends, number).round(12).tolist())
    except ValueError:
        raise BadUse(
            f"grid {text[:80]!r}: write ID=LOW:HIGH:COUNT or ID=A,B,C, such as fleet_repl=2:8:7"
        ) from None
