"""Observations as arrays: what a side knows in the evening, every entry within fixed bounds.

The numbers come from ``Game.observe`` alone, so nothing of the other side's books is in them. The
table of observed figures (``kursksim.observation.FIGURES``) has the kind and scale of each:

- ``share``: a number that lies in 0 to 1 already;
- ``amount``: x ≥ 0 becomes x / (x + scale). The scale is the amount that reads as one half; an
  infinite one (a corridor that does not close) reads as 1. Nothing is cut off, and ``Eyes.read``
  takes it back;
- ``signed``: x becomes x / (|x| + scale), from -1 to 1;
- ``flag``: 0 or 1;
- ``one of``: a 1 in the place of the value, 0 elsewhere; all 0 for none. A table of flags has a 1
  for each that is on.

Tables have one number an axis, leg, route or drone type, in the order of the scenario. Scales
follow from the scenario and the default values of its ledger, never from a run, so one space fits
every seed and parameter set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import fsum, inf, isinf
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict
from numpy.typing import NDArray

from kursksim.errors import BadUse, nearest
from kursksim.models.base import build
from kursksim.models.interdiction import TYPES
from kursksim.observation import FIGURES, Observation
from kursksim.scenario.schema import Scenario

__all__ = ["Eyes", "Sight"]

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sight:
    """One entry of an observation.

    Attributes
    ----------
    name : str
    kind : {"share", "amount", "signed", "flag", "one of"}
    scale : float
        Of an amount or a signed number: what reads as one half; 1 for the others.
    unit : str
        Of the scale.
    of : tuple of tuple of str
        Names along each dimension; empty for a single number.
    means : str
    """

    name: str
    kind: str
    scale: float
    unit: str
    of: tuple[tuple[str, ...], ...]
    means: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of its array; a single number has (1,)."""
        return tuple(map(len, self.of)) or (1,)


class Eyes:
    """How a side's observations are written as arrays.

    Parameters
    ----------
    scenario : Scenario
    side : {"holder", "attacker"}

    Attributes
    ----------
    side : str
    sights : dict of name to Sight
        Every entry, in the order of the side's figures.
    """

    def __init__(self, scenario: Scenario, side: str) -> None:
        self.side, self._days = side, scenario.days
        self.sights = {s.name: s for s in _sights(scenario, side)}

    def space(self) -> Dict:
        """A new space of these observations: a Box of float32 an entry."""
        return Dict(
            {
                s.name: Box(-1.0 if s.kind == "signed" else 0.0, 1.0, s.shape, np.float32)
                for s in self.sights.values()
            }
        )

    def encode(self, seen: Observation) -> dict[str, Floats]:
        """The arrays of an observation; new ones on every call.

        Parameters
        ----------
        seen : Observation
            One of this side.

        Raises
        ------
        ValueError
            For a number that is none (NaN) or negative, which no observation should hold.
        """
        values = {**seen, "elapsed": (seen.day + 1) / self._days}
        for name, (sight, worked_out) in _WORKED_OUT.items():
            if name in seen:
                values[sight.name] = worked_out(seen)
        return {s.name: _written(s, values[s.name]) for s in self.sights.values()}

    def read(self, observation: Mapping[str, Any], name: str) -> Any:
        """An entry of an encoded observation in its own unit: a number, or an array for a table.

        Parameters
        ----------
        observation : mapping of name to array
        name : str

        Raises
        ------
        BadUse
            For an entry that the observations of this side do not have.

        Examples
        --------
        >>> import kursksim as ks
        >>> eyes = Eyes(ks.load("two-roads"), "holder")
        >>> evening = eyes.encode(ks.Game("two-roads").observe("holder"))
        >>> round(eyes.read(evening, "days_of_supply"), 3)
        4.0
        """
        if name not in self.sights:
            raise BadUse(
                f"observations of the {self.side} have no {name!r}; {nearest(name, self.sights)}"
            )
        sight, found = self.sights[name], np.asarray(observation[name], dtype=np.float64)
        if sight.kind in ("amount", "signed"):
            left = 1 - np.abs(found)
            # 1 stands for an endless amount: it is read back as such, and nothing is divided by 0
            endless = np.full(found.shape, inf)
            found = np.divide(sight.scale * found, left, out=endless, where=left > 0)
        return found if sight.of else float(found[0])


