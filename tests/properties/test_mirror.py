"""M19: a campaign in the mirror. West and east change places, with everything that stands there; without luck by axis
the ground is lost as before, cell for cell in the mirror.
"""

from __future__ import annotations

from typing import Any

import pytest

from kursksim.studies.verify.mirror import MIRROR, played


def close(one: Any, other: Any) -> bool:
    """Equal, up to the order in which sums were taken."""
    if isinstance(one, str):
        return bool(one == other)
    return bool(one == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True))


@pytest.mark.parametrize(
    ("holder", "attacker"),
    [("never", "shaping"), ("never", "frontal"), ("fixed_date:2025-01-12", "shaping")],
)
def test_the_mirror_shows_the_same_campaign(holder: str, attacker: str) -> None:
    """M19: the same area every day, the same cells in the mirror, the same rows of every axis under the other name."""
    one, other = (played(mirrored, holder, attacker) for mirrored in (False, True))
    held = [[t.row["held_km2"] for t in e.turns] for e in (one, other)]
    assert held[0] == pytest.approx(held[1], rel=1e-12)
    assert held[0][-1] < held[0][0]
    fallen = [[(day, cell, cause) for day, cell, _, cause in e.world.changes] for e in (one, other)]
    assert sorted((day, int(MIRROR[cell]), cause) for day, cell, cause in fallen[0]) == sorted(
        fallen[1]
    )
    for row, image in zip(one.turns, other.turns, strict=True):
        for name, value in row.row.items():
            assert close(value, image.row[name]), (row.day, name)
    axes = [
        {(r[0], r[1]): r[2:] for r in zip(*e.tables["axes"].columns.values(), strict=True)}
        for e in (one, other)
    ]
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
