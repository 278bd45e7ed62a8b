"""Functions of floats and of arrays alike, with the same digits whatever processor runs them.

A law of a model is spelled once. With floats it plays a day of one campaign. With arrays it plays
that day for many places or many parameter sets at once: each function here takes floats, for which
it asks ``math``, or numpy's arrays.

numpy computes ``exp``, ``log``, powers, sines and dot products by routes that depend on the vector
instructions of the processor, and their last digits differ. Sums, products, quotients and square
roots are exactly rounded, and ``numpy.add.reduce`` adds in one order everywhere. A test finds any
other function in what results depend on.

An array of one axis belongs to one campaign, and has those digits. An array of two axes or more is
a batch: its first axis counts parameter sets. No campaign is played by a batch, so there numpy's
own functions serve, which are ten times as fast.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "TINY",
    "beside",
    "exp",
    "hypotenuse",
    "inner",
    "least",
    "log",
    "most",
    "power",
    "row",
    "total",
    "where",
]

Floats = NDArray[np.float64]
X = TypeVar("X", float, Floats)
"""What a law takes and gives: floats, or arrays."""
TINY = 1e-200
"""Least divisor where nothing is divided by nothing: no real one is as small."""


def exp(x: X) -> X:
    """Return the exponential of a number, or of each number of an array."""
    if not isinstance(x, np.ndarray):
        return math.exp(x)
    if x.ndim > 1:
        return np.exp(x)
    # numpy asks the C library for complex ones, as math does, and has no instructions of its own;
    # one by one in Python they cost ten times as much
    return np.asarray(np.exp(x.astype(complex)).real)


def log(x: X) -> X:
    """Return the natural logarithm of a positive number, or of each number of an array."""
    if not isinstance(x, np.ndarray):
        return math.log(x)
    if x.ndim > 1:
        return np.log(x)
    return np.asarray(np.log(x.astype(complex)).real)  # as in ``exp``


def power(base: X, exponent: float) -> X:
    """Return a power of a number that is not negative, or of each number of an array.

    In a batch the exponent may be an array as well. Zero to a negative power is not defined.
    """
    if not (isinstance(base, np.ndarray) or isinstance(exponent, np.ndarray)):
        return float(base**exponent)
    if np.ndim(base) > 1 or np.ndim(exponent) > 1:
        return np.power(base, exponent)
    positive = base > 0
    found = exp(exponent * log(np.where(positive, base, 1.0)))
    return np.where(positive, found, 0.0 if exponent > 0 else 1.0)


def least(one: Any, other: Any) -> Any:
    """Return the lesser of two numbers, or of each pair."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.minimum(one, other)
    return min(one, other)


def most(one: Any, other: Any) -> Any:
    """Return the greater of two numbers, or of each pair."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.maximum(one, other)
    return max(one, other)


def where(condition: Any, then: Any, otherwise: Any) -> Any:
    """Return one number where a condition holds and another where it does not.

    Both are worked out before, so both must be defined.
    """
    if isinstance(condition, np.ndarray):
        return np.where(condition, then, otherwise)
    return then if condition else otherwise


def total(values: Floats) -> float:
    """Return the sum of a row: a float; of each row of a batch, as a column."""
    return _column(values) if values.ndim > 1 else math.fsum(values.tolist())


def inner(one: Floats, other: Floats | NDArray[np.bool_]) -> float:
    """Return the sum of the products of two rows: a float; of rows of a batch, as a column."""
    products: Floats = one * other
    return _column(products) if products.ndim > 1 else float(np.add.reduce(products))


def _column(rows: Floats) -> Any:
    return np.add.reduce(rows, axis=-1, keepdims=True)


def beside(row: Floats, number: Any) -> Floats:
    """Return a row with one more number at its end; in a batch, with a column of them."""
    column = np.zeros((*row.shape[:-1], 1)) + number
    return np.concatenate([row, column], axis=-1)


def row(numbers: Iterable[Any]) -> Floats:
    """Return numbers as a row; where some are columns of a batch, as rows of the batch."""
    parts = list(numbers)
    if not any(isinstance(part, np.ndarray) for part in parts):
        return np.array(parts, dtype=float)
    sets = max(len(part) for part in parts if isinstance(part, np.ndarray))
    return np.concatenate([np.zeros((sets, 1)) + part for part in parts], axis=-1)


def hypotenuse(x: Floats, y: Floats) -> Floats:
    """Return the lengths of vectors from their two components."""
    return np.asarray(np.sqrt(x * x + y * y))