def _sights(scenario: Scenario, side: str) -> Iterator[Sight]:
    """The entries of a side, in order: those worked out from a figure stand before it."""
    scales = _scales(scenario, side)
    names = {
        "axis": tuple(a.id for a in scenario.axes),
        "leg": tuple(g.id for g in scenario.legs),
        "route": tuple(r.id for r in scenario.routes),
        "type": TYPES,
    }
    yield Sight("elapsed", "share", 1.0, "share", (), "days played over days of the campaign")
    for name, f in FIGURES[side].items():
        if name in _WORKED_OUT:
            yield _WORKED_OUT[name][0]
        if f.kind:
            scale = scales[f.scale] if isinstance(f.scale, str) else f.scale
            # a dimension is named, or has words that are the same in every scenario
            of = tuple(names[d] if isinstance(d, str) else d for d in f.of)
            yield Sight(name, f.kind, scale, f.unit, of, f.means)


def _scales(scenario: Scenario, side: str) -> dict[str, float]:
    """The scales of ``kursksim.observation.SCALES`` at the default values of the ledger."""
    models = build(scenario.models, scenario.aliases, scenario.value, scenario.cuts)
    supply, drones = models.supply, models.interdiction
    men = fsum(scenario.value[c.men] for c in scenario.contingents if c.side == side)
    scales = {
        "fleet": supply.fleet_0,
        "lift": supply.fleet_0 * supply.payload,
        "risk": supply.risk_l0,
        "target": supply.stock_target,
        "men": max(1.0, men / len(scenario.axes)),
        "store": drones.airframes_day * drones.airframes_store,
    }
    # a scale that the ledger sets to zero counts as 1: it has to divide
    return {name: float(scale) if scale > 0 else 1.0 for name, scale in scales.items()}


def _since_order(seen: Observation) -> float:
    return 0.0 if seen["order_day"] is None else float(seen.day - seen["order_day"])


_WORKED_OUT: dict[str, tuple[Sight, Callable[[Observation], Any]]] = {
    "order_day": (
        Sight(
            "days_since_order",
            "amount",
            7.0,
            "days",
            (),
            "days since the order to withdraw; 0 before",
        ),
        _since_order,
    ),
    "phase_seen": (
        Sight("withdrawing", "flag", 1.0, "", (), "the holder is seen to withdraw"),
        lambda seen: seen["phase_seen"] == "withdrawing",
    ),
    "gain": (
        Sight("gain_is_new", "flag", 1.0, "", (), "the staff has worked out the gain this evening"),
        lambda seen: bool(seen["gain"]),
    ),
}
"""Entries that are worked out from a figure, by its name."""


def _written(sight: Sight, value: Any) -> Floats:
    """The array of a value: a number, a table of numbers, the name of a choice or several names."""
    numbers = [_number(sight, v) for v in _flat(sight.of, value)]
    return np.array(numbers, dtype=np.float32).reshape(sight.shape)


def _flat(of: Sequence[tuple[str, ...]], value: Any) -> list[Any]:
    """Values along all dimensions, the last one running fastest."""
    if not of:
        return [value]
    names, *inner = of
    if inner:
        return list(chain.from_iterable(_flat(inner, value[name]) for name in names))
    if isinstance(value, Mapping):
        return [value.get(name, 0.0) for name in names]
    chosen = (value,) if isinstance(value, str) else value
    return [name in chosen for name in names]


def _number(sight: Sight, value: Any) -> float:
    x = float(value)
    if x != x:
        raise ValueError(f"{sight.name} is no number")
    if sight.kind == "signed":
        return x / (abs(x) + sight.scale)
    if x < 0:
        raise ValueError(f"{sight.name} is {x:g}; it should not be negative")
    if sight.kind != "amount":
        return x
    return 1.0 if isinf(x) else x / (x + sight.scale)
