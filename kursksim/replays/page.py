"""The page of a run, of an ensemble, or of two runs side by side, written whole or not at all."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import re
from collections.abc import Sequence
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from kursksim.errors import BadUse
from kursksim.io import write_whole
from kursksim.plot.style import title_of
from kursksim.replays.course import FIGURES, course
from kursksim.replays.map import PageMap, ground, sheet_of
from kursksim.replays.sidebar import STEP, ensemble_view, inputs, observed, sources
from kursksim.runs.page import SUFFIXES, block
from kursksim.runs.record import Provenance, Run
from kursksim.runs.save import contents
from kursksim.runs.versions import tell_mixed
from kursksim.text import plain

if TYPE_CHECKING:
    from kursksim.ensembles import Ensemble

__all__ = ["MOST_BYTES", "Page", "page_of", "replay_page", "typical", "write_page"]

MOST_BYTES = 1_000_000
"""Size above which a page leaves out hourly events, which a replay of the run gives again."""
Source: TypeAlias = "Run | Ensemble | Sequence[Run]"


class Page(NamedTuple):
    """A page that has been made.

    Attributes
    ----------
    text : str
    runs : tuple of Run
        As they are in it.
    events : bool
        Whether all hourly events that the runs had are in it.
    """

    text: str
    runs: tuple[Run, ...]
    events: bool


def replay_page(
    source: Source,
    path: str | Path,
    *,
    ensemble: Ensemble | None = None,
    events: bool | None = None,
) -> Path:
    """Write one HTML file that replays a campaign day by day, without network or server.

    Parameters
    ----------
    source : Run, Ensemble, or sequence of one or two of Run
        Of an ensemble, the page shows the replication whose ground is nearest to the median, which
        is played again. Two runs stand side by side with their difference; they share days and
        cells.
    path : str or Path
        Ends in .html; a file of that name is replaced.
    ensemble : Ensemble, optional
        Adds its fan and its map of shares to the page of a run.
    events : bool, optional
        Whether the page carries the hourly events of a run that has them. If left out, it does
        where it stays under 1 MB with them. ``replay`` gives a run without them all its events
        again.

    Returns
    -------
    Path
        ``load_run`` opens it.

    Raises
    ------
    BadUse
        For runs that cannot stand side by side, a run on a map that was handed in, another suffix,
        or a file that cannot be written.

    Examples
    --------
    >>> import kursksim as ks, tempfile, pathlib
    >>> run = ks.run("two-roads", seed=7, until="2025-01-03")
    >>> page = ks.replay_page(run, pathlib.Path(tempfile.mkdtemp()) / "campaign.html")
    >>> ks.load_run(page).days
    3
    """
    target = Path(path)
    _check_name(target)
    write_page(target, page_of(source, ensemble=ensemble, events=events))
    return target


def write_page(target: Path, page: Page) -> int:
    """Write a page whole or not at all, and return its size in bytes.

    Raises
    ------
    BadUse
        For another suffix, or a file that cannot be written; an earlier page is then still there.
    """
    _check_name(target)
    data = page.text.encode("utf-8")
    write_whole(target, data)
    return len(data)


def _check_name(target: Path) -> None:
    if target.suffix.lower() not in SUFFIXES:
        raise BadUse(f"{str(target)[:200]!r}: the name of a page must end in .html")


def page_of(
    source: Source, *, ensemble: Ensemble | None = None, events: bool | None = None
) -> Page:
    """Make a page; see ``replay_page``."""
    runs, many = _sorted(source, ensemble)
    stored = [] if many is None else _written_with(many)
    tell_mixed("the runs of the page", [*(run.provenance.versions for run in runs), *stored])
    sheet = sheet_of(runs)
    _check_alike(runs, many)
    data = _data(runs, many, sheet)
    # the whole text is measured, as only that says how well the run compresses
    some = any(run.events for run in runs)
    if events is not False:
        text = _filled(data, runs)
        small = len(text.encode("utf-8")) <= MOST_BYTES
        if events or small or not some:
            return Page(text, runs, events=True)
    bare = tuple(map(_without_events, runs))
    return Page(_filled(data, bare), bare, events=not some)


def typical(ensemble: Ensemble) -> int:
    """Number of the replication whose held area is nearest to the median, in the mean square.

    Parameters
    ----------
    ensemble : Ensemble
    """
    held = ensemble.matrix("held_km2")
    apart = ((held - np.median(held, axis=0)) ** 2).sum(axis=1)
    return int(ensemble.numbers[int(np.argmin(apart))])


def _sorted(source: Any, ensemble: Any) -> tuple[tuple[Run, ...], Ensemble | None]:
    """Runs and ensemble of the arguments, in whichever way they were given."""
    runs = tuple(source) if isinstance(source, (list, tuple)) else (source,)
    only_runs = 1 <= len(runs) <= 2 and all(isinstance(run, Run) for run in runs)
    if ensemble is None and only_runs:
        return runs, None
    from kursksim.ensembles import Ensemble  # the page of a run does without all that plays

    if ensemble is not None and not isinstance(ensemble, Ensemble):
        raise BadUse(f"ensemble: must be an ensemble, not {type(ensemble).__name__}")
    if isinstance(source, Ensemble):
        if ensemble is not None:
            raise BadUse("an ensemble beside an ensemble: give a run, or one of the two")
        return (source.run(typical(source), record="summary"),), source
    if not only_runs:
        raise BadUse("a page takes a run, two runs in a list, or an ensemble")
    if len(runs) == 2:
        raise BadUse("a page shows an ensemble with one run, not with two")
    return runs, ensemble


def _written_with(many: Ensemble) -> Sequence[Any]:
    """Versions that a store was written with; none for runs in memory."""
    from kursksim.ensembles.sources import Stored

    return many.source.written_with() if isinstance(many.source, Stored) else []


def _check_alike(runs: tuple[Run, ...], many: Ensemble | None) -> None:
    """Refuse runs and an ensemble that do not fit on one page."""
    first = runs[0]
    beside: list[tuple[Run | Ensemble, str]] = [(run, "run") for run in runs[1:]]
    if many is not None:
        beside.append((many, "ensemble"))
    for other, what in beside:
        start = other.provenance.start if isinstance(other, Run) else other.dates[0]
        if (start, other.days) != (first.provenance.start, first.days):
            raise BadUse(
                f"{what}: {other.days} days from {start} beside a run of {first.days} days from"
                f" {first.provenance.start}: start and number of days must be the same"
            )
        if other.cells != first.cells:
            raise BadUse(
                f"{what}: lies on other cells than the run beside it: a page shows runs of one"
                " scenario's map"
            )


def _without_events(run: Run) -> Run:
    return dataclasses.replace(
        run, events=(), provenance=dataclasses.replace(run.provenance, record="summary")
    )


def _data(runs: tuple[Run, ...], many: Ensemble | None, sheet: PageMap) -> dict[str, Any]:
    """Data of everything that the page shows."""
    first = runs[0].scenario
    names = _names(runs)
    grounds = [ground(run, sheet) for run in runs]
    same = grounds[1:] == grounds[:-1]
    titles = list(dict.fromkeys(plain(title_of(run)) for run in runs))
    return {
        "title": " / ".join(titles),
        "summary": plain(first.summary),
        "fictional": first.fictional,
        "start": runs[0].provenance.start,
        "first": runs[0].first,
        "days": runs[0].days,
        "sides": {
            side: {"name": plain(s.name), "short": plain(s.short)}
            for side, s in first.sides.items()
        },
        "figures": _figures(),
        "grounds": grounds[:1] if same else grounds,
        "runs": [
            {"name": name, "ground": 0 if same else n, **course(run, sheet)}
            for n, (run, name) in enumerate(zip(runs, names, strict=True))
        ],
        "ensemble": None if many is None else {**ensemble_view(many, sheet), "step": STEP},
        "replication": runs[0].provenance.replication,
        "inputs": inputs(first, runs[0].played),
        "observed": observed(first, runs[0].played),
        "sources": sources(first),
    }


def _figures() -> list[Any]:
    """Headings, each with its columns: name, meaning, unit."""
    found: list[Any] = []
    for head, group in FIGURES.items():
        found.append([head, [[column, *said] for column, said in group.items()]])
    return found


def _names(runs: tuple[Run, ...]) -> list[str]:
    """Names that tell two runs apart; a single run needs none."""
    if len(runs) == 1:
        return [""]
    a, b = (run.provenance for run in runs)
    return [_name(a, b) or "first run", _name(b, a) or "second run"]


def _name(one: Provenance, other: Provenance) -> str:
    """What a run has that the other has not."""
    said = []
    if one.scenario != other.scenario:
        said.append(one.scenario)
    if one.patches != other.patches:
        said.append(" + ".join(one.patches) or "no what-if")
    else:  # a what-if that changes a rule is named already
        said += [p for side, p in one.policies.items() if other.policies.get(side) != p]
    if one.parameters != other.parameters:
        said.append(f"{one.parameters} parameters")
    if (one.seed, one.replication) != (other.seed, other.replication):
        said.append(f"seed {one.seed}, replication {one.replication}")
    return ", ".join(map(plain, said))


# -- the file ------------------------------------------------------------------------------------


def _filled(data: dict[str, Any], runs: Sequence[Run]) -> str:
    """Fill the template; all text of a scenario is escaped."""
    script, style = _part("page.js"), _part("page.css")
    rules = (
        "default-src 'none'",
        f"script-src {_hash(script)}",
        f"style-src {_hash(style)}",
        "base-uri 'none'",
        "form-action 'none'",
    )
    parts = {
        "title": html.escape(data["title"]),
        "policy": "; ".join(rules),
        "style": style,
        "script": script,
        "data": _json(data),
        # without the hour of writing, so that the same run gives the same page
        "runs": "\n".join(block(contents(run, stamped=False, states=False)) for run in runs),
    }
    # in one go: what is filled in is never searched for places again
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _part("page.html"))


def _part(name: str) -> str:
    return (resources("kursksim.replays") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Digest of a part, by which the page's policy allows it, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest())
    return f"'sha256-{digest.decode('ascii')}'"


def _json(data: object) -> str:
    """JSON that cannot end the block in which it stands."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("utf-8", "replace").decode("utf-8")
