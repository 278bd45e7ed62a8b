"""states.bin of a saved run: its states in a row, each under a line with its day and length."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kursksim.runs.file import RunFile, digest, read_file, refuse

__all__ = ["STATES_FILE", "join_states", "read_digests", "read_states"]

STATES_FILE = "states.bin"
MAGIC = b"kursksim states 1\n"


def join_states(states: Mapping[int, bytes]) -> bytes:
    """The states of a run as one file."""
    return MAGIC + b"".join(b"%d %d\n%b" % (day, len(data), data) for day, data in states.items())


def read_states(folder: Path, known: Mapping[str, Any]) -> dict[int, bytes]:
    """The states of a saved run by day; none where run.json names no such file.

    Raises
    ------
    RunFileError
        For a file that was changed, or is none of ours.
    """
    if STATES_FILE not in known:
        return {}
    path = folder / STATES_FILE
    data = read_file(path)
    if digest(data) != known[STATES_FILE].get("digest"):
        raise refuse(path, "changed since the run was saved: its digest is not the one in run.json")
    if not data.startswith(MAGIC):
        raise refuse(path, "is no file of states that this library reads")
    found, at = {}, len(MAGIC)
    while at < len(data):
        line, _, _ = data[at : at + 40].partition(b"\n")
        try:
            day, length = map(int, line.split())
        except ValueError:
            raise refuse(path, "is damaged: a state has no day and length") from None
        begin = at + len(line) + 1
        at = begin + length
        if length < 0 or at > len(data):
            raise refuse(path, "is damaged: it ends within a state")
        found[day] = data[begin:at]
    return found


def read_digests(file: RunFile, given: object, days: int) -> tuple[str, ...]:
    """The digests of the midnights: one for each day, or none."""
    if not isinstance(given, list) or not all(isinstance(d, str) for d in given):
        raise file.bad("midnights: must be a list of digests")
    if len(given) not in (0, days):
        raise file.bad(f"midnights: {len(given)} digests do not fit the run's {days} days")
    return tuple(given)
