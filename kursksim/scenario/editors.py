"""JSON Schemas of scenarios and what-ifs, by which editors complete and explain keys.

Nothing in them refers to a definition elsewhere, as editors of TOML follow no such references in
what they show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kursksim.models.base import SLOTS
from kursksim.scenario.descriptions import (
    HEAD_KEYS,
    ROW_KEYS,
    SHARED_KEYS,
    SLOT_KEYS,
    TABLE_KEYS,
    WHAT_IF_KEYS,
)
from kursksim.scenario.document import CSV_TABLES, HEAD, POINTS, TABLES
from kursksim.scenario.forms import Sourced
from kursksim.scenario.patch import SECTIONS
from kursksim.scenario.schema import SCHEMA_VERSION, Scenario

__all__ = ["json_schema", "what_if_schema"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_OPTIONAL = ("status", "source")
"""Fields of rows that the section [defaults] may fill."""


def json_schema() -> dict[str, Any]:
    """JSON Schema of scenario.toml as it is written.

    Returns
    -------
    dict
        Draft 2020-12. Only the reader checks that names and the files of [tables] exist.
    """
    keys: dict[str, Any] = {"schema": {"const": SCHEMA_VERSION}}
    keys |= {name: _section(name) for name in HEAD}
    keys |= _tables()
    file = "CSV file of the table {}, relative to the folder and inside it."
    files = {t: _TEXT | {"description": file.format(t)} for t in CSV_TABLES}
    files |= dict.fromkeys(POINTS, _DRAWN)
    status = keys["parameters"]["items"]["properties"]["status"]
    keys |= {"tables": _closed(files), "defaults": _closed({"source": _TEXT, "status": status})}
    _explain(keys["defaults"], ROW_KEYS["defaults"])
    for name, text in HEAD_KEYS.items():
        keys[name] = {**keys[name], "description": text}
    # other tables may stand in CSV files; these two have none
    required = [n for n in HEAD if n not in POINTS and Scenario.model_fields[n].is_required()]
    required.remove("models")
    return {
        "$schema": _DRAFT,
        "title": "kursksim scenario",
        "description": "The file scenario.toml; tables may stand in CSV files instead.",
        **_closed(keys, ["schema", *required, "routes", "contingents"]),
    }


_POINT = {"type": "array", "items": {"type": "number"}}
_DRAWN: dict[str, Any] = {
    "description": "CSV or GeoJSON file; of a .geojson a point inside or a property may choose.",
    "anyOf": [
        _TEXT,
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["file"],
            "properties": {
                "file": _TEXT | {"description": "A .geojson file in the folder."},
                "inside": {
                    "anyOf": [_POINT, {"type": "array", "items": _POINT}],
                    "description": "[lon, lat] of a point in the wanted polygon, or several.",
                },
                "property": _TEXT | {"description": "Property whose value chooses."},
                "value": {"description": "Value of that property."},
            },
        },
    ],
}


def what_if_schema() -> dict[str, Any]:
    """JSON Schema of the file of a what-if.

    Returns
    -------
    dict
        Draft 2020-12. Only the reader checks that paths, ids and measures exist.
    """
    rows = _tables()
    # editors take keys for slips that no rule names, so any key is said to be right
    free: dict[str, Any] = {"type": "object", "additionalProperties": True}
    nested = {n: {**free, "description": f"New values in {n}."} for n in (*TABLES, *SECTIONS)}
    keys: dict[str, Any] = {
        **dict.fromkeys(("title", "why", "scenario"), _TEXT),
        "expect": {"type": "object", "additionalProperties": {"enum": ["more", "less", "same"]}},
        "cut": {"type": "array", "items": _TEXT},
        # any dotted path may stand here as one key in quotes
        "set": {**free, "properties": nested},
        "add": _closed(rows),
        "remove": _closed(
            {
                name: {
                    "type": "array",
                    "items": _TEXT,
                    "description": f"What is taken out of {name}, by what names its rows.",
                }
                for name in rows
            }
        ),
    }
    for name, text in WHAT_IF_KEYS.items():
        keys[name] = {**keys[name], "description": text}
    return {
        "$schema": _DRAFT,
        "title": "kursksim what-if",
        "description": "Changes that are laid on a scenario: values, new rows and removed rows.",
        **_closed(keys, ["title", "why"]),
    }


def _closed(properties: Mapping[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """A table with these keys and no others."""
    made = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    return made | ({"required": required} if required else {})


def _tables() -> dict[str, Any]:
    """Tables of rows, with every field in words."""
    found = {}
    for table, model in TABLES.items():
        whole = model.model_json_schema()
        row = _inlined(whole, whole.get("$defs", {}))
        if issubclass(model, Sourced):
            row["required"] = [k for k in row["required"] if k not in _OPTIONAL]
        if table == "inputs":
            row["required"].remove("date")
            row["oneOf"] = [{"required": ["date"]}, {"required": ["parameter"]}]
        row["description"] = TABLE_KEYS[table]
        _explain(row, {**SHARED_KEYS, **ROW_KEYS[table]})
        found[table] = {"type": "array", "items": row, "description": TABLE_KEYS[table]}
    return found


def _section(name: str) -> dict[str, Any]:
    """A key of the head, with what stands in it."""
    if name == "models":
        fill = {"type": "boolean", "description": "Fill the ledger from the models' defaults."}
        slots = {slot: _TEXT | {"description": SLOT_KEYS[slot]} for slot in SLOTS}
        return _closed({"defaults": fill, **slots})
    whole = Scenario.model_json_schema()
    found: dict[str, Any] = _inlined(whole["properties"][name], whole["$defs"])
    if name in ("sides", "policies"):
        # both roles are there, and no others
        inner = found["additionalProperties"]
        found = _closed(
            {side: dict(inner) for side in ("holder", "attacker")}, ["holder", "attacker"]
        )
    if name == "sides":
        for side, who in found["properties"].items():
            _explain(who, ROW_KEYS[name])
            who["description"] = f"Who plays the {side}."
    elif name in ROW_KEYS:
        _explain(found, ROW_KEYS[name])
    return found


def _explain(table: dict[str, Any], words: Mapping[str, str]) -> None:
    """Put into words what each field of a table is."""
    for field, shape in table["properties"].items():
        table["properties"][field] = {**shape, "description": words[field]}


def _inlined(node: Any, defs: Mapping[str, Any]) -> Any:
    """A schema with definitions in place of references to them, and without names of classes."""
    if isinstance(node, list):
        return [_inlined(part, defs) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        rest = {k: v for k, v in node.items() if k != "$ref"}
        return _inlined({**defs[node["$ref"].rpartition("/")[2]], **rest}, defs)
    shapes = [part for part in node.get("anyOf", ()) if part != {"type": "null"}]
    if len(shapes) == 1:  # TOML has no null: a key is left out
        rest = {k: v for k, v in node.items() if k not in ("anyOf", "default")}
        return _inlined({**shapes[0], **rest}, defs)
    named = {"title"} if isinstance(node.get("title"), str) else set()
    left = {
        k: v
        for k, v in node.items()
        if k not in named | {"$defs", "description"} or k == "properties"
    }
    if "properties" in left:
        left["properties"] = {k: _inlined(v, defs) for k, v in node["properties"].items()}
        left["additionalProperties"] = False
    return {k: v if k == "properties" else _inlined(v, defs) for k, v in left.items()}
