"""Charts of a side as text, a line each."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kursksim.play.game import Game
from kursksim.play.terminal.fog import column
from kursksim.play.terminal.report import brief
from kursksim.runs.columns import COLUMNS

__all__ = ["CHARTS", "charts", "spark"]

BARS = "▁▂▃▄▅▆▇█"

CHARTS = {
    "holder": {
        "held_km2": "ground held, km²",
        "days_of_supply": "days of supply",
        "vehicles_lost": "vehicles lost a day",
        "holder_killed_wounded": "killed and wounded, index",
        "holder_missing_captured": "missing, index",
    },
    "attacker": {
        "held_km2": "ground held, km²",
        "drone_teams": "drone teams",
        "attempts": "attacks on the roads a day",
        "attacker_fit_men": "men fit to attack",
        "attacker_losses": "own losses, index",
    },
}
"""Charts of a side: each column with a title that is short enough to stand beside its bars."""


def charts(game: Game, side: str, width: int = 78) -> list[str]:
    """Area, supply and losses of the days played, a line each, from 0 to the largest value."""
    if not game.day:
        return ["Nothing has been played yet."]
    # a column without a value belongs to a model that this campaign does not play
    titles = {
        name: text
        for name, text in CHARTS[side].items()
        if not math.isnan(column(game, side, name)[-1])
    }
    label = max(map(len, titles.values()))
    room = max(10, width - label - 22)
    dates = column(game, side, "date")
    lines = [f"{dates[0]} to {dates[-1]}, a bar from 0 to the largest value"]
    for name, text in titles.items():
        values = [float(v) for v in column(game, side, name)]
        end = f"{brief(values[-1])} now"
        # of what counts up over the campaign, bars show each day's part
        if COLUMNS["daily"][name].total:
            end = f"{values[-1]:.0f} in all"
            values = [b - a for a, b in zip([0.0, *values], values, strict=False)]
        lines.append(f"{text:<{label}}  {spark(values, room)}  most {brief(max(values))}, {end}")
    return lines


def spark(values: Sequence[float], room: int, bars: str = BARS) -> str:
    """Values as a row of bars from 0 to the largest; more than fit are averaged.

    Examples
    --------
    >>> spark([0.0, 1.0, 2.0, 4.0], 10)
    '▁▂▄█'
    >>> spark([1.0, 1.0, 3.0, 3.0], 2)
    '▃█'
    """
    # neighbours are averaged, so that a long campaign fits a line
    size = math.ceil(len(values) / room) if room > 0 else 1
    groups = [values[i : i + size] for i in range(0, len(values), size)]
    means = [math.fsum(g) / len(g) for g in groups]
    most = max(means, default=0.0)
    top = len(bars) - 1
    return "".join(
        bars[min(top, math.floor(m / most * top + 0.499)) if most > 0 else 0] for m in means
    )
