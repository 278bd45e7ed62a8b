"""Pictures: what they show is what the run says; nothing else is touched."""

from __future__ import annotations

import csv
import dataclasses
import gc
import math
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from statistics import NormalDist
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.evidence.tracker import tracker_error
from kursksim.intervals import BANDS, WIDEST, ends, middle
from kursksim.plot import hexes, layers
from kursksim.plot.held import fall_of_key_place
from kursksim.plot.levels import level_lines
from kursksim.plot.links import weekly
from kursksim.plot.marks import rows_of
from kursksim.plot.output import figure_of
from kursksim.plot.style import DPI
from kursksim.runs.record import Run
from kursksim.scenario import catalogue
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import KM2_PER_SQ_MI

MARCH = Path(ks.__file__).parents[1] / "scenarios" / "december-march" / "observed" / "held_area.csv"


@pytest.fixture(scope="module")
def small() -> Run:
    """A short run of the small campaign with an order, so that every mark has something to show."""
    return ks.run(
        "two-roads", seed=7, until="2025-01-14", policy={"holder": "fixed_date:2025-01-05"}
    )


@pytest.fixture(scope="module")
def large() -> Run:
    return ks.run("december-march", until="2024-12-28")


def observed() -> list[SimpleNamespace]:
    with MARCH.open(encoding="utf-8", newline="") as lines:
        return [
            SimpleNamespace(
                date=row["date"], kind=row["kind"], source=row["source"], held_km2=float(row["held_km2"]),
                held_plus_grey_km2=float(row["held_plus_grey_km2"] or "nan"),
            )
            for row in csv.DictReader(lines)
        ]  # fmt: skip


def by_gid(ax: Any, gid: str) -> Any:
    found = [a for a in ax.get_children() if a.get_gid() == gid]
    assert len(found) == 1, f"{len(found)} artists with gid {gid}"
    return found[0]


def pixels(figure: Figure) -> Any:
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]


def texts(figure: Figure) -> list[str]:
    from matplotlib.text import Text

    return [t.get_text() for t in figure.findobj(Text)]  # type: ignore[attr-defined]


