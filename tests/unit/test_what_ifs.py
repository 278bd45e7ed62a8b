"""The what-ifs that ship: each sets what its words promise, and is refused by a scenario that it was not written for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main
from kursksim.scenario import catalogue
from kursksim.scenario.patch import read_patch
from kursksim.scenario.reader import load, read
from kursksim.scenario.schema import Parameter, Scenario

OF_ANY = catalogue.shelves()[""]
OTHERS = list(catalogue.shelves()["december-march"])


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load("december-march")


def parameter_of(scenario: Scenario, ident: str) -> Parameter:
    return next(p for p in scenario.parameters if p.id == ident)


@pytest.mark.parametrize(
    ("name", "parameter", "times"),
    [
        ("double-fleet", "fleet_0", 2),
        ("triple-replacement", "fleet_repl", 3),
        ("half-drones", "teams_base", 0.5),
        ("half-drones", "teams_rubicon", 0.5),
        ("more-ew", "ew_eff", 2),
        ("more-ew-no-fibre", "ew_eff", 2),
        ("more-ew-no-fibre", "fibre_share_0", 0),
        ("more-ew-no-fibre", "fibre_share_1", 0),
        ("no-drones", "teams_base", 0),
        ("no-drones", "teams_rubicon", 0),
        ("no-north-koreans", "dprk_men", 0),
        ("no-north-koreans", "dprk_reinforce", 0),
        ("no-flank-attacks", "flank_weight", 0),
        ("dry-winter", "mud_winter", 0),
        ("dry-winter", "mud_peak", 0),
    ],
)
def test_a_promise_of_so_many_times_is_kept(
    name: str, parameter: str, times: float, base: Scenario
) -> None:
    before, after = (
        parameter_of(base, parameter),
        parameter_of(load("december-march", [name]), parameter),
    )
    assert after.value == pytest.approx(times * before.value)
    if name in (
        "double-fleet",
        "triple-replacement",
        "half-drones",
    ):  # over the whole range, for draws from it
        assert (after.low, after.high) == pytest.approx((times * before.low, times * before.high))


@pytest.mark.parametrize(
    ("name", "parameter", "days"),
    [
        ("drones-late", "drone_base_day", 30),
        ("drones-late", "rubicon_day", 30),
        ("drones-early", "drone_base_day", -20),
        ("drones-early", "rubicon_day", -30),
        ("early-thaw", "freeze_end_day", -14),
        ("early-thaw", "mud_peak_day", -14),
    ],
)
def test_a_promise_of_a_shift_is_kept(name: str, parameter: str, days: int, base: Scenario) -> None:
    assert load("december-march", [name]).value[parameter] - base.value[parameter] == days


def test_dates_and_figures_in_the_words_are_those_that_are_set(base: Scenario) -> None:
    months = {"January": 1, "February": 2, "March": 3}
    for name, day in (
        ("drones-late", "drone_base_day"),
        ("drones-late", "rubicon_day"),
        ("drones-early", "rubicon_day"),
    ):
        date = base.start + dt.timedelta(days=load("december-march", [name]).value[day])
        said = re.findall(r"(\d+) (January|February|March)", read_patch(name).why)
        assert (date.day, date.month) in {(int(d), months[m]) for d, m in said}, name
    for name in (
        n for n in catalogue.what_ifs("december-march") if n.startswith(("ceasefire", "order"))
    ):
        said = re.findall(r"(\d+) (January|February|March)", read_patch(name).title)
        date = dt.date(2025, months[said[0][1]], int(said[0][0]))
        made = load("december-march", [name])
        if name.startswith("order"):
            assert made.policies["holder"] == f"fixed_date:{date}"
        else:
            assert next(i for i in made.inputs if i.id == "ceasefire").date == date
    shut = load("december-march", ["close-main-road-feb"])
    (closure,) = (i for i in shut.inputs if i.kind == "closure")
    assert (closure.date, closure.until) == (dt.date(2025, 2, 1), dt.date(2025, 2, 28))
    main = next(r for r in shut.routes if r.id == shut.supply.main_route)
    assert closure.target in main.legs
    for name, figure in (("double-fleet", "fleet_0"), ("triple-replacement", "fleet_repl")):
        numbers = re.findall(r"\d+|[Ff]ifteen|five", read_patch(name).why)
        wanted = [load("december-march", [name]).value[figure], base.value[figure]]
        assert [{"fifteen": 15, "five": 5}.get(n.lower()) or int(n) for n in numbers] == wanted


@pytest.mark.parametrize("name", catalogue.what_ifs("december-march"))
def test_each_fits_its_own_scenario_without_a_warning(name: str) -> None:
    made, problems = read(catalogue.find("december-march"), [read_patch(name)])
    assert made is not None and problems == ()


def test_each_says_the_campaign_in_whose_folder_it_is() -> None:
    for campaign, shelf in catalogue.shelves().items():
        assert {read_patch(path).scenario for path in shelf.values()} <= {campaign}
    assert OF_ANY and OTHERS


def test_one_of_another_scenario_is_refused_with_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rule = "is a what-if of december-march, not of two-roads; those of two-roads: dry-winter, nets, never-withdraw"
    ways = [
        ["compare", "two-roads", "{}", "-n", "2"],
        ["compare", "two-roads", "nets+{}", "-n", "2", "--out", "out"],
        ["run", "two-roads", "--what-if", "{}"],
        ["check", "two-roads", "--what-if", "{}"],
        ["ensemble", "two-roads", "-n", "2", "--what-if", "{}", "--store", "s.sqlite"],
        ["sweep", "two-roads", "fleet_repl=0:2:2", "-n", "2", "--what-if", "{}"],
        ["play", "two-roads", "--what-if", "{}"],
        ["sheets", "two-roads", "-o", "s.pdf", "--what-if", "{}"],
        ["why", "two-roads", "2025-01-05", "--what-if", "{}"],
    ]
    for number, way in enumerate(ways):
        name = OTHERS[number % len(OTHERS)]
        words = [w.format(name) for w in way]
        assert main(words) == 2, words
        told = capsys.readouterr()
        assert f"{name!r} {rule}" in told.out + told.err, (words, told)
        assert (told.out if way[0] == "check" else told.err).count("\n") == (
            2 if way[0] == "check" else 1
        )
    assert list(tmp_path.iterdir()) == []


def test_from_python_too() -> None:
    scenario = load("two-roads")
    attempts: list[tuple[str, Callable[[], object]]] = [
        ("no-raid", lambda: ks.run(scenario, what_if="no-raid")),
        ("double-fleet", lambda: ks.Game("two-roads", what_if=["nets", "double-fleet"])),
        ("second-road", lambda: ks.compare("two-roads", [["nets", "second-road"]], replications=2)),
    ]
    for name, attempt in attempts:
        with pytest.raises(
            ks.ScenarioError, match=f"'{name}' is a what-if of december-march, not of two-roads"
        ):
            attempt()


def test_a_copy_under_another_name_takes_them_and_another_campaign_is_told_whose_they_are(
    tmp_path: Path,
) -> None:
    text = (catalogue.find("two-roads") / "scenario.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(
        ks.ScenarioError,
        match=r"no-raid.toml \(a what-if of december-march\): .*unknown input 'raid'",
    ):
        load(tmp_path / "mine.toml", ["no-raid"])
    mine: dict[str, object] = {
        "title": "Mine",
        "why": "",
        "scenario": "two-roads",
        "set": {"parameters.fleet_0": 12},
    }
    assert load(tmp_path / "mine.toml", [mine]).value["fleet_0"] == 12
    with pytest.raises(
        ks.ScenarioError, match="'Mine' is a what-if of two-roads, not of december-march"
    ):
        load("december-march", [mine])
    with pytest.raises(ks.ScenarioError, match="scenario 3: must be text in quotes"):
        read_patch({"title": "x", "scenario": 3})
