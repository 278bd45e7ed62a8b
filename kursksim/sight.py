"""What a side can see of an evening: figures that are worked out when they are first read, and most are not.

The world goes on in the morning: whoever still holds a sight then has what is unread in it set aside, so that it shows
its own evening for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from weakref import ref

__all__ = ["Evening", "Later", "Sight", "Unread"]


class Unread:
    """A figure of a sight that nobody has read yet."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


class Sight(dict[str, Any]):
    """Figures by name, some of them still to be worked out; a dict in all that is asked of it, so that it is data.

    Parameters
    ----------
    figures : mapping
        Values, or ``Unread`` for those that cost something.
    """

    __slots__ = ("__weakref__",)

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if found.__class__ is Unread:
            found = found.make()
            self[name] = found
        return found

    def __iter__(self) -> Iterator[str]:  # with this, dict(sight) reads the figures too
        return super().__iter__()

    def get(self, name: str, default: Any = None) -> Any:
        """A figure, or a default where there is none of that name."""
        return self[name] if name in self else default  # noqa: SIM401

    def keep(self) -> None:
        """Work out what is unread, before the world goes on."""
        for name in self:
            self[name]

    def items(self) -> Any:
        """Names and figures."""
        self.keep()
        return super().items()

    def values(self) -> Any:
        """Figures."""
        self.keep()
        return super().values()

    def copy(self) -> dict[str, Any]:
        """The figures as a plain table."""
        return dict(self)

    def pop(self, name: str, *default: Any) -> Any:
        """Take a figure out."""
        self.keep()
        return super().pop(name, *default)

    def popitem(self) -> tuple[str, Any]:
        """Take the last figure out."""
        self.keep()
        return super().popitem()

    def setdefault(self, name: str, default: Any = None) -> Any:
        """A figure; one of none of that name gets a default."""
        self.keep()
        return super().setdefault(name, default)

    def __eq__(self, other: object) -> bool:
        return dict(self) == other

    def __ne__(self, other: object) -> bool:
        return dict(self) != other

    __hash__ = None

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)  # a copy, or one on its way to another process, is the table itself


class Later(Mapping[str, Any]):
    """A table that is worked out whole when it is first read; until then it keeps only what it will need.

    Parameters
    ----------
    set_aside : callable
        Takes from the world what changes with the days, and returns what works the table out from that.
    """

    __slots__ = ("__weakref__", "_made", "_make", "_set_aside")

    def __init__(self, set_aside: Callable[[], Callable[[], dict[str, Any]]]) -> None:
        self._set_aside = set_aside
        self._make: Callable[[], dict[str, Any]] | None = None
        self._made: dict[str, Any] | None = None

    def keep(self) -> None:
        """Set aside what it needs, before the world goes on."""
        if self._make is None:
            self._make = self._set_aside()

    def _table(self) -> dict[str, Any]:
        if self._made is None:
            self.keep()
            assert self._make is not None
            self._made = self._make()
        return self._made

    def __getitem__(self, name: str) -> Any:
        return self._table()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (self._table(),)


class Evening:
    """The sights of one evening that somebody may still hold in the morning."""

    __slots__ = ("_sights",)

    def __init__(self) -> None:
        self._sights: list[ref[Sight | Later]] = []

    def __len__(self) -> int:
        return len(self._sights)

    def show(self, sight: Sight | Later) -> None:
        """Remember a sight that was given out; nothing is kept alive by that."""
        self._sights = [held for held in self._sights if held() is not None]
        self._sights.append(ref(sight))

    def close(self) -> None:
        """Let the sights that are still held keep what they show: the world is about to change."""
        for held in self._sights:
            if (sight := held()) is not None:
                sight.keep()
        self._sights.clear()
