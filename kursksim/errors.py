"""The errors that users meet: each is one line that says where, what, the rule and the nearest known value."""

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
    """A step was asked of a campaign that has ended."""


class RunFileError(KursksimError):
    """A saved run that cannot be read or written."""


class StoreError(KursksimError):
    """A store of an ensemble that cannot be opened, read or written."""


class LedgerError(KursksimError):
    """The books do not close: a defect of the program, never of the input."""


class OtherVersions(UserWarning):
    """Something was made with other versions of Python or of a library than it meets here."""


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
    """A scenario, patch or parameter set that breaks a rule; ``problems`` lists them all."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first, more = self.problems[0], len(self.problems) - 1
        rest = f" (and {more} more: `kursksim check` lists them)" if more else ""
        super().__init__(f"{first}{rest}")

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def nearest(value: object, known: Iterable[object]) -> str:
    """Say what is known, and which of it is meant, if that can be guessed.

    Examples
    --------
    >>> nearest("Fort", ["Ford", "Hill"])
    "known: Ford, Hill; did you mean 'Ford'?"
    """
    names = sorted({str(k) for k in known})
    shown = (
        ", ".join(names)
        if len(names) <= 12
        else f"{', '.join(names[:6])} and {len(names) - 6} more"
    )
    close = get_close_matches(str(value), names, n=1, cutoff=0.55)
    if not close:
        lowered = {n.lower(): n for n in reversed(names)}
        close = [lowered[str(value).lower()]] if str(value).lower() in lowered else []
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return f"known: {shown or 'nothing'}{hint}"
