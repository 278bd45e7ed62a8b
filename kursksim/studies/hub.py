"""A hub of forecasts: models, baselines and students ranked on the same days.

Only what every model has a forecast of counts, so that none is better for having left out a hard
week. Who lacks what is said. Scores are the weighted interval score of quantiles and the CRPS of
chances of days, which are in the unit of the target and can be told against a baseline.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kursksim.errors import BadUse, nearest
from kursksim.evidence.hub_tables import (
    MODEL_OUTPUT,
    ORACLE,
    HubTask,
    Observed,
    Prediction,
    check_model,
    read_model_output,
    read_oracle,
)
from kursksim.evidence.scores import Skill, a_week_of, block_skill
from kursksim.intervals import WIDEST, ends
from kursksim.io import HOW, reason
from kursksim.rng import Streams

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Hub", "load_hub"]

PERSISTENCE = "kursksim-persistence"
"""Model that others are compared with, where it is there and none is named."""


@dataclass(frozen=True, eq=False)
class Hub:
    """The forecasts of a hub, and what was observed.

    Attributes
    ----------
    models : mapping of model to mapping of HubTask to Prediction
    observed : Observed
    """

    models: Mapping[str, Mapping[HubTask, Prediction]]
    observed: Observed

    @property
    def targets(self) -> tuple[str, ...]:
        """Targets of which something was forecast and observed."""
        every = chain.from_iterable(self._known().values())
        return tuple(sorted({task.target for task in every}))

    def _known(self) -> dict[str, dict[HubTask, Prediction]]:
        """Forecasts of what was observed, by model."""
        found: dict[str, dict[HubTask, Prediction]] = {}
        for model, predictions in self.models.items():
            known = {t: p for t, p in predictions.items() if self.observed.of(t) is not None}
            found[model] = known
        return found

    def _of(self, target: str) -> dict[str, dict[HubTask, Prediction]]:
        """Forecasts of a target that was observed, by model; models without one are left out."""
        if target not in self.targets:
            raise BadUse(f"target {target!r}; {nearest(target, self.targets)}")
        own: dict[str, dict[HubTask, Prediction]] = {}
        for model, predictions in self._known().items():
            if found := {t: p for t, p in predictions.items() if t.target == target}:
                own[model] = found
        return own

    def lacking(self, target: str) -> dict[str, list[HubTask]]:
        """What a model has no forecast of and another has, by model; nothing for one that has all.

        A model without any forecast of the target is not listed: it takes no part.
        """
        own = self._of(target)
        every = set().union(*own.values())
        missing = {model: sorted(every - set(tasks)) for model, tasks in own.items()}
        return {model: tasks for model, tasks in missing.items() if tasks}

    def scores(self, target: str) -> pd.DataFrame:
        """Scores of what all models have: one row a model and task, less being better.

        ``inside`` says whether the widest band held the figure, None where it was not given.

        Raises
        ------
        BadUse
            For an unknown target, or models that have nothing in common.
        """
        import pandas as pd

        own = self._of(target)
        common = sorted(set.intersection(*map(set, own.values())))
        if not common:
            model, tasks = max(self.lacking(target).items(), key=lambda item: len(item[1]))
            raise BadUse(
                f"{target}: there is no day of which all {len(own)} models have a forecast;"
                f" {model} lacks most, {len(tasks)}, such as {tasks[0]}"
            )
        rows: list[tuple[object, ...]] = []
        for model, predictions in own.items():
            for task in common:
                seen, prediction = self.observed.of(task), predictions[task]
                if seen is None:  # common has only what was observed
                    continue
                inside = prediction.holds(seen, *ends(WIDEST))
                score = prediction.score(seen)
                rows.append((model, task.origin, task.end, task.week, score, inside))
        heads = ["model", "origin_date", "target_end_date", "week", "score", "inside"]
        return pd.DataFrame(rows, columns=heads)

    def ranking(self, target: str, baseline: str | None = None) -> pd.DataFrame:
        """One row a model, the best first.

        ``score`` is its mean, ``relative`` that over the baseline's, with ``low`` and ``high`` of
        its 95 % interval (blocks of a week of target dates drawn anew), ``coverage`` the share of
        figures in the widest band; then the mean score by week ahead. NaN where there is none.

        Parameters
        ----------
        target : str
        baseline : str, optional
            Persistence of this library, if it is there.

        Raises
        ------
        BadUse
            For an unknown target or baseline.
        """
        import pandas as pd

        scores = self.scores(target)
        known = scores["model"].unique().tolist()
        base = baseline or (PERSISTENCE if PERSISTENCE in known else None)
        if base is not None and base not in known:
            raise BadUse(f"baseline {base!r} has no forecast of {target}; {nearest(base, known)}")
        by_week = scores.pivot_table(index="model", columns="week", values="score")
        # sums, so that each forecast counts once whatever date it is of
        by_date = scores.pivot_table(
            index="target_end_date", columns="model", values="score", aggfunc="sum"
        )
        rows: list[dict[str, Any]] = []
        for model, own in scores.groupby("model"):
            mean, inside = float(own["score"].mean()), own["inside"].dropna()
            row = {"model": model, "forecasts": len(own), "score": mean}
            row |= _relative(by_date, str(model), base)
            row["coverage"] = float(inside.astype(float).mean()) if len(inside) else math.nan
            weeks = by_week.loc[model].items()
            rows.append(row | {f"week_{week}": value for week, value in weeks})
        return pd.DataFrame(rows).sort_values(["score", "model"], ignore_index=True)


def _relative(by_date: pd.DataFrame, model: str, base: str | None) -> dict[str, float]:
    """Score over the baseline's and its interval, from sums of scores by target date."""
    nothing = dict.fromkeys(("relative", "low", "high"), math.nan)
    if base is None or not by_date[base].sum() > 0:
        return nothing
    days = np.array([date.toordinal() for date in by_date.index])
    ours, theirs = by_date[model].to_numpy(), by_date[base].to_numpy()
    luck = Streams(0).on(-1, "hub")  # the same for all, so that equal forecasts have equal ones
    skill: Skill = block_skill(ours, theirs, luck, block=a_week_of(days))
    return {"relative": 1 - skill.value, "low": 1 - skill.high, "high": 1 - skill.low}


