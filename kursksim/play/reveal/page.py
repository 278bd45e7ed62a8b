"""A reveal in words: what was decided, why it mattered, how it compares. Text and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kursksim.engine.rules import SCRIPTED
from kursksim.evidence.observations import HeldArea
from kursksim.play.reveal.courses import best_of
from kursksim.play.terminal.words import shown
from kursksim.runs.payoffs import SCORE, Payoff, said, said_apart
from kursksim.studies.reveal import Known, Reveal
from kursksim.sums import isum
from kursksim.text import plain

__all__ = ["Section", "escaped", "markdown", "sections"]

CAVEAT = (
    "A teaching model, not history. Losses of men are indices, not estimates:"
    " only their differences and order mean something."
)
NOTHING = "–"
UNITS = {"share": "", "men": "index", "day index": "days"}
"""Units of a regret that are told in other words than those of the measure."""
BETTER = {1: "more", -1: "less"}
BETTER_DAY = {1: "later", -1: "earlier"}


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
        Sentences below the table.
    """

    title: str
    before: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    after: tuple[str, ...] = ()


def sections(made: Reveal) -> list[Section]:
    """Return the parts of a reveal in words, in the order of reading.

    Parameters
    ----------
    made : Reveal
    """
    found = [_courses(made), _regret(made)]
    if made.side == "holder":  # only the holder can fix a date
        found.append(_hindsight(made))
    found += [_decisions(made), _public(made)]
    if made.notes:
        # A note is made on the evening before its day.
        evenings = [made.scenario.date(note.day - 1).isoformat() for note in made.notes]
        rows = tuple((e, plain(n.text)) for e, n in zip(evenings, made.notes, strict=True))
        found.append(Section("Notes", heads=("evening", "note"), rows=rows))
    return found


def _told(made: Reveal, payoff: Payoff, value: float) -> str:
    return said(payoff, made.scenario, made.day + 1, value)


def _courses(made: Reveal) -> Section:
    payoffs = [p for p in made.payoffs.values() if p.id != "held_km2_mean"]
    rows = []
    remarks = [
        "Ground and leverage in km², orderliness and men lost as indices."
        " All courses but history share the luck."
    ]
    if not made.history.held:
        remarks.append("Nothing was observed of this campaign up to that day.")
    elif some := _last_seen(made):
        remarks.append(f"The ground of history is that of {some.date} ({some.kind}).")
    for line in made.lines:
        name = _name(line.name)
        rows.append((name, *(_told(made, p, line.values[p.id]) for p in payoffs)))
        if line.not_possible:
            remarks.append(
                f"{name}: {len(line.not_possible)} orders of the game were not possible there"
                f" and were left to the staff: {line.not_possible[0]}"
            )
    # Last and by observation: history was not played on this luck.
    rows.append(("history, as observed", *(_observed(made, p) for p in payoffs)))
    for name, why in made.left_out.items():
        if name != SCRIPTED:  # the player's own seat, which is no rule
            remarks.append(f"Left out: rule {name} ({why}).")
    heads = ("course", *(p.short for p in payoffs))
    return Section(f"Courses up to {made.date}", (), heads, tuple(rows), tuple(remarks))


def _last_seen(made: Reveal) -> HeldArea | None:
    """The last observation of the ground, by a tracker if there is one."""
    held = made.history.held
    return next(reversed([o for o in held if o.kind == "tracker"] or held), None)


def _observed(made: Reveal, payoff: Payoff) -> str:
    """What the record says of a measure; most of them nobody has observed."""
    history, span = made.history, None
    if payoff.id == "held_km2_end" and (seen := _last_seen(made)):
        return f"{seen.held_km2:,.0f}"
    if payoff.unit == "day index":
        span = history.order if payoff.id == "order_day" else history.fall
    if span is None:
        return NOTHING
    first, last = (made.scenario.date(round(d)).isoformat() for d in span)
    if first == last:
        return first
    # Within a month the day alone says where the span ends.
    return f"{first} to {last[8:] if first[:8] == last[:8] else last}"


def _name(name: str) -> str:
    return name.replace("fixed_date:", "order on ")


def _regret(made: Reveal) -> Section:
    rows = []
    for r in made.regrets:
        payoff = r.payoff
        better = BETTER_DAY if payoff.unit == "day index" else BETTER
        regret = said_apart(payoff, r.regret)
        if r.regret == r.regret:  # without a regret there is nothing to give a unit
            regret = f"{regret} {UNITS.get(payoff.unit, payoff.unit)}".rstrip()
        both = _told(made, payoff, r.yours), _told(made, payoff, r.best)
        rows.append(
            (payoff.title, better[payoff.better(made.side)], *both, _name(r.course), regret)
        )
    after = (
        f"Score of the {made.side}: {SCORE[made.side]}. Weight {made.men_weight:g}."
        " It makes courses comparable and is no judgement."
    )
    heads = ("measure", "better", "yours", "best", "by", "regret")
    return Section("Regret", (), heads, tuple(rows), (after,))


