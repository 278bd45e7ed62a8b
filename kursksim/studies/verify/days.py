"""Days of two policies on an engine that a study has made for itself: a map of its own, values that no scenario has."""

from __future__ import annotations

from itertools import islice

from kursksim.engine.campaign import campaign, evenings, seat_policies
from kursksim.engine.engine import Engine

__all__ = ["play_days"]

HORIZON = 100
"""Days that the policies are told to reckon with, whatever the scenario's."""


def play_days(engine: Engine, holder: str, days: int, attacker: str = "frontal") -> None:
    """Play some days.

    Parameters
    ----------
    engine : Engine
    holder, attacker : NAME[:ARGUMENT]
        Built afresh.
    days : int
    """
    policies = {"holder": holder, "attacker": attacker}
    staffs = seat_policies(engine.scenario, dict(policies), engine.value, HORIZON)
    for _ in campaign(engine, islice(evenings(engine, staffs), days)):
        pass
