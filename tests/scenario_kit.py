"""A small fictional campaign for tests: complete, valid, and easy to break in one place."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import kursksim as ks
from kursksim.errors import Problem
from kursksim.scenario.reader import read
from kursksim.scenario.schema import Scenario

A = {"source": "", "status": "assumed"}

_PLACES = [
    {"id": "Port", "lat": 0.02, "lon": 0.02, "uncertainty_km": 0.1},
    {"id": "Gate", "lat": 0.10, "lon": 0.10, "uncertainty_km": 0.1},
    {"id": "Ford", "lat": 0.04, "lon": 0.14, "uncertainty_km": 0.5},
    {
        "id": "Hill",
        "lat": 0.10,
        "lon": 0.20,
        "uncertainty_km": 0.1,
        "urban_radius_km": 1.0,
        "label": True,
    },
    {"id": "St. Mary", "lat": 0.16, "lon": 0.18, "uncertainty_km": 0.3},
]


def _leg(ident: str, start: str, end: str, km: float, **more: Any) -> dict[str, Any]:
    length = {"length_km": km, "low_km": km * 0.9, "high_km": km * 1.1, "paved": True}
    return {"id": ident, "from_place": start, "to_place": end, **length, **A, **more}


def _parameter(
    ident: str, value: float, low: float, high: float, unit: str, **more: Any
) -> dict[str, Any]:
    return {
        "id": ident,
        "value": value,
        "low": low,
        "high": high,
        "unit": unit,
        "group": "kit",
        **A,
        **more,
    }


TABLES: dict[str, list[dict[str, Any]]] = {
    "parameters": [
        _parameter("holder_men", 4000, 3000, 5000, "men", source="book", status="reported"),
        _parameter("attacker_men", 9000, 7000, 12000, "men"),
        _parameter("reserve_men", 1000, 0, 2000, "men"),
        _parameter("second_share", 0.25, 0, 1, "fraction"),
        _parameter("drone_day", 6, 3, 9, "day index"),
        _parameter("drone_teams", 5, 1, 9, "teams"),
        _parameter("drift", -1, -2, 2, "km/day"),
    ],
    "places": [p | A for p in _PLACES],
    "legs": [
        _leg("A1", "Port", "Gate", 12.6),
        _leg("A2", "Gate", "Hill", 11.1),
        _leg("B1", "Port", "Ford", 13.5, paved=False, crossing="ford bridge"),
        _leg("B.2", "Ford", "Hill", 9.4, ew_cover=0.2),
    ],
    "axes": [
        {
            "id": "north",
            "name": "North",
            "lat": 0.16,
            "lon": 0.2,
            "uncertainty_km": 1.0,
            "place": "St. Mary",
        }
        | A,
        {
            "id": "east",
            "name": "East",
            "lat": 0.1,
            "lon": 0.26,
            "uncertainty_km": 1.0,
            "place": "Hill",
        }
        | A,
        {
            "id": "flank",
            "name": "Flank",
            "lat": 0.18,
            "lon": 0.08,
            "uncertainty_km": 1.0,
            "place": "Gate",
        }
        | A
        | {"across": True},
    ],
    "sources": [
        {"key": "book", "title": "A book", "author": "Nobody", "date": "2020", "supports": "men"}
    ],
    "border": [{"lon": 0.1, "lat": -0.1}, {"lon": 0.1, "lat": 0.1}, {"lon": 0.1, "lat": 0.4}],
    "outline": [
        {"lon": 0.1, "lat": 0.03},
        {"lon": 0.25, "lat": 0.03},
        {"lon": 0.25, "lat": 0.17},
        {"lon": 0.1, "lat": 0.17},
    ],
    "lines": [
        {"id": "A1", "kind": "road", "vertex": 0, "lon": 0.02, "lat": 0.02} | A,
        {"id": "A1", "kind": "road", "vertex": 1, "lon": 0.1, "lat": 0.1} | A,
        {"id": "Brook", "kind": "river", "vertex": 0, "lon": 0.14, "lat": 0.0} | A,
        {"id": "Brook", "kind": "river", "vertex": 1, "lon": 0.14, "lat": 0.2} | A,
    ],
    "areas": [
        {"id": "Wood", "kind": "wooded", "vertex": n, "lon": lon, "lat": lat} | A
        for n, (lon, lat) in enumerate([(0.15, 0.1), (0.17, 0.1), (0.17, 0.12)])
    ],
}

DOC: dict[str, Any] = {
    "schema": 1,
    "title": "Two tracks",
    "summary": "A small campaign of nobody against nobody.",
    "fictional": True,
    "start": dt.date(2025, 1, 1),
    "days": 20,
    "key_place": "Hill",
    "sides": {
        "holder": {"name": "Blue", "short": "BLU"},
        "attacker": {"name": "Red", "short": "RED"},
    },
    "grid": {
        "resolution": 7,
        "west": 0.0,
        "east": 0.3,
        "south": 0.0,
        "north": 0.2,
        "front_factor": 0.79,
    },
    "supply": {"base": "Port", "depot": "Hill", "main_route": "main", "watched_legs": ["A2"]},
    "withdrawal": {"exits": ["Gate", "Ford"], "phase_lines": ["Hill"]},
    "policies": {"holder": "threshold", "attacker": "shaping"},
    "models": {"defaults": True},
    "routes": [
        {"id": "main", "legs": ["A1", "A2"]},
        {"id": "second", "legs": ["B1", "B.2"], "share": "second_share"},
    ],
    "contingents": [
        {"id": "garrison", "side": "holder", "men": "holder_men"},
        {"id": "army", "side": "attacker", "men": "attacker_men"},
        {"id": "reserve", "side": "attacker", "men": "reserve_men"},
    ],
    "inputs": [
        {"id": "drones", "kind": "teams", "parameter": "drone_day", "known_on": dt.date(2025, 1, 3)}
        | {"amount": "drone_teams"}
        | A,
        {
            "id": "raid",
            "kind": "counter_attack",
            "date": dt.date(2025, 1, 5),
            "known_on": dt.date(2025, 1, 5),
        }
        | {"target": "north", "source": "book", "status": "reported"},
        {
            "id": "second-wave",
            "kind": "commit",
            "date": dt.date(2025, 1, 9),
            "known_on": dt.date(2025, 1, 2),
        }
        | {"target": "reserve", "until": dt.date(2025, 1, 12)}
        | A,
    ],
}

Change = Callable[[dict[str, Any], dict[str, list[dict[str, Any]]]], object]


def toml(value: Any) -> str:
    """A value as TOML, inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (bool, str)):
        return json.dumps(value)
    return repr(value)


