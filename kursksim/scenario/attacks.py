"""Reports of attacks, one a row."""

from __future__ import annotations

import datetime as dt

from pydantic import model_validator

from kursksim.scenario.forms import Id, Sourced, Text

__all__ = ["Attack"]


class Attack(Sourced):
    """A dated report of an attack by the attacker on an axis; never of what it took.

    It was made on ``date``, or in the days from there to ``until``. ``known_on`` is the day on
    which the report could be read. ``place`` is the place that it names, if any.
    """

    id: Id
    date: dt.date
    until: dt.date | None = None
    axis: Id
    place: Text = ""
    known_on: dt.date

    @model_validator(mode="after")
    def _ordered(self) -> Attack:
        if self.last < self.date:
            raise ValueError(f"until {self.until} lies before its date {self.date}")
        if self.known_on < self.date:
            raise ValueError(f"known_on {self.known_on} lies before its date {self.date}")
        return self

    @property
    def last(self) -> dt.date:
        """The last day on which it can have been made."""
        return self.until or self.date
