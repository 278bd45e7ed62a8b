"""What a model is: a registered frozen dataclass whose fields are its parameters, pure given its inputs and luck."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from kursksim.errors import BadUse, nearest
from kursksim.registry import lookup, names

__all__ = ["DEFAULT_MODELS", "Models", "ParamInfo", "SLOTS", "build", "param", "required"]  # noqa: RUF022

SLOTS = ("weather", "supply", "interdiction", "air", "combat", "withdrawal", "diplomacy")
"""Slots in the order of the day; each is filled by one registered model."""

DEFAULT_MODELS = {
    "weather": "winter",
    "supply": "depot",
    "interdiction": "teams",
    "air": "bombs",
    "combat": "ratio",
    "withdrawal": "phase-lines",
    "diplomacy": "offer",
}


class ParamInfo(NamedTuple):
    """What a model says of one of its parameters: library default, plausible range, unit, meaning, legal bounds."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str
    at_least: float
    at_most: float


def param(
    default: float,
    low: float,
    high: float,
    unit: str,
    meaning: str,
    *,
    at_least: float = 0.0,
    at_most: float = math.inf,
) -> Any:
    """Declare a model parameter: a dataclass field that knows its unit, plausible range and legal bounds."""
    info = ParamInfo(default, low, high, unit, meaning, at_least, at_most)
    return dataclasses.field(default=default, metadata={"param": info})


@cache
def infos(cls: type) -> Mapping[str, ParamInfo]:
    """The declared parameters of a model class."""
    return {f.name: f.metadata["param"] for f in dataclasses.fields(cls) if "param" in f.metadata}


def required(models: Mapping[str, str]) -> dict[str, ParamInfo]:
    """Parameters that a choice of models needs, by field name; those of all policies are among them, so that any may be
    chosen.

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
    for slot, name in {**DEFAULT_MODELS, **models}.items():
        if slot not in SLOTS:
            raise BadUse(f"model slot {slot!r} is unknown; {nearest(slot, SLOTS)}")
        found.update(infos(lookup(f"model/{slot}", name)))
    for side in ("holder", "attacker"):
        for name in names(f"policy/{side}"):
            found.update({k: v for k, v in infos(lookup(f"policy/{side}", name)).items() if k not in found})
    return found


class Models(NamedTuple):
    """One model a slot, built for one run."""

    weather: Any
    supply: Any
    interdiction: Any
    air: Any
    combat: Any
    withdrawal: Any
    diplomacy: Any


def build(models: Mapping[str, str], aliases: Mapping[str, str], value: Mapping[str, float]) -> Models:
    """Build the chosen models from parameter values.

    Parameters
    ----------
    models : mapping of str to str
        Slot → registered name.
    aliases : mapping of str to str
        Model parameter → ledger id.
    value : mapping of str to float
        Parameter values by ledger id.

    Raises
    ------
    BadUse
        For values at odds with each other, such as a stock target below the rationing time.
    """
    made = []
    for slot in SLOTS:
        cls = lookup(f"model/{slot}", models.get(slot, DEFAULT_MODELS[slot]))
        try:
            made.append(cls(**{name: value[aliases.get(name, name)] for name in infos(cls)}))
        except ValueError as error:  # values that are legal one by one and at odds with each other
            raise BadUse(f"model {slot}: {error}") from None
    return Models(*made)
