"""Commands run in the process of the tests."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Ended"]


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str
