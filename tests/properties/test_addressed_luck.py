"""Luck has addresses, whole numbers have sums, and results depend on nothing but what they should depend on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from math import floor
from typing import Any

import lattice_kit
import numpy as np
import pytest
from campaign_kit import campaign, column, days, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from repetitions import times

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine import convoys, march
from kursksim.engine import effects as fx
from kursksim.engine.dispatch import whole_shares
from kursksim.engine.engine import Engine
from kursksim.engine.trips import Trip
from kursksim.engine.world import World
from kursksim.models.interdiction import Strike
from kursksim.policies.base import build_policy
from kursksim.rng import Streams
from kursksim.runs.record import Run
from kursksim.sides import SIDES

PLACES = {"Port": (12.0, 1.0), "Gate": (11.0, 4.0), "Ford": (13.0, 4.0), "Hill": (12.0, 12.0)}


# -- addresses ---------------------------------------------------------------------------------------------------------


Asked = dict[tuple[int, str, int], list[float]]
"""Numbers of a run by day, name and place in the stream."""


def asked_by(engines: Iterator[Engine], monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Everything that a campaign asks of its streams."""
    found: Asked = {}
    uniform, uniforms, block = Streams.uniform, Streams.uniforms, Streams.array

    def one(self: Streams, day: int, name: str, at: int = 0) -> float:
        found.setdefault((day, name, at), []).append(u := uniform(self, day, name, at))
        return u

    def some(self: Streams, day: int, name: str, count: int) -> list[float]:
        for at, u in enumerate(drawn := uniforms(self, day, name, count)):
            found.setdefault((day, name, at), []).append(u)
        return drawn

    def array(self: Streams, day: int, name: str, shape: tuple[int, ...]) -> np.ndarray:
        drawn = block(self, day, name, shape)
        for at, u in enumerate(drawn.ravel().tolist()):
            found.setdefault((day, name, at), []).append(u)
        return drawn

    with monkeypatch.context() as patch:
        for name, method in (("uniform", one), ("uniforms", some), ("array", array)):
            patch.setattr(Streams, name, method)
        for _ in engines:
            pass
    return found


CAMPAIGNS: tuple[dict[str, float], ...] = (
    {},
    {
        "blue_men": 3900.0,
        "v_road": 15.0,
        "drone_teams": 80.0,
        "night_share": 0.4,
        "east_share": 0.6,
    },
)


def test_the_luck_of_a_campaign_is_that_of_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two campaigns in which everything differs ask the same numbers of the same addresses, each as often as it likes,
    and no number belongs to two of them.
    """
    scenario, streams, runs = campaign("two-roads"), Streams(5), []
    for change in CAMPAIGNS:
        value = {**scenario.value, **change}
        played = days(scenario, 14, seed=5, policy={"holder": "fixed_date:2025-01-08"}, value=value)
        runs.append(asked_by(played, monkeypatch))
    for asked in runs:
        for (day, name, at), drawn in asked.items():
            assert set(drawn) == {streams.uniform(day, name, at)}
        assert len({drawn[0] for drawn in asked.values()}) == len(asked)
    common, kinds = set(runs[0]) & set(runs[1]), {name.split("/")[0] for _, name, _ in runs[0]}
    assert len(common) > 20
    assert set(runs[0]) != set(runs[1])
    assert {"axis", "bombs", "column", "convoy", "convoys", "estimate", "weather"} <= kinds


def test_the_luck_of_convoys_on_a_leg_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many midnights its convoys are on the road, behind a crossing that takes fewer than come to it."""
    scenario, midnights = campaign("december-march"), set()
    value = {**scenario.value, "crossing_cap": 4.0}

    def played() -> Iterator[Engine]:
        for engine in days(scenario, 40, seed=1, policy={"holder": "never"}, value=value):
            trips = engine.world.movement.trips.values()
            midnights.update(engine.world.day - trip.day for trip in trips)
            yield engine

    asked = asked_by(played(), monkeypatch)
    blocks = {f"convoy/{leg.id}" for leg in scenario.legs}
    drawn = [len(numbers) for (_, name, _), numbers in asked.items() if name in blocks]
    assert set(drawn) == {1}
    assert {0, 1, 2} <= midnights


