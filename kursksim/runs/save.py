"""Saving a run: a folder of plain tables and JSON, which ``load_run`` opens again as it was.

The same run gives the same bytes, the time stamp in run.json apart. NaN is an empty field in CSV
and null in JSON; infinities are "inf" in CSV and the texts "Infinity" and "-Infinity" in JSON,
which has no numbers for them.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from kursksim.errors import BadUse
from kursksim.io import csv_bytes, read_json, reason
from kursksim.orders import Decision, Orders
from kursksim.runs.columns import EVENTS
from kursksim.runs.file import (
    FORMAT,
    LIMIT_BYTES,
    RUN_FILE,
    SCHEMA,
    TABLE_FILES,
    as_json,
    digest,
    refuse,
)
from kursksim.runs.registry import Played
from kursksim.runs.states import STATES_FILE, join_states
from kursksim.units import iso

__all__ = ["Savable", "contents", "save", "staged"]

PICTURES = ("held_area.png", "chain.png", "map.png")
OURS = {
    RUN_FILE,
    STATES_FILE,
    "events.csv",
    "control.csv",
    "decisions.json",
    *TABLE_FILES.values(),
    *PICTURES,
}
"""Every name that a saved run may have in its folder."""


class Savable(Played, Protocol):
    """Parts of a run that a folder keeps: ``kursksim.runs.record.Run`` has them."""

    @property
    def provenance(self) -> Any:
        """What made it; a dataclass."""

    @property
    def decisions(self) -> Sequence[Decision]:
        """Decisions of both sides, in order."""

    @property
    def orders(self) -> Sequence[Mapping[str, Orders]]:
        """Orders of both sides, by day."""

    @property
    def events(self) -> Sequence[tuple[int, float, str, str, str, float, str]]:
        """Events in order; empty where none were kept."""

    @property
    def digests(self) -> Sequence[str]:
        """Of the state after each day."""

    @property
    def states(self) -> Mapping[int, bytes]:
        """States by day."""

    @property
    def before(self) -> bytes:
        """The state that it began from; none for one that began with the campaign."""


def save(
    run: Savable, folder: str | Path, *, draw: Callable[[Any, Path], object] | None = None
) -> Path:
    """Write a run to a folder: tables, control, decisions and orders, provenance with the scenario.

    All files are written to a temporary folder beside it first, which then takes its name: a
    crash, an interrupt or a full disk leaves the folder as it was.

    Parameters
    ----------
    run : Run
    folder : str or Path
        A new folder, an empty one, or that of an earlier run, which is replaced.
    draw : callable, optional
        Adds pictures: called with the run and the folder, as ``kursksim.plot.pictures`` is.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    RunFileError
        For a folder that holds anything else, or that cannot be written.
    """
    target = writable_target(folder)
    try:
        with staged(target) as stage:
            for name, data in contents(run).items():
                (stage / name).write_bytes(data)
            if draw is not None:
                draw(run, stage)
    # half a surrogate pair in a name
    except UnicodeEncodeError:
        raise refuse(folder, "cannot be written: a text of the run is not Unicode") from None
    except OSError as error:
        raise refuse(folder, f"cannot be written: {reason(error)}") from None
    return Path(folder)


# -- the folder ----------------------------------------------------------------------------------


def writable_target(given: str | Path) -> Path:
    """Return the folder to write to, or refuse one that is not new, empty or an earlier run's."""
    try:
        target = Path(given).resolve()
        if target.exists() and not target.is_dir():
            raise refuse(given, "is a file; a run is saved to a folder")
        # the run is made beside its folder, and then takes the folder's name
        beside = next(p for p in target.parents if p.exists())
        if not os.access(beside, os.W_OK | os.X_OK):
            raise refuse(given, f"cannot be written: Permission denied in {beside}")
        if not target.exists():
            return target
        if target == Path.cwd():
            raise refuse(given, "is the current folder; name another one for the run")
        found = sorted(p.name for p in target.iterdir())
    # not readable, a NUL in the name, a loop of links
    except (OSError, ValueError, RuntimeError) as error:
        raise refuse(given, f"cannot be written: {reason(error)}") from None
    if found and not _is_run(target / RUN_FILE):
        raise refuse(
            given, "exists and is not the folder of an earlier run; name a new or an empty one"
        )
    if other := [n for n in found if n not in OURS]:
        raise refuse(
            given,
            f"also holds {other[0]!r}, which is not of a run and would be lost; name another"
            " folder",
        )
    return target


