"""M19: a campaign in the mirror. West and east change places, with everything that stands there; without luck by axis the
ground is lost as before, cell for cell in the mirror.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import lattice_kit
import numpy as np
import pytest

import kursksim as ks
from kursksim.engine import SIDES, Engine
from kursksim.policies.base import build_policy
from kursksim.scenario.schema import Scenario
from kursksim.terrain.hexmap import HexMap
from kursksim.terrain.roads import leg_points

COLUMNS, ROWS, DAYS = 24, 24, 30
PLACES = {"Port": (12.21, 1.1), "Gate": (10.37, 4.3), "Ford": (14.83, 4.1), "Hill": (11.69, 12.4)}
"""Nowhere in the middle, so that no two cells are as near to a road as each other."""
NO_LUCK = {"axis_noise": 0.0, "estimate_sd": 0.0, "left_effort": 0.9, "v_r15": 0.08, "v_r4": 0.4}
OTHER_SIDE = (1, 0, 3, 2, 5, 4)
"""The step of a lattice that is each step in the mirror."""
MIRROR = np.arange(COLUMNS * ROWS).reshape(ROWS, COLUMNS)[:, ::-1].ravel()
"""Cell by cell the one that takes its place: rows run the other way."""


def scenario(mirrored: bool) -> Scenario:
    """Two-roads with an attacker who likes the left better; in the mirror that is the right."""
    base = ks.load("two-roads")
    left, tip, right = sorted(base.axes, key=lambda a: ("left", "tip", "right").index(a.id))
    left = left.model_copy(update={"effort": "left_effort"})
    if mirrored:
        left, right = right.model_copy(update={"id": left.id}), left.model_copy(update={"id": right.id})
    by_id = {a.id: a for a in (left, tip, right)}
    return base.model_copy(update={"axes": tuple(by_id[a.id] for a in base.axes)})


def ground(of: Scenario) -> HexMap:
    """Ground of no symmetry at all: the front sags in the west, a wood lies in the east."""
    ids = [a.id for a in of.axes]
    terrain = lattice_kit.lattice(
        of, PLACES, columns=COLUMNS, rows=ROWS, held=lambda x, y: y < 18 - 0.2 * x and 1 < x < 23,
        axis=lambda x, y: ids.index(("left", "tip", "right")[min(2, int(x // 8.5))]), east=lambda x, y: x > 11,
    )  # fmt: skip
    terrain.terrain[(terrain.xy_km[:, 0] > 15) & (terrain.xy_km[:, 1] > 8)] = 1
    return terrain


def in_the_mirror(terrain: HexMap, of: Scenario) -> HexMap:
    """The same ground with x for -x, cells numbered from the other end of each row, left for right among the axes."""
    ids = [a.id for a in of.axes]
    swap = np.array([ids.index({"left": "right", "right": "left"}.get(a, a)) for a in ids])
    table = terrain.neighbours[MIRROR][:, OTHER_SIDE]
    xy = terrain.xy_km[MIRROR] * (-1.0, 1.0)
    at = {p: np.array([-x, y]) for p, (x, y) in PLACES.items()}
    here = {
        name: getattr(terrain, name)[MIRROR]
        for name in (
            "area_km2", "edge_km", "beyond", "held_0", "across", "terrain", "urban", "border_km", "depth_km",
        )
    }  # fmt: skip
    return replace(
        terrain, **here, xy_km=xy, axis=swap[terrain.axis[MIRROR]], east=~terrain.east[MIRROR],
        neighbours=np.where(table >= 0, MIRROR[table], -1), river=terrain.river[MIRROR][:, OTHER_SIDE],
        exits=np.unique(MIRROR[terrain.exits]), points=leg_points(of.legs, at, dict.fromkeys(at), xy),
        place_cell={p: int(MIRROR[c]) for p, c in terrain.place_cell.items()},
    )  # fmt: skip


def played(mirrored: bool, holder: str, attacker: str) -> Engine:
    """The campaign, or the campaign in the mirror. Columns have luck by axis, so nobody hunts them where they march."""
    told = scenario(mirrored)
    terrain = ground(told)
    if mirrored:
        terrain = in_the_mirror(terrain, told)
    quiet = {"drone_teams": 0.0} if holder.startswith("fixed") else {}
    engine = Engine(told, seed=7, value={**told.value, **NO_LUCK, **quiet}, terrain=terrain)
    staffs = {
        side: build_policy(side, spec, engine.value, told.aliases, told.start, 100)
        for side, spec in (("holder", holder), ("attacker", attacker))
    }
    for _ in range(DAYS):
        engine.step({side: staffs[side].decide(engine.observe(side)) for side in SIDES})
    return engine


def close(one: Any, other: Any) -> bool:
    """Equal, up to the order in which sums were taken."""
    if isinstance(one, str):
        return bool(one == other)
    return bool(one == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True))


@pytest.mark.parametrize(
    ("holder", "attacker"), [("never", "shaping"), ("never", "frontal"), ("fixed_date:2025-01-12", "shaping")]
)
def test_the_mirror_shows_the_same_campaign(holder: str, attacker: str) -> None:
    """M19: the same area every day, the same cells in the mirror, the same rows of every axis under the other name."""
    one, other = (played(mirrored, holder, attacker) for mirrored in (False, True))
    held = [[t.row["held_km2"] for t in e.turns] for e in (one, other)]
    assert held[0] == pytest.approx(held[1], rel=1e-12)
    assert held[0][-1] < held[0][0]
    fallen = [[(day, cell, cause) for day, cell, _, cause in e.world.changes] for e in (one, other)]
    assert sorted((day, int(MIRROR[cell]), cause) for day, cell, cause in fallen[0]) == sorted(fallen[1])
    for row, image in zip(one.turns, other.turns, strict=True):
        for name, value in row.row.items():
            assert close(value, image.row[name]), (row.day, name)
    axes = [{(r[0], r[1]): r[2:] for r in zip(*e.tables["axes"].columns.values(), strict=True)} for e in (one, other)]
    for (date, axis), values in axes[0].items():
        image = axes[1][date, {"left": "right", "right": "left"}.get(axis, axis)]
        assert all(close(a, b) for a, b in zip(values, image, strict=True)), (date, axis)


def test_the_mirror_has_two_sides() -> None:
    """What is mirrored is not the same to begin with: left and right fare differently."""
    table = played(False, "never", "shaping").tables["axes"].columns
    lost = dict.fromkeys(("left", "tip", "right"), 0.0)
    for axis, km2 in zip(table["axis"], table["captured_km2"], strict=True):
        lost[axis] += km2
    assert abs(lost["left"] - lost["right"]) > 5
