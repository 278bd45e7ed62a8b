"""A game laid open: courses on the same luck, regret, deviations, public events, observations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kursksim.equality import Missing
from kursksim.errors import BadUse, nearest
from kursksim.evidence.observations import HeldArea
from kursksim.runs.payoffs import Payoff
from kursksim.scenario.schema import Scenario

__all__ = ["CourseLine", "Deviation", "History", "Known", "Note", "Regret", "Reveal", "Tried"]


@dataclass(frozen=True)
class Note:
    """A remark on an evening, by a player or an umpire."""

    day: int
    text: str


@dataclass(frozen=True)
class CourseLine:
    """One course.

    Attributes
    ----------
    name : str
        ``yours``, or the rule that played it.
    kind : {"yours", "policy", "hindsight"}
    values : mapping of measure to number
        NaN where a course has none.
    held_km2 : tuple of float
        Ground held at dusk of each day.
    order_day : int or None
    not_possible : tuple of str
        Orders of the game that were not legal in this course.
    """

    name: str
    kind: str
    values: Mapping[str, float]
    held_km2: tuple[float, ...]
    order_day: int | None
    not_possible: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tried:
    """A date that was played.

    Attributes
    ----------
    day : int
        Day index of the evening of the order; on the last evening it is never carried out.
    date : str
    values : mapping of measure to number
    held_km2 : tuple of float
        Ground held at dusk of each day.
    over : bool
        Whether the withdrawal is over by the last day, so that its price is in the numbers. Only
        such a date counts as the best: an order of the last evenings looks good, as it has hardly
        been carried out.
    """

    day: int
    date: str
    values: Mapping[str, float]
    held_km2: tuple[float, ...]
    over: bool


@dataclass(frozen=True, eq=False)
class Regret(Missing):
    """The gain of the best course of the same luck over yours.

    Attributes
    ----------
    payoff : Payoff
    yours, best, regret : float
        The regret is 0 where yours is best, NaN where yours has no value.
    course : str
        The course that was best; ``yours`` among equals.
    """

    payoff: Payoff
    yours: float
    best: float
    course: str
    regret: float


@dataclass(frozen=True)
class Deviation:
    """An evening on which the player did not follow the staff.

    Attributes
    ----------
    day : int
        The day for which the order was given.
    date : str
        Of the evening before it.
    given, suggested : mapping of field to value
    choice, rule : str
        The staff's choice, and its reason in words.
    effect : mapping of measure to float, or None
        Your course less the same with this one evening left to the staff, on the same luck; None
        where it was not played.
    """

    day: int
    date: str
    given: Mapping[str, Any]
    suggested: Mapping[str, Any]
    choice: str
    rule: str
    effect: Mapping[str, float] | None


@dataclass(frozen=True)
class Known:
    """A public event or input.

    Attributes
    ----------
    date, known_on : str
        Of the event, and from when it was public.
    what : str
    kind : {"event", "input"}
        An entry of the timeline, or a dated input of the scenario.
    sources : tuple of str
        Titles of its sources.
    urls : tuple of str
    note : str
    """

    date: str
    known_on: str
    what: str
    kind: str
    sources: tuple[str, ...]
    urls: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class History:
    """Observations up to the day of the comparison.

    Attributes
    ----------
    held : tuple of HeldArea
        Within the campaign.
    order, fall : tuple of (first day, last day), or None
        Day indices between which the order was given and the key place fell, as reported; None
        where no record says so, or not yet.
    """

    held: tuple[HeldArea, ...]
    order: tuple[float, float] | None
    fall: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Reveal:
    """A game laid open.

    Attributes
    ----------
    scenario : Scenario
    provenance : str
        One line.
    side : str
    day : int
        Last day of the comparison.
    date : str
    lines : tuple of CourseLine
        Yours first.
    tried : tuple of Tried
        Fixed dates that were played, by date; empty for the attacker.
    weights : tuple of (weight of the men, best course, its score)
        Over fixed dates whose withdrawal was over by the last day, and ``never``.
    payoffs : mapping of measure to Payoff
    regrets : tuple of Regret
    deviations : tuple of Deviation
    history : History
    known : tuple of Known
    notes : tuple of Note
    men_weight : float
    left_out : mapping of policy to reason
    """

    scenario: Scenario
    provenance: str
    side: str
    day: int
    date: str
    lines: tuple[CourseLine, ...]
    tried: tuple[Tried, ...]
    weights: tuple[tuple[float, str, float], ...]
    payoffs: Mapping[str, Payoff]
    regrets: tuple[Regret, ...]
    deviations: tuple[Deviation, ...]
    history: History
    known: tuple[Known, ...]
    notes: tuple[Note, ...]
    men_weight: float
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def yours(self) -> CourseLine:
        """The player's course."""
        return self.lines[0]

    def regret(self, measure: str) -> Regret:
        """The regret in one measure.

        Raises
        ------
        BadUse
            For a measure without a direction, or that there is not.
        """
        known = {r.payoff.id: r for r in self.regrets}
        if measure not in known:
            raise BadUse(f"no regret in {measure!r}; {nearest(measure, known)}")
        return known[measure]
