"""Random legal orders, drawn from what a game says is legal and from nothing else."""

from __future__ import annotations

import random
from typing import Any

import kursksim as ks
from kursksim.play import OrderChoice


def some_orders(game: ks.Game, side: str, luck: random.Random) -> dict[str, Any]:
    """Some fields of the orders of a side, each legal; ends of ranges are as likely as their inside."""
    legal = game.legal_orders(side)
    return {name: _value(rule, luck) for name, rule in legal.items() if luck.random() < 0.4}


def _value(rule: OrderChoice, luck: random.Random) -> Any:
    if rule.kind == "flag":
        return luck.random() < (0.05 if rule.name == "withdraw" else 0.5)
    if rule.kind == "choice":
        return luck.choice(rule.choices)
    if rule.kind == "number":
        high = min(rule.high, 400.0)
        return luck.choice([rule.low, high, luck.uniform(rule.low, high)])
    if rule.kind == "shares":
        return _shares(rule, luck)
    return {kind: _shares(rule, luck) for kind in rule.types if luck.random() < 0.8}


def _shares(rule: OrderChoice, luck: random.Random) -> dict[str, float]:
    names = [n for n in rule.choices if luck.random() < 0.6]
    if not names:
        return {}
    weights = {n: luck.choice([0.0, 1e-9, 1.0, luck.random()]) for n in names}
    total = sum(weights.values())
    if total <= 0:
        return {names[0]: 1.0} if rule.whole else weights
    return {n: w / total for n, w in weights.items()}
