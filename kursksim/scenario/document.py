"""Files of a scenario: tables and their columns."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from kursksim.scenario.attacks import Attack
from kursksim.scenario.forms import Frozen
from kursksim.scenario.schema import (
    Area,
    AxisSpec,
    Contingent,
    CrossingSpec,
    Depot,
    Input,
    Leg,
    Line,
    Parameter,
    Place,
    Route,
    Scenario,
    Source,
    WeatherDay,
)

__all__ = [
    "CSV_TABLES",
    "HEAD",
    "POINTS",
    "SHAPES",
    "SINGULAR",
    "TABLES",
    "TOP_KEYS",
    "columns",
    "ident_of",
    "key_of",
    "kinds",
    "needed",
]

TABLES: dict[str, type[Frozen]] = {
    "parameters": Parameter,
    "sources": Source,
    "places": Place,
    "legs": Leg,
    "crossings": CrossingSpec,
    "depots": Depot,
    "routes": Route,
    "axes": AxisSpec,
    "contingents": Contingent,
    "inputs": Input,
    "attacks": Attack,
    "weather": WeatherDay,
    "lines": Line,
    "areas": Area,
}
"""Tables of rows with an id each."""

SINGULAR = {name: name.removesuffix("s") for name in TABLES} | {
    "axes": "axis",
    "weather": "weather day",
}
POINTS = ("border", "outline")
"""Tables of vertices in order."""
SHAPES = ("lines", "areas")
"""Tables whose rows hold points; their CSV files have one row a vertex."""
CSV_TABLES = (
    *("parameters", "places", "legs", "crossings", "axes", "attacks", "sources", "weather"),
    *(*POINTS, *SHAPES),
)
"""Tables that may stand in a CSV file."""

_OURS = {"schema_version", "id", "patches", "folder", "filled"}
HEAD = tuple(n for n in Scenario.model_fields if n not in TABLES and n not in _OURS)
"""Fields that are neither tables of rows nor filled in by the reader."""
TOP_KEYS = ("schema", *HEAD, *TABLES, "tables", "defaults")

_KINDS = {float: "number", int: "integer", bool: "boolean", dt.date: "date"}


def key_of(table: str) -> str:
    """The field that names a row."""
    return {"sources": "key", "weather": "date"}.get(table, "id")


def ident_of(table: str, row: Mapping[str, Any]) -> str | None:
    """What names a row, as text; None for one without a name, or with one of another kind."""
    given = row.get(key_of(table))
    if table == "weather" and isinstance(given, dt.date):
        return given.isoformat()
    return given if isinstance(given, str) else None


@cache
def kinds(model: type[Frozen]) -> dict[str, str]:
    """Kind of each field of a model, as cells of a CSV file are read."""
    found = {}
    for name, field in model.model_fields.items():
        kind: Any = field.annotation
        if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
            kind = next(a for a in typing.get_args(kind) if a is not type(None))
        found[name] = _KINDS.get(kind, "text")
    return found


def columns(table: str) -> dict[str, str]:
    """Columns of a CSV table, each with the kind of its cells."""
    if table in POINTS:
        return {"lon": "number", "lat": "number"}
    if table in SHAPES:
        vertex = {"vertex": "integer", "lon": "number", "lat": "number"}
        texts = dict.fromkeys(("source", "status", "note"), "text")
        width = {"width_km": "number"} if table == "lines" else {}
        return {"id": "text", "kind": "text", **vertex, **width, **texts}
    return kinds(TABLES[table])


def needed(table: str) -> set[str]:
    """Columns that a CSV table must have."""
    if table in POINTS:
        return {"lon", "lat"}
    if table in SHAPES:
        return {"id", "kind", "vertex", "lon", "lat", "status"}
    return {n for n, f in TABLES[table].model_fields.items() if f.is_required()}
