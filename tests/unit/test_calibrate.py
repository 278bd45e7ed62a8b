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
    place_specs,
    record_of,
)
from kursksim.evidence.patterns import parts, values
from kursksim.evidence.standing import Standing, standing
from kursksim.evidence.tracker import shown_figures, tracker_error
from kursksim.notices import forget
from kursksim.rng import Streams
from kursksim.scenario.posterior import write_posterior
from kursksim.studies.calibration.bank import bank_design, uniform
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import (
    Calibration,
    _logs,
    drawn,
    emulated,
)
from kursksim.studies.calibration.curves import chances, log_linear
from kursksim.studies.calibration.emulator import fitted
from kursksim.studies.calibration.proposals import playable, proposed, without_winters
from kursksim.studies.calibration.weights import (
    effective,
    normed,
    pooled,
    quantiles_of,
    resampled,
    smoothed,
)
from kursksim.studies.calibration.winters import winters

SCENARIO = ks.load("december-march")
SPECS = observations.patterns(SCENARIO)
BY_ID = {s.id: s for s in SPECS}


# -- luck integrated out -----------------------------------------------------------------------------------------------

REPORTS = ((0.55, 0.1), (0.75, 0.1), (0.6, 0.1))
"""Figure and error of the reports of a toy campaign."""
LUCK_SD = 0.25
BOX = Box(SCENARIO, ("v_road",))


def read(
    found: Any, seen: Any, inside: Any = None, shared: Any = None, share: Any = ()
) -> Standing:
    """Runs beside a record of readings with an error of one; ranges and shares by request."""
    none = np.empty((len(found), 0))
    inside, shared = (none if v is None else v for v in (inside, shared))
    names = (
        tuple(f"{kind}{k}" for k in range(v.shape[1]))
        for kind, v in zip("rns", (inside, found, shared), strict=True)
    )
    ranges, readings, shares = names
    observed = np.reshape(share, (-1, 3)).astype(float)
    noise = np.ones(found.shape)
    return Standing(
        readings, found, noise, np.asarray(seen), ranges, inside, shares, shared, observed
    )


def toy_round(points: Any, seed: int, density: Any = None) -> Any:
    """A walk that starts at the parameter: the steps are luck, each report sees it with an error."""
    seen, errors = np.array(REPORTS).T
    walk = points[:, :1] + LUCK_SD * np.cumsum(
        Streams(seed).on(-1, "toy luck").standard_normal((len(points), 3)), axis=1
    )
    found = read(walk / errors, seen / errors)
    return SimpleNamespace(
        points=points,
        winters=without_winters(points),
        rows=list(range(len(points))),
        density=np.zeros(len(points)) if density is None else density,
        standing=lambda *_: found,
    )


def toy_posterior() -> tuple[float, float]:
    """Mean and standard deviation of the parameter: the reports are jointly normal given it."""
    seen, errors = np.array(REPORTS).T
    steps = np.minimum.outer(np.arange(1, 4), np.arange(1, 4)) * LUCK_SD**2
    inverse = np.linalg.inv(steps + np.diag(errors**2))
    grid = np.linspace(0, 1, 2001)
    off = seen - grid[:, None]
    mass = np.exp(-0.5 * np.einsum("gi,ij,gj->g", off, inverse, off))
    mass /= mass.sum()
    mean = float(mass @ grid)
    return mean, float(np.sqrt(mass @ (grid - mean) ** 2))


def target(box: Box, emulator: Any) -> Any:
    """Its posterior by the parameters alone, which costs no winters."""
    return playable(box, lambda at: emulator.log_likelihood(at, without_winters(at)))


