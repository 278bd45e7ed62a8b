"""Pictures of trust: parameters identified, reliability, and ranks of known truths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kursksim.evidence.maps import brier
from kursksim.evidence.maps import reliability as binned
from kursksim.intervals import SPREAD, WIDEST, middle, quantile_name
from kursksim.plot.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SMALL,
    foot,
    own_axes,
    provenance_line,
    short_meaning,
    styled,
)
from kursksim.scenario.weather import rests_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kursksim.ensembles import Ensemble
    from kursksim.evidence.maps import PlaceForecast
    from kursksim.studies.calibration.calibrate import Calibration
    from kursksim.studies.calibration.known_truths import Twins

__all__ = ["identified", "ranks", "reliability"]


@styled
def identified(made: Calibration, ax: Axes | None = None) -> Axes:
    """Draw the widest band of prior and posterior of each parameter, the narrowest on top.

    Parameters
    ----------
    made : Calibration
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    table = made.identifiability.sort_values("narrowed", kind="stable")
    ax, mine = own_axes(ax, 1.2 + 0.2 * len(table), left=3.3)
    y = np.arange(len(table))
    low, span = table["low"].to_numpy(), (table["high"] - table["low"]).to_numpy()
    names = (*map(quantile_name, SPREAD), "default")
    least, median, most, default = ((table[name].to_numpy() - low) / span for name in names)
    said = middle(WIDEST)
    # priors are uniform over the range, so that their band is known
    ax.barh(y, WIDEST, left=SPREAD[0], height=0.7, color="#E3E3E3", label=f"prior, {said}")
    ax.barh(y, most - least, left=least, height=0.4, color=BLUE, label=f"posterior, {said}")
    ax.plot(median, y, "|", color="white", markersize=8, markeredgewidth=2)
    ax.plot(default, y, "D", color=ORANGE, markersize=4, label="default", linestyle="none")
    rows = {p.id: p for p in made.scenario.parameters}
    ax.set_yticks(y, labels=[short_meaning(rows[i].meaning, i) for i in table["parameter"]])
    ax.tick_params(labelsize=SMALL - 0.5)
    ax.set(xlim=(0, 1), ylim=(-0.6, len(table) - 0.4))
    ax.set_xticks([0, 0.5, 1], labels=["low end", "middle of the range", "high end"])
    ax.legend(loc="upper center", bbox_to_anchor=(0.3, -0.055), ncols=3)
    cut = "to the end" if made.until is None else f"to {made.until}"
    # our axes are narrow, beside names of parameters: a title needs the room above those
    ax.set_title(f"What the record {cut} says of each parameter", loc="right" if mine else "left")
    scenario = made.scenario
    size = f"{len(made.weights)} sets, {made.size}"
    foot(mine, f"{scenario.id} · {size} · {rests_on(scenario)}")
    return ax


@styled
def reliability(
    forecasts: Sequence[PlaceForecast], ensemble: Ensemble, ax: Axes | None = None, *, bins: int = 5
) -> Axes:
    """Draw the probability that a place is held against the share of times that it was held.

    Parameters
    ----------
    forecasts : sequence of PlaceForecast
    ensemble : Ensemble
        The ensemble that they come from; for the line below the picture.
    ax : Axes, optional
    bins : int
        Classes of probability.

    Returns
    -------
    Axes
    """
    ax, mine = own_axes(ax, 3.6)
    expected, came, counts = (np.array(v) for v in zip(*binned(forecasts, bins), strict=True))
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="reliable")
    ax.plot(expected, came, "o-", color=BLUE, markersize=6, label="this ensemble")
    for x, y, n in zip(expected, came, counts, strict=True):
        # right of a rising line it is empty; the last point has room only below
        shift, side = ((0, -14), "center") if x > 0.9 else ((8, -10), "left")
        ax.annotate(
            f"{n} pairs", (x, y), shift, textcoords="offset points", ha=side, fontsize=SMALL
        )
    score = brier(forecasts)
    found = f"Brier score {score.score:.3f} (how many alone: {score.reference:.3f})"
    ax.set(
        xlim=(-0.06, 1.06),
        ylim=(-0.06, 1.1),
        xlabel="probability that a place is held",
        ylabel="share of times that it was",
        title=f"Where ground is held: {found}",
    )
    ax.legend(loc="upper left")
    foot(mine, provenance_line(ensemble, ensemble.replications))
    return ax


@styled
def ranks(made: Twins, ax: Axes | None = None) -> Axes:
    """Draw how far the ranks of known truths are from even, parameter by parameter, and the band.

    Parameters
    ----------
    made : Twins
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax, mine = own_axes(ax, 3.0)
    places, low, high = made.band
    ax.fill_between(places, low - places, high - places, color="#E3E3E3", label="band of all, 95 %")
    for ranks_of_one, out in zip(made.ranks.T, made.outside, strict=True):
        share = (ranks_of_one[:, None] <= places).mean(axis=0)
        ax.plot(places, share - places, color=ORANGE if out else BLUE, linewidth=0.8)
    ax.axhline(0, color=INK, linestyle="--", linewidth=1, label="even")
    ax.legend(loc="upper right")
    covered, error = made.coverage()
    held = f"{WIDEST * 100:.0f} % intervals hold {covered:.0%} ± {error:.0%} of the values"
    ax.set(
        xlim=(0, 1),
        xlabel="share of the posterior below the truth",
        ylabel="ranks up to there, less even",
        title=f"{len(made.ranks)} known truths: {held}",
    )
    size = (
        f"effective sample size {np.median(made.ess):.0f}, k̂ {np.median(made.k_hat):.2f} (medians)"
    )
    foot(mine, " · ".join(filter(None, (f"{made.ranks.shape[1]} parameters", size, made.of))))
    return ax
