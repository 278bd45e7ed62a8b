"""Notebooks run from top to bottom, cells can be run again, solutions hold, and changing one cell changes the answer.

They run in a Python that lacks what a browser's Python lacks, in an empty folder that must be empty afterwards.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytestmark = pytest.mark.filterwarnings("default")

FOLDER = Path(__file__).parents[2] / "notebooks"
ALL = sorted(
    p.relative_to(FOLDER).as_posix()
    for p in FOLDER.rglob("*.ipynb")
    if ".ipynb_checkpoints" not in p.parts
)
COURSE = [n for n in ALL if re.match(r"\d", n)]
SOLUTIONS = [n for n in ALL if n.startswith("solutions/")]
MINUTE = 60.0

BROWSER = """
import os, socket, subprocess, sys, threading, types
import matplotlib.font_manager  # looks for fonts in ways of its own, once
from time import process_time

for name in ("fcntl", "_multiprocessing", "concurrent.futures.process", "termios", "resource", "pwd", "grp"):
    sys.modules[name] = None  # as in Pyodide, where they are not or do not work

def _refused(*given, **named):
    raise OSError("there is no such thing in a browser")

_start = threading.Thread.start

def _no_thread(self):
    if not type(self).__module__.startswith(("zmq", "ipykernel", "IPython")):  # the kernel's own
        raise RuntimeError("can't start new thread")
    _start(self)

subprocess.Popen.__init__ = os.fork = socket.socket.connect = socket.create_connection = _refused
threading.Thread.start = _no_thread

async def _install(what):
    _fetched.append(what)

_fetched, piplite = [], types.ModuleType("piplite")
piplite.install = _install
sys.modules["piplite"] = piplite
sys.platform = "emscripten"

_seen, _began, _spent = set(), [0.0], [0.0]

def _before(info):
    _began[0] = process_time() if info.raw_cell not in _seen else None
    _seen.add(info.raw_cell)

def _after(result):
    if _began[0] is not None:
        _spent[0] += process_time() - _began[0]

get_ipython().events.register("pre_run_cell", _before)
get_ipython().events.register("post_run_cell", _after)
"""


def opened(name: str) -> Any:
    return nbformat.read(FOLDER / name, as_version=4)


def played(notebook: Any, folder: Path) -> str:
    """Run a notebook in a folder; its printed text."""
    client = nbclient.NotebookClient(
        notebook, timeout=1800, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return "".join(text_of(c) for c in notebook.cells if c.cell_type == "code")


def text_of(cell: Any) -> str:
    """What a cell printed and returned, as text, without what changes from call to call.

    Warnings are left out: each is told once, however often the cell is run.
    """
    shown = [o for o in cell.outputs if o.get("name") != "stderr"]
    parts = [o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in shown]
    return re.sub(r"0x[0-9a-f]+|/\S*/tmp\w+", "", "".join(parts))


def pictures_of(notebook: Any) -> list[bytes]:
    found = [o.data["image/png"] for c in notebook.cells if c.cell_type == "code" for o in c.outputs
             if "image/png" in o.get("data", {})]  # fmt: skip
    return [base64.b64decode(p) for p in found]


def in_browser(name: str, folder: Path, times: int) -> Any:
    """Run each cell of a notebook so many times in a row, under a browser's limits; the cells, without our own."""
    notebook = opened(name)
    code = nbformat.v4.new_code_cell
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    last = code("print(_fetched, _spent[0])")
    own = [code(BROWSER), *(code(c.source) for c in cells for _ in range(times)), last]
    notebook.cells = own
    said = played(notebook, folder)
    assert list(folder.iterdir()) == [], "something was written beside the notebook"
    assert text_of(last).startswith(str(["kursksim"] * times))
    spent = float(said.split()[-1])
    assert spent < MINUTE, f"{name}: {spent:.0f} s of CPU"
    notebook.cells = own[1:-1]
    return notebook


# -- as they are kept --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_notebook_is_kept_without_outputs(name: str) -> None:
    cells = [c for c in opened(name).cells if c.cell_type == "code"]
    assert cells
    assert all(c.outputs == [] and c.execution_count is None for c in cells)


