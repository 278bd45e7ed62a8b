"""A campaign in the mirror (M19): west and east change places, with everything that stands there.

Without luck by axis the ground is lost as before, cell for cell in the mirror.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kursksim.engine.engine import Engine
from kursksim.scenario.schema import Scenario
from kursksim.studies.verify.bench import axes_from_the_west, bench, places_at, teams
from kursksim.studies.verify.days import play_days
from kursksim.terrain.hexmap import HexMap
from kursksim.terrain.lattice import lattice
from kursksim.terrain.roads import leg_points

__all__ = [
    "COLUMNS",
    "DAYS",
    "MIRROR",
    "ROWS",
    "apart_km2",
    "ground",
    "in_the_mirror",
    "played",
    "scenario",
]

COLUMNS, ROWS, DAYS = 24, 24, 30
# nowhere in the middle, so that no two cells are equally near to a road
BASE, EXITS, DEPOT = (12.21, 1.1), ((10.37, 4.3), (14.83, 4.1)), (11.69, 12.4)
EFFORT = "effort_in_the_west"
NO_LUCK = {"axis_noise": 0.0, "estimate_sd": 0.0, EFFORT: 0.9, "v_r15": 0.08, "v_r4": 0.4}
# for each step of a lattice, its step in the mirror
OTHER_SIDE = (1, 0, 3, 2, 5, 4)
# for each cell, the cell that takes its place: rows run the other way
MIRROR = np.arange(COLUMNS * ROWS).reshape(ROWS, COLUMNS)[:, ::-1].ravel()


def scenario(mirrored: bool) -> Scenario:
    """The bench with an attacker who prefers the west; in the mirror he prefers the east."""
    base = bench()
    axes = {a.id: a for a in base.axes}
    west, _, east = axes_from_the_west(base)
    axes[west] = axes[west].model_copy(update={"effort": EFFORT})
    if mirrored:
        turned = {west: axes[east], east: axes[west]}
        axes |= {name: axis.model_copy(update={"id": name}) for name, axis in turned.items()}
    return base.model_copy(update={"axes": tuple(axes.values())})


def ground(of: Scenario) -> HexMap:
    """Ground without any symmetry: the front sags in the west, a wood lies in the east."""
    ids, names = [a.id for a in of.axes], axes_from_the_west(bench())
    terrain = lattice(
        of,
        places_at(of, BASE, EXITS, DEPOT),
        columns=COLUMNS,
        rows=ROWS,
        held=lambda x, y: y < 18 - 0.2 * x and 1 < x < 23,
        axis=lambda x, y: ids.index(names[min(2, int(x // 8.5))]),
        east=lambda x, y: x > 11,
    )
    terrain.terrain[(terrain.xy_km[:, 0] > 15) & (terrain.xy_km[:, 1] > 8)] = 1
    return terrain


# arrays of a map that go with their cells
_BY_CELL = (
    *("area_km2", "edge_km", "beyond", "held_0", "across", "terrain", "urban"),
    *("border_km", "depth_km"),
)


def in_the_mirror(terrain: HexMap, of: Scenario) -> HexMap:
    """The ground with x for -x, rows numbered from the other end, left for right among the axes."""
    ids = [a.id for a in of.axes]
    west, _, east = axes_from_the_west(bench())
    swap = np.array([ids.index({west: east, east: west}.get(a, a)) for a in ids])
    table = terrain.neighbours[MIRROR][:, OTHER_SIDE]
    xy = terrain.xy_km[MIRROR] * (-1.0, 1.0)
    at = {p: np.array([-x, y]) for p, (x, y) in places_at(of, BASE, EXITS, DEPOT).items()}
    return replace(
        terrain,
        **{name: getattr(terrain, name)[MIRROR] for name in _BY_CELL},
        xy_km=xy,
        axis=swap[terrain.axis[MIRROR]],
        east=~terrain.east[MIRROR],
        neighbours=np.where(table >= 0, MIRROR[table], -1),
        river=terrain.river[MIRROR][:, OTHER_SIDE],
        exits=np.unique(MIRROR[terrain.exits]),
        points=leg_points(of.legs, at, {}, xy),
        place_cell={p: int(MIRROR[c]) for p, c in terrain.place_cell.items()},
    )


def played(mirrored: bool, holder: str, attacker: str) -> Engine:
    """The campaign, or the campaign in the mirror."""
    told = scenario(mirrored)
    terrain = ground(told)
    if mirrored:
        terrain = in_the_mirror(terrain, told)
    # a column that marches has luck by axis, so no drones hunt it
    quiet = {teams(told): 0.0} if holder.startswith("fixed") else {}
    engine = Engine(told, seed=7, value={**told.value, **NO_LUCK, **quiet}, terrain=terrain)
    play_days(engine, holder, DAYS, attacker)
    return engine


def apart_km2(holder: str = "never", attacker: str = "shaping") -> float:
    """Largest difference of the held area between the campaign and its mirror, day by day."""
    both = [played(m, holder, attacker).tables["daily"].columns["held_km2"] for m in (False, True)]
    return float(np.ptp(both, axis=0).max())
