"""The fast suite on other Pythons and on the oldest libraries, each in an environment of its own.

    python tests/other_pythons.py

Of the versions that the classifiers of setup.cfg name, the oldest and the newest that the machine has are played, and
the oldest once more with the libraries of ``minimums.txt``. One that the machine does not have is said, not failed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from configparser import ConfigParser
from hashlib import blake2b
from pathlib import Path

ROOT = Path(__file__).parents[1]
MINIMUMS = ROOT / "tests" / "minimums.txt"


def settings() -> ConfigParser:
    """setup.cfg."""
    made = ConfigParser()
    made.read(ROOT / "setup.cfg", encoding="utf-8")
    return made


def named() -> list[str]:
    """Versions of Python that the classifiers name, the oldest first: ``3.11``."""
    found = re.findall(r"Python :: (3\.\d+)$", settings()["metadata"]["classifiers"], re.M)
    return sorted(found, key=minor)


def minor(version: str) -> int:
    """The second number of a version."""
    return int(version.split(".")[1])


def places() -> Iterable[Path]:
    """Where Pythons may be: this one, those on the path, those of pyenv."""
    yield Path(sys.executable)
    for version in named():
        if found := shutil.which(f"python{version}"):
            yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob("versions/*/bin/python"))
    yield from sorted(pyenv.glob("pyenv-win/versions/*/python.exe"))


def version_of(python: Path) -> str:
    """Version of an interpreter as the classifiers write it; empty for one that does not answer, or a pre-release."""
    code = "import sys; v = sys.version_info; print('%d.%d' % v[:2] if v[3] == 'final' else '')"
    try:
        done = subprocess.run(
            [python, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def found() -> dict[str, Path]:
    """One interpreter for each version that is named and here."""
    here: dict[str, Path] = {}
    for python in places():
        if (version := version_of(python)) in named():
            here.setdefault(version, python)
    return here


def chosen(here: Mapping[str, Path], own: str) -> tuple[list[str], list[str]]:
    """Versions to play, and what is to be said of the others.

    Parameters
    ----------
    here : mapping of version to interpreter
    own : str
        The version that runs this, whose suite has been played.
    """
    said = [f"Python {v}: not on this machine, not played" for v in named() if v not in here]
    versions = sorted(here, key=minor)
    ends = list(dict.fromkeys([*versions[:1], *versions[-1:]]))
    said += [f"Python {v}: this environment's own, played by `make test`" for v in ends if v == own]
    return [v for v in ends if v != own], said


def made(name: str, python: Path, wanted: Sequence[Sequence[str]]) -> Path:
    """The interpreter of an environment in which pip has installed what is wanted; made anew when that has changed."""
    folder = ROOT / f".venv-{name}"
    text = (ROOT / "setup.cfg").read_bytes() + MINIMUMS.read_bytes() + f"{python} {wanted}".encode()
    stamp, digest = folder / "made", blake2b(text, digest_size=16).hexdigest()
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != digest:
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        for packages in wanted:
            subprocess.run(
                [inside, "-m", "pip", "install", "--quiet", *packages], cwd=ROOT, check=True
            )
        stamp.write_text(digest, encoding="utf-8")
    return inside


def oldest_libraries() -> list[list[str]]:
    """What pip is asked for so that all that runs is at its minimum: wheels alone, as nobody builds numpy anew."""
    extras = settings()["options.extras_require"]
    names = [*settings()["options"]["install_requires"].split("\n")]
    for extra in re.findall(r"kursksim\[(.+)\]", extras["test"])[0].split(","):
        names += extras[extra].split("\n")
    run_time = [re.split(r"\s*>=", n)[0] for n in names if n.strip()]
    # what only the tests need is the newest that goes with them; what some Pythons go without (a marker) is left out
    tools = [
        re.split(r"\s*>=", n)[0] for n in extras["test"].split("\n") if ">=" in n and ";" not in n
    ]
    return [
        ["--only-binary", ":all:", "--constraint", str(MINIMUMS), *run_time, *tools],
        ["--no-deps", "--editable", "."],
    ]


def played(what: str, python: Path, *ignored: str) -> bool:
    """Whether the fast suite passes in an environment; warnings of a category may be ignored, the others are errors."""
    print(f"\n== the fast suite on {what}", flush=True)
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    suite = [python, "-m", "pytest", "-n", "2", "-m", "not slow", "-p", "no:cacheprovider"]
    suite += [word for category in ignored for word in ("-W", f"ignore::{category}")]
    return subprocess.run(suite, cwd=ROOT, env=env, check=False).returncode == 0


def main() -> int:
    """Make the environments and play; the exit status."""
    here, own = found(), f"{sys.version_info[0]}.{sys.version_info[1]}"
    versions, said = chosen(here, own)
    good = True
    for version in versions:
        good &= played(
            f"Python {version}", made(version, here[version], [["--editable", ".[test]"]])
        )
    oldest = named()[0]
    if oldest in here:
        python = made("minimums", here[oldest], oldest_libraries())
        # the libraries of then use of each other what has been deprecated since
        good &= played(
            f"Python {oldest} and the oldest libraries",
            python,
            "DeprecationWarning",
            "FutureWarning",
        )
    else:
        said.append(
            f"the oldest libraries: they have wheels for Python {oldest}, which is not here; not played"
        )
    print("", *said, sep="\n", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