def load_hub(folder: str | Path) -> Hub:
    """Read the forecasts of a hub and what was observed.

    Parameters
    ----------
    folder : str or Path
        With ``model-output/MODEL/ORIGIN-MODEL.csv`` and ``target-data/oracle-output.csv``.

    Raises
    ------
    BadUse
        For a folder that is no hub, and for the first fault of a file.
    """
    root = Path(folder)
    try:
        folders = sorted(p for p in (root / MODEL_OUTPUT).iterdir() if p.is_dir())
    except (OSError, ValueError) as error:
        raise BadUse(f"{str(folder)[:200]!r}: no hub: {MODEL_OUTPUT}: {reason(error)}") from None
    for path in (root / MODEL_OUTPUT).glob("*.[cC][sS][vV]"):
        raise BadUse(f"{MODEL_OUTPUT}/{path.name}: must lie in a folder with the model's name")
    observed = read_oracle(root / ORACLE, ORACLE)
    models: dict[str, dict[HubTask, Prediction]] = {}
    for place in folders:
        if place.name.startswith("."):
            continue
        check_model(place.name)
        own: dict[HubTask, Prediction] = {}
        for path in _tables(place):
            label = f"{MODEL_OUTPUT}/{place.name}/{path.name}"
            for task, prediction in read_model_output(path, label).items():
                _check_kind(label, task, prediction, observed)
                own[task] = prediction
        if own:
            models[place.name] = own
    if not models:
        raise BadUse(f"{str(folder)[:200]!r}: {MODEL_OUTPUT} has no forecast yet")
    made = Hub(models, observed)
    if not made.targets:
        raise BadUse(f"{str(folder)[:200]!r}: nothing that was forecast is in {ORACLE}")
    return made


def _tables(place: Path) -> list[Path]:
    """Files of a model; what is no CSV is refused, as its author would think it counts."""
    found = []
    for path in sorted(place.iterdir()):
        if path.name.startswith(".") or path.suffix == ".md":
            continue
        if path.suffix.lower() != ".csv":
            label = f"{MODEL_OUTPUT}/{place.name}/{path.name}"
            raise BadUse(f"{label}: is no CSV file, and nothing else is read; {HOW}")
        found.append(path)
    return found


def _check_kind(label: str, task: HubTask, prediction: Prediction, observed: Observed) -> None:
    """Refuse chances of days for a number, and quantiles for a day."""
    is_day = task.target in observed.days
    if observed.of(task) is not None and is_day != (prediction.type == "pmf"):
        needed = "a day was observed: give its chances as pmf" if is_day else "it is no day"
        raise BadUse(f"{label}: {task}: {prediction.type} cannot be scored, as {needed}")
