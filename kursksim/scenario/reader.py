"""From a folder, a file or a shipped name, and patches, to a Scenario; or to every problem at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from kursksim.errors import BadUse, Problem, ScenarioError
from kursksim.io import HOW
from kursksim.scenario import catalogue
from kursksim.scenario.choices import LIBRARY, check_choices, complete, fill_defaults
from kursksim.scenario.document import (
    CSV_TABLES,
    POINTS,
    SHAPES,
    TABLES,
    TOP_KEYS,
    columns,
    key_of,
    needed,
)
from kursksim.scenario.patch import KEYS, Patch, apply, from_set, read_patch
from kursksim.scenario.rows import Raw, draft
from kursksim.scenario.rules import check
from kursksim.scenario.schema import SCHEMA_VERSION, Scenario, Sourced
from kursksim.scenario.tables import (
    MAX_ROWS,
    Findings,
    Row,
    inside,
    line_numbers,
    read_csv,
    read_toml,
    refuse,
    show,
)

__all__ = ["PatchLike", "faults", "load", "patched", "read"]

_LIKE_TABLES: tuple[str, ...] = ("csv", "csv.txt", "csv.csv", "tsv", "tab", "txt")
_LIKE_TABLES += ("xlsx", "xls", "xlsm", "ods", "fods", "numbers", "csv.gz")
"""What people's programs call a table; one of the right name is read and no other."""
Found: TypeAlias = tuple[Scenario | None, tuple[Problem, ...]]
PatchLike: TypeAlias = Patch | str | Path | Mapping[str, Any]
"""A patch, the name of a shipped what-if, the path of a patch file, or a mapping of the same shape."""


def load(
    source: str | Path, patches: Sequence[PatchLike] = (), *, set: Mapping[str, Any] | None = None
) -> Scenario:
    """Load a scenario.

    Parameters
    ----------
    source : str or pathlib.Path
        A shipped name (a bare word), a folder with scenario.toml, or a single TOML file.
    patches : sequence
        What-ifs, laid on in this order: names, paths, mappings or Patch objects.
    set : mapping, optional
        Dotted path → value, laid on last.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem found, if any is an error.
    BadUse
        For an unknown shipped name.

    Examples
    --------
    >>> load("two-roads").fictional
    True
    """
    if not isinstance(source, (str, Path)):
        raise BadUse(f"a scenario is a name or a path, not {type(source).__name__}")
    path = catalogue.find(str(source)) if catalogue.is_name(source) else Path(source)
    return _sure(*read(path, _patches(patches, set)))


def patched(
    scenario: Scenario, patches: Sequence[PatchLike] = (), *, set: Mapping[str, Any] | None = None
) -> Scenario:
    """Lay patches on a scenario that is loaded already; the same as loading it with them.

    Parameters
    ----------
    scenario : Scenario
    patches, set
        As in `load`.

    Raises
    ------
    ScenarioError
        When a patch names what does not exist, or its result breaks a rule.
    """
    wanted = _patches(patches, set)
    return _sure(*_made(lambda _: _unbuilt(scenario), wanted)) if wanted else scenario


def read(
    source: Path, patches: Sequence[Patch] = ()
) -> tuple[Scenario | None, tuple[Problem, ...]]:
    """Read a scenario and say everything that is wrong with it.

    Parameters
    ----------
    source : pathlib.Path
        A folder with scenario.toml, or a single TOML file.
    patches : sequence of Patch

    Returns
    -------
    tuple
        The scenario (None if any problem is an error) and the problems, errors and warnings.
    """
    return _made(lambda out: _gather(Path(source), out), patches)


def faults(scenario: Scenario, *, choices: bool) -> list[Problem]:
    """What is wrong with a scenario that no reader has made, such as that of a saved run.

    Parameters
    ----------
    scenario : Scenario
    choices : bool
        Whether models and policies are checked too; a run of another version may have had others.
    """
    out = Findings()
    made = draft(_unbuilt(scenario), out)
    check(made, out)
    if choices:
        check_choices(made, out)
    return [p for p in out.problems if p.severity == "error"]


def _made(raw: Callable[[Findings], Raw], patches: Sequence[Patch]) -> Found:
    """The scenario of raw tables, or None, and what was found; no input makes it raise."""
    out = Findings()
    try:
        return _build(raw(out), patches, out)
    except ScenarioError as error:
        return None, (*out.problems, *error.problems)
    except RecursionError:
        return None, (*out.problems, Problem("scenario", "tables or lists are nested too deep"))


