"""Findings of `kursksim check` in SARIF 2.1.0, for code scanning and editors.

Static Analysis Results Interchange Format, OASIS Standard, errata 01 of 2023.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kursksim._version import __version__
from kursksim.errors import Problem, ScenarioError
from kursksim.scenario import catalogue
from kursksim.scenario.reader import whereabouts
from kursksim.text import plain

__all__ = ["sarif"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LINE = re.compile(r"(?P<file>.+?) line (?P<line>\d+)")


def sarif(source: str, what_ifs: Sequence[str], problems: Iterable[Problem]) -> dict[str, Any]:
    """Return problems of a scenario as a log of SARIF with one run.

    Parameters
    ----------
    source : str
        A shipped name, a folder or a TOML file.
    what_ifs : sequence of str
        Names and files of the what-ifs that were laid on it.
    problems : iterable of Problem
        A problem whose line is not known stands at line 1 of its file. A rule is the part of the
        scenario that the problem is about, such as ``legs``.
    """
    path = catalogue.place_of(source)
    files = [catalogue.place_of_what_if(w, path) for w in what_ifs]
    try:
        place = whereabouts(path)
    except ScenarioError:  # a file that cannot be read at all, which is a problem by itself
        place = str
    results = [_result(problem, path, files, place) for problem in problems]
    named = sorted({r["ruleId"] for r in results})
    rules = [{"id": n, "shortDescription": {"text": f"What is said of {n}."}} for n in named]
    driver = {"name": "kursksim check", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(
    problem: Problem, source: Path, what_ifs: Sequence[Path], place: Callable[[str], str]
) -> dict[str, Any]:
    """One problem, with its file and line."""
    found = _LINE.match(place(problem.where))
    label = found["file"] if found else problem.where.partition(":")[0]
    # a single file may be called anything, and has no tables beside it
    main = source / "scenario.toml" if source.is_dir() else source
    file = next((w for w in what_ifs if w.name == label), main.parent / label)
    if not file.is_file():
        file, found = main, None
    region = {"startLine": int(found["line"]) if found else 1}
    physical = {"artifactLocation": _location(file), "region": region}
    said = problem.what if _LINE.match(problem.where) else str(problem)
    return {
        "ruleId": "what-if" if file in what_ifs else _rule(problem.where),
        "level": problem.severity,
        "message": {"text": plain(said)},
        "locations": [{"physicalLocation": physical}],
    }


def _rule(where: str) -> str:
    """The part of a scenario that a place belongs to."""
    first = re.split(r" line |: ", where)[0]
    if first.endswith((".csv", ".toml")):
        return Path(first).stem
    return re.split(r"[. ]", first)[0] or "scenario"


def _location(file: Path) -> dict[str, str]:
    """A file by its way from here, as code scanning wants it, or by its address where it is not."""
    whole = file.resolve()
    if whole.is_relative_to(here := Path.cwd().resolve()):
        uri = quote(whole.relative_to(here).as_posix())
        return {"uri": uri, "uriBaseId": "%SRCROOT%"}
    return {"uri": whole.as_uri()}
