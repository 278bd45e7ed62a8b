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
PLAIN = (bool, int, float, type(None))
NUMBERS = "biuf"
"""Kinds of numpy's numbers that can be kept: truth, whole, unsigned, floating."""
LONGEST_BYTES = 8
"""Size of the longest of them."""
DEEPEST = 40
"""Containers within one another; JSON is not read much deeper."""


def memory_of(policy: Policy, side: str) -> dict[str, Any]:
    """What a policy remembers.

    Raises
    ------
    BadUse
        For one that remembers what is no plain data, by its name and that of the attribute; for
        one that has ``memory`` and no ``recall``.
    """
    return _memory_of(policy, side, set())


def _memory_of(policy: Policy, side: str, met: set[int]) -> dict[str, Any]:
    name, own = f"policy {type(policy).__name__} of the {side}", getattr(policy, "memory", None)
    if callable(own):
        if not callable(getattr(policy, "recall", None)):
            raise BadUse(f"{name} has memory() and no recall(data): it cannot be kept in a state")
        return {"own": _Writer(f"memory() of {name}", set()).written(own())}
    met.add(id(policy))
    found = {}
    for attribute, value in _attributes(policy).items():
        if isinstance(value, Context):
            continue  # what it was built from is there again when it is built
        writer = _Writer(f"{name}: its attribute {attribute!r}", met)
        if _decides(value):
            writer.meet(value)
            found[attribute] = {"policy": _memory_of(value, side, met)}
        else:
            found[attribute] = writer.written(value)
    return found


def recall(
    policy: Policy, memory: Mapping[str, Any], built: Mapping[str, Any] | None = None
) -> None:
    """Let a policy that was built afresh remember.

    Parameters
    ----------
    policy : Policy
    memory : mapping
    built : mapping, optional
        The memory that the policy had when it was built for the run of ``memory``. What it still
        has from then it does not remember: it has its own, of the parameters that hold now.

    Raises
    ------
    BadUse
        For a memory of another policy.
    """
    try:
        if callable(getattr(policy, "memory", None)):
            policy.recall(_read(memory["own"]))  # type: ignore[attr-defined]
        else:
            _recall_attributes(policy, memory, built)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadUse(f"policy {type(policy).__name__} does not know this memory: {error}") from None


def _recall_attributes(
    policy: Policy, memory: Mapping[str, Any], built: Mapping[str, Any] | None
) -> None:
    """Give a policy the attributes that it had; those that it had no longer go."""
    before, slots = _attributes(policy), _slots(type(policy))
    for attribute, value in before.items():
        if attribute in memory or isinstance(value, Context):
            continue
        if built is not None and attribute not in built:
            continue  # it comes from what the policy is built from now
        if attribute in slots:
            object.__delattr__(policy, attribute)
        else:
            del policy.__dict__[attribute]
    # not by setattr: a frozen policy, and one with rules for its attributes, had these values
    for attribute, value in memory.items():
        was = None if built is None else built.get(attribute)
        if built is not None and repr(was) == repr(value):  # repr, as NaN is NaN there
            continue
        if isinstance(value, dict) and "policy" in value:
            within = was.get("policy") if isinstance(was, dict) else None
            recall(before[attribute], value["policy"], within)
        elif attribute in slots:
            object.__setattr__(policy, attribute, _read(value))
        else:
            policy.__dict__[attribute] = _read(value)


def _slots(kind: type) -> list[str]:
    """Names of all slots of a class, as its objects have them."""
    found = []
    for cls in kind.__mro__:
        own = cls.__dict__.get("__slots__", ())
        for slot in (own,) if isinstance(own, str) else own:
            private = slot.startswith("__") and not slot.endswith("__")
            found.append(f"_{cls.__name__.lstrip('_')}{slot}" if private else slot)
    return [slot for slot in found if slot not in ("__dict__", "__weakref__")]


def _attributes(policy: object) -> dict[str, Any]:
    slots = _slots(type(policy))
    found = {slot: getattr(policy, slot) for slot in slots if hasattr(policy, slot)}
    return found | getattr(policy, "__dict__", {})


def _decides(value: object) -> bool:
    return callable(getattr(value, "decide", None)) and not isinstance(value, type)


