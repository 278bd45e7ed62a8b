"""The reader: a valid scenario in three layouts, warnings, and no exception but its own whatever it reads."""

from __future__ import annotations

import datetime as dt
import pickle
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repetitions import times
from scenario_kit import TABLES, Change, cell, errors, part, row, write, write_single

from kursksim.errors import BadUse, ScenarioError
from kursksim.scenario.choices import LIBRARY
from kursksim.scenario.reader import load, read
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import line_numbers, one_line, show


def test_kit_is_valid_and_without_warnings(tmp_path: Path) -> None:
    scenario, problems = read(write(tmp_path / "two-tracks"))
    assert problems == ()
    assert scenario is not None
    assert (scenario.id, scenario.title, scenario.days) == ("two-tracks", "Two tracks", 20)
    assert scenario.value["holder_men"] == 4000
    assert [p.id for p in scenario.places] == ["Ford", "Gate", "Hill", "Port", "St. Mary"]
    assert scenario.border == ((0.1, -0.1), (0.1, 0.1), (0.1, 0.4))
    brook = next(line for line in scenario.lines if line.id == "Brook")
    assert brook.points == ((0.14, 0.0), (0.14, 0.2))


def test_folder_file_and_inline_tables_are_the_same_scenario(tmp_path: Path) -> None:
    folder = load(write(tmp_path / "kit"))
    inline = load(write_single(tmp_path / "kit.toml"))
    named = load(tmp_path / "kit" / "scenario.toml")
    assert folder == inline == named
    assert folder.digest == inline.digest
    assert pickle.loads(pickle.dumps(folder)).digest == folder.digest


