"""Common random numbers: a change moves only the luck that it must."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from campaign_kit import FEW, Game, campaign, column, days, games, texts
from hypothesis import given
from hypothesis import strategies as st

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine.engine import Engine
from kursksim.orders import HolderOrders
from kursksim.policies.base import build_policy
from kursksim.runs.record import Run
from kursksim.sides import SIDES

ARRIVALS = ("Joined", "DroneTeamsJoined")


def arrivals(run: Run) -> list[tuple[Any, ...]]:
    return [e for e in run.events if e[2] in ARRIVALS]


@pytest.mark.parametrize("name", ["two-roads", "kit", "december-march"])
def test_who_attacks_by_another_rule_meets_the_same_weather_and_arrivals(name: str) -> None:
    """M23, the attacker's policy: weather, drone teams and arrivals for the whole run, and the eve on which both
    decide.
    """
    scenario = campaign(name)
    until = scenario.date(min(scenario.days, 50) - 1)
    one, other = (
        ks.run(
            scenario,
            seed=4,
            until=until,
            policy={"holder": "never", "attacker": red},
            record="full",
        )
        for red in ("shaping", "frontal")
    )
    for table in ("flyability", "mud", "drone_teams"):
        assert column(one, table) == column(other, table)
    assert arrivals(one) == arrivals(other)
    assert len(arrivals(one)) > 0
    eve = [[e for e in run.events if e[0] < 0] for run in (one, other)]
    assert eve[0] == eve[1] != []
    assert texts(one)["daily"] != texts(other)["daily"]


@FEW
@given(games, st.integers(2, 12))
def test_a_policy_leaves_what_came_before_it_alone(game: Game, day: int) -> None:
    """M23: weather and arrivals for the whole run; everything up to the evening of the first differing order."""
    scenario = game.scenario
    never, ordered = (
        ks.run(
            scenario,
            seed=game.seed,
            policy={"holder": holder, "attacker": game.attacker},
            record="full",
        )
        for holder in ("never", f"fixed_date:{scenario.date(day)}")
    )
    for name in ("flyability", "mud", "drone_teams"):
        assert column(never, name) == column(ordered, name)
    assert arrivals(never) == arrivals(ordered)
    for name, rows in texts(never).items():
        late = list(never.tables[name].columns).index("order_day") if name == "daily" else None
        size = len(rows) // never.days
        for one, other in zip(
            rows[: size * (day + 1)], texts(ordered)[name][: size * (day + 1)], strict=True
        ):
            assert [v for i, v in enumerate(one) if i != late] == [
                v for i, v in enumerate(other) if i != late
            ]
    assert [c for c in never.changes if c[0] <= day] == [c for c in ordered.changes if c[0] <= day]
    assert [e for e in never.events if e[0] <= day] == [e for e in ordered.events if e[0] <= day]
    assert texts(never)["daily"][day + 1 :] != texts(ordered)["daily"][day + 1 :]


def rows(run: Run, leg: str) -> list[list[str]]:
    return [row for row in texts(run)["legs"] if row[1] == leg]


@pytest.mark.parametrize("seed", range(6))
def test_an_untouched_leg_keeps_its_luck(seed: int) -> None:
    """Jamming on one road is switched off: on the first day of the drones nothing changes on the other."""
    scenario = campaign("two-roads")
    first = next(scenario.day(i.date) for i in scenario.inputs if i.kind == "teams")
    runs = [
        ks.run(s, seed=seed, until=scenario.date(first), policy={"holder": "never"})
        for s in (scenario, with_changes(scenario, set={"legs.A2.ew_cover": 0.0}))
    ]
    for leg in ("B1", "B2"):
        assert rows(runs[0], leg) == rows(runs[1], leg)


def test_a_touched_leg_does_not() -> None:
    """The test above would hold for a change without effect; on the leg itself it has one."""
    scenario = campaign("two-roads")
    bare = with_changes(scenario, set={"legs.A2.ew_cover": 0.0})
    lost = [
        sum(
            sum(column(ks.run(s, seed=seed, until="2025-01-08"), "lost", "legs"))
            for seed in range(20)
        )
        for s in (scenario, bare)
    ]
    assert lost[1] > lost[0]


class Trips:
    """The staff's orders with another number of vehicles."""

    def __init__(self, engine: Engine, vehicles: float) -> None:
        s = engine.scenario
        self.staff = build_policy("holder", "never", engine.value, s.aliases, s.start, s.days)
        self.vehicles = vehicles

    def decide(self, seen: Any) -> HolderOrders:
        made = self.staff.decide(seen)
        assert isinstance(made, HolderOrders)
        return replace(made, vehicles=self.vehicles)


