"""The tables of a run: their columns, and how they are kept."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AXES", "DAILY", "EVENTS", "LEGS", "Table"]

DAILY = {
    "date": "s", "day": "i", "held_km2": "d", "held_sq_mi": "d", "grey_km2": "d", "captured_km2": "d",
    "vacated_km2": "d", "retaken_km2": "d", "lost_across_border_km2": "d", "front_to_msr_km": "d",
    "msr_share_within_8km": "d", "trips": "i", "vehicles_lost": "i", "vehicles_destroyed": "i",
    "loss_per_trip": "d", "vehicles_serviceable": "i", "demand_t": "d", "delivered_t": "d", "stock_t": "d",
    "days_of_supply": "d", "fulfilment": "d", "force_ratio": "d", "holder_strength": "d",
    "attacker_strength": "d", "holder_killed_wounded": "d", "holder_missing_captured": "d",
    "attacker_losses": "d", "corridor_width_km": "d", "exit_over_close": "d", "phase": "s", "order_day": "d",
    "orderliness": "d", "leverage": "d", "exposure": "d", "msr_reach": "d", "flyability": "d", "mud": "d",
    "vehicles_in_repair": "i", "drone_teams": "d", "attempts": "i", "missing_share": "d",
    "heavy_left_share": "d", "on_foot_share": "d", "cut_off_men": "d", "wounded_waiting": "d",
    "watched_trips": "d", "watched_lost": "i", "depot": "s", "line_km": "d",
}  # fmt: skip
"""Columns of ``run.daily`` and their kinds: s text, i integer, d number."""

AXES = {
    "date": "s", "axis": "s", "men_holder": "d", "men_attacker": "d", "frontage_km": "d", "ratio": "d",
    "posture": "s", "preparation": "d", "advance_km": "d", "captured_km2": "d", "vacated_km2": "d",
    "retaken_km2": "d",
}  # fmt: skip
"""Columns of ``run.axes``; a column ``men_CONTINGENT`` a contingent follows."""

LEGS = {
    "date": "s", "leg": "s", "reach_radio": "d", "reach_fibre": "d", "teams": "d", "trips": "i",
    "attempts": "i", "lost": "i", "wrecks": "d", "open": "i",
}  # fmt: skip
EVENTS = ("date", "day", "hour", "effect", "subject", "place", "amount", "detail")


class Table:
    """Columns of one kind each, grown row by row: compact enough to keep thousands."""

    __slots__ = ("columns", "kinds")

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = dict(kinds)
        self.columns: dict[str, Any] = {
            name: [] if kind == "s" else array("q" if kind == "i" else "d")
            for name, kind in kinds.items()
        }

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table) or self.kinds != other.kinds or len(self) != len(other):
            return False
        return list(self.text_rows()) == list(other.text_rows())

    __hash__ = None  # type: ignore[assignment]

    def append(self, row: Iterable[Any]) -> None:
        """Add a row, in the order of the columns."""
        for column, value in zip(self.columns.values(), row, strict=True):
            column.append(value)

    def extend(self, columns: Iterable[list[Any]]) -> None:
        """Add rows that are given column by column, in the order of the columns."""
        for column, values in zip(self.columns.values(), columns, strict=True):
            if isinstance(column, array):
                column.fromlist(values)
            else:
                column.extend(values)

    def until(self, rows: int) -> Table:
        """The table as it was when it had so many rows."""
        made = Table(self.kinds)
        made.columns = {name: column[:rows] for name, column in self.columns.items()}
        return made

    def text_rows(self) -> Iterator[list[str]]:
        """Rows as text: numbers in their shortest exact form, NaN as an empty field."""
        for values in zip(*self.columns.values(), strict=True):
            yield [_text(v) for v in values]

    def frame(self) -> pd.DataFrame:
        """The table as a pandas DataFrame."""
        import numpy as np
        import pandas as pd

        return pd.DataFrame(
            {k: list(v) if isinstance(v, list) else np.asarray(v) for k, v in self.columns.items()}
        )


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return str(value)
