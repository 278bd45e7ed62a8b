"""The audit of every evening: the books must agree with the world."""

from __future__ import annotations

from math import fsum

from kursksim.engine.world import World
from kursksim.errors import LedgerError
from kursksim.sums import isum
from kursksim.units import HOURS_PER_DAY

__all__ = ["TOLERANCE", "bounded", "check_ledger", "equal", "present"]

TOLERANCE = 1e-9
"""Relative to the turnover of an account: what summing floats may cost, and no more."""


def check_ledger(world: World) -> None:
    """Accounts of men, vehicles, tonnes and ground must balance to one part in a billion.

    Raises
    ------
    LedgerError
        Names the account that does not close, with both figures, or the quantity that is negative.
    """
    balance, turnover = world.ledger.balance, world.ledger.turnover
    for account, there in present(world).items():
        booked = balance.get(account, 0.0)
        allowed = TOLERANCE * max(1.0, turnover.get(account, 0.0))
        if not abs(booked - there) <= allowed:  # so written, it refuses NaN as well
            raise LedgerError(
                f"day {world.day}: {account}: the books say {booked:.12g}, there are {there:.12g}"
            )
    for what, (one, other) in equal(world).items():
        if not abs(one - other) <= TOLERANCE * max(1.0, abs(other)):
            raise LedgerError(f"day {world.day}: {what}: {one:.12g} against {other:.12g}")
    for what, value in bounded(world).items():
        if not (value >= 0 or value >= -TOLERANCE * max(1.0, abs(value))):
            raise LedgerError(f"day {world.day}: {what} is negative: {value:.12g}")


def present(world: World) -> dict[str, float]:
    """Amounts that are there, by ledger account."""
    found = {f"men:{c}": fsum(at.values()) for c, at in world.men.items()}
    f = world.fleet
    found["vehicles"] = f.serviceable + f.on_road + f.in_repair + f.destroyed
    found["wounded"] = world.stores.wounded
    found["depot_t"] = fsum([stores.stock_t for stores in world.depots.values()])
    found["sent_t"] = world.stores.on_road_t
    found["airframes"], found["held_km2"] = world.drones.airframes, world.ground.held_km2
    found["heavy"] = fsum(world.heavy.values()) + world.heavy_moving
    return found


def equal(world: World) -> dict[str, tuple[float, float]]:
    """Pairs of figures that must be equal: clock, ground, teams and passages in two ways each."""
    drones, ground, today = world.drones, world.ground, world.today
    legs = [leg.today for leg in world.legs.values()]
    found = {
        "hour of the clock": (float(today.env.now), HOURS_PER_DAY * (world.day + 1)),
        "held area, cell by cell": (
            fsum(map(ground.area.__getitem__, ground.salient)),
            ground.held_km2,
        ),
        "wounded of the contingents": (
            -fsum([world.ledger.posted(f"men:{c}", "wounded") for c in world.men]),
            world.ledger.posted("wounded", "brought in"),
        ),
        "sorties of the day": (isum([leg.attempts for leg in legs]), today.sorties),
    }
    for kind, shares in drones.shares.items():
        if shares:  # out of reach of every leg, teams are idle
            found[f"shares of {kind} teams"] = fsum(shares.values()), 1.0
    if all(drones.shares.values()):
        found["teams over the legs"] = fsum([fsum(leg.teams) for leg in legs]), drones.teams
    standing = world.at_crossings()
    for crossing in world.crossings.values():
        here = [passage for passage, _ in standing if passage.crossing == crossing.id]
        found[f"passages at {crossing.id}"] = (
            crossing.passed + crossing.turned + len(here),
            crossing.came,
        )
    if world.command.ceasefire:
        fought = fsum([taken + back for taken, _, back in today.taken_km2.values()])
        found["attacks under a ceasefire"] = today.sorties + fought, 0.0
    return found


def bounded(world: World) -> dict[str, float]:
    """Quantities that must not be negative; the least one where there are many of a kind."""
    f, s, depots = world.fleet, world.stores, world.depots.values()
    least, most = min(d.fulfilment for d in depots), max(d.fulfilment for d in depots)
    found: dict[str, float] = {
        "serviceable": f.serviceable,
        "on_road": f.on_road,
        "in_repair": f.in_repair,
        "heavy": min(world.heavy_moving, *world.heavy.values()),
        "wounded": s.wounded,
        "stock_t": min(d.stock_t for d in depots),
        "on_road_t": s.on_road_t,
        "airframes": world.drones.airframes,
        "teams": world.drones.teams,
        "fulfilment": least,
        "over_fulfilment": 1 - most,
    }
    for c, at in world.men.items():
        found[f"men of {c} somewhere"] = min(at.values())
    found["sorties left on a leg"] = min([leg.today.left for leg in world.legs.values()])
    return found
