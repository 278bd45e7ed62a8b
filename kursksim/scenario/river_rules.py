"""Rules of crossings and depots: each crossing is on a leg, and each depot has a road."""

from __future__ import annotations

from kursksim.scenario.rows import Draft
from kursksim.scenario.schema import Supply, Withdrawal
from kursksim.scenario.tables import Findings, show

__all__ = ["check_rivers"]

_UNITS = {"vehicles_per_hour": "veh/h", "tonnes_per_day": "t/day"}


def check_rivers(draft: Draft, out: Findings) -> None:
    """Check crossings, depots and exits.

    Parameters
    ----------
    draft : Draft
    out : Findings
        Where problems go.
    """
    _crossings(draft, out)
    supply, leaving = draft.head.get("supply"), draft.head.get("withdrawal")
    if supply is not None:
        _depots(draft, supply, out)
    if leaving is not None and leaving.exits_are_crossings:
        _exits(draft, leaving, out)


def _crossings(draft: Draft, out: Findings) -> None:
    """A crossing is on a leg, and carries something when it is whole."""
    used = {leg.crossing for leg in draft.legs.items.values()}
    for ident, row in draft.crossings.items.items():
        where, who = draft.crossings.where[ident], f"crossing {show(ident)}"
        if ident not in used and draft.legs.whole:
            out.unknown(where, "crossing on no leg; legs name", ident, used - {""})
        capacity = draft.parameters.items.get(row.capacity)
        if capacity is None:
            continue
        field = "vehicles_per_hour" if row.vehicles_per_hour else "tonnes_per_day"
        if capacity.value <= 0:
            rule = "it must be above 0; a crossing is closed by an input of kind crossing"
            given = f"parameter {show(row.capacity)} is {capacity.value:g}"
            out.error(where, f"{who}: {field}: {given}; {rule}")
        if capacity.unit != _UNITS[field]:
            given = f"parameter {show(row.capacity)} is in {show(capacity.unit)}"
            out.warn(where, f"{who}: {field}: {given}, not in {_UNITS[field]}")


def _depots(draft: Draft, supply: Supply, out: Findings) -> None:
    """Routes and axes name depots of the table, and each of these has a route."""
    depots, routes = draft.depots, draft.routes.items.values()
    known = depots.known or {supply.depot}
    if supply.depot not in known:
        rule = f"supply.depot {show(supply.depot)}: is no row of depots"
        out.error(draft.raw.where("supply", "depot"), rule)
    for table in (draft.routes, draft.axes):
        for ident, item in table.items.items():
            if item.depot and item.depot not in known:
                what = f"{show(ident)}: depot is no row of depots"
                out.unknown(table.where[ident], what, item.depot, known)
    rest = [d.id for d in depots.items.values() if not d.share]
    if depots.items and depots.whole and len(rest) != 1:
        given = f"depots {', '.join(rest)} have none" if rest else "every depot has one"
        out.error(
            draft.raw.where("depots"),
            f"depots: one takes what the shares of the others leave of the stock; {given}",
        )
    fed = {route.depot or supply.depot for route in routes}
    bases = {supply.base, *(route.base for route in routes)}
    for ident in depots.items:
        where = depots.where[ident]
        if ident not in fed and draft.routes.whole:
            out.error(where, f"depot {show(ident)}: no route leads to it")
        if ident in bases:
            out.error(where, f"depot {show(ident)}: must be another place than a base")


def _exits(draft: Draft, leaving: Withdrawal, out: Findings) -> None:
    """Each exit is an end of a leg over a crossing that has a row of its own."""
    ends = set[str]()
    for leg in draft.legs.items.values():
        if leg.crossing in draft.crossings.known:
            ends |= {leg.from_place, leg.to_place}
    where = draft.raw.where("withdrawal", "exits")
    for name in leaving.exits:
        if name not in ends and draft.legs.whole:
            rule = "is no end of a leg over a crossing of the table crossings"
            out.error(where, f"withdrawal.exits {show(name)}: {rule}; exits_are_crossings")
