"""Hub tables: written, read strictly, scored as scoringrules does, and ranked on the same days."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.baselines import trend
from kursksim.evidence.hub_tables import (
    HEADS,
    HubTask,
    Prediction,
    read_model_output,
    write_model_output,
)
from kursksim.evidence.offset import Offset
from kursksim.evidence.scores import crps, quantiles, weighted_interval_score
from kursksim.evidence.tracker import shown, tracker_error
from kursksim.intervals import FAN
from kursksim.studies.hub import load_hub
from kursksim.studies.hub_setup import TARGET, new_hub

ORIGIN = dt.date(2025, 2, 2)
HEAD = ",".join(HEADS)


def day(n: int) -> dt.date:
    return ORIGIN + dt.timedelta(n)


def table(values: dict[tuple[int, float], float], target: str = "held_km2") -> pd.DataFrame:
    """Quantiles by (days ahead, level)."""
    rows = [(ORIGIN, target, day(n), "quantile", q, v) for (n, q), v in values.items()]
    return pd.DataFrame(rows, columns=list(HEADS))


def oracle(folder: Path, rows: str) -> None:
    (folder / "target-data").mkdir(parents=True, exist_ok=True)
    text = f"target_end_date,target,output_type,output_type_id,oracle_value\n{rows}"
    (folder / "target-data" / "oracle-output.csv").write_text(text, encoding="utf-8")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two models on two days, one of them exact."""
    folder = tmp_path / "hub"
    oracle(folder, "2025-02-09,held_km2,quantile,NA,440\n2025-02-16,held_km2,quantile,NA,420\n")
    exact = {(7, q): 440.0 for q in FAN} | {(14, q): 420.0 for q in FAN}
    wide = {(n, q): 400 + 80 * q for n in (7, 14) for q in FAN}
    write_model_output(folder, "class-exact", table(exact))
    write_model_output(folder, "kursksim-persistence", table(wide))
    return folder


# -- scores ----------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=5, max_size=5), st.floats(-150, 150))
def test_the_interval_score_is_that_of_its_formula(values: list[float], seen: float) -> None:
    """Bracher et al. (2021): the median and the interval scores of scoringrules, weighed by α/2.

    Its own sum of them takes the median for the error of the median where numba is missing (0.10).
    """
    rules = pytest.importorskip("scoringrules", reason="scoringrules is not installed")
    low, lower, middle, upper, high = sorted(values)
    ours = weighted_interval_score(
        np.array([0.1, 0.25, 0.5, 0.75, 0.9]), np.array([low, lower, middle, upper, high]), seen
    )
    wide = float(rules.interval_score(seen, low, high, 0.2))
    narrow = float(rules.interval_score(seen, lower, upper, 0.5))
    theirs = (0.5 * abs(seen - middle) + 0.1 * wide + 0.25 * narrow) / 2.5
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_of_many_levels_the_interval_score_is_the_crps() -> None:
    members = np.linspace(-2, 3, 4001)
    levels = (np.arange(4001) + 0.5) / 4001
    for seen in (-3.0, 0.2, 2.9):
        exact = float(crps(members[:, None], np.array([seen]))[0])
        assert weighted_interval_score(levels, members, seen) == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("kind", ["quantile", "median", "mean", "pmf"])
def test_a_certain_forecast_scores_its_error_in_every_form(kind: str) -> None:
    at = np.array([0.5]) if kind == "quantile" else np.array([])
    made = Prediction(kind, at, np.array([430.0]))
    if kind == "pmf":
        made = Prediction(kind, np.array([430.0]), np.array([1.0]))
    assert made.score(437.0) == pytest.approx(7.0)


@settings(max_examples=60)
@given(
    st.lists(st.floats(0, 500), min_size=5, max_size=5),
    st.floats(0, 500),
    st.floats(-50, 50),
)
def test_scores_move_with_the_forecast_and_are_never_negative(
    values: list[float], seen: float, by: float
) -> None:
    levels, ranked = np.array(FAN), np.array(sorted(values))
    score = weighted_interval_score(levels, ranked, seen)
    assert score >= 0
    moved = weighted_interval_score(levels, ranked + by, seen + by)
    assert moved == pytest.approx(score, abs=1e-6)


# -- tables ----------------------------------------------------------------------------------------------------


