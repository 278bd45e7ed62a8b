"""Pictures of how far to trust: what the record identified, how reliable probabilities of control are, ranks of known
truths, and how long the last strip stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kursksim.plot.style import (
    BLUE,
    BODY,
    GREY,
    INK,
    ORANGE,
    SMALL,
    TITLE,
    calendar,
    days_of,
    foot,
    numbers,
    own_axes,
    provenance_line,
    short_meaning,
    styled,
)  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kursksim.ensembles import Ensemble
    from kursksim.evidence.maps import PlaceForecast
    from kursksim.studies.calibration.calibrate import Calibration
    from kursksim.studies.calibration.known_truths import Twins

LEAST_KM2 = 1.0
"""Less than a cell or two is no ground."""

__all__ = ["identified", "ranks", "reliability", "strip"]


@styled
def identified(made: Calibration, ax: Axes | None = None) -> Axes:
    """Prior against posterior: the middle 80 % of each parameter within its range, the narrowest on top.

    Parameters
    ----------
    made : Calibration
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    table = made.identifiability.sort_values("narrowed", kind="stable")
    ax, mine = own_axes(ax, 1.2 + 0.2 * len(table), 3.3)
    y = np.arange(len(table))
    low, span = table["low"].to_numpy(), (table["high"] - table["low"]).to_numpy()
    q10, middle, q90, default = (
        (table[c].to_numpy() - low) / span for c in ("q10", "median", "q90", "default")
    )
    ax.barh(
        y, np.full(len(y), 0.8), left=0.1, height=0.7, color="#E3E3E3", label="prior, middle 80 %"
    )
    ax.barh(y, q90 - q10, left=q10, height=0.4, color=BLUE, label="posterior, middle 80 %")
    ax.plot(middle, y, "|", color="white", markersize=8, markeredgewidth=2)
    ax.plot(default, y, "D", color=ORANGE, markersize=4, label="default", linestyle="none")
    rows = {p.id: p for p in made.scenario.parameters}
    ax.set_yticks(y, labels=[short_meaning(rows[i].meaning, i) for i in table["parameter"]])
    ax.tick_params(labelsize=SMALL - 0.5)
    ax.set_xlim(0, 1)
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xticks([0, 0.5, 1], labels=["low end", "middle of the range", "high end"])
    ax.legend(
        fontsize=SMALL, loc="upper center", bbox_to_anchor=(0.3, -0.055), ncols=3, frameon=False
    )
    cut = "to the end" if made.until is None else f"to {made.until}"
    ax.set_title(
        f"What the record {cut} says of each parameter",
        fontsize=TITLE,
        loc="right" if mine else "left",
        pad=6,
    )
    if mine is not None:
        scenario = made.scenario
        share = f"{scenario.assumed_share():.0%} of parameters assumed or fitted"
        foot(
            mine,
            f"{scenario.id} · {len(made.weights)} sets, effective sample size {made.ess:.0f} · {share}",
        )
    return ax


@styled
def reliability(
    forecasts: Sequence[PlaceForecast], ensemble: Ensemble, ax: Axes | None = None, *, bins: int = 5
) -> Axes:
    """Probability that a place is held against the share of times that it was, over places and weeks.

    Parameters
    ----------
    forecasts : sequence of PlaceForecast
    ensemble : Ensemble
        What they come from; for the line below the picture.
    ax : Axes, optional
    bins : int

    Returns
    -------
    Axes
    """
    from kursksim.evidence.maps import brier
    from kursksim.evidence.maps import reliability as binned

    ax, mine = own_axes(ax, 3.6)
    found = binned(forecasts, bins)
    expected, came, counts = (np.array(v) for v in zip(*found, strict=True))
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="reliable")
    ax.plot(expected, came, "o-", color=BLUE, markersize=6, label="this ensemble")
    for x, y, n in zip(expected, came, counts, strict=True):
        last = (
            x > 0.9
        )  # to the right of a rising line it is empty, but for the last point, which has only room below
        ax.annotate(
            f"{n} pairs", (x, y), xytext=(0, -14) if last else (8, -10), textcoords="offset points",
            ha="center" if last else "left", fontsize=SMALL,
        )  # fmt: skip
    score = brier(forecasts)
    ax.set_xlim(-0.06, 1.06)
    ax.set_ylim(-0.06, 1.1)
    ax.set_xlabel("probability that a place is held", fontsize=BODY)
    ax.set_ylabel("share of times that it was", fontsize=BODY)
    ax.set_title(
        f"Where ground is held: Brier score {score.score:.3f} (how many alone: {score.reference:.3f})",
        fontsize=TITLE, loc="left", pad=6,
    )  # fmt: skip
    ax.legend(fontsize=SMALL, loc="upper left")
    if mine is not None:
        foot(mine, provenance_line(ensemble, ensemble.replications))
    return ax


