"""Outcomes: one number a run, as ensembles, comparisons and sweeps show first."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kursksim.registry import lasting
from kursksim.runs import statistics
from kursksim.runs.registry import Played
from kursksim.runs.statistics import daily
from kursksim.scenario.schema import Scenario

__all__ = ["OUTCOMES", "Outcome", "fall_measure", "last", "measured", "outcomes_of", "total"]

NAN = math.nan


@dataclass(frozen=True)
class Outcome:
    """A measure of a whole run.

    Attributes
    ----------
    id, title : str
    unit : str
        ``day index`` for dates: what has not happened by the end counts as the day after the last.
    of : callable
    summed : bool
        Whether it is made of every day. That of a run that began from a state is of the days from
        there on, and its title says so.
    """

    id: str
    title: str
    unit: str
    of: Callable[[Played], float]
    summed: bool = False


def last(name: str) -> Callable[[Played], float]:
    """A daily column on the last day."""
    return lambda run: float(daily(run, name)[-1])


def total(name: str, until: str = "9999") -> Callable[[Played], float]:
    """Sum of a daily column up to a date, that date included."""
    return lambda run: math.fsum(
        x for x, d in zip(daily(run, name), daily(run, "date"), strict=True) if d <= until
    )


def _mean(name: str) -> Callable[[Played], float]:
    return lambda run: math.fsum(daily(run, name)) / len(daily(run, name))


def order_day(run: Played) -> float:
    """Day of the order; none counts as the day after the last."""
    return float(_end(run) if run.order_day is None else run.order_day)


def _end(run: Played) -> int:
    """The day after the last."""
    return run.first + len(run.tables["daily"])


def key_place_day(run: Played) -> float:
    """Day on which the key place is lost for good; the day after the last if it never is."""
    day = statistics.place_falls(run, {"place": run.scenario.key_place})
    return float(_end(run)) if math.isnan(day) else day


def holder_losses(run: Played) -> float:
    """Men of the holder killed, wounded, missing or captured by the end."""
    return float(
        daily(run, "holder_killed_wounded")[-1] + daily(run, "holder_missing_captured")[-1]
    )


OUTCOMES = (
    Outcome("held_km2_end", "Ground held on the last day", "km²", last("held_km2")),
    Outcome("held_km2_mean", "Ground held, mean over the days", "km²", _mean("held_km2"), True),
    Outcome("order_day", "Order to withdraw", "day index", order_day),
    Outcome("key_place_day", "{place} lost", "day index", key_place_day),
    Outcome("holder_losses", "Losses of the holder", "men", holder_losses),
    Outcome(
        "holder_missing", "of these missing or captured", "men", last("holder_missing_captured")
    ),
    Outcome("attacker_losses", "Losses of the attacker", "men", last("attacker_losses")),
    Outcome(
        "vehicles_lost",
        "Supply vehicles lost on the road",
        "vehicles",
        total("vehicles_lost"),
        True,
    ),
    Outcome("delivered_t", "Delivered", "t", total("delivered_t"), True),
    Outcome("orderliness", "Orderliness of the withdrawal", "index", last("orderliness")),
    Outcome("leverage", "Leverage", "km²", last("leverage")),
    Outcome("exposure", "Exposure of the border on the last day", "index", last("exposure")),
)
"""Measures of every scenario; in ``outcomes_of``, ``key_place_day`` has the name of the place."""


def fall_measure(scenario: Scenario) -> str:
    """Id of the measure of the key place's fall, which bears its name: ``hill_day``."""
    name = re.sub(r"\W+", "_", scenario.key_place.lower()).strip("_") or "key_place"
    return f"{name}_day"


def outcomes_of(scenario: Scenario, first: int = 0) -> dict[str, Outcome]:
    """The measures by id, with the key place of a scenario put in its own name.

    Parameters
    ----------
    scenario : Scenario
    first : int
        Index of the first day played.
    """
    name, place = fall_measure(scenario), scenario.key_place
    found = {o.id: o for o in OUTCOMES}
    fall = found["key_place_day"]
    named = replace(fall, id=name, title=fall.title.format(place=place))
    since = f", from {scenario.date(first)} on" if first else ""
    listed = (found | {fall.id: named}).values()
    return {o.id: replace(o, title=o.title + since) if o.summed else o for o in listed}


@lasting("outcomes")
def measured(run: Played) -> Mapping[str, float]:
    """All measures of a run; NaN where it has none, as orderliness without a withdrawal.

    Those that are ``summed`` are of the days played.
    """
    return {o.id: float(o.of(run)) for o in outcomes_of(run.scenario).values()}