def test_a_convoy_has_its_luck_from_its_day_leg_ordinal_and_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever else the campaign is: even where it meets something after midnight, on a day that is not its own."""
    scenario, late = campaign("two-roads"), 0
    met: list[tuple[int, int, str, int, int, float]] = []
    real = convoys.meet

    def meet(world: World, trip: Trip, at: int, launched: float, u: float) -> Strike:
        way, leg = int(at >= trip.course.half), trip.course.legs[at]
        met.append((world.day, trip.day, leg.id, trip.ordinal, way, u))
        return real(world, trip, at, launched, u)

    monkeypatch.setattr(convoys, "meet", meet)
    for change in CAMPAIGNS:
        met.clear()
        value = {**scenario.value, **change}
        for _ in days(scenario, 14, seed=5, policy={"holder": "never"}, value=value):
            pass
        assert {way for *_, way, _ in met} == {0, 1}
        for today, day, leg, ordinal, way, u in met:
            assert (
                u == Streams(5).uniforms(day, f"convoy/{leg}", 2 * ordinal + 2)[2 * ordinal + way]
            )
            late += today > day
    assert late > 0


def test_no_two_parts_of_a_march_or_column_share_their_luck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those on wheels and those on foot; those who walk beside a leg and come to it again on the road."""
    asked: list[tuple[int, str]] = []
    real = march._strike

    def strike(world: World, leg: Any, luck: tuple[int, str], targets: int, **more: Any) -> int:
        asked.append(luck)
        return real(world, leg, luck, targets, **more)

    monkeypatch.setattr(march, "_strike", strike)
    for _ in days(campaign("kit"), 14, seed=2, policy={"holder": "fixed_date:2025-01-05"}):
        pass
    assert len(set(asked)) == len(asked)
    assert {name.split("/")[3] for _, name in asked if name.startswith("column/")} == {
        "wheels",
        "foot",
        "walk",
    }


def test_the_range_of_the_convoy_size_moves_no_luck() -> None:
    """How large a convoy could be by the ledger is not how large it is."""
    base = campaign("two-roads")
    wide = [with_changes(base, set={"parameters.convoy_n.high": high}) for high in (5.0, 10.0)]
    assert [next(p for p in s.parameters if p.id == "convoy_n").high for s in wide] == [5.0, 10.0]
    runs = [ks.run(s, seed=3, policy={"holder": "never"}) for s in wide]
    assert sum(column(runs[0], "vehicles_lost")) > 0
    assert texts(runs[0]) == texts(runs[1])


# -- an axis that has no part in it ------------------------------------------------------------------------------------


