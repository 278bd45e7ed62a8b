"""Rules that somebody else registers: a module's are known to worker processes, a notebook's are left out of them."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import make_dataclass
from pathlib import Path

import pytest

import kursksim as ks
from kursksim import registry
from kursksim.engine.rules import rule_policies
from kursksim.ensembles.workers import elsewhere, pool
from kursksim.policies.base import Context

MODULE = '''
from dataclasses import dataclass

from kursksim.policies.base import Context, hold_orders
from kursksim.registry import register


@register("policy/holder", "off_on_day_two")
@dataclass
class OffOnDayTwo:
    """Withdraw on the second day."""

    context: Context

    def decide(self, seen):
        """The staff's orders, and the order to withdraw."""
        return hold_orders(seen, seen.day >= 0)
'''


@pytest.mark.usefixtures("own_registry")
def test_workers_know_the_rules_of_a_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules_of_mine.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    __import__("rules_of_mine")
    monkeypatch.delitem(sys.modules, "rules_of_mine")
    asked = {
        "replications": 2,
        "seed": 1,
        "until": "2025-01-05",
        "policy": {"holder": "off_on_day_two"},
    }
    with pool(1) as workers:
        spread = ks.ensemble("two-roads", executor=workers, **asked)
    assert (
        spread.outcome("order_day").tolist()
        == ks.ensemble("two-roads", **asked).outcome("order_day").tolist()
    )
    assert spread.outcome("order_day").max() < 4


@pytest.mark.usefixtures("own_registry")
def test_rules_of_a_notebook_are_left_out_of_workers_with_the_reason() -> None:
    made = make_dataclass(
        "Mine", [("context", Context)], namespace={"decide": lambda self, seen: None}
    )
    made.__module__ = "__main__"
    registry.register("policy/holder", "mine")(made)
    scenario = ks.load("two-roads")
    here, _ = rule_policies(scenario, "holder")
    there, left_out = rule_policies(scenario, "holder", elsewhere=True)
    assert set(here) - set(there) == {"mine"}
    assert "cannot import" in left_out["mine"]
    with ThreadPoolExecutor(1) as threads:
        assert (elsewhere(None), elsewhere(threads)) == (False, False)


@pytest.mark.usefixtures("own_registry")
def test_a_rule_that_is_no_dataclass_is_refused_in_one_line() -> None:
    registry.register("policy/holder", "plain")(type("Plain", (), {}))
    with pytest.raises(ks.BadUse, match="Plain is no dataclass"):
        ks.run("two-roads", until="2025-01-02", policy={"holder": "plain"})
