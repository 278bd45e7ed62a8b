"""Worth of a course of the campaign to a side: measures, which way is better, and one score.

Losses of men are indices of the model. The score is a convention that makes courses comparable,
not a judgement of history: it adds shares of what the holder had at the start.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kursksim.registry import lasting
from kursksim.runs.outcomes import fall_measure, measured, outcomes_of
from kursksim.runs.record import Run
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES
from kursksim.terrain.hexmap import terrain_of

__all__ = [
    "MEN_WEIGHT",
    "SCORE",
    "Payoff",
    "men_at_start",
    "payoffs",
    "payoffs_of",
    "said",
    "said_apart",
    "score_of",
]

MEN_WEIGHT = 1.0
"""Weight of men lost in the score: at 1, a hundredth of them is worth a hundredth of the ground."""
SCORE = {
    "holder": "ground held (mean over the days, as a share of that at the start) + leverage"
    " (share of the same) − weight × men lost (share of the men at the start)",
    "attacker": "− ground held by the other side (mean over the days, as a share of that at the"
    " start) − its leverage (share of the same) − weight × own men lost (share of the men at the"
    " start)",
}
"""The score of a side, in words."""


@dataclass(frozen=True)
class Payoff:
    """A measure as a payoff of both sides.

    Attributes
    ----------
    id, title, unit : str
    holder, attacker : {1, -1, 0}
        Which way is better for the side: more, less; 0 where a side has no stake in it, or it is a
        decision.
    short : str
        Head of a column.
    """

    id: str
    title: str
    unit: str
    holder: int
    attacker: int
    short: str

    def better(self, side: str) -> int:
        """1 where more is better for a side, -1 where less is, 0 where neither."""
        return self.holder if side == "holder" else self.attacker


_STAKES = {
    "held_km2_end": (1, -1, "ground"),
    "held_km2_mean": (1, -1, "mean"),
    "leverage": (1, -1, "leverage"),
    "holder_losses": (-1, 0, "men lost"),
    "attacker_losses": (0, -1, "attacker's men lost"),
    "vehicles_lost": (-1, 1, "vehicles"),
    "orderliness": (1, 0, "orderly"),
    "order_day": (0, 0, "order"),
}
"""Only its own men count for a side: the enemy's dead are nobody's gain."""


def payoffs_of(scenario: Scenario, side: str) -> dict[str, Payoff]:
    """Payoffs of a side by id, the score last; those of the other side alone are left out.

    Parameters
    ----------
    scenario : Scenario
    side : {"holder", "attacker"}
    """
    known = outcomes_of(scenario)
    stakes = {**_STAKES, fall_measure(scenario): (1, -1, "falls")}
    other = "attacker_losses" if side == "holder" else "holder_losses"
    found = {
        m: Payoff(m, known[m].title, known[m].unit, *stake)
        for m, stake in stakes.items()
        if m != other
    }
    mine = f"{side}_score"
    found[mine] = Payoff(
        mine, "Score", "share", int(side == "holder"), int(side == "attacker"), "score"
    )
    return found


def score_of(
    scenario: Scenario, side: str, values: Mapping[str, float], men: float, weight: float
) -> float:
    """The score of a side, as `SCORE` says it in words.

    Parameters
    ----------
    scenario : Scenario
    side : {"holder", "attacker"}
    values : mapping of measure to number
    men : float
        Men of the side at the start.
    weight : float
        Weight of the men lost.
    """
    start = terrain_of(scenario).held_area_0_km2
    ground = (values["held_km2_mean"] + values["leverage"]) / start if start > 0 else 0.0
    lost = values[f"{side}_losses"] / men if men > 0 else 0.0
    return (ground if side == "holder" else -ground) - weight * lost


def men_at_start(run: Run, side: str) -> float:
    """Men of all contingents of a side, those among them that come later."""
    return math.fsum(
        run.provenance.values[c.men] for c in run.scenario.contingents if c.side == side
    )


@lasting("payoffs")
def payoffs(run: Run) -> Mapping[str, float]:
    """All measures of a run and the score of either side; NaN for one that it does not have."""
    found = dict(measured(run))
    for side in SIDES:
        found[f"{side}_score"] = score_of(
            run.scenario, side, found, men_at_start(run, side), MEN_WEIGHT
        )
    return found


def said(payoff: Payoff, scenario: Scenario, days: int, value: float) -> str:
    """Value as people read it: a day as its date, if it came within the days played.

    Parameters
    ----------
    payoff : Payoff
    scenario : Scenario
    days : int
        Days played.
    value : float
    """
    if payoff.unit == "day index" and not math.isnan(value):
        return "not by the end" if value >= days else scenario.date(round(value)).isoformat()
    return _figure(value, fine=payoff.unit in ("index", "share") or abs(value) < 10)


def said_apart(payoff: Payoff, value: float) -> str:
    """A difference or a regret as people read it, without its unit."""
    return _figure(value, fine=payoff.unit in ("index", "share") or 0 < abs(value) < 10)


def _figure(value: float, fine: bool) -> str:
    if math.isnan(value):
        return "none"
    return f"{value:.2f}" if fine else f"{value:,.0f}"
