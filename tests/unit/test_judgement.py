"""What an ensemble is judged by: the same verdicts from kept figures as from runs, and sums that close."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import kursksim as ks
from kursksim.ensembles import Ensemble
from kursksim.evidence.maps import PlaceForecast
from kursksim.evidence.patterns import evaluate
from kursksim.evidence.tracker import tracker_error
from kursksim.plot import evidence as trust
from kursksim.studies.calibration.bank import measured_with_patterns
from kursksim.studies.calibration.calibrate import Calibration
from kursksim.studies.calibration.judgement import judgement, lost_by_axis, seen
from kursksim.studies.calibration.known_truths import Twins
from kursksim.terrain.hexmap import terrain_of

SCENARIO = ks.load("december-march")


@pytest.fixture(scope="module")
def few() -> Ensemble:
    return ks.ensemble(SCENARIO, replications=3, seed=2, measures=measured_with_patterns)


def expected(mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Expected size of a normal number."""
    return np.asarray(2 * sd * norm.pdf(mean / sd) + mean * (2 * norm.cdf(mean / sd) - 1))


def test_kept_figures_give_the_verdicts_of_the_runs(few: Ensemble) -> None:
    found = judgement(few)
    assert [(r.spec.id, r.hit, r.model) for r in found.patterns] == [
        (r.spec.id, r.hit, r.model) for r in evaluate(few)
    ]
    free = [r for r in found.patterns if not r.spec.implied]
    assert (found.hits, found.counted) == (sum(r.hit for r in free), len(free))
    days, held = seen(SCENARIO)
    members = few.matrix("held_km2")[:, days]
    spread = tracker_error(SCENARIO).sd(few.matrix("held_km2"))[:, days]
    # CRPS of a mixture of normals (Grimit et al. 2006), by the mean of what is off and apart
    off = expected(members - held, spread).mean(0)
    apart = expected(members[:, None] - members[None], np.hypot(spread[:, None], spread[None]))
    by_hand = off - apart.mean((0, 1)) / 2
    assert found.crps == pytest.approx(by_hand.mean(), abs=0.01 * spread.mean())
    assert found.error == tracker_error(SCENARIO)
    assert found.fall[0] <= found.fall[1] <= found.fall[2]
    assert found.coverage[0.5] <= found.coverage[0.8]


def test_ground_lost_by_axis_adds_up(few: Ensemble) -> None:
    lost = lost_by_axis(few, (30, 61, 89, 120))
    total = np.sum(list(lost.values()), axis=0)
    held = few.matrix("held_km2").mean(0)
    start = terrain_of(SCENARIO).held_area_0_km2
    assert np.cumsum(total) == pytest.approx(start - held[[30, 61, 89, 120]], abs=0.1)
    assert lost["leonidovo"].sum() > 10


def texts(ax: Any) -> str:
    """All words of a picture."""
    figure = ax.figure
    figure.canvas.draw()
    return " ".join(t.get_text() for t in figure.findobj(lambda o: hasattr(o, "get_text")))


@pytest.mark.slow
def test_pictures_of_trust_say_their_numbers(few: Ensemble, tmp_path: Path) -> None:
    luck = np.random.default_rng(1)
    rows = [p for p in SCENARIO.parameters if p.id in ("def_mult", "c_ua")]
    ids = tuple(p.id for p in rows)
    low, high = np.array([p.low for p in rows]), np.array([p.high for p in rows])
    made = Calibration(
        SCENARIO, ids, low + luck.random((50, 2)) * (high - low), np.full(50, 0.02), 0.31, None, ()
    )
    said = texts(trust.identified(made))
    assert "effective sample size 50, k̂ 0.31" in said
    assert "def_mult" in said
    inside = luck.random((2, 40, 2)) < 0.8
    found = Twins(ids, luck.random((40, 2)), inside, np.full(40, 33.0), np.full(40, 0.4))
    said = texts(trust.ranks(found))
    assert "40 known truths" in said
    assert "33, k̂ 0.40 (medians)" in said
    places = [
        PlaceForecast("a", 10, (0, 7, 14), (1.0, 0.8, 0.2)),
        PlaceForecast("b", 5, (0, 7, 14), (0.9, 0.4, 0.1)),
    ]
    ax = trust.reliability(places, few)
    said = texts(ax)
    assert "Brier score 0.0" in said
    assert "pairs" in said
    ks.plot.save(ax, tmp_path / "places.png")
    assert (tmp_path / "places.png").stat().st_size > 5_000
