"""Sums of whole numbers. Floats are summed by ``math.fsum``.

From Python 3.12 on the builtin ``sum`` compensates for the rounding of floats, so that its last
digits are not those of 3.11. ``math.fsum`` rounds once, on every Python. The builtin is used here
alone, and mypy refuses floats here.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["isum"]


def isum(numbers: Iterable[int]) -> int:
    """Sum of whole numbers; of conditions, how many hold."""
    return sum(numbers)
