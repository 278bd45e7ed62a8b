"""Errors for users: each is one line with the place, the value, the rule and a known value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = [
    "BadUse",
    "KursksimError",
    "LedgerError",
    "OtherVersions",
    "Problem",
    "RunFileError",
    "RunOver",
    "ScenarioError",
    "StoreError",
    "nearest",
]


class KursksimError(Exception):
    """Base of every error that the package raises on purpose."""


class BadUse(KursksimError, ValueError):
    """An argument that cannot be used: an unknown name, a date outside the campaign."""


class RunOver(KursksimError):
    """A request to play on when the campaign has ended."""


class RunFileError(KursksimError):
    """A saved run that cannot be read or written."""


class StoreError(KursksimError):
    """A store of an ensemble that cannot be opened, read or written."""


class LedgerError(KursksimError):
    """Books that do not close: a defect of the program, never of the input."""


class OtherVersions(UserWarning):
    """A warning that a result was made with other versions, or comes out otherwise here."""


@dataclass(frozen=True)
class Problem:
    """One finding about a scenario.

    Attributes
    ----------
    where : str
        File and line, or file and key.
    what : str
        The value given and the rule that it breaks, in one line.
    severity : str
        ``"error"`` or ``"warning"``.
    """

    where: str
    what: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class ScenarioError(KursksimError):
    """A scenario, patch or parameter set that breaks rules; ``problems`` has all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first, more = self.problems[0], len(self.problems) - 1
        rest = f" (and {more} more: `kursksim check` lists them)" if more else ""
        super().__init__(f"{first}{rest}")

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        # Worker processes send errors back as pickles, which would pass the message to __init__.
        return type(self), (self.problems,)


def nearest(value: object, known: Iterable[object]) -> str:
    """Say which names are known, and which of them may be meant.

    Examples
    --------
    >>> nearest("Fort", ["Ford", "Hill"])
    "known: Ford, Hill; did you mean 'Ford'?"
    """
    names = sorted({str(k) for k in known})
    shown = ", ".join(names) or "nothing"
    if len(names) > 12:
        shown = f"{', '.join(names[:6])} and {len(names) - 6} more"
    close = get_close_matches(str(value), names, n=1, cutoff=0.55)
    if not close:  # a short name in the other case has little in common
        close = [n for n in names if n.lower() == str(value).lower()]
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return f"known: {shown}{hint}"
