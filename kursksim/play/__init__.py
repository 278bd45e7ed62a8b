"""The game: both commands to play, save and take back; a terminal seat; environments for learning agents.

A game is its scenario, seed and orders: everything else is played again from them.
"""

from kursksim.play.game import Game, Move, OrderChoice
from kursksim.play.saves import load_game

__all__ = ["Game", "Move", "OrderChoice", "load_game"]
