"""A13: the corridor of a rectangular pocket is as wide as the pocket; a minimum cut over cells says the same."""

from __future__ import annotations

import lattice_kit
import networkx as nx
import numpy as np
import pytest

import kursksim as ks
from kursksim.terrain.front import Ground
from kursksim.terrain.hexmap import HexMap

MIDDLE = 15.0
PLACES = {
    "Port": (MIDDLE, 1.0),
    "Gate": (MIDDLE, 6.0),
    "Ford": (MIDDLE, 4.0),
    "Hill": (MIDDLE, 14.0),
}


def pocket(width: int, pitch_km: float = 1.0, aside_km: float = 0.0) -> HexMap:
    """A strip of held ground, ``width`` cells wide, 22 km long, along the road or with the road aside of its middle."""
    middle, half = MIDDLE + aside_km, width * pitch_km / 2
    return lattice_kit.lattice(
        ks.load("two-roads"), PLACES, columns=round(30 / pitch_km), rows=round(32 / pitch_km), pitch_km=pitch_km,
        border_y=4.0, held=lambda x, y: middle - half <= x < middle + half and y < 26, east=lambda x, y: x > MIDDLE,
    )  # fmt: skip


def ground_of(terrain: HexMap) -> Ground:
    span = terrain.points.span["A2"]
    return Ground(terrain, 3, np.arange(span.start, span.stop), 2)


def min_cut_cells(terrain: HexMap, ground: Ground) -> int:
    """Fewest cells whose loss parts the far end of the pocket from the holder's own country."""
    graph, far, own = nx.DiGraph(), "far end", "own country"
    for c, held in enumerate(ground.held):
        if not held:
            continue
        graph.add_edge((c, "in"), (c, "out"), capacity=1)
        for k in ground.near[c]:
            if ground.held[k]:
                graph.add_edge((c, "out"), (k, "in"))
        if terrain.xy_km[c, 1] > 23:
            graph.add_edge(far, (c, "in"))
        if not terrain.beyond[c]:
            graph.add_edge((c, "out"), own)
    found, _ = nx.minimum_cut(graph, far, own)
    return int(found)


@pytest.mark.parametrize("pitch_km", [1.0, 0.5])
@pytest.mark.parametrize(("width_km", "aside_km"), [(4, 0.0), (7, -2.5), (10, 3.0)])
def test_the_corridor_is_as_wide_as_the_pocket(
    width_km: int, aside_km: float, pitch_km: float
) -> None:
    """A13: W within one pitch, wherever in the pocket the road runs; and so says networkx's minimum cut over cells."""
    terrain = pocket(round(width_km / pitch_km), pitch_km, aside_km)
    ground = ground_of(terrain)
    assert abs(ground.corridor_km() - width_km) <= pitch_km * (1 + 1e-6)
    cells = min_cut_cells(terrain, ground)
    assert abs(cells * pitch_km - width_km) <= pitch_km
    assert abs(ground.corridor_km() - cells * pitch_km) <= 2 * pitch_km


def test_the_corridor_closes_as_cells_fall() -> None:
    terrain = pocket(9)
    ground = ground_of(terrain)
    row = [c for c, h in enumerate(ground.held) if h and abs(terrain.xy_km[c, 1] - 10) < 0.5]
    widths = [ground.corridor_km()]
    for cell in sorted(row)[:4]:
        ground.change(cell, 0)
        widths.append(ground.corridor_km())
    assert widths == sorted(widths, reverse=True)
    assert widths[0] - widths[-1] == pytest.approx(4.0, abs=1.0)
    ground.change(sorted(row)[0], 1)
    assert ground.corridor_km() <= widths[0]


@pytest.mark.parametrize("width", [4, 8])
def test_ways_out_are_as_long_as_the_pocket(width: int) -> None:
    ground = ground_of(pocket(width))
    reachable = [km for c, km in enumerate(ground.exit_km()) if ground.held[c] and ground.beyond[c]]
    assert max(reachable) == pytest.approx(26 - 4, abs=6)
    assert max(reachable) < float("inf")
