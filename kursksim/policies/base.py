"""What a policy is, and the staff work that the rules share."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from kursksim.errors import BadUse
from kursksim.models.base import cut_values, infos
from kursksim.models.interdiction import team_shares
from kursksim.observation import Observation
from kursksim.orders import AttackerOrders, Decision, HolderOrders, Orders
from kursksim.registry import lookup

__all__ = [
    "Context",
    "Policy",
    "attack_shares",
    "build_policy",
    "decision",
    "hold_orders",
    "reason_of",
    "softmax_capped",
    "split_spec",
]


@runtime_checkable
class Policy(Protocol):
    """A decision rule of one side, built afresh for each run.

    ``decide`` looks at an observation and returns orders; ``reason`` is the decision behind the orders it returned
    last.
    """

    reason: Decision

    def decide(self, observation: Observation) -> Orders:
        """Orders for the next day."""
        ...


@dataclass(frozen=True)
class Context:
    """What a policy is built from: its side, its argument, the ledger's values, and the campaign's calendar."""

    side: str
    name: str
    argument: str
    value: Mapping[str, float]
    aliases: Mapping[str, str]
    start: dt.date
    days: int


def split_spec(spec: str) -> tuple[str, str]:
    """NAME or NAME:ARGUMENT, split."""
    name, _, argument = spec.partition(":")
    return name, argument


def build_policy(
    side: str, spec: str | Policy, value: Mapping[str, float], aliases: Mapping[str, str], start: dt.date, days: int,
    cuts: Collection[str] = (),
) -> Policy:  # fmt: skip
    """Build the policy of a side from NAME[:ARGUMENT]; an object with ``decide`` is taken as it is.

    Raises
    ------
    BadUse
        For an unknown name, an argument that the policy does not take, or a ledger without its parameters.
    """
    if not isinstance(spec, str):
        if not callable(getattr(spec, "decide", None)):
            raise BadUse(f"policy of the {side}: {spec!r} has no method decide(observation)")
        return spec
    name, argument = split_spec(spec)
    cls = lookup(f"policy/{side}", name)
    wanted = infos(cls)
    held = {f: value[aliases.get(f, f)] for f in wanted if aliases.get(f, f) in value}
    missing = [f for f, info in wanted.items() if f not in held and not info.optional]
    if missing:
        raise BadUse(
            f"policy {name!r} of the {side} needs the parameter {missing[0]!r}, which the ledger does not have"
        )
    given = held | cut_values(cls, cuts)
    made: Policy = cls(Context(side, name, argument, value, aliases, start, days), **given)
    return made


def decision(
    context: Context,
    seen: Observation,
    known: Mapping[str, Any],
    options: tuple[str, ...],
    choice: str,
    rule: str,
    margin: float | None = None,
    reason: str = "",
) -> Decision:
    """The record of a decision."""
    spec = f"{context.name}:{context.argument}" if context.argument else context.name
    return Decision(
        seen.side, spec, seen.day, seen.date, dict(known), options, choice, rule, margin, reason
    )


def reason_of(policy: Policy, seen: Observation) -> Decision:
    """The decision behind the orders that a policy returned last; one that gives no reason is recorded as such."""
    reason = getattr(policy, "reason", None)
    if isinstance(reason, Decision):
        return reason
    name = type(policy).__name__
    return Decision(seen.side, name, seen.day, seen.date, {}, (), "", f"{name} gives no reason")


# -- holder ----------------------------------------------------------------------------------------------------


def hold_orders(seen: Observation, withdraw: bool) -> HolderOrders:
    """The holder's daily staff work: men by frontage and enemy pressure, convoys as needed, the reserve late.

    Men are wanted where front is long and the enemy many: shares go with the geometric mean of the two. The reserve
    goes where the staff advises.
    """
    frontage, enemy, men = seen["frontage_km"], seen["enemy_men"], seen["men"]
    inland = [a for a in frontage if frontage[a] > 0]
    weight = {a: math.sqrt(frontage[a] * max(enemy[a], 1.0)) for a in inland}
    total = sum(weight.values())
    across = {a: men[a] for a in seen["across"] if a in weight}
    shares = {a: w / total for a, w in weight.items()} if total > 0 else {}
    if (
        across and seen["phase"] != "final" and sum(men.values()) > 0
    ):  # the border brigades stay on their axis until the last line is one
        own = sum(men.values())
        kept = sum(across.values()) / own if own > 0 else 0.0
        rest = sum(w for a, w in weight.items() if a not in across)
        shares = {
            a: (men[a] / own if a in across else (1 - kept) * w / rest if rest > 0 else 0.0)
            for a, w in weight.items()
        }
    return HolderOrders(
        withdraw=withdraw,
        axis_shares=shares,
        vehicles=seen["vehicles_wanted"],
        night_share=seen["night_share"],
        route_shares=seen["route_shares"],
        reserve_to=seen["reserve_advised"],
    )


# -- attacker --------------------------------------------------------------------------------------------------


def softmax_capped(
    score: Mapping[str, float], sharpness: float, caps: Mapping[str, float]
) -> dict[str, float]:
    """Softmax shares, none above its cap: what is cut off goes to the others in proportion.

    Caps that leave no room for a whole are widened in proportion.
    """
    if not score:
        return {}
    top = max(score.values())
    raw = {a: math.exp(sharpness * (s - top)) for a, s in score.items()}
    total = sum(raw.values())
    shares = {a: w / total for a, w in raw.items()}
    room = sum(caps[a] for a in score)
    limit = {a: caps[a] * max(1.0, (1 + 1e-9) / room) if room > 0 else 1.0 for a in score}
    fixed: dict[str, float] = {}
    while True:
        over = [a for a, s in shares.items() if a not in fixed and s > limit[a] + 1e-12]
        if not over:
            return shares
        fixed.update({a: limit[a] for a in over})
        free = max(0.0, 1.0 - sum(fixed.values()))
        rest = sum(raw[a] for a in shares if a not in fixed)
        if rest <= 0:
            whole = sum(fixed.values())
            return {a: s / whole for a, s in fixed.items()}
        shares = {a: fixed[a] if a in fixed else free * raw[a] / rest for a in shares}


def attack_shares(
    seen: Observation, score: Mapping[str, float], sharpness: float, cap: float
) -> dict[str, float]:
    """Shares of the men: axes open across the border take their dated share, the rest follows the score, as far as
    there is room.
    """
    across = {a: s for a, s in seen["open_shares"].items() if seen["frontage_km"][a] > 0}
    inland = {
        a: s for a, s in score.items() if seen["frontage_km"][a] > 0 and a not in seen["across"]
    }
    free = 1 - sum(across.values()) if inland else 1.0
    men = sum(seen["men"].values())
    caps = {a: min(cap, seen["room_men"][a] / men) if men > 0 else cap for a in inland}
    return {**{a: free * s for a, s in softmax_capped(inland, sharpness, caps).items()}, **across}


def _teams(seen: Observation) -> dict[str, dict[str, float]]:
    return team_shares(seen["reach"], seen["traffic"])


class Planner:
    """The attacker's weekly plan: axis, air and team shares are worked out every seventh evening and kept in between.

    Drone teams are sent anew at once when they are reinforced, when an axis is lost or opened, and in a pursuit.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.plan: AttackerOrders | None = None
        self.teams = -1.0
        self.reason: Decision

    def score(self, seen: Observation) -> dict[str, float]:
        """How much the rule wants each axis."""
        raise NotImplementedError

    def sharpness(self) -> tuple[float, float]:
        """Softmax sharpness and the largest share of one axis."""
        raise NotImplementedError

    def decide(self, observation: Observation) -> AttackerOrders:
        """Orders for the next day."""
        due = self.plan is None or (observation.day + 1) % 7 == 0
        pursuit = observation["phase_seen"] == "withdrawing"
        score: dict[str, float] = {}
        if due or self._front_changed(observation) or pursuit:
            score = self.score(observation)
            shares = attack_shares(observation, score, *self.sharpness())
            self.plan = AttackerOrders(shares, shares, _teams(observation))
        elif observation["teams"] != self.teams and self.plan is not None:
            self.plan = AttackerOrders(
                self.plan.axis_shares, self.plan.air_shares, _teams(observation)
            )
        self.teams = observation["teams"]
        if self.plan is None:
            raise RuntimeError("no plan was made")
        main = max(self.plan.axis_shares, key=self.plan.axis_shares.__getitem__, default="")
        self.reason = decision(
            self.context,
            observation,
            {"score": score, "teams": self.teams, "main_effort": main},
            ("plan anew", "keep the plan"),
            "plan anew" if score else "keep the plan",
            "weekly planning evening"
            if due
            else "the front or the holder has moved"
            if score
            else "plan of the week stands",
        )
        return self.plan

    def _front_changed(self, seen: Observation) -> bool:
        """Whether an axis of the plan has no front any more, or one has opened."""
        if self.plan is None:
            return True
        gone = any(seen["frontage_km"][a] <= 0 for a in self.plan.axis_shares)
        return gone or any(
            a not in self.plan.axis_shares
            for a, s in seen["open_shares"].items()
            if s > 0 and seen["frontage_km"][a] > 0
        )
