"""The drawing library, loaded whatever MPLBACKEND says: pictures are drawn to files, which needs no window."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from logging.handlers import BufferingHandler
from types import ModuleType

from kursksim.errors import BadUse

__all__ = ["loaded"]


def loaded() -> ModuleType:
    """The module ``matplotlib``.

    Matplotlib itself refuses to be imported where MPLBACKEND names no backend. Ours is always Agg, so such a name
    is left aside; a good one holds for the caller's own pictures as ever.

    Raises
    ------
    BadUse
        Where it cannot be loaded, as with a settings file that is no text.
    """
    if "matplotlib" not in sys.modules:
        _load()
    import matplotlib

    return matplotlib


def _load() -> None:
    """Import it without MPLBACKEND; what it logs meanwhile is said afterwards, or becomes part of the error."""
    log, kept = logging.getLogger("matplotlib"), BufferingHandler(1000)
    log.addHandler(kept)
    wanted = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    except (ValueError, OSError, RuntimeError) as error:
        said = "; ".join(record.getMessage().rstrip(".") for record in kept.buffer) or str(error)
        rule = "look at its settings file, matplotlibrc, and at MATPLOTLIBRC and MPLCONFIGDIR"
        raise BadUse(
            f"pictures cannot be drawn, as matplotlib does not load: {said}; {rule}"
        ) from None
    finally:
        log.removeHandler(kept)
        if wanted is not None:
            os.environ["MPLBACKEND"] = wanted
    for record in kept.buffer:
        log.handle(record)
    if wanted:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = wanted
