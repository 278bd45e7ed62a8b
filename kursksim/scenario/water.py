"""Rows of a campaign behind a river: crossings with a capacity of their own, and depots."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from kursksim.scenario.forms import Frozen, Name, Sourced, Text

__all__ = ["CrossingSpec", "Depot"]


class CrossingSpec(Sourced):
    """A crossing that legs name, with what it carries when it is whole.

    One of ``vehicles_per_hour`` and ``tonnes_per_day`` names a parameter.
    """

    id: Name
    name: Text = ""
    kind: Literal["bridge", "dam", "ferry", "pontoon"]
    vehicles_per_hour: str = ""
    """Parameter: vehicles an hour, both ways together."""
    tonnes_per_day: str = ""
    """Parameter: tonnes a day; vehicles that drive empty take none of them."""
    lanes: Annotated[int, Field(ge=1, le=50)] = 1
    """Lanes of a bridge or rafts of a ferry, among which the capacity is shared out alike."""
    heavy: bool = True
    """Whether it bears heavy equipment."""

    @model_validator(mode="after")
    def _one_capacity(self) -> CrossingSpec:
        if bool(self.vehicles_per_hour) == bool(self.tonnes_per_day):
            given = "both" if self.tonnes_per_day else "neither"
            raise ValueError(
                f"{given} of vehicles_per_hour and tonnes_per_day given; exactly one is needed"
            )
        return self

    @property
    def capacity(self) -> str:
        """The parameter of its capacity."""
        return self.vehicles_per_hour or self.tonnes_per_day


class Depot(Frozen):
    """A depot, by its place, where a campaign has several.

    ``share`` is the parameter of its share of the stock on day 0; one depot leaves it empty and
    takes the rest.
    """

    id: Name
    share: str = ""
