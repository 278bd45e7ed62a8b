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
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kursksim._version import __version__, results_version
from kursksim.api import kept
from kursksim.atomic import write_whole
from kursksim.counts import MOST
from kursksim.errors import BadUse, KursksimError, nearest
from kursksim.jsonfile import read_model
from kursksim.orders import orders_to_json
from kursksim.play.exchange import past_of
from kursksim.play.game import Game
from kursksim.play.moves import Note
from kursksim.scenario.catalogue import is_name, names
from kursksim.scenario.digests import differing, parts_of
from kursksim.scenario.patch import Patch
from kursksim.scenario.reader import PatchLike
from kursksim.scenario.schema import Scenario
from kursksim.text import plain
from kursksim.versions import MEANS, other_versions, tell, versions

__all__ = ["load_game", "save_game"]

FORMAT, VERSION = "kursksim game", 1
LIMIT_BYTES = 8_000_000
_SAY_WHERE = "say where it is: `kursksim play SCENARIO --load {where}`, or load_game(..., scenario=...)"

Text = Annotated[str, Field(max_length=4000)]
Whole = Annotated[int, Field(ge=0, le=MOST)]
Fields = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Ruling(_Part):
    entry: Text
    to: Annotated[int, Field(ge=0, le=100_000)] | None


class _Turn(_Part):
    holder: Fields | None = None
    attacker: Fields | None = None
    rulings: tuple[_Ruling, ...] = ()


class _Note(_Part):
    day: Annotated[int, Field(ge=0, le=100_000)]
    text: Text


class _Save(_Part):
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
    turns: Annotated[tuple[_Turn, ...], Field(max_length=1000)]
    notes: tuple[_Note, ...] = ()
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


def _found_from(folder: Path, source: str) -> str:
    """The way to a file from here, given the way from the folder of the save."""
    return os.path.normpath(folder / source)


def _rule(spec: str, folder: Path, way: Callable[[Path, str], str]) -> str:
    """A policy by its name; one that reads a file, by the way to it."""
    name, _, argument = spec.partition(":")
    there = Path(argument if way is _seen_from else folder / argument)
    with suppress(OSError, ValueError):  # a name too long for a file
        if argument and there.is_file():
            return f"{name}:{way(folder, argument)}"
    return spec


def _past(game: Game) -> str:
    """A digest of the numbers that are played with and of all orders so far, the staffs' too."""
    values = json.dumps(game.engine.value, sort_keys=True)
    return sha256(f"{past_of(game)} {values}".encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """What JSON has no form of, in a form that what-ifs take."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def save_game(game: Game, path: str | Path) -> Path:
    """Write a game to a file, whole or not at all.

    Parameters
    ----------
    game : Game
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
    what_ifs = [_written(w) for w in game.changes[0]]
    content: dict[str, Any] = {
        "format": FORMAT, "version": VERSION, "kursksim": __version__, "results_version": results_version,
        "scenario": _seen_from(folder, game.source), "digest": game.scenario.digest,
        "parts": parts_of(game.scenario), "what_if": what_ifs,
        "set": dict(game.changes[1] or {}), "seed": game.seed, "replication": game.replication,
        "parameters": game.parameters, "past": _past(game),
        "policies": {side: _rule(s, folder, _seen_from) for side, s in game.specs.items() if isinstance(s, str)},
        "notes": [vars(n) for n in game.notes], "resigned": game.resigned,
        "versions": versions(), "held_km2": _held(game),
    }  # fmt: skip
    foreign = [side for side, spec in game.specs.items() if not isinstance(spec, str)]
    turns = []
    for move in game.moves:
        turn: dict[str, Any] = {s: dict(fields) for s, fields in move.given.items() if fields}
        turn |= {s: orders_to_json(move.orders[s]) for s in foreign}  # who wrote the rule is not here when it is opened
        if move.rulings:
            turn["rulings"] = [vars(r) for r in move.rulings]
        turns.append(turn)
    try:
        head = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1, default=_plain)
        rows = ",\n  ".join(json.dumps(t, ensure_ascii=False, allow_nan=False, default=_plain) for t in turns)
    except (TypeError, ValueError) as error:
        raise BadUse(f"the game cannot be saved: {plain(error)}") from None
    write_whole(target, f'{head[:-2]},\n "turns": [\n  {rows}\n ]\n}}\n'.encode())
    return target


