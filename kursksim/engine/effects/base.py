"""What every effect is: a record that says what happened, and books it."""

from __future__ import annotations

from typing import ClassVar

from kursksim.engine.world import World

__all__ = ["Effect"]


class Effect:
    """Something that happens to the world.

    Attributes
    ----------
    subject : str
        Who or what.
    place : str or int
        Where: leg, axis, pool, cell, crossing.
    amount : float
        How much, in the unit that the effect's docstring gives.
    told : bool
        Whether it is a row of the events table. The log of a run keeps all of them.
    """

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()
    told: ClassVar[bool] = True
    subject: str
    place: str | int
    amount: float

    def book(self, world: World) -> None:
        """Change the world by it and post it to the ledger. Nothing else may change a world."""
        raise NotImplementedError