def test_more_convoys_only_append() -> None:
    """Route, size and hour of a convoy do not depend on how many follow it."""
    scenario = campaign("two-roads")
    sent = []
    for vehicles in (12.0, 17.0):
        engine = Engine(scenario, seed=1, keep_events=True)
        s = engine.scenario
        red = build_policy("attacker", "shaping", engine.value, s.aliases, s.start, s.days)
        blue = Trips(engine, vehicles)
        engine.step(
            {
                "holder": blue.decide(engine.observe("holder")),
                "attacker": red.decide(engine.observe("attacker")),
            }
        )
        sent.append(
            {
                e.subject: (hour, e)
                for _, hour, e in engine.world.log or ()
                if type(e).__name__ == "ConvoySent"
            }
        )
    few, many = sent
    assert len(many) > len(few) > 3
    common = sorted(few, key=lambda name: int(name.rsplit("/", 1)[1]))
    assert set(few) <= set(many)
    for name in common[:-1]:  # the last may be cut short
        assert few[name] == many[name]
    assert few[common[-1]][0] == many[common[-1]][0]


FIBRE = {"parameters.fibre_share_0": 1.0, "parameters.fibre_share_1": 1.0}


@pytest.mark.parametrize(
    ("name", "until", "holder", "seed"),
    [
        ("two-roads", None, "threshold", 0),
        ("two-roads", None, "fixed_date:2025-01-09", 1),
        ("kit", None, "never", 2),
        ("december-march", "2025-01-09", "fixed_date:2025-01-03", 3),
    ],
)
def test_jamming_does_nothing_to_fibre(
    name: str, until: str | None, holder: str, seed: int
) -> None:
    """M8: with fibre drones alone, jamming at its weakest and at its strongest, and on every leg or on none, give the
    same run to the last digit: every table, every cell, every event, with convoys, columns and marches on the roads.
    """
    scenario = with_changes(campaign(name), set=FIBRE)
    cover = [{f"legs.{g.id}.ew_cover": c for g in scenario.legs} for c in (0.0, 1.0)]
    changes = [{"parameters.ew_eff": 0.2}, {"parameters.ew_eff": 0.7}, *cover]
    weak, *strong = (
        ks.run(
            with_changes(scenario, set=c),
            seed=seed,
            until=until,
            policy={"holder": holder},
            record="full",
        )
        for c in changes
    )
    assert sum(column(weak, "attempts")) > 0
    for run in strong:
        assert texts(weak) == texts(run)
        assert weak.changes == run.changes
        assert weak.events == run.events


def test_jamming_does_something_to_radio() -> None:
    radio = {"parameters.fibre_share_0": 0.0, "parameters.fibre_share_1": 0.0}
    lost = [
        sum(
            sum(
                column(
                    ks.run("two-roads", seed=s, set={**radio, "parameters.ew_eff": eff}),
                    "vehicles_lost",
                )
            )
            for s in range(5)
        )
        for eff in (0.2, 0.7)
    ]
    assert lost[1] < lost[0]


def test_both_sides_decide_on_what_they_know_alone() -> None:
    """Neither observation depends on whether the other side has looked or decided."""
    scenario = campaign("kit")
    seen = []
    for order in (SIDES, SIDES[::-1]):
        *_, engine = days(scenario, 5, seed=3)
        seen.append({side: engine.observe(side) for side in order})
    assert seen[0] == seen[1]
