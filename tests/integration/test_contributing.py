"""The recipes of CONTRIBUTING.md, carried out line by line in a copy of the project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STEP = re.compile(
    r"(?:<!-- (?P<what>file|insert|replace): (?P<path>\S+)(?: (?:before|from): (?P<at>[^\n]*?))? -->\n)?"
    r"```(?P<kind>\w*)\n(?P<body>.*?)^```$",
    re.S | re.M,
)


def typed(line: str, folder: Path) -> str:
    """Type a line in the copy; what it printed."""
    words = shlex.split(line, comments=True)
    starts = {"kursksim": [sys.executable, "-m", "kursksim"], "python": [sys.executable]}
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*starts.get(words[0], [words[0]]), *words[1:]], cwd=folder, env=env, capture_output=True, text=True,
        timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (line, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def carry_out(step: re.Match[str], folder: Path) -> None:
    """Write, insert or replace as the recipe says; what it looks for must be there once."""
    path = folder / step["path"]
    if step["what"] == "file":
        assert not path.exists(), path
        path.write_text(step["body"], encoding="utf-8")
        return
    old = path.read_text(encoding="utf-8")
    assert old.count(step["at"]) == 1, (path, step["at"])
    new = step["body"] + step["at"] if step["what"] == "insert" else step["body"].rstrip("\n")
    path.write_text(old.replace(step["at"], new), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="cp")
def test_the_recipes_work(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    skipped = shutil.ignore_patterns("__pycache__", "results", "*.egg-info")
    for name in ("kursksim", "scenarios", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=skipped)
    for name in ("setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    said: dict[str, str] = {}
    for step in STEP.finditer(TEXT):
        if step["what"]:
            carry_out(step, folder)
            continue
        for line in step["body"].splitlines():
            if not line.startswith("make"):
                said[line] = typed(line, folder)
    assert (
        "low_stock"
        in said["kursksim run two-roads --seed 7 --policy holder=low_stock:3 --out out/low-stock"]
    )
    tests = [out for line, out in said.items() if "pytest" in line]
    assert len(tests) == 2
    assert "Two roads in spring" in said["kursksim explain ./my-campaign"]
    assert "Handbook of road convoys" in said["kursksim cite ./my-campaign"]
    style = [sys.executable, "-m", "ruff", "check", "kursksim"]
    assert subprocess.run(style, cwd=folder, check=False, capture_output=True).returncode == 0


def test_every_recipe_has_its_steps() -> None:
    heads = re.findall(r"^## (Add a \w+)", TEXT, re.M)
    assert heads == ["Add a policy", "Add a model", "Add a scenario", "Add a source"]
    for part in TEXT.split("## Add a ")[1:]:
        assert re.search(r"^kursksim ", part, re.M), part[:20]
    for step in STEP.finditer(TEXT):  # what is looked for in our own files is there
        if step["what"] in ("insert", "replace") and not step["path"].startswith("my-"):
            assert (ROOT / step["path"]).read_text(encoding="utf-8").count(step["at"]) == 1