def test_what_is_written_is_read(tmp_path: Path) -> None:
    values = {(n, q): 400 + n + q for n in (7, 14) for q in FAN}
    (path,) = write_model_output(tmp_path, "class-first", table(values))
    assert path == tmp_path / "model-output" / "class-first" / f"{ORIGIN}-class-first.csv"
    assert path.read_text(encoding="utf-8").splitlines()[0] == HEAD
    found = read_model_output(path, "x")
    assert list(found) == [
        HubTask(ORIGIN, "held_km2", day(7)),
        HubTask(ORIGIN, "held_km2", day(14)),
    ]
    assert [task.week for task in found] == [1, 2]
    for n, prediction in zip((7, 14), found.values(), strict=True):
        assert prediction.type == "quantile"
        np.testing.assert_array_equal(prediction.at, FAN)
        np.testing.assert_array_equal(prediction.values, [values[n, q] for q in FAN])


def write(folder: Path, text: str, name: str = f"{ORIGIN}-class-first.csv") -> Path:
    path = folder / "model-output" / "class-first" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def test_a_spreadsheet_of_another_country_is_read(tmp_path: Path) -> None:
    """Semicolons, a decimal comma, a byte order mark, day first, lines of Windows."""
    rows = ["02.02.2025;held_km2;09.02.2025;quantile;0,25;410,5"]
    rows += ["02.02.2025;held_km2;09.02.2025;quantile;0,5;420,5"]
    text = "\ufeff" + "\r\n".join([HEAD.replace(",", ";"), *rows, ""])
    (prediction,) = read_model_output(write(tmp_path, text), "x").values()
    assert prediction.at.tolist() == [0.25, 0.5]
    assert prediction.values.tolist() == [410.5, 420.5]


def test_a_table_of_a_forecast_is_read(tmp_path: Path) -> None:
    """Texts for dates and levels, chances of days, and the chance of a later day."""
    rows: list[tuple[Any, ...]] = [
        ("2025-02-02", "held_km2", "2025-02-09", "quantile", "0.5", 430.0),
        ("2025-02-02", "order", "2025-03-02", "pmf", "2025-01-20", 0.1),
        ("2025-02-02", "order", "2025-03-02", "pmf", "2025-03-01", 0.4),
        ("2025-02-02", "order", "2025-03-02", "pmf", "later", 0.5),
    ]
    write_model_output(tmp_path, "class-first", pd.DataFrame(rows, columns=list(HEADS)))
    oracle(tmp_path, "2025-02-09,held_km2,quantile,NA,420\nNA,order,pmf,2025-03-07,1\n")
    made = load_hub(tmp_path)
    assert made.targets == ("held_km2", "order")
    # after the end date: one day beyond it, as for the forecast's own "later"
    days = np.array([dt.date(2025, 1, 20), dt.date(2025, 3, 1), dt.date(2025, 3, 3)])
    at = np.array([d.toordinal() for d in days], dtype=float)
    weights = np.array([0.1, 0.4, 0.5])
    exact = crps(at[:, None], np.array([dt.date(2025, 3, 3).toordinal()]), weights)[0]
    assert made.scores("order")["score"].tolist() == pytest.approx([float(exact)])
    assert made.scores("held_km2")["score"].tolist() == [10]


