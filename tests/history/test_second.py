"""The numbers of december-march against a second reading of their sources.

``second.csv`` was written by a reader who wrote what he read with the words that it rests on. In the rows marked ``blind``
he saw the meaning, unit and source of each number, and not the number; in the others, mostly doctrine and literature for
numbers that had no source, he knew the ledger. Where the figure read lies outside the ledger's range,
``disagreements.csv`` says what was decided or is proposed, and why. ``second_places.csv`` holds positions and populations,
those of the gazetteers taken by a program from the named packages by name and region alone.

Not read again: what was measured on trackers' maps or placed by geolocated events (``observed/``, outline, places with key
``owl``), the border, the hand drawings, and what no page gives (``bearings``).
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.scenario.limits import apart_km
from kursksim.scenario.schema import Leg

HERE = Path(__file__).parent
SCENARIO = ks.load("december-march")
LEDGER = {p.id: p for p in SCENARIO.parameters}
INPUTS = {f"input:{i.id}": i for i in SCENARIO.inputs}
PLACES = {p.id: p for p in SCENARIO.places}
LEGS = {g.id: g for g in SCENARIO.legs}
SOURCES = {s.key for s in SCENARIO.sources}


def table(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SECOND = table("second.csv")
SECOND_PLACES = table("second_places.csv")
DECIDED = {r["id"]: r for r in table("disagreements.csv")}


def bounds(ident: str) -> tuple[float, float]:
    """What the scenario allows: a parameter's range, or that of the legs of a road added up."""
    if ident.startswith("legs:"):
        road = [LEGS[g] for g in ident.removeprefix("legs:").split("+")]
        return sum(g.low_km for g in road), sum(g.high_km for g in road)
    return LEDGER[ident].low, LEDGER[ident].high


def disagrees(row: dict[str, str]) -> bool:
    """Whether what was read lies outside what the scenario says."""
    if row["id"] in INPUTS:
        there = INPUTS[row["id"]].date
        low, high = (dt.date.fromisoformat(row[end] or row["value"]) for end in ("low", "high"))
        return not low <= there <= high
    low, high = bounds(row["id"])
    return bool(row["value"]) and not low <= float(row["value"]) <= high


@pytest.mark.parametrize("row", [pytest.param(r, id=r["id"]) for r in SECOND])
def test_what_was_read_lies_in_the_range_or_was_decided(row: dict[str, str]) -> None:
    assert row["id"] in LEDGER or row["id"] in INPUTS or row["id"].startswith("legs:")
    assert row["found"] in ("yes", "partly", "no")
    assert row["blind"] in ("yes", "no")
    assert (row["found"] == "no") <= (not row["value"])
    assert disagrees(row) == (row["id"] in DECIDED), row
    assert set(row["source_key"].split(";")) <= SOURCES
    if row["found"] == "yes":
        assert row["words"]
        assert row["url_read"]


def test_a_decision_has_its_reason_and_its_row() -> None:
    assert set(DECIDED) <= {r["id"] for r in SECOND}
    assert all(len(r["decision"]) > 20 for r in DECIDED.values())


def test_the_ledger_says_what_was_read() -> None:
    wording = {"yes": "figure found", "partly": "related only", "no": "no figure"}
    found = {
        r["id"]: r for r in SECOND if r["id"] in LEDGER and (r["found"] != "no" or r["url_read"])
    }
    assert {p.id for p in SCENARIO.parameters if p.read} == set(found)
    for p in SCENARIO.parameters:
        if p.read:
            assert p.read.startswith(f"{found[p.id]['read_on']} {wording[found[p.id]['found']]}"), (
                p.read
            )


def test_every_sourced_number_of_the_ledger_was_looked_for() -> None:
    """Keys of judgement are no sources; what has only those must be assumed or fitted, with a reason."""
    looked_for = {r["id"] for r in SECOND}
    stock = re.compile(
        r"No source(?=[.;])|Default (?:from an exploratory fit|fitted together)[^.]*|the guess before (?:it )?was [\d.]+"
    )
    for p in SCENARIO.parameters:
        if set(p.sources) - {"none", "fit"}:
            assert p.id in looked_for, p.id
        else:
            assert p.status in ("assumed", "fitted")
            assert len(stock.sub("", p.note).strip(" .;")) > 10, (p.id, p.note)


def test_every_dated_input_was_looked_for() -> None:
    """By its own date, or by the parameter that dates it; what names no source is assumed."""
    looked_for = {r["id"] for r in SECOND}
    for ident, given in INPUTS.items():
        if given.sources:
            assert (given.parameter or ident) in looked_for
        else:
            assert given.status == "assumed"


@pytest.mark.parametrize("row", [pytest.param(r, id=r["id"]) for r in SECOND_PLACES])
def test_places_stand_where_they_were_read_again(row: dict[str, str]) -> None:
    place = PLACES[row["id"]]
    assert row["source_key"] in place.sources
    if row["found"] == "no":
        assert not row["lat"]
        return
    apart = apart_km(
        place, place.model_copy(update={"lat": float(row["lat"]), "lon": float(row["lon"])})
    )
    assert apart <= min(place.uncertainty_km, 0.1), f"{apart:.2f} km"
    noted = re.search(r"Population (\d+)", place.note)
    if noted:
        assert noted[1] == row["population"]
    assert row["words"]
    assert row["where"]


def test_every_place_of_a_gazetteer_was_read_again() -> None:
    wanted = {
        p.id
        for p in SCENARIO.places
        if set(p.sources) & {"geonames", "geonames_postal", "wikipedia"}
    }
    assert wanted == {r["id"] for r in SECOND_PLACES}


@pytest.mark.parametrize("leg", [pytest.param(g, id=g.id) for g in SCENARIO.legs])
def test_a_length_is_the_straight_line_times_what_its_note_says(leg: Leg) -> None:
    straight = apart_km(PLACES[leg.from_place], PLACES[leg.to_place])
    said = re.search(
        r"Length is ([\d.]+) of the straight line; range ([\d.]+)-([\d.]*\d)", leg.note
    )
    assert said
    factor, low, high = map(float, said.groups())
    assert leg.length_km == pytest.approx(factor * straight, abs=0.06 + 0.005 * straight)
    assert leg.low_km == pytest.approx(low * straight, abs=0.06 + 0.005 * straight)
    assert leg.high_km == pytest.approx(high * straight, abs=0.06 + 0.005 * straight)


def test_reading_again_moves_no_result() -> None:
    first = SCENARIO.parameters[0]
    other = SCENARIO.model_copy(
        update={
            "parameters": (
                first.model_copy(update={"read": "2027-01-01 again"}),
                *SCENARIO.parameters[1:],
            )
        }
    )
    assert (
        ks.Scenario(**{n: getattr(other, n) for n in ks.Scenario.model_fields}).digest
        == SCENARIO.digest
    )
