"""Campaigns of the same luck, played together: the days that they share are played once.

One campaign leads. Every evening the staffs of the others are asked too, on what the leading sides
see. A campaign goes its own way on the first evening on which its orders differ, or after which its
scenario brings something else. It goes on from the state of that midnight, together with those that
part from the leading one on the same evening by the same orders. Until then all had the same world,
the same luck and the same orders: they were one campaign.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice

from kursksim.engine.campaign import (
    answers,
    campaign,
    finish,
    ordered_by_the_end,
    policy_specs,
    provenance_of,
)
from kursksim.engine.engine import Engine
from kursksim.engine.resumption import parting_day
from kursksim.observation import Observation
from kursksim.orders import AttackerOrders, Decision, Orders
from kursksim.policies.base import Policy
from kursksim.rng import Streams
from kursksim.runs.record import Run
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.schema import Scenario
from kursksim.scenario.seats import seat_policies
from kursksim.sides import SIDES

__all__ = ["TOGETHER", "Arm", "Parted", "Seen", "go_on", "play_together"]

TOGETHER = 12
"""Arms of one job: enough to share days, few enough for all workers."""

Seen = Mapping[str, Observation]
"""What both sides see on an evening, by side."""


class Arm:
    """One of several campaigns of the same luck, with the staffs of both sides.

    Parameters
    ----------
    scenario : Scenario
    luck : Streams
    last_day : int
        Index of the last day played.
    policy : mapping of side to NAME[:ARGUMENT] or Policy, optional
        Objects are taken as they are: give each arm its own.
    parameters, values
        As in ``play``.

    Attributes
    ----------
    run : Run or None
        Once it has been played.
    error : Exception or None
        What ended it.
    refused : list of str
        Wishes for an evening that were not legal.
    """

    def __init__(
        self,
        scenario: Scenario,
        luck: Streams,
        last_day: int,
        *,
        policy: Mapping[str, str | Policy] | None = None,
        parameters: str = "default",
        values: Mapping[str, float] | None = None,
    ) -> None:
        self.scenario, self.luck, self.last_day = scenario, luck, last_day
        self.parameters = parameters
        self.value = parameter_set(scenario, parameters, luck) | dict(values or {})
        self.specs = policy_specs(scenario, policy)
        # all days of the campaign, however few are played: a rule may name a later date
        horizon = max(last_day + 1, scenario.days)
        self.policies = seat_policies(scenario, self.specs, self.value, horizon)
        self.decisions: list[Decision] = []
        self.refused: list[str] = []
        self.run: Run | None = None
        self.error: Exception | None = None
        self._along = 0.0
        """Day on which it leaves the leading arm at the latest."""

    def prepare(self, engine: Engine) -> list[str]:
        """Change what is to come before the staffs are asked; return what was not legal."""
        return []

    def ask(self, seen: Seen) -> dict[str, Orders]:
        """Orders that both staffs suggest for the next day."""
        return answers(seen, self.policies, self.decisions)

    def decide(self, engine: Engine, seen: Seen) -> dict[str, Orders]:
        """Orders of both sides for the next day."""
        return self.ask(seen)

    def days_with(self, other: Arm) -> float:
        """Day from which two arms may differ under the same orders; infinity where on none."""
        mine, theirs = (
            (a.luck.seed, a.luck.replication, a.luck.fresh, a.last_day) for a in (self, other)
        )
        if mine != theirs:
            return 0
        return parting_day(self.scenario, self.value, other.scenario, other.value)

    def _shares(self, leading: Arm) -> float:
        """Go along with a leading arm, and return until which day at the latest."""
        self._along = self.days_with(leading)
        return self._along

    def lead(self, others: Sequence[Arm]) -> None:
        """Play from the first day to the last, and the others from where they part."""
        luck = self.luck
        engine = Engine(
            self.scenario,
            seed=luck.seed,
            replication=luck.replication,
            value=self.value,
            fresh=luck.fresh,
        )
        self._play(engine, self._evenings(engine, [o for o in others if o._shares(self) > 0]))

    def _play(self, engine: Engine, orders: Iterator[dict[str, Orders]]) -> None:
        for _ in campaign(engine, islice(orders, self.last_day + 1 - engine.day)):
            pass
        # the evening after the last day is decided and recorded, not played
        ordered = ordered_by_the_end(engine, next(orders)["holder"])
        provenance = provenance_of(engine, self.specs, self.parameters, "summary")
        self.run = finish(engine, provenance, self.decisions, ordered)

    def _evenings(self, engine: Engine, others: Sequence[Arm] = ()) -> Iterator[dict[str, Orders]]:
        """Orders of both sides, evening after evening; others decide on the same evenings."""
        along = list(others)
        while True:
            refused = self.prepare(engine)
            self.refused += refused
            seen = {side: engine.observe(side) for side in SIDES}
            given = self.decide(engine, seen)
            staying, parted = list[Arm](), list[Parted]()
            for other in along:
                other.refused += refused
                with other._own_errors():
                    orders = other.decide(engine, seen)
                    if other._parts(engine.day, orders, given):
                        parted.append((other, orders))
                    else:
                        staying.append(other)
            along = staying
            go_on(engine, parted)
            yield given

    def _go_on(self, engine: Engine, orders: dict[str, Orders], others: Sequence[Arm]) -> None:
        """Play from the midnight of an engine to the end, and the others from where they part."""
        with self._own_errors():
            own = engine.back_at(engine.state(), self.scenario, self.value)
            self._play(own, chain([orders], self._evenings(own, others)))

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        """Keep what ends this arm: it does not end the others."""
        try:
            yield
        except (MemoryError, ImportError, OSError):  # of this process, not of the campaign
            raise
        except Exception as error:  # a model or policy of a user may raise anything
            self.error = error

    def _parts(self, day: int, orders: Mapping[str, Orders], given: Mapping[str, Orders]) -> bool:
        """Whether an evening is the last that this arm shares with the leading one."""
        if day >= self._along or day > self.last_day:
            return True
        attacker = orders["attacker"]
        # an order about a raid is legal by what is to come, and changes it
        if self._along <= self.last_day and isinstance(attacker, AttackerOrders) and attacker.raid:
            return True
        return repr(orders) != repr(given)  # in the same order too, in which sums are made


Parted = tuple[Arm, dict[str, Orders]]
"""An arm that leaves the leading one on an evening, and its orders for the next day."""


def play_together(arms: Sequence[Arm]) -> None:
    """Play arms from one that shares the most days with the others; each gets its run or its error.

    An arm that has neither then is to be played alone: it shares no day with the leading one, or
    that one broke off.
    """

    def shared(one: Arm) -> float:
        return math.fsum(min(one.days_with(other), other.last_day + 1) for other in arms)

    leading = max(arms, key=shared)  # the first of equals
    with leading._own_errors():
        leading.lead([arm for arm in arms if arm is not leading])


def go_on(engine: Engine, parted: Sequence[Parted]) -> None:
    """Play arms from the midnight of an engine to the end, each with its orders for the next day.

    Those that go on alike go on together. An arm that has neither run nor error then went along
    with one that broke off.
    """
    left = list(parted)
    while left:
        (leading, orders), *others = left
        left, along = [], list[Arm]()
        for other, own in others:
            other._shares(leading)
            if other._parts(engine.day, own, orders):
                left.append((other, own))
            else:
                along.append(other)
        leading._go_on(engine, orders, along)
