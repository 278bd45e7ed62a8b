"""A run in a dozen lines, for the terminal."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from kursksim.runs.record import Run
from kursksim.runs.statistics import daily

__all__ = ["SummaryRow", "caveat", "fall", "summary"]

INDICES = "losses of men are indices, not estimates."


class SummaryRow(NamedTuple):
    """One line of the summary; ``value`` is a number, a date or None."""

    id: str
    measure: str
    value: float | str | None
    unit: str = ""
    remark: str = ""

    def shown(self) -> str:
        """The value as people read it."""
        if self.value is None:
            return "none"
        if isinstance(self.value, str):
            return self.value
        digits = {"share": 2, "index": 2}.get(self.unit, 0)
        return f"{self.value:.{digits}f}{f' {self.unit}' if self.unit == 'km²' else ''}"


def caveat(run: Run) -> str:
    """What every reader of a result must know."""
    return f"{'An invented campaign' if run.scenario.fictional else 'One campaign, contested data'}; {INDICES}"


def summary(run: Run) -> list[SummaryRow]:
    """Rows of the summary: ground, order, key place, orderliness, vehicles, what was vacated.

    Parameters
    ----------
    run : Run
    """
    vehicles = sum(daily(run, "vehicles_lost"))
    destroyed = daily(run, "vehicles_destroyed")[-1]
    place = run.scenario.key_place
    fell = fall(run)
    return [
        *_held(run),
        *_order(run),
        SummaryRow("key_place", f"{place} lost", fell, "date", "" if fell else "held to the end"),
        *_orderliness(run),
        SummaryRow(
            "vehicles_lost",
            "Supply vehicles lost on the road",
            vehicles,
            "vehicles",
            f"{destroyed} of them destroyed" if vehicles else "",
        ),
        _vacated(run),
    ]


def fall(run: Run) -> str | None:
    """First date on whose dusk the attacker held the centre of the key place; None if the holder kept it."""
    from kursksim.terrain.hexmap import terrain_of

    cell = terrain_of(run.scenario).place_cell[run.scenario.key_place]
    if not run.start[cell]:
        return run.provenance.start
    day = next((day for day, changed, held, _ in run.changes if changed == cell and not held), None)
    return None if day is None else run.scenario.date(day).isoformat()


def _held(run: Run) -> list[SummaryRow]:
    """Held ground at dusk of five dates, evenly spread over the run; fewer in a short one."""
    dates, held = daily(run, "date"), daily(run, "held_km2")
    last = run.days - 1
    picked = sorted({round(last * k / 4) for k in range(5)})
    return [
        SummaryRow(
            "held_km2",
            f"Held ground, {dates[i]}",
            held[i],
            "km²",
            "" if i in (0, last) else f"day {i}",
        )
        for i in picked
    ]


def _order(run: Run) -> list[SummaryRow]:
    day = run.order_day
    if day is None:
        return [
            SummaryRow(
                "order_date", "Order to withdraw", None, "date", "not given by the end of the run"
            )
        ]
    date = run.scenario.date(day)
    taken = next((d for d in run.decisions if d.day == day and d.side == "holder"), None)
    return [
        SummaryRow(
            "order_date", "Order to withdraw", date.isoformat(), "date", taken.rule if taken else ""
        )
    ]


def _orderliness(run: Run) -> list[SummaryRow]:
    index = daily(run, "orderliness")[-1]
    if math.isnan(index):
        return [
            SummaryRow(
                "orderliness", "Orderliness of the withdrawal", None, "index", "no order was given"
            )
        ]
    parts = (
        ("missing_share", "– missing or captured since the order", "of the men present at it"),
        ("heavy_left_share", "– heavy equipment left behind", "of what was present at the order"),
        ("on_foot_share", "– walked out", "of the men who came out"),
    )
    whole = SummaryRow(
        "orderliness",
        "Orderliness of the withdrawal",
        index,
        "index",
        "1 is best; our index, from three parts",
    )
    return [
        whole,
        *(SummaryRow(name, title, daily(run, name)[-1], "share", of) for name, title, of in parts),
    ]


def _vacated(run: Run) -> SummaryRow:
    """Ground given up without a fight, as a share of all that was lost after the order."""
    title, day = "Vacated, of the ground lost after the order", run.order_day
    if day is None:
        return SummaryRow("vacated_share", title, None, "share", "no order was given")
    vacated, captured = (sum(daily(run, n)[day + 1 :]) for n in ("vacated_km2", "captured_km2"))
    if vacated + captured <= 0:
        return SummaryRow("vacated_share", title, None, "share", "no ground lost since")
    return SummaryRow(
        "vacated_share",
        title,
        vacated / (vacated + captured),
        "share",
        f"{vacated:.0f} of {vacated + captured:.0f} km²",
    )


def as_rows(rows: list[SummaryRow]) -> list[dict[str, Any]]:
    """The same rows for JSON."""
    return [{**row._asdict(), "measure": row.measure.removeprefix("– ")} for row in rows]
