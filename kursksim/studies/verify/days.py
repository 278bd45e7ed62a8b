"""Days of two policies on an engine with a map or values of its own."""

from __future__ import annotations

from itertools import islice

from kursksim.engine.campaign import campaign, evenings
from kursksim.engine.engine import Engine
from kursksim.scenario.seats import seat_policies

__all__ = ["play_days"]

# days that the policies are told to reckon with, whatever the scenario's
HORIZON = 100


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
