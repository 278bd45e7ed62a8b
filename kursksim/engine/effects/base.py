"""The record that every effect is."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import ClassVar

from kursksim.engine.world import World
from kursksim.units import LEAST

__all__ = ["Effect", "Transfer", "portion"]


def portion(amount: float, there: float = inf) -> float:
    """Return what is moved of an amount: nothing below ``LEAST``, and all if less would be left.

    So a place holds nothing, or at least that much. An amount that is larger than what is there
    stays so, for the audit to find.
    """
    if amount < LEAST:
        return 0.0
    return there if abs(there - amount) < LEAST else amount


@dataclass(slots=True)
class Effect:
    """Something that happens to the world.

    Attributes
    ----------
    subject : str
        Who or what.
    place : str
        Where: a leg, an axis, a pool, a crossing. A cell is a number.
    amount : float
        How much, in the unit that the docstring of the effect gives.
    told : bool
        Whether it is a row of the events table. The log of a run keeps all effects.
    """

    told: ClassVar[bool] = True
    subject: str
    place: str
    amount: float

    def happens(self, world: World) -> bool:
        """Whether it happens. One that does not leaves no entry in the log."""
        return True

    def book(self, world: World) -> None:
        """Change the world, and post the change to the ledger. Nothing else may change a world."""
        raise NotImplementedError


@dataclass(slots=True)
class Transfer(Effect):
    """Something leaves the place where it is, or comes in, and nothing else happens."""

    def happens(self, world: World) -> bool:
        """Settle how much of the amount is moved; without any the effect does not happen."""
        self.amount = portion(self.amount, self.there(world))
        return self.amount != 0.0  # not ``> 0``: the audit is to find what is no number

    def there(self, world: World) -> float:
        """How much there is to be moved; infinite for what comes in."""
        raise NotImplementedError
