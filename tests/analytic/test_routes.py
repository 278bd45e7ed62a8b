"""Roads and routes against networkx: shortest ways of columns, routes that lead to the depot, legs that must be cut.

Columns take the shortest usable way out, by an algorithm of the simulation's own; convoys keep to the routes of the
scenario. Both are laid beside the same legs as a ``networkx.MultiGraph``, with legs cut at random.
"""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

import kursksim as ks
from kursksim.engine.dispatch import routes_open
from kursksim.engine.engine import Engine
from kursksim.scenario.schema import Leg, Scenario
from kursksim.terrain.roads import graph, road_net

SCENARIOS = ["two-roads", "december-march"]
DRAWS = 150
TWO_ROADS = ks.load("two-roads")


def without(whole: nx.MultiGraph, cut: set[str]) -> nx.MultiGraph:
    """The graph without some legs; its places stay."""
    left = whole.copy()
    left.remove_edges_from([edge for edge in whole.edges(keys=True) if edge[2] in cut])
    return left


def walk(legs: dict[str, Leg], start: str, way: tuple[str, ...]) -> str:
    """The place at which one comes out who drives legs one after the other, each from the end of the one before."""
    at = start
    for g in way:
        assert at in (legs[g].from_place, legs[g].to_place)
        at = legs[g].to_place if at == legs[g].from_place else legs[g].from_place
    return at


def rings(places: int, count: int, luck: np.random.Generator) -> tuple[Leg, ...]:
    """Legs between places at random: side by side, in circles, in parts that do not hang together."""
    leg, found = TWO_ROADS.legs[0], []
    for k in range(count):
        a, b = luck.choice(places, 2, replace=False).tolist()
        km = float(luck.integers(1, 12))  # whole numbers, so that there are ties
        found.append(
            leg.model_copy(
                update={"id": f"L{k}", "from_place": f"P{a}", "to_place": f"P{b}", "length_km": km}
            )
        )
    return tuple(found)


@pytest.mark.parametrize("name", [*SCENARIOS, "at random"])
def test_the_way_of_a_column_is_the_shortest(name: str) -> None:
    """From any place to the nearest of some goals, over what is not cut; no way exactly where there is none."""
    luck = np.random.Generator(np.random.PCG64(1))
    given, found, lost = () if name == "at random" else ks.load(name).legs, 0, 0
    for _ in range(DRAWS):
        legs = given or rings(9, 14, luck)
        whole, by_id = graph(legs), {leg.id: leg for leg in legs}
        places = sorted(whole)
        cut = {leg.id for leg in legs if luck.random() < 0.4}
        start = places[luck.integers(len(places))]
        goals = set(luck.choice(places, min(2, len(places)), replace=False).tolist())
        way = road_net(legs).path(start, goals, lambda g, cut=cut: g not in cut)
        far = nx.multi_source_dijkstra_path_length(without(whole, cut), goals, weight="length_km")
        if start not in far:
            lost += 1
            assert way is None
            continue
        found += 1
        assert way is not None
        assert not cut.intersection(way)
        assert walk(by_id, start, way) in goals
        assert sum(by_id[g].length_km for g in way) == pytest.approx(far[start])
    assert found > DRAWS / 4
    assert lost > DRAWS / 20


def union(scenario: Scenario) -> nx.MultiGraph:
    """The legs that supply routes use, as a graph."""
    used = {g for route in scenario.routes for g in route.legs}
    return graph([leg for leg in scenario.legs if leg.id in used])


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_route_is_a_simple_way_from_base_to_depot(name: str) -> None:
    scenario = ks.load(name)
    whole, by_id = graph(scenario.legs), {leg.id: leg for leg in scenario.legs}
    base, depot = scenario.supply.base, scenario.supply.depot
    for route in scenario.routes:
        stops = [walk(by_id, base, route.legs[:k]) for k in range(len(route.legs) + 1)]
        assert stops[-1] == depot
        assert nx.is_simple_path(whole, stops)
        assert all(
            by_id[g].from_place == a for g, (a, _) in zip(route.legs, pairwise(stops), strict=True)
        )


@pytest.mark.parametrize("name", SCENARIOS)
def test_routes_are_open_where_networkx_finds_a_way(name: str) -> None:
    """Legs cut at random. A route alone is open exactly if its own legs still join base and depot; if all routes are
    shut, so much is cut that a minimum cut of them allows it; and a minimum cut shuts them all.
    """
    scenario = ks.load(name)
    world = Engine(scenario, seed=1).world
    base, depot, luck = (
        scenario.supply.base,
        world.stores.place,
        np.random.Generator(np.random.PCG64(1)),
    )
    roads, simple = union(scenario), nx.Graph()
    for a, b, _ in roads.edges(keys=True):
        simple.add_edge(a, b, capacity=roads.number_of_edges(a, b))
    least, sides = nx.minimum_cut(simple, base, depot)
    used = sorted(g for _, _, g in roads.edges(keys=True))
    shut = 0

    def open_without(gone: set[str]) -> set[str]:
        for leg in world.legs.values():
            leg.usable = leg.id not in gone
        return set(routes_open(world))

    for _ in range(DRAWS):
        gone = {g for g in used if luck.random() < 0.2}
        opened = open_without(gone)
        for route in scenario.routes:
            own = graph([leg for leg in scenario.legs if leg.id in route.legs])
            assert (route.id in opened) == nx.has_path(without(own, gone), base, depot)
        if not opened:
            shut += 1
            assert len(gone) >= least
    assert 0 < shut < DRAWS
    assert not open_without(
        {g for a, b, g in roads.edges(keys=True) if (a in sides[0]) != (b in sides[0])}
    )
