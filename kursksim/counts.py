"""Whole numbers that a caller gives: seeds and counts, numpy's integers among them."""

from __future__ import annotations

from operator import index

from kursksim.errors import BadUse

__all__ = ["MOST", "shown", "whole"]

MOST = 2**64 - 1
"""The largest seed, and the largest number of a replication."""
SHOWN = 40
"""Characters that an error shows of what was given."""


def whole(name: str, value: object, least: int = 0, most: int = MOST) -> int:
    """A whole number, as Python's int.

    A float is refused even where it is whole, and so is a truth value: either is more often a slip than meant.

    Parameters
    ----------
    name : str
        What the number is, for the error.
    value : int
    least, most : int
        The range that it must lie in.

    Raises
    ------
    BadUse

    Examples
    --------
    >>> whole("replications", 20, 1)
    20
    """
    try:
        truth = isinstance(value, bool) or getattr(getattr(value, "dtype", None), "kind", "") == "b"
        number = None if truth else index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        large = number is not None and number > most
        bound = f", {'2**64 - 1' if most == MOST else most} at most" if large or most < MOST else ""
        raise BadUse(f"{name} {shown(value)}: must be a whole number, {least} or more{bound}")
    return number


def shown(value: object) -> str:
    """A value in one short line; Python itself refuses to write an int of more than 4,300 digits."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # what the type of somebody else may raise is not known here
        text = f"of type {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
