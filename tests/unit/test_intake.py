"""Tables of other programs taken into a scenario folder; every fault is one line and changes nothing."""

from __future__ import annotations

import datetime as dt
import math
import shutil
from hashlib import sha256
from pathlib import Path
from statistics import fmean

import pytest

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.evidence.observations import held_area, settlements
from kursksim.evidence.tracker import not_comparable, tracker_error
from kursksim.intake import import_held_area, import_settlements, import_weather
from kursksim.intake.rule import THRESHOLDS, DayWeather, judged
from kursksim.scenario.catalogue import find

START = dt.date(2025, 1, 1)
USUAL = {name: one.value for name, one in THRESHOLDS.items()}
HEAD = "time,temperature_2m_mean (°C),precipitation_sum (mm),wind_speed_10m_max (km/h),wind_gusts_10m_max (km/h)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small campaign."""
    return Path(shutil.copytree(find("two-roads"), tmp_path / "kit"))


def text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def table(folder: Path, *lines: str, name: str = "table.csv") -> Path:
    path = folder.parent / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def days(first: dt.date, count: int, cells: str = "4,1,15,25") -> list[str]:
    return [f"{first + dt.timedelta(k)},{cells}" for k in range(count)]


def weather(folder: Path, *lines: str) -> Path:
    return table(folder, HEAD, *lines, name="weather-table.csv")


# -- held areas ------------------------------------------------------------------------------------


def test_two_trackers_with_dates_and_units_of_their_own(folder: Path) -> None:
    one = table(folder, "date;area (km²)", "3.1.2025;101,5", "6.1.2025;98,25", name="one.csv")
    two = table(folder, "Date,held_sq_mi,note", "2025-01-05,38.5,edge", name="two.csv")
    import_held_area(one, folder, tracker="Map One", url="https://x.org", terms="CC BY 4.0")
    made = import_held_area(two, folder, tracker="Map Two")
    assert made.rows == 1
    scenario = ks.load(folder)
    found = [(a.date, a.held_km2, a.kind, a.source) for a in held_area(scenario)]
    assert found == [
        ("2025-01-03", 101.5, "tracker", "map_one"),
        # the International Mile of 1959 is 1.609344 km
        ("2025-01-05", pytest.approx(38.5 * 1.609344**2, abs=1e-5), "tracker", "map_two"),
        ("2025-01-06", 98.25, "tracker", "map_one"),
    ]
    sources = {s.key: s for s in scenario.sources}
    assert (sources["map_one"].title, sources["map_one"].terms) == ("Map One", "CC BY 4.0")
    notes = text(folder, "DATA.md")
    assert sha256(one.read_bytes()).hexdigest() in notes
    assert "terms: CC BY 4.0" in notes
    assert "not stated" in notes  # of the second one
    assert tracker_error(scenario).pairs == 1  # on the 5th, where the first has a map on both sides
    assert ks.check(folder) == ()


def test_a_table_that_is_read_again_replaces_its_rows(folder: Path) -> None:
    path = table(folder, "date,held_km2", "2025-01-03,100", "2025-01-04,99")
    import_held_area(path, folder, tracker="Map")
    before = text(folder, "DATA.md")
    table(folder, "date,held_km2", "2025-01-04,98.5", "2025-01-05,97")
    made = import_held_area(path, folder, tracker="Map")
    assert [a.held_km2 for a in held_area(ks.load(folder))] == [100, 98.5, 97]
    assert any("1 rows of the same tracker" in note for note in made.notes)
    assert text(folder, "DATA.md").count("### table.csv") == before.count("### table.csv") == 1


def test_the_same_scenario_plays_the_same_after_an_import(folder: Path) -> None:
    before = ks.load(folder).digest
    import_held_area(table(folder, "date,held_km2", "2025-01-03,100"), folder, tracker="Map")
    assert ks.load(folder).digest == before


def test_trackers_without_a_day_in_common_are_told(folder: Path) -> None:
    one = table(folder, "date,held_km2", "2025-01-03,100", name="one.csv")
    two = table(folder, "date,held_km2", "2025-01-15,90", name="two.csv")
    import_held_area(one, folder, tracker="One")
    made = import_held_area(two, folder, tracker="Two")
    line = "trackers 'one' and 'two' have no day in common"
    assert line in made.notes[0]
    assert "add a date of the one to the other" in made.notes[0]
    assert [line in p.what for p in ks.check(folder)] == [True]
    assert not_comparable([a for a in held_area(ks.load(folder)) if a.source == "one"]) == []


