"""What only one system has stays out, an index is intp, text has an encoding, and the stated minimums are the tested."""

from __future__ import annotations

import ast
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import other_pythons
import pytest

import kursksim as ks

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "kursksim").rglob("*.py"))
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in SOURCES
}

ONE_SYSTEM = {
    "fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "syslog", "crypt", "spwd", "nis", "msvcrt", "winreg",
    "winsound", "_winapi", "curses", "readline", "select", "posix", "nt", "posixpath", "ntpath",
}  # fmt: skip
"""Modules that Windows, macOS, Linux or a Python in a browser go without."""
ONE_SYSTEM_OS = {
    "fork", "forkpty", "getuid", "geteuid", "getgid", "getegid", "setuid", "setgid", "chown", "lchown", "chroot", "mkfifo",
    "mknod", "uname", "sync", "statvfs", "getloadavg", "nice", "wait", "waitpid", "killpg", "setsid", "ctermid", "startfile",
    "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC", "O_BINARY", "sched_getaffinity", "symlink", "openpty",
}  # fmt: skip
"""Names of ``os`` that are used behind ``hasattr`` or ``getattr`` alone."""
ONE_SYSTEM_SIGNAL = {
    "SIGKILL",
    "SIGHUP",
    "SIGALRM",
    "SIGUSR1",
    "SIGUSR2",
    "SIGPIPE",
    "SIGCHLD",
    "SIGQUIT",
    "setitimer",
    "alarm",
}
WIDE = {
    "kursksim/ensembles/sources.py": "columns of whole numbers, as pandas has them everywhere",
    "kursksim/exchange/geopackage.py": "a field of a file, of one width whatever wrote it",
    "kursksim/play/envs/actions.py": "actions, whose type gymnasium sets",
    "kursksim/play/envs/env.py": "actions, whose type gymnasium sets",
    "kursksim/play/envs/flat.py": "actions, whose type gymnasium sets",
}
"""Where 64 bits are said: nothing of it is an index."""


def asks(test: ast.AST) -> bool:
    """Whether an expression calls ``hasattr``."""
    return any(isinstance(n, ast.Name) and n.id == "hasattr" for n in ast.walk(test))


@cache
def guarded(tree: ast.AST) -> set[ast.AST]:
    """Nodes that do without: ``os.x() if hasattr(os, "x") else ...``, and imports that may fail."""
    asked = [n for n in ast.walk(tree) if isinstance(n, (ast.IfExp, ast.If)) and asks(n.test)]
    tried = [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.With) and "suppress(ImportError)" in ast.unparse(n.items[0])
    ]
    return {inner for node in (*asked, *tried) for inner in ast.walk(node)}


def attributes(owner: str) -> Iterator[tuple[str, str]]:
    """What is read of a module by its name, with where."""
    for name, tree in TREES.items():
        free = guarded(tree)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and getattr(node.value, "id", "") == owner
                and node not in free
            ):
                yield f"{name}:{node.lineno}", node.attr


def test_no_module_that_only_one_system_has() -> None:
    found = []
    for name, tree in TREES.items():
        free = guarded(tree)
        for node in ast.walk(tree):
            if node in free:
                continue
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += (
                [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            )
            found += [f"{name}:{node.lineno} {n}" for n in names if n.split(".")[0] in ONE_SYSTEM]  # type: ignore[attr-defined]
    found += [f"{at} os.{n}" for at, n in attributes("os") if n in ONE_SYSTEM_OS]
    found += [f"{at} signal.{n}" for at, n in attributes("signal") if n in ONE_SYSTEM_SIGNAL]
    assert found == []


def test_an_index_is_intp() -> None:
    """Where a pointer has 32 bits, as in a browser, numpy takes no 64-bit numbers for places or counts of repeats."""
    found = []
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            text = ast.unparse(node) if isinstance(node, (ast.Attribute, ast.Constant)) else ""
            if re.fullmatch(
                r"(np|numpy)\.u?(int64|longlong|int_|long)|'(u?int64|[<>=]?[iu]8)'", text
            ):
                found.append((name, f"{name}:{node.lineno} {text}"))  # type: ignore[attr-defined]
    allowed = {*WIDE, "kursksim/ensembles/make.py"}  # a digest, the same on every machine
    assert [what for name, what in found if name not in allowed] == []
    assert set(WIDE) <= {name for name, _ in found}


NARROW = """
import numpy as np
np.int64 = np.longlong  # of the same width here, yet another type than intp: as where that has 32 bits
def careful(function, at):
    def wrapped(*args, **kwargs):
        index = np.asarray(args[at])
        assert index.dtype.char == np.dtype(np.intp).char, f"{function.__name__} of {index.dtype.char}"
        calls.append(function.__name__)
        return function(*args, **kwargs)
    return wrapped
calls = []
for name, at in (("bincount", 0), ("take", 1)):
    setattr(np, name, careful(getattr(np, name), at))
import kursksim as ks
for name, until in (("two-roads", None), ("december-march", "2024-12-20")):
    run = ks.run(name, seed=7, until=until)
    print(repr(run.tables["daily"].columns["held_km2"][-1]), len(calls))
"""


def test_both_campaigns_hand_numpy_nothing_but_intp_for_places() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NARROW], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line.split() for line in done.stdout.splitlines()]
    assert all(int(count) > 0 for _, count in lines)
    held = ks.run("two-roads", seed=7).tables["daily"].columns["held_km2"][-1]
    assert float(lines[0][0]) == held


