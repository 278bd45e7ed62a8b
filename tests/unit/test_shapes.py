"""Geometry of what was drawn, beside shapely's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kursksim.terrain.shapes import area_of, closed, self_crossing, strip

vertices = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9)


def still(points: list[tuple[int, int]], *, ring: bool) -> bool:
    """Whether no two vertices that follow each other are the same."""
    pairs = zip(points, [*points[1:], points[0]] if ring else points[1:], strict=False)
    return all(a != b for a, b in pairs)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(vertices)
def test_a_ring_crosses_itself_where_shapely_finds_it_not_simple(
    points: list[tuple[int, int]],
) -> None:
    if not still(points, ring=True):
        return
    found = self_crossing(np.array(points, dtype=float), ring=True)
    assert (found is None) == shapely.LinearRing(points).is_simple


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(vertices)
def test_a_line_crosses_itself_where_shapely_finds_it_not_simple(
    points: list[tuple[int, int]],
) -> None:
    if not still(points, ring=False) or points[0] == points[-1]:
        return  # shapely lets a line end where it began
    found = self_crossing(np.array(points, dtype=float), ring=False)
    assert (found is None) == shapely.LineString(points).is_simple
    if found is not None:
        spot, line = shapely.Point(found.at), shapely.LineString(points)
        assert line.distance(spot) < 1e-9
        assert 1 <= found.first < found.second < len(points)


def test_a_bow_tie_is_told_with_its_place() -> None:
    found = self_crossing(np.array([[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0]]), ring=True)
    assert found is not None
    assert (found.first, found.second, found.at) == (1, 3, (1.0, 1.0))


def test_ten_thousand_vertices_are_looked_through_in_a_moment() -> None:
    angle = np.linspace(0, 2 * math.pi, 10_000, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * (1 + 0.1 * np.sin(40 * angle))[:, None]
    assert self_crossing(ring, ring=True) is None
    assert self_crossing(np.vstack([ring, [[0.2, 0.3], [3.0, 0.1]]]), ring=True) is not None


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(vertices)
def test_areas_are_those_of_shapely(points: list[tuple[int, int]]) -> None:
    polygon = shapely.Polygon(points)
    if polygon.is_valid:
        assert area_of(np.array(points, dtype=float)) == pytest.approx(polygon.area)


@pytest.mark.parametrize("turn", [0.0, 0.4, 2.0, math.pi])
@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("first", range(4))
def test_the_strip_between_a_box_and_a_border(turn: float, backward: bool, first: int) -> None:
    """Whichever way both are drawn: 12 km by 2 km below a box, as shapely measures it."""
    c, s = math.cos(turn), math.sin(turn)
    box = np.roll(np.array([[2.0, 2.0], [14.0, 2.0], [14.0, 9.0], [2.0, 9.0]]), first, axis=0) @ [
        [c, s],
        [-s, c],
    ]
    border = np.array([[-5.0, 0.0], [6.0, 0.0], [20.0, 0.0]]) @ [[c, s], [-s, c]]
    if backward:
        box, border = box[::-1], border[::-1]
    found = strip(box, border)
    assert found.area_km2 == pytest.approx(24.0)
    assert found.width_km == pytest.approx(
        shapely.Polygon(box).distance(shapely.LineString(border))
    )
    assert found.width_km == pytest.approx(2.0)


def test_the_strip_follows_a_bent_border() -> None:
    box = np.array([[2.0, 4.0], [14.0, 4.0], [14.0, 9.0], [2.0, 9.0]])
    border = np.array([[-5.0, 0.0], [2.0, 0.0], [8.0, 2.0], [14.0, 0.0], [20.0, 0.0]])
    # the ends of the strip run to the nearest points of the border, (3.2, 0.4) and (12.8, 0.4)
    between = shapely.Polygon([(2, 4), (14, 4), (12.8, 0.4), (8, 2), (3.2, 0.4)])
    assert strip(box, border).area_km2 == pytest.approx(between.area)
    assert strip(box, border).width_km == pytest.approx(
        shapely.Polygon(box).distance(shapely.LineString(border))
    )


def test_a_ring_is_closed_once() -> None:
    assert closed(np.zeros((3, 2))).shape == (4, 2)
