"""Hostile input ends in a result or in one line: never in a traceback, a warning, a hang or a half-written file."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from fuzz_args import Words, words
from fuzz_kit import (
    PARTS,
    Broken,
    Counter,
    bounded,
    broken,
    command,
    ends_well,
    lay_out,
    nothing_half_written,
    play,
    sign,
    tree_of,
)
from hypothesis import strategies as st

import kursksim as ks
from kursksim.cli.explained import sections
from kursksim.cli.folder import Folder
from kursksim.cli.summary import summary
from kursksim.explain import explain
from kursksim.runs import save as files
from kursksim.scenario.reader import patched
from kursksim.scenario.schema import Scenario
from kursksim.scenario.sources import bibtex


@pytest.fixture
def folders(tmp_path: Path) -> Any:
    """A new folder a case, in place of the last one's."""

    def new() -> Path:
        shutil.rmtree(tmp_path / "case", ignore_errors=True)
        return tmp_path / "case" / "deep" / "er"

    return new


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pictures, which take a second and read nothing that is hostile by then."""
    monkeypatch.setattr(
        ks.plot, "pictures", lambda run, folder: (folder / "map.png").write_bytes(b"drawn")
    )
    monkeypatch.setattr(Folder, "picture", lambda self, name, picture: self.write(name, b"drawn"))


def use(scenario: Scenario, luck: int, folder: Path) -> None:
    """Everything that a scenario is good for, for a day or two."""
    rng = random.Random(luck)
    until = scenario.start + dt.timedelta(days=rng.choice((0, 1)))
    run = ends_well(
        lambda: ks.run(scenario, seed=luck, until=until, record=rng.choice(("full", "summary")))
    )
    if luck % 3 == 0:
        ends_well(lambda: list(sections(explain(scenario))))
        ends_well(lambda: bibtex(scenario))
        ends_well(lambda: ks.evidence.observations.patterns(scenario))
    if run is not None and luck % 2 == 0:
        summary(run)
        folder.mkdir(parents=True, exist_ok=True)
        before = tree_of(folder)
        saved = ends_well(lambda: files.save(run, folder / "run", draw=ks.plot.pictures))
        if saved:
            assert ks.load_run(saved).tables == run.tables
        nothing_half_written(folder, before, 0 if saved else 2)


@pytest.mark.parametrize("part", PARTS)
def test_scenario_folders(part: int, folders: Any, record_property: Counter) -> None:
    bases = broken(*["two-roads"] * 5, *["kit"] * 3, *["single"] * 2, "december-march")

    def check(case: Broken) -> None:
        home = folders()
        source = lay_out(case.files(), home / "scenario")
        with bounded():
            scenario = ends_well(lambda: ks.load(source))
            if scenario is not None and (
                case.base != "december-march" or case.steps[0][1] % 3 == 0
            ):
                use(scenario, case.steps[0][1], home)  # a map of the history takes half a second

    play("scenario folders", part, 8800, 80, bases, check, record_property)


@pytest.mark.parametrize("part", PARTS)
def test_what_ifs(part: int, folders: Any, record_property: Counter) -> None:
    bases = broken("no-drones", "second-road", "order-feb-01", "never-withdraw")
    scenarios = {name: ks.load(name) for name in ("december-march", "two-roads")}

    def check(case: Broken) -> None:
        home = folders()
        source = lay_out(case.files(), home / "patch") / "patch.toml"
        with bounded():
            scenario = ends_well(lambda: patched(scenarios["december-march"], [source]))
            if scenario is not None and case.steps[0][1] % 8 == 0:
                use(scenario, case.steps[0][1], home)

    play("what-ifs", part, 800, 16, bases, check, record_property)


@pytest.mark.parametrize("part", PARTS)
def test_saved_runs(part: int, folders: Any, record_property: Counter) -> None:
    bases = broken("run full", "run summary", "run summary")

    def check(given: tuple[Broken, bool]) -> None:
        case, signed = given
        home, made = folders(), case.files()
        if signed:
            sign(made)
        folder = lay_out(made, home / "run")
        with bounded():
            run = ends_well(lambda: ks.load_run(folder))
            if run is not None:
                run.daily, run.axes, run.legs  # noqa: B018
                ends_well(lambda: run.control(run.provenance.until))
                summary(run)
                ends_well(lambda: ks.replay(run))
                ends_well(lambda: files.save(run, home / "again"))
        if case.steps[0][1] % 4 == 0:
            command(["why", str(folder), "2025-01-02", "--json", str(home / "why.json")], home)

    play("saved runs", part, 5600, 56, st.tuples(bases, st.booleans()), check, record_property)


@pytest.mark.parametrize("part", PARTS)
def test_argument_lists(part: int, folders: Any, record_property: Counter) -> None:
    def check(case: Words) -> None:
        cwd = folders()
        case.prepare(cwd)
        command(list(case.args), cwd)

    play("argument lists", part, 5200, 56, words(), check, record_property)
