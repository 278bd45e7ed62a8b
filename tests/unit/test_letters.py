"""Names in any script are drawn and printed where a font has their letters; what none has is said once."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.text import Text

import kursksim as ks
from kursksim import notices
from kursksim.cli import main
from kursksim.play.terminal.map import map_lines, picture
from kursksim.plot import letters
from kursksim.plot.letters import OWN, families
from kursksim.scenario import catalogue
from kursksim.sheets.write import sheets
from kursksim.text import aligned, cells_wide

HANGUL, HAN = "조선", "漢字"


def font(path: Path, family: str, has: str) -> Path:
    """A font of squares for some letters."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 600), (600, 600), (600, 0)):
        pen.lineTo(corner)
    pen.closePath()
    glyph = pen.glyph()
    names = [".notdef", *(f"u{ord(c):X}" for c in has)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"u{ord(c):X}" for c in has})
    builder.setupGlyf(dict.fromkeys(names, glyph))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable(
        {"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")}
    )
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path


@pytest.fixture(autouse=True)
def fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The fonts that come with matplotlib and no others; nothing has been said yet."""
    manager, before = font_manager.fontManager, font_manager.fontManager.ttflist
    manager.ttflist = [f for f in before if f.name.startswith("DejaVu")]
    monkeypatch.setattr(letters, "_look_again", lambda: False)
    for cached in (
        letters._extended,
        letters._file,
        font_manager._load_fontmanager,
    ):
        getattr(cached, "cache_clear", lambda: None)()
    notices.forget()
    yield
    manager.ttflist = before
    for cached in (letters._extended, letters._file):
        cached.cache_clear()


def campaign(folder: Path, **names: str) -> Path:
    """The fictional campaign with other names."""
    text = (catalogue.find("two-roads") / "scenario.toml").read_text("utf-8")
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    folder.mkdir()
    (folder / "scenario.toml").write_text(text, "utf-8")
    return folder


def drawn(picture: Any, name: str) -> list[Text]:
    """The texts of a picture that show a name."""
    return [t for t in ks.plot.output.figure_of(picture).findobj(Text) if name in t.get_text()]  # type: ignore[attr-defined]


def played(folder: Path) -> ks.Run:
    return ks.run(folder, seed=7, until="2025-01-05", policy={"holder": "fixed_date:2025-01-03"})


@pytest.mark.parametrize("setting", ["family", "sans-serif", "installed"])
def test_a_font_of_the_user_s_is_used(
    tmp_path: Path, setting: str, caplog: pytest.LogCaptureFixture
) -> None:
    font_manager.fontManager.addfont(font(tmp_path / "tiny.ttf", "Tiny Hangul", HANGUL))
    rc = {
        "family": {"font.family": ["Tiny Hangul", "sans-serif"]},
        "sans-serif": {"font.sans-serif": ["Tiny Hangul", "No Such Font", "DejaVu Sans"]},
        "installed": {},
    }[setting]
    run = played(campaign(tmp_path / "odd", Hill=HANGUL))
    with matplotlib.rc_context(rc):
        before = dict(matplotlib.rcParams)
        made = ks.plot.map(run, "2025-01-04")
        made.set_title(HANGUL)  # by the user, in whatever his settings give
        for suffix in ("png", "pdf", "svg"):
            ks.plot.save(made, tmp_path / f"map.{suffix}")
        assert dict(matplotlib.rcParams) == before
    found = drawn(made, HANGUL)
    assert found
    order = ["Tiny Hangul", OWN] if setting != "installed" else [OWN, "Tiny Hangul"]
    assert all("Tiny Hangul" in t.get_fontfamily() for t in found)
    assert sum(t.get_fontfamily() == order for t in found) >= len(found) - 1
    assert b"+TinyHangul" in (tmp_path / "map.pdf").read_bytes()
    assert not caplog.records


@pytest.mark.slow
def test_sheets_and_moving_pictures_have_the_fonts_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    font_manager.fontManager.addfont(font(tmp_path / "tiny.ttf", "Tiny Hangul", HANGUL))
    run = played(campaign(tmp_path / "odd", Hill=HANGUL))
    ks.plot.animate(run, tmp_path / "run.gif", every=4)
    sheets(run.scenario, tmp_path / "sheets.pdf")
    written = (tmp_path / "sheets.pdf").read_bytes()
    assert b"+TinyHangul" in written
    assert b"/Type3" not in written
    assert not caplog.records


def test_without_settings_the_picture_has_the_library_s_own_look() -> None:
    assert families() == [OWN]
    assert families("Суджа, Ψαρά, Größe, שלום") == [OWN]
    with matplotlib.rc_context({"font.family": ["serif"]}):
        assert families() == ["DejaVu Serif", OWN]


def test_what_no_font_has_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = played(campaign(tmp_path / "odd", Hill=HANGUL, Tip=HAN, Gate="Суджа"))
    with caplog.at_level(logging.WARNING, "kursksim"):
        for day in ("2025-01-03", "2025-01-04"):
            ks.plot.save(ks.plot.map(run, day), tmp_path / f"{day}.png")
        ks.plot.save(ks.plot.chain(run), tmp_path / "chain.pdf")
    (said,) = [r.getMessage() for r in caplog.records]
    assert f"no installed font has {HANGUL} (Hangul)" in said
    assert "'Noto Sans CJK'" in said
    assert "\n" not in said


def test_a_font_of_the_settings_that_is_missing_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with matplotlib.rc_context({"font.family": ["Nowhere Sans"]}):
        assert families() == families() == [OWN]
    assert [r.getMessage() for r in caplog.records] == [
        "matplotlib finds no font family 'Nowhere Sans', which your settings name"
    ]


def test_the_command_line_says_it_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    campaign(tmp_path / "odd", Hill=HANGUL)
    assert main(["run", "./odd", "--until", "2025-01-03", "-o", "out"]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "font" in line]
    assert len(lines) == 1
    assert lines[0].startswith(
        "kursksim: warning: no installed font has 조선 (Hangul): drawn as boxes; install a font"
    )


@pytest.mark.parametrize(
    "odd",
    ["a$^$b", "R&D <b>", "50% _x_ {y} \\\\frac", "\u2067שלום\u2069", "[bold]x[/]", "e\u0301", "🚚"],
)
def test_odd_names_are_drawn_as_they_are(tmp_path: Path, odd: str) -> None:
    run = played(campaign(tmp_path / "odd", **{"Two roads": odd.replace("\\\\", "")}))
    made = ks.plot.map(run, "2025-01-04")
    made.set_title(odd)
    for suffix in ("png", "pdf", "svg"):
        ks.plot.save(made, tmp_path / f"map.{suffix}")
    shown = made.get_title()
    assert shown == "".join(c for c in odd if c not in "\u2067\u2069") or shown == odd


@pytest.mark.parametrize("setting", ["figure.autolayout", "figure.constrained_layout.use"])
def test_a_layout_of_the_settings_is_not_taken(tmp_path: Path, setting: str) -> None:
    """The library places what it draws; matplotlib would warn that its layout does not fit."""
    run = ks.run("two-roads", until="2025-01-03")
    with matplotlib.rc_context({setting: True}):
        made = ks.plot.chain(run)
        ks.plot.save(made, tmp_path / "chain.png")
    assert ks.plot.output.figure_of(made).get_layout_engine() is None  # type: ignore[attr-defined]


def test_a_slanted_face_that_lacks_letters_is_not_used(tmp_path: Path) -> None:
    """The slanted face of the library's own family has no Arabic; the upright one has."""
    run = played(campaign(tmp_path / "odd", Hill="تل السلام", Port="Порт"))
    made = ks.plot.map(run, "2025-01-02")
    ks.plot.save(made, tmp_path / "map.png")
    styles = {t.get_text(): t.get_fontstyle() for t in drawn(made, "تل السلام")}
    assert {style for name, style in styles.items() if name.startswith("PL ")} == {"normal"}
    assert {t.get_fontstyle() for t in drawn(made, "from Порт")} == {"italic"}


