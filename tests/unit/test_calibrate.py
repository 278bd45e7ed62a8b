"""Weighing and refining: densities that integrate to one, known answers, and what a cut date hides."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scenario_kit
from scipy.stats import norm

import kursksim as ks
from kursksim.evidence import observations
from kursksim.evidence.likelihood import (
    counted,
    distances,
    error_of,
    known_by,
    known_from,
    log_likelihood,
    place_specs,
    record_of,
)
from kursksim.evidence.patterns import parts, values
from kursksim.rng import Streams
from kursksim.scenario.posterior import write_posterior
from kursksim.studies.bank import bank_design, uniform
from kursksim.studies.box import Box
from kursksim.studies.calibrate import (
    Calibration,
    Round,
    Stage,
    _moved,
    _Refining,
    calibrate,
    drawn,
    effective,
    resampled,
)

SCENARIO = ks.load("december-march")
SPECS = observations.patterns(SCENARIO)
BY_ID = {s.id: s for s in SPECS}


# -- stages ------------------------------------------------------------------------------------------------------------

REPORTS = ((40, 0.55, 0.1), (70, 0.75, 0.1), (100, 0.6, 0.1))
"""Day, figure and error of the reports of a toy campaign."""
LUCK_SD = 0.25


def in_force(luck: tuple[tuple[int, Any], ...], day: int) -> Any:
    """Whose luck each set has on a day."""
    return [of for first, of in luck if first <= day][-1]


def uniform_of(numbers: Any, day: int) -> Any:
    """A uniform that belongs to a number and a day (splitmix64)."""
    x = np.asarray(numbers).astype(np.uint64) * np.uint64(1009) + np.uint64(day)
    with np.errstate(over="ignore"):
        x = (x + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(11)).astype(float) / 2.0**53 + 2.0**-54


def toy_loglik(self: Round, ids: Any, until: dt.date | None) -> Any:
    """A walk that starts at the parameter: the steps are luck, each report sees it with an error."""
    last = SCENARIO.last_day if until is None else SCENARIO.day(until)
    at, found = self.points[:, 0].copy(), np.zeros(len(self.points))
    for day, seen, error in REPORTS:
        if day <= last:
            at += LUCK_SD * norm.ppf(uniform_of(in_force(self.luck, day), day))
            found -= 0.5 * ((at - seen) / error) ** 2
    return found


def toy_posterior() -> tuple[float, float]:
    """Mean and standard deviation of the parameter: the reports are jointly normal given it."""
    seen, errors = np.array([r[1] for r in REPORTS]), np.array([r[2] for r in REPORTS])
    steps = np.minimum.outer(np.arange(1, 4), np.arange(1, 4)) * LUCK_SD**2
    inverse = np.linalg.inv(steps + np.diag(errors**2))
    grid = np.linspace(0, 1, 2001)
    off = seen - grid[:, None]
    mass = np.exp(-0.5 * np.einsum("gi,ij,gj->g", off, inverse, off))
    mass /= mass.sum()
    mean = float(mass @ grid)
    return mean, float(np.sqrt(mass @ (grid - mean) ** 2))


def test_a_record_taken_in_stages_leaves_the_posterior_that_it_has_in_closed_form(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from kursksim.studies import calibrate as module

    monkeypatch.setattr(Round, "loglik", toy_loglik)
    monkeypatch.setattr(module, "ensemble", lambda *_, design, **__: SimpleNamespace(numbers=range(len(design))))
    mean, spread = toy_posterior()
    found = []
    for seed in range(16):
        box = Box(SCENARIO, ("v_road",))
        points = Streams(seed).on(-1, "toy").random((800, 1))
        numbers = np.arange(800) + 10_000_000 * (seed + 1)
        state = _Refining(box, [Round(points, None, np.arange(800), np.zeros(800), ((0, numbers),))], ())  # type: ignore[arg-type]
        for day in (50, 69.5, 80):  # a stage within the news of a day too
            state.begin_stage(Stage(SCENARIO.date(int(day)), day % 1))
            for _ in range(2):
                state.add(tmp_path, "toy", {"seed": seed})
        weights, sets = (
            state.weights(Stage(SCENARIO.date(SCENARIO.last_day))),
            np.vstack([r.points for r in state.rounds])[:, 0],
        )
        found.append((weights @ sets, weights @ (sets - mean) ** 2))
    means, squares = np.array(found).T
    assert abs(means.mean() - mean) <= 4 * means.std(ddof=1) / np.sqrt(len(means))
    assert abs(squares.mean() - spread**2) <= 4 * squares.std(ddof=1) / np.sqrt(len(squares))
    assert means.std(ddof=1) < spread / 3


def test_children_keep_the_luck_of_their_past_and_a_move_is_accepted_or_counts_for_the_one_that_stayed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from kursksim.studies import calibrate as module

    monkeypatch.setattr(Round, "loglik", toy_loglik)
    monkeypatch.setattr(module, "ensemble", lambda *_, design, **__: SimpleNamespace(numbers=range(len(design))))
    points, numbers = Streams(1).on(-1, "toy").random((300, 1)), np.arange(300)
    bank = Round(points, None, numbers, np.zeros(300), ((0, numbers),))  # type: ignore[arg-type]
    state = _Refining(Box(SCENARIO, ("v_road",)), [bank], ())
    state.begin_stage(Stage(SCENARIO.date(50)))
    state.add(tmp_path, "toy", {"seed": 1})
    (made,) = state.rounds
    assert (made.luck[0][1] == made.founder).all()
    assert [day for day, _ in made.luck] == [0, 51]
    assert len(set(made.luck[1][1].tolist())) == len(made.points)
    kept = (made.points == points[made.founder]).all(axis=1)
    assert kept[::2].all()
    assert kept[1::2].mean() < 0.1  # two draws of the same set are no step
    assert ((made.points >= 0) & (made.points <= 1)).all()
    times = np.exp(made.loglik((), SCENARIO.date(50)) - made.paid)  # how often each counts
    assert np.allclose(times, times.round())
    assert np.allclose(times[::2] + times[1::2], 2.0)
    assert 0.1 < times[1::2].mean() < 1.0


def test_a_move_is_as_likely_there_as_back() -> None:
    """Folded at the walls, so a uniform cloud stays uniform."""
    box, luck = Box(SCENARIO, ("v_road", "payload")), Streams(4).on(-1, "test")
    points = luck.random((4000, 2))
    weights = np.full(4000, 1 / 4000)
    unit = _moved(box, points, weights, np.repeat(np.arange(4000), 2), luck)
    assert (unit[::2] == points).all()
    for column in unit[1::2].T:
        assert abs(column.mean() - 0.5) <= 4 / np.sqrt(12 * 4000)
        assert np.allclose(np.histogram(column, 10, (0, 1))[0] / 4000, 0.1, atol=4 * np.sqrt(0.09 / 4000))


def test_sets_are_resampled_by_their_weight() -> None:
    at = resampled(np.array([0.5, 0.0, 0.25, 0.25]), 400, 0.3)
    assert np.bincount(at).tolist() == [200, 0, 100, 100]
    assert effective(np.array([2.0, 2.0, 0.0])) == 2.0


def test_the_error_of_an_observation_is_half_of_the_way_to_its_band() -> None:
    assert error_of(BY_ID["P1"]) == 20.0
    assert error_of(BY_ID["P8"]) == 1.5
    assert error_of(BY_ID["P12a"]) == pytest.approx(0.05)
    assert all(error_of(s) > 0 for s in counted(SPECS))


def test_what_is_implied_or_pooled_does_not_count() -> None:
    ids = {s.id for s in counted(SPECS)}
    assert not ids & {"P6", "P7", "P13", "P16", "P18", "P25"}
    assert {"P1", "P5", "P8", "P14b", "P23"} <= ids
    varied = {s.id for s in counted(SPECS, ["final_line_depth", "c_ru"])}
    assert varied - ids == {"P6", "P7"}  # something must settle what varies


def test_dates_of_places_count_with_the_error_of_their_position() -> None:
    found = {s.id: s for s in place_specs(SCENARIO)}
    assert "place:Sudzha" not in found  # a pattern speaks of it
    near, far = found["place:Sverdlikovo"], found["place:Agronom"]
    assert (near.value_low, near.value_high) == (78.0, 78.0)
    assert near.error == pytest.approx(np.hypot(3, np.hypot(0.6, 0.4) / 0.05))
    assert far.error > 100  # nobody has published where it lies
    kept = {"place:Sverdlikovo": [78.0, 78.0 - near.error, float("nan")]}
    names, z = distances(kept, [near], SCENARIO.days)
    assert names == ("place:Sverdlikovo",)
    assert z[:, 0] == pytest.approx([0.0, -1.0, (SCENARIO.days - 78) / near.error])  # at the earliest on the day after
    assert {s.id for s in record_of(SCENARIO)} >= {"P1", "place:Sverdlikovo"}


def runs(**given: float) -> dict[str, list[float]]:
    """One run that has what was observed of every pattern, but for what is given."""
    found = {}
    for spec in SPECS:
        for name, _ in parts(spec):
            low, high = (v if np.isfinite(v) else 0.0 for v in (spec.value_low, spec.value_high))
            found[name] = [given.get(name, (low + high) / 2)]
    return found


def test_a_run_like_the_record_is_the_likeliest_and_errors_are_normal() -> None:
    args = (SPECS, SCENARIO.start, SCENARIO.days)
    best = log_likelihood(runs(), *args)[0]
    assert best == 0.0
    for off in (5.0, 20.0, 60.0):
        apart = log_likelihood(runs(P1=483.0 + off), *args)[0]
        assert apart == pytest.approx(norm.logpdf(off, scale=20) - norm.logpdf(0, scale=20))
    assert log_likelihood(runs(P1=float("nan")), *args)[0] == log_likelihood(runs(P1=1e9), *args)[0] == -18.0


CUT = dt.date(2025, 2, 28)


def test_what_a_cut_date_hides() -> None:
    known = {s.id for s in counted(SPECS) if known_from(s, SCENARIO.start, SCENARIO.days) <= CUT}
    assert known == {"P1", "P2a", "P2b", "P10", "P12a", "P12b", "P14a", "P14b", "P17a", "P17b", "P23"}
    args = (SPECS, SCENARIO.start, SCENARIO.days, CUT)
    for later in ("P3", "P4", "P5", "P15", "P21", "P24", "P11", "P14c"):
        assert log_likelihood(runs(**{later: 1e9}), *args)[0] == 0.0
    assert log_likelihood(runs(P1=1e9), *args)[0] < 0


def test_that_nothing_had_happened_by_the_cut_is_known() -> None:
    args = (SPECS, SCENARIO.start, SCENARIO.days, CUT)
    for day, lower in ((60.0, True), (89.0, False), (110.0, False), (float("nan"), False)):
        assert (log_likelihood(runs(P9a=day), *args)[0] < 0) == lower


def test_figures_that_are_not_known_are_not_looked_at() -> None:
    """The same weights, whatever the later observations say."""
    from dataclasses import replace

    changed = [
        s if known_from(s, SCENARIO.start, SCENARIO.days) <= CUT else replace(s, value_low=s.value_low + 1, value_high=s.value_high + 1)
        for s in SPECS
    ]  # fmt: skip
    some = {name: [v[0] * 1.1] for name, v in runs().items()}
    one, other = (log_likelihood(some, specs, SCENARIO.start, SCENARIO.days, CUT) for specs in (SPECS, changed))
    assert one == other


def test_reading_what_was_not_known_is_refused() -> None:
    known = {s.id: s for s in known_by(counted(SPECS), SCENARIO.start, SCENARIO.days, CUT)}
    for later in ("P3", "P4", "P5", "P15"):
        for name in ("value_low", "value_high", "hit_low", "error"):
            with pytest.raises(ks.BadUse, match=f"{later} was not known on 2025-02-28: {name}"):
                getattr(known[later], name)
    assert known["P1"].value_low == 483
    assert (known["P9a"].value_low, known["P9a"].value_high) == (89.0, float("inf"))  # no order by then, and no more


def test_a_calibration_goes_on_only_from_one_that_knew_less(tmp_path: Path) -> None:
    late: Any = SimpleNamespace(until=dt.date(2025, 3, 1), rounds=())
    for until, before in ((CUT, late), (None, SimpleNamespace(until=None, rounds=()))):
        with pytest.raises(ks.BadUse, match="it knows more"):
            calibrate(SCENARIO, tmp_path, until=until, after=before)


def test_the_bank_is_uniform_over_the_ranges_and_repeats() -> None:
    ids = observations.calibrated(SCENARIO)
    assert len(ids) == 20
    points = uniform(SCENARIO, ids, 256, 1)
    assert (points == uniform(SCENARIO, ids, 256, 1)).all()
    assert (points[:100] == uniform(SCENARIO, ids, 256, 1)[:100]).all()
    rows = {p.id: p for p in SCENARIO.parameters}
    for column, name in zip(points.T, ids, strict=True):
        p = rows[name]
        assert column.min() >= p.low
        assert column.max() <= p.high
        middle, spread = (p.low + p.high) / 2, (p.high - p.low) / np.sqrt(12 * 256)
        assert abs(column.mean() - middle) <= 4 * spread  # not the default: the middle of the range
    design = bank_design(SCENARIO, ids, 8, 1)
    assert design.luck.tolist() == list(range(8))


def test_pattern_values_of_a_run_have_the_names_of_the_parts() -> None:
    run = ks.run(SCENARIO, seed=1, until="2024-12-31")
    found = values(run, SPECS)
    assert {"P1", "P7@2025-03-30", "P7@2025-03-31"} <= set(found)
    assert found["P1"] == run.daily.held_km2.iloc[28]
    assert np.isnan(found["P5"])


# -- the posterior that a scenario ships -------------------------------------------------------------------------------


def test_runs_are_drawn_from_the_sets_of_a_scenario(tmp_path: Path) -> None:
    home = tmp_path / "kit"
    scenario_kit.write(home)
    with pytest.raises(ks.BadUse, match="ships no posterior"):
        ks.run(home, parameters="posterior")
    plain = ks.load(home).digest
    write_posterior(home / "posterior.csv", ["v_road", "payload"], [[30.0, 1.0], [50.0, 2.0]])
    scenario = ks.load(home)
    assert scenario.digest == plain
    ens = ks.ensemble(scenario, replications=12, until="2025-01-02", parameters="posterior")
    seen = {(v["v_road"], v["payload"]) for v in (ens.run(k).provenance.values for k in range(12))}
    assert seen == {(30.0, 1.0), (50.0, 2.0)}
    run = ks.run(scenario, replication=3, seed=1, until="2025-01-02", parameters="posterior")
    assert run.tables == ens.member(3).tables
    assert ks.replay(run).tables == run.tables


@pytest.mark.parametrize(
    ("text", "said"),
    [("v_rod\n1\n", "did you mean 'v_road'"), ("v_road\nx\n", "cannot be read"), ("v_road\n", "1 to 10000 rows"),
     ("v_road\nnan\n", "finite"), ("v_road,payload\n1\n", "cannot be read")],
)  # fmt: skip
def test_a_posterior_that_is_none_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    home = tmp_path / "kit"
    scenario_kit.write(home)
    (home / "posterior.csv").write_text(text)
    with pytest.raises(ks.BadUse, match=said):
        ks.run(home, until="2025-01-02", parameters="posterior")


def test_sets_are_drawn_by_their_weight() -> None:
    points = np.arange(4.0)[:, None]
    luck = ((0, np.array([10, 11, 12, 13])), (62, np.array([20, 21, 22, 23])))
    rounds: Any = (SimpleNamespace(luck=luck, founder=np.array([0, 1, 0, 3])),)
    made = Calibration(SCENARIO, ("v_road",), points, np.array([0.5, 0.0, 0.25, 0.25]), None, rounds)
    found = drawn(made, 400)
    counts = [int((found.values == k).sum()) for k in range(4)]
    assert counts == pytest.approx([200, 0, 100, 100], abs=1)
    assert (found.luck == found.values[:, 0] + 10).all()  # each keeps the luck that agreed with the record
    assert [day for day, _ in found.fresh] == [62]
    assert (found.fresh[0][1] == found.values[:, 0] + 20).all()
    assert drawn(made, 400, fresh=1000).luck.tolist() == list(range(1000, 1400))
    later = drawn(made, 400, fresh=1000, since=100)
    assert (later.luck == found.luck).all()
    assert [day for day, _ in later.fresh] == [62, 100]
    assert [day for day, _ in drawn(made, 400, fresh=1000, since=50).fresh] == [50]
    assert made.ess == pytest.approx(1 / 0.375)
    assert made.founders == pytest.approx(1 / (0.75**2 + 0.25**2))


def test_open_ends_of_an_observation_count_as_open() -> None:
    from dataclasses import replace

    spec = replace(BY_ID["P19a"], value_low=float("nan"), hit_low=-float("inf"))
    values = {"P19a": [0.05, 0.5, float("nan")]}
    found = log_likelihood(values, [spec], SCENARIO.start, SCENARIO.days)
    assert found[0] == 0.0
    assert found[1] < 0
    assert found[2] == -18.0


def test_a_cut_within_the_span_of_a_report_contradicts_nobody_in_it() -> None:
    args = (SPECS, SCENARIO.start, SCENARIO.days, dt.date(2025, 3, 8))
    for day in (95.0, 96.0, 98.0, 120.0):
        assert log_likelihood(runs(P9a=day), *args)[0] == log_likelihood(runs(), *args)[0]
    assert log_likelihood(runs(P9a=90.0), *args)[0] < log_likelihood(runs(), *args)[0]


def test_weights_of_what_was_played_leave_out_what_failed() -> None:
    def round_of(count: int, numbers: list[int]) -> Any:
        return SimpleNamespace(points=np.zeros((count, 1)), ensemble=SimpleNamespace(numbers=numbers))

    weights = np.array([0.1, 0.0, 0.2, 0.3, 0.4])
    made = Calibration(
        SCENARIO, ("v_road",), np.zeros((5, 1)), weights, None, (round_of(3, [0, 2]), round_of(2, [0, 1]))
    )
    assert made.played_weights.tolist() == [0.1, 0.2, 0.3, 0.4]
