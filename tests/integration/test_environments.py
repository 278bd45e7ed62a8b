"""The environments: the outside checkers pass; actions, masks, observations and rewards are what is written down."""

from __future__ import annotations

import copy
import datetime as dt
import doctest
import pickle
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repetitions import times

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.observation import OBSERVATIONS, HolderObservation
from kursksim.play.game import Game

gymnasium = pytest.importorskip("gymnasium", reason="gymnasium is not installed")
pytest.importorskip("pettingzoo", reason="pettingzoo is not installed")

from gymnasium.error import ResetNeeded  # noqa: E402
from gymnasium.utils.env_checker import check_env, data_equivalence  # noqa: E402
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test  # noqa: E402
from pettingzoo.utils.conversions import parallel_to_aec  # noqa: E402

from kursksim.play import envs  # noqa: E402
from kursksim.play.envs import CommandEnv, actions, observations, parallel_env, reward  # noqa: E402
from kursksim.play.envs.actions import STAFF, ActionPart, OrderCode  # noqa: E402
from kursksim.play.envs.observations import Eyes  # noqa: E402
from kursksim.play.envs.reward import AttackerWeights, HolderWeights  # noqa: E402

SIDES = ("holder", "attacker")
ROOT = Path(__file__).parents[2]


def dated(ident: str, kind: str, day: dt.date, **more: Any) -> dict[str, Any]:
    """A what-if with one more dated input."""
    entry = {
        "id": ident,
        "name": ident,
        "kind": kind,
        "date": day,
        "known_on": day,
        "note": "invented",
        **more,
    }
    return {"title": ident, "why": "a test", "add": {"inputs": [entry]}}


PEACE = dated("peace", "ceasefire", dt.date(2025, 1, 6))
OFFER = dated("offer", "ceasefire_offer", dt.date(2025, 1, 4))
WEAK = {"parameters.blue_men.low": 1, "parameters.blue_men": 60}
"""A holder who loses all the ground within days."""


def staff(env: Any) -> dict[str, Any]:
    """Both sides as their staffs suggest."""
    return {a: env.seat(a).code.action({}) for a in env.agents}


# -- the outside checkers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
def test_the_checker_of_gymnasium_passes(side: str) -> None:
    env = gymnasium.make(envs.ENV_ID, scenario="two-roads", side=side)
    check_env(
        env.unwrapped
    )  # warnings are errors in these tests; this renders in both modes as well


def test_the_parallel_checker_of_pettingzoo_passes(capsys: pytest.CaptureFixture[str]) -> None:
    parallel_api_test(parallel_env("two-roads"), num_cycles=50)
    assert "Passed Parallel API test" in capsys.readouterr().out


def test_the_seed_checker_of_pettingzoo_passes() -> None:
    parallel_seed_test(lambda: parallel_env("two-roads"), num_cycles=21)


STYLE = {
    "Observation is not a NumPy array": "an observation has an entry for the arrays and one for the mask, which is the"
    " form that PettingZoo itself asks for; its checker knows such environments by a list of names",
    "Observation space for each agent probably should be gymnasium.spaces.box": "the same",
    "Action space for each agent probably should be gymnasium.spaces.box": "orders have many parts: MultiDiscrete",
    "We recommend agents to be named in the format": "the sides are holder and attacker in all of the library",
    "Agents have different observation space sizes": "the sides see different things: fog of war",
}
"""What the checker of turn-based environments says of the style of these, and why it stays so."""


def test_the_turn_based_checker_passes_but_for_style() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        api_test(parallel_to_aec(parallel_env("two-roads")), num_cycles=30)
    messages = {str(w.message) for w in said}
    unknown = [m for m in messages if not any(m.startswith(s) for s in STYLE)]
    assert unknown == []
    assert all(any(m.startswith(s) for m in messages) for s in STYLE), (
        "a style note that is no longer made"
    )


