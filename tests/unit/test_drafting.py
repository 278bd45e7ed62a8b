"""Campaigns from map files: they play, say what is missing, read every format alike, and refuse what does not fit."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from map_kit import (
    BORDER,
    HELD,
    PLACES,
    POCKET,
    ROADS,
    WINDOW,
    Point,
    country,
    feature,
    save,
)

import kursksim as ks
from kursksim.cli import beginnings, main
from kursksim.drafting.network import Way
from kursksim.drafting.scaffold import Files, Options, draft
from kursksim.drafting.ways import Link, routes_of
from kursksim.errors import KursksimError

DATE = "2025-03-01"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Path], Path]:
    """The country's files, and the folder that is made of them."""
    home = tmp_path_factory.mktemp("country")
    files = country(home / "files")
    return files, ks.scaffold(home / "made", window=WINDOW, date=DATE, **files)


# -- what comes out ------------------------------------------------------------------------------------


def test_a_campaign_from_files_plays_to_its_end(made: tuple[dict[str, Path], Path]) -> None:
    folder = made[1]
    found = ks.check(folder)
    assert [p.where for p in found] == ["parameters"] and found[0].severity == "warning"
    assert "holder_men" in found[0].what and "fill in" in found[0].what
    run = ks.run(folder, seed=1)
    daily = run.tables["daily"].columns
    assert len(daily["date"]) == 60 and str(daily["date"][0]) == DATE
    assert 0 < daily["held_km2"][-1] < daily["held_km2"][0]
    assert float(np.sum(run.tables["legs"].columns["trips"])) > 100


def test_the_ground_is_that_of_the_files(made: tuple[dict[str, Path], Path]) -> None:
    scenario = ks.load(made[1])
    outline = shapely.Polygon(scenario.outline, scenario.outline_rings)
    assert outline.symmetric_difference(shapely.Polygon(HELD, [POCKET])).area < 1e-9
    assert shapely.LineString(scenario.border).hausdorff_distance(shapely.LineString(BORDER)) < 0.1
    assert scenario.supply.base == "Alden" and scenario.supply.depot == "Corin"
    kept = {p.id: (p.lon, p.lat) for p in scenario.places if not p.id.startswith("Border")}
    assert kept == {name: at for name, (at, _) in PLACES.items()}


def test_legs_have_the_length_of_the_roads(made: tuple[dict[str, Path], Path]) -> None:
    scenario, geod = ks.load(made[1]), pyproj.Geod(ellps="WGS84")
    legs = {g.id: g for g in scenario.legs}
    main_km = np.sum([legs[i].length_km for i in scenario.routes[0].legs])
    straight = geod.inv(*PLACES["Alden"][0], *PLACES["Corin"][0])[2] / 1000
    assert main_km == pytest.approx(straight, rel=0.005), "the main road is straight"
    for line in scenario.lines:
        km = geod.line_length(*zip(*line.points, strict=True)) / 1000
        assert legs[line.id].length_km == pytest.approx(km, rel=0.005)
        assert legs[line.id].low_km < legs[line.id].length_km < legs[line.id].high_km


def test_tags_say_what_is_paved_and_where_bridges_are(made: tuple[dict[str, Path], Path]) -> None:
    legs = ks.load(made[1]).legs
    ends = {frozenset((g.from_place, g.to_place)): g for g in legs}
    assert not ends[frozenset(("Corin", "Dell"))].paved, "gravel"
    assert ends[frozenset(("Corin", "Eller"))].paved, "tertiary"
    assert [g.crossing for g in legs if g.crossing] == ["Long bridge"]
    assert all(g.name == "M1" for g in legs if g.crossing)


def test_the_preview_and_the_sources_are_there(made: tuple[dict[str, Path], Path]) -> None:
    files, folder = made
    assert (folder / "map.png").read_bytes().startswith(b"\x89PNG")
    data = (folder / "DATA.md").read_text(encoding="utf-8")
    for file in files.values():
        assert hashlib.sha256(file.read_bytes()).hexdigest() in data
    assert data.count("terms: fill in") == 4
    assert [p.name for p in folder.parent.iterdir() if p.name.startswith(".")] == []


