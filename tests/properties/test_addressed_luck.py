"""Luck has addresses, whole numbers have sums, and results depend on nothing but what they should depend on."""

from __future__ import annotations

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
from kursksim.engine import effects as fx
from kursksim.engine.dispatch import whole_shares
from kursksim.engine.engine import Engine
from kursksim.engine.trips import WAY, LuckSheet
from kursksim.policies.base import build_policy
from kursksim.rng import Streams, Tracks
from kursksim.runs.record import Run
from kursksim.sides import SIDES

PLACES = {"Port": (12.0, 1.0), "Gate": (11.0, 4.0), "Ford": (13.0, 4.0), "Hill": (12.0, 12.0)}


# -- addresses ---------------------------------------------------------------------------------------------------------


def block(seed: int, replication: int, day: int, leg: str, rows: int = 64) -> list[list[float]]:
    """The uniforms of a day's convoys on a leg, from their address alone."""
    found = np.empty((rows, 2 * WAY))
    Streams(seed, replication).fill(day, f"convoy/{leg}", found)
    return found.tolist()


@pytest.mark.parametrize(("day", "late"), [(3, 4), (9, 12)])
def test_a_convoy_past_midnight_keeps_the_luck_of_its_own_day(day: int, late: int) -> None:
    world = Engine(campaign("two-roads"), seed=9, replication=2).world
    world.day = day
    sheet, (a, b) = (
        LuckSheet(world.streams, world.day, world.movement.legs, 41),
        (world.legs[g].index for g in ("A2", "B2")),
    )
    first = sheet.row(a, 1, 0)
    world.day = late
    rows = block(9, 2, day, "A2")
    assert first + sheet.row(a, 1, 1) == rows[1]
    assert sheet.row(a, 40, 0) == rows[40][:WAY]
    assert sheet.row(b, 5, 1) == block(9, 2, day, "B2")[5][WAY:]


def test_a_block_depends_on_nothing_but_its_address() -> None:
    """Days in any order, other names in between, a longer block: the same uniforms; another address has others."""
    streams, short, long = Streams(4, 1), np.empty((3, 2)), np.empty((9, 2))
    for day, name in ((7, "a"), (2, "b"), (7, "b"), (0, "a")):
        streams.fill(day, name, long)
        Streams(4, 1).fill(day, name, short)
        assert (long[:3] == short).all()
    seen = set()
    for seed, replication, day, name in (
        (4, 1, 0, "a"),
        (5, 1, 0, "a"),
        (4, 2, 0, "a"),
        (4, 1, 1, "a"),
        (4, 1, 0, "b"),
    ):
        Streams(seed, replication).fill(day, name, short)
        seen.update(short.ravel().tolist())
    assert len(seen) == 5 * short.size


def test_the_luck_that_convoys_meet_is_that_of_their_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two campaigns in which everything differs: convoy k of day d finds the same uniforms on a leg, those of its
    stream, even after midnight.
    """
    scenario, asked, real = campaign("two-roads"), [], LuckSheet.row
    late, engine = 0, None

    def row(self: LuckSheet, index: int, ordinal: int, way: int) -> list[float]:
        nonlocal late
        found = real(self, index, ordinal, way)
        asked.append((self.day, self.legs[index].id, ordinal, way, tuple(found)))
        late += engine is not None and self.day < engine.day
        return found

    monkeypatch.setattr(LuckSheet, "row", row)
    by_run = []
    for change in (
        {},
        {
            "blue_men": 3900.0,
            "v_road": 15.0,
            "drone_teams": 80.0,
            "night_share": 0.4,
            "east_share": 0.6,
        },
    ):
        asked.clear()
        value, engine = {**scenario.value, **change}, None
        for engine in days(scenario, 14, seed=5, policy={"holder": "never"}, value=value):
            assert engine.day > 0
        by_run.append({(d, leg, k, way): luck for d, leg, k, way, luck in asked})
    assert late > 0
    common = set(by_run[0]) & set(by_run[1])
    assert len(common) > 20
    assert set(by_run[0]) != set(by_run[1])
    for key in common:
        assert by_run[0][key] == by_run[1][key]
    for d, leg, k, way in sorted(common):
        assert by_run[0][d, leg, k, way] == tuple(
            block(5, 0, d, leg)[k][way * WAY : (way + 1) * WAY]
        )


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


@given(st.integers(0, 2**32), st.integers(0, 30), st.integers(1, 9), st.sampled_from([1, 2, 3]))
def test_tracks_go_over_to_the_other_replication_on_its_day(
    seed: int, day: int, other: int, width: int
) -> None:
    spliced, one, two = (
        Tracks(streams, 40).until(40, "weather", width)
        for streams in (Streams(seed, 0, [(day, other)]), Streams(seed), Streams(seed, other))
    )
    at = (day + 1) * width  # the first row is that of the eve
    assert spliced[:at] == one[:at]
    assert spliced[at:] == two[at:]


def test_weather_combat_and_estimates_are_fresh_too() -> None:
    """From its day on a spliced run has nothing left of the luck that it began with."""
    scenario, day = ks.load("two-roads"), 6
    orders = ks.run(scenario, seed=3).orders
    engines = [
        Engine(scenario, seed=3, replication=r, fresh=[(day, number)])
        for r, number in ((0, 5), (0, 6), (5, 5))
    ]
    seen: list[list[Any]] = [[], [], []]
    for given_ in orders[:12]:
        for engine, found in zip(engines, seen, strict=True):
            engine.step(given_)
            errors = engine.world.tracks.error(engine.world.day, "estimate/holder/north", 0.3)
            found.append((engine.world.weather, errors, engine.world.track("combat")))
    one, other, whole = seen
    assert one[:day] == other[:day]
    assert all(a[1] != b[1] and a[2] != b[2] for a, b in zip(one[day:], other[day:], strict=True))
    assert [a[1:] for a in one[day:]] == [b[1:] for b in whole[day:]]
    assert [a[0] for a in one] != [b[0] for b in other]
