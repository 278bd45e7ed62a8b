"""A game: a campaign played one turn at a time, with orders from whoever plays it."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kursksim._version import results_version
from kursksim.api import WhatIf, kept, source_of, with_changes
from kursksim.counts import whole
from kursksim.engine.campaign import answers, finish, policy_specs, provenance_of
from kursksim.engine.engine import Engine
from kursksim.engine.legal import check_orders, order_rules
from kursksim.errors import BadUse, RunOver
from kursksim.observation import Observation
from kursksim.orders import Decision, Orders, orders_from_json
from kursksim.play.midnights import Midnights
from kursksim.play.moves import GameRecord, Move, OrderChoice, Ruling, differences, short_digest
from kursksim.play.saves import save_game
from kursksim.policies.base import Policy
from kursksim.rng import Streams
from kursksim.runs.record import Run, Turn
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.posterior import tell_version
from kursksim.scenario.reader import PatchLike
from kursksim.scenario.schema import Input, Scenario
from kursksim.scenario.seats import seat_policies
from kursksim.sides import SIDES, check_side
from kursksim.studies.reveal import Note
from kursksim.terrain.soundness import assure
from kursksim.units import day_of, parse_date

__all__ = ["Game"]

Given = Orders | Mapping[str, Any]
"""Complete orders, or some of their fields; the staff's suggestion fills in the rest."""
PLAYED = ("engine", "_policies", "_suggested", "_midnights", "decisions", "evenings")
"""What playing produces: copies and pickles leave it out, and play again."""


