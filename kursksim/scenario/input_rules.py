"""Rules of dated inputs: they act on what exists, on days of the campaign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from kursksim.scenario.rows import Draft
from kursksim.scenario.schema import Input
from kursksim.scenario.tables import SAID_EACH, Findings, show

__all__ = ["after", "check_inputs", "check_weather", "not_negative"]

_ON_CONTINGENT = ("commit", "reinforce")
_ON_AXIS = ("counter_attack", "open_axis")
_ON_ROAD = ("closure",)
_ON_CROSSING = ("crossing",)
_NEED_TARGET = _ON_CONTINGENT + _ON_AXIS + _ON_ROAD + _ON_CROSSING
_OF_AMOUNT = {
    "teams": "drone teams",
    "reinforce": "men",
    "holder_power": "the factor on the holder's power",
}


def check_inputs(draft: Draft, out: Findings) -> None:
    """Dated inputs act on what exists, on days of the campaign."""
    inputs = draft.inputs
    for item in inputs.items.values():
        _target(draft, item, out)
    start, days = draft.head.get("start"), draft.head.get("days")
    if start is None or days is None:
        return
    if not 1000 <= start.year <= 9000:  # a campaign and its inputs stay inside datetime's calendar
        out.error(draft.raw.where("start"), f"start {start}: the year must lie in 1000 to 9000")
        return
    for ident, said in after(inputs.items.values(), start + dt.timedelta(days=days - 1)):
        out.warn(inputs.where.get(ident, draft.raw.where("inputs")), said)
    for ident, item in inputs.items.items():
        where, who = inputs.where[ident], f"input {show(ident)}"
        if item.date < start:
            out.error(where, f"{who}: date {item.date}{_tied(item)} lies before the start, {start}")
        if item.until is not None and item.until < item.date:
            out.error(where, f"{who}: until {item.until} lies before its date {item.date}")


def check_weather(draft: Draft, out: Findings) -> None:
    """No day of known weather lies before the campaign. Days after it may: it may be cut short."""
    rows, start = draft.weather, draft.head.get("start")
    for ident, row in rows.items.items():
        if start is not None and row.date < start:
            where = rows.where[ident]
            out.error(where, f"weather day {show(ident)}: lies before the start, {start}")


def after(inputs: Iterable[Input], last: dt.date) -> list[tuple[str, str]]:
    """Warnings about inputs after the last day, with their ids; one without an id for many inputs.

    A campaign that is cut short leaves many behind, and a line for each would hide the rest.
    """
    late = [i for i in inputs if i.date > last]
    rule = f"after the last day, {last}"
    if len(late) > SAID_EACH:
        names = ", ".join(show(i.id) for i in late)
        return [("", f"{len(late)} inputs lie {rule}: {names}")]
    return [(i.id, f"input {show(i.id)}: date {i.date}{_tied(i)} lies {rule}") for i in late]


def _tied(item: Input) -> str:
    return f" (parameter {show(item.parameter)})" if item.parameter else ""


def _target(draft: Draft, item: Input, out: Findings) -> None:
    """The target and amount of an input are of the kind that it acts on."""
    if item.kind in _ON_CONTINGENT:
        what, known = "contingent", draft.contingents.known
    elif item.kind in _ON_AXIS:
        what, known = "axis", draft.axes.known
    elif item.kind in _ON_CROSSING:
        what, known = "crossing with a row of its own", draft.crossings.known
    elif item.kind in _ON_ROAD:
        crossings = {leg.crossing for leg in draft.legs.items.values() if leg.crossing}
        what, known = "leg or crossing", draft.legs.known | crossings
    else:
        what = "contingent, axis, route or leg"
        known = draft.contingents.known | draft.axes.known | draft.routes.known | draft.legs.known
    where = draft.inputs.where[item.id]
    who = f"input {show(item.id)} of kind {item.kind}"
    if item.target and item.target not in known:
        out.unknown(where, f"{who}: unknown {what} in target", item.target, known)
    elif not item.target and item.kind in _NEED_TARGET:
        out.unknown(where, f"{who}: target, a {what}, is missing; given", "", known)
    if item.kind in _OF_AMOUNT and not item.amount:
        out.error(where, f"{who}: amount is missing, the parameter of {_OF_AMOUNT[item.kind]}")
    elif item.kind in ("reinforce", "holder_power"):
        not_negative(draft, where, f"{who}: amount", item.amount, out)
    elif item.kind in _ON_CROSSING:
        _crossing(draft, item, where, who, out)
    elif item.bears:
        out.error(where, f"{who}: bears is of inputs of kind crossing alone")


def _crossing(draft: Draft, item: Input, where: str, who: str, out: Findings) -> None:
    """A change of a crossing says what is left of it, and stands until the next one."""
    if not item.amount and not item.bears:
        what = "the parameter of the share of its capacity, or bears"
        out.error(where, f"{who}: amount is missing, {what}")
    if item.until is not None:
        out.error(where, f"{who}: until is not read; what comes after is an input of its own")
    row = draft.parameters.items.get(item.amount)
    if row is not None and not 0 <= row.value <= 1:
        given = f"parameter {show(item.amount)} is {row.value:g}"
        out.error(where, f"{who}: amount: {given}; a share lies in 0 to 1")


def not_negative(draft: Draft, where: str, who: str, parameter: str, out: Findings) -> None:
    """The parameter is 0 or more."""
    row = draft.parameters.items.get(parameter)
    if row is not None and row.value < 0:
        out.error(
            where,
            f"{who}: parameter {show(parameter)} is {row.value:g}; it must be 0 or more",
        )
