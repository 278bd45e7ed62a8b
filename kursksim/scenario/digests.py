"""Digests of a scenario: of what is played, wherever its files lie and however they are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kursksim.scenario.schema import Scenario

__all__ = ["differing", "digest_of", "parts_of", "spatial_digest_of"]

_SAID = {"__all__": {"source", "status", "note", "side"}}
_LEFT_OUT: dict[str, Any] = {
    "id": True,  # the name of a folder, which may be another tomorrow
    "patches": True,
    "sources": True,
    "parameters": {"__all__": {"source", "status", "note", "read", "meaning", "group"}},
    **dict.fromkeys(("places", "legs", "axes", "lines", "areas", "inputs"), _SAID),
}
_GROUND = {"grid", "border", "outline", "lines", "areas", "key_place", "supply", "withdrawal", "routes"}
_SHORT = 6
"""Hex digits of a part's digest: it only says where two scenarios differ that are known to."""


def digest_of(scenario: Scenario) -> str:
    """Hex digest of everything that a run depends on, not of what is said of its numbers: source, status, note."""
    return _digest(_played(scenario))


def parts_of(scenario: Scenario) -> dict[str, str]:
    """A short digest of each section and table, to say in which of them another scenario differs."""
    return {name: _digest(part)[:_SHORT] for name, part in _played(scenario).items()}


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """The sections and tables in which two scenarios differ, by their parts, as a list in words."""
    return ", ".join(name for name in sorted({*one, *other}) if one.get(name) != other.get(name))


def spatial_digest_of(scenario: Scenario) -> str:
    """Hex digest of what the terrain is built from; parameters and forces leave it alone."""
    shape = scenario.model_dump(mode="json", include=_GROUND)
    shape["places"] = [(p.id, p.lat, p.lon, p.urban_radius_km) for p in scenario.places]
    shape["legs"] = [(g.id, g.from_place, g.to_place) for g in scenario.legs]
    shape["axes"] = [(a.id, a.lat, a.lon, a.across, a.radius_km, a.aim) for a in scenario.axes]
    return _digest(shape)


def _played(scenario: Scenario) -> dict[str, Any]:
    return scenario.model_dump(mode="json", exclude=_LEFT_OUT)


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()
