"""Four arrows of the chain that are cut, in the setting that shows them."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

import kursksim as ks
from evidencekit.parts import rows
from kursksim.ensembles.comparison import Comparison

PAIRS, NEVER = 20, "never"
ARROWS = {
    "distance-hazard": "drones reach every leg alike, wherever the front is",
    "hazard-fleet": "attempts hit nothing",
    "fleet-tonnage": "what is lost on the road is made good overnight",
    "tonnage-power": "men fight as well, and die as seldom, unfed as fed",
}
"""Arrows that are cut, and what happens then."""
COMMAND = f"kursksim compare december-march ./cut.toml --policy holder={NEVER} -n {PAIRS}"


def played(scenario: ks.Scenario, store: Path, workers: Executor) -> Comparison:
    """Compare each cut with the whole chain, as the command does."""
    return ks.compare(
        scenario,
        [{"title": arrow, "cut": [arrow]} for arrow in ARROWS],
        replications=PAIRS,
        policy={"holder": NEVER},
        store=store,
        executor=workers,
    )


def table(made: Comparison) -> list[str]:
    """The figures to expect, arrow by arrow."""
    first = next(iter(ARROWS))
    measures = ("held_km2_end", "vehicles_lost", "delivered_t")
    held, lost, fed = (made.difference(first, name) for name in measures)
    whole = f"{held.base:.0f}", "", f"{lost.base:,.0f}", f"{fed.base:,.0f}"
    body = [("none", "the whole chain", *whole)]
    for arrow, said in ARROWS.items():
        held, lost, fed = (made.difference(arrow, name) for name in measures)
        change = f"{held.difference:+.0f} ({held.low:+.0f} to {held.high:+.0f})"
        cut = f'`cut = ["{arrow}"]`'
        ends = f"{lost.value:,.0f}", f"{fed.value:,.0f}"
        body.append((cut, said, f"{held.value:.0f}", change, *ends))
    heads = (
        "line in `cut.toml`",
        "with it",
        "held on 31 March, km²",
        f"difference over {held.n} pairs (95 %)",
        "vehicles lost",
        "delivered, t",
    )
    return rows(heads, body)