HELD = {
    "no unit": (["date,area", "2025-01-03,100"], ("line 1", "'area' names no unit", "area (km²)")),
    "other unit": (["date,area (acres)", "2025-01-03,100"], ("line 1", "'acres'", "ha")),
    "square metres": (["date,held_km2", "2025-01-03,98000000"], ("line 2", "within 0 to", "unit")),
    "below zero": (["date,held_km2", "2025-01-03,-4"], ("line 2", "within 0 to")),
    "no date": (["date,held_km2", ",100"], ("line 2", "date is empty")),
    "no area": (["date,held_km2", "2025-01-03,100", "2025-01-04,"], ("line 3", "held_km2 is empty", "take the row away")),
    "another year": (["date,held_km2", "2023-01-03,100"], ("line 2", "2023-01-03", "is the year right")),
    "day or month": (["date,held_km2", "03/01/2025,100"], ("line 2", "day or as month")),
    "hours": (["date,held_km2", "2025-01-03T05:00,100"], ("line 2", "one row a day")),
    "day twice": (["date,held_km2", "2025-01-03,100", "2025-01-03,99"], ("line 3", "line 2", "leave one")),
    "kind": (["date,held_km2,kind", "2025-01-03,100,mapp"], ("line 2", "'mapp'", "tracker")),
    "words": (["date,held_km2", "2025-01-03,about 100"], ("line 2", "held_km2")),
    "no header": (["2025-01-03,100", "2025-01-04,99"], ("table.csv", "no line names the columns")),
    "no column": (["date,note", "2025-01-03,x"], ("line 1", "held", "is missing")),
    "column twice": (["date,held_km2,held_km2", "2025-01-03,1,2"], ("line 1", "stands twice")),
    "no rows": (["date,held_km2"], ("table.csv", "no rows")),
    "empty": ([], ("table.csv", "no line")),
    "long row": (["date,held_km2", "2025-01-03,100,7,8"], ("line 2",)),
}  # fmt: skip


@pytest.mark.parametrize("case", HELD)
def test_a_bad_table_of_areas_is_one_line_and_changes_nothing(case: str, folder: Path) -> None:
    lines, words = HELD[case]
    before = everything(folder)
    with pytest.raises(BadUse) as refused:
        import_held_area(table(folder, *lines), folder, tracker="Map")
    said = str(refused.value)
    assert "\n" not in said
    assert "table.csv" in said
    for word in words:
        assert word in said
    assert everything(folder) == before


def test_what_stands_in_the_way_is_said(folder: Path) -> None:
    good = table(folder, "date,held_km2", "2025-01-03,100")
    import_held_area(good, folder, tracker="Map", terms="CC0")
    before = everything(folder)
    for given, words in (
        ({"tracker": "Map", "terms": "other"}, ("'map'", "CC0")),
        ({"tracker": "map!"}, ("'Map'", "another name")),
        ({"tracker": "Карта"}, ("Latin letter",)),
        ({"tracker": "Map", "kind": "guess"}, ("guess", "tracker")),
    ):
        with pytest.raises(BadUse) as refused:
            import_held_area(good, folder, **given)
        assert all(word in str(refused.value) for word in words)
    with pytest.raises(BadUse, match="no such file"):
        import_held_area(folder / "none.csv", folder, tracker="Map")
    sheet = folder.parent / "book.xlsx"
    sheet.write_bytes(b"PK\x03\x04....")
    with pytest.raises(BadUse, match="spreadsheet"):
        import_held_area(sheet, folder, tracker="Map")
    with pytest.raises(BadUse, match="holds no scenario"):
        import_held_area(good, folder.parent, tracker="Map")
    assert everything(folder) == before


def test_nothing_is_half_written_when_a_file_cannot_be(folder: Path) -> None:
    (folder / "DATA.md").mkdir()
    before = everything(folder)
    path = table(folder, "date,held_km2", "2025-01-03,100")
    with pytest.raises(BadUse, match=r"DATA\.md"):
        import_held_area(path, folder, tracker="Map")
    assert everything(folder) == before


def test_sources_in_a_table_of_their_own_get_a_row(folder: Path) -> None:
    head = text(folder, "scenario.toml").replace(
        'sources = [{ key = "fiction", title = "Invented for teaching" }]\n', ""
    )
    (folder / "scenario.toml").write_text(head, encoding="utf-8")
    (folder / "sources.csv").write_text("key,title\nfiction,Invented\n", encoding="utf-8")
    import_held_area(table(folder, "date,held_km2", "2025-01-03,100"), folder, tracker="Map")
    assert [s.key for s in ks.load(folder).sources] == ["fiction", "map"]
    assert text(folder, "scenario.toml") == head