def _sure(scenario: Scenario | None, problems: tuple[Problem, ...]) -> Scenario:
    if scenario is None:
        raise ScenarioError(sorted(problems, key=lambda p: p.severity != "error"))
    return scenario


def _patches(patches: Sequence[PatchLike], values: Mapping[str, Any] | None) -> list[Patch]:
    listed = [patches] if isinstance(patches, (str, Path, Patch, Mapping)) else patches
    wanted = [p if isinstance(p, Patch) else read_patch(p) for p in listed]
    return [*wanted, from_set(values)] if values else wanted


def _gather(source: Path, out: Findings) -> Raw:
    """All files of a scenario as raw tables."""
    try:
        whole = source.is_dir() or source.name == "scenario.toml"
        folder = source if source.is_dir() else source.parent
        name = folder.resolve().name if whole else source.stem
    except (OSError, ValueError, RuntimeError):
        raise refuse(show(str(source)), "not a usable path") from None
    label = "scenario.toml" if whole else source.name
    path = folder / label
    if not source.exists():
        raise refuse(str(source), "no such file or folder")
    if source.is_dir():
        if not path.exists():
            raise refuse(str(source), "the folder holds no scenario.toml")
        inside(folder, label)
    doc, text = read_toml(path, label)
    _version(doc, label)
    ident = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).lstrip("_.-")[:64] or "scenario"
    raw = Raw(ident, label, doc, line_numbers(text), folder=str(folder.absolute()) if whole else "")
    for key in doc:
        if key not in TOP_KEYS:
            out.unknown(raw.where(key), "unknown key", key, TOP_KEYS)
    for table in (*TABLES, *POINTS):
        if table in doc:
            _inline(raw, table, out)
    _files(raw, folder, whole, out)
    _defaults(raw, out)
    return raw


def _version(doc: Mapping[str, Any], label: str) -> None:
    version = doc.get("schema")
    if version is None:
        if doc.keys() <= {*KEYS} and doc.keys() & {"set", "add", "remove", "cut"}:
            raise refuse(label, "is a what-if, not a scenario: lay it on one")
        raise refuse(label, f"schema is missing; write schema = {SCHEMA_VERSION}")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise refuse(
            label, f"schema {show(version)}: must be a whole number from 1 to {SCHEMA_VERSION}"
        )
    if version > SCHEMA_VERSION:
        rule = f"is newer than this library knows ({SCHEMA_VERSION}); a newer kursksim reads it"
        raise refuse(label, f"schema {show(version)} {rule}")


def _inline(raw: Raw, table: str, out: Findings) -> None:
    """Turn a table of the TOML file into rows that know their lines."""
    value, where = raw.doc[table], raw.where(table)
    if not isinstance(value, list):
        out.error(where, f"{table} {show(value)}: must be a list")
        raw.doc[table] = []
    elif len(value) > MAX_ROWS:
        out.error(where, f"{table}: more than {MAX_ROWS} rows, the most that are read")
        raw.doc[table] = []
    elif table in TABLES:
        for number, row in enumerate(value):
            if not isinstance(row, dict):
                out.error(where, f"{table} number {number + 1} {show(row)}: must be a table")
        rows = enumerate(value)
        raw.doc[table] = [Row(r, raw.where(table, n)) for n, r in rows if isinstance(r, dict)]


def _files(raw: Raw, folder: Path, whole: bool, out: Findings) -> None:
    """Read the CSV tables: those named in [tables], and in a folder those of the usual names."""
    given = raw.doc.pop("tables", {})
    if not isinstance(given, dict):
        out.error(raw.where("tables"), f"tables {show(given)}: must be a table")
        given = {}
    for table in given:
        if table not in CSV_TABLES:
            out.unknown(raw.where("tables", table), "tables: unknown table", table, CSV_TABLES)
    for table in CSV_TABLES:
        name = given.get(table, f"{table}.csv")
        if table in raw.doc:
            if table in given:
                out.error(
                    raw.where("tables", table),
                    f"tables.{table}: the table stands in {raw.label} too",
                )
            continue
        if table not in given and not (whole and (folder / name).exists()):
            if whole:
                _beside(folder, table, out)
            continue
        if not isinstance(name, str):
            out.error(
                raw.where("tables", table),
                f"tables.{table} {show(name)}: must be the name of a file",
            )
            continue
        try:
            rows = read_csv(
                inside(folder, name), name, columns(table), needed(table) - _filled(raw), out
            )
            raw.doc[table] = _shaped(raw, table, rows, out)
            if table in TABLES and name in out.short:
                raw.failed.add(table)
        except ScenarioError as error:
            out.problems += error.problems
            raw.failed.add(table)


