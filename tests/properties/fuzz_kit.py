"""What every fuzz test shares: how many cases, what a case is, where it is laid out, and what must hold at its end."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import warnings
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import scenario_kit
from fuzz_ops import FOLDER_OPS, HUGE, JSON_OPS, Files
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from repetitions import FULL

import kursksim as ks
from kursksim.cli import main
from kursksim.cli.folder import MARK
from kursksim.errors import KursksimError, LedgerError, OtherVersions, ScenarioError
from kursksim.runs.save import save
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario

PARTS = range(8 if FULL else 2)
"""Each part has a seed of its own, so that workers can share the cases."""
SECONDS = 10
"""What a case may take: it is a few days of a small campaign at most."""
MEMORY = 6 * 1024**3
"""Address space that a case may come to: whoever reads a device without an end fails here, not the machine."""

Counter = Callable[[str, object], None]


# -- cases -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Broken:
    """A folder to be broken: which one, and the operations with the seeds of their choices."""

    base: str
    steps: tuple[tuple[int, int], ...]

    def files(self) -> Files:
        """The files after every operation."""
        ops = JSON_OPS if self.base.startswith("run") else FOLDER_OPS
        files: Files = dict(originals(self.base))
        for number, luck in self.steps:
            if files:
                ops[number % len(ops)](files, random.Random(luck))
        return files


def broken(*bases: str) -> st.SearchStrategy[Broken]:
    """Folders broken by one to four operations, mostly by one."""
    step = st.tuples(
        st.integers(0, 2**20 - 1), st.integers(0, 2**24 - 1)
    )  # small enough to be drawn evenly
    steps = st.lists(step, min_size=1, max_size=1) | st.lists(step, min_size=2, max_size=4)
    return st.builds(Broken, st.sampled_from(bases), steps.map(tuple))


@cache
def originals(base: str) -> dict[str, bytes]:
    """The files of a sound folder, by name."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "made"
        if base == "kit":
            scenario_kit.write(source)
        elif base == "single":
            source.mkdir()
            scenario_kit.write_single(source / "scenario.toml")
        elif base in ("run full", "run summary"):
            made = ks.run("two-roads", seed=3, until="2025-01-03", record=base.removeprefix("run "))
            save(made, source)
        elif base in catalogue.what_ifs():
            source.mkdir()
            shutil.copy(catalogue.find_what_if(base), source / "patch.toml")
        else:
            source = catalogue.find(base)
        found = {
            str(p.relative_to(source)): p.read_bytes()
            for p in sorted(source.rglob("*"))
            if p.is_file() and p.parent.name != "what-ifs"
        }
        return {n: data for n, data in found.items() if not n.endswith((".md", ".py"))}


def lay_out(files: Files, folder: Path) -> Path:
    """Write a folder, with what stands in it in place of files; a file of a folder's name goes under."""
    folder.mkdir(parents=True)
    for name, data in sorted(files.items(), key=lambda item: "/" not in item[0]):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            continue
        if isinstance(data, bytes):
            path.write_bytes(data)
        elif data.kind == "link":
            path.symlink_to(data.target)
            if data.target.endswith(".pipe") and not (path.parent / data.target).exists():
                os.mkfifo(path.parent / data.target)
        elif data.kind == "loop":
            path.symlink_to(path.name)
        elif data.kind == "folder":
            path.mkdir()
        elif data.kind == "pipe":
            os.mkfifo(path)
        elif data.kind == "locked":
            path.write_bytes(b"")
            path.chmod(0)
        else:
            with path.open("wb") as file:
                file.truncate(20 * HUGE)
    return folder


def sign(files: Files) -> None:
    """Give run.json the digests of the files and of its scenario as they are now, so that later checks are reached."""
    try:
        head = json.loads(_bytes(files, "run.json"))
        for name, entry in head["files"].items():
            data = _bytes(files, name).replace(b"\r\n", b"\n")
            entry["digest"] = blake2b(data, digest_size=16).hexdigest()
        with contextlib.suppress(ValueError, OverflowError):
            scenario = Scenario.model_validate_json(json.dumps(head["scenario"]))
            told = {
                "digest": scenario.digest,
                "scenario": scenario.id,
                "patches": scenario.patches,
                "start": scenario.start.isoformat(),
            }
            head["provenance"].update(told)
        files["run.json"] = json.dumps(head).encode()
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return


def _bytes(files: Files, name: str) -> bytes:
    data = files.get(name, b"")
    return data if isinstance(data, bytes) else b""


# -- what must hold --------------------------------------------------------------------------------------------------