def lattice_run(
    ident: str, record: int = 14
) -> tuple[list[dict[str, Any]], list[list[str]], list[dict[str, Any]]]:
    """Two-roads on a lattice, with an axis of that name on which nothing lies, or without one."""
    scenario = ks.load("two-roads")
    if ident:
        more = {
            "id": ident,
            "name": "None",
            "lat": 0.01,
            "lon": 0.01,
            "uncertainty_km": 0.0,
            "place": "Port",
        }
        scenario = with_changes(scenario, {"title": "axis", "add": {"axes": [more]}})
    index = [i for i, a in enumerate(scenario.axes) if a.id != ident]
    if ident:
        assert [a.id for a in scenario.axes].index(ident) == (0 if ident < "left" else 3)
    terrain = lattice_kit.lattice(
        scenario, PLACES, held=lambda x, y: y < 18, axis=lambda x, y: index[min(2, int(x // 8.5))]
    )
    engine = Engine(scenario, seed=6, terrain=terrain)
    staffs = {
        side: build_policy(side, spec, engine.value, scenario.aliases, scenario.start, 100)
        for side, spec in (("holder", "fixed_date:2025-01-09"), ("attacker", "shaping"))
    }
    seen = []
    for _ in range(record):
        known = {side: engine.observe(side) for side in SIDES}
        seen.append({side: dict(k["enemy_men"]) for side, k in known.items()})
        for k in seen[-1].values():
            k.pop(ident, None)
        engine.step({side: staffs[side].decide(known[side]) for side in SIDES})
    axes = [r for r in engine.tables["axes"].text_rows() if r[1] != ident]
    return [t.row for t in engine.turns], axes, seen


@pytest.fixture(scope="module")
def without() -> Any:
    return lattice_run("")


@pytest.mark.parametrize("ident", ["aaa", "zzz"])
def test_an_axis_without_a_front_changes_nothing(without: Any, ident: str) -> None:
    rows, axes, seen = lattice_run(ident)
    assert seen == without[2]
    for one, other in zip(rows, without[0], strict=True):
        for name, value in one.items():
            same = value == other[name] or (value != value and other[name] != other[name])
            assert same or value == pytest.approx(other[name], rel=1e-9), name
    assert len(axes) == len(without[1])
    for one_row, other_row in zip(axes, without[1], strict=True):
        assert one_row[:2] == other_row[:2]
        for a, b in zip(one_row[2:], other_row[2:], strict=True):
            assert a == b or float(a) == pytest.approx(float(b), rel=1e-9, abs=1e-9)


# -- the evening of the order ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "holder"), [(0, "threshold"), (3, "threshold"), (1, "fixed_date:2025-01-06")]
)
def test_a_run_that_ends_on_the_evening_of_the_order_knows_it(seed: int, holder: str) -> None:
    soon = {"drone_teams": 80, "phi_crit": 0.8, "dos_crit": 4, "persist": 2}
    scenario = with_changes(
        campaign("two-roads"), set={f"parameters.{k}": v for k, v in soon.items()}
    )
    full = ks.run(scenario, seed=seed, policy={"holder": holder})
    assert full.order_day is not None

    def until(day: int) -> Run:
        date = full.scenario.date(day)
        return ks.run(scenario, seed=seed, policy={"holder": holder}, until=date)

    assert until(full.order_day).order_day == full.order_day
    assert until(full.order_day).days == full.order_day + 1
    assert until(full.order_day - 1).order_day is None


# -- trips over watched road -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("watched", [("A2",), ("A2", "B2"), ("A1", "A2"), ("A1", "A2", "B1", "B2")])
def test_trips_count_by_the_watched_road_that_they_run_over(watched: tuple[str, ...]) -> None:
    scenario = with_changes(campaign("two-roads"), set={"supply.watched_legs": list(watched)})
    run = ks.run(scenario, seed=2, until="2025-01-09", policy={"holder": "never"}, record="full")
    km = {leg.id: leg.length_km for leg in scenario.legs}
    whole = sum(km[g] for g in watched)
    share = {r.id: sum(km[g] for g in r.legs if g in watched) / whole for r in scenario.routes}
    expected = [0.0] * run.days
    lost = [0] * run.days
    for day, _, kind, _, place, amount, detail in run.events:
        if kind == "ConvoySent":
            expected[day] += amount * share[place]
        elif kind == "Hit" and place in watched and "convoy=True" in detail:
            lost[day] += int(amount)
    assert column(run, "watched_trips") == pytest.approx(expected)
    assert column(run, "watched_lost") == lost
    assert sum(lost) > 0
    ratio = [n / t for n, t in zip(lost, expected, strict=True)]
    assert column(run, "loss_per_trip") == pytest.approx(ratio)


# -- whole numbers -----------------------------------------------------------------------------------------------------

weights = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2),
    st.one_of(st.just(0.0), st.floats(1e-6, 1e6)),
    min_size=1,
    max_size=8,
)
PURE = settings(max_examples=times(300), deadline=None, derandomize=True)


