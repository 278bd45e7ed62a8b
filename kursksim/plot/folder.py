"""Pictures that are saved beside the tables of a run."""

from __future__ import annotations

from pathlib import Path

from kursksim.plot.held import held_area
from kursksim.plot.links import chain_of
from kursksim.plot.output import save
from kursksim.plot.sheet import map_of_day
from kursksim.runs.record import Run

__all__ = ["pictures"]


def pictures(run: Run, folder: str | Path) -> None:
    """Draw a run into a folder: ``held_area.png``, ``chain.png`` and ``map.png`` (of the last day).

    Parameters
    ----------
    run : Run
    folder : str or Path
        An existing folder.

    Examples
    --------
    >>> import kursksim as ks
    >>> ks.run("two-roads", seed=7).save("out/mine", draw=ks.plot.pictures)  # doctest: +SKIP
    """
    place = Path(folder)
    save(held_area(run), place / "held_area.png")
    save(chain_of(run), place / "chain.png")
    save(map_of_day(run, run.provenance.until), place / "map.png")
