"""Versions and machines that figures depend on, and warnings of what was made with others."""

from __future__ import annotations

import math
import os
import platform
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from kursksim._version import __version__
from kursksim.errors import OtherVersions
from kursksim.runs.columns import Table

__all__ = [
    "MEANS",
    "SAME",
    "elsewhere",
    "machine",
    "other_versions",
    "parted",
    "tell",
    "tell_mixed",
    "tell_parting",
    "versions",
]

PACKAGES = ("simpy", "numpy", "h3")
NAMES = {"python": "Python", "simd": "vector instructions", "libc": "C library"}
AGAIN = "played again and compared"
SAME = f"{AGAIN}, every table is the same to the last digit"
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


@lru_cache(maxsize=1)
def machine() -> dict[str, str]:
    """What last digits may depend on besides versions, in this process.

    Exponentials and powers are those of the C library. It takes them by routes that depend on the
    processor.
    """
    # on first use: what is read without being played starts without it
    import numpy as np

    found = np.show_config(mode="dicts")["SIMD Extensions"]
    return {
        "processor": platform.machine(),
        "simd": " ".join([*found.get("baseline", ()), *found.get("found", ())]),
        "libc": _libc(),
    }


def _libc() -> str:
    """Name and version of the C library; elsewhere than on Linux the system comes with its own."""
    try:
        told = os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, OSError, ValueError):
        told = ""
    return told or f"{platform.system()} {platform.release()}"


def other_versions(made: Mapping[str, object], here: Mapping[str, object] | None = None) -> str:
    """Difference between the versions of something and those here, in words; empty for none.

    The library's own version is left out: its results version says whether it plays the same.

    Examples
    --------
    >>> other_versions({"numpy": "1.26.0"}, {"numpy": "2.1.0"})
    'numpy 1.26.0, here 2.1.0'
    """
    return _others(made, versions() if here is None else here, ("python", *PACKAGES))


def _others(made: Mapping[str, object], here: Mapping[str, object], names: Iterable[str]) -> str:
    """Entries of two tables that differ, in words."""
    apart = [n for n in names if n in made and n in here and made[n] != here[n]]
    return "; ".join(f"{NAMES.get(n, n)} {str(made[n])[:200]}, here {here[n]}" for n in apart)


def elsewhere(made: Mapping[str, object], on: Mapping[str, object]) -> str:
    """Difference of versions and machine from those here, in words; empty for none.

    Parameters
    ----------
    made, on : mapping of str to str
        Versions and machine, as ``versions`` and ``machine`` have them.
    """
    said, here = [], machine()
    if others := other_versions(made):
        said.append(f"with other versions ({others})")
    if others := _others(on, here, here):
        said.append(f"on another machine ({others})")
    return " and ".join(said)


def tell(what: str, made: Mapping[str, object], means: str = MEANS) -> None:
    """Warn if something was made with other versions, and say what that means."""
    if said := other_versions(made):
        warnings.warn(
            OtherVersions(f"{what} was made with other versions ({said}): {means}"), stacklevel=3
        )


def tell_parting(
    what: str, made: Mapping[str, object], on: Mapping[str, object], apart: str
) -> None:
    """Warn that something plays differently here, and say what is different here."""
    said = elsewhere(made, on)
    if not said:
        said = "with these versions, on a machine like this one"
        apart += "; an umpire's ruling or a change to the file may be why"
    warnings.warn(OtherVersions(f"{what} was made {said}: {apart}"), stacklevel=3)


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


def parted(before: Mapping[str, Table], after: Mapping[str, Table], midnight: str = "") -> str:
    """Where a run that was played again parts from the one that was saved; empty for nowhere.

    Parameters
    ----------
    before, after : mapping of str to Table
        Those that only one of them has are left out.
    midnight : str
        Date of the first day after which the states differ; empty for none.
    """
    days, widest = dict[str, str](), 0.0
    # in the order of the tables: what is named first is the same each time
    for name in filter(after.__contains__, before):
        old, new = before[name].columns, after[name].columns
        for column in filter(new.__contains__, old):
            rows = zip(old["date"], old[column], new[column], strict=False)
            for date, was, now in rows:
                if (far := _apart(was, now)) > 0:
                    days.setdefault(date, column)
                    widest = max(widest, far)
    states = f"; the states part at the midnight after {midnight}" if midnight else ""
    if not days:
        return f"{SAME}{states}" if states else ""
    first = min(days)
    return (
        f"{AGAIN}, tables differ from {first} on ({days[first]}), by"
        f" {widest:.1e} of a value at most{states}"
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
