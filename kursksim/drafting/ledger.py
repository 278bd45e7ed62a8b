"""The ledger of a new campaign: a number for everything, with a note on what is to be filled in."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any, NamedTuple

from kursksim.models.base import ParamInfo, required
from kursksim.terrain.readiness import FILL_IN

__all__ = ["HEADS", "Size", "ledger"]

HEADS = ("id", "value", "low", "high", "unit", "group", "meaning", "source", "status", "note")
_HOLDERS_KM, _ATTACKERS_KM = 120.0, 240.0
"""Men on a kilometre of front that stand in until somebody knows better."""
_SPARE = 2.0
"""How many times over the fleet carries what the men need."""


class Size(NamedTuple):
    """Figures of the ground by which stand-ins are reckoned."""

    days: int
    front_km: float
    depth_km: float
    road_km: float
    """Length of the shortest way from base to depot."""
    shares: tuple[str, ...]
    """Parameters of the shares of all routes but the first."""


def ledger(size: Size) -> Iterator[tuple[Any, ...]]:
    """Rows of parameters.csv.

    Parameters
    ----------
    size : Size

    Yields
    ------
    tuple
        In the order of ``HEADS``.
    """
    holders = max(500.0, round(size.front_km * _HOLDERS_KM, -2))
    attackers = max(1000.0, round(size.front_km * _ATTACKERS_KM, -2))
    guess = f"{FILL_IN}: reckoned from {size.front_km:.0f} km of front"
    yield _row("holder_men", holders, "men", "men of the holder on day 0", guess)
    yield _row("attacker_men", attackers, "men", "men of the attacker on day 0", guess)
    for name in size.shares:
        cells = (name, 0.4, 0.1, 0.6, "fraction", "campaign", "share of the trips on this route")
        yield (*cells, "", "assumed", f"{FILL_IN}: a guess")
    infos = required({})
    first = min((i.default for i in infos.values() if i.dated), default=0.0)
    own = _own(size, infos, holders)
    for name, info in infos.items():
        value, low, high, note = info.default, info.low, info.high, ""
        if info.dated:
            later = size.days + 1 - first
            value, low, high = value + later, low + later, high + later
            note = f"{FILL_IN}: a day of your calendar; until then it lies after the last day"
        elif name in own:
            value = own[name]
            low, high = min(low, value), max(high, value)
            note = f"{FILL_IN}: reckoned from the map"
        elif info.fitted:
            note = f"{FILL_IN}: fitted to another campaign"
        group = "campaign" if note else "model"
        cells = (name, value, low, high, info.unit, group, info.meaning)
        yield (*cells, "", "assumed", note)


def _row(ident: str, value: float, unit: str, meaning: str, note: str) -> tuple[Any, ...]:
    cells = (ident, value, value / 2, value * 2, unit, "campaign", meaning)
    return (*cells, "", "assumed", note)


def _own(size: Size, infos: dict[str, ParamInfo], holders: float) -> dict[str, float]:
    """Values that must fit the ground: a fleet that can feed the men, a last strip on the map."""
    value = {name: info.default for name, info in infos.items()}
    # other models may reckon in other numbers
    if not {"kappa", "payload", "round_trips", "load_hours", "v_road", "fleet_0"} <= value.keys():
        return {}
    hours = 2 * size.road_km / value["v_road"] + value["load_hours"]
    rate = min(value["round_trips"], 24 / hours)
    need_t = value["kappa"] * holders / 1000
    found = {"fleet_0": float(ceil(_SPARE * need_t / (rate * value["payload"])))}
    if "final_line_depth" in value:
        found["final_line_depth"] = round(min(value["final_line_depth"], size.depth_km / 4), 1)
    return found
