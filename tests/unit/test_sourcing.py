"""How well a scenario is sourced, where it is said: in numbers, in ``explain`` and at the foot of pictures."""

from __future__ import annotations

from typing import Any

import pytest

import kursksim as ks
from kursksim.cli.explained import sections
from kursksim.ensembles import Ensemble
from kursksim.explain import explain
from kursksim.plot import evidence as trust
from kursksim.scenario.schema import Scenario
from kursksim.scenario.sources import not_checked, read_again
from kursksim.studies.calibration.known_truths import Twins

CAMPAIGN = ks.load("december-march")


def changed(**fields: Any) -> Scenario:
    """The campaign with its first parameter changed."""
    first = CAMPAIGN.parameters[0].model_copy(update=fields)
    return CAMPAIGN.model_copy(update={"parameters": (first, *CAMPAIGN.parameters[1:])})


def test_every_parameter_stands_in_one_column() -> None:
    found = read_again(CAMPAIGN)
    assert sum(found.values()) == len(CAMPAIGN.parameters)
    assert found["not checked"] == len(not_checked(CAMPAIGN))
    assert found["figure found"] == sum("figure found" in p.read for p in CAMPAIGN.parameters) > 0


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"read": "2026-11-22 figure found: 3 (forces)"}, "figure found"),
        ({"read": "2026-11-22 related only: 3 (forces)"}, "related figure only"),
        ({"read": "2026-11-22 no figure (forces)"}, "no figure in the source"),
        ({"read": "", "source": "forces"}, "not checked"),
        ({"read": "", "source": "none"}, "our judgement"),
        ({"read": "", "source": "fit"}, "our judgement"),
        ({"read": "", "source": "fit;forces"}, "not checked"),
        ({"read": "", "source": ""}, "our judgement"),
    ],
)
def test_what_was_found_decides_the_column(fields: dict[str, str], column: str) -> None:
    away, back = (
        changed(read="2026-11-22 figure found: 1 (forces)", source="forces"),
        changed(**fields),
    )
    before, after = read_again(away), read_again(back)
    assert after[column] - before[column] == (column != "figure found")
    assert (back.parameters[0].id in not_checked(back)) == (column == "not checked")


def test_fiction_has_nothing_to_check() -> None:
    two_roads = ks.load("two-roads")
    assert read_again(two_roads) == {
        **dict.fromkeys(read_again(two_roads), 0),
        "our judgement": len(two_roads.parameters),
    }


def test_explain_says_it_and_names_what_waits() -> None:
    told = explain(changed(read="", source="forces"))
    said = "\n".join(line for _, lines in sections(told, None) for line in lines)
    for column, count in told.read_again.items():
        assert f"{count} {column}" in said
    assert CAMPAIGN.parameters[0].id in said.split("not checked:")[1]


@pytest.fixture(scope="module")
def few() -> Ensemble:
    return ks.ensemble("two-roads", replications=3, seed=1, until="2025-01-08")


def feet(drawn: Any) -> list[str]:
    axes = drawn if hasattr(drawn, "figure") else drawn.ravel()[0]
    return [t.get_text() for t in axes.figure.findobj(lambda o: o.get_gid() == "foot")]


@pytest.mark.parametrize("name", ["held_area", "map", "maps", "chain", "fan", "control", "dates"])
def test_pictures_say_the_share_at_their_foot(few: Ensemble, name: str) -> None:
    run = ks.run("two-roads", seed=1, until="2025-01-08")
    of = {"held_area": run, "map": run, "maps": run, "chain": run}.get(name, few)
    rest = {"map": ("2025-01-05",), "control": ("2025-01-05",)}.get(name, ())
    (foot,) = feet(getattr(ks.plot, name)(of, *rest))
    assert f"{run.scenario.assumed_share():.0%} of parameters assumed or fitted" in foot


def test_ranks_of_known_truths_say_it_too() -> None:
    import numpy as np

    luck = np.random.default_rng(1)
    made = Twins(
        ("x",),
        luck.random((20, 1)),
        luck.random((2, 20, 1)) < 0.8,
        np.full(20, 30.0),
        np.full(20, 0.4),
        "december-march · 83% of parameters assumed or fitted",
    )
    (foot,) = feet(trust.ranks(made))
    assert foot.endswith("83% of parameters assumed or fitted")
    (bare,) = feet(trust.ranks(Twins(made.ids, made.ranks, made.inside, made.ess, made.k_hat)))
    assert not bare.endswith(" · ")
