"""A campaign that stops at a midnight and goes on from its state is the campaign that never stopped."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
import zlib
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from campaign_kit import FEW, Game, campaign, days, games
from hypothesis import given
from hypothesis import strategies as st
from order_kit import some_orders

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine.midnight import write_down
from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders
from kursksim.policies.base import hold_orders
from kursksim.policies.memory import recall
from kursksim.runs.state import MAGIC

SIDES = ("holder", "attacker")


def travelled(engine: ks.Engine) -> ks.Engine:
    """The same campaign out of the bytes of its state."""
    state = ks.State.from_bytes(engine.state().to_bytes())
    return ks.Engine.resume(engine.scenario, state)


def seen(engine: ks.Engine) -> dict[str, Any]:
    """What both sides see, with what the holder's staff looks ahead from."""
    found: dict[str, Any] = {side: dict(engine.observe(side)) for side in SIDES}
    return found | {"ahead": dict(engine.observe("holder").ahead)}


def rows(engine: ks.Engine, last: int) -> dict[str, list[list[str]]]:
    """The last rows of each table, as exact text."""
    found = {}
    for name, table in engine.tables.items():
        each = len(table) // max(1, len(engine.turns))
        found[name] = list(table.text_rows())[len(table) - each * last :]
    return found


def check_here(engine: ks.Engine) -> ks.Engine:
    """What was taken up is what was written down, and both staffs see the same."""
    again = travelled(engine)
    assert again.day == engine.day
    assert write_down(again.world) == write_down(engine.world)
    assert again.state() == engine.state()
    assert repr(seen(again)) == repr(seen(engine))
    for near in ("launch", "east", "west"):
        there, here = getattr(again.world.ground, near), getattr(engine.world.ground, near)
        assert np.array_equal(there.km, here.km), near
        assert np.array_equal(there.member, here.member), near
    assert again.world.ground.ways.km == engine.world.ground.ways.km
    assert again.world.ground.front == engine.world.ground.front
    return again


@FEW
@given(games)
def test_any_midnight_is_taken_up_as_it_was_written_down(game: Game) -> None:
    for engine in days(game.scenario, game.scenario.days, seed=game.seed, policy=game.policy):
        check_here(engine)


@FEW
@given(games, st.randoms(use_true_random=False))
def test_going_on_is_never_having_stopped(game: Game, luck: random.Random) -> None:
    """To the last digit, whichever day it was; it may stop as often as it likes."""
    run = game.run()
    whole = ks.Engine(game.scenario, seed=game.seed, value=run.provenance.values)
    stopping = ks.Engine(game.scenario, seed=game.seed, value=run.provenance.values)
    for orders in run.orders:
        if luck.random() < 0.3:
            stopping = check_here(stopping)
        whole.step(orders)
        stopping.step(orders)
        assert rows(stopping, 1) == rows(whole, 1)
    assert stopping.state().digest == whole.state().digest


@FEW
@given(st.sampled_from(["two-roads", "kit"]), st.integers(0, 10_000))
def test_it_goes_on_under_random_legal_orders(name: str, seed: int) -> None:
    luck, game = random.Random(seed), ks.Game(campaign(name), seed=seed)
    while not game.over:
        again = check_here(game.engine)
        game.step({s: some_orders(game, s, luck) for s in SIDES})
        again.step(game.moves[-1].orders)
        assert rows(again, 1) == rows(game.engine, 1)
        assert again.state() == game.engine.state()


@pytest.mark.slow
def test_every_midnight_of_the_campaign() -> None:
    run = ks.run("december-march", seed=5)
    engine = ks.Engine(run.scenario, seed=5)
    for day, orders in enumerate(run.orders):
        again = check_here(engine)
        engine.step(orders)
        again.step(orders)
        assert rows(again, 1) == rows(engine, 1), day
        assert again.state().digest == engine.state().digest == run.digests[day]


def test_a_midnight_of_the_campaign_in_each_of_its_phases() -> None:
    run = ks.run("december-march", seed=5)
    engine = ks.Engine(run.scenario, seed=5)
    order_day = run.order_day
    assert order_day is not None
    for day, orders in enumerate(run.orders):
        stops = day in (0, 40, order_day + 1, order_day + 4, order_day + 9)
        if stops:
            engine = check_here(engine)
        engine.step(orders)
        assert engine.state().digest == run.digests[day]


