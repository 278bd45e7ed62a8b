"""What the simulator says that it understood."""

from __future__ import annotations

import json

import pytest

import kursksim as ks
from kursksim.cli.explained import sections
from kursksim.explain import Explanation, explain
from kursksim.models.base import SLOTS
from kursksim.runs.file import as_json
from kursksim.scenario.schema import Scenario
from kursksim.scenario.sources import SOFT
from kursksim.text import aligned, number, plain


@pytest.fixture(scope="module")
def campaign() -> Scenario:
    return ks.load("december-march")


@pytest.fixture(scope="module")
def told(campaign: Scenario) -> Explanation:
    return explain(campaign)


def text_of(told: Explanation, width: int | None = None) -> str:
    return "\n".join(line for title, lines in sections(told, width) for line in (title, *lines))


def leaves(value: object) -> set[str]:
    """Every text inside plain data."""
    if isinstance(value, dict):
        return {t for inner in value.values() for t in leaves(inner)}
    if isinstance(value, (list, tuple)):
        return {t for inner in value for t in leaves(inner)}
    return {value} if isinstance(value, str) else set()


def test_every_parameter_has_exactly_one_standing(campaign: Scenario, told: Explanation) -> None:
    """Read by what was chosen or named by a row; or for other policies; or for reference."""
    read = {n.id for part in (*told.models, *told.policies) for n in part.numbers}
    rows = campaign.model_dump(include={"contingents", "routes", "axes", "inputs", "legs"})
    named = leaves(rows) & set(campaign.value)
    others, reference = {n.id for n in told.other_policies}, {n.id for n in told.reference}
    assert not others & reference
    assert not (others | reference) & (read | named)
    assert set(campaign.value) == read | named | others | reference


def test_models_in_the_order_of_the_day(campaign: Scenario, told: Explanation) -> None:
    assert [p.role for p in told.models] == list(SLOTS)
    combat = next(p for p in told.models if p.role == "combat")
    aliased = next(n for n in combat.numbers if n.field == "c_holder")
    assert (aliased.id, aliased.value) == ("c_ua", campaign.value["c_ua"])


def test_policies_follow_what_ifs() -> None:
    told = explain(ks.load("december-march", set={"policies.holder": "fixed_date:2025-02-01"}))
    holder = next(p for p in told.policies if p.role == "holder")
    assert holder.name == "fixed_date:2025-02-01"
    assert {"phi_crit", "dos_crit", "persist"} <= {n.id for n in told.other_policies}
    assert len(told.what_ifs) == 1


def test_forces(told: Explanation) -> None:
    late = next(f for f in told.forces if f.id == "north_koreans")
    assert (late.men, late.arrives) == (11000, "2024-12-10")
    assert late.later == (("2025-02-01", 3000),)
    assert next(f for f in told.forces if f.id == "garrison").arrives == told.start


def test_a_moved_arrival_is_told() -> None:
    told = explain(
        ks.load("december-march", set={"inputs.north_koreans_commit.date": "2024-12-12"})
    )
    assert next(f for f in told.forces if f.id == "north_koreans").arrives == "2024-12-12"


def test_routes(campaign: Scenario, told: Explanation) -> None:
    main = next(r for r in told.routes if r.main)
    length = {g.id: g.length_km for g in campaign.legs}
    assert main.id == campaign.supply.main_route
    assert main.share is None
    assert main.length_km == pytest.approx(sum(length[g.id] for g in main.legs))


def test_inputs_in_order(campaign: Scenario, told: Explanation) -> None:
    assert [i.date for i in told.inputs] == sorted(i.date for i in told.inputs)
    assert len(told.inputs) == len(campaign.inputs)
    drones = next(i for i in told.inputs if i.id == "rubicon")
    assert drones.amount == campaign.value["teams_rubicon"]
    assert drones.between[0] <= drones.date <= drones.between[1]


def test_shares(campaign: Scenario, told: Explanation) -> None:
    parameters, everything = told.shares
    assert parameters.soft == campaign.assumed_share()
    assert sum(everything.by_status.values()) == everything.rows > parameters.rows
    assert everything.soft == pytest.approx(
        sum(everything.by_status.get(s, 0) for s in SOFT) / everything.rows
    )


def test_sustainable_loss(campaign: Scenario, told: Explanation) -> None:
    v = campaign.value
    demand = v["kappa"] / 1000 * v["ua_men_0"]
    full = 1 / (1 + (1 - v["repair_share"]) * demand / (v["fleet_repl"] * v["payload"]))
    assert {d.id: d.value for d in told.derived}["q_star"] == pytest.approx(full)
    assert told.derived[1].value > full


def test_json(told: Explanation) -> None:
    plain_types = as_json(told)
    assert json.loads(json.dumps(plain_types, allow_nan=False)) == plain_types
    assert plain_types["models"][0]["numbers"][0].keys() >= {
        "id",
        "value",
        "low",
        "high",
        "unit",
        "status",
    }


@pytest.mark.parametrize("name", ["december-march", "two-roads"])
def test_text_names_everything(name: str) -> None:
    scenario = ks.load(name)
    text = text_of(explain(scenario))
    for row in (*scenario.parameters, *scenario.legs, *scenario.axes, *scenario.contingents):
        if row.id not in {p.id for p in scenario.parameters}:
            assert row.id in text
    for entry in scenario.inputs:
        assert entry.date.isoformat() in text
    assert "q" not in {line.strip() for line in text.splitlines()}
    assert all(line == line.rstrip() for line in text.splitlines())


def test_text_fits_a_terminal(told: Explanation) -> None:
    about = next(
        lines for title, lines in sections(told, 100) if title.startswith("Model of supply")
    )
    assert max(map(len, about)) <= 100


# -- the text itself ---------------------------------------------------------------------------------------------------


def test_aligned_never_cuts() -> None:
    long = "word " * 40
    lines = aligned(("a", "b"), [("x", long)], width=60, indent=2)
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines[1:]).split()) == f"x {long.strip()}"
    assert aligned(("a", "b"), [("x", long)])[1] == f"x  {long.strip()}"


def test_plain_is_one_line() -> None:
    assert plain("a\nb\x1b[31m\tc") == "a b [31m c"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1e20, "1e+20"), (float("inf"), "inf"), (0.00001234, "1.234e-05"), (-2.5, "-2.5")],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


def test_reports_that_a_run_reads_are_counted(campaign: Scenario, told: Explanation) -> None:
    known = {
        n: [getattr(r, n) != "unknown" for r in campaign.weather] for n in ("flying", "ground")
    }
    assert told.known_weather == {n: days.count(True) / campaign.days for n, days in known.items()}
    assert told.attacks == len(campaign.attacks) > 0
    assert "Dated reports" in text_of(told)
    assert "Dated reports" not in text_of(explain(ks.load("two-roads")))