# -- pictures and scores use every tracker ---------------------------------------------------------


def test_pictures_and_scores_use_every_tracker(folder: Path) -> None:
    import matplotlib.pyplot as plt

    from kursksim.studies.calibration.judgement import seen

    one = table(folder, "date,held_km2", "2025-01-03,100", "2025-01-05,98", name="one.csv")
    two = table(folder, "date,held_km2", "2025-01-05,94", name="two.csv")
    import_held_area(one, folder, tracker="One")
    import_held_area(two, folder, tracker="Two")
    scenario = ks.load(folder)
    at, held = seen(scenario)
    assert list(zip(at.tolist(), held.tolist(), strict=True)) == [(2, 100), (4, 94), (4, 98)]
    run = ks.run(scenario, seed=1, until="2025-01-06")
    ax = ks.plot.held_area(run)
    named = [t.get_text() for t in ax.get_legend().get_texts()]
    assert {"map tracker one", "map tracker two"} <= set(named)
    plt.close(ax.figure)


# -- weather ---------------------------------------------------------------------------------------


def test_weather_as_a_service_gives_it_feeds_the_model(folder: Path) -> None:
    above = ("latitude,longitude,elevation", "0.07,0.08,20.0", "")
    rows = (
        days(START - dt.timedelta(20), 20)
        + days(START, 10, "4,9,15,25")
        + days(START + dt.timedelta(10), 11)
    )
    path = table(folder, *above, HEAD, *rows)
    made = import_weather(path, folder, source="Service", terms="CC BY 4.0")
    assert made.rows == 21
    assert any('weather = "table"' in note for note in made.notes)
    scenario = ks.load(folder, set={"models.weather": "table"})
    found = {row.date: row for row in scenario.weather}
    assert [found[START + dt.timedelta(k)].flying for k in (0, 9, 10, 20)] == [
        "bad",
        "bad",
        "good",
        "good",
    ]
    assert {row.status for row in found.values()} == {"computed"}
    run = ks.run(scenario, seed=3, until="2025-01-12")
    wet, fine = run.daily["flyability"][:10], run.daily["flyability"][10:]
    assert wet.tolist() == [scenario.value["fly_bad"]] * 10
    assert fine.tolist() == [1.0, 1.0]
    notes = text(folder, "DATA.md")
    for name in THRESHOLDS:
        assert f"`{name}`" in notes
    assert ks.check(folder, set={"models.weather": "table"}) == ()


def test_the_ledger_decides_on_the_thresholds_that_it_has(folder: Path) -> None:
    row = '  { id = "fly_wet", value = 20, low = 5, high = 30, unit = "mm", meaning = "rain" },\n'
    head = text(folder, "scenario.toml")
    (folder / "scenario.toml").write_text(
        head.replace("parameters = [\n", f"parameters = [\n{row}"), encoding="utf-8"
    )
    import_weather(weather(folder, *days(START, 21, "4,9,15,25")), folder, source="Service")
    assert {row.flying for row in ks.load(folder).weather} == {"good"}
    assert (
        "`fly_wet` 20 mm: precipitation of a day on which small drones stay down (of the ledger)"
        in text(folder, "DATA.md")
    )
    inches = text(folder, "scenario.toml").replace(row, row.replace("mm", "inch"))
    (folder / "scenario.toml").write_text(inches, encoding="utf-8")
    with pytest.raises(BadUse, match="needs it in mm"):
        import_weather(weather(folder, *days(START, 21)), folder, source="Service")


def test_units_of_the_header_are_those_of_the_rule(folder: Path) -> None:
    # 10 m/s are 36 km/h, and 41 °F are 5 °C
    head = "date,wind (m/s),rain (inch),temperature (°F),cloud_base (ft)"
    path = table(
        folder,
        head,
        "2025-01-01,9.9,0.1,41,700",
        "2025-01-02,10,0.1,41,700",
        "2025-01-03,1,0.2,41,700",
        "2025-01-04,1,0,41,600",
    )
    import_weather(path, folder, source="Service")
    assert [row.flying for row in ks.load(folder).weather] == ["good", "bad", "bad", "bad"]


