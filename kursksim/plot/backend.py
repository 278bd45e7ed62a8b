"""The drawing library, loaded whatever MPLBACKEND says: pictures go to files and need no window."""

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
    """Return the module ``matplotlib``.

    Matplotlib refuses to be imported where MPLBACKEND names no backend. Our pictures are drawn by
    Agg whatever it says, so such a name is ignored; a good one holds for the caller's own
    pictures.

    Raises
    ------
    BadUse
        Where it cannot be loaded, as with a settings file that is not text.
    """
    if "matplotlib" not in sys.modules:
        _load()
    import matplotlib

    return matplotlib


def _load() -> None:
    """Import it without MPLBACKEND, and hold back its log until it is known whether that worked."""
    log, kept = logging.getLogger("matplotlib"), BufferingHandler(1000)
    log.addHandler(kept)
    wanted = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    except (ValueError, OSError, RuntimeError) as error:
        # the log names the file that is wrong; the error often does not
        said = "; ".join(r.getMessage().rstrip(".") for r in kept.buffer) or str(error)
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
