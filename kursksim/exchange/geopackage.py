"""A run as a GeoPackage, with a layer each for cells, roads and front."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from kursksim.errors import BadUse
from kursksim.exchange.geojson import geometry
from kursksim.exchange.layers import Layer, layers_of
from kursksim.extras import advice
from kursksim.io import read_bytes
from kursksim.runs.record import Run

__all__ = ["geopackage_bytes"]

LIMIT_BYTES = 2 * 1024**3
_TYPES: dict[str, Any] = {"i": int, "d": float, "t": "datetime64[ms]", "s": object}


def geopackage_bytes(run: Run, date: str | dt.date | None = None) -> bytes:
    """A run as a GeoPackage; needs the extra ``geo``.

    Raises
    ------
    BadUse
        Without pyogrio or shapely.
    """
    try:
        import pyogrio
        import shapely
        from shapely.geometry import shape
    except ImportError:
        raise BadUse(f"a GeoPackage needs pyogrio and shapely: {advice('geo')}") from None
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "run.gpkg"  # GDAL warns of another suffix
        for layer in layers_of(run, date):
            shapes = [shape(geometry(layer, feature)) for feature in layer.features]
            pyogrio.raw.write(
                path,
                geometry=np.array([shapely.to_wkb(s) for s in shapes], dtype=object),
                field_data=[_column(layer, k) for k in range(len(layer.fields))],
                fields=list(layer.fields),
                layer=layer.name,
                driver="GPKG",
                geometry_type=layer.kind,
                crs="EPSG:4326",
                append=path.exists(),
            )
        return read_bytes(path, LIMIT_BYTES)


def _column(layer: Layer, at: int) -> Any:
    code = list(layer.fields.values())[at]
    return np.array([feature.values[at] for feature in layer.features], dtype=_TYPES[code])
