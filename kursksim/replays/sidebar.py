"""Sidebar of a page: dated inputs, the record, sources, and the view of an ensemble."""

from __future__ import annotations

import datetime as dt
import math
import re
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.evidence.observations import PublicEvent, Settlement, held_area, settlements, timeline
from kursksim.evidence.tracker import shown_band
from kursksim.intervals import BANDS, ends, middle
from kursksim.scenario.schema import Scenario
from kursksim.scenario.sources import cited_keys
from kursksim.text import plain
from kursksim.units import day_of, parse_date

if TYPE_CHECKING:
    from kursksim.ensembles import Ensemble
    from kursksim.replays.map import PageMap

__all__ = ["ensemble_view", "inputs", "observed", "sources"]

STEP = 5
"""Steps of the shares on the map, %."""


def inputs(scenario: Scenario, played: range) -> list[dict[str, Any]]:
    """Dated inputs within the days played, in order, with their sources; a page counts days from 0.

    Parameters
    ----------
    scenario : Scenario
    played : range
    """
    first = scenario.date(played.start)
    listed = [i for i in scenario.inputs if day_of(i.date, scenario.start) in played]
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


def observed(scenario: Scenario, played: range) -> dict[str, Any]:
    """Record of the days played: ground held, and reports by day; empty where there is none.

    Parameters
    ----------
    scenario : Scenario
    played : range
    """
    held, first = [], scenario.date(played.start)
    for o in held_area(scenario):
        both = o.held_plus_grey_km2
        entry = {"day": _day(first, o.date), "held": o.held_km2, "kind": o.kind}
        entry |= {"note": plain(o.note), "grey": both if math.isfinite(both) else None}
        held.append(entry | {"sources": _cited(scenario, o.source)})
    told: list[tuple[str, str, PublicEvent | Settlement]] = [
        (e.date, f"{e.what.rstrip('.')}. Public on {e.known_on}.", e) for e in timeline(scenario)
    ]
    told += [
        (s.date, f"{s.place}: {s.event.replace('_', ' ')} ({s.confidence} confidence).", s)
        for s in settlements(scenario)
    ]
    reported = []
    for date, text, one in sorted(told, key=itemgetter(0)):
        cited = _cited(scenario, one.source, one.url)
        reported.append({"day": _day(first, date), "text": plain(text), "sources": cited})
    shown = range(len(played))
    return {
        "held": [e for e in held if e["day"] in shown],
        "reported": [e for e in reported if e["day"] in shown],
    }


def _day(first: dt.date, date: str) -> int:
    return day_of(parse_date(date), first)


def _cited(scenario: Scenario, source: str, own: str = "") -> list[list[str]]:
    """Title and address of each source of an entry; its own address replaces that of the first."""
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
    """First address of a source, if it is of the web: nothing else may become a link."""
    first = url.split(" ; ")[0].strip()
    return first if re.fullmatch(r"https?://[^\s\"'<>\\]+", first) else ""


def sources(scenario: Scenario) -> list[list[str]]:
    """Title, author, date and address of every source that the scenario or its record rests on.

    Parameters
    ----------
    scenario : Scenario
    """
    cited = [e.source for e in held_area(scenario)]
    cited += [e.source for e in timeline(scenario)] + [e.source for e in settlements(scenario)]
    used = cited_keys(scenario) | {k.strip() for k in ";".join(cited).split(";")}
    # a scenario that cites nothing shows all of its sources
    rows = [s for s in scenario.sources if s.key in used or not used]
    return [[plain(s.title), plain(s.author), plain(s.date), _address(s.url)] for s in rows]


# -- ensembles -----------------------------------------------------------------------------------


def ensemble_view(ensemble: Ensemble, sheet: PageMap) -> dict[str, Any]:
    """Fan of the held area, and by day the share of the replications that hold each cell.

    Parameters
    ----------
    ensemble : Ensemble
    sheet : PageMap

    Returns
    -------
    dict
        ``fan`` has the median, the bands of runs, and the widest band of what a tracker would show
        where there are maps of one to hold against it. Shares of the map are whole percent in steps
        of 5; 0 and 100 are none and all. ``share`` has those of day 0, ``steps`` by day those that
        differ from the day before: cell, share, cell, share, …
    """
    held = ensemble.matrix("held_km2")
    bands = []
    for share in BANDS:
        low, high = np.quantile(held, ends(share), axis=0)
        bands.append(_band(low, high, f"{middle(share)} of runs"))
    fan = {
        "median": np.round(np.median(held, axis=0), 2).tolist(),
        "bands": bands,
        "shown": _shown(ensemble),
    }
    shares = [list(ensemble.control_probability(date).values()) for date in ensemble.dates]
    percent = _percent(np.array(shares)[:, list(sheet.shown)])
    steps: list[list[int]] = [[]]  # day 0 is given whole
    for before, now in pairwise(percent):
        changed = np.flatnonzero(now != before)
        steps.append(np.column_stack([changed, now[changed]]).ravel().tolist())
    return {
        "replications": ensemble.replications,
        "seed": ensemble.seed,
        "fan": fan,
        "share": percent[0].tolist(),
        "steps": steps,
    }


def _band(low: NDArray[np.float64], high: NDArray[np.float64], name: str) -> dict[str, Any]:
    """Ends of a band by day, km²."""
    return {"low": np.round(low, 2).tolist(), "high": np.round(high, 2).tolist(), "name": name}


def _shown(ensemble: Ensemble) -> dict[str, Any] | None:
    """The widest band of what a tracker would show; None where there is no map of one."""
    first, last = ensemble.dates[0], ensemble.dates[-1]
    areas = held_area(ensemble.scenario)
    if not any(a.kind == "tracker" and first <= a.date <= last for a in areas):
        return None
    return _band(*shown_band(ensemble.scenario, ensemble.matrix("held_km2")))


def _percent(share: NDArray[np.float64]) -> NDArray[np.intp]:
    """Shares in steps; a cell that some runs hold and some do not shows neither none nor all."""
    rounded = np.rint(share * 100 / STEP).astype(np.intp) * STEP
    return np.where((share > 0) & (share < 1), np.clip(rounded, STEP, 100 - STEP), rounded)
