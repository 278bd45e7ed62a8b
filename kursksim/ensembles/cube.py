"""An ensemble as labelled arrays of xarray: replications by days, and one number a replication."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kursksim.errors import BadUse, nearest
from kursksim.extras import advice
from kursksim.runs.columns import COLUMNS, DAILY

if TYPE_CHECKING:
    from kursksim.ensembles.results import Ensemble

__all__ = ["cube"]

FINAL = "final_"
"""Before the name of a measure that a column of the daily table has too."""


def cube(ensemble: Ensemble, measures: Sequence[str] | None) -> Any:
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
