"""A campaign that cannot work says so before it is played: for each rule a case that fires, and one beside it."""

from __future__ import annotations

import csv
import logging
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main
from kursksim.errors import ScenarioError
from kursksim.models import required
from kursksim.scenario import catalogue
from kursksim.sheets import write as printed
from kursksim.terrain import opening
from kursksim.terrain.soundness import findings

Pairs = tuple[tuple[str, str], ...]

BORDER = "border = [[-0.02, 0.045], [0.08, 0.05], [0.18, 0.045]]"
OUTLINE = "outline = [[0.02, 0.03], [0.03, 0.09], [0.06, 0.115], [0.10, 0.115], [0.13, 0.09], [0.14, 0.03]]"
INPUTS = "inputs = [{"
MEN = "contingents = ["
AXES = "axes = ["
MID = (
    '{{ id = "mid", name = "Middle", lat = {}, lon = 0.08, uncertainty_km = 0.0, place = "Hill" }},'
)
AREA = '[[areas]]\nid = "Fen"\nkind = "wet"\npoints = [{}]\n'
LINE = '[[lines]]\nid = "A2"\nkind = "road"\npoints = [{}]\n'


@cache
def two_roads() -> str:
    return (catalogue.find("two-roads") / "scenario.toml").read_text(encoding="utf-8")


def made(folder: Path, pairs: Pairs, more: str = "") -> Path:
    """The scenario ``two-roads`` with some of its text replaced, and more text at its end."""
    text = two_roads()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "changed.toml"
    path.write_text(f"{text}\n{more}", encoding="utf-8")
    return path


def border(*points: tuple[float, float]) -> tuple[str, str]:
    return BORDER, f"border = {[list(p) for p in points]}"


def outline(*points: tuple[float, float]) -> tuple[str, str]:
    return OUTLINE, f"outline = {[list(p) for p in points]}"


def entry(text: str) -> tuple[str, str]:
    """One more dated input."""
    return INPUTS, f"inputs = [{{ known_on = 2025-01-02, {text} }}, {{"


def value(name: str, old: str, new: str) -> tuple[str, str]:
    return f'{{ id = "{name}", value = {old},', f'{{ id = "{name}", value = {new},'


def place(name: str, old: str, new: str) -> tuple[str, str]:
    return f'{{ id = "{name}", {old},', f'{{ id = "{name}", {new},'


PLACE = "places = ["
FAR = '{ id = "Far", lat = 0.13, lon = 0.08, uncertainty_km = 0.0 },'
NEAR = '{ id = "Far", lat = 0.09, lon = 0.08, uncertainty_km = 0.0 },'
BOX = ((0.02, 0.03), (0.03, 0.09), (0.06, 0.115), (0.10, 0.115), (0.13, 0.09), (0.14, 0.03))

HEAD = ((0.06, 0.1285), (0.06, 0.1395), (0.11, 0.1395), (0.11, 0.128))

