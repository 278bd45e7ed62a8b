"""What the code says of itself: fields of the state, registered models, streams of luck."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, get_args

import kursksim
from kursksim import registry
from kursksim.models.base import DEFAULT_MODELS, SLOTS, infos
from kursksim.rng import Streams
from kursksim.scenario.forms import InputKind

__all__ = [
    "STATE",
    "effects",
    "fields",
    "inputs",
    "orders",
    "parameters",
    "registered",
    "resources",
    "streams",
    "tables",
    "world",
]

STATE = {
    "Fleet": "kursksim.engine.state:Fleet",
    "Stores": "kursksim.engine.state:Stores",
    "Drones": "kursksim.engine.state:Drones",
    "AssaultForce": "kursksim.engine.state:AssaultForce",
    "Command": "kursksim.engine.state:Command",
    "Tally": "kursksim.engine.state:Tally",
    "LegState": "kursksim.engine.state:LegState",
    "Crossing": "kursksim.engine.crossings:Crossing",
    "Day": "kursksim.engine.day:Day",
    "LegDay": "kursksim.engine.day:LegDay",
    "Weather": "kursksim.models.weather:Weather",
}
"""Records of the state, by name."""


def _find(where: str) -> Any:
    module, _, path = where.partition(":")
    found = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def fields(record: str) -> dict[str, str]:
    """Fields of a record of the state, with their types."""
    cls = _find(STATE[record])
    if dataclasses.is_dataclass(cls):
        return {f.name: str(f.type) for f in dataclasses.fields(cls)}
    return {name: str(kind) for name, kind in cls.__annotations__.items()}


def world() -> dict[str, str]:
    """Public attributes of a world, with their types, in the order in which they are made."""
    from kursksim.engine.engine import Engine

    made = Engine(kursksim.load("two-roads")).world
    return {
        name: type(value).__name__ for name, value in vars(made).items() if not name.startswith("_")
    }


def _ours(kind: str) -> dict[str, type]:
    found = {name: registry.lookup(kind, name) for name in registry.names(kind)}
    return {name: cls for name, cls in found.items() if cls.__module__.startswith("kursksim.")}


def registered() -> list[str]:
    """Models by slot, the default one first, then policies by side, each as ``kind name``."""
    found = []
    for slot in SLOTS:
        listed = sorted(
            _ours(f"model/{slot}"), key=lambda name, slot=slot: (name != DEFAULT_MODELS[slot], name)
        )
        found += [f"model/{slot} {name}" for name in listed]
    for side in ("holder", "attacker"):
        found += [f"policy/{side} {name}" for name in _ours(f"policy/{side}")]
    return found


def parameters(model: str) -> dict[str, Any]:
    """Parameters of a registered model or policy, from ``kind name``."""
    kind, name = model.split(" ")
    return dict(infos(_ours(kind)[name]))


def inputs() -> list[str]:
    """Kinds of dated input."""
    return list(get_args(InputKind))


def effects() -> dict[str, str]:
    """Effects, with what their docstrings say."""
    module = import_module("kursksim.engine.effects")
    kinds = [getattr(module, name) for name in module.__all__]
    return {k.__name__: inspect.getdoc(k) or "" for k in kinds if dataclasses.is_dataclass(k)}


def orders(side: str) -> list[str]:
    """Fields of the orders of a side."""
    module = import_module("kursksim.orders")
    return [
        f.name
        for f in dataclasses.fields(
            {"holder": module.HolderOrders, "attacker": module.AttackerOrders}[side]
        )
    ]


def tables() -> dict[str, dict[str, str]]:
    """Kinds of row of a scenario, from the pydantic schema: field and type by kind."""
    module = import_module("kursksim.scenario.schema")
    made: dict[str, dict[str, str]] = {}
    for name in module.__all__:
        cls = getattr(module, name)
        if inspect.isclass(cls) and hasattr(cls, "model_fields"):
            made[name] = {field: _kind(info.annotation) for field, info in cls.model_fields.items()}
    return made


def _kind(annotation: Any) -> str:
    return (
        annotation.__name__
        if inspect.isclass(annotation) and not get_args(annotation)
        else str(annotation).replace("typing.", "")
    )


def streams() -> list[str]:
    """Families of the streams of luck of a campaign, sorted; ``*`` stands for a varying part.

    Found by listening to some days of a campaign in which everything that draws is at work.
    """
    heard: set[str] = set()
    with listened(Streams, ("on", "array", "uniform", "uniforms"), heard):
        kursksim.run(
            "december-march",
            until="2024-12-14",
            policy={"holder": "fixed_date:2024-12-03"},
            set={"parameters.drone_base_day": 0},
        )
        kursksim.run("two-roads", until="2025-01-01", parameters="prior")
        kursksim.run("two-roads", until="2025-01-01", what_if=_with("air", "rockets"))
    return sorted({"/".join([name.split("/")[0], *["*"] * name.count("/")]) for name in heard})


def _with(slot: str, name: str) -> dict[str, Any]:
    """A what-if with another model, whose parameters come into the ledger at their defaults."""
    own = {p.id for p in kursksim.load("two-roads").parameters}
    rows = [
        {"id": n, "value": p.default, "low": p.low, "high": p.high, "unit": p.unit}
        for n, p in parameters(f"model/{slot} {name}").items()
        if n not in own
    ]
    added = [{**row, "group": slot, "status": "assumed"} for row in rows]
    head = {"title": f"{slot} by {name}", "why": "to hear its luck"}
    return {**head, "set": {f"models.{slot}": name}, "add": {"parameters": added}}


@contextmanager
def listened(cls: type, methods: tuple[str, ...], heard: set[str]) -> Iterator[None]:
    """Listen to the names that some methods of a class are called with."""
    kept = {name: getattr(cls, name) for name in methods}

    def listening(method: Any) -> Any:
        def call(self: Any, day: int, name: str, *rest: Any) -> Any:
            heard.add(name)
            return method(self, day, name, *rest)

        return call

    try:
        for name, method in kept.items():
            setattr(cls, name, listening(method))
        yield
    finally:
        for name, method in kept.items():
            setattr(cls, name, method)


def resources() -> list[str]:
    """Figures of a day that are SimPy resources."""
    return [name for name, kind in fields("Day").items() if "simpy.Resource" in kind]
