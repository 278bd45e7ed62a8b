"""Observations as arrays: what a side knows in the evening, every entry within fixed bounds.

The numbers come from ``Game.observe`` alone, so nothing of the other side's books is in them. Kinds:

- ``share``: a number that lies in 0 to 1 already;
- ``amount``: x ≥ 0 becomes x / (x + scale). The scale is the amount that reads as one half; an infinite one (a corridor
  that does not close) reads as 1. Nothing is cut off, and ``Eyes.read`` takes it back;
- ``signed``: x becomes x / (|x| + scale), from -1 to 1;
- ``flag``: 0 or 1;
- ``one of``: a 1 in the place of the value, 0 elsewhere; all 0 for none. A table of flags has a 1 for each that is on.

Tables have one number an axis, leg, route or drone type, in the order of the scenario. Scales follow from the scenario
and the default values of its ledger, never from a run, so one space fits every seed and parameter set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isinf
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict
from numpy.typing import NDArray

from kursksim.errors import BadUse, nearest
from kursksim.models.base import build
from kursksim.models.interdiction import TYPES
from kursksim.orders import Observation
from kursksim.scenario.schema import Scenario

__all__ = ["PHASES", "POSTURES", "Eyes", "Sight"]

Floats = NDArray[np.float32]
PHASES = ("hold", "ordered", "delay", "final")
DUST = 1e-6
"""What the books may miss by rounding: ground of which the last km² is gone may be a hair below nothing."""
POSTURES = ("prepared", "hasty", "delaying", "final")


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
    """

    def __init__(self, scenario: Scenario, side: str) -> None:
        self.side, self._days = side, scenario.days
        table = _holder(scenario) if side == "holder" else _attacker(scenario)
        self.sights = {s.name: s for s in table}

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

        Raises
        ------
        ValueError
            For a number that is none (NaN) or negative, which no observation should hold.
        """
        return {
            s.name: _written(s, _FOUND.get(s.name, _known)(self, seen, s.name))
            for s in self.sights.values()
        }

    def read(self, observation: Mapping[str, Any], name: str) -> Any:
        """An entry of an encoded observation in its own unit: a number, or an array for a table.

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
        sight, written = self.sights[name], np.asarray(observation[name], dtype=np.float64)
        if sight.kind in ("amount", "signed"):
            left = 1 - np.abs(written)
            found = np.divide(
                sight.scale * written, left, out=np.full(written.shape, inf), where=left > 0
            )
        else:
            found = written
        return found if sight.of else float(found[0])


def _written(sight: Sight, value: Any) -> Floats:
    """The array of a value: a number, a table of numbers, or the name of one choice (or a set of them)."""
    made = np.array(
        [_number(sight, v) for v in _flat(sight.of, value, sight.kind)], dtype=np.float32
    )
    return made.reshape(sight.shape)


def _flat(of: tuple[tuple[str, ...], ...], value: Any, kind: str) -> list[Any]:
    if not of:
        return [value]
    names, *inner = of
    if inner:
        return [v for name in names for v in _flat(tuple(inner), value[name], kind)]
    if isinstance(value, Mapping):
        return [value.get(name, 0.0) for name in names]
    chosen = (value,) if isinstance(value, str) else value
    return [name in chosen for name in names]


def _number(sight: Sight, value: Any) -> float:
    x = float(value)
    if x != x:
        raise ValueError(f"{sight.name} is no number")
    if sight.kind != "signed":
        if x < -DUST:
            raise ValueError(f"{sight.name} is {x:g}; it should not be negative")
        x = max(0.0, x)
    if sight.kind == "amount":
        return 1.0 if isinf(x) else x / (x + sight.scale)
    return x / (abs(x) + sight.scale) if sight.kind == "signed" else x


def _known(eyes: Eyes, seen: Observation, name: str) -> Any:
    return seen[name]


def _since_order(eyes: Eyes, seen: Observation, name: str) -> float:
    return 0.0 if seen["order_day"] is None else float(seen.day - seen["order_day"])


_FOUND: Mapping[str, Callable[[Eyes, Observation, str], Any]] = {
    "elapsed": lambda eyes, seen, name: (seen.day + 1) / eyes._days,
    "days_since_order": _since_order,
    "withdrawing": lambda eyes, seen, name: seen["phase_seen"] == "withdrawing",
    "gain_is_new": lambda eyes, seen, name: bool(seen["gain"]),
}
"""Entries that are not written as they stand in the observation."""


def _one(name: str, kind: str, means: str, scale: float = 1.0, unit: str = "") -> Sight:
    return Sight(name, kind, scale, unit, (), means)


def _by(
    names: tuple[str, ...], name: str, kind: str, means: str, scale: float = 1.0, unit: str = ""
) -> Sight:
    return Sight(name, kind, scale, unit, (names,), means)


def _men_scale(scenario: Scenario, side: str) -> float:
    """The side's own men of all contingents, over the axes."""
    men = sum(scenario.value[c.men] for c in scenario.contingents if c.side == side)
    return float(max(1.0, men / len(scenario.axes)))


