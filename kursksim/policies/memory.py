"""What a policy remembers from evening to evening, as plain data, so that a state can hold it.

Your own policy can say what it remembers by two methods: ``memory()`` returns plain data and
``recall(data)`` takes it back. Without them its attributes are its memory.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from kursksim.errors import BadUse
from kursksim.orders import AttackerOrders, Decision, HolderOrders
from kursksim.policies.base import Context, Policy

__all__ = ["memory_of", "recall"]

RECORDS = {cls.__name__: cls for cls in (AttackerOrders, Decision, HolderOrders)}
"""Records that a policy may remember whole."""
PLAIN = (bool, int, float, str, type(None))


def memory_of(policy: Policy, side: str) -> dict[str, Any]:
    """What a policy remembers.

    Raises
    ------
    BadUse
        For one that remembers what is no plain data, by its name and that of the attribute.
    """
    own = getattr(policy, "memory", None)
    name = type(policy).__name__
    if callable(own):
        return {"own": _written(own(), f"memory() of policy {name} of the {side}")}
    found = {}
    for attribute, value in _attributes(policy).items():
        if isinstance(value, Context):
            continue  # what it was built from is there again when it is built
        where = f"policy {name} of the {side}: its attribute {attribute!r}"
        found[attribute] = (
            {"policy": memory_of(value, side)} if _decides(value) else _written(value, where)
        )
    return found


def recall(policy: Policy, memory: Mapping[str, Any]) -> None:
    """Let a policy that was built afresh remember.

    Raises
    ------
    BadUse
        For a memory of another policy.
    """
    try:
        if "own" in memory and callable(own := getattr(policy, "recall", None)):
            own(_read(memory["own"]))
            return
        for attribute, value in memory.items():
            if isinstance(value, dict) and "policy" in value:
                recall(getattr(policy, attribute), value["policy"])
            else:
                setattr(policy, attribute, _read(value))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadUse(f"policy {type(policy).__name__} does not know this memory: {error}") from None


def _attributes(policy: object) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for cls in type(policy).__mro__:
        slots = (s for s in getattr(cls, "__slots__", ()) if s != "__dict__")
        found |= {s: getattr(policy, s) for s in slots if hasattr(policy, s)}
    return found | getattr(policy, "__dict__", {})


def _decides(value: object) -> bool:
    return callable(getattr(value, "decide", None))


def _written(value: Any, where: str) -> Any:
    """A value as JSON has it; another kind becomes an object whose first key names the kind."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, list):
        return [_written(v, where) for v in value]
    if isinstance(value, (tuple, set, frozenset, deque)):
        kind = type(value).__name__
        if kind not in _CONTAINERS and kind != "deque":
            raise _refused(value, where)
        items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        found: dict[str, Any] = {kind: [_written(v, where) for v in items]}
        return found | {"maxlen": value.maxlen} if isinstance(value, deque) else found
    if type(value) is dict:
        return {"dict": [[_written(k, where), _written(v, where)] for k, v in value.items()]}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return {"array": value.tolist(), "dtype": value.dtype.str, "shape": list(value.shape)}
    if type(value) is dt.date:
        return {"date": value.isoformat()}
    if type(value).__name__ in RECORDS and type(value) is RECORDS[type(value).__name__]:
        record = {f.name: _written(getattr(value, f.name), where) for f in fields(value)}
        return {"record": type(value).__name__, "fields": record}
    raise _refused(value, where)


def _refused(value: object, where: str) -> BadUse:
    return BadUse(
        f"{where} holds a {type(value).__name__}, which cannot be kept in a state;"
        " give the policy memory() and recall(data), in plain data"
    )


_CONTAINERS = {"tuple": tuple, "set": set, "frozenset": frozenset}


def _read(value: Any) -> Any:
    """The value that was written."""
    if isinstance(value, list):
        return [_read(v) for v in value]
    if not isinstance(value, dict):
        return value
    kind, items = next(iter(value.items()))
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](_read(items))
    if kind == "deque":
        return deque(_read(items), maxlen=value["maxlen"])
    if kind == "dict":
        return {_read(k): _read(v) for k, v in items}
    if kind == "array":
        return np.array(items, dtype=value["dtype"]).reshape(value["shape"])
    if kind == "date":
        return dt.date.fromisoformat(items)
    return RECORDS[items](**{name: _read(v) for name, v in value["fields"].items()})
