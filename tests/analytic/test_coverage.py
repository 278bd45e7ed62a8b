"""Every analytic limit, and every relation between campaigns that must hold exactly, has a test that says so.

A test claims a law by beginning its docstring with the law's id: "A5, A7: …". A8 was dropped.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ANALYTIC = {f"A{n}" for n in range(1, 17)} - {"A8"}
EXACT = {"M8", "M10", "M12", "M19", "M20", "M23"}
CLAIM = re.compile(r"(?:[ACM]\d+(?:, and | and |, (?=[ACM]\d))?)+(?=[:,. ])")
NOT_RUN = re.compile(r"\bmark\.(?:slow|skip|xfail)\b")


def claimed_by(docstring: str) -> set[str]:
    """Ids at the very beginning of a docstring; ids further on are only spoken of."""
    found = CLAIM.match(docstring)
    return set(re.findall(r"[ACM]\d+", found[0])) if found else set()


def claims_of(source: str) -> Iterator[tuple[str, set[str]]]:
    """Tests that every run of the tests plays, with the ids that they claim."""
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        if not any(NOT_RUN.search(ast.unparse(mark)) for mark in node.decorator_list):
            yield node.name, claimed_by(ast.get_docstring(node) or "")


def claims() -> dict[str, list[str]]:
    """Tests by the id that they claim."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, ids in claims_of(path.read_text(encoding="utf-8")):
            for ident in ids:
                found.setdefault(ident, []).append(f"{path.relative_to(TESTS).as_posix()}::{name}")
    return found


CLAIMS = claims()


@pytest.mark.parametrize("ident", sorted(ANALYTIC | EXACT, key=lambda i: (i[0], int(i[1:]))))
def test_a_law_has_its_test(ident: str) -> None:
    assert CLAIMS.get(ident), f"no test begins its docstring with {ident}"


def test_no_test_claims_a_limit_that_there_is_not() -> None:
    assert {ident for ident in CLAIMS if ident.startswith("A")} == ANALYTIC


@pytest.mark.parametrize(
    ("docstring", "ids"),
    [
        ("A5: so", {"A5"}),
        ("A5, A7: so", {"A5", "A7"}),
        ("C12, and M12 before the date.", {"C12", "M12"}),
        ("M20 on the shipped history.", {"M20"}),
        ("M10, fixed allocation: so", {"M10"}),
        ("The leg A1 is cut.", set()),
        ("A1x is no law.", set()),
        ("", set()),
    ],
)
def test_a_claim_is_what_a_docstring_begins_with(docstring: str, ids: set[str]) -> None:
    assert claimed_by(docstring) == ids


def test_a_test_that_is_left_out_claims_nothing() -> None:
    source = '@pytest.mark.slow\ndef test_a():\n    "A1: so"\n\ndef test_b():\n    "A2: so"\n\ndef law():\n    "A3: so"\n'
    assert list(claims_of(source)) == [("test_b", {"A2"})]
