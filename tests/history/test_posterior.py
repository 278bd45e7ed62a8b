"""The posterior that ships: sets of the parameters that were calibrated, in the ledger's ranges, and one of them plays."""

from __future__ import annotations

import kursksim as ks
from kursksim.evidence.observations import calibrated
from kursksim.scenario.posterior import posterior

SCENARIO = ks.load("december-march")
SETS = posterior(SCENARIO)


def test_it_has_sets_of_what_was_calibrated() -> None:
    assert len(SETS) == 200
    assert {frozenset(s) for s in SETS} == {frozenset(calibrated(SCENARIO))}
    assert len({tuple(s.values()) for s in SETS}) >= 100


def test_its_values_lie_in_the_ranges_of_the_ledger() -> None:
    rows = {p.id: p for p in SCENARIO.parameters}
    wrong = [(k, v) for s in SETS for k, v in s.items() if not rows[k].low <= v <= rows[k].high]
    assert wrong == []


def test_a_run_is_played_with_one_of_them_and_says_which() -> None:
    values = ks.run(SCENARIO, seed=3, until="2024-12-03", parameters="posterior").provenance.values
    assert {k: values[k] for k in SETS[0]} in [dict(s) for s in SETS]
    settled = ks.run(
        SCENARIO, seed=3, until="2024-12-03", parameters="posterior", set={"parameters.p_kill": 0.1}
    )
    assert settled.provenance.values["p_kill"] == 0.1
