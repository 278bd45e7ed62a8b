"""Models and policies by name: the library's, those of other packages, and a user's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from functools import cache
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
    """Register a class, as a decorator, under a kind such as "model/combat" and a name."""

    def enter(cls: _T) -> _T:
        known = _REGISTERED.setdefault(kind, {})
        # A class of the same name replaces the old one: a notebook cell may be run again.
        if name in known and known[name].__qualname__ != cls.__qualname__:
            raise BadUse(f"{kind} {name!r} is registered already, by {known[name].__module__}")
        known[name] = cls
        return cls

    return enter


def lasting(name: str, depends_on: Callable[[Any], object] | None = None) -> Callable[[_F], _F]:
    """Give a function that measures runs a lasting name, as a decorator.

    A store keeps the name, so it still knows the measures when the function has moved to another
    module.

    Parameters
    ----------
    name : str
    depends_on : callable, optional
        Given a scenario, anything else that its measures depend on. Its ``repr`` is compared.
    """

    def enter(function: _F) -> _F:
        vars(function)["measures_id"] = name
        if depends_on is not None:
            vars(function)["depends_on"] = depends_on
        return function

    return enter


def _find(kind: str) -> dict[str, type]:
    """Return the classes of a kind; on the first call, import ours and those of other packages."""
    family = kind.split("/")[0]
    if family not in _searched:
        _searched.add(family)
        import_module(_HOMES[family])
        for point in _installed().select(group=_HOMES[family]):
            point.load()
    return _REGISTERED.get(kind, {})


@cache
def _installed() -> Any:
    """Entry points of all packages; to gather them is to read the folder of each."""
    return entry_points()


def names(kind: str) -> tuple[str, ...]:
    """Return the registered names of a kind, sorted."""
    return tuple(sorted(_find(kind)))


def lookup(kind: str, name: str) -> type:
    """Return the class registered under a kind and a name.

    Raises
    ------
    BadUse
        When no such class is known (the message lists the known ones), or when it is no dataclass.
    """
    known, what = _find(kind), f"{kind.replace('/', ' ')} {name!r}"
    if name not in known:
        raise BadUse(f"{what} is unknown; {nearest(name, known)}")
    cls = known[name]
    if not is_dataclass(cls):
        raise BadUse(f"{what}: {cls.__qualname__} is no dataclass; write @dataclass above it")
    return cls


def importable(cls: type) -> bool:
    """Whether a new process can import a class; not one that a notebook or script has defined."""
    return cls.__module__ != "__main__"


def modules_of_others() -> tuple[str, ...]:
    """Return the modules of registered classes of others, which a new process must import."""
    found: set[str] = set()
    for known in _REGISTERED.values():
        found |= {cls.__module__ for cls in known.values() if importable(cls)}
    return tuple(sorted(m for m in found if m.split(".")[0] != "kursksim"))
