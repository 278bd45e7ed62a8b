"""Campaigns played together are those played one by one, to the last digit."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from campaign_kit import MORE
from hypothesis import given
from hypothesis import strategies as st

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine.campaign import play
from kursksim.engine.together import Arm, play_together
from kursksim.observation import Observation
from kursksim.orders import AttackerOrders, Decision, HolderOrders
from kursksim.policies.base import hold_orders
from kursksim.rng import Streams
from kursksim.scenario import catalogue
from kursksim.units import iso

Setting = dict[str, Any]
"""A scenario, the policies over its own and the parameter values of one campaign."""


@dataclass
class LeavesBelow:
    """Counts the evenings on which less than some ground was held, and leaves on the third."""

    km2: float
    evenings: list[int] = field(default_factory=list)
    reason: Decision = field(init=False, compare=False)

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        if observation["held_km2"] < self.km2:
            self.evenings.append(observation.day)
        return hold_orders(observation, len(self.evenings) >= 3)


def play_alone(setting: Setting, **shared: Any) -> ks.Run | Exception:
    try:
        return play(**copy.deepcopy(setting), **shared)
    except Exception as error:
        return error


def check(settings: Sequence[Setting], *, seed: int, replication: int = 0, **shared: Any) -> int:
    """Play campaigns together and one by one; return how many were played together."""
    luck = Streams(seed, replication)
    last = shared.pop("last_day", settings[0]["scenario"].last_day)
    arms = [
        Arm(luck=luck, last_day=last, **shared, **copy.deepcopy(setting)) for setting in settings
    ]
    play_together(arms)
    count = 0
    for arm, setting in zip(arms, settings, strict=True):
        alone = play_alone(setting, seed=seed, replication=replication, last_day=last, **shared)
        if arm.error is not None:
            assert repr(arm.error) == repr(alone)
        elif arm.run is not None:
            assert isinstance(alone, ks.Run)
            for part in ("tables", "changes", "start", "decisions", "orders", "provenance"):
                assert repr(told(arm.run, part)) == repr(told(alone, part)), part
            count += 1
    return count


def told(run: ks.Run, part: str) -> Any:
    """A part of a run, as it is written."""
    found = getattr(run, part)
    return {t: list(found[t].text_rows()) for t in found} if part == "tables" else found


# -- random campaigns ------------------------------------------------------------------------------

ENTRIES: tuple[Mapping[str, Any], ...] = (
    {"kind": "ceasefire"},
    {"kind": "ceasefire_offer"},
    {"kind": "teams", "amount": "drone_teams"},
    {"kind": "reinforce", "target": "red", "amount": "more_men"},
    {"kind": "reinforce", "target": "blue", "amount": "more_men"},
    {"kind": "counter_attack", "target": "left"},
    {"kind": "closure", "target": "A2", "lasts": 2},
    {"kind": "closure", "target": "Ford bridge"},
    {"kind": "holder_power", "amount": "power", "lasts": 3},
    {"kind": "holder_power", "side": "attacker", "amount": "power", "lasts": 2},
)
MORE_PARAMETERS = [
    {"id": "more_men", "value": 400, "low": 100, "high": 900, "unit": "men", "meaning": "more"},
    {"id": "power", "value": 0.8, "low": 0.5, "high": 1, "unit": "factor", "meaning": "power"},
]
BASE = with_changes(ks.load("two-roads"), [{"add": {"parameters": MORE_PARAMETERS}}])
SPECS = ("threshold", "never", "fixed_date", "expected_value:look_ahead=10")


def entry(luck: random.Random, name: str) -> dict[str, Any]:
    """A dated input; the second half of the campaign has most of them."""
    made = dict(luck.choice(ENTRIES))
    day = luck.choice((luck.randrange(BASE.days), luck.randrange(BASE.days // 2, BASE.days)))
    if lasts := made.pop("lasts", 0):
        made["until"] = iso(BASE.start, day + lasts)
    date = iso(BASE.start, day)
    return {"id": name, "name": name, "date": date, "known_on": date, "note": "a test", **made}


def policies(luck: random.Random, km2: float) -> dict[str, Any]:
    spec = luck.choice((*SPECS, "object"))
    if spec == "fixed_date":
        spec = f"fixed_date:{iso(BASE.start, luck.randrange(BASE.days))}"
    return {"holder": LeavesBelow(km2) if spec == "object" else spec, "attacker": "shaping"}


def campaigns(luck: random.Random) -> list[Setting]:
    """Campaigns that differ in dated inputs, policies or values that policies read."""
    common = [entry(luck, f"common{n}") for n in range(luck.randrange(3))]
    alike, km2 = luck.random() < 0.5, luck.uniform(60, 120)
    seed = luck.randrange(10**9)
    made = []
    for _ in range(luck.randrange(2, 5)):
        own = [entry(luck, luck.choice("abc")) for n in range(luck.randrange(2))]
        scenario = with_changes(BASE, [{"add": {"inputs": common + own}}]) if common + own else BASE
        chosen = policies(random.Random(seed) if alike else luck, km2)
        values = {"persist": luck.choice((1.0, 4.0))} if luck.random() < 0.2 else {}
        if luck.random() < 0.1:
            values["fleet_0"] = 30.0  # of the world: such a campaign shares no day
        made.append({"scenario": scenario, "policy": chosen, "values": values})
    return made


@MORE
@given(st.randoms(use_true_random=False), st.integers(0, 2**32))
def test_campaigns_played_together_are_those_played_one_by_one(
    luck: random.Random, seed: int
) -> None:
    check(campaigns(luck), seed=seed)


# -- which days are shared -------------------------------------------------------------------------


def dated(kind: str, day: int, **more: Any) -> ks.Scenario:
    """The campaign with another input on a day."""
    date = iso(BASE.start, day)
    made = {"id": "x", "name": "x", "kind": kind, "date": date, "known_on": date, "note": "a test"}
    return with_changes(BASE, [{"add": {"inputs": [{**made, **more}]}}])


def days_played(steps: list[int], scenarios: Sequence[ks.Scenario], *holders: Any) -> int:
    """Days that campaigns take that are played together; check them against those alone."""
    kinds = holders or ("never",)
    settings = [{"scenario": s, "policy": {"holder": h}} for s in scenarios for h in kinds]
    assert check(settings, seed=3) == len(settings)
    # each was played alone once more
    return len(steps) - sum(s["scenario"].days for s in settings)


def test_a_what_if_begins_on_its_date(steps: list[int]) -> None:
    days = BASE.days
    assert days_played(steps, [BASE, dated("ceasefire", 15)]) == days + (days - 15)


def test_dates_of_an_order_share_the_days_before(steps: list[int]) -> None:
    """An order of the evening of day 9 is carried out on day 10."""
    holders = [f"fixed_date:{iso(BASE.start, day)}" for day in (3, 9)]
    assert days_played(steps, [BASE], "never", *holders) == 3 * BASE.days - 4 - 10


def test_those_that_part_by_the_same_orders_go_on_together(steps: list[int]) -> None:
    holders = [f"fixed_date:{iso(BASE.start, day)}" for day in (3, 3, 9)]
    assert days_played(steps, [BASE], "never", *holders) == 3 * BASE.days - 4 - 10


def test_a_staff_that_looks_ahead_shares_days_as_long_as_it_orders_the_same(
    steps: list[int],
) -> None:
    """Whatever it knows of the teams that are to come, it is asked every evening."""
    scenarios = [BASE, dated("teams", 12, amount="drone_teams")]
    count = days_played(steps, scenarios, "expected_value:look_ahead=10", "never")
    assert count < 4 * BASE.days


def test_what_the_world_reads_shares_no_day(steps: list[int]) -> None:
    other = with_changes(BASE, set={"parameters.fleet_0": 30})
    settings = [{"scenario": s, "policy": {"holder": "never"}} for s in (BASE, other)]
    assert check(settings, seed=3) == 1  # the other is left to be played alone
    assert len(steps) == 3 * BASE.days


class Breaks:
    """A staff that can work no more on an evening."""

    def __init__(self, day: int) -> None:
        self.day = day

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        if observation.day == self.day:
            raise ArithmeticError(f"evening {self.day}")
        return hold_orders(observation, False)


@pytest.mark.parametrize("first", [0, 1])
def test_a_staff_that_breaks_off_ends_its_own_campaign_alone(first: int) -> None:
    settings = [{"scenario": BASE, "policy": {"holder": h}} for h in (Breaks(5), "never")]
    if first:
        settings.reverse()
    assert check(settings, seed=3) == first  # where the leading one breaks off, none was played


class RaidsEarly:
    """An attacker who orders the raid of the calendar on an early evening."""

    def decide(self, observation: Observation) -> AttackerOrders:
        """Orders for the next day."""
        return AttackerOrders(raid="now" if observation.day == 4 else "")


def test_an_order_about_what_is_to_come_parts_two_campaigns() -> None:
    """A raid that is ordered on day 5 is legal only where the calendar has one on day 14."""
    raid = dated("holder_power", 14, amount="power", side="attacker", until=iso(BASE.start, 15))
    for scenarios in ([raid, BASE], [BASE, raid]):
        settings = [
            {"scenario": s, "policy": {"holder": "never", "attacker": RaidsEarly()}}
            for s in scenarios
        ]
        check(settings, seed=3)


@pytest.mark.slow
def test_every_shipped_what_if_shares_only_days_that_are_equal() -> None:
    base = ks.load("december-march")
    scenarios = [with_changes(base, [name]) for name in catalogue.what_ifs("december-march")]
    assert check([{"scenario": s} for s in (base, *scenarios)], seed=6) > 5
