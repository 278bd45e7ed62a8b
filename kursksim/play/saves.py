"""Save-games: small JSON files from which a game plays again exactly. Nothing in them is executed.

A scenario or orders file of a user's own stays where it is. The save has its path from the folder
of the save, so that both can be moved together. What-ifs are kept by their content.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping, Set
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kursksim._version import __version__, results_version
from kursksim.counts import MOST
from kursksim.errors import BadUse
from kursksim.io import write_whole
from kursksim.orders import orders_to_json
from kursksim.play.moves import GameRecord, Move
from kursksim.runs.versions import machine, versions
from kursksim.scenario.catalogue import is_name
from kursksim.scenario.digests import parts_of
from kursksim.scenario.patch import Patch
from kursksim.scenario.reader import PatchLike
from kursksim.text import plain

__all__ = [
    "FORMAT",
    "LIMIT_BYTES",
    "Save",
    "SavedPart",
    "SavedTurn",
    "Text",
    "found_from",
    "rule_found_from",
    "save_game",
]

FORMAT, VERSION = "kursksim game", 1
LIMIT_BYTES = 8_000_000
"""Far above a save of 1000 turns, and small enough to read whole."""

Text = Annotated[str, Field(max_length=4000)]
Whole = Annotated[int, Field(ge=0, le=MOST)]
Day = Annotated[int, Field(ge=0, le=100_000)]
Fields = dict[str, Any]


class SavedPart(BaseModel):
    """A part of a file that may come from anybody: exact types, and no further field."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _SavedRuling(SavedPart):
    entry: Text
    to: Day | None


class SavedTurn(SavedPart):
    """A turn: the fields in which each side departed from its staff's suggestion."""

    holder: Fields | None = None
    attacker: Fields | None = None
    rulings: tuple[_SavedRuling, ...] = ()


class _SavedNote(SavedPart):
    day: Day
    text: Text


class Save(SavedPart):
    """The file of a saved game.

    ``scenario`` is a shipped name or a path from the file's folder, ``parts`` has a short digest of
    each of its sections, ``past`` is a digest of all orders. ``held_km2``, the ground held after
    the last turn, shows whether a replay elsewhere comes out the same.
    """

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
    machine: dict[str, Text] = {}
    held_km2: float | None = None


def _written(what_if: PatchLike) -> str | dict[str, Any]:
    """A what-if as a save keeps it: its shipped name, or its content."""
    if isinstance(what_if, Patch):
        # Not its origin: the file may be gone when the save is opened.
        held = {f.name: getattr(what_if, f.name) for f in fields(what_if) if f.name != "origin"}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in held.items() if v}
    return dict(what_if) if isinstance(what_if, Mapping) else str(what_if)


def _seen_from(folder: Path, source: str) -> str:
    """A shipped name as it is, or the path to a file from the folder of the save."""
    if is_name(source):
        return source
    try:
        path = Path(os.path.relpath(source, folder)).as_posix()
    except (OSError, ValueError):  # on another drive there is no relative path
        return Path(source).absolute().as_posix()
    # "./" tells a folder beside the save from a shipped scenario of that name.
    return path if path.startswith("..") else f"./{path}"


def found_from(folder: Path, source: str) -> str:
    """Path from here to a file, given its path from the folder of the save."""
    return os.path.normpath(folder / source)


def _rule_seen_from(folder: Path, spec: str) -> str:
    name, _, argument = spec.partition(":")
    # os.path.isfile, unlike Path.is_file, is False for a name too long for a file.
    return f"{name}:{_seen_from(folder, argument)}" if os.path.isfile(argument) else spec


def rule_found_from(folder: Path, spec: str) -> str:
    """A policy as a save names it, with the path of its file, if it reads one, from here."""
    name, _, argument = spec.partition(":")
    found = found_from(folder, argument)
    return f"{name}:{found}" if os.path.isfile(found) else spec


def _plain(value: Any) -> Any:
    """Turn a value that JSON does not have into one that what-ifs accept."""
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
        A ``.json`` file. An earlier save in its place is replaced.

    Returns
    -------
    Path

    Raises
    ------
    BadUse
        For a place that cannot be written to, or what-ifs that JSON cannot hold.
    """
    target = Path(path)
    folder = target.absolute().parent
    named = {side: spec for side, spec in game.policies.items() if isinstance(spec, str)}
    content = {
        "format": FORMAT,
        "version": VERSION,
        "kursksim": __version__,
        "results_version": results_version,
        "scenario": _seen_from(folder, game.source),
        "digest": game.scenario.digest,
        "parts": parts_of(game.scenario),
        "what_if": [_written(w) for w in game.what_ifs],
        "set": dict(game.set),
        "seed": game.seed,
        "replication": game.replication,
        "parameters": game.parameters,
        "past": game.past,
        "policies": {side: _rule_seen_from(folder, spec) for side, spec in named.items()},
        "rulings": [vars(r) for r in game.rulings],
        "notes": [vars(n) for n in game.notes],
        "resigned": game.resigned,
        "versions": versions(),
        "machine": machine(),
        "held_km2": game.held_km2,
    }
    turns = [_turn_of(move, game.policies.keys() - named.keys()) for move in game.moves]
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain)
    try:
        head = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1, default=_plain)
        rows = ",\n  ".join(map(encoder.encode, turns))  # a line a turn, for whoever reads it
    except (TypeError, ValueError) as error:
        raise BadUse(f"the game cannot be saved: {plain(error)}") from None
    write_whole(target, f'{head[:-2]},\n "turns": [\n  {rows}\n ]\n}}\n'.encode())
    return target


def _turn_of(move: Move, by_object: Set[str]) -> dict[str, Any]:
    """A turn as a save keeps it; the sides ``by_object`` are played by a policy object."""
    turn: dict[str, Any] = {side: dict(given) for side, given in move.given.items() if given}
    for side in sorted(by_object):
        # Whole orders: that policy is not there to suggest the rest when the save is opened.
        turn[side] = orders_to_json(move.orders[side])
    if move.rulings:
        turn["rulings"] = [vars(r) for r in move.rulings]
    return turn
