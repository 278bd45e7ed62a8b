"""What is conserved, whatever the parameters, the policies and the luck."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import pytest
from campaign_kit import MORE, Game, campaign, column, days, games, known
from hypothesis import given

from kursksim.api import with_changes
from kursksim.runs.columns import DAILY
from kursksim.runs.record import Run
from kursksim.units import LEAST, iso

SHARES = (
    "fulfilment", "flyability", "mud", "msr_share_within_8km", "msr_reach", "missing_share", "heavy_left_share",
    "on_foot_share", "orderliness",
)  # fmt: skip
SIGNED = {"order_day", "line_km", "orderliness"}
ROUNDING = 1e-9
"""Relative to the size of the sums; they are sums of floats, no more."""


def near(one: float, other: float, size: float = 1.0) -> bool:
    return abs(one - other) <= ROUNDING * max(1.0, abs(size))


@MORE
@given(games)
def test_states_stay_within_their_bounds(game: Game) -> None:
    run = game.run()
    for name in SHARES:
        assert all(-ROUNDING <= v <= 1 + ROUNDING for v in known(column(run, name))), name
    for name, kind in DAILY.items():
        if kind != "s" and name not in SIGNED:
            assert all(v >= -ROUNDING for v in known(column(run, name))), name
    for name in ("reach_radio", "reach_fibre"):
        assert all(0 <= v <= 1 for v in column(run, name, "legs"))
    assert set(column(run, "open", "legs")) <= {0, 1}
    assert all(0 <= v <= 1 for v in column(run, "preparation", "axes"))


@MORE
@given(games)
def test_there_is_one_row_a_date(game: Game) -> None:
    run = game.run()
    dates = [iso(game.scenario.start, d) for d in range(game.scenario.days)]
    assert column(run, "date") == dates
    assert column(run, "day") == list(range(game.scenario.days))
    assert column(run, "date", "axes") == [d for d in dates for _ in game.scenario.axes]
    assert column(run, "date", "legs") == [d for d in dates for _ in game.scenario.legs]


@MORE
@given(games)
def test_ground_and_men_add_up(game: Game) -> None:
    """C7 to C9: the area ledger, owners cell by cell, axes against the whole."""
    engine = None
    for engine in game.days():
        row, world = engine.turns[-1].row, engine.world
        owned = sum(
            a
            for a, h, b in zip(
                world.ground.area, world.ground.held, world.terrain.beyond.tolist(), strict=True
            )
            if h and b
        )
        assert near(row["held_km2"], owned, owned)
        by_axis = [sum(taken[k] for taken in world.today.taken_km2.values()) for k in range(3)]
        assert all(
            near(row[f"{c}_km2"], v, 10)
            for c, v in zip(("captured", "vacated", "retaken"), by_axis, strict=True)
        )
        for side in ("holder", "attacker"):
            shown = sum(world.men_on(side, a) for a in world.axes)
            assert shown <= row[f"{side}_strength"] + ROUNDING * max(1.0, shown)
    assert engine is not None
    area = [engine.world.terrain.held_area_0_km2, *engine.tables["daily"].columns["held_km2"]]
    daily = engine.tables["daily"].columns
    for d in range(game.scenario.days):
        after = (
            area[d] - daily["captured_km2"][d] - daily["vacated_km2"][d] + daily["retaken_km2"][d]
        )
        assert near(area[d + 1], after, area[0])


@MORE
@given(games)
def test_vehicles_and_crossings_add_up(game: Game) -> None:
    """C4, C13: each vehicle is somewhere; who came to a crossing has passed it or waits."""
    for engine in game.days():
        world, row = engine.world, engine.turns[-1].row
        fleet = world.fleet
        there = (
            fleet.serviceable + fleet.on_road + fleet.in_repair + fleet.destroyed - fleet.replaced
        )
        assert there == round(engine.models.supply.fleet_0)
        assert (row["vehicles_serviceable"], row["vehicles_in_repair"], row["vehicles_destroyed"]) == (
            fleet.serviceable, fleet.in_repair, fleet.destroyed,
        )  # fmt: skip
        for crossing in world.crossings.values():
            there = [
                passage for passage, _ in world.at_crossings() if passage.crossing == crossing.id
            ]
            assert crossing.came == crossing.passed + len(there)
            assert all(passage.place <= crossing.came for passage in there)
            turns = [passage.turn for passage in there]
            assert turns[1:] == [None] * len(turns[1:]), "one at a time"


@MORE
@given(games)
def test_drone_teams_are_conserved(game: Game) -> None:
    """C5, C6: teams over the legs are all the teams there are; no leg sees more attempts than its teams can fly."""
    for engine in game.days():
        world, model = engine.world, engine.models.interdiction
        reachable = any(r > 0 for leg in world.legs.values() for r in leg.today.reach)
        spread = sum(sum(leg.today.teams) for leg in world.legs.values())
        assert near(spread, world.drones.teams if reachable else 0.0, world.drones.teams)
        flying = engine.turns[-1].row["flyability"]
        for leg in world.legs.values():
            flown = sum(leg.today.teams) * model.sorties_team * flying
            assert leg.today.attempts < flown + 1  # whole sorties, by largest remainder
        assert world.drones.airframes >= 0


@MORE
@given(games)
def test_a_place_holds_nothing_or_at_least_a_millionth(game: Game) -> None:
    for engine in game.days():
        world = engine.world
        stores, wrecks = world.stores, [leg.wrecks for leg in world.legs.values()]
        there = [stores.stock_t, stores.forward_t, stores.on_road_t, stores.wounded, *wrecks]
        there += [world.ground.held_km2, world.heavy_moving, *world.heavy.values()]
        for at in world.men.values():
            there += at.values()
        assert [n for n in there if n != 0 and not n >= LEAST] == []


@MORE
@given(games)
def test_wounded_are_waiting_or_at_home(game: Game) -> None:
    """C14: a second book-keeper, who has only the events."""
    run = game.run(record="full")
    brought, home = [0.0] * run.days, [0.0] * run.days
    for day, _, effect, _, _, amount, detail in run.events:
        if effect == "Lost":
            brought[day] += float(detail.rpartition("wounded=")[2])
        elif effect == "Evacuated":
            home[day] += amount
    daily = run.tables["daily"].columns
    for d in range(run.days):
        so_far, gone = math.fsum(brought[: d + 1]), math.fsum(home[: d + 1])
        assert near(daily["wounded_evacuated"][d], gone, 1e3)
        assert near(daily["wounded_waiting"][d], so_far - gone, 1e3)
        assert so_far <= daily["holder_killed_wounded"][d] * (1 + ROUNDING)


def _sums(run: Run) -> defaultdict[tuple[int, str, str], float]:
    """Amounts of the events by (day, effect, subject); subjects only where the test asks for them."""
    found: defaultdict[tuple[int, str, str], float] = defaultdict(float)
    for day, _, effect, subject, _, amount, _ in run.events:
        found[day, effect, ""] += amount
        found[day, effect, subject] += amount
    return found


@MORE
@given(games)
def test_tables_follow_from_the_events(game: Game) -> None:
    """C1 to C3: a second book-keeper, who has only the events, comes to the same figures."""
    run = game.run(record="full")
    total, daily = _sums(run), run.tables["daily"].columns
    for d in range(run.days):
        assert daily["vehicles_lost"][d] == total[d, "Hit", ""]
        assert daily["attempts"][d] == total[d, "SortiesFlown", ""]
        assert near(daily["delivered_t"][d], total[d, "Delivered", ""], 100)
    lost = dict.fromkeys(("holder", "attacker"), 0.0)
    for d in range(run.days):
        for c in game.scenario.contingents:
            lost[c.side] += total[d, "Lost", c.id]
        dead, missing = daily["holder_killed_wounded"][d], daily["holder_missing_captured"][d]
        assert near(lost["holder"], dead + missing, 1e4)
        assert near(lost["attacker"], daily["attacker_losses"][d], 1e4)


@MORE
@given(games)
def test_trips_are_those_of_supply_convoys(game: Game) -> None:
    """A column that marches out lends vehicles but makes no supply trip."""
    run = game.run(record="full")
    sent = [0.0] * run.days
    for day, _, effect, subject, _, amount, _ in run.events:
        if effect == "ConvoySent" and "/column/" not in subject:
            sent[day] += amount
    assert column(run, "trips") == sent


@MORE
@given(games)
def test_events_come_in_the_order_of_time(game: Game) -> None:
    """C10: no event before the one that was written before it, none outside its day."""
    run = game.run(record="full")
    clock = [24 * day + hour for day, hour, *_ in run.events]
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(clock))
    assert all(0 <= hour <= 24 for _, hour, *_ in run.events)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_history_closes_its_books_through_a_withdrawal(seed: int) -> None:
    """The ledger is checked by the engine on every day; here with columns, drones, a pursuit and the last line."""
    history = campaign("december-march")
    longest = next(p.high for p in history.parameters if p.id == "prep_days")
    # After a short preparation no evening falls between the order and the movement.
    scenario = with_changes(history, set={"parameters.prep_days": longest})
    phases = set()
    for engine in days(scenario, 50, seed=seed, policy={"holder": "fixed_date:2024-12-24"}):
        phases.add(engine.turns[-1].row["phase"])
    assert phases == {"hold", "ordered", "delay", "final"}
    assert math.isclose(
        sum(engine.world.heavy.values()) + engine.world.heavy_moving,
        engine.world.ledger.balance["heavy"],
    )