def test_the_environment_is_registered_on_import() -> None:
    code = (
        "import gymnasium, kursksim as ks\n"
        "assert ks.play.envs.CommandEnv\n"
        "env = gymnasium.make('kursksim/Command-v0')\n"
        "print(type(env.unwrapped).__name__, env.metadata['render_modes'], env.metadata['render_fps'] > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "CommandEnv ['rgb_array', 'ansi'] True", done.stderr


def test_many_at_once() -> None:
    many = gymnasium.make_vec(
        envs.ENV_ID, num_envs=2, vectorization_mode="sync", scenario="two-roads"
    )
    seen, info = many.reset(seed=[3, 4])
    assert seen["men"].shape == (2, 3) and info["action_mask"].shape[0] == 2
    _, rewards, *_ = many.step(many.action_space.sample())
    assert rewards.shape == (2,) and np.isfinite(rewards).all()
    many.close()


@pytest.mark.parametrize("module", [envs, observations, actions], ids=lambda m: m.__name__)
def test_the_examples_run(module: Any) -> None:
    done = doctest.testmod(module)
    assert done.attempted > 2 and done.failed == 0


# -- actions ---------------------------------------------------------------------------------------------------

Legal = Mapping[str, Any]


@lru_cache(maxsize=1)
def evenings() -> dict[str, Game]:
    """Games on evenings that allow different things."""
    two = {day: ks.Game("two-roads", seed=7).play_on(day) for day in (0, 6)}
    left = ks.Game("two-roads", seed=7)
    left.step({"holder": {"withdraw": True}})
    left.play_on(3)
    kept_back = ks.Game("two-roads", seed=7)
    for _ in range(3):
        kept_back.step(
            {
                "attacker": {"reserve": 0.9},
                "holder": {"reserve_to": "tip" if kept_back.day == 2 else ""},
            }
        )
    long = ks.Game("december-march", seed=7).play_on(2)
    long.step({"holder": {"counter_attack": "plekhovo"}})
    return {
        "eve": two[0], "reserve waiting": two[6], "withdrawing": left, "attacker's reserve": kept_back,
        "counter-attack under way": long, "long campaign, eve": ks.Game("december-march", seed=7),
    }  # fmt: skip


EVENINGS = (
    "eve",
    "reserve waiting",
    "withdrawing",
    "attacker's reserve",
    "counter-attack under way",
    "long campaign, eve",
)


@lru_cache(maxsize=16)
def coded(name: str, side: str) -> tuple[Game, OrderCode, Any]:
    game = evenings()[name]
    return game, OrderCode(game.scenario, side), game.legal_orders(side)


def accepted(game: Game, side: str, fields: Mapping[str, Any]) -> bool:
    """Whether the game itself takes these fields for the next day."""
    try:
        game.orders(side, fields)
    except BadUse:
        return False
    return True


@settings(max_examples=times(60), deadline=None)
@given(data=st.data(), name=st.sampled_from(EVENINGS), side=st.sampled_from(SIDES))
def test_every_action_means_legal_orders(data: st.DataObject, name: str, side: str) -> None:
    game, code, legal = coded(name, side)
    counts = code.space().nvec
    # whole numbers of a fixed width: one draw a part would be slow for the many parts of a long campaign
    raw = data.draw(st.binary(min_size=len(counts), max_size=len(counts)))
    action = np.frombuffer(raw, dtype=np.uint8).astype(np.int64) % counts
    found = code.decode(action, legal, trips=32.0)
    orders = game.orders(side, found.fields)  # refuses what is illegal
    for field, value in found.fields.items():
        tables = (
            value.values() if field == "leg_shares" else [value] if isinstance(value, dict) else []
        )
        for shares in tables:
            assert sum(shares.values()) == pytest.approx(1.0, abs=1e-9)
    ordered = {
        p.field
        for p, level in zip(code.parts, action, strict=True)
        if level and p.name not in found.masked_out
    }
    assert set(found.fields) == ordered
    for field in set(vars(orders)) - ordered:
        assert getattr(orders, field) == getattr(game.suggestion(side), field)


@pytest.mark.parametrize("name", EVENINGS)
@pytest.mark.parametrize("side", SIDES)
def test_masks_agree_with_what_the_game_accepts(name: str, side: str) -> None:
    game, code, legal = coded(name, side)
    masks = np.split(code.mask(legal), np.cumsum(code.space().nvec)[:-1])
    for part, mask in zip(code.parts, masks, strict=True):
        assert len(mask) == len(part.levels)
        assert mask[0] == 1
        for level in range(1, len(part.levels)):
            assert bool(mask[level]) == accepted(game, side, {part.field: meant(part, level)}), (
                part.name,
                level,
            )


def meant(part: ActionPart, level: int) -> Any:
    """What a level of one part means when it stands alone, by the text of the module."""
    value = part.levels[level]
    for key in reversed(part.of):
        value = {key: 1.0 if key == part.of[-1] else value}
    return value


def test_something_is_masked_somewhere() -> None:
    for name, side, part, value in (
        ("eve", "holder", "reserve_to", "tip"),
        ("attacker's reserve", "holder", "reserve_to", "tip"),
        ("eve", "attacker", "raid", "now"),
        ("withdrawing", "holder", "counter_attack", "tip"),
        ("counter-attack under way", "holder", "counter_attack", "plekhovo"),
    ):
        assert not allows(name, side, part, value), (name, part)
    for name, side, part, value in (
        ("reserve waiting", "holder", "reserve_to", "tip"),
        ("reserve waiting", "holder", "counter_attack", "tip"),
        ("long campaign, eve", "attacker", "raid", "now"),
    ):
        assert allows(name, side, part, value), (name, part)


def allows(name: str, side: str, part: str, value: Any) -> bool:
    _, code, legal = coded(name, side)
    masks = np.split(code.mask(legal), np.cumsum(code.space().nvec)[:-1])
    return bool(masks[code.index[part]][code.parts[code.index[part]].levels.index(value)])


def test_zeros_play_the_sides_own_policies() -> None:
    env = parallel_env("two-roads")
    env.reset(seed=11)
    while env.agents:
        env.step({a: np.zeros_like(x) for a, x in staff(env).items()})
    assert env.game.run().tables["daily"] == ks.run("two-roads", seed=11).tables["daily"]


def test_an_action_is_carried_out() -> None:
    env = CommandEnv("two-roads", "holder")
    env.reset(seed=3)
    env.step(env.action())
    ready = env.game.observe("holder")["vehicles_serviceable"]
    env.step(
        env.action(
            {"vehicles": 0.5, "night_share": 0.25, "axis_shares.tip": 3, "axis_shares.left": 1}
        )
    )
    played = env.game.moves[-1].orders["holder"]
    assert played.night_share == 0.25
    assert played.axis_shares == {"tip": 0.75, "left": 0.25}
    assert played.vehicles == pytest.approx(0.5 * ready * env.game.scenario.value["round_trips"])
    assert played.route_shares == {"east": 0.4, "west": 0.6}, "as the staff suggests"


def test_what_the_day_does_not_allow_is_named_and_left_to_the_staff() -> None:
    env, alike = CommandEnv("two-roads", "holder"), CommandEnv("two-roads", "holder")
    for e in (env, alike):
        e.reset(seed=3)
    seen, *_, info = env.step(
        env.action({"reserve_to": "tip", "counter_attack": "left"})
    )  # nobody stands there yet
    other, *_, plain = alike.step(alike.action())
    assert info["masked_out"] == ("reserve_to", "counter_attack")
    assert plain["masked_out"] == ()
    assert data_equivalence(seen, other, exact=True)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda a: a[:-1], "whole numbers are needed"),
        (lambda a: a.astype(float), "whole numbers are needed"),
        (lambda a: a + 99, "withdraw has levels 0 to 2, not 99"),
        (lambda a: a - 1, "withdraw has levels 0 to 2, not -1"),
    ],
)
def test_what_is_no_action_is_refused(wrong: Callable[[Any], Any], says: str) -> None:
    env = CommandEnv("two-roads", "holder")
    env.reset(seed=3)
    with pytest.raises(BadUse, match=says):
        env.step(wrong(env.action()))
    assert env.game.day == 0