class TestImport:
    def test_importing_the_package_does_not_import_matplotlib(self) -> None:
        code = "import sys, kursksim.plot; sys.exit('matplotlib' in sys.modules or 'kursksim.engine.engine' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

    def test_drawing_needs_no_pyplot(self) -> None:
        code = (
            "import sys, kursksim as ks; r = ks.run('two-roads', until='2025-01-03'); p = ks.plot\n"
            "p.held_area(r); p.map(r, '2025-01-02'); p.chain(r); p.maps(r)\n"
            "sys.exit('matplotlib.pyplot' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestHeldArea:
    def test_curve_is_the_daily_table(self, small: Run) -> None:
        line = by_gid(ks.plot.held_area(small), "held_km2")
        assert line.get_ydata().tolist() == small.daily["held_km2"].tolist()
        assert np.diff(line.get_xdata()).tolist() == [1.0] * (small.days - 1)

    def test_axes_have_units(self, small: Run) -> None:
        ax = ks.plot.held_area(small)
        assert "km²" in ax.get_ylabel()
        assert any("square miles" in t for t in texts(figure_of(ax)))

    def test_square_miles_are_the_same_ground(self, small: Run) -> None:
        ax = ks.plot.held_area(small)
        figure_of(ax).canvas.draw()
        other = ax.child_axes[0]
        assert other.get_ylim()[1] == pytest.approx(ax.get_ylim()[1] / KM2_PER_SQ_MI)

    def test_names_the_order_and_the_inputs(self, small: Run) -> None:
        written = "\n".join(texts(figure_of(ks.plot.held_area(small))))
        assert "order to withdraw, evening of 5 Jan" in written
        assert "Drone teams arrive" in written

    def test_observations_of_each_kind_are_marked(self, large: Run) -> None:
        ax = ks.plot.held_area(large, observed=observed())
        figure = figure_of(ax)
        assert {"map tracker", "tracker's contested zone"} <= set(texts(figure))
        marked = [line for line in ax.lines if line.get_label() == "map tracker"]
        expected = [
            o.held_km2
            for o in observed()
            if o.kind == "tracker" and "2024-12-01" <= o.date <= "2024-12-28"
        ]
        assert list(marked[0].get_ydata()) == expected

    def test_observations_can_be_left_out(self, large: Run) -> None:
        for nothing in (False, ()):
            assert "map tracker" not in texts(figure_of(ks.plot.held_area(large, observed=nothing)))

    def test_foot_line_is_the_provenance(self, small: Run) -> None:
        assert small.provenance.line() in texts(figure_of(ks.plot.held_area(small)))

    def test_given_axes_are_used_and_keep_their_figure(self, small: Run) -> None:
        figure = Figure()
        ax = figure.subplots()
        assert ks.plot.held_area(small, ax) is ax
        assert small.provenance.line() not in texts(figure)

    def test_fall_of_the_key_place_is_that_of_the_map(self, small: Run) -> None:
        cell = small.cells[terrain_of(small.scenario).place_cell["Hill"]]
        lost = [small.control(d)[cell] == "attacker" for d in small.daily["date"]]
        assert fall_of_key_place(small) == (lost.index(True) if any(lost) else None)


class TestFan:
    @pytest.fixture
    def ensemble(self, small: Run) -> SimpleNamespace:
        held = small.daily["held_km2"].to_numpy()
        values = np.array([held * f for f in np.linspace(0.8, 1.2, 21)])
        dates = small.daily["date"].tolist()
        return SimpleNamespace(
            scenario=small.scenario,
            seed=1,
            played="",
            dates=dates,
            days=len(dates),
            matrix=lambda column: values,
        )

    def test_median_and_bands(self, small: Run, ensemble: SimpleNamespace) -> None:
        ax = ks.plot.fan(ensemble)
        assert by_gid(ax, "held_km2").get_ydata() == pytest.approx(
            small.daily["held_km2"].to_numpy()
        )
        bands = {f"{middle(share)} of runs" for share in BANDS}
        assert {"median of runs", *bands} <= set(texts(figure_of(ax)))
        assert any("21 replications" in t for t in texts(figure_of(ax)))

    def test_given_axes_are_used(self, ensemble: SimpleNamespace) -> None:
        ax = Figure().subplots()
        assert ks.plot.fan(ensemble, ax) is ax

    def test_what_a_tracker_would_show_contains_its_error(self, large: Run) -> None:
        """Of one run often: as far from it as the ends of a normal of the tracker's error."""
        held = np.repeat(large.daily["held_km2"].to_numpy()[None, :], 3, axis=0)
        many = SimpleNamespace(
            scenario=large.scenario,
            seed=1,
            played="",
            dates=large.daily["date"].tolist(),
            days=large.days,
            matrix=lambda column: held,
        )
        ax, error = ks.plot.fan(many), tracker_error(large.scenario)
        said = texts(figure_of(ax))
        assert f"{middle(WIDEST)} of what a tracker would show ({error.brief()})" in said
        far = NormalDist().inv_cdf(ends(WIDEST)[1]) * error.sd(held[0])
        for gid, side in (("shown_low", -1), ("shown_high", 1)):
            drawn = by_gid(ax, gid).get_ydata() - held[0]
            assert drawn == pytest.approx(side * far, rel=0.06)  # slices are coarse
        bare = texts(figure_of(ks.plot.fan(many, observed=False)))
        assert not any("tracker" in text for text in bare)


class TestMap:
    def test_one_hexagon_for_each_cell_in_the_picture(self, small: Run, large: Run) -> None:
        for run in (small, large):
            ax = ks.plot.map(run, run.provenance.until)
            drawn = {tuple(p.vertices[0]) for p in by_gid(ax, "cells").get_paths()}
            (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
            rings = hexes.outlines(terrain_of(run.scenario))
            assert len(drawn) == len(by_gid(ax, "cells").get_paths()) <= len(rings)
            for ring in rings:
                inside = (ring > (west, south)) & (ring < (east, north))
                if inside.all(axis=1).any():  # a corner can be seen
                    assert tuple(ring[0]) in drawn

    def test_colours_follow_the_owner(self, small: Run) -> None:
        drawn = by_gid(ks.plot.map(small, "2025-01-14"), "cells")
        centres = terrain_of(small.scenario).xy_km
        owner = small.held("2025-01-14")
        found: dict[bool, set[tuple[float, ...]]] = {True: set(), False: set()}
        for path, colour in zip(drawn.get_paths(), drawn.get_facecolors(), strict=True):
            off = centres - path.vertices[:-1].mean(axis=0)
            found[owner[int((off**2).sum(1).argmin())]].add(tuple(colour))
        assert all(found.values())
        assert not found[True] & found[False]

    def test_hatch_on_what_changed_in_the_last_days(self, small: Run) -> None:
        ax = ks.plot.map(small, "2025-01-14")
        fresh = {cell for day, cell, _, _ in small.changes if 13 - layers.FRESH_DAYS < day <= 13}
        assert fresh
        assert len(by_gid(ax, "fresh").get_segments()) == 2 * len(fresh)

    def test_title_has_date_and_areas(self, small: Run) -> None:
        title = ks.plot.map(small, "2025-01-02").get_title(loc="left")
        held = small.daily["held_km2"][1]
        assert (
            title == f"2 January 2025, dusk: {held:.0f} km² ({held / KM2_PER_SQ_MI:.0f} sq mi) held"
        )

    def test_scale_bar_is_true(self, small: Run) -> None:
        ax = ks.plot.map(small, "2025-01-02")
        x = by_gid(ax, "scale").get_xdata()
        assert f"{x[1] - x[0]:g} km" in texts(figure_of(ax))
        assert ax.get_aspect() == 1.0

    def test_depot_stands_where_the_table_says(self, small: Run) -> None:
        terrain = terrain_of(small.scenario)
        mark = by_gid(ks.plot.map(small, "2025-01-02"), "depot")
        place = next(p for p in small.scenario.places if p.id == small.daily["depot"][1])
        assert terrain.plane is not None
        assert [mark.get_xdata()[0], mark.get_ydata()[0]] == pytest.approx(
            terrain.plane.xy(np.array([[place.lon, place.lat]]))[0].tolist()
        )

    def test_names_do_not_overlap(self, large: Run) -> None:
        ax = ks.plot.map(large, "2024-12-20")
        figure = figure_of(ax)
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        towns = {p.id for p in large.scenario.places}
        boxes = [
            t.get_window_extent(renderer).shrunk(0.96, 0.7)
            for t in ax.texts
            if t.get_text() in towns
        ]
        assert len(boxes) > 8
        clashes = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
        assert not clashes

    def test_given_axes_are_used(self, small: Run) -> None:
        ax = Figure().subplots()
        assert ks.plot.map(small, "2025-01-02", ax) is ax

    def test_unplayed_date(self, small: Run) -> None:
        with pytest.raises(BadUse, match="outside this run"):
            ks.plot.map(small, "2025-03-01")

    def test_lattice_without_a_globe(self, small: Run) -> None:
        terrain = dataclasses.replace(terrain_of(small.scenario), plane=None)
        rings = hexes.outlines(terrain)
        assert len(rings) == len(terrain.cells)
        area = [
            0.5 * abs(np.dot(r[:, 0], np.roll(r[:, 1], 1)) - np.dot(r[:, 1], np.roll(r[:, 0], 1)))
            for r in rings
        ]
        assert area == pytest.approx([math.sqrt(3) / 2 * terrain.pitch_km**2] * len(rings))


def length(line: Any) -> float:
    return float(np.hypot(*np.diff(np.asarray(line), axis=0).T).sum())


class TestLayers:
    def test_front_lies_between_owners_and_not_on_a_quiet_border(self, small: Run) -> None:
        terrain = terrain_of(small.scenario)
        held = np.array(small.start)
        beyond = terrain.beyond
        expected = sum(
            held[i] != held[j] and bool(beyond[i]) == bool(beyond[j])
            for i, row in enumerate(terrain.neighbours.tolist())
            for j in row
            if j > i
        )
        assert len(hexes.edges(terrain, held)) == expected > 0

    def test_edges_are_hexagon_edges(self, small: Run) -> None:
        terrain = terrain_of(small.scenario)
        lines = hexes.edges(terrain, np.array(small.start))
        length = np.hypot(*(lines[:, 1] - lines[:, 0]).T)
        assert length == pytest.approx(terrain.edge_km.mean(), rel=0.25)

    def test_loss_rates_are_those_of_the_last_week(self, small: Run) -> None:
        legs = small.legs
        week = (
            legs[(legs["date"] > "2025-01-05") & (legs["date"] <= "2025-01-12")]
            .groupby("leg")[["lost", "trips"]]
            .sum()
        )
        week = week[week["trips"] > 0]
        assert layers.loss_rates(small, 11) == pytest.approx(
            (week["lost"] / week["trips"]).to_dict()
        )

    def test_phase_lines_are_levels_of_the_way_out(self, large: Run) -> None:
        far, levels = layers.phase_levels(large, terrain_of(large.scenario))
        assert np.isfinite(far).any()
        assert levels["Malaya Loknya"] > levels["Kazachya Loknya"] > levels["Goncharovka"] > 0

    def test_level_lines_are_those_of_matplotlib(self, large: Run) -> None:
        terrain = terrain_of(large.scenario)
        far, levels = layers.phase_levels(large, terrain)
        mesh = hexes.triangles(terrain, np.isfinite(far))
        grid = Triangulation(*terrain.xy_km.T, mesh)
        values = np.where(np.isfinite(far), far, 0.0)
        for km in levels.values():
            ours = level_lines(terrain.xy_km, mesh, far, km)
            theirs = Figure().add_subplot().tricontour(grid, values, levels=[km]).get_paths()[0]
            points = np.array([p for line in ours for p in line])
            apart = np.hypot(*(points[:, None] - theirs.vertices).T)
            assert max(apart.min(0).max(), apart.min(1).max()) < 1e-9
            assert sum(map(length, ours)) == pytest.approx(
                sum(map(length, theirs.to_polygons(closed_only=False)))
            )

    def test_a_closed_level_line_ends_where_it_begins(self) -> None:
        ring = [(math.cos(a), math.sin(a)) for a in np.arange(6) * math.pi / 3]
        mesh = np.array([(0, 1 + k, 1 + (k + 1) % 6) for k in range(6)])
        values = np.array([1.0, 0, 0, 0, 0, 0, 0])
        (line,) = level_lines(np.array([(0.0, 0.0), *ring]), mesh, values, 0.5)
        assert line[0] == line[-1]
        assert len(line) == 7
        assert np.hypot(*np.array(line).T) == pytest.approx([0.5] * 7)
        assert level_lines(np.array([(0.0, 0.0), *ring]), mesh, values, 2.0) == []

    def test_exit_distance_counts_cells(self, small: Run) -> None:
        terrain = terrain_of(small.scenario)
        far = hexes.exit_distance(terrain, terrain.held_0)
        assert (far[terrain.exits] == 0).all()
        assert np.isinf(far[~terrain.held_0]).all()
        steps = far[np.isfinite(far)] / terrain.pitch_km
        assert steps == pytest.approx(np.round(steps))


class TestChain:
    def test_four_panels_share_the_dates(self, small: Run) -> None:
        axes = ks.plot.chain(small)
        assert axes.shape == (4,)
        assert {ax.get_xlim() for ax in axes} == {axes[0].get_xlim()}
        axes[0].set_xlim(20000, 20010)
        assert axes[3].get_xlim() == (20000, 20010)

    def test_curves_are_the_daily_table(self, small: Run) -> None:
        axes, daily = ks.plot.chain(small), small.daily
        assert by_gid(axes[0], "msr_reach").get_ydata() == pytest.approx(
            100 * daily["msr_reach"].to_numpy()
        )
        for name in ("vehicles_serviceable", "vehicles_in_repair", "vehicles_destroyed"):
            assert by_gid(axes[1], name).get_ydata().tolist() == daily[name].tolist()
        assert (
            by_gid(axes[2], "days_of_supply").get_ydata().tolist()
            == daily["days_of_supply"].tolist()
        )
        assert by_gid(axes[3], "force_ratio").get_ydata() == pytest.approx(
            daily["force_ratio"].to_numpy(), nan_ok=True
        )

    def test_labels_name_units(self, small: Run) -> None:
        written = texts(figure_of(ks.plot.chain(small)))
        for label in (
            "mean reach (%)",
            "loss per trip (%)",
            "supply vehicles",
            "stock\n(days of supply)",
            "force ratio\n(to 1)",
        ):
            assert label in written

    def test_pushes_and_pauses_have_a_band_where_the_attackers_men_are_counted(
        self, small: Run, large: Run
    ) -> None:
        def rows(run: Run) -> tuple[list[str], list[str]]:
            (band,) = ks.plot.chain(run)[0].child_axes
            return [t.get_text() for t in band.get_yticklabels()], [
                t.get_text() for t in band.texts
            ]

        names, words = rows(large)
        assert names == ["mud", "bad flying", "offensive", "phase"]
        pushing = large.tables["daily"].columns["attacker_pushing"]
        assert [word for word in words if word in ("push", "pause")] == [
            "push" if now else "pause" for now, _ in groupby(pushing)
        ]
        assert rows(small)[0] == ["mud", "bad flying", "phase"]

    def test_nothing_is_counted_into_a_picture_beyond_its_figure(self, small: Run) -> None:
        figure = figure_of(ks.plot.chain(small))
        figure.canvas.draw()
        box = figure.get_tightbbox(figure.canvas.get_renderer())  # type: ignore[attr-defined]
        width, height = figure.get_size_inches()
        assert (box.x0, box.y0) >= (0, 0)
        assert box.x1 <= width and box.y1 <= height

    def test_given_axes_are_used(self, small: Run) -> None:
        given = Figure().subplots(4, 1)
        made = ks.plot.chain(small, given)
        assert all(a is b for a, b in zip(made, given, strict=True))
        with pytest.raises(BadUse, match="four"):
            ks.plot.chain(small, given[:2])

    def test_weekly_mean_skips_days_without_a_value(self) -> None:
        nan = math.nan
        got = weekly(np.array([1.0, nan, 3.0, nan, 5.0, 5.0, 5.0, 5.0, 5.0]))
        # the eighth day still sees the second, the ninth no longer does
        assert got == pytest.approx(
            [1, nan, 2, nan, 9 / 3, 14 / 4, 19 / 5, 23 / 5, 28 / 6], nan_ok=True
        )


class TestMaps:
    def test_first_and_last_day_are_shown(self, small: Run) -> None:
        axes = ks.plot.maps(small)
        titles = [ax.get_title(loc="left") for ax in axes]
        assert 6 <= len(titles) <= 8
        assert titles[0].startswith("1 Jan 2025")
        assert titles[-1].startswith("14 Jan 2025")

    def test_chosen_dates_and_a_given_figure(self, small: Run) -> None:
        figure = Figure(figsize=(8, 4))
        axes = ks.plot.maps(small, ["2025-01-02", "2025-01-09"], figure)
        assert [ax.get_title(loc="left")[:5] for ax in axes] == ["2 Jan", "9 Jan"]
        assert all(ax.figure is figure for ax in axes)
        assert [len(by_gid(ax, "front").get_segments()) for ax in axes] == [
            len(hexes.edges(terrain_of(small.scenario), np.array(small.held(date))))
            for date in ("2025-01-02", "2025-01-09")
        ]

    def test_no_dates(self, small: Run) -> None:
        with pytest.raises(BadUse, match="at least one"):
            ks.plot.maps(small, [])


class TestManners:
    def test_caller_s_settings_and_pyplot_stay_as_they_were(self, small: Run) -> None:
        import matplotlib
        from matplotlib import pyplot

        before = dict(matplotlib.rcParams)
        ks.plot.held_area(small)
        ks.plot.map(small, "2025-01-02")
        ks.plot.chain(small)
        ks.plot.maps(small, ["2025-01-02"])
        assert dict(matplotlib.rcParams) == before
        assert pyplot.get_fignums() == []

    def test_the_run_is_not_changed(self, small: Run) -> None:
        before = list(small.tables["daily"].text_rows())
        ks.plot.held_area(small)
        ks.plot.chain(small)
        assert list(small.tables["daily"].text_rows()) == before

    def test_one_day(self) -> None:
        run = ks.run("two-roads", until="2025-01-01")
        figure_of(ks.plot.held_area(run)).canvas.draw()
        figure_of(ks.plot.chain(run)).canvas.draw()
        assert len(ks.plot.maps(run)) == 1

    def test_small_ticks_are_the_days_and_stay_below_the_axes(self, small: Run) -> None:
        ax = ks.plot.held_area(small)
        ticks, days = by_gid(ax, "ticks"), by_gid(ax, "held_km2").get_xdata()
        assert [segment[0][0] for segment in ticks.get_segments()] == days.tolist()
        ax.set_xlim(days[3] - 0.5, days[6] + 0.5)  # a caller looks at some days
        with_ticks = pixels(figure_of(ax))
        ticks.set_visible(False)
        rows, columns = np.nonzero((pixels(figure_of(ax)) != with_ticks).any(axis=2))
        frame = ax.get_window_extent()
        assert frame.x0 <= columns.min() < columns.max() <= frame.x1
        assert rows.min() >= len(with_ticks) - frame.y0 - 1

    def test_garbage_is_looked_for_again_after_pictures(self, small: Run, tmp_path: Path) -> None:
        ks.plot.pictures(small, tmp_path)
        assert gc.isenabled()
        with pytest.raises(OSError, match="held_area"):
            ks.plot.pictures(small, tmp_path / "no folder")
        assert gc.isenabled()

    def test_numbers_too_close_climb(self, small: Run) -> None:
        one = small.scenario.inputs[0]
        assert rows_of([one, one, one], 3.0) == [0, 1, 2]


class TestSave:
    @pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
    def test_same_bytes_for_the_same_run(self, small: Run, tmp_path: Path, suffix: str) -> None:
        first = ks.plot.save(ks.plot.map(small, "2025-01-09"), tmp_path / f"a{suffix}")
        again = ks.run(
            "two-roads", seed=7, until="2025-01-14", policy={"holder": "fixed_date:2025-01-05"}
        )
        second = ks.plot.save(ks.plot.map(again, "2025-01-09"), tmp_path / f"b{suffix}")
        assert first.read_bytes() == second.read_bytes()
        assert sorted(p.name for p in tmp_path.iterdir()) == [f"a{suffix}", f"b{suffix}"]

    def test_axes_arrays_and_figures(self, small: Run, tmp_path: Path) -> None:
        axes = ks.plot.chain(small)
        one = ks.plot.save(axes, tmp_path / "a.png").read_bytes()
        assert one == ks.plot.save(axes[0].figure, tmp_path / "b.png").read_bytes()
        assert one[:8] == b"\x89PNG\r\n\x1a\n"

    def test_a_png_holds_the_pixels_that_were_drawn(self, small: Run, tmp_path: Path) -> None:
        from PIL import Image

        ax = ks.plot.map(small, "2025-01-09")
        with Image.open(ks.plot.save(ax, tmp_path / "a.png")) as read:
            assert read.info["dpi"] == pytest.approx((DPI, DPI), abs=0.02)
            found = np.array(read)
        with rc_context({"text.hinting": "no_hinting", "hatch.linewidth": 0.5}):
            assert np.array_equal(found, pixels(figure_of(ax)))
        figure_of(ax).set_dpi(72)  # a size on the screen is not that in the file
        with Image.open(ks.plot.save(ax, tmp_path / "b.png")) as read:
            assert np.array_equal(found, np.array(read))

    def test_nothing_is_left_of_a_failure(self, small: Run, tmp_path: Path) -> None:
        with pytest.raises(BadUse, match="pictures are written as"):
            ks.plot.save(ks.plot.chain(small), tmp_path / "a.gif")
        with pytest.raises(BadUse, match="neither a figure nor axes"):
            ks.plot.save("chain", tmp_path / "a.png")
        (tmp_path / "b.png").mkdir()
        with pytest.raises(OSError, match=r"b\.png"):
            ks.plot.save(ks.plot.chain(small), tmp_path / "b.png")
        assert [p.name for p in tmp_path.iterdir()] == ["b.png"]


@pytest.mark.parametrize("odd", ["$^$", "漢字", "\u202e\u0627\u0644", "_x", "x" * 70])
def test_names_are_drawn_as_they_are(tmp_path: Path, odd: str) -> None:
    """No name is read as a formula, and one that no font has costs none of matplotlib's warnings."""
    text = (catalogue.find("two-roads") / "scenario.toml").read_text("utf-8")
    text = (
        text.replace('"Hill"', f'"Hill{odd}"')
        .replace('"Two roads"', f"'{odd} $\\frac$'")
        .replace('"Tip"', f'"{odd}"')
    )
    (tmp_path / "odd.toml").write_text(text, "utf-8")
    run = ks.run(
        tmp_path / "odd.toml",
        seed=1,
        until="2025-01-05",
        policy={"holder": "fixed_date:2025-01-02"},
    )
    made = run.save(tmp_path / "run", draw=ks.plot.pictures)
    assert {"held_area.png", "chain.png", "map.png"} <= {p.name for p in made.iterdir()}
