"""Notebooks run from top to bottom, and changing one cell changes the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(p.name for p in FOLDER.glob("*.ipynb"))


def played(notebook: Any) -> str:
    """Run a notebook; its printed text."""
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    return "".join(o.get("text", "") for o in outputs)


def opened(name: str) -> Any:
    return nbformat.read(FOLDER / name, as_version=4)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_kept_without_outputs(name: str) -> None:
    cells = [c for c in opened(name).cells if c.cell_type == "code"]
    assert cells
    assert all(c.outputs == [] and c.execution_count is None for c in cells)


def test_one_cell_changes_the_answer() -> None:
    first = opened("what_ifs.ipynb")
    said = played(first)
    assert "No drones over the roads: +" in said
    changed = opened("what_ifs.ipynb")
    cell = next(c for c in changed.cells if c.source.startswith("WHAT_IF ="))
    cell.source = 'WHAT_IF = "order-feb-01"\nPAIRS = 2'
    changed.cells = changed.cells[: changed.cells.index(cell) + 4]
    assert "Order on 1 February: " in played(changed)
    assert "Order on 1 February: " not in said


def test_a_policy_is_trained() -> None:
    said = played(opened("train_a_policy.ipynb"))
    assert "no offer: the found rule is better than the library's." in said
    assert "unseen campaigns" in said


SCRIPTS = ("run_campaign", "compare_what_ifs", "sweep_second_road")


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_run(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = __import__(f"kursksim_scenarios.{name}", fromlist=["main"])
    small = {"run_campaign": {}, "compare_what_ifs": {"pairs": 2}, "sweep_second_road": {"runs": 1}}[name]
    module.main(out=tmp_path, until="2024-12-10", **small)
    assert "Pictures in" in capsys.readouterr().out
    assert all(p.stat().st_size > 5000 for p in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) >= 2
