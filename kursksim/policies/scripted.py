"""Orders from a person or a script: JSON by date, laid over the staff's suggestion."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse
from kursksim.orders import Orders, orders_from_json
from kursksim.policies.base import Context
from kursksim.units import day_of, parse_date

__all__ = ["laid_over", "read_script"]

LIMIT_BYTES = 8_000_000


def read_script(context: Context) -> dict[int, Mapping[str, Any]]:
    """Orders by day from a JSON file ``{"2025-02-01": {"withdraw": true}, ...}``; no argument means no orders.

    Raises
    ------
    BadUse
        For a file that is missing, too large or not of that form, a date outside the campaign, an unknown field.
    """
    if not context.argument:
        return {}
    path = Path(context.argument)
    try:
        if not path.is_file():  # a pipe would wait for ever, a device never end
            raise BadUse(f"orders {path}: {'is not a file' if path.exists() else 'there is no such file'}")
        with path.open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
        if len(content) > LIMIT_BYTES:
            raise BadUse(f"orders {path}: larger than {LIMIT_BYTES} bytes")
        data = json.loads(content.decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, BadUse):
            raise
        raise BadUse(f"orders {path}: cannot be read: {' '.join(str(error).split())}") from None
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
    """The staff's suggestion with the fields that the script gives."""
    return dataclasses.replace(suggestion, **entry)
