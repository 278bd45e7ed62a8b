"""Reported attacks: which count on an evening, what an attacker's plan makes of them, and bad rows."""

from __future__ import annotations

import datetime as dt
from math import dist, log
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine.engine import Engine
from kursksim.errors import ScenarioError
from kursksim.forecasting.known import known_only
from kursksim.policies.attacker_shaping import Shaping
from kursksim.policies.base import build_policy
from kursksim.scenario.reports import ENOUGH, FORTNIGHT, UNSEEN, reported_places, reported_shares
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import iso

TWO_ROADS = ks.load("two-roads")
CAMPAIGN = ks.load("december-march")
AXES = ("left", "right", "tip")


def report(axis: str, day: int, known: int | None = None, **more: Any) -> dict[str, Any]:
    """A report of an attack on a day, that could be read on another."""
    start = TWO_ROADS.start
    days = {"date": iso(start, day), "known_on": iso(start, day if known is None else known)}
    return {"axis": axis, "note": "a test", **days, **more}


def with_reports(*rows: dict[str, Any], scenario: ks.Scenario = TWO_ROADS) -> ks.Scenario:
    found = [{"id": f"r{n}", **row} for n, row in enumerate(rows)]
    return with_changes(scenario, [{"title": "reports", "add": {"attacks": found}}])


def test_shares_are_those_of_the_reports_each_axis_with_one_more() -> None:
    rows = [report("left", 3)] * 6 + [report("right", 4)] * 5
    shares = reported_shares(with_reports(*rows), 5)
    whole = 11 + 3 * UNSEEN
    assert shares == pytest.approx({"left": 7 / whole, "right": 6 / whole, "tip": 1 / whole})


def test_few_reports_fade_to_an_even_share() -> None:
    even = reported_shares(TWO_ROADS, 5)
    assert set(even.values()) == {1 / 3}
    gaps = []
    for count in (1, 3, ENOUGH, 4 * ENOUGH):
        shares = reported_shares(with_reports(*[report("left", 3)] * count), 5)
        gaps.append(shares["left"] - 1 / 3)
    assert gaps == sorted(gaps) and gaps[0] > 0
    # One report alone moves a share by a tenth of what its weight would be.
    assert gaps[0] == pytest.approx((2 / 4 - 1 / 3) / ENOUGH)


@pytest.mark.parametrize(
    ("day", "counts"),
    [(2, False), (3, False), (4, True), (2 + FORTNIGHT, True), (3 + FORTNIGHT, False)],
)
def test_a_report_counts_once_it_can_be_read_and_for_a_fortnight(day: int, counts: bool) -> None:
    scenario = with_reports(*[report("left", 3, known=4)] * 20)
    assert (reported_shares(scenario, day)["left"] > 1 / 3) == counts


def test_an_attack_of_some_days_counts_from_its_last() -> None:
    long = report("left", 2, known=9, until=iso(TWO_ROADS.start, 6))
    scenario = with_reports(*[long] * 20)
    days = [d for d in range(25) if reported_shares(scenario, d)["left"] > 1 / 3]
    assert days == list(range(9, 6 + FORTNIGHT))


def test_a_forecast_reads_no_later_report() -> None:
    rows = [report("left", 3)] * 20 + [report("right", 8)] * 20
    scenario = with_reports(*rows)
    cut, _ = known_only(scenario, dt.date(2025, 1, 5))
    assert reported_shares(cut, 4) == reported_shares(scenario, 4)
    assert reported_shares(cut, 9)["right"] < 1 / 3 < reported_shares(scenario, 9)["right"]
    assert reported_shares(cut, 9) == reported_shares(with_reports(*rows[:20]), 9)


def test_an_axis_across_the_border_has_no_share() -> None:
    for day in (-1, 40, 90):
        shares = reported_shares(CAMPAIGN, day)
        assert shares["novenke"] == 0
        assert sum(shares.values()) == pytest.approx(1)
    (first,) = CAMPAIGN.attacks[:1]
    beyond = first.model_copy(update={"axis": "novenke"})
    more = CAMPAIGN.model_copy(update={"attacks": (*CAMPAIGN.attacks, *[beyond] * 50)})
    assert reported_shares(more, 3) == reported_shares(CAMPAIGN, 3)