def test_an_action_of_nobody_is_refused() -> None:
    env = parallel_env("two-roads")
    env.reset(seed=1)
    with pytest.raises(BadUse, match="no agent 'umpire'"):
        env.step({"umpire": env.seat("holder").code.action({})})


def test_actions_by_name() -> None:
    code = OrderCode(ks.load("two-roads"), "attacker")
    made = code.action({"raid": "none", "leg_shares.fibre.A2": 2})
    assert [(code.parts[i].name, made[i]) for i in made.nonzero()[0]] == [
        ("raid", 2),
        ("leg_shares.fibre.A2", 2),
    ]
    assert all(p.levels[0] in (STAFF, 0) for p in code.parts)
    with pytest.raises(BadUse, match=r"no part 'raids'; .*did you mean 'raid'"):
        code.action({"raids": "now"})
    with pytest.raises(BadUse, match=r"reserve 0\.5 is not one of its levels"):
        code.action({"reserve": 0.5})


def test_samples_keep_to_a_flat_mask() -> None:
    env = CommandEnv("two-roads", "holder")
    _, info = env.reset(seed=3)
    space, mask = env.action_space, info["action_mask"]
    space.seed(1)
    firsts = np.concatenate([[0], np.cumsum(space.nvec)[:-1]])
    assert all(mask[firsts + space.sample(mask)].all() for _ in range(50))
    assert not all(mask[firsts + space.sample()].all() for _ in range(50)), (
        "without the mask they do not"
    )
    assert (env.action_masks() == mask.astype(bool)).all()
    with pytest.raises(BadUse, match="a mask of these actions has"):
        space.sample(mask[:-1])


