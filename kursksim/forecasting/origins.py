"""Every origin of a campaign, forecast and scored by lead, against what anybody could have said."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim._version import results_version
from kursksim.api import with_changes
from kursksim.counts import whole
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import Progress
from kursksim.ensembles.names import store_folder
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.observations import HeldArea
from kursksim.evidence.scores import Skill, block_skill, quantiles
from kursksim.forecasting.known import known_then, origin_of
from kursksim.forecasting.make import MOST_WEEKS, forecast
from kursksim.forecasting.prior import Bank, found_bank, reading_of, weighed_bank
from kursksim.forecasting.record import record_until
from kursksim.forecasting.results import Forecast, load_forecast
from kursksim.forecasting.scoring import event_scores, happened
from kursksim.intervals import SPREAD, quantile_name
from kursksim.rng import Streams
from kursksim.scenario.schema import Scenario
from kursksim.units import iso

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EVENT_RIVALS",
    "FIFTHS",
    "RIVALS",
    "Origins",
    "origins_of",
    "score_origins",
    "skill_of",
]

Floats = NDArray[np.float64]
RIVALS = ("persistence", "trend", "weekly_rates", "unsteered")
"""What a forecast must beat."""
EVENT_RIVALS = ("succession", "unsteered")
"""What a forecast of the day of an event must beat."""
PARTS = ("skill", "low", "high")
"""Beginnings of the columns of a skill over a rival."""
FIFTHS = ("pit_1", "pit_2", "pit_3", "pit_4", "pit_5")
"""Columns of the maps in each fifth of the forecast, from below."""
WEEK = 7
LEAST_BLOCK = 4
"""Maps in a row that are drawn together at least: errors outlast a week at every lead."""
LEFT_DAYS = 14
"""Days of the campaign that must lie after an origin for it to be scored."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Origins:
    """Forecasts from many origins, and what they are worth.

    Attributes
    ----------
    scenario : Scenario
    steered, bare : mapping of origin to Forecast
        By ISO date: the forecasts, and the same engines unsteered.
    left_out : tuple of str
        Origins that cannot be forecast or scored: no tracker's map lies before or after them.
    """

    scenario: Scenario
    steered: Mapping[str, Forecast]
    bare: Mapping[str, Forecast]
    left_out: tuple[str, ...]

    @property
    def scores(self) -> pd.DataFrame:
        """One row an origin and map of a tracker after it, as ``Forecast.score`` has them.

        With the origin, the lead in whole weeks, and the CRPS of the engines unsteered.
        """
        import pandas as pd

        maps = _maps(self.scenario)
        parts = []
        for origin, made in self.steered.items():
            part = made.score(maps)
            part.insert(0, "origin", origin)
            part.insert(3, "lead_weeks", -(-part["lead_days"] // WEEK))
            part["crps_unsteered"] = self.bare[origin].score(maps)["crps"]
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def by_lead(self, edited: bool = True) -> pd.DataFrame:
        """Mean scores by lead in weeks, with skill over each rival and its interval.

        Parameters
        ----------
        edited : bool
            Whether only maps count on which ground was edited.

        Returns
        -------
        DataFrame
            One row a lead: the number of maps, CRPS (km²), the share of them in the widest band and
            its mean width, the mean PIT and the maps in each fifth of the forecast (even where its
            law is right; many in the last fifth where it is too low), and for each rival its CRPS,
            the skill over it and the ends of its 95 % interval: blocks of as many maps in
            a row as the lead has weeks, and of four at least, as they share days and the tracker's
            error. None for as few maps as a block.
        """
        import pandas as pd

        scores = self.scores
        if edited:
            scores = scores[scores["edited"]]
        rows = []
        for lead, part in scores.groupby("lead_weeks"):
            row: dict[str, Any] = {
                "lead_weeks": lead,
                "maps": len(part),
                "crps": part["crps"].mean(),
                "inside": part["inside"].mean(),
                "width": (part["high"] - part["low"]).mean(),
                "pit": part["pit"].mean(),
            }
            fifth = np.minimum(part["pit"] * len(FIFTHS), len(FIFTHS) - 1).astype(int)
            row |= {name: int((fifth == k).sum()) for k, name in enumerate(FIFTHS)}
            for rival in RIVALS:
                row |= _against(rival, part, int(str(lead)))
            rows.append(row)
        return pd.DataFrame(rows)

    @property
    def events(self) -> pd.DataFrame:
        """Scores of the days of the order and of the fall of the key place, in days.

        One row an origin, event and number of weeks ahead, as ``scoring.event_scores`` has them,
        with whether the event came within these weeks.
        """
        import pandas as pd

        history = happened(self.scenario)
        rows: list[dict[str, object]] = []
        for origin, made in self.steered.items():
            part = event_scores(made, self.bare[origin], history)
            rows += [{"origin": origin, **row} for row in part]
        heads = ["origin", "event", "lead_weeks", "came", "crps"]
        return pd.DataFrame(rows, columns=[*heads, *(f"crps_{name}" for name in EVENT_RIVALS)])

    def events_by_lead(self) -> pd.DataFrame:
        """Mean scores of the days of events by weeks ahead: one row an event and lead.

        With the number of origins before the event, of those after which it came within the weeks,
        and the skill over each rival as in ``by_lead``.
        """
        import pandas as pd

        rows = []
        for (event, lead), part in self.events.groupby(["event", "lead_weeks"]):
            row: dict[str, Any] = {
                "event": event,
                "lead_weeks": lead,
                "origins": len(part),
                "came": int(part["came"].sum()),
                "crps": part["crps"].mean(),
            }
            for rival in EVENT_RIVALS:
                row |= _against(rival, part, int(str(lead)))
            rows.append(row)
        return pd.DataFrame(rows)

    @property
    def dates(self) -> pd.DataFrame:
        """Quantiles of the day of the order and of the fall of the key place, one row an origin.

        The day after the last stands for later or never.
        """
        import pandas as pd

        rows = []
        for origin, made in self.steered.items():
            row: dict[str, Any] = {"origin": origin}
            for name, days in (("order", made.ordered), ("fall", made.fallen)):
                later = made.first + WEEK * made.weeks
                values = np.array([[later if day is None else day] for day in days], dtype=float)
                for q, day in zip(SPREAD, quantiles(values, np.array(SPREAD))[:, 0], strict=True):
                    row[f"{name}_{quantile_name(q)}"] = iso(made.start, int(day))
            rows.append(row)
        return pd.DataFrame(rows)


def skill_of(row: Mapping[Hashable, Any], rival: str) -> Skill:
    """The skill over a rival with its interval, from a row of ``by_lead``; NaN where none is."""
    return Skill(*(float(row.get(f"{part}_{rival}", math.nan)) for part in PARTS))


def _against(rival: str, part: pd.DataFrame, lead: int) -> dict[str, float]:
    """Score of a rival, and the skill over it, on the maps that both have."""
    both = part[part[f"crps_{rival}"].notna()]
    found = {f"crps_{rival}": float(both[f"crps_{rival}"].mean())}
    ours, theirs = both["crps"].to_numpy(), both[f"crps_{rival}"].to_numpy()
    if theirs.sum() > 0:
        luck = Streams(0).on(-1, f"skill/{rival}")
        skill = block_skill(ours, theirs, luck, block=max(lead, LEAST_BLOCK))
        for name, value in zip(PARTS, skill, strict=True):
            found[f"{name}_{rival}"] = value
    return found


def _maps(scenario: Scenario) -> list[HeldArea]:
    """Maps of trackers on the days of the campaign."""
    first, last = (scenario.date(day).isoformat() for day in (0, scenario.last_day))
    areas = observations.held_area(scenario)
    return [a for a in areas if a.kind == "tracker" and first <= a.date <= last]


def _can_be_scored(scenario: Scenario, origin: dt.date, weeks: int) -> bool:
    """Whether an edited map is known at an origin, and a map lies in the weeks after it."""
    end = (origin + dt.timedelta(weeks=weeks)).isoformat()
    after = any(str(origin) < a.date <= end for a in _maps(scenario))
    return after and bool(record_until(scenario, origin).areas)


def origins_of(scenario: Scenario) -> list[dt.date]:
    """Every seventh day from a week after the start to two weeks before the end."""
    return [scenario.date(d) for d in range(WEEK, scenario.last_day - LEFT_DAYS + 1, WEEK)]


def score_origins(
    scenario: Scenario | str | Path,
    store: str | Path,
    *,
    origins: Sequence[str | dt.date] | None = None,
    weeks: int = 4,
    engines: int = 200,
    seed: int = 0,
    bank: Bank | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Origins:
    """Forecast from every origin, steered and unsteered, and keep the sealed forecasts.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    store : str or Path
        Folder of the forecasts; those that are there and the same are not made again.
    origins : sequence of date, optional
        Those of ``origins_of`` if left out.
    weeks, engines, seed, bank, executor
        As in ``forecast``.
    progress : callable, optional
        Called with (forecasts made, forecasts in all).

    Raises
    ------
    BadUse
        As ``forecast``, for a folder that holds other forecasts, and where no origin can be scored.
    """
    check_executor(executor)
    weeks = whole("weeks", weeks, 1, MOST_WEEKS)
    chosen = with_changes(scenario)
    when = [origin_of(chosen, o) for o in origins] if origins else origins_of(chosen)
    if not when:
        raise BadUse(
            f"{chosen.id}: has {chosen.days} days; from no day are a week before it and two weeks"
            " after it"
        )
    left_out = tuple(str(o) for o in when if not _can_be_scored(chosen, o, weeks))
    when = [o for o in when if str(o) not in left_out]
    if not when:
        raise BadUse(
            f"{chosen.id}: no origin has a tracker's map before it and one in the {weeks} weeks"
            " after it (observed/held_area.csv)"
        )
    made: dict[str, dict[str, Forecast]] = {"steered": {}, "bare": {}}
    sets = found_bank(chosen, bank)
    with store_folder(store) as folder:
        for number, origin in enumerate(when):
            weighed = weighed_bank(chosen, sets, origin)
            then = known_then(chosen, origin)
            expected = {
                "digest": then.scenario.digest,
                "results_version": results_version,
                "origin": origin,
                "weeks": weeks,
                "engines": engines,
                "seed": seed,
                "knew": (reading_of(weighed), *then.readings()),
            }
            for n, name in enumerate(made):
                place, steered = folder / f"{origin}-{name}.json", name == "steered"
                found = _kept(place, {**expected, "steered": steered})
                if found is None:
                    half = place.with_suffix(".sqlite")
                    found = forecast(
                        chosen,
                        origin=origin,
                        weeks=weeks,
                        engines=engines,
                        seed=seed,
                        bank=bank if weighed.sets is None else weighed.sets,
                        steered=steered,
                        executor=executor,
                        store=half,
                    )
                    found.save(place)
                    with suppress(OSError):
                        half.unlink()
                made[name][str(origin)] = found
                if progress:
                    progress(2 * number + n + 1, 2 * len(when))
    return Origins(scenario=chosen, left_out=left_out, **made)


def _kept(place: Path, expected: Mapping[str, object]) -> Forecast | None:
    """A forecast that was made before; None where there is none.

    Raises
    ------
    BadUse
        For one that is not the one that is wanted.
    """
    if not place.exists():
        return None
    found = load_forecast(place)
    for name, value in expected.items():
        if getattr(found, name) != value:
            raise BadUse(f"{place}: is another forecast: its {name} differs; name another folder")
    return found