class Game:
    """A campaign turn by turn: observe, order, step; undo, branch, save.

    A side without orders plays its policy. The game keeps the midnights of its last week and every
    seventh before it, so that it takes back a turn without playing the others again. A copy and an
    unpickled game play all moves again. Each is independent of this one and stands at the same
    evening, with the same figures to the last digit.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    seed, replication : int
    policy : mapping of side to policy, optional
        The staff of each side: it suggests orders, and plays a side that gives none.
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
        what_if = kept(what_if)  # read patch files once: they may change before the game is saved
        self.scenario = with_changes(scenario, what_if, set)
        assure(self.scenario)
        tell_version(self.scenario, parameters)
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
            self.scenario, seed=self.seed, replication=self.replication, value=self._value
        )
        self._policies = self._seated()
        self.decisions: list[Decision] = []
        self.evenings: tuple[Mapping[str, Observation], ...] = ()
        """What both sides have seen, this evening included."""
        self._midnights = Midnights()
        self._think()

    def _seated(self) -> dict[str, Policy]:
        """Build the policies of both sides afresh."""
        specs = copy.deepcopy(self.specs)  # a policy object of the caller has a memory too
        return seat_policies(self.scenario, specs, self._value, self.scenario.days)

    def _think(self) -> None:
        """Ask both staffs for their orders, once an evening: a policy remembers each time."""
        self._midnights.keep(self.engine, self._policies)
        seen = {side: self.engine.observe(side) for side in SIDES}
        self._suggested = answers(seen, self._policies, self.decisions)
        self.evenings = (*self.evenings[: self.day], seen)

    # -- state ------------------------------------------------------------------------------------

    @property
    def day(self) -> int:
        """Index of the next day to play."""
        return self.engine.day

    @property
    def date(self) -> str:
        """Date of the next day to play."""
        return self.scenario.date(self.day).isoformat()

    @property
    def outcome(self) -> str | None:
        """How the campaign ended; None while it goes on, or if its last day passed without one."""
        return f"the {self.resigned} resigned" if self.resigned else self.engine.outcome

    @property
    def ending(self) -> str:
        """Why the game is over, in words; empty while it goes on."""
        last = "the last day has been played" if self.day >= self.scenario.days else ""
        return self.outcome or last

    @property
    def over(self) -> bool:
        """Whether the game is over."""
        return bool(self.ending)

    def _still_on(self) -> None:
        if self.over:
            raise RunOver(f"the game is over: {self.ending}")

    def observe(self, side: str) -> Observation:
        """Return what a side knows this evening: nothing of it is from the other side's books."""
        return self.engine.observe(check_side(side))

    def suggestion(self, side: str) -> Orders:
        """Orders that the staff of a side suggests for the next day: its policy's choice."""
        return self._suggested[check_side(side)]

    def decision(self, side: str) -> Decision:
        """Return the reason for the staff's suggestion."""
        # Each evening has appended one decision a side.
        return self.decisions[-len(SIDES) :][SIDES.index(check_side(side))]

    def legal_orders(self, side: str) -> dict[str, OrderChoice]:
        """Legal orders of a side for the next day: ranges, meaning, the staff's suggestion."""
        suggested = self.suggestion(side)
        rules = order_rules(self.engine.world, side, self.engine.calendar)
        return {n: OrderChoice(**vars(r), default=getattr(suggested, n)) for n, r in rules.items()}

    # -- turns ------------------------------------------------------------------------------------

    def orders(self, side: str, given: Given) -> Orders:
        """Complete some fields to orders; the staff's suggestion fills in the rest.

        Raises
        ------
        BadUse
            For an order that is not legal on the next day, with the reason.
        """
        suggested = self.suggestion(side)
        fields = vars(given) if isinstance(given, type(suggested)) else given
        if not isinstance(fields, Mapping):
            kind = type(suggested).__name__
            raise BadUse(f"orders of the {side} must be {kind} or a mapping of its fields")
        orders_from_json(side, fields)  # for its checks: `replace` takes a value of any type
        orders: Orders = dataclasses.replace(suggested, **fields)
        check_orders(self.engine.world, side, orders, self.engine.calendar)
        return orders

    def step(self, orders: Mapping[str, Given] | None = None) -> Turn:
        """Play the next day.

        Parameters
        ----------
        orders : mapping of side to orders, or to some of their fields, optional
            A side left out plays its policy.

        Raises
        ------
        BadUse
            For illegal orders; the game is unchanged.
        RunOver
            After the last day, or once the campaign has an outcome.
        """
        self._still_on()
        wanted = {} if orders is None else orders
        if not isinstance(wanted, Mapping):
            kind = type(orders).__name__
            raise BadUse(f"orders of type {kind}: must be a mapping of side to orders")
        for side in wanted:
            check_side(side)
        # Whole orders of both sides before anything is played: bad ones leave the game as it was.
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
        """Let both policies play a number of days, or to the end; return the game."""
        for _ in range(self.scenario.days if days is None else whole("days", days)):
            if self.over:
                break
            self.step()
        return self

    def resign(self, side: str) -> None:
        """End the game. The turns that were played stay."""
        self._still_on()
        self.resigned = check_side(side)

    # -- taking back ------------------------------------------------------------------------------

    def undo(self, turns: int = 1) -> Game:
        """Take back turns and return the game; a resignation is taken back and is no turn.

        Raises
        ------
        BadUse
            For more turns than have been played.
        """
        if not 0 < whole("turns", turns) <= len(self.moves):
            raise BadUse(f"{turns} turns cannot be taken back: {len(self.moves)} have been played")
        self.resigned = ""
        self._return_to(self.day - turns)
        self.notes = [n for n in self.notes if n.day <= self.day]
        return self

    def branch(self, day: int | None = None) -> Game:
        """Return another game with the same past, up to a day (by default, all of it)."""
        if day is not None and not 0 <= whole("day", day) <= self.day:
            raise BadUse(f"day {day}: the game has come to day {self.day}")
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.resigned = ""
        made._return_to(self.day if day is None else day)
        if made.day == self.day:
            made._rule_again(self._rulings)
        made.notes = [n for n in self.notes if n.day <= made.day]
        return made

    def engine_at(self, day: int) -> Engine:
        """Return an engine of its own at the midnight before a day that has been reached."""
        return self._midnights.engine_at(day, self.engine, self.moves)

    def again(self, moves: Iterable[Move], rulings: Iterable[Ruling] = ()) -> None:
        """Play moves again from the first day, then make the rulings of the evening after them."""
        self._begin()
        self._play_again(moves)
        self._rule_again(rulings)

    def _return_to(self, day: int) -> None:
        """Stand before an earlier day again, from the nearest midnight that is kept."""
        state, policies = self._midnights.nearest(day, self._seated)
        near, moves = state.day, self.moves
        self.engine, self._policies = self.engine.back_at(state), policies
        self.moves, self._rulings = moves[:near], []
        self.decisions = self.decisions[: len(SIDES) * near]
        self._midnights = self._midnights.until(near)
        self._think()
        self._play_again(moves[near:day])

    def _play_again(self, moves: Iterable[Move]) -> None:
        for move in moves:
            self._rule_again(move.rulings)
            self.step(move.given)

    def _rule_again(self, rulings: Iterable[Ruling]) -> None:
        for ruling in rulings:
            self.rule(ruling.entry, ruling.to)

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in self.__dict__.items() if name not in PLAYED}
        return {**state, "notes": list(self.notes), "results_version": results_version}

    def __setstate__(self, state: dict[str, Any]) -> None:
        made_by = state.pop("results_version")
        if made_by != results_version:
            raise BadUse(
                f"a game of results version {made_by} was pickled, this library has"
                f" {results_version}: it would play differently"
            )
        self.__dict__.update(state, resigned="")  # a game that was resigned takes no moves
        self.again(state["moves"], state["_rulings"])
        self.resigned = state["resigned"]

    # -- umpire -----------------------------------------------------------------------------------

    def rule(self, entry: str, to: str | dt.date | int | None) -> None:
        """Let a dated input that is still to come happen on another date, or never.

        Parameters
        ----------
        entry : str
            Id of the dated input.
        to : date, str, int or None
            Its new date or day index; None for never.

        Raises
        ------
        BadUse
            For an input that is not still to come, or a day that is over.
        """
        if isinstance(to, (str, dt.date)):
            to = day_of(parse_date(to, "to"), self.scenario.start)
        self.engine.calendar.move(entry, to, self.day)
        self._rulings.append(Ruling(entry, to))

    def to_come(self) -> list[tuple[int, Input]]:
        """Days and dated inputs that are still to come, for the umpire."""
        return self.engine.calendar.coming(self.day)

    def note(self, text: str) -> None:
        """Add a remark on this evening; it is saved with the game."""
        self.notes.append(Note(self.day, str(text)))

    # -- afterwards -------------------------------------------------------------------------------

    def run(self) -> Run:
        """Return the turns played so far as a Run, for plots, tables and replay.

        Raises
        ------
        BadUse
            Before the first turn.
        """
        if not self.moves:
            raise BadUse("nothing has been played yet")
        provenance = provenance_of(self.engine, self.specs, self.parameters, "summary")
        ordered = self.engine.world.command.order_day
        return finish(self.engine, provenance, self.decisions, ordered, self._midnights.of_a_run())

    @property
    def past(self) -> str:
        """Digest of all orders played, and of the calendar as it is now."""
        calendar = [[day, entry.id] for day, entry in self.engine.calendar.coming(0)]
        story = [[move.played for move in self.moves], calendar]
        return short_digest(json.dumps(story, sort_keys=True))

    @property
    def record(self) -> GameRecord:
        """Everything that a save keeps of the game."""
        # The values are in the digest too: a posterior that has changed plays the same orders
        # with other results.
        values = json.dumps(self.engine.value, sort_keys=True)
        what_ifs, given = self.changes
        return GameRecord(
            scenario=self.scenario,
            source=self.source,
            what_ifs=what_ifs,
            set=dict(given or {}),
            seed=self.seed,
            replication=self.replication,
            parameters=self.parameters,
            policies=self.specs,
            moves=self.moves,
            rulings=self._rulings,
            notes=self.notes,
            resigned=self.resigned,
            past=short_digest(f"{self.past} {values}"),
            held_km2=float(self.engine.world.ground.held_km2) if self.moves else None,
        )

    def save(self, path: str | Path) -> Path:
        """Save the game as a small JSON file that plays again exactly; return its path."""
        return save_game(self.record, path)

    def __repr__(self) -> str:
        state = self.ending or f"before {self.date}"
        return f"<Game of {self.scenario.id!r}, seed {self.seed}, {len(self.moves)} turns: {state}>"