RULES: dict[str, tuple[str, tuple[str, ...], Pairs, Pairs]] = {
    # rule: severity, words of the message, a case that fires, one just beside it
    "no route": (
        "error",
        ("routes: no route leads from the base 'Port' to the depot 'Hill'", "'A1'", "'B1'", "0.5 km after 'Port'", "lon 0.078"),
        (border((-0.02, 0.012), (0.18, 0.012)),),
        (border((-0.02, 0.0301), (0.18, 0.0301)),),
    ),
    "outline off the border": (
        "error",
        ("outline: the outline stays off the border", "26.7 km²", "2.00 km wide", "enemy ground"),
        (border((-0.02, 0.012), (0.18, 0.012)),),
        (border((-0.02, 0.0301), (0.18, 0.0301)),),
    ),
    "a strip narrower than a hexagon": (
        "warning",
        ("stays off the border", "0.17 km wide", "narrower than a hexagon"),
        (border((-0.02, 0.0285), (0.18, 0.0285)),),
        (border((-0.02, 0.03), (0.18, 0.03)),),
    ),
    "one route of two": (
        "warning",
        ("routes.east: route 'east' does not lead", "'B2'", "between 'Ford' and 'Hill'"),
        (outline((0.02, 0.03), (0.03, 0.09), (0.06, 0.115), (0.085, 0.115), (0.09, 0.03)),),
        (outline((0.02, 0.03), (0.03, 0.09), (0.06, 0.115), (0.10, 0.115), (0.12, 0.03)),),
    ),
    "the main route": (
        "warning",
        ("routes.west: route 'west' does not lead", "the main route"),
        (outline((0.078, 0.03), (0.07, 0.08), (0.10, 0.115), (0.13, 0.09), (0.14, 0.03)),),
        (outline((0.04, 0.03), (0.06, 0.09), (0.10, 0.115), (0.13, 0.09), (0.14, 0.03)),),
    ),
    "depot": (
        "error",
        ("supply.depot: the depot 'Hill' lies on enemy ground on day 0",),
        (outline((0.02, 0.03), (0.03, 0.07), (0.13, 0.07), (0.14, 0.03)),),
        (outline((0.02, 0.03), (0.03, 0.09), (0.13, 0.09), (0.14, 0.03)),),
    ),
    "one crossing": (
        "warning",
        ("withdrawal.exits: 'Far': on enemy ground",),
        ((PLACE, PLACE + FAR), ('exits = ["Gate", "Ford"]', 'exits = ["Gate", "Far"]')),
        ((PLACE, PLACE + NEAR), ('exits = ["Gate", "Ford"]', 'exits = ["Gate", "Far"]')),
    ),
    "every crossing": (
        "error",
        ("withdrawal.exits: every crossing ('Far') lies on enemy ground",),
        ((PLACE, PLACE + FAR), ('exits = ["Gate", "Ford"]', 'exits = ["Far"]')),
        ((PLACE, PLACE + NEAR), ('exits = ["Gate", "Ford"]', 'exits = ["Far"]')),
    ),
    "phase line": (
        "warning",
        ("withdrawal.phase_lines: 'Far': on enemy ground",),
        ((PLACE, PLACE + FAR), ('phase_lines = ["Hill", "Gate"]', 'phase_lines = ["Far", "Gate"]')),
        ((PLACE, PLACE + NEAR), ('phase_lines = ["Hill", "Gate"]', 'phase_lines = ["Far", "Gate"]')),
    ),
    "key place": (
        "warning",
        ("key_place: the key place 'Far' lies on enemy ground",),
        ((PLACE, PLACE + FAR), ('key_place = "Hill"', 'key_place = "Far"')),
        ((PLACE, PLACE + NEAR), ('key_place = "Hill"', 'key_place = "Far"')),
    ),
    "place of an axis": (
        "warning",
        ("axes.tip: axis 'tip': place 'Far', from which columns leave, lies on enemy ground",),
        ((PLACE, PLACE + FAR), ('uncertainty_km = 0.0, place = "Hill"', 'uncertainty_km = 0.0, place = "Far"')),
        ((PLACE, PLACE + NEAR), ('uncertainty_km = 0.0, place = "Hill"', 'uncertainty_km = 0.0, place = "Far"')),
    ),
    "place of an axis outside the window": (
        "warning",
        ("axes.tip: axis 'tip': place 'Far', from which columns leave, lies outside the window",),
        ((PLACE, PLACE + FAR.replace("0.13", "0.19")), ('0.0, place = "Hill"', '0.0, place = "Far"')),
        ((PLACE, PLACE + NEAR), ('0.0, place = "Hill"', '0.0, place = "Far"')),
    ),
    "aim of an axis": (
        "warning",
        ("axes.tip: axis 'tip': aim 'Far' lies on enemy ground",),
        ((PLACE, PLACE + FAR), ('place = "Hill" }', 'place = "Hill", aim = "Far" }')),
        ((PLACE, PLACE + NEAR), ('place = "Hill" }', 'place = "Hill", aim = "Far" }')),
    ),
    "axis without front": (
        "warning",
        ("axes.mid: axis 'mid' has no front on day 0", "lon 0.0800, lat 0.0650"),
        ((AXES, AXES + MID.format(0.065)),),
        ((AXES, AXES + MID.format(0.1)),),
    ),
    "crossing off the border": (
        "warning",
        ("withdrawal.exits: crossing 'Hill' lies 4.0 km from the border: who comes there counts as out",),
        (('exits = ["Gate", "Ford"]', 'exits = ["Gate", "Hill"]'),),
        ((PLACE, PLACE + NEAR.replace("0.09", "0.07")), ('exits = ["Gate", "Ford"]', 'exits = ["Gate", "Far"]')),
    ),
    "key place at home": (
        "warning",
        ("key_place: the key place 'Port' lies on the base's side of the border",),
        (('key_place = "Hill"', 'key_place = "Port"'),),
        (('key_place = "Hill"', 'key_place = "Gate"'),),
    ),
    "two axes on one spot": (
        "warning",
        ("axes.tip: axis 'tip' has no front on day 0: axis 'left' lies on the same spot",),
        (("lat = 0.07, lon = 0.025", "lat = 0.115, lon = 0.08"),),
        (("lat = 0.07, lon = 0.025", "lat = 0.115, lon = 0.07"),),
    ),
    "nothing for the main road": (
        "warning",
        ("routes: the shares of the routes add up to 1: nothing is left",),
        (value("east_share", "0.4", "1"),),
        (value("east_share", "0.4", "0.99"),),
    ),
    "a leg in another unit": (
        "warning",
        ("leg 'A1': length_km 500 is 105 times the 4.8 km between its places; is it in km?",),
        (("length_km = 5.0, low_km = 4.8, high_km = 6.0", "length_km = 500, low_km = 480, high_km = 600"),),
        (("length_km = 5.0, low_km = 4.8, high_km = 6.0", "length_km = 20, low_km = 4.8, high_km = 26"),),
    ),
    "a crossing named twice": (
        "error",
        ("withdrawal.exits: 'Gate' stands in it twice",),
        (('exits = ["Gate", "Ford"]', 'exits = ["Gate", "Ford", "Gate"]'),),
        (('exits = ["Gate", "Ford"]', 'exits = ["Gate"]'),),
    ),
    "axis that never opens": (
        "warning",
        ("axes.left: axis 'left' lies across the border, and no input of kind open_axis opens it",),
        (('lon = 0.025, uncertainty_km', 'lon = 0.025, across = true, uncertainty_km'),),
        (
            ('lon = 0.025, uncertainty_km', 'lon = 0.025, across = true, uncertainty_km'),
            entry('id = "o", kind = "open_axis", date = 2025-01-09, target = "left"'),
        ),
    ),
    "axis that is open already": (
        "warning",
        ("inputs.o: input 'o' of kind open_axis: axis 'left' does not lie across the border",),
        (entry('id = "o", kind = "open_axis", date = 2025-01-09, target = "left"'),),
        (entry('id = "o", kind = "counter_attack", date = 2025-01-09, target = "left"'),),
    ),
    "no ground": (
        "error",
        ("outline: no ground is held beyond the border on day 0", "is the base, 'Port', on the right side?"),
        (border((-0.02, 0.13), (0.18, 0.13)),),
        (border((-0.02, 0.06), (0.18, 0.06)),),
    ),
    "no enemy": (
        "error",
        ("outline: the holder holds the whole window",),
        (outline((0.0, 0.0), (-0.02, 0.16), (0.18, 0.16), (0.16, 0.0)),),
        (outline((0.01, -0.02), (0.01, 0.13), (0.15, 0.13), (0.15, -0.02)),),
    ),
    "base on the wrong side": (
        "warning",
        ("76 of the 102 km² in the outline lie on the base's side of the border: is the base, 'Port'",),
        (place("Port", "lat = 0.01, lon = 0.08", "lat = 0.06, lon = 0.08"),),
        (place("Port", "lat = 0.01, lon = 0.08", "lat = 0.02, lon = 0.08"),),
    ),
    "crossed outline": (
        "warning",
        ("outline: outline crosses itself", "after vertices 2 and 4", "lon 0.0800, lat 0.1079"),
        (outline(BOX[0], BOX[1], BOX[3], BOX[2], BOX[4], BOX[5]),),
        (outline(*BOX[::-1]),),
    ),
    "crossed border": (
        "warning",
        ("border: border crosses itself",),
        (border((-0.02, 0.045), (0.1, 0.05), (0.1, 0.04), (0.05, 0.06), (0.18, 0.045)),),
        (border((-0.02, 0.045), (0.1, 0.05), (0.1, 0.04), (0.12, 0.04), (0.18, 0.045)),),
    ),
    "border that ends in the window": (
        "warning",
        ("border: the border begins inside the window",),
        (border((0.01, 0.045), (0.18, 0.045)),),
        (border((0.0, 0.045), (0.18, 0.045)),),
    ),
    "outline beyond the window": (
        "warning",
        ("outline: the outline reaches 1.1 km out of the window",),
        (outline(*BOX[:2], (0.06, 0.15), (0.10, 0.15), *BOX[4:]),),
        (outline(*BOX[:2], (0.06, 0.139), (0.10, 0.139), *BOX[4:]),),
    ),
    "parts of the held ground": (
        "warning",
        ("of the held ground beyond the border do not hang together with the rest",),
        (outline(*BOX[:3], (0.08, 0.115), (0.08, 0.128), *HEAD, (0.081, 0.128), (0.081, 0.115), *BOX[3:]),),
        (outline(*BOX[:3], (0.06, 0.128), *HEAD, (0.1, 0.128), *BOX[3:]),),
    ),
    "fleet": (
        "warning",
        ("supply: the fleet carries 38.4 t a day at best", "12 vehicles", "38.5 t a day when all is quiet", "55.0 t in full action"),
        (value("fleet_0", "20", "12"), value("stock_start", "4", "0")),
        (value("fleet_0", "20", "13"), value("stock_start", "4", "0")),
    ),
    "fleet and stock": (
        "warning",
        ("supply: the fleet carries 32.0 t a day at best", "they can never be fed"),
        (value("fleet_0", "20", "10"), value("stock_start", "4", "2")),
        (value("fleet_0", "20", "10"), value("stock_start", "4", "3")),
    ),
    "men who come later": (
        "warning",
        ("supply: the fleet carries 64.0 t a day at best", "the 8500 men on the front from 2025-01-05 on"),
        (entry('id = "more", kind = "reinforce", date = 2025-01-05, target = "blue", amount = "red_men"'),),
        (entry('id = "more", kind = "reinforce", date = 2025-01-05, target = "red", amount = "red_men"'),),
    ),
    "final line": (
        "warning",
        ("parameters: final_line_depth 8 km is no less than the 8.0 km that the held ground is deep",),
        (value("final_line_depth", "1.5", "8"),),
        (value("final_line_depth", "1.5", "7.9"),),
    ),
    "shares of routes": (
        "warning",
        ("routes: the shares of the routes add up to",),
        (
            ('{ id = "east", legs', '{ id = "again", legs = ["B1", "B2"], share = "disp_min" }, { id = "east", legs'),
            value("east_share", "0.4", "0.8"),
        ),
        (('{ id = "east", legs', '{ id = "again", legs = ["B1", "B2"], share = "disp_min" }, { id = "east", legs'),),
    ),
    "watched leg without traffic": (
        "warning",
        ("supply.watched_legs: watched leg 'C1' is on no route",),
        (
            ('watched_legs = ["A2"]', 'watched_legs = ["A2", "C1"]'),
            ("legs = [\n", 'legs = [{ id = "C1", from_place = "Gate", to_place = "Ford", length_km = 5.2, low_km = 5, high_km = 6, paved = true },\n'),
        ),
        (('watched_legs = ["A2"]', 'watched_legs = ["A2", "B1"]'),),
    ),
    "contingent that comes too late": (
        "warning",
        ("contingents.red: contingent 'red' never arrives: it is committed on 2025-01-22, after the last day, 2025-01-21",),
        (entry('id = "c", kind = "commit", date = 2025-01-22, target = "red"'),),
        (entry('id = "c", kind = "commit", date = 2025-01-21, target = "red"'),),
    ),
    "contingent that arrives twice": (
        "warning",
        ("contingents.red: contingent 'red' arrives 2 times",),
        (
            entry('id = "c", kind = "commit", date = 2025-01-02, target = "red"'),
            entry('id = "d", kind = "commit", date = 2025-01-03, target = "red"'),
        ),
        (entry('id = "c", kind = "commit", date = 2025-01-02, target = "red"'),),
    ),
    "contingent kept on the border": (
        "warning",
        ("contingents.more: contingent 'more' never arrives: it stands on the border",),
        ((MEN, MEN + '{ id = "more", side = "attacker", men = "red_men", station = "border" },'),),
        ((MEN, MEN + '{ id = "more", side = "holder", men = "blue_men", station = "border" },'),),
    ),
    "a front that nobody holds": (
        "warning",
        ("contingents: nobody holds the front on day 0",),
        (entry('id = "c", kind = "commit", date = 2025-01-02, target = "blue"'),),
        (
            entry('id = "c", kind = "commit", date = 2025-01-02, target = "blue"'),
            (MEN, MEN + '{ id = "few", side = "holder", men = "fleet_0" },'),
        ),
    ),
    "input after the end": (
        "warning",
        ("input 'o': date 2025-01-22 lies after the last day, 2025-01-21",),
        (entry('id = "o", kind = "ceasefire_offer", date = 2025-01-22'),),
        (entry('id = "o", kind = "ceasefire_offer", date = 2025-01-21'),),
    ),
    "input that does nothing": (
        "warning",
        ("inputs.w: input 'w' of kind weather does nothing",),
        (entry('id = "w", kind = "weather", date = 2025-01-05'),),
        (entry('id = "w", kind = "weather", parameter = "freeze_start_day"'), value("freeze_start_day", "68", "8")),
    ),
    "default date": (
        "warning",
        ("models.defaults: dates of another campaign come from the library's defaults: freeze_start_day = 68 (2025-03-10)",),
        (('{ id = "freeze_start_day"', '{ id = "frost_day"'),),
        (value("freeze_start_day", "68", "60"),),
    ),
    "fitted default": (
        "warning",
        ("models.defaults: values to be fitted come from the library's defaults: v_max = 1.1",),
        (('{ id = "v_max"', '{ id = "fastest"'),),
        (('{ id = "wet_cost"', '{ id = "marsh"'),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_fires_and_not_beside(rule: str, tmp_path: Path) -> None:
    severity, words, case, beside = RULES[rule]
    fires = ks.check(made(tmp_path, case))
    told = [p for p in fires if all(w in str(p) for w in words)]
    assert [p.severity for p in told] == [severity], [str(p) for p in fires]
    assert "\n" not in str(told[0])
    quiet = ks.check(made(tmp_path, beside))
    assert not [p for p in quiet if p.severity == "error" or p.what[:24] == told[0].what[:24]]


SHAPES = {
    "crossed area": (
        AREA,
        "[0.06, 0.06], [0.1, 0.1], [0.1, 0.06], [0.06, 0.1]",
        "[0.06, 0.06], [0.06, 0.1], [0.1, 0.1]",
    ),
    "area elsewhere": (
        AREA,
        "[3.0, 4.0], [3.1, 4.0], [3.0, 4.1]",
        "[0.15, 0.13], [3.1, 0.13], [0.15, 4.1]",
    ),
    "road elsewhere": (
        LINE,
        "[0.06, 0.048], [0.08, 0.065]",
        "[0.06, 0.048], [0.05, 0.06], [0.08, 0.085]",
    ),
    "road that winds": (
        LINE,
        "[0.06, 0.048], [0.03, 0.06], [0.06, 0.06], [0.08, 0.085]",
        "[0.06, 0.048], [0.05, 0.06], [0.08, 0.085]",
    ),
    "road the other way": (LINE, "[0.08, 0.085], [0.06, 0.048]", "[0.06, 0.048], [0.08, 0.085]"),
}


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("crossed area", "areas.Fen crosses itself: the stretches after vertices 1 and 3"),
        ("area elsewhere", "areas.Fen lies wholly outside the window"),
        (
            "road elsewhere",
            "begins 0.0 km from the first place of leg 'A2' and ends 2.2 km from its second",
        ),
        (
            "road that winds",
            "the line of kind road 'A2' is 10.5 km long, and length_km of leg 'A2' is 5.2",
        ),
        ("road the other way", "runs the other way than leg 'A2'"),
    ],
)
def test_shapes_that_were_drawn_wrongly(shape: str, said: str, tmp_path: Path) -> None:
    form, wrong, right = SHAPES[shape]
    assert [said in p.what for p in ks.check(made(tmp_path, (), form.format(wrong)))] == [True]
    assert ks.check(made(tmp_path, (), form.format(right))) == ()


def test_lat_and_lon_exchanged(tmp_path: Path) -> None:
    hill = '{ id = "Hill", lat = 0.085, lon = 0.08,'
    far = two_roads().replace("west = 0.0, east = 0.16", "west = 0.04, east = 0.16")
    path = tmp_path / "turned.toml"
    for lat, hinted in ((0.135, True), (0.01, False)):
        path.write_text(
            far.replace(hill, f'{{ id = "Hill", lat = {lat}, lon = 0.02,'), encoding="utf-8"
        )
        told = [p.what for p in ks.check(path) if "depot 'Hill'" in p.what]
        assert ["with lat and lon exchanged it would lie there" in what for what in told] == [
            hinted
        ]


def test_a_dated_counter_attack_may_open_the_road(tmp_path: Path) -> None:
    """Then the only road that is cut is a warning; a counter-attack elsewhere does not help."""
    cut = outline(
        (0.02, 0.03),
        (0.03, 0.06),
        (0.13, 0.06),
        (0.14, 0.03),
        (0.16, 0.03),
        (0.16, 0.13),
        (0.05, 0.13),
        (0.05, 0.075),
        (0.15, 0.075),
        (0.15, 0.02),
        (0.02, 0.02),
    )
    counter = 'id = "relief", kind = "counter_attack", date = 2025-01-03, target = "{}"'
    found = {}
    for axes in ((), ("left",), ("left", "right", "tip")):
        pairs = (cut, *(entry(counter.format(a).replace("relief", f"relief-{a}")) for a in axes))
        found[axes] = [
            p.severity
            for p in ks.check(made(tmp_path, pairs))
            if p.what.startswith("no route leads")
        ]
    assert found == {(): ["error"], ("left",): ["error"], ("left", "right", "tip"): ["warning"]}


# -- what ships ---------------------------------------------------------------------------------------------------------


def test_a_campaign_cut_short_is_said_once() -> None:
    """Whoever shortens a campaign means it: one line for all that comes later."""
    (told,) = ks.check("december-march", set={"days": 10})
    assert told.severity == "warning"
    assert told.what.startswith(
        "12 inputs lie after the last day, 2024-12-10: 'counter_attack_february', "
    )
    assert [p.what for p in findings(ks.load("december-march", set={"days": 10}))] == [told.what]


@pytest.mark.parametrize("name", catalogue.names())
def test_what_ships_is_sound(name: str) -> None:
    assert ks.check(name) == ()


@pytest.mark.parametrize("what_if", catalogue.what_ifs("december-march"))
def test_shipped_what_ifs_are_sound(what_if: str) -> None:
    assert ks.check("december-march", what_if=what_if) == ()


def test_two_roads_takes_nothing_from_defaults() -> None:
    ledger = {p.id: p for p in ks.load("two-roads").parameters}
    assert all(ledger[name].group != "library default" for name in required({}))


def test_the_library_knows_which_of_its_defaults_were_fitted() -> None:
    history = ks.load("december-march")
    status = {p.id: p.status for p in history.parameters}
    fitted = {n for n in required({}) if status[history.aliases.get(n, n)] == "fitted"}
    assert fitted == {name for name, info in required({}).items() if info.fitted}


# -- who says it --------------------------------------------------------------------------------------------------------


PLAYERS: Mapping[str, Callable[[Path], object]] = {
    "run": lambda path: ks.run(path),
    "run of a scenario": lambda path: ks.run(ks.load(path)),
    "ensemble": lambda path: ks.ensemble(path, replications=2),
    "compare": lambda path: ks.compare(path, {"title": "x", "why": "y", "set": {"parameters.v_road": 30}}, replications=2),
    "Game": lambda path: ks.Game(path),
    "sweep": lambda path: ks.studies.sweep(path, {"v_road": [20, 30]}, replications=2),
    "sheets": lambda path: printed.sheets(path, path.parent / "sheets"),
    "environment": lambda path: ks.play.envs.CommandEnv(path),
}  # fmt: skip
BAD = (border((-0.02, 0.012), (0.18, 0.012)),)
ODD = (border((-0.02, 0.0285), (0.18, 0.0285)),)


@pytest.mark.parametrize("player", PLAYERS)
def test_whoever_plays_refuses_it(player: str, tmp_path: Path) -> None:
    path = made(tmp_path, BAD)
    with pytest.raises(
        ScenarioError, match="no route leads from the base 'Port' to the depot 'Hill'"
    ):
        PLAYERS[player](path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "command", ["run", "explain", "ensemble", "play", "sheets", "patterns", "compare", "why"]
)
def test_every_command_says_it_in_one_line(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = made(tmp_path, BAD)
    monkeypatch.chdir(tmp_path)
    more = {"compare": ["no-drones"], "why": ["2025-01-03"]}.get(command, [])
    assert main([command, str(path), *more]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(
        "kursksim: routes: no route leads from the base 'Port' to the depot 'Hill'"
    )
    assert len(said.err.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_check_lists_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(made(tmp_path, BAD))]) == 2
    out = capsys.readouterr().out
    assert out.startswith("error: routes: no route leads")
    assert "2 errors, no warnings" in out


def test_explain_still_says_what_it_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(made(tmp_path, BAD))]) == 2
    assert "The order of the day" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["why", "explain", pytest.param("run", marks=pytest.mark.slow)])