def _beside(folder: Path, table: str, out: Findings) -> None:
    """Say of a file that looks like a table why it is not read."""
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            stem, _, kind = path.name.partition(".")
            if stem.strip().casefold() == table and kind.casefold() in _LIKE_TABLES:
                out.warn(
                    path.name, f"not read; the table {table} is a file named {table}.csv: {HOW}"
                )


def _filled(raw: Raw) -> set[str]:
    given = raw.doc.get("defaults")
    return {k for k in given if k in ("source", "status")} if isinstance(given, dict) else set()


def _shaped(raw: Raw, table: str, rows: list[Row], out: Findings) -> list[Any]:
    """Rows as they are, vertices as a list of points, or one row a shape."""
    if table in POINTS:
        rows = [r for r in rows if "lon" in r and "lat" in r]
        raw.vertices[table] = [r.where for r in rows]
        return [[r["lon"], r["lat"]] for r in rows]
    if table not in SHAPES:
        return rows
    shapes: dict[Any, list[Row]] = {}
    for row in rows:
        if {"id", "vertex", "lon", "lat"} <= row.keys():
            shapes.setdefault(row["id"], []).append(row)
        elif not row.said:
            out.error(row.where, "id, vertex, lon and lat are needed")
    found = []
    for parts in shapes.values():
        first = parts[0]
        numbers = [p["vertex"] for p in parts]
        if len(set(numbers)) < len(numbers):
            out.error(first.where, f"{table} {show(first['id'])}: a vertex number stands twice")
        if len({p.get("kind") for p in parts}) > 1:
            out.error(first.where, f"{table} {show(first['id'])}: its rows differ in kind")
        ordered = sorted(parts, key=lambda p: int(p["vertex"]))
        cells = {k: v for k, v in first.items() if k not in ("vertex", "lon", "lat")}
        found.append(
            Row(
                cells | {"points": [[p["lon"], p["lat"]] for p in ordered]}, first.where, first.said
            )
        )
    return found


def _defaults(raw: Raw, out: Findings) -> None:
    """Fill source and status into the rows that leave them out."""
    given = raw.doc.pop("defaults", {})
    where = raw.where("defaults")
    if not isinstance(given, dict):
        out.error(where, f"defaults {show(given)}: must be a table")
        return
    for key in given:
        if key not in ("source", "status"):
            out.unknown(
                raw.where("defaults", key), "defaults: unknown key", key, ("source", "status")
            )
    for table, model in TABLES.items():
        if issubclass(model, Sourced):
            for row in raw.rows(table):
                for key in ("source", "status"):
                    if key in given:
                        row.setdefault(key, given[key])


def _build(raw: Raw, patches: Sequence[Patch], out: Findings) -> Found:
    """Patch, validate, check, and make the scenario."""
    fill_defaults(raw, out)
    for patch in patches:
        apply(raw, patch, out)
    fill_defaults(raw, out)
    made = draft(raw, out)
    if not raw.failed:
        check(made, out)
        check_choices(made, out)
    problems = tuple(dict.fromkeys(out.problems))
    if out.failed:
        return None, problems
    tables = {name: tuple(getattr(made, name).items.values()) for name in TABLES}
    head = made.head | {"models": complete(made.head["models"])}
    titles = (*raw.patches, *(p.title for p in patches))
    filled = raw.doc.get("models", {}).get("defaults", False)
    ours = {"id": raw.id, "folder": raw.folder, "patches": titles, "filled": filled}
    fields: dict[str, Any] = {**head, **ours, **tables}
    return Scenario(**fields), problems


def _unbuilt(scenario: Scenario) -> Raw:
    """The raw tables from which a scenario would be read."""
    doc: dict[str, Any] = {}
    for name, value in scenario.model_dump(exclude={"schema_version", "id", "patches"}).items():
        if name not in TABLES:
            doc[name] = value
            continue
        cells = [{k: v for k, v in row.items() if v is not None} for row in value]
        doc[name] = [Row(c, f"{name} {show(c[key_of(name)])}") for c in cells]
    for row in doc["inputs"]:
        for tied, by in (("date", "parameter"), ("until", "until_parameter")):
            if row.get(by):
                row.pop(tied, None)
    if scenario.filled or any(p.group == LIBRARY for p in scenario.parameters):
        doc["models"]["defaults"] = True
    return Raw(scenario.id, scenario.id, doc, patches=scenario.patches, folder=scenario.folder)