def test_sets_weighed_and_sets_proposed_have_the_posterior_that_is_known_in_closed_form() -> None:
    mean, spread = toy_posterior()
    found = []
    for seed in range(12):
        points = Streams(seed).on(-1, "toy").random((800, 1))
        bank = toy_round(points, seed)
        emulator = emulated(BOX, [bank], None)
        new = proposed(
            BOX,
            target(BOX, emulator),
            points,
            pooled([_logs(emulator, bank)]),
            400,
            Streams(seed).on(-1, "toy moves"),
        )
        again = toy_round(new, seed + 100, emulator.log_likelihood(new, without_winters(new)))
        emulator = emulated(BOX, [bank, again], None)
        weights = pooled([_logs(emulator, r) for r in (bank, again)])
        both = np.vstack([points, new])[:, 0]
        found.append((weights @ both, np.sqrt(weights @ (both - mean) ** 2), new.mean(), new.std()))
    means, spreads, new_means, new_spreads = np.array(found).T
    for got, true in ((means, mean), (new_means, mean), (spreads, spread), (new_spreads, spread)):
        assert abs(got.mean() - true) <= 4 * got.std(ddof=1) / np.sqrt(len(got)) + 0.01 * spread
    assert means.std(ddof=1) < spread / 3


def test_sets_that_the_record_rules_out_are_not_proposed_and_legal_ones_stay_in_the_box() -> None:
    luck = Streams(4).on(-1, "test")
    box = Box(SCENARIO, ("v_road", "payload"))
    points = luck.random((800, 2))
    made = fitted(points, without_winters(points), read(100 * points[:, :1], [25.0]))
    weights = normed(made.log_likelihood(points, without_winters(points)))
    new = proposed(box, target(box, made), points, weights, 300, luck)
    assert new.shape == (300, 2)
    assert ((new >= 0) & (new <= 1)).all()
    assert (np.abs(new[:, 0] - 0.25) < 5 / 100).all()
    # of this the record says nothing
    assert abs(new[:, 1].mean() - 0.5) <= 4 / np.sqrt(12 * 300) + 0.05
    far = np.array([[40.0, 0.5]])
    assert not np.isfinite(
        made.log_likelihood(far, without_winters(far))
    )  # nothing was played near


def test_a_share_of_runs_is_held_against_the_mean_and_not_against_the_scatter() -> None:
    luck = Streams(9).on(-1, "test")
    points = luck.random((800, 1))
    hit = (luck.random((800, 1)) < 0.2 + 0.75 * points).astype(float)
    none = np.empty((800, 0))
    at = np.array([[0.2], [0.5], [0.95]])
    as_share = read(none, [], shared=hit, share=(0.9, 1.0, 0.05))
    as_range = read(none, [], inside=hit)
    of_runs, of_shares = (
        fitted(points, none, seen).log_likelihood(at, without_winters(at))
        for seen in (as_range, as_share)
    )
    assert of_shares[0] < of_shares[1] < of_shares[2] == pytest.approx(0.0, abs=0.5)
    assert of_shares[0] < -20  # a third of the runs where nine in ten are wanted
    # one run says little: its own chance
    assert np.exp(of_runs) == pytest.approx((0.2 + 0.75 * at)[:, 0], abs=0.07)


def test_the_scatter_of_a_set_is_found_and_a_lottery_loses() -> None:
    """The mean is the record at every point; only the luck differs, from 0.3 to 6 errors."""
    luck = Streams(11).on(-1, "test")
    points = luck.random((3000, 2))
    scatter = 0.3 * np.exp(3.0 * points[:, 0])
    found = (scatter * luck.standard_normal(3000))[:, None]
    made = fitted(points, without_winters(points), read(found, [0.0]), sets=3000)
    at = np.array([[0.1, 0.5], [0.5, 0.5], [0.9, 0.5]])
    true = 0.3 * np.exp(3.0 * at[:, 0])
    assert made.scatter(at, without_winters(at))[:, 0] == pytest.approx(true, rel=0.12)
    logs = made.log_likelihood(at, without_winters(at))
    exact = norm.logpdf(0.0, scale=np.sqrt(1 + true**2))
    assert logs - logs[0] == pytest.approx(exact - exact[0], abs=0.15)
    assert logs[2] < logs[1] - 0.5 < logs[0] - 0.5


def test_a_figure_of_two_minds_counts_by_the_chance_of_its_range() -> None:
    """Zero or one by luck: where it is rarely one, the mean may lie near, and the set loses."""
    luck = Streams(12).on(-1, "test")
    points = luck.random((3000, 1))
    chance = 1 / (1 + np.exp(-4 * (points - 0.5)))
    agrees = (luck.random((3000, 1)) < chance).astype(float)
    made = fitted(
        points, without_winters(points), read(np.empty((3000, 0)), [], inside=agrees), sets=3000
    )
    at = np.array([[0.1], [0.5], [0.9]])
    logs = made.log_likelihood(at, without_winters(at))
    assert np.exp(logs) == pytest.approx([0.168, 0.5, 0.832], abs=0.05)


