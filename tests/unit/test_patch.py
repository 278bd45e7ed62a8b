"""Patches: what each path changes, that nothing else changes, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repetitions import times
from scenario_kit import write

from kursksim.errors import BadUse, ScenarioError
from kursksim.scenario.patch import Patch, from_set, parse_set, read_patch
from kursksim.scenario.reader import load, patched
from kursksim.scenario.schema import Scenario


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    return write(tmp_path / "kit")


def changed(before: Scenario, after: Scenario) -> set[str]:
    """Names of the fields that differ."""
    return {n for n in Scenario.model_fields if getattr(before, n) != getattr(after, n)}


def nested(depth: int) -> list[Any]:
    """A list in a list, and so on."""
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


def outcome(kit: Path, values: dict[str, Any]) -> Scenario | ScenarioError:
    """What comes of a load; any other exception escapes."""
    try:
        return load(kit, set=values)
    except ScenarioError as error:
        return error


def by_id(rows: Any, ident: str) -> Any:
    return next(r for r in rows if r.id == ident)


Look = Callable[[Scenario], Any]


def field_of(table: str, ident: str, name: str) -> Look:
    return lambda s: getattr(by_id(getattr(s, table), ident), name)


def teams(scenario: Scenario) -> Any:
    drone_teams = by_id(scenario.parameters, "drone_teams")
    return drone_teams.value, drone_teams.high


learning = field_of("contingents", "army", "learning")
# path, value, field that changes, how to see the new value, what it is
SETS: dict[str, tuple[str, Any, str, Look, Any]] = {
    "parameter": ("parameters.drone_teams", 2, "parameters", teams, (2, 2)),
    "numpy": ("parameters.drone_teams", np.float64(2), "parameters", teams, (2, 2)),
    "numpy int": ("parameters.drone_teams", np.int64(2), "parameters", teams, (2, 2)),
    "its field": ("parameters.drone_teams.high", 20, "parameters", teams, (5, 20)),
    "its fields": (
        "parameters.drone_teams",
        {"value": 15, "high": 20},
        "parameters",
        teams,
        (15, 20),
    ),
    "leg": ("legs.A2.length_km", 12, "legs", field_of("legs", "A2", "length_km"), 12.0),
    "leg with a dot": ("legs.B.2.ew_cover", 0.5, "legs", field_of("legs", "B.2", "ew_cover"), 0.5),
    "place with a dot": (
        "places.St. Mary.lat",
        0.15,
        "places",
        field_of("places", "St. Mary", "lat"),
        0.15,
    ),
    "axis": ("axes.north.lat", 0.15, "axes", field_of("axes", "north", "lat"), 0.15),
    "route": (
        "routes.main.legs",
        ("B1", "B.2"),
        "routes",
        field_of("routes", "main", "legs"),
        ("B1", "B.2"),
    ),
    "army": ("contingents.army.learning", "drift", "contingents", learning, "drift"),
    "amount": (
        "inputs.drones.amount",
        "drift",
        "inputs",
        field_of("inputs", "drones", "amount"),
        "drift",
    ),
    "policy": (
        "policies.holder",
        "fixed_date:2025-01-09",
        "policies",
        lambda s: s.policies["holder"][:5],
        "fixed",
    ),
    "days": ("days", 25, "days", lambda s: s.days, 25),
    "key place": ("key_place", "Ford", "key_place", lambda s: s.key_place, "Ford"),
    "watched": ("supply.watched_legs", ["A1"], "supply", lambda s: s.supply.watched_legs, ("A1",)),
    "exits": ("withdrawal.exits", ["Ford"], "withdrawal", lambda s: s.withdrawal.exits, ("Ford",)),
}


@pytest.mark.parametrize("case", SETS)
def test_a_path_changes_one_thing(case: str, kit: Path) -> None:
    path, value, field, look, new = SETS[case]
    before = load(kit)
    after = load(kit, set={path: value})
    assert look(before) != new
    assert look(after) == new
    assert changed(before, after) == {field, "patches"}
    assert after.digest != before.digest
    assert patched(before, set={path: value}) == after


def test_tables_in_tables_mean_the_same(kit: Path) -> None:
    dotted = load(kit, [{"title": "t", "set": {"legs.A2.length_km": 12.0, "parameters.drift": 1}}])
    nested = load(
        kit,
        [{"title": "t", "set": {"legs": {"A2": {"length_km": 12.0}}, "parameters": {"drift": 1}}}],
    )
    assert dotted == nested


def test_the_longest_id_is_meant(tmp_path: Path) -> None:
    def two(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        first = tables["parameters"][0]
        tables["parameters"] += [first | {"id": "x"}, first | {"id": "x.high"}]

    kit = write(tmp_path / "kit", two)
    before, after = load(kit), load(kit, set={"parameters.x.high": 4500})
    assert after.value["x.high"] == 4500
    assert by_id(after.parameters, "x") == by_id(before.parameters, "x")


def test_empty_patch_is_identity(kit: Path) -> None:
    before = load(kit)
    after = load(kit, [Patch("nothing")])
    assert changed(before, after) == {"patches"}
    assert after.digest == before.digest
    assert after.patches == ("nothing",)
    assert patched(before) == before
    assert patched(before, [Patch("nothing")]) == after


def test_patches_compose_in_order_and_are_named(kit: Path) -> None:
    first = Patch("one", set={"parameters.drift": 1, "days": 25})
    second = Patch("two", set={"parameters.drift": 2})
    after = load(kit, [first, second], set={"parameters.reserve_men": 500})
    assert (after.value["drift"], after.days, after.value["reserve_men"]) == (2.0, 25, 500.0)
    assert after.patches == ("one", "two", "set parameters.reserve_men = 500")
    assert patched(patched(load(kit), [first]), [second]).patches == ("one", "two")
    assert (
        patched(patched(load(kit), [first]), [second]).digest == load(kit, [first, second]).digest
    )


def test_moving_an_input_by_its_own_date(kit: Path) -> None:
    after = load(kit, set={"inputs.raid.date": dt.date(2025, 1, 3)})
    raid = by_id(after.inputs, "raid")
    assert (raid.date, raid.known_on) == (dt.date(2025, 1, 3), dt.date(2025, 1, 3))
    assert changed(load(kit), after) == {"inputs", "patches"}


def test_moving_an_input_tied_to_a_parameter(kit: Path) -> None:
    inside = load(kit, set={"inputs.drones.date": dt.date(2025, 1, 9)})
    assert by_id(inside.inputs, "drones").date == dt.date(2025, 1, 9)
    assert by_id(inside.inputs, "drones").parameter == "drone_day"
    day = by_id(inside.parameters, "drone_day")
    assert (day.value, day.low, day.high, day.note) == (8, 3, 9, "")
    outside = load(kit, set={"inputs.drones.date": "2025-01-16"})
    day = by_id(outside.parameters, "drone_day")
    assert (day.value, day.low, day.high) == (15, 3, 15)
    assert "widened to day 15" in day.note


def test_rows_are_added_and_removed(kit: Path) -> None:
    leg = {"id": "C1", "from_place": "Port", "to_place": "Hill", "paved": True}
    leg |= {"length_km": 25, "low_km": 20, "high_km": 30}
    share = {"id": "c_share", "value": 0.1, "low": 0, "high": 1, "unit": "fraction"}
    route = {"id": "third", "legs": ["C1"], "share": "c_share"}
    patch = Patch(
        "third track",
        add={"legs": [leg], "parameters": [share], "routes": [route]},
        remove={"inputs": ["raid"]},
    )
    after = load(kit, [patch])
    assert by_id(after.routes, "third").legs == ("C1",)
    assert by_id(after.legs, "C1").status == "assumed"
    assert {i.id for i in after.inputs} == {"drones", "second-wave"}
    assert changed(load(kit), after) == {"legs", "parameters", "routes", "inputs", "patches"}
    assert patched(load(kit), [patch]) == after


BAD: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "unknown root": (
        {"set": {"paramters.drift": 1}},
        ("'paramters'", "did you mean 'parameters'?"),
    ),
    "start": ({"set": {"start": dt.date(2025, 1, 2)}}, ("'start'", "axes")),
    "no id": ({"set": {"parameters": 3}}, ("'parameters'",)),
    "empty path": ({"set": {"": 3}}, ("''", "unknown path")),
    "unknown parameter": (
        {"set": {"parameters.drifd": 1}},
        ("unknown parameter 'drifd'", "'drift'"),
    ),
    "unknown leg": ({"set": {"legs.A3.length_km": 1}}, ("unknown leg 'A3'",)),
    "unknown input": (
        {"set": {"inputs.rade.date": dt.date(2025, 1, 3)}},
        ("unknown input 'rade'", "'raid'"),
    ),
    "unknown field": (
        {"set": {"legs.A2.lenght_km": 1}},
        ("leg 'A2'", "'lenght_km'", "'length_km'"),
    ),
    "unknown fields": (
        {"set": {"parameters.drift": {"vlue": 1}}},
        ("parameter 'drift'", "'vlue'", "'value'"),
    ),
    "an id": ({"set": {"legs.A2.id": "A9"}}, ("leg 'A2'", "an id cannot be changed")),
    "no field": ({"set": {"legs.A2": 3}}, ("leg 'A2'", "a field is needed")),
    "unknown side": ({"set": {"policies.holdr": "x"}}, ("policies", "'holdr'", "'holder'")),
    "unknown slot": ({"set": {"models.wether": "x"}}, ("'wether'", "'weather'")),
    "models.defaults": ({"set": {"models.defaults": False}}, ("belongs to the scenario",)),
    "wrong type": ({"set": {"parameters.drift": "much"}}, ("value 'much'", "must be a number")),
    "infinite": ({"set": {"parameters.drift": float("inf")}}, ("value inf", "finite")),
    "negative": ({"set": {"parameters.drone_teams": -1}}, ("'drone_teams'", "negative")),
    "boolean": ({"set": {"parameters.drift": True}}, ("value true", "must be a number")),
    "object": ({"set": {"parameters.drift": object()}}, ("must be a number",)),
    "no date": ({"set": {"inputs.raid.date": "soon"}}, ("date 'soon'", "calendar date")),
    "no date for a day": ({"set": {"inputs.drones.date": 5}}, ("both of date and parameter",)),
    "a moment": ({"set": {"inputs.drones.date": dt.datetime(2025, 1, 3, 4)}}, ("without a time",)),
    "before the start": (
        {"set": {"inputs.drones.date": "2024-12-30"}},
        ("'drones'", "before the start"),
    ),
    "nested deep": (
        {"set": {"parameters.drift": nested(80)}},
        ("must be a number",),
    ),
    "nested too deep": (
        {"set": {"parameters.drift": nested(9000)}},
        ("nested too deep",),
    ),
    "unknown table in add": ({"add": {"leg": [{}]}}, ("'leg'", "'legs'")),
    "no list in add": ({"add": {"legs": {"id": "x"}}}, ("add.legs", "must be a list")),
    "no table in add": ({"add": {"legs": [3]}}, ("add.legs number 1", "must be a table")),
    "row without fields": ({"add": {"legs": [{"id": "C"}]}}, ("leg 'C'", "length_km is missing")),
    "row that exists": (
        {"add": {"sources": [{"key": "book", "title": "x"}]}},
        ("'book'", "stands twice"),
    ),
    "unknown id in remove": (
        {"remove": {"inputs": ["rade"]}},
        ("remove.inputs", "'rade'", "'raid'"),
    ),
    "unknown table in remove": ({"remove": {"input": ["raid"]}}, ("'input'", "'inputs'")),
    "what is needed": ({"remove": {"legs": ["A2"]}}, ("route 'main'", "unknown leg 'A2'")),
    "unknown key": ({"sett": {}}, ("'sett'", "'set'")),
    "set not a table": ({"set": 3}, ("set 3", "must be a table")),
    "empty title": ({"title": " "}, ("title", "text")),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_patches_are_one_clear_line(case: str, kit: Path) -> None:
    patch, said = BAD[case]
    scenario = load(kit)
    attempts: list[Callable[[], Scenario]] = [
        lambda: load(kit, [patch]),
        lambda: patched(scenario, [patch]),
    ]
    for attempt in attempts:
        with pytest.raises(ScenarioError) as caught:
            attempt()
        lines = [str(p) for p in caught.value.problems]
        assert any(all(word in line for word in said) for line in lines), lines
        assert not any("\n" in line for line in lines)


def test_one_unknown_path_is_one_problem(kit: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(kit, set={"parameters.drifd": 1})
    assert len(caught.value.problems) == 1


def test_patch_files(tmp_path: Path, kit: Path) -> None:
    file = tmp_path / "no-drones.toml"
    text = 'title = "No drones"\nwhy = "Roads."\n[set]\n"parameters.drone_teams" = 0\n'
    file.write_text(f'{text}[remove]\ninputs = ["raid"]\n')
    patch = read_patch(str(file))
    assert patch == Patch(
        "No drones",
        "Roads.",
        {"parameters.drone_teams": 0},
        {},
        {"inputs": ["raid"]},
        "no-drones.toml",
    )
    assert load(kit, [file]).patches == ("No drones",)
    assert load(kit, [str(file)]).value["drone_teams"] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('why = "x"', "title is missing"),
        ('title = "x"', "why is missing"),
        ("title = 3\nwhy = 'x'", "title 3"),
        ("title = = 3", "p.toml line 1: not TOML"),
        ("title = '\0'", "NUL"),
    ],
)
def test_bad_patch_files(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(text)
    with pytest.raises(ScenarioError, match=said):
        read_patch(file)


def test_unknown_sources_of_patches(tmp_path: Path) -> None:
    with pytest.raises(BadUse, match="what-if 'no-such-thing' is unknown"):
        read_patch("no-such-thing")
    with pytest.raises(ScenarioError, match="no such file"):
        read_patch(tmp_path / "missing.toml")
    with pytest.raises(BadUse, match="not int"):
        read_patch(3)  # type: ignore[arg-type]
    with pytest.raises(BadUse, match="not list"):
        from_set([1])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("parameters.x=0", "parameters.x", 0),
        ("parameters.x = 1.5e3", "parameters.x", 1500.0),
        ("legs.A.paved=false", "legs.A.paved", False),
        ("inputs.raid.date=2025-03-01", "inputs.raid.date", dt.date(2025, 3, 1)),
        ("policies.holder=fixed_date:2025-02-01", "policies.holder", "fixed_date:2025-02-01"),
        ("models.weather=winter", "models.weather", "winter"),
        ('models.weather="winter"', "models.weather", "winter"),
        ('routes.main.legs=["A", "B"]', "routes.main.legs", ["A", "B"]),
        ("a=b=c", "a", "b=c"),
        ("a=2025-01-01T05:00:00", "a", "2025-01-01T05:00:00"),
        ("a=1\nb = 2", "a", "1\nb = 2"),
        ("a=", "a", ""),
        ("a=" + "[" * 10_000, "a", "[" * 10_000),
        ("a=" + "9" * 10_000, "a", "9" * 10_000),
    ],
    ids=range(14),
)
def test_parse_set(text: str, path: str, value: Any) -> None:
    found = parse_set(text)
    assert found == (path, value)
    assert type(found[1]) is type(value)


@pytest.mark.parametrize("text", ["", "x", "=3", " = 3"])
def test_parse_set_needs_a_path_and_a_value(text: str) -> None:
    with pytest.raises(BadUse, match="PATH=VALUE"):
        parse_set(text)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "low", "id", "x"]), inner)
    ),
    max_leaves=4,
)
_KNOWN_PATHS = """
parameters.drift parameters.drone_day.high legs.B.2 legs.A2.source inputs.raid.date inputs.drones.date
inputs.drones.until days routes.main.legs policies.holder models.weather places aliases.x supply.depot border
withdrawal.exits lines.Brook.points areas.Wood.points sources.book.key axes.north.across contingents.army.men
"""
_PATHS = st.sampled_from(_KNOWN_PATHS.split()) | st.text(max_size=12)


@settings(
    max_examples=times(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(values=st.dictionaries(_PATHS, _VALUES, min_size=1, max_size=3))
def test_any_patch_gives_a_scenario_or_an_error(values: dict[str, Any], tmp_path: Path) -> None:
    kit = write(tmp_path / "kit")
    made = outcome(kit, values)
    if isinstance(made, ScenarioError):
        assert made.problems
        assert "\n" not in str(made)
    else:
        assert len(made.patches) == 1
        assert patched(load(kit), set=values).digest == made.digest