ROW = "2025-02-02,held_km2,2025-02-09,quantile,0.5,430\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (f"{HEAD}\n", "has no rows"),
        (f"{HEAD.replace('value', 'valeu')}\n{ROW}", "'value'"),
        (f"{HEAD}\n{ROW.replace('430', 'many')}", "line 2: value 'many' must be a finite number"),
        (f"{HEAD}\n{ROW.replace(',430', ',')}", "line 2: value is empty"),
        (f"{HEAD}\n{ROW.replace('held_km2', '')}", "line 2: target is empty"),
        (f"{HEAD}\n{ROW.replace('2025-02-09', '2025-02-30')}", "line 2: target_end_date"),
        (f"{HEAD}\n{ROW.replace('2025-02-09', 'NA')}", "line 2: target_end_date 'NA'"),
        (f"{HEAD}\n{ROW.replace('2025-02-09', '2025-02-02')}", "must come after the origin"),
        (f"{HEAD}\n{ROW.replace('2025-02-02', '2025-01-26')}", "the file is named for 2025-02-02"),
        (f"{HEAD}\n{ROW.replace('quantile', 'quantil')}", "did you mean 'quantile'"),
        (f"{HEAD}\n{ROW.replace('quantile', 'sample')}", "'sample' is not read; known: mean"),
        (f"{HEAD}\n{ROW.replace('0.5', '50')}", "must be a level between 0 and 1"),
        (f"{HEAD}\n{ROW.replace('0.5', 'NA')}", "must be a level between 0 and 1"),
        (
            f"{HEAD}\n{ROW}{ROW}",
            "line 3: held_km2 on 2025-02-09 from 2025-02-02: quantile '0.5' twice",
        ),
        (f"{HEAD}\n{ROW}{ROW.replace('0.5,430', '0.9,400')}", "quantiles must not fall"),
        (f"{HEAD}\n{ROW.replace('quantile,0.5,430', 'pmf,2025-02-05,0.4')}", "sum to 1, not 0.4"),
        (f"{HEAD}\n{ROW.replace('quantile,0.5,430', 'pmf,2025-02-10,1')}", "write 'later'"),
        (f"{HEAD}\n{ROW.replace('quantile,0.5,430', 'pmf,soon,1')}", "output_type_id 'soon'"),
    ],
)
def test_a_fault_of_a_table_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    oracle(tmp_path, "2025-02-09,held_km2,quantile,NA,420\n")
    write(tmp_path, text)
    with pytest.raises(BadUse) as refused:
        load_hub(tmp_path)
    said = str(refused.value)
    assert words in said
    assert said.startswith("model-output/class-first/2025-02-02-class-first.csv")
    assert "\n" not in said


def test_names_of_models_and_files_are_those_of_the_hubverse(tmp_path: Path) -> None:
    with pytest.raises(BadUse, match="must be TEAM-NAME"):
        write_model_output(tmp_path, "smith", table({(7, 0.5): 1.0}))
    with pytest.raises(BadUse, match="column 'value' is missing"):
        write_model_output(tmp_path, "smith-gut", table({(7, 0.5): 1.0}).drop(columns="value"))
    oracle(tmp_path, "2025-02-09,held_km2,quantile,NA,420\n")
    write(tmp_path, f"{HEAD}\n{ROW}", "first.csv")
    with pytest.raises(BadUse, match=r"must be named ORIGIN-class-first\.csv"):
        load_hub(tmp_path)


def test_a_file_that_would_not_count_is_refused(small: Path) -> None:
    place = small / "model-output" / "class-exact"
    (small / "model-output" / "README.md").write_text("Rules of the hub", "utf-8")
    (place / ".DS_Store").write_text("", "utf-8")
    load_hub(small)
    (place / "2025-02-09-class-exact.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(
        BadUse, match=r"class-exact\.xlsx: is no CSV file, and nothing else is read"
    ):
        load_hub(small)
    (place / "2025-02-09-class-exact.xlsx").unlink()
    (small / "model-output" / "2025-02-02-class-exact.csv").write_text(HEAD, "utf-8")
    with pytest.raises(BadUse, match="must lie in a folder with the model's name"):
        load_hub(small)


# -- ranking ---------------------------------------------------------------------------------------------------


def test_the_exact_model_comes_first(small: Path) -> None:
    ranking = load_hub(small).ranking("held_km2")
    assert ranking["model"].tolist() == ["class-exact", "kursksim-persistence"]
    first, second = ranking.to_dict("records")
    assert (first["score"], first["relative"], first["coverage"]) == (0, 0, 1)
    # quantiles 408, 420, 440, 460, 472 on 440 and on 420
    losses = [
        [0.1 * 32, 0.25 * 20, 0, 0.25 * 20, 0.1 * 32],
        [0.1 * 12, 0, 0.5 * 20, 0.25 * 40, 0.1 * 52],
    ]
    by_week = [2 * np.mean(row) for row in losses]
    assert [second["week_1"], second["week_2"]] == pytest.approx(by_week)
    assert second["score"] == pytest.approx(np.mean(by_week))
    assert second["relative"] == 1
    assert second["forecasts"] == 2


