"""Moving pictures of a run: frames, speed, size, and what is refused."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import kursksim as ks
from kursksim.plot import animation
from kursksim.runs.record import Run


@pytest.fixture(scope="module")
def run() -> Run:
    return ks.run("two-roads", seed=7, until="2025-01-06")


def test_one_frame_a_few_days_and_always_the_last(run: Run, tmp_path: Path) -> None:
    path = ks.plot.animate(run, tmp_path / "c.gif", every=4, days_per_second=4, width_px=400)
    assert path == tmp_path / "c.gif"
    with Image.open(path) as made:
        assert made.width == 400
        assert made.n_frames == 3  # days 0, 4, 5
        shown = []
        for n in range(made.n_frames):
            made.seek(n)
            shown.append(np.asarray(made.convert("RGB")).astype(int))
            assert made.info["duration"] == (2500 if n == 2 else 1000)
    for one, other in itertools.pairwise(shown):
        assert (one != other).any()
    assert path.stat().st_size < 200_000
    assert [p.name for p in tmp_path.iterdir()] == ["c.gif"]


def test_what_does_not_change_is_not_stored_again(tmp_path: Path) -> None:
    """A further frame that differs in two far pixels costs little, and every frame comes back as it was."""
    palette = [v for colour in animation._palette() for v in colour]
    pixels = np.arange(200 * 200, dtype=np.int64).reshape(200, 200) ** 2 * 7919 // 64 % 40
    frames = []
    for n in range(3):
        pixels[10, 10 * n] = 41
        pixels[199, 199 - n] = 42
        one = Image.new("P", (200, 200))
        one.putpalette(palette)
        one.frombytes(pixels.astype(np.uint8).tobytes())
        frames.append(one)
    sizes = []
    for count in (1, 3):
        animation._write(tmp_path / "a.gif", frames[:count], [100] * count)
        sizes.append((tmp_path / "a.gif").stat().st_size)
    assert sizes[1] < 1.4 * sizes[0]
    with Image.open(tmp_path / "a.gif") as made:
        for n, frame in enumerate(frames):
            made.seek(n)
            assert np.array_equal(np.asarray(made.convert("RGB")), np.asarray(frame.convert("RGB")))


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("a.mp4", {}, "as .gif"),
        ("a.gif", {"every": 0}, "every"),
        ("a.gif", {"every": 1.5}, "every"),
        ("a.gif", {"days_per_second": 0}, "days_per_second"),
        ("a.gif", {"days_per_second": float("nan")}, "days_per_second"),
        ("a.gif", {"width_px": 10}, "width_px"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    run: Run, tmp_path: Path, name: str, words: dict[str, Any], said: str
) -> None:
    with pytest.raises(ks.BadUse, match=said):
        ks.plot.animate(run, tmp_path / name, **words)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ks.BadUse) as caught:
        ks.plot.animate(run, tmp_path / "none" / "a.gif", every=30, width_px=300)
    assert "\n" not in str(caught.value)
