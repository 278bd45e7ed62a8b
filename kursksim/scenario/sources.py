"""Sources of a scenario as BibTeX, and a table of what no source fixes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kursksim.scenario.schema import Scenario, Source
from kursksim.text import aligned, number, plain

__all__ = ["Assumed", "assumed", "assumed_table", "bibtex", "cited_keys"]

_TABLES = ("parameters", "places", "legs", "axes", "inputs", "lines", "areas")
_ESCAPES = {c: f"\\{c}" for c in "&%$#_"} | {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, escaped or not: these stay balanced
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': '{"}',
}
_IN_URL = {"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20", '"': "%22", "^": "%5E"}


@dataclass(frozen=True)
class Assumed:
    """A parameter that no source fixes."""

    id: str
    value: float
    low: float
    high: float
    unit: str
    status: str
    note: str


def cited_keys(scenario: Scenario) -> set[str]:
    """Keys of the sources on which a row of the scenario rests.

    Parameters
    ----------
    scenario : Scenario
    """
    return {key for table in _TABLES for row in getattr(scenario, table) for key in row.sources} - {
        "none"
    }


def bibtex(scenario: Scenario, more: Iterable[str] = ()) -> str:
    """BibTeX entries of all sources used, sorted by key.

    Parameters
    ----------
    scenario : Scenario
    more : iterable of str
        Keys used beside it, such as those of the observed record.

    Returns
    -------
    str
        One ``@misc`` entry a source. Keys are unique whatever their case; characters that TeX reads are escaped.
    """
    wanted = cited_keys(scenario) | set(more)
    taken: set[str] = set()
    used = sorted(
        (s for s in scenario.sources if s.key in wanted and s.key != "none"), key=lambda s: s.key
    )
    return "\n".join(_entry(source, _unique(source.key, taken)) for source in used)


def _unique(key: str, taken: set[str]) -> str:
    """A key that differs from those before it by more than case, as BibTeX wants."""
    found, n = key, 2
    while found.lower() in taken:
        found, n = f"{key}-{n}", n + 1
    taken.add(found.lower())
    return found


def _tex(text: str) -> str:
    return "".join(_ESCAPES.get(c, c) for c in plain(text))


def _url(text: str) -> str:
    """An address as BibTeX takes it inside braces."""
    return "".join(_IN_URL.get(c, c) for c in text)


def _entry(source: Source, key: str) -> str:
    given = [part.strip() for part in source.url.split(" ; ") if part.strip()]
    urls = [_url(u) for u in given if re.match(r"https?://", u)]
    files = [u for u in given if not re.match(r"https?://", u)]
    year = re.search(r"\b(19|20)\d\d\b", source.date)
    others = ", ".join("\\url{" + u + "}" for u in urls[1:])
    notes = [
        f"Date: {_tex(source.date)}"
        if source.date and source.date != (year[0] if year else "")
        else "",
        f"Supports: {_tex(source.supports)}" if source.supports else "",
        f"Reliability: {_tex(source.reliability)}" if source.reliability else "",
        f"With the scenario: {', '.join(_tex(f) for f in files)}" if files else "",
        f"Also: {others}" if others else "",
    ]
    fields = {
        "author": f"{{{_tex(source.author)}}}" if source.author else "",
        "title": f"{{{_tex(source.title or source.key)}}}",
        "howpublished": rf"\url{{{urls[0]}}}" if urls else _tex(files[0]) if files else "",
        "url": urls[0] if urls else "",
        "year": year[0] if year else "",
        "note": ". ".join(n for n in notes if n),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"


def assumed(scenario: Scenario) -> tuple[Assumed, ...]:
    """Parameters whose status is ``assumed`` or ``fitted``, in the order of their ids.

    Parameters
    ----------
    scenario : Scenario
    """
    return tuple(
        Assumed(p.id, p.value, p.low, p.high, p.unit, p.status, plain(p.note or p.meaning))
        for p in scenario.parameters
        if p.status in ("assumed", "fitted")
    )


def assumed_table(scenario: Scenario, width: int | None = None) -> list[str]:
    """The same as lines of a table.

    Parameters
    ----------
    scenario : Scenario
    width : int, optional
        Width of a terminal; see `kursksim.text.aligned`.
    """
    rows = [
        (a.id, number(a.value), f"{number(a.low)} to {number(a.high)}", a.unit, a.status, a.note)
        for a in assumed(scenario)
    ]
    return aligned(("id", "value", "range", "unit", "status", "note"), rows, right={1}, width=width)
