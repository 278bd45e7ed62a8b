"""What was observed, and how a model compares with it. Tables in, tables out: nothing here plays a campaign.

``observations`` reads the ``observed`` folder of a scenario, ``statistics`` holds one small function for each quantity
that a pattern may ask of a run (imported here, they register themselves), ``patterns`` sets the two side by side.
"""

from kursksim.evidence import observations, patterns
from kursksim.evidence.observations import HeldArea, PatternSpec, Settlement
from kursksim.evidence.patterns import PatternResult, evaluate, report
from kursksim.runs import statistics

__all__ = [
    "HeldArea",
    "PatternResult",
    "PatternSpec",
    "Settlement",
    "evaluate",
    "observations",
    "patterns",
    "report",
    "statistics",
]
