"""A small fictional campaign with a record made from a run whose truth is known."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import kursksim as ks
from kursksim.engine.campaign import play
from kursksim.evidence.tracker import TrackerError, read_off
from kursksim.rng import Streams
from kursksim.runs.record import Run
from kursksim.scenario.catalogue import find
from kursksim.scenario.schema import Scenario

VARIED = ("blue_men", "red_men", "drone_teams", "fleet_0")
"""Parameters that a calibration of the campaign would vary."""
HEAD = "date,held_km2,held_plus_grey_km2,kind,source,note"


def observed(
    folder: Path, areas: Mapping[str, float], *, varied: Sequence[str] = VARIED
) -> Scenario:
    """The campaign of two roads in a folder, with held areas by date as a tracker showed them."""
    if not folder.exists():
        shutil.copytree(find("two-roads"), folder)
    record = folder / "observed"
    record.mkdir(exist_ok=True)
    rows = [f"{date},{held!r},,tracker,fiction," for date, held in areas.items()]
    (record / "held_area.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    listed = [f"{name},ground,1,P1" for name in varied]
    (record / "calibrated.csv").write_text(
        "\n".join(["parameter,mechanism,influence,figure", *listed]) + "\n", encoding="utf-8"
    )
    return ks.load(folder)


def truth(number: int, values: Mapping[str, float] | None = None) -> Run:
    """A run that nature might have played: its luck is that of no engine."""
    return play(ks.load("two-roads"), seed=10**6, replication=number, values=values)


def tracked(run: Run, error: TrackerError, days: Sequence[int], luck: int) -> dict[str, float]:
    """What a tracker shows of a run on some days: its own error lasts from one to the next."""
    held = np.array([run.tables["daily"].columns["held_km2"]])
    seen = read_off(held, error, Streams(10**6, luck).on(-1, "tracker"))[0]
    return {run.scenario.date(day).isoformat(): float(seen[day]) for day in days}
