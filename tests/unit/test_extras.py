"""What is advised where an optional library is missing fits the installation; what every user needs is declared."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import kursksim as ks
from kursksim import extras
from kursksim.extras import advice

ROOT = Path(__file__).parents[2]
SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
EXTRAS = dict(SETUP["options.extras_require"])


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """A machine on which kursksim is installed from an index, and pip is this Python's own."""
    made = SimpleNamespace(
        clone=None, address="", pip=tmp_path / "env" / "bin" / "pip", uv=None, has_pip=True
    )
    made.python = tmp_path / "env" / "bin" / "python"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(extras, "_clone", lambda: made.clone)
    monkeypatch.setattr(extras, "_address", lambda: made.address)
    monkeypatch.setattr(extras, "find_spec", lambda name: object() if made.has_pip else None)
    monkeypatch.setattr(
        extras.shutil,
        "which",
        lambda name: made.pip and str(made.pip) if name == "pip" else made.uv,
    )
    monkeypatch.setattr(extras.sys, "executable", str(made.python))
    return made


def test_from_an_index_the_name_is_enough(machine: SimpleNamespace) -> None:
    assert advice("game") == 'pip install "kursksim[game]"'


def test_from_a_clone_the_clone_is_installed(machine: SimpleNamespace, tmp_path: Path) -> None:
    machine.clone = tmp_path
    assert advice("game") == 'pip install -e ".[game]"'
    machine.clone = tmp_path / "my clone"
    assert advice("game") == f'pip install -e "{tmp_path / "my clone"}[game]"'


def test_from_an_address_that_address_is_named(machine: SimpleNamespace) -> None:
    machine.address = "file:///home/me/kursksim-0.1.0-py3-none-any.whl"
    assert advice("game") == f'pip install "kursksim[game] @ {machine.address}"'


