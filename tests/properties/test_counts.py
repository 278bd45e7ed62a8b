"""Seeds and counts: Python's and numpy's whole numbers are taken, everything else is refused in one line."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kursksim as ks
from kursksim.counts import MOST, whole
from kursksim.ensembles import Ensemble
from kursksim.play.reveal.laid_open import reveal
from kursksim.rng import Streams
from kursksim.studies import sensitivity, sweep
from kursksim.studies.calibration import bank, calibrate
from kursksim.studies.choice import alternatives
from kursksim.studies.tournament import tournament
from kursksim.studies.verify import verify

WIDTHS = (
    np.int8,
    np.int16,
    np.int32,
    np.int64,
    np.uint8,
    np.uint16,
    np.uint32,
    np.uint64,
    np.intp,
    np.longlong,
)
NONE = st.one_of(
    st.booleans(), st.floats(), st.text(), st.binary(), st.decimals(), st.fractions(), st.integers(max_value=-1),
    st.integers(min_value=MOST + 1), st.lists(st.integers()), st.complex_numbers(),
    st.sampled_from([np.float64(3), np.True_, np.nan, np.array([1, 2]), np.array(3.0), int, object(), 10**6000, -(10**6000)]),
)  # fmt: skip


@given(st.integers(0, 127), st.sampled_from(WIDTHS))
def test_whole_numbers_of_numpy_are_whole_numbers(number: int, width: Any) -> None:
    for value in (number, width(number), np.array(number, dtype=width)):
        found = whole("seed", value)
        assert found == number
        assert type(found) is int
    assert Streams(width(number)).uniforms(0, "a", 3) == Streams(number).uniforms(0, "a", 3)


@given(NONE)
def test_everything_else_is_refused_in_one_short_line(value: object) -> None:
    with pytest.raises(ks.BadUse) as error:
        whole("seed", value)
    said = str(error.value)
    assert said.startswith("seed ")
    assert "must be a whole number, 0 or more" in said
    assert "\n" not in said
    assert len(said) < 160
    with pytest.raises(ks.BadUse):
        Streams(value)  # type: ignore[arg-type]
    with pytest.raises(ks.BadUse):
        Streams(0, value)  # type: ignore[arg-type]


@given(st.integers(0, MOST))
def test_the_whole_range_plays(seed: int) -> None:
    assert len(Streams(seed, seed).uniforms(0, "a", 2)) == 2


UNTIL = "2025-01-02"
ROADS: Any = "two-roads"


def game() -> ks.Game:
    made = ks.Game("two-roads")
    made.step()
    return made


def element(k: Any) -> object:
    made = ks.ensemble("two-roads", replications=1, until=UNTIL)
    assert isinstance(made, Ensemble)
    return made.run(k)


CALLS: dict[str, Callable[[Any, Path], object]] = {
    "run seed": lambda v, _: ks.run(ROADS, seed=v, until=UNTIL),
    "run replication": lambda v, _: ks.run(ROADS, replication=v, until=UNTIL),
    "Engine seed": lambda v, _: ks.Engine(ks.load(ROADS), seed=v),
    "Engine replication": lambda v, _: ks.Engine(ks.load(ROADS), replication=v),
    "Game seed": lambda v, _: ks.Game(ROADS, seed=v),
    "Game replication": lambda v, _: ks.Game(ROADS, replication=v),
    "undo": lambda v, _: game().undo(v),
    "reveal step": lambda v, _: reveal(game(), step=v),
    "reveal effects": lambda v, _: reveal(game(), effects=v),
    "ensemble seed": lambda v, at: ks.ensemble(ROADS, seed=v, store=at / "a.sqlite"),
    "ensemble replications": lambda v, at: ks.ensemble(
        ROADS, replications=v, store=at / "a.sqlite"
    ),
    "ensemble backlog": lambda v, at: ks.ensemble(
        ROADS, replications=1, backlog=v, store=at / "a.sqlite"
    ),
    "element": lambda v, _: element(v),
    "compare seed": lambda v, at: ks.compare(ROADS, {"title": "x"}, seed=v, store=at / "a"),
    "compare replications": lambda v, at: ks.compare(
        ROADS, {"title": "x"}, replications=v, store=at / "a"
    ),
    "sweep seed": lambda v, at: sweep(ROADS, {"v_road": [30]}, seed=v, store=at / "a"),
    "sweep replications": lambda v, at: sweep(
        ROADS, {"v_road": [30]}, replications=v, store=at / "a"
    ),
    "morris seed": lambda v, at: sensitivity.morris(ROADS, seed=v, store=at / "a"),
    "morris trajectories": lambda v, at: sensitivity.morris(ROADS, trajectories=v, store=at / "a"),
    "sobol seed": lambda v, at: sensitivity.sobol(ROADS, ["v_road"], seed=v, store=at / "a"),
    "sobol samples": lambda v, at: sensitivity.sobol(ROADS, ["v_road"], samples=v, store=at / "a"),
    "alone seed": lambda v, at: sensitivity.alone(ROADS, seed=v, store=at / "a"),
    "alone replications": lambda v, at: sensitivity.alone(ROADS, replications=v, store=at / "a"),
    "bank seed": lambda v, at: bank.bank("december-march", seed=v, store=at / "a"),
    "bank count": lambda v, at: bank.bank("december-march", count=v, store=at / "a"),
    "calibrate seed": lambda v, at: calibrate.calibrate("december-march", at / "a", seed=v),
    "calibrate count": lambda v, at: calibrate.calibrate("december-march", at / "a", count=v),
    "calibrate rounds": lambda v, at: calibrate.calibrate("december-march", at / "a", rounds=v),
    "tournament seed": lambda v, at: tournament(ROADS, seed=v, store=at / "a"),
    "tournament replications": lambda v, at: tournament(ROADS, replications=v, store=at / "a"),
    "alternatives seed": lambda v, at: alternatives(ROADS, seed=v, store=at / "a"),
    "alternatives replications": lambda v, at: alternatives(ROADS, replications=v, store=at / "a"),
    "findings seed": lambda v, _: verify.findings(seed=v),
    "verdicts seed": lambda v, _: verify.verdicts(seed=v),
    "verdicts replications": lambda v, _: verify.verdicts(replications=v),
}
BAD = (
    True,
    1.0,
    math.nan,
    "3",
    -1,
    2**64,
    10**6000,
    Decimal(1),
    Fraction(2),
    np.float64(1),
    [1],
    "x\ny",
)


@pytest.mark.parametrize("call", CALLS)
def test_every_call_refuses_them_before_anything_is_written(call: str, tmp_path: Path) -> None:
    for value in BAD:
        with pytest.raises(ks.BadUse, match="must be a whole number") as error:
            CALLS[call](value, tmp_path)
        assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_numpy_integers_play_what_integers_play(tmp_path: Path) -> None:
    mine = ks.ensemble(
        ROADS, replications=np.int16(2), seed=np.uint64(3), until=UNTIL, store=tmp_path / "a.sqlite"
    )  # type: ignore[arg-type]
    theirs = ks.ensemble(ROADS, replications=2, seed=3, until=UNTIL)
    assert mine.daily.equals(theirs.daily)
    assert (
        ks.ensemble(
            ROADS, replications=2, seed=3, until=UNTIL, store=tmp_path / "a.sqlite"
        ).replications
        == 2
    )


def test_the_largest_seed_is_saved_and_opened(tmp_path: Path) -> None:
    made = ks.Game(ROADS, seed=MOST, replication=MOST)
    made.step()
    again = ks.load_game(made.save(tmp_path / "game.json"))
    assert again.run().tables["daily"] == made.run().tables["daily"]
    run = ks.run(ROADS, seed=MOST, until=UNTIL)
    assert ks.load_run(run.save(tmp_path / "run")).provenance.seed == MOST
    assert (
        sweep(ROADS, {"v_road": [30]}, replications=1, seed=MOST, until=UNTIL).ensemble.seed == MOST
    )


def test_a_study_takes_a_seed_that_its_sampler_would_not(tmp_path: Path) -> None:
    pytest.importorskip("SALib")
    made = sensitivity.morris(ROADS, parameters=["v_road"], trajectories=2, seed=2**40, until=UNTIL)
    assert made.ensemble.seed == 2**40
