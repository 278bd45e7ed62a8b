"""Sheets for a table: the map, and for each side a briefing and its orders, as PDF."""

from __future__ import annotations

import io
import os
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from kursksim._version import __version__
from kursksim.api import WhatIf, with_changes
from kursksim.counts import whole
from kursksim.errors import BadUse
from kursksim.io import refused_writes, write_whole
from kursksim.scenario.forms import Side
from kursksim.scenario.schema import Scenario
from kursksim.terrain.soundness import assure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

__all__ = ["MOST_TURNS", "pages", "sheets"]

MOST_TURNS = 100
LAST_LATIN = "\u024f"
"""Last letter of Unicode's block Latin Extended-B."""


def pages(scenario: Scenario, *, turns: int = 5) -> dict[str, list[Figure]]:
    """The sheets of a scenario as figures, by the names of their files.

    Parameters
    ----------
    scenario : Scenario
    turns : int
        Turns for which each order sheet has room.

    Returns
    -------
    dict of str to list of Figure
        ``map``, then ``briefing-SIDE`` and ``orders-SIDE`` of each side; one figure a page of A4.

    Raises
    ------
    BadUse
        For a number of turns that is not from 1 to 100.
    """
    from kursksim.sheets.briefing import briefing
    from kursksim.sheets.map import map_pages
    from kursksim.sheets.sides import briefing_pages, order_pages

    whole("turns", turns, 1, MOST_TURNS)
    patched = f", {' + '.join(scenario.patches)}" if scenario.patches else ""
    foot = f"kursksim {__version__} · {scenario.id}{patched} · default values of the ledger"
    made = {"map": map_pages(scenario, foot)}
    for side in get_args(Side):
        told = briefing(scenario, side)
        made[f"briefing-{side}"] = briefing_pages(scenario, told, foot)
        made[f"orders-{side}"] = order_pages(scenario, told, foot, turns)
    return made


def sheets(
    scenario: Scenario | str | Path,
    path: str | Path,
    *,
    turns: int = 5,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
) -> tuple[Path, ...]:
    """Write the sheets of a scenario as PDF.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    path : str or Path
        A file whose name ends in .pdf, for all pages in one; or a folder, for one file a side and
        kind, so that each side is handed its own. A file of the same name is replaced; other files
        of the folder stay.
    turns : int
        Turns for which each order sheet has room.
    what_if, set
        As in ``load``.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    BadUse
        When the file or folder cannot be written, or for a number of turns that is not from 1 to
        100.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [p.stem for p in sheets("two-roads", folder)]
    ['map', 'briefing-holder', 'orders-holder', 'briefing-attacker', 'orders-attacker']
    """
    target = check_target(path)
    chosen = with_changes(scenario, what_if, set)
    assure(chosen)
    from kursksim.plot.output import undisturbed

    with undisturbed():
        made = pages(chosen, turns=turns)
        if target.suffix.lower() == ".pdf":
            files = {target: list(chain.from_iterable(made.values()))}
        else:
            files = {target / f"{name}.pdf": part for name, part in made.items()}
        # all are drawn before any is written
        written = {file: _pdf(part) for file, part in files.items()}
    said = repr(str(path)[:200])
    with refused_writes(said):
        for file, data in written.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, data, said=said)
    return tuple(written)


def check_target(path: str | Path) -> Path:
    """Refuse, before any work, a place where the sheets cannot be written.

    Parameters
    ----------
    path : str or Path
        A file whose name ends in .pdf, or a folder.

    Returns
    -------
    Path

    Raises
    ------
    BadUse
    """
    target, said = Path(path), repr(str(path)[:200])
    if not str(path):
        raise BadUse(
            "sheets are written to a folder, or to a file whose name ends in .pdf;"
            " no name was given"
        )
    single = target.suffix.lower() == ".pdf"
    with refused_writes(said):
        if single and target.is_dir():
            raise BadUse(f"{said}: is a folder; a file whose name ends in .pdf must not be one")
        if not single and target.exists() and not target.is_dir():
            raise BadUse(
                f"{said}: is a file; sheets are written to a folder, or to a file ending in .pdf"
            )
        home = target.parent if single else target
        beside = next(p for p in (home, *home.resolve().parents) if p.exists())
        if not beside.is_dir():
            raise BadUse(f"{said}: cannot be written: {beside} is a file")
        if not os.access(beside, os.W_OK | os.X_OK):
            raise BadUse(f"{said}: cannot be written: Permission denied in {beside}")
    return target


def _pdf(part: list[Figure]) -> bytes:
    """Figures as one PDF: its text can be selected, and the same sheets give the same bytes."""
    import matplotlib

    # a module without type hints
    backend: Any = import_module("matplotlib.backends.backend_pdf")
    style: Any = import_module("kursksim.plot.style")
    out = io.BytesIO()
    settings: dict[Any, Any] = {"pdf.fonttype": 3 if _latin(part) else 42, "savefig.bbox": None}
    unchanging = dict.fromkeys(("CreationDate", "ModDate", "Producer", "Creator"))
    with (
        matplotlib.rc_context(settings),
        style.boxed_glyphs(),
        backend.PdfPages(out, metadata=unchanging) as pdf,
    ):
        for figure in part:
            pdf.savefig(figure)
    return out.getvalue()


def _latin(part: list[Figure]) -> bool:
    """Whether all letters of figures are Latin.

    Type 3 then keeps them as text, and takes a third of the time: to embed a font as Type 42 is to
    parse it whole. Before matplotlib 3.11, Type 3 draws letters of other scripts as shapes.
    """
    for figure in part:
        for ax in figure.axes:
            text = "".join(t.get_text() for t in ax.texts)
            if any(c > LAST_LATIN for c in text if c.isalpha()):
                return False
    return True
