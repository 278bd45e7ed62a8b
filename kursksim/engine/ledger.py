"""The books: everything that is counted has an opening balance, and flows since."""

from __future__ import annotations

from collections import defaultdict
from math import fsum

__all__ = ["Ledger"]


class Ledger:
    """Accounts by name: ``post`` records a flow, and ``audit`` compares balances with the world.

    Accounts are ``men:CONTINGENT``, ``wounded``, ``vehicles``, ``heavy``, ``depot_t``, ``sent_t``,
    ``airframes`` and ``held_km2``.
    """

    __slots__ = ("flow",)

    def __init__(self) -> None:
        self.flow: defaultdict[str, defaultdict[str, float]] = defaultdict(
            lambda: defaultdict(float)
        )

    def post(self, account: str, kind: str, amount: float) -> None:
        """Add a flow to an account, positive in and negative out; flows of a kind have one sign."""
        self.flow[account][kind] += amount

    def posted(self, account: str, kind: str) -> float:
        """Return what has flowed so far, positive in and negative out; 0 where nothing has."""
        return self.flow[account].get(kind, 0.0) if account in self.flow else 0.0

    @property
    def balance(self) -> dict[str, float]:
        """Balance of each account: flows in less flows out."""
        return {account: fsum(kinds.values()) for account, kinds in self.flow.items()}

    @property
    def turnover(self) -> dict[str, float]:
        """Turnover of each account: flows in plus flows out."""
        return {account: fsum(map(abs, kinds.values())) for account, kinds in self.flow.items()}
