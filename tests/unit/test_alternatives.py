"""What the holder may choose: the same sets and luck under every policy, regret, what is open by when."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.runs.payoffs import payoffs
from kursksim.studies import Alternatives, alternatives
from kursksim.studies.decision_analysis import evpi

POLICIES = ("never", "fixed_date:2025-01-02", "fixed_date:2025-01-05", "threshold")
SETS = 14


@pytest.fixture(scope="module")
def made() -> Alternatives:
    return alternatives("two-roads", policies=POLICIES, replications=SETS, until="2025-01-08")


def test_each_policy_plays_what_its_ensemble_would(made: Alternatives) -> None:
    """With the luck and the set of the replication's number, though days are shared between policies."""
    payoff = made.payoff("held_km2_mean")
    assert payoff.shape == (SETS, len(POLICIES))
    for n, policy in enumerate(POLICIES[:3]):
        alone = ks.ensemble(
            "two-roads",
            replications=2,
            parameters="prior",
            until="2025-01-08",
            policy={"holder": policy},
            measures=payoffs,
        )
        np.testing.assert_array_equal(alone.outcome("held_km2_mean"), payoff[:2, n])


def test_less_is_better_of_losses(made: Alternatives) -> None:
    lost = made.ensembles["never"].outcome("holder_losses")
    np.testing.assert_array_equal(made.payoff("holder_losses")[:, 0], -lost)
    table = made.regrets("holder_losses").set_index("policy")
    assert table.loc["never", "mean"] == pytest.approx(lost.mean())


def test_regret_is_told_of_the_run_in_which_it_is_greatest(made: Alternatives) -> None:
    table, payoff = made.regrets(), made.payoff()
    assert table["regret_most"].is_monotonic_increasing
    short = payoff.max(axis=1, keepdims=True) - payoff
    for row in table.to_dict("records"):
        n = POLICIES.index(row["policy"])
        assert row["regret_most"] == pytest.approx(short[:, n].max())
        assert row["regret_mean"] == pytest.approx(short[:, n].mean())
        assert short[made.rows().index(row["worst"]), n] == row["regret_most"]
    assert set(table["policy"]) == set(POLICIES)


def test_a_row_without_a_value_under_one_policy_counts_for_none(made: Alternatives) -> None:
    """Nobody withdraws under never, so nothing is orderly in every policy."""
    with pytest.raises(BadUse, match="no run has it under every policy"):
        made.payoff("orderliness")


def test_what_is_known_later_is_worth_no_more(made: Alternatives) -> None:
    dates = ["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-06"]
    table = made.information(dates=dates, groups={"road": ["v_road", "payload"]})
    assert set(table["group"]) == {"road", "all parameters", "parameters and luck"}
    for _, rows in table.groupby("group"):
        assert rows["date"].tolist() == dates
        assert (np.diff(rows["value"]) <= 0).all()
        assert (rows["value"] >= 0).all()
    by_group = table.pivot_table(index="date", columns="group", values="value")
    assert (by_group["road"] <= by_group["parameters and luck"]).all()
    assert (by_group["all parameters"] <= by_group["parameters and luck"]).all()


def test_a_policy_is_open_until_its_date(made: Alternatives) -> None:
    """Perfect information by a date is that among never and the dates not yet past; rules are for the start."""
    payoff = made.payoff()
    open_by = {
        "2025-01-01": [True, True, True, True],
        "2025-01-02": [True, True, True, False],
        "2025-01-03": [True, False, True, False],
        "2025-01-06": [True, False, False, False],
    }
    table = made.information(dates=list(open_by), groups={})
    rows = table[table["group"] == "parameters and luck"].set_index("date")["value"]
    for date, usable in open_by.items():
        assert rows[date] == pytest.approx(evpi(payoff, usable))
    # never alone is no choice
    assert rows["2025-01-06"] == pytest.approx(
        max(0.0, float((payoff[:, 0] - payoff[:, payoff.mean(axis=0).argmax()]).mean()))
    )


def test_dates_are_those_of_the_policies(made: Alternatives) -> None:
    table = made.information(groups={})
    assert sorted(set(table["date"])) == ["2025-01-01", "2025-01-02", "2025-01-05"]


def test_groups_are_those_of_the_ledger() -> None:
    scenario = ks.load("december-march")
    found = alternatives(
        scenario, policies=["never", "fixed_date:2024-12-02"], replications=1, until="2024-12-02"
    )
    ids = [p.id for p in scenario.parameters if p.low < p.high]
    groups = found._groups(ids)
    assert set(groups) == {p.group for p in scenario.parameters if p.low < p.high}
    assert sorted(chain.from_iterable(groups.values())) == sorted(ids)


def test_stored_runs_are_not_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {
        "policies": ["never", "fixed_date:2025-01-02"],
        "replications": 2,
        "until": "2025-01-03",
        "store": tmp_path / "stores",
    }
    first = alternatives("two-roads", **given)
    assert len(list((tmp_path / "stores").glob("*.sqlite"))) == 2
    from kursksim.ensembles import workers

    def refuse(*_: Any) -> Any:
        raise AssertionError("played again")

    monkeypatch.setattr(workers, "attempt", refuse)
    again = alternatives("two-roads", **given)
    one, two = first.payoff("held_km2_end"), again.payoff("held_km2_end")
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"policies": ["never"]}, "alone leaves nothing to choose"),
        ({"policies": ["never", "never"]}, "given twice"),
        ({"policies": ["nevr", "never"]}, "'nevr' is unknown"),
        ({"policies": ["fixed_date:2026-01-01", "never"]}, "outside the campaign"),
        ({"parameters": "default"}, "all sets would be one"),
        ({"parameters": "posterior"}, "ships no posterior"),
        ({"replications": 0}, "1 or more"),
    ],
)
def test_bad_use_is_one_line(given: dict[str, Any], words: str) -> None:
    with pytest.raises(BadUse) as refused:
        alternatives("two-roads", **{"until": "2025-01-02", **given})
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dates": ["2026-01-01"]}, "outside the campaign, 2025-01-01 to 2025-01-08"),
        ({"dates": ["soon"]}, "not a calendar date"),
        ({"groups": {"road": ["v_rod"]}}, "did you mean 'v_road'"),
        ({"measure": "order_day"}, "is no payoff; known"),
    ],
)
def test_bad_questions_are_one_line(made: Alternatives, given: dict[str, Any], words: str) -> None:
    with pytest.raises(BadUse) as refused:
        made.information(**given)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
