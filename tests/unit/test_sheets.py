"""Printed sheets: everything fits its page, every order is there, and nothing of the other side's books."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox

import kursksim as ks
from kursksim.cli import main
from kursksim.errors import BadUse
from kursksim.plot.style import text_width
from kursksim.scenario import catalogue
from kursksim.sheets import write as printed
from kursksim.sheets.briefing import briefing
from kursksim.sheets.paper import A4_PT, MARGIN_PT, wrapped

SIDES = ("holder", "attacker")


def words(pages: list[Figure]) -> str:
    """All text of some pages, line after line."""
    return "\n".join(t.get_text() for page in pages for t in page.findobj(Text))


@pytest.fixture(scope="module", params=catalogue.names())
def made(request: pytest.FixtureRequest) -> tuple[ks.Scenario, dict[str, list[Figure]]]:
    scenario = ks.load(request.param)
    return scenario, printed.pages(scenario, turns=7)


def boxes(page: Figure) -> list[tuple[str, Bbox]]:
    """Every line of a page with its box in points; the key of a map has its place only once it is drawn."""
    renderer = FigureCanvasAgg(page).get_renderer()
    lines = [t for ax in page.axes for t in ax.texts if t.get_text().strip("_ ")]
    shrink = Affine2D().scale(72 / page.dpi)
    return [(t.get_text(), t.get_window_extent(renderer).transformed(shrink)) for t in lines]


def test_pages_are_a4_and_nothing_is_cut_off_or_printed_over(
    made: tuple[ks.Scenario, dict[str, list[Figure]]],
) -> None:
    for name, pages in made[1].items():
        for page in pages:
            wide, high = (72 * inch for inch in page.get_size_inches())
            assert sorted((wide, high)) == pytest.approx(sorted(A4_PT), abs=0.1), name
            lines = boxes(page)
            assert len(lines) > 5
            for text, box in lines:
                assert MARGIN_PT / 2 < box.x0 < box.x1 < wide - MARGIN_PT / 2, (name, text)
                assert 10 < box.y0 < box.y1 < high - 10, (name, text)
            if len(page.axes) > 1:
                continue  # the names of a map keep apart by `kursksim.plot.labels`
            for n, (text, box) in enumerate(lines):
                met = [
                    other
                    for other, b in lines[n + 1 :]
                    if box.shrunk(1, 0.8).overlaps(b.shrunk(1, 0.8))
                ]
                assert not met, (name, text, met)


def test_every_order_is_on_the_sheet_of_its_side(
    made: tuple[ks.Scenario, dict[str, list[Figure]]],
) -> None:
    scenario, sheets = made
    game = ks.Game(scenario)
    for side in SIDES:
        legal = set(game.legal_orders(side))
        printed_words = words(sheets[f"orders-{side}"]).split("\n")
        assert legal <= set(printed_words)
        # in the words, and on both sheets of the form: seven turns need two
        assert all(printed_words.count(order) == 3 for order in legal)
        other = set(game.legal_orders(SIDES[1 - SIDES.index(side)])) - legal
        assert not other & set(printed_words)


def test_a_briefing_knows_nothing_of_the_other_side(
    made: tuple[ks.Scenario, dict[str, list[Figure]]],
) -> None:
    scenario, _ = made
    for side in SIDES:
        told = briefing(scenario, side)
        theirs = {c.name or c.id for c in scenario.contingents if c.side != side}
        assert not theirs & {row[0] for row in told.forces}
        late = {i.target for i in scenario.inputs if i.kind == "commit" and i.date > scenario.start}
        mine = {c.name or c.id for c in scenario.contingents if c.side == side and c.id not in late}
        assert mine == {row[0] for row in told.forces}
        assert not any("jamming" in row[4] for row in told.roads) or side == "holder"
        text = words(made[1][f"briefing-{side}"])
        for entry in scenario.inputs:
            assert entry.known_on <= scenario.start or (entry.name or entry.id) not in text


def test_what_is_known_on_the_first_morning_is_told() -> None:
    told = briefing(ks.load("two-roads", set={"inputs.drones.known_on": "2025-01-01"}), "holder")
    assert told.dates == ("2025-01-04: Drone teams arrive",)
    assert briefing(ks.load("two-roads"), "holder").dates == ()


def test_the_figures_follow_the_scenario() -> None:
    told = briefing(ks.load("two-roads", set={"parameters.fleet_0": 31}), "holder")
    assert ("vehicles serviceable", "31", "exact") in told.figures
    assert told.forces[0][1] == "2500"


def test_the_map_names_towns_and_roads(made: tuple[ks.Scenario, dict[str, list[Figure]]]) -> None:
    scenario, sheets = made
    on_map = words(sheets["map"][:1])
    assert scenario.key_place in on_map
    named = [g for g in scenario.legs if f"{g.id} {g.length_km:g} km" in on_map]
    routed = {g for r in scenario.routes for g in r.legs}
    assert len(named) >= 0.6 * len(scenario.legs)
    assert sum(g.id in routed for g in named) >= 0.8 * len(routed)
    listed = words(sheets["map"][1:])
    assert all(f"{g.from_place} to {g.to_place}" in listed for g in scenario.legs)


def test_lines_are_wrapped_to_the_width() -> None:
    text = "a long word " * 20 + "x" * 300
    lines = wrapped(text, 9.0, 120.0)
    assert max(text_width(line, 9.0) for line in lines) <= 122
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.slow
def test_files_are_whole_and_the_same_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "new" / "all.pdf"
    assert main(["sheets", "two-roads", "-o", str(target)]) == 0
    assert capsys.readouterr().out.split() == [str(target)]
    first = target.read_bytes()
    assert first.startswith(b"%PDF")
    assert b"/ToUnicode" in first  # text that can be selected
    pages = sum(map(len, printed.pages(ks.load("two-roads")).values()))
    assert first.count(b"/Type /Page ") + first.count(b"/Type /Page\n") == pages
    printed.sheets("two-roads", target)
    assert target.read_bytes() == first
    assert [p.name for p in target.parent.iterdir()] == ["all.pdf"]


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("file.txt", "is a file"),
        ("file.txt/x", "is a file"),
        ("folder.pdf", "is a folder"),
        ("", "no name"),
        ("a\0b", "NUL|null"),
    ],
)
def test_a_bad_place_is_refused_before_any_work(
    out: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file.txt").write_text("mine", encoding="utf-8")
    Path("folder.pdf").mkdir()
    monkeypatch.setattr(printed, "pages", lambda *_, **__: pytest.fail("drawn all the same"))
    assert main(["sheets", "two-roads", "-o", out]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert any(part in err for part in said.split("|")), err
    assert err.count("cannot be written") <= 1, err
    assert Path("file.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(BadUse, match="Permission denied"):
        printed.check_target(tmp_path / "new")


def test_a_number_of_turns_is_whole_and_not_endless() -> None:
    for turns in (0, 101, 1.5):
        with pytest.raises(BadUse, match="turns"):
            printed.pages(ks.load("two-roads"), turns=turns)  # type: ignore[arg-type]


def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "all.pdf"
    target.write_bytes(b"old")
    monkeypatch.setattr(printed, "pages", lambda *_, **__: {"map": []})
    monkeypatch.setattr(printed, "_pdf", lambda _: b"new")
    monkeypatch.setattr(
        "kursksim.io.os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with pytest.raises(BadUse, match="No space left"):
        printed.sheets("two-roads", target)
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["all.pdf"]
