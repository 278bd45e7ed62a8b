"""What a side knows in the evening.

The fields of the two observations are the table of observed figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

__all__ = [
    "EXACT",
    "FIGURES",
    "OBSERVATIONS",
    "PHASES",
    "POSTURES",
    "SCALES",
    "WEEK",
    "AttackerObservation",
    "FigureInfo",
    "HolderObservation",
    "Observation",
    "WhenRead",
]

PHASES = ("hold", "ordered", "delay", "final")
POSTURES = ("prepared", "hasty", "delaying", "final")

EXACT, RECKONED, ESTIMATED = "exact", "reckoned", "estimated"
"""How a figure is known: from own books, by reckoning, or with the error of an estimate."""

WEEK, FORTNIGHT = 7, 14

SCALES = {
    "fleet": "the fleet at the start",
    "lift": "the tonnes that the whole fleet lifts at once",
    "risk": "the loss at which dispatch falls",
    "target": "the depot's target",
    "men": "own men over the number of axes",
    "store": "what the sector can store",
}
"""Scales that follow from the scenario, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureInfo:
    """One figure of an observation.

    Attributes
    ----------
    name, type : str
        Name and type of the field.
    means : str
        What it is, in a few words. The morning report gives these unless there is a ``label``.
    unit : str
        Empty for words and for yes or no.
    age_days : int
        1 for the last evening, or the days that a mean or a change goes back over.
    error : str
        ``EXACT``, ``RECKONED``, ``ESTIMATED``, or where the knowledge comes from.
    of : tuple
        What a table is by: ``axis``, ``leg``, ``route`` or drone ``type`` of the scenario, or the
        words to choose from.
    kind : {"share", "amount", "signed", "flag", "one of", ""}
        How arrays for learners hold it (``kursksim.play.envs.observations``); empty for one that
        they are not given as it stands.
    scale : float or str
        Amount that such an array holds as one half; a str is a name of ``SCALES``.
    label : str
        Words of the morning report, where ``means`` would be too long for it.
    """

    name: str
    type: str
    means: str
    unit: str
    age_days: int = 1
    error: str = EXACT
    of: tuple[str | tuple[str, ...], ...] = ()
    kind: str = "amount"
    scale: float | str = 1.0
    label: str = ""


