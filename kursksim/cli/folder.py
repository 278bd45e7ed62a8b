"""Folders of results, refused before any work if something else lies in them."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from kursksim.errors import BadUse
from kursksim.io import refused_writes, write_whole

__all__ = ["Folder"]

MARK = ".kursksim"
"""Says that a folder is of results, so that nobody else's files are replaced."""
MARKED = "Results of kursksim: files of this folder may be replaced by the same command.\n"


class Folder:
    """A folder of results.

    Parameters
    ----------
    path : Path
    kinds : collection of str
        Suffixes of the files that the command writes; a folder that holds anything else is refused.

    Raises
    ------
    BadUse
    """

    def __init__(self, path: Path, kinds: Collection[str]) -> None:
        self.path = path
        if ".png" in kinds:
            from kursksim.plot.backend import loaded

            loaded()  # what hinders pictures is said before the work, not after it
        said = f"--out {str(path)[:200]!r}"
        with refused_writes(said):
            if path.exists():
                _check(path, kinds, said)
            path.mkdir(parents=True, exist_ok=True)
            if not os.access(path, os.W_OK | os.X_OK):
                raise BadUse(f"{said}: cannot be written")

    @classmethod
    def named(cls, out: str | None, *kinds: str) -> Folder | None:
        """Return the folder of a flag; None where it was not given."""
        return None if out is None else cls(Path(out), kinds)

    def _place(self, name: str) -> Path:
        """Path of a file; the first one marks the folder as ours, so a failure leaves no mark."""
        mark = self.path / MARK
        if not mark.exists():
            write_whole(mark, MARKED.encode())
        return self.path / name

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        write_whole(self._place(name), data, said=repr(str(self.path / name)))

    def picture(self, name: str, picture: object) -> None:
        """Write a picture."""
        from kursksim import plot

        with refused_writes(repr(str(self.path / name))):
            plot.save(picture, self._place(name))


def _check(path: Path, kinds: Collection[str], said: str) -> None:
    """Refuse a folder that is there and holds anything but earlier results of the same kinds."""
    if not path.is_dir():
        raise BadUse(f"{said}: is a file; results are written to a folder")
    if path.resolve() == Path.cwd():
        raise BadUse(f"{said}: is the current folder; name another one")
    # .part: a file half written by a command that was killed, which is nobody's
    held = [p.name for p in path.iterdir() if not p.name.endswith(".part")]
    if held and MARK not in held:
        raise BadUse(
            f"{said}: holds {min(held)!r} and is not of such results; name a new or an empty one"
        )
    other = [name for name in held if Path(name).suffix not in kinds and name != MARK]
    if other:
        raise BadUse(
            f"{said}: also holds {min(other)!r}, which is not of such results; name another folder"
        )
