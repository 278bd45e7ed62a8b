"""What-ifs as paired differences: base and what-if play with the same luck, and the difference has an interval."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.api import WhatIf, with_changes
from kursksim.counts import whole
from kursksim.ensembles.coupling import Coupling, coupling, pairs_of
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress, ensemble, part_of
from kursksim.ensembles.names import file_name, named, read, store_folder
from kursksim.ensembles.results import Ensemble
from kursksim.errors import BadUse, KursksimError, nearest
from kursksim.intervals import mean_interval
from kursksim.notices import tell
from kursksim.policies.base import Policy
from kursksim.runs.outcomes import fall_measure
from kursksim.scenario import PatchLike
from kursksim.scenario.digests import differing, parts_of
from kursksim.scenario.schema import Scenario
from kursksim.terrain.soundness import assure

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Comparison",
    "Difference",
    "compare",
    "named",
    "paired_difference",
    "verdict",
]

Floats = NDArray[np.float64]
MOST = 10_000
"""Pairs at which the search for a narrow interval gives up."""
STEP = 10
"""Pairs that are added at least."""


class Difference(NamedTuple):
    """A measure of a what-if less that of the base, over pairs of runs that share their luck.

    Attributes
    ----------
    what_if, measure : str
    n : int
        Pairs in which both have a value.
    base, value : float
        Means over these pairs.
    difference, low, high : float
        Mean of the differences and its 95 % interval (Student's t).
    share_same_sign : float
        Share of the pairs whose difference has the sign of the mean.
    variance_reduction : float
        Variance of the difference of independent runs over that of the pairs: how many times fewer runs the pairing
        needs.
    """

    what_if: str
    measure: str
    n: int
    base: float
    value: float
    difference: float
    low: float
    high: float
    share_same_sign: float
    variance_reduction: float

    @property
    def half_width(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2


def verdict(found: Difference, expected: str | None) -> str:
    """What a difference says of what was expected of it.

    Parameters
    ----------
    found : Difference
    expected : {"more", "less", "same"} or None

    Returns
    -------
    str
        ``as expected``, ``surprise`` (the interval lies on the other side), ``not shown`` (the interval has 0 in it);
        empty where nothing was expected.
    """
    if expected is None:
        return ""
    if not (found.low > 0 or found.high < 0):  # NaN, too, shows nothing
        return "as expected" if expected == "same" else "not shown"
    return "as expected" if expected == ("more" if found.difference > 0 else "less") else "surprise"


def paired_difference(what_if: str, measure: str, base: Floats, value: Floats) -> Difference:
    """The paired difference of a measure, with its interval.

    Parameters
    ----------
    what_if, measure : str
    base, value : array, shape (pairs,)
        A pair in which one is NaN is left out.
    """
    both = ~(np.isnan(base) | np.isnan(value))
    base, value = base[both], value[both]
    n, change = len(base), value - base
    if n == 0:
        return Difference(what_if, measure, 0, *([math.nan] * 7))
    mean, low, high = mean_interval(change)
    reduction = math.nan
    if n > 1:
        spread = float(change.var(ddof=1))
        apart = float(base.var(ddof=1) + value.var(ddof=1))
        reduction = apart / spread if spread > 0 else math.inf if apart > 0 else math.nan
    same = float((np.sign(change) == np.sign(mean)).mean())
    return Difference(
        what_if,
        measure,
        n,
        float(base.mean()),
        float(value.mean()),
        mean,
        low,
        high,
        same,
        reduction,
    )


@dataclass(frozen=True, eq=False)
class Comparison:
    """What-ifs beside their base.

    Attributes
    ----------
    base : Ensemble
    variants : mapping of str to Ensemble
        By the name of the what-if; those of a combination are joined by ``+``.
    differences : tuple of Difference
    couplings : tuple of Coupling
    expected : mapping of what-if to mapping of measure to direction
        What the authors of the what-ifs thought that they would do.
    """

    base: Ensemble
    variants: Mapping[str, Ensemble]
    differences: tuple[Difference, ...]
    couplings: tuple[Coupling, ...]
    expected: Mapping[str, Mapping[str, str]]

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.variants)} with {self.base!r}>"

    @property
    def table(self) -> pd.DataFrame:
        """One row a what-if and measure, as in compare.csv."""
        import pandas as pd

        return pd.DataFrame(list(self.differences), columns=list(Difference._fields))

    def difference(self, what_if: str, measure: str = "held_km2_end") -> Difference:
        """The paired difference of one measure.

        Raises
        ------
        BadUse
            For a what-if or a measure that was not compared.
        """
        if what_if not in self.variants:
            raise BadUse(f"what-if {what_if!r} was not compared; {nearest(what_if, self.variants)}")
        for d in self.differences:
            if (d.what_if, d.measure) == (what_if, measure):
                return d
        raise BadUse(
            f"measure {measure!r} is unknown; {nearest(measure, {d.measure for d in self.differences})}"
        )

    def title(self, what_if: str) -> str:
        """The titles of what a what-if lays on its base."""
        return " and ".join(
            self.variants[what_if].scenario.patches[len(self.base.scenario.patches) :]
        )

    def verdict(self, found: Difference) -> str:
        """What a difference says of what was expected of it; see ``kursksim.ensembles.comparison.verdict``."""
        expected = dict(self.expected.get(found.what_if, {}))
        place = fall_measure(self.base.scenario)
        return verdict(
            found, expected.get("key_place_day" if found.measure == place else found.measure)
        )

    def paths(self, what_if: str, column: str = "held_km2") -> Floats:
        """Differences of a daily column, pair by pair: shape (pairs, days)."""
        ours, theirs, _ = pairs_of(self.base, self.variants[what_if])
        return self.variants[what_if].matrix(column)[theirs] - self.base.matrix(column)[ours]


def compare(
    scenario: Scenario | str | Path, what_ifs: PatchLike | Sequence[PatchLike | Sequence[PatchLike]], *,
    replications: int = 100, seed: int = 1, until: str | dt.date | None = None,
    policy: Mapping[str, str | Policy] | None = None, what_if: WhatIf = (), set: Mapping[str, Any] | None = None,
    parameters: str = "default", progress: Progress | None = None, executor: Executor | None = None,
    store: str | Path | None = None, until_half_width: float | None = None,
) -> Comparison:  # fmt: skip
    """Compare what-ifs with a scenario, over pairs of runs that share their luck.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    what_ifs : name, path or mapping, or a sequence of them
        Each is compared by itself; a sequence within the sequence is one what-if made of several, laid on in order.
    replications : int
        Pairs; with ``until_half_width`` the least.
    seed, until, policy, parameters, progress, executor
        As in ``ensemble``.
    what_if, set
        Laid on the base too, so on both sides.
    store : str or Path, optional
        Folder of stores, one of the base and one of each what-if; what is there is not played again.
    until_half_width : float, optional
        Go on, with more and more pairs, until the interval of the ground held on the last day is no wider than this to
        either side, km², for every what-if; 10,000 pairs that do not suffice are an error.

    Raises
    ------
    BadUse
        For an argument that cannot be used.

    Examples
    --------
    >>> import kursksim as ks
    >>> road = {"title": "faster road", "set": {"parameters.v_road": 60}}
    >>> ks.compare("two-roads", road, replications=2, until="2025-01-05").difference("faster road").n
    2
    """
    check_executor(executor)
    seed, replications = (
        whole("seed", seed),
        whole("replications", replications, 1, MAX_REPLICATIONS),
    )
    if until_half_width is not None and not until_half_width > 0:
        raise BadUse(f"until_half_width {until_half_width!r}: must be above 0")
    base = with_changes(scenario, what_if, set)
    patches = {name: [read(p) for p in parts] for name, parts in named(what_ifs).items()}
    scenarios = {"base": base} | {name: with_changes(base, p) for name, p in patches.items()}
    _check_sides(base, scenarios, policy, until)
    for one in scenarios.values():  # all, before any is played
        assure(one)
    expected = {name: p[0].expect for name, p in patches.items() if len(p) == 1}
    shared = {
        "seed": seed,
        "until": until,
        "policy": policy,
        "parameters": parameters,
        "executor": executor,
    }
    count = replications if until_half_width is None else max(2, replications)
    made: dict[str, Ensemble] = {}
    with nullcontext() if store is None else store_folder(store) as folder:
        while True:
            made = _played(scenarios, count, folder, made, progress, shared)
            found = _compared(
                made["base"], {name: e for name, e in made.items() if name != "base"}, expected
            )
            if until_half_width is None or (more := _more(found, until_half_width)) == 0:
                return found
            count = more


def _check_sides(
    base: Scenario,
    scenarios: Mapping[str, Scenario],
    policy: Mapping[str, str | Policy] | None,
    until: object,
) -> None:
    """Refuse what would not be a comparison: campaigns of different length, a policy that undoes a what-if.

    Of one that sets what is so already it is said that it changes nothing.
    """
    for name, one in scenarios.items():
        if until is None and one.days != base.days:
            raise BadUse(
                f"what-if {name!r} has {one.days} days, its base {base.days}: say until when to compare"
            )
        if (
            one is not base
            and one.value == base.value
            and differing(parts_of(one), parts_of(base)) in ("", "parameters")
        ):
            tell(
                f"what-if {name!r} changes nothing: every difference will be 0",
                f"{base.digest} {name}",
            )
        for side in policy or {}:
            if one.policies.get(side) != base.policies.get(side):  # type: ignore[call-overload]
                raise BadUse(
                    f"what-if {name!r} sets the policy of the {side}, and so does policy=; leave one out"
                )


def _played(
    scenarios: Mapping[str, Scenario], count: int, folder: Path | None, before: Mapping[str, Ensemble],
    progress: Progress | None, shared: Mapping[str, Any],
) -> dict[str, Ensemble]:  # fmt: skip
    """An ensemble for each scenario; what was played before is not played again."""
    return {
        name: ensemble(
            one, replications=count, store=folder / f"{file_name(name)}.sqlite" if folder else None,
            progress=part_of(progress, number * count, len(scenarios) * count),
            onto=None if folder else before.get(name), **shared,
        )
        for number, (name, one) in enumerate(scenarios.items())
    }  # fmt: skip


def _more(found: Comparison, half_width: float) -> int:
    """Pairs that the widest interval is likely to need; 0 when all are narrow enough."""
    count = len(found.base.numbers) + len(found.base.failures)
    widths = [found.difference(name).half_width for name in found.variants]
    unknown = any(
        math.isnan(w) for w in widths
    )  # too few pairs in which both were played to their end
    widest = math.nan if unknown else max(widths)
    if widest <= half_width:
        return 0
    if count >= MOST:
        raise BadUse(f"until_half_width {half_width:g}: {MOST:,} pairs leave {widest:.3g} km²")
    if unknown:
        return min(MOST, 2 * count)
    wanted = max(count + STEP, math.ceil(1.1 * count * (widest / half_width) ** 2))
    return min(MOST, wanted, 4 * count)


def _compared(
    base: Ensemble, variants: Mapping[str, Ensemble], expected: Mapping[str, Mapping[str, str]]
) -> Comparison:
    differences, couplings = [], []
    for name, variant in variants.items():
        ours, theirs, both = pairs_of(base, variant)
        if not both:
            raise KursksimError(f"{name}: no pair in which both runs were played to their end")
        one, other = base.source.outcomes(), variant.source.outcomes()
        differences += [
            paired_difference(name, m, np.array(one[m])[ours], np.array(other[m])[theirs])
            for m in one
            if m in other
        ]
        couplings.append(coupling(name, base, variant))
    return Comparison(base, dict(variants), tuple(differences), tuple(couplings), expected)
