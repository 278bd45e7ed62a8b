"""Scenario discovery over an ensemble: the counts that it tells, and what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.rng import Streams
from kursksim.scenario.parameters import parameter_set
from kursksim.studies import discover
from kursksim.studies.discovery import varied
from kursksim.studies.prim import counted, inside
from kursksim.studies.tree import leaves

RUNS = 60


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("discovery") / "prior.sqlite"
    ks.ensemble("two-roads", replications=RUNS, parameters="prior", until="2025-01-06", store=path)
    return path


@pytest.fixture(scope="module")
def made(store: Path) -> ks.Ensemble:
    return ks.load_ensemble(store)


def middle(made: ks.Ensemble, measure: str) -> float:
    return float(np.median(made.outcome(measure)))


def test_parameters_are_those_that_the_runs_were_played_with(made: ks.Ensemble) -> None:
    ids, values = varied(made)
    assert values.shape == (RUNS, len(ids))
    for k in (0, 17):
        played = made.run(k).provenance.values
        assert dict(zip(ids, values[k].tolist(), strict=True)) == {i: played[i] for i in ids}
        assert parameter_set(made.scenario, "prior", Streams(1, k))[ids[3]] == values[k, 3]
    fixed = set(made.scenario.value) - set(ids)
    ends = {p.id: (p.low, p.high) for p in made.scenario.parameters}
    assert all(ends[name][0] == ends[name][1] for name in fixed)


def test_a_sentence_counts_what_is_there(made: ks.Ensemble) -> None:
    """Losses of the holder go with the coefficient of his losses."""
    least = middle(made, "holder_losses")
    found = discover(made, measure="holder_losses", above=least, parameters=["c_holder", "v_road"])
    (box, *_) = found.boxes
    assert np.isfinite(box.low[0])
    event = made.outcome("holder_losses") > least
    np.testing.assert_array_equal(found.event, event)
    here, sought = inside(found.values, box.low, box.high), found.sought
    assert sought.sum() == RUNS // 2
    assert (box.runs, box.events) == ((here & sought).sum(), (here & sought & event).sum())
    out = found.kept_out(box)
    assert (out.runs, out.events) == ((here & ~sought).sum(), (here & ~sought & event).sum())
    said = found.sentence(box)
    assert f"in {box.events} of {box.runs} (" in said
    assert f"{out.events} of {out.runs} (" in said
    assert said.startswith("Losses of the holder above ")
    assert found.limits(box) in said
    table = found.table(box).set_index("parameter")
    row = table.loc["c_holder"]
    assert row["range_low"] < row["low"] == box.low[0] < row["range_high"]
    assert row["quasi_p_low"] <= 0.05
    assert row["meaning"] == next(p.meaning for p in made.scenario.parameters if p.id == "c_holder")


def test_the_tradeoff_begins_with_all_runs(made: ks.Ensemble) -> None:
    found = discover(made, measure="delivered_t", above=middle(made, "delivered_t"))
    table = found.tradeoff()
    first = table.iloc[0]
    assert (first["coverage"], first["mass"], first["parameters"]) == (1, 1, 0)
    assert table["density"].is_monotonic_increasing


def test_leaves_of_the_tree_part_all_runs(made: ks.Ensemble) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    found = discover(made, measure="delivered_t", above=middle(made, "delivered_t"))
    tree = found.tree()
    assert 2 <= len(tree) <= 4
    assert sum(leaf.runs for leaf in tree) == RUNS // 2
    assert sum(leaf.events for leaf in tree) == found.event[found.sought].sum()
    assert [leaf.density for leaf in tree] == sorted((t.density for t in tree), reverse=True)


def test_leaves_are_those_that_scikit_learn_predicts_by() -> None:
    sklearn = pytest.importorskip("sklearn.tree", reason="scikit-learn is not installed")
    luck = Streams(2).on(-1, "tree")
    x = luck.random((300, 5))
    event = (x[:, 3] > 0.4) & (x[:, 1] < 0.7)
    found = leaves(x, event)
    assert [leaf.density for leaf in found] == [1, 0, 0]
    oracle = sklearn.DecisionTreeClassifier(
        max_leaf_nodes=4, min_samples_leaf=0.05, random_state=0
    ).fit(x, event)
    at = oracle.apply(x)
    ours = sorted(tuple(np.flatnonzero(inside(x, b.low, b.high))) for b in found)
    assert ours == sorted(tuple(np.flatnonzero(at == leaf)) for leaf in set(at.tolist()))


def test_without_scikit_learn_a_tree_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.tree", None)
    with pytest.raises(BadUse, match=r"a tree needs scikit-learn: .*discovery"):
        leaves(np.zeros((4, 1)), np.array([True, False, True, False]))


def test_a_design_in_memory_has_its_values_at_hand() -> None:
    """Sweeps keep their grid: what is explained by it needs no other record."""
    grid = {"c_holder": np.linspace(0.002, 0.01, 12).tolist()}
    made = ks.studies.sweep("two-roads", grid, replications=3, until="2025-01-04").ensemble
    found = discover(made, measure="holder_losses", above=middle(made, "holder_losses"))
    assert found.ids == ("c_holder",)
    (box,) = found.boxes
    assert np.isfinite(box.low[0])
    assert np.isinf(box.high[0])
    whole = counted(found.values, found.event, box.low, box.high)
    assert whole.density > 0.9


def test_days_are_told_as_dates(made: ks.Ensemble) -> None:
    days = made.outcome("order_day")
    with pytest.raises(BadUse, match="Order to withdraw before 2025-01-01: in no run"):
        discover(made, below="2025-01-01")
    if (days < 3).any() and not (days[::2] < 3).all():
        found = discover(made, below="2025-01-04")
        assert found.case.said(made) == "Order to withdraw before 2025-01-04"
        np.testing.assert_array_equal(found.event, days < 3)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "needs one of below and above, not neither"),
        ({"below": 1, "above": 2}, "not both"),
        ({"below": "soon"}, "must be a number, or a date of the form"),
        ({"below": float("nan")}, "finite"),
        ({"measure": "held_km2_end", "below": "2025-01-03"}, "is no day, so it needs a number"),
        ({"measure": "held", "below": 3}, "is unknown; known"),
        ({"measure": "held_km2_end", "above": 1e9}, "in no run, so there is nothing to explain"),
        ({"measure": "held_km2_end", "below": 1e9}, "in every run"),
        ({"below": 3, "parameters": ["paylod"]}, "did you mean 'payload'"),
        ({"measure": "delivered_t", "above": 60, "density": 0.0}, "must lie above 0"),
        ({"below": 3, "most": 0}, "1 or more"),
    ],
)
def test_bad_use_is_one_line(made: ks.Ensemble, given: dict[str, Any], words: str) -> None:
    with pytest.raises(BadUse) as refused:
        discover(made, **given)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_ensemble_of_one_set_explains_nothing(tmp_path: Path) -> None:
    made = ks.ensemble("two-roads", replications=2, until="2025-01-02")
    with pytest.raises(BadUse, match="no parameters are known that differ between its runs"):
        discover(made, below=3)
    few = ks.ensemble("two-roads", replications=4, until="2025-01-02", parameters="prior")
    with pytest.raises(BadUse, match="4 runs have delivered_t: a search needs at least 20"):
        discover(few, measure="delivered_t", above=1)


def test_a_posterior_that_has_changed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store says by a digest which sets it was played with, and does not keep them."""
    from kursksim.ensembles import make

    path = tmp_path / "posterior.sqlite"
    ks.ensemble(
        "december-march",
        replications=1,
        until="2024-12-02",
        parameters="posterior",
        store=path,
        policy={"holder": "never"},
    )
    assert varied(ks.load_ensemble(path))[1].shape[0] == 1
    monkeypatch.setattr(make, "posterior", lambda scenario: ({"dos_crit": 1.0},))
    with pytest.raises(BadUse, match="its posterior has changed since the runs were played"):
        varied(ks.load_ensemble(path))
