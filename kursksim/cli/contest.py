"""Commands that set courses and policies against each other: reveal and tournament."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kursksim.cli.executors import executor
from kursksim.cli.folder import Folder, csv_text
from kursksim.cli.many import Where, kept
from kursksim.cli.output import check_file, check_target, emit, heading, note, say, table
from kursksim.cli.playing import Request
from kursksim.errors import BadUse, nearest
from kursksim.io import write_whole
from kursksim.progress import bar
from kursksim.sides import SIDES
from kursksim.text import cells_wide

if TYPE_CHECKING:
    from kursksim.studies.tournament import Tournament

__all__ = ["Looked", "reveal", "tournament"]

COLUMNS = 100
"""Width that the table of a tournament keeps to: further policies of the attacker go below."""
FOOT = (
    "Means with their 95 % intervals. Second line: less the best policy of the column, on the same luck. Dominated:"
    " another is at least as good against every policy of the other side by the mean of the paired differences, and"
    " better against one by an interval without 0. Intervals are 95 % each, not corrected for their number. The scores"
    " make courses comparable and are no judgement; losses of men are indices."
)
USUAL = (
    "holder_score",
    "attacker_score",
    "held_km2_end",
    "leverage",
    "holder_losses",
    "vehicles_lost",
)


class Looked(NamedTuple):
    """What of a game is laid open, and how far."""

    side: str | None
    date: str | None
    play_on: bool
    step: int
    effects: int
    men_weight: float


def reveal(
    save: str, looked: Looked, workers: int | None, out: str | None, json: str | None
) -> int:
    """Lay a saved game open: print it, write the page and the picture.

    Parameters
    ----------
    save : str
        File of a saved game.
    looked : Looked
    workers : int or None
    out : str or None
        Folder of reveal.md and reveal.png.
    json : str or None
    """
    from kursksim import plot
    from kursksim.play import load_game
    from kursksim.play.reveal.laid_open import reveal as laid_open
    from kursksim.play.reveal.page import CAVEAT, markdown, sections

    check_target(json)
    game = load_game(save)
    folder = None if out is None else Folder(Path(out), (".md", ".png"))
    with executor(workers, None) as pool, bar("Courses played") as tick:
        made = laid_open(game, **looked._asdict(), progress=tick, executor=pool)
    if folder is not None:
        folder.picture("reveal.png", plot.reveal(made))
        folder.text("reveal.md", markdown(made, "reveal.png"))
    if emit(json, _content(made, out)):
        heading(f"{made.scenario.title}: the game of the {made.side} laid open, up to {made.date}")
        say(made.provenance, "")
        for section in sections(made):
            heading(section.title)
            say(*section.before)
            if section.heads:
                table(section.heads, section.rows, indent=2)
            say(*section.after, "")
        say(CAVEAT)
        if folder is not None:
            say(f"Page and picture in {folder.path}")
    return 0


def _content(made: Any, out: str | None) -> dict[str, Any]:
    """The reveal as JSON: the scenario by its name, as the rest of it is on disk."""
    whole = {
        name: value for name, value in vars(made).items() if name not in ("scenario", "payoffs")
    }
    return {"scenario": made.scenario.id, "digest": made.scenario.digest, **whole, "results": out}


# -- tournament ------------------------------------------------------------------------------------------------------


def tournament(
    request: Request,
    replications: int,
    names: tuple[Sequence[str], Sequence[str]],
    measures: Sequence[str],
    where: Where,
) -> int:
    """Play every holder policy against every attacker policy; print the payoffs and the dominated.

    Parameters
    ----------
    request : Request
    replications : int
    names : tuple of (holder policies, attacker policies)
        The usual ones of a side if empty.
    measures : sequence of str
        What is printed; the usual ones if empty. The CSV and the JSON have all.
    where : Where
        ``out`` is a CSV file, ``store`` a folder of stores.
    """
    from kursksim.runs.payoffs import payoffs_of
    from kursksim.studies.tournament import tournament as played

    scenario, _ = request.read()
    check_target(request.json)
    target = None if where.out is None else _csv_target(where.out)
    known = payoffs_of(scenario, "holder") | payoffs_of(scenario, "attacker")
    for name in measures:
        if name not in known:
            raise BadUse(f"--measure {name!r} is unknown; {nearest(name, known)}")
    done: list[tuple[str, str]] = []
    with (
        _said(where.store, done),
        executor(where.workers, where.dask) as pool,
        bar("Runs played") as tick,
    ):
        made = played(
            scenario, holders=names[0], attackers=names[1], replications=replications, seed=request.seed,
            until=request.until, parameters=request.parameters, progress=tick, executor=pool, store=where.store,
            pair_done=lambda h, a: done.append((h, a)),
        )  # fmt: skip
    frame = made.table()
    if target is not None:
        write_whole(target, csv_text(frame.columns, frame.itertuples(index=False)).encode())
    dominated = [d._asdict() for side in SIDES for m in known for d in made.dominated(side, m)]
    content = {
        "scenario": scenario.id, "what_ifs": scenario.patches, "seed": made.seed, "replications": replications,
        "days": made.days, "holders": made.holders, "attackers": made.attackers, "left_out": made.left_out,
        "payoffs": frame.to_dict("records"), "dominated": dominated,
        "failures": {f"{h} against {a}": f for (h, a), f in made.failures.items() if f},
    }  # fmt: skip
    if emit(request.json, content):
        _print_tournament(made, measures or USUAL)
        if target is not None:
            say(f"Table in {target}")
    return 0


@contextmanager
def _said(store: str | None, done: list[tuple[str, str]]) -> Iterator[None]:
    """After an interrupt, say what is kept and what is not."""
    try:
        with kept(store):
            yield
    except KeyboardInterrupt:
        if store is None:
            note(
                f"kursksim: {len(done)} pairs of policies were played; nothing is kept without --store DIR"
            )
        raise


def _csv_target(out: str) -> Path:
    path = Path(out)
    if path.suffix != ".csv" or path.is_dir():
        raise BadUse(f"--out {out[:200]!r}: must be a file whose name ends in .csv")
    check_file("--out", out)
    return path


def _print_tournament(made: Tournament, measures: Sequence[str]) -> None:
    """A block a measure; further attackers below where the line would grow too long."""
    lines = f"{len(made.holders)} by {len(made.attackers)} policies, {made.replications} replications, seed {made.seed}"
    heading(f"{made.scenario.title}: {lines}")
    for measure in measures:
        payoff = made.payoffs[measure]
        wants = [
            f"{s} {'more' if w > 0 else 'less'}" for s in SIDES if (w := _way(made, s, measure))
        ]
        unit = (
            ""
            if payoff.unit in ("share", "day index")
            else f", {'index' if payoff.unit == 'men' else payoff.unit}"
        )
        title = (
            f"{payoff.title} of the {measure.split('_')[0]}"
            if payoff.id.endswith("_score")
            else payoff.title
        )
        say("")
        heading(f"{title}{unit} (better: {', '.join(wants) or 'neither way'})")
        _block(made, measure)
        for side in SIDES:
            _dominated(made, side, measure)
    say("", *textwrap.wrap(FOOT, COLUMNS))
    for side, reasons in made.left_out.items():
        for name, reason in reasons.items():
            said = f"Left out of the {side}'s: {name} ({reason})."
            say(*textwrap.wrap(said, COLUMNS, subsequent_indent="  "))
    for (h, a), failures in made.failures.items():
        if failures:
            first = min(failures)
            say(
                f"{h} against {a}: {len(failures)} replications failed; number {first}: {failures[first]}"
            )


def _way(made: Tournament, side: str, measure: str) -> int:
    from kursksim.runs.payoffs import payoffs_of

    own = payoffs_of(made.scenario, side).get(measure)
    return 0 if own is None else own.better(side)


def _block(made: Tournament, measure: str) -> None:
    columns = {a: _column(made, a, measure) for a in made.attackers}
    first = [cell for h in made.holders for cell in (h, "  less the best")]
    left = list(made.attackers)
    while left:
        room = COLUMNS - max(map(cells_wide, first)) - 2
        shown: list[str] = []
        while left and (not shown or room >= _wide(left[0], columns) + 2):
            room -= _wide(left[0], columns) + 2
            shown.append(left.pop(0))
        rows = [(first[i], *(columns[a][i] for a in shown)) for i in range(len(first))]
        if not _way(made, "holder", measure):
            rows = rows[::2]
        table(("holder", *(f"against {a}" for a in shown)), rows, indent=2)


def _wide(attacker: str, columns: dict[str, list[str]]) -> int:
    return max(map(cells_wide, (f"against {attacker}", *columns[attacker])))


def _column(made: Tournament, attacker: str, measure: str) -> list[str]:
    """Payoffs against one attacker, each with what is missing to the best of them."""
    from kursksim.runs.payoffs import said

    best, payoff, cells = made.best("holder", attacker, measure), made.payoffs[measure], []
    for h in made.holders:
        cell = made.payoff(h, attacker, measure)
        mean, low, high = (
            said(payoff, made.scenario, made.days, v) for v in (cell.mean, cell.low, cell.high)
        )
        some = "" if cell.n == made.replications else f", {cell.n} of {made.replications}"
        cells.append(f"{mean} ({low} to {high}{some})" if cell.n else "none")
        if h == best or not best or not cell.n:
            cells.append("best" if h == best else "")
            continue
        d = made.difference("holder", h, best, attacker, measure)
        small = payoff.unit in ("share", "index")
        cells.append(
            "{} ({} to {})".format(*(_apart(v, small) for v in (d.difference, d.low, d.high)))
        )
    return cells


def _apart(value: float, small: bool) -> str:
    if value != value:
        return "?"
    return (
        "0"
        if value == 0
        else f"{value:+.3f}"
        if small
        else f"{value:+,.0f}"
        if abs(value) >= 10
        else f"{value:+.2f}"
    )


def _dominated(made: Tournament, side: str, measure: str) -> None:
    if not _way(made, side, measure):
        return
    by: dict[str, list[str]] = {}
    for d in made.dominated(side, measure):
        by.setdefault(d.policy, []).append(d.by)
    said = "; ".join(f"{policy} (by {', '.join(better)})" for policy, better in by.items())
    for line in textwrap.wrap(
        f"dominated, {side}: {said or 'none'}", COLUMNS - 2, subsequent_indent="  "
    ):
        say(f"  {line}")
