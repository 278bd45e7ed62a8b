"""Reading a scenario with its patches: the scenario, or every problem at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence, Set
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
    ident_of,
    key_of,
    needed,
)
from kursksim.scenario.forms import Sourced
from kursksim.scenario.geojson import is_drawn, take
from kursksim.scenario.patch import KEYS, Patch, apply, from_set, opened
from kursksim.scenario.rows import Raw, draft, draft_of
from kursksim.scenario.rules import check
from kursksim.scenario.schema import SCHEMA_VERSION, Scenario
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

__all__ = ["PatchLike", "faults", "load", "patched", "read", "whereabouts"]

_LIKE_TABLES: tuple[str, ...] = ("csv", "csv.txt", "csv.csv", "tsv", "tab", "txt")
_LIKE_TABLES += ("xlsx", "xls", "xlsm", "ods", "fods", "numbers", "csv.gz")
"""Suffixes that other programs give to a table: only ``.csv`` is read, others are warned of."""
_FILLED = ("source", "status")
"""Columns that the section [defaults] fills."""
Found: TypeAlias = tuple[Scenario | None, tuple[Problem, ...]]
"""A scenario, or None if any problem is an error, and the problems."""
PatchLike: TypeAlias = Patch | str | Path | Mapping[str, Any]
"""A patch, the name of a shipped what-if, the path of a patch file, or a mapping like a file."""


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
    path = catalogue.place_of(source)
    return _sure(*read(path, _patches(patches, set, path)))


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
    wanted = _patches(patches, set, Path(scenario.folder) if scenario.folder else None)
    return _sure(*_made(lambda _: _unbuilt(scenario), wanted)) if wanted else scenario


def read(source: Path, patches: Sequence[Patch] = ()) -> Found:
    """Read a scenario and report everything that is wrong with it.

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
    return _made(lambda out: _gather(source, out), patches)


def whereabouts(source: Path) -> Callable[[str], str]:
    """Return a function from the place of a problem, such as ``legs.A2``, to its file and line.

    Raises
    ------
    ScenarioError
        When the files cannot be read.
    """
    raw = _gather(source, Findings())

    def found(where: str) -> str:
        table, _, ident = where.partition(".")
        if table in TABLES and ident:
            rows = (r.where for r in raw.rows(table) if ident_of(table, r) == ident)
            return next(rows, where)
        return raw.where(*where.split(".")) if table in TOP_KEYS else where

    return found


def faults(scenario: Scenario, *, choices: bool) -> list[Problem]:
    """Errors of a scenario that was not read from its files, such as that of a saved run.

    Parameters
    ----------
    scenario : Scenario
    choices : bool
        Whether models and policies are checked too. Another version may have had others.
    """
    out = Findings()
    made = draft_of(scenario, out)
    check(made, out)
    if choices:
        check_choices(made, out)
    return [p for p in out.problems if p.severity == "error"]


def _made(raw: Callable[[Findings], Raw], patches: Sequence[Patch]) -> Found:
    """A scenario made of raw tables. Whatever is wrong with them ends up among the problems."""
    out = Findings()
    try:
        return _build(raw(out), patches, out)
    except ScenarioError as error:
        return None, (*out.problems, *error.problems)
    except RecursionError:
        return None, (*out.problems, Problem("scenario", "tables or lists are nested too deep"))


def _sure(scenario: Scenario | None, problems: tuple[Problem, ...]) -> Scenario:
    if scenario is None:
        # The message shows the first problem alone, so that must be an error.
        raise ScenarioError(sorted(problems, key=lambda p: p.severity != "error"))
    return scenario


def _patches(
    patches: Sequence[PatchLike], values: Mapping[str, Any] | None, campaign: Path | None
) -> list[Patch]:
    listed = [patches] if isinstance(patches, (str, Path, Patch, Mapping)) else patches
    wanted = opened(listed, campaign)
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
    if not source.exists():
        raise refuse(str(source), "no such file or folder")
    if source.is_dir():
        if not (folder / label).exists():
            raise refuse(str(source), "the folder holds no scenario.toml")
        inside(folder, label)
    doc, text = read_toml(folder / label, label)
    _version(doc, label)
    # The name of a folder may be no valid id; a campaign needs one all the same.
    ident = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).lstrip("_.-")[:64] or "scenario"
    # A single file has no folder of its own: what lies beside it belongs to something else.
    raw = Raw(ident, label, doc, line_numbers(text), folder=str(folder.absolute()) if whole else "")
    for key in doc:
        if key not in TOP_KEYS:
            out.unknown(raw.where(key), "unknown key", key, TOP_KEYS)
    for table in (*TABLES, *POINTS):
        if table in doc:
            _inline(raw, table, out)
    defaults = _section(raw, "defaults", "key", _FILLED, out)
    _files(raw, folder, whole, defaults.keys(), out)
    for table, model in TABLES.items():
        if issubclass(model, Sourced):
            for row in raw.rows(table):
                row |= {k: v for k, v in defaults.items() if k in _FILLED and k not in row}
    return raw


def _section(raw: Raw, name: str, what: str, known: Collection[str], out: Findings) -> Any:
    """Take a section with directions to the reader out of the document."""
    given = raw.doc.pop(name, {})
    if not isinstance(given, dict):
        out.error(raw.where(name), f"{name} {show(given)}: must be a table")
        return {}
    for key in given:
        if key not in known:
            out.unknown(raw.where(name, key), f"{name}: unknown {what}", key, known)
    return given


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
        raise refuse(
            label,
            f"schema {show(version)} "
            f"is newer than this library knows ({SCHEMA_VERSION}); a newer kursksim reads it",
        )


