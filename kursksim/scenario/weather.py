"""Days whose weather is known: the rows that a run may read, and their share of its days."""

from __future__ import annotations

from collections.abc import Mapping

from kursksim.scenario.schema import Scenario, WeatherDay
from kursksim.sums import isum

__all__ = ["basis", "known_days", "known_shares", "rests_on"]


def known_days(scenario: Scenario) -> dict[int, WeatherDay]:
    """Rows of the weather by day index, without those that became known after ``as_of``."""
    rows, last = scenario.weather, scenario.as_of
    return {scenario.day(r.date): r for r in rows if last is None or r.known_on <= last}


def known_shares(scenario: Scenario, days: range | None = None) -> dict[str, float]:
    """Shares of days with known flying weather and with known ground.

    Parameters
    ----------
    scenario : Scenario
    days : range, optional
        Day indices; those of the scenario if left out.

    Returns
    -------
    dict
        Keys flying and ground; empty where the model of the weather reads no rows.
    """
    from kursksim.models.base import reads_known_days  # on first use: models import numpy

    if not reads_known_days(scenario.models):
        return {}
    of = range(scenario.days) if days is None else days
    known = [row for day, row in known_days(scenario).items() if day in of]
    flying = isum(row.flying != "unknown" for row in known)
    ground = isum(row.ground != "unknown" for row in known)
    return {"flying": flying / max(1, len(of)), "ground": ground / max(1, len(of))}


def basis(assumed: float, known: Mapping[str, float]) -> str:
    """What a result rests on, in words for its foot.

    Parameters
    ----------
    assumed : float
        Share of the parameters that no source fixes.
    known : mapping of str to float
        Shares of days with known weather.
    """
    weather = ", ".join(f"{name} {share:.0%}" for name, share in known.items())
    said = f" · {weather} of days known" if known else ""
    return f"{assumed:.0%} of parameters assumed or fitted{said}"


def rests_on(scenario: Scenario, days: range | None = None) -> str:
    """The same for results of a scenario, over the days that `known_shares` takes."""
    return basis(scenario.assumed_share(), known_shares(scenario, days))