def _figure(means: str, unit: str = "", **more: Any) -> Any:
    """A field that carries its entry of the table: all of ``FigureInfo`` but name and type."""
    return field(metadata={"means": means, "unit": unit, **more})


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation(Mapping[str, Any]):
    """What one side knows in the evening: its own state exactly, the enemy with error.

    A mapping of its figures, frozen: ``seen["stock_t"]`` and ``seen.stock_t`` are the same,
    ``dict(seen)`` shows all. ``FIGURES`` has the meaning, unit, age and exactness of each.

    Attributes
    ----------
    side : {"holder", "attacker"}
    day : int
        The day that ended; -1 on the eve of the campaign.
    date : str
    ahead : mapping
        What a staff needs besides to look ahead (``kursksim.meanfield.outlook``), of the same
        evening and with the same error. It is worked out when it is first read, and empty where
        there is nothing to look ahead to.
    """

    side: ClassVar[str]
    day: int
    date: str
    ahead: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Any:
        # the day and the date are no figures: only names of the table are looked up
        if name not in FIGURES[self.side]:
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(FIGURES[self.side])

    def __len__(self) -> int:
        return len(FIGURES[self.side])


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderObservation(Observation):
    """What the holder knows in the evening."""

    side: ClassVar[str] = "holder"
    phase: str = _figure("phase", of=(PHASES,), kind="one of")
    order_day: int | None = _figure(
        "evening of the order to withdraw, none before it", "day index", kind=""
    )
    held_km2: float = _figure("ground held beyond the border", "km²", scale=100.0)
    stock_t: float = _figure("stock in the depot", "t", scale="lift")
    demand_t: float = _figure("need of a day", "t", scale="lift")
    days_of_supply: float = _figure("days of supply", "days", scale="target")
    receipts_t_per_day: float = _figure("receipts of a day", "t", age_days=WEEK, scale="lift")
    throughput_share: float = _figure("receipts over need", "share", age_days=WEEK)
    fulfilment: float = _figure("share of the need that was issued", "share", kind="share")
    vehicles_serviceable: int = _figure("vehicles serviceable", "vehicles", scale="fleet")
    vehicles_in_repair: int = _figure("vehicles in repair", "vehicles", scale="fleet")
    loss_per_trip: float = _figure(
        "loss of a trip on the watched road", "per trip", age_days=WEEK, scale="risk"
    )
    sustainable_loss_per_trip: float = _figure(
        "loss of a trip that can be borne", "per trip", error=RECKONED, scale="risk"
    )
    vehicles_wanted: float = _figure("trips wanted", "trips", error=RECKONED, scale="fleet")
    night_share: float = _figure(
        "share of the convoys that the staff sends by night", "share", error=RECKONED, kind="share"
    )
    routes: tuple[str, ...] = _figure("routes open", of=("route",), kind="flag")
    route_shares: Mapping[str, float] = _figure(
        "the staff's split of the trips over the routes", "share", error=RECKONED, of=("route",)
    )
    men: Mapping[str, float] = _figure("own men", "men", of=("axis",), scale="men")
    enemy_men: Mapping[str, float] = _figure(
        "enemy men", "men", error=ESTIMATED, of=("axis",), scale="men"
    )
    frontage_km: Mapping[str, float] = _figure(
        "length of the front", "km", of=("axis",), scale=10.0
    )
    posture: Mapping[str, str] = _figure("own posture", of=("axis", POSTURES), kind="one of")
    reserve_advised: str = _figure(
        "axis to which the staff would commit the reserve",
        error=RECKONED,
        of=("axis",),
        kind="one of",
    )
    reserve_men: float = _figure("men in reserve", "men", scale="men")
    cut_off_men: float = _figure("men cut off", "men", scale="men")
    corridor_km: float = _figure("width of the corridor", "km", scale=10.0)
    closing_km_per_day: float = _figure(
        "speed at which the corridor closes", "km a day", age_days=FORTNIGHT, label="it closes by"
    )
    exit_days: float = _figure("time needed to leave", "days", error=RECKONED, scale=7.0)
    close_days: float = _figure(
        "time until the corridor is shut", "days", age_days=FORTNIGHT, error=RECKONED, scale=7.0
    )
    ceasefire_offered: bool = _figure("a ceasefire is on offer", kind="flag")
    ceasefire: bool = _figure("a ceasefire is kept", kind="flag")
    across: tuple[str, ...] = _figure("axes across the border", of=("axis",), kind="flag")
    crossings_open: tuple[str, ...] = _figure("crossings open, of those with a capacity", kind="")
    crossings_heavy: tuple[str, ...] = _figure("of them those that bear heavy equipment", kind="")
    crossing_wait_h: float = _figure("wait at a crossing", "h", kind="")
    over_days: float = _figure(
        "time needed to bring men and equipment over the open crossings",
        "days",
        error=RECKONED,
        kind="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackerObservation(Observation):
    """What the attacker knows in the evening."""

    side: ClassVar[str] = "attacker"
    phase_seen: str = _figure(
        "holding or withdrawing, as the other side is seen",
        error="by its marches alone",
        kind="",
        label="the other side is seen",
    )
    men: Mapping[str, float] = _figure(
        "own men, each contingent by its worth", "men", of=("axis",), scale="men"
    )
    enemy_men: Mapping[str, float] = _figure(
        "enemy men", "men", error=ESTIMATED, of=("axis",), scale="men"
    )
    frontage_km: Mapping[str, float] = _figure(
        "length of the front", "km", of=("axis",), scale=10.0
    )
    room_men: Mapping[str, float] = _figure(
        "attacking men that find room on the front", "men", of=("axis",), scale="men"
    )
    gain: Mapping[str, float] = _figure(
        "reach over the roads that an advance would add, worked out every seventh evening",
        "share",
        error=RECKONED,
        of=("axis",),
        kind="signed",
        scale=0.1,
    )
    effort: Mapping[str, float] = _figure(
        "standing preference for an axis", of=("axis",), kind="signed"
    )
    reported: Mapping[str, float] = _figure(
        "share of the reported attacks, near an even share where few are known",
        "share",
        age_days=FORTNIGHT,
        error="by dated reports that could be read",
        of=("axis",),
        kind="share",
    )
    open_shares: Mapping[str, float] = _figure(
        "share of the men for an axis opened across the border", "share", of=("axis",)
    )
    across: tuple[str, ...] = _figure("axes across the border", of=("axis",), kind="flag")
    traffic: Mapping[str, float] = _figure(
        "traffic on the roads",
        "vehicle-hours a day",
        age_days=WEEK,
        error=ESTIMATED,
        of=("leg",),
        scale=10.0,
    )
    reach: Mapping[str, Mapping[str, float]] = _figure(
        "share of the leg that drones of the type reach", "share", of=("type", "leg"), kind="share"
    )
    fit_men: float = _figure("own men fit to attack, by worth", "men", scale="men")
    pushing: bool = _figure("a push is under way", kind="flag")
    assault_advised: str = _figure(
        "whether the staff would push or pause",
        error=RECKONED,
        of=(("push", "pause"),),
        kind="one of",
        label="the staff would",
    )
    turn_men: float = _figure(
        "men fit to attack at which the staff would change over from what it advises",
        "men",
        error=RECKONED,
        scale="men",
        label="until the men fit to attack are",
    )
    teams: float = _figure("drone teams over the roads", "teams", scale=100.0)
    airframes: float = _figure("drones in stock", "drones", scale="store")
    ceasefire: bool = _figure("a ceasefire is kept", kind="flag")


OBSERVATIONS: dict[str, type[HolderObservation] | type[AttackerObservation]] = {
    "holder": HolderObservation,
    "attacker": AttackerObservation,
}


def _table(kind: type[HolderObservation] | type[AttackerObservation]) -> dict[str, FigureInfo]:
    return {
        f.name: FigureInfo(name=f.name, type=str(f.type), **f.metadata)
        for f in fields(kind)
        if f.metadata
    }


FIGURES = {side: _table(kind) for side, kind in OBSERVATIONS.items()}
"""The figures of each side's observation, by name."""


class WhenRead(Mapping[str, Any]):
    """A table that is worked out when it is first read: most rules never look ahead.

    A copy, or one on its way to another process, is the table itself.

    Parameters
    ----------
    make : callable
        Works it out, from copies of what changes with the days: it shows its own evening whenever
        it is read.
    """

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make
        self._made: dict[str, Any] | None = None

    @property
    def asked(self) -> bool:
        """Whether anybody has read it."""
        return self._made is not None

    def _table(self) -> dict[str, Any]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, name: str) -> Any:
        return self._table()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())

    # the function that works it out holds the world, which no copy needs
    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (self._table(),)
