"""The search for default values: docs/first_fit/fit.py."""

from __future__ import annotations

import argparse
import csv
import importlib.util
import math
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.evidence.observations import held_area, patterns

SCRIPT = Path(__file__).parents[2] / "docs" / "first_fit" / "fit.py"
CAMPAIGN = ks.load("december-march")


@pytest.fixture(scope="module")
def fit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fit", SCRIPT)
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def given(fit: ModuleType, *words: str) -> argparse.Namespace:
    return fit.arguments().parse_args(["nowhere", "--sets", "6", "--screen", "3", *words])


def test_what_is_searched_and_fitted_is_in_ledger_and_record(fit: ModuleType) -> None:
    moved = [name for group in fit.SEARCHED.values() for name in group]
    assert len(set(moved)) == len(moved)
    assert set(moved) <= set(CAMPAIGN.value)
    assert set(fit.FITTED) <= {p.id for p in patterns(CAMPAIGN)}
    assert not {p.id for p in patterns(CAMPAIGN) if p.statistic == "held_on"} & set(fit.FITTED)


@pytest.mark.parametrize("width", [0.2, 1.0])
def test_sets_lie_in_a_part_of_the_ranges_about_the_defaults(fit: ModuleType, width: float) -> None:
    searched = fit.sets_to_play(CAMPAIGN, given(fit, "--width", str(width)))
    rows = {p.id: p for p in CAMPAIGN.parameters}
    assert searched.rows.shape == (7, len(searched.ids))
    assert searched.rows[0].tolist() == [CAMPAIGN.value[name] for name in searched.ids]
    for name, values in zip(searched.ids, searched.rows.T, strict=True):
        p = rows[name]
        reach = width / 2 * (p.high - p.low) + 1e-9
        assert max(p.low, p.value - reach) <= values.min() <= values.max()
        assert values.max() <= min(p.high, p.value + reach)
    again = fit.sets_to_play(CAMPAIGN, given(fit, "--width", str(width)))
    assert (again.rows == searched.rows).all()


def test_a_search_goes_on_about_the_best_of_another(fit: ModuleType, tmp_path: Path) -> None:
    table = tmp_path / "sets.csv"
    first = {"set": 4, "score": 1.0, "P23": 3.0, "m0": 0.2, "phi_crit": 0.6}
    fit.write(table, [first, first | {"m0": 0.3, "phi_crit": 0.5}])
    words = ("--around", str(table), "--parameters", "m0", "--width")
    moved = fit.sets_to_play(CAMPAIGN, given(fit, *words, "0.1"))
    assert moved.ids == ("m0", "phi_crit")
    for m0, phi in moved.rows[1:].tolist():
        centre = {0.6: 0.2, 0.5: 0.3}[round(phi, 9)]
        assert abs(m0 - centre) <= 0.05 * (0.35 - 0.1) + 1e-9
    same = fit.sets_to_play(CAMPAIGN, given(fit, *words, "0"))
    assert sorted(map(tuple, same.rows[1:].round(9).tolist())) == [(0.2, 0.6), (0.3, 0.5)]


def test_a_file_that_no_search_wrote_is_refused(fit: ModuleType, tmp_path: Path) -> None:
    table = tmp_path / "sets.csv"
    table.write_text("a,b\n1,2\n")
    for path in (table, tmp_path / "none.csv"):
        with pytest.raises(BadUse, match="must be a table that a search wrote"):
            fit.best_before(CAMPAIGN, path)


def test_maps_are_those_of_the_tracker_with_its_error(fit: ModuleType) -> None:
    maps = fit.maps(CAMPAIGN)
    shown = {a.date: a.held_km2 for a in held_area(CAMPAIGN) if a.kind == "tracker"}
    for day, held in zip(maps.days.tolist(), maps.held_km2.tolist(), strict=True):
        assert shown[CAMPAIGN.date(day).isoformat()] == held
    assert maps.days.min() > 0
    # the error is largest where the map moved fastest
    assert maps.days[maps.sd_km2.argmax()] == 101


def test_distances_are_cut_and_squared(fit: ModuleType) -> None:
    assert fit.cut_squares([0.0, -2.0, 100.0]) == 4.0 + fit.FAR**2
    aim = fit.Aim(0.3, 0.6, 0.05)
    assert [aim.distance(x) for x in (0.45, 0.6)] == [0.0, 0.0]
    assert [aim.distance(x) for x in (0.2, 0.7)] == pytest.approx([2.0, 2.0])


def test_the_script_plays_scores_and_goes_on(fit: ModuleType, tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), str(tmp_path), "--sets", "1", "--runs", "2"]
    command += ["--screen", "1", "--width", "0.1", "--workers", "1"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    table = (tmp_path / "sets.csv").read_bytes()
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout == again.stdout
    assert (tmp_path / "sets.csv").read_bytes() == table
    rows = {r["set"]: r for r in csv.DictReader(table.decode().splitlines())}
    assert set(rows) == {"0", "1"}
    # the defaults, by the public way
    made = ks.ensemble(CAMPAIGN, replications=2, seed=20250331)
    maps, found = fit.maps(CAMPAIGN), rows["0"]
    held = np.median(made.matrix("held_km2"), axis=0)[maps.days]
    far = np.minimum(np.abs(held - maps.held_km2) / maps.sd_km2, fit.FAR)
    assert float(found["area"]) == pytest.approx(math.fsum(far**2), rel=1e-5)
    assert float(found["order_day"]) == np.median(made.outcome("order_day"))
    parts = [float(found[part]) for part in ("area", "record", "aims")]
    assert float(found["score"]) == pytest.approx(math.fsum(parts), rel=1e-5)


def test_other_arguments_are_refused_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), str(tmp_path), "--parameters", "v_r16"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert said.stderr.count("\n") == 1
    assert "did you mean 'v_r15'" in said.stderr
