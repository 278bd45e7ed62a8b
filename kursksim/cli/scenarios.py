"""Commands that play nothing: scenarios, what-ifs, explain, check, cite, schema."""

from __future__ import annotations

import json as _json
from itertools import chain
from typing import Annotated, Any, Literal

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import Json, ScenarioName, Sets, Texts, WhatIfs
from kursksim.cli.inputs import read_scenario, set_values
from kursksim.cli.output import emit, heading, say, table, width
from kursksim.errors import BadUse, ScenarioError
from kursksim.notices import tell
from kursksim.text import plain

CheckFormat = Annotated[
    Literal["text", "sarif"],
    Option(
        "--format",
        help="Form of the list: lines of text, or SARIF 2.1.0 for code scanning and editors.",
    ),
]

__all__ = ["check", "cite", "explain", "scenarios", "schema", "what_ifs"]


def scenarios(*, json: Json = None) -> None:
    """List the scenarios and what-ifs that ship with the library."""
    from kursksim.scenario import catalogue
    from kursksim.scenario.tables import read_toml

    found = []
    for name in catalogue.names():  # the head of each is enough, and there at once
        doc, _ = read_toml(catalogue.find(name) / "scenario.toml", f"{name}/scenario.toml")
        title, start = plain(doc.get("title", "")), str(doc.get("start") or "")
        found.append({"name": name, "title": title, "days": doc.get("days"), "start": start})
    changes = _what_ifs()
    if emit(json, {"scenarios": found, "what_ifs": changes}):
        heads = ("days", "start", "title")
        rows = [(e["name"], *map(e.get, heads)) for e in found]
        table(("scenario", *heads), rows, right={1})
        if changes:
            say("")
            rows = [(c["scenario"] or "any", c["name"], c["title"]) for c in changes]
            table(("campaign", "what-if", "title"), rows)


def what_ifs(*, json: Json = None) -> None:
    """List the shipped what-ifs by campaign, and why one would try them."""
    found = _what_ifs()
    if emit(json, found):
        rows = []
        for c in found:
            expected = ", ".join(f"{measure} {way}" for measure, way in c["expect"].items())
            rows.append((c["scenario"] or "any", c["name"], c["title"], c["why"], expected))
        table(("campaign", "what-if", "title", "why", "expected"), rows)


def _what_ifs() -> list[dict[str, Any]]:
    """The shipped what-ifs, for JSON: their heads, read as those of the scenarios are."""
    from kursksim.scenario import catalogue
    from kursksim.scenario.tables import read_toml

    found = []
    for campaign, shelf in catalogue.shelves().items():
        for name, path in shelf.items():
            head, _ = read_toml(path, f"what-ifs/{name}.toml")
            entry = {"name": name, "scenario": campaign, "title": head["title"]}
            found.append(entry | {"why": plain(head["why"]), "expect": head.get("expect", {})})
    return found


def explain(
    scenario: ScenarioName, *, what_if: WhatIfs = None, set: Sets = None, json: Json = None
) -> None:
    """Print what the simulator understood: dates, models, numbers, forces, roads, inputs."""
    from kursksim.cli.explained import sections
    from kursksim.explain import explain as understood

    made = understood(read_scenario(scenario, what_if, set, played=False))
    for problem in made.findings:
        if problem.severity == "warning":
            tell(problem)
    if emit(json, made):
        for number, (title, lines) in enumerate(sections(made, width())):
            if number:
                say("")
            heading(title)
            say(*lines)
    # last: whoever looks for what is wrong needs the numbers above
    if errors := [p for p in made.findings if p.severity == "error"]:
        raise ScenarioError(errors)


def check(
    scenario: ScenarioName,
    *,
    what_if: WhatIfs = None,
    set: Sets = None,
    format: CheckFormat = "text",
    json: Json = None,
) -> int:
    """List every problem of a scenario at once; status 2 if one of them is an error."""
    if format != "text" and json == "-":
        raise BadUse(f"--format {format} and --json -: standard output takes one of them")
    found = ks.check(scenario, what_if=what_if or (), set=set_values(set))
    drawn = _ground(scenario, what_if, set)
    errors = sum(p.severity == "error" for p in found)
    warnings = len(found) - errors
    content = {"scenario": scenario, "errors": errors, "warnings": warnings, "problems": found}
    if format == "sarif":
        from kursksim.cli.sarif import sarif

        emit(json, content)
        emit("-", sarif(scenario, what_if or (), found))
    elif emit(json, content | {"ground": drawn and drawn._asdict()}):
        if drawn is not None:
            say(f"{plain(scenario)}: {drawn}")
        say(*(plain(f"{p.severity}: {p}") for p in found))
        say(f"{plain(scenario)}: {_count(errors, 'error')}, {_count(warnings, 'warning')}")
    return 2 if errors else 0


def _ground(scenario: str, what_if: Texts, set: Texts) -> Any:
    """The held ground of day 0; None where the scenario or a what-if has errors."""
    from kursksim.api import patches_of
    from kursksim.scenario import catalogue
    from kursksim.scenario.patch import opened
    from kursksim.studies.checking import ground

    path = catalogue.place_of(scenario)
    try:
        return ground(path, opened(patches_of(what_if or (), set_values(set)), path))
    except ScenarioError:
        return None


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def cite(scenario: ScenarioName, *, json: Json = None) -> None:
    """Print the sources as BibTeX, and what no source fixes."""
    from kursksim.scenario import sources

    made = read_scenario(scenario, played=False)
    text = sources.bibtex(made, _observed_keys(made))
    if emit(json, {"scenario": made.id, "bibtex": text, "assumed": sources.assumed(made)}):
        lines = sources.assumed_table(made)
        total = len(made.parameters)
        say(text, f"% Assumed or fitted in {made.id}: {len(lines) - 1} of {total} parameters.")
        # comments of BibTeX: the whole output is a valid .bib file, in which @ begins an entry
        say(*(f"% {line}".replace("@", "(at)") for line in lines))


def _observed_keys(scenario: ks.Scenario) -> set[str]:
    """Sources of the observed record, where the scenario has one."""
    record = ks.evidence.observations
    rows = chain[Any](
        record.held_area(scenario),
        record.settlements(scenario),
        record.patterns(scenario),
        record.timeline(scenario),
    )
    keys = ";".join(row.source for row in rows).split(";")
    return {key.strip() for key in keys} - {"", "none"}


def schema(
    kind: Annotated[
        Literal["scenario", "what-if"],
        Argument(metavar="[scenario|what-if]", help="Kind of file that it describes."),
    ] = "scenario",
) -> None:
    """Print the JSON Schema of scenario.toml or of a what-if, for editors."""
    from kursksim.scenario.editors import json_schema, what_if_schema

    made = json_schema() if kind == "scenario" else what_if_schema()
    say(_json.dumps(made, indent=2, ensure_ascii=True))