# -- observations ----------------------------------------------------------------------------------------------


def hide(game: Game, side: str) -> None:
    """Change what a side does not see: the other's books."""
    world = game.engine.world
    if side == "holder":
        world.drones.teams, world.drones.airframes = world.drones.teams + 7, 3.0
        world.drones.shares = {t: {"A1": 1.0} for t in world.drones.shares}
        world.tally.attacker_losses += 100
        world.troops["attacker"][0][1]["@reserve"] += 500
        world.air_shares = {"tip": 1.0}
    else:
        world.stores.stock_t = world.stores.recorded_t = 1.0
        world.stores.receipts.append(0.0)
        world.fleet.serviceable, world.fleet.in_repair = 1, 9
        world.tally.killed_wounded += 100
        world.troops["holder"][0][1]["@reserve"] += 300
        world.command.phase = "ordered"  # given, and nobody has moved yet
        world.command.order_day = world.day


@pytest.mark.parametrize("side", SIDES)
def test_what_the_other_side_hides_is_not_in_the_observation(side: str) -> None:
    other = SIDES[1 - SIDES.index(side)]
    eyes, theirs = (Eyes(ks.load("two-roads"), s) for s in (side, other))
    code = OrderCode(ks.load("two-roads"), side)
    game = ks.Game("two-roads", seed=5).play_on(8)
    before, mask = eyes.encode(game.observe(side)), code.mask(game.legal_orders(side))
    known = theirs.encode(game.observe(other))
    hide(game, side)
    assert data_equivalence(eyes.encode(game.observe(side)), before, exact=True)
    assert (code.mask(game.legal_orders(side)) == mask).all()
    assert not data_equivalence(theirs.encode(game.observe(other)), known), (
        "what was hidden is something at all"
    )


def test_encoding_reads_the_observation_alone() -> None:
    eyes = Eyes(ks.load("two-roads"), "attacker")
    game = ks.Game("two-roads", seed=5).play_on(8)
    seen = game.observe("attacker")
    alone = pickle.loads(pickle.dumps(seen))
    before = eyes.encode(seen)
    game.play_on()
    assert data_equivalence(eyes.encode(alone), before, exact=True)


@settings(max_examples=times(40), deadline=None)
@given(
    side=st.sampled_from(SIDES),
    numbers=st.lists(
        st.one_of(st.floats(0, 1e12), st.just(float("inf")), st.floats(0, 1)),
        min_size=40,
        max_size=40,
    ),
)
def test_any_amount_lies_in_the_space(side: str, numbers: list[float]) -> None:
    game, _, _ = coded("reserve waiting", side)
    eyes = Eyes(game.scenario, side)
    seen, drawn = dict(game.observe(side)), iter(numbers)
    for name, sight in eyes.sights.items():
        if sight.kind == "amount" and name in seen:
            seen[name] = {k: next(drawn) for k in sight.of[0][:1]} if sight.of else next(drawn)
    written = eyes.encode(OBSERVATIONS[side](day=3, date="2025-01-04", **seen))
    assert eyes.space().contains(written)
    assert all(np.isfinite(x).all() and x.dtype == np.float32 for x in written.values())