def test_only_what_all_have_counts_and_it_is_said_who_lacks_what(small: Path) -> None:
    late = {(7, q): 500.0 for q in FAN}
    write_model_output(small, "class-late", table(late))
    made = load_hub(small)
    assert made.lacking("held_km2") == {"class-late": [HubTask(ORIGIN, "held_km2", day(14))]}
    ranking = made.ranking("held_km2")
    assert set(ranking["forecasts"]) == {1}
    assert "week_2" not in ranking
    shutil.rmtree(small / "model-output" / "class-late")
    assert load_hub(small).lacking("held_km2") == {}


def test_models_without_a_day_in_common_are_refused(small: Path) -> None:
    shutil.rmtree(small / "model-output" / "kursksim-persistence")
    write_model_output(small, "class-other", table({(21, 0.5): 1.0}))
    oracle(small, "2025-02-09,held_km2,quantile,NA,440\n2025-02-23,held_km2,quantile,NA,417\n")
    with pytest.raises(BadUse, match="no day of which all 2 models have a forecast; class-"):
        load_hub(small).ranking("held_km2")


def test_what_was_not_observed_is_not_scored(small: Path) -> None:
    oracle(small, "2025-02-09,held_km2,quantile,NA,440\n")
    assert set(load_hub(small).ranking("held_km2")["forecasts"]) == {1}
    oracle(small, "2025-03-09,held_km2,quantile,NA,289\n")
    with pytest.raises(BadUse, match="nothing that was forecast is in target-data"):
        load_hub(small)


def test_a_baseline_that_is_named_must_be_there(small: Path) -> None:
    made = load_hub(small)
    assert made.ranking("held_km2", "class-exact")["relative"].isna().all()  # it scores 0
    with pytest.raises(BadUse, match="did you mean 'class-exact'"):
        made.ranking("held_km2", "class-exakt")
    with pytest.raises(BadUse, match="did you mean 'held_km2'"):
        made.ranking("held_km")


def test_kinds_must_fit_what_was_observed(small: Path) -> None:
    oracle(small, "NA,held_km2,pmf,2025-02-09,1\n")
    with pytest.raises(BadUse, match="a day was observed: give its chances as pmf"):
        load_hub(small)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("2025-02-09,held_km2,quantile,NA,1\n2025-02-09,held_km2,quantile,NA,2\n", "two values"),
        ("NA,order,pmf,2025-02-09,1\nNA,order,pmf,2025-02-10,1\n", "observed on two days"),
        ("soon,held_km2,quantile,NA,1\n", "target_end_date 'soon'"),
        ("2025-02-09,held_km2,quantile,NA,\n", "oracle_value is empty"),
    ],
)
def test_a_fault_of_what_was_observed_is_one_line(small: Path, rows: str, words: str) -> None:
    oracle(small, rows)
    with pytest.raises(BadUse) as refused:
        load_hub(small)
    assert words in str(refused.value)
    assert str(refused.value).startswith("target-data/oracle-output.csv")


def test_what_is_no_hub_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere", tmp_path / "\0"):
        with pytest.raises(BadUse, match="no hub: model-output"):
            load_hub(folder)
    (tmp_path / "model-output" / "class-first").mkdir(parents=True)
    with pytest.raises(BadUse, match=r"oracle-output\.csv: no such file"):
        load_hub(tmp_path)
    oracle(tmp_path, "2025-02-09,held_km2,quantile,NA,420\n")
    with pytest.raises(BadUse, match="has no forecast yet"):
        load_hub(tmp_path)


# -- a new hub -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fresh") / "hub"
    new_hub(folder, "december-march", ["2025-02-02", "2025-03-02"])
    return folder


def test_a_new_hub_can_be_ranked_at_once(fresh: Path) -> None:
    made = load_hub(fresh)
    assert sorted(made.models) == [
        "kursksim-persistence",
        "kursksim-trend",
        "kursksim-weekly_rates",
    ]
    assert made.lacking(TARGET) == {}
    ranking = made.ranking(TARGET)
    assert ranking.set_index("model").loc["kursksim-persistence", "relative"] == 1
    record = {
        a.date: a.held_km2
        for a in observations.held_area(ks.load("december-march"))
        if a.kind == "tracker"
    }
    for (target, date), value in made.observed.figures.items():
        assert (target, record[date.isoformat()]) == (TARGET, value)