def test_each_row_that_ships_can_count() -> None:
    """It names an axis beyond the border, and could be read while its fortnight ran."""
    across = {axis.id for axis in CAMPAIGN.axes if axis.across}
    ids = {axis.id for axis in CAMPAIGN.axes} - across
    assert len(CAMPAIGN.attacks) > 200
    for row in CAMPAIGN.attacks:
        assert row.axis in ids and row.status == "reported"
        assert (row.known_on - row.last).days < FORTNIGHT
        assert CAMPAIGN.start <= row.date <= CAMPAIGN.date(CAMPAIGN.last_day)


def test_the_attacker_sees_the_shares_and_the_holder_does_not() -> None:
    engine = Engine(with_reports(*[report("left", 0, known=0)] * 20), seed=1)
    seen = engine.observe("attacker")
    assert dict(seen["reported"]) == dict.fromkeys(AXES, 1 / 3)
    assert "reported" not in engine.observe("holder")
    run = ks.run(with_reports(*[report("left", 0)] * 20), seed=1, until="2025-01-03")
    assert run.days == 3


# -- the plan --------------------------------------------------------------------------------------


def planner(scenario: ks.Scenario, **values: float) -> Shaping:
    spec = "shaping"
    value = {**scenario.value, **values}
    made = build_policy("attacker", spec, value, scenario.aliases, scenario.start, scenario.days)
    assert isinstance(made, Shaping)
    return made


def score(scenario: ks.Scenario, **values: float) -> dict[str, float]:
    """What the rule makes of each axis on the eve."""
    engine = Engine(scenario, seed=1)
    engine.world.day = 6
    return planner(scenario, **values).score(engine.observe("attacker"))


def test_the_plan_adds_the_logarithm_of_the_share_over_an_even_one() -> None:
    scenario = with_reports(*[report("left", 3)] * 12 + [report("tip", 4)] * 3)
    without, told = score(scenario, val_reports=0.0), score(scenario, val_reports=1.5)
    shares = reported_shares(scenario, 6)
    for axis in AXES:
        assert told[axis] - without[axis] == pytest.approx(1.5 * log(3 * shares[axis]))
    # Without reports the weight does nothing, to the last digit.
    assert score(TWO_ROADS, val_reports=1.5) == score(TWO_ROADS, val_reports=0.0)


@given(st.lists(st.sampled_from(AXES), min_size=ENOUGH, max_size=40), st.sampled_from(AXES))
def test_one_more_report_makes_its_axis_more_wanted_and_the_others_less(
    told: list[str], axis: str
) -> None:
    fewer = reported_shares(with_reports(*[report(a, 3) for a in told]), 6)
    more = reported_shares(with_reports(*[report(a, 3) for a in [*told, axis]]), 6)
    assert {a: more[a] > fewer[a] for a in AXES} == {a: a == axis for a in AXES}


def test_a_gain_counts_by_its_size_against_the_scale() -> None:
    engine = Engine(TWO_ROADS, seed=1)
    gain = dict(engine.observe("attacker")["gain"])
    best, weight = max(gain.values()), TWO_ROADS.value["flank_weight"] * TWO_ROADS.value["val_road"]
    assert 0 < best < 1

    def of_road(scale: float) -> dict[str, float]:
        seen = engine.observe("attacker")
        full = planner(TWO_ROADS, gain_scale=scale).score(seen)
        bare = planner(TWO_ROADS, gain_scale=scale, flank_weight=0.0).score(seen)
        return {a: full[a] - bare[a] for a in full}

    for scale in (0.0, best / 2, best):  # the largest gain counts in full, as with no scale
        assert of_road(scale) == pytest.approx({a: weight * g / best for a, g in gain.items()})
    for scale in (1.0, 2 * best):
        assert of_road(scale) == pytest.approx({a: weight * g / scale for a, g in gain.items()})


def test_why_names_the_reports_that_counted() -> None:
    scenario = with_changes(
        with_reports(*[report("left", 1)] * 20), set={"parameters.val_reports": 1.0}
    )
    run = ks.run(scenario, seed=1, until="2025-01-04")
    taken = [d for d in run.decisions if d.side == "attacker"][-1]
    assert taken.known["reported"]["left"] > 1 / 3
    silent = ks.run(with_reports(*[report("left", 1)] * 20), seed=1, until="2025-01-04")
    assert all("reported" not in d.known for d in silent.decisions)