def test_a_command_warns_once(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = made(tmp_path, ODD)
    monkeypatch.chdir(tmp_path)
    more = {"run": ["--until", "2025-01-02"], "why": ["2025-01-02"]}.get(command, [])
    for _ in range(2):  # each command begins with nothing said
        assert main([command, str(path), *more]) == 0
        said = [
            line for line in capsys.readouterr().err.splitlines() if "stays off the border" in line
        ]
        assert len(said) == 1
        assert said[0].startswith("kursksim: warning: outline: ")


def test_the_library_warns_once_through_its_logger(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    odd = (border((-0.02, 0.028), (0.18, 0.028)),)  # another strip than that of other tests
    path = made(tmp_path, odd)
    with caplog.at_level(logging.WARNING, "kursksim"):
        for seed in range(3):
            ks.run(path, seed=seed, until="2025-01-01")
        ks.Game(path)
    assert [r.message[:40] for r in caplog.records] == ["outline: the outline stays off the borde"]


def test_the_map_is_measured_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = made(tmp_path, (border((-0.02, 0.046), (0.18, 0.046)),))
    calls = []
    measured = opening._measured
    monkeypatch.setattr(opening, "_measured", lambda *given: calls.append(1) or measured(*given))
    for teams in (10, 20):
        ks.ensemble(path, replications=2, until="2025-01-01", set={"parameters.drone_teams": teams})
    assert calls == [1]
    assert findings(ks.load(path)) == ()


@pytest.mark.parametrize(
    "values",
    [
        {"parameters.fleet_0": 0, "parameters.fleet_repl": 0},
        {"parameters.drone_teams": 0},
        {"parameters.kappa": 0},
        {"days": 1},
        {"policies.holder": "never"},
    ],
)
def test_legal_cases_of_teaching_are_played(values: dict[str, object]) -> None:
    assert ks.run("two-roads", set=values, until="2025-01-01").days == 1


def test_cuts_are_played(tmp_path: Path) -> None:
    path = made(tmp_path, (("days = 21", 'days = 21\ncuts = ["fleet-tonnage", "order-ground"]'),))
    assert ks.check(path) == ()
    assert ks.run(path, until="2025-01-01").days == 1


def test_a_model_of_ones_own_still_brings_its_numbers() -> None:
    """All is written out in ``two-roads``; what a what-if chooses beside it may have defaults."""
    assert ks.load("two-roads").filled
    assert ks.load("two-roads", set={"parameters.fleet_0": 3}).filled
    assert not ks.load("december-march").filled


# -- the record ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(catalogue.find("december-march"), tmp_path / "mine"))


def broken(path: Path, column: str, text: str) -> None:
    """Put a text into the first row of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index(column)] = text
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.mark.parametrize(
    ("name", "column", "text", "said"),
    [
        ("observed/held_area.csv", "date", "08/24/2024", "'08/24/2024'"),
        ("observed/settlements.csv", "confidence", "hihg", "unknown confidence 'hihg'"),
        ("observed/settlements.csv", "known_on", "1999-01-01", "is before the date"),
        ("observed/settlements.csv", "known_on", "", "known_on is missing"),
        ("observed/timeline.csv", "known_on", "1999-01-01", "is before the date"),
        ("observed/patterns.csv", "statistic", "nosuch", "statistic 'nosuch' is unknown"),
        ("observed/calibrated.csv", "parameter", "nosuch", "unknown parameter 'nosuch'"),
    ],
)
def test_check_reads_the_record(folder: Path, name: str, column: str, text: str, said: str) -> None:
    broken(folder / name, column, text)
    found = ks.check(folder)
    assert [(p.severity, p.where) for p in found] == [("error", f"{name} line 2")]
    assert said in found[0].what


def test_a_record_of_another_name_is_not_passed_over(folder: Path) -> None:
    (folder / "observed" / "held_area.csv").rename(folder / "observed" / "held_areas.csv")
    (told,) = ks.check(folder)
    assert (told.severity, told.where) == ("warning", "observed/held_areas.csv")
    assert "did you mean 'held_area.csv'?" in told.what


def test_odd_rows_of_the_record(folder: Path) -> None:
    record = folder / "observed" / "held_area.csv"
    text = record.read_text(encoding="utf-8")
    head, first, *rest = text.splitlines()
    for lines, said in (
        ([first, first, *rest], "rows that stand twice: 1"),
        (
            [first.replace("2024-", "0024-"), *rest],
            "0024-08-24: more than a year from the campaign",
        ),
    ):
        record.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        (told,) = ks.check(folder)
        assert (told.severity, told.where) == ("warning", "observed/held_area.csv")
        assert said in told.what
    record.write_text(text, encoding="utf-8")
    for old, new, where in (
        ("observed/held_area.csv", "observed/held_area.xlsx", "observed/held_area.xlsx"),
        ("observed", "Observed", "Observed"),
    ):
        (folder / old).rename(folder / new)
        assert [(p.severity, p.where) for p in ks.check(folder) if p.where.endswith(new)] == [
            ("warning", where)
        ]
        (folder / new).rename(folder / old)


def test_check_reads_the_posterior(folder: Path) -> None:
    posterior = folder / "posterior.csv"
    lines = posterior.read_text(encoding="utf-8").splitlines()
    for text, said in (
        (
            "\n".join([lines[0], lines[1].replace(lines[1].split(",")[0], "1,5", 1)]),
            "a table with decimal commas needs semicolons",
        ),
        ("\n".join(["nosuch,p_kill", "1,0.2"]), "unknown column 'nosuch'"),
        ("\n".join(["p_kill", "0.2", "1.5"]), "set number 2: p_kill 1.5: must lie in 0 to 1"),
    ):
        posterior.write_text(f"{text}\n", encoding="utf-8")
        found = ks.check(folder)
        assert [p.where.split()[0] for p in found] == ["posterior.csv"]
        assert said in found[0].what


def test_check_opens_the_files_that_policies_name(tmp_path: Path) -> None:
    path = made(tmp_path, (('holder = "threshold"', 'holder = "orders:nowhere.csv"'),))
    assert [p.where for p in ks.check(path)] == ["policies"]


def test_a_fault_in_the_record_is_told_before_the_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(folder / "observed" / "held_area.csv", "date", "08/24/2024")
    monkeypatch.chdir(folder.parent)
    monkeypatch.setattr("kursksim.api.run", lambda *a, **k: pytest.fail("it was played"))
    assert main(["run", str(folder)]) == 2
    assert capsys.readouterr().err.startswith(
        "kursksim: observed/held_area.csv line 2: date '08/24/2024'"
    )


def test_what_cannot_be_read_is_said_alone(tmp_path: Path) -> None:
    found = ks.check(made(tmp_path, (*BAD, ("days = 21", "days = 0"))))
    assert [p.what.split()[0] for p in found] == ["days"]
    assert ks.check("two-roads", set={"parameters.nosuch": 1})[0].severity == "error"
    with pytest.raises(ks.BadUse, match="unknown"):
        ks.check("no-such-thing")
