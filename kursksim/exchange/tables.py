"""A run as CSV tables that maps read, and as Parquet."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from kursksim.errors import BadUse
from kursksim.exchange.layers import Feature, Layer, Point, layers_of
from kursksim.extras import advice
from kursksim.io import csv_bytes
from kursksim.runs.record import Run

__all__ = ["csv_files", "parquet_files", "wkt"]


def csv_files(run: Run, date: str | dt.date | None = None) -> dict[str, bytes]:
    """``cells.csv``, ``roads.csv`` and ``front.csv``, by name.

    Times stand as kepler.gl reads them, ``2025-03-01 00:00:00``. Cells have their H3 name in
    ``hex_id`` in place of a geometry, the others Well-Known Text in the column ``geometry``.
    """
    found = {}
    for layer in layers_of(run, date):
        heads, rows = list(layer.fields), [_row(layer, feature) for feature in layer.features]
        if layer.kind != "Polygon":
            heads.append("geometry")
        found[f"{layer.name}.csv"] = csv_bytes(heads, rows)
    return found


def _row(layer: Layer, feature: Feature) -> list[Any]:
    fields = list(map(_field, feature.values))
    return fields if layer.kind == "Polygon" else [*fields, wkt(layer, feature)]


def _field(value: Any) -> Any:
    return str(value) if isinstance(value, dt.datetime) else value


def wkt(layer: Layer, feature: Feature) -> str:
    """The geometry of a feature as Well-Known Text."""
    parts = [_points(part) for part in feature.points]
    inside = parts[0] if layer.kind == "LineString" else f"({', '.join(parts)})"
    return f"{layer.kind.upper()} {inside}"


def _points(points: Sequence[Point]) -> str:
    return f"({', '.join(' '.join(map(str, point)) for point in points)})"


def parquet_files(run: Run) -> dict[str, bytes]:
    """``daily``, ``axes``, ``legs`` and ``cells`` as Parquet, by name; needs the extra ``export``.

    Raises
    ------
    BadUse
        Without pyarrow.
    """
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise BadUse(f"Parquet needs pyarrow: {advice('export')}") from None
    tables: dict[str, Mapping[str, Any]] = {}
    for name, kept in run.tables.items():
        tables[name] = {column: list(values) for column, values in kept.columns.items()}
    cells = layers_of(run)[0]
    columns = zip(*(feature.values for feature in cells.features), strict=True)
    tables["cells"] = dict(zip(cells.fields, map(list, columns), strict=True))
    found = {}
    for name, table in tables.items():
        out = io.BytesIO()
        parquet.write_table(arrow.table(table), out)
        found[f"{name}.parquet"] = out.getvalue()
    return found
