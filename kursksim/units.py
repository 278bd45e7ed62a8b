"""Units and the calendar: hours in the clock, days in rates, km, km², tonnes, men, vehicles."""

from __future__ import annotations

import datetime as dt
import math
from functools import lru_cache

from kursksim.errors import BadUse

__all__ = [
    "HOURS_PER_DAY",
    "KG_PER_TONNE",
    "KM2_PER_SQ_MI",
    "LEAST",
    "add_days",
    "day_of",
    "iso",
    "parse_date",
    "sun_hours",
]

HOURS_PER_DAY = 24
KG_PER_TONNE = 1000.0
KM2_PER_SQ_MI = 2.589988110336
"""Square kilometres in one international square mile (1.609344 km squared)."""
LEAST = 1e-6
"""Least amount of anything that is there or is moved: men, tonnes, vehicles, pieces, km²."""


def parse_date(text: str | dt.date, what: str = "date") -> dt.date:
    """Read an ISO date.

    Raises
    ------
    BadUse
        When the text is not a calendar date of the form YYYY-MM-DD.
    """
    if isinstance(text, dt.datetime):  # pandas' Timestamp is one
        return text.date()
    if isinstance(text, dt.date):
        return text
    try:
        if len(text) != 10:  # Python reads 20250307 and 2025-W10-5 as well
            raise ValueError
        return dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        raise BadUse(f"{what} {text!r}: not a calendar date of the form 2025-03-07") from None


def day_of(date: dt.date, start: dt.date) -> int:
    """Day index of a date: days from the start of the campaign, which is day 0."""
    return (date - start).days


def add_days(start: dt.date, day: int) -> dt.date:
    """Date of a day index."""
    return start + dt.timedelta(days=day)


def iso(start: dt.date, day: int) -> str:
    """Date of a day index, as an ISO string."""
    return add_days(start, day).isoformat()


@lru_cache(maxsize=1024)
def sun_hours(date: dt.date, lat: float) -> tuple[float, float]:
    """Hours of sunrise and sunset in local solar time.

    Parameters
    ----------
    date : datetime.date
    lat : float
        Latitude in degrees.

    Returns
    -------
    tuple of float
        Sunrise and sunset, hours after midnight; (0, 24) under a midnight sun, (12, 12) in polar
        night.

    Notes
    ----- The declination is the Fourier series of Spencer (1971), as used by the NOAA solar
    equations. At sunrise the sun's centre is 0.833° below the horizon, by refraction and its
    radius. Equation of time and longitude are left out, since only lengths matter here.
    """
    gamma = 2 * math.pi / 365 * (date.timetuple().tm_yday - 0.5)
    declination = (
        0.006918
        - 0.399912 * math.cos(gamma)
        + 0.070257 * math.sin(gamma)
        - 0.006758 * math.cos(2 * gamma)
        + 0.000907 * math.sin(2 * gamma)
        - 0.002697 * math.cos(3 * gamma)
        + 0.00148 * math.sin(3 * gamma)
    )
    phi = math.radians(lat)
    horizon = math.cos(math.radians(90.833)) - math.sin(phi) * math.sin(declination)
    cosine = horizon / (math.cos(phi) * math.cos(declination))
    # Beyond 1 or -1 the sun does not rise, or does not set.
    half_day = math.acos(min(1.0, max(-1.0, cosine))) * 12 / math.pi
    return 12 - half_day, 12 + half_day
