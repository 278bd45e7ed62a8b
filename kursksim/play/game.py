"""A game: a campaign played a turn at a time, by whoever gives the orders."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from kursksim._version import results_version
from kursksim.api import WhatIf, kept, source_of, with_changes
from kursksim.counts import whole
from kursksim.engine.engine import (
    Engine,
    decide,
    finish,
    policy_specs,
    provenance_of,
    seat_policies,
)
from kursksim.engine.legal import OrderRule, check_orders, order_rules
from kursksim.errors import BadUse, RunOver
from kursksim.observation import Observation
from kursksim.orders import Decision, Orders, orders_from_json, orders_to_json
from kursksim.play.moves import GameRecord, Move, Ruling, differences
from kursksim.play.saves import save_game
from kursksim.policies.base import Policy
from kursksim.rng import Streams
from kursksim.runs.record import Run, Turn
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.reader import PatchLike
from kursksim.scenario.schema import Input, Scenario
from kursksim.sides import SIDES, check_side
from kursksim.studies.reveal import Note
from kursksim.terrain.soundness import assure
from kursksim.units import day_of, parse_date

__all__ = ["Game", "OrderChoice"]

Given = Orders | Mapping[str, Any]
"""Orders whole, or some of their fields: the rest is the staff's suggestion."""
PLAYED = ("engine", "_policies", "_suggested", "decisions")
"""Attributes that come out of playing: a copy and a pickle play them again."""


@dataclass(frozen=True)
class OrderChoice(OrderRule):
    """An order that can be given for the next day, with what the staff suggests.

    Attributes
    ----------
    default : object
        The choice of the side's rule policy.
    """

    default: Any = None