@styled
def ranks(made: Twins, ax: Axes | None = None, *, bins: int = 10) -> Axes:
    """Ranks of known truths in their posteriors over all parameters: flat where the posterior is honest.

    Parameters
    ----------
    made : Twins
    ax : Axes, optional
    bins : int

    Returns
    -------
    Axes
    """
    ax, mine = own_axes(ax, 3.0)
    counts, edges = np.histogram(made.ranks.ravel(), bins=bins, range=(0, 1))
    share = counts / counts.sum() * 100
    ax.bar(edges[:-1], share, width=np.diff(edges), align="edge", color=BLUE, edgecolor="white")
    ax.axhline(100 / bins, color=INK, linestyle="--", linewidth=1, label="nominal")
    ax.set_ylim(0, 1.2 * max(share.max(), 100 / bins))
    ax.legend(fontsize=SMALL, loc="upper right")
    covered, error = made.coverage()
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of the posterior below the truth", fontsize=BODY)
    ax.set_ylabel("ranks (%)", fontsize=BODY)
    ax.set_title(
        f"{len(made.ranks)} known truths: 80 % intervals hold {covered:.0%} ± {error:.0%} of the values",
        fontsize=TITLE, loc="left", pad=6,
    )  # fmt: skip
    if mine is not None:
        size = f"effective sample size of a twin {np.median(made.ess):.0f} (median)"
        foot(mine, " · ".join(filter(None, (f"{made.ranks.shape[1]} parameters", size, made.of))))
    return ax


@styled
def strip(ensemble: Ensemble, ax: Axes | None = None) -> Axes:
    """The ground that is left from the first order on: median and bands, and the share of runs in which any is left.

    Parameters
    ----------
    ensemble : Ensemble
        Played beyond the campaign's last day, if the weeks after it are meant.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax, mine = own_axes(ax, 3.4, right=0.75)
    orders = ensemble.outcome("order_day")
    first = int(min(orders.min(), ensemble.days - 15))
    days = days_of(list(ensemble.dates))[first:]
    held = ensemble.matrix("held_km2")[:, first:]
    low, quarter, middle, three, high = np.quantile(held, [0.1, 0.25, 0.5, 0.75, 0.9], axis=0)
    calendar(ax, days[0], days[-1])
    ax.fill_between(numbers(days), low, high, color="#D3E5F2", linewidth=0, label="middle 80 %")
    ax.fill_between(
        numbers(days), quarter, three, color="#8FBFDF", linewidth=0, label="middle 50 %"
    )
    ax.plot(numbers(days), middle, color=BLUE, linewidth=2, label="median")
    ax.set_ylim(0, float(high.max()) * 1.05)
    ax.set_ylabel("ground held (km²)", fontsize=BODY)
    stands = ax.twinx()
    stands.plot(
        numbers(days),
        (held > LEAST_KM2).mean(axis=0) * 100,
        color=INK,
        linestyle="--",
        label="any ground held (right)",
    )
    stands.set_ylim(0, 105)
    stands.set_ylabel("runs (%)", fontsize=BODY)
    stands.spines["top"].set_visible(False)
    lines, labels = ax.get_legend_handles_labels()
    more, said = stands.get_legend_handles_labels()
    ax.legend(
        [*lines, *more],
        [*labels, *said],
        fontsize=SMALL,
        loc="upper right",
        bbox_to_anchor=(1, 0.93),
    )
    ax.set_title("The last strip", fontsize=TITLE, loc="left", pad=6)
    if mine is not None:
        foot(mine, provenance_line(ensemble, ensemble.replications))
    return ax