def test_what_is_filled_in_is_no_longer_listed(
    made: tuple[dict[str, Path], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "filled"
    folder.mkdir()
    for file in made[1].iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    ledger = folder / "parameters.csv"
    ledger.write_text(ledger.read_text().replace("fill in: ", "seen to: "))
    assert ks.check(folder) == ()


# -- the same from every format ------------------------------------------------------------------------


def write(path: Path, shapes: Sequence[Any], tags: Sequence[dict[str, Any]], **how: Any) -> Path:
    """A file of GDAL's, of features with text columns; ``crs`` is the system of the file."""
    change = pyproj.Transformer.from_crs("EPSG:4326", how["crs"], always_xy=True)
    moved = [
        shapely.transform(s, lambda xy: np.column_stack(change.transform(*xy.T))) for s in shapes
    ]
    fields = sorted(set().union(*tags)) if tags else []
    columns = [np.array([str(t.get(f, "")) for t in tags], dtype=object) for f in fields]
    pyogrio.raw.write(
        path,
        np.array(shapely.to_wkb(moved), dtype=object),
        columns,
        np.array(fields),
        geometry_type=moved[0].geom_type,
        **how,
    )
    return path


def kml(folder: Path) -> dict[str, Path]:
    points = [shapely.Point(at) for at, _ in PLACES.values()]
    tags = [{"Name": name} for name in PLACES]
    return {"places": write(folder / "places.kml", points, tags, driver="KML", crs="EPSG:4326")}


def geopackage(folder: Path) -> dict[str, Path]:
    lines, tags = [shapely.LineString(line) for line, _ in ROADS], [t for _, t in ROADS]
    path = folder / "roads.gpkg"
    return {"roads": write(path, lines, tags, driver="GPKG", crs="EPSG:3857")}


def shapefile(folder: Path) -> dict[str, Path]:
    held, tags = [shapely.Polygon(HELD, [POCKET])], [{"status": "held"}]
    path = folder / "outline.shp"
    return {"outline": write(path, held, tags, driver="ESRI Shapefile", crs="EPSG:32636")}


def countries(folder: Path) -> dict[str, Path]:
    """The border as the boundary of two countries."""
    south = shapely.Polygon([*BORDER, (30.5, 49.0), (29.9, 49.0)])
    north = shapely.Polygon([*BORDER, (30.5, 51.0), (29.9, 51.0)])
    tags = [{"name": "South"}, {"name": "North"}]
    path = folder / "countries.gpkg"
    return {"border": write(path, [south, north], tags, driver="GPKG", crs="EPSG:4326")}


def topology(folder: Path) -> dict[str, Path]:
    arcs = [HELD, POCKET]
    held = {"type": "Polygon", "arcs": [[0], [1]], "properties": {"status": "held"}}
    objects = {"held": {"type": "GeometryCollection", "geometries": [held]}}
    path = folder / "outline.topojson"
    path.write_text(json.dumps({"type": "Topology", "objects": objects, "arcs": arcs}))
    return {"outline": path}


def openstreetmap(folder: Path) -> dict[str, Path]:
    nodes: dict[Point, int] = {}
    ways = []
    for number, (line, tags) in enumerate(ROADS, start=1):
        refs = [nodes.setdefault(at, len(nodes) + 1) for at in line]
        inside = [f'<nd ref="{ref}"/>' for ref in refs]
        inside += [f'<tag k="{key}" v="{value}"/>' for key, value in tags.items()]
        ways.append(f'<way id="{number}" version="1">{"".join(inside)}</way>')
    points = [
        f'<node id="{n}" lon="{lon}" lat="{lat}" version="1"/>' for (lon, lat), n in nodes.items()
    ]
    path = folder / "extract.osm"
    path.write_text(f'<osm version="0.6">{"".join([*points, *ways])}</osm>')
    return {"roads": path}


@pytest.mark.parametrize("form", [kml, geopackage, shapefile, countries, topology, openstreetmap])
def test_every_format_makes_the_same_campaign(
    form: Any, made: tuple[dict[str, Path], Path], tmp_path: Path
) -> None:
    files = country(tmp_path / "files") | form(tmp_path)
    # kinds of place go lost in a KML, so that base and depot are named
    how: Any = {"window": WINDOW, "date": DATE, "base": "Alden", "depot": "Corin"}
    one, other = ks.load(made[1]), ks.load(ks.scaffold(tmp_path / "made", **how, **files))
    assert other.routes == one.routes
    for a, b in zip(one.legs, other.legs, strict=True):
        assert (a.id, a.from_place, a.to_place, a.paved) == (
            b.id,
            b.from_place,
            b.to_place,
            b.paved,
        )
        assert a.crossing == b.crossing and abs(a.length_km - b.length_km) < 0.02
    for mine, theirs in zip(one.rings, other.rings, strict=True):
        assert shapely.Polygon(mine).symmetric_difference(shapely.Polygon(theirs)).area < 1e-6
    border = shapely.LineString(other.border)
    assert shapely.LineString(one.border).hausdorff_distance(border) < 0.05
    if form is openstreetmap:
        assert "ODbL" in (tmp_path / "made" / "DATA.md").read_text(encoding="utf-8")


# -- choices -------------------------------------------------------------------------------------------


def test_ways_are_the_shortest_by_another_library() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    names = [f"P{n}" for n in range(9)]
    graph, links = nx.Graph(), []
    for a, b in zip(*np.triu_indices(9, 1), strict=True):
        if rng.uniform() < 0.5:
            km = float(rng.uniform(1, 9))
            links.append(Link(names[a], names[b], Way(km, ((0, 0), (0, km)), ((0, km),)), True))
            graph.add_edge(names[a], names[b], km=km)
    wanted = islice(nx.shortest_simple_paths(graph, "P0", "P8", weight="km"), 20)
    found = routes_of(links, "P0", "P8", 20)
    assert [list(r.places) for r in found] == list(wanted)
    assert [r.km for r in found] == pytest.approx(
        [nx.path_weight(graph, r.places, "km") for r in found]
    )


def test_ways_axes_and_the_rest_are_chosen_by_hand(tmp_path: Path) -> None:
    seeds = [feature("Point", at, {"name": n}) for n, at in (("Left", HELD[1]), ("Tip", HELD[3]))]
    axes = save(tmp_path / "axes.geojson", seeds)
    folder = ks.scaffold(
        tmp_path / "made",
        window=WINDOW,
        date=dt.date(2025, 3, 1),
        **country(tmp_path / "files"),
        axes=axes,
        legs=(3,),
        sides=("Blue", "Red"),
        title="By hand",
        days=10,
        resolution=7,
        terms={"roads": "mine"},
    )
    made = ks.load(folder)
    assert [r.id for r in made.routes] == ["way-1"] and made.withdrawal.exits == ("Border 3",)
    assert [a.id for a in made.axes] == ["left", "tip"] and made.axes[0].place == "Dell"
    assert (made.title, made.days, made.grid.resolution) == ("By hand", 10, 7)
    assert made.sides["holder"].name == "Blue" and made.sides["attacker"].name == "Red"
    assert "terms: mine" in (folder / "DATA.md").read_text()


def test_polygons_are_chosen_and_what_is_left_out_is_told(tmp_path: Path) -> None:
    other = [(30.33, 50.1), (30.39, 50.1), (30.39, 50.2), (30.33, 50.1)]
    far = feature("Point", (33.0, 51.0), {"name": "Far"})
    none = feature("Point", (30.1, 50.1), {})
    files = country(
        tmp_path / "files",
        outline=[
            feature("Polygon", [HELD], {"status": "held"}),
            feature("Polygon", [other], {"status": "contested"}),
        ],
        places=[
            far,
            none,
            *(feature("Point", at, {"name": n, **t}) for n, (at, t) in PLACES.items()),
        ],
    )
    chosen: dict[str, Options] = {
        "inside": Options(inside=((30.2, 50.12),)),
        "where": Options(where=("status", "held")),
    }
    for name, options in chosen.items():
        made = draft(tmp_path / name, WINDOW, DATE, Files(**files), options)
        assert len(ks.load(made.folder).rings) == 1
        assert "places: 1 without a name are left out" in made.notes
        assert "places: 1 outside the window are left out: Far" in made.notes


def test_loose_ends_join_and_a_place_divides_a_road(tmp_path: Path) -> None:
    roads: list[Any] = [
        ([(30.2, 50.02), (30.2, 50.0998)], {}),  # ends 22 m short of the next
        ([(30.15, 50.1), (30.25, 50.1)], {}),
        ([(30.1999, 50.1001), (30.2, 50.14)], {}),
    ]
    listed = [feature("LineString", line, tags) for line, tags in roads]
    folder = ks.scaffold(
        tmp_path / "made", window=WINDOW, date=DATE, **country(tmp_path / "files", roads=listed)
    )
    found = ks.check(folder)
    assert [p.where for p in found] == ["parameters", "legs"], "no tag says what is paved"
    assert "whether" not in found[1].what and "R1" in found[1].what


# -- what is refused -----------------------------------------------------------------------------------


def shifted(points: Sequence[Point], east: float, north: float) -> list[Point]:
    return [(lon + east, lat + north) for lon, lat in points]


BOW = [(30.1, 50.1), (30.3, 50.2), (30.3, 50.1), (30.1, 50.2), (30.1, 50.1)]
GAP = [([(30.2, 50.02), (30.2, 50.06)], {}), ([(30.2, 50.1), (30.2, 50.14)], {})]
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "empty layer": ({"outline": []}, ("outline.geojson", "the layer is empty")),
    "no polygon": ({"outline": [feature("LineString", BORDER, {})]}, ("outline.geojson", "holds no polygon")),
    "crossed rings": ({"outline": [feature("Polygon", [BOW], {"name": "bow"})]}, ("outline.geojson", "feature 1 ('bow')", "Self-intersection", "Fix geometries")),
    "outline elsewhere": ({"outline": [feature("Polygon", [shifted(HELD, 2, 0)], {})]}, ("outline.geojson", "feature 1", "covers nothing of the window", "it lies in 32.08")),
    "outline exchanged": ({"outline": [feature("Polygon", [[(lat, lon) for lon, lat in HELD]], {})]}, ("outline.geojson", "covers nothing", "exchange them")),
    "projection": ({"places": [feature("Point", (3361848.0, 6481000.0), {"name": "X"})]}, ("places.geojson", "feature 1 ('X')", "no degrees", "EPSG:4326")),
    "border elsewhere": ({"border": [feature("LineString", shifted(BORDER, 0, 3), {})]}, ("border.geojson", "no line of it runs through the window")),
    "border far off": ({"border": [feature("LineString", shifted(BORDER, 0, -0.06), {})]}, ("border.geojson", "stays 6.1 km off the outline", "draw one of them on")),
    "places elsewhere": ({"places": [feature("Point", (33.0, 51.0), {"name": "Far"})]}, ("places.geojson", "no place lies in the window", "feature 1 ('Far')")),
    "places without names": ({"places": [feature("Point", (30.2, 50.1), {})]}, ("places.geojson", "no point of it has a name")),
    "roads elsewhere": ({"roads": [feature("LineString", shifted(ROADS[0][0], 4, 0), {})]}, ("roads.geojson", "no road runs through the window", "feature 1")),
    "roads with a gap": ({"roads": [feature("LineString", *road) for road in GAP]}, ("roads.geojson", "no roads lead from the base 'Alden' to the depot 'Corin'", "4.45 km apart near lon 30.2000, lat 50.0600")),
    "roads over enemy ground": ({"roads": [feature("LineString", [(30.2, 50.02), (30.02, 50.1), (30.05, 50.2), (30.2, 50.14)], {})]}, ("roads.geojson", "meets ground outside the outline")),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_files_that_do_not_fit_are_refused_and_nothing_is_written(
    case: str, tmp_path: Path
) -> None:
    changed, words = REFUSED[case]
    files = country(tmp_path / "files", **changed)
    with pytest.raises(KursksimError) as error:
        ks.scaffold(
            tmp_path / "new" / "made", window=WINDOW, date=DATE, base="Alden" if "places" not in changed else "", depot="Corin" if "places" not in changed else "", **files
        )  # fmt: skip
    said = str(error.value)
    assert "\n" not in said
    for word in words:
        assert word in said
    assert [p.name for p in tmp_path.iterdir()] == ["files"]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"base": "Aldn"}, "did you mean 'Alden'?"),
        ({"window": (30.4, 50.0, 30.0, 50.2)}, "west,south,east,north"),
        ({"date": "soon"}, "soon"),
        ({"legs": (9,)}, "no way number 9"),
        ({"where": ("status", "lost")}, "known: held"),
        ({"inside": [(30.05, 50.2)]}, "no polygon holds the point 30.05,50.2"),
        ({"roads": "nowhere.osm"}, "nowhere.osm"),
    ],
)
def test_what_is_said_wrongly_is_refused(how: dict[str, Any], words: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {"window": WINDOW, "date": DATE, **country(tmp_path / "files"), **how}
    with pytest.raises(KursksimError) as error:
        ks.scaffold(tmp_path / "made", **given)
    assert words in str(error.value) and not (tmp_path / "made").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    for arguments in (["--window", "1,2,3,4"], ["--like", "two-roads"]):
        assert main(["new", str(tmp_path / "mine"), *arguments]) == 2
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]