class Game:
    """A campaign turn by turn: observe, order, step; undo, branch, save.

    A side without orders plays its policy. The state is never stored: taking back a turn plays the others again, and
    comes out the same to the last digit. So do a copy and a game out of a pickle: each is a game of its own that stands
    where this one stands.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    seed, replication : int
    policy : mapping of side to policy, optional
        Who suggests, and plays a side without orders.
    what_if, set
        As in ``load``.
    parameters : {"default", "prior", "posterior"}

    Examples
    --------
    >>> import kursksim as ks
    >>> game = ks.Game("two-roads", seed=7)
    >>> turn = game.step({"holder": {"night_share": 1.0}})
    >>> game.day, game.moves[0].given["holder"]
    (1, {'night_share': 1.0})
    >>> game.undo().day
    0
    """

    def __init__(
        self,
        scenario: Scenario | str | Path,
        *,
        seed: int = 0,
        replication: int = 0,
        policy: Mapping[str, str | Policy] | None = None,
        what_if: WhatIf = (),
        set: Mapping[str, Any] | None = None,
        parameters: str = "default",
    ) -> None:
        what_if = kept(what_if)
        self.scenario = with_changes(scenario, what_if, set)
        assure(self.scenario)
        self.seed, self.replication = whole("seed", seed), whole("replication", replication)
        self.parameters = parameters
        self.source = source_of(scenario)
        self.changes: tuple[list[PatchLike], Mapping[str, Any] | None] = (what_if, set)
        self.specs = policy_specs(self.scenario, policy)
        self.notes: list[Note] = []
        self.resigned = ""
        self._value = parameter_set(self.scenario, parameters, Streams(self.seed, self.replication))
        self._begin()

    def _begin(self) -> None:
        self.moves: tuple[Move, ...] = ()
        self._rulings: list[Ruling] = []
        self.engine = Engine(
            self.scenario,
            seed=self.seed,
            replication=self.replication,
            value=self._value,
            stop_at_outcome=True,
        )
        specs = copy.deepcopy(self.specs)  # a rule that was handed in begins afresh too
        self._policies = seat_policies(self.scenario, specs, self._value, self.scenario.days)
        self.decisions: list[Decision] = []
        self._think()

    def _think(self) -> None:
        """Let both staffs work out the evening; each is asked once, as a policy remembers its evenings."""
        self._suggested = decide(self.engine, self._policies, self.decisions)

    # -- what there is to know ------------------------------------------------------------------------------------

    @property
    def day(self) -> int:
        """The day to be played next."""
        return self.engine.day

    @property
    def date(self) -> str:
        """Its date."""
        return self.scenario.date(self.day).isoformat()

    @property
    def outcome(self) -> str | None:
        """How the campaign ended; None while it goes on, and after the last day without one."""
        return f"the {self.resigned} resigned" if self.resigned else self.engine.outcome

    @property
    def ending(self) -> str:
        """Why there is no turn left to play, in words; empty while there is."""
        return self.outcome or (
            "the last day has been played" if self.day >= self.scenario.days else ""
        )

    @property
    def over(self) -> bool:
        """Whether there is no turn left to play."""
        return bool(self.ending)

    def _still_on(self) -> None:
        if self.over:
            raise RunOver(f"the game is over: {self.ending}")

    def observe(self, side: str) -> Observation:
        """What a side knows this evening; nothing in it comes from the other side's books."""
        return self.engine.observe(check_side(side))

    def suggestion(self, side: str) -> Orders:
        """What the staff of a side suggests for the next day: the choice of its policy."""
        return self._suggested[check_side(side)]

    def decision(self, side: str) -> Decision:
        """Why the staff suggests it."""
        return self.decisions[-len(SIDES) :][SIDES.index(check_side(side))]

    def legal_orders(self, side: str) -> dict[str, OrderChoice]:
        """What a side can order for the next day: ranges, plain words, and the staff's suggestion as the default."""
        suggested = self.suggestion(side)
        rules = order_rules(self.engine.world, side, self.engine.calendar)
        return {n: OrderChoice(**vars(r), default=getattr(suggested, n)) for n, r in rules.items()}

    # -- turns ----------------------------------------------------------------------------------------------------

    def orders(self, side: str, given: Given) -> Orders:
        """Whole orders from some fields: the staff's suggestion stands for the rest.

        Raises
        ------
        BadUse
            For what is not legal on the next day, with the reason.
        """
        suggested = self.suggestion(side)
        if isinstance(given, Mapping):
            orders_from_json(
                side, given
            )  # a wrong type or an unknown field must not reach the orders
            given = dataclasses.replace(suggested, **given)
        elif isinstance(given, type(suggested)):
            orders_from_json(side, vars(given))
        else:
            raise BadUse(
                f"orders of the {side} must be {type(suggested).__name__} or a mapping of its fields"
            )
        check_orders(self.engine.world, side, given, self.engine.calendar)
        return given

    def step(self, orders: Mapping[str, Given] | None = None) -> Turn:
        """Play the next day.

        Parameters
        ----------
        orders : mapping of side to orders, or to some of their fields, optional
            A side left out plays its policy.

        Raises
        ------
        BadUse
            For illegal orders; the game stands as it was.
        RunOver
            After the last day, or once the campaign has an outcome.
        """
        self._still_on()
        if orders is not None and not isinstance(orders, Mapping):
            raise BadUse(
                f"orders of type {type(orders).__name__}: must be a mapping of side to orders"
            )
        wanted = dict(orders or {})
        for side in wanted:
            check_side(side)
        played = {
            s: self.orders(s, wanted[s]) if s in wanted else self.suggestion(s) for s in SIDES
        }
        given = {s: differences(played[s], self.suggestion(s)) for s in wanted}
        turn = self.engine.step(played)
        self.moves = (*self.moves, Move(given, played, tuple(self._rulings)))
        self._rulings = []
        self._think()
        return turn

    def play_on(self, days: int | None = None) -> Game:
        """Let both policies play some days, or to the end; returns the game."""
        days = None if days is None else whole("days", days)
        while not self.over and (days is None or days > 0):
            self.step()
            days = None if days is None else days - 1
        return self

    def resign(self, side: str) -> None:
        """End the game; what was played stays."""
        self._still_on()
        self.resigned = check_side(side)

    # -- taking back ----------------------------------------------------------------------------------------------

    def undo(self, turns: int = 1) -> Game:
        """Take back turns; a resignation counts for none. Returns the game.

        Raises
        ------
        BadUse
            For more turns than were played.
        """
        if not 0 < whole("turns", turns) <= len(self.moves):
            raise BadUse(f"{turns} turns cannot be taken back: {len(self.moves)} have been played")
        self.resigned = ""
        self.again(self.moves[:-turns])
        self.notes = [n for n in self.notes if n.day <= self.day]
        return self

    def branch(self, day: int | None = None) -> Game:
        """Another game with the same past, up to a day (now, if left out)."""
        if day is not None and not 0 <= whole("day", day) <= self.day:
            raise BadUse(f"day {day}: the game has come to day {self.day}")
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.resigned = ""
        made.again(self.moves[:day], self._rulings if day in (None, self.day) else ())
        made.notes = [n for n in self.notes if n.day <= made.day]
        return made

    def again(self, moves: Iterable[Move], rulings: Iterable[Ruling] = ()) -> None:
        """Play moves from the first day on, as they were; a side without orders plays its policy again.

        ``rulings`` are those of the evening after the last of them.
        """
        self._begin()
        for move in moves:
            self._rule_again(move.rulings)
            self.step(move.given)
        self._rule_again(rulings)

    def _rule_again(self, rulings: Iterable[Ruling]) -> None:
        for ruling in rulings:
            self.rule(ruling.entry, ruling.to)

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in self.__dict__.items() if name not in PLAYED}
        return {**state, "notes": list(self.notes), "results_version": results_version}

    def __setstate__(self, state: dict[str, Any]) -> None:
        made_by = state["results_version"]
        if made_by != results_version:
            raise BadUse(
                f"a game of results version {made_by} was pickled, this library has {results_version}:"
                " it would play otherwise"
            )
        self.__dict__.update(
            {n: v for n, v in state.items() if n != "results_version"}, resigned=""
        )
        self.again(state["moves"], state["_rulings"])
        self.resigned = state["resigned"]

    # -- umpire ---------------------------------------------------------------------------------------------------

    def rule(self, entry: str, to: str | dt.date | int | None) -> None:
        """An umpire's ruling: a dated input that is still to come happens on another date, or never (None).

        Raises
        ------
        BadUse
            For an input that is not to come, or a day that is over.
        """
        day = (
            to
            if isinstance(to, int) or to is None
            else day_of(parse_date(to, "to"), self.scenario.start)
        )
        self.engine.calendar.move(entry, day, self.day)
        self._rulings.append(Ruling(entry, day))

    def to_come(self) -> list[tuple[int, Input]]:
        """For the umpire: dated inputs that are still to come, with their days."""
        return self.engine.calendar.coming(self.day)

    def note(self, text: str) -> None:
        """Write down a remark on this evening; it is saved with the game."""
        self.notes.append(Note(self.day, str(text)))

    # -- afterwards -----------------------------------------------------------------------------------------------

    def run(self) -> Run:
        """What has been played as a Run, for plots, tables and replay.

        Raises
        ------
        BadUse
            Before the first turn.
        """
        if not self.moves:
            raise BadUse("nothing has been played yet")
        ordered = self.engine.world.command.order_day
        provenance = provenance_of(
            self.engine, self.specs, self.parameters, "summary", len(self.moves)
        )
        return finish(
            self.engine, provenance, self.decisions, [m.orders for m in self.moves], ordered
        )

    @property
    def past(self) -> str:
        """A digest of all that has been played, and of the calendar as rulings have left it this evening."""
        story = [
            [{s: orders_to_json(move.orders[s]) for s in SIDES} for move in self.moves],
            [[day, entry.id] for day, entry in self.engine.calendar.coming(0)],
        ]
        return sha256(json.dumps(story, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def record(self) -> GameRecord:
        """Everything that the game is made of, as it is saved."""
        values = json.dumps(self.engine.value, sort_keys=True)
        what_ifs, single = self.changes
        return GameRecord(
            self.scenario, self.source, what_ifs, dict(single or {}), self.seed, self.replication, self.parameters,
            self.specs, self.moves, self._rulings, self.notes, self.resigned,
            past=sha256(f"{self.past} {values}".encode()).hexdigest()[:16],
            held_km2=float(self.engine.world.ground.held_km2) if self.moves else None,
        )  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Save the game as a small JSON file that plays again exactly."""
        return save_game(self.record, path)

    def __repr__(self) -> str:
        state = self.ending or f"before {self.date}"
        return f"<Game of {self.scenario.id!r}, seed {self.seed}, {len(self.moves)} turns: {state}>"
