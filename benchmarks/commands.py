"""Measure the CPU that whole processes of the command line take, from start to end.

The commands are run in turns, each as a process of its own; its user and system time is taken, and
the median over turns is printed. Python's own start is the first row. Nothing here asserts.
``--beside PYTHON`` runs the same commands by another Python, such as that of an older clone, in the
same turns, and prints the ratio of the two.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

TURNS = 7
BARE = "python -c pass"
COMMANDS = (
    "--version",
    "scenarios",
    "check two-roads",
    "run two-roads --seed 7 --out run",
    "run two-roads --seed 7 --no-pictures --out bare",
    "why run 2025-01-08",
    "state run 2025-01-08",
    "replay run --out page.html",
    "sheets two-roads --out sheets",
)
"""In this order: some read what one before them has written."""


def process_cpu(command: Sequence[str], folder: str | Path | None = None) -> float:
    """CPU seconds, of user and system, of one process and those that it starts."""
    # as in an installed package, where every module has been compiled
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=kept, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(pythons: Sequence[str], turns: int) -> dict[str, list[list[float]]]:
    """CPU seconds by command: a list a turn, a number a Python."""
    found: dict[str, list[list[float]]] = {command: [] for command in (BARE, *COMMANDS)}
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch, str(n)) for n in range(len(pythons))]
        for folder in folders:
            folder.mkdir()
        for turn in range(turns + 1):
            for command, rows in found.items():
                given = ["-c", "pass"] if command == BARE else ["-m", "kursksim", *command.split()]
                pairs = zip(pythons, folders, strict=True)
                row = [process_cpu([python, *given], folder) for python, folder in pairs]
                if turn:  # the first one compiles modules and fills the disk's cache
                    rows.append(row)
    return found


def main() -> None:
    """Print a row a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--beside", metavar="PYTHON", help="another Python with the package")
    parser.add_argument("--turns", type=int, default=TURNS)
    asked = parser.parse_args()
    pythons = [sys.executable, *([asked.beside] if asked.beside else [])]
    print("CPU seconds of a process".ljust(52) + "here" + "   beside   ratio" * bool(asked.beside))
    for command, rows in measured(pythons, asked.turns).items():
        line = f"{command:<50}{median(row[0] for row in rows):>6.3f}"
        if asked.beside:
            ratio = median(row[0] / row[1] for row in rows)
            line += f"{median(row[1] for row in rows):>9.3f}{ratio:>8.2f}"
        print(line)


if __name__ == "__main__":
    main()
