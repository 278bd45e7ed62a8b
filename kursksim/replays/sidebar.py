"""What stands beside the runs of a page: dated inputs, the record, sources, and what an ensemble says."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.evidence.observations import held_area, settlements, timeline
from kursksim.scenario.schema import Scenario
from kursksim.scenario.sources import cited_keys
from kursksim.text import plain
from kursksim.units import day_of, parse_date

if TYPE_CHECKING:
    from kursksim.ensembles import Ensemble
    from kursksim.replays.ground import PageMap

__all__ = ["ensemble_view", "inputs", "observed", "sources"]

QUANTILES = {"low": 0.05, "quarter": 0.25, "median": 0.5, "three": 0.75, "high": 0.95}
STEP = 5
"""Steps of the shares on the map, %."""


def inputs(scenario: Scenario, days: int) -> list[dict[str, Any]]:
    """The dated inputs within the days played, in order, with their sources.

    Parameters
    ----------
    scenario : Scenario
    days : int
    """
    first = scenario.start
    listed = [i for i in scenario.inputs if 0 <= day_of(i.date, first) < days]
    return [
        {
            "day": day_of(i.date, first),
            "until": None if i.until is None else day_of(i.until, first),
            "name": plain(i.name or i.id),
            "known_on": i.known_on.isoformat(),
            "status": i.status,
            "note": plain(i.note),
            "sources": _cited(scenario, i.source),
        }
        for i in sorted(listed, key=lambda i: (i.date, i.id))
    ]


def observed(scenario: Scenario, days: int) -> dict[str, Any]:
    """The record of the days played: ground held, and what was reported of each day; empty where there is none.

    Parameters
    ----------
    scenario : Scenario
    days : int
    """
    held = [
        {
            "day": day, "held": o.held_km2, "kind": o.kind, "note": plain(o.note),
            "grey": o.held_plus_grey_km2 if math.isfinite(o.held_plus_grey_km2) else None,
            "sources": _cited(scenario, o.source),
        }
        for o in held_area(scenario)
        if (day := _day(scenario, o.date, days)) is not None
    ]  # fmt: skip
    told = [
        (
            e.date,
            f"{e.what.rstrip('.')}. Public on {e.known_on}.",
            _cited(scenario, e.source, e.url),
        )
        for e in timeline(scenario)
    ]
    told += [
        (
            s.date,
            f"{s.place}: {s.event.replace('_', ' ')} ({s.confidence} confidence).",
            _cited(scenario, s.source, s.url),
        )
        for s in settlements(scenario)
    ]
    reported = [
        {"day": day, "text": plain(text), "sources": cited}
        for date, text, cited in sorted(told, key=lambda t: t[0])
        if (day := _day(scenario, date, days)) is not None
    ]
    return {"held": held, "reported": reported}


def _day(scenario: Scenario, date: str, days: int) -> int | None:
    day = day_of(parse_date(date), scenario.start)
    return day if 0 <= day < days else None


def _cited(scenario: Scenario, source: str, own: str = "") -> list[list[str]]:
    """Title and address of each source of an entry; the entry's own address goes with the first."""
    known = {s.key: s for s in scenario.sources}
    keys = [k.strip() for k in source.split(";") if k.strip() not in ("", "none")]
    found = [
        [plain(known[k].title), _address(known[k].url)] if k in known else [plain(k), ""]
        for k in keys
    ]
    if own and found:
        found[0][1] = _address(own) or found[0][1]
    return found


def _address(url: str) -> str:
    """The first address of a source, if it is one of the web: nothing else may become a link."""
    first = url.split(" ; ")[0].strip()
    return first if re.fullmatch(r"https?://[^\s\"'<>\\]+", first) else ""


def sources(scenario: Scenario) -> list[list[str]]:
    """Title, author, date and address of every source that the scenario or its record rests on.

    Parameters
    ----------
    scenario : Scenario
    """
    named = [e.source for e in held_area(scenario)]
    named += [e.source for e in timeline(scenario)] + [e.source for e in settlements(scenario)]
    used = cited_keys(scenario) | {k.strip() for source in named for k in source.split(";")}
    rows = [s for s in scenario.sources if s.key in used or not used]
    return [[plain(s.title), plain(s.author), plain(s.date), _address(s.url)] for s in rows]


# -- ensembles -------------------------------------------------------------------------------------------------------


def ensemble_view(ensemble: Ensemble, sheet: PageMap) -> dict[str, Any]:
    """The fan of the held area, and by day the share of the replications that hold each cell.

    Parameters
    ----------
    ensemble : Ensemble
    sheet : Sheet

    Returns
    -------
    dict
        Shares are whole percent in steps of 5; 0 and 100 are none and all. ``share`` has those of day 0, ``steps`` by
        day what differs from the day before: cell, share, cell, share, …
    """
    fan = {n: np.round(ensemble.quantile("held_km2", q), 2).tolist() for n, q in QUANTILES.items()}
    shown, steps = list(sheet.shown), []
    before: NDArray[np.intp] | None = None
    first: list[int] = []
    for date in ensemble.dates:
        now = _percent(np.array(list(ensemble.control_probability(date).values()))[shown])
        if before is None:
            first, changed = now.tolist(), np.empty(0, dtype=np.intp)
        else:
            changed = np.flatnonzero(now != before)
        steps.append(np.column_stack([changed, now[changed]]).ravel().tolist())
        before = now
    return {
        "replications": ensemble.replications,
        "seed": ensemble.seed,
        "fan": fan,
        "share": first,
        "steps": steps,
    }


def _percent(share: NDArray[np.float64]) -> NDArray[np.intp]:
    """Shares in steps; what is neither none nor all is never shown as such."""
    rounded = np.rint(share * 100 / STEP).astype(np.intp) * STEP
    return np.where((share > 0) & (share < 1), np.clip(rounded, STEP, 100 - STEP), rounded)
