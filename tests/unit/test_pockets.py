"""Pockets: who is cut off stays in a pool of his axis, breaks out to open axes, is lost with the pocket or given back."""

from __future__ import annotations

import math

import pytest
from lattice_kit import on_lattice

from kursksim.engine import effects as fx
from kursksim.engine.audit import check_ledger
from kursksim.engine.engine import Engine
from kursksim.engine.state import cut_pool
from kursksim.engine.withdrawal import cut_off
from kursksim.orders import AttackerOrders, HolderOrders

NOBODY = {"red_men": 0.0, "drone_teams": 0.0}
IDLE = {"holder": HolderOrders(), "attacker": AttackerOrders()}


def quiet_lattice(**change: float) -> Engine:
    """The first day is over, and nobody presses."""
    engine = on_lattice(**NOBODY, **change)
    engine.step(IDLE)
    return engine


def cells(engine: Engine, near: float, far: float) -> list[int]:
    """Cells of a ring around a point of the left strip."""
    xy = engine.world.terrain.xy_km
    return [c for c in range(len(xy)) if near <= math.hypot(xy[c, 0] - 4, xy[c, 1] - 11) < far]


def take(engine: Engine, which: list[int], cause: str = "captured") -> None:
    world = engine.world
    for c in which:
        if world.ground.held[c] == (cause != "retaken"):
            world.apply(
                fx.Captured(world.axes[world.ground.axis[c]], c, world.ground.area[c], cause)
            )


def evening(engine: Engine) -> list[fx.Effect]:
    kept, engine.world.log = engine.world.log, []
    cut_off(engine.world)
    done, engine.world.log = [effect for *_, effect in engine.world.log], kept
    return done


def neck(engine: Engine) -> list[int]:
    """A band across all strips: what lies north of it has no way out."""
    xy = engine.world.terrain.xy_km
    return [c for c in range(len(xy)) if engine.world.ground.held[c] and 9.0 < xy[c, 1] < 9.6]


def pool(engine: Engine, axis: str = "left") -> float:
    return engine.world.men["blue"][cut_pool(axis)]


def test_the_share_of_the_front_without_a_way_out_is_cut_off() -> None:
    engine = quiet_lattice(trap_loss=0.0, breakout=0.0)
    take(engine, cells(engine, 2.0, 3.2))
    world, before = engine.world, engine.world.men_on("holder", "left")
    front, ways = world.ground.front[world.axis_index["left"]], world.ground.exit_km()
    share = sum(ways[c] == math.inf for c in front) / len(front)
    assert 0.1 < share < 0.5
    evening(engine)
    assert pool(engine) == pytest.approx(share * before)
    assert world.cut_off_men() == pool(engine)
    assert world.men_on("holder", "left") == pytest.approx((1 - share) * before)


def test_the_cut_off_stay_while_the_pocket_is_closed_and_are_lost_day_by_day() -> None:
    engine = quiet_lattice(trap_loss=0.1, breakout=0.0)
    take(engine, neck(engine))
    evening(engine)
    first = {a: pool(engine, a) for a in engine.world.axes}
    assert sum(first.values()) > 500
    missing = engine.world.tally.missing
    for _ in range(3):
        evening(engine)
    for axis, men in first.items():
        open_share = engine.world.men_on("holder", axis)
        assert pool(engine, axis) == pytest.approx(men * 0.9**3)
        assert open_share >= 0
    assert engine.world.tally.missing - missing == pytest.approx(sum(first.values()) * (1 - 0.9**3))


def test_who_breaks_out_of_a_part_of_an_axis_is_not_drawn_in_again() -> None:
    """Nothing changes on the ground: the pocket can only become emptier, by exactly those lost and those broken out."""
    engine = quiet_lattice(trap_loss=0.02, breakout=0.15)
    take(engine, cells(engine, 2.0, 3.2))
    evening(engine)
    men = pool(engine)
    later = [e for _ in range(5) for e in evening(engine)]
    assert not [e for e in later if isinstance(e, fx.Moved) and e.place == cut_pool("left")]
    assert pool(engine) == pytest.approx(men * (0.98 * 0.85) ** 5)


def test_break_outs_go_to_open_axes_only() -> None:
    engine = quiet_lattice()
    world = engine.world
    xy = world.terrain.xy_km
    wall = [
        c
        for c in range(len(xy))
        if world.ground.held[c] and world.ground.beyond[c] and (7.4 < xy[c, 0] < 8.6)
    ]
    base = [
        c for c in range(len(xy)) if world.ground.held[c] and 5 < xy[c, 1] < 6.5 and xy[c, 0] < 8.6
    ]
    take(engine, wall + base)
    shut = [c for c in world.ground.front[0] if world.ground.exit_km()[c] == math.inf]
    take(engine, [c for c in world.ground.front[0] if c not in shut])
    assert {c for c in world.ground.front[0] if world.ground.exit_km()[c] < math.inf} == set()
    out = [
        e
        for _ in range(2)
        for e in evening(engine)
        if isinstance(e, fx.Moved) and e.origin == cut_pool("left")
    ]
    assert {e.place for e in out} == {"right", "tip"}
    assert sum(e.amount for e in out) > 50


def test_a_taken_pocket_loses_its_men_as_missing() -> None:
    engine = quiet_lattice(trap_loss=0.0, breakout=0.0)
    take(engine, cells(engine, 2.0, 3.2))
    evening(engine)
    men, missing, strength = (
        pool(engine),
        engine.world.tally.missing,
        engine.world.strength("holder"),
    )
    assert men > 50
    take(engine, cells(engine, 0.0, 2.0))
    evening(engine)
    assert pool(engine) == pytest.approx(0)
    assert engine.world.tally.missing - missing == pytest.approx(men)
    assert engine.world.strength("holder") == pytest.approx(strength - men)
    assert not engine.world.pockets


def test_a_reopened_pocket_gives_its_men_back() -> None:
    engine = quiet_lattice(trap_loss=0.0, breakout=0.0)
    before = engine.world.men_on("holder", "left")
    ring = cells(engine, 2.0, 3.2)
    take(engine, ring)
    evening(engine)
    assert pool(engine) > 50
    south = [c for c in ring if engine.world.terrain.xy_km[c, 1] < 9.6]
    take(engine, south, "retaken")
    assert not [
        c for c in engine.world.ground.front[0] if engine.world.ground.exit_km()[c] == math.inf
    ]
    evening(engine)
    assert pool(engine) == pytest.approx(0)
    assert engine.world.men_on("holder", "left") == pytest.approx(before)
    assert engine.world.tally.missing == 0


def test_men_are_neither_made_nor_forgotten_by_pockets() -> None:
    engine = quiet_lattice()
    men = engine.world.strength("holder")
    take(engine, cells(engine, 2.0, 3.2))
    for _ in range(4):
        evening(engine)
    world = engine.world
    assert world.strength("holder") + world.lost["blue"] == pytest.approx(men)
    check_ledger(world)
