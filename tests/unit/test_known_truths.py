"""Known truths: ranks are uniform where errors are what they are said to be, and show it where they are not."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.evidence.likelihood import counted, error_of, record_of
from kursksim.evidence.patterns import parts
from kursksim.evidence.standing import standing
from kursksim.rng import Streams
from kursksim.studies.calibration import known_truths, proposals
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import Calibration, emulated, luck_and_doubt
from kursksim.studies.calibration.known_truths import Twins, simultaneous_band, twins
from kursksim.studies.calibration.proposals import posterior_of, proposed

SCENARIO = ks.load("december-march")
IDS = ("def_mult", "c_ua")


def calibration(sets: int = 3000, about: float = 50.0, points: Any = None) -> Calibration:
    """Sets whose figures are linear in the first parameter plus luck."""
    luck = Streams(5 if points is None else 9).on(-1, "test")
    points = luck.random((sets, 2)) if points is None else points
    sets = len(points)
    names = [
        (name, error_of(part))
        for spec in counted(record_of(SCENARIO), IDS, shares=True)
        for name, part in parts(spec)
    ]
    found: dict[str, Any] = {}
    for n, (name, error) in enumerate(names):
        slope = 6.0 if n < 3 else 0.0
        found[f"pattern:{name}"] = about + error * (
            slope * points[:, 0] + 0.3 * luck.standard_normal(sets)
        )
        if slope == 0.0:
            found[f"pattern:{name}"] = np.full(sets, 1.0 if name == "P25" else about)
    figures = {name.removeprefix("pattern:"): v for name, v in found.items()}
    made: Any = SimpleNamespace(
        points=points,
        winters=np.empty((sets, 0)),
        rows=list(range(sets)),
        density=np.zeros(sets),
        standing=lambda record, _=None: standing(figures, record, SCENARIO.days),
    )
    return Calibration(SCENARIO, IDS, points, np.full(sets, 1 / sets), 0.1, None, (made,))


def test_luck_is_told_from_doubt() -> None:
    """The first and the third figure: luck of 0.3 errors about a mean that goes evenly over six of them."""
    made = calibration(
        about=400.0
    )  # no more than twenty errors from what was observed, where figures are cut
    made = replace(made, points=Box(SCENARIO, IDS).values(made.points))
    first, _, third, *_ = counted(record_of(SCENARIO), IDS, shares=True)
    for spec in (first, third):
        luck, doubt = luck_and_doubt(made, spec.id)
        assert luck / error_of(spec) == pytest.approx(0.3, rel=0.1)
        assert doubt / error_of(spec) == pytest.approx(
            6 / np.sqrt(12), rel=0.1
        )  # the penalty holds slopes back
    with pytest.raises(ks.BadUse, match=r"P11b.*did you mean"):
        luck_and_doubt(made, "P11b")


@pytest.fixture
def no_winters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets without winters, of which the mean field would have to play hundreds of thousands."""
    for module in (proposals, known_truths):
        monkeypatch.setattr(module, "winters", lambda box, values: np.empty((len(values), 0)))
    monkeypatch.setattr(known_truths, "SETS", 600)


@pytest.mark.usefixtures("no_winters")
def test_ranks_of_known_truths_are_uniform() -> None:
    made = calibration(sets=800, about=400.0)
    box, (bank,) = Box(SCENARIO, IDS), made.rounds
    emulator = emulated(box, made.rounds, None)
    luck = Streams(7).on(-1, "test")
    near = proposed(box, posterior_of(box, emulator), bank.points, np.full(800, 1 / 800), 300, luck)
    last = calibration(about=400.0, points=near).rounds[0]
    found = twins(replace(made, rounds=(bank, last)), truths=100)
    assert not found.outside.any()
    assert found.table["in_band"].all()
    covered, error = found.coverage(0.8)
    assert abs(covered - 0.8) <= 4 * error
    assert (found.ess > 50).all()


def test_ranks_of_a_posterior_that_is_too_sure_or_too_wide_are_found_out() -> None:
    luck = Streams(6).on(-1, "test")
    for a in (0.3, 5.0):
        ranks = luck.beta(a, a, (200, 1))
        inside = np.abs(ranks - 0.5) <= np.array([0.25, 0.4])[:, None, None]
        made = Twins(("x",), ranks, inside, np.full(200, 100.0), np.full(200, 0.1))
        assert made.outside.tolist() == [True]
        assert abs(made.coverage(0.8)[0] - 0.8) > 4 * made.coverage(0.8)[1]


def test_uniform_ranks_of_all_parameters_stay_in_the_band_in_95_of_100_studies() -> None:
    luck = Streams(8).on(-1, "test")
    truths, parameters, studies = 100, 4, 400
    places, low, high = simultaneous_band(truths, parameters)
    stays = 0
    for _ in range(studies):
        ranks = luck.random((truths, parameters))
        share = (ranks[:, :, None] <= places).mean(axis=0)
        stays += bool(((low <= share) & (share <= high)).all())
    assert abs(stays / studies - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / studies)


def test_too_many_truths_are_refused() -> None:
    made = calibration(sets=100)
    with pytest.raises(ks.BadUse, match="no round was drawn"):
        twins(made)
    with pytest.raises(ks.BadUse, match="truths 101: must be 2 to 100"):
        twins(replace(made, rounds=made.rounds * 2), truths=101)
