"""How often a property is tried: all of it in the long list, a share of it every day."""

from __future__ import annotations

import os

__all__ = ["FULL", "times"]

FULL = os.environ.get("KURSKSIM_TESTS") == "full"
"""Set by ``make test-all`` and ``make fuzz``."""

DAILY_SHARE = 4


def times(whole: int) -> int:
    """Cases to try where the long list tries ``whole``: a quarter of them every day, and never fewer than six."""
    return whole if FULL else min(whole, max(6, whole // DAILY_SHARE))
