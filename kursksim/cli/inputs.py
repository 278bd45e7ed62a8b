"""What the flags of a command mean, refused before anything is played."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import kursksim as ks
from kursksim.errors import BadUse, ScenarioError, nearest
from kursksim.notices import tell
from kursksim.sides import SIDES

__all__ = [
    "choose_policies",
    "read_scenario",
    "set_values",
    "to_play",
]

Texts = Sequence[str] | None
"""What was given of a flag that may be repeated; None where it was not given."""


def set_values(texts: Texts) -> dict[str, Any]:
    """Return single values by path, from PATH=VALUE.

    Raises
    ------
    BadUse
        For a value without its path, or a path given twice.
    """
    from kursksim.scenario.patch import parse_set

    found: dict[str, Any] = {}
    for text in texts or ():
        path, value = parse_set(text)
        if path in found:
            raise BadUse(f"--set {path}: given twice")
        found[path] = value
    return found


def read_scenario(
    name: str, what_ifs: Texts = None, sets: Texts = None, *, played: bool = True
) -> ks.Scenario:
    """Return the scenario of a command, with what is laid on it; warnings about it are told.

    Parameters
    ----------
    name : str
    what_ifs, sets : sequence of str, optional
    played : bool
        Whether it is to be played, and so must be able to work on its first day.

    Raises
    ------
    KursksimError
        When it cannot be read.
    """
    from kursksim.scenario import catalogue
    from kursksim.scenario.patch import from_set, read_patch
    from kursksim.scenario.reader import read
    from kursksim.terrain.soundness import assure

    path = catalogue.find(name) if catalogue.is_name(name) else Path(name)
    values = set_values(sets)
    patches = [read_patch(p) for p in what_ifs or ()]
    if values:
        patches.append(from_set(values))
    made, problems = read(path, patches)
    if made is None:
        raise ScenarioError(p for p in problems if p.severity == "error")
    for problem in problems:
        tell(problem)
    if played:
        assure(made)
    return made


def to_play(
    name: str,
    *,
    what_if: Texts = None,
    set: Texts = None,
    policy: Texts = None,
    until: str | None = None,
    parameters: str = "default",
) -> tuple[ks.Scenario, dict[str, str]]:
    """Return a scenario that is to be played, and the policies over its own; every flag is tried.

    Raises
    ------
    KursksimError
    """
    from kursksim.api import last_day
    from kursksim.scenario.parameters import MODES

    made = read_scenario(name, what_if, set)
    last_day(made, until)
    if parameters not in MODES:
        raise BadUse(f"--parameters {parameters!r}; {nearest(parameters, MODES)}")
    return made, choose_policies(policy, made)


def choose_policies(texts: Texts, scenario: ks.Scenario) -> dict[str, str]:
    """Return policies by side, from SIDE=NAME[:ARG], each tried once.

    Raises
    ------
    BadUse
        For another form, an unknown side or policy, an argument that it does not take, a side given
        twice.
    """
    from kursksim.scenario.seats import seat_policy

    found: dict[str, str] = {}
    for text in texts or ():
        side, sign, spec = (part.strip() for part in text.partition("="))
        if not sign or not spec:
            raise BadUse(
                f"--policy {text[:80]!r}: write SIDE=NAME[:ARG],"
                " such as holder=fixed_date:2025-02-01"
            )
        if side not in SIDES:
            raise BadUse(f"--policy: side {side[:80]!r} is unknown; {nearest(side[:80], SIDES)}")
        if side in found:
            raise BadUse(f"--policy: two policies of the {side}")
        seat_policy(scenario, side, spec)
        found[side] = spec
    return found
