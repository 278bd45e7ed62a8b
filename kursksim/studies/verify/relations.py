"""What must hold of the campaigns that ship, as each says it in its file verify.toml.

A relation compares a measure of paired replications, with and without a change, and says which way
the mean of the differences must lie (``laws``). Relations that are limits of single models, or
exact on small campaigns, are in ``limits`` and ``exact``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from kursksim.scenario import catalogue
from kursksim.scenario.tables import read_toml
from kursksim.studies.verify.laws import MEASURES, Relation, Setting

__all__ = ["drawn", "hard", "relations"]

_FILE = "verify.toml"


@cache
def _files() -> dict[str, dict[str, Any]]:
    """What each campaign says of itself, by its name."""
    found = {}
    for name in catalogue.names():
        path = catalogue.find(name) / _FILE
        if path.is_file():
            found[name] = read_toml(path, f"{name}/{_FILE}")[0]
    return found


@cache
def relations() -> tuple[Relation, ...]:
    """Relations of all campaigns, in the order of their files; ids are those of the manual."""
    found = []
    for name, doc in _files().items():
        found += [_relation(name, row) for row in doc.get("relations", ())]
    return tuple(found)


def hard() -> list[tuple[str, Setting]]:
    """Campaigns that are hard on the books: name and changes."""
    found = []
    for name, doc in _files().items():
        found += [(name, _setting(row)) for row in doc.get("books", ())]
    return found


def drawn() -> list[str]:
    """Names of the campaigns of which draws from the ranges are played too."""
    return [name for name, doc in _files().items() if doc.get("draws")]


def _relation(scenario: str, row: Mapping[str, Any]) -> Relation:
    given = dict(row["measure"])
    measure = MEASURES[given.pop("name")](**given)
    changed = _setting(row["changed"]) if "changed" in row else None
    rest = {k: v for k, v in row.items() if k not in ("measure", "base", "changed")}
    base = _setting(row.get("base", {}))
    return Relation(measure=measure, base=base, changed=changed, scenario=scenario, **rest)


def _setting(row: Mapping[str, Any]) -> Setting:
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Setting(**fields)
