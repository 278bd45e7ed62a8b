"""Numbers in the titles and questions of what-ifs, against what the patches do.

Every number and number word of a shipped what-if must be found by a rule here, and the rule must
hold of the patch. A number that no rule can check fails: write the text so that it can be checked,
or teach the rules the phrase.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import pytest

import kursksim as ks
from kursksim.evidence.observations import patterns
from kursksim.scenario import catalogue
from kursksim.scenario.patch import Patch, read_patch
from kursksim.units import parse_date

SMALL = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred")
NUMBERS = {word: float(n) for n, word in enumerate(SMALL, 1)}
NUMBERS |= {word: 10.0 * n for n, word in enumerate(TENS, 2)} | {"dozen": 12.0, "zero": 0.0}
FACTORS = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "half": 0.5, "halved": 0.5}
FACTORS |= {"thrice": 3.0, "triple": 3.0, "tripled": 3.0, "a quarter of": 0.25, "a third of": 1 / 3}
FACTORS |= {"two thirds of": 2 / 3, "three quarters of": 0.75}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
OTHERS = ("quarter", "quarters", "thirds", "times", "percent", "once", "no")


def any_of(words: Any) -> str:
    """A pattern for any of some words, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


N = rf"\d[\d,]*(?:\.\d+)?|{any_of(NUMBERS)}"
LEFT = re.compile(
    rf"\d[\w.,]*|%|\b(?:{any_of([*NUMBERS, *FACTORS, *ORDINALS, *OTHERS])})\b", re.IGNORECASE
)
"""Numbers that a text has left when the rules are through with it."""


def number(text: str) -> float:
    """The number that a figure or a word stands for."""
    found = NUMBERS.get(text.lower())
    return float(text.replace(",", "")) if found is None else found


@dataclass(frozen=True)
class Case:
    """A patch beside the scenario that it is laid on."""

    patch: Patch
    base: ks.Scenario

    @cached_property
    def changed(self) -> dict[str, dict[str, float]]:
        """Value and range of each ledger parameter that is set."""
        found = {}
        for path, given in self.patch.set.items():
            table, _, name = path.partition(".")
            if table == "parameters":
                found[name] = dict(given) if isinstance(given, dict) else {"value": given}
        return found

    def before(self, name: str, field: str = "value") -> float:
        """A figure of a parameter in the ledger."""
        return float(getattr(next(p for p in self.base.parameters if p.id == name), field))

    @cached_property
    def values(self) -> set[float]:
        """Numbers that are set."""
        given = self.patch.set.values()
        plain = {float(v) for v in given if isinstance(v, (int, float))}
        return plain | {v["value"] for v in self.changed.values()}

    @cached_property
    def ordered(self) -> list[dt.date]:
        """Dates on which the patch has something happen or be ordered."""
        rows = [row for table in self.patch.add.values() for row in table]
        given = [v for v in self.patch.set.values() if isinstance(v, str)]
        fixed = [v.partition(":")[2] for v in given if v.startswith("fixed_date:")]
        return [row["date"] for row in rows if "date" in row] + list(map(parse_date, fixed))

    @cached_property
    def dates(self) -> set[dt.date]:
        """All dates that a patch speaks of: its own, those that it removes, the first day."""
        removed = [i for ids in self.patch.remove.values() for i in ids]
        events = {i.date for i in self.base.inputs if i.id in removed}
        days = {self.base.date(int(self.changed[name]["value"])) for name in self.days}
        return {*self.ordered, *days, *events, self.base.start}

    @cached_property
    def days(self) -> list[str]:
        """Parameters that are set and are days."""
        units = {p.id: p.unit for p in self.base.parameters}
        return [name for name in self.changed if units[name] == "day index"]

    @cached_property
    def moved(self) -> list[tuple[float, float]]:
        """Days by which things move: the least and the most, where the record gives a span."""
        shifts = [self.changed[n]["value"] - self.before(n) for n in self.days]
        order = next(p for p in patterns(self.base) if p.statistic == "order_day")
        at = [float(self.base.day(date)) for date in self.ordered]
        return [(s, s) for s in shifts] + [(d - order.value_high, d - order.value_low) for d in at]


Rule = Callable[[Case, re.Match[str]], bool]


def has_factor(case: Case, factor: float) -> bool:
    """Whether every parameter that is set, with its range, is so many times what it was."""
    found = [
        math.isclose(value, factor * case.before(name, field))
        for name, given in case.changed.items()
        for field, value in given.items()
    ]
    return bool(found) and all(found)


