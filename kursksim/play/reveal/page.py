"""A reveal in words: what was decided, why it mattered, how it compares; as sections of text and as a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kursksim.engine.rules import SCRIPTED
from kursksim.evidence.observations import HeldArea
from kursksim.play.reveal.hindsight import best_of
from kursksim.runs.payoffs import SCORE, said, said_apart
from kursksim.studies.reveal import Deviation, Known, Reveal
from kursksim.text import number, plain

__all__ = ["Section", "escaped", "markdown", "sections"]

CAVEAT = (
    "A teaching model, not history. Losses of men are indices, not estimates: only their differences and order mean"
    " something."
)


class Section(NamedTuple):
    """A part of the page.

    Attributes
    ----------
    title : str
    before : tuple of str
        Sentences above the table.
    heads : tuple of str
        Empty where there is no table.
    rows : tuple of tuple of str
    after : tuple of str
        Sentences below it.
    """

    title: str
    before: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    after: tuple[str, ...] = ()


def sections(made: Reveal) -> list[Section]:
    """The parts of a reveal in words, in the order of reading.

    Parameters
    ----------
    made : Reveal
    """
    found = [_courses(made), _regret(made)]
    if made.side == "holder":
        found.append(_hindsight(made))
    found += [_decisions(made), _public(made)]
    if made.notes:
        rows = tuple((_evening(made, n.day), plain(n.text)) for n in made.notes)
        found.append(Section("Notes", (), ("evening", "note"), rows))
    return found


def _evening(made: Reveal, day: int) -> str:
    return made.scenario.date(day - 1).isoformat()


def _courses(made: Reveal) -> Section:
    shown = [p for p in made.payoffs.values() if p.id != "held_km2_mean"]
    rows = [
        (
            _name(line.name),
            *(said(p, made.scenario, made.day + 1, line.values[p.id]) for p in shown),
        )
        for line in made.lines
    ]
    rows.append(("history, as observed", *(_observed(made, p.id, p.unit) for p in shown)))
    remarks = [
        "Ground and leverage in km², orderliness and men lost as indices. All courses but history share the luck."
    ]
    if not made.history.held:
        remarks.append("Nothing was observed of this campaign up to that day.")
    elif some := _last_seen(made):
        remarks.append(f"The ground of history is that of {some.date} ({some.kind}).")
    for line in made.lines:
        if line.not_possible:
            first = f"{_name(line.name)}: {len(line.not_possible)} orders of the game were not possible there"
            remarks.append(f"{first} and were left to the staff: {line.not_possible[0]}")
    for name, why in made.left_out.items():
        if name != SCRIPTED:  # the player's own seat
            remarks.append(f"Left out: rule {name} ({why}).")
    heads = ("course", *(p.short for p in shown))
    return Section(f"Courses up to {made.date}", (), heads, tuple(rows), tuple(remarks))


def _last_seen(made: Reveal) -> HeldArea | None:
    """The last observation of the ground, by a tracker if there is one."""
    held = made.history.held
    return next(reversed([o for o in held if o.kind == "tracker"] or held), None)


def _observed(made: Reveal, measure: str, unit: str) -> str:
    """What the record says of a measure; most of them nobody has observed."""
    history = made.history
    if measure == "held_km2_end":
        seen = _last_seen(made)
        return f"{seen.held_km2:,.0f}" if seen else "–"
    span = (
        history.order if measure == "order_day" else history.fall if unit == "day index" else None
    )
    if span is None:
        return "–"
    first, last = (made.scenario.date(round(d)).isoformat() for d in span)
    return first if first == last else f"{first} to {last[8:] if first[:8] == last[:8] else last}"


def _name(name: str) -> str:
    return name.replace("fixed_date:", "order on ")


def _regret(made: Reveal) -> Section:
    days = made.day + 1
    rows = []
    for r in made.regrets:
        way = "more" if r.payoff.better(made.side) > 0 else "less"
        if r.payoff.unit == "day index":
            way = "later" if way == "more" else "earlier"
        unit = (
            "days"
            if r.payoff.unit == "day index"
            else {"share": "", "men": "index"}.get(r.payoff.unit, r.payoff.unit)
        )
        regret, unit = said_apart(r.payoff, r.regret), unit if r.regret == r.regret else ""
        rows.append(
            (
                r.payoff.title, way, said(r.payoff, made.scenario, days, r.yours),
                said(r.payoff, made.scenario, days, r.best), _name(r.course), f"{regret} {unit}".rstrip(),
            )
        )  # fmt: skip
    after = (
        f"Score of the {made.side}: {SCORE[made.side]}. Weight {made.men_weight:g}."
        " It makes courses comparable and is no judgement.",
    )
    return Section(
        "Regret", (), ("measure", "better", "yours", "best", "by", "regret"), tuple(rows), after
    )


def _hindsight(made: Reveal) -> Section:
    """Which evening would have been best, by measure and by what the men lost are weighed at."""
    title, over = "The best fixed date, in hindsight", sum(t.over for t in made.tried)
    if not made.tried:
        return Section(title, ("No dates were tried.",))
    before = (
        f"{len(made.tried)} of {made.day + 1} evenings were tried on the same luck;"
        f" after {over} of them the withdrawal was over by {made.date}, so that its price is in the figures:"
        " only these count.",
    )
    if not over:
        return Section(title, before)
    rows = []
    for payoff in made.payoffs.values():
        best = best_of(made.tried, payoff)
        if best is not None:
            value = said(payoff, made.scenario, made.day + 1, best.values[payoff.id])
            rows.append((payoff.title, best.date, value))
    weights = "; ".join(f"{w:g}: {_name(name)} ({score:.2f})" for w, name, score in made.weights)
    after = (
        f"The best by the score hangs on the weight of the men lost ('never' counts too). Weight {weights}.",
    )
    return Section(
        "The best fixed date, in hindsight",
        before,
        ("measure", "best date", "its value"),
        tuple(rows),
        after,
    )


def _decisions(made: Reveal) -> Section:
    title = "Evenings on which you decided otherwise than the staff suggested"
    if not made.deviations:
        return Section(title, ("None: the course is that of the staff.",))
    played = sum(d.effect is not None for d in made.deviations)
    before = (
        "Effect: your course less the same with this one evening left to the staff, on the same luck"
        f" ({played} of {len(made.deviations)} evenings were played again).",
    )
    heads = (
        "evening",
        "you",
        "staff",
        "ground",
        "leverage",
        "men lost",
        "vehicles",
        "score",
        "staff's reason",
    )
    rows = tuple(
        (d.date, worded(d.given), worded(d.suggested), *_effect(d), plain(d.rule))
        for d in made.deviations
    )
    return Section(title, before, heads, rows)


def _effect(d: Deviation) -> tuple[str, ...]:
    if d.effect is None:
        return ("–",) * 5
    return tuple(_signed(m, v) for m, v in d.effect.items())


def _signed(measure: str, value: float) -> str:
    if value == 0:
        return "0"
    digits = 3 if measure.endswith("_score") else 0 if abs(value) >= 10 else 2
    return f"{value:+,.{digits}f}"


def worded(fields: Mapping[str, Any]) -> str:
    """Orders in words: ``night_share 1, withdraw no``."""
    return "; ".join(f"{name} {_value(value)}" for name, value in fields.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number(float(value))
    if isinstance(value, Mapping):
        return (
            "(" + ", ".join(f"{k} {_value(v)}" for k, v in value.items()) + ")"
            if value
            else "as it is"
        )
    return plain(value) or "none"


def _public(made: Reveal) -> Section:
    title = f"Public knowledge on {made.date}"
    if not made.known:
        return Section(title, ("The scenario names nothing that was public by then.",))
    rows = tuple((k.known_on, k.date, _what(k), "; ".join(k.sources)) for k in made.known)
    return Section(title, ("The latest last.",), ("known on", "of", "what", "sources"), rows)


def _what(known: Known) -> str:
    if known.kind == "input":
        return f"{known.what} (a dated input of the model)"
    note = f" ({known.note.rstrip('.')})" if known.note else ""
    return f"{known.what.rstrip('.')}{note}"


# -- Markdown --------------------------------------------------------------------------------------------------------


def escaped(text: object) -> str:
    """Text that means nothing to Markdown or HTML: scenarios and notes come from anybody."""
    flat = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]#!|~])", r"\\\1", flat)


_NOT_IN_A_LINK = re.compile(r"[<>\s\\]")


def _link(title: str, urls: Sequence[str]) -> str:
    links = [f"[link](<{_NOT_IN_A_LINK.sub('', url)}>)" for url in urls]
    return "; ".join([escaped(title), *links])


def markdown(made: Reveal, picture: str = "") -> str:
    """The page: what was decided, why it mattered, how it compares with history.

    Parameters
    ----------
    made : Reveal
    picture : str
        Name of the picture's file beside the page; none if empty.

    Returns
    -------
    str
    """
    name = made.scenario.sides[made.side].name  # type: ignore[index]
    lines = [f"# {escaped(made.scenario.title)}: the game laid open", ""]
    lines += [
        f"{escaped(name)} ({made.side}), up to {made.date}. {escaped(made.provenance)}.",
        "",
        CAVEAT,
        "",
    ]
    if picture:
        lines += [f"![Courses of the ground held, and regret]({picture})", ""]
    for section in sections(made):
        lines += [f"## {escaped(section.title)}", "", *(f"{escaped(s)}\n" for s in section.before)]
        if section.heads:
            lines += [_row(map(escaped, section.heads)), _row("---" for _ in section.heads)]
            lines += [_row(row) for row in _cells(made, section)] + [""]
        lines += [f"{escaped(s)}\n" for s in section.after]
    return "\n".join(lines).rstrip() + "\n"


def _cells(made: Reveal, section: Section) -> list[list[str]]:
    """Cells of a table; the sources of public knowledge with their addresses."""
    rows = [[escaped(cell) for cell in row] for row in section.rows]
    if section.heads[-1] == "sources":
        for row, known in zip(rows, made.known, strict=True):
            row[-1] = _link("; ".join(known.sources), known.urls)
    return rows


def _row(cells: Any) -> str:
    return "| " + " | ".join(cells) + " |"
