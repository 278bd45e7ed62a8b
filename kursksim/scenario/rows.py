"""Raw rows made into typed ones. Each is validated once, and every fault is one line."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import ValidationError, create_model
from pydantic_core import ErrorDetails

from kursksim.scenario.attacks import Attack
from kursksim.scenario.document import HEAD, POINTS, SINGULAR, TABLES, ident_of, key_of
from kursksim.scenario.forms import ID_PATTERN, NAME_PATTERN, Frozen
from kursksim.scenario.schema import (
    Area,
    AxisSpec,
    Contingent,
    CrossingSpec,
    Depot,
    Grid,
    Input,
    Leg,
    Line,
    Parameter,
    Place,
    Route,
    Scenario,
    SideSpec,
    Source,
    Supply,
    WeatherDay,
    Withdrawal,
)
from kursksim.scenario.tables import SAID_EACH, Findings, Row, show
from kursksim.text import with_point

__all__ = ["Draft", "Raw", "RowsById", "draft", "draft_of"]

M = TypeVar("M", bound=Frozen)

_RULES = {
    "float_type": "must be a number, without quotes and without a unit",
    "int_type": "must be a whole number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "string_type": "must be text in quotes",
    "date_type": "must be a date such as 2025-03-07, without quotes",
    "tuple_type": "must be a list in square brackets",
    "list_type": "must be a list in square brackets",
    "model_type": "must be a table",
    "mapping_type": "must be a table",
    "dict_type": "must be a table",
    "finite_number": "must be finite",
}
_PATTERNS = {
    ID_PATTERN: "letters, digits, '_', '.', '-' only",
    NAME_PATTERN: "no slashes or control characters",
}
_PARTS: dict[str, type[Frozen]] = {
    "grid": Grid,
    "supply": Supply,
    "withdrawal": Withdrawal,
    "sides": SideSpec,
}


@dataclass
class Raw:
    """The files of a scenario as read: sections, rows and vertices, each with its place."""

    id: str
    label: str
    doc: dict[str, Any]
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    vertices: dict[str, list[str]] = field(default_factory=dict)
    """File and line of each vertex of border and outline."""
    failed: set[str] = field(default_factory=set)
    """Tables whose files could not be read: names that refer to their rows are not checked."""
    patches: tuple[str, ...] = ()
    folder: str = ""
    set_by: dict[str, str] = field(default_factory=dict)
    """Section → the patch that changed it, or the GeoJSON file that gave it."""

    def where(self, *path: object) -> str:
        """File and line of a key, as exactly as they are known."""
        keys = tuple(str(p) for p in path)
        if keys and keys[0] in self.set_by:
            return self.set_by[keys[0]]
        for end in range(len(keys), 0, -1):
            if line := self.lines.get(keys[:end]):
                return f"{self.label} line {line}"
        return self.label

    def rows(self, table: str) -> list[Row]:
        """Rows of a table."""
        found: list[Row] = self.doc.setdefault(table, [])
        return found


@dataclass
class RowsById(Generic[M]):
    """Typed rows by id, with the ids and the places of all rows, broken ones too."""

    items: dict[str, M] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    where: dict[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether every row is valid, so that a rule over all of them means something."""
        return self.known == self.items.keys()


@dataclass
class Draft:
    """The valid part of a scenario, on which the rules that span tables are checked."""

    raw: Raw
    head: dict[str, Any]
    parameters: RowsById[Parameter]
    sources: RowsById[Source]
    places: RowsById[Place]
    legs: RowsById[Leg]
    crossings: RowsById[CrossingSpec]
    depots: RowsById[Depot]
    routes: RowsById[Route]
    axes: RowsById[AxisSpec]
    contingents: RowsById[Contingent]
    inputs: RowsById[Input]
    attacks: RowsById[Attack]
    weather: RowsById[WeatherDay]
    lines: RowsById[Line]
    areas: RowsById[Area]