# -- the command ---------------------------------------------------------------------------------------


def flags(files: dict[str, Path], *left_out: str) -> list[str]:
    given = {"window": ",".join(map(str, WINDOW)), "date": DATE} | {
        k: str(v) for k, v in files.items()
    }
    return [f"--{name}={value}" for name, value in given.items() if name not in left_out]


def test_the_command_writes_and_shows_the_ways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = country(tmp_path / "files")
    said = tmp_path / "said.json"
    words = ["new", str(tmp_path / "made"), *flags(files), "--legs=1,3", "--json", str(said)]
    assert main(words) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] == "taken" for line in out[1:6]] == [True, False, True, False, False]
    assert any(line.startswith("warning: parameters: ") for line in out)
    told = json.loads(said.read_text())
    assert [w["chosen"] for w in told["ways"]] == [True, False, True, False, False]
    assert main(["check", str(tmp_path / "made")]) == 0


def test_what_is_missing_is_asked_on_a_terminal_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = country(tmp_path / "files")
    words = ["new", str(tmp_path / "made"), *flags(files, "date", "roads")]
    assert main(words) == 2
    assert capsys.readouterr().err == "kursksim: --date is missing: first day, such as 2025-03-07\n"
    answers = iter([DATE, str(files["roads"]), "Blue", "Red", "2"])
    monkeypatch.setattr(beginnings, "_terminal", lambda: True)
    monkeypatch.setattr(beginnings, "prompt", lambda question, default="": next(answers))
    assert main(words) == 0 and next(answers, None) is None
    scenario = ks.load(tmp_path / "made")
    assert scenario.sides["holder"].name == "Blue" and len(scenario.routes) == 1
    assert scenario.withdrawal.exits == ("Border 2",)


def test_a_copy_is_the_same_campaign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "mine"), "--like", "two-roads"]) == 0
    assert ks.load(tmp_path / "mine").digest == ks.load("two-roads").digest
    assert main(["new", str(tmp_path / "other"), "--like", "two-raods"]) == 2
    assert "did you mean 'two-roads'?" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "other"), "--like", "two-roads", "--date", DATE]) == 2
    assert "--like and --date" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
