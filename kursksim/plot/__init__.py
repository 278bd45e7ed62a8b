"""Pictures of runs, of ensembles, of comparisons and of studies; a moving picture of a run.

Each function draws on the axes that it is given, or makes a figure of its own that pyplot does not
know; none shows anything. Importing this package does not import matplotlib.

>>> import kursksim as ks
>>> run = ks.run("two-roads", seed=7, until="2025-01-03")
>>> ax = ks.plot.held_area(run)
>>> ax.get_ylabel()
'ground held beyond the border (km²)'
"""

from __future__ import annotations

from pathlib import Path

from kursksim.plot.animation import animate
from kursksim.plot.first_day import first_day
from kursksim.plot.held import fan, held_area
from kursksim.plot.links import chain_of as chain
from kursksim.plot.output import save, undisturbed
from kursksim.plot.pairs import difference
from kursksim.plot.probability import control, dates
from kursksim.plot.reveal import reveal
from kursksim.plot.sheet import map_of_day as map
from kursksim.plot.sheet import small_maps as maps
from kursksim.plot.studies import sweep, tipping, tornado
from kursksim.plot.waiting import value_of_waiting
from kursksim.runs.record import Run

__all__ = [
    "animate",
    "chain",
    "control",
    "dates",
    "difference",
    "fan",
    "first_day",
    "held_area",
    "map",
    "maps",
    "pictures",
    "reveal",
    "save",
    "sweep",
    "tipping",
    "tornado",
    "value_of_waiting",
]


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
    with undisturbed():
        save(held_area(run), place / "held_area.png")
        save(chain(run), place / "chain.png")
        save(map(run, run.provenance.until), place / "map.png")