@cache
def _single(name: str) -> type[Frozen]:
    """A model of one head field, so that a fault in one leaves the others standing."""
    info = Scenario.model_fields[name]
    made: type[Frozen] = create_model(
        f"Head_{name}", __base__=Frozen, **{name: (info.annotation, info)}
    )  # type: ignore[call-overload]
    return made


def _freeze(value: Any) -> Any:
    return tuple(_freeze(v) for v in value) if isinstance(value, list) else value


def explain(error: ErrorDetails, known: Iterable[str], where: str, who: str, out: Findings) -> None:
    """Report one finding of pydantic in the words of the other findings."""
    loc = [p for p in error["loc"] if p != "[key]"]
    name = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")
    kind, value, lead = error["type"], error["input"], f"{who}: " if who else ""
    if kind == "missing":
        out.error(where, f"{lead}{name} is missing")
    elif kind == "extra_forbidden":
        out.unknown(where, f"{lead}unknown key", str(loc[-1]), known)
    elif kind == "literal_error":
        known = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        out.unknown(where, f"{lead}unknown {name}", value, known)
    elif kind == "value_error":
        out.error(where, f"{lead}{name + ': ' if name else ''}{error['ctx']['error']}")
    else:
        # Such as "Tuple should have at least 2 items after validation, not 1".
        plain = re.sub(r"^\w+ should", "must", error["msg"]).replace(" after validation", "")
        if kind == "string_pattern_mismatch":
            plain = _PATTERNS[error["ctx"]["pattern"]]
        hint = with_point(value) if kind == "float_type" else ""
        out.error(where, f"{lead}{name} {show(value)}: {_RULES.get(kind, plain)}{hint}")


def _validate(model: type[M], row: Row, who: str, out: Findings) -> M | None:
    try:
        made = model.model_validate({k: _freeze(v) for k, v in row.items()})
    except ValidationError as failure:
        for error in failure.errors(include_url=False):
            # A cell that could not be read was reported already, with a better reason.
            if not error["loc"] or error["loc"][0] not in row.said:
                explain(error, model.model_fields, row.where, who, out)
        return None
    return None if row.said else made


def _table(table: str, rows: Iterable[Row], out: Findings) -> RowsById[Any]:
    """Typed rows of a table, sorted by id."""
    found: RowsById[Any] = RowsById()
    model = TABLES[table]
    for number, row in enumerate(rows, start=1):
        ident = ident_of(table, row)
        who = f"{SINGULAR[table]} {f'number {number}' if ident is None else show(ident)}"
        made = _validate(model, row, who, out)
        if ident is None:
            continue
        if ident in found.known:
            out.error(row.where, f"{who} stands twice; first in {found.where[ident]}")
            continue
        found.known.add(ident)
        found.where[ident] = row.where
        if made is not None:
            found.items[ident] = made
    # The order of a file means nothing: sorted rows give equal campaigns equal digests and runs.
    found.items = dict(sorted(found.items.items()))
    return found


def _head(raw: Raw, out: Findings) -> dict[str, Any]:
    """Validated fields outside the tables of rows."""
    head: dict[str, Any] = {}
    for name in HEAD:
        if name not in raw.doc:
            info = Scenario.model_fields[name]
            if name == "models":
                head[name] = {}
            elif info.is_required() and name not in raw.failed:
                out.error(raw.label, f"{name} is missing")
            elif not info.is_required():
                head[name] = info.get_default()
            continue
        value = raw.doc[name]
        if name == "models" and isinstance(value, dict):
            value = {k: v for k, v in value.items() if k != "defaults"}
        if isinstance(value, dict):
            value = {k: _freeze(v) for k, v in value.items()}
        try:
            head[name] = getattr(_single(name).model_validate({name: _freeze(value)}), name)
        except ValidationError as failure:
            known = _PARTS[name].model_fields if name in _PARTS else ()
            faults = failure.errors(include_url=False)
            # In a wrong projection every vertex is out of range: a few say it all.
            told = faults[:SAID_EACH] if name in POINTS else faults
            for error in told:
                loc = error["loc"]
                where = raw.where(*loc)
                if name in raw.vertices:
                    vertex = len(loc) > 1 and isinstance(loc[1], int)
                    where = raw.vertices[name][int(loc[1])] if vertex else f"{name}.csv"
                explain(error, known, where, "", out)
            if more := len(faults) - len(told):
                where = f"{name}.csv" if name in raw.vertices else raw.where(name)
                out.error(
                    where,
                    f"{name}: {more} more numbers with the same fault; are they degrees?",
                )
    return head


