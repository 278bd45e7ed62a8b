"""Relations of dated closures: runs with and without a road that is closed for a time."""

from __future__ import annotations

from kursksim.runs.outcomes import total
from kursksim.studies.verify.laws import Relation, Setting, fingerprint

__all__ = ["DATED"]

DATED: tuple[Relation, ...] = (
    Relation(
        "M40a",
        "metamorphic",
        "the main road closed in February: not more is delivered by its end",
        (
            "fewer roads carry no more. Stated without drones: where they hunt, the road that is "
            "left may be the safer one"
        ),
        measure=total("delivered_t", "2025-02-28"),
        law="not more",
        base=Setting(("no-drones",)),
        changed=Setting(("no-drones", "close-main-road-feb")),
    ),
    Relation(
        "M40b",
        "metamorphic",
        "up to a closure nothing differs",
        "nobody knows of it before",
        measure=fingerprint("2025-01-31"),
        law="equal",
        changed=Setting(("close-main-road-feb",)),
    ),
)
