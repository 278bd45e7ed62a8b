"""How the holder stands: posture by axis, and the axes that have a front."""

from __future__ import annotations

from kursksim.world import World

__all__ = ["front_shares", "posture_of"]


def posture_of(world: World, axis: str) -> str:
    """Posture of the holder on an axis: prepared or hasty, delaying while the line moves, final on the border."""
    index = world.axis_index[axis]
    if world.scenario.axes[index].across or world.command.phase == "final":
        return "final"
    if world.command.phase == "delay":
        depth = world.models.withdrawal.final_line_depth
        front = world.ground.front[index]
        near = sum(world.terrain.border_km[c] <= depth for c in front)
        return "final" if front and 2 * near >= len(front) else "delaying"
    return "prepared" if world.preparation[axis] >= 0.5 else "hasty"


def front_shares(world: World) -> dict[str, float]:
    """Axes with a front on the attacker's side of the border, by length; nothing once no ground is held there."""
    lengths = {
        a: world.ground.frontage_km[i]
        for i, a in enumerate(world.axes)
        if world.ground.frontage_km[i] > 1e-9 and not world.scenario.axes[i].across
    }
    total = sum(lengths.values())
    return {a: km / total for a, km in lengths.items()}
