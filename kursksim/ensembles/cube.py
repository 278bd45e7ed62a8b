"""An ensemble as labelled arrays of xarray: replications by days, and one number a replication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse, nearest
from kursksim.extras import advice
from kursksim.runs.columns import COLUMNS, DAILY
from kursksim.runs.outcomes import Outcome

if TYPE_CHECKING:
    from kursksim.scenario.schema import Scenario

__all__ = ["cube"]

FINAL = "final_"
"""Before the name of a measure that a column of the daily table has too."""


class Cubed(Protocol):
    """What an ensemble gives to its arrays: ``kursksim.ensembles.results.Ensemble`` has it."""

    @property
    def scenario(self) -> Scenario:
        """As played."""

    @property
    def seed(self) -> int:
        """The seed of all luck."""

    @property
    def parameters(self) -> str:
        """The parameter set."""

    @property
    def numbers(self) -> Sequence[int]:
        """Numbers of the replications."""

    @property
    def dates(self) -> tuple[str, ...]:
        """ISO dates of the days."""

    @property
    def measures(self) -> Mapping[str, Outcome]:
        """Measures by id."""

    def outcome(self, measure: str, /) -> NDArray[np.float64]:
        """A measure of every replication."""

    def matrix(self, column: str, /) -> NDArray[np.float64]:
        """A column of the daily table."""


def cube(ensemble: Cubed, measures: Sequence[str] | None) -> Any:
    """The Dataset that ``Ensemble.to_xarray`` describes."""
    try:
        import xarray
    except ImportError:
        raise BadUse(f"to_xarray needs xarray: {advice('export')}") from None
    daily = [name for name, code in DAILY.items() if code != "s" and name != "day"]
    single = {f"{FINAL}{m}" if m in daily else m: m for m in ensemble.measures}
    known = (*daily, *single)
    wanted = known if measures is None else tuple(measures)
    if isinstance(measures, str):
        raise BadUse(f"measures {measures!r}: give a list of names, such as [{measures!r}]")
    for name in wanted:
        if name not in known:
            raise BadUse(f"measure {name!r} is unknown; {nearest(name, known)}")
    variables: dict[str, Any] = {}
    for name in wanted:
        if name in single:
            outcome = ensemble.measures[single[name]]
            about = {"long_name": outcome.title, "units": outcome.unit}
            values = ensemble.outcome(single[name])
            variables[name] = (("replication",), values, about)
            continue
        column = COLUMNS["daily"][name]
        about = {"long_name": column.means, "units": column.unit}
        variables[name] = (("replication", "date"), ensemble.matrix(name), about)
    scenario = ensemble.scenario
    return xarray.Dataset(
        variables,
        coords={
            "replication": np.array(ensemble.numbers),
            "date": np.array(ensemble.dates, dtype="datetime64[ns]"),
        },
        attrs={
            "title": scenario.title,
            "scenario": scenario.id,
            "digest": scenario.digest,
            "seed": ensemble.seed,
            "parameters": ensemble.parameters,
        },
    )
