"""An Explanation as text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from kursksim.explain import Explanation, ForceLine, ModelPart, NumberLine, Road, RoadLeg
from kursksim.text import aligned, number

__all__ = ["sections"]

Section = tuple[str, list[str]]
NUMBER_HEADS = ("value", "range", "unit", "status", "meaning")


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
    yield e.title, _head(e, width)
    steps = enumerate(e.order_of_the_day, start=1)
    yield "The order of the day", [f"{n:3}. {line}" for n, line in steps]
    for kind, parts in (("Model of", e.models), ("Policy of the", e.policies)):
        for part in parts:
            yield f"{kind} {part.role}: {part.name}", _part(part, width)
    for force in e.forces:
        yield f"Contingent {force.id}: {force.name}", _force(e, force, width)
    for road in e.routes:
        yield f"Route {road.id}: {road.name}", _road(road, width)
    if e.other_legs:
        yield "Other legs", _legs(e.other_legs, width)
    yield "Axes", _axes(e, width)
    yield "Dated inputs", _inputs(e, width)
    if reports := list(_reports(e)):
        yield "Dated reports", reports
    derived: list[str] = []
    for d in e.derived:
        derived += _table((f"{d.title}: {d.value:.1%}", d.how), (), width)
    yield "Derived figures, read by no model", derived
    if e.other_policies:
        yield "Numbers that only policies not chosen here read", _numbers(e.other_policies, width)
    if e.reference:
        yield "Numbers that nothing reads (for reference only)", _numbers(e.reference, width)
    yield "What no source fixes", _assumed(e, width)


def _table(
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    width: int | None,
    right: Collection[int] = (),
) -> list[str]:
    return aligned(heads, list(rows), right=right, width=width, indent=2)


def _head(e: Explanation, width: int | None) -> list[str]:
    lines = [
        ("dates", f"{e.start} to {e.end}, {e.days} days"),
        *e.sides.items(),
        ("key place", e.key_place),
        ("what-ifs", "; ".join(e.what_ifs) or "none"),
        ("digest", e.digest),
    ]
    if e.summary:
        lines.append(("about", e.summary))
    return _table(
        ("scenario", f"{e.scenario}{' (fictional)' if e.fictional else ''}"), lines, width
    )


def _cells(n: NumberLine) -> tuple[str, ...]:
    """Cells of a number under ``NUMBER_HEADS``."""
    return number(n.value), f"{number(n.low)} to {number(n.high)}", n.unit, n.status, n.meaning


def _numbers(numbers: Sequence[NumberLine], width: int | None) -> list[str]:
    rows = ((n.id, *_cells(n)) for n in numbers)
    return _table(("id", *NUMBER_HEADS), rows, width, right={1})


def _part(part: ModelPart, width: int | None) -> list[str]:
    lines = _table((part.about,), (), width) if part.about else []
    return lines + (_numbers(part.numbers, width) if part.numbers else ["  It has no numbers."])


def _force(e: Explanation, force: ForceLine, width: int | None) -> list[str]:
    where = "on the border" if force.station == "border" else "at the front"
    later = "".join(f"; {number(men)} more on {date}" for date, men in force.later)
    side = f"{force.side}, {e.sides.get(force.side, '')}, {where}"
    first = f"  {side}: {number(force.men)} men, there from {force.arrives}{later}"
    rows = ((n.field, *_cells(n)) for n in force.numbers)
    return [first, *_table(("what", *NUMBER_HEADS), rows, width, right={1})]


def _road(road: Road, width: int | None) -> list[str]:
    share = "the rest" if road.share is None else f"{road.share:.0%}"
    main = "main supply route, " if road.main else ""
    first = f"  {main}{number(round(road.length_km, 1))} km, takes {share} of the trips"
    return [first, *_legs(road.legs, width)]


LEG_HEADS = (
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


def _legs(legs: Sequence[RoadLeg], width: int | None) -> list[str]:
    rows = [
        (
            g.id,
            g.from_place,
            g.to_place,
            number(g.length_km),
            f"{number(g.low_km)} to {number(g.high_km)}",
            g.status,
            "paved" if g.paved else "unpaved",
            f"{g.ew_cover:.0%}",
            "" if g.tracks is None else number(g.tracks),
            g.crossing,
        )
        for g in legs
    ]
    return _table(LEG_HEADS, rows, width, right={3, 7, 8})


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
    return _table(heads, rows, width, right={2})


INPUT_HEADS = (
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


def _inputs(e: Explanation, width: int | None) -> list[str]:
    rows = []
    for i in e.inputs:
        # "-" is the unit of what has none
        amount = "" if i.amount is None else f"{number(i.amount)} {i.unit.strip('-')}".strip()
        dates = (i.date, i.until, " to ".join(i.between), i.known_on)
        rows.append((*dates, i.kind, i.target, amount, i.status, i.source, i.name))
    return _table(INPUT_HEADS, rows, width) if rows else ["  none"]


def _reports(e: Explanation) -> Iterator[str]:
    """What a run reads of the weather and of attacks."""
    if e.known_weather:
        known = ", ".join(f"{what} {share:.0%}" for what, share in e.known_weather.items())
        yield f"  weather, share of days known: {known}; the other days are drawn given these"
    if e.attacks:
        yield f"  attacks: {e.attacks}, each on an axis; the attacker's plan may follow them"


def _assumed(e: Explanation, width: int | None) -> list[str]:
    again = ", ".join(f"{count} {what}" for what, count in e.read_again.items())
    lines = []
    for share in e.shares:
        by = ", ".join(f"{count} {status}" for status, count in share.by_status.items())
        soft = f"{share.soft:.0%} of the {share.rows} {share.of}"
        lines.append(f"  {soft} are assumed or fitted ({by})")
    lines.append(f"  parameters, by a second reading of their sources: {again}")
    if e.not_checked:
        lines += aligned(("  not checked:", ", ".join(e.not_checked)), [], width=width)
    return lines
