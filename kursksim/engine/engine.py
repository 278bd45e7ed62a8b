"""The engine: one replication of a campaign, which plays a day on the orders of both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kursksim.engine.audit import check_ledger
from kursksim.engine.calendar import Calendar
from kursksim.engine.dawn import begin, muster
from kursksim.engine.dusk import close_roads
from kursksim.engine.legal import check_orders
from kursksim.engine.observe import observe
from kursksim.engine.order_of_the_day import EVENING, MORNING, run_hours
from kursksim.engine.tables import axis_columns, daily_row, leg_columns
from kursksim.engine.withdrawal import remeasure
from kursksim.engine.world import World
from kursksim.errors import RunOver
from kursksim.models import build
from kursksim.observation import Observation
from kursksim.orders import Orders
from kursksim.rng import Streams
from kursksim.runs.columns import AXES, DAILY, LEGS, Table
from kursksim.runs.record import Turn
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES, check_side
from kursksim.terrain.hexmap import HexMap, terrain_of

__all__ = ["BothOrders", "Engine"]

BothOrders = Mapping[str, Orders]
"""Orders of both sides for one day, by side."""


class Engine:
    """One replication of a campaign, a day at a time. No policy inside, no input or output.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
    value : mapping of str to float, optional
        Parameter values by ledger id; the scenario's defaults if left out.
    terrain : HexMap, optional
        Another map than the scenario's own: lessons and tests play on synthetic lattices.
    keep_events : bool
        Keep every applied effect.
    stop_at_outcome : bool
        Refuse to go on once the campaign has an outcome.
    fresh : sequence of (day, replication)
        From that day on the luck is another replication's.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int = 0,
        replication: int = 0,
        value: Mapping[str, float] | None = None,
        terrain: HexMap | None = None,
        keep_events: bool = False,
        stop_at_outcome: bool = False,
        fresh: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.scenario = scenario
        self.streams = Streams(seed, replication, fresh)
        self.value = dict(scenario.value if value is None else value)
        self.models = build(scenario.models, scenario.aliases, self.value, scenario.cuts)
        ground = terrain_of(scenario) if terrain is None else terrain
        self.world = World(
            scenario, self.models, self.value, ground, self.streams, keep_events=keep_events
        )
        self.own_map = terrain is None
        muster(self.world)
        # both are acts of an evening: the first morning finds them done, as every other one does
        close_roads(self.world)
        remeasure(self.world)
        self.stop_at_outcome = stop_at_outcome
        self.outcome: str | None = None
        self.turns: list[Turn] = []
        self.orders: list[BothOrders] = []
        contingents = {f"men_{c}": "d" for c in self.world.men}
        self.tables = {
            "daily": Table(DAILY),
            "axes": Table({**AXES, **contingents}),
            "legs": Table(LEGS),
        }
        self.calendar = Calendar(scenario, self.value)

    @property
    def day(self) -> int:
        """The next day to be played."""
        return len(self.turns)

    def observe(self, side: str) -> Observation:
        """Return what a side knows on the evening before the next day."""
        return observe(self.world, check_side(side))

    def step(self, orders: BothOrders) -> Turn:
        """Play one day: morning, SimPy until midnight, evening; check the ledger, record the day.

        Raises
        ------
        BadUse
            For orders that are not legal on this day; nothing has happened then.
        RunOver
            When the campaign is over.
        """
        if self.outcome and self.stop_at_outcome:
            raise RunOver(f"the run is over: {self.outcome} on day {self.day - 1}")
        world = self.world
        for side in SIDES:
            check_orders(world, side, orders[side], self.calendar)
        played = {side: orders[side] for side in SIDES}
        begin(world, self.day, played, self.calendar.take(self.day, orders))
        for act in MORNING:
            act(world)
        run_hours(world)
        for act in EVENING:
            act(world)
        check_ledger(world)
        self.orders.append(played)
        return self._record()

    def _record(self) -> Turn:
        """Add the day to the tables and return its turn."""
        world, day, date = self.world, self.day, self.scenario.date(self.day).isoformat()
        row = daily_row(world, date)
        self.tables["daily"].append(map(row.__getitem__, DAILY))
        self.tables["axes"].extend(axis_columns(world, date))
        self.tables["legs"].extend(leg_columns(world, date))
        self.outcome = self.outcome or _ending(world)  # the first outcome stands
        self.turns.append(Turn(day, date, row, self.outcome))
        return self.turns[-1]


def _ending(world: World) -> str | None:
    """What ends the campaign this evening; None while it goes on."""
    if world.command.ceasefire:
        return "a ceasefire is kept"
    # the held area is kept by adding and subtracting cells, which leaves a rest of rounding
    return "no ground is held" if world.ground.held_km2 <= 1e-9 else None