def _is_run(path: Path) -> bool:
    """Whether a file is a run.json of ours, of whatever version."""
    try:
        head = read_json(path, LIMIT_BYTES)
    except BadUse:
        return False
    return isinstance(head, dict) and head.get("format") == FORMAT


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Make a temporary folder that takes the target's place, or is gone after an error."""
    # beside the target: a rename to another file system is no single step
    stage = target.parent / f".kursksim-{os.getpid()}-{secrets.token_hex(4)}"
    made = [p for p in target.parents if not p.exists()]
    try:
        stage.mkdir(parents=True)
        yield stage
        _swap(stage, target)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        # folders made on the way go as well; one that is in use by now stays
        for parent in made:
            with suppress(OSError):
                parent.rmdir()
        raise


def _swap(stage: Path, target: Path) -> None:
    """Give the finished folder its name; what was there before comes back if that fails."""
    if not target.exists():
        stage.rename(target)
        return
    old = stage.with_name(f"{stage.name}-old")
    try:
        target.rename(old)
        stage.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        # the earlier run goes only once the new one is in its place
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)


# -- its content ---------------------------------------------------------------------------------


def contents(run: Savable, *, stamped: bool = True, states: bool = True) -> dict[str, bytes]:
    """Every file but the pictures, as bytes.

    Parameters
    ----------
    run : Run
    stamped : bool
        Whether run.json says when it was written; without, the same run gives the same bytes.
    states : bool
        Whether the states that the run keeps are among them: they are no text.
    """
    made = {
        file: csv_bytes(run.tables[t].columns, run.tables[t].text_rows())
        for t, file in TABLE_FILES.items()
    }
    made["control.csv"] = csv_bytes(("date", "day", "cell", "owner", "cause"), _control(run))
    made["decisions.json"] = _decisions(run)
    if run.provenance.record == "full" or run.events:  # the replay of a summary keeps events too
        made["events.csv"] = csv_bytes(EVENTS, _events(run))
    if states and run.states:
        made[STATES_FILE] = join_states(run.states)
    files: dict[str, Any] = {name: {"digest": digest(made[name])} for name in sorted(made)}
    for table, file in TABLE_FILES.items():
        files[file]["columns"] = run.tables[table].kinds
    head = {
        "format": FORMAT,
        "schema": SCHEMA,
        **({"created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")} if stamped else {}),
        "provenance": vars(run.provenance),
        "files": files,
        "midnights": list(run.digests),
        # text, and so in a page as well: nothing else plays these days again
        **({"begin": base64.b64encode(run.before).decode("ascii")} if run.before else {}),
        "scenario": run.scenario.model_dump(mode="json"),
    }
    lines = ",\n".join(f"{_json(k)}: {_json(v)}" for k, v in head.items())
    made[RUN_FILE] = f"{{\n{lines}\n}}\n".encode()
    return made


def _control(run: Savable) -> Iterator[list[str]]:
    """Who owned each cell on the eve of the first day, then every change, in order."""
    start, owner = run.scenario.start, ("attacker", "holder")
    for cell, held in zip(run.cells, run.start, strict=True):
        yield [iso(start, run.first), str(run.first), cell, owner[held], "start"]
    for day, index, held, cause in run.changes:
        yield [iso(start, day), str(day), run.cells[index], owner[held], cause]


def _events(run: Savable) -> Iterator[list[str]]:
    start = run.scenario.start
    for day, hour, effect, subject, place, amount, detail in run.events:
        number = "" if math.isnan(amount) else repr(amount)
        yield [iso(start, day), str(day), repr(hour), effect, subject, place, number, detail]


def _decisions(run: Savable) -> bytes:
    """Decisions in order, one a line, each with the orders of the next day (null for none).

    Orders without a decision follow at the end.
    """
    played: dict[tuple[int, str], Orders] = {}
    for day, by_side in enumerate(run.orders, run.first):
        for side, orders in by_side.items():
            played[day, side] = orders
    rows: list[dict[str, Any]] = []
    for d in run.decisions:
        given = played.pop((d.day + 1, d.side), None)
        rows.append({**vars(d), "orders": None if given is None else vars(given)})
    for (day, side), orders in played.items():
        date = iso(run.scenario.start, day - 1)
        rows.append({"side": side, "day": day - 1, "date": date, "orders": vars(orders)})
    lines = ",\n".join(_json(r) for r in rows)
    return f"[\n{lines}\n]\n".encode()


def _json(value: object) -> str:
    return json.dumps(as_json(value, infinite=True), ensure_ascii=False, allow_nan=False)
