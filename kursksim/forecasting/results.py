"""A forecast of the weeks after a date: what it says, what it knew, and the seal on both."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from pydantic_core import to_json

from kursksim.errors import BadUse
from kursksim.evidence.observations import HeldArea
from kursksim.evidence.offset import Offset
from kursksim.evidence.scores import quantiles
from kursksim.evidence.tracker import Shown, TrackerError, shown
from kursksim.forecasting.filtering import LEAST
from kursksim.forecasting.known import THIN, Reading
from kursksim.forecasting.scoring import map_scores
from kursksim.intervals import FAN, quantile_name
from kursksim.io import read_json, write_whole
from kursksim.units import add_days, day_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["Forecast", "Taken", "load_forecast"]

Floats = NDArray[np.float64]
FORMAT = "kursksim forecast 4"
LIMIT_BYTES = 256 * 1024 * 1024


class Taken(NamedTuple):
    """An observation taken in on the way to the origin.

    Attributes
    ----------
    date : str
    effective : float
        Effective engines after it.
    power : float
        Power of its likelihood; below 1 where it was tempered.
    evidence : float
        Logarithm of its chance, given those before, up to a constant.
    renewed : bool
        Whether engines were drawn again.
    ancestors : int
        Engines of the eve from which those that go on come. As many are the sets of what acts on
        the eve alone, such as the men of the first day, which no move changes.
    failed : int
        Engines that failed on the way to it.
    """

    date: str
    effective: float
    power: float
    evidence: float
    renewed: bool
    ancestors: int
    failed: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecast:
    """The weeks after an origin, in members of equal weight.

    Attributes
    ----------
    scenario, digest, title, key_place : str
        What was forecast; the digest is that of the scenario as it was known.
    start, origin : datetime.date
    steered : bool
        Whether engines were weighed by what was observed on the way to the origin.
    weeks, engines, seed, results_version : int
        Engines that failed after the last observation are no members.
    held : tuple of tuple of float
        Held area at dusk of every day from the start on, one row a member, km².
    ordered, fallen : tuple of int or None
        Day index of the order to withdraw and of the fall of the key place, one a member; None
        where it has not come by the end.
    cells : tuple of str
    chances : mapping of date to tuple of float
        Chance that the holder has each cell, at the end of each week.
    own_km2, pairs : float, int
        The tracker's error, as it was known.
    tracker : str
        Source of the last map; empty without steering, as then no map is looked at.
    drift_km2, offset_km2 : tuple of float
        How far the ground has drifted off from each member by the origin, and the part of the
        tracker's error that lasts: means. No values without steering.
    covariance_km4 : tuple of tuple of float
        Covariance matrix of the two, row by row, one a member.
    drift_rate_km4 : tuple of float
        Variance that each day ahead adds to the drift, one a member.
    taken : tuple of Taken
    knew : tuple of Reading
        Everything that was read, with dates.
    """

    scenario: str
    digest: str
    title: str
    key_place: str
    start: dt.date
    origin: dt.date
    steered: bool
    weeks: int
    engines: int
    seed: int
    results_version: int
    held: tuple[tuple[float, ...], ...]
    ordered: tuple[int | None, ...]
    fallen: tuple[int | None, ...]
    cells: tuple[str, ...]
    chances: Mapping[str, tuple[float, ...]]
    own_km2: float
    pairs: int
    tracker: str
    drift_km2: tuple[float, ...]
    offset_km2: tuple[float, ...]
    covariance_km4: tuple[tuple[float, ...], ...]
    drift_rate_km4: tuple[float, ...]
    taken: tuple[Taken, ...]
    knew: tuple[Reading, ...]

    def __repr__(self) -> str:
        return (
            f"<Forecast of {self.scenario!r} from {self.origin}, {self.weeks} weeks,"
            f" {len(self.held)} members, seal {self.seal[:8]}>"
        )

    @property
    def first(self) -> int:
        """Index of the first day that is forecast."""
        return day_of(self.origin, self.start) + 1

    @property
    def dates(self) -> tuple[str, ...]:
        """ISO dates of the days that are forecast."""
        days = range(self.first, self.first + 7 * self.weeks)
        return tuple(add_days(self.start, day).isoformat() for day in days)

    @property
    def error(self) -> TrackerError:
        """The tracker's error, as it was known."""
        return TrackerError(self.own_km2, self.pairs)

    def shown(self, days: Sequence[int], tracker: str | None = None) -> Shown:
        """What a tracker would show on days after the origin, from its error and drift there on.

        Parameters
        ----------
        days : sequence of int
            Day indices.
        tracker : str, optional
            That of the last map if left out. Of another one's own error nothing is known.
        """
        if not self.tracker:
            return shown(self._held, self.error, days=days)
        mean = np.column_stack([self.drift_km2, self.offset_km2])
        covariance = np.array(self.covariance_km4).reshape(-1, 2, 2)
        if tracker not in (None, self.tracker):
            mean[:, 1], covariance[:, 1], covariance[:, :, 1] = 0.0, 0.0, 0.0
            covariance[:, 1, 1] = self.own_km2**2
        rate = np.array(self.drift_rate_km4)
        offset = Offset(self.first - 1, mean, covariance, rate, self.own_km2)
        return shown(self._held, self.error, days=days, offset=offset)

    @property
    def areas(self) -> list[HeldArea]:
        """Held areas that were read, by date."""
        found = []
        for r in self.knew:
            if r.kind == "area":
                kind, _, source = r.what.partition(" ")
                found.append(HeldArea(r.known_on, float(r.value), math.nan, kind, source))
        return sorted(found, key=lambda a: a.date)

    @cached_property
    def _held(self) -> Floats:
        return np.array(self.held)

    @cached_property
    def members(self) -> pd.DataFrame:
        """Held area at dusk by date, one row a member, km²."""
        import pandas as pd

        index = pd.RangeIndex(len(self.held), name="member")
        return pd.DataFrame(self._held[:, self.first :], index=index, columns=list(self.dates))

    @property
    def daily(self) -> pd.DataFrame:
        """Quantiles by date: of the held area, and of what a tracker would show of it, km²."""
        import pandas as pd

        levels = np.array(FAN)
        seen = self.shown(range(self.first, self._held.shape[1]))
        ours = quantiles(self._held[:, self.first :], levels)
        theirs = quantiles(seen.members, levels, seen.weights)
        found: dict[str, Any] = {"date": self.dates}
        for prefix, rows in (("held", ours), ("shown", theirs)):
            found |= {f"{prefix}_{quantile_name(q)}": r for q, r in zip(FAN, rows, strict=True)}
        return pd.DataFrame(found)

    @property
    def order(self) -> pd.DataFrame:
        """Chance of each date to be that of the order to withdraw; no date: not by the end."""
        return self._density(self.ordered)

    @property
    def fall(self) -> pd.DataFrame:
        """Chance of each date to be that of the fall of the key place; no date: not by the end."""
        return self._density(self.fallen)

    def _density(self, days: Sequence[int | None]) -> pd.DataFrame:
        import pandas as pd

        came = sorted({day for day in days if day is not None})
        rows: list[tuple[str, float]] = [
            (add_days(self.start, day).isoformat(), days.count(day) / len(days)) for day in came
        ]
        rows.append(("", days.count(None) / len(days)))
        return pd.DataFrame(rows, columns=["date", "chance"])

    @property
    def maps(self) -> dict[str, dict[str, float]]:
        """Chance that the holder has each cell at dusk, by date, at the end of each week."""
        return {date: dict(zip(self.cells, row, strict=True)) for date, row in self.chances.items()}

    @property
    def table(self) -> pd.DataFrame:
        """One row a quantile or chance, in the columns of a forecast hub."""
        import pandas as pd

        rows: list[tuple[str, str, str, str, str, float]] = []
        at = self.origin.isoformat()
        daily = self.daily
        for q in FAN:
            for date, value in zip(self.dates, daily[f"shown_{quantile_name(q)}"], strict=True):
                rows.append((at, "held_km2", date, "quantile", f"{q:g}", float(value)))
        last = self.dates[-1]
        for target, density in (("order", self.order), ("fall", self.fall)):
            for date, chance in density.itertuples(index=False):
                rows.append((at, target, last, "pmf", date or "later", chance))
        heads = ["origin_date", "target", "target_end_date", "output_type", "output_type_id"]
        return pd.DataFrame(rows, columns=[*heads, "value"])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before he trusts it, one sentence each."""
        banks = [r for r in self.knew if r.kind == "bank"]
        said = [f"bank: {r.what}" for r in banks if not r.known_on]
        said += [f"bank: {r.what}: {THIN}" for r in banks if r.value == THIN]
        if failed := self.engines - len(self.held):
            said.append(f"{failed} of {self.engines} engines failed after the last observation")
        for t in self.taken:
            if t.failed:
                said.append(
                    f"{t.date}: {t.failed} of {self.engines} engines failed on the way to it"
                )
            few = f"{t.date}: {t.effective:.0f} effective engines"
            if t.power < 1:
                said.append(f"{few}; the observation was tempered to the power {t.power:.2f}")
            elif t.effective < LEAST:
                said.append(f"{few}, fewer than {LEAST:.0f}")
        if self.taken and (left := self.taken[-1].ancestors) < min(LEAST, self.engines / 2):
            said.append(
                f"all {self.engines} engines come from {left} of the eve: men and stocks of the"
                " first day have no more values than that"
            )
        return tuple(said)

    # -- the seal --------------------------------------------------------------------------------

    @cached_property
    def _text(self) -> bytes:
        return to_json({f.name: getattr(self, f.name) for f in fields(self)})

    @cached_property
    def seal(self) -> str:
        """SHA-256 of everything that was read and of every row: another forecast has another."""
        return sha256(self._text).hexdigest()

    def save(self, path: str | Path) -> Path:
        """Write the forecast to a JSON file, with its seal.

        Raises
        ------
        BadUse
            For a place that cannot be written to.
        """
        target = Path(path)
        head = to_json({"format": FORMAT, "seal": self.seal})
        write_whole(target, head[:-1] + b',"forecast":' + self._text + b"}\n")
        return target

    # -- scores and pictures ---------------------------------------------------------------------

    def score(self, observations: Sequence[HeldArea]) -> pd.DataFrame:
        """Score the forecast on the maps of trackers within its weeks.

        Parameters
        ----------
        observations : sequence of HeldArea
            Such as ``ks.evidence.observations.held_area(scenario)``.

        Returns
        -------
        DataFrame
            One row a map: its date, the lead in days, whether ground was edited on it, the observed
            figure, CRPS (km²), the share of the forecast that lies below (PIT), the widest band and
            whether it holds the figure, and the CRPS of the baselines, made of all maps that were
            known. All of what a tracker would show, the baselines from its last map on.

        Raises
        ------
        BadUse
            Without such a map.
        """
        return map_scores(self, observations)

    def plot(self, ax: Axes | None = None, *, observed: Sequence[HeldArea] = ()) -> Axes:
        """Draw the fan of the held area, and the weeks before as the forecast saw them.

        Parameters
        ----------
        ax : Axes, optional
        observed : sequence of HeldArea, optional
            What has been observed since; what was known is drawn in any case.
        """
        # only now: a forecast is made and scored without matplotlib
        from kursksim.plot.forecasts import draw_forecast

        return draw_forecast(self, ax, observed=observed)


def load_forecast(path: str | Path, *, seal: str | None = None) -> Forecast:
    """Open a saved forecast, if it is as it was sealed.

    Parameters
    ----------
    path : str or Path
    seal : str, optional
        The seal as it was published elsewhere. Without it only accidents show, as whoever changes a
        file can seal it anew.

    Raises
    ------
    BadUse
        For a file that is none, that is damaged, in which anything was changed, or that has another
        seal.
    """
    document = read_json(Path(path), LIMIT_BYTES, what="a forecast")
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadUse(f"{path}: is not a forecast that this version of kursksim reads")
    try:
        found: Forecast = TypeAdapter(Forecast).validate_python(document["forecast"])
    except (KeyError, ValueError):  # a ValidationError is a ValueError
        raise BadUse(f"{path}: is damaged: it does not hold what a forecast holds") from None
    if found.seal != document.get("seal"):
        raise BadUse(f"{path}: was changed since it was sealed: its seal is another")
    if seal is not None and found.seal != seal:
        raise BadUse(f"{path}: has the seal {found.seal}, not {seal}: it is another forecast")
    return found