def _dated(
    raw: Raw, parameters: RowsById[Parameter], start: dt.date | None, out: Findings
) -> list[Row]:
    """Inputs with the dates of the parameters to which they are tied."""
    rows = []
    for row in raw.rows("inputs"):
        row = Row(row, row.where, row.said)
        who = f"input {show(row.get('id'))}"
        if ("date" in row) == bool(row.get("parameter")):
            given = "both" if "date" in row else "neither"
            out.error(
                row.where,
                f"{who}: {given} of date and parameter given; exactly one is needed",
            )
            row.said.add("date")
        elif row.get("parameter"):
            _tie(row, "date", "parameter", parameters, start, out)
        if row.get("until_parameter") and "until" in row:
            out.error(
                row.where,
                f"{who}: both of until and until_parameter given; at most one is possible",
            )
        elif row.get("until_parameter"):
            _tie(row, "until", "until_parameter", parameters, start, out)
        rows.append(row)
    return rows


def _tie(
    row: Row,
    name: str,
    by: str,
    parameters: RowsById[Parameter],
    start: dt.date | None,
    out: Findings,
) -> None:
    """Date an input by the day index of a parameter."""
    tied, who = row[by], f"input {show(row.get('id'))}"
    if isinstance(tied, str) and tied in parameters.items and start:
        try:
            row[name] = start + dt.timedelta(days=round(parameters.items[tied].value))
            return
        except OverflowError:
            out.error(row.where, f"{who}: {by} {show(tied)} is a day index beyond the calendar")
    elif isinstance(tied, str) and tied not in parameters.known and start:
        out.unknown(row.where, f"{who}: unknown {by}", tied, parameters.known)
    row.said.add(name)


def draft(raw: Raw, out: Findings) -> Draft:
    """Validate every section and every row by itself.

    Parameters
    ----------
    raw : Raw
    out : Findings
        Where problems go.
    """
    head = _head(raw, out)
    made = {name: _table(name, raw.rows(name), out) for name in TABLES if name != "inputs"}
    start = None if "parameters" in raw.failed else head.get("start")
    made["inputs"] = _table("inputs", _dated(raw, made["parameters"], start, out), out)
    _open_rings(made["areas"], out)
    return Draft(raw=raw, head=head, **made)


def draft_of(scenario: Scenario, out: Findings) -> Draft:
    """Lay out a scenario, each of whose sections and rows is valid by itself, as a draft.

    Parameters
    ----------
    scenario : Scenario
    out : Findings
        Where problems go.
    """
    doc = {name: getattr(scenario, name) for name in (*HEAD, *TABLES)}
    made: dict[str, RowsById[Any]] = {}
    for table in TABLES:
        found = made[table] = RowsById()
        for row in doc[table]:
            ident = str(getattr(row, key_of(table)))
            where = f"{table} {show(ident)}"
            if ident in found.known:
                out.error(where, f"{SINGULAR[table]} {show(ident)} stands twice")
            found.known.add(ident)
            found.where[ident], found.items[ident] = where, row
    _open_rings(made["areas"], out)
    head = {name: doc[name] for name in HEAD}
    return Draft(raw=Raw(scenario.id, scenario.id, doc), head=head, **made)


def _open_rings(areas: RowsById[Area], out: Findings) -> None:
    """The last vertex of an area is not its first once more."""
    for ident, area in areas.items.items():
        if area.points[0] == area.points[-1]:
            out.error(
                areas.where[ident],
                f"area {show(ident)}: the last vertex repeats the first; leave it out",
            )
