"""What-ifs: new values, new rows and removed rows, laid on raw tables before validation."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from kursksim.errors import BadUse, ScenarioError
from kursksim.scenario import catalogue
from kursksim.scenario.dates import DATES, read_dates, set_date
from kursksim.scenario.document import SINGULAR, TABLES, ident_of, key_of
from kursksim.scenario.forms import Sourced
from kursksim.scenario.limits import MAX_VALUE
from kursksim.scenario.rows import Raw, explain
from kursksim.scenario.schema import Supply, Withdrawal
from kursksim.scenario.tables import Findings, Row, one_line, read_toml, refuse, show

__all__ = ["SECTIONS", "Patch", "apply", "from_set", "opened", "parse_set", "read_patch"]

SECTIONS: dict[str, tuple[str, ...] | None] = {
    "policies": ("holder", "attacker"),
    "models": None,
    "aliases": None,
    "supply": tuple(Supply.model_fields),
    "withdrawal": tuple(Withdrawal.model_fields),
}
"""Sections that patches may change, and their keys; None where the reader checks the keys."""
_SCALARS = ("days", "key_place", "as_of")
KEYS = ("title", "why", "scenario", "expect", "cut", "set", "add", "remove")
Direction = Literal["more", "less", "same"]
"""Changes that a what-if may expect of a measure."""
Short = Annotated[str, Field(max_length=1000)]
_ROOTS = (*TABLES, *SECTIONS, *_SCALARS)


@dataclass(frozen=True)
class Patch:
    """One what-if.

    Attributes
    ----------
    title, why : str
        The change, and the question that it is to answer.
    set : mapping
        Dotted path → value (a table sets several fields of a row).
    add : mapping
        Table → rows.
    remove : mapping
        Table → ids.
    origin : str
        Name of the patch in messages.
    cut : tuple of str
        Arrows of the chain that are cut.
    expect : mapping of measure to direction
        Effect that its author expects: more, less or same. It changes no run; comparisons show it
        beside the result.
    scenario : str
        The scenario that it was written for; empty if it can be laid on any.
    """

    title: Short
    why: Short = ""
    set: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, list[Any]] = field(default_factory=dict)
    remove: Mapping[str, list[Any]] = field(default_factory=dict)
    origin: str = ""
    cut: tuple[str, ...] = ()
    expect: Mapping[str, Direction] = field(default_factory=dict)
    scenario: Annotated[str, Field(max_length=100)] = ""


_SHAPE = TypeAdapter(Patch)


def read_patch(source: str | Path | Mapping[str, Any], campaign: Path | None = None) -> Patch:
    """Read a what-if.

    Parameters
    ----------
    source : str, pathlib.Path or mapping
        A name (a bare word), the path of a TOML file, or the content of such a file.
    campaign : pathlib.Path, optional
        Folder of the campaign on which it is laid: a name is looked up there first.

    Raises
    ------
    ScenarioError
        When the file cannot be read or does not have the shape of a patch.
    BadUse
        For an unknown name.
    """
    if isinstance(source, Mapping):
        return _checked(source, "what-if", title="what-if")
    if not isinstance(source, (str, Path)):
        raise BadUse(f"a what-if is a name, a path or a mapping, not {type(source).__name__}")
    path = catalogue.place_of_what_if(source, campaign)
    label = one_line(path.name) or "what-if"
    doc, _ = read_toml(path, label)
    return _checked(doc, label)


def opened(
    parts: Iterable[Patch | str | Path | Mapping[str, Any]], campaign: Path | None
) -> list[Patch]:
    """What-ifs that are laid on a campaign, read where they are not yet; as ``read_patch``."""
    return [p if isinstance(p, Patch) else read_patch(p, campaign) for p in parts]


def _checked(doc: Mapping[str, Any], label: str, title: str = "") -> Patch:
    """A patch of the right shape; `apply` finds out whether its paths exist."""
    out = Findings()
    if "schema" in doc:
        raise refuse(label, "is a scenario, not a what-if")
    for key in doc:
        if key not in KEYS:
            out.unknown(label, "unknown key", key, KEYS)
    given = {key: doc[key] for key in KEYS if key in doc}
    if title:
        given.setdefault("title", title)  # a mapping of a program's needs no words
    elif "why" not in doc:
        out.error(label, "why is missing")
    if isinstance(given.get("title"), str) and not given["title"].strip():
        out.error(label, "title is empty: it must be a text that says what is changed")
    try:
        patch = _SHAPE.validate_python(given)
    except ValidationError as failure:
        for error in failure.errors(include_url=False):
            explain(error, KEYS, label, "", out)
    if out.failed:
        raise ScenarioError(out.problems)
    return replace(patch, title=one_line(patch.title.strip()), origin=label)


def from_set(values: Mapping[str, Any]) -> Patch:
    """A patch of single values: ``{"parameters.teams_base": 0}``."""
    if not isinstance(values, Mapping):
        raise BadUse(f"set is a mapping of paths to values, not {type(values).__name__}")
    title = ", ".join(f"{path} = {show(value)}" for path, value in values.items())
    return Patch(one_line(f"set {title}"), set=dict(values), origin="set")


def parse_set(text: str) -> tuple[str, Any]:
    """Read ``PATH=VALUE`` of the command line.

    Parameters
    ----------
    text : str
        The value is read as TOML (number, true, false, date, list); anything else is text.

    Raises
    ------
    BadUse
        When there is no ``=`` or no path.

    Examples
    --------
    >>> parse_set("parameters.teams_base=0"), parse_set("policies.holder=fixed_date:2025-02-01")
    (('parameters.teams_base', 0), ('policies.holder', 'fixed_date:2025-02-01'))
    """
    path, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not path:
        raise BadUse(f"set {text[:80]!r}: write PATH=VALUE, such as parameters.teams_base=0")
    try:
        read = tomllib.loads(f"value = {value}")
    except (ValueError, RecursionError):
        return path, value  # a bare word, such as the name of a policy
    found = read["value"]
    # A line break in the value may begin a second key, and a time is no value of any path.
    odd = len(read) > 1 or isinstance(found, (dt.datetime, dt.time))
    return path, value if odd else found


def apply(raw: Raw, patch: Patch, out: Findings) -> None:
    """Lay a patch on raw tables, in the order remove, add, set.

    Parameters
    ----------
    raw : Raw
        Changed in place; the reader validates the result as it does any scenario.
    patch : Patch
    out : Findings
        Where unknown paths and ids go.
    """
    origin = patch.origin or patch.title
    if patch.scenario not in ("", raw.id):
        if raw.id in catalogue.names():
            name = origin.removesuffix(".toml") if origin.endswith(".toml") else patch.title
            out.error(raw.id, catalogue.of_another(name, patch.scenario, raw.id))
            return
        # A copy of that scenario under another name may take it.
        origin = f"{origin} (a what-if of {patch.scenario})"
    climate = _climate(raw)
    reports = [(row, row.where) for row in raw.doc.get("weather", ())]
    before = raw.doc.get("cuts", ())
    if patch.cut and isinstance(before, (list, tuple)):
        raw.doc["cuts"] = list(dict.fromkeys([*before, *patch.cut]))
        raw.set_by["cuts"] = f"{origin}: cut"
    for table, ids in patch.remove.items():
        if _is_table(table, f"{origin}: remove", out):
            _remove(raw, table, ids, f"{origin}: remove.{table}", out)
    for table, rows in patch.add.items():
        if not _is_table(table, f"{origin}: add", out):
            continue
        for number, row in enumerate(rows, start=1):
            where = f"{origin}: add.{table} number {number}"
            if not isinstance(row, Mapping):
                out.error(where, f"{show(row)}: must be a table")
                continue
            made = Row(_plain(row), where)
            if issubclass(TABLES[table], Sourced):
                made.setdefault("status", "assumed")
            if table in ("inputs", "attacks", "weather"):
                read_dates(made, out)
            raw.rows(table).append(made)
    for path, value in _flat(patch.set):
        _set(raw, path, value, f"{origin}: set {show(path)}", out)
    _overrule(raw, climate, reports)


def _climate(raw: Raw) -> Any | None:
    """The climate of a scenario with reports of the weather; None without any or of bad values."""
    start = raw.doc.get("start")
    if not raw.doc.get("weather") or type(start) is not dt.date:
        return None
    from kursksim.models.base import climate  # on first use: models import numpy

    rows = [r for r in raw.rows("parameters") if isinstance(r.get("value"), (int, float))]
    numbers = {str(r.get("id")): r["value"] for r in rows if abs(r["value"]) <= MAX_VALUE}
    return climate(raw.doc.get("models", {}), raw.doc.get("aliases", {}), numbers, start)


def _overrule(raw: Raw, before: Any, reports: Iterable[tuple[Row, str]]) -> None:
    """Make reports unknown on days for which a what-if has made the climate another.

    Rows that it has set itself stand, by their place.
    """
    after, start = _climate(raw), raw.doc.get("start")
    if not hasattr(before, "differs") or not hasattr(after, "differs"):
        return
    for row, where in reports:
        date = row.get("date")
        if row.where == where and type(date) is dt.date and type(start) is dt.date:
            row |= dict.fromkeys(before.differs(after, (date - start).days), "unknown")


def _is_table(table: str, where: str, out: Findings) -> bool:
    if table not in TABLES:
        out.unknown(where, "unknown table", table, TABLES)
    return table in TABLES


def _remove(raw: Raw, table: str, ids: Iterable[Any], where: str, out: Findings) -> None:
    rows = raw.rows(table)
    for given in ids:
        ident = given.isoformat() if isinstance(given, dt.date) else given
        left = [r for r in rows if ident_of(table, r) != ident]
        if len(left) == len(rows):
            known = [name for r in rows if (name := ident_of(table, r)) is not None]
            out.unknown(where, f"unknown {SINGULAR[table]}", ident, known)
        rows[:] = left


def _plain(value: Any) -> Any:
    """A value in the types of TOML: tuples become lists, and numbers of numpy plain ones."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return _plain(value.tolist()) if hasattr(value, "tolist") else value