class _Writer:
    """Writes down a value as JSON has it; another kind becomes an object that names the kind first.

    Parameters
    ----------
    where : str
        What holds the value, for errors.
    met : set of int, optional
        Identities of the objects met so far. One that is met twice would be two when it is read.
        Left out where nothing changes: an object may then be in two places.
    """

    def __init__(self, where: str, met: set[int] | None = None) -> None:
        self.where, self.met, self.depth = where, met, 0

    def meet(self, value: object) -> None:
        """Refuse an object that can change and is held in two places, or by itself."""
        if self.met is None:
            return
        owner = value
        while isinstance(owner, np.ndarray) and owner.base is not None:
            owner = owner.base  # a part of an array changes with it
        if id(owner) in self.met:
            raise self.refused(f"the same {type(value).__name__} in two places")
        self.met.add(id(owner))

    def refused(self, what: str) -> BadUse:
        """The error of a value that cannot be kept."""
        return BadUse(
            f"{self.where} holds {what}, which cannot be kept in a state;"
            " give the policy memory() and recall(data), in plain data"
        )

    def written(self, value: Any) -> Any:
        """The value as JSON has it."""
        kind = type(value)
        if kind in PLAIN:
            return value
        if kind is str:
            if any("\ud800" <= letter <= "\udfff" for letter in value if not value.isascii()):
                raise self.refused("text that is no Unicode")
            return value
        if kind in (list, set, dict, deque):
            self.meet(value)
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refused(f"more than {DEEPEST} containers within one another")
        found = self._other(value, kind)
        self.depth -= 1
        return found

    def _other(self, value: Any, kind: type) -> Any:
        name = kind.__name__
        if kind is list:
            return list(map(self.written, value))
        if kind in _CONTAINERS.values():
            ordered = value if kind is tuple else sorted(value, key=repr)
            return {name: list(map(self.written, ordered))}
        if kind is deque:
            return {name: list(map(self.written, value)), "maxlen": value.maxlen}
        if kind is dict:
            return {name: [[self.written(k), self.written(v)] for k, v in value.items()]}
        if kind is dt.date:
            return {name: value.isoformat()}
        if RECORDS.get(name) is kind:
            part = _Writer(self.where)  # a record is never changed
            return {"record": name, "fields": {n: part.written(v) for n, v in _parts(value)}}
        return self._number(value, kind)

    def _number(self, value: Any, kind: type) -> Any:
        """A number of numpy, or an array of them: its kind counts in the last digits."""
        dtype: Any = getattr(value, "dtype", None)
        if _is_kept(dtype):
            if kind is dtype.type:
                return {"number": value.item(), "dtype": dtype.str}
            if kind is np.ndarray and value.flags.c_contiguous:
                self.meet(value)
                shape = list(value.shape)
                return {"array": value.tolist(), "dtype": dtype.str, "shape": shape}
        raise self.refused(f"a {kind.__name__}")


def _parts(record: Any) -> list[tuple[str, Any]]:
    return [(f.name, getattr(record, f.name)) for f in fields(record)]


def _is_kept(dtype: object) -> bool:
    if not isinstance(dtype, np.dtype):
        return False
    return dtype.kind in NUMBERS and dtype.itemsize <= LONGEST_BYTES


_CONTAINERS = {"tuple": tuple, "set": set, "frozenset": frozenset}


def _read(value: Any) -> Any:
    """The value that was written."""
    if isinstance(value, list):
        return [_read(v) for v in value]
    if not isinstance(value, dict):
        return value
    kind: str
    items: Any
    kind, items = next(iter(value.items()), ("", None))
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](_read(items))
    if kind == "deque":
        return deque(_read(items), maxlen=value["maxlen"])
    if kind == "dict":
        return {_read(k): _read(v) for k, v in items}
    if kind in ("array", "number"):
        return _read_number(items, value)
    if kind == "date":
        return dt.date.fromisoformat(items)
    return RECORDS[value["record"]](**{name: _read(v) for name, v in value["fields"].items()})


def _read_number(items: Any, value: Mapping[str, Any]) -> Any:
    dtype = np.dtype(value["dtype"])
    if not _is_kept(dtype):
        raise ValueError(f"numbers of the kind {value['dtype']!r}")
    shaped = "shape" in value
    made = np.array(items, dtype).reshape(value["shape"]) if shaped else dtype.type(items)
    # older versions of numpy let a number wrap round that does not fit; repr, as NaN is NaN there
    if repr(made.tolist()) != repr(items):
        raise ValueError(f"numbers that are none of the kind {value['dtype']!r}")
    return made
