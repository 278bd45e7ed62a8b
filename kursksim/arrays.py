"""Functions of arrays with the same digits whatever vector instructions numpy finds.

numpy computes ``exp``, ``log``, powers, sines and dot products by routes that depend on the vector
instructions of the processor, and their last digits differ. Sums, products, quotients and square
roots are exactly rounded, and ``numpy.add.reduce`` adds in one order everywhere. A test finds any
other function in what results depend on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["exp", "hypotenuse", "inner"]

Floats = NDArray[np.float64]


def exp(values: Floats) -> Floats:
    """Return the exponentials of numbers, each as ``math.exp`` has it."""
    # numpy asks the C library for complex ones, as math does, and has no instructions of its own;
    # one by one in Python they cost ten times as much
    return np.asarray(np.exp(values.astype(complex)).real)


def hypotenuse(x: Floats, y: Floats) -> Floats:
    """Return the lengths of vectors from their two components."""
    return np.asarray(np.sqrt(x * x + y * y))


def inner(one: Floats, other: Floats | NDArray[np.bool_]) -> float:
    """Return the sum of the products of two rows."""
    return float(np.add.reduce(one * other))
