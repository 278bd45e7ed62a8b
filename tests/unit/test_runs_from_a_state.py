"""Runs that begin from a state: what may differ, what is refused, what pictures and pages say."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.dates import num2date

import kursksim as ks
from kursksim.api import with_changes
from kursksim.cli import main
from kursksim.cli.summary import summary
from kursksim.engine.campaign import policy_specs
from kursksim.engine.keeping import seated_from
from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders
from kursksim.plot.layers import FRESH_DAYS, phase_levels
from kursksim.plot.style import title_of
from kursksim.policies.base import hold_orders
from kursksim.replays.course import course
from kursksim.replays.map import sheet_of
from kursksim.runs.registry import STATISTICS
from kursksim.studies.why import explain_decision
from kursksim.terrain.hexmap import terrain_of

BEFORE, DATE = "2025-01-09", "2025-01-10"


@cache
def whole(holder: str = "threshold") -> ks.Run:
    return ks.run("two-roads", seed=7, policy={"holder": holder})


@cache
def state() -> ks.State:
    return whole().state(BEFORE)


@cache
def rest(holder: str = "threshold") -> ks.Run:
    policy = {"holder": holder}
    return ks.run("two-roads", begin=whole(holder).state(BEFORE), policy=policy)


@cache
def campaign() -> tuple[ks.Run, ks.Run]:
    """The whole campaign, and the rest of it from after the order."""
    run = ks.run("december-march", seed=5)
    assert run.order_day is not None
    return run, ks.run(run.scenario, begin=run.state(run.scenario.date(run.order_day + 4)))


# -- what a run from a state is ------------------------------------------------------------------


def test_days_are_those_of_the_campaign() -> None:
    run = rest()
    assert (run.first, run.played, run.days) == (9, range(9, whole().days), whole().days - 9)
    assert run.day(DATE) == 9
    assert run.provenance.start == DATE
    assert run.provenance.begin == state().digest
    assert run.begin == state()
    assert f", from {DATE} on" in run.provenance.line()
    assert whole().begin is None
    assert whole().first == 0
    for ask in (run.held, run.state, run.why):
        with pytest.raises(ks.BadUse, match=r"2025-01-05"):
            ask("2025-01-05")  # type: ignore[operator]


def test_another_policy_begins_anew_and_the_same_one_remembers() -> None:
    specs = policy_specs(ks.load("two-roads"), {"holder": "never"})
    kept = state().memory["holder"]["remembers"]
    scenario, value = ks.load("two-roads"), state().origin.value
    same = seated_from(state(), scenario, policy_specs(scenario, None), value, scenario.days)
    other = seated_from(state(), scenario, specs, value, scenario.days)
    assert same["holder"].reason.day == kept["reason"]["fields"]["day"]
    assert not hasattr(other["holder"], "reason")
    run = ks.run("two-roads", begin=state(), policy={"holder": f"fixed_date:{BEFORE}"})
    assert run.order_day == 8
    assert run.decisions[0].policy == f"fixed_date:{BEFORE}"


@dataclass
class Counts:
    """Gives the order on an evening that it counts to."""

    until: int
    evenings: int = 0
    reason: Decision = field(init=False, compare=False)

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        self.evenings += 1
        return hold_orders(observation, self.evenings >= self.until)


def test_a_policy_that_was_handed_in_goes_on_counting() -> None:
    run = ks.run("two-roads", seed=7, policy={"holder": Counts(12)})
    going_on = ks.run("two-roads", begin=run.state("2025-01-07"), policy={"holder": Counts(12)})
    assert run.order_day == going_on.order_day == 10
    assert ks.diff(run, going_on) is None


def test_a_changed_parameter_of_a_policy_holds_and_the_rest_is_remembered() -> None:
    few = {
        "parameters.fleet_0": 12.0,
        "parameters.fleet_0.low": 12.0,
        "parameters.stock_start": 3.0,
    }
    hungry = ks.run("two-roads", seed=7, set=few)
    for day in range(hungry.days):
        found = hungry.state(hungry.scenario.date(day))
        if found.memory["holder"]["remembers"]["evenings"]:
            break
    assert found.memory["holder"]["remembers"]["evenings"] > 0
    changed = with_changes(hungry.scenario, set={"parameters.persist": 9.0})
    run = ks.run(changed, begin=found)
    assert run.provenance.values["persist"] == 9.0
    specs, value = policy_specs(changed, None), run.provenance.values
    seated: Any = seated_from(found, changed, specs, value, changed.days)["holder"]
    assert seated.persist == 9.0
    assert seated.evenings == found.memory["holder"]["remembers"]["evenings"]
    assert "of 9 hungry evenings" in run.decisions[0].rule


def test_what_is_to_come_may_differ() -> None:
    peace = {"id": "peace", "name": "Peace", "kind": "ceasefire", "note": "a test"}
    patch = {"add": {"inputs": [{**peace, "date": "2025-01-14", "known_on": "2025-01-14"}]}}
    long_way = ks.run("two-roads", seed=7, what_if=[patch])
    short_way = ks.run("two-roads", begin=state(), what_if=[patch])
    assert ks.diff(long_way, short_way) is None
    assert ks.diff(whole(), short_way) is not None
    assert ks.diff(ks.replay(short_way), short_way) is None
    early = {"add": {"inputs": [{**peace, "date": "2025-01-05", "known_on": "2025-01-05"}]}}
    with pytest.raises(ks.BadUse, match=r"inputs\.peace of 2025-01-05 differs"):
        ks.run("two-roads", begin=state(), what_if=[early])


def test_fresh_luck_from_a_day_on() -> None:
    long_way = ks.run("two-roads", seed=7, fresh=[(12, 3)])
    short_way = ks.run("two-roads", begin=state(), fresh=[(12, 3)])
    assert ks.diff(long_way, short_way) is None
    assert ks.diff(ks.replay(short_way), short_way) is None
    found = ks.diff(rest(), short_way)
    assert found is not None
    assert found.day >= 12
    assert "replication 3" in found.because[0]


@pytest.mark.parametrize("parameters", ["prior"])
def test_drawn_values_are_those_of_the_state(parameters: str, tmp_path: Path) -> None:
    drawn = ks.run("two-roads", seed=7, replication=2, parameters=parameters)
    run = ks.run("two-roads", begin=drawn.state(BEFORE))
    assert ks.diff(drawn, run) is None
    assert run.provenance.values == drawn.provenance.values
    assert (run.provenance.seed, run.provenance.replication) == (7, 2)
    assert ks.diff(ks.load_run(run.save(tmp_path / "run")), run) is None


def test_runs_with_another_past_are_told_apart() -> None:
    early = ks.run("two-roads", seed=7, policy={"holder": "fixed_date:2025-01-03"})
    found = ks.diff(whole(), ks.run("two-roads", begin=early.state(BEFORE)))
    assert found is not None
    assert found.day == 9
    assert "another past: they stood apart before 2025-01-10" in found.because


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"seed": 8}, r"seed 8: the seed is that of the state, 7.*fresh=\[\(9, N\)\]"),
        ({"seed": 0}, "seed 0: the seed is that of the state, 7"),
        ({"replication": 1}, "replication 1: the replication is that of the state, 0"),
        ({"parameters": "prior"}, "parameters 'prior': a run that begins from a state"),
        ({"until": "2025-01-09"}, "until 2025-01-09: the state is that of the midnight before"),
        ({"fresh": [(3, 1)]}, "day 3 is over"),
        ({"set": {"parameters.fleet_0": 90}}, "parameters.fleet_0 differs from the scenario"),
        ({"begin": b"bytes"}, "begin: a State is wanted, not bytes"),
    ],
)
def test_what_a_state_settles_cannot_be_given(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ks.BadUse, match=said):
        ks.run("two-roads", **{"begin": state(), **more})
    ks.run("two-roads", begin=state(), seed=7, replication=0, until=DATE)


def test_nothing_is_left_to_play_after_the_end() -> None:
    end = whole().state(whole().provenance.until)
    with pytest.raises(ks.BadUse, match="until 2025-01-21: the state is that of the midnight"):
        ks.run("two-roads", begin=end)
    assert ks.run("two-roads", begin=end, until="2025-01-23").days == 2


def test_a_folder_whose_state_was_changed_is_refused(tmp_path: Path) -> None:
    folder = rest().save(tmp_path / "run")
    path = folder / "run.json"
    head = json.loads(path.read_text())
    other = json.loads((whole().save(tmp_path / "other") / "run.json").read_text())
    for change, said in (
        ({"begin": None}, "begin: must be the state"),
        ({"begin": 3}, "begin: must be the state"),
        ({"begin": head["begin"][:-8]}, "begin: must be the state"),
        ({"provenance": {**head["provenance"], "begin": "0"}}, "is not the state that"),
        ({"provenance": other["provenance"]}, "is not the state that"),
        ({"provenance": {**head["provenance"], "start": "2025-01-11"}}, "is not the day after"),
        ({"provenance": {**head["provenance"], "start": "soon"}}, "not a calendar date"),
    ):
        path.write_text(json.dumps({**head, **change}))
        with pytest.raises(ks.RunFileError, match=said) as failure:
            ks.load_run(folder)
        assert "\n" not in str(failure.value)


def test_a_run_of_another_version_opens_and_is_not_replayed(tmp_path: Path) -> None:
    older = replace(rest(), provenance=replace(rest().provenance, results_version=1))
    opened = ks.load_run(older.save(tmp_path / "run"))
    assert opened.first == 9
    with pytest.raises(ks.BadUse, match="results version 1"):
        ks.replay(opened)


# -- what reads it ---------------------------------------------------------------------------------


def test_why_knows_the_evenings_of_a_rule_that_remembers() -> None:
    for date in (BEFORE, "2025-01-13"):
        for side in ("holder", "attacker"):
            ours, theirs = (explain_decision(run, date, side) for run in (rest(), whole()))
            assert (ours.decision, ours.verdict) == (theirs.decision, theirs.verdict)
            # what a figure usually is counts over the evenings of the run, so another may be named
            changes = [(f.field, f.becomes) for f in (ours.flip, theirs.flip) if f is not None]
            if len(changes) == 2 and changes[0] == changes[1]:
                assert ours.flip.choice == theirs.flip.choice


def test_statistics_take_what_came_before_from_the_state() -> None:
    run, late = campaign()
    assert run.order_day is not None
    assert late.first > run.order_day + 1
    first, last = late.provenance.start, late.provenance.until
    for name, given in (
        ("held_on", {"dates": [last]}),
        ("vehicles_destroyed", {"from": first, "to": last}),
        ("loss_rate", {"from": first, "to": last}),
        ("corridor_width", {"from": first, "to": last}),
        ("place_falls", {"place": run.scenario.key_place}),
        ("order_day", {}),
        ("missing_share", {}),
    ):
        of = STATISTICS[name].of
        assert repr(of(late, given)) == repr(of(run, given)), name
    before = run.scenario.date(0).isoformat()
    for name, given in (
        ("held_on", {"dates": [before]}),
        ("loss_rate", {"from": before, "to": last}),
        ("supply_at_order", {}),
        ("order_reason_share", {"reason": "supply"}),
        ("loss_first_above", {"level": 0.01}),
        ("contingent_leaves", {"contingent": run.scenario.contingents[0].id}),
    ):
        assert np.isnan(STATISTICS[name].of(late, given)), name


def test_the_fall_of_a_place_before_the_first_day_is_known() -> None:
    run, _ = campaign()
    fell = STATISTICS["place_falls"].of(run, {"place": run.scenario.key_place})
    assert not np.isnan(fell)
    late = ks.run(run.scenario, begin=run.state(run.scenario.date(int(fell) + 2)))
    assert STATISTICS["place_falls"].of(late, {"place": run.scenario.key_place}) == fell
    rows = {row.id: row for row in summary(late)}
    assert rows["key_place"].value == run.scenario.date(int(fell)).isoformat()
    assert rows["order_date"].remark == f"given before {late.provenance.start}"
    assert rows["vehicles_lost"].remark == f"from {late.provenance.start} on"
    assert rows["vacated_share"].remark.endswith(f"from {late.provenance.start} on")


def test_pictures_begin_on_the_first_day() -> None:
    run, late = campaign()
    first, last = (late.scenario.date(day) for day in (late.first, late.played[-1]))
    curve = ks.plot.held_area(late)
    panels = ks.plot.chain(late)
    for ax in (curve, *panels):
        left, right = (num2date(x).date() for x in ax.get_xlim())
        assert (first - left).days <= 1
        assert (right - last).days <= 1
    (line,) = (line for line in curve.get_lines() if line.get_gid() == "held_km2")
    assert list(line.get_ydata()) == list(late.daily["held_km2"])
    assert (
        f"from {first.day} Mar on"
        in title_of(late)
        == curve.get_title(loc="left").partition(": ")[2]
    )
    # the order lies before them, and no line of it beside them
    assert not any("order" in str(line.get_label()) for line in curve.get_lines())
    assert title_of(run) == run.scenario.title
    terrain = terrain_of(run.scenario)
    assert phase_levels(late, terrain)[1] == phase_levels(run, terrain)[1]
    for date in (first, last):
        titles = [ks.plot.map(made, date).get_title(loc="left") for made in (late, run)]
        assert titles[0] == titles[1] != ""
    assert len(ks.plot.maps(late)) == len(ks.plot.maps(run))


def test_a_moving_picture_has_a_frame_a_day(tmp_path: Path) -> None:
    from PIL import Image

    made = ks.plot.animate(rest(), tmp_path / "rest.gif", every=4, width_px=300)
    with Image.open(made) as film:
        assert film.n_frames == len({*rest().played[::4], rest().played[-1]})  # type: ignore[attr-defined]


def test_a_page_marks_what_changed_hands_before() -> None:
    run, late = campaign()
    sheet = sheet_of([run, late])
    ours, theirs = course(late, sheet), course(run, sheet)
    days = range(late.first - FRESH_DAYS + 1, late.first)
    assert len(ours["recent"]) == len(days)
    for recent, day in zip(ours["recent"], days, strict=True):
        later = {cell for flips in theirs["flips"][day + 1 : late.first] for cell in flips}
        assert set(recent) == set(theirs["flips"][day]) - later
    assert any(ours["recent"])
    assert ours["flips"] == theirs["flips"][late.first :]
    assert theirs["recent"] == []
    assert ours["order"] is None


def test_runs_of_other_days_do_not_stand_side_by_side(tmp_path: Path) -> None:
    with pytest.raises(ks.BadUse, match="12 days from 2025-01-10 beside a run of 21 days"):
        ks.replay_page([whole(), rest()], tmp_path / "page.html")
    other = ks.run("two-roads", begin=state(), policy={"holder": "never"})
    page = ks.replay_page([rest(), other], tmp_path / "page.html")
    assert ks.load_run(page, number=2).provenance == other.provenance


# -- the command line ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole("fixed_date:2025-01-12").save(tmp_path_factory.mktemp("runs") / "base")


def go_on(folder: Path, out: Path, *more: str, date: str = DATE) -> int:
    where = ["-o", str(out), "--no-pictures"]
    return main(["run", "--from", date, str(folder), *where, *more])


def test_the_command_goes_on_with_a_saved_run(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go_on(folder, tmp_path / "rest") == 0
    assert "2025-01-10 to 2025-01-21" in capsys.readouterr().out
    made = ks.load_run(tmp_path / "rest")
    assert made.provenance.policies["holder"] == "fixed_date:2025-01-12"  # that of the run
    assert ks.diff(whole("fixed_date:2025-01-12"), made) is None
    assert go_on(tmp_path / "rest", tmp_path / "never", "--policy", "holder=never") == 0
    assert ks.load_run(tmp_path / "never").order_day is None
    assert go_on(folder, tmp_path / "what-if", "--what-if", "never-withdraw") == 0
    assert ks.load_run(tmp_path / "what-if").order_day is None
    assert go_on(folder, tmp_path / "more", "--until", "2025-01-23", date="2025-01-22") == 0
    assert ks.load_run(tmp_path / "more").days == 2


@pytest.mark.parametrize(
    ("date", "more", "said"),
    [
        ("2025-13-01", [], "--from '2025-13-01': not a calendar date"),
        ("2024-12-31", [], "--from 2024-12-31: outside this run, which can go on from 2025-01-01"),
        ("2025-01-23", [], "outside this run, which can go on from 2025-01-01 to 2025-01-22"),
        ("2025-01-22", [], "until 2025-01-21: the state is that of the midnight before 2025-01-22"),
        (DATE, ["--seed", "3"], "seed 3: the seed is that of the state, 7"),
        (DATE, ["--parameters", "prior"], "parameters 'prior': a run that begins from a state"),
        (DATE, ["--set", "parameters.fleet_0=70"], "parameters.fleet_0 differs"),
        (DATE, ["--policy", "holder=nevr"], "did you mean 'never'?"),
        (DATE, ["--until", "2025-01-05"], "until 2025-01-05: the state is that of the midnight"),
    ],
)
def test_what_cannot_go_on_is_refused_in_a_line(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    date: str,
    more: list[str],
    said: str,
) -> None:
    assert go_on(folder, tmp_path / "rest", *more, date=date) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert said in lines[-1]
    assert not (tmp_path / "rest").exists()


def test_what_is_no_run_or_was_changed_is_refused_in_a_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(source: Path | str, said: str, out: Path | None = None) -> None:
        assert go_on(Path(source), out or tmp_path / "rest") == 2
        lines = capsys.readouterr().err.strip().splitlines()
        assert len(lines) == 1
        assert said in lines[0]

    refused(
        "two-roads", "--from goes with the folder of a saved run, and 'two-roads' is a scenario"
    )
    refused(tmp_path, "run.json: no such file")
    refused(folder, "holds the run to go on with; name another folder", out=folder)
    run = whole("fixed_date:2025-01-12")
    states = {day: data.replace(b"state 1\n", b"state 2\n", 1) for day, data in run.states.items()}
    newer = replace(run, states=states).save(tmp_path / "newer")
    refused(newer, "a newer kursksim wrote it")
    foreign = replace(run, states={7: whole().states[14]}).save(tmp_path / "foreign")
    refused(foreign, "the state kept before day 7 is not of this run")
    changed = run.save(tmp_path / "changed")
    text = (changed / "run.json").read_text()
    (changed / "run.json").write_text(text.replace('"key_place": "', '"key_place": "x', 1))
    refused(changed, "run.json")
    counting = ks.run("two-roads", seed=7, policy={"holder": Counts(9)}).save(tmp_path / "own")
    refused(counting, "was played by Counts, which is no registered policy")
