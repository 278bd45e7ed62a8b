"""Versions that figures depend on, and warnings of a run, a game or a store made with others."""

from __future__ import annotations

import math
import platform
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from kursksim._version import __version__
from kursksim.errors import OtherVersions
from kursksim.runs.columns import Table

__all__ = ["MEANS", "compared", "other_versions", "tell", "tell_mixed", "versions"]

PACKAGES = ("simpy", "numpy", "h3")
NAMES = {"python": "Python"}
MEANS = "figures may differ in their last digits, and what hangs on one of these may fall otherwise"


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Versions of everything that results depend on."""
    found = {"kursksim": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def other_versions(made: Mapping[str, object], here: Mapping[str, object] | None = None) -> str:
    """Difference between the versions of something and those here, in words; empty for none.

    The library's own version is left out: its results version says whether it plays the same.

    Examples
    --------
    >>> other_versions({"numpy": "1.26.0"}, {"numpy": "2.1.0"})
    'numpy 1.26.0, here 2.1.0'
    """
    now = versions() if here is None else here
    names = [n for n in ("python", *PACKAGES) if n in made and n in now and made[n] != now[n]]
    return "; ".join(f"{NAMES.get(n, n)} {str(made[n])[:40]}, here {now[n]}" for n in names)


def tell(what: str, made: Mapping[str, object], means: str = MEANS) -> None:
    """Warn if something was made with other versions, and say what that means."""
    if said := other_versions(made):
        warnings.warn(
            OtherVersions(f"{what} was made with other versions ({said}): {means}"), stacklevel=3
        )


def tell_mixed(what: str, made: Sequence[Mapping[str, object]]) -> None:
    """Warn if things that stand side by side were made with different versions."""
    said = []
    for name in ("python", *PACKAGES):
        found = dict.fromkeys(str(one[name])[:40] for one in made if name in one)
        if len(found) > 1:
            said.append(f"{NAMES.get(name, name)} {' and '.join(found)}")
    if said:
        warnings.warn(
            OtherVersions(f"{what} were made with different versions ({'; '.join(said)}): {MEANS}"),
            stacklevel=3,
        )


def compared(before: Mapping[str, Table], after: Mapping[str, Table]) -> str:
    """Compare tables that were played again with those that were saved, in words.

    Parameters
    ----------
    before, after : mapping of str to Table
        Those that only one of them has are left out.
    """
    days, widest = dict[str, str](), 0.0
    for name in before.keys() & after.keys():
        old, new = before[name].columns, after[name].columns
        for column in old.keys() & new.keys():
            rows = zip(old["date"], old[column], new[column], strict=False)
            for date, was, now in rows:
                if (far := _apart(was, now)) > 0:
                    days.setdefault(date, column)
                    widest = max(widest, far)
    if not days:
        return "played again and compared, every table is the same to the last digit"
    first = min(days)
    return (
        f"played again and compared, tables differ from {first} on ({days[first]}), by"
        f" {widest:.1e} of a value at most"
    )


def _apart(a: object, b: object) -> float:
    """Relative distance of two values of a table; 0 for the same, 1 for other text."""
    if a == b:
        return 0.0
    if not isinstance(a, (int, float)) or not isinstance(b, (int, float)):
        return 1.0
    if math.isnan(a) or math.isnan(b):
        return 0.0 if math.isnan(a) and math.isnan(b) else 1.0
    return abs(a - b) / max(abs(a), abs(b))
