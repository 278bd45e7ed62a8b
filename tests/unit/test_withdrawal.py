"""Leaving: ways out, nights of columns, replacements and brigades on the border, the depot that goes back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import scenario_kit
from lattice_kit import on_lattice, play

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.audit import check_ledger
from kursksim.engine.convoys import depart
from kursksim.engine.depot import move_depot
from kursksim.engine.dispatch import _leaving, send_columns
from kursksim.engine.dusk import close_roads
from kursksim.engine.engine import Engine
from kursksim.engine.march import leave, way_out
from kursksim.engine.posture import front_shares
from kursksim.engine.state import Column, Command, WayOut
from kursksim.engine.trips import Trip
from kursksim.engine.withdrawal import withdraw
from kursksim.models.withdrawal import PhaseLines
from kursksim.orders import AttackerOrders, HolderOrders
from kursksim.scenario.schema import Scenario

NOBODY = {"red_men": 0.0, "drone_teams": 0.0, "bridge_hit_rate": 0.0, "bridge_hit_surge": 0.0}
IDLE = {"holder": HolderOrders(), "attacker": AttackerOrders()}


def events(engine: Engine, kind: type) -> list[tuple[float, Any]]:
    """Effects of a kind with the hour of the campaign."""
    return [
        (24.0 * day + hour, e) for day, hour, e in engine.world.log or () if isinstance(e, kind)
    ]


def lose(engine: Engine, axis: str) -> None:
    """Give every cell of an axis beyond the border to the enemy."""
    world, index = engine.world, engine.world.axis_index[axis]
    for cell, held in enumerate(list(world.ground.held)):
        if held and world.ground.beyond[cell] and world.ground.axis[cell] == index:
            world.apply(fx.Captured(axis, cell, world.ground.area[cell], "captured"))
    close_roads(world)


# -- ways out ----------------------------------------------------------------------------------------------------------


def test_a_way_out_by_road_begins_at_the_place_of_the_axis() -> None:
    way = way_out(on_lattice().world, "tip")
    assert way is not None
    assert way.walk_km == 0
    assert [leg.id for leg in way.legs] == ["A2"]


def test_without_a_road_the_men_walk_to_the_crossings() -> None:
    world = on_lattice().world
    for leg in world.legs.values():
        leg.usable = False
    way = way_out(world, "tip")
    ways, front = world.ground.exit_km(), world.ground.front[world.axis_index["tip"]]
    assert way is not None
    assert not way.legs
    assert way.walk_km == pytest.approx(sum(ways[c] for c in front) / len(front))
    assert way.beside.id in ("A2", "B2")


def test_from_a_lost_place_the_men_walk_to_the_nearest_open_road_end() -> None:
    world = on_lattice().world
    world.ground.change(world.terrain.place_cell["Hill"], 0)
    close_roads(world)
    assert not world.legs["A2"].usable
    assert not world.legs["B2"].usable
    way = way_out(world, "tip")
    assert way is not None
    assert way.walk_km > 5


def test_an_axis_whose_place_is_a_crossing_does_not_march_away_from_it() -> None:
    """Sverdlikovo is itself a way out: men of its axis walk there, not past it to another village and back by road."""
    world = Engine(ks.load("december-march")).world
    axis = world.scenario.axes[world.axis_index["daryino"]]
    assert axis.place in world.scenario.withdrawal.exits
    way, ways = way_out(world, axis.id), world.ground.exit_km()
    front = world.ground.front[world.axis_index[axis.id]]
    assert way is not None
    on_foot = sum(ways[c] for c in front) / len(front)
    assert way.walk_km + sum(leg.length_km for leg in way.legs) <= 1.5 * on_foot


def test_there_is_no_way_out_of_a_pocket() -> None:
    world = on_lattice().world
    for cell in world.terrain.exits.tolist():
        world.ground.change(cell, 0)
    for leg in world.legs.values():
        leg.usable = False
    assert way_out(world, "tip") is None


def marched(engine: Engine, way: WayOut, men: dict[str, float], hours: float = 60.0) -> None:
    world = engine.world
    leave(world, Column("test/column", "tip", men, 0, 0.0, way, world.day, world.today.env.now))
    world.today.env.run(until=world.today.env.now + hours)


def test_walkers_are_under_way_for_as_long_as_they_walk_and_under_the_drones_of_the_leg_beside() -> (
    None
):
    engine = on_lattice(red_men=1000.0)
    engine.step(IDLE)
    world = engine.world
    for leg in world.legs.values():
        leg.usable = False
    way = way_out(world, "tip")
    assert way is not None
    today = way.beside.today
    today.launched, today.passing, today.left = 2000.0, 1.0, 10_000
    before = world.men_on("holder", "tip")
    marched(engine, way, {"blue": before})
    (sent, _), (out, came) = events(engine, fx.ColumnSent)[-1], events(engine, fx.ColumnOut)[-1]
    assert out - sent == pytest.approx(way.walk_km / engine.value["foot_km_h"])
    assert came.amount < before
    assert came.on_foot == came.amount
    assert sum(e.amount for _, e in events(engine, fx.SortiesFlown) if e.place == way.beside.id) > 0


@pytest.mark.parametrize("seed", range(4))
def test_no_column_arrives_at_the_hour_at_which_it_sets_out(seed: int) -> None:
    run = ks.run("two-roads", seed=seed, policy={"holder": "fixed_date:2025-01-04"}, record="full")
    at: dict[str, dict[str, float]] = {"ColumnSent": {}, "ColumnOut": {}}
    for day, hour, kind, subject, *_ in run.events:
        if kind in at:
            at[kind][subject] = 24 * day + hour
    assert at["ColumnSent"]
    # Men without a front stand at the place of their axis. Where that is an exit they are out at once.
    exits = {a.id for a in run.scenario.axes if a.place in run.scenario.withdrawal.exits}
    table = run.axes.set_index(["date", "axis"])["frontage_km"]
    for name, hour in at["ColumnSent"].items():
        day, _, axis = name.split("/")
        there = axis in exits and not table[run.scenario.date(int(day) - 1).isoformat(), axis]
        if name in at["ColumnOut"] and not there:
            assert at["ColumnOut"][name] > hour, name


# -- axes without a front ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["delay", "final"])
def test_men_without_a_front_leave_in_a_column_not_at_once(phase: str) -> None:
    engine = on_lattice(**NOBODY, v_withdraw=0.5 if phase == "delay" else 5.5, prep_days=1.0)
    play(engine, "fixed_date:2025-01-02", 4 if phase == "delay" else 6)
    world = engine.world
    assert world.command.phase == phase
    lose(engine, "left")
    assert world.ground.frontage_km[world.axis_index["left"]] == 0
    men, mark, day = world.men_on("holder", "left"), len(world.log or ()), engine.day
    assert men > 100
    play(engine, "never", 1)
    new = (world.log or [])[mark:]
    gone = [e for *_, e in new if isinstance(e, fx.Moved) and e.origin == "left"]
    assert {e.place for e in gone} == {"@column"}
    assert sum(e.amount for e in gone) == pytest.approx(men)
    assert [e.subject for *_, e in new if isinstance(e, fx.ColumnSent) and e.place == "left"] == [
        f"{day}/column/left"
    ]


def test_men_whose_axis_is_gone_with_its_roads_are_out_or_cut_off() -> None:
    """Two strips and the town between them are lost, both roads with them: nobody stays where nobody counts him."""
    engine = on_lattice(**NOBODY, v_withdraw=0.5, prep_days=1.0)
    play(engine, "fixed_date:2025-01-02", 4)
    lose(engine, "right")
    lose(engine, "tip")
    assert not engine.world.legs["A2"].usable
    assert not engine.world.legs["B2"].usable
    assert engine.world.men_on("holder", "tip") > 0
    play(engine, "never", 3)
    assert [engine.world.men_on("holder", a) for a in ("right", "tip")] == pytest.approx(
        [0, 0], abs=1e-6
    )


# -- nights ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def quiet() -> Engine:
    engine = on_lattice(**NOBODY)
    engine.step(IDLE)
    return engine


@pytest.mark.parametrize("prep", [1.0, 1.3, 2.0, 2.8, 3.999, 4.0])
@pytest.mark.parametrize("speed", [1.6, 2.0, 3.3, 4.4, 5.5])
def test_nights_of_columns_are_the_evenings_of_the_delay(
    quiet: Engine, prep: float, speed: float
) -> None:
    """As many dawns find the line moving as there are waves, the waves are even, and the last takes everyone along."""
    world, kept = quiet.world, (quiet.world.models, quiet.world.command, quiet.world.day)
    counts = set()
    try:
        for depth in (2.0, 4.0, 5.5, 8.0, 10.0, 13.2, 20.0, 27.3):
            out = PhaseLines(prep_days=prep, v_withdraw=speed, final_line_depth=1.5, rearguard=0.2)
            world.models = kept[0]._replace(withdrawal=out)
            command = world.command = Command("ordered", 0, depth, depth)
            command.exit_km = world.ground.exit_km()
            command.waves = out.nights(depth)
            staying, left = 1.0, []
            for day in range(1, 60):
                world.day = day
                if command.phase == "delay":
                    share = _leaving(world)["tip"]
                    left.append(staying * share)
                    staying *= 1 - share
                withdraw(world)
            assert command.phase == "final"
            if not left:
                assert command.waves == 1
                continue
            counts.add(len(left))
            assert len(left) == command.waves, depth
            assert staying == pytest.approx(0, abs=1e-12)
            wave = 0.8 / command.waves
            assert left == pytest.approx([wave] * (len(left) - 1) + [wave + 0.2])
    finally:
        world.models, world.command, world.day = kept
    assert len(counts) > 3


@pytest.mark.parametrize(("speed", "prep"), [(2.0, 2.8), (4.4, 1.0), (5.5, 4.0)])
def test_after_the_last_night_everyone_has_left_who_does_not_stand_on_the_last_strip(
    speed: float, prep: float
) -> None:
    engine = on_lattice(**NOBODY, v_withdraw=speed, prep_days=prep)
    play(engine, "fixed_date:2025-01-03", 30)
    phases = [t.row["phase"] for t in engine.turns]
    last = phases.index("final")  # its dawn is the last in the delay
    mark = len(events(engine, fx.PhaseChanged))
    assert mark == 2
    men = Counter(dict.fromkeys(engine.world.axes, 0.0))
    for day, _, e in engine.world.log or ():
        if day > last or (isinstance(e, fx.PhaseChanged) and e.place == "final"):
            break
        if isinstance(e, fx.Moved):
            men[e.place] += e.amount
            men[e.origin] -= e.amount
    posture = engine.tables["axes"].columns
    delaying = [
        a for a, day, p in zip(posture["axis"], posture["date"], posture["posture"], strict=True)
        if day == engine.turns[last - 1].date and p == "delaying"
    ]  # fmt: skip
    assert delaying
    assert [men[a] for a in delaying] == pytest.approx([0] * len(delaying), abs=1e-6)


# -- who mans the last line --------------------------------------------------------------------------------------------


def test_replacements_at_the_base_wait_for_the_last_line_and_join_it() -> None:
    engine = on_lattice(**NOBODY, v_withdraw=2.0, prep_days=1.0)
    play(engine, "fixed_date:2025-01-02", 4)
    world = engine.world
    world.apply(fx.Joined("blue", "@base", 120.0, "replacement"))
    play(engine, "never", 1)
    assert world.command.phase == "delay"
    assert world.men["blue"]["@base"] == 120
    while world.command.phase != "final":
        play(engine, "never", 1)
    assert world.men["blue"]["@base"] == 120
    play(engine, "never", 2)
    assert world.men["blue"]["@base"] == 0
    assert world.men["blue"]["@road"] == 0
    in_line = sum(world.men_on("holder", a) for a in front_shares(world))
    assert in_line + world.men["blue"]["@out"] == pytest.approx(engine.value["blue_men"] + 120)


def test_who_came_out_mans_the_last_strip_as_he_is_refitted() -> None:
    """A share of one in ``refit_days`` goes back into the line each evening; one of one day, all of them at once."""
    shares = {}
    for days in (1.0, 10.0):
        engine = on_lattice(**NOBODY, v_withdraw=2.0, prep_days=1.0, refit_days=days)
        play(engine, "fixed_date:2025-01-02", 4)
        while engine.world.command.phase != "final":
            play(engine, "never", 1)
        play(engine, "never", 1)
        resting = []
        for _ in range(3):
            resting.append(engine.world.men["blue"]["@out"])
            play(engine, "never", 1)
        shares[days] = resting
    assert shares[1.0] == [0.0, 0.0, 0.0]
    assert shares[10.0][0] > 0
    assert shares[10.0][1:] == pytest.approx([0.9 * n for n in shares[10.0][:-1]])


def kit(folder: Path) -> Scenario:
    """The kit with a brigade behind the border, a second garrison, and a date for the axis across the border."""

    def change(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        doc["inputs"] = [
            {"id": "flank-opens", "kind": "open_axis", "date": dt.date(2025, 1, 15)}
            | {
                "known_on": dt.date(2025, 1, 15),
                "target": "flank",
                "amount": "second_share",
                **scenario_kit.A,
            }
        ]
        doc["contingents"] = [
            {"id": "garrison", "side": "holder", "men": "holder_men"},
            {"id": "second", "side": "holder", "men": "reserve_men"},
            {"id": "border", "side": "holder", "men": "reserve_men", "station": "border"},
            {"id": "army", "side": "attacker", "men": "attacker_men"},
        ]

    return ks.load(scenario_kit.write(folder / "kit", change))


@pytest.fixture(scope="module")
def flank(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return kit(tmp_path_factory.mktemp("flank"))


@pytest.mark.parametrize("order", ["2025-01-02", "2025-01-13", "2025-01-20"])
def test_a_share_of_the_border_brigades_is_for_the_axis_across(flank: Scenario, order: str) -> None:
    """Whether the line stands before the axis opens, after it, or never moves: the same share comes to the axis."""
    engine = Engine(flank, seed=3, keep_events=True)
    play(engine, f"fixed_date:{order}", 20)
    world, share = engine.world, engine.value["across_share"]
    opened = flank.day(dt.date(2025, 1, 15))
    stood = next((t.day for t in engine.turns if t.row["phase"] == "final"), 99)
    assert (stood < opened) == (order == "2025-01-02")
    moved = [
        (d, e) for d, _, e in world.log or () if isinstance(e, fx.Moved) and e.origin == "@border"
    ]
    across = [(d, e.amount) for d, e in moved if e.place == "flank"]
    assert {d for d, _ in across} == {opened}
    assert sum(n for _, n in across) == pytest.approx(share * 1000)
    inland = sum(e.amount for _, e in moved if e.place != "flank")
    assert inland == pytest.approx((1 - share) * 1000 if stood < 20 else 0)
    if stood < opened:
        assert {d for d, e in moved if e.place != "flank"} == {stood}


# -- orderliness and heavy equipment -----------------------------------------------------------------------------------


def test_border_brigades_do_not_count_as_men_present_at_the_order_or_as_missing(
    flank: Scenario,
) -> None:
    engine = Engine(flank, seed=3)
    play(engine, "fixed_date:2025-01-03", 4)
    world = engine.world
    assert world.command.order_day is not None
    front = sum(n for c in ("garrison", "second") for n in world.men[c].values())
    assert front <= world.command.men_at_order <= 5000
    missing = world.command.missing
    world.apply(fx.Moved("border", "north", 100.0, "@border"))
    world.apply(fx.Lost("border", "north", 50.0, 50.0, "combat"))
    assert world.command.missing == missing
    world.apply(fx.Lost("garrison", "north", 50.0, 50.0, "combat"))
    assert world.command.missing == missing + 50


def test_border_brigades_do_not_count_as_men_who_came_out(flank: Scenario) -> None:
    engine = Engine(flank, seed=3)
    play(engine, "fixed_date:2025-01-03", 4)
    world = engine.world
    world.apply(fx.Moved("border", "north", 100.0, "@border"))
    before, leg = world.command.out, next(iter(world.legs.values()))
    men, now = {"garrison": 40.0, "border": 60.0}, world.today.env.now
    leave(world, Column("test", "north", men, 0, 0.0, WayOut(1.0, leg, ()), world.day, now))
    leg.today.launched = 0.0
    world.today.env.run(until=world.today.env.now + 3)
    assert world.command.out - before == pytest.approx(40)


def test_heavy_equipment_is_lost_in_combat_once_an_axis(flank: Scenario) -> None:
    engine = Engine(flank, seed=3, keep_events=True)
    play(engine, "never", 6)
    lost = [
        (d, e)
        for d, _, e in engine.world.log or ()
        if isinstance(e, fx.Heavy) and e.subject == "combat"
    ]
    assert any(e.amount > 0 for _, e in lost)
    assert max(Counter((d, e.place) for d, e in lost).values()) == 1


# -- the first day -----------------------------------------------------------------------------------------------------


def test_without_a_wish_men_stand_along_the_front_and_stay() -> None:
    engine = on_lattice(**NOBODY)
    engine.step(IDLE)
    world = engine.world
    front, reserve = front_shares(world), engine.value["reserve_share"] * engine.value["blue_men"]
    assert sum(at["@reserve"] for at in world.men.values()) == pytest.approx(reserve)
    line = engine.value["blue_men"] - reserve
    first = {a: world.men_on("holder", a) for a in world.axes}
    assert first == pytest.approx({a: s * line for a, s in front.items()})
    assert world.heavy == pytest.approx({a: s * engine.value["heavy_0"] for a, s in front.items()})
    engine.step({**IDLE, "holder": HolderOrders(axis_shares={"tip": 1.0})})
    second = {a: world.men_on("holder", a) for a in world.axes}
    assert second["tip"] > first["tip"]
    engine.step(IDLE)
    assert {a: world.men_on("holder", a) for a in world.axes} == pytest.approx(second)


# -- the depot ---------------------------------------------------------------------------------------------------------


def test_with_the_order_the_depot_goes_behind_the_border_and_the_forward_stock_is_used_first() -> (
    None
):
    engine = on_lattice(**NOBODY, v_withdraw=2.0, prep_days=4.0, final_line_depth=2.0)
    play(engine, "fixed_date:2025-01-02", 2)
    stores = engine.world.stores
    before = stores.stock_t
    assert stores.place == "Hill"
    play(engine, "fixed_date:2025-01-02", 1)
    assert (
        stores.place == "Port"
    )  # the crossing is nearer to the border than the last strip is deep
    assert stores.forward_place == "Hill"
    eaten = sum(e.amount for h, e in events(engine, fx.Consumed) if h > 24 * 2)
    assert stores.forward_t == pytest.approx(before - eaten)
    assert (
        sum(e.amount for h, e in events(engine, fx.Delivered) if h > 24 * 2 and e.place == "Port")
        > 0
    )


@pytest.mark.parametrize("how", ["line", "fall", "ceasefire"])
def test_forward_stock_is_lost_when_the_line_passes_it_or_its_place_falls(how: str) -> None:
    engine = on_lattice(**NOBODY, v_withdraw=2.0, prep_days=4.0)
    play(engine, "fixed_date:2025-01-02", 3)
    world, stores = engine.world, engine.world.stores
    move_depot(world)
    assert not events(engine, fx.DumpLost)
    forward, stock, cell = stores.forward_t, stores.stock_t, world.terrain.place_cell["Hill"]
    assert 0 < forward <= stock
    if how == "fall":
        world.ground.change(cell, world.day)
    else:
        world.command.line_km = world.command.exit_km[cell] - 0.1
        world.command.ceasefire = how == "ceasefire"
    move_depot(world)
    lost = 0.0 if how == "ceasefire" else forward
    assert stores.forward_t == pytest.approx(forward - lost)
    assert stores.stock_t == pytest.approx(stock - lost)
    assert [e.amount for _, e in events(engine, fx.DumpLost)] == (
        [] if how == "ceasefire" else [forward]
    )


def test_a_depot_at_the_base_is_supplied_without_a_road() -> None:
    engine = on_lattice(**NOBODY, v_withdraw=2.0, prep_days=4.0, final_line_depth=2.0)
    play(engine, "fixed_date:2025-01-02", 3)
    world = engine.world
    assert world.stores.place == world.scenario.supply.base
    for cell in world.terrain.exits.tolist():
        world.ground.change(cell, 0)
    close_roads(world)
    play(engine, "never", 1)
    row = engine.turns[-1].row
    assert row["trips"] > 0
    assert row["delivered_t"] > 0
    assert sum(leg.today.trips for leg in world.legs.values()) == 0
    check_ledger(world)


def test_a_convoy_delivers_on_the_way_home_when_the_depot_has_gone_back_behind_it() -> None:
    engine = on_lattice(**NOBODY)
    engine.step(IDLE)
    world, start = engine.world, engine.world.today.env.now
    mark = len(world.log or ())
    legs = [world.legs["A1"], world.legs["A2"]]
    for leg in legs:
        leg.today.launched = 0.0
    depart(world, [Trip(0, "west", world.movement.course(legs), 2, start, world.day)])
    world.today.env.run(until=start + legs[0].today.hours + 0.01)
    world.stores.place = "Gate"
    world.today.env.run(until=start + 24)
    new = [e for *_, e in (world.log or [])[mark:] if e.subject == "0/west/0"]
    assert [(type(e).__name__, e.place) for e in new] == [
        ("ConvoySent", "west"),
        ("Delivered", "Gate"),
        ("Returned", "west"),
    ]
    assert new[1].amount == pytest.approx(2 * engine.value["payload"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_an_early_order_keeps_the_brigades_fed(seed: int) -> None:
    run = ks.run("december-march", what_if="order-feb-01", seed=seed)
    assert run.order_day == 62
    assert min(list(run.tables["daily"].columns["fulfilment"])[75:]) >= 0.95


def test_columns_are_sent_by_night_and_only_once_an_axis() -> None:
    engine = on_lattice(**NOBODY, v_withdraw=2.0, prep_days=1.0)
    play(engine, "fixed_date:2025-01-02", 8)
    sent = [e.subject for _, e in events(engine, fx.ColumnSent)]
    assert len(sent) == len(set(sent)) > 3
    engine.world.command.phase = "hold"
    mark = len(engine.world.log or ())
    send_columns(engine.world)
    engine.world.today.env.run(until=engine.world.today.env.now + 24)
    assert not [e for *_, e in (engine.world.log or [])[mark:] if isinstance(e, fx.ColumnSent)]


def change(engine: Engine, cell: int, cause: str) -> None:
    """Let a cell change hands, and book it."""
    world = engine.world
    axis, area = world.axes[world.ground.axis[cell]], world.ground.area[cell]
    world.apply(fx.Captured(axis, cell, area, cause))


def test_border_brigades_wait_until_the_axis_across_has_a_front(flank: Scenario) -> None:
    """The ground before the border may be the holder's still: who went there at once would be sent elsewhere."""
    engine = Engine(flank, seed=3, keep_events=True)
    ground, axis = engine.world.ground, engine.world.axis_index["flank"]
    play(engine, "never", 14)
    across = [c for c, a in enumerate(ground.axis) if a == axis and not ground.beyond[c]]
    before = {k for c in across for k in ground.near[c] if ground.beyond[k]}
    for cell in sorted(c for c in before if not ground.held[c]):
        change(engine, cell, "retaken")
    assert "flank" not in engine.world.axis_open
    play(engine, "never", 1)
    assert "flank" in engine.world.axis_open
    assert not ground.front[axis]
    assert engine.world.men["border"]["@border"] == 1000
    change(engine, min(before), "captured")
    play(engine, "never", 1)
    share = engine.value["across_share"]
    assert engine.world.men["border"]["@border"] == pytest.approx((1 - share) * 1000)


@pytest.mark.parametrize(
    ("name", "holder"),
    [("two-roads", "fixed_date:2025-01-06"), ("december-march", "expected_value")],
)
def test_without_a_last_strip_all_ground_beyond_the_border_is_given_up(
    name: str, holder: str
) -> None:
    strip = {"parameters.final_line_depth": {"value": 0.0, "low": 0.0}}
    run = ks.run(name, seed=7, set=strip, policy={"holder": holder})
    assert run.order_day is not None
    assert run.daily["held_km2"][-1] == 0.0
    assert {cause for _, _, _, cause in run.changes} >= {"vacated"}
