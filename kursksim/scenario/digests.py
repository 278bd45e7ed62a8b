"""Digests of a scenario: equal for equal campaigns, whatever their files look like."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from hashlib import blake2b
from typing import Any

from pydantic import BaseModel

__all__ = ["differing", "digest_of", "parts_of", "rows_of", "spatial_digest_of"]

_SAID = {"__all__": {"source", "status", "note", "side"}}
_LEFT_OUT: dict[str, Any] = {
    "id": True,  # the name of a folder, which may be another tomorrow
    "patches": True,  # their titles; what they changed stands in the tables
    "sources": True,
    "parameters": {"__all__": {"source", "status", "note", "read", "meaning", "group"}},
    **dict.fromkeys(
        (
            *("places", "legs", "crossings", "axes", "lines", "areas"),
            *("inputs", "attacks", "weather"),
        ),
        _SAID,
    ),
}
_DRAWN = ("grid", "border", "outline", "outline_rings", "lines", "areas", "key_place")
_GROUND: dict[str, Any] = {
    **dict.fromkeys((*_DRAWN, "supply", "withdrawal", "routes"), True),
    "places": {"__all__": {"id", "lat", "lon", "urban_radius_km"}},
    "legs": {"__all__": {"id", "from_place", "to_place"}},
    "axes": {"__all__": {"id", "lat", "lon", "across", "radius_km", "aim"}},
}
_LATER = ("as_of", "attacks", "weather", "crossings", "depots", "outline_rings")
"""Fields that came later, left out where they are empty: other campaigns keep their digests."""
_LATER_OF_ROWS = {
    "contingents": ("grouping", "grouping_peak", "peak_day", "forward_share", "within"),
    "routes": ("base", "depot"),
    "axes": ("depot",),
    "inputs": ("bears",),
    "lines": ("width_km",),
}
"""The same for fields of rows."""
_LATER_OF_WITHDRAWAL = ("exits_are_crossings",)
_SHORT = 6
"""Hex digits of a part's digest: it only locates a difference that is already known."""


def digest_of(scenario: BaseModel) -> str:
    """Hex digest of everything that a run depends on; sources, statuses and notes are left out."""
    return _digest(_played(scenario))


def parts_of(scenario: BaseModel) -> dict[str, str]:
    """Short digests of the sections and tables, to show where another scenario differs."""
    return {name: _digest(part)[:_SHORT] for name, part in _played(scenario).items()}


def rows_of(scenario: BaseModel) -> dict[str, str]:
    """A short digest of each value, row and parameter, by its key, such as ``legs.M3``."""
    found: dict[str, str] = {}
    for name, part in _played(scenario).items():
        key = "date" if name == "weather" else "id"
        if isinstance(part, list) and part and isinstance(part[0], dict) and key in part[0]:
            found |= {f"{name}.{row[key]}": _digest(row)[:_SHORT] for row in part}
        else:
            found[name] = _digest(part)[:_SHORT]
    return found


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """The sections and tables in which two scenarios differ, by their parts, as a list in words."""
    return ", ".join(name for name in sorted({*one, *other}) if one.get(name) != other.get(name))


def spatial_digest_of(scenario: BaseModel) -> str:
    """Hex digest of everything that the map is built from; parameters do not change it."""
    ground = _as_before(scenario.model_dump(mode="json", include=_GROUND))
    return _digest(_said(ground, _LATER))


def _played(scenario: BaseModel) -> dict[str, Any]:
    played: dict[str, Any] = scenario.model_dump(mode="json", exclude=_LEFT_OUT)
    return _said(_as_before(played), _LATER)


def _as_before(played: dict[str, Any]) -> dict[str, Any]:
    """Sections and tables without fields that came later and are empty."""
    for table, later in _LATER_OF_ROWS.items():
        if table in played:
            played[table] = [_said(row, later) for row in played[table]]
    played["withdrawal"] = _said(played["withdrawal"], _LATER_OF_WITHDRAWAL)
    return played


def _said(fields: Mapping[str, Any], later: Collection[str]) -> dict[str, Any]:
    """Fields without those of ``later`` that are empty."""
    return {name: part for name, part in fields.items() if part or name not in later}


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()