class Hang(BaseException):
    """A case took too long; no handler of ordinary errors may swallow it."""


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Time and memory of one case."""

    def late(number: int, frame: FrameType | None) -> None:
        raise Hang(f"not done after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard), hard)
    )
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def one_line(text: str) -> None:
    """A message is one line that a terminal can show, and not without end."""
    assert text.strip()
    assert "\n" not in text
    assert "\r" not in text
    assert "\x1b" not in text
    assert len(text) < 5000


def ends_well(call: Callable[[], Any]) -> Any:
    """The result of a call, or None after an error of the library's own that is one line.

    What was changed may name other versions, or play otherwise than it says: a line tells of that.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", OtherVersions)
        try:
            return call()
        except LedgerError:
            raise
        except KursksimError as error:
            one_line(str(error))
            if isinstance(error, ScenarioError):
                for problem in error.problems:
                    one_line(str(problem))
            return None
        finally:
            for warning in told:
                one_line(str(warning.message))


def tree_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Everything under a folder, with its inode and size."""
    return {
        str(p.relative_to(folder)): (s.st_ino, s.st_size)
        for p in folder.rglob("*")
        for s in [p.lstat()]
    }


def nothing_half_written(
    folder: Path,
    before: dict[str, tuple[int, int]],
    status: int,
    wanted: Collection[str] = (),
    told: bool = False,
) -> None:
    """What is new under a folder is whole; after a failure it is nothing, or a run that was saved before the fault.

    ``wanted`` are JSON files that were asked for. With ``told`` they are right after a failure too: ``check`` writes
    its findings and says by its status that there were some.
    """
    after, asked = tree_of(folder), {os.path.realpath(folder / w) for w in wanted if _is_path(w)}
    new = [name for name, is_now in sorted(after.items()) if before.get(name) != is_now]
    assert not [n for n in new if ".kursksim-" in n or n.endswith(".part")], new
    files = {n: os.path.realpath(folder / n) for n in new if not (folder / n).is_dir()}
    documents = {n for n, path in files.items() if path in asked}
    for name in documents:
        json.loads((folder / name).read_bytes())
    runs = {str(Path(n).parent) for n in set(files) - documents if Path(n).name == "run.json"}
    for run in runs:
        ks.load_run(folder / run)
    runs |= {
        str(Path(n).parent) for n in files if Path(n).name == MARK
    }  # results that were whole before the fault
    left = [
        n
        for n in files
        if not any(n.startswith(f"{r}/") for r in runs) and not (told and n in documents)
    ]
    assert status == 0 or not left, left
    assert not [n for n in before if n not in after], "something was taken away"


def _is_path(text: str) -> bool:
    """Whether a file can have that name at all."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


class Stream(io.TextIOWrapper):
    """A stream of text that takes what a terminal would: bytes that stay in memory."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n")

    def text(self) -> str:
        self.flush()
        kept = self.buffer
        assert isinstance(kept, io.BytesIO)
        return kept.getvalue().decode("utf-8")


def command(args: list[str], cwd: Path) -> Ended:
    """Run a command in this process and hold it to its promise: a status, and one line on standard error."""
    out, err, home, before = Stream(), Stream(), Path.cwd(), tree_of(cwd)
    streams = sys.stdout, sys.stderr
    os.chdir(cwd)
    sys.stdout, sys.stderr = out, err
    try:
        with bounded():
            status = main(args)
    finally:
        sys.stdout, sys.stderr = streams
        os.chdir(home)
    ended = Ended(status, out.text(), err.text())
    assert status in (0, 2), ended
    lines = ended.err.split("\n")[:-1]
    warned = "kursksim: warning: ", "kursksim: the run was made ", "Results in "
    said = [line for line in lines if not line.startswith(warned)]
    for line in said:
        assert line.startswith("kursksim: ")
        one_line(line)
    assert len(said) <= (status == 2), ended
    assert said or status == 0 or "error" in ended.out or "--json" in args, ended
    assert "Traceback" not in ended.out + ended.err
    targets = [b for a, b in pairwise([*args, ""]) if a == "--json"]
    targets += [a.removeprefix("--json=") for a in args if a.startswith("--json=")]
    nothing_half_written(cwd, before, status, targets, told="check" in args)
    return ended


# -- how many --------------------------------------------------------------------------------------------------------


def play(
    kind: str,
    part: int,
    cases: int,
    share: int,
    strategy: st.SearchStrategy[Any],
    check: Callable[[Any], None],
    count: Counter,
) -> None:
    """Run the cases of one part.

    Parameters
    ----------
    kind : str
        What is counted.
    part : int
        Seed of the part: the same part has the same cases every time.
    cases, share : int
        Number of cases of all parts together, in the full list and in the daily share.
    strategy : SearchStrategy
    check : callable
    count : callable
        Fixture ``record_property``: the sum is printed at the end of the session.
    """
    done = 0

    @seed(part)
    @settings(
        max_examples=(cases if FULL else share) // len(PARTS), deadline=None, database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(strategy)
    def checked(case: Any) -> None:
        nonlocal done
        done += 1
        check(case)

    try:
        checked()
    finally:
        count(f"fuzz: {kind}", done)
