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
    "to_play_on",
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

    path = catalogue.place_of(name)
    values = set_values(sets)
    patches = [read_patch(p, path) for p in what_ifs or ()]
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


def to_play_on(
    source: str,
    date: str,
    *,
    what_if: Texts = None,
    set: Texts = None,
    policy: Texts = None,
    until: str | None = None,
) -> tuple[ks.Scenario, dict[str, str], ks.State]:
    """Return how a saved run goes on from the midnight before a date: scenario, policies, state.

    The policies are those that played, but for a side that has another one now.

    Raises
    ------
    KursksimError
    """
    from kursksim.api import last_day, with_changes
    from kursksim.engine.campaign import policy_specs
    from kursksim.policies.base import split_spec
    from kursksim.registry import names
    from kursksim.scenario import catalogue
    from kursksim.units import add_days, day_of, parse_date

    if source in catalogue.names() and not Path(source).exists():
        raise BadUse(f"--from goes with the folder of a saved run, and {source!r} is a scenario")
    run, when = ks.load_run(source), parse_date(date, "--from")
    if not 0 <= day_of(when, run.scenario.start) - run.first <= run.days:
        first, after = run.provenance.start, run.scenario.date(run.played.stop)
        raise BadUse(f"--from {when}: outside this run, which can go on from {first} to {after}")
    state = run.state(add_days(when, -1))
    made = with_changes(run.scenario, list(what_if or ()), set_values(set))
    last_day(made, until)
    policies = choose_policies(policy, made)
    was, now = (policy_specs(scenario, None) for scenario in (run.scenario, made))
    for side, spec in run.provenance.policies.items():
        if side in policies or was[side] != now[side]:
            continue
        if split_spec(spec)[0] not in names(f"policy/{side}"):
            raise BadUse(
                f"{source[:200]!r}: the {side} was played by {spec}, which is no registered policy:"
                f" give one, as --policy {side}=NAME"
            )
        policies[side] = spec
    return made, policies, state


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
