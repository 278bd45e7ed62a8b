"""Save-games: small JSON files of what a game is made of, which play again exactly. Nothing in them is executed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kursksim._version import __version__, results_version
from kursksim.api import listed
from kursksim.atomic import write_whole
from kursksim.counts import MOST
from kursksim.errors import BadUse, KursksimError
from kursksim.jsonfile import read_model
from kursksim.orders import orders_to_json
from kursksim.play.game import Game, Note
from kursksim.scenario.patch import Patch
from kursksim.scenario.reader import PatchLike
from kursksim.scenario.schema import Scenario
from kursksim.text import plain
from kursksim.versions import MEANS, tell, versions

__all__ = ["load_game", "save_game"]

FORMAT, VERSION = "kursksim game", 1
LIMIT_BYTES = 8_000_000

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
    """The file. A side's orders of a turn are what it ordered otherwise than its staff suggested; the ground held
    after the last turn shows whether it was played again alike."""

    format: Literal["kursksim game"]
    version: Literal[1]
    kursksim: Text
    results_version: int
    scenario: Text
    digest: Text
    what_if: tuple[Text | Fields, ...]
    set: Fields
    seed: Whole
    replication: Whole
    parameters: Text
    policies: dict[Literal["holder", "attacker"], Text]
    turns: Annotated[tuple[_Turn, ...], Field(max_length=1000)]
    notes: tuple[_Note, ...] = ()
    resigned: Literal["", "holder", "attacker"] = ""
    versions: dict[str, Text] = {}
    held_km2: float | None = None


def _written(what_if: PatchLike) -> str | dict[str, Any]:
    """A what-if as a save holds it: a mapping, or the name under which it is found."""
    if isinstance(what_if, Patch):
        kept = {f.name: getattr(what_if, f.name) for f in fields(what_if) if f.name != "origin"}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in kept.items() if v}
    return dict(what_if) if isinstance(what_if, Mapping) else str(what_if)


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
    what_ifs = [_written(w) for w in listed(game.changes[0])]
    content: dict[str, Any] = {
        "format": FORMAT, "version": VERSION, "kursksim": __version__, "results_version": results_version,
        "scenario": game.source, "digest": game.scenario.digest, "what_if": what_ifs,
        "set": dict(game.changes[1] or {}), "seed": game.seed, "replication": game.replication,
        "parameters": game.parameters,
        "policies": {side: spec for side, spec in game.specs.items() if isinstance(spec, str)},
        "notes": [vars(n) for n in game.notes], "resigned": game.resigned, "versions": versions(),
        "held_km2": _held(game),
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
        head = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
        rows = ",\n  ".join(json.dumps(t, ensure_ascii=False, allow_nan=False) for t in turns)
    except (TypeError, ValueError) as error:
        raise BadUse(f"the game cannot be saved: {plain(error)}") from None
    write_whole(target, f'{head[:-2]},\n "turns": [\n  {rows}\n ]\n}}\n'.encode())
    return target


def load_game(path: str | Path, *, scenario: Scenario | None = None) -> Game:
    """Open a saved game and play it again up to where it was.

    Parameters
    ----------
    path : str or Path
    scenario : Scenario, optional
        For a game of a scenario that does not ship with the library and has moved since; without its what-ifs.

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
        game = _made(save, scenario)
        if game.scenario.digest != save.digest:
            raise BadUse(f"the scenario {save.scenario!r} has changed since the game was saved")
        for number, turn in enumerate(save.turns):
            _play(game, turn, number)
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


def _made(save: _Save, scenario: Scenario | None) -> Game:
    game = Game(
        save.scenario if scenario is None else scenario,
        what_if=save.what_if,
        set=save.set or None,
        seed=save.seed,
        replication=save.replication,
        parameters=save.parameters,
        policy={str(side): spec for side, spec in save.policies.items()},
    )
    game.source = save.scenario
    return game


def _play(game: Game, turn: _Turn, number: int) -> None:
    try:
        for ruling in turn.rulings:
            game.rule(ruling.entry, ruling.to)
        given = {"holder": turn.holder, "attacker": turn.attacker}
        game.step({side: fields for side, fields in given.items() if fields is not None})
    except KursksimError as error:
        raise BadUse(f"turn {number}: {error}") from None
