"""A run as GeoJSON (RFC 7946), with the standard library alone."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from typing import Any

from kursksim.exchange.layers import Feature, Layer, layers_of
from kursksim.runs.record import Run

__all__ = ["as_geojson", "geojson_bytes", "geometry"]


def as_geojson(run: Run, date: str | dt.date | None = None) -> dict[str, Any]:
    """A run as a FeatureCollection, as ``Run.to_geojson`` says."""
    features = []
    for layer in layers_of(run, date):
        for feature in layer.features:
            values = map(plain_value, feature.values)
            properties = {"layer": layer.name, **dict(zip(layer.fields, values, strict=True))}
            made = {"type": "Feature", "geometry": geometry(layer, feature)}
            features.append({**made, "properties": properties})
    return {"type": "FeatureCollection", "name": run.scenario.id, "features": features}


def geojson_bytes(run: Run, date: str | dt.date | None = None) -> bytes:
    """The same as a file, which has a feature a line."""
    made = as_geojson(run, date)
    head = json.dumps({k: v for k, v in made.items() if k != "features"}, ensure_ascii=False)
    lines = [json.dumps(f, ensure_ascii=False, allow_nan=False) for f in made["features"]]
    body = ",\n".join(lines)
    return f'{head[:-1]}, "features": [\n{body}\n]}}\n'.encode()


def geometry(layer: Layer, feature: Feature) -> dict[str, Any]:
    """The geometry of a feature."""
    points: Sequence[Any] = [list(map(list, part)) for part in feature.points]
    coordinates = points[0] if layer.kind == "LineString" else points
    return {"type": layer.kind, "coordinates": coordinates}


def plain_value(value: Any) -> Any:
    """A value as JSON has it: a time without zone as ISO text, null for NaN."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return None if isinstance(value, float) and math.isnan(value) else value
