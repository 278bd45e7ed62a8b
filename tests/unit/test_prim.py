"""PRIM: planted boxes, ema_workbench and scipy as oracles, and what no change of scale may alter."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kursksim.rng import Streams
from kursksim.studies import prim


def planted(name: str, runs: int = 600, width: int = 6) -> tuple[Any, Any]:
    """Runs with an event where the first value is above 0.6 and the second below 0.5, one in ten wrong."""
    luck = Streams(11).on(-1, name)
    x = luck.random((runs, width))
    event = (x[:, 0] > 0.6) & (x[:, 1] < 0.5)
    return x, event ^ (luck.random(runs) < 0.1)


@pytest.mark.parametrize("name", ["one", "two", "three"])
def test_a_planted_box_is_found_and_nothing_else(name: str) -> None:
    x, event = planted(name, 1000)
    # nine in ten within the planted box: a lower share is met by a wider one
    (box, *_) = prim.boxes(x, event, 0.87, 1)
    assert prim.restricted(box) == [(0, "low"), (1, "high")]
    assert box.low[0] == pytest.approx(0.6, abs=0.12)
    assert box.high[1] == pytest.approx(0.5, abs=0.12)
    here = (x[:, 0] >= box.low[0]) & (x[:, 1] <= box.high[1])
    assert (box.runs, box.events) == (here.sum(), (here & event).sum())
    assert (box.density, box.coverage) == (event[here].mean(), event[here].sum() / event.sum())


def test_without_noise_the_corner_is_pure() -> None:
    x = planted("corner")[0]
    event = (x[:, 0] > 0.5) & (x[:, 1] > 0.5)
    densest = max(prim.trajectory(x, event), key=lambda box: box.density)
    assert densest.density == 1


def test_of_noise_alone_there_is_no_lasting_box() -> None:
    """What a search finds in noise does not hold in other runs."""
    x, event = planted("noise", 400)
    event = Streams(4).on(-1, "event").random(400) < 0.3
    for box in prim.boxes(x[::2], event[::2], 0.6, 3):
        out = prim.counted(x[1::2], event[1::2], box.low, box.high)
        share = event[1::2].mean()
        assert out.density - share <= 3 * np.sqrt(share * (1 - share) / out.runs)


def test_a_second_box_lies_outside_the_first() -> None:
    x = planted("two corners", 1200)[0]
    event = ((x[:, 0] > 0.7) & (x[:, 1] > 0.6)) | ((x[:, 2] < 0.3) & (x[:, 3] < 0.4))
    first, second = list(prim.boxes(x, event, 0.8, 2))
    inside = [prim.inside(x, box.low, box.high) for box in (first, second)]
    assert (inside[0] & event).sum() == first.events
    # counted without the runs that lie in the first as well
    assert (~inside[0] & inside[1] & event).sum() == second.events
    assert first.coverage + second.coverage == (event & (inside[0] | inside[1])).sum() / event.sum()
    assert first.coverage + second.coverage > 0.7


def test_parameters_that_differ_are_looked_at() -> None:
    """Of 140 that tell nothing one in twenty passes; those that tell something do."""
    x, event = planted("many", 400, 142)
    kept = prim.screened(x, event).tolist()
    assert kept[:2] == [0, 1]
    # 140 draws of one in twenty: four standard deviations
    assert len(kept) - 2 <= 7 + 4 * np.sqrt(140 * 0.05 * 0.95)
    assert prim.screened(x, np.zeros(400, dtype=bool)).tolist() == []
    (box,) = prim.boxes(x, event)
    assert {j for j, _ in prim.restricted(box)} >= {0, 1}


def test_left_to_itself_the_search_takes_what_stands_out_most() -> None:
    steps = prim.trajectory(*planted("z"))
    share = steps[0].density
    scores = [(b.events - share * b.runs) / np.sqrt(b.runs * share * (1 - share)) for b in steps]
    assert prim.chosen(steps) is steps[int(np.argmax(scores))]


def test_a_choice_is_the_widest_box_that_is_dense_enough() -> None:
    steps = prim.trajectory(*planted("choice"))
    for density in (0.4, 0.6, 0.8):
        chosen = prim.chosen(steps, density)
        enough = [box.coverage for box in steps if box.density >= density]
        assert chosen.coverage == max(enough)
    assert prim.chosen(steps, 1.0).density == max(box.density for box in steps)


# -- oracles ---------------------------------------------------------------------------------------------------


def workbench() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(
            "ema_workbench.analysis.prim", reason="ema_workbench is not installed"
        )


@pytest.mark.parametrize("name", ["one", "two", "three", "four"])
def test_peels_and_quasi_p_values_are_those_of_ema_workbench(name: str) -> None:
    """Step for step. Pastes differ: theirs add a share of what lies outside, ours one of the box."""
    oracle, pandas = workbench(), pytest.importorskip("pandas")
    x, event = planted(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pandas.DataFrame(x, columns=[f"x{j}" for j in range(x.shape[1])])
        search = oracle.Prim(frame, event.astype(int), 0.1, peel_alpha=0.05, mass_min=0.05)
        theirs = search.find_box()
    path = theirs.peeling_trajectory
    peels = int(np.argmin(path["n"])) + 1
    steps = prim.trajectory(x, event)
    ours = [(box.runs, box.events) for box in steps]
    assert peels > 20
    assert ours[:peels] == list(zip(path["n"][:peels], path["k"][:peels], strict=True))
    assert ours[peels : peels + 1] == [] or ours[peels][0] > ours[peels - 1][0]
    at = peels // 2
    for (j, side), p in prim.quasi_p(x, event, steps[at]).items():
        assert p == pytest.approx(theirs.qp[at][f"x{j}"][0 if side == "low" else 1], rel=1e-9)


def test_a_quasi_p_value_is_a_binomial_test() -> None:
    from scipy.stats import binomtest

    x, event = planted("binomial")
    box = prim.chosen(prim.trajectory(x, event), 0.7)
    for (j, side), p in prim.quasi_p(x, event, box).items():
        keep = np.ones(len(x), dtype=bool)
        for other, end in prim.restricted(box):
            if (other, end) != (j, side):
                edge = box.low if end == "low" else box.high
                keep &= x[:, other] >= edge[other] if end == "low" else x[:, other] <= edge[other]
        share = event[keep].mean()
        known = binomtest(box.events, box.runs, share, alternative="greater").pvalue
        assert p == pytest.approx(known, rel=1e-9)


# -- properties ------------------------------------------------------------------------------------------------

tables = st.tuples(
    st.integers(0, 10**6),
    st.integers(20, 120),
    st.integers(1, 4),
    st.sampled_from([0.1, 0.3, 0.6]),
    st.booleans(),
)


def drawn(seed: int, runs: int, width: int, share: float, coarse: bool) -> tuple[Any, Any]:
    luck = Streams(seed).on(-1, "table")
    x = luck.random((runs, width))
    event = luck.random(runs) < share + 0.4 * (x[:, 0] > 0.5)
    return (np.round(x * 6) if coarse else x), event


@settings(max_examples=40, deadline=None)
@given(tables)
def test_a_change_of_scale_changes_no_box(table: Any) -> None:
    """The runs in each box depend on the order of the values alone."""
    x, event = drawn(*table)
    bent = np.exp(3 * x) - 7
    for one, two in zip(prim.trajectory(x, event), prim.trajectory(bent, event), strict=True):
        here, there = prim.inside(x, one.low, one.high), prim.inside(bent, two.low, two.high)
        np.testing.assert_array_equal(here, there)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_every_step_makes_the_event_more_frequent(table: Any) -> None:
    x, event = drawn(*table)
    steps = prim.trajectory(x, event)
    for before, after in pairwise(steps):
        assert after.density > before.density
        assert after.runs != before.runs
        assert after.runs >= 0.05 * len(event) or after.runs > before.runs
    for box in steps:
        assert 0 <= box.coverage <= 1 or not event.any()
        assert 0 < box.mass <= 1


@settings(max_examples=25, deadline=None)
@given(tables)
def test_limits_that_stay_are_significant(table: Any) -> None:
    x, event = drawn(*table)
    if event.any():
        box = prim.significant(x, event, prim.chosen(prim.trajectory(x, event), 0.8))
        assert all(p <= prim.LEVEL for p in prim.quasi_p(x, event, box).values())
