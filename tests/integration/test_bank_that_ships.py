"""The bank that ships: the weights of its store, no other campaign's, the same on every processor."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forecast_kit import observed

import kursksim as ks
from kursksim.api import with_changes
from kursksim.ensembles import Design
from kursksim.ensembles.make import planned, provenance
from kursksim.ensembles.replication import Campaign
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.likelihood import known_record
from kursksim.forecasting.prior import found_bank, weighed_bank
from kursksim.rng import Streams
from kursksim.scenario.catalogue import find
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.bank import (
    PlayedSets,
    bank,
    bank_design,
    measured_with_patterns,
    pattern_values,
)
from kursksim.studies.calibration.bank_file import (
    FILE,
    KeptBank,
    bank_that_ships,
    stored_bank,
    write_bank,
)
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import Round, calibrate, round_of
from kursksim.studies.calibration.weights import in_parts

SCENARIO = ks.load("december-march")
IDS = observations.calibrated(SCENARIO)
RECORD = known_record(SCENARIO, IDS, None)
MOST_BYTES = 5_000_000
ORIGINS = (dt.date(2025, 1, 19), dt.date(2025, 3, 2))
SAME = 1e-9
"""Relative error up to which figures are the same: older libraries measure cells with other last digits."""


def head_of(scenario: Scenario, design: Design, seed: int) -> dict[str, str]:
    """What a store of the design says of itself."""
    plan = planned(
        scenario, replications=1, seed=seed, design=design, measures=measured_with_patterns
    )
    return provenance(plan.campaign)


def invented(scenario: Scenario, count: int = 60, seed: int = 5) -> KeptBank:
    """A bank of invented figures, of which one set failed and some figures have no value."""
    design = bank_design(scenario, observations.calibrated(scenario), count, seed)
    luck, numbers = Streams(1).on(-1, "invented"), [k for k in range(count) if k != 3]
    held = 500 - np.cumsum(luck.uniform(0, 4, (len(numbers), scenario.days)), axis=1)
    values = {}
    for spec in RECORD:
        values[spec.id] = (40 * luck.random(len(numbers))).tolist()
        # a ratio may be infinite, and what did not happen has no day
        values[spec.id][-1] = np.inf if spec.id == "P23" else np.nan
    played = PlayedSets(scenario, numbers, values, held)
    return KeptBank(head_of(scenario, design, seed), count, played)


@pytest.fixture(scope="module")
def made() -> KeptBank:
    return invented(SCENARIO)


@pytest.fixture
def folder(tmp_path: Path, made: KeptBank) -> Path:
    """The campaign with the invented bank beside its tables."""
    shutil.copytree(find("december-march"), tmp_path / "own")
    write_bank(tmp_path / "own" / FILE, made, SCENARIO)
    return tmp_path / "own"


def of_file(folder: Path) -> Round:
    found = found_bank(ks.load(folder), None)
    assert isinstance(found, Round), found
    return found


# -- the file and its store ------------------------------------------------------------------------


def test_a_file_gives_the_weights_of_its_store_to_the_last_digit(
    folder: Path, made: KeptBank
) -> None:
    of_store = round_of(Box(SCENARIO, IDS), made.design(SCENARIO), made.played)
    for origin in ORIGINS:
        one, other = (
            weighed_bank(SCENARIO, found, origin).sets for found in (of_store, of_file(folder))
        )
        assert one is not None
        assert other is not None
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.points, other.points)
        assert one.k_hat == other.k_hat
        assert one.weights[3] == 0
        assert one.weights.std() > 0


def test_a_file_keeps_what_the_whole_record_asks_for(folder: Path, made: KeptBank) -> None:
    """The error of the tracker is worked out from the held areas of a few days."""
    of_store = round_of(Box(SCENARIO, IDS), made.design(SCENARIO), made.played)
    one, other = of_store.standing(RECORD), of_file(folder).standing(RECORD)
    assert "P1" in one.names
    for mine, its in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, its)


def test_a_bank_that_was_played_is_read_from_its_store_and_its_file(tmp_path: Path) -> None:
    played = bank(SCENARIO, count=2, seed=4, store=tmp_path / "bank.sqlite")
    there = stored_bank(tmp_path, "a command")
    home = tmp_path / "own"
    shutil.copytree(find("december-march"), home)
    write_bank(home / FILE, there, SCENARIO)
    again = bank_that_ships(ks.load(home))
    assert again is not None
    assert (again.count, list(again.played.numbers)) == (2, [0, 1])
    for kept in (there, again):
        np.testing.assert_equal(dict(kept.played.values), pattern_values(played))
        np.testing.assert_array_equal(
            kept.design(SCENARIO).values, bank_design(SCENARIO, IDS, 2, 4).values
        )


# -- banks of others -------------------------------------------------------------------------------


def test_the_bank_of_another_campaign_is_not_taken(folder: Path) -> None:
    changed = with_changes(ks.load(folder), set={"parameters.payload": 2.0})
    found = found_bank(changed, None)
    assert isinstance(found, str)
    assert found.startswith("none, as the one that ships belongs to another ensemble: digest is")
    # the file is as good as it was
    of_file(folder)


def test_a_campaign_cut_short_has_another_bank(folder: Path) -> None:
    found = found_bank(with_changes(ks.load(folder), set={"days": 10}), None)
    assert isinstance(found, str)
    assert "another ensemble: digest is" in found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"results_version": "1"}, "results_version is '1' there and"),
        ({"measures": "other"}, "measures is 'other' there and"),
        ({"policies": "other"}, "policies is 'other' there and"),
    ],
)
def test_a_bank_of_other_runs_is_not_taken(
    change: dict[str, str], said: str, folder: Path, made: KeptBank
) -> None:
    write_bank(folder / FILE, replace(made, head={**made.head, **change}), SCENARIO)
    found = found_bank(ks.load(folder), None)
    assert isinstance(found, str)
    assert said in found
    assert "\n" not in found


def test_a_bank_that_lacks_sets_is_not_taken(folder: Path, made: KeptBank) -> None:
    write_bank(folder / FILE, replace(made, count=61), SCENARIO)
    assert "has other sets than the 61 of seed 5" in str(found_bank(ks.load(folder), None))


def test_bare_ranges_can_be_asked_for_where_a_bank_ships(folder: Path) -> None:
    assert found_bank(ks.load(folder), "ranges") == "none"


def test_a_forecast_says_why_it_has_no_bank(tmp_path: Path) -> None:
    areas = {"2025-01-03": 1290.0, "2025-01-05": 1280.0}
    scenario = observed(tmp_path / "two-roads", areas)
    old = invented(scenario, count=4)
    head = {**old.head, "results_version": "1"}
    write_bank(tmp_path / "two-roads" / FILE, replace(old, head=head), scenario)
    given: dict[str, Any] = {"origin": "2025-01-05", "weeks": 1, "engines": 4}
    made = ks.forecast(scenario, **given)
    (reading,) = (r for r in made.knew if r.kind == "bank")
    assert reading.what.startswith("none, as the one that ships belongs to another ensemble")
    assert made.warnings[0] == f"bank: {reading.what}"
    bare = ks.forecast(scenario, **given, bank="ranges")
    assert bare.held == made.held
    assert bare.warnings[0].startswith("bank: none: engines began anywhere")


# -- damaged files ---------------------------------------------------------------------------------


def packed(arrays: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def with_arrays(**changes: Any) -> Callable[[bytes], bytes]:
    """The file with some arrays replaced."""

    def change(data: bytes) -> bytes:
        with np.load(io.BytesIO(data)) as file:
            return packed({name: file[name] for name in file.files} | changes)

    return change


DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "is damaged, or no .npz file"),
    "text": (lambda _: b"set,P1\n0,1\n", "is damaged, or no .npz file"),
    "cut off": (lambda data: data[: len(data) // 2], "is damaged, or no .npz file"),
    "objects": (with_arrays(values=np.array([{}, []], dtype=object)), "is damaged, or no .npz"),
    "of something else": (lambda _: packed({"x": np.zeros(3)}), "is no bank"),
    "no head": (with_arrays(head=np.array("{}")), "is no bank"),
    "a head of no JSON": (with_arrays(head=np.array("head")), "is no bank"),
    "a set too many": (with_arrays(numbers=np.arange(60)), "is no bank"),
    "sets in disorder": (with_arrays(numbers=np.arange(59)[::-1]), "is no bank"),
    "a day too late": (with_arrays(days=np.arange(1000)), "is no bank"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_bank_is_refused_in_one_line_and_found_by_check(case: str, folder: Path) -> None:
    change, said = DAMAGED[case]
    (folder / FILE).write_bytes(change((folder / FILE).read_bytes()))
    with pytest.raises(BadUse) as refused:
        found_bank(ks.load(folder), None)
    assert str(refused.value).startswith(f"{FILE}: {said}")
    assert "\n" not in str(refused.value)
    assert [p.where for p in ks.check(folder) if p.severity == "error"] == [FILE]


# -- the file that ships ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> KeptBank:
    found = bank_that_ships(SCENARIO)
    assert found is not None
    return found


def test_the_bank_that_ships_is_of_the_campaign_that_ships(shipped: KeptBank) -> None:
    assert len(shipped.design(SCENARIO)) == shipped.count == 5000
    assert len(shipped.played.numbers) > 4900
    assert (find("december-march") / FILE).stat().st_size < MOST_BYTES
    # a figure of the record that it lacks could not be weighed by
    assert {spec.id for spec in RECORD} <= set(shipped.played.values)


@pytest.mark.parametrize("at", [0, 2500, 4999])
def test_its_figures_are_what_the_simulation_makes_of_its_sets(at: int, shipped: KeptBank) -> None:
    campaign = Campaign(
        scenario=SCENARIO,
        seed=int(shipped.head["seed"]),
        last_day=SCENARIO.last_day,
        policy={},
        parameters="default",
        design=shipped.design(SCENARIO),
        measures=measured_with_patterns,
    )
    row = list(shipped.played.numbers).index(at)
    run = campaign.play(at)
    found = measured_with_patterns(run)
    for name, values in shipped.played.values.items():
        np.testing.assert_allclose(values[row], found[f"pattern:{name}"], SAME, err_msg=name)
    held, kept = np.array(run.daily["held_km2"]), shipped.played.held[row]
    days = np.isfinite(kept)
    assert days.sum() > 8
    np.testing.assert_allclose(kept[days], held[days], SAME)


def test_a_calibration_begins_with_it_and_plays_no_other(shipped: KeptBank, tmp_path: Path) -> None:
    made = calibrate(SCENARIO, tmp_path / "stores", kept=shipped, rounds=0)
    (begun,) = made.rounds
    assert begun.played is shipped.played
    assert len(made.points) == shipped.count
    assert not list((tmp_path / "stores").glob("*.sqlite"))
    with pytest.raises(BadUse, match="scenario"):
        calibrate("two-roads", tmp_path / "stores", kept=shipped, rounds=0)


# -- the same everywhere ---------------------------------------------------------------------------


def test_weights_in_parts_forget_the_last_digits() -> None:
    luck = Streams(2).on(-1, "parts")
    weights = luck.dirichlet(np.full(5000, 0.3))
    other = weights * (1 + 1e-12 * luck.standard_normal(5000))
    assert (weights != other).any()
    found = in_parts(weights)
    np.testing.assert_array_equal(found, in_parts(other))
    assert found.sum() == pytest.approx(1)
    assert np.abs(found - weights).max() < 1.5e-6


WEIGH = """
import datetime as dt, json, sys
import kursksim as ks
from kursksim.forecasting.prior import found_bank, weighed_bank
scenario = ks.load("december-march")
found = found_bank(scenario, None)
weights = [weighed_bank(scenario, found, dt.date.fromisoformat(o)).sets.weights.tolist() for o in sys.argv[1:]]
json.dump(weights, sys.stdout)
"""


def weighed_elsewhere(folder: Path, **env: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", WEIGH, *map(str, ORIGINS)],
        cwd=folder,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_weights_are_the_same_with_other_kernels_and_instructions(tmp_path: Path) -> None:
    weights = weighed_elsewhere(tmp_path)
    others = [
        {"OPENBLAS_CORETYPE": "PRESCOTT", "OPENBLAS_NUM_THREADS": "1"},
        {"OPENBLAS_CORETYPE": "HASWELL"},
        {"NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX X86_V4"},
    ]
    assert all(np.count_nonzero(w) > 100 for w in weights)
    for env in others:
        assert weighed_elsewhere(tmp_path, **env) == weights, env
