"""Outline and border from GeoJSON, against shapely: rings and holes, the choice, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenario_kit import errors, key, write
from shapely.geometry import MultiPolygon, Point, Polygon, shape

import kursksim as ks
from kursksim.scenario.reader import read
from kursksim.scenario.rings import Window, area_km2, crossing, cut, holds, inner_point
from kursksim.studies.checking import ground
from kursksim.terrain.hexmap import terrain_of

BOX = [[0.1, 0.03], [0.25, 0.03], [0.25, 0.17], [0.1, 0.17], [0.1, 0.03]]
HOLE = [[0.17, 0.11], [0.2, 0.11], [0.2, 0.14], [0.17, 0.14], [0.17, 0.11]]
PART = [[0.26, 0.05], [0.29, 0.05], [0.29, 0.15], [0.26, 0.15], [0.26, 0.05]]
LINE = [[0.1, -0.1], [0.1, 0.1], [0.1, 0.4]]


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def kit(folder: Path, table: str, doc: Any, entry: Any = "drawn.geojson") -> Path:
    """The kit with one of its shapes from a GeoJSON file."""

    def change(top: dict[str, Any], tables: dict[str, Any]) -> None:
        del tables[table]
        top["tables"] = {table: entry}

    write(folder, change)
    text = doc if isinstance(doc, str) else json.dumps(doc)
    (folder / "drawn.geojson").write_text(text, encoding="utf-8")
    return folder


def said(folder: Path) -> str:
    (problem,) = errors(folder)
    line = str(problem)
    assert line.startswith("drawn.geojson") and "\n" not in line
    return line


def held(folder: Path) -> MultiPolygon:
    """The outline of a scenario as shapely understands rings of which an odd number means inside."""
    found: Any = Polygon()
    for ring in ks.load(folder).rings:
        found = found.symmetric_difference(Polygon(ring))
    return found


def test_the_same_outline_is_the_same_campaign(tmp_path: Path) -> None:
    plain = ks.load(write(tmp_path / "csv"))
    drawn = ks.load(kit(tmp_path / "drawn", "outline", collection(feature("Polygon", [BOX]))))
    assert drawn.digest == plain.digest and drawn.spatial_digest == plain.spatial_digest


def test_heights_and_closing_vertices_are_dropped(tmp_path: Path) -> None:
    high = [[*point, 170.5] for point in BOX for _ in (1, 2)]  # each vertex twice, too
    made = ks.load(kit(tmp_path / "kit", "outline", feature("Polygon", [high])))
    assert made.outline == tuple((lon, lat) for lon, lat in BOX[:-1])


def test_rings_and_holes_hold_the_ground_that_shapely_finds(tmp_path: Path) -> None:
    doc = collection(feature("MultiPolygon", [[BOX, HOLE], [PART]]))
    folder = kit(tmp_path / "kit", "outline", doc)
    wanted = shape(doc["features"][0]["geometry"])
    assert held(folder).equals(wanted)
    terrain, scenario = terrain_of(ks.load(folder)), ks.load(folder)
    assert terrain.plane is not None
    centres = terrain.plane.lonlat(terrain.xy_km)
    inside = np.array([wanted.contains(Point(*at)) for at in centres])
    hole = np.array([Polygon(HOLE).contains(Point(*at)) for at in centres])
    assert hole.any() and not terrain.held_0[hole].any()
    assert terrain.held_0[inside].all()
    assert len(scenario.outline_rings) == 2
    measured = ground(folder)
    assert measured is not None and measured.cells == inside.sum()
    km2 = wanted.area * 111.195**2 * np.cos(np.radians(0.1))
    assert measured.drawn_km2 == pytest.approx(km2, rel=1e-9)


def test_further_rings_move_the_digests_and_none_leaves_them(tmp_path: Path) -> None:
    one = ks.load(kit(tmp_path / "one", "outline", feature("Polygon", [BOX])))
    two = ks.load(kit(tmp_path / "two", "outline", feature("Polygon", [BOX, HOLE])))
    assert one.digest != two.digest and one.spatial_digest != two.spatial_digest


@pytest.mark.parametrize(
    ("choice", "rings"),
    [
        ({"inside": [0.27, 0.1]}, [PART]),
        ({"inside": [[0.12, 0.1], [0.27, 0.1]]}, [BOX, PART]),
        ({"property": "status", "value": "held"}, [BOX]),
        ({"property": "code", "value": 2}, [PART]),
        ({"property": "code", "value": "2"}, [PART]),
    ],
)
def test_a_point_or_a_property_chooses(
    tmp_path: Path, choice: dict[str, Any], rings: list[Any]
) -> None:
    doc = collection(
        feature("Polygon", [BOX], status="held", code=1),
        feature("Polygon", [PART], status="contested", code=2),
    )
    folder = kit(tmp_path / "kit", "outline", doc, {"file": "drawn.geojson", **choice})
    scenario, problems = read(folder)
    assert scenario is not None, problems
    assert [list(map(list, ring)) for ring in scenario.rings] == [ring[:-1] for ring in rings]


def test_a_border_is_joined_of_its_pieces_in_any_order(tmp_path: Path) -> None:
    doc = collection(feature("MultiLineString", [LINE[1:][::-1], LINE[:2]]))
    border = ks.load(kit(tmp_path / "kit", "border", doc)).border
    assert sorted(border) == sorted(map(tuple, LINE)) and border[1] == tuple(LINE[1])


def test_what_is_no_polygon_is_said_to_be_left_out(tmp_path: Path) -> None:
    doc = collection(feature("Point", [0.1, 0.1]), feature("Polygon", [BOX]))
    _, problems = read(kit(tmp_path / "kit", "outline", doc))
    assert [str(p) for p in problems] == [
        "drawn.geojson: 1 feature with no polygon: not read",
    ]
    inner = [[0.12, 0.05], [0.14, 0.05], [0.14, 0.07], [0.12, 0.05]]
    doc = collection(feature("Polygon", [inner]), feature("Polygon", [BOX], name="whole"))
    scenario, problems = read(kit(tmp_path / "nested", "outline", doc))
    assert scenario is not None and len(scenario.rings) == 1
    assert "feature 1 lies within feature 2 ('whole')" in str(problems[0])


BOW = [[0.1, 0.03], [0.25, 0.17], [0.25, 0.03], [0.1, 0.17], [0.1, 0.03]]
METRES = [[x * 1e6, y * 1e6] for x, y in BOX]
TURNED = [[y + 0.5, x] for x, y in BOX]
REFUSED: dict[str, tuple[str, Any, tuple[str, ...]]] = {
    "bow tie": ("outline", feature("Polygon", [BOW]), ("feature 1: its ring crosses itself near lon 0.1750, lat 0.1000", "Fix geometries")),
    "hole across": ("outline", feature("Polygon", [BOX, PART, [[0.2, 0.1], [0.28, 0.1], [0.28, 0.12], [0.2, 0.1]]]), ("two of its rings cross",)),
    "overlap": ("outline", collection(feature("Polygon", [BOX], name="a"), feature("Polygon", [[[0.2, 0.1], [0.28, 0.1], [0.28, 0.12], [0.2, 0.1]]])), ("feature 1 ('a') and feature 2 overlap near", "by a property")),
    "projection": ("outline", feature("Polygon", [METRES]), ("[100000, 30000] is no degrees", "EPSG:4326")),
    "named system": ("outline", collection(feature("Polygon", [BOX]), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}), ("EPSG::3857", "ogr2ogr -t_srs EPSG:4326")),
    "far lat": ("outline", feature("Polygon", [[[10, 120], [11, 120], [11, 121], [10, 120]]]), ("[10, 120] is [latitude, longitude]", "exchange the two")),
    "empty layer": ("outline", collection(), ("holds no feature: the layer is empty",)),
    "lines for polygons": ("outline", feature("LineString", LINE), ("holds no polygon",)),
    "polygons for a line": ("border", feature("Polygon", [BOX]), ("holds no line", "`kursksim new` cuts it out")),
    "apart": ("border", feature("MultiLineString", [LINE, [[0.2, 0], [0.3, 0]]]), ("do not join up: 2 pieces", "lon 0.1000, lat 0.4000")),
    "ring": ("border", feature("LineString", BOX), ("its line is a ring",)),
    "elsewhere": ("outline", feature("Polygon", [[[5, 1], [6, 1], [6, 2], [5, 1]]]), ("outline: covers nothing of the window",)),
    "topology": ("outline", {"type": "Topology", "objects": {}, "arcs": []}, ("is TopoJSON",)),
    "no type": ("outline", {"features": []}, ("'type' is missing",)),
    "no JSON": ("outline", "{", ("no JSON at line 1",)),
    "text for numbers": ("outline", feature("Polygon", [[["a", "b"], [1, 2]]]), ("must be [lon, lat]",)),
    "spike": ("outline", feature("Polygon", [[[0.1, 0.1], [0.2, 0.1], [0.1, 0.1]]]), ("without any area",)),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_file_is_refused_in_one_line(tmp_path: Path, case: str) -> None:
    table, doc, words = REFUSED[case]
    line = said(kit(tmp_path / "kit", table, doc))
    for word in words:
        assert word in line


def test_exchanged_coordinates_are_recognised_by_the_window_and_by_the_point(
    tmp_path: Path,
) -> None:
    def away(top: dict[str, Any], tables: dict[str, Any]) -> None:
        for row in (*tables["places"], *tables["axes"], *tables["border"]):
            row["lat"] += 40
        for table in ("lines", "areas"):
            for row in tables[table]:
                row["lat"] += 40
        top["grid"] |= {"south": 40.0, "north": 40.2}
        del tables["outline"]
        top["tables"] = {"outline": "drawn.geojson"}

    turned = [[lat + 40, lon] for lon, lat in BOX]
    folder = write(tmp_path / "kit", away)
    (folder / "drawn.geojson").write_text(json.dumps(feature("Polygon", [turned])))
    assert "with lat and lon exchanged" in said(folder)
    entry = {"file": "drawn.geojson", "inside": [0.12, 40.1]}
    folder = kit(tmp_path / "point", "outline", feature("Polygon", [turned]), entry)
    assert "no polygon holds the point [0.12, 40.1]; GeoJSON has [longitude" in said(folder)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"file": "drawn.geojson", "insde": [1, 2]}, "unknown key 'insde'; known: file, inside"),
        ({"file": "drawn.geojson", "inside": [1, 2, 3]}, "must be [lon, lat]"),
        ({"file": "drawn.geojson", "property": "status"}, "property and value go together"),
        ({"file": "drawn.shp"}, "must be the name of a .geojson file"),
        ({"inside": [1, 2]}, "must be the name of a .geojson file"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    (problem,) = errors(kit(tmp_path / "kit", "outline", feature("Polygon", [BOX]), entry))
    assert problem.where.startswith("scenario.toml line") and words in problem.what


def test_a_wrong_choice_names_what_there_is(tmp_path: Path) -> None:
    doc = feature("Polygon", [BOX], status="held")
    for choice, words in (
        ({"property": "stats", "value": "held"}, "did you mean 'status'?"),
        ({"property": "status", "value": "hold"}, "did you mean 'held'?"),
        ({"inside": [1, 1]}, "no polygon holds the point [1, 1]; name a point"),
    ):
        entry = {"file": "drawn.geojson", **choice}
        assert words in said(kit(tmp_path / str(len(words)), "outline", doc, entry))


def test_a_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    folder = kit(tmp_path / "kit", "outline", feature("Polygon", [BOX]), "../drawn.geojson")
    (problem,) = errors(folder)
    assert "must lie inside the scenario's folder" in problem.what


def test_a_file_that_nothing_names_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit", lambda doc, tables: tables.pop("outline"))
    (folder / "outline.geojson").write_text(json.dumps(feature("Polygon", [BOX])))
    _, problems = read(folder)
    assert 'outline.geojson: not read; name it in [tables]: outline = "outline.geojson"' in {
        str(p) for p in problems
    }
    named = write(tmp_path / "named", key("outline", "outline.geojson"))
    assert any("a file is named in [tables]" in str(p) for p in errors(named))


def test_check_prints_the_area_read_and_the_area_in_cells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from kursksim.cli import main

    folder = kit(tmp_path / "kit", "outline", feature("Polygon", [BOX, HOLE]))
    main(["check", str(folder), "--json", str(tmp_path / "said.json")])
    out = capsys.readouterr().out.splitlines()
    km2 = (0.15 * 0.14 - 0.03**2) * 111.195**2
    assert f"the outline covers {km2:.1f} km² of the window; on the map" in out[0]
    told = json.loads((tmp_path / "said.json").read_text())["ground"]
    assert told["drawn_km2"] == pytest.approx(km2, rel=1e-4)
    assert abs(told["cells_km2"] - km2) < 0.1 * km2


# -- rings, against shapely --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_rings_agree_with_shapely(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    turn = np.sort(rng.uniform(0, 2 * np.pi, 12))
    far = rng.uniform(0.2, 1, 12)
    star = list(zip(*(far * [np.cos(turn), np.sin(turn)]).tolist(), strict=True))
    hole = [(0.05 * np.cos(a), 0.05 * np.sin(a)) for a in (0, 2, 4)]
    simple = Polygon(star)
    assert (crossing([star]) is None) == simple.is_valid
    shuffled = [star[n] for n in rng.permutation(12)]
    assert (crossing([shuffled]) is None) == Polygon(shuffled).is_valid
    if not simple.is_valid or not simple.contains(Polygon(hole)):
        return
    both = Polygon(star, [hole])
    points = rng.uniform(-1, 1, (200, 2)).tolist()
    assert [holds([star, hole], tuple(p)) for p in points] == [
        both.contains(Point(*p)) for p in points
    ]
    assert both.contains(Point(*inner_point([star, hole])))
    assert area_km2([star, hole], 0) == pytest.approx(both.area * 111.195**2)
    box = Window(-0.3, -0.2, 0.4, 0.5)
    from shapely.geometry import box as rectangle

    assert area_km2([cut(star, box)], 0) == pytest.approx(
        simple.intersection(rectangle(*box)).area * 111.195**2
    )


def test_parts_that_share_an_edge_do_not_cross() -> None:
    east = [(0.25, 0.03), (0.4, 0.03), (0.4, 0.17), (0.25, 0.17)]
    west = [tuple(p) for p in BOX[:-1]]
    assert crossing([west, east]) is None
    island = [tuple(p) for p in HOLE[:-1]]
    whole = area_km2([west], 0)
    assert area_km2([west, island, island], 0) == pytest.approx(whole), "the island fills the hole"