def load_game(path: str | Path, *, scenario: Scenario | str | Path | None = None) -> Game:
    """Open a saved game and play it again up to where it was.

    Parameters
    ----------
    path : str or Path
    scenario : Scenario, or what ``load`` takes, optional
        For a game of a scenario that does not ship with the library and has moved since; without its what-ifs, or
        just as it was played.

    Returns
    -------
    Game
        Equal to the one that was saved: the same tables, the same luck ahead. With other versions of Python or numpy
        last digits may differ: an ``OtherVersions`` warning says so.

    Raises
    ------
    BadUse
        For a file that is no saved game, is damaged, or was saved by another results version or of another scenario.
    """
    where = Path(path)
    save = read_model(_Save, where, LIMIT_BYTES, format=FORMAT, what="a saved game")
    if save.results_version != results_version:
        raise BadUse(
            f"{where}: saved by results version {save.results_version}, this library has {results_version}:"
            " it would play otherwise"
        )
    try:
        game = _made(save, where, scenario)
        for number, turn in enumerate(save.turns):
            _play(game, turn, number)
        if _past(game) != save.past and not other_versions(save.versions):
            raise BadUse(
                "it plays otherwise than when it was saved: a file of orders or the posterior has changed since"
            )
    except KursksimError as error:
        raise BadUse(f"{where}: {plain(error)}") from None
    tell("the game", save.versions, _alike(save, _held(game)))
    game.notes = [Note(n.day, n.text) for n in save.notes]
    if save.resigned:
        game.resign(save.resigned)
    return game


def _held(game: Game) -> float | None:
    """Ground held after the last turn; nothing before the first."""
    return float(game.engine.world.ground.held_km2) if game.moves else None


def _alike(save: _Save, held: float | None) -> str:
    """What it means that a game was saved with other versions."""
    if save.held_km2 is None or held is None:
        return MEANS
    if held == save.held_km2:
        return "played again and compared, the ground held is the same to the last digit"
    return f"played again and compared, {held:.9g} km² are held where the save has {save.held_km2:.9g}; {MEANS}"


def _found(save: _Save, where: Path) -> str:
    """Where the scenario of a save is, which may have moved together with it."""
    if is_name(save.scenario):
        if save.scenario not in names():
            own = f"; for one of your own, {_SAY_WHERE.format(where=where)}"
            raise BadUse(f"its scenario {save.scenario[:80]!r} is unknown; {nearest(save.scenario[:80], names())}{own}")
        return save.scenario
    found = Path(_found_from(where.absolute().parent, save.scenario))
    try:
        there = found.exists()
    except (OSError, ValueError):
        there = False
    if not there:
        moved = f"if it has moved, {_SAY_WHERE.format(where=where)}"
        raise BadUse(f"its scenario {save.scenario!r} is not there; {moved}")
    return str(found)


def _made(save: _Save, where: Path, scenario: Scenario | str | Path | None) -> Game:
    as_played = isinstance(scenario, Scenario) and scenario.digest == save.digest  # its what-ifs are in it already
    game = Game(
        _found(save, where) if scenario is None else scenario,
        what_if=() if as_played else save.what_if,
        set=None if as_played else save.set or None,
        seed=save.seed,
        replication=save.replication,
        parameters=save.parameters,
        policy={str(side): _rule(s, where.absolute().parent, _found_from) for side, s in save.policies.items()},
    )
    game.changes = kept(save.what_if), save.set or None
    if game.scenario.digest != save.digest:
        parts = differing(save.parts, parts_of(game.scenario))
        raise BadUse(
            f"the scenario {Path(game.source).name!r} ({game.scenario.title}) is not the one that was played, or has"
            f" changed since the game was saved{f': {parts} differ' if parts else ''}"
        )
    return game


def _play(game: Game, turn: _Turn, number: int) -> None:
    try:
        for ruling in turn.rulings:
            game.rule(ruling.entry, ruling.to)
        given = {"holder": turn.holder, "attacker": turn.attacker}
        game.step({side: fields for side, fields in given.items() if fields is not None})
    except KursksimError as error:
        raise BadUse(f"turn {number}: {error}") from None
