"""The game: a campaign to play, save and take back, at a terminal or by learning agents.

A game is its scenario, seed and orders; everything else is played again from them.
"""

from importlib import import_module
from typing import Any

from kursksim.play.game import Game
from kursksim.play.load import load_game
from kursksim.play.moves import Move, OrderChoice

__all__ = ["Game", "Move", "OrderChoice", "load_game"]


def __getattr__(name: str) -> Any:
    # On first use: the environments need gymnasium and pettingzoo, and nothing else does.
    if name == "envs":
        return import_module("kursksim.play.envs")
    raise AttributeError(f"module 'kursksim.play' has no attribute {name!r}")