def test_winters_in_the_mean_carry_what_a_curve_in_the_parameters_cannot() -> None:
    """A figure that turns three times over the range: known to the winter, not to a parabola."""
    luck = Streams(13).on(-1, "test")
    points = luck.random((1500, 1))
    winter = np.sin(12 * points)
    found = 10 * winter + luck.standard_normal((1500, 1))
    blind, knowing = (
        fitted(points, known, read(found, [10.0]), sets=1500)
        for known in (without_winters(points), winter)
    )
    assert knowing.mean.left_out.std() == pytest.approx(1.0, rel=0.1)
    assert blind.mean.left_out.std() > 3
    peaks = np.array([[np.pi / 24], [3 * np.pi / 24]])
    top, bottom = knowing.log_likelihood(peaks, np.sin(12 * peaks))
    assert top > bottom + 50


def test_curves_find_known_slopes() -> None:
    luck = Streams(14).on(-1, "test")
    given = luck.uniform(-1, 1, (20000, 1))
    squares = np.exp(0.5 + 1.2 * given) * luck.standard_normal((20000, 1)) ** 2
    assert log_linear(given, squares).slopes[:, 0] == pytest.approx([0.5, 1.2], abs=0.08)
    events = (luck.random((20000, 1)) < 1 / (1 + np.exp(-(0.3 - 1.5 * given)))).astype(float)
    found = chances(given, events)
    assert found.slopes[:, 0] == pytest.approx([0.3, -1.5], abs=0.12)
    # of a share of one half, known from so many runs
    even = chances(given[:, :0], events)
    share = events.mean()
    assert even.doubt(np.empty((1, 0)))[0, 0] == pytest.approx(
        share * (1 - share) / 20000, rel=0.02
    )


def test_the_mean_field_gives_figures_of_each_set() -> None:
    box = Box(SCENARIO, ("def_mult", "p_kill"))
    values = np.array([[2.0, 0.1], [2.5, 0.1], [2.0, 0.2]])
    found = winters(box, values)
    assert found.shape[0] == 3
    assert np.isfinite(found).all()
    assert winters(box, values[1:2])[0] == pytest.approx(found[1])
    assert (found[1] != found[0]).any()
    assert (found[2] != found[0]).any()


@pytest.mark.parametrize("shape", [0.2, 0.5, 0.9, 1.3])
@pytest.mark.parametrize("count", [30, 500, 5000])
def test_smoothed_weights_and_k_hat_are_those_of_arviz(shape: float, count: int) -> None:
    # an older one, which goes with the oldest libraries, smooths in another way
    pytest.importorskip("arviz_stats", minversion="0.8")
    array_stats = pytest.importorskip("arviz_stats.base").array_stats
    weights = Streams(count).on(-1, "pareto").pareto(1 / shape, count) + 1
    logs, k_hat = array_stats.psislw(-np.log(weights))  # it takes the logarithms of one over them
    found, ours = smoothed(weights)
    assert ours == pytest.approx(float(k_hat), abs=1e-9)
    assert found == pytest.approx(np.exp(logs), rel=1e-9)


def test_weights_without_a_tail_are_left_alone() -> None:
    found, k_hat = smoothed(np.array([1.0, 1.0, 0.0, 2.0]))
    assert found == pytest.approx([0.25, 0.25, 0.0, 0.5])
    assert k_hat == np.inf


def test_quantiles_of_weighted_sets() -> None:
    columns = np.array([[3.0, 0.0], [1.0, 1.0], [2.0, 5.0]])
    found = quantiles_of(columns, np.array([0.2, 0.5, 0.3]), (0.1, 0.5, 0.9))
    assert found.tolist() == [[1.0, 1.0, 3.0], [0.0, 1.0, 5.0]]


