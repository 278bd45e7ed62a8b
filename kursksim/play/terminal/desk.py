"""The table at which a game is played: the seats, the orders of the evening, branches, saves.

The line-by-line seat and the terminal app both hand it lines and show what it answers.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse, KursksimError, OtherVersions, RunOver, nearest
from kursksim.orders import Orders, orders_to_json
from kursksim.play.game import Game
from kursksim.play.load import load_game
from kursksim.play.terminal.exchange import read_orders, write_orders
from kursksim.play.terminal.fog import UMPIRE
from kursksim.play.terminal.report import day_log, morning
from kursksim.play.terminal.words import NO, YES, read_value, shown
from kursksim.sides import SIDES
from kursksim.text import plain

__all__ = ["Answer", "Desk", "seats_of"]

ONCE = ("reserve_to", "counter_attack", "raid")
"""Orders that are carried out once: `end N` gives them on the first of its days."""
STANDS = ("withdraw",)
"""Flags that cannot be taken back once a day has been played: a player at a terminal is asked."""
SEATS: dict[str, tuple[str, ...]] = {
    "holder": ("holder",),
    "attacker": ("attacker",),
    "both": SIDES,
    "none": (),
}
"""Seats of the flag --side."""


@dataclass
class Answer:
    """What the desk answers to a line.

    Attributes
    ----------
    lines : list of str
    page : str
        Page of the app that shows the lines: report, orders, log, charts, map; '' for a short
        answer.
    turned : bool
        Whether the state of the game has changed, so that every page must be drawn again.
    leaves : bool
        Whether the player leaves the game.
    asks : bool
        Whether the lines are a question, to be answered by the next line: yes or no.
    """

    lines: list[str]
    page: str = ""
    turned: bool = False
    leaves: bool = False
    asks: bool = False


@dataclass
class Desk:
    """A game and those who sit at it.

    Attributes
    ----------
    game : Game
    seats : tuple of str
        Who gives orders at this screen, in turn; the umpire comes last.
    autosave : Path or None
        File that is kept up to date after every turn. Each branch has one of its own beside it.
    exchange : bool
        Whether the other side's orders come in a file: no turn is played without them.
    at : int
        Index of the seat that is at the screen.
    covered : bool
        Whether a cover page hides the game until the next person has sat down.
    here : str
        The branch being played.
    saved : Path or None
        Where the game was last saved.
    given : mapping of side to mapping of field to value
        Orders of this evening in which a side departs from its staff's suggestion.
    received : mapping of side to Orders
        Orders of this evening that came in a file.
    written : mapping of side to mapping
        Orders of this evening that went out in a file, in their JSON form.
    branches : mapping of str to Game
        The other branches, by name.
    asks : bool
        Whether a person can be asked: true at a terminal, false for a pipe.
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
        self._new_evening()

    # -- seats ------------------------------------------------------------------------------------

    @property
    def seat(self) -> str:
        """The seat at the screen: a side, or the umpire."""
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
        """Return the side that a page is about: a player's own, or the one that an umpire names."""
        if self.seat != UMPIRE:
            if word and word != self.seat:
                raise BadUse(f"the pages of the {plain(word)[:40]} are not yours to see")
            return self.seat
        if word not in SIDES:
            raise BadUse("an umpire names a side: holder or attacker")
        return word

    def cover(self) -> list[str]:
        """Return the page between two people at one screen."""
        names = {side: s.short for side, s in self.game.scenario.sides.items()}
        who = f"{names[self.seat]} ({self.seat})" if self.seat in SIDES else self.seat  # type: ignore[index]
        return [
            "",
            "-" * 60,
            f"Cover page. Hand the screen to: {who}.",
            "Press Enter when nobody else can see the screen.",
            "-" * 60,
        ]

    def uncover(self) -> Answer:
        """Open the page of the next person: the log of the last day, the morning report."""
        self.covered = False
        if self.seat == UMPIRE:
            day = f"Umpire, evening before {self.game.date}"
            return Answer([f"{day}: calendar, books, rule, note; end goes on."])
        lines = [*self._log(), "", *morning(self.game, self.seat)]
        return Answer(lines, "report", turned=True)

    # -- orders -----------------------------------------------------------------------------------

    def set_order(self, name: str, text: str) -> Answer:
        """Give one order for the next day.

        Raises
        ------
        BadUse
            For an order that breaks a rule, with that rule; the orders stay as they were.
        """
        self._still_on()
        given = self.given[self.side]
        choice = self.game.legal_orders(self.side)[name]
        value = read_value(choice, text)
        # All orders of the evening, since an order may be legal only together with another.
        self.game.orders(self.side, {**given, name: value})
        if self.asks and name in STANDS and value and not given.get(name, choice.default):
            self.asked = name
            return Answer([f"{name}: {choice.means} Order it? (yes or no)"], asks=True)
        given[name] = value
        return Answer([f"{name}: {shown(value)}"], "orders", turned=True)

    def reply(self, text: str) -> Answer:
        """Take the reply to a question; anything but yes leaves the orders as they were."""
        name, self.asked = self.asked, ""
        if text.lower() in YES:
            self.given[self.side][name] = True
            return Answer([f"{name}: yes"], "orders", turned=True)
        taken = "" if text.lower() in ("", *NO) else f" ({plain(text)[:40]!r} was taken as a no)"
        return Answer([f"{name}: not ordered{taken}"])

    def clear(self, name: str = "") -> Answer:
        """Return to the staff's suggestion, for one order or all."""
        given = self.given[self.side]
        for each in [name] if name else list(given):
            given.pop(each, None)
        return Answer([f"{name or 'all orders'}: as the staff suggests"], "orders", turned=True)

    # -- turns ------------------------------------------------------------------------------------

    def end(self, days: int = 1) -> Answer:
        """End the turn of the seat; after the last seat the day is played.

        Parameters
        ----------
        days : int
            Days to play with the same orders, for a player who is alone.
        """
        self._still_on()
        together = len(self.seats) > 1
        if days > 1 and (together or self.exchange):
            raise BadUse("only a player who is alone can play several days at once")
        if self.at + 1 < len(self.seats):
            self.at, self.covered = self.at + 1, True
            return Answer(self.cover(), turned=True)
        lines = self._play(days)
        self._new_evening()
        lines += self.keep()
        if together:
            return Answer([*lines, *self.cover()], turned=True)
        if self.game.over:
            lines.append(f"The game is over: {self.game.ending}.")
        return Answer(lines, "log", turned=True)

    def _play(self, days: int) -> list[str]:
        """Play days with the orders of this evening; return their log for a player who is alone."""
        lines: list[str] = []
        for number in range(days):
            if self.game.over:
                break
            try:
                self.game.step(self._orders(first=number == 0))
            except BadUse as error:
                # Orders may be legal today and not tomorrow: the days played until then count.
                if number == 0:
                    raise
                return [*lines, f"Stopped before {self.game.date}: {plain(error)}"]
            if len(self.seats) == 1 and self.seat != UMPIRE:
                lines += self._log()
        return lines

    def _log(self) -> list[str]:
        """The log of the last day for the seat; nothing on the eve of the campaign."""
        return day_log(self.game, self.side) if self.game.day else []

    def _orders(self, first: bool) -> dict[str, Any]:
        """Orders of the sides at this desk, and those received; the others play their policies."""
        mine = [side for side in self.seats if side in SIDES]
        if self.exchange:
            self._check_exchange(mine)
        orders: dict[str, Any] = dict(self.received)
        for side in mine:
            given = self.given[side]
            orders[side] = {n: v for n, v in given.items() if first or n not in ONCE}
        return orders

    def _check_exchange(self, mine: list[str]) -> None:
        """Refuse a day that two machines would play with different orders."""
        for side in SIDES:
            if side not in mine and side not in self.received:
                raise BadUse(
                    f"the {side}'s orders for {self.game.date} have not come: read orders FILE"
                )
        for side in mine:
            if self.written.get(side) == orders_to_json(self.game.orders(side, self.given[side])):
                continue
            was = "have changed since they were written"
            if side not in self.written:
                was = "are not written yet"
            raise BadUse(
                f"the {side}'s orders {was}: write orders FILE, and send it to the other machine"
            )

    def keep(self) -> list[str]:
        """Save the game to its own file; a disk that refuses is reported once and then left."""
        if self.autosave is None or not self.game.day:
            return []
        own = "" if self.here == "main" else f".{self.here}"
        path = self.autosave.with_name(f"{self.autosave.stem}{own}{self.autosave.suffix}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.saved = self.game.save(path)
        except (KursksimError, OSError) as error:
            self.autosave = None
            return [f"The game is not kept from here on: {plain(error)}"]
        return []

    def undo(self, turns: int = 1) -> Answer:
        """Take back turns."""
        self.game.undo(turns)
        answer = self._moved(f"Taken back: {turns} day{'s' * (turns > 1)}.")
        answer.lines += self.keep()
        return answer

    def resign(self) -> Answer:
        """End the game for the seat that gives up."""
        self.game.resign(self.side)
        return Answer([f"The {self.seat} resigned.", *self.keep()], turned=True, leaves=True)

    # -- branches and files -----------------------------------------------------------------------

    def branch(self, name: str) -> Answer:
        """Keep the game at this point under a name, to return to."""
        if name in self.names():
            known = ", ".join(self.names())
            raise BadUse(f"there is already a branch {plain(name)[:40]!r}: {known}")
        self.branches[name] = self.game.branch()
        return Answer([f"Branch {name} kept at {self.game.date}; `go {name}` plays on there."])

    def go(self, name: str) -> Answer:
        """Go to a branch; the branch that is left keeps its own name."""
        if name == self.here:
            raise BadUse(f"you are on {plain(name)[:40]!r}")
        if name not in self.branches:
            raise BadUse(f"no branch {plain(name)[:40]!r}; {nearest(name, self.branches)}")
        self.branches[self.here] = self.game
        self.game, self.here = self.branches.pop(name), name
        return self._moved(f"On branch {name}.")

    def names(self) -> list[str]:
        """Names of all branches, the one being played first."""
        return [self.here, *sorted(self.branches)]

    def save(self, path: str) -> Answer:
        """Save the game to a file that the player names."""
        self.saved = self.game.save(path)
        return Answer([f"Saved in {self.saved}."])

    def load(self, path: str) -> Answer:
        """Open a saved game in place of this one."""
        # A warning printed on its own would break the screen of the app.
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", OtherVersions)
            self.game = load_game(path)
        said = "".join(f" {warning.message}." for warning in told)
        return self._moved(f"Opened {plain(path)[:200]}.{said}")

    def write(self, path: str) -> Answer:
        """Write the orders of this evening to a file for the other machine."""
        self._still_on()
        orders = self.game.orders(self.side, self.given[self.side])
        target = write_orders(self.game, self.side, orders, path)
        self.written[self.side] = orders_to_json(orders)
        return Answer([f"Orders of the {self.side} for {self.game.date} are in {target}."])

    def read(self, path: str) -> Answer:
        """Take in the other side's orders without showing them."""
        self._still_on()
        side, orders = read_orders(self.game, path)
        if side in self.seats:
            raise BadUse(f"{plain(path)[:200]}: has orders of the {side}, who sits here")
        self.received[side] = orders
        return Answer([f"Orders of the {side} for {self.game.date} are in; they stay closed."])

    # -- within -----------------------------------------------------------------------------------

    def _moved(self, text: str) -> Answer:
        """Begin a new evening after the game has gone to another day."""
        self._new_evening()
        where = "the game is over" if self.game.over else f"The next day is {self.game.date}"
        cover = self.cover() if self.covered else []
        return Answer([f"{text} {where}.", *cover], turned=True)

    def _new_evening(self) -> None:
        """Clear the orders, and give the screen to the first seat."""
        self.at, self.covered = 0, len(self.seats) > 1
        self.given = {side: {} for side in SIDES}
        self.received, self.written = {}, {}

    def _still_on(self) -> None:
        if self.game.over:
            raise RunOver(f"the game is over: {self.game.ending}; undo or quit")


def seats_of(side: str, umpire: bool) -> tuple[str, ...]:
    """Return the seats at the screen that the flags name."""
    if side not in SEATS:
        raise BadUse(f"--side {plain(side)[:40]!r}; {nearest(side, SEATS)}")
    seats = (*SEATS[side], *((UMPIRE,) if umpire else ()))
    if not seats:
        raise BadUse("--side none is for an umpire: add --umpire")
    return seats
