"""Bands of runs come from one constant: no quantile and no name of a band is written anywhere else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

import kursksim as ks
from kursksim import studies
from kursksim.intervals import (
    BANDS,
    FAN,
    LEVEL,
    LEVEL_ENDS,
    SPREAD,
    SPREAD_SAID,
    WIDEST,
    ends,
    known_quantiles,
    middle,
    quantile_name,
)

ROOT = Path(__file__).parents[2]
HOME = ROOT / "kursksim" / "intervals.py"
FOLDERS = ("kursksim", "docs", "scenarios")
SCRIPTS = sorted({path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")} - {HOME})
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
TEXTS = sorted({*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"})
QUANTILES = re.compile(r"(nan)?(quantile|percentile)s?|known_quantiles")
MIDDLE = re.compile(r"(?:middle|bands?(?: of)?) (\d+) ?(?:%|per cent)|(\d+) ?% bands?")
ENDS = re.compile(r"\b(\d+) ?(?:to|and|–|-) ?(\d+) ?(?:%|per cent)")
SAID = {f"{share * 100:.0f}" for share in BANDS}
BOUNDS = {tuple(f"{q * 100:.0f}" for q in ends(share)) for share in BANDS}


def called(node: ast.Call) -> str:
    """Name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def numbers(node: ast.AST) -> list[float]:
    """Literal numbers inside."""
    found = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return [float(v) for v in found if isinstance(v, int | float) and not isinstance(v, bool)]


def literal_quantiles(code: str) -> Iterator[str]:
    """Quantiles other than the median that a text of Python writes out."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and QUANTILES.fullmatch(called(node)):
            for given in [*node.args, *(k.value for k in node.keywords if k.arg in ("q", "level"))]:
                yield from (
                    f"line {node.lineno}: {v:g}" for v in numbers(given) if 0 < v < 1 and v != 0.5
                )
        if isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1:
            first, last = numbers(node.elts[0]), numbers(node.elts[-1])
            if len(first) == len(last) == 1 and 0.01 <= first[0] < 0.5 and first[0] + last[0] == 1:
                yield f"line {node.lineno}: {first[0]:g} to {last[0]:g}"


def other_bands(text: str) -> Iterator[str]:
    """Bands that a text names and that are none of ours."""
    for found in MIDDLE.finditer(text):
        if not set(filter(None, found.groups())) <= SAID:
            yield found[0]
    for found in ENDS.finditer(text):
        low, high = found.groups()
        if int(low) + int(high) == 100 and 0 < int(low) < 50 and (low, high) not in BOUNDS:
            yield found[0]


def words(code: str) -> str:
    """Every string of a text of Python."""
    found = (n.value for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Constant))
    return "\n".join(v for v in found if isinstance(v, str))


def test_the_search_sees_what_it_looks_for() -> None:
    seen = ["np.quantile(x, [0.1, 0.9])", "e.quantile('a', 0.05)", "q = (0.25, 0.5, 0.75)"]
    assert all(any(literal_quantiles(code)) for code in seen)
    fine = ["np.quantile(x, SPREAD)", "np.quantile(x, 0.5)", "box = (0.1, 0.46, 0.85, 0.43)"]
    assert not any(any(literal_quantiles(code)) for code in fine)
    assert list(other_bands("middle 90 % of runs; 10 to 90 %; 5–95 %")) == ["middle 90 %", "5–95 %"]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_code_writes_no_quantile_and_names_no_band(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert not list(literal_quantiles(code))
    said = words(code)
    assert not list(other_bands(said))
    if path.is_relative_to(HOME.parent):
        named = [found[0] for found in MIDDLE.finditer(said)]
        assert not named, "intervals.middle names bands"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_notebooks_take_their_bands_from_the_constant(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        assert not list(other_bands(text))
        if cell["cell_type"] == "code":
            code = re.sub(r"^\s*[%!].*$", "", text, flags=re.MULTILINE)
            code = re.sub(r"^(\s+)await .*$", r"\1pass", code, flags=re.MULTILINE)
            assert not list(literal_quantiles(code))


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_texts_name_no_other_band(path: Path) -> None:
    assert not list(other_bands(path.read_text(encoding="utf-8")))


def test_pages_name_no_band_themselves() -> None:
    for path in (ROOT / "kursksim" / "replays").glob("*.js"):
        assert not MIDDLE.search(path.read_text(encoding="utf-8"))


def test_what_follows_from_the_constant() -> None:
    assert BANDS == (0.5, 0.8)
    assert ends(0.8) == (0.1, 0.9)
    assert (FAN, SPREAD) == ((0.1, 0.25, 0.5, 0.75, 0.9), (0.1, 0.5, 0.9))
    assert (SPREAD_SAID, middle(WIDEST)) == ("10 to 90 %", "middle 80 %")
    assert [quantile_name(q) for q in FAN] == ["q10", "q25", "median", "q75", "q90"]
    assert LEVEL_ENDS[1] - LEVEL_ENDS[0] == pytest.approx(LEVEL)


def test_quantiles_leave_out_what_is_not_known() -> None:
    values = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan], [2.0, 7.0, np.nan]])
    found = known_quantiles(values, SPREAD)
    assert found[1].tolist()[:2] == [2.0, 6.0]
    assert np.isnan(found[:, 2]).all()
    assert found[:, 1].tolist() == pytest.approx(np.quantile([5.0, 7.0], SPREAD).tolist())


def filled(ax: Axes) -> list[str]:
    """Labels of the filled bands of a picture."""
    return [str(c.get_label()) for c in ax.collections if isinstance(c, PolyCollection)]


def test_a_sweep_has_both_bands_and_its_means_have_whiskers() -> None:
    steps = studies.sweep("two-roads", {"p_kill": [0.1, 0.5]}, replications=3, until="2025-01-06")
    ax = ks.plot.sweep(steps)
    assert filled(ax) == [f"{middle(share)} of runs" for share in BANDS]
    (means,) = ax.containers
    assert "95 % interval of the mean" in str(means.get_label())
    found = steps.table()[["low", "high"]].to_numpy()
    ends_of = [segment[:, 1] for segment in means.lines[2][0].get_segments()]
    np.testing.assert_allclose(ends_of, found, atol=1e-9)


def test_the_mean_difference_has_whiskers_to_the_last_day() -> None:
    more = {"title": "Surer hits", "why": "A test.", "set": {"parameters.p_kill": 0.6}}
    compared = ks.compare("two-roads", more, replications=4, until="2025-01-12")
    lower = ks.plot.difference(compared)[1]
    assert filled(lower) == [f"{middle(WIDEST)} of pairs"]
    (means,) = lower.containers
    assert means.get_label() == "95 % interval of the mean"
    last = compared.difference(next(iter(compared.variants)))
    drawn = means.lines[2][0].get_segments()[-1][:, 1]
    assert drawn.tolist() == pytest.approx([last.low, last.high])
