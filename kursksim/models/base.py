"""What a model is: a registered frozen dataclass whose fields are its parameters, pure given its inputs and luck."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, NamedTuple

from kursksim.errors import BadUse, nearest
from kursksim.registry import lookup, names

__all__ = [
    "DEFAULT_MODELS", "SLOTS", "Models", "ParamInfo", "build", "cut_values", "known_cuts", "optional", "param",
    "required",
]  # fmt: skip

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
    optional: bool = False
    """A ledger may go without it: the default then stands."""
    fitted: bool = False
    """The default was fitted to one campaign: another one must say its own."""

    @property
    def dated(self) -> bool:
        """Whether it is a day of the calendar, which is another one in each campaign."""
        return self.unit == "day index"


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
) -> Any:
    """Declare a model parameter: a dataclass field that knows its unit, plausible range and legal bounds.

    An optional one is a weight of a judgement rather than a figure of the campaign: a ledger may go without it. The
    default of a fitted one was fitted to one campaign: who takes it for another is warned.
    """
    info = ParamInfo(default, low, high, unit, meaning, at_least, at_most, optional, fitted)
    return dataclasses.field(default=default, metadata={"param": info})


@cache
def infos(cls: type) -> Mapping[str, ParamInfo]:
    """The declared parameters of a model or policy class."""
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
            found.update(
                {k: v for k, v in infos(lookup(f"policy/{side}", name)).items() if k not in found}
            )
    return {name: info for name, info in found.items() if not info.optional}


def optional() -> dict[str, ParamInfo]:
    """Parameters of the policies that a ledger may go without, by field name: a sweep may set them all the same."""
    classes = [
        lookup(kind, name) for kind in ("policy/holder", "policy/attacker") for name in names(kind)
    ]
    return {k: info for cls in classes for k, info in infos(cls).items() if info.optional}


def known_cuts(models: Mapping[str, str]) -> dict[str, str]:
    """Arrows of the chain that can be cut, with the name of the model or policy that declares each.

    A model or policy says in ``CUTS`` which of its parameters, at which values, cut an arrow: at those values what is
    at the arrow's head no longer depends on what is at its tail. Ranges of the ledger do not bind them, and neither a
    draw of parameters nor a what-if on these parameters undoes a cut.
    """
    found: dict[str, str] = {}
    for slot, name in {**DEFAULT_MODELS, **models}.items():
        found |= dict.fromkeys(_cuts(lookup(f"model/{slot}", name)), name)
    for side in ("holder", "attacker"):
        for name in names(f"policy/{side}"):
            found |= dict.fromkeys(_cuts(lookup(f"policy/{side}", name)), name)
    return found


def _cuts(cls: type) -> Mapping[str, Mapping[str, float]]:
    found: Mapping[str, Mapping[str, float]] = getattr(cls, "CUTS", {})
    return found


def cut_values(cls: type, cuts: Collection[str]) -> dict[str, float]:
    """Parameter values of a model or policy that cuts impose."""
    return {
        k: v for arrow, values in _cuts(cls).items() if arrow in cuts for k, v in values.items()
    }


class Models(NamedTuple):
    """One model a slot, built for one run."""

    weather: Any
    supply: Any
    interdiction: Any
    air: Any
    combat: Any
    withdrawal: Any
    diplomacy: Any


def build(
    models: Mapping[str, str],
    aliases: Mapping[str, str],
    value: Mapping[str, float],
    cuts: Collection[str] = (),
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

    Raises
    ------
    BadUse
        For values at odds with each other, such as a stock target below the rationing time.
    """
    made = []
    for slot in SLOTS:
        cls = lookup(f"model/{slot}", models.get(slot, DEFAULT_MODELS[slot]))
        try:
            made.append(
                cls(**{n: value[aliases.get(n, n)] for n in infos(cls)} | cut_values(cls, cuts))
            )
        except ValueError as error:  # values that are legal one by one and at odds with each other
            raise BadUse(f"model {slot}: {error}") from None
    return Models(*made)