def _or_one(scale: float) -> float:
    """A scale that the ledger sets to zero counts as 1: it has to divide."""
    return float(scale) if scale > 0 else 1.0


def _holder(scenario: Scenario) -> list[Sight]:
    axes, routes = tuple(a.id for a in scenario.axes), tuple(r.id for r in scenario.routes)
    supply = build(scenario.models, scenario.aliases, scenario.value, scenario.cuts).supply
    men, fleet = _men_scale(scenario, "holder"), _or_one(supply.fleet_0)
    lift, risk = _or_one(supply.fleet_0 * supply.payload), _or_one(supply.risk_l0)
    return [
        _one("elapsed", "share", "days played over days of the campaign"),
        _by(PHASES, "phase", "one of", "own phase"),
        _one("days_since_order", "amount", "days since the order to withdraw; 0 before it", 7, "day"),
        _one("held_km2", "amount", "ground held beyond the border", 100, "km²"),
        _one("stock_t", "amount", "stock of the depot", lift, "t"),
        _one("demand_t", "amount", "demand of a day", lift, "t"),
        _one("days_of_supply", "amount", "stock over demand", _or_one(supply.stock_target), "day"),
        _one("receipts_t_per_day", "amount", "mean receipt of seven days", lift, "t/day"),
        _one("throughput_share", "amount", "mean receipt of seven days over demand", 1, "of demand"),
        _one("fulfilment", "share", "share of the demand that was issued"),
        _one("vehicles_serviceable", "amount", "supply vehicles", fleet, "veh"),
        _one("vehicles_in_repair", "amount", "supply vehicles", fleet, "veh"),
        _one("loss_per_trip", "amount", "vehicles lost over trips, seven days", risk, "per trip"),
        _one("sustainable_loss_per_trip", "amount", "loss at which the fleet shrinks", risk, "per trip"),
        _one("vehicles_wanted", "amount", "trips that the staff would send", fleet, "veh"),
        _one("night_share", "share", "share of the convoys that the staff sends by night"),
        _by(routes, "routes", "flag", "routes that are open"),
        _by(routes, "route_shares", "amount", "the staff's split of the trips", 1, "share"),
        _by(axes, "men", "amount", "own men", men, "men"),
        _by(axes, "enemy_men", "amount", "enemy men, estimated", men, "men"),
        _by(axes, "frontage_km", "amount", "length of the front", 10, "km"),
        Sight("posture", "one of", 1.0, "", (axes, POSTURES), "own posture"),
        _by(axes, "reserve_advised", "one of", "where the staff would commit the reserve"),
        _one("reserve_men", "amount", "men in reserve", men, "men"),
        _one("cut_off_men", "amount", "men without a way out", men, "men"),
        _one("corridor_km", "amount", "width of the corridor", 10, "km"),
        _one("closing_km_per_day", "amount", "speed at which it closes, 14 days", 1, "km/day"),
        _one("exit_days", "amount", "days that leaving takes", 7, "day"),
        _one("close_days", "amount", "days until the corridor is closed", 7, "day"),
        _one("ceasefire_offered", "flag", "a ceasefire is on offer"),
        _one("ceasefire", "flag", "a ceasefire is kept"),
        _by(axes, "across", "flag", "axes across the border"),
    ]  # fmt: skip


def _attacker(scenario: Scenario) -> list[Sight]:
    axes, legs = tuple(a.id for a in scenario.axes), tuple(g.id for g in scenario.legs)
    drones = build(scenario.models, scenario.aliases, scenario.value, scenario.cuts).interdiction
    men, store = (
        _men_scale(scenario, "attacker"),
        _or_one(drones.airframes_day * drones.airframes_store),
    )
    return [
        _one("elapsed", "share", "days played over days of the campaign"),
        _one("withdrawing", "flag", "the holder is seen to withdraw"),
        _by(axes, "men", "amount", "own men, worth of the contingents counted", men, "men"),
        _by(axes, "enemy_men", "amount", "enemy men, estimated", men, "men"),
        _by(axes, "frontage_km", "amount", "length of the front", 10, "km"),
        _by(axes, "room_men", "amount", "attacking men that find room", men, "men"),
        _one("gain_is_new", "flag", "the staff has worked out the gain this evening, as it does weekly"),
        _by(axes, "gain", "signed", "reach over the roads that an advance would add; else 0", 0.1, "reach"),
        _by(axes, "effort", "signed", "standing preference for an axis", 1, "-"),
        _by(axes, "open_shares", "amount", "share of the men for an axis opened across the border", 1, "share"),
        _by(axes, "across", "flag", "axes across the border"),
        _by(legs, "traffic", "amount", "traffic seen on the roads", 10, "veh h/day"),
        Sight("reach", "share", 1.0, "", (TYPES, legs), "share of the leg that drones of the type reach"),
        _one("teams", "amount", "drone teams", 100, "teams"),
        _one("airframes", "amount", "airframes in store", store, "airframes"),
        _one("ceasefire", "flag", "a ceasefire is kept"),
    ]  # fmt: skip
