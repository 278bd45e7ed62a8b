"""Orders of a person or a script: JSON by date, which replaces parts of the staff's suggestion."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse
from kursksim.io import read_json
from kursksim.orders import Orders, orders_from_json
from kursksim.policies.base import Context
from kursksim.units import day_of, parse_date

__all__ = ["laid_over", "names_file", "read_script"]

LIMIT_BYTES = 8_000_000


def names_file(argument: str) -> bool:
    """Whether the argument of a policy is the path of a file."""
    return "/" in argument or "\\" in argument or Path(argument).suffix != ""


def read_script(context: Context) -> dict[int, Mapping[str, Any]]:
    """Read orders by day from a JSON file ``{"2025-02-01": {"withdraw": true}, ...}``.

    A policy without an argument has no orders.

    Raises
    ------
    BadUse
        For a file that is missing, too large or not of that form, a date outside the campaign, or
        an unknown field.
    """
    if not context.argument:
        return {}
    path = Path(context.argument)
    data = read_json(path, LIMIT_BYTES, said=f"orders {path}")
    if not isinstance(data, dict):
        raise BadUse(f"orders {path}: expected an object of dates, found {type(data).__name__}")
    found: dict[int, Mapping[str, Any]] = {}
    for text, entry in data.items():
        day = day_of(parse_date(text, f"orders {path}: date"), context.start)
        if not -1 <= day < context.days:
            raise BadUse(f"orders {path}: {text} is outside the campaign")
        if not isinstance(entry, dict):
            raise BadUse(f"orders {path}: {text}: expected an object of orders")
        orders_from_json(context.side, entry)
        found[day] = entry
    return found


def laid_over(suggestion: Orders, entry: Mapping[str, Any]) -> Orders:
    """Return the staff's suggestion, with the fields that the script gives."""
    return dataclasses.replace(suggestion, **entry)
