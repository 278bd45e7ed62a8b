"""Rows of known weather: read from a table or the TOML file, patched by date, part of the digest, refused in one line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, get_args

import pytest
from scenario_kit import Change, errors, key, write

import kursksim as ks
from kursksim.models.weather import KnownWeather
from kursksim.scenario.digests import parts_of
from kursksim.scenario.reader import faults, load, patched
from kursksim.scenario.schema import WeatherDay
from kursksim.scenario.weather import known_days, known_shares

START = dt.date(2024, 12, 1)
FOG = {
    "date": dt.date(2025, 1, 3),
    "flying": "bad",
    "ground": "soft",
    "known_on": dt.date(2025, 1, 2),
    "source": "book",
    "status": "reported",
}
FROST = FOG | {"date": dt.date(2025, 1, 8), "flying": "unknown", "ground": "frozen"}


def with_rows(*rows: dict[str, Any], inline: bool = False) -> Change:
    def change(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        doc["models"] = {"weather": "table", "defaults": True}
        (doc if inline else tables)["weather"] = [dict(r) for r in rows]

    return change


def test_rows_are_read_alike_from_both_places_and_in_any_order(tmp_path: Path) -> None:
    made = load(write(tmp_path / "a", with_rows(FOG, FROST)))
    others = [with_rows(FROST, FOG), with_rows(FOG, FROST, inline=True)]
    for n, change in enumerate(others):
        assert load(write(tmp_path / f"b{n}", change)).digest == made.digest
    assert [r.date.day for r in made.weather] == [3, 8]
    assert known_shares(made) == {"flying": 1 / 20, "ground": 2 / 20}
    assert known_days(made)[2].sources == ("book",)


def test_a_note_is_no_other_campaign_but_a_state_and_a_date_are(tmp_path: Path) -> None:
    made = load(write(tmp_path / "a", with_rows(FOG)))
    same = load(write(tmp_path / "b", with_rows(FOG | {"note": "seen", "status": "estimate"})))
    assert made.digest == same.digest
    changed = ("flying", "good"), ("ground", "mud"), ("known_on", dt.date(2025, 1, 1))
    for name, value in changed:
        assert load(write(tmp_path / name, with_rows(FOG | {name: value}))).digest != made.digest


def test_a_campaign_without_rows_is_digested_as_before_there_were_any() -> None:
    """Runs that were saved then prove their scenario by it; ``regression/test_earlier_versions.py`` opens some."""
    assert not {"weather", "as_of"} & parts_of(ks.load("two-roads")).keys()
    assert {"weather", "as_of"} <= parts_of(ks.load("december-march", set={"as_of": START})).keys()


def test_what_ifs_add_set_and_remove_days(tmp_path: Path) -> None:
    made = load(write(tmp_path / "a", with_rows(FOG, FROST)))
    more = {
        "title": "other reports",
        "remove": {"weather": [dt.date(2025, 1, 8)]},
        "add": {"weather": [FOG | {"date": "2025-01-05", "known_on": "2025-01-04"}]},
        "set": {"weather.2025-01-03.flying": "good", "weather.2025-01-03.known_on": "2025-01-01"},
    }
    changed = patched(made, [more])
    assert [(r.date.day, r.flying, r.known_on.day) for r in changed.weather] == [
        (3, "good", 1),
        (5, "bad", 4),
    ]
    assert (
        patched(changed, [{"title": "x", "remove": {"weather": ["2025-01-05"]}}])
        .weather[-1]
        .date.day
        == 3
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"date": "soon"}, ("weather.csv line 2", "date 'soon'", "2025-03-07")),
        ({"date": ""}, ("weather.csv line 2", "date is missing")),
        ({"flying": "fair"}, ("weather.csv line 2", "'2025-01-03'", "flying 'fair'", "bad, good")),
        ({"ground": "muddy"}, ("unknown ground 'muddy'", "did you mean 'mud'")),
        ({"known_on": ""}, ("weather.csv line 2", "known_on is missing")),
        ({"date": dt.date(2024, 12, 31)}, ("'2024-12-31'", "before the start, 2025-01-01")),
        ({"source": "bok"}, ("'2025-01-03'", "unknown source 'bok'", "'book'")),
        ({"source": ""}, ("weather.csv line 2", "needs a source")),
        ({"sky": "grey"}, ("weather.csv line 1", "unknown column 'sky'")),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else "",
)
def test_a_faulty_row_is_one_line(
    tmp_path: Path, change: dict[str, Any], words: tuple[str, ...]
) -> None:
    (found,) = errors(write(tmp_path / "x", with_rows(FOG | change)))
    said = f"{found.where}: {found.what}"
    assert "\n" not in said
    for word in words:
        assert word in said, said


def test_a_day_stands_there_once(tmp_path: Path) -> None:
    (found,) = errors(write(tmp_path / "x", with_rows(FOG, FOG)))
    assert (found.where, found.what) == (
        "weather.csv line 3",
        "weather day '2025-01-03' stands twice; first in weather.csv line 2",
    )


def test_a_scenario_of_a_saved_run_has_each_day_once(tmp_path: Path) -> None:
    made = load(write(tmp_path / "a", with_rows(FOG, FROST)))
    assert faults(made, choices=True) == []
    (found,) = faults(made.model_copy(update={"weather": made.weather[:1] * 2}), choices=True)
    assert "weather day '2025-01-03' stands twice" in found.what


def test_the_date_of_a_forecast_is_a_date(tmp_path: Path) -> None:
    (found,) = errors(write(tmp_path / "x", key("as_of", "2025-01-10")))
    assert "as_of '2025-01-10': must be a date such as 2025-03-07, without quotes" in found.what
    made = load(write(tmp_path / "y", key("as_of", dt.date(2025, 1, 10))))
    assert made.as_of == dt.date(2025, 1, 10)


def test_an_unknown_day_of_a_what_if_is_named_with_the_nearest(tmp_path: Path) -> None:
    made = load(write(tmp_path / "a", with_rows(FOG, FROST)))
    with pytest.raises(ks.ScenarioError, match=r"unknown weather day '2025-01-04'.*2025-01-03"):
        patched(made, set={"weather.2025-01-04.flying": "good"})


def test_every_state_of_the_ground_has_a_mud_index() -> None:
    class Seen:
        flying = "unknown"

        def __init__(self, ground: str) -> None:
            self.ground = ground

    states = get_args(WeatherDay.model_fields["ground"].annotation)
    found = [KnownWeather(known={1: Seen(s)}).mud(1) for s in states if s != "unknown"]
    assert found == sorted(found)
    assert found[0] == 0.0
