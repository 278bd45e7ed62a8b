"""The library knows no campaign: no constant in its code is an id, a name, a date or a fitted value of a scenario.

Counted are whole string constants that are no docstrings, the literal parts of f-strings among them. A docstring may
name a scenario in an example. A string is the library's own, whatever a campaign calls its rows, if it is

- a name that models and policies give to their parameters, slots and registered names, by which ledgers know them,
- a field, table, kind or column of the formats that it reads and writes,
- or one of the common words below, each found where it means something else.

Numbers count if they equal a value with status `fitted` of the ledgers and have three or more significant digits: 8 or 0.28 is also a
font size or a line width. Defaults of models are no exception: what was fitted to a campaign stands in its ledger.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import kursksim as ks
from kursksim import registry
from kursksim.models.base import DEFAULT_MODELS, SLOTS, optional, required
from kursksim.runs.columns import COLUMNS
from kursksim.scenario import catalogue
from kursksim.scenario.document import TABLES, TOP_KEYS
from kursksim.scenario.schema import Grid, SideSpec, Supply, Withdrawal

CODE = Path(ks.__file__).parent
FILES = sorted(CODE.rglob("*.py"))

WORDS = {
    "left": "a side of a picture or table, and men who are left",
    "right": "a side of a picture or table",
    "main": "the function of a program, and the part of a screen",
    "drones": "the field of an observation, and what a page is about",
    "nets": "an order, and the midnight's record of it",
    "raid": "an order",
    "events": "the file of a run",
    "horizon": "a column of the hub's tables",
    "timeline": "the file of a record",
    "tracker": "a kind of observation",
    "A1": "a limit of the manual",
    "A2": "a limit of the manual",
    "S1": "Sobol's first-order index",
}
"""Common words that some campaign uses as ids as well."""


@cache
def vocabulary() -> frozenset[str]:
    """Names that belong to the library's models and formats."""
    own = {*SLOTS, *TABLES, *TOP_KEYS, *DEFAULT_MODELS.values(), *optional()}
    for columns in COLUMNS.values():
        own |= set(columns)
    for model in (*TABLES.values(), Grid, SideSpec, Supply, Withdrawal):
        own |= set(model.model_fields)
    for slot in SLOTS:
        for name in registry.names(f"model/{slot}"):
            own |= {name, *required({slot: name})}
    return frozenset(own)


def of_campaigns() -> dict[str, str]:
    """Ids, names and dates of the scenarios and what-ifs that ship, with where each stands."""
    found: dict[str, str] = {}
    for name in catalogue.names():
        s = ks.load(name)
        found |= {name: "scenario", s.title: f"{name}: title"}
        found |= dict.fromkeys(map(str, (s.start, s.date(s.last_day))), f"{name}: calendar")
        for side, who in s.sides.items():
            found |= dict.fromkeys((who.name, who.short), f"{name}: sides.{side}")
        for table, model in TABLES.items():
            fields = {"id", "key", "name", "title", "crossing", "date", "until", "known_on"}
            for row in getattr(s, table):
                for field in fields & set(model.model_fields):
                    if value := getattr(row, field):
                        found[str(value)] = f"{name}: {table}.{field}"
    for shelf in catalogue.shelves().values():
        found |= dict.fromkeys(shelf, "what-if")
    return found


def constants(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every string of a file that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = set()
    for node in ast.walk(tree):
        for part in (
            getattr(node, "body", ()) if not isinstance(node, (ast.Lambda, ast.IfExp)) else ()
        ):
            # the string under a field or a constant explains it, as one at the head does
            if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
                told.add(id(part.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def hits() -> dict[str, list[str]]:
    """Constants that a campaign has as well: where in the code, by text."""
    theirs = {text: where for text, where in of_campaigns().items() if text not in vocabulary()}
    found: dict[str, list[str]] = {}
    for path in FILES:
        for line, text in constants(path):
            if text.strip() in theirs:
                where = f"{path.relative_to(CODE)}:{line} ({theirs[text.strip()]})"
                found.setdefault(text.strip(), []).append(where)
    return found


def test_no_string_of_the_code_is_an_id_a_name_or_a_date_of_a_campaign() -> None:
    found = hits()
    assert {text: where for text, where in found.items() if text not in WORDS} == {}
    assert set(WORDS) <= set(found), "a common word that is no longer needed here"


def test_no_name_of_a_side_or_a_place_is_within_a_string() -> None:
    names = set()
    for name in catalogue.names():
        s = ks.load(name)
        if not s.fictional:
            names |= {p.id for p in s.places} | {who.short for who in s.sides.values()}
            names |= {p.split()[0] for p in (w.name for w in s.sides.values())}
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b")
    assert len(names) > 50 and pattern.search("towards Sudzha")
    found = [(str(p), n, t) for p in FILES for n, t in constants(p) if pattern.search(t)]
    assert found == []


def test_dates_within_strings_are_of_the_form_only() -> None:
    """An error that shows what a date looks like may show any; each such date is in a sentence."""
    found = []
    for path in FILES:
        for line, text in constants(path):
            for date in re.findall(r"\b\d{4}-\d\d-\d\d\b", text):
                dt.date.fromisoformat(date)
                if not re.search(r"such as|of the form|ORIGIN as", text):
                    found.append((path.name, line, text))
    assert found == []


@cache
def declared() -> dict[str, float]:
    """Defaults of the library by the names that ledgers may use."""
    found = {}
    for slot in SLOTS:
        for name in registry.names(f"model/{slot}"):
            found |= {n: info.default for n, info in required({slot: name}).items()}
    return found | {name: info.default for name, info in optional().items()}


@pytest.mark.parametrize("name", catalogue.names())
def test_no_default_is_what_was_fitted_to_a_campaign(name: str) -> None:
    s = ks.load(name)
    models = {ident: own for own, ident in s.aliases.items()}
    fitted = {models.get(p.id, p.id): p.value for p in s.parameters if p.status == "fitted"}
    assert {n: v for n, v in fitted.items() if declared().get(n) == v} == {}


def test_no_number_of_the_code_is_a_fitted_value() -> None:
    fitted = {}
    for name in catalogue.names():
        for p in ks.load(name).parameters:
            if p.status == "fitted" and len(f"{p.value:g}".replace(".", "").strip("0")) >= 3:
                fitted[p.value] = p.id
    assert fitted, "no value has digits enough to tell"
    found = []
    for path in FILES:
        numbers = (n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if number(n))
        found += [(path.name, n.lineno) for n in numbers if n.value in fitted]  # type: ignore[attr-defined]
    assert found == []


def number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)
