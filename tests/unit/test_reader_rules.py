"""The reader refuses: every class of bad row, key and name is one change and one clear line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from scenario_kit import DOC, Change, cell, drop, key, part, row, write

from kursksim.errors import ScenarioError
from kursksim.scenario.reader import load, read


def again(table: str) -> Change:
    return lambda doc, tables: (doc if table in doc else tables)[table].append(
        dict((doc if table in doc else tables)[table][0])
    )


def no_column(table: str, name: str) -> Change:
    return lambda doc, tables: [r.pop(name) for r in tables[table]]


def no_men(doc: dict[str, Any], tables: dict[str, Any]) -> None:
    row(tables["parameters"], "holder_men").update(value=0, low=0)


def island(doc: dict[str, Any], tables: dict[str, Any]) -> None:
    row(tables["legs"], "A2")["to_place"] = "St. Mary"
    row(tables["legs"], "B.2")["to_place"] = "St. Mary"


BAD: dict[str, tuple[Change, tuple[str, ...]]] = {
    # keys and columns
    "unknown key": (key("tittle", "x"), ("scenario.toml line", "'tittle'", "did you mean 'title'")),
    "unknown key in a section": (key("grid.wast", 1.0), ("scenario.toml line", "'wast'", "'west'")),
    "unknown key of a side": (
        key("sides.holder.nam", "x"),
        ("scenario.toml line", "'nam'", "'name'"),
    ),
    "unknown key of a row": (
        part("routes", "main", "leg", "x"),
        ("route 'main'", "'leg'", "'legs'"),
    ),
    "unknown column": (cell("places", "Port", "latt", 1), ("places.csv line 1", "'latt'", "'lat'")),
    "missing column": (no_column("legs", "paved"), ("legs.csv line 1", "'paved'", "missing")),
    "missing cell": (
        cell("places", "Gate", "lat", ""),
        ("places.csv line 3", "place 'Gate'", "lat is missing"),
    ),
    "missing id": (cell("places", "Gate", "id", ""), ("places.csv line 3", "id is missing")),
    "missing key": (drop("title"), ("scenario.toml", "title is missing")),
    "missing schema": (drop("schema"), ("scenario.toml", "schema is missing")),
    "missing key in a section": (drop("grid.west"), ("scenario.toml line", "grid.west is missing")),
    "missing section": (drop("supply"), ("scenario.toml", "supply is missing")),
    "missing side": (drop("sides.holder"), ("sides.holder is missing",)),
    "third side": (
        key("sides.umpire", {"name": "U", "short": "U"}),
        ("sides", "'umpire'", "holder"),
    ),
    "missing policy": (drop("policies.attacker"), ("policies.attacker is missing",)),
    "no routes": (key("routes", []), ("no routes",)),
    "no contingents": (key("contingents", []), ("no contingents",)),
    # types and numbers
    "newer schema": (key("schema", 2), ("scenario.toml", "schema 2", "newer")),
    "schema not a number": (key("schema", "1"), ("schema '1'", "whole number")),
    "text for a number": (key("days", "20"), ("scenario.toml line", "days '20'", "whole number")),
    "days out of range": (key("days", 0), ("days 0", "greater than or equal to 1")),
    "date in quotes": (key("start", "2025-01-01"), ("start '2025-01-01'", "must be a date")),
    "year beyond reason": (
        key("start", dt.date(9999, 12, 1)),
        ("start 9999-12-01", "1000 to 9000"),
    ),
    "list for text": (key("title", ["a"]), ("title a list of 1", "text")),
    "text for a section": (key("grid", "x"), ("grid 'x'", "must be a table")),
    "text for a table": (key("routes", "x"), ("routes 'x'", "must be a list")),
    "text for a row": (key("routes", ["x"]), ("routes number 1 'x'", "must be a table")),
    "defaults not a table": (key("defaults", 1), ("defaults 1", "must be a table")),
    "defaults of something else": (
        key("defaults", {"note": "x"}),
        ("defaults", "'note'", "source, status"),
    ),
    "models.defaults not boolean": (
        key("models.defaults", "yes"),
        ("models.defaults 'yes'", "true or false"),
    ),
    "number with unit": (
        cell("legs", "A2", "length_km", "11.1 km"),
        ("legs.csv line 3", "length_km '11.1 km'", "no unit"),
    ),
    "number with separators": (
        cell("parameters", "holder_men", "value", "4_000"),
        ("line 2", "'4_000'"),
    ),
    "infinite": (
        cell("parameters", "holder_men", "high", "inf"),
        ("parameters.csv line 2", "'inf'", "finite"),
    ),
    "not a number": (
        cell("parameters", "holder_men", "value", "nan"),
        ("parameters.csv line 2", "'nan'"),
    ),
    "overflow": (
        cell("parameters", "holder_men", "high", "1e999"),
        ("parameters.csv line 2", "high inf"),
    ),
    "infinite in TOML": (key("grid.east", float("inf")), ("grid.east inf", "finite")),
    "boolean cell": (
        cell("legs", "A1", "paved", "maybe"),
        ("legs.csv line 2", "paved 'maybe'", "true or false"),
    ),
    "vertex not whole": (
        lambda doc, tables: tables["lines"][0].update(vertex=0.5),
        ("lines.csv line 2", "vertex '0.5'", "whole"),
    ),
    "vertex twice": (
        lambda doc, tables: tables["lines"][1].update(vertex=0),
        ("lines.csv line 2", "'A1'", "twice"),
    ),
    "shape of two kinds": (
        lambda doc, tables: tables["lines"][1].update(kind="river"),
        ("lines.csv line 2", "'A1'", "differ in kind"),
    ),
    "latitude": (
        cell("places", "Port", "lat", 99),
        ("places.csv line 2", "place 'Port'", "lat 99"),
    ),
    "vertex out of range": (
        lambda doc, tables: tables["border"][1].update(lat=99),
        ("border.csv line 3", "border[1][1] 99.0"),
    ),
    "closed outline": (
        lambda doc, tables: tables["outline"].append(dict(tables["outline"][0])),
        ("outline", "last vertex repeats the first"),
    ),
    "closed area": (
        lambda doc, tables: tables["areas"].append(tables["areas"][0] | {"vertex": 3}),
        ("area 'Wood'", "last vertex repeats the first"),
    ),
    "outline elsewhere": (
        lambda doc, tables: [r.update(lon=r["lon"] + 5) for r in tables["outline"]],
        ("outline", "covers nothing of the window"),
    ),
    "window inside out": (key("grid.east", -1.0), ("grid", "west must be below east")),
    "a road that begins with a stop": (
        lambda doc, tables: (
            row(tables["lines"], "A1") and tables["lines"][1].update(lon=0.02, lat=0.02)
        ),
        ("lines.csv line 2", "line 'A1': vertex number 2 repeats"),
    ),
    "a border that stops": (
        lambda doc, tables: tables["border"].insert(1, dict(tables["border"][0])),
        ("border", "vertex number 2 repeats"),
    ),
    "a leg within a point": (
        lambda doc, tables: row(tables["places"], "Gate").update(lat=0.10, lon=0.20),
        ("leg 'A2'", "its places are one point"),
    ),
    "window too coarse": (
        key("grid.resolution", 3),
        ("scenario.toml line", "grid: 33.4 by 22.2 km", "resolution 3"),
    ),
    "window too narrow": (key("grid.east", 0.001), ("scenario.toml line", "grid: 0.1 by 22.2 km")),
    "window of a continent": (
        lambda doc, tables: doc["grid"].update(resolution=3, west=-60.0, east=60.0),
        ("grid: 13344.0 by 22.2 km", "at most 1000 km a side"),
    ),
    "a number beyond all campaigns": (
        lambda doc, tables: row(tables["parameters"], "drift").update(value=1e308, high=1e308),
        ("parameters.csv line", "parameter 'drift'", "1e+308", "-1e+09 to 1e+09"),
    ),
    "a range beyond all campaigns": (
        cell("parameters", "drift", "low", -1e10),
        ("parameter 'drift'", "low -1e+10"),
    ),
    "too many axes": (
        lambda doc, tables: tables["axes"].extend(
            {**tables["axes"][0], "id": f"a{n}"} for n in range(98)
        ),
        ("axes: 101 rows; at most 100",),
    ),
    "a road round the world": (
        lambda doc, tables: (
            row(tables["lines"], "A1").update(lon=-180.0),
            tables["lines"].extend(
                {
                    "id": "A1",
                    "kind": "road",
                    "vertex": n,
                    "lon": 180.0 * (-1) ** n,
                    "lat": 0.0,
                    "status": "assumed",
                }
                for n in range(2, 20)
            ),
        ),
        ("legs:", "km of road beside", "more than can be played"),
    ),
    "a coast of all its bays": (
        lambda doc, tables: (
            tables.update(border=[{"lon": 0.1, "lat": -0.1 + n / 50_000} for n in range(19_000)]),
            doc["grid"].update(resolution=9, north=0.4),
        ),
        ("vertices over about", "more than can be played"),
    ),
    "window too fine": (
        key("grid", DOC["grid"] | {"resolution": 9, "east": 9.0, "north": 9.0}),
        ("cells", "100000"),
    ),
    "low above high": (
        cell("parameters", "holder_men", "low", 6000),
        ("parameter 'holder_men'", "above high"),
    ),
    "length outside its range": (
        cell("legs", "A1", "length_km", 99),
        ("leg 'A1'", "outside low_km..high_km"),
    ),
    "negative men": (
        cell("parameters", "holder_men", "value", -5),
        ("parameter 'holder_men'", "-5", "negative"),
    ),
    "fraction above one": (
        cell("parameters", "second_share", "value", 1.5),
        ("parameter 'second_share'", "1.5", "0 to 1"),
    ),
    "id of strange letters": (cell("legs", "A1", "id", "A/1"), ("leg 'A/1'", "letters, digits")),
    # sources
    "unknown status": (
        cell("places", "Port", "status", "guess"),
        ("places.csv line 2", "'guess'", "assumed"),
    ),
    "unknown source": (
        cell("parameters", "holder_men", "source", "boook"),
        ("'boook'", "did you mean 'book'"),
    ),
    "one source of two": (
        cell("parameters", "holder_men", "source", "book; map"),
        ("unknown source 'map'",),
    ),
    "no source": (
        cell("parameters", "holder_men", "source", ""),
        ("parameters.csv line 2", "'reported' needs a source"),
    ),
    "source none": (
        part("inputs", "raid", "source", "none"),
        ("input 'raid'", "'reported' needs a source"),
    ),
    # names that must exist
    "leg to nowhere": (
        cell("legs", "A2", "to_place", "Hil"),
        ("legs.csv line 3", "leg 'A2'", "unknown place 'Hil'", "did you mean 'Hill'?"),
    ),
    "leg from nowhere": (cell("legs", "A2", "from_place", "Gat"), ("leg 'A2'", "'Gat'", "'Gate'")),
    "leg to itself": (cell("legs", "A2", "to_place", "Gate"), ("leg 'A2'", "two different places")),
    "route of unknown leg": (
        part("routes", "main", "legs", ["A1", "A9"]),
        ("route 'main'", "'A9'"),
    ),
    "route that does not join": (
        part("routes", "main", "legs", ["A1", "B.2"]),
        ("'main'", "begins at 'Ford'"),
    ),
    "route that ends early": (
        part("routes", "main", "legs", ["A1"]),
        ("'main'", "ends at 'Gate'", "'Hill'"),
    ),
    "route that begins elsewhere": (
        part("routes", "main", "legs", ["A2"]),
        ("'main'", "not at the base"),
    ),
    "route of a leg twice": (
        part("routes", "main", "legs", ["A1", "A1", "A2"]),
        ("'main'", "twice"),
    ),
    "route of no legs": (
        part("routes", "main", "legs", []),
        ("route 'main'", "legs", "at least 1"),
    ),
    "two routes for the rest": (
        part("routes", "second", "share", ""),
        ("routes main, second have none",),
    ),
    "no route for the rest": (
        part("routes", "main", "share", "second_share"),
        ("every route has one",),
    ),
    "route of unknown share": (
        part("routes", "second", "share", "sekond_share"),
        ("'second'", "'second_share'"),
    ),
    "unknown main route": (
        key("supply.main_route", "mian"),
        ("supply.main_route", "'mian'", "'main'"),
    ),
    "unknown watched leg": (key("supply.watched_legs", ["A3"]), ("supply.watched_legs", "'A3'")),
    "unknown depot": (key("supply.depot", "Hil"), ("supply.depot", "'Hil'", "'Hill'")),
    "unknown base": (key("supply.base", "Prot"), ("supply.base", "'Prot'", "'Port'")),
    "unreachable depot": (island, ("supply.depot 'Hill'", "no legs lead to it")),
    "depot at the base": (key("supply.depot", "Port"), ("supply.depot 'Port'", "another place")),
    "unknown key place": (key("key_place", "Hil"), ("key_place", "'Hil'", "'Hill'")),
    "unknown exit": (key("withdrawal.exits", ["Gat"]), ("withdrawal.exits", "'Gat'", "'Gate'")),
    "unknown phase line": (
        key("withdrawal.phase_lines", ["Hil"]),
        ("withdrawal.phase_lines", "'Hill'"),
    ),
    "unknown place of an axis": (
        cell("axes", "east", "place", "Hil"),
        ("axes.csv line 3", "axis 'east'", "'Hill'"),
    ),
    "unknown tracks": (cell("legs", "A2", "tracks", "drifd"), ("leg 'A2'", "'drifd'", "'drift'")),
    "unknown effort": (
        cell("axes", "east", "effort", "drifd"),
        ("axis 'east'", "'drifd'", "'drift'"),
    ),
    "only axes across": (
        lambda doc, tables: [r.update(across=True) for r in tables["axes"]],
        ("every axis lies across",),
    ),
    "road of no leg": (
        lambda doc, tables: [r.update(id="A7") for r in tables["lines"][:2]],
        ("lines.csv line 2", "unknown leg 'A7'"),
    ),
    "unknown men": (
        part("contingents", "army", "men", "attaker_men"),
        ("'army'", "did you mean 'attacker_men'?"),
    ),
    "unknown learning": (
        part("contingents", "army", "learning", "lern"),
        ("'army'", "learning", "'lern'"),
    ),
    "unknown side": (
        part("contingents", "army", "side", "red"),
        ("contingent 'army'", "'red'", "attacker"),
    ),
    "unknown amount": (
        part("inputs", "drones", "amount", "drone_team"),
        ("'drones'", "'drone_teams'"),
    ),
    "unknown parameter": (
        part("inputs", "drones", "parameter", "dron_day"),
        ("'drones'", "'drone_day'"),
    ),
    "unknown until_parameter": (
        part("inputs", "raid", "until_parameter", "x"),
        ("'raid'", "until_parameter 'x'"),
    ),
    "unknown kind of input": (part("inputs", "raid", "kind", "rade"), ("input 'raid'", "'rade'")),
    "unknown contingent": (
        part("inputs", "second-wave", "target", "reserv"),
        ("input 'second-wave'", "unknown contingent", "'reserve'"),
    ),
    "unknown axis": (
        part("inputs", "raid", "target", "nort"),
        ("input 'raid'", "unknown axis", "'north'"),
    ),
    "no target": (part("inputs", "raid", "target", ""), ("input 'raid'", "target", "missing")),
    "unknown target": (
        part("inputs", "drones", "target", "nort"),
        ("input 'drones'", "'nort'", "'north'"),
    ),
    "unknown alias": (key("aliases", {"lambda": "x"}), ("aliases.lambda", "unknown parameter 'x'")),
    "unknown slot": (key("models.wether", "winter"), ("unknown slot 'wether'", "'weather'")),
    "unknown model": (
        key("models.weather", "wintre"),
        ("models.weather", "'wintre'", "did you mean 'winter'"),
    ),
    "model not named by text": (key("models.weather", 3), ("models.weather 3", "text")),
    "unknown policy": (
        key("policies.holder", "treshold"),
        ("policies.holder", "did you mean 'threshold'"),
    ),
    "policy's argument": (
        key("policies.holder", "fixed_date:soon"),
        ("policies.holder", "'soon'", "calendar date"),
    ),
    "policy without its argument": (
        key("policies.holder", "fixed_date"),
        ("policies.holder", "calendar date"),
    ),
    "empty policy": (key("policies.holder", ":x"), ("policies.holder ':x'", "NAME:ARGUMENT")),
    # twice
    **{
        f"{name} twice": (again(name), ("stands twice", "first in"))
        for name in (
            "parameters",
            "places",
            "legs",
            "axes",
            "sources",
            "routes",
            "contingents",
            "inputs",
        )
    },
    # sides and dates
    "side without men": (no_men, ("side holder has no men", "garrison")),
    "side without contingent": (
        lambda doc, tables: doc["contingents"].pop(0),
        ("side holder has no men", "no contingent"),
    ),
    "side at the border only": (
        part("contingents", "garrison", "station", "border"),
        ("side holder has no men",),
    ),
    "input before the start": (
        part("inputs", "raid", "date", dt.date(2024, 12, 31)),
        ("input 'raid'", "date 2024-12-31", "before the start"),
    ),
    "tied input before the start": (
        lambda doc, tables: row(tables["parameters"], "drone_day").update(value=-2, low=-3),
        ("input 'drones'", "2024-12-30", "drone_day"),
    ),
    "tied input beyond time": (
        lambda doc, tables: row(tables["parameters"], "drone_day").update(value=1e12, high=1e12),
        ("input 'drones'", "beyond the calendar"),
    ),
    "date and parameter": (
        part("inputs", "drones", "date", dt.date(2025, 1, 5)),
        ("'drones'", "both of date"),
    ),
    "neither date nor parameter": (
        lambda doc, tables: row(doc["inputs"], "raid").pop("date"),
        ("input 'raid'", "neither of date"),
    ),
    "until twice": (
        part("inputs", "second-wave", "until_parameter", "drone_day"),
        ("'second-wave'", "both of until"),
    ),
    "until before date": (
        part("inputs", "second-wave", "until", dt.date(2025, 1, 2)),
        ("'second-wave'", "until 2025-01-02 lies before"),
    ),
    "no known_on": (
        lambda doc, tables: row(doc["inputs"], "raid").pop("known_on"),
        ("'raid'", "known_on"),
    ),
    # files
    "unknown table": (
        key("tables", {"places": "places.csv", "plaices": "x"}),
        ("tables", "'plaices'", "'places'"),
    ),
    "table not named by text": (key("tables", {"places": 5}), ("tables.places 5",)),
    "tables not a table": (key("tables", 5), ("tables 5", "must be a table")),
    "missing file": (key("tables", {"places": "towns.csv"}), ("towns.csv", "no such file")),
    "absolute path": (
        key("tables", {"places": "/etc/hosts"}),
        ("'/etc/hosts'", "inside the scenario's folder"),
    ),
    "path upwards": (
        key("tables", {"places": "../x.csv"}),
        ("'../x.csv'", "inside the scenario's folder"),
    ),
    "path with a NUL": (key("tables", {"places": "a\0b"}), ("cannot be",)),
    "path too long": (key("tables", {"places": "a" * 5000}), ("cannot be",)),
    "folder for a table": (key("tables", {"places": "."}), ("not a regular file",)),
    "table inline and in a file": (
        lambda doc, tables: doc.update(
            sources=tables["sources"], tables={"sources": "sources.csv"}
        ),
        ("tables.sources", "scenario.toml too"),
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line(case: str, tmp_path: Path) -> None:
    change, said = BAD[case]
    folder = write(tmp_path / "kit", change)
    with pytest.raises(ScenarioError) as caught:
        load(folder)
    lines = [str(p) for p in caught.value.problems]
    assert any(all(word in line for word in said) for line in lines), lines
    assert all("\n" not in line and len(line) < 1300 for line in [*lines, str(caught.value)])
    assert caught.value.problems[0].severity == "error"


def test_model_parameters_keep_to_the_legal_bounds_and_units(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kursksim.models import base

    needs = {
        "drift": base.ParamInfo(1, 0, 2, "km/day", "drift", 0, 9),
        "teams": base.ParamInfo(5, 1, 9, "crews", "teams", 2, 8),
        "unheard": base.ParamInfo(5, 1, 9, "men", "a number", 0, 9),
    }
    monkeypatch.setattr(base, "required", lambda models: needs)
    monkeypatch.setattr(base, "infos", lambda cls: {})

    def aliased(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        doc.update(aliases={"teams": "drone_teams", "timms": "drift"}, models={})

    scenario, problems = read(write(tmp_path / "kit", aliased))
    assert scenario is None
    said = {(p.severity, p.what.split(":")[0]): str(p) for p in problems}
    assert set(said) == {
        ("error", "parameter 'drift'"),
        ("error", "parameter 'unheard' (a number; men) is missing"),
        ("warning", "parameter 'drone_teams'"),
        ("warning", "aliases.timms"),
    }
    assert (
        "parameters.csv line 8: parameter 'drift': value -1 is impossible"
        in said["error", "parameter 'drift'"]
    )
    warned = [str(p) for p in problems if "drone_teams" in p.what]
    assert any("range 1 to 9 is partly impossible; it takes 2 to 8" in w for w in warned)
    assert any("unit 'teams', where the model reads 'crews'" in w for w in warned)
