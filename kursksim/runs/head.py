"""run.json of a saved run: its head, its provenance, and the scenario as played, each checked."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kursksim import registry
from kursksim._version import results_version
from kursksim.counts import MOST
from kursksim.runs.file import FORMAT, SCHEMA, RunFile
from kursksim.runs.record import Provenance
from kursksim.scenario.reader import faults
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import show

__all__ = ["read_head", "read_provenance", "read_scenario", "validated"]


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


def read_scenario(file: RunFile, data: object, provenance: Provenance) -> Scenario:
    """The scenario as it was played, proved by its digest."""
    made: Scenario = validated(file, "scenario", Scenario, data, strict=False)
    said = {
        "digest": (provenance.digest, made.digest),
        "scenario": (provenance.scenario, made.id),
        "patches": (provenance.patches, made.patches),
        "start": (provenance.start, made.start.isoformat()),
    }
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
    _check_values(file, made, provenance)
    return made


def _all_known(scenario: Scenario) -> bool:
    """Whether every model and policy is registered here; a user's own need not be."""
    chosen = [(f"model/{slot}", name) for slot, name in scenario.models.items()]
    chosen += [
        (f"policy/{side}", spec.partition(":")[0]) for side, spec in scenario.policies.items()
    ]
    return all(name in registry.names(kind) for kind, name in chosen)


def _check_values(file: RunFile, scenario: Scenario, provenance: Provenance) -> None:
    """Refuse values that are neither those of the scenario nor drawn from its ranges."""
    for p in scenario.parameters:
        value = provenance.values[p.id]
        # a drawn day is rounded, and may leave its range by half a day
        room = 0.5 if p.unit == "day index" else 1e-9 * max(abs(p.low), abs(p.high))
        drawn = provenance.parameters != "default" and p.low - room <= value <= p.high + room
        if value != p.value and not drawn:
            raise file.bad(
                f"provenance.values: {p.id!r} {value:g} is not what the scenario says, {p.value:g}"
            )
