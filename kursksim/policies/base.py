"""What a policy is, and the staff work that the rules share."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from kursksim.errors import BadUse
from kursksim.models.base import cut_values, infos
from kursksim.models.interdiction import team_shares
from kursksim.observation import Observation
from kursksim.orders import PUSH, AttackerOrders, Decision, HolderOrders, Orders
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

    ``decide`` looks at an observation and returns orders; ``reason`` is the decision behind the
    orders returned last.
    """

    reason: Decision

    def decide(self, observation: Observation) -> Orders:
        """Orders for the next day."""
        ...


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a policy is built from.

    Attributes
    ----------
    side, name, argument : str
        Argument is what stands after the colon of NAME:ARGUMENT.
    value, aliases : mapping
        The ledger of the run, and its names for parameters.
    start : date
    days : int
        First day of the campaign, and how many it has.
    """

    side: str
    name: str
    argument: str
    value: Mapping[str, float]
    aliases: Mapping[str, str]
    start: dt.date
    days: int


def split_spec(spec: str) -> tuple[str, str]:
    """Split NAME or NAME:ARGUMENT into name and argument, which may be empty."""
    name, _, argument = spec.partition(":")
    return name, argument


def build_policy(
    side: str,
    spec: str | Policy,
    value: Mapping[str, float],
    aliases: Mapping[str, str],
    start: dt.date,
    days: int,
    *,
    cuts: Collection[str] = (),
) -> Policy:
    """Build the policy of a side from NAME[:ARGUMENT]; an object with ``decide`` is taken as it is.

    Parameters
    ----------
    side : {"holder", "attacker"}
    spec : str or Policy
    value : mapping of parameter to float
        The ledger of the run.
    aliases : mapping of parameter to parameter
        Names of the ledger for parameters of models and policies.
    start : date
        First day of the campaign.
    days : int
        Days that it has.
    cuts : collection of str
        Mechanisms that are switched off.

    Raises
    ------
    BadUse
        For an unknown name, an argument that the policy does not take, or a ledger without its
        parameters.
    """
    if not isinstance(spec, str):
        if not callable(getattr(spec, "decide", None)):
            raise BadUse(f"policy of the {side}: {spec!r} has no method decide(observation)")
        return spec
    name, argument = split_spec(spec)
    cls = lookup(f"policy/{side}", name)
    given: dict[str, Any] = {}
    for field, info in infos(cls).items():
        parameter = aliases.get(field, field)
        if parameter in value:
            given[field] = value[parameter]
        elif not info.optional:
            raise BadUse(
                f"policy {name!r} of the {side} needs the parameter {field!r},"
                " which the ledger does not have"
            )
    context = Context(
        side=side,
        name=name,
        argument=argument,
        value=value,
        aliases=aliases,
        start=start,
        days=days,
    )
    made: Policy = cls(context, **given | cut_values(cls, cuts))
    return made


def decision(
    context: Context,
    seen: Observation,
    known: Mapping[str, Any],
    options: tuple[str, ...],
    choice: str,
    rule: str,
    *,
    margin: float | None = None,
    reason: str = "",
) -> Decision:
    """Record a decision of this evening.

    Parameters
    ----------
    context : Context
    seen : Observation
    known, options, choice, rule, margin, reason
        As in ``Decision``.
    """
    spec = f"{context.name}:{context.argument}" if context.argument else context.name
    return Decision(
        seen.side, spec, seen.day, seen.date, dict(known), options, choice, rule, margin, reason
    )


def reason_of(policy: Policy, seen: Observation) -> Decision:
    """The decision behind the orders that a policy returned last."""
    reason = getattr(policy, "reason", None)
    if isinstance(reason, Decision):
        return reason
    # rules that users bring need not give reasons, but the record has a decision for every evening
    name = type(policy).__name__
    return Decision(seen.side, name, seen.day, seen.date, {}, (), "", f"{name} gives no reason")


# -- holder ------------------------------------------------------------------------------------


def hold_orders(seen: Observation, withdraw: bool) -> HolderOrders:
    """The holder's daily staff work: men by frontage and enemy pressure, convoys as needed, the
    reserve late.

    Men are wanted where the front is long and the enemy many: shares go with the geometric mean of
    the two. The reserve goes where the staff advises.

    Parameters
    ----------
    seen : Observation
        Of the holder.
    withdraw : bool
        Whether to give the order to withdraw, or to stand by it.
    """
    frontage, enemy, men = seen["frontage_km"], seen["enemy_men"], seen["men"]
    inland = [a for a in frontage if frontage[a] > 0]
    # an axis without an enemy is still watched: it counts as if one man stood there
    weight = {a: math.sqrt(frontage[a] * max(enemy[a], 1.0)) for a in inland}
    total, own = math.fsum(weight.values()), math.fsum(men.values())
    shares = {a: w / total for a, w in weight.items()}
    across = {a: men[a] for a in seen["across"] if a in weight}
    # the border brigades stay on their axis until the last line is one
    if across and seen["phase"] != "final" and own > 0:
        kept = math.fsum(across.values()) / own
        rest = math.fsum(w for a, w in weight.items() if a not in across)
        shares = {
            a: men[a] / own if a in across else (1 - kept) * w / rest for a, w in weight.items()
        }
    return HolderOrders(
        withdraw=withdraw,
        axis_shares=shares,
        vehicles=seen["vehicles_wanted"],
        night_share=seen["night_share"],
        route_shares=seen["route_shares"],
        reserve_to=seen["reserve_advised"],
    )


# -- attacker ----------------------------------------------------------------------------------


def softmax_capped(
    score: Mapping[str, float], sharpness: float, caps: Mapping[str, float]
) -> dict[str, float]:
    """Softmax shares, none above its cap: what is cut off goes to the others in proportion.

    Caps that leave no room for a whole are widened in proportion.

    Parameters
    ----------
    score : mapping of axis to float
    sharpness : float
        0 gives equal shares; a large one gives all to the best axis.
    caps : mapping of axis to float
        Largest share of each axis.
    """
    if not score:
        return {}
    # only differences of scores matter: without the largest, exp cannot overflow
    top = max(score.values())
    raw = {a: math.exp(sharpness * (s - top)) for a, s in score.items()}
    total = math.fsum(raw.values())
    shares = {a: w / total for a, w in raw.items()}
    room = math.fsum(caps[a] for a in score)
    # a hair above 1, so that rounding does not leave a remainder that finds no room
    limit = {a: caps[a] * max(1.0, (1 + 1e-9) / room) if room > 0 else 1.0 for a in score}
    fixed: dict[str, float] = {}
    while True:
        over = [a for a, s in shares.items() if a not in fixed and s > limit[a] + 1e-12]
        if not over:
            return shares
        # what these axes cannot take may push others over their caps: hence the loop
        fixed.update({a: limit[a] for a in over})
        free = max(0.0, 1.0 - math.fsum(fixed.values()))
        rest = math.fsum(raw[a] for a in shares if a not in fixed)
        if rest <= 0:
            whole = math.fsum(fixed.values())
            return {a: s / whole for a, s in fixed.items()}
        shares = {a: fixed[a] if a in fixed else free * raw[a] / rest for a in shares}


def attack_shares(
    seen: Observation, score: Mapping[str, float], sharpness: float, cap: float
) -> dict[str, float]:
    """Shares of the men: axes open across the border take their dated share, the others follow the
    score.

    Parameters
    ----------
    seen : Observation
        Of the attacker.
    score : mapping of axis to float
    sharpness, cap : float
        As in ``softmax_capped``; no axis gets more men than find room on it.
    """
    across = {a: s for a, s in seen["open_shares"].items() if seen["frontage_km"][a] > 0}
    inland = {
        a: s for a, s in score.items() if seen["frontage_km"][a] > 0 and a not in seen["across"]
    }
    free = 1 - math.fsum(across.values()) if inland else 1.0
    men = math.fsum(seen["men"].values())
    caps = {a: min(cap, seen["room_men"][a] / men) if men > 0 else cap for a in inland}
    return {**{a: free * s for a, s in softmax_capped(inland, sharpness, caps).items()}, **across}


class Planner:
    """The attacker's weekly plan: shares of men, bombs and teams, worked out every seventh evening.

    It is worked out anew at once when an axis is lost or opened, and on every evening of a pursuit.
    Drone teams are also sent anew when they are reinforced. Subclasses say how much they want each
    axis.
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
        weekly = self.plan is None or (observation.day + 1) % 7 == 0
        plan, score = self.plan, dict[str, float]()
        if plan is None or weekly or self._moved(plan, observation):
            score = self.score(observation)
            shares = attack_shares(observation, score, *self.sharpness())
            plan = AttackerOrders(shares, shares, _teams(observation))
        elif observation["teams"] != self.teams:
            plan = AttackerOrders(plan.axis_shares, plan.air_shares, _teams(observation))
        # whether to push is asked every evening: a culminated force does not wait for the plan
        plan = replace(plan, assault=observation["assault_advised"])
        self.plan, self.teams = plan, observation["teams"]
        main = max(plan.axis_shares, key=plan.axis_shares.__getitem__, default="")
        if weekly:
            rule = "weekly planning evening"
        else:
            rule = "the front or the holder has moved" if score else "plan of the week stands"
        rule += _phase(observation)
        self.reason = decision(
            self.context,
            observation,
            {
                "score": score,
                "teams": self.teams,
                "main_effort": main,
                **_offensive(observation),
            },
            ("plan anew", "keep the plan"),
            "plan anew" if score else "keep the plan",
            rule,
        )
        return plan

    @staticmethod
    def _moved(plan: AttackerOrders, seen: Observation) -> bool:
        """Whether the holder leaves, an axis of the plan has lost its front, or one has opened."""
        front, planned = seen["frontage_km"], plan.axis_shares
        opened = [a for a, share in seen["open_shares"].items() if share > 0 and front[a] > 0]
        return (
            seen["phase_seen"] == "withdrawing"
            or any(front[a] <= 0 for a in planned)
            or any(a not in planned for a in opened)
        )


def _teams(seen: Observation) -> dict[str, dict[str, float]]:
    return team_shares(seen["reach"], seen["traffic"])


def _offensive(seen: Observation) -> dict[str, Any]:
    """Figures behind a push or a pause; none where the offensive has no phases."""
    if not seen["assault_advised"]:
        return {}
    return {name: seen[name] for name in ("fit_men", "assault_advised", "turn_men")}


def _phase(seen: Observation) -> str:
    """Words on what becomes of a push or a pause; empty where the offensive has no phases."""
    advised = seen["assault_advised"]
    if not advised:
        return ""
    if (advised == PUSH) == seen["pushing"]:
        return f"; the {advised} goes on"
    fit = f"{seen['fit_men']:.0f} men are fit to attack"
    return f"; a push begins, as {fit}" if advised == PUSH else f"; the push ends, as only {fit}"
