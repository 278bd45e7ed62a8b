"""All problems of a scenario that show before it is played, as `kursksim check` lists them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kursksim.api import WhatIf, patches_of
from kursksim.engine.campaign import check_policies
from kursksim.errors import BadUse, Problem, ScenarioError, nearest
from kursksim.evidence import observations
from kursksim.evidence.tracker import not_comparable
from kursksim.scenario import catalogue
from kursksim.scenario.parameters import refusal
from kursksim.scenario.patch import Patch, opened
from kursksim.scenario.posterior import posterior
from kursksim.scenario.reader import read
from kursksim.scenario.rings import Window, area_km2, cut
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.bank_file import bank_that_ships
from kursksim.sums import isum
from kursksim.terrain.opening import opening_of
from kursksim.terrain.readiness import warning
from kursksim.terrain.soundness import findings

__all__ = ["HeldGround", "check", "ground", "problems"]

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")
# readers of the files in ``observed``, each of the file of its name
_RECORD: tuple[Callable[[Scenario], Sequence[object]], ...] = (
    observations.held_area,
    observations.settlements,
    observations.timeline,
    observations.patterns,
    observations.calibrated,
)


def check(
    source: str | Path, *, what_if: WhatIf = (), set: Mapping[str, Any] | None = None
) -> tuple[Problem, ...]:
    """All problems of a scenario that show before it is played, errors first; none is raised.

    Parameters
    ----------
    source, what_if, set
        As in `load`.

    Returns
    -------
    tuple of Problem
        Each with ``severity``, ``where`` and ``what``. Errors keep the scenario from being loaded
        or played; a warning points to a likely slip.

    Raises
    ------
    BadUse
        For an unknown name.

    Examples
    --------
    >>> import kursksim as ks
    >>> ks.check("two-roads")
    ()
    >>> [p.where for p in ks.check("two-roads", set={"parameters.fleet_0": 2})]
    ["set: set 'parameters.fleet_0'", 'supply']
    """
    path = catalogue.place_of(source)
    try:
        patches = opened(patches_of(what_if, set), path)
    except ScenarioError as error:
        return error.problems
    return problems(path, patches)


class HeldGround(NamedTuple):
    """The held ground of day 0 as it was drawn, and as the map has it.

    Attributes
    ----------
    drawn_km2 : float
        Area of the outline in the window.
    cells : int
        Cells in the outline.
    cells_km2, beyond_km2 : float
        Their area, and the area held beyond the border.
    """

    drawn_km2: float
    cells: int
    cells_km2: float
    beyond_km2: float

    def __str__(self) -> str:
        drawn = f"the outline covers {self.drawn_km2:.1f} km² of the window"
        shown = f"{self.cells_km2:.1f} km² in {self.cells} cells"
        return f"{drawn}; on the map {shown}, {self.beyond_km2:.1f} km² held beyond the border"


def ground(source: Path, patches: Sequence[Patch] = ()) -> HeldGround | None:
    """The held ground of day 0; None for a scenario with errors.

    Parameters
    ----------
    source : pathlib.Path
        A folder with scenario.toml, or a single TOML file.
    patches : sequence of Patch
    """
    made, _ = read(source, patches)
    if made is None:
        return None
    grid, eve = made.grid, opening_of(made)
    box = Window(grid.west, grid.south, grid.east, grid.north)
    shown = [part for ring in made.rings if (part := cut(ring, box))]
    drawn = area_km2(shown, (grid.south + grid.north) / 2)
    return HeldGround(drawn, eve.outlined_cells, eve.outlined_km2, eve.salient_km2)


def problems(source: Path, patches: Sequence[Patch] = ()) -> tuple[Problem, ...]:
    """Every problem of a scenario, errors first.

    The files of later commands are read too, by the readers of those commands: the record in
    ``observed``, the posterior, the bank, the files that policies name.

    Parameters
    ----------
    source : pathlib.Path
        A folder with scenario.toml, or a single TOML file.
    patches : sequence of Patch
    """
    made, found = read(source, patches)
    listed = dict.fromkeys(found)
    if made is not None:
        # the reader may have said the same already, of another place
        said = {p.what for p in found}
        for look in (findings, _record, _unread, _posterior, _bank, _policies):
            listed |= dict.fromkeys(p for p in look(made) if p.what not in said)
    return tuple(sorted(listed, key=lambda p: p.severity != "error"))


def _record(scenario: Scenario) -> Iterator[Problem]:
    for reader in _RECORD:
        try:
            rows = reader(scenario)
        except ScenarioError as error:
            yield from error.problems
        else:
            where = f"{observations.FOLDER}/{reader.__name__}.csv"
            yield from _odd(scenario, where, rows)
            areas = [row for row in rows if isinstance(row, observations.HeldArea)]
            yield from (warning(where, line) for line in not_comparable(areas))


def _odd(scenario: Scenario, where: str, rows: Sequence[object]) -> Iterator[Problem]:
    """Rows of the record that appear twice, or lie more than a year from the campaign."""
    # by their text, in which two missing numbers are alike
    twice = isum(count > 1 for count in Counter(map(repr, rows)).values())
    if twice:
        yield warning(where, f"rows that stand twice: {twice}")
    year, end = dt.timedelta(days=366), scenario.date(scenario.last_day)
    first, last = (scenario.start - year).isoformat(), (end + year).isoformat()
    dates = {getattr(row, "date", first) for row in rows}
    dates |= {getattr(row, "known_on", first) for row in rows}
    far = sorted(d for d in dates if not first <= d <= last)
    if far:
        span = f"{scenario.start} to {end}"
        what = f"{', '.join(far[:3])}: more than a year from the campaign, {span}"
        yield warning(where, what)


def _unread(scenario: Scenario) -> Iterator[Problem]:
    """Tables in ``observed`` under other names than are read, and a folder of nearly that name."""
    if not scenario.folder:
        return
    record, known = (
        Path(scenario.folder, observations.FOLDER),
        [f"{r.__name__}.csv" for r in _RECORD],
    )
    try:
        if not record.is_dir():
            for name in sorted(path.name for path in record.parent.iterdir()):
                if name.casefold() == record.name:
                    rule = f"the record is a folder named {record.name!r}"
                    yield warning(name, f"nothing reads {name!r}; {rule}")
            return
        there = sorted(p.name for p in record.iterdir())
    except OSError:
        return
    for name in there:
        if name not in known and Path(name).suffix.casefold() in _TABLES:
            said = f"nothing reads {name!r}; {nearest(name, known)}"
            yield warning(f"{record.name}/{name}", said)


def _posterior(scenario: Scenario) -> Iterator[Problem]:
    try:
        for number, values in enumerate(posterior(scenario), start=1):
            if rule := refusal(scenario, scenario.value | dict(values)):
                yield Problem("posterior.csv", f"set number {number}: {rule}")
                return
    except BadUse as error:
        where, _, what = str(error).partition(": ")
        yield Problem(where, what)


def _bank(scenario: Scenario) -> Iterator[Problem]:
    try:
        bank_that_ships(scenario)
    except BadUse as error:
        where, _, what = str(error).partition(": ")
        yield Problem(where, what)


def _policies(scenario: Scenario) -> Iterator[Problem]:
    """Policies and their files, which the reader of a scenario does not open."""
    try:
        check_policies(scenario)
    except BadUse as error:
        yield Problem("policies", str(error))
