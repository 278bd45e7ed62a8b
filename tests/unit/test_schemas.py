"""The JSON Schemas for editors: complete, explained, and true of every file that ships, by an outside validator."""

from __future__ import annotations

import copy
import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kursksim.models.base import SLOTS
from kursksim.scenario import catalogue
from kursksim.scenario.document import CSV_TABLES, TABLES, TOP_KEYS
from kursksim.scenario.editors import json_schema, what_if_schema
from kursksim.scenario.patch import KEYS
from kursksim.scenario.schema import Scenario

WHAT_IFS = [path for shelf in catalogue.shelves().values() for path in shelf.values()]
VALIDATOR = jsonschema.Draft202012Validator


def plain(value: Any) -> Any:
    """A document of TOML in the types of JSON: dates are text."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def faults(schema: dict[str, Any], doc: Any) -> list[str]:
    VALIDATOR.check_schema(schema)
    checker = VALIDATOR(schema, format_checker=VALIDATOR.FORMAT_CHECKER)
    return [f"{e.json_path}: {e.message}" for e in checker.iter_errors(plain(doc))]


def read(path: Path) -> Any:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def keys(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that a schema names, with its own schema."""
    for name, inner in node.get("properties", {}).items():
        yield f"{path}.{name}", inner
        yield from keys(inner, f"{path}.{name}")
    if isinstance(node.get("items"), dict):
        yield from keys(node["items"], f"{path}[]")


@pytest.mark.parametrize("name", catalogue.names())
def test_every_scenario_that_ships_is_valid(name: str) -> None:
    assert faults(json_schema(), read(catalogue.find(name) / "scenario.toml")) == []


@pytest.mark.parametrize("path", WHAT_IFS, ids=lambda p: p.stem)
def test_every_what_if_that_ships_is_valid(path: Path) -> None:
    assert faults(what_if_schema(), read(path)) == []
    assert faults(json_schema(), read(path)) != []


@pytest.mark.parametrize("make", [json_schema, what_if_schema])
def test_every_key_is_explained_in_a_sentence(make: Any) -> None:
    found = dict(keys(make()))
    assert len(found) > 100
    for path, schema in found.items():
        text = schema.get("description", "")
        assert re.fullmatch(r"[A-Z][^\n]{8,}\.", text), (path, text)
    # no word stands for two keys of one table
    rows = make()["properties"]
    rows = rows if make is json_schema else rows["add"]["properties"]
    for table in TABLES:
        said = [s["description"] for s in rows[table]["items"]["properties"].values()]
        assert len(set(said)) == len(said), table


@pytest.mark.parametrize("make", [json_schema, what_if_schema])
def test_nothing_refers_to_a_definition_elsewhere(make: Any) -> None:
    text = repr(make())
    assert "$ref" not in text and "$defs" not in text and "'null'" not in text


def test_every_key_of_the_reader_is_there() -> None:
    schema = json_schema()["properties"]
    assert set(schema) == set(TOP_KEYS)
    assert set(schema["tables"]["properties"]) == set(CSV_TABLES)
    assert set(schema["models"]["properties"]) == {"defaults", *SLOTS}
    for table, model in TABLES.items():
        assert set(schema[table]["items"]["properties"]) == set(model.model_fields), table
    for part in ("grid", "supply", "withdrawal"):
        fields = Scenario.model_fields[part].annotation.model_fields  # type: ignore[union-attr]
        assert set(schema[part]["properties"]) == set(fields)
    what_if = what_if_schema()["properties"]
    assert set(what_if) == set(KEYS)
    assert set(what_if["add"]["properties"]) == set(TABLES) == set(what_if["remove"]["properties"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("days",), "21"),
        (("start",), "first of January"),
        (("grid", "resolution"), 12),
        (("grid", "width"), 3),
        (("sides", "third"), {"name": "x", "short": "x"}),
        (("models", "wether"), "winter"),
        (("policies", "holder"), 3),
        (("legs", 0, "paved"), "yes"),
        (("legs", 0, "lenght_km"), 3.0),
        (("places", 0, "lat"), 91.0),
        (("inputs", 0, "parameter"), "drone_day"),
        (("inputs", 0, "kind"), "rain"),
        (("parameters", 0, "status"), "sure"),
        (("outline", 0), [0.02]),
        (("tables", "leg"), "legs.csv"),
        (("extra",), 1),
    ],
)
def test_slips_are_seen(path: tuple[Any, ...], value: Any) -> None:
    doc = copy.deepcopy(read(catalogue.find("two-roads") / "scenario.toml"))
    node = doc
    for key in path[:-1]:
        node = node.setdefault(key, {}) if isinstance(node, dict) else node[key]
    node[path[-1]] = value
    assert len(faults(json_schema(), doc)) == 1


@pytest.mark.parametrize(
    "slip",
    [
        {"why": None},
        {"expect": {"order_day": "later"}},
        {"cut": "tonnage-power"},
        {"add": {"roads": []}},
        {"add": {"legs": [{"id": "X1"}]}},
        {"remove": {"inputs": "raid"}},
        {"sets": {}},
    ],
)
def test_slips_in_a_what_if_are_seen(slip: dict[str, Any]) -> None:
    doc: dict[str, Any] = {"title": "x", "why": "y", "set": {"parameters.fleet_0": 3}} | slip
    assert faults(what_if_schema(), {k: v for k, v in doc.items() if v is not None})
