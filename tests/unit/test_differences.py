"""What two scenarios, two what-ifs and two runs differ in, from Python and from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main
from kursksim.scenario import catalogue
from kursksim.scenario.digests import rows_of
from kursksim.scenario.document import TABLES

CHANGED = {"title": "x", "set": {"parameters.fleet_0": 30, "legs.A2.low_km": 5.0, "days": 9}}


@pytest.mark.parametrize("name", catalogue.shelves()["december-march"])
def test_all_that_a_run_depends_on_is_found(name: str) -> None:
    # the digests of rows are another way to the same keys
    base = ks.load("december-march")
    changed = ks.load("december-march", what_if=name)
    ones, others = rows_of(base), rows_of(changed)
    keys = {k for k in {**ones, **others} if ones.get(k) != others.get(k)}
    found = ks.diff_scenarios(base, name)
    named = {f"{d.part}.{d.row}" if d.part in TABLES else d.part for d in found}
    assert keys and keys <= named
    assert found == ks.diff_scenarios(base, changed)


def test_values_have_their_units_and_ranges() -> None:
    days, leg, fleet = sorted(ks.diff_scenarios("two-roads", CHANGED), key=lambda d: d.where)
    assert str(days) == "days: 21 days against 9 days"
    # the way is as long as before, and its range is not
    assert str(leg) == "legs.A2.length_km: 5.2 (4.7 to 6) km against 5.2 (5 to 6) km"
    assert str(fleet) == "parameters.fleet_0.value: 20 (12 to 40) veh against 30 (30 to 30) veh"
    assert (fleet.one, fleet.other, fleet.one_range, fleet.unit) == (
        20.0,
        30.0,
        (12.0, 40.0),
        "veh",
    )


def test_rows_models_and_inputs() -> None:
    bridge = {"id": "C1", "from_place": "Gate", "to_place": "Ford", "paved": True}
    bridge |= {"length_km": 6.0, "low_km": 5.0, "high_km": 7.0}
    what_if = {
        "title": "x",
        "set": {"models.weather": "table", "inputs.drones.date": "2025-01-06"},
        "add": {"legs": [bridge]},
        "remove": {"routes": ["east"]},
    }
    what_if["set"]["inputs.drones.date"] = ks.load("two-roads").start  # type: ignore[index]
    found = {d.where: d for d in ks.diff_scenarios("two-roads", what_if)}
    assert (found["models.weather"].one, found["models.weather"].other) == ("winter", "table")
    assert str(found["inputs.drones.date"]).endswith("2025-01-04 against 2025-01-01")
    assert found["legs.C1"].one is None and "to_place = Ford" in found["legs.C1"].said()[1]
    assert found["routes.east"].said()[1] == "not there"
    back = ks.diff_scenarios(what_if, "two-roads")
    assert {d.where: (d.other, d.one) for d in back} == {
        w: (d.one, d.other) for w, d in found.items()
    }


def test_two_what_ifs_are_laid_on_one_scenario() -> None:
    found = ks.diff_scenarios("half-drones", "no-drones")
    assert [d.row for d in found] == ["teams_base", "teams_rubicon"]
    assert found == ks.diff_scenarios("half-drones", "no-drones", base="december-march")
    with pytest.raises(ks.BadUse, match="any campaign: name the scenario on which both are laid"):
        ks.diff_scenarios("nets", "dry-winter")
    assert ks.diff_scenarios("nets", "dry-winter", base="two-roads")
    with pytest.raises(ks.ScenarioError, match="unknown parameter"):
        ks.diff_scenarios("two-roads", {"title": "x", "set": {"parameters.no": 1}})


def test_files_of_two_folders(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        shutil.copytree(catalogue.find("december-march"), folder)
    assert ks.diff_scenarios(one, other) == ()
    (other / "observed" / "timeline.csv").write_text("date\n", encoding="utf-8")
    (one / "DATA.md").unlink()
    (other / ".hidden").write_text("x", encoding="utf-8")
    found = ks.diff_scenarios(one, other)
    assert [d.where for d in found] == ["files.DATA.md", "files.observed/timeline.csv"]
    assert found[0].said()[0] == "not there"


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "two-roads", "two-roads"]) == 0
    assert capsys.readouterr().out == "Nothing differs.\n"
    assert main(["diff", "december-march", "half-drones"]) == 1
    assert "parameters.teams_base.value" in capsys.readouterr().out
    assert main(["diff", "nets", "never-withdraw", "--on", "two-roads", "--json", "-"]) == 1
    listed = json.loads(capsys.readouterr().out)["differences"]
    assert {d["part"] for d in listed} == {"parameters", "policies"}
    for wrong in (["nets", "dry-winter"], ["two-roads", "two-rods"], ["./none", "two-roads"]):
        assert main(["diff", *wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_two_runs_say_what_their_scenarios_differ_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = ks.run("two-roads", seed=3, until="2025-01-06")
    other = ks.run("two-roads", seed=3, until="2025-01-06", what_if=CHANGED)
    found = ks.diff(one, other)
    assert found is not None and found.day == 0
    assert {d.where for d in found.inputs} >= {"parameters.fleet_0.value", "days"}
    folders = [str(run.save(tmp_path / name)) for name, run in (("a", one), ("b", other))]
    assert main(["diff", *folders]) == 1
    told = capsys.readouterr().out
    assert told.startswith(str(found)) and "20 (12 to 40) veh" in told
    assert main(["diff", folders[0], "two-roads"]) == 2
    assert main(["diff", *folders, "--on", "two-roads"]) == 2
