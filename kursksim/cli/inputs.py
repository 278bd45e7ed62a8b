"""What the flags of a command mean, refused before anything is played."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse, ScenarioError, nearest
from kursksim.notices import tell
from kursksim.scenario import Scenario, catalogue, parse_set, read
from kursksim.scenario.patch import Patch, from_set, read_patch
from kursksim.sides import SIDES

__all__ = ["choose_policies", "patches", "path_of", "read_scenario", "set_values"]


def path_of(name: str) -> Path:
    """Where a scenario lies: a shipped name, a folder or a file.

    Raises
    ------
    BadUse
        For an unknown name.
    """
    return catalogue.find(name) if catalogue.is_name(name) else Path(name)


def set_values(texts: Sequence[str]) -> dict[str, Any]:
    """Single values by path, from PATH=VALUE.

    Raises
    ------
    BadUse
        For a value without its path, or a path given twice.
    """
    found: dict[str, Any] = {}
    for text in texts:
        path, value = parse_set(text)
        if path in found:
            raise BadUse(f"--set {path}: given twice")
        found[path] = value
    return found


def patches(what_ifs: Sequence[str], sets: Sequence[str]) -> list[Patch]:
    """What-ifs and single values as patches, in the order in which they are laid on.

    Raises
    ------
    BadUse
        For an unknown what-if, or a value without its path.
    ScenarioError
        For a patch file that cannot be read.
    """
    values = set_values(sets)
    return [*(read_patch(w) for w in what_ifs), *([from_set(values)] if values else [])]


def read_scenario(
    name: str, what_ifs: Sequence[str] = (), sets: Sequence[str] = (), *, played: bool = True
) -> Scenario:
    """The scenario of a command, with what is laid on it; one that is played must be able to work.

    Raises
    ------
    KursksimError
        When it cannot be read.
    """
    made, problems = read(path_of(name), patches(what_ifs, sets))
    if made is None:
        raise ScenarioError(p for p in problems if p.severity == "error")
    for problem in problems:
        tell(problem)
    if played:
        from kursksim.terrain.soundness import assure

        assure(made)
    return made


def choose_policies(texts: Sequence[str], scenario: Scenario) -> dict[str, str]:
    """Policies by side, from SIDE=NAME[:ARG], each tried once.

    Raises
    ------
    BadUse
        For another form, an unknown side or policy, an argument that it does not take, a side given twice.
    """
    from kursksim.policies.base import build_policy

    found: dict[str, str] = {}
    for text in texts:
        side, sign, spec = (part.strip() for part in text.partition("="))
        if not sign or not spec:
            raise BadUse(
                f"--policy {text[:80]!r}: write SIDE=NAME[:ARG], such as holder=fixed_date:2025-02-01"
            )
        if side not in SIDES:
            raise BadUse(f"--policy: side {side[:80]!r} is unknown; {nearest(side[:80], SIDES)}")
        if side in found:
            raise BadUse(f"--policy: two policies of the {side}")
        build_policy(side, spec, scenario.value, scenario.aliases, scenario.start, scenario.days)
        found[side] = spec
    return found
