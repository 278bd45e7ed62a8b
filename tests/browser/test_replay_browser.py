"""The page in headless Chromium: no complaint, no request, and on the screen what the run says.

Pictures of the pages are kept in the folder that KURSKSIM_SCREENSHOTS names.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from replay_kit import HOSTILE, Looked, browser, hostile_scenario

import kursksim as ks
from kursksim.replays import page as made
from kursksim.runs.record import Run
from kursksim.terrain.hexmap import terrain_of


def figures_agree(looked: Looked, run: Run, number: int = 0) -> int:
    """Every figure on the page is that of run.daily on the day that the page shows; returns how many there were."""
    day = int(looked.page.locator("#slider").input_value())
    row = run.daily.iloc[day]
    cells = looked.page.locator(f'td[data-run="{number}"]').evaluate_all(
        "all => all.map(c => [c.dataset.column, c.dataset.value, c.textContent])"
    )
    for column, exact, text in cells:
        true = row[column]
        if isinstance(true, str):
            assert text == true, column
        elif math.isnan(true):
            assert text == "–", column
        elif math.isfinite(true):
            assert float(exact) == true, column
            scale = 100 if column in SHARES else 1
            size = abs(true * scale)
            room = 0.5 if abs(true) >= 1000 else 0.05 if abs(true) >= 10 or scale == 100 else 0.005
            assert abs(abs(float(text.replace("−", "-"))) - size) <= room + 1e-9, (
                column,
                text,
                true,
            )
    return len(cells)


SHARES = {c for group in made.FIGURES.values() for c, (_, unit) in group.items() if unit == "%"}


def held_cells(looked: Looked, number: int = 0) -> int:
    """Cells beyond the border that the map shows as held, of those that ever change hands."""
    count: int = looked.page.locator(".map").nth(number).locator("path.cell.c1").count()
    return count


def true_cells(run: Run, day: int) -> int:
    """The same from the run; the cells that never change are one more element."""
    terrain = terrain_of(run.scenario)
    held, turning = run.held(run.scenario.date(day)), {cell for _, cell, _, _ in run.changes}
    still = any(
        held[i] and terrain.beyond[i] and i not in turning for i in made.sheet_of([run]).shown
    )
    return sum(held[i] and bool(terrain.beyond[i]) for i in turning) + still


@pytest.mark.slow
def test_page_of_a_run(tmp_path: Path) -> None:
    """The quick one: figures, map, keyboard, address, text alternatives, reduced motion, hostile text."""
    run = ks.run("two-roads", seed=7, policy={"holder": "fixed_date:2025-01-08"})
    page = ks.replay_page(run, tmp_path / "campaign.html")
    bad = ks.replay_page(
        ks.run(hostile_scenario(tmp_path / "s"), until="2025-01-05", record="full"),
        tmp_path / "bad.html",
    )
    with browser(reduced_motion="reduce") as context:
        looked = Looked(context, page)
        assert "1 January 2025, day 0" in looked.text("#date")
        assert figures_agree(looked, run) > 30
        front = looked.page.locator(".map path.front")
        first = front.get_attribute("d")
        assert held_cells(looked) == true_cells(run, 0)

        keyboard(looked, run)
        assert front.get_attribute("d") != first
        assert held_cells(looked) == true_cells(run, run.days - 1)
        assert figures_agree(looked, run) > 30

        alternatives(looked)
        assert looked.page.locator("#speed").input_value() == "1"

        linked = Looked(context, page, "#day=2025-01-09")
        assert "9 January 2025, day 8" in linked.text("#date")
        assert "The holder" in linked.text("#told") or "Blue" in linked.text("#told")
        linked.page.evaluate("location.hash = '#day=2026-05-01'")
        linked.wait_until(
            "document.getElementById('now').textContent.includes('not a day of this run')"
        )

        hostile = Looked(context, bad, "#day=2025-01-04")
        assert hostile.page.title() == HOSTILE
        assert hostile.page.evaluate("window.hit") is None
        assert hostile.page.locator("img").count() == 0
        assert HOSTILE in hostile.text("#told")
        assert hostile.page.locator("a[href^=javascript]").count() == 0
        assert looked.said == linked.said == hostile.said == []


@pytest.mark.slow
def test_page_of_a_run_that_begins_from_a_state(tmp_path: Path) -> None:
    """Its days are those of the campaign: date, figures and map on the first and the last of them."""
    whole = ks.run("two-roads", seed=7, policy={"holder": "fixed_date:2025-01-08"})
    run = ks.run("two-roads", begin=whole.state("2025-01-09"))
    page = ks.replay_page(run, tmp_path / "rest.html")
    with browser() as context:
        looked = Looked(context, page)
        assert "10 January 2025, day 9" in looked.text("#date")
        assert figures_agree(looked, run) > 30
        assert held_cells(looked) == true_cells(run, 9)
        assert looked.page.locator(".map path.fresh").get_attribute("d")
        linked = Looked(context, page, f"#day={run.provenance.until}")
        assert f"day {run.played[-1]}" in linked.text("#date")
        assert figures_agree(linked, run) > 30
        assert held_cells(linked) == true_cells(run, run.played[-1])
        assert looked.said == linked.said == []


def keyboard(looked: Looked, run: Run) -> None:
    """Arrows step, space plays and pauses, End on the slider goes to the last day, Tab goes through the controls."""
    date = looked.page.locator("#date")
    looked.press("ArrowRight", "ArrowRight", "ArrowLeft")
    assert date.inner_text().endswith("day 1")
    assert looked.page.url.endswith("#day=2025-01-02")
    looked.press(" ")
    assert looked.text("#play") == "Pause"
    assert looked.page.locator("#now").get_attribute("aria-live") == "off"
    looked.wait_until("Number(document.getElementById('slider').value) > 1")
    looked.press(" ")
    assert looked.text("#play") == "Play"
    assert looked.page.locator("#now").get_attribute("aria-live") == "polite"
    order = []
    for _ in range(6):
        looked.press("Tab")
        order.append(looked.page.evaluate("document.activeElement.id"))
    assert order == ["back", "play", "forward", "slider", "speed", "link"]
    looked.page.locator("#slider").focus()
    looked.press("End")
    assert date.inner_text().endswith(f"day {run.days - 1}")


def alternatives(looked: Looked) -> None:
    """Every picture says in words what it shows, and of which day."""
    pictures = looked.page.locator("svg:not([aria-hidden=true])")
    words = pictures.evaluate_all(
        "all => all.map(s => [s.getAttribute('role'), s.getAttribute('aria-label')])"
    )
    assert len(words) >= 11  # map, ground held, nine links of the chain
    for role, label in words:
        assert role == "img"
        assert "21 January 2025" in label
    rows = looked.page.locator("#every tbody tr")
    looked.page.locator("#every summary").click()
    rows.last.wait_for()  # the table is filled when the page hears that it is open
    assert rows.count() == 21


@pytest.mark.slow
def test_two_runs_and_their_difference(tmp_path: Path) -> None:
    runs = [
        ks.run("two-roads", seed=7),
        ks.run("two-roads", seed=7, set={"parameters.drone_teams": 0}),
    ]
    with browser() as context:
        looked = Looked(context, ks.replay_page(runs, tmp_path / "two.html"), "#day=2025-01-15")
        for number, run in enumerate(runs):
            assert figures_agree(looked, run, number) > 30
            assert held_cells(looked, number) == true_cells(run, 14)
        shown = (
            looked.page.locator("tr", has=looked.page.locator('td[data-column="held_km2"]'))
            .locator("td")
            .nth(2)
        )
        true = runs[1].daily["held_km2"][14] - runs[0].daily["held_km2"][14]
        assert abs(float(shown.inner_text().replace("−", "-")) - true) <= 0.05
        one, other = (run.held("2025-01-15") for run in runs)
        apart = sum(one[i] != other[i] for i in made.sheet_of(runs).shown)
        drawn = looked.page.locator(".map path.apart").first.get_attribute("d") or ""
        assert drawn.count("Z") == apart
        looked.picture("two-runs", tmp_path)
        assert looked.said == []


@pytest.mark.slow
def test_ensemble_has_a_fan_and_a_map_of_shares(tmp_path: Path) -> None:
    many = ks.ensemble("two-roads", replications=8)
    with browser() as context:
        looked = Looked(context, ks.replay_page(many, tmp_path / "many.html"), "#day=2025-01-21")
        assert looked.page.locator("path.band-outer").count() == 1
        assert looked.page.locator("path.band-shown").count() == 0  # no tracker watches it
        assert "8 runs" in str(looked.page.locator(".map").get_attribute("aria-label"))
        fills = set(
            looked.page.locator(".map path.cell").evaluate_all("all => all.map(c => c.style.fill)")
        )
        assert len(fills) > 2
        looked.picture("ensemble", tmp_path)
        looked.page.get_by_label("one run").check()
        assert set(
            looked.page.locator(".map path.cell").evaluate_all("all => all.map(c => c.style.fill)")
        ) == {""}
        assert looked.said == []


@pytest.mark.slow
def test_the_large_campaign_fits_and_agrees(tmp_path: Path) -> None:
    run = ks.run("december-march", seed=7, record="full")
    page = ks.replay_page(run, tmp_path / "campaign.html")
    assert page.stat().st_size < 1_000_000
    with browser() as context:
        looked = Looked(context, page)
        for date in ("2024-12-01", "2025-01-12", "2025-02-15", "2025-03-12", "2025-03-31"):
            looked.page.evaluate(f"location.hash = '#day={date}'")
            looked.wait_until(f"document.getElementById('slider').value == '{run.day(date)}'")
            assert figures_agree(looked, run) > 30
            assert held_cells(looked) == true_cells(run, run.day(date))
            looked.picture(f"run-{date}", tmp_path)
        looked.page.set_viewport_size({"width": 800, "height": 900})
        assert looked.page.evaluate("document.documentElement.scrollWidth") <= 800
        looked.picture("run-800", tmp_path)
        assert looked.said == []


@pytest.mark.slow
def test_two_large_runs_fit(tmp_path: Path) -> None:
    runs = [
        ks.run("december-march", seed=7),
        ks.run("december-march", seed=7, what_if="order-feb-01"),
    ]
    page = ks.replay_page(runs, tmp_path / "two.html")
    assert page.stat().st_size < 1_000_000
    with browser() as context:
        looked = Looked(context, page, "#day=2025-03-08")
        for number, run in enumerate(runs):
            assert figures_agree(looked, run, number) > 30
        looked.picture("two-large-runs", tmp_path)
        assert looked.said == []
