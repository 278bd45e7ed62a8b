"""Rehearse a release: install the wheel with each of its extras, and use it outside the clone.

``make dist`` calls it. In the environment of the bare wheel every command of the README is typed,
with fewer replications than printed, and its Python is run; then what the program itself advises
for a missing library. Every extra has a line below that needs it. Needs the index, and some quarter
of an hour.

    python .ci/rehearse.py dist/kursksim-0.1.0-py3-none-any.whl            # everything
    python .ci/rehearse.py dist/kursksim-0.1.0-py3-none-any.whl game dask  # these extras alone
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST_S = 1200
NOT_TYPED = {"kursksim verify"}
"""A quarter of an hour of its own; its short form is typed."""
NOT_SHIPPED = re.compile(r"\.gitignore|\.ci/.*")
ORDERS = "night_share 1\nend\nend\nquit\n"

SHOWS = {
    "dask": "import kursksim as ks\nfrom distributed import Client\n"
    "with Client(processes=False) as client:\n"
    "    ks.ensemble('two-roads', replications=2, executor=client.get_executor())",
    "evidence": "from kursksim.studies import morris\n"
    "morris('two-roads', parameters=['payload', 'p_kill'], trajectories=2)",
    "export": "import kursksim as ks\nks.ensemble('two-roads', replications=2).export('tables')",
    "game": "import gymnasium, textual\n"
    "env = gymnasium.make('kursksim.play.envs:kursksim/Command-v0')\n"
    "env.reset(seed=7)\nenv.step(env.unwrapped.action())\n"
    "from kursksim.play.envs import parallel_env\nparallel_env(flat=True).reset(seed=7)",
    "graph": "import kursksim as ks\nfrom kursksim.terrain.roads import graph\n"
    "assert graph(ks.load('two-roads').legs).edges",
    "docs": "import furo, myst_parser, sphinx",
    "notebook": "import ipykernel, ipywidgets",
    "dev": "import ciw, hypothesis, importlinter, mypy, pexpect, pytest, scores, scoringrules\n"
    "import xdist",
    "release": "import build, check_wheel_contents, twine",
    "full": "import nbclient, nbformat, playwright",
}
"""What needs an extra, as Python: a name that is missing here is an error."""


def say(text: str) -> None:
    """A line of what is going on."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def typed(command: list[str] | str, folder: Path, python: Path, lines: str = "") -> str:
    """Run a command outside the clone in an environment; what it printed."""
    env = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")
    }
    env |= {"PATH": os.pathsep.join((str(python.parent), env.get("PATH", ""))), "MPLBACKEND": "Agg"}
    shown = command if isinstance(command, str) else shlex.join(command)
    start = time.monotonic()
    done = subprocess.run(
        command,
        cwd=folder,
        env=env,
        shell=isinstance(command, str),
        input=lines,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            f"failed ({done.returncode}): {shown}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
    say(f"  {time.monotonic() - start:6.1f} s  {shown.splitlines()[0][:110]}")
    return done.stdout


def environment(folder: Path, what: str) -> Path:
    """An empty environment with the wheel, perhaps with an extra; its Python."""
    typed([sys.executable, "-m", "venv", "env"], folder, Path(sys.executable))
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    typed(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", what],
        folder,
        python,
    )
    typed([str(python), "-m", "pip", "check"], folder, python)
    home = typed([str(python), "-c", "import kursksim; print(kursksim.__file__)"], folder, python)
    if str(folder) not in home:
        raise SystemExit(f"not the wheel was imported, but {home.strip()}")
    return python


def blocks(*languages: str) -> list[str]:
    """Fenced blocks of the README and the pages that follow it, in some languages."""
    pages = ("README.md", "docs/tour.md", "docs/prove-it.md")
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in pages)
    return [
        body
        for kind, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M)
        if kind in languages
    ]


def commands() -> list[str]:
    """Every ``kursksim`` command of these pages, with two replications where it prints more."""
    lines = "\n".join(blocks("", "shell")).splitlines()
    found = [line.split("#")[0].strip() for line in lines]
    wanted = [line for line in found if line.startswith("kursksim ") and line not in NOT_TYPED]
    return [re.sub(r"-n \d+", "-n 2", line) for line in wanted]


def readme(folder: Path, python: Path) -> None:
    """Type the README's commands, and run its Python."""
    for body in blocks("toml"):
        (folder / "cut.toml").write_text(body, encoding="utf-8")
    typed(
        "kursksim play two-roads --side holder --save GAME.json", folder, python, ORDERS
    )  # a game to reveal
    for line in commands():
        typed(line, folder, python, ORDERS if " play " in line else "")
    for body in blocks("python"):
        code = re.sub(r"replications=\d+", "replications=2", body)
        typed([str(python), "-c", f"if __name__ == '__main__':\n{indented(code)}"], folder, python)


def indented(code: str) -> str:
    """Code one level deeper."""
    return "".join(f"    {line}\n" for line in code.splitlines())


def advised(folder: Path, python: Path) -> None:
    """What the program says where a library is missing works as it is printed."""
    code = (
        "import kursksim as ks\n"
        "try:\n    ks.play.envs\nexcept ks.BadUse as error:\n    print(error)"
    )
    told = typed([str(python), "-c", code], folder, python).strip()
    say(f"           {told}")
    typed(told.split(": ", 1)[1], folder, python)
    typed([str(python), "-c", SHOWS["game"]], folder, python)


def whole(dist: Path) -> None:
    """The source distribution holds what git keeps."""
    kept = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    with tarfile.open(next(dist.glob("*.tar.gz"))) as file:
        inside = {name.partition("/")[2] for name in file.getnames()}
    missing = [
        name for name in kept if name and name not in inside and not NOT_SHIPPED.fullmatch(name)
    ]
    if missing:
        raise SystemExit(f"not in the source distribution: {', '.join(missing[:12])}")


def main() -> None:
    """Rehearse with the wheel and the extras that are named, or with all."""
    wheel = Path(sys.argv[1]).resolve()
    with zipfile.ZipFile(wheel) as file:
        name = next(n for n in file.namelist() if n.endswith(".dist-info/METADATA"))
        extras = Parser().parsestr(file.read(name).decode("utf-8")).get_all("Provides-Extra") or []
    unknown = [
        extra for extra in (*extras, *sys.argv[2:]) if extra not in SHOWS or extra not in extras
    ]
    if unknown:
        raise SystemExit(
            f"extras of which {Path(__file__).name} does not know how to try them:"
            f" {', '.join(unknown)}"
        )
    if not sys.argv[2:]:
        whole(wheel.parent)
        with tempfile.TemporaryDirectory() as place:
            say("the wheel alone")
            python = environment(Path(place), str(wheel))
            readme(Path(place), python)
            advised(Path(place), python)
    for extra in sys.argv[2:] or extras:
        with tempfile.TemporaryDirectory() as place:
            say(f"with the extra {extra}")
            python = environment(Path(place), f"{wheel}[{extra}]")
            typed("kursksim run two-roads --seed 7 --out out", Path(place), python)
            typed([str(python), "-c", SHOWS[extra]], Path(place), python)
    say("the release has been rehearsed")


if __name__ == "__main__":
    main()
