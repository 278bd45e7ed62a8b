"""A14: a withdrawal that nobody follows takes the days of its own rule and costs nobody; and a pocket is noticed."""

from __future__ import annotations

from math import ceil

import pytest
from lattice_kit import PLACES, lattice, on_lattice, play

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.engine import Engine
from kursksim.engine.withdrawal import cut_off

NOBODY = {"red_men": 0.0, "drone_teams": 0.0, "bridge_hit_rate": 0.0, "bridge_hit_surge": 0.0}


@pytest.mark.parametrize(
    ("speed", "prep", "strip"), [(2.0, 3.0, 1.5), (4.0, 1.0, 2.0), (1.6, 2.8, 4.0)]
)
def test_a_withdrawal_without_an_enemy(speed: float, prep: float, strip: float) -> None:
    """A14: the line falls by v a day once preparation is over, and stands when it is at the depth of the last strip."""
    engine = on_lattice(**NOBODY, v_withdraw=speed, prep_days=prep, final_line_depth=strip)
    order = 2
    play(engine, f"fixed_date:2025-01-{order + 1:02d}", 30)
    command, rows = engine.world.command, [t.row for t in engine.turns]
    assert command.order_day == order
    needed = ceil(prep + (command.depth_0_km - strip) / speed - 1e-9)
    phases = [r["phase"] for r in rows]
    if prep == int(prep):
        assert needed == ceil((command.depth_0_km - strip) / speed - 1e-9) + prep
    assert (
        phases.index("final") + 1 - order == needed
    )  # stands from the dusk before the day on which the line gets there
    assert phases.index("delay") + 1 - order == int(prep) + 1
    assert phases[order] == "hold"
    assert phases[order + 1] == "ordered" if prep >= 2 else "delay"
    start = engine.value["blue_men"]
    assert {
        e.cause for _, _, e in engine.world.log or () if isinstance(e, fx.Lost) and e.amount > 0
    } == set()
    assert rows[-1]["holder_strength"] == pytest.approx(start)
    assert rows[-1]["holder_killed_wounded"] == rows[-1]["holder_missing_captured"] == 0
    assert rows[-1]["vehicles_destroyed"] == 0
    assert rows[-1]["captured_km2"] == 0


def test_the_last_strip_is_kept_and_the_rest_is_vacated() -> None:
    """A14: what is vacated is all but the last strip, and nothing of it is captured."""
    engine = on_lattice(**NOBODY, v_withdraw=4.0, prep_days=1.0, final_line_depth=2.0, v_max=3.0)
    play(engine, "fixed_date:2025-01-03", 30)
    terrain, world = engine.world.terrain, engine.world
    kept = terrain.area_km2[terrain.held_0 & terrain.beyond & (terrain.border_km <= 2.0)].sum()
    assert world.ground.held_km2 == pytest.approx(kept)
    assert {cause for *_, cause in world.changes} == {"vacated"}


def test_men_are_cut_off_when_the_neck_is_closed() -> None:
    engine = on_lattice(red_men=1000.0)
    play(engine, "never", 1)
    world = engine.world
    strip = [
        c for c, h in enumerate(world.ground.held) if h and 9.0 < world.terrain.xy_km[c, 1] < 9.6
    ]
    for cell in strip:
        world.apply(fx.Captured("left", cell, world.ground.area[cell], "captured"))
    cut_off(world)
    assert world.pockets
    assert world.cut_off_men() > 0


def test_men_are_cut_off_when_the_last_crossing_falls() -> None:
    """The held ground hangs together, but nothing of it has a way out any more."""
    engine = on_lattice(red_men=1000.0)
    play(engine, "never", 1)
    world = engine.world
    for cell in world.terrain.exits.tolist():
        world.ground.change(cell, world.day)
        world.changes.append((world.day, cell, False, "captured"))
    assert min(world.ground.exit_km()) == float("inf")
    cut_off(world)
    assert world.cut_off_men() > 0


def test_a_neck_that_falls_on_a_day_of_many_losses_is_noticed() -> None:
    """The cut comes first, hundreds of other cells fall after it on the same day."""
    scenario = ks.load("two-roads")
    terrain = lattice(
        scenario, PLACES, rows=32, held=lambda x, y: y < 24, axis=lambda x, y: int(x // 8.5)
    )
    engine = Engine(scenario, seed=4, terrain=terrain)
    play(engine, "never", 1)
    world, height = engine.world, terrain.xy_km[:, 1]
    held = [c for c, h in enumerate(world.ground.held) if h]
    neck = [c for c in held if 9.0 < height[c] < 9.6]
    north = sorted((c for c in held if height[c] > 14), key=lambda c: (-height[c], c))
    assert len(north) > 200
    for cell in (*neck, *north):
        world.apply(fx.Captured(world.axes[0], cell, world.ground.area[cell], "captured"))
    assert any(world.ground.exit_km()[c] == float("inf") for c in held if world.ground.held[c])
    cut_off(world)
    assert world.cut_off_men() > 0