def _inline(raw: Raw, table: str, out: Findings) -> None:
    """Turn a table of the TOML file into rows that know their lines."""
    value, where = raw.doc[table], raw.where(table)
    if not isinstance(value, list):
        hint = "; a file is named in [tables]" if isinstance(value, str) else ""
        out.error(where, f"{table} {show(value)}: must be a list{hint}")
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


def _files(raw: Raw, folder: Path, whole: bool, filled: Set[str], out: Findings) -> None:
    """Read the CSV tables: those named in [tables], and in a folder those of the usual names."""
    given = _section(raw, "tables", "table", CSV_TABLES, out)
    for table in CSV_TABLES:
        name, where = given.get(table, f"{table}.csv"), raw.where("tables", table)
        if table in raw.doc:
            if table in given:
                out.error(where, f"tables.{table}: the table stands in {raw.label} too")
        elif table in POINTS and is_drawn(name):
            take(raw, folder, table, name, out)
        elif not isinstance(name, str):
            out.error(where, f"tables.{table} {show(name)}: must be the name of a file")
        elif table in given or (whole and (folder / name).exists()):
            _file(raw, folder, table, name, filled & set(_FILLED), out)
        elif whole:
            _beside(folder, table, out)


def _file(raw: Raw, folder: Path, table: str, name: str, filled: Set[str], out: Findings) -> None:
    """Read one CSV table; the tables that refer to a broken one are not checked."""
    try:
        rows = read_csv(inside(folder, name), name, columns(table), needed(table) - filled, out)
        raw.doc[table] = _shaped(raw, table, rows, out)
        if table in TABLES and name in out.short:
            raw.failed.add(table)
    except ScenarioError as error:
        out.problems += error.problems
        raw.failed.add(table)


def _beside(folder: Path, table: str, out: Findings) -> None:
    """Warn of a file that looks like a table and is not read."""
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            stem, _, kind = path.name.partition(".")
            if stem.strip().casefold() == table and kind.casefold() in _LIKE_TABLES:
                out.warn(
                    path.name,
                    f"not read; the table {table} is a file named {table}.csv: {HOW}",
                )
            elif table in POINTS and path.name == f"{table}.geojson":
                out.warn(path.name, f'not read; name it in [tables]: {table} = "{path.name}"')


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
    for ident, parts in shapes.items():
        first, who = parts[0], f"{table} {show(ident)}"
        if len({p["vertex"] for p in parts}) < len(parts):
            out.error(first.where, f"{who}: a vertex number stands twice")
        if len({p.get("kind") for p in parts}) > 1:
            out.error(first.where, f"{who}: its rows differ in kind")
        widths = {p["width_km"] for p in parts if "width_km" in p}
        if len(widths) > 1:
            out.error(first.where, f"{who}: its rows differ in width_km")
        cells = {k: v for k, v in first.items() if k not in ("vertex", "lon", "lat")}
        if widths:
            cells["width_km"] = widths.pop()
        parts.sort(key=lambda p: int(p["vertex"]))
        cells["points"] = [[p["lon"], p["lat"]] for p in parts]
        found.append(Row(cells, first.where, first.said))
    return found


def _build(raw: Raw, patches: Sequence[Patch], out: Findings) -> Found:
    """Patch, validate, check, and make the scenario."""
    fill_defaults(raw, out)  # before the patches, so that they can change what it fills in
    for patch in patches:
        apply(raw, patch, out)
    fill_defaults(raw, out)  # and after, for the models that they choose
    made = draft(raw, out)
    if not raw.failed:
        check(made, out)
        check_choices(made, out)
    problems = tuple(dict.fromkeys(out.problems))
    if out.failed:
        return None, problems
    fields: dict[str, Any] = {
        **made.head,
        **{name: tuple(getattr(made, name).items.values()) for name in TABLES},
        "models": complete(made.head["models"]),
        "id": raw.id,
        "folder": raw.folder,
        "patches": (*raw.patches, *(p.title for p in patches)),
        "filled": raw.doc.get("models", {}).get("defaults", False),
    }
    return Scenario(**fields), problems


def _unbuilt(scenario: Scenario) -> Raw:
    """The raw tables from which a scenario would be read."""
    doc: dict[str, Any] = {}
    for name, value in scenario.model_dump(exclude={"schema_version", "id", "patches"}).items():
        doc[name] = [_unread(name, row) for row in value] if name in TABLES else value
    for row in doc["inputs"]:
        for tied, by in (("date", "parameter"), ("until", "until_parameter")):
            if row.get(by):
                row.pop(tied, None)  # the parameter gives it again, perhaps with another value
    if scenario.filled or any(p.group == LIBRARY for p in scenario.parameters):
        doc["models"]["defaults"] = True
    return Raw(scenario.id, scenario.id, doc, patches=scenario.patches, folder=scenario.folder)


def _unread(table: str, row: Mapping[str, Any]) -> Row:
    """A row as a file would have it, where None is an empty cell."""
    where = f"{table} {show(row[key_of(table)])}"
    return Row({k: v for k, v in row.items() if v is not None}, where)
