"""A small fictional campaign behind a river, for tests: a long bridge, a ferry, and two depots.

It is the kit of ``scenario_kit`` with the border as a river. Convoys cross it from two bases. The long bridge bears
everything and counts vehicles, the ferry has two rafts, counts tonnes and bears no heavy equipment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import scenario_kit
from scenario_kit import A

import kursksim as ks
from kursksim.scenario.reader import patched
from kursksim.scenario.schema import Scenario

BRIDGE, FERRY = "long bridge", "raft ferry"
START = dt.date(2025, 1, 1)


def river(doc: dict[str, Any], tables: dict[str, list[dict[str, Any]]]) -> None:
    """Make the kit a campaign behind a river."""
    tables["places"] += [
        {"id": "Quay", "lat": 0.10, "lon": 0.085, "uncertainty_km": 0.1} | A,
        {"id": "Slip", "lat": 0.04, "lon": 0.085, "uncertainty_km": 0.1} | A,
        {"id": "Camp", "lat": 0.05, "lon": 0.02, "uncertainty_km": 0.1} | A,
    ]
    place = {p["id"]: p for p in tables["places"]}
    place["Ford"]["lon"] = place["Gate"]["lon"] = 0.115
    leg = scenario_kit._leg
    tables["legs"] = [
        leg("A0", "Port", "Quay", 12.0),
        leg("A1", "Quay", "Gate", 4.0, crossing=BRIDGE),
        leg("A2", "Gate", "Hill", 10.0),
        leg("B0", "Camp", "Slip", 8.0),
        leg("B1", "Slip", "Ford", 4.0, crossing=FERRY),
        leg("B2", "Ford", "St. Mary", 16.0),
        leg("C1", "Ford", "Gate", 7.0),
        leg("C2", "Quay", "Slip", 7.0),
        leg("C3", "St. Mary", "Hill", 8.0),
    ]
    tables["lines"] = [r for r in tables["lines"] if r["id"] != "A1"]
    parameter = scenario_kit._parameter
    tables["parameters"] += [
        parameter("bridge_flow", 60, 30, 90, "veh/h"),
        parameter("ferry_load", 120, 60, 200, "t/day"),
        parameter("none_left", 0, 0, 0.1, "fraction"),
        parameter("half_left", 0.5, 0.3, 0.7, "fraction"),
        parameter("all_left", 1, 1, 1, "fraction"),
        parameter("hill_share", 0.6, 0.4, 0.8, "fraction"),
    ]
    tables["crossings"] = [
        {
            "id": BRIDGE,
            "kind": "bridge",
            "vehicles_per_hour": "bridge_flow",
            "lanes": 1,
            "heavy": True,
        }
        | A,
        {"id": FERRY, "kind": "ferry", "tonnes_per_day": "ferry_load", "lanes": 2, "heavy": False}
        | A,
    ]
    doc["depots"] = [{"id": "Hill"}, {"id": "St. Mary", "share": "hill_share"}]
    doc["routes"] = [
        {"id": "main", "legs": ["A0", "A1", "A2"]},
        {
            "id": "second",
            "legs": ["B0", "B1", "B2"],
            "share": "second_share",
            "base": "Camp",
            "depot": "St. Mary",
        },
    ]
    lateral = {"id": "lateral", "legs": ["B0", "B1", "C1", "A2"], "share": "none_left"}
    doc["routes"].append(lateral | {"base": "Camp"})
    for axis in tables["axes"]:
        if axis["id"] == "north":
            axis["depot"] = "St. Mary"
    tables["axes"] = [a for a in tables["axes"] if a["id"] != "flank"]
    for axis in tables["axes"]:
        axis.pop("across", None)
    doc["inputs"] = [i for i in doc["inputs"] if i["kind"] != "teams"]
    doc["supply"]["watched_legs"] = ["A2", "B2"]
    doc["withdrawal"] |= {"exits": ["Gate", "Ford"], "exits_are_crossings": True}
    doc["models"] |= {"supply": "river"}


def change(ident: str, target: str, day: int, amount: str = "", bears: str = "") -> dict[str, Any]:
    """A dated change of a crossing."""
    date = START + dt.timedelta(days=day)
    row = {"id": ident, "kind": "crossing", "target": target, "date": date, "known_on": date}
    return row | {"amount": amount, "bears": bears}


@cache
def _bare() -> Scenario:
    with TemporaryDirectory() as folder:
        return ks.load(scenario_kit.write(Path(folder) / "river", river))


def campaign(*inputs: Mapping[str, Any], **set_: Any) -> Scenario:
    """The campaign with dated changes of crossings and with values set, models before parameters of theirs."""
    values = {name.replace("__", "."): value for name, value in set_.items()}
    models = {name: value for name, value in values.items() if name.startswith("models.")}
    chosen = patched(_bare(), [{"title": "models", "set": models}]) if models else _bare()
    rest = {name: value for name, value in values.items() if name not in models}
    return patched(chosen, [{"title": "changes", "add": {"inputs": list(inputs)}, "set": rest}])
