"""What-ifs as paired differences with intervals: base and what-if play with the same luck."""

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
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress, made_of, planned
from kursksim.ensembles.names import file_name, named, read, store_folder
from kursksim.ensembles.results import Ensemble
from kursksim.errors import BadUse, KursksimError, nearest
from kursksim.intervals import mean_interval
from kursksim.notices import tell
from kursksim.policies.base import Policy
from kursksim.runs.outcomes import fall_measure
from kursksim.scenario.digests import differing, parts_of
from kursksim.scenario.reader import PatchLike
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
# pairs at which the search for a narrow interval gives up
MOST = 10_000
# the fewest pairs that are added at a time
STEP = 10


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
        Variance of the difference of independent runs over that of the pairs: by this factor the
        pairing needs fewer runs.
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
    """Compare a difference with the expectation.

    Parameters
    ----------
    found : Difference
    expected : {"more", "less", "same"} or None

    Returns
    -------
    str
        ``as expected``, ``surprise`` (the interval lies on the other side), ``not shown`` (the
        interval has 0 in it); empty where nothing was expected.
    """
    if expected is None:
        return ""
    if not (found.low > 0 or found.high < 0):  # an interval of NaN shows nothing either
        return "as expected" if expected == "same" else "not shown"
    seen = "more" if found.difference > 0 else "less"
    return "as expected" if seen == expected else "surprise"


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
    reduction = math.nan
    if n > 1:
        spread = float(change.var(ddof=1))
        apart = float(base.var(ddof=1) + value.var(ddof=1))
        if spread > 0:
            reduction = apart / spread
        elif apart > 0:  # runs that vary alike: one pair says it all
            reduction = math.inf
    interval = mean_interval(change)
    same = float((np.sign(change) == np.sign(interval[0])).mean())
    means = float(base.mean()), float(value.mean())
    return Difference(what_if, measure, n, *means, *interval, same, reduction)


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
        Expectations of the authors of the what-ifs.
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
        found = {d.measure: d for d in self.differences if d.what_if == what_if}
        if measure not in found:
            raise BadUse(f"measure {measure!r} is unknown; {nearest(measure, found)}")
        return found[measure]

    def title(self, what_if: str) -> str:
        """The titles of the patches that a what-if lays on its base."""
        laid_on = len(self.base.scenario.patches)
        return " and ".join(self.variants[what_if].scenario.patches[laid_on:])

    def verdict(self, found: Difference) -> str:
        """Compare a difference with the expectation; see the function ``verdict``."""
        # the key place is another in each scenario, so what-ifs call its fall by one name
        is_fall = found.measure == fall_measure(self.base.scenario)
        expected = self.expected.get(found.what_if, {})
        return verdict(found, expected.get("key_place_day" if is_fall else found.measure))

    def paths(self, what_if: str, column: str = "held_km2") -> Floats:
        """Differences of a daily column, pair by pair: shape (pairs, days)."""
        ours, theirs, _ = pairs_of(self.base, self.variants[what_if])
        return self.variants[what_if].matrix(column)[theirs] - self.base.matrix(column)[ours]


def compare(
    scenario: Scenario | str | Path,
    what_ifs: PatchLike | Sequence[PatchLike | Sequence[PatchLike]],
    *,
    replications: int = 100,
    seed: int = 1,
    until: str | dt.date | None = None,
    policy: Mapping[str, str | Policy] | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    parameters: str = "default",
    progress: Progress | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
    until_half_width: float | None = None,
) -> Comparison:
    """Compare what-ifs with a scenario, over pairs of runs that share their luck.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    what_ifs : name, path or mapping, or a sequence of them
        Each is compared by itself; a sequence within the sequence is one what-if made of several,
        laid on in order.
    replications : int
        Pairs; with ``until_half_width`` the least.
    seed, until, policy, parameters, progress, executor
        As in ``ensemble``.
    what_if, set
        Laid on the base too, so on both sides.
    store : str or Path, optional
        Folder of stores, one of the base and one of each what-if; stored pairs are not played
        again.
    until_half_width : float, optional
        Add pairs until the interval of the ground held on the last day is no wider than this to
        either side, km², for every what-if. It is an error if 10,000 pairs do not suffice.

    Raises
    ------
    BadUse
        For an argument that cannot be used.

    Examples
    --------
    >>> import kursksim as ks
    >>> road = {"title": "faster road", "set": {"parameters.v_road": 60}}
    >>> found = ks.compare("two-roads", road, replications=2, until="2025-01-05")
    >>> found.difference("faster road").n
    2
    """
    check_executor(executor)
    replications = whole("replications", replications, 1, MAX_REPLICATIONS)
    if until_half_width is not None and not until_half_width > 0:
        raise BadUse(f"until_half_width {until_half_width!r}: must be above 0")
    base = with_changes(scenario, what_if, set)
    patches = {name: read(parts, base) for name, parts in named(what_ifs).items()}
    scenarios = {"base": base} | {name: with_changes(base, p) for name, p in patches.items()}
    _check_sides(base, scenarios, policy, until)
    for one in scenarios.values():  # all, before any is played
        assure(one)
    expected = {name: p[0].expect for name, p in patches.items() if len(p) == 1}
    shared = {
        "seed": whole("seed", seed),
        "until": until,
        "policy": policy,
        "parameters": parameters,
    }
    # of a single pair no width is known
    count = replications if until_half_width is None else max(2, replications)
    made: dict[str, Ensemble] = {}
    with nullcontext() if store is None else store_folder(store) as folder:
        while True:
            made = _played(
                scenarios,
                count,
                folder,
                before=made,
                progress=progress,
                executor=executor,
                shared=shared,
            )
            found = _compared(made, expected)
            if until_half_width is None or (more := _more(found, until_half_width)) == 0:
                return found
            count = more


