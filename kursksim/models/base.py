"""The form of a model: a registered frozen dataclass whose fields are its parameters.

A model is pure: the same inputs and luck give the same result. For a batch of parameter sets the
fields hold arrays of shape (sets, 1) in place of floats; laws that the mean field needs take both.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from kursksim.errors import BadUse, nearest
from kursksim.registry import lookup, names

__all__ = [
    "DEFAULT_MODELS",
    "SLOTS",
    "Models",
    "ParamInfo",
    "build",
    "climate",
    "cut_values",
    "known_cuts",
    "optional",
    "param",
    "reads_known_days",
    "required",
    "spelled",
]

SLOTS = (
    "weather",
    "supply",
    "interdiction",
    "air",
    "assault",
    "combat",
    "withdrawal",
    "diplomacy",
)
"""Slots in the order of the day; each is filled by one registered model."""

DEFAULT_MODELS = {
    "weather": "winter",
    "supply": "depot",
    "interdiction": "teams",
    "air": "bombs",
    "assault": "steady",
    "combat": "ratio",
    "withdrawal": "phase-lines",
    "diplomacy": "offer",
}


class ParamInfo(NamedTuple):
    """A declared parameter: library default, plausible range, unit, meaning, legal bounds."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str
    at_least: float
    at_most: float
    optional: bool = False
    """Whether a ledger may go without it: the field's own default then stands."""
    fitted: bool = False
    """Whether sources leave it open: each campaign must fit its own, and a default is a stopgap."""
    period: bool = False
    """Whether it holds for a time only, such as a weapon that came into use."""

    @property
    def dated(self) -> bool:
        """Whether it is a day of the calendar, which differs from campaign to campaign."""
        return self.unit == "day index"

    @property
    def timeless(self) -> bool:
        """Whether a default can stand for it in a campaign of another time."""
        return not (self.dated or self.period)


def param(
    default: float,
    low: float,
    high: float,
    unit: str,
    meaning: str,
    *,
    at_least: float = 0.0,
    at_most: float = math.inf,
    optional: bool = False,
    fitted: bool = False,
    period: bool = False,
) -> Any:
    """Declare a model parameter: a dataclass field with its unit, plausible range and legal bounds.

    Parameters
    ----------
    default, low, high : float
        Library default and plausible range.
    unit, meaning : str
    at_least, at_most : float
        Legal bounds: outside them the model makes no sense.
    optional : bool
        It is a weight of a judgement rather than a figure of the campaign: a ledger may go without
        it.
    fitted : bool
        Sources leave it open, so that each campaign must fit its own: whoever takes the default is
        warned.
    period : bool
        It holds for a time only: a campaign that is not fictional cannot take the default.
    """
    bounds = at_least, at_most
    info = ParamInfo(default, low, high, unit, meaning, *bounds, optional, fitted, period)
    return dataclasses.field(default=default, metadata={"param": info})


def spelled(value: float) -> str:
    """Return a parameter as text; of a batch of sets, its span."""
    if isinstance(value, np.ndarray):
        return f"{value.min():g} to {value.max():g}"
    return f"{value:g}"


@cache
def infos(cls: type) -> Mapping[str, ParamInfo]:
    """Return the declared parameters of a model or policy class."""
    return {f.name: f.metadata["param"] for f in dataclasses.fields(cls) if "param" in f.metadata}


def _policies() -> list[tuple[str, type]]:
    """Names and classes of all policies: a scenario must be able to choose any of them."""
    found: list[tuple[str, type]] = []
    for kind in ("policy/holder", "policy/attacker"):
        found += [(name, lookup(kind, name)) for name in names(kind)]
    return found


def _parts(models: Mapping[str, str]) -> list[tuple[str, type]]:
    """Names and classes of the chosen models and of all policies."""
    found = []
    for slot, name in {**DEFAULT_MODELS, **models}.items():
        if slot not in SLOTS:
            raise BadUse(f"model slot {slot!r} is unknown; {nearest(slot, SLOTS)}")
        found.append((name, lookup(f"model/{slot}", name)))
    return found + _policies()


def required(models: Mapping[str, str]) -> dict[str, ParamInfo]:
    """Parameters that a choice of models needs, by field name, with those of all policies.

    Parameters
    ----------
    models : mapping of str to str
        Slot → registered name; slots left out take the default model.

    Raises
    ------
    BadUse
        For an unknown slot or name.
    """
    found: dict[str, ParamInfo] = {}
    for _, cls in _parts(models):
        found = {**infos(cls), **found}
    return {name: info for name, info in found.items() if not info.optional}


