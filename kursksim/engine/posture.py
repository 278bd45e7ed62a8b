"""The holder's posture by axis, and the axes that have a front."""

from __future__ import annotations

from math import fsum

from kursksim.engine.world import World
from kursksim.sums import isum

__all__ = ["front_shares", "posture_of"]


def posture_of(world: World, axis: str) -> str:
    """Posture of the holder on an axis: prepared, hasty, delaying or final.

    He delays while the rear line moves, and stands finally where most of the front is within the
    last strip.
    """
    if world.across[axis] or world.command.phase == "final":
        return "final"
    if world.command.phase == "delay":
        depth, border_km = world.models.withdrawal.final_line_depth, world.terrain.eve.border_km
        front = world.ground.front[world.axis_index[axis]]
        near = isum([border_km[c] <= depth for c in front])
        if front and 2 * near >= len(front):
            return "final"
        if not world.command.standing:
            return "delaying"
    return "prepared" if world.preparation[axis] >= 0.5 else "hasty"


def front_shares(world: World) -> dict[str, float]:
    """Share of each axis in the front beyond the border; empty once no ground is held there."""
    lengths = {
        a: km
        for a, km in zip(world.axes, world.ground.frontage_km, strict=True)
        if km > 0 and not world.across[a]
    }
    total = fsum(lengths.values())
    return {a: km / total for a, km in lengths.items()}
