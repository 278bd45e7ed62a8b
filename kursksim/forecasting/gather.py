"""Put a forecast together from what its engines have played."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import numpy as np

from kursksim._version import results_version
from kursksim.ensembles.replication import Campaign
from kursksim.forecasting.history import member_of
from kursksim.forecasting.known import Reading
from kursksim.forecasting.particles import Particle
from kursksim.forecasting.record import Record
from kursksim.forecasting.results import Forecast, Taken
from kursksim.runs.record import owners
from kursksim.runs.statistics import place_falls

__all__ = ["forecast_of"]

DIGITS = 6
"""Decimals of a held area, km², and of a chance: finer than anything means."""


def forecast_of(
    campaign: Campaign,
    particles: Sequence[Particle],
    *,
    origin: dt.date,
    steered: bool,
    weeks: int,
    knew: Sequence[Reading],
    taken: Sequence[Taken],
    record: Record,
) -> Forecast:
    """Put together what engines have played to the end of a forecast; those that failed are left.

    Parameters
    ----------
    campaign : Campaign
    particles : sequence of Particle
    origin, steered, weeks, knew, taken
        As in ``Forecast``.
    record : Record
        What was observed.
    """
    s = campaign.scenario
    played = [p for p in particles if not p.error]
    members = [member_of(campaign, k, p.spans) for k, p in enumerate(played)]
    falls = [place_falls(m, {"place": s.key_place}) for m in members]
    first = s.day(origin) + 1
    chances = {}
    for week in range(1, weeks + 1):
        day = first + 7 * week - 1
        owned = np.array([owners(m.start, m.changes, day) for m in members], dtype=float)
        chances[s.date(day).isoformat()] = tuple(owned.mean(axis=0).round(DIGITS).tolist())
    whole = np.array([p.held for p in played])
    held, tracker, seen = whole.round(DIGITS), "", record.error.unknown(0)
    if steered:
        tracker = record.areas[-1].source
        seen = record.offset(whole, tracker, first - 1)
    return Forecast(
        scenario=s.id,
        digest=s.digest,
        title=s.title,
        key_place=s.key_place,
        start=s.start,
        origin=origin,
        steered=steered,
        weeks=weeks,
        engines=len(particles),
        seed=campaign.seed,
        results_version=results_version,
        held=tuple(map(tuple, held.tolist())),
        ordered=tuple(m.order_day for m in members),
        fallen=tuple(None if math.isnan(day) else int(day) for day in falls),
        cells=tuple(members[0].cells),
        chances=chances,
        own_km2=record.error.own_km2,
        pairs=record.error.pairs,
        tracker=tracker,
        drift_km2=tuple(seen.mean[:, 0].round(DIGITS).tolist()),
        offset_km2=tuple(seen.mean[:, 1].round(DIGITS).tolist()),
        covariance_km4=tuple(
            map(tuple, seen.covariance.reshape(len(seen.rate), 4).round(DIGITS).tolist())
        ),
        drift_rate_km4=tuple(seen.rate.round(DIGITS).tolist()),
        taken=tuple(taken),
        knew=tuple(knew),
    )
