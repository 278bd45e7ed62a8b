"""What the evidence page is made of, the time that each part takes, and tables in Markdown."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import kursksim as ks
from kursksim.ensembles import Ensemble
from kursksim.ensembles.comparison import Comparison
from kursksim.evidence.maps import PlaceForecast
from kursksim.forecasting.origins import Origins
from kursksim.studies.calibration.calibrate import Calibration
from kursksim.studies.calibration.judgement import Judgement
from kursksim.studies.calibration.known_truths import Twins
from kursksim.studies.calibration.second import Second


class Evidence(NamedTuple):
    """What was played for the page.

    Attributes
    ----------
    calibration : Calibration
    posterior : Ensemble
        Runs of sets that are drawn from it.
    judged, default : Judgement
        Of these runs, and of runs at default parameters.
    places : list of PlaceForecast
        Chances of the posterior that places are held.
    twins : Twins
    second : Second
    origins : Origins
        Forecasts from every Sunday.
    beyond : Forecast
        That of the weeks after the campaign.
    cuts : Comparison
        Arrows of the chain that are cut, under a commander who never leaves.
    run : Run
        One at default parameters.
    """

    calibration: Calibration
    posterior: Ensemble
    judged: Judgement
    default: Judgement
    places: list[PlaceForecast]
    twins: Twins
    second: Second
    origins: Origins
    beyond: ks.Forecast
    cuts: Comparison
    run: ks.Run


class Clock:
    """Seconds that each part took, over all runs of the command that share the stores."""

    def __init__(self, path: Path) -> None:
        self.path = path
        there = path.is_file()
        self.seconds: dict[str, float] = json.loads(path.read_text("utf-8")) if there else {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a part, and say so; what an ended run has spent on it counts."""
        print(f"{name} ...", flush=True)
        begun = time.monotonic()
        try:
            yield
        finally:
            took = time.monotonic() - begun
            self.seconds[name] = self.seconds.get(name, 0.0) + took
            self.path.write_text(json.dumps(self.seconds, indent=1), encoding="utf-8")
            print(f"{name}: {took / 60:.1f} minutes", flush=True)


def rows(heads: Sequence[str], body: Sequence[Sequence[object]]) -> list[str]:
    """A table in Markdown."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in body:
        cells = [str(c).replace("|", "/") for c in row]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def day(scenario: ks.Scenario, index: float) -> str:
    """A day index as a date; the day after the last as none."""
    there = index < scenario.days
    return scenario.date(round(index)).isoformat() if there else "not by the end"


def timed(seconds: Mapping[str, float], cores: int) -> list[str]:
    """What each part took by the clock."""
    body = [(name, f"{took / 60:.0f}") for name, took in seconds.items()]
    body.append(("**all**", f"**{sum(seconds.values()) / 60:.0f}**"))
    return rows(("part", f"minutes by the clock, {cores} cores"), body)
