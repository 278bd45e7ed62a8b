"""Commands that read and play nothing: scenarios, what-ifs, explain, check, cite, schema."""

from __future__ import annotations

import json as _json
from collections.abc import Sequence
from typing import Any

from kursksim.cli.inputs import patches, path_of, read_scenario
from kursksim.cli.output import check_target, emit, heading, say, table, width
from kursksim.errors import Problem, ScenarioError
from kursksim.notices import tell
from kursksim.scenario import catalogue, json_schema, read_patch
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import read_toml
from kursksim.text import plain

__all__ = ["check", "cited", "explained", "scenarios", "schema", "what_ifs"]


def scenarios(json: str | None) -> int:
    """List what ships with the library. Only the head of each scenario is read."""
    check_target(json)
    found = [_entry(name) for name in catalogue.names()]
    changes = [_what_if(name) for name in catalogue.what_ifs()]
    if emit(json, {"scenarios": found, "what_ifs": changes}):
        table(
            ("scenario", "days", "start", "title"),
            [(e["name"], e["days"], e["start"], e["title"]) for e in found],
            right={1},
        )
        if changes:
            say("")
            table(
                ("what-if", "scenario", "title"),
                [(c["name"], c["scenario"] or "any", c["title"]) for c in changes],
            )
    return 0


def _entry(name: str) -> dict[str, Any]:
    doc, _ = read_toml(catalogue.find(name) / "scenario.toml", f"{name}/scenario.toml")
    start = doc.get("start")
    return {
        "name": name,
        "title": plain(doc.get("title", "")),
        "days": doc.get("days"),
        "start": str(start or ""),
    }


def _what_if(name: str) -> dict[str, Any]:
    patch = read_patch(name)
    return {
        "name": name, "scenario": patch.scenario, "title": patch.title, "why": plain(patch.why),
        "expect": dict(patch.expect),
    }  # fmt: skip


def what_ifs(json: str | None) -> int:
    """List the shipped what-ifs."""
    check_target(json)
    found = [_what_if(name) for name in catalogue.what_ifs()]
    if emit(json, found):
        expected = [", ".join(f"{m} {d}" for m, d in c["expect"].items()) for c in found]
        rows = [
            (c["name"], c["scenario"] or "any", c["title"], c["why"], e)
            for c, e in zip(found, expected, strict=True)
        ]
        table(("what-if", "scenario", "title", "why", "expected"), rows)
    return 0


def explained(name: str, what_ifs: Sequence[str], sets: Sequence[str], json: str | None) -> int:
    """Print what the simulator understood."""
    from kursksim.cli.explained import sections
    from kursksim.explain import explain

    check_target(json)
    made = explain(read_scenario(name, what_ifs, sets, played=False))
    for problem in made.findings:
        if problem.severity == "warning":
            tell(problem)
    if emit(json, made):
        for number, (title, lines) in enumerate(sections(made, width())):
            if number:
                say("")
            heading(title)
            say(*lines)
    if errors := [p for p in made.findings if p.severity == "error"]:
        raise ScenarioError(errors)
    return 0


def check(name: str, what_ifs: Sequence[str], sets: Sequence[str], json: str | None) -> int:
    """List every problem; 2 if one of them is an error."""
    check_target(json)
    found = _problems(name, what_ifs, sets)
    errors = sum(p.severity == "error" for p in found)
    content = {
        "scenario": name,
        "errors": errors,
        "warnings": len(found) - errors,
        "problems": found,
    }
    if emit(json, content):
        say(*(plain(f"{p.severity}: {p}") for p in found))
        say(f"{plain(name)}: {_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}")
    return 2 if errors else 0


def _problems(name: str, what_ifs: Sequence[str], sets: Sequence[str]) -> tuple[Problem, ...]:
    from kursksim.studies.checking import problems

    try:
        return problems(path_of(name), patches(what_ifs, sets))
    except ScenarioError as error:  # a patch that cannot be read
        return error.problems


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def cited(name: str, json: str | None) -> int:
    """Print BibTeX, and as comments below it what is assumed: the whole is a valid .bib file."""
    from kursksim.scenario.sources import assumed, assumed_table, bibtex

    check_target(json)
    made = read_scenario(name, played=False)
    text = bibtex(made, _observed_keys(made))
    if emit(json, {"scenario": made.id, "bibtex": text, "assumed": assumed(made)}):
        say(text)
        lines = assumed_table(made)
        say(
            f"% Assumed or fitted in {made.id}: {len(lines) - 1} of {len(made.parameters)} parameters."
        )
        say(*(f"% {line}".replace("@", "(at)") for line in lines))
    return 0


def _observed_keys(scenario: Scenario) -> set[str]:
    """Sources of the observed record, where the scenario has one."""
    from kursksim.evidence import observations

    texts = [row.source for row in observations.held_area(scenario)]
    texts += [row.source for row in observations.settlements(scenario)]
    texts += [row.source for row in observations.patterns(scenario)]
    texts += [row.source for row in observations.timeline(scenario)]
    return {key.strip() for text in texts for key in text.split(";")} - {"", "none"}


def schema() -> int:
    """Print the JSON Schema of scenario.toml."""
    say(_json.dumps(json_schema(), indent=2, ensure_ascii=True))
    return 0
