"""Orders as words: a line of text becomes a field of orders, and orders become lines of text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from kursksim.errors import BadUse, nearest
from kursksim.play.moves import OrderChoice
from kursksim.text import aligned, number, plain, with_point

__all__ = ["EMPTY", "NO", "YES", "explain", "order_page", "range_of", "read_value", "shown"]

EMPTY = "-"
"""Stands for an order left empty, whose meaning is in its own words."""
YES = {"yes", "y", "true", "on", "1"}
NO = {"no", "n", "false", "off", "0"}


def read_value(choice: OrderChoice, text: str) -> Any:
    """The value of an order from the words after its name.

    Parameters
    ----------
    choice : OrderChoice
    text : str
        ``0.9`` or ``90%``; ``yes``; a name; ``tip=0.5 left=0.5``; ``radio.A2=1``.

    Raises
    ------
    BadUse
        For words that this order does not understand; whether the value is legal is asked
        elsewhere.
    """
    text = text.strip()
    # an order is emptied with EMPTY, so that a value forgotten is told
    if not text:
        raise BadUse(f"{choice.name} needs a value: {range_of(choice)}")
    if choice.kind == "flag":
        return _flag(choice, text)
    if choice.kind == "number":
        return _number(choice.name, text)
    if choice.kind == "choice":
        return _choice(choice, text)
    shares = {} if text == EMPTY else _shares(choice, text)
    return shares if choice.kind == "shares" else _by_type(choice, shares)


def _flag(choice: OrderChoice, text: str) -> bool:
    if text.lower() in YES | NO:
        return text.lower() in YES
    raise BadUse(f"{choice.name} {plain(text)[:40]!r}: write yes or no")


def _number(what: str, text: str) -> float:
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        raise BadUse(f"{what} {plain(text)[:40]!r} is not a number{with_point(text)}") from None
    # float understands "inf" and "nan" too
    if not math.isfinite(value):
        raise BadUse(f"{what} {plain(text)[:40]!r} is not a number that can be ordered")
    return value / 100 if text.endswith("%") else value


def _choice(choice: OrderChoice, text: str) -> str:
    if text == EMPTY:
        return ""
    # names are understood in capitals and small letters alike
    known = {c.lower(): c for c in choice.choices if c}
    if text.lower() in known:
        return known[text.lower()]
    possible = "today only '-', which leaves it empty"
    if known:
        possible = nearest(plain(text)[:40], known.values())
    raise BadUse(f"{choice.name} {plain(text)[:40]!r} is not possible today; {possible}")


def _shares(choice: OrderChoice, text: str) -> dict[str, float]:
    """``name=weight`` after ``name=weight``; commas between them do no harm."""
    known = {n.lower(): n for n in _names(choice)}
    found: dict[str, float] = {}
    for part in text.replace(",", " ").split():
        given, sign, weight = part.partition("=")
        if not sign:
            raise BadUse(
                f"{choice.name} {plain(part)[:40]!r}: write NAME=SHARE, such as {_example(choice)}"
            )
        if given.lower() not in known:
            near = nearest(plain(given)[:40], known.values())
            raise BadUse(f"{choice.name}: unknown {plain(given)[:40]!r}; {near}")
        name = known[given.lower()]
        if name in found:
            raise BadUse(f"{choice.name}: {name} is given twice")
        found[name] = _number(f"{choice.name} of {name}", weight)
    return found


def _names(choice: OrderChoice) -> list[str]:
    if choice.kind == "shares by type":
        return [f"{kind}.{name}" for kind, name in product(choice.types, choice.choices)]
    return list(choice.choices)


def _example(choice: OrderChoice) -> str:
    names = _names(choice)
    if not names:
        return "none: there is none"
    return f"{names[0]}=0.5 {names[-1]}=0.5" if len(names) > 1 else f"{names[0]}=1"


def _by_type(choice: OrderChoice, shares: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Shares of the types that are named; the others stay as the staff suggests."""
    found: dict[str, dict[str, float]] = {}
    for name, share in shares.items():
        kind, _, leg = name.partition(".")
        found.setdefault(kind, {})[leg] = share
    return {**{t: dict(v) for t, v in choice.default.items()}, **found} if found else {}


def shown(value: Any) -> str:
    """A value of an order as it could be typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value or EMPTY
    if isinstance(value, Mapping):
        return " ".join(_pairs(value)) or EMPTY
    # what is shown is rounded so that it can be read; what is played is exact
    return number(value) if value == round(value) else f"{value:.3f}".rstrip("0").rstrip(".")


def _pairs(shares: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """``name=share`` of each share; of shares by type ``type.name=share``."""
    for name, share in shares.items():
        if isinstance(share, Mapping):
            yield from _pairs(share, f"{name}.")
        else:
            yield f"{before}{name}={shown(float(share))}"


def range_of(choice: OrderChoice) -> str:
    """What can be given, in a few words."""
    if choice.kind == "flag":
        return "yes or no"
    if choice.kind == "number":
        most = "or more" if choice.high == math.inf else f"to {choice.high:g}"
        return f"{choice.low:g} {most}"
    if choice.kind == "choice":
        return ", ".join(c or EMPTY for c in choice.choices)
    if choice.high > 1:
        total = "as weights"
    else:
        total = f"that sum to {'1' if choice.whole else '1 at most'}"
    return f"shares {total}: {_example(choice)} ({EMPTY} leaves it empty)"


def order_page(
    choices: Mapping[str, OrderChoice], given: Mapping[str, Any], width: int | None = 78
) -> list[str]:
    """Every order for the next day, with ``*`` and the staff's suggestion where it was changed."""
    rows: list[Sequence[object]] = []
    for name, choice in choices.items():
        suggested = shown(choice.default)
        if name in given:
            rows.append(("*", name, f"{shown(given[name])}  (staff: {suggested})"))
        else:
            rows.append(("", name, suggested))
    return aligned(("", "order", "for the next day"), rows, width=width)


def explain(choice: OrderChoice, given: Mapping[str, Any], width: int = 78) -> list[str]:
    """One order in full: its meaning and range, what will be played, what the staff suggests."""
    example = f", as in `{choice.name} yes`" if choice.kind == "flag" else ""
    rows = [
        ("means", choice.means),
        ("can be", f"{range_of(choice)}{example}"),
        ("staff suggests", shown(choice.default)),
        ("to be played", shown(given.get(choice.name, choice.default))),
    ]
    return aligned((choice.name, ""), rows, width=width)
