"""Sets whose winter in the mean is far from the record are found without playing them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import kursksim as ks
from kursksim.ensembles import Design
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.studies.calibration.bank import uniform
from kursksim.studies.calibration.screen import screened

UNTIL = dt.date(2025, 2, 23)
IDS = ("def_mult", "v_r15")


def test_the_nearest_winter_comes_first() -> None:
    """Of the default and sets further and further from it the order is that of the distance: a holder who hardly
    defends loses all, and one who is hardly attacked nothing.
    """
    scenario = ks.load("december-march")
    own = scenario.value["v_r15"]
    sets = [(3.0, 0.006), (scenario.value["def_mult"], own), (1.3, 0.05)]
    found = screened(scenario, IDS, sets, 3, UNTIL)
    assert found[0] == 1
    assert sorted(found.tolist()) == [0, 1, 2]
    assert screened(scenario, IDS, sets[::-1], 1, UNTIL).tolist() == [1]


def test_a_set_that_cannot_be_played_is_left_out() -> None:
    ids, bad = ("stock_target", "tau_ration"), (3.0, 7.0)
    assert screened("december-march", ids, [bad, (6.5, 5.0)], 2, UNTIL).tolist() == [1]
    with pytest.raises(BadUse, match="none of the 1 sets"):
        screened("december-march", ids, [bad], 1, UNTIL)


def test_nothing_known_and_nothing_wanted_are_refused() -> None:
    with pytest.raises(BadUse, match="known"):
        screened("december-march", IDS, [(2.2, 0.03)], 1, dt.date(2024, 12, 2))
    with pytest.raises(BadUse, match="keep"):
        screened("december-march", IDS, [(2.2, 0.03)], 0, UNTIL)


@pytest.mark.slow
def test_what_is_kept_is_nearer_to_the_record_when_it_is_played() -> None:
    """Of forty sets from the whole of the ranges, each played once: the kept quarter misses the area of 2 February by
    less than half of what the others do.
    """
    scenario = ks.load("december-march")
    ids = tuple(observations.calibrated(scenario))
    sets = uniform(scenario, ids, 40, 3)
    made = ks.ensemble(
        scenario, design=Design(ids, sets, np.arange(40)), seed=3, until="2025-02-02",
        measures=lambda run: {"held": run.tables["daily"].columns["held_km2"][-1]},
    )  # fmt: skip
    off = np.abs(np.array(made.outcomes["held"], dtype=float) - 429.0)
    kept = screened(scenario, ids, sets, 10, UNTIL)
    rest = np.setdiff1d(np.arange(40), kept)
    assert off[kept].mean() < 0.5 * off[rest].mean()
