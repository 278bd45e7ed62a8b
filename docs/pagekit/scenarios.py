"""A page for each scenario, from its folder: numbers with ranges and sources, roads, forces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import kursksim as ks
from kursksim.explain import Explanation, NumberLine, RoadLeg, explain
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario
from kursksim.text import number
from pagekit.text import code, link, markdown, table

__all__ = ["page", "pages"]


def pages() -> dict[str, str]:
    """Pages by file name, one for each scenario that ships."""
    return {f"scenarios/{name}.md": page(ks.load(name)) for name in catalogue.names()}


def page(scenario: Scenario) -> str:
    """The page of a scenario."""
    e = explain(scenario)
    lines = [
        f"# {markdown(e.title)}",
        "",
        f"`{e.scenario}` · {e.start} to {e.end}, {e.days} days"
        + (" · **fictional**" if e.fictional else " · a public, finished campaign"),
        "",
        markdown(e.summary),
        "",
        *_sides(e),
        *_shares(e),
        *_forces(e),
        *_roads(e),
        *_axes(scenario, e),
        *_inputs(e),
        *_parts(e),
        *_ledger(scenario),
        *_sources(scenario),
    ]
    return "\n".join(lines) + "\n"


def _sides(e: Explanation) -> list[str]:
    who = [f"{markdown(name)} is the {side}" for side, name in e.sides.items()]
    return [
        f"{', '.join(who)}. The place whose fall is reported is {markdown(e.key_place)}."
        " Losses of men are indices of the model, not estimates of history.",
        "",
        f"`kursksim explain {e.scenario}` prints what the simulator understood of the folder,"
        f" `kursksim cite {e.scenario}` its sources as BibTeX.",
        "",
    ]


def _shares(e: Explanation) -> list[str]:
    rows = []
    for s in e.shares:
        counted = ", ".join(f"{n} {status}" for status, n in s.by_status.items())
        rows.append((s.of, str(s.rows), f"**{s.soft:.0%}**", counted))
    again = ", ".join(f"{count} {what}" for what, count in e.read_again.items())
    return [
        "## What no source fixes",
        "",
        "The assumed share: rows whose status is *assumed* or *fitted*.",
        "",
        *table(("rows", "number", "assumed or fitted", "by status"), rows),
        "Sources of the parameters read a second time, by somebody who did not see the value:"
        f" {again}.",
        "",
    ]


def _range(low: float, high: float) -> str:
    return f"{number(low)} to {number(high)}"


def _numbers(numbers: Sequence[NumberLine]) -> list[str]:
    rows = [
        (
            code(n.id),
            number(n.value),
            _range(n.low, n.high),
            markdown(n.unit),
            n.status,
            markdown(n.meaning),
        )
        for n in numbers
    ]
    return table(("parameter", "value", "range", "unit", "status", "meaning"), rows)


def _forces(e: Explanation) -> list[str]:
    rows = []
    for f in e.forces:
        where = "on the border" if f.station == "border" else "at the front"
        later = "; ".join(f"{number(men)} more on {date}" for date, men in f.later) or "–"
        own = ", ".join(code(n.id) for n in f.numbers)
        rows.append((markdown(f.name), f.side, number(f.men), f.arrives, where, later, own))
    heads = ("contingent", "side", "men", "there from", "where", "later", "its parameters")
    return ["## Forces", "", *table(heads, rows)]


def _legs(legs: Sequence[RoadLeg]) -> list[str]:
    rows = [
        (
            code(g.id),
            markdown(g.from_place),
            markdown(g.to_place),
            number(g.length_km),
            _range(g.low_km, g.high_km),
            "paved" if g.paved else "unpaved",
            f"{g.ew_cover:.0%}",
            markdown(g.crossing) or "–",
            g.status,
        )
        for g in legs
    ]
    return table(
        ("leg", "from", "to", "km", "range", "surface", "jamming", "crossing", "status"), rows
    )


def _roads(e: Explanation) -> list[str]:
    lines = ["## Roads", ""]
    for road in e.routes:
        share = (
            "takes the rest of the trips"
            if road.share is None
            else f"takes {road.share:.0%} of the trips"
        )
        main = "main supply route, " if road.main else ""
        lines += [
            f"**{markdown(road.name)}** (`{road.id}`): {main}{number(road.length_km)} km, {share}.",
            "",
        ]
        lines += _legs(road.legs)
    if e.other_legs:
        lines += [
            "**Other legs**, on no supply route; columns may leave over them.",
            "",
            *_legs(e.other_legs),
        ]
    return lines


def _axes(scenario: Scenario, e: Explanation) -> list[str]:
    aims = {a.id: a.aim for a in scenario.axes}
    rows = [
        (
            code(a.id),
            markdown(a.name),
            markdown(aims[a.id]) or "the watched roads",
            markdown(a.place),
            "–" if a.effort is None else number(a.effort),
            "across the border" if a.across else "held ground",
            a.status,
        )
        for a in e.axes
    ]
    return [
        "## Axes",
        "",
        *table(
            ("axis", "name", "makes for", "columns leave from", "effort", "where", "status"), rows
        ),
    ]


def _inputs(e: Explanation) -> list[str]:
    rows = []
    for i in e.inputs:
        between = f", or between {' and '.join(i.between)}" if i.between else ""
        until = f" to {i.until}" if i.until else ""
        amount = "–"
        if i.amount is not None:
            amount = f"{number(i.amount)} {markdown(i.unit.strip('-'))}".strip()
        rows.append(
            (
                f"{i.date}{until}{between}",
                i.known_on,
                markdown(i.name),
                code(i.kind),
                code(i.target) or "–",
                amount,
                i.status,
                markdown(i.source) or "–",
            )
        )
    return [
        "## Dated inputs",
        "",
        "What happens to the campaign on a date. No outcome is among them: neither the day of an"
        " order to withdraw nor"
        " the fall of a place.",
        "",
        *table(("date", "public on", "what", "kind", "target", "amount", "status", "source"), rows),
    ]


def _parts(e: Explanation) -> list[str]:
    rows = [(p.role, code(p.name), "model") for p in e.models] + [
        (p.role, code(p.name), "policy") for p in e.policies
    ]
    figures = [f"- {markdown(d.title)}: {d.value:.1%} ({markdown(d.how)})" for d in e.derived]
    lines = [
        "## Models and policies",
        "",
        "What each does, with its own numbers: [](../odd.md).",
        "",
        *table(("slot or side", "name", ""), rows),
    ]
    if figures:
        lines += ["Figures that follow from the numbers and that no model reads:", "", *figures, ""]
    if e.reference:
        lines += [
            "Numbers that nothing reads; they stand in the ledger for the reader:",
            "",
            *_numbers(e.reference),
        ]
    return lines


def _ledger(scenario: Scenario) -> list[str]:
    rows = sorted(scenario.parameters, key=lambda p: p.group)
    lines = [
        "## Parameters",
        "",
        "The ledger, whole. A value without a source is assumed; its range is the prior.",
        "",
    ]
    for group, members in groupby(rows, key=lambda p: p.group):
        found = [
            (
                code(p.id),
                number(p.value),
                _range(p.low, p.high),
                markdown(p.unit),
                p.status,
                markdown(p.source) or "–",
                markdown(p.meaning) + (f". *{markdown(p.note)}*" if p.note else ""),
            )
            for p in members
        ]
        heads = (
            "parameter",
            "value",
            "range",
            "unit",
            "status",
            "source",
            "meaning, *and where it comes from*",
        )
        lines += [
            f"### {markdown(group).capitalize() if group else 'All'}",
            "",
            *table(heads, found),
        ]
    return lines


def _sources(scenario: Scenario) -> list[str]:
    rows = [
        (
            markdown(s.key),
            markdown(s.title) + (f", {markdown(s.author)}" if s.author else ""),
            markdown(s.date),
            link(s.url),
            markdown(s.supports),
            markdown(s.reliability),
        )
        for s in scenario.sources
    ]
    return [
        "## Sources",
        "",
        *table(("key", "source", "date", "link", "supports", "reliability"), rows),
    ]
