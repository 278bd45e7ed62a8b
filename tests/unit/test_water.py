"""Water: nobody holds it, no front and no way runs over it, and a road bridges it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import h3
import networkx as nx
import numpy as np
import pytest
import scenario_kit as kit
from matplotlib.colors import to_hex
from PIL import Image

import kursksim as ks
from kursksim import plot
from kursksim.engine.campaign import play
from kursksim.engine.chain import chain_of
from kursksim.engine.engine import Engine
from kursksim.play.envs import rendering
from kursksim.play.game import Game
from kursksim.play.terminal.map import picture
from kursksim.plot import layers
from kursksim.plot.hexes import edges
from kursksim.scenario.schema import Area, Line, Scenario
from kursksim.sheets.map import map_pages
from kursksim.terrain.hexmap import HexMap, build, terrain_of

ASSUMED: dict[str, Any] = {"source": "none", "status": "assumed"}
ACROSS = ((-0.01, 0.0665), (0.08, 0.0675), (0.17, 0.0665))
"""A course from rim to rim, between the crossings and the town of the small campaign."""
STRIP = ((-0.01, 0.06), (0.17, 0.06), (0.17, 0.0745), (-0.01, 0.0745))


def changed(**fields: Any) -> Scenario:
    base = ks.load("two-roads")
    own = {name: getattr(base, name) for name in Scenario.model_fields}
    return Scenario(**own | fields)


def river(width_km: float, points: Any = ACROSS) -> Scenario:
    line = Line(id="Stream", kind="river", points=points, width_km=width_km, **ASSUMED)
    return changed(lines=(line,))


def lake(points: Any = STRIP) -> Scenario:
    return changed(areas=(Area(id="Lake", kind="water", points=points, **ASSUMED),))


WET = {"a wide river": river(1.6), "a lake": lake()}


def steps(terrain: HexMap) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(terrain.cells)))
    rows, columns = (terrain.neighbours >= 0).nonzero()
    graph.add_edges_from(
        zip(rows.tolist(), terrain.neighbours[rows, columns].tolist(), strict=True)
    )
    return graph


def bridged(terrain: HexMap) -> set[tuple[int, int]]:
    """Steps between cells that do not touch on the globe."""
    cells = terrain.cells
    return {(a, b) for a, b in steps(terrain).edges if h3.grid_distance(cells[a], cells[b]) > 1}


@pytest.mark.parametrize("scenario", WET.values(), ids=WET)
def test_water_is_no_cell_and_the_rest_is_as_it_was(scenario: Scenario) -> None:
    dry, wet = terrain_of(ks.load("two-roads")), terrain_of(scenario)
    assert wet.water.cells
    assert not set(wet.cells) & set(wet.water.cells)
    assert sorted(wet.cells + wet.water.cells) == sorted(dry.cells)
    area = dict(zip(dry.cells, dry.area_km2.tolist(), strict=True))
    assert [area[c] for c in wet.cells] == wet.area_km2.tolist()
    held = {c for c, own, out in zip(dry.cells, dry.held_0, dry.beyond, strict=True) if own and out}
    lost = sum(area[c] for c in wet.water.cells if c in held)
    assert wet.held_area_0_km2 == pytest.approx(dry.held_area_0_km2 - lost)
    assert lost > 1


@pytest.mark.parametrize("scenario", WET.values(), ids=WET)
def test_only_the_two_roads_lead_over_it(scenario: Scenario) -> None:
    terrain = terrain_of(scenario)
    over = bridged(terrain)
    assert len(over) == 2
    graph = steps(terrain)
    assert nx.number_connected_components(graph) == 1
    graph.remove_edges_from(over)
    assert nx.number_connected_components(graph) == 2
    north = terrain.xy_km[:, 1] > terrain.water.xy_km[:, 1].mean()
    assert all(north[a] != north[b] for a, b in over)
    for a, b in over:  # and an attack over a bridge is one over a river
        assert terrain.river[a][list(terrain.neighbours[a]).index(b)]


def test_a_narrow_river_with_a_width_lets_nobody_through_either() -> None:
    terrain, open_ = terrain_of(river(0.001)), terrain_of(river(0.0))
    assert not terrain.water.cells
    assert terrain.cells == open_.cells
    north = terrain.xy_km[:, 1] > np.interp(terrain.xy_km[:, 0], *_course(terrain))
    cut = {(a, b) for a, b in steps(open_).edges if north[a] != north[b]}
    kept = {(a, b) for a, b in steps(terrain).edges if north[a] != north[b]}
    assert len(cut) > 20
    assert len(kept) == 2
    assert {tuple(sorted(two)) for two in cut} >= set(terrain.water.parts)
    assert open_.river.any()


def _course(terrain: HexMap) -> Any:
    assert terrain.plane is not None
    return terrain.plane.xy(np.array(ACROSS)).T


def test_ways_out_lead_over_the_bridges() -> None:
    terrain = terrain_of(WET["a lake"])
    eve = terrain.eve.holding
    town = terrain.place_cell["Hill"]
    assert not eve.closed
    graph = steps(terrain).subgraph(c for c, own in enumerate(eve.held) if own)
    far = min(nx.shortest_path_length(graph, town, exit_) for exit_ in terrain.exits.tolist())
    assert eve.exit_km[town] == pytest.approx(far * terrain.pitch_km)


def test_an_islet_without_a_road_belongs_to_the_enemy_and_has_no_front() -> None:
    ring = ((0.105, 0.09), (0.13, 0.09), (0.13, 0.125), (0.105, 0.125))
    hole = ((0.112, 0.099), (0.123, 0.099), (0.123, 0.114), (0.112, 0.114))
    moat = (*ring, ring[0], hole[0], *reversed(hole[1:]), hole[0], ring[0])
    made = lake(tuple((x + n * 1e-6, y) for n, (x, y) in enumerate(moat)))
    terrain = build(made)
    alone = [c for c, row in enumerate(terrain.neighbours) if (row < 0).all()]
    for part in nx.connected_components(steps(terrain)):
        if len(part) < 10:
            alone += part
    assert alone
    assert not terrain.held_0[alone].any()
    assert not any(terrain.eve.holding.enemies[c] for c in alone)


@pytest.mark.parametrize("scenario", WET.values(), ids=WET)
def test_a_campaign_with_water_is_played_saved_and_read_again(
    scenario: Scenario, tmp_path: Path
) -> None:
    run = play(scenario, seed=7)
    assert not set(run.cells) & set(terrain_of(scenario).water.cells)
    assert run.daily["held_km2"][0] < terrain_of(scenario).held_area_0_km2 + 1e-9
    assert {terrain_of(scenario).cells[c] for _, c, _, _ in run.changes} <= set(run.cells)
    run.save(tmp_path / "run")
    again = ks.load_run(tmp_path / "run")
    assert (again.cells, again.changes) == (run.cells, run.changes)
    rows = chain_of(Engine(scenario).world).solve(5, daily=True)  # the same map in the mean field
    assert rows["held_km2"][0] == pytest.approx(run.daily["held_km2"][0], rel=0.05)


def test_the_far_bank_falls_over_the_bridge_alone() -> None:
    """Whatever is taken beyond the water was reached over land or over a bridge that is taken."""
    scenario = WET["a wide river"]
    run, terrain = play(scenario, seed=7, policy={"holder": "never"}), terrain_of(scenario)
    theirs = {c for c, own in enumerate(terrain.held_0.tolist()) if not own}
    assert run.changes
    for _, cell, held, _ in run.changes:
        if not held:
            assert theirs & set(terrain.neighbours[cell].tolist())
            theirs.add(cell)


def test_pictures_show_water_in_its_own_colour(tmp_path: Path) -> None:
    scenario = WET["a wide river"]
    run = play(scenario, seed=7, last_day=3)
    ax = plot.map(run, run.scenario.date(2))
    drawn = [c for c in ax.collections if c.get_gid() == "water"]
    assert len(drawn) == 1
    assert len(drawn[0].get_paths()) > 5
    assert to_hex(drawn[0].get_facecolor()[0]).upper() == layers.WATER
    assert layers.WATER not in layers.FILLS.values()
    legend = ax.get_legend()
    assert legend is not None
    assert "water" in [t.get_text() for t in legend.get_texts()]
    dry = plot.map(play(ks.load("two-roads"), seed=7, last_day=1), run.scenario.date(1))
    assert not [c for c in dry.collections if c.get_gid() == "water"]
    with Image.open(plot.animate(run, tmp_path / "run.gif", width_px=400)) as moving:
        shown = np.array(moving.convert("RGB"))
    assert (shown == np.array(to_rgb_bytes(layers.WATER))).all(-1).sum() > 100


def to_rgb_bytes(colour: str) -> list[int]:
    return list(bytes.fromhex(colour[1:]))


def test_the_front_is_not_drawn_over_a_narrow_river() -> None:
    terrain, open_ = terrain_of(river(0.001)), terrain_of(river(0.0))
    held = terrain.xy_km[:, 1] > np.interp(terrain.xy_km[:, 0], *_course(terrain))
    assert len(edges(open_, held)) > 20
    assert len(edges(terrain, held)) == 2


def test_the_page_of_a_run_shows_water_and_parted_banks(tmp_path: Path) -> None:
    run = play(river(0.9), seed=7, last_day=2)
    text = ks.replay_page(run, tmp_path / "page.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    (ground,) = json.loads(found[1])["grounds"]
    assert len(ground["water"]) > 5
    assert all(0 <= a < b < len(ground["cells"]) for a, b in ground["parted"])
    rule = re.search(r"^\.water {(.*?)}", text, re.MULTILINE)
    assert rule
    assert layers.WATER in rule[1]


def test_printed_sheets_and_rendered_games_show_water() -> None:
    scenario = WET["a wide river"]
    figures = map_pages(scenario, "foot")
    gids = [c.get_gid() for f in figures for ax in f.axes for c in ax.collections]
    assert gids.count("water") == 1
    pixels = rendering.picture(Game(scenario, seed=7))
    assert (pixels == np.array(to_rgb_bytes(layers.WATER))).all(-1).sum() > 1000


def test_a_game_shows_water() -> None:
    tiles = picture(Game(WET["a wide river"], seed=7))
    wet = [tile for row in tiles for tile in row if tile.ground == "water"]
    assert len(wet) > 10
    assert {tile.glyph for tile in wet if tile.kind == "water"} == {"~"}


def folder(tmp_path: Path, more: str) -> Path:
    made = tmp_path / "wet"
    shutil.copytree(kit_folder(), made)
    text = (made / "scenario.toml").read_text(encoding="utf-8")
    (made / "scenario.toml").write_text(text + more, encoding="utf-8")
    return made


def kit_folder() -> Path:
    return Path(ks.load("two-roads").folder)


def test_a_lake_between_hexagons_is_said(tmp_path: Path) -> None:
    pond = "points = [[0.0801, 0.0801], [0.0802, 0.0801], [0.0802, 0.0802]]"
    made = folder(tmp_path, f'\n[[areas]]\nid = "Pond"\nkind = "water"\n{pond}\n')
    said = [p.what for p in ks.check(made)]
    assert any("holds the centre of no hexagon" in text for text in said)


def test_water_over_everything_is_refused(tmp_path: Path) -> None:
    ring = "points = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]"
    made = folder(tmp_path, f'\n[[areas]]\nid = "Sea"\nkind = "water"\n{ring}\n')
    with pytest.raises(ks.ScenarioError, match="covers every cell"):
        ks.run(made, seed=7)


def test_widths_are_read_from_csv(tmp_path: Path) -> None:
    def wide(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        for row in tables["lines"]:
            if row["id"] == "Brook":
                row["width_km"] = 0.4 if row["vertex"] == 0 else ""

    made = ks.load(kit.write(tmp_path / "wide", wide))
    assert {line.id: line.width_km for line in made.lines} == {"A1": 0.0, "Brook": 0.4}


@pytest.mark.parametrize(
    ("ident", "widths", "said"),
    [("Brook", (0.4, 0.5), "differ in width_km"), ("A1", (0.4, 0.4), "leave it out for a road")],
)
def test_widths_that_make_no_sense(
    ident: str, widths: tuple[float, float], said: str, tmp_path: Path
) -> None:
    def wide(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        for row in tables["lines"]:
            if row["id"] == ident:
                row["width_km"] = widths[row["vertex"]]

    found = kit.errors(kit.write(tmp_path / "wide", wide))
    assert [p for p in found if said in p.what]


def test_a_river_without_a_width_keeps_its_digest() -> None:
    assert river(0.0).digest != river(0.3).digest
    assert river(0.0).spatial_digest != river(0.3).spatial_digest
    shown = river(0.0).model_dump(mode="json")
    assert shown["lines"][0]["width_km"] == 0.0