def test_order_of_rows_never_matters(tmp_path: Path) -> None:
    def shuffle(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        luck = random.Random(3)
        for name in ("parameters", "places", "legs", "axes", "sources", "lines", "areas"):
            luck.shuffle(tables[name])
        for name in ("routes", "contingents", "inputs"):
            luck.shuffle(doc[name])

    one, other = load(write(tmp_path / "a" / "kit")), load(write(tmp_path / "b" / "kit", shuffle))
    assert one == other
    assert one.digest == other.digest


def test_crlf_and_byte_order_mark_are_read(tmp_path: Path) -> None:
    plain = load(write(tmp_path / "a" / "kit"))
    folder = write(tmp_path / "b" / "kit")
    for file in folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load(folder) == plain


def test_input_is_dated_by_its_parameter(tmp_path: Path) -> None:
    def late(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        row(tables["parameters"], "drone_day")["value"] = 7.6
        row(doc["inputs"], "drones")["until_parameter"] = "until_day"
        tables["parameters"].append(
            row(tables["parameters"], "drone_day") | {"id": "until_day", "value": 9}
        )

    drones = next(i for i in load(write(tmp_path / "kit", late)).inputs if i.id == "drones")
    assert drones.date == dt.date(2025, 1, 9)
    assert drones.until == dt.date(2025, 1, 10)
    assert drones.parameter == "drone_day"


def test_defaults_fill_source_and_status(tmp_path: Path) -> None:
    def bare(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        for place in tables["places"]:
            del place["source"], place["status"]
        doc["defaults"] = {"source": "book", "status": "estimate"}

    places = load(write(tmp_path / "kit", bare)).places
    assert {(p.source, p.status) for p in places} == {("book", "estimate")}


def test_models_fill_the_ledger_only_when_asked(tmp_path: Path) -> None:
    from kursksim.models.base import DEFAULT_MODELS, required

    needs, scenario = required({}), load(write(tmp_path / "kit"))
    ledger = {p.id: p for p in scenario.parameters}
    assert needs
    assert scenario.models == DEFAULT_MODELS
    for name, info in needs.items():
        assert ledger[name].value == info.default
        assert (ledger[name].group, ledger[name].status) == (LIBRARY, "assumed")
    found = errors(write(tmp_path / "strict", lambda doc, _: doc["models"].pop("defaults")))
    assert len(found) == sum(p.group == LIBRARY for p in scenario.parameters) >= len(needs)
    assert all("is missing" in p.what for p in found)


def test_observed_is_never_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit")
    digest = load(folder).digest
    (folder / "observed").mkdir()
    (folder / "observed" / "held_area.csv").write_bytes(b"\0\xff not a table")
    assert load(folder).digest == digest


def test_files_of_other_names_are_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit", lambda doc, _: doc.update(tables={"legs": "roads.csv"}))
    digest = load(write(tmp_path / "plain" / "kit")).digest
    (folder / "legs.csv").rename(folder / "roads.csv")
    assert load(folder).digest == digest


def test_id_comes_from_any_folder_name(tmp_path: Path) -> None:
    assert load(write(tmp_path / "my (second) try")).id == "my-second-try"


def test_loading_is_quick(tmp_path: Path) -> None:
    def many(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        place, number = tables["places"][0], tables["parameters"][1]
        tables["places"] += [place | {"id": f"P{n}"} for n in range(160)]
        tables["parameters"] += [number | {"id": f"n{n}"} for n in range(130)]

    folder = write(tmp_path / "kit", many)
    load(folder)
    spent = []
    for _ in range(3):
        begun = time.process_time()
        load(folder)
        spent.append(time.process_time() - begun)
    assert min(spent) < 0.1


WARNED: dict[str, tuple[Change, tuple[str, ...]]] = {
    "outside its range": (
        cell("parameters", "drone_teams", "value", 0),
        ("parameters.csv line 7", "'drone_teams'", "outside its range 1 to 9"),
    ),
    "input after the end": (
        part("inputs", "raid", "date", dt.date(2025, 1, 21)),
        ("'raid'", "after the last day"),
    ),
}


@pytest.mark.parametrize("case", WARNED)
def test_oddities_are_warned_of(case: str, tmp_path: Path) -> None:
    change, said = WARNED[case]
    scenario, problems = read(write(tmp_path / "kit", change))
    assert scenario is not None
    assert [p.severity for p in problems] == ["warning"]
    assert all(word in str(problems[0]) for word in said), str(problems[0])


def test_an_input_on_the_first_and_the_last_day_is_neither(tmp_path: Path) -> None:
    def ends(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        row(doc["inputs"], "raid").update(date=dt.date(2025, 1, 1), known_on=dt.date(2024, 12, 1))
        row(doc["inputs"], "second-wave").update(
            date=dt.date(2025, 1, 20), until=dt.date(2025, 1, 20)
        )

    scenario, problems = read(write(tmp_path / "kit", ends))
    assert scenario is not None
    assert problems == ()


def test_a_contingent_of_nobody_is_legal(tmp_path: Path) -> None:
    scenario = load(write(tmp_path / "kit", cell("parameters", "reserve_men", "value", 0)))
    assert scenario.value["reserve_men"] == 0


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    def many(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        doc["days"] = 0
        row(tables["places"], "Gate")["lat"] = "north"
        row(tables["legs"], "A1")["to_place"] = "Gat"
        row(tables["parameters"], "drift")["status"] = "odd"
        row(doc["inputs"], "raid")["target"] = "nort"

    found = errors(write(tmp_path / "kit", many))
    words = ("days 0", "lat 'north'", "unknown place 'Gat'", "'odd'", "unknown axis")
    assert all(any(word in p.what for p in found) for word in words)
    assert len(found) == 6  # the route over A1 no longer joins, too


def test_a_broken_row_is_told_once(tmp_path: Path) -> None:
    found = errors(write(tmp_path / "kit", cell("places", "Hill", "lat", "3 deg")))
    assert [str(p) for p in found] == [
        "places.csv line 5: lat '3 deg' must be a finite number, alone: no unit, no separators of thousands"
    ]


def test_line_numbers_pass_over_long_texts() -> None:
    text = 'a = """\n[[rows]]\nb = 1\n"""\n[[rows]]\nid = 1\n[x.y]\n  z = 2\n[[rows]]\n'
    lines = line_numbers(text)
    assert lines["rows", "0"] == 5
    assert lines["rows", "0", "id"] == 6
    assert lines["x", "y", "z"] == 8
    assert lines["rows", "1"] == 9
    assert ("b",) not in lines


_ODD = ["x" * 500, "a\nb", 10**5000, [1] * 500, {"a": 1}, 1e300, None, dt.date.max]


@pytest.mark.parametrize("value", _ODD, ids=range(len(_ODD)))
def test_values_are_shown_short(value: object) -> None:
    text = show(value)
    assert 0 < len(text) <= 82
    assert one_line(text) == text


_BITS = st.one_of(
    st.binary(min_size=1, max_size=3),
    st.sampled_from(
        [
            b"\n",
            b'"',
            b",",
            b"[",
            b"]",
            b"=",
            b"-1",
            b"1e999",
            b"nan",
            b"{",
            b"'''",
            b"\xff",
            b"\r",
            b"\0",
        ]
    ),
)
_EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 6), _BITS), min_size=1, max_size=4
)
_NAMES = ("scenario.toml", *(f"{name}.csv" for name in TABLES))


@settings(
    max_examples=times(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=st.sampled_from(_NAMES), edits=_EDITS)
def test_mutated_files_give_a_scenario_or_an_error(
    name: str, edits: list[Any], tmp_path: Path
) -> None:
    folder = write(tmp_path / "kit")
    data = (folder / name).read_bytes()
    for at, length, bits in edits:
        cut = int(at * len(data))
        data = data[:cut] + bits + data[cut + length :]
    (folder / name).write_bytes(data)
    made = outcome(folder)
    if isinstance(made, Scenario):
        assert made.id == "kit"
        assert made.days >= 1
    else:
        assert str(made)
        assert "\n" not in str(made)


def outcome(folder: Path) -> Scenario | ScenarioError | BadUse:
    """What comes of a load; any other exception escapes."""
    try:
        return load(folder)
    except (ScenarioError, BadUse) as error:
        return error
