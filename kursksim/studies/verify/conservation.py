"""Conservation laws: how far the books are off, on the worst day of some hard campaigns.

The ledger stops a run that breaks a law. The campaigns here are hard on it: draws from the whole
ranges of the parameters, ten times the drones, one vehicle, an early order, a ceasefire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from kursksim.api import load, with_changes
from kursksim.engine.audit import TOLERANCE, bounded, equal, present
from kursksim.engine.campaign import campaign, evenings, policy_specs
from kursksim.engine.engine import Engine
from kursksim.engine.world import World
from kursksim.errors import LedgerError
from kursksim.rng import Streams
from kursksim.runs.record import Turn
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.seats import seat_policies
from kursksim.studies.verify.relations import drawn, hard

__all__ = ["LAWS", "Worst", "conservation"]

# laws by id: in words, and the beginnings of the names of its accounts
LAWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "C1": ("men of the holder: start, arrivals and losses are those present and gone", ("men:",)),
    "C2": ("men of the attacker, each contingent by itself", ("men:",)),
    "C3": (
        "supply: received, consumed, lost in place; sent, delivered, lost, turned back",
        ("depot_t", "sent_t"),
    ),
    "C4": (
        "vehicles: serviceable, on the road, in repair, destroyed, less replacements",
        ("vehicles", "heavy"),
    ),
    "C5": (
        "teams over the legs are the teams, whatever the roads",
        ("teams over the legs", "shares of"),
    ),
    "C6": (
        "airframes: supplied less flown; attempts on the legs are those flown",
        ("airframes", "sorties"),
    ),
    "C7": ("the held area is the sum of its cells", ("held area, cell by cell",)),
    "C8": ("area: of yesterday, less captured and vacated, and retaken", ("held_km2",)),
    "C9": (
        "men on axes and in pools are the men of a contingent; shares sum to one",
        ("men:", "shares of"),
    ),
    "C10": (
        "the clock stands at midnight, and every event of the day is done",
        ("hour of the clock",),
    ),
    "C11": ("nothing is negative", ()),
    "C12": ("no attack under a ceasefire", ("attacks under",)),
    "C13": ("crossings: who came is across or still there", ("passages at",)),
    "C14": ("wounded: brought in are those evacuated and those who wait", ("wounded",)),
}

# campaigns drawn from the ranges, beside the hard ones
DRAWS = 6


# laws about one side, with the other
_OTHER_SIDE = {("C1", "attacker"), ("C2", "holder")}


class Worst(NamedTuple):
    """A law: the largest error of its accounts, relative to their turnover, and days played."""

    id: str
    says: str
    off: float
    days: int

    @property
    def holds(self) -> bool:
        """Whether it is within the rounding of sums of floats."""
        return self.off <= TOLERANCE


def _engines(draws: int) -> Iterator[tuple[Engine, Mapping[str, str]]]:
    for name, setting in hard():
        base = load(name)
        yield Engine(with_changes(base, setting.changes(base)), seed=5), setting.policy
    for name in drawn() if draws else ():
        scenario = load(name)
        for k in range(draws):
            value = parameter_set(scenario, "prior", Streams(6, k))
            yield Engine(scenario, seed=6, replication=k, value=value), {}


def _offs(world: World) -> Iterator[tuple[str, float]]:
    """Every account of a day, with how far it is off."""
    balance, turnover = world.ledger.balance, world.ledger.turnover
    # relative to the turnover, but not to one of nearly nothing
    for account, there in present(world).items():
        yield account, abs(balance.get(account, 0.0) - there) / max(1.0, turnover.get(account, 0.0))
    for what, (one, other) in equal(world).items():
        yield what, abs(one - other) / max(1.0, abs(other))


def conservation(draws: int = DRAWS) -> list[Worst]:
    """Play the campaigns and measure every law every day.

    Parameters
    ----------
    draws : int
        Campaigns drawn from the ranges.
    """
    worst, days = dict.fromkeys(LAWS, 0.0), 0
    for engine, policy in _engines(draws):
        s, side_of = engine.scenario, engine.world.side_of
        staffs = seat_policies(s, policy_specs(s, policy), engine.value, s.days)
        for _ in _checked(campaign(engine, islice(evenings(engine, staffs), s.days))):
            days += 1
            for name, off in _offs(engine.world):
                for law in _laws(name, side_of):
                    worst[law] = max(worst[law], off)
            worst["C11"] = max(worst["C11"], -min(bounded(engine.world).values()))
    return [Worst(law, says, worst[law], days) for law, (says, _) in LAWS.items()]


def _checked(turns: Iterator[Turn]) -> Iterator[None]:
    """Yield after each day of a campaign, and after one on which its ledger breaks, which ends it.

    The ledger stops a run where rounding becomes too much; here that day too is to be measured.
    """
    with suppress(LedgerError):
        for _ in turns:
            yield
        return
    yield


def _laws(name: str, side_of: Mapping[str, str]) -> Iterator[str]:
    """The laws that an account belongs to."""
    side = side_of.get(name.removeprefix("men:"), "")
    for law, (_, beginnings) in LAWS.items():
        # C1 and C2 have the same accounts, each those of its side
        if name.startswith(beginnings) and (law, side) not in _OTHER_SIDE:
            yield law
