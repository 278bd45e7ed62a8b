"""The page of a run: it carries the run, says what the run says, and no text in it becomes markup."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import lzma
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from repetitions import times
from replay_kit import HOSTILE, hostile_scenario

import kursksim as ks
from kursksim.cli import main
from kursksim.errors import RunFileError
from kursksim.evidence.tracker import tracker_error
from kursksim.intervals import BANDS, ends, middle
from kursksim.plot import layers
from kursksim.plot.style import text_width
from kursksim.replays import page as made
from kursksim.replays.type import width
from kursksim.runs import page as pagefile
from kursksim.runs.record import Run
from kursksim.runs.save import save
from kursksim.terrain.hexmap import terrain_of

FOLDER = Path(made.__file__).parent


@pytest.fixture(scope="module")
def run() -> Run:
    """With an order, so that phases, columns and a new depot are in it; recorded in full."""
    return ks.run(
        "two-roads",
        seed=7,
        until="2025-01-14",
        policy={"holder": "fixed_date:2025-01-05"},
        record="full",
    )


@pytest.fixture(scope="module")
def page(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ks.replay_page(run, tmp_path_factory.mktemp("page") / "campaign.html")


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    made: dict[str, Any] = json.loads(found[1])
    return made


def same(one: Run, other: Run) -> None:
    assert one.tables == other.tables
    for name in (
        "provenance",
        "scenario",
        "changes",
        "start",
        "cells",
        "decisions",
        "orders",
        "events",
    ):
        assert getattr(one, name) == getattr(other, name), name


class TestCarries:
    def test_the_run_comes_out_as_it_went_in(self, run: Run, page: Path) -> None:
        again = ks.load_run(page)
        same(again, run)
        assert again.events
        same(ks.replay(again), run)

    def test_without_events_the_rest_is_the_same(self, run: Run, tmp_path: Path) -> None:
        again = ks.load_run(ks.replay_page(run, tmp_path / "a.html", events=False))
        assert again.provenance == dataclasses.replace(run.provenance, record="summary")
        same(ks.replay(again), run)

    def test_events_are_left_out_of_what_would_be_too_large(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = made.page_of(run)
        assert whole.events
        monkeypatch.setattr(made, "MOST_BYTES", len(whole.text.encode()) - 1)
        less = made.page_of(run)
        assert not less.events
        assert len(less.text) < len(whole.text)
        assert made.page_of(run, events=True).text == whole.text

    def test_two_runs_come_out_each_by_its_number(self, run: Run, tmp_path: Path) -> None:
        other = ks.run("two-roads", seed=8, until="2025-01-14")
        page = ks.replay_page([run, other], tmp_path / "two.html")
        same(ks.load_run(page), run)
        same(ks.load_run(page, number=2), other)
        with pytest.raises(ks.BadUse, match="carries 2"):
            ks.load_run(page, number=3)

    def test_same_run_same_bytes(self, run: Run, page: Path) -> None:
        assert (
            made.page_of(ks.load_run(page)).text
            == page.read_text(encoding="utf-8")
            == made.page_of(run).text
        )

    def test_a_folder_has_one_run(self, run: Run, tmp_path: Path) -> None:
        folder = save(run, tmp_path / "run")
        with pytest.raises(ks.BadUse, match="one run"):
            ks.load_run(folder, number=2)


class TestSays:
    def test_control_follows_from_what_flips(self, run: Run, page: Path) -> None:
        data = data_of(page.read_text(encoding="utf-8"))
        shown = made.sheet_of([run]).shown
        assert {cell for _, cell, _, _ in run.changes} <= set(shown)
        held = [c == "1" for c in data["runs"][0]["start"]]
        for day in range(run.days):
            for cell in data["runs"][0]["flips"][day]:
                held[cell] = not held[cell]
            true = run.held(run.scenario.date(day))
            assert held == [true[i] for i in shown], day

    def test_ground_shown_is_all_ground_held(self, run: Run) -> None:
        sheet = made.sheet_of([run])
        terrain = terrain_of(run.scenario)
        assert set((terrain.held_0 & terrain.beyond).nonzero()[0].tolist()) <= set(sheet.shown)

    def test_figures_are_the_daily_table(self, run: Run, page: Path) -> None:
        daily = data_of(page.read_text(encoding="utf-8"))["runs"][0]["daily"]
        for column, values in daily.items():
            true = run.tables["daily"].columns[column]
            assert [v if v is not None else "none" for v in values] == [
                v if v == v else "none" for v in true
            ], column

    def test_losses_on_roads_are_the_legs_table(self, run: Run, page: Path) -> None:
        legs = data_of(page.read_text(encoding="utf-8"))["runs"][0]["legs"]
        for leg, rows in run.legs.groupby("leg"):
            assert legs[leg]["lost"] == rows["lost"].tolist()
            assert legs[leg]["trips"] == rows["trips"].tolist()

    def test_every_decision_is_there_with_its_why(self, run: Run, page: Path) -> None:
        decisions = data_of(page.read_text(encoding="utf-8"))["runs"][0]["decisions"]
        words = decisions["words"]
        told = [(row[0], *(words[k] for k in row[1:5])) for row in decisions["rows"]]
        assert told == [(d.day, d.side, d.policy, d.choice, d.rule) for d in run.decisions]

    def test_day_of_the_order_and_what_follows_is_told(self, run: Run, page: Path) -> None:
        told = data_of(page.read_text(encoding="utf-8"))["runs"][0]["happenings"]
        order = run.order_day
        assert order is not None
        assert "In the evening the order to withdraw is given." in told[order]
        lost = sum(run.tables["legs"].columns["lost"])
        counted = [re.match(r"Vehicles lost on the roads: (\d+)", s) for day in told for s in day]
        assert sum(int(m[1]) for m in counted if m) == lost
        assert any(s.startswith("Columns across the border") for day in told for s in day)

    def test_two_runs_are_told_apart_in_words(self, run: Run) -> None:
        other = ks.run("two-roads", seed=7, until="2025-01-14", set={"parameters.drone_teams": 0})
        names = [r["name"] for r in data_of(made.page_of([run, other]).text)["runs"]]
        assert len(set(names)) == 2
        assert names[0] == "no what-if"

    def test_ensemble_is_shown_with_its_most_usual_run(self) -> None:
        many = ks.ensemble("two-roads", replications=5, until="2025-01-10")
        page = made.page_of(many)
        data = data_of(page.text)
        held = many.matrix("held_km2")
        apart = ((held - many.median("held_km2")) ** 2).sum(1)
        assert page.runs[0].provenance.replication == many.numbers[int(apart.argmin())]
        assert data["ensemble"]["fan"]["median"] == pytest.approx(
            many.median("held_km2").tolist(), abs=0.006
        )
        fan = data["ensemble"]["fan"]
        assert fan["shown"] is None  # no tracker watches it
        assert [b["name"] for b in fan["bands"]] == [f"{middle(s)} of runs" for s in BANDS]
        for band, of_runs in zip(fan["bands"], BANDS, strict=True):
            low, high = many.quantile("held_km2", ends(of_runs))
            assert band["low"] == pytest.approx(low.tolist(), abs=0.006)
            assert band["high"] == pytest.approx(high.tolist(), abs=0.006)
        share = list(data["ensemble"]["share"])
        shown = made.sheet_of(page.runs).shown
        for day, steps in enumerate(data["ensemble"]["steps"]):
            for cell, percent in zip(steps[::2], steps[1::2], strict=True):
                share[cell] = percent
            true = list(many.control_probability(many.dates[day]).values())
            for cell, percent in zip(shown, share, strict=True):
                assert abs(percent - 100 * true[cell]) <= 5
                assert (percent == 0, percent == 100) == (true[cell] == 0, true[cell] == 1)

    def test_a_tracker_is_held_against_what_it_would_show(self) -> None:
        many = ks.ensemble("december-march", replications=2, until="2024-12-03")
        fan = data_of(made.page_of(many).text)["ensemble"]["fan"]
        assert f"would show ({tracker_error(many.scenario).brief()})" in fan["shown"]["name"]
        runs = fan["bands"][-1]
        for (low, high), (inner_low, inner_high) in zip(
            zip(fan["shown"]["low"], fan["shown"]["high"], strict=True),
            zip(runs["low"], runs["high"], strict=True),
            strict=True,
        ):
            assert low < inner_low <= inner_high < high

    def test_colours_are_those_of_the_pictures(self) -> None:
        style = (FOLDER / "page.css").read_text(encoding="utf-8").lower()
        for k, colour in enumerate(layers.FILLS.values()):
            assert f".c{k} {{ fill: {colour.lower()}; }}" in style
        shades, norm = layers.loss_scale()
        for k, percent in enumerate((0.2, 0.7, 1.5, 3.0, 7.0, 20.0)):
            assert f".l{k} {{ stroke: {to_hex(shades(norm(percent)))}; }}" in style

    def test_widths_of_text_are_those_of_the_font(self) -> None:
        for text in ("Kazachya Loknya", "from Sumy", "PL Hill / Gate (2)"):
            assert width(text, 8.6) == pytest.approx(text_width(text, 8.6), rel=0.01)
        for text in ("Größe", "Суджа", "Мартыновка", "Ψαρά"):  # by the mean of all letters
            assert width(text, 8.6) == pytest.approx(text_width(text, 8.6), rel=0.1)
        assert width("조선", 10.0) == 20.0
        assert width("e\u0301", 10.0) == width("e", 10.0)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str]:
    run = ks.run(
        hostile_scenario(tmp_path_factory.mktemp("hostile") / "s"),
        until="2025-01-06",
        record="full",
    )
    return run, made.page_of(run).text


class TestSafe:
    def test_hostile_text_stays_text(self, hostile: tuple[Run, str]) -> None:
        run, text = hostile
        assert run.scenario.title == HOSTILE
        assert "<img" not in text
        assert text.count("<script") == 3  # data, the run, the page's own
        assert text.count("</script") == 3
        assert data_of(text)["title"] == HOSTILE
        assert f"<title>{html.escape(HOSTILE)}</title>" in text

    def test_only_web_addresses_become_links(self, hostile: tuple[Run, str]) -> None:
        data = data_of(hostile[1])
        assert data["sources"][0][3] == ""
        assert "javascript:" not in json.dumps(data)

    def test_hostile_run_comes_out_as_it_went_in(
        self, hostile: tuple[Run, str], tmp_path: Path
    ) -> None:
        (tmp_path / "p.html").write_text(hostile[1], encoding="utf-8")
        same(ks.load_run(tmp_path / "p.html"), hostile[0])

    def test_policy_lets_in_the_pages_own_parts_alone(self, page: Path) -> None:
        text = page.read_text(encoding="utf-8")
        policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1])  # type: ignore[index]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        for tag, name in (("script", "page.js"), ("style", "page.css")):
            body = (FOLDER / name).read_text(encoding="utf-8")
            assert f"<{tag}>{body}</{tag}>" in text
            digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy

    def test_script_takes_nothing_for_markup(self) -> None:
        script = (FOLDER / "page.js").read_text(encoding="utf-8")
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "fetch(",
        ):
            assert word not in script, word
        assert max(map(len, script.splitlines())) <= 120


# -- broken pages ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    run = ks.run("two-roads", seed=7, until="2025-01-02")
    return ks.replay_page(run, tmp_path_factory.mktemp("short") / "short.html").read_bytes()


def refused(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(RunFileError) as caught:
        ks.load_run(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(str(path))
    return text


def packed(texts: object) -> bytes:
    body = base64.b64encode(lzma.compress(json.dumps(texts).encode()))
    return b'<script type="application/x-kursksim-run">' + body + b"</script>"


def texts_of(data: bytes) -> dict[str, str]:
    found = pagefile._BLOCK.search(data)
    assert found
    made: dict[str, str] = json.loads(lzma.decompress(base64.b64decode(found[1])))
    return made


class TestDamaged:
    @settings(max_examples=times(40), deadline=None)
    @given(draw=st.data())
    def test_any_damage_ends_in_the_run_or_in_one_line(
        self, draw: st.DataObject, short: bytes, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        path = tmp_path_factory.getbasetemp() / "damaged.html"
        block = pagefile._BLOCK.search(short)
        assert block
        first, last = draw.draw(st.sampled_from([(0, len(short)), block.span(1)]))
        start = draw.draw(st.integers(first, last - 1))
        end = draw.draw(
            st.integers(start, min(last, start + draw.draw(st.sampled_from([1, 50, 5000]))))
        )
        broken = short[:start] + draw.draw(st.binary(max_size=40)) + short[end:]
        path.write_bytes(broken)
        try:
            found = ks.load_run(path)
        except RunFileError as error:
            assert "\n" not in str(error)
        else:
            whole = pagefile._BLOCK.search(broken)
            assert whole
            assert b"".join(whole[1].split()) == b"".join(block[1].split())
            assert found.days == 2

    @settings(max_examples=times(30), deadline=None)
    @given(draw=st.data())
    def test_damage_inside_is_found_by_the_digests(
        self, draw: st.DataObject, short: bytes, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        texts = texts_of(short)
        name = draw.draw(st.sampled_from(sorted(texts)))
        at = draw.draw(st.integers(0, len(texts[name]) - 1))
        put = draw.draw(st.text(max_size=3))
        changed = texts[name][:at] + put + texts[name][at + 1 :]
        path = tmp_path_factory.getbasetemp() / "inside.html"
        path.write_bytes(packed({**texts, name: changed}))
        try:
            found = ks.load_run(path)
        except RunFileError as error:
            assert "\n" not in str(error)
        else:  # a change of run.json that says the same, or of what is said of a number
            assert changed.replace("\r\n", "\n") == texts[name] or name == "run.json"
            assert found.days == 2

    def test_each_missing_file_is_named(self, short: bytes, tmp_path: Path) -> None:
        texts = texts_of(short)
        for name in texts:
            less = {n: t for n, t in texts.items() if n != name}
            assert name in refused(tmp_path / "less.html", packed(less))

    @pytest.mark.parametrize(
        "other", [b"", b"<html></html>", b"\xff\xfe", b'<script type="application/x-kursksim-run">']
    )
    def test_a_page_without_a_run(self, other: bytes, tmp_path: Path) -> None:
        assert "carries no run" in refused(tmp_path / "p.html", other)

    @pytest.mark.parametrize("texts", [[], {"run.json": 1}, "text", {"run.json": "\ud800"}, None])
    def test_a_run_that_is_something_else(self, texts: object, tmp_path: Path) -> None:
        assert "damaged" in refused(tmp_path / "p.html", packed(texts))

    def test_a_run_nested_too_deep(self, tmp_path: Path) -> None:
        deep = base64.b64encode(lzma.compress(b"[" * 100_000))
        block = b'<script type="application/x-kursksim-run">' + deep + b"</script>"
        assert "damaged" in refused(tmp_path / "p.html", block)

    def test_a_run_that_unpacks_to_too_much(
        self, short: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pagefile, "LIMIT_BYTES", 2_000_000)
        monkeypatch.setattr("kursksim.runs.file.LIMIT_BYTES", 2_000_000)
        assert "larger than" in refused(tmp_path / "p.html", packed({"run.json": "0" * 3_000_000}))
        assert "larger than" in refused(tmp_path / "p.html", short + b" " * 2_000_000)

    def test_memory_that_a_page_may_ask_for_is_bounded(self, tmp_path: Path) -> None:
        big = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 * 1024 * 1024}]
        body = base64.b64encode(lzma.compress(b"{}", filters=big))
        block = b'<script type="application/x-kursksim-run">' + body + b"</script>"
        assert "damaged" in refused(tmp_path / "p.html", block)


# -- what cannot be shown or written ---------------------------------------------------------------------------------


class TestRefuses:
    @pytest.mark.parametrize("source", [None, [], "two-roads", [1, 2], 7])
    def test_what_is_no_run(self, source: Any, tmp_path: Path) -> None:
        with pytest.raises(ks.BadUse, match="a page takes"):
            ks.replay_page(source, tmp_path / "a.html")

    def test_runs_of_different_length(self, run: Run, tmp_path: Path) -> None:
        with pytest.raises(ks.BadUse, match="number of days must be the same"):
            ks.replay_page([run, ks.run("two-roads", until="2025-01-03")], tmp_path / "a.html")

    def test_runs_of_different_maps(self, run: Run, tmp_path: Path) -> None:
        other = ks.run("december-march", until="2024-12-02")
        with pytest.raises(ks.BadUse, match="different cells"):
            ks.replay_page([run, other], tmp_path / "a.html")

    def test_another_suffix(self, run: Run, tmp_path: Path) -> None:
        with pytest.raises(ks.BadUse, match=r"end in \.html"):
            ks.replay_page(run, tmp_path / "a.txt")

    def test_a_folder_in_its_place_and_no_folder(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a.html").mkdir()
        for path in (tmp_path / "a.html", tmp_path / "none" / "a.html"):
            with pytest.raises(ks.BadUse) as caught:
                ks.replay_page(run, path)
            assert "\n" not in str(caught.value)
        assert [p.name for p in tmp_path.iterdir()] == ["a.html"]

    def test_a_full_disk_leaves_the_earlier_page(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "a.html"
        target.write_text("earlier", encoding="utf-8")

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(ks.BadUse, match="No space left"):
            ks.replay_page(run, target)
        assert [p.name for p in tmp_path.iterdir()] == ["a.html"]
        assert target.read_text(encoding="utf-8") == "earlier"


@pytest.fixture(scope="module")
def saved(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(run, tmp_path_factory.mktemp("saved") / "run")


class TestCommand:
    def test_it_loads_neither_what_draws_nor_what_plays(self, page: Path, tmp_path: Path) -> None:
        code = "import sys; from kursksim.cli import main; main(sys.argv[1:]); print(*sys.modules)"
        command = ["replay", str(page), "-o", str(tmp_path / "again.html")]
        done = subprocess.run(
            [sys.executable, "-c", code, *command], capture_output=True, text=True, check=True
        )
        assert not {"matplotlib", "simpy", "pandas"} & set(done.stdout.split())
        assert (tmp_path / "again.html").is_file()

    def test_page_of_a_saved_run_and_of_its_page(
        self, run: Run, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second = str(tmp_path / "one.html"), str(tmp_path / "again.html")
        assert main(["replay", str(saved / "run.json"), "-o", first]) == 0
        assert first in capsys.readouterr().out
        assert main(["replay", first, "-o", second, "--json", "-"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["bytes"] == Path(second).stat().st_size
        assert said["days"] == run.days
        assert Path(first).read_bytes() == Path(second).read_bytes()

    def test_store_alone_and_as_the_fan_of_a_run(
        self, saved: Path, run: Run, tmp_path: Path
    ) -> None:
        store = str(tmp_path / "runs.sqlite")
        ks.ensemble("two-roads", replications=3, until=run.provenance.until, store=store)
        for words in ([store], [str(saved), "--fan", store]):
            out = tmp_path / "e.html"
            assert main(["replay", *words, "-o", str(out)]) == 0
            assert data_of(out.read_text(encoding="utf-8"))["ensemble"]["replications"] == 3

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["nothing-here", "-o", "a.html"], "no such file"),
            (["{saved}", "-o", "a.txt"], "end in .html"),
            (["{saved}", "-o", "none/a.html"], "does not exist"),
            (["{saved}", "-o", "."], "end in .html"),
            (["{saved}"], "-o"),
            (["{saved}", "{saved}", "{saved}", "-o", "a.html"], "one, or two"),
            (["{saved}", "-o", "a.html", "--fan", "nothing.sqlite"], "nothing.sqlite"),
            (["{saved}", "-o", "a\0.html"], "null"),
        ],
    )
    def test_what_is_refused_is_said_in_one_line(
        self, words: list[str], said: str, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        monkeypatch.chdir(tmp_path)
        assert main(["replay", *(w.format(saved=saved) for w in words)]) == 2
        ended = capsys.readouterr()
        assert ended.out == ""
        assert ended.err.count("\n") == 1
        assert said in ended.err
        assert list(tmp_path.iterdir()) == []