def on_a_date(case: Case, m: re.Match[str]) -> bool:
    day, year = (int(m["n"]), MONTHS.index(m["month"]) + 1), m["p"]
    return any((d.day, d.month) == day and str(d.year) == (year or str(d.year)) for d in case.dates)


def in_place_of(case: Case, m: re.Match[str]) -> bool:
    pairs = [(case.changed[name]["value"], case.before(name)) for name in case.changed]
    return (number(m["n"]), number(m["m"])) in pairs


def is_share(case: Case, m: re.Match[str]) -> bool:
    return number(m["n"]) / number(m["m"]) in case.values


def is_factor(case: Case, m: re.Match[str]) -> bool:
    times = re.match(rf"({N}) times", m["n"], re.IGNORECASE)
    return has_factor(case, number(times[1]) if times else FACTORS[m["n"].lower()])


def is_percent(case: Case, m: re.Match[str]) -> bool:
    part, way = number(m["n"]) / 100, (m["sign"] or m["way"] or "").lower()
    if not way:
        return part in case.values or has_factor(case, part)
    return has_factor(case, 1 + part if way in ("+", "more") else 1 - part)


def shift_of(m: re.Match[str]) -> tuple[float, float]:
    """Days of a span of time, the least and the most: months differ."""
    count = 1.0 if m["n"].lower() in ("a", "an") else number(m["n"])
    least, most = {"day": (1, 1), "week": (7, 7), "month": (28, 31)}[m["unit"].lower()]
    earlier = m["way"].lower() in ("earlier", "early", "before")
    return (-count * most, -count * least) if earlier else (count * least, count * most)


def is_shift(case: Case, m: re.Match[str]) -> bool:
    least, most = shift_of(m)
    # every day that moves must be spoken of in the text
    spoken = [shift_of(other) for other in SHIFT.finditer(m.string)]
    every = all(any(s <= b and a <= e for s, e in spoken) for a, b in case.moved)
    return every and any(least <= b and a <= most for a, b in case.moved)


