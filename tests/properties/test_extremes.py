"""Extreme but legal numbers: every range at its ends, hard bounds, many drones, one vehicle, one day, four hundred."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping

import pytest
from campaign_kit import campaign, column, days
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repetitions import times

import kursksim as ks
from kursksim import models
from kursksim.api import with_changes
from kursksim.errors import KursksimError, LedgerError
from kursksim.runs.columns import AXES, DAILY, LEGS
from kursksim.runs.record import Run
from kursksim.scenario.limits import MAX_VALUE
from kursksim.scenario.schema import Parameter, Scenario

SHARES = {
    "daily": (
        "fulfilment", "flyability", "mud", "msr_share_within_8km", "msr_reach", "missing_share",
        "heavy_left_share", "on_foot_share",
    ),
    "axes": ("preparation",),
    "legs": ("reach_radio", "reach_fibre", "open"),
}  # fmt: skip
"""Columns that are shares or chances."""
MAY_BE_NONE = {
    "loss_per_trip", "force_ratio", "order_day", "orderliness", "missing_share", "heavy_left_share", "on_foot_share",
    "line_km", "ratio", "attacker_fit_men",
}  # fmt: skip
"""Columns that are empty on some days: without trips, under a ceasefire, before an order, without an assault stock."""
ROUNDING = 1e-9


def played(
    scenario: Scenario, last: int, seed: int = 1, policy: Mapping[str, str] | None = None
) -> Run | None:
    """A run to a day, checked; None where the scenario's own rules refuse the numbers in one line.

    The engine closes its ledger every day, and raises where it does not.
    """
    try:
        run = ks.run(scenario, seed=seed, until=scenario.date(last), policy=policy)
    except LedgerError:
        raise
    except KursksimError as error:
        assert "\n" not in str(error)
        return None
    for table, kinds in (("daily", DAILY), ("axes", AXES), ("legs", LEGS)):
        for name, kind in kinds.items():
            if kind == "d" and name not in MAY_BE_NONE:
                assert all(math.isfinite(v) for v in column(run, name, table)), name
        for name in SHARES[table]:
            assert all(
                math.isnan(v) or -ROUNDING <= v <= 1 + ROUNDING for v in column(run, name, table)
            ), name
    return run


def changed(base: Scenario, values: Mapping[str, float]) -> Scenario | None:
    """A scenario with other numbers; None where it is refused, in one line."""
    try:
        made = with_changes(
            base, set={f"parameters.{name}": value for name, value in values.items()}
        )
        models.build(made.models, made.aliases, made.value)
    except KursksimError as error:
        assert str(error).strip()
        assert "\n" not in str(error)
        return None
    return made


def end(p: Parameter, high: bool) -> float:
    """One end of a range; days are whole."""
    value = p.high if high else p.low
    return float(round(value)) if p.unit == "day index" else value


def ledger(name: str, *, high: bool) -> dict[str, float]:
    """Every parameter at one end, but for those that would then contradict each other."""
    values = {p.id: end(p, high) for p in campaign(name).parameters}
    if values.get("stock_target", 1.0) < values.get("tau_ration", 0.0):
        values["stock_target"] = values["tau_ration"]
    return values


@pytest.mark.parametrize("high", [False, True])
@pytest.mark.parametrize(
    "name", ["two-roads", "kit", pytest.param("december-march", marks=pytest.mark.slow)]
)
def test_every_number_at_one_end(name: str, high: bool) -> None:
    scenario = changed(campaign(name), ledger(name, high=high))
    if scenario is None:  # the ends may contradict each other in other ways; then most of them
        pytest.fail("the ends of the ranges contradict each other")
    for seed in (1, 2):
        assert played(scenario, scenario.last_day, seed) is not None


def corners(name: str, luck: int, share: float) -> Scenario | None:
    """Each parameter at an end with some chance, else at its default."""
    rng = random.Random(luck)
    return changed(
        campaign(name),
        {
            p.id: end(p, rng.random() < 0.5)
            for p in campaign(name).parameters
            if rng.random() < share
        },
    )


cases = st.tuples(
    st.sampled_from(["two-roads", "two-roads", "kit"]), st.integers(0, 2**24 - 1), st.sampled_from([0.1, 0.5, 1.0]),
    st.sampled_from(["threshold", "never", "fixed_date"]),
)  # fmt: skip


def _corner(case: tuple[str, int, float, str]) -> None:
    name, luck, share, holder = case
    scenario = corners(name, luck, share)
    if scenario is not None:
        dated = f"fixed_date:{scenario.date(luck % 7)}"
        played(
            scenario,
            scenario.last_day,
            luck % 1000,
            {"holder": dated if holder == "fixed_date" else holder},
        )


HOW = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}


@settings(max_examples=times(40), **HOW)
@given(cases)
def test_random_corners(case: tuple[str, int, float, str]) -> None:
    _corner(case)


@pytest.mark.slow
@settings(max_examples=300, **HOW)
@given(cases)
def test_many_random_corners(case: tuple[str, int, float, str]) -> None:
    _corner(case)


@pytest.mark.slow
@pytest.mark.parametrize("luck", range(6))
def test_random_corners_of_the_history(luck: int) -> None:
    """As many as agree with each other; of corners all at once few do, so a third of the numbers moves."""
    scenario = next(
        s for k in range(100) if (s := corners("december-march", 100 * luck + k, 0.3)) is not None
    )
    assert played(scenario, scenario.last_day, luck) is not None


def bounds(name: str) -> Iterator[tuple[str, float]]:
    """Each parameter alone: at the ends of its range, at zero and at the hard bounds of its model."""
    scenario = campaign(name)
    hard = {
        scenario.aliases.get(k, k): info for k, info in models.required(scenario.models).items()
    }
    for p in scenario.parameters:
        values = {p.low, p.high, 0.0}
        if p.id in hard:
            least, most = hard[p.id].at_least, hard[p.id].at_most
            values |= {max(least, -MAX_VALUE), most if math.isfinite(most) else p.high * 10}
        for value in sorted(values):
            yield p.id, float(round(value)) if p.unit == "day index" else value


def _alone(base: Scenario, names: list[tuple[str, float]], last: int) -> int:
    """How many of some single changes could be played."""
    done = 0
    for ident, value in names:
        scenario = changed(base, {ident: value})
        done += scenario is not None and played(scenario, last) is not None
    return done


def test_some_numbers_alone_at_their_bounds() -> None:
    some = list(bounds("two-roads"))[::12]
    assert _alone(campaign("two-roads"), some, 9) > len(some) / 2


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_each_number_alone_at_its_bounds(part: int) -> None:
    every = list(bounds("two-roads"))[part::4]
    assert _alone(campaign("two-roads"), every, campaign("two-roads").last_day) > len(every) / 2


@pytest.mark.slow
def test_each_number_of_the_history_alone_at_its_bounds() -> None:
    some = list(bounds("december-march"))[::10]
    assert _alone(campaign("december-march"), some, 40) > len(some) / 2


@pytest.mark.parametrize(
    "values",
    [{"drone_teams": 400.0}, {"drone_teams": 800.0, "sorties_team": 12.0}, {"fleet_0": 1.0, "fleet_repl": 0.0}, {"fleet_0": 0.0, "fleet_repl": 0.0}],
    ids=["drones times 10", "drones times 20", "one vehicle", "no vehicle"],
)  # fmt: skip
def test_drones_and_vehicles(values: dict[str, float]) -> None:
    scenario = changed(campaign("two-roads"), values)
    assert scenario is not None
    run = played(scenario, scenario.last_day)
    assert run is not None
    if "fleet_0" in values:
        assert max(column(run, "vehicles_serviceable")) <= values["fleet_0"]
        assert sum(column(run, "vehicles_lost")) <= values["fleet_0"] * run.days


@pytest.mark.slow
@pytest.mark.parametrize(
    "values",
    [{"teams_base": 80.0, "teams_rubicon": 250.0}, {"fleet_0": 1.0, "fleet_repl": 0.0}],
    ids=["drones times 10", "one vehicle"],
)
def test_drones_and_vehicles_of_the_history(values: dict[str, float]) -> None:
    scenario = changed(campaign("december-march"), values)
    assert scenario is not None
    assert played(scenario, scenario.last_day) is not None


@pytest.mark.parametrize("length", [1, pytest.param(400, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["two-roads", "december-march"])
def test_a_campaign_of_one_day_and_of_four_hundred(name: str, length: int) -> None:
    scenario = with_changes(campaign(name), set={"days": length})
    run = played(scenario, scenario.last_day)
    assert run is not None
    assert run.days == length


def test_four_hundred_days_of_two_roads() -> None:
    run = played(campaign("two-roads"), 399, policy={"holder": "never"})
    assert run is not None
    assert run.days == 400


def test_draws_keep_to_what_is_possible() -> None:
    """A range may reach beyond the legal bounds (the reader warns); a set drawn from it does not."""
    wide = {"parameters.payload": {"value": 2.0, "low": -20.0, "high": 5.0}}
    scenario = with_changes(campaign("two-roads"), set=wide)
    for seed in range(8):
        run = ks.run(scenario, seed=seed, until=scenario.start, parameters="prior")
        assert 0.01 <= run.provenance.values["payload"] <= 5


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"stock_target": 3.0, "tau_ration": 6.0}, "stock_target 3 is below tau_ration 6"),
        ({"payload": 0.0}, "payload"),
        ({"east_share": 1.5}, "no fraction"),
        ({"blue_men": 0.0}, "no men on the front"),
        ({"convoy_n": 11.0}, "convoy_n"),
    ],
)  # fmt: skip
def test_numbers_at_odds_are_refused_in_one_line(values: dict[str, float], said: str) -> None:
    with pytest.raises(ks.ScenarioError) as caught:
        with_changes(
            campaign("two-roads"),
            set={f"parameters.{name}": value for name, value in values.items()},
        )
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("high", [False, True])
@pytest.mark.parametrize("more", [{}, {"drone_teams": 400.0}], ids=["", "drones times 10"])
def test_chances_inside_the_day_are_chances(high: bool, more: dict[str, float]) -> None:
    """What a convoy meets on its way never stands in a table."""
    scenario = changed(campaign("two-roads"), ledger("two-roads", high=high) | more)
    assert scenario is not None
    for engine in days(scenario, 12):
        world, made = engine.world, engine.models
        weather = world.weather
        assert weather is not None
        for chance in (
            weather.flyability,
            weather.mud,
            world.stores.fulfilment,
            *made.interdiction.shares(world.day),
        ):
            assert 0 <= chance <= 1
        for leg in world.legs.values():
            assert all(
                0 <= chance <= 1 for chance in (*leg.today.reach, leg.today.passing, leg.ew_cover)
            )
            assert all(0 < made.interdiction.dilution(convoys) <= 1 for convoys in (1, 2, 50))
        assert sum(sum(leg.today.teams) for leg in world.legs.values()) <= world.drones.teams + 1e-6
