"""The sheets of one side: its briefing, its orders in words, a form to write orders on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kursksim.plot.style import long_date, styled
from kursksim.sheets.paper import Paper

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kursksim.scenario.schema import Scenario
    from kursksim.sheets.briefing import Briefing

__all__ = ["TURNS", "briefing_pages", "order_pages"]

TURNS = 5
"""Turns on one sheet of the form."""
# Room to write by hand, points
_HIGH = {"flag": 22.0, "choice": 26.0, "number": 24.0, "shares": 46.0, "shares by type": 92.0}


@styled
def briefing_pages(scenario: Scenario, made: Briefing, foot: str) -> list[Figure]:
    """The briefing of a side.

    Parameters
    ----------
    scenario : Scenario
    made : Briefing
    foot : str
        Under every page.

    Returns
    -------
    list of Figure
        A4 upright.
    """
    paper = Paper(f"{scenario.title} · {made.short} · for this side only", foot)
    role = "holder of the ground beyond the border" if made.side == "holder" else "attacker"
    what = (
        "An invented campaign."
        if scenario.fictional
        else "A teaching model of a public, finished campaign."
    )
    paper.title(
        f"Briefing: {made.name}",
        f"You are the {role}. Opposite: the {made.other} side. {what} Losses are indices of the"
        " model. Compare them between games; they are not estimates of what happened.",
    )
    paper.heading("Your task")
    paper.text(made.task)
    end = long_date(scenario.date(scenario.last_day))
    paper.text(
        f"The campaign begins on {long_date(scenario.start)} and has at most {scenario.days} days,"
        f" to {end}. Each evening both sides give their orders for the next day, without seeing the"
        f" other's. Looked at afterwards: {'; '.join(made.measures)}."
    )
    paper.heading("Your men on the first day")
    if made.forces:
        heads = ("contingent", "men", "further men a day", "where")
        paper.table(heads, made.forces, (0.52, 0.12, 0.18, 0.18))
    else:
        paper.text("None on the first day.")
    paper.heading("Your books on the first morning")
    paper.table(("what is known", "figure", "error"), made.figures, (0.5, 0.25, 0.25))
    paper.text(
        "Men take their places on the first day; the other side is estimated from its evening on,"
        " with an error."
    )
    paper.heading("Dates that are known already")
    paper.text(
        "\n".join(made.dates)
        or "None. What comes later is told on the morning on which it becomes known."
    )
    _ground(paper, scenario, made)
    return paper.pages


def _ground(paper: Paper, scenario: Scenario, made: Briefing) -> None:
    """Axes, phase lines and roads, with the words by which orders name them."""
    paper.heading("Axes", keep=20.0 * (1 + len(made.axes)))
    paper.table(("word in orders", "name", "men leave over"), made.axes, (0.25, 0.45, 0.3))
    if made.side == "holder":
        out = scenario.withdrawal
        paper.heading("The way out")
        paper.text(
            f"Crossings of the border: {', '.join(out.exits)}. Phase lines, by their places:"
            f" {', '.join(out.phase_lines)}."
        )
    paper.heading("Roads")
    supply = scenario.supply
    paper.text(
        f"Supply comes from {supply.base} to the depot at {supply.depot}. Routes:\n"
        + "\n".join(made.routes)
    )
    paper.table(
        ("leg", "from and to", "km", "surface", ""),
        made.roads,
        (0.07, 0.37, 0.07, 0.11, 0.38),
        size=7.6,
    )


@styled
def order_pages(scenario: Scenario, made: Briefing, foot: str, turns: int = TURNS) -> list[Figure]:
    """Every order of a side in plain words, then a form for some turns.

    Parameters
    ----------
    scenario : Scenario
    made : Briefing
    foot : str
    turns : int
        Turns that can be written down; five fit on a sheet.

    Returns
    -------
    list of Figure
        A4: the words upright, the form on its long side.
    """
    head = f"{scenario.title} · {made.short} · for this side only"
    words = Paper(head, foot)
    words.title(
        f"Orders: {made.name}",
        "An order that is left out is as the staff suggests. The words of the first column are"
        " those that the program understands: at the screen, type the word and the value,"
        " then end.",
    )
    rows = [(o.name, o.means, o.can_be, o.suggested) for o in made.orders]
    heads = ("order", "what it does", "what can be given on the first day", "the staff suggests")
    words.table(heads, rows, (0.17, 0.34, 0.28, 0.21), size=8.0)
    words.text(
        "What can be given changes as the campaign goes on: at the screen, the name of an order"
        " alone says what is possible on that evening."
    )
    form = Paper(head, foot, wide=True, first=len(words.pages) + 1)
    for first in range(0, turns, TURNS):
        if first:
            form.turn()
        count = min(TURNS, turns - first)
        form.text(f"Order sheet: {made.name}", 12.0, bold=True, after=4.0)
        columns = [f"turn {first + n + 1}: from\n____________\ndays: ____" for n in range(count)]
        blank = [[o.name, *([""] * count)] for o in made.orders]
        share = 0.86 / TURNS
        widths = [1 - share * count, *[share] * count]
        form.table(
            ["order", *columns], blank, widths, size=8.4, least=_heights(form, made), grid=True
        )
        form.text(
            "Left empty: as the staff suggests. Shares: name and share, such as 0.5.", 7.5, after=0
        )
    return words.pages + form.pages


def _heights(form: Paper, made: Briefing) -> list[float]:
    """Heights of the rows: by kind, and together no more than the sheet has."""
    # all orders of a side stand on one sheet, however many there are
    wanted = [_HIGH[o.kind] for o in made.orders]
    room = form.room - 70
    return [h * min(1.5, room / sum(wanted)) for h in wanted]
