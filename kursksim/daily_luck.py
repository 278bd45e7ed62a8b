"""The luck of things drawn once a day: one stream a campaign for each, one row of it a day from the eve on."""

from __future__ import annotations

from math import exp
from statistics import NormalDist

from kursksim.rng import Streams

__all__ = ["Tracks"]

_NORMAL = NormalDist()
_LEAST = 1e-9


class Tracks:
    """Uniforms and estimation errors by name and day, drawn when first asked for.

    Parameters
    ----------
    streams : Streams
    days : int
        Days of the campaign; one that is played longer draws more.
    """

    __slots__ = ("_days", "_errors", "_streams", "_uniforms")

    def __init__(self, streams: Streams, days: int) -> None:
        self._streams, self._days = streams, days
        self._uniforms: dict[str, list[float]] = {}
        self._errors: dict[str, list[float]] = {}

    def until(self, day: int, name: str, width: int = 1) -> list[float]:
        """Uniforms of all days until this one at least, ``width`` a day."""
        drawn = self._uniforms.get(name)
        if drawn is None or (day + 2) * width > len(drawn):  # a longer block only appends: it may be drawn anew
            rows = max(self._days + 1, 2 * (day + 2))
            drawn = self._uniforms[name] = self._streams.uniforms(-1, name, width * rows)
        return drawn

    def error(self, day: int, name: str, spread: float) -> float:
        """Lognormal error, median 1, of an estimate made on the evening of a day; ``spread`` is its log sd."""
        errors = self._errors.get(name)
        if errors is None or day + 1 >= len(errors):
            drawn = self.until(day, name)
            errors = [exp(spread * _NORMAL.inv_cdf(min(max(u, _LEAST), 1 - _LEAST))) for u in drawn]
            self._errors[name] = errors
        return errors[day + 1]