def _hindsight(made: Reveal) -> Section:
    """The best date to order the withdrawal, by measure and by the weight of the men lost."""
    title, over = "The best fixed date, in hindsight", isum(t.over for t in made.tried)
    if not made.tried:
        return Section(title, ("No dates were tried.",))
    before = (
        f"{len(made.tried)} of {made.day + 1} evenings were tried on the same luck;"
        f" after {over} of them the withdrawal was over by {made.date}, so that its price is in"
        " the figures: only these count."
    )
    if not over:
        return Section(title, (before,))
    rows = []
    for payoff in made.payoffs.values():
        best = best_of(made.tried, payoff)
        if best is not None:
            rows.append((payoff.title, best.date, _told(made, payoff, best.values[payoff.id])))
    weights = "; ".join(f"{w:g}: {_name(name)} ({score:.2f})" for w, name, score in made.weights)
    after = (
        "The best date by the score depends on the weight of the men lost ('never' counts too)."
        f" Weight {weights}."
    )
    return Section(title, (before,), ("measure", "best date", "its value"), tuple(rows), (after,))


def _decisions(made: Reveal) -> Section:
    title = "Evenings on which you decided differently from what the staff suggested"
    if not made.deviations:
        return Section(title, ("None: the course is that of the staff.",))
    played = isum(d.effect is not None for d in made.deviations)
    before = (
        "Effect: your course less the same with this one evening left to the staff, on the same"
        f" luck ({played} of {len(made.deviations)} evenings were played again)."
    )
    effects = ("ground", "leverage", "men lost", "vehicles", "score")
    rows = []
    for d in made.deviations:
        effect = [NOTHING] * len(effects)
        if d.effect is not None:
            effect = [_signed(measure, value) for measure, value in d.effect.items()]
        rows.append((d.date, _worded(d.given), _worded(d.suggested), *effect, plain(d.rule)))
    heads = ("evening", "you", "staff", *effects, "staff's reason")
    return Section(title, (before,), heads, tuple(rows))


def _signed(measure: str, value: float) -> str:
    if value == 0:
        return "0"
    if measure.endswith("_score"):
        return f"{value:+z.3f}"
    return f"{value:+z,.0f}" if abs(value) >= 10 else f"{value:+z.2f}"


def _worded(fields: Mapping[str, Any]) -> str:
    """Orders as a player types them: ``night_share 1; withdraw no``."""
    return "; ".join(f"{name} {shown(value)}" for name, value in fields.items())


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


# -- Markdown -------------------------------------------------------------------------------------


def escaped(text: object) -> str:
    """Escape text for Markdown and HTML: scenarios and notes come from anybody."""
    flat = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]#!|~])", r"\\\1", flat)


def markdown(made: Reveal, picture: str = "") -> str:
    """Return the page: what was decided, why it mattered, how it compares with history.

    Parameters
    ----------
    made : Reveal
    picture : str
        Name of the picture's file beside the page; without one if empty.
    """
    name = made.scenario.sides[made.side].name  # type: ignore[index]
    parts = [
        f"# {escaped(made.scenario.title)}: the game laid open",
        f"{escaped(name)} ({made.side}), up to {made.date}. {escaped(made.provenance)}.",
        CAVEAT,
    ]
    if picture:
        parts.append(f"![Courses of the ground held, and regret]({picture})")
    for section in sections(made):
        parts += [f"## {escaped(section.title)}", *map(escaped, section.before)]
        if section.heads:
            rows = [map(escaped, section.heads), ["---"] * len(section.heads)]
            parts.append("\n".join(map(_row, [*rows, *_cells(made, section)])))
        parts += map(escaped, section.after)
    return "\n\n".join(parts) + "\n"


def _cells(made: Reveal, section: Section) -> list[list[str]]:
    """Cells of a table; the sources of public knowledge with links to them."""
    rows = [list(map(escaped, row)) for row in section.rows]
    if section.heads[-1] == "sources":
        for row, known in zip(rows, made.known, strict=True):
            # A character that ends a link in Markdown must not come from a scenario.
            urls = [re.sub(r"[<>\s\\]", "", url) for url in known.urls]
            row[-1] = "; ".join([row[-1], *(f"[link](<{url}>)" for url in urls)])
    return rows


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
