"""A campaign behind a river: crossings that close, columns, exits, depots, fires, and the rule that reads them."""

from __future__ import annotations

from typing import Any

import pytest
import river_kit
import scenario_kit
from river_kit import BRIDGE, FERRY, change

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.chain import chain_of, chain_of_sets
from kursksim.engine.engine import Engine
from kursksim.engine.midnight import write_down
from kursksim.errors import BadUse, ScenarioError
from kursksim.orders import HolderOrders
from kursksim.runs.state import State
from kursksim.scenario.schema import Scenario
from kursksim.scenario.seats import seat_policy

SHUT = change("shut", BRIDGE, 4, "none_left")
BOTH = (SHUT, change("shut_too", FERRY, 6, "none_left"))


def played(scenario: Scenario, days: int, holder: str = "never", seed: int = 3) -> Engine:
    """An engine with its log after some days."""
    engine = Engine(scenario, seed=seed, keep_events=True)
    specs = {"holder": holder, "attacker": "shaping"}
    seats = {
        side: seat_policy(scenario, side, spec, value=scenario.value, days=scenario.days)  # type: ignore[arg-type]
        for side, spec in specs.items()
    }
    for _ in range(days):
        engine.step({side: seat.decide(engine.observe(side)) for side, seat in seats.items()})  # type: ignore[arg-type]
    return engine


def by_leg(engine: Engine, leg: str, column: str = "trips") -> list[Any]:
    """A column of the table of legs for one of them, by day."""
    columns = engine.tables["legs"].columns
    return [v for v, g in zip(columns[column], columns["leg"], strict=True) if g == leg]


def happened(engine: Engine, kind: type) -> list[tuple[int, Any]]:
    return [(day, effect) for day, _, effect in engine.world.log or () if isinstance(effect, kind)]


# -- crossings -------------------------------------------------------------------------------------


def test_no_convoy_goes_over_a_shut_crossing() -> None:
    """Those who come to it with a load turn back; those on the far side go home by the ferry."""
    engine = played(river_kit.campaign(SHUT), 7)
    crossed = [(day, e.subject) for day, e in happened(engine, fx.Crossed) if e.place == BRIDGE]
    assert {day for day, _ in crossed} <= {0, 1, 2, 3, 4}  # who had a lane at midnight goes on
    assert any(day == 3 for day, _ in crossed)
    assert engine.observe("holder")["routes"] == ("lateral", "second")
    assert not [t for t in engine.world.movement.trips.values() if t.day < 4]
    assert engine.world.fleet.destroyed == 0


def test_half_a_bridge_takes_twice_the_time_and_no_heavy_equipment() -> None:
    whole = river_kit.campaign()
    half = river_kit.campaign(change("half", BRIDGE, 0, "half_left", "light"))
    hours = [played(s, 1).world.legs["A1"].today.hours for s in (whole, half)]
    assert hours == [
        pytest.approx(6 / 60),
        pytest.approx(6 / 30),
    ]  # a convoy of 6, 60 vehicles an hour
    assert played(whole, 1).observe("holder")["crossings_heavy"] == (BRIDGE,)
    assert played(half, 1).observe("holder")["crossings_heavy"] == ()
    back = river_kit.campaign(
        change("half", BRIDGE, 0, "half_left", "light"),
        change("mended", BRIDGE, 2, "all_left", "all"),
    )
    assert played(back, 3).observe("holder")["crossings_heavy"] == (BRIDGE,)


def test_a_route_takes_no_more_trips_than_its_crossings_have_room_for() -> None:
    tight = river_kit.campaign(parameters__ferry_load=8.0)
    assert max(by_leg(played(tight, 6), "B1")) <= 8.0 / 2
    assert max(by_leg(played(river_kit.campaign(), 6), "B1")) > 8