def test_text_is_read_and_written_in_one_encoding() -> None:
    found = []
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            given = {k.arg for k in node.keywords}
            modes = [
                a.value
                for a in node.args
                if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            text = called in ("read_text", "write_text") or (
                called == "open"
                and modes
                and not any("b" in m for m in modes)
                and ast.unparse(node.func) != "os.open"
            )
            if ast.unparse(node.func).startswith(
                "distribution("
            ):  # what an installed package says of itself
                continue
            if text and "encoding" not in given:
                found.append(f"{name}:{node.lineno} {called}")
            if called == "write_text" and "newline" not in given:
                found.append(f"{name}:{node.lineno} {called} without newline")
    assert found == []


# -- without them --------------------------------------------------------------------------------------------------

WITHOUT = """
import sys
GONE = ("fcntl", "resource", "termios", "tty", "pwd", "grp", "_multiprocessing", "_posixshmem", "msvcrt")
for name in GONE:
    sys.modules[name] = None
import os, signal
for name in ("fork", "getuid", "geteuid", "sched_getaffinity", "O_NOFOLLOW", "O_NONBLOCK", "sync", "register_at_fork"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGALRM", "SIGUSR1"):
    delattr(signal, name)
import kursksim as ks
"""
WINDOWS = """
import os
def held(path):
    here = os.path.realpath(path)
    return any(os.path.realpath(f"/proc/self/fd/{fd}") == here for fd in os.listdir("/proc/self/fd"))
def careful(function):
    def wrapped(*paths, **more):
        if any(os.path.exists(path) and held(path) for path in paths):
            raise PermissionError(13, "the file is being used by another process", str(paths[0]))
        return function(*paths, **more)
    return wrapped
for name in ("unlink", "remove", "replace", "rename"):
    setattr(os, name, careful(getattr(os, name)))
import kursksim as ks
"""
"""An open file can be neither removed nor replaced."""
USES = {
    "ensemble": """
ks.ensemble("two-roads", replications=2, until="2025-01-02", store="a b.sqlite")
again = ks.ensemble("two-roads", replications=3, until="2025-01-02", store="a b.sqlite")
print(again.replications, ks.load_ensemble("a b.sqlite").replications)
""",
    "compare": """
made = ks.compare("two-roads", {"title": "con", "set": {"parameters.v_road": 60}}, replications=2, until="2025-01-02",
                  store="stores")
print(made.difference("con").n)
""",
    "calibrate": """
from kursksim.studies.calibration.bank import bank
from kursksim.studies.calibration.calibrate import calibrate
bank("two-roads", count=2, parameters=["v_road"], store="bank.sqlite")
try:
    calibrate("two-roads", "fit", count=2, rounds=0)
except ks.BadUse as error:
    print(error)
""",
    "two writers": """
from pathlib import Path
from kursksim.ensembles.database import Writing
held = Writing(Path("a.sqlite"))
try:
    Writing(Path("a.sqlite"))
except ks.StoreError as error:
    print(error)
held.release()
Writing(Path("a.sqlite")).release()
""",
    "save and replay": """
ks.replay_page(ks.run("two-roads", until="2025-01-03"), "page.html")
game = ks.Game("two-roads")
game.step()
game.save("game.json")
print(ks.load_game("game.json").day)
""",
}


LEFT: dict[str, tuple[str, set[str]]] = {
    "ensemble": ("3 3", {"a b.sqlite"}),
    "compare": ("2", {"stores", "stores/base.sqlite", "stores/_con.sqlite"}),
    "calibrate": ("'two-roads' lists no parameters to calibrate", {"bank.sqlite"}),
    "two writers": ("another process is writing to it", set()),
    "save and replay": ("1", {"page.html", "game.json"}),
}


@pytest.mark.parametrize(
    ("use", "before"),
    [*((use, WITHOUT) for use in USES), ("ensemble", WINDOWS), ("save and replay", WINDOWS)],
)
def test_it_works_without_what_one_system_lacks(use: str, before: str, tmp_path: Path) -> None:
    if before is WINDOWS and not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not say which files are open")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", before + USES[use]]
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said, files = LEFT[use]
    assert said in done.stdout
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")}
    assert left == files