def in_a_week(case: Case, m: re.Match[str]) -> bool:
    before = [case.base.date(int(case.before(name))) for name in case.days]
    weeks = {((date.day - 1) // 7, date.month - 1) for date in {*before, *case.dates}}
    return (ORDINALS.index(m["n"].lower()), MONTHS.index(m["month"])) in weeks


def is_ordinal(case: Case, m: re.Match[str]) -> bool:
    """``first day``, words of the ledger, or one road more than there is between two places."""
    what = f"{m['n']} {m['what']}".lower()
    ledger = {p.id: p.meaning for p in case.base.parameters if p.id in case.changed}
    if what == "first day":
        days = {case.changed[name]["value"] for name in case.days}
        return 0 in days or any("day 0" in text for text in ledger.values())
    if any(what in text for text in ledger.values()):
        return True
    roads = [leg["paved"] for leg in case.patch.add.get("legs", ())]
    routes = len(case.patch.add.get("routes", ()))
    return bool(roads) and all(roads) and routes == ORDINALS.index(m["n"].lower())


def is_none(case: Case, m: re.Match[str]) -> bool:
    return 0 in case.values or bool(case.patch.remove)


def is_count(case: Case, m: re.Match[str]) -> bool:
    """A value, a number of rows that are added, or of all roads where legs are changed."""
    counts = {float(len(rows)) for rows in case.patch.add.values()}
    if any(path.startswith("legs.") for path in case.patch.set):
        counts.add(float(len(case.base.routes)))
    return number(m["n"]) in case.values | counts


AGO = "earlier|early|before|later|late|after"
SHIFT = re.compile(rf"\b(?P<n>{N}|an?) (?P<unit>day|week|month)s? (?P<way>{AGO})\b", re.IGNORECASE)
RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (re.compile(rf"\b(?P<n>\d+) (?P<month>{any_of(MONTHS)})(?: (?P<p>\d{{4}}))?\b"), on_a_date),
    (re.compile(rf"\b(?P<n>{N})\b[^.;:]*?\binstead of (?P<m>{N})\b", re.IGNORECASE), in_place_of),
    (re.compile(rf"\b(?P<n>{N}) in (?P<m>{N})\b", re.IGNORECASE), is_share),
    (re.compile(rf"\b(?P<n>{any_of(FACTORS)}|(?:{N}) times)\b", re.IGNORECASE), is_factor),
    (
        re.compile(
            rf"(?P<sign>[+−-]?) ?\b(?P<n>{N}) ?(?P<p>%|percent)(?: (?P<way>more|less|fewer))?"
        ),
        is_percent,
    ),
    (SHIFT, is_shift),
    (re.compile(rf"\b(?P<n>{any_of(ORDINALS)}) week of (?P<month>{any_of(MONTHS)})\b"), in_a_week),
    (re.compile(rf"\b(?P<n>{any_of(ORDINALS)}) (?P<what>\w+)", re.IGNORECASE), is_ordinal),
    (re.compile(r"\b(?P<n>no)\b", re.IGNORECASE), is_none),
    (re.compile(rf"\b(?P<n>{N}) (?!times)[a-z]", re.IGNORECASE), is_count),
)


def blanked(text: str, m: re.Match[str]) -> str:
    """A text without the numbers that a rule has read."""
    for name in ("n", "m", "p"):
        if m.groupdict().get(name):
            text = f"{text[: m.start(name)]}{'·' * len(m[name])}{text[m.end(name) :]}"
    return text


def wrong(case: Case, text: str) -> Iterator[str]:
    """Numbers of a text that do not hold of a patch, or that no rule can check."""
    for pattern, rule in RULES:
        found = list(pattern.finditer(text))
        yield from (f"{m[0]!r}: not what the patch does" for m in found if not rule(case, m))
        for m in found:
            text = blanked(text, m)
    yield from (f"{left!r}: no rule can check it" for left in LEFT.findall(text))


@lru_cache
def case_of(name: str) -> Case:
    patch = read_patch(name)
    return Case(patch, ks.load("december-march"))


def spoken(name: str) -> str:
    """The name of a what-if as words: ``order-mar-01`` is order 1 March."""
    short = {month[:3].lower(): month for month in MONTHS}
    dated = re.compile(rf"\b({'|'.join(short)})-(\d+)")
    return dated.sub(lambda m: f"{int(m[2])} {short[m[1]]}", name).replace("-", " ")


def texts(name: str, patch: Patch) -> Iterator[str]:
    """All that the program prints of a what-if: name, title, question, and what its rows are called."""
    yield from (spoken(name), patch.title, patch.why)
    for rows in patch.add.values():
        for row in rows:
            yield from (str(row[key]) for key in ("name", "meaning") if key in row)


@pytest.mark.parametrize("name", catalogue.what_ifs("december-march"))
def test_numbers_of_a_what_if_are_what_its_patch_does(name: str) -> None:
    case = case_of(name)
    for text in texts(name, case.patch):
        assert list(wrong(case, text)) == [], text


def test_a_name_is_read_too() -> None:
    assert spoken("order-mar-01") == "order 1 March"
    assert list(wrong(case_of("order-mar-01"), spoken("order-mar-11")))
    assert list(wrong(case_of("double-fleet"), spoken("triple-fleet")))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("double-fleet", "Three times the vehicles"),
        ("double-fleet", "Half the vehicles"),
        ("double-fleet", "+50 % vehicles"),
        ("double-fleet", "480 vehicles instead of 200"),
        ("double-fleet", "500 vehicles"),
        ("triple-replacement", "Twice the replacement vehicles"),
        ("half-drones", "A third of the drone teams"),
        ("half-drones", "Twice as many drone teams"),
        ("drones-late", "The drones come two months later"),
        ("drones-late", "The drones come a month earlier"),
        ("drones-late", "The drones come ten days later"),
        ("drones-early", "The drones come 20 days earlier"),
        ("early-thaw", "The thaw comes three weeks earlier"),
        ("order-mar-01", "Order on 2 March"),
        ("order-mar-15", "Order a month late"),
        ("ceasefire-feb-15", "A ceasefire on 15 March"),
        ("nets", "Nets stop five in ten attacks"),
        ("nets", "No nets over the roads"),
        ("more-ew", "Jamming on three supply roads"),
        ("second-road", "A third paved road"),
        ("no-raid", "Raid 9"),
        ("no-raid", "Four score raids"),
    ],
)
def test_a_wrong_number_is_found(name: str, title: str) -> None:
    assert list(wrong(case_of(name), title))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("double-fleet", "+100 % vehicles"),
        ("double-fleet", "480 vehicles instead of 240"),
        ("half-drones", "50 % fewer drone teams"),
        ("half-drones", "Four teams on the road"),
        ("nets", "Nets stop 40 % of attacks"),
        ("order-mar-15", "Order on 15 March 2025, a week late"),
    ],
)
def test_a_number_may_be_said_in_several_ways(name: str, title: str) -> None:
    assert list(wrong(case_of(name), title)) == []


def test_a_patch_that_is_changed_makes_its_title_wrong() -> None:
    case = case_of("double-fleet")
    less = replace(case.patch, set={"parameters.fleet_0": {"value": 400}})
    assert list(wrong(Case(less, case.base), case.patch.title))
