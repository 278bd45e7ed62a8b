"""An Explanation as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kursksim.explain import Explanation, ForceLine, ModelPart, NumberLine, Road, RoadLeg, Share
from kursksim.text import aligned, number

__all__ = ["sections"]

Section = tuple[str, list[str]]


def sections(e: Explanation, width: int | None = None) -> Iterator[Section]:
    """Sections of the text: a heading and its lines.

    Parameters
    ----------
    e : Explanation
    width : int, optional
        Width of a terminal; without it every row of a table is one line.

    Yields
    ------
    tuple of str and list of str
    """
    yield _head(e, width)
    yield (
        "The order of the day",
        [f"{n:3}. {line}" for n, line in enumerate(e.order_of_the_day, start=1)],
    )
    for part in e.models:
        yield f"Model of {part.role}: {part.name}", _part(part, width)
    for part in e.policies:
        yield f"Policy of the {part.role}: {part.name}", _part(part, width)
    for force in e.forces:
        yield f"Contingent {force.id}: {force.name}", _force(e, force, width)
    for road in e.routes:
        yield f"Route {road.id}: {road.name}", _road(road, width)
    if e.other_legs:
        yield "Other legs", _legs(e.other_legs, width)
    yield "Axes", _axes(e, width)
    yield "Dated inputs", _inputs(e, width)
    yield (
        "Derived figures, read by no model",
        [
            line
            for d in e.derived
            for line in aligned((f"{d.title}: {d.value:.1%}", d.how), [], width=width, indent=2)
        ],
    )
    if e.other_policies:
        yield "Numbers that only policies not chosen here read", _numbers(e.other_policies, width)
    if e.reference:
        yield "Numbers that nothing reads (for reference only)", _numbers(e.reference, width)
    again = ", ".join(f"{count} {what}" for what, count in e.read_again.items())
    yield (
        "What no source fixes",
        [
            *(line for share in e.shares for line in _share(share)),
            f"  parameters, by a second reading of their sources: {again}",
            *(
                aligned(("  not checked:", ", ".join(e.not_checked)), [], width=width)
                if e.not_checked
                else ()
            ),
        ],
    )


def _head(e: Explanation, width: int | None) -> Section:
    lines = [
        ("scenario", f"{e.scenario}{' (fictional)' if e.fictional else ''}"),
        ("dates", f"{e.start} to {e.end}, {e.days} days"),
        *((side, name) for side, name in e.sides.items()),
        ("key place", e.key_place),
        ("what-ifs", "; ".join(e.what_ifs) or "none"),
        ("digest", e.digest),
        *([("about", e.summary)] if e.summary else []),
    ]
    return e.title, aligned(lines[0], lines[1:], width=width, indent=2)


def _range(n: NumberLine) -> str:
    return f"{number(n.low)} to {number(n.high)}"


def _numbers(numbers: Sequence[NumberLine], width: int | None) -> list[str]:
    rows = [(n.id, number(n.value), _range(n), n.unit, n.status, n.meaning) for n in numbers]
    return aligned(
        ("id", "value", "range", "unit", "status", "meaning"),
        rows,
        right={1},
        width=width,
        indent=2,
    )


def _part(part: ModelPart, width: int | None) -> list[str]:
    about = aligned((part.about,), [], width=width, indent=2) if part.about else []
    return [*about, *(_numbers(part.numbers, width) if part.numbers else ["  It has no numbers."])]


def _force(e: Explanation, force: ForceLine, width: int | None) -> list[str]:
    where = "on the border" if force.station == "border" else "at the front"
    later = "".join(f"; {number(men)} more on {date}" for date, men in force.later)
    side = f"{force.side}, {e.sides.get(force.side, '')}, {where}"
    rows = [
        (n.field, number(n.value), _range(n), n.unit, n.status, n.meaning) for n in force.numbers
    ]
    heads = ("what", "value", "range", "unit", "status", "meaning")
    lines = [f"  {side}: {number(force.men)} men, there from {force.arrives}{later}"]
    return [*lines, *aligned(heads, rows, right={1}, width=width, indent=2)]


def _road(road: Road, width: int | None) -> list[str]:
    trips = (
        "takes the rest of the trips"
        if road.share is None
        else f"takes {road.share:.0%} of the trips"
    )
    main = "main supply route, " if road.main else ""
    return [f"  {main}{number(round(road.length_km, 1))} km, {trips}", *_legs(road.legs, width)]


def _legs(legs: Sequence[RoadLeg], width: int | None) -> list[str]:
    rows = [
        (
            g.id, g.from_place, g.to_place, number(g.length_km), f"{number(g.low_km)} to {number(g.high_km)}", g.status,
            "paved" if g.paved else "unpaved", f"{g.ew_cover:.0%}", "" if g.tracks is None else number(g.tracks),
            g.crossing,
        )
        for g in legs
    ]  # fmt: skip
    heads = (
        "leg",
        "from",
        "to",
        "km",
        "range",
        "status",
        "surface",
        "jamming",
        "tracks beside it",
        "crossing",
    )
    return aligned(heads, rows, right={3, 7, 8}, width=width, indent=2)


def _axes(e: Explanation, width: int | None) -> list[str]:
    rows = [
        (
            a.id,
            a.place,
            "" if a.effort is None else number(a.effort),
            "across the border" if a.across else "held ground",
            a.status,
            a.name,
        )
        for a in e.axes
    ]
    heads = ("id", "columns leave from", "effort", "where", "status", "name")
    return aligned(heads, rows, right={2}, width=width, indent=2)


def _inputs(e: Explanation, width: int | None) -> list[str]:
    rows = []
    for i in e.inputs:
        amount = "" if i.amount is None else f"{number(i.amount)} {i.unit.strip('-')}".strip()
        between = " to ".join(i.between)
        rows.append(
            (
                i.date,
                i.until,
                between,
                i.known_on,
                i.kind,
                i.target,
                amount,
                i.status,
                i.source,
                i.name,
            )
        )
    heads = (
        "date",
        "until",
        "or between",
        "known on",
        "kind",
        "target",
        "amount",
        "status",
        "source",
        "what",
    )
    return aligned(heads, rows, width=width, indent=2) if rows else ["  none"]


def _share(share: Share) -> list[str]:
    by = ", ".join(f"{count} {status}" for status, count in share.by_status.items())
    return [f"  {share.soft:.0%} of the {share.rows} {share.of} are assumed or fitted ({by})"]
