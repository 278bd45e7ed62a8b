"""Write docs/columns.md, docs/evening.md and tables of docs/environments.md from the code.

Run from the root of the project: ``make columns``. A test compares the pages with what this writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from pathlib import Path

from kursksim.observation import FIGURES, SCALES, FigureInfo
from kursksim.orders import ORDER_FIELDS, OrderInfo
from kursksim.runs.columns import COLUMNS, ColumnInfo

DOCS = Path(__file__).resolve().parent
BEGIN, END = "<!-- figures of the {side}, from the code -->", "<!-- end -->"

INTRODUCTION = """# Columns of the tables

Every row is the books at dusk of its date. Losses of men are indices of the model, not estimates
of history. An empty field (NaN in Python) means that there is no value. A total counts from the
first day of the campaign, in a run that begins from a state too. The last column says who may see
the figure in a game, which is played in fog; an umpire sees all.
"""
HEADS = {
    "daily": "## daily.csv, `run.daily`: one row a date",
    "axes": "## axes.csv, `run.axes`: one row a date and axis",
    "legs": "## legs.csv, `run.legs`: one row a date and leg",
}
CONTINGENTS = (
    "| `men_CONTINGENT` | men | men of a contingent on it; one column each | its own side |"
)
EVENTS = """## events.csv, `run.events` (record="full")

`effect` says what happened, `subject` who, `place` where, `amount` how much; `detail` holds the
rest. Units stand with each effect in `kursksim/engine/effects/`. Day −1 is the eve: opening
balances. Effects that tell a reader nothing of their own (what a staff measures or counts each
evening, what waits for its hour) are in the log of the engine, `Engine.world.log`, and not in this
table.
"""
EVENING = """# What a side sees and orders in the evening

Policies, players and learning agents see the same figures of an evening and give the same orders.
In Python `seen["stock_t"]` or `seen.stock_t` is a figure of an observation, and `dict(seen)` is
all of them. A figure by axis, leg, route or type is a table with these names. What is exact comes
from a side's own books, what is reckoned from its staff; an estimate has an error of its own
for each figure, which lasts for days (`estimate_days`).
"""


def seen_by(column: ColumnInfo) -> str:
    """Who may see a column."""
    if len(column.visible.sides) == 2:
        return "both"
    return column.visible.sides[0] if column.visible.sides else "umpire"


def columns_page() -> str:
    """All of docs/columns.md."""
    lines = [INTRODUCTION]
    for table, columns in COLUMNS.items():
        lines += [HEADS[table], "", "| column | unit | what it is | seen by |", "|---|---|---|---|"]
        for c in columns.values():
            unit = f"{c.unit}, total" if c.total else c.unit
            lines.append(f"| `{c.name}` | {unit} | {c.means} | {seen_by(c)} |")
        if table == "axes":
            lines.append(CONTINGENTS)
        lines.append("")
    return "\n".join([*lines, EVENTS])


def by(figure: FigureInfo) -> str:
    """What a figure is by, or the words to choose from."""
    return " and ".join(d if isinstance(d, str) else ", ".join(d) for d in figure.of)


def known(figure: FigureInfo) -> str:
    """Exactness and age of a figure."""
    return figure.error + (f", {figure.age_days} days" if figure.age_days > 1 else "")


def range_of(order: OrderInfo) -> str:
    """What an order may be."""
    if order.kind == "flag":
        return "yes or no"
    if order.kind == "choice":
        return "a name"
    if order.kind == "number":
        return f"{order.low:g} or more" if order.high == inf else f"{order.low:g} to {order.high:g}"
    each = f"by type and {order.of}" if order.kind == "shares by type" else f"by {order.of}"
    if order.high > 1:
        return f"weights {each}"
    return f"shares {each}, " + ("sum 1" if order.whole else "sum at most 1")


def evening_page() -> str:
    """All of docs/evening.md."""
    lines = [EVENING]
    for side in FIGURES:
        lines += [
            f"## The {side} sees",
            "",
            "| figure | unit | by | what it is | known |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| `{f.name}` | {f.unit} | {by(f)} | {f.means} | {known(f)} |"
            for f in FIGURES[side].values()
        ]
        lines += [
            "",
            f"## The {side} orders",
            "",
            "| order | can be | what it does |",
            "|---|---|---|",
        ]
        lines += [
            f"| `{o.name}` | {range_of(o)} | {o.means} |" for o in ORDER_FIELDS[side].values()
        ]
        lines.append("")
    return "\n".join(lines)


def scale_of(figure: FigureInfo) -> str:
    """What an array holds as one half, in words."""
    if isinstance(figure.scale, str):
        return SCALES[figure.scale]
    return f"{figure.scale:g}" + (f" {figure.unit}" if figure.unit not in ("", "share") else "")


def arrays(side: str) -> Iterable[str]:
    """Rows of the table of a side in docs/environments.md: how arrays hold each figure."""
    for f in FIGURES[side].values():
        if f.kind:
            scaled = f.kind in ("amount", "signed")
            yield f"| `{f.name}` | {by(f)} | {f.kind}{f', {scale_of(f)}' if scaled else ''} |"


def environments_page(text: str) -> str:
    """docs/environments.md with the tables of figures written anew."""
    for side in FIGURES:
        begin = BEGIN.format(side=side)
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(END)
        rows = [f"| {side} sees | by | kind, scale |", "|---|---|---|", *arrays(side)]
        text = "\n".join([f"{before}{begin}\n", *rows, "", END]) + after
    return text


PAGES = {"columns.md": columns_page, "evening.md": evening_page}


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
    file = DOCS / "environments.md"
    file.write_text(environments_page(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
