"""Many replications read as one thing: tables, quantiles, shares, maps of probability."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim._version import results_version
from kursksim.counts import whole
from kursksim.ensembles.database import damaged
from kursksim.ensembles.replication import Campaign, Member
from kursksim.ensembles.sources import Memory, Stored
from kursksim.errors import BadUse, nearest
from kursksim.extras import advice
from kursksim.intervals import known_quantiles
from kursksim.runs.columns import DAILY
from kursksim.runs.outcomes import Outcome, measured, outcomes_of
from kursksim.runs.record import Run
from kursksim.runs.versions import tell
from kursksim.scenario.schema import Scenario
from kursksim.units import day_of, parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Ensemble", "by_number", "load_ensemble"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Replications 0, 1, … of one scenario with one seed.

    Attributes
    ----------
    scenario : Scenario
        As played, what-ifs included.
    seed : int
    parameters : str
        The parameter set of the replications: default, prior or posterior.
    source : Source
        Where its replications are read from: memory or a store.
    cells : tuple of str
        Names of the cells of the map.
    campaign : Campaign or None
        What ``run`` needs to play an element again; None for a store of another results version,
        of policy objects or of a design, which do not keep it.
    """

    scenario: Scenario
    seed: int
    parameters: str
    source: Memory | Stored
    cells: tuple[str, ...]
    campaign: Campaign | None = None

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return (
            f"<Ensemble of {self.scenario.id!r}, seed {self.seed},"
            f" {self.replications} replications{failed}, {self.days} days>"
        )

    @property
    def played(self) -> str:
        """Policies and parameters that are not the scenario's, for the foot of a picture."""
        said = ""
        for side, p in sorted(self.campaign.policy.items() if self.campaign is not None else ()):
            said += f"{side} {p if isinstance(p, str) else type(p).__name__} · "
        return said if self.parameters == "default" else f"{said}{self.parameters} parameters · "

    @property
    def replications(self) -> int:
        """Number of replications that were played to their end."""
        return len(self.source.numbers)

    @property
    def numbers(self) -> Sequence[int]:
        """Their numbers: 0, 1, … without those that failed."""
        return self.source.numbers

    @property
    def failures(self) -> Mapping[int, str]:
        """Errors of the replications that could not be played to their end, by number."""
        return self.source.failures

    @property
    def members(self) -> Sequence[Member]:
        """The replications, each read when it is asked for."""
        return _Members(self.source)

    @property
    def days(self) -> int:
        """Days of each."""
        return self.source.days

    @property
    def dates(self) -> tuple[str, ...]:
        """ISO dates of the days."""
        return tuple(self.scenario.date(day).isoformat() for day in range(self.days))

    def member(self, k: int) -> Member:
        """Replication ``k``.

        Raises
        ------
        BadUse
            For a number that was not played, or that failed.
        """
        k = whole("replication", k)
        if k in self.failures:
            raise BadUse(f"replication {k} failed: {self.failures[k]}")
        if k not in set(self.numbers):
            known = f"{self.numbers[0]} to {self.numbers[-1]}" if self.numbers else "none yet"
            raise BadUse(f"replication {k!r}: this ensemble has {known}")
        return self.source.member(k)

    def run(self, k: int, *, record: str = "full", last_day: int | None = None) -> Run:
        """Replication ``k`` played again as a run of its own, with every effect.

        Raises
        ------
        BadUse
            For a number below 0, or an ensemble that does not know how it was played.
        """
        if self.campaign is None:
            raise BadUse(
                "this store does not keep all that its replications were played with;"
                " play them anew"
            )
        made = self.campaign.play(whole("replication", k), record=record, last_day=last_day)
        if isinstance(self.source, Stored):
            for known in self.source.written_with():
                tell(f"the store of replication {k}", known)
        return made

    @property
    def daily(self) -> pd.DataFrame:
        """The daily tables under each other; the first column is the replication."""
        return self.source.daily()

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row a replication, one column a measure; the index is the replication."""
        import pandas as pd

        return pd.DataFrame(
            self.source.outcomes(), index=pd.Index(self.numbers, name="replication")
        )

    @property
    def measures(self) -> dict[str, Outcome]:
        """The measures that ``outcome`` knows, by id, with title and unit."""
        return outcomes_of(self.scenario)

    def outcome(self, measure: str) -> Floats:
        """A measure of every replication, in the order of ``numbers``: shape (replications,).

        Raises
        ------
        BadUse
            For an unknown measure.
        """
        found = self.source.outcomes()
        if measure not in found:
            raise BadUse(f"measure {measure!r} is unknown; {nearest(measure, found)}")
        return np.array(found[measure], dtype=float)

    def matrix(self, column: str) -> Floats:
        """A column of the daily table as an array of shape (replications, days).

        Raises
        ------
        BadUse
            For a column that there is not, or one of text.
        """
        numbers = [name for name, kind in DAILY.items() if kind != "s"]
        if column not in numbers:
            what = "is text" if column in DAILY else "is no column of the daily table"
            raise BadUse(f"column {column!r} {what}; {nearest(column, numbers)}")
        return np.array(self.source.column(column), dtype=float)

    def median(self, column: str) -> Floats:
        """Median over the replications, by day."""
        return self.quantile(column, 0.5)

    def quantile(self, column: str, q: float | Sequence[float]) -> Floats:
        """Quantiles over the replications, by day: shape (days,), or (quantiles, days) for several.

        Replications without a value on a day (NaN) are left out of it; a day without any value is
        NaN.
        """
        wanted = np.asarray(q, dtype=float)
        if not ((wanted >= 0) & (wanted <= 1)).all():
            raise BadUse(f"quantile {q!r}: must lie between 0 and 1")
        return known_quantiles(self.matrix(column), q)

    def control_probability(self, date: str | dt.date) -> dict[str, float]:
        """Share of the replications in which the holder owns each cell at dusk of a date.

        Raises
        ------
        BadUse
            When the text is no date, or the date was not played.
        """
        when = parse_date(date)
        day = day_of(when, self.scenario.start)
        if not 0 <= day < self.days:
            raise BadUse(f"date {when}: outside this ensemble, {self.dates[0]} to {self.dates[-1]}")
        if not self.replications:
            raise BadUse("no replication has been played to its end yet")
        share = self.source.held(day) / self.replications
        return dict(zip(self.cells, share.tolist(), strict=True))

    def to_xarray(self, measures: Sequence[str] | None = None) -> Any:
        """The replications as labelled arrays; needs the extra ``export``.

        Parameters
        ----------
        measures : sequence of str, optional
            Columns of the daily table, with the dimensions (replication, date), and measures of
            ``outcome``, with (replication,). A measure whose name a column has too begins with
            ``final_``. All of numbers if left out.

        Raises
        ------
        BadUse
            Without xarray, or for an unknown name.
        """
        from kursksim.ensembles.cube import cube

        return cube(self, measures)

    def export(self, folder: str | Path) -> list[Path]:
        """Write ``daily.parquet`` and ``outcomes.parquet`` to a folder; needs the extra ``export``.

        Raises
        ------
        BadUse
            Without pyarrow, or for a folder that cannot be written.
        """
        try:
            import pyarrow as arrow
            import pyarrow.parquet as parquet
        except ImportError:
            raise BadUse(f"export needs pyarrow: {advice('export')}") from None
        frames = {"daily": self.daily, "outcomes": self.outcomes.reset_index()}
        made = [Path(folder) / f"{name}.parquet" for name in frames]
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
            for path, frame in zip(made, frames.values(), strict=True):
                parquet.write_table(arrow.Table.from_pandas(frame, preserve_index=False), path)
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            raise BadUse(f"export to {str(folder)!r}: {said}") from None
        return made


def by_number(ensemble: Ensemble, values: Floats | Sequence[float], count: int) -> Floats:
    """Values at the place of their replication, NaN for one that failed: shape (count,)."""
    found = np.full(count, np.nan)
    found[list(ensemble.numbers)] = values
    return found


class _Members(Sequence[Member]):
    """Members by position, read when they are asked for."""

    def __init__(self, source: Memory | Stored) -> None:
        self._source = source

    def __len__(self) -> int:
        return len(self._source.numbers)

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        if isinstance(at, slice):
            return [self._source.member(k) for k in self._source.numbers[at]]
        return self._source.member(self._source.numbers[at])


def load_ensemble(path: str | Path) -> Ensemble:
    """Open the store of an ensemble for reading, finished or not, of any results version.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    StoreError
        For a file that does not exist, is no store, is broken, or of another schema.
    """
    source = Stored(path)
    p, scenario = source.provenance, source.scenario
    policy = {}
    try:
        for side, spec in json.loads(p["policies"]).items():
            if scenario.policies[side] != spec:
                policy[side] = str(spec)
    except (ValueError, AttributeError, KeyError) as error:
        raise damaged(path, f"policies: {error}") from None
    campaign = None
    # a # stands before the digest of a policy object, which the store does not keep
    if (
        not p["design"]
        and "#" not in p["policies"]
        and p["results_version"] == str(results_version)
    ):
        campaign = Campaign(
            scenario=scenario,
            seed=source.seed,
            last_day=source.days - 1,
            policy=policy,
            parameters=p["parameters"],
            measures=measured,
        )
    return Ensemble(scenario, source.seed, p["parameters"], source, source.cells, campaign)