def _check_sides(
    base: Scenario,
    scenarios: Mapping[str, Scenario],
    policy: Mapping[str, str | Policy] | None,
    until: object,
) -> None:
    """Refuse campaigns of different length, and a policy that undoes a what-if.

    A what-if that changes nothing is played, with a notice.
    """
    for name, one in scenarios.items():
        if until is None and one.days != base.days:
            raise BadUse(
                f"what-if {name!r} has {one.days} days, its base {base.days}:"
                " say until when to compare"
            )
        # parameters may differ in their ranges alone
        alike = differing(parts_of(one), parts_of(base)) in ("", "parameters")
        if one is not base and one.value == base.value and alike:
            said = f"what-if {name!r} changes nothing: every difference will be 0"
            tell(said, f"{base.digest} {name}")
        for side in policy or {}:
            if one.policies.get(side) != base.policies.get(side):  # type: ignore[call-overload]
                raise BadUse(
                    f"what-if {name!r} sets the policy of the {side}, and so does policy=;"
                    " leave one out"
                )


def _played(
    scenarios: Mapping[str, Scenario],
    count: int,
    folder: Path | None,
    *,
    before: Mapping[str, Ensemble],
    progress: Progress | None,
    executor: Executor | None,
    shared: Mapping[str, Any],
) -> dict[str, Ensemble]:
    """An ensemble for each scenario; replications played before are not played again."""
    plans = [
        planned(
            one,
            replications=count,
            store=folder / f"{file_name(name)}.sqlite" if folder else None,
            onto=None if folder else before.get(name),
            **shared,
        )
        for name, one in scenarios.items()
    ]
    made = made_of(plans, progress=progress, executor=executor)
    return dict(zip(scenarios, made, strict=True))


def _more(found: Comparison, half_width: float) -> int:
    """Pairs that the widest interval is likely to need; 0 when all are narrow enough."""
    count = len(found.base.numbers) + len(found.base.failures)
    # NaN, which numpy hands on, where too few pairs were played to their end on both sides
    widest = float(np.max([found.difference(name).half_width for name in found.variants]))
    if widest <= half_width:
        return 0
    if count >= MOST:
        raise BadUse(f"until_half_width {half_width:g}: {MOST:,} pairs leave {widest:.3g} km²")
    if math.isnan(widest):
        return min(MOST, 2 * count)
    # the width falls with the root of the number; a tenth more, as the spread is an estimate
    wanted = max(count + STEP, math.ceil(1.1 * count * (widest / half_width) ** 2))
    return min(MOST, wanted, 4 * count)


def _compared(
    made: Mapping[str, Ensemble], expected: Mapping[str, Mapping[str, str]]
) -> Comparison:
    variants = dict(made)
    base = variants.pop("base")
    one = base.source.outcomes()
    differences, couplings = [], []
    for name, variant in variants.items():
        ours, theirs, both = pairs_of(base, variant)
        if not both:
            raise KursksimError(f"{name}: no pair in which both runs were played to their end")
        other = variant.source.outcomes()
        for m in filter(other.__contains__, one):
            values = np.array(one[m])[ours], np.array(other[m])[theirs]
            differences.append(paired_difference(name, m, *values))
        couplings.append(coupling(name, base, variant))
    return Comparison(base, variants, tuple(differences), tuple(couplings), expected)
