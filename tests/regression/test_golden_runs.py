"""Small golden runs: what two-roads gave when results were last meant to change.

Counts, dates and words must be equal, floats to 1e-12 of their size. To update after a change that is meant: raise ``results_version``, write a line
``**results change** (results_version N): …`` in CHANGELOG.md, then

    KURSKSIM_UPDATE_GOLDEN=1 python -m pytest tests/regression

and look at the difference before it is committed. An update that changes numbers without a new results version is refused;
to begin anew (before a first release) delete the file first.
"""

from __future__ import annotations

import json
import math
import os
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import kursksim as ks

FILE = Path(__file__).with_name("golden_two_roads.json")
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
DAYS, SEED = 20, 7
H3 = "4.5.0"  # with which the file was made: other versions measure cells otherwise, by 3e-12
ROUNDING = 1e-12 if version("h3") == H3 else 1e-9
"""Relative: what another machine may make of the same sums."""
POLICIES = {"as shipped": {}, "early order": {"holder": "fixed_date:2025-01-08"}}
KEPT = {
    "axes": ("axis", "men_holder", "men_attacker", "frontage_km", "ratio", "posture", "advance_km"),
    "legs": (
        "leg",
        "reach_radio",
        "reach_fibre",
        "teams",
        "trips",
        "attempts",
        "lost",
        "wrecks",
        "open",
    ),
}
"""Of daily everything is kept, every day; of the others these columns, on the last day."""


def plain(value: Any) -> Any:
    """A value as it stands in the file: null for a number that is not there."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def played(policy: dict[str, str]) -> dict[str, Any]:
    scenario = ks.load("two-roads")
    run = ks.run(scenario, seed=SEED, until=scenario.date(DAYS - 1), policy=policy)
    made: dict[str, Any] = {
        "daily": {k: [plain(v) for v in c] for k, c in run.tables["daily"].columns.items()}
    }
    for table, names in KEPT.items():
        last = len(run.tables[table]) // DAYS
        made[table] = {
            k: [plain(v) for v in list(run.tables[table].columns[k])[-last:]] for k in names
        }
    made["changes"] = [[day, cell, held, cause] for day, cell, held, cause in run.changes]
    return made


def current() -> dict[str, Any]:
    return {
        "results_version": ks.results_version,
        "runs": {name: played(policy) for name, policy in POLICIES.items()},
    }


def differences(old: Any, new: Any, where: str = "") -> list[str]:
    """Where two contents differ by more than rounding, as ``run/table/column/row: old → new``."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return [d for k in old for d in differences(old[k], new[k], f"{where}/{k}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            d
            for k, (a, b) in enumerate(zip(old, new, strict=True))
            for d in differences(a, b, f"{where}/{k}")
        ]
    if isinstance(old, float) and isinstance(new, float):
        same = math.isclose(old, new, rel_tol=ROUNDING)
        return [] if same else [f"{where}: {old} → {new}"]
    return [] if type(old) is type(new) and old == new else [f"{where}: {old!r:.60} → {new!r:.60}"]


def updated(new: dict[str, Any]) -> dict[str, Any]:
    """Write the file, if it may be written, and return what it holds."""
    assert os.environ.get("CI") != "true", "golden runs are not updated in CI"
    if FILE.exists():
        old = json.loads(FILE.read_text(encoding="utf-8"))
        changed = differences(old["runs"], new["runs"])
        assert not changed or new["results_version"] > old["results_version"], (
            f"results change ({changed[0]}, {len(changed)} in all): raise results_version above {old['results_version']}"
            " and write a 'results change' line in CHANGELOG.md"
        )
    FILE.write_text(
        json.dumps(new, indent=None, separators=(",", ":"), allow_nan=False) + "\n",
        encoding="utf-8",
    )
    return new


def test_golden_runs_are_as_they_were() -> None:
    new = current()
    golden = (
        updated(new)
        if os.environ.get("KURSKSIM_UPDATE_GOLDEN") == "1"
        else json.loads(FILE.read_text(encoding="utf-8"))
    )
    changed = differences(golden["runs"], new["runs"])
    assert not changed, f"{len(changed)} values differ, the first: " + "; ".join(changed[:8])


def test_golden_runs_are_of_this_results_version() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8"))["results_version"] == ks.results_version


def test_a_results_version_has_its_line_in_the_changelog() -> None:
    text = CHANGELOG.read_text(encoding="utf-8")
    found = {
        int(n)
        for n in re.findall(
            r"^.*\*\*results change\*\* \(results_version (\d+)\): \S.*$", text, re.MULTILINE
        )
    }
    assert found == set(range(1, ks.results_version + 1))


def test_golden_runs_hold_what_they_are_to_watch() -> None:
    """Drones, losses, lost ground and a withdrawal happen in them."""
    runs = json.loads(FILE.read_text(encoding="utf-8"))["runs"]
    for run in runs.values():
        daily = run["daily"]
        assert len(daily["date"]) == DAYS
        assert (
            min(sum(daily[k]) for k in ("attempts", "vehicles_lost", "captured_km2", "delivered_t"))
            > 0
        )
    assert {"hold", "ordered", "delay", "final"} <= set(runs["early order"]["daily"]["phase"])
    assert sum(runs["early order"]["daily"]["vacated_km2"]) > 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (1, 2),
        (1.0, 1.0 + 2 * ROUNDING),
        (0.0, 1e-15),
        ([1], [1, 2]),
        ({"a": 1}, {"b": 1}),
        (None, 0.0),
        ("hold", "final"),
        (True, 1),
    ],
)
def test_a_difference_is_found(old: Any, new: Any) -> None:
    assert differences(old, new)
    assert differences({"x": [old]}, {"x": [new]})
    assert not differences(old, old)


def test_rounding_is_no_difference() -> None:
    assert not differences([1.0, 2e9], [1.0 - 5e-13, 2e9 + 1e-4])