def test_a_campaign_goes_on_from_every_midnight() -> None:
    """Queues, damage, exits, depots and the day's waits are in the state."""
    scenario = river_kit.campaign(
        SHUT, models__air="rockets", models__interdiction="none", models__withdrawal="two-part",
        parameters__strike_rate=0.9, parameters__ferry_load=30.0,
    )  # fmt: skip
    specs = {"holder": "fixed_date:2025-01-08", "attacker": "shaping"}
    seats = {
        side: seat_policy(scenario, side, spec, value=scenario.value, days=20)  # type: ignore[arg-type]
        for side, spec in specs.items()
    }
    engine = Engine(scenario, seed=3)
    for _ in range(15):
        again = Engine.resume(scenario, State.from_bytes(engine.state().to_bytes()))
        assert dict(again.observe("holder")) == dict(engine.observe("holder"))
        orders = {side: seat.decide(engine.observe(side)) for side, seat in seats.items()}
        for one in (engine, again):
            one.step(orders)  # type: ignore[arg-type]
        assert write_down(again.world) == write_down(engine.world)


# -- ways out --------------------------------------------------------------------------------------


def test_a_closed_crossing_is_no_exit() -> None:
    open_, shut = (played(s, 5) for s in (river_kit.campaign(), river_kit.campaign(SHUT)))
    cells = open_.world.terrain.place_cell
    assert open_.world.ground.exits == {cells["Gate"], cells["Ford"]}
    assert shut.world.ground.exits == {cells["Ford"]}
    near = open_.world.ground.ways.km[cells["Gate"]], shut.world.ground.ways.km[cells["Gate"]]
    assert near[0] == 0 < near[1]
    none = played(river_kit.campaign(*BOTH), 8).world
    assert none.ground.exits == {cells["Gate"], cells["Ford"]}  # men go over in boats: no pocket
    assert none.cut_off_men() == 0


def test_columns_end_on_the_far_bank() -> None:
    engine = played(river_kit.campaign(), 16, "fixed_date:2025-01-03")
    crossed = {e.subject for _, e in happened(engine, fx.Crossed) if "/column/" in e.subject}
    sent = {e.subject for _, e in happened(engine, fx.ColumnSent)}
    out = {e.subject for _, e in happened(engine, fx.ColumnOut)}
    assert crossed and crossed <= sent
    assert out & crossed


@pytest.mark.parametrize("inputs", [(SHUT,), BOTH])
def test_no_column_waits_for_a_crossing_that_never_opens(inputs: tuple[Any, ...]) -> None:
    """It turns round to another crossing, or leaves its vehicles and the men go over in boats."""
    engine = played(river_kit.campaign(*inputs), 20, "fixed_date:2025-01-04")
    stuck = [col for col in engine.world.columns if col.day < 17]
    assert stuck == []
    assert happened(engine, fx.ColumnOut)


# -- depots ----------------------------------------------------------------------------------------


def test_an_axis_eats_from_its_own_depot() -> None:
    """With the ferry shut the depot behind it runs dry, and the other does not."""
    engine = played(river_kit.campaign(change("no_ferry", FERRY, 1, "none_left")), 6)
    main, north = engine.world.depots[""], engine.world.depots["St. Mary"]
    whole = played(river_kit.campaign(), 6).world.depots["St. Mary"]
    assert north.place == whole.place == "St. Mary"
    assert north.stock_t < 0.7 * whole.stock_t
    fed = {e.depot: day for day, e in happened(engine, fx.Delivered)}
    assert fed == {"": 5, "St. Mary": fed["St. Mary"]} and fed["St. Mary"] <= 1
    assert main.recorded_t > north.recorded_t * 0.4 / 0.6
    opening = [(e.place, e.amount) for _, e in happened(engine, fx.BooksOpened)]
    assert opening[1][1] == pytest.approx(1.5 * opening[0][1])  # 60 % of the stock against 40


def test_convoys_leave_from_the_base_of_their_route() -> None:
    engine = played(river_kit.campaign(), 4)
    assert engine.world.bases == {"Port", "Camp"}
    assert min(by_leg(engine, "A0")) > 0 and min(by_leg(engine, "B0")) > 0
    assert max(by_leg(engine, "C2")) == 0