def test_a_baseline_knows_the_record_to_its_origin_alone(fresh: Path) -> None:
    scenario = ks.load("december-march")
    areas = [a for a in observations.held_area(scenario) if a.kind == "tracker"]
    known = [a for a in areas if a.date <= "2025-02-02"]
    days = np.array([(dt.date.fromisoformat(a.date) - ORIGIN).days for a in known], dtype=float)
    held = np.array([a.held_km2 for a in known])
    path = trend(days, held, np.arange(0.0, 29.0))
    error = tracker_error(scenario)
    # nothing is new on the day of the map that it goes on from
    begun = Offset.none(0, 1, error.own_km2)
    members = shown(path, error, days=[7, 14, 21, 28], offset=begun)
    assert (members.members.std(axis=0) < error.sd(path)[0, [7, 14, 21, 28]]).all()
    expected = quantiles(members.members, np.array(FAN), members.weights)
    file = fresh / "model-output" / "kursksim-trend" / "2025-02-02-kursksim-trend.csv"
    found = read_model_output(file, "x")
    for n, prediction in enumerate(found.values()):
        np.testing.assert_allclose(prediction.values, expected[:, n], atol=5e-4)


def test_a_form_that_is_filled_in_takes_part(fresh: Path, tmp_path: Path) -> None:
    """With what was observed for every quantile it cannot be beaten."""
    shutil.copytree(fresh, tmp_path / "hub")
    observed = load_hub(fresh).observed.figures
    for origin in ("2025-02-02", "2025-03-02"):
        form = pd.read_csv(fresh / "forms" / f"{origin}-TEAM-NAME.csv")
        assert form["value"].isna().all()
        dates = [dt.date.fromisoformat(d) for d in form["target_end_date"]]
        form["value"] = [observed[TARGET, d] for d in dates]
        place = tmp_path / "hub" / "model-output" / "class-oracle" / f"{origin}-class-oracle.csv"
        place.parent.mkdir(exist_ok=True)
        form.to_csv(place, index=False)
    made = load_hub(tmp_path / "hub")
    assert made.lacking(TARGET) == {}
    best = made.ranking(TARGET).iloc[0]
    assert (best["model"], best["score"]) == ("class-oracle", 0)


def test_a_form_left_empty_is_refused_by_its_line(fresh: Path, tmp_path: Path) -> None:
    shutil.copytree(fresh, tmp_path / "hub")
    place = tmp_path / "hub" / "model-output" / "class-empty" / "2025-02-02-class-empty.csv"
    place.parent.mkdir()
    shutil.copy(fresh / "forms" / "2025-02-02-TEAM-NAME.csv", place)
    with pytest.raises(BadUse, match=r"2025-02-02-class-empty\.csv line 2: value is empty"):
        load_hub(tmp_path / "hub")


def test_the_tasks_are_told_as_the_hubverse_does(fresh: Path) -> None:
    tasks = json.loads((fresh / "hub-config" / "tasks.json").read_text("utf-8"))
    (round_,) = tasks["rounds"]
    (task,) = round_["model_tasks"]
    assert round_["round_id"] in task["task_ids"]
    assert task["task_ids"]["origin_date"]["optional"] == ["2025-02-02", "2025-03-02"]
    assert set(task["task_ids"]) | {"output_type", "output_type_id", "value"} == set(HEADS)
    assert task["output_type"]["quantile"]["output_type_id"]["required"] == list(FAN)


@pytest.mark.parametrize(
    ("scenario", "origins", "words"),
    [
        ("december-march", ["2025-06-01"], "origin 2025-06-01: needs two maps up to it"),
        ("december-march", ["2024-08-01"], "maps are of 2024-08-27 to 2025-03-31"),
        ("december-march", ["Sunday"], "origin 'Sunday': not a calendar date"),
        ("two-roads", [], "has no record of held area"),
        ("two-roads", ["2025-01-05"], "has no record of held area"),
        ("two-road", [], "two-roads"),
    ],
)
def test_a_hub_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, scenario: str, origins: list[str], words: str
) -> None:
    with pytest.raises(ks.KursksimError) as refused:
        new_hub(tmp_path / "hub", scenario, origins)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "hub").exists()


def test_a_folder_with_something_in_it_is_left_alone(small: Path) -> None:
    before = sorted(small.rglob("*"))
    with pytest.raises(BadUse, match="is not empty"):
        new_hub(small, "december-march")
    assert sorted(small.rglob("*")) == before
