"""The wheel holds everything: built from a clean copy, installed in a new environment, used outside the clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELL = ["cmd", "/c"] if os.name == "nt" else ["sh", "-c"]


def done(command: list[str], folder: Path, lines: str = "") -> str:
    """Run a command outside the clone, with nothing of it on the path; what it printed."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    made = subprocess.run(
        command,
        cwd=folder,
        env=env,
        input=lines,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert made.returncode == 0, (command, made.stdout[-1500:], made.stderr[-1500:])
    return made.stdout


def advised(bin_: Path, folder: Path) -> str:
    """What the program says is to be typed, where gymnasium is missing."""
    ask = "import kursksim as ks\ntry:\n    ks.play.envs\nexcept ks.BadUse as error:\n    print(error)"
    needs, _, command = done([str(bin_ / "python"), "-c", ask], folder).strip().partition(": ")
    assert needs == "environments need gymnasium"
    return command


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the tracked folders."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("kursksim", "scenarios"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "results")
        )
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, folder)
    done([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", "dist", "."], folder)
    return next((folder / "dist").glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_all_modules_and_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        inside = set(file.namelist())
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "kursksim").rglob("*.py")}
    data = {
        f"kursksim_scenarios/{p.relative_to(ROOT / 'scenarios').as_posix()}"
        for p in (ROOT / "scenarios").rglob("*")
        if p.suffix in (".toml", ".csv", ".md", ".npz")
    }
    assert modules - inside == set()
    assert data - inside == set()
    assert "kursksim/py.typed" in inside
    assert not [n for n in inside if n.startswith(("tests/", "docs/"))]


@pytest.mark.slow
def test_the_wheel_works_in_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    done([sys.executable, "-m", "venv", "env"], tmp_path)
    bin_ = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    done([str(bin_ / "python"), "-m", "pip", "install", "--quiet", str(wheel)], tmp_path)
    kursksim = str(bin_ / "kursksim")
    listed = done([kursksim, "scenarios"], tmp_path)
    assert all(p.parent.name in listed for p in (ROOT / "scenarios").glob("*/scenario.toml"))
    done([kursksim, "run", "two-roads", "--seed", "7", "--out", "out"], tmp_path)
    assert (tmp_path / "out" / "map.png").is_file()
    game = done(
        [kursksim, "play", "two-roads", "--no-save"], tmp_path, "night_share 1\nend\nquit\n"
    )
    assert "night_share: 1" in game
    done([kursksim, "sheets", "two-roads", "-o", "all.pdf"], tmp_path)
    assert (tmp_path / "all.pdf").read_bytes().startswith(b"%PDF")
    home = done([str(bin_ / "python"), "-c", "import kursksim; print(kursksim.__file__)"], tmp_path)
    assert str(tmp_path) in home
    command = advised(bin_, tmp_path)
    assert f'"kursksim[game] @ {wheel.as_uri()}"' in command
    done([*SHELL, command], tmp_path)
    named = "import gymnasium; print(gymnasium.make('kursksim.play.envs:kursksim/Command-v0').reset(seed=7)[1]['seed'])"
    assert done([str(bin_ / "python"), "-c", named], tmp_path).strip() == "7"
    groups = "from importlib.metadata import entry_points as e; print([p.name for p in e(group='gymnasium.envs')])"
    assert "'kursksim'" in done([str(bin_ / "python"), "-c", groups], tmp_path)