def test_amounts_can_be_read_back() -> None:
    for side in SIDES:
        game, _, _ = coded("counter-attack under way", side)
        eyes, seen = Eyes(game.scenario, side), game.observe(side)
        written, told = eyes.encode(seen), 0
        for name, sight in eyes.sights.items():
            if (
                sight.kind not in ("amount", "signed", "share")
                or name not in seen
                or len(sight.of) > 1
            ):
                continue
            true, told = seen[name], told + 1
            wanted = [true.get(k, 0.0) for k in sight.of[0]] if sight.of else true
            # an error of float32 in x / (x + s) is one of (1 + x / s) times as much in x
            assert np.allclose(
                eyes.read(written, name), wanted, rtol=1e-4, atol=1e-5 * sight.scale
            ), name
        assert told > 8
    with pytest.raises(BadUse, match="no 'fleet'"):
        eyes.read(written, "fleet")


def test_a_number_that_is_none_is_an_error() -> None:
    game, _, _ = coded("eve", "holder")
    eyes = Eyes(game.scenario, "holder")
    for wrong in (float("nan"), -1.0):
        with pytest.raises(ValueError, match="stock_t"):
            eyes.encode(
                HolderObservation(day=0, date="", **{**game.observe("holder"), "stock_t": wrong})
            )


# -- play ------------------------------------------------------------------------------------------------------