# -- fires -----------------------------------------------------------------------------------------


def test_rockets_hit_crossings_and_depots_and_nothing_flies_over_the_roads() -> None:
    fires: dict[str, Any] = {"models__air": "rockets", "models__interdiction": "none"}
    engine = played(
        river_kit.campaign(**fires, parameters__strike_rate=3.0, parameters__store_rate=2.0), 12
    )
    assert happened(engine, fx.CrossingDamaged) and happened(engine, fx.StoreDestroyed)
    assert happened(engine, fx.RepairSetBack)
    assert not happened(engine, fx.SortiesFlown)
    assert engine.world.ledger.posted("depot_t", "destroyed") < 0
    far = river_kit.campaign(**fires, parameters__strike_rate=3.0, parameters__rocket_range=0.0)
    assert not happened(played(far, 12), fx.CrossingDamaged)


def test_bombs_close_a_crossing_with_a_capacity() -> None:
    bombed = river_kit.campaign(parameters__bridge_hit_rate=1.0, parameters__bridge_hit_surge=1.0)
    engine = played(bombed, 6)
    assert {e.left for _, e in happened(engine, fx.CrossingDamaged)} == {0.0}
    assert not happened(engine, fx.CrossingClosed)


# -- the rule, and thinning out --------------------------------------------------------------------


def test_the_rule_reads_crossings_and_thins_out_before_the_order() -> None:
    scenario = river_kit.campaign(SHUT, models__withdrawal="two-part")
    run = ks.run(scenario, seed=3, policy={"holder": "crossings"})
    said = [d for d in run.decisions if d.side == "holder"]
    thinned = [d.day for d in said if d.choice == "thin out"]
    assert thinned and thinned[0] == 6  # three evenings after the last heavy crossing was lost
    assert "0 crossings bear heavy equipment" in next(d.rule for d in said if d.day == 6)
    calm = ks.run(
        river_kit.campaign(models__withdrawal="two-part"), seed=3, policy={"holder": "crossings"}
    )
    assert {d.choice for d in calm.decisions if d.side == "holder"} == {"stand"}


def test_thinning_brings_men_over_before_a_dated_order() -> None:
    scenario = river_kit.campaign(models__withdrawal="two-part")
    thin = played(scenario, 9, "crossings:thin=2025-01-02,order=2025-01-20")
    bare = played(scenario, 9, "crossings:order=2025-01-20")
    out = [sum(at["@out"] for at in e.world.men.values()) for e in (thin, bare)]
    assert out[0] > 300 and out[1] == 0
    assert thin.world.command.phase == "hold"
    late = played(scenario, 17, "crossings:thin=2025-01-02,order=2025-01-20")
    kept = late.world.models.withdrawal.thin_floor * sum(
        late.world.committed[c] for c in ("garrison",)
    )
    assert sum(late.world.on_axes("holder").values()) > 0.8 * kept


def test_thinning_needs_a_withdrawal_of_two_parts() -> None:
    engine = Engine(river_kit.campaign(), seed=3)
    holder = HolderOrders(thin_out=True)
    attacker = seat_policy(
        engine.scenario, "attacker", "shaping", value=engine.scenario.value, days=20
    )
    with pytest.raises(BadUse, match="thin_out: the withdrawal of this campaign has no such part"):
        engine.step({"holder": holder, "attacker": attacker.decide(engine.observe("attacker"))})  # type: ignore[dict-item]


@pytest.mark.parametrize("argument", ["thinn=2025-01-02", "thin=soon"])
def test_an_argument_of_the_rule_that_means_nothing_is_one_line(argument: str) -> None:
    with pytest.raises(BadUse, match="policy crossings"):
        ks.run(river_kit.campaign(), seed=1, policy={"holder": f"crossings:{argument}"})


# -- the mean field --------------------------------------------------------------------------------