def test_where_pip_is_anothers_it_is_called_through_python(
    machine: SimpleNamespace, tmp_path: Path
) -> None:
    for found in (None, tmp_path / "elsewhere" / "pip"):
        machine.pip = found
        assert advice("dask") == 'env/bin/python -m pip install "kursksim[dask]"', (
            "below this folder"
        )
    extras.sys.executable = str(tmp_path / "python")
    assert advice("dask") == f'{tmp_path / "python"} -m pip install "kursksim[dask]"', (
        "in this folder"
    )
    extras.sys.executable = "/opt/some python/bin/python"
    assert advice("dask") == '"/opt/some python/bin/python" -m pip install "kursksim[dask]"'
    extras.sys.executable = ""
    assert advice("dask") == 'pip install "kursksim[dask]"'


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use is not removed there")
def test_a_folder_that_was_removed_is_no_obstacle(
    machine: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    machine.pip = None
    assert advice("game") == f'{machine.python} -m pip install "kursksim[game]"'


def test_where_there_is_no_pip_uv_is_named(machine: SimpleNamespace) -> None:
    machine.has_pip, machine.uv = False, "/usr/bin/uv"
    assert advice("game") == 'uv pip install --python env/bin/python "kursksim[game]"'


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "two words",
        "d$HOME",
        "back`tick`",
        "quote'",
        'double"',
        "back\\slash",
        "a,b",
        "tänk",
    ],
)
def test_a_shell_reads_the_words_that_were_meant(
    machine: SimpleNamespace, tmp_path: Path, name: str
) -> None:
    machine.clone = tmp_path / name
    line = advice("game")
    assert shlex.split(line) == ["pip", "install", "-e", f"{tmp_path / name}[game]"]
    for shell in filter(shutil.which, ("bash", "zsh", "sh")):
        done = subprocess.run(
            [shell, "-c", f"printf '%s\\n' {line}"], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines() == shlex.split(line)


def test_powershell_calls_what_is_quoted(
    machine: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system is more than its name, so only the name that the module asks for is another."""
    machine.pip = None
    monkeypatch.setattr(extras.sys, "executable", "/c/Program Files/python")
    monkeypatch.setattr(extras, "os", SimpleNamespace(name="nt", environ={}))
    assert advice("game") == '& "/c/Program Files/python" -m pip install "kursksim[game]"'
    monkeypatch.setattr(extras, "os", SimpleNamespace(name="nt", environ={"PROMPT": "$P$G"}))
    assert advice("game") == '"/c/Program Files/python" -m pip install "kursksim[game]"'


@pytest.mark.parametrize(
    ("noted", "address"),
    [
        (None, ""),
        ("{", ""),
        ("[]", ""),
        ('{"url": "file:///no/such/folder", "dir_info": {}}', ""),
        ('{"url": "https://example.org/k.whl", "archive_info": {}}', "https://example.org/k.whl"),
        (
            '{"url": "https://example.org/k.git", "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "a"}}',
            "git+https://example.org/k.git@v1",
        ),
        (
            '{"url": "https://example.org/k.git", "vcs_info": {"vcs": "git", "commit_id": "a"}}',
            "git+https://example.org/k.git",
        ),
    ],
)
def test_what_pip_has_written_down(
    monkeypatch: pytest.MonkeyPatch, noted: str | None, address: str
) -> None:
    monkeypatch.setattr(
        extras, "distribution", lambda name: SimpleNamespace(read_text=lambda file: noted)
    )
    assert extras._address() == address


def test_a_folder_that_is_still_there_is_an_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    noted = f'{{"url": "{folder.as_uri()}", "dir_info": {{}}}}'
    monkeypatch.setattr(
        extras, "distribution", lambda name: SimpleNamespace(read_text=lambda file: noted)
    )
    assert extras._address() == folder.as_uri()


def test_the_tests_themselves_run_from_a_clone() -> None:
    assert extras._clone() == ROOT


def test_every_advice_names_an_extra_that_there_is_and_none_is_written_by_hand() -> None:
    named: set[str] = set()
    by_hand = []
    for path in sorted((ROOT / "kursksim").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"""\badvice\(["'](\w+)["']\)""", text))
        if re.search(r"pip install", text) and path.name != "extras.py":
            by_hand.append(path.name)
    assert by_hand == []
    assert {"dask", "evidence", "export", "game", "geo", "graph"} <= named <= set(EXTRAS)


# -- what is declared ------------------------------------------------------------------------------------------


def words(lines: str) -> set[str]:
    """Distributions of a list of requirements, in lower case."""
    return {
        re.split(r"[ \[<>=;]", line.strip())[0].lower()
        for line in lines.splitlines()
        if line.strip()
    }


CORE = words(SETUP["options"]["install_requires"])
BROUGHT = {"pil", "pydantic_core", "kursksim_scenarios"}
"""Needed by matplotlib and by pydantic themselves, and so always there; and the library's own data."""
OPTIONAL = {
    "hetgpy",
    "distributed",
    "dask",
    "pyarrow",
    "gymnasium",
    "pettingzoo",
    "textual",
    "salib",
    "networkx",
    "shapely",
    "pyproj",
    "pyogrio",
}
FOR_A_SEAT = {
    f"play/envs/{name}.py"
    for name in ("env", "both", "flat", "rendering", "seats", "observations", "actions")
}
FOR_A_SEAT |= {"play/terminal/screens.py", "play/terminal/app.py"}
"""Modules that are reached only where somebody has looked for gymnasium or textual before."""


def foreign(tree: ast.AST) -> set[str]:
    """Packages of others that a piece of source imports."""
    found = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    found |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    tops = {name.split(".")[0] for name in found}
    return {t.lower() for t in tops if t not in sys.stdlib_module_names and t != "kursksim"}


def guarded(tree: ast.AST) -> set[str]:
    """Those that are imported where ImportError is caught."""
    tries = [n for n in ast.walk(tree) if isinstance(n, ast.Try)]
    caught = [
        n for n in tries if any("ImportError" in ast.unparse(h.type) for h in n.handlers if h.type)
    ]
    return set().union(*(foreign(ast.Module(n.body, [])) for n in caught), set())


def test_what_the_library_imports_is_declared_or_asked_for() -> None:
    used: set[str] = set()
    found = []
    for path in sorted((ROOT / "kursksim").rglob("*.py")):
        tree, name = (
            ast.parse(path.read_text(encoding="utf-8")),
            path.relative_to(ROOT / "kursksim").as_posix(),
        )
        used |= foreign(tree)
        beyond = foreign(tree) - CORE - guarded(tree) - BROUGHT
        if (
            beyond
            and name not in FOR_A_SEAT
            and not (name == "env_ids.py" and beyond == {"gymnasium"})
        ):
            found.append(f"{name}: {', '.join(sorted(beyond))}")
    assert found == []
    assert used >= CORE, "what is declared is used"
    assert used - CORE - BROUGHT <= OPTIONAL


FROM_FILES = (
    "ks.scaffold('new', window=(1, 2, 3, 4), date='2025-03-01', outline='o.geojson', border='b.geojson',"
    " places='p.geojson', roads='r.geojson')"
)


@pytest.mark.parametrize(
    ("module", "use", "extra"),
    [
        (
            "networkx",
            "from kursksim.terrain.roads import graph; graph(ks.load('two-roads').legs)",
            "graph",
        ),
        ("gymnasium", "import kursksim.play.envs", "game"),
        ("pettingzoo", "import kursksim.play.envs", "game"),
        ("pyarrow", "ks.ensemble('two-roads', replications=1).export('out')", "export"),
        ("pyogrio", FROM_FILES, "geo"),
        ("shapely", FROM_FILES, "geo"),
    ],
)
def test_without_an_optional_library_one_line_says_what_to_install(
    module: str, use: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    for loaded in [m for m in sys.modules if m.startswith("kursksim.play.envs")]:
        monkeypatch.delitem(sys.modules, loaded)
    with pytest.raises(ks.BadUse) as error:
        exec(use, {"ks": ks})
    assert str(error.value).endswith(advice(extra)) and "\n" not in str(error.value)


def test_a_run_and_its_pictures_need_the_core_alone(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        f"for name in {sorted(OPTIONAL)!r} + ['SALib']: sys.modules[name] = None\n"
        "import kursksim as ks\n"
        "run = ks.run('two-roads', seed=7)\n"
        f"run.save({str(tmp_path / 'out')!r}, draw=ks.plot.pictures)\n"
        f"ks.plot.save(ks.plot.held_area(run), {str(tmp_path / 'held.png')!r})\n"
        "print(len(run.daily), sorted(n for n in sys.modules if n in ('networkx', 'scipy') and sys.modules[n]))"
    )
    command: list[Any] = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[0] == "21" and (tmp_path / "held.png").is_file()
