"""Runs and ensembles in the forms of other programs, each opened by a reader that is not ours."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import shape

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.exchange import FORMATS, export
from kursksim.terrain.hexmap import terrain_of

FOLDERS = ("csv", "parquet", "rocrate", "vidigi")


@pytest.fixture(scope="module")
def run() -> ks.Run:
    """A run in which much ground falls, with its events."""
    return ks.run("two-roads", seed=7, record="full")


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> ks.Ensemble:
    """A short ensemble in a store."""
    path = tmp_path_factory.mktemp("store") / "ensemble.sqlite"
    ks.ensemble("two-roads", replications=3, seed=2, until="2025-01-06", store=path)
    return ks.load_ensemble(path)


def of(made: dict[str, Any], layer: str) -> list[dict[str, Any]]:
    return [f for f in made["features"] if f["properties"]["layer"] == layer]


def named(format: str, folder: Path) -> Path:
    return folder / (format if format in FOLDERS else f"run.{format}")


# -- GeoJSON ---------------------------------------------------------------------------------------


def test_spells_of_cells_are_the_control_of_every_day(run: ks.Run) -> None:
    cells = [f["properties"] for f in of(run.to_geojson(), "cells")]
    assert len(cells) > len(run.cells)  # some changed hands
    for day in run.played:
        at = dt.datetime.combine(run.scenario.date(day), dt.time()).isoformat()
        shown = {c["hex_id"]: c["owner"] for c in cells if c["begin_date"] <= at < c["end_date"]}
        assert shown == run.control(at[:10])


def test_one_evening_is_that_of_the_run(run: ks.Run) -> None:
    made = run.to_geojson("2025-01-10")
    shown = {f["properties"]["hex_id"]: f["properties"]["owner"] for f in of(made, "cells")}
    assert shown == run.control("2025-01-10")
    spans = {(f["properties"]["begin_date"], f["properties"]["end_date"]) for f in made["features"]}
    assert spans == {("2025-01-10T00:00:00", "2025-01-11T00:00:00")}
    assert len(of(made, "roads")) == len(run.scenario.legs)
    with pytest.raises(BadUse, match="outside this run"):
        run.to_geojson("2025-02-10")


def test_cells_are_those_of_h3_and_hold_the_area_of_the_run(run: ks.Run) -> None:
    import h3

    date = "2025-01-15"
    features = of(run.to_geojson(date), "cells")
    terrain = terrain_of(run.scenario)
    beyond = dict(zip(run.cells, terrain.beyond.tolist(), strict=True))
    held = 0.0
    for feature in features:
        about, polygon = feature["properties"], shape(feature["geometry"])
        assert polygon.is_valid
        assert h3.latlng_to_cell(about["latitude"], about["longitude"], 8) == about["hex_id"]
        assert polygon.contains(shapely.Point(about["longitude"], about["latitude"]))
        assert about["area_km2"] == pytest.approx(h3.cell_area(about["hex_id"], "km^2"), abs=1e-6)
        if about["owner"] == "holder" and beyond[about["hex_id"]]:
            held += about["area_km2"]
    day = run.played.index(run.day(date))
    assert held == pytest.approx(run.daily["held_km2"][day], abs=1e-3)


def test_the_front_is_the_edge_between_the_owners(run: ks.Run) -> None:
    """An oracle from outside: what two unions of hexagons have in common."""
    made = run.to_geojson("2025-01-15")
    beyond = dict(zip(run.cells, terrain_of(run.scenario).beyond.tolist(), strict=True))
    held, lost = [], []
    for feature in of(made, "cells"):
        mine = feature["properties"]["owner"] == "holder"
        if mine or beyond[feature["properties"]["hex_id"]]:  # no attacker across the border here
            (
                held if mine and beyond[feature["properties"]["hex_id"]] else [] if mine else lost
            ).append(shape(feature["geometry"]))
    common = shapely.union_all(held).boundary.intersection(shapely.union_all(lost).buffer(2e-6))
    (front,) = of(made, "front")
    line = shape(front["geometry"])
    assert line.length == pytest.approx(common.length, rel=0.01)
    assert line.hausdorff_distance(common) < 1e-5
    parts = front["geometry"]["coordinates"]
    assert len(parts) < 10  # joined end to end, not edge by edge
    assert front["properties"]["held_km2"] == run.daily["held_km2"][run.day("2025-01-15")]


def test_roads_have_the_losses_of_the_legs(run: ks.Run) -> None:
    roads = pd.DataFrame([f["properties"] for f in of(run.to_geojson(), "roads")])
    lost = run.legs.groupby("leg")["lost"].sum()
    assert roads.groupby("leg")["lost"].sum().to_dict() == lost.to_dict()
    assert roads.groupby("leg")["lost_so_far"].max().to_dict() == lost.to_dict()
    assert lost.sum() > 0
    one = of(run.to_geojson("2025-01-10"), "roads")[0]["properties"]
    assert (
        one["lost_so_far"]
        == run.legs[(run.legs["leg"] == one["leg"]) & (run.legs["date"] <= "2025-01-10")][
            "lost"
        ].sum()
    )


def test_a_run_on_a_map_that_was_handed_in_has_no_coordinates(run: ks.Run) -> None:
    from dataclasses import replace

    other = replace(run, provenance=replace(run.provenance, own_map=False))
    with pytest.raises(BadUse, match="no coordinates"):
        other.to_geojson()


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["geojson", "gpkg", "kml"])
def test_maps_are_read_by_gdal(format: str, run: ks.Run, tmp_path: Path) -> None:
    """QGIS reads by GDAL. It finds times by fields that begin with ``begin`` and ``end``."""
    pyogrio = pytest.importorskip("pyogrio")
    (path,) = export(run, tmp_path / f"run.{format}", format=format)
    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    wanted = run.to_geojson()
    assert layers == ([run.scenario.id] if format == "geojson" else ["cells", "roads", "front"])
    seen = 0
    for layer in layers:
        meta, _, shapes, columns = pyogrio.raw.read(path, layer=layer)
        assert "4326" in meta["crs"]
        geometry = shapely.from_wkb(shapes)
        assert shapely.is_valid(geometry).all()
        assert not shapely.is_empty(geometry).any()
        seen += len(geometry)
        fields = dict(zip(meta["fields"].tolist(), columns, strict=True))
        if format == "kml":  # GDAL reads the span of time as begin and end
            continue
        assert fields["begin_date"].dtype.kind == fields["end_date"].dtype.kind == "M"
        assert (fields["begin_date"] < fields["end_date"]).all()
        last = np.datetime64(run.provenance.until) + np.timedelta64(1, "D")
        assert fields["end_date"].max() == last
        if "hex_id" in fields:
            owners = {(h, o) for h, o in zip(fields["hex_id"], fields["owner"], strict=True) if h}
            assert owners == {
                (f["properties"]["hex_id"], f["properties"]["owner"]) for f in of(wanted, "cells")
            }
    assert seen == len(wanted["features"])


def test_kml_has_a_span_of_time_for_each_feature(run: ks.Run, tmp_path: Path) -> None:
    from xml.etree import ElementTree

    (path,) = export(run, tmp_path / "run.kml", format="kml")
    space = {"k": "http://www.opengis.net/kml/2.2"}
    root = ElementTree.parse(path).getroot()
    marks = root.findall(".//k:Placemark", space)
    assert len(marks) == len(run.to_geojson()["features"])
    for mark in marks:
        begin, end = (mark.findtext(f"k:TimeSpan/k:{w}", "", space) for w in ("begin", "end"))
        assert dt.date.fromisoformat(begin) < dt.date.fromisoformat(end)
        assert mark.find("k:styleUrl", space) is not None
    rings = root.findall(".//k:LinearRing/k:coordinates", space)
    assert all(r.text.split()[0] == r.text.split()[-1] for r in rings if r.text)


def test_csv_has_the_columns_that_kepler_asks_for(run: ks.Run, tmp_path: Path) -> None:
    """``hex_id`` makes an H3 layer; times have the form 2018-09-01 00:00; WKT is a geometry."""
    files = {path.name: path for path in export(run, tmp_path / "out", format="csv")}
    assert set(files) == {"cells.csv", "roads.csv", "front.csv"}
    cells = pd.read_csv(files["cells.csv"], parse_dates=["begin_date", "end_date"])
    assert set(cells["hex_id"]) == set(run.cells)
    assert (cells["begin_date"] < cells["end_date"]).all()
    assert cells["begin_date"].dtype.kind == "M"
    assert files["cells.csv"].read_text().split("\n")[1].split(",")[3] == "2025-01-01 00:00:00"
    for name, kind in (("roads", "LineString"), ("front", "MultiLineString")):
        drawn = shapely.from_wkt(pd.read_csv(files[f"{name}.csv"])["geometry"])
        assert {g.geom_type for g in drawn} == {kind}
        assert len(drawn) == len(of(run.to_geojson(), name))


def test_parquet_is_read_by_arrow(run: ks.Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    files = {path.stem: path for path in export(run, tmp_path / "out", format="parquet")}
    daily = parquet.read_table(files["daily"]).to_pandas()
    pd.testing.assert_frame_equal(daily, run.daily, check_dtype=False)
    cells = parquet.read_table(files["cells"])
    assert str(cells.schema.field("begin_date").type).startswith("timestamp")
    assert len(cells) == len(of(run.to_geojson(), "cells"))


def test_a_crate_is_read_by_rocrate(run: ks.Run, tmp_path: Path) -> None:
    rocrate = pytest.importorskip("rocrate.rocrate")
    files = export(run, tmp_path / "crate", format="rocrate")
    crate = rocrate.ROCrate(tmp_path / "crate")
    assert {str(d.id) for d in crate.data_entities} == {p.name for p in files} - {
        "ro-crate-metadata.json"
    }
    (action,) = crate.get_by_type("CreateAction")
    assert action["instrument"]["softwareVersion"] == ks.__version__
    asked = {one["name"]: one["value"] for one in action["object"]}
    assert (asked["seed"], asked["policy of the holder"]) == (
        "7",
        run.provenance.policies["holder"],
    )
    assert crate.root_dataset["citation"]["name"] == "Invented for teaching"
    # the files in it are the run: it opens again as it was
    assert ks.load_run(tmp_path / "crate").tables["daily"] == run.tables["daily"]


def test_a_crate_refers_to_nothing_that_it_lacks(run: ks.Run, tmp_path: Path) -> None:
    """By the text of RO-Crate 1.1: every entity referred to by ``#`` or by a file's name is there."""
    export(run, tmp_path / "crate", format="rocrate")
    made = json.loads((tmp_path / "crate" / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert made["@context"] == "https://w3id.org/ro/crate/1.1/context"
    graph = {entity["@id"]: entity for entity in made["@graph"]}
    assert len(graph) == len(made["@graph"])
    referred = []
    for entity in made["@graph"]:
        for value in entity.values():
            referred += [
                v["@id"]
                for v in (value if isinstance(value, list) else [value])
                if isinstance(v, dict)
            ]
    inside = [r for r in referred if not r.startswith("http")]
    assert set(inside) <= set(graph)
    assert {"name", "description", "datePublished", "license"} <= graph["./"].keys()
    for part in graph["./"]["hasPart"]:
        assert (tmp_path / "crate" / part["@id"]).is_file()


def test_events_are_animated_by_vidigi(run: ks.Run, tmp_path: Path) -> None:
    prep = pytest.importorskip("vidigi.prep")
    log, places = (pd.read_csv(p) for p in export(run, tmp_path / "out", format="vidigi"))
    shown = prep.reshape_for_animations(log, every_x_time_units=1, limit_duration=3 * 24)
    times: dict[str, dict[str, float]] = {}
    for day, hour, effect, subject, *_ in run.events:
        if effect in ("ConvoySent", "Returned"):
            times.setdefault(subject, {})[effect] = day * 24 + hour
    most = 0
    for at in range(1, 3 * 24):  # before the first loss; one who leaves is an exit for one frame
        here = shown[(shown["snapshot_time"] == at) & (shown["event_type"] != "exit")]
        gone = {s: t.get("Returned", math.inf) for s, t in times.items()}
        away = {s for s, t in times.items() if t["ConvoySent"] <= at < gone[s]}
        assert set(here["entity_id"].dropna()) - {"nan"} == away
        most = max(most, len(away))
    assert most > 2
    drawn = prep.generate_animation_df(shown, places, step_snapshot_max=60)
    drawn = drawn[drawn["entity_id"].notna()]  # an hour without convoys is an empty frame
    assert drawn["x_final"].notna().all()
    assert set(log["event"]) <= set(places["event"])


def test_every_convoy_arrives_and_departs_once(run: ks.Run) -> None:
    from kursksim.exchange.animation import HEADS, event_log

    log = pd.DataFrame(event_log(run), columns=HEADS)
    sent = sum(e[2] == "ConvoySent" for e in run.events)
    for event in ("arrival", "depart"):
        found = log[log["event"] == event]["entity_id"]
        assert len(found) == found.nunique() == sent
    spans = log.groupby("entity_id")["time"].agg(["min", "max"])
    departs = log[log["event"] == "depart"].set_index("entity_id")["time"]
    assert (spans["max"] == departs.loc[spans.index]).all()
    quiet = ks.run("two-roads", seed=7, until="2025-01-02")
    with pytest.raises(BadUse, match="--record full"):
        event_log(quiet)


# -- ensembles -------------------------------------------------------------------------------------


def test_an_ensemble_is_a_dataset_of_xarray(ensemble: ks.Ensemble) -> None:
    xarray = pytest.importorskip("xarray")
    made = ensemble.to_xarray()
    assert isinstance(made, xarray.Dataset)
    assert made.sizes == {"replication": 3, "date": 6}
    assert made["held_km2"].dims == ("replication", "date")
    assert made["held_km2"].attrs["units"] == "km²"
    np.testing.assert_array_equal(made["held_km2"].values, ensemble.matrix("held_km2"))
    np.testing.assert_array_equal(made["final_order_day"].values, ensemble.outcome("order_day"))
    np.testing.assert_array_equal(
        made["held_km2_end"].values, made["held_km2"].isel(date=-1).values
    )
    assert made.sel(date="2025-01-03")["held_km2"].median().item() == ensemble.median("held_km2")[2]
    few = ensemble.to_xarray(["trips", "delivered_t"])
    assert list(few.data_vars) == ["trips", "delivered_t"]
    with pytest.raises(BadUse, match="did you mean 'held_km2'"):
        ensemble.to_xarray(["held_km"])
    with pytest.raises(BadUse, match="give a list"):
        ensemble.to_xarray("trips")


def test_a_store_becomes_parquet_and_a_crate(ensemble: ks.Ensemble, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    files = {p.stem: p for p in export(ensemble, tmp_path / "p", format="parquet")}
    outcomes = parquet.read_table(files["outcomes"]).to_pandas()
    assert outcomes["held_km2_end"].tolist() == ensemble.outcome("held_km2_end").tolist()
    export(ensemble, tmp_path / "crate", format="rocrate")
    again = ks.load_ensemble(tmp_path / "crate" / "ensemble.sqlite")
    assert again.outcomes.equals(ensemble.outcomes)
    with pytest.raises(BadUse, match="is of a run"):
        export(ensemble, tmp_path / "x", format="geojson")
    with pytest.raises(BadUse, match="in memory"):
        export(
            ks.ensemble("two-roads", replications=1, seed=2, until="2025-01-02"),
            tmp_path / "x",
            format="rocrate",
        )
    assert not (tmp_path / "x").exists()


# -- refusals --------------------------------------------------------------------------------------


def test_what_cannot_be_exported_is_said_and_leaves_nothing(run: ks.Run, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").write_text("mine")
    for given, words in (
        ({"format": "shp", "target": tmp_path / "x"}, ("'shp'", "gpkg")),
        ({"format": "csv", "target": full}, ("holds something already",)),
        ({"format": "rocrate", "target": tmp_path / "x", "date": "2025-01-02"}, ("holds all days",)),
        ({"format": "csv", "target": tmp_path / "x", "date": "soon"}, ("soon",)),
        ({"format": "kml", "target": full}, ("is a folder",)),
        ({"format": "geojson", "target": tmp_path / "none" / "x.geojson"}, ("cannot be written",)),
    ):  # fmt: skip
        with pytest.raises(BadUse) as refused:
            export(run, given.pop("target"), **given)
        assert "\n" not in str(refused.value)
        assert all(word in str(refused.value) for word in words)
    assert sorted(os.listdir(tmp_path)) == ["full"]
    assert os.listdir(full) == ["mine"]


def test_missing_libraries_are_named_with_what_installs_them(
    run: ks.Run, ensemble: ks.Ensemble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for name in ("pyogrio", "pyarrow", "xarray"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BadUse, match=r"pyogrio.*\[geo\]"):
        export(run, tmp_path / "x.gpkg", format="gpkg")
    with pytest.raises(BadUse, match=r"pyarrow.*\[export\]"):
        export(run, tmp_path / "x", format="parquet")
    with pytest.raises(BadUse, match=r"xarray.*\[export\]"):
        ensemble.to_xarray()
    assert os.listdir(tmp_path) == []
    for format in ("geojson", "kml", "csv"):  # these need none
        assert export(run, named(format, tmp_path), format=format)


def test_the_formats_are_those_that_are_tested() -> None:
    assert set(FORMATS) == {"geojson", "gpkg", "kml", *FOLDERS}


def test_text_of_a_scenario_cannot_break_the_files(run: ks.Run, tmp_path: Path) -> None:
    from dataclasses import replace

    odd = 'A "B" <c> & d,\nє'
    scenario = run.scenario.model_copy(update={"title": odd, "sides": {
        side: spec.model_copy(update={"name": odd}) for side, spec in run.scenario.sides.items()}})  # fmt: skip
    from xml.etree import ElementTree

    other = replace(run, scenario=scenario)
    export(other, tmp_path / "x.kml", format="kml")
    assert ElementTree.parse(tmp_path / "x.kml").getroot()[0][0].text == odd
    export(other, tmp_path / "x.geojson", format="geojson")
    made = json.loads((tmp_path / "x.geojson").read_text(encoding="utf-8"))
    assert of(made, "cells")[0]["properties"]["name"] == odd
    export(other, tmp_path / "out", format="csv")
    text = (tmp_path / "out" / "cells.csv").read_bytes().decode()
    assert next(csv.DictReader(io.StringIO(text, newline="")))["name"] == odd
