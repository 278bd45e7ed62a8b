"""Traps and cut arrows, as they are defined in ``evidence.relations``: paired replications, four standard errors."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.models.base import known_cuts
from kursksim.rng import Streams
from kursksim.scenario.parameters import parameter_set
from kursksim.studies.verify import verify
from kursksim.studies.verify.laws import Relation, Setting, judge
from kursksim.studies.verify.relations import relations

PAIRS, SOME, FEW = 24, 10, 6
QUICK = ("T1a", "T5", "T7")
"""Relations whose effect is so much larger than its error that few pairs show it: these are part of every test run."""
DOCS = Path(__file__).parents[2] / "docs" / "model.md"


@pytest.fixture(autouse=True, scope="module")
def played_once() -> None:
    """A setting that several relations share is played once a replication."""
    verify._measures = lru_cache(maxsize=None)(verify._measures)  # type: ignore[assignment]


@pytest.mark.parametrize(
    "relation",
    [
        pytest.param(r, id=r.id, marks=() if r.id in QUICK else pytest.mark.slow)
        for r in relations()
    ],
)
def test_relation_holds(relation: Relation) -> None:
    few = (
        FEW
        if relation.id in QUICK
        else SOME
        if relation.kind == "metamorphic" and relation.bound == 0
        else PAIRS
    )
    (verdict,) = verify.verdicts([relation], replications=few)
    assert verdict.holds, str(verdict)


# -- how verdicts are reached ----------------------------------------------------------------------------------------


def relation(law: str, bound: float = 0.0) -> Relation:
    return Relation("X", "trap", "says", "why", measure=lambda run: 0.0, law=law, bound=bound)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("law", "effects", "bound", "holds"),
    [
        ("more", [1.0, 1.1, 0.9, 1.0], 0.0, True),
        ("more", [1.0, 1.1, 0.9, 1.0], 0.9, False),
        ("more", [5.0, -4.0, 6.0, -3.0], 0.0, False),
        ("more", [2.0, 2.0], 1.0, True),
        ("more", [1.0, 1.0], 1.0, False),
        ("less", [-1.0, -1.1, -0.9, -1.0], 0.0, True),
        ("less", [1.0, 1.1, 0.9, 1.0], 0.0, False),
        ("not less", [5.0, -4.0, 6.0, -3.0], 0.0, True),
        ("not less", [-1.0, -1.1, -0.9, -1.0], 0.0, False),
        ("not more", [1.0, 1.1, 0.9, 1.0], 0.0, False),
        ("not more", [0.0, 0.0], 0.0, True),
        ("equal", [0.0, 0.0], 0.0, True),
        ("equal", [0.0, 1e-12], 0.0, False),
    ],
)
def test_a_verdict_needs_four_standard_errors(
    law: str, effects: list[float], bound: float, holds: bool
) -> None:
    assert judge(relation(law, bound), effects).holds is holds


def test_a_verdict_shows_its_effect_and_error() -> None:
    found = judge(relation("more"), [1.0, 2.0, 3.0, 4.0])
    assert (found.effect, found.n) == (2.5, 4)
    assert found.se == pytest.approx(math.sqrt(5 / 3 / 4))
    assert "2.5" in str(found)
    assert "FAILS" in str(judge(relation("less"), [1.0, 2.0]))


# -- cuts ------------------------------------------------------------------------------------------------------------


def test_every_arrow_has_a_cut_a_relation_and_a_line_in_the_documentation() -> None:
    models = ks.load("december-march").models
    cuts, text = set(known_cuts(models)), DOCS.read_text(encoding="utf-8")
    chain = ("distance", "hazard", "fleet", "tonnage", "power", "ground")
    arrows = {f"{a}-{b}" for a, b in itertools.pairwise(chain)}
    others = {"losses-push", "supply-order", "order-ground", "flank-distance"}
    assert arrows | others == cuts
    tested = {c for r in relations() if r.kind == "knock-out" and r.changed for c in r.changed.cut}
    assert tested == cuts
    assert not [c for c in cuts if f"`{c}`" not in text]


def test_ids_are_unique_and_no_change_is_empty() -> None:
    assert len({r.id for r in relations()}) == len(relations())
    assert all(r.changed is None or r.changed != r.base for r in relations())
    assert Setting() == Setting()
    base = ks.load("december-march")
    assert Setting(cut=("tonnage-power",)).changes(base)
    assert Setting().changes(base) == []
    twice = ks.load("december-march", what_if=Setting(times={"fleet_0": 2.0}).changes(base))
    assert twice.value["fleet_0"] == 2 * base.value["fleet_0"]


def test_an_unknown_arrow_is_refused_in_one_line() -> None:
    with pytest.raises(
        ks.ScenarioError, match=r"unknown arrow 'tonnage-powr'.*did you mean 'tonnage-power'"
    ) as found:
        ks.load("two-roads", what_if={"title": "cut", "cut": ["tonnage-powr"]})
    assert "\n" not in str(found.value)


def test_a_cut_is_neither_undone_by_a_value_nor_by_a_draw() -> None:
    cut = {"title": "fed or not", "cut": ["tonnage-power"]}
    scenario = ks.load("two-roads", what_if=[cut, {"title": "m0", "set": {"parameters.m0": 0.1}}])
    assert scenario.cuts == ("tonnage-power",)
    assert scenario.digest != ks.load("two-roads").digest
    for value in (scenario.value, parameter_set(scenario, "prior", Streams(3, 1))):
        combat = Engine(scenario, value=value).models.combat
        assert (combat.m0, combat.starve) == (1.0, 0.0)
    run = ks.run(scenario, seed=2, until="2025-01-06")
    assert ks.replay(run).daily.equals(run.daily)
