"""Studies: many runs of a scenario that answer one question, such as sweeps and sensitivity."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kursksim.studies.choice import Alternatives, alternatives
    from kursksim.studies.discovery import Discovery, discover
    from kursksim.studies.grids import Sweep, sweep
    from kursksim.studies.sensitivity import Sensitivity, morris, sobol

__all__ = [
    "Alternatives",
    "Discovery",
    "Sensitivity",
    "Sweep",
    "alternatives",
    "discover",
    "morris",
    "sobol",
    "sweep",
]

_HOME = {
    "Alternatives": "choice",
    "Discovery": "discovery",
    "Sensitivity": "sensitivity",
    "Sweep": "grids",
    "alternatives": "choice",
    "discover": "discovery",
    "morris": "sensitivity",
    "sobol": "sensitivity",
    "sweep": "grids",
}


def __getattr__(name: str) -> Any:
    """Import a study on its first use: one that looks at a single run needs no ensembles."""
    if name not in _HOME:
        raise AttributeError(f"module 'kursksim.studies' has no attribute {name!r}")
    found = getattr(import_module(f"kursksim.studies.{_HOME[name]}"), name)
    globals()[name] = found
    return found