def test_the_course_is_whole() -> None:
    assert [n.split("_")[0] for n in COURSE] == [str(k) for k in range(1, len(COURSE) + 1)]
    assert [f"solutions/{n}" for n in COURSE] == SOLUTIONS
    listed = re.findall(r"`([\w/]+\.ipynb)`", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert set(listed) == set(ALL)


def prose(name: str) -> str:
    return "\n\n".join(c.source for c in opened(name).cells if c.cell_type == "markdown")


@pytest.mark.parametrize("name", COURSE)
def test_a_notebook_has_its_parts_and_each_exercise_an_answer(name: str) -> None:
    text, answers = prose(name), prose(f"solutions/{name}")
    for part in ("**Aims.**", "**What do you see?**", "## Exercises", "## What this does not show"):
        assert part in text
    exercises = re.findall(r"^(\d)\. \*\(", text.split("## Exercises")[1], flags=re.M)
    assert 3 <= len(exercises) <= 5
    assert re.findall(r"^## (\d)\.", answers, flags=re.M) == exercises
    assert any(
        "assert " in c.source for c in opened(f"solutions/{name}").cells if c.cell_type == "code"
    )


# -- as they run -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSE)
def test_every_cell_runs_twice(name: str, tmp_path: Path) -> None:
    notebook = in_browser(name, tmp_path, times=2)
    once, again = notebook.cells[::2], notebook.cells[1::2]
    assert [text_of(c) for c in once] == [text_of(c) for c in again]
    pictures = pictures_of(notebook)
    assert len(pictures) >= 4
    assert all(len(p) > 5000 for p in pictures)


@pytest.mark.slow
@pytest.mark.parametrize("name", SOLUTIONS)
def test_solutions_hold(name: str, tmp_path: Path) -> None:
    in_browser(name, tmp_path, times=1)


@pytest.mark.slow
def test_the_limits_of_a_browser_hold(tmp_path: Path) -> None:
    tries = {
        "threads": "import threading; threading.Thread(target=print).start()",
        "processes": "import subprocess; subprocess.run(['true'])",
        "pools": "from kursksim.ensembles.workers import pool; pool(1)",
        "network": "import socket; socket.create_connection(('localhost', 1))",
    }
    code = nbformat.v4.new_code_cell
    attempts = [
        code(
            f"try:\n    {how.replace('; ', chr(10) + '    ')}\nexcept Exception as e:\n    print('refused')"
        )
        for how in tries.values()
    ]
    kept = code(
        "import os, kursksim as ks\n"
        "made = [ks.ensemble('two-roads', replications=n, until='2025-01-01', store='x.sqlite') for n in (1, 2)]\n"
        "print('kept', made[1].replications, sorted(os.listdir('.')))\n"
        "os.remove('x.sqlite')"
    )
    said = played(nbformat.v4.new_notebook(cells=[code(BROWSER), *attempts, kept]), tmp_path)
    assert said.count("refused") == len(tries)
    assert "kept 2 ['x.sqlite']" in said  # a store needs no locks of the system


@pytest.mark.slow
def test_a_solution_that_is_wrong_fails(tmp_path: Path) -> None:
    notebook = opened("solutions/2_supply_line.ipynb")
    cell = next(c for c in notebook.cells if "return new / ((1 - repair) * trips)" in c.source)
    cell.source = cell.source.replace("(1 - repair)", "(1 + repair)")
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="AssertionError"):
        played(notebook, tmp_path)


def answered(what_if: str, folder: Path) -> str:
    """The what-if notebook up to its answer, with another choice."""
    notebook = opened("5_what_ifs.ipynb")
    cell = next(c for c in notebook.cells if c.source.startswith("WHAT_IF ="))
    cell.source = f'WHAT_IF = "{what_if}"\nPAIRS = 2'
    notebook.cells = notebook.cells[: notebook.cells.index(cell) + 3]
    return played(notebook, folder)


@pytest.mark.slow
def test_one_cell_changes_the_answer(tmp_path: Path) -> None:
    first, other = answered("no-drones", tmp_path), answered("order-feb-01", tmp_path)
    assert "No drones over the roads: +" in first
    assert "Order on 1 February: " in other
    assert "Order on 1 February: " not in first


@pytest.mark.slow
def test_a_policy_is_trained(tmp_path: Path) -> None:
    said = played(opened("train_a_policy.ipynb"), tmp_path)
    assert "unseen campaigns" in said
    figures = re.findall(r"^  (\w+).* at once +(-?[\d.]+) +\w+ +(-?[\d.]+)", said, re.MULTILINE)
    found = [(term, float(a), float(b)) for term, a, b in figures]
    for term in ("men", "equipment", "all"):
        assert [t for t, _, _ in found].count(term) == 2, said
    # whoever leaves at once saves men and loses heavy weapons; the search has learnt not to
    assert all(once > 0.2 + stays for term, once, stays in found if term == "men")
    assert all(once < stays for term, once, stays in found if term == "equipment")
    assert all(once < searched for term, once, searched in found if term == "all")


SCRIPTS = ("run_campaign", "compare_what_ifs", "sweep_second_road")


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_run(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = __import__(f"kursksim_scenarios.{name}", fromlist=["main"])
    small = {
        "run_campaign": {},
        "compare_what_ifs": {"pairs": 2},
        "sweep_second_road": {"runs": 1},
    }[name]
    module.main(out=tmp_path, until="2024-12-10", **small)
    assert "Pictures in" in capsys.readouterr().out
    assert all(p.stat().st_size > 5000 for p in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) >= 2
