"""The numbers of december-march against a second, blind reading of their sources.

``second.csv`` was written by a reader who saw the meaning, unit and source of each number, and not the number; he wrote
what he read with the words that it rests on. Where he found a figure outside the ledger's range, ``disagreements.csv``
says what was decided, and why.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

import kursksim as ks

HERE = Path(__file__).parent
SCENARIO = ks.load("december-march")
LEDGER = {p.id: p for p in SCENARIO.parameters}
INPUTS = {f"input:{i.id}": i for i in SCENARIO.inputs}


def table(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SECOND = table("second.csv")
DECIDED = {r["id"]: r for r in table("disagreements.csv")}


def disagrees(row: dict[str, str]) -> bool:
    """Whether what was read lies outside what the scenario says."""
    if row["id"] in INPUTS:
        there = INPUTS[row["id"]].date
        low, high = (dt.date.fromisoformat(row[end] or row["value"]) for end in ("low", "high"))
        return not low <= there <= high
    p = LEDGER[row["id"]]
    return bool(row["value"]) and not p.low <= float(row["value"]) <= p.high


@pytest.mark.parametrize("row", [pytest.param(r, id=r["id"]) for r in SECOND])
def test_what_was_read_lies_in_the_range_or_was_decided(row: dict[str, str]) -> None:
    assert row["id"] in LEDGER or row["id"] in INPUTS
    assert row["found"] in ("yes", "partly", "no")
    assert (row["found"] == "no") <= (not row["value"])
    assert disagrees(row) == (row["id"] in DECIDED), row
    if row["found"] == "yes":
        assert row["words"]
        assert row["url_read"]


def test_a_decision_has_its_reason_and_its_row() -> None:
    assert set(DECIDED) <= {r["id"] for r in SECOND}
    assert all(len(r["decision"]) > 20 for r in DECIDED.values())


def test_the_ledger_says_what_was_read() -> None:
    found = {r["id"] for r in SECOND if r["found"] != "no" and r["id"] in LEDGER}
    assert {p.id for p in SCENARIO.parameters if p.read} == found
    for p in SCENARIO.parameters:
        assert not p.read or p.read.startswith("2026-"), p.read


def test_reading_again_moves_no_result() -> None:
    first = SCENARIO.parameters[0]
    other = SCENARIO.model_copy(
        update={"parameters": (first.model_copy(update={"read": "2027-01-01 again"}), *SCENARIO.parameters[1:])}
    )
    assert ks.Scenario(**{n: getattr(other, n) for n in ks.Scenario.model_fields}).digest == SCENARIO.digest
