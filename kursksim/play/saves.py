"""Save-games: small JSON files of what a game is made of, which play again exactly. Nothing in them is executed.

A scenario or rule of a user's own stays where it is: the save says where, seen from its own folder, so that both can be
moved together. What-ifs are kept by what they say.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kursksim._version import __version__, results_version
from kursksim.counts import MOST
from kursksim.errors import BadUse
from kursksim.io import write_whole
from kursksim.orders import orders_to_json
from kursksim.play.moves import GameRecord
from kursksim.runs.versions import versions
from kursksim.scenario.catalogue import is_name
from kursksim.scenario.digests import parts_of
from kursksim.scenario.patch import Patch
from kursksim.scenario.reader import PatchLike
from kursksim.text import plain

__all__ = ["FORMAT", "LIMIT_BYTES", "Save", "SavedTurn", "found_from", "rule_of", "save_game"]

FORMAT, VERSION = "kursksim game", 1
LIMIT_BYTES = 8_000_000

Text = Annotated[str, Field(max_length=4000)]
Whole = Annotated[int, Field(ge=0, le=MOST)]
Fields = dict[str, Any]


class _SavedPart(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _SavedRuling(_SavedPart):
    entry: Text
    to: Annotated[int, Field(ge=0, le=100_000)] | None


class SavedTurn(_SavedPart):
    holder: Fields | None = None
    attacker: Fields | None = None
    rulings: tuple[_SavedRuling, ...] = ()


class _SavedNote(_SavedPart):
    day: Annotated[int, Field(ge=0, le=100_000)]
    text: Text


class Save(_SavedPart):
    """The file. A turn holds what a side ordered otherwise than its staff suggested. ``scenario`` is a shipped name or
    a path from the file's folder, ``parts`` are short digests of its sections, and ``past`` is one of all orders.
    The ground held after the last turn shows whether it was played again alike."""

    format: Literal["kursksim game"]
    version: Literal[1]
    kursksim: Text
    results_version: int
    scenario: Text
    digest: Text
    parts: Annotated[dict[Text, Text], Field(max_length=100)]
    what_if: tuple[Text | Fields, ...]
    set: Fields
    seed: Whole
    replication: Whole
    parameters: Text
    past: Text
    policies: dict[Literal["holder", "attacker"], Text]
    turns: Annotated[tuple[SavedTurn, ...], Field(max_length=1000)]
    rulings: tuple[_SavedRuling, ...] = ()
    notes: tuple[_SavedNote, ...] = ()
    resigned: Literal["", "holder", "attacker"] = ""
    versions: dict[str, Text] = {}
    held_km2: float | None = None


def _written(what_if: PatchLike) -> str | dict[str, Any]:
    """A what-if as a save holds it: what it says, or its shipped name."""
    if isinstance(what_if, Patch):
        held = {f.name: getattr(what_if, f.name) for f in fields(what_if) if f.name != "origin"}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in held.items() if v}
    return dict(what_if) if isinstance(what_if, Mapping) else str(what_if)


def _seen_from(folder: Path, source: str) -> str:
    """A scenario as a save in a folder names it: its shipped name, or the way to it from there."""
    if is_name(source):
        return source
    try:
        way = Path(os.path.relpath(source, folder)).as_posix()
    except (OSError, ValueError):  # on another drive
        return Path(source).absolute().as_posix()
    return way if way.startswith("..") else f"./{way}"


def found_from(folder: Path, source: str) -> str:
    """The way to a file from here, given the way from the folder of the save."""
    return os.path.normpath(folder / source)


def rule_of(spec: str, folder: Path, way: Callable[[Path, str], str]) -> str:
    """A policy by its name; one that reads a file, by the way to it."""
    name, _, argument = spec.partition(":")
    there = Path(argument if way is _seen_from else folder / argument)
    with suppress(OSError, ValueError):  # a name too long for a file
        if argument and there.is_file():
            return f"{name}:{way(folder, argument)}"
    return spec


def _plain(value: Any) -> Any:
    """What JSON has no form of, in a form that what-ifs take."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def save_game(game: GameRecord, path: str | Path) -> Path:
    """Write a game to a file, whole or not at all.

    Parameters
    ----------
    game : GameRecord
    path : str or Path
        A ``.json`` file; an earlier save there is replaced.

    Returns
    -------
    Path

    Raises
    ------
    BadUse
        For a place that cannot be written to, or a game whose what-ifs cannot be written down.
    """
    target = Path(path)
    folder = target.absolute().parent
    what_ifs = [_written(w) for w in game.what_ifs]
    content: dict[str, Any] = {
        "format": FORMAT, "version": VERSION, "kursksim": __version__, "results_version": results_version,
        "scenario": _seen_from(folder, game.source), "digest": game.scenario.digest,
        "parts": parts_of(game.scenario), "what_if": what_ifs,
        "set": dict(game.set), "seed": game.seed, "replication": game.replication,
        "parameters": game.parameters, "past": game.past,
        "policies": {side: rule_of(s, folder, _seen_from) for side, s in game.policies.items() if isinstance(s, str)},
        "rulings": [vars(r) for r in game.rulings], "notes": [vars(n) for n in game.notes], "resigned": game.resigned,
        "versions": versions(), "held_km2": game.held_km2,
    }  # fmt: skip
    foreign = [side for side, spec in game.policies.items() if not isinstance(spec, str)]
    turns = []
    for move in game.moves:
        turn: dict[str, Any] = {s: dict(fields) for s, fields in move.given.items() if fields}
        turn |= {
            s: orders_to_json(move.orders[s]) for s in foreign
        }  # who wrote the rule is not here when it is opened
        if move.rulings:
            turn["rulings"] = [vars(r) for r in move.rulings]
        turns.append(turn)
    try:
        head = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1, default=_plain)
        rows = ",\n  ".join(
            json.dumps(t, ensure_ascii=False, allow_nan=False, default=_plain) for t in turns
        )
    except (TypeError, ValueError) as error:
        raise BadUse(f"the game cannot be saved: {plain(error)}") from None
    write_whole(target, f'{head[:-2]},\n "turns": [\n  {rows}\n ]\n}}\n'.encode())
    return target
