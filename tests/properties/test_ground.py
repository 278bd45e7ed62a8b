"""Ownership, front and nearness are kept up to date cell by cell: a naive twin measures everything anew."""

from __future__ import annotations

from dataclasses import replace

import lattice_kit
import numpy as np
import pytest
from campaign_kit import FEW, campaign
from hypothesis import given
from hypothesis import strategies as st

from kursksim.terrain.front import Ground
from kursksim.terrain.hexmap import HexMap
from kursksim.terrain.roads import km_between

PLACES = {"Port": (7.0, 0.0), "Gate": (5.0, 4.0), "Ford": (9.0, 4.0), "Hill": (7.0, 9.0)}
HOLD_DAYS = 2


def small_map() -> HexMap:
    return lattice_kit.lattice(
        campaign("two-roads"), PLACES, columns=14, rows=14, border_y=4.5, held=lambda x, y: y < 10 and 2 < x < 12,
        axis=lambda x, y: int(x // 5), east=lambda x, y: x > 7,
    )  # fmt: skip


TERRAIN = small_map()
WATCHED = np.arange(TERRAIN.points.span["A2"].start, TERRAIN.points.span["A2"].stop)
OPEN = np.flatnonzero(TERRAIN.beyond).tolist()
GATES = [int(c) for c in TERRAIN.exits]


def naive_front(held: list[bool], axis: int) -> tuple[set[int], float]:
    """Held cells of an axis beyond the border that touch an enemy, and the length of the edges between."""
    cells, length = set(), 0.0
    for c in range(len(held)):
        foes = sum(k >= 0 and not held[k] for k in TERRAIN.neighbours[c].tolist())
        if held[c] and foes and TERRAIN.beyond[c] and TERRAIN.axis[c] == axis:
            cells.add(c)
            length += foes * TERRAIN.edge_km[c] * TERRAIN.front_factor
    return cells, length


def nearest(points: np.ndarray, member: np.ndarray) -> np.ndarray:
    table = km_between(TERRAIN.xy_km[member], TERRAIN.points.xy_km[points])
    return table.min(0) if member.any() else np.full(len(points), np.inf)


changes = st.lists(
    st.tuples(st.integers(0, 3), st.lists(st.sampled_from(OPEN), max_size=12)),
    min_size=1,
    max_size=8,
)


@FEW
@given(changes)
def test_the_front_is_what_a_fresh_look_finds(days: list[tuple[int, list[int]]]) -> None:
    ground, since, day = Ground(TERRAIN, 3, WATCHED, HOLD_DAYS), {}, 0
    for pause, cells in days:
        day += pause
        ground.ripen(day)
        for cell in cells:
            ground.change(cell, day)
            since[cell] = day
        held = np.array(ground.held)
        for axis in range(3):
            front, length = naive_front(ground.held, axis)
            assert ground.front[axis] == front
            assert ground.frontage_km[axis] == pytest.approx(length, abs=1e-9)
        assert ground.held_km2 == pytest.approx(TERRAIN.area_km2[held & TERRAIN.beyond].sum())
        enemy = ~held
        assert np.array_equal(ground.east.km, nearest(WATCHED, enemy & TERRAIN.east))
        assert np.array_equal(ground.west.km, nearest(WATCHED, enemy & ~TERRAIN.east))
        ripe = enemy & np.array([day - since.get(c, -99) >= HOLD_DAYS for c in range(len(held))])
        ground.ripen(day)
        every = np.arange(len(TERRAIN.points.cell))
        assert np.array_equal(ground.launch.km, nearest(every, ripe))


@FEW
@given(st.lists(st.one_of(st.sampled_from(OPEN), st.sampled_from(GATES)), max_size=80))
def test_ways_out_are_shortest_paths(changed: list[int]) -> None:
    """Cells come back as well as fall, crossings among them."""
    import networkx as nx

    ground = Ground(TERRAIN, 3, WATCHED, HOLD_DAYS)
    for cell in changed:
        ground.change(cell, 0)
    graph = nx.Graph()
    graph.add_nodes_from(c for c, h in enumerate(ground.held) if h)
    graph.add_edges_from((c, k) for c in graph for k in ground.near[c] if ground.held[k])
    gates = {c for c in GATES if ground.held[c]}
    steps = nx.multi_source_dijkstra_path_length(graph, gates) if gates else {}
    for cell, km in enumerate(ground.exit_km()):
        assert km == pytest.approx(
            TERRAIN.pitch_km * steps[cell] if cell in steps else float("inf")
        )


@FEW
@given(st.sets(st.sampled_from(OPEN), max_size=60), st.sampled_from(OPEN))
def test_a_loss_that_cuts_is_never_missed(lost: set[int], cell: int) -> None:
    """``might_cut`` may give a false alarm; it may not stay silent when held ground falls apart."""
    import networkx as nx

    ground = Ground(TERRAIN, 3, WATCHED, HOLD_DAYS)
    for c in sorted(lost - {cell}):
        ground.change(c, 0)
    parts = []
    for _ in range(2):
        graph = nx.Graph()
        graph.add_nodes_from(c for c, h in enumerate(ground.held) if h)
        graph.add_edges_from((c, k) for c in graph for k in ground.near[c] if ground.held[k])
        parts.append(nx.number_connected_components(graph))
        if ground.held[cell]:
            ground.change(cell, 0)
    if parts[1] > parts[0]:
        assert ground.might_cut(cell)


def test_a_map_is_not_changed_by_a_run() -> None:
    before = replace(TERRAIN, held_0=TERRAIN.held_0.copy())
    ground = Ground(TERRAIN, 3, WATCHED, HOLD_DAYS)
    for cell in OPEN[:20]:
        ground.change(cell, 0)
    assert np.array_equal(before.held_0, TERRAIN.held_0)


@FEW
@given(changes, st.integers(0, 3))
def test_restored_ground_is_ground_that_changed_cell_by_cell(
    days: list[tuple[int, list[int]]], later: int
) -> None:
    ground, day = Ground(TERRAIN, 3, WATCHED, HOLD_DAYS), 0
    for pause, cells in days:
        day += pause
        ground.ripen(day)
        for cell in cells:
            ground.change(cell, day)
    again = Ground(TERRAIN, 3, WATCHED, HOLD_DAYS)
    again.restore(
        np.array(ground.held), ground.since, ground.open_across, ground.ripening, ground.recent
    )
    for _ in range(2):  # and both go on alike
        for name in ("held", "enemies", "front", "front_kinds", "salient", "cut_roads"):
            assert getattr(again, name) == getattr(ground, name), name
        assert again.frontage_km == pytest.approx(ground.frontage_km, abs=1e-9)
        assert (again.ways.km, again.ways.closed) == (ground.ways.km, ground.ways.closed)
        for name in ("launch", "east", "west"):
            there, here = getattr(again, name), getattr(ground, name)
            assert np.array_equal(there.km, here.km), name
            assert np.array_equal(there.member, here.member), name
        for one in (ground, again):
            one.ripen(day + later)
            one.change(OPEN[later], day + later)
