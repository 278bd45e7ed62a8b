"""Other versions of Python or numpy than something was made with are said, and never mixed in silence."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
import math
import pickle
import sqlite3
import warnings
from pathlib import Path
from typing import Any

import pytest

import kursksim as ks
from kursksim.cli import main
from kursksim.ensembles import load_ensemble
from kursksim.ensembles.store import ALSO
from kursksim.errors import OtherVersions
from kursksim.evidence.observations import HeldArea, PatternSpec
from kursksim.evidence.patterns import PatternResult
from kursksim.play.terminal.desk import Desk
from kursksim.runs import versions as made_with
from kursksim.studies.reveal import Regret
from kursksim.studies.verify.laws import Verdict
from kursksim.studies.why import Cause, explain_decision

UNTIL = "2025-01-03"
OLD = {"kursksim": "0.0.9", "python": "3.11.0", "simpy": "4.0", "numpy": "1.0", "h3": "4.0"}
OURS = made_with.versions()


def test_what_differs_is_named_and_the_library_itself_is_not() -> None:
    assert made_with.other_versions(OURS) == ""
    assert made_with.other_versions({**OURS, "kursksim": "9"}) == ""
    assert made_with.other_versions({}) == ""
    said = made_with.other_versions({**OURS, "python": "3.9.1", "numpy": "1.2"})
    assert said == f"Python 3.9.1, here {OURS['python']}; numpy 1.2, here {OURS['numpy']}"


@pytest.fixture(scope="module")
def run() -> ks.Run:
    return ks.run("two-roads", seed=7, until=UNTIL)


def aged(run: ks.Run, **versions: str) -> ks.Run:
    provenance = dataclasses.replace(run.provenance, versions={**OURS, **versions})
    return dataclasses.replace(run, provenance=provenance)


def test_a_replay_says_what_other_versions_mean_and_compares(run: ks.Run) -> None:
    assert (
        ks.replay(run).tables["daily"] == run.tables["daily"]
    )  # the same versions: no word, as warnings are errors
    with pytest.warns(
        OtherVersions, match=r"numpy 1\.2, here .*every table is the same to the last digit"
    ):
        ks.replay(aged(run, numpy="1.2"))
    other = aged(run, python="3.9.1")
    tables = copy.deepcopy(dict(other.tables))
    tables["daily"].columns["held_km2"][1] *= 1 + 1e-12
    with pytest.warns(
        OtherVersions, match=r"tables differ from 2025-01-02 on \(held_km2\), by 1\.0e-12"
    ) as told:
        ks.replay(dataclasses.replace(other, tables=tables))
    assert "\n" not in str(told[0].message)
    with pytest.warns(OtherVersions, match="last digits"):
        explain_decision(other, "2025-01-02")


def test_a_replay_says_on_which_day_it_parts_and_what_is_different_here(run: ks.Run) -> None:
    tables = copy.deepcopy(dict(run.tables))
    tables["daily"].columns["held_km2"][2] *= 1 + 1e-12
    digests = (run.digests[0], "0" * 32, "0" * 32)
    parted = dataclasses.replace(run, tables=tables, digests=digests)
    with pytest.warns(OtherVersions) as told:
        ks.replay(parted)
    assert str(told[0].message) == (
        "the run was made with these versions, on a machine like this one: played again and compared, tables"
        " differ from 2025-01-03 on (held_km2), by 1.0e-12 of a value at most; the states part at the midnight"
        " after 2025-01-02; an umpire's ruling or a change to the file may be why"
    )
    here = made_with.machine()
    there = dataclasses.replace(run.provenance, machine={**here, "simd": "SSE2"})
    with pytest.warns(
        OtherVersions,
        match=rf"made on another machine \(vector instructions SSE2, here {here['simd']}\): .*"
        "every table is the same to the last digit; the states part at the midnight after 2025-01-02",
    ):
        ks.replay(dataclasses.replace(run, digests=digests, provenance=there))
    # where nothing parts, another machine is no matter
    assert (
        ks.replay(dataclasses.replace(run, provenance=there)).tables["legs"] == run.tables["legs"]
    )
    both = dataclasses.replace(there, versions={**OURS, "numpy": "1.2"})
    with pytest.warns(OtherVersions, match=r"\(numpy 1\.2, .*\) and on another machine \(vector"):
        ks.replay(dataclasses.replace(parted, provenance=both))


def test_a_state_that_is_not_that_of_the_run_is_told(run: ks.Run, tmp_path: Path) -> None:
    parted = dataclasses.replace(run, digests=(run.digests[0], "0" * 32, run.digests[2]))
    assert parted.state("2025-01-03").digest == run.digests[2]
    there = tmp_path / "run"
    parted.save(there)
    with pytest.warns(
        OtherVersions,
        match="on a machine like this one: .* the midnight after 2025-01-02 is another",
    ):
        assert ks.load_run(there).state("2025-01-02").digest == run.digests[1]


def test_a_run_that_orders_on_its_last_evening_replays_without_a_word() -> None:
    run = ks.run("two-roads", seed=7, until=UNTIL, policy={"holder": "fixed_date:" + UNTIL})
    assert run.order_day == 2
    assert ks.replay(run).tables["daily"] == run.tables["daily"]


def test_a_run_says_on_what_machine_it_was_made(run: ks.Run, tmp_path: Path) -> None:
    made = ks.load_run(run.save(tmp_path / "run")).provenance.machine
    assert made == made_with.machine()
    assert made.keys() == {"processor", "simd", "libc"}
    assert all(made.values())


def test_tables_are_compared_as_tables(run: ks.Run) -> None:
    again = copy.deepcopy(dict(run.tables))
    again["daily"].columns["order_day"][0] = (
        math.nan if math.isfinite(again["daily"].columns["order_day"][0]) else 3.0
    )
    assert "differ from 2025-01-01 on (order_day)" in made_with.parted(run.tables, again)
    assert made_with.parted(run.tables, run.tables) == ""


def older(path: Path, **changed: Any) -> Path:
    save = json.loads(path.read_text(encoding="utf-8")) | changed
    path.write_text(json.dumps(save), encoding="utf-8")
    return path


def test_a_saved_game_says_what_other_versions_mean_and_compares(tmp_path: Path) -> None:
    game = ks.Game("two-roads", seed=3)
    game.step()
    path = game.save(tmp_path / "game.json")
    assert ks.load_game(path).day == 1
    with pytest.warns(
        OtherVersions, match=r"numpy 1\.0, here .* the ground held is the same to the last digit"
    ):
        ks.load_game(older(path, versions=OLD))
    with pytest.warns(
        OtherVersions, match=r"km² are held where the save has 1; figures may differ"
    ):
        ks.load_game(older(path, held_km2=1.0))
    with pytest.warns(OtherVersions, match="figures may differ in their last digits"):
        ks.load_game(older(path, held_km2=None))
    elsewhere = {**made_with.machine(), "libc": "another"}
    with pytest.warns(OtherVersions, match=r"made on another machine \(C library another, here"):
        ks.load_game(older(game.save(tmp_path / "there.json"), machine=elsewhere, held_km2=1.0))
    ks.load_game(older(game.save(tmp_path / "there.json"), machine=elsewhere))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = Desk(ks.Game("two-roads"), ("holder",)).load(
            str(path)
        )  # in the app it is part of the answer
    assert "made with other versions" in answer.lines[0]


def test_a_store_does_not_mix_versions_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"

    def played(count: int) -> ks.Ensemble:
        return ks.ensemble("two-roads", replications=count, seed=3, until=UNTIL, store=path)

    played(1)
    assert ALSO not in load_ensemble(path).source.provenance  # type: ignore[attr-defined]
    with sqlite3.connect(path) as db:
        db.execute("UPDATE provenance SET value = ? WHERE key = 'versions'", (json.dumps(OLD),))
    db.close()
    for count in (2, 3):
        with pytest.warns(OtherVersions, match=r"numpy 1\.0, here .*its provenance says so"):
            made = played(count)
    assert made.replications == 3
    source = load_ensemble(path).source
    assert source.written_with() == [OLD, OURS]  # type: ignore[attr-defined]
    with pytest.warns(OtherVersions, match="the store of replication 0"):
        load_ensemble(path).run(0)


def test_runs_of_different_versions_are_not_laid_side_by_side_in_silence(
    tmp_path: Path, run: ks.Run
) -> None:
    page = tmp_path / "page.html"
    ks.replay_page([run, run], page)
    with pytest.warns(
        OtherVersions,
        match=rf"the runs of the page .* \(numpy {OURS['numpy']} and 1\.2\): figures may",
    ):
        ks.replay_page([run, aged(run, numpy="1.2")], page)


def test_the_command_line_says_it_in_a_line(
    tmp_path: Path, run: ks.Run, capsys: pytest.CaptureFixture[str]
) -> None:
    aged(run, numpy="1.2").save(tmp_path / "run")
    assert main(["why", str(tmp_path / "run"), "2025-01-02"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("kursksim: the run was made with other versions (numpy 1.2, here ")


# -- a number that is missing --------------------------------------------------------------------------------------

NAN = float("nan")
SPEC = PatternSpec(
    id="X",
    title="A pattern",
    statistic="order_day",
    arguments={},
    value_low=NAN,
    value_high=NAN,
    hit_low=1,
    hit_high=2,
    unit="km2",
    implied=False,
    source="book",
)
RECORDS = [
    SPEC,
    PatternResult(spec=SPEC, start=dt.date(2025, 1, 1), median=NAN, defined=3, hit=False),
    Cause("supply", 0, 0, NAN, NAN, NAN, NAN),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: type(r).__name__)
def test_a_record_that_lacks_a_number_equals_itself(record: Any) -> None:
    same = copy.deepcopy(record)
    assert record == same
    assert record == pickle.loads(pickle.dumps(record))
    number = next(f.name for f in dataclasses.fields(record) if f.type == "float")
    assert record != dataclasses.replace(record, **{number: 1.0})
    assert record != "another"


def test_records_that_lack_a_number_have_one_hash() -> None:
    one, other = (Cause("supply", 0, 0, float("nan"), 0, 1, float("nan")) for _ in range(2))
    assert {one} == {other}
    assert {one} != {dataclasses.replace(one, low=0.5)}
    assert all(cls.__eq__ is Cause.__eq__ for cls in (HeldArea, Verdict, Regret))
