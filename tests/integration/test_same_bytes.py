"""On one machine, with equal numpy, h3 and SimPy, campaigns are the same to the last byte.

Both campaigns are played side by side, here and with another Python, with fewer vector instructions, or with another
kernel of BLAS. Every file of the run is compared, and the state of every midnight. No digest is stored.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import other_pythons
import pytest
from played_digests import CAMPAIGNS, PLAYED

ROOT = Path(__file__).parents[2]
PLAYER = ROOT / "tests" / "played_digests.py"
PACKAGES = ("numpy", "h3", "simpy")
LEAVE_OUT = "NPY_DISABLE_CPU_FEATURES"
"""Variable by which numpy leaves vector instructions unused."""

pytestmark = pytest.mark.slow


def played(python: Path | str, folder: Path, **env: str) -> dict[str, Any]:
    """What both campaigns come to in another process."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", LEAVE_OUT)}
    done = subprocess.run(
        [python, PLAYER],
        cwd=folder,
        env=kept | env,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What they come to in this environment."""
    found = played(sys.executable, tmp_path_factory.mktemp("here"))
    assert len(found["played"]) == len(CAMPAIGNS) * len(PLAYED)
    digests = [d for run in found["played"].values() for d in run.values()]
    assert len(set(digests)) > 0.9 * len(digests)  # a digest that is blind would prove nothing
    return found


def apart(one: dict[str, Any], other: dict[str, Any]) -> dict[str, list[str]]:
    """Files and midnights that differ, the first few of each run."""
    found = {}
    for name, mine in one["played"].items():
        theirs = other["played"].get(name, {})
        names = [n for n in (mine | theirs) if mine.get(n) != theirs.get(n)]
        if names:
            found[name] = names[:8]
    return found


# -- Pythons -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", other_pythons.named())
def test_campaigns_are_the_same_on_every_python(
    version: str, here: dict[str, Any], tmp_path: Path
) -> None:
    own = here["versions"]["python"]
    if own.startswith(f"{version}."):
        pytest.skip(
            f"Python {version} is this environment's own, with which the others are compared"
        )
    interpreter = other_pythons.found().get(version)
    if interpreter is None:
        pytest.skip(f"Python {version} is not on this machine")
    wanted = [f"{name}=={here['versions'][name]}" for name in PACKAGES]
    try:
        python = other_pythons.made(
            f"same-{version}", interpreter, [["--only-binary", ":all:", *wanted], ["-e", "."]]
        )
    except subprocess.CalledProcessError as error:
        pytest.skip(f"Python {version}: no environment with {', '.join(wanted)}: {error}")
    there = played(python, tmp_path)
    assert there["versions"]["python"].startswith(f"{version}.")
    assert {n: there["versions"][n] for n in PACKAGES} == {n: here["versions"][n] for n in PACKAGES}
    assert apart(here, there) == {}


# -- vector instructions and kernels -------------------------------------------------------------------------------


@pytest.mark.parametrize("level", range(4))
def test_campaigns_are_the_same_with_fewer_vector_instructions(
    level: int, here: dict[str, Any], tmp_path: Path
) -> None:
    """Level 0 leaves all out that numpy would choose among here, level 1 all but the least, and so on."""
    dispatched = here["dispatched"]
    if level >= len(dispatched):
        pytest.skip(
            f"numpy has {len(dispatched)} levels of vector instructions to choose from here"
        )
    there = played(sys.executable, tmp_path, **{LEAVE_OUT: " ".join(dispatched[level:])})
    assert there["dispatched"] == dispatched[:level]
    assert there["machine"]["simd"] != here["machine"]["simd"]
    assert apart(here, there) == {}


@pytest.mark.parametrize("kernel", ["PRESCOTT", "HASWELL"])
def test_campaigns_are_the_same_with_another_kernel_of_blas(
    kernel: str, here: dict[str, Any], tmp_path: Path
) -> None:
    if here["machine"]["processor"].lower() not in ("x86_64", "amd64"):
        pytest.skip("the kernels are those of OpenBLAS for x86-64")
    assert apart(here, played(sys.executable, tmp_path, OPENBLAS_CORETYPE=kernel)) == {}


def test_what_differs_is_found(here: dict[str, Any]) -> None:
    name, run = next(iter(here["played"].items()))
    date = next(n for n in run if n[0].isdigit())
    other = here | {"played": here["played"] | {name: run | {date: "0", "legs.csv": "0"}}}
    assert apart(here, here) == {}
    assert apart(here, other) == {name: ["legs.csv", date]}
