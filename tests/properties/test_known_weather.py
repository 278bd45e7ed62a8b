"""Days of known weather: between them the chain is that of all courses from one to the other, and without them nothing
is another than it was. The oracles are sums over all courses, a conditional normal law and the climate spelled out."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.models.base import infos
from kursksim.models.weather import KnownWeather, Weather, Winter
from kursksim.rng import Streams
from kursksim.scenario.weather import known_days, known_shares
from kursksim.studies.verify.days import play_days

DAYS = 7
START = dt.date(2024, 12, 1)
CAMPAIGN = ks.load("december-march")
MUD = {"dry": 0.0, "frozen": 0.0, "snow": 0.1, "soft": 0.4, "mud": 0.6}
GROUND = (*MUD, "unknown")


class Row(NamedTuple):
    flying: str = "unknown"
    ground: str = "unknown"


def flying(states: list[str]) -> dict[int, Row]:
    return {day: Row(state) for day, state in enumerate(states)}


climates = st.builds(
    Winter,
    fly_mean=st.floats(0.65, 0.9),
    fly_bad=st.floats(0.3, 0.55),  # some days are bad: no report is ruled out
    fly_persist=st.floats(0.0, 0.9),
)
reports = st.lists(st.sampled_from(["good", "bad", "unknown"]), min_size=DAYS, max_size=DAYS)


def courses(climate: Winter, states: list[str]) -> list[tuple[tuple[bool, ...], float]]:
    """Every course of the weather that agrees with the reports, with its chance in the climate; True is a bad day."""
    share, persist = climate.bad_share, climate.fly_persist
    found = []
    for course in itertools.product((False, True), repeat=DAYS):
        told = [
            s in ("unknown", "bad" if bad else "good")
            for s, bad in zip(states, course, strict=True)
        ]
        if not all(told):
            continue
        chance = share if course[0] else 1 - share
        for before, after in itertools.pairwise(course):
            bad = persist * before + (1 - persist) * share
            chance *= bad if after else 1 - bad
        found.append((course, chance))
    return found


def with_reports(climate: Winter, states: list[str]) -> KnownWeather:
    return KnownWeather(
        fly_mean=climate.fly_mean,
        fly_bad=climate.fly_bad,
        fly_persist=climate.fly_persist,
        known=flying(states),
    )


@given(climates, reports)
@settings(max_examples=60, deadline=None)
def test_a_day_is_drawn_from_all_courses_that_agree_with_the_reports(
    climate: Winter, states: list[str]
) -> None:
    """The chance of a bad day after a given one, and so the chance of every course as it is drawn."""
    model, possible = with_reports(climate, states), courses(climate, states)
    total = math.fsum(p for _, p in possible)
    for course, chance in possible:
        drawn, before = 1.0, None
        for day, bad in enumerate(course):
            p = model.bad_chance(day, before)
            assert 0 <= p <= 1
            drawn, before = drawn * (p if bad else 1 - p), bad
        assert drawn == pytest.approx(chance / total, rel=1e-9, abs=1e-12)


@given(climates, reports)
@settings(max_examples=60, deadline=None)
def test_the_mean_of_a_day_is_that_of_all_courses(climate: Winter, states: list[str]) -> None:
    model, possible = with_reports(climate, states), courses(climate, states)
    total = math.fsum(p for _, p in possible)
    for day in range(DAYS):
        bad = math.fsum(p for course, p in possible if course[day]) / total
        assert model.expected_flyability(day) == pytest.approx(1 - (1 - climate.fly_bad) * bad)


def course_of(model: Winter, luck: list[float]) -> list[Weather]:
    """Weather of many days in a row."""
    found: list[Weather] = []
    for day, u in enumerate(luck):
        yesterday = found[-1] if found else None
        found.append(model.step(day, START + dt.timedelta(days=day), 51.2, yesterday, u))
    return found


@given(climates, st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_without_reports_every_digit_is_that_of_the_climate(climate: Winter, seed: int) -> None:
    """The climate is written out here as it was before any day was known."""
    luck = np.random.default_rng(seed).random(130).tolist()
    drawn = course_of(with_reports(climate, ["unknown"] * DAYS), luck)
    was_bad = None
    for day, (u, weather) in enumerate(zip(luck, drawn, strict=True)):
        share = climate.bad_share
        if was_bad is not None:
            share = climate.fly_persist * was_bad + (1 - climate.fly_persist) * share
        assert weather.flyability == (climate.fly_bad if u < share else 1.0)
        assert weather.mud == climate.mud(day)
        was_bad = weather.flyability < 1.0
    assert KnownWeather().expected_flyability(3) == KnownWeather().fly_mean


def test_after_the_last_report_the_climate_goes_on() -> None:
    model, climate = KnownWeather(known={5: Row("good")}), Winter()
    assert [model.bad_chance(d, True) for d in range(6, 9)] == [climate.bad_chance(0, True)] * 3
    far = model.expected_flyability(60)
    assert far == pytest.approx(climate.fly_mean, abs=1e-9)


def test_a_table_of_every_day_leaves_nothing_to_chance() -> None:
    """Reports that no chain would give, and a state of the ground each day: whatever the luck, they are played."""
    states = ["bad", "good"] * 20
    grounds = list(itertools.islice(itertools.cycle(MUD), 40))
    rows = {d: Row(f, g) for d, (f, g) in enumerate(zip(states, grounds, strict=True))}
    for luck in (0.0, 0.5, 1 - 1e-12):
        drawn = course_of(KnownWeather(fly_persist=0.7, known=rows), [luck] * 40)
        assert [w.flyability for w in drawn] == [0.5, 1.0] * 20
        assert [w.mud for w in drawn] == [MUD[g] for g in grounds]
    assert [KnownWeather(known=rows).expected_flyability(d) for d in range(40)] == [0.5, 1.0] * 20


def test_a_report_that_the_climate_rules_out_stands_alone() -> None:
    """In a climate without bad days a bad one is played as reported, and says nothing of the days before it."""
    model = KnownWeather(fly_mean=1.0, known={3: Row("bad")})
    assert [w.flyability for w in course_of(model, [0.5] * 6)] == [1, 1, 1, 0.5, 1, 1]


@given(
    st.lists(st.sampled_from(GROUND), min_size=12, max_size=12),
    st.floats(0.05, 0.95),
)
@settings(max_examples=60, deadline=None)
def test_ground_between_reports_is_the_mean_of_a_conditional_normal_law(
    states: list[str], persist: float
) -> None:
    """Departures from the climate as an AR(1) process: the mean given all known days, by linear algebra."""
    known = {d: Row(ground=s) for d, s in enumerate(states) if s != "unknown"}
    model, climate = KnownWeather(ground_persist=persist, known=known), Winter()
    at = np.array(sorted(known), dtype=int)
    away = np.array([MUD[known[d].ground] - climate.mud(d) for d in at.tolist()])
    for day in range(-3, 16):
        mean = climate.mud(day)
        if len(at):
            covariance = persist ** np.abs(at[:, None] - at[None, :])
            mean += persist ** np.abs(at - day) @ np.linalg.solve(covariance, away)
        assert model.mud(day) == pytest.approx(min(1.0, max(0.0, mean)), abs=1e-9)


def test_without_persistence_a_report_holds_on_its_own_day() -> None:
    model = KnownWeather(
        ground_persist=0.0, known={10: Row(ground="frozen"), 20: Row(ground="mud")}
    )
    climate = Winter()
    assert (model.mud(10), model.mud(20)) == (0.0, 0.6)
    assert all(model.mud(d) == climate.mud(d) for d in range(120) if d not in (10, 20))


# -- in a campaign -----------------------------------------------------------------------------------------------------


def short(**changes: object) -> ks.Scenario:
    return ks.load("december-march", set={"days": 20, **changes})


def test_a_campaign_plays_its_reports_and_no_luck_but_the_weather_changes() -> None:
    run = ks.run(CAMPAIGN, seed=3, until="2025-01-02")
    for day, row in known_days(CAMPAIGN).items():
        if day < run.days and row.flying != "unknown":
            assert run.daily["flyability"].iloc[day] == (0.5 if row.flying == "bad" else 1.0)
        if day < run.days and row.ground != "unknown":
            assert run.daily["mud"].iloc[day] == MUD[row.ground]
    assert run.provenance.known_weather["flying"] == pytest.approx(6 / 33)


def test_without_rows_the_model_plays_as_the_climate() -> None:
    gone = {"title": "no rows", "remove": {"weather": [r.date for r in CAMPAIGN.weather]}}
    bare = ks.load("december-march", what_if=gone, set={"days": 20})
    assert bare.weather == ()
    climate = ks.load("december-march", set={"days": 20, "models.weather": "winter"})
    assert ks.run(bare, seed=2).daily.equals(ks.run(climate, seed=2).daily)
    assert not ks.run(short(), seed=2).daily.equals(ks.run(climate, seed=2).daily)


def test_a_forecast_reads_what_was_known() -> None:
    """The same run as one whose later rows are not there."""
    date = dt.date(2024, 12, 16)
    late = [r.date for r in CAMPAIGN.weather if r.known_on > date]
    told = [a.id for a in CAMPAIGN.attacks if a.known_on > date]
    gone = {"title": "late rows", "remove": {"weather": late, "attacks": told}}
    ours, theirs = short(as_of=date), ks.load("december-march", what_if=gone, set={"days": 20})
    assert ks.run(ours, seed=4).daily.equals(ks.run(theirs, seed=4).daily)
    assert known_shares(ours)["flying"] == pytest.approx(2 / 20)
    assert ours.digest != short().digest


def test_staffs_look_ahead_by_the_climate() -> None:
    """What the holder reckons with does not know the reports of days to come."""
    from kursksim.meanfield.outlook import Outlook

    engine = Engine(CAMPAIGN, seed=1)
    play_days(engine, "never", 3)
    seen = engine.observe("holder")
    ahead = Outlook(seen, engine.value, CAMPAIGN.aliases, CAMPAIGN.start, 14)
    weather, climate = ahead.models.weather, Winter()
    assert [weather.expected_flyability(d) for d in range(40)] == [climate.fly_mean] * 40
    assert [weather.mud(d) for d in range(40)] == [climate.mud(d) for d in range(40)]


def test_the_mean_field_expects_the_weather_that_is_known() -> None:
    from kursksim.engine.chain import chain_of

    chain = chain_of(Engine(CAMPAIGN, seed=1).world)
    assert chain._sky(15.0).flyability == 0.5  # 16 December: bad weather forecast
    assert chain._sky(52.0).flyability == 1.0  # 22 January: a dry day
    assert 0.5 < chain._sky(16.9 + 3).flyability < 1.0
    # the mean over many courses of the weather, within four standard errors
    model = chain.weather
    luck = [Streams(6, k).uniforms(-1, "courses", 30) for k in range(800)]
    drawn = np.array([[w.flyability for w in course_of(model, u)] for u in luck])
    expected = np.array([model.expected_flyability(d) for d in range(30)])
    error = drawn.std(0) / math.sqrt(len(luck))
    assert (np.abs(drawn.mean(0) - expected) <= 4 * error + 1e-12).all()


# -- what-ifs ----------------------------------------------------------------------------------------------------------


def weathers(name: str) -> tuple[KnownWeather, KnownWeather, Winter]:
    """The weather of a what-if and of its base, and the bare climate of the what-if."""
    changed = ks.load("december-march", what_if=name)
    mine, base = (Engine(s, seed=1).models.weather for s in (changed, CAMPAIGN))
    return mine, base, Winter(**{f: getattr(mine, f) for f in infos(Winter)})


@pytest.mark.parametrize(("name", "from_day"), [("early-thaw", 77), ("dry-winter", 0)])
def test_a_what_if_on_the_ground_is_what_its_title_says(name: str, from_day: int) -> None:
    """Mud is that of the changed climate from the day on which it is another, and that of the base before."""
    mine, base, climate = weathers(name)
    assert [mine.mud(d) for d in range(from_day)] == [base.mud(d) for d in range(from_day)]
    later = range(from_day, 121)
    assert [mine.mud(d) for d in later] == [climate.mud(d) for d in later]
    luck = Streams(1).uniforms(-1, "x", 121)
    ours, theirs = ([w.flyability for w in course_of(m, luck)] for m in (mine, base))
    assert ours == theirs


def test_days_before_an_early_thaw_are_those_of_the_base() -> None:
    thaw, base = ks.load("december-march", what_if="early-thaw", set={"days": 20}), short()
    assert ks.run(thaw, seed=2).daily.equals(ks.run(base, seed=2).daily)


def test_a_what_if_that_sets_what_stands_there_changes_no_report() -> None:
    same = ks.load("december-march", set={"parameters.fly_mean": CAMPAIGN.value["fly_mean"]})
    assert known_shares(same) == known_shares(CAMPAIGN)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("parameters.mud_dry_days", 0),
        ("parameters.mud_peak_day", {"value": 10**400}),
        ("parameters.fly_mean", "much"),
        ("parameters.fly_mean", 0.1),
        ("parameters.freeze_end_day", "soon"),
        ("models.weather", "tabel"),
        ("models.weather", 3),
    ],
)
def test_an_impossible_climate_is_refused_in_one_line(path: str, value: object) -> None:
    with pytest.raises(ks.ScenarioError) as found:
        ks.load("december-march", set={path: value})
    assert "\n" not in str(found.value)


def test_a_what_if_on_flying_weather_holds_on_reported_days_too() -> None:
    clear = short(**{"parameters.fly_mean": 1.0})
    assert set(ks.run(clear, seed=1).daily["flyability"]) == {1.0}
    assert known_shares(clear)["flying"] == 0.0
    assert known_shares(clear)["ground"] == known_shares(short())["ground"]


def test_rows_of_the_same_what_if_stand() -> None:
    patch = {
        "title": "clear, but for a day",
        "set": {"parameters.fly_mean": 0.9, "weather.2024-12-16.flying": "bad"},
        "add": {
            "weather": [
                {
                    "date": dt.date(2024, 12, 5),
                    "flying": "bad",
                    "ground": "mud",
                    "known_on": "2024-12-04",
                }
            ]
        },
    }
    made = ks.load("december-march", what_if=patch)
    assert {r.date.day for r in made.weather if r.flying != "unknown"} == {5, 16}


@pytest.mark.parametrize(
    "path",
    [
        "parameters.fly_bad",
        "parameters.fly_mean.note",
        "parameters.teams_base",
        "parameters.mud_soft",
    ],
)
def test_other_what_ifs_leave_the_reports_alone(path: str) -> None:
    value = "a word" if path.endswith("note") else 0.45
    assert known_shares(ks.load("december-march", set={path: value})) == known_shares(CAMPAIGN)


def test_a_new_range_is_no_other_climate() -> None:
    ends = {"parameters.fly_mean": {"low": 0.65, "high": 0.8}}
    assert known_shares(ks.load("december-march", set=ends)) == known_shares(CAMPAIGN)


# -- going on from a state ---------------------------------------------------------------------------------------------


def test_a_state_goes_on_with_what_became_known_since() -> None:
    """Week by week: days that are over keep their weather, and later rows and a later date may come in."""
    first = short(as_of=dt.date(2024, 12, 10))
    engine = Engine(first, seed=5)
    play_days(engine, "never", 10)
    state = engine.state()
    later = short(as_of=dt.date(2024, 12, 17))
    on = Engine.resume(later, state)
    play_days(on, "never", 10)
    flew = [t.row["flyability"] for t in on.turns]
    assert flew[15 - 10] == flew[16 - 10] == 0.5
    other = short(**{"weather.2024-12-16.flying": "good"})
    assert Engine.resume(other, state).models.weather.expected_flyability(15) == 1.0


def test_a_state_of_a_day_that_is_over_keeps_its_reports() -> None:
    engine = Engine(short(), seed=5)
    play_days(engine, "never", 18)
    other = short(**{"weather.2024-12-16.flying": "good"})
    with pytest.raises(ks.KursksimError, match=r"weather\.2024-12-16 differs"):
        Engine.resume(other, engine.state())
