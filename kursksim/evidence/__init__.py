"""Observations, and how a model compares with them. Nothing here plays a campaign.

``observations`` reads the ``observed`` folder of a scenario, ``patterns`` compares the record with
runs. The statistics that patterns name register themselves when they are imported here.
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