def optional() -> dict[str, ParamInfo]:
    """Parameters of the policies that a ledger may go without, but a sweep may set."""
    found: dict[str, ParamInfo] = {}
    for _, cls in _policies():
        found |= {name: info for name, info in infos(cls).items() if info.optional}
    return found


def known_cuts(models: Mapping[str, str]) -> dict[str, str]:
    """Arrows of the chain that can be cut, with the name of the model or policy that declares each.

    A model or policy says in ``CUTS`` which values of its parameters cut an arrow: with them the
    quantity at the arrow's head no longer depends on the one at its tail. Ranges of the ledger do
    not bind these values, and neither a draw of parameters nor a what-if on them undoes a cut.
    """
    found: dict[str, str] = {}
    for name, cls in _parts(models):
        found |= dict.fromkeys(_cuts(cls), name)
    return found


def _cuts(cls: type) -> Mapping[str, Mapping[str, float]]:
    found: Mapping[str, Mapping[str, float]] = getattr(cls, "CUTS", {})
    return found


def cut_values(cls: type, cuts: Collection[str]) -> dict[str, float]:
    """Parameter values that cuts impose on a model or policy."""
    found: dict[str, float] = {}
    for arrow, values in _cuts(cls).items():
        if arrow in cuts:
            found |= values
    return found


def reads_known_days(models: Mapping[str, str]) -> bool:
    """Whether the chosen weather reads known days; not if it is of another package, not here."""
    with suppress(BadUse):
        return _takes_known(lookup("model/weather", models["weather"]))
    return False


def _takes_known(cls: Any) -> bool:
    return "known" in _fields(cls)


@cache
def _fields(cls: Any) -> frozenset[str]:
    return frozenset(f.name for f in dataclasses.fields(cls))


class Models(NamedTuple):
    """The models of one run, one for each slot."""

    weather: Any
    supply: Any
    interdiction: Any
    air: Any
    assault: Any
    combat: Any
    withdrawal: Any
    diplomacy: Any


def build(
    models: Mapping[str, str],
    aliases: Mapping[str, str],
    value: Mapping[str, float],
    cuts: Collection[str] = (),
    known: Mapping[int, Any] | None = None,
    *,
    start: dt.date | None = None,
) -> Models:
    """Build the chosen models from parameter values.

    Parameters
    ----------
    models : mapping of str to str
        Slot → registered name.
    aliases : mapping of str to str
        Model parameter → ledger id.
    value : mapping of str to float
        Parameter values by ledger id.
    cuts : collection of str
        Arrows of the chain to be cut.
    known : mapping of day index to row, optional
        Days of known weather, for a model with a field of that name. Without them, as for a staff
        that looks ahead, the climate stands alone.
    start : date, optional
        Day 0 of the campaign, for a model with a field of that name, such as a climate by month.

    Raises
    ------
    BadUse
        For values at odds with each other, such as a stock target below the rationing time.
    """
    made = []
    for slot in SLOTS:
        cls = lookup(f"model/{slot}", models.get(slot, DEFAULT_MODELS[slot]))
        days: dict[str, Any] = {"known": known} if known and _takes_known(cls) else {}
        days |= _begun(cls, start)
        try:
            made.append(cls(**_values(cls, aliases, value) | cut_values(cls, cuts), **days))
        except ValueError as error:  # values that are legal one by one and at odds with each other
            raise BadUse(f"model {slot}: {error}") from None
    return Models(*made)


def climate(
    models: Mapping[str, str],
    aliases: Mapping[str, str],
    value: Mapping[str, float],
    start: dt.date,
) -> Any | None:
    """Build the chosen weather without known days; None of values that make none.

    The reader of a scenario reports what is wrong with them.
    """
    with suppress(BadUse, AttributeError, KeyError, TypeError, ValueError):
        cls = lookup("model/weather", models.get("weather", DEFAULT_MODELS["weather"]))
        values = _values(cls, aliases, value)
        legal = infos(cls)
        if all(legal[name].at_least <= v <= legal[name].at_most for name, v in values.items()):
            return cls(**values, **_begun(cls, start))
    return None


def _begun(cls: type, start: dt.date | None) -> dict[str, Any]:
    return {"start": start} if "start" in _fields(cls) else {}


def _values(cls: type, aliases: Mapping[str, str], value: Mapping[str, float]) -> dict[str, float]:
    ids = {name: aliases.get(name, name) for name in infos(cls)}
    left_out = {name for name, i in infos(cls).items() if i.optional and ids[name] not in value}
    return {name: value[ident] for name, ident in ids.items() if name not in left_out}