GO_ON = """
import pickle, sys
import kursksim as ks
state = ks.State.from_bytes(open(sys.argv[1], "rb").read())
engine = ks.Engine.resume(ks.load("two-roads"), state)
for orders in pickle.load(open(sys.argv[2], "rb")):
    engine.step(orders)
print(engine.state().digest)
"""


def test_it_goes_on_in_another_process(tmp_path: Path) -> None:
    run = ks.run("two-roads", seed=3)
    (tmp_path / "state").write_bytes(run.state(run.scenario.date(8)).to_bytes())
    (tmp_path / "orders").write_bytes(pickle.dumps(run.orders[9:]))
    command = [sys.executable, "-c", GO_ON, str(tmp_path / "state"), str(tmp_path / "orders")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert said.strip() == run.digests[-1]


def test_a_state_is_a_value() -> None:
    engine = ks.Engine(ks.load("two-roads"), seed=3)
    orders = ks.run("two-roads", seed=3).orders
    engine.step(orders[0])
    state = engine.state()
    text = repr(state.world)
    again = pickle.loads(pickle.dumps(state))
    assert again == state
    assert hash(again) == hash(state)
    assert again.day == 1
    engine.step(orders[1])
    assert repr(state.world) == text
    assert engine.state() != state
    went = ks.Engine.resume(engine.scenario, state)
    went.step(orders[1])
    assert repr(state.world) == text  # what goes on from it leaves it alone
    assert went.state() == engine.state()


# -- what the policies remember --------------------------------------------------------------------


@dataclass
class CountsEvenings:
    """Gives the order on the ninth evening that it has seen; keeps what it saw in containers of every kind."""

    evenings: int = 0
    held: list[float] = field(default_factory=list)
    seen: dict[int, tuple[str, ...]] = field(default_factory=dict)
    phases: set[str] = field(default_factory=set)
    last: HolderOrders | None = None
    reason: Decision = field(init=False, compare=False)

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        self.evenings += 1
        self.held.append(observation["held_km2"])
        self.seen[observation.day] = tuple(observation["routes"])
        self.phases.add(observation["phase"])
        self.last = hold_orders(observation, self.evenings >= 9)
        return self.last


@pytest.mark.parametrize("day", [0, 7, 14])
def test_a_policy_that_counts_evenings_remembers_them(day: int) -> None:
    scenario = ks.load("two-roads")
    engine, policy = ks.Engine(scenario, seed=2), CountsEvenings()
    attackers = ks.run(scenario, seed=2, policy={"holder": CountsEvenings()}).orders
    for today in range(day):
        engine.step({**attackers[today], "holder": policy.decide(engine.observe("holder"))})
    kept = ks.run(scenario, seed=2, policy={"holder": CountsEvenings()}).states
    memory = ks.State.from_bytes(kept[day]).memory["holder"]
    assert memory["policy"].endswith("CountsEvenings")
    again = CountsEvenings()
    recall(again, memory["remembers"])
    assert again == policy
    assert again.evenings == day


def test_the_memory_of_shipped_policies_comes_back() -> None:
    run = ks.run("two-roads", seed=3, policy={"holder": "threshold"})
    for day in range(1, run.days):
        state = run.state(run.scenario.date(day))
        remembered = state.memory["holder"]["remembers"]
        assert remembered["reason"]["fields"]["day"] == day - 1  # that of the evening before
        assert state.memory["attacker"]["remembers"]["teams"] >= 0


class HoldsALock:
    """A policy that remembers what is no data."""

    def __init__(self) -> None:
        self.luck = random.Random(1)

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        return hold_orders(observation, False)


def test_a_policy_that_cannot_be_kept_is_refused_by_name() -> None:
    run = ks.run("two-roads", seed=3, policy={"holder": HoldsALock()})
    said = run.state(run.scenario.date(6)).memory["holder"]["refused"]
    assert said.startswith("policy HoldsALock of the holder: its attribute 'luck' holds a Random")
    assert "memory() and recall" in said


class TellsItself(HoldsALock):
    """The same with methods of its own."""

    def memory(self) -> list[Any]:
        """What it remembers."""
        return [list(part) if isinstance(part, tuple) else part for part in self.luck.getstate()]

    def recall(self, data: list[Any]) -> None:
        """Remember it again."""
        version, state, gauss = data
        self.luck.setstate((version, tuple(state), gauss))


def test_a_policy_may_tell_what_it_remembers() -> None:
    policy = TellsItself()
    policy.luck.random()
    run = ks.run("two-roads", seed=3, policy={"holder": policy})
    kept = run.state(run.scenario.date(6)).memory["holder"]["remembers"]
    again = TellsItself()
    recall(again, kept)
    assert again.luck.random() == policy.luck.random()


# -- what is refused -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def state() -> ks.State:
    return ks.run("two-roads", seed=3).state("2025-01-09")


def test_bytes_that_are_no_state_are_refused(state: ks.State) -> None:
    whole = state.to_bytes()
    with pytest.raises(ks.BadUse, match="no state of a kursksim campaign"):
        ks.State.from_bytes(b"PK\x03\x04 something else")
    with pytest.raises(ks.BadUse, match="a newer kursksim wrote it"):
        ks.State.from_bytes(whole.replace(b"state 1\n", b"state 2\n", 1))
    with pytest.raises(ks.BadUse, match="read from bytes, not from str"):
        ks.State.from_bytes("text")  # type: ignore[arg-type]
    for broken in (
        whole[:-1],
        whole[:60],
        whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
        whole + b"x",
    ):
        with pytest.raises(ks.BadUse, match="damaged"):
            ks.State.from_bytes(broken)


def test_a_state_of_another_results_version_is_refused(state: ks.State) -> None:
    older = replace(state, origin=replace(state.origin, results_version=4))
    with pytest.raises(ks.BadUse, match="results version 4"):
        ks.State.from_bytes(older.to_bytes())


def test_a_forged_state_is_refused_in_a_line(state: ks.State) -> None:
    for world in (
        {},
        {**state.world, "men": []},
        {**state.world, "trips": [{}]},
        {**state.world, "legs": None},
    ):
        with pytest.raises(ks.BadUse, match="damaged"):
            ks.Engine.resume(ks.load("two-roads"), replace(state, world=world))


def sealed(parts: bytes) -> bytes:
    """Bytes with a right digest, whatever they hold."""
    seal = blake2b(parts, digest_size=16).hexdigest().encode()
    return MAGIC + zlib.compress(b'{"seal":"%b",%b}' % (seal, parts))


@pytest.mark.parametrize(
    "parts", [b"", b'"origin":', b'"origin":[]', b'"origin":\xff', b'"origin":' + b"[" * 100_000]
)
def test_forged_bytes_are_refused_in_a_line(parts: bytes) -> None:
    with pytest.raises(ks.BadUse, match="damaged"):
        ks.State.from_bytes(sealed(parts))


def test_a_forged_day_or_memory_is_refused_in_a_line(state: ks.State) -> None:
    far = 10**8
    for forged in (
        replace(state, day=3),
        replace(state, day=-1, world={**state.world, "day": -2}),
        replace(state, day=far, world={**state.world, "day": far - 1}),
        replace(state, day="x"),  # type: ignore[arg-type]
        replace(state, moved={"raid": "x"}),  # type: ignore[dict-item]
        replace(state, memory={"holder": {}}),
        replace(state, memory={"holder": {"policy": 3, "remembers": {}}}),
    ):
        with pytest.raises(ks.BadUse, match="damaged"):
            ks.State.from_bytes(forged.to_bytes())
    assert state.world["trips"]
    for forged_trip in ({"day": 10**30}, {"day": state.day}, {"day": "x"}, {"ordinal": 10**30}):
        trips = [{**trip, **forged_trip} for trip in state.world["trips"]]
        broken = replace(state, world={**state.world, "trips": trips})
        with pytest.raises(ks.BadUse, match="damaged"):
            ks.Engine.resume(ks.load("two-roads"), broken)


def test_a_state_that_is_none_of_the_run_is_refused(state: ks.State) -> None:
    run = ks.run("two-roads", seed=3)
    other = ks.run("two-roads", seed=4)
    for states in ({7: run.states[14]}, {7: other.states[7]}):
        with pytest.raises(ks.BadUse, match="state kept before day 7 is not of this run"):
            replace(run, states=states).state("2025-01-09")
    with pytest.raises(ks.BadUse, match="goes on from a State, not from bytes"):
        ks.Engine.resume(run.scenario, state.to_bytes())  # type: ignore[arg-type]
    with pytest.raises(ks.BadUse, match="day 'x': must be a whole number"):
        ks.Engine.resume(run.scenario, state, fresh=[("x", 1)])  # type: ignore[list-item]


def test_a_state_does_not_need_the_file_of_orders(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_text('{"2025-01-06": {"night_share": 1.0}}')
    run = ks.run("two-roads", seed=3, policy={"holder": f"orders:{path}"})
    path.unlink()
    state = run.state("2025-01-09")
    assert state.digest == run.digests[8]
    assert "its file is gone" in state.memory["holder"]["refused"]


def test_an_input_that_was_moved_into_the_past_may_not_differ() -> None:
    peace = {"id": "peace", "name": "Peace", "kind": "ceasefire", "note": "a test"}
    dated = [{**peace, "date": date, "known_on": date} for date in ("2025-01-12", "2025-01-13")]
    base, changed = (
        with_changes(ks.load("two-roads"), [{"add": {"inputs": [entry]}}]) for entry in dated
    )
    for to in (3, None):
        game = ks.Game(base, seed=3)
        game.rule("peace", to)
        game.play_on(4)
        state = replace(game.engine.state(), day=game.day, outcome=None)
        ks.Engine.resume(base, state)
        with pytest.raises(ks.BadUse, match=r"inputs\.peace differs, and an umpire"):
            ks.Engine.resume(changed, state)


def test_a_contingent_that_is_to_come_may_not_be_added_or_left_out(state: ks.State) -> None:
    base = ks.load("two-roads")
    entry = {"id": "late", "name": "Late", "kind": "commit", "note": "a test", "target": "red"}
    patch = {"add": {"inputs": [{**entry, "date": "2025-01-12", "known_on": "2025-01-12"}]}}
    changed = with_changes(base, [patch])
    with pytest.raises(ks.BadUse, match="only one of the scenarios has an input that commits red"):
        ks.Engine.resume(changed, state)
    later = ks.Engine(changed, seed=3).state()
    with pytest.raises(ks.BadUse, match="commits red"):
        ks.Engine.resume(base, later)


def test_a_scenario_with_another_past_is_refused_by_its_key(state: ks.State) -> None:
    base = ks.load("two-roads")
    for key, value in (("parameters.fleet_0", 90.0), (f"legs.{base.legs[0].id}.ew_cover", 0.5)):
        with pytest.raises(ks.BadUse, match=key.removesuffix(".ew_cover")):
            ks.Engine.resume(with_changes(base, set={key: value}), state)
    with pytest.raises(ks.BadUse, match="scenario 'two-roads', not of 'december-march'"):
        ks.Engine.resume(ks.load("december-march"), state)


def test_policies_and_what_is_to_come_may_differ(state: ks.State) -> None:
    base = ks.load("two-roads")
    entry = {"id": "peace", "name": "Peace", "kind": "ceasefire", "note": "a test"}
    for date, legal in (("2025-01-12", True), ("2025-01-05", False)):
        patch = {"add": {"inputs": [{**entry, "date": date, "known_on": date}]}}
        changed = with_changes(base, [patch])
        if legal:
            engine = ks.Engine.resume(changed, state)
            assert [e.id for _, e in engine.calendar.coming(state.day)][-1] == "peace"
        else:
            with pytest.raises(ks.BadUse, match=r"inputs\.peace of 2025-01-05 differs"):
                ks.Engine.resume(changed, state)
    ks.Engine.resume(with_changes(base, set={"policies.holder": "never"}), state)


def test_the_luck_of_days_that_are_over_cannot_be_changed(state: ks.State) -> None:
    base = ks.load("two-roads")
    with pytest.raises(ks.BadUse, match="day 3 is over"):
        ks.Engine.resume(base, state, fresh=[(3, 1)])
    other = ks.Engine.resume(base, state, fresh=[(state.day, 1)])
    assert other.streams.number(state.day) == 1
    assert other.streams.number(state.day - 1) == 0


def test_a_state_is_told_between_days_only() -> None:
    engine = ks.Engine(ks.load("two-roads"), seed=3)

    def fails(*_: object) -> None:
        raise RuntimeError("a defect")

    orders = ks.run("two-roads", seed=3).orders
    engine.world.apply = fails  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        engine.step(orders[0])
    with pytest.raises(ks.BadUse, match="day 0 was not played to its end"):
        engine.state()


def test_dates_and_runs_without_a_state_are_refused() -> None:
    run = ks.run("two-roads", seed=3, until="2025-01-05")
    assert run.state("2024-12-31").day == 0
    with pytest.raises(ks.BadUse, match="outside this run"):
        run.state("2025-01-06")
    with pytest.raises(ks.BadUse, match="keeps no states"):
        ks.replay(run).state("2025-01-03")
