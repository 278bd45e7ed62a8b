"""Known truths: ranks are uniform where errors are what they are said to be, and show it where they are not."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.evidence.likelihood import counted, error_of, record_of, standing
from kursksim.evidence.patterns import parts
from kursksim.rng import Streams
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import Calibration, luck_and_doubt
from kursksim.studies.calibration.known_truths import Twins, twins

SCENARIO = ks.load("december-march")
IDS = ("def_mult", "c_ua")


def calibration(scale: float = 1.0, sets: int = 3000, about: float = 50.0) -> Calibration:
    """Sets whose figures are linear in the first parameter plus luck; ``scale`` is how much larger they are than said."""
    luck = Streams(5).on(-1, "test")
    points = luck.random((sets, 2))
    names = [
        (name, error_of(part))
        for spec in counted(record_of(SCENARIO), IDS, shares=True)
        for name, part in parts(spec)
    ]
    found: dict[str, Any] = {}
    for n, (name, error) in enumerate(names):
        slope = 6.0 if n < 3 else 0.0
        found[f"pattern:{name}"] = about + error * (
            slope * points[:, 0] + 0.3 * luck.standard_normal(sets) * scale
        )
        if slope == 0.0:
            found[f"pattern:{name}"] = np.full(sets, about)
    figures = {name.removeprefix("pattern:"): v for name, v in found.items()}
    made: Any = SimpleNamespace(
        points=points,
        rows=list(range(sets)),
        standing=lambda record: standing(figures, record, SCENARIO.days),
    )
    return Calibration(SCENARIO, IDS, points, np.full(sets, 1 / sets), None, (made,))


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


def test_ranks_of_known_truths_are_uniform() -> None:
    found = twins(calibration(), truths=120)
    table = found.table.set_index("parameter")
    assert (table["p"] > 1e-3).all()
    covered, error = found.coverage(0.8)
    assert abs(covered - 0.8) <= 4 * error
    assert (found.ess > 50).all()


def test_ranks_of_a_posterior_that_is_too_sure_or_too_wide_are_found_out() -> None:
    luck = Streams(6).on(-1, "test")
    for a, covered in ((0.3, 0.5), (5.0, 0.98)):
        made = Twins(("x",), luck.beta(a, a, (200, 1)), np.full(200, 100.0))
        assert made.table["p"][0] < 1e-3
        assert abs(made.coverage(0.8)[0] - covered) < 0.15
        assert abs(made.coverage(0.8)[0] - 0.8) > 4 * made.coverage(0.8)[1]


def test_too_many_truths_are_refused() -> None:
    with pytest.raises(ks.BadUse, match="truths 3000"):
        twins(calibration(), truths=3000)
