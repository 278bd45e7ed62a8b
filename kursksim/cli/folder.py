"""Folders of results: refused before any work if something else lies in them, written file by file, each whole."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from kursksim.errors import BadUse
from kursksim.io import replacing

__all__ = ["Folder", "csv_text"]

MARK = ".kursksim"
"""Says that a folder is of results, so that nobody else's files are replaced."""


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
        said = f"--out {str(path)[:200]!r}: "
        try:
            if path.exists() and not path.is_dir():
                raise BadUse(f"{said}is a file; results are written to a folder")
            if path.exists() and path.resolve() == Path.cwd():
                raise BadUse(f"{said}is the current folder; name another one")
            held = (
                [p.name for p in path.iterdir() if not p.name.endswith(".part")]
                if path.exists()
                else []
            )
            other = [name for name in held if Path(name).suffix not in kinds and name != MARK]
            if held and MARK not in held:
                raise BadUse(
                    f"{said}holds {min(held)!r} and is not of such results; name a new or an empty one"
                )
            if other:
                raise BadUse(
                    f"{said}also holds {min(other)!r}, which is not of such results; name another folder"
                )
            path.mkdir(parents=True, exist_ok=True)
            if not os.access(path, os.W_OK | os.X_OK):
                raise BadUse(f"{said}cannot be written")
        except BadUse:
            raise
        except (OSError, ValueError, RuntimeError) as error:
            raise BadUse(
                f"{said}cannot be written: {getattr(error, 'strerror', None) or error}"
            ) from None

    def _mark(self) -> None:
        """Say that the folder is ours, with the first file and not before: a command that fails leaves none."""
        if not (self.path / MARK).exists():
            said = (
                "Results of kursksim: files of this folder may be replaced by the same command.\n"
            )
            (self.path / MARK).write_text(said, encoding="utf-8", newline="\n")

    def text(self, name: str, text: str) -> None:
        """Write a text file, whole or not at all."""
        target = self.path / name
        try:
            self._mark()
            with replacing(target) as half:
                half.write_bytes(text.encode())
        except OSError as error:
            raise BadUse(f"{str(target)!r}: cannot be written: {error.strerror or error}") from None

    def csv(self, name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write a table; see `csv_text`."""
        self.text(name, csv_text(heads, rows))

    def picture(self, name: str, picture: object) -> None:
        """Write a picture."""
        from kursksim import plot

        try:
            self._mark()
            plot.save(picture, self.path / name)
        except OSError as error:
            raise BadUse(
                f"{str(self.path / name)!r}: cannot be written: {error.strerror or error}"
            ) from None


def csv_text(heads: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV; NaN and None are empty fields, other numbers keep every digit."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_field(v) for v in row] for row in rows)
    return out.getvalue()


def _field(value: object) -> object:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return repr(float(value)) if isinstance(value, float) else value
