"""The books: everything that is counted has an opening balance and flows."""

from __future__ import annotations

from collections import defaultdict

__all__ = ["Ledger"]


class Ledger:
    """Accounts by name; ``post`` records a flow, and ``audit`` compares the balances with the world.

    Accounts: ``men:CONTINGENT``, ``vehicles``, ``depot_t``, ``sent_t``, ``airframes``, ``held_km2``.
    """

    __slots__ = ("flow",)

    def __init__(self) -> None:
        self.flow: defaultdict[str, defaultdict[str, float]] = defaultdict(
            lambda: defaultdict(float)
        )

    def post(self, account: str, kind: str, amount: float) -> None:
        """Add a flow (positive in, negative out) to an account; flows of one kind have one sign."""
        self.flow[account][kind] += amount

    @property
    def balance(self) -> dict[str, float]:
        """Flows in less flows out, by account."""
        return {account: sum(kinds.values()) for account, kinds in self.flow.items()}

    @property
    def turnover(self) -> dict[str, float]:
        """Flows in and flows out, by account."""
        return {account: sum(map(abs, kinds.values())) for account, kinds in self.flow.items()}
