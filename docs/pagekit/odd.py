"""The model description: prose by hand, checked against the code, with tables filled in from it.

Markers are comments on lines of their own. ``must match: X`` says that the names at the beginning
of the list items or table rows that follow are those of X, in its order; ``must name: M`` that the
prose which follows names every parameter of the model M, and no other, "`a_01` to `a_12`" for
twelve of them; ``fill: X`` is replaced by a table. Each holds up to the next heading or marker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from configparser import ConfigParser
from functools import partial
from pathlib import Path

import kursksim as ks
from kursksim.engine.campaign import order_of_the_day
from kursksim.text import number
from pagekit import facts
from pagekit.text import code, flowing, markdown, table

__all__ = ["TEMPLATE", "Disagreement", "page", "truths"]

TEMPLATE = "odd.in.md"
_MARK = re.compile(r"<!-- (must match|must name|fill): (.+?) -->")
_ITEM = re.compile(r"^\s*(?:\d+\.|-|\|)\s*(`[^`]+`(?:, `[^`]+`)*)")
_SPAN = re.compile(r"`([A-Za-z]\w*_)(\d\d)` to `\1(\d\d)`")
_SETUP = Path(__file__).resolve().parents[2] / "setup.cfg"


class Disagreement(ValueError):
    """The prose of the model description and the code say different things."""


def truths() -> dict[str, list[str]]:
    """What must match, by the name of its marker: names in the order of the code."""
    return {
        "tables of the schema": list(facts.tables()),
        "kinds of dated input": facts.inputs(),
        "world": list(facts.world()),
        **{f"state {name}": list(facts.fields(name)) for name in facts.STATE},
        "orders holder": facts.orders("holder"),
        "orders attacker": facts.orders("attacker"),
        "streams": facts.streams(),
        "resources": facts.resources(),
    }


def page(template: str) -> str:
    """The page, from its template.

    Parameters
    ----------
    template : str

    Raises
    ------
    Disagreement
        When the template and the code disagree; the message says where and how.
    """
    known, models = truths(), facts.registered()
    wanted = [*known, *(f"parameters {m}" for m in models)]
    parts = list(_parts(template))
    there = [what for kind, what, _ in parts if kind in ("must match", "must name")]
    _same("markers", sorted(there), sorted(wanted))
    _same(
        "models and policies",
        [w for w in there if w.startswith("parameters ")],
        wanted[len(known) :],
    )
    lines: list[str] = []
    for kind, what, body in parts:
        if kind == "must match":
            _same(what, list(_named(body)), known[what])
        elif kind == "must name":
            _names_all(what, body)
        elif kind == "fill":
            if what not in FILLS:
                raise Disagreement(f"{TEMPLATE}: nothing fills {what!r}; known: {', '.join(FILLS)}")
            lines += FILLS[what]()
        lines += body
    return "\n".join(lines) + "\n"


def _parts(template: str) -> Iterator[tuple[str, str, list[str]]]:
    """Kind, subject and lines of each marker; text without a marker has kind ''."""
    kind, what, body = "", "", []
    for line in template.splitlines():
        mark = _MARK.fullmatch(line.strip())
        if mark or line.startswith("#"):
            yield kind, what, body
            kind, what, body = (mark[1], mark[2], []) if mark else ("", "", [line])
        else:
            body.append(line)
    yield kind, what, body


def _named(body: Sequence[str]) -> Iterator[str]:
    """Names at the beginning of items and rows."""
    for line in body:
        if found := _ITEM.match(line):
            yield from re.findall(r"`([^`]+)`", found[1])


def _same(what: str, prose: Sequence[str], told: Sequence[str]) -> None:
    """Refuse names that are not those of the code, in its order."""
    missing = [n for n in told if n not in prose]
    extra = [n for n in prose if n not in told]
    if missing or extra:
        said = [f"in the code and not in the prose: {', '.join(missing)}"] * bool(missing)
        said += [f"in the prose and not in the code: {', '.join(extra)}"] * bool(extra)
        raise Disagreement(f"{TEMPLATE}, {what}: {'; '.join(said)}")
    if list(prose) != list(told):
        first = next(
            (k for k, (a, b) in enumerate(zip(prose, told, strict=False)) if a != b),
            min(len(prose), len(told)),
        )
        at = [*told[first : first + 1], "nothing"][0]
        raise Disagreement(
            f"{TEMPLATE}, {what}: another order, or a name twice; number {first + 1} is {at} in the"
            " code"
        )


def _names_all(what: str, body: Sequence[str]) -> None:
    """Refuse prose that leaves a parameter of a model out, or names a foreign one."""
    model = what.removeprefix("parameters ")
    own = list(facts.parameters(model))
    others: set[str] = set()
    for other in facts.registered():
        others |= {other.split()[1], *facts.parameters(other)}
    text = "\n".join(body)
    words = set(re.findall(r"`([A-Za-z]\w*)`", text))
    for stem, first, last in _SPAN.findall(text):
        words |= {f"{stem}{number:02}" for number in range(int(first), int(last) + 1)}
    missing, foreign = [p for p in own if p not in words], sorted(words - set(own) - others)
    if missing or foreign:
        said = [f"parameters that the prose leaves out: {', '.join(missing)}"] * bool(missing)
        said += [f"names in the prose that no model has: {', '.join(foreign)}"] * bool(foreign)
        raise Disagreement(f"{TEMPLATE}, {model}: {'; '.join(said)}")


def _schema() -> list[str]:
    """Every kind of row with its fields."""
    lines: list[str] = []
    for name, fields in facts.tables().items():
        lines += [f"- **{name}**: {', '.join(code(f) for f in fields)}"]
    return [*lines, ""]


def _order() -> list[str]:
    """The steps of a day, numbered, with what carries each out."""
    steps = enumerate(order_of_the_day().items(), start=1)
    return table(
        ("", "step", "what happens"), ((str(k), code(name), text) for k, (name, text) in steps)
    )


def _effects() -> list[str]:
    return table(
        ("effect", "what happens"),
        ((code(n), " ".join(flowing(d)).strip()) for n, d in facts.effects().items()),
    )


def _parameters(model: str) -> list[str]:
    rows = [
        (
            code(n),
            number(p.default),
            f"{number(p.low)} to {number(p.high)}",
            markdown(p.unit),
            markdown(p.meaning),
        )
        for n, p in facts.parameters(model).items()
    ]
    return (
        table(("parameter", "default", "range", "unit", "meaning"), rows)
        if rows
        else ["It has no parameters.", ""]
    )


def _needs() -> list[str]:
    """What the library is built on, from its own setup file."""
    setup = ConfigParser()
    setup.read(_SETUP, encoding="utf-8")
    needed = ", ".join(setup["options"]["install_requires"].split("\n")[1:])
    python = setup["options"]["python_requires"]
    return [
        f"Python {python}; {needed}. Version {ks.__version__}, results version"
        f" {ks.results_version}.",
        "",
    ]


FILLS: Mapping[str, Callable[[], list[str]]] = {
    "schema": _schema,
    "order of the day": _order,
    "effects": _effects,
    "software": _needs,
    **{f"parameters {m}": partial(_parameters, m) for m in facts.registered()},
}