def document(doc: dict[str, Any]) -> str:
    """A scenario document as TOML text: plain keys, then sections, then tables of rows."""
    blocks = ["\n".join(f"{k} = {toml(v)}" for k, v in doc.items() if not _is_block(v))]
    for key, value in doc.items():
        if not _is_block(value):
            continue
        head, rows = (f"[{key}]", [value]) if isinstance(value, dict) else (f"[[{key}]]", value)
        blocks += [
            "\n".join([head, *(f"{json.dumps(k)} = {toml(v)}" for k, v in r.items())]) for r in rows
        ]
    return "\n\n".join(blocks) + "\n"


def _is_block(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
    )


def _cell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def write(folder: Path, change: Change | None = None) -> Path:
    """Write the kit as a scenario folder.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it does not exist.
    change : callable, optional
        Is given a copy of the document and of the tables, and breaks them.
    """
    doc, tables = copy.deepcopy(DOC), copy.deepcopy(TABLES)
    if change:
        change(doc, tables)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.toml").write_text(document(doc), encoding="utf-8")
    for name, rows in tables.items():
        fields = list(dict.fromkeys(key for row in rows for key in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file, lineterminator="\n")
            sheet.writerow(fields)
            sheet.writerows([_cell(row.get(f, "")) for f in fields] for row in rows)
    return folder


def write_single(path: Path) -> Path:
    """Write the kit as one TOML file with every table inline."""
    doc = copy.deepcopy(DOC)
    for name, rows in copy.deepcopy(TABLES).items():
        if name in ("border", "outline"):
            doc[name] = [[r["lon"], r["lat"]] for r in rows]
        elif name in ("lines", "areas"):
            shapes: dict[str, dict[str, Any]] = {}
            for row in rows:
                shape = shapes.setdefault(
                    row["id"], {"id": row["id"], "kind": row["kind"], "points": []} | A
                )
                shape["points"].append([row["lon"], row["lat"]])
            doc[name] = list(shapes.values())
        else:
            doc[name] = rows
    path.write_text(document(doc), encoding="utf-8")
    return path


def errors(source: Path) -> list[Problem]:
    """The errors of a scenario; there is a scenario exactly when there are none."""
    scenario, problems = read(source)
    found = [p for p in problems if p.severity == "error"]
    assert (scenario is None) == bool(found)
    return found


# Changes for `write`.


def row(table: list[dict[str, Any]], ident: str) -> dict[str, Any]:
    """The row of an id."""
    return next(r for r in table if r.get("id", r.get("key")) == ident)


def cell(table: str, ident: str, name: str, value: Any) -> Change:
    return lambda doc, tables: row(tables[table], ident).update({name: value})


def part(table: str, ident: str, name: str, value: Any) -> Change:
    return lambda doc, tables: row(doc[table], ident).update({name: value})


def key(path: str, value: Any) -> Change:
    def change(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            doc = doc[parent]
        doc[last] = value

    return change


def drop(path: str) -> Change:
    def change(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            doc = doc[parent]
        del doc[last]

    return change


@cache
def campaign(name: str) -> Scenario:
    """A scenario by name: a shipped one, or ``kit``, which has a counter-attack and an axis across the border."""
    if name != "kit":
        return ks.load(name)
    with TemporaryDirectory() as folder:
        return ks.load(write(Path(folder) / "kit"))
