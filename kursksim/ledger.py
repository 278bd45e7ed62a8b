"""The books: everything that is counted has an opening balance and flows, and must equal what is there, every day."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kursksim.errors import LedgerError

if TYPE_CHECKING:
    from kursksim.world import World

__all__ = ["Ledger"]

TOLERANCE = 1e-9
"""Relative to the turnover of an account: sums of floats, no more."""


class Ledger:
    """Accounts by name; ``post`` records a flow, ``check`` compares the balances with the world.

    Accounts: ``men:CONTINGENT``, ``vehicles``, ``depot_t``, ``sent_t``, ``airframes``, ``held_km2``.
    """

    __slots__ = ("balance", "flow", "turnover")

    def __init__(self) -> None:
        self.balance: defaultdict[str, float] = defaultdict(float)
        self.turnover: defaultdict[str, float] = defaultdict(float)
        self.flow: defaultdict[tuple[str, str], float] = defaultdict(float)

    def post(self, account: str, kind: str, amount: float) -> None:
        """Add a flow (positive in, negative out) to an account."""
        self.balance[account] += amount
        self.turnover[account] += abs(amount)
        self.flow[account, kind] += amount

    def check(self, world: World) -> None:
        """Compare every account with the state of the world.

        Raises
        ------
        LedgerError
            Names the account that does not close, and by how much; or the quantity that is negative or out of bounds.
        """
        for account, present in world.present().items():
            booked = self.balance[account]
            allowed = TOLERANCE * max(1.0, self.turnover[account])
            if not abs(booked - present) <= allowed:
                raise LedgerError(f"day {world.day}: {account}: the books say {booked:.12g}, there are {present:.12g}")
        for what, value in world.bounded().items():
            if not value >= -TOLERANCE * max(1.0, abs(value)):
                raise LedgerError(f"day {world.day}: {what} is negative: {value:.12g}")