def documented(side: str, daily: Any, held_0: float, left: int) -> float:
    """The total reward of a campaign at the default weights, from its daily table and the text of the module."""
    last, exposure = daily.iloc[-1], daily.exposure.sum() + left * daily.exposure.iloc[-1]
    if side == "holder":
        men = last.holder_killed_wounded + last.holder_missing_captured
        heavy = daily.heavy_left_share.fillna(0).iloc[-1]
        return float(
            last.leverage - 0.01 * men - 0.05 * last.vehicles_destroyed - 20 * heavy - exposure
        )
    fallen = held_0 - last.held_km2
    return float(
        fallen
        - last.leverage
        - 0.01 * last.attacker_losses
        - 0.01 * daily.attempts.sum()
        + exposure
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_random_play_of_both_sides(seed: int) -> None:
    env = parallel_env("two-roads", what_if=OFFER)
    seen, _ = env.reset(seed=seed)
    for a in env.agents:
        env.action_space(a).seed(seed)
    held_0, totals, steps = env.game.engine.world.ground.held_km2, dict.fromkeys(SIDES, 0.0), 0
    while env.agents:
        acts = {a: env.action_space(a).sample(seen[a]["action_mask"]) for a in env.agents}
        seen, rewards, terminated, truncated, infos = env.step(acts)
        steps += 1
        for a in SIDES:
            assert env.observation_space(a).contains(seen[a])
            assert infos[a]["masked_out"] == ()
            assert rewards[a] == pytest.approx(sum(infos[a]["reward_terms"].values()))
            totals[a] += rewards[a]
    assert truncated == dict.fromkeys(SIDES, True) and terminated == dict.fromkeys(SIDES, False)
    assert steps == env.game.scenario.days
    for a in SIDES:
        assert totals[a] == pytest.approx(documented(a, env.game.run().daily, held_0, 0), abs=1e-9)


@pytest.mark.slow
def test_random_play_of_the_long_campaign() -> None:
    env = parallel_env("december-march", parameters="prior")
    seen, _ = env.reset(seed=5)
    held_0, totals = env.game.engine.world.ground.held_km2, dict.fromkeys(SIDES, 0.0)
    for a in env.agents:
        env.action_space(a).seed(5)
    while env.agents:
        acts = {a: env.action_space(a).sample(seen[a]["action_mask"]) for a in env.agents}
        seen, rewards, _, truncated, infos = env.step(acts)
        for a in SIDES:
            assert env.observation_space(a).contains(seen[a]) and infos[a]["masked_out"] == ()
            totals[a] += rewards[a]
    left = 0 if truncated["holder"] else env.game.scenario.days - env.game.day
    for a in SIDES:
        assert totals[a] == pytest.approx(
            documented(a, env.game.run().daily, held_0, left), abs=1e-6
        )


def test_a_kept_ceasefire_terminates() -> None:
    env = CommandEnv("two-roads", "attacker", what_if=PEACE)
    env.reset(seed=2)
    done = [env.step(env.action())[2:4] for _ in range(6)]
    assert done == [(False, False)] * 5 + [(True, False)]
    assert env.game.outcome == "a ceasefire is kept"
    with pytest.raises(ResetNeeded, match="a ceasefire is kept"):
        env.step(env.action())
    env.reset(seed=2)
    done = [env.step(env.action({"accept_ceasefire": False}))[2:4] for _ in range(21)]
    assert done == [(False, False)] * 20 + [(False, True)]
    with pytest.raises(ResetNeeded, match="last day"):
        env.step(env.action())


def test_the_loss_of_all_ground_terminates_for_both() -> None:
    env = parallel_env("two-roads", set=WEAK)
    env.reset(seed=7)
    held_0, totals = env.game.engine.world.ground.held_km2, dict.fromkeys(SIDES, 0.0)
    while env.agents:
        _, rewards, terminated, truncated, _ = env.step(staff(env))
        totals = {s: totals[s] + rewards[s] for s in SIDES}
    assert terminated == dict.fromkeys(SIDES, True) and truncated == dict.fromkeys(SIDES, False)
    assert env.game.outcome == "no ground is held" and env.game.day < env.game.scenario.days
    left = env.game.scenario.days - env.game.day
    for s in SIDES:
        assert totals[s] == pytest.approx(
            documented(s, env.game.run().daily, held_0, left), abs=1e-9
        )


def test_days_without_play_leave_the_border_exposed() -> None:
    row = {
        "leverage": 3.0, "holder_killed_wounded": 10.0, "holder_missing_captured": 2.0, "vehicles_destroyed": 4,
        "attacker_losses": 30.0, "attempts": 20, "exposure": 0.5, "heavy_left_share": 0.25, "held_km2": 40.0,
        "wounded_evacuated": 5.0,
    }  # fmt: skip
    got = reward.terms(HolderWeights(), None, row, held_before=44.0, days_left=9)
    assert got == pytest.approx(
        {"leverage": 3.0, "men": -0.12, "equipment": -5.2, "exposure": -5.0}
    )
    got = reward.terms(
        AttackerWeights(leverage=2.0), row, {**row, "leverage": 4.0}, held_before=44.0, days_left=0
    )
    assert got == pytest.approx(
        {"ground": 4.0, "leverage": -2.0, "men": 0.0, "equipment": -0.2, "exposure": 0.5}
    )


def test_before_the_first_reset_there_is_no_campaign() -> None:
    env = CommandEnv("two-roads")
    with pytest.raises(ResetNeeded, match="call reset first"):
        env.step(env.action())
    with pytest.raises(ResetNeeded):
        _ = parallel_env("two-roads").game


# -- seeds and copies ------------------------------------------------------------------------------------------


def test_a_seed_names_the_campaign() -> None:
    env = CommandEnv("two-roads", "holder")
    _, info = env.reset(
        seed=9, options={"replication": 2, "weather": "fine"}
    )  # the second is nobody's
    assert (info["seed"], info["replication"]) == (9, 2)
    while not any(env.step(env.action())[2:4]):
        pass
    again = ks.run("two-roads", seed=9, replication=2)
    assert env.game.run().tables["daily"] == again.tables["daily"]
    assert again.tables["daily"] != ks.run("two-roads", seed=9).tables["daily"]


@pytest.mark.parametrize("make", [CommandEnv, parallel_env])
def test_drawn_seeds_follow_from_the_first(make: Any) -> None:
    def seeds(first: int) -> list[int]:
        env = make("two-roads")
        found = [env.reset(seed=first)[1], *(env.reset()[1] for _ in range(3))]
        return [i["seed"] if "seed" in i else i["holder"]["seed"] for i in found]

    assert seeds(4) == seeds(4)
    assert len(set(seeds(4))) == 4
    assert seeds(4)[1:] != seeds(5)[1:]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_a_copy_stands_where_the_other_stands(copied: Any) -> None:
    env = CommandEnv("two-roads", "holder")
    env.reset(seed=6)
    env.action_space.seed(6)
    for _ in range(5):
        env.step(env.action_space.sample(env.action_masks().astype(np.int8)))
    twin = copied(env)
    for day in range(4):
        mine, its = (
            env.step(env.action({"night_share": 0.5})),
            twin.step(twin.action({"night_share": 0.5})),
        )
        assert data_equivalence(mine, its, exact=True), day
    assert twin.game is not env.game
    assert data_equivalence(env.reset(), twin.reset(), exact=True), "the next seed is the same too"


# -- pictures, text, refusals ----------------------------------------------------------------------------------


def test_pictures() -> None:
    env = CommandEnv("two-roads", "holder", render_mode="rgb_array", set=WEAK)
    env.reset(seed=7)
    first = env.render()
    assert first.dtype == np.uint8 and first.ndim == 3 and first.shape[1:] == (640, 3)
    while not any(env.step(env.action())[2:4]):
        pass
    last = env.render()
    assert last.shape == first.shape
    held, regained = (0x7F, 0xB7, 0xDC), (0xF3, 0xC9, 0x8B)
    assert (first == held).all(-1).mean() > 0.1 and (first == regained).all(-1).sum() == 0
    assert (last == held).all(-1).sum() == 0 and (last == regained).all(-1).mean() > 0.1


def test_text() -> None:
    env = parallel_env("two-roads", render_mode="ansi")
    env.reset(seed=7)
    assert "evening of 2024-12-31" in env.render()
    rewards = [env.step(staff(env))[1] for _ in range(2)]
    text = env.render()
    for side in SIDES:
        total = float(re.search(rf"reward of the {side} so far (\S+)", text)[1])  # type: ignore[index]
        assert total == pytest.approx(sum(r[side] for r in rewards), abs=0.006)
    env.close()


def test_without_a_render_mode_nothing_is_drawn() -> None:
    env = CommandEnv("two-roads")
    env.reset(seed=1)
    with pytest.warns(UserWarning, match="render"):
        assert env.render() is None


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: CommandEnv("two-roads", "umpire"), "side 'umpire'"),
        (lambda: CommandEnv("two-roads", render_mode="human"), "render_mode 'human'"),
        (lambda: CommandEnv("two-roads", policy={"attacker": "nobody"}), "nobody"),
        (
            lambda: CommandEnv("two-roads", weights=AttackerWeights()),
            "weights of the holder are HolderWeights",
        ),
        (lambda: CommandEnv("two-roads", weights=HolderWeights(men=float("nan"))), "men is nan"),
        (lambda: parallel_env("two-roads", weights={"red": HolderWeights()}), "weights of 'red'"),
        (
            lambda: CommandEnv("two-roads").reset(seed=1, options={"replication": -1}),
            "replication -1",
        ),
    ],
)
def test_bad_use_is_one_clear_line(made: Callable[[], object], says: str) -> None:
    with pytest.raises(BadUse, match=says) as error:
        made()
    assert "\n" not in str(error.value)


def test_a_heavier_weight_costs_more() -> None:
    plain, heavy = CommandEnv("two-roads"), CommandEnv("two-roads", weights=HolderWeights(men=0.02))
    costs = []
    for env in (plain, heavy):
        env.reset(seed=1)
        costs.append(env.step(env.action())[4]["reward_terms"]["men"])
    assert costs[0] < 0 and costs[1] == pytest.approx(2 * costs[0])


def test_everything_that_is_seen_and_ordered_is_documented() -> None:
    text = (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")
    for side in SIDES:
        eyes, code = Eyes(ks.load("two-roads"), side), OrderCode(ks.load("two-roads"), side)
        names = {*eyes.sights, *(p.field for p in code.parts)}
        assert [n for n in sorted(names) if f"`{n}`" not in text] == []


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("given", [None, [1, 2], 3])
def test_actions_that_name_no_agent_are_refused(flat: bool, given: Any) -> None:
    env = parallel_env("two-roads", flat=flat)
    env.reset(seed=1)
    with pytest.raises(BadUse, match="must be a mapping of agent to action"):
        env.step(given)
