"""Files of a small invented country for tests: control map, border, places and roads, in several formats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Point = tuple[float, float]

WINDOW = (30.0, 50.0, 30.4, 50.24)
HELD: list[Point] = [
    (30.08, 50.08), (30.09, 50.13), (30.14, 50.18), (30.24, 50.19), (30.31, 50.14), (30.32, 50.08), (30.08, 50.08),
]  # fmt: skip
POCKET: list[Point] = [
    (30.26, 50.13),
    (30.28, 50.13),
    (30.28, 50.15),
    (30.26, 50.15),
    (30.26, 50.13),
]
BORDER: list[Point] = [(29.9, 50.08), (30.2, 50.085), (30.5, 50.08)]
PLACES: dict[str, tuple[Point, dict[str, Any]]] = {
    "Alden": ((30.2, 50.02), {"place": "city", "population": 80000}),
    "Brook": ((30.12, 50.05), {"place": "village"}),
    "Corin": ((30.2, 50.14), {"place": "town", "population": "9 000"}),
    "Dell": ((30.14, 50.13), {"place": "village"}),
    "Eller": ((30.27, 50.11), {"place": "village"}),
    "Farley": ((30.2, 50.23), {"place": "town"}),
}
ROADS: list[tuple[list[Point], dict[str, Any]]] = [
    ([(30.2, 50.02), (30.2, 50.05), (30.2, 50.085)], {"highway": "primary", "ref": "M1"}),
    ([(30.2, 50.085), (30.2, 50.0905)], {"highway": "primary", "bridge": "yes", "bridge:name": "Long bridge"}),
    ([(30.2, 50.0905), (30.2, 50.14)], {"highway": "primary", "ref": "M1"}),
    ([(30.2, 50.02), (30.12, 50.05), (30.14, 50.13), (30.2, 50.14)], {"highway": "unclassified", "surface": "gravel"}),
    ([(30.2, 50.05), (30.27, 50.11), (30.2, 50.14)], {"highway": "tertiary"}),
    ([(30.2, 50.14), (30.2, 50.23)], {"highway": "secondary"}),
    ([(30.1, 50.04), (30.3, 50.04)], {"highway": "footway"}),
]  # fmt: skip


def feature(kind: str, coordinates: Any, tags: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": tags,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def save(path: Path, features: Sequence[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return path


def country(folder: Path, **changed: Sequence[dict[str, Any]]) -> dict[str, Path]:
    """The four files as GeoJSON, some of them with other features."""
    folder.mkdir(parents=True, exist_ok=True)
    features = {
        "outline": [feature("Polygon", [HELD, POCKET], {"status": "held"})],
        "border": [feature("LineString", BORDER, {})],
        "places": [feature("Point", at, {"name": n, **tags}) for n, (at, tags) in PLACES.items()],
        "roads": [feature("LineString", line, tags) for line, tags in ROADS],
    } | changed
    return {role: save(folder / f"{role}.geojson", listed) for role, listed in features.items()}
