"""Convoys of a run as an event log that vidigi animates, with places for its events.

An entity is a convoy, its pathway the route. It arrives when it is sent, waits at ``road out``,
``depot`` and ``road home`` as vidigi's queues do, and departs when it is back at the base. One of
which nothing is left departs where it was last seen, one that is still under way on the evening
of the last day. Times are hours since the first day of the campaign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kursksim.errors import BadUse
from kursksim.exchange.layers import layers_of
from kursksim.io import csv_bytes
from kursksim.runs.record import Run

__all__ = ["HEADS", "event_log", "event_positions", "vidigi_files"]

HEADS = ("entity_id", "pathway", "event_type", "event", "time", "resource_id")
OUT, DEPOT, HOME, HIT = "road out", "depot", "road home", "hit"
_STEPS = {"ConvoySent": OUT, "Delivered": DEPOT, "Hit": HIT, "Returned": HOME}
HOURS = 24.0
Row = tuple[Any, ...]


def event_log(run: Run) -> list[Row]:
    """Rows under ``HEADS``, in order of time.

    Raises
    ------
    BadUse
        For a run that kept no events.
    """
    if not run.events:
        raise BadUse("this run kept no events; play it with --record full, as `kursksim run` does")
    seen: dict[str, list[tuple[float, str]]] = {}
    route: dict[str, str] = {}
    for day, hour, effect, subject, place, _, _ in run.events:
        if effect == "ConvoySent":
            route[subject] = place
        if effect in _STEPS and subject in route:
            seen.setdefault(subject, []).append((day * HOURS + hour, effect))
    last = run.played.stop * HOURS
    rows: list[Row] = []
    for convoy, steps in seen.items():
        rows += _of_convoy(convoy, route[convoy], steps, last)
    return sorted(rows, key=lambda row: row[4])


def _of_convoy(
    convoy: str, route: str, steps: Sequence[tuple[float, str]], last: float
) -> list[Row]:
    """Its arrival, what it does on the road, and its departure."""
    rows: list[Row] = [(convoy, route, "arrival_departure", "arrival", steps[0][0], None)]
    for (hour, effect), following in zip(steps, (*steps[1:], None), strict=True):
        if effect == "Returned" and following is None:
            break
        rows.append((convoy, route, "queue", _STEPS[effect], hour, None))
        if effect == "Delivered":
            # it drives home as soon as it is unloaded, which is the hour of this event
            rows.append((convoy, route, "queue", HOME, hour, None))
    end = steps[-1][0] if steps[-1][1] in ("Returned", "Hit") else last
    rows.append((convoy, route, "arrival_departure", "depart", end, None))
    return rows


def event_positions(run: Run) -> list[Row]:
    """Where each event is drawn: rows of event, x, y, label, in kilometres east and north."""
    import numpy as np

    from kursksim.terrain.hexmap import terrain_of

    layers_of(run, run.provenance.until)  # refuses a map without coordinates
    terrain = terrain_of(run.scenario)
    cells = terrain.xy_km[list(terrain.place_cell.values())]
    at = dict(zip(terrain.place_cell, cells, strict=True))
    base, depot = at[run.scenario.supply.base], at[run.scenario.supply.depot]
    aside = np.array([depot[1] - base[1], base[0] - depot[0]]) * 0.15
    middle = (base + depot) / 2
    where: Mapping[str, Any] = {
        "arrival": base,
        OUT: middle + aside,
        DEPOT: depot,
        HOME: middle - aside,
        HIT: middle,
        "depart": base - aside,
    }
    return [(name, round(float(x), 3), round(float(y), 3), name) for name, (x, y) in where.items()]


def vidigi_files(run: Run) -> dict[str, bytes]:
    """``event_log.csv`` and ``event_positions.csv``, by name."""
    return {
        "event_log.csv": csv_bytes(HEADS, event_log(run)),
        "event_positions.csv": csv_bytes(("event", "x", "y", "label"), event_positions(run)),
    }