def test_what_others_report_of_a_day_stays(folder: Path) -> None:
    kept = "date,flying,ground,known_on,source,status\n2025-01-02,bad,snow,2025-01-02,fiction,reported\n"
    (folder / "weather.csv").write_text(kept, encoding="utf-8")
    for _ in range(2):  # read twice, it replaces its own rows
        made = import_weather(weather(folder, *days(START, 21)), folder, source="Service")
        assert made.rows == 20
    found = {str(row.date): row for row in ks.load(folder).weather}
    assert (found["2025-01-02"].flying, found["2025-01-02"].source) == ("bad", "fiction")
    assert len(found) == 21


@pytest.mark.parametrize(
    ("wet", "ground"), [(0.0, "dry"), (1.0, "dry"), (2.0, "soft"), (4.0, "mud")]
)
def test_the_index_settles_where_its_sum_says(wet: float, ground: str) -> None:
    """Steady rain P gives an index of P / (1 - keep), the sum of a geometric series."""
    fine = [DayWeather(START + dt.timedelta(k), 10, 20, wet, 500, 8) for k in range(90)]
    steady = wet / (1 - USUAL["ground_keep"])
    wanted = (
        "mud"
        if steady >= USUAL["ground_mud"]
        else "soft"
        if steady >= USUAL["ground_soft"]
        else "dry"
    )
    assert wanted == ground
    assert judged(fine, USUAL)[-1].ground == ground


def test_frost_keeps_the_wet_for_the_thaw() -> None:
    def day(k: int, wet: float, air: float) -> DayWeather:
        return DayWeather(START + dt.timedelta(k), 10, 20, wet, 500, air)

    spring = (
        [day(k, 0, 5) for k in range(20)]
        + [day(k, 3, -10) for k in range(20, 35)]
        + [day(k, 0, 6) for k in range(35, 45)]
    )
    found = [state.ground for state in judged(spring, USUAL)]
    assert found[19] == "dry"
    assert set(found[22:35]) == {"frozen"}
    assert "mud" in found[36:40]
    snow = judged([spring[0]._replace(snow=0.2)], USUAL)[0]
    assert snow.ground == "snow"


def test_ground_is_unknown_until_the_index_forgets_what_was_before() -> None:
    fine = [DayWeather(START + dt.timedelta(k), 10, 20, 0, 500, 8) for k in range(40)]
    late = judged(fine, USUAL)
    known = [state.ground != "unknown" for state in late]
    first = known.index(True)
    assert all(known[first:])
    # what fell before the table counts for at most the share that the rule allows
    assert USUAL["ground_keep"] ** first <= 0.3 < USUAL["ground_keep"] ** (first - 1)
    gap = [*fine[:20], *fine[25:]]
    assert judged(gap, USUAL)[20].ground == "unknown"


def test_what_is_not_known_is_unknown_and_never_good() -> None:
    nan = math.nan
    day = DayWeather(START, 10, 20, 0, 500, 8)
    calm = [
        day,
        day._replace(wet=nan),
        day._replace(wind=nan, gusts=nan),
        day._replace(wind=90, wet=nan),
    ]
    assert [judged([d], USUAL)[0].flying for d in calm] == ["good", "unknown", "unknown", "bad"]


WEATHER = {
    "day missing": ([*days(START, 3), *days(START + dt.timedelta(5), 3)], ("line 5", "2025-01-06", "2 days from 2025-01-04", "--gaps")),
    "cell empty": ([*days(START, 3), "2025-01-04,4,,15,25"], ("line 5", "precipitation_sum (mm) of 2025-01-04 is empty", "--gaps")),
    "day twice": ([*days(START, 3), *days(START, 1)], ("line 5", "line 2")),
    "kelvin": (days(START, 3, "277,1,15,25"), ("line 2", "temperature_2m_mean", "is the unit")),
    "other dates": (days(dt.date(2023, 1, 1), 30), ("2023-01-01 to 2023-01-30", "2025-01-01 to 2025-01-21")),
}  # fmt: skip


@pytest.mark.parametrize("case", WEATHER)
def test_a_bad_table_of_weather_is_one_line_and_changes_nothing(case: str, folder: Path) -> None:
    lines, words = WEATHER[case]
    path, before = weather(folder, *lines), everything(folder)
    with pytest.raises(BadUse) as refused:
        import_weather(path, folder, source="Service")
    said = str(refused.value)
    assert "\n" not in said
    assert "weather-table.csv" in said
    for word in words:
        assert word in said
    assert everything(folder) == before


