"""Odd values for the fuzz tests, and one change anywhere in a document of TOML or JSON."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Any

__all__ = ["DATES", "HUGE", "NUMBERS", "ODD_TEXTS", "change_tree"]

HUGE = 5_000_000
NUMBERS = (
    "nan", "inf", "-inf", "-1", "0", "-0.0", "1", "1e308", "-1e308", "1e309", "1e-320", "0.5", "1e6", "1e-6", "1e12", "2147483648",
    "9223372036854775808", "9" * 400, "9" * 5000, "1_000", "0x10", "1,5", "٣", "½", "400", "401", "1e", "--1", "+1", "",
)  # fmt: skip
DATES = (
    "0000-01-01", "0001-01-01", "9999-12-31", "2025-02-29", "2025-13-01", "1000-01-01", "9000-12-31", "2025-1-1",
    "2025-01-01T00:00:00", "2025-01-01T00:00:00Z", "12:00:00", "1582-10-10", "2025-01-02", "2026-01-01",
)  # fmt: skip
ODD_TEXTS = (
    "", " ", ".", "..", "../..", "/", "/nowhere/at/all.toml", "C:\\x", "a/b", "a\nb", "a\x00b", "\x1b[31m", "\ud800", "\u202e", "Ηill", "Hill\u200b",
    "ﬁx", "é", "e\u0301", "İ", "ß", "\u2028", "\x85", "\ufeff", "💥", "x" * 65, "x" * 300, "y" * 100_000, "=1+1", "-", "--", "-1", "%s{0}$(id)`",
    "nan", "null", "true", "id", "none", ";", ";;", ",", "'", '"', "holder", "attacker", "threshold", "fixed_date:2025-01-02",
    "orders:", "orders:..", "a.b.c", "__class__", "parameters.csv", "scenario.toml",
)  # fmt: skip


def _odd_value(rng: random.Random, dates: bool) -> Any:
    nested: Any = 1
    for _ in range(rng.choice((3, 60, 400))):
        nested = [nested] if rng.random() < 0.7 else {"a": nested}
    values: list[Any] = [
        0, 1, -1, 0.0, 0.5, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, -1e308, 1e-320, 1e6, 1e12, 400, 401, True, False, [], {}, [[]], [None], nested,
        {"id": "x"}, [1, 2], ["a", "a"], float("nan"), float("inf"), rng.choice(ODD_TEXTS), rng.choice(ODD_TEXTS), rng.choice(DATES),
    ]  # fmt: skip
    if dates:
        values[-1:] = [
            dt.date.min,
            dt.date.max,
            dt.date(2025, 1, 2),
            dt.datetime(2025, 1, 1),
            dt.time(12),
            dt.date(9000, 1, 1),
        ]
    else:
        values += [None, "Infinity", "-Infinity"]
    return rng.choice(values)


def _nodes(tree: Any, limit: int = 100_000) -> list[tuple[Any, Any]]:
    """Every (container, key) of a tree."""
    found: list[tuple[Any, Any]] = []
    stack = [tree]
    while stack and len(found) < limit:
        node = stack.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], (dict, list)):
                stack.append(node[key])
    return found


def change_tree(tree: Any, rng: random.Random, *, dates: bool) -> None:
    """Change one node of a document in place: its value, its name, its place, its neighbours."""
    nodes = _nodes(tree)
    if not nodes:
        return
    parent, key = rng.choice(nodes)
    value = parent[key]
    how = rng.choice(
        ("near", "near", "near", "odd", "odd", "drop", "other", "rename", "twice", "empty")
    )
    if how == "near" and isinstance(value, (int, float)) and not isinstance(value, bool):
        with_end = (
            value * 2,
            value * 10,
            value / 10,
            -value,
            value + 1,
            value * rng.random(),
            0,
            1,
            int(value) if abs(value) < 1e300 else 1,
        )
        parent[key] = rng.choice(with_end)
    elif how == "near" and isinstance(value, dt.date):
        parent[key] = value + dt.timedelta(days=rng.choice((-1, 1, 30, -400, 4000)))
    elif how == "drop":
        del parent[key]
    elif how == "other":
        there, name = rng.choice(nodes)
        parent[key] = (
            json.loads(json.dumps(there[name], default=str))
            if name in there or isinstance(there, list)
            else 1
        )
    elif how == "rename" and isinstance(parent, dict):
        parent[rng.choice((key.upper(), key + " ", *ODD_TEXTS))] = parent.pop(key)
    elif how == "twice" and isinstance(parent, list):
        parent.insert(key, value)
    elif how == "empty" and isinstance(value, (list, dict, str)):
        parent[key] = type(value)()
    else:
        parent[key] = _odd_value(rng, dates)
