"""The two sides of a campaign by their roles; who plays them is scenario data."""

from __future__ import annotations

from kursksim.errors import BadUse, nearest

__all__ = ["SIDES", "check_side"]

SIDES = ("holder", "attacker")
"""In the order in which orders are carried out; it is fixed, so runs repeat."""


def check_side(side: str, what: str = "side") -> str:
    """The side, if it is one.

    Parameters
    ----------
    side : str
    what : str
        What was given for it, for the message: ``policy of``.

    Raises
    ------
    BadUse

    Examples
    --------
    >>> check_side("holder")
    'holder'
    """
    if side not in SIDES:
        raise BadUse(f"{what} {side!r}; {nearest(side, SIDES)}")
    return side
