"""Files of a scenario: tables, their columns, and the JSON Schema of scenario.toml."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from kursksim.scenario.attacks import Attack
from kursksim.scenario.forms import Frozen, Sourced
from kursksim.scenario.schema import (
    SCHEMA_VERSION,
    Area,
    AxisSpec,
    Contingent,
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
    "json_schema",
    "key_of",
    "kinds",
    "needed",
]

TABLES: dict[str, type[Frozen]] = {
    "parameters": Parameter,
    "sources": Source,
    "places": Place,
    "legs": Leg,
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
    *("parameters", "places", "legs", "axes", "attacks", "sources", "weather"),
    *(*POINTS, *SHAPES),
)
"""Tables that may stand in a CSV file."""

_OURS = {"schema_version", "id", "patches", "filled"}
HEAD = tuple(n for n in Scenario.model_fields if n not in TABLES and n not in _OURS)
"""Fields that are neither tables of rows nor filled in by the reader."""
TOP_KEYS = ("schema", *HEAD, *TABLES, "tables", "defaults")

_TOLD = {
    "title": "What lists and plots call the scenario.",
    "fictional": "Whether its places and forces are invented.",
    "start": "Day 0, a date without quotes.",
    "days": "Number of days, the first and the last included.",
    "key_place": "The place whose fall is reported.",
    "sides": "Who plays the two roles, holder and attacker.",
    "policies": "Decision rule of each role: NAME or NAME:ARGUMENT.",
    "cuts": "Arrows of the chain that are cut, such as tonnage-power.",
    "aliases": "Model parameter → id in the ledger, where the ledger has a name of its own.",
    "parameters": "The ledger: one row a number, with its range, unit, source and status.",
    "weather": "Days whose weather was reported or forecast; the model `table` reads them.",
    "as_of": "Date of a forecast: weather and attacks that became known later are not read.",
    "routes": "Lines of communication from base to depot; the one without a share takes the rest.",
    "inputs": "What happens to the campaign on a date, or on the day that a parameter names.",
    "attacks": "Dated reports of attacks by the attacker, which his plan may follow.",
    "border": "Vertices [lon, lat] in order of the line that cuts the window in two.",
    "outline": "Vertices [lon, lat] in order of the held ground on day 0, the first not repeated.",
}
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
        return {"id": "text", "kind": "text", **vertex, **texts}
    return kinds(TABLES[table])


def needed(table: str) -> set[str]:
    """Columns that a CSV table must have."""
    if table in POINTS:
        return {"lon", "lat"}
    if table in SHAPES:
        return {"id", "kind", "vertex", "lon", "lat", "status"}
    return {n for n, f in TABLES[table].model_fields.items() if f.is_required()}


def json_schema() -> dict[str, Any]:
    """JSON Schema of scenario.toml as it is written, for editors.

    Returns
    -------
    dict
        Draft 2020-12. Only the reader checks that names and the files of [tables] exist.
    """
    schema = Scenario.model_json_schema()
    defs: dict[str, Any] = schema["$defs"]
    for name in (m.__name__ for m in TABLES.values() if issubclass(m, Sourced)):
        defs[name]["required"] = [k for k in defs[name]["required"] if k != "status"]
    defs["Input"]["required"].remove("date")
    defs["Input"]["oneOf"] = [{"required": ["date"]}, {"required": ["parameter"]}]
    inner = schema["properties"]
    wanted = {name: inner[name] for name in (*HEAD, *TABLES)}
    for name, told in _TOLD.items():
        wanted[name] = {**wanted[name], "description": told}
    fill = {"type": "boolean", "description": "Fill the ledger from the models' defaults."}
    wanted["models"] = {
        "type": "object",
        "description": "Slot → registered name of a model; a slot left out takes the default.",
        "properties": {"defaults": fill},
        "additionalProperties": {"type": "string"},
    }
    path = {"type": "string", "description": "A CSV file, relative to the folder and inside it."}
    text = {"type": "string"}
    status = defs["Parameter"]["properties"]["status"]
    tables = {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(CSV_TABLES, path),
    }
    defaults = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"source": text, "status": status},
    }
    version = {"const": SCHEMA_VERSION, "description": "Version of this format."}
    # Other tables may stand in CSV files; these two have none.
    required = [n for n in HEAD if n not in POINTS and Scenario.model_fields[n].is_required()]
    required.remove("models")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kursksim scenario",
        "description": "The file scenario.toml; tables may stand in CSV files instead.",
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", *required, "routes", "contingents"],
        "properties": {"schema": version, **wanted, "tables": tables, "defaults": defaults},
        "$defs": defs,
    }
