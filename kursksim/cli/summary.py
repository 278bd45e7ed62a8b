"""A run in a dozen lines, for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from kursksim.runs.record import Run
from kursksim.runs.statistics import changed_before, daily
from kursksim.terrain.hexmap import terrain_of

__all__ = ["SummaryRow", "as_rows", "caveat", "fall", "summary"]


class SummaryRow(NamedTuple):
    """One line of the summary; ``value`` is a number, a date or None."""

    id: str
    measure: str
    value: float | str | None
    unit: str
    remark: str = ""

    def shown(self) -> str:
        """Return the value as people read it."""
        if self.value is None or isinstance(self.value, str):
            return self.value or "none"
        digits = 2 if self.unit in ("share", "index") else 0
        return f"{self.value:.{digits}f}{' km²' if self.unit == 'km²' else ''}"


def caveat(run: Run) -> str:
    """What every reader of a result must know."""
    kind = "An invented campaign" if run.scenario.fictional else "One campaign, contested data"
    return f"{kind}; losses of men are indices, not estimates."


def summary(run: Run) -> list[SummaryRow]:
    """Return the rows: ground, order, key place, orderliness, vehicles, what was vacated."""
    vehicles, place, fell = sum(daily(run, "vehicles_lost")), run.scenario.key_place, fall(run)
    destroyed = f"{daily(run, 'vehicles_destroyed')[-1]} of them destroyed" if vehicles else ""
    if run.first:
        destroyed = f"from {run.provenance.start} on"
    road = "Supply vehicles lost on the road"
    return [
        *_held(run),
        _order(run),
        SummaryRow("key_place", f"{place} lost", fell, "date", "" if fell else "held to the end"),
        *_orderliness(run),
        SummaryRow("vehicles_lost", road, vehicles, "vehicles", destroyed),
        _vacated(run),
    ]


def fall(run: Run) -> str | None:
    """First date at whose dusk the attacker held the key place; None if it never fell.

    Of a run that began from a state in which it had fallen: the date of the last time.
    """
    cell = terrain_of(run.scenario).place_cell[run.scenario.key_place]
    if not run.start[cell]:
        return run.scenario.date(changed_before(run).get(cell, 0)).isoformat()
    for day, changed, held, _ in run.changes:
        if changed == cell and not held:
            return run.scenario.date(day).isoformat()
    return None


def _held(run: Run) -> list[SummaryRow]:
    """Held ground at dusk of five dates, evenly spread over the run; fewer in a short one."""
    dates, held = daily(run, "date"), daily(run, "held_km2")
    last = run.days - 1
    rows = []
    for row in sorted({round(last * k / 4) for k in range(5)}):
        remark = "" if row in (0, last) else f"day {run.played[row]}"
        rows.append(SummaryRow("held_km2", f"Held ground, {dates[row]}", held[row], "km²", remark))
    return rows


def _order(run: Run) -> SummaryRow:
    day, date, remark = run.order_day, None, "not given by the end of the run"
    if day is not None:
        date = run.scenario.date(day).isoformat()
        rules = (d.rule for d in run.decisions if d.day == day and d.side == "holder")
        known = day >= run.first - 1
        remark = next(rules, "") if known else f"given before {run.provenance.start}"
    return SummaryRow("order_date", "Order to withdraw", date, "date", remark)


def _orderliness(run: Run) -> list[SummaryRow]:
    title, index = "Orderliness of the withdrawal", daily(run, "orderliness")[-1]
    if math.isnan(index):
        return [SummaryRow("orderliness", title, None, "index", "no order was given")]
    parts = (
        ("missing_share", "– missing or captured since the order", "of the men present at it"),
        ("heavy_left_share", "– heavy equipment left behind", "of what was present at the order"),
        ("on_foot_share", "– walked out", "of the men who came out"),
    )
    remark = "1 is best; our index, from three parts"
    rows = [SummaryRow("orderliness", title, index, "index", remark)]
    for name, part, of in parts:
        rows.append(SummaryRow(name, part, daily(run, name)[-1], "share", of))
    return rows


def _vacated(run: Run) -> SummaryRow:
    """Ground given up without a fight, as a share of all that was lost after the order."""
    share, remark = None, "no order was given"
    if run.order_day is not None:
        # the order of an evening is carried out from the next day on
        since = slice(max(0, run.order_day + 1 - run.first), None)
        vacated, captured = (sum(daily(run, f"{n}_km2")[since]) for n in ("vacated", "captured"))
        lost, remark = vacated + captured, "no ground lost since"
        if lost > 0:
            share, remark = vacated / lost, f"{vacated:.0f} of {lost:.0f} km²"
        if run.order_day < run.first - 1:
            remark += f", from {run.provenance.start} on"
    title = "Vacated, of the ground lost after the order"
    return SummaryRow("vacated_share", title, share, "share", remark)


def as_rows(rows: Iterable[SummaryRow]) -> list[dict[str, Any]]:
    """Return the same rows for JSON."""
    return [{**row._asdict(), "measure": row.measure.removeprefix("– ")} for row in rows]