def _flat(values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Paths and values; TOML nests ``[set.parameters]`` and dotted keys, which mean the same."""
    for path, value in values.items():
        if path in (*TABLES, *SECTIONS) and isinstance(value, Mapping):
            yield from ((f"{path}.{key}", inner) for key, inner in value.items())
        else:
            yield str(path), value


def _set(raw: Raw, path: str, value: Any, where: str, out: Findings) -> None:
    root, _, rest = path.partition(".")
    value = _plain(value)
    if root in TABLES and rest:
        _set_row(raw, root, rest, value, where, out)
    elif root in _SCALARS and not rest:
        raw.doc[root] = value
        raw.set_by[root] = where
    elif root in SECTIONS and rest:
        keys = SECTIONS[root]
        if keys is not None and rest not in keys:
            out.unknown(where, f"{root}: unknown key", rest, keys)
        elif rest == "defaults" and root == "models":
            out.error(where, "models.defaults belongs to the scenario; a what-if cannot change it")
        elif isinstance(section := raw.doc.setdefault(root, {}), dict):
            section[rest] = value
            raw.set_by[root] = where
    elif not rest and any(r.get("id") == root for r in raw.rows("parameters")):
        out.error(where, f"unknown path; a parameter is named 'parameters.{root}'")
    else:
        out.unknown(where, "unknown path; it begins with", root, _ROOTS)


def _set_row(raw: Raw, table: str, rest: str, value: Any, where: str, out: Findings) -> None:
    key, known = key_of(table), TABLES[table].model_fields
    rows = {name: r for r in raw.rows(table) if (name := ident_of(table, r)) is not None}
    named = [i for i in rows if f"{rest}.".startswith(f"{i}.")]
    if not named:
        head, _, last = rest.rpartition(".")
        given = head if head and last in known else rest
        out.unknown(where, f"unknown {SINGULAR[table]}", given, rows)
        return
    ident = max(named, key=len)  # ids may have points in them: the longest that fits is meant
    row, name, who = rows[ident], rest[len(ident) + 1 :], f"{SINGULAR[table]} {show(ident)}"
    if name:
        fields = {name: value}
    elif isinstance(value, Mapping):
        fields = dict(value)
    elif table == "parameters":
        fields = {"value": value}
    else:
        out.error(where, f"{who}: a field is needed, such as {table}.{ident}.{list(known)[-1]}")
        return
    for name in fields:
        if name not in known or name == key:
            rule = "unknown field" if name != key else "an id cannot be changed; field"
            out.unknown(where, f"{who}: {rule}", name, known.keys() - {key})
            return
    row.where = where
    if table == "parameters" and set(fields) == {"value"}:
        fields |= _certain(row, fields["value"], f"{who}: value", out)
    for name, new in fields.items():
        row.said.discard(name)
        if table in ("inputs", "weather") and name in DATES:
            set_date(raw, row, name, new, where, out)
        else:
            row[name] = new


def _certain(row: Row, value: Any, who: str, out: Findings) -> dict[str, Any]:
    """The range of a parameter that a what-if sets: the value alone, so that no draw undoes it."""
    low, high = (row.get(end, math.nan) for end in ("low", "high"))
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (value, low, high)):
        return {}
    if value < 0 <= low or not abs(value) <= MAX_VALUE:
        return {}  # the reader refuses it
    if not low <= value <= high:
        out.warn(row.where, f"{who} {value:g} lies outside its range {low:g} to {high:g}")
    return {"low": value, "high": value}