@PURE
@given(weights, st.integers(0, 5000))
def test_whole_shares_add_up_and_follow_the_weights(wanted: dict[str, float], total: int) -> None:
    found = whole_shares(wanted, total)
    whole = sum(wanted.values())
    assert set(found) == set(wanted)
    assert sum(found.values()) == (total if whole > 0 else 0)
    assert all(isinstance(n, int) and n >= 0 for n in found.values())
    for a, x in wanted.items():
        if whole > 0:
            assert abs(found[a] - total * x / whole) < 1 + 1e-6
        for b, y in wanted.items():
            if x > y * (1 + 1e-9):
                assert found[a] >= found[b]


@PURE
@given(weights, st.integers(0, 500), st.floats(1.0, 50.0), st.data())
def test_who_wants_more_gets_no_less(
    wanted: dict[str, float], total: int, factor: float, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(wanted)))
    more = {**wanted, name: wanted[name] * factor}
    assert whole_shares(more, total)[name] >= whole_shares(wanted, total)[name]


@pytest.mark.parametrize("seed", range(3))
def test_sorties_over_the_legs_add_up_to_those_of_the_force(seed: int) -> None:
    """None is lost in rounding and none flown twice, and a leg has no share of a sortie."""
    some = 0
    for engine in days(campaign("two-roads"), 14, seed=seed, policy={"holder": "never"}):
        world, row = engine.world, engine.turns[-1].row
        flown = sum(leg.today.attempts for leg in world.legs.values())
        sorties = world.drones.teams * world.models.interdiction.sorties_team * row["flyability"]
        at_dawn = world.drones.airframes + flown
        force = floor(min(sorties, at_dawn) + 1e-9)
        given_out = [leg.today.left + leg.today.attempts for leg in world.legs.values()]
        assert all(isinstance(n, int) for n in given_out)
        assert sum(given_out) == force
        assert row["attempts"] == flown <= force
        some += force
    assert some > 100


def test_every_convoy_belongs_to_a_day_and_an_ordinal() -> None:
    """Names are addresses: no two convoys share one."""
    *_, engine = days(campaign("two-roads"), 10, seed=1, keep_events=True)
    names = [e.subject for *_, e in engine.world.log or () if isinstance(e, fx.ConvoySent)]
    assert len(names) == len(set(names)) > 30


# -- luck of another replication from a day on -----------------------------------------------------


def test_all_luck_is_fresh_from_its_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its day on a spliced run has nothing left of the luck that it began with, whatever draws."""
    scenario, day, kinds = campaign("two-roads"), 6, set()
    policy = {"holder": f"fixed_date:{scenario.date(day + 2)}"}
    played = days(scenario, 14, seed=3, fresh=[(day, 5)], policy=policy)
    for (at, name, place), drawn in asked_by(played, monkeypatch).items():
        other = Streams(3, 5 if at >= day else 0)
        assert set(drawn) == {other.uniform(at, name, place)}
        kinds.add((name.split("/")[0], at >= day))
    families = ("axis", "bombs", "convoy", "convoys", "estimate", "weather")
    assert kinds >= {("column", True), *itertools.product(families, (False, True))}


def test_weather_combat_and_estimates_are_fresh_too() -> None:
    """What both sides see and the weather: with one past and two lucks they part on the day itself, and not before."""
    scenario, day = ks.load("two-roads"), 6
    orders = ks.run(scenario, seed=3).orders
    engines = [Engine(scenario, seed=3, fresh=[(day, number)]) for number in (5, 6)]
    seen: list[list[Any]] = [[], []]
    for given_ in orders[:12]:
        for engine, found in zip(engines, seen, strict=True):
            engine.step(given_)
            row, sides = engine.turns[-1].row, (engine.observe(side) for side in SIDES)
            found.append((row["flyability"], [dict(known["enemy_men"]) for known in sides]))
    one, other = seen
    assert one[:day] == other[:day]
    assert [a[0] for a in one[day:]] != [b[0] for b in other[day:]]
    assert all(a[1] != b[1] for a, b in zip(one[day:], other[day:], strict=True))
