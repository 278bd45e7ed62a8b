"""Actions: a vector of small whole numbers that decodes to legal orders, whatever it holds; and
what is masked.

Every number of an action is one *part* of the orders, and its level 0 means **as the staff
suggests**: an action of zeros plays the side's own policy. The other levels:

- a choice or a flag: one value each, in the order of ``Part.levels`` ('' is none);
- an amount: a fraction of what there is. ``vehicles`` is a fraction of the trips that the
  serviceable vehicles can make in a day, ``reserve`` of the share that may be kept back at all,
  ``night_share`` and ``risk_limit`` are shares themselves;
- a share: a weight from 0 to 4. The weights of one order are divided by their sum; where all are 0
  the staff's shares stand.

So nothing is ever cut to size: two actions may mean the same orders, none means illegal ones. What
a day does not allow is masked: a level out of the mask reads as level 0, and the environment's info
names the part under ``masked_out``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from gymnasium.spaces import MultiDiscrete
from numpy.typing import ArrayLike, NDArray

from kursksim.errors import BadUse, nearest
from kursksim.models.interdiction import TYPES
from kursksim.orders import NONE, NOW, ORDER_FIELDS, PAUSE, PUSH
from kursksim.play.moves import OrderChoice
from kursksim.scenario.schema import Scenario
from kursksim.sums import isum

__all__ = ["STAFF", "ActionPart", "Decoded", "OrderCode", "OrderSpace"]

STAFF = "as the staff suggests"
"""What level 0 of every part means."""
WEIGHTS = (0, 1, 2, 3, 4)
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)

Mask = NDArray[np.int8]


class OrderSpace(MultiDiscrete):
    """A MultiDiscrete space whose ``sample`` also takes the mask as one flat array, a 0 or 1 for
    every level.

    That is the form in which the environments give it, and in which learners that know masks want
    it.
    """

    def sample(self, mask: Any = None, probability: Any = None) -> NDArray[np.int64]:
        """A random element; under a mask only levels that it allows.

        Parameters
        ----------
        mask, probability : array of the sum of ``nvec``, or tuple of arrays, optional
            One number for every level of every part: flat, or an array a part as MultiDiscrete
            takes it.
        """
        parts = self._by_part(mask, np.int8)
        if probability is None:  # Gymnasium 1.0 has masks alone
            return np.asarray(super().sample(parts), dtype=np.int64)
        drawn = super().sample(parts, self._by_part(probability, np.float64))
        return np.asarray(drawn, dtype=np.int64)

    def _by_part(self, given: Any, kind: type[np.generic]) -> tuple[NDArray[Any], ...] | None:
        if given is None or isinstance(given, tuple):
            return given
        flat = np.asarray(given, dtype=kind)
        if flat.shape != (size := int(self.nvec.sum()),):
            raise BadUse(f"a mask of these actions has {size} numbers, not the shape {flat.shape}")
        return tuple(np.split(flat, np.cumsum(self.nvec)[:-1]))


@dataclass(frozen=True)
class ActionPart:
    """One number of an action.

    Attributes
    ----------
    name : str
        The field of the orders; for shares followed by what the share is of (``axis_shares.tip``,
        ``leg_shares.radio.A2``).
    field : str
    of : tuple of str
        Keys into a table of shares; empty for the others.
    levels : tuple
        What each level means; the first is the staff's suggestion, or weight 0.
    means : str
        What the order does.
    """

    name: str
    field: str
    of: tuple[str, ...]
    levels: tuple[Any, ...]
    means: str


@dataclass(frozen=True)
class Decoded:
    """Orders read from an action.

    Attributes
    ----------
    fields : mapping
        The fields that are ordered otherwise than as the staff suggests, as ``Game.step`` takes
        them.
    masked_out : tuple of str
        Parts whose level is not possible today: the staff's suggestion stands there.
    """

    fields: Mapping[str, Any]
    masked_out: tuple[str, ...]


class OrderCode:
    """The order of the parts of a side's actions, and what they mean.

    Parameters
    ----------
    scenario : Scenario
    side : {"holder", "attacker"}
    """

    def __init__(self, scenario: Scenario, side: str) -> None:
        self.side = side
        self.parts = tuple(_parts(scenario, side))
        self.index = {p.name: i for i, p in enumerate(self.parts)}
        self._counts = np.array([len(p.levels) for p in self.parts])
        self._first = np.concatenate([[0], np.cumsum(self._counts)])
        groups: dict[tuple[str, ...], list[int]] = {}
        for i, part in enumerate(self.parts):
            if part.of:
                groups.setdefault((part.field, *part.of[:-1]), []).append(i)
        self._groups = groups
        self._single = [i for i, part in enumerate(self.parts) if not part.of]

    def space(self) -> OrderSpace:
        """A new space of these actions."""
        return OrderSpace(self._counts)

    def mask(self, legal: Mapping[str, OrderChoice]) -> Mask:
        """What the next day allows: 1 for a level that can be played, flat, part after part.

        Level 0 is always 1. Shares are never masked: their names are legal on every day.

        Parameters
        ----------
        legal : mapping of field to OrderChoice
            ``Game.legal_orders`` of the side.
        """
        # level 0 and flags are always possible; only choices depend on the day
        found = np.ones(self._first[-1], dtype=np.int8)
        for i in self._single:
            part = self.parts[i]
            rule = legal[part.field]
            if rule.kind == "choice":
                first = self._first[i]
                for k in range(1, len(part.levels)):
                    found[first + k] = part.levels[k] in rule.choices
        return found

    def decode(
        self,
        action: ArrayLike,
        legal: Mapping[str, OrderChoice],
        trips: float,
        mask: Mask | None = None,
    ) -> Decoded:
        """The orders that an action means.

        Parameters
        ----------
        action : array of int, shape (parts,)
        legal : mapping of field to OrderChoice
            ``Game.legal_orders`` of the side: its defaults are the staff's suggestion.
        trips : float
            Vehicle trips of which ``vehicles`` is a fraction.
        mask : array, optional
            That of ``legal``, if it is at hand.

        Raises
        ------
        BadUse
            For something that is no element of the space.
        """
        # everything is checked before anything is read: a refused action changes nothing
        levels = self._checked(action)
        allowed = self.mask(legal) if mask is None else mask
        fields: dict[str, Any] = {}
        out = []
        for i in self._single:
            part, level = self.parts[i], levels[i]
            if level and not allowed[self._first[i] + level]:
                out.append(part.name)
            elif level:
                value = part.levels[level]
                fields[part.field] = value * trips if part.field == "vehicles" else value
        for group, members in self._groups.items():
            # weights that are all 0 leave the shares to the staff
            total = isum(levels[i] for i in members)
            if total:
                shares = {self.parts[i].of[-1]: levels[i] / total for i in members if levels[i]}
                if len(group) == 1:
                    fields[group[0]] = shares
                else:  # a type that is not named keeps the staff's shares
                    fields.setdefault(group[0], dict(legal[group[0]].default))[group[1]] = shares
        return Decoded(fields, tuple(out))

    def _checked(self, action: ArrayLike) -> list[int]:
        given = np.asarray(action)
        what = f"action of the {self.side}"
        if given.shape != self._counts.shape or given.dtype.kind not in "iu":
            raise BadUse(
                f"{what}: {len(self.parts)} whole numbers are needed,"
                f" not {given.dtype} of shape {given.shape}"
            )
        wrong = np.flatnonzero((given < 0) | (given >= self._counts))
        if wrong.size:
            part = self.parts[wrong[0]]
            raise BadUse(
                f"{what}: {part.name} has levels 0 to {len(part.levels) - 1}, not {given[wrong[0]]}"
            )
        levels: list[int] = given.tolist()
        return levels

    def action(self, fields: Mapping[str, Any]) -> NDArray[np.int64]:
        """The action with some values; everything else as the staff suggests.

        Parameters
        ----------
        fields : mapping of part name to value
            A value of the part's levels; for shares a weight from 0 to 4.

        Raises
        ------
        BadUse
            For an unknown part, or a value between its levels.

        Examples
        --------
        >>> import kursksim as ks
        >>> code = OrderCode(ks.load("two-roads"), "holder")
        >>> action = code.action({"withdraw": True, "line": "Gate", "axis_shares.tip": 4})
        >>> [code.parts[i].name for i in action.nonzero()[0]]
        ['withdraw', 'line', 'axis_shares.tip']
        """
        made = np.zeros(len(self.parts), dtype=np.int64)
        for name, value in fields.items():
            if name not in self.index:
                near = nearest(str(name), self.index)
                raise BadUse(f"actions of the {self.side} have no part {name!r}; {near}")
            levels = self.parts[self.index[name]].levels
            # by type too: True equals 1 to Python, and is no weight
            kinds = [(type(level), level) for level in levels]
            if (type(value), value) not in kinds:
                raise BadUse(
                    f"{name} {value!r} is not one of its levels: {', '.join(map(repr, levels))}"
                )
            made[self.index[name]] = kinds.index((type(value), value))
        return made


def _parts(scenario: Scenario, side: str) -> Iterator[ActionPart]:
    """The parts of a side's actions: orders of one value first, then shares."""
    names = {
        "axis": [a.id for a in scenario.axes],
        "route": [r.id for r in scenario.routes],
        "leg": [g.id for g in scenario.legs],
    }
    choices = {
        "line": scenario.withdrawal.phase_lines,
        "reserve_to": names["axis"],
        "counter_attack": (NONE, *names["axis"]),
        "assault": (PUSH, PAUSE),
        "raid": (NONE, NOW),
    }
    for field in _SINGLE[side]:
        order = ORDER_FIELDS[side][field]
        if order.kind == "flag":
            levels: tuple[Any, ...] = (False, True)
        elif order.kind == "choice":
            levels = ("", *choices[field])
        else:
            levels = _AMOUNTS.get(field) or tuple(min(1.0, order.high) * q for q in QUARTERS)
        yield ActionPart(field, field, (), (STAFF, *levels), order.means)
    for field, order in ORDER_FIELDS[side].items():
        if order.kind == "shares":
            for name in names[order.of]:
                yield ActionPart(f"{field}.{name}", field, (name,), WEIGHTS, order.means)
        elif order.kind == "shares by type":
            for kind, name in product(TYPES, names[order.of]):
                of = (kind, name)
                yield ActionPart(f"{field}.{kind}.{name}", field, of, WEIGHTS, order.means)


# Trained policies depend on this order: a change makes them order something else
_SINGLE = {
    "holder": (
        "withdraw",
        "line",
        "reserve_to",
        "counter_attack",
        "accept_ceasefire",
        "vehicles",
        "night_share",
        "risk_limit",
    ),
    "attacker": ("assault", "raid", "accept_ceasefire", "reserve"),
}
# A limit on losses is set among small shares: quarters would leave one of them
_AMOUNTS = {"risk_limit": (0.0, 0.05, 0.1, 0.25, 1.0)}
