"""Equality of records in which a number may be missing."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

__all__ = ["Missing"]


class Missing:
    """Base of a dataclass (``eq=False``) whose numbers may be NaN; missing numbers are equal.

    Up to Python 3.12 dataclasses compared tuples, in which one and the same NaN equals itself.
    Since 3.13 they compare field by field, and no NaN equals another.
    """

    def _values(self) -> tuple[Any, ...]:
        values = (getattr(self, f.name) for f in fields(self))  # type: ignore[arg-type]
        return tuple(None if isinstance(v, float) and v != v else v for v in values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Missing) or type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))
