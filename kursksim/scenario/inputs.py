"""Dated inputs under the parameter values of a run: their day, and until when they last."""

from __future__ import annotations

from collections.abc import Mapping

from kursksim.scenario.schema import Input, Scenario
from kursksim.units import add_days

__all__ = ["day_of_input", "lasting_until"]


def day_of_input(scenario: Scenario, entry: Input, value: Mapping[str, float]) -> int:
    """Day index of a dated input; one that is tied to a parameter follows its value.

    Parameters
    ----------
    scenario : Scenario
    entry : Input
    value : mapping of str to float
        Parameter values by ledger id.
    """
    day = round(value[entry.parameter]) if entry.parameter else scenario.day(entry.date)
    return max(0, day)  # a value drawn before the first day counts for that day


def lasting_until(scenario: Scenario, entry: Input, value: Mapping[str, float]) -> Input:
    """Return a dated input with its last day; one tied to a parameter follows its value."""
    if not entry.until_parameter:
        return entry
    last = add_days(scenario.start, round(value[entry.until_parameter]))
    return entry.model_copy(update={"until": last})
