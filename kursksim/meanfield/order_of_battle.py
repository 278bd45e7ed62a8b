"""Men who come, grow, rest and attack in phases: what moves the sides over a whole winter.

Without it a chain goes on as it does: nobody joins, and a push or pause does not end. With it

- contingents arrive on their days, replacements and the growth of a grouping every day;
- a contingent that has lost its share leaves the line, rests, and comes back once;
- the attacker's stock of men fit to attack fills and empties, and his staff begins and ends a push
  at its two thresholds.

A decision falls once a day, so ``Offensive`` is played by whole days. The men of all contingents
are spread over the axes alike, and each bears the losses by its men and its excess. Axes that open,
counter-attacks, windows of power and the holder's reserve are still left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import TINY, exp, inner, most, total, where
from kursksim.meanfield.chain import Chain, over_days

__all__ = ["Contingents", "Morning", "Offensive", "OrderOfBattle"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Contingents:
    """The attacker's contingents, or the change of a day; a row has an entry for each.

    Attributes
    ----------
    line, resting : array
        Men in the line, and out of it.
    lost, joined : array
        Men so far.
    back_on : array
        Day on whose evening it comes back; 0 before its rest and -1 after it.
    fit_men : float
        Men fit to attack, by worth.
    pushing : float
        1 in a push, 0 in a pause.
    """

    line: Floats
    resting: Floats
    lost: Floats
    joined: Floats
    back_on: Floats
    fit_men: Any
    pushing: Any

    @classmethod
    def at_start(cls, line: Floats, fit_men: float) -> Contingents:
        """Return the contingents on the eve."""
        none = np.zeros(line.shape)
        return cls(
            line=line,
            resting=none,
            lost=none,
            joined=line,
            back_on=none,
            fit_men=fit_men,
            pushing=0.0 * fit_men,
        )


class Morning(NamedTuple):
    """What a day is fought with.

    ``joined`` are men who come into the line of the attacker at dawn, ``share`` the share of his
    men by contingent in the losses, ``excess`` the factor on his losses.
    """

    contingents: Contingents
    joined: Any
    holders: Any
    worth: Any
    excess: Any
    share: Any
    tempo: tuple[Any, Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class OrderOfBattle:
    """Who joins when, and how the attacker's contingents fight; a row has an entry for each.

    Attributes
    ----------
    assault : model
        The attacker's assault force.
    worth : array
        Of a man, in men of the first contingent.
    excess, learning : array
        Factor on losses at first, and its daily decline.
    since : array
        Day of coming into the line.
    breakoff : array
        Share of the men whose loss takes it out of the line; infinite for none.
    rest_days : array
    arrivals : sequence of (day, row of men)
    daily : array
        Replacements a day.
    growth, grows_until : array
        Men a day by whom it grows until a day.
    holders : float
        The holder's replacements a day.
    """

    assault: Any
    worth: Floats
    excess: Floats
    learning: Floats
    since: Floats
    breakoff: Floats
    rest_days: Floats
    arrivals: Sequence[tuple[Any, Floats]]
    daily: Floats
    growth: Floats
    grows_until: Floats
    holders: Any

    def morning(self, day: int, eve: Contingents) -> Morning:
        """Return who stands at dawn, and whether the attacker pushes: his staff saw the eve."""
        joins = self.daily + np.where(day < self.grows_until, self.growth, 0.0)
        for due, men in self.arrivals:
            joins = joins + where(due == day, 1.0, 0.0) * men
        # who joins a contingent at rest, rests with it
        forward = np.where(eve.back_on > 0, 0.0, joins)
        line = eve.line + forward
        pushing = self.assault.advises(eve.fit_men, eve.pushing > 0)
        now = Contingents(
            line=line,
            resting=eve.resting + (joins - forward),
            lost=eve.lost,
            joined=eve.joined + joins,
            back_on=eve.back_on,
            fit_men=eve.fit_men + inner(forward, self.worth),
            pushing=0.0 * eve.pushing + where(pushing, 1.0, 0.0),
        )
        # the excess of those who have been in the line for longer has worn down
        days = np.maximum(0.0, day - self.since)
        excess = 1 + (self.excess - 1) * exp(-self.learning * days)
        men = most(TINY, total(line))
        bearing = inner(line, excess)
        return Morning(
            contingents=now,
            joined=total(forward),
            holders=self.holders,
            worth=inner(line, self.worth) / men,
            excess=bearing / men,
            share=line * excess / most(TINY, bearing),
            tempo=(self.assault.power(pushing), self.assault.tempo(pushing)),
        )

    def evening(self, day: int, dawn: Morning, losses: Any) -> tuple[Contingents, Any, Any]:
        """Return the contingents after a day, the share of the men who leave, and men who return.

        Those who are rested come back, and a contingent that has lost too much leaves.
        """
        now = dawn.contingents
        fallen = dawn.share * losses
        line, lost = now.line - fallen, now.lost + fallen
        worn = self.assault.wear(now.pushing > 0)
        fit_men = most(0.0, now.fit_men - worn * inner(fallen, self.worth))
        spent = (line > 0) & (now.back_on == 0)
        leaves = spent & (lost >= self.breakoff * np.maximum(now.joined, TINY))
        back = (now.back_on > 0) & (day >= now.back_on)
        worth = line * self.worth
        gone = inner(worth, leaves) / most(TINY, total(worth))
        returning = np.where(back, now.resting, 0.0)
        until = day + np.maximum(1.0, np.rint(self.rest_days))
        evening = Contingents(
            line=np.where(leaves, 0.0, line) + returning,
            resting=np.where(leaves, line, now.resting - returning),
            lost=lost,
            joined=now.joined,
            back_on=np.where(leaves, until, np.where(back, -1.0, now.back_on)),
            fit_men=fit_men * (1 - gone) + inner(returning, self.worth),
            pushing=now.pushing,
        )
        return evening, inner(line, leaves) / most(TINY, total(line)), total(returning)


@dataclass(frozen=True, eq=False, kw_only=True)
class Offensive:
    """A chain whose attacker has an order of battle, from the eve of the campaign on.

    Attributes
    ----------
    chain : Chain
    order : OrderOfBattle
    eve : Contingents
    """

    chain: Chain
    order: OrderOfBattle
    eve: Contingents

    def solve(self, days: int) -> dict[str, Floats]:
        """Play some whole days in the mean.

        Returns
        -------
        dict of str to array
            As ``Chain.solve``, and ``fit_men`` and ``pushing`` by day.
        """
        now, levels, table = self.eve, self.chain.state, []
        for t in range(days):
            day = self.chain.day + t
            dawn = self.order.morning(day, now)
            front = self.chain.front
            # those who join are posted like those who are there
            levels = replace(
                levels,
                attacker=levels.attacker + front.effort * dawn.joined,
                holder=levels.holder * (1 + dawn.holders / most(1.0, total(levels.holder))),
            )
            worth = front.worth * dawn.worth
            today = replace(
                self.chain,
                front=replace(front, worth=worth),
                tempo=dawn.tempo,
                excess=dawn.excess,
            )
            dusk = levels.after(today.day_of(t, levels))
            losses = total(levels.attacker) - total(dusk.attacker)
            now, gone, returning = self.order.evening(day, dawn, losses)
            dusk = replace(dusk, attacker=dusk.attacker * (1 - gone) + front.effort * returning)
            pushing = {"fit_men": now.fit_men, "pushing": now.pushing}
            table.append(today.row(t, levels, dusk) | pushing)
            levels = dusk
        return over_days(table)
