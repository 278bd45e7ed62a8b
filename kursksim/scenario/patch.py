"""What-ifs: paths to new values, new rows, rows taken out; laid on raw tables that are then read as ever."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse, ScenarioError
from kursksim.scenario import catalogue
from kursksim.scenario.dates import DATES, read_dates, set_date
from kursksim.scenario.document import SINGULAR, TABLES, key_of
from kursksim.scenario.rows import Raw
from kursksim.scenario.schema import Supply, Withdrawal
from kursksim.scenario.tables import Findings, Row, one_line, read_toml, refuse, show

__all__ = ["Patch", "apply", "from_set", "parse_set", "read_patch"]

_SECTIONS: dict[str, tuple[str, ...] | None] = {
    "policies": ("holder", "attacker"),
    "models": None,
    "aliases": None,
    "supply": tuple(Supply.model_fields),
    "withdrawal": tuple(Withdrawal.model_fields),
}
"""Sections that patches may change, and their keys (None where the reader knows them)."""
_SCALARS = ("days", "key_place")
KEYS = ("title", "why", "scenario", "expect", "cut", "set", "add", "remove")
DIRECTIONS = ("more", "less", "same")
"""What a what-if may expect of a measure."""
_ROOTS = (*TABLES, *_SECTIONS, *_SCALARS)


@dataclass(frozen=True)
class Patch:
    """One what-if.

    Attributes
    ----------
    title, why : str
        What is changed, and what the change is to show.
    set : mapping
        Dotted path → value (a table sets several fields of a row).
    add : mapping
        Table → rows.
    remove : mapping
        Table → ids.
    origin : str
        How messages name the patch.
    cut : tuple of str
        Arrows of the chain that are cut.
    scenario : str
        The scenario that it was written for; empty where it can be laid on any.
    expect : mapping of measure to direction
        What its author thinks that it does: more, less or same. Read by nobody who plays; comparisons show it beside
        what came out.
    """

    title: str
    why: str = ""
    set: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    remove: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""
    cut: tuple[str, ...] = ()
    expect: Mapping[str, str] = field(default_factory=dict)
    scenario: str = ""


def read_patch(source: str | Path | Mapping[str, Any]) -> Patch:
    """Read a what-if.

    Parameters
    ----------
    source : str, pathlib.Path or mapping
        A shipped name (a bare word), the path of a TOML file, or what such a file holds.

    Raises
    ------
    ScenarioError
        When the file cannot be read or does not have the shape of a patch.
    BadUse
        For an unknown shipped name.
    """
    if isinstance(source, Mapping):
        return _checked(source, "what-if", title="what-if")
    if not isinstance(source, (str, Path)):
        raise BadUse(f"a what-if is a name, a path or a mapping, not {type(source).__name__}")
    path = catalogue.find_what_if(str(source)) if catalogue.is_name(source) else Path(source)
    label = one_line(path.name) or "what-if"
    doc, _ = read_toml(path, label)
    return _checked(doc, label)


def _checked(doc: Mapping[str, Any], label: str, title: str = "") -> Patch:
    """A patch of the right shape; whether its paths exist is for `apply` to say."""
    out = Findings()
    if "schema" in doc:
        raise refuse(label, "is a scenario, not a what-if")
    for key in doc:
        if key not in KEYS:
            out.unknown(label, "unknown key", key, KEYS)
    texts = {"title": doc.get("title", title), "why": doc.get("why", "" if title else None)}
    for key, text in texts.items():
        if not isinstance(text, str) or len(text) > 1000 or (key == "title" and not text.strip()):
            out.error(
                label,
                f"{key} {show(text)}: must be a text of at most 1000 characters"
                if key in doc
                else f"{key} is missing",
            )
    scenario = doc.get("scenario", "")
    if not isinstance(scenario, str) or len(scenario) > 100:
        out.error(label, f"scenario {show(scenario)}: must be the name of a scenario")
    cut = doc.get("cut", ())
    if not isinstance(cut, (list, tuple)) or not all(isinstance(name, str) for name in cut):
        out.error(label, f"cut {show(cut)}: must be a list of names")
    expect = doc.get("expect", {})
    if not isinstance(expect, Mapping) or not all(
        isinstance(v, str) and v in DIRECTIONS for v in expect.values()
    ):
        out.error(
            label, f"expect {show(expect)}: must be a table of measures, each more, less or same"
        )
    parts: dict[str, Mapping[str, Any]] = {}
    for key, inner in (("set", None), ("add", list), ("remove", list)):
        part = doc.get(key, {})
        if not isinstance(part, Mapping):
            out.error(label, f"{key} {show(part)}: must be a table")
            continue
        parts[key] = part
        for name, value in part.items():
            if inner is list and not isinstance(value, (list, tuple)):
                out.error(label, f"{key}.{name} {show(value)}: must be a list")
    if out.failed:
        raise ScenarioError(out.problems)
    return Patch(
        one_line(texts["title"].strip()), texts["why"], **parts, origin=label, cut=tuple(cut), expect=expect,
        scenario=scenario,
    )  # fmt: skip


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
        return path, value
    found = read["value"]
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
        origin = f"{origin} (a what-if of {patch.scenario})"  # a copy of that scenario under another name may take it
    if patch.cut:
        before = raw.doc.get("cuts", ())
        raw.doc["cuts"] = (
            list(dict.fromkeys([*before, *patch.cut]))
            if isinstance(before, (list, tuple))
            else before
        )
        raw.set_by["cuts"] = f"{origin}: cut"
    for table, ids in patch.remove.items():
        if _is_table(table, f"{origin}: remove", out):
            _remove(raw, table, ids, f"{origin}: remove.{table}", out)
    for table, rows in patch.add.items():
        if not _is_table(table, f"{origin}: add", out):
            continue
        for number, row in enumerate(rows, start=1):
            where = f"{origin}: add.{table} number {number}"
            if isinstance(row, Mapping):
                made = Row(
                    {"status": "assumed"} | _plain(row) if _sourced(table) else _plain(row), where
                )
                if table == "inputs":
                    read_dates(made, out)
                raw.rows(table).append(made)
            else:
                out.error(where, f"{show(row)}: must be a table")
    for path, value in _flat(patch.set):
        _set(raw, path, value, f"{origin}: set {show(path)}", out)


def _sourced(table: str) -> bool:
    return "status" in TABLES[table].model_fields


def _is_table(table: str, where: str, out: Findings) -> bool:
    if table not in TABLES:
        out.unknown(where, "unknown table", table, TABLES)
    return table in TABLES


def _remove(raw: Raw, table: str, ids: Iterable[Any], where: str, out: Findings) -> None:
    rows, key = raw.rows(table), key_of(table)
    for ident in ids:
        left = [r for r in rows if r.get(key) != ident]
        if len(left) == len(rows):
            known = [r[key] for r in rows if isinstance(r.get(key), str)]
            out.unknown(where, f"unknown {SINGULAR[table]}", ident, known)
        rows[:] = left


def _plain(value: Any) -> Any:
    """A value in the types of TOML: numbers of numpy and tuples become plain."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return _plain(value.tolist()) if hasattr(value, "tolist") else value


