"""`kursksim check --format sarif`, against what SARIF 2.1.0 and GitHub's code scanning ask for.

The schema below holds those definitions of the OASIS schema (sarif-schema-2.1.0, errata 01) that a log of ours uses,
with their required properties, levels and bounds, and no property that the standard does not have.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import jsonschema
import pytest

from kursksim.scenario import catalogue


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


TEXT = {"type": "string"}
MESSAGE = _object(["text"], text=TEXT, markdown=TEXT, id=TEXT)
FROM_ONE = {"type": "integer", "minimum": 1}
REGION = _object(["startLine"], startLine=FROM_ONE, startColumn=FROM_ONE, endLine=FROM_ONE)
ARTIFACT = _object(["uri"], uri={"type": "string", "format": "uri-reference"}, uriBaseId=TEXT)
LOCATION = _object(
    ["physicalLocation"],
    physicalLocation=_object(
        ["artifactLocation", "region"], artifactLocation=ARTIFACT, region=REGION
    ),
)
RESULT = _object(
    ["ruleId", "level", "message", "locations"],
    ruleId=TEXT,
    level={"enum": ["none", "note", "warning", "error"]},
    message=MESSAGE,
    locations={"type": "array", "minItems": 1, "items": LOCATION},
)
RULE = _object(["id"], id=TEXT, shortDescription=MESSAGE)
DRIVER = _object(
    ["name"], name=TEXT, version=TEXT, rules={"type": "array", "uniqueItems": True, "items": RULE}
)
RUN = _object(
    ["tool", "results"],
    tool=_object(["driver"], driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": RESULT},
)
LOG = _object(
    ["version", "runs"],
    **{
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {"type": "array", "items": RUN},
    },
)


def log_of(kursksim: Any, *words: str, status: int) -> tuple[list[dict[str, Any]], set[str]]:
    """Results of a check, and the rules that are told."""
    ended = kursksim("check", *words, "--format", "sarif")
    assert (ended.status, ended.err) == (status, "")
    log = json.loads(ended.out)
    jsonschema.validate(
        log, LOG, jsonschema.Draft4Validator, format_checker=jsonschema.FormatChecker()
    )
    (run,) = log["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert rules == {result["ruleId"] for result in run["results"]}
    return run["results"], rules


def place(result: dict[str, Any]) -> tuple[str, str]:
    """File and line that a result points to."""
    physical = result["locations"][0]["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    relative = physical["artifactLocation"].get("uriBaseId") == "%SRCROOT%"
    path = Path(unquote(uri)) if relative else Path(unquote(urlparse(uri).path))
    assert path.is_absolute() is not relative
    return path.name, path.read_text(encoding="utf-8").splitlines()[
        physical["region"]["startLine"] - 1
    ]


@pytest.fixture
def mine(kursksim: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "my campaign"
    shutil.copytree(catalogue.find("december-march"), folder)
    return folder


def test_a_sound_scenario_has_no_result(kursksim: Any) -> None:
    assert log_of(kursksim, "two-roads", status=0) == ([], set())


def test_each_problem_points_to_its_line(kursksim: Any, mine: Path) -> None:
    for name, old, new in (
        ("places.csv", "51.1226", "91.1"),
        ("scenario.toml", 'depot = "Sudzha"', 'depot = "Suja"'),
    ):
        text = (mine / name).read_text(encoding="utf-8")
        assert old in text
        (mine / name).write_text(text.replace(old, new), encoding="utf-8")
    results, rules = log_of(kursksim, "./my campaign", status=2)
    found = {place(r) for r in results}
    assert ("scenario.toml", 'depot = "Suja"') in found
    assert any(name == "places.csv" and line.startswith("Yunakivka,91.1") for name, line in found)
    assert {"places", "scenario"} <= rules
    assert {r["level"] for r in results} == {"error"}


def test_a_row_that_is_named_by_its_id_is_found_in_its_table(kursksim: Any, mine: Path) -> None:
    text = (mine / "legs.csv").read_text(encoding="utf-8")
    assert "Plekhovo,8.7,7.8,10.7" in text
    long = text.replace("8.7,7.8,10.7", "87,78,107")
    (mine / "legs.csv").write_text(long, encoding="utf-8")
    results, _ = log_of(kursksim, "./my campaign", status=0)
    (leg,) = [
        r for r in results if r["ruleId"] == "legs" and "is it in km?" in r["message"]["text"]
    ]
    name, line = place(leg)
    assert (name, line.split(",")[0], leg["level"]) == ("legs.csv", "E3", "warning")


def test_a_what_if_and_a_set_value_are_places_too(kursksim: Any, mine: Path) -> None:
    Path("odd.toml").write_text(
        'title = "Odd"\nwhy = "x"\n[set]\n"parameters.no_such" = 1\n', encoding="utf-8"
    )
    results, rules = log_of(kursksim, "./my campaign", "--what-if", "odd.toml", status=2)
    assert rules == {"what-if"} and place(results[0])[0] == "odd.toml"
    assert "no_such" in results[0]["message"]["text"]
    results, rules = log_of(kursksim, "two-roads", "--set", "parameters.fleet_0=2", status=0)
    assert rules == {"set", "supply"}
    assert {place(r)[0] for r in results} == {"scenario.toml"}
    assert any(place(r)[1].startswith("supply = ") for r in results)


def test_files_that_cannot_be_read_have_a_place_as_well(kursksim: Any) -> None:
    Path("s.toml").write_text("schema = 1\ntitle = \n", encoding="utf-8")
    (result,), _ = log_of(kursksim, "./s.toml", status=2)
    assert place(result) == ("s.toml", "title = ")


def test_own_json_and_sarif_are_two_outputs(kursksim: Any) -> None:
    ended = kursksim("check", "two-roads", "--format", "sarif", "--json", "-")
    assert ended.status == 2 and ended.out == "" and ended.err.count("\n") == 1
    both = kursksim("check", "two-roads", "--format", "sarif", "--json", "own.json")
    assert both.status == 0 and json.loads(both.out)["version"] == "2.1.0"
    assert json.loads(Path("own.json").read_text(encoding="utf-8"))["problems"] == []
    assert kursksim("check", "two-roads", "--format", "xml").status == 2
    assert os.listdir() == ["own.json"]