# -- the places that reports name ------------------------------------------------------------------


def test_places_count_as_often_as_reports_name_them() -> None:
    rows = [report("left", 3, place="Gate")] * 2 + [report("left", 4, place="Hill")]
    scenario = with_reports(*rows, report("tip", 3), report("right", 3, known=5, place="Ford"))
    assert reported_places(scenario, 4) == {"left": {"Gate": 2, "Hill": 1}}
    assert reported_places(scenario, 5)["right"] == {"Ford": 1}
    assert reported_places(scenario, 3 + FORTNIGHT) == {"left": {"Hill": 1}}
    cut, _ = known_only(scenario, dt.date(2025, 1, 5))
    assert "right" not in reported_places(cut, 6)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_axis_makes_for_the_places_that_reports_name(seed: int) -> None:
    """First losses on the left lie nearer to Gate, against Hill, where Gate is what was named."""
    more = {"parameters.reported_aim": 1.0, "parameters.red_men": 12_000, "parameters.focus": 0.5}
    nearer = []
    for place in ("Gate", "Hill"):
        rows = [report("left", 0, known=0, place=place)]
        gate, hill = _taken_on_the_left(with_changes(with_reports(*rows), set=more), seed)
        nearer.append(hill - gate)
    assert nearer[0] > nearer[1]


def _taken_on_the_left(scenario: ks.Scenario, seed: int) -> tuple[float, float]:
    """Mean distance from Gate and Hill of what the left loses in four days."""
    terrain = terrain_of(scenario)
    run = ks.run(scenario, seed=seed, until="2025-01-04")
    axis = [a.id for a in scenario.axes].index("left")
    lost = [c for _, c, held, _ in run.changes if not held and terrain.axis[c] == axis]
    assert lost
    xy = terrain.xy_km
    gate, hill = (xy[terrain.place_cell[place]] for place in ("Gate", "Hill"))
    away = [(dist(xy[c], gate), dist(xy[c], hill)) for c in lost]
    return tuple(fmean(each) for each in zip(*away, strict=True))


def test_without_a_weight_or_a_place_reports_move_no_cell() -> None:
    named = with_reports(report("tip", 0, known=0, place="Gate"))
    bare = with_reports(report("tip", 0, known=0))
    aiming = {"parameters.reported_aim": 1.0}
    assert ks.run(named, seed=2).changes == ks.run(bare, seed=2).changes
    one, two = (ks.run(s, seed=2, set=aiming).changes for s in (bare, TWO_ROADS))
    assert one == two


# -- bad rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (report("lefft", 3), ("attack 'r0'", "unknown axis 'lefft'", "did you mean 'left'")),
        (
            report("left", 3, until="2025-01-02"),
            ("attack 'r0'", "until 2025-01-02 lies before its date 2025-01-04"),
        ),
        (report("left", 3, known=1), ("known_on 2025-01-02 lies before its date 2025-01-04",)),
        (report("left", 3, place=4), ("attack 'r0'", "place 4", "text in quotes")),
        (report("left", 3, side="holder"), ("attack 'r0'", "unknown key 'side'")),
        (report("left", 3, place="Gates"), ("attack 'r0'", "unknown place 'Gates'", "'Gate'")),
        (report("left", 3, source="sorce"), ("attack 'r0'", "unknown source 'sorce'")),
    ],
)
def test_each_fault_is_one_line(row: dict[str, Any], said: tuple[str, ...]) -> None:
    with pytest.raises(ScenarioError) as failure:
        with_reports(row)
    assert len(failure.value.problems) == 1
    for words in said:
        assert words in failure.value.problems[0].what


def test_sources_and_notes_are_no_part_of_the_digest() -> None:
    one, other = (with_reports(report("left", 3, note=n)) for n in ("one", "two"))
    assert one.digest == other.digest != TWO_ROADS.digest
    for moved in (report("tip", 3), report("left", 3, place="Hill")):
        assert with_reports(moved).digest != one.digest
