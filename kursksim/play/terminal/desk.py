"""The table at which a game is played: who sits at the screen, the orders of the evening, branches, saves.

The line-by-line seat and the terminal app are two faces of it: both hand it lines and show what it answers.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse, KursksimError, OtherVersions, RunOver, nearest
from kursksim.orders import Orders, orders_to_json
from kursksim.play.game import Game
from kursksim.play.terminal.answers import Answer
from kursksim.play.terminal.exchange import read_orders, write_orders
from kursksim.play.terminal.fog import UMPIRE
from kursksim.play.terminal.report import day_log, morning
from kursksim.play.terminal.words import NO, YES, read_value, shown
from kursksim.sides import SIDES
from kursksim.text import plain

__all__ = ["ONCE", "STANDS", "Desk", "seats_of"]

ONCE = ("reserve_to", "counter_attack", "raid")
"""Orders that are carried out once: of several days played at one word they hold for the first."""
STANDS = ("withdraw",)
"""Flags that stand once they are given: whoever types one at a terminal is asked once."""


@dataclass
class Desk:
    """A game and those who sit at it.

    Attributes
    ----------
    game : Game
    seats : tuple of str
        Who gives orders at this screen, in turn; the umpire comes last.
    autosave : Path or None
        File that is kept up to date after every turn; a branch has one of its own beside it.
    exchange : bool
        The other side's orders come in a file: no turn is played without them.
    at : int
        Which of the seats is at the screen.
    covered : bool
        Whether a cover page hides the game until the next one has sat down.
    here : str
        The branch being played.
    saved : Path or None
        Where the game was last kept.
    given : mapping of side to mapping of field to value
        What was ordered this evening otherwise than the staff suggests.
    received : mapping of side to Orders
        What came in a file for this evening.
    written : mapping of side to mapping
        What went out in a file for this evening, as JSON has it.
    branches : mapping of str to Game
        The others, by name.
    asks : bool
        Whether somebody sits there who can be asked: at a terminal, not behind a pipe.
    asked : str
        The order about which the seat was asked and has not replied yet.
    """

    game: Game
    seats: tuple[str, ...] = ("holder",)
    autosave: Path | None = None
    exchange: bool = False
    at: int = 0
    covered: bool = False
    here: str = "main"
    saved: Path | None = None
    given: dict[str, dict[str, Any]] = field(default_factory=dict)
    received: dict[str, Orders] = field(default_factory=dict)
    written: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    branches: dict[str, Game] = field(default_factory=dict)
    asks: bool = False
    asked: str = ""

    def __post_init__(self) -> None:
        self._fresh()
        self.covered = len(self.seats) > 1

    # -- who sits here --------------------------------------------------------------------------------------------

    @property
    def seat(self) -> str:
        """Whose turn it is at the screen."""
        return self.seats[self.at]

    @property
    def side(self) -> str:
        """The side that the seat plays.

        Raises
        ------
        BadUse
            For an umpire, who gives no orders.
        """
        if self.seat == UMPIRE:
            raise BadUse("an umpire gives no orders; name a side, such as `report holder`")
        return self.seat

    def player(self, word: str) -> str:
        """The side that a page is about: one's own, or for an umpire the one named."""
        if self.seat != UMPIRE:
            if word and word != self.seat:
                raise BadUse(f"the pages of the {plain(word)[:40]} are not yours to see")
            return self.seat
        if word not in SIDES:
            raise BadUse("an umpire names a side: holder or attacker")
        return word

    def cover(self) -> list[str]:
        """The page between two people at one screen."""
        who = (
            self.seat
            if self.seat == UMPIRE
            else f"{self.game.scenario.sides[self.seat].short} ({self.seat})"
        )  # type: ignore[index]
        return [
            "",
            "-" * 60,
            f"Cover page. Hand the screen to: {who}.",
            "Press Enter when only they look.",
            "-" * 60,
        ]

    def uncover(self) -> Answer:
        """The next person has sat down: what happened, and the morning report."""
        self.covered = False
        if self.seat == UMPIRE:
            return Answer(
                [
                    f"Umpire, evening before {self.game.date}: calendar, books, rule, note; end goes on."
                ]
            )
        return Answer([*self.news(), "", *morning(self.game, self.seat)], "report", turned=True)

    def news(self) -> list[str]:
        """The log of the last day for the seat; nothing on the eve."""
        return day_log(self.game, self.side) if self.game.day else []

    # -- orders ---------------------------------------------------------------------------------------------------

    def set_order(self, name: str, text: str) -> Answer:
        """Fill in one order of the evening; it is tried at once.

        Raises
        ------
        BadUse
            With the rule that it breaks; the orders stay as they were.
        """
        self._still_on()
        side = self.side
        choice = self.game.legal_orders(side)[name]
        value = read_value(choice, text)
        wanted = {**self.given[side], name: value}
        self.game.orders(side, wanted)
        if (
            self.asks
            and name in STANDS
            and value
            and not self.given[side].get(name, choice.default)
        ):
            self.asked = name
            return Answer([f"{name}: {choice.means} Order it? (yes or no)"], asks=True)
        self.given[side] = wanted
        return Answer([f"{name}: {shown(value)}"], "orders", turned=True)

    def reply(self, text: str) -> Answer:
        """Take the reply to the question that was asked: anything but yes leaves the orders as they were."""
        name, self.asked = self.asked, ""
        if text.lower() in YES:
            self.given[self.side][name] = True
            return Answer([f"{name}: yes"], "orders", turned=True)
        taken = "" if text.lower() in ("", *NO) else f" ({plain(text)[:40]!r} was taken as a no)"
        return Answer([f"{name}: not ordered{taken}"])

    def clear(self, name: str = "") -> Answer:
        """Go back to the staff's suggestion, for one order or all."""
        side = self.side
        if name:
            self.given[side].pop(name, None)
        else:
            self.given[side] = {}
        return Answer([f"{name or 'all orders'}: as the staff suggests"], "orders", turned=True)

    # -- turns ----------------------------------------------------------------------------------------------------

    def end(self, days: int = 1) -> Answer:
        """End the turn of the seat; when everybody has, the day is played.

        Parameters
        ----------
        days : int
            Days to play with the same orders, for one who plays alone.
        """
        self._still_on()
        if days > 1 and (len(self.seats) > 1 or self.exchange):
            raise BadUse("several days at once are for one who plays alone")
        if self.at + 1 < len(self.seats):
            self.at, self.covered = self.at + 1, True
            return Answer(self.cover(), turned=True)
        lines: list[str] = []
        for number in range(days):
            if self.game.over:
                break
            try:
                self.game.step(self._orders(first=number == 0))
            except BadUse as error:
                if number == 0:
                    raise
                lines.append(f"Stopped before {self.game.date}: {plain(error)}")
                break
            if self.seats != (UMPIRE,) and len(self.seats) == 1:
                lines += self.news()
        self._fresh()
        lines += self.keep()
        if len(self.seats) > 1:
            self.covered = True
            return Answer([*lines, *self.cover()], turned=True)
        if self.game.over:
            lines.append(f"The game is over: {self.game.ending}.")
        return Answer(lines, "log", turned=True)

    def _orders(self, first: bool) -> dict[str, Any]:
        """What goes to the game: own orders, those that came in a file; a side without either plays its policy."""
        if self.exchange:
            for side in SIDES:
                if side not in self.seats and side not in self.received:
                    raise BadUse(
                        f"the {side}'s orders for {self.game.date} have not come: read orders FILE"
                    )
        mine: dict[str, Any] = {}
        for side in self.seats:
            if side in SIDES:
                given = self.given[side]
                mine[side] = given if first else {n: v for n, v in given.items() if n not in ONCE}
                self._as_written(side)
        return {**mine, **self.received}

    def _as_written(self, side: str) -> None:
        """Orders that went out in a file are played as they went out."""
        if self.exchange:
            now = orders_to_json(self.game.orders(side, self.given[side]))
            if self.written.get(side) != now:
                was = (
                    "have changed since they were written"
                    if side in self.written
                    else "are not written yet"
                )
                raise BadUse(
                    f"the {side}'s orders {was}: write orders FILE, and send it to the other machine"
                )

    def keep(self) -> list[str]:
        """Keep the game in its file; a disk that refuses is told once and the game goes on."""
        if self.autosave is None or not self.game.day:
            return []
        own = "" if self.here == "main" else f".{self.here}"
        try:
            self.autosave.parent.mkdir(parents=True, exist_ok=True)
            self.saved = self.game.save(
                self.autosave.with_name(f"{self.autosave.stem}{own}{self.autosave.suffix}")
            )
        except (KursksimError, OSError) as error:
            self.autosave = None
            return [f"The game is not kept from here on: {plain(error)}"]
        return []

    def undo(self, turns: int = 1) -> Answer:
        """Take back turns."""
        self.game.undo(turns)
        self._fresh()
        self.keep()
        return self._moved(f"Taken back: {turns} day{'s' * (turns > 1)}.")

    def resign(self) -> Answer:
        """The seat gives up."""
        self.game.resign(self.side)
        self.keep()
        return Answer([f"The {self.seat} resigned."], turned=True, leaves=True)

    # -- branches and files ---------------------------------------------------------------------------------------

    def branch(self, name: str) -> Answer:
        """Keep this point under a name, to come back to."""
        if name == self.here or name in self.branches:
            raise BadUse(
                f"there is a branch {plain(name)[:40]!r} already: {', '.join(self.names())}"
            )
        self.branches[name] = self.game.branch()
        return Answer([f"Branch {name} kept at {self.game.date}; `go {name}` plays on there."])

    def go(self, name: str) -> Answer:
        """Go to a branch; the one that is left stays under its own name."""
        if name == self.here:
            raise BadUse(f"you are on {plain(name)[:40]!r}")
        if name not in self.branches:
            raise BadUse(f"no branch {plain(name)[:40]!r}; {nearest(name, self.branches)}")
        self.branches[self.here] = self.game
        self.game, self.here = self.branches.pop(name), name
        self._fresh()
        return self._moved(f"On branch {name}.")

    def names(self) -> list[str]:
        """All branches, the one being played first."""
        return [self.here, *sorted(self.branches)]

    def save(self, path: str) -> Answer:
        """Save the game under a name of the player's own."""
        self.saved = self.game.save(path)
        return Answer([f"Saved in {self.saved}."])

    def load(self, path: str) -> Answer:
        """Open a saved game in place of this one."""
        from kursksim.play.load import load_game

        with warnings.catch_warnings(
            record=True
        ) as told:  # a line of its own would tear the app's screen
            warnings.simplefilter("always", OtherVersions)
            self.game = load_game(path)
        self._fresh()
        said = "".join(f" {warning.message}." for warning in told)
        return self._moved(f"Opened {plain(path)[:200]}.{said}")

    def write(self, path: str) -> Answer:
        """Write the orders of the evening to a file for the other machine."""
        self._still_on()
        orders = self.game.orders(self.side, self.given[self.side])
        target = write_orders(self.game, self.side, orders, path)
        self.written[self.side] = orders_to_json(orders)
        return Answer([f"Orders of the {self.side} for {self.game.date} are in {target}."])

    def read(self, path: str) -> Answer:
        """Take in the other side's orders, unseen."""
        self._still_on()
        side, orders = read_orders(self.game, path)
        if side in self.seats:
            raise BadUse(f"{plain(path)[:200]}: has orders of the {side}, who sits here")
        self.received[side] = orders
        return Answer([f"Orders of the {side} for {self.game.date} are in; they stay closed."])

    # -- within ---------------------------------------------------------------------------------------------------

    def _moved(self, text: str) -> Answer:
        where = "the game is over" if self.game.over else f"The next day is {self.game.date}"
        lines = [f"{text} {where}."]
        self.covered = len(self.seats) > 1
        return Answer([*lines, *(self.cover() if self.covered else [])], turned=True)

    def _fresh(self) -> None:
        """A new evening: nothing ordered yet, the first seat at the screen."""
        self.at = 0
        self.given = {s: {} for s in SIDES}
        self.received, self.written = {}, {}

    def _still_on(self) -> None:
        if self.game.over:
            raise RunOver(f"the game is over: {self.game.ending}; undo or quit")


def seats_of(side: str, umpire: bool) -> tuple[str, ...]:
    """Who sits at the screen, from the flags."""
    known: dict[str, Sequence[str]] = {
        "holder": ("holder",),
        "attacker": ("attacker",),
        "both": SIDES,
        "none": (),
    }
    if side not in known:
        raise BadUse(f"--side {plain(side)[:40]!r}; {nearest(side, known)}")
    seats = (*known[side], *((UMPIRE,) if umpire else ()))
    if not seats:
        raise BadUse("--side none is for an umpire: add --umpire")
    return seats