def test_a_long_name_is_cut_on_the_map(tmp_path: Path) -> None:
    name = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
    made = ks.plot.map(played(campaign(tmp_path / "odd", Hill=name)), "2025-01-02")
    assert drawn(made, f"{name[:35]}…")
    assert not drawn(made, name[:36])


def test_columns_stand_below_each_other_whatever_the_letters() -> None:
    rows = [["조선", 1], ["Cafe\u0301", 22], ["Hill", 333]]
    lines = aligned(["place", "km"], rows, right={1})
    assert {cells_wide(line) for line in lines} == {10}
    (head, *rest) = aligned(["id", "said"], [["조", "漢字 " * 30]], width=40)
    assert all(cells_wide(line) <= 40 for line in (head, *rest))
    assert "".join(rest).count("漢字") == 30
    long = aligned(["id", "said"], [["a", "漢" * 60]], width=40)
    assert all(cells_wide(line) <= 40 for line in long)
    assert "".join(long).count("漢") == 60


@pytest.mark.parametrize("name", [HANGUL, "q\u0301", "Суджа", "漢\u200f"])
def test_a_name_on_the_terminal_s_map_moves_nothing(tmp_path: Path, name: str) -> None:
    plain = ks.Game("two-roads", seed=7)
    odd = ks.Game(campaign(tmp_path / "odd", Hill=name), seed=7)
    widths = [
        {cells_wide("".join(t.glyph for t in row)) for row in picture(g)} for g in (plain, odd)
    ]
    assert widths[0] == widths[1]
    assert len(widths[1]) == 1
    shown = unicodedata.normalize("NFC", name.rstrip("\u200f"))
    assert any(shown in line for line in map_lines(odd))