def test_samples_count_by_their_effective_size() -> None:
    with np.errstate(divide="ignore"):
        found = pooled([np.log([1.0, 1.0]), np.log([1.0, 0.0, 0.0]), np.log([0.0, 0.0])])
    assert found == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0, 0, 0, 0])


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
    assert z[:, 0] == pytest.approx(
        [0.0, -1.0, (SCENARIO.days - 78) / near.error]
    )  # at the earliest on the day after
    assert {s.id for s in record_of(SCENARIO)} >= {"P1", "place:Sverdlikovo"}


def test_where_runs_stand_is_in_units_of_the_errors_and_cut_far_away() -> None:
    kept = [BY_ID["P1"], BY_ID["P23"], BY_ID["P25"], BY_ID["P12b"], BY_ID["P9a"]]
    values = {
        "P1": [483.0, 503.0, -1e6],
        "P23": [14.6, float("nan"), 1e9],
        "P25": [1.0, 0.0, 1.0],
        "P12b": [1.0, 0.25, 0.6],
        "P9a": [97.0, 100.0, float("nan")],
    }
    found = standing(values, kept, SCENARIO.days)
    assert found.names == ("P1", "P23", "P9a")
    assert found.seen[0] == pytest.approx(483 / 20)
    assert found.found[:, 0] - found.seen[0] == pytest.approx([0, 1, -20])
    assert found.found[:, 1] - found.seen[1] == pytest.approx([0, 20, 20])
    # 6 to 10 March: the middle, and the variance of a day that lies evenly in between
    assert found.seen[2] == 97 / 1.5
    assert found.noise[0] == pytest.approx([1, 1, 1 + (4 / 1.5) ** 2 / 12])
    # more than half of the road: a run agrees or does not, with two errors down to none of it
    assert found.ranges == ("P12b",)
    assert found.inside[:, 0] == pytest.approx([1, np.exp(-2), 1])
    assert found.shares == ("P25",)
    assert found.observed[0] == pytest.approx([0.9, 1.0, error_of(BY_ID["P25"])])


def test_the_tracker_s_error_takes_the_place_of_the_band_s_and_is_not_added_to_it() -> None:
    days = np.arange(SCENARIO.days)
    still, fast = np.full(SCENARIO.days, 394.0), 400.0 - 10 * np.maximum(days - 80.0, 0.0)
    held = np.array([still, fast])
    record = [BY_ID["P1"], BY_ID["P3"], BY_ID["P10"]]
    error = tracker_error(SCENARIO)
    off = shown_figures(SCENARIO, held, record)
    assert set(off) == {"P1", "P3"}  # a rate is no area that a tracker shows
    assert off["P3"] == pytest.approx([error.own_km2, np.hypot(error.own_km2, 15.0)])
    values = {"P1": [483.0, 483.0], "P3": held[:, 91].tolist(), "P10": [1.0, 1.0]}
    found = standing(values, record, SCENARIO.days, off)
    at = found.names.index("P3")
    assert found.noise[:, at] * error_of(BY_ID["P3"]) ** 2 == pytest.approx(off["P3"] ** 2)
    assert found.seen[at] * error_of(BY_ID["P3"]) == pytest.approx((353 + 397) / 2)


def test_what_had_not_been_reported_by_a_cut_is_one_range() -> None:
    kept = known_by([BY_ID["P8"], BY_ID["P9a"]], SCENARIO.start, SCENARIO.days, CUT)
    found = standing({"P8": [100.0, 70.0], "P9a": [95.0, 60.0]}, kept, SCENARIO.days)
    assert found.ranges == ("not yet",)
    assert found.inside[0, 0] == 1.0
    assert found.inside[1, 0] < 1e-6


def runs(**given: float) -> dict[str, list[float]]:
    """One run that has what was observed of every pattern, but for what is given."""
    found = {}
    for spec in SPECS:
        for name, _ in parts(spec):
            low, high = (v if np.isfinite(v) else 0.0 for v in (spec.value_low, spec.value_high))
            found[name] = [given.get(name, (low + high) / 2)]
    return found


def log_likelihood(
    values: Any, specs: Any, start: dt.date, days: int, until: dt.date | None = None
) -> Any:  # fmt: skip
    """Of single runs."""
    _, far = distances(values, known_by(counted(specs), start, days, until), days)
    return -0.5 * (far**2).sum(axis=1)


