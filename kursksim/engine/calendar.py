"""Dated inputs: the calendar of a run, and one small function for each kind of input."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from kursksim.engine import effects as fx
from kursksim.engine.world import World
from kursksim.errors import BadUse, nearest
from kursksim.orders import NONE, NOW, AttackerOrders, HolderOrders, Orders
from kursksim.scenario.inputs import day_of_input, lasting_until
from kursksim.scenario.schema import Input, Scenario
from kursksim.units import add_days

__all__ = ["Calendar", "take_in"]


class Calendar:
    """Dated inputs by day; an entry tied to a parameter follows its value in this run.

    A side's orders can bring forward or refuse operations that are its own decision. An umpire can
    strike out or move any entry that has not happened yet.
    """

    def __init__(self, scenario: Scenario, value: Mapping[str, float]) -> None:
        self._days: dict[int, list[Input]] = {}
        for entry in scenario.inputs:
            day = day_of_input(scenario, entry, value)
            self._days.setdefault(day, []).append(lasting_until(scenario, entry, value))
        self.moved: dict[str, int | None] = {}
        """Entries that were moved, with their new days; None for those struck out."""

    def coming(self, today: int) -> list[tuple[int, Input]]:
        """Entries that are still to come, today's included, with their days."""
        found: list[tuple[int, Input]] = []
        for day, entries in sorted(self._days.items()):
            if day >= today:
                found += [(day, entry) for entry in entries]
        return found

    def own(self, side: str, today: int) -> list[tuple[int, Input]]:
        """Operations of a side that are its own decision and still to come, with their days."""
        return [(day, e) for day, e in self.coming(today) if e.side == side]

    def on(self, day: int) -> list[Input]:
        """Entries of a day."""
        return list(self._days.get(day, ()))

    def move(self, name: str, to: int | None, today: int) -> None:
        """Move an entry that has not happened to another day, or strike it out.

        Parameters
        ----------
        name : str
            Id of the entry.
        to : int or None
            The other day; None strikes the entry out.
        today : int

        Raises
        ------
        BadUse
            For an entry that the calendar does not have, or no longer has, and for a day that is
            over.
        """
        coming = {e.id: (day, e) for day, e in self.coming(today)}
        if name not in coming:
            raise BadUse(f"no dated input {name!r} is still to come; {nearest(name, coming)}")
        if to is not None and to < today:
            raise BadUse(f"{name}: day {to} is over")
        day, entry = coming[name]
        self.moved.pop(name, None)  # the order is that of the last moves
        self.moved[name] = to
        self._days[day].remove(entry)
        if to is not None:
            self._days.setdefault(to, []).append(_moved(entry, to - day))

    def resume(self, moved: Mapping[str, int | None]) -> None:
        """Move again what was moved before, where the scenario still has it."""
        for name, to in moved.items():
            days = [day for day, entry in self.coming(0) if entry.id == name]
            if days:
                # an entry may have been moved on a day that is over now
                self.move(name, to, min(days[0], days[0] if to is None else to))

    def take(self, day: int, orders: Mapping[str, Orders]) -> list[Input]:
        """Return the entries that happen on a day, under the orders given for it.

        An entry that was brought forward does not come again.
        """
        holder, attacker = orders["holder"], orders["attacker"]
        found = self.on(day)
        if isinstance(holder, HolderOrders) and holder.counter_attack:
            # An order to attack takes the place of the calendar's, and so does one not to attack.
            found = [e for e in found if e.kind != "counter_attack"]
        if isinstance(attacker, AttackerOrders) and attacker.raid:
            if attacker.raid == NOW:
                due, entry = self.own("attacker", day)[0]
                if due > day:
                    self.move(entry.id, None, day)
                    found.append(_moved(entry, day - due))
            elif attacker.raid == NONE:
                found = [e for e in found if e.side != "attacker"]
                for entry in [e for e in self.on(day) if e.side == "attacker"]:
                    self.move(entry.id, day + 1, day)  # put off, and asked again tomorrow
        return found


def _moved(entry: Input, days: int) -> Input:
    """Return an entry on another day, lasting as long."""
    until = None if entry.until is None else add_days(entry.until, days)
    return entry.model_copy(update={"date": add_days(entry.date, days), "until": until})


def take_in(world: World, entry: Input) -> None:
    """Let a dated input happen."""
    _INPUTS[entry.kind](world, entry)


def _teams(world: World, entry: Input) -> None:
    world.apply(fx.DroneTeamsJoined(entry.id, "roads", world.value[entry.amount]))


def _commit(world: World, entry: Input) -> None:
    men = world.value[world.contingents[entry.target].men]
    world.apply(fx.Joined(entry.target, "@shift", men, "arrival"))


def _reinforce(world: World, entry: Input) -> None:
    pool = "@rest" if world.resting_until[entry.target] is not None else "@shift"
    world.apply(fx.Joined(entry.target, pool, world.value[entry.amount], "arrival"))


def _counter_attack(world: World, entry: Input) -> None:
    if world.command.phase == "hold" and not world.command.ceasefire:
        last = world.day + max(1, round(world.models.combat.ca_days)) - 1
        world.apply(fx.CounterAttackBegun(entry.id, entry.target, last))


def _holder_power(world: World, entry: Input) -> None:
    last = world.scenario.day(entry.until) if entry.until is not None else world.day
    world.apply(fx.PowerWindowOpened(entry.id, "front", world.value[entry.amount], world.day, last))


def _open_axis(world: World, entry: Input) -> None:
    share_of_men = world.value[entry.amount] if entry.amount else 0.0
    world.apply(fx.AxisOpened(entry.id, entry.target, share_of_men))
    share = world.models.withdrawal.across_share
    for c, at in world.troops["attacker"]:
        world.apply(fx.Moved(c, entry.target, share * at["@border"], "@border"))


def _closure(world: World, entry: Input) -> None:
    last = inf if entry.until is None else float(world.scenario.day(entry.until))
    if last >= world.day:  # a drawn end may lie before the day on which it begins
        world.apply(fx.ClosureBegun(entry.id, entry.target, world.day, last))


def _crossing(world: World, entry: Input) -> None:
    crossing = world.crossings[entry.target]
    share = world.value[entry.amount] if entry.amount else crossing.share
    heavy = entry.bears == "all" if entry.bears else crossing.heavy
    world.apply(fx.CrossingChanged(entry.id, entry.target, min(1.0, max(0.0, share)), heavy))


def _offer(world: World, entry: Input) -> None:
    world.apply(fx.CeasefireOffered(entry.id, "front", world.day))


def _ceasefire(world: World, entry: Input) -> None:
    world.apply(fx.CeasefireDue(entry.id, "front", world.day))


def _read_by_a_model(world: World, entry: Input) -> None:
    """Do nothing: a model reads the day of frost, thaw, fibre or routes from its parameter."""


_INPUTS = {
    "teams": _teams,
    "commit": _commit,
    "reinforce": _reinforce,
    "counter_attack": _counter_attack,
    "holder_power": _holder_power,
    "open_axis": _open_axis,
    "closure": _closure,
    "crossing": _crossing,
    "ceasefire_offer": _offer,
    "ceasefire": _ceasefire,
    "weather": _read_by_a_model,
    "fibre": _read_by_a_model,
    "routes": _read_by_a_model,
}
