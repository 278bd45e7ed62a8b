"""Orders files: one side's orders for an evening, so that two machines can play the same turn.

A file names the game (scenario, seed, everything played so far), the day and the side. A file that
does not fit is refused with the reason. Nothing in it is executed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from kursksim._version import results_version
from kursksim.errors import BadUse
from kursksim.io import read_model, write_whole
from kursksim.orders import Orders, orders_from_json, orders_to_json
from kursksim.play.game import Game
from kursksim.play.saves import SavedPart, Text
from kursksim.text import plain

__all__ = ["read_orders", "write_orders"]

FORMAT = "kursksim orders"
LIMIT_BYTES = 1_000_000
"""Far above any orders, and small enough to read whole."""


class _File(SavedPart):
    format: Literal["kursksim orders"]
    version: Literal[1]
    results_version: int
    scenario: Text
    digest: Text
    seed: int
    replication: int
    parameters: Text
    day: int
    date: Text
    past: Text
    side: Literal["holder", "attacker"]
    orders: dict[str, Any]


def _head(game: Game) -> dict[str, Any]:
    """What a file and a game must have in common."""
    return {
        "results_version": results_version,
        "scenario": game.scenario.id,
        "digest": game.scenario.digest,
        "seed": game.seed,
        "replication": game.replication,
        "parameters": game.parameters,
        "day": game.day,
        "date": game.date,
        "past": game.past,
    }


def write_orders(game: Game, side: str, orders: Orders, path: str | Path) -> Path:
    """Write the complete orders of a side for the next day.

    Raises
    ------
    BadUse
        For a place that cannot be written to.
    """
    content = {
        "format": FORMAT,
        "version": 1,
        **_head(game),
        "side": side,
        "orders": orders_to_json(orders),
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    target = Path(path)
    write_whole(target, f"{text}\n".encode())
    return target


_FAULTS = {
    "results_version": "is of results version {given}; this library has {own} and would play"
    " differently",
    "digest": "is for another version or what-if of scenario {file.scenario!r}; this game is of"
    " {game.scenario.id!r}",
    "seed": "is for seed {given}; this game has seed {own}",
    "replication": "is for replication {given}; this game has replication {own}",
    "parameters": "is for parameters {given!r}; this game has {own!r}",
    "day": "is for {file.date} (day {given}); the next day here is day {own}",
    "past": "is for another course of this game: the turns before that day differ on the two"
    " machines",
}
"""Refusals, the most general first: a game of another seed has another past too."""


def read_orders(game: Game, path: str | Path) -> tuple[str, Orders]:
    """Read a side and its complete orders from a file that fits this game and this evening.

    Raises
    ------
    BadUse
        For a file that is damaged or no orders file, that belongs to another game, day or course
        of the game, or has illegal orders.
    """
    where = Path(path)
    file = read_model(_File, where, LIMIT_BYTES, format=FORMAT, what="an orders file")
    own = _head(game)
    for name, fault in _FAULTS.items():
        given = getattr(file, name)
        if given != own[name]:
            said = fault.format(given=given, own=own[name], file=file, game=game)
            raise BadUse(f"{where}: {plain(said)[:300]}")
    try:
        orders = game.orders(file.side, orders_from_json(file.side, file.orders))
    except BadUse as error:
        raise BadUse(f"{where}: {plain(error)[:300]}") from None
    return file.side, orders
