"""Sources of a scenario: BibTeX, shares by status, a second reading, and what no source fixes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kursksim.scenario.document import TABLES
from kursksim.scenario.forms import SOFT, Sourced
from kursksim.scenario.schema import Parameter, Scenario, Source
from kursksim.sums import isum
from kursksim.text import aligned, number, plain

__all__ = [
    "SOFT",
    "Assumed",
    "Share",
    "assumed",
    "assumed_table",
    "bibtex",
    "cited_keys",
    "not_checked",
    "read_again",
    "shares",
]

_ESCAPES = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_"}
    | {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # BibTeX counts braces, escaped or not: these stay balanced
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        '"': '{"}',
    }
)
_IN_URL = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20", '"': "%22", "^": "%5E"})
"""Addresses cannot be escaped as text is: these characters would end the field."""


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


@dataclass(frozen=True)
class Share:
    """Rows of a kind, by status, and the share that no source fixes."""

    of: str
    rows: int
    by_status: Mapping[str, int]
    soft: float


def _sourced(scenario: Scenario) -> list[Sourced]:
    """Every row that names a source."""
    found: list[Sourced] = []
    for table, model in TABLES.items():
        if issubclass(model, Sourced):
            found += getattr(scenario, table)
    return found


def cited_keys(scenario: Scenario) -> set[str]:
    """Keys of the sources on which a row of the scenario rests.

    Parameters
    ----------
    scenario : Scenario
    """
    return set().union(*(row.sources for row in _sourced(scenario))) - {"none"}


def bibtex(scenario: Scenario, more: Iterable[str] = ()) -> str:
    """BibTeX entries of all sources used, sorted by key.

    Parameters
    ----------
    scenario : Scenario
    more : iterable of str
        Further keys, such as those of the observed record.

    Returns
    -------
    str
        One ``@misc`` entry for each source. Keys differ by more than case; characters with a
        meaning in TeX are escaped.
    """
    wanted = (cited_keys(scenario) | set(more)) - {"none"}
    taken: set[str] = set()
    entries = []
    for source in sorted(scenario.sources, key=lambda s: s.key):
        if source.key in wanted:
            key, n = source.key, 2
            while key.lower() in taken:  # BibTeX takes "Map" and "map" for one key
                key, n = f"{source.key}-{n}", n + 1
            taken.add(key.lower())
            entries.append(_entry(source, key))
    return "\n".join(entries)


def _tex(text: str) -> str:
    return plain(text).translate(_ESCAPES)


def _entry(source: Source, key: str) -> str:
    given = [part.strip() for part in source.url.split(" ; ") if part.strip()]
    urls = [u.translate(_IN_URL) for u in given if re.match(r"https?://", u)]
    links = [f"\\url{{{u}}}" for u in urls]
    files = [_tex(u) for u in given if not re.match(r"https?://", u)]
    found = re.search(r"\b(19|20)\d\d\b", source.date)
    year = found[0] if found else ""
    notes = {
        "Date": _tex(source.date) if source.date != year else "",
        "Supports": _tex(source.supports),
        "Reliability": _tex(source.reliability),
        "With the scenario": ", ".join(files),
        "Also": ", ".join(links[1:]),
    }
    fields = {
        "author": f"{{{_tex(source.author)}}}" if source.author else "",  # one name, not a list
        "title": f"{{{_tex(source.title or source.key)}}}",
        "howpublished": "".join((links or files)[:1]),
        "url": "".join(urls[:1]),
        "year": year,
        "note": ". ".join(f"{what}: {text}" for what, text in notes.items() if text),
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
        if p.status in SOFT
    )


def assumed_table(scenario: Scenario, width: int | None = None) -> list[str]:
    """The same parameters as lines of a table.

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


def shares(scenario: Scenario) -> tuple[Share, ...]:
    """Shares of the parameters, and of all rows that name a source.

    Parameters
    ----------
    scenario : Scenario
    """
    everything = _share("sourced rows (parameters among them)", _sourced(scenario))
    return _share("parameters", scenario.parameters), everything


def _share(of: str, rows: Iterable[Sourced]) -> Share:
    counted: Counter[str] = Counter(row.status for row in rows)
    soft = isum(counted[status] for status in SOFT) / max(1, counted.total())
    return Share(of, counted.total(), dict(sorted(counted.items())), soft)


def not_checked(scenario: Scenario) -> tuple[str, ...]:
    """Ids of parameters whose source nobody has read a second time; none where all is fiction.

    Parameters
    ----------
    scenario : Scenario
    """
    return tuple(p.id for p in scenario.parameters if _standing(scenario, p) == "not checked")


def read_again(scenario: Scenario) -> dict[str, int]:
    """Parameters by the finding of a second reading of their sources.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    dict of str to int
        ``figure found``, ``related figure only``, ``no figure in the source``, ``not checked``, and
        ``our judgement``: no source is named, and the note has the reason. The numbers add up to
        all parameters.
    """
    order = ("figure found", "related figure only", "no figure in the source", "not checked")
    counted = Counter(_standing(scenario, p) for p in scenario.parameters)
    return {standing: counted[standing] for standing in (*order, "our judgement")}


def _standing(scenario: Scenario, parameter: Parameter) -> str:
    """Standing of a parameter: its column ``read`` begins with a date and has a set wording."""
    judgement = {source.key for source in scenario.sources if source.reliability == "none"}
    if not parameter.read:
        ours = scenario.fictional or set(parameter.sources) <= judgement
        return "our judgement" if ours else "not checked"
    if "figure found" in parameter.read:
        return "figure found"
    return "no figure in the source" if "no figure" in parameter.read else "related figure only"