def test_a_run_like_the_record_is_the_likeliest_and_errors_are_normal() -> None:
    args = (SPECS, SCENARIO.start, SCENARIO.days)
    best = log_likelihood(runs(), *args)[0]
    assert best == 0.0
    for off in (5.0, 20.0, 60.0):
        apart = log_likelihood(runs(P1=483.0 + off), *args)[0]
        assert apart == pytest.approx(norm.logpdf(off, scale=20) - norm.logpdf(0, scale=20))
    assert (
        log_likelihood(runs(P1=float("nan")), *args)[0]
        == log_likelihood(runs(P1=1e9), *args)[0]
        == -18.0
    )


CUT = dt.date(2025, 2, 28)


def test_what_a_cut_date_hides() -> None:
    known = {s.id for s in counted(SPECS) if known_from(s, SCENARIO.start, SCENARIO.days) <= CUT}
    assert known == {
        "P1",
        "P2a",
        "P2b",
        "P10",
        "P12a",
        "P12b",
        "P14a",
        "P14b",
        "P17a",
        "P17b",
        "P23",
    }
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
    one, other = (
        log_likelihood(some, specs, SCENARIO.start, SCENARIO.days, CUT)
        for specs in (SPECS, changed)
    )
    assert one == other


def test_reading_what_was_not_known_is_refused() -> None:
    known = {s.id: s for s in known_by(counted(SPECS), SCENARIO.start, SCENARIO.days, CUT)}
    for later in ("P3", "P4", "P5", "P15"):
        for name in ("value_low", "value_high", "hit_low", "error"):
            with pytest.raises(ks.BadUse, match=f"{later} was not known on 2025-02-28: {name}"):
                getattr(known[later], name)
    assert known["P1"].value_low == 483
    assert (known["P9a"].value_low, known["P9a"].value_high) == (
        89.0,
        float("inf"),
    )  # no order by then, and no more


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


def test_a_posterior_of_another_results_version_is_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = tmp_path / "kit"
    scenario_kit.write(home)
    write_posterior(home / "posterior.csv", ["v_road"], [[30.0], [50.0]])
    asked = {"until": "2025-01-02", "parameters": "posterior"}

    def said() -> list[str]:
        return [m for m in caplog.messages if "results version" in m]

    forget()
    ks.run(home, **asked)
    assert not said()
    text = (home / "posterior.csv").read_text()
    older = ks.results_version - 1
    (home / "posterior.csv").write_text(text.replace(f",{ks.results_version}", f",{older}"))
    ks.run(home, until="2025-01-02")
    assert not said()
    ks.ensemble(home, replications=2, **asked)
    ks.run(home, **asked)
    assert len(said()) == 1
    assert f"results version {older}" in said()[0]
    assert ks.run(home, **asked).provenance.values["v_road"] in (30.0, 50.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [("v_rod\n1\n", "did you mean 'v_road'"), ("v_road\nx\n", "cannot be read"), ("v_road\n", "1 to 10000 rows"),
     ("v_road\nnan\n", "finite"), ("v_road,payload\n1\n", "cannot be read")],
)  # fmt: skip
def test_a_posterior_that_is_none_is_refused_in_one_line(
    tmp_path: Path, text: str, said: str
) -> None:
    home = tmp_path / "kit"
    scenario_kit.write(home)
    (home / "posterior.csv").write_text(text)
    with pytest.raises(ks.BadUse, match=said):
        ks.run(home, until="2025-01-02", parameters="posterior")


def test_sets_are_drawn_by_their_weight() -> None:
    points = np.arange(4.0)[:, None]
    made = Calibration(
        SCENARIO, ("v_road",), points, np.array([0.5, 0.0, 0.25, 0.25]), 0.1, None, ()
    )
    found = drawn(made, 400)
    counts = [int((found.values == k).sum()) for k in range(4)]
    assert counts == pytest.approx([200, 0, 100, 100], abs=1)
    assert found.luck.tolist() == list(range(10_000_000, 10_000_400))
    assert made.ess == pytest.approx(1 / 0.375)


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
