"""Two runs laid beside each other: where they part, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main
from kursksim.engine.campaign import play


def run(**more: object) -> ks.Run:
    return ks.run("two-roads", **{"seed": 7, **more})  # type: ignore[arg-type]


def test_a_run_does_not_part_from_itself() -> None:
    assert ks.diff(run(), run()) is None
    assert ks.diff(run(), ks.replay(run())) is None


def test_another_seed_parts_them_at_once() -> None:
    found = ks.diff(run(), run(seed=8))
    assert found is not None
    assert found.because == ("seed 7 against seed 8: all luck is another",)
    assert found.one != found.other
    assert found.day <= 1


def test_other_luck_parts_them_on_its_day() -> None:
    one = run()
    other = play(ks.load("two-roads"), seed=7, fresh=[(6, 3)])
    found = ks.diff(one, other)
    assert found is not None
    assert found.day >= 6
    assert found.because[0] == "from 2025-01-07 on the luck of one is that of replication 3"


def test_an_order_parts_them_and_is_named() -> None:
    one = run(policy={"holder": "never"})
    other = run(policy={"holder": "fixed_date:2025-01-09"})
    found = ks.diff(one, other)
    assert found is not None
    assert found.because == ("orders of the holder for 2025-01-10: withdraw is False against True",)
    assert found.date in ("2025-01-09", "2025-01-10")  # the row of an evening knows its order
    assert str(found).startswith(f"{found.date}: ")


def test_parameters_and_rows_of_the_map_are_named() -> None:
    leg = ks.load("two-roads").legs[0].id
    other = run(set={"parameters.fleet_0": 41.0, f"legs.{leg}.ew_cover": 0.9})
    found = ks.diff(run(), other)
    assert found is not None
    assert f"the scenarios differ in legs.{leg}" in found.because
    assert any(said.startswith("parameters.fleet_0 is ") for said in found.because)


def test_a_shorter_run_parts_where_it_ends() -> None:
    found = ks.diff(run(), run(until="2025-01-05"))
    assert found is not None
    assert (found.day, found.other) == (5, None)
    assert "one of the runs was played to 2025-01-05 only" in found.because


def test_what_is_no_run_is_refused() -> None:
    with pytest.raises(ks.BadUse, match="two runs, not dict"):
        ks.diff(run(), {})  # type: ignore[arg-type]
    with pytest.raises(ks.BadUse, match="begin on 2025-01-01 and 2024-12-01"):
        ks.diff(run(), ks.run("december-march", until="2024-12-02"))


def test_the_command_line_says_where_saved_runs_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(run(seed=seed).save(tmp_path / str(seed))) for seed in (7, 8)]
    assert main(["diff", folders[0], folders[0]]) == 0
    assert "Every figure of every table is the same." in capsys.readouterr().out
    assert main(["diff", *folders]) == 1
    assert "seed 7 against seed 8: all luck is another" in capsys.readouterr().out
    assert main(["diff", folders[0], str(tmp_path / "none")]) == 2
    assert "no such file or folder" in capsys.readouterr().err


def test_the_command_line_writes_a_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = str(run().save(tmp_path / "run")), tmp_path / "state"
    assert main(["state", folder, "2025-01-09", "-o", str(out)]) == 0
    assert "The next day to be played is 2025-01-10 (day 9)." in capsys.readouterr().out
    assert ks.State.from_bytes(out.read_bytes()) == run().state("2025-01-09")
    assert main(["state", folder, "2026-01-09"]) == 2
    assert "outside this run, whose midnights are those of 2024-12-31" in capsys.readouterr().err


def test_a_changed_file_of_states_is_refused(tmp_path: Path) -> None:
    folder = run().save(tmp_path / "run")
    states = folder / "states.bin"
    whole = states.read_bytes()
    for broken in (whole[:-1], whole + b"x", b"something else"):
        states.write_bytes(broken)
        with pytest.raises(ks.RunFileError, match=r"states\.bin: changed since the run was saved"):
            ks.load_run(folder)
    states.unlink()
    with pytest.raises(ks.RunFileError, match=r"states\.bin: no such file"):
        ks.load_run(folder)


PEACE = {"id": "peace", "name": "Peace", "kind": "ceasefire", "note": "a test"}


def test_what_comes_later_parts_nothing_before() -> None:
    patch = {"add": {"inputs": [{**PEACE, "date": "2025-01-12", "known_on": "2025-01-12"}]}}
    later = run(what_if=[patch], policy={"holder": "fixed_date:2025-01-03"})
    found = ks.diff(run(), later)
    assert found is not None
    assert found.because == ("orders of the holder for 2025-01-04: withdraw is False against True",)


def test_orders_that_follow_from_the_day_are_no_reason() -> None:
    patch = {"add": {"inputs": [{**PEACE, "date": "2025-01-12", "known_on": "2025-01-12"}]}}
    found = ks.diff(run(), run(what_if=[patch]))
    assert found is not None
    assert found.date == "2025-01-12"
    assert found.because == ("the scenarios differ in inputs.peace",)


def test_another_results_version_is_a_reason() -> None:
    one, other = run(), run(policy={"attacker": "frontal"})
    older = replace(other, provenance=replace(other.provenance, results_version=1))
    found = ks.diff(one, older)
    assert found is not None
    assert found.because[0].startswith("results version ")
