"""The past of particles as members of an ensemble, whole or smoothed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from kursksim.ensembles.replication import Campaign, Changes, Member
from kursksim.forecasting.particles import Span
from kursksim.runs.columns import DAILY, Table
from kursksim.runs.outcomes import measured
from kursksim.runs.record import owners
from kursksim.terrain.hexmap import terrain_of

__all__ = ["cut", "member_of", "smoothed"]


def member_of(campaign: Campaign, number: int, spans: Sequence[Span]) -> Member:
    """A particle's past as a member of an ensemble.

    Parameters
    ----------
    campaign : Campaign
    number : int
        Its number in the ensemble.
    spans : sequence of Span
        From the first day on.
    """
    terrain = terrain_of(campaign.scenario)
    ordered, changes = spans[-1].ordered if spans else None, list[tuple[int, int, bool, str]]()
    table = Table(DAILY)
    for span in spans:
        table.extend(span.daily[name] for name in DAILY)
        changes += span.changes
    columns = table.columns
    for i, day in enumerate(columns["day"]):
        # the order of an evening belongs to the row of its date
        given = ordered is not None and day >= ordered
        columns["order_day"][i] = float(ordered) if given and ordered is not None else math.nan
    made = Member(
        scenario=campaign.scenario,
        seed=campaign.seed,
        replication=number,
        tables={"daily": table},
        changes=tuple(changes),
        start=tuple(terrain.held_0.tolist()),
        cells=terrain.cells,
        order_day=ordered,
        order_reason="",
        measures={},
    )
    return replace(made, measures=measured(made)) if spans else made


def cut(span: Span, last_day: int) -> Span:
    """The days of a span up to a last one."""
    rows = [day for day in span.daily["day"] if day <= last_day]
    daily = {name: column[: len(rows)] for name, column in span.daily.items()}
    changes = tuple(change for change in span.changes if change[0] <= last_day)
    ordered = span.ordered
    return Span(daily, changes, None if ordered is None or ordered > last_day else ordered)


def smoothed(campaign: Campaign, pasts: Sequence[Sequence[Span]]) -> list[Span]:
    """One past out of several, a span from each; cells that differ change hands where they meet.

    Parameters
    ----------
    campaign : Campaign
    pasts : sequence of sequence of Span
        Of the first, span 0 is taken, of the second, span 1, and so on.
    """
    start = terrain_of(campaign.scenario).held_0.tolist()
    made: list[Span] = []
    for number, past in enumerate(pasts):
        span, first = past[number], past[number].daily["day"][0]
        mine = owners(start, _changes(made), first - 1)
        theirs = owners(start, _changes(past[:number]), first - 1)
        pairs = enumerate(zip(mine, theirs, strict=True))
        seam = tuple((first, cell, there, "") for cell, (here, there) in pairs if here != there)
        made.append(span._replace(changes=(*seam, *span.changes)))
    return made


def _changes(spans: Sequence[Span]) -> Changes:
    found: list[tuple[int, int, bool, str]] = []
    for span in spans:
        found += span.changes
    return tuple(found)
