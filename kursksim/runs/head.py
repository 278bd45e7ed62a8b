"""run.json of a saved run: its head, its provenance, and the scenario as played, each checked."""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kursksim import registry
from kursksim._version import results_version
from kursksim.counts import MOST
from kursksim.errors import BadUse
from kursksim.runs.file import FORMAT, SCHEMA, RunFile
from kursksim.runs.record import Provenance
from kursksim.runs.state import LAST_DAY, State
from kursksim.scenario.reader import faults
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import show
from kursksim.units import day_of, parse_date

__all__ = ["read_begin", "read_head", "read_provenance", "read_scenario", "validated"]


def read_head(file: RunFile) -> dict[str, Any]:
    """The document of run.json, once it is ours and not newer than this library."""
    head = file.json()
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise file.bad(f"not a saved run: format must be {FORMAT!r}")
    schema = head.get("schema")
    # true is 1 in Python
    if isinstance(schema, bool) or not isinstance(schema, int) or schema < 1:
        raise file.bad(f"schema {show(schema)}: must be a whole number, 1 or more")
    if schema > SCHEMA:
        raise file.bad(
            f"schema {show(schema)} is newer than this library reads ({SCHEMA}); a newer kursksim"
            " opens it"
        )
    return head


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """Reader of a kind, made once: that takes longer than to read a decision."""
    return TypeAdapter(kind)


def validated(file: RunFile, key: str, kind: type, data: object, *, strict: bool = True) -> Any:
    """Make a value of a kind from a part of a document, or refuse it with the first thing wrong.

    Parameters
    ----------
    file : RunFile
    key : str
        How errors name the part.
    kind : type
        A dataclass or a model.
    data : object
    strict : bool
        Whether a number written as text and the like is refused.

    Raises
    ------
    RunFileError
    """
    # pydantic ignores what a dataclass does not have
    known = {f.name for f in fields(kind)} if strict else set[str]()
    if strict and isinstance(data, dict) and (odd := set(data) - known):
        raise file.bad(f"{key}: unknown key {show(min(odd))}")
    try:
        return _adapter(kind).validate_json(json.dumps(data), strict=strict)
    except ValidationError as failure:
        first = failure.errors(include_url=False)[0]
        where = ".".join(str(p) for p in (key, *first["loc"]))
        raise file.bad(f"{where}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise file.bad(f"{key}: cannot be read as what it should be") from None


def read_provenance(file: RunFile, data: object) -> Provenance:
    """What made the run."""
    made: Provenance = validated(file, "provenance", Provenance, data)
    if made.record not in ("summary", "full"):
        raise file.bad(f"provenance.record {show(made.record)}: must be summary or full")
    if not (0 <= made.seed <= MOST and 0 <= made.replication <= MOST):
        raise file.bad("provenance: seed and replication must be 0 or more, 2**64 - 1 at most")
    if not all(math.isfinite(v) for v in (*made.values.values(), made.assumed_share)):
        raise file.bad("provenance.values: must be finite numbers")
    return made


def read_begin(file: RunFile, data: object, provenance: Provenance) -> tuple[bytes, State | None]:
    """The state that the run began from, as bytes and, of this results version, as itself."""
    if not provenance.begin and data is None:
        return b"", None
    try:
        made = base64.b64decode(data, validate=True)  # type: ignore[arg-type]
        today = provenance.results_version == results_version
        state = State.from_bytes(made) if today else None
    except (TypeError, ValueError):  # a BadUse is one
        raise file.bad("begin: must be the state that the run began from") from None
    if not provenance.begin or (state is not None and state.digest != provenance.begin):
        raise file.bad("begin: is not the state that provenance.begin names")
    return made, state


def read_scenario(
    file: RunFile, data: object, provenance: Provenance, begin: State | None = None
) -> Scenario:
    """The scenario as it was played, proved by its digest.

    Parameters
    ----------
    file : RunFile
    data : object
    provenance : Provenance
    begin : State, optional
        The state that the run began from.
    """
    made: Scenario = validated(file, "scenario", Scenario, data, strict=False)
    said = {
        "digest": (provenance.digest, made.digest),
        "scenario": (provenance.scenario, made.id),
        "patches": (provenance.patches, made.patches),
    }
    if not provenance.begin:
        said["start"] = provenance.start, made.start.isoformat()
    for key, (given, true) in said.items():
        if given != true:
            raise file.bad(
                f"provenance.{key} {show(given)} is not that of the scenario in the file,"
                f" {show(true)}"
            )
    if missing := sorted(set(made.value) - set(provenance.values)):
        raise file.bad(f"provenance.values: parameter {missing[0]!r} is missing")
    # models and policies of another results version need not be those of today
    today = provenance.results_version == results_version
    if wrong := faults(made, choices=today and _all_known(made)):
        raise file.bad(f"scenario: {wrong[0]}")
    _check_first(file, made, provenance, begin)
    if begin is not None or not provenance.begin:  # that of another version cannot be asked
        _check_values(file, made, provenance, begin.origin.value if begin else {})
    return made


def _all_known(scenario: Scenario) -> bool:
    """Whether every model and policy is registered here; a user's own need not be."""
    chosen = [(f"model/{slot}", name) for slot, name in scenario.models.items()]
    chosen += [
        (f"policy/{side}", spec.partition(":")[0]) for side, spec in scenario.policies.items()
    ]
    return all(name in registry.names(kind) for kind, name in chosen)


def _check_first(
    file: RunFile, scenario: Scenario, provenance: Provenance, begin: State | None
) -> None:
    """Refuse a first day that is none of the campaign, or not that of the state."""
    first = day_of(_date(file, provenance.start), scenario.start)
    if not 0 <= first <= LAST_DAY or (begin is not None and first != begin.day):
        raise file.bad(
            f"provenance.start {show(provenance.start)} is not the day after the state that the run"
            " began from"
        )


def _date(file: RunFile, text: str) -> dt.date:
    try:
        return parse_date(text, "provenance.start")
    except BadUse as error:
        raise file.bad(str(error)) from None


def _check_values(
    file: RunFile, scenario: Scenario, provenance: Provenance, of_state: Mapping[str, float]
) -> None:
    """Refuse values that are neither those of the scenario or the state nor drawn from ranges."""
    for p in scenario.parameters:
        value = provenance.values[p.id]
        # a drawn day is rounded, and may leave its range by half a day
        room = 0.5 if p.unit == "day index" else 1e-9 * max(abs(p.low), abs(p.high))
        drawn = provenance.parameters != "default" and p.low - room <= value <= p.high + room
        if value not in (p.value, of_state.get(p.id)) and not drawn:
            raise file.bad(
                f"provenance.values: {p.id!r} {value:g} is not what the scenario says, {p.value:g}"
            )
