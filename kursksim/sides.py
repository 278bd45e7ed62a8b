"""The two sides of a campaign by their roles; who plays them is scenario data."""

from __future__ import annotations

from kursksim.errors import BadUse, nearest

__all__ = ["SIDES", "check_side"]

SIDES = ("holder", "attacker")
"""In the order in which their orders are carried out."""


def check_side(side: str, what: str = "side") -> str:
    """Return a side, or refuse it.

    Parameters
    ----------
    side : str
    what : str
        Words before the side in the message, such as ``policy of``.

    Raises
    ------
    BadUse
        For anything but one of the two sides.

    Examples
    --------
    >>> check_side("holder")
    'holder'
    """
    if side not in SIDES:
        raise BadUse(f"{what} {side!r}; {nearest(side, SIDES)}")
    return side