# -- SQLite --------------------------------------------------------------------------------------------------------


def test_an_old_sqlite_is_refused_with_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = tmp_path / "good.sqlite"
    ks.ensemble("two-roads", replications=1, until="2025-01-02", store=good)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    told = r"this Python has SQLite 3\.36\.0; a store needs 3\.37 or newer"
    with pytest.raises(ks.StoreError, match=told):
        ks.ensemble("two-roads", replications=1, until="2025-01-02", store=tmp_path / "a.sqlite")
    with pytest.raises(ks.StoreError, match=told):
        ks.compare(
            "two-roads",
            {"title": "x"},
            replications=1,
            until="2025-01-02",
            store=tmp_path / "folder",
        )
    with pytest.raises(ks.StoreError, match=told):
        ks.load_ensemble(good)
    assert [p.name for p in tmp_path.iterdir()] == ["good.sqlite"]
    assert ks.ensemble("two-roads", replications=1, until="2025-01-02").replications == 1


def test_a_store_that_cannot_be_begun_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kursksim.ensembles import store

    monkeypatch.setattr(store, "_TABLES", "CREATE TABLE no such table")
    with pytest.raises(ks.StoreError):
        ks.ensemble("two-roads", replications=1, until="2025-01-02", store=tmp_path / "a.sqlite")
    assert list(tmp_path.iterdir()) == []


# -- versions ------------------------------------------------------------------------------------------------------


def minimums() -> dict[str, str]:
    lines = other_pythons.MINIMUMS.read_text(encoding="utf-8").splitlines()
    rows = [line.split(" == ") for line in lines if line and not line.startswith("#")]
    return dict(rows)


def stated() -> dict[str, str]:
    """Requirements of setup.cfg that something else than the tests has, with their least versions."""
    settings = other_pythons.settings()
    text = settings["options"]["install_requires"]
    text += "".join(
        settings["options.extras_require"][e]
        for e in ("dask", "discovery", "evidence", "export", "game", "graph")
    )
    return dict(re.findall(r"^([A-Za-z0-9_-]+)(?:\[\w+\])? >= (\S+)$", text, re.M))


def test_the_minimums_that_are_tested_are_those_that_are_stated() -> None:
    tested, needed = minimums(), stated()
    assert tested.pop("distributed") == needed["dask"]  # dask[distributed] needs the same of both
    assert tested == needed
    lines = other_pythons.settings()["options"]["install_requires"].split("\n")
    assert [line for line in lines if line.strip() and ">=" not in line] == []


def test_the_classifiers_begin_where_python_must() -> None:
    named = other_pythons.named()
    assert f">={named[0]}" == other_pythons.settings()["options"]["python_requires"]
    assert named == [f"3.{n}" for n in range(11, 11 + len(named))]


def test_the_oldest_and_the_newest_python_are_played_and_the_missing_said() -> None:
    here = {v: Path(f"python{v}") for v in ("3.13", "3.11")}
    assert other_pythons.chosen(here, "3.11") == (
        ["3.13"],
        [
            "Python 3.12: not on this machine, not played",
            "Python 3.11: this environment's own, played by `make test`",
        ],
    )
    assert other_pythons.chosen({"3.12": Path("p")}, "3.14")[0] == ["3.12"]
    assert other_pythons.chosen({}, "3.11")[0] == []
    assert (
        other_pythons.version_of(Path(sys.executable))
        == f"{sys.version_info[0]}.{sys.version_info[1]}"
    )
    assert other_pythons.version_of(Path("no-such-python")) == ""