def _flat(values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Paths and values; ``[set.parameters]`` and bare dotted keys nest, which means the same."""
    for path, value in values.items():
        if path in (*TABLES, *_SECTIONS) and isinstance(value, Mapping):
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
    elif root in _SECTIONS and rest:
        keys = _SECTIONS[root]
        if keys is not None and rest not in keys:
            out.unknown(where, f"{root}: unknown key", rest, keys)
        elif rest == "defaults" and root == "models":
            out.error(where, "models.defaults belongs to the scenario; a what-if cannot change it")
        elif isinstance(section := raw.doc.setdefault(root, {}), dict):
            section[rest] = value
            raw.set_by[root] = where
    else:
        if not rest and any(r.get("id") == root for r in raw.rows("parameters")):
            out.error(where, f"unknown path; a parameter is named 'parameters.{root}'")
            return
        out.unknown(where, "unknown path; it begins with", root, _ROOTS)


def _set_row(raw: Raw, table: str, rest: str, value: Any, where: str, out: Findings) -> None:
    key, known = key_of(table), TABLES[table].model_fields
    rows = {r[key]: r for r in raw.rows(table) if isinstance(r.get(key), str)}
    named = [i for i in rows if rest == i or rest.startswith(f"{i}.")]
    if not named:
        head, _, last = rest.rpartition(".")
        out.unknown(
            where, f"unknown {SINGULAR[table]}", head if last in known and head else rest, rows
        )
        return
    ident = max(named, key=len)
    row, name = rows[ident], rest[len(ident) + 1 :]
    if name:
        fields = {name: value}
    elif isinstance(value, Mapping):
        fields = dict(value)
    elif table == "parameters":
        fields = {"value": value}
    else:
        out.error(
            where,
            f"{SINGULAR[table]} {show(ident)}: a field is needed, such as {table}.{ident}.{list(known)[-1]}",
        )
        return
    for name in fields:
        if name not in known or name == key:
            rule = "unknown field" if name != key else "an id cannot be changed; field"
            out.unknown(
                where,
                f"{SINGULAR[table]} {show(ident)}: {rule}",
                name,
                [k for k in known if k != key],
            )
            return
    row.where = where
    if table == "parameters" and set(fields) == {"value"}:
        fields |= _certain(row, ident, value=fields["value"], where=where, out=out)
    for name, new in fields.items():
        row.said.discard(name)
        if table == "inputs" and name in DATES:
            set_date(raw, row, name, new, where, out)
        else:
            row[name] = new


def _certain(row: Row, ident: str, *, value: Any, where: str, out: Findings) -> dict[str, Any]:
    """A what-if that sets a number means that number: its range becomes a point, so that no draw undoes it."""
    low, high = (row.get(end, math.nan) for end in ("low", "high"))
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (value, low, high)):
        return {}
    if value < 0 <= low or not -math.inf < value < math.inf:
        return {}  # which the reader refuses
    if not low <= value <= high:
        out.warn(
            where,
            f"parameter {show(ident)}: value {value:g} lies outside its range {low:g} to {high:g}",
        )
    return {"low": value, "high": value}