def test_gaps_are_taken_where_that_is_wished(folder: Path) -> None:
    lines = [*days(START, 3), *days(START + dt.timedelta(5), 3), "2025-01-09,4,,15,25"]
    made = import_weather(weather(folder, *lines), folder, source="Service", gaps=True)
    assert made.rows == 6
    assert any("15 of 21 days" in note for note in made.notes)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((HEAD.replace(" (km/h)", ""), *days(START, 3)), ("names no unit", "(km/h)")),
        ((HEAD.replace("km/h", "bft"), *days(START, 3)), ("'bft'", "km/h")),
        (("time,precipitation_sum (mm)", "2025-01-01,2"), ("neither wind nor gusts",)),
        (("time,wind (m/s)", "2025-01-01,2"), ("precipitation_sum", "is missing")),
        ((HEAD, "2025-01-01T01:00,4,1,15,25"), ("line 2", "one row a day")),
        (
            ("latitude,longitude", "48.1,11.5", "", HEAD, *days(START, 3)),
            ("latitude 48.1", "0.07, 0.08"),
        ),
    ],
)
def test_a_table_of_something_else_is_refused(
    lines: tuple[str, ...], words: tuple[str, ...], folder: Path
) -> None:
    before = everything(folder)
    with pytest.raises(BadUse) as refused:
        import_weather(table(folder, *lines), folder, source="Service")
    assert all(word in str(refused.value) for word in words)
    assert everything(folder) == before


def test_weather_in_the_head_of_a_scenario_is_not_touched(folder: Path) -> None:
    with (folder / "scenario.toml").open("a", encoding="utf-8") as head:
        head.write(
            '\n[[weather]]\ndate = 2025-01-02\nflying = "bad"\nground = "mud"\nknown_on = 2025-01-02\n'
        )
    with pytest.raises(BadUse, match=r"move its rows to weather\.csv"):
        import_weather(weather(folder, *days(START, 21)), folder, source="Service")


# -- places that changed hands ---------------------------------------------------------------------


def test_reports_of_places(folder: Path) -> None:
    path = table(
        folder,
        "Date,Settlement,Event,published,confidence,link",
        "2025-01-09,Gate,captured,2025-01-10,high,https://x.org/1",
        "2025-01-10,Forde,captured,,,",
    )
    made = import_settlements(path, folder, source="Reports")
    found = settlements(ks.load(folder))
    assert [(s.place, s.known_on, s.confidence, s.captured) for s in found] == [
        ("Gate", "2025-01-10", "high", True),
        ("Forde", "2025-01-10", "medium", True),
    ]
    assert any("Forde" in note and "did you mean 'Ford'" in note for note in made.notes)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2025-01-09,,captured,,", ("line 2", "place is empty")),
        ("2025-01-09,Gate,captured,2025-01-08,", ("line 2", "exchanged")),
        ("2025-01-09,Gate,captured,,sure", ("line 2", "'sure'", "high")),
        ("2020-01-09,Gate,captured,,", ("line 2", "is the year right")),
        ("2025-01-09,Gate,captured,,\n2025-01-09,Gate,captured,,", ("line 3", "line 2")),
    ],
)
def test_a_bad_report_is_one_line_and_changes_nothing(
    row: str, words: tuple[str, ...], folder: Path
) -> None:
    path = table(folder, "date,place,event,known_on,confidence", row)
    before = everything(folder)
    with pytest.raises(BadUse) as refused:
        import_settlements(path, folder, source="Reports")
    assert all(word in str(refused.value) for word in words)
    assert everything(folder) == before


def test_a_hub_takes_the_mean_of_trackers(folder: Path, tmp_path: Path) -> None:
    import csv

    from kursksim.studies.hub_setup import new_hub

    one = table(
        folder,
        "date,held_km2",
        *(f"2025-01-{d:02},{100 - d}" for d in (2, 5, 9, 12)),
        name="one.csv",
    )
    two = table(folder, "date,held_km2", "2025-01-09,85", name="two.csv")
    import_held_area(one, folder, tracker="One")
    import_held_area(two, folder, tracker="Two")
    made = new_hub(tmp_path / "hub", ks.load(folder))
    with made[0].open(encoding="utf-8") as file:
        found = {row["target_end_date"]: float(row["oracle_value"]) for row in csv.DictReader(file)}
    assert found["2025-01-09"] == fmean((91, 85))
    assert found["2025-01-12"] == 88
