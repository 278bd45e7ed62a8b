"""Room on the front: men who find none neither fight nor fall, on either side.

One axis on a lattice, as in the laws of battle: full stocks, no drones, no bombs, no luck, no
ground lost, nobody dug in. So the ratio is men over men.
"""

from __future__ import annotations

from functools import lru_cache

import lattice_kit
import pytest
from lattice_kit import PLACES, play

import kursksim as ks
from kursksim.engine.chain import chain_of
from kursksim.engine.engine import Engine
from kursksim.terrain.hexmap import HexMap

BLUE, RED, C_BLUE, C_RED, W = 2500.0, 6000.0, 0.004, 0.009, 0.25
BARE = {
    "blue_men": BLUE, "red_men": RED, "reserve_share": 0.0, "axis_noise": 0.0, "estimate_sd": 0.0,
    "def_mult": 1.0, "prep_floor": 1.0, "density_max": 1e9, "bombs_day": 0.0, "v_max": 0.0,
    "drone_teams": 0.0, "stock_start": 1e4, "holder_shift": 0.0, "attacker_shift": 0.0,
    "c_holder": C_BLUE, "c_attacker": C_RED, "w_loss": W,
}  # fmt: skip
WIDE = 1e9
"""Men on a km of front: room for all."""


@lru_cache
def ground() -> HexMap:
    return lattice_kit.lattice(
        ks.load("two-roads"), PLACES, held=lambda x, y: y < 18, axis=lambda x, y: 0
    )


def eve(**change: float) -> Engine:
    scenario = ks.load("two-roads")
    value = {**scenario.value, **BARE, **change}
    return Engine(scenario, seed=3, value=value, terrain=ground())


def day(**change: float) -> tuple[float, float, float]:
    """Ratio of the first day, and the losses of holder and attacker."""
    engine = eve(**change)
    play(engine, "never", 1)
    world = engine.world
    blue, red = change.get("blue_men", BLUE), change.get("red_men", RED)
    lost = blue - world.strength("holder"), red - world.strength("attacker")
    return world.ratio[world.axes[0]], *lost


FRONT_KM = sum(eve().world.ground.frontage_km)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_only_holders_who_find_room_fight_and_fall(share: float) -> None:
    """A garrison on a front with room for a part of it is as strong as that part."""
    room = share * BLUE
    ratio, lost, of_red = day(hold_density_max=room / FRONT_KM)
    assert ratio == pytest.approx(RED / room, rel=1e-12)
    assert lost == pytest.approx(room * C_BLUE * ratio**W, rel=1e-9)
    assert of_red == pytest.approx(RED * C_RED * ratio**-W, rel=1e-9)


def test_a_crowded_front_is_no_stronger_for_more_men() -> None:
    density = BLUE / FRONT_KM
    alone = day(hold_density_max=density)
    assert day(hold_density_max=density, blue_men=4 * BLUE) == pytest.approx(alone, rel=1e-9)
    assert day(hold_density_max=WIDE, blue_men=4 * BLUE)[0] == pytest.approx(alone[0] / 4)


def test_with_room_for_all_it_is_the_law_of_battle() -> None:
    """The limit: whatever the density, once it is that of the men or more."""
    assert day(hold_density_max=1.01 * BLUE / FRONT_KM) == day(hold_density_max=WIDE)
    assert day(hold_density_max=WIDE)[0] == pytest.approx(RED / BLUE, rel=1e-12)


def test_both_sides_are_held_by_room_alike() -> None:
    """On a short front men over men is density over density, however many there are."""
    ratio, lost, of_red = day(hold_density_max=20.0, density_max=60.0, blue_men=1e5, red_men=1e5)
    assert ratio == pytest.approx(3.0, rel=1e-12)
    assert lost / of_red == pytest.approx((20 * C_BLUE * 3**W) / (60 * C_RED * 3**-W), rel=1e-6)


@pytest.mark.parametrize("density", [20.0, 60.0, WIDE])
def test_the_mean_field_gives_holders_the_same_room(density: float) -> None:
    engine = eve(hold_density_max=density)
    mean = chain_of(engine.world).solve(1, daily=True)
    play(engine, "never", 1)
    left = engine.world.strength("holder")
    assert left < BLUE
    assert BLUE - mean["holder_strength"][0] == pytest.approx(BLUE - left, rel=1e-6)
