"""Forecasts from several origins: scored by lead, gone on with, and compared with what others could say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from forecast_kit import observed, tracked, truth

import kursksim as ks
from kursksim.cli import main
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.scores import block_skill
from kursksim.evidence.tracker import TrackerError
from kursksim.forecasting.origins import (
    EVENT_RIVALS,
    FIFTHS,
    RIVALS,
    Origins,
    _against,
    origins_of,
    score_origins,
)
from kursksim.rng import Streams
from kursksim.scenario.schema import Scenario

ORIGINS = ("2025-01-05", "2025-01-08")
GIVEN = {"weeks": 2, "engines": 8, "seed": 3}


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    areas = tracked(truth(1), TrackerError(1.7, 0), (2, 4, 7, 9, 12, 14, 18), 1)
    return observed(tmp_path_factory.mktemp("seen") / "two-roads", areas)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forecasts") / "kept"


@pytest.fixture(scope="module")
def made(scenario: Scenario, folder: Path) -> Origins:
    return score_origins(scenario, folder, origins=ORIGINS, **GIVEN)  # type: ignore[arg-type]


def test_every_sunday_from_a_week_after_the_start_to_two_weeks_before_the_end() -> None:
    days = [str(d) for d in origins_of(ks.load("december-march"))]
    assert (days[0], days[-1], len(days)) == ("2024-12-08", "2025-03-16", 15)


def test_each_forecast_is_the_one_that_is_made_alone(made: Origins, scenario: Scenario) -> None:
    alone = ks.forecast(scenario, origin=ORIGINS[1], **GIVEN)  # type: ignore[arg-type]
    assert made.steered[ORIGINS[1]].seal == alone.seal
    maps = observations.held_area(scenario)
    rows = made.scores[made.scores["origin"] == ORIGINS[1]].reset_index(drop=True)
    pd.testing.assert_series_equal(rows["crps"], alone.score(maps)["crps"])
    assert rows["lead_weeks"].tolist() == [1, 1, 1, 2]


def test_scores_by_lead_are_means_of_the_maps(made: Origins) -> None:
    found, scores = made.by_lead(edited=False).set_index("lead_weeks"), made.scores
    assert found["maps"].sum() == len(scores)
    for lead, part in scores.groupby("lead_weeks"):
        row = found.loc[lead]
        assert row["crps"] == pytest.approx(part["crps"].mean())
        assert row["inside"] == pytest.approx(part["inside"].mean())
        assert row["pit"] == pytest.approx(part["pit"].mean())
        counts, _ = np.histogram(part["pit"], bins=5, range=(0, 1))
        assert row[list(FIFTHS)].tolist() == counts.tolist()
        for rival in RIVALS:
            theirs = part[f"crps_{rival}"].mean()
            assert row[f"crps_{rival}"] == pytest.approx(theirs)
            assert row[f"skill_{rival}"] == pytest.approx(1 - part["crps"].mean() / theirs)


def test_intervals_draw_four_maps_in_a_row_at_least() -> None:
    """Scores of one origin after the other err alike: drawn one by one, they would look surer."""
    luck = Streams(4).on(-1, "scores")
    ours = np.repeat(luck.random(8), 4)
    part = pd.DataFrame({"crps": ours, "crps_trend": np.full(32, 0.6)})
    found = _against("trend", part, 1)
    for block, same in ((4, True), (1, False)):
        given = part["crps"].to_numpy(), part["crps_trend"].to_numpy()
        skill = block_skill(*given, Streams(0).on(-1, "skill/trend"), block=block)
        assert (skill.low == found["low_trend"]) == same
    assert _against("trend", part, 6)["low_trend"] != found["low_trend"]


def test_unsteered_engines_begin_alike_and_are_never_weighed(
    made: Origins, scenario: Scenario
) -> None:
    bare = made.bare[ORIGINS[0]]
    assert bare.taken == ()
    steered = made.steered[ORIGINS[0]]
    assert bare.knew == steered.knew
    # until the first observation both are the same campaigns, though some of them are drawn away
    first = {row[0] for row in bare.held}
    assert {row[0] for row in steered.held} <= first
    # nobody is drawn again, so every engine has a past of its own
    assert len(set(bare.held)) == len(bare.held) == 8
    again = ks.forecast(scenario, origin=ORIGINS[0], **GIVEN, steered=False)  # type: ignore[arg-type]
    assert again.seal == bare.seal


def test_dates_are_quantiles_of_members(made: Origins) -> None:
    row = made.dates.set_index("origin").loc[ORIGINS[0]]
    later = made.steered[ORIGINS[0]].first + 14
    days = sorted(later if d is None else d for d in made.steered[ORIGINS[0]].fallen)
    dates = [str(made.scenario.date(d)) for d in days]
    assert row["fall_median"] == dates[3]
    assert row["fall_q10"] == dates[0]


def test_events_by_lead_are_means_of_the_origins_before_them(
    made: Origins, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made.events.empty  # the fictional campaign has no record of days
    assert made.events_by_lead().empty
    # the fifth of January is day 4, so the second origin lies after this order
    history = {"order": 6.0, "fall": 12.0}
    monkeypatch.setattr("kursksim.forecasting.origins.happened", lambda scenario: history)
    rows, found = made.events, made.events_by_lead().set_index(["event", "lead_weeks"])
    assert rows[rows["event"] == "order"]["origin"].unique().tolist() == [ORIGINS[0]]
    assert found["origins"].to_dict() == {
        ("order", 1): 1, ("order", 2): 1, ("fall", 1): 2, ("fall", 2): 2,
    }  # fmt: skip
    assert found["came"].to_dict() == {
        ("order", 1): 1, ("order", 2): 1, ("fall", 1): 1, ("fall", 2): 2,
    }  # fmt: skip
    for (event, lead), part in rows.groupby(["event", "lead_weeks"]):
        row = found.loc[(event, lead)]
        for name in ("crps", *(f"crps_{rival}" for rival in EVENT_RIVALS)):
            assert row[name] == pytest.approx(part[name].mean())


def test_what_is_kept_is_not_made_again(
    made: Origins, scenario: Scenario, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(p.name for p in folder.iterdir()) == [
        f"{origin}-{name}.json" for origin in ORIGINS for name in ("bare", "steered")
    ]
    monkeypatch.setattr("kursksim.forecasting.steering.play_span", pytest.fail)
    again = score_origins(scenario, folder, origins=ORIGINS, **GIVEN)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(again.scores, made.scores)
    with pytest.raises(BadUse, match="is another forecast: its engines differs"):
        score_origins(scenario, folder, origins=ORIGINS, **{**GIVEN, "engines": 9})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("put", "instead", "said"),
    [
        ("2025-01-05-bare.json", "2025-01-05-steered.json", "steered"),
        ("2025-01-08-steered.json", "2025-01-05-steered.json", "digest|origin"),
    ],
)
def test_a_kept_forecast_of_another_kind_is_refused(
    put: str, instead: str, said: str, tmp_path: Path, made: Origins, folder: Path
) -> None:
    shutil.copytree(folder, tmp_path / "kept")
    shutil.copy(folder / put, tmp_path / "kept" / instead)
    with pytest.raises(BadUse, match=f"is another forecast: its ({said}) differs"):
        score_origins(made.scenario, tmp_path / "kept", origins=ORIGINS, **GIVEN)  # type: ignore[arg-type]


def test_an_origin_without_maps_is_left_out_and_named(
    made: Origins, scenario: Scenario, folder: Path
) -> None:
    """2 January lies before the first map, and no map lies in the week after the 20th."""
    bare = ("2025-01-02", *ORIGINS, "2025-01-20")
    found = score_origins(scenario, folder, origins=bare, **GIVEN)  # type: ignore[arg-type]
    assert found.left_out == ("2025-01-02", "2025-01-20")
    pd.testing.assert_frame_equal(found.scores, made.scores)
    with pytest.raises(BadUse, match="two-roads: no origin has a tracker's map before it"):
        score_origins(scenario, folder, origins=["2025-01-20"], **GIVEN)  # type: ignore[arg-type]


def test_the_command_scores_every_origin(
    tmp_path: Path, scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    longer = tmp_path / "longer"
    shutil.copytree(scenario.folder, longer)
    given = ["backtest", str(longer), "--engines", "6", "--seed", "3", "--workers", "1"]
    where = ["--store", str(tmp_path / "kept"), "-o", str(tmp_path / "out")]
    assert main([*given, *where]) == 2
    assert "has 21 days; from no day" in capsys.readouterr().err
    text = (longer / "scenario.toml").read_text(encoding="utf-8")
    (longer / "scenario.toml").write_text(text.replace("days = 21", "days = 22"), encoding="utf-8")
    assert main([*given, *where, "--json", "-"]) == 0
    said = json.loads(capsys.readouterr().out)
    # of 22 days one lies a week after the start and two weeks before the end
    assert said["origins"] == 1
    assert said["split"].startswith(
        "parameters known at the origin, structure known in January 2025"
    )
    assert {f"pit_{k}" for k in range(1, 6)} < set(said["all"][0])
    assert {row["lead_weeks"] for row in said["edited"]} == {1, 2}
    assert {p.name for p in (tmp_path / "out").iterdir() if p.suffix} == {
        "scores.csv", "edited.csv", "all.csv", "dates.csv",
    }  # fmt: skip
    assert np.isfinite([row["crps"] for row in said["scores"]]).all()
    # dates that are named are forecast as they are by themselves
    where[1] = str(tmp_path / "named")
    days = "2025-01-08, 2025-01-12"
    assert main([*given, *where, "--origins", days, "--weeks", "1", "--json", "-"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert sorted({row["origin"] for row in said["scores"]}) == days.split(", ")
    assert {row["lead_weeks"] for row in said["scores"]} == {1}
    assert main([*given, *where, "--origins", "2025-01-08,soon"]) == 2
    assert "--origins 'soon'" in capsys.readouterr().err
