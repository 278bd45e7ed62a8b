"""Where models and policies are found by name: ours, those of other packages (entry points), and a user's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, TypeVar

from kursksim.errors import BadUse, nearest

__all__ = ["importable", "lasting", "lookup", "modules_of_others", "names", "register"]

_T = TypeVar("_T", bound=type)
_F = TypeVar("_F", bound=Callable[..., Any])
_REGISTERED: dict[str, dict[str, type]] = {}
_HOMES = {"model": "kursksim.models", "policy": "kursksim.policies"}
_searched: set[str] = set()


def register(kind: str, name: str) -> Callable[[_T], _T]:
    """Class decorator: make a class known under a kind ("model/combat", "policy/holder") and a name."""

    def enter(cls: _T) -> _T:
        known = _REGISTERED.setdefault(kind, {})
        if name in known and known[name].__qualname__ != cls.__qualname__:
            raise BadUse(f"{kind} {name!r} is registered already, by {known[name].__module__}")
        known[name] = cls
        return cls

    return enter


def lasting(name: str, depends_on: Callable[[Any], object] | None = None) -> Callable[[_F], _F]:
    """Function decorator: give a function that measures runs a name of its own.

    A store keeps the name, so that it still knows the measures when the function has moved to another module.

    Parameters
    ----------
    name : str
    depends_on : callable, optional
        What else the measures of a scenario depend on, given the scenario: anything whose ``repr`` tells it.
    """

    def enter(function: _F) -> _F:
        vars(function)["measures_id"] = name
        if depends_on is not None:
            vars(function)["depends_on"] = depends_on
        return function

    return enter


def _find(kind: str) -> dict[str, type]:
    """Import the home of a kind and the entry points of other packages, once."""
    family = kind.split("/")[0]
    if family not in _searched:
        _searched.add(family)
        import_module(_HOMES[family])
        for point in entry_points(group=_HOMES[family]):
            point.load()
    return _REGISTERED.get(kind, {})


def names(kind: str) -> tuple[str, ...]:
    """Registered names of a kind, sorted."""
    return tuple(sorted(_find(kind)))


def lookup(kind: str, name: str) -> type:
    """The class registered under a kind and a name.

    Raises
    ------
    BadUse
        When no such class is known; the message lists those that are. When it is no dataclass.
    """
    known = _find(kind)
    if name not in known:
        raise BadUse(f"{kind.replace('/', ' ')} {name!r} is unknown; {nearest(name, known)}")
    if not is_dataclass(known[name]):
        raise BadUse(
            f"{kind.replace('/', ' ')} {name!r}: {known[name].__qualname__} is no dataclass; write @dataclass above it"
        )
    return known[name]


def importable(cls: type) -> bool:
    """Whether a process that starts afresh can import a class: not one that a notebook or script has defined."""
    return cls.__module__ != "__main__"


def modules_of_others() -> tuple[str, ...]:
    """Modules of registered classes that are not the library's: what a process that starts afresh has to import."""
    found = {
        cls.__module__
        for known in _REGISTERED.values()
        for cls in known.values()
        if importable(cls)
    }
    return tuple(sorted(m for m in found if m.split(".")[0] != "kursksim"))
