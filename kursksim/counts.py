"""Whole numbers given by a caller, such as seeds and counts; numpy's integers are among them."""

from __future__ import annotations

from operator import index

from kursksim.errors import BadUse

__all__ = ["MOST", "shown", "whole"]

MOST = 2**64 - 1
"""Largest seed, and largest number of a replication."""
SHOWN = 40
"""Characters of a given value that an error shows."""


def whole(name: str, value: object, least: int = 0, most: int = MOST) -> int:
    """Return a whole number as Python's int.

    A float is refused even where it is whole, and so is a truth value: both are mostly slips.

    Parameters
    ----------
    name : str
        What the number is, for the error.
    value : int
    least, most : int
        Its range.

    Raises
    ------
    BadUse
        For anything but a whole number within the range.

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
        bound = ""
        if most < MOST or (number is not None and number > most):  # else nobody asks for the bound
            bound = f", {'2**64 - 1' if most == MOST else most} at most"
        raise BadUse(f"{name} {shown(value)}: must be a whole number, {least} or more{bound}")
    return number


def shown(value: object) -> str:
    """Return a value in one short line, whatever it is."""
    try:
        text = " ".join(repr(value).split())
    except (
        Exception
    ):  # any type may be given, and Python refuses to write ints of over 4,300 digits
        text = f"of type {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