def test_the_mean_field_has_the_law_of_the_crossings() -> None:
    scenario = river_kit.campaign()
    chain = chain_of(Engine(scenario, seed=3).world)
    at = chain.roads.names.index("B1")
    assert chain.roads.passage_h[at] == pytest.approx(
        6 * 2 * 2 * 24 / 120
    )  # 12 t on one of 2 rafts
    assert chain.roads.room.tolist() == [30, 60 * 12, 30]
    many = chain_of_sets(scenario, {"bridge_flow": [60.0, 4.0]})
    assert many.roads.room.tolist() == [[30, 720, 30], [30, 48, 30]]
    rows = many.solve(8, daily=True)["stock_t"]
    assert rows[-1][1] < rows[-1][0]


def test_a_staff_that_looks_ahead_can_play_behind_a_river() -> None:
    scenario = river_kit.campaign(SHUT, policies__holder="expected_value")
    run = ks.run(scenario, seed=3)
    assert any(d.known.get("forecast") for d in run.decisions if d.side == "holder")


# -- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (change("x", "long bridg", 2, "none_left"), "did you mean 'long bridge'"),
        (change("x", BRIDGE, 2), "amount is missing, the parameter of the share of its capacity"),
        (change("x", BRIDGE, 2, "bridge_flow"), "amount: parameter 'bridge_flow' is 60; a share"),
        (change("x", BRIDGE, 2, "none_left") | {"until": river_kit.START}, "until is not read"),
        (
            change("x", BRIDGE, 2, "none_left") | {"kind": "closure", "bears": "light"},
            "bears is of",
        ),
    ],
)
def test_each_fault_of_an_input_is_one_line(row: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as failure:
        river_kit.campaign(row)
    found = [p.what for p in failure.value.problems if p.severity == "error"]
    assert any(said in what for what in found), found


@pytest.mark.parametrize(
    ("set_", "said"),
    [
        ({"models__supply": "depot"}, "the supply model 'depot' knows no crossings"),
        ({"crossings__long bridge__tonnes_per_day": "ferry_load"}, "both of vehicles_per_hour"),
        ({"parameters__bridge_flow": 0.0}, "it must be above 0; a crossing is closed by an input"),
        ({"withdrawal__exits": ["Gate", "Hill"]}, "'Hill': is no end of a leg over a crossing"),
        ({"routes__second__depot": "Hill"}, "not at the depot, 'Hill'"),
        ({"axes__east__depot": "Ford"}, "depot is no row of depots"),
        ({"depots__Hill__share": "hill_share"}, "every depot has one"),
    ],
)
def test_each_fault_of_a_river_is_one_line(set_: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as failure:
        river_kit.campaign(**set_)
    found = [p.what for p in failure.value.problems if p.severity == "error"]
    assert any(said in what for what in found), found
    assert not any("\n" in what for what in found)


def test_a_campaign_of_another_time_gets_no_dated_default(tmp_path: Any) -> None:
    """Neither days of the calendar nor fibre drones come in with ``models.defaults``."""

    def real(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        doc["fictional"] = False

    said = [p.what for p in scenario_kit.errors(scenario_kit.write(tmp_path / "real", real))]
    for name in ("fibre_share_0", "R_fibre_1", "fibre_ramp_start", "mud_peak_day"):
        assert any(f"parameter '{name}'" in what and "belongs to a time" in what for what in said)

    def without(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        real(doc, tables)
        doc["models"] |= {"interdiction": "none"}
        doc["inputs"] = [i for i in doc["inputs"] if i["kind"] != "teams"]

    said = [p.what for p in scenario_kit.errors(scenario_kit.write(tmp_path / "none", without))]
    assert said and not any("fibre" in what for what in said)


def test_no_teams_join_where_none_are_modelled() -> None:
    row = {
        "id": "x",
        "kind": "teams",
        "date": river_kit.START,
        "known_on": river_kit.START,
        "amount": "drone_teams",
    }
    with pytest.raises(ScenarioError, match="the interdiction model 'none' has no teams"):
        river_kit.campaign(row, models__interdiction="none")
