"""Relations of the attacker's offensive: what it is spent by, and what it meets."""

from __future__ import annotations

from kursksim.studies.verify.laws import Relation, Setting, held_on

__all__ = ["OFFENSIVE"]

OFFENSIVE: tuple[Relation, ...] = (
    Relation(
        "M29",
        "metamorphic",
        "without growth of the grouping not less is held on 28 February",
        "fewer men arrive who can attack",
        measure=held_on("2025-02-28"),
        law="not less",
        changed=Setting(set={"parameters.ru_forward_share": 0.0}),
    ),
    Relation(
        "M27",
        "metamorphic",
        "bombs that wear no position down: not less is held on 28 February",
        "what is dug stays dug",
        measure=held_on("2025-02-28"),
        law="not less",
        changed=Setting(set={"parameters.bomb_wear": 0.0}),
    ),
    Relation(
        "M28",
        "metamorphic",
        "twice the wear of a push: not less is held on 12 January",
        "the first push ends earlier",
        measure=held_on("2025-01-12"),
        law="not less",
        changed=Setting(times={"assault_wear": 2.0}),
    ),
)
