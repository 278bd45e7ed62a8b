"""The environments in other people's hands: made by name, wrapped, many at once, padded, copied, written down."""

from __future__ import annotations

import copy
import doctest
import importlib.metadata
import pickle
import subprocess
import sys
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.errors import BadUse

gymnasium = pytest.importorskip("gymnasium", reason="gymnasium is not installed")
pytest.importorskip("pettingzoo", reason="pettingzoo is not installed")

from gymnasium import wrappers  # noqa: E402
from gymnasium.envs.registration import EnvSpec  # noqa: E402
from gymnasium.utils.env_checker import data_equivalence  # noqa: E402
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test  # noqa: E402
from pettingzoo.utils.conversions import parallel_to_aec  # noqa: E402

from kursksim.env_ids import ENV_ID, register_envs  # noqa: E402
from kursksim.play.envs import (  # noqa: E402
    CommandEnv,
    HolderWeights,
    flat,
    parallel_env,
)
from kursksim.play.envs.actions import OrderCode  # noqa: E402

SIDES = ("holder", "attacker")
ROOT = Path(__file__).parents[2]
SLOW = pytest.mark.slow
NAMED = f"kursksim.play.envs:{ENV_ID}"


def fresh(code: str) -> str:
    """What a new process prints, in which nothing is imported yet."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


# -- by name ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        f"import gymnasium; env = gymnasium.make('{NAMED}', side='attacker')",
        pytest.param(
            f"import gymnasium, kursksim; env = gymnasium.make('{ENV_ID}', side='attacker')",
            marks=SLOW,
        ),
        pytest.param(
            f"import gymnasium; env = gymnasium.make('kursksim:{ENV_ID}', side='attacker')",
            marks=SLOW,
        ),
        "from importlib.metadata import entry_points; import gymnasium\n"
        "[e.load()() for e in entry_points(group='gymnasium.envs') if e.name == 'kursksim']\n"
        f"env = gymnasium.make('{ENV_ID}', side='attacker')",
    ],
)
def test_a_new_process_makes_it_by_name(code: str) -> None:
    said = fresh(f"{code}\nprint(env.unwrapped.side, env.reset(seed=7)[1]['seed'])")
    assert said == "attacker 7"


def test_the_name_is_known_without_anything_heavy() -> None:
    listed = "', '".join(
        ("numpy.random._generator", "simpy", "pydantic", "kursksim.play", "pettingzoo")
    )
    said = fresh(
        "import gymnasium, sys; before = set(sys.modules); import kursksim\n"
        f"assert '{ENV_ID}' in gymnasium.registry\n"
        f"print({{m for m in ('{listed}') if m in sys.modules and m not in before}} or 'light')"
    )
    assert said == "light"


def test_the_entry_point_is_declared_and_registering_twice_is_harmless() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    name, _, value = setup["options.entry_points"]["gymnasium.envs"].strip().partition(" = ")
    point = importlib.metadata.EntryPoint(name, value, "gymnasium.envs")
    assert point.load() is register_envs
    before = gymnasium.registry[ENV_ID]
    register_envs()  # a warning would be an error here
    assert gymnasium.registry[ENV_ID] is before


@pytest.mark.parametrize(
    "given",
    [
        {"scenario": "two-roads", "side": "attacker", "policy": {"holder": "never"}},
        {"what_if": [{"title": "more", "why": "a test", "set": {"parameters.fleet_0": 90}}]},
        {"set": {"parameters.fleet_0": 200}, "parameters": "prior"},
        {"weights": {"men": 0.5}},
        {"weights": HolderWeights(men=0.5)},
    ],
)
def test_what_is_given_passes_through_and_can_be_written_down(given: dict[str, Any]) -> None:
    env = gymnasium.make(ENV_ID, **given)
    again = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    plain = CommandEnv(**given)
    action = plain.action({"accept_ceasefire": False})
    unpickled = pickle.loads(pickle.dumps(env.spec)).make()
    played = [[one.reset(seed=3), one.step(action)] for one in (env, again, plain, unpickled)]
    assert all(data_equivalence(other, played[0], exact=True) for other in played[1:])
    plain_side = given.get("side", "holder")
    assert env.unwrapped.side == plain_side and again.unwrapped.side == plain_side


def test_weights_by_name_are_checked() -> None:
    with pytest.raises(BadUse, match=r"weights of the holder have no 'mens'; .*did you mean 'men'"):
        CommandEnv("two-roads", weights={"mens": 1.0})
    with pytest.raises(BadUse, match="men is 'much'"):
        CommandEnv("two-roads", weights={"men": "much"})  # type: ignore[dict-item]
    assert CommandEnv("two-roads", weights={"men": 0.5}).seat.weights == HolderWeights(men=0.5)


# -- wrappers, and many at once --------------------------------------------------------------------------------


def episode(env: Any, seed: int = 1) -> list[Any]:
    """A whole episode of random actions: all that it returned."""
    env.action_space.seed(seed)
    came: list[Any] = [env.reset(seed=seed)]
    assert env.observation_space.contains(came[0][0])
    while not any(came[-1][2:4]):
        came.append(env.step(env.action_space.sample()))
        assert env.observation_space.contains(came[-1][0])
    return came


@pytest.mark.parametrize(
    ("wrap", "most"),
    [
        (lambda e: wrappers.FlattenObservation(e), 21),
        (lambda e: wrappers.TimeLimit(e, 5), 5),
        (lambda e: wrappers.NormalizeObservation(wrappers.FlattenObservation(e)), 21),
        (lambda e: wrappers.NormalizeReward(e), 21),
        (lambda e: wrappers.FrameStackObservation(wrappers.FlattenObservation(e), 3), 21),
        (lambda e: wrappers.FilterObservation(e, ["men", "phase"]), 21),
        (lambda e: wrappers.TimeAwareObservation(wrappers.TimeLimit(e, 30)), 21),
    ],
)
def test_common_wrappers(wrap: Callable[[Any], Any], most: int) -> None:
    """A wrapped episode is as long as a plain one, whose random orders may end it early."""
    for seed in (1, 2):
        plain = len(episode(gymnasium.make(ENV_ID), seed)) - 1
        assert len(episode(wrap(gymnasium.make(ENV_ID)), seed)) - 1 == min(plain, most)


def test_episodes_are_recorded() -> None:
    env = wrappers.RecordEpisodeStatistics(gymnasium.make(ENV_ID))
    came = episode(env)
    recorded = came[-1][4]["episode"]
    assert recorded["l"] == len(came) - 1
    assert recorded["r"] == pytest.approx(sum(c[1] for c in came[1:]))


def test_pictures_of_an_episode_are_collected() -> None:
    env = gymnasium.make(ENV_ID, render_mode="rgb_array_list")
    env.reset(seed=1)
    env.step(env.unwrapped.action())
    assert [frame.dtype for frame in env.render()] == [np.uint8] * 2


@pytest.mark.parametrize("side", SIDES)
def test_two_whole_episodes_from_one_seed_are_the_same_bit_by_bit(side: str) -> None:
    one, other = (episode(gymnasium.make(ENV_ID, side=side), 5) for _ in range(2))
    assert len(one) == 22 and data_equivalence(one, other, exact=True)
    assert [repr(c[1]) for c in one[1:]] == [repr(c[1]) for c in other[1:]], (
        "rewards to the last bit"
    )
    assert not data_equivalence(one, episode(gymnasium.make(ENV_ID, side=side), 6), exact=True)


@pytest.mark.parametrize("padded", [False, True])
def test_two_whole_episodes_of_both_sides_are_the_same_bit_by_bit(padded: bool) -> None:
    def whole() -> list[Any]:
        env = parallel_env("two-roads", flat=padded)
        came: list[Any] = [env.reset(seed=5)]
        for a in env.agents:
            env.action_space(a).seed(5)
        while env.agents:
            came.append(env.step({a: env.action_space(a).sample() for a in env.agents}))
            assert all(env.observation_space(a).contains(seen) for a, seen in came[-1][0].items())
        return came

    one, other = whole(), whole()
    assert len(one) == 22 and data_equivalence(one, other, exact=True)


@pytest.mark.parametrize(
    ("mode", "how"),
    [
        ("sync", {}),
        pytest.param("async", {"context": "spawn"}, marks=SLOW),
        pytest.param("async", {"context": "spawn", "shared_memory": False}, marks=SLOW),
    ],
)
def test_many_at_once_play_on_past_the_end(mode: str, how: dict[str, Any]) -> None:
    many = gymnasium.make_vec(
        NAMED,
        num_envs=2,
        vectorization_mode=mode,
        vector_kwargs=how,
        side="attacker",
        scenario="two-roads",
    )
    seen, info = many.reset(seed=[3, 4], options={"replication": 2})
    assert info["seed"].tolist() == [3, 4] and info["replication"].tolist() == [2, 2]
    still = np.zeros(many.action_space.shape, dtype=np.int64)
    ends = []
    for _ in range(23):
        seen, rewards, _, truncated, info = many.step(still)
        ends.append(truncated.tolist())
        assert np.isfinite(rewards).all() and many.observation_space.contains(seen)
    assert ends.index([True, True]) == 20 and ends[-1] == [False, False]
    many.close()
    many.close()


# -- both sides as boxes of one size ---------------------------------------------------------------------------


def test_the_checkers_pass_with_boxes(capsys: pytest.CaptureFixture[str]) -> None:
    parallel_api_test(parallel_env("two-roads", flat=True), num_cycles=50)
    assert "Passed Parallel API test" in capsys.readouterr().out
    parallel_seed_test(lambda: parallel_env("two-roads", flat=True), num_cycles=5)
    with pytest.warns(UserWarning, match="We recommend agents to be named"):  # the sides have names
        api_test(parallel_to_aec(parallel_env("two-roads", flat=True)), num_cycles=30)
    assert doctest.testmod(flat).attempted > 3


def test_a_box_holds_the_observation_and_nothing_else() -> None:
    padded, plain = parallel_env("two-roads", flat=True), parallel_env("two-roads")
    seen, infos = padded.reset(seed=3)
    named, _ = plain.reset(seed=3)
    spaces = [padded.observation_space(s) for s in SIDES]
    assert spaces[0] == spaces[1] and padded.action_space("holder") == padded.action_space(
        "attacker"
    )
    for side in SIDES:
        told, words = named[side]["observation"], padded.boxes.entries[side]
        assert seen[side].dtype == np.float32 and len(words) == len(seen[side])
        for name, array in told.items():
            own = [i for i, word in enumerate(words) if word.split(".")[0] == name]
            assert seen[side][own].tolist() == array.ravel().tolist(), name
        assert not seen[side][[i for i, word in enumerate(words) if not word]].any()
        assert (infos[side]["level_mask"] == named[side]["action_mask"]).all()
    assert (
        padded.boxes.entries["holder"].count("") == 0
        or padded.boxes.entries["attacker"].count("") == 0
    )


@pytest.mark.parametrize("side", SIDES)
def test_every_level_can_be_written_and_read(side: str) -> None:
    env = parallel_env("two-roads", flat=True)
    code, boxes = OrderCode(ks.load("two-roads"), side), env.boxes
    assert not boxes.levels(side, np.zeros(env.action_space(side).shape)).any(), (
        "zeros are the staff's suggestion"
    )
    for i, part in enumerate(code.parts):
        assert boxes.parts[side][i] == part.name
        for k in range(1, len(part.levels)):
            value = boxes.action(side, {part.name: part.levels[k]})
            assert env.action_space(side).contains(value)
            assert (
                boxes.levels(side, value)[i] == k
                and np.count_nonzero(boxes.levels(side, value)) == 1
            )
    for edge, level in ((-1.0, 0), (-1e-9, 0), (1e-9, 1), (1.0, None)):
        found = boxes.levels(side, np.full(env.action_space(side).shape, edge))
        tops = [len(p.levels) - 1 for p in code.parts]
        assert found.tolist() == (tops if level is None else [level] * len(tops))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda a: a[:-1], "numbers from -1 to 1, padding included, not ndarray of the shape"),
        (lambda a: a + 1.5, "number 0 is 1.5"),
        (lambda a: np.full_like(a, np.nan), "number 0 is nan"),
        (lambda a: None, "numbers from -1 to 1"),
        (lambda a: "withdraw", "numbers from -1 to 1"),
    ],
)
def test_what_is_no_box_is_refused(wrong: Callable[[Any], Any], says: str) -> None:
    env = parallel_env("two-roads", flat=True)
    env.reset(seed=3)
    with pytest.raises(BadUse, match=f"an action of the holder is .*{says}"):
        env.step({"holder": wrong(env.boxes.action("holder"))})
    assert env.game.day == 0


def test_padding_of_an_action_is_not_read() -> None:
    one, other = (parallel_env("two-roads", flat=True) for _ in range(2))
    one.reset(seed=3), other.reset(seed=3)
    short = next(s for s in SIDES if "" in one.boxes.parts[s])
    loud = one.boxes.action(short)
    loud[[i for i, word in enumerate(one.boxes.parts[short]) if not word]] = 1.0
    assert data_equivalence(one.step({short: loud}), other.step({}), exact=True)


@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_the_vector_wrappers_of_supersuit() -> None:
    supersuit = pytest.importorskip("supersuit", reason="SuperSuit is not installed")
    with pytest.raises(AssertionError, match="not consistent"):  # why the boxes are there
        supersuit.pettingzoo_env_to_vec_env_v1(parallel_env("two-roads"))
    sides = supersuit.pettingzoo_env_to_vec_env_v1(parallel_env("two-roads", flat=True))
    many = supersuit.concat_vec_envs_v1(sides, 2, num_cpus=0, base_class="gymnasium")
    seen, _ = many.reset(seed=3)
    assert many.num_envs == 4 and seen.shape == (4, *sides.observation_space.shape)
    still = np.zeros((4, *sides.action_space.shape), dtype=np.float32)
    ends = [many.step(still)[3].tolist() for _ in range(22)]
    assert ends.index([1, 1, 1, 1]) == 20, "it begins again after the last day"
    many.close()
    told, _ = supersuit.agent_indicator_v0(parallel_env("two-roads", flat=True)).reset(seed=1)
    assert {len(x) for x in told.values()} == {sides.observation_space.shape[0] + 2}


# -- copies, seeds, options ------------------------------------------------------------------------------------

COPIES = [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("make", [CommandEnv, parallel_env, lambda s: parallel_env(s, flat=True)])
def test_a_copy_is_an_environment_of_its_own(
    make: Callable[[str], Any], copied: Callable[[Any], Any]
) -> None:
    fresh_copy = copied(make("two-roads"))
    with pytest.raises(gymnasium.error.ResetNeeded):
        assert fresh_copy.game
    env = make("two-roads")
    env.reset(seed=6)

    def step(one: Any) -> Any:
        return one.step(one.action({"night_share": 0.5}) if isinstance(one, CommandEnv) else {})

    for _ in range(4):
        step(env)
    twin = copied(env)
    for _ in range(3):
        assert data_equivalence(step(env), step(twin), exact=True)
    step(env)
    assert (env.game.day, twin.game.day) == (8, 7), "one does not move the other"
    assert data_equivalence(env.reset(), twin.reset(), exact=True), "the next seed is the same too"


def test_a_made_environment_is_copied_whole() -> None:
    env = gymnasium.make(ENV_ID)
    env.reset(seed=1)
    env.step(env.unwrapped.action())
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert twin.spec == env.spec and twin.unwrapped.game.day == 1
        assert data_equivalence(
            twin.step(twin.unwrapped.action())[:4],
            copy.deepcopy(env).step(env.unwrapped.action())[:4],
        )


@pytest.mark.parametrize("make", [CommandEnv, parallel_env])
@pytest.mark.parametrize("seed", [-1, 7.0, "7", True])
def test_a_seed_that_is_none_is_refused_and_the_campaign_goes_on(
    make: Callable[[str], Any], seed: Any
) -> None:
    env = make("two-roads")
    env.reset(seed=np.int64(7))
    before = env.game
    with pytest.raises(BadUse, match=r"seed .*must be a whole number"):
        env.reset(seed=seed)
    assert env.game is before and before.seed == 7


@pytest.mark.parametrize("options", [[], 5, "replication"])
def test_options_that_are_no_mapping_are_refused(options: Any) -> None:
    with pytest.raises(BadUse, match="options of a reset must be a mapping"):
        CommandEnv("two-roads").reset(seed=1, options=options)


def test_reset_twice_and_close_twice() -> None:
    env = gymnasium.make(ENV_ID)
    first = env.reset(seed=4)
    assert data_equivalence(first, env.reset(seed=4), exact=True)
    env.close()
    env.close()
    assert data_equivalence(first, env.reset(seed=4), exact=True), (
        "nothing was kept open, so nothing is lost"
    )


def test_action_spaces_are_seeded_each_for_itself() -> None:
    env = parallel_env("two-roads", flat=True)
    env.action_space("holder").seed(1)
    first = env.action_space("holder").sample()
    env.action_space("holder").seed(1)
    env.action_space("attacker").sample()
    assert (env.action_space("holder").sample() == first).all()
